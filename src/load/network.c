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

/* Not everybody asks for feeds by id, so the map is made for the first who does. */
static void
index_feeds(Network *network)
{
	MemoryContext caller;

	if (network->feed_index != NULL)
		return;
	caller = MemoryContextSwitchTo(network->context);
	network->feed_index = id_map_create(Max(network->n_feeds, 64));
	id_map_add_all(network->feed_index, network->feeds, sizeof(NetFeed), 0, network->n_feeds);
	MemoryContextSwitchTo(caller);
}

/* The index of a feed, or -1. */
int
network_feed(Network *network, const pg_uuid_t *id)
{
	index_feeds(network);
	return id_map_find(network->feed_index, id);
}

/* The inlet (0) or the alternate inlet (1) of an outlet. */
static int
outlet_inlet(const Network *network, int outlet, int which)
{
	return which == 0 ? network->outlets[outlet].inlet : network->outlets[outlet].alternate;
}

/* From the ids of its inlets and its bank to their indexes; whose leg it takes. */
static void
resolve_outlet(Network *network, NetOutlet *outlet, IdMap *bank_index)
{
	outlet->port = -1;
	outlet->inlet = outlet->has_inlet ? id_map_find(network->port_index, &outlet->inlet_id) : -1;
	outlet->alternate = outlet->has_alternate ? id_map_find(network->port_index, &outlet->alternate_id) : -1;
	outlet->bank = outlet->has_bank ? id_map_find(bank_index, &outlet->bank_id) : -1;
	if (outlet->bank >= 0 && network->banks[outlet->bank].leg != LEG_NONE)
		outlet->leg = network->banks[outlet->bank].leg;
}

/*
 * Do an outlet's references lead where its foreign keys say: to inlets of its own
 * device, and to a bank behind its inlet?
 */
static bool
outlet_is_whole(const Network *network, const NetOutlet *outlet)
{
	if (outlet->has_inlet &&
		(outlet->inlet < 0 || network->ports[outlet->inlet].device != outlet->device))
		return false;
	if (outlet->has_alternate &&
		(outlet->alternate < 0 || network->ports[outlet->alternate].device != outlet->device))
		return false;
	return !outlet->has_bank || !outlet->has_inlet ||
		(outlet->bank >= 0 && network->banks[outlet->bank].inlet == outlet->inlet);
}

/* Where the cables of the ports come from. */
static void
resolve_sources(Network *network)
{
	IdMap	   *outlet_index = id_map_create(Max(network->n_outlets, 64));

	id_map_add_all(outlet_index, network->outlets, sizeof(NetOutlet), 0, network->n_outlets);
	index_feeds(network);
	for (int i = 0; i < network->n_ports; i++)
	{
		NetPort    *port = &network->ports[i];

		if (i + ID_MAP_AHEAD < network->n_ports && port[ID_MAP_AHEAD].source != 0)
			id_map_prefetch(port[ID_MAP_AHEAD].source == 'f' ? network->feed_index : outlet_index,
							&port[ID_MAP_AHEAD].source_id);
		port->inlet = false;
		port->feed = port->source == 'f' ? network_feed(network, &port->source_id) : -1;
		port->outlet = port->source == 'o' ? id_map_find(outlet_index, &port->source_id) : -1;
		port->inner = port->outlet >= 0 && network->outlets[port->outlet].device == port->device;
		if (port->source != 0 && port->feed < 0 && port->outlet < 0)
			network->whole = false;
		if (port->outlet >= 0)
			network->outlets[port->outlet].port = i;
	}
}

/* Which ports are inlets, and their numbers. */
static void
number_inlets(Network *network)
{
	network->n_inlets = 0;
	for (int i = 0; i < network->n_outlets; i++)
		for (int k = 0; k < 2; k++)
		{
			int			port = outlet_inlet(network, i, k);

			if (port < 0 || network->ports[port].inlet)
				continue;
			network->ports[port].inlet = true;
			network->ports[port].inlet_number = network->n_inlets++;
		}
}

/* From ids to indexes. */
static void
resolve(Network *network)
{
	IdMap	   *bank_index = id_map_create(Max(network->n_banks, 64));

	for (int i = 0; i < network->n_feeds; i++)
	{
		NetFeed    *feed = &network->feeds[i];

		feed->destination = feed->has_destination ?
			id_map_find(network->panel_index, &feed->destination_id) : -1;
		network->whole &= !feed->has_destination || feed->destination >= 0;
	}
	id_map_add_all(bank_index, network->banks, sizeof(NetBank), 0, network->n_banks);
	for (int i = 0; i < network->n_banks; i++)
	{
		NetBank    *bank = &network->banks[i];

		bank->inlet = id_map_find(network->port_index, &bank->inlet_id);
		network->whole &= bank->inlet >= 0 && network->ports[bank->inlet].device == bank->device;
	}
	for (int i = 0; i < network->n_outlets; i++)
	{
		NetOutlet  *outlet = &network->outlets[i];

		if (i + ID_MAP_AHEAD < network->n_outlets && outlet[ID_MAP_AHEAD].has_inlet)
			id_map_prefetch(network->port_index, &outlet[ID_MAP_AHEAD].inlet_id);
		resolve_outlet(network, outlet, bank_index);
		network->whole &= outlet_is_whole(network, outlet);
	}
	resolve_sources(network);
	number_inlets(network);
}

/* How a feed loads the phases of its panel's bus. */
static FeedKind
feed_kind(const Network *network, const NetFeed *feed)
{
	if (!feed->three_phase || network->panels[feed->panel].bus != BUS_THREE_PHASE ||
		(feed->position > 0 && feed->poles < 3))
		return FEED_BY_POLES;
	if (feed->destination >= 0)
		return network->panels[feed->destination].bus == BUS_THREE_PHASE ? FEED_BY_PHASES : FEED_BY_POLES;
	return slice_count(feed->ports) > 0 ? FEED_BY_LEGS : FEED_BY_POLES;
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
	MAKE_SLICES(n->feed_ports, n->feeds, n->n_feeds, ports, n->n_ports, n->ports[m].feed);
	MAKE_SLICES(n->bank_outlets, n->banks, n->n_banks, outlets, n->n_outlets, n->outlets[m].bank);
	/* an outlet with an alternate is with two ports: members are numbered twice over */
	MAKE_SLICES(n->port_outlets, n->ports, n->n_ports, outlets, n->n_outlets * 2,
				outlet_inlet(n, m / 2, m % 2));
	for (int i = 0; i < n->n_outlets * 2; i++)
		n->port_outlets[i] /= 2;
	for (int f = 0; f < n->n_feeds; f++)
		n->feeds[f].kind = feed_kind(n, &n->feeds[f]);
	for (int d = 0; d < n->n_devices; d++)
		n->devices[d].cords = 0;
	for (int q = 0; q < n->n_ports; q++)
		n->devices[n->ports[q].device].cords += n->ports[q].source != 0 && !n->ports[q].inner;
}

/* Notes the level of the next thing in order; those of one level lie together. */
static void
add_to_level(Levels *levels, int level, int place)
{
	while (levels->n <= level)
		levels->starts[levels->n++] = place;
	levels->starts[levels->n] = place + 1;
}

/*
 * Panels, each after all that feed it (Kahn); false where there is a loop.  What
 * waits goes in turn, so the last one before a panel is of the highest level of all
 * that feed it, and the levels come one after the other.
 */
static bool
order_panels(Network *network)
{
	int		   *waiting = zeroed_array(int, network->n_panels);
	int			n = 0;

	network->panel_levels.starts = zeroed_array(int, network->n_panels + 1);
	network->panel_order = zeroed_array(int, network->n_panels);
	for (int p = 0; p < network->n_panels; p++)
	{
		network->panels[p].level = 0;
		waiting[p] = slice_count(network->panels[p].in);
		if (waiting[p] == 0)
			network->panel_order[n++] = p;
	}
	for (int i = 0; i < n; i++)
	{
		NetPanel   *panel = &network->panels[network->panel_order[i]];

		add_to_level(&network->panel_levels, panel->level, i);
		for (int s = panel->out.first; s < panel->out.end; s++)
		{
			int			next = network->feeds[network->feeds_out[s]].destination;

			if (next < 0 || --waiting[next] > 0)
				continue;
			network->panels[next].level = panel->level + 1;
			network->panel_order[n++] = next;
		}
	}
	pfree(waiting);
	return n == network->n_panels;
}

/* The cabled ports before a port: those that its outlet may be fed by. */
static int
count_before(const Network *network, const NetPort *port)
{
	int			n = 0;

	for (int k = 0; k < 2 && port->outlet >= 0; k++)
	{
		int			before = outlet_inlet(network, port->outlet, k);

		n += before >= 0 && network->ports[before].source != 0;
	}
	return n;
}

/*
 * Cabled ports, each after the ports that feed it, or may (Kahn).  False where
 * there is a loop.
 */
static bool
order_ports(Network *network)
{
	int		   *waiting = zeroed_array(int, network->n_ports);
	int			cabled = 0;
	int			n = 0;

	network->port_levels.starts = zeroed_array(int, network->n_ports + 1);
	network->port_order = zeroed_array(int, network->n_ports);
	for (int q = 0; q < network->n_ports; q++)
	{
		NetPort    *port = &network->ports[q];

		port->level = -1;
		if (port->source == 0)
			continue;
		cabled++;
		waiting[q] = count_before(network, port);
		if (waiting[q] > 0)
			continue;
		port->level = 0;
		network->port_order[n++] = q;
	}
	for (int i = 0; i < n; i++)
	{
		NetPort    *port = &network->ports[network->port_order[i]];

		add_to_level(&network->port_levels, port->level, i);
		for (int s = port->outlets.first; s < port->outlets.end; s++)
		{
			int			next = network->outlets[network->port_outlets[s]].port;

			if (next < 0 || --waiting[next] > 0)
				continue;
			network->ports[next].level = port->level + 1;
			network->port_order[n++] = next;
		}
	}
	network->n_ordered_ports = n;
	pfree(waiting);
	return n == cabled;
}

/*
 * What ports draw, from W to VA: by their power factor, but W are VA on direct
 * current.  Which supply it is says the feed that the first inlets lead up to.
 */
static void
set_own_va(Network *network)
{
	bool	   *dc = zeroed_array(bool, network->n_ports);

	for (int i = 0; i < network->n_ordered_ports; i++)
	{
		int			q = network->port_order[i];
		const NetPort *port = &network->ports[q];

		if (port->feed >= 0)
			dc[q] = network->feeds[port->feed].dc;
		else if (port->outlet >= 0 && network->outlets[port->outlet].inlet >= 0)
			dc[q] = dc[network->outlets[port->outlet].inlet];
	}
	for (int q = 0; q < network->n_ports; q++)
	{
		NetPort    *port = &network->ports[q];

		if (dc[q])
			continue;
		port->own.allocated /= port->power_factor;
		port->own.maximum /= port->power_factor;
	}
	pfree(dc);
}

/* Everything but the order: from ids to indexes, from one to many. */
void
network_resolve(Network *network)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);

	resolve(network);
	make_slices(network);
	network->resolved = true;
	MemoryContextSwitchTo(caller);
}

/* Links what has been read; false where the network has a loop. */
bool
network_link(Network *network)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	bool		in_order;

	if (!network->resolved)
		network_resolve(network);
	in_order = order_panels(network) && order_ports(network);
	if (in_order)
		set_own_va(network);
	MemoryContextSwitchTo(caller);
	return in_order;
}
