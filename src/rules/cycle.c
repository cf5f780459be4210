/*-------------------------------------------------------------------------
 *
 * cycle.c
 *	  The rules that forbid loops: locations, panels, cables.
 *
 * An edge is on a loop when its end leads back to its beginning.  The write
 * check follows the edges from both ends, level by level, the side with fewer
 * nodes first; the audit reads all edges.  What either finds is put into words by
 * report_loop().
 *
 * Which locks a new edge takes before it is looked at is in lock_edge() and
 * lock_above(), and why they are enough in src/README.md.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "cycle.h"
#include "cycle_nodes.h"
#include "graph.h"
#include "graph_lock.h"
#include "key_uuid.h"
#include "query.h"
#include "row.h"
#include "row_memory.h"

/*
 * After so many edges of one command have been looked at each by itself, and where
 * one takes so many steps, all edges are read at once: then all of ours that are
 * on no loop are done.
 */
#define SINGLE_CHECKS_MAX	16
#define STEPS_MAX			64

/* After so many attempts to lock the nodes above an edge, the graph is locked. */
#define ATTEMPTS_MAX		8

struct CycleRule
{
	RuleId		rule;
	const char *table;			/* whose rows are the edges */
	const char *joined[4];		/* other tables that the queries read */
	FeedTable  *feeds;			/* instead of these, for panels */
	const CycleNodes *nodes;	/* how its nodes are locked; NULL where the caller
								 * holds what it takes */
	bool		upwards;		/* edges lead from the lower to the upper */
	const char *message;		/* %s is the edge */
	const char *nameless;		/* the same for one who may not see names */
	const char *hint;
	CheckQuery	edges;			/* id, from, to, what else the edge goes through, and
								 * of each row that makes it: tableoid, xmin, ctid */
	CheckQuery	edges_from;		/* id, from, to of those that leave nodes $1 */
	CheckQuery	edges_into;		/* .. that enter nodes $1 */
	CheckQuery	edge_name;		/* of edge $1 */
	CheckQuery	node_name;		/* of node $1 */

	RowMemory	checked[2];		/* rows that make edges on no loop; [true] those
								 * that were locked for it */
	TransactionId transaction;	/* of which edges were looked at singly: it, */
	CommandId	command;		/* .. its command, */
	int			singles;		/* .. and how many */
};

static CycleRule locations = {
	.rule = RULE_LOCATION_CYCLE,
	.table = "location",
	.upwards = true,
	.message = "location \"%s\" would be its own ancestor",
	.nameless = "a location would be its own ancestor",
	.hint = "Choose a parent that does not lie within the location itself.",
	.edges = QUERY("SELECT id, id, parent_id, NULL::pg_catalog.uuid, tableoid, xmin, ctid FROM powerpanel.location"
				   " WHERE parent_id IS NOT NULL"),
	.edges_from = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
						" WHERE parent_id IS NOT NULL AND id OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edges_into = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
						" WHERE parent_id OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edge_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	.node_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
};

/* The edges that a cable makes: from each inlet of its outlet. */
#define CORDS_OF_INLET(inlet, rows) \
	"SELECT c.id, o." inlet ", c.power_port_id" rows " FROM powerpanel.cable c" \
	" JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id" \
	" WHERE o." inlet
#define ALL_CORDS(inlet) \
	CORDS_OF_INLET(inlet, ", o.id, c.tableoid, c.xmin, c.ctid, o.tableoid, o.xmin, o.ctid") " IS NOT NULL"
#define CORDS_FROM(inlet) \
	CORDS_OF_INLET(inlet, "") " OPERATOR(pg_catalog.=) ANY ($1)"
#define CORDS_INTO(inlet) \
	CORDS_OF_INLET(inlet, "") " IS NOT NULL AND c.power_port_id OPERATOR(pg_catalog.=) ANY ($1)"

static CycleRule ports = {
	.rule = RULE_CABLE_CYCLE,
	.table = "cable",
	.joined = {"power_outlet", "power_port", "device"},
	.nodes = &port_nodes,
	.message = "cable %s closes a loop of power through devices",
	.nameless = "a cable closes a loop of power through devices",
	.hint = "Plug the device into an outlet that does not depend on the device itself.",
	.edges = QUERY(ALL_CORDS("power_port_id") " UNION ALL " ALL_CORDS("alternate_power_port_id")),
	.edges_from = QUERY(CORDS_FROM("power_port_id") " UNION ALL " CORDS_FROM("alternate_power_port_id"),
						UUIDARRAYOID),
	.edges_into = QUERY(CORDS_INTO("power_port_id") " UNION ALL " CORDS_INTO("alternate_power_port_id"),
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
	char	   *edge = psprintf("SELECT %s, %s, %s", key_sql(def->type[FEED_ID], id),
								key_sql(def->type[FEED_PANEL], panel),
								key_sql(def->type[FEED_DESTINATION], destination));
	char	   *from = psprintf("FROM ONLY %s WHERE (%s IS NOT NULL) IS TRUE", feeds, destination);

	/* SELECT <id>, <panel>, <destination>, NULL, .. FROM ONLY <feeds> WHERE (<destination> IS NOT NULL) IS TRUE */
	rule->edges = query_make(psprintf("%s, NULL::pg_catalog.uuid, tableoid, xmin, ctid %s", edge, from), InvalidOid);
	/* .. AND <panel> = ANY ($1) */
	rule->edges_from = query_make(psprintf("%s %s AND %s", edge, from,
											 key_in_sql(def->type[FEED_PANEL], panel)), UUIDARRAYOID);
	/* .. AND <destination> = ANY ($1) */
	rule->edges_into = query_make(psprintf("%s %s AND %s", edge, from,
											 key_in_sql(def->type[FEED_DESTINATION], destination)),
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
		.nodes = &panel_nodes,
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

/* The table whose owner the queries run as: it owns all that they read. */
static Oid
edges_relid(const CycleRule *rule)
{
	return rule->feeds ? rule->feeds->feed_relid : inventory_joined(rule->table, rule->joined);
}

/* An array of one, for the queries. */
static Datum
uuids_array(const pg_uuid_t *id)
{
	Datum		ids = UUIDPGetDatum(id);

	return PointerGetDatum(construct_array(&ids, 1, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* One text that a query finds; "?" where the row has gone, or has no name. */
static char *
look_up_name(CheckQuery *query, Oid relid, const pg_uuid_t *id)
{
	Datum		arg = uuids_array(id);
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

/* All edges, in the order of the rows that they were read from. */
static Graph *
read_all(CycleRule *rule, QueryRows *rows)
{
	Graph	   *graph = graph_create();

	*rows = query_run(&rule->edges, edges_relid(rule), NULL);
	graph_add_rows(graph, *rows);
	return graph;
}

/* Reads one level more from a side of the search; returns where it ends. */
static int
read_level(CycleRule *rule, Graph *side, int first, bool forward)
{
	Datum		frontier = graph_nodes_array(side, first, side->n_nodes);
	int			end = side->n_nodes;
	QueryRows	rows;

	CHECK_FOR_INTERRUPTS();
	rows = query_run(forward ? &rule->edges_from : &rule->edges_into, edges_relid(rule), &frontier);
	graph_add_rows(side, rows);
	SPI_freetuptable(rows.table);
	return end;
}

/* Has the other side reached one of the nodes that a side has found last? */
static bool
sides_meet(const Graph *side, int first, Graph *other)
{
	for (int i = first; i < side->n_nodes; i++)
		if (graph_find(other, &side->nodes[i]) >= 0)
			return true;
	return false;
}

typedef enum Search
{
	APART,						/* no edges lead from the one to the other */
	CONNECTED,
	TOO_LONG,
	BUSY						/* a node is locked by another transaction */
} Search;

/* Do edges lead from a node to another? */
static Search
search(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Graph	   *sides[2] = {graph_create(), graph_create()};
	int			first[2] = {0, 0};
	bool		found;

	(void) graph_node(sides[true], start, &found);
	(void) graph_node(sides[false], goal, &found);
	if (sides_meet(sides[true], 0, sides[false]))
		return CONNECTED;
	for (int step = 0; step < STEPS_MAX; step++)
	{
		int			width[2] = {sides[0]->n_nodes - first[0], sides[1]->n_nodes - first[1]};
		bool		forward = width[true] <= width[false];

		first[forward] = read_level(rule, sides[forward], first[forward], forward);
		if (first[forward] == sides[forward]->n_nodes)
			return APART;
		if (sides_meet(sides[forward], first[forward], sides[!forward]))
			return CONNECTED;
	}
	return TOO_LONG;
}

/* Reads what can be reached from a node, but stops where it meets another. */
static Graph *
read_reachable(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Graph	   *graph = graph_create();
	bool		found;
	int			first = graph_node(graph, start, &found);

	while (first < graph->n_nodes && graph_find(graph, goal) < 0)
		first = read_level(rule, graph, first, true);
	graph_sort(graph);
	return graph;
}

/* What a result of all edges says of the rows that make them. */
#define EDGE_ROWS	5			/* columns from here on, three of each row */

typedef struct EdgeRow
{
	Oid			relid;
	TransactionId xmin;
	ItemPointerData tid;
} EdgeRow;

static EdgeRow
edge_row(QueryRow row, int column)
{
	bool		isnull;
	EdgeRow		found = {
		.relid = DatumGetObjectId(query_value(row, column, &isnull)),
		.xmin = DatumGetTransactionId(query_value(row, column + 1, &isnull)),
		.tid = *(ItemPointer) DatumGetPointer(query_value(row, column + 2, &isnull))
	};

	return found;
}

/* Have we written one of the rows that make an edge? */
static bool
edge_is_ours(QueryRow row)
{
	for (int column = EDGE_ROWS; column <= row.desc->natts; column += 3)
		if (TransactionIdIsCurrentTransactionId(edge_row(row, column).xmin))
			return true;
	return false;
}

/* A node that is to be locked, and how. */
typedef struct NodeLock
{
	pg_uuid_t	node;
	bool		entered;
} NodeLock;

static int
compare_node_locks(const void *a, const void *b)
{
	const NodeLock *x = (const NodeLock *) a;
	const NodeLock *y = (const NodeLock *) b;
	int			order = memcmp(&x->node, &y->node, UUID_LEN);

	return order != 0 ? order : (int) x->entered - (int) y->entered;
}

typedef struct NodeLocks
{
	NodeLock   *locks;			/* sorted */
	uint64		n;
} NodeLocks;

/*
 * The nodes of an edge of ours.  What it goes through may be another's: that is locked,
 * and then says from where edges lead through it, and goes on saying so.
 */
static void
add_nodes(CycleRule *rule, QueryRow row, NodeLocks *to)
{
	pg_uuid_t	from[OUTLET_INLETS] = {*query_uuid(row, 2)};
	int			n = 1;

	if (rule->nodes->lock_through != NULL)
		n = rule->nodes->lock_through(query_uuid(row, 4), from);
	for (int i = 0; i < n; i++)
		to->locks[to->n++] = (NodeLock) {from[i], false};
	if (rule->nodes->is_fed != NULL)
		to->locks[to->n++] = (NodeLock) {*query_uuid(row, 3), true};
}

/*
 * Locks the nodes that our edges leave, and where those that enter are asked for the
 * nodes that they enter, in the order of their keys.
 */
static NodeLocks
lock_our_nodes(CycleRule *rule, QueryRows rows)
{
	NodeLocks	ours = {
		MemoryContextAllocHuge(CurrentMemoryContext, (OUTLET_INLETS + 1) * sizeof(NodeLock) * Max(rows.n, 1)),
		0
	};

	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);

		CHECK_FOR_INTERRUPTS();
		if (edge_is_ours(row))
			add_nodes(rule, row, &ours);
	}
	qsort(ours.locks, ours.n, sizeof(NodeLock), compare_node_locks);
	for (uint64 i = 0; i < ours.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (i == 0 || compare_node_locks(&ours.locks[i], &ours.locks[i - 1]) != 0)
			(void) rule->nodes->lock(rule->feeds, &ours.locks[i].node, ours.locks[i].entered);
	}
	return ours;
}

static bool
is_among(const NodeLocks *locked, const pg_uuid_t *node, bool entered)
{
	NodeLock	lock = {*node, entered};

	return bsearch(&lock, locked->locks, locked->n, sizeof(NodeLock), compare_node_locks) != NULL;
}

/*
 * Have the nodes of an edge been locked?  Not where a cable of ours was no edge when we
 * looked what to lock, and another transaction has given its outlet an inlet since.
 */
static bool
nodes_are_locked(const CycleRule *rule, const NodeLocks *locked, QueryRow row)
{
	return rule->nodes == NULL ||
		(is_among(locked, query_uuid(row, 2), false) &&
		 (rule->nodes->is_fed == NULL || is_among(locked, query_uuid(row, 3), true)));
}

/*
 * Notes the rows of ours whose edges are on no loop.  A row that makes two edges
 * has them at one end or the other in common, so where one of the two may be on a
 * loop that end may be, too.
 */
static void
note_checked(const CycleRule *rule, RowMemory *memory, Graph *graph, QueryRows rows, const NodeLocks *locked)
{
	bool		any;
	int		   *from = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * Max(graph->n_edges, 1));
	int		   *to = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * Max(graph->n_edges, 1));
	bool	   *looping;

	/* graph_sort() changes the order, which is that of the result */
	for (int64 i = 0; i < graph->n_edges; i++)
	{
		from[i] = graph->edges[i].from;
		to[i] = graph->edges[i].to;
	}
	graph_sort(graph);
	looping = graph_looping_nodes(graph, &any);
	for (int64 i = 0; i < graph->n_edges; i++)
	{
		QueryRow	row = query_row(rows, i);

		if (looping[from[i]] || looping[to[i]] || !edge_is_ours(row) || !nodes_are_locked(rule, locked, row))
			continue;
		for (int column = EDGE_ROWS; column <= row.desc->natts; column += 3)
		{
			EdgeRow		made_of = edge_row(row, column);

			if (TransactionIdIsCurrentTransactionId(made_of.xmin))
				row_memory_add(memory, made_of.relid, &made_of.tid);
		}
	}
}

/*
 * A node that our last edge leaves, and which nothing entered when we looked, with the
 * node locked: of twenty servers at one rack PDU the first asks.  Until our transaction
 * ends nobody else lets anything enter it.  Our own edges that enter it, and all that
 * are looked at together, make us forget, before they are looked at.
 */
static struct
{
	const CycleRule *rule;
	uint64		epoch;			/* memory_epoch(): the lock may go with a savepoint */
	pg_uuid_t	node;
} unfed;

static bool
is_unfed(const CycleRule *rule, const pg_uuid_t *node)
{
	return unfed.rule == rule && unfed.epoch == memory_epoch() &&
		memcmp(&unfed.node, node, UUID_LEN) == 0;
}

static bool
is_fed(CycleRule *rule, const pg_uuid_t *node)
{
	if (is_unfed(rule, node))
		return false;
	if (rule->nodes->is_fed(rule->feeds, node))
		return true;
	unfed.rule = rule;
	unfed.epoch = memory_epoch();
	unfed.node = *node;
	return false;
}

/*
 * Looks at all edges at once, with the graph locked.  Ours count as looked at from now
 * on, so the nodes that their own checks would lock are locked before: see src/README.md.
 */
static void
check_whole(CycleRule *rule, RowMemory *memory)
{
	QueryRows	rows;
	Graph	   *graph;
	NodeLocks	locked = {NULL, 0};

	unfed.rule = NULL;
	if (rule->nodes != NULL)
	{
		graph_lock_change(edges_relid(rule));
		/* what was read before the locks is out of date */
		rows = query_run(&rule->edges, edges_relid(rule), NULL);
		locked = lock_our_nodes(rule, rows);
		SPI_freetuptable(rows.table);
	}
	graph = read_all(rule, &rows);
	note_checked(rule, memory, graph, rows, &locked);
}

/* Rows of a table without an index are not noted: see row_memory.c. */
static bool
notes_rows(const CycleRule *rule)
{
	return rule->feeds == NULL || OidIsValid(rule->feeds->indexes.feeds_key);
}

/* Is it time to look at the whole? */
static bool
many_of_command(CycleRule *rule, TupleTableSlot *slot)
{
	bool		should_free;
	HeapTuple	row = ExecFetchSlotHeapTuple(slot, false, &should_free);
	CommandId	command = row_command(row);
	TransactionId transaction = GetTopTransactionId();

	if (should_free)
		heap_freetuple(row);
	if (rule->transaction != transaction || rule->command != command)
		rule->singles = 0;
	rule->transaction = transaction;
	rule->command = command;
	return ++rule->singles % SINGLE_CHECKS_MAX == 0;
}

/* Locks both ends of an edge, in the order of their keys; false where one is missing. */
static bool
lock_ends(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	const CycleNodes *nodes = rule->nodes;
	bool		to_first = memcmp(to, from, UUID_LEN) < 0;
	bool		locked = nodes->lock(rule->feeds, to_first ? to : from, to_first);

	locked &= nodes->lock(rule->feeds, to_first ? from : to, !to_first);
	return locked;
}

/* What a new edge is looked at with, beside the lock on the node that it leaves. */
typedef enum EdgeLock
{
	BOTH_ENDS,					/* it closes no loop */
	NODES_ABOVE,				/* are to be locked while they are read */
	WHOLE_GRAPH
} EdgeLock;

/*
 * Locks the ends of a new edge, and where in view of what is there it can close a
 * loop, and nodes are not locked one by one, the graph.  It can only where edges leave
 * its end and edges enter its beginning.  That it is not so is decided under the locks
 * of both ends.  Where we do not ask for those that enter, and where edges leave the end
 * at first sight, the end is not locked.  src/README.md tells why no loop gets by.
 */
static EdgeLock
lock_edge(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	const CycleNodes *nodes = rule->nodes;
	bool		leads_on = nodes->is_fed == NULL && nodes->leads_on(rule->feeds, to);
	bool		found = leads_on ? nodes->lock(rule->feeds, from, false) : lock_ends(rule, from, to);

	if (found && !leads_on &&
		!((nodes->is_fed == NULL || is_fed(rule, from)) && nodes->leads_on(rule->feeds, to)))
		return BOTH_ENDS;
	/* where there is no row of the beginning, none was locked */
	if (found && nodes->add_above != NULL)
		return NODES_ABOVE;
	graph_lock_change(edges_relid(rule));
	return WHOLE_GRAPH;
}

/*
 * Does an edge close a loop?  Goes up from its beginning, and where it locks, locks each
 * node before what enters it is read.  n becomes the number of nodes that were locked; where
 * one is BUSY, that one comes next.
 */
static Search
look_above(CycleRule *rule, bool locks, const pg_uuid_t *from, const pg_uuid_t *to, Graph *above, int *n)
{
	bool		found;

	(void) graph_node(above, from, &found);
	for (*n = 0; *n < above->n_nodes; (*n)++)
	{
		const pg_uuid_t node = above->nodes[*n];
		NodeLocking locked = locks ? node_try_lock(edges_relid(rule), &node, false) : NODE_LOCKED;

		if (locked == NODE_BUSY)
			return BUSY;
		if (locked == NODES_TOO_MANY || (!locks && *n == STEPS_MAX))
			return TOO_LONG;
		rule->nodes->add_above(rule->feeds, &node, above);
	}
	return graph_find(above, to) < 0 ? APART : CONNECTED;
}

/*
 * The same, with the locks that it takes, of which none is left unless it finds out.
 * Where a node is BUSY, tells which one, and how it is to be locked.
 */
static Search
try_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to, NodeLock *busy)
{
	Oid			relid = edges_relid(rule);
	Graph	   *above = graph_create();
	int			n = 0;
	NodeLocking end;
	Search		result;

	if (!node_locks_begin(relid))
		return TOO_LONG;
	end = node_try_lock(relid, to, true);
	if (end == NODE_LOCKED)
		result = look_above(rule, true, from, to, above, &n);
	else
		result = end == NODE_BUSY ? BUSY : TOO_LONG;
	if (result == APART || result == CONNECTED)
		return result;
	if (result == BUSY)
		*busy = end == NODE_BUSY ? (NodeLock) {*to, true} : (NodeLock) {above->nodes[n], false};
	while (n-- > 0)
		node_unlock(relid, &above->nodes[n], false);
	if (end == NODE_LOCKED)
		node_unlock(relid, to, true);
	node_locks_give_up(relid);
	return result;
}

/*
 * The same, and waits for whoever has one of the nodes; meanwhile it has none locked, unless
 * for edges that were written earlier.  So transactions that write one edge each do not
 * wait for each other in a circle.  The node that was waited for stays locked while the
 * others are tried, so that the next one in the queue does not come before us.  TOO_LONG where
 * the locks are too many, or others are always faster.
 */
static Search
wait_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Oid			relid = edges_relid(rule);
	NodeLock	awaited;
	NodeLock	busy;
	Search		result = try_above(rule, from, to, &busy);

	for (int i = 1; result == BUSY && i < ATTEMPTS_MAX; i++)
	{
		awaited = busy;
		node_lock(relid, &awaited.node, awaited.entered);
		result = try_above(rule, from, to, &busy);
		node_unlock(relid, &awaited.node, awaited.entered);
	}
	return result == BUSY ? TOO_LONG : result;
}

/*
 * The same, with the nodes locked that it depends on, or else the graph.  Only where its
 * nodes are more than we are ever to have do we wait for the graph while another does.
 */
static Search
lock_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Oid			relid = edges_relid(rule);
	Search		result = wait_above(rule, from, to);
	int			n;

	if (result == TOO_LONG && !graph_go_over(relid))
	{
		node_locks_more();
		result = wait_above(rule, from, to);
		if (result == TOO_LONG)
			graph_lock_change(relid);
	}
	if (result != TOO_LONG)
		return result;
	node_locks_no_more();
	return look_above(rule, false, from, to, graph_create(), &n);
}

/* Looks at a new edge.  TOO_LONG is also said where it is time to look at all of them. */
static Search
look(CycleRule *rule, TupleTableSlot *slot, EdgeLock locked, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Search		result = TOO_LONG;

	if (notes_rows(rule) && many_of_command(rule, slot) &&
		(locked != NODES_ABOVE || graph_go_over(edges_relid(rule))))
		return TOO_LONG;
	if (locked == NODES_ABOVE)
		result = lock_above(rule, from, to);
	if (result == TOO_LONG)
	{
		query_begin();
		result = search(rule, to, from);
		query_end();
	}
	return result;
}

/*
 * Raises an error where a new edge is on a loop.  The slot has the row of ours
 * that makes it.  Without nodes to lock, locked says whether the caller holds the
 * lock on the graph.
 */
void
cycle_check(CycleRule *rule, TupleTableSlot *slot, bool locked, const pg_uuid_t *edge,
			const pg_uuid_t *from, const pg_uuid_t *to)
{
	RowMemory  *memory = &rule->checked[locked];
	EdgeLock	lock = WHOLE_GRAPH;
	Search		result;

	if (is_unfed(rule, to))
		unfed.rule = NULL;
	if (row_memory_has(memory, slot->tts_tableOid, &slot->tts_tid))
		return;
	if (rule->nodes != NULL && (lock = lock_edge(rule, from, to)) == BOTH_ENDS)
		return;
	result = look(rule, slot, lock, from, to);
	if (result == APART)
		return;
	query_begin();
	if (result == TOO_LONG && notes_rows(rule))
		check_whole(rule, memory);
	if (result == CONNECTED ||
		(result == TOO_LONG && !row_memory_has(memory, slot->tts_tableOid, &slot->tts_tid)))
	{
		Graph	   *graph = read_reachable(rule, to, from);
		int			start = graph_find(graph, to);
		int			goal = graph_find(graph, from);

		if (goal >= 0)
			report_loop(rule, graph, edge, goal, start, &raise_violation);
	}
	query_end();
}

/*
 * Raises an error where a node is on a loop that has come to be before the node itself.
 * The caller has made sure that edges which it does not see by now will see the node.
 */
void
cycle_check_node(CycleRule *rule, const pg_uuid_t *node)
{
	Datum		arg = uuids_array(node);
	QueryRows	edges;

	if (!rule->nodes->leads_on(rule->feeds, node))
		return;
	graph_lock_change(edges_relid(rule));
	query_begin();
	edges = query_run(&rule->edges_from, edges_relid(rule), &arg);
	for (uint64 i = 0; i < edges.n; i++)
	{
		QueryRow	row = query_row(edges, i);
		const pg_uuid_t *to = query_uuid(row, 3);
		Graph	   *graph = read_reachable(rule, to, node);
		int			goal = graph_find(graph, node);

		if (goal >= 0)
			report_loop(rule, graph, query_uuid(row, 1), goal, graph_find(graph, to), &raise_violation);
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
	QueryRows	rows;

	query_begin();
	graph = read_all(rule, &rows);
	graph_sort(graph);
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
