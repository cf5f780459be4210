/*-------------------------------------------------------------------------
 *
 * warn_failover.c
 *	  Warnings of what would carry more than it may if one thing failed.
 *
 * Each outage of one panel or feed is computed on top of the state as it is now
 * and undone, as contingency() does it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"

#include "overloads.h"
#include "probe.h"
#include "warn.h"

/* The worst outage for one thing. */
typedef struct Worst
{
	double		percent;		/* 0: none overloads it; infinite where it may
								 * carry nothing */
	Thing		failed;
} Worst;

/* Keeps the worse of two outages; of equal ones the first by name. */
static void
keep_worse(const Network *network, Worst *worst, double percent, Thing failed)
{
	if (worst->percent > 0 && percent <= worst->percent * (1 + 1e-12) &&
		(percent < worst->percent * (1 - 1e-12) || thing_compare(network, failed, worst->failed) >= 0))
		return;
	*worst = (Worst) {percent, failed};
}

static double
percent_of(double va, double limit)
{
	return limit > 0 ? 100 * va / limit : INFINITY;
}

/* "15.1 A, 125.8 percent of the 12 A that it may", or where that is nothing, so */
static char *
excess_text(double percent, double limit_amps)
{
	if (isinf(percent))
		return pstrdup("power, of which it may carry none,");
	if (limit_amps <= 0)
		return psprintf("%.1f percent of what it may", percent);
	return psprintf("%.1f A, %.1f percent of the %.4g A that it may,", limit_amps * percent / 100, percent, limit_amps);
}

static double
feed_limit_amps(const NetFeed *feed)
{
	return feed->amperage * feed_limit_percent(feed) / 100;
}

/* Where the main breaker says what a panel may carry; 0 where the feeds that enter it do. */
static double
panel_limit_amps(const NetPanel *panel)
{
	return panel->main_va >= 0 ? panel->main_amperage * panel->max_utilization / 100.0 : 0;
}

/* Runs an outage that was prepared, notes what it overloads, and undoes it. */
static void
measure(Outage *outage, Worst *feeds, Worst *panels, Thing failed)
{
	const PowerState *state = outage->state;
	const Network *network = state->network;

	outage_run(outage);
	for (int i = 0; i < outage->n_feeds; i++)
	{
		int			f = outage->feeds[i].index;

		if (feed_overloaded(state, f))
			keep_worse(network, &feeds[f], percent_of(feed_heaviest(state, f), network->feeds[f].available),
					   failed);
	}
	for (int i = 0; i < outage->n_panels; i++)
	{
		int			p = outage->panels[i].index;

		if (panel_overloaded(state, p))
			keep_worse(network, &panels[p], percent_of(panel_heaviest(state, p), state->panels[p].capacity),
					   failed);
	}
	outage_undo(outage);
}

static void
measure_all(PowerState *state, Worst *feeds, Worst *panels)
{
	const Network *network = state->network;
	Outage	   *outage = outage_create(state);

	for (int p = 0; p < network->n_panels; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!state->panels[p].on)
			continue;
		outage_fail_panel(outage, p);
		measure(outage, feeds, panels, (Thing) {true, p});
	}
	for (int f = 0; f < network->n_feeds; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!state->feeds[f].on)
			continue;
		outage_fail_feed(outage, f);
		measure(outage, feeds, panels, (Thing) {false, f});
	}
}

static char *
outage_text(const Network *network, const Worst *worst)
{
	if (worst->failed.is_panel)
		return psprintf("power panel \"%s\"", network->panels[worst->failed.index].name);
	return feed_text(network, worst->failed.index);
}

void
warn_of_failover(PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;
	Worst	   *feeds = zeroed_array(Worst, network->n_feeds);
	Worst	   *panels = zeroed_array(Worst, network->n_panels);

	measure_all(state, feeds, panels);
	for (int f = 0; f < network->n_feeds; f++)
		if (feeds[f].percent > 0 && !feed_overloaded(state, f))
			report_feed_warning(network, sink, RULE_POWER_FEED_FAILOVER_OVERLOAD, f,
				 psprintf("%s would carry %s if %s failed; move loads to another feed",
						  feed_text(network, f), excess_text(feeds[f].percent, feed_limit_amps(&network->feeds[f])),
						  outage_text(network, &feeds[f])));
	for (int p = 0; p < network->n_panels; p++)
		if (panels[p].percent > 0 && !panel_overloaded(state, p))
			report_warning(sink, RULE_POWER_PANEL_FAILOVER_OVERLOAD, "power_panel",
				 &network->panels[p].id, NULL, network->panels[p].name,
				 psprintf("power panel \"%s\" would carry %s if %s failed; move loads to another panel",
						  network->panels[p].name, excess_text(panels[p].percent, panel_limit_amps(&network->panels[p])),
						  outage_text(network, &panels[p])));
}
