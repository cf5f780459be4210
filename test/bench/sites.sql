-- Sites of their own for as many writers as :sites.
CREATE EXTENSION powerpanel;
CREATE SCHEMA bench;
SET synchronous_commit = off;
SET session_replication_role = replica;

INSERT INTO powerpanel.location (id, name)
SELECT md5('l' || s)::uuid, 'Site ' || s FROM generate_series(0, :sites - 1) AS s;
-- A main panel in each, those that it is to feed, and those for breakers.
INSERT INTO powerpanel.power_panel (id, name, location_id)
SELECT md5('m' || s)::uuid, 'Main', md5('l' || s)::uuid FROM generate_series(0, :sites - 1) AS s;
INSERT INTO powerpanel.power_panel (id, name, location_id)
SELECT md5('p' || s || '.' || n)::uuid, 'Panel ' || n, md5('l' || s)::uuid
FROM generate_series(0, :sites - 1) AS s, generate_series(1, 100) AS n;
-- A PDU of 100 outlets, and as many servers.
INSERT INTO powerpanel.device (id, name)
SELECT md5('d' || s || '.' || n)::uuid, 'Device ' || s || '.' || n
FROM generate_series(0, :sites - 1) AS s, generate_series(0, 100) AS n;
INSERT INTO powerpanel.power_port (id, name, device_id)
SELECT md5('i' || s || '.' || n)::uuid, 'Inlet', md5('d' || s || '.' || n)::uuid
FROM generate_series(0, :sites - 1) AS s, generate_series(0, 100) AS n;
INSERT INTO powerpanel.power_outlet (id, name, device_id, power_port_id)
SELECT md5('o' || s || '.' || n)::uuid, 'Outlet ' || n, md5('d' || s || '.0')::uuid, md5('i' || s || '.0')::uuid
FROM generate_series(0, :sites - 1) AS s, generate_series(1, 100) AS n;
-- Each panel feeds another: joined to it, these are older edges (see panel_join).
INSERT INTO powerpanel.power_panel (id, name, location_id)
SELECT md5('q' || s || '.' || n)::uuid, 'Below ' || n, md5('l' || s)::uuid
FROM generate_series(0, :sites - 1) AS s, generate_series(1, 200) AS n;
INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status)
SELECT 'F-' || n, md5('q' || s || '.' || n)::uuid, md5('q' || s || '.' || n + 100)::uuid, 'active'
FROM generate_series(0, :sites - 1) AS s, generate_series(1, 100) AS n;
