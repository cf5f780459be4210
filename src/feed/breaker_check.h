/*-------------------------------------------------------------------------
 *
 * breaker_check.h
 *	  Checking the breaker of a feed that was written.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_CHECK_H
#define POWERPANEL_BREAKER_CHECK_H

#include "compat.h"

#include "executor/tuptable.h"
#include "utils/relcache.h"

/* Given the row as it is by now, does nothing where it has no breaker. */
extern void breaker_check_row(Relation feeds, TupleTableSlot *slot, bool underived);
extern void breaker_check_panel(Relation feeds, Datum panel_key);

#endif							/* POWERPANEL_BREAKER_CHECK_H */
