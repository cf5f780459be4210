/*-------------------------------------------------------------------------
 *
 * trigger.c
 *	  What all trigger functions do first.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tableam.h"
#include "executor/spi.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "trigger.h"

/* Raises 39P01 unless called by a trigger FOR EACH ROW of INSERT or UPDATE. */
TriggerData *
trigger_data(FunctionCallInfo fcinfo, const char *function)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", function)));
	if (!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		!(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		  TRIGGER_FIRED_BY_UPDATE(trigger->tg_event)))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired FOR EACH ROW of INSERT or UPDATE", function)));
	return trigger;
}

/*
 * The new row, or NULL where that version is dead by now: deleted, or updated
 * again, which queued a check of its own.  A deferred check may find that.
 */
TupleTableSlot *
trigger_live_row(TriggerData *trigger)
{
	TupleTableSlot *slot = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newslot : trigger->tg_trigslot;

	if (!table_tuple_satisfies_snapshot(trigger->tg_relation, slot, SnapshotSelf))
		return NULL;
	return slot;
}

Datum
trigger_column(TupleTableSlot *slot, const char *column, bool *isnull)
{
	int			attnum = SPI_fnumber(slot->tts_tupleDescriptor, column);

	if (attnum <= 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" does not exist", column)));
	return slot_getattr(slot, attnum, isnull);
}
