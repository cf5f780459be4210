/*-------------------------------------------------------------------------
 *
 * drop_guard.c
 *	  Event triggers: the inventory is not dropped by mistake, its tables keep
 *	  the columns that a dump is restored into, and nobody changes them
 *	  otherwise without knowing that pg_dump will not carry it.
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
#include "catalog/pg_namespace.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "storage/lockdefs.h"
#include "utils/acl.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "drop_guard.h"
#include "query.h"

PG_FUNCTION_INFO_V1(guard_drop);
PG_FUNCTION_INFO_V1(warn_of_change);

static bool allow_drop = false;
static bool allow_change = false;

void
drop_guard_init(void)
{
	DefineCustomBoolVariable("powerpanel.allow_drop",
							 "Allows DROP EXTENSION powerpanel while the inventory holds rows.",
							 NULL, &allow_drop, false, PGC_USERSET, 0, NULL, NULL, NULL);
	DefineCustomBoolVariable("powerpanel.allow_change",
							 "Allows to change the columns of the inventory's tables, which pg_dump does not carry.",
							 NULL, &allow_change, false, PGC_USERSET, 0, NULL, NULL, NULL);
	MarkGUCPrefixReserved("powerpanel");
}

EventTriggerData *
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

/* The owner of the extension. */
static Oid
extension_owner(Oid ours)
{
	Relation	extensions = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	Oid			owner = InvalidOid;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(ours));
	scan = systable_beginscan(extensions, ExtensionOidIndexId, true, NULL, 1, &key);
	if (HeapTupleIsValid(tuple = systable_getnext(scan)))
		owner = ((Form_pg_extension) GETSTRUCT(tuple))->extowner;
	systable_endscan(scan);
	table_close(extensions, AccessShareLock);
	return owner;
}

static Oid
schema_owner(void)
{
	HeapTuple	tuple = SearchSysCache1(NAMESPACENAME, CStringGetDatum("powerpanel"));
	Oid			owner = InvalidOid;

	if (HeapTupleIsValid(tuple))
	{
		owner = ((Form_pg_namespace) GETSTRUCT(tuple))->nspowner;
		ReleaseSysCache(tuple);
	}
	return owner;
}

/*
 * Would DROP OWNED BY take our extension with it?  That of the extension's
 * owner does, and with CASCADE that of the schema's.
 */
static bool
owned_by_dropped(DropOwnedStmt *drop, Oid ours)
{
	Oid			owner = extension_owner(ours);
	Oid			owner_of_schema = schema_owner();
	ListCell   *cell;

	foreach(cell, drop->roles)
	{
		Oid			role = get_rolespec_oid(lfirst_node(RoleSpec, cell), true);

		if (role == owner || (role == owner_of_schema && drop->behavior == DROP_CASCADE))
			return true;
	}
	return false;
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
		" WHEN EXISTS (SELECT FROM powerpanel.power_bank) THEN 'power_bank'"
		" WHEN EXISTS (SELECT FROM powerpanel.power_port) THEN 'power_port'"
		" WHEN EXISTS (SELECT FROM powerpanel.device) THEN 'device'"
		" WHEN EXISTS (SELECT FROM powerpanel.rack) THEN 'rack'"
		" WHEN EXISTS (SELECT FROM powerpanel.rack_group) THEN 'rack_group'"
		" WHEN EXISTS (SELECT FROM powerpanel.location) THEN 'location' END");
	static const char *const joined[] = {
		"power_panel", "cable", "power_outlet", "power_bank", "power_port", "device",
		"rack", "rack_group", "location", NULL
	};
	MemoryContext caller = CurrentMemoryContext;
	QueryRows	rows;
	char	   *table;

	query_begin();
	rows = query_run(&query, inventory_joined("power_feed", joined), NULL);
	table = query_text(query_row(rows, 0), 1);
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

/* The oid of a table of ours, or InvalidOid if it is none. */
Oid
member_table(RangeVar *name)
{
	Oid			ours = get_extension_oid("powerpanel", true);
	Oid			relid = RangeVarGetRelid(name, NoLock, true);

	if (OidIsValid(ours) && OidIsValid(relid) &&
		getExtensionOfObject(RelationRelationId, relid) == ours)
		return relid;
	return InvalidOid;
}

/* How a change of a table concerns its dump, from nothing to all. */
typedef enum Harm
{
	HARM_NONE,					/* kept, or for a while only */
	HARM_LOST,					/* a dump does not carry it */
	HARM_UNRESTORABLE			/* a dump's rows do not fit the table that
								 * CREATE EXTENSION makes */
} Harm;

/*
 * Row level security is kept (row_security.sql), and triggers are turned off for
 * a while only.
 */
static Harm
harm_of_command(AlterTableCmd *command)
{
	switch (command->subtype)
	{
		case AT_EnableRowSecurity:
		case AT_DisableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_NoForceRowSecurity:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
		case AT_DisableTrig:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
			return HARM_NONE;
		case AT_AddColumn:
		case AT_DropColumn:
		case AT_AlterColumnType:
		case AT_AddInherit:
		case AT_DropExpression:
			return HARM_UNRESTORABLE;
		default:
			return HARM_LOST;
	}
}

static Harm
harm_of_alter(AlterTableStmt *alter)
{
	Harm		harm = HARM_NONE;
	ListCell   *cell;

	foreach(cell, alter->cmds)
		harm = Max(harm, harm_of_command(lfirst_node(AlterTableCmd, cell)));
	return harm;
}

/* Does it rename a relation?  PostgreSQL lets one call a table a view, and so on. */
static bool
renames_relation(const RenameStmt *rename)
{
	switch (rename->renameType)
	{
		case OBJECT_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_INDEX:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_SEQUENCE:
			return true;
		default:
			return false;
	}
}

/* The names of tables and columns are what the rows of a dump go by. */
static Harm
harm_of_rename(RenameStmt *rename)
{
	return rename->renameType == OBJECT_COLUMN || renames_relation(rename) ?
		HARM_UNRESTORABLE : HARM_LOST;
}

/* The table that a statement has changed, by the name it has now; or NULL */
static RangeVar *
changed_table(Node *statement, Harm *harm)
{
	RangeVar   *table = NULL;

	*harm = HARM_LOST;
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			*harm = harm_of_alter((AlterTableStmt *) statement);
			return ((AlterTableStmt *) statement)->relation;
		case T_RenameStmt:
			*harm = harm_of_rename((RenameStmt *) statement);
			table = copyObject(((RenameStmt *) statement)->relation);
			if (table != NULL && renames_relation((RenameStmt *) statement))
				table->relname = ((RenameStmt *) statement)->newname;
			return table;
		case T_AlterObjectSchemaStmt:
			*harm = HARM_UNRESTORABLE;
			table = copyObject(((AlterObjectSchemaStmt *) statement)->relation);
			if (table != NULL)
				table->schemaname = ((AlterObjectSchemaStmt *) statement)->newschema;
			return table;
		case T_IndexStmt:
			return ((IndexStmt *) statement)->relation;
		case T_CreateTrigStmt:
			return ((CreateTrigStmt *) statement)->relation;
		default:
			return NULL;
	}
}

/* Refused at the end: only there is it plain which table a name meant. */
pg_noreturn static void
refuse_change(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot change the columns of table \"%s.%s\" because a dump could not be restored",
					get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
			 errdetail("The table belongs to extension powerpanel: a dump holds its rows, and CREATE EXTENSION makes the table as it comes, without this change."),
			 errhint("For fields of your own use the column custom_fields. To change the table all the same, SET powerpanel.allow_change = on.")));
}

static void
warn_of(Oid relid, Harm harm)
{
	ereport(WARNING,
			(errmsg("pg_dump will not carry this change of table \"%s.%s\"",
					get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
			 errdetail("The table belongs to extension powerpanel: a dump holds its rows, and CREATE EXTENSION makes the table."),
			 harm == HARM_UNRESTORABLE ?
			 errhint("Restore with pg_restore --section=pre-data, then make this change, then go on with --section=data and --section=post-data.") :
			 errhint("For fields of your own use the column custom_fields; keep other changes in a script to run after a restore.")));
}

/* At ddl_command_end of ALTER TABLE, or of what takes tables too, CREATE INDEX and CREATE TRIGGER */
Datum
warn_of_change(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "warn_of_change");
	RangeVar   *name;
	Harm		harm;
	Oid			relid;

	if (creating_extension)
		return (Datum) 0;
	name = changed_table(event->parsetree, &harm);
	if (name == NULL || harm == HARM_NONE || !OidIsValid(relid = member_table(name)))
		return (Datum) 0;
	if (harm == HARM_UNRESTORABLE && !allow_change)
		refuse_change(relid);
	warn_of(relid, harm);
	return (Datum) 0;
}
