-- redundancy: how many things must fail to leave a device dark, and what a rack
-- withstands. Each place is a network of its own. Buses are single-phase at 200 V and
-- power factors 1.00, so a breaker of 10 A is made for 2,000 VA and may carry 1,600.
SET search_path = powerpanel, pg_temp;
SELECT test.limit_time() \gset

SET client_min_messages = warning;
CREATE FUNCTION pg_temp.panels(VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.location (name) VALUES ('Site') ON CONFLICT DO NOTHING;
	INSERT INTO powerpanel.power_panel (location_id, name, bus)
	SELECT l.id, n, 'single-phase' FROM powerpanel.location AS l, unnest($1) AS n WHERE l.name = 'Site' $$;
CREATE FUNCTION pg_temp.racks(VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.rack (location_id, name) SELECT l.id, n FROM powerpanel.location AS l, unnest($1) AS n WHERE l.name = 'Site' $$;
-- to sockets, or into a panel
CREATE FUNCTION pg_temp.feed(panel text, name text, into_panel text DEFAULT NULL, amperage int DEFAULT 10, rack text DEFAULT NULL,
	path power_path DEFAULT NULL, type feed_type DEFAULT 'primary', status text DEFAULT 'active')
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_feed (power_panel_id, name, destination_panel_id, amperage, rack_id, power_path, type, status, voltage, receptacles)
	SELECT panel_id($1), $2, panel_id($3), $4, rack_id($5), $6, $7, $8, 200, CASE WHEN $3 IS NULL THEN 99 ELSE 1 END $$
SET search_path = powerpanel, pg_temp;
-- a device with a cord into each of some feeds or outlets; what the function has just
-- written is asked for in a subquery, since PostgreSQL 18 plans with an older snapshot
CREATE FUNCTION pg_temp.device(name text, sources text[], watts int DEFAULT NULL, needed int DEFAULT NULL, rack text DEFAULT NULL, maximum int DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.device (name, needed_ports, rack_id) SELECT $1, $4, rack_id($5);
	INSERT INTO powerpanel.power_port (device_id, name, allocated_draw, maximum_draw, power_factor)
	SELECT device_id($1), 'in ' || n, $3, $6, 1 FROM generate_series(1, cardinality($2)) AS n;
	INSERT INTO powerpanel.cable (power_feed_id, power_outlet_id, power_port_id)
	SELECT f.id, o.id, p.id
	FROM unnest($2) WITH ORDINALITY AS s (name, n)
		JOIN powerpanel.power_port AS p ON p.device_id = (SELECT device_id($1)) AND p.name = 'in ' || n
		LEFT JOIN powerpanel.power_feed AS f ON f.name = s.name
		LEFT JOIN powerpanel.power_outlet AS o ON o.name = s.name $$
SET search_path = powerpanel, pg_temp;
-- outlets of a device, each on an inlet, or on two
CREATE FUNCTION pg_temp.outlets(device text, inlet int, alternate int, VARIADIC names text[]) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_outlet (device_id, name, power_port_id, alternate_power_port_id)
	SELECT device_id($1), n, p.id, a.id
	FROM unnest($4) AS n
		JOIN powerpanel.power_port AS p ON p.device_id = device_id($1) AND p.name = 'in ' || $2
		LEFT JOIN powerpanel.power_port AS a ON a.device_id = device_id($1) AND a.name = 'in ' || $3 $$
SET search_path = powerpanel, pg_temp;
CREATE FUNCTION pg_temp.devices(VARIADIC names text[])
RETURNS TABLE (name text, min_failures int, failure_names text[], survives_any_one boolean) LANGUAGE sql AS $$
	SELECT name, min_failures, failure_names, survives_any_one FROM powerpanel.device_redundancy() WHERE name = ANY ($1) ORDER BY name COLLATE "C" $$;
CREATE FUNCTION pg_temp.racks_are(VARIADIC names text[])
RETURNS TABLE (name text, devices int, labelled text, min_failures int, maintainable boolean, fault_tolerant boolean) LANGUAGE sql AS $$
	SELECT name, devices, labelled, min_failures, maintainable, fault_tolerant FROM powerpanel.rack_redundancy() WHERE name = ANY ($1) ORDER BY name COLLATE "C" $$;
RESET client_min_messages;

SELECT * FROM device_redundancy() \gdesc
SELECT * FROM rack_redundancy() \gdesc
SELECT call, test.attempt('SELECT * FROM ' || call) FROM unnest(ARRAY[
	'device_redundancy()', 'rack_redundancy()', 'device_redundancy(NULL)', 'rack_redundancy(NULL)',
	'device_redundancy(''00000000-0000-0000-0000-000000000000'')', 'rack_redundancy(''00000000-0000-0000-0000-000000000000'')']) AS call;

-- N: one way of power. Of all that is on it, the feed is nearest to the device. A
-- device without cables has no row; one on a planned feed is dark now.
SELECT pg_temp.panels('N up', 'N'), pg_temp.racks('R-N', 'R-none') \g /dev/null
SELECT pg_temp.feed('N up', 'to N', 'N', 100), pg_temp.feed('N', 'N1', rack => 'R-N'), pg_temp.feed('N', 'N2', status => 'planned'),
	pg_temp.device('n', '{N1}', 100, rack => 'R-N'), pg_temp.device('n dark', '{N2}', 100), pg_temp.device('n uncabled', '{}', rack => 'R-N') \g /dev/null
SELECT * FROM pg_temp.devices('n', 'n dark', 'n uncabled');
SELECT name, failures = ARRAY[feed_id('N1')] AS feed, failure_names FROM device_redundancy(device_id('n'));
SELECT failures = '{}' AS empty FROM device_redundancy(device_id('n dark'));
-- The rack is labelled N, as is told; one with nothing in it has no answer.
SELECT * FROM pg_temp.racks_are('R-N', 'R-none');

-- 2N that meets in one panel, and 2N that does not: two ways without a thing in
-- common, cut next to the server, at its rack PDUs. These are not among what takes
-- themselves down: that is their feed.
SELECT pg_temp.panels('M', 'M-A', 'M-B', 'U-A', 'U-B'), pg_temp.racks('R-meet', 'R-2N') \g /dev/null
SELECT pg_temp.feed('M', 'to M-A', 'M-A', 100), pg_temp.feed('M', 'to M-B', 'M-B', 100),
	pg_temp.feed('M-A', 'M-A1', rack => 'R-meet', path => 'a'), pg_temp.feed('M-B', 'M-B1', rack => 'R-meet', path => 'b'),
	pg_temp.feed('U-A', 'U-A1', rack => 'R-2N', path => 'a'), pg_temp.feed('U-B', 'U-B1', rack => 'R-2N', path => 'b'),
	pg_temp.device('meet', '{M-A1,M-B1}', 100, rack => 'R-meet'),
	pg_temp.device('PDU-A', '{U-A1}', rack => 'R-2N'), pg_temp.device('PDU-B', '{U-B1}', rack => 'R-2N') \g /dev/null
SELECT pg_temp.outlets('PDU-A', 1, NULL, 'oA1', 'oA2'), pg_temp.outlets('PDU-B', 1, NULL, 'oB1', 'oB2'),
	pg_temp.device('two', '{oA1,oB1}', 100, rack => 'R-2N'), pg_temp.device('one side', '{oA2}', 100) \g /dev/null
SELECT * FROM pg_temp.devices('meet', 'two', 'one side', 'PDU-A', 'PDU-B');
-- Both racks are labelled 2N; the first goes dark with M.
SELECT * FROM pg_temp.racks_are('R-meet', 'R-2N');

-- 3N/2: two of three cords are needed, so any two roots' feeds will do; of the three
-- choices the first by name. With three needed, one will do; with one, all three.
SELECT pg_temp.panels('T-A', 'T-B', 'T-C') \g /dev/null
SELECT pg_temp.feed('T-' || p, 'T-' || p || '1') FROM unnest('{A,B,C}'::text[]) AS p \g /dev/null
SELECT pg_temp.device(n || ' of 3', '{T-A1,T-B1,T-C1}', 10, n) FROM generate_series(1, 3) AS n \g /dev/null
SELECT * FROM pg_temp.devices('1 of 3', '2 of 3', '3 of 3');

-- A chassis with three cords on each side. Where it needs three of the six, either
-- side will do; where it needs four, it takes both. With seven it is dark.
SELECT pg_temp.device('chassis ' || n, '{U-A1,U-A1,U-A1,U-B1,U-B1,U-B1}', 10, n) FROM unnest('{3,4,7}'::int[]) AS n \g /dev/null
SELECT * FROM pg_temp.devices('chassis 3', 'chassis 4', 'chassis 7');

-- A rack transfer switch stands on two feeds, and what hangs on it stands on the
-- switch: each panel and feed may be taken out, but the switch may fail.
SELECT pg_temp.racks('R-RTS'), pg_temp.device('RTS', '{U-A1,U-B1}', rack => 'R-RTS') \g /dev/null
SELECT pg_temp.outlets('RTS', 1, 2, 'rts1'), pg_temp.device('on RTS', '{rts1}', 10, rack => 'R-RTS') \g /dev/null
SELECT * FROM pg_temp.devices('RTS', 'on RTS');
SELECT * FROM pg_temp.racks_are('R-RTS');

-- A rack PDU with an inlet from each side: both cords in it fall with it alone, by
-- whichever inlets. With two such PDUs, what hangs on one inlet of each is as safe as
-- any 2N; and what hangs on all four still falls with the two.
SELECT pg_temp.device('X', '{U-A1,U-B1}'), pg_temp.device('Y', '{U-A1,U-B1}') \g /dev/null
SELECT pg_temp.outlets('X', 1, NULL, 'xa1', 'xa2', 'xa3'), pg_temp.outlets('X', 2, NULL, 'xb1', 'xb2'),
	pg_temp.outlets('Y', 1, NULL, 'ya1'), pg_temp.outlets('Y', 2, NULL, 'yb1', 'yb2') \g /dev/null
SELECT pg_temp.device('both in X', '{xa1,xb1}', 10), pg_temp.device('X and Y', '{xa2,yb1}', 10), pg_temp.device('all of X and Y', '{xa3,xb2,ya1,yb2}', 10) \g /dev/null
SELECT * FROM pg_temp.devices('X', 'both in X', 'X and Y', 'all of X and Y');

-- A strip with a second inlet, which feeds nothing, on an outlet of the strip behind it:
-- it is above itself, but does not count among what takes it down.
SELECT pg_temp.device('S1', '{U-A1}') \g /dev/null
SELECT pg_temp.outlets('S1', 1, NULL, 's1'), pg_temp.device('S2', '{s1}') \g /dev/null
SELECT pg_temp.outlets('S2', 1, NULL, 's2') \g /dev/null
INSERT INTO power_port (device_id, name) VALUES (device_id('S1'), 'in 2');
INSERT INTO cable (power_outlet_id, power_port_id) SELECT test.outlet('s2'), id FROM power_port WHERE device_id = device_id('S1') AND name = 'in 2';
SELECT * FROM pg_temp.devices('S1', 'S2');

-- L1 feeds L3 and L4, L2 feeds L4 only. Where the first way takes L1 by L4, it has to
-- make room for the second.
SELECT pg_temp.panels('L1', 'L2', 'L3', 'L4') \g /dev/null
SELECT pg_temp.feed('L1', 'L1-3', 'L3', 100), pg_temp.feed('L1', 'L1-4', 'L4', 100), pg_temp.feed('L2', 'L2-4', 'L4', 100),
	pg_temp.feed('L3', 'L3-s'), pg_temp.feed('L4', 'L4-s'), pg_temp.device('mesh', '{L3-s,L4-s}', 10) \g /dev/null
SELECT * FROM pg_temp.devices('mesh');
-- without the second root, the first is all there is
BEGIN;
UPDATE power_feed SET status = 'offline' WHERE name = 'L2-4';
SELECT * FROM pg_temp.devices('mesh');
ROLLBACK;

-- Four roots; and five, of which nobody needs to be told.
SELECT pg_temp.panels('Q1', 'Q2', 'Q3', 'Q4', 'Q5'), pg_temp.racks('R-five') \g /dev/null
SELECT pg_temp.feed('Q' || n, 'Q' || n || 's') FROM generate_series(1, 5) AS n \g /dev/null
SELECT pg_temp.device('four', '{Q1s,Q2s,Q3s,Q4s}', 10), pg_temp.device('five', '{Q1s,Q2s,Q3s,Q4s,Q5s}', 10, rack => 'R-five'),
	pg_temp.device('2 of 5', '{Q1s,Q2s,Q3s,Q4s,Q5s}', 10, 2) \g /dev/null
SELECT * FROM pg_temp.devices('four', 'five', '2 of 5');
SELECT failures IS NULL AS unknown FROM device_redundancy(device_id('five'));
SELECT * FROM pg_temp.racks_are('R-five');

-- A 2N pair at 60 percent: A1 and B1 carry 1,200 of 2,000 VA, and so either opens
-- when the other is lost. The cool pair carries 400, and 800 without one side; what is
-- too much in another rack is no matter of its.
SELECT pg_temp.panels('H-A', 'H-B'), pg_temp.racks('R-hot', 'R-cool') \g /dev/null
SELECT pg_temp.feed('H-' || upper(p), 'H-' || upper(p) || n, rack => CASE n WHEN 1 THEN 'R-hot' ELSE 'R-cool' END, path => p::power_path)
FROM generate_series(1, 2) AS n, unnest('{a,b}'::text[]) AS p \g /dev/null
SELECT pg_temp.device('hot', '{H-A1,H-B1}', 1200, rack => 'R-hot'), pg_temp.device('cool', '{H-A2,H-B2}', 400, rack => 'R-cool') \g /dev/null
SELECT * FROM pg_temp.devices('hot', 'cool');
SELECT * FROM pg_temp.racks_are('R-hot', 'R-cool');
-- 800 VA, and 1,600 of the 1,600 that a feed may carry; 850, and 1,700, which is too
-- much for long, but opens nothing: not maintainable, and it stays on
BEGIN;
UPDATE power_port SET allocated_draw = 800 WHERE device_id = device_id('hot');
SELECT * FROM pg_temp.racks_are('R-hot');
UPDATE power_port SET allocated_draw = 850 WHERE device_id = device_id('hot');
SELECT * FROM pg_temp.racks_are('R-hot');
SELECT * FROM pg_temp.devices('hot');
-- by the maximum draws again 1,200
SET LOCAL powerpanel.load_basis = maximum;
UPDATE power_port SET maximum_draw = 1200 WHERE device_id = device_id('hot');
SELECT * FROM pg_temp.devices('hot');
ROLLBACK;
-- Above each side a feeder of 15 A, 3,000 VA, carries 1,600, and 3,200 when the other
-- side is lost. H-A1 or H-B1 is below it and opens first, which relieves it, and saves
-- the cool pair. Made large enough, 20 A, they stay closed, and the feeder opens.
BEGIN;
SELECT pg_temp.panels('H up A', 'H up B') \g /dev/null
SELECT pg_temp.feed('H up ' || p, 'to H-' || p, 'H-' || p, 15) FROM unnest('{A,B}'::text[]) AS p \g /dev/null
SELECT * FROM pg_temp.devices('hot', 'cool');
UPDATE power_feed SET amperage = 20 WHERE name IN ('H-A1', 'H-B1');
SELECT * FROM pg_temp.devices('hot', 'cool');
SELECT * FROM pg_temp.racks_are('R-hot', 'R-cool');
ROLLBACK;
-- 2,100 of 2,000 VA already now: it opens though nothing fails
BEGIN;
UPDATE power_port SET allocated_draw = 2100 WHERE device_id = device_id('cool');
SELECT * FROM pg_temp.devices('cool');
ROLLBACK;

-- A supply of 150 W carries the 100 of each, but not the 200 of both; nor does a bank
-- of 0.75 A, 150 VA.
BEGIN;
UPDATE power_port SET maximum_draw = 150 WHERE device_id = device_id('two');
SELECT * FROM pg_temp.racks_are('R-2N');
UPDATE power_port SET maximum_draw = NULL WHERE device_id = device_id('two');
INSERT INTO power_bank (device_id, name, power_port_id, amperage, max_utilization)
SELECT device_id, 'bank', id, 1, 75 FROM power_port WHERE device_id = device_id('PDU-A');
UPDATE power_outlet SET power_bank_id = (SELECT id FROM power_bank WHERE name = 'bank') WHERE name = 'oA1';
SELECT * FROM pg_temp.racks_are('R-2N');
ROLLBACK;

-- A generator that takes over is one more thing that must fail. Where its feeder is
-- too small (1 A), that comes to light when the utility is out, though the feeder
-- carries nothing now.
SELECT pg_temp.panels('G util', 'G gen', 'G ATS'), pg_temp.racks('R-gen') \g /dev/null
SELECT pg_temp.feed('G util', 'from util', 'G ATS'), pg_temp.feed('G gen', 'from gen', 'G ATS', type => 'redundant'),
	pg_temp.feed('G ATS', 'G1'), pg_temp.feed('G ATS', 'G2'), pg_temp.device('gen', '{G1,G2}', 100, rack => 'R-gen') \g /dev/null
-- both of its feeds leave the ATS, and G ATS alone takes it down
SELECT * FROM pg_temp.devices('gen');
BEGIN;
SELECT pg_temp.feed('N', 'N3'), pg_temp.device('gen+', '{G1,N3}', 300, rack => 'R-gen') \g /dev/null
DELETE FROM device WHERE name = 'gen';
SELECT * FROM pg_temp.devices('gen+');
SELECT * FROM pg_temp.racks_are('R-gen');
UPDATE power_feed SET amperage = 1 WHERE name = 'from gen';
SELECT * FROM pg_temp.racks_are('R-gen');
ROLLBACK;

-- A circuit whose failure is worse than its panel's. With K-A1 off, K-B1 carries 1,600 of
-- k and 600 of k2, opens at 2,000, and both are dark; with all of K-A off, k2 is dark for
-- want of its second cord, and 1,600 stay. A K-B1 of 12 A, 2,400 VA, bears it.
SELECT pg_temp.panels('K-A', 'K-B') \g /dev/null
SELECT pg_temp.feed('K-A', 'K-A1'), pg_temp.feed('K-A', 'K-A2'), pg_temp.feed('K-B', 'K-B1'),
	pg_temp.device('k', '{K-A1,K-B1}', 800), pg_temp.device('k2', '{K-A2,K-B1}', 600, needed => 2) \g /dev/null
SELECT * FROM pg_temp.devices('k', 'k2');
BEGIN;
UPDATE power_feed SET amperage = 12 WHERE name = 'K-B1';
SELECT * FROM pg_temp.devices('k', 'k2');
ROLLBACK;

-- One device or rack: the same as of all.
SELECT count(*) AS differ FROM device AS d, device_redundancy(d.id) AS r LEFT JOIN device_redundancy() AS a USING (device_id, name)
WHERE (r.min_failures, r.failures, r.failure_names, r.survives_any_one) IS DISTINCT FROM (a.min_failures, a.failures, a.failure_names, a.survives_any_one);
SELECT count(*) AS differ FROM rack AS k, rack_redundancy(k.id) AS r LEFT JOIN rack_redundancy() AS a USING (rack_id, name)
WHERE (r.devices, r.labelled, r.min_failures, r.maintainable, r.fault_tolerant) IS DISTINCT FROM (a.devices, a.labelled, a.min_failures, a.maintainable, a.fault_tolerant);

-- A main breaker that opens now, and takes 2,000 devices down, does so in each outage
-- of one of 2,000 feeds. That is worked out once, as contingency() does it, and so it
-- takes about as long, and not as long as 4,000,000 devices.
BEGIN;
DELETE FROM device;
DELETE FROM power_feed;
DELETE FROM power_panel;
SELECT pg_temp.panels('Large') \g /dev/null
UPDATE power_panel SET voltage = 200, main_breaker_amperage = 10;
INSERT INTO power_feed (name, power_panel_id, status, voltage) SELECT 'L' || n, panel_id('Large'), 'active', 200 FROM generate_series(1, 2000) AS n;
INSERT INTO device (name, rack_id) SELECT 'L' || n, rack_id('R-gen') FROM generate_series(1, 2000) AS n;
INSERT INTO power_port (name, device_id, allocated_draw) SELECT name, id, 100 FROM device;
INSERT INTO cable (power_feed_id, power_port_id) SELECT f.id, q.id FROM power_port AS q JOIN power_feed AS f USING (name);
SELECT min_failures, survives_any_one, count(*) FROM device_redundancy() GROUP BY 1, 2;
SELECT name, devices, min_failures, maintainable, fault_tolerant FROM rack_redundancy() WHERE devices > 0;
-- the shortest of three runs, whatever else the machine does
CREATE FUNCTION pg_temp.milliseconds(query text) RETURNS float LANGUAGE plpgsql AS $$
DECLARE
	shortest float := 'Infinity';
	since timestamptz;
BEGIN
	FOR i IN 1 .. 3 LOOP
		since := clock_timestamp();
		EXECUTE query;
		shortest := least(shortest, 1000 * extract(epoch FROM clock_timestamp() - since));
	END LOOP;
	RETURN shortest;
END $$;
SELECT pg_temp.milliseconds('SELECT powerpanel.device_redundancy()') < 10 * pg_temp.milliseconds('SELECT powerpanel.contingency()') AS once;
ROLLBACK;
DELETE FROM device;
DELETE FROM power_feed;
DELETE FROM power_panel;
DELETE FROM rack;
DELETE FROM location;
