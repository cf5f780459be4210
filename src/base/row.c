/*-------------------------------------------------------------------------
 *
 * row.c
 *	  Rows by their key: reading and locking them, and whose they are.
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
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "nodes/primnodes.h"
#include "utils/datum.h"
#include "utils/fmgroids.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "query.h"
#include "row.h"
#include "row_memory.h"

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

static bool
has_key(TupleTableSlot *slot, const RowKey *key, Datum value)
{
	Form_pg_attribute attribute = TupleDescAttr(slot->tts_tupleDescriptor, key->attnum - 1);
	bool		isnull;
	Datum		now = slot_getattr(slot, key->attnum, &isnull);

	return !isnull && datumIsEqual(now, value, attribute->attbyval, attribute->attlen);
}

/* What a lock attempt has come to. */
typedef enum LockOutcome
{
	LOCKED,
	NO_SUCH_ROW,
	CHANGED						/* the row went or got another key: look again */
} LockOutcome;

/*
 * As SELECT .. FOR .. does it, see ExecLockRows(): waits for whoever is changing
 * the row and goes on to its newest version; in REPEATABLE READ and above, a row
 * that was changed while we waited is a serialization failure.
 */
static LockOutcome
lock_version(Relation rel, ItemPointer tid, Snapshot snapshot, LockTupleMode mode, TupleTableSlot *slot)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_lock(rel, tid, snapshot, slot, GetCurrentCommandId(false),
										  mode, LockWaitBlock,
										  IsolationUsesXactSnapshot() ? 0 : TUPLE_LOCK_FLAG_FIND_LAST_VERSION,
										  &failure);

	if (result == TM_Ok)
		return LOCKED;
	if (IsolationUsesXactSnapshot() && (result == TM_Updated || result == TM_Deleted))
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("could not serialize access due to concurrent update")));
	if (result == TM_Updated || result == TM_Deleted)
		return CHANGED;
	if (result == TM_SelfModified)
		return NO_SUCH_ROW;
	elog(ERROR, "unexpected table_tuple_lock status: %u", result);
	return NO_SUCH_ROW;
}

/*
 * A row that we have written ourselves need not be locked: a new one is there for
 * nobody else, and of a changed one we hold the lock that every change takes.  tid
 * becomes the place of the version that is in the slot.
 */
static LockOutcome
find_and_lock(Relation rel, const RowKey *key, Datum value, LockTupleMode mode, TupleTableSlot *slot,
			  ItemPointer tid)
{
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	HeapTuple	row = row_read(rel, key, value, snapshot);
	LockOutcome outcome = NO_SUCH_ROW;

	if (row != NULL && row_is_ours(row))
	{
		ExecForceStoreHeapTuple(row, slot, false);
		*tid = row->t_self;
		outcome = LOCKED;
	}
	else if (row != NULL)
	{
		outcome = lock_version(rel, &row->t_self, snapshot, mode, slot);
		*tid = slot->tts_tid;
	}
	UnregisterSnapshot(snapshot);
	if (outcome == LOCKED && !has_key(slot, key, value))
		outcome = CHANGED;
	return outcome;
}

/*
 * Rows that we have locked last.  Whoever plugs twenty servers into one rack PDU, or
 * fills a panel, locks its row each time; to find a row and lock it takes five times
 * as long as to read it where it is known to lie.
 *
 * What is noted is the place of the version that was locked, and by which lock.  It
 * counts as long as
 *
 * - the lock lasts, and the place holds that version: until the transaction ends, a
 *   savepoint is rolled back, or the table gets another file (row_memory.c);
 * - the version is still what the row is like: nobody else can change a row that we
 *   have locked, and where we have changed it ourselves the latest snapshot does not
 *   show the old version any more.
 *
 * A key falls into one set of places.  A few racks and panels in one place, each of
 * which takes it from the other, would be looked up anew each time.
 */
#define LOCKED_ROW_SETS		1024
#define LOCKED_ROW_WAYS		4

typedef struct LockedRowTag
{
	Oid			relid;
	int			attnum;
	char		key[UUID_LEN];
} LockedRowTag;

typedef struct LockedRow
{
	LockedRowTag tag;
	uint64		epoch;			/* memory_epoch(), which is never 0 */
	LockTupleMode mode;
	ItemPointerData tid;
} LockedRow;

static LockedRow locked_rows[LOCKED_ROW_SETS][LOCKED_ROW_WAYS];

static LockedRowTag
locked_row_tag(Relation rel, const RowKey *key, Datum value)
{
	LockedRowTag tag;

	memset(&tag, 0, sizeof(tag));
	tag.relid = RelationGetRelid(rel);
	tag.attnum = key->attnum;
	if (key->type == UUIDOID)
		memcpy(tag.key, DatumGetUUIDP(value), UUID_LEN);
	else
	{
		/* on a machine of 32 bits an int8 is a pointer */
		int64		number = key->type == INT8OID ? DatumGetInt64(value) : (int64) value;

		memcpy(tag.key, &number, sizeof(number));
	}
	return tag;
}

/* Where a row is noted, if at all. */
static LockedRow *
locked_row_set(const LockedRowTag *tag)
{
	return locked_rows[hash_bytes((const unsigned char *) tag, sizeof(*tag)) % LOCKED_ROW_SETS];
}

/* Its note, or NULL. */
static LockedRow *
locked_row_find(LockedRow *set, const LockedRowTag *tag)
{
	for (int i = 0; i < LOCKED_ROW_WAYS; i++)
		if (set[i].epoch == memory_epoch() && memcmp(&set[i].tag, tag, sizeof(*tag)) == 0)
			return &set[i];
	return NULL;
}

/* Notes a row, in the place of the one that was noted first, or of a weaker lock on it. */
static void
locked_row_note(LockedRow *set, const LockedRow *row)
{
	LockedRow  *place = locked_row_find(set, &row->tag);

	if (place == NULL)
	{
		memmove(&set[1], &set[0], sizeof(LockedRow) * (LOCKED_ROW_WAYS - 1));
		place = &set[0];
	}
	*place = *row;
}

/* What is noted of a row that is locked as strongly as that or more. */
static bool
fetch_locked(LockedRow *set, const LockedRowTag *tag, Relation rel, const RowKey *key, Datum value,
			 LockTupleMode mode, TupleTableSlot *slot)
{
	const LockedRow *row = locked_row_find(set, tag);
	Snapshot	snapshot;
	ItemPointerData tid;
	bool		found;

	if (row == NULL || row->mode < mode)
		return false;
	tid = row->tid;
	snapshot = RegisterSnapshot(query_snapshot());
	found = table_tuple_fetch_row_version(rel, &tid, snapshot, slot);
	UnregisterSnapshot(snapshot);
	/* a table without an index can be emptied in place: see row_memory.c */
	return found && has_key(slot, key, value);
}

/*
 * Is it known that we have a row locked, as strongly as that or more?  Then puts it into
 * the slot.
 */
bool
row_is_locked(Relation rel, const RowKey *key, Datum value, LockTupleMode mode, TupleTableSlot *slot)
{
	LockedRowTag tag = locked_row_tag(rel, key, value);

	return fetch_locked(locked_row_set(&tag), &tag, rel, key, value, mode, slot);
}

/*
 * Locks the row with a key until the end of the transaction, and puts its newest
 * version into the slot, which is of table_slot_create().  False where there is
 * no such row.
 */
bool
row_lock(Relation rel, const RowKey *key, Datum value, LockTupleMode mode, TupleTableSlot *slot)
{
	LockedRowTag tag = locked_row_tag(rel, key, value);
	LockedRow  *set = locked_row_set(&tag);
	LockOutcome outcome;
	ItemPointerData tid;

	if (fetch_locked(set, &tag, rel, key, value, mode, slot))
		return true;
	do
	{
		CHECK_FOR_INTERRUPTS();
		outcome = find_and_lock(rel, key, value, mode, slot, &tid);
	} while (outcome == CHANGED);
	if (outcome != LOCKED)
		return false;
	memory_watch(tag.relid);
	locked_row_note(set, &(LockedRow) {tag, memory_epoch(), mode, tid});
	return true;
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
