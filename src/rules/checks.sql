-- The checks that read other rows: constraint triggers, at the end of each
-- statement or, with SET CONSTRAINTS ... DEFERRED, at commit.
--
-- Each WHEN says which columns take part. It compares values and not what the
-- statement named, since a BEFORE trigger may change what no SET did. No key
-- takes part: foreign keys are ON UPDATE RESTRICT, so that a row which others
-- refer to cannot hand its key to another one behind the checks' back.

-- A feed and its cables

CREATE FUNCTION check_cabled_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cabled_feed() IS 'Trigger: checks that a cabled feed has no destination and a receptacle for each cable (rules power_feed_destination_or_cable, power_feed_receptacles)';

CREATE CONSTRAINT TRIGGER cabled_feed AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL)
EXECUTE FUNCTION check_cabled_feed();
COMMENT ON TRIGGER cabled_feed ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

CREATE CONSTRAINT TRIGGER cabled_feed_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION check_cabled_feed();
COMMENT ON TRIGGER cabled_feed_update ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

-- Outlets and banks

CREATE FUNCTION check_outlet_bank() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_outlet_bank() IS 'Trigger: checks that an outlet with a bank names the inlet of the bank, too (rule power_outlet_power_bank)';

CREATE FUNCTION check_bank_outlets() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_bank_outlets() IS 'Trigger: checks that no outlet hangs on a bank that was moved to another device (rule power_outlet_power_bank)';

CREATE CONSTRAINT TRIGGER power_outlet_bank AFTER INSERT ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_outlet_bank_update AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank_update ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_bank_outlets AFTER UPDATE ON power_bank
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.device_id IS DISTINCT FROM NEW.device_id)
EXECUTE FUNCTION check_bank_outlets();
COMMENT ON TRIGGER power_bank_outlets ON power_bank IS 'A bank is in the device of its outlets';

-- Power through devices

CREATE FUNCTION check_cable_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cable_cycle() IS 'Trigger: checks that a cable closes no loop of power through devices (rule cable_cycle)';

CREATE FUNCTION check_outlet_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_outlet_cycle() IS 'Trigger: checks that a cabled outlet which is given another power port closes no loop of power through devices (rule cable_cycle)';

CREATE CONSTRAINT TRIGGER cable_cycle AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL)
EXECUTE FUNCTION check_cable_cycle();
COMMENT ON TRIGGER cable_cycle ON cable IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER cable_cycle_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL
	AND (OLD.power_outlet_id IS DISTINCT FROM NEW.power_outlet_id
		OR OLD.power_port_id IS DISTINCT FROM NEW.power_port_id))
EXECUTE FUNCTION check_cable_cycle();
COMMENT ON TRIGGER cable_cycle_update ON cable IS 'Cables form no loop of power through devices';

-- A new outlet has no cable yet; who plugs one in looks at its inlets.
CREATE CONSTRAINT TRIGGER power_outlet_cycle AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL
	AND (OLD.power_port_id IS DISTINCT FROM NEW.power_port_id
		OR OLD.alternate_power_port_id IS DISTINCT FROM NEW.alternate_power_port_id))
EXECUTE FUNCTION check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle ON power_outlet IS 'Cables form no loop of power through devices';

-- The location tree

CREATE FUNCTION check_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_location() IS 'Trigger: checks that a location is not its own ancestor, and that a moved one leaves racks, panels and feeds in order (rules location_cycle, rack_rack_group_location, power_panel_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION check_rack_group() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_rack_group() IS 'Trigger: checks racks and panels of a rack group that has moved (rules rack_rack_group_location, power_panel_rack_group_location)';

CREATE FUNCTION check_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_rack() IS 'Trigger: checks a rack against its rack group and its feeds (rules rack_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION check_panel_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_panel_location() IS 'Trigger: checks a panel against its rack group and the racks of its feeds (rules power_panel_rack_group_location, power_feed_rack_location)';

CREATE CONSTRAINT TRIGGER location_cycle AFTER INSERT ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.parent_id IS NOT NULL)
EXECUTE FUNCTION check_location();
COMMENT ON TRIGGER location_cycle ON location IS 'A location is not its own ancestor';

CREATE CONSTRAINT TRIGGER location_moved AFTER UPDATE ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
EXECUTE FUNCTION check_location();
COMMENT ON TRIGGER location_moved ON location IS 'A moved location is not its own ancestor and leaves all in order';

CREATE CONSTRAINT TRIGGER rack_group_moved AFTER UPDATE ON rack_group
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION check_rack_group();
COMMENT ON TRIGGER rack_group_moved ON rack_group IS 'A moved rack group still contains its racks and panels';

CREATE CONSTRAINT TRIGGER rack_rack_group_location AFTER INSERT ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION check_rack();
COMMENT ON TRIGGER rack_rack_group_location ON rack IS 'The location of a rack group contains its racks';

CREATE CONSTRAINT TRIGGER rack_moved AFTER UPDATE ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION check_rack();
COMMENT ON TRIGGER rack_moved ON rack IS 'A moved rack is still in order with its rack group and its feeds';

CREATE CONSTRAINT TRIGGER power_panel_rack_group_location AFTER INSERT ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION check_panel_location();
COMMENT ON TRIGGER power_panel_rack_group_location ON power_panel IS 'The location of a rack group contains its power panels';

CREATE CONSTRAINT TRIGGER power_panel_moved AFTER UPDATE ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION check_panel_location();
COMMENT ON TRIGGER power_panel_moved ON power_panel IS 'A moved panel is still in order with its rack group and the racks of its feeds';
