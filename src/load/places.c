/*-------------------------------------------------------------------------
 *
 * places.c
 *	  Where something could go: panels of a location, and places on them.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"

#include "panel_read.h"
#include "places.h"
#include "query.h"

/* Raises 22023 where there is no such location. */
static void
location_must_exist(const pg_uuid_t *location)
{
	static CheckQuery query = QUERY("SELECT 1 FROM powerpanel.location"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);

	must_exist(&query, "location", location);
}

/* The panels in a location and in those that it contains, in the current memory context. */
static pg_uuid_t *
panels_of_location(const pg_uuid_t *location, int *n)
{
	static CheckQuery query = QUERY(
		"WITH RECURSIVE down (id) AS (SELECT $1 UNION"
		" SELECT l.id FROM down JOIN powerpanel.location l ON l.parent_id OPERATOR(pg_catalog.=) down.id)"
		" SELECT p.id FROM down JOIN powerpanel.power_panel p ON p.location_id OPERATOR(pg_catalog.=) down.id",
		UUIDOID);
	MemoryContext caller = CurrentMemoryContext;
	Datum		arg = UUIDPGetDatum(location);
	QueryRows	rows;
	pg_uuid_t  *panels;

	query_begin();
	location_must_exist(location);
	rows = query_run_for_user(&query, &arg);
	*n = (int) rows.n;
	panels = MemoryContextAllocHuge(caller, sizeof(pg_uuid_t) * (Size) Max(*n, 1));
	for (int i = 0; i < *n; i++)
		panels[i] = *query_uuid(query_row(rows, i), 1);
	query_end();
	return panels;
}

/*
 * The network around the panels in a location, which argument 0 names, and in those
 * that it contains, or all; and which of its panels these are.
 */
Network *
places_read(FunctionCallInfo fcinfo, bool in_location, bool **wanted)
{
	NetworkSeed seed = {0};
	Network    *network;

	if (!in_location)
	{
		network = network_read(NULL, NAMES_OF_FEEDS);
		*wanted = huge_array(bool, network->n_panels);
		memset(*wanted, true, network->n_panels);
		return network;
	}
	argument_not_null(fcinfo, 0, "location");
	seed.panels = panels_of_location(PG_GETARG_UUID_P(0), &seed.n_panels);
	network = network_read(&seed, NAMES_OF_FEEDS);
	*wanted = zeroed_array(bool, network->n_panels);
	for (int i = 0; i < seed.n_panels; i++)
	{
		int			panel = id_map_find(network->panel_index, &seed.panels[i]);

		if (panel >= 0)
			(*wanted)[panel] = true;
	}
	return network;
}

/* The positions that breakers occupy, whatever the status of their feeds. */
static PositionBits
occupied_positions(const Network *network, int panel)
{
	const NetPanel *p = &network->panels[panel];
	PositionBits taken = {{0}};

	for (int s = p->out.first; s < p->out.end; s++)
	{
		const NetFeed *feed = &network->feeds[network->feeds_out[s]];

		if (feed->position > 0)
			breaker_add_positions(&taken, p->numbering, feed->position, feed->poles);
	}
	return taken;
}

/* As panel_positions counts them; -1 where the panel's size is not known. */
int
panel_free_count(const Network *network, int panel)
{
	PositionBits taken = occupied_positions(network, panel);
	int			free = 0;

	if (network->panels[panel].circuit_positions == 0)
		return -1;
	for (int p = 1; p <= network->panels[panel].circuit_positions; p++)
		free += !position_has(&taken, p);
	return free;
}

/* As find_breaker_position() finds it; 0 where there is none. */
int
panel_first_place(const Network *network, int panel, int poles)
{
	const NetPanel *p = &network->panels[panel];
	PositionBits taken = occupied_positions(network, panel);

	return first_free_place(&taken, p->numbering, p->bus, p->circuit_positions, poles);
}
