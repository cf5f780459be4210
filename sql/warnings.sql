-- What the audit warns of, each just beyond its limit and just within it. Power
-- factors are 1.00, so VA are W.
SET search_path = powerpanel, pg_temp;
BEGIN;
CREATE VIEW pg_temp.warnings AS
SELECT rule, severity, object_type, object, detail FROM check_integrity() ORDER BY rule, object, detail;
-- only what is asked about
CREATE FUNCTION pg_temp.told(VARIADIC rules text[]) RETURNS TABLE (object text, detail text)
LANGUAGE sql AS $$ SELECT object, detail FROM powerpanel.check_integrity(rules) ORDER BY object, detail $$;

-- Utility -> A, Utility -> B; two racks' worth of feeds. 208 V * 30 A * 0.8 =
-- 4992 VA for one phase; 20 A: 3328 VA.
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) VALUES ('R1', test.location('Site'));
INSERT INTO power_panel (name, location_id, panel_type, bus, power_path, circuit_positions)
VALUES ('Utility', test.location('Site'), 'utility', 'single-phase', NULL, NULL), ('A', test.location('Site'), NULL, 'single-phase', 'a', 10),
	('B', test.location('Site'), NULL, 'single-phase', 'b', 10);
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, power_path, voltage, amperage)
VALUES ('UA', test.panel('Utility'), test.panel('A'), 'active', 'a', 208, 30), ('UB', test.panel('Utility'), test.panel('B'), 'active', 'b', 208, 30);
INSERT INTO power_feed (name, power_panel_id, rack_id, status, power_path, voltage, amperage, breaker_position)
VALUES ('A1', test.panel('A'), test.rack('R1'), 'active', 'a', 208, 20, 1), ('B1', test.panel('B'), test.rack('R1'), 'active', 'b', 208, 20, 1);
INSERT INTO device (name, rack_id) VALUES ('S1', test.rack('R1'));
INSERT INTO power_port (name, device_id, allocated_draw, power_factor) VALUES ('S1 a', test.device('S1'), 3328, 1), ('S1 b', test.device('S1'), 100, 1);
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('A1'), test.port('S1 a')), (test.feed('B1'), test.port('S1 b'));
SELECT * FROM pg_temp.warnings;

-- power_feed_overload: 3328 of 3328 VA is not too much, 3329 is
UPDATE power_port SET allocated_draw = 3329 WHERE name = 'S1 a';
SELECT * FROM pg_temp.warnings;
UPDATE power_port SET allocated_draw = 1000 WHERE name = 'S1 a';

-- power_panel_overload: 208 V * 5 A = 1040 VA for 1040 W, then 1041
UPDATE power_panel SET voltage = 208, main_breaker_amperage = 5 WHERE name = 'A';
UPDATE power_port SET allocated_draw = 1040 WHERE name = 'S1 a';
SELECT * FROM pg_temp.warnings;
UPDATE power_port SET allocated_draw = 1041 WHERE name = 'S1 a';
SELECT * FROM pg_temp.warnings;
UPDATE power_port SET allocated_draw = 1000 WHERE name = 'S1 a';

-- power_feed_phase_poles: a three-phase feed on 2 poles, a single-phase one on
-- 3; not where the poles are not known
INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ('P3', test.location('Site'), 12);
INSERT INTO power_feed (name, power_panel_id, status, phase, breaker_pole_count)
VALUES ('three on 3', test.panel('P3'), 'planned', 'three-phase', 3), ('three on 2', test.panel('P3'), 'planned', 'three-phase', 2),
	('single on 2', test.panel('P3'), 'planned', 'single-phase', 2), ('single on 3', test.panel('P3'), 'planned', 'single-phase', 3),
	('three on ?', test.panel('P3'), 'planned', 'three-phase', NULL);
SELECT * FROM pg_temp.warnings ORDER BY object;
DELETE FROM power_feed WHERE power_panel_id = test.panel('P3');

-- power_feed_path: a feed on path b of a panel on path a; not where one is blank
INSERT INTO power_feed (name, power_panel_id, status, power_path) VALUES ('stray', test.panel('A'), 'planned', 'b'), ('blank', test.panel('A'), 'planned', NULL),
	('of blank', test.panel('P3'), 'planned', 'b');
SELECT * FROM pg_temp.warnings;
DELETE FROM power_feed WHERE name IN ('stray', 'blank', 'of blank');

-- rack_shared_path: B is fed from A instead, so that rack and device depend on
-- A; and a device with both cords in one PDU. The utility is a root: no matter
UPDATE power_feed SET power_panel_id = test.panel('A'), power_path = 'a' WHERE name = 'UB';
SELECT * FROM pg_temp.warnings ORDER BY object;
UPDATE power_feed SET power_panel_id = test.panel('Utility'), power_path = 'b' WHERE name = 'UB';
INSERT INTO device (name) VALUES ('PDU'), ('S2');
INSERT INTO power_port (name, device_id) VALUES ('in', test.device('PDU')), ('S2 a', test.device('S2')), ('S2 b', test.device('S2'));
INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('o1', test.device('PDU'), test.port('in')), ('o2', test.device('PDU'), test.port('in'));
INSERT INTO power_feed (name, power_panel_id, status, power_path, breaker_position) VALUES ('A2', test.panel('A'), 'active', 'a', 2);
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('A2'), test.port('in'));
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('o1'), test.port('S2 a')), (test.outlet('o2'), test.port('S2 b'));
SELECT * FROM pg_temp.warnings;
DELETE FROM device WHERE name = 'S2';

-- power_outlet_unassigned
INSERT INTO power_outlet (name, device_id) VALUES ('dead', test.device('PDU'));
SELECT * FROM pg_temp.warnings;
DELETE FROM device WHERE name = 'PDU';

-- power_panel_imbalance: phases of 1200, 1000, 800 VA are 20 percent from their
-- mean, 1201 of 3001 is more
INSERT INTO power_feed (name, power_panel_id, status, voltage, amperage, breaker_position)
VALUES ('I1', test.panel('P3'), 'active', 208, 30, 1), ('I2', test.panel('P3'), 'active', 208, 30, 3), ('I3', test.panel('P3'), 'active', 208, 30, 5);
INSERT INTO device (name) VALUES ('D1'), ('D2'), ('D3');
INSERT INTO power_port (name, device_id, allocated_draw, power_factor) VALUES ('d1', test.device('D1'), 1200, 1), ('d2', test.device('D2'), 1000, 1), ('d3', test.device('D3'), 800, 1);
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('I1'), test.port('d1')), (test.feed('I2'), test.port('d2')), (test.feed('I3'), test.port('d3'));
SELECT * FROM pg_temp.warnings;
UPDATE power_port SET allocated_draw = 1201 WHERE name = 'd1';
SELECT * FROM pg_temp.warnings;
DELETE FROM device WHERE name LIKE 'D_';
DELETE FROM power_feed WHERE name LIKE 'I_';

-- power_panel_off: a planned feed enters the utility, and so it is no root and
-- not energized, nor is what it feeds
INSERT INTO power_panel (name, location_id) VALUES ('Planned utility', test.location('Site'));
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('planned', test.panel('Planned utility'), test.panel('Utility'), 'planned');
SELECT * FROM pg_temp.warnings ORDER BY object;

DELETE FROM power_feed WHERE name = 'planned';
DELETE FROM device;
DELETE FROM power_feed WHERE power_panel_id <> test.panel('Utility');

-- power_feed_overload by phase. Delta strip: banks A-B and B-C of 3090 VA each. Lines
-- of 3090 / 208 = 14.9 A; B carries 3090 * sqrt(3) VA between lines, 25.7 A, and may
-- carry 24. power_bank_overload: 3090 / 208 = 14.86 A of 16 is in order, 3329 VA is not.
-- power_port_overload: the strip is rated 6000 W and carries 6180.
UPDATE power_panel SET voltage = 208, bus = 'three-phase', main_breaker_amperage = NULL WHERE name = 'A';
INSERT INTO power_feed (name, power_panel_id, rack_id, status, phase, power_path, voltage, amperage, breaker_position, breaker_pole_count)
VALUES ('delta', test.panel('A'), test.rack('R1'), 'active', 'three-phase', 'a', 208, 30, 1, 3);
INSERT INTO device (name, rack_id) VALUES ('strip', test.rack('R1')), ('x', test.rack('R1')), ('y', test.rack('R1'));
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor) VALUES ('in', test.device('strip'), 6000, NULL, 1), ('x', test.device('x'), NULL, 3090, 1), ('y', test.device('y'), NULL, 3090, 1);
INSERT INTO power_bank (name, device_id, power_port_id, amperage, feed_leg) VALUES ('AB', test.device('strip'), test.port('in'), 20, 'A-B'), ('BC', test.device('strip'), test.port('in'), 20, 'B-C');
INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id) SELECT 'o' || b.name, b.device_id, b.power_port_id, b.id FROM power_bank b;
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('delta'), test.port('in'));
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('oAB'), test.port('x')), (test.outlet('oBC'), test.port('y'));
SELECT * FROM pg_temp.told('power_feed_overload', 'power_port_overload', 'power_bank_overload');
UPDATE power_port SET allocated_draw = 3329 WHERE name = 'x';
SELECT * FROM pg_temp.told('power_bank_overload');
-- rack_overload: 6419 VA
UPDATE rack SET power_limit = 6419;
SELECT * FROM pg_temp.told('rack_overload');
UPDATE rack SET power_limit = 6418;
SELECT * FROM pg_temp.told('rack_overload');
-- power_port_leg: both banks on one leg; not where one is on another
UPDATE power_bank SET feed_leg = 'B-C';
SELECT * FROM pg_temp.told('power_port_leg');
UPDATE power_bank SET feed_leg = 'A' WHERE name = 'AB';
SELECT * FROM pg_temp.told('power_port_leg');
-- powerpanel.load_basis = maximum goes by the other figure
UPDATE power_port SET maximum_draw = 4000 WHERE name = 'y';
SELECT object FROM pg_temp.told('power_bank_overload');
SET LOCAL powerpanel.load_basis = maximum;
SELECT object FROM pg_temp.told('power_bank_overload');
SET LOCAL powerpanel.load_basis = allocated;
-- device_dark: by a status, a cable that is not there, an outlet that names no inlet,
-- and too few ports
SAVEPOINT lit;
UPDATE power_feed SET status = 'planned' WHERE name = 'delta';
SELECT * FROM pg_temp.told('device_dark');
ROLLBACK TO lit;
UPDATE power_feed SET status = 'offline' WHERE name = 'UA';
SELECT * FROM pg_temp.told('device_dark');
ROLLBACK TO lit;
DELETE FROM cable WHERE power_feed_id IS NOT NULL;
SELECT * FROM pg_temp.told('device_dark');
ROLLBACK TO lit;
UPDATE power_outlet SET power_port_id = NULL, power_bank_id = NULL WHERE name = 'oAB';
SELECT * FROM pg_temp.told('device_dark');
ROLLBACK TO lit;
UPDATE device SET needed_ports = 2 WHERE name = 'x';
SELECT * FROM pg_temp.told('device_dark');
ROLLBACK TO lit;
-- a strip whose outlets feed its own inner breakers has one cord
INSERT INTO power_port (name, device_id) VALUES ('CB1', test.device('strip'));
INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('to CB1', test.device('strip'), test.port('in')), ('behind CB1', test.device('strip'), test.port('CB1'));
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('to CB1'), test.port('CB1'));
SELECT * FROM pg_temp.told('device_shared_path');
ROLLBACK TO lit;

-- power_feed_panel_voltage on a three-phase bus of 400 V: 400 between phases, 230.9 to
-- neutral, each within 5 percent; without a pole count either. Not of what
-- power_feed_panel_supply or power_feed_phase_poles tells of.
INSERT INTO power_panel (name, location_id, bus, voltage) VALUES ('V3', test.location('Site'), 'three-phase', 400), ('V2', test.location('Site'), 'split-phase', 240), ('V0', test.location('Site'), 'dc', -48);
INSERT INTO power_feed (name, power_panel_id, status, phase, supply, voltage, breaker_pole_count)
SELECT concat_ws(' ', p, v, poles, s), test.panel(p), 'planned', (ph || '-phase')::phase, s::supply, v, poles
FROM (VALUES ('V3', 'three', 'ac', 230, 3), ('V3', 'three', 'ac', 400, 3), ('V3', 'three', 'ac', 415, NULL), ('V3', 'single', 'ac', 230, 1), ('V3', 'single', 'ac', 400, 1), ('V3', 'single', 'ac', 400, 2),
	('V3', 'single', 'ac', 230, 2), ('V3', 'single', 'ac', 230, NULL), ('V3', 'single', 'ac', 400, NULL), ('V3', 'single', 'ac', 120, NULL), ('V3', 'single', 'ac', 120, 3), ('V3', 'single', 'dc', -48, 1),
	('V2', 'single', 'ac', 120, 1), ('V2', 'single', 'ac', 240, 2), ('V2', 'single', 'ac', 240, 1), ('V0', 'single', 'dc', -48, 1), ('V0', 'single', 'dc', 48, 1), ('V0', 'single', 'dc', -24, 1), ('V0', 'single', 'ac', 48, NULL), ('V0', 'three', 'dc', -48, NULL)) AS v (p, ph, s, v, poles);
SELECT * FROM pg_temp.told('power_feed_panel_voltage');
SELECT * FROM pg_temp.told('power_feed_panel_supply');

-- power_panel_transfer_primaries: two primaries into a transfer switch; one of them
-- redundant, or planned, is in order
INSERT INTO power_panel (name, location_id, panel_type) VALUES ('STS', test.location('Site'), 'transfer-switch');
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('S1', test.panel('A'), test.panel('STS'), 'active'), ('S2', test.panel('Utility'), test.panel('STS'), 'active');
SELECT * FROM pg_temp.told('power_panel_transfer_primaries');
UPDATE power_feed SET type = 'redundant' WHERE name = 'S2';
SELECT * FROM pg_temp.told('power_panel_transfer_primaries');

-- rack_shared_path: three feeds of three paths, of which two meet in A; the feed that
-- has no path says nothing. The nearest is named: A, not UA above it
INSERT INTO power_feed (name, power_panel_id, rack_id, status, power_path)
VALUES ('rb', test.panel('A'), test.rack('R1'), 'active', 'b'), ('rc', test.panel('Utility'), test.rack('R1'), 'active', 'c'), ('r-', test.panel('A'), test.rack('R1'), 'active', NULL);
SELECT * FROM pg_temp.told('rack_shared_path');
DELETE FROM power_feed WHERE name = 'rb';
SELECT * FROM pg_temp.told('rack_shared_path');

-- Asked for one rule, it tells of that rule only
SELECT DISTINCT rule FROM check_integrity(ARRAY['power_panel_off', 'rack_overload']) ORDER BY rule;
SELECT count(*) FROM check_integrity(ARRAY['power_panel_overload']);
ROLLBACK;
