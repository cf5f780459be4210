/*-------------------------------------------------------------------------
 *
 * dot_draw.c
 *	  A diagram, written in Graphviz DOT.
 *
 * A small one runs from top to bottom, and what there is to say of a feed stands
 * beside its line.  Where many things stand side by side, labels beside lines
 * would push these apart: the diagram runs from left to right, and what there is to
 * say of a feed stands where it enters a box, in a row that its line ends at.
 *
 * Tiers are kept by lengths: the least length of a line is how many tiers it goes
 * down, and as every line can be just that long, dot makes it so.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "diagram.h"
#include "dot_text.h"
#include "overloads.h"

/* More boxes in a tier than this: from left to right. */
#define WIDE			8

/* More than this: a box has a line and not several, or the sheet would be too high. */
#define CROWDED			40

#define COLOR_NONE		"#455a64"
#define COLOR_OFF		"#9e9e9e"
#define COLOR_OVER		"#b71c1c"
#define COLOR_RACKS		"#eceff1"

typedef struct Drawing
{
	const Diagram *diagram;
	const Network *network;
	const PowerState *state;
	bool		sideways;		/* from left to right */
	int			frames;			/* of rooms so far */
	StringInfoData out;
} Drawing;

/* How names are written: dot_put_html() or dot_put_quoted(). */
typedef void (*PutName) (StringInfo out, const char *name, int max);

static const char *
path_color(char path)
{
	static const char *const colors[] = {"#1f5fbf", "#c62828", "#2e7d32", "#ef6c00"};

	return path == 0 ? COLOR_NONE : colors[path - 'a'];
}

/* --- What is said of a line --- */

/* "1,3,5 " */
static void
put_positions(Drawing *drawing, const NetFeed *feed)
{
	int			step = pole_step(drawing->network->panels[feed->panel].numbering);

	for (int i = 0; i < Max(feed->poles, 1) && feed->position > 0; i++)
		appendStringInfo(&drawing->out, "%s%d", i > 0 ? "," : "", feed->position + i * step);
	if (feed->position > 0)
		appendStringInfoString(&drawing->out, "  ");
}

static void
put_rating(StringInfo out, const NetFeed *feed)
{
	appendStringInfo(out, "%d A", feed->amperage);
	if (feed->poles > 0)
		appendStringInfo(out, " %dP", feed->poles);
}

/* "1,3,5  To RPP-A  225 A 3P  5.5 of 64.8 kVA, 9 %" */
static void
put_feed_text(Drawing *drawing, int feed, const char *gap, PutName put_name)
{
	StringInfo	out = &drawing->out;
	const NetFeed *f = &drawing->network->feeds[feed];
	const FeedState *s = &drawing->state->feeds[feed];

	put_positions(drawing, f);
	put_name(out, f->name, NAME_LENGTH);
	appendStringInfoString(out, gap);
	put_rating(out, f);
	appendStringInfoString(out, "  ");
	if (s->on)
		dot_put_load(out, basis(s->load), feed_heaviest(drawing->state, feed), f->available);
	else
		appendStringInfoString(out, "off");
}

/* Of lines that are drawn as one: "24 x 30 A 3P  54.3 kVA, up to 67 %" */
static void
put_feeds_text(Drawing *drawing, int first, int end)
{
	StringInfo	out = &drawing->out;
	const Line *lines = drawing->diagram->lines;
	const NetFeed *f = &drawing->network->feeds[lines[first].feed];
	bool		alike = true;
	int			off = 0;
	double		va = 0;
	double		highest = 0;

	for (int i = first; i < end; i++)
	{
		const NetFeed *g = &drawing->network->feeds[lines[i].feed];

		alike &= g->amperage == f->amperage && g->poles == f->poles;
		off += !drawing->state->feeds[lines[i].feed].on;
		va += basis(drawing->state->feeds[lines[i].feed].load);
		if (g->available > 0)
			highest = Max(highest, 100 * feed_heaviest(drawing->state, lines[i].feed) / g->available);
	}
	if (alike)
	{
		appendStringInfo(out, "%d x ", end - first);
		put_rating(out, f);
	}
	else
		appendStringInfo(out, "%d feeds", end - first);
	if (off > 0)
		appendStringInfo(out, ", %d off", off);
	appendStringInfoString(out, "  ");
	dot_put_kva(out, va);
	appendStringInfo(out, ", up to %.0f %%", highest);
}

static void
put_line_text(Drawing *drawing, int first, int end, const char *gap, PutName put_name)
{
	const Diagram *diagram = drawing->diagram;
	const Line *line = &diagram->lines[first];
	const Box  *from = &diagram->boxes[line->from];

	if (line->feed >= 0 && end - first == 1)
		put_feed_text(drawing, line->feed, gap, put_name);
	else if (line->feed >= 0)
		put_feeds_text(drawing, first, end);
	else if (drawing->sideways)
	{
		appendStringInfoString(&drawing->out, "from ");
		put_name(&drawing->out, from->kind == BOX_PDU ? drawing->network->devices[from->index].name :
				 "PDUs of other racks", NAME_LENGTH);
	}
}

/* Is power on it; and is one of its feeds overloaded? */
static bool
line_is_on(const Drawing *drawing, int first, int end, bool *overloaded)
{
	const Diagram *diagram = drawing->diagram;
	bool		on = false;

	*overloaded = false;
	for (int i = first; i < end; i++)
	{
		const Line *line = &diagram->lines[i];
		const Box  *from = &diagram->boxes[line->from];

		if (line->feed >= 0)
		{
			on |= drawing->state->feeds[line->feed].on;
			*overloaded |= feed_overloaded(drawing->state, line->feed);
		}
		else
			on |= from->kind == BOX_PDU ? drawing->state->devices[from->index].cords_on > 0 :
				diagram->racks[from->racks.first].on;
	}
	return on;
}

/* --- Lines --- */

/* How many tiers a line goes down. */
static int
line_length(const Diagram *diagram, const Line *line)
{
	const Box  *from = &diagram->boxes[line->from];
	const Box  *to = &diagram->boxes[line->to];

	if (from->kind != BOX_PANEL)
		return 1;
	return (to->kind == BOX_PANEL ? diagram->tier[to->index] : diagram->tiers) - diagram->tier[from->index];
}

/* The row-th line of those that enter its box. */
static void
put_line(Drawing *drawing, int first, int end, int row)
{
	StringInfo	out = &drawing->out;
	const Line *line = &drawing->diagram->lines[first];
	bool		overloaded;
	bool		on = line_is_on(drawing, first, end, &overloaded);

	if (drawing->sideways)
		appendStringInfo(out, "  b%d:e -> b%d:f%d:w [", line->from, line->to, row);
	else
	{
		appendStringInfo(out, "  b%d -> b%d [label=\"  ", line->from, line->to);
		put_line_text(drawing, first, end, "\\l  ", dot_put_quoted);
		appendStringInfoString(out, "\\l\", ");
	}
	appendStringInfo(out, "color=\"%s\", minlen=%d", on ? path_color(line->path) : COLOR_OFF,
					 line_length(drawing->diagram, line));
	if (line->feed >= 0 && !drawing->network->feeds[line->feed].primary)
		appendStringInfoString(out, ", arrowhead=onormal");
	if (line->feed >= 0 && end - first == 1)
	{
		appendStringInfoString(out, ", tooltip=\"");
		dot_put_quoted(out, drawing->network->feeds[line->feed].name, PG_INT32_MAX);
		appendStringInfoString(out, "\"");
	}
	if (!on)
		appendStringInfoString(out, ", style=dashed, fontcolor=\"#757575\"");
	else if (overloaded)
		appendStringInfoString(out, ", style=bold, penwidth=3, fontname=\"Helvetica-Bold\", fontcolor=\"" COLOR_OVER "\"");
	appendStringInfoString(out, "];\n");
}

/* All lines that enter a box.  One that none enters is held in its tier by an invisible one. */
static void
put_lines_into(Drawing *drawing, int b)
{
	const Diagram *diagram = drawing->diagram;
	const Box  *box = &diagram->boxes[b];
	int			row = 0;

	for (int first = box->lines.first, end; first < box->lines.end; first = end)
	{
		CHECK_FOR_INTERRUPTS();
		end = diagram_line_end(diagram, first);
		put_line(drawing, first, end, row++);
	}
	if (row == 0 && box->kind != BOX_PANEL && diagram->n_panels > 0)
		appendStringInfo(&drawing->out, "  b0 -> b%d [style=invis, minlen=%d];\n",
						 b, diagram->tiers - diagram->tier[diagram->boxes[0].index]);
}

/* --- What stands in a box --- */

/* What of a panel's circuits is not drawn: "22 other circuits, 35.5 kVA" */
static void
put_other_circuits(Drawing *drawing, int panel)
{
	const Network *network = drawing->network;
	Slice		outs = network->panels[panel].out;
	int			others = 0;
	double		va = 0;

	for (int s = outs.first; s < outs.end; s++)
	{
		int			feed = network->feeds_out[s];
		const NetFeed *f = &network->feeds[feed];

		if (drawing->diagram->feed_drawn[feed] ||
			!(f->has_destination || slice_count(f->ports) > 0 || f->connected_load > 0))
			continue;
		others++;
		va += basis(drawing->state->feeds[feed].load);
	}
	if (others == 0)
		return;
	appendStringInfo(&drawing->out, "%d other circuit%s, ", others, others == 1 ? "" : "s");
	dot_put_kva(&drawing->out, va);
}

/* The panels that feed a panel and are not drawn. */
static void
put_other_sources(Drawing *drawing, int panel)
{
	const Network *network = drawing->network;
	Slice		in = network->panels[panel].in;
	const char *first = NULL;
	int			n = 0;

	for (int s = in.first; s < in.end; s++)
	{
		int			source = network->feeds[network->feeds_in[s]].panel;

		if (drawing->diagram->panel_drawn[source])
			continue;
		n++;
		if (first == NULL || compare_names(network->panels[source].name, first) < 0)
			first = network->panels[source].name;
	}
	if (n == 0)
		return;
	appendStringInfoString(&drawing->out, "also fed by ");
	dot_put_html(&drawing->out, first, NAME_LENGTH);
	if (n > 1)
		appendStringInfo(&drawing->out, " and %d more", n - 1);
}

/* Beside its name: "480 V, 200 A" */
static void
put_panel_rating(Drawing *drawing, int panel)
{
	StringInfo	out = &drawing->out;
	const NetPanel *p = &drawing->network->panels[panel];

	if (p->voltage == 0 && p->main_amperage == 0)
		return;
	appendStringInfoString(out, "<FONT POINT-SIZE=\"8\" COLOR=\"" COLOR_NONE "\">");
	if (p->voltage > 0)
		appendStringInfo(out, "  %.0f V", p->voltage);
	if (p->main_amperage > 0)
		appendStringInfo(out, "  %d A", p->main_amperage);
	appendStringInfoString(out, "</FONT>");
}

static void
put_panel_text(Drawing *drawing, int panel)
{
	StringInfo	out = &drawing->out;
	const PanelState *s = &drawing->state->panels[panel];
	bool		overloaded = panel_overloaded(drawing->state, panel);

	appendStringInfoString(out, "<B>");
	dot_put_html(out, drawing->network->panels[panel].name, NAME_LENGTH);
	appendStringInfoString(out, "</B>");
	put_panel_rating(drawing, panel);
	appendStringInfoString(out, drawing->sideways ? "  " : "<BR/>");
	if (overloaded)
		appendStringInfoString(out, "<B><FONT COLOR=\"" COLOR_OVER "\">");
	if (s->on)
		dot_put_load(out, basis(s->load), panel_heaviest(drawing->state, panel), s->capacity);
	else
		appendStringInfoString(out, "off");
	if (overloaded)
		appendStringInfoString(out, "</FONT></B>");
}

/* How many boxes a rack has that is not drawn together with others. */
static int
boxes_of_rack(const DiagramRack *rack)
{
	return rack->pdus + rack->has_cords;
}

/* The name of a rack that needs no frame. */
static void
put_rack_name(Drawing *drawing, const Box *box, const char *gap)
{
	const DiagramRack *rack = &drawing->diagram->racks[box->racks.first];

	if (!rack->is_rack || boxes_of_rack(rack) > 1)
		return;
	appendStringInfoString(&drawing->out, "<B>");
	dot_put_html(&drawing->out, rack->name == NULL ? "?" : rack->name, NAME_LENGTH);
	appendStringInfo(&drawing->out, "</B>%s", gap);
}

static void
put_pdu_text(Drawing *drawing, const Box *box)
{
	StringInfo	out = &drawing->out;
	const Network *network = drawing->network;
	int			device = box->index;
	Slice		outlets = network->devices[device].outlets;
	const char *gap = drawing->sideways ? "  " : "<BR/>";
	int			cabled = 0;

	for (int s = outlets.first; s < outlets.end; s++)
		cabled += network->outlets[network->device_outlets[s]].port >= 0;
	put_rack_name(drawing, box, gap);
	appendStringInfoString(out, "<B>");
	dot_put_html(out, network->devices[device].name, NAME_LENGTH);
	appendStringInfo(out, "</B>%s%d of %d outlets%s", gap, cabled, slice_count(outlets), gap);
	if (drawing->state->devices[device].cords_on > 0)
		dot_put_kva(out, basis(drawing->state->devices[device].load));
	else
		appendStringInfoString(out, "dark");
}

/* "R01, R02, R03", or "R01 ... R24" */
static void
put_rack_names(Drawing *drawing, Slice racks)
{
	for (int r = racks.first; r < racks.end; r++)
	{
		const char *name = drawing->diagram->racks[r].name;

		if (slice_count(racks) > 3 && r != racks.first && r != racks.end - 1)
			continue;
		if (r > racks.first)
			appendStringInfoString(&drawing->out, slice_count(racks) > 3 ? " ... " : ", ");
		dot_put_html(&drawing->out, name == NULL ? "?" : name, NAME_LENGTH / 2);
	}
}

/* "24 racks  R01 ... R24  54.3 kVA" */
static void
put_racks_text(Drawing *drawing, Slice racks)
{
	StringInfo	out = &drawing->out;
	const DiagramRack *first = &drawing->diagram->racks[racks.first];
	const char *gap = drawing->sideways ? "  " : "<BR/>";
	bool		on = false;
	double		va = 0;

	for (int r = racks.first; r < racks.end; r++)
	{
		on |= drawing->diagram->racks[r].on;
		va += drawing->diagram->racks[r].load;
	}
	appendStringInfoString(out, "<B>");
	if (slice_count(racks) > 1)
		appendStringInfo(out, "%d %s</B>%s", slice_count(racks), first->is_rack ? "racks" : "PDUs", gap);
	put_rack_names(drawing, racks);
	appendStringInfo(out, "%s%s", slice_count(racks) > 1 ? "" : "</B>", gap);
	if (on)
		dot_put_kva(out, va);
	else
		appendStringInfoString(out, "dark");
}

/* What else of a rack has circuits of its own. */
static void
put_cords_text(Drawing *drawing, const Box *box)
{
	const DiagramRack *rack = &drawing->diagram->racks[box->racks.first];

	put_rack_name(drawing, box, drawing->sideways ? "  " : "<BR/>");
	if (rack->cords > 0)
		appendStringInfo(&drawing->out, "%d device%s", rack->cords, rack->cords == 1 ? "" : "s");
	else
		appendStringInfoString(&drawing->out, "not cabled yet");
}

/* --- Boxes --- */

/* In a tier with many boxes each is kept low. */
static bool
is_crowded(const Drawing *drawing, const Box *box)
{
	const Diagram *diagram = drawing->diagram;

	return drawing->sideways &&
		diagram->in_tier[box->kind == BOX_PANEL ? diagram->tier[box->index] : diagram->tiers] > CROWDED;
}

/* A small cell, if what put writes is anything. */
static void
put_small_cell(Drawing *drawing, const char *before, const char *after,
			   void (*put) (Drawing *drawing, int panel), int panel)
{
	StringInfo	out = &drawing->out;
	int			start = out->len;
	int			empty;

	appendStringInfo(out, "%s<FONT POINT-SIZE=\"8\" COLOR=\"" COLOR_NONE "\">", before);
	empty = out->len;
	put(drawing, panel);
	if (out->len == empty)
	{
		out->len = start;
		out->data[start] = '\0';
	}
	else
		appendStringInfo(out, "</FONT>%s", after);
}

/* What stands in a box besides its lines: cells, each with these before and after it. */
static void
put_body(Drawing *drawing, const Box *box, const char *before, const char *after)
{
	StringInfo	out = &drawing->out;

	appendStringInfoString(out, before);
	switch (box->kind)
	{
		case BOX_PANEL:
			put_panel_text(drawing, box->index);
			break;
		case BOX_PDU:
			put_pdu_text(drawing, box);
			break;
		case BOX_CORDS:
			put_cords_text(drawing, box);
			break;
		case BOX_RACKS:
			put_racks_text(drawing, box->racks);
			break;
	}
	appendStringInfoString(out, after);
	if (box->kind != BOX_PANEL)
		return;
	put_small_cell(drawing, before, after, put_other_circuits, box->index);
	put_small_cell(drawing, before, after, put_other_sources, box->index);
}

/* A row for each line that enters the box. */
static void
put_row(Drawing *drawing, int first, int end, int row)
{
	StringInfo	out = &drawing->out;
	bool		overloaded;
	bool		on = line_is_on(drawing, first, end, &overloaded);

	appendStringInfo(out, "<TD PORT=\"f%d\" ALIGN=\"LEFT\"><FONT POINT-SIZE=\"8\" COLOR=\"%s\">%s", row,
					 on ? path_color(drawing->diagram->lines[first].path) : "#757575", overloaded ? "<B>" : "");
	put_line_text(drawing, first, end, "  ", dot_put_html);
	appendStringInfo(out, "%s</FONT></TD>", overloaded ? "</B>" : "");
}

/* How many lines enter a box, as they are drawn. */
static int
count_rows(const Drawing *drawing, const Box *box)
{
	int			n = 0;

	for (int line = box->lines.first; line < box->lines.end; line = diagram_line_end(drawing->diagram, line))
		n++;
	return n;
}

static void
put_table(Drawing *drawing, const Box *box)
{
	StringInfo	out = &drawing->out;
	const char *align = drawing->sideways ? " ALIGN=\"LEFT\"" : "";
	int			rows = drawing->sideways ? count_rows(drawing, box) : 0;
	bool		beside = rows > 0 && is_crowded(drawing, box);
	char		before[64];
	int			row = 0;

	snprintf(before, sizeof(before), beside ? "<TD ROWSPAN=\"%d\"%s>  " : "<TR><TD COLSPAN=\"%d\"%s>",
			 beside ? rows : 1, align);
	appendStringInfoString(out, "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\">");
	for (int first = box->lines.first, end; row < rows; first = end)
	{
		end = diagram_line_end(drawing->diagram, first);
		appendStringInfoString(out, "<TR>");
		put_row(drawing, first, end, row++);
		if (beside && row == 1)
			put_body(drawing, box, before, "</TD>");
		appendStringInfoString(out, "</TR>");
	}
	if (!beside)
		put_body(drawing, box, before, "</TD></TR>");
	appendStringInfoString(out, "</TABLE>");
}

/* The path of the lines that enter a box; none where these are of several. */
static char
lines_path(const Diagram *diagram, Slice lines)
{
	for (int i = lines.first + 1; i < lines.end; i++)
		if (diagram->lines[i].path != diagram->lines[lines.first].path)
			return 0;
	return slice_count(lines) > 0 ? diagram->lines[lines.first].path : 0;
}

/* Is power on it; is it overloaded; and its path. */
static bool
box_is_on(const Drawing *drawing, const Box *box, bool *overloaded, char *path)
{
	const DiagramRack *racks = drawing->diagram->racks;
	bool		on = false;

	*path = 0;
	*overloaded = false;
	switch (box->kind)
	{
		case BOX_PANEL:
			*path = drawing->network->panels[box->index].path;
			*overloaded = panel_overloaded(drawing->state, box->index);
			return drawing->state->panels[box->index].on;
		case BOX_PDU:
			*path = lines_path(drawing->diagram, box->lines);
			*overloaded = device_overloaded(drawing->state, box->index);
			return drawing->state->devices[box->index].cords_on > 0;
		case BOX_CORDS:
		case BOX_RACKS:
			for (int r = box->racks.first; r < box->racks.end; r++)
			{
				on |= racks[r].on;
				*overloaded |= box->kind == BOX_RACKS && racks[r].overloaded;
			}
			return on;
	}
	return false;
}

static void
put_box(Drawing *drawing, int b)
{
	StringInfo	out = &drawing->out;
	const Box  *box = &drawing->diagram->boxes[b];
	bool		overloaded;
	char		path;
	bool		on = box_is_on(drawing, box, &overloaded, &path);

	appendStringInfo(out, "  b%d [color=\"%s\"", b, on ? path_color(path) : COLOR_OFF);
	if (box->kind != BOX_PANEL)
		appendStringInfoString(out, ", fillcolor=\"" COLOR_RACKS "\"");
	if (!on)
		appendStringInfoString(out, ", style=\"filled,dashed\", fontcolor=\"#757575\"");
	else if (overloaded)
		appendStringInfoString(out, ", style=\"filled,bold\", penwidth=3");
	appendStringInfoString(out, ", label=<");
	put_table(drawing, box);
	appendStringInfoString(out, ">];\n");
}

/* --- Rooms --- */

/* The i-th of n: dot lays what stands in frames from the bottom up where it draws sideways. */
static int
from_top(const Drawing *drawing, Slice slice, int i, bool in_frame)
{
	return drawing->sideways && in_frame ? slice.end - 1 - i : slice.first + i;
}

/* Boxes of one place, those of a rack with several in a frame of their own. */
static void
put_boxes(Drawing *drawing, Slice slice)
{
	StringInfo	out = &drawing->out;
	const Diagram *diagram = drawing->diagram;
	int			framed = -1;

	for (int i = 0; i < slice_count(slice); i++)
	{
		int			b = diagram->boxes_by_place[from_top(drawing, slice, i, true)];
		const Box  *box = &diagram->boxes[b];
		int			rack = box->kind == BOX_PDU || box->kind == BOX_CORDS ? box->racks.first : -1;

		CHECK_FOR_INTERRUPTS();
		if (rack >= 0 && (!diagram->racks[rack].is_rack || boxes_of_rack(&diagram->racks[rack]) == 1))
			rack = -1;
		if (rack != framed && framed >= 0)
			appendStringInfoString(out, "  }\n");
		if (rack != framed && rack >= 0)
		{
			appendStringInfo(out, "  subgraph cluster_rack%d {\n  label=\"", rack);
			dot_put_quoted(out, diagram->racks[rack].name == NULL ? "?" : diagram->racks[rack].name, NAME_LENGTH);
			appendStringInfoString(out, "\";\n");
		}
		framed = rack;
		put_box(drawing, b);
	}
	if (framed >= 0)
		appendStringInfoString(out, "  }\n");
}

/* A frame around a single box, or around everything, says nothing. */
static bool
is_framed(const Diagram *diagram, const Place *place)
{
	return place->name != NULL && place->boxes > 1 && place->boxes < diagram->n_boxes;
}

static void
put_place(Drawing *drawing, int at, bool in_frame)
{
	StringInfo	out = &drawing->out;
	const Diagram *diagram = drawing->diagram;
	const Place *place = &diagram->places[at];
	bool		framed = is_framed(diagram, place);

	check_stack_depth();
	if (place->boxes == 0)
		return;
	if (framed)
	{
		appendStringInfo(out, "  subgraph cluster_place%d {\n  label=\"", drawing->frames++);
		dot_put_quoted(out, place->name, NAME_LENGTH);
		appendStringInfoString(out, "\";\n");
	}
	put_boxes(drawing, place->own);
	for (int i = 0; i < slice_count(place->within); i++)
		put_place(drawing, diagram->places_by_name[from_top(drawing, place->within, i, framed || in_frame)],
				  framed || in_frame);
	if (framed)
		appendStringInfoString(out, "  }\n");
}

/* --- All of it --- */

static void
put_legend_row(StringInfo out, const char *color, const char *sign, const char *meaning)
{
	appendStringInfo(out, "<TR><TD ALIGN=\"LEFT\"><FONT COLOR=\"%s\">%s</FONT></TD>"
					 "<TD ALIGN=\"LEFT\">%s</TD></TR>", color, sign, meaning);
}

/* The paths that occur, as bits. */
static int
paths_met(const Diagram *diagram)
{
	int			met = 0;

	for (int i = 0; i < diagram->n_lines; i++)
		met |= 1 << (diagram->lines[i].path == 0 ? 0 : diagram->lines[i].path - 'a' + 1);
	for (int b = 0; b < diagram->n_panels; b++)
	{
		char		path = diagram->network->panels[diagram->boxes[b].index].path;

		met |= 1 << (path == 0 ? 0 : path - 'a' + 1);
	}
	return met;
}

static void
put_legend(Drawing *drawing)
{
	static const char *const names[] = {"no path", "path a", "path b", "path c", "path d"};
	StringInfo	out = &drawing->out;
	int			met = paths_met(drawing->diagram);

	appendStringInfoString(out, "  legend [color=\"#b0bec5\", fontsize=8, label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\""
						   " CELLSPACING=\"2\" CELLPADDING=\"0\"><TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\"><B>Legend</B></TD></TR>");
	for (int i = 0; i < (int) lengthof(names); i++)
	{
		int			path = (i + 1) % (int) lengthof(names);

		if (met & (1 << path))
			appendStringInfo(out, "<TR><TD BGCOLOR=\"%s\"></TD><TD ALIGN=\"LEFT\">%s</TD></TR>",
							 path_color(path == 0 ? 0 : 'a' + path - 1), names[path]);
	}
	put_legend_row(out, COLOR_NONE, "open arrow", "redundant feed");
	put_legend_row(out, "#757575", "dashed", "not energized");
	put_legend_row(out, COLOR_OVER, "<B>bold</B>", "overloaded");
	put_legend_row(out, COLOR_NONE, "1,3,5", "breaker positions");
	put_legend_row(out, COLOR_NONE, "kVA",
				   load_basis == BASIS_MAXIMUM ? "maximum load, and what it may carry" : "allocated load, and what it may carry");
	put_legend_row(out, COLOR_NONE, "%", "of that, by the most loaded phase");
	if (drawing->diagram->grouped)
		put_legend_row(out, COLOR_NONE, "n racks", "all that hang on the same panels; up to: their most loaded feed");
	appendStringInfoString(out, "</TABLE>>];\n");
}

/* The most boxes in a tier. */
static int
widest_tier(const Diagram *diagram)
{
	int			widest = 0;

	for (int tier = 0; tier <= diagram->tiers; tier++)
		widest = Max(widest, diagram->in_tier[tier]);
	return widest;
}

text *
diagram_draw(const Diagram *diagram)
{
	Drawing		drawing = {
		.diagram = diagram,
		.network = diagram->network,
		.state = diagram->state,
		.sideways = widest_tier(diagram) > WIDE
	};
	StringInfo	out = &drawing.out;

	initStringInfo(out);
	appendStringInfo(out, "digraph power {\n  rankdir=%s; newrank=true; nodesep=%s; ranksep=%s;\n",
					 drawing.sideways ? "LR" : "TB", drawing.sideways ? "0.06" : "0.3",
					 drawing.sideways ? "0.8" : "0.45");
	appendStringInfoString(out,
						   "  graph [fontname=\"Helvetica\", fontsize=11, color=\"#b0bec5\", style=rounded, labeljust=l];\n"
						   "  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\", fontsize=10, margin=\"0.03,0.02\", height=0.1, width=0.1];\n"
						   "  edge [fontname=\"Helvetica\", fontsize=8, arrowsize=0.6];\n");
	put_legend(&drawing);
	put_boxes(&drawing, diagram->unplaced);
	for (int i = 0; i < slice_count(diagram->outermost); i++)
		put_place(&drawing, diagram->places_by_name[diagram->outermost.first + i], false);
	for (int b = 0; b < diagram->n_boxes; b++)
		put_lines_into(&drawing, b);
	appendStringInfoString(out, "}\n");
	return cstring_to_text_with_len(out->data, out->len);
}
