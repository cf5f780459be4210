-- Guards that somebody has broken since: a rename is followed; where a table can
-- no longer be checked the audit says so, and audits everything else.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS powerpanel;
CREATE SCHEMA live;
CREATE TABLE live.board (no int PRIMARY KEY, name text, ways int, way_order text DEFAULT 'across');
CREATE TABLE live.circuit (no int PRIMARY KEY, name text, board int REFERENCES live.board, way int, poles int, feeds int REFERENCES live.board);
CREATE TABLE live.other (no int PRIMARY KEY, name text, board int REFERENCES live.board, way int);
INSERT INTO live.board VALUES (1, 'B1', 12), (2, 'B2', 12);
INSERT INTO live.circuit VALUES (1, 'C1', 1, 1, 2, 2), (2, 'C2', 1, 2, 1, NULL);
SELECT * FROM powerpanel.guard('live.circuit', 'live.board', '{"panel": "board", "position": "way", "poles": "poles", "destination": "feeds", "panel_positions": "ways", "panel_numbering": "way_order"}');
SELECT * FROM powerpanel.guard('live.other', 'live.board', '{"panel": "board", "position": "way", "panel_positions": "ways"}');
CREATE FUNCTION public.audit(OUT rule text, OUT object_type text, OUT id boolean, OUT object text, OUT detail text) RETURNS SETOF record LANGUAGE sql AS $$
	SELECT rule, object_type, object_id IS NOT NULL, object, detail FROM powerpanel.check_integrity() WHERE rule <> 'powerpanel_owner'
	ORDER BY rule, object_type, object $$;

-- Renamed: every column that the guard names, and the tables, and the schema
ALTER TABLE live.board RENAME no TO board_no;
ALTER TABLE live.board RENAME name TO "the 'name'";
ALTER TABLE live.board RENAME COLUMN ways TO places;
ALTER TABLE live.board RENAME way_order TO "or=der";
ALTER TABLE live.circuit RENAME no TO circuit_no;
ALTER TABLE IF EXISTS live.circuit RENAME name TO "what %s";
SET search_path = live;
ALTER TABLE circuit RENAME board TO way_tmp;
ALTER TABLE ONLY circuit RENAME way TO board;
ALTER FOREIGN TABLE circuit RENAME way_tmp TO way;		-- panel and position have each other's names now
RESET search_path;
ALTER TABLE live.circuit RENAME poles TO numbering;
ALTER TABLE live.circuit RENAME feeds TO bus;
ALTER TABLE live.board RENAME TO cabinet;
ALTER TABLE live.circuit RENAME TO wire;
ALTER SCHEMA live RENAME TO old;
SELECT feed_table, panel_table, o.* FROM powerpanel.guarded, jsonb_each_text(options) AS o ORDER BY 1, 3;
SELECT * FROM public.audit();
-- writes are checked as before
INSERT INTO old.wire VALUES (3, 'C3', 1, 3, 1, NULL);
INSERT INTO old.wire VALUES (3, 'C3', 1, 13, 1, NULL);
INSERT INTO old.wire VALUES (3, 'C3', 1, 5, 4, NULL);
INSERT INTO old.wire VALUES (3, 'C3', 2, NULL, NULL, 1);
INSERT INTO old.other VALUES (3, 'O3', 1, 13);
UPDATE old.cabinet SET places = 2 WHERE board_no = 1;
INSERT INTO old.wire VALUES (3, 'C3', 1, 5, NULL, NULL);
SELECT numbering AS poles FROM old.wire WHERE circuit_no = 3;
-- and the audit finds what came past them
ALTER TABLE old.wire DISABLE TRIGGER USER;
INSERT INTO old.wire VALUES (4, 'C4', 1, 3, 1, NULL), (5, 'C5', 2, NULL, NULL, 1), (6, 'C6', 1, 13, 1, NULL);
ALTER TABLE old.wire ENABLE TRIGGER USER;
SELECT * FROM public.audit();

-- Renamed where no event trigger sees it
INSERT INTO powerpanel.location (name) VALUES ('Site');
ALTER TABLE powerpanel.location DISABLE TRIGGER USER;
UPDATE powerpanel.location SET parent_id = id;
ALTER TABLE powerpanel.location ENABLE TRIGGER USER;
BEGIN;
ALTER EVENT TRIGGER powerpanel_follow_rename DISABLE;
ALTER TABLE old.wire RENAME board TO "way";		-- taken
ROLLBACK;
BEGIN;
ALTER EVENT TRIGGER powerpanel_follow_rename DISABLE;
ALTER TABLE old.wire RENAME board TO place;
ALTER TABLE old.other DISABLE TRIGGER USER;
INSERT INTO old.other VALUES (5, 'O5', 1, 13);
SELECT * FROM public.audit();
SELECT rule, object FROM powerpanel.check_integrity('{location_cycle}');
SELECT rule, object_type, object FROM powerpanel.check_integrity('{power_feed_breaker_capacity}');
SELECT rule, object_type, object FROM powerpanel.check_integrity('{guard_broken}');
SELECT * FROM powerpanel.guard_violations('old.wire');
ROLLBACK;
-- another owner
CREATE ROLE regress_powerpanel_heir;
BEGIN;
ALTER TABLE old.cabinet OWNER TO regress_powerpanel_heir;
SELECT * FROM public.audit();
SELECT rule, object FROM powerpanel.check_integrity('{location_cycle}');
ROLLBACK;
-- a column that goes, or becomes another
BEGIN;
ALTER TABLE old.wire DROP COLUMN "what %s";
SELECT rule, object_type, detail FROM public.audit() WHERE rule = 'guard_broken';
ROLLBACK;
BEGIN;
UPDATE old.cabinet SET "or=der" = 'upside down' WHERE board_no = 2;
ROLLBACK;
BEGIN;
ALTER TABLE old.cabinet DISABLE TRIGGER USER;
UPDATE old.cabinet SET "or=der" = 'upside down' WHERE board_no = 2;
SELECT rule, object_type, detail FROM public.audit() WHERE rule = 'guard_broken';
ROLLBACK;
-- one to whom somebody's tables are closed audits the rest
CREATE ROLE regress_powerpanel_auditor;
GRANT USAGE ON SCHEMA powerpanel TO regress_powerpanel_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO regress_powerpanel_auditor;
SET ROLE regress_powerpanel_auditor;
SELECT * FROM public.audit();
RESET ROLE;
-- what only looks like a guard
BEGIN;
CREATE TABLE old.fake (id int, name text);
CREATE CONSTRAINT TRIGGER fake AFTER INSERT ON old.fake FROM old.cabinet FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed('id', '=', 'position=%s', 'nonsense=1');
SELECT rule, object_type, detail FROM public.audit() WHERE rule = 'guard_broken';
ROLLBACK;

-- Arguments
\set VERBOSITY sqlstate
SELECT * FROM powerpanel.check_integrity(NULL);
SELECT * FROM powerpanel.check_integrity('{}');
SELECT * FROM powerpanel.check_integrity('{location_cycle,NULL}');
SELECT * FROM powerpanel.check_integrity('{location_cycle,no_such_rule}');
SELECT * FROM powerpanel.guard_violations('old.wire', NULL);
SELECT * FROM powerpanel.guard_violations('old.wire', '{}');
SELECT * FROM powerpanel.guard_violations('powerpanel.power_feed');
\set VERBOSITY terse

-- The extension's owner
SELECT count(*) FROM powerpanel.check_integrity('{powerpanel_owner}');
BEGIN;
UPDATE pg_catalog.pg_extension SET extowner = 'regress_powerpanel_heir'::regrole WHERE extname = 'powerpanel';
SELECT * FROM powerpanel.check_integrity('{powerpanel_owner}');
ROLLBACK;

DROP FUNCTION public.audit();
DROP SCHEMA old CASCADE;
DELETE FROM powerpanel.location;
DROP OWNED BY regress_powerpanel_auditor;
DROP ROLE regress_powerpanel_auditor;
DROP ROLE regress_powerpanel_heir;
