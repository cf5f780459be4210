-- A small NetBox: the tables and columns that import_netbox() reads, as they are
-- in NetBox 4.2, and two rows of racks with their power.

CREATE TABLE django_content_type (id integer PRIMARY KEY, app_label text NOT NULL, model text NOT NULL);
CREATE TABLE django_migrations (app text, name text, applied timestamptz);
CREATE TABLE dcim_region (id bigint PRIMARY KEY, name varchar(100) NOT NULL, parent_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_site (id bigint PRIMARY KEY, name varchar(100) NOT NULL, region_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_location (id bigint PRIMARY KEY, name varchar(100) NOT NULL, parent_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_rack (id bigint PRIMARY KEY, name varchar(100) NOT NULL, location_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_manufacturer (id bigint PRIMARY KEY, name varchar(100) NOT NULL);
CREATE TABLE dcim_devicetype (id bigint PRIMARY KEY, manufacturer_id bigint NOT NULL, model varchar(100) NOT NULL);
CREATE TABLE dcim_virtualchassis (id bigint PRIMARY KEY, name varchar(64) NOT NULL);
CREATE TABLE dcim_device (id bigint PRIMARY KEY, name varchar(64), asset_tag varchar(50), device_type_id bigint NOT NULL,
	virtual_chassis_id bigint, vc_position integer, rack_id bigint, site_id bigint NOT NULL, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerpanel (id bigint PRIMARY KEY, name varchar(100) NOT NULL, location_id bigint, site_id bigint NOT NULL, comments text NOT NULL DEFAULT '',
	custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerfeed (id bigint PRIMARY KEY, name varchar(100) NOT NULL, power_panel_id bigint NOT NULL, rack_id bigint,
	status varchar(50) NOT NULL DEFAULT 'active', type varchar(50) NOT NULL DEFAULT 'primary', supply varchar(50) NOT NULL DEFAULT 'ac',
	phase varchar(50) NOT NULL DEFAULT 'single-phase', voltage smallint NOT NULL DEFAULT 230, amperage smallint NOT NULL DEFAULT 16,
	max_utilization smallint NOT NULL DEFAULT 80, comments text NOT NULL DEFAULT '', custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_powerport (id bigint PRIMARY KEY, name varchar(64) NOT NULL, device_id bigint NOT NULL,
	maximum_draw integer, allocated_draw integer, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_poweroutlet (id bigint PRIMARY KEY, name varchar(64) NOT NULL, device_id bigint NOT NULL,
	power_port_id bigint, feed_leg varchar(50), custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_cable (id bigint PRIMARY KEY, label varchar(100) NOT NULL DEFAULT '', status varchar(50) NOT NULL DEFAULT 'connected',
	custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE dcim_cabletermination (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cable_id bigint NOT NULL, cable_end varchar(1) NOT NULL,
	termination_type_id integer NOT NULL, termination_id bigint NOT NULL);

INSERT INTO django_content_type VALUES (11, 'dcim', 'powerfeed'), (12, 'dcim', 'powerport'), (13, 'dcim', 'poweroutlet');
INSERT INTO django_migrations VALUES ('contenttypes', '0001_initial', '2024-02-29 12:00:00.123456+00');
INSERT INTO dcim_region VALUES (1, 'Netland', NULL), (2, 'Boxtown', 1);
INSERT INTO dcim_site VALUES (1, 'DC1', 2);
INSERT INTO dcim_location VALUES (1, 'Row A', 3, 1), (2, 'Row B', 3, 1), (3, 'Hall', NULL, 1);
INSERT INTO dcim_rack VALUES (1, 'R1', 1, 1), (2, 'R2', 2, 1);
INSERT INTO dcim_manufacturer VALUES (1, 'Acme');
INSERT INTO dcim_devicetype VALUES (1, 1, 'PDU 9000');
INSERT INTO dcim_device (id, name, device_type_id, rack_id, site_id) VALUES (1, 'pdu-1', 1, 1, 1), (2, 'pdu-2', 1, 1, 1), (3, 'srv-1', 1, 1, 1), (4, 'srv-2', 1, 2, 1);
INSERT INTO dcim_powerpanel VALUES (1, 'RPP-1', 3, 1), (2, 'RPP-2', 3, 1), (3, 'House', NULL, 1);
INSERT INTO dcim_powerfeed (id, name, power_panel_id, rack_id, phase, voltage, amperage) VALUES
	(1, 'F1', 1, 1, 'three-phase', 400, 32), (2, 'F2', 2, 1, 'single-phase', 230, 32), (3, 'House', 1, NULL, 'single-phase', 230, 63),
	(4, 'Lights', 3, NULL, 'single-phase', 230, 16);
INSERT INTO dcim_powerport VALUES (1, 'Inlet 1', 1, NULL, NULL), (2, 'Inlet 2', 1, NULL, NULL), (3, 'Inlet', 2, NULL, NULL),
	(4, 'PSU 1', 3, 300, 200), (5, 'PSU 2', 3, 300, 200), (6, 'PSU 1', 4, 300, 200);
INSERT INTO dcim_poweroutlet VALUES (1, 'Outlet 1', 1, 1, 'A'), (2, 'Outlet 2', 1, 1, NULL), (3, 'Outlet 3', 1, NULL, ''), (4, 'Outlet 4', 1, NULL, NULL),
	(5, 'Outlet 1', 2, 3, NULL), (6, 'Outlet 2', 2, 3, NULL);
INSERT INTO dcim_cable VALUES (1, 'C-1'), (2, 'C-2'), (3, ''), (4, ''), (5, '');
INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES
	(1, 'A', 12, 1), (1, 'B', 11, 1), (2, 'A', 11, 2), (2, 'B', 12, 3),
	(3, 'A', 13, 1), (3, 'B', 12, 4), (4, 'A', 13, 5), (4, 'B', 12, 5), (5, 'A', 12, 6), (5, 'B', 13, 2);
