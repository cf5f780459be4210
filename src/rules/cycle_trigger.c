/*-------------------------------------------------------------------------
 *
 * cycle_trigger.c
 *	  The triggers of the rules on panel and cable loops: which edge a row is,
 *	  and which lock it needs.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/sysattr.h"
#include "catalog/pg_type.h"
#include "utils/rel.h"

#include "cycle.h"
#include "feed_table.h"
#include "graph_lock.h"
#include "key_uuid.h"
#include "query.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_cable_cycle);
PG_FUNCTION_INFO_V1(check_outlet_cycle);

static CommandId
row_command(TupleTableSlot *slot)
{
	bool		isnull;

	return DatumGetCommandId(slot_getsysattr(slot, MinCommandIdAttributeNumber, &isnull));
}

static pg_uuid_t *
uuid_column(TupleTableSlot *slot, const char *column)
{
	bool		isnull;
	Datum		value = trigger_column(slot, column, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}

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
	graph_lock_change(RelationGetRelid(feeds));
	cycle_check(cycle_of_panels(table), true, row_command(slot), &keys[0], &keys[1], &keys[2]);
}

/* Does a port feed outlets? */
static bool
port_has_outlets(const pg_uuid_t *port)
{
	static CheckQuery outlets = QUERY("SELECT 1 FROM powerpanel.power_outlet"
								 " WHERE power_port_id OPERATOR(pg_catalog.=) $1"
								 " OR alternate_power_port_id OPERATOR(pg_catalog.=) $1 LIMIT 1", UUIDOID);
	Datum		arg = UUIDPGetDatum(port);
	bool		found;

	query_begin();
	found = query_run(&outlets, inventory_relid("power_outlet"), &arg) > 0;
	query_end();
	return found;
}

/*
 * Locks the device graph for a cable into a port.  A cable into a port that
 * feeds no outlet closes no loop, so cabling servers takes the shared lock
 * only.  That is sound because an outlet that is given a port takes the
 * exclusive one: either it was first, and then it is seen here once the shared
 * lock is granted, or it comes later, and then it sees the cable.
 */
static bool
lock_for_cable(Oid cables, const pg_uuid_t *port)
{
	if (!port_has_outlets(port))
	{
		graph_lock_read(cables);
		if (!port_has_outlets(port))
			return false;
	}
	graph_lock_change(cables);
	return true;
}

/* The ports that may feed an outlet, the first one first; how many there are. */
static int
outlet_ports(const pg_uuid_t *outlet, pg_uuid_t *ports)
{
	static CheckQuery query = QUERY("SELECT power_port_id, alternate_power_port_id"
							   " FROM powerpanel.power_outlet"
							   " WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Datum		arg = UUIDPGetDatum(outlet);
	int			n = 0;

	query_begin();
	if (query_run(&query, inventory_relid("power_outlet"), &arg) > 0)
		for (int column = 1; column <= 2; column++)
		{
			pg_uuid_t  *port = query_uuid(0, column);

			if (port != NULL)
				ports[n++] = *port;
		}
	query_end();
	return n;
}

/* On cable: a cable from an outlet is an edge from each of the outlet's ports. */
Datum
check_cable_cycle(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_cable_cycle", "cable");
	TupleTableSlot *slot = trigger_live_row(trigger);
	pg_uuid_t  *outlet;
	pg_uuid_t  *to;
	pg_uuid_t	from[2];
	int			n;

	if (slot == NULL || (outlet = uuid_column(slot, "power_outlet_id")) == NULL)
		return PointerGetDatum(NULL);
	to = uuid_column(slot, "power_port_id");
	if (!lock_for_cable(RelationGetRelid(trigger->tg_relation), to))
		return PointerGetDatum(NULL);
	n = outlet_ports(outlet, from);
	for (int i = 0; i < n; i++)
		cycle_check(cycle_of_ports(), true, row_command(slot), uuid_column(slot, "id"), &from[i], to);
	return PointerGetDatum(NULL);
}

/* The cable of an outlet and the port it leads to; false where there is none. */
static bool
outlet_cable(const pg_uuid_t *outlet, pg_uuid_t *cable, pg_uuid_t *port)
{
	static CheckQuery query = QUERY("SELECT id, power_port_id FROM powerpanel.cable"
							   " WHERE power_outlet_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Datum		arg = UUIDPGetDatum(outlet);
	bool		found;

	query_begin();
	found = query_run(&query, inventory_relid("cable"), &arg) > 0;
	if (found)
	{
		*cable = *query_uuid(0, 1);
		*port = *query_uuid(0, 2);
	}
	query_end();
	return found;
}

/* On power_outlet: an outlet that is fed by ports extends the ports' edges. */
Datum
check_outlet_cycle(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_outlet_cycle", "power_outlet");
	TupleTableSlot *slot = trigger_live_row(trigger);
	static const char *const inlets[] = {"power_port_id", "alternate_power_port_id"};
	pg_uuid_t	cable;
	pg_uuid_t	to;

	/* there is no alternate without a first one */
	if (slot == NULL || uuid_column(slot, inlets[0]) == NULL)
		return PointerGetDatum(NULL);
	graph_lock_change(inventory_relid("cable"));
	if (!outlet_cable(uuid_column(slot, "id"), &cable, &to))
		return PointerGetDatum(NULL);
	for (size_t i = 0; i < lengthof(inlets); i++)
	{
		pg_uuid_t  *from = uuid_column(slot, inlets[i]);

		if (from != NULL)
			cycle_check(cycle_of_ports(), true, row_command(slot), &cable, from, &to);
	}
	return PointerGetDatum(NULL);
}
