-- trips: what opens next. Each place is a network of its own, and small enough to
-- work out by hand. Power factors are 1.00, so VA are W. Where nothing else is said
-- buses are single-phase at 200 V, so a breaker of 10 A is made for 2,000 VA.
SET search_path = powerpanel, pg_temp;
SELECT test.limit_time() \gset

SET client_min_messages = warning;
CREATE FUNCTION pg_temp.panel(place text, name text, voltage int DEFAULT 200, main int DEFAULT NULL, bus panel_bus DEFAULT 'single-phase')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.location (name) VALUES ($1) ON CONFLICT DO NOTHING;
	INSERT INTO powerpanel.power_panel (location_id, name, voltage, main_breaker_amperage, bus, circuit_positions)
	SELECT id, $2, $3, $4, $5, 42 FROM powerpanel.location AS l WHERE l.name = $1 $$;
-- with a load of its own, or into a panel
CREATE FUNCTION pg_temp.feed(panel text, name text, amperage int, load int DEFAULT NULL, into_panel text DEFAULT NULL,
	type feed_type DEFAULT 'primary', percent int DEFAULT 80, voltage int DEFAULT 200, "position" int DEFAULT NULL,
	phase phase DEFAULT 'single-phase', supply supply DEFAULT 'ac', status text DEFAULT 'active')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_feed (power_panel_id, name, amperage, connected_load, destination_panel_id, type,
		max_utilization, voltage, breaker_position, breaker_pole_count, phase, supply, status)
	SELECT panel_id($1), $2, $3, $4, panel_id($5), $6, $7, $8, $9, CASE $10 WHEN 'three-phase' THEN 3 ELSE 1 END, $10, $11, $12 $$
SET search_path = powerpanel, pg_temp;
-- with a cord into each of some feeds, or the first outlets of some strips; what the
-- function has just written is asked for in a subquery, since PostgreSQL 18 plans with
-- an older snapshot
CREATE FUNCTION pg_temp.server(name text, watts int, sources text[], maximum int DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.device (name) VALUES ($1);
	INSERT INTO powerpanel.power_port (device_id, name, allocated_draw, maximum_draw, power_factor) SELECT device_id($1), s, $2, $4, 1 FROM unnest($3) AS s;
	INSERT INTO powerpanel.cable (power_feed_id, power_outlet_id, power_port_id)
	SELECT (SELECT f.id FROM powerpanel.power_feed AS f WHERE f.name = p.name), (SELECT o.id FROM powerpanel.power_outlet AS o WHERE o.name = p.name), p.id
	FROM powerpanel.power_port AS p WHERE device_id = (SELECT device_id($1)) $$
SET search_path = powerpanel, pg_temp;
-- a strip with one outlet, which has its name
CREATE FUNCTION pg_temp.strip(name text, feed text, leg feed_leg DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.device (name) VALUES ($1);
	INSERT INTO powerpanel.power_port (device_id, name) VALUES (device_id($1), 'inlet');
	INSERT INTO powerpanel.power_outlet (device_id, name, power_port_id, feed_leg) SELECT device_id, $1, p.id, $3 FROM powerpanel.power_port AS p WHERE device_id = (SELECT device_id($1));
	INSERT INTO powerpanel.cable (power_feed_id, power_port_id) SELECT feed_id($2), p.id FROM powerpanel.power_port AS p WHERE device_id = (SELECT device_id($1)) $$
SET search_path = powerpanel, pg_temp;
-- what opens: "round name load/rating=percent"
CREATE FUNCTION pg_temp.trips(panel text DEFAULT NULL, feed text DEFAULT NULL, device text DEFAULT NULL, trip_at float DEFAULT 1) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(format('%s %s %s/%s=%s', round, name, round(load::numeric, 2), round(rating::numeric, 2), round(percent::numeric, 2)), ', ')
	FROM simulate_trips(array_remove(ARRAY[panel_id($1)], NULL), array_remove(ARRAY[feed_id($2)], NULL), array_remove(ARRAY[device_id($3)], NULL), $4) $$
SET search_path = powerpanel, pg_temp;
RESET client_min_messages;

SELECT * FROM simulate_trips() \gdesc
SELECT call, test.attempt('SELECT * FROM ' || call) FROM unnest(ARRAY[
	'simulate_trips()', 'simulate_outage(trip_at => 1)', 'simulate_trips(NULL)', 'simulate_trips(feeds => ARRAY[NULL]::uuid[])',
	'simulate_trips(trip_at => NULL)', 'contingency(NULL)', 'contingency(0)', 'contingency(-1)', 'contingency(''NaN'')',
	'contingency(''Infinity'')', 'simulate_trips(trip_at => 0)', 'simulate_outage(trip_at => ''NaN'')',
	'simulate_trips(devices => ARRAY[''00000000-0000-0000-0000-000000000000'']::uuid[])']) AS call;

-- A 2N pair: each of A1, A2, B1, B2 carries 1,200 VA, 60 %, and each feeder 2,400 of
-- 4,000, 60 %. Without A, B1 and B2 have 2,400, 120 %, and Feeder B 4,800, 120 %.
-- B1 and B2 open, being below it, and it is relieved; both servers are dark. At
-- 1.35 nothing opens.
SELECT pg_temp.panel('i', p) FROM unnest('{UPS-A,UPS-B,RPP-A,RPP-B}'::text[]) AS p \g /dev/null
SELECT pg_temp.feed('UPS-A', 'Feeder A', 20, into_panel => 'RPP-A'), pg_temp.feed('UPS-B', 'Feeder B', 20, into_panel => 'RPP-B'),
	pg_temp.feed('RPP-A', 'A1', 10), pg_temp.feed('RPP-A', 'A2', 10), pg_temp.feed('RPP-B', 'B1', 10), pg_temp.feed('RPP-B', 'B2', 10),
	pg_temp.feed('UPS-A', 'spare i', 10, status => 'planned'),
	pg_temp.server('s1', 1200, '{A1,B1}', 1500), pg_temp.server('s2', 1200, '{A2,B2}', 1500) \g /dev/null
SELECT pg_temp.trips('UPS-A') AS at_1, pg_temp.trips('UPS-A', trip_at => 1.35) AS at_1_35, pg_temp.trips(feed => 'A2') AS one_rack, pg_temp.trips(feed => 'spare i') AS now;
SELECT name, devices_dark, devices_degraded, feeds_overloaded, trips, devices_dark_after_trips FROM contingency() WHERE name IN ('UPS-A', 'Feeder B', 'A2') ORDER BY name;
SELECT object_type, name, state_before, state_after, load_before, load_after, overloaded
FROM simulate_outage(ARRAY[panel_id('UPS-A')], trip_at => 1) WHERE name IN ('B1', 'Feeder B', 's1');
-- by their maximum draws, 1,500 VA, each takes 3,000, 150 %
BEGIN;
SET LOCAL powerpanel.load_basis = maximum;
SELECT pg_temp.trips('UPS-A', trip_at => 1.35);
ROLLBACK;

-- Of a rack breaker and the feeder above it, 2,500 of 2,000 VA both, only the rack's
-- opens, and in a network of which nothing has failed. The main breaker of the panel
-- between them, 10 A, would open before the feeder, and after the rack's.
SELECT pg_temp.panel('j', 'J1'), pg_temp.panel('j', 'J2', main => 10) \g /dev/null
SELECT pg_temp.feed('J1', 'Feeder J', 10, into_panel => 'J2'), pg_temp.feed('J2', 'Rack J', 10, 2500), pg_temp.feed('J1', 'spare j', 10, status => 'planned') \g /dev/null
SELECT pg_temp.trips(feed => 'spare j'), pg_temp.trips(feed => 'Rack J') AS without_it;
BEGIN;
UPDATE power_feed SET amperage = 20 WHERE name = 'Rack J';
SELECT pg_temp.trips(feed => 'spare j');
ROLLBACK;

-- Standby K is energized and carries nothing, as Normal K does; all the same Rack K,
-- 2,500 of 2,000, is on the way down from Feeder K, 3,000 of 2,000. So Feeder K opens
-- in the second round, and not in the first.
SELECT pg_temp.panel('k', p) FROM unnest('{K1,K2,K3,K4}'::text[]) AS p \g /dev/null
SELECT pg_temp.feed('K1', 'Feeder K', 10, into_panel => 'K2'), pg_temp.feed('K2', 'Hall K', 20, 3000),
	pg_temp.feed('K2', 'Standby K', 10, into_panel => 'K4', type => 'redundant'), pg_temp.feed('K3', 'Normal K', 20, into_panel => 'K4'),
	pg_temp.feed('K4', 'Rack K', 10, 2500), pg_temp.feed('K1', 'spare k', 10, status => 'planned') \g /dev/null
SELECT pg_temp.trips(feed => 'spare k'), pg_temp.trips(feed => 'Standby K') AS without_standby;

-- 3,800 VA shared by the available power, 1,600 to 2,000: Second L has 2,111.11 of its
-- 2,000 VA and opens; then First L has it all, 190 %.
SELECT pg_temp.panel('l', 'L1'), pg_temp.panel('l', 'L2') \g /dev/null
SELECT pg_temp.feed('L1', 'First L', 10, into_panel => 'L2'), pg_temp.feed('L1', 'Second L', 10, into_panel => 'L2', percent => 100),
	pg_temp.feed('L2', 'Load L', 40, 3800), pg_temp.feed('L1', 'spare l', 10, status => 'planned') \g /dev/null
SELECT pg_temp.trips(feed => 'spare l');

-- Direct current: 48 V and 50 A are 2,400 VA, main breaker 4,800. 2,410 VA open; the
-- main breaker, 4,810, is relieved by that. 2,400 VA do not: they are not more. Nor
-- are they at 0.999996, which is 2,399.99, within 0.01; at 0.999995 they are.
SELECT pg_temp.panel('m', 'M1', -48, 100, 'dc') \g /dev/null
SELECT pg_temp.feed('M1', 'M full', 50, 2400, voltage => -48, supply => 'dc'), pg_temp.feed('M1', 'M more', 50, 2410, voltage => -48, supply => 'dc'),
	pg_temp.feed('M1', 'spare m', 50, voltage => -48, supply => 'dc', status => 'planned') \g /dev/null
SELECT pg_temp.trips(feed => 'spare m'), pg_temp.trips(feed => 'M more', trip_at => 0.999996) AS not_more, pg_temp.trips(feed => 'M more', trip_at => 0.999995) AS more;

-- Split-phase, 240 V, main breaker 10 A: 2,400 VA, 1,200 a leg. 1,300 on leg A are
-- 2 * 1,300 = 108.33 %, though 1,500 in all are 62.5 %. The panel opens.
SELECT pg_temp.panel('n', 'N1', 240, 10, 'split-phase') \g /dev/null
SELECT pg_temp.feed('N1', 'N on A', 20, 1300, voltage => 120, "position" => 1), pg_temp.feed('N1', 'N on B', 20, 200, voltage => 120, "position" => 3),
	pg_temp.feed('N1', 'spare n', 20, voltage => 120, status => 'planned') \g /dev/null
SELECT pg_temp.trips(feed => 'spare n'), pg_temp.trips(feed => 'N on B') AS without_b;
SELECT object_type, name, state_after, load_before, load_after FROM simulate_outage(feeds => ARRAY[feed_id('N on B')], trip_at => 1) ORDER BY name;

-- Three-phase by its most loaded phase: 208 V and 30 A are 10,807.68 VA, a third of it
-- a phase; 3,700 on leg A are 3 * 3,700. When strip O1 fails the other one takes 1,100
-- more: 2,200 of 2,000.
SELECT pg_temp.panel('o', 'O'), pg_temp.panel('p', 'P', 208, bus => 'three-phase') \g /dev/null
SELECT pg_temp.feed('O', 'OA', 10), pg_temp.feed('O', 'OB', 10), pg_temp.strip('O1', 'OA'), pg_temp.strip('O2', 'OB'), pg_temp.server('s3', 1100, '{O1,O2}'),
	pg_temp.feed('P', 'P legs', 30, voltage => 208, phase => 'three-phase', "position" => 1), pg_temp.strip('P1', 'P legs', 'A'), pg_temp.server('s4', 3700, '{P1}'),
	pg_temp.feed('O', 'spare o', 10, status => 'planned'), pg_temp.feed('P', 'spare p', 10, status => 'planned') \g /dev/null
SELECT pg_temp.trips(device => 'O1'), pg_temp.trips(feed => 'spare p') AS legs, pg_temp.trips(device => 's4') AS without_server;

-- contingency() of all places tells of each outage what simulate_trips() and
-- simulate_outage() tell of it, and adds what opens in the other places now.
CREATE TEMPORARY TABLE now_of AS
SELECT l.name AS place, (SELECT count(*) FROM simulate_trips(feeds => ARRAY[feed_id('spare ' || l.name)])) AS trips,
	(SELECT count(*) FROM simulate_outage(feeds => ARRAY[feed_id('spare ' || l.name)], trip_at => 1) WHERE state_before <> 'dark' AND state_after = 'dark') AS dark
FROM location AS l;
SELECT place, trips, dark FROM now_of ORDER BY place;
CREATE TEMPORARY VIEW compared AS
SELECT c.name, c.trips, c.devices_dark_after_trips AS dark, e.trips + (SELECT coalesce(sum(n.trips), 0) FROM now_of AS n WHERE n.place <> e.place) AS trips_expected,
	e.dark + (SELECT coalesce(sum(n.dark), 0) FROM now_of AS n WHERE n.place <> e.place) AS dark_expected
FROM contingency() AS c CROSS JOIN LATERAL (
	SELECT l.name AS place, (SELECT count(*) FROM simulate_trips(panels, feeds)) AS trips,
		(SELECT count(*) FROM simulate_outage(panels, feeds, trip_at => 1) WHERE state_before <> 'dark' AND state_after = 'dark') AS dark
	FROM (SELECT CASE object_type WHEN 'power_panel' THEN ARRAY[object_id] ELSE '{}' END, CASE object_type WHEN 'power_feed' THEN ARRAY[object_id] ELSE '{}' END) AS a (panels, feeds)
	JOIN power_panel AS p ON p.id = ANY (panels) OR p.id IN (SELECT power_panel_id FROM power_feed WHERE id = ANY (feeds))
	JOIN location AS l ON l.id = p.location_id) AS e;
SELECT count(*), count(*) FILTER (WHERE trips = trips_expected AND dark = dark_expected) AS agree, min(trips), max(trips), min(dark), max(dark) FROM compared;
DELETE FROM device;
DELETE FROM power_feed;
DELETE FROM power_panel;
DELETE FROM location;
