/*-------------------------------------------------------------------------
 *
 * trip_stages.c
 *	  The trips of many outages, where breakers open even though nothing fails.
 *
 * Where breakers carry too much already now, they open in each outage, too, and
 * to work that out again and again would cost more than all else.  So it is done
 * once: stage 0 is the network as it is now, and each stage is the one before it
 * with all those open that open next though nothing fails.
 *
 * An outage begins on stage 0.  When of those breakers all open that are energized
 * in it, it goes on on the next stage, where these are open already: there fail
 * what failed, and what opened beside them.  That is the same as to open them one
 * by one, as the state depends on what has failed alone (outage.c), and a breaker
 * that is off may as well be open: it stays off, whatever else fails.  Where one of
 * them does not open, for it is relieved or another one below it opens first, the
 * outage stays on its stage and goes on by itself (trips_run()).
 *
 * What an outage does not touch (parts.c) is counted and not worked out.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "trip_stages.h"

/* Each has a state of its own, so there are not many; what opens later is worked out for each outage. */
#define MAX_STAGES		4

typedef struct Stage
{
	Outage	   *outage;
	Trips	   *trips;
	bool	   *opens;			/* of each breaker: it opens next, though nothing
								 * fails; NULL on the last stage */
	int		   *n_opens;		/* how many do, of each part */
	int		   *dark;			/* devices dark here and not now, of each part */
} Stage;

struct TripStages
{
	const Network *network;
	Stage		stages[MAX_STAGES];
	int			n;
	int			at;				/* the stage that the outage is on */
	Breaker		failed;			/* or -1 */
	int			failed_device;	/* or -1 */
	int			part;			/* that it lies in; or -1, where nothing failed */
	BreakerList extra;			/* what opened that would not by itself */
	/* what opens, and goes dark, though nothing fails: of each part, and of all */
	int		   *opened;
	int		   *dark;
	int			all_opened;
	int			all_dark;
};

static int
part_of_breaker(const TripStages *stages, Breaker breaker)
{
	return trips_part_of_panel(stages->stages[0].trips, breaker_panel(stages->network, breaker));
}

/* Is a device that the outage has changed dark in it, and was not before? */
static bool
went_dark(const Outage *outage, int i)
{
	const PowerState *state = outage->state;
	const ChangedDevice *changed = &outage->devices[i];

	return device_state(state, changed->index) == DEVICE_DARK &&
		device_state_with(state->network, changed->index, &changed->before) != DEVICE_DARK;
}

/* Counts, by part, the devices that went dark in what a stage's outage has changed. */
static void
count_dark(const TripStages *stages, const Outage *outage, int *dark)
{
	for (int i = 0; i < outage->n_devices; i++)
		if (went_dark(outage, i))
			dark[trips_part_of_device(stages->stages[0].trips, outage->devices[i].index)]++;
}

/* --- Making the stages --- */

static void
note_opened(void *arg, const Trip *trip)
{
	TripStages *stages = (TripStages *) arg;

	stages->opened[part_of_breaker(stages, trip->is_panel ? panel_breaker(stages->network, trip->index) :
								   feed_breaker(stages->network, trip->index))]++;
}

/* All that opens though nothing fails. */
static void
count_now(TripStages *stages)
{
	Outage	   *outage = stages->stages[0].outage;
	int			n_parts = trips_parts(stages->stages[0].trips);

	stages->all_opened = trips_run(stages->stages[0].trips, note_opened, stages);
	count_dark(stages, outage, stages->dark);
	for (int part = 0; part < n_parts; part++)
		stages->all_dark += stages->dark[part];
	outage_undo(outage);
}

/* Adds a stage; false where on the one before it nothing opens next. */
static bool
add_stage(TripStages *stages, double trip_at)
{
	Stage	   *before = &stages->stages[stages->n - 1];
	Stage	   *stage = before + 1;
	int			n_parts = trips_parts(stages->stages[0].trips);
	const BreakerList *opens = trips_next(before->trips);

	if (opens->n == 0)
		return false;
	before->opens = zeroed_array(bool, stages->network->n_panels + stages->network->n_feeds);
	before->n_opens = zeroed_array(int, n_parts);
	stage->dark = zeroed_array(int, n_parts);
	memcpy(stage->dark, before->dark, sizeof(int) * n_parts);
	stage->outage = outage_create(power_state_copy(before->outage->state));
	stage->outage->followed = before->outage->followed;
	for (int i = 0; i < opens->n; i++)
	{
		before->opens[opens->items[i]] = true;
		before->n_opens[part_of_breaker(stages, opens->items[i])]++;
		breaker_open(stage->outage, opens->items[i]);
	}
	outage_run(stage->outage);
	count_dark(stages, stage->outage, stage->dark);
	outage_keep(stage->outage);
	stage->trips = trips_create(stage->outage, trip_at);
	stages->n++;
	return true;
}

/* For one outage after the other of a network; its state is left as it is.  For followed see Outage. */
TripStages *
trip_stages_create(PowerState *state, double trip_at, const Followed *followed)
{
	const Network *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	TripStages *stages = palloc0(sizeof(TripStages));
	Stage	   *first = &stages->stages[0];
	int			n_parts;

	stages->network = network;
	stages->n = 1;
	stages->extra.items = huge_array(Breaker, network->n_panels + network->n_feeds);
	first->outage = outage_create(state);
	first->outage->followed = followed;
	first->trips = trips_create(first->outage, trip_at);
	n_parts = trips_parts(first->trips);
	first->dark = zeroed_array(int, n_parts);
	stages->opened = zeroed_array(int, n_parts);
	stages->dark = zeroed_array(int, n_parts);
	count_now(stages);
	while (stages->n < MAX_STAGES && add_stage(stages, trip_at))
		;
	MemoryContextSwitchTo(caller);
	return stages;
}

/* See outage_use_clusters(); the stages themselves have been worked out without. */
void
trip_stages_use_clusters(TripStages *stages, FeedClusters *known)
{
	for (int i = 0; i < stages->n; i++)
		outage_use_clusters(stages->stages[i].outage, known);
}

/* --- An outage --- */

/* What opens as all is now. */
const Trips *
trip_stages_now(const TripStages *stages)
{
	return stages->stages[0].trips;
}

int
trip_stages_count(const TripStages *stages)
{
	return stages->n;
}

/* The outage on a stage: between outages, what the stage is like. */
Outage *
trip_stages_outage(const TripStages *stages, int stage)
{
	return stages->stages[stage].outage;
}

/* The stage that the outage is on by now. */
int
trip_stages_at(const TripStages *stages)
{
	return stages->at;
}

/* Does it lie in the part of the outage?  In the others all is as it is now. */
bool
trip_stages_touches_panel(const TripStages *stages, int panel)
{
	return stages->part < 0 || trips_part_of_panel(stages->stages[0].trips, panel) == stages->part;
}

bool
trip_stages_touches_device(const TripStages *stages, int device)
{
	return stages->part < 0 || trips_part_of_device(stages->stages[0].trips, device) == stages->part;
}

/* Fails on a stage what has failed. */
static void
fail_again(const TripStages *stages, Outage *outage)
{
	if (stages->failed >= 0)
		breaker_open(outage, stages->failed);
	if (stages->failed_device >= 0)
		outage_fail_device(outage, stages->failed_device);
}

/* Begins an outage as all is now, before anything opens. */
static Outage *
begin(TripStages *stages, Breaker failed, int device, int part)
{
	Outage	   *outage = stages->stages[0].outage;

	stages->at = 0;
	stages->failed = failed;
	stages->failed_device = device;
	stages->part = part;
	stages->extra.n = 0;
	fail_again(stages, outage);
	outage_run(outage);
	return outage;
}

/* Fails a breaker's feed or panel; returns the outage, before anything opens. */
Outage *
trip_stages_fail(TripStages *stages, Breaker failed)
{
	return begin(stages, failed, -1, part_of_breaker(stages, failed));
}

/* Likewise a device. */
Outage *
trip_stages_fail_device(TripStages *stages, int device)
{
	return begin(stages, -1, device, trips_part_of_device(stages->stages[0].trips, device));
}

/* An outage of nothing, in which all opens that does so now. */
Outage *
trip_stages_fail_nothing(TripStages *stages)
{
	return begin(stages, -1, -1, -1);
}

/* How many of those that open by themselves are off in the outage. */
static int
count_off(const Stage *stage, const Network *network)
{
	const Outage *outage = stage->outage;
	const PowerState *state = outage->state;
	int			n = 0;

	for (int i = 0; i < outage->n_panels; i++)
		n += stage->opens[panel_breaker(network, outage->panels[i].index)] && !state->panels[outage->panels[i].index].on;
	for (int i = 0; i < outage->n_feeds; i++)
		n += stage->opens[feed_breaker(network, outage->feeds[i].index)] && !state->feeds[outage->feeds[i].index].on;
	return n;
}

/*
 * Does all open that would by itself, as far as it is on?  Then keeps what opens
 * beside it, and sets how many open in all.
 */
static bool
opens_as_now(TripStages *stages, const Stage *stage, int *opened)
{
	const BreakerList *opens = trips_next(stage->trips);
	int			n_extra = stages->extra.n;
	int			n_same = 0;

	for (int i = 0; i < opens->n; i++)
	{
		if (stage->opens[opens->items[i]])
			n_same++;
		else
			stages->extra.items[stages->extra.n++] = opens->items[i];
	}
	*opened = opens->n;
	if (n_same + count_off(stage, stages->network) == stage->n_opens[stages->part])
		return true;
	stages->extra.n = n_extra;
	return false;
}

/* Goes on on the next stage. */
static void
next_stage(TripStages *stages)
{
	Outage	   *outage = stages->stages[stages->at + 1].outage;

	outage_undo(stages->stages[stages->at++].outage);
	fail_again(stages, outage);
	for (int i = 0; i < stages->extra.n; i++)
		breaker_open(outage, stages->extra.items[i]);
	outage_run(outage);
}

/* Lets open what opens; returns how many breakers, those that would by themselves, too. */
int
trip_stages_run(TripStages *stages)
{
	int			opened;
	int			n;

	if (stages->part < 0)
		return trips_run(stages->stages[0].trips, NULL, NULL);
	opened = stages->all_opened - stages->opened[stages->part];
	/* where nothing opens by itself in its part, nothing does on later stages either */
	while (stages->at < stages->n - 1 && stages->stages[stages->at].n_opens[stages->part] > 0 &&
		   opens_as_now(stages, &stages->stages[stages->at], &n))
	{
		CHECK_FOR_INTERRUPTS();
		opened += n;
		next_stage(stages);
	}
	return opened + trips_run(stages->stages[stages->at].trips, NULL, NULL);
}

/* How many devices are dark that are not now, those that would be by themselves, too. */
int
trip_stages_went_dark(const TripStages *stages)
{
	const Stage *stage = &stages->stages[stages->at];
	int			n = stages->all_dark - stages->dark[stages->part] + stage->dark[stages->part];

	for (int i = 0; i < stage->outage->n_devices; i++)
		n += went_dark(stage->outage, i);
	return n;
}

/* Makes all as it is now. */
void
trip_stages_undo(TripStages *stages)
{
	outage_undo(stages->stages[stages->at].outage);
	stages->at = 0;
}
