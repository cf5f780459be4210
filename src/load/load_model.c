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
 * Beside the loads go the currents in the phases (phases.c), of the figure that
 * powerpanel.load_basis names.  How heavily things are loaded by all that, and their
 * amperes, is not part of the model, which never asks (overloads.c, amperes.c).
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/guc.h"

#include "load_model.h"

/* Voltages so close to each other are the same, as a part of the first one. */
#define VOLTAGE_TOLERANCE	0.05

int			load_basis = BASIS_ALLOCATED;

void
load_basis_init(void)
{
	static const struct config_enum_entry options[] = {
		{"allocated", BASIS_ALLOCATED, false},
		{"maximum", BASIS_MAXIMUM, false},
		{NULL, 0, false}
	};

	DefineCustomEnumVariable("powerpanel.load_basis",
							 "By which draws utilization, phases, amperes and overloads are reckoned.",
							 "allocated: what ports are planned to draw; maximum: the most they can.",
							 &load_basis, BASIS_ALLOCATED, options,
							 PGC_USERSET, 0, NULL, NULL, NULL);
}

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

/* The inlet that feeds an outlet at present: the first while it is on; or -1. */
int
outlet_feeder(const PowerState *state, int outlet)
{
	const NetOutlet *o = &state->network->outlets[outlet];

	if (state->devices[o->device].failed)
		return -1;
	if (o->inlet >= 0 && state->ports[o->inlet].on)
		return o->inlet;
	return o->alternate >= 0 && state->ports[o->alternate].on ? o->alternate : -1;
}

bool
port_is_on(const PowerState *state, int port)
{
	const NetPort *p = &state->network->ports[port];

	if (p->feed >= 0)
		return state->feeds[p->feed].on;
	return p->outlet >= 0 && outlet_feeder(state, p->outlet) >= 0;
}

/* A bank is on with its inlet, or where an alternate feeds one of its outlets. */
bool
bank_is_on(const PowerState *state, int bank)
{
	const Network *network = state->network;
	const NetBank *b = &network->banks[bank];

	if (b->inlet >= 0 && state->ports[b->inlet].on && !state->devices[b->device].failed)
		return true;
	for (int s = b->outlets.first; s < b->outlets.end; s++)
		if (outlet_feeder(state, network->bank_outlets[s]) >= 0)
			return true;
	return false;
}

int
device_cords_on(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	int			n = 0;

	for (int s = ports.first; s < ports.end; s++)
		n += state->ports[network->device_ports[s]].on && !network->ports[network->device_ports[s]].inner;
	return n;
}

DeviceState
device_state(const PowerState *state, int device)
{
	return device_state_with(state->network, device, &state->devices[device]);
}

/* How many cords keep a device on: one with outlets passes power on as long as there is any. */
int
device_needed(const NetDevice *device)
{
	return slice_count(device->outlets) > 0 ? 1 : Max(device->needed, 1);
}

DeviceState
device_state_with(const Network *network, int device, const DevicePowerState *state)
{
	const NetDevice *d = &network->devices[device];

	if (d->cords == 0)
		return DEVICE_NONE;
	if (state->failed || state->cords_on < device_needed(d))
		return DEVICE_DARK;
	return state->cords_on == d->cords ? DEVICE_ON : DEVICE_DEGRADED;
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
 * What a port brings to the phases of the three-phase feed above it: an inlet
 * without override what its outlets bring, any other a third of its load to each.
 */
static Phases
port_brings(const PowerState *state, int port)
{
	const NetPort *p = &state->network->ports[port];

	if (p->inlet && !p->has_allocated)
		return state->inlets[p->inlet_number];
	return phases_even(basis(state->ports[port].load));
}

/*
 * The sum of the outlets that an inlet feeds at present, and what they bring to
 * the phases: one with a leg on that leg, one without what is plugged into it
 * brings, so that the legs of cascaded rack PDUs are followed.  Are there any?
 */
static bool
sum_outlets(const PowerState *state, int port, Load *load, Phases *phases)
{
	const Network *network = state->network;
	Slice		outlets = network->ports[port].outlets;
	bool		any = false;

	for (int s = outlets.first; s < outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];

		if (outlet_feeder(state, network->port_outlets[s]) != port)
			continue;
		any = true;
		if (outlet->port < 0)
			continue;
		*load = add_load(*load, state->ports[outlet->port].load);
		if (outlet->leg != LEG_NONE)
			phases_add_leg(phases, outlet->leg, basis(state->ports[outlet->port].load));
		else
		{
			Phases		brings = port_brings(state, outlet->port);

			phases_add(phases, &brings);
		}
	}
	return any;
}

/*
 * An inlet without an allocated draw of its own carries its outlets; with one,
 * its own figures, unless others feed all of its outlets.  A consumer carries its
 * own and what it takes over.
 */
Load
port_carries(const PowerState *state, int port, Phases *phases)
{
	const NetPort *p = &state->network->ports[port];
	const DevicePowerState *device = &state->devices[p->device];
	Load		sum = {0, 0};
	bool		feeds_any;

	memset(phases, 0, sizeof(Phases));
	if (!state->ports[port].on || device->dark)
		return sum;
	if (!p->inlet)
		return add_load(p->own, device->share);
	feeds_any = sum_outlets(state, port, &sum, phases);
	if (!p->has_allocated)
		return sum;
	return feeds_any ? p->own : (Load) {0, 0};
}

/* The sum of the outlets of a bank. */
Load
bank_carries(const PowerState *state, int bank)
{
	const Network *network = state->network;
	Slice		outlets = network->banks[bank].outlets;
	Load		sum = {0, 0};

	for (int s = outlets.first; s < outlets.end; s++)
	{
		int			port = network->outlets[network->bank_outlets[s]].port;

		if (port >= 0)
			sum = add_load(sum, state->ports[port].load);
	}
	return sum;
}

/* What the cords of a device carry. */
Load
device_load(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	Load		sum = {0, 0};

	for (int s = ports.first; s < ports.end; s++)
		if (!network->ports[network->device_ports[s]].inner)
			sum = add_load(sum, state->ports[network->device_ports[s]].load);
	return sum;
}

/* A load of a feed on the phases of its panel's bus, by the poles of its breaker. */
static Phases
by_poles(const Network *network, const NetFeed *feed, int position, Load load)
{
	return phases_of_poles(&network->panels[feed->panel], position, feed->poles, basis(load));
}

/* What a feed carries that leads to no panel: its ports, or its connected load. */
Load
feed_end_load(const PowerState *state, int feed, Phases *phases)
{
	const Network *network = state->network;
	const NetFeed *f = &network->feeds[feed];
	Load		load = {0, 0};

	memset(phases, 0, sizeof(Phases));
	if (!state->feeds[feed].on)
		return load;
	if (slice_count(f->ports) == 0)
		load = (Load) {f->connected_load, f->connected_load};
	for (int s = f->ports.first; s < f->ports.end; s++)
	{
		load = add_load(load, state->ports[network->feed_ports[s]].load);
		if (f->kind == FEED_BY_LEGS)
		{
			Phases		brings = port_brings(state, network->feed_ports[s]);

			phases_add(phases, &brings);
		}
	}
	if (f->kind != FEED_BY_LEGS)
		*phases = by_poles(network, f, f->position, load);
	return load;
}

/* What a feed would bring to its panel's bus, were its breaker at some position. */
Phases
feed_phases_at(const PowerState *state, int feed, int position)
{
	const NetFeed *f = &state->network->feeds[feed];

	if (f->kind != FEED_BY_POLES)
		return state->feeds[feed].phases;
	return by_poles(state->network, f, position, state->feeds[feed].load);
}

/* The sum over a panel's energized feeds. */
void
panel_sum(const PowerState *state, int panel, Load *load, Phases *phases)
{
	const Network *network = state->network;
	Slice		out = network->panels[panel].out;

	memset(load, 0, sizeof(Load));
	memset(phases, 0, sizeof(Phases));
	for (int s = out.first; s < out.end; s++)
	{
		const FeedState *feed = &state->feeds[network->feeds_out[s]];

		if (!feed->on)
			continue;
		*load = add_load(*load, feed->load);
		phases_add(phases, &feed->phases);
	}
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

/* Is there no transformer between two panels?  Where one has no voltage, there is none. */
static bool
same_voltage(const NetPanel *upper, const NetPanel *lower)
{
	return upper->voltage <= 0 || lower->voltage <= 0 ||
		fabs(lower->voltage - upper->voltage) <= VOLTAGE_TOLERANCE * upper->voltage;
}

/*
 * What a load of the panel that a feed enters, with its phases, puts on the phases
 * of the panel that it leaves: the currents phase by phase, or through a delta-wye
 * transformer.  The rectifier of a UPS draws evenly.  Twice the load puts on twice
 * as much, and two loads the sum.
 */
Phases
feed_passes(const Network *network, int feed, const Phases *phases, double va)
{
	const NetFeed *f = &network->feeds[feed];
	const NetPanel *upper = &network->panels[f->panel];
	const NetPanel *lower = &network->panels[f->destination];

	if (f->kind != FEED_BY_PHASES)
		return phases_of_poles(upper, f->position, f->poles, va);
	if (lower->type == PANEL_UPS)
		return phases_even(va);
	return same_voltage(upper, lower) ? *phases : phases_delta_wye(phases);
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
		const NetFeed *f = &network->feeds[feed];
		Load		load = {0, 0};
		Phases		phases = {{{0, 0}, {0, 0}, {0, 0}}};

		if (state->feeds[feed].on && f->primary == primary)
		{
			double		part = available > 0 ? Max(f->available, 0) / available : 1.0 / n;

			load = scale_load(state->panels[panel].load, part);
			phases = phases_scale(&state->panels[panel].phases, part);
			phases = feed_passes(network, feed, &phases, basis(load));
		}
		set(arg, feed, load, &phases);
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

/* --- Everything --- */

static void
set_feed_load(void *arg, int feed, Load load, const Phases *phases)
{
	FeedState  *state = &((PowerState *) arg)->feeds[feed];

	state->load = load;
	state->phases = *phases;
}

static void
compute_energized(PowerState *state)
{
	const Network *network = state->network;

	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		out = network->panels[panel].out;

		CHECK_FOR_INTERRUPTS();
		state->panels[panel].on = panel_is_on(state, panel);
		for (int s = out.first; s < out.end; s++)
			state->feeds[network->feeds_out[s]].on = feed_is_on(state, network->feeds_out[s]);
	}
	for (int i = 0; i < network->n_ordered_ports; i++)
	{
		CHECK_FOR_INTERRUPTS();
		state->ports[network->port_order[i]].on = port_is_on(state, network->port_order[i]);
	}
	for (int d = 0; d < network->n_devices; d++)
	{
		CHECK_FOR_INTERRUPTS();
		state->devices[d].cords_on = device_cords_on(state, d);
		state->devices[d].dark = device_state(state, d) == DEVICE_DARK;
		state->devices[d].share = device_share(state, d);
	}
}

static void
compute_loads(PowerState *state)
{
	const Network *network = state->network;

	for (int i = network->n_ordered_ports - 1; i >= 0; i--)
	{
		int			port = network->port_order[i];
		Phases		phases;

		CHECK_FOR_INTERRUPTS();
		state->ports[port].load = port_carries(state, port, &phases);
		if (network->ports[port].inlet)
			state->inlets[network->ports[port].inlet_number] = phases;
	}
	for (int d = 0; d < network->n_devices; d++)
		state->devices[d].load = device_load(state, d);
	for (int f = 0; f < network->n_feeds; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!network->feeds[f].has_destination)
			state->feeds[f].load = feed_end_load(state, f, &state->feeds[f].phases);
	}
	for (int i = network->n_panels - 1; i >= 0; i--)
	{
		int			panel = network->panel_order[i];

		CHECK_FOR_INTERRUPTS();
		panel_sum(state, panel, &state->panels[panel].load, &state->panels[panel].phases);
		state->panels[panel].capacity = panel_capacity(state, panel);
		panel_share_out(state, panel, set_feed_load, state);
	}
}

/* Room for a state, in the network's memory. */
static PowerState *
power_state_create(Network *network)
{
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	PowerState *state = palloc0(sizeof(PowerState));

	state->network = network;
	state->panels = zeroed_array(PanelState, network->n_panels);
	state->feeds = zeroed_array(FeedState, network->n_feeds);
	state->ports = zeroed_array(PortState, network->n_ports);
	state->inlets = zeroed_array(Phases, network->n_inlets);
	state->devices = zeroed_array(DevicePowerState, network->n_devices);
	MemoryContextSwitchTo(caller);
	return state;
}

/* What is energized, without the loads. */
PowerState *
power_state_energized(Network *network)
{
	PowerState *state = power_state_create(network);

	compute_energized(state);
	return state;
}

/* The state of a network as it is now. */
PowerState *
power_state_compute(Network *network)
{
	PowerState *state = power_state_create(network);

	compute_energized(state);
	compute_loads(state);
	return state;
}

PowerState *
power_state_copy(const PowerState *state)
{
	Network    *network = state->network;
	PowerState *copy = power_state_create(network);

	memcpy(copy->panels, state->panels, sizeof(PanelState) * network->n_panels);
	memcpy(copy->feeds, state->feeds, sizeof(FeedState) * network->n_feeds);
	memcpy(copy->ports, state->ports, sizeof(PortState) * network->n_ports);
	memcpy(copy->inlets, state->inlets, sizeof(Phases) * network->n_inlets);
	memcpy(copy->devices, state->devices, sizeof(DevicePowerState) * network->n_devices);
	return copy;
}
