/*-------------------------------------------------------------------------
 *
 * network_part.c
 *	  Cutting the part that is connected to something out of a network that was
 *	  read as a whole.
 *
 * What is left is what reading by index would have found (network_read.c), so an
 * answer does not depend on the way of reading: neither which things it is about,
 * nor whether a loop somewhere else spoils it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "network.h"

/* The panels and devices that are to stay, and those whose neighbours are to be met. */
typedef struct Cut
{
	Network    *network;
	int		   *panels;			/* new index, plus 1; 0: not met */
	int		   *devices;
	int		   *todo;			/* panels, and devices as -1 - index */
	int			n_todo;
} Cut;

static void
meet_panel(Cut *cut, int panel)
{
	if (panel < 0 || cut->panels[panel] != 0)
		return;
	cut->panels[panel] = 1;
	cut->todo[cut->n_todo++] = panel;
}

static void
meet_device(Cut *cut, int device)
{
	if (device < 0 || cut->devices[device] != 0)
		return;
	cut->devices[device] = 1;
	cut->todo[cut->n_todo++] = -1 - device;
}

static void
meet_around_panel(Cut *cut, int panel)
{
	const Network *n = cut->network;
	Slice		in = n->panels[panel].in;
	Slice		out = n->panels[panel].out;

	for (int s = in.first; s < in.end; s++)
		meet_panel(cut, n->feeds[n->feeds_in[s]].panel);
	for (int s = out.first; s < out.end; s++)
	{
		const NetFeed *feed = &n->feeds[n->feeds_out[s]];

		meet_panel(cut, feed->destination);
		for (int t = feed->ports.first; t < feed->ports.end; t++)
			meet_device(cut, n->ports[n->feed_ports[t]].device);
	}
}

static void
meet_around_device(Cut *cut, int device)
{
	const Network *n = cut->network;
	Slice		ports = n->devices[device].ports;
	Slice		outlets = n->devices[device].outlets;

	for (int s = ports.first; s < ports.end; s++)
	{
		const NetPort *port = &n->ports[n->device_ports[s]];

		if (port->feed >= 0)
			meet_panel(cut, n->feeds[port->feed].panel);
		if (port->outlet >= 0)
			meet_device(cut, n->outlets[port->outlet].device);
	}
	for (int s = outlets.first; s < outlets.end; s++)
	{
		int			port = n->outlets[n->device_outlets[s]].port;

		if (port >= 0)
			meet_device(cut, n->ports[port].device);
	}
}

static void
meet_connected(Cut *cut, const NetworkSeed *seed)
{
	Network    *n = cut->network;

	for (int i = 0; i < seed->n_panels; i++)
		meet_panel(cut, id_map_find(n->panel_index, &seed->panels[i]));
	for (int i = 0; i < seed->n_devices; i++)
		meet_device(cut, id_map_find(n->device_index, &seed->devices[i]));
	for (int i = 0; i < cut->n_todo; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (cut->todo[i] >= 0)
			meet_around_panel(cut, cut->todo[i]);
		else
			meet_around_device(cut, -1 - cut->todo[i]);
	}
}

/*
 * Moves the members of an array that stay to its front.  A member stays where its
 * owner, of which it holds the index, does: it gets the owner's new index.
 */
#define KEEP_MEMBERS(array, count, owner, owners) \
	do { \
		int			kept = 0; \
		for (int i = 0; i < (count); i++) \
		{ \
			int			to = (owners)[(array)[i].owner]; \
			if (to == 0) \
				continue; \
			(array)[kept] = (array)[i]; \
			(array)[kept++].owner = to - 1; \
		} \
		(count) = kept; \
	} while (0)

/* Likewise those that have been met, and indexes them anew. */
#define KEEP_MET(array, count, met, index) \
	do { \
		int			kept = 0; \
		for (int i = 0; i < (count); i++) \
		{ \
			if ((met)[i] == 0) \
				continue; \
			(array)[kept] = (array)[i]; \
			(met)[i] = ++kept; \
		} \
		(count) = kept; \
		(index) = id_map_create(Max(kept, 64)); \
		id_map_add_all((index), (array), sizeof(*(array)), 0, kept); \
	} while (0)

static void
keep_met(Cut *cut)
{
	Network    *n = cut->network;

	KEEP_MET(n->panels, n->n_panels, cut->panels, n->panel_index);
	KEEP_MET(n->devices, n->n_devices, cut->devices, n->device_index);
	KEEP_MEMBERS(n->feeds, n->n_feeds, panel, cut->panels);
	KEEP_MEMBERS(n->ports, n->n_ports, device, cut->devices);
	KEEP_MEMBERS(n->outlets, n->n_outlets, device, cut->devices);
	KEEP_MEMBERS(n->banks, n->n_banks, device, cut->devices);
	n->feed_index = NULL;		/* made anew where it is asked for */
	n->port_index = id_map_create(Max(n->n_ports, 64));
	id_map_add_all(n->port_index, n->ports, sizeof(NetPort), 0, n->n_ports);
	n->resolved = false;
}

/* Leaves what is connected to some panels and devices. */
void
network_cut_out(Network *network, const NetworkSeed *seed)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	Cut			cut = {.network = network};

	network->whole = false;
	network_resolve(network);
	cut.panels = zeroed_array(int, network->n_panels);
	cut.devices = zeroed_array(int, network->n_devices);
	cut.todo = huge_array(int, network->n_panels + network->n_devices);
	meet_connected(&cut, seed);
	if (cut.n_todo < network->n_panels + network->n_devices)
		keep_met(&cut);
	pfree(cut.todo);
	pfree(cut.devices);
	pfree(cut.panels);
	MemoryContextSwitchTo(caller);
}
