/*-------------------------------------------------------------------------
 *
 * circuits.c
 *	  What circuits to devices carry, by which of them are on.
 *
 * Devices that cables join, such as those in a rack, are fed by a few circuits, and
 * what these carry follows from which of them are on.  A rack with two of them is
 * in no more than four states, whatever fails above, but it is in the one or the other
 * of them in each outage of all the panels above it.  So each is worked out once, as
 * an outage of the circuits that are off, and kept.
 *
 * Devices are not failed here, and where more circuits go to devices that are joined,
 * these are left to outage.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "circuits.h"

/* CircuitLoads has as many bits; each state of a cluster that is met is kept. */
#define FEEDS_MAX		8

/* Counts the feeds of each cluster, and says where they are to lie. */
static void
make_slices(Circuits *circuits)
{
	int			at = 0;

	for (int c = 0; c < circuits->base.n; c++)
	{
		int			n = circuits->feeds_of[c].end;

		circuits->feeds_of[c].first = circuits->feeds_of[c].end = at;
		at += n;
	}
}

/* The clusters of all feeds that go to devices, and the feeds of all clusters. */
static void
find_clusters(Circuits *circuits, const Network *network, const Parts *parts)
{
	int		   *of_feed = huge_array(int, network->n_feeds);

	circuits->base.of_feed = of_feed;
	circuits->base.n = parts->n;
	circuits->feeds_of = zeroed_array(Slice, parts->n);
	circuits->feeds = huge_array(int, network->n_feeds);
	for (int f = 0; f < network->n_feeds; f++)
	{
		Slice		ports = network->feeds[f].ports;

		of_feed[f] = slice_count(ports) == 0 || network->feeds[f].has_destination ? -1 :
			parts->devices[network->ports[network->feed_ports[ports.first]].device];
		if (of_feed[f] >= 0)
			circuits->feeds_of[of_feed[f]].end++;
	}
	make_slices(circuits);
	for (int f = 0; f < network->n_feeds; f++)
		if (of_feed[f] >= 0)
			circuits->feeds[circuits->feeds_of[of_feed[f]].end++] = f;
	for (int f = 0; f < network->n_feeds; f++)
		if (of_feed[f] >= 0 && slice_count(circuits->feeds_of[of_feed[f]]) > FEEDS_MAX)
			of_feed[f] = -1;
}

/* Which feeds of a cluster are on in a state. */
static uint8
feeds_on(const Circuits *circuits, const PowerState *state, Slice feeds)
{
	uint8		on = 0;

	for (int s = feeds.first; s < feeds.end; s++)
		if (state->feeds[circuits->feeds[s]].on)
			on |= 1 << (s - feeds.first);
	return on;
}

/* Keeps what an outage of a cluster's feeds has made of it. */
static CircuitLoads *
keep_loads(Circuits *circuits, int cluster, uint8 on)
{
	const Outage *outage = circuits->outage;
	Slice		feeds = circuits->feeds_of[cluster];
	MemoryContext caller = MemoryContextSwitchTo(outage->state->network->context);
	CircuitLoads *loads = palloc0(sizeof(CircuitLoads));

	loads->on = on;
	loads->loads = palloc(sizeof(Load) * slice_count(feeds));
	loads->phases = palloc(sizeof(Phases) * slice_count(feeds));
	for (int s = feeds.first; s < feeds.end; s++)
	{
		loads->loads[s - feeds.first] = outage->state->feeds[circuits->feeds[s]].load;
		loads->phases[s - feeds.first] = outage->state->feeds[circuits->feeds[s]].phases;
	}
	loads->dark = huge_array(int, outage->n_devices);
	for (int i = 0; i < outage->n_devices; i++)
		if (device_state(outage->state, outage->devices[i].index) == DEVICE_DARK)
			loads->dark[loads->n_dark++] = outage->devices[i].index;
	loads->next = circuits->known[cluster];
	circuits->known[cluster] = loads;
	MemoryContextSwitchTo(caller);
	return loads;
}

/* What the feeds of a cluster carry that are on in a state, in which no more is on than now. */
CircuitLoads *
circuits_loads(Circuits *circuits, const PowerState *state, int cluster)
{
	Slice		feeds = circuits->feeds_of[cluster];
	uint8		on = feeds_on(circuits, state, feeds);
	CircuitLoads *loads;

	for (loads = circuits->known[cluster]; loads != NULL; loads = loads->next)
		if (loads->on == on)
			return loads;
	CHECK_FOR_INTERRUPTS();
	for (int s = feeds.first; s < feeds.end; s++)
		if (!state->feeds[circuits->feeds[s]].on)
			outage_fail_feed(circuits->outage, circuits->feeds[s]);
	outage_run(circuits->outage);
	loads = keep_loads(circuits, cluster, on);
	outage_undo(circuits->outage);
	return loads;
}

/* The same, as an outage asks for it. */
static void
set_loads(FeedClusters *base, const PowerState *state, int cluster, FeedLoadSetter set, void *arg)
{
	Circuits   *circuits = (Circuits *) base;
	Slice		feeds = circuits->feeds_of[cluster];
	const CircuitLoads *loads = circuits_loads(circuits, state, cluster);

	for (int s = feeds.first; s < feeds.end; s++)
		set(arg, circuits->feeds[s], loads->loads[s - feeds.first], &loads->phases[s - feeds.first]);
}

/*
 * Of a network as it is now; the clusters are those of parts_of_devices(), and
 * followed says what is to be known of them.
 */
Circuits *
circuits_create(const PowerState *state, const Parts *clusters, const Followed *followed)
{
	Network    *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	Circuits   *circuits = palloc0(sizeof(Circuits));
	Followed   *below = palloc(sizeof(Followed));

	find_clusters(circuits, network, clusters);
	circuits->base.set_loads = set_loads;
	circuits->known = zeroed_array(CircuitLoads *, clusters->n);
	circuits->outage = outage_create(power_state_copy(state));
	*below = *followed;
	below->panel_loads = zeroed_array(bool, network->n_panels);
	circuits->outage->followed = below;
	MemoryContextSwitchTo(caller);
	return circuits;
}
