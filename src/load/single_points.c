/*-------------------------------------------------------------------------
 *
 * single_points.c
 *	  single_points_of_failure(): what takes devices down all by itself.
 *
 * A device goes dark when it loses so many cords that fewer are left than it
 * needs.  What takes a cord away is known for each (dominators.c): a panel or feed
 * that is above its node in the tree, or a device on its chain.  Where a device
 * must lose all of its cords, as most must, that is what they have in common.
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

typedef struct Points
{
	const PowerState *state;
	DominatorTree *tree;
	PortPoints *ports;
	int		   *dominated;		/* of each node: devices that it and all below
								 * it take down */
	int		   *direct;			/* of each node: further ones that it takes down */
	int		   *by_device;		/* of each device: those that it takes down */
	int		   *node_passes;	/* of each node: cords of the device in question */
	int		   *device_passes;
	int		   *met;			/* nodes, or devices, that were seen */
	int			n_met;
} Points;

/* The next energized cord of a device from a place in its slice on; false at its end. */
static bool
next_cord(const PowerState *state, int device, int *s, int *port)
{
	const Network *network = state->network;

	for (; *s < network->devices[device].ports.end; (*s)++)
	{
		*port = network->device_ports[*s];
		if (state->ports[*port].on && !network->ports[*port].inner)
		{
			(*s)++;
			return true;
		}
	}
	return false;
}

/* Counts a device at the nodes that take away at least so many of its cords. */
static void
count_nodes(Points *points, int device, int losses)
{
	int			s = points->state->network->devices[device].ports.first;
	int			port;

	points->n_met = 0;
	while (next_cord(points->state, device, &s, &port))
		for (int node = points->ports[port].node; node > 0; node = points->tree->parent[node])
			if (points->node_passes[node]++ == 0)
				points->met[points->n_met++] = node;
	for (int i = 0; i < points->n_met; i++)
	{
		points->direct[points->met[i]] += points->node_passes[points->met[i]] >= losses;
		points->node_passes[points->met[i]] = 0;
	}
}

/* Counts a device, which must lose all of its cords, at what they have in common. */
static void
count_common(Points *points, int device)
{
	int			s = points->state->network->devices[device].ports.first;
	int			common = -1;
	int			port;

	while (next_cord(points->state, device, &s, &port))
		common = common < 0 ? points->ports[port].node :
			dominators_common(points->tree, common, points->ports[port].node);
	if (common > 0)
		points->dominated[common]++;
}

/* Counts a device at the other devices that take away at least so many of its cords. */
static void
count_devices(Points *points, int device, int losses)
{
	int			s = points->state->network->devices[device].ports.first;
	int			port;

	points->n_met = 0;
	while (next_cord(points->state, device, &s, &port))
		for (const DeviceChain *c = points->ports[port].devices; c != NULL; c = c->above)
			if (points->device_passes[c->device]++ == 0)
				points->met[points->n_met++] = c->device;
	for (int i = 0; i < points->n_met; i++)
	{
		int			other = points->met[i];

		points->by_device[other] += other != device && points->device_passes[other] >= losses;
		points->device_passes[other] = 0;
	}
}

static void
count_points(Points *points, const PowerState *state)
{
	const Network *network = state->network;
	DominatorTree *tree = dominators_find(state);

	points->state = state;
	points->tree = tree;
	points->ports = dominators_ports(tree, state);
	points->dominated = zeroed_array(int, tree->n);
	points->direct = zeroed_array(int, tree->n);
	points->by_device = zeroed_array(int, network->n_devices);
	points->node_passes = zeroed_array(int, tree->n);
	points->device_passes = zeroed_array(int, network->n_devices);
	points->met = zeroed_array(int, Max(tree->n, network->n_devices));
	for (int d = 0; d < network->n_devices; d++)
	{
		int			losses = device_losses(state, d);

		CHECK_FOR_INTERRUPTS();
		if (losses == 0)
			continue;
		if (losses == state->devices[d].cords_on)
			count_common(points, d);
		else
			count_nodes(points, d, losses);
		count_devices(points, d, losses);
	}
	/* a node comes after its parent; node 0 stands for what is not energized */
	for (int node = tree->n - 1; node > 0; node--)
		points->dominated[tree->parent[node]] += points->dominated[node];
	for (int node = 1; node < tree->n; node++)
		points->dominated[node] += points->direct[node];
	points->dominated[0] = 0;
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
	Points		points;

	InitMaterializedSRF(fcinfo, 0);
	network = network_read(NULL, NAMES_OF_FEEDS | NAMES_OF_DEVICES);
	count_points(&points, power_state_compute(network));

	for (int p = 0; p < network->n_panels; p++)
		put_point(rsinfo, "power_panel", &network->panels[p].id, network->panels[p].name,
				  points.dominated[points.tree->panel_node[p]]);
	for (int f = 0; f < network->n_feeds; f++)
		put_point(rsinfo, "power_feed", &network->feeds[f].id, network->feeds[f].name,
				  points.dominated[points.tree->feed_node[f]]);
	for (int d = 0; d < network->n_devices; d++)
		put_point(rsinfo, "device", &network->devices[d].id, network->devices[d].name,
				  points.by_device[d]);
	return (Datum) 0;
}
