/*-------------------------------------------------------------------------
 *
 * contingency.c
 *	  contingency(): what the failure of each one thing does (N-1 analysis).
 *
 * Each outage is computed on top of the state as it is now and undone, so it
 * costs what it touches.  So do the trips that follow: what would open in parts
 * of the network that the outage does not touch opens in each of these outages,
 * and is counted once.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "loads.h"
#include "trips.h"

PG_FUNCTION_INFO_V1(contingency);

typedef struct Impact
{
	int			devices_dark;
	int			devices_degraded;
	int			feeds_overloaded;
	int			panels_overloaded;
	double		worst_utilization;	/* negative where there is none */
	int			trips;
	int			devices_dark_after_trips;
} Impact;

/* Energized feeds with available power, the highest utilization first. */
typedef struct Ranking
{
	const PowerState *state;
	int		   *feeds;
	int			n;
} Ranking;

/* Percent; negative where the feed has no part in it. */
static double
feed_utilization(const PowerState *state, int feed)
{
	double		available = state->network->feeds[feed].available;

	if (!state->feeds[feed].on || available <= 0)
		return -1;
	return 100 * feed_heaviest(state, feed) / available;
}

static int
compare_utilization(const void *a, const void *b, void *arg)
{
	const PowerState *state = (const PowerState *) arg;
	double		x = feed_utilization(state, *(const int *) a);
	double		y = feed_utilization(state, *(const int *) b);

	return x > y ? -1 : x < y ? 1 : 0;
}

static void
rank_feeds(Ranking *ranking, const PowerState *state)
{
	ranking->state = state;
	ranking->n = 0;
	ranking->feeds = MemoryContextAllocHuge(CurrentMemoryContext,
											sizeof(int) * (Size) Max(state->network->n_feeds, 1));
	for (int f = 0; f < state->network->n_feeds; f++)
		if (feed_utilization(state, f) >= 0)
			ranking->feeds[ranking->n++] = f;
	qsort_arg(ranking->feeds, ranking->n, sizeof(int), compare_utilization, (void *) state);
}

/* The highest of the feeds that did not change, and of those that did. */
static double
worst_utilization(const Outage *outage, const Ranking *ranking)
{
	double		worst = -1;

	for (int i = 0; i < ranking->n; i++)
		if (!outage_changed_feed(outage, ranking->feeds[i]))
		{
			worst = feed_utilization(outage->state, ranking->feeds[i]);
			break;
		}
	for (int i = 0; i < outage->n_feeds; i++)
		worst = Max(worst, feed_utilization(outage->state, outage->feeds[i].index));
	return worst;
}

/*
 * How what has changed is in the outage: the flags of one are set while the outage
 * is in force, and looked at when all is as it was before.
 */
typedef struct Flags
{
	DeviceState *devices;
	bool	   *feeds;
	bool	   *panels;
	int			n_devices;		/* how many had changed; trips change more */
	int			n_feeds;
	int			n_panels;
} Flags;

static void
note_changed(const Outage *outage, Flags *flags)
{
	const PowerState *state = outage->state;

	flags->n_devices = outage->n_devices;
	flags->n_feeds = outage->n_feeds;
	flags->n_panels = outage->n_panels;
	for (int i = 0; i < outage->n_devices; i++)
		flags->devices[i] = device_state(state, outage->devices[i].index);
	for (int i = 0; i < outage->n_feeds; i++)
		flags->feeds[i] = feed_overloaded(state, outage->feeds[i].index);
	for (int i = 0; i < outage->n_panels; i++)
		flags->panels[i] = panel_overloaded(state, outage->panels[i].index);
}

/* Counts what is so in the outage, by the flags, and is not so now. */
static void
count_becoming(const Outage *outage, const Flags *flags, Impact *impact)
{
	const PowerState *state = outage->state;

	for (int i = 0; i < flags->n_devices; i++)
	{
		DeviceState now = device_state(state, outage->devices[i].index);

		if (flags->devices[i] == now)
			continue;
		impact->devices_dark += flags->devices[i] == DEVICE_DARK;
		impact->devices_degraded += flags->devices[i] == DEVICE_DEGRADED;
	}
	for (int i = 0; i < flags->n_feeds; i++)
		impact->feeds_overloaded += flags->feeds[i] && !feed_overloaded(state, outage->feeds[i].index);
	for (int i = 0; i < flags->n_panels; i++)
		impact->panels_overloaded += flags->panels[i] && !panel_overloaded(state, outage->panels[i].index);
}

/* --- Trips --- */

/* What opens, and goes dark by it, in each part of the network though nothing fails. */
typedef struct TripsNow
{
	const Trips *trips;
	const Network *network;
	int		   *opened;
	int		   *dark;
	int			all_opened;
	int			all_dark;
} TripsNow;

/* Is a device that the outage has changed dark in it, and was not before? */
static bool
went_dark(const Outage *outage, int i)
{
	const PowerState *state = outage->state;
	const ChangedDevice *changed = &outage->devices[i];

	return device_state(state, changed->index) == DEVICE_DARK &&
		device_state_with(state->network, changed->index, &changed->before) != DEVICE_DARK;
}

static void
count_opened(void *arg, const Trip *trip)
{
	TripsNow   *now = (TripsNow *) arg;
	int			panel = trip->is_panel ? trip->index : now->network->feeds[trip->index].panel;

	now->opened[trips_part_of_panel(now->trips, panel)]++;
	now->all_opened++;
}

static void
find_trips_now(Outage *outage, Trips *trips, TripsNow *now)
{
	int			n = trips_parts(trips);

	now->trips = trips;
	now->network = outage->state->network;
	now->opened = zeroed_array(int, n);
	now->dark = zeroed_array(int, n);
	(void) trips_run(trips, count_opened, now);
	for (int i = 0; i < outage->n_devices; i++)
		if (went_dark(outage, i))
		{
			now->dark[trips_part_of_device(trips, outage->devices[i].index)]++;
			now->all_dark++;
		}
	outage_undo(outage);
}

/* Lets open what opens in an outage that was run, in a part of the network. */
static void
count_trips(Outage *outage, Trips *trips, const TripsNow *now, int part, Impact *impact)
{
	impact->trips = now->all_opened - now->opened[part] + trips_run(trips, NULL, NULL);
	impact->devices_dark_after_trips = now->all_dark - now->dark[part];
	for (int i = 0; i < outage->n_devices; i++)
		impact->devices_dark_after_trips += went_dark(outage, i);
}

/* --- The answer --- */

static void
put_impact(ReturnSetInfo *rsinfo, const char *type, const pg_uuid_t *id, const char *name,
		   const Impact *impact)
{
	Datum		values[10];
	bool		nulls[10] = {false};

	values[0] = CStringGetTextDatum(type);
	values[1] = UUIDPGetDatum(id);
	values[2] = CStringGetTextDatum(name);
	values[3] = Int32GetDatum(impact->devices_dark);
	values[4] = Int32GetDatum(impact->devices_degraded);
	values[5] = Int32GetDatum(impact->feeds_overloaded);
	values[6] = Int32GetDatum(impact->panels_overloaded);
	nulls[7] = impact->worst_utilization < 0;
	values[7] = Float8GetDatum(impact->worst_utilization);
	values[8] = Int32GetDatum(impact->trips);
	values[9] = Int32GetDatum(impact->devices_dark_after_trips);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* What one call works with. */
typedef struct Contingency
{
	PowerState *state;
	Outage	   *outage;
	Trips	   *trips;
	TripsNow	now;
	Ranking		ranking;
	Flags		flags;
} Contingency;

/* Runs an outage that was prepared, tells what it does, and undoes it. */
static Impact
measure(Contingency *c, int panel)
{
	Impact		impact = {0};

	outage_run(c->outage);
	note_changed(c->outage, &c->flags);
	impact.worst_utilization = worst_utilization(c->outage, &c->ranking);
	count_trips(c->outage, c->trips, &c->now, trips_part_of_panel(c->trips, panel), &impact);
	outage_swap(c->outage);
	count_becoming(c->outage, &c->flags, &impact);
	outage_undo(c->outage);
	return impact;
}

static void
prepare(Contingency *c, double trip_at)
{
	Network    *network = network_read(NULL, NAMES_OF_FEEDS);

	c->state = power_state_compute(network);
	c->outage = outage_create(c->state);
	rank_feeds(&c->ranking, c->state);
	c->flags.devices = zeroed_array(DeviceState, network->n_devices);
	c->flags.feeds = zeroed_array(bool, network->n_feeds);
	c->flags.panels = zeroed_array(bool, network->n_panels);
	c->trips = trips_create(c->outage, trip_at);
	find_trips_now(c->outage, c->trips, &c->now);
}

/* contingency(trip_at) */
Datum
contingency(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		trip_at = positive_argument(fcinfo, 0, "trip_at");
	Contingency c = {0};
	const Network *network;
	Impact		impact;

	InitMaterializedSRF(fcinfo, 0);
	prepare(&c, trip_at);
	network = c.state->network;
	for (int p = 0; p < network->n_panels; p++)
	{
		if (!c.state->panels[p].on)
			continue;
		CHECK_FOR_INTERRUPTS();
		outage_fail_panel(c.outage, p);
		impact = measure(&c, p);
		put_impact(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name, &impact);
	}
	for (int f = 0; f < network->n_feeds; f++)
	{
		if (!c.state->feeds[f].on ||
			(network->feeds[f].destination < 0 && slice_count(network->feeds[f].ports) == 0))
			continue;
		CHECK_FOR_INTERRUPTS();
		outage_fail_feed(c.outage, f);
		impact = measure(&c, network->feeds[f].panel);
		put_impact(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name, &impact);
	}
	return (Datum) 0;
}
