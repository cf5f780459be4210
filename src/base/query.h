/*-------------------------------------------------------------------------
 *
 * query.h
 *	  Queries of the checks: prepared once, run as the owner of the table they
 *	  read, on a snapshot taken at the moment they run.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_QUERY_H
#define POWERPANEL_QUERY_H

#include "compat.h"

#include "executor/spi.h"
#include "executor/tuptable.h"
#include "utils/snapshot.h"

#define QUERY_MAX_ARGS		4

typedef struct CheckQuery
{
	const char *sql;
	int			nargs;
	Oid			argtypes[QUERY_MAX_ARGS];
	SPIPlanPtr	plan;			/* kept; NULL until it is prepared */
} CheckQuery;

/* A query at a call site: static CheckQuery q = QUERY("SELECT ..", UUIDOID); */
#define QUERY(text, ...) \
	{ \
		.sql = (text), \
		.nargs = sizeof((Oid[]) {__VA_ARGS__}) / sizeof(Oid), \
		.argtypes = {__VA_ARGS__}, \
		.plan = NULL \
	}

/* The rows that a query has found.  They last until query_end(). */
typedef struct QueryRows
{
	uint64		n;
	SPITupleTable *table;
} QueryRows;

typedef struct QueryRow
{
	HeapTuple	tuple;
	TupleDesc	desc;
} QueryRow;

/*
 * Called with each row of a query, all of whose columns are there, in the memory
 * context of the caller.  What the row points to is gone when it returns.
 */
typedef void (*RowReader) (void *arg, TupleTableSlot *row);

/* Whom query_as_owner() took the place of. */
typedef struct CallerRights
{
	Oid			userid;
	int			sec_context;
	int			guc_level;
} CallerRights;

extern CallerRights query_as_owner(Oid relid);
extern void query_as_caller(CallerRights caller);
extern CheckQuery query_make(const char *sql, Oid argtype);
extern void query_begin(void);
extern void query_end(void);
extern void query_audit(bool on);
extern bool query_is_auditing(void);
extern Snapshot query_snapshot(void);
extern QueryRows query_run(CheckQuery *query, Oid relid, Datum *args);
extern void query_run_writing(CheckQuery *query, Oid relid, Datum *args);
extern Oid	query_writer(void);
extern bool query_is_writing(void);
extern QueryRows query_run_for_user(CheckQuery *query, Datum *args);
extern void query_each_for_user(CheckQuery *query, Datum *args, RowReader read, void *arg);

extern int	query_by_index_begin(void);
extern void query_by_index_end(int level);

extern Datum query_value(QueryRow row, int column, bool *isnull);
extern char *query_text(QueryRow row, int column);
extern struct pg_uuid_t *query_uuid(QueryRow row, int column);

pg_noreturn extern void no_such(const char *kind, const struct pg_uuid_t *id);
extern void must_exist(CheckQuery *query, const char *kind, const struct pg_uuid_t *id);

static inline QueryRow
query_row(QueryRows rows, uint64 i)
{
	return (QueryRow) {rows.table->vals[i], rows.table->tupdesc};
}

#endif							/* POWERPANEL_QUERY_H */
