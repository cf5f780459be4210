-- import_netbox: a small NetBox in the shape of version 3.3, in a schema whose
-- name needs quoting. All in one transaction, which leaves nothing behind.
\set ON_ERROR_ROLLBACK on
\set SHOW_CONTEXT never
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS powerpanel;

-- what is no NetBox, or one that cannot be read
SELECT object_type FROM powerpanel.import_netbox(NULL);
SELECT object_type FROM powerpanel.import_netbox('no such schema');
CREATE SCHEMA "Net""Box";
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
SET search_path = "Net""Box";
CREATE TABLE django_content_type (id integer PRIMARY KEY, app_label text NOT NULL, model text NOT NULL);
CREATE TABLE dcim_region (id bigint PRIMARY KEY, name varchar(100) NOT NULL, parent_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_site (id bigint PRIMARY KEY, name varchar(100) NOT NULL, region_id bigint, group_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_location (id bigint PRIMARY KEY, name varchar(100) NOT NULL, parent_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_rack (id bigint PRIMARY KEY, name varchar(100) NOT NULL, location_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_manufacturer (id bigint PRIMARY KEY, name varchar(100) NOT NULL);
CREATE TABLE dcim_devicetype (id bigint PRIMARY KEY, manufacturer_id bigint NOT NULL, model varchar(100) NOT NULL);
CREATE TABLE dcim_virtualchassis (id bigint PRIMARY KEY, name varchar(64) NOT NULL);
CREATE TABLE dcim_device (id bigint PRIMARY KEY, name varchar(64), asset_tag varchar(50), device_role_id bigint, device_type_id bigint NOT NULL,
	virtual_chassis_id bigint, vc_position smallint, rack_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerpanel (id bigint PRIMARY KEY, name varchar(100) NOT NULL, location_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerfeed (id bigint PRIMARY KEY, name varchar(100) NOT NULL, power_panel_id bigint NOT NULL, rack_id bigint,
	status varchar(50) NOT NULL DEFAULT 'active', type varchar(50) NOT NULL DEFAULT 'primary', supply varchar(50) NOT NULL DEFAULT 'ac',
	phase varchar(50) NOT NULL DEFAULT 'single-phase', voltage smallint NOT NULL DEFAULT 230, amperage smallint NOT NULL DEFAULT 16,
	max_utilization smallint NOT NULL DEFAULT 80, comments text NOT NULL DEFAULT '', custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerport (id bigint PRIMARY KEY, name varchar(64) NOT NULL, device_id bigint NOT NULL,
	maximum_draw smallint, allocated_draw smallint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_poweroutlet (id bigint PRIMARY KEY, name varchar(64) NOT NULL, device_id bigint NOT NULL,
	power_port_id bigint, feed_leg varchar(50) NOT NULL DEFAULT '', custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_cable (id bigint PRIMARY KEY, label varchar(100) NOT NULL DEFAULT '', status varchar(50) NOT NULL DEFAULT 'connected',
	custom_field_data jsonb NOT NULL DEFAULT '{}');
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
CREATE TABLE dcim_cabletermination (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cable_id bigint NOT NULL, cable_end varchar(1) NOT NULL,
	termination_type_id integer NOT NULL, termination_id bigint NOT NULL);
ALTER TABLE dcim_rack RENAME TO dcim_shelf;
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
ALTER TABLE dcim_shelf RENAME TO dcim_rack;

-- an empty NetBox is a NetBox
SELECT count(*), sum(objects_read), jsonb_agg(DISTINCT details) FROM powerpanel.import_netbox('"Net""Box"');

INSERT INTO django_content_type VALUES (11, 'dcim', 'powerfeed'), (12, 'dcim', 'powerport'), (13, 'dcim', 'poweroutlet'), (14, 'dcim', 'interface'),
	(15, 'other', 'powerport');
INSERT INTO dcim_region VALUES (1, 'Netland', NULL), (2, 'Boxtown', 1);
INSERT INTO dcim_site VALUES (1, 'DC1', 2, 7, '{"owner": "ops", "floor": null}'), (2, 'Net depot', NULL, NULL, '{}');
INSERT INTO dcim_location VALUES (1, 'Row A', 3, 1), (2, 'Row B', 3, 1), (3, 'Hall', NULL, 1);	-- the parent is not the first
INSERT INTO dcim_rack VALUES (1, 'R1', 1, 1), (2, 'R2', 2, 1), (3, 'R3', NULL, 1);
INSERT INTO dcim_manufacturer VALUES (1, 'Acme');
INSERT INTO dcim_devicetype VALUES (1, 1, 'PDU 9000');
INSERT INTO dcim_virtualchassis VALUES (1, 'stack');
INSERT INTO dcim_device (id, name, asset_tag, device_type_id, virtual_chassis_id, vc_position, rack_id, site_id) VALUES
	(1, 'pdu-1', NULL, 1, NULL, NULL, 1, 1), (2, 'srv-1', 'T-1', 1, NULL, NULL, 1, 1), (3, NULL, 'T-2', 1, NULL, NULL, 1, 1),
	(4, NULL, NULL, 1, 1, 2, NULL, 2), (5, ' ', NULL, 1, NULL, NULL, NULL, 2), (6, NULL, NULL, 99, NULL, NULL, NULL, 2);
INSERT INTO dcim_powerpanel VALUES (1, 'RPP-1', NULL, 1), (2, 'RPP-2', 3, 1);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, rack_id, phase, voltage, amperage) VALUES (1, 'F1', 1, 1, 'three-phase', 400, 32);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, rack_id, type, comments) VALUES (2, 'F2', 2, 2, 'redundant', 'spare');
INSERT INTO dcim_powerfeed (id, name, power_panel_id, status, supply, voltage) VALUES (3, 'F3', 2, 'on test', 'dc', -48);
INSERT INTO dcim_powerport VALUES (1, 'Inlet', 1, NULL, NULL), (2, 'PSU 1', 2, 300, 200), (3, 'PSU 2', 2, 300, NULL), (4, 'PSU 1', 3, NULL, NULL);
INSERT INTO dcim_poweroutlet VALUES (1, 'Outlet 1', 1, 1, 'A'), (2, 'Outlet 2', 1, 1, ''), (3, 'Outlet 3', 1, NULL, '');
INSERT INTO dcim_cable (id) VALUES (3), (4), (5), (6), (7), (8);
INSERT INTO dcim_cable VALUES (1, 'C-1', 'connected', '{"colour": "red"}'), (2, '', 'planned', '{}');
INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES
	(1, 'A', 12, 1), (1, 'B', 11, 1),						-- port to feed
	(2, 'A', 13, 1), (2, 'B', 12, 2),						-- outlet to port
	(3, 'A', 14, 1), (3, 'B', 14, 2),						-- data
	(4, 'A', 13, 2), (4, 'B', 12, 3), (4, 'B', 12, 4),		-- one outlet to two ports
	(5, 'A', 13, 3),										-- a loose end
	(6, 'A', 11, 2), (6, 'B', 14, 3),						-- a feed to an interface
	(8, 'A', 15, 1), (8, 'B', 14, 4);						-- no power port of dcim

-- what it says
CREATE TEMPORARY TABLE result1 AS SELECT * FROM powerpanel.import_netbox('"Net""Box"');
SELECT object_type, objects_read, taken, inserted, updated, unchanged, left_out, vanished FROM result1;
SELECT object_type, d.* FROM result1, jsonb_to_recordset(details) AS d ("table" text, id bigint, object text, objects bigint, rule text, reason text);

-- what it brought
SET search_path = pg_catalog;
CREATE TEMPORARY VIEW place AS
	WITH RECURSIVE p AS (
		SELECT id, name AS path FROM powerpanel.location WHERE parent_id IS NULL
		UNION ALL
		SELECT l.id, p.path || ' > ' || l.name FROM p JOIN powerpanel.location l ON l.parent_id = p.id)
	SELECT * FROM p;
SELECT l.custom_fields, p.path FROM powerpanel.location l JOIN place p USING (id) WHERE l.custom_fields ? 'netbox' ORDER BY path COLLATE "C";
SELECT r.name, p.path FROM powerpanel.rack r JOIN place p ON p.id = r.location_id WHERE r.custom_fields ? 'netbox' ORDER BY r.name;
SELECT p.name, place.path FROM powerpanel.power_panel p JOIN place ON place.id = p.location_id WHERE p.custom_fields ? 'netbox' ORDER BY p.name;
SELECT d.name, r.name AS rack FROM powerpanel.device d LEFT JOIN powerpanel.rack r ON r.id = d.rack_id WHERE d.custom_fields ? 'netbox' ORDER BY d.name COLLATE "C";
SELECT f.name, p.name AS panel, r.name AS rack, f.status, s.energized, f.type, f.supply, f.phase, f.voltage, f.amperage, f.max_utilization, f.comments
FROM powerpanel.power_feed f JOIN powerpanel.power_panel p ON p.id = f.power_panel_id LEFT JOIN powerpanel.rack r ON r.id = f.rack_id
JOIN powerpanel.feed_status s ON s.name = f.status WHERE f.custom_fields ? 'netbox' ORDER BY f.name;
SELECT d.name AS device, p.name, p.maximum_draw, p.allocated_draw, p.power_factor
FROM powerpanel.power_port p JOIN powerpanel.device d ON d.id = p.device_id WHERE p.custom_fields ? 'netbox' ORDER BY d.name COLLATE "C", p.name;
SELECT d.name AS device, o.name, p.name AS power_port, o.feed_leg
FROM powerpanel.power_outlet o JOIN powerpanel.device d ON d.id = o.device_id LEFT JOIN powerpanel.power_port p ON p.id = o.power_port_id
WHERE o.custom_fields ? 'netbox' ORDER BY o.name;
CREATE TEMPORARY VIEW plugged AS
	SELECT c.custom_fields #>> '{netbox,id}' AS netbox_id, c.label, coalesce(f.name, o.name) AS source, d.name AS device, p.name AS port, c.custom_fields
	FROM powerpanel.cable c LEFT JOIN powerpanel.power_feed f ON f.id = c.power_feed_id LEFT JOIN powerpanel.power_outlet o ON o.id = c.power_outlet_id
	JOIN powerpanel.power_port p ON p.id = c.power_port_id JOIN powerpanel.device d ON d.id = p.device_id
	WHERE c.custom_fields ? 'netbox';
SELECT * FROM plugged ORDER BY netbox_id;

-- again: nothing changes, not even a row version
CREATE TEMPORARY TABLE versions AS
	SELECT id, ctid AS version FROM powerpanel.power_feed UNION ALL SELECT id, ctid FROM powerpanel.cable UNION ALL SELECT id, ctid FROM powerpanel.location;
SELECT object_type, objects_read, taken, inserted, updated, unchanged, left_out, vanished FROM powerpanel.import_netbox('"Net""Box"');
SELECT count(*) FROM versions WHERE (id, version) NOT IN (
	SELECT id, ctid FROM powerpanel.power_feed UNION ALL SELECT id, ctid FROM powerpanel.cable UNION ALL SELECT id, ctid FROM powerpanel.location);

-- what only the inventory knows stays; what NetBox knows follows it
UPDATE powerpanel.power_panel SET circuit_positions = 42, custom_fields = custom_fields || '{"door": "left"}' WHERE name = 'RPP-1' AND custom_fields ? 'netbox';
UPDATE powerpanel.power_feed SET breaker_position = 5, breaker_pole_count = 3, amperage = 63 WHERE name = 'F1' AND custom_fields ? 'netbox';
UPDATE powerpanel.cable SET custom_fields = custom_fields || '{"checked": true}' WHERE custom_fields #>> '{netbox,id}' = '2';
UPDATE powerpanel.device SET name = 'renamed here' WHERE name = 'srv-1' AND custom_fields ? 'netbox';
SET search_path = "Net""Box", pg_catalog;
UPDATE dcim_powerpanel SET name = CASE id WHEN 1 THEN 'RPP-2' ELSE 'RPP-1' END, location_id = NULL;		-- they swap names, in one place now
UPDATE dcim_site SET custom_field_data = '{"owner": "lab"}' WHERE id = 1;
UPDATE dcim_rack SET location_id = CASE id WHEN 1 THEN 2 ELSE 1 END, name = CASE id WHEN 1 THEN 'R2' ELSE 'R1' END WHERE id < 3;
UPDATE dcim_poweroutlet SET power_port_id = NULL WHERE id = 2;
UPDATE dcim_location SET parent_id = CASE id WHEN 1 THEN NULL ELSE 1 END WHERE id <> 2;		-- the hall is in the row now
-- two cables are swapped by plugging anew, as NetBox makes people do, and two by an update
DELETE FROM dcim_cabletermination WHERE cable_id IN (1, 4);
DELETE FROM dcim_cable WHERE id = 1;
INSERT INTO dcim_cable (id, label) VALUES (9, 'C-9');
INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES
	(9, 'A', 11, 1), (9, 'B', 12, 2), (4, 'A', 13, 1), (4, 'B', 12, 3);
UPDATE dcim_cabletermination SET termination_type_id = 13, termination_id = 2 WHERE cable_id = 2 AND cable_end = 'A';
UPDATE dcim_cabletermination SET termination_id = 4 WHERE cable_id = 2 AND cable_end = 'B';
DELETE FROM dcim_powerfeed WHERE id = 2;
DELETE FROM dcim_device WHERE id = 6;
CREATE TEMPORARY TABLE result2 AS SELECT * FROM powerpanel.import_netbox('"Net""Box"');
SELECT object_type, objects_read, taken, inserted, updated, unchanged, left_out, vanished FROM result2;
SELECT object_type, d.* FROM result2, jsonb_to_recordset(details) AS d ("table" text, id bigint, object text, objects bigint, rule text, reason text);
SET search_path = pg_catalog;
SELECT p.custom_fields, p.name, p.circuit_positions, place.path FROM powerpanel.power_panel p JOIN place ON place.id = p.location_id
WHERE p.custom_fields ? 'netbox' ORDER BY p.custom_fields #> '{netbox,id}';
SELECT r.custom_fields, r.name, p.path FROM powerpanel.rack r JOIN place p ON p.id = r.location_id WHERE r.custom_fields ? 'netbox' ORDER BY r.custom_fields #> '{netbox,id}';
SELECT f.name, p.name AS panel, r.name AS rack, f.amperage, f.breaker_position, f.breaker_pole_count
FROM powerpanel.power_feed f JOIN powerpanel.power_panel p ON p.id = f.power_panel_id LEFT JOIN powerpanel.rack r ON r.id = f.rack_id
WHERE f.custom_fields ? 'netbox' ORDER BY f.name;
SELECT custom_fields, name FROM powerpanel.location WHERE custom_fields @> '{"netbox": {"table": "dcim_site", "id": 1}}';
SELECT * FROM plugged ORDER BY netbox_id;

-- a column that it reads and that is not there is not read as empty
SET search_path = "Net""Box", pg_catalog;
ALTER TABLE dcim_powerfeed RENAME voltage TO volts;
ALTER TABLE dcim_cabletermination RENAME cable_end TO side;
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
ALTER TABLE dcim_powerfeed RENAME volts TO voltage;
ALTER TABLE dcim_cabletermination RENAME side TO cable_end;
ALTER TABLE dcim_manufacturer RENAME name TO label;
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
ALTER TABLE dcim_manufacturer RENAME label TO name;
SET search_path = pg_catalog;

-- what rules refuse: the whole import fails and names everything
SET search_path = "Net""Box", pg_catalog;
INSERT INTO dcim_region VALUES (3, 'Loop north', 4), (4, 'Loop south', 3), (5, 'Below the loop', 3);
INSERT INTO dcim_site VALUES (3, 'Netland', NULL), (4, ' ', 1);
INSERT INTO dcim_rack VALUES (4, 'R3', NULL, 1), (5, 'R5', NULL, 4);
INSERT INTO dcim_device (id, name, device_type_id, rack_id, site_id) VALUES (7, 'srv-7', 1, 5, 4), (8, 'pdu-8', 1, 1, 1), (9, 'pdu-9', 1, 1, 1);
INSERT INTO dcim_location VALUES (4, 'Cage', NULL, 1);
INSERT INTO dcim_powerpanel VALUES (3, 'RPP-3', 4, 1), (4, 'RPP-2', NULL, 1), (5, 'RPP-5', NULL, 1);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, rack_id) VALUES (4, 'F4', 3, 2), (5, 'F5', 4, NULL), (6, 'F6', 5, NULL);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, voltage) VALUES (7, 'F7', 5, 0), (8, 'F8', 5, -48);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, amperage) VALUES (9, 'F9', 5, 0);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, type) VALUES (10, 'F10', 5, 'tertiary');
INSERT INTO dcim_powerfeed (id, name, power_panel_id, status) VALUES (11, 'F11', 5, '');
INSERT INTO dcim_powerfeed (id, name, power_panel_id, max_utilization) VALUES (12, 'F12', 5, 101);
INSERT INTO dcim_powerport VALUES (5, 'PSU', 7, 500, NULL), (6, 'Inlet', 8, NULL, NULL), (7, 'Inlet', 9, NULL, NULL), (8, 'PSU', 3, 100, 200), (9, 'PSU 9', 3, 0, NULL);
INSERT INTO dcim_poweroutlet VALUES (4, 'Outlet', 8, 6, ''), (5, 'Outlet', 9, 7, ''), (6, 'Outlet 6', 9, 6, ''), (7, 'Outlet 7', 9, 99, ''), (8, 'Outlet 8', 9, 7, 'D');
INSERT INTO dcim_cable (id) VALUES (20), (21), (22), (23);
INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES
	(20, 'A', 13, 4), (20, 'B', 12, 7), (21, 'A', 13, 5), (21, 'B', 12, 6),		-- pdu-8 and pdu-9 feed each other
	(22, 'A', 11, 7), (22, 'B', 12, 8), (23, 'A', 11, 6), (23, 'B', 12, 4);		-- of what is refused; at an end that is taken
UPDATE dcim_cabletermination SET termination_id = 1 WHERE cable_id = 2 AND cable_end = 'B';
INSERT INTO powerpanel.cable (id, power_feed_id, power_port_id)			-- somebody's own, where cable 2 is to go
	SELECT '00000000-0000-0000-0000-000000000001', f.id, p.id FROM powerpanel.power_feed f, powerpanel.power_port p
	WHERE f.custom_fields @> '{"netbox": {"id": 2}}' AND p.custom_fields @> '{"netbox": {"id": 1}}';
SET CONSTRAINTS ALL DEFERRED;		-- which must not put the rules off
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"');
SELECT count(*) FROM powerpanel.power_feed WHERE name IN ('F6', 'F12') AND custom_fields ? 'netbox';
-- or, when asked to keep going, brings the others and lists the refused
SELECT object_type, objects_read, taken, inserted, updated, unchanged, left_out, vanished
FROM powerpanel.import_netbox('"Net""Box"', keep_going => true);
SELECT object_type, d.* FROM powerpanel.import_netbox('"Net""Box"', true),
	jsonb_to_recordset(details) AS d (id bigint, object text, rule text, reason text)
WHERE d.rule IS NOT NULL;
SELECT name FROM powerpanel.power_feed WHERE custom_fields ? 'netbox' ORDER BY name COLLATE "C";

-- a panel in one room and its rack in another, of one site
SELECT f.name AS feed, p.name AS panel, pl.path AS panel_in, r.name AS rack, rl.path AS rack_in
FROM powerpanel.power_feed f JOIN powerpanel.power_panel p ON p.id = f.power_panel_id JOIN place pl ON pl.id = p.location_id
JOIN powerpanel.rack r ON r.id = f.rack_id JOIN place rl ON rl.id = r.location_id
WHERE f.custom_fields ? 'netbox' AND p.location_id <> r.location_id ORDER BY f.name;

-- outlets that name no power port get the only one of their device, when asked:
-- not where it has two, even if only this inventory knows the second
INSERT INTO dcim_device (id, name, device_type_id, site_id) VALUES (10, 'pdu-10', 1, 1), (11, 'pdu-11', 1, 1), (12, 'pdu-12', 1, 1), (13, 'pdu-13', 1, 1);
INSERT INTO dcim_powerport VALUES (10, 'Inlet', 10, NULL, NULL), (11, 'Inlet', 11, NULL, NULL), (12, 'Inlet A', 12, 3000, NULL), (13, 'Inlet B', 12, NULL, NULL);
INSERT INTO dcim_poweroutlet VALUES (10, '1', 10, NULL, ''), (11, '2', 10, NULL, ''), (12, '3', 10, 10, ''), (13, '1', 11, NULL, ''), (14, '1', 12, NULL, ''), (15, '1', 13, NULL, '');
SELECT object_type, inserted FROM powerpanel.import_netbox('"Net""Box"', true) WHERE inserted > 0;
INSERT INTO powerpanel.power_port (device_id, name)
	SELECT id, 'Second inlet' FROM powerpanel.device WHERE name = 'pdu-11' AND custom_fields ? 'netbox';
CREATE TEMPORARY VIEW fed AS
	SELECT d.name AS device, o.name, p.name AS power_port FROM powerpanel.power_outlet o JOIN powerpanel.device d ON d.id = o.device_id
	LEFT JOIN powerpanel.power_port p ON p.id = o.power_port_id WHERE o.custom_fields ? 'netbox' ORDER BY d.name COLLATE "C", o.name;
SELECT * FROM fed WHERE power_port IS NULL;
SELECT object_type, updated, d.* FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, assign_outlets => true),
	jsonb_to_recordset(details) AS d ("table" text, object text, objects bigint, rule text, reason text)
WHERE d.objects IS NOT NULL AND d."table" <> 'dcim_cable';
SELECT * FROM fed;
SELECT object_type, updated FROM powerpanel.import_netbox('"Net""Box"', true, true) WHERE updated > 0;
SELECT object_type, updated FROM powerpanel.import_netbox('"Net""Box"', true) WHERE updated > 0;
SELECT * FROM fed WHERE power_port IS NULL;

-- what is refused of an update leaves the object as it was, and others that
-- count on the update are refused too
UPDATE dcim_powerpanel SET name = CASE id WHEN 1 THEN ' ' ELSE 'RPP-2' END WHERE id < 3;
SELECT d.* FROM powerpanel.import_netbox('"Net""Box"', true), jsonb_to_recordset(details) AS d (id bigint, object text, rule text, reason text)
WHERE object_type = 'power_panel';
SELECT custom_fields #> '{netbox,id}' AS id, name FROM powerpanel.power_panel WHERE custom_fields ? 'netbox' ORDER BY 1;

-- what would be: the same report, and nothing is changed. What vanished from
-- NetBox is deleted on request, but for what something else needs.
DELETE FROM dcim_rack WHERE id = 3;
UPDATE dcim_device SET rack_id = 2 WHERE rack_id = 1;
DELETE FROM dcim_rack WHERE id = 1;
DELETE FROM dcim_powerfeed WHERE id = 3;
INSERT INTO powerpanel.device (id, name, rack_id) SELECT '00000000-0000-0000-0000-000000000002', 'somebody''s', id FROM powerpanel.rack WHERE custom_fields @> '{"netbox": {"id": 3}}' AND name = 'R3';
CREATE TEMPORARY TABLE told (run text, object_type text, vanished bigint, deleted bigint, details jsonb);
CREATE TEMPORARY VIEW racks AS SELECT custom_fields #> '{netbox,id}' AS id, name, ctid AS version FROM powerpanel.rack WHERE custom_fields ? 'netbox' ORDER BY 1;
CREATE TEMPORARY TABLE before AS SELECT * FROM racks;
INSERT INTO told SELECT 'dry', object_type, vanished, deleted, details FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, delete_vanished => true, dry_run => true);
SELECT count(*) AS changed FROM (TABLE racks EXCEPT TABLE before) AS d;
INSERT INTO told SELECT 'real', object_type, vanished, deleted, details FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, delete_vanished => true);
SELECT object_type, vanished, deleted, count(*) AS runs FROM told WHERE vanished > 0 GROUP BY object_type, vanished, deleted, details ORDER BY object_type;
SELECT object_type, d.object, d.rule, d.reason
FROM told, jsonb_to_recordset(details) AS d (object text, rule text, reason text) WHERE run = 'real' AND d.reason ~ 'vanished';
SELECT id, name FROM racks;
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"', delete_vanished => true);
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"', dry_run => NULL);

-- an error with the SQLSTATE that undoes a dry run is an error where somebody else raises it
CREATE FUNCTION pg_temp.undo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not yours' USING ERRCODE = 'PPUND'; END $$;
CREATE TRIGGER undo BEFORE UPDATE ON powerpanel.rack FOR EACH STATEMENT EXECUTE FUNCTION pg_temp.undo();
SAVEPOINT undo;
SET LOCAL statement_timeout = '60s';
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, delete_vanished => true, dry_run => true);
ROLLBACK TO undo;
SET LOCAL statement_timeout = '60s';
SELECT object_type FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, delete_vanished => true);
ROLLBACK TO undo;
DROP TRIGGER undo ON powerpanel.rack;

-- what somebody's own table needs is kept, too, and told, also where its key is deferred
SAVEPOINT note;
CREATE SCHEMA "So""me";
CREATE TABLE "So""me".note (rack uuid CONSTRAINT "note's rack" REFERENCES powerpanel.rack DEFERRABLE INITIALLY DEFERRED);
INSERT INTO "So""me".note SELECT id FROM powerpanel.rack WHERE custom_fields @> '{"netbox": {"id": 2}}';
UPDATE dcim_device SET rack_id = NULL WHERE rack_id = 2;
UPDATE dcim_powerfeed SET rack_id = NULL WHERE rack_id = 2;
DELETE FROM dcim_rack WHERE id = 2;
SELECT object_type, vanished, deleted, d.* FROM powerpanel.import_netbox('"Net""Box"', keep_going => true, delete_vanished => true),
	jsonb_to_recordset(details) AS d (object text, rule text, reason text) WHERE d.rule ~ 'note';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO note;

-- another NetBox is another: nothing of the first one is touched
CREATE TABLE django_migrations (app text, name text, applied timestamptz);
INSERT INTO django_migrations VALUES ('contenttypes', '0001_initial', '2024-02-29 12:00:00.123456+00');
UPDATE dcim_region SET name = 'Other ' || name;
UPDATE dcim_site SET name = 'Other ' || name;
SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(vanished) AS vanished FROM powerpanel.import_netbox('"Net""Box"', true);
SET TimeZone = 'Pacific/Chatham';
SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(vanished) AS vanished FROM powerpanel.import_netbox('"Net""Box"', true);
ROLLBACK;
