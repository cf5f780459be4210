/*-------------------------------------------------------------------------
 *
 * row_lock.c
 *	  Locking a row by its key, and the rows that we have locked last.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#include "query.h"
#include "row_lock.h"
#include "row_memory.h"

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
	/* a table without an index can be emptied in place, unnoticed: see row_memory.c */
	if (OidIsValid(key->index))
	{
		memory_watch(tag.relid);
		locked_row_note(set, &(LockedRow) {tag, memory_epoch(), mode, tid});
	}
	return true;
}
