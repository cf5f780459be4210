-- power_trace: what the power of a device may come through, up to the roots
SET search_path = powerpanel, pg_temp;
SET client_min_messages = warning;
SELECT * FROM power_trace(NULL) \gdesc
BEGIN;
-- Names differ within a kind, but for those of ports and outlets: these are told by
-- their device.
CREATE FUNCTION pg_temp.trace(device text, OUT depth int, OUT object_type text, OUT name text, OUT of_name text, OUT energized boolean, OUT feeds text)
RETURNS SETOF record LANGUAGE sql AS $$
	WITH t AS MATERIALIZED (SELECT *, coalesce(of_name || ' > ', '') || name AS path FROM powerpanel.power_trace(powerpanel.device_id(device)) WITH ORDINALITY)
	SELECT depth, object_type, name, of_name, energized,
		(SELECT coalesce(string_agg(coalesce(l.path, '?'), ', ' ORDER BY n), '') FROM unnest(t.feeds) WITH ORDINALITY AS f (id, n) LEFT JOIN t AS l ON l.object_id = f.id)
	FROM t ORDER BY t.ordinality $$;

--	Utility (two feeds) -> UPS-A -> LP-A, and LP-B redundantly
--	Utility (planned) -> UPS-B -> LP-B; so UPS-B is dark
--	LP-A: PDU-A, CDU		LP-B: PDU-B, and Spare that feeds nothing above
--	PDU-A: bank 1 with outlet 1; outlet 2; outlet 3 -> its own Breaker -> outlet 4
--	PDU-B: inlets 1 (LP-B) and 2 (PDU-A, outlet 2); outlets 1 of inlet 1, 2 of inlet 2
--	Switch: inlets A (PDU-A, outlet 1), B (PDU-B, outlet 1); outlet 1 of A, else B; outlet 2 the same, in a bank
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, voltage) SELECT n, test.location('Site'), 208 FROM unnest('{Utility,UPS-A,UPS-B,LP-A,LP-B,Elsewhere}'::text[]) AS n;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, type)
SELECT f, test.panel(p), test.panel(d), s, t::feed_type FROM (VALUES
	('To UPS-A, 1', 'Utility', 'UPS-A', 'active', 'primary'), ('To UPS-A, 2', 'Utility', 'UPS-A', 'active', 'primary'),
	('To UPS-B', 'Utility', 'UPS-B', 'planned', 'primary'), ('To LP-A', 'UPS-A', 'LP-A', 'active', 'primary'),
	('To LP-B', 'UPS-B', 'LP-B', 'active', 'primary'), ('To LP-B, else', 'UPS-A', 'LP-B', 'active', 'redundant'),
	('To nobody', 'LP-A', 'Elsewhere', 'active', 'primary'),
	('PDU-A', 'LP-A', NULL, 'active', 'primary'), ('CDU', 'LP-A', NULL, 'active', 'primary'),
	('PDU-B', 'LP-B', NULL, 'active', 'primary'), ('Off', 'LP-B', NULL, 'offline', 'primary'), ('Spare', 'LP-B', NULL, 'active', 'primary')
) AS v (f, p, d, s, t);
INSERT INTO device (name, needed_ports) VALUES ('PDU-A', NULL), ('PDU-B', NULL), ('Switch', NULL), ('Server', NULL), ('Chassis', 2), ('CDU', NULL), ('Shelf', NULL), ('Bare', NULL);
INSERT INTO power_port (device_id, name) SELECT test.device(d), p FROM (VALUES
	('PDU-A', 'In'), ('PDU-A', 'Breaker'), ('PDU-B', 'In 1'), ('PDU-B', 'In 2'), ('Switch', 'A'), ('Switch', 'B'),
	('Server', 'PSU 1'), ('Server', 'PSU 2'), ('Server', 'PSU 3'), ('Chassis', 'C1'), ('Chassis', 'C2'), ('CDU', 'Pump'), ('Shelf', 'S')) AS v (d, p);
INSERT INTO power_bank (device_id, name, power_port_id, amperage) VALUES
	(test.device('PDU-A'), 'Bank 1', test.port('In'), 20), (test.device('Switch'), 'Bank', test.port('A'), 20);
INSERT INTO power_outlet (device_id, name, power_port_id, alternate_power_port_id, power_bank_id)
SELECT test.device(d), o, test.port(p), test.port(a), (SELECT id FROM power_bank AS b WHERE b.name = v.b) FROM (VALUES
	('PDU-A', 'A1', 'In', NULL, 'Bank 1'), ('PDU-A', 'A2', 'In', NULL, NULL), ('PDU-A', 'A3', 'In', NULL, NULL), ('PDU-A', 'A4', 'Breaker', NULL, NULL), ('PDU-A', 'A5', 'In', NULL, 'Bank 1'),
	('PDU-B', 'B1', 'In 1', NULL, NULL), ('PDU-B', 'B2', 'In 2', NULL, NULL), ('PDU-B', 'B3', NULL, NULL, NULL),
	('Switch', 'S1', 'A', 'B', NULL), ('Switch', 'S2', 'A', 'B', 'Bank')) AS v (d, o, p, a, b);
INSERT INTO cable (power_feed_id, power_outlet_id, power_port_id)
SELECT test.feed(f), test.outlet(o), test.port(p) FROM (VALUES
	('PDU-A', NULL, 'In'), (NULL, 'A3', 'Breaker'), ('PDU-B', NULL, 'In 1'), (NULL, 'A2', 'In 2'), (NULL, 'A1', 'A'), (NULL, 'B1', 'B'),
	(NULL, 'S1', 'PSU 1'), (NULL, 'A4', 'PSU 2'), (NULL, 'S2', 'C1'), ('Off', NULL, 'C2'), ('CDU', NULL, 'Pump'), (NULL, 'B3', 'S')) AS v (f, o, p);

-- The switch's second inlet, and so PDU-B, is met by two ways; PSU 3 has no cable
SELECT * FROM pg_temp.trace('Server');
-- Of a bank's outlet the alternate is nearer than the inlet. Two ports are needed, one is there
SELECT * FROM pg_temp.trace('Chassis') WHERE depth < 5;
-- Rack PDUs themselves: the cord from its own outlet brings PDU-A nothing
SELECT * FROM pg_temp.trace('PDU-A');
SELECT * FROM pg_temp.trace('PDU-B') WHERE depth < 4;
-- An outlet without an inlet; no port; one cabled to a feed
SELECT * FROM pg_temp.trace('Shelf');
SELECT * FROM pg_temp.trace('Bare');
SELECT name, energized FROM pg_temp.trace('CDU');

-- Tried in the transaction: UPS-B comes on, LP-A goes off
SAVEPOINT before;
UPDATE power_feed SET status = 'active' WHERE name = 'To UPS-B';
UPDATE power_feed SET status = 'failed' WHERE name = 'To LP-A';
SELECT string_agg(name, ', ') FILTER (WHERE energized) AS energized, string_agg(name, ', ') FILTER (WHERE NOT energized) AS off FROM pg_temp.trace('Server');
ROLLBACK TO before;

-- The same by recursion, of every device: what is met, the fewest steps, what feeds what
CREATE TEMPORARY VIEW edges (lower, upper) AS
	SELECT p.device_id, p.id FROM power_port AS p JOIN cable AS c ON c.power_port_id = p.id
		WHERE NOT EXISTS (SELECT FROM power_outlet AS o WHERE o.id = c.power_outlet_id AND o.device_id = p.device_id)
	UNION ALL SELECT power_port_id, coalesce(power_feed_id, power_outlet_id) FROM cable
	UNION ALL SELECT id, coalesce(power_bank_id, power_port_id) FROM power_outlet
	UNION ALL SELECT id, alternate_power_port_id FROM power_outlet
	UNION ALL SELECT id, power_port_id FROM power_bank
	UNION ALL SELECT id, power_panel_id FROM power_feed
	UNION ALL SELECT destination_panel_id, id FROM power_feed;
CREATE TEMPORARY VIEW walks AS
	WITH RECURSIVE w (device, id, depth) AS (
		SELECT id, id, 0 FROM device
		UNION SELECT w.device, e.upper, depth + 1 FROM w JOIN edges AS e ON e.lower = w.id AND e.upper IS NOT NULL)
	SELECT device, id, min(depth) AS depth FROM w GROUP BY device, id;
CREATE TEMPORARY VIEW expected AS
	SELECT w.device, w.depth, w.id, ARRAY(SELECT e.lower FROM edges AS e JOIN walks AS l ON (l.device, l.id) = (w.device, e.lower) WHERE e.upper = w.id ORDER BY 1) AS feeds
	FROM walks AS w;
CREATE TEMPORARY VIEW traced AS
	SELECT d.id AS device, depth, object_id, ARRAY(SELECT unnest(feeds) ORDER BY 1) AS feeds FROM device AS d, power_trace(d.id);
SELECT count(*) AS things, count(DISTINCT (device, object_id)) AS "each once" FROM traced;
(TABLE expected EXCEPT TABLE traced) UNION ALL (TABLE traced EXCEPT TABLE expected);
-- ... and what is energized is what the loads say
SELECT t.object_type, t.energized, count(*), count(*) FILTER (WHERE t.energized IS DISTINCT FROM l.energized) AS otherwise FROM device AS d, power_trace(d.id) AS t
LEFT JOIN (SELECT power_feed_id, energized FROM feed_load() UNION ALL SELECT power_panel_id, energized FROM panel_load()
	UNION ALL SELECT power_port_id, energized FROM port_load() UNION ALL SELECT device_id, state <> 'dark' FROM device_power()
	UNION ALL SELECT power_bank_id, amps IS NOT NULL FROM bank_load()
	UNION ALL SELECT o.id, coalesce(bool_or(p.energized), false) FROM power_outlet AS o LEFT JOIN port_load() AS p ON p.power_port_id IN (o.power_port_id, o.alternate_power_port_id) GROUP BY o.id
) AS l (id, energized) ON l.id = t.object_id GROUP BY 1, 2 ORDER BY 1, 2;

-- Errors
SELECT test.attempt_error('SELECT * FROM power_trace(NULL)') AS no_argument;
SELECT test.attempt_error('SELECT * FROM power_trace(''00000000-0000-0000-0000-000000000000'')') AS no_device;
SET LOCAL session_replication_role = replica;
INSERT INTO power_outlet (device_id, name, power_port_id, alternate_power_port_id) VALUES (test.device('Switch'), 'S3', test.port('A'), test.port('B'));
UPDATE cable SET power_feed_id = NULL, power_outlet_id = test.outlet('S3') WHERE power_port_id = test.port('In 1');
SET LOCAL session_replication_role = origin;
SELECT test.attempt('SELECT * FROM power_trace(test.device(''Server''))') AS loop, test.attempt('SELECT * FROM power_trace(test.device(''PDU-A''))') AS below;
ROLLBACK;
