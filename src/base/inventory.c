/*-------------------------------------------------------------------------
 *
 * inventory.c
 *	  The tables of the inventory: where they are, and that they are as they were
 *	  made.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "inventory.h"

/*
 * The tables of the inventory that were looked up.  All are forgotten when a table or a
 * schema is made, dropped or renamed.
 */
typedef struct KnownTableName
{
	const char *name;			/* a constant of the caller's */
	Oid			relid;
} KnownTableName;

static KnownTableName known_names[16];
static int	n_known_names = 0;
static uint64 names_forgotten = 0;

static void
forget_names(Datum arg, SysCacheIdentifier cacheid, uint32 hashvalue)
{
	n_known_names = 0;
	names_forgotten++;
}

static Oid
look_up_table(const char *table)
{
	Oid			relid = get_relname_relid(table, get_namespace_oid("powerpanel", false));

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s.%s\" does not exist", "powerpanel", table)));
	return relid;
}

/* The oid of a table of the inventory, whose name is a constant. */
Oid
inventory_relid(const char *table)
{
	static bool registered = false;
	uint64		forgotten;
	Oid			relid;

	for (int i = 0; i < n_known_names; i++)
		if (known_names[i].name == table || strcmp(known_names[i].name, table) == 0)
			return known_names[i].relid;
	if (!registered)
	{
		CacheRegisterSyscacheCallback(RELNAMENSP, forget_names, (Datum) 0);
		CacheRegisterSyscacheCallback(NAMESPACEOID, forget_names, (Datum) 0);
		registered = true;
	}
	forgotten = names_forgotten;
	relid = look_up_table(table);
	if (names_forgotten == forgotten && n_known_names < (int) lengthof(known_names))
		known_names[n_known_names++] = (KnownTableName) {table, relid};
	return relid;
}

/*
 * Some checks join tables of the inventory, and a query runs as one user:
 * that is the owner of all of them.  If somebody gave one table away, row
 * level security could hide its rows from the check; better to say so.
 */
Oid
inventory_joined(const char *table, const char *const *others)
{
	Oid			relid = inventory_relid(table);
	Relation	rel = table_open(relid, AccessShareLock);

	for (; *others; others++)
	{
		Relation	other = table_open(inventory_relid(*others), AccessShareLock);

		if (other->rd_rel->relowner != rel->rd_rel->relowner)
			ereport(ERROR,
					(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
					 errmsg("tables \"%s.%s\" and \"%s.%s\" have different owners",
							"powerpanel", table, "powerpanel", *others),
					 errhint("Give all tables of the inventory to one role with ALTER TABLE ... OWNER TO.")));
		table_close(other, NoLock);
	}
	table_close(rel, NoLock);
	return relid;
}

/*
 * Are the columns of the inventory what they were made as?  What reads rows of theirs in C
 * goes by their types, and does not ask whether what is NOT NULL is NULL.  But the tables
 * can have an owner who is no superuser, and he can alter them, or a table that inherits
 * from one, whose rows are read as well.  So whoever is about to read asks here.  The answer counts until a table is altered; we hear of that when we lock it.
 */
static bool known_whole = false;
static uint64 tables_altered = 0;

/* The tables that were looked at.  Where they are too many to list, every table counts. */
static Oid	looked_at[16];
static int	n_looked_at = 0;

static void
forget_whole(Datum arg, Oid relid)
{
	bool		ours = !OidIsValid(relid) || n_looked_at > (int) lengthof(looked_at);

	for (int i = 0; !ours && i < n_looked_at; i++)
		ours = looked_at[i] == relid;
	if (ours)
	{
		known_whole = false;
		tables_altered++;
	}
}

static void
note_table(Oid relid)
{
	for (int i = 0; i < Min(n_looked_at, (int) lengthof(looked_at)); i++)
		if (looked_at[i] == relid)
			return;
	if (n_looked_at < (int) lengthof(looked_at))
		looked_at[n_looked_at] = relid;
	n_looked_at++;
}

pg_noreturn static void
not_whole(Relation table, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s.%s\" is not as extension powerpanel made it",
					get_namespace_name(RelationGetNamespace(table)), RelationGetRelationName(table)),
			 errdetail_internal("%s", detail),
			 errhint("Undo the change: powerpanel reads the table's rows as they were made.")));
}

/* A column as inventory_column has it. */
typedef struct MadeColumn
{
	Oid			relid;
	const char *name;
	Oid			type;
	bool		not_null;
} MadeColumn;

static void
check_column(Relation table, const MadeColumn *made)
{
	TupleDesc	desc = RelationGetDescr(table);
	Form_pg_attribute attribute;
	int			i = 0;

	while (i < desc->natts &&
		   (TupleDescAttr(desc, i)->attisdropped || strcmp(NameStr(TupleDescAttr(desc, i)->attname), made->name) != 0))
		i++;
	if (i == desc->natts)
		not_whole(table, psprintf(_("It has no column \"%s\"."), made->name));
	attribute = TupleDescAttr(desc, i);
	if (attribute->atttypid != made->type)
		not_whole(table, psprintf(_("Its column \"%s\" is of type %s, not %s."), made->name,
								  format_type_be(attribute->atttypid), format_type_be(made->type)));
	if (made->not_null && !attribute_not_null(desc, i))
		not_whole(table, psprintf(_("Its column \"%s\" may be NULL."), made->name));
}

/* Looks at a table, and at those that inherit from it: they may have NULLs of their own. */
static void
check_tables(const MadeColumn *made)
{
	Relation	parent = table_open(made->relid, AccessShareLock);
	ListCell   *cell;

	/* it locks those that inherit, and leaves out what is dropped meanwhile */
	foreach(cell, find_all_inheritors(made->relid, AccessShareLock, NULL))
	{
		Relation	table = table_open(lfirst_oid(cell), NoLock);

		note_table(RelationGetRelid(table));
		check_column(table, made);
		table_close(table, NoLock);
	}
	table_close(parent, NoLock);
}

/* Reads what CREATE EXTENSION has written down, whoever may read that. */
static void
check_all(void)
{
	Oid			relid = get_relname_relid("inventory_column", get_namespace_oid("powerpanel_internal", false));
	Relation	record = table_open(relid, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TableScanDesc scan = table_beginscan_whole(record, snapshot);
	TupleTableSlot *slot = table_slot_create(record, NULL);

	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		MadeColumn	made;

		slot_getallattrs(slot);
		made.relid = DatumGetObjectId(slot->tts_values[0]);
		made.name = NameStr(*DatumGetName(slot->tts_values[1]));
		made.type = DatumGetObjectId(slot->tts_values[2]);
		made.not_null = DatumGetBool(slot->tts_values[3]);
		check_tables(&made);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(record, NoLock);
}

/* Raises 55000 where a table of the inventory is not as CREATE EXTENSION made it. */
void
inventory_must_be_whole(void)
{
	static bool registered = false;
	uint64		before;

	if (known_whole)
		return;
	if (!registered)
	{
		CacheRegisterRelcacheCallback(forget_whole, (Datum) 0);
		registered = true;
	}
	before = tables_altered;
	check_all();
	known_whole = before == tables_altered;
}
