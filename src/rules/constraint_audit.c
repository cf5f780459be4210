/*-------------------------------------------------------------------------
 *
 * constraint_audit.c
 *	  The audit of the rules that CHECKs and foreign keys state.
 *
 * Which rows break one is asked in SQL (constraint_queries()).  The tables may
 * have been given to a role that is not trusted by whoever audits, and may have
 * made its own of a CHECK; so each query runs as the table's owner, in a
 * security-restricted operation.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"
#include "utils/uuid.h"

#include "constraint_audit.h"
#include "inventory.h"
#include "object_name.h"
#include "query.h"

/* What constraint_queries() gives. */
typedef struct ConstraintQuery
{
	char	   *rule;
	char	   *table;
	char	   *referred;		/* NULL for a CHECK */
	char	   *probe;			/* is there any row that breaks it? */
	char	   *rows;			/* those: id, name, detail */
} ConstraintQuery;

static ConstraintQuery *
read_queries(Datum rules, bool whole, int *n)
{
	static CheckQuery query = QUERY("SELECT rule, tab, referred, probe, rows"
									" FROM powerpanel_internal.constraint_queries($1, $2)", TEXTARRAYOID, BOOLOID);
	Datum		args[] = {rules, BoolGetDatum(whole)};
	QueryRows	rows = query_run_for_user(&query, args);
	ConstraintQuery *queries;

	*n = (int) rows.n;
	queries = palloc0(sizeof(ConstraintQuery) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		QueryRow	row = query_row(rows, i);

		queries[i].rule = query_text(row, 1);
		queries[i].table = query_text(row, 2);
		queries[i].referred = query_text(row, 3);
		queries[i].probe = query_text(row, 4);
		queries[i].rows = query_text(row, 5);
	}
	return queries;
}

/* The table whose owner may read all that the query reads; 55000 if there is none. */
static Oid
owned_table(const ConstraintQuery *query)
{
	const char *referred[] = {query->referred, NULL};

	return inventory_joined(query->table, referred);
}

static void
put_row(ReturnSetInfo *rsinfo, const ConstraintQuery *query, QueryRow row)
{
	char	   *texts[6] = {query->rule, "error", query->table, NULL, query_text(row, 2), query_text(row, 3)};
	Datum		values[6];
	bool		nulls[6];
	bool		no_id;			/* as of a status */
	Datum		id = query_value(row, 1, &no_id);

	if (!no_id)
		texts[4] = object_name(query->table, id, NULL, texts[4]);
	for (int i = 0; i < (int) lengthof(values); i++)
	{
		nulls[i] = texts[i] == NULL;
		values[i] = nulls[i] ? (Datum) 0 : CStringGetTextDatum(texts[i]);
	}
	values[3] = id;
	nulls[3] = no_id;
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Each plan is used once, and goes with the memory of this call. */
static QueryRows
run_once(const char *sql, Oid relid)
{
	CheckQuery	query = {.sql = sql};
	QueryRows	rows = query_run(&query, relid, NULL);

	SPI_freeplan(query.plan);
	return rows;
}

static void
audit_constraint(ReturnSetInfo *rsinfo, const ConstraintQuery *query)
{
	Oid			relid = owned_table(query);
	QueryRows	rows;
	bool		isnull;

	CHECK_FOR_INTERRUPTS();
	rows = run_once(query->probe, relid);
	if (!DatumGetBool(query_value(query_row(rows, 0), 1, &isnull)))
		return;
	rows = run_once(query->rows, relid);
	for (uint64 i = 0; i < rows.n; i++)
		put_row(rsinfo, query, query_row(rows, i));
}

/*
 * Adds the rows that break one of these rules to an audit that is under way.  Where
 * the network is whole, what says so is not asked again.
 */
void
audit_constraints(ReturnSetInfo *rsinfo, Datum rules, bool whole)
{
	ConstraintQuery *queries;
	int			n;

	query_begin();
	queries = read_queries(rules, whole, &n);
	for (int i = 0; i < n; i++)
		audit_constraint(rsinfo, &queries[i]);
	query_end();
}
