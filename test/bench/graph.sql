-- :panels panels, each but the first fed by two others, so that the number of
-- paths is exponential in the depth. The lower half feeds two rack PDUs each,
-- and each PDU shares its two servers with the next one.

SET synchronous_commit = off;
SET session_replication_role = replica;
CREATE EXTENSION powerpanel;
CREATE SCHEMA bench;

INSERT INTO powerpanel.location (id, name) VALUES (md5('l')::uuid, 'Site');
INSERT INTO powerpanel.power_panel (id, name, location_id, voltage, main_breaker_amperage)
SELECT md5('p' || n)::uuid, 'Panel ' || n, md5('l')::uuid, 480, 4000
FROM generate_series(0, :panels - 1) AS n;
INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage)
SELECT 'To ' || n || ' a', md5('p' || (n - 1) / 8)::uuid, md5('p' || n)::uuid,
	'active', 'primary'::powerpanel.feed_type, 'a'::powerpanel.power_path, 'three-phase'::powerpanel.phase, 480, 400
FROM generate_series(1, :panels - 1) AS n
UNION ALL
SELECT 'To ' || n || ' b', md5('p' || (n - 1) / 8 + 1)::uuid, md5('p' || n)::uuid,
	'active', 'redundant', 'b', 'three-phase', 480, 400
FROM generate_series(9, :panels - 1) AS n;

CREATE UNLOGGED TABLE bench.pdu AS
SELECT n, :panels / 2 + n / 2 AS panel FROM generate_series(0, :panels - 1) AS n;
INSERT INTO powerpanel.power_feed (id, name, power_panel_id, status, breaker_position, breaker_pole_count)
SELECT md5('f' || n)::uuid, 'F-' || n % 2 + 1, md5('p' || panel)::uuid, 'active', n % 2 + 1, 1 FROM bench.pdu;
INSERT INTO powerpanel.device (id, name) SELECT md5('d' || n)::uuid, 'PDU ' || n FROM bench.pdu;
INSERT INTO powerpanel.power_port (id, name, device_id)
SELECT md5('i' || n)::uuid, 'Inlet', md5('d' || n)::uuid FROM bench.pdu;
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id)
SELECT md5('o' || n || '.' || o)::uuid, 'Outlet ' || o, md5('d' || n)::uuid, md5('i' || n)::uuid
FROM bench.pdu, generate_series(1, 2) AS o;
INSERT INTO powerpanel.device (id, name) SELECT md5('s' || n)::uuid, 'Server ' || n FROM bench.pdu;
INSERT INTO powerpanel.power_port (id, name, device_id, maximum_draw, allocated_draw)
SELECT md5('t' || n || '.' || t)::uuid, 'PSU ' || t, md5('s' || n)::uuid, 400, 250
FROM bench.pdu, generate_series(1, 2) AS t;
INSERT INTO powerpanel.cable (power_feed_id, power_port_id)
SELECT md5('f' || n)::uuid, md5('i' || n)::uuid FROM bench.pdu;
INSERT INTO powerpanel.cable (power_outlet_id, power_port_id)
SELECT md5('o' || n || '.1')::uuid, md5('t' || n || '.1')::uuid FROM bench.pdu
UNION ALL
SELECT md5('o' || (n + 1) % :panels || '.2')::uuid, md5('t' || n || '.2')::uuid FROM bench.pdu;

DROP TABLE bench.pdu;
-- VACUUM finds pages visible to all only where all commits have been written out,
-- those of an ANALYZE, too
CHECKPOINT;
VACUUM;
ANALYZE;
CHECKPOINT;
