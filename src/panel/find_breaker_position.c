/*-------------------------------------------------------------------------
 *
 * find_breaker_position.c
 *	  Where a breaker fits.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "panel_read.h"
#include "query.h"

PG_FUNCTION_INFO_V1(find_breaker_position);

/* Adds a breaker's poles to the count of each phase. */
static void
add_poles(const PanelSheet *sheet, int *poles_on, int position, int poles)
{
	for (int i = 0; i < poles; i++)
	{
		int			phase = position_phase_number(sheet->numbering, sheet->bus,
												  position + i * pole_step(sheet->numbering));

		if (phase >= 0)
			poles_on[phase]++;
	}
}

/* How far the phases are from even: the sum of squares, which only they change. */
static int
unevenness(const int *poles_on)
{
	return poles_on[0] * poles_on[0] + poles_on[1] * poles_on[1] + poles_on[2] * poles_on[2];
}

/* The first of the places that leave the phases most even, or 0. */
static int
most_even_place(const PanelSheet *sheet, const PositionBits *taken,
				const int *poles_on, int poles)
{
	int			best = 0;
	int			best_unevenness = 0;

	if (poles > bus_max_poles(sheet->bus))
		return 0;
	for (int p = 1; p <= BREAKER_POSITION_MAX; p++)
	{
		int			after[3];

		if (sheet->circuit_positions > 0 &&
			breaker_last_position(sheet->numbering, p, poles) > sheet->circuit_positions)
			break;
		if (!breaker_fits(taken, sheet->numbering, p, poles))
			continue;
		memcpy(after, poles_on, sizeof(after));
		add_poles(sheet, after, p, poles);
		if (best == 0 || unevenness(after) < best_unevenness)
		{
			best = p;
			best_unevenness = unevenness(after);
		}
	}
	return best;
}

/* find_breaker_position(panel, poles, balance); NULL where there is no place */
Datum
find_breaker_position(PG_FUNCTION_ARGS)
{
	pg_uuid_t  *panel = PG_GETARG_UUID_P(0);
	int			poles = PG_GETARG_INT32(1);
	bool		balance = PG_GETARG_BOOL(2);
	PanelSheet	sheet;
	PanelFeed  *feeds;
	PositionBits taken = {{0}};
	int			poles_on[3] = {0, 0, 0};
	int			n;
	int			place;

	check_poles(poles);
	query_begin();
	panel_read(panel, &sheet);
	feeds = panel_read_feeds(panel, &n);
	for (int i = 0; i < n; i++)
	{
		breaker_add_positions(&taken, sheet.numbering, feeds[i].position, feeds[i].poles);
		add_poles(&sheet, poles_on, feeds[i].position, feeds[i].poles);
	}
	place = balance ? most_even_place(&sheet, &taken, poles_on, poles) :
		first_free_place(&taken, sheet.numbering, sheet.bus, sheet.circuit_positions, poles);
	query_end();
	if (place == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT32(place);
}
