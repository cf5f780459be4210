/*-------------------------------------------------------------------------
 *
 * trigger.h
 *	  What all trigger functions do first.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_TRIGGER_H
#define POWERPANEL_TRIGGER_H

#include "compat.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"

extern TriggerData *trigger_data(FunctionCallInfo fcinfo, const char *function);
extern TriggerData *inventory_trigger_data(FunctionCallInfo fcinfo, const char *function, const char *table);
extern TupleTableSlot *trigger_live_row(TriggerData *trigger);
extern bool trigger_changed(TriggerData *trigger, AttrNumber attnum);
extern Datum trigger_column(TupleTableSlot *slot, const char *column, bool *isnull);

#endif							/* POWERPANEL_TRIGGER_H */
