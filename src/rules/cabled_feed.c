/*-------------------------------------------------------------------------
 *
 * cabled_feed.c
 *	  The trigger on cables that come from a feed.
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

#include "catalog/pg_type.h"

#include "destination_or_cable.h"
#include "query.h"
#include "receptacles.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_cabled_feed);

static void
lock_feed(Datum feed)
{
	static CheckQuery query = QUERY("SELECT 1 FROM powerpanel.power_feed"
							   " WHERE id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE", UUIDOID);

	query_begin();
	(void) query_run(&query, inventory_relid("power_feed"), &feed);
	query_end();
}

/* On cable: a feed was cabled. */
Datum
check_cabled_feed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_cabled_feed", "cable");
	TupleTableSlot *slot = trigger_live_row(trigger);
	Datum		feed;
	bool		isnull = true;

	if (slot != NULL)
		feed = trigger_column(slot, "power_feed_id", &isnull);
	if (isnull)
		return PointerGetDatum(NULL);
	lock_feed(feed);
	destination_or_cable_check(feed);
	receptacles_check(feed);
	return PointerGetDatum(NULL);
}
