/*-------------------------------------------------------------------------
 *
 * panel_read.c
 *	  A panel and its breakers, read for one who asks: with that user's
 *	  rights, on the snapshot of the statement.  Called between query_begin()
 *	  and query_end(); what is read lives until the latter.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "panel_read.h"
#include "query.h"

/* Raises 22004: what finds nothing must not answer for everything. */
void
argument_not_null(FunctionCallInfo fcinfo, int arg, const char *name)
{
	if (PG_ARGISNULL(arg))
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("argument \"%s\" must not be NULL", name)));
}

/* Raises 22023 where there is no such panel. */
void
panel_must_exist(const pg_uuid_t *panel)
{
	static CheckQuery query = QUERY("SELECT 1 FROM powerpanel.power_panel"
									" WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);

	must_exist(&query, "power panel", panel);
}

/* Reads a panel; raises 22023 where there is none. */
void
panel_read(const pg_uuid_t *panel, PanelSheet *sheet)
{
	static CheckQuery query = QUERY(
		"SELECT p.name,"
		" " LOCATION_PATH_SQL("p.location_id") ","
		" p.panel_type, p.power_path, p.numbering, p.bus, p.circuit_positions,"
		" p.voltage, p.main_breaker_amperage"
		" FROM powerpanel.power_panel p WHERE p.id OPERATOR(pg_catalog.=) $1", UUIDOID);
	Datum		arg = UUIDPGetDatum(panel);
	QueryRows	rows = query_run_for_user(&query, &arg);
	QueryRow	row;
	Datum		positions;
	bool		isnull;

	if (rows.n == 0)
		no_such("power panel", panel);
	row = query_row(rows, 0);
	sheet->name = query_text(row, 1);
	sheet->location = query_text(row, 2);
	sheet->type = query_text(row, 3);
	sheet->path = query_text(row, 4);
	sheet->numbering_label = query_text(row, 5);
	sheet->bus_label = query_text(row, 6);
	sheet->numbering = numbering_from_label(sheet->numbering_label);
	sheet->bus = bus_from_label(sheet->bus_label);
	positions = query_value(row, 7, &isnull);
	sheet->circuit_positions = isnull ? 0 : known_positions(DatumGetInt32(positions));
	sheet->voltage = query_text(row, 8);
	sheet->main_breaker = query_text(row, 9);
}

/* The feeds of a panel that have a breaker position, in order of position. */
PanelFeed *
panel_read_feeds(const pg_uuid_t *panel, int *n)
{
	static CheckQuery query = QUERY(
		"SELECT f.name, f.status, f.breaker_position, COALESCE(f.breaker_pole_count, 1),"
		" f.amperage, f.available_power"
		" FROM powerpanel.power_feed f WHERE f.power_panel_id OPERATOR(pg_catalog.=) $1"
		" AND f.breaker_position IS NOT NULL ORDER BY f.breaker_position, f.name", UUIDOID);
	Datum		arg = UUIDPGetDatum(panel);
	QueryRows	rows = query_run_for_user(&query, &arg);
	PanelFeed  *feeds = palloc(sizeof(PanelFeed) * Max(rows.n, 1));

	*n = 0;
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);
		PanelFeed  *feed = &feeds[*n];
		bool		isnull;

		CHECK_FOR_INTERRUPTS();
		feed->name = query_text(row, 1);
		feed->status = query_text(row, 2);
		feed->position = DatumGetInt32(query_value(row, 3, &isnull));
		feed->poles = DatumGetInt32(query_value(row, 4, &isnull));
		feed->amperage = DatumGetInt32(query_value(row, 5, &isnull));
		feed->available_power = DatumGetInt64(query_value(row, 6, &isnull));
		if (breaker_is_valid(feed->position, feed->poles))
			(*n)++;
	}
	return feeds;
}
