/*-------------------------------------------------------------------------
 *
 * diagram_racks.c
 *	  The racks of a diagram: which there are, what feeds them, and which are
 *	  drawn as one.
 *
 * A few are drawn with their PDUs.  Of many, all that the same panels feed are one
 * box: what such a picture is to tell is on what they hang, not what they are.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "diagram.h"
#include "dot_text.h"
#include "overloads.h"

/* More PDUs than this are not drawn one by one. */
#define MANY_PDUS		16

/* The racks while they are looked for. */
typedef struct RackFinder
{
	Diagram    *diagram;
	IdMap	   *index;
	int			max_racks;
	bool	   *met;			/* of each device: it is among the cords of its rack */
} RackFinder;

/* The index of a rack, or of a device with outlets that stands in none. */
static int
find_rack(RackFinder *finder, const pg_uuid_t *id, bool is_rack, const char *name)
{
	Diagram    *diagram = finder->diagram;
	bool		found;
	int			rack = id_map_add(finder->index, id, diagram->n_racks, &found);

	if (found)
		return rack;
	if (diagram->n_racks == finder->max_racks)
	{
		finder->max_racks *= 2;
		diagram->racks = repalloc_huge(diagram->racks, sizeof(DiagramRack) * (Size) finder->max_racks);
	}
	diagram->racks[rack] = (DiagramRack) {
		.id = *id, .is_rack = is_rack, .name = name, .place = -1
	};
	return diagram->n_racks++;
}

static int
rack_of_device(RackFinder *finder, int device)
{
	const NetDevice *d = &finder->diagram->network->devices[device];

	return d->has_rack ? find_rack(finder, &d->rack, true, NULL) :
		find_rack(finder, &d->id, false, d->name);
}

static void
add_link(Diagram *diagram, int rack, int feed, int from, int device)
{
	diagram->links[diagram->n_links++] = (RackLink) {
		.rack = rack, .feed = feed, .from = from, .device = device
	};
}

/* What a port brings into its rack from outside. */
static void
add_port_load(Diagram *diagram, int rack, int port)
{
	diagram->racks[rack].load += basis(diagram->state->ports[port].load);
	diagram->racks[rack].on |= diagram->state->ports[port].on;
}

/* PDUs, whether anything feeds them or not. */
static void
find_pdus(RackFinder *finder)
{
	Diagram    *diagram = finder->diagram;

	for (int d = 0; d < diagram->network->n_devices; d++)
	{
		int			rack;

		if (!diagram->device_drawn[d] || !is_pdu(diagram->network, d))
			continue;
		CHECK_FOR_INTERRUPTS();
		rack = rack_of_device(finder, d);	/* may move the racks */
		diagram->racks[rack].pdus++;
		diagram->racks[rack].overloaded |= device_overloaded(diagram->state, d);
	}
}

/* A cable of a feed: to a PDU, to another device in a rack, or to none of these. */
static void
follow_cable(RackFinder *finder, int feed, int port)
{
	Diagram    *diagram = finder->diagram;
	const Network *network = diagram->network;
	int			device = network->ports[port].device;
	int			rack;

	if (!diagram->device_drawn[device] ||
		!(is_pdu(network, device) || network->devices[device].has_rack))
		return;
	rack = rack_of_device(finder, device);
	add_link(diagram, rack, feed, -1, device);
	add_port_load(diagram, rack, port);
	if (is_pdu(network, device))
		return;
	diagram->racks[rack].has_cords = true;
	diagram->racks[rack].cords += !finder->met[device];
	finder->met[device] = true;
}

/* Feeds, with cables or, into the rack that they are for, still without. */
static void
follow_feeds(RackFinder *finder)
{
	Diagram    *diagram = finder->diagram;
	const Network *network = diagram->network;

	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];

		if (!diagram->panel_drawn[feed->panel] || feed->has_destination)
			continue;
		CHECK_FOR_INTERRUPTS();
		for (int s = feed->ports.first; s < feed->ports.end; s++)
			follow_cable(finder, f, network->feed_ports[s]);
		if (slice_count(feed->ports) == 0 && feed->has_rack && diagram->panel_below[feed->panel])
		{
			int			rack = find_rack(finder, &feed->rack, true, NULL);

			add_link(diagram, rack, f, -1, -1);
			diagram->racks[rack].has_cords = true;
		}
	}
}

/* Cables from PDU to PDU. */
static void
follow_outlets(RackFinder *finder)
{
	Diagram    *diagram = finder->diagram;
	const Network *network = diagram->network;

	for (int o = 0; o < network->n_outlets; o++)
	{
		const NetOutlet *outlet = &network->outlets[o];
		int			to = outlet->port >= 0 ? network->ports[outlet->port].device : -1;
		int			rack;

		if (to < 0 || to == outlet->device || !is_pdu(network, to) ||
			!diagram->device_drawn[to] || !diagram->device_drawn[outlet->device])
			continue;
		CHECK_FOR_INTERRUPTS();
		rack = rack_of_device(finder, to);
		add_link(diagram, rack, -1, outlet->device, to);
		if (rack != rack_of_device(finder, outlet->device))
			add_port_load(diagram, rack, outlet->port);
	}
}

/* Finds the racks and what feeds them. */
void
diagram_find_racks(Diagram *diagram)
{
	const Network *network = diagram->network;
	RackFinder	finder = {
		.diagram = diagram,
		.index = id_map_create(64),
		.max_racks = 64,
		.met = zeroed_array(bool, network->n_devices)
	};

	diagram->racks = huge_array(DiagramRack, finder.max_racks);
	diagram->links = huge_array(RackLink, network->n_ports + network->n_feeds + network->n_outlets);
	find_pdus(&finder);
	follow_feeds(&finder);
	follow_outlets(&finder);
	for (int i = 0; i < diagram->n_links; i++)
	{
		/* every device that a link names is in a rack that has been found */
		RackLink   *link = &diagram->links[i];

		link->from_rack = link->from < 0 ? -1 : rack_of_device(&finder, link->from);
	}
	pfree(finder.met);
}

/* --- Order, and which are one --- */

/* Puts the racks in another order. */
static void
reorder(Diagram *diagram, const int *order)
{
	DiagramRack *racks = huge_array(DiagramRack, diagram->n_racks);
	int		   *now_at = huge_array(int, diagram->n_racks);

	for (int i = 0; i < diagram->n_racks; i++)
	{
		racks[i] = diagram->racks[order[i]];
		now_at[order[i]] = i;
	}
	for (int i = 0; i < diagram->n_links; i++)
	{
		RackLink   *link = &diagram->links[i];

		link->rack = now_at[link->rack];
		if (link->from_rack >= 0)
			link->from_rack = now_at[link->from_rack];
	}
	pfree(diagram->racks);
	pfree(now_at);
	diagram->racks = racks;
}

static int
compare_rack_names(const void *a, const void *b, void *arg)
{
	const DiagramRack *x = &((const Diagram *) arg)->racks[*(const int *) a];
	const DiagramRack *y = &((const Diagram *) arg)->racks[*(const int *) b];
	int			c = (int) y->is_rack - (int) x->is_rack;

	if (c == 0)
		c = compare_names(x->name == NULL ? "" : x->name, y->name == NULL ? "" : y->name);
	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

/* What feeds two racks; where that is the same, and so are they, 0. */
static int
compare_sources(const Diagram *diagram, int a, int b)
{
	const DiagramRack *x = &diagram->racks[a];
	const DiagramRack *y = &diagram->racks[b];
	int			n = slice_count(x->sources);
	int			c = (int) y->is_rack - (int) x->is_rack;

	if (c == 0)
		c = n - slice_count(y->sources);
	for (int i = 0; i < n && c == 0; i++)
		c = diagram->sources[x->sources.first + i] - diagram->sources[y->sources.first + i];
	return c;
}

static int
compare_rack_sources(const void *a, const void *b, void *arg)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	int			c = compare_sources((const Diagram *) arg, x, y);

	return c != 0 ? c : x - y;
}

/* By the first rack of each box, then by name: box is an index until boxes are made. */
static int
compare_rack_boxes(const void *a, const void *b, void *arg)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	int			c = ((const Diagram *) arg)->racks[x].box - ((const Diagram *) arg)->racks[y].box;

	return c != 0 ? c : x - y;
}

/* The racks, as indexes, in an order. */
static int *
sorted_racks(Diagram *diagram, int (*compare) (const void *, const void *, void *))
{
	int		   *order = huge_array(int, diagram->n_racks);

	for (int i = 0; i < diagram->n_racks; i++)
		order[i] = i;
	qsort_arg(order, diagram->n_racks, sizeof(int), compare, diagram);
	return order;
}

static int
compare_links(const void *a, const void *b)
{
	const RackLink *x = (const RackLink *) a;
	const RackLink *y = (const RackLink *) b;

	return x->rack != y->rack ? x->rack - y->rack : x->source - y->source;
}

/*
 * The panels, by number, and other racks, by the numbers after those, that feed
 * each rack; each once, in order.
 */
static void
list_sources(Diagram *diagram)
{
	const Network *network = diagram->network;
	int			n = 0;

	for (int i = 0; i < diagram->n_links; i++)
	{
		RackLink   *link = &diagram->links[i];

		link->source = link->feed >= 0 ? network->feeds[link->feed].panel :
			link->from_rack == link->rack ? -1 : network->n_panels + link->from_rack;
	}
	qsort(diagram->links, diagram->n_links, sizeof(RackLink), compare_links);
	diagram->sources = huge_array(int, diagram->n_links);
	for (int i = 0; i < diagram->n_links; i++)
	{
		const RackLink *link = &diagram->links[i];
		Slice	   *sources = &diagram->racks[link->rack].sources;

		if (link->source < 0 ||
			(slice_count(*sources) > 0 && diagram->sources[n - 1] == link->source))
			continue;
		if (slice_count(*sources) == 0)
			sources->first = n;
		diagram->sources[n++] = link->source;
		sources->end = n;
	}
}

/* How many boxes there are where nothing is drawn as one. */
static int
count_boxes(const Diagram *diagram)
{
	int			n = 0;

	for (int i = 0; i < diagram->n_racks; i++)
		n += diagram->racks[i].pdus + diagram->racks[i].has_cords;
	return n;
}

/* Puts the racks in order, those together that are drawn as one where there are many. */
void
diagram_group_racks(Diagram *diagram)
{
	int		   *order;
	int			first = 0;

	reorder(diagram, sorted_racks(diagram, compare_rack_names));
	diagram->grouped = count_boxes(diagram) > MANY_PDUS;
	if (!diagram->grouped)
		return;
	list_sources(diagram);
	order = sorted_racks(diagram, compare_rack_sources);
	for (int i = 0; i < diagram->n_racks; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (compare_sources(diagram, order[first], order[i]) != 0)
			first = i;
		diagram->racks[order[i]].box = order[first];
	}
	reorder(diagram, sorted_racks(diagram, compare_rack_boxes));
}

/* --- Boxes and lines --- */

static int
compare_pdus(const void *a, const void *b, void *arg)
{
	const NetDevice *x = &((const Network *) arg)->devices[*(const int *) a];
	const NetDevice *y = &((const Network *) arg)->devices[*(const int *) b];
	int			c = compare_names(x->name, y->name);

	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

static Box *
add_box(Diagram *diagram, BoxKind kind, int first, int end)
{
	Box		   *box = &diagram->boxes[diagram->n_boxes++];

	*box = (Box) {.kind = kind, .racks = {first, end}, .place = diagram->racks[first].place};
	diagram->in_tier[diagram->tiers]++;
	return box;
}

/* A box for each PDU, and one for what else of a rack has circuits of its own. */
static void
add_each(Diagram *diagram)
{
	const Network *network = diagram->network;
	int		   *pdus = huge_array(int, network->n_devices);
	int			n = 0;

	for (int d = 0; d < network->n_devices; d++)
		if (diagram->device_drawn[d] && is_pdu(network, d))
			pdus[n++] = d;
	qsort_arg(pdus, n, sizeof(int), compare_pdus, diagram->network);
	for (int r = 0; r < diagram->n_racks; r++)
	{
		DiagramRack *rack = &diagram->racks[r];

		for (int i = 0; i < n; i++)
		{
			const NetDevice *device = &network->devices[pdus[i]];
			const pg_uuid_t *stands_in = device->has_rack ? &device->rack : &device->id;

			if (memcmp(stands_in, &rack->id, UUID_LEN) != 0)
				continue;
			diagram->pdu_box[pdus[i]] = diagram->n_boxes;
			add_box(diagram, BOX_PDU, r, r + 1)->index = pdus[i];
		}
		if (rack->has_cords)
		{
			rack->box = diagram->n_boxes;
			add_box(diagram, BOX_CORDS, r, r + 1);
		}
	}
	pfree(pdus);
}

/* A box for all racks that the same panels feed; in the room that has all of them. */
static void
add_together(Diagram *diagram)
{
	for (int first = 0, end; first < diagram->n_racks; first = end)
	{
		int			box = diagram->n_boxes;
		int			together = diagram->racks[first].box;
		int			place = diagram->racks[first].place;

		for (end = first; end < diagram->n_racks && diagram->racks[end].box == together; end++)
			place = diagram_common_place(diagram, place, diagram->racks[end].place);
		add_box(diagram, BOX_RACKS, first, end)->place = place;
		for (int r = first; r < end; r++)
			diagram->racks[r].box = box;
	}
}

void
diagram_add_racks(Diagram *diagram)
{
	diagram->pdu_box = huge_array(int, diagram->network->n_devices);
	for (int d = 0; d < diagram->network->n_devices; d++)
		diagram->pdu_box[d] = -1;
	if (diagram->grouped)
		add_together(diagram);
	else
		add_each(diagram);
}

/* The path of the feeds that a PDU hangs on; none where these are of several. */
static char
pdu_path(const Network *network, int device)
{
	Slice		ports = network->devices[device].ports;
	int			first = -1;

	for (int s = ports.first; s < ports.end; s++)
	{
		int			feed = network->ports[network->device_ports[s]].feed;

		if (feed < 0)
			continue;
		if (first >= 0 && network->feeds[feed].path != network->feeds[first].path)
			return 0;
		first = feed;
	}
	return first < 0 ? 0 : network->feeds[first].path;
}

void
diagram_add_rack_lines(Diagram *diagram)
{
	const Network *network = diagram->network;

	for (int i = 0; i < diagram->n_links; i++)
	{
		const RackLink *link = &diagram->links[i];
		int			pdu = link->device < 0 ? -1 : diagram->pdu_box[link->device];
		Line		line = {
			.to = pdu >= 0 ? pdu : diagram->racks[link->rack].box,
			.feed = link->feed
		};

		if (link->feed >= 0)
		{
			diagram->feed_drawn[link->feed] = true;
			line.from = diagram->panel_box[network->feeds[link->feed].panel];
			line.path = network->feeds[link->feed].path;
		}
		else
		{
			line.from = diagram->grouped ? diagram->racks[link->from_rack].box :
				diagram->pdu_box[link->from];
			line.path = pdu_path(network, link->from);
		}
		if (line.from != line.to)
			diagram->lines[diagram->n_lines++] = line;
	}
}
