/*-------------------------------------------------------------------------
 *
 * topology_dot.c
 *	  topology_dot() and panel_topology_dot(): the one-line diagram in Graphviz
 *	  DOT, of everything, or of some panels, what feeds them and what they feed.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "utils/array.h"

#include "diagram.h"
#include "loads.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(topology_dot);
PG_FUNCTION_INFO_V1(panel_topology_dot);

/* topology_dot(racks) */
Datum
topology_dot(PG_FUNCTION_ARGS)
{
	argument_not_null(fcinfo, 0, "racks");
	PG_RETURN_TEXT_P(diagram_draw(diagram_make(network_read(NULL, NAMES_OF_FEEDS | NAMES_OF_DEVICES),
											   NULL, 0, PG_GETARG_BOOL(0))));
}

/* panel_topology_dot(panels, racks) */
Datum
panel_topology_dot(PG_FUNCTION_ARGS)
{
	NetworkSeed seed = {0};
	Network    *network;

	argument_not_null(fcinfo, 0, "panels");
	argument_not_null(fcinfo, 1, "racks");
	seed.panels = read_id_array(PG_GETARG_ARRAYTYPE_P(0), "power panel", &seed.n_panels);
	if (seed.n_panels == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no panel is named that is to be drawn"),
				 errhint("Name some, as in panel_topology_dot(ARRAY[panel_id('UPS-A')]), or call topology_dot() for everything.")));
	network = network_read(&seed, NAMES_OF_FEEDS | NAMES_OF_DEVICES);
	for (int i = 0; i < seed.n_panels; i++)
		if (id_map_find(network->panel_index, &seed.panels[i]) < 0)
			no_such("power panel", &seed.panels[i]);
	PG_RETURN_TEXT_P(diagram_draw(diagram_make(network, seed.panels, seed.n_panels, PG_GETARG_BOOL(1))));
}
