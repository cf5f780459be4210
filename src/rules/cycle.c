/*-------------------------------------------------------------------------
 *
 * cycle.c
 *	  The rules that forbid loops: locations, panels, cables.
 *
 * An edge is on a loop when its end leads back to its beginning.  The write
 * check follows the edges from both ends, level by level, the side with fewer
 * nodes first; the audit reads all edges.  What either finds is put into words by
 * cycle_report.c.
 *
 * What the edges are is in cycle_rules.c, and how their nodes are found and locked in
 * cycle_nodes.c; which locks a new edge takes before it is looked at, in cycle_lock.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "miscadmin.h"

#include "cycle_rule.h"
#include "graph.h"
#include "graph_lock.h"
#include "query.h"
#include "row.h"
#include "row_memory.h"

/*
 * After so many edges of one command have been looked at each by itself, all edges are
 * read at once: then all of ours that are on no loop are done (cycle_whole.c).
 */
#define SINGLE_CHECKS_MAX	16

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

/* Looks at a new edge.  TOO_LONG is also said where it is time to look at all of them. */
static Search
look(CycleRule *rule, TupleTableSlot *slot, EdgeLock locked, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Search		result = TOO_LONG;

	if (cycle_notes_rows(rule) && many_of_command(rule, slot) &&
		(locked != NODES_ABOVE || graph_go_over(cycle_edges_relid(rule))))
		return TOO_LONG;
	if (locked == NODES_ABOVE)
		result = cycle_lock_above(rule, from, to);
	if (result == TOO_LONG)
	{
		query_begin();
		result = cycle_search(rule, to, from);
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

	cycle_forget_unfed(rule, to);
	if (row_memory_has(memory, slot->tts_tableOid, &slot->tts_tid))
		return;
	if (rule->nodes != NULL && (lock = cycle_lock_edge(rule, from, to)) == BOTH_ENDS)
		return;
	result = look(rule, slot, lock, from, to);
	if (result == APART)
		return;
	query_begin();
	if (result == TOO_LONG && cycle_notes_rows(rule))
	{
		cycle_forget_unfed(rule, NULL);
		cycle_check_whole(rule, memory);
	}
	if (result == CONNECTED ||
		(result == TOO_LONG && !row_memory_has(memory, slot->tts_tableOid, &slot->tts_tid)))
	{
		Graph	   *graph = cycle_read_reachable(rule, to, from);
		int			start = graph_find(graph, to);
		int			goal = graph_find(graph, from);

		if (goal >= 0)
			cycle_report_loop(rule, graph, edge, goal, start, &raise_violation);
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
	Datum		arg = cycle_array_of_one(node);
	QueryRows	edges;

	if (!rule->nodes->leads_on(rule->feeds, node))
		return;
	graph_lock_change(cycle_edges_relid(rule));
	query_begin();
	edges = query_run(&rule->edges_from, cycle_edges_relid(rule), &arg);
	for (uint64 i = 0; i < edges.n; i++)
	{
		QueryRow	row = query_row(edges, i);
		const pg_uuid_t *to = query_uuid(row, 3);
		Graph	   *graph = cycle_read_reachable(rule, to, node);
		int			goal = graph_find(graph, node);

		if (goal >= 0)
			cycle_report_loop(rule, graph, query_uuid(row, 1), goal, graph_find(graph, to), &raise_violation);
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
	graph = cycle_read_all(rule, &rows);
	graph_sort(graph);
	looping = graph_looping_nodes(graph, &any);
	for (int64 e = 0; any && e < graph->n_edges; e++)
	{
		GraphEdge  *edge = &graph->edges[e];

		CHECK_FOR_INTERRUPTS();
		if (looping[edge->from] && looping[edge->to])
			cycle_report_loop(rule, graph, &edge->id, edge->from, edge->to, sink);
	}
	query_end();
}
