/*-------------------------------------------------------------------------
 *
 * contingency.c
 *	  contingency(): what the failure of each one thing does (N-1 analysis).
 *
 * Each outage is computed on top of the state as it is now and undone, so it
 * costs what it touches.  So do the trips that follow (trip_stages.c).
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
#include "overloads.h"
#include "trip_stages.h"

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

/* What is overloaded now. */
typedef struct Overloads
{
	bool	   *feeds;
	bool	   *panels;
} Overloads;

static void
find_overloads(Overloads *now, const PowerState *state)
{
	now->feeds = zeroed_array(bool, state->network->n_feeds);
	now->panels = zeroed_array(bool, state->network->n_panels);
	for (int f = 0; f < state->network->n_feeds; f++)
		now->feeds[f] = feed_overloaded(state, f);
	for (int p = 0; p < state->network->n_panels; p++)
		now->panels[p] = panel_overloaded(state, p);
}

/* Counts what is so in the outage and is not so now. */
static void
count_becoming(const Outage *outage, const Overloads *now, Impact *impact)
{
	const PowerState *state = outage->state;

	for (int i = 0; i < outage->n_devices; i++)
	{
		const ChangedDevice *changed = &outage->devices[i];
		DeviceState in_outage = device_state(state, changed->index);

		if (in_outage == device_state_with(state->network, changed->index, &changed->before))
			continue;
		impact->devices_dark += in_outage == DEVICE_DARK;
		impact->devices_degraded += in_outage == DEVICE_DEGRADED;
	}
	for (int i = 0; i < outage->n_feeds; i++)
		impact->feeds_overloaded += feed_overloaded(state, outage->feeds[i].index) && !now->feeds[outage->feeds[i].index];
	for (int i = 0; i < outage->n_panels; i++)
		impact->panels_overloaded += panel_overloaded(state, outage->panels[i].index) && !now->panels[outage->panels[i].index];
}

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
	TripStages *stages;
	Ranking		ranking;
	Overloads	now;
} Contingency;

/* What the failure of a feed or a panel does. */
static Impact
measure(Contingency *c, Breaker failed)
{
	Impact		impact = {0};
	Outage	   *outage;

	CHECK_FOR_INTERRUPTS();
	outage = trip_stages_fail(c->stages, failed);
	impact.worst_utilization = worst_utilization(outage, &c->ranking);
	count_becoming(outage, &c->now, &impact);
	impact.trips = trip_stages_run(c->stages);
	impact.devices_dark_after_trips = trip_stages_went_dark(c->stages);
	trip_stages_undo(c->stages);
	return impact;
}

/* contingency(trip_at) */
Datum
contingency(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		trip_at = positive_argument(fcinfo, 0, "trip_at");
	Network    *network;
	Contingency c;
	Impact		impact;

	InitMaterializedSRF(fcinfo, 0);
	network = network_read(NULL, NAMES_OF_FEEDS);
	c.state = power_state_compute(network);
	c.stages = trip_stages_create(c.state, trip_at, NULL);
	rank_feeds(&c.ranking, c.state);
	find_overloads(&c.now, c.state);
	for (int p = 0; p < network->n_panels; p++)
	{
		if (!c.state->panels[p].on)
			continue;
		impact = measure(&c, panel_breaker(network, p));
		put_impact(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name, &impact);
	}
	for (int f = 0; f < network->n_feeds; f++)
	{
		if (!c.state->feeds[f].on ||
			(network->feeds[f].destination < 0 && slice_count(network->feeds[f].ports) == 0))
			continue;
		impact = measure(&c, feed_breaker(network, f));
		put_impact(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name, &impact);
	}
	return (Datum) 0;
}
