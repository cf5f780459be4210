/*-------------------------------------------------------------------------
 *
 * rule_table.c
 *	  The table of rules: what checks each of them, and when; and the table for
 *	  SQL.
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
#include "outlet_bank.h"
#include "placement.h"
#include "rule_table.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(checked_rules);

/*
 * Did an UPDATE change a breaker without naming one of its columns in SET, so
 * that the trigger which sets the derived columns did not fire?  Of a later version
 * than that of the event we are not told.
 */
static bool
passed_by_derivation(const RuleRun *run)
{
	if (run->row != trigger_event_row(run->trigger))
		return true;
	if (!TRIGGER_FIRED_BY_UPDATE(run->trigger->tg_event))
		return false;
	for (int i = 0; i < FEED_COLUMNS; i++)
		if ((BREAKER_COLUMNS & BIT(i)) && has_column(run->table, i) &&
			bms_is_member(run->table->def.attnum[i] - FirstLowInvalidHeapAttributeNumber,
						  run->trigger->tg_updatedcols))
			return false;
	return true;
}

void
check_breakers(const RuleRun *run)
{
	switch (run->occasion)
	{
		case FEED_WRITTEN:
			breaker_check_row(run->feeds, run->row, passed_by_derivation(run));
			break;
		case PANEL_WRITTEN:
			breaker_check_panel(run->feeds, feed_table_key(run->table, PANEL_ID, run->row));
			break;
		case AUDIT:
			breaker_audit(run->feeds, run->sink);
			break;
	}
}

void
check_panel_loops(const RuleRun *run)
{
	switch (run->occasion)
	{
		case FEED_WRITTEN:
			feed_cycle_check_row(run->feeds, run->row);
			break;
		case PANEL_WRITTEN:
			feed_cycle_check_panel(run->table, run->row);
			break;
		case AUDIT:
			if (!run->no_loops)
				cycle_audit(cycle_of_panels(run->table), run->sink);
			break;
	}
}

void
check_location_loops(const RuleRun *run)
{
	cycle_audit(cycle_of_locations(), run->sink);
}

void
check_cable_loops(const RuleRun *run)
{
	if (!run->no_loops)
		cycle_audit(cycle_of_ports(), run->sink);
}

void
check_racks_of_feeds(const RuleRun *run)
{
	if (run->occasion == AUDIT)
		placement_audit(FEED_TO_RACK, run->sink);
	else
		feed_rack_check_row(run->feeds, run->row);
}

void
check_racks_in_groups(const RuleRun *run)
{
	placement_audit(RACK_IN_GROUP, run->sink);
}

void
check_panels_in_groups(const RuleRun *run)
{
	placement_audit(PANEL_IN_GROUP, run->sink);
}

void
check_outlets_of_banks(const RuleRun *run)
{
	outlet_bank_audit(run->sink);
}

/* --- The table --- */

const RuleWork rule_table[RULE_COUNT] = {
#define RULE(id, name, sqlstate, description, needed, read, check)	[id] = {needed, read, check},
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
