-- checks: every rule that a CHECK, UNIQUE or FOREIGN KEY says, on both sides of
-- its limit
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site'), ('Other');
INSERT INTO location (name, parent_id) VALUES ('Room', test.location('Site'));
INSERT INTO rack_group (name, location_id) VALUES ('Row', test.location('Site'));
INSERT INTO rack (name, location_id) VALUES ('Rack', test.location('Room'));
INSERT INTO device (name, rack_id) VALUES ('Device', test.rack('Rack')), ('Other device', NULL);
INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ('Panel', test.location('Site'), 1000), ('Other panel', test.location('Site'), NULL);
INSERT INTO power_feed (name, power_panel_id, status) VALUES ('Feed', test.panel('Panel'), 'active'), ('Second feed', test.panel('Panel'), 'active');
INSERT INTO power_port (name, device_id) VALUES ('Port', test.device('Device')), ('Other port', test.device('Other device')), ('Free port', test.device('Device'));
INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('Outlet', test.device('Device'), test.port('Port')), ('Other outlet', test.device('Other device'), NULL);
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('Feed'), test.port('Port'));

-- In a statement, NEW stands for each of the values tried.
CREATE FUNCTION pg_temp.try(statement text, VARIADIC tried text[]) RETURNS TABLE (value text, result text)
LANGUAGE sql AS $$ SELECT t, test.trial(replace(statement, 'NEW', t)) FROM unnest(tried) WITH ORDINALITY AS u (t, n) ORDER BY n $$;

-- Blank names, and none
SELECT t AS "table", v.name, test.trial(format(CASE t
	WHEN 'location' THEN 'INSERT INTO location (name) VALUES (%s)'
	WHEN 'rack_group' THEN 'INSERT INTO rack_group (name, location_id) VALUES (%s, test.location(''Room''))'
	WHEN 'rack' THEN 'INSERT INTO rack (name, location_id) VALUES (%s, test.location(''Room''))'
	WHEN 'device' THEN 'INSERT INTO device (name) VALUES (%s)'
	WHEN 'power_panel' THEN 'INSERT INTO power_panel (name, location_id) VALUES (%s, test.location(''Room''))'
	WHEN 'power_feed' THEN 'INSERT INTO power_feed (name, power_panel_id, status) VALUES (%s, test.panel(''Panel''), ''active'')'
	WHEN 'power_port' THEN 'INSERT INTO power_port (name, device_id) VALUES (%s, test.device(''Device''))'
	WHEN 'power_outlet' THEN 'INSERT INTO power_outlet (name, device_id) VALUES (%s, test.device(''Device''))'
	WHEN 'feed_status' THEN 'INSERT INTO feed_status (name, energized) VALUES (%s, true)' END, v.name)) AS result
FROM unnest(ARRAY['location', 'rack_group', 'rack', 'device', 'power_panel', 'power_feed', 'power_port', 'power_outlet', 'feed_status']) WITH ORDINALITY AS t (t, n),
	(VALUES (1, ''''''), (2, '''  '''), (3, 'E''\t\n '''), (4, 'NULL'), (5, ''' x ''')) AS v (i, name)
ORDER BY n, i;
SELECT t AS "table", test.trial(format('UPDATE %I SET name = '' ''', t)) AS result
FROM unnest(ARRAY['location', 'rack_group', 'rack', 'device', 'power_panel', 'power_feed', 'power_port', 'power_outlet']) AS t;

-- custom_fields: an object
SELECT t AS "table", v.value, test.trial(format('UPDATE %I SET custom_fields = %s', t, v.value)) AS result
FROM unnest(ARRAY['location', 'rack_group', 'rack', 'device', 'power_panel', 'power_feed', 'power_port', 'power_outlet', 'cable']) WITH ORDINALITY AS t (t, n),
	(VALUES (1, '''[]'''), (2, '''1'''), (3, 'NULL'), (4, '''{"a": 1}''')) AS v (i, value)
ORDER BY n, i;

-- Names that must differ
SELECT * FROM pg_temp.try('INSERT INTO location (name, parent_id) VALUES (NEW)', '''Site'', NULL', '''Room'', test.location(''Site'')', '''Room'', NULL', '''Site'', test.location(''Site'')');
SELECT * FROM pg_temp.try('INSERT INTO rack_group (name, location_id) VALUES (NEW)', '''Row'', test.location(''Site'')', '''Row'', test.location(''Room'')');
SELECT * FROM pg_temp.try('INSERT INTO rack (name, location_id, rack_group_id) VALUES (NEW)', '''Rack'', test.location(''Room''), NULL', '''Rack'', test.location(''Room''), test.rack_group(''Row'')',
	'''Rack'', test.location(''Site''), NULL', '''rack'', test.location(''Room''), NULL');
SELECT * FROM pg_temp.try('INSERT INTO device (name) VALUES (NEW)', '''Device''');
SELECT * FROM pg_temp.try('INSERT INTO power_panel (name, location_id) VALUES (NEW)', '''Panel'', test.location(''Site'')', '''Panel'', test.location(''Room'')');
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, status) VALUES (NEW, ''active'')', '''Feed'', test.panel(''Panel'')', '''Feed'', test.panel(''Other panel'')');
SELECT * FROM pg_temp.try('INSERT INTO power_port (name, device_id) VALUES (NEW)', '''Port'', test.device(''Device'')', '''Port'', test.device(''Other device'')');
SELECT * FROM pg_temp.try('INSERT INTO power_outlet (name, device_id) VALUES (NEW)', '''Outlet'', test.device(''Device'')', '''Outlet'', test.device(''Other device'')');
SELECT * FROM pg_temp.try('INSERT INTO feed_status VALUES (NEW, true)', '''active''', '''testing''');

-- Panels
SELECT * FROM pg_temp.try('INSERT INTO power_panel (name, location_id, circuit_positions) VALUES (''New'', test.location(''Site''), NEW)', '0', '-1', '1001', '2147483647', '1', '1000', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_panel SET circuit_positions = NEW', '0', '1001', '1', '1000', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_panel SET voltage = NEW', '0', '1', '-48', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_panel SET main_breaker_amperage = NEW', '0', '-1', '1', '2147483647', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_panel SET numbering = NEW', 'NULL', '''down''', '''sequential''');
SELECT * FROM pg_temp.try('UPDATE power_panel SET bus = NEW', 'NULL', '''dc''');
SELECT * FROM pg_temp.try('INSERT INTO power_panel (name, location_id) VALUES (''New'', NEW)', 'NULL', 'gen_random_uuid()');
SELECT numbering, bus, circuit_positions FROM power_panel WHERE name = 'Other panel';

-- Feeds
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, status, supply, voltage) VALUES (''New'', test.panel(''Panel''), ''active'', NEW)',
	'''ac'', 0', '''dc'', 0', '''ac'', -1', '''ac'', NULL', '''dc'', -48', '''dc'', 380', '''ac'', 1');
SELECT * FROM pg_temp.try('UPDATE power_feed SET supply = ''dc'', voltage = NEW', '0', '-2147483648', '-1', '1', '2147483647');
SELECT test.trial('UPDATE power_feed SET supply = ''dc'', voltage = -48; UPDATE power_feed SET supply = ''ac''') AS ac_again;
SELECT * FROM pg_temp.try('UPDATE power_feed SET amperage = NEW', '0', '-1', 'NULL', '1', '2147483647');
SELECT * FROM pg_temp.try('UPDATE power_feed SET max_utilization = NEW', '0', '101', '-1', '2147483647', 'NULL', '1', '100');
SELECT * FROM pg_temp.try('UPDATE power_feed SET breaker_position = NEW WHERE name = ''Feed''', '0', '-1', '1001', '2147483647', '-2147483648', '1', '1000', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_feed SET breaker_pole_count = NEW WHERE name = ''Feed''', '0', '-1', '4', '2147483647', '1', '3', 'NULL');
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''New'', test.panel(''Panel''), ''active'', NEW)',
	'2147483647, 3', '1, 2147483647', '0, NULL', 'NULL, 4', 'NULL, 3', '1000, 1');
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, status) VALUES (''New'', test.panel(''Panel''), NEW)', 'NULL', '''unheard of''', '''failed''');
SELECT test.trial('INSERT INTO power_feed (name, power_panel_id) VALUES (''New'', test.panel(''Panel''))') AS no_status;
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, status) VALUES (''New'', NEW, ''active'')', 'NULL', 'gen_random_uuid()');
SELECT * FROM pg_temp.try('UPDATE power_feed SET type = NEW', 'NULL', '''secondary''', '''redundant''');
SELECT * FROM pg_temp.try('UPDATE power_feed SET power_path = NEW', '''c''', '''b''', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_feed SET destination_panel_id = NEW WHERE name = ''Second feed''', 'test.panel(''Panel'')', 'gen_random_uuid()', 'test.panel(''Other panel'')', 'NULL');
SELECT * FROM pg_temp.try('INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES (''New'', NEW, ''active'')',
	'test.panel(''Panel''), test.panel(''Panel'')', 'test.panel(''Panel''), test.panel(''Other panel'')');
SELECT * FROM pg_temp.try('UPDATE power_feed SET rack_id = NEW', 'gen_random_uuid()', 'test.rack(''Rack'')');
SELECT type, supply, phase, voltage, amperage, max_utilization, breaker_position, breaker_pole_count, available_power, occupied_positions, phase_designation FROM power_feed WHERE name = 'Second feed';

-- Ports
SELECT * FROM pg_temp.try('INSERT INTO power_port (name, device_id, maximum_draw, allocated_draw) VALUES (''New'', test.device(''Device''), NEW)',
	'0, NULL', 'NULL, 0', '-1, NULL', 'NULL, -1', '100, 101', '100, 0', '0, 0', '100, 100', '1, 1', '100, NULL', 'NULL, 100', 'NULL, NULL', '2147483647, 2147483647');
SELECT * FROM pg_temp.try('UPDATE power_port SET power_factor = NEW', '0', '0.004', '-0.5', '1.01', '1.005', '100', 'NULL', '''NaN''', '0.01', '1.00', '1.004', '0.95');
SELECT power_factor, maximum_draw, allocated_draw FROM power_port WHERE name = 'Port';
SELECT * FROM pg_temp.try('INSERT INTO power_port (name, device_id) VALUES (''New'', NEW)', 'NULL', 'gen_random_uuid()');

-- Outlets: the port that feeds one is of the same device
SELECT * FROM pg_temp.try('INSERT INTO power_outlet (name, device_id, power_port_id) VALUES (''New'', NEW)',
	'test.device(''Device''), test.port(''Other port'')', 'test.device(''Other device''), test.port(''Port'')', 'test.device(''Device''), gen_random_uuid()', 'NULL, NULL',
	'test.device(''Device''), test.port(''Port'')', 'test.device(''Device''), NULL');
SELECT test.trial('UPDATE power_outlet SET power_port_id = test.port(''Other port'') WHERE name = ''Outlet''') AS other_port,
	test.trial('UPDATE power_outlet SET device_id = test.device(''Other device'') WHERE name = ''Outlet''') AS outlet_moves,
	test.trial('UPDATE power_port SET device_id = test.device(''Other device'') WHERE name = ''Port''') AS port_moves,
	test.trial('UPDATE power_port SET device_id = test.device(''Other device'') WHERE name = ''Free port''') AS free_port_moves,
	test.trial('UPDATE power_outlet SET device_id = test.device(''Other device''), power_port_id = test.port(''Other port'') WHERE name = ''Outlet''') AS both;
SELECT * FROM pg_temp.try('UPDATE power_outlet SET feed_leg = NEW', '''D''', '''C''');

-- Cables: from exactly one thing, and one cable to each
SELECT * FROM pg_temp.try('INSERT INTO cable (power_feed_id, power_outlet_id, power_port_id) VALUES (NEW)',
	'NULL, NULL, test.port(''Other port'')', 'test.feed(''Second feed''), test.outlet(''Outlet''), test.port(''Other port'')',
	'test.feed(''Second feed''), NULL, NULL', 'test.feed(''Second feed''), NULL, test.port(''Port'')', 'test.feed(''Feed''), NULL, test.port(''Other port'')',
	'gen_random_uuid(), NULL, test.port(''Other port'')', 'NULL, gen_random_uuid(), test.port(''Other port'')', 'test.feed(''Second feed''), NULL, gen_random_uuid()',
	'test.feed(''Second feed''), NULL, test.port(''Other port'')', 'NULL, test.outlet(''Outlet''), test.port(''Other port'')');
SELECT test.trial('UPDATE cable SET power_feed_id = NULL') AS no_source, test.trial('UPDATE cable SET power_outlet_id = test.outlet(''Other outlet'')') AS two_sources,
	test.trial('UPDATE cable SET power_feed_id = NULL, power_outlet_id = test.outlet(''Other outlet'')') AS other_source;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('Outlet'), test.port('Other port'));
SELECT test.trial('INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet(''Outlet''), test.port(''Free port''))') AS second_cable;

-- Foreign keys protect
SELECT t, test.trial(t) AS result FROM unnest(ARRAY[
	'DELETE FROM location WHERE name = ''Site''', 'DELETE FROM location WHERE name = ''Room''', 'DELETE FROM location WHERE name = ''Other''',
	'DELETE FROM rack', 'DELETE FROM rack_group', 'DELETE FROM power_panel WHERE name = ''Panel''', 'DELETE FROM power_panel WHERE name = ''Other panel''',
	'DELETE FROM feed_status WHERE name = ''active''', 'DELETE FROM feed_status WHERE name = ''failed''']) AS t;
UPDATE rack SET rack_group_id = test.rack_group('Row');
SELECT test.trial('DELETE FROM rack_group') AS rack_group_in_use;
UPDATE power_feed SET destination_panel_id = test.panel('Other panel') WHERE name = 'Second feed';
SELECT test.trial('DELETE FROM power_panel WHERE name = ''Other panel''') AS destination_in_use;
UPDATE power_feed SET rack_id = test.rack('Rack') WHERE name = 'Second feed';
UPDATE device SET rack_id = NULL;
SELECT test.trial('DELETE FROM rack') AS rack_in_use;
-- ... but a device takes its ports, these their cables, a feed its cable, and a
-- port leaves its outlets without one
SAVEPOINT all_there;
DELETE FROM power_port WHERE name = 'Port';
SELECT o.name, o.power_port_id IS NULL AS unfed, o.device_id IS NOT NULL AS has_device FROM power_outlet o WHERE name = 'Outlet';
SELECT count(*) AS cables FROM cable;
ROLLBACK TO all_there;
DELETE FROM power_feed WHERE name = 'Feed';
SELECT count(*) AS cables FROM cable;
ROLLBACK TO all_there;
DELETE FROM power_outlet WHERE name = 'Outlet';
SELECT count(*) AS cables FROM cable;
ROLLBACK TO all_there;
DELETE FROM device WHERE name = 'Device';
SELECT (SELECT count(*) FROM cable) AS cables, (SELECT count(*) FROM power_port) AS ports, (SELECT count(*) FROM power_outlet) AS outlets;
ROLLBACK TO all_there;
ROLLBACK;
