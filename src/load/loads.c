/*-------------------------------------------------------------------------
 *
 * loads.c
 *	  feed_load(), panel_load(), device_power(), port_load(), bank_load(): the
 *	  state of the network now.
 *
 * Each is two SQL functions: without an argument of everything, with one of the
 * thing that it names.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "amperes.h"
#include "panel_read.h"
#include "loads.h"
#include "overloads.h"
#include "query.h"

PG_FUNCTION_INFO_V1(feed_load);
PG_FUNCTION_INFO_V1(panel_load);
PG_FUNCTION_INFO_V1(device_power);
PG_FUNCTION_INFO_V1(port_load);
PG_FUNCTION_INFO_V1(bank_load);

/*
 * Reads what is connected to the panel that argument 0 names, or all where there
 * is no argument, and computes its state.  *index is the panel's, or -1.
 */
static PowerState *
power_state_of_panel(FunctionCallInfo fcinfo, int *index)
{
	NetworkSeed seed = {0};
	Network    *network;

	*index = -1;
	if (PG_NARGS() == 0)
		return power_state_compute(network_read(NULL, NAMES_OF_FEEDS));
	argument_not_null(fcinfo, 0, "panel");
	seed.panels = PG_GETARG_UUID_P(0);
	seed.n_panels = 1;
	network = network_read(&seed, NAMES_OF_FEEDS);
	*index = id_map_find(network->panel_index, seed.panels);
	if (*index < 0)
		no_such("power panel", seed.panels);
	return power_state_compute(network);
}

/* Likewise, of a device. */
PowerState *
power_state_of_device(FunctionCallInfo fcinfo, int names, int *index)
{
	NetworkSeed seed = {0};
	Network    *network;

	*index = -1;
	if (PG_NARGS() == 0)
		return power_state_compute(network_read(NULL, names));
	argument_not_null(fcinfo, 0, "device");
	seed.devices = PG_GETARG_UUID_P(0);
	seed.n_devices = 1;
	network = network_read(&seed, names);
	*index = id_map_find(network->device_index, seed.devices);
	if (*index < 0)
		no_such("device", seed.devices);
	return power_state_compute(network);
}

/* A number above 0; raises 22004 on NULL, 22023 on any other, and on infinity. */
double
positive_argument(FunctionCallInfo fcinfo, int arg, const char *name)
{
	double		value;

	argument_not_null(fcinfo, arg, name);
	value = PG_GETARG_FLOAT8(arg);
	if (!(value > 0) || isinf(value))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%s must be a number above 0, not %g", name, value)));
	return value;
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

/* A row of an answer that is being made: columns are added from left to right. */
typedef struct Row
{
	Datum		values[16];
	bool		nulls[16];
	int			n;
} Row;

static void
put_value(Row *row, Datum value)
{
	row->nulls[row->n] = false;
	row->values[row->n++] = value;
}

/* A number that is not known where it is negative. */
static void
put_number(Row *row, double number)
{
	row->nulls[row->n] = number < 0;
	row->values[row->n++] = Float8GetDatum(number);
}

static void
put_load(Row *row, Load load)
{
	put_value(row, Float8GetDatum(load.allocated));
	put_value(row, Float8GetDatum(load.maximum));
}

/* Percent; NULL where there is nothing to divide by. */
static void
put_utilization(Row *row, double va, double of)
{
	put_number(row, of <= 0 ? -1 : 100 * va / of);
}

static void
put_row(FunctionCallInfo fcinfo, Row *row)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, row->values, row->nulls);
}

static void
put_feed(FunctionCallInfo fcinfo, const PowerState *state, int feed)
{
	const NetFeed *f = &state->network->feeds[feed];
	const FeedState *s = &state->feeds[feed];
	Row			row = {.n = 0};
	double		amps[3];
	double		highest = feed_amps(state, feed, amps);

	put_value(&row, UUIDPGetDatum(&f->id));
	put_value(&row, name_datum(state->network->panels[f->panel].name));
	put_value(&row, name_datum(f->name));
	put_value(&row, BoolGetDatum(s->on));
	put_load(&row, s->load);
	row.nulls[row.n] = f->available < 0;
	row.values[row.n++] = Int64GetDatum((int64) f->available);
	put_utilization(&row, feed_heaviest(state, feed), f->available);
	put_number(&row, highest);
	for (int i = 0; i < 3; i++)
		put_number(&row, amps[i]);
	put_row(fcinfo, &row);
}

/* feed_load([panel]) */
Datum
feed_load(PG_FUNCTION_ARGS)
{
	PowerState *state;
	int			panel;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_panel(fcinfo, &panel);
	for (int f = 0; f < state->network->n_feeds; f++)
		if (panel < 0 || state->network->feeds[f].panel == panel)
			put_feed(fcinfo, state, f);
	return (Datum) 0;
}

static void
put_panel(FunctionCallInfo fcinfo, const PowerState *state, int panel)
{
	const NetPanel *p = &state->network->panels[panel];
	const PanelState *s = &state->panels[panel];
	Row			row = {.n = 0};
	double		amps[3];

	put_value(&row, UUIDPGetDatum(&p->id));
	put_value(&row, name_datum(p->name));
	put_value(&row, BoolGetDatum(s->on));
	put_load(&row, s->load);
	put_number(&row, s->capacity);
	put_utilization(&row, panel_heaviest(state, panel), s->capacity);
	for (int i = 0; i < 3; i++)
	{
		row.nulls[row.n] = i >= bus_phases(p->bus);
		row.values[row.n++] = Float8GetDatum(s->phases.phase[i].re);
	}
	panel_amps(state, panel, amps);
	for (int i = 0; i < 3; i++)
		put_number(&row, amps[i]);
	put_number(&row, p->bus == BUS_DC ? -1 : phase_imbalance(p->bus, &s->phases));
	put_row(fcinfo, &row);
}

/* panel_load([panel]) */
Datum
panel_load(PG_FUNCTION_ARGS)
{
	PowerState *state;
	int			panel;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_panel(fcinfo, &panel);
	for (int p = 0; p < state->network->n_panels; p++)
		if (panel < 0 || p == panel)
			put_panel(fcinfo, state, p);
	return (Datum) 0;
}

const char *
device_state_label(DeviceState state)
{
	static const char *const labels[] = {NULL, "on", "degraded", "dark"};

	return labels[state];
}

static void
put_device(FunctionCallInfo fcinfo, const PowerState *state, int device)
{
	const NetDevice *d = &state->network->devices[device];
	const DevicePowerState *s = &state->devices[device];
	Row			row = {.n = 0};

	if (device_state(state, device) == DEVICE_NONE)
		return;
	put_value(&row, UUIDPGetDatum(&d->id));
	put_value(&row, name_datum(d->name));
	put_value(&row, CStringGetTextDatum(device_state_label(device_state(state, device))));
	put_value(&row, Int32GetDatum(d->cords));
	put_value(&row, Int32GetDatum(s->cords_on));
	put_value(&row, Float8GetDatum(s->load.allocated));
	put_row(fcinfo, &row);
}

/* device_power([device]) */
Datum
device_power(PG_FUNCTION_ARGS)
{
	PowerState *state;
	int			device;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_device(fcinfo, NAMES_OF_DEVICES, &device);
	for (int d = 0; d < state->network->n_devices; d++)
		if (device < 0 || d == device)
			put_device(fcinfo, state, d);
	return (Datum) 0;
}

static void
put_port(FunctionCallInfo fcinfo, const PowerState *state, int port)
{
	const NetPort *p = &state->network->ports[port];
	const PortState *s = &state->ports[port];
	double		rating = p->has_maximum ? p->own.maximum : -1;
	Row			row = {.n = 0};

	put_value(&row, UUIDPGetDatum(&p->id));
	put_value(&row, name_datum(state->network->devices[p->device].name));
	put_value(&row, name_datum(p->name));
	put_value(&row, BoolGetDatum(s->on));
	put_load(&row, s->load);
	put_number(&row, rating);
	put_utilization(&row, basis(s->load), rating);
	put_row(fcinfo, &row);
}

/* port_load([device]) */
Datum
port_load(PG_FUNCTION_ARGS)
{
	PowerState *state;
	int			device;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_device(fcinfo, NAMES_OF_DEVICES | NAMES_OF_PORTS, &device);
	for (int p = 0; p < state->network->n_ports; p++)
		if (device < 0 || state->network->ports[p].device == device)
			put_port(fcinfo, state, p);
	return (Datum) 0;
}

static void
put_bank(FunctionCallInfo fcinfo, const PowerState *state, int bank)
{
	const NetBank *b = &state->network->banks[bank];
	double		amps = bank_amps(state, bank);
	Row			row = {.n = 0};

	put_value(&row, UUIDPGetDatum(&b->id));
	put_value(&row, name_datum(state->network->devices[b->device].name));
	put_value(&row, name_datum(b->name));
	put_load(&row, bank_carries(state, bank));
	put_number(&row, amps);
	put_utilization(&row, amps, amps < 0 ? -1 : b->rating);
	put_row(fcinfo, &row);
}

/* bank_load([device]) */
Datum
bank_load(PG_FUNCTION_ARGS)
{
	PowerState *state;
	int			device;

	InitMaterializedSRF(fcinfo, 0);
	state = power_state_of_device(fcinfo, NAMES_OF_DEVICES | NAMES_OF_PORTS, &device);
	for (int b = 0; b < state->network->n_banks; b++)
		if (device < 0 || state->network->banks[b].device == device)
			put_bank(fcinfo, state, b);
	return (Datum) 0;
}
