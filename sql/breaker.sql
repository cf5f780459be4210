-- breaker: bus, capacity and conflict, from every side; derived columns
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions, numbering, bus)
SELECT v.name, test.location('Site'), v.positions, v.numbering::panel_numbering, v.bus::panel_bus
FROM (VALUES ('P', 42, 'across', 'three-phase'), ('Q', 12, 'sequential', 'three-phase'), ('Split', 24, 'across', 'split-phase'),
	('Single', 24, 'across', 'single-phase'), ('DC', 20, 'sequential', 'dc'), ('Endless', NULL, 'across', 'three-phase'),
	('Busway', NULL, 'sequential', 'three-phase')) AS v (name, positions, numbering, bus);
CREATE FUNCTION pg_temp.put(feed text, panel text, "position" int, poles int) RETURNS text LANGUAGE sql AS $$
	SELECT test.attempt(format('INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (%L, test.panel(%L), ''active'', %s, %s)',
		feed, panel, COALESCE("position"::text, 'NULL'), COALESCE(poles::text, 'NULL'))) $$;
CREATE FUNCTION pg_temp.try_put(panel text, "position" int, poles int) RETURNS text LANGUAGE sql AS $$
	SELECT test.trial(format('INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES (''New'', test.panel(%L), ''active'', %s, %s)',
		panel, COALESCE("position"::text, 'NULL'), COALESCE(poles::text, 'NULL'))) $$;
CREATE VIEW pg_temp.breaker AS
SELECT p.name AS panel, f.name AS feed, f.breaker_position AS at, f.breaker_pole_count AS poles, f.occupied_positions, f.phase_designation
FROM power_feed f JOIN power_panel p ON p.id = f.power_panel_id;
-- Rows whose derived columns are not what the geometry says: none, ever
CREATE VIEW pg_temp.wrong AS
SELECT f.name FROM power_feed f JOIN power_panel p ON p.id = f.power_panel_id
WHERE f.occupied_positions IS DISTINCT FROM COALESCE(breaker_positions(p.numbering, f.breaker_position, f.breaker_pole_count), '')
	OR f.phase_designation IS DISTINCT FROM breaker_phases(p.numbering, p.bus, f.breaker_position, f.breaker_pole_count)
	OR f.breaker_position IS NOT NULL AND f.breaker_pole_count IS NULL;

-- Pole default: 1 where only the position is given
SELECT pg_temp.put('F-07', 'P', 7, 3), pg_temp.put('F-01', 'P', 1, NULL), pg_temp.put('F-02', 'P', 2, 2), pg_temp.put('none', 'P', NULL, NULL), pg_temp.put('poles only', 'P', NULL, 3);
TABLE pg_temp.breaker ORDER BY feed COLLATE "C";
UPDATE power_feed SET breaker_position = 13, breaker_pole_count = NULL WHERE name = 'none' RETURNING breaker_pole_count, occupied_positions, phase_designation;
UPDATE power_feed SET breaker_pole_count = NULL WHERE name = 'none' RETURNING breaker_pole_count;
UPDATE power_feed SET breaker_position = NULL WHERE name = 'none' RETURNING breaker_pole_count, occupied_positions, phase_designation;
UPDATE power_feed SET breaker_pole_count = NULL WHERE name = 'none' RETURNING breaker_pole_count, occupied_positions;

-- The errors in full
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('F-12', test.panel('P'), 'active', 5, 2)$$) AS conflict;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('F-12', test.panel('P'), 'active', 41, 2)$$) AS capacity;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('F-12', test.panel('Split'), 'active', 1, 3)$$) AS bus;
SELECT test.trial_error($$UPDATE power_panel SET circuit_positions = 8 WHERE name = 'P'$$) AS shrunk;
-- ... with several feeds beyond: all are named, up to ten
SELECT test.trial_error($$WITH more AS (
	INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
	SELECT format('B-%s', p), test.panel('P'), 'active', p, 2 - p % 2 FROM unnest('{20, 19, 15, 24}'::int[]) AS p RETURNING 1)
	UPDATE power_panel SET circuit_positions = 18 WHERE name = 'P' AND (SELECT count(*) FROM more) = 4$$) AS shrunk;
SELECT test.trial_error($$WITH more AS (
	INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
	SELECT format('C-%s', p), test.panel('P'), 'active', p FROM generate_series(12, 42) AS p RETURNING 1)
	UPDATE power_panel SET circuit_positions = 6 WHERE name = 'P' AND (SELECT count(*) FROM more) > 0$$) AS shrunk;
-- What a CHECK says, too, is told with the feed's name
SELECT test.trial_error(format($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('F-12', test.panel('P'), 'active', %s)$$, v)) AS out_of_range
FROM unnest('{"5, 4", "NULL, 4", "5, 0", "0, 1", "0, NULL", "1001, 1", "-5, 4"}'::text[]) AS v;
SELECT test.trial_error($$UPDATE power_feed SET breaker_pole_count = 4 WHERE name = 'F-07'$$) AS out_of_range;
SELECT test.trial_error($$UPDATE power_panel SET bus = 'single-phase' WHERE name = 'P'$$) AS other_bus;
SELECT test.trial_error($$UPDATE power_panel SET numbering = 'sequential' WHERE name = 'P'$$) AS renumbered;

-- Conflict: insert, on every position of F-07 (7, 9, 11) and beside it
SELECT p AS "position", pg_temp.try_put('P', p, 1) AS one, pg_temp.try_put('P', p, 2) AS two, pg_temp.try_put('P', p, 3) AS three
FROM unnest(ARRAY[1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 13]) AS p;
-- sequential
SELECT pg_temp.put('S-3', 'Q', 3, 3);
SELECT p AS "position", pg_temp.try_put('Q', p, 1) AS one, pg_temp.try_put('Q', p, 2) AS two, pg_temp.try_put('Q', p, 3) AS three FROM generate_series(1, 6) AS p;

-- Capacity: just inside the limit and beyond
SELECT panel, p AS "position", poles, pg_temp.try_put(panel, p, poles) AS result
FROM (VALUES ('P', 42, 1), ('P', 43, 1), ('P', 40, 2), ('P', 41, 2), ('P', 42, 2), ('P', 38, 3), ('P', 39, 3), ('P', 40, 3), ('Q', 12, 1), ('Q', 13, 1),
	('Q', 11, 2), ('Q', 12, 2), ('Q', 10, 3), ('Q', 11, 3), ('Endless', 1000, 3), ('Busway', 1000, 3), ('P', 1000, 3), ('P', 2147483647, 3), ('Endless', 2147483647, 3)) AS v (panel, p, poles);

-- Bus
SELECT panel, poles, pg_temp.try_put(panel, 1, poles) AS result
FROM unnest(ARRAY['Endless', 'Split', 'Single', 'DC']) WITH ORDINALITY AS u (panel, n), generate_series(1, 3) AS poles ORDER BY n, poles;
SELECT poles, pg_temp.try_put('Split', NULL, poles) AS without_position FROM generate_series(2, 3) AS poles;

-- Update of position, of poles, of panel
SELECT pg_temp.put('F-20', 'P', 20, 1), pg_temp.put('F-24', 'P', 24, 2), pg_temp.put('E-7', 'Endless', 7, 1), pg_temp.put('E-43', 'Endless', 43, 1), pg_temp.put('E-15', 'Endless', 15, 3);
SELECT statement, test.trial(statement) AS result FROM unnest(ARRAY[
	'UPDATE power_feed SET breaker_position = 9 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_position = 43 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_position = 42 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_position = 22, breaker_pole_count = 2 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_pole_count = 3 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_pole_count = 2 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_position = 39, breaker_pole_count = 3 WHERE name = ''F-20''',
	'UPDATE power_feed SET breaker_position = 26 WHERE name = ''F-24''',
	'UPDATE power_feed SET power_panel_id = test.panel(''P'') WHERE name = ''E-7''',
	'UPDATE power_feed SET power_panel_id = test.panel(''P'') WHERE name = ''E-43''',
	'UPDATE power_feed SET power_panel_id = test.panel(''P'') WHERE name = ''E-15''',
	'UPDATE power_feed SET power_panel_id = test.panel(''Split'') WHERE name = ''E-15''',
	'UPDATE power_feed SET power_panel_id = test.panel(''P''), breaker_position = 41 WHERE name = ''E-43''']) AS statement;

-- A panel shrinks, is renumbered, gets another bus
SELECT statement, test.trial(statement) AS result FROM unnest(ARRAY[
	'UPDATE power_panel SET circuit_positions = 25 WHERE name = ''P''',
	'UPDATE power_panel SET circuit_positions = 26 WHERE name = ''P''',
	'UPDATE power_panel SET circuit_positions = NULL WHERE name = ''P''',
	'UPDATE power_panel SET circuit_positions = 42 WHERE name = ''Endless''',
	'UPDATE power_panel SET circuit_positions = 43 WHERE name = ''Endless''',
	'UPDATE power_panel SET circuit_positions = 5 WHERE name = ''Q''',
	'UPDATE power_panel SET circuit_positions = 4 WHERE name = ''Q''',
	'UPDATE power_panel SET circuit_positions = 6, numbering = ''across'' WHERE name = ''Q''',
	'UPDATE power_panel SET circuit_positions = 7, numbering = ''across'' WHERE name = ''Q''',
	'UPDATE power_panel SET bus = ''split-phase'' WHERE name = ''Q''',
	'UPDATE power_panel SET bus = ''dc'' WHERE name = ''Q''']) AS statement;
SELECT pg_temp.put('S-6', 'Q', 6, 2);
SELECT test.trial_error('UPDATE power_panel SET numbering = ''across'' WHERE name = ''Q''') AS accepted_3_5_7_and_6_8;
SELECT pg_temp.put('S-8', 'Q', 8, 1);
SELECT test.trial('UPDATE power_panel SET numbering = ''across'' WHERE name = ''Q''') AS conflict;
TABLE pg_temp.wrong;

-- Derived columns follow the panel, and cannot be written wrong
SELECT pg_temp.put('D-1', 'DC', 1, 2), pg_temp.put('T-1', 'Split', 1, 2), pg_temp.put('T-5', 'Split', 5, 1), pg_temp.put('U-5', 'Single', 5, 1);
UPDATE power_feed SET breaker_position = 10, breaker_pole_count = 2 WHERE name = 'S-8';
SAVEPOINT before;
TABLE pg_temp.breaker ORDER BY panel COLLATE "C", at, feed COLLATE "C";
UPDATE power_panel SET numbering = 'sequential', circuit_positions = NULL WHERE name IN ('Endless', 'Split', 'Single');
UPDATE power_panel SET numbering = 'across', circuit_positions = NULL, bus = 'split-phase' WHERE name = 'DC';
TABLE pg_temp.breaker ORDER BY panel COLLATE "C", at, feed COLLATE "C";
TABLE pg_temp.wrong;
UPDATE power_panel SET bus = 'dc' WHERE name IN ('Single', 'Split');
UPDATE power_panel SET bus = 'three-phase' WHERE name IN ('DC');
SELECT * FROM pg_temp.breaker WHERE panel IN ('Single', 'Split', 'DC') ORDER BY panel COLLATE "C", at;
TABLE pg_temp.wrong;
ROLLBACK TO before;
TABLE pg_temp.wrong;
SELECT statement, test.trial(statement) AS result FROM unnest(ARRAY[
	'UPDATE power_feed SET occupied_positions = ''1, 2'' WHERE name = ''F-07''',
	'UPDATE power_feed SET occupied_positions = ''7, 9, 11'' WHERE name = ''F-07''',
	'UPDATE power_feed SET occupied_positions = NULL WHERE name = ''F-07''',
	'UPDATE power_feed SET phase_designation = ''A'' WHERE name = ''F-07''',
	'UPDATE power_feed SET phase_designation = ''A-B-C'' WHERE name = ''F-07''',
	'UPDATE power_feed SET phase_designation = NULL WHERE name = ''F-07''',
	'UPDATE power_feed SET available_power = 1 WHERE name = ''F-07''',
	'INSERT INTO power_feed (name, power_panel_id, status, occupied_positions) VALUES (''New'', test.panel(''P''), ''active'', ''1'')',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, occupied_positions) VALUES (''New'', test.panel(''P''), ''active'', 13, ''13'')',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, occupied_positions) VALUES (''New'', test.panel(''P''), ''active'', 13, ''15'')',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, phase_designation) VALUES (''New'', test.panel(''P''), ''active'', 13, ''A'')',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position, phase_designation) VALUES (''New'', test.panel(''P''), ''active'', 13, ''B'')',
	'INSERT INTO power_feed (name, power_panel_id, status, available_power) VALUES (''New'', test.panel(''P''), ''active'', 1920)']) AS statement;
SELECT test.trial_error('UPDATE power_feed SET occupied_positions = ''1, 2'' WHERE name = ''F-07''') AS read_only;

-- One UPDATE swaps two breakers
SAVEPOINT before;
SELECT * FROM pg_temp.breaker WHERE feed IN ('F-20', 'F-24') ORDER BY feed;
UPDATE power_feed SET breaker_position = CASE name WHEN 'F-20' THEN 24 ELSE 20 END WHERE name IN ('F-20', 'F-24');
UPDATE power_feed SET breaker_position = CASE name WHEN 'F-20' THEN 26 ELSE 22 END WHERE name IN ('F-20', 'F-24');
SELECT * FROM pg_temp.breaker WHERE feed IN ('F-20', 'F-24') ORDER BY feed;
ROLLBACK TO before;
-- ... and moves all by one place; one row after the other they would conflict
UPDATE power_feed SET breaker_position = breaker_position + 2 WHERE power_panel_id = test.panel('P');
SELECT feed, occupied_positions FROM pg_temp.breaker WHERE panel = 'P' ORDER BY feed COLLATE "C";
ROLLBACK TO before;
-- ... also between panels
UPDATE power_feed SET power_panel_id = CASE name WHEN 'E-7' THEN test.panel('P') ELSE test.panel('Endless') END WHERE name IN ('E-7', 'F-07');
SELECT panel, feed, occupied_positions, phase_designation FROM pg_temp.breaker WHERE feed IN ('E-7', 'F-07') ORDER BY feed;
ROLLBACK TO before;

-- DEFERRED: a transaction rearranges a panel
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET breaker_position = 7 WHERE name = 'F-20';
UPDATE power_feed SET breaker_position = 20 WHERE name = 'F-07';
UPDATE power_feed SET breaker_position = 30 WHERE name = 'F-24';
SET CONSTRAINTS ALL IMMEDIATE;
SELECT feed, occupied_positions FROM pg_temp.breaker WHERE panel = 'P' ORDER BY feed COLLATE "C";
ROLLBACK TO before;
-- ... and is refused where it leaves two in one place
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET breaker_position = 7 WHERE name = 'F-20';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_panel SET circuit_positions = 12 WHERE name = 'P';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_panel SET circuit_positions = 12 WHERE name = 'P';
DELETE FROM power_feed WHERE name IN ('F-20', 'F-24');
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO before;
SET CONSTRAINTS ALL DEFERRED;
SELECT test.attempt('UPDATE power_panel SET bus = ''single-phase'' WHERE name = ''P''') AS bus_deferred;
UPDATE power_feed SET breaker_pole_count = 1 WHERE power_panel_id = test.panel('P');
SET CONSTRAINTS ALL IMMEDIATE;
SELECT * FROM pg_temp.breaker WHERE panel = 'P' ORDER BY feed COLLATE "C";
ROLLBACK TO before;

-- Multi-row statements, INSERT .. SELECT, ON CONFLICT, MERGE, COPY, CTEs that write both tables
SELECT statement, test.trial(statement) AS result FROM unnest(ARRAY[
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''a'', test.panel(''P''), ''active'', 31), (''b'', test.panel(''P''), ''active'', 31)',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''a'', test.panel(''P''), ''active'', 31), (''b'', test.panel(''P''), ''active'', 33)',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''n'' || n, test.panel(''P''), ''active'', n FROM generate_series(28, 42) AS n',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''n'' || n, test.panel(''P''), ''active'', n FROM generate_series(28, 43) AS n',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''n'' || n, test.panel(''P''), ''active'', n FROM generate_series(26, 42) AS n',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''F-20'', test.panel(''P''), ''active'', 5) ON CONFLICT (power_panel_id, name) DO UPDATE SET breaker_position = 9',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''F-20'', test.panel(''P''), ''active'', 9) ON CONFLICT (power_panel_id, name) DO UPDATE SET breaker_position = 31',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''F-20'', test.panel(''P''), ''active'', 9) ON CONFLICT DO NOTHING',
	'INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''F-21'', test.panel(''P''), ''active'', 9) ON CONFLICT DO NOTHING',
	'MERGE INTO power_feed f USING (VALUES (''F-20'', 9)) AS v (name, p) ON f.name = v.name WHEN MATCHED THEN UPDATE SET breaker_position = v.p',
	'MERGE INTO power_feed f USING (VALUES (''F-20'', 31), (''F-31'', 31)) AS v (name, p) ON f.name = v.name WHEN MATCHED THEN UPDATE SET breaker_position = v.p WHEN NOT MATCHED THEN INSERT (name, power_panel_id, status, breaker_position) VALUES (v.name, test.panel(''P''), ''active'', v.p)',
	'MERGE INTO power_feed f USING (VALUES (''F-20'', 31), (''F-31'', 20)) AS v (name, p) ON f.name = v.name WHEN MATCHED THEN UPDATE SET breaker_position = v.p WHEN NOT MATCHED THEN INSERT (name, power_panel_id, status, breaker_position) VALUES (v.name, test.panel(''P''), ''active'', v.p)',
	'MERGE INTO power_feed f USING (VALUES (''F-20''), (''F-31'')) AS v (name) ON f.name = v.name WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (name, power_panel_id, status, breaker_position) VALUES (v.name, test.panel(''P''), ''active'', 20)',
	'WITH f AS (INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''a'', test.panel(''P''), ''active'', 41) RETURNING 1) UPDATE power_panel SET circuit_positions = 40 WHERE name = ''P''',
	'WITH f AS (INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''a'', test.panel(''P''), ''active'', 41) RETURNING 1) UPDATE power_panel SET circuit_positions = 41 WHERE name = ''P''',
	'WITH p AS (UPDATE power_panel SET circuit_positions = 44 WHERE name = ''P'' RETURNING id) INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''a'', id, ''active'', 44 FROM p',
	'WITH p AS (UPDATE power_panel SET circuit_positions = 44 WHERE name = ''P'' RETURNING id) INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''a'', id, ''active'', 45 FROM p',
	'WITH p AS (INSERT INTO power_panel (name, location_id, circuit_positions) VALUES (''N'', test.location(''Site''), 2) RETURNING id) INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''a'', id, ''active'', 2 FROM p',
	'WITH p AS (INSERT INTO power_panel (name, location_id, circuit_positions) VALUES (''N'', test.location(''Site''), 2) RETURNING id) INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT ''a'', id, ''active'', 3 FROM p',
	'WITH p AS (INSERT INTO power_panel (name, location_id, bus, numbering) VALUES (''N'', test.location(''Site''), ''single-phase'', ''sequential'') RETURNING id) INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) SELECT ''a'', id, ''active'', 3, 2 FROM p',
	'WITH d AS (DELETE FROM power_feed WHERE name = ''F-20'') INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES (''a'', test.panel(''P''), ''active'', 20)'
	]) AS statement;
TABLE pg_temp.wrong;
-- A panel is renumbered and a feed put in by one statement: the columns are right all the same
WITH f AS (INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('a', test.panel('Endless'), 'active', 30, 2) RETURNING name)
UPDATE power_panel SET numbering = 'sequential', bus = 'split-phase' WHERE name = 'Busway' RETURNING name;
WITH p AS (UPDATE power_panel SET numbering = 'across' WHERE name = 'Busway' RETURNING id)
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) SELECT 'b', id, 'active', 30, 2 FROM p;
SELECT * FROM pg_temp.breaker WHERE feed IN ('a', 'b') ORDER BY feed;
TABLE pg_temp.wrong;
ROLLBACK TO before;
COPY power_feed (id, name, power_panel_id, status, breaker_position, breaker_pole_count) FROM STDIN;
11111111-1111-1111-1111-111111111111	C-1	11111111-1111-1111-1111-111111111112	active	1	1
\.
ROLLBACK TO before;
UPDATE power_panel SET id = '11111111-1111-1111-1111-111111111112' WHERE name = 'Busway';
COPY power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) FROM STDIN;
C-1	11111111-1111-1111-1111-111111111112	active	1	3
C-4	11111111-1111-1111-1111-111111111112	active	4	\N
\.
COPY power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) FROM STDIN;
C-5	11111111-1111-1111-1111-111111111112	active	5	1
C-3	11111111-1111-1111-1111-111111111112	active	3	1
\.
ROLLBACK TO before;

-- A function that writes, subtransactions, and a savepoint taken back: what was
-- verified before a rollback must be verified again
DO $$
DECLARE
	outcome text;
BEGIN
	FOR i IN 1 .. 3 LOOP
		BEGIN
			INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('i' || i, test.panel('P'), 'active', CASE i WHEN 2 THEN 31 ELSE 29 + 2 * i END);
			outcome := concat_ws(', ', outcome, 'i' || i);
		EXCEPTION WHEN exclusion_violation THEN
			outcome := concat_ws(', ', outcome, 'not i' || i);
		END;
	END LOOP;
	RAISE NOTICE '%', outcome;
END $$;
SAVEPOINT inner_one;
DELETE FROM power_feed WHERE name = 'i1';
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('j', test.panel('P'), 'active', 31);
ROLLBACK TO inner_one;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('j', test.panel('P'), 'active', 31)$$) AS refused_again;
ROLLBACK TO before;

-- What is remembered of a panel follows the transaction's own changes to it,
-- also where only the panel's check is deferred, and their rollback
SELECT pg_temp.put('before', 'P', 41, 1);
SET CONSTRAINTS power_panel_rules DEFERRED;
UPDATE power_panel SET circuit_positions = 50 WHERE name = 'P';
SELECT pg_temp.put('grown', 'P', 45, 1);
SET CONSTRAINTS power_panel_rules IMMEDIATE;
ROLLBACK TO before;
UPDATE power_panel SET circuit_positions = 50 WHERE name = 'P';
SELECT pg_temp.put('grown', 'P', 45, 1);
ROLLBACK TO before;
SELECT pg_temp.put('not grown', 'P', 45, 1);
ROLLBACK TO before;
-- A row that is written and then gone within a deferred transaction is not checked
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('short', test.panel('P'), 'active', 7);
DELETE FROM power_feed WHERE name = 'short';
SET CONSTRAINTS ALL IMMEDIATE;
TABLE pg_temp.wrong;
SELECT rule, object FROM check_integrity() WHERE severity = 'error';

-- Another write to the same row does not make a deferred check forget it
SAVEPOINT forget;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('twice', test.panel('P'), 'active', 7);
UPDATE power_feed SET comments = 'written again' WHERE name = 'twice';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO forget;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET breaker_position = 7 WHERE name = 'F-20';
UPDATE power_feed SET comments = 'written again' WHERE name = 'F-20';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO forget;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_panel SET circuit_positions = 12 WHERE name = 'P';
UPDATE power_panel SET comments = 'written again' WHERE name = 'P';
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO forget;
-- ... nor does a user's trigger that writes the row again
SET LOCAL client_min_messages = error;
CREATE FUNCTION pg_temp.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE powerpanel.power_feed SET comments = 'noted' WHERE id = NEW.id AND comments IS NULL; RETURN NULL; END $$;
CREATE TRIGGER a_note AFTER INSERT OR UPDATE ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.note();
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('noted', test.panel('P'), 'active', 7)$$) AS inserted,
	test.trial($$UPDATE power_feed SET breaker_position = 7 WHERE name = 'F-20'$$) AS updated,
	test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('noted', test.panel('P'), 'active', 31), ('noted too', test.panel('P'), 'active', 31)$$) AS both_new;
ROLLBACK TO forget;
-- ... nor a savepoint under which the row was deleted, or moved away
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('s1', test.panel('P'), 'active', 31), ('s2', test.panel('P'), 'active', 33);
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('s3', test.panel('P'), 'active', 31), ('s4', test.panel('P'), 'active', 35);
SAVEPOINT under;
DELETE FROM power_feed WHERE name IN ('s3', 's4');
ROLLBACK TO under;
SAVEPOINT under;
UPDATE power_feed SET breaker_position = breaker_position + 6 WHERE name IN ('s3', 's4');
ROLLBACK TO under;
SET CONSTRAINTS ALL IMMEDIATE;
ROLLBACK TO forget;

-- A user's own triggers may change the row on its way in: it is the row as it
-- is stored that counts
SET LOCAL client_min_messages = error;
CREATE FUNCTION pg_temp.shift() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.breaker_position := NEW.breaker_position + 2; RETURN NEW; END $$;
CREATE TRIGGER shift BEFORE INSERT ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.shift();
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('z', test.panel('P'), 'active', 5)$$) AS shifted_into_conflict;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('z', test.panel('P'), 'active', 31) RETURNING breaker_position, occupied_positions, phase_designation;
-- ... also where that trigger comes after ours
DROP TRIGGER shift ON power_feed;
CREATE TRIGGER zzz_shift BEFORE INSERT ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.shift();
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('zz', test.panel('P'), 'active', 35)$$) AS shifted_too_late;
ROLLBACK;

-- One message for a user who may not see the other feed
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ('P', test.location('Site'), 42);
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('Secret', test.panel('P'), 'active', 7), ('Plain', test.panel('P'), 'active', 9);
CREATE ROLE powerpanel_tenant;
GRANT USAGE ON SCHEMA powerpanel, test TO powerpanel_tenant;
GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO powerpanel_tenant;
GRANT INSERT, UPDATE, DELETE ON power_feed, power_panel TO powerpanel_tenant;
SET LOCAL client_min_messages = error;
ALTER TABLE power_feed ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON power_feed TO powerpanel_tenant USING (name <> 'Secret') WITH CHECK (true);
SET ROLE powerpanel_tenant;
SELECT name FROM power_feed;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'Mine', id, 'active', 7 FROM power_panel WHERE name = 'P'$$) AS hidden;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'Mine', id, 'active', 9 FROM power_panel WHERE name = 'P'$$) AS seen;
SELECT test.trial_error($$UPDATE power_panel SET circuit_positions = 6 WHERE name = 'P'$$) AS hidden_beyond;
RESET ROLE;
REVOKE SELECT ON power_feed FROM powerpanel_tenant;
ALTER TABLE power_feed DISABLE ROW LEVEL SECURITY;
SET ROLE powerpanel_tenant;
SELECT test.trial_error($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'Mine', id, 'active', 9 FROM power_panel WHERE name = 'P'$$) AS unreadable;
SELECT test.trial($$INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'Mine', id, 'active', 11 FROM power_panel WHERE name = 'P'$$) AS free_place;
RESET ROLE;
ROLLBACK;

-- Deferred to the end of the transaction: COMMIT refuses
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ('P', test.location('Site'), 42);
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('one', test.panel('P'), 'active', 7), ('two', test.panel('P'), 'active', 7);
COMMIT;
SELECT count(*) AS left_behind FROM power_feed;

-- A BEFORE trigger that changes a breaker which the statement does not speak of:
-- the derived columns follow, and the rules hold
BEGIN;
SET LOCAL client_min_messages = error;
CREATE FUNCTION pg_temp.by_comment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	CASE split_part(NEW.comments, ' ', 1)
		WHEN 'to' THEN NEW.breaker_position := split_part(NEW.comments, ' ', 2)::int;
		WHEN 'poles' THEN NEW.breaker_pole_count := nullif(split_part(NEW.comments, ' ', 2), 'NULL')::int;
		WHEN 'off' THEN NEW.breaker_position := NULL;
		WHEN 'panel' THEN NEW.power_panel_id := (SELECT id FROM power_panel WHERE name = split_part(NEW.comments, ' ', 2));
		WHEN 'says' THEN NEW.occupied_positions := split_part(NEW.comments, ' ', 2)::position_set;
		ELSE NULL;
	END CASE;
	RETURN NEW;
END
$$;
INSERT INTO location (name) VALUES ('By comment');
INSERT INTO power_panel (name, location_id, circuit_positions, numbering) SELECT v.*
FROM (SELECT id FROM location WHERE name = 'By comment') AS l, LATERAL (VALUES ('C-1', l.id, 12, 'across'::panel_numbering), ('C-2', l.id, 12, 'sequential')) AS v;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
SELECT f, id, 'active', at, 2 FROM power_panel, (VALUES ('one', 1), ('two', 9)) AS v (f, at) WHERE power_panel.name = 'C-1';
CREATE TRIGGER aa BEFORE UPDATE ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.by_comment();
CREATE VIEW pg_temp.breakers AS
SELECT f.name, p.name AS panel, breaker_position AS at, breaker_pole_count AS poles, occupied_positions AS occupied, phase_designation AS phases
FROM power_feed f JOIN power_panel p ON p.id = f.power_panel_id WHERE p.name LIKE 'C-_' ORDER BY f.name;
UPDATE power_feed SET comments = 'to 5' WHERE name = 'one';
TABLE pg_temp.breakers;
SAVEPOINT d;
SET CONSTRAINTS ALL DEFERRED;
UPDATE power_feed SET breaker_position = 2 WHERE name = 'two';
UPDATE power_feed SET comments = 'to 8' WHERE name = 'two';
SET CONSTRAINTS ALL IMMEDIATE;
TABLE pg_temp.breakers;
ROLLBACK TO d;
SAVEPOINT s;
UPDATE power_feed SET comments = 'poles 3' WHERE name = 'two';
ROLLBACK TO s;
UPDATE power_feed SET comments = 'poles 3' WHERE name = 'one';
ROLLBACK TO s;
UPDATE power_feed SET comments = 'to 8' WHERE name = 'two';
UPDATE power_feed SET comments = 'poles NULL' WHERE name = 'one';
TABLE pg_temp.breakers;
ROLLBACK TO s;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
SELECT 'three', id, 'active', 4 FROM power_panel WHERE name = 'C-1';
UPDATE power_feed SET comments = 'panel C-2';
TABLE pg_temp.breakers;
SAVEPOINT s;
UPDATE power_feed SET comments = 'off' WHERE name = 'two';
UPDATE power_feed SET comments = 'poles NULL' WHERE name = 'one';
TABLE pg_temp.breakers;
SAVEPOINT s;
UPDATE power_feed SET comments = 'says 7' WHERE name = 'one';
ROLLBACK TO s;
ALTER TRIGGER aa ON power_feed RENAME TO zzz;
UPDATE power_feed SET comments = 'says 7' WHERE name = 'one';
ROLLBACK TO s;
TABLE pg_temp.breakers;
SELECT count(*) FROM check_integrity() WHERE severity = 'error';
ROLLBACK;

-- A trigger that makes us forget what we know of a panel, and remember another,
-- while the first is being checked
BEGIN;
SET LOCAL client_min_messages = error;
INSERT INTO location (name) VALUES ('Forgetful');
INSERT INTO power_panel (name, location_id, circuit_positions) SELECT v.* FROM (SELECT id FROM location WHERE name = 'Forgetful') AS l,
	LATERAL (VALUES ('Large', l.id, 20), ('Small', l.id, 4)) AS v;
INSERT INTO power_feed (name, power_panel_id, status, breaker_position) SELECT 'one', id, 'active', 1 FROM power_panel WHERE name = 'Large';
CREATE FUNCTION pg_temp.forgetful() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.breaker_position := 11;
	IF pg_trigger_depth() > 1 THEN
		BEGIN
			RAISE EXCEPTION 'rolled back';
		EXCEPTION WHEN raise_exception THEN
		END;
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
		SELECT 'other', id, 'active', 1 FROM power_panel WHERE name = 'Small';
	END IF;
	RETURN NEW;
END
$$;
CREATE TRIGGER aa BEFORE UPDATE ON power_feed FOR EACH ROW EXECUTE FUNCTION pg_temp.forgetful();
UPDATE power_feed SET comments = 'moved' WHERE name = 'one';
SELECT name, occupied_positions FROM power_feed ORDER BY name;
ROLLBACK;

-- COPY that writes its rows frozen: they are ours all the same
BEGIN;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO power_panel (id, name, location_id, circuit_positions) VALUES ('00000000-0000-0000-0000-000000000001', 'P', test.location('Site'), 42);
SET LOCAL client_min_messages = warning;
TRUNCATE power_feed CASCADE;
COPY power_feed (name, power_panel_id, status, breaker_position) FROM STDIN (FREEZE);
one	00000000-0000-0000-0000-000000000001	active	1
two	00000000-0000-0000-0000-000000000001	active	3
three	00000000-0000-0000-0000-000000000001	active	3
\.
ROLLBACK;
