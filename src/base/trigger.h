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
#include "utils/uuid.h"

/* Hint of an error about a trigger that nobody of ours has made. */
#define TRIGGER_HINT \
	errhint("%s makes the triggers of a table that is not powerpanel's own.", "powerpanel.guard()")

/* The events that a trigger function is for. */
typedef enum TriggerUse
{
	AFTER_WRITE,				/* INSERT or UPDATE */
	BEFORE_WRITE,
	AFTER_UPDATE,
	BEFORE_UPDATE_OR_DELETE
} TriggerUse;

extern Oid	trigger_function(const char *name);
extern TriggerData *trigger_data(FunctionCallInfo fcinfo, const char *function, TriggerUse use);
extern TriggerData *inventory_trigger_data(FunctionCallInfo fcinfo, const char *function, const char *table);
extern TupleTableSlot *trigger_event_row(TriggerData *trigger);
extern TupleTableSlot *trigger_live_row(TriggerData *trigger);
extern bool trigger_changed(TriggerData *trigger, AttrNumber attnum);
extern Datum trigger_column(TupleTableSlot *slot, const char *column, bool *isnull);
extern pg_uuid_t *trigger_uuid(TupleTableSlot *slot, const char *column);

#endif							/* POWERPANEL_TRIGGER_H */
