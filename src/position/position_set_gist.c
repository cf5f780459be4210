/*-------------------------------------------------------------------------
 *
 * position_set_gist.c
 *	  GiST operator class of position_set.
 *
 * An inner key is the union of the sets below it and is itself a
 * position_set, so neither compression nor a storage type of its own is
 * needed and index-only scans work.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/gist.h"
#include "access/stratnum.h"
#include "port/pg_bitutils.h"

#include "position_set.h"

PG_FUNCTION_INFO_V1(position_set_gist_consistent);
PG_FUNCTION_INFO_V1(position_set_gist_union);
PG_FUNCTION_INFO_V1(position_set_gist_penalty);
PG_FUNCTION_INFO_V1(position_set_gist_picksplit);
PG_FUNCTION_INFO_V1(position_set_gist_same);

static PositionView
key_view(Datum key)
{
	return position_set_argument(key);
}

/* How many positions of b are not in a. */
static int
growth(PositionView a, PositionView b)
{
	int			n = 0;

	for (int i = 0; i < b.nbytes; i++)
		n += pg_number_of_ones[b.bits[i] & ~(i < a.nbytes ? a.bits[i] : 0) & 0xff];
	return n;
}

static void
add_view(PositionBits *set, PositionView view)
{
	for (int i = 0; i < view.nbytes; i++)
		set->bits[i] |= view.bits[i];
}

static PositionView
bits_view(const PositionBits *set)
{
	PositionView view = {set->bits, POSITION_BYTES};

	return view;
}

Datum
position_set_gist_consistent(PG_FUNCTION_ARGS)
{
	GISTENTRY  *entry = (GISTENTRY *) PG_GETARG_POINTER(0);
	PositionView query = PG_GETARG_POSITION_SET(1);
	StrategyNumber strategy = (StrategyNumber) PG_GETARG_UINT16(2);
	bool	   *recheck = (bool *) PG_GETARG_POINTER(4);
	PositionView key = key_view(entry->key);

	*recheck = false;
	switch (strategy)
	{
		case RTOverlapStrategyNumber:
			PG_RETURN_BOOL(position_view_overlaps(key, query));
		case RTEqualStrategyNumber:
			if (GIST_LEAF(entry))
				PG_RETURN_BOOL(position_view_equal(key, query));
			/* below a union, a set equal to the query may lie that it contains */
			PG_RETURN_BOOL(growth(key, query) == 0);
		default:
			ereport(ERROR,
					(errcode(ERRCODE_INTERNAL_ERROR),
					 errmsg("unrecognized strategy number: %d", strategy)));
	}
	PG_RETURN_BOOL(false);
}

Datum
position_set_gist_union(PG_FUNCTION_ARGS)
{
	GistEntryVector *entries = (GistEntryVector *) PG_GETARG_POINTER(0);
	int		   *size = (int *) PG_GETARG_POINTER(1);
	PositionBits set = {{0}};
	struct varlena *result;

	for (int i = 0; i < entries->n; i++)
		add_view(&set, key_view(entries->vector[i].key));
	result = position_set_make(&set);
	*size = (int) VARSIZE(result);
	PG_RETURN_POINTER(result);
}

Datum
position_set_gist_penalty(PG_FUNCTION_ARGS)
{
	GISTENTRY  *original = (GISTENTRY *) PG_GETARG_POINTER(0);
	GISTENTRY  *added = (GISTENTRY *) PG_GETARG_POINTER(1);
	float	   *penalty = (float *) PG_GETARG_POINTER(2);

	*penalty = (float) growth(key_view(original->key), key_view(added->key));
	PG_RETURN_POINTER(penalty);
}

/* The two keys that differ most: Guttman's seeds. */
static void
pick_seeds(GistEntryVector *entries, OffsetNumber *left, OffsetNumber *right)
{
	int			widest = -1;
	OffsetNumber last = (OffsetNumber) (entries->n - 1);

	for (OffsetNumber i = FirstOffsetNumber; i < last; i++)
	{
		PositionView a = key_view(entries->vector[i].key);

		for (OffsetNumber j = i + 1; j <= last; j++)
		{
			PositionView b = key_view(entries->vector[j].key);
			int			distance = growth(a, b) + growth(b, a);

			if (distance > widest)
			{
				widest = distance;
				*left = i;
				*right = j;
			}
		}
	}
}

Datum
position_set_gist_picksplit(PG_FUNCTION_ARGS)
{
	GistEntryVector *entries = (GistEntryVector *) PG_GETARG_POINTER(0);
	GIST_SPLITVEC *split = (GIST_SPLITVEC *) PG_GETARG_POINTER(1);
	OffsetNumber last = (OffsetNumber) (entries->n - 1);
	OffsetNumber seed_left = FirstOffsetNumber;
	OffsetNumber seed_right = FirstOffsetNumber + 1;
	PositionBits left = {{0}};
	PositionBits right = {{0}};

	pick_seeds(entries, &seed_left, &seed_right);
	split->spl_left = (OffsetNumber *) palloc(entries->n * sizeof(OffsetNumber));
	split->spl_right = (OffsetNumber *) palloc(entries->n * sizeof(OffsetNumber));
	split->spl_nleft = 0;
	split->spl_nright = 0;
	add_view(&left, key_view(entries->vector[seed_left].key));
	add_view(&right, key_view(entries->vector[seed_right].key));

	for (OffsetNumber i = FirstOffsetNumber; i <= last; i++)
	{
		PositionView key = key_view(entries->vector[i].key);
		int			cost_left = growth(bits_view(&left), key);
		int			cost_right = growth(bits_view(&right), key);

		/* among equals the shorter side, so that neither runs empty */
		if (i == seed_left ||
			(i != seed_right &&
			 (cost_left < cost_right ||
			  (cost_left == cost_right && split->spl_nleft < split->spl_nright))))
		{
			add_view(&left, key);
			split->spl_left[split->spl_nleft++] = i;
		}
		else
		{
			add_view(&right, key);
			split->spl_right[split->spl_nright++] = i;
		}
	}
	split->spl_ldatum = PointerGetDatum(position_set_make(&left));
	split->spl_rdatum = PointerGetDatum(position_set_make(&right));
	PG_RETURN_POINTER(split);
}

Datum
position_set_gist_same(PG_FUNCTION_ARGS)
{
	PositionView a = PG_GETARG_POSITION_SET(0);
	PositionView b = PG_GETARG_POSITION_SET(1);
	bool	   *same = (bool *) PG_GETARG_POINTER(2);

	*same = position_view_equal(a, b);
	PG_RETURN_POINTER(same);
}
