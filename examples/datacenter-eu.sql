-- examples/datacenter-eu.sql: a small data centre after European practice.
--
--	   Utility      Generator		400/230 V; the utility carries the load,
--	     |     \    /     |			the generator stands by
--	   MSB-A    \  /    MSB-B		main switchboards, each with both
--	    /|\              |
--	 UPS-1, 2, 3         |			three UPS, of which two suffice (N+1)
--	    \|/              |
--	   UPS-OUT           |			their output board
--	     |               |
--	  Busbar A        Busbar B		busbar trunking above the racks, with
--	     |     R01..R04  |			tap-off boxes
--
-- So path A is backed by the UPS, path B is not: a server goes on while either
-- is there. MSB-B also feeds DB-1, the distribution board of the building, with
-- modules numbered in one row.
--
-- Voltages are between phases, as everywhere in powerpanel: a circuit of one pole
-- has 400 / 1.732 = 230 V. The phases A, B, C are L1, L2, L3. Load it into a database that has the extension:
--
--	psql -f examples/datacenter-eu.sql

\set quiet_before :QUIET
\set QUIET on
\set ON_ERROR_STOP on

BEGIN;
SET LOCAL search_path = powerpanel, pg_temp;

-- Places ---------------------------------------------------------------------

INSERT INTO location (name) VALUES ('FRA1');
INSERT INTO location (name, parent_id)
SELECT room, site.id
FROM (VALUES ('Yard'), ('Switch Room A'), ('Switch Room B'), ('UPS Room'), ('Hall 1')) AS v (room)
	JOIN location site ON site.name = 'FRA1';
INSERT INTO rack (name, location_id, power_limit)
SELECT 'R0' || n, id, 10000 FROM location CROSS JOIN generate_series(1, 4) AS n WHERE location.name = 'Hall 1';

-- Boards, UPS and busbars ------------------------------------------------------
--
-- A busbar has 36 places: 12 tap-off boxes of three phases each.

INSERT INTO power_panel
	(name, location_id, panel_type, power_path, numbering, voltage, main_breaker_amperage, circuit_positions, comments)
SELECT v.name, l.id, panel_type::panel_type, power_path::power_path, 'sequential', 400, main, positions, v.comments
FROM (VALUES
	('Utility',   'Yard',          'utility',    NULL, 1000, NULL, 'Transformer 630 kVA, 20 kV to 400/230 V'),
	('Generator', 'Yard',          'generator',  NULL, 800,  NULL, 'Diesel, 500 kVA'),
	('MSB-A',     'Switch Room A', 'switchgear', 'a',  630,  NULL, NULL),
	('MSB-B',     'Switch Room B', 'switchgear', 'b',  630,  NULL, NULL),
	('UPS-1',     'UPS Room',      'ups',        'a',  63,   NULL, '40 kVA'),
	('UPS-2',     'UPS Room',      'ups',        'a',  63,   NULL, '40 kVA'),
	('UPS-3',     'UPS Room',      'ups',        'a',  63,   NULL, '40 kVA'),
	('UPS-OUT',   'UPS Room',      'switchgear', 'a',  250,  NULL, 'The three UPS work in parallel'),
	('Busbar A',  'Hall 1',        'rpp',        'a',  160,  36,   'Busbar trunking 160 A'),
	('Busbar B',  'Hall 1',        'rpp',        'b',  160,  36,   'Busbar trunking 160 A'),
	('DB-1',      'Switch Room B', 'panelboard', NULL, 63,   24,   'House loads; RCDs are not shown')
) AS v (name, location, panel_type, power_path, main, positions, comments)
	JOIN location l ON l.name = v.location;

INSERT INTO power_feed
	(name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage)
SELECT 'To ' || destination, p.id, d.id, 'active', v.type::feed_type, d.power_path, 'three-phase', 400, v.amperage
FROM (VALUES
	('Utility',   'MSB-A',    'primary',   630),
	('Utility',   'MSB-B',    'primary',   630),
	('Generator', 'MSB-A',    'redundant', 630),
	('Generator', 'MSB-B',    'redundant', 630),
	('MSB-A',     'UPS-1',    'primary',   63),
	('MSB-A',     'UPS-2',    'primary',   63),
	('MSB-A',     'UPS-3',    'primary',   63),
	('UPS-1',     'UPS-OUT',  'primary',   63),
	('UPS-2',     'UPS-OUT',  'primary',   63),
	('UPS-3',     'UPS-OUT',  'primary',   63),
	('UPS-OUT',   'Busbar A', 'primary',   160),
	('MSB-B',     'Busbar B', 'primary',   160),
	('MSB-B',     'DB-1',     'primary',   63)
) AS v (panel, destination, type, amperage)
	JOIN power_panel p ON p.name = v.panel
	JOIN power_panel d ON d.name = v.destination;

-- Tap-off boxes ----------------------------------------------------------------
--
-- One of three phases and 32 A for each rack, on each busbar. The last box of
-- busbar A has two sockets of one phase, for what is carried about the hall.

INSERT INTO power_feed
	(name, power_panel_id, rack_id, status, power_path, phase, voltage, amperage, breaker_position, breaker_pole_count)
SELECT format('%s-%s', r.name, upper(p.power_path::text)), p.id, r.id, 'active', p.power_path, 'three-phase', 400, 32,
	3 * (row_number() OVER (PARTITION BY p.id ORDER BY r.name)) - 2, 3
FROM rack r CROSS JOIN power_panel p WHERE p.name IN ('Busbar A', 'Busbar B');

INSERT INTO power_feed
	(name, power_panel_id, status, power_path, voltage, amperage, breaker_position, breaker_pole_count, receptacles, comments)
SELECT 'Hall sockets', id, 'active', 'a', 230, 16, 34, 1, 2, 'Two CEE 16 A sockets'
FROM power_panel WHERE name = 'Busbar A';

-- The circuits of DB-1 -----------------------------------------------------------
--
-- What lights, sockets and cooling draw, which are not modelled as devices, is the
-- connected load of their circuit, in VA.

INSERT INTO power_feed
	(name, power_panel_id, status, phase, voltage, amperage, breaker_position, breaker_pole_count, connected_load, comments)
SELECT v.name, p.id, v.status, CASE poles WHEN 3 THEN 'three-phase' ELSE 'single-phase' END::phase,
	CASE poles WHEN 3 THEN 400 ELSE 230 END, v.amperage, v.position, v.poles, v.connected_load, v.comments
FROM (VALUES
	( 1, 1, 10, 'active',  'Lighting hall',         1500, NULL),
	( 2, 1, 10, 'active',  'Lighting switch rooms', 1300, NULL),
	( 3, 1, 10, 'active',  'Emergency lighting',    1200, 'Supplied by a central battery, too'),
	( 4, 1, 16, 'active',  'Sockets hall',           900, NULL),
	( 5, 1, 16, 'active',  'Sockets offices',       1400, NULL),
	( 6, 1, 16, 'active',  'Fire alarm',             400, 'Key switch'),
	( 7, 3, 32, 'active',  'Cooling unit 1',        9000, NULL),
	(10, 3, 32, 'active',  'Cooling unit 2',        9000, NULL),
	(13, 3, 32, 'planned', 'Cooling unit 3',        NULL, 'Ordered'),
	(16, 1, 16, 'offline', 'Spare 16 A',            NULL, NULL),
	(17, 1, 16, 'active',  'Door and access',        300, NULL),
	(18, 1, 16, 'active',  'Building management',    500, NULL)
) AS v (position, poles, amperage, status, name, connected_load, comments)
	JOIN power_panel p ON p.name = 'DB-1';

-- Rack PDUs and servers ----------------------------------------------------------
--
-- Each rack PDU has six banks behind 16 A breakers, two on each phase, of four
-- outlets at 230 V. The servers are spread over the phases; PSU 1 on path A, PSU 2
-- on path B, and either can carry the server alone.

INSERT INTO device (name, rack_id)
SELECT format('PDU-%s-%s', r.name, path), r.id FROM rack r CROSS JOIN unnest(ARRAY['A', 'B']) AS path;
INSERT INTO power_port (name, device_id) SELECT 'Inlet', id FROM device;
INSERT INTO power_bank (name, device_id, power_port_id, amperage, feed_leg)
SELECT 'F' || n, i.device_id, i.id, 16, (ARRAY['A', 'B', 'C'])[(n - 1) % 3 + 1]::feed_leg
FROM power_port i CROSS JOIN generate_series(1, 6) AS n;
INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id)
SELECT b.name || '.' || n, b.device_id, b.power_port_id, b.id
FROM power_bank b CROSS JOIN generate_series(1, 4) AS n;
INSERT INTO cable (power_feed_id, power_port_id, label)
SELECT f.id, i.id, f.name
FROM power_feed f
	JOIN device d ON d.name = 'PDU-' || f.name
	JOIN power_port i ON i.device_id = d.id;

CREATE TEMPORARY TABLE server ON COMMIT DROP AS
SELECT format('%s-srv-%s', r.name, n) AS name, r.id AS rack_id, r.name AS rack, 'F' || n || '.1' AS outlet
FROM rack r CROSS JOIN generate_series(1, 6) AS n;
INSERT INTO device (name, rack_id) SELECT name, rack_id FROM server;
INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw, power_factor)
SELECT 'PSU ' || n, d.id, 1100, 400, 0.97
FROM server s JOIN device d ON d.name = s.name CROSS JOIN generate_series(1, 2) AS n;
INSERT INTO cable (power_outlet_id, power_port_id)
SELECT o.id, port.id
FROM server s
	JOIN device d ON d.name = s.name
	JOIN (VALUES ('PSU 1', 'A'), ('PSU 2', 'B')) AS side (psu, path) ON true
	JOIN power_port port ON port.device_id = d.id AND port.name = side.psu
	JOIN device pdu ON pdu.name = format('PDU-%s-%s', s.rack, side.path)
	JOIN power_outlet o ON o.device_id = pdu.id AND o.name = s.outlet;

COMMIT;

\set QUIET :quiet_before
\unset quiet_before
