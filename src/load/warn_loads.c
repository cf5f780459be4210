/*-------------------------------------------------------------------------
 *
 * warn_loads.c
 *	  Warnings of what carries more than it may, now.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "amperes.h"
#include "overloads.h"
#include "query.h"
#include "warn.h"

/* The phases of a panel may be so far from their mean, in percent. */
#define IMBALANCE_MAX		20.0
/* What is used less than this may be as uneven as it likes, in percent. */
#define IMBALANCE_FROM		50.0

static char
most_loaded(const Phases *phases)
{
	int			most = 0;

	for (int i = 1; i < 3; i++)
		if (phasor_magnitude(phases->phase[i]) > phasor_magnitude(phases->phase[most]))
			most = i;
	return (char) ('A' + most);
}

/* "41.7 A (5000 VA)": a breaker goes by amperes */
static char *
amps_text(double amps, double va)
{
	return amps < 0 ? psprintf("%.0f VA", va) : psprintf("%.1f A (%.0f VA)", amps, va);
}

/* "24 A (2882 VA, 80 percent of 30 A)" */
static char *
feed_limit_text(const NetFeed *feed, double va)
{
	double		percent = feed_limit_percent(feed);

	return psprintf("%.4g A (%.0f VA, %.0f percent of %d A)", feed->amperage * percent / 100, va, percent, feed->amperage);
}

static void
warn_of_feeds(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];
		double		amps[3];
		double		highest;

		CHECK_FOR_INTERRUPTS();
		if (!feed_overloaded(state, f))
			continue;
		highest = feed_amps(state, f, amps);
		report_feed_warning(network, sink, RULE_POWER_FEED_OVERLOAD, f,
			 feed->kind == FEED_BY_POLES ?
			 psprintf("%s carries %s; it may carry %s; move loads to another feed",
					  feed_text(network, f), amps_text(highest, basis(state->feeds[f].load)),
					  feed_limit_text(feed, feed->available)) :
			 psprintf("%s carries %s in phase %c; it may carry %s in each; move loads to other phases or to another feed",
					  feed_text(network, f), amps_text(highest, feed_heaviest(state, f) / 3),
					  most_loaded(&state->feeds[f].phases), feed_limit_text(feed, feed->available / 3)));
	}
}

/* "48 A (5764 VA, 80 percent of its main breaker of 60 A)" */
static char *
panel_limit_text(const NetPanel *panel, double va, const char *in_each)
{
	if (panel->main_va < 0)
		return psprintf("%.0f VA%s, as much as the feeds that enter it", va, in_each);
	return psprintf("%.4g A (%.0f VA, %d percent of its main breaker of %d A)%s",
					panel->main_amperage * panel->max_utilization / 100.0, va,
					panel->max_utilization, panel->main_amperage, in_each);
}

static void
warn_of_panel_overload(const PowerState *state, int p, ViolationSink *sink)
{
	const NetPanel *panel = &state->network->panels[p];
	const PanelState *s = &state->panels[p];
	int			n = bus_phases(panel->bus);
	double		heaviest = panel_heaviest(state, p);

	if (!panel_overloaded(state, p))
		return;
	if (n < 2)
		report_warning(sink, RULE_POWER_PANEL_OVERLOAD, "power_panel", &panel->id, NULL, panel->name,
			 psprintf("power panel \"%s\" carries %s; it may carry %s; move loads to another panel", panel->name,
					  amps_text(panel->voltage > 0 ? heaviest / panel->voltage : -1, heaviest),
					  panel_limit_text(panel, s->capacity, "")));
	else
	{
		char		phase = most_loaded(&s->phases);
		double		amps[3];

		panel_amps(state, p, amps);
		report_warning(sink, RULE_POWER_PANEL_OVERLOAD, "power_panel", &panel->id, NULL, panel->name,
			 psprintf("power panel \"%s\" carries %s in phase %c; it may carry %s; move loads to other phases or to another panel",
					  panel->name, amps_text(amps[phase - 'A'], heaviest / n), phase,
					  panel_limit_text(panel, s->capacity / n, " in each")));
	}
}

static void
warn_of_panel(const PowerState *state, int p, ViolationSink *sink)
{
	const NetPanel *panel = &state->network->panels[p];
	const PanelState *s = &state->panels[p];
	int			n = bus_phases(panel->bus);
	double		heaviest = panel_heaviest(state, p);

	warn_of_panel_overload(state, p, sink);
	if (n < 2 || phase_imbalance(panel->bus, &s->phases) <= IMBALANCE_MAX ||
		(s->capacity > 0 && 100 * heaviest / s->capacity <= IMBALANCE_FROM))
		return;
	report_warning(sink, RULE_POWER_PANEL_IMBALANCE, "power_panel", &panel->id, NULL, panel->name,
		 psprintf("the phases of power panel \"%s\" carry %.0f, %.0f%s VA, an imbalance of %.1f percent (more than %.0f is uneven); move loads to lighter phases: suggest_rebalance() names breakers, where moving these helps",
				  panel->name, s->phases.phase[0].re, s->phases.phase[1].re,
				  n == 3 ? psprintf(", %.0f", s->phases.phase[2].re) : "",
				  phase_imbalance(panel->bus, &s->phases), IMBALANCE_MAX));
}

static void
warn_of_devices(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	for (int q = 0; q < network->n_ports; q++)
	{
		const NetPort *port = &network->ports[q];

		CHECK_FOR_INTERRUPTS();
		if (port_overloaded(state, q))
			report_port_warning(network, sink, RULE_POWER_PORT_OVERLOAD, q,
				 psprintf("power port \"%s\" of \"%s\" carries %.0f VA; by its maximum_draw it may carry %.0f VA; %s",
						  port->name, network->devices[port->device].name,
						  basis(state->ports[q].load), port->own.maximum,
						  port->inlet ? "move loads to another inlet or device" : "energize the other ports of the device"));
	}
	for (int b = 0; b < network->n_banks; b++)
	{
		const NetBank *bank = &network->banks[b];

		CHECK_FOR_INTERRUPTS();
		if (bank_overloaded(state, b))
			report_warning(sink, RULE_POWER_BANK_OVERLOAD, "power_bank", &bank->id,
				 network->devices[bank->device].name, bank->name,
				 psprintf("power bank \"%s\" of \"%s\" carries %.2f A; it may carry %.2f A (%d A at %d percent); move loads to another bank",
						  bank->name, network->devices[bank->device].name, bank_amps(state, b),
						  bank->rating, bank->amperage, bank->max_utilization));
	}
}

/* --- Racks --- */

typedef struct RackLimits
{
	const PowerState *state;
	IdMap	   *racks;			/* id -> index of draws */
	double	   *draws;			/* VA */
	ViolationSink *sink;
} RackLimits;

static void
check_rack_limit(void *arg, TupleTableSlot *row)
{
	RackLimits *limits = arg;
	pg_uuid_t  *rack = DatumGetUUIDP(row->tts_values[0]);
	int			at = id_map_find(limits->racks, rack);
	int			limit = DatumGetInt32(row->tts_values[2]);
	char	   *name;

	if (at < 0 || limits->draws[at] <= limit + LOAD_TOLERANCE)
		return;
	name = TextDatumGetCString(row->tts_values[1]);
	report_warning(limits->sink, RULE_RACK_OVERLOAD, "rack", rack, NULL, name,
		 psprintf("the devices of rack \"%s\" draw %.0f VA; its power limit is %d VA; move devices to another rack",
				  name, limits->draws[at], limit));
}

/* What devices that pass nothing on draw, rack by rack. */
static void
warn_of_racks(const PowerState *state, ViolationSink *sink)
{
	static CheckQuery query = QUERY("SELECT id, name, power_limit FROM powerpanel.rack WHERE power_limit IS NOT NULL");
	const Network *network = state->network;
	RackLimits	limits = {state, id_map_create(64), zeroed_array(double, network->n_devices), sink};
	int			n = 0;

	for (int d = 0; d < network->n_devices; d++)
	{
		const NetDevice *device = &network->devices[d];
		bool		found;
		int			at;

		if (!device->has_rack || slice_count(device->outlets) > 0)
			continue;
		at = id_map_add(limits.racks, &device->rack, n, &found);
		if (!found)
			n++;
		limits.draws[at] += basis(state->devices[d].load);
	}
	query_begin();
	query_each_for_user(&query, NULL, check_rack_limit, &limits);
	query_end();
}

void
warn_of_loads(const PowerState *state, ViolationSink *sink)
{
	warn_of_feeds(state, sink);
	for (int p = 0; p < state->network->n_panels; p++)
	{
		CHECK_FOR_INTERRUPTS();
		warn_of_panel(state, p, sink);
	}
	warn_of_devices(state, sink);
	warn_of_racks(state, sink);
}
