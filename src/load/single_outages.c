/*-------------------------------------------------------------------------
 *
 * single_outages.c
 *	  What the failure of any one thing does, all of them together.
 *
 * Each outage is computed on top of the state as it is now and undone; what it
 * does is noted twice, before and after breakers open.  What opens now, though
 * nothing fails, counts as well.
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
#include "single_outages.h"
#include "suspects.h"
#include "trips.h"

/* What is worked with. */
typedef struct Sweep
{
	PowerState *state;
	Outage	   *outage;
	Trips	   *trips;
	Suspects   *suspects;		/* of what they do not name, and what the margins
								 * bear, nothing is to be noted; or NULL */
	Margins    *margins;
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

/* Notes what is dark in the outage as it is; the device that failed, or -1, is not meant. */
static void
note_dark(Sweep *sweep, int failed, uint8 flag)
{
	const Outage *outage = sweep->outage;

	for (int i = 0; i < outage->n_devices; i++)
		if (outage->devices[i].index != failed &&
			device_state(sweep->state, outage->devices[i].index) == DEVICE_DARK)
			sweep->flags->devices[outage->devices[i].index] |= flag;
}

/* The same of what circuits feed; what is dark by them is so in each outage that they are off in. */
static void
note_dark_clusters(const Sweep *sweep)
{
	const Outage *outage = sweep->outage;

	for (int i = 0; i < outage->n_clusters; i++)
	{
		CircuitLoads *loads = circuits_loads(outage->circuits, outage->state, outage->clusters[i]);

		if (loads->noted)
			continue;
		for (int k = 0; k < loads->n_dark; k++)
			sweep->flags->devices[loads->dark[k]] |= BY_FAILURE;
		loads->noted = true;
	}
}

static void
note_overloaded(Sweep *sweep, uint8 flag)
{
	const PowerState *state = sweep->state;
	const Network *network = state->network;
	const Outage *outage = sweep->outage;
	SingleOutages *flags = sweep->flags;

	for (int i = 0; i < outage->n_panels; i++)
		if (panel_overloaded(state, outage->panels[i].index))
			flags->panels[outage->panels[i].index] |= flag;
	for (int i = 0; i < outage->n_feeds; i++)
		if (feed_overloaded(state, outage->feeds[i].index))
			flags->feeds[outage->feeds[i].index] |= flag;
	for (int i = 0; i < outage->n_ports; i++)
	{
		int			port = outage->ports[i].index;
		int			outlet = network->ports[port].outlet;
		int			bank = outlet < 0 ? -1 : network->outlets[outlet].bank;

		if (port_overloaded(state, port))
			flags->ports[port] |= flag;
		/* the load of a bank changes with that of a port alone */
		if (bank >= 0 && bank_overloaded(state, bank))
			flags->banks[bank] |= flag;
	}
}

static void
note_outage(Sweep *sweep, int failed, uint8 flag)
{
	note_dark(sweep, failed, flag);
	note_dark_clusters(sweep);
	if (sweep->suspects == NULL)
		note_overloaded(sweep, flag);
}

/* Runs an outage that was prepared, notes what it does, and undoes it. */
static void
run_outage(Sweep *sweep, int failed, uint8 flags)
{
	outage_run(sweep->outage);
	note_outage(sweep, failed, flags);
	if (trips_run(sweep->trips, NULL, NULL) > 0)
		note_outage(sweep, failed, BY_FAILURE);
	outage_undo(sweep->outage);
}

/* Once it is noted what opens though nothing fails: where all is dark by that, there is no more to know. */
static void
count_undecided(Sweep *sweep)
{
	const PowerState *state = sweep->state;

	sweep->undecided = zeroed_array(int, trips_parts(sweep->trips));
	for (int d = 0; d < state->network->n_devices; d++)
	{
		DeviceState now = device_state(state, d);

		CHECK_FOR_INTERRUPTS();
		if (now != DEVICE_NONE && now != DEVICE_DARK && sweep->suspects->followed.devices[d] &&
			(sweep->flags->devices[d] & BY_FAILURE) == 0)
			sweep->undecided[trips_part_of_device(sweep->trips, d)]++;
	}
}

/* Is there anything to be noted of the failure of a panel, a feed or a device? */
static bool
matters_panel(const Sweep *sweep, int panel)
{
	return sweep->suspects == NULL ||
		(sweep->suspects->panels[panel] && sweep->undecided[trips_part_of_panel(sweep->trips, panel)] > 0);
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
		 sweep->undecided[trips_part_of_device(sweep->trips, device)] > 0 &&
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
		outage_fail_panel(sweep->outage, p);
		run_outage(sweep, -1, BY_MAINTENANCE | BY_FAILURE);
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
			outage_fail_feed(sweep->outage, feed);
			run_outage(sweep, -1, BY_MAINTENANCE | BY_FAILURE);
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
		outage_fail_device(sweep->outage, d);
		run_outage(sweep, d, BY_FAILURE);
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
	sweep.outage = outage_create(state);
	if (trips_alone)
		sweep.outage->followed = &sweep.suspects->followed;
	sweep.trips = trips_create(sweep.outage, 1.0);
	if (trips_alone)
	{
		Parts	   *clusters = parts_of_devices(network);

		sweep.margins = margins_find(state, sweep.suspects, sweep.trips, clusters);
		outage_use_circuits(sweep.outage, circuits_create(state, clusters, &sweep.suspects->followed));
	}
	run_outage(&sweep, -1, 0);
	if (trips_alone)
		count_undecided(&sweep);
	fail_panels(&sweep);
	fail_feeds(&sweep);
	outage_use_circuits(sweep.outage, NULL);
	fail_devices(&sweep);
	forget_overloaded_now(&sweep);
	return sweep.flags;
}
