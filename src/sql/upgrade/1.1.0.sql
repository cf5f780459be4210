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
