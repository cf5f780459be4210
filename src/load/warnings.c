/*-------------------------------------------------------------------------
 *
 * warnings.c
 *	  What the audit warns of: nothing that is refused, but that somebody should
 *	  look at.
 *
 * Some of it one query can tell; the rest is told by the loads.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "dominators.h"
#include "load_model.h"
#include "warnings.h"
#include "query.h"

/* The phases of a panel may be so far from their mean, in percent. */
#define IMBALANCE_MAX		20.0

static void
warn(ViolationSink *sink, RuleId rule, const char *table, const pg_uuid_t *id,
	 const char *name, char *message)
{
	Violation	violation = {
		.rule = rule,
		.relid = inventory_relid(table),
		.object_id = UUIDPGetDatum(id),
		.object = name,
		.message = message,
	};

	report_violation(sink, &violation);
}

/* --- What a row tells --- */

static void
warn_of_outlets(ViolationSink *sink)
{
	static CheckQuery query = QUERY(
		"SELECT o.id, o.name, pg_catalog.format('power outlet \"%s\" of \"%s\" names no power port that feeds it',"
		" o.name, d.name)"
		" FROM powerpanel.power_outlet o"
		" JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) o.device_id"
		" WHERE o.power_port_id IS NULL");
	uint64		n;

	query_begin();
	n = query_run(&query, inventory_relid("power_outlet"), NULL);
	for (uint64 i = 0; i < n; i++)
		warn(sink, RULE_POWER_OUTLET_UNASSIGNED, "power_outlet",
			 query_uuid(i, 1), query_text(i, 2), query_text(i, 3));
	query_end();
}

/* Feeds whose own columns, or their panel's, do not go together. */
static void
warn_of_ratings(const Network *network, ViolationSink *sink)
{
	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];
		const NetPanel *panel = &network->panels[feed->panel];

		if (feed->poles > 0 && (feed->three_phase ? feed->poles < 3 : feed->poles == 3))
			warn(sink, RULE_POWER_FEED_PHASE_POLES, "power_feed", &feed->id, feed->name,
				 psprintf("%s feed \"%s\" of power panel \"%s\" has a %d-pole breaker",
						  feed->three_phase ? "three-phase" : "single-phase",
						  feed->name, panel->name, feed->poles));
		if (feed->path != 0 && panel->path != 0 && feed->path != panel->path)
			warn(sink, RULE_POWER_FEED_PATH, "power_feed", &feed->id, feed->name,
				 psprintf("power feed \"%s\" is on path %c, its power panel \"%s\" on path %c",
						  feed->name, feed->path, panel->name, panel->path));
	}
}

/* --- What the loads tell --- */

static void
warn_of_feeds(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	for (int f = 0; f < network->n_feeds; f++)
		if (feed_overloaded(state, f))
			warn(sink, RULE_POWER_FEED_OVERLOAD, "power_feed",
				 &network->feeds[f].id, network->feeds[f].name,
				 psprintf("power feed \"%s\" of power panel \"%s\" carries %.0f VA; available are %.0f VA",
						  network->feeds[f].name, network->panels[network->feeds[f].panel].name,
						  feed_heaviest(state, f), network->feeds[f].available));
}

/* A live feed that leaves a panel, or -1 */
static int
live_feed_of(const Network *network, int panel)
{
	Slice		out = network->panels[panel].out;

	for (int s = out.first; s < out.end; s++)
		if (network->feeds[network->feeds_out[s]].live)
			return network->feeds_out[s];
	return -1;
}

static void
warn_of_panels(const PowerState *state, ViolationSink *sink)
{
	const Network *network = state->network;

	for (int p = 0; p < network->n_panels; p++)
	{
		const NetPanel *panel = &network->panels[p];
		const PanelState *s = &state->panels[p];
		const Phasor *phases = s->phases.phase;
		double		imbalance;
		int			live;

		if (panel_overloaded(state, p))
			warn(sink, RULE_POWER_PANEL_OVERLOAD, "power_panel", &panel->id, panel->name,
				 psprintf("power panel \"%s\" carries %.0f VA; its capacity is %.0f VA",
						  panel->name, panel_heaviest(state, p), s->capacity));
		imbalance = bus_phases(panel->bus) > 1 ? phase_imbalance(panel->bus, &s->phases) : 0;
		if (imbalance > IMBALANCE_MAX)
			warn(sink, RULE_POWER_PANEL_IMBALANCE, "power_panel", &panel->id, panel->name,
				 psprintf("the phases of power panel \"%s\" carry %.0f, %.0f%s VA, an imbalance of %.1f percent",
						  panel->name, phases[0].re, phases[1].re,
						  bus_phases(panel->bus) == 3 ? psprintf(", %.0f", phases[2].re) : "", imbalance));
		live = s->on ? -1 : live_feed_of(network, p);
		if (live >= 0)
			warn(sink, RULE_POWER_PANEL_OFF, "power_panel", &panel->id, panel->name,
				 psprintf("power panel \"%s\" is not energized, although feed \"%s\" that leaves it is said to be",
						  panel->name, network->feeds[live].name));
	}
}

/* --- Redundancy on paper --- */

/*
 * The panel or feed below the roots that a node of the dominator tree stands
 * for, as a text; NULL where it is a root, or nothing.
 */
static char *
shared_thing(const PowerState *state, const DominatorTree *tree, int node)
{
	const Network *network = state->network;

	if (tree->of_feed[node] > 0)
	{
		const NetFeed *feed = &network->feeds[tree->of_feed[node] - 1];

		return psprintf("power feed \"%s\" of power panel \"%s\"", feed->name,
						network->panels[feed->panel].name);
	}
	if (tree->of_panel[node] > 0)
	{
		const NetPanel *panel = &network->panels[tree->of_panel[node] - 1];

		if (slice_count(panel->in) > 0)
			return psprintf("power panel \"%s\"", panel->name);
	}
	return NULL;
}

/* Devices all of whose energized cords, two or more, share something. */
static void
warn_of_devices(const PowerState *state, const DominatorTree *tree, ViolationSink *sink)
{
	const Network *network = state->network;
	PortPoints *points = dominators_ports(tree, state);

	for (int d = 0; d < network->n_devices; d++)
	{
		Slice		ports = network->devices[d].ports;
		int			common = -1;
		char	   *thing;

		CHECK_FOR_INTERRUPTS();
		if (state->devices[d].cords_on < 2)
			continue;
		for (int s = ports.first; s < ports.end; s++)
		{
			int			port = network->device_ports[s];

			if (state->ports[port].on)
				common = common < 0 ? points[port].node :
					dominators_common(tree, common, points[port].node);
		}
		thing = shared_thing(state, tree, common);
		if (thing != NULL)
			warn(sink, RULE_RACK_SHARED_PATH, "device",
				 &network->devices[d].id, network->devices[d].name,
				 psprintf("all cords of device \"%s\" depend on %s", network->devices[d].name, thing));
	}
}

/* Feeds of racks, those of a rack side by side. */
static int
compare_rack_feeds(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;
	const NetFeed *x = &network->feeds[*(const int *) a];
	const NetFeed *y = &network->feeds[*(const int *) b];
	int			c = memcmp(&x->rack, &y->rack, UUID_LEN);

	return c != 0 ? c : strcmp(x->name, y->name);
}

/* The first pair of feeds a and b of a rack that share something: what it is. */
static char *
shared_by_rack(const PowerState *state, const DominatorTree *tree, const int *feeds, int n,
			   int *feed_a, int *feed_b)
{
	const Network *network = state->network;

	for (int i = 0; i < n; i++)
		for (int k = 0; k < n; k++)
		{
			char	   *thing;

			if (network->feeds[feeds[i]].path != 'a' || network->feeds[feeds[k]].path != 'b')
				continue;
			thing = shared_thing(state, tree,
								 dominators_common(tree, tree->feed_node[feeds[i]],
												   tree->feed_node[feeds[k]]));
			*feed_a = feeds[i];
			*feed_b = feeds[k];
			if (thing != NULL)
				return thing;
		}
	return NULL;
}

static char *
rack_name(const pg_uuid_t *rack)
{
	static CheckQuery query = QUERY("SELECT name FROM powerpanel.rack"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	MemoryContext caller = CurrentMemoryContext;
	Datum		arg = UUIDPGetDatum(rack);
	char	   *name = "?";

	query_begin();
	if (query_run(&query, inventory_relid("rack"), &arg) > 0)
		name = MemoryContextStrdup(caller, query_text(0, 1));
	query_end();
	return name;
}

static void
warn_of_racks(const PowerState *state, const DominatorTree *tree, ViolationSink *sink)
{
	Network    *network = state->network;
	int		   *feeds = zeroed_array(int, network->n_feeds);
	int			n = 0;

	for (int f = 0; f < network->n_feeds; f++)
		if (network->feeds[f].has_rack && state->feeds[f].on)
			feeds[n++] = f;
	qsort_arg(feeds, n, sizeof(int), compare_rack_feeds, network);
	for (int first = 0, end; first < n; first = end)
	{
		const pg_uuid_t *rack = &network->feeds[feeds[first]].rack;
		char	   *thing;
		char	   *name;
		int			feed_a;
		int			feed_b;

		CHECK_FOR_INTERRUPTS();
		for (end = first; end < n && memcmp(&network->feeds[feeds[end]].rack, rack, UUID_LEN) == 0; end++)
			;
		thing = shared_by_rack(state, tree, feeds + first, end - first, &feed_a, &feed_b);
		if (thing == NULL)
			continue;
		name = rack_name(rack);
		warn(sink, RULE_RACK_SHARED_PATH, "rack", rack, name,
			 psprintf("feeds \"%s\" (a) and \"%s\" (b) of rack \"%s\" depend on %s",
					  network->feeds[feed_a].name, network->feeds[feed_b].name, name, thing));
	}
}

/* --- All of it --- */

static bool
wants_loads(const bool *wanted)
{
	return wanted[RULE_POWER_FEED_OVERLOAD] || wanted[RULE_POWER_PANEL_OVERLOAD] ||
		wanted[RULE_RACK_SHARED_PATH] || wanted[RULE_POWER_PANEL_IMBALANCE] ||
		wanted[RULE_POWER_PANEL_OFF];
}

static void
warn_of_loads(const bool *wanted, Network *network, ViolationSink *sink)
{
	PowerState *state = power_state_compute(network);
	DominatorTree *tree;

	warn_of_feeds(state, sink);
	warn_of_panels(state, sink);
	if (!wanted[RULE_RACK_SHARED_PATH])
		return;
	tree = dominators_find(state);
	warn_of_devices(state, tree, sink);
	warn_of_racks(state, tree, sink);
}

/*
 * Reports what the wanted rules warn of; the sink leaves out the others.  Where
 * the network has a loop, of which the audit tells as an error, nothing can be
 * said of loads.
 */
void
power_warnings(const bool *wanted, ViolationSink *sink)
{
	bool		loads = wants_loads(wanted);
	Network    *network;

	if (wanted[RULE_POWER_OUTLET_UNASSIGNED])
		warn_of_outlets(sink);
	if (!loads && !wanted[RULE_POWER_FEED_PHASE_POLES] && !wanted[RULE_POWER_FEED_PATH])
		return;

	network = network_read_unlinked(loads);
	warn_of_ratings(network, sink);
	if (loads && network_link(network))
		warn_of_loads(wanted, network, sink);
	MemoryContextDelete(network->context);
}
