/*-------------------------------------------------------------------------
 *
 * text.c
 *	  Fuzz target: text input and output of position_set.
 *
 * The grammar is read here once more, the other way round: the input is cut at
 * its commas, each piece at its first hyphen that is not its first character, and
 * what is left is stripped and must be a number.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

extern Datum position_set_in(PG_FUNCTION_ARGS);
extern Datum position_set_out(PG_FUNCTION_ARGS);

static bool
is_blank(const char *from, const char *to)
{
	while (from < to && strchr(" \t\n\v\f\r", *from) != NULL)
		from++;
	return from == to;
}

/* A number, with a sign perhaps, and nothing else: -1 where it is none */
static long
read_number(const char *from, const char *to)
{
	long		value = 0;
	bool		negative;

	while (from < to && is_blank(from, from + 1))
		from++;
	while (to > from && is_blank(to - 1, to))
		to--;
	negative = from < to && *from == '-';
	from += negative;
	if (from == to || *from < '0' || *from > '9')
		return -1;
	for (; from < to && *from >= '0' && *from <= '9'; from++)
		value = Min(value * 10 + (*from - '0'), 1000000);
	if (from < to)
		return -1;
	return negative ? 0 : value;	/* either is out of range */
}

/* One piece between commas: 0, or the SQLSTATE that it deserves */
static int
read_piece(const char *from, const char *to, Model *model)
{
	const char *hyphen;
	long		first;
	long		last;

	while (from < to && is_blank(from, from + 1))
		from++;
	hyphen = from < to ? memchr(from + 1, '-', to - from - 1) : NULL;
	first = read_number(from, hyphen != NULL ? hyphen : to);
	last = hyphen != NULL ? read_number(hyphen + 1, to) : first;
	if (first < 0 || last < 0)
		return ERRCODE_INVALID_TEXT_REPRESENTATION;
	if (first < 1 || first > POSITION_MAX || last < 1 || last > POSITION_MAX)
		return ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE;
	if (first > last)
		return ERRCODE_INVALID_TEXT_REPRESENTATION;
	for (long p = first; p <= last; p++)
		model->has[p] = true;
	return 0;
}

static int
read_text(const char *text, Model *model)
{
	const char *end = text + strlen(text);

	if (is_blank(text, end))
		return 0;
	for (;;)
	{
		const char *comma = strchr(text, ',');
		int			code = read_piece(text, comma != NULL ? comma : end, model);

		if (code != 0)
			return code;
		if (comma == NULL)
			return 0;
		text = comma + 1;
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	char	   *text = palloc(size + 1);
	Model		model = {{0}};
	Datum		set;
	bool		isnull;
	int			expected;

	memcpy(text, data, size);
	text[size] = '\0';
	expected = read_text(text, &model);
	if (call(position_set_in, &set, &isnull, 1, CStringGetDatum(text)))
	{
		char	   *out;

		CHECK(expected == 0 && !isnull);
		check_set(set, &model);
		/* what comes out goes in again, to the same */
		out = DatumGetCString(must(position_set_out, 1, set));
		CHECK(strcmp(out, model_text(&model)) == 0);
		check_set(must(position_set_in, 1, CStringGetDatum(out)), &model);
	}
	else
		CHECK(error_code == expected);
	free_all();
	return 0;
}
