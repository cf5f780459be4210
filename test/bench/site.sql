-- One site of :racks racks with 12 devices each, for the analyses of what fails:
-- two rack PDUs of 10 outlets, on feeds of two of the :sides sides, and 10 servers
-- with two ports, that draw :load VA together, some racks a quarter more and some a
-- quarter less. A side is a utility, a switchgear, UPS, distribution panels, and
-- remote power panels with 20 rack PDUs each. A main breaker of these is made for 81
-- kVA: of two sides one can carry all where a rack draws 3,000 VA; where it draws
-- 4,000, about half of them open once the other side is lost.

SET synchronous_commit = off;
SET session_replication_role = replica;
CREATE EXTENSION powerpanel;
CREATE SCHEMA bench;

INSERT INTO powerpanel.location (id, name) VALUES (md5('l')::uuid, 'Site');
INSERT INTO powerpanel.rack (id, name, location_id)
SELECT md5('r' || r)::uuid, 'Rack ' || r, md5('l')::uuid FROM generate_series(1, :racks) AS r;

-- The PDUs of a rack, and the remote power panel and place there that each hangs on.
CREATE UNLOGGED TABLE bench.pdu AS
SELECT r, pdu, side, (n - 1) / 20 + 1 AS rpp, (n - 1) % 20 AS place, 'r' || r || '.' || pdu AS key
FROM (SELECT r, pdu, side, row_number() OVER (PARTITION BY side ORDER BY r) AS n
	FROM generate_series(1, :racks) AS r, generate_series(0, 1) AS pdu,
		LATERAL (SELECT (r + pdu) % :sides AS side) AS s) AS p;

-- Panels of four tiers below the utility; each is fed by one of the tier above.
CREATE UNLOGGED TABLE bench.panel AS
SELECT side, tier, n, chr(65 + side) || tier || '.' || n AS key,
	CASE tier WHEN 1 THEN NULL WHEN 2 THEN 1 WHEN 3 THEN 1 WHEN 4 THEN (n - 1) / 7 + 1 ELSE (n - 1) / 4 + 1 END AS above
FROM (SELECT side, max(rpp) AS rpps FROM bench.pdu GROUP BY side) AS s,
	generate_series(1, 5) AS tier,
	LATERAL generate_series(1, CASE tier WHEN 5 THEN rpps WHEN 4 THEN (rpps + 3) / 4 WHEN 3 THEN (rpps + 27) / 28 ELSE 1 END) AS n;

INSERT INTO powerpanel.power_panel (id, name, location_id, panel_type, circuit_positions, voltage, main_breaker_amperage, power_path)
SELECT md5(key)::uuid, (ARRAY['Utility', 'Switchgear', 'UPS', 'PDU', 'RPP'])[tier] || ' ' || key, md5('l')::uuid,
	('{utility,switchgear,ups,pdu,rpp}'::powerpanel.panel_type[])[tier],
	CASE tier WHEN 5 THEN 84 END, CASE tier WHEN 5 THEN 208 ELSE 480 END,
	CASE tier WHEN 5 THEN 225 WHEN 4 THEN 400 WHEN 3 THEN 3000 ELSE 32000 END,
	('{a,b,c,d}'::powerpanel.power_path[])[side + 1]
FROM bench.panel;

INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status, power_path, phase, voltage, amperage)
SELECT 'To ' || b.key, md5(a.key)::uuid, md5(b.key)::uuid, 'active', ('{a,b,c,d}'::powerpanel.power_path[])[b.side + 1],
	'three-phase', 480, CASE b.tier WHEN 5 THEN 100 WHEN 4 THEN 400 WHEN 3 THEN 3000 ELSE 32000 END
FROM bench.panel AS b JOIN bench.panel AS a ON a.side = b.side AND a.tier = b.tier - 1 AND a.n = b.above;

INSERT INTO powerpanel.power_feed (id, name, power_panel_id, rack_id, status, power_path, phase, voltage, amperage,
	breaker_position, breaker_pole_count)
SELECT md5('f' || p.key)::uuid, 'Rack ' || r, md5(l.key)::uuid, md5('r' || r)::uuid, 'active',
	('{a,b,c,d}'::powerpanel.power_path[])[p.side + 1], 'three-phase', 208, 30, 1 + place % 2 + 6 * (place / 2), 3
FROM bench.pdu AS p JOIN bench.panel AS l ON l.side = p.side AND l.tier = 5 AND l.n = p.rpp;

INSERT INTO powerpanel.device (id, name, rack_id)
SELECT md5('d' || key)::uuid, 'PDU ' || r || '-' || pdu, md5('r' || r)::uuid FROM bench.pdu;
INSERT INTO powerpanel.power_port (id, name, device_id)
SELECT md5('i' || key)::uuid, 'Inlet', md5('d' || key)::uuid FROM bench.pdu;
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id, feed_leg)
SELECT md5('o' || key || '.' || o)::uuid, 'Outlet ' || o, md5('d' || key)::uuid, md5('i' || key)::uuid,
	('{A-B,B-C,A-C}'::powerpanel.feed_leg[])[o % 3 + 1]
FROM bench.pdu, generate_series(0, 9) AS o;
INSERT INTO powerpanel.cable (power_feed_id, power_port_id)
SELECT md5('f' || key)::uuid, md5('i' || key)::uuid FROM bench.pdu;

-- Server j of rack r. Both ports draw the same; the power factor is 1.
INSERT INTO powerpanel.device (id, name, rack_id)
SELECT md5('s' || r || '.' || j)::uuid, 'Server ' || r || '-' || j, md5('r' || r)::uuid
FROM generate_series(1, :racks) AS r, generate_series(0, 9) AS j;
INSERT INTO powerpanel.power_port (id, name, device_id, allocated_draw, power_factor)
SELECT md5('t' || r || '.' || j || '.' || t)::uuid, 'PSU ' || t + 1, md5('s' || r || '.' || j)::uuid,
	:load / 20 * (75 + r * 7919 % 51) / 100, 1
FROM generate_series(1, :racks) AS r, generate_series(0, 9) AS j, generate_series(0, 1) AS t;
INSERT INTO powerpanel.cable (power_outlet_id, power_port_id)
SELECT md5('or' || r || '.' || t || '.' || j)::uuid, md5('t' || r || '.' || j || '.' || t)::uuid
FROM generate_series(1, :racks) AS r, generate_series(0, 9) AS j, generate_series(0, 1) AS t;

DROP TABLE bench.pdu, bench.panel;
-- VACUUM finds pages visible to all only where all commits have been written out,
-- those of an ANALYZE, too
CHECKPOINT;
VACUUM;
ANALYZE;
CHECKPOINT;
