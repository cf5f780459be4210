/*-------------------------------------------------------------------------
 *
 * warn_ratings.c
 *	  Warnings of feeds whose columns, or their panel's, do not go together.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"

#include "amperes.h"
#include "warn.h"

/* Voltages so close to each other are the same, as a part of the first one. */
static bool
near_voltage(double expected, double voltage)
{
	return fabs(voltage - expected) <= 0.05 * expected;
}

static bool
contradicts_poles(const NetFeed *feed)
{
	return feed->poles > 0 && (feed->three_phase ? feed->poles < 3 : feed->poles >= 3);
}

static bool
contradicts_supply(const NetFeed *feed, const NetPanel *panel)
{
	return feed->dc != (panel->bus == BUS_DC) || (feed->dc && feed->three_phase);
}

static char *
supply_message(const Network *network, int f)
{
	const NetFeed *feed = &network->feeds[f];

	if (feed->dc && feed->three_phase)
		return psprintf("%s is dc and three-phase, which there is not; set phase to single-phase",
						feed_text(network, f));
	return psprintf("%s is %s, the bus of its panel %s; correct supply, or the panel's bus", feed_text(network, f),
					feed->dc ? "dc" : "ac", feed->dc ? "ac" : "dc");
}

/*
 * The voltages that a feed can have on its panel, as many as two: across a bus of
 * several phases a single-phase feed is one pole to neutral or two poles between
 * phases, and where its poles are not known, either.
 */
static int
possible_voltages(const NetFeed *feed, const NetPanel *panel, double *voltages)
{
	double		to_neutral = panel->voltage / (panel->bus == BUS_THREE_PHASE ? ROOT3 : 2);
	int			n = 0;

	if (bus_phases(panel->bus) < 2 || feed->three_phase || feed->poles != 1)
		voltages[n++] = panel->voltage;
	if (bus_phases(panel->bus) >= 2 && !feed->three_phase && feed->poles <= 1)
		voltages[n++] = to_neutral;
	return n;
}

/* "3-pole feed", by what is known of it */
static char *
kind_text(const NetFeed *feed)
{
	if (feed->poles > 0)
		return psprintf("%d-pole feed", feed->poles);
	return feed->three_phase ? pstrdup("three-phase feed") : pstrdup("single-phase feed");
}

/* "208 V", or "120 V to neutral" */
static char *
voltage_text(const NetPanel *panel, double voltage)
{
	if (voltage < panel->voltage)
		return psprintf("%.0f V to neutral", nominal_voltage(voltage));
	return psprintf("%.0f V", voltage);
}

static void
warn_of_voltage(const Network *network, int f, ViolationSink *sink)
{
	const NetFeed *feed = &network->feeds[f];
	const NetPanel *panel = &network->panels[feed->panel];
	double		voltages[2];
	int			n;

	if (panel->voltage <= 0 || feed->voltage <= 0)
		return;
	n = possible_voltages(feed, panel, voltages);
	for (int i = 0; i < n; i++)
		if (near_voltage(voltages[i], feed->voltage))
			return;
	report_feed_warning(network, sink, RULE_POWER_FEED_PANEL_VOLTAGE, f,
		 psprintf("%s has %.0f V; on a panel of %.0f V a %s has %s%s; correct the one or the other",
				  feed_text(network, f), feed->voltage, panel->voltage, kind_text(feed), voltage_text(panel, voltages[0]),
				  n > 1 ? psprintf(" or %s", voltage_text(panel, voltages[1])) : ""));
}

static void
warn_of_breaker(const Network *network, int f, ViolationSink *sink)
{
	const NetFeed *feed = &network->feeds[f];
	const NetPanel *panel = &network->panels[feed->panel];

	if (panel->main_amperage > 0 && panel->voltage > 0 && feed->amperage > panel->main_amperage &&
		near_voltage(panel->voltage, feed->voltage))
		report_feed_warning(network, sink, RULE_POWER_FEED_ABOVE_MAIN, f,
			 psprintf("%s is rated %d A, the main breaker of its panel %d A; correct the one or the other",
					  feed_text(network, f), feed->amperage, panel->main_amperage));
	if (feed->poles > 0 && feed->position == 0 && panel->circuit_positions > 0)
		report_feed_warning(network, sink, RULE_POWER_FEED_UNPLACED, f,
			 psprintf("%s has a %d-pole breaker and no position on a panel of %d; find_breaker_position() finds one",
					  feed_text(network, f), feed->poles, panel->circuit_positions));
}

void
warn_of_ratings(const Network *network, ViolationSink *sink)
{
	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];
		const NetPanel *panel = &network->panels[feed->panel];
		bool		poles = contradicts_poles(feed);
		bool		supply = contradicts_supply(feed, panel);

		CHECK_FOR_INTERRUPTS();
		if (poles)
			report_feed_warning(network, sink, RULE_POWER_FEED_PHASE_POLES, f,
				 psprintf("%s feed \"%s\" of power panel \"%s\" has a %d-pole breaker; correct phase or breaker_pole_count",
						  feed->three_phase ? "three-phase" : "single-phase",
						  feed->name, panel->name, feed->poles));
		if (supply)
			report_feed_warning(network, sink, RULE_POWER_FEED_PANEL_SUPPLY, f,
				 supply_message(network, f));
		if (!poles && !supply)
			warn_of_voltage(network, f, sink);
		warn_of_breaker(network, f, sink);
		if (feed->path != 0 && panel->path != 0 && feed->path != panel->path)
			report_feed_warning(network, sink, RULE_POWER_FEED_PATH, f,
				 psprintf("power feed \"%s\" is on path %c, its power panel \"%s\" on path %c; correct power_path of one of them",
						  feed->name, feed->path, panel->name, panel->path));
	}
}
