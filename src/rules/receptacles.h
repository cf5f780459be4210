/*-------------------------------------------------------------------------
 *
 * receptacles.h
 *	  The rule that a feed has no more cables than receptacles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RECEPTACLES_H
#define POWERPANEL_RECEPTACLES_H

#include "compat.h"

#include "executor/tuptable.h"

#include "feed_table.h"

extern void receptacles_check(const FeedTable *table, TupleTableSlot *feed);

#endif							/* POWERPANEL_RECEPTACLES_H */
