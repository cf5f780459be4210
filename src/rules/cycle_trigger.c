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

/* A column of a row, or NULL. */
static pg_uuid_t *
uuid_column(TupleTableSlot *slot, const char *column)
{
	bool		isnull;
	Datum		value = trigger_column(slot, column, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}

/*
 * A cable from an outlet is an edge from each inlet that feeds the outlet.  written
 * is the row of the two that is new.
 */
static void
check_cord(TupleTableSlot *written, TupleTableSlot *outlet, const pg_uuid_t *cable, const pg_uuid_t *to)
{
	for (int i = 0; i < OUTLET_INLETS; i++)
	{
		pg_uuid_t  *from = uuid_column(outlet, outlet_inlets[i]);

		if (from != NULL)
			cycle_check(cycle_of_ports(), written, true, cable, from, to);
	}
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
	Relation	outlets;
	TupleTableSlot *outlet_slot;
	RowKey		key;

	if (slot == NULL || (outlet = uuid_column(slot, "power_outlet_id")) == NULL)
		return PointerGetDatum(NULL);
	outlets = table_open(inventory_relid("power_outlet"), RowShareLock);
	outlet_slot = table_slot_create(outlets, NULL);
	key = row_key(outlets, "id");
	if (row_lock(outlets, &key, UUIDPGetDatum(outlet), LockTupleShare, outlet_slot))
		check_cord(slot, outlet_slot, uuid_column(slot, "id"), uuid_column(slot, "power_port_id"));
	ExecDropSingleTupleTableSlot(outlet_slot);
	table_close(outlets, NoLock);
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
	cable = row_read_now(cables, &key, UUIDPGetDatum(uuid_column(slot, "id")));
	if (cable != NULL)
	{
		TupleTableSlot *cable_slot = table_slot_create(cables, NULL);

		ExecForceStoreHeapTuple(cable, cable_slot, false);
		check_cord(slot, slot, uuid_column(cable_slot, "id"), uuid_column(cable_slot, "power_port_id"));
		ExecDropSingleTupleTableSlot(cable_slot);
	}
	table_close(cables, NoLock);
	return PointerGetDatum(NULL);
}
