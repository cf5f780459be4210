/*-------------------------------------------------------------------------
 *
 * network.c
 *	  Linking a network that has been read: from ids to indexes, from one to
 *	  many, and the order in which power flows.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"


#include "network.h"

/* The index of a feed, or -1.  Not everybody asks, so the map is made for the first. */
int
network_feed(Network *network, const pg_uuid_t *id)
{
	if (network->feed_index == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(network->context);
		bool		found;

		network->feed_index = id_map_create(Max(network->n_feeds, 64));
		for (int i = 0; i < network->n_feeds; i++)
			(void) id_map_add(network->feed_index, &network->feeds[i].id, i, &found);
		MemoryContextSwitchTo(caller);
	}
	return id_map_find(network->feed_index, id);
}

/* From ids to indexes. */
static void
resolve(Network *network)
{
	IdMap	   *outlet_index = id_map_create(Max(network->n_outlets, 64));
	bool		found;

	for (int i = 0; i < network->n_feeds; i++)
	{
		NetFeed    *feed = &network->feeds[i];

		feed->port = -1;
		feed->destination = feed->has_destination ?
			id_map_find(network->panel_index, &feed->destination_id) : -1;
	}
	for (int i = 0; i < network->n_outlets; i++)
	{
		NetOutlet  *outlet = &network->outlets[i];

		(void) id_map_add(outlet_index, &outlet->id, i, &found);
		outlet->port = -1;
		outlet->inlet = outlet->has_inlet ? id_map_find(network->port_index, &outlet->inlet_id) : -1;
	}
	for (int i = 0; i < network->n_ports; i++)
	{
		NetPort    *port = &network->ports[i];

		port->inlet = false;
		port->feed = port->source == 'f' ? network_feed(network, &port->source_id) : -1;
		port->outlet = port->source == 'o' ? id_map_find(outlet_index, &port->source_id) : -1;
		if (port->feed >= 0)
			network->feeds[port->feed].port = i;
		if (port->outlet >= 0)
			network->outlets[port->outlet].port = i;
	}
	for (int i = 0; i < network->n_outlets; i++)
		if (network->outlets[i].inlet >= 0)
			network->ports[network->outlets[i].inlet].inlet = true;
}

/*
 * From one to many: fills an array with the members of each owner and sets the
 * owners' slices.  The owner of a member is what owner() says; -1 is none.
 */
#define MAKE_SLICES(array, owners, n_owners, slice, n_members, owner_of) \
	do { \
		int			at = 0; \
		(array) = zeroed_array(int, n_members); \
		for (int o_ = 0; o_ < (n_owners); o_++) \
			(owners)[o_].slice.end = 0; \
		for (int m = 0; m < (n_members); m++) \
			if ((owner_of) >= 0) \
				(owners)[owner_of].slice.end++; \
		for (int o_ = 0; o_ < (n_owners); o_++) \
		{ \
			int			count = (owners)[o_].slice.end; \
			(owners)[o_].slice.first = (owners)[o_].slice.end = at; \
			at += count; \
		} \
		for (int m = 0; m < (n_members); m++) \
			if ((owner_of) >= 0) \
				(array)[(owners)[owner_of].slice.end++] = m; \
	} while (0)

static void
make_slices(Network *n)
{
	MAKE_SLICES(n->feeds_in, n->panels, n->n_panels, in, n->n_feeds, n->feeds[m].destination);
	MAKE_SLICES(n->feeds_out, n->panels, n->n_panels, out, n->n_feeds, n->feeds[m].panel);
	/* a port whose cable leads nowhere we can see is cabled all the same */
	MAKE_SLICES(n->device_ports, n->devices, n->n_devices, ports, n->n_ports,
				(n->ports[m].source != 0 ? n->ports[m].device : -1));
	MAKE_SLICES(n->device_outlets, n->devices, n->n_devices, outlets, n->n_outlets,
				n->outlets[m].device);
	MAKE_SLICES(n->port_outlets, n->ports, n->n_ports, outlets, n->n_outlets,
				n->outlets[m].inlet);
}

/* Panels, each after all that feed it (Kahn); false where there is a loop. */
static bool
order_panels(Network *network)
{
	int		   *waiting = zeroed_array(int, network->n_panels);
	int			n = 0;

	network->panel_order = zeroed_array(int, network->n_panels);
	for (int p = 0; p < network->n_panels; p++)
	{
		waiting[p] = slice_count(network->panels[p].in);
		if (waiting[p] == 0)
			network->panel_order[n++] = p;
	}
	for (int i = 0; i < n; i++)
	{
		NetPanel   *panel = &network->panels[network->panel_order[i]];

		panel->order = i;
		for (int s = panel->out.first; s < panel->out.end; s++)
		{
			int			next = network->feeds[network->feeds_out[s]].destination;

			if (next >= 0 && --waiting[next] == 0)
				network->panel_order[n++] = next;
		}
	}
	pfree(waiting);
	return n == network->n_panels;
}

/*
 * Cabled ports, each after the port that feeds it: breadth first.  False where
 * there is a loop.
 */
static bool
order_ports(Network *network)
{
	int			cabled = 0;
	int			n = 0;

	network->port_order = zeroed_array(int, network->n_ports);
	for (int q = 0; q < network->n_ports; q++)
	{
		NetPort    *port = &network->ports[q];

		port->order = -1;
		if (port->source == 0)
			continue;
		cabled++;
		/* is there a cabled port before it? */
		if (port->outlet < 0 || network->outlets[port->outlet].inlet < 0 ||
			network->ports[network->outlets[port->outlet].inlet].source == 0)
			network->port_order[n++] = q;
	}
	for (int i = 0; i < n; i++)
	{
		NetPort    *port = &network->ports[network->port_order[i]];

		port->order = i;
		for (int s = port->outlets.first; s < port->outlets.end; s++)
		{
			int			next = network->outlets[network->port_outlets[s]].port;

			if (next >= 0)
				network->port_order[n++] = next;
		}
	}
	network->n_ordered_ports = n;
	return n == cabled;
}

/* Links what has been read; false where the network has a loop. */
bool
network_link(Network *network)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	bool		in_order;

	resolve(network);
	make_slices(network);
	in_order = order_panels(network) && order_ports(network);
	MemoryContextSwitchTo(caller);
	return in_order;
}
