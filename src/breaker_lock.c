/*-------------------------------------------------------------------------
 *
 * breaker_lock.c
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

#include "breaker_lock.h"

static void
read_panel(Panel *panel)
{
	bool		isnull;
	Datum		positions = query_value(0, 2, &isnull);

	panel->name = query_text(0, 1);
	panel->circuit_positions = isnull ? 0 : DatumGetInt32(positions);
	panel->numbering = numbering_from_label(query_text(0, 3));
	panel->bus = bus_from_label(query_text(0, 4));
}

/*
 * Locks a panel until the end of the transaction, and tells what it is like;
 * NULL where there is no such panel, which is the foreign key's business.
 */
PanelMemory *
breaker_lock_panel(BreakerTable *table, Datum panel)
{
	PanelMemory *memory = remember_panel(table, panel);
	Panel		now;

	if (memory->locked)
		return memory;

	query_begin();
	if (query_run(&table->lock_panel, table->def.panel_relid, &panel) > 0)
	{
		read_panel(&now);
		memory = remember_panel(table, panel);
		remember_locked(memory, &now);
	}
	else
		memory = NULL;
	query_end();
	return memory;
}
