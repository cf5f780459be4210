/*-------------------------------------------------------------------------
 *
 * redundancy.c
 *	  How many things must fail together to leave a device dark.
 *
 * What is energized needs one energized source only, and to fail more never
 * energizes anything.  So a device that lives as long as one of its cords does
 * goes dark when every way of power from a root to it is met: the smallest set
 * that meets them all has as many things as there are ways without a thing in
 * common (Menger).  These are found one after the other, from the device up; each
 * new one may push earlier ones aside (Ford and Fulkerson).  When there is no
 * further way, the ways are cut where the last search came to its end: of all
 * smallest sets that is the one nearest to the device, and only what lies below
 * it is searched.
 *
 * Two things do not fit into that, and are tried out, as there are few of them:
 *
 * - A device whose outlets are fed by different inlets (a split one) is one
 *	 failure on several ways, and yet no way leads from each inlet to each outlet.
 *	 Every choice of split devices that fail is tried; those that do not fail are
 *	 passed through, and cannot be cut.
 * - A device that must lose only some of its cords.  Every choice of cords to be
 *	 lost is tried; cords that hang on the same thing are lost together.
 *
 * What is off now is off in every failure, so only what is energized is looked at.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"

#include "dominators.h"
#include "redundancy.h"

/*
 * What may be cut is a vertex: panels, then feeds, then devices.  A search comes
 * to the bottom of a vertex from below, and to its top when it has passed it.
 * Ports have no vertex; a search passes through them.  So its places are bottom
 * and top of each vertex, then the ports.
 */
typedef int Vertex;
typedef int Place;

#define BOTTOM(vertex)	((vertex) * 2)
#define TOP(vertex)		((vertex) * 2 + 1)

/* What a way comes from, see below[] */
#define THE_DEVICE		(-1)	/* the device in question */
#define NO_WAY			(-2)	/* none leads through the vertex */
#define LEFT			(-3)	/* none any more */

/* Cords of the device in question that are lost together. */
typedef struct CordGroup
{
	int64		source;			/* what they hang on, see cord_source() */
	int			port;			/* one of them */
	int			cords;
} CordGroup;

/*
 * Devices that hang on the same things, as most in a rack do, have the same cut: it
 * is kept.
 */
#define KNOWN_GROUPS	4		/* of devices with more it is not */
#define KNOWN_MAX		65536

typedef struct KnownCut
{
	int			n_groups;		/* 0 where there is none */
	int			losses;
	int64		sources[KNOWN_GROUPS];
	int			cords[KNOWN_GROUPS];
	Cut			cut;
} KnownCut;

struct CutFinder
{
	const PowerState *state;
	const Network *network;
	int			first_feed;		/* the vertices of feeds begin here */
	int			first_device;
	int			first_port;		/* the places of ports */
	bool	   *split;			/* of each device, see above */
	int			n_split;
	int		   *passing;		/* of each other device: an outlet that tells
								 * what feeds all of them, or -1 */
	bool	   *failed;			/* of each device: no way leads through it */
	Vertex	   *below;			/* of each vertex: where the way through it comes
								 * from, which is further down */
	Vertex	   *used;			/* vertices that a way leads or led through, each
								 * once */
	int			n_used;
	int64	   *seen;			/* of each place: the search that was there */
	int64		search;
	Place	   *from;			/* where it came from; THE_DEVICE at first */
	Place	   *open;			/* places that it has still to go on from */
	int			n_open;

	/* the device in question */
	CordGroup  *groups;
	int			n_groups;
	int		   *lost;			/* ports of cords that are to be lost */
	int			n_lost;
	int		   *splits;			/* split devices above it */
	int			n_splits;
	Cut			chosen;			/* split devices that fail */
	Cut			best;			/* that was found so far */

	KnownCut   *known;			/* each in the place of its hash */
	uint32		n_known;		/* a power of 2 */
};

/* --- Names --- */

const char *
failure_name(const Network *network, Failure failure)
{
	switch (failure.kind)
	{
		case FAILS_DEVICE:
			return network->devices[failure.index].name;
		case FAILS_FEED:
			return network->feeds[failure.index].name;
		default:
			return network->panels[failure.index].name;
	}
}

const pg_uuid_t *
failure_id(const Network *network, Failure failure)
{
	switch (failure.kind)
	{
		case FAILS_DEVICE:
			return &network->devices[failure.index].id;
		case FAILS_FEED:
			return &network->feeds[failure.index].id;
		default:
			return &network->panels[failure.index].id;
	}
}

/* Devices before feeds before panels, then by name. */
static int
compare_failures(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;
	const Failure *x = (const Failure *) a;
	const Failure *y = (const Failure *) b;
	int			c = (int) x->kind - (int) y->kind;

	if (c == 0)
		c = strcmp(failure_name(network, *x), failure_name(network, *y));
	return c != 0 ? c : memcmp(failure_id(network, *x), failure_id(network, *y), UUID_LEN);
}

/* --- What there is to look at --- */

/* The inlets that feed an outlet or would take it over: those that are energized, or -1. */
static void
live_inlets(const PowerState *state, int outlet, int inlets[2])
{
	const NetOutlet *o = &state->network->outlets[outlet];

	inlets[0] = o->inlet >= 0 && state->ports[o->inlet].on ? o->inlet : -1;
	inlets[1] = o->alternate >= 0 && state->ports[o->alternate].on ? o->alternate : -1;
}

static bool
same_inlets(const PowerState *state, int outlet, int other)
{
	int			a[2];
	int			b[2];

	live_inlets(state, outlet, a);
	live_inlets(state, other, b);
	return (a[0] == b[0] && a[1] == b[1]) || (a[0] == b[1] && a[1] == b[0]);
}

/* Do the same inlets feed all outlets of a device that power may go through? */
static void
classify_device(CutFinder *finder, int device)
{
	const Network *network = finder->network;
	Slice		outlets = network->devices[device].outlets;

	finder->passing[device] = -1;
	for (int s = outlets.first; s < outlets.end; s++)
	{
		int			outlet = network->device_outlets[s];

		if (network->outlets[outlet].port < 0 || outlet_feeder(finder->state, outlet) < 0)
			continue;
		if (finder->passing[device] < 0)
			finder->passing[device] = outlet;
		else if (!same_inlets(finder->state, outlet, finder->passing[device]))
		{
			finder->split[device] = true;
			finder->n_split++;
			return;
		}
	}
}

/* For any number of devices, of a network whose state is as it is now. */
CutFinder *
cut_finder_create(const PowerState *state)
{
	const Network *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	CutFinder  *finder = palloc0(sizeof(CutFinder));
	int			n = network->n_panels + network->n_feeds + network->n_devices;

	finder->state = state;
	finder->network = network;
	finder->first_feed = network->n_panels;
	finder->first_device = network->n_panels + network->n_feeds;
	finder->first_port = n * 2;
	finder->split = zeroed_array(bool, network->n_devices);
	finder->failed = zeroed_array(bool, network->n_devices);
	finder->passing = huge_array(int, network->n_devices);
	finder->below = huge_array(Vertex, n);
	finder->used = huge_array(Vertex, n);
	finder->seen = zeroed_array(int64, n * 2 + network->n_ports);
	finder->from = huge_array(Place, n * 2 + network->n_ports);
	finder->open = huge_array(Place, n * 2 + network->n_ports);
	finder->groups = huge_array(CordGroup, network->n_ports);
	finder->lost = huge_array(int, network->n_ports);
	finder->splits = huge_array(int, network->n_devices);
	finder->n_known = Min(pg_nextpower2_32(network->n_devices + 1), KNOWN_MAX);
	finder->known = zeroed_array(KnownCut, finder->n_known);
	for (Vertex v = 0; v < n; v++)
		finder->below[v] = NO_WAY;
	for (int d = 0; d < network->n_devices; d++)
	{
		CHECK_FOR_INTERRUPTS();
		classify_device(finder, d);
	}
	MemoryContextSwitchTo(caller);
	return finder;
}

/* --- Ways --- */

static void
visit(CutFinder *finder, Place place, Place from)
{
	if (finder->seen[place] == finder->search)
		return;
	finder->seen[place] = finder->search;
	finder->from[place] = from;
	finder->open[finder->n_open++] = place;
}

static void
visit_inlets(CutFinder *finder, int outlet, Place from)
{
	int			inlets[2];

	live_inlets(finder->state, outlet, inlets);
	for (int k = 0; k < 2; k++)
		if (inlets[k] >= 0)
			visit(finder, finder->first_port + inlets[k], from);
}

/* What an energized port hangs on. */
static void
go_on_from_port(CutFinder *finder, int port, Place from)
{
	const NetPort *p = &finder->network->ports[port];
	int			device;

	if (p->feed >= 0)
	{
		visit(finder, BOTTOM(finder->first_feed + p->feed), from);
		return;
	}
	device = finder->network->outlets[p->outlet].device;
	if (finder->failed[device])
		return;
	if (finder->split[device])
		visit_inlets(finder, p->outlet, from);
	else
		visit(finder, BOTTOM(finder->first_device + device), from);
}

/* What feeds a vertex. */
static void
go_on_from_vertex(CutFinder *finder, Vertex vertex, Place from)
{
	const Network *network = finder->network;
	Slice		in;

	if (vertex >= finder->first_device)
		visit_inlets(finder, finder->passing[vertex - finder->first_device], from);
	else if (vertex >= finder->first_feed)
		visit(finder, BOTTOM(network->feeds[vertex - finder->first_feed].panel), from);
	else
	{
		in = network->panels[vertex].in;
		for (int s = in.first; s < in.end; s++)
			if (finder->state->feeds[network->feeds_in[s]].on)
				visit(finder, BOTTOM(finder->first_feed + network->feeds_in[s]), from);
	}
}

static bool
is_root(const CutFinder *finder, Vertex vertex)
{
	return vertex < finder->first_feed && slice_count(finder->network->panels[vertex].in) == 0;
}

/* Leads a new way where a search has come, and earlier ones where it has pushed them. */
static void
lead_way(CutFinder *finder, Place end)
{
	for (Place place = end; place != THE_DEVICE; place = finder->from[place])
	{
		Place		from = finder->from[place];
		Vertex		vertex = place / 2;

		if (place >= finder->first_port || place == TOP(vertex))
			continue;
		if (from == TOP(vertex))
		{
			finder->below[vertex] = LEFT;
			continue;
		}
		while (from >= finder->first_port)
			from = finder->from[from];
		if (finder->below[vertex] == NO_WAY)
			finder->used[finder->n_used++] = vertex;
		finder->below[vertex] = from == THE_DEVICE ? THE_DEVICE : from / 2;
	}
}

/*
 * Looks for one more way, from the cords that are to be lost up to a root.  A
 * vertex that a way leads through can be gone down only, along that way: the way
 * then takes the other turn, and the new one its upper part.
 */
static bool
find_way(CutFinder *finder)
{
	finder->search++;
	finder->n_open = 0;
	for (int i = 0; i < finder->n_lost; i++)
		visit(finder, finder->first_port + finder->lost[i], THE_DEVICE);
	while (finder->n_open > 0)
	{
		Place		place = finder->open[--finder->n_open];
		Vertex		vertex = place / 2;

		CHECK_FOR_INTERRUPTS();
		if (place >= finder->first_port)
			go_on_from_port(finder, place - finder->first_port, place);
		else if (place == TOP(vertex))
		{
			if (is_root(finder, vertex))
			{
				lead_way(finder, place);
				return true;
			}
			go_on_from_vertex(finder, vertex, place);
			if (finder->below[vertex] >= THE_DEVICE)
				visit(finder, BOTTOM(vertex), place);
		}
		else if (finder->below[vertex] < THE_DEVICE)
			visit(finder, TOP(vertex), place);
		else if (finder->below[vertex] > THE_DEVICE)
			visit(finder, TOP(finder->below[vertex]), place);
	}
	return false;
}

static Failure
vertex_failure(const CutFinder *finder, Vertex vertex)
{
	if (vertex >= finder->first_device)
		return (Failure) {FAILS_DEVICE, vertex - finder->first_device};
	if (vertex >= finder->first_feed)
		return (Failure) {FAILS_FEED, vertex - finder->first_feed};
	return (Failure) {FAILS_PANEL, vertex};
}

/*
 * Adds to a cut the vertices that the last search, which found no way, came to
 * but not past.  There are as many as there are ways.
 */
static void
add_ends(CutFinder *finder, Cut *cut)
{
	for (int i = 0; i < finder->n_used; i++)
	{
		Vertex		vertex = finder->used[i];

		if (finder->seen[BOTTOM(vertex)] == finder->search && finder->seen[TOP(vertex)] != finder->search)
			cut->failures[cut->n++] = vertex_failure(finder, vertex);
	}
}

/*
 * How many must fail for the cords that are to be lost, at most limit + 1; adds
 * them to a cut, unless it is NULL or they are more than limit.
 */
static int
cut_cords(CutFinder *finder, int limit, Cut *cut)
{
	int			ways = 0;

	while (ways <= limit && find_way(finder))
		ways++;
	if (ways <= limit && cut != NULL)
		add_ends(finder, cut);
	while (finder->n_used > 0)
		finder->below[finder->used[--finder->n_used]] = NO_WAY;
	return ways;
}

/* --- Choices --- */

/* Keeps the better of two cuts: the smaller one; of equal ones the first by kind and name. */
static void
keep_better(CutFinder *finder, Cut *cut)
{
	if (cut->n > finder->best.n)
		return;
	qsort_arg(cut->failures, cut->n, sizeof(Failure), compare_failures, (void *) finder->network);
	for (int i = 0; cut->n == finder->best.n; i++)
	{
		int			c = i == cut->n ? 1 :
			compare_failures(&cut->failures[i], &finder->best.failures[i], (void *) finder->network);

		if (c > 0)
			return;
		if (c < 0)
			break;
	}
	finder->best = *cut;
}

/* How many may still fail beside the split devices that are chosen. */
static int
room_left(const CutFinder *finder)
{
	return Min(finder->best.n, MAX_FAILURES) - finder->chosen.n;
}

/*
 * Tries to lose at least so many cords, of the groups from one on.  Those that are
 * to be lost already need no fewer failures when others are added.
 */
static void
lose_cords(CutFinder *finder, int first, int losses)
{
	check_stack_depth();
	if (losses <= 0)
	{
		Cut			cut = finder->chosen;

		if (cut_cords(finder, room_left(finder), &cut) <= room_left(finder))
			keep_better(finder, &cut);
		return;
	}
	if (finder->n_lost > 0 && cut_cords(finder, room_left(finder), NULL) > room_left(finder))
		return;
	for (int i = first; i < finder->n_groups; i++)
	{
		finder->lost[finder->n_lost++] = finder->groups[i].port;
		lose_cords(finder, i + 1, losses - finder->groups[i].cords);
		finder->n_lost--;
	}
}

/*
 * Tries every choice of split devices that fail, of those from one on.  With no
 * losses to choose, the cords that are to be lost are given.
 */
static void
fail_splits(CutFinder *finder, int first, int losses)
{
	lose_cords(finder, 0, losses);
	for (int i = first; i < finder->n_splits && room_left(finder) > 0; i++)
	{
		finder->failed[finder->splits[i]] = true;
		finder->chosen.failures[finder->chosen.n++] = (Failure) {FAILS_DEVICE, finder->splits[i]};
		fail_splits(finder, i + 1, losses);
		finder->chosen.n--;
		finder->failed[finder->splits[i]] = false;
	}
}

/* What a cord hangs on, and with it all others of which this says the same. */
static int64
cord_source(const CutFinder *finder, int port)
{
	const NetPort *p = &finder->network->ports[port];
	int			device;

	if (p->feed >= 0)
		return finder->first_feed + p->feed;
	device = finder->network->outlets[p->outlet].device;
	if (!finder->split[device])
		return finder->first_device + device;
	return (int64) finder->first_port + p->outlet;
}

static int
compare_groups(const void *a, const void *b)
{
	int64		x = ((const CordGroup *) a)->source;
	int64		y = ((const CordGroup *) b)->source;

	return x < y ? -1 : x > y;
}

/* The energized cords of a device, by what they hang on. */
static void
group_cords(CutFinder *finder, int device)
{
	const Network *network = finder->network;
	Slice		ports = network->devices[device].ports;
	int			n = 0;

	finder->n_groups = 0;
	for (int s = ports.first; s < ports.end; s++)
	{
		int			port = network->device_ports[s];

		if (finder->state->ports[port].on && !network->ports[port].inner)
			finder->groups[finder->n_groups++] = (CordGroup) {cord_source(finder, port), port, 1};
	}
	qsort(finder->groups, finder->n_groups, sizeof(CordGroup), compare_groups);
	for (int i = 1; i < finder->n_groups; i++)
		if (finder->groups[i].source == finder->groups[n].source)
			finder->groups[n].cords++;
		else
			finder->groups[++n] = finder->groups[i];
	finder->n_groups = Min(finder->n_groups, n + 1);
}

static void
all_cords_lost(CutFinder *finder)
{
	for (finder->n_lost = 0; finder->n_lost < finder->n_groups; finder->n_lost++)
		finder->lost[finder->n_lost] = finder->groups[finder->n_lost].port;
}

/* The split devices that the ways to a device may lead through. */
static void
find_splits(CutFinder *finder)
{
	const Network *network = finder->network;

	finder->n_splits = 0;
	if (finder->n_split == 0)
		return;
	finder->search++;
	finder->n_open = 0;
	for (int i = 0; i < finder->n_groups; i++)
		visit(finder, finder->first_port + finder->groups[i].port, THE_DEVICE);
	while (finder->n_open > 0)
	{
		int			outlet = network->ports[finder->open[--finder->n_open] - finder->first_port].outlet;
		int			device = outlet < 0 ? -1 : network->outlets[outlet].device;

		CHECK_FOR_INTERRUPTS();
		if (device < 0 || finder->failed[device])
			continue;
		if (finder->split[device] && finder->seen[TOP(finder->first_device + device)] != finder->search)
		{
			finder->seen[TOP(finder->first_device + device)] = finder->search;
			finder->splits[finder->n_splits++] = device;
		}
		visit_inlets(finder, outlet, THE_DEVICE);
	}
}

/* --- What is known already --- */

/* The place of what is kept of devices with these cord groups; sets whether it is of just these. */
static KnownCut *
find_known(const CutFinder *finder, int losses, bool *found)
{
	uint32		hash = hash_bytes_uint32(losses);
	KnownCut   *known;

	for (int i = 0; i < finder->n_groups; i++)
		hash = hash_combine(hash, hash_bytes_uint32((uint32) finder->groups[i].source));
	known = &finder->known[hash & (finder->n_known - 1)];
	*found = known->n_groups == finder->n_groups && known->losses == losses;
	for (int i = 0; i < finder->n_groups && *found; i++)
		*found = known->sources[i] == finder->groups[i].source && known->cords[i] == finder->groups[i].cords;
	return known;
}

static void
keep_known(const CutFinder *finder, KnownCut *known, int losses)
{
	known->n_groups = finder->n_groups;
	known->losses = losses;
	known->cut = finder->best;
	for (int i = 0; i < finder->n_groups; i++)
	{
		known->sources[i] = finder->groups[i].source;
		known->cords[i] = finder->groups[i].cords;
	}
}

/* Finds the best cut of a device that has to lose so many cords. */
static void
search_cut(CutFinder *finder, int device, int losses)
{
	int			kept = finder->state->devices[device].cords_on - losses;
	int			enough = kept + MAX_FAILURES;

	finder->failed[device] = true;
	finder->chosen.n = 0;
	find_splits(finder);
	all_cords_lost(finder);
	if (kept == 0)
		fail_splits(finder, 0, 0);
	/* where cords have more ways of their own than that, enough of them stay on */
	else if (finder->n_splits > 0 || cut_cords(finder, enough, NULL) <= enough)
	{
		finder->n_lost = 0;
		fail_splits(finder, 0, losses);
	}
	finder->failed[device] = false;
}

/*
 * The smallest set of things whose failure together leaves a device dark.  Of
 * equal ones, the nearest to the device; where several choices of cords or of
 * split devices need as many, the first by kind and name.
 *
 * A device with outlets may be above itself, but ways through itself are of no
 * matter: each of them comes in by a cord that would keep it alive.
 */
Cut
cut_find(CutFinder *finder, int device)
{
	int			losses = device_losses(finder->state, device);
	KnownCut   *known;
	bool		found;

	finder->best.n = losses == 0 ? 0 : MAX_FAILURES + 1;
	if (losses == 0)
		return finder->best;
	group_cords(finder, device);
	/* no way leads through one without outlets, so it has no part in the search */
	if (finder->n_groups > KNOWN_GROUPS || slice_count(finder->network->devices[device].outlets) > 0)
	{
		search_cut(finder, device, losses);
		return finder->best;
	}
	known = find_known(finder, losses, &found);
	if (found)
		return known->cut;
	search_cut(finder, device, losses);
	keep_known(finder, known, losses);
	return finder->best;
}
