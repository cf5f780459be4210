-- Makes a Nautobot of the inventory of site.sql, in a schema of its own; after the
-- tables of test/nautobot/schema.sql. At 4,480 racks that is 354,000 objects.

SET client_min_messages = warning;
CREATE FUNCTION pg_temp.status(text) RETURNS uuid LANGUAGE sql STABLE AS $$SELECT id FROM extras_status WHERE name = $1$$;
CREATE FUNCTION pg_temp.type(text) RETURNS integer LANGUAGE sql STABLE AS $$SELECT id FROM django_content_type WHERE app_label = 'dcim' AND model = $1$$;
SELECT pg_temp.status('Active') AS active, pg_temp.status('Connected') AS connected,
	pg_temp.type('powerfeed') AS feed_type, pg_temp.type('powerport') AS port_type, pg_temp.type('poweroutlet') AS outlet_type \gset

INSERT INTO extras_role VALUES (now(), now(), '{}', md5('role')::uuid, 'Equipment', '9e9e9e', '', NULL);
INSERT INTO dcim_locationtype VALUES (now(), now(), '{}', md5('type')::uuid, 'Building', '', true, NULL);
INSERT INTO dcim_manufacturer VALUES (now(), now(), '{}', md5('maker')::uuid, 'Acme', '');
INSERT INTO dcim_devicetype (created, last_updated, _custom_field_data, id, model, part_number, u_height, is_full_depth, subdevice_role,
	front_image, rear_image, comments, manufacturer_id)
VALUES (now(), now(), '{}', md5('model')::uuid, 'Server', '', 1, true, '', '', '', '', md5('maker')::uuid);

INSERT INTO dcim_location (created, last_updated, _custom_field_data, id, name, _name, description, facility, time_zone, physical_address,
	shipping_address, contact_name, contact_phone, contact_email, comments, location_type_id, parent_id, status_id)
SELECT now(), now(), '{}', id, name, name, '', '', '', '', '', '', '', '', '', md5('type')::uuid, parent_id, :'active' FROM powerpanel.location;

INSERT INTO dcim_rack (created, last_updated, _custom_field_data, id, name, _name, serial, type, width, u_height, desc_units,
	outer_unit, comments, location_id, status_id)
SELECT now(), now(), '{}', id, name, name, '', '', 19, 42, false, '', '', location_id, :'active' FROM powerpanel.rack;

INSERT INTO dcim_device (created, last_updated, _custom_field_data, id, name, _name, serial, face, comments,
	device_type_id, location_id, rack_id, role_id, status_id)
SELECT now(), now(), '{}', id, name, name, '', '', '', md5('model')::uuid, md5('l')::uuid, rack_id, md5('role')::uuid, :'active' FROM powerpanel.device;

INSERT INTO dcim_powerpanel (created, last_updated, _custom_field_data, id, name, panel_type, breaker_position_count, power_path, location_id)
SELECT now(), now(), '{}', id, name, coalesce(panel_type::text, ''), circuit_positions, coalesce(power_path::text, ''), location_id FROM powerpanel.power_panel;

INSERT INTO dcim_powerfeed (created, last_updated, _custom_field_data, id, name, type, power_path, supply, phase, voltage, amperage,
	max_utilization, breaker_position, breaker_pole_count, available_power, comments, destination_panel_id, power_panel_id, rack_id, status_id)
SELECT now(), now(), '{}', id, name, type, coalesce(power_path::text, ''), supply, phase, voltage, amperage,
	max_utilization, breaker_position, breaker_pole_count, available_power, '', destination_panel_id, power_panel_id, rack_id, :'active'
FROM powerpanel.power_feed;

INSERT INTO dcim_powerport (created, last_updated, _custom_field_data, id, name, _name, label, description, type, device_id,
	maximum_draw, allocated_draw, power_factor)
SELECT now(), now(), '{}', id, name, name, '', '', '', device_id, maximum_draw, allocated_draw, power_factor FROM powerpanel.power_port;

INSERT INTO dcim_poweroutlet (created, last_updated, _custom_field_data, id, name, _name, label, description, type, feed_leg, device_id, power_port_id)
SELECT now(), now(), '{}', id, name, name, '', '', 'iec-60320-c13', coalesce(feed_leg::text, ''), device_id, power_port_id FROM powerpanel.power_outlet;

INSERT INTO dcim_cable (created, last_updated, _custom_field_data, id, termination_a_type_id, termination_a_id, termination_b_type_id, termination_b_id,
	type, label, color, length_unit, status_id)
SELECT now(), now(), '{}', id, CASE WHEN power_feed_id IS NULL THEN :outlet_type ELSE :feed_type END, coalesce(power_feed_id, power_outlet_id),
	:port_type, power_port_id, '', '', '', '', :'connected'
FROM powerpanel.cable;

-- What is compared with COPY: the tables in the order in which they refer to each
-- other, and their columns but those that are not written.
CREATE TABLE bench.imported AS
SELECT t.n, t.name, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns
FROM unnest('{location,rack_group,rack,device,power_panel,power_feed,power_port,power_outlet,cable}'::text[]) WITH ORDINALITY AS t (name, n)
JOIN pg_attribute AS a ON a.attrelid = format('powerpanel.%I', t.name)::regclass AND a.attnum > 0 AND a.attgenerated = ''
	AND a.attname NOT IN ('occupied_positions', 'phase_designation')
GROUP BY t.n, t.name;

TRUNCATE powerpanel.location CASCADE;
CHECKPOINT;
VACUUM ANALYZE;
