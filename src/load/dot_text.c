/*-------------------------------------------------------------------------
 *
 * dot_text.c
 *	  Names and figures as they are written in a diagram.
 *
 * What is not a name is plain ASCII, so it is right in any encoding.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <ctype.h>

#include "mb/pg_wchar.h"

#include "dot_text.h"

/*
 * Graphviz reads the text of a box as XML, which knows neither control characters
 * nor the last two of the basic plane; and psql drops the last two of any
 * plane from what it prints.  And it reads UTF-8: of
 * SQL_ASCII, where nobody knows what a byte means, only ASCII is shown.  What is not
 * shown becomes a question mark: a text of blanks alone would be a syntax error.
 */
static bool
is_text(const char *c, int length)
{
	unsigned char first = (unsigned char) c[0];

	if (length == 1)
		return first >= ' ' && first != 0x7f &&
			(first < 0x80 || GetDatabaseEncoding() != PG_SQL_ASCII);
	if (length < 3 || GetDatabaseEncoding() != PG_UTF8)
		return true;
	c += length - 3;
	return (c[0] & 0x0f) != 0x0f || (unsigned char) c[1] != 0xbf || (unsigned char) c[2] < 0xbe;
}

/* At most max characters of a name, each as escaped() has it where that is not NULL. */
static void
put_name(StringInfo out, const char *name, int max, const char *(*escaped) (char c))
{
	for (int n = 0; *name != '\0'; n++)
	{
		int			length = pg_mblen(name);
		const char *escape = length == 1 ? escaped(*name) : NULL;

		if (n == max)
		{
			appendStringInfoString(out, "...");
			return;
		}
		if (!is_text(name, length))
			appendStringInfoChar(out, isspace((unsigned char) *name) ? ' ' : '?');
		else if (escape != NULL)
			appendStringInfoString(out, escape);
		else
			appendBinaryStringInfo(out, name, length);
		name += length;
	}
}

/* Graphviz gives a meaning to backslashes and entities in a quoted string. */
static const char *
escaped_in_quotes(char c)
{
	switch (c)
	{
		case '"':
			return "\\\"";
		case '\\':
			return "\\\\";
		case '&':
			return "&amp;";
		default:
			return NULL;
	}
}

static const char *
escaped_in_html(char c)
{
	switch (c)
	{
		case '"':
			return "&quot;";
		case '<':
			return "&lt;";
		case '>':
			return "&gt;";
		case '&':
			return "&amp;";
		default:
			return NULL;
	}
}

/* Within "..". */
void
dot_put_quoted(StringInfo out, const char *name, int max)
{
	put_name(out, name, max, escaped_in_quotes);
}

/* Within <..>. */
void
dot_put_html(StringInfo out, const char *name, int max)
{
	put_name(out, name, max, escaped_in_html);
}

/* "4.9" or "133" */
static void
put_k(StringInfo out, double va)
{
	appendStringInfo(out, va < 99950 ? "%.1f" : "%.0f", va / 1000);
}

/* "4.9 kVA" */
void
dot_put_kva(StringInfo out, double va)
{
	put_k(out, va);
	appendStringInfoString(out, " kVA");
}

/* "4.9 of 66.5 kVA, 8 %": the percentage is of the most loaded phase. */
void
dot_put_load(StringInfo out, double va, double heaviest, double of)
{
	if (of > 0)
	{
		put_k(out, va);
		appendStringInfoString(out, " of ");
		dot_put_kva(out, of);
		appendStringInfo(out, ", %.0f %%", 100 * heaviest / of);
	}
	else
		dot_put_kva(out, va);
}

/* Names as people count them: RPP-2 before RPP-10. */
int
compare_names(const char *a, const char *b)
{
	while (*a && *b)
	{
		if (isdigit((unsigned char) *a) && isdigit((unsigned char) *b))
		{
			size_t		digits_a;
			size_t		digits_b;
			int			c;

			a += strspn(a, "0");
			b += strspn(b, "0");
			digits_a = strspn(a, "0123456789");
			digits_b = strspn(b, "0123456789");
			if (digits_a != digits_b)
				return digits_a < digits_b ? -1 : 1;
			c = memcmp(a, b, digits_a);
			if (c != 0)
				return c;
			a += digits_a;
			b += digits_b;
		}
		else if (*a != *b)
			return (unsigned char) *a - (unsigned char) *b;
		else
		{
			a++;
			b++;
		}
	}
	return (unsigned char) *a - (unsigned char) *b;
}
