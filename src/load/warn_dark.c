/*-------------------------------------------------------------------------
 *
 * warn_dark.c
 *	  Warnings of devices that are dark: why they are.
 *
 * For each cord that is off, its way up is followed to the first thing that is to
 * blame: where there are several ways, along the first by name.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "warn.h"

/* More cords than this are not told of. */
#define CORDS_TOLD			4

static char *
port_text(const Network *network, int port)
{
	return psprintf("port \"%s\" of \"%s\"", network->ports[port].name,
					network->devices[network->ports[port].device].name);
}

/* Why a panel is off: it has no failed ones, so none of the feeds that enter it is on. */
static char *
why_panel(const PowerState *state, int panel)
{
	const Network *network = state->network;

	for (;;)
	{
		int			feed = first_live_feed(network, network->feeds_in, network->panels[panel].in);

		CHECK_FOR_INTERRUPTS();
		if (feed < 0)
			return psprintf("no feed that enters power panel \"%s\" is energized, by its status; set it to active where one is on", network->panels[panel].name);
		panel = network->feeds[feed].panel;
	}
}

static char *
why_feed(const PowerState *state, int feed)
{
	if (!state->network->feeds[feed].live)
		return psprintf("%s is not energized, by its status; set it to active if the feed is on", feed_text(state->network, feed));
	return why_panel(state, state->network->feeds[feed].panel);
}

/* Why a port is off. */
static char *
why_port(const PowerState *state, int port)
{
	const Network *network = state->network;

	for (;;)
	{
		const NetPort *p = &network->ports[port];
		const NetOutlet *outlet;

		CHECK_FOR_INTERRUPTS();
		if (p->source == 0)
			return psprintf("%s has no cable; plug it into a feed or an outlet", port_text(network, port));
		if (p->feed >= 0)
			return why_feed(state, p->feed);
		if (p->outlet < 0)
			return psprintf("what %s is cabled to cannot be seen", port_text(network, port));
		outlet = &network->outlets[p->outlet];
		if (outlet->inlet < 0)
			return psprintf("outlet \"%s\" of \"%s\" names no power port that feeds it; set its power_port_id",
							outlet->name, network->devices[outlet->device].name);
		port = outlet->inlet;
	}
}

static int
compare_port_names(const void *a, const void *b, void *network)
{
	const NetPort *ports = ((const Network *) network)->ports;

	return strcmp(ports[*(const int *) a].name, ports[*(const int *) b].name);
}

/* "port "PSU 1": ..; port "PSU 2": .."; by name, since rows come in any order */
static char *
why_device(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	StringInfoData buf;
	int			n = ports.end - ports.first;
	int		   *by_name = palloc(sizeof(int) * Max(n, 1));
	int			told = 0;

	memcpy(by_name, &network->device_ports[ports.first], sizeof(int) * n);
	qsort_arg(by_name, n, sizeof(int), compare_port_names, unconstify(Network *, network));
	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		int			port = by_name[i];

		if (state->ports[port].on || network->ports[port].inner)
			continue;
		if (told++ == CORDS_TOLD)
		{
			appendStringInfoString(&buf, "; and others");
			break;
		}
		appendStringInfo(&buf, "%sport \"%s\": %s", told > 1 ? "; " : "",
						 network->ports[port].name, why_port(state, port));
	}
	return buf.data;
}

void
warn_of_darkness(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	for (int d = 0; d < network->n_devices; d++)
	{
		const NetDevice *device = &network->devices[d];
		int			on = state->devices[d].cords_on;
		char	   *why;

		CHECK_FOR_INTERRUPTS();
		if (device_state(state, d) != DEVICE_DARK)
			continue;
		why = why_device(state, d);
		report_warning(sink, RULE_DEVICE_DARK, "device", &device->id, NULL, device->name,
			 on == 0 ? psprintf("device \"%s\" has no power (%s)", device->name, why) :
			 psprintf("device \"%s\" needs %d energized ports and has %d%s", device->name, device->needed, on,
					  why[0] == '\0' ? "; cable more, or correct needed_ports" : psprintf(" (%s)", why)));
	}
}
