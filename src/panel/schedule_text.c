/*-------------------------------------------------------------------------
 *
 * schedule_text.c
 *	  The schedule of a panel, as it hangs inside the panel's door.
 *
 * Lines are plain ASCII but for the names, so that any encoding and any
 * printer will do.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/uuid.h"

#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(panel_schedule_text);

#define NAME_WIDTH_MIN		12
#define RATING_WIDTH		10	/* "1000 A 3P" */

typedef struct Schedule
{
	PanelSheet	sheet;
	PanelFeed  *feeds;
	int			n_feeds;
	int			at[POSITION_MAX + 1];	/* index of the feed there + 1 */
	int			positions;		/* how many are printed */
	int			name_width;
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

/* "Pump 2 (planned)" */
static char *
circuit_text(const PanelFeed *feed)
{
	char	   *name = printable(feed->name);

	if (strcmp(feed->status, "active") == 0)
		return name;
	return psprintf("%s (%s)", name, printable(feed->status));
}

static void
read_schedule(Schedule *schedule, const pg_uuid_t *panel)
{
	PanelSheet *sheet = &schedule->sheet;

	panel_read(panel, sheet);
	schedule->feeds = panel_read_feeds(panel, &schedule->n_feeds);
	/* at[] has no more; the rule on circuit_positions may not have been checked */
	schedule->positions = Min(sheet->circuit_positions, POSITION_MAX);
	schedule->name_width = NAME_WIDTH_MIN;
	for (int i = 0; i < schedule->n_feeds; i++)
	{
		PanelFeed  *feed = &schedule->feeds[i];

		for (int k = 0; k < feed->poles; k++)
			schedule->at[feed->position + k * pole_step(sheet->numbering)] = i + 1;
		schedule->positions = Max(schedule->positions,
								  breaker_last_position(sheet->numbering, feed->position, feed->poles));
		schedule->name_width = Max(schedule->name_width, text_width(circuit_text(feed)));
	}
}

static void
put_heading(Schedule *schedule)
{
	PanelSheet *sheet = &schedule->sheet;
	StringInfo	out = &schedule->out;

	appendStringInfo(out, "PANEL %s\n", printable(sheet->name));
	if (sheet->location)
		appendStringInfo(out, "%s\n", printable(sheet->location));
	if (sheet->type)
		appendStringInfo(out, "%s, ", sheet->type);
	appendStringInfo(out, "%s bus", sheet->bus_label);
	if (sheet->voltage)
		appendStringInfo(out, ", %s V", sheet->voltage);
	if (sheet->main_breaker)
		appendStringInfo(out, ", main breaker %s A", sheet->main_breaker);
	if (sheet->path)
		appendStringInfo(out, ", path %s", sheet->path);
	appendStringInfoString(out, "\n\n");
}

/* The bracket that joins the poles of a breaker, left of the position. */
static const char *
bracket(const PanelFeed *feed, int pole, bool left)
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

/* One half of a line: circuit, rating and bracket of a position. */
static void
put_circuit(Schedule *schedule, int position, bool left)
{
	StringInfo	out = &schedule->out;
	PanelFeed  *feed = NULL;
	const char *name = "";
	const char *rating = "";
	int			pole = 0;

	if (position > schedule->positions)
		name = "";
	else if (schedule->at[position] == 0)
		name = "(space)";
	else
	{
		feed = &schedule->feeds[schedule->at[position] - 1];
		pole = (position - feed->position) / pole_step(schedule->sheet.numbering) + 1;
		if (pole == 1)
		{
			name = circuit_text(feed);
			rating = psprintf("%d A %dP", feed->amperage, feed->poles);
		}
	}
	if (left)
	{
		put_padded(out, name, schedule->name_width, false);
		put_padded(out, rating, RATING_WIDTH, true);
		appendStringInfo(out, " %s", bracket(feed, pole, left));
	}
	else
	{
		appendStringInfo(out, "%s ", bracket(feed, pole, left));
		put_padded(out, rating, RATING_WIDTH, false);
		put_padded(out, name, schedule->name_width, false);
	}
}

static const char *
phase_text(const Schedule *schedule, int position)
{
	int			phase = position_phase_number(schedule->sheet.numbering,
											  schedule->sheet.bus, position);

	return phase < 0 ? " " : phase_mask_label((PhaseMask) (1 << phase));
}

/* Odd positions left, even right, the phase between. */
static void
put_two_columns(Schedule *schedule)
{
	StringInfo	out = &schedule->out;

	put_padded(out, "CIRCUIT", schedule->name_width, false);
	put_padded(out, "BREAKER", RATING_WIDTH, true);
	appendStringInfoString(out, "      No  Ph  No      ");
	put_padded(out, "BREAKER", RATING_WIDTH, false);
	appendStringInfoString(out, "CIRCUIT\n");
	put_rule(out, 2 * (schedule->name_width + RATING_WIDTH) + 24);
	for (int p = 1; p <= schedule->positions; p += 2)
	{
		put_circuit(schedule, p, true);
		appendStringInfo(out, " %4d   %s  ", p, phase_text(schedule, p));
		if (p + 1 <= schedule->positions)
			appendStringInfo(out, "%-4d ", p + 1);
		put_circuit(schedule, p + 1, false);
		end_line(out);
	}
}

static void
put_one_column(Schedule *schedule)
{
	StringInfo	out = &schedule->out;

	appendStringInfoString(out, "  No  Ph     ");
	put_padded(out, "BREAKER", RATING_WIDTH, false);
	appendStringInfoString(out, "CIRCUIT\n");
	put_rule(out, schedule->name_width + RATING_WIDTH + 14);
	for (int p = 1; p <= schedule->positions; p++)
	{
		appendStringInfo(out, "%4d   %s  ", p, phase_text(schedule, p));
		put_circuit(schedule, p, false);
		end_line(out);
	}
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

/*
 * Totals: poles, breaker ratings and available power on each phase.  A
 * breaker's power is split evenly over its poles, as the load model does.
 */
static void
put_totals(Schedule *schedule)
{
	PanelSheet *sheet = &schedule->sheet;
	StringInfo	out = &schedule->out;
	int			phases = bus_phases(sheet->bus);
	int			poles[3] = {0};
	double		amperes[3] = {0};
	double		power[3] = {0};

	for (int i = 0; i < schedule->n_feeds; i++)
		for (int k = 0; k < schedule->feeds[i].poles; k++)
		{
			PanelFeed  *feed = &schedule->feeds[i];
			int			position = feed->position + k * pole_step(sheet->numbering);
			int			phase = Max(position_phase_number(sheet->numbering, sheet->bus, position), 0);

			poles[phase]++;
			amperes[phase] += feed->amperage;
			power[phase] += (double) feed->available_power / feed->poles;
		}

	appendStringInfoChar(out, '\n');
	put_padded(out, phases == 0 ? "TOTAL" : "TOTAL PER PHASE", 22, false);
	for (int i = 0; i < Max(phases, 1); i++)
		put_padded(out, phases == 0 ? "" : phase_mask_label((PhaseMask) (1 << i)), 12, true);
	end_line(out);
	put_padded(out, "Poles", 22, false);
	for (int i = 0; i < Max(phases, 1); i++)
		put_padded(out, thousands(poles[i]), 12, true);
	end_line(out);
	put_padded(out, "Breaker ratings (A)", 22, false);
	for (int i = 0; i < Max(phases, 1); i++)
		put_padded(out, thousands(amperes[i]), 12, true);
	end_line(out);
	put_padded(out, "Available power (VA)", 22, false);
	for (int i = 0; i < Max(phases, 1); i++)
		put_padded(out, thousands(rint(power[i])), 12, true);
	end_line(out);
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
	else
		appendStringInfo(&schedule->out, "\n%d positions occupied; how many there are is not recorded",
						 occupied);
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
	if (schedule->sheet.numbering == NUMBERING_ACROSS)
		put_two_columns(schedule);
	else
		put_one_column(schedule);
	put_totals(schedule);
	put_space(schedule);
	query_end();
	PG_RETURN_TEXT_P(cstring_to_text_with_len(schedule->out.data, schedule->out.len));
}
