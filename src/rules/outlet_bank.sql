-- Outlets and banks.

CREATE FUNCTION powerpanel_internal.check_outlet_bank() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_outlet_bank() IS 'Trigger: checks that an outlet with a bank names the inlet of the bank, too (rule power_outlet_power_bank)';

CREATE FUNCTION powerpanel_internal.check_bank_outlets() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_bank_outlets() IS 'Trigger: checks that no outlet hangs on a bank that was moved to another device (rule power_outlet_power_bank)';

CREATE CONSTRAINT TRIGGER power_outlet_bank AFTER INSERT ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION powerpanel_internal.check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_outlet_bank_update AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION powerpanel_internal.check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank_update ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_bank_outlets AFTER UPDATE ON power_bank
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.device_id IS DISTINCT FROM NEW.device_id)
EXECUTE FUNCTION powerpanel_internal.check_bank_outlets();
COMMENT ON TRIGGER power_bank_outlets ON power_bank IS 'A bank is in the device of its outlets';
