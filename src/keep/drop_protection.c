/*-------------------------------------------------------------------------
 *
 * drop_protection.c
 *	  An event trigger: the inventory is not dropped by mistake.
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

#include "drop_protection.h"
#include "event_trigger.h"
#include "inventory.h"
#include "query.h"

PG_FUNCTION_INFO_V1(drop_protection);

static bool allow_drop = false;

void
drop_protection_init(void)
{
	DefineCustomBoolVariable("powerpanel.allow_drop",
							 "Allows DROP EXTENSION powerpanel while the inventory holds rows.",
							 NULL, &allow_drop, false, PGC_USERSET, 0, NULL, NULL, NULL);
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
drop_protection(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "drop_protection");
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
