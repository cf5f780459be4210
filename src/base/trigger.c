/*-------------------------------------------------------------------------
 *
 * trigger.c
 *	  What all trigger functions do first.
 *
 * Whoever may execute one can attach it to any relation of his, for any event
 * and with any arguments.  So each says here what it is for, and whatever else
 * it is given is refused before it looks at a row.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "inventory.h"
#include "query.h"
#include "trigger.h"

/*
 * A trigger function of ours, or InvalidOid.  Whoever writes a guarded table
 * need have no rights in our schema, so this asks for none.
 */
Oid
trigger_function(const char *name)
{
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						   PointerGetDatum(buildoidvector(NULL, 0)),
						   ObjectIdGetDatum(get_namespace_oid("powerpanel_internal", false)));
}

static bool
is_for(TriggerEvent event, TriggerUse use)
{
	bool		insert = TRIGGER_FIRED_BY_INSERT(event);
	bool		update = TRIGGER_FIRED_BY_UPDATE(event);

	if (!TRIGGER_FIRED_FOR_ROW(event))
		return false;
	switch (use)
	{
		case AFTER_WRITE:
			return TRIGGER_FIRED_AFTER(event) && (insert || update);
		case BEFORE_WRITE:
			return TRIGGER_FIRED_BEFORE(event) && (insert || update);
		case AFTER_UPDATE:
			return TRIGGER_FIRED_AFTER(event) && update;
		case BEFORE_UPDATE_OR_DELETE:
			return TRIGGER_FIRED_BEFORE(event) && (update || TRIGGER_FIRED_BY_DELETE(event));
	}
	return false;
}

/* Raises 39P01 unless called by a trigger of that use, on a table. */
TriggerData *
trigger_data(FunctionCallInfo fcinfo, const char *function, TriggerUse use)
{
	static const char *const uses[] = {
		[AFTER_WRITE] = "AFTER INSERT or UPDATE",
		[BEFORE_WRITE] = "BEFORE INSERT or UPDATE",
		[AFTER_UPDATE] = "AFTER UPDATE",
		[BEFORE_UPDATE_OR_DELETE] = "BEFORE UPDATE or DELETE",
	};
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", function)));
	if (!is_for(trigger->tg_event, use))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired %s, FOR EACH ROW", function, uses[use]),
				 TRIGGER_HINT));
	/* rows of a view, of a foreign table or of partitions do not lie in it */
	if (trigger->tg_relation->rd_rel->relkind != RELKIND_RELATION)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" is for triggers on tables only", function),
				 TRIGGER_HINT));
	/* what an audit reads would not be what a check has to see */
	if (query_is_auditing())
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" cannot be written while an audit reads",
						RelationGetRelationName(trigger->tg_relation))));
	return trigger;
}

/* The same for a trigger that knows one table of the inventory only. */
TriggerData *
inventory_trigger_data(FunctionCallInfo fcinfo, const char *function, const char *table)
{
	TriggerData *trigger = trigger_data(fcinfo, function, AFTER_WRITE);

	inventory_must_be_whole();
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

/* The version that queued the check. */
TupleTableSlot *
trigger_event_row(TriggerData *trigger)
{
	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_newslot : trigger->tg_trigslot;
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
	TupleTableSlot *slot = trigger_event_row(trigger);

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

/* A key that lies in the slot, or NULL. */
pg_uuid_t *
trigger_uuid(TupleTableSlot *slot, const char *column)
{
	bool		isnull;
	Datum		value = trigger_column(slot, column, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}
