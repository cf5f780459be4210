/*-------------------------------------------------------------------------
 *
 * feed_column_list.h
 *	  The columns of feeds, their panels and their cables that rules can speak of.
 *
 * Included by whoever defines FEED_COLUMN as what it takes of an entry; so there
 * is no include guard.
 *
 * FEED_COLUMN(id, role, usual, kind, used)
 *	  role: what the arguments of the trigger and the options of guard() call the
 *		column: 'poles=breaker_pole_count'.  Those of panels begin with "panel_",
 *		those of a table of cables with "cable_".
 *	  usual: its name in the inventory, and elsewhere unless an option says so.
 *	  kind: which types it may have, ColumnKind.
 *	  used: in the inventory, in guarded tables, or in both.
 *
 * The feeds' columns come first, then the panels', then the cables'.  The trigger of power_feed, what guard() takes and
 * when an UPDATE is checked are made from this list and that of rules.
 *
 *-------------------------------------------------------------------------
 */

/* id, role, usual, kind, used */
FEED_COLUMN(FEED_ID, "id", "id", COLUMN_KEY, USED_BY_BOTH)
FEED_COLUMN(FEED_NAME, "name", "name", COLUMN_ANY, USED_BY_BOTH)
FEED_COLUMN(FEED_PANEL, "panel", "power_panel_id", COLUMN_PANEL_KEY, USED_BY_BOTH)
FEED_COLUMN(FEED_POSITION, "position", "breaker_position", COLUMN_INTEGER, USED_BY_BOTH)
FEED_COLUMN(FEED_POLES, "poles", "breaker_pole_count", COLUMN_INTEGER, USED_BY_BOTH)
FEED_COLUMN(FEED_OCCUPIED, "occupied", "occupied_positions", COLUMN_POSITION_SET, USED_BY_INVENTORY)
FEED_COLUMN(FEED_PHASES, "phases", "phase_designation", COLUMN_PHASE_DESIGNATION, USED_BY_INVENTORY)
FEED_COLUMN(FEED_DESTINATION, "destination", "destination_panel_id", COLUMN_PANEL_KEY, USED_BY_BOTH)
FEED_COLUMN(FEED_RACK, "rack", "rack_id", COLUMN_UUID, USED_BY_INVENTORY)
FEED_COLUMN(FEED_RECEPTACLES, "receptacles", "receptacles", COLUMN_INTEGER, USED_BY_INVENTORY)
/* of a CHECK, where a feed's cable is a column of the feed */
FEED_COLUMN(FEED_CABLE, "cable", "cable_id", COLUMN_ANY, USED_BY_GUARDED)
FEED_COLUMN(PANEL_ID, "panel_id", "id", COLUMN_KEY, USED_BY_BOTH)
FEED_COLUMN(PANEL_NAME, "panel_name", "name", COLUMN_ANY, USED_BY_BOTH)
FEED_COLUMN(PANEL_POSITIONS, "panel_positions", "circuit_positions", COLUMN_INTEGER, USED_BY_BOTH)
FEED_COLUMN(PANEL_NUMBERING, "panel_numbering", "numbering", COLUMN_ANY, USED_BY_BOTH)
FEED_COLUMN(PANEL_BUS, "panel_bus", "bus", COLUMN_ANY, USED_BY_BOTH)
FEED_COLUMN(PANEL_LOCATION, "panel_location", "location_id", COLUMN_UUID, USED_BY_INVENTORY)
/* where cables are rows of a table of their own */
FEED_COLUMN(CABLE_FEED, "cable_feed", "power_feed_id", COLUMN_FEED_KEY, USED_BY_BOTH)
FEED_COLUMN(CABLE_LABEL, "cable_label", "label", COLUMN_ANY, USED_BY_INVENTORY)
