/*-------------------------------------------------------------------------
 *
 * feed_trigger.c
 *	  The triggers on tables of feeds and of their panels, check_feed() and
 *	  check_panel().
 *
 * There is one for all rules, and on feeds in an INSERT it has no WHEN: PostgreSQL would
 * read and plan a WHEN anew for each statement, which takes longer than all
 * that is done here for a single row.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "utils/rel.h"

#include "feed_table.h"
#include "graph_lock.h"
#include "rule_table.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_feed);
PG_FUNCTION_INFO_V1(check_panel);

/*
 * Walks the table of rules, with what is due because one of these columns was
 * changed.  What is due goes by the event; what is looked at is the row as it is
 * by now (trigger_live_row).
 */
static void
check_rules(const RuleRun *run, FeedColumnSet columns)
{
	FeedChanges changes = {.trigger = run->trigger, .table = run->table};
	RuleCheck	last = NULL;

	/* see check_panel() */
	if (run->occasion == PANEL_WRITTEN && feed_changed(&changes, BIT(PANEL_ID)))
		graph_lock_read(run->table->def.panel_relid);
	for (int i = 0; i < RULE_COUNT; i++)
	{
		const RuleWork *work = &rule_table[i];

		if (work->check == NULL || work->check == last || !rule_holds(work, run->table) ||
			!feed_changed(&changes, (work->needed | work->read) & columns))
			continue;
		work->check(run);
		last = work->check;
	}
}

/* On a table of feeds. */
Datum
check_feed(PG_FUNCTION_ARGS)
{
	RuleRun		run = {
		.occasion = FEED_WRITTEN,
		.trigger = trigger_data(fcinfo, "check_feed", AFTER_WRITE),
		.sink = &raise_violation
	};

	run.row = trigger_live_row(run.trigger);
	if (run.row == NULL)
		return PointerGetDatum(NULL);
	run.feeds = run.trigger->tg_relation;
	run.table = feed_table(run.feeds);
	check_rules(&run, COLUMNS_OF_FEEDS);
	return PointerGetDatum(NULL);
}

/*
 * On a table of panels: after an UPDATE, and after an INSERT where feeds may come
 * before their panel.  The trigger names the table of feeds by FROM.  Our own write
 * holds the row's lock.  Where the panel's key is new, whoever wrote a feed without seeing
 * the panel has the lock on the table of panels exclusively (panel_lock_awaited): by the
 * time that we have it shared, that one has ended, or waits for us.
 */
Datum
check_panel(PG_FUNCTION_ARGS)
{
	RuleRun		run = {
		.occasion = PANEL_WRITTEN,
		.trigger = trigger_data(fcinfo, "check_panel", AFTER_WRITE),
		.sink = &raise_violation
	};

	run.table = feed_table_of_panels(run.trigger, "check_panel", AccessShareLock, &run.feeds);
	run.row = trigger_live_row(run.trigger);
	if (run.row != NULL)
		check_rules(&run, COLUMNS_OF_PANELS);
	table_close(run.feeds, NoLock);
	return PointerGetDatum(NULL);
}
