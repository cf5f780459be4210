/*-------------------------------------------------------------------------
 *
 * single_points.c
 *	  single_points_of_failure(): what takes devices down all by itself.
 *
 * A device is dark when no power reaches any of its ports: what dominates all
 * of them takes it down (dominators.c).
 *
 * Below the feeds, each port has one cable, so the ways of power are chains.
 * A device that gives power takes another one down when all of the other's
 * energized ports have an outlet of it on their chains.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "dominators.h"

PG_FUNCTION_INFO_V1(single_points_of_failure);

/* How many devices that are not dark each node of the tree dominates. */
static int *
count_dominated(const DominatorTree *tree, const PowerState *state)
{
	const Network *network = state->network;
	int		   *feed_of = dominators_port_feeds(state);
	int		   *dominated = zeroed_array(int, tree->n);

	for (int d = 0; d < network->n_devices; d++)
	{
		Slice		ports = network->devices[d].ports;
		int			dominator = -1;

		for (int s = ports.first; s < ports.end; s++)
		{
			int			port = network->device_ports[s];
			int			node;

			if (!state->ports[port].on)
				continue;
			node = tree->feed_node[feed_of[port]];
			dominator = dominator < 0 ? node : dominators_common(tree, dominator, node);
		}
		if (dominator > 0)
			dominated[dominator]++;
	}
	/* a node comes after its parent */
	for (int node = tree->n - 1; node > 0; node--)
		dominated[tree->parent[node]] += dominated[node];
	/* node 0, of what is not energized, stands for nothing */
	dominated[0] = 0;
	return dominated;
}

/* What counting the chains of one device needs. */
typedef struct ChainCount
{
	int		   *passes;			/* of each device: chains that pass it */
	int		   *last_port;		/* of each device: whose chain it was seen on */
	int		   *met;			/* devices that were seen */
	int			n_met;
} ChainCount;

static void
walk_chain(const Network *network, int port, ChainCount *count)
{
	for (int at = port; network->ports[at].outlet >= 0;
		 at = network->outlets[network->ports[at].outlet].inlet)
	{
		int			device = network->outlets[network->ports[at].outlet].device;

		if (count->last_port[device] == port + 1)
			continue;
		count->last_port[device] = port + 1;
		if (count->passes[device]++ == 0)
			count->met[count->n_met++] = device;
	}
}

/* How many devices each device takes down. */
static int *
count_by_device(const PowerState *state)
{
	const Network *network = state->network;
	int		   *taken_down = zeroed_array(int, network->n_devices);
	ChainCount	count;

	count.passes = zeroed_array(int, network->n_devices);
	count.last_port = zeroed_array(int, network->n_devices);
	count.met = zeroed_array(int, network->n_devices);
	for (int d = 0; d < network->n_devices; d++)
	{
		Slice		ports = network->devices[d].ports;

		CHECK_FOR_INTERRUPTS();
		count.n_met = 0;
		for (int s = ports.first; s < ports.end; s++)
			if (state->ports[network->device_ports[s]].on)
				walk_chain(network, network->device_ports[s], &count);
		for (int i = 0; i < count.n_met; i++)
		{
			if (count.met[i] != d && count.passes[count.met[i]] == state->devices[d].ports_on)
				taken_down[count.met[i]]++;
			count.passes[count.met[i]] = 0;
		}
	}
	return taken_down;
}

static void
put_point(ReturnSetInfo *rsinfo, const char *type, const pg_uuid_t *id, const char *name, int devices)
{
	Datum		values[4];
	bool		nulls[4] = {false};

	if (devices == 0)
		return;
	values[0] = CStringGetTextDatum(type);
	values[1] = UUIDPGetDatum(id);
	values[2] = CStringGetTextDatum(name);
	values[3] = Int32GetDatum(devices);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* single_points_of_failure() */
Datum
single_points_of_failure(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Network    *network;
	PowerState *state;
	DominatorTree *tree;
	int		   *dominated;
	int		   *by_device;

	InitMaterializedSRF(fcinfo, 0);
	network = network_read(NULL, true);
	state = power_state_compute(network);
	tree = dominators_find(state);
	dominated = count_dominated(tree, state);
	by_device = count_by_device(state);

	for (int p = 0; p < network->n_panels; p++)
		put_point(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name,
				  dominated[tree->panel_node[p]]);
	for (int f = 0; f < network->n_feeds; f++)
		put_point(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name,
				  dominated[tree->feed_node[f]]);
	for (int d = 0; d < network->n_devices; d++)
		put_point(rsinfo, "device", &network->devices[d].id, network->devices[d].name,
				  by_device[d]);
	return (Datum) 0;
}
