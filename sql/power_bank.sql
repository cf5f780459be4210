-- power_bank: banks, alternate inlets, receptacles and the other columns of 2.0,
-- each from every side
SET search_path = powerpanel, pg_temp;
BEGIN;
CREATE FUNCTION pg_temp.tried(VARIADIC statements text[]) RETURNS TABLE (statement text, result text)
LANGUAGE sql AS $$ SELECT s, test.trial(s) FROM unnest(statements) WITH ORDINALITY AS u (s, n) ORDER BY n $$;
CREATE FUNCTION pg_temp.bank(name text) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM powerpanel.power_bank b WHERE b.name = $1 $$;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) VALUES ('Rack', test.location('Site'));
INSERT INTO power_panel (name, location_id) VALUES ('Panel', test.location('Site'));
INSERT INTO power_feed (name, power_panel_id, status) VALUES ('Feed', test.panel('Panel'), 'active'), ('Other feed', test.panel('Panel'), 'active');
INSERT INTO device (name) VALUES ('D1'), ('D2');
INSERT INTO power_port (name, device_id) VALUES ('in 1', test.device('D1')), ('in 2', test.device('D1')), ('in 3', test.device('D1')), ('other', test.device('D2'));
INSERT INTO power_bank (name, device_id, power_port_id, amperage) VALUES ('Bank', test.device('D1'), test.port('in 1'), 20), ('Spare bank', test.device('D1'), test.port('in 2'), 20), ('Other bank', test.device('D2'), test.port('other'), 20);
INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id) VALUES ('Outlet', test.device('D1'), test.port('in 1'), pg_temp.bank('Bank'));
INSERT INTO power_outlet (name, device_id, power_port_id, alternate_power_port_id) VALUES ('Switched', test.device('D1'), test.port('in 1'), test.port('in 2'));

-- The columns' own limits
SELECT * FROM pg_temp.tried(
	'UPDATE rack SET power_limit = 0', 'UPDATE rack SET power_limit = 1',
	'UPDATE device SET needed_ports = 0', 'UPDATE device SET needed_ports = 1',
	'UPDATE power_panel SET max_utilization = 0', 'UPDATE power_panel SET max_utilization = 101', 'UPDATE power_panel SET max_utilization = 1',
	'UPDATE power_feed SET receptacles = 0', 'UPDATE power_feed SET connected_load = -1', 'UPDATE power_feed SET connected_load = 0',
	'UPDATE power_bank SET amperage = 0', 'UPDATE power_bank SET max_utilization = 101', 'UPDATE power_bank SET name = '' ''',
	'UPDATE power_bank SET custom_fields = ''[]''', 'UPDATE power_bank SET power_port_id = NULL', 'UPDATE power_bank SET feed_leg = ''A-C''');

-- A bank and its inlet
SELECT * FROM pg_temp.tried(
	'UPDATE power_bank SET power_port_id = test.port(''other'') WHERE name = ''Spare bank''',
	'UPDATE power_bank SET device_id = test.device(''D2'') WHERE name = ''Spare bank''',
	'UPDATE power_bank SET device_id = test.device(''D2''), power_port_id = test.port(''other'') WHERE name = ''Spare bank''',
	'DELETE FROM power_port WHERE name = ''in 2''',
	'DELETE FROM power_port WHERE name = ''in 3''');

-- An outlet and its bank
SELECT * FROM pg_temp.tried(
	'UPDATE power_outlet SET power_port_id = test.port(''in 2'') WHERE name = ''Outlet''',
	'UPDATE power_outlet SET power_port_id = NULL WHERE name = ''Outlet''',
	'UPDATE power_outlet SET power_bank_id = pg_temp.bank(''Other bank'') WHERE name = ''Outlet''',
	'UPDATE power_outlet SET power_bank_id = pg_temp.bank(''Spare bank'') WHERE name = ''Outlet''',
	'UPDATE power_outlet SET power_bank_id = pg_temp.bank(''Spare bank''), power_port_id = test.port(''in 2'') WHERE name = ''Outlet''',
	'INSERT INTO power_outlet (name, device_id, power_bank_id) VALUES (''New'', test.device(''D1''), pg_temp.bank(''Bank''))',
	'UPDATE power_bank SET device_id = test.device(''D2''), power_port_id = test.port(''other'') WHERE name = ''Bank''');
SELECT test.trial_error('UPDATE power_outlet SET power_port_id = NULL WHERE name = ''Outlet''') AS no_inlet,
	test.trial_error('UPDATE power_bank SET device_id = test.device(''D2''), power_port_id = test.port(''other'') WHERE name = ''Bank''') AS moved;
-- ... deferred, what is set right in time is taken
SAVEPOINT before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_outlet SET power_port_id = NULL WHERE name = 'Outlet';
UPDATE power_outlet SET power_bank_id = NULL WHERE name = 'Outlet';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
-- ... a bank that gets another inlet takes its outlets along, one that goes leaves them
UPDATE power_bank SET power_port_id = test.port('in 3') WHERE name = 'Bank';
SELECT o.name, p.name AS inlet, b.name AS bank FROM power_outlet o JOIN power_port p ON p.id = o.power_port_id LEFT JOIN power_bank b ON b.id = o.power_bank_id ORDER BY 1;
DELETE FROM power_bank WHERE name = 'Bank';
SELECT o.name, p.name AS inlet, b.name AS bank FROM power_outlet o JOIN power_port p ON p.id = o.power_port_id LEFT JOIN power_bank b ON b.id = o.power_bank_id ORDER BY 1;
ROLLBACK TO before;
-- ... a device goes with all of it
DELETE FROM device WHERE name = 'D1';
SELECT count(*) FROM power_bank;
ROLLBACK TO before;

-- Alternate inlets
SELECT * FROM pg_temp.tried(
	'UPDATE power_outlet SET alternate_power_port_id = power_port_id WHERE name = ''Switched''',
	'UPDATE power_outlet SET power_port_id = NULL WHERE name = ''Switched''',
	'UPDATE power_outlet SET power_port_id = NULL, alternate_power_port_id = NULL WHERE name = ''Switched''',
	'UPDATE power_outlet SET alternate_power_port_id = test.port(''other'') WHERE name = ''Switched''',
	'DELETE FROM power_bank; DELETE FROM power_port WHERE name = ''in 1''',
	'DELETE FROM power_bank; DELETE FROM power_port WHERE name IN (''in 1'', ''in 2'')',
	'DELETE FROM power_bank; DELETE FROM power_port WHERE name = ''in 2''');
-- ... cable_cycle goes through them: D2 hangs on the switched outlet, and could feed
-- the switch's second inlet only by a loop
INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('back', test.device('D2'), test.port('other'));
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('Switched'), test.port('other'));
SELECT test.trial_error('INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet(''back''), test.port(''in 2''))') AS loop;
UPDATE power_outlet SET alternate_power_port_id = NULL WHERE name = 'Switched';
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('back'), test.port('in 2'));
SELECT test.trial_error('UPDATE power_outlet SET alternate_power_port_id = test.port(''in 2'') WHERE name = ''Switched''') AS loop;
ROLLBACK TO before;

-- Receptacles
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('Feed'), test.port('in 1'));
SELECT test.trial_error('INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Feed''), test.port(''in 2''))') AS second_cable;
SELECT * FROM pg_temp.tried(
	'UPDATE power_feed SET receptacles = 2; INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Feed''), test.port(''in 2''))',
	'UPDATE power_feed SET receptacles = 2; INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Feed''), test.port(''in 2'')); UPDATE power_feed SET receptacles = 1',
	'INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Other feed''), test.port(''in 2'')); UPDATE cable SET power_feed_id = test.feed(''Feed'')',
	'INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Other feed''), test.port(''in 2'')); UPDATE cable SET power_feed_id = CASE power_port_id WHEN test.port(''in 1'') THEN test.feed(''Other feed'') ELSE test.feed(''Feed'') END');

-- What got in with triggers off is found
SET LOCAL session_replication_role = replica;
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('Feed'), test.port('in 2'));
UPDATE power_outlet SET power_port_id = NULL WHERE name = 'Outlet';
SELECT rule, object_type, object, detail FROM check_integrity() WHERE severity = 'error' ORDER BY 1;
ROLLBACK;
