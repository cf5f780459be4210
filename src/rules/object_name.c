/*-------------------------------------------------------------------------
 *
 * object_name.c
 *	  How the audit names what it has found.
 *
 * A fleet has thousands of ports "PSU 1", and a circuit "Lights" on every panel.
 * So what has its name only within something else is named after that, by the
 * end of its path: 'web-01 > PSU 1', 'RPP-A > Lights'.  feed_id() takes it so.
 *
 * All audits name by this one function.  What is found by the tens of thousands,
 * such as warnings, has the name of the whole at hand; else it is looked up, as the
 * owner of the tables, on the audit's snapshot.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"

#include "inventory.h"
#include "object_name.h"
#include "query.h"

/* What a row of a table is part of. */
typedef struct Whole
{
	const char *table;
	const char *joined[2];		/* the whole's table */
	CheckQuery	query;			/* finds the whole's name */
} Whole;

#define PART(table, whole, column) \
	{table, {whole, NULL}, QUERY( \
		"SELECT w.name FROM powerpanel." table " t" \
		" JOIN powerpanel." whole " w ON w.id OPERATOR(pg_catalog.=) t." column \
		" WHERE t.id OPERATOR(pg_catalog.=) $1", UUIDOID)}

static Whole wholes[] = {
	PART("power_feed", "power_panel", "power_panel_id"),
	PART("power_port", "device", "device_id"),
	PART("power_bank", "device", "device_id"),
	PART("power_outlet", "device", "device_id"),
};

/* The whole's name; NULL where what the row refers to is missing. */
static char *
look_up(Whole *whole, Datum id)
{
	MemoryContext caller = CurrentMemoryContext;
	Oid			relid = inventory_joined(whole->table, whole->joined);
	QueryRows	rows;
	char	   *name = NULL;

	query_begin();
	rows = query_run(&whole->query, relid, &id);
	if (rows.n > 0)
		name = MemoryContextStrdup(caller, query_text(query_row(rows, 0), 1));
	query_end();
	return name;
}

/*
 * How a row is named; of is the name of its whole, or NULL where that is not at
 * hand.  Rows of guarded tables keep their names.
 */
char *
object_name(const char *table, Datum id, const char *of, const char *name)
{
	for (size_t i = 0; i < lengthof(wholes); i++)
		if (strcmp(wholes[i].table, table) == 0)
		{
			if (of == NULL)
				of = look_up(&wholes[i], id);
			return of == NULL ? pstrdup(name) : psprintf("%s > %s", of, name);
		}
	return pstrdup(name);
}
