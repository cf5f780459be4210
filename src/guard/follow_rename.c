/*-------------------------------------------------------------------------
 *
 * follow_rename.c
 *	  An event trigger: a guard goes along when a column is renamed.
 *
 * The arguments of the triggers that define a guard name columns, and PostgreSQL
 * takes them for mere texts.  So the new name is written into them, as
 * PostgreSQL itself once did with the arguments of its foreign keys.  Writes are
 * checked on, the audit and the view "guarded" have the new name, and pg_dump
 * carries it.
 *
 * Where event triggers are off, a guard is left behind with the old name; then
 * writes are refused, and the audit says so (guard_broken).
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/indexing.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/rel.h"

#include "event_trigger.h"
#include "inventory.h"
#include "query.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(follow_rename);

/*
 * 'panel_id=..', 'cable_feed=..' and the like name columns of the table that the trigger
 * names by FROM, which is that of the panels or that of the cables; 'panel=..' and
 * 'cable=..' do not.
 */
static bool
names_other_column(const char *argument)
{
	return strncmp(argument, "panel_", strlen("panel_")) == 0 ||
		strncmp(argument, "cable_", strlen("cable_")) == 0;
}

/* The arguments with the new name in them, or NULL where they stay. */
static bytea *
renamed_arguments(Form_pg_trigger trigger, bytea *arguments, Oid relid, const RenameStmt *rename)
{
	const char *argument = VARDATA_ANY(arguments);
	const char *end = argument + VARSIZE_ANY_EXHDR(arguments);
	bool		renamed = false;
	StringInfoData buf;
	bytea	   *result;

	initStringInfo(&buf);
	for (; argument < end; argument += strlen(argument) + 1)
	{
		const char *equals = strchr(argument, '=');
		Oid			of = names_other_column(argument) ? trigger->tgconstrrelid : trigger->tgrelid;

		/* numbering=.. and bus=.. name no column */
		if (equals != NULL && of == relid && strcmp(equals + 1, rename->subname) == 0 &&
			strncmp(argument, "numbering=", strlen("numbering=")) != 0 &&
			strncmp(argument, "bus=", strlen("bus=")) != 0)
		{
			appendBinaryStringInfo(&buf, argument, (int) (equals + 1 - argument));
			appendStringInfoString(&buf, rename->newname);
			renamed = true;
		}
		else
			appendStringInfoString(&buf, argument);
		appendStringInfoChar(&buf, '\0');
	}
	if (!renamed)
		return NULL;
	result = palloc(VARHDRSZ + buf.len);
	SET_VARSIZE(result, VARHDRSZ + buf.len);
	memcpy(VARDATA(result), buf.data, buf.len);
	return result;
}

static void
rename_in_trigger(Relation triggers, HeapTuple tuple, Oid relid, const RenameStmt *rename)
{
	Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(tuple);
	Datum		values[Natts_pg_trigger] = {0};
	bool		nulls[Natts_pg_trigger] = {false};
	bool		replace[Natts_pg_trigger] = {false};
	bytea	   *arguments;
	bool		isnull;
	Datum		old = heap_getattr(tuple, Anum_pg_trigger_tgargs, RelationGetDescr(triggers), &isnull);

	arguments = isnull ? NULL : renamed_arguments(trigger, DatumGetByteaPP(old), relid, rename);
	if (arguments == NULL)
		return;
	values[Anum_pg_trigger_tgargs - 1] = PointerGetDatum(arguments);
	replace[Anum_pg_trigger_tgargs - 1] = true;
	tuple = heap_modify_tuple(tuple, RelationGetDescr(triggers), values, nulls, replace);
	CatalogTupleUpdate(triggers, &tuple->t_self, tuple);
	CacheInvalidateRelcacheByRelid(trigger->tgrelid);
}

/* In the triggers that call this function with arguments. */
static void
rename_in_triggers(const char *function, Oid relid, const RenameStmt *rename)
{
	Relation	triggers = table_open(TriggerRelationId, RowExclusiveLock);
	Oid			own = inventory_relid("power_feed");
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;

	ScanKeyInit(&key, Anum_pg_trigger_tgfoid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(trigger_function(function)));
	scan = systable_beginscan(triggers, InvalidOid, false, NULL, 1, &key);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(tuple);

		if (trigger->tgnargs > 0 && trigger->tgrelid != own &&
			(trigger->tgrelid == relid || trigger->tgconstrrelid == relid))
			rename_in_trigger(triggers, tuple, relid, rename);
	}
	systable_endscan(scan);
	table_close(triggers, NoLock);
}

/* At ddl_command_end */
Datum
follow_rename(PG_FUNCTION_ARGS)
{
	const RenameStmt *rename = (const RenameStmt *) event_data(fcinfo, "follow_rename")->parsetree;
	Oid			relid;

	if (!IsA(rename, RenameStmt) || rename->renameType != OBJECT_COLUMN || rename->relation == NULL)
		return (Datum) 0;
	relid = RangeVarGetRelid(rename->relation, NoLock, true);
	if (OidIsValid(relid))
	{
		rename_in_triggers("check_feed", relid, rename);
		rename_in_triggers("check_feed_cables", relid, rename);
	}
	return (Datum) 0;
}
