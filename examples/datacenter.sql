-- examples/datacenter.sql: a small data centre, as in the picture in Nautobot's
-- documentation of power panels.
--
--	    Utility      Generator		480 V; the utility carries the load,
--	     |    \       /    |			the generator stands by
--	   ATS-A    \   /    ATS-B		(each transfer switch has both)
--	     |                 |
--	   UPS-A             UPS-B
--	     |                 |
--	   PDU-A             PDU-B		480 V to 208 V
--	     |                 |
--	   RPP-A             RPP-B		42 positions each
--	     | \             / |
--	     |   RACK-01, RACK-02		two rack PDUs each, dual-corded servers,
--							a chassis, a rack transfer switch
--
-- ATS-A also feeds LP-1, the panelboard of the building itself: lighting,
-- receptacles, cooling. It is nearly full.
--
-- Load it into a database that has the extension:
--
--	psql -f examples/datacenter.sql
--
-- Nothing here names a key: rows are inserted by the names of what they refer
-- to. Every INSERT is checked, so an inventory that breaks a rule of
-- powerpanel.rule does not load at all.

\set quiet_before :QUIET
\set QUIET on
\set ON_ERROR_STOP on

BEGIN;
SET LOCAL search_path = powerpanel, pg_temp;

-- Places: one tree -----------------------------------------------------------

INSERT INTO location (name) VALUES ('DC1');
INSERT INTO location (name, parent_id)
SELECT room, site.id
FROM (VALUES ('Yard'), ('Electrical Room A'), ('Electrical Room B'), ('Data Hall 1')) AS v (room)
	JOIN location site ON site.name = 'DC1';

INSERT INTO rack_group (name, location_id)
SELECT 'Row 1', id FROM location WHERE name = 'Data Hall 1';

INSERT INTO rack (name, location_id, rack_group_id)
SELECT rack, g.location_id, g.id
FROM (VALUES ('RACK-01'), ('RACK-02')) AS v (rack)
	JOIN rack_group g ON g.name = 'Row 1';

-- Panels ---------------------------------------------------------------------

INSERT INTO power_panel
	(name, location_id, rack_group_id, panel_type, power_path, voltage, main_breaker_amperage, circuit_positions, comments)
SELECT v.name, l.id, g.id, panel_type::panel_type, power_path::power_path, voltage, main, positions, v.comments
FROM (VALUES
	('Utility',   'Yard',              NULL,    'utility',         NULL, 480, 400, NULL, 'Service entrance, 480Y/277 V'),
	('Generator', 'Yard',              NULL,    'generator',       NULL, 480, 400, NULL, 'Diesel, 250 kW, 24 h of fuel'),
	('ATS-A',     'Electrical Room A', NULL,    'transfer-switch', 'a',  480, 200, NULL, NULL),
	('ATS-B',     'Electrical Room B', NULL,    'transfer-switch', 'b',  480, 200, NULL, NULL),
	('UPS-A',     'Electrical Room A', NULL,    'ups',             'a',  480, 100, NULL, '60 kVA, 10 min of battery'),
	('UPS-B',     'Electrical Room B', NULL,    'ups',             'b',  480, 100, NULL, '60 kVA, 10 min of battery'),
	('PDU-A',     'Electrical Room A', NULL,    'pdu',             'a',  208, 225, 42,   '75 kVA transformer, 480 V delta to 208Y/120 V'),
	('PDU-B',     'Electrical Room B', NULL,    'pdu',             'b',  208, 225, 42,   '75 kVA transformer, 480 V delta to 208Y/120 V'),
	('RPP-A',     'Data Hall 1',       'Row 1', 'rpp',             'a',  208, 225, 42,   'Left end of row 1'),
	('RPP-B',     'Data Hall 1',       'Row 1', 'rpp',             'b',  208, 225, 42,   'Right end of row 1'),
	('LP-1',      'Electrical Room A', NULL,    'panelboard',      NULL, 208, 125, 42,   'House loads, behind transformer T-LP1: 45 kVA, 480 V to 208Y/120 V')
) AS v (name, location, rack_group, panel_type, power_path, voltage, main, positions, comments)
	JOIN location l ON l.name = v.location
	LEFT JOIN rack_group g ON g.name = v.rack_group;

-- Feeds from panel to panel ----------------------------------------------------
--
-- Where the upstream panel has numbered positions, the breaker has a place.
-- Phases, occupied positions and available power follow from what is given.

INSERT INTO power_feed
	(name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage, breaker_position, breaker_pole_count)
SELECT 'To ' || destination, p.id, d.id, 'active', v.type::feed_type, v.power_path::power_path, 'three-phase', v.voltage, v.amperage, v.position, 3
FROM (VALUES
	('Utility',   'ATS-A', 'primary',   'a',  480, 200, NULL),
	('Utility',   'ATS-B', 'primary',   'b',  480, 200, NULL),
	('Generator', 'ATS-A', 'redundant', 'a',  480, 200, NULL),
	('Generator', 'ATS-B', 'redundant', 'b',  480, 200, NULL),
	('ATS-A',     'UPS-A', 'primary',   'a',  480, 100, NULL),
	('ATS-B',     'UPS-B', 'primary',   'b',  480, 100, NULL),
	('UPS-A',     'PDU-A', 'primary',   'a',  480, 100, NULL),
	('UPS-B',     'PDU-B', 'primary',   'b',  480, 100, NULL),
	('PDU-A',     'RPP-A', 'primary',   'a',  208, 225, 1),
	('PDU-B',     'RPP-B', 'primary',   'b',  208, 225, 1),
	('ATS-A',     'LP-1',  'primary',   NULL, 480, 70,  NULL)
) AS v (panel, destination, type, power_path, voltage, amperage, position)
	JOIN power_panel p ON p.name = v.panel
	JOIN power_panel d ON d.name = v.destination;

-- Feeds to the racks -----------------------------------------------------------
--
-- RACK-01 is 2N: two primary feeds, three-phase, each able to carry the whole
-- rack. RACK-02 is N+1 on two three-phase 15 A circuits, and it has outgrown
-- them: all is well while both paths are up, but one circuit alone cannot carry
-- the rack. RACK-03 is planned, and its breakers hold their places.

INSERT INTO power_feed
	(name, power_panel_id, rack_id, status, type, power_path, phase, voltage, amperage, breaker_position, breaker_pole_count, comments)
SELECT v.name, p.id, r.id, v.status, v.type::feed_type, p.power_path, 'three-phase', 208, v.amperage, v.position, 3, v.comments
FROM (VALUES
	('RACK-01-A', 'RPP-A', 'RACK-01', 'active',  'primary',   30, 1, 'L21-30R under the floor'),
	('RACK-01-B', 'RPP-B', 'RACK-01', 'active',  'primary',   30, 1, 'L21-30R under the floor'),
	('RACK-02-A', 'RPP-A', 'RACK-02', 'active',  'primary',   15, 2, 'L21-20R under the floor'),
	('RACK-02-B', 'RPP-B', 'RACK-02', 'active',  'redundant', 15, 2, 'L21-20R under the floor'),
	('RACK-03-A', 'RPP-A', NULL,      'planned', 'primary',   30, 7, 'Rack arrives next quarter'),
	('RACK-03-B', 'RPP-B', NULL,      'planned', 'primary',   30, 7, 'Rack arrives next quarter')
) AS v (name, panel, rack, status, type, amperage, position, comments)
	JOIN power_panel p ON p.name = v.panel
	LEFT JOIN rack r ON r.name = v.rack;

-- The circuits of LP-1 -----------------------------------------------------------
--
-- 1-pole breakers give 120 V, 2-pole ones 208 V, 3-pole ones 208 V three-phase.
-- Positions 39 to 42 are spaces. What lights and receptacles draw, which nobody
-- models as devices, is the connected load of their circuit, in VA.

INSERT INTO power_feed
	(name, power_panel_id, status, phase, voltage, amperage, breaker_position, breaker_pole_count, connected_load, comments)
SELECT v.name, p.id, v.status,
	CASE poles WHEN 3 THEN 'three-phase' ELSE 'single-phase' END::phase,
	CASE poles WHEN 1 THEN 120 ELSE 208 END,
	v.amperage, v.position, v.poles, v.connected_load, v.comments
FROM (VALUES
	-- left side
	( 1, 1, 20, 'active',  'Lighting data hall',      1400, NULL),
	( 3, 1, 20, 'active',  'Lighting emergency',       300, 'Lock-on device fitted'),
	( 5, 3, 30, 'active',  'CRAH-1',                  NULL, NULL),
	(11, 3, 30, 'active',  'CRAH-2',                  NULL, NULL),
	(17, 2, 20, 'active',  'Exhaust battery room',    NULL, 'Interlocked with hydrogen detector'),
	(21, 1, 20, 'active',  'Lighting electrical',      500, NULL),
	(23, 1, 20, 'active',  'Receptacles hall north',   400, NULL),
	(25, 1, 20, 'active',  'Receptacles hall south',   400, NULL),
	(27, 1, 20, 'active',  'Fire alarm panel',        NULL, 'Red, lock-on device fitted'),
	(29, 3, 40, 'active',  'Humidifier',              NULL, NULL),
	(35, 2, 30, 'active',  'Water heater',            NULL, NULL),
	-- right side
	( 2, 1, 20, 'active',  'Lighting corridor',        700, NULL),
	( 4, 1, 20, 'active',  'Lighting exterior',        600, 'Photocell'),
	( 6, 1, 20, 'active',  'Receptacles electrical',   300, NULL),
	( 8, 2, 20, 'active',  'Dock door',               NULL, NULL),
	(12, 3, 20, 'active',  'Exhaust fan EF-1',        NULL, NULL),
	(18, 1, 20, 'active',  'Building management',     NULL, NULL),
	(20, 1, 15, 'active',  'Access control',          NULL, NULL),
	(22, 2, 30, 'active',  'Unit heater UH-1',        NULL, NULL),
	(26, 1, 15, 'active',  'Leak detection',          NULL, NULL),
	(28, 1, 20, 'active',  'Receptacles NOC',          800, NULL),
	(30, 3, 30, 'planned', 'CRAH-3',                  NULL, 'Ordered, the breaker is in'),
	(36, 1, 20, 'offline', 'Sump pump',               NULL, 'Locked out, pump removed for repair'),
	(38, 1, 20, 'active',  'Receptacles roof',         180, 'GFCI')
) AS v (position, poles, amperage, status, name, connected_load, comments)
	JOIN power_panel p ON p.name = 'LP-1';

-- Equipment wired to LP-1: a device with one power port, joined to its circuit
-- by a cable. Draws are in W.

CREATE TEMPORARY TABLE house (circuit text, maximum int, allocated int, power_factor numeric) ON COMMIT DROP;
INSERT INTO house VALUES
	('CRAH-1',               7200, 5500, 0.85),
	('CRAH-2',               7200, 5500, 0.85),
	('Humidifier',           9600, 6000, 1.00),
	('Water heater',         4500, 3000, 1.00),
	('Unit heater UH-1',     4000, 2500, 1.00),
	('Exhaust fan EF-1',     3000, 2200, 0.80),
	('Exhaust battery room', 1500, 1100, 0.80),
	('Dock door',            1800,  400, 0.75),
	('Building management',   600,  350, 0.95),
	('Fire alarm panel',      400,  150, 0.95),
	('Access control',        500,  250, 0.95),
	('Leak detection',        100,   40, 0.95);

INSERT INTO device (name) SELECT circuit FROM house;
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor)
SELECT 'Line', d.id, h.maximum, h.allocated, h.power_factor
FROM house h JOIN device d ON d.name = h.circuit;
INSERT INTO cable (power_feed_id, power_port_id, label)
SELECT f.id, port.id, 'LP-1/' || f.breaker_position
FROM house h
	JOIN device d ON d.name = h.circuit
	JOIN power_port port ON port.device_id = d.id
	JOIN power_feed f ON f.name = h.circuit
	JOIN power_panel p ON p.id = f.power_panel_id AND p.name = 'LP-1';

-- Rack PDUs --------------------------------------------------------------------
--
-- A rack PDU is a device with an inlet (a power port) and outlets that name this
-- inlet. Its draw is not given: it is what hangs on its outlets. Those of RACK-01
-- have three banks, each behind a 30 A breaker and on a phase of its own, so that it
-- is known what each phase carries.

CREATE TEMPORARY TABLE strip (name text, rack text, feed text, outlets int, banks boolean) ON COMMIT DROP;
INSERT INTO strip VALUES
	('PDU-01-A', 'RACK-01', 'RACK-01-A', 12, true),
	('PDU-01-B', 'RACK-01', 'RACK-01-B', 12, true),
	('PDU-02-A', 'RACK-02', 'RACK-02-A', 8,  false),
	('PDU-02-B', 'RACK-02', 'RACK-02-B', 8,  false);

INSERT INTO device (name, rack_id)
SELECT s.name, r.id FROM strip s JOIN rack r ON r.name = s.rack;
INSERT INTO power_port (name, device_id)
SELECT 'Inlet', d.id FROM strip s JOIN device d ON d.name = s.name;
INSERT INTO power_bank (name, device_id, power_port_id, amperage, feed_leg)
SELECT 'Bank ' || leg, d.id, port.id, 30, leg::feed_leg
FROM strip s
	CROSS JOIN LATERAL unnest(ARRAY['A', 'B', 'C']) AS leg
	JOIN device d ON d.name = s.name
	JOIN power_port port ON port.device_id = d.id
WHERE s.banks;
INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id)
SELECT 'Outlet ' || n, d.id, port.id, bank.id
FROM strip s
	CROSS JOIN LATERAL generate_series(1, s.outlets) AS n
	JOIN device d ON d.name = s.name
	JOIN power_port port ON port.device_id = d.id
	LEFT JOIN power_bank bank ON bank.device_id = d.id
		AND bank.name = 'Bank ' || (ARRAY['A', 'B', 'C'])[(n - 1) % 3 + 1];
INSERT INTO cable (power_feed_id, power_port_id, label)
SELECT f.id, port.id, s.feed
FROM strip s
	JOIN power_feed f ON f.name = s.feed
	JOIN device d ON d.name = s.name
	JOIN power_port port ON port.device_id = d.id;

-- Servers and switches, dual-corded: PSU 1 on the rack's A strip, PSU 2 on B, each
-- planned for half of what the device draws, and able to carry all of it (maximum)
-- when the other has no power. The console server has one cord.

CREATE TEMPORARY TABLE equipment
	(name text, rack text, unit text, outlet int, cords int, maximum int, allocated int, power_factor numeric) ON COMMIT DROP;
INSERT INTO equipment VALUES
	('web-01',     'RACK-01', '01', 1, 2, 750, 320, 0.97),
	('web-02',     'RACK-01', '01', 2, 2, 750, 320, 0.97),
	('web-03',     'RACK-01', '01', 3, 2, 750, 320, 0.97),
	('db-01',      'RACK-01', '01', 4, 2, 1100, 480, 0.97),
	('db-02',      'RACK-01', '01', 5, 2, 1100, 480, 0.97),
	('leaf-01',    'RACK-01', '01', 6, 2, 400, 180, 0.95),
	('console-01', 'RACK-01', '01', 7, 1, 60,  30,  0.90),
	('gpu-01',     'RACK-02', '02', 1, 2, 1400, 620, 0.98),
	('gpu-02',     'RACK-02', '02', 2, 2, 1400, 620, 0.98),
	('gpu-03',     'RACK-02', '02', 3, 2, 1400, 620, 0.98),
	('gpu-04',     'RACK-02', '02', 4, 2, 1400, 620, 0.98),
	('leaf-02',    'RACK-02', '02', 5, 2, 400, 180, 0.95);

INSERT INTO device (name, rack_id)
SELECT e.name, r.id FROM equipment e JOIN rack r ON r.name = e.rack;
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor)
SELECT 'PSU ' || n, d.id, e.maximum, e.allocated, e.power_factor
FROM equipment e
	CROSS JOIN LATERAL generate_series(1, e.cords) AS n
	JOIN device d ON d.name = e.name;
INSERT INTO cable (power_outlet_id, power_port_id)
SELECT o.id, port.id
FROM equipment e
	JOIN (VALUES ('PSU 1', 'A'), ('PSU 2', 'B')) AS side (psu, path) ON true
	JOIN device d ON d.name = e.name
	JOIN power_port port ON port.device_id = d.id AND port.name = side.psu
	JOIN device pdu ON pdu.name = 'PDU-' || e.unit || '-' || side.path
	JOIN power_outlet o ON o.device_id = pdu.id AND o.name = 'Outlet ' || e.outlet;

-- A blade chassis with four supplies, two on each path, that needs two of them to
-- run: whichever path is lost, it goes on.

INSERT INTO device (name, rack_id, needed_ports) SELECT 'blade-01', id, 2 FROM rack WHERE name = 'RACK-01';
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor)
SELECT 'Supply ' || n, d.id, 1300, 270, 0.98
FROM device d CROSS JOIN generate_series(1, 4) AS n WHERE d.name = 'blade-01';
INSERT INTO cable (power_outlet_id, power_port_id)
SELECT o.id, port.id
FROM (VALUES ('Supply 1', 'PDU-01-A', 'Outlet 8'), ('Supply 2', 'PDU-01-A', 'Outlet 9'),
	('Supply 3', 'PDU-01-B', 'Outlet 8'), ('Supply 4', 'PDU-01-B', 'Outlet 9')) AS v (supply, pdu, outlet)
	JOIN device d ON d.name = 'blade-01'
	JOIN power_port port ON port.device_id = d.id AND port.name = v.supply
	JOIN device pdu ON pdu.name = v.pdu
	JOIN power_outlet o ON o.device_id = pdu.id AND o.name = v.outlet;

-- A rack transfer switch, with an inlet on each path: its outlets take the second
-- one when the first is off. So kvm-01, with its one cord, stays on as well.

INSERT INTO device (name, rack_id)
SELECT d, id FROM unnest(ARRAY['RTS-01', 'kvm-01']) AS d, rack WHERE rack.name = 'RACK-01';
INSERT INTO power_port (name, device_id, maximum_draw)
SELECT 'Inlet ' || n, d.id, 1920 FROM device d CROSS JOIN generate_series(1, 2) AS n WHERE d.name = 'RTS-01';
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor)
SELECT 'PSU 1', d.id, 90, 45, 0.90 FROM device d WHERE d.name = 'kvm-01';
INSERT INTO power_outlet (name, device_id, power_port_id, alternate_power_port_id)
SELECT 'Outlet ' || n, d.id, first.id, second.id
FROM device d
	CROSS JOIN generate_series(1, 4) AS n
	JOIN power_port first ON first.device_id = d.id AND first.name = 'Inlet 1'
	JOIN power_port second ON second.device_id = d.id AND second.name = 'Inlet 2'
WHERE d.name = 'RTS-01';
INSERT INTO cable (power_outlet_id, power_port_id)
SELECT o.id, port.id
FROM (VALUES ('PDU-01-A', 'Outlet 10', 'RTS-01', 'Inlet 1'), ('PDU-01-B', 'Outlet 10', 'RTS-01', 'Inlet 2'),
	('RTS-01', 'Outlet 1', 'kvm-01', 'PSU 1')) AS v (pdu, outlet, device, port)
	JOIN device pdu ON pdu.name = v.pdu
	JOIN power_outlet o ON o.device_id = pdu.id AND o.name = v.outlet
	JOIN device d ON d.name = v.device
	JOIN power_port port ON port.device_id = d.id AND port.name = v.port;

COMMIT;

\set QUIET :quiet_before
\unset quiet_before
