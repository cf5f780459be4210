/*-------------------------------------------------------------------------
 *
 * drop_guard.h
 *	  Event triggers that guard the inventory as a whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DROP_GUARD_H
#define POWERPANEL_DROP_GUARD_H

#include "compat.h"

#include "commands/event_trigger.h"
#include "nodes/primnodes.h"

extern void drop_guard_init(void);
extern EventTriggerData *event_data(FunctionCallInfo fcinfo, const char *function);
extern Oid	member_table(RangeVar *name);

#endif							/* POWERPANEL_DROP_GUARD_H */
