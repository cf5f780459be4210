/*-------------------------------------------------------------------------
 *
 * dominators.c
 *	  What all ways of power to a thing have in common.
 *
 * What is energized needs one energized source only.  So a panel or feed takes
 * a thing down just when every way of power to the thing passes through it:
 * when it dominates the thing in the graph of what is energized.  That graph
 * has no loops, so the dominator tree comes out of one pass in topological
 * order: the immediate dominator of a node is the nearest common ancestor, in
 * the tree so far, of the nodes before it (Cooper, Harvey, Kennedy, "A Simple,
 * Fast Dominance Algorithm").  Ancestors are found in logarithmic time with
 * jump pointers (Myers, "An applicative random-access stack").
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "dominators.h"

static int
add_node(DominatorTree *tree, int parent)
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

/* The nearest node that dominates both. */
int
dominators_common(const DominatorTree *tree, int a, int b)
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
panel_dominator(const DominatorTree *tree, const PowerState *state, int panel)
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
			dominators_common(tree, dominator, tree->feed_node[feed]);
	}
	return Max(dominator, 0);
}

/* The tree of what is energized. */
DominatorTree *
dominators_find(const PowerState *state)
{
	const Network *network = state->network;
	DominatorTree *tree = palloc(sizeof(DominatorTree));
	int			n = network->n_panels + network->n_feeds + 1;

	tree->parent = zeroed_array(int, n);
	tree->jump = zeroed_array(int, n);
	tree->depth = zeroed_array(int, n);
	tree->of_panel = zeroed_array(int, n);
	tree->of_feed = zeroed_array(int, n);
	tree->n = 1;
	tree->panel_node = zeroed_array(int, network->n_panels);
	tree->feed_node = zeroed_array(int, network->n_feeds);
	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		out = network->panels[panel].out;

		if (!state->panels[panel].on)
			continue;
		CHECK_FOR_INTERRUPTS();
		tree->panel_node[panel] = add_node(tree, panel_dominator(tree, state, panel));
		tree->of_panel[tree->panel_node[panel]] = panel + 1;
		for (int s = out.first; s < out.end; s++)
			if (state->feeds[network->feeds_out[s]].on)
			{
				int			feed = network->feeds_out[s];

				tree->feed_node[feed] = add_node(tree, tree->panel_node[panel]);
				tree->of_feed[tree->feed_node[feed]] = feed + 1;
			}
	}
	return tree;
}

/* --- Below the feeds --- */

/* Is a device in a chain, that is, does a cord depend on it? */
bool
device_chain_has(const DeviceChain *chain, int device)
{
	for (; chain != NULL; chain = chain->above)
		if (chain->device == device)
			return true;
	return false;
}

static const DeviceChain *
chain_add(int device, const DeviceChain *above)
{
	DeviceChain *cell;

	if (device_chain_has(above, device))
		return above;
	cell = palloc(sizeof(DeviceChain));
	*cell = (DeviceChain) {device, above};
	return cell;
}

/* The devices that are on both chains, in the order of the first. */
static const DeviceChain *
chain_common(const DeviceChain *a, const DeviceChain *b)
{
	const DeviceChain *above;

	check_stack_depth();
	if (a == NULL || b == NULL)
		return NULL;
	above = chain_common(a->above, b);
	return device_chain_has(b, a->device) ? chain_add(a->device, above) : above;
}

/*
 * An outlet lives as long as one of its energized inlets: what takes both away
 * is what all ways to both have in common.  Its own device takes it in any case.
 */
static PortPoints
outlet_points(const DominatorTree *tree, const PowerState *state, const PortPoints *points, int outlet)
{
	const NetOutlet *o = &state->network->outlets[outlet];
	bool		alternate = o->alternate >= 0 && state->ports[o->alternate].on;
	PortPoints	result = points[outlet_feeder(state, outlet)];

	if (alternate && o->inlet >= 0 && state->ports[o->inlet].on)
	{
		result.node = dominators_common(tree, result.node, points[o->alternate].node);
		result.devices = chain_common(result.devices, points[o->alternate].devices);
	}
	result.devices = chain_add(o->device, result.devices);
	return result;
}

/* Of each energized port. */
PortPoints *
dominators_ports(const DominatorTree *tree, const PowerState *state)
{
	const Network *network = state->network;
	PortPoints *points = zeroed_array(PortPoints, network->n_ports);

	for (int i = 0; i < network->n_ordered_ports; i++)
	{
		int			port = network->port_order[i];
		const NetPort *p = &network->ports[port];

		CHECK_FOR_INTERRUPTS();
		if (!state->ports[port].on)
			continue;
		if (p->feed >= 0)
			points[port].node = tree->feed_node[p->feed];
		else
			points[port] = outlet_points(tree, state, points, p->outlet);
	}
	return points;
}

/* How many of its energized cords a device must lose to go dark; 0 where it is, or has none. */
int
device_losses(const PowerState *state, int device)
{
	return Max(state->devices[device].cords_on - device_needed(&state->network->devices[device]) + 1, 0);
}
