-- What cables and panel-to-panel feeds, rack PDUs and locations are written into.
-- Takes :cables, :panels (of the tree), :chain and :leaves.

SET synchronous_commit = off;
CREATE EXTENSION powerpanel;
CREATE SCHEMA bench;
SET session_replication_role = replica;

INSERT INTO powerpanel.location (id, name) VALUES (md5('site')::uuid, 'Site');
INSERT INTO powerpanel.location (id, name, parent_id) VALUES (md5('hall')::uuid, 'Hall', md5('site')::uuid);

-- As many feeds, 24 a panel, and rack PDUs of 24 outlets as are cabled. In front of
-- the outlets of the first PDUs stand servers.
INSERT INTO powerpanel.power_panel (id, name, location_id, circuit_positions)
SELECT md5('p' || p)::uuid, 'RPP-' || p, md5('hall')::uuid, 42 FROM generate_series(0, :cables / 24) AS p;
INSERT INTO powerpanel.power_feed (id, name, power_panel_id, status, breaker_position, breaker_pole_count)
SELECT md5('f' || n)::uuid, 'F-' || n % 24, md5('p' || n / 24)::uuid, 'active', n % 24 + 1, 1
FROM generate_series(1, :cables) AS n;
INSERT INTO powerpanel.rack (id, name, location_id)
SELECT md5('r' || n)::uuid, 'R-' || n, md5('hall')::uuid FROM generate_series(1, :cables / 2) AS n;
INSERT INTO powerpanel.device (id, name, rack_id)
SELECT md5('pdu' || n)::uuid, 'PDU-' || n, md5('r' || (n + 1) / 2)::uuid FROM generate_series(1, :cables) AS n;
INSERT INTO powerpanel.power_port (id, name, device_id)
SELECT md5('inlet' || n)::uuid, 'Inlet', md5('pdu' || n)::uuid FROM generate_series(1, :cables) AS n;
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id)
SELECT md5('o' || n || '.' || o)::uuid, 'Outlet ' || o, md5('pdu' || n)::uuid, md5('inlet' || n)::uuid
FROM generate_series(1, :cables) AS n, generate_series(1, 24) AS o;
INSERT INTO powerpanel.device (id, name, rack_id)
SELECT md5('server' || n)::uuid, 'Server ' || n, md5('r' || n / 10 + 1)::uuid FROM generate_series(1, :cables) AS n;
INSERT INTO powerpanel.power_port (id, name, device_id, maximum_draw, allocated_draw)
SELECT md5('psu' || n)::uuid, 'PSU', md5('server' || n)::uuid, 750, 400 FROM generate_series(1, :cables) AS n;

-- 20 of the 24 outlets of a PDU are used
CREATE UNLOGGED TABLE bench.cable AS
SELECT n, md5('f' || n)::uuid AS feed, md5('inlet' || n)::uuid AS inlet,
	md5('o' || (n - 1) / 20 + 1 || '.' || (n - 1) % 20 + 1)::uuid AS outlet, md5('psu' || n)::uuid AS psu
FROM generate_series(1, :cables) AS n;

-- A tree, ten panels below each, and a chain. Feeds come as one builds, from the top;
-- and in random order.
INSERT INTO powerpanel.power_panel (id, name, location_id)
SELECT md5('t' || n)::uuid, 'T-' || n, md5('hall')::uuid FROM generate_series(1, :panels) AS n;
INSERT INTO powerpanel.power_panel (id, name, location_id)
SELECT md5('c' || n)::uuid, 'C-' || n, md5('hall')::uuid FROM generate_series(1, :chain) AS n;
CREATE UNLOGGED TABLE bench.branch AS
SELECT n, 'F-' || n AS name, md5('t' || (n + 8) / 10)::uuid AS panel, md5('t' || n)::uuid AS destination
FROM generate_series(2, :panels) AS n;
CREATE UNLOGGED TABLE bench.link AS
SELECT n, 'F-' || n AS name, md5('c' || n - 1)::uuid AS panel, md5('c' || n)::uuid AS destination
FROM generate_series(2, :chain) AS n;

-- Locations of depth 5, and 20 leaves in each of the lowest ones.
CREATE UNLOGGED TABLE bench.place AS
SELECT md5('level1.0')::uuid AS id, 'Level 1' AS name, NULL::uuid AS parent
UNION ALL
SELECT md5('level' || level || '.' || n)::uuid, 'Level ' || level || '.' || n,
	md5('level' || level - 1 || '.' || CASE level WHEN 2 THEN 0 ELSE n % greatest(1, :leaves / 20 >> 2 * (6 - level)) END)::uuid
FROM generate_series(2, 5) AS level, generate_series(0, greatest(1, :leaves / 20 >> 2 * (5 - level)) - 1) AS n;
CREATE UNLOGGED TABLE bench.leaf AS
SELECT n, md5('leaf' || n)::uuid AS id, 'Leaf ' || n AS name, md5('level5.' || (n - 1) / 20)::uuid AS parent
FROM generate_series(1, :leaves) AS n;
