/*-------------------------------------------------------------------------
 *
 * restore.c
 *	  Letting a dump be restored in any order of its tables.
 *
 * The tables of an extension have their foreign keys from CREATE EXTENSION on,
 * while pg_restore -j, for which foreign keys come after all data, loads the
 * largest tables first and each in a transaction of its own.  A feed would
 * come before its panel and be refused.  So for a restore, and only there,
 * the rest of the transaction runs as session_replication_role = replica does.
 * The rows come from a dump of an inventory that kept the rules, and
 * check_integrity() tells whether they still do.
 *
 * Nobody gains a right by it: it takes a superuser, who may set that anyway.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/namespace.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "utils/guc.h"
#include "utils/rls.h"

PG_FUNCTION_INFO_V1(load_in_any_order);

/*
 * Does this session restore a dump?  Told by the settings that every dump, as
 * a script or run by pg_restore, begins with; nobody else makes all of these.
 */
static bool
restoring(void)
{
	return !check_function_bodies && !row_security &&
		namespace_search_path != NULL && namespace_search_path[0] == '\0' &&
		superuser_arg(GetSessionUserId());
}

/* BEFORE INSERT FOR EACH STATEMENT, on every table that has foreign keys */
Datum
load_in_any_order(PG_FUNCTION_ARGS)
{
	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "load_in_any_order")));
	if (restoring())
		(void) set_config_option("session_replication_role", "replica",
								 PGC_SUSET, PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	return PointerGetDatum(NULL);
}
