/*-------------------------------------------------------------------------
 *
 * feed_check.h
 *	  What is checked of a feed that was written, rule by rule, and what its
 *	  trigger was fired by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FEED_CHECK_H
#define POWERPANEL_FEED_CHECK_H

#include "compat.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

#include "breaker_table.h"

extern bool feed_changed(TriggerData *trigger, const BreakerTable *table,
						 const BreakerColumn *columns, int n);

#define FEED_CHANGED(trigger, table, ...) \
	feed_changed(trigger, table, (const BreakerColumn[]) {__VA_ARGS__}, \
				 lengthof(((const BreakerColumn[]) {__VA_ARGS__})))

/* Each is given the row as it is by now and does nothing where none is due. */
extern void breaker_check_row(Relation feeds, TupleTableSlot *slot, bool underived);
extern void feed_cycle_check_row(Relation feeds, TupleTableSlot *slot);
extern void feed_rack_check_row(Relation feeds, TupleTableSlot *slot);
extern void feed_destination_check_row(Relation feeds, TupleTableSlot *slot);

#endif							/* POWERPANEL_FEED_CHECK_H */
