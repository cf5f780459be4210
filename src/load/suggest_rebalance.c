/*-------------------------------------------------------------------------
 *
 * suggest_rebalance.c
 *	  suggest_rebalance(): breakers to move so that the phases of a panel carry
 *	  more even loads.
 *
 * Each step is the one move to a free place, or the one swap of two breakers,
 * that lowers the imbalance most; until there is none, or there were as many as
 * asked for.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "panel_read.h"
#include "query.h"
#include "loads.h"

PG_FUNCTION_INFO_V1(suggest_rebalance);

/* An improvement smaller than this, in percent, is none. */
#define IMPROVEMENT_MIN		1e-6

typedef struct Bench
{
	PowerState *state;
	int			panel;
	int		   *feeds;			/* those with a breaker position */
	int			n;
	Phases		phases;
	int			positions;		/* up to which a breaker may reach */
} Bench;

typedef struct Step
{
	double		imbalance;
	int			feed;			/* index in feeds; -1: no step */
	int			position;
	int			other;			/* the one it swaps with, or -1 */
} Step;

static NetFeed *
feed_at(const Bench *bench, int i)
{
	return &bench->state->network->feeds[bench->feeds[i]];
}

static const NetPanel *
bench_panel(const Bench *bench)
{
	return &bench->state->network->panels[bench->panel];
}

/* Adds (or with sign -1 takes away) a breaker's load, were it at a position. */
static void
add_feed(const Bench *bench, Phases *phases, int i, int position, int sign)
{
	Phases		its = feed_phases_at(bench->state, bench->feeds[i], position);

	its = phases_scale(&its, sign);
	phases_add(phases, &its);
}

/* The phases with all breakers where they stand by now. */
static void
sum_phases(Bench *bench)
{
	const Network *network = bench->state->network;
	Slice		out = network->panels[bench->panel].out;

	memset(&bench->phases, 0, sizeof(Phases));
	for (int s = out.first; s < out.end; s++)
	{
		int			feed = network->feeds_out[s];
		Phases		its = feed_phases_at(bench->state, feed, network->feeds[feed].position);

		if (bench->state->feeds[feed].on)
			phases_add(&bench->phases, &its);
	}
}

static double
imbalance_of(const Bench *bench, const Phases *phases)
{
	return phase_imbalance(bench_panel(bench)->bus, phases);
}

static void
consider(Step *best, double imbalance, int feed, int position, int other)
{
	if (imbalance < best->imbalance - IMPROVEMENT_MIN)
		*best = (Step) {imbalance, feed, position, other};
}

/* Moves of one breaker to each free place. */
static void
try_moves(Bench *bench, int i, Step *best)
{
	NetFeed    *feed = feed_at(bench, i);
	PanelNumbering numbering = bench_panel(bench)->numbering;
	PositionBits taken = {{0}};
	Phases		without = bench->phases;

	for (int k = 0; k < bench->n; k++)
		if (k != i)
			breaker_add_positions(&taken, numbering, feed_at(bench, k)->position,
								  feed_at(bench, k)->poles);
	add_feed(bench, &without, i, feed->position, -1);
	for (int p = 1; p <= bench->positions; p++)
	{
		Phases		after = without;

		if (p == feed->position ||
			breaker_last_position(numbering, p, feed->poles) > bench->positions ||
			!breaker_fits(&taken, numbering, p, feed->poles))
			continue;
		add_feed(bench, &after, i, p, 1);
		consider(best, imbalance_of(bench, &after), i, p, -1);
	}
}

/* Marks a breaker's positions, were it at this one; false where it does not fit. */
static bool
occupy(const Bench *bench, PositionBits *taken, int i, int position)
{
	PanelNumbering numbering = bench_panel(bench)->numbering;
	int			poles = feed_at(bench, i)->poles;

	if (breaker_last_position(numbering, position, poles) > bench->positions ||
		!breaker_fits(taken, numbering, position, poles))
		return false;
	breaker_add_positions(taken, numbering, position, poles);
	return true;
}

/* May two breakers change places?  Of different sizes, if there is room. */
static bool
swap_fits(const Bench *bench, int i, int k)
{
	PositionBits taken = {{0}};

	if (feed_at(bench, i)->poles == feed_at(bench, k)->poles)
		return true;
	for (int o = 0; o < bench->n; o++)
		if (o != i && o != k)
			breaker_add_positions(&taken, bench_panel(bench)->numbering,
								  feed_at(bench, o)->position, feed_at(bench, o)->poles);
	return occupy(bench, &taken, i, feed_at(bench, k)->position) &&
		occupy(bench, &taken, k, feed_at(bench, i)->position);
}

/* Swaps of one breaker with those that come after it. */
static void
try_swaps(Bench *bench, int i, Step *best)
{
	for (int k = i + 1; k < bench->n; k++)
	{
		Phases		after = bench->phases;
		double		imbalance;

		add_feed(bench, &after, i, feed_at(bench, i)->position, -1);
		add_feed(bench, &after, k, feed_at(bench, k)->position, -1);
		add_feed(bench, &after, i, feed_at(bench, k)->position, 1);
		add_feed(bench, &after, k, feed_at(bench, i)->position, 1);
		imbalance = imbalance_of(bench, &after);
		if (imbalance < best->imbalance && swap_fits(bench, i, k))
			consider(best, imbalance, i, feed_at(bench, k)->position, k);
	}
}

static void
put_move(ReturnSetInfo *rsinfo, int step, const NetFeed *feed, int to, double imbalance)
{
	Datum		values[6];
	bool		nulls[6] = {false};

	values[0] = Int32GetDatum(step);
	values[1] = UUIDPGetDatum(&feed->id);
	values[2] = CStringGetTextDatum(feed->name);
	values[3] = Int32GetDatum(feed->position);
	values[4] = Int32GetDatum(to);
	values[5] = Float8GetDatum(imbalance);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* Reports a step and does it. */
static void
take_step(Bench *bench, ReturnSetInfo *rsinfo, int number, const Step *step)
{
	NetFeed    *feed = feed_at(bench, step->feed);
	int			from = feed->position;

	put_move(rsinfo, number, feed, step->position, step->imbalance);
	if (step->other >= 0)
	{
		put_move(rsinfo, number, feed_at(bench, step->other), from, step->imbalance);
		feed_at(bench, step->other)->position = from;
	}
	feed->position = step->position;
	sum_phases(bench);
}

static int
compare_positions(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;

	return network->feeds[*(const int *) a].position - network->feeds[*(const int *) b].position;
}

static void
set_up(Bench *bench, PowerState *state, int panel)
{
	Network    *network = state->network;
	Slice		out = network->panels[panel].out;

	bench->state = state;
	bench->panel = panel;
	bench->feeds = palloc(sizeof(int) * Max(slice_count(out), 1));
	bench->n = 0;
	bench->positions = network->panels[panel].circuit_positions;
	if (bench->positions == 0)
		bench->positions = BREAKER_POSITION_MAX;
	for (int s = out.first; s < out.end; s++)
		if (network->feeds[network->feeds_out[s]].position > 0)
			bench->feeds[bench->n++] = network->feeds_out[s];
	/* of equal steps it is always the same one that is suggested */
	qsort_arg(bench->feeds, bench->n, sizeof(int), compare_positions, network);
	sum_phases(bench);
}

/* suggest_rebalance(panel, max_moves) */
Datum
suggest_rebalance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	NetworkSeed seed = {.n_panels = 1};
	int			max_moves;
	Network    *network;
	Bench		bench;
	int			panel;

	argument_not_null(fcinfo, 0, "panel");
	argument_not_null(fcinfo, 1, "max_moves");
	seed.panels = PG_GETARG_UUID_P(0);
	max_moves = PG_GETARG_INT32(1);
	if (max_moves < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"max_moves\" must be at least 1")));
	InitMaterializedSRF(fcinfo, 0);
	network = network_read(&seed, NAMES_OF_FEEDS);
	panel = id_map_find(network->panel_index, seed.panels);
	if (panel < 0)
		no_such("power panel", seed.panels);
	if (bus_phases(network->panels[panel].bus) < 2)
		return (Datum) 0;

	set_up(&bench, power_state_compute(network), panel);
	for (int step = 1; step <= max_moves; step++)
	{
		Step		best = {imbalance_of(&bench, &bench.phases), -1, 0, -1};

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < bench.n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			try_moves(&bench, i, &best);
			try_swaps(&bench, i, &best);
		}
		if (best.feed < 0)
			break;
		take_step(&bench, rsinfo, step, &best);
	}
	return (Datum) 0;
}
