-- analysis: loads, outages, single points of failure, rebalancing; every number
-- is worked out by hand in the comments
SET search_path = powerpanel, pg_temp;
SELECT test.limit_time() \gset

SET client_min_messages = warning;	-- 19 has notices about temporary views
CREATE FUNCTION pg_temp.n(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT round($1::numeric, 2)';
CREATE VIEW pg_temp.feeds AS
SELECT f.name AS feed, l.energized, pg_temp.n(allocated_va) AS allocated, pg_temp.n(maximum_va) AS maximum, l.available_power, pg_temp.n(utilization) AS utilization
FROM feed_load() l JOIN power_feed f ON f.id = power_feed_id;
CREATE VIEW pg_temp.panels AS
SELECT p.name AS panel, energized, pg_temp.n(allocated_va) AS allocated, pg_temp.n(maximum_va) AS maximum, pg_temp.n(capacity_va) AS capacity, pg_temp.n(utilization) AS utilization,
	pg_temp.n(phase_a_va) AS a, pg_temp.n(phase_b_va) AS b, pg_temp.n(phase_c_va) AS c, pg_temp.n(imbalance) AS imbalance
FROM panel_load() l JOIN power_panel p ON p.id = power_panel_id;
CREATE VIEW pg_temp.devices AS
SELECT d.name AS device, state, cabled_ports, energized_ports, pg_temp.n(allocated_va) AS allocated FROM device_power() JOIN device d ON d.id = device_id;
CREATE FUNCTION pg_temp.outage(panels text[], feeds text[] DEFAULT '{}',
	OUT kind text, OUT name text, OUT before text, OUT after text, OUT va_before numeric, OUT va_after numeric, OUT available numeric, OUT overloaded boolean)
RETURNS SETOF record LANGUAGE sql AS $$
	SELECT object_type, name, state_before, state_after, pg_temp.n(load_before), pg_temp.n(load_after), pg_temp.n(available), overloaded
	FROM powerpanel.simulate_outage(ARRAY(SELECT test.panel(p) FROM unnest(panels) AS p), ARRAY(SELECT test.feed(f) FROM unnest(feeds) AS f))
	ORDER BY object_type, name COLLATE "C" $$;

RESET client_min_messages;
-- The columns of each
SELECT * FROM feed_load() \gdesc
SELECT * FROM panel_load() \gdesc
SELECT * FROM device_power() \gdesc
SELECT * FROM simulate_outage() \gdesc
SELECT * FROM port_load() \gdesc
SELECT * FROM bank_load() \gdesc
SELECT * FROM single_points_of_failure() \gdesc
SELECT * FROM contingency() \gdesc
SELECT * FROM suggest_rebalance(NULL) \gdesc

-- An empty inventory gives empty answers
SELECT * FROM feed_load();
SELECT * FROM panel_load();
SELECT * FROM device_power();
SELECT test.attempt($$SELECT simulate_outage()$$) AS nothing_fails;
SELECT * FROM single_points_of_failure();
SELECT * FROM contingency();
SELECT * FROM rack_power;

-- The network. Power factors are 1.00, so VA are W.
--
--	Utility          Generator
--	 |    \\           /    |		the utility's feeds are primary (two to B),
--	 UA  UB, UB2    GA     GB		the generator's redundant
--	 |      \\      /       |
--	 A       -------->      B		A has a main breaker, B has none
--	 |- A1: PDU-1A    B1 ---|		rack R1, 2N, three-phase
--	 |- A2: PDU-2A    B2 ---|		rack R2, N+1, two poles
--	 |- AO: Off (planned)
--
-- Available power: 3 phases, 60 A: 208 V * 60 A * 0.8 * 1.732 = 17292.288, rounded
-- 17292; 30 A: half of it, 8646.144, rounded 8646; 1 phase, 30 A: 208 * 30 * 0.8 = 4992.
-- Capacity of A: 208 * 100 * 1.732 = 36025.6; of B: UB, UB2 and GB, either type,
-- 17292 + 8646 + 17292 = 43230.
INSERT INTO feed_status VALUES ('on test', true);
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) SELECT r, test.location('Site') FROM unnest(ARRAY['R1', 'R2', 'R3']) AS r;
INSERT INTO power_panel (name, location_id, bus, circuit_positions, voltage, main_breaker_amperage)
SELECT v.name, test.location('Site'), v.bus::panel_bus, positions, volts, main
FROM (VALUES ('Utility', 'three-phase', NULL, 208, NULL), ('Generator', 'three-phase', NULL, NULL, 100), ('A', 'three-phase', 12, 208, 100), ('B', 'three-phase', 12, NULL, NULL),
	('Off', 'three-phase', NULL, 208, 100), ('Split', 'split-phase', 6, 240, 20), ('One', 'single-phase', 4, -5, 10), ('DC', 'dc', 4, -48, 100)) AS v (name, bus, positions, volts, main);
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, rack_id, phase, voltage, amperage, breaker_position, breaker_pole_count)
SELECT v.name, test.panel(v.panel), test.panel(v.destination), v.status, v.type::feed_type, v.path::power_path, test.rack(v.rack), (v.phases || '-phase')::phase, 208, v.amps, p, k
FROM (VALUES
	('UA', 'Utility', 'A', 'active', 'primary', 'a', NULL, 'three', 60, NULL, NULL),
	('UB', 'Utility', 'B', 'active', 'primary', 'b', NULL, 'three', 60, NULL, NULL),
	('UB2', 'Utility', 'B', 'on test', 'primary', 'b', NULL, 'three', 30, NULL, NULL),
	('GA', 'Generator', 'A', 'active', 'redundant', 'a', NULL, 'three', 60, NULL, NULL),
	('GB', 'Generator', 'B', 'active', 'redundant', 'b', NULL, 'three', 60, NULL, NULL),
	('A1', 'A', NULL, 'active', 'primary', 'a', 'R1', 'three', 30, 1, 3),
	('B1', 'B', NULL, 'active', 'primary', 'b', 'R1', 'three', 30, 1, 3),
	('A2', 'A', NULL, 'active', 'primary', 'a', 'R2', 'single', 30, 2, 2),
	('B2', 'B', NULL, 'active', 'redundant', 'b', 'R2', 'single', 30, 2, 2),
	('AO', 'A', 'Off', 'planned', 'primary', NULL, NULL, 'three', 60, NULL, NULL),
	('O1', 'Off', NULL, 'active', 'primary', NULL, NULL, 'three', 60, NULL, NULL)) AS v (name, panel, destination, status, type, path, rack, phases, amps, p, k);
INSERT INTO device (name, rack_id)
SELECT d, test.rack(r) FROM (VALUES ('PDU-1A', 'R1'), ('PDU-1B', 'R1'), ('PDU-2A', 'R2'), ('PDU-2B', 'R2'), ('S1', 'R1'), ('S2', 'R1'), ('S3', 'R1'), ('S4', 'R1'), ('S5', 'R2'), ('S6', 'R2'), ('Shelf', 'R2')) AS v (d, r);
-- PDU-2A has an allocated draw of its own, PDU-2B only a maximum: that changes nothing
INSERT INTO power_port (name, device_id, allocated_draw, maximum_draw, power_factor)
SELECT d || '/' || p, test.device(d), w, max, 1.00
FROM (VALUES ('PDU-1A', 1, NULL, NULL), ('PDU-1B', 1, NULL, NULL), ('PDU-2A', 1, 2000, 3000), ('PDU-2B', 1, NULL, 9999), ('S1', 1, 300, 400), ('S1', 2, 300, 400), ('S2', 1, 600, NULL), ('S2', 2, 600, NULL),
	('S3', 1, 150, NULL), ('S4', 1, 90, NULL), ('S4', 2, 90, NULL), ('S5', 1, 2400, NULL), ('S5', 2, 2400, NULL), ('S6', 1, 500, 700)) AS v (d, p, w, max);
INSERT INTO power_outlet (name, device_id, power_port_id, feed_leg)
SELECT d || ':' || o, test.device(d), test.port(d || '/1'), leg::feed_leg
FROM (VALUES ('PDU-1A', 1, 'A'), ('PDU-1A', 2, 'B'), ('PDU-1A', 3, 'C'), ('PDU-1A', 4, NULL), ('PDU-1B', 1, 'A'), ('PDU-1B', 2, 'B'), ('PDU-2A', 1, 'C'), ('PDU-2B', 1, 'A'), ('PDU-2B', 2, NULL)) AS v (d, o, leg);
INSERT INTO cable (power_feed_id, power_port_id)
SELECT test.feed(f), test.port(p) FROM (VALUES ('A1', 'PDU-1A/1'), ('A2', 'PDU-2A/1'), ('B1', 'PDU-1B/1'), ('B2', 'PDU-2B/1')) AS v (f, p);
INSERT INTO cable (power_outlet_id, power_port_id)
SELECT test.outlet(o), test.port(p) FROM (VALUES ('PDU-1A:1', 'S1/1'), ('PDU-1B:1', 'S1/2'), ('PDU-1A:2', 'S2/1'), ('PDU-1B:2', 'S2/2'), ('PDU-1A:3', 'S3/1'), ('PDU-1A:4', 'S4/1'),
	('PDU-2A:1', 'S5/1'), ('PDU-2B:1', 'S5/2'), ('PDU-2B:2', 'S6/1')) AS v (o, p);

-- Split: A at 1, 2, 5, 6, B at 3, 4. One: 120 W on its only phase. DC: 50 W.
INSERT INTO power_feed (name, power_panel_id, status, voltage, amperage, max_utilization, breaker_position)
SELECT v.name, test.panel(panel), 'active', volts, amps, percent, p
FROM (VALUES ('s1', 'Split', 120, 20, 80, 1), ('s2', 'Split', 120, 20, 80, 2), ('s3', 'Split', 120, 20, 80, 3), ('s4', 'Split', 120, 20, 80, 4), ('s5', 'Split', 120, 20, 80, 5), ('s6', 'Split', 120, 20, 80, 6),
	('o1', 'One', 120, 15, 80, 1), ('d1', 'DC', 48, 10, 80, 1), ('d2', 'DC', 1, 1, 1, 2)) AS v (name, panel, volts, amps, percent, p);
INSERT INTO device (name) SELECT 'L-' || f FROM unnest(ARRAY['s1', 's2', 's4', 's5', 'o1', 'd1']) AS f;
INSERT INTO power_port (name, device_id, allocated_draw, power_factor)
SELECT 'L-' || f, test.device('L-' || f), w, 1.00 FROM (VALUES ('s1', 100), ('s2', 60), ('s4', 30), ('s5', 20), ('o1', 120), ('d1', 50)) AS v (f, w);
INSERT INTO cable (power_feed_id, power_port_id) SELECT test.feed(f), test.port('L-' || f) FROM unnest(ARRAY['s1', 's2', 's4', 's5', 'o1', 'd1']) AS f;
SELECT * FROM check_integrity() WHERE severity = 'error';

-- Loads.
-- A1: S1 300, S2 600, S3 150, S4 90: 1140; maximum 400 + 600 + 150 + 90 = 1240.
-- B1: S1 300, S2 600: 900; maximum 1000. A2: 2000 and 3000, its own, whatever S5
-- draws. B2: S5 2400, S6 500: 2900; maximum 2400 + 700 = 3100.
-- A: 1140 + 2000 = 3140; 1240 + 3000 = 4240. B: 900 + 2900 = 3800; 1000 + 3100 = 4100.
-- UA carries all of A, GA nothing. UB and UB2 share B by 17292 : 8646 = 2 : 1,
-- 2533.33 and 1266.67; maximum 2733.33 and 1366.67.
-- Utilization: three-phase feeds by their most loaded phase, three times that of
-- available_power. A1: B carries 600 and a third of 90, 3 * 630 / 8646; B1: B, 3 * 600
-- / 8646. A2 2000 / 4992, B2 2900 / 4992. A2 and B2 are between A and B: 1450 + 837.16j
-- and 1450 - 837.16j of 2900, for A2 1000 and 577.35. UA carries what A's phases
-- do: A 330 + 1000 + 577.35j, B 630 + 1000 - 577.35j, 1729.23 VA, * 3 / 17292 = 30.00.
-- UB two thirds of B's: 600 + 1450 - 837.16j, 2214.35 VA, * 2 / 17292 = 25.61; UB2 the
-- same percentage.
SELECT * FROM pg_temp.feeds ORDER BY feed COLLATE "C";
-- Phases of A: A1 by its outlets' legs, 300 600 150, S4's 90 a third each, A2 at
-- 2 and 4, A and B: 330 + 1000, 630 + 1000, 180. Mean 1046.67, C is 866.67 below.
-- Phases of B: B1 300 600 0, B2 1450 on A and B: 1750, 2050, 0; mean 1266.67.
-- Utility: 3140 + 3800 = 6940, maximum 8340, 2313.33 a phase.
-- Split: s1 100, s2 60, s5 20 on A: 180; s4 30 on B; mean 105. Capacity 240 * 20
-- (no 1.732). One: 120 of |-5| * 10 = 50, 240 %. DC: 50 of 48 * 100.
SELECT * FROM pg_temp.panels ORDER BY panel COLLATE "C";
-- S4's second cord hangs loose; Shelf has none.
SELECT * FROM pg_temp.devices ORDER BY device COLLATE "C";
-- R1: 2 * 8646, one of them usable, 1140 + 900 of it. R2: 2 * 4992, 2000 + 2900.
SELECT r.name AS rack, feeds, p.available_power, usable_power, allocated_va, maximum_va, pg_temp.n(utilization) AS utilization, redundancy
FROM rack_power p JOIN rack r ON r.id = rack_id ORDER BY r.name COLLATE "C";

-- Of one panel or one device
SELECT f.name, allocated_va FROM feed_load(test.panel('A')) l JOIN power_feed f ON f.id = l.power_feed_id ORDER BY f.name COLLATE "C";
SELECT p.name, allocated_va FROM panel_load(test.panel('DC')) l JOIN power_panel p ON p.id = l.power_panel_id;
SELECT d.name, allocated_va FROM device_power(test.device('S2')) l JOIN device d ON d.id = l.device_id;
SELECT * FROM device_power(test.device('Shelf'));

-- Outages.
-- A fails: what it feeds is off, UA stays energized and carries nothing. S3 and S4
-- are dark. S1 and S2 draw all through B1: 600 + 1200 = 1800. S5 draws 4800 through
-- PDU-2B, with S6's 500 5300, more than the 4992 of B2. B: 1800 + 5300 = 7100, shared
-- 2 : 1. Utility: 6940 - 3140 + 3300 = 7100.
SELECT * FROM pg_temp.outage('{A}');
-- B fails: A1 1140 + 300 + 600 = 2040. A2 keeps its own 2000, so A carries 4040;
-- S5 draws all of its 4800 through it.
SELECT * FROM pg_temp.outage('{B}');
-- The utility fails: the generator carries all, and nothing else changes.
SELECT * FROM pg_temp.outage('{Utility}');
-- One of the two primary feeds of B fails: the other carries all, GB nothing.
SELECT * FROM pg_temp.outage('{}', '{UB}');
-- Both and the generator's: B is off, it and its capacity. As though B failed, but
-- that nothing enters it.
SELECT * FROM pg_temp.outage('{}', '{UB,UB2,GB}');
-- Everything fails, some of it twice
SELECT kind, name, before, after FROM pg_temp.outage('{Utility,Generator,A,A,One}', '{A1,A1,GB}');
-- What is off already cannot fail, and nothing at all changes nothing
SELECT * FROM pg_temp.outage('{Off}', '{AO,O1}');
SELECT test.attempt($$SELECT pg_temp.outage('{}', '{}')$$) AS nothing_named;
SELECT test.attempt($$SELECT simulate_outage(NULL, NULL)$$) AS null_fails;

-- Single points of failure. On A hang PDU-1A, PDU-2A, S3, S4, on B PDU-1B, PDU-2B,
-- S6; everything else has two ways. L-.. hang on their feeds and panels.
SELECT object_type, name, devices FROM single_points_of_failure() ORDER BY object_type, name COLLATE "C";

-- Contingency. Now nothing is dark or degraded; One is overloaded. The worst feed
-- is B2, 58.09 %; 5300 / 4992 = 106.17 % without A or A2; without B2 or B it is A2,
-- 2000 / 4992 = 40.06 %. Without One, one panel less is overloaded.
SELECT object_type, name, devices_dark AS dark, devices_degraded AS degraded, feeds_overloaded AS feeds, panels_overloaded AS panels, pg_temp.n(worst_utilization) AS worst
FROM contingency() ORDER BY object_type, name COLLATE "C";

-- Rebalance. A: A2 may stand on A and C instead of A and B, at 6 and 8: 330 + 1000,
-- 630, 180 + 1000; mean 1046.67, 416.67 off. A1's phases are its outlets', wherever
-- it stands.
SELECT step, name, from_position, to_position, pg_temp.n(imbalance_after) AS imbalance FROM suggest_rebalance(test.panel('A'));
-- Split is full: s1 swaps with s4, 110 and 100; from there on nothing helps.
SELECT step, name, from_position, to_position, pg_temp.n(imbalance_after) AS imbalance FROM suggest_rebalance(test.panel('Split')) ORDER BY name COLLATE "C";
SELECT test.attempt($$SELECT suggest_rebalance(test.panel('Split'), 0)$$) AS no_moves;
SELECT * FROM suggest_rebalance(test.panel('One')) UNION ALL SELECT * FROM suggest_rebalance(test.panel('DC')) UNION ALL SELECT * FROM suggest_rebalance(test.panel('Off'));
SELECT test.attempt($$SELECT suggest_rebalance(NULL, 5)$$), test.attempt($$SELECT suggest_rebalance(test.panel('A'), NULL)$$);

-- Tight: x, two poles, 200 on A and B, y 50 on C, and a PDU that loads B alone with
-- 100: 100 200 50. No breaker can move to anywhere better, but the two can change
-- places, for the last position is free: x on C and A, y on A: 150 100 100. Where the
-- panel ends at 3, they cannot.
BEGIN;
INSERT INTO power_panel (name, location_id, numbering, circuit_positions) VALUES ('Tight', test.location('Site'), 'sequential', 4);
INSERT INTO power_feed (name, power_panel_id, status, phase, breaker_position, breaker_pole_count)
VALUES ('x', test.panel('Tight'), 'active', 'single-phase', 1, 2), ('y', test.panel('Tight'), 'active', 'single-phase', 3, 1), ('pdu', test.panel('Tight'), 'active', 'three-phase', NULL, NULL);
INSERT INTO device (name) VALUES ('x'), ('y'), ('z'), ('pdu');
INSERT INTO power_port (name, device_id, allocated_draw, power_factor) VALUES ('x', test.device('x'), 200, 1), ('y', test.device('y'), 50, 1), ('z', test.device('z'), 100, 1), ('pdu', test.device('pdu'), NULL, 1);
INSERT INTO power_outlet (name, device_id, power_port_id, feed_leg) VALUES ('pdu', test.device('pdu'), test.port('pdu'), 'B');
INSERT INTO cable (power_feed_id, power_port_id) SELECT test.feed(f), test.port(f) FROM unnest(ARRAY['x', 'y', 'pdu']) AS f;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('pdu'), test.port('z'));
SELECT panel, a, b, c, imbalance FROM pg_temp.panels WHERE panel = 'Tight';
SELECT step, name, from_position, to_position, pg_temp.n(imbalance_after) AS imbalance FROM suggest_rebalance(test.panel('Tight')) ORDER BY name COLLATE "C";
UPDATE power_panel SET circuit_positions = 3 WHERE name = 'Tight';
SELECT * FROM suggest_rebalance(test.panel('Tight'));
ROLLBACK;

-- A planned change, tried and taken back
BEGIN;
UPDATE power_feed SET status = 'offline' WHERE name IN ('UA', 'GA');
SELECT * FROM pg_temp.feeds WHERE feed IN ('A1', 'A2', 'B1', 'B2', 'UA', 'GA', 'UB') ORDER BY feed COLLATE "C";
SELECT device, state FROM pg_temp.devices WHERE state <> 'on' ORDER BY device COLLATE "C";
ROLLBACK;
BEGIN;
UPDATE power_feed SET breaker_position = v.p FROM (VALUES ('s1', 4), ('s4', 1), ('A2', 6)) AS v (feed, p) WHERE name = v.feed;
SELECT panel, a, b, c, imbalance FROM pg_temp.panels WHERE panel IN ('A', 'Split') ORDER BY panel COLLATE "C";
SELECT * FROM suggest_rebalance(test.panel('A')) UNION ALL SELECT * FROM suggest_rebalance(test.panel('Split'));
ROLLBACK;
BEGIN;
UPDATE feed_status SET energized = false WHERE name = 'on test';
SELECT * FROM pg_temp.feeds WHERE feed IN ('UB', 'UB2') ORDER BY feed COLLATE "C";
ROLLBACK;
SELECT * FROM pg_temp.feeds WHERE feed IN ('A1', 'B1', 'UA', 'UB', 'UB2') ORDER BY feed COLLATE "C";

-- Ids that do not exist, of another table, and NULL elements
SELECT test.attempt($$SELECT simulate_outage(ARRAY[test.feed('UA')])$$), test.attempt($$SELECT simulate_outage('{}', ARRAY[test.panel('A')])$$), test.attempt($$SELECT feed_load(test.feed('UA'))$$), test.attempt($$SELECT device_power(test.panel('A'))$$);
SELECT test.attempt_error(statement) FROM unnest(ARRAY[
	$$SELECT feed_load('00000000-0000-0000-0000-000000000000')$$,
	$$SELECT panel_load('00000000-0000-0000-0000-000000000000')$$,
	$$SELECT device_power('00000000-0000-0000-0000-000000000000')$$,
	$$SELECT simulate_outage(ARRAY['00000000-0000-0000-0000-000000000000']::uuid[])$$,
	$$SELECT simulate_outage(ARRAY[test.panel('A'), '00000000-0000-0000-0000-000000000000'])$$,
	$$SELECT simulate_outage('{}', ARRAY[test.feed('UA'), '00000000-0000-0000-0000-000000000000'])$$,
	$$SELECT simulate_outage(ARRAY[test.panel('A'), NULL])$$,
	$$SELECT simulate_outage('{}', ARRAY[NULL, test.feed('UA')])$$,
	$$SELECT suggest_rebalance('00000000-0000-0000-0000-000000000000')$$,
	$$SELECT suggest_rebalance(test.panel('A'), -1)$$]) AS statement;

-- Loops that got in with triggers off: an error that says where to look, from
-- each that reads the part with the loop, and an answer from others
CREATE FUNCTION pg_temp.try_all() RETURNS TABLE (function text, result text, hint boolean) LANGUAGE sql AS $$
	SELECT f, split_part(e, E'\n', 1), e LIKE '%HINT: %check_integrity()%'
	FROM unnest(ARRAY['feed_load()', 'feed_load(test.panel(''A''))', 'panel_load()', 'panel_load(test.panel(''A''))', 'device_power()', 'device_power(test.device(''S1''))',
		'simulate_outage(ARRAY[test.panel(''A'')])', 'simulate_outage(''{}'', ARRAY[test.feed(''A1'')])', 'single_points_of_failure()', 'contingency()', 'suggest_rebalance(test.panel(''A''))',
		'rack_power', 'feed_load(test.panel(''DC''))', 'device_power(test.device(''L-o1''))']) AS f,
		test.attempt_error('SELECT * FROM powerpanel.' || f) AS e $$;
BEGIN;
SET LOCAL session_replication_role = replica;
UPDATE power_feed SET destination_panel_id = test.panel('Utility') WHERE name = 'O1';
SET LOCAL session_replication_role = origin;
SELECT rule, object FROM check_integrity() WHERE severity = 'error' ORDER BY rule, object COLLATE "C";
SELECT test.attempt_error('SELECT feed_load()');
SELECT * FROM pg_temp.try_all();
ROLLBACK;
BEGIN;
-- PDU-1A feeds itself
SET LOCAL session_replication_role = replica;
DELETE FROM cable WHERE power_port_id = test.port('S1/1');
UPDATE cable SET power_feed_id = NULL, power_outlet_id = test.outlet('PDU-1A:1') WHERE power_feed_id = test.feed('A1');
SET LOCAL session_replication_role = origin;
SELECT rule FROM check_integrity() WHERE severity = 'error' GROUP BY 1 ORDER BY 1;
SELECT * FROM pg_temp.try_all();
ROLLBACK;

DELETE FROM device;
DELETE FROM power_feed;
DELETE FROM power_panel;

-- A ladder of 30 tiers, each panel fed from both panels above: 2^30 ways to each
-- of the lowest. D-1 draws 100 W from either, D-2 10 W from the left one only.
INSERT INTO power_panel (name, location_id) SELECT side || tier, test.location('Site') FROM unnest(ARRAY['L', 'R']) AS side, generate_series(0, 30) AS tier;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, voltage, amperage, max_utilization)
SELECT a || tier || '-' || b || tier + 1, test.panel(a || tier), test.panel(b || tier + 1), 'active', 400, 100, 100
FROM unnest(ARRAY['L', 'R']) AS a, unnest(ARRAY['L', 'R']) AS b, generate_series(0, 29) AS tier;
INSERT INTO power_feed (name, power_panel_id, status) VALUES ('one', test.panel('L30'), 'active'), ('two', test.panel('R30'), 'active'), ('three', test.panel('L30'), 'active');
INSERT INTO device (name) VALUES ('D-1'), ('D-2');
INSERT INTO power_port (name, device_id, allocated_draw, power_factor) VALUES ('one', test.device('D-1'), 100, 1), ('two', test.device('D-1'), 100, 1), ('three', test.device('D-2'), 10, 1);
INSERT INTO cable (power_feed_id, power_port_id) SELECT test.feed(f), test.port(f) FROM unnest(ARRAY['one', 'two', 'three']) AS f;
-- L30 carries 110, R30 100; each panel above 105, half of what the two below it
-- carry. Each feed carries half of what it feeds: 55, 50, 52.50 elsewhere.
SELECT pg_temp.n(allocated_va) AS allocated, count(*), min(p.name COLLATE "C") AS first FROM panel_load() JOIN power_panel p ON p.id = power_panel_id GROUP BY 1 ORDER BY 1;
SELECT pg_temp.n(allocated_va) AS allocated, count(*), min(f.name COLLATE "C") AS first FROM feed_load() JOIN power_feed f ON f.id = power_feed_id GROUP BY 1 ORDER BY 1;
SELECT count(*), sum(allocated_va) FROM feed_load(test.panel('R17'));
-- Without L15 all flows through R15, and through one feed each into L16 and R16.
SELECT kind, before, after, va_before, va_after, count(*), min(name COLLATE "C") AS first FROM pg_temp.outage('{L15}') GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5;
-- Both of a tier: what is below is dark.
SELECT kind, before, after, count(*) FROM pg_temp.outage('{L15,R15}') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT object_type, name, devices FROM single_points_of_failure() ORDER BY object_type, name COLLATE "C";
-- The worst feed is one or two, 100 of 120 * 20 * 0.8, 5.21 %; twice that where D-1
-- has lost the other. three takes down D-2, L30 does both, all others nothing.
SELECT object_type, devices_dark AS dark, devices_degraded AS degraded, feeds_overloaded AS feeds, panels_overloaded AS panels, pg_temp.n(worst_utilization) AS worst, count(*), min(name COLLATE "C") AS first
FROM contingency() GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6;

DELETE FROM device;
DELETE FROM power_feed;
DELETE FROM power_panel;
DELETE FROM rack;
DELETE FROM location;
DELETE FROM feed_status WHERE name = 'on test';
RESET statement_timeout;
