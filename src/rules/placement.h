/*-------------------------------------------------------------------------
 *
 * placement.h
 *	  The rules on where racks, panels and feeds may lie in the location tree.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PLACEMENT_H
#define POWERPANEL_PLACEMENT_H

#include "compat.h"

#include "executor/tuptable.h"

#include "feed_table.h"
#include "rule.h"

typedef enum PlacementRule
{
	RACK_IN_GROUP,				/* rack_rack_group_location */
	PANEL_IN_GROUP,				/* power_panel_rack_group_location */
	FEED_TO_RACK,				/* power_feed_rack_location */
	PLACEMENT_RULES
} PlacementRule;

extern void placement_audit(PlacementRule which, ViolationSink *sink);
extern void feed_rack_check_row(Relation feeds, TupleTableSlot *slot);

#endif							/* POWERPANEL_PLACEMENT_H */
