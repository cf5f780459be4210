/*-------------------------------------------------------------------------
 *
 * warn.c
 *	  How a warning is told.
 *
 * Each names the thing, the figure, the limit, and what to do about it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "utils/builtins.h"

#include "inventory.h"
#include "probe.h"
#include "query.h"
#include "warn.h"

void
report_warning(ViolationSink *sink, RuleId rule, const char *table, const pg_uuid_t *id,
	 const char *of, const char *name, char *message)
{
	Violation	violation = {
		.rule = rule,
		.relid = inventory_relid(table),
		.object_id = UUIDPGetDatum(id),
		.object = name,
		.of = of,
		.message = message,
	};

	report_violation(sink, &violation);
}

void
report_feed_warning(const Network *network, ViolationSink *sink, RuleId rule, int feed, char *message)
{
	const NetFeed *f = &network->feeds[feed];

	report_warning(sink, rule, "power_feed", &f->id, network->panels[f->panel].name, f->name, message);
}

void
report_port_warning(const Network *network, ViolationSink *sink, RuleId rule, int port, char *message)
{
	const NetPort *q = &network->ports[port];

	report_warning(sink, rule, "power_port", &q->id, network->devices[q->device].name, q->name, message);
}

/* 'power feed "F-12" of power panel "RPP-A1"' */
char *
feed_text(const Network *network, int feed)
{
	const NetFeed *f = &network->feeds[feed];

	return psprintf("power feed \"%s\" of power panel \"%s\"", f->name, network->panels[f->panel].name);
}

/* Of some feeds the first by name whose status says energized, or -1: rows come in any order. */
int
first_live_feed(const Network *network, const int *feeds, Slice slice)
{
	int			first = -1;

	for (int s = slice.first; s < slice.end; s++)
	{
		Thing		feed = {false, feeds[s]};

		if (network->feeds[feed.index].live &&
			(first < 0 || thing_compare(network, feed, (Thing) {false, first}) < 0))
			first = feed.index;
	}
	return first;
}
