/*-------------------------------------------------------------------------
 *
 * panel_lock.c
 *	  Locking a panel and reading it.
 *
 * Everybody who writes a breaker, or a feed to another panel, locks the panel's
 * row FOR NO KEY UPDATE: the weakest lock that two such writers, and an UPDATE of
 * the panel, cannot hold together.  It lets the foreign keys' FOR KEY SHARE pass,
 * so feeds with neither wait for nobody.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "utils/rel.h"

#include "panel_lock.h"
#include "breaker_read.h"
#include "graph_lock.h"
#include "row.h"

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
	RowKey		key;
	bool		found;

	if (memory->locked)
		return memory;

	panels = table_open(table->def.panel_relid, RowShareLock);
	/* an index that has gone was there until we had this lock */
	feed_table_must_be(table, feeds);
	slot = table_slot_create(panels, NULL);
	key = (RowKey) {table->indexes.panels_key, table->def.attnum[PANEL_ID], table->def.type[PANEL_ID]};
	found = row_lock(panels, &key, panel, LockTupleNoKeyExclusive, slot);
	if (found)
	{
		bool		should_free;
		Panel		now = breaker_read_properties(table, panels,
												  ExecFetchSlotHeapTuple(slot, true, &should_free));

		memory = remember_panel(table, panel);
		remember_locked(memory, &now);
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
panel_lock_awaited(FeedTable *table, Relation feeds, Datum panel)
{
	PanelMemory *memory = panel_lock(table, feeds, panel);

	if (memory != NULL)
		return memory;
	graph_lock_change(table->def.panel_relid);
	return panel_lock(table, feeds, panel);
}
