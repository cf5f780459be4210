/*-------------------------------------------------------------------------
 *
 * rack_load.c
 *	  rack_load(): what the feeds assigned to a rack carry, and what its devices draw.
 *
 * The view rack_power calls it for one rack after the other, so the networks
 * that it reads are kept for the rest of the query: each is read once, and one
 * who asks for one rack does not pay for the fleet.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "loads.h"
#include "query.h"
#include "rack_label.h"

PG_FUNCTION_INFO_V1(rack_load);

/* What has been read, good for what one snapshot shows. */
typedef struct RackCache
{
	MemoryContext context;
	SnapshotData snapshot;		/* as far as sees_the_same() looks at it */
	int			load_basis;
	SubTransactionId subtransaction;	/* one that is rolled back takes no
										 * command id with it */
	IdMap	   *panels;			/* id -> index of the state that holds it */
	IdMap	   *devices;		/* likewise */
	PowerState **states;
	int			n_states;
	int			max_states;
} RackCache;

/*
 * Do two snapshots show the same?  A call site may live on from statement to
 * statement, in a loop of PL/pgSQL for one.
 */
static bool
sees_the_same(const SnapshotData *a, const SnapshotData *b)
{
	return a->xmin == b->xmin && a->xmax == b->xmax && a->curcid == b->curcid &&
		a->xcnt == b->xcnt && a->subxcnt == b->subxcnt &&
		memcmp(a->xip, b->xip, sizeof(TransactionId) * a->xcnt) == 0 &&
		memcmp(a->subxip, b->subxip, sizeof(TransactionId) * Max(a->subxcnt, 0)) == 0;
}

static TransactionId *
copy_xids(MemoryContext context, const TransactionId *xids, int n)
{
	TransactionId *copy = MemoryContextAlloc(context, sizeof(TransactionId) * Max(n, 1));

	if (n > 0)
		memcpy(copy, xids, sizeof(TransactionId) * n);
	return copy;
}

/* What this call site has kept, emptied where the data may be others. */
static RackCache *
get_cache(FmgrInfo *flinfo)
{
	RackCache  *cache = (RackCache *) flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	MemoryContext context;
	MemoryContext caller;

	if (cache != NULL && sees_the_same(&cache->snapshot, snapshot) &&
		cache->load_basis == load_basis && cache->subtransaction == GetCurrentSubTransactionId())
		return cache;
	flinfo->fn_extra = NULL;
	if (cache != NULL)
		MemoryContextDelete(cache->context);
	context = AllocSetContextCreate(flinfo->fn_mcxt, "powerpanel rack loads", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	cache = palloc0(sizeof(RackCache));
	cache->context = context;
	cache->snapshot = *snapshot;
	cache->load_basis = load_basis;
	cache->subtransaction = GetCurrentSubTransactionId();
	cache->snapshot.xip = copy_xids(context, snapshot->xip, (int) snapshot->xcnt);
	cache->snapshot.subxip = copy_xids(context, snapshot->subxip, snapshot->subxcnt);
	cache->panels = id_map_create(64);
	cache->devices = id_map_create(64);
	cache->max_states = 16;
	cache->states = palloc(sizeof(PowerState *) * cache->max_states);
	MemoryContextSwitchTo(caller);
	flinfo->fn_extra = cache;
	return cache;
}

/* Reads what is connected to something, and keeps it. */
static PowerState *
read_state(RackCache *cache, const NetworkSeed *seed)
{
	MemoryContext caller = MemoryContextSwitchTo(cache->context);
	Network    *network = network_read(seed, 0);
	bool		found;

	if (cache->n_states == cache->max_states)
	{
		cache->max_states *= 2;
		cache->states = repalloc(cache->states, sizeof(PowerState *) * cache->max_states);
	}
	for (int p = 0; p < network->n_panels; p++)
		(void) id_map_add(cache->panels, &network->panels[p].id, cache->n_states, &found);
	for (int d = 0; d < network->n_devices; d++)
		(void) id_map_add(cache->devices, &network->devices[d].id, cache->n_states, &found);
	cache->states[cache->n_states] = power_state_compute(network);
	MemoryContextSwitchTo(caller);
	return cache->states[cache->n_states++];
}

/* The state of a network that holds a panel. */
static PowerState *
state_of_panel(RackCache *cache, const pg_uuid_t *panel)
{
	NetworkSeed seed = {.panels = panel, .n_panels = 1};
	int			known = id_map_find(cache->panels, panel);

	return known >= 0 ? cache->states[known] : read_state(cache, &seed);
}

/* Likewise of a device. */
static PowerState *
state_of_device(RackCache *cache, const pg_uuid_t *device)
{
	NetworkSeed seed = {.devices = device, .n_devices = 1};
	int			known = id_map_find(cache->devices, device);

	return known >= 0 ? cache->states[known] : read_state(cache, &seed);
}

/* Raises 22023 where there is no such rack. */
static void
rack_must_exist(Datum rack)
{
	static CheckQuery query = QUERY("SELECT 1 FROM powerpanel.rack"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);

	must_exist(&query, "rack", DatumGetUUIDP(rack));
}

/* What the feeds assigned to a rack carry, whatever they lead to, and what they promise. */
static Load
feeds_of_rack(RackCache *cache, Datum rack, RackDesign *design)
{
	static CheckQuery query = QUERY("SELECT id, power_panel_id FROM powerpanel.power_feed"
									" WHERE rack_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Load		sum = {0, 0};
	QueryRows	rows = query_run_for_user(&query, &rack);

	if (rows.n == 0)
		rack_must_exist(rack);
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);
		PowerState *state = state_of_panel(cache, query_uuid(row, 2));
		int			feed;

		CHECK_FOR_INTERRUPTS();
		feed = network_feed(state->network, query_uuid(row, 1));
		if (feed < 0)
			continue;
		rack_design_add(design, &state->network->feeds[feed]);
		sum.allocated += state->feeds[feed].load.allocated;
		sum.maximum += state->feeds[feed].load.maximum;
	}
	return sum;
}

/* What the devices of a rack draw that pass nothing on, wherever it comes from. */
static double
devices_of_rack(RackCache *cache, Datum rack)
{
	static CheckQuery query = QUERY("SELECT d.id FROM powerpanel.device d"
									" WHERE d.rack_id OPERATOR(pg_catalog.=) $1 AND NOT EXISTS ("
									"SELECT FROM powerpanel.power_outlet o"
									" WHERE o.device_id OPERATOR(pg_catalog.=) d.id)", UUIDOID);
	double		sum = 0;
	QueryRows	rows = query_run_for_user(&query, &rack);

	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);
		PowerState *state = state_of_device(cache, query_uuid(row, 1));
		int			device;

		CHECK_FOR_INTERRUPTS();
		device = id_map_find(state->network->device_index, query_uuid(row, 1));
		if (device >= 0)
			sum += basis(state->devices[device].load);
	}
	return sum;
}

/* rack_load(rack): allocated_va, maximum_va, devices_va, basis_va, label */
Datum
rack_load(PG_FUNCTION_ARGS)
{
	RackCache  *cache = get_cache(fcinfo->flinfo);
	Datum		rack = PG_GETARG_DATUM(0);
	Load		feeds;
	double		devices;
	RackDesign	design = {0};
	const char *label;
	Datum		values[5] = {0};
	bool		nulls[5] = {false};
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept type record")));
	query_begin();
	feeds = feeds_of_rack(cache, rack, &design);
	devices = devices_of_rack(cache, rack);
	query_end();
	values[0] = Float8GetDatum(feeds.allocated);
	values[1] = Float8GetDatum(feeds.maximum);
	values[2] = Float8GetDatum(devices);
	values[3] = Float8GetDatum(basis(feeds));
	label = rack_label(design);
	nulls[4] = label == NULL;
	if (label != NULL)
		values[4] = CStringGetTextDatum(label);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
