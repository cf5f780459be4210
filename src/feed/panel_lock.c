/*-------------------------------------------------------------------------
 *
 * panel_lock.c
 *	  Locking a panel and reading it.
 *
 * Everybody who writes a breaker locks the panel's row FOR NO KEY UPDATE: the
 * weakest lock that two such writers, and an UPDATE of the panel, cannot hold
 * together.  It lets the foreign keys' FOR KEY SHARE pass, so feeds without
 * breaker, and destinations, wait for nobody.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "panel_lock.h"
#include "breaker_read.h"

static bool
has_key(const FeedTable *table, TupleTableSlot *slot, Datum key)
{
	bool		isnull;
	Datum		value = slot_getattr(slot, table->def.attnum[PANEL_ID], &isnull);

	return !isnull && datumIsEqual(value, key, table->def.key_by_value, table->def.key_length);
}

/* What a lock attempt has come to. */
typedef enum LockOutcome
{
	LOCKED,
	NO_SUCH_ROW,
	CHANGED						/* the row went or got another key: look again */
} LockOutcome;

/*
 * As SELECT .. FOR NO KEY UPDATE does it, see ExecLockRows(): waits for whoever
 * is changing the row and goes on to its newest version; in REPEATABLE READ and
 * above, a row that was changed while we waited is a serialization failure.
 */
static LockOutcome
lock_row(Relation panels, ItemPointer tid, Snapshot snapshot, TupleTableSlot *slot)
{
	TM_FailureData failure;
	TM_Result	result = table_tuple_lock(panels, tid, snapshot, slot, GetCurrentCommandId(false),
										  LockTupleNoKeyExclusive, LockWaitBlock,
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

static LockOutcome
find_and_lock(const FeedTable *table, Relation panels, Datum key, TupleTableSlot *slot)
{
	const FeedDefinition *def = &table->def;
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	HeapTuple	row = read_row_by_key(panels, table->indexes.panels_key, def->attnum[PANEL_ID],
									  def->type[PANEL_ID], key, snapshot);
	LockOutcome outcome = NO_SUCH_ROW;

	if (row != NULL)
		outcome = lock_row(panels, &row->t_self, snapshot, slot);
	UnregisterSnapshot(snapshot);
	if (outcome == LOCKED && !has_key(table, slot, key))
		outcome = CHANGED;
	return outcome;
}

/*
 * Locks a panel until the end of the transaction, and tells what it is like;
 * NULL where there is no such panel, which is the foreign key's business.
 */
PanelMemory *
panel_lock(FeedTable *table, Relation feeds, Datum panel)
{
	PanelMemory *memory = remember_panel(table, panel);
	Relation	panels;
	TupleTableSlot *slot;
	LockOutcome outcome;

	if (memory->locked)
		return memory;

	panels = table_open(table->def.panel_relid, RowShareLock);
	/* an index that has gone was there until we had this lock */
	feed_table_must_be(table, feeds);
	slot = table_slot_create(panels, NULL);
	do
	{
		CHECK_FOR_INTERRUPTS();
		outcome = find_and_lock(table, panels, panel, slot);
	} while (outcome == CHANGED);
	if (outcome == LOCKED)
	{
		bool		should_free;
		Panel		now = breaker_read_properties(table, panels,
												  ExecFetchSlotHeapTuple(slot, true, &should_free));

		memory = remember_panel(table, panel);
		remember_locked(memory, &now);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_close(panels, NoLock);
	return outcome == LOCKED ? memory : NULL;
}
