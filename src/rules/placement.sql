-- What contains what: locations, and what lies in them.

CREATE FUNCTION powerpanel_internal.check_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_location() IS 'Trigger: checks that a location is not its own ancestor, and that a moved one leaves racks, panels and feeds in order (rules location_cycle, rack_rack_group_location, power_panel_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION powerpanel_internal.check_rack_group() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_rack_group() IS 'Trigger: checks racks and panels of a rack group that has moved (rules rack_rack_group_location, power_panel_rack_group_location)';

CREATE FUNCTION powerpanel_internal.check_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_rack() IS 'Trigger: checks a rack against its rack group and its feeds (rules rack_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION powerpanel_internal.check_panel_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_panel_location() IS 'Trigger: checks a panel against its rack group and the racks of its feeds (rules power_panel_rack_group_location, power_feed_rack_location)';

CREATE CONSTRAINT TRIGGER location_cycle AFTER INSERT ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_location();
COMMENT ON TRIGGER location_cycle ON location IS 'A location is not its own ancestor';

CREATE CONSTRAINT TRIGGER location_moved AFTER UPDATE ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
EXECUTE FUNCTION powerpanel_internal.check_location();
COMMENT ON TRIGGER location_moved ON location IS 'A moved location is not its own ancestor and leaves all in order';

CREATE CONSTRAINT TRIGGER rack_group_moved AFTER UPDATE ON rack_group
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION powerpanel_internal.check_rack_group();
COMMENT ON TRIGGER rack_group_moved ON rack_group IS 'A moved rack group still contains its racks and panels';

CREATE CONSTRAINT TRIGGER rack_rack_group_location AFTER INSERT ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION powerpanel_internal.check_rack();
COMMENT ON TRIGGER rack_rack_group_location ON rack IS 'The location of a rack group contains its racks';

CREATE CONSTRAINT TRIGGER rack_moved AFTER UPDATE ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION powerpanel_internal.check_rack();
COMMENT ON TRIGGER rack_moved ON rack IS 'A moved rack is still in order with its rack group and its feeds';

CREATE CONSTRAINT TRIGGER power_panel_rack_group_location AFTER INSERT ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION powerpanel_internal.check_panel_location();
COMMENT ON TRIGGER power_panel_rack_group_location ON power_panel IS 'The location of a rack group contains its power panels';

CREATE CONSTRAINT TRIGGER power_panel_moved AFTER UPDATE ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION powerpanel_internal.check_panel_location();
COMMENT ON TRIGGER power_panel_moved ON power_panel IS 'A moved panel is still in order with its rack group and the racks of its feeds';
