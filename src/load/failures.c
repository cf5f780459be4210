/*-------------------------------------------------------------------------
 *
 * failures.c
 *	  What a caller says is to fail: the arrays panels, feeds and devices.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "failures.h"
#include "loads.h"
#include "panel_read.h"
#include "query.h"

/* The panel that a feed leaves; raises 22023 where there is no such feed. */
static pg_uuid_t
panel_of_feed(const pg_uuid_t *feed)
{
	static CheckQuery query = QUERY("SELECT power_panel_id FROM powerpanel.power_feed"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Datum		arg = UUIDPGetDatum(feed);
	QueryRows	rows;
	pg_uuid_t	panel;

	query_begin();
	rows = query_run_for_user(&query, &arg);
	if (rows.n == 0)
		no_such("power feed", feed);
	panel = *query_uuid(query_row(rows, 0), 1);
	query_end();
	return panel;
}

/* Arguments 0 to 2; raises 22004 on what is NULL, 22023 where nothing is named. */
void
failures_read(FunctionCallInfo fcinfo, Failures *failures)
{
	static const char *const names[] = {"panels", "feeds", "devices"};

	for (int i = 0; i < (int) lengthof(names); i++)
		argument_not_null(fcinfo, i, names[i]);
	failures->panels = read_id_array(PG_GETARG_ARRAYTYPE_P(0), "power panel", &failures->n_panels);
	failures->feeds = read_id_array(PG_GETARG_ARRAYTYPE_P(1), "power feed", &failures->n_feeds);
	failures->devices = read_id_array(PG_GETARG_ARRAYTYPE_P(2), "device", &failures->n_devices);
	if (failures->n_panels + failures->n_feeds + failures->n_devices == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("nothing is named that is to fail"),
				 errhint("Name panels, feeds or devices, as in panels => ARRAY[panel_id('UPS-A')].")));
}

/* The network around what is to fail. */
Network *
failures_network(const Failures *failures, int names)
{
	int			n_panels = failures->n_panels;
	int			n_feeds = failures->n_feeds;
	pg_uuid_t  *all = palloc(sizeof(pg_uuid_t) * Max(n_panels + n_feeds, 1));
	NetworkSeed seed = {
		.panels = all,
		.n_panels = n_panels + n_feeds,
		.devices = failures->devices,
		.n_devices = failures->n_devices
	};

	for (int i = 0; i < n_panels; i++)
		all[i] = failures->panels[i];
	for (int i = 0; i < n_feeds; i++)
		all[n_panels + i] = panel_of_feed(&failures->feeds[i]);
	return network_read(&seed, names);
}

/* Fails it; raises 22023 where there is no such thing. */
void
failures_run(const Failures *failures, Outage *outage)
{
	Network    *network = outage->state->network;

	for (int i = 0; i < failures->n_panels; i++)
	{
		int			panel = id_map_find(network->panel_index, &failures->panels[i]);

		if (panel < 0)
			no_such("power panel", &failures->panels[i]);
		outage_fail_panel(outage, panel);
	}
	for (int i = 0; i < failures->n_feeds; i++)
	{
		int			feed = network_feed(network, &failures->feeds[i]);

		if (feed < 0)
			no_such("power feed", &failures->feeds[i]);
		outage_fail_feed(outage, feed);
	}
	for (int i = 0; i < failures->n_devices; i++)
	{
		int			device = id_map_find(network->device_index, &failures->devices[i]);

		if (device < 0)
			no_such("device", &failures->devices[i]);
		outage_fail_device(outage, device);
	}
	outage_run(outage);
}
