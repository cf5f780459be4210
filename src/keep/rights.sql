-- Trigger functions are for the triggers of the extension. Firing one takes no
-- right to execute it; putting one on a table of one's own does.

REVOKE EXECUTE ON FUNCTION
	check_panel(), check_cabled_feed(), check_feed_cables(), check_outlet_bank(), check_bank_outlets(),
	check_cable_cycle(), check_outlet_cycle(),
	check_location(), check_rack_group(), check_rack(), check_panel_location(),
	set_derived_columns(), rederive_feeds(), forget_panel(),
	load_in_any_order(), keep_row_security()
FROM PUBLIC;
