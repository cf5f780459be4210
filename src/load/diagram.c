/*-------------------------------------------------------------------------
 *
 * diagram.c
 *	  What a diagram shows: which panels, in which tier, and which lines.
 *
 * Of a part, those are the panels that are asked for, all above and all below
 * them, and every feed between two that are shown: a bypass is not left out.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "diagram.h"
#include "dot_text.h"

/* Which panels are drawn: all, where none is asked for. */
static void
select_panels(Diagram *diagram, const pg_uuid_t *panels, int n)
{
	Network    *network = diagram->network;

	for (int p = 0; p < network->n_panels && n == 0; p++)
		diagram->panel_drawn[p] = diagram->panel_below[p] = true;
	for (int i = 0; i < n; i++)
	{
		int			p = id_map_find(network->panel_index, &panels[i]);

		diagram->panel_drawn[p] = diagram->panel_below[p] = true;
	}
	for (int i = network->n_panels - 1; i >= 0 && n > 0; i--)
	{
		Slice		in = network->panels[network->panel_order[i]].in;

		for (int s = in.first; s < in.end && diagram->panel_drawn[network->panel_order[i]]; s++)
			diagram->panel_drawn[network->feeds[network->feeds_in[s]].panel] = true;
	}
	for (int i = 0; i < network->n_panels && n > 0; i++)
	{
		Slice		out = network->panels[network->panel_order[i]].out;

		for (int s = out.first; s < out.end && diagram->panel_below[network->panel_order[i]]; s++)
		{
			int			below = network->feeds[network->feeds_out[s]].destination;

			if (below >= 0)
				diagram->panel_drawn[below] = diagram->panel_below[below] = true;
		}
	}
}

/*
 * Which devices are drawn, or counted: all, or those that power from a panel below
 * comes to.  Ports are walked in the order in which power flows.
 */
static void
select_devices(Diagram *diagram, bool all)
{
	Network    *network = diagram->network;
	bool	   *reached = zeroed_array(bool, network->n_ports);

	for (int d = 0; d < network->n_devices; d++)
		diagram->device_drawn[d] = all;
	for (int i = 0; i < network->n_ordered_ports && !all; i++)
	{
		int			q = network->port_order[i];
		const NetPort *port = &network->ports[q];
		const NetOutlet *outlet = port->outlet >= 0 ? &network->outlets[port->outlet] : NULL;

		if (port->feed >= 0)
			reached[q] = diagram->panel_below[network->feeds[port->feed].panel];
		else if (outlet != NULL)
			reached[q] = (outlet->inlet >= 0 && reached[outlet->inlet]) ||
				(outlet->alternate >= 0 && reached[outlet->alternate]);
		diagram->device_drawn[port->device] |= reached[q];
	}
	pfree(reached);
}

/*
 * The tier of a panel: the most feeds on a way to it.  What nothing feeds stands
 * right above what it feeds, so a generator is beside the transformer and not
 * beside the utility.
 */
static void
set_tiers(Diagram *diagram)
{
	Network    *network = diagram->network;

	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		in = network->panels[panel].in;

		for (int s = in.first; s < in.end; s++)
		{
			int			source = network->feeds[network->feeds_in[s]].panel;

			if (diagram->panel_drawn[panel] && diagram->panel_drawn[source])
				diagram->tier[panel] = Max(diagram->tier[panel], diagram->tier[source] + 1);
		}
		if (diagram->panel_drawn[panel])
			diagram->tiers = Max(diagram->tiers, diagram->tier[panel] + 1);
	}
	for (int panel = 0; panel < network->n_panels; panel++)
	{
		Slice		out = network->panels[panel].out;
		int			lowest = diagram->tiers;

		for (int s = out.first; s < out.end && diagram->tier[panel] == 0; s++)
		{
			int			below = network->feeds[network->feeds_out[s]].destination;

			if (below >= 0 && diagram->panel_drawn[below])
				lowest = Min(lowest, diagram->tier[below]);
		}
		if (diagram->tier[panel] == 0 && lowest < diagram->tiers)
			diagram->tier[panel] = lowest - 1;
	}
}

/* Path a stands left, then no path, then the others. */
static int
path_place(char path)
{
	return path == 'a' ? 0 : path == 0 ? 1 : path;
}

static int
compare_panels(const void *a, const void *b, void *arg)
{
	const Diagram *diagram = (const Diagram *) arg;
	int			p = ((const Box *) a)->index;
	int			q = ((const Box *) b)->index;
	const NetPanel *x = &diagram->network->panels[p];
	const NetPanel *y = &diagram->network->panels[q];
	int			c = diagram->tier[p] - diagram->tier[q];

	if (c == 0)
		c = path_place(x->path) - path_place(y->path);
	if (c == 0)
		c = compare_names(x->name, y->name);
	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

/* Boxes of panels, tier by tier; within one path a, no path, the others, each by name. */
static void
add_panels(Diagram *diagram)
{
	for (int p = 0; p < diagram->network->n_panels; p++)
	{
		if (!diagram->panel_drawn[p])
			continue;
		diagram->boxes[diagram->n_boxes++] = (Box) {
			.kind = BOX_PANEL, .index = p, .place = diagram->panel_place[p]
		};
		diagram->in_tier[diagram->tier[p]]++;
	}
	diagram->n_panels = diagram->n_boxes;
	qsort_arg(diagram->boxes, diagram->n_boxes, sizeof(Box), compare_panels, diagram);
	for (int b = 0; b < diagram->n_boxes; b++)
		diagram->panel_box[diagram->boxes[b].index] = b;
}

static void
add_panel_lines(Diagram *diagram)
{
	const Network *network = diagram->network;

	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];

		CHECK_FOR_INTERRUPTS();
		if (!diagram->panel_drawn[feed->panel] || feed->destination < 0 ||
			!diagram->panel_drawn[feed->destination])
			continue;
		diagram->feed_drawn[f] = true;
		diagram->lines[diagram->n_lines++] = (Line) {
			.from = diagram->panel_box[feed->panel],
			.to = diagram->panel_box[feed->destination],
			.feed = f,
			.path = feed->path
		};
	}
}

/* By where they end and where they begin; then by path, position and name. */
static int
compare_lines(const void *a, const void *b, void *arg)
{
	const NetFeed *feeds = ((const Diagram *) arg)->network->feeds;
	const Line *x = (const Line *) a;
	const Line *y = (const Line *) b;
	int			c = x->to != y->to ? x->to - y->to : x->from - y->from;

	if (c == 0)
		c = path_place(x->path) - path_place(y->path);
	if (c != 0 || x->feed == y->feed)
		return c;
	if (x->feed < 0 || y->feed < 0)
		return x->feed < y->feed ? -1 : 1;
	c = feeds[x->feed].position - feeds[y->feed].position;
	if (c == 0)
		c = compare_names(feeds[x->feed].name, feeds[y->feed].name);
	return c != 0 ? c : memcmp(&feeds[x->feed].id, &feeds[y->feed].id, UUID_LEN);
}

/* In order, each once, and each with the box that it enters. */
static void
sort_lines(Diagram *diagram)
{
	int			n = 0;

	qsort_arg(diagram->lines, diagram->n_lines, sizeof(Line), compare_lines, diagram);
	for (int i = 0; i < diagram->n_lines; i++)
	{
		Line	   *line = &diagram->lines[i];
		Slice	   *slice = &diagram->boxes[line->to].lines;

		if (n > 0 && compare_lines(line, &diagram->lines[n - 1], diagram) == 0)
			continue;
		if (slice->end == 0)
			slice->first = n;
		diagram->lines[n++] = *line;
		slice->end = n;
	}
	diagram->n_lines = n;
}

/*
 * Where the lines end that are drawn as one with this: those of one path from
 * a panel to a box of many racks.
 */
int
diagram_line_end(const Diagram *diagram, int line)
{
	const Line *first = &diagram->lines[line];
	int			end = line + 1;

	if (diagram->boxes[first->to].kind == BOX_RACKS && first->feed >= 0)
		while (end < diagram->boxes[first->to].lines.end && diagram->lines[end].feed >= 0 &&
			   diagram->lines[end].from == first->from && diagram->lines[end].path == first->path)
			end++;
	return end;
}

/* The diagram of n panels and what is above and below, or of everything where n is 0. */
Diagram *
diagram_make(Network *network, const pg_uuid_t *panels, int n, bool with_racks)
{
	Diagram    *diagram = palloc0(sizeof(Diagram));

	diagram->network = network;
	diagram->with_racks = with_racks;
	diagram->state = power_state_compute(network);
	diagram->panel_drawn = zeroed_array(bool, network->n_panels);
	diagram->panel_below = zeroed_array(bool, network->n_panels);
	diagram->feed_drawn = zeroed_array(bool, network->n_feeds);
	diagram->device_drawn = zeroed_array(bool, network->n_devices);
	diagram->tier = zeroed_array(int, network->n_panels);
	diagram->panel_box = zeroed_array(int, network->n_panels);
	select_panels(diagram, panels, n);
	select_devices(diagram, n == 0);
	set_tiers(diagram);
	diagram->in_tier = zeroed_array(int, diagram->tiers + 1);
	if (with_racks)
		diagram_find_racks(diagram);
	diagram_read_places(diagram);
	if (with_racks)
		diagram_group_racks(diagram);
	diagram->boxes = zeroed_array(Box, network->n_panels + network->n_devices + diagram->n_racks);
	diagram->lines = zeroed_array(Line, network->n_feeds + diagram->n_links);
	add_panels(diagram);
	add_panel_lines(diagram);
	if (with_racks)
	{
		diagram_add_racks(diagram);
		diagram_add_rack_lines(diagram);
	}
	sort_lines(diagram);
	diagram_fill_places(diagram);
	return diagram;
}
