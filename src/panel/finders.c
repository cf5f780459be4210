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
	" OPERATOR(pg_catalog.=) (' > ' OPERATOR(pg_catalog.||) c.name) ORDER BY 2, 1"
#define THEN			" OPERATOR(pg_catalog.||) ' > ' OPERATOR(pg_catalog.||) "

typedef struct Finder
{
	const char *kind;
	const char *table;
	const char *path;			/* how one is written */
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
			 errhint("Case and blanks count. Table powerpanel.%s has the names; a path is written '%s'.",
					 finder->table, finder->path)));
}

/* Two devices in a rack may have one name, and then only ids tell them apart. */
pg_noreturn static void
raise_equal(const Finder *finder, const char *wanted, QueryRow *fit, int n)
{
	StringInfoData ids;

	initStringInfo(&ids);
	for (int i = 0; i < Min(n, PATHS_NAMED); i++)
		appendStringInfo(&ids, "%s%s", i > 0 ? ", " : "",
						 DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(query_uuid(fit[i], 1)))));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%d %ss are named \"%s\"", n, finder->kind, wanted),
			 errdetail("Each is \"%s\": ids %s%s.", query_text(fit[0], 2), ids.data,
					   n > PATHS_NAMED ? " and others" : ""),
			 errhint("Use the id, and give one of them another name.")));
}

pg_noreturn static void
raise_several(const Finder *finder, const char *wanted, QueryRow *fit, int n)
{
	StringInfoData paths;

	/* they are in the order of their paths */
	if (strcmp(query_text(fit[0], 2), query_text(fit[n - 1], 2)) == 0)
		raise_equal(finder, wanted, fit, n);
	initStringInfo(&paths);
	for (int i = 0; i < Min(n, PATHS_NAMED); i++)
		appendStringInfo(&paths, "%s\"%s\"", i > 0 ? ", " : "", query_text(fit[i], 2));
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%d %ss are named \"%s\"", n, finder->kind, wanted),
			 errdetail("They are %s%s.", paths.data, n > PATHS_NAMED ? " and others" : ""),
			 errhint("Give more of the path.")));
}

/* The one that fits; of those that fit, one that is all of its path goes first. */
static Datum
find(FunctionCallInfo fcinfo, Finder *finder)
{
	Datum		arg = PG_GETARG_DATUM(0);
	char	   *wanted = TextDatumGetCString(arg);
	pg_uuid_t  *id = palloc(sizeof(pg_uuid_t));
	QueryRow   *fit;
	QueryRows	rows;
	int			n = 0;

	query_begin();
	rows = query_run_for_user(&finder->query, &arg);
	fit = palloc(sizeof(QueryRow) * Max(rows.n, 1));
	for (int whole = 1; whole >= 0 && n == 0; whole--)
		for (uint64 i = 0; i < rows.n; i++)
			if (fits(query_row(rows, i), wanted, whole))
				fit[n++] = query_row(rows, i);
	if (n == 0)
		raise_none(finder, wanted);
	if (n > 1)
		raise_several(finder, wanted, fit, n);
	*id = *query_uuid(fit[0], 1);
	query_end();
	PG_RETURN_UUID_P(id);
}

Datum
location_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"location", "location", "location > location", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.id") " FROM powerpanel.location c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
rack_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"rack", "rack", "location > rack", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.location_id") THEN "c.name FROM powerpanel.rack c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
panel_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"power panel", "power_panel", "location > panel", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("c.location_id") THEN "c.name FROM powerpanel.power_panel c" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

Datum
feed_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"power feed", "power_feed", "panel > feed", QUERY(
		"SELECT c.id, " LOCATION_PATH_SQL("p.location_id") THEN "p.name" THEN "c.name FROM powerpanel.power_feed c"
		" JOIN powerpanel.power_panel p ON p.id OPERATOR(pg_catalog.=) c.power_panel_id" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}

/* A device in no rack has its name for a path. */
Datum
device_id(PG_FUNCTION_ARGS)
{
	static Finder finder = {"device", "device", "rack > device", QUERY(
		"SELECT c.id, COALESCE(" LOCATION_PATH_SQL("r.location_id") THEN "r.name OPERATOR(pg_catalog.||) ' > ', '')"
		" OPERATOR(pg_catalog.||) c.name FROM powerpanel.device c"
		" LEFT JOIN powerpanel.rack r ON r.id OPERATOR(pg_catalog.=) c.rack_id" FITS, TEXTOID)};

	return find(fcinfo, &finder);
}
