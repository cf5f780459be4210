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
#include "utils/lsyscache.h"

#include "cycle.h"
#include "graph.h"
#include "query.h"

/*
 * After so many edges of one command have been checked each by itself, all
 * edges are read at once: if there is no loop at all, the command is done.
 */
#define SINGLE_CHECKS_MAX	16

typedef struct CycleRule
{
	RuleId		rule;
	const char *table;			/* whose rows are the edges */
	const char *joined[4];		/* other tables that the queries read */
	bool		upwards;		/* edges lead from the lower to the upper */
	const char *message;		/* %s is the edge */
	const char *nameless;		/* the same for one who may not see names */
	const char *hint;
	CheckQuery		edges;			/* id, from, to */
	CheckQuery		edges_from;		/* those that leave nodes $1 */
	CheckQuery		edge_name;		/* of edge $1 */
	CheckQuery		node_name;		/* of node $1 */
} CycleRule;

static CycleRule cycle_rules[CYCLE_GRAPHS] = {
	[LOCATIONS] = {
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
		.edge_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID),
		.node_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID),
	},
	[PANELS] = {
		.rule = RULE_POWER_FEED_CYCLE,
		.table = "power_feed",
		.joined = {"power_panel"},
		.message = "power feed \"%s\" closes a loop of power panels",
		.nameless = "a power feed closes a loop of power panels",
		.hint = "Choose another destination panel, or first remove a feed of the loop.",
		.edges = QUERY("SELECT id, power_panel_id, destination_panel_id FROM powerpanel.power_feed"
					   " WHERE destination_panel_id IS NOT NULL"),
		.edges_from = QUERY("SELECT id, power_panel_id, destination_panel_id FROM powerpanel.power_feed"
							" WHERE (destination_panel_id IS NOT NULL) IS TRUE AND power_panel_id OPERATOR(pg_catalog.=) ANY ($1)",
							UUIDARRAYOID),
		.edge_name = QUERY("SELECT name FROM powerpanel.power_feed WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID),
		.node_name = QUERY("SELECT name FROM powerpanel.power_panel WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID),
	},
	[PORTS] = {
		.rule = RULE_CABLE_CYCLE,
		.table = "cable",
		.joined = {"power_outlet", "power_port", "device"},
		.message = "cable %s closes a loop of power through devices",
		.nameless = "a cable closes a loop of power through devices",
		.hint = "Plug the device into an outlet that does not depend on the device itself.",
		.edges = QUERY("SELECT c.id, o.power_port_id, c.power_port_id FROM powerpanel.cable c"
					   " JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id"
					   " WHERE o.power_port_id IS NOT NULL"),
		.edges_from = QUERY("SELECT c.id, o.power_port_id, c.power_port_id FROM powerpanel.cable c"
							" JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id"
							" WHERE o.power_port_id OPERATOR(pg_catalog.=) ANY ($1)",
							UUIDARRAYOID),
		.edge_name = QUERY("SELECT pg_catalog.format('from outlet \"%s\" of \"%s\" to port \"%s\" of \"%s\"',"
						   " o.name, od.name, p.name, pd.name)"
						   " FROM powerpanel.cable c"
						   " JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id"
						   " JOIN powerpanel.device od ON od.id OPERATOR(pg_catalog.=) o.device_id"
						   " JOIN powerpanel.power_port p ON p.id OPERATOR(pg_catalog.=) c.power_port_id"
						   " JOIN powerpanel.device pd ON pd.id OPERATOR(pg_catalog.=) p.device_id"
						   " WHERE c.id OPERATOR(pg_catalog.=) $1", UUIDOID),
		.node_name = QUERY("SELECT d.name FROM powerpanel.power_port p"
						   " JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) p.device_id"
						   " WHERE p.id OPERATOR(pg_catalog.=) $1", UUIDOID),
	},
};

/* What has been checked; InvalidCommandId where nothing has. */
static struct
{
	CommandId	command;		/* that singles were checked of */
	int			singles;
	CommandId	verified;		/* no loop at all was found after this one */
}			checked[CYCLE_GRAPHS];

static void
forget(void)
{
	for (int i = 0; i < CYCLE_GRAPHS; i++)
	{
		checked[i].command = InvalidCommandId;
		checked[i].verified = InvalidCommandId;
	}
}

static void
on_transaction(XactEvent event, void *arg)
{
	forget();
}

/* A rollback to a savepoint can bring back edges. */
static void
on_subtransaction(SubXactEvent event, SubTransactionId self,
				  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		forget();
}

static void
prepare_memory(void)
{
	static bool registered = false;

	if (registered)
		return;
	forget();
	RegisterXactCallback(on_transaction, NULL);
	RegisterSubXactCallback(on_subtransaction, NULL);
	registered = true;
}

/* One text that a query finds; "?" where the row has gone. */
static char *
look_up_name(CheckQuery *query, Oid relid, const pg_uuid_t *id)
{
	Datum		arg = UUIDPGetDatum(id);

	if (query_run(query, relid, &arg) == 0)
		return "?";
	return query_text(0, 1);
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
	Oid			relid = inventory_joined(rule->table, rule->joined);
	bool		visible;
	int			length;
	int		   *path = graph_path(graph, to, from, &length);
	Violation	violation = {.rule = rule->rule, .relid = relid, .hint = rule->hint};

	if (path == NULL)
		return false;
	visible = may_see_loop(rule);
	violation.object_id = UUIDPGetDatum(edge);
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

	graph_add_result(graph, query_run(&rule->edges, inventory_joined(rule->table, rule->joined), NULL));
	graph_sort(graph);
	return graph;
}

/* Reads what can be reached from a node, but stops where it meets another. */
static Graph *
read_reachable(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Oid			relid = inventory_joined(rule->table, rule->joined);
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
verified_whole(CycleGraph which, CommandId command)
{
	bool		any;

	if (checked[which].verified == command)
		return true;
	if (checked[which].command != command)
	{
		checked[which].command = command;
		checked[which].singles = 0;
	}
	if (++checked[which].singles != SINGLE_CHECKS_MAX)
		return false;

	graph_looping_nodes(read_all(&cycle_rules[which]), &any);
	if (any)
		return false;
	checked[which].verified = command;
	return true;
}

/*
 * Raises an error where an edge that a command wrote is on a loop.  All edges
 * that the command wrote are there by now.  That there is no loop at all can be
 * said once for a command only under the exclusive lock: under the shared one
 * others may add edges, with which a later edge of the command makes a loop.
 */
void
cycle_check(CycleGraph which, bool exclusive, CommandId command, const pg_uuid_t *edge,
			const pg_uuid_t *from, const pg_uuid_t *to)
{
	CycleRule  *rule = &cycle_rules[which];

	prepare_memory();
	query_begin();
	if (!exclusive || !verified_whole(which, command))
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
cycle_audit(CycleGraph which, ViolationSink *sink)
{
	CycleRule  *rule = &cycle_rules[which];
	Graph	   *graph;
	bool	   *looping;
	bool		any;

	query_begin();
	graph = read_all(rule);
	looping = graph_looping_nodes(graph, &any);
	for (int64 e = 0; any && e < graph->n_edges; e++)
	{
		GraphEdge  *edge = &graph->edges[e];

		if (looping[edge->from] && looping[edge->to])
			report_loop(rule, graph, &edge->id, edge->from, edge->to, sink);
	}
	query_end();
}
