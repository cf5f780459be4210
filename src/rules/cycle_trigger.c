/*-------------------------------------------------------------------------
 *
 * cycle_trigger.c
 *	  The triggers of the rules on panel and cable loops: which edges a row
 *	  makes.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "utils/rel.h"

#include "cycle.h"
#include "cycle_nodes.h"
#include "feed_table.h"
#include "inventory.h"
#include "key_uuid.h"
#include "query.h"
#include "row.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_cable_cycle);
PG_FUNCTION_INFO_V1(check_outlet_cycle);

/* A feed with a destination is an edge between panels. */
void
feed_cycle_check_row(Relation feeds, TupleTableSlot *slot)
{
	static const FeedColumn columns[] = {FEED_ID, FEED_PANEL, FEED_DESTINATION};
	FeedTable *table = feed_table(feeds);
	pg_uuid_t	keys[lengthof(columns)];

	if (!has_column(table, FEED_DESTINATION))
		return;
	for (size_t i = 0; i < lengthof(columns); i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(slot, table->def.attnum[columns[i]], &isnull);

		if (isnull)
			return;
		keys[i] = key_uuid(table->def.type[columns[i]], value);
	}
	cycle_check(cycle_of_panels(table), slot, true, &keys[0], &keys[1], &keys[2]);
}

/* A panel has got its key, and feeds may have come before it: see check_panel(). */
void
feed_cycle_check_panel(FeedTable *table, TupleTableSlot *slot)
{
	pg_uuid_t	panel = key_uuid(table->def.type[PANEL_ID], feed_table_key(table, PANEL_ID, slot));

	cycle_check_node(cycle_of_panels(table), &panel);
}

/*
 * A cable from an outlet is an edge from each inlet that feeds the outlet.  written
 * is the row of the two that is new.
 */
static void
check_cord(TupleTableSlot *written, const pg_uuid_t *inlets, int n, const pg_uuid_t *cable, const pg_uuid_t *to)
{
	for (int i = 0; i < n; i++)
		cycle_check(cycle_of_ports(), written, true, cable, &inlets[i], to);
}

/*
 * On cable.  The outlet is locked FOR SHARE, so that who gives it another inlet
 * comes before us, and is seen here, or after us, and sees the cable.  Outlets
 * without a cable make no edge and need no check.
 */
Datum
check_cable_cycle(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_cable_cycle", "cable");
	TupleTableSlot *slot = trigger_live_row(trigger);
	pg_uuid_t  *outlet;
	pg_uuid_t	inlets[OUTLET_INLETS];

	if (slot != NULL && (outlet = trigger_uuid(slot, "power_outlet_id")) != NULL)
		check_cord(slot, inlets, outlet_lock(outlet, inlets),
				   trigger_uuid(slot, "id"), trigger_uuid(slot, "power_port_id"));
	return PointerGetDatum(NULL);
}

/* On power_outlet, after an UPDATE of its inlets: its row is locked by that. */
Datum
check_outlet_cycle(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_outlet_cycle", "power_outlet");
	TupleTableSlot *slot = trigger_live_row(trigger);
	Relation	cables;
	RowKey		key;
	HeapTuple	cable;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	cables = table_open(inventory_relid("cable"), AccessShareLock);
	key = row_key(cables, "power_outlet_id");
	cable = row_read_now(cables, &key, UUIDPGetDatum(trigger_uuid(slot, "id")));
	if (cable != NULL)
	{
		TupleTableSlot *cable_slot = table_slot_create(cables, NULL);
		pg_uuid_t	inlets[OUTLET_INLETS];

		ExecForceStoreHeapTuple(cable, cable_slot, false);
		check_cord(slot, inlets, outlet_inlets(slot, inlets),
				   trigger_uuid(cable_slot, "id"), trigger_uuid(cable_slot, "power_port_id"));
		ExecDropSingleTupleTableSlot(cable_slot);
	}
	table_close(cables, NoLock);
	return PointerGetDatum(NULL);
}
