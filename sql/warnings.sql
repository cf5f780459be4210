-- What the audit warns of, each just beyond its limit and just within it. Power
-- factors are 1.00, so VA are W.
SET search_path = powerpanel, pg_temp;
BEGIN;
CREATE VIEW pg_temp.warnings AS
SELECT rule, severity, object_type, object, detail FROM check_integrity();

-- Utility -> A, Utility -> B; two racks' worth of feeds. 208 V * 30 A * 0.8 =
-- 4992 VA for one phase; 20 A: 3328 VA.
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) VALUES ('R1', test.location('Site'));
INSERT INTO power_panel (name, location_id, bus, power_path, circuit_positions)
VALUES ('Utility', test.location('Site'), 'single-phase', NULL, NULL), ('A', test.location('Site'), 'single-phase', 'a', 10),
	('B', test.location('Site'), 'single-phase', 'b', 10);
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

-- Asked for one rule, it tells of that rule only
SELECT rule, object FROM check_integrity(ARRAY['power_panel_off']) ORDER BY object;
SELECT count(*) FROM check_integrity(ARRAY['power_panel_overload']);
ROLLBACK;
