-- memory: what a transaction remembers to have checked is what it has checked,
-- and nothing else. A row that was updated in a savepoint, which was rolled back,
-- bears a combined command id: the number of some later command.
SET search_path = powerpanel, pg_temp;
BEGIN;
CREATE TEMP TABLE other (a int);

-- Has rows bear a number that no command has had yet: an update of them is rolled
-- back, after many of other rows.
CREATE FUNCTION pg_temp.combine(update_rows text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	FOR i IN 1..40 LOOP INSERT INTO other VALUES (i); END LOOP;
	FOR i IN 1..20 LOOP
		BEGIN
			UPDATE other SET a = a;
			RAISE EXCEPTION USING ERRCODE = 'PP001';
		EXCEPTION WHEN SQLSTATE 'PP001' THEN NULL;
		END;
	END LOOP;
	BEGIN
		EXECUTE update_rows;
		RAISE EXCEPTION USING ERRCODE = 'PP001';
	EXCEPTION WHEN SQLSTATE 'PP001' THEN NULL;
	END;
END $$;

-- What comes of a statement whose own number is that one.
CREATE FUNCTION pg_temp.as_command(number int, statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	last int := -1;
	rule text;
BEGIN
	IF number < 100 THEN RETURN 'the number is not a combined one'; END IF;
	WHILE last < number - 1 LOOP
		INSERT INTO other VALUES (0) RETURNING cmin::text::int INTO last;
	END LOOP;
	IF last >= number THEN RETURN format('command %s is past', number); END IF;
	EXECUTE statement;
	RETURN 'accepted';
EXCEPTION WHEN integrity_constraint_violation THEN
	GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
	RETURN rule;
END $$;

INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions) SELECT 'P' || i, test.location('Site'), 42 FROM generate_series(0, 25) i;
INSERT INTO device (name) SELECT 'D' || i FROM generate_series(0, 25) i;
INSERT INTO power_port (name, device_id) SELECT 'in', id FROM device;
INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'out', device_id, id FROM power_port;
CREATE FUNCTION pg_temp.inlet(device text) RETURNS uuid LANGUAGE sql AS
$$ SELECT p.id FROM powerpanel.power_port p JOIN powerpanel.device d ON d.id = p.device_id WHERE d.name = device AND p.name = 'in' $$;
CREATE FUNCTION pg_temp.outlet(device text) RETURNS uuid LANGUAGE sql AS
$$ SELECT o.id FROM powerpanel.power_outlet o JOIN powerpanel.device d ON d.id = o.device_id WHERE d.name = device AND o.name = 'out' $$;
INSERT INTO location (name) SELECT 'L' || i FROM generate_series(0, 25) i;

-- Breakers: two feeds of one panel are checked, and three more come in one place.
SAVEPOINT before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'F' || i, test.panel('P0'), 'active', i FROM generate_series(1, 2) i;
SELECT pg_temp.combine('UPDATE powerpanel.power_feed SET comments = name');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM power_feed), $$
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position)
	SELECT 'G' || i, test.panel('P0'), 'active', 9 FROM generate_series(1, 3) i $$) AS breakers;
ROLLBACK TO before;

-- Panels: a chain is checked, and a loop comes.
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT 'F', test.panel('P' || i), test.panel('P' || i + 1), 'active' FROM generate_series(0, 19) i;
SELECT pg_temp.combine('UPDATE powerpanel.power_feed SET comments = name');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM power_feed), $$
	INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status)
	SELECT 'G', test.panel(f), test.panel(t), 'active' FROM (VALUES ('P21', 'P22'), ('P22', 'P21')) v (f, t) $$) AS panels;
ROLLBACK TO before;

-- Cables: the same of devices.
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT pg_temp.outlet('D' || i), pg_temp.inlet('D' || i + 1) FROM generate_series(0, 19) i;
SELECT pg_temp.combine('UPDATE powerpanel.cable SET label = id');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM cable), $$
	INSERT INTO powerpanel.cable (power_outlet_id, power_port_id)
	SELECT pg_temp.outlet(f), pg_temp.inlet(t) FROM (VALUES ('D21', 'D22'), ('D22', 'D21')) v (f, t) $$) AS cables;
ROLLBACK TO before;

-- Outlets that are cabled already get their inlets.
UPDATE power_outlet SET power_port_id = NULL;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT pg_temp.outlet('D' || i), pg_temp.inlet('D' || i + 1) FROM generate_series(0, 19) i;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT pg_temp.outlet(f), pg_temp.inlet(t) FROM (VALUES ('D21', 'D22'), ('D22', 'D21')) v (f, t);
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_outlet SET power_port_id = pg_temp.inlet(d.name) FROM device d WHERE d.id = device_id AND d.name NOT IN ('D21', 'D22');
SELECT pg_temp.combine('UPDATE powerpanel.power_outlet SET feed_leg = NULL');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM power_outlet WHERE power_port_id IS NOT NULL), $$
	UPDATE powerpanel.power_outlet SET power_port_id = pg_temp.inlet(d.name) FROM powerpanel.device d WHERE d.id = device_id AND d.name IN ('D21', 'D22') $$) AS outlets;
ROLLBACK TO before;

-- Locations that move.
SET CONSTRAINTS ALL DEFERRED;
UPDATE location SET parent_id = test.location('L' || substr(name, 2)::int + 1) WHERE name ~ '^L\d+$' AND substr(name, 2)::int < 20;
SELECT pg_temp.combine('UPDATE powerpanel.location SET custom_fields = ''{"a": 1}'' WHERE name ~ ''^L''');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM location WHERE name = 'L7'), $$
	UPDATE powerpanel.location SET parent_id = test.location(CASE name WHEN 'L21' THEN 'L22' ELSE 'L21' END) WHERE name IN ('L21', 'L22') $$) AS locations;
ROLLBACK TO before;

-- ... and locations that are new: one statement makes a long chain, another a loop.
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO location (id, name, parent_id) SELECT md5('new' || i)::uuid, 'N' || i, CASE WHEN i > 0 THEN md5('new' || i - 1)::uuid END FROM generate_series(0, 20) i;
SELECT pg_temp.combine('UPDATE powerpanel.location SET custom_fields = ''{"a": 1}'' WHERE name ~ ''^N''');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT pg_temp.as_command((SELECT max(cmin::text::int) FROM location WHERE name = 'N7'), $$
	INSERT INTO powerpanel.location (id, name, parent_id)
	VALUES (md5('x')::uuid, 'x', md5('y')::uuid), (md5('y')::uuid, 'y', md5('x')::uuid) $$) AS new_locations;
ROLLBACK TO before;

-- A check that is brought forward looks at rows of a statement which goes on
-- writing: what comes after is checked, too.
CREATE FUNCTION pg_temp.bring_forward(place int, result int) RETURNS int LANGUAGE plpgsql AS $$
BEGIN
	IF place = 2 THEN SET CONSTRAINTS ALL IMMEDIATE; END IF;
	RETURN result;
END $$;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'F' || i, test.panel('P0'), 'active', i FROM generate_series(1, 4) i;
SELECT test.trial($$
	UPDATE powerpanel.power_feed f SET breaker_position = pg_temp.bring_forward(v.breaker_position, CASE WHEN v.breaker_position > 2 THEN 10 + v.breaker_position ELSE 20 END)
	FROM (SELECT id, breaker_position FROM powerpanel.power_feed ORDER BY breaker_position DESC OFFSET 0) v WHERE f.id = v.id $$) AS brought_forward;
ROLLBACK TO before;

-- What was checked in a table that is then emptied says nothing of rows that come
-- to lie in the same places.
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'F' || i, test.panel('P0'), 'active', i FROM generate_series(1, 5) i;
TRUNCATE power_feed, cable;
SELECT test.trial($$ INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position) SELECT 'G' || i, test.panel('P0'), 'active', 9 FROM generate_series(1, 5) i $$) AS emptied;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT 'F', test.panel('P' || i), test.panel('P' || i + 1), 'active' FROM generate_series(0, 19) i;
TRUNCATE power_feed, cable;
SELECT test.trial($$ INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status) SELECT 'G', test.panel('P' || i), test.panel('P' || (i + 1) % 20), 'active' FROM generate_series(0, 19) i $$) AS emptied;
ROLLBACK TO before;

-- A savepoint takes the checks back with the rows, and brings rows back.
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'F' || i, test.panel('P0'), 'active', 9 FROM generate_series(1, 3) i;
SAVEPOINT moved;
UPDATE power_feed SET breaker_position = 10 + substr(name, 2)::int;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO moved;
SELECT test.trial('SET CONSTRAINTS ALL IMMEDIATE') AS breakers_brought_back;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT i::text, test.panel('P' || i), test.panel('P' || (i + 1) % 20), 'active' FROM generate_series(0, 19) i;
SAVEPOINT opened;
UPDATE power_feed SET destination_panel_id = NULL WHERE name = '7';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO opened;
SELECT test.trial('SET CONSTRAINTS ALL IMMEDIATE') AS loop_brought_back;
ROLLBACK TO before;

-- One constraint is deferred, the other is not: what is not due yet is let be.
SET CONSTRAINTS power_feed_rules DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'F' || i, test.panel('P0'), 'active', 9 FROM generate_series(1, 2) i;
INSERT INTO power_feed (name, power_panel_id, status) SELECT 'G' || i, test.panel('P0'), 'active' FROM generate_series(1, 4) i;
UPDATE power_feed SET breaker_position = 10 + substr(name, 2)::int WHERE name ~ '^G';
SELECT test.trial('SET CONSTRAINTS power_feed_rules IMMEDIATE') AS due_now;
ROLLBACK TO before;

-- Rows that we have locked and then changed ourselves are not what they were: a rack, a
-- location of the path, one that has the key by now of another.
INSERT INTO location (id, name, parent_id) VALUES (md5('campus')::uuid, 'Campus', NULL), (md5('elsewhere')::uuid, 'Elsewhere', NULL),
	(md5('hall')::uuid, 'Hall', md5('campus')::uuid), (md5('room')::uuid, 'Room', md5('campus')::uuid);
INSERT INTO rack (id, name, location_id) VALUES (md5('rack')::uuid, 'Rack', md5('hall')::uuid);
INSERT INTO power_panel (id, name, location_id) VALUES (md5('panel')::uuid, 'Panel', md5('room')::uuid);
-- Writes a feed to a panel that is being written itself, and has what is deferred checked.
CREATE FUNCTION pg_temp.write_feed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	IF TG_WHEN = 'AFTER' THEN SET CONSTRAINTS ALL IMMEDIATE; END IF;
	INSERT INTO powerpanel.power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active');
	IF TG_WHEN = 'AFTER' THEN RETURN NULL; END IF;
	DELETE FROM powerpanel.power_feed WHERE name = 'F2';
	IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
	RETURN NEW;
END $$;
SAVEPOINT placed;
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
SAVEPOINT known;
UPDATE location SET parent_id = md5('elsewhere')::uuid WHERE name = 'Hall';
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS hall_moved;
ROLLBACK TO known;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS hall_back;
UPDATE rack SET location_id = md5('elsewhere')::uuid;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F3', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS rack_moved;
ROLLBACK TO placed;
-- ... a panel, which is remembered: also where it moves in a replica, or with no trigger
-- to tell of it
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
SAVEPOINT known;
UPDATE power_panel SET location_id = md5('elsewhere')::uuid WHERE name = 'Panel';
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS panel_moved;
ROLLBACK TO known;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS panel_back;
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
SAVEPOINT known;
SET LOCAL session_replication_role = replica;
UPDATE power_panel SET location_id = md5('elsewhere')::uuid WHERE name = 'Panel';
SET LOCAL session_replication_role = origin;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS moved_in_a_replica;
ROLLBACK TO known;
ALTER TABLE power_panel DISABLE TRIGGER USER;
INSERT INTO power_feed (name, power_panel_id, rack_id, status, breaker_position) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active', 1);
DELETE FROM power_feed WHERE name = 'F1';
UPDATE power_panel SET location_id = md5('elsewhere')::uuid, circuit_positions = 6 WHERE name = 'Panel';
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS moved_silently,
	test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('F2', md5('panel')::uuid, 'active', 8)$$) AS smaller_silently;
ROLLBACK TO placed;
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
DELETE FROM power_panel WHERE name = 'Panel';
INSERT INTO power_panel (id, name, location_id) VALUES (md5('panel')::uuid, 'Panel', md5('elsewhere')::uuid);
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS panel_made_anew;
ROLLBACK TO placed;
-- ... also where a trigger writes before ours, which tells of it, but after the check that
-- it brings forward
SET LOCAL client_min_messages = error;
CREATE TRIGGER aa AFTER UPDATE ON power_panel FOR EACH ROW EXECUTE FUNCTION pg_temp.write_feed();
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
SET CONSTRAINTS ALL DEFERRED;
SELECT test.trial($$UPDATE power_panel SET location_id = md5('elsewhere')::uuid WHERE name = 'Panel'$$) AS brought_forward;
ROLLBACK TO placed;
-- ... or once more after it, before the panel goes
SET LOCAL client_min_messages = error;
CREATE TRIGGER zzz BEFORE UPDATE OR DELETE ON power_panel FOR EACH ROW EXECUTE FUNCTION pg_temp.write_feed();
SAVEPOINT watched;
DELETE FROM power_panel WHERE name = 'Panel';
INSERT INTO power_panel (id, name, location_id, circuit_positions) VALUES (md5('panel')::uuid, 'Panel', md5('elsewhere')::uuid, 4);
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS deleted;
ROLLBACK TO watched;
UPDATE power_panel SET id = md5('other')::uuid WHERE name = 'Panel';
INSERT INTO power_panel (id, name, location_id, circuit_positions) VALUES (md5('panel')::uuid, 'Panel', md5('elsewhere')::uuid, 4);
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('F2', md5('panel')::uuid, 'active', 8)$$) AS renumbered;
ROLLBACK TO placed;
-- the path is locked, goes, and comes back elsewhere under the same key
INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F1', md5('panel')::uuid, md5('rack')::uuid, 'active');
DELETE FROM power_feed WHERE name = 'F1';
DELETE FROM rack;
DELETE FROM location WHERE name = 'Hall';
INSERT INTO location (id, name, parent_id) VALUES (md5('hall')::uuid, 'Hall', md5('elsewhere')::uuid);
INSERT INTO rack (id, name, location_id) VALUES (md5('rack')::uuid, 'Rack', md5('hall')::uuid);
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('F2', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS key_used_anew;
ROLLBACK TO before;

-- Nor is a panel of a table which is emptied in place: that is told by the table's indexes
-- being made anew, and where it has none, by nothing.
CREATE TABLE test.board (id int UNIQUE NOT NULL, name text, circuit_positions int);
CREATE TABLE test.circuit (id int PRIMARY KEY, name text, power_panel_id int, breaker_position int, breaker_pole_count int);
SELECT count(*) FROM guard('test.circuit', 'test.board', '{"panel_id": "id"}');
ALTER TABLE test.board DROP CONSTRAINT board_id_key;
INSERT INTO test.board VALUES (1, 'B', 40);
INSERT INTO test.circuit VALUES (1, 'C', 1, 1);
TRUNCATE test.board;
SET LOCAL session_replication_role = replica;
INSERT INTO test.board VALUES (1, 'B', 4), (2, 'C', 4);
SET LOCAL session_replication_role = origin;
SELECT test.trial($$INSERT INTO test.circuit VALUES (2, 'D', 1, 8)$$) AS emptied;
-- forgotten, and looked for anew
INSERT INTO test.circuit VALUES (2, 'D', 1, 2);
DELETE FROM test.board WHERE id = 2;
TRUNCATE test.board;
SELECT test.trial($$INSERT INTO test.circuit VALUES (3, 'E', 1, 3)$$) AS no_board;
ROLLBACK TO before;

-- Nor is what another table of feeds reads of a panel: of the numbering, only the trigger
-- that is gone would have told.
CREATE TABLE test.board (id int PRIMARY KEY, name text, circuit_positions int, numbering panel_numbering);
CREATE TABLE test.circuit (id int PRIMARY KEY, name text, power_panel_id int, breaker_position int, breaker_pole_count int);
CREATE TABLE test.other_circuit (LIKE test.circuit INCLUDING ALL);
SELECT count(*) FROM guard('test.circuit', 'test.board');
SELECT count(*) FROM guard('test.other_circuit', 'test.board', '{"panel_numbering": null}');
DROP TRIGGER powerpanel_derived_circuit ON test.board;
INSERT INTO test.board VALUES (1, 'B', 40, 'sequential');
INSERT INTO test.circuit VALUES (1, 'C', 1, 7);
SET LOCAL session_replication_role = replica;
UPDATE test.board SET numbering = 'across';
SET LOCAL session_replication_role = origin;
SELECT test.trial($$INSERT INTO test.circuit VALUES (2, 'D', 1, 5, 2)$$) AS renumbered;
ROLLBACK TO before;

-- An outlet gets another inlet after a cable of it was looked at.
INSERT INTO device (id, name) SELECT md5('D' || n)::uuid, 'D' || n FROM generate_series(1, 3) AS n;
INSERT INTO power_port (id, name, device_id) SELECT md5('I' || n)::uuid, 'I', md5('D' || n)::uuid FROM generate_series(1, 3) AS n;
INSERT INTO power_port (id, name, device_id) VALUES (md5('J')::uuid, 'J', md5('D1')::uuid);
INSERT INTO power_outlet (id, name, device_id, power_port_id) SELECT md5('O' || n)::uuid, 'O', md5('D' || n)::uuid, md5('I' || n)::uuid FROM generate_series(1, 3) AS n;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O1')::uuid, md5('I2')::uuid);
DELETE FROM cable;
UPDATE power_outlet SET power_port_id = md5('J')::uuid WHERE id = md5('O1')::uuid;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O2')::uuid, md5('J')::uuid);
SELECT test.trial($$INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O1')::uuid, md5('I2')::uuid)$$) AS inlet_changed;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O3')::uuid, md5('I1')::uuid);
SELECT test.trial($$INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O1')::uuid, md5('I3')::uuid)$$) AS other_inlet;
ROLLBACK TO before;

-- Nothing entered a port when a cable from its device was looked at; now something does.
INSERT INTO device (id, name) SELECT md5('D' || n)::uuid, 'D' || n FROM generate_series(1, 4) AS n;
INSERT INTO power_port (id, name, device_id) SELECT md5('I' || n)::uuid, 'I', md5('D' || n)::uuid FROM generate_series(1, 4) AS n;
INSERT INTO power_outlet (id, name, device_id, power_port_id) SELECT md5('O' || n || o)::uuid, 'O' || o, md5('D' || n)::uuid, md5('I' || n)::uuid
	FROM generate_series(1, 4) AS n, generate_series(1, 3) AS o;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O11')::uuid, md5('I2')::uuid);
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O31')::uuid, md5('I1')::uuid);
SELECT test.trial($$INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O12')::uuid, md5('I3')::uuid)$$) AS entered_since;
SAVEPOINT entered;
DELETE FROM cable WHERE power_port_id = md5('I1')::uuid;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O12')::uuid, md5('I3')::uuid);
SELECT test.trial($$INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O31')::uuid, md5('I1')::uuid)$$) AS the_other_way;
ROLLBACK TO entered;
SELECT test.trial($$INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O13')::uuid, md5('I3')::uuid)$$) AS entered_again;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO device (id, name) SELECT md5('D' || n)::uuid, 'D' || n FROM generate_series(1, 3) AS n;
INSERT INTO power_port (id, name, device_id) SELECT md5('I' || n)::uuid, 'I', md5('D' || n)::uuid FROM generate_series(1, 3) AS n;
INSERT INTO power_outlet (id, name, device_id, power_port_id) SELECT md5('O' || n || o)::uuid, 'O' || o, md5('D' || n)::uuid, md5('I' || n)::uuid
	FROM generate_series(1, 3) AS n, generate_series(1, 3) AS o;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O11')::uuid, md5('I2')::uuid);
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O12')::uuid, md5('I3')::uuid);
INSERT INTO cable (power_outlet_id, power_port_id) VALUES (md5('O31')::uuid, md5('I1')::uuid);
SELECT test.trial('SET CONSTRAINTS ALL IMMEDIATE') AS deferred;
ROLLBACK TO before;

SELECT rule, object, detail FROM check_integrity() WHERE severity = 'error';
ROLLBACK;
