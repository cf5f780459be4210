/*-------------------------------------------------------------------------
 *
 * panel_lock.c
 *	  Locking a panel and reading it, once in a transaction.
 *
 * Everybody who writes a breaker, or a feed to another panel, locks the panel's
 * row FOR NO KEY UPDATE: the weakest lock that two such writers, and an UPDATE of
 * the panel, cannot hold together.  It lets the foreign keys' FOR KEY SHARE pass,
 * so feeds with neither wait for nobody.
 *
 * A statement may touch a panel a hundred times; it is locked once, and what it
 * is like is remembered.  That is sound because
 *
 * - a lock on the panel's row is held until the transaction ends, and
 *   everybody who writes a breaker, or changes the panel, takes that lock;
 * - what a panel is like can be changed by ourselves only: triggers on the
 *   panels forget it when one is updated, and so do the checks of a panel, which
 *   may be brought forward and then come before that.  Where one of the triggers
 *   was disabled, nothing is remembered.  Nor is it once a panel was deleted or
 *   given another key, which another panel may come to have: a trigger that sorts
 *   after ours could have the panel locked again before it goes;
 * - a rollback to a savepoint can give up the lock, so after it all is
 *   forgotten.  Forgetting is always right, and is also what is done when one of
 *   the tables changes, and when there is too much.
 *
 * Which rows have been checked is not remembered here but in row_memory.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "breaker_read.h"
#include "graph_lock.h"
#include "panel_lock.h"
#include "row.h"
#include "row_lock.h"

#define REMEMBERED_PANELS_MAX	100000

static HTAB *panels = NULL;
static MemoryContext panels_context = NULL;
static uint64 panels_changes;	/* feed_table_changes() when they were made */
static bool keys_pass_on = false;	/* in this transaction, see forget_panel_keys() */

/*
 * Forgets everything.  The memory itself goes with the transaction, or with
 * the next remember_panel().
 */
void
forget_panels(void)
{
	panels = NULL;
}

static void
on_transaction(XactEvent event, void *arg)
{
	/* TopTransactionContext goes, and all of it with that */
	panels = NULL;
	panels_context = NULL;
	keys_pass_on = false;
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId self,
				  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_panels();
}

static void
register_callbacks(void)
{
	static bool registered = false;

	if (registered)
		return;
	RegisterXactCallback(on_transaction, NULL);
	RegisterSubXactCallback(on_subtransaction, NULL);
	registered = true;
}

/*
 * The same, and until the transaction ends nothing is remembered: the key of a panel
 * is given up, and another may come to have it.
 */
void
forget_panel_keys(void)
{
	register_callbacks();
	forget_panels();
	keys_pass_on = true;
}

static void
create_memory(void)
{
	HASHCTL		ctl = {0};

	register_callbacks();
	if (panels_context != NULL)
		MemoryContextReset(panels_context);
	else
		panels_context = AllocSetContextCreate(TopTransactionContext,
											   "powerpanel panels", ALLOCSET_DEFAULT_SIZES);
	ctl.keysize = sizeof(PanelKey);
	ctl.entrysize = sizeof(PanelMemory);
	ctl.hcxt = panels_context;
	panels = hash_create("powerpanel panels", 256, &ctl,
						 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	panels_changes = feed_table_changes();
}

/*
 * The memory of a panel, new where there was none.  The answer can be used
 * until the next call, also where a query in between made us forget.
 */
static PanelMemory *
remember_panel(const BreakerPanel *at)
{
	const FeedDefinition *def = &at->table->def;
	PanelKey	key;
	PanelMemory *memory;
	bool		found;

	memset(&key, 0, sizeof(key));
	key.feed_relid = at->table->feed_relid;
	if (def->key_by_value)
		memcpy(key.bytes, &at->key, sizeof(Datum));
	else
		memcpy(key.bytes, DatumGetPointer(at->key), Min(def->key_length, 16));

	if (panels == NULL || panels_changes != feed_table_changes() ||
		hash_get_num_entries(panels) >= REMEMBERED_PANELS_MAX)
		create_memory();
	memory = hash_search(panels, &key, HASH_ENTER, &found);
	if (!found)
	{
		memory->locked = false;
		memory->probed = InvalidCommandId;
	}
	return memory;
}

/* Notes what a panel that we have locked is like. */
static void
remember_locked(PanelMemory *memory, const Panel *panel, bool lasts)
{
	memory->locked = lasts;
	memory->panel = *panel;
	memory->panel.name = MemoryContextStrdup(panels_context, panel->name);
}

/*
 * Locks a panel until the end of the transaction, and tells what it is like;
 * NULL where there is no such panel, which is the foreign key's business.
 */
PanelMemory *
panel_lock(const BreakerPanel *at)
{
	const FeedTable *table = at->table;
	PanelMemory *memory = remember_panel(at);
	Relation	panels;
	TupleTableSlot *slot;
	RowKey		key;
	bool		found;

	if (memory->locked)
		return memory;

	panels = table_open(table->def.panel_relid, RowShareLock);
	/* until we had this lock, somebody may have dropped an index */
	feed_table_must_be(table, at->feeds);
	slot = table_slot_create(panels, NULL);
	key = (RowKey) {table->indexes.panels_key, table->def.attnum[PANEL_ID], table->def.type[PANEL_ID]};
	found = row_lock(panels, &key, at->key, LockTupleNoKeyExclusive, slot);
	if (found)
	{
		bool		should_free;
		Panel		now = breaker_read_properties(table, panels,
												  ExecFetchSlotHeapTuple(slot, true, &should_free));

		memory = remember_panel(at);
		remember_locked(memory, &now, table->tells_of_panels && !keys_pass_on);
	}
	ExecDropSingleTupleTableSlot(slot);
	table_close(panels, NoLock);
	return found ? memory : NULL;
}

/*
 * The same of a panel that need not be there yet.  A feed whose foreign key is
 * deferred may come before its panel.  The one who inserts the panel then checks
 * it (check_panel): either we see the panel once we have this lock, or
 * that one sees our feed.
 */
PanelMemory *
panel_lock_awaited(const BreakerPanel *at)
{
	PanelMemory *memory = panel_lock(at);

	if (memory != NULL)
		return memory;
	graph_lock_change(at->table->def.panel_relid);
	return panel_lock(at);
}
