/*-------------------------------------------------------------------------
 *
 * guard_ddl.c
 *	  Event triggers: the inventory is not dropped by mistake, and nobody
 *	  changes its tables without knowing that pg_dump will not carry it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_depend.h"
#include "catalog/pg_extension.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "guard_ddl.h"
#include "query.h"

PG_FUNCTION_INFO_V1(guard_drop);
PG_FUNCTION_INFO_V1(warn_of_change);

static bool allow_drop = false;

void
guard_ddl_init(void)
{
	DefineCustomBoolVariable("powerpanel.allow_drop",
							 "Allows DROP EXTENSION powerpanel while the inventory holds rows.",
							 NULL, &allow_drop, false, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("powerpanel");
}

static EventTriggerData *
event_data(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by event trigger manager", function)));
	return (EventTriggerData *) fcinfo->context;
}

/* Does our extension require another one? */
static bool
requires_extension(Oid ours, Oid other)
{
	Relation	depend = table_open(DependRelationId, AccessShareLock);
	ScanKeyData key[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		found = false;

	ScanKeyInit(&key[0], Anum_pg_depend_classid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ExtensionRelationId));
	ScanKeyInit(&key[1], Anum_pg_depend_objid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ours));
	scan = systable_beginscan(depend, DependDependerIndexId, true, NULL, 2, key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_depend row = (Form_pg_depend) GETSTRUCT(tuple);

		if (row->refclassid == ExtensionRelationId && row->refobjid == other)
			found = true;
	}
	systable_endscan(scan);
	table_close(depend, AccessShareLock);
	return found;
}

/* Would this DROP take our extension with it? */
static bool
drops_us(DropStmt *drop, Oid ours)
{
	ListCell   *cell;

	foreach(cell, drop->objects)
	{
		Node	   *object = (Node *) lfirst(cell);

		if (!IsA(object, String))
			continue;
		if (drop->removeType == OBJECT_SCHEMA && strcmp(strVal(object), "powerpanel") == 0)
			return drop->behavior == DROP_CASCADE;
		if (drop->removeType == OBJECT_EXTENSION)
		{
			Oid			extension = get_extension_oid(strVal(object), true);

			if (extension == ours)
				return true;
			if (drop->behavior == DROP_CASCADE && OidIsValid(extension) &&
				requires_extension(ours, extension))
				return true;
		}
	}
	return false;
}

/* Would DROP OWNED BY take our extension with it? */
static bool
owned_by_dropped(DropOwnedStmt *drop, Oid ours)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;
	ListCell   *cell;
	bool		found = false;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ours));
	scan = systable_beginscan(extensions, ExtensionOidIndexId, true, NULL, 1, &key);
	if (HeapTupleIsValid(tuple = systable_getnext(scan)))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);

	foreach(cell, drop->roles)
		found |= get_rolespec_oid(lfirst_node(RoleSpec, cell), true) == owner;
	return found && drop->behavior == DROP_CASCADE;
}

/* A table of the inventory that holds rows, or NULL */
static const char *
table_with_rows(void)
{
	static CheckQuery query = QUERY(
		"SELECT CASE"
		" WHEN EXISTS (SELECT FROM powerpanel.power_feed) THEN 'power_feed'"
		" WHEN EXISTS (SELECT FROM powerpanel.power_panel) THEN 'power_panel'"
		" WHEN EXISTS (SELECT FROM powerpanel.cable) THEN 'cable'"
		" WHEN EXISTS (SELECT FROM powerpanel.power_outlet) THEN 'power_outlet'"
		" WHEN EXISTS (SELECT FROM powerpanel.power_port) THEN 'power_port'"
		" WHEN EXISTS (SELECT FROM powerpanel.device) THEN 'device'"
		" WHEN EXISTS (SELECT FROM powerpanel.rack) THEN 'rack'"
		" WHEN EXISTS (SELECT FROM powerpanel.rack_group) THEN 'rack_group'"
		" WHEN EXISTS (SELECT FROM powerpanel.location) THEN 'location' END");
	static const char *const joined[] = {
		"power_panel", "cable", "power_outlet", "power_port", "device", "rack",
		"rack_group", "location", NULL
	};
	MemoryContext caller = CurrentMemoryContext;
	char	   *table = NULL;

	query_begin();
	if (query_run(&query, inventory_joined("power_feed", joined), NULL) > 0)
		table = query_text(0, 1);
	if (table != NULL)
		table = MemoryContextStrdup(caller, table);
	query_end();
	return table;
}

/* At ddl_command_start of DROP EXTENSION, DROP SCHEMA and DROP OWNED */
Datum
guard_drop(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "guard_drop");
	Oid			ours = get_extension_oid("powerpanel", true);
	const char *table;
	bool		drops = false;

	if (allow_drop || !OidIsValid(ours))
		return (Datum) 0;
	if (IsA(event->parsetree, DropStmt))
		drops = drops_us((DropStmt *) event->parsetree, ours);
	else if (IsA(event->parsetree, DropOwnedStmt))
		drops = owned_by_dropped((DropOwnedStmt *) event->parsetree, ours);
	if (!drops || (table = table_with_rows()) == NULL)
		return (Datum) 0;

	ereport(ERROR,
			(errcode(ERRCODE_DEPENDENT_OBJECTS_STILL_EXIST),
			 errmsg("cannot drop extension powerpanel because its inventory holds rows"),
			 errdetail("Table \"%s.%s\" is not empty; its rows would be lost.", "powerpanel", table),
			 errhint("Dump the data first. To drop the extension with its rows, SET powerpanel.allow_drop = on.")));
	return (Datum) 0;
}

/* Is this one of our tables? */
static bool
is_member_table(RangeVar *name, Oid *relid)
{
	*relid = RangeVarGetRelid(name, NoLock, true);
	return OidIsValid(*relid) &&
		getExtensionOfObject(RelationRelationId, *relid) == get_extension_oid("powerpanel", true) &&
		get_extension_oid("powerpanel", true) != InvalidOid;
}

/*
 * Row level security is carried (row_security.sql), and ENABLE ALWAYS TRIGGER
 * makes as it was what ENABLE TRIGGER has changed (always.sql).
 */
static bool
changes_nothing_lost(AlterTableStmt *alter)
{
	ListCell   *cell;

	foreach(cell, alter->cmds)
	{
		AlterTableType subtype = lfirst_node(AlterTableCmd, cell)->subtype;

		if (subtype != AT_EnableRowSecurity && subtype != AT_DisableRowSecurity &&
			subtype != AT_ForceRowSecurity && subtype != AT_NoForceRowSecurity &&
			subtype != AT_EnableAlwaysTrig)
			return false;
	}
	return true;
}

/* At ddl_command_end of ALTER TABLE, CREATE INDEX and CREATE TRIGGER */
Datum
warn_of_change(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "warn_of_change");
	RangeVar   *name = NULL;
	Oid			relid;

	if (creating_extension)
		return (Datum) 0;
	if (IsA(event->parsetree, AlterTableStmt))
	{
		AlterTableStmt *alter = (AlterTableStmt *) event->parsetree;

		if (!changes_nothing_lost(alter))
			name = alter->relation;
	}
	else if (IsA(event->parsetree, RenameStmt))
		name = ((RenameStmt *) event->parsetree)->relation;
	else if (IsA(event->parsetree, IndexStmt))
		name = ((IndexStmt *) event->parsetree)->relation;
	else if (IsA(event->parsetree, CreateTrigStmt))
		name = ((CreateTrigStmt *) event->parsetree)->relation;

	if (name != NULL && is_member_table(name, &relid))
		ereport(WARNING,
				(errmsg("pg_dump will not carry this change of table \"%s.%s\"",
						"powerpanel", get_rel_name(relid)),
				 errdetail("The table belongs to extension powerpanel: a dump holds its rows, and CREATE EXTENSION makes the table."),
				 errhint("For fields of your own use the column custom_fields; keep other changes in a script to run after a restore.")));
	return (Datum) 0;
}
