-- From 1.1.0: what that release had and this one has not.

-- A trigger for each rule of power_feed. There is one for all now; see
-- feed_triggers.sql.
DROP TRIGGER power_feed_breaker ON power_feed;
DROP TRIGGER power_feed_breaker_update ON power_feed;
DROP TRIGGER power_feed_cycle ON power_feed;
DROP TRIGGER power_feed_cycle_update ON power_feed;
DROP TRIGGER power_feed_destination_or_cable ON power_feed;
DROP TRIGGER power_feed_rack_location ON power_feed;
DROP TRIGGER power_feed_rack_location_update ON power_feed;
DROP TRIGGER zz_derived_columns_insert ON power_feed;
DROP TRIGGER zz_derived_columns_update ON power_feed;
DROP FUNCTION check_breaker();
DROP FUNCTION check_feed_cycle();
DROP FUNCTION check_destination_or_cable();
DROP FUNCTION check_feed_rack();
COMMENT ON FUNCTION checked_rules() IS 'Part of the view rule: the rules that are checked in C, their names, severities and descriptions';
COMMENT ON FUNCTION restore_row_security(powerpanel_dump.row_security[]) IS
'Part of restoring a dump: makes the row level security that these rows tell of, where it is not there; warns where the current user does not own the table';

-- what NULL means
COMMENT ON COLUMN power_panel.panel_type IS 'What it is; NULL where that is not known';
COMMENT ON COLUMN power_panel.voltage IS 'Voltage of the bus in V, between phases where it has several; negative on a negative dc bus; NULL where it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_panel.main_breaker_amperage IS 'Rating of the main breaker in A; NULL where there is none or it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_port.maximum_draw IS 'The most it draws, in W; NULL is as much as allocated_draw';
COMMENT ON COLUMN power_port.allocated_draw IS 'What it is planned to draw, in W; NULL is what hangs on its outlets, nothing where it has none';
COMMENT ON COLUMN power_outlet.power_port_id IS 'The inlet of the same device that feeds it; NULL where that is not known, and then it never has power';
COMMENT ON COLUMN power_outlet.feed_leg IS 'The phase of a three-phase inlet that it hangs on; NULL where that is not known or there is one phase only';
-- import_netbox shares its parts with import_nautobot now. Rights on it that
-- you gave or took have to be given or taken again.

DROP FUNCTION
	import_netbox_kinds(),
	import_netbox_id(text, text, bigint),
	import_netbox_check(regnamespace),
	import_netbox_instance(name),
	import_netbox_read(name),
	import_netbox_device_name(jsonb, jsonb, jsonb, jsonb),
	import_netbox_stage_places(text),
	import_netbox_stage_devices(text),
	import_netbox_stage_feeds(text),
	import_netbox_stage_cables(text),
	import_netbox_steps(),
	import_netbox_compare(text, text),
	import_netbox_find_gone(text, text),
	import_netbox_stage(text),
	import_netbox_release(),
	import_netbox_write(text, bigint, bigint),
	import_netbox_name_of(uuid, text),
	import_netbox_reason(uuid, text, text, text, text),
	import_netbox_try(text, bigint, bigint),
	import_netbox_write_all(),
	import_netbox_statuses(),
	import_netbox_fail(name),
	import_netbox_details(integer),
	import_netbox_report(text[]),
	import_netbox(regnamespace, boolean);

-- with the destination: see power_feed.sql
DROP INDEX power_feed_panel_to_panel_idx;
CREATE INDEX power_feed_panel_to_panel_idx ON power_feed (power_panel_id) INCLUDE (destination_panel_id)
	WHERE (destination_panel_id IS NOT NULL) IS TRUE;
COMMENT ON INDEX power_feed_panel_to_panel_idx IS 'Feeds from a panel to other panels: what the cycle rule and downstream() walk';
