-- The derived columns of power_feed: occupied_positions, phase_designation, and
-- the pole count that goes with a position.
--
-- The triggers that call these on power_feed are in rules/feed_trigger.sql. All are
-- ENABLE ALWAYS: see derived.c.

CREATE FUNCTION powerpanel_internal.set_derived_columns() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.set_derived_columns() IS
'Trigger: sets occupied positions, phase designation and the default pole count of a feed. Raises 428C9 where a derived column is given another value';

CREATE FUNCTION powerpanel_internal.rederive_feeds() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.rederive_feeds() IS
'Trigger: has the derived columns of a panel''s feeds set anew when its numbering or bus has changed';

CREATE CONSTRAINT TRIGGER derived_columns AFTER UPDATE ON power_panel
FROM power_feed NOT DEFERRABLE
FOR EACH ROW
WHEN (OLD.numbering IS DISTINCT FROM NEW.numbering OR OLD.bus IS DISTINCT FROM NEW.bus
	OR OLD.circuit_positions IS DISTINCT FROM NEW.circuit_positions OR OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION powerpanel_internal.rederive_feeds();
COMMENT ON TRIGGER derived_columns ON power_panel IS 'Has the feeds follow a change of the numbering or the bus; sorts before the checks';

ALTER TABLE power_panel ENABLE ALWAYS TRIGGER derived_columns;

CREATE FUNCTION powerpanel_internal.forget_panel() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.forget_panel() IS
'Trigger: has the checks forget what a panel was like whose key another panel may come to have';

CREATE TRIGGER zz_forget_delete BEFORE DELETE ON power_panel
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.forget_panel();
COMMENT ON TRIGGER zz_forget_delete ON power_panel IS 'Another panel may come to have the key';

CREATE TRIGGER zz_forget_update BEFORE UPDATE ON power_panel
FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id)
EXECUTE FUNCTION powerpanel_internal.forget_panel();
COMMENT ON TRIGGER zz_forget_update ON power_panel IS 'Another panel may come to have the key';

ALTER TABLE power_panel
	ENABLE ALWAYS TRIGGER zz_forget_delete,
	ENABLE ALWAYS TRIGGER zz_forget_update;
