/*-------------------------------------------------------------------------
 *
 * overloads.c
 *	  How heavily things are loaded, and whether that is too much.
 *
 * A feed, and a panel, go by their most loaded phase: what they would carry, were all
 * phases loaded like that one, is compared with what all of them may carry.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "amperes.h"
#include "overloads.h"

/* How many conductors share what a feed may carry. */
static int
feed_conductors(const NetFeed *feed)
{
	return feed->kind == FEED_BY_POLES ? 1 : 3;
}

/*
 * The load of a feed, were all of its phases loaded like the most loaded one: what
 * compares with its available power.  By its load as a whole where the phases are
 * not known apart.
 */
double
feed_heaviest(const PowerState *state, int feed)
{
	if (state->network->feeds[feed].kind == FEED_BY_POLES)
		return basis(state->feeds[feed].load);
	return 3 * phases_highest(&state->feeds[feed].phases);
}

/* What the breaker of a feed is made for, in VA: its limit without max_utilization. */
double
feed_rating(const NetFeed *feed)
{
	return feed->voltage * feed->amperage * (feed->three_phase ? ROOT3 : 1);
}

/* How much of its rating a feed may use: its max_utilization, as available power has it. */
double
feed_limit_percent(const NetFeed *feed)
{
	double		rated = feed_rating(feed);

	return rated > 0 ? 100 * feed->available / rated : 100;
}

/* The same of a panel, which compares with its capacity. */
double
panel_heaviest(const PowerState *state, int panel)
{
	int			n = bus_phases(state->network->panels[panel].bus);

	if (n < 2)
		return basis(state->panels[panel].load);
	return n * phases_highest(&state->panels[panel].phases);
}

/* What the main breaker of a panel is made for, in VA; negative where that is not known. */
double
panel_rating(const NetPanel *panel)
{
	if (panel->voltage <= 0 || panel->main_amperage <= 0)
		return -1;
	return panel->voltage * panel->main_amperage * (panel->bus == BUS_THREE_PHASE ? ROOT3 : 1);
}

/* Conductors of a panel's bus; a bus without phases goes by its load as a whole. */
static int
panel_conductors(const NetPanel *panel)
{
	return Max(bus_phases(panel->bus), 1);
}

/*
 * What a conductor may carry: its share, of so many, of a limit, and what makes
 * no difference.  There is no limit where it is negative, that is, not known.
 */
static double
conductor_limit(double limit, int conductors)
{
	return limit < 0 ? INFINITY : limit / conductors + LOAD_TOLERANCE;
}

/* Is a conductor's load above its share, of so many, of a limit? */
static bool
is_over(double heaviest, double limit, int conductors)
{
	return heaviest / conductors > conductor_limit(limit, conductors);
}

/* Does a feed carry more than some VA, by its most loaded phase? */
bool
feed_is_over(const PowerState *state, int feed, double limit)
{
	return is_over(feed_heaviest(state, feed), limit, feed_conductors(&state->network->feeds[feed]));
}

bool
panel_is_over(const PowerState *state, int panel, double limit)
{
	return is_over(panel_heaviest(state, panel), limit,
				   panel_conductors(&state->network->panels[panel]));
}

/* How much more each conductor of a feed, or a panel, could carry until it carries some VA. */
double
feed_slack(const PowerState *state, int feed, double limit)
{
	return (limit - feed_heaviest(state, feed)) / feed_conductors(&state->network->feeds[feed]);
}

double
panel_slack(const PowerState *state, int panel, double limit)
{
	return (limit - panel_heaviest(state, panel)) / panel_conductors(&state->network->panels[panel]);
}

bool
feed_overloaded(const PowerState *state, int feed)
{
	return feed_is_over(state, feed, state->network->feeds[feed].available);
}

bool
panel_overloaded(const PowerState *state, int panel)
{
	return panel_is_over(state, panel, state->panels[panel].capacity);
}

/*
 * How many times so much more a conductor, or several, can carry before it is
 * overloaded: 0 where it is so already, infinite where nothing limits it.
 */
static double
room(Load load, const Phases *now, double va, const Phases *more, double limit, int conductors)
{
	double		most = conductor_limit(limit, conductors);

	if (isinf(most))
		return INFINITY;
	if (conductors > 1)
		return phases_room(now, more, most);
	return va > 0 ? Max((most - basis(load)) / va, 0) : INFINITY;
}

double
feed_room(const PowerState *state, int feed, double va, const Phases *phases)
{
	const NetFeed *f = &state->network->feeds[feed];
	const FeedState *s = &state->feeds[feed];

	return room(s->load, &s->phases, va, phases, f->available, feed_conductors(f));
}

double
panel_room(const PowerState *state, int panel, double va, const Phases *phases)
{
	const PanelState *s = &state->panels[panel];

	return room(s->load, &s->phases, va, phases, s->capacity,
				panel_conductors(&state->network->panels[panel]));
}

/* Its rating is its maximum draw. */
bool
port_overloaded(const PowerState *state, int port)
{
	const NetPort *p = &state->network->ports[port];

	return p->has_maximum && basis(state->ports[port].load) > p->own.maximum + LOAD_TOLERANCE;
}

/* By the current: 0.01 VA more than it may is not more. */
bool
bank_overloaded(const PowerState *state, int bank)
{
	double		amps = bank_amps(state, bank);
	double		va = basis(bank_carries(state, bank));

	return amps > 0 && va > state->network->banks[bank].rating * (va / amps) + LOAD_TOLERANCE;
}

/* Is one of its ports or banks? */
bool
device_overloaded(const PowerState *state, int device)
{
	const Network *network = state->network;
	Slice		ports = network->devices[device].ports;
	Slice		outlets = network->devices[device].outlets;

	for (int s = ports.first; s < ports.end; s++)
		if (port_overloaded(state, network->device_ports[s]))
			return true;
	for (int s = outlets.first; s < outlets.end; s++)
	{
		int			bank = network->outlets[network->device_outlets[s]].bank;

		if (bank >= 0 && bank_overloaded(state, bank))
			return true;
	}
	return false;
}
