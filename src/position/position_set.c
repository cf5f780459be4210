/*-------------------------------------------------------------------------
 *
 * position_set.c
 *	  Input, output and conversions of position_set.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "position_set.h"

PG_FUNCTION_INFO_V1(position_set_in);
PG_FUNCTION_INFO_V1(position_set_out);
PG_FUNCTION_INFO_V1(position_set_recv);
PG_FUNCTION_INFO_V1(position_set_send);
PG_FUNCTION_INFO_V1(position_set_from_array);
PG_FUNCTION_INFO_V1(position_set_to_array);
PG_FUNCTION_INFO_V1(position_set_cardinality);
PG_FUNCTION_INFO_V1(position_range);

void
position_set_corrupted(Size nbytes)
{
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a value of type %s has %zu bytes, more than %d", "position_set", nbytes, POSITION_BYTES)));
}

/* The stored form of a set: as many bytes as its highest position needs. */
struct varlena *
position_set_make(const PositionBits *set)
{
	PositionView view = position_bits_view(set);
	struct varlena *result = (struct varlena *) palloc(VARHDRSZ + view.nbytes);

	SET_VARSIZE(result, VARHDRSZ + view.nbytes);
	memcpy(VARDATA(result), view.bits, view.nbytes);
	return result;
}

static int
position_view_count(PositionView set)
{
	return (int) pg_popcount((const char *) set.bits, set.nbytes);
}

static void
append_position(StringInfo buf, int position)
{
	if (buf->len > 0)
		appendStringInfoString(buf, ", ");
	appendStringInfo(buf, "%d", position);
}

/* "5, 7" */
char *
position_bits_text(const PositionBits *set)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int p = 1; p <= POSITION_MAX; p++)
		if (position_has(set, p))
			append_position(&buf, p);
	return buf.data;
}

static const char *
skip_space(const char *s)
{
	while (*s == ' ' || (*s >= '\t' && *s <= '\r'))
		s++;
	return s;
}

/*
 * Reads one number, with the blanks around it, at *s and moves *s behind it; one
 * below 0 becomes -1.  Digits are counted up to a bound only, so that no length of
 * input overflows.  Returns false where there is none.
 */
static bool
parse_position(const char **s, int *position)
{
	bool		negative;
	int			value = 0;

	*s = skip_space(*s);
	negative = (**s == '-');
	if (negative)
		(*s)++;
	if (**s < '0' || **s > '9')
		return false;
	while (**s >= '0' && **s <= '9')
	{
		if (value <= POSITION_MAX)
			value = value * 10 + (**s - '0');
		(*s)++;
	}
	*s = skip_space(*s);
	*position = negative ? -1 : value;
	return true;
}

/*
 * Reads a position or a range such as 12-42, up to the comma behind it or to the
 * end.  Returns what is expected at *s where something else is there, or NULL.
 */
static const char *
parse_range(const char **s, int *first, int *last)
{
	if (!parse_position(s, first))
		return "number";
	*last = *first;
	if (**s == '-')
	{
		(*s)++;
		if (!parse_position(s, last))
			return "number";
	}
	return **s == '\0' || **s == ',' ? NULL : "comma";
}

Datum
position_set_in(PG_FUNCTION_ARGS)
{
	const char *input = PG_GETARG_CSTRING(0);
	const char *s = skip_space(input);
	PositionBits set = {{0}};

	if (*s == '\0')
		PG_RETURN_POINTER(position_set_make(&set));

	for (;;)
	{
		int			first;
		int			last;
		const char *missing = parse_range(&s, &first, &last);

		CHECK_FOR_INTERRUPTS();
		if (missing != NULL)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "position_set", input),
					 errdetail("A %s is expected at character %d.", missing, (int) (s - input) + 1),
					 errhint("Write positions and ranges separated by commas, such as \"5, 7, 12-42\".")));
		if (first < 1 || first > POSITION_MAX || last < 1 || last > POSITION_MAX)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					 errmsg("circuit position out of range for type %s: \"%s\"", "position_set", input),
					 errdetail("Circuit positions are 1 to %d.", POSITION_MAX)));
		if (last < first)
			ereturn(fcinfo->context, (Datum) 0,
					(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					 errmsg("invalid input syntax for type %s: \"%s\"", "position_set", input),
					 errdetail("The range %d-%d runs backwards.", first, last),
					 errhint("Write the lower position first: \"%d-%d\".", last, first)));
		for (int p = first; p <= last; p++)
			position_add(&set, p);
		if (*s == '\0')
			break;
		s++;
	}
	PG_RETURN_POINTER(position_set_make(&set));
}

Datum
position_set_out(PG_FUNCTION_ARGS)
{
	PositionView view = PG_GETARG_POSITION_SET(0);
	StringInfoData buf;

	initStringInfo(&buf);
	for (int p = 1; p < view.nbytes * 8; p++)
		if (view.bits[p / 8] & (1 << (p % 8)))
			append_position(&buf, p);
	PG_RETURN_CSTRING(buf.data);
}

Datum
position_set_recv(PG_FUNCTION_ARGS)
{
	StringInfo	buf = (StringInfo) PG_GETARG_POINTER(0);
	PositionBits set = {{0}};
	int			count = (int) pq_getmsgint(buf, 2);
	int			last = 0;

	for (int i = 0; i < count; i++)
	{
		int			position = (int) pq_getmsgint(buf, 2);

		if (position <= last || position > POSITION_MAX)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					 errmsg("invalid binary format of type %s", "position_set"),
					 errdetail("Positions must ascend and be 1 to %d; %d follows %d.",
							   POSITION_MAX, position, last)));
		position_add(&set, position);
		last = position;
	}
	PG_RETURN_POINTER(position_set_make(&set));
}

Datum
position_set_send(PG_FUNCTION_ARGS)
{
	PositionView view = PG_GETARG_POSITION_SET(0);
	StringInfoData buf;

	pq_begintypsend(&buf);
	pq_sendint16(&buf, (uint16) position_view_count(view));
	for (int p = 1; p < view.nbytes * 8; p++)
		if (view.bits[p / 8] & (1 << (p % 8)))
			pq_sendint16(&buf, (uint16) p);
	PG_RETURN_BYTEA_P(pq_endtypsend(&buf));
}

static void
check_position(int position)
{
	if (position < 1 || position > POSITION_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("circuit position out of range: %d", position),
				 errdetail("Circuit positions are 1 to %d.", POSITION_MAX)));
}

/* int[] -> position_set; raises 22003 out of range, 22004 on a NULL element */
Datum
position_set_from_array(PG_FUNCTION_ARGS)
{
	ArrayType  *array = PG_GETARG_ARRAYTYPE_P(0);
	PositionBits set = {{0}};
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, INT4OID, sizeof(int32), true, TYPALIGN_INT,
					  &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("a set of circuit positions cannot contain NULL")));
		check_position(DatumGetInt32(elements[i]));
		position_add(&set, DatumGetInt32(elements[i]));
	}
	PG_RETURN_POINTER(position_set_make(&set));
}

/* position_set -> int[], ascending */
Datum
position_set_to_array(PG_FUNCTION_ARGS)
{
	PositionView view = PG_GETARG_POSITION_SET(0);
	Datum		elements[POSITION_MAX];
	int			n = 0;

	for (int p = 1; p < view.nbytes * 8; p++)
		if (view.bits[p / 8] & (1 << (p % 8)))
			elements[n++] = Int32GetDatum(p);
	PG_RETURN_ARRAYTYPE_P(construct_array(elements, n, INT4OID,
										  sizeof(int32), true, TYPALIGN_INT));
}

Datum
position_set_cardinality(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(position_view_count(PG_GETARG_POSITION_SET(0)));
}

/* All positions from first to last; raises 22003 where they are out of range */
Datum
position_range(PG_FUNCTION_ARGS)
{
	int32		first = PG_GETARG_INT32(0);
	int32		last = PG_GETARG_INT32(1);
	PositionBits set = {{0}};

	if (first <= last)
	{
		check_position(first);
		check_position(last);
	}
	for (int p = first; p <= last; p++)
		position_add(&set, p);
	PG_RETURN_POINTER(position_set_make(&set));
}
