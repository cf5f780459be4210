/*-------------------------------------------------------------------------
 *
 * cycle_report.c
 *	  A loop in words.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/lsyscache.h"

#include "cycle_rule.h"
#include "graph.h"
#include "inventory.h"
#include "key_uuid.h"
#include "query.h"

/* An array of one, for the queries. */
Datum
cycle_array_of_one(const pg_uuid_t *id)
{
	Datum		ids = UUIDPGetDatum(id);

	return PointerGetDatum(construct_array(&ids, 1, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* One text that a query finds; "?" where the row has gone, or has no name. */
static char *
look_up_name(CheckQuery *query, Oid relid, const pg_uuid_t *id)
{
	Datum		arg = cycle_array_of_one(id);
	QueryRows	rows = query_run(query, relid, &arg);
	char	   *name = rows.n > 0 ? query_text(query_row(rows, 0), 1) : NULL;

	return name ? name : "?";
}

/* "A > B > A", from the upper to the lower */
static char *
loop_text(CycleRule *rule, Oid relid, const Graph *graph, const int *path, int length)
{
	StringInfoData buf;

	/* path leads from the end of the edge to its beginning */
	initStringInfo(&buf);
	for (int i = -1; i < length; i++)
	{
		int			at = i < 0 ? length - 1 : i;

		if (rule->upwards)
			at = i < 0 ? length - 1 : length - 1 - ((i + 1) % length);
		if (buf.len > 0)
			appendStringInfoString(&buf, " > ");
		appendStringInfoString(&buf, look_up_name(&rule->node_name, relid,
												  &graph->nodes[path[at]]));
	}
	return buf.data;
}

static bool
may_see_names(Oid relid)
{
	return may_see(relid, get_attnum(relid, "name") != InvalidAttrNumber ? "name" : "id");
}

/* May the one who writes see all the names that a loop is described by? */
static bool
may_see_loop(const CycleRule *rule)
{
	if (rule->feeds != NULL)
		return may_see(rule->feeds->feed_relid, NameStr(rule->feeds->def.column[FEED_NAME])) &&
			may_see(rule->feeds->def.panel_relid, NameStr(rule->feeds->def.column[PANEL_NAME]));
	if (!may_see_names(inventory_relid(rule->table)))
		return false;
	for (const char *const *table = rule->joined; *table; table++)
		if (!may_see_names(inventory_relid(*table)))
			return false;
	return true;
}

/*
 * Reports an edge whose end leads back to its beginning.  False where it does
 * not.
 */
bool
cycle_report_loop(CycleRule *rule, Graph *graph, const pg_uuid_t *edge, int from, int to,
			ViolationSink *sink)
{
	Oid			relid = cycle_edges_relid(rule);
	bool		visible;
	int			length;
	int		   *path = graph_path(graph, to, from, &length);
	Violation	violation = {.rule = rule->rule, .relid = relid, .hint = rule->hint};

	if (path == NULL)
		return false;
	visible = may_see_loop(rule);
	violation.id_type = rule->feeds ? rule->feeds->def.type[FEED_ID] : UUIDOID;
	violation.object_id = uuid_key(violation.id_type, edge);
	violation.object = look_up_name(&rule->edge_name, relid, edge);
	violation.message = visible ? psprintf(rule->message, violation.object) :
		rule->nameless;
	if (visible)
		violation.detail = psprintf("The loop is %s.", loop_text(rule, relid, graph, path, length));
	report_violation(sink, &violation);
	return true;
}
