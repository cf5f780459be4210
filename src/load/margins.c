/*-------------------------------------------------------------------------
 *
 * margins.c
 *	  Circuits and devices whose failure makes no breaker open.
 *
 * There are many circuits that lead to devices, and most of them carry little: to say
 * that the others bear the loss of one takes no outage.  What such a failure moves
 * is bounded, and so is what that adds to anything, and where.  If all breakers
 * there that could open at all (suspects.c) have more left than that, none opens.
 *
 * How much.  A device draws the same from the ports that are left, or nothing.  So
 * what is moved to other ports is no more than the consumers behind the failure carry
 * now; where an outlet takes its alternate inlet, no more than the port cabled
 * to it.  A device that needs several cords may go dark and take away what it drew
 * from others, so all of it is counted.  Taken away from what fed it is what the
 * failed thing carries.  All of that together changes the load of nothing by more.
 * The one exception is an inlet with a draw of its own that another one relieves: it
 * comes back with all of it.  Such a device is not told anything about.
 *
 * In a phase the change is no more, either.  Let the size of currents be the root of the
 * sum of their squares.  A load of 1 VA makes currents of size 1 on one pole, less on
 * two or three; of several loads no more than the sum; and to pass a feed makes them no
 * greater: that is plain for all but a delta-wye transformer, which takes (s_A, s_B,
 * s_C) to s_X u + s_W conj(u) in phase X, W being the phase before, u = 1/2 + j/(2
 * sqrt 3).  In terms of symmetrical components it multiplies the three by numbers of
 * size 1, 1 and 0.
 *
 * Where.  What is moved stays with the devices that cables join to the failed
 * thing, and is felt by what feeds any of these.  Feeds between panels are switched by
 * no such failure, so shares stay as they are.
 *
 * Where a breaker opens even though nothing fails, more moves, and nothing is said of
 * its part of the network.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"

#include "margins.h"
#include "overloads.h"

/* What rounding may make of a sum, in VA; loads are far from 1e9 times as much. */
#define ROUNDING	1e-3

struct Margins
{
	const PowerState *state;
	const Network *network;
	const Suspects *suspects;
	const Trips *trips;
	double	   *panels;			/* VA a phase that may be added on it: the least of
								 * what it and all above it have left */
	double	   *moved;			/* of each cabled port, see above */
	const Parts *clusters;		/* devices that cables join */
	double	   *left;			/* of each cluster: the least that the feeds into
								 * it, and all above them, have left */
};

/* --- What may be added --- */

static double
feed_left(const Margins *margins, int feed)
{
	double		left = margins->panels[margins->network->feeds[feed].panel];

	if (margins->suspects->feed_opens[feed])
		left = Min(left, feed_slack(margins->state, feed, feed_rating(&margins->network->feeds[feed])));
	return left;
}

/* Of one panel after those that feed it. */
static double
panel_left(const Margins *margins, int panel)
{
	const Network *network = margins->network;
	Slice		in = network->panels[panel].in;
	double		left = INFINITY;

	if (margins->suspects->panel_opens[panel])
		left = panel_slack(margins->state, panel, panel_rating(&network->panels[panel]));
	for (int s = in.first; s < in.end; s++)
		if (margins->state->feeds[network->feeds_in[s]].on)
			left = Min(left, feed_left(margins, network->feeds_in[s]));
	return left;
}

static void
find_left(Margins *margins)
{
	const Network *network = margins->network;

	margins->panels = huge_array(double, network->n_panels);
	for (int i = 0; i < network->n_panels; i++)
	{
		CHECK_FOR_INTERRUPTS();
		margins->panels[network->panel_order[i]] = panel_left(margins, network->panel_order[i]);
	}
	margins->left = huge_array(double, margins->clusters->n);
	for (int c = 0; c < margins->clusters->n; c++)
		margins->left[c] = INFINITY;
	for (int q = 0; q < network->n_ports; q++)
	{
		const NetPort *port = &network->ports[q];
		double	   *left = &margins->left[margins->clusters->devices[port->device]];

		CHECK_FOR_INTERRUPTS();
		if (port->feed >= 0 && margins->state->feeds[port->feed].on)
			*left = Min(*left, feed_left(margins, port->feed));
	}
}

/* --- What is moved --- */

static double
moved_by_inlet(const Margins *margins, int port)
{
	const Network *network = margins->network;
	const NetPort *p = &network->ports[port];
	double		sum = 0;

	for (int s = p->outlets.first; s < p->outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];

		if (p->has_allocated && outlet->inlet >= 0 && outlet->alternate >= 0)
			return INFINITY;
		if (outlet->port >= 0 && outlet_feeder(margins->state, network->port_outlets[s]) == port)
			sum += margins->moved[outlet->port];
	}
	return Max(sum, basis(margins->state->ports[port].load));
}

static double
moved_by_consumer(const Margins *margins, int port)
{
	int			device = margins->network->ports[port].device;

	if (device_needed(&margins->network->devices[device]) > 1)
		return basis(margins->state->devices[device].load);
	return basis(margins->state->ports[port].load);
}

static void
find_moved(Margins *margins)
{
	const Network *network = margins->network;

	margins->moved = huge_array(double, network->n_ports);
	for (int i = network->n_ordered_ports - 1; i >= 0; i--)
	{
		int			port = network->port_order[i];

		CHECK_FOR_INTERRUPTS();
		margins->moved[port] = network->ports[port].inlet ? moved_by_inlet(margins, port) :
			moved_by_consumer(margins, port);
	}
}

/* Of a state as it is now, in the current memory context; clusters are those of parts_of_devices(). */
Margins *
margins_find(const PowerState *state, const Suspects *suspects, const Trips *trips, const Parts *clusters)
{
	Margins    *margins = palloc(sizeof(Margins));

	margins->state = state;
	margins->network = state->network;
	margins->suspects = suspects;
	margins->trips = trips;
	margins->clusters = clusters;
	find_left(margins);
	find_moved(margins);
	return margins;
}

/* --- Failures --- */

/* Adds what the loss of a port moves; keeps the least that may be added there. */
static void
add_port(const Margins *margins, int port, double *moved, double *left)
{
	int			cluster = margins->clusters->devices[margins->network->ports[port].device];

	*moved += basis(margins->state->ports[port].load) + margins->moved[port];
	*left = Min(*left, margins->left[cluster]);
}

/* Does no breaker open when a feed fails that leads to no panel? */
bool
margins_bear_feed(const Margins *margins, int feed)
{
	const NetFeed *f = &margins->network->feeds[feed];
	double		moved = 0;
	double		left = margins->panels[f->panel];

	if (f->has_destination || trips_now_in_part(margins->trips, trips_part_of_panel(margins->trips, f->panel)))
		return false;
	if (slice_count(f->ports) == 0)
		moved = basis(margins->state->feeds[feed].load);
	for (int s = f->ports.first; s < f->ports.end; s++)
		add_port(margins, margins->network->feed_ports[s], &moved, &left);
	return moved + ROUNDING < left;
}

/* Does no breaker open when a device fails? */
bool
margins_bear_device(const Margins *margins, int device)
{
	Slice		ports = margins->network->devices[device].ports;
	double		moved = 0;
	double		left = INFINITY;

	if (trips_now_in_part(margins->trips, trips_part_of_device(margins->trips, device)))
		return false;
	for (int s = ports.first; s < ports.end; s++)
		add_port(margins, margins->network->device_ports[s], &moved, &left);
	return moved + ROUNDING < left;
}
