-- A small data centre as people keep it in Nautobot: two paths from the utility
-- to the racks, rack PDUs, servers with two power supplies, a chassis whose power
-- supplies are modules; and what has nothing to do with power. For schema.sql.
--
-- pg_temp.k is the key of an object, by its name.

CREATE FUNCTION pg_temp.k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5('nautobot ' || $1)::uuid$$;
CREATE FUNCTION pg_temp.status(text) RETURNS uuid LANGUAGE sql STABLE AS $$SELECT id FROM extras_status WHERE name = $1$$;
CREATE FUNCTION pg_temp.type(text) RETURNS integer LANGUAGE sql STABLE AS $$SELECT id FROM django_content_type WHERE app_label = 'dcim' AND model = $1$$;

-- a status that somebody added
INSERT INTO extras_status VALUES (now(), now(), '{}', pg_temp.k('Maintenance'), 'Maintenance', '9e9e9e', '');
INSERT INTO extras_role VALUES (now(), now(), '{}', pg_temp.k('role'), 'Equipment', '9e9e9e', '', NULL);

INSERT INTO dcim_locationtype (created, last_updated, _custom_field_data, id, name, description, nestable, parent_id) VALUES
	(now(), now(), '{}', pg_temp.k('Campus'), 'Campus', '', false, NULL),
	(now(), now(), '{}', pg_temp.k('Building'), 'Building', '', false, pg_temp.k('Campus')),
	(now(), now(), '{}', pg_temp.k('Room'), 'Room', '', true, pg_temp.k('Building'));

INSERT INTO dcim_location (created, last_updated, _custom_field_data, id, name, _name, description, facility, time_zone, physical_address,
	shipping_address, contact_name, contact_phone, contact_email, comments, location_type_id, parent_id, status_id)
SELECT now(), now(), '{}', pg_temp.k(l.name), l.name, l.name, '', '', '', '', '', '', '', '', '', pg_temp.k(l.type), pg_temp.k(l.parent), pg_temp.status('Active')
FROM (VALUES
	('North Campus', 'Campus', NULL), ('DC1', 'Building', 'North Campus'),
	('Electrical Room A', 'Room', 'DC1'), ('Electrical Room B', 'Room', 'DC1'), ('Data Hall 1', 'Room', 'DC1'),
	('Cage 7', 'Room', 'Data Hall 1')) AS l (name, type, parent);

INSERT INTO dcim_rackgroup (created, last_updated, _custom_field_data, id, name, description, location_id, parent_id) VALUES
	(now(), now(), '{}', pg_temp.k('Row 1'), 'Row 1', '', pg_temp.k('Data Hall 1'), NULL),
	(now(), now(), '{}', pg_temp.k('Row 1 west'), 'Row 1 west', '', pg_temp.k('Data Hall 1'), pg_temp.k('Row 1')),
	(now(), now(), '{}', pg_temp.k('Switchboards'), 'Switchboards', '', pg_temp.k('DC1'), NULL);

INSERT INTO dcim_rack (created, last_updated, _custom_field_data, id, name, _name, facility_id, serial, type, width, u_height, desc_units,
	outer_unit, comments, location_id, rack_group_id, status_id)
SELECT now(), now(), '{}', pg_temp.k(r.name), r.name, r.name, r.facility, '', '', 19, 42, false, '', '', pg_temp.k(r.location), pg_temp.k(r.rack_group), pg_temp.status('Active')
FROM (VALUES
	('R101', 'H1-101', 'Data Hall 1', 'Row 1'), ('R102', 'H1-102', 'Data Hall 1', 'Row 1 west'),
	('R103', NULL, 'Data Hall 1', NULL), ('R701', NULL, 'Cage 7', 'Row 1')) AS r (name, facility, location, rack_group);

INSERT INTO dcim_powerpanel (created, last_updated, _custom_field_data, id, name, panel_type, breaker_position_count, power_path, location_id, rack_group_id)
SELECT now(), now(), p.custom::jsonb, pg_temp.k(p.name), p.name, p.type, p.positions, p.path, pg_temp.k(p.location), pg_temp.k(p.rack_group)
FROM (VALUES
	('Utility', 'utility', NULL, '', 'DC1', NULL, '{}'), ('Genset', 'generator', NULL, '', 'DC1', NULL, '{}'),
	('ATS', 'transfer-switch', NULL, '', 'DC1', NULL, '{}'), ('MDP', 'mdp', 24, '', 'DC1', 'Switchboards', '{"asset": 4711}'),
	('UPS-A', 'ups', NULL, 'a', 'Electrical Room A', NULL, '{}'), ('UPS-B', 'ups', NULL, 'b', 'Electrical Room B', NULL, '{}'),
	('RPP-A1', 'rpp', 42, 'a', 'Data Hall 1', NULL, '{}'), ('RPP-B1', 'rpp', 42, 'b', 'Data Hall 1', NULL, '{}'),
	('House', '', 12, '', 'DC1', NULL, '{}')) AS p (name, type, positions, path, location, rack_group, custom);

-- available_power as Nautobot reckons it
INSERT INTO dcim_powerfeed (created, last_updated, _custom_field_data, id, name, type, power_path, supply, phase, voltage, amperage,
	max_utilization, breaker_position, breaker_pole_count, available_power, comments, destination_panel_id, power_panel_id, rack_id, status_id)
SELECT now(), now(), '{}', pg_temp.k(f.panel || ' ' || f.name), f.name, f.type, f.path, f.supply, f.phase, f.voltage, f.amperage, 80, f.position, f.poles,
	round(abs(f.voltage) * f.amperage * 0.8 * CASE f.phase WHEN 'three-phase' THEN 1.732 ELSE 1 END), f.comments,
	pg_temp.k(f.destination), pg_temp.k(f.panel), pg_temp.k(f.rack), pg_temp.status(f.status)
FROM (VALUES
	('Utility', 'Main', 'primary', '', 'ac', 'three-phase', 480, 1200, NULL, NULL, 'ATS', NULL, 'Active', ''),
	('Genset', 'Standby', 'redundant', '', 'ac', 'three-phase', 480, 1200, NULL, NULL, 'ATS', NULL, 'Active', ''),
	('ATS', 'To MDP', 'primary', '', 'ac', 'three-phase', 480, 1200, NULL, NULL, 'MDP', NULL, 'Active', ''),
	('MDP', 'UPS-A', 'primary', 'a', 'ac', 'three-phase', 480, 400, 1, 3, 'UPS-A', NULL, 'Active', ''),
	('MDP', 'UPS-B', 'primary', 'b', 'ac', 'three-phase', 480, 400, 2, 3, 'UPS-B', NULL, 'Active', ''),
	('MDP', 'House', 'primary', '', 'ac', 'three-phase', 480, 100, 7, 3, 'House', NULL, 'Active', 'lighting and crane'),
	('UPS-A', 'RPP-A1', 'primary', 'a', 'ac', 'three-phase', 208, 225, NULL, NULL, 'RPP-A1', NULL, 'Active', ''),
	('UPS-B', 'RPP-B1', 'primary', 'b', 'ac', 'three-phase', 208, 225, NULL, NULL, 'RPP-B1', NULL, 'Active', ''),
	('RPP-A1', 'R101-A', 'primary', 'a', 'ac', 'three-phase', 208, 30, 1, 3, NULL, 'R101', 'Active', ''),
	('RPP-A1', 'R102-A', 'primary', 'a', 'ac', 'single-phase', 208, 30, 2, 2, NULL, 'R102', 'Active', ''),
	('RPP-A1', 'R103-A', 'primary', 'a', 'ac', 'single-phase', 120, 20, 7, 1, NULL, 'R103', 'Planned', ''),
	('RPP-A1', 'R701-A', 'primary', 'a', 'ac', 'single-phase', 208, 30, 9, 2, NULL, 'R701', 'Maintenance', ''),
	('RPP-B1', 'R101-B', 'primary', 'b', 'ac', 'three-phase', 208, 30, 1, 3, NULL, 'R101', 'Active', ''),
	('RPP-B1', 'R102-B', 'redundant', 'b', 'ac', 'single-phase', 208, 30, 2, 2, NULL, 'R102', 'Active', ''),
	('RPP-B1', 'Rectifier', 'primary', 'b', 'dc', 'single-phase', -48, 60, NULL, 2, NULL, NULL, 'Offline', ''),
	('House', 'Lights', 'primary', '', 'ac', 'single-phase', 120, 20, 1, 1, NULL, NULL, 'Active', ''))
	AS f (panel, name, type, path, supply, phase, voltage, amperage, position, poles, destination, rack, status, comments);

INSERT INTO dcim_manufacturer VALUES (now(), now(), '{}', pg_temp.k('Acme'), 'Acme', '');
INSERT INTO dcim_devicetype (created, last_updated, _custom_field_data, id, model, part_number, u_height, is_full_depth, subdevice_role,
	front_image, rear_image, comments, manufacturer_id)
SELECT now(), now(), '{}', pg_temp.k(t), t, '', 1, true, '', '', '', '', pg_temp.k('Acme')
FROM unnest('{Rack PDU,Server,Chassis,Patch panel,Switch}'::text[]) AS t;
INSERT INTO dcim_virtualchassis (created, last_updated, _custom_field_data, id, name, domain) VALUES (now(), now(), '{}', pg_temp.k('stack'), 'stack', '');

INSERT INTO dcim_device (created, last_updated, _custom_field_data, id, name, _name, serial, face, vc_position, comments,
	device_type_id, location_id, rack_id, role_id, status_id, virtual_chassis_id)
SELECT now(), now(), '{}', pg_temp.k(d.key), d.name, d.name, '', '', d.vc_position, '',
	pg_temp.k(d.type), pg_temp.k('Data Hall 1'), pg_temp.k(d.rack), pg_temp.k('role'), pg_temp.status('Active'), pg_temp.k(d.vc)
FROM (VALUES
	('PDU-101-A', 'PDU-101-A', 'Rack PDU', 'R101', NULL, NULL), ('PDU-101-B', 'PDU-101-B', 'Rack PDU', 'R101', NULL, NULL),
	('PDU-102-A', 'PDU-102-A', 'Rack PDU', 'R102', NULL, NULL), ('PDU-102-B', 'PDU-102-B', 'Rack PDU', 'R102', NULL, NULL),
	('srv-1', 'srv-1', 'Server', 'R101', NULL, NULL), ('srv-2', 'srv-2', 'Server', 'R101', NULL, NULL),
	('srv-3', 'srv-3', 'Server', 'R102', NULL, NULL), ('chassis', 'core-1', 'Chassis', 'R102', NULL, NULL),
	('panel', NULL, 'Patch panel', 'R103', NULL, NULL), ('stack 2', NULL, 'Switch', 'R103', 'stack', 2),
	('loose', 'spare server', 'Server', NULL, NULL, NULL)) AS d (key, name, type, rack, vc, vc_position);

INSERT INTO dcim_moduletype (created, last_updated, _custom_field_data, id, model, part_number, front_image, rear_image, comments, manufacturer_id)
SELECT now(), now(), '{}', pg_temp.k(t), t, '', '', '', '', pg_temp.k('Acme') FROM unnest('{PSU 2000,Power shelf}'::text[]) AS t;
-- two power supplies in the chassis; a shelf, and a power supply in that; and
-- one in the store room
INSERT INTO dcim_module (created, last_updated, _custom_field_data, id, serial, location_id, module_type_id, parent_module_bay_id, status_id) VALUES
	(now(), now(), '{}', pg_temp.k('module 1'), 'A1', NULL, pg_temp.k('PSU 2000'), pg_temp.k('bay 1'), pg_temp.status('Active')),
	(now(), now(), '{}', pg_temp.k('module 2'), 'A2', NULL, pg_temp.k('PSU 2000'), pg_temp.k('bay 2'), pg_temp.status('Active')),
	(now(), now(), '{}', pg_temp.k('shelf'), 'S1', NULL, pg_temp.k('Power shelf'), pg_temp.k('bay 3'), pg_temp.status('Active')),
	(now(), now(), '{}', pg_temp.k('module 4'), 'A4', NULL, pg_temp.k('PSU 2000'), pg_temp.k('bay 4'), pg_temp.status('Active')),
	(now(), now(), '{}', pg_temp.k('module 5'), 'A5', pg_temp.k('DC1'), pg_temp.k('PSU 2000'), NULL, pg_temp.status('Active'));
INSERT INTO dcim_modulebay (created, last_updated, _custom_field_data, id, name, _name, position, label, description, requires_first_party_modules,
	parent_device_id, parent_module_id)
SELECT now(), now(), '{}', pg_temp.k(b.key), b.name, b.name, b.name, '', '', false, pg_temp.k(b.device), pg_temp.k(b.module)
FROM (VALUES
	('bay 1', 'PSU 1', 'chassis', NULL), ('bay 2', 'PSU 2', 'chassis', NULL), ('bay 3', 'Shelf', 'chassis', NULL),
	('bay 4', 'Left', NULL, 'shelf')) AS b (key, name, device, module);

INSERT INTO dcim_powerport (created, last_updated, _custom_field_data, id, name, _name, label, description, type, device_id, module_id,
	maximum_draw, allocated_draw, power_factor)
SELECT now(), now(), '{}', pg_temp.k(p.key), p.name, p.name, '', '', '', pg_temp.k(p.device), pg_temp.k(p.module), p.maximum, p.allocated, p.factor
FROM (
	SELECT d || ' inlet', 'Inlet', d, NULL, NULL::integer, NULL::integer, 0.95 FROM unnest('{PDU-101-A,PDU-101-B,PDU-102-A,PDU-102-B}'::text[]) AS d
	UNION ALL
	SELECT format('%s PSU%s', d, n), format('PSU%s', n), d, NULL, 750, 400, 0.98
	FROM unnest('{srv-1,srv-2,srv-3,loose}'::text[]) AS d, generate_series(1, 2) AS n
	UNION ALL
	SELECT format('input %s', n), 'AC input', NULL, format('module %s', n), 2000, 1200, 0.9 FROM unnest('{1,2,4,5}'::integer[]) AS n
	UNION ALL VALUES ('shelf fans', 'Fans', NULL, 'shelf', 60, 40, 0.8)) AS p (key, name, device, module, maximum, allocated, factor);

-- six outlets on each PDU; those of the three-phase ones name their leg
INSERT INTO dcim_poweroutlet (created, last_updated, _custom_field_data, id, name, _name, label, description, type, feed_leg, device_id, power_port_id)
SELECT now(), now(), '{}', pg_temp.k(format('%s %s', d, n)), format('Outlet %s', n), format('Outlet %s', n), '', '', 'iec-60320-c13',
	CASE WHEN d LIKE 'PDU-101%' THEN substr('ABC', (n - 1) % 3 + 1, 1) ELSE '' END, pg_temp.k(d), pg_temp.k(d || ' inlet')
FROM unnest('{PDU-101-A,PDU-101-B,PDU-102-A,PDU-102-B}'::text[]) AS d, generate_series(1, 6) AS n;

INSERT INTO dcim_cable (created, last_updated, _custom_field_data, id, termination_a_type_id, termination_a_id, termination_b_type_id, termination_b_id,
	type, label, color, length_unit, status_id)
SELECT now(), now(), '{}', pg_temp.k('cable ' || c.a || ' ' || c.b), pg_temp.type(c.a_type), pg_temp.k(c.a), pg_temp.type(c.b_type), pg_temp.k(c.b),
	'', c.label, '', '', pg_temp.status(c.status)
FROM (VALUES
	('powerfeed', 'RPP-A1 R101-A', 'powerport', 'PDU-101-A inlet', 'A-101', 'Connected'),
	('powerport', 'PDU-101-B inlet', 'powerfeed', 'RPP-B1 R101-B', 'B-101', 'Connected'),
	('powerfeed', 'RPP-A1 R102-A', 'powerport', 'PDU-102-A inlet', '', 'Connected'),
	('powerfeed', 'RPP-B1 R102-B', 'powerport', 'PDU-102-B inlet', '', 'Connected'),
	('powerport', 'srv-1 PSU1', 'poweroutlet', 'PDU-101-A 1', '', 'Connected'), ('poweroutlet', 'PDU-101-B 1', 'powerport', 'srv-1 PSU2', '', 'Connected'),
	('powerport', 'srv-2 PSU1', 'poweroutlet', 'PDU-101-A 2', '', 'Connected'), ('poweroutlet', 'PDU-101-B 2', 'powerport', 'srv-2 PSU2', '', 'Planned'),
	('powerport', 'srv-3 PSU1', 'poweroutlet', 'PDU-102-A 1', '', 'Connected'), ('poweroutlet', 'PDU-102-B 1', 'powerport', 'srv-3 PSU2', '', 'Connected'),
	('poweroutlet', 'PDU-102-A 2', 'powerport', 'input 1', '', 'Connected'), ('poweroutlet', 'PDU-102-B 2', 'powerport', 'input 2', '', 'Connected'),
	('interface', 'srv-1 eth0', 'interface', 'stack 2 port 1', '', 'Connected'), ('interface', 'srv-2 eth0', 'interface', 'stack 2 port 2', 'blue', 'Connected'),
	('consoleport', 'srv-1 console', 'consoleserverport', 'stack 2 tty', '', 'Connected'))
	AS c (a_type, a, b_type, b, label, status);

-- what Nautobot keeps of cables at their ends
UPDATE dcim_powerfeed AS t SET cable_id = c.id, _cable_peer_type_id = pg_temp.type('powerport'),
	_cable_peer_id = CASE t.id WHEN c.termination_a_id THEN c.termination_b_id ELSE c.termination_a_id END
FROM dcim_cable AS c WHERE t.id IN (c.termination_a_id, c.termination_b_id);
UPDATE dcim_poweroutlet AS t SET cable_id = c.id, _cable_peer_type_id = pg_temp.type('powerport'),
	_cable_peer_id = CASE t.id WHEN c.termination_a_id THEN c.termination_b_id ELSE c.termination_a_id END
FROM dcim_cable AS c WHERE t.id IN (c.termination_a_id, c.termination_b_id);
UPDATE dcim_powerport AS t SET cable_id = c.id,
	_cable_peer_type_id = CASE t.id WHEN c.termination_a_id THEN c.termination_b_type_id ELSE c.termination_a_type_id END,
	_cable_peer_id = CASE t.id WHEN c.termination_a_id THEN c.termination_b_id ELSE c.termination_a_id END
FROM dcim_cable AS c WHERE t.id IN (c.termination_a_id, c.termination_b_id);
