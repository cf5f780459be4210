/*-------------------------------------------------------------------------
 *
 * cycle_whole.c
 *	  All edges looked at at once, so that the checks of ours have nothing left to do.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "cycle_nodes.h"
#include "cycle_rule.h"
#include "graph.h"
#include "graph_lock.h"
#include "query.h"
#include "row_memory.h"

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
 * Looks at all edges at once, with the graph locked.  Ours count as looked at from now
 * on, so the nodes that their own checks would lock are locked before: see src/README.md.
 */
void
cycle_check_whole(CycleRule *rule, RowMemory *memory)
{
	QueryRows	rows;
	Graph	   *graph;
	NodeLocks	locked = {NULL, 0};

	if (rule->nodes != NULL)
	{
		graph_lock_change(cycle_edges_relid(rule));
		/* what was read before the locks is out of date */
		rows = query_run(&rule->edges, cycle_edges_relid(rule), NULL);
		locked = lock_our_nodes(rule, rows);
		SPI_freetuptable(rows.table);
	}
	graph = cycle_read_all(rule, &rows);
	note_checked(rule, memory, graph, rows, &locked);
}

/* Rows of a table without an index are not noted: see row_memory.c. */
bool
cycle_notes_rows(const CycleRule *rule)
{
	return rule->feeds == NULL || OidIsValid(rule->feeds->indexes.feeds_key);
}
