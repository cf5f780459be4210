-- guard(): feeds whose cables are rows of a table of their own
SET search_path = public, pg_temp;
\set VERBOSITY terse

CREATE SCHEMA elsewhere;
CREATE TABLE board (no int PRIMARY KEY, label text, ways int);
CREATE TABLE circuit (no int PRIMARY KEY, what text, board int NOT NULL REFERENCES board, feeds int REFERENCES board);
CREATE TABLE "Cable end" (id int PRIMARY KEY, wire int NOT NULL, circuit int UNIQUE REFERENCES circuit ON UPDATE CASCADE DEFERRABLE INITIALLY DEFERRED);
INSERT INTO board VALUES (1, 'Main', 12), (2, 'Sub', 6);
INSERT INTO circuit VALUES (1, 'Free', 1, NULL), (2, 'To Sub', 1, 2), (3, 'Wired', 1, NULL);
INSERT INTO "Cable end" VALUES (1, 1, 3), (2, 1, NULL);
CREATE VIEW state AS
SELECT tgrelid::regclass::text AS tab, tgname AS name, pg_get_triggerdef(oid) AS definition FROM pg_trigger
WHERE tgrelid IN ('board'::regclass, 'circuit'::regclass, '"Cable end"'::regclass) AND NOT tgisinternal;
CREATE TABLE before AS SELECT * FROM state;

-- What it takes
\set VERBOSITY default
\set SHOW_CONTEXT never
\set columns '{"panel": "board", "name": "what", "destination": "feeds", "panel_name": "label", "panel_positions": "ways"}'
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "Cable end"}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "nowhere"}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "\"Cable end\""}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_feed": "circuit"}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "\"Cable end\"", "cable_feed": null}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "\"Cable end\"", "cable_feed": "circuit", "destination": null}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "circuit", "cable_feed": "no"}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "powerpanel.cable"}');
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "state", "cable_feed": "name"}');
ALTER TABLE "Cable end" ADD wide bigint;
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "\"Cable end\"", "cable_feed": "wide"}');
ALTER TABLE "Cable end" DROP wide;
CREATE ROLE regress_wires;
ALTER TABLE "Cable end" OWNER TO regress_wires;
SELECT * FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "\"Cable end\"", "cable_feed": "circuit"}');
ALTER TABLE "Cable end" OWNER TO CURRENT_USER;
DROP ROLE regress_wires;
SELECT count(*) FROM powerpanel.guarded;
SELECT * FROM state EXCEPT SELECT * FROM before;

-- A search_path makes no difference, and without the cables the rule is left out
SELECT count(*) FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": null}');
SELECT cable_table, rules FROM powerpanel.guarded;
SELECT powerpanel.unguard('circuit');
SET search_path = elsewhere;
SELECT count(*) FROM powerpanel.guard('public.circuit', 'public.board', :'columns'::jsonb || '{"cable_table": "\"Cable end\"", "cable_feed": "circuit"}');
SET search_path = public, pg_temp;
SELECT feed_table, panel_table, cable_table, options, rules FROM powerpanel.guarded;
SELECT tab, name FROM state ORDER BY tab, name COLLATE "C";

-- From both sides: a feed that has a cable, and one that has a destination
UPDATE circuit SET feeds = 2 WHERE no = 3;
INSERT INTO "Cable end" VALUES (3, 2, 2);
UPDATE "Cable end" SET circuit = 2 WHERE id = 2;
UPDATE "Cable end" SET circuit = 2 WHERE id = 1;
DO $$
DECLARE
	state text; rule text; tab text; sch text;
BEGIN
	INSERT INTO "Cable end" VALUES (3, 2, 2);
EXCEPTION WHEN integrity_constraint_violation THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, rule = CONSTRAINT_NAME, tab = TABLE_NAME, sch = SCHEMA_NAME;
	RAISE NOTICE '% % %.%', state, rule, sch, tab;
END
$$;
\set VERBOSITY terse
-- ... a COPY, a MERGE, an upsert
COPY "Cable end" FROM stdin;
4	2	2
\.
MERGE INTO "Cable end" AS e USING (VALUES (2, 2)) AS v (id, circuit) ON v.id = e.id
WHEN MATCHED THEN UPDATE SET circuit = v.circuit;
INSERT INTO "Cable end" VALUES (2, 2, 2) ON CONFLICT (id) DO UPDATE SET circuit = excluded.circuit;
-- ... one statement that does both
WITH lead AS (UPDATE circuit SET feeds = 2 WHERE no = 1 RETURNING no)
INSERT INTO "Cable end" SELECT 5, 3, no FROM lead;
-- ... what is sound
UPDATE circuit SET what = what || '!' WHERE no = 3;
UPDATE "Cable end" SET wire = 7 WHERE circuit = 3;
INSERT INTO "Cable end" VALUES (6, 4, 1);
DELETE FROM "Cable end" WHERE id = 6;
UPDATE circuit SET feeds = 2 WHERE no = 1;
UPDATE circuit SET feeds = NULL WHERE no = 1;
-- ... in the end it counts
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE circuit SET feeds = 2 WHERE no = 3;
UPDATE circuit SET feeds = NULL WHERE no = 2;
UPDATE "Cable end" SET circuit = 2 WHERE circuit = 3;
COMMIT;
BEGIN;
SET CONSTRAINTS ALL DEFERRED;
UPDATE circuit SET feeds = 2 WHERE no = 2;
INSERT INTO board VALUES (3, 'Other', 3);
COMMIT;
SELECT c.no, c.feeds, e.id AS cable FROM circuit AS c LEFT JOIN "Cable end" AS e ON e.circuit = c.no ORDER BY 1;

-- A cable that comes before its feed, and a feed that takes the key of another
BEGIN;
INSERT INTO "Cable end" VALUES (10, 9, 20);
INSERT INTO circuit VALUES (20, 'Late', 1, 2);
ROLLBACK;
BEGIN;
INSERT INTO "Cable end" VALUES (10, 9, 20);
INSERT INTO circuit VALUES (20, 'Late', 1, NULL);
UPDATE circuit SET feeds = 2 WHERE no = 20;
ROLLBACK;
BEGIN;
INSERT INTO "Cable end" VALUES (10, 9, 30);
UPDATE circuit SET no = 30 WHERE no = 3;
ROLLBACK;

-- The audit
SET session_replication_role = replica;
INSERT INTO "Cable end" VALUES (40, 40, 3);
RESET session_replication_role;
SELECT rule, object_type, object, detail FROM powerpanel.check_integrity() ORDER BY rule;
SELECT rule, object FROM powerpanel.check_integrity('{power_feed_cycle}');
CREATE ROLE regress_reader;
GRANT USAGE ON SCHEMA powerpanel TO regress_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO regress_reader;
GRANT SELECT ON board, circuit TO regress_reader;
SET ROLE regress_reader;
SELECT * FROM powerpanel.guard_violations('circuit');
RESET ROLE;
-- ... nobody is told of a name that he may not read
GRANT INSERT ON "Cable end" TO regress_reader;
REVOKE SELECT ON board FROM regress_reader;
DELETE FROM "Cable end" WHERE id = 40;
\set VERBOSITY default
SET ROLE regress_reader;
INSERT INTO "Cable end" VALUES (41, 40, 3);
RESET ROLE;
REVOKE SELECT ON circuit FROM regress_reader;
SET ROLE regress_reader;
INSERT INTO "Cable end" VALUES (41, 40, 3);
RESET ROLE;
\set VERBOSITY terse
DROP OWNED BY regress_reader;
DROP ROLE regress_reader;

-- The guard goes along when something is renamed
ALTER TABLE "Cable end" RENAME circuit TO of_circuit;
ALTER TABLE "Cable end" RENAME TO cable_end;
ALTER TABLE cable_end SET SCHEMA elsewhere;
SELECT cable_table, options->>'cable_table' AS option, options->>'cable_feed' AS feed FROM powerpanel.guarded;
INSERT INTO elsewhere.cable_end VALUES (50, 5, 3);
-- ... a column that is dropped makes writes fail
ALTER TABLE elsewhere.cable_end DROP of_circuit CASCADE;
UPDATE circuit SET feeds = NULL WHERE no = 3;
SELECT rule, detail FROM powerpanel.check_integrity();
SELECT powerpanel.unguard('circuit');
SELECT * FROM state EXCEPT SELECT * FROM before;

-- Rows that break the rule already
ALTER TABLE elsewhere.cable_end ADD power_feed_id int REFERENCES circuit DEFERRABLE INITIALLY DEFERRED;
UPDATE elsewhere.cable_end SET power_feed_id = 3 WHERE id = 1;
SELECT rule, object FROM powerpanel.guard_preview('circuit', 'board', :'columns'::jsonb || '{"cable_table": "elsewhere.cable_end"}');
SELECT rule, object FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "elsewhere.cable_end"}');
SELECT rule, object FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "elsewhere.cable_end", "not_valid": true}');
UPDATE circuit SET what = 'still' WHERE no = 3;
UPDATE circuit SET feeds = 1, board = 2 WHERE no = 3;
-- ... without an index it is found all the same; a table of cables that is dropped takes its rule along
UPDATE circuit SET feeds = NULL WHERE no = 2;
INSERT INTO elsewhere.cable_end VALUES (60, 6, 2), (61, 6, 2);
UPDATE circuit SET feeds = 2 WHERE no = 2;
DROP TABLE elsewhere.cable_end;
DROP TABLE elsewhere.cable_end CASCADE;
SELECT cable_table, rules FROM powerpanel.guarded;
UPDATE circuit SET feeds = 2 WHERE no = 2;
SELECT powerpanel.unguard('circuit');

-- Two tables of feeds, cables in one
CREATE TABLE busway (no int PRIMARY KEY, board int, power_panel_id int, destination_panel_id int);
CREATE TABLE wire (no int PRIMARY KEY, power_feed_id int, busway int);
SELECT count(*) FROM powerpanel.guard('circuit', 'board', :'columns'::jsonb || '{"cable_table": "wire"}');
SELECT count(*) FROM powerpanel.guard('busway', 'board', '{"cable_table": "wire", "cable_feed": "busway"}');
INSERT INTO wire VALUES (1, 2, NULL);
INSERT INTO busway VALUES (1, 1, 1, 2);
INSERT INTO wire VALUES (2, NULL, 1);
SELECT powerpanel.unguard('circuit');
INSERT INTO wire VALUES (1, 2, NULL);
INSERT INTO wire VALUES (2, NULL, 1);
SELECT powerpanel.unguard('busway');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'wire'::regclass;
DROP TABLE wire, busway, circuit, board, before CASCADE;
DROP SCHEMA elsewhere;

-- A schema whose name takes quotes
CREATE SCHEMA "Up ""stairs""";
SET search_path = "Up ""stairs""", pg_temp;
CREATE TABLE board (no int PRIMARY KEY, name text);
CREATE TABLE circuit (no int PRIMARY KEY, name text, power_panel_id int REFERENCES board, destination_panel_id int REFERENCES board);
CREATE TABLE cable (no int PRIMARY KEY, power_feed_id int REFERENCES circuit);
SELECT count(*) FROM powerpanel.guard('circuit', 'board', '{"cable_table": "cable"}');
SELECT cable_table, options ->> 'cable_table' AS option FROM powerpanel.guarded;
-- ... the options are as guard() takes them
CREATE TEMPORARY TABLE had AS SELECT options FROM powerpanel.guarded;
SELECT powerpanel.unguard('circuit');
SELECT count(*) FROM had, powerpanel.guard('circuit', 'board', options);
INSERT INTO board VALUES (1, 'Main'), (2, 'Sub');
INSERT INTO circuit VALUES (1, 'To Sub', 1, 2);
INSERT INTO cable VALUES (1, 1);
DROP TABLE cable, circuit, board CASCADE;
DROP SCHEMA "Up ""stairs""";
