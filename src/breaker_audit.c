/*-------------------------------------------------------------------------
 *
 * breaker_audit.c
 *	  The audit of breakers: all of a table, by the rules of breaker_rule.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "breaker_audit.h"
#include "breaker_rule.h"

static void
audit_panel(BreakerTable *table, Relation feeds, Relation panels, HeapTuple row, ViolationSink *sink)
{
	bool		isnull;
	Datum		key = heap_getattr(row, table->def.attnum[PANEL_ID], RelationGetDescr(panels), &isnull);
	int			n;
	Breaker    *breakers = breaker_read_panel(table, feeds, key, &n);
	Panel		panel;

	if (n == 0)
		return;
	panel = breaker_read_properties(table, panels, row);
	for (int i = 0; i < n; i++)
		breakers[i].checked = true;
	breaker_check(table, feeds, &panel, key, breakers, n, sink);
}

/* All breakers of a table, panel by panel, by the same rules as a write. */
void
breaker_audit(Relation feeds, ViolationSink *sink)
{
	BreakerTable *table = breaker_table(feeds);
	Relation	panels = table_open(table->def.panel_relid, AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	SysScanDesc scan = systable_beginscan(panels, InvalidOid, false, snapshot, 0, NULL);
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext of_panel = AllocSetContextCreate(caller, "powerpanel audit", ALLOCSET_DEFAULT_SIZES);
	HeapTuple	row;

	while ((row = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(of_panel);
		audit_panel(table, feeds, panels, row, sink);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(of_panel);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	MemoryContextDelete(of_panel);
	table_close(panels, NoLock);
}
