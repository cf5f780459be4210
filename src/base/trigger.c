/*-------------------------------------------------------------------------
 *
 * trigger.c
 *	  What all trigger functions do first.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "executor/spi.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "query.h"
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

/* The same for a trigger that knows one table of the inventory only. */
TriggerData *
inventory_trigger_data(FunctionCallInfo fcinfo, const char *function, const char *table)
{
	TriggerData *trigger = trigger_data(fcinfo, function);

	if (RelationGetRelid(trigger->tg_relation) != inventory_relid(table))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" is for triggers on table \"%s.%s\" only",
						function, "powerpanel", table)));
	return trigger;
}

/*
 * The version that a row has by now, given one that has been updated since; or
 * NULL where it was deleted.
 */
static TupleTableSlot *
current_version(Relation rel, ItemPointer old)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(CreateTupleDescCopy(RelationGetDescr(rel)),
													table_slot_callbacks(rel));
	ItemPointerData tid = *old;
	Snapshot	snapshot;
	TableScanDesc scan;
	bool		found;

	CommandCounterIncrement();
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	scan = table_beginscan_tid(rel, snapshot);
	table_tuple_get_latest_tid(scan, &tid);
	table_endscan(scan);
	found = table_tuple_fetch_row_version(rel, &tid, snapshot, slot);
	if (found)
		ExecMaterializeSlot(slot);
	UnregisterSnapshot(snapshot);
	return found ? slot : NULL;
}

/*
 * The row to check, or NULL where it is gone.
 *
 * The version that queued the check may be dead by now, since a deferred check
 * runs late.  A later version need not have queued a check of its own: the
 * triggers' WHEN leave out updates that change nothing of interest.  So it is
 * the current version that counts.
 */
TupleTableSlot *
trigger_live_row(TriggerData *trigger)
{
	TupleTableSlot *slot = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newslot : trigger->tg_trigslot;

	if (table_tuple_satisfies_snapshot(trigger->tg_relation, slot, SnapshotSelf))
		return slot;
	return current_version(trigger->tg_relation, &slot->tts_tid);
}

/* Has the UPDATE that fired a trigger changed a column of its row? */
bool
trigger_changed(TriggerData *trigger, AttrNumber attnum)
{
	Form_pg_attribute attribute = TupleDescAttr(RelationGetDescr(trigger->tg_relation), attnum - 1);
	bool		old_isnull;
	bool		new_isnull;
	Datum		before = slot_getattr(trigger->tg_trigslot, attnum, &old_isnull);
	Datum		after = slot_getattr(trigger->tg_newslot, attnum, &new_isnull);

	if (old_isnull || new_isnull)
		return old_isnull != new_isnull;
	return !datum_image_eq(before, after, attribute->attbyval, attribute->attlen);
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
