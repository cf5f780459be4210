-- The checks that read other rows: constraint triggers, at the end of each
-- statement or, with SET CONSTRAINTS ... DEFERRED, at commit.
--
-- Each WHEN says which columns take part. It compares values and not what the
-- statement named, since a BEFORE trigger may change what no SET did. No key
-- takes part: foreign keys are ON UPDATE RESTRICT, so that a row which others
-- refer to cannot hand its key to another one behind the checks' back.

-- Breakers

CREATE FUNCTION check_breaker() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_breaker() IS
'Trigger: checks a feed''s breaker against its panel and the other breakers there (rules power_feed_breaker_bus, _capacity, _conflict, power_feed_derived_columns). Its arguments, which one trigger of the table gives, name the columns; FROM names the table of panels';

CREATE FUNCTION check_panel_breakers() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_panel_breakers() IS
'Trigger: checks all breakers of a panel that was changed. FROM names the table of feeds';

CREATE CONSTRAINT TRIGGER power_feed_breaker AFTER INSERT ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.breaker_position IS NOT NULL OR NEW.breaker_pole_count IS NOT NULL
	OR NEW.occupied_positions <> '' OR NEW.phase_designation IS NOT NULL)
EXECUTE FUNCTION check_breaker(
	'id=id', 'name=name', 'panel=power_panel_id',
	'position=breaker_position', 'poles=breaker_pole_count',
	'occupied=occupied_positions', 'phases=phase_designation',
	'panel_id=id', 'panel_name=name', 'panel_positions=circuit_positions',
	'panel_numbering=numbering', 'panel_bus=bus');
COMMENT ON TRIGGER power_feed_breaker ON power_feed IS 'Breakers fit their panel and each other';

CREATE CONSTRAINT TRIGGER power_feed_breaker_update AFTER UPDATE ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN ((NEW.breaker_position IS NOT NULL OR NEW.breaker_pole_count IS NOT NULL
		OR NEW.occupied_positions <> '' OR NEW.phase_designation IS NOT NULL)
	AND (OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id
		OR OLD.breaker_position IS DISTINCT FROM NEW.breaker_position
		OR OLD.breaker_pole_count IS DISTINCT FROM NEW.breaker_pole_count
		OR OLD.occupied_positions <> NEW.occupied_positions
		OR OLD.phase_designation IS DISTINCT FROM NEW.phase_designation))
EXECUTE FUNCTION check_breaker();
COMMENT ON TRIGGER power_feed_breaker_update ON power_feed IS 'Breakers fit their panel and each other';

CREATE CONSTRAINT TRIGGER power_panel_breakers AFTER UPDATE ON power_panel
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.circuit_positions IS DISTINCT FROM NEW.circuit_positions
	OR OLD.numbering IS DISTINCT FROM NEW.numbering
	OR OLD.bus IS DISTINCT FROM NEW.bus)
EXECUTE FUNCTION check_panel_breakers();
COMMENT ON TRIGGER power_panel_breakers ON power_panel IS 'A changed panel still holds its breakers';

-- Panel-to-panel feeds

CREATE FUNCTION check_feed_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_feed_cycle() IS 'Trigger: checks that a panel-to-panel feed closes no loop (rule power_feed_cycle)';

CREATE CONSTRAINT TRIGGER power_feed_cycle AFTER INSERT ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL)
EXECUTE FUNCTION check_feed_cycle();
COMMENT ON TRIGGER power_feed_cycle ON power_feed IS 'Panel-to-panel feeds form no loop';

CREATE CONSTRAINT TRIGGER power_feed_cycle_update AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL
	AND (OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id
		OR OLD.destination_panel_id IS DISTINCT FROM NEW.destination_panel_id))
EXECUTE FUNCTION check_feed_cycle();
COMMENT ON TRIGGER power_feed_cycle_update ON power_feed IS 'Panel-to-panel feeds form no loop';

-- Destination or cable

CREATE FUNCTION check_destination_or_cable() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_destination_or_cable() IS 'Trigger: checks that a feed with a destination has no cable (rule power_feed_destination_or_cable)';

CREATE FUNCTION check_cable_destination() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cable_destination() IS 'Trigger: checks that a cabled feed has no destination (rule power_feed_destination_or_cable)';

CREATE CONSTRAINT TRIGGER power_feed_destination_or_cable AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL
	AND OLD.destination_panel_id IS NULL)
EXECUTE FUNCTION check_destination_or_cable();
COMMENT ON TRIGGER power_feed_destination_or_cable ON power_feed IS 'A feed has a destination or a cable, not both';

CREATE CONSTRAINT TRIGGER cable_destination AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL)
EXECUTE FUNCTION check_cable_destination();
COMMENT ON TRIGGER cable_destination ON cable IS 'A feed has a destination or a cable, not both';

CREATE CONSTRAINT TRIGGER cable_destination_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION check_cable_destination();
COMMENT ON TRIGGER cable_destination_update ON cable IS 'A feed has a destination or a cable, not both';

-- Power through devices

CREATE FUNCTION check_cable_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cable_cycle() IS 'Trigger: checks that a cable closes no loop of power through devices (rule cable_cycle)';

CREATE FUNCTION check_outlet_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_outlet_cycle() IS 'Trigger: checks that an outlet which is given a power port closes no loop of power through devices (rule cable_cycle)';

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

CREATE CONSTRAINT TRIGGER power_outlet_cycle AFTER INSERT ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL)
EXECUTE FUNCTION check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle ON power_outlet IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER power_outlet_cycle_update AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL
	AND OLD.power_port_id IS DISTINCT FROM NEW.power_port_id)
EXECUTE FUNCTION check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle_update ON power_outlet IS 'Cables form no loop of power through devices';

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

CREATE FUNCTION check_feed_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_feed_rack() IS 'Trigger: checks that the rack of a feed and its panel are in one line of locations (rule power_feed_rack_location)';

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

CREATE CONSTRAINT TRIGGER power_feed_rack_location AFTER INSERT ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_id IS NOT NULL)
EXECUTE FUNCTION check_feed_rack();
COMMENT ON TRIGGER power_feed_rack_location ON power_feed IS 'The rack of a feed and its panel are in one line of locations';

CREATE CONSTRAINT TRIGGER power_feed_rack_location_update AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_id IS NOT NULL
	AND (OLD.rack_id IS DISTINCT FROM NEW.rack_id
		OR OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id))
EXECUTE FUNCTION check_feed_rack();
COMMENT ON TRIGGER power_feed_rack_location_update ON power_feed IS 'The rack of a feed and its panel are in one line of locations';
