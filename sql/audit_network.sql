-- audit_network: an audit that reads the network for its warnings does not look once
-- more for loops and broken keys where that is whole; it finds what one finds that
-- reads no network, because it asks for errors alone
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) VALUES ('Rack', test.location('Site'));
INSERT INTO device (name, rack_id) SELECT 'D' || n, test.rack('Rack') FROM generate_series(1, 3) AS n;
INSERT INTO power_port (name, device_id) SELECT 'in' || n, test.device('D' || n) FROM generate_series(1, 3) AS n;
INSERT INTO power_port (name, device_id) VALUES ('second', test.device('D1'));
INSERT INTO power_bank (name, device_id, power_port_id, amperage) VALUES ('bank', test.device('D1'), test.port('in1'), 16);
INSERT INTO power_outlet (name, device_id, power_port_id, alternate_power_port_id, power_bank_id)
VALUES ('out1', test.device('D1'), test.port('in1'), test.port('second'), (SELECT id FROM power_bank)), ('out2', test.device('D2'), test.port('in2'), NULL, NULL);
INSERT INTO power_panel (name, location_id, circuit_positions) SELECT p, test.location('Site'), 42 FROM unnest(ARRAY['A', 'B']) AS p;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('AB', test.panel('A'), test.panel('B'), 'active');
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F', test.panel('B'), test.rack('Rack'), 'active');
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('F'), test.port('in1'));
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('out1'), test.port('in2'));

CREATE TEMPORARY TABLE damage (n serial, statement text) ON COMMIT DROP;
INSERT INTO damage (statement) VALUES
	('SELECT'),
	('UPDATE power_feed SET power_panel_id = gen_random_uuid() WHERE name = ''F'''),
	('UPDATE power_feed SET destination_panel_id = gen_random_uuid() WHERE name = ''AB'''),
	('UPDATE power_feed SET status = ''gone'' WHERE name = ''F'''),
	('UPDATE power_feed SET rack_id = gen_random_uuid() WHERE name = ''F'''),
	('UPDATE device SET rack_id = gen_random_uuid() WHERE name = ''D3'''),
	('UPDATE power_port SET device_id = gen_random_uuid() WHERE name = ''in3'''),
	('UPDATE power_bank SET device_id = gen_random_uuid()'),
	('UPDATE power_bank SET device_id = test.device(''D2'')'),
	('UPDATE power_bank SET power_port_id = gen_random_uuid()'),
	('UPDATE power_bank SET power_port_id = test.port(''second'')'),
	('UPDATE power_outlet SET device_id = gen_random_uuid() WHERE name = ''out2'''),
	('UPDATE power_outlet SET device_id = test.device(''D3'') WHERE name = ''out2'''),
	('UPDATE power_outlet SET power_port_id = gen_random_uuid() WHERE name = ''out2'''),
	('UPDATE power_outlet SET power_port_id = test.port(''in3'') WHERE name = ''out2'''),
	('UPDATE power_outlet SET alternate_power_port_id = gen_random_uuid() WHERE name = ''out1'''),
	('UPDATE power_outlet SET alternate_power_port_id = test.port(''in3'') WHERE name = ''out1'''),
	('UPDATE power_outlet SET power_bank_id = gen_random_uuid() WHERE name = ''out1'''),
	('UPDATE power_outlet SET power_port_id = NULL, alternate_power_port_id = NULL WHERE name = ''out1'''),
	('UPDATE cable SET power_feed_id = gen_random_uuid() WHERE power_feed_id IS NOT NULL'),
	('UPDATE cable SET power_outlet_id = gen_random_uuid() WHERE power_outlet_id IS NOT NULL'),
	('UPDATE cable SET power_port_id = gen_random_uuid() WHERE power_outlet_id IS NOT NULL'),
	('UPDATE power_feed SET destination_panel_id = test.panel(''A''), power_panel_id = test.panel(''B'') WHERE name = ''F'''),
	('INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet(''out2''), test.port(''second''))'),
	-- with one thing missing, nothing can be said of loops
	('INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet(''out2''), test.port(''second'')); UPDATE power_port SET device_id = gen_random_uuid() WHERE name = ''second'''),
	-- what a table inherits keeps no key
	('CREATE TABLE test.more () INHERITS (powerpanel.device); INSERT INTO test.more (id, name) SELECT id, name FROM device WHERE name = ''D3''; DELETE FROM ONLY device WHERE name = ''D3'''),
	-- where the CHECK is gone, a cable may come from nothing or from two things
	('ALTER TABLE cable DROP CONSTRAINT cable_source; INSERT INTO cable (power_port_id) VALUES (test.port(''in3''))'),
	('ALTER TABLE cable DROP CONSTRAINT cable_source; UPDATE cable SET power_outlet_id = gen_random_uuid() WHERE power_feed_id IS NOT NULL'),
	-- a key is known by its columns, not by its name
	('ALTER TABLE power_port DROP CONSTRAINT power_port_device_id_fkey; ALTER TABLE power_port ADD CONSTRAINT power_port_device_id_fkey FOREIGN KEY (id) REFERENCES device NOT VALID');

CREATE FUNCTION pg_temp.ways() RETURNS TABLE (n int, found text, same boolean)
LANGUAGE plpgsql AS $$
DECLARE
	d record;
BEGIN
	FOR d IN SELECT * FROM damage ORDER BY damage.n LOOP
		BEGIN
			SET LOCAL client_min_messages = error;
			SET LOCAL session_replication_role = replica;
			EXECUTE d.statement;
			SET LOCAL session_replication_role = origin;
			RETURN QUERY
			WITH whole AS MATERIALIZED (
				SELECT c::text AS line, c.rule FROM powerpanel.check_integrity() AS c WHERE c.severity = 'error'
			), errors AS MATERIALIZED (
				SELECT c::text AS line FROM powerpanel.check_integrity(ARRAY(SELECT r.name FROM powerpanel.rule AS r WHERE r.severity = 'error')) AS c
			)
			SELECT d.n, (SELECT string_agg(w.rule, ', ' ORDER BY w.rule COLLATE "C") FROM whole AS w),
				ARRAY(SELECT w.line FROM whole AS w ORDER BY 1) = ARRAY(SELECT e.line FROM errors AS e ORDER BY 1);
			RAISE EXCEPTION USING ERRCODE = 'TRIAL';
		EXCEPTION WHEN SQLSTATE 'TRIAL' THEN
			NULL;
		END;
	END LOOP;
END $$;
SELECT * FROM pg_temp.ways();
ROLLBACK;
