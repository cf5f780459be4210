/*-------------------------------------------------------------------------
 *
 * rack_load.c
 *	  rack_load(): what the feeds assigned to a rack carry.
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
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "loads.h"
#include "query.h"

PG_FUNCTION_INFO_V1(rack_load);

/* What has been read, good for what one snapshot shows. */
typedef struct RackCache
{
	MemoryContext context;
	SnapshotData snapshot;		/* as far as sees_the_same() looks at it */
	SubTransactionId subtransaction;	/* one that is rolled back takes no
										 * command id with it */
	IdMap	   *panels;			/* id -> index of the state that holds it */
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
		cache->subtransaction == GetCurrentSubTransactionId())
		return cache;
	flinfo->fn_extra = NULL;
	if (cache != NULL)
		MemoryContextDelete(cache->context);
	context = AllocSetContextCreate(flinfo->fn_mcxt, "powerpanel rack loads", ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	cache = palloc0(sizeof(RackCache));
	cache->context = context;
	cache->snapshot = *snapshot;
	cache->subtransaction = GetCurrentSubTransactionId();
	cache->snapshot.xip = copy_xids(context, snapshot->xip, (int) snapshot->xcnt);
	cache->snapshot.subxip = copy_xids(context, snapshot->subxip, snapshot->subxcnt);
	cache->panels = id_map_create(64);
	cache->max_states = 16;
	cache->states = palloc(sizeof(PowerState *) * cache->max_states);
	MemoryContextSwitchTo(caller);
	flinfo->fn_extra = cache;
	return cache;
}

/* The state of a network that holds a panel. */
static PowerState *
state_of_panel(RackCache *cache, const pg_uuid_t *panel)
{
	NetworkSeed seed = {.panels = panel, .n_panels = 1};
	int			known = id_map_find(cache->panels, panel);
	MemoryContext caller;
	Network    *network;
	bool		found;

	if (known >= 0)
		return cache->states[known];
	caller = MemoryContextSwitchTo(cache->context);
	network = network_read(&seed, false);
	if (cache->n_states == cache->max_states)
	{
		cache->max_states *= 2;
		cache->states = repalloc(cache->states, sizeof(PowerState *) * cache->max_states);
	}
	for (int p = 0; p < network->n_panels; p++)
		(void) id_map_add(cache->panels, &network->panels[p].id, cache->n_states, &found);
	cache->states[cache->n_states] = power_state_compute(network);
	MemoryContextSwitchTo(caller);
	return cache->states[cache->n_states++];
}

/* Raises 22023 where there is no such rack. */
static void
rack_must_exist(Datum rack)
{
	static CheckQuery query = QUERY("SELECT 1 FROM powerpanel.rack"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);

	if (query_run_for_user(&query, &rack) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("no rack has id %s", DatumGetCString(DirectFunctionCall1(uuid_out, rack)))));
}

/* rack_load(rack): allocated_va, maximum_va */
Datum
rack_load(PG_FUNCTION_ARGS)
{
	static CheckQuery query = QUERY("SELECT id, power_panel_id FROM powerpanel.power_feed"
									" WHERE rack_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	RackCache  *cache = get_cache(fcinfo->flinfo);
	Datum		rack = PG_GETARG_DATUM(0);
	Load		sum = {0, 0};
	Datum		values[2];
	bool		nulls[2] = {false, false};
	TupleDesc	desc;
	uint64		n;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept type record")));
	query_begin();
	n = query_run_for_user(&query, &rack);
	if (n == 0)
		rack_must_exist(rack);
	for (uint64 i = 0; i < n; i++)
	{
		SPITupleTable *feeds = SPI_tuptable;
		PowerState *state = state_of_panel(cache, query_uuid(i, 2));
		int			feed;

		SPI_tuptable = feeds;
		feed = network_feed(state->network, query_uuid(i, 1));
		if (feed >= 0)
		{
			sum.allocated += state->feeds[feed].load.allocated;
			sum.maximum += state->feeds[feed].load.maximum;
		}
	}
	query_end();
	values[0] = Float8GetDatum(sum.allocated);
	values[1] = Float8GetDatum(sum.maximum);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc), values, nulls)));
}
