/*-------------------------------------------------------------------------
 *
 * warn_paths.c
 *	  Warnings of redundancy that is there on paper only: what is to be
 *	  independent depends on one thing.
 *
 * A root that is a utility or a generator does not count: all power comes from
 * somewhere.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "dominators.h"
#include "inventory.h"
#include "query.h"
#include "warn.h"

/* Is a panel the source of power, which may be shared? */
static bool
is_source(const NetPanel *panel)
{
	return panel->type == PANEL_SOURCE && slice_count(panel->in) == 0;
}

/* Does a node of the tree stand for something that may not be shared? */
static bool
counts(const PowerState *state, const DominatorTree *tree, int node)
{
	if (tree->of_panel[node] > 0)
		return !is_source(&state->network->panels[tree->of_panel[node] - 1]);
	return tree->of_feed[node] > 0;
}

static char *
node_text(const PowerState *state, const DominatorTree *tree, int node)
{
	if (tree->of_feed[node] > 0)
		return feed_text(state->network, tree->of_feed[node] - 1);
	return psprintf("power panel \"%s\"", state->network->panels[tree->of_panel[node] - 1].name);
}

/* --- Devices --- */

/* Energized cords of a device, from a place in its slice on: the next one, or -1. */
static int
next_cord(const PowerState *state, int device, int *s)
{
	const Network *network = state->network;

	while (*s < network->devices[device].ports.end)
	{
		int			port = network->device_ports[(*s)++];

		if (state->ports[port].on && !network->ports[port].inner)
			return port;
	}
	return -1;
}

/* A walk up from the energized cords of a device. */
typedef struct CordWalk
{
	const PowerState *state;
	const PortPoints *points;	/* of each port */
	int		   *port_stamp;		/* of each port: the walk that was there */
	int			stamp;
	int		   *queue;			/* ports */
} CordWalk;

/* Do all energized cords of a device depend on another one? */
static bool
all_cords_pass(const CordWalk *walk, int device, int other)
{
	int			s = walk->state->network->devices[device].ports.first;
	int			port;

	while ((port = next_cord(walk->state, device, &s)) >= 0)
		if (!device_chain_has(walk->points[port].devices, other))
			return false;
	return other != device;
}

static bool
any_shared_device(const CordWalk *walk, int device)
{
	int			s = walk->state->network->devices[device].ports.first;
	int			first = next_cord(walk->state, device, &s);

	for (const DeviceChain *c = walk->points[first].devices; c != NULL; c = c->above)
		if (all_cords_pass(walk, device, c->device))
			return true;
	return false;
}

static void
meet_port(CordWalk *walk, int port, int *tail)
{
	if (port < 0 || !walk->state->ports[port].on || walk->port_stamp[port] == walk->stamp)
		return;
	walk->port_stamp[port] = walk->stamp;
	walk->queue[(*tail)++] = port;
}

/*
 * The other device that all energized cords of a device depend on, or -1: of
 * several that with the fewest steps, then the first by name.  A device that is
 * passed twice on the way up stands where it is passed first.
 */
static int
shared_device(CordWalk *walk, int device)
{
	const Network *network = walk->state->network;
	int			s = network->devices[device].ports.first;
	int			nearest = -1;
	int			tail = 0;
	int			port;

	if (!any_shared_device(walk, device))
		return -1;
	walk->stamp++;
	while ((port = next_cord(walk->state, device, &s)) >= 0)
		meet_port(walk, port, &tail);
	for (int head = 0, end = tail; nearest < 0 && head < tail; end = tail)
	{
		CHECK_FOR_INTERRUPTS();
		for (; head < end; head++)
		{
			const NetPort *p = &network->ports[walk->queue[head]];
			const NetOutlet *o;

			if (p->feed >= 0)
				continue;
			o = &network->outlets[p->outlet];
			if (all_cords_pass(walk, device, o->device) &&
				(nearest < 0 || strcmp(network->devices[o->device].name, network->devices[nearest].name) < 0))
				nearest = o->device;
			meet_port(walk, o->inlet, &tail);
			meet_port(walk, o->alternate, &tail);
		}
	}
	return nearest;
}

/* What all energized cords of a device share, as a text, or NULL. */
static char *
shared_by_cords(CordWalk *walk, const DominatorTree *tree, int device)
{
	const PowerState *state = walk->state;
	int			s = state->network->devices[device].ports.first;
	int			other = shared_device(walk, device);
	int			common = -1;
	int			port;

	if (other >= 0)
		return psprintf("device \"%s\"", state->network->devices[other].name);
	while ((port = next_cord(state, device, &s)) >= 0)
		common = common < 0 ? walk->points[port].node : dominators_common(tree, common, walk->points[port].node);
	return common > 0 && counts(state, tree, common) ? node_text(state, tree, common) : NULL;
}

static void
warn_of_devices(const PowerState *state, const DominatorTree *tree, ViolationSink *sink)
{
	const Network *network = state->network;
	CordWalk	walk = {
		.state = state,
		.points = dominators_ports(tree, state),
		.port_stamp = zeroed_array(int, network->n_ports),
		.queue = zeroed_array(int, network->n_ports)
	};

	for (int d = 0; d < network->n_devices; d++)
	{
		char	   *thing;

		CHECK_FOR_INTERRUPTS();
		if (state->devices[d].cords_on < 2)
			continue;
		thing = shared_by_cords(&walk, tree, d);
		if (thing != NULL)
			report_warning(sink, RULE_DEVICE_SHARED_PATH, "device",
				 &network->devices[d].id, NULL, network->devices[d].name,
				 psprintf("all %d energized cords of device \"%s\" depend on %s; plug one in elsewhere",
						  state->devices[d].cords_on, network->devices[d].name, thing));
	}
}

/* --- Racks --- */

typedef struct RackWalk
{
	const PowerState *state;
	const DominatorTree *tree;
	uint8	   *paths;			/* of each node: paths of feeds that it takes
								 * down, a bit for each */
	int		   *touched;		/* nodes that have any */
	int			n_touched;
	int		   *panel_stamp;	/* of each panel: the walk that was there */
	int			stamp;
	int		   *queue;			/* panels */
} RackWalk;

/* Feeds of racks, those of a rack side by side. */
static int
compare_rack_feeds(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;
	const NetFeed *x = &network->feeds[*(const int *) a];
	const NetFeed *y = &network->feeds[*(const int *) b];
	int			c = memcmp(&x->rack, &y->rack, UUID_LEN);

	return c != 0 ? c : strcmp(x->name, y->name);
}

static bool
is_shared(const RackWalk *walk, int node)
{
	uint8		paths = walk->paths[node];

	return node > 0 && (paths & (paths - 1)) != 0 && counts(walk->state, walk->tree, node);
}

/*
 * Marks what takes down the feeds of a rack with their paths.  Where a node has a
 * path already, so has all above it: each node is passed once for each path.
 */
static bool
mark_paths(RackWalk *walk, const int *feeds, int n)
{
	bool		any = false;

	for (int i = 0; i < n; i++)
	{
		const NetFeed *feed = &walk->state->network->feeds[feeds[i]];
		uint8		bit = (uint8) (1 << (feed->path - 'a'));

		for (int node = walk->tree->feed_node[feeds[i]];
			 node > 0 && (walk->paths[node] & bit) == 0; node = walk->tree->parent[node])
		{
			if (walk->paths[node] == 0)
				walk->touched[walk->n_touched++] = node;
			walk->paths[node] |= bit;
			any |= is_shared(walk, node);
		}
	}
	return any;
}

/* The first by name of two nodes of one kind, of which one may be 0. */
static int
first_by_name(const RackWalk *walk, int a, int b)
{
	const Network *network = walk->state->network;
	const char *x;
	const char *y;

	if (a == 0 || b == 0)
		return a + b;
	if (walk->tree->of_feed[a] > 0)
	{
		x = network->feeds[walk->tree->of_feed[a] - 1].name;
		y = network->feeds[walk->tree->of_feed[b] - 1].name;
	}
	else
	{
		x = network->panels[walk->tree->of_panel[a] - 1].name;
		y = network->panels[walk->tree->of_panel[b] - 1].name;
	}
	return strcmp(x, y) <= 0 ? a : b;
}

static int
meet_panel(RackWalk *walk, int panel, int *tail)
{
	if (walk->panel_stamp[panel] == walk->stamp)
		return 0;
	walk->panel_stamp[panel] = walk->stamp;
	walk->queue[(*tail)++] = panel;
	return is_shared(walk, walk->tree->panel_node[panel]) ? walk->tree->panel_node[panel] : 0;
}

/*
 * The shared thing that is the fewest steps from the feeds of a rack: these, their
 * panels, the feeds that enter them, and so on.
 */
static int
nearest_shared(RackWalk *walk, const int *feeds, int n)
{
	const Network *network = walk->state->network;
	int			nearest = 0;
	int			tail = 0;

	walk->stamp++;
	for (int i = 0; i < n; i++)
		if (is_shared(walk, walk->tree->feed_node[feeds[i]]))
			nearest = first_by_name(walk, nearest, walk->tree->feed_node[feeds[i]]);
	if (nearest != 0)
		return nearest;
	for (int i = 0; i < n; i++)
		nearest = first_by_name(walk, nearest, meet_panel(walk, network->feeds[feeds[i]].panel, &tail));
	for (int head = 0, end = tail; nearest == 0 && head < tail; end = tail)
	{
		int			next_feed = 0;

		CHECK_FOR_INTERRUPTS();
		for (; head < end; head++)
		{
			Slice		in = network->panels[walk->queue[head]].in;

			for (int s = in.first; s < in.end; s++)
			{
				int			feed = network->feeds_in[s];

				if (!walk->state->feeds[feed].on)
					continue;
				if (is_shared(walk, walk->tree->feed_node[feed]))
					next_feed = first_by_name(walk, next_feed, walk->tree->feed_node[feed]);
				nearest = first_by_name(walk, nearest, meet_panel(walk, network->feeds[feed].panel, &tail));
			}
		}
		/* the feeds are one step nearer than their panels */
		if (next_feed != 0)
			nearest = next_feed;
	}
	return nearest;
}

/* The first feed of a rack that a node takes down, of another path than this one. */
static int
feed_below(const RackWalk *walk, const int *feeds, int n, int node, char other_than)
{
	for (int i = 0; i < n; i++)
		if (walk->state->network->feeds[feeds[i]].path != other_than &&
			dominators_common(walk->tree, walk->tree->feed_node[feeds[i]], node) == node)
			return feeds[i];
	return feeds[0];
}

static char *
rack_name(const pg_uuid_t *rack)
{
	static CheckQuery query = QUERY("SELECT name FROM powerpanel.rack"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	MemoryContext caller = CurrentMemoryContext;
	Datum		arg = UUIDPGetDatum(rack);
	QueryRows	rows;
	char	   *name = "?";

	query_begin();
	rows = query_run(&query, inventory_relid("rack"), &arg);
	if (rows.n > 0)
		name = MemoryContextStrdup(caller, query_text(query_row(rows, 0), 1));
	query_end();
	return name;
}

static void
warn_of_rack(RackWalk *walk, const int *feeds, int n, ViolationSink *sink)
{
	const Network *network = walk->state->network;

	if (mark_paths(walk, feeds, n))
	{
		const pg_uuid_t *rack = &network->feeds[feeds[0]].rack;
		char	   *name = rack_name(rack);
		int			node = nearest_shared(walk, feeds, n);
		const NetFeed *one = &network->feeds[feed_below(walk, feeds, n, node, 0)];
		const NetFeed *other = &network->feeds[feed_below(walk, feeds, n, node, one->path)];

		report_warning(sink, RULE_RACK_SHARED_PATH, "rack", rack, NULL, name,
			 psprintf("feeds \"%s\" (path %c) and \"%s\" (path %c) of rack \"%s\" depend on %s; feed one of them from elsewhere",
					  one->name, one->path, other->name, other->path, name,
					  node_text(walk->state, walk->tree, node)));
	}
	while (walk->n_touched > 0)
		walk->paths[walk->touched[--walk->n_touched]] = 0;
}

static void
warn_of_racks(const PowerState *state, const DominatorTree *tree, ViolationSink *sink)
{
	Network    *network = state->network;
	int		   *feeds = zeroed_array(int, network->n_feeds);
	RackWalk	walk = {
		.state = state,
		.tree = tree,
		.paths = zeroed_array(uint8, tree->n),
		.touched = zeroed_array(int, tree->n),
		.panel_stamp = zeroed_array(int, network->n_panels),
		.queue = zeroed_array(int, network->n_panels)
	};
	int			n = 0;

	for (int f = 0; f < network->n_feeds; f++)
		if (network->feeds[f].has_rack && network->feeds[f].path != 0 && state->feeds[f].on)
			feeds[n++] = f;
	qsort_arg(feeds, n, sizeof(int), compare_rack_feeds, network);
	for (int first = 0, end; first < n; first = end)
	{
		const pg_uuid_t *rack = &network->feeds[feeds[first]].rack;

		CHECK_FOR_INTERRUPTS();
		for (end = first; end < n && memcmp(&network->feeds[feeds[end]].rack, rack, UUID_LEN) == 0; end++)
			;
		warn_of_rack(&walk, feeds + first, end - first, sink);
	}
}

void
warn_of_paths(const PowerState *state, ViolationSink *sink)
{
	DominatorTree *tree = dominators_find(state);

	warn_of_devices(state, tree, sink);
	warn_of_racks(state, tree, sink);
}
