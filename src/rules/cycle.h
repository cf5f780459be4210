/*-------------------------------------------------------------------------
 *
 * cycle.h
 *	  The rules that forbid loops.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CYCLE_H
#define POWERPANEL_CYCLE_H

#include "compat.h"

#include "executor/tuptable.h"
#include "utils/relcache.h"
#include "utils/uuid.h"

#include "feed_table.h"
#include "rule.h"

typedef struct CycleRule CycleRule;

extern CycleRule *cycle_of_locations(void);
extern CycleRule *cycle_of_ports(void);
extern CycleRule *cycle_of_panels(FeedTable *feeds);

extern void cycle_check(CycleRule *rule, TupleTableSlot *slot, bool locked, const pg_uuid_t *edge,
						const pg_uuid_t *from, const pg_uuid_t *to);
extern void cycle_check_node(CycleRule *rule, const pg_uuid_t *node);
extern void cycle_audit(CycleRule *rule, ViolationSink *sink);
extern void feed_cycle_check_row(Relation feeds, TupleTableSlot *slot);
extern void feed_cycle_check_panel(FeedTable *table, TupleTableSlot *slot);

#endif							/* POWERPANEL_CYCLE_H */
