-- Whatever indexes a guarded table has: breakers that meet are refused, and no others.
-- Each pair of breakers about one position is tried, once as it is inserted and once
-- deferred, when the row has a later version that no index has an entry of.
SET search_path = public, pg_temp;
\set VERBOSITY terse
SET client_min_messages = warning;

CREATE TABLE board (no smallint PRIMARY KEY, col text);
CREATE TABLE circuit (gone text, note text, no bigint PRIMARY KEY, way smallint, board smallint NOT NULL REFERENCES board) WITH (fillfactor = 50);
INSERT INTO board VALUES (1, 'across'), (2, 'sequential');
-- a row that was there before its poles were; they are 2
INSERT INTO circuit VALUES (NULL, NULL, 100, 30, 1), (NULL, NULL, 101, 30, 2);
ALTER TABLE circuit DROP gone, ADD poles bigint DEFAULT 2;
ALTER TABLE circuit ALTER poles DROP DEFAULT;
SELECT powerpanel.guard('circuit', 'board', '{"id": "no", "name": "no", "panel": "board", "position": "way", "poles": "poles", "panel_id": "no", "panel_name": null, "panel_numbering": "col"}');

CREATE TABLE pair AS
SELECT b.no AS board, at, p1, p2,
	powerpanel.breaker_positions(b.col::powerpanel.panel_numbering, 7, p1)
		OPERATOR(powerpanel.&&) powerpanel.breaker_positions(b.col::powerpanel.panel_numbering, at, p2) AS meets
FROM board AS b, generate_series(1, 13) AS at, generate_series(1, 3) AS p1, generate_series(1, 3) AS p2;

CREATE FUNCTION is_refused(pair pair, late boolean) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO circuit (no, board, way, poles) VALUES (1, pair.board, 7, pair.p1);
	IF late THEN
		SET CONSTRAINTS ALL DEFERRED;
	END IF;
	INSERT INTO circuit (no, board, way, poles) VALUES (2, pair.board, pair.at, pair.p2);
	IF late THEN
		UPDATE circuit SET note = 'later' WHERE no = 2;
		SET CONSTRAINTS ALL IMMEDIATE;
	END IF;
	RAISE EXCEPTION USING ERRCODE = 'PP001';
EXCEPTION
	WHEN exclusion_violation THEN RETURN true;
	WHEN SQLSTATE 'PP001' THEN RETURN false;
END
$$;

CREATE VIEW tried AS
SELECT count(*) AS pairs, count(*) FILTER (WHERE refused) AS refused, count(*) FILTER (WHERE refused <> meets) AS wrong
FROM (SELECT pair.meets, is_refused(pair, late) AS refused FROM pair, (VALUES (false), (true)) AS l (late)) AS t;
-- whether the rows that have no poles of their own are in the way by both
CREATE FUNCTION old_row() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	rule text;
BEGIN
	INSERT INTO circuit (no, board, way, poles) VALUES (1, 1, 32, 1);
	RETURN 'accepted';
EXCEPTION WHEN exclusion_violation THEN
	GET STACKED DIAGNOSTICS rule = CONSTRAINT_NAME;
	RETURN rule;
END
$$;

\echo no index
SELECT *, old_row() FROM tried;
\echo panel
CREATE INDEX one ON circuit (board);
SELECT *, old_row() FROM tried;
\echo panel, including position and poles
DROP INDEX one;
CREATE INDEX one ON circuit (board) INCLUDE (way, poles);
SELECT *, old_row() FROM tried;
\echo panel and poles
DROP INDEX one;
CREATE INDEX one ON circuit (board, poles);
SELECT *, old_row() FROM tried;
\echo panel and position
DROP INDEX one;
CREATE INDEX one ON circuit (board, way);
SELECT *, old_row() FROM tried;
\echo panel and position, including poles
DROP INDEX one;
CREATE INDEX one ON circuit (board, way) INCLUDE (note, poles);
SELECT *, old_row() FROM tried;
\echo panel, position and poles, downwards
DROP INDEX one;
CREATE INDEX one ON circuit (board DESC, way DESC NULLS LAST, (no + 1), poles DESC);
SELECT *, old_row() FROM tried;
\echo of some rows, and of an expression: of no use
DROP INDEX one;
CREATE INDEX one ON circuit (board, way, poles) WHERE way > 7;
CREATE INDEX two ON circuit (board, (way - 1), poles);
SELECT *, old_row() FROM tried;

DROP VIEW tried;
DROP FUNCTION old_row, is_refused;
DROP TABLE circuit, board, pair;

-- Where a row is found is asked anew when its table gets or loses an index
CREATE TABLE board (no integer PRIMARY KEY);
CREATE TABLE circuit (no bigint PRIMARY KEY, board integer NOT NULL, feeds integer);
CREATE TABLE wire (no integer PRIMARY KEY, circuit bigint);
INSERT INTO board VALUES (1), (2);
INSERT INTO circuit VALUES (1, 1), (2, 1);
INSERT INTO wire VALUES (1, 1);
CREATE INDEX wires ON wire (circuit);
SELECT powerpanel.guard('circuit', 'board', '{"id": "no", "name": "no", "panel": "board", "destination": "feeds", "panel_id": "no", "panel_name": null, "cable_table": "wire", "cable_feed": "circuit"}');
UPDATE circuit SET feeds = 2 WHERE no = 1;
BEGIN;
DROP INDEX wires;
UPDATE circuit SET feeds = 2 WHERE no = 2;
UPDATE circuit SET feeds = 2 WHERE no = 1;
ROLLBACK;
UPDATE circuit SET feeds = 2 WHERE no = 1;
REINDEX TABLE CONCURRENTLY wire;
UPDATE circuit SET feeds = 2 WHERE no = 1;
DROP INDEX wires;
UPDATE circuit SET feeds = 2 WHERE no = 1;
-- ... and when a savepoint is rolled back in which it got one
BEGIN;
SAVEPOINT a;
CREATE INDEX wires ON wire (circuit) WHERE circuit IS NOT NULL;
UPDATE circuit SET feeds = 2 WHERE no = 2;
ROLLBACK TO a;
UPDATE circuit SET feeds = 2 WHERE no = 2;
UPDATE circuit SET feeds = 2 WHERE no = 1;
ROLLBACK;
SELECT * FROM powerpanel.guard_violations('circuit');
DROP TABLE circuit, board, wire;
