/*-------------------------------------------------------------------------
 *
 * rack_redundancy.c
 *	  rack_redundancy(): how safe the power of racks really is.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "panel_read.h"
#include "query.h"
#include "rack_label.h"
#include "redundancy.h"
#include "single_outages.h"

PG_FUNCTION_INFO_V1(rack_redundancy);

/* A rack, and what is known of its devices that have cords and no outlets. */
typedef struct RackSafety
{
	pg_uuid_t	id;
	char	   *name;
	RackDesign	design;
	int			devices;
	int			min_failures;	/* the least of theirs */
	uint8		flags;			/* of them and of all that is above them, see
								 * single_outages.h */
} RackSafety;

typedef struct Racks
{
	RackSafety *racks;
	int			n;
	IdMap	   *index;
} Racks;

/* --- Which racks, and the network around them --- */

static void
read_rack(void *arg, TupleTableSlot *row)
{
	Racks	   *racks = (Racks *) arg;
	bool		found;
	RackSafety *rack;

	/* room for a power of two, doubled when it is full */
	if ((racks->n & (racks->n - 1)) == 0)
		racks->racks = repalloc_huge(racks->racks, sizeof(RackSafety) * (Size) Max(racks->n * 2, 1));
	rack = &racks->racks[racks->n];
	memset(rack, 0, sizeof(RackSafety));
	rack->id = *DatumGetUUIDP(row->tts_values[0]);
	rack->name = TextDatumGetCString(row->tts_values[1]);
	rack->min_failures = MAX_FAILURES + 1;
	(void) id_map_add(racks->index, &rack->id, racks->n++, &found);
}

/* All racks, or the one that argument 0 names.  Raises 22023 where there is no such rack. */
static Racks *
read_racks(FunctionCallInfo fcinfo)
{
	static CheckQuery all = QUERY("SELECT id, name FROM powerpanel.rack");
	static CheckQuery one = QUERY("SELECT id, name FROM powerpanel.rack"
								  " WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Racks	   *racks = palloc0(sizeof(Racks));
	MemoryContext caller = CurrentMemoryContext;
	Datum		arg;

	racks->racks = palloc(sizeof(RackSafety));
	racks->index = id_map_create(64);
	if (PG_NARGS() > 0)
		argument_not_null(fcinfo, 0, "rack");
	query_begin();
	MemoryContextSwitchTo(caller);
	if (PG_NARGS() == 0)
		query_each_for_user(&all, NULL, read_rack, racks);
	else
	{
		arg = PG_GETARG_DATUM(0);
		query_each_for_user(&one, &arg, read_rack, racks);
		if (racks->n == 0)
			no_such("rack", DatumGetUUIDP(arg));
	}
	query_end();
	return racks;
}

static pg_uuid_t *
ids_of_rack(CheckQuery *query, Datum rack, int *n)
{
	MemoryContext caller = CurrentMemoryContext;
	QueryRows	rows;
	pg_uuid_t  *ids;

	query_begin();
	rows = query_run_for_user(query, &rack);
	ids = MemoryContextAllocHuge(caller, sizeof(pg_uuid_t) * Max(rows.n, 1));
	for (uint64 i = 0; i < rows.n; i++)
		ids[i] = *query_uuid(query_row(rows, i), 1);
	*n = (int) rows.n;
	query_end();
	return ids;
}

/* What is connected to the devices in a rack and to the feeds assigned to it. */
static Network *
read_network_of_rack(Datum rack)
{
	static CheckQuery devices = QUERY("SELECT id FROM powerpanel.device"
									  " WHERE rack_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	static CheckQuery panels = QUERY("SELECT power_panel_id FROM powerpanel.power_feed"
									 " WHERE rack_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	NetworkSeed seed;

	seed.devices = ids_of_rack(&devices, rack, &seed.n_devices);
	seed.panels = ids_of_rack(&panels, rack, &seed.n_panels);
	return network_read(&seed, NAMES_OF_FEEDS | NAMES_OF_DEVICES);
}

/* --- What is known of their devices --- */

/*
 * Passes what is flagged on to all whose power may come through it, whether it does
 * at present or not.
 */
static void
pass_on(const Network *network, SingleOutages *flags)
{
	for (int i = 0; i < network->n_panels; i++)
	{
		const NetPanel *panel = &network->panels[network->panel_order[i]];
		uint8	   *mine = &flags->panels[network->panel_order[i]];

		CHECK_FOR_INTERRUPTS();
		for (int s = panel->in.first; s < panel->in.end; s++)
			*mine |= flags->feeds[network->feeds_in[s]];
		for (int s = panel->out.first; s < panel->out.end; s++)
			flags->feeds[network->feeds_out[s]] |= *mine;
	}
	for (int i = 0; i < network->n_ordered_ports; i++)
	{
		const NetPort *port = &network->ports[network->port_order[i]];
		const NetOutlet *outlet = port->outlet < 0 ? NULL : &network->outlets[port->outlet];
		uint8	   *mine = &flags->ports[network->port_order[i]];

		CHECK_FOR_INTERRUPTS();
		if (port->feed >= 0)
			*mine |= flags->feeds[port->feed];
		if (outlet != NULL && outlet->inlet >= 0)
			*mine |= flags->ports[outlet->inlet];
		if (outlet != NULL && outlet->alternate >= 0)
			*mine |= flags->ports[outlet->alternate];
		if (outlet != NULL && outlet->bank >= 0)
			*mine |= flags->banks[outlet->bank];
	}
}

static void
add_device(RackSafety *rack, const Network *network, const SingleOutages *flags, int device, int min_failures)
{
	Slice		ports = network->devices[device].ports;

	rack->devices++;
	rack->min_failures = Min(rack->min_failures, min_failures);
	rack->flags |= flags->devices[device];
	if (min_failures == 0)
		rack->flags |= BY_MAINTENANCE | BY_FAILURE;
	for (int s = ports.first; s < ports.end; s++)
		rack->flags |= flags->ports[network->device_ports[s]];
}

static void
add_devices(Racks *racks, const PowerState *state, const SingleOutages *flags)
{
	const Network *network = state->network;
	CutFinder  *finder = cut_finder_create(state);

	for (int d = 0; d < network->n_devices; d++)
	{
		const NetDevice *device = &network->devices[d];
		int			rack = device->has_rack ? id_map_find(racks->index, &device->rack) : -1;

		CHECK_FOR_INTERRUPTS();
		if (rack >= 0 && device->cords > 0 && slice_count(device->outlets) == 0)
			add_device(&racks->racks[rack], network, flags, d, cut_find(finder, d).n);
	}
}

static void
add_feeds(Racks *racks, const Network *network)
{
	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];
		int			rack = feed->has_rack ? id_map_find(racks->index, &feed->rack) : -1;

		if (rack >= 0)
			rack_design_add(&racks->racks[rack].design, feed);
	}
}

static void
put_rack(ReturnSetInfo *rsinfo, const RackSafety *rack)
{
	const char *label = rack_label(rack->design);
	Datum		values[7] = {0};
	bool		nulls[7] = {false};

	values[0] = UUIDPGetDatum(&rack->id);
	values[1] = CStringGetTextDatum(rack->name);
	values[2] = Int32GetDatum(rack->devices);
	nulls[3] = label == NULL;
	if (label != NULL)
		values[3] = CStringGetTextDatum(label);
	nulls[4] = rack->min_failures > MAX_FAILURES;
	values[4] = Int32GetDatum(rack->min_failures);
	nulls[5] = nulls[6] = rack->devices == 0;
	values[5] = BoolGetDatum((rack->flags & BY_MAINTENANCE) == 0);
	values[6] = BoolGetDatum((rack->flags & BY_FAILURE) == 0);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* rack_redundancy([rack]) */
Datum
rack_redundancy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Racks	   *racks;
	Network    *network;
	PowerState *state;
	SingleOutages *flags;

	InitMaterializedSRF(fcinfo, 0);
	racks = read_racks(fcinfo);
	network = PG_NARGS() == 0 ? network_read(NULL, NAMES_OF_FEEDS | NAMES_OF_DEVICES) :
		read_network_of_rack(PG_GETARG_DATUM(0));
	state = power_state_compute(network);
	flags = single_outages_run(state, false);
	pass_on(network, flags);
	add_devices(racks, state, flags);
	add_feeds(racks, network);
	for (int r = 0; r < racks->n; r++)
		put_rack(rsinfo, &racks->racks[r]);
	return (Datum) 0;
}
