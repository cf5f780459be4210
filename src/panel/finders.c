/*-------------------------------------------------------------------------
 *
 * finders.c
 *	  Ids by name: location_id(), rack_id(), panel_id(), feed_id(), device_id().
 *
 * The full path of a thing is the names of the locations from the top, then its
 * own, joined by ' > '; a device's rack and a feed's panel stand before it.  What is
 * given is all of the path, or its end after a ' > '.  So only a thing whose own
 * name ends what is given can be meant, and paths are made of those alone.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(location_id);
PG_FUNCTION_INFO_V1(rack_id);
PG_FUNCTION_INFO_V1(panel_id);
PG_FUNCTION_INFO_V1(feed_id);
PG_FUNCTION_INFO_V1(device_id);

#define SEPARATOR		" > "
/* Of several that a name fits, no more are named. */
#define PATHS_NAMED		10

/*
 * The WHERE of a finder: the argument is the name, or a path that ends with
 * it.
 */
#define FITS \
	" WHERE c.name OPERATOR(pg_catalog.=) $1 OR" \
	" pg_catalog.right($1, pg_catalog.length(c.name) OPERATOR(pg_catalog.+) 3)" \
	" OPERATOR(pg_catalog.=) (' > ' OPERATOR(pg_catalog.||) c.name) ORDER BY 2"
#define THEN			" OPERATOR(pg_catalog.||) ' > ' OPERATOR(pg_catalog.||) "

typedef struct Finder
{
	const char *kind;
	const char *example;
	CheckQuery	query;			/* id and path of what can be meant */
} Finder;

/* Does a path end with what is wanted, after a separator? */
static bool
ends_with(const char *path, const char *wanted)
{
	size_t		length = strlen(path);
	size_t		end = strlen(wanted) + strlen(SEPARATOR);

	return length >= end && strcmp(path + length - strlen(wanted), wanted) == 0 &&
		strncmp(path + length - end, SEPARATOR, strlen(SEPARATOR)) == 0;
}

static bool
fits(QueryRow row, const char *wanted, bool whole)
{
	char	   *path = query_text(row, 2);

	return path != NULL && (whole ? strcmp(path, wanted) == 0 : ends_with(path, wanted));
}

pg_noreturn static void
raise_none(const Finder *finder, const char *wanted)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no %s is named \"%s\"", finder->kind, wanted),
			 errhint("Give its name, or the end of its path, such as '%s'.", finder->example)));
}

pg_noreturn static void
raise_several(const Finder *finder, const char *wanted, QueryRows rows, bool whole, int n)
{
	StringInfoData paths;
	int			named = 0;

	initStringInfo(&paths);
	for (uint64 i = 0; i < rows.n && named < PATHS_NAMED; i++)
		if (fits(query_row(rows, i), wanted, whole))
			appendStringInfo(&paths, "%s\"%s\"", named++ > 0 ? ", " : "", query_text(query_row(rows, i), 2));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%d %ss are named \"%s\"", n, finder->kind, wanted),
			 errdetail("They are %s%s.", paths.data, n > named ? " and others" : ""),
			 errhint("Give more of the path.")));
}

/* The one that fits; of those that fit, one that is all of its path goes first. */
static Datum
find(FunctionCallInfo fcinfo, Finder *finder)
{
	Datum		arg = PG_GETARG_DATUM(0);
	char	   *wanted = TextDatumGetCString(arg);
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));
	QueryRows	rows;
	int			n = 0;

	query_begin();
	rows = query_run_for_user(&finder->query, &arg);
	for (int whole = 1; whole >= 0 && n == 0; whole--)
	{
		for (uint64 i = 0; i < rows.n; i++)
			if (fits(query_row(rows, i), wanted, whole) && n++ == 0)
				*id = *query_uuid(query_row(rows, i), 1);
		if (n > 1)
			raise_several(finder, wanted, rows, whole, n);
	}
	if (n == 0)
		raise_none(finder, wanted);
	query_end();
	PG_RETURN_UUID_P(id);
}

Datum
location_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"location", "DC1 > Hall 1", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.id") " FROM powerpanel.location c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
rack_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"rack", "Hall 1 > R1", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.location_id") THEN "c.name FROM powerpanel.rack c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
panel_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"power panel", "Hall 1 > RPP-1", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.location_id") THEN "c.name FROM powerpanel.power_panel c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
feed_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"power feed", "RPP-1 > F-12", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("p.location_id") THEN "p.name" THEN "c.name FROM powerpanel.power_feed c"
		" JOIN powerpanel.power_panel p ON p.id OPERATOR(pg_catalog.=) c.power_panel_id" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

/* A device in no rack has its name for a path. */
Datum
device_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"device", "R1 > srv-7", QUERY(
		"SELECT c.id, COALESCE(" LOCATION_PATH_SQL("r.location_id") THEN "r.name OPERATOR(pg_catalog.||) ' > ', '')"
		" OPERATOR(pg_catalog.||) c.name FROM powerpanel.device c"
		" LEFT JOIN powerpanel.rack r ON r.id OPERATOR(pg_catalog.=) c.rack_id" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}
