/*-------------------------------------------------------------------------
 *
 * trips.c
 *	  What opens, one after the other, once something has failed.
 *
 * A breaker whose most loaded phase carries more than trip_at times its rating
 * would open.  In each round those open under which, on the energized way down, no
 * other would: breakers are graded so that the one next to the fault is the first
 * (selectivity).  An open breaker is failed, the outage is worked out anew, and so
 * on until none would open.
 *
 * It ends: what is open carries nothing and never would open again, and of the
 * breakers that would open, the lowest in the order of the panels has none below
 * it, so each round opens one at least.
 *
 * Which would open are those that the outage has changed and those that would
 * already now, as what it has not changed is as it is now; the latter are found
 * once.  An outage touches only its own part of the network (parts.c), and what
 * would open in the others is no matter of its; of nothing failed it is told for
 * all parts.  So a round costs what the outage has changed and what is above the
 * breakers that would open, not the fleet.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "overloads.h"
#include "parts.h"
#include "trips.h"

struct Trips
{
	Outage	   *outage;
	double		trip_at;
	BreakerList now;			/* would open as all is now, by part */
	int		   *now_of_part;	/* where those of each part begin, and an end */
	Parts	   *parts;			/* NULL where none would open now */
	int64	   *part_seen;		/* the run in which a part was touched */
	int		   *touched;		/* parts that this outage touches */
	int			n_touched;
	BreakerList would;			/* would open, in this round */
	BreakerList opens;			/* those of them that do */
	/* the round in which it was found to have one below it that would open */
	int64	   *above;			/* of each breaker */
	/* the round in which it was queued, and the queue, see walk_up() */
	int64	   *walked;
	int		   *queue;
	int			n_queue;
	int64		run;			/* of all that there were; so is the next */
	int64		round;
};

static bool
panel_would_open(const Trips *trips, int panel)
{
	const PowerState *state = trips->outage->state;
	double		rating = panel_rating(&state->network->panels[panel]);

	return rating > 0 && panel_is_over(state, panel, trips->trip_at * rating);
}

static bool
feed_would_open(const Trips *trips, int feed)
{
	const PowerState *state = trips->outage->state;
	double		rating = feed_rating(&state->network->feeds[feed]);

	return rating > 0 && feed_is_over(state, feed, trips->trip_at * rating);
}

/* --- What would open now --- */

static int
part_of(const Trips *trips, Breaker breaker)
{
	return trips->parts->panels[breaker_panel(trips->outage->state->network, breaker)];
}

static int
compare_parts(const void *a, const void *b, void *arg)
{
	const Trips *trips = (const Trips *) arg;

	return part_of(trips, *(const Breaker *) a) - part_of(trips, *(const Breaker *) b);
}

static void
find_now(Trips *trips)
{
	const Network *network = trips->outage->state->network;
	BreakerList *now = &trips->now;

	for (int p = 0; p < network->n_panels; p++)
		if (panel_would_open(trips, p))
			now->items[now->n++] = panel_breaker(network, p);
	for (int f = 0; f < network->n_feeds; f++)
	{
		CHECK_FOR_INTERRUPTS();
		if (feed_would_open(trips, f))
			now->items[now->n++] = feed_breaker(network, f);
	}
}

/* Puts what would open now in the order of the parts. */
static void
sort_now(Trips *trips)
{
	BreakerList *now = &trips->now;
	int			at = 0;

	trips->parts = parts_create(trips->outage->state->network);
	trips->part_seen = zeroed_array(int64, trips->parts->n);
	trips->touched = huge_array(int, trips->parts->n);
	trips->now_of_part = huge_array(int, trips->parts->n + 1);
	qsort_arg(now->items, now->n, sizeof(Breaker), compare_parts, trips);
	for (int part = 0; part <= trips->parts->n; part++)
	{
		while (at < now->n && part_of(trips, now->items[at]) < part)
			at++;
		trips->now_of_part[part] = at;
	}
}

/*
 * Room for the trips of one outage after the other, and what would open as all is
 * now: to be made while nothing has failed.
 */
Trips *
trips_create(Outage *outage, double trip_at)
{
	Network    *network = outage->state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	int			n = network->n_panels + network->n_feeds;
	Trips	   *trips = palloc0(sizeof(Trips));

	trips->outage = outage;
	trips->trip_at = trip_at;
	trips->now.items = huge_array(Breaker, n);
	trips->would.items = huge_array(Breaker, n);
	trips->opens.items = huge_array(Breaker, n);
	trips->above = zeroed_array(int64, n);
	trips->walked = zeroed_array(int64, network->n_panels);
	trips->queue = huge_array(int, network->n_panels);
	find_now(trips);
	if (trips->now.n > 0)
		sort_now(trips);
	MemoryContextSwitchTo(caller);
	return trips;
}

/*
 * The number of parts of the network, and in which one a thing lies.  Where nothing
 * would open now nobody has to tell them apart, and all is one part.
 */
int
trips_parts(const Trips *trips)
{
	return trips->parts == NULL ? 1 : trips->parts->n;
}

int
trips_part_of_panel(const Trips *trips, int panel)
{
	return trips->parts == NULL ? 0 : trips->parts->panels[panel];
}

int
trips_part_of_device(const Trips *trips, int device)
{
	return trips->parts == NULL ? 0 : trips->parts->devices[device];
}

/* Would any breaker of a part open as all is now? */
bool
trips_now_in_part(const Trips *trips, int part)
{
	return trips->parts != NULL && trips->now_of_part[part + 1] > trips->now_of_part[part];
}

/* --- What would open in a round --- */

static void
touch_part(Trips *trips, int part)
{
	if (trips->part_seen[part] == trips->run)
		return;
	trips->part_seen[part] = trips->run;
	trips->touched[trips->n_touched++] = part;
}

/* The parts in which something has failed; all of them where nothing has. */
static void
find_touched(Trips *trips)
{
	const Outage *outage = trips->outage;
	const Parts *parts = trips->parts;

	trips->n_touched = 0;
	if (parts == NULL)
		return;
	for (int i = 0; i < outage->n_panels; i++)
		touch_part(trips, parts->panels[outage->panels[i].index]);
	for (int i = 0; i < outage->n_feeds; i++)
		touch_part(trips, part_of(trips, feed_breaker(outage->state->network, outage->feeds[i].index)));
	for (int i = 0; i < outage->n_devices; i++)
		touch_part(trips, parts->devices[outage->devices[i].index]);
	if (outage->n_panels + outage->n_feeds + outage->n_devices == 0)
		for (int part = 0; part < parts->n; part++)
			touch_part(trips, part);
}

/* Those that would open now, and that the outage has not changed. */
static void
add_unchanged(Trips *trips)
{
	const Network *network = trips->outage->state->network;

	for (int i = 0; i < trips->n_touched; i++)
	{
		int			part = trips->touched[i];

		for (int k = trips->now_of_part[part]; k < trips->now_of_part[part + 1]; k++)
		{
			Breaker		b = trips->now.items[k];

			if (breaker_is_panel(network, b) ? !outage_changed_panel(trips->outage, b) :
				!outage_changed_feed(trips->outage, breaker_index(network, b)))
				trips->would.items[trips->would.n++] = b;
		}
	}
}

static void
find_would_open(Trips *trips)
{
	const Outage *outage = trips->outage;
	BreakerList *would = &trips->would;

	would->n = 0;
	add_unchanged(trips);
	for (int i = 0; i < outage->n_panels; i++)
		if (panel_would_open(trips, outage->panels[i].index))
			would->items[would->n++] = panel_breaker(outage->state->network, outage->panels[i].index);
	for (int i = 0; i < outage->n_feeds; i++)
		if (feed_would_open(trips, outage->feeds[i].index))
			would->items[would->n++] = feed_breaker(outage->state->network, outage->feeds[i].index);
}

/* --- Selectivity --- */

static void
queue_panel(Trips *trips, int panel)
{
	if (trips->walked[panel] == trips->round)
		return;
	trips->walked[panel] = trips->round;
	trips->queue[trips->n_queue++] = panel;
}

/* Marks all that is above a breaker: by energized feeds, whether they carry anything or not. */
static void
walk_up(Trips *trips, Breaker from)
{
	const PowerState *state = trips->outage->state;
	const Network *network = state->network;
	int			i = trips->n_queue;

	if (breaker_is_panel(network, from))
		queue_panel(trips, from);
	else
	{
		int			panel = network->feeds[breaker_index(network, from)].panel;

		trips->above[panel] = trips->round;
		queue_panel(trips, panel);
	}
	for (; i < trips->n_queue; i++)
	{
		Slice		in = network->panels[trips->queue[i]].in;

		CHECK_FOR_INTERRUPTS();
		for (int s = in.first; s < in.end; s++)
		{
			int			feed = network->feeds_in[s];

			if (!state->feeds[feed].on)
				continue;
			trips->above[feed_breaker(network, feed)] = trips->round;
			trips->above[network->feeds[feed].panel] = trips->round;
			queue_panel(trips, network->feeds[feed].panel);
		}
	}
}

static void
mark_above(Trips *trips)
{
	trips->round++;
	trips->n_queue = 0;
	for (int i = 0; i < trips->would.n; i++)
		walk_up(trips, trips->would.items[i]);
}

/*
 * The breakers that open next, in an outage that has been run; that is in the state
 * as it is now where nothing has failed.
 */
const BreakerList *
trips_next(Trips *trips)
{
	trips->run++;
	trips->opens.n = 0;
	find_touched(trips);
	find_would_open(trips);
	mark_above(trips);
	for (int i = 0; i < trips->would.n; i++)
		if (trips->above[trips->would.items[i]] != trips->round)
			trips->opens.items[trips->opens.n++] = trips->would.items[i];
	return &trips->opens;
}

/* --- Rounds --- */

/* To open one leaves the loads of the others as they are until the next run. */
void
breaker_open(Outage *outage, Breaker breaker)
{
	const Network *network = outage->state->network;

	if (breaker_is_panel(network, breaker))
		outage_fail_panel(outage, breaker_index(network, breaker));
	else
		outage_fail_feed(outage, breaker_index(network, breaker));
}

static Trip
describe(const PowerState *state, Breaker breaker, int round)
{
	const Network *network = state->network;
	int			index = breaker_index(network, breaker);
	bool		is_panel = breaker_is_panel(network, breaker);

	return (Trip) {
		.round = round,
		.is_panel = is_panel,
		.index = index,
		.load = is_panel ? panel_heaviest(state, index) : feed_heaviest(state, index),
		.rating = is_panel ? panel_rating(&network->panels[index]) : feed_rating(&network->feeds[index])
	};
}

/*
 * Opens, in an outage that has been run, what opens one after the other, and runs
 * it again; returns how many breakers opened.  note, if any, is called with each.
 */
int
trips_run(Trips *trips, TripNoted note, void *arg)
{
	int			opened = 0;

	for (int round = 1;; round++)
	{
		const BreakerList *opens = trips_next(trips);

		CHECK_FOR_INTERRUPTS();
		if (opens->n == 0)
			return opened;
		for (int i = 0; i < opens->n; i++)
		{
			if (note != NULL)
			{
				Trip		trip = describe(trips->outage->state, opens->items[i], round);

				note(arg, &trip);
			}
			breaker_open(trips->outage, opens->items[i]);
		}
		opened += opens->n;
		outage_run(trips->outage);
	}
}
