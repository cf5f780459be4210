/*-------------------------------------------------------------------------
 *
 * receptacles.c
 *	  The rule that a feed has no more cables than receptacles.
 *
 * Lock: the feed's row.  Who takes receptacles away has it by the UPDATE; who
 * plugs in a cable takes it in cabled_feed.c, so that two who plug into the
 * last receptacle meet.  The cables are counted once it is held, by a snapshot
 * taken then.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "catalog/pg_type.h"

#include "inventory.h"
#include "query.h"
#include "receptacles.h"
#include "row.h"
#include "rule.h"
#include "rule_table.h"

#define CABLED_FEEDS(which) \
	"SELECT f.id, f.name, f.receptacles, pg_catalog.count(*)" \
	" FROM powerpanel.power_feed f" \
	" JOIN powerpanel.cable c ON c.power_feed_id OPERATOR(pg_catalog.=) f.id" \
	which \
	" GROUP BY f.id HAVING pg_catalog.count(*) OPERATOR(pg_catalog.>) f.receptacles"

static CheckQuery of_all = QUERY(CABLED_FEEDS(""));
static CheckQuery of_feed = QUERY(CABLED_FEEDS(" WHERE f.id OPERATOR(pg_catalog.=) $1"), UUIDOID);

static void
report_feed(QueryRow row, ViolationSink *sink)
{
	Oid			relid = inventory_relid("power_feed");
	Violation	violation = {.rule = RULE_POWER_FEED_RECEPTACLES, .relid = relid};
	bool		isnull;
	int			receptacles = DatumGetInt32(query_value(row, 3, &isnull));
	int64		cables = DatumGetInt64(query_value(row, 4, &isnull));

	violation.object_id = query_value(row, 1, &isnull);
	violation.object = query_text(row, 2);
	violation.message = psprintf("%s has more cables than receptacles",
								 label("power feed", relid, "name", violation.object));
	if (may_see(relid, "receptacles") && may_see(inventory_relid("cable"), "power_feed_id"))
		violation.detail = psprintf("It has " INT64_FORMAT " cables and %d receptacle%s.",
									cables, receptacles, receptacles == 1 ? "" : "s");
	violation.hint = "Set receptacles to what is there, or plug the cable into another feed or an outlet.";
	report_violation(sink, &violation);
}

static void
check_feeds(CheckQuery *query, Datum *arg, ViolationSink *sink)
{
	static const char *const joined[] = {"cable", NULL};
	QueryRows	rows;

	query_begin();
	rows = query_run(query, inventory_joined("power_feed", joined), arg);
	for (uint64 i = 0; i < rows.n; i++)
		report_feed(query_row(rows, i), sink);
	query_end();
}

/*
 * A feed whose row is locked was given fewer receptacles, or a cable.  The query says
 * what breaks the rule; it takes longer than all else that is done for a cable, and so
 * is made only where there are more cables than one would think.
 */
void
receptacles_check(const FeedTable *table, TupleTableSlot *feed)
{
	Relation	cables = table_open(inventory_relid("cable"), AccessShareLock);
	RowKey		key = row_key(cables, "power_feed_id");
	Datum		id = feed_table_key(table, FEED_ID, feed);
	bool		isnull;
	int			receptacles = DatumGetInt32(slot_getattr(feed, table->def.attnum[FEED_RECEPTACLES], &isnull));

	if (row_count_now(cables, &key, id, receptacles + 1) > receptacles)
		check_feeds(&of_feed, &id, &raise_violation);
	table_close(cables, NoLock);
}

void
check_receptacles(const RuleRun *run)
{
	if (run->occasion == AUDIT)
		check_feeds(&of_all, NULL, run->sink);
	/* a new feed has no cable yet */
	else if (TRIGGER_FIRED_BY_UPDATE(run->trigger->tg_event))
		receptacles_check(run->table, run->row);
}
