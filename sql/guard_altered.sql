-- Guards of tables that are odd, or that somebody alters, empties or copies
SET search_path = public, pg_temp;
\set VERBOSITY terse
SET client_min_messages = warning;

CREATE TABLE board (no integer PRIMARY KEY, name text, ways integer);
CREATE TABLE circuit (no integer PRIMARY KEY, name text, board integer NOT NULL, way integer, poles integer, feeds integer);
CREATE INDEX ON circuit (board, way);
INSERT INTO board VALUES (1, 'Main', 12), (2, 'Kitchen', 6);
\set columns '{"panel": "board", "position": "way", "poles": "poles", "destination": "feeds", "panel_positions": "ways"}'

-- What guard() cannot take, it says before it makes anything
\set VERBOSITY default
\set SHOW_CONTEXT never
ALTER TABLE board DROP CONSTRAINT board_pkey, ADD PRIMARY KEY (no) DEFERRABLE;
SELECT powerpanel.guard('circuit', 'board', :'columns');
ALTER TABLE board DROP CONSTRAINT board_pkey, ADD PRIMARY KEY (no);
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "destination": "board"}');
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "position": "way", "poles": "way"}');
ALTER TABLE board ADD numbering json, ADD bus point;
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "panel_bus": null}');
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "panel_numbering": null}');
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "position": "way", "panel_numbering": null, "panel_bus": null}');
SELECT powerpanel.unguard('circuit');
CREATE TYPE way AS ENUM ('across', 'sequential');
CREATE DOMAIN some_way AS way;
ALTER TABLE board ALTER numbering TYPE some_way USING NULL::some_way;
SELECT powerpanel.guard('circuit', 'board', '{"panel": "board", "panel_bus": null}');
ALTER TABLE board DROP numbering, DROP bus;
DROP TYPE way CASCADE;
SELECT powerpanel.guard(0, 'board');
SELECT powerpanel.guard_nautobot(NULL);
SELECT powerpanel.guard_nautobot('public', NULL);
\set VERBOSITY terse

-- A table that is new in this transaction is emptied in place, and new rows come to
-- lie where others lay that were in order
BEGIN;
CREATE TABLE fresh (LIKE circuit INCLUDING INDEXES);
SELECT powerpanel.guard('fresh', 'board', :'columns');
INSERT INTO fresh VALUES (1, 'a', 1, 1, 1), (2, 'b', 1, 2, 1), (3, 'c', 1, 3, 1);
TRUNCATE fresh;
SAVEPOINT s;
INSERT INTO fresh VALUES (1, 'a', 1, 1, 1), (2, 'b', 1, 1, 1), (3, 'c', 1, 1, 1);
ROLLBACK TO s;
RELEASE s;
ALTER TABLE fresh DROP CONSTRAINT fresh_pkey;
DROP INDEX fresh_board_way_idx;
INSERT INTO fresh VALUES (1, 'a', 1, 1, 1), (2, 'b', 1, 2, 1), (3, 'c', 1, 3, 1);
TRUNCATE fresh;
SAVEPOINT s;
INSERT INTO fresh VALUES (1, 'a', 1, 1, 1), (2, 'b', 1, 1, 1), (3, 'c', 1, 1, 1);
ROLLBACK TO s;
RELEASE s;
INSERT INTO fresh (no, board, feeds) SELECT i, i, i + 1 FROM generate_series(1, 40) AS i;
TRUNCATE fresh;
INSERT INTO fresh (no, board, feeds) SELECT i, i, i % 40 + 1 FROM generate_series(1, 40) AS i;
ROLLBACK;

-- A transaction that is a replica for a while remembers no panel from before
SELECT powerpanel.guard('circuit', 'board', :'columns');
BEGIN;
INSERT INTO circuit VALUES (1, 'a', 1, 1, 1);
SET LOCAL session_replication_role = replica;
UPDATE board SET ways = 6 WHERE no = 1;
SET LOCAL session_replication_role = origin;
INSERT INTO circuit VALUES (2, 'b', 1, 8, 1);
ROLLBACK;
BEGIN;
INSERT INTO circuit VALUES (1, 'a', 1, 1, 1);
SET LOCAL session_replication_role = replica;
DELETE FROM board WHERE no = 1;
INSERT INTO board VALUES (1, 'Other', 6);
SET LOCAL session_replication_role = origin;
INSERT INTO circuit VALUES (2, 'b', 1, 8, 1);
ROLLBACK;

-- MERGE and ON CONFLICT, which write rows of both kinds in one command
INSERT INTO circuit VALUES (1, 'a', 1, 1, 1), (2, 'b', 1, 2, 1);
MERGE INTO circuit AS c USING (VALUES (1, 5), (9, 2)) AS v (no, way) ON c.no = v.no
WHEN MATCHED THEN UPDATE SET way = v.way WHEN NOT MATCHED THEN INSERT VALUES (v.no, 'm', 1, v.way, 1);
INSERT INTO circuit VALUES (1, 'a', 1, 1, 1), (9, 'n', 1, 7, 1) ON CONFLICT (no) DO UPDATE SET way = 7;
INSERT INTO circuit VALUES (1, 'a', 1, 1, 1), (9, 'n', 1, 7, 1) ON CONFLICT (no) DO UPDATE SET way = 9;
SELECT no, way FROM circuit ORDER BY no;

-- A guarded table that becomes a partition takes no more rows, by whatever name, until
-- it is none any more
CREATE TABLE parts (feeds integer, no integer NOT NULL, name text, way integer, board integer NOT NULL, poles integer) PARTITION BY LIST (board);
ALTER TABLE parts ATTACH PARTITION circuit FOR VALUES IN (1);
INSERT INTO parts (no, board, way) VALUES (20, 1, 11);
INSERT INTO circuit (no, board, way) VALUES (20, 1, 11);
UPDATE board SET ways = 11 WHERE no = 1;
SELECT rule, object FROM powerpanel.check_integrity();
ALTER TABLE parts DETACH PARTITION circuit;
INSERT INTO circuit (no, board, way) VALUES (20, 1, 11), (21, 1, 11);
DROP TABLE parts;

-- The CHECKs that guard() made are known without their comments, which a dump may leave
-- out, and a table that inherits loses its share of them, too
CREATE TABLE heir () INHERITS (circuit);
COMMENT ON CONSTRAINT power_feed_breaker_position ON circuit IS NULL;
COMMENT ON CONSTRAINT power_panel_circuit_positions ON board IS NULL;
SELECT powerpanel.unguard('circuit');
SELECT conrelid::regclass, conname FROM pg_constraint WHERE conrelid IN ('circuit'::regclass, 'board'::regclass, 'heir'::regclass) AND contype = 'c';
DROP TABLE heir;
SELECT powerpanel.guard('circuit', 'board', :'columns');
COMMENT ON CONSTRAINT power_feed_breaker_position ON circuit IS NULL;
DROP TRIGGER powerpanel_rules ON circuit;
SELECT powerpanel.guard('circuit', 'board', :'columns');
SELECT count(obj_description(oid)) FROM pg_constraint WHERE conrelid = 'circuit'::regclass AND conname LIKE 'power\_%';
SELECT powerpanel.unguard('circuit');
DROP TABLE circuit, board;
