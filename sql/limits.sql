-- limits: receptacles, connected loads, banks, alternate inlets, needed ports and
-- rack limits, on both sides of each limit
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) VALUES ('Rack', test.location('Site'));
INSERT INTO device (name) VALUES ('Device'), ('Other device');
INSERT INTO power_panel (name, location_id) VALUES ('Panel', test.location('Site'));
INSERT INTO power_feed (name, power_panel_id, status) VALUES ('Feed', test.panel('Panel'), 'active');
INSERT INTO power_port (name, device_id) VALUES ('Port', test.device('Device')), ('Second port', test.device('Device')), ('Other port', test.device('Other device'));
INSERT INTO power_bank (name, device_id, power_port_id, amperage) VALUES ('Bank', test.device('Device'), test.port('Port'), 16);
INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('Outlet', test.device('Device'), test.port('Port'));
CREATE FUNCTION pg_temp.bank() RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM powerpanel.power_bank WHERE name = 'Bank' $$;

-- In a statement, NEW stands for each of the values tried.
CREATE FUNCTION pg_temp.try(statement text, VARIADIC tried text[]) RETURNS TABLE (value text, result text)
LANGUAGE sql AS $$ SELECT t, test.trial(replace(statement, 'NEW', t)) FROM unnest(tried) WITH ORDINALITY AS u (t, n) ORDER BY n $$;

SELECT * FROM pg_temp.try('UPDATE power_panel SET max_utilization = NEW', '0', '101', '1', '100', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_feed SET connected_load = NEW', '-1', '0', '1', 'NULL');
SELECT * FROM pg_temp.try('UPDATE rack SET power_limit = NEW', '0', '1', 'NULL');
SELECT * FROM pg_temp.try('UPDATE device SET needed_ports = NEW', '0', '1', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_bank SET amperage = NEW', '0', '1', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_bank SET max_utilization = NEW', '0', '101', '1', '100', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_bank SET name = NEW', ''' ''', '''x''');
SELECT * FROM pg_temp.try('UPDATE power_bank SET custom_fields = NEW', '''[]''', '''{}''');

-- Receptacles: as many cables as there are, from the feed's side and the cable's
SELECT * FROM pg_temp.try('UPDATE power_feed SET receptacles = NEW', '0', '1', '2', 'NULL');
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('Feed'), test.port('Port'));
SELECT test.trial('INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''Feed''), test.port(''Other port''))');
UPDATE power_feed SET receptacles = 2;
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('Feed'), test.port('Other port'));
SELECT * FROM pg_temp.try('UPDATE power_feed SET receptacles = NEW', '1', '2', '3');

-- Banks and the inlets of an outlet are of its device
SELECT * FROM pg_temp.try('UPDATE power_bank SET power_port_id = NEW', 'test.port(''Other port'')', 'test.port(''Second port'')', 'NULL');
SELECT * FROM pg_temp.try('UPDATE power_outlet SET alternate_power_port_id = NEW', 'test.port(''Other port'')', 'test.port(''Port'')', 'test.port(''Second port'')', 'NULL');
SELECT test.trial('UPDATE power_outlet SET power_port_id = NULL, alternate_power_port_id = test.port(''Second port'')') AS "only an alternate";
-- an outlet with a bank names the bank's inlet, and no other and not none
SELECT * FROM pg_temp.try('UPDATE power_outlet SET power_bank_id = pg_temp.bank(), power_port_id = NEW', 'test.port(''Port'')', 'test.port(''Second port'')', 'NULL');
SELECT test.trial('INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id) VALUES (''Far'', test.device(''Other device''), test.port(''Other port''), pg_temp.bank())') AS "a bank of another device";
SELECT test.trial('INSERT INTO power_outlet (name, device_id, power_bank_id) VALUES (''Astray'', test.device(''Device''), gen_random_uuid())') AS "no such bank, and no inlet";
ROLLBACK;
