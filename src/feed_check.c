/*-------------------------------------------------------------------------
 *
 * feed_check.c
 *	  The trigger on tables of feeds, check_feed().
 *
 * There is one for all rules, and in an INSERT it has no WHEN: PostgreSQL would
 * read and plan a WHEN anew for each statement, which takes longer than all
 * that is done here for a single row.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/sysattr.h"
#include "utils/rel.h"

#include "feed_check.h"
#include "query.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_feed);
PG_FUNCTION_INFO_V1(check_breaker);
PG_FUNCTION_INFO_V1(check_feed_cycle);
PG_FUNCTION_INFO_V1(check_feed_rack);
PG_FUNCTION_INFO_V1(check_destination_or_cable);

/* Has the event changed one of these columns?  An INSERT has changed all. */
bool
feed_changed(TriggerData *trigger, const BreakerTable *table, const BreakerColumn *columns, int n)
{
	for (int i = 0; i < n; i++)
		if (has_column(table, columns[i]) &&
			(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
			 trigger_changed(trigger, table->def.attnum[columns[i]])))
			return true;
	return false;
}

/*
 * Has an UPDATE changed a breaker without naming one of its columns in SET, so
 * that the trigger which sets the derived columns has not fired?
 */
static bool
passed_by_derivation(TriggerData *trigger, const BreakerTable *table)
{
	static const BreakerColumn columns[] = {BREAKER_RULE_COLUMNS};

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return false;
	for (size_t i = 0; i < lengthof(columns); i++)
		if (bms_is_member(table->def.attnum[columns[i]] - FirstLowInvalidHeapAttributeNumber,
						  trigger->tg_updatedcols))
			return false;
	return true;
}

static bool
is_given(const BreakerTable *table, TupleTableSlot *slot, BreakerColumn column)
{
	return has_column(table, column) && !slot_attisnull(slot, table->def.attnum[column]);
}

/*
 * What is due goes by what the event has changed; what is looked at is the row
 * as it is by now (trigger_live_row).
 */
Datum
check_feed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_feed");
	Relation	feeds = trigger->tg_relation;
	TupleTableSlot *slot = trigger_live_row(trigger);
	BreakerTable *table;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	table = breaker_table(feeds);
	if (FEED_CHANGED(trigger, table, BREAKER_RULE_COLUMNS))
		breaker_check_row(feeds, slot, passed_by_derivation(trigger, table));
	if (is_given(table, slot, FEED_DESTINATION) &&
		FEED_CHANGED(trigger, table, FEED_PANEL, FEED_DESTINATION))
	{
		feed_cycle_check_row(feeds, slot);
		/* in other tables, a CHECK says this; a new feed has no cable yet */
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
			RelationGetRelid(feeds) == inventory_relid("power_feed"))
			feed_destination_check_row(feeds, slot);
	}
	if (is_given(table, slot, FEED_RACK) && FEED_CHANGED(trigger, table, FEED_PANEL, FEED_RACK))
	{
		inventory_trigger_data(fcinfo, "check_feed", "power_feed");
		feed_rack_check_row(feeds, slot);
	}
	return PointerGetDatum(NULL);
}

/*
 * Up to 1.1 there was a trigger for each rule.  These are for a database that
 * has not been updated yet.
 */
typedef void (*RowCheck) (Relation feeds, TupleTableSlot *slot);

static Datum
check_by(TriggerData *trigger, RowCheck check)
{
	TupleTableSlot *slot = trigger_live_row(trigger);

	if (slot != NULL)
		check(trigger->tg_relation, slot);
	return PointerGetDatum(NULL);
}

static void
breaker_check_derived_row(Relation feeds, TupleTableSlot *slot)
{
	breaker_check_row(feeds, slot, false);
}

Datum
check_breaker(PG_FUNCTION_ARGS)
{
	return check_by(trigger_data(fcinfo, "check_breaker"), breaker_check_derived_row);
}

Datum
check_feed_rack(PG_FUNCTION_ARGS)
{
	return check_by(inventory_trigger_data(fcinfo, "check_feed_rack", "power_feed"),
					feed_rack_check_row);
}

Datum
check_feed_cycle(PG_FUNCTION_ARGS)
{
	return check_by(inventory_trigger_data(fcinfo, "check_feed_cycle", "power_feed"),
					feed_cycle_check_row);
}

Datum
check_destination_or_cable(PG_FUNCTION_ARGS)
{
	return check_by(inventory_trigger_data(fcinfo, "check_destination_or_cable", "power_feed"),
					feed_destination_check_row);
}
