/*-------------------------------------------------------------------------
 *
 * rule.h
 *	  The rules that are checked in C, and what happens to a violation.
 *
 * A rule's code does not know who asked.  It tells a sink of a violation: that of
 * the triggers raises an error, that of the audit adds a row to the answer.  So
 * there is one definition of each rule.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RULE_H
#define POWERPANEL_RULE_H

#include "compat.h"

typedef enum RuleId
{
#define RULE(id, ...)		id,
#define WARNING_RULE(id, ...)	id,
#include "rule_list.h"
#undef RULE
#undef WARNING_RULE
	RULE_COUNT
} RuleId;

typedef struct Rule
{
	const char *name;
	int			sqlstate;		/* 0: the audit warns, nothing is refused */
	const char *description;
} Rule;

static inline const char *
rule_severity(const Rule *rule)
{
	return rule->sqlstate == 0 ? "warning" : "error";
}

extern const Rule rules[RULE_COUNT];

/*
 * Texts are ready to print; detail and hint may be NULL.  Where they take
 * work, describe() makes them once they are needed; where it is NULL, they
 * are given.
 */
typedef struct Violation
{
	RuleId		rule;
	Oid			relid;			/* the table whose row breaks the rule */
	Datum		object_id;		/* its key */
	Oid			id_type;		/* the key's type; 0 is uuid */
	const char *object;			/* its name */
	const char *of;				/* that of what it is part of, where that is at
								 * hand: see object_name.c */
	const char *message;
	const char *detail;
	const char *hint;
	bool		has_other;		/* it conflicts with another row */
	Datum		other_id;
	void		(*describe) (struct Violation *violation, bool hint);
} Violation;

typedef struct ViolationSink
{
	void		(*report) (struct ViolationSink *sink, Violation *violation);
} ViolationSink;

/* The sink of the triggers: raises an error, does not return. */
extern ViolationSink raise_violation;

static inline void
report_violation(ViolationSink *sink, Violation *violation)
{
	sink->report(sink, violation);
}

/* Has the texts of a violation made; the hint only where it is asked for. */
static inline void
describe_violation(Violation *violation, bool hint)
{
	if (violation->describe != NULL)
		violation->describe(violation, hint);
}

extern bool may_see(Oid relid, const char *column);
extern char *label(const char *kind, Oid relid, const char *column, const char *name);

#endif							/* POWERPANEL_RULE_H */
