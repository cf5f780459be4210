/*-------------------------------------------------------------------------
 *
 * rule.c
 *	  How a violation of a rule becomes an error, and what an error may say to
 *	  whom.
 *
 * The rules that a CHECK or a FOREIGN KEY states are listed by PostgreSQL's
 * catalog; the view "rule" shows both.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "query.h"
#include "rule.h"

pg_noreturn static void raise_report(ViolationSink *sink, Violation *violation);

ViolationSink raise_violation = {raise_report};

const Rule rules[RULE_COUNT] = {
#define RULE(id, name, sqlstate, description, ...)	[id] = {name, sqlstate, description},
#define WARNING_RULE(id, name, description)				[id] = {name, 0, description},
#include "rule_list.h"
#undef RULE
#undef WARNING_RULE
};

static void
raise_report(ViolationSink *sink, Violation *violation)
{
	const Rule *rule = &rules[violation->rule];
	Relation	rel = table_open(violation->relid, AccessShareLock);

	describe_violation(violation, true);
	ereport(ERROR,
			(errcode(rule->sqlstate),
			 errmsg_internal("%s", violation->message),
			 violation->detail ? errdetail_internal("%s", violation->detail) : 0,
			 violation->hint ? errhint("%s", violation->hint) : 0,
			 errtableconstraint(rel, rule->name)));
}

/*
 * May the one who writes read this column, and all rows of the table?  Checks
 * read as the owner, but an error must not tell more than a query would
 * (ri_triggers.c does the same).
 */
bool
may_see(Oid relid, const char *column)
{
	Oid			user = query_writer();

	if (check_enable_rls(relid, user, true) == RLS_ENABLED)
		return false;
	return pg_class_aclcheck(relid, user, ACL_SELECT) == ACLCHECK_OK ||
		pg_attribute_aclcheck(relid, get_attnum(relid, column), user, ACL_SELECT) == ACLCHECK_OK;
}

/* 'power feed "F-12"', or 'a power feed' to one who may not know its name */
char *
label(const char *kind, Oid relid, const char *column, const char *name)
{
	if (may_see(relid, column))
		return psprintf("%s \"%s\"", kind, name);
	return psprintf("a %s", kind);
}
