/*-------------------------------------------------------------------------
 *
 * cycle_search.c
 *	  Reading edges, as many as it takes.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "cycle_rule.h"
#include "graph.h"
#include "query.h"

/* All edges, in the order of the rows that they were read from. */
Graph *
cycle_read_all(CycleRule *rule, QueryRows *rows)
{
	Graph	   *graph = graph_create();

	*rows = query_run(&rule->edges, cycle_edges_relid(rule), NULL);
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
	rows = query_run(forward ? &rule->edges_from : &rule->edges_into, cycle_edges_relid(rule), &frontier);
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

/* Do edges lead from a node to another? */
Search
cycle_search(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Graph	   *sides[2] = {graph_create(), graph_create()};
	int			first[2] = {0, 0};
	bool		found;

	(void) graph_node(sides[true], start, &found);
	(void) graph_node(sides[false], goal, &found);
	if (sides_meet(sides[true], 0, sides[false]))
		return CONNECTED;
	for (int step = 0; step < CYCLE_STEPS_MAX; step++)
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
Graph *
cycle_read_reachable(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal)
{
	Graph	   *graph = graph_create();
	bool		found;
	int			first = graph_node(graph, start, &found);

	while (first < graph->n_nodes && graph_find(graph, goal) < 0)
		first = read_level(rule, graph, first, true);
	graph_sort(graph);
	return graph;
}
