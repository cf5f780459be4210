-- A feed and its cables. What the WHENs are about, here and in the other files of
-- this folder, is in feed_trigger.sql.

CREATE FUNCTION powerpanel_internal.check_cabled_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_cabled_feed() IS 'Trigger: checks that a cabled feed has no destination and a receptacle for each cable (rules power_feed_destination_or_cable, power_feed_receptacles). FROM names the table of feeds';

CREATE FUNCTION powerpanel_internal.check_feed_cables() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_feed_cables() IS 'Trigger: checks that a feed which got another key has a destination or a cable, not both (rule power_feed_destination_or_cable). FROM names the table of cables; its arguments, which one trigger of a table of feeds gives, name the columns of that table';

CREATE CONSTRAINT TRIGGER cabled_feed AFTER INSERT ON cable
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

CREATE CONSTRAINT TRIGGER cabled_feed_update AFTER UPDATE ON cable
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed_update ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

-- It tells which table the cables are in, and what its columns are called. It never
-- has anything to check: foreign keys are ON UPDATE RESTRICT.
CREATE CONSTRAINT TRIGGER power_feed_cables AFTER UPDATE OF id ON power_feed
FROM cable DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_feed_cables('cable_feed=power_feed_id', 'cable_label=label');
COMMENT ON TRIGGER power_feed_cables ON power_feed IS 'Where the cables of feeds are';
