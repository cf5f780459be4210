/*-------------------------------------------------------------------------
 *
 * device_redundancy.c
 *	  device_redundancy(): how safe the power of each device really is.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "loads.h"
#include "redundancy.h"
#include "single_outages.h"

PG_FUNCTION_INFO_V1(device_redundancy);

static Datum
failure_ids(const Network *network, const Cut *cut)
{
	Datum		ids[MAX_FAILURES];

	for (int i = 0; i < cut->n; i++)
		ids[i] = UUIDPGetDatum(failure_id(network, cut->failures[i]));
	return PointerGetDatum(construct_array(ids, cut->n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static Datum
failure_names(const Network *network, const Cut *cut)
{
	Datum		names[MAX_FAILURES];

	for (int i = 0; i < cut->n; i++)
		names[i] = name_datum(failure_name(network, cut->failures[i]));
	return PointerGetDatum(construct_array(names, cut->n, TEXTOID, -1, false, TYPALIGN_INT));
}

static void
put_device(ReturnSetInfo *rsinfo, const Network *network, int device, const Cut *cut, bool survives)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = UUIDPGetDatum(&network->devices[device].id);
	values[1] = name_datum(network->devices[device].name);
	nulls[2] = nulls[3] = nulls[4] = cut->n > MAX_FAILURES;
	if (cut->n <= MAX_FAILURES)
	{
		values[2] = Int32GetDatum(cut->n);
		values[3] = failure_ids(network, cut);
		values[4] = failure_names(network, cut);
	}
	values[5] = BoolGetDatum(survives);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* device_redundancy([device]) */
Datum
device_redundancy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel row",
													  ALLOCSET_SMALL_SIZES);
	MemoryContext caller;
	PowerState *state;
	SingleOutages *outages;
	CutFinder  *finder;
	int			asked;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_device(fcinfo, NAMES_OF_FEEDS | NAMES_OF_DEVICES, &asked);
	outages = single_outages_run(state, true);
	finder = cut_finder_create(state);
	caller = MemoryContextSwitchTo(row_context);
	for (int d = 0; d < state->network->n_devices; d++)
	{
		Cut			cut;

		if ((asked >= 0 && d != asked) || device_state(state, d) == DEVICE_NONE)
			continue;
		CHECK_FOR_INTERRUPTS();
		cut = cut_find(finder, d);
		put_device(rsinfo, state->network, d, &cut, cut.n > 1 && (outages->devices[d] & BY_FAILURE) == 0);
		MemoryContextReset(row_context);
	}
	MemoryContextSwitchTo(caller);
	return (Datum) 0;
}
