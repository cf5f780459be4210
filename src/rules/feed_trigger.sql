-- The triggers of power_feed: one that completes a row before it is written, and
-- one that checks it afterwards by all rules that read other rows.
--
-- The check of an UPDATE alone has a WHEN, so that what changes no column of a
-- rule is not queued. It compares values and not what SET names, since a BEFORE
-- trigger may change what no SET did; for this case see derive_late() in
-- breaker_check.c. In an INSERT a WHEN would cost more than it saves: PostgreSQL
-- plans it anew for each statement. Position sets are compared by <>, which
-- pg_upgrade can restore where nobody's search_path has its operator; IS DISTINCT
-- FROM it could not.

CREATE FUNCTION check_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_feed() IS
'Trigger: checks a feed that was written (rules power_feed_breaker_bus, _capacity, _conflict, power_feed_derived_columns, power_feed_cycle, power_feed_destination_or_cable, power_feed_receptacles, power_feed_rack_location). Its arguments, which one trigger of the table gives, name the columns; FROM names the table of panels';

CREATE CONSTRAINT TRIGGER power_feed_rules AFTER INSERT ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION check_feed(
	'id=id', 'name=name', 'panel=power_panel_id',
	'position=breaker_position', 'poles=breaker_pole_count',
	'occupied=occupied_positions', 'phases=phase_designation',
	'destination=destination_panel_id', 'rack=rack_id',
	'panel_id=id', 'panel_name=name', 'panel_positions=circuit_positions',
	'panel_numbering=numbering', 'panel_bus=bus');
COMMENT ON TRIGGER power_feed_rules ON power_feed IS 'A feed keeps the rules that read other rows';

CREATE CONSTRAINT TRIGGER power_feed_rules_update AFTER UPDATE ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.power_panel_id <> NEW.power_panel_id
	OR OLD.breaker_position IS DISTINCT FROM NEW.breaker_position
	OR OLD.breaker_pole_count IS DISTINCT FROM NEW.breaker_pole_count
	OR OLD.destination_panel_id IS DISTINCT FROM NEW.destination_panel_id
	OR OLD.rack_id IS DISTINCT FROM NEW.rack_id
	OR OLD.receptacles > NEW.receptacles
	OR OLD.occupied_positions <> NEW.occupied_positions
	OR OLD.phase_designation IS DISTINCT FROM NEW.phase_designation)
EXECUTE FUNCTION check_feed();
COMMENT ON TRIGGER power_feed_rules_update ON power_feed IS 'A changed feed keeps the rules that read other rows';

-- The BEFORE triggers have a name that sorts last, so that they see what other
-- BEFORE triggers have made of the row. They are ENABLE ALWAYS: see derived.c.

CREATE TRIGGER zz_derived_columns_insert BEFORE INSERT ON power_feed
FOR EACH ROW
EXECUTE FUNCTION set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_insert ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

CREATE TRIGGER zz_derived_columns_update
BEFORE UPDATE OF power_panel_id, breaker_position, breaker_pole_count,
	occupied_positions, phase_designation ON power_feed
FOR EACH ROW
EXECUTE FUNCTION set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_update ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

ALTER TABLE power_feed
	ENABLE ALWAYS TRIGGER zz_derived_columns_insert,
	ENABLE ALWAYS TRIGGER zz_derived_columns_update;

REVOKE EXECUTE ON FUNCTION check_feed() FROM PUBLIC;
