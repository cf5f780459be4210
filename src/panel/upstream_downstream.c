/*-------------------------------------------------------------------------
 *
 * upstream_downstream.c
 *	  The panels above and below a panel.
 *
 * Breadth first, so that each panel is met once however many paths lead to it,
 * and the number of its level is the fewest feeds between.  What leads on from
 * a level is looked up panel by panel, until a level is so large that to read
 * all feeds between panels at once is less work.
 *
 * Both read as whoever asks: a feed that this user may not see leads nowhere.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/relation.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "graph.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(upstream_panels);
PG_FUNCTION_INFO_V1(downstream_panels);

/* So many panels are looked up in the time that it takes to read a page of the index. */
#define LOOKUPS_PER_PAGE	8

typedef struct PanelWalk
{
	ReturnSetInfo *rsinfo;
	CheckQuery *step;			/* finds the panels next to panels $1 */
	bool		upwards;
	Graph	   *graph;
	int			depth;
} PanelWalk;

static void
put_panel(ReturnSetInfo *rsinfo, const pg_uuid_t *panel, int depth)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};

	values[0] = UUIDPGetDatum(panel);
	values[1] = Int32GetDatum(depth);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* --- Level by level --- */

static void
read_next(void *arg, TupleTableSlot *row)
{
	PanelWalk  *walk = arg;
	pg_uuid_t  *next = DatumGetUUIDP(row->tts_values[0]);
	bool		found;

	(void) graph_node(walk->graph, next, &found);
	if (!found)
		put_panel(walk->rsinfo, next, walk->depth);
}

/*
 * The pages of the index of the feeds between panels, as it is now; where
 * somebody has removed it, more than any level is worth.
 */
static BlockNumber
index_pages(void)
{
	Oid			relid = get_relname_relid("power_feed_panel_to_panel_idx",
										  get_namespace_oid("powerpanel", false));
	Relation	index = OidIsValid(relid) ? try_relation_open(relid, AccessShareLock) : NULL;
	BlockNumber pages;

	if (index == NULL)
		return MaxBlockNumber;
	pages = RelationGetNumberOfBlocks(index);
	relation_close(index, AccessShareLock);
	return pages;
}

/*
 * Walks on as long as levels are small.  The answer is the first node of a
 * level that was not: all from there on have been met, but not what they lead
 * to.
 */
static int
walk_small_levels(PanelWalk *walk)
{
	double		large = (double) index_pages() * LOOKUPS_PER_PAGE;
	int			first = 0;

	while (first < walk->graph->n_nodes && walk->graph->n_nodes - first <= large)
	{
		int			end = walk->graph->n_nodes;
		Datum		level = graph_nodes_array(walk->graph, first, end);

		walk->depth++;
		query_each_for_user(walk->step, &level, read_next, walk);
		first = end;
	}
	return first;
}

/* --- All at once --- */

static void
read_edge(void *arg, TupleTableSlot *row)
{
	PanelWalk  *walk = arg;
	pg_uuid_t  *upper = DatumGetUUIDP(row->tts_values[0]);
	pg_uuid_t  *lower = DatumGetUUIDP(row->tts_values[1]);

	if (walk->upwards)
		graph_add_edge(walk->graph, NULL, lower, upper);
	else
		graph_add_edge(walk->graph, NULL, upper, lower);
}

/*
 * Goes on from a level, the last that was met, with all feeds between panels
 * read: from their index, since what they cost is not to depend on other feeds.
 */
static void
walk_the_rest(PanelWalk *walk, int first)
{
	static CheckQuery edges = QUERY("SELECT power_panel_id, destination_panel_id FROM powerpanel.power_feed"
									" WHERE (destination_panel_id IS NOT NULL) IS TRUE");
	Graph	   *graph = walk->graph;
	int			met = graph->n_nodes;
	int			level = query_by_index_begin();
	int		   *queue;
	bool	   *seen;
	int			tail = 0;

	query_each_for_user(&edges, NULL, read_edge, walk);
	query_by_index_end(level);
	graph_sort(graph);
	queue = palloc_extended(sizeof(int) * (Size) graph->n_nodes, MCXT_ALLOC_HUGE);
	seen = palloc_extended(graph->n_nodes, MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	memset(seen, true, met);
	while (first < met)
		queue[tail++] = first++;

	for (int head = 0, end = 0; head < tail; head++)
	{
		int			node = queue[head];

		CHECK_FOR_INTERRUPTS();
		if (head == end)
		{
			walk->depth++;
			end = tail;
		}
		for (int64 e = graph->first_edge[node]; e < graph->first_edge[node + 1]; e++)
		{
			int			next = graph->edges[e].to;

			if (seen[next])
				continue;
			seen[next] = true;
			queue[tail++] = next;
			put_panel(walk->rsinfo, &graph->nodes[next], walk->depth);
		}
	}
}

static void
walk_panels(FunctionCallInfo fcinfo, CheckQuery *step, bool upwards)
{
	PanelWalk	walk = {.rsinfo = (ReturnSetInfo *) fcinfo->resultinfo, .step = step, .upwards = upwards};
	pg_uuid_t  *panel = PG_GETARG_UUID_P(0);
	int			first;
	bool		found;

	InitMaterializedSRF(fcinfo, 0);
	query_begin();
	panel_must_exist(panel);
	walk.graph = graph_create();
	(void) graph_node(walk.graph, panel, &found);
	first = walk_small_levels(&walk);
	if (first < walk.graph->n_nodes)
		walk_the_rest(&walk, first);
	query_end();
}

/* upstream(panel): panel_id, depth */
Datum
upstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT power_panel_id FROM powerpanel.power_feed"
								   " WHERE destination_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk_panels(fcinfo, &step, true);
	return (Datum) 0;
}

/* downstream(panel): panel_id, depth */
Datum
downstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT destination_panel_id FROM powerpanel.power_feed"
								   " WHERE (destination_panel_id IS NOT NULL) IS TRUE"
								   " AND power_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk_panels(fcinfo, &step, false);
	return (Datum) 0;
}
