/*-------------------------------------------------------------------------
 *
 * cabled_feed.c
 *	  The triggers on cables that come from a feed, and on feeds for the table
 *	  of their cables.
 *
 * Two rules look at a feed and its cables.  For both, who plugs in a cable
 * locks the feed's row, whatever is to be seen there at that moment, and looks
 * once the lock is granted.  The lock is FOR NO KEY UPDATE, which an UPDATE of
 * the feed and another cable of the feed wait for, and which those who refer to
 * the feed do not.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "utils/rel.h"

#include "destination_or_cable.h"
#include "graph_lock.h"
#include "receptacles.h"
#include "row.h"
#include "row_lock.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_cabled_feed);
PG_FUNCTION_INFO_V1(check_feed_cables);

/*
 * Locks a feed, and puts its row into the slot.  Where foreign keys are deferred
 * a cable may come before its feed.  The one who gives that a destination then looks
 * for cables (destination_or_cable.c): either we see it once we have the lock of
 * the table, or that one sees our cable.
 */
static bool
lock_feed(const FeedTable *table, Relation feeds, Datum id, TupleTableSlot *feed)
{
	RowKey		key = row_key(feeds, NameStr(table->def.column[FEED_ID]));

	if (row_lock(feeds, &key, id, LockTupleNoKeyExclusive, feed))
		return true;
	graph_lock_change(table->def.cable_relid);
	return row_lock(feeds, &key, id, LockTupleNoKeyExclusive, feed);
}

static void
check_feed_of_cable(const FeedTable *table, Relation feeds, Datum id)
{
	TupleTableSlot *feed = table_slot_create(feeds, NULL);
	bool		found = lock_feed(table, feeds, id, feed);

	feed_table_must_be(table, feeds);
	if (found)
	{
		destination_or_cable_check(table, feeds, feed);
		if (has_column(table, FEED_RECEPTACLES))
			receptacles_check(table, feed);
	}
	ExecDropSingleTupleTableSlot(feed);
}

/* On a table of cables: a feed was cabled.  FROM names the table of feeds. */
Datum
check_cabled_feed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_cabled_feed", AFTER_WRITE);
	Relation	feeds;
	FeedTable  *table = feed_table_of_cables(trigger, "check_cabled_feed", RowShareLock, &feeds);
	TupleTableSlot *cable = trigger_live_row(trigger);
	Datum		feed;
	bool		isnull = true;

	if (cable != NULL)
		feed = slot_getattr(cable, table->def.attnum[CABLE_FEED], &isnull);
	if (!isnull)
		check_feed_of_cable(table, feeds, feed);
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}

/*
 * On a table of feeds, for the table of cables, which FROM names: a feed got
 * another key, which cables may refer to.  Our own write holds the row's lock.
 */
Datum
check_feed_cables(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_feed_cables", AFTER_WRITE);
	FeedTable  *table = feed_table(trigger->tg_relation);
	TupleTableSlot *feed = trigger_live_row(trigger);

	if (feed != NULL && has_column(table, CABLE_FEED) && has_column(table, FEED_DESTINATION))
		destination_or_cable_check_written(table, trigger->tg_relation, feed);
	return PointerGetDatum(NULL);
}
