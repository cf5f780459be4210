/*-------------------------------------------------------------------------
 *
 * single_points.c
 *	  single_points_of_failure(): what takes devices down all by itself.
 *
 * A device is dark when no power reaches any of its ports, and what is
 * energized needs one energized source only.  So a panel or feed takes a device
 * down just when every way of power to the device passes through it: when it
 * dominates the device in the graph of what is energized.  That graph has no
 * loops, so the dominator tree comes out of one pass in topological order: the
 * immediate dominator of a node is the nearest common ancestor, in the tree so
 * far, of the nodes before it (Cooper, Harvey, Kennedy, "A Simple, Fast
 * Dominance Algorithm").  Ancestors are found in logarithmic time with jump
 * pointers (Myers, "An applicative random-access stack").
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
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "power_state.h"

PG_FUNCTION_INFO_V1(single_points_of_failure);

/* The dominator tree.  Node 0 is above all roots. */
typedef struct Tree
{
	int		   *parent;
	int		   *jump;			/* some ancestor, see add_node() */
	int		   *depth;
	int		   *devices;		/* whose immediate dominator it is; later, all
								 * that it dominates */
	int			n;
	int		   *panel_node;		/* 0 where it is not energized */
	int		   *feed_node;
} Tree;

static int *
ints(int n)
{
	int		   *array = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * (Size) Max(n, 1));

	memset(array, 0, sizeof(int) * (Size) Max(n, 1));
	return array;
}

static int
add_node(Tree *tree, int parent)
{
	int			node = tree->n++;
	int			jump = tree->jump[parent];

	tree->parent[node] = parent;
	tree->depth[node] = tree->depth[parent] + 1;
	/* two jumps of equal length above the parent make one of both */
	if (tree->depth[parent] - tree->depth[jump] ==
		tree->depth[jump] - tree->depth[tree->jump[jump]])
		tree->jump[node] = tree->jump[jump];
	else
		tree->jump[node] = parent;
	return node;
}

static int
common_ancestor(const Tree *tree, int a, int b)
{
	if (tree->depth[a] < tree->depth[b])
	{
		int			t = a;

		a = b;
		b = t;
	}
	while (tree->depth[a] > tree->depth[b])
		a = tree->depth[tree->jump[a]] >= tree->depth[b] ? tree->jump[a] : tree->parent[a];
	while (a != b)
	{
		bool		far_apart = tree->jump[a] != tree->jump[b];

		a = far_apart ? tree->jump[a] : tree->parent[a];
		b = far_apart ? tree->jump[b] : tree->parent[b];
	}
	return a;
}

/* The immediate dominator of a panel: of its energized feeds, or node 0. */
static int
panel_dominator(const Tree *tree, const PowerState *state, int panel)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;
	int			dominator = -1;

	for (int s = in.first; s < in.end; s++)
	{
		int			feed = network->feeds_in[s];

		if (!state->feeds[feed].on)
			continue;
		dominator = dominator < 0 ? tree->feed_node[feed] :
			common_ancestor(tree, dominator, tree->feed_node[feed]);
	}
	return Max(dominator, 0);
}

static Tree *
make_tree(const PowerState *state)
{
	const Network *network = state->network;
	Tree	   *tree = palloc(sizeof(Tree));
	int			n = network->n_panels + network->n_feeds + 1;

	tree->parent = ints(n);
	tree->jump = ints(n);
	tree->depth = ints(n);
	tree->devices = ints(n);
	tree->n = 1;
	tree->panel_node = ints(network->n_panels);
	tree->feed_node = ints(network->n_feeds);
	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		out = network->panels[panel].out;

		if (!state->panels[panel].on)
			continue;
		CHECK_FOR_INTERRUPTS();
		tree->panel_node[panel] = add_node(tree, panel_dominator(tree, state, panel));
		for (int s = out.first; s < out.end; s++)
			if (state->feeds[network->feeds_out[s]].on)
				tree->feed_node[network->feeds_out[s]] = add_node(tree, tree->panel_node[panel]);
	}
	return tree;
}

/* The feed that each energized port's chain begins at. */
static int *
feeds_of_ports(const PowerState *state)
{
	const Network *network = state->network;
	int		   *feed_of = ints(network->n_ports);

	for (int i = 0; i < network->n_ordered_ports; i++)
	{
		int			port = network->port_order[i];
		const NetPort *p = &network->ports[port];

		if (state->ports[port].on)
			feed_of[port] = p->feed >= 0 ? p->feed : feed_of[network->outlets[p->outlet].inlet];
	}
	return feed_of;
}

/* Adds each device that is not dark to its immediate dominator, and sums up. */
static void
count_dominated(Tree *tree, const PowerState *state)
{
	const Network *network = state->network;
	int		   *feed_of = feeds_of_ports(state);

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
			dominator = dominator < 0 ? node : common_ancestor(tree, dominator, node);
		}
		if (dominator > 0)
			tree->devices[dominator]++;
	}
	/* a node comes after its parent */
	for (int node = tree->n - 1; node > 0; node--)
		tree->devices[tree->parent[node]] += tree->devices[node];
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
	int		   *taken_down = ints(network->n_devices);
	ChainCount	count;

	count.passes = ints(network->n_devices);
	count.last_port = ints(network->n_devices);
	count.met = ints(network->n_devices);
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
	Tree	   *tree;
	int		   *by_device;

	InitMaterializedSRF(fcinfo, 0);
	network = network_read(NULL, true);
	state = power_state_compute(network);
	tree = make_tree(state);
	count_dominated(tree, state);
	by_device = count_by_device(state);

	/* node 0, of what is not energized, stands for nothing */
	tree->devices[0] = 0;
	for (int p = 0; p < network->n_panels; p++)
		put_point(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name,
				  tree->devices[tree->panel_node[p]]);
	for (int f = 0; f < network->n_feeds; f++)
		put_point(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name,
				  tree->devices[tree->feed_node[f]]);
	for (int d = 0; d < network->n_devices; d++)
		put_point(rsinfo, "device", &network->devices[d].id, network->devices[d].name,
				  by_device[d]);
	return (Datum) 0;
}
