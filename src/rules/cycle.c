/*-------------------------------------------------------------------------
 *
 * cycle.c
 *	  The rules that forbid loops: locations, panels, cables.
 *
 * An edge is on a loop when its end leads back to its beginning.  The write
 * check reads what can be reached from the end of the new edge, level by
 * level; the audit reads all edges.  Both then ask the same question of the
 * same kind of graph, in report_loop().
 *
 * The caller of cycle_check() holds the lock on the graph (graph_lock.c).
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "cycle.h"
#include "graph.h"
#include "key_uuid.h"
#include "query.h"

/*
 * After so many edges of one command have been checked each by itself, all
 * edges are read at once: if there is no loop at all, the command is done.
 */
#define SINGLE_CHECKS_MAX	16

struct CycleRule
{
	RuleId		rule;
	const char *table;			/* whose rows are the edges */
	const char *joined[4];		/* other tables that the queries read */
	const FeedTable *feeds;	/* instead of these, for panels */
	bool		upwards;		/* edges lead from the lower to the upper */
	const char *message;		/* %s is the edge */
	const char *nameless;		/* the same for one who may not see names */
	const char *hint;
	CheckQuery	edges;			/* id, from, to */
	CheckQuery	edges_from;		/* those that leave nodes $1 */
	CheckQuery	edge_name;		/* of edge $1 */
	CheckQuery	node_name;		/* of node $1 */

	/* What has been checked; nothing where the epoch is another one. */
	uint64		epoch;
	CommandId	command;		/* that singles were checked of */
	int			singles;
	CommandId	verified;		/* no loop at all was found after this one */
};

static CycleRule locations = {
	.rule = RULE_LOCATION_CYCLE,
	.table = "location",
	.upwards = true,
	.message = "location \"%s\" would be its own ancestor",
	.nameless = "a location would be its own ancestor",
	.hint = "Choose a parent that does not lie within the location itself.",
	.edges = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
				   " WHERE parent_id IS NOT NULL"),
	.edges_from = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
						" WHERE parent_id IS NOT NULL AND id OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edge_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	.node_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
};

/* A cable from an outlet leads from each inlet of the outlet. */
#define CABLES_OF_INLET(inlet) \
	"SELECT c.id, o." inlet ", c.power_port_id FROM powerpanel.cable c" \
	" JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id" \
	" WHERE o." inlet

static CycleRule ports = {
	.rule = RULE_CABLE_CYCLE,
	.table = "cable",
	.joined = {"power_outlet", "power_port", "device"},
	.message = "cable %s closes a loop of power through devices",
	.nameless = "a cable closes a loop of power through devices",
	.hint = "Plug the device into an outlet that does not depend on the device itself.",
	.edges = QUERY(CABLES_OF_INLET("power_port_id") " IS NOT NULL UNION ALL "
				   CABLES_OF_INLET("alternate_power_port_id") " IS NOT NULL"),
	.edges_from = QUERY(CABLES_OF_INLET("power_port_id") " OPERATOR(pg_catalog.=) ANY ($1) UNION ALL "
						CABLES_OF_INLET("alternate_power_port_id") " OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edge_name = QUERY("SELECT pg_catalog.format('from outlet \"%s\" of \"%s\" to port \"%s\" of \"%s\"',"
					   " o.name, od.name, p.name, pd.name)"
					   " FROM powerpanel.cable c"
					   " JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id"
					   " JOIN powerpanel.device od ON od.id OPERATOR(pg_catalog.=) o.device_id"
					   " JOIN powerpanel.power_port p ON p.id OPERATOR(pg_catalog.=) c.power_port_id"
					   " JOIN powerpanel.device pd ON pd.id OPERATOR(pg_catalog.=) p.device_id"
					   " WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	.node_name = QUERY("SELECT d.name FROM powerpanel.power_port p"
					   " JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) p.device_id"
					   " WHERE p.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
};

CycleRule *
cycle_of_locations(void)
{
	return &locations;
}

CycleRule *
cycle_of_ports(void)
{
	return &ports;
}

/*
 * Loops of panels are looked for in any table of feeds.  Its queries give keys
 * as uuids, whatever their type (key_uuid.c).
 */
static void
build_panels_queries(CycleRule *rule, const FeedDefinition *def)
{
	const char *feeds = quote_qualified_identifier(NameStr(def->feed_schema), NameStr(def->feed_name));
	const char *panels = quote_qualified_identifier(NameStr(def->panel_schema), NameStr(def->panel_name));
	const char *id = quote_identifier(NameStr(def->column[FEED_ID]));
	const char *panel = quote_identifier(NameStr(def->column[FEED_PANEL]));
	const char *destination = quote_identifier(NameStr(def->column[FEED_DESTINATION]));
	const char *panel_id = quote_identifier(NameStr(def->column[PANEL_ID]));
	char	   *edges = psprintf("SELECT %s, %s, %s FROM ONLY %s WHERE (%s IS NOT NULL) IS TRUE",
								 key_sql(def->type[FEED_ID], id), key_sql(def->type[FEED_PANEL], panel),
								 key_sql(def->type[FEED_DESTINATION], destination), feeds, destination);

	/* SELECT <id>, <panel>, <destination> FROM ONLY <feeds> WHERE (<destination> IS NOT NULL) IS TRUE */
	rule->edges = query_make(edges, InvalidOid);
	/* .. AND <panel> = ANY ($1) */
	rule->edges_from = query_make(psprintf("%s AND %s", edges, key_in_sql(def->type[FEED_PANEL], panel)),
									UUIDARRAYOID);
	/*
	 * SELECT <name> FROM ONLY <feeds> WHERE <id> = $1, as an array of one.  No
	 * cast to text: query_text() calls the output function.
	 */
	rule->edge_name = query_make(psprintf("SELECT %s FROM ONLY %s WHERE %s",
											quote_identifier(NameStr(def->column[FEED_NAME])), feeds,
											key_in_sql(def->type[FEED_ID], id)), UUIDARRAYOID);
	rule->node_name = query_make(psprintf("SELECT %s FROM ONLY %s WHERE %s",
											quote_identifier(NameStr(def->column[PANEL_NAME])), panels,
											key_in_sql(def->type[PANEL_ID], panel_id)), UUIDARRAYOID);
}

/* The rule for the panels that a table of feeds connects. */
CycleRule *
cycle_of_panels(FeedTable *feeds)
{
	CycleRule	rule = {
		.rule = RULE_POWER_FEED_CYCLE,
		.feeds = feeds,
		.message = "power feed \"%s\" closes a loop of power panels",
		.nameless = "a power feed closes a loop of power panels",
		.hint = "Choose another destination panel, or first remove a feed of the loop."
	};

	if (feeds->cycle == NULL)
	{
		CycleRule  *made;

		build_panels_queries(&rule, &feeds->def);
		made = MemoryContextAlloc(TopMemoryContext, sizeof(CycleRule));
		*made = rule;
		feeds->cycle = made;
	}
	return feeds->cycle;
}

/*
 * What has been checked counts until this number changes: at the end of a
 * transaction, and when a rollback to a savepoint can have brought back edges.
 */
static uint64 epoch = 1;

static void
on_transaction(XactEvent event, void *arg)
{
	epoch++;
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId self,
				  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		epoch++;
}

static void
prepare_memory(CycleRule *rule)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(on_transaction, NULL);
		RegisterSubXactCallback(on_subtransaction, NULL);
		registered = true;
	}
	if (rule->epoch == epoch)
		return;
	rule->epoch = epoch;
	rule->command = InvalidCommandId;
	rule->verified = InvalidCommandId;
}

/* The table whose owner the queries run as: it owns all that they read. */
static Oid
edges_relid(const CycleRule *rule)
{
	return rule->feeds ? rule->feeds->feed_relid : inventory_joined(rule->table, rule->joined);
}

/* One text that a query finds; "?" where the row has gone, or has no name. */
static char *
look_up_name(CheckQuery *query, Oid relid, const pg_uuid_t *id)
{
	Datum		ids = UUIDPGetDatum(id);
	Datum		arg = PointerGetDatum(construct_array(&ids, 1, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	char	   *name = NULL;

	if (query_run(query, relid, &arg) > 0)
		name = query_text(0, 1);
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

/* May the one who writes see the names of all that a loop is told of by? */
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

/* Reports an edge whose end leads back to its beginning.  Was it one? */
static bool
report_loop(CycleRule *rule, Graph *graph, const pg_uuid_t *edge, int from, int to,
			ViolationSink *sink)
{
	Oid			relid = edges_relid(rule);
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

static Graph *
read_all(CycleRule *rule)
{
	Graph	   *graph = graph_create();

	graph_add_result(graph, query_run(&rule->edges, edges_relid(rule), NULL));
	graph_sort(graph);
	return graph;
}

/* Reads what can be reached from a node, but stops where it meets another. */
static Graph *
read_reachable(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Oid			relid = edges_relid(rule);
	Graph	   *graph = graph_create();
	bool		found;
	int			first = graph_node(graph, start, &found);

	while (first < graph->n_nodes && graph_find(graph, goal) < 0)
	{
		int			end = graph->n_nodes;
		Datum		frontier = graph_nodes_array(graph, first, end);

		CHECK_FOR_INTERRUPTS();
		graph_add_result(graph, query_run(&rule->edges_from, relid, &frontier));
		SPI_freetuptable(SPI_tuptable);
		first = end;
	}
	graph_sort(graph);
	return graph;
}

/* Has this command been found to leave no loop at all? */
static bool
verified_whole(CycleRule *rule, CommandId command)
{
	bool		any;

	if (rule->verified == command)
		return true;
	if (rule->command != command)
	{
		rule->command = command;
		rule->singles = 0;
	}
	if (++rule->singles != SINGLE_CHECKS_MAX)
		return false;

	graph_looping_nodes(read_all(rule), &any);
	if (any)
		return false;
	rule->verified = command;
	return true;
}

/*
 * Raises an error where an edge that a command wrote is on a loop.  All edges
 * that the command wrote are there by now.  That there is no loop at all can be
 * said once for a command only under the exclusive lock: under the shared one
 * others may add edges, with which a later edge of the command makes a loop.
 */
void
cycle_check(CycleRule *rule, bool exclusive, CommandId command, const pg_uuid_t *edge,
			const pg_uuid_t *from, const pg_uuid_t *to)
{
	prepare_memory(rule);
	query_begin();
	if (!exclusive || !verified_whole(rule, command))
	{
		Graph	   *graph = read_reachable(rule, to, from);
		int			start = graph_find(graph, to);
		int			goal = graph_find(graph, from);

		if (goal >= 0)
			report_loop(rule, graph, edge, goal, start, &raise_violation);
	}
	query_end();
}

/* Reports every edge that is on a loop. */
void
cycle_audit(CycleRule *rule, ViolationSink *sink)
{
	Graph	   *graph;
	bool	   *looping;
	bool		any;

	query_begin();
	graph = read_all(rule);
	looping = graph_looping_nodes(graph, &any);
	for (int64 e = 0; any && e < graph->n_edges; e++)
	{
		GraphEdge  *edge = &graph->edges[e];

		CHECK_FOR_INTERRUPTS();
		if (looping[edge->from] && looping[edge->to])
			report_loop(rule, graph, &edge->id, edge->from, edge->to, sink);
	}
	query_end();
}
