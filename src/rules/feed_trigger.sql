-- The triggers of power_feed: one that completes a row before it is written, and
-- one that checks it afterwards by all rules that read other rows; and the check
-- of a changed panel.
--
-- What reads other rows is a constraint trigger: it fires when the statement ends or,
-- with SET CONSTRAINTS ... DEFERRED, at commit. Its WHEN says which columns take part,
-- so that what changes no column of a rule is not queued. It compares values and not
-- what SET names, since a BEFORE trigger may change what no SET did; for that of
-- power_feed see derive_late() in breaker_check.c. No key takes part: foreign keys
-- are ON UPDATE RESTRICT, so that a row which others refer to cannot hand its key to
-- another one behind the checks' back.
--
-- The INSERT of a feed, a cable or a location has no WHEN, which would cost more than it
-- saves: PostgreSQL reads and plans it anew for each statement. Position sets are
-- compared by <>, which pg_upgrade can restore where nobody's search_path has its
-- operator; IS DISTINCT FROM it could not.

CREATE FUNCTION powerpanel_internal.check_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_feed() IS
'Trigger: checks a feed that was written (rules power_feed_breaker_bus, _capacity, _conflict, power_feed_derived_columns, power_feed_cycle, power_feed_destination_or_cable, power_feed_receptacles, power_feed_rack_location). Its arguments, which one trigger of the table gives, name the columns; FROM names the table of panels';

CREATE FUNCTION powerpanel_internal.check_panel() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_panel() IS
'Trigger: checks the feeds of a panel that was changed (rules power_feed_breaker_bus, _capacity, _conflict). FROM names the table of feeds';

-- Which columns there are, and which of them a rule speaks of, the lists say
-- (feed_column_list.h, rule_list.h).
DO $$
DECLARE
	arguments text := (
		SELECT pg_catalog.string_agg(pg_catalog.quote_literal(c.role || '=' || c.usual), ', ')
		FROM powerpanel_internal.feed_column_list() AS c WHERE c.inventory AND c.role NOT LIKE 'cable\_%');
	tab record;
BEGIN
	EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER power_feed_rules AFTER INSERT ON powerpanel.power_feed
		FROM powerpanel.power_panel DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_feed(%s)', arguments);
	FOR tab IN
		SELECT t.*, (
			SELECT pg_catalog.string_agg(pg_catalog.format(
				CASE c.kind WHEN 'position set' THEN 'OLD.%1$I OPERATOR(powerpanel.<>) NEW.%1$I'
					ELSE 'OLD.%1$I IS DISTINCT FROM NEW.%1$I' END, c.usual), ' OR ')
			FROM powerpanel_internal.feed_column_list() AS c
			WHERE c.inventory AND c.role <> 'panel_id' AND c.role NOT LIKE 'cable\_%' AND (c.role LIKE 'panel\_%') = (t.name = 'power_panel')
				AND EXISTS (SELECT FROM powerpanel_internal.checked_rules() AS r WHERE c.role = ANY (r.columns))) AS changed
		FROM (VALUES ('power_feed', 'power_feed_rules_update', 'power_panel', 'check_feed'),
			('power_panel', 'power_panel_rules', 'power_feed', 'check_panel')) AS t (name, trigger, other, function)
	LOOP
		EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON powerpanel.%I
			FROM powerpanel.%I DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
			EXECUTE FUNCTION powerpanel_internal.%I()', tab.trigger, tab.name, tab.other, tab.changed, tab.function);
	END LOOP;
END
$$;
COMMENT ON TRIGGER power_feed_rules ON power_feed IS 'A feed keeps the rules that read other rows';
COMMENT ON TRIGGER power_feed_rules_update ON power_feed IS 'A changed feed keeps the rules that read other rows';
COMMENT ON TRIGGER power_panel_rules ON power_panel IS 'The feeds of a changed panel keep the rules that read it';

-- The BEFORE triggers have a name that sorts last, so that they see what other
-- BEFORE triggers have made of the row. They are ENABLE ALWAYS: see derived.c.

CREATE TRIGGER zz_derived_columns_insert BEFORE INSERT ON power_feed
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_insert ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

CREATE TRIGGER zz_derived_columns_update
BEFORE UPDATE OF power_panel_id, breaker_position, breaker_pole_count,
	occupied_positions, phase_designation ON power_feed
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_update ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

ALTER TABLE power_feed
	ENABLE ALWAYS TRIGGER zz_derived_columns_insert,
	ENABLE ALWAYS TRIGGER zz_derived_columns_update;

REVOKE EXECUTE ON FUNCTION powerpanel_internal.check_feed() FROM PUBLIC;
