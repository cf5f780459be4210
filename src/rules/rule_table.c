/*-------------------------------------------------------------------------
 *
 * rule_table.c
 *	  The table of rules: what is checked when a feed is written, what the audit
 *	  does, and the table for SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/sysattr.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "breaker_audit.h"
#include "breaker_check.h"
#include "cycle.h"
#include "destination_or_cable.h"
#include "outlet_bank.h"
#include "placement.h"
#include "receptacles.h"
#include "rule_table.h"

PG_FUNCTION_INFO_V1(checked_rules);

/* --- What is done when a feed was written --- */

/*
 * Has an UPDATE changed a breaker without naming one of its columns in SET, so
 * that the trigger which sets the derived columns has not fired?
 */
static bool
passed_by_derivation(const FeedWrite *write)
{
	if (!TRIGGER_FIRED_BY_UPDATE(write->trigger->tg_event))
		return false;
	for (int i = 0; i < FEED_COLUMNS; i++)
		if ((BREAKER_COLUMNS & BIT(i)) && has_column(write->table, i) &&
			bms_is_member(write->table->def.attnum[i] - FirstLowInvalidHeapAttributeNumber,
						  write->trigger->tg_updatedcols))
			return false;
	return true;
}

static void
check_breaker(const FeedWrite *write)
{
	breaker_check_row(write->feeds, write->slot, passed_by_derivation(write));
}

static void
check_panel_loop(const FeedWrite *write)
{
	feed_cycle_check_row(write->feeds, write->slot);
}

static void
check_rack_of_feed(const FeedWrite *write)
{
	feed_rack_check_row(write->feeds, write->slot);
}

static void
check_destination_or_cable(const FeedWrite *write)
{
	/* a new feed has no cable yet */
	if (TRIGGER_FIRED_BY_UPDATE(write->trigger->tg_event) &&
		!slot_attisnull(write->slot, write->table->def.attnum[FEED_DESTINATION]))
		destination_or_cable_check(feed_table_key(write->table, FEED_ID, write->slot));
}

static void
check_receptacles(const FeedWrite *write)
{
	/* a new feed has no cable yet */
	if (TRIGGER_FIRED_BY_UPDATE(write->trigger->tg_event))
		receptacles_check(feed_table_key(write->table, FEED_ID, write->slot));
}

/* --- What the audit does --- */

static void
audit_locations(Relation feeds, ViolationSink *sink)
{
	cycle_audit(cycle_of_locations(), sink);
}

static void
audit_racks(Relation feeds, ViolationSink *sink)
{
	placement_audit(RACK_IN_GROUP, sink);
}

static void
audit_panels(Relation feeds, ViolationSink *sink)
{
	placement_audit(PANEL_IN_GROUP, sink);
}

static void
audit_racks_of_feeds(Relation feeds, ViolationSink *sink)
{
	placement_audit(FEED_TO_RACK, sink);
}

static void
audit_breakers(Relation feeds, ViolationSink *sink)
{
	breaker_audit(feeds, sink);
}

static void
audit_panel_loops(Relation feeds, ViolationSink *sink)
{
	cycle_audit(cycle_of_panels(feed_table(feeds)), sink);
}

static void
audit_destination_or_cable(Relation feeds, ViolationSink *sink)
{
	destination_or_cable_audit(sink);
}

static void
audit_receptacles(Relation feeds, ViolationSink *sink)
{
	receptacles_audit(sink);
}

static void
audit_outlet_banks(Relation feeds, ViolationSink *sink)
{
	outlet_bank_audit(sink);
}

static void
audit_cables(Relation feeds, ViolationSink *sink)
{
	cycle_audit(cycle_of_ports(), sink);
}

/* --- The table --- */

const RuleWork rule_table[RULE_COUNT] = {
#define RULE(id, name, sqlstate, description, needed, read, check, audit) \
	[id] = {needed, read, check, audit},
#define WARNING_RULE(...)
#include "rule_list.h"
#undef RULE
#undef WARNING_RULE
};

/* A text[] of roles, NULL of no columns. */
static Datum
roles(FeedColumnSet columns, bool *isnull)
{
	*isnull = columns == 0;
	return *isnull ? (Datum) 0 : PointerGetDatum(feed_column_roles(columns));
}

/* checked_rules(): name, severity, sqlstate, description, needed, columns */
Datum
checked_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < RULE_COUNT; i++)
	{
		const Rule *rule = &rules[i];
		const RuleWork *work = &rule_table[i];
		Datum		values[6];
		bool		nulls[6] = {false};

		values[0] = CStringGetTextDatum(rule->name);
		values[1] = CStringGetTextDatum(rule_severity(rule));
		nulls[2] = rule->sqlstate == 0;
		values[2] = CStringGetTextDatum(unpack_sql_state(rule->sqlstate));
		values[3] = CStringGetTextDatum(rule->description);
		values[4] = roles(work->needed, &nulls[4]);
		values[5] = roles(work->needed | work->read, &nulls[5]);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
