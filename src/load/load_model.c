/*-------------------------------------------------------------------------
 *
 * load_model.c
 *	  The load model: what is energized, and what everything carries.
 *
 * Each function here tells one thing's figure from the things it depends on.
 * power_state_compute() calls them for everything in the order of dependence:
 * once down, from the roots to the ports, for what is energized; once up, from
 * the ports to the roots, for loads.  An outage (outage.c) calls the same ones
 * for what it touches.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"

#include "load_model.h"

static Load
add_load(Load a, Load b)
{
	return (Load) {a.allocated + b.allocated, a.maximum + b.maximum};
}

static Load
scale_load(Load a, double factor)
{
	return (Load) {a.allocated * factor, a.maximum * factor};
}

/* --- Energized: downwards --- */

/* Not failed, and a root or fed by a feed that is energized. */
bool
panel_is_on(const PowerState *state, int panel)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;

	if (state->panels[panel].failed)
		return false;
	if (slice_count(in) == 0)
		return true;
	for (int s = in.first; s < in.end; s++)
		if (state->feeds[network->feeds_in[s]].on)
			return true;
	return false;
}

bool
feed_is_on(const PowerState *state, int feed)
{
	const NetFeed *f = &state->network->feeds[feed];

	return f->live && !state->feeds[feed].failed && state->panels[f->panel].on;
}

static bool
outlet_is_on(const PowerState *state, int outlet)
{
	const NetOutlet *o = &state->network->outlets[outlet];

	return o->inlet >= 0 && state->ports[o->inlet].on;
}

bool
port_is_on(const PowerState *state, int port)
{
	const NetPort *p = &state->network->ports[port];

	if (p->feed >= 0)
		return state->feeds[p->feed].on;
	return p->outlet >= 0 && outlet_is_on(state, p->outlet);
}

int
device_ports_on(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	int			n = 0;

	for (int s = ports.first; s < ports.end; s++)
		n += state->ports[network->device_ports[s]].on;
	return n;
}

DeviceState
device_state(const PowerState *state, int device)
{
	return device_state_with(state->network, device, state->devices[device].ports_on);
}

/* The state of a device of whose ports so many are energized. */
DeviceState
device_state_with(const Network *network, int device, int on)
{
	int			cabled = slice_count(network->devices[device].ports);

	if (cabled == 0)
		return DEVICE_NONE;
	return on == cabled ? DEVICE_ON : on > 0 ? DEVICE_DEGRADED : DEVICE_DARK;
}

/* --- Loads: upwards --- */

/*
 * What each energized consumer port of a device takes over of those that are
 * not energized: the VA of these, in equal shares.
 */
Load
device_share(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	Load		lost = {0, 0};
	int			consumers_on = 0;

	for (int s = ports.first; s < ports.end; s++)
	{
		int			port = network->device_ports[s];

		if (network->ports[port].inlet)
			continue;
		if (state->ports[port].on)
			consumers_on++;
		else
			lost = add_load(lost, network->ports[port].own);
	}
	return consumers_on > 0 ? scale_load(lost, 1.0 / consumers_on) : (Load) {0, 0};
}

/*
 * An inlet without an allocated draw of its own carries its outlets; with one,
 * its own figures.  A consumer carries its own and what it takes over.
 */
Load
port_load(const PowerState *state, int port)
{
	const Network *network = state->network;
	const NetPort *p = &network->ports[port];
	Load		sum = {0, 0};

	if (!state->ports[port].on)
		return sum;
	if (!p->inlet)
		return add_load(p->own, state->devices[p->device].share);
	if (p->has_allocated)
		return p->own;
	for (int s = p->outlets.first; s < p->outlets.end; s++)
	{
		int			load = network->outlets[network->port_outlets[s]].port;

		if (load >= 0)
			sum = add_load(sum, state->ports[load].load);
	}
	return sum;
}

/* What the ports of a device carry. */
Load
device_load(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	Load		sum = {0, 0};

	for (int s = ports.first; s < ports.end; s++)
		sum = add_load(sum, state->ports[network->device_ports[s]].load);
	return sum;
}

/* The sum over a panel's energized feeds. */
Load
panel_sum(const PowerState *state, int panel)
{
	const Network *network = state->network;
	Slice		out = network->panels[panel].out;
	Load		sum = {0, 0};

	for (int s = out.first; s < out.end; s++)
		if (state->feeds[network->feeds_out[s]].on)
			sum = add_load(sum, state->feeds[network->feeds_out[s]].load);
	return sum;
}

/*
 * The energized feeds that share a panel's load: the primaries if one is
 * energized, else the redundants.  Their number and their power.
 */
static int
sharing_feeds(const PowerState *state, int panel, bool *primary, double *available)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;
	int			n[2] = {0, 0};
	double		sum[2] = {0, 0};

	for (int s = in.first; s < in.end; s++)
	{
		int			feed = network->feeds_in[s];
		int			kind = network->feeds[feed].primary ? 1 : 0;

		if (!state->feeds[feed].on)
			continue;
		n[kind]++;
		sum[kind] += Max(network->feeds[feed].available, 0);
	}
	*primary = n[1] > 0;
	*available = sum[*primary ? 1 : 0];
	return n[*primary ? 1 : 0];
}

/*
 * Shares a panel's load out among the feeds that enter it: in proportion to
 * their available power, equally where all of them have none.
 */
void
panel_share_out(const PowerState *state, int panel, FeedLoadSetter set, void *arg)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;
	bool		primary;
	double		available;
	int			n = sharing_feeds(state, panel, &primary, &available);

	for (int s = in.first; s < in.end; s++)
	{
		int			feed = network->feeds_in[s];
		Load		load = {0, 0};

		if (state->feeds[feed].on && network->feeds[feed].primary == primary)
			load = scale_load(state->panels[panel].load,
							  available > 0 ? Max(network->feeds[feed].available, 0) / available : 1.0 / n);
		set(arg, feed, load);
	}
}

/* By the main breaker, else by all energized feeds that enter it. */
double
panel_capacity(const PowerState *state, int panel)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;
	double		sum = -1;

	if (network->panels[panel].main_va >= 0)
		return network->panels[panel].main_va;
	for (int s = in.first; s < in.end; s++)
		if (state->feeds[network->feeds_in[s]].on)
			sum = Max(sum, 0) + Max(network->feeds[network->feeds_in[s]].available, 0);
	return sum;
}

bool
feed_overloaded(const PowerState *state, int feed)
{
	double		available = state->network->feeds[feed].available;

	return available >= 0 && state->feeds[feed].load.allocated > available + LOAD_TOLERANCE;
}

bool
panel_overloaded(const PowerState *state, int panel)
{
	const PanelState *p = &state->panels[panel];

	return p->capacity >= 0 && p->load.allocated > p->capacity + LOAD_TOLERANCE;
}

/* --- Phases --- */

/*
 * Does this feed load the phases by its outlets' legs?  A three-phase feed on
 * a three-phase bus, with three poles or no position, cabled to an inlet
 * without override of which some outlet names a leg.
 */
static bool
loads_by_legs(const Network *network, const NetFeed *feed)
{
	const NetPort *port;

	if (!feed->three_phase || network->panels[feed->panel].bus != BUS_THREE_PHASE ||
		(feed->position > 0 && feed->poles != 3) ||
		feed->destination >= 0 || feed->port < 0)
		return false;
	port = &network->ports[feed->port];
	if (!port->inlet || port->has_allocated)
		return false;
	for (int s = port->outlets.first; s < port->outlets.end; s++)
		if (network->outlets[network->port_outlets[s]].leg != 0)
			return true;
	return false;
}

static void
add_legs(const PowerState *state, const NetPort *port, double *phases)
{
	const Network *network = state->network;

	for (int s = port->outlets.first; s < port->outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];
		double		va = outlet->port < 0 ? 0 : state->ports[outlet->port].load.allocated;

		if (outlet->leg != 0)
			phases[outlet->leg - 'A'] += va;
		else
			for (int i = 0; i < 3; i++)
				phases[i] += va / 3;
	}
}

/*
 * Adds what a feed puts on the phases of its panel's bus, were its breaker at
 * some position (0: none); returns how many phases the bus has.
 */
int
feed_phase_loads(const PowerState *state, int feed, int position, double *phases)
{
	const Network *network = state->network;
	const NetFeed *f = &network->feeds[feed];
	const NetPanel *panel = &network->panels[f->panel];
	double		va = state->feeds[feed].load.allocated;
	int			n = bus_phases(panel->bus);

	if (n == 0 || !state->feeds[feed].on)
		return n;
	if (loads_by_legs(network, f))
		add_legs(state, &network->ports[f->port], phases);
	else if (position > 0)
		for (int i = 0; i < f->poles; i++)
			phases[position_phase_number(panel->numbering, panel->bus,
										 position + i * pole_step(panel->numbering))] += va / f->poles;
	else
		for (int i = 0; i < n; i++)
			phases[i] += va / n;
	return n;
}

/* The allocated load of each phase of a panel. */
void
panel_phase_loads(const PowerState *state, int panel, double *phases)
{
	const Network *network = state->network;
	Slice		out = network->panels[panel].out;

	memset(phases, 0, sizeof(double) * 3);
	for (int s = out.first; s < out.end; s++)
	{
		int			feed = network->feeds_out[s];

		(void) feed_phase_loads(state, feed, network->feeds[feed].position, phases);
	}
}

/* Percent; 0 where there is no load or one phase.  Not for dc. */
double
phase_imbalance(PanelBus bus, const double *phases)
{
	int			n = bus_phases(bus);
	double		mean = 0;
	double		worst = 0;

	for (int i = 0; i < n; i++)
		mean += phases[i] / n;
	if (mean <= 0 || n < 2)
		return 0;
	for (int i = 0; i < n; i++)
		worst = Max(worst, fabs(phases[i] - mean));
	/* what is left by rounding is no imbalance */
	return worst > mean * 1e-12 ? 100 * worst / mean : 0;
}

/* --- Everything --- */

static void
set_feed_load(void *arg, int feed, Load load)
{
	((PowerState *) arg)->feeds[feed].load = load;
}

static void
compute_energized(PowerState *state)
{
	const Network *network = state->network;

	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		out = network->panels[panel].out;

		state->panels[panel].on = panel_is_on(state, panel);
		for (int s = out.first; s < out.end; s++)
			state->feeds[network->feeds_out[s]].on = feed_is_on(state, network->feeds_out[s]);
	}
	for (int i = 0; i < network->n_ordered_ports; i++)
		state->ports[network->port_order[i]].on = port_is_on(state, network->port_order[i]);
	for (int d = 0; d < network->n_devices; d++)
		state->devices[d].ports_on = device_ports_on(state, d);
}

static void
compute_loads(PowerState *state)
{
	const Network *network = state->network;

	for (int d = 0; d < network->n_devices; d++)
		state->devices[d].share = device_share(state, d);
	for (int i = network->n_ordered_ports - 1; i >= 0; i--)
	{
		int			port = network->port_order[i];

		state->ports[port].load = port_load(state, port);
		if (network->ports[port].feed >= 0 && network->feeds[network->ports[port].feed].destination < 0)
			state->feeds[network->ports[port].feed].load = state->ports[port].load;
	}
	for (int d = 0; d < network->n_devices; d++)
		state->devices[d].load = device_load(state, d);
	CHECK_FOR_INTERRUPTS();
	for (int i = network->n_panels - 1; i >= 0; i--)
	{
		int			panel = network->panel_order[i];

		state->panels[panel].load = panel_sum(state, panel);
		state->panels[panel].capacity = panel_capacity(state, panel);
		panel_share_out(state, panel, set_feed_load, state);
	}
}

/* The state of a network as it is now, in the network's memory. */
PowerState *
power_state_compute(Network *network)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	PowerState *state = palloc0(sizeof(PowerState));

	state->network = network;
	state->panels = zeroed_array(PanelState, network->n_panels);
	state->feeds = zeroed_array(FeedState, network->n_feeds);
	state->ports = zeroed_array(PortState, network->n_ports);
	state->devices = zeroed_array(DevicePowerState, network->n_devices);
	compute_energized(state);
	compute_loads(state);
	MemoryContextSwitchTo(caller);
	return state;
}
