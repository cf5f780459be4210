/*-------------------------------------------------------------------------
 *
 * panel_headroom.c
 *	  panel_headroom(): how much more each panel can take.
 *
 * Two SQL functions: without an argument of everything, with one of the panels
 * in the location that it names.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "headroom.h"
#include "places.h"

PG_FUNCTION_INFO_V1(panel_headroom);

/* Type, id and name of a thing, from a column on; NULLs where there is none. */
static void
set_thing(Datum *values, bool *nulls, const Network *network, bool any, Thing thing)
{
	nulls[0] = nulls[1] = nulls[2] = !any;
	if (!any)
		return;
	values[0] = CStringGetTextDatum(thing.is_panel ? "power_panel" : "power_feed");
	values[1] = UUIDPGetDatum(thing_id(network, thing));
	values[2] = name_datum(thing_name(network, thing));
}

static void
put_headroom(ReturnSetInfo *rsinfo, const Network *network, int panel, const Headroom *headroom)
{
	Datum		values[10];
	bool		nulls[10] = {false};
	int			free_count = panel_free_count(network, panel);

	values[0] = UUIDPGetDatum(&network->panels[panel].id);
	values[1] = name_datum(network->panels[panel].name);
	nulls[2] = free_count < 0;
	values[2] = Int32GetDatum(free_count);
	nulls[3] = isinf(headroom->va);
	values[3] = Float8GetDatum(headroom->va);
	set_thing(&values[4], &nulls[4], network, !isinf(headroom->va), headroom->binding);
	set_thing(&values[7], &nulls[7], network, headroom->in_outage, headroom->outage);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* panel_headroom([location]) */
Datum
panel_headroom(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Network    *network;
	PowerState *state;
	Headroom   *headrooms;
	bool	   *wanted;

	InitMaterializedSRF(fcinfo, 0);
	network = places_read(fcinfo, PG_NARGS() == 1, &wanted);
	state = power_state_compute(network);
	headrooms = headroom_find(state, wanted, true);
	for (int p = 0; p < network->n_panels; p++)
	{
		CHECK_FOR_INTERRUPTS();
		if (wanted[p] && state->panels[p].on)
			put_headroom(rsinfo, network, p, &headrooms[p]);
	}
	return (Datum) 0;
}
