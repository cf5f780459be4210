/*-------------------------------------------------------------------------
 *
 * restore.c
 *	  Letting a dump be restored in any order of its tables.
 *
 * The tables of an extension have their foreign keys from CREATE EXTENSION on,
 * while pg_restore -j, for which foreign keys come after all data, loads the
 * largest tables first and each in a transaction of its own.  A feed would
 * come before its panel and be refused.  So where a restore fills a table that
 * was empty, and only there, the rest of the transaction runs as
 * session_replication_role = replica does.  The rows come from a dump of an
 * inventory that kept the rules, and check_integrity() tells whether they still
 * do.
 *
 * Nobody gains a right by it: it takes a superuser, who may set that anyway, and
 * who does so directly.  Code of others that runs in a superuser's session, such
 * as an index expression under autovacuum or REINDEX, runs as its owner and in a
 * security-restricted operation, and is not heard.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/pg_list.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "query.h"

PG_FUNCTION_INFO_V1(load_in_any_order);

/*
 * Does this session restore a dump?  Told by the settings that every dump, as
 * a script or run by pg_restore, begins with; nobody else makes all of these.
 */
static bool
restoring(void)
{
	return MyBackendType == B_BACKEND && superuser() &&
		!InSecurityRestrictedOperation() && !InLocalUserIdChange() &&
		!check_function_bodies && !row_security &&
		namespace_search_path != NULL && namespace_search_path[0] == '\0';
}

/* Has a table rows that were there before this session began to load it? */
static bool
held_rows_before(Relation rel)
{
	static List *loaded = NIL;	/* tables that were empty then */
	StringInfoData sql;
	bool		empty;

	if (list_member_oid(loaded, RelationGetRelid(rel)))
		return false;
	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM ONLY %s LIMIT 1",
					 quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
												RelationGetRelationName(rel)));
	query_begin();
	if (SPI_execute(sql.data, true, 1) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed for %s", sql.data);
	empty = SPI_processed == 0;
	query_end();
	if (empty)
	{
		MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);

		loaded = lappend_oid(loaded, RelationGetRelid(rel));
		MemoryContextSwitchTo(caller);
	}
	return !empty;
}

/* BEFORE INSERT FOR EACH STATEMENT, on every table that has foreign keys */
Datum
load_in_any_order(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "load_in_any_order")));
	if (restoring() && !held_rows_before(((TriggerData *) fcinfo->context)->tg_relation))
		(void) set_config_option("session_replication_role", "replica",
								 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	return PointerGetDatum(NULL);
}
