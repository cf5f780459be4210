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
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "power_query.h"
#include "query.h"

PG_FUNCTION_INFO_V1(rack_load);

/* A network that has been read and what is known of it. */
typedef struct KnownState
{
	struct KnownState *next;
	PowerState *state;
} KnownState;

/* Good for one snapshot. */
typedef struct RackCache
{
	MemoryContext context;
	uint64		completed;		/* of the snapshot */
	CommandId	command;
	KnownState *known;
} RackCache;

static bool
is_current(const RackCache *cache, Snapshot snapshot)
{
	return cache != NULL && cache->completed == snapshot->snapXactCompletionCount &&
		cache->command == snapshot->curcid;
}

/* What this call site has kept, emptied where the data may be others. */
static RackCache *
get_cache(FmgrInfo *flinfo)
{
	RackCache  *cache = (RackCache *) flinfo->fn_extra;
	Snapshot	snapshot = GetActiveSnapshot();
	MemoryContext context;

	if (is_current(cache, snapshot))
		return cache;
	flinfo->fn_extra = NULL;
	if (cache != NULL)
		MemoryContextDelete(cache->context);
	context = AllocSetContextCreate(flinfo->fn_mcxt, "powerpanel rack loads", ALLOCSET_DEFAULT_SIZES);
	cache = MemoryContextAllocZero(context, sizeof(RackCache));
	cache->context = context;
	cache->completed = snapshot->snapXactCompletionCount;
	cache->command = snapshot->curcid;
	flinfo->fn_extra = cache;
	return cache;
}

/* The state of a network that holds a panel. */
static PowerState *
state_of_panel(RackCache *cache, const pg_uuid_t *panel)
{
	NetworkSeed seed = {.panels = panel, .n_panels = 1};
	MemoryContext caller;
	KnownState *known;

	for (known = cache->known; known != NULL; known = known->next)
		if (id_map_find(known->state->network->panel_index, panel) >= 0)
			return known->state;
	caller = MemoryContextSwitchTo(cache->context);
	known = palloc(sizeof(KnownState));
	known->state = power_state_compute(network_read(&seed, false));
	known->next = cache->known;
	cache->known = known;
	MemoryContextSwitchTo(caller);
	return known->state;
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
	for (uint64 i = 0; i < n; i++)
	{
		SPITupleTable *feeds = SPI_tuptable;
		PowerState *state = state_of_panel(cache, query_uuid(i, 2));
		int			feed;

		SPI_tuptable = feeds;
		feed = id_map_find(state->network->feed_index, query_uuid(i, 1));
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
