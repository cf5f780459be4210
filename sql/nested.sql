-- nested: writes within writes, one statement into many tables, loads by
-- partitions, errors that are caught
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ('P', test.location('Site'), 42), ('Q', test.location('Site'), 42);

-- One statement fills seven tables, in an order that only the end of the
-- statement makes good ...
WITH site AS (INSERT INTO location (name) VALUES ('New site') RETURNING id),
	room AS (INSERT INTO location (name, parent_id) SELECT 'Room', id FROM site RETURNING id),
	racks AS (INSERT INTO rack (name, location_id) SELECT 'R', id FROM room RETURNING id),
	panels AS (INSERT INTO power_panel (name, location_id, circuit_positions) SELECT n, id, 12 FROM site, unnest(ARRAY['N1', 'N2']) AS n RETURNING id, name),
	pair AS (SELECT a.id AS a, b.id AS b FROM panels a, panels b WHERE a.name = 'N1' AND b.name = 'N2'),
	feeds AS (
		INSERT INTO power_feed (name, power_panel_id, destination_panel_id, rack_id, status, breaker_position, breaker_pole_count)
		SELECT 'N1 to N2', a, b, NULL, 'active', 1, 3 FROM pair
		UNION ALL SELECT 'to R', b, NULL, racks.id, 'active', 2, 2 FROM pair, racks RETURNING id, name),
	devices AS (INSERT INTO device (name, rack_id) SELECT 'D', id FROM racks RETURNING id),
	ports AS (INSERT INTO power_port (name, device_id) SELECT 'd', id FROM devices RETURNING id)
INSERT INTO cable (power_feed_id, power_port_id) SELECT f.id, p.id FROM feeds f, ports p WHERE f.name = 'to R';
SELECT p.name AS panel, f.name AS feed, f.occupied_positions, f.phase_designation
FROM power_feed f JOIN power_panel p ON p.id = f.power_panel_id ORDER BY 1, 2;

-- ... and is refused for what it leaves behind: a loop, two breakers in one
-- place, a cable on a feed with a destination
SELECT test.trial($$
	WITH panels AS (INSERT INTO power_panel (name, location_id) SELECT n, test.location('Site') FROM unnest(ARRAY['L1', 'L2']) AS n RETURNING id, name)
	INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
	SELECT a.name || b.name, a.id, b.id, 'active' FROM panels a, panels b WHERE a.id <> b.id$$) AS loop;
SELECT test.trial($$
	WITH panels AS (INSERT INTO power_panel (name, location_id) VALUES ('L1', test.location('Site')) RETURNING id)
	INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
	SELECT 'f' || n, id, 'active', n % 4 + 1 FROM panels, generate_series(1, 5) AS n$$) AS conflict;
SELECT test.trial($$
	WITH feeds AS (INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('PQ', test.panel('P'), test.panel('Q'), 'active') RETURNING id),
		devices AS (INSERT INTO device (name) VALUES ('X') RETURNING id),
		ports AS (INSERT INTO power_port (name, device_id) SELECT 'x', id FROM devices RETURNING id)
	INSERT INTO cable (power_feed_id, power_port_id) SELECT f.id, p.id FROM feeds f, ports p$$) AS cable;

-- A user's trigger that writes feeds itself: each feed on P brings a twin
-- across the panel
CREATE FUNCTION pg_temp.twin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF NEW.name NOT LIKE '% twin' THEN
		INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
		VALUES (NEW.name || ' twin', NEW.power_panel_id, 'planned', NEW.breaker_position + 1, NEW.breaker_pole_count);
	END IF;
	RETURN NULL;
END $$;
CREATE TRIGGER twin AFTER INSERT ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.twin();
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('A', test.panel('P'), 'active', 1, 2);
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'B' || n, test.panel('P'), 'active', n FROM generate_series(5, 11, 2) AS n;
SELECT name, occupied_positions FROM power_feed WHERE power_panel_id = test.panel('P') ORDER BY breaker_position;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('C', test.panel('P'), 'active', 41), ('D', test.panel('P'), 'active', 42)$$) AS the_twin_is_in_the_way;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('C', test.panel('P'), 'active', 42)$$) AS the_twin_does_not_fit;
DROP TRIGGER twin ON power_feed;

-- A load from a partitioned table, a partition at a time: each for itself in
-- order, two of them after one another, and both at once, in conflict
CREATE TEMPORARY TABLE staging (panel text, name text, place int) PARTITION BY LIST (name);
CREATE TEMPORARY TABLE staging_a PARTITION OF staging FOR VALUES IN ('a1', 'a2', 'a3');
CREATE TEMPORARY TABLE staging_b PARTITION OF staging FOR VALUES IN ('b1', 'b2', 'b3');
INSERT INTO staging VALUES ('Q', 'a1', 1), ('Q', 'a2', 2), ('Q', 'a3', 3), ('Q', 'b1', 4), ('Q', 'b2', 3), ('Q', 'b3', 6);
CREATE FUNCTION pg_temp.load(source regclass) RETURNS text LANGUAGE sql AS $$
	SELECT test.attempt(format('INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position)
		SELECT name, test.panel(panel), %L, place FROM %s', 'active', source)) $$;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT name, test.panel(panel), 'active', place FROM staging$$) AS both;
SELECT pg_temp.load('staging_a') AS first_partition;
SELECT pg_temp.load('staging_b') AS second_partition;
UPDATE staging SET place = 5 WHERE name = 'b2';
SELECT pg_temp.load('staging_b') AS second_partition_mended;

-- Errors caught one by one: what was refused left nothing behind, and what was
-- verified before counts only as long as it stands
DO $$
DECLARE
	refused int := 0;
BEGIN
	FOR n IN 1 .. 20 LOOP
		BEGIN
			INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
			VALUES ('c' || n, test.panel('Q'), 'active', n, n % 3 + 1), ('d' || n, test.panel('Q'), 'active', n + 20, 1);
		EXCEPTION WHEN exclusion_violation OR check_violation THEN
			refused := refused + 1;
		END;
	END LOOP;
	RAISE NOTICE '% refused', refused;
END $$;
SELECT name, occupied_positions FROM power_feed WHERE power_panel_id = test.panel('Q') ORDER BY breaker_position;

-- UPDATE ... FROM: all breakers of Q two places down, and back with a mistake
UPDATE power_feed f SET breaker_position = f.breaker_position + v.by FROM (VALUES ('Q', 2)) AS v (panel, by) WHERE f.power_panel_id = test.panel(v.panel);
SELECT test.trial($$UPDATE power_feed f SET breaker_position = v.place FROM (VALUES ('a1', 3), ('a2', 5), ('a3', 7)) AS v (name, place) WHERE f.name = v.name$$) AS mistaken;
SELECT rule, object FROM check_integrity() WHERE severity = 'error';
ROLLBACK;
