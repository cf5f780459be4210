/*-------------------------------------------------------------------------
 *
 * headroom.c
 *	  How much more can be put on a panel so that nothing is overloaded, neither
 *	  now nor in the outage of one other panel or feed.
 *
 * The mathematics.  Given what is on, currents are linear (probe.c): a load of L
 * on panel P, evenly on its phases, adds L r to what a thing X above it carries,
 * where r = r(P,X) are X's currents from one VA.  With v what X carries without it,
 * L may grow until a conductor has |v + L r| = its limit, a quadratic equation
 * (phases.c), or a linear one where X goes by its load as a whole.  The headroom
 * of P is the least such L over all X that carry a part and over all states, now
 * and the outages, in which P is on.
 *
 * There are many outages, and most switch no feed between panels.  They leave
 * r as it is, and change v of a few X.  So r is found once for each P and split
 * into share and direction, r = share * d, where share is the part of L that X
 * carries.  X's room, the number of VA in direction d that it has left, is the
 * same for all P that load it in this direction (and nearly all do so evenly); then
 * L = room / share, and the least room of all those outages is as good as all of
 * them.
 *
 * An outage that does switch a feed between panels changes r for the panels below
 * that feed, and turns some off.  For these it is looked at directly: r is found
 * anew, and every X is asked.  They must then be left out of the least room of the X
 * above them, which for such an X is told to each of the other panels by itself.
 * So each outage costs what it changes, and each panel is looked at directly as
 * often as there are things above it.
 *
 * An outage in which X has as much room as now, or more, tells nothing new of a
 * panel with the same r: now goes first.  Else, of outages with the same figure
 * the first by name is wanted, and 0.01 VA are no difference.  Outages are run in
 * the order of their names, so of the ones before and after, only those with ever
 * less room matter, and of those only the ones within 0.01 VA of the least: they
 * are kept as Lows.  Which thing it is that limits is found at the end, by running once
 * more the outages that were chosen: of what stands at its limit then, that which
 * is the fewest steps from the load.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "headroom.h"

/* One outage, by its number in the order of names, and a figure in VA. */
typedef struct Mark
{
	double		va;
	int			outage;
} Mark;

/* Ever lower figures of ever later outages; those within LOAD_TOLERANCE of the last. */
typedef struct Lows
{
	Mark	   *marks;
	int			n;
	int			max;
} Lows;

/* A direction in which some panels load a thing. */
typedef struct Direction
{
	Phases		unit;			/* of one VA that the thing carries */
	double		now;			/* VA that it has left now */
	Lows		later;			/* .. and in outages, for all panels below */
	int			parts;			/* the parts with this direction, linked */
	int			next;			/* direction of the same thing */
} Direction;

/* What a thing carries of a panel's load, as things are on now. */
typedef struct Part
{
	int			panel;
	int			thing;			/* number */
	int			direction;
	double		share;
	int			next;			/* part with the same direction */
} Part;

typedef struct Search
{
	PowerState *state;
	const Network *network;
	Outage	   *outage;
	Probe	   *probe;
	const bool *wanted;			/* panels that are asked about */
	Part	   *parts;			/* those of a panel lie together */
	Slice	   *parts_of;		/* of each panel */
	int			n_parts;
	int			max_parts;
	Direction  *directions;
	int			n_directions;
	int			max_directions;
	int		   *first_direction;	/* of each thing, by number */
	double	   *now;			/* of each panel: its headroom without outages */
	Lows	   *direct;			/* of each panel: outages that were looked at
								 * directly, or told to it by itself */
	Thing	   *outages;		/* in the order of their names */
	int			n_outages;
	int		   *hit;			/* panels whose load the outage lets others carry
								 * than now, or none */
	int			n_hit;
	int		   *panel_hit;		/* of each panel, the last outage that did so */
	int		   *thing_hit;		/* of each thing, by number: .. to a panel whose
								 * load it carries now */
} Search;

/* Room for one more element. */
#define GROW(array, n, max) \
	do { \
		if ((n) == (max)) \
		{ \
			(max) = Max((max) * 2, 4); \
			(array) = (array) == NULL ? palloc(sizeof(*(array)) * (max)) : \
				repalloc_huge((array), sizeof(*(array)) * (Size) (max)); \
		} \
	} while (0)

/* --- Lows --- */

static void
lows_add(Lows *lows, double va, int outage)
{
	int			old = 0;

	if (isinf(va) || (lows->n > 0 && va >= lows->marks[lows->n - 1].va))
		return;
	while (old < lows->n && lows->marks[old].va > va + LOAD_TOLERANCE)
		old++;
	lows->n -= old;
	if (old > 0)
		memmove(lows->marks, lows->marks + old, sizeof(Mark) * lows->n);
	GROW(lows->marks, lows->n, lows->max);
	lows->marks[lows->n++] = (Mark) {va, outage};
}

static double
lows_least(const Lows *lows)
{
	return lows->n > 0 ? lows->marks[lows->n - 1].va : INFINITY;
}

/* The first outage with such a figure or less; or what was found before, if that is earlier. */
static int
lows_first(const Lows *lows, double va, int before)
{
	for (int i = 0; i < lows->n; i++)
		if (lows->marks[i].va <= va)
			return before < 0 ? lows->marks[i].outage : Min(before, lows->marks[i].outage);
	return before;
}

/* --- Now --- */

static bool
same_direction(const Phases *a, const Phases *b)
{
	for (int i = 0; i < 3; i++)
		if (fabs(a->phase[i].re - b->phase[i].re) > 1e-12 || fabs(a->phase[i].im - b->phase[i].im) > 1e-12)
			return false;
	return true;
}

/* Finds a direction among those of a thing, or adds it. */
static int
find_direction(Search *search, Thing thing, const Phases *unit)
{
	int		   *first = &search->first_direction[thing_number(search->network, thing)];
	Direction  *direction;

	for (int d = *first; d >= 0; d = search->directions[d].next)
		if (same_direction(&search->directions[d].unit, unit))
			return d;
	GROW(search->directions, search->n_directions, search->max_directions);
	direction = &search->directions[search->n_directions];
	memset(direction, 0, sizeof(Direction));
	direction->unit = *unit;
	direction->now = thing_room(search->state, thing, 1, unit);
	direction->parts = -1;
	direction->next = *first;
	*first = search->n_directions;
	return search->n_directions++;
}

/* Notes what would carry a load of a panel, and how much of one it can have now. */
static void
look_now(Search *search, int panel)
{
	const Probe *probe = search->probe;

	probe_put(search->probe, panel);
	search->now[panel] = INFINITY;
	search->parts_of[panel].first = search->n_parts;
	for (int i = 0; i < probe->n_parts; i++)
	{
		const ProbePart *its = &probe->parts[i];
		Phases		unit = phases_scale(&its->phases, 1 / its->va);
		int			d = find_direction(search, its->thing, &unit);

		GROW(search->parts, search->n_parts, search->max_parts);
		search->parts[search->n_parts] = (Part) {
			.panel = panel,
			.thing = thing_number(search->network, its->thing),
			.direction = d,
			.share = its->va,
			.next = search->directions[d].parts
		};
		search->directions[d].parts = search->n_parts++;
		search->now[panel] = Min(search->now[panel], search->directions[d].now / its->va);
	}
	search->parts_of[panel].end = search->n_parts;
}

/* --- Outages --- */

static void
hit_panel(Search *search, int panel, int outage)
{
	if (search->panel_hit[panel] == outage)
		return;
	search->panel_hit[panel] = outage;
	search->hit[search->n_hit++] = panel;
}

/* The panels that are off, or that a feed entered which is, and all below them. */
static void
find_hit(Search *search, int outage)
{
	const Outage *o = search->outage;
	const Network *network = search->network;

	search->n_hit = 0;
	for (int i = 0; i < o->n_panels; i++)
		if (o->panels[i].before.on != search->state->panels[o->panels[i].index].on)
			hit_panel(search, o->panels[i].index, outage);
	for (int i = 0; i < o->n_feeds; i++)
	{
		int			f = o->feeds[i].index;

		if (network->feeds[f].destination >= 0 && o->feeds[i].before.on != search->state->feeds[f].on)
			hit_panel(search, network->feeds[f].destination, outage);
	}
	for (int i = 0; i < search->n_hit; i++)
	{
		Slice		out = network->panels[search->hit[i]].out;

		for (int s = out.first; s < out.end; s++)
			if (network->feeds[network->feeds_out[s]].destination >= 0)
				hit_panel(search, network->feeds[network->feeds_out[s]].destination, outage);
	}
}

/* How much more the parts of a load that was put somewhere leave room for. */
static double
least_room(const Search *search)
{
	const Probe *probe = search->probe;
	double		least = INFINITY;

	for (int i = 0; i < probe->n_parts; i++)
		least = Min(least, thing_room(search->state, probe->parts[i].thing, probe->parts[i].va,
									  &probe->parts[i].phases));
	return least;
}

/* Looks at a panel that was hit, and marks what carries its load now. */
static void
look_directly(Search *search, int panel, int outage)
{
	Slice		parts = search->parts_of[panel];

	for (int i = parts.first; i < parts.end; i++)
		search->thing_hit[search->parts[i].thing] = outage;
	if (!search->wanted[panel] || !search->state->panels[panel].on)
		return;
	probe_put(search->probe, panel);
	lows_add(&search->direct[panel], least_room(search), outage);
}

/* Looks at a thing whose load was changed, for the panels that were not hit. */
static void
look_at_changed(Search *search, Thing thing, int outage)
{
	int			number = thing_number(search->network, thing);

	for (int d = search->first_direction[number]; d >= 0; d = search->directions[d].next)
	{
		Direction  *direction = &search->directions[d];
		double		left = thing_room(search->state, thing, 1, &direction->unit);

		if (left >= direction->now)
			continue;
		if (search->thing_hit[number] != outage)
		{
			lows_add(&direction->later, left, outage);
			continue;
		}
		for (int i = direction->parts; i >= 0; i = search->parts[i].next)
			if (search->panel_hit[search->parts[i].panel] != outage)
				lows_add(&search->direct[search->parts[i].panel], left / search->parts[i].share, outage);
	}
}

/* Puts all as it was before an outage. */
static void
end_outage(Search *search)
{
	outage_swap(search->outage);
	probe_follow(search->probe, search->outage);
	outage_undo(search->outage);
}

static void
begin_outage(Search *search, Thing thing)
{
	if (thing.is_panel)
		outage_fail_panel(search->outage, thing.index);
	else
		outage_fail_feed(search->outage, thing.index);
	outage_run(search->outage);
	probe_follow(search->probe, search->outage);
}

static void
look_in_outage(Search *search, int number)
{
	const Outage *o = search->outage;

	begin_outage(search, search->outages[number]);
	find_hit(search, number);
	for (int i = 0; i < search->n_hit; i++)
		look_directly(search, search->hit[i], number);
	for (int i = 0; i < o->n_panels; i++)
		look_at_changed(search, (Thing) {true, o->panels[i].index}, number);
	for (int i = 0; i < o->n_feeds; i++)
		look_at_changed(search, (Thing) {false, o->feeds[i].index}, number);
	end_outage(search);
}

static int
compare_outages(const void *a, const void *b, void *arg)
{
	/* there may be very many */
	CHECK_FOR_INTERRUPTS();
	return thing_compare((const Network *) arg, *(const Thing *) a, *(const Thing *) b);
}

/* All that can fail, and is on: in the order of names. */
static void
list_outages(Search *search)
{
	const Network *network = search->network;

	search->outages = huge_array(Thing, network->n_panels + network->n_feeds);
	search->n_outages = 0;
	for (int p = 0; p < network->n_panels; p++)
		if (search->state->panels[p].on)
			search->outages[search->n_outages++] = (Thing) {true, p};
	for (int f = 0; f < network->n_feeds; f++)
		if (search->state->feeds[f].on)
			search->outages[search->n_outages++] = (Thing) {false, f};
	qsort_arg(search->outages, search->n_outages, sizeof(Thing), compare_outages, (void *) network);
}

/* --- The answer --- */

/* The headroom of a panel, and the number of the outage that it is found in, or -1 for now. */
static int
conclude(const Search *search, int panel, Headroom *headroom)
{
	Slice		parts = search->parts_of[panel];
	double		least = Min(search->now[panel], lows_least(&search->direct[panel]));
	int			outage;

	for (int i = parts.first; i < parts.end; i++)
		least = Min(least, lows_least(&search->directions[search->parts[i].direction].later) / search->parts[i].share);
	headroom->va = least;
	if (search->now[panel] <= least + LOAD_TOLERANCE)
		return -1;
	outage = lows_first(&search->direct[panel], least + LOAD_TOLERANCE, -1);
	for (int i = parts.first; i < parts.end; i++)
		outage = lows_first(&search->directions[search->parts[i].direction].later,
							 (least + LOAD_TOLERANCE) * search->parts[i].share, outage);
	headroom->in_outage = true;
	headroom->outage = search->outages[outage];
	return outage;
}

/* Nearest to the load; of equal ones by name, see thing_compare(). */
static bool
is_nearer(const Network *network, const ProbePart *a, const ProbePart *b)
{
	return a->steps != b->steps ? a->steps < b->steps : thing_compare(network, a->thing, b->thing) < 0;
}

/* What limits the load that was put on a panel, in the state that is in force. */
static Thing
find_binding(const Search *search, double va)
{
	const Probe *probe = search->probe;
	double		most = Max(va, least_room(search)) + LOAD_TOLERANCE;
	const ProbePart *nearest = NULL;

	for (int i = 0; i < probe->n_parts; i++)
	{
		const ProbePart *part = &probe->parts[i];

		if (thing_room(search->state, part->thing, part->va, &part->phases) <= most &&
			(nearest == NULL || is_nearer(search->network, part, nearest)))
			nearest = part;
	}
	return nearest->thing;
}

/* A panel whose headroom is found in an outage, or now. */
typedef struct Found
{
	int			outage;			/* its number; -1 now */
	int			panel;
} Found;

static int
compare_found(const void *a, const void *b)
{
	const Found *x = (const Found *) a;
	const Found *y = (const Found *) b;

	return x->outage != y->outage ? (x->outage < y->outage ? -1 : 1) : x->panel - y->panel;
}

/* What limits each panel: each outage that was chosen is run once more. */
static void
find_bindings(Search *search, Found *found, int n, Headroom *headrooms)
{
	qsort(found, n, sizeof(Found), compare_found);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (found[i].outage >= 0 && (i == 0 || found[i].outage != found[i - 1].outage))
			begin_outage(search, search->outages[found[i].outage]);
		probe_put(search->probe, found[i].panel);
		headrooms[found[i].panel].binding = find_binding(search, headrooms[found[i].panel].va);
		if (found[i].outage >= 0 && (i == n - 1 || found[i].outage != found[i + 1].outage))
			end_outage(search);
	}
}

static void
search_init(Search *search, PowerState *state, const bool *wanted)
{
	const Network *network = state->network;
	int			n_things = network->n_panels + network->n_feeds;

	memset(search, 0, sizeof(Search));
	search->state = state;
	search->network = network;
	search->wanted = wanted;
	search->outage = outage_create(state);
	search->probe = probe_create(state);
	search->parts_of = zeroed_array(Slice, network->n_panels);
	search->now = zeroed_array(double, network->n_panels);
	search->direct = zeroed_array(Lows, network->n_panels);
	search->hit = huge_array(int, network->n_panels);
	search->panel_hit = huge_array(int, network->n_panels);
	search->thing_hit = huge_array(int, n_things);
	search->first_direction = huge_array(int, n_things);
	for (int p = 0; p < network->n_panels; p++)
		search->panel_hit[p] = -1;
	for (int i = 0; i < n_things; i++)
		search->thing_hit[i] = search->first_direction[i] = -1;
}

/*
 * The headroom of each panel that is wanted and on; with what limits it, if that
 * is asked for.  In the memory of the network.
 */
Headroom *
headroom_find(PowerState *state, const bool *wanted, bool with_binding)
{
	const Network *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	Headroom   *headrooms = zeroed_array(Headroom, network->n_panels);
	Found	   *found = huge_array(Found, network->n_panels);
	int			n = 0;
	Search		search;

	search_init(&search, state, wanted);
	for (int p = 0; p < network->n_panels; p++)
		if (wanted[p] && state->panels[p].on)
			look_now(&search, p);
	list_outages(&search);
	for (int i = 0; i < search.n_outages; i++)
	{
		CHECK_FOR_INTERRUPTS();
		look_in_outage(&search, i);
	}
	for (int p = 0; p < network->n_panels; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (wanted[p] && state->panels[p].on)
		{
			found[n] = (Found) {conclude(&search, p, &headrooms[p]), p};
			n += !isinf(headrooms[p].va);
		}
	}
	if (with_binding)
		find_bindings(&search, found, n, headrooms);
	MemoryContextSwitchTo(caller);
	return headrooms;
}
