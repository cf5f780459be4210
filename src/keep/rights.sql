-- Trigger functions are for the triggers of the extension. Firing one takes no
-- right to execute it; putting one on a table of one's own does.

REVOKE EXECUTE ON FUNCTION
	powerpanel_internal.check_panel(), powerpanel_internal.check_cabled_feed(), powerpanel_internal.check_feed_cables(),
	powerpanel_internal.check_outlet_bank(), powerpanel_internal.check_bank_outlets(),
	powerpanel_internal.check_cable_cycle(), powerpanel_internal.check_outlet_cycle(),
	powerpanel_internal.check_location(), powerpanel_internal.check_rack_group(),
	powerpanel_internal.check_rack(), powerpanel_internal.check_panel_location(),
	powerpanel_internal.set_derived_columns(), powerpanel_internal.rederive_feeds(),
	powerpanel_internal.forget_panel(),
	powerpanel_internal.load_in_any_order(), powerpanel_internal.keep_row_security()
FROM PUBLIC;
