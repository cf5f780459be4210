/*-------------------------------------------------------------------------
 *
 * contingency.c
 *	  contingency(): what the failure of each one thing does (N-1 analysis).
 *
 * Each outage is computed on top of the state as it is now and undone, so it
 * costs what it touches.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "outage.h"
#include "loads.h"

PG_FUNCTION_INFO_V1(contingency);

typedef struct Impact
{
	int			devices_dark;
	int			devices_degraded;
	int			feeds_overloaded;
	int			panels_overloaded;
	double		worst_utilization;	/* negative where there is none */
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
} Flags;

static void
note_changed(const Outage *outage, Flags *flags)
{
	const PowerState *state = outage->state;

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

	for (int i = 0; i < outage->n_devices; i++)
	{
		DeviceState now = device_state(state, outage->devices[i].index);

		if (flags->devices[i] == now)
			continue;
		impact->devices_dark += flags->devices[i] == DEVICE_DARK;
		impact->devices_degraded += flags->devices[i] == DEVICE_DEGRADED;
	}
	for (int i = 0; i < outage->n_feeds; i++)
		impact->feeds_overloaded += flags->feeds[i] && !feed_overloaded(state, outage->feeds[i].index);
	for (int i = 0; i < outage->n_panels; i++)
		impact->panels_overloaded += flags->panels[i] && !panel_overloaded(state, outage->panels[i].index);
}

static void
put_impact(ReturnSetInfo *rsinfo, const char *type, const pg_uuid_t *id, const char *name,
		   const Impact *impact)
{
	Datum		values[8];
	bool		nulls[8] = {false};

	values[0] = CStringGetTextDatum(type);
	values[1] = UUIDPGetDatum(id);
	values[2] = CStringGetTextDatum(name);
	values[3] = Int32GetDatum(impact->devices_dark);
	values[4] = Int32GetDatum(impact->devices_degraded);
	values[5] = Int32GetDatum(impact->feeds_overloaded);
	values[6] = Int32GetDatum(impact->panels_overloaded);
	nulls[7] = impact->worst_utilization < 0;
	values[7] = Float8GetDatum(impact->worst_utilization);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Runs an outage that was prepared, tells what it does, and undoes it. */
static Impact
measure(Outage *outage, const Ranking *ranking, Flags *flags)
{
	Impact		impact = {0};

	outage_run(outage);
	note_changed(outage, flags);
	impact.worst_utilization = worst_utilization(outage, ranking);
	outage_swap(outage);
	count_becoming(outage, flags, &impact);
	outage_undo(outage);
	return impact;
}

/* contingency() */
Datum
contingency(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Network    *network;
	PowerState *state;
	Outage	   *outage;
	Ranking		ranking;
	Flags		flags;
	Impact		impact;

	InitMaterializedSRF(fcinfo, 0);
	network = network_read(NULL, NAMES_OF_FEEDS);
	state = power_state_compute(network);
	outage = outage_create(state);
	rank_feeds(&ranking, state);
	flags.devices = zeroed_array(DeviceState, network->n_devices);
	flags.feeds = zeroed_array(bool, network->n_feeds);
	flags.panels = zeroed_array(bool, network->n_panels);
	for (int p = 0; p < network->n_panels; p++)
	{
		if (!state->panels[p].on)
			continue;
		CHECK_FOR_INTERRUPTS();
		outage_fail_panel(outage, p);
		impact = measure(outage, &ranking, &flags);
		put_impact(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name, &impact);
	}
	for (int f = 0; f < network->n_feeds; f++)
	{
		if (!state->feeds[f].on ||
			(network->feeds[f].destination < 0 && slice_count(network->feeds[f].ports) == 0))
			continue;
		CHECK_FOR_INTERRUPTS();
		outage_fail_feed(outage, f);
		impact = measure(outage, &ranking, &flags);
		put_impact(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name, &impact);
	}
	return (Datum) 0;
}
