/*-------------------------------------------------------------------------
 *
 * graph.h
 *	  A directed graph read from tables into arrays, and its loops.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_GRAPH_H
#define POWERPANEL_GRAPH_H

#include "compat.h"

#include "utils/uuid.h"

#include "id_map.h"
#include "query.h"

typedef struct GraphEdge
{
	pg_uuid_t	id;
	int			from;			/* index of a node */
	int			to;
} GraphEdge;

typedef struct Graph
{
	IdMap	   *index;			/* id -> index of its node */
	pg_uuid_t  *nodes;
	int			n_nodes;
	int			max_nodes;
	GraphEdge  *edges;
	int64		n_edges;
	int64		max_edges;
	int64	   *first_edge;		/* of each node, once sorted; n_nodes + 1 */
} Graph;

extern Graph *graph_create(void);
extern int	graph_node(Graph *graph, const pg_uuid_t *id, bool *found);
extern int	graph_find(Graph *graph, const pg_uuid_t *id);
extern void graph_add_edge(Graph *graph, const pg_uuid_t *id, const pg_uuid_t *from, const pg_uuid_t *to);
extern void graph_add_rows(Graph *graph, QueryRows rows);
extern void graph_sort(Graph *graph);
extern int *graph_path(Graph *graph, int from, int to, int *length);
extern bool *graph_looping_nodes(Graph *graph, bool *any);
extern Datum graph_nodes_array(const Graph *graph, int first, int end);

#endif							/* POWERPANEL_GRAPH_H */
