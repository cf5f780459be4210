/*-------------------------------------------------------------------------
 *
 * simulate_outage.c
 *	  simulate_outage(): what changes when some panels, feeds and devices fail.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "failures.h"
#include "loads.h"
#include "overloads.h"
#include "trips.h"

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

/* simulate_outage(panels, feeds, devices, trip_at) */
Datum
simulate_outage(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool		with_trips = !PG_ARGISNULL(3);
	double		trip_at = with_trips ? positive_argument(fcinfo, 3, "trip_at") : 0;
	Failures	failures;
	Outage	   *outage;
	Trips	   *trips;
	OutageRow  *rows;
	int			n;

	failures_read(fcinfo, &failures);
	InitMaterializedSRF(fcinfo, 0);
	outage = outage_create(power_state_compute(failures_network(&failures, NAMES_OF_FEEDS | NAMES_OF_DEVICES)));
	trips = with_trips ? trips_create(outage, trip_at) : NULL;
	failures_run(&failures, outage);
	if (with_trips)
		(void) trips_run(trips, NULL, NULL);

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
