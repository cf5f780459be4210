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
#include "utils/relcache.h"

#include "rule.h"

extern void destination_or_cable_audit(ViolationSink *sink);
extern void feed_destination_check_row(Relation feeds, TupleTableSlot *slot);

#endif							/* POWERPANEL_DESTINATION_OR_CABLE_H */
