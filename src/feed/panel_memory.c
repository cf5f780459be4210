/*-------------------------------------------------------------------------
 *
 * panel_memory.c
 *	  The panels that this transaction has locked.
 *
 * A statement may touch a panel a hundred times; it is locked once.  That is
 * sound because
 *
 * - a lock on the panel's row is held until the transaction ends, and
 *   everybody who writes a breaker, or changes the panel, takes that lock;
 * - what a panel is like can be changed by ourselves only: triggers on the
 *   panels forget it when one is updated, deleted or given another key;
 * - a rollback to a savepoint can give up the lock, so after it all is
 *   forgotten.  Forgetting is always right, and is also what is done when one of
 *   the tables changes, and when there is too much.
 *
 * Which rows have been checked is not remembered here but in row_memory.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"

#include "panel_memory.h"

#define REMEMBERED_PANELS_MAX	100000

static HTAB *panels = NULL;
static MemoryContext panels_context = NULL;

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
	/* TopTransactionContext, in which it all lies, goes */
	panels = NULL;
	panels_context = NULL;
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId self,
				  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget_panels();
}

static void
create_memory(void)
{
	static bool registered = false;
	HASHCTL		ctl = {0};

	if (!registered)
	{
		RegisterXactCallback(on_transaction, NULL);
		RegisterSubXactCallback(on_subtransaction, NULL);
		registered = true;
	}
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
}

/*
 * The memory of a panel, new where there was none.  The answer can be used
 * until the next call, also where a query in between made us forget.
 */
PanelMemory *
remember_panel(const FeedTable *table, Datum panel)
{
	PanelKey	key;
	PanelMemory *memory;
	bool		found;

	memset(&key, 0, sizeof(key));
	key.feed_relid = table->feed_relid;
	if (table->def.key_by_value)
		memcpy(key.bytes, &panel, sizeof(Datum));
	else
		memcpy(key.bytes, DatumGetPointer(panel), Min(table->def.key_length, 16));

	if (panels == NULL || hash_get_num_entries(panels) >= REMEMBERED_PANELS_MAX)
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
void
remember_locked(PanelMemory *memory, const Panel *panel)
{
	memory->locked = true;
	memory->panel = *panel;
	memory->panel.name = MemoryContextStrdup(panels_context, panel->name);
}
