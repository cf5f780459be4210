/*-------------------------------------------------------------------------
 *
 * position_set_op.c
 *	  Operators of position_set, its order and its hash.
 *
 * A stored set ends with its highest position's byte: beyond it, a set has
 * no positions.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "common/hashfn.h"
#include "port/pg_bitutils.h"

#include "position_set.h"

PG_FUNCTION_INFO_V1(position_set_overlaps);
PG_FUNCTION_INFO_V1(position_set_contains);
PG_FUNCTION_INFO_V1(position_set_contained);
PG_FUNCTION_INFO_V1(position_set_contains_position);
PG_FUNCTION_INFO_V1(position_set_position_contained);
PG_FUNCTION_INFO_V1(position_set_union);
PG_FUNCTION_INFO_V1(position_set_difference);
PG_FUNCTION_INFO_V1(position_set_intersection);
PG_FUNCTION_INFO_V1(position_set_eq);
PG_FUNCTION_INFO_V1(position_set_ne);
PG_FUNCTION_INFO_V1(position_set_lt);
PG_FUNCTION_INFO_V1(position_set_le);
PG_FUNCTION_INFO_V1(position_set_gt);
PG_FUNCTION_INFO_V1(position_set_ge);
PG_FUNCTION_INFO_V1(position_set_cmp);
PG_FUNCTION_INFO_V1(position_set_hash);
PG_FUNCTION_INFO_V1(position_set_hash_extended);

static bool
view_contains(PositionView a, PositionView b)
{
	if (b.nbytes > a.nbytes)
		return false;
	for (int i = 0; i < b.nbytes; i++)
		if (b.bits[i] & ~a.bits[i])
			return false;
	return true;
}

static bool
view_has(PositionView set, int32 position)
{
	return position >= 1 && position < set.nbytes * 8 &&
		(set.bits[position / 8] & (1 << (position % 8))) != 0;
}

/*
 * The order of the ascending lists of positions, as arrays compare.  At the
 * lowest position that only one set has, the other set continues with a
 * higher one, and is greater, or has ended, and is less.
 */
static int
view_compare(PositionView a, PositionView b)
{
	int			n = Max(a.nbytes, b.nbytes);

	for (int i = 0; i < n; i++)
	{
		uint8		in_a = i < a.nbytes ? a.bits[i] : 0;
		uint8		in_b = i < b.nbytes ? b.bits[i] : 0;
		uint8		lowest;
		bool		a_has;
		PositionView other;

		if (in_a == in_b)
			continue;
		lowest = (uint8) ((in_a ^ in_b) & -(in_a ^ in_b));
		a_has = (in_a & lowest) != 0;
		other = a_has ? b : a;
		if (other.nbytes > i + 1 ||
			(a_has ? in_b : in_a) > lowest)
			return a_has ? -1 : 1;
		return a_has ? 1 : -1;
	}
	return 0;
}

Datum
position_set_overlaps(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(position_view_overlaps(PG_GETARG_POSITION_SET(0),
										  PG_GETARG_POSITION_SET(1)));
}

Datum
position_set_contains(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(view_contains(PG_GETARG_POSITION_SET(0),
								 PG_GETARG_POSITION_SET(1)));
}

Datum
position_set_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(view_contains(PG_GETARG_POSITION_SET(1),
								 PG_GETARG_POSITION_SET(0)));
}

Datum
position_set_contains_position(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(view_has(PG_GETARG_POSITION_SET(0), PG_GETARG_INT32(1)));
}

Datum
position_set_position_contained(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(view_has(PG_GETARG_POSITION_SET(1), PG_GETARG_INT32(0)));
}

static void
unpack(PositionBits *set, PositionView view)
{
	memset(set, 0, sizeof(PositionBits));
	memcpy(set->bits, view.bits, view.nbytes);
}

Datum
position_set_union(PG_FUNCTION_ARGS)
{
	PositionView b = PG_GETARG_POSITION_SET(1);
	PositionBits set;

	unpack(&set, PG_GETARG_POSITION_SET(0));
	for (int i = 0; i < b.nbytes; i++)
		set.bits[i] |= b.bits[i];
	PG_RETURN_POINTER(position_set_make(&set));
}

Datum
position_set_difference(PG_FUNCTION_ARGS)
{
	PositionView b = PG_GETARG_POSITION_SET(1);
	PositionBits set;

	unpack(&set, PG_GETARG_POSITION_SET(0));
	for (int i = 0; i < b.nbytes; i++)
		set.bits[i] &= (uint8) ~b.bits[i];
	PG_RETURN_POINTER(position_set_make(&set));
}

Datum
position_set_intersection(PG_FUNCTION_ARGS)
{
	PositionView b = PG_GETARG_POSITION_SET(1);
	PositionBits set;

	unpack(&set, PG_GETARG_POSITION_SET(0));
	for (int i = 0; i < POSITION_BYTES; i++)
		set.bits[i] &= i < b.nbytes ? b.bits[i] : 0;
	PG_RETURN_POINTER(position_set_make(&set));
}

Datum
position_set_eq(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(position_view_equal(PG_GETARG_POSITION_SET(0),
									   PG_GETARG_POSITION_SET(1)));
}

Datum
position_set_ne(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(!position_view_equal(PG_GETARG_POSITION_SET(0),
										PG_GETARG_POSITION_SET(1)));
}

#define COMPARE(fcinfo) \
	view_compare(PG_GETARG_POSITION_SET(0), PG_GETARG_POSITION_SET(1))

Datum
position_set_lt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE(fcinfo) < 0);
}

Datum
position_set_le(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE(fcinfo) <= 0);
}

Datum
position_set_gt(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE(fcinfo) > 0);
}

Datum
position_set_ge(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(COMPARE(fcinfo) >= 0);
}

Datum
position_set_cmp(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(COMPARE(fcinfo));
}

Datum
position_set_hash(PG_FUNCTION_ARGS)
{
	PositionView view = PG_GETARG_POSITION_SET(0);

	PG_RETURN_INT32((int32) hash_bytes(view.bits, view.nbytes));
}

Datum
position_set_hash_extended(PG_FUNCTION_ARGS)
{
	PositionView view = PG_GETARG_POSITION_SET(0);

	PG_RETURN_INT64((int64) hash_bytes_extended(view.bits, view.nbytes,
												(uint64) PG_GETARG_INT64(1)));
}
