/*-------------------------------------------------------------------------
 *
 * suspects.c
 *	  Which breakers could open at all, and whose failure has a part in that.
 *
 * In a site that is built well, one side carries all without any breaker opening,
 * and to say so takes no outage: whatever fails, a port carries at most what its
 * device draws by the fewest cords, a feed into a panel all of the panel, and so
 * on up.  A breaker whose rating is above that bound never opens (at trip_at 1.0,
 * or above it).  The others are suspects.
 *
 * The bounds hold in every state of the network, since there each thing carries at
 * most the sum of the bounds of what may be on it.  Phases need care: currents are
 * complex numbers, and where one ends another may grow.  So of each phase a box is
 * kept that its current cannot leave.  It holds 0; a sum lies in the sum of boxes, a
 * part of a load in the box of the load, and what a feed makes of it (feed_passes())
 * in the sum of what it makes of the box's sides, as that is linear.
 *
 * What a suspect carries depends on what is below it, on what else may feed that, and
 * on all above these.  No other failure changes it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "overloads.h"
#include "suspects.h"

/* What rounding may add to a sum, as a part of it; a breaker needs 0.01 VA more to open. */
#define ROUNDING	1e-9

/* The phases lie between these, which lie on both sides of 0. */
typedef struct Box
{
	Phases		low;
	Phases		high;
} Box;

typedef struct Bounds
{
	const PowerState *state;
	const Network *network;
	double	   *ports;			/* VA by powerpanel.load_basis */
	Box		   *inlets;			/* of each inlet without override, see PowerState */
	double	   *feeds;
	Box		   *feed_boxes;
	double	   *panels;
	Box		   *panel_boxes;
} Bounds;

/* --- Boxes --- */

static void
widen(double *low, double *high, double by)
{
	if (by > 0)
		*high += by;
	else
		*low += by;
}

/* Adds a load, or any part of it. */
static void
box_add(Box *box, const Phases *phases)
{
	for (int i = 0; i < 3; i++)
	{
		widen(&box->low.phase[i].re, &box->high.phase[i].re, phases->phase[i].re);
		widen(&box->low.phase[i].im, &box->high.phase[i].im, phases->phase[i].im);
	}
}

static void
box_add_box(Box *box, const Box *other)
{
	box_add(box, &other->low);
	box_add(box, &other->high);
}

/* The farthest that any phase can be from 0. */
static double
box_highest(const Box *box)
{
	Phases		corner;

	for (int i = 0; i < 3; i++)
	{
		corner.phase[i].re = Max(box->high.phase[i].re, -box->low.phase[i].re);
		corner.phase[i].im = Max(box->high.phase[i].im, -box->low.phase[i].im);
	}
	return phases_highest(&corner);
}

/* --- Bounds, from the bottom up --- */

/*
 * What a consumer port of a device can take over: what all the others draw, but
 * shared with as many as the device needs to run, which draw something themselves.
 */
static void
bound_consumers(Bounds *bounds, int device)
{
	const Network *network = bounds->network;
	Slice		ports = network->devices[device].ports;
	int			needed = device_needed(&network->devices[device]);
	double		sum = 0;
	double		least = -1;

	for (int s = ports.first; s < ports.end; s++)
	{
		const NetPort *p = &network->ports[network->device_ports[s]];

		if (p->inlet)
			continue;
		sum += basis(p->own);
		least = least < 0 ? basis(p->own) : Min(least, basis(p->own));
	}
	for (int s = ports.first; s < ports.end; s++)
	{
		int			port = network->device_ports[s];
		double		own = basis(network->ports[port].own);

		if (!network->ports[port].inlet)
			bounds->ports[port] = own + Max(sum - own - (needed - 1) * least, 0) / needed;
	}
}

static void
add_port(const Bounds *bounds, int port, Box *box)
{
	const NetPort *p = &bounds->network->ports[port];
	Phases		even;

	if (p->inlet && !p->has_allocated)
	{
		box_add_box(box, &bounds->inlets[p->inlet_number]);
		return;
	}
	even = phases_even(bounds->ports[port]);
	box_add(box, &even);
}

/* All outlets that name an inlet, and their phases; with an allocated draw, that. */
static void
bound_inlet(Bounds *bounds, int port)
{
	const Network *network = bounds->network;
	const NetPort *p = &network->ports[port];
	Box		   *box = &bounds->inlets[p->inlet_number];

	if (p->has_allocated)
	{
		bounds->ports[port] = basis(p->own);
		return;
	}
	for (int s = p->outlets.first; s < p->outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];
		Phases		on_leg = {{{0, 0}, {0, 0}, {0, 0}}};

		if (outlet->port < 0)
			continue;
		bounds->ports[port] += bounds->ports[outlet->port];
		if (outlet->leg == LEG_NONE)
			add_port(bounds, outlet->port, box);
		else
		{
			phases_add_leg(&on_leg, outlet->leg, bounds->ports[outlet->port]);
			box_add(box, &on_leg);
		}
	}
}

static void
bound_end_feed(Bounds *bounds, int feed)
{
	const NetFeed *f = &bounds->network->feeds[feed];
	Phases		phases;

	if (slice_count(f->ports) == 0)
		bounds->feeds[feed] = f->connected_load;
	for (int s = f->ports.first; s < f->ports.end; s++)
	{
		int			port = bounds->network->feed_ports[s];

		bounds->feeds[feed] += bounds->ports[port];
		if (f->kind == FEED_BY_LEGS)
			add_port(bounds, port, &bounds->feed_boxes[feed]);
	}
	if (f->kind == FEED_BY_LEGS)
		return;
	phases = phases_of_poles(&bounds->network->panels[f->panel], f->position, f->poles, bounds->feeds[feed]);
	box_add(&bounds->feed_boxes[feed], &phases);
}

/* What a feed makes of one side of the box of a panel, alone. */
static void
add_side(Bounds *bounds, int feed, int phase, Phasor side)
{
	Phases		phases = {{{0, 0}, {0, 0}, {0, 0}}};

	phases.phase[phase] = side;
	phases = feed_passes(bounds->network, feed, &phases, 0);
	box_add(&bounds->feed_boxes[feed], &phases);
}

/* A feed into a panel may carry all of it. */
static void
bound_panel_feed(Bounds *bounds, int feed)
{
	int			panel = bounds->network->feeds[feed].destination;
	const Box  *box = &bounds->panel_boxes[panel];
	Phases		whole = {{{0, 0}, {0, 0}, {0, 0}}};

	bounds->feeds[feed] = bounds->panels[panel];
	whole = feed_passes(bounds->network, feed, &whole, bounds->feeds[feed]);
	box_add(&bounds->feed_boxes[feed], &whole);
	for (int i = 0; i < 3; i++)
	{
		add_side(bounds, feed, i, (Phasor) {box->low.phase[i].re, 0});
		add_side(bounds, feed, i, (Phasor) {box->high.phase[i].re, 0});
		add_side(bounds, feed, i, (Phasor) {0, box->low.phase[i].im});
		add_side(bounds, feed, i, (Phasor) {0, box->high.phase[i].im});
	}
}

static void
bound_panel(Bounds *bounds, int panel)
{
	const Network *network = bounds->network;
	const NetPanel *p = &network->panels[panel];

	for (int s = p->out.first; s < p->out.end; s++)
	{
		int			feed = network->feeds_out[s];

		if (!network->feeds[feed].live)
			continue;
		bounds->panels[panel] += bounds->feeds[feed];
		box_add_box(&bounds->panel_boxes[panel], &bounds->feed_boxes[feed]);
	}
	for (int s = p->in.first; s < p->in.end; s++)
		bound_panel_feed(bounds, network->feeds_in[s]);
}

static void
bound_all(Bounds *bounds)
{
	const Network *network = bounds->network;

	bounds->ports = zeroed_array(double, network->n_ports);
	bounds->inlets = zeroed_array(Box, network->n_inlets);
	bounds->feeds = zeroed_array(double, network->n_feeds);
	bounds->feed_boxes = zeroed_array(Box, network->n_feeds);
	bounds->panels = zeroed_array(double, network->n_panels);
	bounds->panel_boxes = zeroed_array(Box, network->n_panels);
	for (int d = 0; d < network->n_devices; d++)
	{
		CHECK_FOR_INTERRUPTS();
		bound_consumers(bounds, d);
	}
	for (int i = network->n_ordered_ports - 1; i >= 0; i--)
	{
		CHECK_FOR_INTERRUPTS();
		if (network->ports[network->port_order[i]].inlet)
			bound_inlet(bounds, network->port_order[i]);
	}
	for (int f = 0; f < network->n_feeds; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!network->feeds[f].has_destination)
			bound_end_feed(bounds, f);
	}
	for (int i = network->n_panels - 1; i >= 0; i--)
	{
		CHECK_FOR_INTERRUPTS();
		bound_panel(bounds, network->panel_order[i]);
	}
}

/* --- Suspects --- */

static bool
panel_is_suspect(const Bounds *bounds, int panel)
{
	const NetPanel *p = &bounds->network->panels[panel];
	double		rating = panel_rating(p);
	int			n = bus_phases(p->bus);
	double		most = n < 2 ? bounds->panels[panel] : n * box_highest(&bounds->panel_boxes[panel]);

	return rating > 0 && most * (1 + ROUNDING) > rating;
}

static bool
feed_is_suspect(const Bounds *bounds, int feed)
{
	const NetFeed *f = &bounds->network->feeds[feed];
	double		rating = feed_rating(f);
	double		most = f->kind == FEED_BY_POLES ? bounds->feeds[feed] : 3 * box_highest(&bounds->feed_boxes[feed]);

	return f->live && rating > 0 && most * (1 + ROUNDING) > rating;
}

static void
find_openers(const Bounds *bounds, Suspects *suspects)
{
	const Network *network = bounds->network;

	for (int p = 0; p < network->n_panels; p++)
		suspects->panel_opens[p] = panel_is_suspect(bounds, p);
	for (int f = 0; f < network->n_feeds; f++)
	{
		CHECK_FOR_INTERRUPTS();
		suspects->feed_opens[f] = feed_is_suspect(bounds, f);
	}
}

/*
 * Marks the suspects and all below them, which is what their loads are made of;
 * false where there are none.
 */
static bool
mark_below(const Network *network, Suspects *suspects)
{
	bool	   *ports = suspects->followed.port_loads;
	bool		any = false;

	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		const NetPanel *p = &network->panels[panel];
		bool	   *mine = &suspects->panels[panel];

		CHECK_FOR_INTERRUPTS();
		*mine = suspects->panel_opens[panel];
		for (int s = p->in.first; s < p->in.end; s++)
			*mine |= suspects->feeds[network->feeds_in[s]];
		for (int s = p->out.first; s < p->out.end; s++)
		{
			suspects->feeds[network->feeds_out[s]] = *mine || suspects->feed_opens[network->feeds_out[s]];
			any |= suspects->feeds[network->feeds_out[s]];
		}
		any |= *mine;
		suspects->followed.panel_loads[panel] = *mine;
	}
	for (int i = 0; any && i < network->n_ordered_ports; i++)
	{
		const NetPort *port = &network->ports[network->port_order[i]];
		const NetOutlet *outlet = port->outlet < 0 ? NULL : &network->outlets[port->outlet];
		bool		below = port->feed >= 0 && suspects->feeds[port->feed];

		CHECK_FOR_INTERRUPTS();
		below |= outlet != NULL && outlet->inlet >= 0 && ports[outlet->inlet];
		below |= outlet != NULL && outlet->alternate >= 0 && ports[outlet->alternate];
		ports[network->port_order[i]] = below;
		suspects->followed.devices[port->device] |= below;
	}
	return any;
}

/* Marks all that is above what is marked: every cord of a device, every feed into a panel. */
static void
mark_above(const Network *network, Suspects *suspects)
{
	bool	   *devices = suspects->followed.devices;

	for (int i = network->n_ordered_ports - 1; i >= 0; i--)
	{
		const NetPort *port = &network->ports[network->port_order[i]];

		CHECK_FOR_INTERRUPTS();
		if (!devices[port->device])
			continue;
		if (port->feed >= 0)
			suspects->feeds[port->feed] = true;
		/* and with it the inlets of the outlet, which come before this port */
		if (port->outlet >= 0)
			devices[network->outlets[port->outlet].device] = true;
	}
	for (int i = network->n_panels - 1; i >= 0; i--)
	{
		int			panel = network->panel_order[i];
		const NetPanel *p = &network->panels[panel];

		CHECK_FOR_INTERRUPTS();
		for (int s = p->out.first; s < p->out.end; s++)
			suspects->panels[panel] |= suspects->feeds[network->feeds_out[s]];
		for (int s = p->in.first; s < p->in.end; s++)
			suspects->feeds[network->feeds_in[s]] |= suspects->panels[panel];
	}
}

/*
 * In the current memory context.  What the suspects carry depends on no other
 * devices than those that are marked.
 */
Suspects *
suspects_find(const PowerState *state)
{
	const Network *network = state->network;
	Bounds		bounds = {.state = state, .network = network};
	Suspects   *suspects = palloc(sizeof(Suspects));

	suspects->panel_opens = zeroed_array(bool, network->n_panels);
	suspects->feed_opens = zeroed_array(bool, network->n_feeds);
	suspects->panels = zeroed_array(bool, network->n_panels);
	suspects->feeds = zeroed_array(bool, network->n_feeds);
	suspects->followed.devices = zeroed_array(bool, network->n_devices);
	suspects->followed.panel_loads = zeroed_array(bool, network->n_panels);
	suspects->followed.port_loads = zeroed_array(bool, network->n_ports);
	bound_all(&bounds);
	find_openers(&bounds, suspects);
	if (mark_below(network, suspects))
		mark_above(network, suspects);
	return suspects;
}
