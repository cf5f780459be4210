-- panel_headroom() and find_capacity(). Every case is worked out by hand in the
-- comment above it. Three-phase feeds of 208 V and 20 A may carry 208 * 20 * 0.8 * 1.732 = 5764;
-- an overload is 0.01 VA more in one conductor, so that three phases have 0.03 VA
-- of room above what they may carry.
SET search_path = powerpanel, pg_temp;
SELECT test.limit_time() \gset
SET client_min_messages = warning;
CREATE FUNCTION pg_temp.panel(name text, voltage int DEFAULT 208, main int DEFAULT NULL, type panel_type DEFAULT NULL,
	bus panel_bus DEFAULT 'three-phase', positions int DEFAULT 42, location text DEFAULT 'Site')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_panel (name, location_id, circuit_positions, voltage, main_breaker_amperage, panel_type, bus)
	VALUES ($1, test.location($7), $6, $2, $3, $4, $5) $$;
-- three-phase where it has no poles, or three
CREATE FUNCTION pg_temp.feed(panel text, name text, destination text DEFAULT NULL, connected int DEFAULT NULL, amperage int DEFAULT 20,
	"position" int DEFAULT NULL, poles int DEFAULT NULL, type feed_type DEFAULT 'primary', voltage int DEFAULT 208, status text DEFAULT 'active')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_feed (power_panel_id, name, status, type, phase, voltage, amperage, breaker_position, breaker_pole_count,
		destination_panel_id, connected_load)
	VALUES (test.panel($1), $2, $10, $8, CASE WHEN $7 < 3 THEN 'single-phase' ELSE 'three-phase' END::powerpanel.phase, $9, $5, $6, $7,
		test.panel($3), $4) $$;
-- a device with a cord to each of these feeds, of so many VA each
CREATE FUNCTION pg_temp.device(name text, va int, VARIADIC feeds text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.device (name) VALUES ($1);
	INSERT INTO powerpanel.power_port (name, device_id, allocated_draw, power_factor) SELECT $1 || f, test.device($1), $2, 1 FROM unnest($3) AS f;
	INSERT INTO powerpanel.cable (power_feed_id, power_port_id) SELECT test.feed(f), test.port($1 || f) FROM unnest($3) AS f $$;
CREATE VIEW pg_temp.headroom AS
SELECT name AS panel, free_count AS free, round(headroom_va::numeric, 2) AS va, binding_type, binding_name AS binding,
	outage_type, outage_name AS outage
FROM panel_headroom() ORDER BY name COLLATE "C";
CREATE FUNCTION pg_temp.capacity(va double precision, poles int DEFAULT 3, paths int DEFAULT 2, max_rows int DEFAULT 10)
RETURNS TABLE (names text, positions int[], headroom numeric) LANGUAGE sql AS $$
	SELECT array_to_string(panel_names, ' + '), positions, round(headroom_va::numeric, 2)
	FROM powerpanel.find_capacity(va, poles, paths, max_rows) $$;
INSERT INTO location (name) VALUES ('Site'), ('Elsewhere');
INSERT INTO location (name, parent_id) VALUES ('Hall', test.location('Site'));

-- (a) One panel with a main breaker of 100 A: 208 * 100 * 1.732 = 36025.60. It
-- carries 12000 evenly: 36025.60 + 0.03 - 12000. P2 carries 4000 on phase A alone:
-- 3 * (12008.53 + 0.01 - 4000). Nothing limits P3. P4 carries 37000, more than it
-- may. P5 is off. Positions 1, 3, 5 of P and 1 of P2 are occupied.
BEGIN;
SELECT pg_temp.panel(p, 208, 100) FROM unnest(ARRAY['P', 'P2', 'P4', 'P5']) AS p \g /dev/null
SELECT pg_temp.panel('P3', positions => NULL) \g /dev/null
SELECT pg_temp.feed('P', 'F', NULL, 12000, 100, 1, 3), pg_temp.feed('P2', 'F', NULL, 4000, 60, 1, 1), pg_temp.feed('P4', 'F', NULL, 37000, 200) \g /dev/null
SELECT pg_temp.feed('P3', 'spare', 'P5', status => 'planned') \g /dev/null
SELECT * FROM pg_temp.headroom;
ROLLBACK;

-- (b) A 2N pair. The device draws 6000 from either; when B, or its feed, or that of
-- the device is off, A carries 12000, in that of the panel by name first.
-- With 21000 from either A would carry 42000 then.
BEGIN;
SELECT pg_temp.panel('A', 208, 100), pg_temp.panel('B', 208, 100), pg_temp.panel('S', positions => NULL) \g /dev/null
SELECT pg_temp.feed('S', 'To B', 'B', amperage => 400), pg_temp.feed('A', 'A1', amperage => 200), pg_temp.feed('B', 'B1', amperage => 200) \g /dev/null
SELECT pg_temp.device('srv', 6000, 'A1', 'B1') \g /dev/null
SELECT * FROM pg_temp.headroom;
UPDATE power_port SET allocated_draw = 21000;
SELECT * FROM pg_temp.headroom;
-- by the other basis, which has the port's maximum
UPDATE power_port SET allocated_draw = 100, maximum_draw = 6000;
SET LOCAL powerpanel.load_basis = 'maximum';
SELECT panel, va FROM pg_temp.headroom;
-- by location; what is connected lies elsewhere
UPDATE power_panel SET location_id = test.location('Hall') WHERE name = 'A';
SELECT name, round(headroom_va::numeric, 2) AS va, outage_name FROM panel_headroom(test.location('Hall'));
SELECT count(*) FROM panel_headroom(test.location('Site'));
SELECT count(*) FROM panel_headroom(test.location('Elsewhere'));
ROLLBACK;

-- (c) Below a UPS that is fed by 480 * 10 * 0.8 * 1.732 = 6651, R carries 1200 on
-- phase A. The UPS draws evenly: 6651 + 0.03 - 1200. A PDU in its place, of the same
-- voltage, would not: 3 * (2217 + 0.01 - 1200).
-- (d) .. and through a transformer to 208 V phase A is a load between A and B, 600 + j 346.41
-- on A: 3 * (sqrt(2217.01^2 - 346.41^2) - 600) = 3 * (2189.78 - 600).
BEGIN;
SELECT pg_temp.panel('M', 480), pg_temp.panel('U', 480, 200, 'ups'), pg_temp.panel('R', 480, 200) \g /dev/null
SELECT pg_temp.feed('M', 'To U', 'U', NULL, 10, voltage => 480), pg_temp.feed('U', 'To R', 'R', NULL, 200, voltage => 480), pg_temp.feed('R', 'F', NULL, 1200, 60, 1, 1, voltage => 277) \g /dev/null
SELECT * FROM pg_temp.headroom;
UPDATE power_panel SET panel_type = 'pdu' WHERE name = 'U';
SELECT * FROM pg_temp.headroom WHERE panel = 'R';
UPDATE power_panel SET voltage = 208 WHERE name IN ('U', 'R');
SELECT * FROM pg_temp.headroom WHERE panel = 'R';
ROLLBACK;

-- (e) A feeder with two poles, A and B of M, to a panel of one phase. 208 * 30 * 0.8 = 4992
-- is more than M has left, 208 * 10 * 1.732 = 3602.56 or 1200.8633 in a phase: at
-- L / sqrt(3) = 1200.8633, L = 2079.96. With 500 on phase A already,
-- |500 + L / 2 + j L / (2 sqrt(3))| = 1200.8633: L^2 / 3 + 500 L = 1192072.7, L = 1284.38.
-- Without a main breaker of M it is the feeder, and S, which goes by it, is nearer.
-- With 1300 on phase C M is overloaded, where nothing of this load flows: 0.
BEGIN;
SELECT pg_temp.panel('M', 208, 10), pg_temp.panel('S', 208, bus => 'single-phase') \g /dev/null
SELECT pg_temp.feed('M', 'To S', 'S', NULL, 30, 1, 2) \g /dev/null
SELECT * FROM pg_temp.headroom WHERE panel = 'S';
SELECT pg_temp.feed('M', 'F', NULL, 500, 20, 2, 1) \g /dev/null
SELECT * FROM pg_temp.headroom WHERE panel = 'S';
UPDATE power_panel SET main_breaker_amperage = NULL WHERE name = 'M';
SELECT * FROM pg_temp.headroom WHERE panel = 'S';
UPDATE power_panel SET main_breaker_amperage = 10 WHERE name = 'M';
SELECT pg_temp.feed('M', 'G', NULL, 1300, 20, 6, 1) \g /dev/null
SELECT * FROM pg_temp.headroom WHERE panel = 'S';
ROLLBACK;

-- (f) Two feeds into P that meet again above, in M: each carries half, M all of it.
-- P carries 1800, so M, with 3602.56, has 1802.59 left. Without a main breaker of M,
-- P itself, 5764 when D1 is off, has 3964.03; so has F2 then, but P is nearer; and so
-- it is when D2, F1 or F2 is off, but D1 is the first by name. D1, fed by
-- 208 * 40 * 0.8 * 1.732 = 11528, carries all of P's when D2 is off: 11528.03 - 1800.
BEGIN;
SELECT pg_temp.panel('M', 208, 10), pg_temp.panel('D1'), pg_temp.panel('D2'), pg_temp.panel('P') \g /dev/null
SELECT pg_temp.feed('M', 'To D' || n, 'D' || n, amperage => 40), pg_temp.feed('D' || n, 'F' || n, 'P') FROM generate_series(1, 2) AS n \g /dev/null
SELECT pg_temp.feed('P', 'Load', NULL, 1800) \g /dev/null
SELECT * FROM pg_temp.headroom;
UPDATE power_panel SET main_breaker_amperage = NULL WHERE name = 'M';
SELECT * FROM pg_temp.headroom;
ROLLBACK;

-- (g) A transfer switch with 17292 from the utility and 5764 from the generator,
-- which carries nothing now. In the outage of the utility that feed limits T:
-- 5764.03 - 1000. T's main breaker, 208 * 16 * 1.732 = 5764.10, is nearer, but has more.
-- The utility and the generator have no limit, and their feeds to T carry nothing of theirs.
BEGIN;
SELECT pg_temp.panel('U', type => 'utility', positions => NULL), pg_temp.panel('G', type => 'generator', positions => NULL), pg_temp.panel('T', 208, 16, 'transfer-switch') \g /dev/null
SELECT pg_temp.feed('U', 'normal', 'T', amperage => 60), pg_temp.feed('G', 'standby', 'T', type => 'redundant'), pg_temp.feed('T', 'F', NULL, 1000) \g /dev/null
SELECT * FROM pg_temp.headroom;
ROLLBACK;

-- (h) Z is fed by X, V1, V2 and V3 alike and feeds C1 to C4, which draw 1000 each,
-- and P; when Z is off the C are fed by X, and P by Y. X, 208 * 16 * 1.732 = 5764.10,
-- then carries 4000, but nothing of P's; when one feed to a C is off, 1000 + 3000 / 4
-- and a quarter of P's, of which it has room for 4 * 4014.13. When V1 is off each of
-- the others carries a third of Z's, and Z has 3 * 5764 + 0.03 - 4000 = 13292.03 left:
-- in that P is limited. C1 is when Z is off: 5764.10 + 0.03 - 4000.
BEGIN;
SELECT pg_temp.panel(p) FROM unnest(ARRAY['C1', 'C2', 'C3', 'C4', 'P', 'V1', 'V2', 'V3', 'Y', 'Z']) AS p \g /dev/null
SELECT pg_temp.panel('X', 208, 16) \g /dev/null
SELECT pg_temp.feed(p, p || ' to Z', 'Z') FROM unnest(ARRAY['V1', 'V2', 'V3', 'X']) AS p \g /dev/null
SELECT pg_temp.feed('Z', 'Z to ' || c, c, amperage => 100), pg_temp.feed('X', 'X to ' || c, c, amperage => 100, type => 'redundant'),
	pg_temp.feed(c, 'Load of ' || c, NULL, 1000, 100) FROM unnest(ARRAY['C1', 'C2', 'C3', 'C4']) AS c \g /dev/null
SELECT pg_temp.feed('Z', 'Z to P', 'P', amperage => 100), pg_temp.feed('Y', 'Y to P', 'P', amperage => 100, type => 'redundant') \g /dev/null
SELECT * FROM pg_temp.headroom WHERE panel IN ('C1', 'P');
ROLLBACK;

-- What a panel's own failure moves is no limit of it. X and Z feed P alike, X feeds Q.
-- Each of two transfer switches carries nothing by its first inlet, on P; the second one,
-- on Q, has a draw of its own, 15000, that comes back when the first is off. So X carries
-- 30000 once P is off, where half of a load on P would find 2 * (36025.63 - 30000) =
-- 12051. But then P is off. With one of P's feeds off it finds 2 * (36025.63 - 15000) =
-- 42051, and with Z off, X carries all of it: 36025.63.
BEGIN;
SELECT pg_temp.panel('P', positions => NULL), pg_temp.panel('Q', positions => NULL), pg_temp.panel('Z', positions => NULL), pg_temp.panel('X', 208, 100) \g /dev/null
SELECT pg_temp.feed('X', 'X to P', 'P', amperage => 400), pg_temp.feed('Z', 'Z to P', 'P', amperage => 400), pg_temp.feed('X', 'X to Q', 'Q', amperage => 400),
	pg_temp.feed('P', 'P1', amperage => 200), pg_temp.feed('P', 'P2', amperage => 200),
	pg_temp.feed('Q', 'Q1', amperage => 200), pg_temp.feed('Q', 'Q2', amperage => 200) \g /dev/null
INSERT INTO device (name) SELECT 'ATS ' || n FROM generate_series(1, 2) AS n;
INSERT INTO power_port (name, device_id, allocated_draw, power_factor)
SELECT panel || n, test.device('ATS ' || n), CASE panel WHEN 'Q' THEN 15000 END, 1 FROM generate_series(1, 2) AS n, unnest(ARRAY['P', 'Q']) AS panel;
INSERT INTO power_outlet (name, device_id, power_port_id, alternate_power_port_id)
SELECT 'Outlet', test.device('ATS ' || n), test.port('P' || n), test.port('Q' || n) FROM generate_series(1, 2) AS n;
INSERT INTO cable (power_feed_id, power_port_id)
SELECT test.feed(panel || n), test.port(panel || n) FROM generate_series(1, 2) AS n, unnest(ARRAY['P', 'Q']) AS panel;
SELECT * FROM pg_temp.headroom;
ROLLBACK;

-- (i) Where to put things. A and C hang on UPS-A, B on UPS-B, Z on both, though the
-- second way is only planned; and all on the utility, which may be shared. A carries
-- 2000 of 5764.03, B 1000. The UPS may carry 208 * 400 * 0.8 * 1.732 = 115282.
BEGIN;
SELECT pg_temp.panel('Grid', type => 'utility', positions => NULL), pg_temp.panel('UPS-A', positions => NULL), pg_temp.panel('UPS-B', positions => NULL) \g /dev/null
SELECT pg_temp.panel(p) FROM unnest(ARRAY['A', 'B', 'C', 'Z']) AS p \g /dev/null
SELECT pg_temp.feed('Grid', 'To UPS-' || s, 'UPS-' || s, amperage => 400) FROM unnest(ARRAY['A', 'B']) AS s \g /dev/null
SELECT pg_temp.feed('UPS-' || s, 'To ' || d, d) FROM (VALUES ('A', 'A'), ('B', 'B'), ('A', 'C'), ('A', 'Z')) AS x (s, d) \g /dev/null
SELECT pg_temp.feed('UPS-B', 'Also to Z', 'Z', status => 'planned') \g /dev/null
SELECT pg_temp.feed('A', 'a', NULL, 2000), pg_temp.feed('B', 'b', NULL, 1000) \g /dev/null
-- So A and C go with B, with UPS-B, and with the utility; Z only with the latter.
SELECT * FROM pg_temp.capacity(1000);
SELECT * FROM pg_temp.capacity(4000);
SELECT * FROM pg_temp.capacity(1000, paths => 3);
SELECT * FROM pg_temp.capacity(1000, paths => 4);
SELECT * FROM pg_temp.capacity(5764.03, paths => 1, max_rows => 3);
SELECT * FROM pg_temp.capacity(1e9, paths => 1);
-- the panels of a location, though what is above them lies elsewhere
UPDATE power_panel SET location_id = test.location('Hall') WHERE name IN ('A', 'B', 'C');
SELECT panel_names, positions, round(headroom_va::numeric, 2) FROM find_capacity(test.location('Hall'), 1000);
SELECT panel_names FROM find_capacity(location_id('Elsewhere'), 1000);
-- what is no utility may not be shared: all hang on Grid
UPDATE power_panel SET panel_type = 'switchgear' WHERE name = 'Grid';
SELECT panel_names FROM find_capacity(test.location('Hall'), 1000);
SELECT panel_names FROM find_capacity(test.location('Hall'), 1000, paths => 1);
ROLLBACK;

-- Places: P1 is full but for 40 and 42, which two poles take; P2 has two poles at most
-- on its bus, P3 counts no positions, and its first free place is 6.
BEGIN;
SELECT pg_temp.panel('P1'), pg_temp.panel('P2', bus => 'split-phase', positions => 2), pg_temp.panel('P3', positions => NULL) \g /dev/null
SELECT pg_temp.feed('P1', 'F' || p, "position" => p, poles => 1) FROM generate_series(1, 41) AS p WHERE p <> 40 \g /dev/null
SELECT pg_temp.feed('P3', 'F' || p, "position" => p, poles => 1) FROM generate_series(1, 5) AS p \g /dev/null
SELECT poles, names, positions, headroom FROM generate_series(1, 3) AS poles, pg_temp.capacity(1, poles, 1);
SELECT * FROM pg_temp.capacity(1, 2, 3);
SELECT p.name, find_breaker_position(p.id, poles), poles FROM power_panel AS p, generate_series(1, 3) AS poles ORDER BY poles, name COLLATE "C";
ROLLBACK;

-- Headrooms that differ by no more than 0.01 are equal, and go by name: A has
-- 433 * 29 * 0.02 * 1.732 + 0.03 = 435.00448, B has 435 + 0.01, C has 436.01.
BEGIN;
SELECT pg_temp.panel('A', 433, 29), pg_temp.panel('B', 435, 1, bus => 'single-phase'), pg_temp.panel('C', 436, 1, bus => 'single-phase') \g /dev/null
UPDATE power_panel SET max_utilization = 2 WHERE name = 'A';
SELECT panel_names, round(headroom_va::numeric, 5) AS headroom FROM find_capacity(1, 1, 1);
ROLLBACK;

-- What makes no sense.
SELECT q, test.trial(q) FROM unnest(ARRAY[
	'SELECT panel_headroom(NULL)', $$SELECT panel_headroom('00000000-0000-0000-0000-000000000000')$$,
	'SELECT find_capacity(0)', 'SELECT find_capacity(-1)', $$SELECT find_capacity('nan'::float8)$$, $$SELECT find_capacity('inf'::float8)$$,
	'SELECT find_capacity(1, 0)', 'SELECT find_capacity(1, 4)', 'SELECT find_capacity(1, 3, 0)', 'SELECT find_capacity(1, 3, 5)',
	'SELECT find_capacity(1, 3, 2, 0)', 'SELECT find_capacity(NULL::float8)', 'SELECT find_capacity(1, NULL)', 'SELECT find_capacity(1, 3, NULL)',
	'SELECT find_capacity(1, 3, 2, NULL)', 'SELECT find_capacity(NULL::uuid, 1)', $$SELECT find_capacity('00000000-0000-0000-0000-000000000000'::uuid, 1)$$,
	'SELECT find_capacity(1)']) AS q;
SELECT test.trial_error('SELECT find_capacity(1, 4)');
DELETE FROM location WHERE parent_id IS NOT NULL;
DELETE FROM location;
