/*-------------------------------------------------------------------------
 *
 * warn_cabling.c
 *	  Warnings of what is connected, and cannot be so or cannot be reckoned with.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "warn.h"

/*
 * The leg that all outlets of a port name, by themselves or by their bank; none
 * where there are fewer than two, or they differ.
 */
static Leg
common_leg(const Network *network, int port)
{
	Slice		outlets = network->ports[port].outlets;
	Leg			leg = LEG_NONE;
	int			n = 0;

	for (int s = outlets.first; s < outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];

		if (outlet->leg == LEG_NONE || (n > 0 && outlet->leg != leg))
			return LEG_NONE;
		leg = outlet->leg;
		n++;
	}
	return n < 2 ? LEG_NONE : leg;
}

static void
warn_of_ports(const PowerState *state, ViolationSink *sink)
{
	static const char *const legs[] = {"", "A", "B", "C", "A-B", "B-C", "A-C"};
	const Network *network = state->network;

	for (int q = 0; q < network->n_ports; q++)
	{
		const NetPort *port = &network->ports[q];
		const char *device = network->devices[port->device].name;
		Leg			leg;

		CHECK_FOR_INTERRUPTS();
		if (port->source != 0 && !port->inlet && !port->has_allocated)
			report_port_warning(network, sink, RULE_POWER_PORT_DRAW_UNKNOWN, q,
				 psprintf("power port \"%s\" of \"%s\" has no allocated_draw and counts as 0 in the allocated figures; set it%s",
						  port->name, device, port->has_maximum && load_basis != BASIS_MAXIMUM ?
						  ", or go by the maximum figures with powerpanel.load_basis = maximum" : ""));
		if (port->feed < 0 || !network->feeds[port->feed].three_phase)
			continue;
		leg = common_leg(network, q);
		if (leg != LEG_NONE)
			report_port_warning(network, sink, RULE_POWER_PORT_LEG, q,
				 psprintf("all outlets of power port \"%s\" of \"%s\" are on leg %s of a three-phase feed; correct their feed_leg, or that of their banks",
						  port->name, device, legs[leg]));
	}
}

/* How many energized primary feeds enter a panel. */
static int
primaries_into(const PowerState *state, int panel)
{
	const Network *network = state->network;
	Slice		in = network->panels[panel].in;
	int			n = 0;

	for (int s = in.first; s < in.end; s++)
		n += state->feeds[network->feeds_in[s]].on && network->feeds[network->feeds_in[s]].primary;
	return n;
}

void
warn_of_cabling(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	warn_of_ports(state, sink);
	for (int p = 0; p < network->n_panels; p++)
	{
		const NetPanel *panel = &network->panels[p];
		int			live = state->panels[p].on ? -1 : first_live_feed(network, network->feeds_out, panel->out);
		int			primaries;

		CHECK_FOR_INTERRUPTS();
		if (live >= 0)
			report_warning(sink, RULE_POWER_PANEL_OFF, "power_panel", &panel->id, NULL, panel->name,
				 psprintf("power panel \"%s\" is not energized, but its feed \"%s\" is, by its status; correct that status, or that of a feed that enters the panel",
						  panel->name, network->feeds[live].name));
		primaries = panel->type == PANEL_TRANSFER_SWITCH ? primaries_into(state, p) : 0;
		if (primaries > 1)
			report_warning(sink, RULE_POWER_PANEL_TRANSFER_PRIMARIES, "power_panel", &panel->id, NULL, panel->name,
				 psprintf("%d energized primary feeds enter transfer switch \"%s\", which takes one at a time; make all but one redundant",
						  primaries, panel->name));
	}
}
