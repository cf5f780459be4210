-- power_cases: loads as an electrician reckons them. Every case is small enough to
-- work out by hand, and is, in the comment above it. All power factors are 1.00, so
-- that VA are W. Voltages are line to line; to neutral they are V / 1.732, and
-- the available power of a three-phase feed is V * A * 0.8 * 1.732.
SET search_path = powerpanel, pg_temp;
SELECT test.limit_time() \gset

SET client_min_messages = warning;	-- 19 has notices about temporary views
CREATE FUNCTION pg_temp.n(double precision) RETURNS numeric LANGUAGE sql AS 'SELECT round($1::numeric, 2)';
CREATE FUNCTION pg_temp.panel_id(text) RETURNS uuid LANGUAGE sql AS 'SELECT id FROM powerpanel.power_panel WHERE name = $1';
CREATE FUNCTION pg_temp.feed_id(text) RETURNS uuid LANGUAGE sql AS 'SELECT id FROM powerpanel.power_feed WHERE name = $1';
CREATE FUNCTION pg_temp.rack_id(text) RETURNS uuid LANGUAGE sql AS 'SELECT id FROM powerpanel.rack WHERE name = $1';
CREATE FUNCTION pg_temp.device_id(text) RETURNS uuid LANGUAGE sql AS 'SELECT id FROM powerpanel.device WHERE name = $1';
CREATE FUNCTION pg_temp.panel(name text, voltage int DEFAULT 208, main int DEFAULT NULL, type panel_type DEFAULT NULL,
	bus panel_bus DEFAULT 'three-phase', path power_path DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_panel (name, location_id, circuit_positions, voltage, main_breaker_amperage, panel_type, bus, power_path)
	SELECT $1, id, 42, $2, $3, $4, $5, $6 FROM powerpanel.location $$;
-- position 0 is none
CREATE FUNCTION pg_temp.feed(panel text, name text, phase phase, voltage int, amperage int, "position" int, poles int,
	destination text DEFAULT NULL, path power_path DEFAULT NULL, rack text DEFAULT NULL, supply supply DEFAULT 'ac', connected int DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_feed (power_panel_id, name, status, phase, voltage, amperage, breaker_position, breaker_pole_count,
		destination_panel_id, power_path, rack_id, supply, connected_load)
	SELECT pg_temp.panel_id($1), $2, 'active', $3, $4, $5, NULLIF($6, 0), NULLIF($7, 0), pg_temp.panel_id($8), $9,
		pg_temp.rack_id($10), $11, $12 $$;
CREATE FUNCTION pg_temp.device(name text, rack text DEFAULT NULL, needed int DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.device (name, rack_id, needed_ports) VALUES ($1, pg_temp.rack_id($2), $3) $$;
CREATE FUNCTION pg_temp.port(device text, name text, allocated int DEFAULT NULL, maximum int DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_port (device_id, name, allocated_draw, maximum_draw, power_factor)
	VALUES (pg_temp.device_id($1), $2, $3, $4, 1.00) $$;
CREATE FUNCTION pg_temp.port_id(device text, name text) RETURNS uuid LANGUAGE sql AS $$
	SELECT id FROM powerpanel.power_port WHERE device_id = pg_temp.device_id($1) AND name = $2 $$;
CREATE FUNCTION pg_temp.bank(device text, name text, inlet text, amperage int, leg feed_leg DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_bank (device_id, name, power_port_id, amperage, feed_leg)
	VALUES (pg_temp.device_id($1), $2, pg_temp.port_id($1, $3), $4, $5) $$;
CREATE FUNCTION pg_temp.outlet(device text, name text, inlet text, leg feed_leg DEFAULT NULL, bank text DEFAULT NULL, alternate text DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.power_outlet (device_id, name, power_port_id, feed_leg, power_bank_id, alternate_power_port_id)
	VALUES (pg_temp.device_id($1), $2, pg_temp.port_id($1, $3), $4,
		(SELECT id FROM powerpanel.power_bank b WHERE b.device_id = pg_temp.device_id($1) AND b.name = $5), pg_temp.port_id($1, $6)) $$;
CREATE FUNCTION pg_temp.plug_feed(feed text, device text, port text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.cable (power_feed_id, power_port_id) VALUES (pg_temp.feed_id($1), pg_temp.port_id($2, $3)) $$;
CREATE FUNCTION pg_temp.plug(strip text, outlet text, device text, port text) RETURNS void LANGUAGE sql AS $$
	INSERT INTO powerpanel.cable (power_outlet_id, power_port_id)
	SELECT id, pg_temp.port_id($3, $4) FROM powerpanel.power_outlet WHERE device_id = pg_temp.device_id($1) AND name = $2 $$;
-- a device with one cord, plugged into an outlet, or into a feed
CREATE FUNCTION pg_temp.server(strip text, outlet text, name text, watts int, rack text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
	SELECT pg_temp.device($3, $5); SELECT pg_temp.port($3, 'psu', $4); SELECT pg_temp.plug($1, $2, $3, 'psu') $$;
CREATE FUNCTION pg_temp.server(feed text, name text, watts int) RETURNS void LANGUAGE sql AS $$
	SELECT pg_temp.device($2); SELECT pg_temp.port($2, 'psu', $3); SELECT pg_temp.plug_feed($1, $2, 'psu') $$;

CREATE VIEW pg_temp.feeds AS
SELECT name AS feed, pg_temp.n(allocated_va) AS va, available_power AS available, pg_temp.n(utilization) AS percent,
	pg_temp.n(amps) AS amps, pg_temp.n(amps_a) AS a, pg_temp.n(amps_b) AS b, pg_temp.n(amps_c) AS c
FROM feed_load();
CREATE VIEW pg_temp.panels AS
SELECT name AS panel, pg_temp.n(allocated_va) AS va, pg_temp.n(utilization) AS percent,
	pg_temp.n(phase_a_va) AS va_a, pg_temp.n(phase_b_va) AS va_b, pg_temp.n(phase_c_va) AS va_c,
	pg_temp.n(amps_a) AS a, pg_temp.n(amps_b) AS b, pg_temp.n(amps_c) AS c, pg_temp.n(imbalance) AS imbalance
FROM panel_load();
CREATE VIEW pg_temp.ports AS
SELECT device_name AS device, name AS port, pg_temp.n(allocated_va) AS va, pg_temp.n(rating_va) AS rating, pg_temp.n(utilization) AS percent
FROM port_load();
CREATE VIEW pg_temp.banks AS
SELECT device_name AS device, name AS bank, pg_temp.n(allocated_va) AS va, pg_temp.n(amps) AS amps, pg_temp.n(utilization) AS percent
FROM bank_load();
CREATE VIEW pg_temp.devices AS
SELECT name AS device, state, cabled_ports AS cabled, energized_ports AS energized, pg_temp.n(allocated_va) AS va FROM device_power();
CREATE VIEW pg_temp.warnings AS
SELECT rule, object, detail FROM check_integrity() WHERE severity = 'warning' AND rule <> 'powerpanel_owner';
CREATE FUNCTION pg_temp.outage(panels text[], feeds text[] DEFAULT '{}', devices text[] DEFAULT '{}',
	OUT kind text, OUT name text, OUT before text, OUT after text, OUT va_before numeric, OUT va_after numeric, OUT available numeric, OUT overloaded boolean)
RETURNS SETOF record LANGUAGE sql AS $$
	SELECT object_type, name, state_before, state_after, pg_temp.n(load_before), pg_temp.n(load_after), pg_temp.n(available), overloaded
	FROM powerpanel.simulate_outage(ARRAY(SELECT pg_temp.panel_id(x) FROM unnest(panels) x),
		ARRAY(SELECT pg_temp.feed_id(x) FROM unnest(feeds) x), ARRAY(SELECT pg_temp.device_id(x) FROM unnest(devices) x))
	ORDER BY object_type, name COLLATE "C" $$;
RESET client_min_messages;

INSERT INTO location (name) VALUES ('Hall');
INSERT INTO rack (name, location_id) SELECT 'R1', id FROM location;

-- Leg A of a rack PDU: 3,600 VA at 208 / 1.732 = 120.09 V are 29.98 A on a breaker
-- that may carry 24 for long. It has 208 * 30 * 0.8 * 1.732 = 8646 VA, 2882 a
-- phase: 3600 / 2882 = 124.91 %, though of all it has 42 %.
BEGIN;
SELECT pg_temp.panel('P', main => 225), pg_temp.feed('P', 'F', 'three-phase', 208, 30, 1, 3),
	pg_temp.device('strip'), pg_temp.port('strip', 'in'), pg_temp.plug_feed('F', 'strip', 'in'),
	pg_temp.outlet('strip', '1', 'in', 'A'), pg_temp.outlet('strip', '2', 'in', 'B'), pg_temp.server('strip', '1', 'server', 3600) \g /dev/null
SELECT * FROM pg_temp.feeds;
SELECT * FROM pg_temp.panels;
SELECT * FROM pg_temp.warnings;
ROLLBACK;

-- A delta strip of two banks, A-B and B-C, of 3,090 VA each. A load S between X and
-- Y puts S/2 + jS/(2 * 1.7321) on X and S/2 - jS/(2 * 1.7321) on Y. So A has
-- 1545 + j891.99, |A| = 1784.01 VA: 14.86 A. B has 1545 - j891.99 + 1545 + j891.99 =
-- 3090 VA: 25.73 A, and C as A. B: 3090 / 2882 = 107.22 %, of all 6180 / 8646 = 71 %.
-- Each bank: 3090 / 208 = 14.86 A of 20 * 0.8 = 16: 92.85 %.
BEGIN;
SELECT pg_temp.panel('P', main => 225), pg_temp.feed('P', 'F', 'three-phase', 208, 30, 1, 3),
	pg_temp.device('strip'), pg_temp.port('strip', 'in'), pg_temp.plug_feed('F', 'strip', 'in'),
	pg_temp.bank('strip', 'bank 1', 'in', 20, 'A-B'), pg_temp.bank('strip', 'bank 2', 'in', 20, 'B-C'),
	pg_temp.outlet('strip', '1', 'in', NULL, 'bank 1'), pg_temp.outlet('strip', '2', 'in', NULL, 'bank 2'),
	pg_temp.server('strip', '1', 's1', 3090), pg_temp.server('strip', '2', 's2', 3090) \g /dev/null
SELECT * FROM pg_temp.feeds;
SELECT * FROM pg_temp.panels;
SELECT * FROM pg_temp.banks ORDER BY bank;
SELECT * FROM pg_temp.warnings;
-- The leg of a bank goes before that of its outlets
UPDATE power_outlet SET feed_leg = 'C';
SELECT * FROM pg_temp.feeds;
-- Without a bank's, that of the outlets counts: 6180 VA on C, 51.46 A
UPDATE power_bank SET feed_leg = NULL;
SELECT * FROM pg_temp.feeds;
-- A bank without a leg takes its load from three phases: 3090 / (208 * 1.732) = 8.58 A
SELECT * FROM pg_temp.banks ORDER BY bank;
ROLLBACK;

-- Six circuits of 1,900 VA on phase A of an RPP behind a 60 A three-pole feeder:
-- 11,400 VA at 120.09 V, 94.93 A. The feeder has 208 * 60 * 0.8 * 1.732 = 17292 VA,
-- 5764 a phase: 197.78 %. Positions 1, 7, 13, .. are phase A. A circuit has 120 *
-- 20 * 0.8 = 1920 VA: 98.96 %, 15.83 A. Imbalance: phases 11400, 0, 0, mean 3800: 200 %.
BEGIN;
SELECT pg_temp.panel('PDU', main => 225), pg_temp.panel('RPP'), pg_temp.feed('PDU', 'to RPP', 'three-phase', 208, 60, 1, 3, 'RPP') \g /dev/null
SELECT pg_temp.feed('RPP', 'C' || i, 'single-phase', 120, 20, i * 6 - 5, 1), pg_temp.server('C' || i, 's' || i, 1900) FROM generate_series(1, 6) i \g /dev/null
SELECT * FROM pg_temp.feeds WHERE feed IN ('to RPP', 'C1') ORDER BY feed;
SELECT * FROM pg_temp.panels ORDER BY panel;
SELECT * FROM pg_temp.warnings ORDER BY rule, object;

-- The same behind a 480 V primary, 40 A, through delta and wye: the RPP's phase A
-- hangs between A and B above. 11400 / 1.7321 = 6581.79 VA on each of these, at
-- 480 / 1.732 = 277.14 V: 23.75 A on A and B, nothing on C. Their real parts are
-- 5700 each. It has 480 * 40 * 0.8 * 1.732 = 26604 VA, 8868 a phase: 74.22 %.
-- Of the main, 480 * 225 * 1.732 / 3 = 62352 a phase: 10.56 %.
UPDATE power_panel SET voltage = 480 WHERE name = 'PDU';
UPDATE power_feed SET voltage = 480, amperage = 40 WHERE name = 'to RPP';
SELECT * FROM pg_temp.feeds WHERE feed = 'to RPP';
SELECT * FROM pg_temp.panels ORDER BY panel;
-- Through a second transformer, 4160 V above: A has 6581.79 VA at 30 degrees, B the
-- same at -30. Between A and B, and B and C: A gets 11400/3 = 3800 at 60 degrees,
-- B 3800 at 0 and 0 = 7600, C 3800 at -60. At 4160 / 1.732 = 2401.85 V: 1.58, 3.16, 1.58 A;
-- the real parts are 1900, 7600, 1900.
SELECT pg_temp.panel('Main', 4160), pg_temp.feed('Main', 'to PDU', 'three-phase', 4160, 20, 1, 3, 'PDU') \g /dev/null
SELECT * FROM pg_temp.feeds WHERE feed = 'to PDU';
SELECT * FROM pg_temp.panels WHERE panel = 'Main';

-- Below a UPS: what it takes from above is even, 3800 VA on each phase, at 208 V
-- 31.64 A: 3800 / 5764 = 65.93 %. Its own bus has all on A.
UPDATE power_panel SET voltage = 208 WHERE name = 'PDU';
UPDATE power_feed SET voltage = 208, amperage = 60 WHERE name = 'to RPP';
UPDATE power_panel SET panel_type = 'ups' WHERE name = 'RPP';
SELECT * FROM pg_temp.feeds WHERE feed = 'to RPP';
SELECT * FROM pg_temp.panels WHERE panel <> 'Main' ORDER BY panel;
ROLLBACK;

-- Two poles at 5 and 7 are phases C and A, in this order: C gets S/2 + jS/(2 * 1.7321),
-- A the other. With A-B at 1 and 3 of the same load, A has S/2 + jS/3.46 from A-B and
-- S/2 - jS/3.46 from C-A: S. 1,732 VA: A 1732, B and C 1000 VA; real parts 1732, 866, 866.
-- At 120.09 V 14.42, 8.33, 8.33 A; each circuit has 1732 / 208 = 8.33 A on its two.
BEGIN;
SELECT pg_temp.panel('P', main => 20), pg_temp.feed('P', 'A-B', 'single-phase', 208, 20, 1, 2), pg_temp.feed('P', 'C-A', 'single-phase', 208, 20, 5, 2),
	pg_temp.server('A-B', 's1', 1732), pg_temp.server('C-A', 's2', 1732) \g /dev/null
SELECT * FROM pg_temp.feeds ORDER BY feed;
SELECT * FROM pg_temp.panels;
ROLLBACK;

-- Split-phase, 120/240 V: 1,200 VA on A, 2,400 VA over two poles. A has 2400, B 1200
-- VA, at 120 V 20 and 10 A. The main has 240 * 25 = 6000 VA, 3000 a phase: 80 %.
BEGIN;
SELECT pg_temp.panel('House', 240, 25, bus => 'split-phase'), pg_temp.feed('House', 'light', 'single-phase', 120, 20, 1, 1),
	pg_temp.feed('House', 'stove', 'single-phase', 240, 20, 5, 2), pg_temp.server('light', 's1', 1200), pg_temp.server('stove', 's2', 2400) \g /dev/null
SELECT * FROM pg_temp.feeds ORDER BY feed;
SELECT * FROM pg_temp.panels;
ROLLBACK;

-- A -48 V bay: direct current has no power factor, VA are W, though the port says
-- 0.95. A router of 3,800 W on two fuses of 100 A: 1,900 of 48 * 100 * 0.8 = 3840 VA
-- each, 49.48 %, 39.58 A; on one, 3,800, 98.96 %. There are no phases.
BEGIN;
SELECT pg_temp.panel('BDFB-A', -48, 400, bus => 'dc', path => 'a'), pg_temp.panel('BDFB-B', -48, 400, bus => 'dc', path => 'b'),
	pg_temp.feed('BDFB-A', 'A5', 'single-phase', -48, 100, 5, 1, path => 'a', rack => 'R1', supply => 'dc'),
	pg_temp.feed('BDFB-B', 'B5', 'single-phase', -48, 100, 5, 1, path => 'b', rack => 'R1', supply => 'dc'),
	pg_temp.device('router', 'R1'), pg_temp.port('router', 'PEM 0', 1900), pg_temp.port('router', 'PEM 1', 1900),
	pg_temp.plug_feed('A5', 'router', 'PEM 0'), pg_temp.plug_feed('B5', 'router', 'PEM 1') \g /dev/null
UPDATE power_port SET power_factor = 0.95;
SELECT * FROM pg_temp.feeds ORDER BY feed;
SELECT * FROM pg_temp.panels ORDER BY panel;
SELECT * FROM pg_temp.outage('{BDFB-A}');
SELECT * FROM pg_temp.warnings;
ROLLBACK;

-- A chassis with four supplies that needs three, two on each path: one feed lost
-- leaves three, it is degraded; one path lost leaves two, it is dark and draws nothing.
-- 900 VA each; one lost, the other three carry 900 + 300.
BEGIN;
SELECT pg_temp.panel('PA'), pg_temp.panel('PB'), pg_temp.device('chassis', 'R1', 3) \g /dev/null
SELECT pg_temp.feed('P' || x, x || i, 'single-phase', 208, 20, i * 4 - 3, 2),
	pg_temp.port('chassis', x || i, 900), pg_temp.plug_feed(x || i, 'chassis', x || i) FROM (VALUES ('A'), ('B')) p (x), generate_series(1, 2) i \g /dev/null
SELECT * FROM pg_temp.outage('{}', '{A1}');
SELECT * FROM pg_temp.outage('{PA}');
SELECT object_type, name, devices FROM single_points_of_failure() ORDER BY object_type, name;
UPDATE device SET needed_ports = 2;
SELECT * FROM pg_temp.outage('{PA}') WHERE kind = 'device';
UPDATE device SET needed_ports = 5;
SELECT * FROM pg_temp.devices;
SELECT rule, object FROM pg_temp.warnings WHERE rule = 'device_dark';
ROLLBACK;

-- A rack transfer switch on two strips: 100 VA through strip A as long as that is on,
-- then through strip B. The console has one cord and no single point of failure
-- but the switch itself.
BEGIN;
SELECT pg_temp.panel('PA'), pg_temp.panel('PB') \g /dev/null
SELECT pg_temp.feed('P' || x, 'F' || x, 'single-phase', 208, 30, 1, 2), pg_temp.device('strip ' || x),
	pg_temp.port('strip ' || x, 'in'), pg_temp.plug_feed('F' || x, 'strip ' || x, 'in'), pg_temp.outlet('strip ' || x, '1', 'in') FROM (VALUES ('A'), ('B')) p (x) \g /dev/null
SELECT pg_temp.device('switch'), pg_temp.port('switch', 'in A'), pg_temp.port('switch', 'in B'),
	pg_temp.plug('strip A', '1', 'switch', 'in A'), pg_temp.plug('strip B', '1', 'switch', 'in B'),
	pg_temp.outlet('switch', '1', 'in A', alternate => 'in B'), pg_temp.server('switch', '1', 'console', 100) \g /dev/null
SELECT * FROM pg_temp.devices ORDER BY device;
SELECT * FROM pg_temp.outage('{}', devices => '{strip A}');
SELECT * FROM pg_temp.outage('{}', devices => '{strip B}');
SELECT * FROM pg_temp.outage('{PA}');
SELECT object_type, name, devices FROM single_points_of_failure() ORDER BY object_type, name;
-- A transfer switch with a draw of its own has it on the inlet that is in use
UPDATE power_port SET allocated_draw = 150 WHERE device_id = pg_temp.device_id('switch');
SELECT * FROM pg_temp.ports ORDER BY device, port;
ROLLBACK;

-- Two supplies of 800 W at most that share 1,400 W: the loss of one leaves 1,400 VA
-- on the other, 175 %, and the outage flags the device.
BEGIN;
SELECT pg_temp.panel('PA'), pg_temp.panel('PB'), pg_temp.feed('PA', 'FA', 'single-phase', 208, 20, 1, 2), pg_temp.feed('PB', 'FB', 'single-phase', 208, 20, 1, 2),
	pg_temp.device('server'), pg_temp.port('server', '1', 700, 800), pg_temp.port('server', '2', 700, 800),
	pg_temp.plug_feed('FA', 'server', '1'), pg_temp.plug_feed('FB', 'server', '2') \g /dev/null
SELECT * FROM pg_temp.ports ORDER BY port;
SELECT * FROM pg_temp.outage('{}', '{FA}');
UPDATE power_feed SET status = 'failed' WHERE name = 'FA';
SELECT * FROM pg_temp.ports ORDER BY port;
SELECT rule, object FROM pg_temp.warnings ORDER BY rule, object;
ROLLBACK;

-- A strip rated 2,400 W on a feed of 240 * 13 * 0.8 = 2496 VA that carries 2,800: both
-- are told. With a feed that is used in full, 3,120 VA, only the strip.
BEGIN;
SELECT pg_temp.panel('P', 240, 63, bus => 'single-phase'), pg_temp.feed('P', 'F', 'single-phase', 240, 13, 1, 1),
	pg_temp.device('strip'), pg_temp.port('strip', 'in', NULL, 2400), pg_temp.plug_feed('F', 'strip', 'in') \g /dev/null
SELECT pg_temp.outlet('strip', i::text, 'in'), pg_temp.server('strip', i::text, 's' || i, 350) FROM generate_series(1, 8) i \g /dev/null
SELECT * FROM pg_temp.ports WHERE device = 'strip';
SELECT rule, object FROM pg_temp.warnings ORDER BY rule, object;
UPDATE power_feed SET max_utilization = 100;
SELECT * FROM pg_temp.warnings;
ROLLBACK;

-- A bank of 20 A with 4,500 VA at 208 V: 21.63 A of 20 * 0.8 = 16, 135.22 %. The feed
-- has 208 * 30 = 6240 * 0.8 = 4992 VA: 90.14 %. At one leg of a three-phase strip
-- it would be 4500 / 120.09 = 37.47 A. Behind an outlet of one leg the strip
-- has one phase, whatever its banks say: 37.47 A again.
BEGIN;
SELECT pg_temp.panel('P', main => 225), pg_temp.feed('P', 'F', 'single-phase', 208, 30, 3, 2), pg_temp.feed('P', 'G', 'three-phase', 208, 60, 9, 3),
	pg_temp.device('strip'), pg_temp.port('strip', 'in'), pg_temp.plug_feed('F', 'strip', 'in'),
	pg_temp.bank('strip', 'A', 'in', 20, 'A'), pg_temp.bank('strip', 'B', 'in', 20, 'B'),
	pg_temp.outlet('strip', 'A1', 'in', NULL, 'A'), pg_temp.outlet('strip', 'B1', 'in', NULL, 'B'), pg_temp.server('strip', 'A1', 'server', 4500) \g /dev/null
SELECT * FROM pg_temp.feeds ORDER BY feed;
-- the panel is not told that bank A is phase A: 3 and 5 are B and C
SELECT * FROM pg_temp.panels;
SELECT * FROM pg_temp.banks ORDER BY bank;
SELECT * FROM pg_temp.warnings;
UPDATE cable SET power_feed_id = pg_temp.feed_id('G') WHERE power_feed_id IS NOT NULL;
SELECT * FROM pg_temp.banks ORDER BY bank;
DELETE FROM cable WHERE power_feed_id IS NOT NULL;
SELECT pg_temp.device('upper'), pg_temp.port('upper', 'in'), pg_temp.plug_feed('G', 'upper', 'in'),
	pg_temp.outlet('upper', '1', 'in', 'C'), pg_temp.plug('upper', '1', 'strip', 'in') \g /dev/null
SELECT * FROM pg_temp.banks ORDER BY bank;
UPDATE power_outlet SET feed_leg = 'A-C' WHERE device_id = pg_temp.device_id('upper');
SELECT * FROM pg_temp.banks ORDER BY bank;
UPDATE feed_status SET energized = false WHERE name = 'active';
SELECT * FROM pg_temp.banks ORDER BY bank;
ROLLBACK;

-- A strip whose outlets feed its own inner breakers: 100 VA once, one cord, and
-- no path that its cords would share. With a second cord there is one: both from P.
BEGIN;
SELECT pg_temp.panel('P', main => 225), pg_temp.feed('P', 'F', 'single-phase', 208, 30, 1, 2), pg_temp.feed('P', 'G', 'single-phase', 208, 30, 5, 2),
	pg_temp.device('strip'), pg_temp.port('strip', 'cord'), pg_temp.port('strip', 'CB1'), pg_temp.plug_feed('F', 'strip', 'cord'),
	pg_temp.outlet('strip', 'bus', 'cord'), pg_temp.plug('strip', 'bus', 'strip', 'CB1'),
	pg_temp.outlet('strip', '1', 'CB1'), pg_temp.server('strip', '1', 'server', 100) \g /dev/null
SELECT * FROM pg_temp.devices ORDER BY device;
SELECT * FROM pg_temp.feeds ORDER BY feed;
SELECT * FROM pg_temp.ports ORDER BY device, port;
SELECT * FROM pg_temp.warnings;
SELECT pg_temp.port('strip', 'cord 2'), pg_temp.plug_feed('G', 'strip', 'cord 2'), pg_temp.outlet('strip', '2', 'cord 2') \g /dev/null
SELECT * FROM pg_temp.warnings;
ROLLBACK;

-- Lights and chillers that nobody models as devices: 1,000 VA of light on A, a
-- chiller of 9,000 VA on three poles. A 1000 + 3000, B and C 3000 VA. The chiller:
-- 9000 / (208 * 1.732) = 24.98 A of 32 on each; the light 1000 / 120 = 8.33 A. A cable
-- or a destination goes before: with a server of 500 VA the light carries 500.
BEGIN;
SELECT pg_temp.panel('P', main => 100), pg_temp.feed('P', 'light', 'single-phase', 120, 20, 1, 1, connected => 1000),
	pg_temp.feed('P', 'chiller', 'three-phase', 208, 40, 2, 3, connected => 9000) \g /dev/null
SELECT * FROM pg_temp.feeds ORDER BY feed;
SELECT * FROM pg_temp.panels;
SELECT * FROM pg_temp.outage('{}', '{chiller}');
SELECT pg_temp.server('light', 'server', 500) \g /dev/null
SELECT * FROM pg_temp.feeds ORDER BY feed;
ROLLBACK;

-- powerpanel.load_basis: a port with only a maximum draw counts as nothing in the
-- allocated figures, and the audit says so; by maximum, 1,500 VA are 52.08 % of
-- 120 * 30 * 0.8 = 2880 VA.
BEGIN;
SELECT pg_temp.panel('P', main => 225), pg_temp.feed('P', 'F', 'single-phase', 120, 30, 1, 1, rack => 'R1'), pg_temp.device('server', 'R1'),
	pg_temp.port('server', 'psu', NULL, 1500), pg_temp.plug_feed('F', 'server', 'psu') \g /dev/null
UPDATE rack SET power_limit = 1400;
SELECT name, allocated_va, maximum_va, pg_temp.n(utilization) AS percent, pg_temp.n(amps) AS amps FROM feed_load();
SELECT name, devices_va, power_limit, allocated_va, maximum_va, pg_temp.n(utilization) AS percent FROM rack_power;
SELECT rule, object FROM pg_temp.warnings ORDER BY rule;
SET LOCAL powerpanel.load_basis = maximum;
SELECT name, allocated_va, maximum_va, pg_temp.n(utilization) AS percent, pg_temp.n(amps) AS amps FROM feed_load();
SELECT name, devices_va, power_limit, allocated_va, maximum_va, pg_temp.n(utilization) AS percent FROM rack_power;
SELECT * FROM pg_temp.outage('{P}');
SELECT * FROM pg_temp.warnings ORDER BY rule;
ROLLBACK;
SET powerpanel.load_basis = average;
RESET powerpanel.load_basis;

DELETE FROM rack;
DELETE FROM location;
