/*-------------------------------------------------------------------------
 *
 * simulate_outage.c
 *	  simulate_outage(): what changes when some panels, feeds and devices fail.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "outage.h"
#include "panel_read.h"
#include "loads.h"
#include "query.h"

PG_FUNCTION_INFO_V1(simulate_outage);

/* One row of the answer. */
typedef struct OutageRow
{
	int			kind;			/* 0 panel, 1 feed, 2 device: their order */
	const char *name;
	const pg_uuid_t *id;
	const char *before;
	const char *after;
	double		load_before;
	double		load_after;
	double		available;		/* negative where there is none */
	bool		overloaded;
} OutageRow;

static bool
load_changed(Load before, Load after)
{
	return fabs(basis(after) - basis(before)) > LOAD_TOLERANCE;
}

static const char *
on_off(bool on)
{
	return on ? "energized" : "off";
}

static int
collect_panels(const Outage *outage, OutageRow *rows)
{
	const PowerState *state = outage->state;
	int			n = 0;

	for (int i = 0; i < outage->n_panels; i++)
	{
		const ChangedPanel *c = &outage->panels[i];
		const PanelState *now = &state->panels[c->index];

		if (c->before.on == now->on && !load_changed(c->before.load, now->load))
			continue;
		rows[n++] = (OutageRow) {
			.kind = 0,
			.name = state->network->panels[c->index].name,
			.id = &state->network->panels[c->index].id,
			.before = on_off(c->before.on),
			.after = on_off(now->on),
			.load_before = basis(c->before.load),
			.load_after = basis(now->load),
			.available = now->capacity,
			.overloaded = panel_overloaded(state, c->index)
		};
	}
	return n;
}

static int
collect_feeds(const Outage *outage, OutageRow *rows)
{
	const PowerState *state = outage->state;
	int			n = 0;

	for (int i = 0; i < outage->n_feeds; i++)
	{
		const ChangedFeed *c = &outage->feeds[i];
		const FeedState *now = &state->feeds[c->index];

		if (c->before.on == now->on && !load_changed(c->before.load, now->load))
			continue;
		rows[n++] = (OutageRow) {
			.kind = 1,
			.name = state->network->feeds[c->index].name,
			.id = &state->network->feeds[c->index].id,
			.before = on_off(c->before.on),
			.after = on_off(now->on),
			.load_before = basis(c->before.load),
			.load_after = basis(now->load),
			.available = state->network->feeds[c->index].available,
			.overloaded = feed_overloaded(state, c->index)
		};
	}
	return n;
}

static int
collect_devices(const Outage *outage, OutageRow *rows)
{
	const PowerState *state = outage->state;
	int			n = 0;

	for (int i = 0; i < outage->n_devices; i++)
	{
		const ChangedDevice *c = &outage->devices[i];
		DeviceState before = device_state_with(state->network, c->index, &c->before);
		DeviceState after = device_state(state, c->index);
		Load		load = state->devices[c->index].load;

		/* one without cords has no state */
		if (after == DEVICE_NONE || (before == after && !load_changed(c->before.load, load)))
			continue;
		rows[n++] = (OutageRow) {
			.kind = 2,
			.name = state->network->devices[c->index].name,
			.id = &state->network->devices[c->index].id,
			.before = device_state_label(before),
			.after = device_state_label(after),
			.load_before = basis(c->before.load),
			.load_after = basis(load),
			.available = -1,
			.overloaded = device_overloaded(state, c->index)
		};
	}
	return n;
}

static int
compare_rows(const void *a, const void *b)
{
	const OutageRow *x = (const OutageRow *) a;
	const OutageRow *y = (const OutageRow *) b;
	int			c = x->kind - y->kind;

	if (c == 0)
		c = strcmp(x->name, y->name);
	return c != 0 ? c : memcmp(x->id, y->id, UUID_LEN);
}

static void
put_row(ReturnSetInfo *rsinfo, const OutageRow *row)
{
	static const char *const kinds[] = {"power_panel", "power_feed", "device"};
	Datum		values[9];
	bool		nulls[9] = {false};

	values[0] = CStringGetTextDatum(kinds[row->kind]);
	values[1] = UUIDPGetDatum(row->id);
	values[2] = CStringGetTextDatum(row->name);
	values[3] = CStringGetTextDatum(row->before);
	values[4] = CStringGetTextDatum(row->after);
	values[5] = Float8GetDatum(row->load_before);
	values[6] = Float8GetDatum(row->load_after);
	nulls[7] = row->available < 0;
	values[7] = Float8GetDatum(row->available);
	values[8] = BoolGetDatum(row->overloaded);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

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

/* What is to fail. */
typedef struct Failures
{
	pg_uuid_t  *panels;
	pg_uuid_t  *feeds;
	pg_uuid_t  *devices;
	int			n_panels;
	int			n_feeds;
	int			n_devices;
} Failures;

/* Raises 22004 on what is NULL, 22023 where nothing is named. */
static void
read_failures(FunctionCallInfo fcinfo, Failures *failures)
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
				 errhint("Name panels, feeds or devices, as in simulate_outage(panels => ARRAY[panel_id('UPS-A')]).")));
}

/* The network around what fails. */
static Network *
read_network(const Failures *failures)
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
	return network_read(&seed, NAMES_OF_FEEDS | NAMES_OF_DEVICES);
}

static void
fail(Outage *outage, const Failures *failures)
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

/* simulate_outage(panels, feeds, devices) */
Datum
simulate_outage(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Failures	failures;
	Outage	   *outage;
	OutageRow  *rows;
	int			n;

	read_failures(fcinfo, &failures);
	InitMaterializedSRF(fcinfo, 0);
	outage = outage_create(power_state_compute(read_network(&failures)));
	fail(outage, &failures);

	rows = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(OutageRow) *
								  (Size) Max(outage->n_panels + outage->n_feeds + outage->n_devices, 1));
	n = collect_panels(outage, rows);
	n += collect_feeds(outage, rows + n);
	n += collect_devices(outage, rows + n);
	qsort(rows, n, sizeof(OutageRow), compare_rows);
	for (int i = 0; i < n; i++)
		put_row(rsinfo, &rows[i]);
	return (Datum) 0;
}
