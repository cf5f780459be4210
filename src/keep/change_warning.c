/*-------------------------------------------------------------------------
 *
 * change_warning.c
 *	  An event trigger: the inventory's tables keep the columns that a dump is
 *	  restored into, and nobody changes them otherwise without being told that
 *	  pg_dump will not carry it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "commands/extension.h"
#include "nodes/parsenodes.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "change_warning.h"
#include "event_trigger.h"

PG_FUNCTION_INFO_V1(warn_of_change);

static bool allow_change = false;

void
change_warning_init(void)
{
	DefineCustomBoolVariable("powerpanel.allow_change",
							 "Allows to change the columns of the inventory's tables, which pg_dump does not carry.",
							 NULL, &allow_change, false, PGC_USERSET, 0, NULL, NULL, NULL);
}

/* How a change of a table concerns its dump, from nothing to all. */
typedef enum Harm
{
	HARM_NONE,					/* kept, or for a while only */
	HARM_LOST,					/* a dump does not carry it */
	HARM_UNRESTORABLE			/* a dump's rows do not fit the table that
								 * CREATE EXTENSION makes */
} Harm;

/*
 * Row level security is kept (row_security.sql), and triggers are turned off for
 * a while only.
 */
static Harm
harm_of_command(AlterTableCmd *command)
{
	switch (command->subtype)
	{
		case AT_EnableRowSecurity:
		case AT_DisableRowSecurity:
		case AT_ForceRowSecurity:
		case AT_NoForceRowSecurity:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_EnableTrigAll:
		case AT_EnableTrigUser:
		case AT_DisableTrig:
		case AT_DisableTrigAll:
		case AT_DisableTrigUser:
			return HARM_NONE;
		case AT_AddColumn:
		case AT_DropColumn:
		case AT_AlterColumnType:
		case AT_AddInherit:
		case AT_DropExpression:
			return HARM_UNRESTORABLE;
		default:
			return HARM_LOST;
	}
}

static Harm
harm_of_alter(AlterTableStmt *alter)
{
	Harm		harm = HARM_NONE;
	ListCell   *cell;

	foreach(cell, alter->cmds)
		harm = Max(harm, harm_of_command(lfirst_node(AlterTableCmd, cell)));
	return harm;
}

/* Does it rename a relation?  PostgreSQL lets one call a table a view, and so on. */
static bool
renames_relation(const RenameStmt *rename)
{
	switch (rename->renameType)
	{
		case OBJECT_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_INDEX:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_SEQUENCE:
			return true;
		default:
			return false;
	}
}

/* The names of tables and columns are what the rows of a dump go by. */
static Harm
harm_of_rename(RenameStmt *rename)
{
	return rename->renameType == OBJECT_COLUMN || renames_relation(rename) ?
		HARM_UNRESTORABLE : HARM_LOST;
}

/* The table that a statement has changed, by the name it has now; or NULL */
static RangeVar *
changed_table(Node *statement, Harm *harm)
{
	RangeVar   *table = NULL;

	*harm = HARM_LOST;
	switch (nodeTag(statement))
	{
		case T_AlterTableStmt:
			*harm = harm_of_alter((AlterTableStmt *) statement);
			return ((AlterTableStmt *) statement)->relation;
		case T_RenameStmt:
			*harm = harm_of_rename((RenameStmt *) statement);
			table = copyObject(((RenameStmt *) statement)->relation);
			if (table != NULL && renames_relation((RenameStmt *) statement))
				table->relname = ((RenameStmt *) statement)->newname;
			return table;
		case T_AlterObjectSchemaStmt:
			*harm = HARM_UNRESTORABLE;
			table = copyObject(((AlterObjectSchemaStmt *) statement)->relation);
			if (table != NULL)
				table->schemaname = ((AlterObjectSchemaStmt *) statement)->newschema;
			return table;
		case T_IndexStmt:
			return ((IndexStmt *) statement)->relation;
		case T_CreateTrigStmt:
			return ((CreateTrigStmt *) statement)->relation;
		default:
			return NULL;
	}
}

/*
 * Refused when the command ends: only then it is certain which table its name
 * meant.
 */
pg_noreturn static void
refuse_change(Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot change the columns of table \"%s.%s\" because a dump could not be restored",
					get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
			 errdetail("The table belongs to extension powerpanel: a dump holds its rows, and CREATE EXTENSION makes the table as it comes, without this change."),
			 errhint("For fields of your own use the column custom_fields. To change the table all the same, SET powerpanel.allow_change = on.")));
}

static void
warn_of(Oid relid, Harm harm)
{
	ereport(WARNING,
			(errmsg("pg_dump will not carry this change of table \"%s.%s\"",
					get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
			 errdetail("The table belongs to extension powerpanel: a dump holds its rows, and CREATE EXTENSION makes the table."),
			 harm == HARM_UNRESTORABLE ?
			 errhint("Restore with pg_restore --section=pre-data, then make this change, then go on with --section=data and --section=post-data.") :
			 errhint("For fields of your own use the column custom_fields; keep other changes in a script to run after a restore.")));
}

/*
 * At ddl_command_end of ALTER TABLE, of the ALTERs that take tables, too, and
 * of CREATE INDEX and CREATE TRIGGER
 */
Datum
warn_of_change(PG_FUNCTION_ARGS)
{
	EventTriggerData *event = event_data(fcinfo, "warn_of_change");
	RangeVar   *name;
	Harm		harm;
	Oid			relid;

	if (creating_extension)
		return (Datum) 0;
	name = changed_table(event->parsetree, &harm);
	if (name == NULL || harm == HARM_NONE || !OidIsValid(relid = member_table(name)))
		return (Datum) 0;
	if (harm == HARM_UNRESTORABLE && !allow_change)
		refuse_change(relid);
	warn_of(relid, harm);
	return (Datum) 0;
}
