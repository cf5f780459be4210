/*-------------------------------------------------------------------------
 *
 * find_capacity.c
 *	  find_capacity(): where a new load goes that each of its paths can carry
 *	  alone.
 *
 * The panels that could carry it are put into groups of those with the same
 * origins (origins.c): panels of two groups go together where these have no origin
 * in common.  Then, from the highest headroom down, rows are made of the panels
 * that have so much or more, one of them just so much: in the order of their names,
 * and until there are enough.  Before a panel is put into a row it is asked, by
 * groups, of which there are few, whether panels further on in the order of names
 * can complete it; so no time goes into rows that come to nothing.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "headroom.h"
#include "origins.h"
#include "panel_read.h"
#include "places.h"

PG_FUNCTION_INFO_V1(find_capacity);

#define PATHS_MAX		4

/* What is asked for. */
typedef struct Wish
{
	double		va;
	int			poles;
	int			paths;
	int			max_rows;
} Wish;

/* A panel that could carry the load. */
typedef struct Candidate
{
	int			panel;
	int			place;			/* of the breaker */
	double		va;				/* headroom */
	int			grade;			/* 0 has the highest headroom; equal ones have the same */
	int			group;
} Candidate;

/*
 * Panels with the same origins; a panel without any is alone.  Candidates are in
 * the order of names.
 */
typedef struct PanelGroup
{
	Slice		origins;
	int			last;			/* candidate of a grade that is looked at; or -1 */
	int			last_of_grade;	/* .. of the grade in question; or -1 */
	bool		taken;			/* has a panel in the row */
	int			failed_at;		/* with so many groups at hand it led to no row */
} PanelGroup;

typedef struct Search
{
	const Network *network;
	const Origins *origins;
	const Wish *wish;
	Candidate  *candidates;
	int			n;
	PanelGroup *groups;
	int			n_groups;
	int			n_at_hand;		/* groups with a candidate so far */
	bool	   *used;			/* of each origin: is above a panel in the row */
	int			grade;			/* in question */
	int			row[PATHS_MAX]; /* candidates, in order */
	int		   *hopeless[PATHS_MAX][2]; /* of each group: see extend_row() */
	int			n_visits;
	int			n_rows;
	ReturnSetInfo *rsinfo;
} Search;

/* --- Groups --- */

static bool
fits(const Search *search, const PanelGroup *group)
{
	if (group->taken)
		return false;
	for (int i = group->origins.first; i < group->origins.end; i++)
		if (search->used[search->origins->origins[i]])
			return false;
	return true;
}

/* Puts a group into the row, or takes it out. */
static void
take(Search *search, PanelGroup *group, bool taken)
{
	group->taken = taken;
	for (int i = group->origins.first; i < group->origins.end; i++)
		search->used[search->origins->origins[i]] = taken;
}

/*
 * Can so many more panels that come after a candidate complete the row?  Where
 * it is needed, one of them of the grade in question.  Groups before the first one
 * given have been tried.
 */
static bool
can_complete(Search *search, int first, int missing, int after, bool needed)
{
	if (missing == 0)
		return !needed;
	for (int g = first; g < search->n_groups; g++)
	{
		PanelGroup *group = &search->groups[g];
		bool		can;

		CHECK_FOR_INTERRUPTS();
		if (group->last <= after || !fits(search, group))
			continue;
		take(search, group, true);
		can = can_complete(search, g + 1, missing - 1, after, needed && group->last_of_grade <= after);
		take(search, group, false);
		if (can)
			return true;
	}
	return false;
}

/* --- Rows --- */

static void
put_row(Search *search)
{
	const Network *network = search->network;
	int			paths = search->wish->paths;
	Datum		panels[PATHS_MAX];
	Datum		names[PATHS_MAX];
	Datum		positions[PATHS_MAX];
	Datum		values[4];
	bool		nulls[4] = {false};
	double		least = INFINITY;

	for (int i = 0; i < paths; i++)
	{
		const Candidate *candidate = &search->candidates[search->row[i]];

		panels[i] = UUIDPGetDatum(&network->panels[candidate->panel].id);
		names[i] = name_datum(network->panels[candidate->panel].name);
		positions[i] = Int32GetDatum(candidate->place);
		least = Min(least, candidate->va);
	}
	values[0] = PointerGetDatum(construct_array(panels, paths, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	values[1] = PointerGetDatum(construct_array(names, paths, TEXTOID, -1, false, TYPALIGN_INT));
	values[2] = PointerGetDatum(construct_array(positions, paths, INT4OID, sizeof(int32), true, TYPALIGN_INT));
	nulls[3] = isinf(least);
	values[3] = Float8GetDatum(least);
	tuplestore_putvalues(search->rsinfo->setResult, search->rsinfo->setDesc, values, nulls);
	search->n_rows++;
}

/*
 * Puts each panel that comes after the last one into the row, and goes on with the
 * next.  A group that could not complete the row cannot do so further on, either;
 * it is hopeless for this visit.
 */
static void
extend_row(Search *search, int length, int after, bool needed)
{
	int			missing = search->wish->paths - length - 1;
	int			visit = ++search->n_visits;

	for (int i = after + 1; i < search->n && search->n_rows < search->wish->max_rows; i++)
	{
		const Candidate *candidate = &search->candidates[i];
		PanelGroup *group = &search->groups[candidate->group];
		bool		still = needed && candidate->grade != search->grade;
		int		   *hopeless = &search->hopeless[length][still][candidate->group];

		CHECK_FOR_INTERRUPTS();
		if (candidate->grade > search->grade || *hopeless == visit || !fits(search, group))
			continue;
		take(search, group, true);
		search->row[length] = i;
		if (!can_complete(search, 0, missing, i, still))
			*hopeless = visit;
		else if (missing == 0)
			put_row(search);
		else
			extend_row(search, length + 1, i, still);
		take(search, group, false);
	}
}

/* Can a group be in any row?  If not, this holds until there are more groups. */
static bool
leads_to_row(Search *search, PanelGroup *group)
{
	bool		leads;

	if (group->failed_at == search->n_at_hand)
		return false;
	take(search, group, true);
	leads = can_complete(search, 0, search->wish->paths - 1, -1, false);
	take(search, group, false);
	if (!leads)
		group->failed_at = search->n_at_hand;
	return leads;
}

/* The rows with a panel of a grade and none of a later one; the candidates of a grade are given. */
static void
rows_of_grade(Search *search, const int *its, int n)
{
	bool		any = false;

	search->grade = search->candidates[its[0]].grade;
	for (int i = 0; i < n; i++)
	{
		PanelGroup *group = &search->groups[search->candidates[its[i]].group];

		search->n_at_hand += group->last < 0;
		group->last = Max(group->last, its[i]);
		group->last_of_grade = Max(group->last_of_grade, its[i]);
	}
	for (int i = 0; i < n && !any; i++)
		any = leads_to_row(search, &search->groups[search->candidates[its[i]].group]);
	if (any)
		extend_row(search, 0, -1, true);
	for (int i = 0; i < n; i++)
		search->groups[search->candidates[its[i]].group].last_of_grade = -1;
}

/* --- Candidates --- */

static int
compare_names(const void *a, const void *b, void *arg)
{
	Thing		x = {true, ((const Candidate *) a)->panel};
	Thing		y = {true, ((const Candidate *) b)->panel};

	return thing_compare((const Network *) arg, x, y);
}

/* Candidates by headroom, the highest first. */
static int
compare_headroom(const void *a, const void *b, void *arg)
{
	const Candidate *candidates = (const Candidate *) arg;
	double		x = candidates[*(const int *) a].va;
	double		y = candidates[*(const int *) b].va;

	return x > y ? -1 : x < y ? 1 : *(const int *) a - *(const int *) b;
}

/* Energized, with a place for the breaker, and enough headroom; in the order of names. */
static void
list_candidates(Search *search, PowerState *state, const bool *wanted)
{
	const Network *network = search->network;
	Headroom   *headrooms = headroom_find(state, wanted, false);

	search->candidates = huge_array(Candidate, network->n_panels);
	search->n = 0;
	for (int p = 0; p < network->n_panels; p++)
	{
		int			place;

		CHECK_FOR_INTERRUPTS();
		if (!wanted[p] || !state->panels[p].on || headrooms[p].va < search->wish->va)
			continue;
		place = panel_first_place(network, p, search->wish->poles);
		if (place > 0)
			search->candidates[search->n++] = (Candidate) {.panel = p, .place = place, .va = headrooms[p].va};
	}
	qsort_arg(search->candidates, search->n, sizeof(Candidate), compare_names, (void *) network);
}

static void
make_groups(Search *search)
{
	const Origins *origins = search->origins;
	int		   *group_of = huge_array(int, origins->n_sets);

	memset(group_of, -1, sizeof(int) * (Size) Max(origins->n_sets, 1));
	search->groups = huge_array(PanelGroup, search->n);
	search->n_groups = 0;
	for (int i = 0; i < search->n; i++)
	{
		int			set = origins->set_of[search->candidates[i].panel];

		if (group_of[set] < 0 || slice_count(origins->sets[set]) == 0)
		{
			group_of[set] = search->n_groups;
			search->groups[search->n_groups++] = (PanelGroup) {
				.origins = origins->sets[set], .last = -1, .last_of_grade = -1, .failed_at = -1
			};
		}
		search->candidates[i].group = group_of[set];
	}
	for (int i = 0; i < PATHS_MAX; i++)
		for (int k = 0; k < 2; k++)
			search->hopeless[i][k] = zeroed_array(int, search->n_groups);
}

/* Gives grades, and makes the rows of one after the other. */
static void
make_rows(Search *search)
{
	int		   *by_headroom = huge_array(int, search->n);
	int			end;

	for (int i = 0; i < search->n; i++)
		by_headroom[i] = i;
	qsort_arg(by_headroom, search->n, sizeof(int), compare_headroom, search->candidates);
	for (int i = 0; i < search->n; i++)
	{
		Candidate  *candidate = &search->candidates[by_headroom[i]];
		const Candidate *before = i > 0 ? &search->candidates[by_headroom[i - 1]] : NULL;

		candidate->grade = before == NULL ? 0 : before->grade +
			(before->va != candidate->va && before->va > candidate->va + LOAD_TOLERANCE);
	}
	for (int i = 0; i < search->n && search->n_rows < search->wish->max_rows; i = end)
	{
		for (end = i + 1; end < search->n; end++)
			if (search->candidates[by_headroom[end]].grade != search->candidates[by_headroom[i]].grade)
				break;
		rows_of_grade(search, &by_headroom[i], end - i);
	}
}

/* --- The function --- */

static void
refuse(const char *name, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"%s\" must be %s", name, what)));
}

/* The arguments from one on; raises 22004 on NULL, 22023 on what makes no sense. */
static Wish
read_wish(FunctionCallInfo fcinfo, int first)
{
	static const char *const names[] = {"va", "poles", "paths", "max_rows"};
	Wish		wish;

	for (int i = 0; i < (int) lengthof(names); i++)
		argument_not_null(fcinfo, first + i, names[i]);
	wish.va = PG_GETARG_FLOAT8(first);
	wish.poles = PG_GETARG_INT32(first + 1);
	wish.paths = PG_GETARG_INT32(first + 2);
	wish.max_rows = PG_GETARG_INT32(first + 3);
	if (isnan(wish.va) || isinf(wish.va) || wish.va <= 0)
		refuse("va", "a number above 0");
	if (wish.poles < 1 || wish.poles > BREAKER_POLES_MAX)
		refuse("poles", psprintf("from 1 to %d", BREAKER_POLES_MAX));
	if (wish.paths < 1 || wish.paths > PATHS_MAX)
		refuse("paths", "from 1 to 4");
	if (wish.max_rows < 1)
		refuse("max_rows", "at least 1");
	return wish;
}

/* find_capacity([location,] va, poles, paths, max_rows) */
Datum
find_capacity(PG_FUNCTION_ARGS)
{
	bool		in_location = PG_NARGS() == 5;
	Search		search = {0};
	bool	   *wanted;
	Wish		wish;

	if (in_location)
		argument_not_null(fcinfo, 0, "location");
	wish = read_wish(fcinfo, in_location ? 1 : 0);
	InitMaterializedSRF(fcinfo, 0);
	search.network = places_read(fcinfo, in_location, &wanted);
	search.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	search.wish = &wish;
	list_candidates(&search, power_state_compute((Network *) search.network), wanted);
	search.origins = origins_find(search.network);
	search.used = zeroed_array(bool, search.network->n_panels + search.network->n_feeds);
	make_groups(&search);
	make_rows(&search);
	return (Datum) 0;
}
