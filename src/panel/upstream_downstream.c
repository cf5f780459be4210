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
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "graph.h"
#include "id_map.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(upstream_panels);
PG_FUNCTION_INFO_V1(downstream_panels);

/*
 * How many panels can be looked up in the time that it takes to read a page
 * of the index.
 */
#define LOOKUPS_PER_PAGE	8

/* A panel that was met. */
typedef struct MetPanel
{
	pg_uuid_t	id;
	int			depth;
	char	   *name;			/* see read_name() */
} MetPanel;

typedef struct PanelWalk
{
	MetPanel   *met;			/* in the order in which they were met */
	int			n_met;
	int			max_met;
	IdMap	   *index;			/* of met, by id */
	MemoryContext context;
	CheckQuery *step;			/* finds the panels next to panels $1 */
	bool		upwards;
	Graph	   *graph;
	int			depth;
} PanelWalk;

static void
note_panel(PanelWalk *walk, const pg_uuid_t *panel)
{
	bool		found;

	if (walk->n_met == walk->max_met)
	{
		walk->max_met = Max(walk->max_met * 2, 64);
		walk->met = walk->met == NULL ?
			MemoryContextAlloc(walk->context, sizeof(MetPanel) * walk->max_met) :
			repalloc_huge(walk->met, sizeof(MetPanel) * (Size) walk->max_met);
	}
	(void) id_map_add(walk->index, panel, walk->n_met, &found);
	walk->met[walk->n_met++] = (MetPanel) {*panel, walk->depth, NULL};
}

/* --- Names --- */

static void
read_name(void *arg, TupleTableSlot *row)
{
	PanelWalk  *walk = arg;
	int			at = id_map_find(walk->index, DatumGetUUIDP(row->tts_values[0]));

	if (at >= 0)
		walk->met[at].name = TextDatumGetCString(row->tts_values[1]);
}

/*
 * Returns all panels that were met, with names; the name is NULL where the
 * user may not see it.
 */
static void
put_panels(PanelWalk *walk, ReturnSetInfo *rsinfo)
{
	static CheckQuery names = QUERY("SELECT id, name FROM powerpanel.power_panel"
									" WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);
	Datum	   *ids = palloc_extended(sizeof(Datum) * (Size) Max(walk->n_met, 1), MCXT_ALLOC_HUGE);
	Datum		arg;

	for (int i = 0; i < walk->n_met; i++)
		ids[i] = UUIDPGetDatum(&walk->met[i].id);
	arg = PointerGetDatum(construct_array(ids, walk->n_met, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
	query_each_for_user(&names, &arg, read_name, walk);
	for (int i = 0; i < walk->n_met; i++)
	{
		const MetPanel *panel = &walk->met[i];
		Datum		values[3];
		bool		nulls[3] = {false, panel->name == NULL, false};

		CHECK_FOR_INTERRUPTS();
		values[0] = UUIDPGetDatum(&panel->id);
		values[1] = panel->name == NULL ? (Datum) 0 : CStringGetTextDatum(panel->name);
		values[2] = Int32GetDatum(panel->depth);
		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
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
		note_panel(walk, next);
}

/*
 * How many pages the index of the feeds between panels has now; without an
 * index, so many that levels are always walked.
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
			note_panel(walk, &graph->nodes[next]);
		}
	}
}

static void
walk_panels(FunctionCallInfo fcinfo, CheckQuery *step, bool upwards)
{
	PanelWalk	walk = {.step = step, .upwards = upwards, .context = CurrentMemoryContext};
	pg_uuid_t  *panel;
	int			first;
	bool		found;

	argument_not_null(fcinfo, 0, "panel");
	panel = PG_GETARG_UUID_P(0);
	InitMaterializedSRF(fcinfo, 0);
	walk.index = id_map_create(64);
	query_begin();
	panel_must_exist(panel);
	walk.graph = graph_create();
	(void) graph_node(walk.graph, panel, &found);
	first = walk_small_levels(&walk);
	if (first < walk.graph->n_nodes)
		walk_the_rest(&walk, first);
	put_panels(&walk, (ReturnSetInfo *) fcinfo->resultinfo);
	query_end();
}

/* upstream(panel): panel_id, name, depth */
Datum
upstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT power_panel_id FROM powerpanel.power_feed"
								   " WHERE destination_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk_panels(fcinfo, &step, true);
	return (Datum) 0;
}

/* downstream(panel): panel_id, name, depth */
Datum
downstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT destination_panel_id FROM powerpanel.power_feed"
								   " WHERE (destination_panel_id IS NOT NULL) IS TRUE"
								   " AND power_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk_panels(fcinfo, &step, false);
	return (Datum) 0;
}
