/*-------------------------------------------------------------------------
 *
 * graph.c
 *	  A directed graph read from tables into arrays, and its loops.
 *
 * Nothing here recurses or enumerates paths: every walk is linear in the
 * edges.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/memutils.h"

#include "graph.h"

/* An empty graph in the current memory context, which must outlive it. */
Graph *
graph_create(void)
{
	Graph	   *graph = palloc0(sizeof(Graph));

	graph->index = id_map_create(64);
	graph->max_nodes = 64;
	graph->nodes = palloc(sizeof(pg_uuid_t) * graph->max_nodes);
	graph->max_edges = 64;
	graph->edges = palloc(sizeof(GraphEdge) * graph->max_edges);
	return graph;
}

/* The node of an id, new where there was none. */
int
graph_node(Graph *graph, const pg_uuid_t *id, bool *found)
{
	int			node = id_map_add(graph->index, id, graph->n_nodes, found);

	if (*found)
		return node;
	if (graph->n_nodes == graph->max_nodes)
	{
		graph->max_nodes *= 2;
		graph->nodes = repalloc_huge(graph->nodes, sizeof(pg_uuid_t) * graph->max_nodes);
	}
	graph->nodes[graph->n_nodes++] = *id;
	return node;
}

/* The node of an id, or -1. */
int
graph_find(Graph *graph, const pg_uuid_t *id)
{
	return id_map_find(graph->index, id);
}

/* An edge, with nodes for its ends; its id may be NULL where nobody will ask. */
void
graph_add_edge(Graph *graph, const pg_uuid_t *id, const pg_uuid_t *from, const pg_uuid_t *to)
{
	GraphEdge  *edge;
	bool		found;

	if (graph->n_edges == graph->max_edges)
	{
		graph->max_edges *= 2;
		graph->edges = repalloc_huge(graph->edges, sizeof(GraphEdge) * graph->max_edges);
	}
	edge = &graph->edges[graph->n_edges++];
	if (id != NULL)
		edge->id = *id;
	edge->from = graph_node(graph, from, &found);
	edge->to = graph_node(graph, to, &found);
}

/* Adds the edges of a query's result: id, from, to. */
void
graph_add_rows(Graph *graph, QueryRows rows)
{
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);

		CHECK_FOR_INTERRUPTS();
		graph_add_edge(graph, query_uuid(row, 1), query_uuid(row, 2), query_uuid(row, 3));
	}
}

/* The ids of a range of nodes, as uuid[] */
Datum
graph_nodes_array(const Graph *graph, int first, int end)
{
	Datum	   *ids = palloc(sizeof(Datum) * Max(end - first, 1));

	for (int i = first; i < end; i++)
		ids[i - first] = UUIDPGetDatum(&graph->nodes[i]);
	return PointerGetDatum(construct_array(ids, end - first, UUIDOID,
										   UUID_LEN, false, TYPALIGN_CHAR));
}

/* Orders the edges by the node they leave: a counting sort. */
void
graph_sort(Graph *graph)
{
	GraphEdge  *sorted = MemoryContextAllocHuge(CurrentMemoryContext,
												sizeof(GraphEdge) * Max(graph->n_edges, 1));
	int64	   *next;

	graph->first_edge = MemoryContextAllocHuge(CurrentMemoryContext,
											   sizeof(int64) * (graph->n_nodes + 2));
	memset(graph->first_edge, 0, sizeof(int64) * (graph->n_nodes + 2));
	next = graph->first_edge + 1;
	for (int64 i = 0; i < graph->n_edges; i++)
	{
		CHECK_FOR_INTERRUPTS();
		next[graph->edges[i].from + 1]++;
	}
	for (int i = 0; i < graph->n_nodes; i++)
		next[i + 1] += next[i];
	CHECK_FOR_INTERRUPTS();
	for (int64 i = 0; i < graph->n_edges; i++)
	{
		CHECK_FOR_INTERRUPTS();
		sorted[next[graph->edges[i].from]++] = graph->edges[i];
	}
	pfree(graph->edges);
	graph->edges = sorted;
	graph->max_edges = Max(graph->n_edges, 1);
}

/*
 * The nodes of a shortest path, both ends among them, or NULL.  Breadth first;
 * the graph is sorted.
 */
int *
graph_path(Graph *graph, int from, int to, int *length)
{
	int		   *before = MemoryContextAllocHuge(CurrentMemoryContext,
												sizeof(int) * graph->n_nodes);
	int		   *queue = MemoryContextAllocHuge(CurrentMemoryContext,
											   sizeof(int) * graph->n_nodes);
	int			head = 0;
	int			tail = 0;
	int		   *path;

	memset(before, -1, sizeof(int) * graph->n_nodes);
	before[from] = from;
	queue[tail++] = from;
	while (head < tail && before[to] < 0)
	{
		int			node = queue[head++];

		CHECK_FOR_INTERRUPTS();
		for (int64 e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++)
			if (before[graph->edges[e].to] < 0)
			{
				before[graph->edges[e].to] = node;
				queue[tail++] = graph->edges[e].to;
			}
	}
	if (before[to] < 0)
		return NULL;

	*length = 1;
	for (int node = to; node != from; node = before[node])
		(*length)++;
	path = palloc(sizeof(int) * *length);
	for (int i = *length - 1, node = to; i >= 0; i--, node = before[node])
		path[i] = node;
	pfree(before);
	pfree(queue);
	return path;
}

/*
 * Which nodes may be on a loop: those that remain when, again and again, nodes
 * that no edge enters and nodes that no edge leaves are taken away.  What
 * remains includes nodes between two loops; graph_path() decides.
 */
static void
peel(Graph *graph, bool *remains, const int64 *first, const int *other)
{
	int		   *degree = MemoryContextAllocHuge(CurrentMemoryContext,
												sizeof(int) * Max(graph->n_nodes, 1));
	int		   *stack = MemoryContextAllocHuge(CurrentMemoryContext,
											   sizeof(int) * Max(graph->n_nodes, 1));
	int			depth = 0;

	memset(degree, 0, sizeof(int) * graph->n_nodes);
	for (int node = 0; node < graph->n_nodes; node++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int64 e = first[node]; remains[node] && e < first[node + 1]; e++)
			degree[other[e]]++;
	}
	for (int node = 0; node < graph->n_nodes; node++)
		if (remains[node] && degree[node] == 0)
			stack[depth++] = node;
	while (depth > 0)
	{
		int			node = stack[--depth];

		CHECK_FOR_INTERRUPTS();
		remains[node] = false;
		for (int64 e = first[node]; e < first[node + 1]; e++)
			if (remains[other[e]] && --degree[other[e]] == 0)
				stack[depth++] = other[e];
	}
	pfree(degree);
	pfree(stack);
}

/* The edges of a sorted graph, the other way round: offsets and ends. */
static void
reverse(const Graph *graph, int64 **first, int **other)
{
	int64	   *next;

	*first = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int64) * (graph->n_nodes + 2));
	*other = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(int) * Max(graph->n_edges, 1));
	memset(*first, 0, sizeof(int64) * (graph->n_nodes + 2));
	next = *first + 1;
	for (int64 e = 0; e < graph->n_edges; e++)
	{
		CHECK_FOR_INTERRUPTS();
		next[graph->edges[e].to + 1]++;
	}
	for (int i = 0; i < graph->n_nodes; i++)
		next[i + 1] += next[i];
	for (int64 e = 0; e < graph->n_edges; e++)
	{
		CHECK_FOR_INTERRUPTS();
		(*other)[next[graph->edges[e].to]++] = graph->edges[e].from;
	}
}

/* Which nodes may be on a loop (see peel), and whether there are any. */
bool *
graph_looping_nodes(Graph *graph, bool *any)
{
	bool	   *remains = palloc_extended(Max(graph->n_nodes, 1), MCXT_ALLOC_HUGE);
	int		   *ends = MemoryContextAllocHuge(CurrentMemoryContext,
											  sizeof(int) * Max(graph->n_edges, 1));
	int64	   *first_back;
	int		   *ends_back;

	memset(remains, true, graph->n_nodes);
	for (int64 e = 0; e < graph->n_edges; e++)
	{
		CHECK_FOR_INTERRUPTS();
		ends[e] = graph->edges[e].to;
	}
	peel(graph, remains, graph->first_edge, ends);

	reverse(graph, &first_back, &ends_back);
	peel(graph, remains, first_back, ends_back);

	*any = false;
	for (int node = 0; node < graph->n_nodes && !*any; node++)
		*any = remains[node];
	return remains;
}
