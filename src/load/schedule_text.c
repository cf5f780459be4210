/*-------------------------------------------------------------------------
 *
 * schedule_text.c
 *	  The schedule of a panel, as it hangs inside the panel's door.
 *
 * Above, what the panel is and what feeds it; then the circuits by position, with
 * their loads; below, circuits that have no position, and the connected load of
 * each phase.  Lines are plain ASCII but for the names, so that any encoding and
 * any printer will do, and up to PAGE_WIDTH columns, which is a page at 10 point
 * across or at 8 point upright.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/formatting.h"
#include "utils/memutils.h"
#include "utils/uuid.h"

#include "amperes.h"
#include "load_model.h"
#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(panel_schedule_text);

#define PAGE_WIDTH			100
#define NAME_WIDTH_MIN		12
#define LOAD_WIDTH_MIN		7	/* "LOAD VA" */
#define RATING_WIDTH_MIN	7	/* "BREAKER" */
#define UNPLACED_WIDTH		10	/* of a rating and a load below the positions */
#define POSITION_WIDTH		9	/* of "  12  B  " */
#define PAGE_POSITIONS		60	/* rows that leave room for the rest of a page */
#define TOTAL_WIDTH			12
#define LABEL_WIDTH			26

typedef struct Schedule
{
	PanelSheet	sheet;
	const PowerState *state;
	const Network *network;
	int			panel;
	char	  **status;			/* of each feed of the network, or NULL */
	int			at[POSITION_MAX + 1];	/* feed there + 1 */
	int			positions;		/* how many are printed */
	int			left_width;		/* of the names left and right, of which a single
								 * column has the right ones only */
	int			right_width;
	int			load_width;
	int			rating_width;
	StringInfoData out;
} Schedule;

/* How many columns a text takes; what has no width counts as one blank. */
static int
text_width(const char *text)
{
	int			width = 0;

	for (; *text; text += pg_mblen(text))
		width += Max(pg_dsplen(text), 1);
	return width;
}

/* A text with its control characters blanked. */
static char *
printable(const char *text)
{
	char	   *result = pstrdup(text);

	for (char *p = result; *p; p += pg_mblen(p))
		if ((unsigned char) *p < ' ' || *p == 0x7f)
			*p = ' ';
	return result;
}

static void
put_padded(StringInfo out, const char *text, int width, bool right)
{
	int			blanks = width - text_width(text);

	if (right && blanks > 0)
		appendStringInfoSpaces(out, blanks);
	appendStringInfoString(out, text);
	if (!right && blanks > 0)
		appendStringInfoSpaces(out, blanks);
}

/* Ends a line without blanks at its end. */
static void
end_line(StringInfo out)
{
	while (out->len > 0 && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	appendStringInfoChar(out, '\n');
}

static void
put_rule(StringInfo out, int width)
{
	for (int i = 0; i < width; i++)
		appendStringInfoChar(out, '-');
	appendStringInfoChar(out, '\n');
}

/*
 * A text cut to a width.  In SQL_ASCII each byte counts as a character, but most
 * likely they are UTF-8, of which half a character fails for a client.
 */
static char *
cut(char *text, int width)
{
	char	   *p = text;

	if (text_width(text) <= width)
		return text;
	for (int w = 0; *p; p += pg_mblen(p))
	{
		w += Max(pg_dsplen(p), 1);
		if (w > width - 2)
			break;
	}
	if (GetDatabaseEncoding() == PG_SQL_ASCII)
		while (p > text && ((unsigned char) *p & 0xc0) == 0x80)
			p--;
	*p = '\0';
	return psprintf("%s..", text);
}

/*
 * "To RPP-1 > RPP-1", "Pump 2 (planned)", cut to a width.  The status is not cut,
 * unless nothing would be left of the name.
 */
static char *
circuit_text(const Schedule *schedule, int feed, int width)
{
	const Network *network = schedule->network;
	const NetFeed *f = &network->feeds[feed];
	char	   *text = printable(f->name);
	char	   *status;

	if (f->destination >= 0)
		text = psprintf("%s > %s", text, printable(network->panels[f->destination].name));
	if (f->live || schedule->status[feed] == NULL)
		return cut(text, width);
	status = psprintf(" (%s)", printable(schedule->status[feed]));
	return cut(psprintf("%s%s", cut(text, Max(width - text_width(status), 4)), status), width);
}

/* 14976 -> "14,976" */
static char *
thousands(double value)
{
	char	   *digits = psprintf("%.0f", value);
	int			n = (int) strlen(digits);
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < n; i++)
	{
		if (i > 0 && (n - i) % 3 == 0)
			appendStringInfoChar(&buf, ',');
		appendStringInfoChar(&buf, digits[i]);
	}
	return buf.data;
}

/* What a circuit draws, in VA; "-" where it is not energized. */
static const char *
load_text(const Schedule *schedule, int feed)
{
	const FeedState *state = &schedule->state->feeds[feed];

	return state->on ? thousands(basis(state->load)) : "-";
}

static char *
rating_text(const NetFeed *feed)
{
	return feed->poles > 0 ? psprintf("%d A %dP", feed->amperage, feed->poles) : psprintf("%d A", feed->amperage);
}

/* --- Reading --- */

/* The statuses of the feeds that leave a panel or enter it. */
static void
read_statuses(Schedule *schedule, const pg_uuid_t *panel)
{
	static CheckQuery query = QUERY("SELECT f.id, f.status FROM powerpanel.power_feed f"
									" WHERE f.power_panel_id OPERATOR(pg_catalog.=) $1"
									" OR f.destination_panel_id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Datum		arg = UUIDPGetDatum(panel);
	QueryRows	rows = query_run_for_user(&query, &arg);

	schedule->status = zeroed_array(char *, schedule->network->n_feeds);
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);
		int			feed = network_feed((Network *) schedule->network, query_uuid(row, 1));

		if (feed >= 0)
			schedule->status[feed] = query_text(row, 2);
	}
}

/* Makes columns as wide as a circuit needs them. */
static void
widen_columns(Schedule *schedule, int feed)
{
	const NetFeed *f = &schedule->network->feeds[feed];
	bool		left = schedule->sheet.numbering == NUMBERING_ACROSS && f->position % 2 == 1;
	int		   *names = left ? &schedule->left_width : &schedule->right_width;

	*names = Max(*names, text_width(circuit_text(schedule, feed, PAGE_WIDTH)));
	schedule->load_width = Max(schedule->load_width, text_width(load_text(schedule, feed)));
	schedule->rating_width = Max(schedule->rating_width, text_width(rating_text(f)));
}

/* What a line takes beside the names. */
static int
width_without_names(const Schedule *schedule)
{
	int			figures = schedule->load_width + schedule->rating_width;

	return schedule->sheet.numbering == NUMBERING_ACROSS ? 2 * figures + 28 : figures + 16;
}

/* Long names are cut, so that lines fit the page; the shorter side gives way last. */
static void
fit_page(Schedule *schedule)
{
	int			room = PAGE_WIDTH - width_without_names(schedule);
	int			left = schedule->left_width;
	int			right = schedule->right_width;

	if (schedule->sheet.numbering != NUMBERING_ACROSS)
		schedule->right_width = Min(right, room);
	else if (left + right > room)
	{
		schedule->left_width = Max(Min(left, room / 2), room - right);
		schedule->right_width = room - schedule->left_width;
	}
}

static void
place_circuits(Schedule *schedule)
{
	const Network *network = schedule->network;
	const NetPanel *panel = &network->panels[schedule->panel];

	schedule->positions = panel->circuit_positions;
	schedule->left_width = schedule->right_width = NAME_WIDTH_MIN;
	schedule->load_width = LOAD_WIDTH_MIN;
	schedule->rating_width = RATING_WIDTH_MIN;
	for (int s = panel->out.first; s < panel->out.end; s++)
	{
		int			feed = network->feeds_out[s];
		const NetFeed *f = &network->feeds[feed];

		if (f->position == 0)
			continue;
		for (int k = 0; k < f->poles; k++)
			schedule->at[f->position + k * pole_step(panel->numbering)] = feed + 1;
		schedule->positions = Max(schedule->positions,
								  breaker_last_position(panel->numbering, f->position, f->poles));
		widen_columns(schedule, feed);
	}
	fit_page(schedule);
}

static void
read_schedule(Schedule *schedule, const pg_uuid_t *panel)
{
	NetworkSeed seed = {.panels = panel, .n_panels = 1};

	panel_read(panel, &schedule->sheet);
	schedule->network = network_read(&seed, NAMES_OF_FEEDS);
	schedule->panel = id_map_find(schedule->network->panel_index, panel);
	if (schedule->panel < 0)
		no_such("power panel", panel);
	schedule->state = power_state_compute((Network *) schedule->network);
	read_statuses(schedule, panel);
	place_circuits(schedule);
}

/* --- The heading --- */

/* "208/120 V", "-48 V" */
static char *
voltage_text(const PanelSheet *sheet, const NetPanel *panel)
{
	if (sheet->bus == BUS_THREE_PHASE)
		return psprintf("%s/%.0f V", sheet->voltage, nominal_voltage(panel->voltage / ROOT3));
	if (sheet->bus == BUS_SPLIT_PHASE)
		return psprintf("%s/%.0f V", sheet->voltage, panel->voltage / 2);
	return psprintf("%s V", sheet->voltage);
}

/* ": 100 A 3P, primary, path a (offline)" */
static char *
source_text(const Schedule *schedule, int feed)
{
	const NetFeed *f = &schedule->network->feeds[feed];
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, ": %s, %s", rating_text(f), f->primary ? "primary" : "redundant");
	if (f->path != 0)
		appendStringInfo(&buf, ", path %c", f->path);
	if (!f->live && schedule->status[feed] != NULL)
		appendStringInfo(&buf, " (%s)", printable(schedule->status[feed]));
	else if (!schedule->state->feeds[feed].on)
		appendStringInfoString(&buf, " (not energized)");
	return buf.data;
}

/* Primaries first, then by path and by name. */
static int
compare_sources(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;
	const NetFeed *x = &network->feeds[*(const int *) a];
	const NetFeed *y = &network->feeds[*(const int *) b];
	int			c = (int) y->primary - (int) x->primary;

	if (c == 0)
		c = x->path - y->path;
	if (c == 0)
		c = strcmp(network->panels[x->panel].name, network->panels[y->panel].name);
	if (c == 0)
		c = strcmp(x->name, y->name);
	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

/* What feeds the panel. */
static void
put_sources(Schedule *schedule)
{
	const Network *network = schedule->network;
	StringInfo	out = &schedule->out;
	Slice		in = network->panels[schedule->panel].in;
	int			n = slice_count(in);
	int		   *feeds = palloc(sizeof(int) * Max(n, 1));

	if (n == 0)
		appendStringInfoString(out, "Fed by nothing on record\n");
	memcpy(feeds, &network->feeds_in[in.first], sizeof(int) * n);
	qsort_arg(feeds, n, sizeof(int), compare_sources, (void *) network);
	for (int i = 0; i < n; i++)
	{
		int			feed = feeds[i];
		char	   *name = psprintf("Fed by %s > %s", printable(network->panels[network->feeds[feed].panel].name),
									printable(network->feeds[feed].name));
		char	   *rest = source_text(schedule, feed);

		appendStringInfo(out, "%s%s\n", cut(name, Max(PAGE_WIDTH - text_width(rest), NAME_WIDTH_MIN)), rest);
	}
}

/* "UPS", "RPP": what is no word is written in capitals. */
static char *
type_text(const char *type)
{
	return strlen(type) == 3 ? asc_toupper(type, 3) : pstrdup(type);
}

static void
put_heading(Schedule *schedule)
{
	const PanelSheet *sheet = &schedule->sheet;
	const NetPanel *panel = &schedule->network->panels[schedule->panel];
	StringInfo	out = &schedule->out;

	appendStringInfo(out, "PANEL %s\n", cut(printable(sheet->name), PAGE_WIDTH - 6));
	if (sheet->location)
		appendStringInfo(out, "%s\n", cut(printable(sheet->location), PAGE_WIDTH));
	if (sheet->type)
		appendStringInfo(out, "%s, ", type_text(sheet->type));
	if (sheet->voltage)
		appendStringInfo(out, "%s ", voltage_text(sheet, panel));
	appendStringInfo(out, "%s bus", sheet->bus_label);
	if (sheet->main_breaker)
		appendStringInfo(out, ", main breaker %s A", sheet->main_breaker);
	else
		appendStringInfoString(out, ", no main breaker on record");
	if (sheet->path)
		appendStringInfo(out, ", path %s", sheet->path);
	appendStringInfoChar(out, '\n');
	put_sources(schedule);
	appendStringInfoChar(out, '\n');
}

/* --- Circuits --- */

/* The bracket that joins the poles of a breaker, left of the position. */
static const char *
bracket(const NetFeed *feed, int pole, bool left)
{
	if (feed == NULL)
		return "  ";
	if (feed->poles == 1)
		return "--";
	if (pole == 1)
		return left ? "-." : ".-";
	if (pole == feed->poles)
		return left ? "-'" : "'-";
	return left ? " |" : "| ";
}

/* One half of a line: circuit, load, rating and bracket of a position. */
static void
put_circuit(Schedule *schedule, int position, bool left)
{
	StringInfo	out = &schedule->out;
	const NetFeed *feed = NULL;
	const char *name = "";
	const char *rating = "";
	const char *load = "";
	int			pole = 0;

	if (position <= schedule->positions && schedule->at[position] == 0)
		name = "(space)";
	else if (position <= schedule->positions)
	{
		int			index = schedule->at[position] - 1;

		feed = &schedule->network->feeds[index];
		pole = (position - feed->position) / pole_step(schedule->sheet.numbering) + 1;
		if (pole == 1)
		{
			name = circuit_text(schedule, index, left ? schedule->left_width : schedule->right_width);
			rating = rating_text(feed);
			load = load_text(schedule, index);
		}
	}
	if (left)
	{
		put_padded(out, name, schedule->left_width, false);
		put_padded(out, load, schedule->load_width + 2, true);
		put_padded(out, rating, schedule->rating_width + 2, true);
		appendStringInfo(out, " %s", bracket(feed, pole, left));
	}
	else
	{
		appendStringInfo(out, "%s ", bracket(feed, pole, left));
		put_padded(out, rating, schedule->rating_width, false);
		put_padded(out, load, schedule->load_width + 2, true);
		appendStringInfo(out, "  %s", name);
	}
}

static const char *
phase_text(const Schedule *schedule, int position)
{
	int			phase = position_phase_number(schedule->sheet.numbering,
											  schedule->sheet.bus, position);

	return phase < 0 ? " " : phase_mask_label((PhaseMask) (1 << phase));
}

/* "LOAD VA"; a dc panel has watts. */
static const char *
load_heading(const Schedule *schedule)
{
	return schedule->sheet.bus == BUS_DC ? "LOAD W" : "LOAD VA";
}

/* Over the phases, four columns; nothing where the bus has none. */
static const char *
phase_heading(const Schedule *schedule)
{
	return bus_phases(schedule->sheet.bus) > 0 ? " Ph " : "    ";
}

/* Odd positions left, even right, the phase between. */
static void
put_two_columns(Schedule *schedule)
{
	StringInfo	out = &schedule->out;

	put_padded(out, "CIRCUIT", schedule->left_width, false);
	put_padded(out, load_heading(schedule), schedule->load_width + 2, true);
	put_padded(out, "BREAKER", schedule->rating_width + 2, true);
	appendStringInfo(out, "      No%s No     ", phase_heading(schedule));
	put_padded(out, "BREAKER", schedule->rating_width, false);
	put_padded(out, load_heading(schedule), schedule->load_width + 2, true);
	appendStringInfoString(out, "  CIRCUIT\n");
	put_rule(out, width_without_names(schedule) + schedule->left_width + schedule->right_width);
	for (int p = 1; p <= schedule->positions; p += 2)
	{
		CHECK_FOR_INTERRUPTS();
		put_circuit(schedule, p, true);
		appendStringInfo(out, " %4d  %s  ", p, phase_text(schedule, p));
		if (p + 1 <= schedule->positions)
			appendStringInfo(out, "%-4d", p + 1);
		put_circuit(schedule, p + 1, false);
		end_line(out);
	}
}

/* The last of the free positions that follow each other from here; of long columns only. */
static int
last_of_spaces(const Schedule *schedule, int position)
{
	int			last = position;

	while (schedule->positions > PAGE_POSITIONS && last < schedule->positions &&
		   schedule->at[position] == 0 && schedule->at[last + 1] == 0)
		last++;
	return last;
}

/* One line for each position; where these do not fit a page, one for spaces in a row. */
static void
put_one_column(Schedule *schedule)
{
	StringInfo	out = &schedule->out;

	appendStringInfo(out, "  No%s    ", phase_heading(schedule));
	put_padded(out, "BREAKER", schedule->rating_width, false);
	put_padded(out, load_heading(schedule), schedule->load_width + 2, true);
	appendStringInfoString(out, "  CIRCUIT\n");
	put_rule(out, width_without_names(schedule) + schedule->right_width);
	for (int p = 1, last; p <= schedule->positions; p = last + 1)
	{
		CHECK_FOR_INTERRUPTS();
		last = last_of_spaces(schedule, p);
		put_padded(out, last > p ? psprintf("%4d-%d", p, last) :
				   psprintf("%4d  %s", p, phase_text(schedule, p)), POSITION_WIDTH, false);
		put_circuit(schedule, p, false);
		end_line(out);
	}
}

static int
compare_feed_names(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;

	return strcmp(network->feeds[*(const int *) a].name, network->feeds[*(const int *) b].name);
}

/* Circuits that have no position, by name. */
static void
put_unplaced(Schedule *schedule)
{
	const Network *network = schedule->network;
	StringInfo	out = &schedule->out;
	Slice		outs = network->panels[schedule->panel].out;
	int		   *feeds = palloc(sizeof(int) * Max(slice_count(outs), 1));
	int			n = 0;

	for (int s = outs.first; s < outs.end; s++)
		if (network->feeds[network->feeds_out[s]].position == 0)
			feeds[n++] = network->feeds_out[s];
	if (n == 0 && schedule->positions == 0)
		appendStringInfoString(out, "No circuits\n");
	if (n == 0)
		return;
	qsort_arg(feeds, n, sizeof(int), compare_feed_names, (void *) network);
	appendStringInfoString(out, schedule->positions > 0 ? "\nWITHOUT A POSITION\n" : "");
	put_padded(out, "BREAKER", UNPLACED_WIDTH, false);
	put_padded(out, load_heading(schedule), UNPLACED_WIDTH, true);
	appendStringInfoString(out, "  CIRCUIT\n");
	for (int i = 0; i < n; i++)
	{
		put_padded(out, rating_text(&network->feeds[feeds[i]]), UNPLACED_WIDTH, false);
		put_padded(out, load_text(schedule, feeds[i]), UNPLACED_WIDTH, true);
		appendStringInfo(out, "  %s", circuit_text(schedule, feeds[i], PAGE_WIDTH - 2 * UNPLACED_WIDTH - 2));
		end_line(out);
	}
}

/* --- Totals --- */

static void
put_total(Schedule *schedule, const char *label, const double *values, int n, const char *format, const char *last)
{
	StringInfo	out = &schedule->out;

	put_padded(out, label, LABEL_WIDTH, false);
	for (int i = 0; i < n; i++)
		put_padded(out, values[i] < 0 ? "" : format == NULL ? thousands(values[i]) : psprintf("%.1f%s", values[i], format),
				   TOTAL_WIDTH, true);
	put_padded(out, last, TOTAL_WIDTH, true);
	end_line(out);
}

/* The current of each phase; of a bus without phases that of all of it. */
static void
current_amps(const Schedule *schedule, double *amps)
{
	const NetPanel *panel = &schedule->network->panels[schedule->panel];

	panel_amps(schedule->state, schedule->panel, amps);
	if (panel->bus == BUS_DC && panel->voltage > 0)
		amps[0] = basis(schedule->state->panels[schedule->panel].load) / panel->voltage;
}

/* What is energized, phase by phase, and how much of the main breaker that is. */
static void
put_totals(Schedule *schedule)
{
	const NetPanel *panel = &schedule->network->panels[schedule->panel];
	const PanelState *state = &schedule->state->panels[schedule->panel];
	StringInfo	out = &schedule->out;
	int			n = Max(bus_phases(panel->bus), 1);
	double		va[3];
	double		amps[3];
	double		percent[3];

	current_amps(schedule, amps);
	for (int i = 0; i < n; i++)
	{
		va[i] = panel->bus == BUS_DC ? basis(state->load) : state->phases.phase[i].re;
		percent[i] = panel->main_amperage > 0 && amps[i] >= 0 ? 100 * amps[i] / panel->main_amperage : -1;
	}
	appendStringInfoChar(out, '\n');
	put_padded(out, n > 1 ? "CONNECTED LOAD BY PHASE" : "CONNECTED LOAD", LABEL_WIDTH, false);
	for (int i = 0; n > 1 && i < n; i++)
		put_padded(out, phase_mask_label((PhaseMask) (1 << i)), TOTAL_WIDTH, true);
	if (n > 1)
		put_padded(out, "Total", TOTAL_WIDTH, true);
	end_line(out);
	put_total(schedule, panel->bus == BUS_DC ? "Load (W)" : "Load (VA)", va, n, NULL, n > 1 ? thousands(basis(state->load)) : "");
	if (amps[0] >= 0)
		put_total(schedule, "Current (A)", amps, n, "", "");
	if (percent[0] >= 0)
		put_total(schedule, psprintf("Of main breaker (%d A)", panel->main_amperage), percent, n, " %", "");
	if (panel->max_utilization < 100 && percent[0] >= 0)
		appendStringInfo(out, "The main breaker may be used to %d %%.\n", panel->max_utilization);
	if (load_basis == BASIS_MAXIMUM)
		appendStringInfoString(out, "Loads are the most that can be drawn, not what is allocated.\n");
}

static void
put_space(Schedule *schedule)
{
	int			occupied = 0;

	for (int p = 1; p <= schedule->positions; p++)
		occupied += schedule->at[p] != 0;
	if (schedule->sheet.circuit_positions > 0)
		appendStringInfo(&schedule->out, "\n%d of %d positions occupied, %d free",
						 occupied, schedule->sheet.circuit_positions,
						 Max(schedule->sheet.circuit_positions - occupied, 0));
	else if (occupied > 0)
		appendStringInfo(&schedule->out, "\n%d positions occupied; how many there are is not recorded",
						 occupied);
	else
		appendStringInfoString(&schedule->out, "\nPositions are not recorded");
}

/* panel_schedule_text(panel); raises 22023 where there is no such panel */
Datum
panel_schedule_text(PG_FUNCTION_ARGS)
{
	Schedule   *schedule = palloc0(sizeof(Schedule));

	initStringInfo(&schedule->out);
	query_begin();
	read_schedule(schedule, PG_GETARG_UUID_P(0));
	put_heading(schedule);
	if (schedule->positions > 0 && schedule->sheet.numbering == NUMBERING_ACROSS)
		put_two_columns(schedule);
	else if (schedule->positions > 0)
		put_one_column(schedule);
	put_unplaced(schedule);
	put_totals(schedule);
	put_space(schedule);
	query_end();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(schedule->out.data, schedule->out.len));
}
