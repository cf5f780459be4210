/*-------------------------------------------------------------------------
 *
 * single_outages.c
 *	  What the failure of any one thing does, all of them together.
 *
 * Each outage is computed on top of the state as it is now and undone; what it
 * does is noted twice, before and after breakers open (trip_stages.c).  What opens
 * now, though nothing fails, counts as well.
 *
 * Where two things would do the same to everything else, one of them is left out:
 * a panel that one energized feed enters goes with that feed, a feed that is the
 * only energized one of its panel with the panel, and a device that lives by one
 * cord, which is all that its feed leads to, with that feed.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "circuits.h"
#include "margins.h"
#include "overloads.h"
#include "single_outages.h"
#include "suspects.h"
#include "trip_stages.h"

/* What is overloaded on a stage of the trips, by index. */
typedef struct StageOverloads
{
	int		   *panels;
	int		   *feeds;
	int		   *ports;
	int		   *banks;
	int			n_panels;
	int			n_feeds;
	int			n_ports;
	int			n_banks;
} StageOverloads;

/* What is worked with. */
typedef struct Sweep
{
	PowerState *state;			/* as all is now, between outages */
	TripStages *stages;
	StageOverloads *overloads;	/* of each stage but the first, which is now */
	Suspects   *suspects;		/* of what they do not name, and what the margins
								 * bear, nothing is to be noted; or NULL */
	Margins    *margins;
	Circuits   *circuits;		/* NULL where suspects is */
	int		   *undecided;		/* of each part of the network: devices of which
								 * something may still be to be noted */
	SingleOutages *flags;
} Sweep;

static int
count_on(const PowerState *state, const int *feeds, Slice slice)
{
	int			n = 0;

	for (int s = slice.first; s < slice.end; s++)
		n += state->feeds[feeds[s]].on;
	return n;
}

/*
 * Notes what is dark in the outage as it is; the device that failed, or -1, is not
 * meant.  What is dark on a later stage already is so though nothing fails, and has
 * been noted.
 */
static void
note_dark(Sweep *sweep, const Outage *outage, int failed, uint8 flag)
{
	for (int i = 0; i < outage->n_devices; i++)
		if (outage->devices[i].index != failed &&
			device_state(outage->state, outage->devices[i].index) == DEVICE_DARK)
			sweep->flags->devices[outage->devices[i].index] |= flag;
}

/* The same of what circuits feed; what is dark by them is so in each outage that they are off in. */
static void
note_dark_clusters(Sweep *sweep, const Outage *outage)
{
	for (int i = 0; i < outage->n_clusters; i++)
	{
		CircuitLoads *loads = circuits_loads(sweep->circuits, outage->state, outage->clusters[i]);

		if (loads->noted)
			continue;
		for (int k = 0; k < loads->n_dark; k++)
			sweep->flags->devices[loads->dark[k]] |= BY_FAILURE;
		loads->noted = true;
	}
}

static void
note_panel(Sweep *sweep, const PowerState *state, int panel, uint8 flag)
{
	if (panel_overloaded(state, panel))
		sweep->flags->panels[panel] |= flag;
}

static void
note_feed(Sweep *sweep, const PowerState *state, int feed, uint8 flag)
{
	if (feed_overloaded(state, feed))
		sweep->flags->feeds[feed] |= flag;
}

static void
note_bank(Sweep *sweep, const PowerState *state, int bank, uint8 flag)
{
	if (bank_overloaded(state, bank))
		sweep->flags->banks[bank] |= flag;
}

static void
note_port(Sweep *sweep, const PowerState *state, int port, uint8 flag)
{
	if (port_overloaded(state, port))
		sweep->flags->ports[port] |= flag;
}

/* What the outage has changed. */
static void
note_overloaded(Sweep *sweep, const Outage *outage, uint8 flag)
{
	const PowerState *state = outage->state;
	const Network *network = state->network;

	for (int i = 0; i < outage->n_panels; i++)
		note_panel(sweep, state, outage->panels[i].index, flag);
	for (int i = 0; i < outage->n_feeds; i++)
		note_feed(sweep, state, outage->feeds[i].index, flag);
	for (int i = 0; i < outage->n_ports; i++)
	{
		int			port = outage->ports[i].index;
		int			outlet = network->ports[port].outlet;

		note_port(sweep, state, port, flag);
		/* the load of a bank changes with that of a port alone */
		if (outlet >= 0 && network->outlets[outlet].bank >= 0)
			note_bank(sweep, state, network->outlets[outlet].bank, flag);
	}
}

/* What was overloaded on the stage that the outage is on, before anything failed. */
static void
note_stage_overloads(Sweep *sweep, const PowerState *state, uint8 flag)
{
	const TripStages *stages = sweep->stages;
	const Network *network = state->network;
	const StageOverloads *on_stage = &sweep->overloads[trip_stages_at(stages)];

	for (int i = 0; i < on_stage->n_panels; i++)
		if (trip_stages_touches_panel(stages, on_stage->panels[i]))
			note_panel(sweep, state, on_stage->panels[i], flag);
	for (int i = 0; i < on_stage->n_feeds; i++)
		if (trip_stages_touches_panel(stages, network->feeds[on_stage->feeds[i]].panel))
			note_feed(sweep, state, on_stage->feeds[i], flag);
	for (int i = 0; i < on_stage->n_ports; i++)
		if (trip_stages_touches_device(stages, network->ports[on_stage->ports[i]].device))
			note_port(sweep, state, on_stage->ports[i], flag);
	for (int i = 0; i < on_stage->n_banks; i++)
		if (trip_stages_touches_device(stages, network->banks[on_stage->banks[i]].device))
			note_bank(sweep, state, on_stage->banks[i], flag);
}

static void
note_outage(Sweep *sweep, const Outage *outage, int failed, uint8 flag)
{
	note_dark(sweep, outage, failed, flag);
	note_dark_clusters(sweep, outage);
	if (sweep->suspects != NULL)
		return;
	note_overloaded(sweep, outage, flag);
	note_stage_overloads(sweep, outage->state, flag);
}

/* Notes what an outage does that has begun, and then, once all has opened; ends it. */
static void
run_outage(Sweep *sweep, const Outage *outage, int failed, uint8 flags)
{
	note_outage(sweep, outage, failed, flags);
	if (trip_stages_run(sweep->stages) > 0)
		note_outage(sweep, trip_stages_outage(sweep->stages, trip_stages_at(sweep->stages)), failed, BY_FAILURE);
	trip_stages_undo(sweep->stages);
}

/* Once it is noted what opens though nothing fails: where all is dark by that, there is no more to know. */
static void
count_undecided(Sweep *sweep)
{
	const PowerState *state = sweep->state;
	const Trips *now = trip_stages_now(sweep->stages);

	sweep->undecided = zeroed_array(int, trips_parts(now));
	for (int d = 0; d < state->network->n_devices; d++)
	{
		DeviceState before = device_state(state, d);

		CHECK_FOR_INTERRUPTS();
		if (before != DEVICE_NONE && before != DEVICE_DARK && sweep->suspects->followed.devices[d] &&
			(sweep->flags->devices[d] & BY_FAILURE) == 0)
			sweep->undecided[trips_part_of_device(now, d)]++;
	}
}

/* Is there anything to be noted of the failure of a panel, a feed or a device? */
static bool
matters_panel(const Sweep *sweep, int panel)
{
	return sweep->suspects == NULL ||
		(sweep->suspects->panels[panel] &&
		 sweep->undecided[trips_part_of_panel(trip_stages_now(sweep->stages), panel)] > 0);
}

static bool
matters_feed(const Sweep *sweep, int feed)
{
	return sweep->suspects == NULL ||
		(sweep->suspects->feeds[feed] && matters_panel(sweep, sweep->state->network->feeds[feed].panel) &&
		 !margins_bear_feed(sweep->margins, feed));
}

static bool
matters_device(const Sweep *sweep, int device)
{
	return sweep->suspects == NULL ||
		(sweep->suspects->followed.devices[device] &&
		 sweep->undecided[trips_part_of_device(trip_stages_now(sweep->stages), device)] > 0 &&
		 !margins_bear_device(sweep->margins, device));
}

static void
fail_panels(Sweep *sweep)
{
	const Network *network = sweep->state->network;

	for (int p = 0; p < network->n_panels; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!sweep->state->panels[p].on || !matters_panel(sweep, p) ||
			count_on(sweep->state, network->feeds_in, network->panels[p].in) == 1)
			continue;
		run_outage(sweep, trip_stages_fail(sweep->stages, panel_breaker(network, p)), -1, BY_MAINTENANCE | BY_FAILURE);
	}
}

static void
fail_feeds(Sweep *sweep)
{
	const Network *network = sweep->state->network;

	for (int p = 0; p < network->n_panels; p++)
	{
		Slice		out = network->panels[p].out;

		if (count_on(sweep->state, network->feeds_out, out) == 1)
			continue;
		for (int s = out.first; s < out.end; s++)
		{
			int			feed = network->feeds_out[s];

			CHECK_FOR_INTERRUPTS();
			if (!sweep->state->feeds[feed].on || !matters_feed(sweep, feed))
				continue;
			run_outage(sweep, trip_stages_fail(sweep->stages, feed_breaker(network, feed)), -1, BY_MAINTENANCE | BY_FAILURE);
		}
	}
}

/* Is the one cord that a device lives by all that a feed leads to? */
static bool
goes_with_feed(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;

	if (state->devices[device].cords_on != 1)
		return false;
	for (int s = ports.first; s < ports.end; s++)
	{
		const NetPort *port = &network->ports[network->device_ports[s]];

		if (port->feed >= 0 && state->feeds[port->feed].on)
			return slice_count(network->feeds[port->feed].ports) == 1;
	}
	return false;
}

static void
fail_devices(Sweep *sweep)
{
	const Network *network = sweep->state->network;

	for (int d = 0; d < network->n_devices; d++)
	{
		CHECK_FOR_INTERRUPTS();
		if (slice_count(network->devices[d].outlets) == 0 || sweep->state->devices[d].cords_on == 0 ||
			goes_with_feed(sweep->state, d) || !matters_device(sweep, d))
			continue;
		run_outage(sweep, trip_stages_fail_device(sweep->stages, d), d, BY_FAILURE);
	}
}

/* What is overloaded now does not become so. */
static void
forget_overloaded_now(Sweep *sweep)
{
	const PowerState *state = sweep->state;
	const Network *network = state->network;
	SingleOutages *flags = sweep->flags;

	for (int p = 0; p < network->n_panels; p++)
		if (panel_overloaded(state, p))
			flags->panels[p] = 0;
	for (int f = 0; f < network->n_feeds; f++)
		if (feed_overloaded(state, f))
			flags->feeds[f] = 0;
	for (int q = 0; q < network->n_ports; q++)
		if (port_overloaded(state, q))
			flags->ports[q] = 0;
	for (int b = 0; b < network->n_banks; b++)
		if (bank_overloaded(state, b))
			flags->banks[b] = 0;
}

/* Lists what is overloaded in a state. */
static void
list_overloads(const PowerState *state, StageOverloads *list)
{
	const Network *network = state->network;

	list->panels = huge_array(int, network->n_panels);
	list->feeds = huge_array(int, network->n_feeds);
	list->ports = huge_array(int, network->n_ports);
	list->banks = huge_array(int, network->n_banks);
	for (int p = 0; p < network->n_panels; p++)
		if (panel_overloaded(state, p))
			list->panels[list->n_panels++] = p;
	for (int f = 0; f < network->n_feeds; f++)
		if (feed_overloaded(state, f))
			list->feeds[list->n_feeds++] = f;
	for (int q = 0; q < network->n_ports; q++)
		if (port_overloaded(state, q))
			list->ports[list->n_ports++] = q;
	for (int b = 0; b < network->n_banks; b++)
		if (bank_overloaded(state, b))
			list->banks[list->n_banks++] = b;
}

/* Of now there is none: what is overloaded now does not become so. */
static void
list_stage_overloads(Sweep *sweep)
{
	int			n = trip_stages_count(sweep->stages);

	sweep->overloads = zeroed_array(StageOverloads, n);
	for (int stage = 1; stage < n && sweep->suspects == NULL; stage++)
		list_overloads(trip_stages_outage(sweep->stages, stage)->state, &sweep->overloads[stage]);
}

/*
 * Of the state as it is now, in the current memory context; it is left as it is.
 *
 * With trips_alone it is noted only which devices are dark by what opens.  Then
 * nothing has to fail that is no matter to a breaker that could open, and no device
 * has to be followed that is none.  What the suspects carry is right all the same,
 * and what others carry is within their bounds, so the same breakers open.
 */
SingleOutages *
single_outages_run(PowerState *state, bool trips_alone)
{
	const Network *network = state->network;
	Sweep		sweep = {.state = state};

	sweep.flags = palloc(sizeof(SingleOutages));
	sweep.flags->devices = zeroed_array(uint8, network->n_devices);
	sweep.flags->panels = zeroed_array(uint8, network->n_panels);
	sweep.flags->feeds = zeroed_array(uint8, network->n_feeds);
	sweep.flags->ports = zeroed_array(uint8, network->n_ports);
	sweep.flags->banks = zeroed_array(uint8, network->n_banks);
	if (trips_alone)
		sweep.suspects = suspects_find(state);
	sweep.stages = trip_stages_create(state, 1.0, trips_alone ? &sweep.suspects->followed : NULL);
	list_stage_overloads(&sweep);
	if (trips_alone)
	{
		Parts	   *clusters = parts_of_devices(network);

		sweep.margins = margins_find(state, sweep.suspects, trip_stages_now(sweep.stages), clusters);
		sweep.circuits = circuits_create(state, clusters, &sweep.suspects->followed);
		trip_stages_use_clusters(sweep.stages, &sweep.circuits->base);
	}
	run_outage(&sweep, trip_stages_fail_nothing(sweep.stages), -1, 0);
	if (trips_alone)
		count_undecided(&sweep);
	fail_panels(&sweep);
	fail_feeds(&sweep);
	trip_stages_use_clusters(sweep.stages, NULL);
	fail_devices(&sweep);
	forget_overloaded_now(&sweep);
	return sweep.flags;
}
