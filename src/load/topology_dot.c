/*-------------------------------------------------------------------------
 *
 * topology_dot.c
 *	  topology_dot(): the one-line diagram of the network in Graphviz DOT.
 *
 * Panels stand in tiers, each below all that feed it; path a left and blue,
 * path b right and red, further ones in colours of their own.  At the bottom are racks with their PDUs.  What else
 * hangs on a panel is one box, or the picture would be of light switches.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <ctype.h>

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "panel_read.h"
#include "loads.h"
#include "query.h"

PG_FUNCTION_INFO_V1(topology_dot);

/* More things side by side than this are put one above the other. */
#define WIDE			12

#define COLOR_NONE		"#455a64"
#define COLOR_OFF		"#9e9e9e"

/* The rack of a rack PDU. */
typedef struct PduRack
{
	int			device;
	char	   *rack;			/* name; "" where it is in none */
	pg_uuid_t	rack_id;
} PduRack;

typedef struct Diagram
{
	PowerState *state;
	Network    *network;
	int		   *panels;			/* in the order in which they are drawn */
	int		   *tier;			/* of each panel */
	int		   *source;			/* of each panel: where the first panel that
								 * feeds it stands */
	int			tiers;
	PduRack    *pdus;			/* by rack */
	int			n_pdus;
	StringInfoData out;
} Diagram;

static const char *
path_color(char path)
{
	static const char *const colors[] = {"#1f5fbf", "#c62828", "#2e7d32", "#ef6c00"};

	return path == 0 ? COLOR_NONE : colors[path - 'a'];
}

/*
 * A name within a quoted string of DOT, which gives a meaning to quotes, to
 * backslashes and to the entities of HTML.
 */
static void
put_name(StringInfo out, const char *name)
{
	for (; *name; name++)
	{
		if (*name == '"' || *name == '\\')
			appendStringInfo(out, "\\%c", *name);
		else if (*name == '&')
			appendStringInfoString(out, "&amp;");
		else if ((unsigned char) *name < ' ' || *name == 0x7f)
			appendStringInfoChar(out, ' ');
		else
			appendStringInfoChar(out, *name);
	}
}

/* "4.9 kVA" */
static void
put_kva(StringInfo out, double va)
{
	if (va < 0)
		appendStringInfoString(out, "?");
	else if (va >= 1000000)
		appendStringInfo(out, "%.0f kVA", va / 1000);
	else
		appendStringInfo(out, "%.1f kVA", va / 1000);
}

/* "4.9 of 66.5 kVA, 7 %" */
static void
put_load(StringInfo out, double va, double of)
{
	if (of > 0)
	{
		appendStringInfo(out, "%.1f of ", va / 1000);
		put_kva(out, of);
		appendStringInfo(out, ", %.0f %%", 100 * va / of);
	}
	else
		put_kva(out, va);
}

/* The tier of a panel: the most feeds on a way to it. */
static void
set_tiers(Diagram *diagram)
{
	Network    *network = diagram->network;

	diagram->tier = palloc0(sizeof(int) * Max(network->n_panels, 1));
	for (int i = 0; i < network->n_panels; i++)
	{
		int			panel = network->panel_order[i];
		Slice		in = network->panels[panel].in;

		for (int s = in.first; s < in.end; s++)
			diagram->tier[panel] = Max(diagram->tier[panel],
									   diagram->tier[network->feeds[network->feeds_in[s]].panel] + 1);
		diagram->tiers = Max(diagram->tiers, diagram->tier[panel] + 1);
	}
}

/* Names as people count them: RPP-2 before RPP-10. */
static int
compare_names(const char *a, const char *b)
{
	while (*a && *b)
	{
		if (isdigit((unsigned char) *a) && isdigit((unsigned char) *b))
		{
			size_t		digits_a;
			size_t		digits_b;
			int			c;

			a += strspn(a, "0");
			b += strspn(b, "0");
			digits_a = strspn(a, "0123456789");
			digits_b = strspn(b, "0123456789");
			if (digits_a != digits_b)
				return digits_a < digits_b ? -1 : 1;
			c = memcmp(a, b, digits_a);
			if (c != 0)
				return c;
			a += digits_a;
			b += digits_b;
		}
		else if (*a != *b)
			return (unsigned char) *a - (unsigned char) *b;
		else
		{
			a++;
			b++;
		}
	}
	return (unsigned char) *a - (unsigned char) *b;
}

/* Path a stands left, then no path, then the others. */
static int
path_place(char path)
{
	return path == 'a' ? 0 : path == 0 ? 1 : path;
}

/*
 * Within a tier: path a, no path, the other paths; then in the order of what feeds
 * them, so that lines do not cross; then by name.
 */
static int
compare_panels(const void *a, const void *b, void *arg)
{
	const Diagram *diagram = (const Diagram *) arg;
	int			p = *(const int *) a;
	int			q = *(const int *) b;
	const NetPanel *x = &diagram->network->panels[p];
	const NetPanel *y = &diagram->network->panels[q];
	int			place_x = path_place(x->path);
	int			place_y = path_place(y->path);
	int			c = diagram->tier[p] - diagram->tier[q];

	if (c == 0)
		c = place_x - place_y;
	if (c == 0)
		c = diagram->source[p] - diagram->source[q];
	if (c == 0)
		c = compare_names(x->name, y->name);
	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

/* Sorts a tier, given where the panels of the tiers above stand. */
static void
sort_tier(Diagram *diagram, int first, int end, int *place)
{
	const Network *network = diagram->network;

	for (int i = first; i < end; i++)
	{
		int			panel = diagram->panels[i];
		Slice		in = network->panels[panel].in;

		diagram->source[panel] = in.first < in.end ? network->n_panels : 0;
		for (int s = in.first; s < in.end; s++)
			diagram->source[panel] = Min(diagram->source[panel],
										 place[network->feeds[network->feeds_in[s]].panel]);
	}
	qsort_arg(diagram->panels + first, end - first, sizeof(int), compare_panels, diagram);
	for (int i = first; i < end; i++)
		place[diagram->panels[i]] = i;
}

static void
sort_panels(Diagram *diagram)
{
	int			n = diagram->network->n_panels;
	int		   *place = zeroed_array(int, n);

	diagram->panels = zeroed_array(int, n);
	diagram->source = zeroed_array(int, n);
	for (int p = 0; p < n; p++)
		diagram->panels[p] = p;
	qsort_arg(diagram->panels, n, sizeof(int), compare_panels, diagram);
	for (int first = 0, end; first < n; first = end)
	{
		int			tier = diagram->tier[diagram->panels[first]];

		for (end = first; end < n && diagram->tier[diagram->panels[end]] == tier; end++)
			;
		sort_tier(diagram, first, end, place);
	}
}

static int
compare_pdus(const void *a, const void *b, void *arg)
{
	const Network *network = ((const Diagram *) arg)->network;
	const PduRack *x = (const PduRack *) a;
	const PduRack *y = (const PduRack *) b;
	int			c = compare_names(x->rack, y->rack);

	if (c == 0)
		c = memcmp(&x->rack_id, &y->rack_id, UUID_LEN);
	if (c == 0)
		c = compare_names(network->devices[x->device].name, network->devices[y->device].name);
	return c != 0 ? c : memcmp(&network->devices[x->device].id, &network->devices[y->device].id, UUID_LEN);
}

/* Devices that have outlets, and their racks. */
static void
read_pdus(Diagram *diagram)
{
	static CheckQuery query = QUERY("SELECT d.id, r.name, r.id FROM powerpanel.device d"
									" JOIN powerpanel.rack r ON r.id OPERATOR(pg_catalog.=) d.rack_id"
									" WHERE d.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);
	Network    *network = diagram->network;
	MemoryContext caller = CurrentMemoryContext;
	Datum	   *ids = palloc(sizeof(Datum) * Max(network->n_devices, 1));
	int		   *pdu_of = palloc0(sizeof(int) * Max(network->n_devices, 1));
	QueryRows	rows;
	Datum		arg;

	diagram->pdus = palloc0(sizeof(PduRack) * Max(network->n_devices, 1));
	for (int d = 0; d < network->n_devices; d++)
		if (slice_count(network->devices[d].outlets) > 0)
		{
			ids[diagram->n_pdus] = UUIDPGetDatum(&network->devices[d].id);
			diagram->pdus[diagram->n_pdus].device = d;
			diagram->pdus[diagram->n_pdus].rack = "";
			pdu_of[d] = diagram->n_pdus++;
		}
	arg = PointerGetDatum(construct_array(ids, diagram->n_pdus, UUIDOID, UUID_LEN,
										  false, TYPALIGN_CHAR));
	query_begin();
	rows = query_run_for_user(&query, &arg);
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);
		PduRack    *pdu = &diagram->pdus[pdu_of[id_map_find(network->device_index, query_uuid(row, 1))]];

		pdu->rack = MemoryContextStrdup(caller, query_text(row, 2));
		pdu->rack_id = *query_uuid(row, 3);
	}
	query_end();
	qsort_arg(diagram->pdus, diagram->n_pdus, sizeof(PduRack), compare_pdus, diagram);
}

/* What a line or a box looks like: ends the attributes and the statement. */
static void
put_style(StringInfo out, char path, bool on, bool overloaded)
{
	const char *color = on ? path_color(path) : COLOR_OFF;

	appendStringInfo(out, "\", color=\"%s\", fontcolor=\"%s\"", color,
					 on ? (overloaded ? "#b71c1c" : "#212121") : "#757575");
	if (!on)
		appendStringInfoString(out, ", style=dashed");
	else if (overloaded)
		appendStringInfoString(out, ", style=bold, penwidth=4, fontname=\"Helvetica-Bold\"");
	appendStringInfoString(out, "];\n");
}

static void
put_panel(Diagram *diagram, int panel)
{
	StringInfo	out = &diagram->out;
	const NetPanel *p = &diagram->network->panels[panel];
	const PanelState *s = &diagram->state->panels[panel];

	appendStringInfo(out, "    panel%d [label=\"", panel);
	put_name(out, p->name);
	appendStringInfoString(out, "\\n");
	if (s->on)
		put_load(out, basis(s->load), s->capacity);
	else
		appendStringInfoString(out, "off");
	put_style(out, p->path, s->on, panel_overloaded(diagram->state, panel));
}

/* Panels of a tier stand side by side, in order: invisible lines hold them. */
static void
put_tiers(Diagram *diagram)
{
	StringInfo	out = &diagram->out;
	int			n = diagram->network->n_panels;
	int			i = 0;

	for (int tier = 0; tier < diagram->tiers; tier++)
	{
		int			first = i;

		appendStringInfo(out, "  { rank=same; // tier %d\n", tier);
		for (; i < n && diagram->tier[diagram->panels[i]] == tier; i++)
			put_panel(diagram, diagram->panels[i]);
		for (int k = first + 1; k < i; k++)
			appendStringInfo(out, "    panel%d -> panel%d [style=invis];\n",
							 diagram->panels[k - 1], diagram->panels[k]);
		appendStringInfoString(out, "  }\n");
	}
}

/* "100 A 3P" */
static void
put_rating(StringInfo out, const NetFeed *feed)
{
	appendStringInfo(out, "%d A", feed->amperage);
	if (feed->poles > 0)
		appendStringInfo(out, " %dP", feed->poles);
}

static void
put_feed(Diagram *diagram, int feed, const char *target, int index)
{
	StringInfo	out = &diagram->out;
	const NetFeed *f = &diagram->network->feeds[feed];
	const FeedState *s = &diagram->state->feeds[feed];

	/* a redundant feed has a hollow arrow; blanks keep the label off the line */
	appendStringInfo(out, "  panel%d -> %s%d [%slabel=\"  ", f->panel, target, index,
					 f->primary ? "" : "arrowhead=onormal, ");
	put_rating(out, f);
	appendStringInfoString(out, "\\l  ");
	if (s->on)
		put_load(out, basis(s->load), f->available);
	else
		appendStringInfoString(out, "off");
	appendStringInfoString(out, "\\l\", tooltip=\"");
	put_name(out, f->name);
	put_style(out, f->path, s->on, feed_overloaded(diagram->state, feed));
}

/* Is a device one that passes power on? */
static bool
is_pdu(const Network *network, int device)
{
	return slice_count(network->devices[device].outlets) > 0;
}

/* Draws a feed to each device with outlets that it is cabled to.  Is there none? */
static bool
put_feed_to_pdus(Diagram *diagram, int feed)
{
	const Network *network = diagram->network;
	Slice		ports = network->feeds[feed].ports;
	bool		none = true;

	for (int s = ports.first; s < ports.end; s++)
	{
		int			device = network->ports[network->feed_ports[s]].device;

		if (!is_pdu(network, device))
			continue;
		put_feed(diagram, feed, "pdu", device);
		none = false;
	}
	return none;
}

/* The feeds of a panel; those that lead to neither panel nor PDU are one box. */
static void
put_feeds_of(Diagram *diagram, int panel)
{
	StringInfo	out = &diagram->out;
	Network    *network = diagram->network;
	Slice		outs = network->panels[panel].out;
	int			others = 0;
	double		va = 0;

	for (int i = outs.first; i < outs.end; i++)
	{
		int			feed = network->feeds_out[i];
		const NetFeed *f = &network->feeds[feed];

		CHECK_FOR_INTERRUPTS();
		if (f->destination >= 0)
			put_feed(diagram, feed, "panel", f->destination);
		else if (put_feed_to_pdus(diagram, feed) &&
				 (slice_count(f->ports) > 0 || f->connected_load > 0))
		{
			others++;
			va += basis(diagram->state->feeds[feed].load);
		}
	}
	if (others == 0)
		return;
	appendStringInfo(out, "  other%d [shape=note, label=\"%d other circuit%s\\n",
					 panel, others, others == 1 ? "" : "s");
	put_kva(out, va);
	put_style(out, network->panels[panel].path, diagram->state->panels[panel].on, false);
	appendStringInfo(out, "  panel%d -> other%d [color=\"%s\", arrowhead=none];\n", panel, panel,
					 diagram->state->panels[panel].on ? path_color(network->panels[panel].path) : COLOR_OFF);
}

/* How many cables leave a PDU. */
static int
cabled_outlets(const Network *network, int device)
{
	Slice		outlets = network->devices[device].outlets;
	int			n = 0;

	for (int s = outlets.first; s < outlets.end; s++)
		n += network->outlets[network->device_outlets[s]].port >= 0;
	return n;
}

/* The path that a PDU is on: that of the feed it is cabled to. */
static char
pdu_path(const Network *network, int device)
{
	Slice		ports = network->devices[device].ports;

	for (int s = ports.first; s < ports.end; s++)
	{
		int			feed = network->ports[network->device_ports[s]].feed;

		if (feed >= 0)
			return network->feeds[feed].path != 0 ? network->feeds[feed].path :
				network->panels[network->feeds[feed].panel].path;
	}
	return 0;
}

static void
put_pdu(Diagram *diagram, int device)
{
	StringInfo	out = &diagram->out;
	Network    *network = diagram->network;
	Slice		outlets = network->devices[device].outlets;
	bool		on = diagram->state->devices[device].cords_on > 0;

	appendStringInfo(out, "    pdu%d [shape=component, label=\"", device);
	put_name(out, network->devices[device].name);
	appendStringInfo(out, "\\n%d of %d outlets\\n", cabled_outlets(network, device), slice_count(outlets));
	if (on)
		put_kva(out, basis(diagram->state->devices[device].load));
	else
		appendStringInfoString(out, "dark");
	put_style(out, pdu_path(network, device), on, false);
}

/* A frame for each rack, with its PDUs; and PDUs that feed PDUs. */
static void
put_racks(Diagram *diagram)
{
	StringInfo	out = &diagram->out;
	Network    *network = diagram->network;

	for (int i = 0; i < diagram->n_pdus;)
	{
		PduRack    *first = &diagram->pdus[i];
		bool		framed = first->rack[0] != '\0';

		if (framed)
		{
			appendStringInfo(out, "  subgraph cluster%d {\n    label=\"", i);
			put_name(out, first->rack);
			appendStringInfoString(out, "\";\n");
		}
		for (; i < diagram->n_pdus &&
			 memcmp(&diagram->pdus[i].rack_id, &first->rack_id, UUID_LEN) == 0; i++)
			put_pdu(diagram, diagram->pdus[i].device);
		if (framed)
			appendStringInfoString(out, "  }\n");
	}
	for (int o = 0; o < network->n_outlets; o++)
	{
		const NetOutlet *outlet = &network->outlets[o];

		if (outlet->port >= 0 &&
			slice_count(network->devices[network->ports[outlet->port].device].outlets) > 0)
			appendStringInfo(out, "  pdu%d -> pdu%d [color=\"%s\"];\n", outlet->device,
							 network->ports[outlet->port].device,
							 diagram->state->ports[outlet->port].on ?
							 path_color(pdu_path(network, outlet->device)) : COLOR_OFF);
	}
}

/* The most things that stand side by side. */
static int
widest_tier(const Diagram *diagram)
{
	int		   *count = palloc0(sizeof(int) * (diagram->tiers + 1));
	int			widest = diagram->n_pdus;

	for (int p = 0; p < diagram->network->n_panels; p++)
		widest = Max(widest, ++count[diagram->tier[p]]);
	return widest;
}

/* A wide diagram lies on its side: one scrolls down better than across. */
static void
put_diagram(Diagram *diagram)
{
	StringInfo	out = &diagram->out;

	appendStringInfo(out,
					 "digraph power {\n"
					 "  rankdir=%s; ranksep=%s; nodesep=0.35;\n",
					 widest_tier(diagram) > WIDE ? "LR" : "TB",
					 widest_tier(diagram) > WIDE ? "1.2" : "0.7");
	appendStringInfoString(out,
						   "  node [shape=box, fontname=\"Helvetica\", fontsize=11, margin=\"0.15,0.08\"];\n"
						   "  edge [fontname=\"Helvetica\", fontsize=9, arrowsize=0.7];\n"
						   "  graph [fontname=\"Helvetica\", fontsize=11, color=\"#b0bec5\"];\n");
	put_tiers(diagram);
	put_racks(diagram);
	for (int i = 0; i < diagram->network->n_panels; i++)
		put_feeds_of(diagram, diagram->panels[i]);
	appendStringInfoString(out, "}\n");
}

/* What is connected to some panels; raises 22023 where one does not exist. */
static Network *
read_around(ArrayType *array)
{
	NetworkSeed seed = {0};
	Network    *network;

	seed.panels = read_id_array(array, "power panel", &seed.n_panels);
	network = network_read(&seed, NAMES_OF_FEEDS | NAMES_OF_DEVICES);
	for (int i = 0; i < seed.n_panels; i++)
		if (id_map_find(network->panel_index, &seed.panels[i]) < 0)
			no_such("power panel", &seed.panels[i]);
	return network;
}

/* topology_dot(panels) */
Datum
topology_dot(PG_FUNCTION_ARGS)
{
	Diagram		diagram = {0};

	diagram.network = PG_ARGISNULL(0) ? network_read(NULL, NAMES_OF_FEEDS | NAMES_OF_DEVICES) :
		read_around(PG_GETARG_ARRAYTYPE_P(0));
	diagram.state = power_state_compute(diagram.network);
	initStringInfo(&diagram.out);
	set_tiers(&diagram);
	sort_panels(&diagram);
	read_pdus(&diagram);
	put_diagram(&diagram);
	PG_RETURN_TEXT_P(cstring_to_text_with_len(diagram.out.data, diagram.out.len));
}
