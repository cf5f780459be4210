/*-------------------------------------------------------------------------
 *
 * operators.c
 *	  Fuzz target: operators, order, hash and casts of position_set against
 *	  the naive model.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "catalog/pg_type.h"
#include "utils/array.h"

extern Datum position_set_overlaps(PG_FUNCTION_ARGS);
extern Datum position_set_contains(PG_FUNCTION_ARGS);
extern Datum position_set_contained(PG_FUNCTION_ARGS);
extern Datum position_set_contains_position(PG_FUNCTION_ARGS);
extern Datum position_set_position_contained(PG_FUNCTION_ARGS);
extern Datum position_set_union(PG_FUNCTION_ARGS);
extern Datum position_set_difference(PG_FUNCTION_ARGS);
extern Datum position_set_intersection(PG_FUNCTION_ARGS);
extern Datum position_set_eq(PG_FUNCTION_ARGS);
extern Datum position_set_ne(PG_FUNCTION_ARGS);
extern Datum position_set_lt(PG_FUNCTION_ARGS);
extern Datum position_set_le(PG_FUNCTION_ARGS);
extern Datum position_set_gt(PG_FUNCTION_ARGS);
extern Datum position_set_ge(PG_FUNCTION_ARGS);
extern Datum position_set_cmp(PG_FUNCTION_ARGS);
extern Datum position_set_hash(PG_FUNCTION_ARGS);
extern Datum position_set_hash_extended(PG_FUNCTION_ARGS);
extern Datum position_set_from_array(PG_FUNCTION_ARGS);
extern Datum position_set_to_array(PG_FUNCTION_ARGS);
extern Datum position_set_cardinality(PG_FUNCTION_ARGS);
extern Datum position_range(PG_FUNCTION_ARGS);

/* A set beside its model */
typedef struct Pair
{
	Model		model;
	Datum		set;
} Pair;

#define TRUTH(function, a, b) DatumGetBool(must(function, 2, (a).set, (b).set))

static int
sign(int value)
{
	return (value > 0) - (value < 0);
}

static int
compare(const Pair *a, const Pair *b)
{
	return sign(DatumGetInt32(must(position_set_cmp, 2, a->set, b->set)));
}

/* As arrays compare */
static int
compare_lists(const Model *a, const Model *b)
{
	int			list_a[POSITION_MAX];
	int			list_b[POSITION_MAX];
	int			na = model_list(a, list_a);
	int			nb = model_list(b, list_b);

	for (int i = 0; i < na && i < nb; i++)
		if (list_a[i] != list_b[i])
			return sign(list_a[i] - list_b[i]);
	return sign(na - nb);
}

static void
check_operators(const Pair *a, const Pair *b)
{
	bool		overlaps = false;
	bool		contains = true;
	Model		both = {{0}};
	Model		common = {{0}};
	Model		rest = {{0}};

	for (int p = 1; p <= POSITION_MAX; p++)
	{
		bool		in_a = a->model.has[p];
		bool		in_b = b->model.has[p];

		both.has[p] = in_a || in_b;
		common.has[p] = in_a && in_b;
		rest.has[p] = in_a && !in_b;
		overlaps = overlaps || common.has[p];
		contains = contains && (in_a || !in_b);
	}
	CHECK(TRUTH(position_set_overlaps, *a, *b) == overlaps);
	CHECK(TRUTH(position_set_contains, *a, *b) == contains);
	CHECK(TRUTH(position_set_contained, *b, *a) == contains);
	check_set(must(position_set_union, 2, a->set, b->set), &both);
	check_set(must(position_set_intersection, 2, a->set, b->set), &common);
	check_set(must(position_set_difference, 2, a->set, b->set), &rest);
}

static void
check_order(const Pair *a, const Pair *b)
{
	int			order = compare_lists(&a->model, &b->model);

	CHECK(compare(a, b) == order);
	CHECK(compare(b, a) == -order);
	CHECK((order == 0) == model_same(&a->model, &b->model));
	CHECK(TRUTH(position_set_eq, *a, *b) == (order == 0));
	CHECK(TRUTH(position_set_ne, *a, *b) == (order != 0));
	CHECK(TRUTH(position_set_lt, *a, *b) == (order < 0));
	CHECK(TRUTH(position_set_le, *a, *b) == (order <= 0));
	CHECK(TRUTH(position_set_gt, *a, *b) == (order > 0));
	CHECK(TRUTH(position_set_ge, *a, *b) == (order >= 0));
}

/* Equal sets have equal hashes, whichever header they are stored with. */
static void
check_hash(const Pair *pair, int64 seed)
{
	Datum		other = model_set(&pair->model, VARATT_IS_4B(DatumGetPointer(pair->set)));
	uint32		hash = DatumGetUInt32(must(position_set_hash, 1, pair->set));

	CHECK(DatumGetBool(must(position_set_eq, 2, pair->set, other)));
	CHECK(DatumGetUInt32(must(position_set_hash, 1, other)) == hash);
	CHECK(must(position_set_hash_extended, 2, pair->set, Int64GetDatum(seed)) ==
		  must(position_set_hash_extended, 2, other, Int64GetDatum(seed)));
	/* so do hash functions with a seed of 0 */
	CHECK((uint32) DatumGetInt64(must(position_set_hash_extended, 2, pair->set,
									  Int64GetDatum(0))) == hash);
}

static void
check_position(const Pair *pair, int32 position)
{
	bool		has = position >= 1 && position <= POSITION_MAX && pair->model.has[position];

	CHECK(DatumGetBool(must(position_set_contains_position, 2, pair->set,
							Int32GetDatum(position))) == has);
	CHECK(DatumGetBool(must(position_set_position_contained, 2, Int32GetDatum(position),
							pair->set)) == has);
}

static void
check_array(const Pair *pair)
{
	int			list[POSITION_MAX];
	int			n = model_list(&pair->model, list);
	Datum		array = must(position_set_to_array, 1, pair->set);

	CHECK(ARR_NDIM(DatumGetArrayTypeP(array)) == (n > 0 ? 1 : 0));
	CHECK(n == 0 || ARR_DIMS(DatumGetArrayTypeP(array))[0] == n);
	CHECK(memcmp(ARR_DATA_PTR(DatumGetArrayTypeP(array)), list, n * sizeof(int)) == 0);
	check_set(must(position_set_from_array, 1, array), &pair->model);
	CHECK(DatumGetInt32(must(position_set_cardinality, 1, pair->set)) == n);
}

/* Any number, near the bounds of positions or of int for preference */
static int32
take_number(Input *input)
{
	int			how = take(input);

	switch (how & 7)
	{
		case 0:
			return (int32) ((uint32) take16(input) << 16 | (uint32) take16(input));
		case 1:
			return PG_INT32_MAX - (how >> 3);
		case 2:
			return PG_INT32_MIN + (how >> 3);
		case 3:
			return POSITION_MAX + 16 - (how >> 3);
		case 4:
			return (how >> 3) - 16;
		default:
			return take16(input) & POSITION_MAX;
	}
}

/* From an array of any numbers, and NULLs (INT_MIN: see standin.c) */
static void
check_any_array(Input *input)
{
	Datum		elements[16];
	int			n = take(input) & 15;
	int			expected = 0;
	Model		model = {{0}};
	Datum		set;
	bool		isnull;

	for (int i = 0; i < n; i++)
	{
		int32		value = take_number(input);

		elements[i] = Int32GetDatum(value);
		if (expected == 0 && value == PG_INT32_MIN)
			expected = ERRCODE_NULL_VALUE_NOT_ALLOWED;
		else if (expected == 0 && (value < 1 || value > POSITION_MAX))
			expected = ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
		else if (expected == 0)
			model.has[value] = true;
	}
	if (call(position_set_from_array, &set, &isnull, 1,
			 PointerGetDatum(construct_array(elements, n, INT4OID, 4, true, TYPALIGN_INT))))
	{
		CHECK(expected == 0);
		check_set(set, &model);
	}
	else
		CHECK(error_code == expected);
}

static void
check_range(int32 first, int32 last)
{
	Model		model = {{0}};
	bool		good = first > last || (first >= 1 && last <= POSITION_MAX);
	Datum		set;
	bool		isnull;

	if (call(position_range, &set, &isnull, 2, Int32GetDatum(first), Int32GetDatum(last)))
	{
		CHECK(good);
		for (int64 p = first; p <= last; p++)
			model.has[p] = true;
		check_set(set, &model);
	}
	else
		CHECK(!good && error_code == ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Input		input = {data, data + size};
	int			how = take(&input);
	Pair		pairs[3] = {0};

	/* each is the one before with a few changes, or something quite new */
	for (int i = 0; i < 3; i++)
	{
		if (i > 0 && (how & (8 << i)) == 0)
			pairs[i].model = pairs[i - 1].model;
		take_model(&input, &pairs[i].model);
		pairs[i].set = model_set(&pairs[i].model, (how >> i) & 1);
	}
	for (int i = 0; i < 3; i++)
	{
		for (int j = 0; j < 3; j++)
		{
			check_operators(&pairs[i], &pairs[j]);
			check_order(&pairs[i], &pairs[j]);
		}
		check_array(&pairs[i]);
		check_hash(&pairs[i], (int64) (uint32) take_number(&input) << 16);
		check_position(&pairs[i], take_number(&input));
		/* the first one behind what is stored */
		check_position(&pairs[i], (int) VARSIZE_ANY_EXHDR(DatumGetPointer(pairs[i].set)) * 8);
	}
	check_any_array(&input);
	check_range(take_number(&input), take_number(&input));
	free_all();
	return 0;
}
