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

#include "utils/rel.h"

#include "feed_table.h"
#include "rule_table.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_feed);

/*
 * Walks the table of rules.  What is due goes by what the event has changed; what
 * is looked at is the row as it is by now (trigger_live_row).
 */
Datum
check_feed(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_feed", AFTER_WRITE);
	FeedWrite	write = {.trigger = trigger, .feeds = trigger->tg_relation};
	RuleCheck	last = NULL;

	write.slot = trigger_live_row(trigger);
	if (write.slot == NULL)
		return PointerGetDatum(NULL);
	write.table = feed_table(write.feeds);
	for (int i = 0; i < RULE_COUNT; i++)
	{
		const RuleWork *work = &rule_table[i];

		if (work->check == NULL || work->check == last || !rule_holds(work, write.table) ||
			!feed_changed(trigger, write.table, (work->needed | work->read) & OF_FEEDS))
			continue;
		work->check(&write);
		last = work->check;
	}
	return PointerGetDatum(NULL);
}
