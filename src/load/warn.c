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

#include "query.h"
#include "warn.h"

void
report_warning(ViolationSink *sink, RuleId rule, const char *table, const pg_uuid_t *id,
	 const char *name, char *message)
{
	Violation	violation = {
		.rule = rule,
		.relid = inventory_relid(table),
		.object_id = UUIDPGetDatum(id),
		.object = name,
		.message = message,
	};

	report_violation(sink, &violation);
}

/* 'power feed "F-12" of power panel "RPP-A1"' */
char *
feed_text(const Network *network, int feed)
{
	const NetFeed *f = &network->feeds[feed];

	return psprintf("power feed \"%s\" of power panel \"%s\"", f->name, network->panels[f->panel].name);
}
