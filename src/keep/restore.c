/*-------------------------------------------------------------------------
 *
 * restore.c
 *	  Letting pg_restore -j load the tables in an order of its own.
 *
 * The tables of an extension have their foreign keys from CREATE EXTENSION on,
 * while pg_restore -j, for which foreign keys come after all data, loads the
 * largest tables first and each in a transaction of its own.  A feed would
 * come before its panel and be refused.  So a COPY of pg_restore that fills an
 * empty table of ours runs as session_replication_role = replica does.  The
 * rows come from a dump of an inventory that kept the rules, and a WARNING says
 * that check_integrity() tells whether they still do.
 *
 * That is for this one statement.  The setting lies in a GUC nest level that the
 * trigger BEFORE the statement opens and the trigger AFTER it, ENABLE ALWAYS,
 * closes; where the statement fails, the end of its (sub)transaction does.  In
 * between nothing else is written: it is a COPY of what the client sends,
 * without a WHERE, into a table on which no trigger of others would fire.
 *
 * Nobody gains a right by it: it takes a superuser, who may set that anyway, and
 * who copies directly, not through a function.  What others can set is not
 * enough.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "tcop/pquery.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "trigger.h"

PG_FUNCTION_INFO_V1(load_in_any_order);

/*
 * The load under way.  It belongs to a transaction or subtransaction by its xid,
 * which never comes again: a load that failed took its own along, so that what
 * is left here of it fits no later one.
 */
static struct
{
	TransactionId xid;
	Oid			relid;
	int			nest_level;		/* where session_replication_role is replica */
} load;

/*
 * Is this pg_restore, in the hands of a superuser?  Told by its name and the
 * settings that it makes; migration tools and pooled sessions have taken the
 * settings over from scripts, but not the name.  In one transaction (-1) it
 * loads the tables in the order of their foreign keys, and nothing is needed.
 */
static bool
is_pg_restore(void)
{
	return MyBackendType == B_BACKEND && superuser() &&
		!InSecurityRestrictedOperation() && !InLocalUserIdChange() &&
		application_name != NULL && strcmp(application_name, "pg_restore") == 0 &&
		!check_function_bodies && !row_security &&
		namespace_search_path != NULL && namespace_search_path[0] == '\0' &&
		!IsTransactionBlock() && SessionReplicationRole == SESSION_REPLICATION_ROLE_ORIGIN;
}

/*
 * Is the statement that the client sent a COPY of its own data into this table?
 * A function, a trigger or a DO block that writes here is within another one.
 */
static bool
is_copied_by_client(Relation rel)
{
	CopyStmt   *copy;

	if (ActivePortal == NULL || list_length(ActivePortal->stmts) != 1)
		return false;
	copy = (CopyStmt *) linitial_node(PlannedStmt, ActivePortal->stmts)->utilityStmt;
	return copy != NULL && IsA(copy, CopyStmt) && copy->is_from && copy->relation != NULL &&
		copy->filename == NULL && !copy->is_program && copy->whereClause == NULL &&
		RangeVarGetRelid(copy->relation, NoLock, true) == RelationGetRelid(rel) &&
		DatumGetInt32(DirectFunctionCall1(pg_trigger_depth, (Datum) 0)) == 1;
}

static bool
is_ours(Oid classid, Oid objid)
{
	Oid			ours = get_extension_oid("powerpanel", true);

	return OidIsValid(ours) && getExtensionOfObject(classid, objid) == ours;
}

/*
 * Will the trigger that ends the load fire, and none that is not ours?  Code of
 * others would run with the setting of the load.
 */
static bool
only_ours_fire(Relation rel, Oid function)
{
	bool		ends = false;

	for (int i = 0; i < rel->trigdesc->numtriggers; i++)
	{
		Trigger    *trigger = &rel->trigdesc->triggers[i];

		if (trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN || trigger->tgenabled == TRIGGER_DISABLED)
			continue;
		if (!is_ours(ProcedureRelationId, trigger->tgfoid))
			return false;
		if (trigger->tgfoid == function && trigger->tgenabled == TRIGGER_FIRES_ALWAYS &&
			TRIGGER_FOR_AFTER(trigger->tgtype) && TRIGGER_FOR_INSERT(trigger->tgtype) &&
			!TRIGGER_FOR_ROW(trigger->tgtype) && trigger->tgqual == NULL)
			ends = true;
	}
	return ends;
}

/*
 * Is the table empty?  The lock keeps out whoever would write a row, which
 * would have to be checked against ours, and waits for whoever has done so
 * already.
 */
static bool
is_empty(Relation rel)
{
	TupleTableSlot *slot;
	TableScanDesc scan;
	Snapshot	snapshot;
	bool		found;

	LockRelation(rel, ShareRowExclusiveLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	slot = table_slot_create(rel, NULL);
	scan = table_beginscan_whole(rel, snapshot);
	found = table_scan_getnextslot(scan, ForwardScanDirection, slot);
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	return !found;
}

static void
begin_load(Relation rel)
{
	load.xid = GetCurrentTransactionId();
	load.relid = RelationGetRelid(rel);
	load.nest_level = NewGUCNestLevel();
	(void) set_config_option("session_replication_role", "replica",
							 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

static void
end_load(Relation rel)
{
	load.xid = InvalidTransactionId;
	AtEOXact_GUC(true, load.nest_level);
	ereport(WARNING,
			(errmsg("table \"%s.%s\" was loaded without checks",
					get_namespace_name(RelationGetNamespace(rel)), RelationGetRelationName(rel)),
			 errdetail("It was empty, and pg_restore may load tables in an order of its own."),
			 errhint("When all is restored, SELECT * FROM powerpanel.check_integrity() tells whether every rule holds.")));
}

/*
 * BEFORE and AFTER INSERT FOR EACH STATEMENT, on every table that has foreign
 * keys
 */
Datum
load_in_any_order(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	Relation	rel;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "load_in_any_order")));
	rel = trigger->tg_relation;
	if (!TRIGGER_FIRED_FOR_STATEMENT(trigger->tg_event) || !TRIGGER_FIRED_BY_INSERT(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" must be fired FOR EACH STATEMENT of INSERT", "load_in_any_order")));

	if (TRIGGER_FIRED_AFTER(trigger->tg_event))
	{
		if (TransactionIdIsValid(load.xid) && load.xid == GetCurrentTransactionIdIfAny() &&
			load.relid == RelationGetRelid(rel) && is_copied_by_client(rel))
			end_load(rel);
	}
	else if (is_pg_restore() && is_copied_by_client(rel) &&
			 is_ours(RelationRelationId, RelationGetRelid(rel)) &&
			 only_ours_fire(rel, fcinfo->flinfo->fn_oid) && is_empty(rel))
		begin_load(rel);
	return PointerGetDatum(NULL);
}
