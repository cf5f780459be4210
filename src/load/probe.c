/*-------------------------------------------------------------------------
 *
 * probe.c
 *	  What a load on a panel's bus would add to all that it hangs on.
 *
 * While nothing is switched, currents add up: what a load adds to a feed does not
 * depend on what that carries already.  So one VA, evenly on the phases of the bus,
 * is put on a network that carries nothing else, and the load model's own functions
 * share it out upwards.  Paths may part and meet again: a panel is looked at
 * when all feeds that it supplies have their part.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "level_queue.h"
#include "overloads.h"
#include "probe.h"

typedef struct ProbeWork
{
	PowerState	only;			/* the network with this load alone: what is on is
								 * kept as in the real state */
	bool	   *waiting;		/* of each panel: is in the queue */
	int		   *steps;			/* of each panel in the queue */
	LevelQueue *queue;			/* sources last */
	int			from;			/* panel whose load is being shared out */
} ProbeWork;

Probe *
probe_create(const PowerState *state)
{
	Network    *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	Probe	   *probe = palloc0(sizeof(Probe));
	ProbeWork  *work = palloc0(sizeof(ProbeWork));

	probe->state = state;
	probe->work = work;
	probe->parts = huge_array(ProbePart, network->n_panels + network->n_feeds);
	work->only.network = network;
	work->only.panels = zeroed_array(PanelState, network->n_panels);
	work->only.feeds = zeroed_array(FeedState, network->n_feeds);
	for (int f = 0; f < network->n_feeds; f++)
		work->only.feeds[f].on = state->feeds[f].on;
	work->waiting = zeroed_array(bool, network->n_panels);
	work->steps = huge_array(int, network->n_panels);
	work->queue = level_queue_create(&network->panel_levels, -1);
	MemoryContextSwitchTo(caller);
	return probe;
}

/* Takes over which feeds are on, where an outage has changed that, or has been swapped back. */
void
probe_follow(Probe *probe, const Outage *outage)
{
	for (int i = 0; i < outage->n_feeds; i++)
	{
		int			feed = outage->feeds[i].index;

		probe->work->only.feeds[feed].on = probe->state->feeds[feed].on;
	}
}

static void
add_part(Probe *probe, bool is_panel, int index, int steps, Load load, const Phases *phases)
{
	probe->parts[probe->n_parts++] = (ProbePart) {
		.thing = {is_panel, index}, .steps = steps, .va = basis(load), .phases = *phases
	};
}

/* Adds a part of the load to a panel, which is looked at later. */
static void
add_to_panel(Probe *probe, int panel, int steps, Load load, const Phases *phases)
{
	ProbeWork  *work = probe->work;
	PanelState *p = &work->only.panels[panel];

	if (!work->waiting[panel])
	{
		work->waiting[panel] = true;
		work->steps[panel] = steps;
		p->load = (Load) {0, 0};
		memset(&p->phases, 0, sizeof(Phases));
		level_queue_push(work->queue, probe->state->network->panels[panel].level, panel);
	}
	work->steps[panel] = Min(work->steps[panel], steps);
	p->load.allocated += load.allocated;
	p->load.maximum += load.maximum;
	phases_add(&p->phases, phases);
}

/* A FeedLoadSetter: what a feed carries of it, and so the panel that it leaves. */
static void
add_to_feed(void *arg, int feed, Load load, const Phases *phases)
{
	Probe	   *probe = (Probe *) arg;
	int			steps = probe->work->steps[probe->work->from];

	if (basis(load) <= 0)
		return;
	add_part(probe, false, feed, steps + 1, load, phases);
	add_to_panel(probe, probe->state->network->feeds[feed].panel, steps + 2, load, phases);
}

/* One VA on the bus of a panel, evenly: finds what carries a part of it. */
void
probe_put(Probe *probe, int panel)
{
	const Network *network = probe->state->network;
	ProbeWork  *work = probe->work;
	Phases		even = phases_of_poles(&network->panels[panel], 0, 0, 1);

	probe->n_parts = 0;
	add_to_panel(probe, panel, 0, (Load) {1, 1}, &even);
	while (work->queue->n > 0)
	{
		int			p = level_queue_pop(work->queue);

		CHECK_FOR_INTERRUPTS();
		work->waiting[p] = false;
		work->from = p;
		add_part(probe, true, p, work->steps[p], work->only.panels[p].load, &work->only.panels[p].phases);
		panel_share_out(&work->only, p, add_to_feed, probe);
	}
}

/* How many times so much more a thing can carry before it is overloaded. */
double
thing_room(const PowerState *state, Thing thing, double va, const Phases *phases)
{
	return thing.is_panel ? panel_room(state, thing.index, va, phases) :
		feed_room(state, thing.index, va, phases);
}

const char *
thing_name(const Network *network, Thing thing)
{
	return thing.is_panel ? network->panels[thing.index].name : network->feeds[thing.index].name;
}

const pg_uuid_t *
thing_id(const Network *network, Thing thing)
{
	return thing.is_panel ? &network->panels[thing.index].id : &network->feeds[thing.index].id;
}

/* By name; of one name feeds go first, and those by their panel's name, then by id. */
int
thing_compare(const Network *network, Thing a, Thing b)
{
	int			c = strcmp(thing_name(network, a), thing_name(network, b));

	if (c == 0)
		c = (int) a.is_panel - (int) b.is_panel;
	if (c == 0 && !a.is_panel)
		c = strcmp(network->panels[network->feeds[a.index].panel].name,
				   network->panels[network->feeds[b.index].panel].name);
	return c != 0 ? c : memcmp(thing_id(network, a), thing_id(network, b), UUID_LEN);
}
