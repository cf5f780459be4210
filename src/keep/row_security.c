/*-------------------------------------------------------------------------
 *
 * row_security.c
 *	  Row level security of the inventory's tables, kept as rows, which
 *	  pg_dump carries, and made again when these are loaded.
 *
 * What is on record is what is there: an event trigger puts it there, as the
 * owner of the record, since it fires for everybody (a DROP OWNED takes a role
 * out of policies, whoever's they are).  A row that somebody else inserts is
 * a wish to have that policy: it is made, as the one who inserts it, and the
 * event trigger puts it on record; the row itself is never stored.  So no row is
 * planted there that a superuser would later run.
 *
 * What replication brings is neither: the publisher's policies are not the
 * subscriber's, and what is applied changes no catalog.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "commands/event_trigger.h"
#include "commands/extension.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "parser/parser.h"
#include "replication/logicalworker.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "event_trigger.h"
#include "query.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(is_row_security);
PG_FUNCTION_INFO_V1(record_row_security);
PG_FUNCTION_INFO_V1(keep_row_security);

/* The record is being written by the event trigger. */
static bool recording = false;

/*
 * What is on record is being made; meanwhile the event trigger deletes no
 * record.
 */
static bool making = false;

/* --- What may stand in a row --- */

static bool
is_table(RangeVar *name, const char *table)
{
	return name != NULL && name->catalogname == NULL && name->schemaname != NULL &&
		strcmp(name->schemaname, "powerpanel") == 0 && strcmp(name->relname, table) == 0;
}

static bool
only_row_security(AlterTableStmt *alter)
{
	ListCell   *cell;

	foreach(cell, alter->cmds)
		switch (lfirst_node(AlterTableCmd, cell)->subtype)
		{
			case AT_EnableRowSecurity:
			case AT_DisableRowSecurity:
			case AT_ForceRowSecurity:
			case AT_NoForceRowSecurity:
				break;
			default:
				return false;
		}
	return true;
}

/*
 * is_row_security(table, policy, definition): is the definition one statement,
 * and does it make that policy of that table; or, without a policy, say whether
 * the table has row level security, and nothing else?
 */
Datum
is_row_security(PG_FUNCTION_ARGS)
{
	char	   *table = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *policy = text_to_cstring(PG_GETARG_TEXT_PP(1));
	List	   *statements = raw_parser(text_to_cstring(PG_GETARG_TEXT_PP(2)), RAW_PARSE_DEFAULT);
	Node	   *statement;

	if (list_length(statements) != 1)
		PG_RETURN_BOOL(false);
	statement = linitial_node(RawStmt, statements)->stmt;
	if (IsA(statement, CreatePolicyStmt))
		PG_RETURN_BOOL(policy[0] != '\0' &&
					   strcmp(((CreatePolicyStmt *) statement)->policy_name, policy) == 0 &&
					   is_table(((CreatePolicyStmt *) statement)->table, table));
	PG_RETURN_BOOL(policy[0] == '\0' && IsA(statement, AlterTableStmt) &&
				   is_table(((AlterTableStmt *) statement)->relation, table) &&
				   only_row_security((AlterTableStmt *) statement));
}

/* --- The record --- */

/* Brings the record up to date: adds and changes what differs, deletes what is gone. */
static CheckQuery record_query = QUERY(
	"WITH now (table_name, policy, definition) AS MATERIALIZED ("
	" SELECT c.relname::text, '',"
	" format('ALTER TABLE powerpanel.%I %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', c.relname,"
	" CASE WHEN c.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,"
	" CASE WHEN c.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)"
	" FROM pg_class AS c"
	" WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind = 'r'"
	" AND (c.relrowsecurity OR c.relforcerowsecurity)"
	" UNION ALL"
	" SELECT p.tablename::text, p.policyname::text,"
	" format('CREATE POLICY %I ON powerpanel.%I AS %s FOR %s TO %s%s%s', p.policyname, p.tablename,"
	" p.permissive, p.cmd,"
	" (SELECT string_agg(CASE WHEN r = 'public' THEN 'PUBLIC' ELSE quote_ident(r) END, ', ')"
	" FROM unnest(p.roles) AS r),"
	" ' USING (' || p.qual || ')', ' WITH CHECK (' || p.with_check || ')')"
	" FROM pg_policies AS p"
	" WHERE p.schemaname = 'powerpanel'),"
	" gone AS ("
	" DELETE FROM powerpanel_internal.row_security AS k"
	" WHERE NOT EXISTS (SELECT FROM now AS n WHERE n.table_name = k.table_name AND n.policy = k.policy))"
	" INSERT INTO powerpanel_internal.row_security AS k (table_name, policy, definition)"
	" SELECT n.table_name, n.policy, n.definition FROM now AS n"
	" WHERE NOT EXISTS (SELECT FROM powerpanel_internal.row_security AS k"
	" WHERE k.table_name = n.table_name AND k.policy = n.policy AND k.definition = n.definition)"
	" ON CONFLICT (table_name, policy) DO UPDATE SET definition = excluded.definition");

static Oid
relation_owner(Oid relid)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		elog(ERROR, "cache lookup failed for relation %u", relid);
	owner = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return owner;
}

/* Names in the policies are qualified, and ours not looked up, by this path. */
static int
use_catalog_path(void)
{
	int			level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	return level;
}

static void
write_record(Oid record)
{
	bool		outer = recording;
	int			level = use_catalog_path();

	recording = true;
	PG_TRY();
	{
		query_begin();
		query_run_writing(&record_query, record, NULL);
		query_end();
	}
	PG_FINALLY();
	{
		recording = outer;
	}
	PG_END_TRY();
	AtEOXact_GUC(true, level);
}

static void
make_where(const char *condition)
{
	char	   *sql = psprintf("SELECT powerpanel_internal.restore_row_security(ARRAY("
							   "SELECT k FROM powerpanel_internal.row_security AS k WHERE %s))", condition);

	query_begin();
	if (SPI_execute(sql, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed for %s", sql);
	query_end();
}

/*
 * Makes what is on record and not there, after it was loaded with triggers off.
 * An expression is SQL of who owns the record, and so is read with the rights
 * of that role; whether there is row level security at all needs no expression.
 */
static void
make_recorded(Oid record)
{
	int			level = use_catalog_path();
	Oid			userid;
	int			sec_context;

	GetUserIdAndSecContext(&userid, &sec_context);
	making = true;
	PG_TRY();
	{
		make_where("k.policy = ''");
		SetUserIdAndSecContext(relation_owner(record), sec_context | SECURITY_LOCAL_USERID_CHANGE |
							   SECURITY_RESTRICTED_OPERATION);
		make_where("k.policy <> ''");
	}
	PG_FINALLY();
	{
		SetUserIdAndSecContext(userid, sec_context);
		making = false;
	}
	PG_END_TRY();
	AtEOXact_GUC(true, level);
}

static Oid
record_relid(void)
{
	Oid			schema = get_namespace_oid("powerpanel_internal", true);

	return OidIsValid(schema) ? get_relname_relid("row_security", schema) : InvalidOid;
}

/*
 * Can this statement have changed the row level security of a table of ours?
 * DROP POLICY and DROP OWNED always count, since what they named is gone.
 */
static bool
may_concern_us(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			return OidIsValid(member_table(((AlterTableStmt *) statement)->relation));
		case T_CreatePolicyStmt:
			return OidIsValid(member_table(((CreatePolicyStmt *) statement)->table));
		case T_AlterPolicyStmt:
			return OidIsValid(member_table(((AlterPolicyStmt *) statement)->table));
		case T_RenameStmt:
			return ((RenameStmt *) statement)->relation != NULL &&
				OidIsValid(member_table(((RenameStmt *) statement)->relation));
		default:
			return true;
	}
}

/* At ddl_command_end of whatever can change row level security */
Datum
record_row_security(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "record_row_security");
	Oid			record = record_relid();

	if (creating_extension || making || !OidIsValid(record) || !may_concern_us(event->parsetree))
		return (Datum) 0;
	/* so a dump made with --disable-triggers turns them on again */
	if (IsA(event->parsetree, AlterTableStmt) &&
		member_table(((AlterTableStmt *) event->parsetree)->relation) == record)
		make_recorded(record);
	write_record(record);
	return (Datum) 0;
}

/* Makes what a row tells of. */
static void
make(HeapTuple row, TupleDesc desc)
{
	Oid			types[] = {TEXTOID, TEXTOID, TEXTOID};
	Datum		values[3];

	for (int i = 0; i < 3; i++)
	{
		bool		isnull;

		values[i] = heap_getattr(row, i + 1, desc, &isnull);
		if (isnull)
			ereport(ERROR,
					(errcode(ERRCODE_NOT_NULL_VIOLATION),
					 errmsg("null value in a row of table \"%s.%s\"", "powerpanel_internal", "row_security")));
	}
	query_begin();
	if (SPI_execute_with_args("SELECT powerpanel_internal.restore_row_security("
							  "ARRAY[ROW($1, $2, $3)::powerpanel_internal.row_security])",
							  3, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_with_args failed");
	query_end();
}

/* BEFORE INSERT OR UPDATE OR DELETE FOR EACH ROW, ENABLE ALWAYS, on the record */
Datum
keep_row_security(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;
	int			level;

	if (!CALLED_AS_TRIGGER(fcinfo) || !TRIGGER_FIRED_BEFORE(trigger->tg_event) ||
		!TRIGGER_FIRED_FOR_ROW(trigger->tg_event) ||
		RelationGetRelid(trigger->tg_relation) != record_relid())
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" is for triggers on table \"%s.%s\" only",
						"keep_row_security", "powerpanel_internal", "row_security")));
	if (recording)
		return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
							   trigger->tg_newtuple : trigger->tg_trigtuple);
	if (MyBackendType != B_BACKEND || IsLogicalWorker())
		return PointerGetDatum(NULL);
	if (TRIGGER_FIRED_BY_DELETE(trigger->tg_event))
		return PointerGetDatum(trigger->tg_trigtuple);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the extension keeps the rows of table \"%s.%s\"", "powerpanel_internal", "row_security"),
				 errhint("Use CREATE POLICY, ALTER POLICY, DROP POLICY and ALTER TABLE.")));
	level = use_catalog_path();
	make(trigger->tg_trigtuple, RelationGetDescr(trigger->tg_relation));
	AtEOXact_GUC(true, level);
	return PointerGetDatum(NULL);
}
