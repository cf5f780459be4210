/*-------------------------------------------------------------------------
 *
 * event_trigger.h
 *	  What the event triggers have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_EVENT_TRIGGER_H
#define POWERPANEL_EVENT_TRIGGER_H

#include "compat.h"

#include "commands/event_trigger.h"
#include "nodes/primnodes.h"

extern EventTriggerData *event_data(FunctionCallInfo fcinfo, const char *function);
extern Oid	member_table(RangeVar *name);

#endif							/* POWERPANEL_EVENT_TRIGGER_H */
