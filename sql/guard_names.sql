-- guard() on tables whose names, keys, indexes and schemas are not the usual ones
SET search_path = public, pg_temp;
\set VERBOSITY terse
SET client_min_messages = warning;
SET client_encoding = 'UTF8';

-- Names of any kind: they go through the arguments of a trigger and back
CREATE TABLE "böard" ("nö" integer PRIMARY KEY, "grö\ße=%" integer, "n""a'me" text);
CREATE TABLE "cir\000cuit" (
	"nö" integer PRIMARY KEY, "ä\000b" integer, "wäy
x" integer, "po=les\\" integer, "n%I" text);
CREATE FUNCTION odd_options() RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('panel', 'ä\000b', 'position', E'wäy\nx', 'poles', 'po=les\\', 'name', 'n%I',
		'panel_name', 'n"a''me', 'panel_positions', 'grö\ße=%') $$;
SELECT * FROM powerpanel.guard('"cir\000cuit"', '"böard"', odd_options());
SELECT options @> odd_options() AS same FROM powerpanel.guarded;
INSERT INTO "böard" VALUES (1, 6, 'P%s');
INSERT INTO "cir\000cuit" VALUES (1, 1, 1, NULL, 'F%s') RETURNING "po=les\\";
INSERT INTO "cir\000cuit" VALUES (2, 1, 1, NULL, 'F%d');
INSERT INTO "cir\000cuit" VALUES (2, 1, 5, 2, 'F%d');
INSERT INTO "cir\000cuit" VALUES (2, 1, 1001, 2, 'F%d');
SELECT * FROM powerpanel.guard_violations('"cir\000cuit"');
SELECT powerpanel.unguard('"cir\000cuit"');

-- Feeds of one name in two schemas, of a name as long as can be, and one that
-- is renamed: their panels' triggers do not meet, and none stays behind
CREATE TABLE panel (id integer PRIMARY KEY, ways integer);
CREATE SCHEMA other;
CREATE TABLE feed (id integer PRIMARY KEY, panel integer, way integer, poles integer);
CREATE TABLE other.feed (id integer PRIMARY KEY, panel integer, way integer, poles integer);
CREATE TABLE "fééééééééééééééééééééééééééééééd" (id integer PRIMARY KEY, panel integer, way integer, poles integer);
\set columns '{"panel": "panel", "position": "way", "poles": "poles", "panel_positions": "ways"}'
SET client_min_messages = notice;
SELECT powerpanel.guard('feed', 'panel', :'columns');
SELECT powerpanel.guard('other.feed', 'panel', :'columns');
SELECT powerpanel.guard('"fééééééééééééééééééééééééééééééd"', 'panel', :'columns');
SET client_min_messages = warning;
ALTER TABLE other.feed RENAME TO circuit;
SELECT powerpanel.unguard('other.circuit');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'panel'::regclass AND NOT tgisinternal ORDER BY tgname;
INSERT INTO panel VALUES (1, 6);
INSERT INTO feed VALUES (1, 1, 1, 1), (2, 1, 1, 1);
BEGIN;
INSERT INTO feed VALUES (1, 1, 6, 1);
DELETE FROM feed;
DELETE FROM panel;
INSERT INTO panel VALUES (1, 4);
INSERT INTO feed VALUES (1, 1, 6, 1);
ROLLBACK;
SELECT powerpanel.unguard('feed'), powerpanel.unguard('"fééééééééééééééééééééééééééééééd"');
SELECT tgname FROM pg_trigger WHERE tgrelid = 'panel'::regclass AND NOT tgisinternal ORDER BY tgname;

-- A table that is feeds to one and panels to another keeps the one guard
CREATE TABLE tray (id integer PRIMARY KEY, panel integer, breaker_position integer);
SELECT powerpanel.guard('tray', 'feed', '{"panel": "panel"}');
SELECT powerpanel.guard('feed', 'panel', :'columns');
SELECT powerpanel.unguard('feed');
SELECT count(*) FROM pg_trigger WHERE tgrelid = 'feed'::regclass AND NOT tgisinternal;
SELECT powerpanel.unguard('tray');

-- A key is NOT NULL and unique; it stays so
CREATE TABLE keyless (id integer, uid uuid UNIQUE, panel integer, way integer);
SELECT powerpanel.guard('keyless', 'panel', '{"panel": "panel"}');
SELECT powerpanel.guard('keyless', 'panel', '{"id": "id", "panel": "panel"}');
SELECT powerpanel.guard('keyless', 'panel', '{"id": "uid", "panel": "panel"}');
ALTER TABLE keyless ALTER uid SET NOT NULL;
SELECT powerpanel.guard('keyless', 'panel', '{"id": "uid", "panel": "panel", "position": "way"}');
ALTER TABLE keyless ALTER uid DROP NOT NULL;
INSERT INTO keyless VALUES (1, NULL, 1, 1);
ALTER TABLE keyless ALTER uid SET NOT NULL;
INSERT INTO keyless VALUES (1, gen_random_uuid(), 1, 1);
SELECT powerpanel.unguard('keyless');

-- A column that is not in the row: there are such from PostgreSQL 18 on
DO $$
BEGIN
	EXECUTE 'CREATE TABLE slot (id integer PRIMARY KEY, panel integer, slot integer, way integer GENERATED ALWAYS AS (slot * 2 - 1) VIRTUAL)';
	PERFORM powerpanel.guard('slot', 'panel', '{"panel": "panel", "position": "way"}');
	RAISE INFO 'guarded by a virtual column';
EXCEPTION WHEN feature_not_supported OR syntax_error THEN
	RAISE INFO 'refused';
END
$$;
CREATE TABLE slot (id integer PRIMARY KEY, panel integer, slot integer, way integer GENERATED ALWAYS AS (slot * 2 - 1) STORED);
SELECT powerpanel.guard('slot', 'panel', '{"panel": "panel", "position": "way"}');
INSERT INTO slot VALUES (1, 1, 1), (2, 1, 2);
UPDATE slot SET slot = 1 WHERE id = 2;
SELECT powerpanel.unguard('slot');

-- Nobody can fill poles in where they, or the position, are generated
TRUNCATE slot;
ALTER TABLE slot ADD poles integer GENERATED ALWAYS AS (2 + 0 * slot) STORED, ADD poles_given integer;
SELECT powerpanel.guard('slot', 'panel', '{"panel": "panel", "position": "way", "poles": "poles"}');
INSERT INTO slot (id, panel, slot) VALUES (3, 1, 3);
INSERT INTO slot (id, panel, slot) VALUES (4, 1, 5);
SELECT powerpanel.unguard('slot');
TRUNCATE slot;
SELECT powerpanel.guard('slot', 'panel', '{"panel": "panel", "position": "way", "poles": "poles_given"}');
INSERT INTO slot (id, panel, slot) VALUES (5, 1, 1);
INSERT INTO slot (id, panel, slot, poles_given) VALUES (6, 1, 1, 1);
INSERT INTO slot (id, panel, slot, poles_given) VALUES (6, 1, 2, 2);
SELECT powerpanel.unguard('slot');

-- Labels as text, where some are none
CREATE TABLE labelled (id integer PRIMARY KEY, bus text);
CREATE TABLE tap (id integer PRIMARY KEY, panel integer, way integer, poles integer);
INSERT INTO labelled VALUES (1, 'three-phase'), (2, NULL);
SELECT powerpanel.guard('tap', 'labelled', '{"panel": "panel", "position": "way", "poles": "poles", "panel_bus": "bus", "bus": "single-phase"}');
INSERT INTO tap VALUES (1, 1, 1, 3);
INSERT INTO tap VALUES (2, 2, 1, 2);
\set VERBOSITY default
INSERT INTO labelled VALUES (3, 'delta');
\set VERBOSITY terse
UPDATE labelled SET bus = NULL WHERE id = 1;

-- Feeds of one session alone have no panels that all can write
CREATE TEMP TABLE passing (id integer PRIMARY KEY, panel integer, way integer);
SELECT powerpanel.guard('passing', 'panel', '{"panel": "panel", "position": "way"}');

-- An index in another order than its type's is none
CREATE FUNCTION backwards(integer, integer) RETURNS integer LANGUAGE sql IMMUTABLE RETURN btint4cmp($2, $1);
CREATE OPERATOR CLASS backwards FOR TYPE integer USING btree AS
	OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 backwards(integer, integer);
CREATE INDEX ON feed (panel, way backwards);
SELECT powerpanel.guard('feed', 'panel', :'columns');
INSERT INTO feed VALUES (1, 1, 1, 1);
INSERT INTO feed VALUES (2, 1, 1, 1);
SELECT powerpanel.unguard('feed');

-- Panels of two tables of feeds have one column that says how many positions
ALTER TABLE panel ADD sockets integer DEFAULT 0;
SELECT powerpanel.guard('feed', 'panel', :'columns');
SELECT powerpanel.guard('tray', 'panel', '{"panel": "panel", "panel_positions": "sockets"}');
SELECT powerpanel.guard('tray', 'panel', '{"panel": "panel"}');
SELECT powerpanel.unguard('feed');
SELECT powerpanel.unguard('tray');
SELECT conname FROM pg_constraint WHERE conrelid = 'panel'::regclass AND contype = 'c';

-- Rows without a name
CREATE TABLE nameless (id integer PRIMARY KEY, name text, ways integer);
CREATE TABLE wire (id integer PRIMARY KEY, name text, panel integer, way integer, dest integer);
INSERT INTO nameless VALUES (1, NULL, 4), (2, NULL, 4);
SELECT powerpanel.guard('wire', 'nameless', '{"panel": "panel", "position": "way", "destination": "dest", "panel_positions": "ways"}');
\set VERBOSITY default
INSERT INTO wire VALUES (1, NULL, 1, 1, 2);
INSERT INTO wire VALUES (2, NULL, 1, 1, NULL);
INSERT INTO wire VALUES (2, NULL, 2, 1, 1);
\set VERBOSITY terse
SET session_replication_role = replica;
INSERT INTO wire VALUES (2, NULL, 2, 5, 1), (3, NULL, 1, 1, NULL);
RESET session_replication_role;
SELECT rule, object, detail FROM powerpanel.guard_violations('wire') ORDER BY rule, object;

-- Schemas that change their names
CREATE SCHEMA live;
CREATE SCHEMA staging;
CREATE TABLE live.panel (id integer PRIMARY KEY);
CREATE TABLE live.feed (id integer PRIMARY KEY, panel integer, dest integer);
CREATE TABLE staging.panel (LIKE live.panel INCLUDING ALL);
CREATE TABLE staging.feed (LIKE live.feed INCLUDING ALL);
SELECT powerpanel.guard('live.feed', 'live.panel', '{"panel": "panel", "destination": "dest"}');
SELECT powerpanel.guard('staging.feed', 'staging.panel', '{"panel": "panel", "destination": "dest"}');
INSERT INTO live.panel VALUES (1), (2);
INSERT INTO live.feed VALUES (1, 1, 2);
ALTER SCHEMA live RENAME TO old;
ALTER SCHEMA staging RENAME TO live;
INSERT INTO old.feed VALUES (2, 2, 1);
SELECT powerpanel.unguard('old.feed'), powerpanel.unguard('live.feed');

-- What is known of the tables can go at any moment; a PostgreSQL made to find
-- such mistakes has it go at every moment
DO $$
BEGIN
	PERFORM set_config('debug_discard_caches', '1', false);
EXCEPTION WHEN invalid_parameter_value THEN
	NULL;
END
$$;
BEGIN;
SELECT powerpanel.guard('feed', 'panel', :'columns');
INSERT INTO feed VALUES (2, 1, 3, 1);
INSERT INTO feed VALUES (3, 1, 3, 1);
ROLLBACK;
RESET debug_discard_caches;

DROP SCHEMA old, live, other CASCADE;
DROP TABLE slot, labelled, tap, wire, nameless, feed, panel, tray, keyless, "cir\000cuit", "böard", "fééééééééééééééééééééééééééééééd";
DROP OPERATOR FAMILY backwards USING btree;
DROP FUNCTION odd_options(), backwards(integer, integer);
