-- search_path: nothing of ours calls what a hostile search_path offers in its
-- place
CREATE SCHEMA hostile;
CREATE FUNCTION hostile.trap() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trapped'; END $$;
DO $$
DECLARE
	t text; op text;
BEGIN
	FOREACH t IN ARRAY ARRAY['uuid', 'int', 'text', 'powerpanel.position_set'] LOOP
		EXECUTE format('CREATE FUNCTION hostile.trap(%s, %1$s) RETURNS boolean LANGUAGE sql AS ''SELECT hostile.trap()''', t);
		FOREACH op IN ARRAY ARRAY['=', '<>', '<', '<=', '>', '>=', '~', '&&', '@>', '+', '-'] LOOP
			EXECUTE format('CREATE OPERATOR hostile.%s (LEFTARG = %s, RIGHTARG = %2$s, FUNCTION = hostile.trap)', op, t);
		END LOOP;
	END LOOP;
	FOREACH t IN ARRAY ARRAY['location', 'rack_group', 'rack', 'device', 'power_panel', 'feed_status', 'power_feed', 'power_port', 'power_outlet', 'cable', 'rule', 'panel_schedule'] LOOP
		EXECUTE format('CREATE TABLE hostile.%I (id int)', t);
		EXECUTE format('CREATE TEMPORARY TABLE %I (id int)', t);
	END LOOP;
END $$;
CREATE FUNCTION hostile.count(anyelement) RETURNS bigint LANGUAGE sql AS 'SELECT 1 / 0::bigint';
CREATE FUNCTION hostile.breaker_positions(powerpanel.panel_numbering, int, int) RETURNS powerpanel.position_set LANGUAGE sql AS 'SELECT ''''::powerpanel.position_set FROM hostile.trap()';
CREATE FUNCTION hostile.position_union(powerpanel.position_set) RETURNS int LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION hostile.generate_series(int, int) RETURNS SETOF int LANGUAGE sql AS 'SELECT 1 / 0';
CREATE FUNCTION hostile.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	rule text;
BEGIN
	EXECUTE statement;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
	RETURN SQLSTATE || ' ' || rule;
END $$;

SET search_path = hostile, pg_temp, pg_catalog;
-- the traps work
SELECT 1 = 1;
SELECT 'a'::text = 'b';
\pset format unaligned
\pset tuples_only on
BEGIN;
INSERT INTO powerpanel.location (id, name, parent_id) VALUES (md5('L')::uuid, 'L', NULL), (md5('M')::uuid, 'M', md5('L')::uuid), (md5('N')::uuid, 'N', NULL);
INSERT INTO powerpanel.rack_group (id, name, location_id) VALUES (md5('G')::uuid, 'G', md5('L')::uuid);
INSERT INTO powerpanel.rack (id, name, location_id, rack_group_id) VALUES (md5('R')::uuid, 'R', md5('M')::uuid, md5('G')::uuid);
INSERT INTO powerpanel.power_panel (id, name, location_id, circuit_positions) VALUES (md5('P')::uuid, 'P', md5('M')::uuid, 42), (md5('Q')::uuid, 'Q', md5('N')::uuid, 42);
INSERT INTO powerpanel.power_feed (id, name, power_panel_id, status, breaker_position, breaker_pole_count, rack_id)
	VALUES (md5('F')::uuid, 'F', md5('P')::uuid, 'active', 5, 2, md5('R')::uuid) RETURNING occupied_positions, phase_designation, available_power;
INSERT INTO powerpanel.power_feed (id, name, power_panel_id, status, destination_panel_id) VALUES (md5('PQ')::uuid, 'PQ', md5('P')::uuid, 'active', md5('Q')::uuid);
INSERT INTO powerpanel.device (id, name) VALUES (md5('D1')::uuid, 'D1'), (md5('D2')::uuid, 'D2');
INSERT INTO powerpanel.power_port (id, name, device_id) VALUES (md5('P1')::uuid, 'P1', md5('D1')::uuid), (md5('P2')::uuid, 'P2', md5('D2')::uuid);
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id) VALUES (md5('O1')::uuid, 'O1', md5('D1')::uuid, md5('P1')::uuid), (md5('O2')::uuid, 'O2', md5('D2')::uuid, md5('P2')::uuid);
INSERT INTO powerpanel.cable (power_outlet_id, power_port_id) VALUES (md5('O1')::uuid, md5('P2')::uuid);
SELECT outcome(statement) FROM unnest(ARRAY[
	$$INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position) VALUES ('X', md5('P')::uuid, 'active', 7)$$,
	$$INSERT INTO powerpanel.power_feed (name, power_panel_id, status, destination_panel_id) VALUES ('X', md5('Q')::uuid, 'active', md5('P')::uuid)$$,
	$$INSERT INTO powerpanel.power_feed (name, power_panel_id, status, rack_id) VALUES ('X', md5('Q')::uuid, 'active', md5('R')::uuid)$$,
	$$INSERT INTO powerpanel.cable (power_feed_id, power_port_id) VALUES (md5('PQ')::uuid, md5('P1')::uuid)$$,
	$$INSERT INTO powerpanel.cable (power_outlet_id, power_port_id) VALUES (md5('O2')::uuid, md5('P1')::uuid)$$,
	$$UPDATE powerpanel.location SET parent_id = md5('M')::uuid WHERE id OPERATOR(pg_catalog.=) md5('L')::uuid$$,
	$$UPDATE powerpanel.location SET parent_id = NULL WHERE id OPERATOR(pg_catalog.=) md5('M')::uuid$$,
	$$UPDATE powerpanel.rack_group SET location_id = md5('N')::uuid$$,
	$$UPDATE powerpanel.power_panel SET bus = 'single-phase'$$,
	$$UPDATE powerpanel.power_panel SET numbering = 'sequential'$$,
	$$UPDATE powerpanel.power_panel SET circuit_positions = 6$$]) AS statement;
SELECT pg_catalog.count(*) FROM powerpanel.check_integrity();
SELECT split_part(powerpanel.panel_schedule_text(md5('P')::uuid), E'\n', 1), powerpanel.find_breaker_position(md5('P')::uuid, 3), powerpanel.find_breaker_position(md5('P')::uuid, 3, true);
SELECT (SELECT pg_catalog.count(*) FROM powerpanel.panel_hierarchy), (SELECT pg_catalog.count(*) FROM powerpanel.panel_positions), (SELECT pg_catalog.count(*) FROM powerpanel.panel_schedule),
	(SELECT pg_catalog.count(*) FROM powerpanel.rack_power), (SELECT pg_catalog.count(*) FROM powerpanel.downstream(md5('P')::uuid)), (SELECT pg_catalog.count(*) FROM powerpanel.upstream(md5('Q')::uuid));
ROLLBACK;
\pset format aligned
\pset tuples_only off
RESET search_path;
SET client_min_messages = warning;
DROP SCHEMA hostile CASCADE;
DISCARD TEMP;
