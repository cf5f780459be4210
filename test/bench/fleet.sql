-- A fleet of :sites sites with :rows feeds in all, for the analyses. In each site a
-- utility, two UPS, distribution panels, and remote power panels, each fed by
-- two of these and full: 24 feeds, of which 12 go to rack PDUs with an inlet
-- and three outlets each. Servers have two ports, on PDUs of two panels. At
-- 1,000,000 feeds that makes 41,660 panels and 2,000,000 ports.

SET synchronous_commit = off;
SET session_replication_role = replica;
CREATE EXTENSION powerpanel;
CREATE SCHEMA bench;

SELECT :rows / 24 / :sites AS site_panels, 3 + greatest(2, :rows / 24 / :sites / 25) AS trunk \gset

CREATE TABLE bench.slot AS
SELECT k, 1 + k % 2 + 2 * (7 * (k / 8) + (ARRAY[0, 3, 5, 6])[k / 2 % 4 + 1]) AS position,
	(ARRAY[3, 2, 1, 1])[k / 2 % 4 + 1] AS poles
FROM generate_series(0, 23) AS k;

INSERT INTO powerpanel.location (id, name)
SELECT md5('l' || s)::uuid, 'Site ' || s FROM generate_series(1, :sites) AS s;

-- Panel n of site s: 1 is the utility, 2 and 3 the UPS, up to :trunk come the
-- distribution panels, the rest are remote power panels.
INSERT INTO powerpanel.power_panel (id, name, location_id, panel_type, circuit_positions, voltage, main_breaker_amperage)
SELECT md5('p' || s || '.' || n)::uuid, 'Panel ' || n, md5('l' || s)::uuid,
	CASE WHEN n = 1 THEN 'utility' WHEN n <= 3 THEN 'ups' WHEN n <= :trunk THEN 'pdu' ELSE 'rpp' END::powerpanel.panel_type,
	CASE WHEN n > :trunk THEN 42 END, CASE WHEN n > :trunk THEN 208 ELSE 480 END,
	CASE WHEN n > :trunk THEN 225 ELSE 4000 END
FROM generate_series(1, :sites) AS s, generate_series(1, :site_panels) AS n;

INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage)
SELECT 'To ' || d || coalesce(' ' || path, ''), md5('p' || s || '.' || o)::uuid, md5('p' || s || '.' || d)::uuid, 'active',
	(CASE path WHEN 'b' THEN 'redundant' ELSE 'primary' END)::powerpanel.feed_type, path::powerpanel.power_path,
	'three-phase', 480, 1200
FROM generate_series(1, :sites) AS s, (
	SELECT 1 AS o, d, NULL AS path FROM generate_series(2, 3) AS d
	UNION ALL
	SELECT CASE path WHEN 'a' THEN 2 ELSE 3 END, d, path
	FROM generate_series(4, :trunk) AS d, unnest(ARRAY['a', 'b']) AS path
	UNION ALL
	SELECT 4 + (d + CASE path WHEN 'a' THEN 0 ELSE 1 END) % (:trunk - 3), d, path
	FROM generate_series(:trunk + 1, :site_panels) AS d, unnest(ARRAY['a', 'b']) AS path
) AS f;

INSERT INTO powerpanel.power_feed (id, name, power_panel_id, status, phase, voltage, breaker_position, breaker_pole_count)
SELECT md5('f' || s || '.' || n || '.' || k)::uuid, 'F-' || position, md5('p' || s || '.' || n)::uuid,
	'active', (CASE poles WHEN 3 THEN 'three-phase' ELSE 'single-phase' END)::powerpanel.phase,
	CASE poles WHEN 1 THEN 120 ELSE 208 END, position, poles
FROM generate_series(1, :sites) AS s, generate_series(:trunk + 1, :site_panels) AS n, bench.slot;

-- PDU k of panel n of site s, and server j of that panel, whose two ports hang
-- on outlets of PDUs of this panel and of the next.
CREATE UNLOGGED TABLE bench.pdu AS
SELECT s, n, CASE n WHEN :site_panels THEN :trunk + 1 ELSE n + 1 END AS next, k, s || '.' || n || '.' || k AS pdu
FROM generate_series(1, :sites) AS s, generate_series(:trunk + 1, :site_panels) AS n, generate_series(0, 11) AS k;

INSERT INTO powerpanel.device (id, name)
SELECT md5('d' || pdu)::uuid, 'PDU ' || pdu FROM bench.pdu;
INSERT INTO powerpanel.power_port (id, name, device_id, maximum_draw)
SELECT md5('i' || pdu)::uuid, 'Inlet', md5('d' || pdu)::uuid, NULL FROM bench.pdu;
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id)
SELECT md5('o' || pdu || '.' || o)::uuid, 'Outlet ' || o, md5('d' || pdu)::uuid, md5('i' || pdu)::uuid
FROM bench.pdu, generate_series(0, 2) AS o;
INSERT INTO powerpanel.cable (power_feed_id, power_port_id)
SELECT md5('f' || s || '.' || n || '.' || 2 * k)::uuid, md5('i' || pdu)::uuid FROM bench.pdu;

-- 18 servers a panel: outlets 0 to 17 of their own panel, 18 to 35 of the next.
CREATE UNLOGGED TABLE bench.server AS
SELECT DISTINCT s, n, next, j, s || '.' || n || '.' || j AS server
FROM bench.pdu, generate_series(0, 17) AS j
WHERE k = 0;
INSERT INTO powerpanel.device (id, name)
SELECT md5('s' || server)::uuid, 'Server ' || server FROM bench.server;
INSERT INTO powerpanel.power_port (id, name, device_id, maximum_draw, allocated_draw)
SELECT md5('t' || server || '.' || t)::uuid, 'PSU ' || t, md5('s' || server)::uuid, 400, 250
FROM bench.server, generate_series(1, 2) AS t;
INSERT INTO powerpanel.cable (power_outlet_id, power_port_id)
SELECT md5('o' || s || '.' || n || '.' || j / 3 || '.' || j % 3)::uuid, md5('t' || server || '.1')::uuid
FROM bench.server
UNION ALL
SELECT md5('o' || s || '.' || next || '.' || (j + 18) / 3 || '.' || j % 3)::uuid, md5('t' || server || '.2')::uuid
FROM bench.server;

DROP TABLE bench.pdu, bench.server;
-- VACUUM finds pages visible to all only where all commits have been written out,
-- those of an ANALYZE, too
CHECKPOINT;
VACUUM;
ANALYZE;
CHECKPOINT;
