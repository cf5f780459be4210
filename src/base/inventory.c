/*-------------------------------------------------------------------------
 *
 * inventory.c
 *	  The tables of the inventory: where they are, and that they are as they were
 *	  made.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_inherits.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"

#include "inventory.h"
#include "table_list.h"

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
 * from one, whose rows are read as well.  So whoever is about to read asks here, and once
 * more when he has locked what he reads: the answer counts until a table is altered, and
 * we hear of that when we lock it.
 */
static bool known_whole = false;
static uint64 tables_altered = 0;

/*
 * A snapshot may be older than the answer, and show rows of a time when a column was not
 * NOT NULL yet.  Those that see all before this transaction are not; and this is the last
 * of the others that was looked into.  Of two snapshots with the same bounds, the later
 * one has fewer transactions that go on.
 */
typedef struct SnapshotKey
{
	TransactionId xmin;
	TransactionId xmax;
	uint32		n_running;
	CommandId	command;
} SnapshotKey;

static TransactionId whole_from = InvalidTransactionId;
static SnapshotKey known_snapshot;

/* Those of the inventory, and that inherit from one. */
static TableList looked_at;

static void
forget_whole(Datum arg, Oid relid)
{
	if (!OidIsValid(relid) || table_list_has(&looked_at, relid))
	{
		known_whole = false;
		memset(&known_snapshot, 0, sizeof(known_snapshot));
		tables_altered++;
	}
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
	const char *table;
	const char *name;
	Oid			type;
	bool		not_null;
} MadeColumn;

/* Is it where queries look for it, and are its rows in its own file? */
static void
check_table(Relation table, const MadeColumn *made)
{
	if (RelationGetRelid(table) == made->relid &&
		(RelationGetNamespace(table) != get_namespace_oid("powerpanel", false) ||
		 strcmp(RelationGetRelationName(table), made->table) != 0))
		not_whole(table, psprintf(_("It was \"%s.%s\"."), "powerpanel", made->table));
	/* nobody sees to it that a foreign table is what it says */
	if (table->rd_rel->relkind != RELKIND_RELATION)
		not_whole(table, _("It is not an ordinary table."));
}

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
	/* a virtual column (18) */
	if (attribute->attgenerated == 'v')
		not_whole(table, psprintf(_("Its column \"%s\" is not in its rows."), made->name));
}

/* Was the NOT NULL of a column valid for all rows that a snapshot shows (18)? */
static bool
was_valid(Relation constraints, Oid relid, AttrNumber attnum, Snapshot snapshot)
{
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		valid = true;

	ScanKeyInit(&key, Anum_pg_constraint_conrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	scan = systable_beginscan(constraints, ConstraintRelidTypidNameIndexId, true, snapshot, 1, &key);
	while (valid && (tuple = systable_getnext(scan)) != NULL)
		valid = ((Form_pg_constraint) GETSTRUCT(tuple))->convalidated ||
			constraint_not_null_column(tuple) != attnum;
	systable_endscan(scan);
	return valid;
}

/* Was a column NOT NULL when a snapshot was taken? */
static bool
was_not_null(Oid relid, const char *column, Snapshot snapshot)
{
	Relation	attributes = table_open(AttributeRelationId, AccessShareLock);
	Relation	constraints = table_open(ConstraintRelationId, AccessShareLock);
	ScanKeyData keys[2];
	SysScanDesc scan;
	HeapTuple	tuple;
	bool		was;

	ScanKeyInit(&keys[0], Anum_pg_attribute_attrelid, BTEqualStrategyNumber, F_OIDEQ, ObjectIdGetDatum(relid));
	ScanKeyInit(&keys[1], Anum_pg_attribute_attname, BTEqualStrategyNumber, F_NAMEEQ, CStringGetDatum(column));
	scan = systable_beginscan(attributes, AttributeRelidNameIndexId, true, snapshot, 2, keys);
	tuple = systable_getnext(scan);
	was = tuple != NULL && ((Form_pg_attribute) GETSTRUCT(tuple))->attnotnull &&
		was_valid(constraints, relid, ((Form_pg_attribute) GETSTRUCT(tuple))->attnum, snapshot);
	systable_endscan(scan);
	table_close(constraints, AccessShareLock);
	table_close(attributes, AccessShareLock);
	return was;
}

/*
 * Looks at a table, and at those that inherit from it: they may have NULLs of their own.
 * With a snapshot, at what they were when it was taken.
 */
static void
check_tables(const MadeColumn *made, Snapshot snapshot)
{
	Relation	parent = table_open(made->relid, AccessShareLock);
	ListCell   *cell;

	/* it locks those that inherit, and leaves out what is dropped meanwhile */
	foreach(cell, find_all_inheritors(made->relid, AccessShareLock, NULL))
	{
		Relation	table = table_open(lfirst_oid(cell), NoLock);

		table_list_add(&looked_at, RelationGetRelid(table));
		check_table(table, made);
		check_column(table, made);
		if (snapshot != NULL && made->not_null && !was_not_null(RelationGetRelid(table), made->name, snapshot))
			not_whole(table, psprintf(_("Its column \"%s\" may be NULL in rows that this snapshot shows."), made->name));
		table_close(table, NoLock);
	}
	table_close(parent, NoLock);
}

/* Reads what CREATE EXTENSION has written down, whoever may read that. */
static void
check_all(Snapshot of_rows)
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
		made.table = NameStr(*DatumGetName(slot->tts_values[1]));
		made.name = NameStr(*DatumGetName(slot->tts_values[2]));
		made.type = DatumGetObjectId(slot->tts_values[3]);
		made.not_null = DatumGetBool(slot->tts_values[4]);
		check_tables(&made, of_rows);
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
	check_all(NULL);
	whole_from = ReadNextTransactionId();
	known_whole = before == tables_altered;
}

/*
 * Is this a table of the inventory, which was found to be whole?  Where it was not, not
 * every check needs it to be: who undoes a change writes as well.
 */
bool
inventory_known_whole(Oid relid)
{
	return known_whole && table_list_has(&looked_at, relid);
}

/* As inventory_must_be_whole(), for who reads the rows that the active snapshot shows. */
void
inventory_must_have_been_whole(void)
{
	Snapshot	snapshot = GetActiveSnapshot();
	SnapshotKey key = {
		.xmin = snapshot->xmin,
		.xmax = snapshot->xmax,
		.n_running = snapshot->xcnt + (uint32) snapshot->subxcnt,
		.command = snapshot->curcid
	};
	uint64		before;

	inventory_must_be_whole();
	if (!TransactionIdPrecedes(snapshot->xmin, whole_from) || memcmp(&key, &known_snapshot, sizeof(key)) == 0)
		return;
	before = tables_altered;
	check_all(snapshot);
	if (before == tables_altered)
		known_snapshot = key;
}
