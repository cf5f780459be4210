/*-------------------------------------------------------------------------
 *
 * cycle_nodes.c
 *	  The nodes of the graphs of panels and of ports.
 *
 * A panel is locked as for its breakers (panel_lock.c), whichever end of an edge
 * it is.  A port is locked FOR SHARE as one that an edge leaves, so that servers
 * can be cabled to one rack PDU at the same time, and FOR NO KEY UPDATE as one
 * that an edge enters; no more than one cable does.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "breaker_read.h"
#include "cycle_nodes.h"
#include "inventory.h"
#include "key_uuid.h"
#include "panel_lock.h"
#include "query.h"
#include "row.h"
#include "row_lock.h"
#include "trigger.h"

static const char *const inlet_columns[OUTLET_INLETS] = {"power_port_id", "alternate_power_port_id"};

static bool
panel_node_lock(FeedTable *table, const pg_uuid_t *node, bool entered)
{
	Relation	feeds = table_open(table->feed_relid, AccessShareLock);
	BreakerPanel at = {
		.table = feed_table(feeds),
		.feeds = feeds,
		.key = uuid_key(table->def.type[PANEL_ID], node)
	};
	bool		found = panel_lock_awaited(&at) != NULL;

	table_close(feeds, NoLock);
	return found;
}

static bool
panel_node_leads_on(FeedTable *table, const pg_uuid_t *node)
{
	Relation	feeds = table_open(table->feed_relid, AccessShareLock);
	BreakerPanel at = {.table = table, .feeds = feeds, .key = uuid_key(table->def.type[PANEL_ID], node)};
	bool		found = breaker_panel_feeds_panels(&at);

	table_close(feeds, NoLock);
	return found;
}

static void
panel_node_add_above(FeedTable *table, const pg_uuid_t *node, Graph *above)
{
	const FeedDefinition *def = &table->def;
	Relation	feeds = table_open(table->feed_relid, AccessShareLock);
	RowKey		by_destination = row_key(feeds, NameStr(def->column[FEED_DESTINATION]));
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	feed;

	ScanKeyInit(&key, by_destination.attnum, BTEqualStrategyNumber, key_equality(by_destination.type),
				uuid_key(by_destination.type, node));
	scan = systable_beginscan(feeds, by_destination.index, OidIsValid(by_destination.index), snapshot, 1, &key);
	while ((feed = systable_getnext(scan)) != NULL)
	{
		bool		isnull;
		Datum		panel = heap_getattr(feed, def->attnum[FEED_PANEL], RelationGetDescr(feeds), &isnull);
		bool		found;
		pg_uuid_t	uuid;

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		uuid = key_uuid(def->type[FEED_PANEL], panel);
		(void) graph_node(above, &uuid, &found);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	table_close(feeds, NoLock);
}

/* To lock an end that need not be would let those wait who write breakers there. */
const CycleNodes panel_nodes = {panel_node_lock, panel_node_leads_on, NULL, NULL, panel_node_add_above};

static bool
port_node_lock(FeedTable *unused, const pg_uuid_t *node, bool entered)
{
	Relation	ports = table_open(inventory_relid("power_port"), RowShareLock);
	RowKey		key = row_key(ports, "id");
	TupleTableSlot *slot = table_slot_create(ports, NULL);
	bool		found = row_lock(ports, &key, UUIDPGetDatum(node),
								 entered ? LockTupleNoKeyExclusive : LockTupleShare, slot);

	ExecDropSingleTupleTableSlot(slot);
	table_close(ports, NoLock);
	return found;
}

/* Has one of the outlets that name a port in this column a cable? */
static bool
has_cabled_outlet(Relation outlets, Relation cables, const char *inlet, const pg_uuid_t *port)
{
	RowKey		by_inlet = row_key(outlets, inlet);
	RowKey		by_outlet = row_key(cables, "power_outlet_id");
	AttrNumber	id = row_key(outlets, "id").attnum;
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	bool		found = false;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	outlet;

	ScanKeyInit(&key, by_inlet.attnum, BTEqualStrategyNumber, key_equality(by_inlet.type),
				UUIDPGetDatum(port));
	scan = systable_beginscan(outlets, by_inlet.index, OidIsValid(by_inlet.index), snapshot, 1, &key);
	while (!found && (outlet = systable_getnext(scan)) != NULL)
	{
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		found = row_read(cables, &by_outlet,
						 heap_getattr(outlet, id, RelationGetDescr(outlets), &isnull), snapshot) != NULL;
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return found;
}

static bool
port_node_leads_on(FeedTable *unused, const pg_uuid_t *node)
{
	Relation	outlets = table_open(inventory_relid("power_outlet"), AccessShareLock);
	Relation	cables = table_open(inventory_relid("cable"), AccessShareLock);
	bool		found = false;

	for (int i = 0; i < OUTLET_INLETS && !found; i++)
		found = has_cabled_outlet(outlets, cables, inlet_columns[i], node);
	table_close(cables, NoLock);
	table_close(outlets, NoLock);
	return found;
}

/*
 * A cable from an outlet enters it, whether the outlet has an inlet or not.  Rack PDUs
 * are mostly cabled to a feed.
 */
static bool
port_node_is_fed(FeedTable *unused, const pg_uuid_t *node)
{
	Relation	cables = table_open(inventory_relid("cable"), AccessShareLock);
	RowKey		key = row_key(cables, "power_port_id");
	HeapTuple	cable = row_read_now(cables, &key, UUIDPGetDatum(node));
	bool		found = cable != NULL &&
		!heap_attisnull(cable, row_key(cables, "power_outlet_id").attnum, RelationGetDescr(cables));

	table_close(cables, NoLock);
	return found;
}

/* The inlets that feed an outlet, and how many there are. */
int
outlet_inlets(TupleTableSlot *outlet, pg_uuid_t *inlets)
{
	int			n = 0;

	for (int i = 0; i < OUTLET_INLETS; i++)
	{
		pg_uuid_t  *inlet = trigger_uuid(outlet, inlet_columns[i]);

		if (inlet != NULL)
			inlets[n++] = *inlet;
	}
	return n;
}

/*
 * Locks an outlet that a cable leaves, and tells the inlets that feed it.  FOR SHARE,
 * so that who gives it another inlet comes before us, and is seen here, or after us,
 * and sees the cable.
 */
int
outlet_lock(const pg_uuid_t *outlet, pg_uuid_t *inlets)
{
	Relation	outlets = table_open(inventory_relid("power_outlet"), RowShareLock);
	RowKey		key = row_key(outlets, "id");
	TupleTableSlot *slot = table_slot_create(outlets, NULL);
	int			n = row_lock(outlets, &key, UUIDPGetDatum(outlet), LockTupleShare, slot) ?
		outlet_inlets(slot, inlets) : 0;

	ExecDropSingleTupleTableSlot(slot);
	table_close(outlets, NoLock);
	return n;
}

const CycleNodes port_nodes = {port_node_lock, port_node_leads_on, port_node_is_fed, outlet_lock, NULL};
