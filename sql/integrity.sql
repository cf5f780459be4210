-- integrity: what gets in while triggers are off, the audit reports by the name
-- of the rule that would have refused it
SET search_path = powerpanel, pg_temp;
SELECT * FROM check_integrity() WHERE severity = 'error';

-- Every rule: name, severity, SQLSTATE, description
SELECT name, severity, sqlstate, description FROM rule ORDER BY name COLLATE "C";
-- ... the rules of the contract are all there
SELECT r AS missing FROM unnest(ARRAY['location_cycle', 'rack_rack_group_location', 'power_panel_rack_group_location', 'power_panel_circuit_positions',
	'power_panel_voltage', 'power_panel_main_breaker_amperage', 'power_feed_rack_location', 'power_feed_voltage', 'power_feed_amperage',
	'power_feed_max_utilization', 'power_feed_breaker_position', 'power_feed_breaker_pole_count', 'location_name', 'rack_group_name', 'rack_name',
	'device_name', 'power_panel_name', 'power_feed_name', 'power_port_name', 'power_outlet_name', 'power_feed_breaker_bus',
	'power_feed_breaker_capacity', 'power_feed_breaker_conflict', 'power_feed_destination_self', 'power_feed_cycle', 'power_feed_destination_or_cable',
	'cable_source', 'cable_cycle', 'power_port_draw', 'power_port_power_factor', 'power_outlet_power_port']) AS r
WHERE r NOT IN (SELECT name FROM rule);
-- ... each CHECK constraint of the tables is one
SELECT conname AS not_a_rule FROM pg_constraint
WHERE connamespace = 'powerpanel'::regnamespace AND contype = 'c' AND conrelid <> 0 AND conname NOT IN (SELECT name FROM rule);
-- ... and each has a severity that the audit knows
SELECT DISTINCT severity FROM rule WHERE severity NOT IN ('error', 'warning');

BEGIN;
INSERT INTO location (name) VALUES ('Site'), ('Elsewhere');
INSERT INTO location (name, parent_id) VALUES ('Room', test.location('Site')), ('Cage', test.location('Site'));
INSERT INTO rack_group (name, location_id) VALUES ('Group', test.location('Elsewhere'));
INSERT INTO rack (name, location_id) VALUES ('Rack', test.location('Room'));
INSERT INTO device (name, rack_id) SELECT 'D' || n, test.rack('Rack') FROM generate_series(1, 2) AS n;
INSERT INTO power_port (name, device_id) SELECT 'in' || n, test.device('D' || n) FROM generate_series(1, 2) AS n;
INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'out' || n, test.device('D' || n), test.port('in' || n) FROM generate_series(1, 2) AS n;
INSERT INTO power_panel (name, location_id, circuit_positions) SELECT p, test.location('Site'), 42 FROM unnest(ARRAY['A', 'B', 'C']) AS p;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('AB', test.panel('A'), test.panel('B'), 'active'), ('BC', test.panel('B'), test.panel('C'), 'planned');
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('F1', test.panel('A'), 'active', 1, 3), ('F2', test.panel('A'), 'active', 2, 2);
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet('out1'), test.port('in2'));
SELECT count(*) AS findings FROM check_integrity() WHERE severity = 'error';

-- Each of these, with triggers off; then the audit, whole and by the name of the rule
CREATE TEMPORARY TABLE damage (n serial, rule text, statement text) ON COMMIT DROP;
INSERT INTO damage (rule, statement) VALUES
	('location_cycle', 'UPDATE location SET parent_id = test.location(''Cage'') WHERE name = ''Site'''),
	('location_cycle', 'UPDATE location SET parent_id = id WHERE name = ''Elsewhere'''),
	('rack_rack_group_location', 'UPDATE rack SET rack_group_id = test.rack_group(''Group'')'),
	('power_panel_rack_group_location', 'UPDATE power_panel SET rack_group_id = test.rack_group(''Group'') WHERE name = ''A'''),
	('power_feed_rack_location', 'UPDATE power_feed SET rack_id = test.rack(''Rack'') WHERE name = ''F1''; UPDATE rack SET location_id = test.location(''Elsewhere'')'),
	('power_feed_breaker_bus', 'UPDATE power_panel SET bus = ''single-phase'' WHERE name = ''A'''),
	('power_feed_breaker_bus', 'UPDATE power_panel SET bus = ''split-phase'' WHERE name = ''A'''),
	('power_feed_breaker_capacity', 'UPDATE power_panel SET circuit_positions = 4 WHERE name = ''A'''),
	('power_feed_breaker_capacity', 'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''X'', test.panel(''A''), ''active'', 41, 2)'),
	('power_feed_breaker_conflict', 'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''X'', test.panel(''A''), ''failed'', 4, 1)'),
	('power_feed_breaker_conflict', 'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''X'', test.panel(''A''), ''failed'', 4, NULL)'),
	('power_feed_cycle', 'UPDATE power_feed SET destination_panel_id = test.panel(''A'') WHERE name = ''BC'''),
	('power_feed_cycle', 'INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES (''CA'', test.panel(''C''), test.panel(''A''), ''offline'')'),
	('power_feed_destination_or_cable', 'INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''AB''), test.port(''in1''))'),
	('cable_cycle', 'INSERT INTO cable (power_outlet_id, power_port_id) VALUES (test.outlet(''out2''), test.port(''in1''))'),
	('power_outlet_power_port', 'UPDATE power_outlet SET power_port_id = test.port(''in1'') WHERE name = ''out2''; DELETE FROM cable'),
	('power_outlet_power_port', 'UPDATE power_outlet SET power_port_id = gen_random_uuid() WHERE name = ''out2''');
CREATE FUNCTION pg_temp.damage() RETURNS TABLE (n int, done text, expected text, rule text, severity text, object_type text, object text, id_is_right boolean, detail text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
	d record; f record; found boolean;
BEGIN
	FOR d IN SELECT * FROM damage ORDER BY damage.n LOOP
		BEGIN
			SET LOCAL session_replication_role = replica;
			EXECUTE d.statement;
			SET LOCAL session_replication_role = origin;
			found := false;
			FOR f IN SELECT c.* FROM powerpanel.check_integrity() AS c WHERE c.severity = 'error' ORDER BY c.rule, c.object COLLATE "C", c.detail COLLATE "C" LOOP
				n := d.n; expected := d.rule; rule := f.rule; severity := f.severity; object_type := f.object_type;
				object := f.object; detail := f.detail;
				EXECUTE format('SELECT EXISTS (SELECT FROM powerpanel.%I WHERE id = $1)', f.object_type) INTO id_is_right USING f.object_id;
				done := 'found';
				found := found OR f.rule = d.rule;
				RETURN NEXT;
			END LOOP;
			IF NOT found THEN
				n := d.n; expected := d.rule; done := 'MISSED'; rule := NULL; severity := NULL; object_type := NULL; object := NULL; id_is_right := NULL; detail := NULL;
				RETURN NEXT;
			END IF;
			IF (SELECT count(*) FROM powerpanel.check_integrity(ARRAY[d.rule])) = 0 OR EXISTS (SELECT FROM powerpanel.check_integrity(ARRAY[d.rule]) AS c WHERE c.rule <> d.rule) THEN
				n := d.n; expected := d.rule; done := 'FILTER WRONG'; rule := NULL; severity := NULL; object_type := NULL; object := NULL; id_is_right := NULL; detail := NULL;
				RETURN NEXT;
			END IF;
			RAISE EXCEPTION USING ERRCODE = 'TRIAL';
		EXCEPTION WHEN SQLSTATE 'TRIAL' THEN
			NULL;
		END;
	END LOOP;
END $$;
\x on
SELECT n, done, expected, rule, severity, object_type, object, id_is_right,
	regexp_replace(detail, '[0-9a-f]{8}-[0-9a-f-]{27}', 'uuid', 'g') AS detail FROM pg_temp.damage();
\x off

-- Derived columns that are not what they should be
SAVEPOINT before;
SET LOCAL client_min_messages = error;
ALTER TABLE power_feed DISABLE TRIGGER USER;
UPDATE power_feed SET occupied_positions = '9', phase_designation = 'B' WHERE name = 'F1';
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('F3', test.panel('A'), 'active', 13);
INSERT INTO power_feed (name, power_panel_id, status, occupied_positions) VALUES ('F4', test.panel('A'), 'active', '20');
RESET client_min_messages;
SELECT rule, severity, object_type, object FROM check_integrity() WHERE severity = 'error' ORDER BY rule, object COLLATE "C";
ROLLBACK TO before;

-- Rows that refer to nothing
SET LOCAL session_replication_role = replica;
DELETE FROM rack;
DELETE FROM power_panel WHERE name = 'C';
DELETE FROM location WHERE name = 'Elsewhere';
SET LOCAL session_replication_role = origin;
SELECT rule, severity, object_type, object FROM check_integrity() WHERE severity = 'error' ORDER BY rule, object COLLATE "C";
ROLLBACK TO before;

-- Triggers disabled, too
SET LOCAL client_min_messages = error;
ALTER TABLE power_feed DISABLE TRIGGER USER;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count, occupied_positions, phase_designation) VALUES ('X', test.panel('A'), 'active', 4, 1, '4', 'B');
ALTER TABLE power_feed ENABLE TRIGGER USER;
RESET client_min_messages;
SELECT rule, severity, object_type, object FROM check_integrity() WHERE severity = 'error';
-- What is there is not in the way of other writes, but a write to the spot is refused
SELECT test.trial('UPDATE power_feed SET comments = ''x'' WHERE name = ''F1''') AS comment, test.trial('UPDATE power_feed SET breaker_position = 6, breaker_pole_count = 1 WHERE name = ''X''') AS repair;
ROLLBACK TO before;

-- The argument
SELECT count(*) FROM check_integrity(ARRAY['power_feed_cycle', 'cable_cycle']);
SELECT test.trial(call) AS result FROM unnest(ARRAY['SELECT * FROM check_integrity(ARRAY[''no_such_rule''])',
	'SELECT * FROM check_integrity(ARRAY[''power_feed_cycle'', ''POWER_FEED_CYCLE''])', 'SELECT * FROM check_integrity(ARRAY[NULL]::text[])', 'SELECT * FROM check_integrity(''{}'')', 'SELECT * FROM check_integrity(NULL)', 'SELECT * FROM check_integrity(ARRAY(SELECT name FROM rule))']) AS call;
ROLLBACK;
