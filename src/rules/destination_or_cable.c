/*-------------------------------------------------------------------------
 *
 * destination_or_cable.c
 *	  The rule that a feed has a destination panel or a cable, not both.
 *
 * Lock: the feed's row.  Who sets a destination has it by the UPDATE; who
 * plugs in a cable takes it in cabled_feed.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"

#include "destination_or_cable.h"
#include "query.h"
#include "rule.h"
#include "rule_table.h"

#define CABLED_FEEDS \
	"SELECT f.id, f.name, f.destination_panel_id, c.label" \
	" FROM powerpanel.power_feed f" \
	" JOIN powerpanel.cable c ON c.power_feed_id OPERATOR(pg_catalog.=) f.id"

static CheckQuery of_all = QUERY(CABLED_FEEDS " WHERE f.destination_panel_id IS NOT NULL");
/* one cable is enough */
static CheckQuery of_feed = QUERY(CABLED_FEEDS " WHERE f.id OPERATOR(pg_catalog.=) $1 LIMIT 1", UUIDOID);
static CheckQuery panel_name = QUERY("SELECT name FROM powerpanel.power_panel"
								" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);

/* The rule itself, for a feed that has a cable. */
static void
check_destination(QueryRow row, ViolationSink *sink)
{
	Oid			relid = inventory_relid("power_feed");
	Oid			panel_relid = inventory_relid("power_panel");
	Violation	violation = {.rule = RULE_POWER_FEED_DESTINATION_OR_CABLE, .relid = relid};
	QueryRows	panels;
	Datum		panel;
	char	   *name;
	char	   *cable = query_text(row, 4);
	bool		isnull;

	panel = query_value(row, 3, &isnull);
	if (isnull)
		return;
	violation.object_id = query_value(row, 1, &isnull);
	violation.object = query_text(row, 2);
	violation.message = psprintf("%s cannot have both a destination panel and a cable",
								 label("power feed", relid, "name", violation.object));

	panels = query_run(&panel_name, panel_relid, &panel);
	name = panels.n > 0 ? query_text(query_row(panels, 0), 1) : "?";
	if (may_see(panel_relid, "name") && may_see(inventory_relid("cable"), "label"))
		violation.detail = psprintf("Its destination is power panel \"%s\"; its cable is %s.",
									name, cable ? psprintf("labelled \"%s\"", cable) : "not labelled");
	violation.hint = "Remove the cable, or set destination_panel_id to NULL.";
	report_violation(sink, &violation);
}

static void
check_feeds(CheckQuery *query, Datum arg, ViolationSink *sink)
{
	static const char *const joined[] = {"cable", "power_panel", NULL};
	Oid			relid = inventory_joined("power_feed", joined);
	QueryRows	rows;

	query_begin();
	rows = query_run(query, relid, &arg);
	for (uint64 i = 0; i < rows.n; i++)
		check_destination(query_row(rows, i), sink);
	query_end();
}

/* A feed whose row is locked was given a destination or a cable. */
void
destination_or_cable_check(Datum feed)
{
	check_feeds(&of_feed, feed, &raise_violation);
}

void
check_destination_or_cable(const RuleRun *run)
{
	if (run->occasion == AUDIT)
		check_feeds(&of_all, (Datum) 0, run->sink);
	/* a new feed has no cable yet */
	else if (TRIGGER_FIRED_BY_UPDATE(run->trigger->tg_event) &&
			 !slot_attisnull(run->row, run->table->def.attnum[FEED_DESTINATION]))
		destination_or_cable_check(feed_table_key(run->table, FEED_ID, run->row));
}
