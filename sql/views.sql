-- views: the views and functions to read an inventory with
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions, numbering, bus)
SELECT v.name, test.location('Site'), v.positions, v.numbering::panel_numbering, v.bus::panel_bus
FROM (VALUES ('Utility', NULL, 'across', 'three-phase'), ('Generator', NULL, 'across', 'three-phase'), ('ATS', NULL, 'across', 'three-phase'),
	('A', 12, 'across', 'three-phase'), ('B', 6, 'sequential', 'split-phase'), ('Lone', 4, 'across', 'single-phase'), ('DC', 3, 'sequential', 'dc'), ('Odd', 5, 'across', 'three-phase')) AS v (name, positions, numbering, bus);
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, type)
SELECT v.name, test.panel(a), test.panel(b), v.status, v.type::feed_type
FROM (VALUES ('U-1', 'Utility', 'ATS', 'active', 'primary'), ('G-1', 'Generator', 'ATS', 'active', 'redundant'), ('T-1', 'ATS', 'A', 'active', 'primary'),
	('T-2', 'ATS', 'A', 'planned', 'redundant'), ('A-1', 'A', 'B', 'offline', 'primary'), ('U-2', 'Utility', 'B', 'failed', 'primary')) AS v (name, a, b, status, type);
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count, voltage, amperage)
SELECT v.name, test.panel(panel), v.status, p, k, volts, amps
FROM (VALUES ('C-1', 'A', 'active', 1, 3, 208, 30), ('C-2', 'A', 'planned', 2, 2, 208, 20), ('C-8', 'A', 'failed', 8, 1, 120, 20), ('S-2', 'B', 'active', 2, 2, 240, 40), ('S-6', 'B', 'active', 6, 1, 120, 15),
	('L-4', 'Lone', 'active', 4, 1, 120, 20), ('DC-1', 'DC', 'active', 1, 2, 48, 100), ('Odd-5', 'Odd', 'active', 5, 1, 120, 20)) AS v (name, panel, status, p, k, volts, amps);

-- panel_hierarchy: a row for each panel on each path from a root
SELECT r.name AS root, p.name AS panel, q.name AS parent, f.name AS feed, depth, path_names, path[1] = root_panel_id AND path[depth + 1] = panel_id AND array_length(path, 1) = depth + 1 AS path_right
FROM panel_hierarchy h JOIN power_panel r ON r.id = root_panel_id JOIN power_panel p ON p.id = panel_id
	LEFT JOIN power_panel q ON q.id = parent_panel_id LEFT JOIN power_feed f ON f.id = power_feed_id
ORDER BY path_names COLLATE "C", f.name COLLATE "C";
SELECT count(*) FILTER (WHERE panel_id = test.panel('B')) AS ways_to_b FROM panel_hierarchy;

-- panel_positions
SELECT p.name, v.circuit_positions, v.occupied, v.free, v.occupied_count, v.free_count
FROM panel_positions v JOIN power_panel p ON p.id = v.power_panel_id ORDER BY p.name COLLATE "C";

-- panel_schedule
SELECT p.name AS panel, s.position, s.side, s.phase, f.name AS feed, s.power_feed_name AS feed_name, s.pole, s.poles, s.amperage, s.voltage
FROM panel_schedule s JOIN power_panel p ON p.id = s.power_panel_id LEFT JOIN power_feed f ON f.id = s.power_feed_id
WHERE p.name <> 'Odd' ORDER BY p.name COLLATE "C", s.position;

-- panel_schedule_text
\pset format unaligned
\pset tuples_only on
SELECT panel_schedule_text(id) FROM power_panel WHERE circuit_positions IS NOT NULL ORDER BY name COLLATE "C";
SELECT panel_schedule_text(test.panel('Utility'));
-- long names are cut to the page, 100 columns wide; a status is not
SAVEPOINT wide;
INSERT INTO power_panel (name, location_id, panel_type, circuit_positions, numbering)
VALUES ('Wide', test.location('Site'), 'rpp', 4, 'across'), ('Tall', test.location('Site'), NULL, 2, 'sequential');
INSERT INTO power_feed (name, power_panel_id, status, amperage, breaker_position, connected_load)
SELECT repeat('Air handler ', 8) || n, test.panel(p), CASE n WHEN 1 THEN 'active' ELSE 'planned' END, 1000, n, 1234567
FROM unnest(ARRAY['Wide', 'Tall']) AS p, generate_series(1, 2) AS n;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
VALUES ('Short', test.panel('Wide'), 'active', 3);
INSERT INTO power_feed (name, power_panel_id, status) SELECT repeat('No place ', 12), test.panel('Wide'), 'failed';
SET LOCAL powerpanel.load_basis = 'maximum';
SELECT panel_schedule_text(test.panel('Wide'));
SELECT panel_schedule_text(test.panel('Tall'));
-- a -48 V bay has watts; where the positions do not fit a page, spaces in a row are one line
INSERT INTO power_panel (name, location_id, circuit_positions, numbering, bus, voltage, power_path)
SELECT repeat(p, 20), test.location('Site'), 96, 'sequential', 'dc', -48, 'a' FROM unnest(ARRAY['Rectifier ', 'Bay ']) AS p;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, supply, voltage, amperage, power_path, breaker_position, connected_load)
SELECT repeat('To the bay ', 9), test.panel(repeat('Rectifier ', 20)), test.panel(repeat('Bay ', 20)), 'active', 'dc'::supply, -48, 400, 'a'::power_path, 96, NULL
UNION ALL
SELECT 'Fuse ' || n, test.panel(repeat('Bay ', 20)), NULL, CASE n WHEN 40 THEN 'offline' ELSE 'active' END, 'dc', -48, 30, NULL, n, 480
FROM unnest(ARRAY[1, 3, 40]) AS n;
SELECT panel_schedule_text(test.panel(repeat('Bay ', 20)));
SELECT panel_schedule_text(test.panel(repeat('Rectifier ', 20)));
SELECT max(length(line)) FROM unnest(ARRAY['Wide', 'Tall', repeat('Bay ', 20), repeat('Rectifier ', 20)]) AS p, regexp_split_to_table(panel_schedule_text(test.panel(p)), E'\n') AS line;
ROLLBACK TO wide;
RELEASE wide;
\pset format aligned
\pset tuples_only off

-- find_breaker_position against a search in SQL: the first place where the
-- positions are free and exist
CREATE FUNCTION pg_temp.first_place(panel uuid, poles int) RETURNS int LANGUAGE sql AS $$
	SELECT min(n) FROM power_panel p, generate_series(1, COALESCE(p.circuit_positions, 1000)) AS n
	WHERE p.id = panel AND poles <= CASE p.bus WHEN 'three-phase' THEN 3 WHEN 'single-phase' THEN 1 ELSE 2 END
		AND (p.circuit_positions IS NULL OR breaker_positions(p.numbering, n, poles) <@ position_range(1, p.circuit_positions))
		AND NOT EXISTS (SELECT FROM power_feed f WHERE f.power_panel_id = p.id AND f.occupied_positions && breaker_positions(p.numbering, n, poles)) $$;
SELECT p.name, poles, find_breaker_position(p.id, poles) AS place, find_breaker_position(p.id, poles) IS NOT DISTINCT FROM pg_temp.first_place(p.id, poles) AS as_searched
FROM power_panel p, generate_series(1, 3) AS poles ORDER BY p.name COLLATE "C", poles;
-- ... and where such a breaker is put in, it is accepted
SELECT p.name, poles, test.trial(format('INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''New'', %L, ''active'', %s, %s)', p.id, place, poles)) AS result
FROM power_panel p, generate_series(1, 3) AS poles, LATERAL find_breaker_position(p.id, poles) AS place WHERE place IS NOT NULL AND p.circuit_positions IS NOT NULL ORDER BY p.name COLLATE "C", poles;
-- ... until the panel is full
CREATE FUNCTION pg_temp.fill(panel text, poles int, balance boolean) RETURNS TABLE (place int, phases phase_designation) LANGUAGE plpgsql AS $$
BEGIN
	LOOP
		place := find_breaker_position(test.panel(panel), poles, balance);
		EXIT WHEN place IS NULL;
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('fill ' || place, test.panel(panel), 'active', place, poles) RETURNING phase_designation INTO phases;
		RETURN NEXT;
	END LOOP;
END $$;
SAVEPOINT before;
SELECT * FROM pg_temp.fill('A', 2, false);
SELECT * FROM pg_temp.fill('A', 1, false);
SELECT find_breaker_position(test.panel('A'), 1) IS NULL AS full;
ROLLBACK TO before;
-- ... balance: the place that leaves the phases most even
SELECT * FROM pg_temp.fill('A', 1, true);
ROLLBACK TO before;
SELECT * FROM pg_temp.fill('A', 2, true);
ROLLBACK TO before;
SELECT * FROM pg_temp.fill('B', 1, true);
ROLLBACK TO before;
SELECT p.name, find_breaker_position(p.id, 1, balance => true) AS place FROM power_panel p WHERE circuit_positions IS NOT NULL ORDER BY p.name COLLATE "C";

-- upstream, downstream: fewest feeds between
SELECT p.name AS of, dir, string_agg(q.name || ' ' || depth, ', ' ORDER BY depth, q.name COLLATE "C") AS panels
FROM power_panel p, LATERAL (SELECT 'upstream' AS dir, u.* FROM upstream(p.id) AS u UNION ALL SELECT 'downstream', d.* FROM downstream(p.id) AS d) AS x
	JOIN power_panel q ON q.id = x.panel_id GROUP BY p.name, dir ORDER BY p.name COLLATE "C", dir;
SELECT count(*) AS none FROM upstream(test.panel('Lone'));
-- ... linear however many paths there are: 2^60 of them
INSERT INTO power_panel (name, location_id) SELECT s || n, test.location('Site') FROM generate_series(0, 60) AS n, unnest(ARRAY['L', 'R', 'M']) AS s;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT b || n, test.panel('M' || n), test.panel(b || (n + 1)), 'active' FROM generate_series(0, 59) AS n, unnest(ARRAY['L', 'R']) AS b
UNION ALL
SELECT b || n, test.panel(b || n), test.panel('M' || n), 'active' FROM generate_series(1, 60) AS n, unnest(ARRAY['L', 'R']) AS b;
SELECT count(*), max(depth) FROM downstream(test.panel('M0'));
SELECT count(*), max(depth) FROM upstream(test.panel('M60'));
ROLLBACK TO before;
-- ... and the same where a level is so wide that all feeds are read at once, for
-- one who sees all of them and for one who does not
INSERT INTO power_panel (name, location_id) SELECT 'W' || n, test.location('Site') FROM generate_series(0, 400) AS n;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT a || '-' || b, test.panel('W' || a), test.panel('W' || b), 'active'
FROM (SELECT 0 AS a, n AS b FROM generate_series(1, 150) AS n UNION SELECT n, n + 60 + n % 7 FROM generate_series(1, 330) AS n
	UNION SELECT n, n + 1 FROM generate_series(30, 399, 3) AS n UNION SELECT n, 400 FROM generate_series(200, 350) AS n) AS e;
SELECT pg_relation_size('power_feed_panel_to_panel_idx') / current_setting('block_size')::int * 8 < 150 AS wide;
CREATE VIEW pg_temp.walks AS
WITH RECURSIVE below (id, depth) AS (
	SELECT id, 0 FROM power_panel WHERE name = 'W0'
	UNION
	SELECT f.destination_panel_id, b.depth + 1 FROM below b JOIN power_feed f ON f.power_panel_id = b.id AND f.destination_panel_id IS NOT NULL),
above (id, depth) AS (
	SELECT id, 0 FROM power_panel WHERE name = 'W400'
	UNION
	SELECT f.power_panel_id, a.depth + 1 FROM above a JOIN power_feed f ON f.destination_panel_id = a.id),
slow AS (
	SELECT 'downstream' AS dir, id, min(depth) AS depth FROM below WHERE depth > 0 GROUP BY id
	UNION ALL
	SELECT 'upstream', id, min(depth) FROM above WHERE depth > 0 GROUP BY id),
fast AS (
	SELECT 'downstream' AS dir, d.* FROM power_panel p, downstream(p.id) d WHERE p.name = 'W0'
	UNION ALL
	SELECT 'upstream', u.* FROM power_panel p, upstream(p.id) u WHERE p.name = 'W400')
SELECT f.dir, count(*) AS panels, max(f.depth) AS depth, (SELECT count(*) FROM slow AS s WHERE s.dir = f.dir) AS expected,
	count(*) FILTER (WHERE (f.dir, f.panel_id, f.depth) NOT IN (SELECT s.dir, s.id, s.depth FROM slow AS s)) AS wrong
FROM fast f GROUP BY f.dir ORDER BY f.dir;
ALTER VIEW pg_temp.walks SET (security_invoker = true);
SELECT * FROM pg_temp.walks;
CREATE ROLE powerpanel_tenant;
GRANT USAGE ON SCHEMA powerpanel TO powerpanel_tenant;
GRANT SELECT ON power_feed, power_panel, pg_temp.walks TO powerpanel_tenant;
ALTER TABLE power_feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY half ON power_feed TO powerpanel_tenant USING (length(name) % 2 = 1);
SET ROLE powerpanel_tenant;
SELECT * FROM pg_temp.walks;
RESET ROLE;
ROLLBACK TO before;

-- An id that does not exist
SELECT f, test.attempt_error(replace(f, '$1', '''00000000-0000-0000-0000-000000000001''')) AS result
FROM unnest(ARRAY['SELECT * FROM upstream($1)', 'SELECT * FROM downstream($1)', 'SELECT panel_schedule_text($1)', 'SELECT find_breaker_position($1, 1)', 'SELECT find_breaker_position($1, 1, true)']) AS f;
SELECT f, test.attempt(f) AS result
FROM unnest(ARRAY['SELECT find_breaker_position(test.panel(''A''), 0)', 'SELECT find_breaker_position(test.panel(''A''), 4)', 'SELECT find_breaker_position(test.panel(''A''), -1)', 'SELECT find_breaker_position(test.panel(''A''), 2147483647)',
	'SELECT panel_schedule_text(NULL)', 'SELECT find_breaker_position(NULL, 1)', 'SELECT * FROM upstream(NULL)', 'SELECT * FROM downstream(NULL)']) AS f;

-- rack_power: redundancy goes by the set of distinct (type, path) pairs
INSERT INTO rack (name, location_id) SELECT 'R' || lpad(n::text, 2, '0'), test.location('Site') FROM generate_series(1, 13) AS n;
INSERT INTO power_feed (name, power_panel_id, rack_id, status, type, power_path, voltage, amperage, max_utilization)
SELECT v.rack || ' ' || row_number() OVER (), test.panel('Lone'), test.rack(v.rack), CASE row_number() OVER () % 3 WHEN 0 THEN 'planned' ELSE 'active' END, v.type::feed_type, v.path::power_path, 100, amps, 100
FROM (VALUES ('R02', 'primary', NULL, 10), ('R03', 'primary', 'a', 10), ('R03', 'primary', 'b', 15), ('R04', 'primary', 'a', 10), ('R04', 'redundant', 'b', 10), ('R05', 'primary', 'b', 10), ('R05', 'redundant', 'a', 20),
	('R06', 'primary', 'a', 10), ('R07', 'redundant', NULL, 10), ('R08', 'primary', NULL, 10), ('R08', 'primary', NULL, 10), ('R09', 'primary', 'a', 10), ('R09', 'primary', 'a', 5), ('R09', 'primary', 'b', 10),
	('R10', 'primary', 'a', 10), ('R10', 'redundant', 'a', 10), ('R11', 'primary', 'a', 10), ('R11', 'primary', 'b', 10), ('R11', 'primary', NULL, 10), ('R12', 'redundant', 'a', 10), ('R12', 'redundant', 'b', 10),
	('R13', 'primary', 'a', 10), ('R13', 'redundant', 'b', 10), ('R13', 'primary', 'b', 10)) AS v (rack, type, path, amps);
SELECT r.name, v.feeds, v.available_power, v.usable_power, v.redundancy,
	(SELECT string_agg(concat_ws(' ', type, power_path), ', ' ORDER BY type, power_path) FROM power_feed f WHERE f.rack_id = r.id) AS feeds_are
FROM rack_power v JOIN rack r ON r.id = v.rack_id ORDER BY r.name;
ROLLBACK TO before;

-- Views read with the rights of the user who asks
SELECT relname, reloptions FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'v' ORDER BY relname COLLATE "C";
ROLLBACK;
