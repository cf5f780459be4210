/*-------------------------------------------------------------------------
 *
 * destination_or_cable.h
 *	  The rule that a feed has a destination panel or a cable, not both.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DESTINATION_OR_CABLE_H
#define POWERPANEL_DESTINATION_OR_CABLE_H

#include "compat.h"

#include "executor/tuptable.h"

#include "feed_table.h"

extern void destination_or_cable_check(const FeedTable *table, Relation feeds, TupleTableSlot *feed);
extern void destination_or_cable_check_written(const FeedTable *table, Relation feeds, TupleTableSlot *feed);

#endif							/* POWERPANEL_DESTINATION_OR_CABLE_H */
