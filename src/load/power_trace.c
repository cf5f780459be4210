/*-------------------------------------------------------------------------
 *
 * power_trace.c
 *	  power_trace(): what the power of a device may come through, up to the
 *	  roots.
 *
 * A walk upwards, breadth first, so that each thing is met first by the fewest
 * steps, and once.  What a step leads from is what the thing above feeds.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "load_model.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(power_trace);

/* In the order of their labels, which is that of the rows. */
typedef enum TraceKind
{
	TRACE_DEVICE,
	TRACE_BANK,
	TRACE_FEED,
	TRACE_OUTLET,
	TRACE_PANEL,
	TRACE_PORT,
	TRACE_KINDS
} TraceKind;

static const char *const kind_labels[] = {
	"device", "power_bank", "power_feed", "power_outlet", "power_panel", "power_port"
};

/* A thing of the trace. */
typedef struct TraceNode
{
	TraceKind	kind;
	int			index;			/* in the network's array of its kind */
	int			depth;
	const pg_uuid_t *id;
	const char *name;
	int			row;			/* its place in the answer */
	Slice		feeds;			/* what it feeds, in the trace's array */
} TraceNode;

/* One step of the walk: the upper feeds the lower. */
typedef struct TraceStep
{
	int			lower;			/* nodes */
	int			upper;
} TraceStep;

typedef struct Trace
{
	const PowerState *state;
	const Network *network;
	int		   *met[TRACE_KINDS];	/* the node of each thing, plus 1; 0: not met */
	TraceNode  *nodes;			/* in the order of the walk */
	int			n_nodes;
	int			max_nodes;
	TraceStep  *steps;
	int			n_steps;
	int			max_steps;
	int		   *feeds;			/* nodes */
} Trace;

static void
trace_grow(void **array, Size element, int n, int *max)
{
	if (n < *max)
		return;
	*max = Max(*max * 2, 64);
	*array = *array == NULL ? palloc(element * *max) : repalloc_huge(*array, element * (Size) *max);
}

static const pg_uuid_t *
thing_id(const Network *n, TraceKind kind, int index)
{
	switch (kind)
	{
		case TRACE_DEVICE:
			return &n->devices[index].id;
		case TRACE_BANK:
			return &n->banks[index].id;
		case TRACE_FEED:
			return &n->feeds[index].id;
		case TRACE_OUTLET:
			return &n->outlets[index].id;
		case TRACE_PANEL:
			return &n->panels[index].id;
		default:
			return &n->ports[index].id;
	}
}

static const char *
thing_name(const Network *n, TraceKind kind, int index)
{
	switch (kind)
	{
		case TRACE_DEVICE:
			return n->devices[index].name;
		case TRACE_BANK:
			return n->banks[index].name;
		case TRACE_FEED:
			return n->feeds[index].name;
		case TRACE_OUTLET:
			return n->outlets[index].name;
		case TRACE_PANEL:
			return n->panels[index].name;
		default:
			return n->ports[index].name;
	}
}

/* The device, or the panel, that a thing is of; NULL where it is one itself. */
static const char *
thing_of_name(const Network *n, TraceKind kind, int index)
{
	switch (kind)
	{
		case TRACE_BANK:
			return n->devices[n->banks[index].device].name;
		case TRACE_FEED:
			return n->panels[n->feeds[index].panel].name;
		case TRACE_OUTLET:
			return n->devices[n->outlets[index].device].name;
		case TRACE_PORT:
			return n->devices[n->ports[index].device].name;
		default:
			return NULL;
	}
}

static bool
thing_energized(const PowerState *state, TraceKind kind, int index)
{
	switch (kind)
	{
		case TRACE_DEVICE:
			return device_state(state, index) != DEVICE_DARK;
		case TRACE_BANK:
			return bank_is_on(state, index);
		case TRACE_FEED:
			return state->feeds[index].on;
		case TRACE_OUTLET:
			return outlet_feeder(state, index) >= 0;
		case TRACE_PANEL:
			return state->panels[index].on;
		default:
			return state->ports[index].on;
	}
}

/* The node of a thing, which is made where it is met first. */
static int
meet(Trace *trace, TraceKind kind, int index, int depth)
{
	int		   *met = &trace->met[kind][index];

	if (*met == 0)
	{
		trace_grow((void **) &trace->nodes, sizeof(TraceNode), trace->n_nodes, &trace->max_nodes);
		trace->nodes[trace->n_nodes++] = (TraceNode) {
			.kind = kind,
			.index = index,
			.depth = depth,
			.id = thing_id(trace->network, kind, index),
			.name = thing_name(trace->network, kind, index)
		};
		*met = trace->n_nodes;
	}
	return *met - 1;
}

/* From a node to a thing that feeds it, if there is one. */
static void
step_up(Trace *trace, int lower, TraceKind kind, int index)
{
	int			upper;

	if (index < 0)
		return;
	upper = meet(trace, kind, index, trace->nodes[lower].depth + 1);
	trace_grow((void **) &trace->steps, sizeof(TraceStep), trace->n_steps, &trace->max_steps);
	trace->steps[trace->n_steps++] = (TraceStep) {lower, upper};
}

/* All that feeds a node directly. */
static void
steps_up(Trace *trace, int node)
{
	const Network *n = trace->network;
	int			index = trace->nodes[node].index;
	Slice		slice;

	switch (trace->nodes[node].kind)
	{
		case TRACE_DEVICE:
			slice = n->devices[index].ports;
			for (int s = slice.first; s < slice.end; s++)
				if (!n->ports[n->device_ports[s]].inner)
					step_up(trace, node, TRACE_PORT, n->device_ports[s]);
			break;
		case TRACE_PORT:
			step_up(trace, node, TRACE_FEED, n->ports[index].feed);
			step_up(trace, node, TRACE_OUTLET, n->ports[index].outlet);
			break;
		case TRACE_OUTLET:
			if (n->outlets[index].bank >= 0)
				step_up(trace, node, TRACE_BANK, n->outlets[index].bank);
			else
				step_up(trace, node, TRACE_PORT, n->outlets[index].inlet);
			step_up(trace, node, TRACE_PORT, n->outlets[index].alternate);
			break;
		case TRACE_BANK:
			step_up(trace, node, TRACE_PORT, n->banks[index].inlet);
			break;
		case TRACE_FEED:
			step_up(trace, node, TRACE_PANEL, n->feeds[index].panel);
			break;
		default:
			slice = n->panels[index].in;
			for (int s = slice.first; s < slice.end; s++)
				step_up(trace, node, TRACE_FEED, n->feeds_in[s]);
	}
}

static int
compare_nodes(const void *a, const void *b)
{
	const TraceNode *x = *(const TraceNode *const *) a;
	const TraceNode *y = *(const TraceNode *const *) b;
	int			c = x->depth - y->depth;

	if (c == 0)
		c = (int) x->kind - (int) y->kind;
	if (c == 0)
		c = strcmp(x->name, y->name);
	return c != 0 ? c : memcmp(x->id, y->id, UUID_LEN);
}

/* The nodes in the order of the answer. */
static TraceNode **
in_order(Trace *trace)
{
	TraceNode **rows = huge_array(TraceNode *, trace->n_nodes);

	for (int i = 0; i < trace->n_nodes; i++)
		rows[i] = &trace->nodes[i];
	qsort(rows, trace->n_nodes, sizeof(TraceNode *), compare_nodes);
	for (int i = 0; i < trace->n_nodes; i++)
		rows[i]->row = i;
	return rows;
}

static int
compare_steps(const void *a, const void *b, void *nodes)
{
	const TraceNode *n = (const TraceNode *) nodes;
	const TraceStep *x = (const TraceStep *) a;
	const TraceStep *y = (const TraceStep *) b;
	int			c = x->upper - y->upper;

	return c != 0 ? c : n[x->lower].row - n[y->lower].row;
}

/* What each node feeds, in the order of the answer. */
static void
set_feeds(Trace *trace)
{
	trace->feeds = huge_array(int, trace->n_steps);
	if (trace->n_steps > 0)
		qsort_arg(trace->steps, trace->n_steps, sizeof(TraceStep), compare_steps, trace->nodes);
	for (int s = 0; s < trace->n_steps; s++)
	{
		Slice	   *feeds = &trace->nodes[trace->steps[s].upper].feeds;

		if (s == 0 || trace->steps[s - 1].upper != trace->steps[s].upper)
			feeds->first = s;
		feeds->end = s + 1;
		trace->feeds[s] = trace->steps[s].lower;
	}
}

static Datum
feeds_datum(const Trace *trace, const TraceNode *node)
{
	int			n = slice_count(node->feeds);
	Datum	   *ids = huge_array(Datum, n);

	for (int i = 0; i < n; i++)
		ids[i] = UUIDPGetDatum(trace->nodes[trace->feeds[node->feeds.first + i]].id);
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

static void
put_node(ReturnSetInfo *rsinfo, const Trace *trace, const TraceNode *node)
{
	const char *of_name = thing_of_name(trace->network, node->kind, node->index);
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = Int32GetDatum(node->depth);
	values[1] = CStringGetTextDatum(kind_labels[node->kind]);
	values[2] = UUIDPGetDatum(node->id);
	values[3] = name_datum(node->name);
	nulls[4] = of_name == NULL;
	values[4] = nulls[4] ? (Datum) 0 : name_datum(of_name);
	/* one without cords has no state */
	nulls[5] = node->kind == TRACE_DEVICE && device_state(trace->state, node->index) == DEVICE_NONE;
	values[5] = BoolGetDatum(thing_energized(trace->state, node->kind, node->index));
	values[6] = feeds_datum(trace, node);
	CHECK_FOR_INTERRUPTS();
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* From the device up to the roots. */
static void
walk(Trace *trace, int device)
{
	const Network *network = trace->network;
	const int	counts[] = {
		network->n_devices, network->n_banks, network->n_feeds,
		network->n_outlets, network->n_panels, network->n_ports
	};

	for (int kind = 0; kind < TRACE_KINDS; kind++)
		trace->met[kind] = zeroed_array(int, counts[kind]);
	(void) meet(trace, TRACE_DEVICE, device, 0);
	for (int i = 0; i < trace->n_nodes; i++)
	{
		CHECK_FOR_INTERRUPTS();
		steps_up(trace, i);
	}
}

/* power_trace(device) */
Datum
power_trace(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	NetworkSeed seed = {0};
	Trace		trace = {0};
	Network    *network;
	TraceNode **rows;
	int			device;

	argument_not_null(fcinfo, 0, "device");
	seed.devices = PG_GETARG_UUID_P(0);
	seed.n_devices = 1;
	InitMaterializedSRF(fcinfo, 0);
	network = network_read_above(&seed, NAMES_ALL);
	device = id_map_find(network->device_index, seed.devices);
	if (device < 0)
		no_such("device", seed.devices);
	trace.network = network;
	trace.state = power_state_energized(network);
	walk(&trace, device);
	rows = in_order(&trace);
	set_feeds(&trace);
	for (int i = 0; i < trace.n_nodes; i++)
		put_node(rsinfo, &trace, rows[i]);
	return (Datum) 0;
}
