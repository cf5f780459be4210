/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows by their key: finding and reading them, and whose they are.
 *
 * This goes around the executor, since that would take most of the time of a
 * check; so do the foreign keys of later PostgreSQL majors.  Rights and row
 * level security do not come in: a check reads all rows.  Where a table has no
 * index that serves, it is read whole.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"

#include "query.h"
#include "row.h"

RegProcedure
key_equality(Oid type)
{
	switch (type)
	{
		case INT2OID:
			return F_INT2EQ;
		case INT4OID:
			return F_INT4EQ;
		case INT8OID:
			return F_INT8EQ;
		default:
			return F_UUID_EQ;
	}
}

/*
 * Does an index have all rows in which its first column is not NULL?  Nobody
 * looks for others.
 */
static bool
has_all_keys(Relation index)
{
	List	   *predicate;
	const NullTest *test;

	if (heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return true;
	predicate = RelationGetIndexPredicate(index);
	if (list_length(predicate) != 1 || !IsA(linitial(predicate), NullTest))
		return false;
	test = linitial_node(NullTest, predicate);
	return test->nulltesttype == IS_NOT_NULL && IsA(test->arg, Var) &&
		((const Var *) test->arg)->varattno == index->rd_index->indkey.values[0];
}

/* Can rows be found by this index, whose first column is that one? */
static bool
index_serves(Relation index, AttrNumber attnum, Oid type)
{
	return index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
		index->rd_index->indkey.values[0] == attnum && has_all_keys(index) &&
		index->rd_opfamily[0] == lookup_type_cache(type, TYPECACHE_BTREE_OPFAMILY)->btree_opf;
}

/* Looks for the index by which rows of a table, ours or guarded, are found by a column. */
static RowKey
find_key(Relation rel, const char *column)
{
	RowKey		key = {.attnum = get_attnum(RelationGetRelid(rel), column)};
	List	   *indexes = RelationGetIndexList(rel);
	ListCell   *cell;

	if (key.attnum == InvalidAttrNumber)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_COLUMN),
				 errmsg("column \"%s\" of relation \"%s\" does not exist",
						column, RelationGetRelationName(rel))));
	key.type = TupleDescAttr(RelationGetDescr(rel), key.attnum - 1)->atttypid;
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (!OidIsValid(key.index) && index_serves(index, key.attnum, key.type))
			key.index = RelationGetRelid(index);
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return key;
}

/*
 * Keys that were found before: to look through the indexes of a table takes longer
 * than to read a row by one.  A key is forgotten when its table is altered, or gets or
 * loses an index.  Of that we have been told by the time we have a lock on the table,
 * which the caller has; and then nobody alters it but we ourselves.
 */
typedef struct KnownKeyTag
{
	Oid			relid;
	NameData	column;
} KnownKeyTag;

typedef struct KnownKey
{
	KnownKeyTag tag;			/* hash key */
	RowKey		key;
} KnownKey;

static HTAB *known_keys = NULL;
static uint64 keys_forgotten = 0;

static void
forget_keys(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS seq;
	KnownKey   *known;

	keys_forgotten++;
	hash_seq_init(&seq, known_keys);
	while ((known = hash_seq_search(&seq)) != NULL)
		if (!OidIsValid(relid) || known->tag.relid == relid)
			hash_search(known_keys, &known->tag, HASH_REMOVE, NULL);
}

static void
know_keys(void)
{
	HASHCTL		ctl = {.keysize = sizeof(KnownKeyTag), .entrysize = sizeof(KnownKey)};

	known_keys = hash_create("powerpanel keys of tables", 32, &ctl, HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(forget_keys, (Datum) 0);
}

/* How rows of a table are found by a column.  The table is open, and locked. */
RowKey
row_key(Relation rel, const char *column)
{
	KnownKeyTag tag;
	KnownKey   *known;
	RowKey		key;
	uint64		forgotten;

	if (known_keys == NULL)
		know_keys();
	memset(&tag, 0, sizeof(tag));
	tag.relid = RelationGetRelid(rel);
	strlcpy(NameStr(tag.column), column, NAMEDATALEN);
	known = hash_search(known_keys, &tag, HASH_FIND, NULL);
	if (known != NULL)
		return known->key;
	/* to open an index may tell us that something was altered */
	forgotten = keys_forgotten;
	key = find_key(rel, column);
	if (keys_forgotten == forgotten)
	{
		known = hash_search(known_keys, &tag, HASH_ENTER, NULL);
		known->key = key;
	}
	return key;
}

/* Looks for the rows with a key. */
static SysScanDesc
begin_scan(Relation rel, const RowKey *key, Datum value, Snapshot snapshot)
{
	ScanKeyData scan_key;

	ScanKeyInit(&scan_key, key->attnum, BTEqualStrategyNumber, key_equality(key->type), value);
	return systable_beginscan(rel, key->index, OidIsValid(key->index), snapshot, 1, &scan_key);
}

/* A copy of the first row with a key, or NULL where there is none. */
HeapTuple
row_read(Relation rel, const RowKey *key, Datum value, Snapshot snapshot)
{
	SysScanDesc scan = begin_scan(rel, key, value, snapshot);
	HeapTuple	row = systable_getnext(scan);

	if (row != NULL)
		row = heap_copytuple(row);
	systable_endscan(scan);
	return row;
}

/* The same, of what is committed by now or our own. */
HeapTuple
row_read_now(Relation rel, const RowKey *key, Datum value)
{
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	HeapTuple	row = row_read(rel, key, value, snapshot);

	UnregisterSnapshot(snapshot);
	return row;
}

/* How many rows have a key, of what is committed by now or our own; not beyond a limit. */
int
row_count_now(Relation rel, const RowKey *key, Datum value, int limit)
{
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	SysScanDesc scan = begin_scan(rel, key, value, snapshot);
	int			n = 0;

	while (n < limit && systable_getnext(scan) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		n++;
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return n;
}

/*
 * Was this row version written by our transaction?  Of one that COPY has written
 * frozen, only the raw xmin tells.
 */
bool
row_is_ours(HeapTuple row)
{
	return TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetRawXmin(row->t_data));
}

/*
 * The command of our transaction that wrote a row version, or InvalidCommandId
 * where another transaction did.  Where an update of it was rolled back to a
 * savepoint, its header has a combined number, which stands for the right one but
 * is also the number of some other command.
 */
CommandId
row_command(HeapTuple row)
{
	if (!row_is_ours(row))
		return InvalidCommandId;
	if (row->t_data->t_infomask & HEAP_COMBOCID)
		return HeapTupleHeaderGetCmin(row->t_data);
	return HeapTupleHeaderGetRawCommandId(row->t_data);
}
