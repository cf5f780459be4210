-- No loop of power through devices.

CREATE FUNCTION powerpanel_internal.check_cable_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_cable_cycle() IS 'Trigger: checks that a cable closes no loop of power through devices (rule cable_cycle)';

CREATE FUNCTION powerpanel_internal.check_outlet_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_outlet_cycle() IS 'Trigger: checks that a cabled outlet which is given another power port closes no loop of power through devices (rule cable_cycle)';

CREATE CONSTRAINT TRIGGER cable_cycle AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_cable_cycle();
COMMENT ON TRIGGER cable_cycle ON cable IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER cable_cycle_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL
	AND (OLD.power_outlet_id IS DISTINCT FROM NEW.power_outlet_id
		OR OLD.power_port_id IS DISTINCT FROM NEW.power_port_id))
EXECUTE FUNCTION powerpanel_internal.check_cable_cycle();
COMMENT ON TRIGGER cable_cycle_update ON cable IS 'Cables form no loop of power through devices';

-- A new outlet has no cable yet; who plugs one in looks at its inlets.
CREATE CONSTRAINT TRIGGER power_outlet_cycle AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL
	AND (OLD.power_port_id IS DISTINCT FROM NEW.power_port_id
		OR OLD.alternate_power_port_id IS DISTINCT FROM NEW.alternate_power_port_id))
EXECUTE FUNCTION powerpanel_internal.check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle ON power_outlet IS 'Cables form no loop of power through devices';
