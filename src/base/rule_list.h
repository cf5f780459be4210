/*-------------------------------------------------------------------------
 *
 * rule_list.h
 *	  The table of rules: every rule that C checks, and every warning.
 *
 * Each file that includes this defines RULE and WARNING_RULE as what it takes of an
 * entry, as PostgreSQL does it with rmgrlist.h; so there is no include guard.  It
 * lies at the bottom, where all can see it, but the columns and functions that
 * it names are known to src/rules/rule_table.c alone.
 *
 * RULE(id, name, sqlstate, description, needed, read, check)
 *	  needed, read: columns of feeds, panels and cables (feed_column_list.h).
 *		The rule holds in a table that has all of the needed ones, and is checked
 *		when one of either has changed.  0 for a rule that is not about feeds:
 *		when it is checked, the WHEN of its own triggers says (the SQL beside its check).
 *	  check: the function that checks it, as rule_table.h says: a feed that was
 *		written, the feeds of a panel that was written, or all there is (audit).
 * WARNING_RULE(id, name, description)
 *	  src/load/warnings.c reports those of loads.
 *
 * Rules that one and the same function checks stand side by side: it is called
 * once.  The audit answers in this order.
 *
 *-------------------------------------------------------------------------
 */

/* id, name, SQLSTATE, what holds, columns, function */
RULE(RULE_LOCATION_CYCLE, "location_cycle", ERRCODE_CHECK_VIOLATION,
	 "A location is not its own ancestor",
	 0, 0, check_location_loops)
RULE(RULE_RACK_RACK_GROUP_LOCATION, "rack_rack_group_location", ERRCODE_CHECK_VIOLATION,
	 "The location of a rack's group is the rack's location or contains it",
	 0, 0, check_racks_in_groups)
RULE(RULE_POWER_PANEL_RACK_GROUP_LOCATION, "power_panel_rack_group_location", ERRCODE_CHECK_VIOLATION,
	 "The location of a power panel's rack group is the panel's location or contains it",
	 0, 0, check_panels_in_groups)
RULE(RULE_POWER_FEED_BREAKER_BUS, "power_feed_breaker_bus", ERRCODE_CHECK_VIOLATION,
	 "A breaker has no more poles than the bus of its panel has phases (two on dc)",
	 BIT(FEED_POSITION) | BIT(FEED_POLES), BREAKER_COLUMNS | BREAKER_PANEL_COLUMNS,
	 check_breakers)
RULE(RULE_POWER_FEED_BREAKER_CAPACITY, "power_feed_breaker_capacity", ERRCODE_CHECK_VIOLATION,
	 "A breaker does not reach beyond the circuit positions of its panel",
	 BIT(FEED_POSITION) | BIT(PANEL_POSITIONS), BREAKER_COLUMNS | BREAKER_PANEL_COLUMNS,
	 check_breakers)
RULE(RULE_POWER_FEED_BREAKER_CONFLICT, "power_feed_breaker_conflict", ERRCODE_EXCLUSION_VIOLATION,
	 "No two breakers of a panel occupy one position",
	 BIT(FEED_POSITION), BREAKER_COLUMNS | BREAKER_PANEL_COLUMNS,
	 check_breakers)
RULE(RULE_POWER_FEED_DERIVED_COLUMNS, "power_feed_derived_columns", ERRCODE_GENERATED_ALWAYS,
	 "Occupied positions and phase designation of a power feed are those of its breaker",
	 BIT(FEED_OCCUPIED) | BIT(FEED_PHASES), BREAKER_COLUMNS | BREAKER_PANEL_COLUMNS,
	 check_breakers)
RULE(RULE_POWER_FEED_CYCLE, "power_feed_cycle", ERRCODE_CHECK_VIOLATION,
	 "Panel-to-panel feeds form no loop",
	 BIT(FEED_DESTINATION), BIT(FEED_PANEL) | BIT(PANEL_ID), check_panel_loops)
/* where the cable is a column of the feed, a CHECK says it */
RULE(RULE_POWER_FEED_DESTINATION_OR_CABLE, "power_feed_destination_or_cable", ERRCODE_CHECK_VIOLATION,
	 "A power feed has a destination panel or a cable, not both",
	 BIT(FEED_DESTINATION) | BIT(CABLE_FEED), 0, check_destination_or_cable)
/* only the inventory has receptacles */
RULE(RULE_POWER_FEED_RECEPTACLES, "power_feed_receptacles", ERRCODE_CHECK_VIOLATION,
	 "A power feed has 1 receptacle or more, and no more cables than receptacles",
	 BIT(FEED_RECEPTACLES), 0, check_receptacles)
RULE(RULE_POWER_FEED_RACK_LOCATION, "power_feed_rack_location", ERRCODE_CHECK_VIOLATION,
	 "Some location contains both the rack of a power feed and the panel it leaves",
	 BIT(FEED_RACK), BIT(FEED_PANEL), check_racks_of_feeds)
RULE(RULE_POWER_OUTLET_POWER_BANK, "power_outlet_power_bank", ERRCODE_FOREIGN_KEY_VIOLATION,
	 "The bank of an outlet exists, belongs to the same device, and its inlet is that of the outlet",
	 0, 0, check_outlets_of_banks)
RULE(RULE_CABLE_CYCLE, "cable_cycle", ERRCODE_CHECK_VIOLATION,
	 "Cables form no loop of power through devices",
	 0, 0, check_cable_loops)

WARNING_RULE(RULE_POWER_FEED_OVERLOAD, "power_feed_overload",
		"A power feed carries no more than its available power, by its most loaded phase")
WARNING_RULE(RULE_POWER_PANEL_OVERLOAD, "power_panel_overload",
		"A power panel carries no more than its capacity, by its most loaded phase")
WARNING_RULE(RULE_POWER_PORT_OVERLOAD, "power_port_overload",
		"A power port carries no more than its maximum draw")
WARNING_RULE(RULE_POWER_BANK_OVERLOAD, "power_bank_overload",
		"A power bank carries no more than its breaker may")
WARNING_RULE(RULE_POWER_FEED_FAILOVER_OVERLOAD, "power_feed_failover_overload",
		"A power feed carries no more than its available power, also in the outage of any one panel or feed")
WARNING_RULE(RULE_POWER_PANEL_FAILOVER_OVERLOAD, "power_panel_failover_overload",
		"A power panel carries no more than its capacity, also in the outage of any one panel or feed")
WARNING_RULE(RULE_POWER_PANEL_IMBALANCE, "power_panel_imbalance",
		"The phases of a power panel that is used by half or more carry loads within 20 percent of their mean")
WARNING_RULE(RULE_POWER_FEED_PHASE_POLES, "power_feed_phase_poles",
		"A three-phase feed has a breaker of 3 poles, a single-phase feed one of fewer")
WARNING_RULE(RULE_POWER_FEED_PANEL_VOLTAGE, "power_feed_panel_voltage",
		"The voltage of a power feed is one that its panel has")
WARNING_RULE(RULE_POWER_FEED_PANEL_SUPPLY, "power_feed_panel_supply",
		"A power feed is ac on an ac bus, dc on a dc bus, and no dc feed has three phases")
WARNING_RULE(RULE_POWER_FEED_ABOVE_MAIN, "power_feed_above_main",
		"The breaker of a power feed is rated no higher than the main breaker of its panel")
WARNING_RULE(RULE_POWER_FEED_UNPLACED, "power_feed_unplaced",
		"A power feed with a breaker has a position, where its panel counts them")
WARNING_RULE(RULE_POWER_FEED_PATH, "power_feed_path",
		"A power feed is on the path of the panel it leaves")
WARNING_RULE(RULE_RACK_OVERLOAD, "rack_overload",
		"The devices of a rack draw no more than its power limit")
WARNING_RULE(RULE_RACK_SHARED_PATH, "rack_shared_path",
		"Feeds of different paths of a rack depend on no one thing but the source of power")
WARNING_RULE(RULE_DEVICE_SHARED_PATH, "device_shared_path",
		"The cords of a device depend on no one thing but the source of power")
WARNING_RULE(RULE_POWER_PANEL_TRANSFER_PRIMARIES, "power_panel_transfer_primaries",
		"At most one energized primary feed enters a transfer switch")
WARNING_RULE(RULE_POWER_OUTLET_UNASSIGNED, "power_outlet_unassigned",
		"A power outlet names the power port that feeds it")
WARNING_RULE(RULE_POWER_PORT_LEG, "power_port_leg",
		"The outlets of a three-phase power port are not all on one leg")
WARNING_RULE(RULE_POWER_PORT_DRAW_UNKNOWN, "power_port_draw_unknown",
		"A power port that draws power has an allocated draw")
WARNING_RULE(RULE_POWER_PANEL_OFF, "power_panel_off",
		"A panel that an energized feed leaves is energized")
WARNING_RULE(RULE_DEVICE_DARK, "device_dark",
		"A device with cabled power ports has power")
WARNING_RULE(RULE_GUARD_BROKEN, "guard_broken",
		"A guarded table can be checked")
WARNING_RULE(RULE_POWERPANEL_OWNER, "powerpanel_owner",
		"The owner of the extension is a superuser, as pg_upgrade needs it")
