/*-------------------------------------------------------------------------
 *
 * rule.c
 *	  The list of the rules that are checked in C, how a violation becomes an
 *	  error, and what an error may say to whom.
 *
 * The rules that a CHECK or a FOREIGN KEY states are listed by PostgreSQL's
 * catalog; the view "rule" shows both.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/tuplestore.h"

#include "query.h"
#include "rule.h"

PG_FUNCTION_INFO_V1(checked_rules);
PG_FUNCTION_INFO_V1(checked_rule_sqlstate);

static void raise_report(ViolationSink *sink, Violation *violation) pg_attribute_noreturn();

ViolationSink raise_violation = {raise_report};

const Rule rules[RULE_COUNT] = {
	[RULE_LOCATION_CYCLE] = {
		"location_cycle", ERRCODE_CHECK_VIOLATION, "error",
		"A location is not its own ancestor"
	},
	[RULE_RACK_RACK_GROUP_LOCATION] = {
		"rack_rack_group_location", ERRCODE_CHECK_VIOLATION, "error",
		"The location of a rack's group is the rack's location or contains it"
	},
	[RULE_POWER_PANEL_RACK_GROUP_LOCATION] = {
		"power_panel_rack_group_location", ERRCODE_CHECK_VIOLATION, "error",
		"The location of a power panel's rack group is the panel's location or contains it"
	},
	[RULE_POWER_FEED_RACK_LOCATION] = {
		"power_feed_rack_location", ERRCODE_CHECK_VIOLATION, "error",
		"Some location contains both the rack of a power feed and the panel it leaves"
	},
	[RULE_POWER_FEED_BREAKER_BUS] = {
		"power_feed_breaker_bus", ERRCODE_CHECK_VIOLATION, "error",
		"A breaker has no more poles than the bus of its panel has phases (two on dc)"
	},
	[RULE_POWER_FEED_BREAKER_CAPACITY] = {
		"power_feed_breaker_capacity", ERRCODE_CHECK_VIOLATION, "error",
		"A breaker does not reach beyond the circuit positions of its panel"
	},
	[RULE_POWER_FEED_BREAKER_CONFLICT] = {
		"power_feed_breaker_conflict", ERRCODE_EXCLUSION_VIOLATION, "error",
		"No two breakers of a panel occupy one position"
	},
	[RULE_POWER_FEED_DERIVED_COLUMNS] = {
		"power_feed_derived_columns", ERRCODE_CHECK_VIOLATION, "error",
		"Occupied positions and phase designation of a power feed are those of its breaker"
	},
	[RULE_POWER_FEED_CYCLE] = {
		"power_feed_cycle", ERRCODE_CHECK_VIOLATION, "error",
		"Panel-to-panel feeds form no loop"
	},
	[RULE_POWER_FEED_DESTINATION_OR_CABLE] = {
		"power_feed_destination_or_cable", ERRCODE_CHECK_VIOLATION, "error",
		"A power feed has a destination panel or a cable, not both"
	},
	[RULE_POWER_FEED_RECEPTACLES] = {
		"power_feed_receptacles", ERRCODE_CHECK_VIOLATION, "error",
		"A power feed has 1 receptacle or more, and no more cables than receptacles"
	},
	[RULE_POWER_OUTLET_POWER_BANK] = {
		"power_outlet_power_bank", ERRCODE_FOREIGN_KEY_VIOLATION, "error",
		"The bank of an outlet exists, belongs to the same device, and its inlet is that of the outlet"
	},
	[RULE_CABLE_CYCLE] = {
		"cable_cycle", ERRCODE_CHECK_VIOLATION, "error",
		"Cables form no loop of power through devices"
	},
	[RULE_POWER_FEED_OVERLOAD] = {
		"power_feed_overload", 0, "warning",
		"A power feed carries no more than its available power, by its most loaded phase"
	},
	[RULE_POWER_PANEL_OVERLOAD] = {
		"power_panel_overload", 0, "warning",
		"A power panel carries no more than its capacity, by its most loaded phase"
	},
	[RULE_POWER_PORT_OVERLOAD] = {
		"power_port_overload", 0, "warning",
		"A power port carries no more than its maximum draw"
	},
	[RULE_POWER_BANK_OVERLOAD] = {
		"power_bank_overload", 0, "warning",
		"A power bank carries no more than its breaker may"
	},
	[RULE_POWER_FEED_FAILOVER_OVERLOAD] = {
		"power_feed_failover_overload", 0, "warning",
		"A power feed carries no more than its available power in the outage of any one panel or feed either"
	},
	[RULE_POWER_PANEL_FAILOVER_OVERLOAD] = {
		"power_panel_failover_overload", 0, "warning",
		"A power panel carries no more than its capacity in the outage of any one panel or feed either"
	},
	[RULE_POWER_PANEL_IMBALANCE] = {
		"power_panel_imbalance", 0, "warning",
		"The phases of a power panel that is used by half or more carry loads within 20 percent of their mean"
	},
	[RULE_POWER_FEED_PHASE_POLES] = {
		"power_feed_phase_poles", 0, "warning",
		"A three-phase feed has a breaker of 3 poles, a single-phase feed one of fewer"
	},
	[RULE_POWER_FEED_PANEL_VOLTAGE] = {
		"power_feed_panel_voltage", 0, "warning",
		"The voltage of a power feed is one that its panel has"
	},
	[RULE_POWER_FEED_PANEL_SUPPLY] = {
		"power_feed_panel_supply", 0, "warning",
		"A power feed is ac on an ac bus, dc on a dc bus, and no dc feed has three phases"
	},
	[RULE_POWER_FEED_ABOVE_MAIN] = {
		"power_feed_above_main", 0, "warning",
		"The breaker of a power feed is rated no higher than the main breaker of its panel"
	},
	[RULE_POWER_FEED_UNPLACED] = {
		"power_feed_unplaced", 0, "warning",
		"A power feed with a breaker has a position, where its panel counts them"
	},
	[RULE_POWER_FEED_PATH] = {
		"power_feed_path", 0, "warning",
		"A power feed is on the path of the panel it leaves"
	},
	[RULE_RACK_OVERLOAD] = {
		"rack_overload", 0, "warning",
		"The devices of a rack draw no more than its power limit"
	},
	[RULE_RACK_SHARED_PATH] = {
		"rack_shared_path", 0, "warning",
		"Feeds of different paths of a rack depend on no one thing but the source of power"
	},
	[RULE_DEVICE_SHARED_PATH] = {
		"device_shared_path", 0, "warning",
		"The cords of a device depend on no one thing but the source of power"
	},
	[RULE_POWER_PANEL_TRANSFER_PRIMARIES] = {
		"power_panel_transfer_primaries", 0, "warning",
		"At most one energized primary feed enters a transfer switch"
	},
	[RULE_POWER_OUTLET_UNASSIGNED] = {
		"power_outlet_unassigned", 0, "warning",
		"A power outlet names the power port that feeds it"
	},
	[RULE_POWER_PORT_LEG] = {
		"power_port_leg", 0, "warning",
		"The outlets of a three-phase power port are not all on one leg"
	},
	[RULE_POWER_PORT_DRAW_UNKNOWN] = {
		"power_port_draw_unknown", 0, "warning",
		"It is known what is allocated to a power port that draws power"
	},
	[RULE_POWER_PANEL_OFF] = {
		"power_panel_off", 0, "warning",
		"A panel that an energized feed leaves is energized"
	},
	[RULE_DEVICE_DARK] = {
		"device_dark", 0, "warning",
		"A device with cabled power ports has power"
	},
	[RULE_GUARD_BROKEN] = {
		"guard_broken", 0, "warning",
		"A guarded table can be checked"
	},
	[RULE_POWERPANEL_OWNER] = {
		"powerpanel_owner", 0, "warning",
		"The owner of the extension is a superuser, as pg_upgrade needs it"
	},
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

/* checked_rules(): name, severity, description of the rules listed above */
Datum
checked_rules(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < RULE_COUNT; i++)
	{
		Datum		values[3];
		bool		nulls[3] = {false, false, false};

		values[0] = CStringGetTextDatum(rules[i].name);
		values[1] = CStringGetTextDatum(rules[i].severity);
		values[2] = CStringGetTextDatum(rules[i].description);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}

/*
 * checked_rule_sqlstate(rule): the SQLSTATE of the error that such a row gets;
 * NULL for a warning, and for what is no rule listed above
 */
Datum
checked_rule_sqlstate(PG_FUNCTION_ARGS)
{
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(0));

	for (int i = 0; i < RULE_COUNT; i++)
	{
		if (strcmp(rules[i].name, name) == 0 && rules[i].sqlstate != 0)
			PG_RETURN_TEXT_P(cstring_to_text(unpack_sql_state(rules[i].sqlstate)));
	}
	PG_RETURN_NULL();
}
