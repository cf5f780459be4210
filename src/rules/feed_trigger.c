/*-------------------------------------------------------------------------
 *
 * feed_trigger.c
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
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "breaker_check.h"
#include "cycle.h"
#include "destination_or_cable.h"
#include "feed_table.h"
#include "placement.h"
#include "receptacles.h"
#include "query.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_feed);

/*
 * Has an UPDATE changed a breaker without naming one of its columns in SET, so
 * that the trigger which sets the derived columns has not fired?
 */
static bool
passed_by_derivation(TriggerData *trigger, const FeedTable *table)
{
	static const FeedColumn columns[] = {BREAKER_RULE_COLUMNS};

	if (!TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		return false;
	for (size_t i = 0; i < lengthof(columns); i++)
		if (bms_is_member(table->def.attnum[columns[i]] - FirstLowInvalidHeapAttributeNumber,
						  trigger->tg_updatedcols))
			return false;
	return true;
}

static bool
is_given(const FeedTable *table, TupleTableSlot *slot, FeedColumn column)
{
	return has_column(table, column) && !slot_attisnull(slot, table->def.attnum[column]);
}

static Datum
feed_id(const FeedTable *table, TupleTableSlot *slot)
{
	bool		isnull;

	return slot_getattr(slot, table->def.attnum[FEED_ID], &isnull);
}

/* Only feeds of the inventory have receptacles, and a new feed has no cable yet. */
static bool
receptacles_changed(TriggerData *trigger)
{
	Oid			relid = RelationGetRelid(trigger->tg_relation);

	return TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
		relid == inventory_relid("power_feed") &&
		trigger_changed(trigger, get_attnum(relid, "receptacles"));
}

/*
 * What is due goes by what the event has changed; what is looked at is the row
 * as it is by now (trigger_live_row).
 */
Datum
check_feed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_feed", AFTER_WRITE);
	Relation	feeds = trigger->tg_relation;
	TupleTableSlot *slot = trigger_live_row(trigger);
	FeedTable *table;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	table = feed_table(feeds);
	if (FEED_CHANGED(trigger, table, BREAKER_RULE_COLUMNS))
		breaker_check_row(feeds, slot, passed_by_derivation(trigger, table));
	if (is_given(table, slot, FEED_DESTINATION) &&
		FEED_CHANGED(trigger, table, FEED_PANEL, FEED_DESTINATION))
	{
		feed_cycle_check_row(feeds, slot);
		/* in other tables, a CHECK says this; a new feed has no cable yet */
		if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) &&
			RelationGetRelid(feeds) == inventory_relid("power_feed"))
			destination_or_cable_check(feed_id(table, slot));
	}
	if (receptacles_changed(trigger))
		receptacles_check(feed_id(table, slot));
	if (is_given(table, slot, FEED_RACK) && FEED_CHANGED(trigger, table, FEED_PANEL, FEED_RACK))
		feed_rack_check_row(feeds, slot);
	return PointerGetDatum(NULL);
}
