/*-------------------------------------------------------------------------
 *
 * guard_validate.c
 *	  Validating a CHECK of a guarded table.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "commands/event_trigger.h"
#include "commands/tablecmds.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/parsenodes.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "query.h"

PG_FUNCTION_INFO_V1(guard_validate);

/*
 * guard_validate(table, constraint): ALTER TABLE ... VALIDATE CONSTRAINT, which
 * evaluates the condition on each row.  It is guard()'s own, and yet that is done
 * with the rights of the table's owner, and of the table itself rather than what
 * goes by its name.
 */
Datum
guard_validate(PG_FUNCTION_ARGS)
{
	Relation	rel = table_open(PG_GETARG_OID(0), ShareUpdateExclusiveLock);
	AlterTableStmt *alter = makeNode(AlterTableStmt);
	AlterTableCmd *command = makeNode(AlterTableCmd);
	CallerRights caller;

	if (!has_privs_of_role(GetUserId(), rel->rd_rel->relowner))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("must be owner of table %s", RelationGetRelationName(rel))));
	command->subtype = AT_ValidateConstraint;
	command->name = pstrdup(NameStr(*PG_GETARG_NAME(1)));
	alter->relation = makeRangeVar(get_namespace_name(RelationGetNamespace(rel)),
								   pstrdup(RelationGetRelationName(rel)), -1);
	alter->cmds = list_make1(command);
	alter->objtype = OBJECT_TABLE;

	caller = query_as_owner(RelationGetRelid(rel));
	EventTriggerAlterTableStart((Node *) alter);
	AlterTableInternal(RelationGetRelid(rel), alter->cmds, false);
	EventTriggerAlterTableEnd();
	query_as_caller(caller);
	table_close(rel, NoLock);
	PG_RETURN_VOID();
}
