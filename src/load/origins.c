/*-------------------------------------------------------------------------
 *
 * origins.c
 *	  Which panels have nothing above them in common.
 *
 * Above a panel are itself, the feeds of any status that enter it, and what is
 * above their panels; but not a utility or a generator that no feed enters.  What is
 * above something that two panels have in common, they have in common, too.  So
 * they have anything in common if and only if they share an origin: something that
 * has nothing above it.  That is a panel that no feed enters, unless it is
 * a utility or generator; and a feed that leaves one of these.
 *
 * Origins are few, and so are the different sets of them: all panels on one side of
 * a site have the same.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "common/hashfn.h"
#include "miscadmin.h"

#include "origins.h"

typedef struct Finder
{
	const Network *network;
	Origins    *result;
	int			max_sets;
	int			n_origins;
	int			max_origins;
	int		   *buckets;		/* first set of a hash, or -1 */
	int			n_buckets;		/* a power of 2 */
	int		   *next_set;		/* of the same bucket */
	int		   *gathered;		/* origins of the panel in question */
	int			n_gathered;
	int		   *gathered_for;	/* of each thing: the last panel it was gathered for */
} Finder;

static int
compare_ints(const void *a, const void *b)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;

	return x < y ? -1 : x > y;
}

/* Room for one more set, and so many more origins. */
static void
reserve(Finder *finder, int n)
{
	Origins    *result = finder->result;

	if (result->n_sets == finder->max_sets)
	{
		finder->max_sets *= 2;
		result->sets = repalloc_huge(result->sets, sizeof(Slice) * (Size) finder->max_sets);
		finder->next_set = repalloc_huge(finder->next_set, sizeof(int) * (Size) finder->max_sets);
	}
	if (finder->n_origins + n > finder->max_origins)
	{
		finder->max_origins = Max(finder->max_origins * 2, finder->n_origins + n);
		result->origins = repalloc_huge(result->origins, sizeof(int) * (Size) finder->max_origins);
	}
}

/* The set of what was gathered, an old or a new one. */
static int
find_set(Finder *finder)
{
	Origins    *result = finder->result;
	Size		size = sizeof(int) * (Size) finder->n_gathered;
	int		   *bucket;

	qsort(finder->gathered, finder->n_gathered, sizeof(int), compare_ints);
	bucket = &finder->buckets[hash_bytes((const unsigned char *) finder->gathered, (int) size) & (finder->n_buckets - 1)];
	for (int set = *bucket; set >= 0; set = finder->next_set[set])
		if (slice_count(result->sets[set]) == finder->n_gathered &&
			memcmp(&result->origins[result->sets[set].first], finder->gathered, size) == 0)
			return set;
	reserve(finder, finder->n_gathered);
	memcpy(&result->origins[finder->n_origins], finder->gathered, size);
	result->sets[result->n_sets].first = finder->n_origins;
	result->sets[result->n_sets].end = finder->n_origins += finder->n_gathered;
	finder->next_set[result->n_sets] = *bucket;
	return *bucket = result->n_sets++;
}

static void
gather(Finder *finder, int panel, int origin)
{
	if (finder->gathered_for[origin] == panel)
		return;
	finder->gathered_for[origin] = panel;
	finder->gathered[finder->n_gathered++] = origin;
}

/* The origins above a feed: those of its panel, or, where that has none, itself. */
static void
gather_above(Finder *finder, int panel, int feed)
{
	const Origins *result = finder->result;
	Slice		above = result->sets[result->set_of[finder->network->feeds[feed].panel]];

	if (slice_count(above) == 0)
		gather(finder, panel, finder->network->n_panels + feed);
	for (int i = above.first; i < above.end; i++)
		gather(finder, panel, result->origins[i]);
}

/* The set of a panel, once those of the panels above it are known. */
static int
set_of_panel(Finder *finder, int panel)
{
	const NetPanel *p = &finder->network->panels[panel];

	finder->n_gathered = 0;
	if (slice_count(p->in) == 0 && p->type != PANEL_SOURCE)
		gather(finder, panel, panel);
	for (int s = p->in.first; s < p->in.end; s++)
	{
		CHECK_FOR_INTERRUPTS();
		gather_above(finder, panel, finder->network->feeds_in[s]);
	}
	return find_set(finder);
}

/* The origins of each panel, in the current memory context. */
Origins *
origins_find(const Network *network)
{
	Origins    *result = palloc0(sizeof(Origins));
	int			n_things = network->n_panels + network->n_feeds;
	Finder		finder = {.network = network, .result = result, .max_sets = 64, .max_origins = 64, .n_buckets = 64};

	while (finder.n_buckets < network->n_panels)
		finder.n_buckets *= 2;
	result->set_of = huge_array(int, network->n_panels);
	result->sets = huge_array(Slice, finder.max_sets);
	result->origins = huge_array(int, finder.max_origins);
	finder.next_set = huge_array(int, finder.max_sets);
	finder.buckets = huge_array(int, finder.n_buckets);
	finder.gathered = huge_array(int, n_things);
	finder.gathered_for = huge_array(int, n_things);
	memset(finder.buckets, -1, sizeof(int) * (Size) finder.n_buckets);
	memset(finder.gathered_for, -1, sizeof(int) * (Size) Max(n_things, 1));
	for (int i = 0; i < network->n_panels; i++)
		result->set_of[network->panel_order[i]] = set_of_panel(&finder, network->panel_order[i]);
	return result;
}
