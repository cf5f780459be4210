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
	RULE_LOCATION_CYCLE,
	RULE_RACK_RACK_GROUP_LOCATION,
	RULE_POWER_PANEL_RACK_GROUP_LOCATION,
	RULE_POWER_FEED_RACK_LOCATION,
	RULE_POWER_FEED_BREAKER_BUS,
	RULE_POWER_FEED_BREAKER_CAPACITY,
	RULE_POWER_FEED_BREAKER_CONFLICT,
	RULE_POWER_FEED_DERIVED_COLUMNS,
	RULE_POWER_FEED_CYCLE,
	RULE_POWER_FEED_DESTINATION_OR_CABLE,
	RULE_POWER_FEED_RECEPTACLES,
	RULE_POWER_OUTLET_POWER_BANK,
	RULE_CABLE_CYCLE,
	/* from here on: the audit warns, nothing is refused */
	RULE_POWER_FEED_OVERLOAD,
	RULE_POWER_PANEL_OVERLOAD,
	RULE_POWER_PORT_OVERLOAD,
	RULE_POWER_BANK_OVERLOAD,
	RULE_POWER_FEED_FAILOVER_OVERLOAD,
	RULE_POWER_PANEL_FAILOVER_OVERLOAD,
	RULE_POWER_PANEL_IMBALANCE,
	RULE_POWER_FEED_PHASE_POLES,
	RULE_POWER_FEED_PANEL_VOLTAGE,
	RULE_POWER_FEED_PANEL_SUPPLY,
	RULE_POWER_FEED_ABOVE_MAIN,
	RULE_POWER_FEED_UNPLACED,
	RULE_POWER_FEED_PATH,
	RULE_RACK_OVERLOAD,
	RULE_RACK_SHARED_PATH,
	RULE_DEVICE_SHARED_PATH,
	RULE_POWER_PANEL_TRANSFER_PRIMARIES,
	RULE_POWER_OUTLET_UNASSIGNED,
	RULE_POWER_PORT_LEG,
	RULE_POWER_PORT_DRAW_UNKNOWN,
	RULE_POWER_PANEL_OFF,
	RULE_DEVICE_DARK,
	RULE_GUARD_BROKEN,
	RULE_POWERPANEL_OWNER,
	RULE_COUNT
} RuleId;

typedef struct Rule
{
	const char *name;
	int			sqlstate;
	const char *severity;
	const char *description;
} Rule;

extern const Rule rules[RULE_COUNT];

/*
 * Texts are whole and ready to print; detail and hint may be NULL.  Those that
 * take work are made by describe(), which is called where they are needed; without
 * it they are there.
 */
typedef struct Violation
{
	RuleId		rule;
	Oid			relid;			/* the table whose row breaks the rule */
	Datum		object_id;		/* its key */
	Oid			id_type;		/* the key's type; 0 is uuid */
	const char *object;			/* its name */
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
