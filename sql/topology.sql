-- topology: what the one-line diagram shows; that Graphviz can read it, and how
-- large it becomes, is tested by test/t/043_diagram.pl
BEGIN;
SET LOCAL search_path = powerpanel, pg_temp;

INSERT INTO location (name) VALUES ('T-Site');
INSERT INTO location (name, parent_id) SELECT n, test.location('T-Site') FROM unnest('{T-Room,T-Hall}'::text[]) n;
INSERT INTO power_panel (name, location_id, panel_type, power_path, voltage, main_breaker_amperage, circuit_positions) VALUES
	('T-Grid', test.location('T-Site'), 'utility', NULL, 480, 400, NULL),
	('T-ATS', test.location('T-Room'), 'transfer-switch', 'a', 480, 200, NULL),
	('T-UPS', test.location('T-Room'), 'ups', 'a', 480, 200, NULL),
	('T-PDU', test.location('T-Hall'), 'pdu', 'a', 208, 60, 42),
	('T-House', test.location('T-Hall'), 'panelboard', NULL, 208, 60, 42),
	('T-B', test.location('T-Room'), 'ups', 'b', 480, 200, NULL);
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage)
SELECT v.name, test.panel(v.source), test.panel(v.destination), v.status, v.type::feed_type, v.path::power_path, 'three-phase', 480, 100
FROM (VALUES
	('T1', 'T-Grid', 'T-ATS', 'active', 'primary', 'a'), ('T2', 'T-Grid', 'T-B', 'active', 'primary', 'b'),
	('T3', 'T-ATS', 'T-UPS', 'active', 'primary', 'a'), ('T4', 'T-UPS', 'T-PDU', 'active', 'primary', 'a'),
	('T5', 'T-ATS', 'T-PDU', 'active', 'redundant', 'c'), ('T6', 'T-B', 'T-PDU', 'planned', 'redundant', 'b'),
	('T7', 'T-ATS', 'T-House', 'active', 'primary', NULL)) AS v (name, source, destination, status, type, path);
INSERT INTO power_feed (name, power_panel_id, status, voltage, amperage, breaker_position, breaker_pole_count, connected_load) VALUES
	('T-Light', test.panel('T-House'), 'active', 120, 20, 1, 1, 900), ('T-Heater', test.panel('T-House'), 'active', 208, 20, 2, 2, 4000);

-- A box, its style and what it says; a line, and what it says
CREATE FUNCTION pg_temp.boxes(dot text) RETURNS TABLE (box text, style text, says text) LANGUAGE sql AS $$
	SELECT m[1], substring(m[2] FROM 'style="([^"]*)'), regexp_replace(regexp_replace(m[3], '<[^>]*>', ' ', 'g'), ' +', ' ', 'g')
	FROM regexp_matches(dot, '^ +(b\d+) \[(.*?)label=<(.*)>\];$', 'gn') AS m $$;
CREATE FUNCTION pg_temp.lines(dot text) RETURNS TABLE (line text, color text, look text, label text) LANGUAGE sql AS $$
	SELECT m[1], substring(m[2] FROM 'color="([^"]*)'), concat_ws(' ', substring(m[2] FROM 'arrowhead=\w+'), substring(m[2] FROM 'style=\w+'), substring(m[2] FROM 'minlen=\d+')),
		substring(m[2] FROM 'label="([^"]*)')
	FROM regexp_matches(dot, '^ +(b\d+\S* -> b\d+\S*) \[(.*)\];$', 'gn') AS m $$;
SELECT * FROM pg_temp.boxes(topology_dot());
SELECT * FROM pg_temp.lines(topology_dot());
-- Rooms are frames, but one of a single box, or of everything, is not; the paths that occur are in the legend
SELECT m[1] AS frame FROM regexp_matches(topology_dot(), 'subgraph cluster\S+ \{\s+label="([^"]*)', 'g') AS m;
SELECT m[1] AS path FROM regexp_matches(topology_dot(), 'BGCOLOR="[^"]*"></TD><TD ALIGN="LEFT">([^<]*)', 'g') AS m;

-- A part: above and below, with a bypass, without what else is connected
SELECT says FROM pg_temp.boxes(panel_topology_dot(ARRAY[panel_id('T-UPS')]));
SELECT line, color FROM pg_temp.lines(panel_topology_dot(ARRAY[panel_id('T-UPS')]));
SELECT says FROM pg_temp.boxes(panel_topology_dot(ARRAY[panel_id('T-B'), panel_id('T-House'), panel_id('T-B')]));

-- The percentage is of the most loaded phase, as panel_load() has it
SELECT round(utilization) FROM panel_load(panel_id('T-House'));

-- Racks: with their PDUs, cascaded ones, too; a feed that is not cabled yet
INSERT INTO rack (name, location_id) SELECT 'T-R' || n, test.location('T-Hall') FROM generate_series(1, 3) n;
INSERT INTO device (name, rack_id) SELECT 'T-rPDU' || n, test.rack('T-R' || least(n, 2)) FROM generate_series(1, 3) n;
INSERT INTO device (name, rack_id) VALUES ('T-Switch', test.rack('T-R2'));
INSERT INTO power_port (name, device_id, allocated_draw) SELECT 'T-in' || n, test.device('T-rPDU' || n), NULL FROM generate_series(1, 3) n UNION ALL SELECT 'T-psu', test.device('T-Switch'), 1900;
INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'T-out' || n, test.device('T-rPDU' || n), test.port('T-in' || n) FROM generate_series(1, 3) n;
INSERT INTO power_feed (name, power_panel_id, rack_id, status, power_path, voltage, amperage, breaker_position, breaker_pole_count)
SELECT 'T-F' || n, test.panel('T-PDU'), CASE n WHEN 3 THEN test.rack('T-R3') END, CASE n WHEN 3 THEN 'planned' ELSE 'active' END, 'a', 120, 20, n, 1 FROM generate_series(1, 4) n;
INSERT INTO cable (power_feed_id, power_outlet_id, power_port_id) VALUES (test.feed('T-F1'), NULL, test.port('T-in1')), (test.feed('T-F2'), NULL, test.port('T-in2')),
	(NULL, test.outlet('T-out2'), test.port('T-in3')), (test.feed('T-F4'), NULL, test.port('T-psu'));
UPDATE power_feed SET amperage = 15 WHERE name = 'T-F4';		-- 1900 W at 0.95: 2 kVA, more than 1.44
SELECT says FROM pg_temp.boxes(panel_topology_dot(ARRAY[panel_id('T-PDU')]));
SELECT line, look, label FROM pg_temp.lines(panel_topology_dot(ARRAY[panel_id('T-PDU')]));
SELECT says FROM pg_temp.boxes(panel_topology_dot(ARRAY[panel_id('T-PDU')], racks => false));

-- Many racks: those on the same panels are one box. The file is the same wherever rows lie
INSERT INTO rack (name, location_id) SELECT 'T-S' || n, test.location('T-Hall') FROM generate_series(1, 20) n;
INSERT INTO device (name, rack_id) SELECT 'T-sPDU' || n, test.rack('T-S' || n) FROM generate_series(1, 20) n;
INSERT INTO power_port (name, device_id) SELECT 'T-sin' || n, test.device('T-sPDU' || n) FROM generate_series(1, 20) n;
INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'T-sout' || n, test.device('T-sPDU' || n), test.port('T-sin' || n) FROM generate_series(1, 20) n;
INSERT INTO power_feed (name, power_panel_id, status, power_path, voltage, amperage, breaker_position, breaker_pole_count)
SELECT 'T-SF' || n, test.panel(CASE WHEN n <= 15 THEN 'T-PDU' ELSE 'T-House' END), 'active', 'a', 120, 20, n + 10, 1 FROM generate_series(1, 20) n;
INSERT INTO cable (power_feed_id, power_port_id) SELECT test.feed('T-SF' || n), test.port('T-sin' || n) FROM generate_series(1, 20) n;
SELECT says FROM pg_temp.boxes(topology_dot());
CREATE TEMPORARY TABLE before AS SELECT topology_dot() AS dot, panel_topology_dot(ARRAY[panel_id('T-PDU')]) AS part;
UPDATE power_panel SET comments = 'moved' WHERE name IN ('T-Grid', 'T-PDU');
UPDATE power_feed SET comments = 'moved' WHERE name < 'T-F2';
UPDATE device SET custom_fields = '{"moved": true}' WHERE name LIKE '%1';
UPDATE rack SET custom_fields = '{"moved": true}' WHERE name LIKE '%2';
UPDATE location SET custom_fields = '{"moved": true}' WHERE name LIKE '%Site';
SELECT dot = topology_dot() AS same, part = panel_topology_dot(ARRAY[panel_id('T-PDU')]) AS part_same FROM before;

-- Errors
SELECT call, test.trial('SELECT ' || call) FROM unnest(ARRAY['topology_dot(NULL)', 'panel_topology_dot(NULL)', 'panel_topology_dot(''{}'')',
	'panel_topology_dot(ARRAY[NULL::uuid])', 'panel_topology_dot(ARRAY[panel_id(''T-PDU'')], NULL)',
	'panel_topology_dot(ARRAY[''00000000-0000-0000-0000-000000000000''::uuid])']) AS call;
ROLLBACK;

-- An empty inventory has a legend
SELECT powerpanel.topology_dot() LIKE 'digraph power {%legend%}%' AS an_empty_one;
