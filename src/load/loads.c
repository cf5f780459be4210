/*-------------------------------------------------------------------------
 *
 * loads.c
 *	  feed_load(), panel_load(), device_power(): the state of the network now.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "panel_read.h"
#include "loads.h"
#include "query.h"

PG_FUNCTION_INFO_V1(feed_load);
PG_FUNCTION_INFO_V1(panel_load);
PG_FUNCTION_INFO_V1(device_power);

/*
 * Reads what is connected to the thing that argument 0 names, or all where it
 * is NULL, and computes its state.  *index is the thing's, or -1.
 */
static PowerState *
power_state_of_panel(FunctionCallInfo fcinfo, int *index)
{
	NetworkSeed seed = {0};
	Network    *network;

	*index = -1;
	if (PG_ARGISNULL(0))
		return power_state_compute(network_read(NULL, false));
	seed.panels = PG_GETARG_UUID_P(0);
	seed.n_panels = 1;
	network = network_read(&seed, false);
	*index = id_map_find(network->panel_index, seed.panels);
	if (*index < 0)
		no_such_panel(seed.panels);
	return power_state_compute(network);
}

static void
no_such_device(const pg_uuid_t *device)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no device has id %s",
					DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(device))))));
}

void
no_such_feed(const pg_uuid_t *feed)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("no power feed has id %s",
					DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(feed))))));
}

/* The ids of a uuid[]; raises 22004 on a NULL element. */
pg_uuid_t *
read_id_array(ArrayType *array, const char *what, int *n)
{
	Datum	   *values;
	bool	   *nulls;
	pg_uuid_t  *ids;

	deconstruct_array(array, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR, &values, &nulls, n);
	ids = palloc(sizeof(pg_uuid_t) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		if (nulls[i])
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("the id of a %s is NULL", what)));
		ids[i] = *DatumGetUUIDP(values[i]);
	}
	return ids;
}

/* Percent; NULL where there is nothing to divide by. */
static void
put_utilization(double allocated, double of, Datum *value, bool *isnull)
{
	*isnull = of <= 0;
	*value = *isnull ? (Datum) 0 : Float8GetDatum(100 * allocated / of);
}

static void
put_feed(ReturnSetInfo *rsinfo, const PowerState *state, int feed)
{
	const NetFeed *f = &state->network->feeds[feed];
	const FeedState *s = &state->feeds[feed];
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = UUIDPGetDatum(&f->id);
	values[1] = BoolGetDatum(s->on);
	values[2] = Float8GetDatum(s->load.allocated);
	values[3] = Float8GetDatum(s->load.maximum);
	nulls[4] = f->available < 0;
	values[4] = nulls[4] ? (Datum) 0 : Int64GetDatum((int64) f->available);
	put_utilization(s->load.allocated, f->available, &values[5], &nulls[5]);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* feed_load(panel) */
Datum
feed_load(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PowerState *state;
	int			panel;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_panel(fcinfo, &panel);
	for (int f = 0; f < state->network->n_feeds; f++)
		if (panel < 0 || state->network->feeds[f].panel == panel)
			put_feed(rsinfo, state, f);
	return (Datum) 0;
}

static void
put_panel(ReturnSetInfo *rsinfo, const PowerState *state, int panel)
{
	const NetPanel *p = &state->network->panels[panel];
	const PanelState *s = &state->panels[panel];
	Datum		values[10];
	bool		nulls[10] = {false};
	double		phases[3];

	values[0] = UUIDPGetDatum(&p->id);
	values[1] = BoolGetDatum(s->on);
	values[2] = Float8GetDatum(s->load.allocated);
	values[3] = Float8GetDatum(s->load.maximum);
	nulls[4] = s->capacity < 0;
	values[4] = nulls[4] ? (Datum) 0 : Float8GetDatum(s->capacity);
	put_utilization(s->load.allocated, s->capacity, &values[5], &nulls[5]);
	panel_phase_loads(state, panel, phases);
	for (int i = 0; i < 3; i++)
	{
		nulls[6 + i] = i >= bus_phases(p->bus);
		values[6 + i] = Float8GetDatum(phases[i]);
	}
	nulls[9] = p->bus == BUS_DC;
	values[9] = nulls[9] ? (Datum) 0 : Float8GetDatum(phase_imbalance(p->bus, phases));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* panel_load(panel) */
Datum
panel_load(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	PowerState *state;
	int			panel;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_panel(fcinfo, &panel);
	for (int p = 0; p < state->network->n_panels; p++)
		if (panel < 0 || p == panel)
			put_panel(rsinfo, state, p);
	return (Datum) 0;
}

const char *
device_state_label(DeviceState state)
{
	static const char *const labels[] = {NULL, "on", "degraded", "dark"};

	return labels[state];
}

static void
put_device(ReturnSetInfo *rsinfo, const PowerState *state, int device)
{
	const NetDevice *d = &state->network->devices[device];
	const DevicePowerState *s = &state->devices[device];
	Datum		values[5];
	bool		nulls[5] = {false};

	if (device_state(state, device) == DEVICE_NONE)
		return;
	values[0] = UUIDPGetDatum(&d->id);
	values[1] = CStringGetTextDatum(device_state_label(device_state(state, device)));
	values[2] = Int32GetDatum(slice_count(d->ports));
	values[3] = Int32GetDatum(s->ports_on);
	values[4] = Float8GetDatum(s->load.allocated);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* device_power(device) */
Datum
device_power(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	NetworkSeed seed = {0};
	Network    *network;
	PowerState *state;
	int			device = -1;

	InitMaterializedSRF(fcinfo, 0);
	if (PG_ARGISNULL(0))
		network = network_read(NULL, false);
	else
	{
		seed.devices = PG_GETARG_UUID_P(0);
		seed.n_devices = 1;
		network = network_read(&seed, false);
		device = id_map_find(network->device_index, seed.devices);
		if (device < 0)
			no_such_device(seed.devices);
	}
	state = power_state_compute(network);
	for (int d = 0; d < network->n_devices; d++)
		if (device < 0 || d == device)
			put_device(rsinfo, state, d);
	return (Datum) 0;
}
