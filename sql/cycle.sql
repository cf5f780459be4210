-- cycle: loops of feeds and of cables, destination_self, destination_or_cable
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id) SELECT n, test.location('Site') FROM unnest(ARRAY['A', 'B', 'C', 'D', 'E']) AS n;
CREATE FUNCTION pg_temp.tried(VARIADIC statements text[]) RETURNS TABLE (statement text, result text)
LANGUAGE sql AS $$ SELECT s, test.trial(s) FROM unnest(statements) WITH ORDINALITY AS u (s, n) ORDER BY n $$;
-- "A > B, B > C": feeds between panels, as rows to insert
CREATE FUNCTION pg_temp.links(links text) RETURNS TABLE (name text, power_panel_id uuid, destination_panel_id uuid, status text)
LANGUAGE sql AS $$ SELECT l, test.panel(split_part(l, ' > ', 1)), test.panel(split_part(l, ' > ', 2)), 'offline' FROM unnest(string_to_array(links, ', ')) AS l $$;
CREATE FUNCTION pg_temp.link(links text) RETURNS text
LANGUAGE sql AS $$ SELECT test.trial(format('INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links(%L)', links)) $$;

-- power_feed_cycle, whatever the status of its feeds
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('A > B, B > C, C > D');
SELECT l AS links, pg_temp.link(l) AS result
FROM unnest(ARRAY['B > A', 'D > A', 'D > B', 'C > C', 'A > D', 'D > E, E > A', 'D > E, E > B', 'E > A', 'E > A, D > E', 'D > E', 'A > C, A > D, B > D', 'E > E']) AS l;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('D > A')$$) AS loop_written_out;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('A > A')$$) ~ '^23514 power_feed_destination_self on powerpanel.power_feed\n' AS itself;
INSERT INTO power_feed (name, power_panel_id, status) VALUES ('open', test.panel('D'), 'active');
SELECT * FROM pg_temp.tried(
	'UPDATE power_feed SET destination_panel_id = test.panel(''A'') WHERE name = ''open''',
	'UPDATE power_feed SET destination_panel_id = test.panel(''E'') WHERE name = ''open''',
	'UPDATE power_feed SET destination_panel_id = test.panel(''D'') WHERE name = ''open''',
	'UPDATE power_feed SET destination_panel_id = test.panel(''A'') WHERE name = ''C > D''',
	'UPDATE power_feed SET power_panel_id = test.panel(''D'') WHERE name = ''A > B''',
	'UPDATE power_feed SET power_panel_id = test.panel(''E'') WHERE name = ''A > B''',
	'UPDATE power_feed SET power_panel_id = test.panel(''B'') WHERE name = ''A > B''',
	'UPDATE power_feed SET power_panel_id = destination_panel_id, destination_panel_id = power_panel_id WHERE name = ''A > B''',
	'UPDATE power_feed SET power_panel_id = destination_panel_id, destination_panel_id = power_panel_id WHERE name = ''B > C''',
	'UPDATE power_feed SET power_panel_id = destination_panel_id, destination_panel_id = power_panel_id WHERE name <> ''open''',
	'INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links(''A > C''); UPDATE power_feed SET power_panel_id = destination_panel_id, destination_panel_id = power_panel_id WHERE name = ''A > C''',
	'DELETE FROM power_feed WHERE name = ''B > C''; INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links(''D > A'')',
	'WITH f AS (UPDATE power_feed SET destination_panel_id = NULL WHERE name = ''B > C'') INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links(''D > A'')',
	'MERGE INTO power_feed f USING (VALUES (''open'')) AS v (name) ON f.name = v.name WHEN MATCHED THEN UPDATE SET destination_panel_id = test.panel(''B'')',
	'INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT ''open'', test.panel(''D''), test.panel(''E''), ''active'' ON CONFLICT (power_panel_id, name) DO UPDATE SET destination_panel_id = test.panel(''B'')');
-- ... one UPDATE turns a chain round
SAVEPOINT before;
UPDATE power_feed SET power_panel_id = destination_panel_id, destination_panel_id = power_panel_id WHERE destination_panel_id IS NOT NULL;
SELECT p.name AS from, d.name AS to FROM power_feed f JOIN power_panel p ON p.id = f.power_panel_id JOIN power_panel d ON d.id = f.destination_panel_id ORDER BY 1;
ROLLBACK TO before;
-- ... parallel feeds and diamonds are no loops
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT v.name || ' again', v.power_panel_id, v.destination_panel_id, v.status FROM pg_temp.links('A > B, B > C, A > C, A > D, B > D') AS v;
SELECT pg_temp.link('D > A') AS closes_many;
ROLLBACK TO before;
-- ... DEFERRED
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('D > A');
DELETE FROM power_feed WHERE name = 'A > B';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('D > A');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
-- ... many diamonds in a row: 2^40 paths, and the answer comes all the same
INSERT INTO power_panel (name, location_id) SELECT s || n, test.location('Site') FROM generate_series(0, 40) AS n, unnest(ARRAY['L', 'R', 'M']) AS s;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT 'd', test.panel(a || n), test.panel(b || CASE a WHEN 'M' THEN n ELSE n + 1 END), 'active'
FROM generate_series(0, 39) AS n, (VALUES ('L', 'M'), ('R', 'M')) AS v (a, b);
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT 'to ' || b, test.panel('M' || n), test.panel(b || n), 'active' FROM generate_series(1, 40) AS n, unnest(ARRAY['L', 'R']) AS b;
SELECT pg_temp.link('M1 > M40') AS shortcut, pg_temp.link('M40 > M1') AS loop, pg_temp.link('L40 > L40') AS itself;
ROLLBACK TO before;

-- cable_cycle: three rack PDUs, each with an inlet, an outlet that hangs on it, and one that hangs on nothing
INSERT INTO device (name) SELECT 'D' || n FROM generate_series(1, 4) AS n;
INSERT INTO power_port (name, device_id) SELECT p || n, test.device('D' || n) FROM generate_series(1, 4) AS n, unnest(ARRAY['in', 'second']) AS p;
INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'out' || n, test.device('D' || n), test.port('in' || n) FROM generate_series(1, 4) AS n;
INSERT INTO power_outlet (name, device_id) SELECT 'dead' || n, test.device('D' || n) FROM generate_series(1, 4) AS n;
CREATE FUNCTION pg_temp.cables(cables text) RETURNS TABLE (power_outlet_id uuid, power_port_id uuid)
LANGUAGE sql AS $$ SELECT test.outlet(split_part(l, ' > ', 1)), test.port(split_part(l, ' > ', 2)) FROM unnest(string_to_array(cables, ', ')) AS l $$;
CREATE FUNCTION pg_temp.cable(cables text) RETURNS text
LANGUAGE sql AS $$ SELECT test.trial(format('INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables(%L)', cables)) $$;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables('out1 > in2, out2 > in3');
SELECT c AS cables, pg_temp.cable(c) AS result
FROM unnest(ARRAY['out3 > in1', 'out3 > second1', 'dead3 > in1', 'out3 > in4', 'out3 > in4, out4 > in1', 'out3 > in4, out4 > second1', 'out4 > in4', 'out4 > second4', 'dead4 > in4', 'out4 > in1', 'out4 > in1, out3 > in4']) AS c;
SELECT test.trial_error($$INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables('out3 > in1')$$) AS loop_written_out;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables('out3 > second1, dead3 > in1');
SELECT * FROM pg_temp.tried(
	'UPDATE power_outlet SET power_port_id = test.port(''in3'') WHERE name = ''dead3''',
	'UPDATE power_outlet SET power_port_id = test.port(''second3'') WHERE name = ''dead3''',
	'UPDATE power_outlet SET power_port_id = test.port(''second1'') WHERE name = ''out1''',
	'UPDATE power_outlet SET power_port_id = test.port(''second1'') WHERE name = ''dead1''',
	'DELETE FROM cable WHERE power_outlet_id = test.outlet(''dead3''); UPDATE cable SET power_port_id = test.port(''in1'') WHERE power_outlet_id = test.outlet(''out3'')',
	'UPDATE cable SET power_outlet_id = test.outlet(''dead4'') WHERE power_outlet_id = test.outlet(''dead3'')',
	'DELETE FROM cable WHERE power_outlet_id = test.outlet(''out3''); UPDATE cable SET power_outlet_id = test.outlet(''out3'') WHERE power_outlet_id = test.outlet(''dead3'')',
	'UPDATE cable SET power_port_id = test.port(''second2'') WHERE power_port_id = test.port(''in2''); UPDATE power_outlet SET power_port_id = test.port(''in3'') WHERE name = ''dead3''',
	'DELETE FROM power_port WHERE name = ''in2''; UPDATE power_outlet SET power_port_id = test.port(''in3'') WHERE name = ''dead3''',
	'INSERT INTO power_outlet (id, name, device_id, power_port_id) VALUES (md5(''new'')::uuid, ''new'', test.device(''D3''), test.port(''in3'')); UPDATE cable SET power_outlet_id = md5(''new'')::uuid WHERE power_outlet_id = test.outlet(''dead3'')',
	'WITH o AS (INSERT INTO power_outlet (id, name, device_id, power_port_id) VALUES (md5(''new'')::uuid, ''new'', test.device(''D3''), test.port(''in3''))) UPDATE cable SET power_outlet_id = md5(''new'')::uuid WHERE power_outlet_id = test.outlet(''dead3'')');
SELECT test.trial_error('UPDATE power_outlet SET power_port_id = test.port(''in3'') WHERE name = ''dead3''') AS from_the_outlet;
-- ... one UPDATE turns the chain out1 > in2, out2 > in3 round; DEFERRED, one may pass through a loop
SAVEPOINT chain;
DELETE FROM cable WHERE power_outlet_id IN (test.outlet('out3'), test.outlet('dead3'));
UPDATE cable SET power_outlet_id = CASE power_outlet_id WHEN test.outlet('out1') THEN test.outlet('out3') ELSE test.outlet('out2') END,
	power_port_id = CASE power_outlet_id WHEN test.outlet('out1') THEN test.port('in2') ELSE test.port('in1') END;
SELECT o.name AS from, p.name AS to FROM cable c JOIN power_outlet o ON o.id = c.power_outlet_id JOIN power_port p ON p.id = c.power_port_id ORDER BY 1;
ROLLBACK TO chain;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_outlet SET power_port_id = test.port('in3') WHERE name = 'dead3';
DELETE FROM cable WHERE power_outlet_id = test.outlet('out1');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO chain;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_outlet SET power_port_id = test.port('in3') WHERE name = 'dead3';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO chain;

-- power_feed_destination_or_cable, from both sides
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('open'), test.port('in4'));
SELECT * FROM pg_temp.tried(
	'UPDATE power_feed SET destination_panel_id = test.panel(''E'') WHERE name = ''open''',
	'INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''C > D''), test.port(''second4''))',
	'UPDATE cable SET power_feed_id = test.feed(''C > D'') WHERE power_feed_id IS NOT NULL',
	'UPDATE cable SET power_feed_id = test.feed(''C > D''), power_outlet_id = NULL WHERE power_outlet_id = test.outlet(''out1'')',
	'WITH c AS (DELETE FROM cable WHERE power_feed_id IS NOT NULL) UPDATE power_feed SET destination_panel_id = test.panel(''E'') WHERE name = ''open''',
	'WITH f AS (UPDATE power_feed SET destination_panel_id = NULL WHERE name = ''C > D'') INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''C > D''), test.port(''second4''))',
	'WITH f AS (UPDATE power_feed SET destination_panel_id = test.panel(''E'') WHERE name = ''open'') UPDATE cable SET power_feed_id = NULL, power_outlet_id = test.outlet(''dead4'') WHERE power_feed_id IS NOT NULL',
	'WITH f AS (INSERT INTO power_feed (id, name, power_panel_id, destination_panel_id, status) VALUES (md5(''n'')::uuid, ''n'', test.panel(''D''), test.panel(''E''), ''active'')) INSERT INTO cable (power_feed_id, power_port_id) VALUES (md5(''n'')::uuid, test.port(''second4''))',
	'WITH f AS (INSERT INTO power_feed (id, name, power_panel_id, status) VALUES (md5(''n'')::uuid, ''n'', test.panel(''D''), ''active'')) INSERT INTO cable (power_feed_id, power_port_id) VALUES (md5(''n'')::uuid, test.port(''second4''))');
SELECT test.trial_error('UPDATE power_feed SET destination_panel_id = test.panel(''E'') WHERE name = ''open''') AS destination;
SELECT test.trial_error('INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed(''C > D''), test.port(''second4''))') AS cable;
SAVEPOINT cabled;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET destination_panel_id = test.panel('E') WHERE name = 'open';
DELETE FROM cable WHERE power_feed_id IS NOT NULL;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET destination_panel_id = test.panel('E') WHERE name = 'open';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;

-- Another write to the same row does not make a deferred check forget it
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET destination_panel_id = test.panel('E') WHERE name = 'open';
UPDATE power_feed SET comments = 'written again' WHERE name = 'open';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO cable (power_feed_id, power_port_id) VALUES (test.feed('C > D'), test.port('second4'));
UPDATE cable SET label = 'written again';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT * FROM pg_temp.links('D > A');
UPDATE power_feed SET comments = 'written again' WHERE name = 'D > A';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
DELETE FROM cable WHERE power_feed_id IS NOT NULL;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables('dead2 > in4, out4 > second2');
UPDATE power_outlet SET power_port_id = test.port('in2') WHERE name = 'dead2';
UPDATE cable SET power_outlet_id = test.outlet('dead4'), power_port_id = test.port('second2') WHERE power_outlet_id = test.outlet('out4');
UPDATE power_outlet SET power_port_id = test.port('in4') WHERE name = 'dead4';
SET CONSTRAINTS ALL IMMEDIATE;
SELECT rule, object FROM check_integrity() WHERE severity = 'error';
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_outlet SET power_port_id = test.port('in3') WHERE name = 'dead3';
UPDATE power_outlet SET feed_leg = 'A' WHERE name = 'dead3';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SET CONSTRAINTS ALL DEFERRED;
DELETE FROM cable WHERE power_outlet_id = test.outlet('dead3') OR power_outlet_id = test.outlet('out3');
INSERT INTO cable (power_outlet_id, power_port_id) SELECT * FROM pg_temp.cables('out3 > in1');
UPDATE cable SET label = 'written again' WHERE power_outlet_id = test.outlet('out3');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO cabled;
SELECT rule, object FROM check_integrity() WHERE severity = 'error';
ROLLBACK;
