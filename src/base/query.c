/*-------------------------------------------------------------------------
 *
 * query.c
 *	  Queries of the checks.
 *
 * A check must see what others have committed by now, whatever the isolation
 * level of the transaction it runs in; so each query takes the latest
 * snapshot, and a check that has locked something takes it after the lock was
 * granted, since every call here takes a new one.  And a check must see all
 * rows, whatever the one who writes may see; so it runs as the owner of the
 * table, as PostgreSQL's foreign keys do, with row level security that is
 * forced upon the owner left out.  What only reads is a security-restricted
 * operation, since the owner may be anybody.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

#include "inventory.h"
#include "query.h"

/* An audit is under way: all queries read the snapshot of its statement. */
static bool auditing = false;

/* The role whose statement made us write as the owner of a table, or InvalidOid. */
static Oid	writer = InvalidOid;

/*
 * An audit must not mistake for a violation what came between two of its
 * queries.  The caller ends it in any case, with PG_FINALLY.
 */
void
query_audit(bool on)
{
	if (on)
		inventory_must_have_been_whole();
	auditing = on;
}

bool
query_is_auditing(void)
{
	return auditing;
}

void
query_begin(void)
{
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

void
query_end(void)
{
	if (SPI_finish() != SPI_OK_FINISH)
		elog(ERROR, "SPI_finish failed");
}

/* A query built at run time, of one argument or of none (InvalidOid). */
CheckQuery
query_make(const char *sql, Oid argtype)
{
	CheckQuery	query = {
		.sql = MemoryContextStrdup(TopMemoryContext, sql),
		.nargs = OidIsValid(argtype) ? 1 : 0,
		.argtypes = {argtype}
	};

	return query;
}

/*
 * The plan is put where it is found again only once it is complete, so an
 * error in SPI_prepare leaves nothing half done.
 */
static void
prepare(CheckQuery *query)
{
	SPIPlanPtr	plan = SPI_prepare(query->sql, query->nargs, query->argtypes);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare returned %s for %s",
			 SPI_result_code_string(SPI_result), query->sql);
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
	query->plan = plan;
}

/*
 * The snapshot that a check looks with: it shows all that is committed by
 * now, and our own rows, those of the command that is being checked among
 * them.  An audit looks with that of its statement.  Whoever keeps it
 * registers it.
 */
Snapshot
query_snapshot(void)
{
	if (auditing)
		return GetActiveSnapshot();
	CommandCounterIncrement();
	return GetLatestSnapshot();
}

/* The owner of a table, without a lock on it: the query will take that. */
static Oid
table_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/*
 * Runs what follows as the owner of a table.  Returns the rights to go back
 * to.
 */
static CallerRights
become_owner(Oid relid, int restriction)
{
	Oid			owner = table_owner(relid);
	CallerRights caller;

	GetUserIdAndSecContext(&caller.userid, &caller.sec_context);
	SetUserIdAndSecContext(owner, caller.sec_context | SECURITY_LOCAL_USERID_CHANGE |
						   SECURITY_NOFORCE_RLS | restriction);
	caller.guc_level = NewGUCNestLevel();
	return caller;
}

/*
 * Has what follows read as the owner of a table, in a security-restricted
 * operation.  Nothing of the owner's is meant to run then.  Should the planner
 * or an output function do so all the same, it has the rights of the owner and
 * no more, can leave no trigger behind for the commit, which is the caller's, and
 * the settings that it makes end with query_as_caller().  After an error, the
 * end of the (sub)transaction sees to all of that.
 */
CallerRights
query_as_owner(Oid relid)
{
	return become_owner(relid, SECURITY_RESTRICTED_OPERATION);
}

void
query_as_caller(CallerRights caller)
{
	AtEOXact_GUC(false, caller.guc_level);
	SetUserIdAndSecContext(caller.userid, caller.sec_context);
}

/*
 * A query that writes is no restricted operation: the table's owner may have
 * deferred triggers.
 */
static QueryRows
run(CheckQuery *query, Oid relid, Datum *args, Snapshot crosscheck, int restriction)
{
	CallerRights caller = become_owner(relid, restriction);
	bool		whole = inventory_known_whole(relid);
	int			result;

	if (query->plan == NULL)
		prepare(query);
	result = SPI_execute_snapshot(query->plan, args, NULL, query_snapshot(),
								  crosscheck, auditing, !auditing, 0);
	query_as_caller(caller);
	/* by now it is locked, and we have heard whether it was altered meanwhile */
	if (whole)
		inventory_must_be_whole();

	if (result < 0)
		elog(ERROR, "SPI_execute_snapshot returned %s for %s",
			 SPI_result_code_string(result), query->sql);
	return (QueryRows) {SPI_processed, SPI_tuptable};
}

/* Runs a query that looks, or locks; relid is the table whose owner it runs as. */
QueryRows
query_run(CheckQuery *query, Oid relid, Datum *args)
{
	return run(query, relid, args, InvalidSnapshot, SECURITY_RESTRICTED_OPERATION);
}

/*
 * Runs a query that writes.  In REPEATABLE READ and above, a row that the
 * transaction's snapshot does not show is a serialization failure (40001) and
 * not left out.
 */
void
query_run_writing(CheckQuery *query, Oid relid, Datum *args)
{
	Oid			outer = writer;

	if (!OidIsValid(writer))
		writer = GetUserId();
	PG_TRY();
	{
		(void) run(query, relid, args,
				   IsolationUsesXactSnapshot() ? GetTransactionSnapshot() : InvalidSnapshot, 0);
	}
	PG_FINALLY();
	{
		writer = outer;
	}
	PG_END_TRY();
}

/* Are we writing as the owner, on behalf of the user? */
bool
query_is_writing(void)
{
	return OidIsValid(writer);
}

/*
 * The user whose statement writes: the current one, also while we write as
 * the owner.
 */
Oid
query_writer(void)
{
	return OidIsValid(writer) ? writer : GetUserId();
}

/*
 * Runs a query as whoever asks, on the snapshot of the statement that asks:
 * what functions read whose answers go to the user.
 */
QueryRows
query_run_for_user(CheckQuery *query, Datum *args)
{
	int			result;

	inventory_must_have_been_whole();
	if (query->plan == NULL)
		prepare(query);
	result = SPI_execute_plan(query->plan, args, NULL, true, 0);
	/* by now what it reads is locked */
	inventory_must_have_been_whole();
	if (result < 0)
		elog(ERROR, "SPI_execute_plan returned %s for %s",
			 SPI_result_code_string(result), query->sql);
	return (QueryRows) {SPI_processed, SPI_tuptable};
}

/* --- Rows one by one --- */

/* Where a query puts its rows. */
typedef struct RowReceiver
{
	DestReceiver pub;
	RowReader	read;
	void	   *arg;
	MemoryContext context;
} RowReceiver;

static bool
receive_row(TupleTableSlot *row, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;
	MemoryContext executor = MemoryContextSwitchTo(receiver->context);

	slot_getallattrs(row);
	receiver->read(receiver->arg, row);
	MemoryContextSwitchTo(executor);
	return true;
}

static void
receive_begin(DestReceiver *self, int operation, TupleDesc desc)
{
	/* by now what it reads is locked */
	inventory_must_have_been_whole();
}

static void
receive_end(DestReceiver *self)
{
}

static ParamListInfo
make_params(const CheckQuery *query, const Datum *args)
{
	ParamListInfo params;

	if (query->nargs == 0)
		return NULL;
	params = makeParamList(query->nargs);
	for (int i = 0; i < query->nargs; i++)
		params->params[i] = (ParamExternData) {
			.value = args[i],
			.pflags = PARAM_FLAG_CONST,
			.ptype = query->argtypes[i]
		};
	return params;
}

/*
 * Runs a query as whoever asks, on the snapshot of the statement that asks, and
 * calls read with each of its rows as the executor makes them: for an answer that
 * may be large and need be neither copied nor kept.  A reader that runs queries of
 * its own does so between query_begin() and query_end().
 */
void
query_each_for_user(CheckQuery *query, Datum *args, RowReader read, void *arg)
{
	RowReceiver receiver = {
		.pub = {receive_row, receive_begin, receive_end, receive_end, DestNone},
		.read = read,
		.arg = arg,
		.context = CurrentMemoryContext
	};
	SPIExecuteOptions options = {
		.params = make_params(query, args),
		.read_only = true,
		.dest = &receiver.pub
	};
	int			result;

	inventory_must_have_been_whole();
	if (query->plan == NULL)
		prepare(query);
	result = SPI_execute_plan_extended(query->plan, &options);
	if (result < 0)
		elog(ERROR, "SPI_execute_plan_extended returned %s for %s",
			 SPI_result_code_string(result), query->sql);
	MemoryContextSwitchTo(receiver.context);
}

/*
 * To read what is connected to something is to cost no more than that part of
 * the network.  But the planner may well prefer one scan of a whole table to
 * looking up thousands of rows; so the queries in between leave it no choice.
 */
int
query_by_index_begin(void)
{
	static const char *const settings[] = {"enable_seqscan", "enable_hashjoin", "enable_mergejoin"};
	int			level = NewGUCNestLevel();

	for (size_t i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

void
query_by_index_end(int level)
{
	AtEOXact_GUC(true, level);
}

Datum
query_value(QueryRow row, int column, bool *isnull)
{
	return SPI_getbinval(row.tuple, row.desc, column, isnull);
}

/* A column as text, NULL where it is NULL; lives until query_end(). */
char *
query_text(QueryRow row, int column)
{
	return SPI_getvalue(row.tuple, row.desc, column);
}

/* A uuid column, NULL where it is NULL; lives until query_end(). */
pg_uuid_t *
query_uuid(QueryRow row, int column)
{
	bool		isnull;
	Datum		value = query_value(row, column, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}

/*
 * Raises 22023: a function was asked about something that does not exist.
 * kind is what it should have been, such as "power panel".
 */
void
no_such(const char *kind, const pg_uuid_t *id)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no %s has id %s", kind,
					DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(id))))));
}

/*
 * Raises the same where a query by this id, which runs with the rights of the one
 * who asks, finds no row.
 */
void
must_exist(CheckQuery *query, const char *kind, const pg_uuid_t *id)
{
	Datum		arg = UUIDPGetDatum(id);

	if (query_run_for_user(query, &arg).n == 0)
		no_such(kind, id);
}
