/*-------------------------------------------------------------------------
 *
 * panel_graph.c
 *	  The panels above and below a panel.
 *
 * Breadth first, one query for each level, so that each panel is met once
 * however many paths lead to it, and the number of its level is the fewest
 * feeds between.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/tuplestore.h"

#include "graph.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(upstream_panels);
PG_FUNCTION_INFO_V1(downstream_panels);

static void
put_panel(ReturnSetInfo *rsinfo, const pg_uuid_t *panel, int depth)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};

	values[0] = UUIDPGetDatum(panel);
	values[1] = Int32GetDatum(depth);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* step finds the panels next to panels $1 */
static void
walk(FunctionCallInfo fcinfo, CheckQuery *step)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	pg_uuid_t  *panel = PG_GETARG_UUID_P(0);
	Graph	   *graph;
	int			first;
	int			depth = 0;
	bool		found;

	InitMaterializedSRF(fcinfo, 0);
	query_begin();
	panel_must_exist(panel);
	graph = graph_create();
	first = graph_node(graph, panel, &found);
	while (first < graph->n_nodes)
	{
		int			end = graph->n_nodes;
		Datum		frontier = graph_nodes_array(graph, first, end);
		uint64		n = query_run_for_user(step, &frontier);

		CHECK_FOR_INTERRUPTS();
		depth++;
		for (uint64 i = 0; i < n; i++)
		{
			pg_uuid_t  *next = query_uuid(i, 1);

			(void) graph_node(graph, next, &found);
			if (!found)
				put_panel(rsinfo, next, depth);
		}
		SPI_freetuptable(SPI_tuptable);
		first = end;
	}
	query_end();
}

/* upstream(panel): panel_id, depth */
Datum
upstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT power_panel_id FROM powerpanel.power_feed"
								   " WHERE destination_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk(fcinfo, &step);
	return (Datum) 0;
}

/* downstream(panel): panel_id, depth */
Datum
downstream_panels(PG_FUNCTION_ARGS)
{
	static CheckQuery step = QUERY("SELECT destination_panel_id FROM powerpanel.power_feed"
								   " WHERE (destination_panel_id IS NOT NULL) IS TRUE"
								   " AND power_panel_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);

	walk(fcinfo, &step);
	return (Datum) 0;
}
