-- A feed and its cables. What the WHENs are about, here and in the other files of
-- this folder, is in feed_trigger.sql.

CREATE FUNCTION powerpanel_internal.check_cabled_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_cabled_feed() IS 'Trigger: checks that a cabled feed has no destination and a receptacle for each cable (rules power_feed_destination_or_cable, power_feed_receptacles)';

CREATE CONSTRAINT TRIGGER cabled_feed AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL)
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

CREATE CONSTRAINT TRIGGER cabled_feed_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed_update ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';
