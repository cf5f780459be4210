-- The mistakes that people make most, and what they are told. Where PostgreSQL
-- itself refuses, docs/reference.md explains; script/reference.sql has the words.
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (id, name) VALUES ('00000000-0000-0000-0000-000000000001', 'Site');
INSERT INTO power_panel (id, name, location_id, circuit_positions) VALUES
	('00000000-0000-0000-0000-000000000002', 'LP-1', location_id('Site'), 42);
INSERT INTO power_feed (id, name, power_panel_id, status) VALUES
	('00000000-0000-0000-0000-000000000003', 'F', panel_id('LP-1'), 'active'), ('00000000-0000-0000-0000-000000000004', 'G', panel_id('LP-1'), 'active');
INSERT INTO device (id, name) VALUES ('00000000-0000-0000-0000-000000000005', 'PDU'), ('00000000-0000-0000-0000-000000000006', 'server');
INSERT INTO power_port (id, name, device_id) VALUES ('00000000-0000-0000-0000-000000000007', 'inlet', device_id('PDU')), ('00000000-0000-0000-0000-000000000008', 'PSU', device_id('server'));
INSERT INTO power_outlet (id, name, device_id, power_port_id) VALUES ('00000000-0000-0000-0000-000000000009', '1', device_id('PDU'), '00000000-0000-0000-0000-000000000007');
INSERT INTO cable (id, power_feed_id, power_port_id) VALUES ('00000000-0000-0000-0000-00000000000a', feed_id('F'), '00000000-0000-0000-0000-000000000007');
INSERT INTO cable (id, power_outlet_id, power_port_id) VALUES ('00000000-0000-0000-0000-00000000000b', '00000000-0000-0000-0000-000000000009', '00000000-0000-0000-0000-000000000008');

-- The detail of a CHECK lists the row; it is left out here, since ids are random
CREATE FUNCTION pg_temp.told(statement text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(test.trial_error(statement), '\nDETAIL: Failing row contains [^\n]*', '') $$;

-- A name that is taken; a blank one; none
SELECT pg_temp.told(s) AS told FROM unnest(ARRAY[
	$$INSERT INTO power_panel (name, location_id) VALUES ('LP-1', location_id('Site'))$$,
	$$INSERT INTO power_feed (name, power_panel_id, status) VALUES ('F', panel_id('LP-1'), 'active')$$,
	$$INSERT INTO power_port (name, device_id) VALUES ('PSU', device_id('server'))$$,
	$$INSERT INTO power_panel (name, location_id) VALUES ('  ', location_id('Site'))$$,
	$$INSERT INTO power_panel (location_id) VALUES (location_id('Site'))$$]) AS s;
-- A second cable; one from nothing
SELECT pg_temp.told(s) AS told FROM unnest(ARRAY[
	$$INSERT INTO cable (power_feed_id, power_port_id) VALUES (feed_id('G'), '00000000-0000-0000-0000-000000000008')$$,
	$$WITH p AS (INSERT INTO power_port (name, device_id) VALUES ('PSU 2', device_id('server')) RETURNING id)
		INSERT INTO cable (power_outlet_id, power_port_id) SELECT '00000000-0000-0000-0000-000000000009', id FROM p$$,
	$$WITH p AS (INSERT INTO power_port (name, device_id) VALUES ('PSU 2', device_id('server')) RETURNING id)
		INSERT INTO cable (power_feed_id, power_port_id) SELECT feed_id('F'), id FROM p$$,
	$$WITH p AS (INSERT INTO power_port (name, device_id) VALUES ('PSU 2', device_id('server')) RETURNING id)
		INSERT INTO cable (power_port_id) SELECT id FROM p$$]) AS s;
-- A label or a status that there is not
SELECT pg_temp.told(s) AS told FROM unnest(ARRAY[
	$$INSERT INTO power_panel (name, location_id, panel_type) VALUES ('P', location_id('Site'), 'PDU')$$,
	$$INSERT INTO power_feed (name, power_panel_id, status, phase) VALUES ('H', panel_id('LP-1'), 'active', '3-phase')$$,
	$$INSERT INTO power_feed (name, power_panel_id, status) VALUES ('H', panel_id('LP-1'), 'Active')$$,
	$$INSERT INTO power_feed (name, power_panel_id) VALUES ('H', panel_id('LP-1'))$$]) AS s;
-- A breaker that there is not; a feed to itself; a name that finds nothing
SELECT pg_temp.told(s) AS told FROM unnest(ARRAY[
	$$INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('H', panel_id('LP-1'), 'active', 1, 4)$$,
	$$INSERT INTO power_feed (name, power_panel_id, status, destination_panel_id) VALUES ('H', panel_id('LP-1'), 'active', panel_id('LP-1'))$$,
	$$INSERT INTO power_feed (name, power_panel_id, status) VALUES ('H', panel_id('LP-2'), 'active')$$,
	$$INSERT INTO power_feed (name, power_panel_id, status) VALUES ('H', '00000000-0000-0000-0000-0000000000ff', 'active')$$]) AS s;
-- What others refer to, in other words from 18 on; an outlet and an inlet of two devices
SELECT split_part(pg_temp.told($$DELETE FROM power_panel WHERE name = 'LP-1'$$), E'\n', 1) AS told;
SELECT pg_temp.told($$UPDATE power_outlet SET power_port_id = '00000000-0000-0000-0000-000000000008'$$) AS told;
ROLLBACK;
