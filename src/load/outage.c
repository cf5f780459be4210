/*-------------------------------------------------------------------------
 *
 * outage.c
 *	  A network in which something has failed: only what the failure touches
 *	  is computed again.
 *
 * The functions of the load model are the same as for the whole network
 * (load_model.c); here they are called in the order of dependence for those
 * things that depend on a change.  What is changed is noted with its former
 * state, which says what the outage does, and lets it be undone.
 *
 * An outage may grow: fail more and run again, as trips.c does.  Each run starts
 * from a state in which everything agrees with what it depends on, and works out
 * again whatever depends on what the new failures change, by the functions that
 * make the state of the whole network; so the result is that of all failures at
 * once, to the last bit.  What is noted is the state before the first of them, and
 * one undo takes them all back.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "level_queue.h"
#include "outage.h"

/* Marks of things: noted as changed, waiting in a queue. */
#define MARK_CHANGED	0x01
#define MARK_DOWN		0x02	/* energized? */
#define MARK_UP			0x04	/* load */
#define MARK_TOUCHED	0x08	/* of a device: in this run */

typedef struct OutageWork
{
	uint8	   *panel_marks;
	uint8	   *feed_marks;
	uint8	   *port_marks;
	uint8	   *device_marks;
	uint8	   *cluster_marks;
	LevelQueue *panels_down;	/* sources first */
	LevelQueue *panels_up;		/* sources last */
	LevelQueue *ports_down;
	LevelQueue *ports_up;
	int		   *feeds_up;		/* in any order */
	int			n_feeds_up;
	int		   *clusters_down;	/* likewise */
	int			n_clusters_down;
	int		   *devices_touched;	/* likewise: that this run changes */
	int			n_devices_touched;
} OutageWork;

/* Room for an outage; one can be computed and undone after the other. */
Outage *
outage_create(PowerState *state)
{
	Network    *network = state->network;
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	Outage	   *outage = palloc0(sizeof(Outage));
	OutageWork *work = palloc0(sizeof(OutageWork));

	outage->state = state;
	outage->work = work;
	outage->panels = huge_array(ChangedPanel, network->n_panels);
	outage->feeds = huge_array(ChangedFeed, network->n_feeds);
	outage->ports = huge_array(ChangedPort, network->n_ports);
	outage->inlets = huge_array(ChangedInlet, network->n_inlets);
	outage->devices = huge_array(ChangedDevice, network->n_devices);
	work->panel_marks = zeroed_array(uint8, network->n_panels);
	work->feed_marks = zeroed_array(uint8, network->n_feeds);
	work->port_marks = zeroed_array(uint8, network->n_ports);
	work->device_marks = zeroed_array(uint8, network->n_devices);
	work->panels_down = level_queue_create(&network->panel_levels, 1);
	work->panels_up = level_queue_create(&network->panel_levels, -1);
	work->ports_down = level_queue_create(&network->port_levels, 1);
	work->ports_up = level_queue_create(&network->port_levels, -1);
	work->feeds_up = huge_array(int, network->n_feeds);
	work->devices_touched = huge_array(int, network->n_devices);
	MemoryContextSwitchTo(caller);
	return outage;
}

/*
 * From now on, what these feeds to devices carry is looked up there and not worked
 * out device by device; what of devices changes is not told then, and none may fail.
 * NULL ends it.
 */
void
outage_use_clusters(Outage *outage, FeedClusters *known)
{
	MemoryContext caller = MemoryContextSwitchTo(outage->state->network->context);

	outage->known = known;
	if (known != NULL)
	{
		outage->clusters = huge_array(int, known->n);
		outage->work->cluster_marks = zeroed_array(uint8, known->n);
		outage->work->clusters_down = huge_array(int, known->n);
	}
	MemoryContextSwitchTo(caller);
}

/* Is this the first change of a thing?  Notes that it is changed. */
static bool
first_change(uint8 *mark)
{
	if (*mark & MARK_CHANGED)
		return false;
	*mark |= MARK_CHANGED;
	return true;
}

static PanelState *
change_panel(Outage *outage, int panel)
{
	if (first_change(&outage->work->panel_marks[panel]))
		outage->panels[outage->n_panels++] = (ChangedPanel) {panel, outage->state->panels[panel]};
	return &outage->state->panels[panel];
}

static FeedState *
change_feed(Outage *outage, int feed)
{
	if (first_change(&outage->work->feed_marks[feed]))
		outage->feeds[outage->n_feeds++] = (ChangedFeed) {feed, outage->state->feeds[feed]};
	return &outage->state->feeds[feed];
}

static Phases *
inlet_phases(const PowerState *state, int port)
{
	return &state->inlets[state->network->ports[port].inlet_number];
}

static PortState *
change_port(Outage *outage, int port)
{
	if (first_change(&outage->work->port_marks[port]))
	{
		const NetPort *p = &outage->state->network->ports[port];

		outage->ports[outage->n_ports++] = (ChangedPort) {port, outage->state->ports[port]};
		if (p->inlet)
			outage->inlets[outage->n_inlets++] =
				(ChangedInlet) {p->inlet_number, outage->state->inlets[p->inlet_number]};
	}
	return &outage->state->ports[port];
}

/* The run looks at it again; see outage_run(). */
static DevicePowerState *
change_device(Outage *outage, int device)
{
	OutageWork *work = outage->work;

	if (first_change(&work->device_marks[device]))
		outage->devices[outage->n_devices++] =
			(ChangedDevice) {device, outage->state->devices[device]};
	if (!(work->device_marks[device] & MARK_TOUCHED))
	{
		work->device_marks[device] |= MARK_TOUCHED;
		work->devices_touched[work->n_devices_touched++] = device;
	}
	return &outage->state->devices[device];
}

static void
push(LevelQueue *queue, uint8 *marks, uint8 which, int index, int level)
{
	if (marks[index] & which)
		return;
	marks[index] |= which;
	level_queue_push(queue, level, index);
}

static void
panel_down(Outage *outage, int panel)
{
	push(outage->work->panels_down, outage->work->panel_marks, MARK_DOWN, panel,
		 outage->state->network->panels[panel].level);
}

static void
panel_up(Outage *outage, int panel)
{
	if (outage->followed == NULL || outage->followed->panel_loads[panel])
		push(outage->work->panels_up, outage->work->panel_marks, MARK_UP, panel,
			 outage->state->network->panels[panel].level);
}

/* The feeds that lead to no panel have no order among them. */
static void
feed_up(Outage *outage, int feed)
{
	OutageWork *work = outage->work;

	if (work->feed_marks[feed] & MARK_UP)
		return;
	work->feed_marks[feed] |= MARK_UP;
	work->feeds_up[work->n_feeds_up++] = feed;
}

/*
 * Ports without a cable are in no order and never change.  Those of devices that
 * nobody follows stay as they are, and so does what hangs on them.
 */
static void
port_down(Outage *outage, int port)
{
	const NetPort *p;

	if (port < 0)
		return;
	p = &outage->state->network->ports[port];
	if (p->level >= 0 && (outage->followed == NULL || outage->followed->devices[p->device]))
		push(outage->work->ports_down, outage->work->port_marks, MARK_DOWN, port, p->level);
}

static void
port_up(Outage *outage, int port)
{
	if (port >= 0 && outage->state->network->ports[port].level >= 0 &&
		(outage->followed == NULL || outage->followed->port_loads[port]))
		push(outage->work->ports_up, outage->work->port_marks, MARK_UP, port,
			 outage->state->network->ports[port].level);
}

/* A feed to devices is off: is what it and others carry then looked up? */
static bool
cluster_down(Outage *outage, int feed)
{
	OutageWork *work = outage->work;
	int			cluster = outage->known == NULL ? -1 : outage->known->of_feed[feed];

	if (cluster < 0)
		return false;
	if (first_change(&work->cluster_marks[cluster]))
		outage->clusters[outage->n_clusters++] = cluster;
	if (!(work->cluster_marks[cluster] & MARK_DOWN))
	{
		work->cluster_marks[cluster] |= MARK_DOWN;
		work->clusters_down[work->n_clusters_down++] = cluster;
	}
	return true;
}

/* Is a feed still energized?  What hangs on it follows. */
static void
update_feed(Outage *outage, int feed)
{
	const NetFeed *f = &outage->state->network->feeds[feed];
	bool		on = feed_is_on(outage->state, feed);

	if (on == outage->state->feeds[feed].on)
		return;
	change_feed(outage, feed)->on = on;
	panel_up(outage, f->panel);
	if (f->destination >= 0)
	{
		panel_down(outage, f->destination);
		panel_up(outage, f->destination);
	}
	if (cluster_down(outage, feed))
		return;
	for (int s = f->ports.first; s < f->ports.end; s++)
		port_down(outage, outage->state->network->feed_ports[s]);
	if (!f->has_destination)
		feed_up(outage, feed);
}

static void
update_panel(Outage *outage, int panel)
{
	const Network *network = outage->state->network;
	Slice		out = network->panels[panel].out;
	bool		on = panel_is_on(outage->state, panel);

	if (on == outage->state->panels[panel].on)
		return;
	change_panel(outage, panel)->on = on;
	panel_up(outage, panel);
	for (int s = out.first; s < out.end; s++)
		update_feed(outage, network->feeds_out[s]);
}

static void
update_port(Outage *outage, int port)
{
	const Network *network = outage->state->network;
	const NetPort *p = &network->ports[port];
	bool		on = port_is_on(outage->state, port);

	if (on == outage->state->ports[port].on)
		return;
	change_port(outage, port)->on = on;
	(void) change_device(outage, p->device);
	port_up(outage, port);
	for (int s = p->outlets.first; s < p->outlets.end; s++)
	{
		const NetOutlet *outlet = &network->outlets[network->port_outlets[s]];

		port_down(outage, outlet->port);
		/* the other inlet takes it over, or gives it back */
		port_up(outage, outlet->inlet);
		port_up(outage, outlet->alternate);
	}
}

/*
 * What the other ports of a device that lost a port take over; nothing where it
 * has gone dark.
 */
static void
update_device(Outage *outage, int device)
{
	const Network *network = outage->state->network;
	Slice		ports = network->devices[device].ports;
	DevicePowerState *d = &outage->state->devices[device];
	Load		share = device_share(outage->state, device);
	bool		dark;

	d->cords_on = device_cords_on(outage->state, device);
	dark = device_state(outage->state, device) == DEVICE_DARK;
	if (share.allocated == d->share.allocated && share.maximum == d->share.maximum && dark == d->dark)
		return;
	d->share = share;
	d->dark = dark;
	for (int s = ports.first; s < ports.end; s++)
		port_up(outage, network->device_ports[s]);
}

static bool
same_load(Load a, Load b)
{
	return a.allocated == b.allocated && a.maximum == b.maximum;
}

static void
set_feed_load(void *arg, int feed, Load load, const Phases *phases)
{
	Outage	   *outage = (Outage *) arg;
	FeedState  *state = &outage->state->feeds[feed];

	if (same_load(load, state->load) && phases_same(phases, &state->phases))
		return;
	state = change_feed(outage, feed);
	state->load = load;
	state->phases = *phases;
	panel_up(outage, outage->state->network->feeds[feed].panel);
}

static void
update_cluster(Outage *outage, int cluster)
{
	outage->work->cluster_marks[cluster] &= ~MARK_DOWN;
	outage->known->set_loads(outage->known, outage->state, cluster, set_feed_load, outage);
}

static void
update_port_load(Outage *outage, int port)
{
	const Network *network = outage->state->network;
	const NetPort *p = &network->ports[port];
	PortState  *state = &outage->state->ports[port];
	Phases		phases;
	Load		load = port_carries(outage->state, port, &phases);

	if (same_load(load, state->load) &&
		(!p->inlet || phases_same(&phases, inlet_phases(outage->state, port))))
		return;
	state = change_port(outage, port);
	state->load = load;
	if (p->inlet)
		*inlet_phases(outage->state, port) = phases;
	(void) change_device(outage, p->device);
	if (p->outlet >= 0)
	{
		port_up(outage, network->outlets[p->outlet].inlet);
		port_up(outage, network->outlets[p->outlet].alternate);
	}
	else if (p->feed >= 0 && !network->feeds[p->feed].has_destination)
		feed_up(outage, p->feed);
}

static void
update_panel_load(Outage *outage, int panel)
{
	PanelState *p = &outage->state->panels[panel];
	double		capacity = panel_capacity(outage->state, panel);
	Load		load;
	Phases		phases;

	panel_sum(outage->state, panel, &load, &phases);
	if (!same_load(load, p->load) || !phases_same(&phases, &p->phases) || capacity != p->capacity)
	{
		p = change_panel(outage, panel);
		p->load = load;
		p->phases = phases;
		p->capacity = capacity;
	}
	panel_share_out(outage->state, panel, set_feed_load, outage);
}

void
outage_fail_panel(Outage *outage, int panel)
{
	change_panel(outage, panel)->failed = true;
	panel_down(outage, panel);
}

void
outage_fail_feed(Outage *outage, int feed)
{
	change_feed(outage, feed)->failed = true;
	update_feed(outage, feed);
}

/* It draws nothing, and its outlets are off. */
void
outage_fail_device(Outage *outage, int device)
{
	const Network *network = outage->state->network;
	Slice		ports = network->devices[device].ports;
	Slice		outlets = network->devices[device].outlets;

	change_device(outage, device)->failed = true;
	for (int s = ports.first; s < ports.end; s++)
		port_up(outage, network->device_ports[s]);
	for (int s = outlets.first; s < outlets.end; s++)
		port_down(outage, network->outlets[network->device_outlets[s]].port);
}

/* The next in a queue, of those whose marks are given. */
static int
pop(LevelQueue *queue, uint8 *marks, uint8 which)
{
	int			index = level_queue_pop(queue);

	marks[index] &= ~which;
	CHECK_FOR_INTERRUPTS();
	return index;
}

/* The loads of the devices that a run has changed; the next run starts with none. */
static void
finish_devices(Outage *outage)
{
	OutageWork *work = outage->work;

	for (int i = 0; i < work->n_devices_touched; i++)
	{
		int			device = work->devices_touched[i];

		if (outage->followed == NULL)
			outage->state->devices[device].load = device_load(outage->state, device);
		work->device_marks[device] &= ~MARK_TOUCHED;
	}
	work->n_devices_touched = 0;
}

/* Computes what follows from the failures. */
void
outage_run(Outage *outage)
{
	OutageWork *work = outage->work;

	while (work->panels_down->n > 0)
		update_panel(outage, pop(work->panels_down, work->panel_marks, MARK_DOWN));
	while (work->n_clusters_down > 0)
		update_cluster(outage, work->clusters_down[--work->n_clusters_down]);
	while (work->ports_down->n > 0)
		update_port(outage, pop(work->ports_down, work->port_marks, MARK_DOWN));
	/* those of which a port went on or off, or that failed */
	for (int i = 0; i < work->n_devices_touched; i++)
		update_device(outage, work->devices_touched[i]);
	while (work->ports_up->n > 0)
		update_port_load(outage, pop(work->ports_up, work->port_marks, MARK_UP));
	while (work->n_feeds_up > 0)
	{
		int			feed = work->feeds_up[--work->n_feeds_up];
		Phases		phases;
		Load		load = feed_end_load(outage->state, feed, &phases);

		work->feed_marks[feed] &= ~MARK_UP;
		set_feed_load(outage, feed, load, &phases);
	}
	while (work->panels_up->n > 0)
		update_panel_load(outage, pop(work->panels_up, work->panel_marks, MARK_UP));
	finish_devices(outage);
}

/* Exchanges a state and what was noted of it. */
#define SWAP(type, a, b) \
	do { \
		type		t_ = (a); \
		(a) = (b); \
		(b) = t_; \
	} while (0)

/*
 * Exchanges what is and what was before the failures, for one who compares.
 * Done twice, all is as it was; outage_undo() does it where it is needed.
 */
void
outage_swap(Outage *outage)
{
	PowerState *state = outage->state;

	for (int i = 0; i < outage->n_panels; i++)
		SWAP(PanelState, state->panels[outage->panels[i].index], outage->panels[i].before);
	for (int i = 0; i < outage->n_feeds; i++)
		SWAP(FeedState, state->feeds[outage->feeds[i].index], outage->feeds[i].before);
	for (int i = 0; i < outage->n_ports; i++)
		SWAP(PortState, state->ports[outage->ports[i].index], outage->ports[i].before);
	for (int i = 0; i < outage->n_inlets; i++)
		SWAP(Phases, state->inlets[outage->inlets[i].index], outage->inlets[i].before);
	for (int i = 0; i < outage->n_devices; i++)
		SWAP(DevicePowerState, state->devices[outage->devices[i].index], outage->devices[i].before);
	outage->swapped = !outage->swapped;
}

/* Forgets what has changed. */
static void
forget(Outage *outage)
{
	OutageWork *work = outage->work;

	for (int i = 0; i < outage->n_panels; i++)
		work->panel_marks[outage->panels[i].index] = 0;
	for (int i = 0; i < outage->n_feeds; i++)
		work->feed_marks[outage->feeds[i].index] = 0;
	for (int i = 0; i < outage->n_ports; i++)
		work->port_marks[outage->ports[i].index] = 0;
	for (int i = 0; i < outage->n_devices; i++)
		work->device_marks[outage->devices[i].index] = 0;
	for (int i = 0; i < outage->n_clusters; i++)
		work->cluster_marks[outage->clusters[i]] = 0;
	outage->n_panels = outage->n_feeds = outage->n_ports = outage->n_inlets = outage->n_devices = 0;
	outage->n_clusters = 0;
	outage->swapped = false;
}

/* Makes all as it was before the failures. */
void
outage_undo(Outage *outage)
{
	if (!outage->swapped)
		outage_swap(outage);
	forget(outage);
}

/* Makes all that has failed the state from which the next failures start. */
void
outage_keep(Outage *outage)
{
	forget(outage);
}

bool
outage_changed_panel(const Outage *outage, int panel)
{
	return (outage->work->panel_marks[panel] & MARK_CHANGED) != 0;
}

bool
outage_changed_feed(const Outage *outage, int feed)
{
	return (outage->work->feed_marks[feed] & MARK_CHANGED) != 0;
}
