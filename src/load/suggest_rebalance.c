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

/* The panel whose breakers are moved, in the state of its network. */
typedef struct Rebalance
{
	PowerState *state;
	int			panel;
	int		   *feeds;			/* those with a breaker position */
	int			n;
	Phases		phases;
	int			positions;		/* up to which a breaker may reach */
} Rebalance;

typedef struct Step
{
	double		imbalance;
	int			feed;			/* index in feeds; -1: no step */
	int			position;
	int			other;			/* the one it swaps with, or -1 */
} Step;

static NetFeed *
feed_at(const Rebalance *rebalance, int i)
{
	return &rebalance->state->network->feeds[rebalance->feeds[i]];
}

static const NetPanel *
panel_of(const Rebalance *rebalance)
{
	return &rebalance->state->network->panels[rebalance->panel];
}

/* Adds (or with sign -1 takes away) a breaker's load, were it at a position. */
static void
add_feed(const Rebalance *rebalance, Phases *phases, int i, int position, int sign)
{
	Phases		its = feed_phases_at(rebalance->state, rebalance->feeds[i], position);

	its = phases_scale(&its, sign);
	phases_add(phases, &its);
}

/* The phases with all breakers where they stand by now. */
static void
sum_phases(Rebalance *rebalance)
{
	const Network *network = rebalance->state->network;
	Slice		out = network->panels[rebalance->panel].out;

	memset(&rebalance->phases, 0, sizeof(Phases));
	for (int s = out.first; s < out.end; s++)
	{
		int			feed = network->feeds_out[s];
		Phases		its = feed_phases_at(rebalance->state, feed, network->feeds[feed].position);

		if (rebalance->state->feeds[feed].on)
			phases_add(&rebalance->phases, &its);
	}
}

static double
imbalance_of(const Rebalance *rebalance, const Phases *phases)
{
	return phase_imbalance(panel_of(rebalance)->bus, phases);
}

static void
consider(Step *best, double imbalance, int feed, int position, int other)
{
	if (imbalance < best->imbalance - IMPROVEMENT_MIN)
		*best = (Step) {imbalance, feed, position, other};
}

/* Moves of one breaker to each free place. */
static void
try_moves(Rebalance *rebalance, int i, Step *best)
{
	NetFeed    *feed = feed_at(rebalance, i);
	PanelNumbering numbering = panel_of(rebalance)->numbering;
	PositionBits taken = {{0}};
	Phases		without = rebalance->phases;

	for (int k = 0; k < rebalance->n; k++)
		if (k != i)
			breaker_add_positions(&taken, numbering, feed_at(rebalance, k)->position,
								  feed_at(rebalance, k)->poles);
	add_feed(rebalance, &without, i, feed->position, -1);
	for (int p = 1; p <= rebalance->positions; p++)
	{
		Phases		after = without;

		if (p == feed->position ||
			breaker_last_position(numbering, p, feed->poles) > rebalance->positions ||
			!breaker_fits(&taken, numbering, p, feed->poles))
			continue;
		add_feed(rebalance, &after, i, p, 1);
		consider(best, imbalance_of(rebalance, &after), i, p, -1);
	}
}

/* Marks a breaker's positions, were it at this one; false where it does not fit. */
static bool
occupy(const Rebalance *rebalance, PositionBits *taken, int i, int position)
{
	PanelNumbering numbering = panel_of(rebalance)->numbering;
	int			poles = feed_at(rebalance, i)->poles;

	if (breaker_last_position(numbering, position, poles) > rebalance->positions ||
		!breaker_fits(taken, numbering, position, poles))
		return false;
	breaker_add_positions(taken, numbering, position, poles);
	return true;
}

/* May two breakers change places?  Of different sizes, if there is room. */
static bool
swap_fits(const Rebalance *rebalance, int i, int k)
{
	PositionBits taken = {{0}};

	if (feed_at(rebalance, i)->poles == feed_at(rebalance, k)->poles)
		return true;
	for (int o = 0; o < rebalance->n; o++)
		if (o != i && o != k)
			breaker_add_positions(&taken, panel_of(rebalance)->numbering,
								  feed_at(rebalance, o)->position, feed_at(rebalance, o)->poles);
	return occupy(rebalance, &taken, i, feed_at(rebalance, k)->position) &&
		occupy(rebalance, &taken, k, feed_at(rebalance, i)->position);
}

/* Swaps of one breaker with those that come after it. */
static void
try_swaps(Rebalance *rebalance, int i, Step *best)
{
	for (int k = i + 1; k < rebalance->n; k++)
	{
		Phases		after = rebalance->phases;
		double		imbalance;

		add_feed(rebalance, &after, i, feed_at(rebalance, i)->position, -1);
		add_feed(rebalance, &after, k, feed_at(rebalance, k)->position, -1);
		add_feed(rebalance, &after, i, feed_at(rebalance, k)->position, 1);
		add_feed(rebalance, &after, k, feed_at(rebalance, i)->position, 1);
		imbalance = imbalance_of(rebalance, &after);
		if (imbalance < best->imbalance && swap_fits(rebalance, i, k))
			consider(best, imbalance, i, feed_at(rebalance, k)->position, k);
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
take_step(Rebalance *rebalance, ReturnSetInfo *rsinfo, int number, const Step *step)
{
	NetFeed    *feed = feed_at(rebalance, step->feed);
	int			from = feed->position;

	put_move(rsinfo, number, feed, step->position, step->imbalance);
	if (step->other >= 0)
	{
		put_move(rsinfo, number, feed_at(rebalance, step->other), from, step->imbalance);
		feed_at(rebalance, step->other)->position = from;
	}
	feed->position = step->position;
	sum_phases(rebalance);
}

static int
compare_positions(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;

	return network->feeds[*(const int *) a].position - network->feeds[*(const int *) b].position;
}

static void
set_up(Rebalance *rebalance, PowerState *state, int panel)
{
	Network    *network = state->network;
	Slice		out = network->panels[panel].out;

	rebalance->state = state;
	rebalance->panel = panel;
	rebalance->feeds = palloc(sizeof(int) * Max(slice_count(out), 1));
	rebalance->n = 0;
	rebalance->positions = network->panels[panel].circuit_positions;
	if (rebalance->positions == 0)
		rebalance->positions = BREAKER_POSITION_MAX;
	for (int s = out.first; s < out.end; s++)
		if (network->feeds[network->feeds_out[s]].position > 0)
			rebalance->feeds[rebalance->n++] = network->feeds_out[s];
	/* of equal steps it is always the same one that is suggested */
	qsort_arg(rebalance->feeds, rebalance->n, sizeof(int), compare_positions, network);
	sum_phases(rebalance);
}

/* suggest_rebalance(panel, max_moves) */
Datum
suggest_rebalance(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	NetworkSeed seed = {.n_panels = 1};
	int			max_moves;
	Network    *network;
	Rebalance		rebalance;
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

	set_up(&rebalance, power_state_compute(network), panel);
	for (int step = 1; step <= max_moves; step++)
	{
		Step		best = {imbalance_of(&rebalance, &rebalance.phases), -1, 0, -1};

		CHECK_FOR_INTERRUPTS();
		for (int i = 0; i < rebalance.n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			try_moves(&rebalance, i, &best);
			try_swaps(&rebalance, i, &best);
		}
		if (best.feed < 0)
			break;
		take_step(&rebalance, rsinfo, step, &best);
	}
	return (Datum) 0;
}
