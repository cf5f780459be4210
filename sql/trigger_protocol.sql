-- Trigger functions trust nothing: whoever may execute one can attach it to any
-- relation of his, for any event, with any arguments. Each case here is an error
-- that says what is wrong; none ends the server, nor writes where it should not.
SET client_min_messages = warning;

CREATE ROLE regress_wirer;
GRANT USAGE ON SCHEMA powerpanel TO regress_wirer;
GRANT SELECT ON powerpanel.guarded, powerpanel.rule TO regress_wirer;
DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN SELECT oid FROM pg_proc
		WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND proname !~ '^position_set_(in|out|recv|send)$'
	LOOP
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO regress_wirer', f);
	END LOOP;
END
$$;
CREATE FOREIGN DATA WRAPPER regress_nothing;
CREATE SERVER regress_nowhere FOREIGN DATA WRAPPER regress_nothing;
GRANT USAGE ON FOREIGN SERVER regress_nowhere TO regress_wirer;
CREATE SCHEMA wiring AUTHORIZATION regress_wirer;
SET ROLE regress_wirer;
SET search_path = wiring, pg_temp;

-- What statements say, undone: the first that fails, or that none does
CREATE FUNCTION said(VARIADIC statements text[]) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	s text;
	m text;
	h text;
	d text;
	c text;
BEGIN
	BEGIN
		FOREACH s IN ARRAY statements LOOP
			EXECUTE s;
		END LOOP;
		RAISE EXCEPTION USING ERRCODE = 'PP000', MESSAGE = 'no error';
	EXCEPTION WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, h = PG_EXCEPTION_HINT, d = PG_EXCEPTION_DETAIL, c = RETURNED_SQLSTATE;
	END;
	-- PostgreSQL's own details are sentences with a full stop or, before 19, without
	RETURN concat_ws(E'\n', CASE c WHEN 'PP000' THEN m ELSE c || ' ' || m END, nullif('DETAIL: ' || rtrim(d, '.'), 'DETAIL: '), nullif('HINT: ' || h, 'HINT: '));
END
$$;

CREATE TABLE panel (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, circuit_positions int,
	numbering powerpanel.panel_numbering DEFAULT 'across', bus powerpanel.panel_bus DEFAULT 'three-phase');
CREATE TABLE feed (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, power_panel_id uuid,
	breaker_position int, breaker_pole_count int);
SELECT * FROM powerpanel.guard('feed', 'panel');
INSERT INTO panel (id, name, circuit_positions) VALUES ('00000000-0000-0000-0000-00000000000a', 'P', 12);
INSERT INTO feed (id, name, power_panel_id, breaker_position) VALUES
	('00000000-0000-0000-0000-000000000001', 'F', '00000000-0000-0000-0000-00000000000a', 1);

-- A table that is not the panels'
CREATE TABLE other (x int, y int);
INSERT INTO other VALUES (1, 2);
CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON other FROM feed
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_panel();
UPDATE other SET x = 12345;
DROP TRIGGER t ON other;
CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON other FROM feed
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.rederive_feeds();
UPDATE other SET x = 12345;
DROP TRIGGER t ON other;

-- A table that is not the cables', or has no column for them; arguments of one trigger
-- that belong to the other
CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON other FROM feed
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
UPDATE other SET x = 12345;
DROP TRIGGER t ON other;
CREATE TABLE wire (no int PRIMARY KEY, of_feed uuid, of_panel int);
CREATE VIEW wires AS SELECT * FROM wire;
SELECT c.arguments, c.cables, said(
	format('CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON feed FROM %s FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed_cables(%s)', c.cables, c.arguments),
	'UPDATE feed SET breaker_position = 2')
FROM (VALUES ('cable_feed=of_feed', 'wire'), ('cable_feed=of_panel', 'wire'), ('cable_feed=gone', 'wire'), ('panel=of_panel', 'wire'),
	('cable_label=no', 'wire'), ('cable_feed=of_feed'', ''cable_feed=of_feed', 'wire'), ('cable_feed=of_feed', 'wires'), ('cable_feed=x', 'other')) AS v (a, cables),
	LATERAL (SELECT format('''%s''', v.a), v.cables) AS c (arguments, cables);
SELECT said('CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON feed FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed_cables(''cable_feed=of_feed'')',
	'UPDATE feed SET breaker_position = 2');
SELECT said('CREATE CONSTRAINT TRIGGER t AFTER UPDATE ON wire FROM feed FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_cabled_feed()',
	'INSERT INTO wire VALUES (1)', 'UPDATE wire SET of_feed = ''00000000-0000-0000-0000-000000000001''');
DROP TABLE wire CASCADE;

-- Every trigger function, for every event of a table that none is for
CREATE TABLE outcome AS
SELECT f.proname AS function, format('%s %s %s', w.timing, w.event, w.level) AS way,
	said(format('CREATE TRIGGER t %s %s ON other FOR EACH %s EXECUTE FUNCTION powerpanel_internal.%I()', w.timing, w.event, w.level, f.proname),
		CASE w.event WHEN 'INSERT' THEN 'INSERT INTO other VALUES (3, 4)' WHEN 'UPDATE' THEN 'UPDATE other SET y = 5'
			WHEN 'DELETE' THEN 'DELETE FROM other' ELSE 'TRUNCATE other' END) AS said
FROM pg_proc AS f, (
		SELECT t, e, l FROM unnest('{BEFORE,AFTER}'::text[]) AS t, unnest('{INSERT,UPDATE,DELETE,TRUNCATE}'::text[]) AS e,
			unnest('{ROW,STATEMENT}'::text[]) AS l
		WHERE e <> 'TRUNCATE' OR l = 'STATEMENT') AS w (timing, event, level)
WHERE f.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND f.prorettype = 'trigger'::regtype AND f.prolang = (SELECT oid FROM pg_language WHERE lanname = 'c')
	AND f.proname <> 'load_in_any_order';
SELECT function, count(*), said FROM outcome
WHERE function IN ('check_feed', 'check_panel', 'check_cabled_feed', 'check_feed_cables', 'set_derived_columns', 'rederive_feeds', 'forget_panel')
GROUP BY function, said ORDER BY function COLLATE "C", said COLLATE "C";

-- All others are for a table of the inventory
SELECT function, way, said FROM outcome
WHERE function NOT IN ('check_feed', 'check_panel', 'check_cabled_feed', 'check_feed_cables', 'set_derived_columns', 'rederive_feeds', 'forget_panel')
	AND said !~ format('^39P01 function "%s" (is for triggers on table "powerpanel(_internal)?\.\w+" only|must be fired AFTER INSERT or UPDATE, FOR EACH ROW\nHINT)', function);
SELECT said FROM outcome WHERE function = 'check_rack' GROUP BY said ORDER BY said COLLATE "C";

-- What they are for is let through, where there is nothing to check
SELECT function, way FROM outcome WHERE said = 'no error' ORDER BY function COLLATE "C", way COLLATE "C";

-- They are no plain functions, nor are those of event triggers
SELECT said('SELECT powerpanel_internal.check_feed()');
SELECT said('SELECT powerpanel_internal.drop_protection()');

-- Relations whose rows do not lie in them
CREATE VIEW seen AS SELECT * FROM other;
CREATE TABLE parts (x int, y int) PARTITION BY LIST (x);
CREATE TABLE part PARTITION OF parts DEFAULT;
CREATE FOREIGN TABLE far_panel (id uuid NOT NULL, name text, circuit_positions int) SERVER regress_nowhere;
CREATE TABLE part_panel (id uuid PRIMARY KEY, name text, circuit_positions int) PARTITION BY HASH (id);
CREATE TABLE part_feed (LIKE feed INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE part_feed_0 PARTITION OF part_feed FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE SEQUENCE numbers;
SELECT said('CREATE TRIGGER t INSTEAD OF INSERT ON seen FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed()',
	'INSERT INTO seen VALUES (1, 2)');
SELECT said('CREATE TRIGGER t INSTEAD OF UPDATE ON seen FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.set_derived_columns()',
	'UPDATE seen SET y = 1');
SELECT said('CREATE TRIGGER t INSTEAD OF DELETE ON seen FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.forget_panel()',
	'DELETE FROM seen');
SELECT said('CREATE TRIGGER t AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed()',
	'INSERT INTO parts VALUES (1, 2)');
SELECT said('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON parts FROM feed FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_panel()',
	'INSERT INTO parts VALUES (1, 2)');

-- The table of panels, as a trigger on feeds names it
CREATE TABLE f (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, panel uuid, place int, poles int, destination uuid);
CREATE FUNCTION from_panels(panels text) RETURNS text LANGUAGE sql AS $$
	SELECT wiring.said(format('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON f %s FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(
			''id=id'', ''name=name'', ''panel=panel'', ''position=place'', ''panel_id=id'', ''panel_name=name'')', 'FROM ' || panels),
		'INSERT INTO f (name, panel, place) VALUES (''F'', ''00000000-0000-0000-0000-00000000000a'', 1)')
$$;
SELECT p, from_panels(p) FROM unnest('{far_panel,part_panel,seen,numbers,feed_pkey,other,pg_catalog.pg_class,panel,NULL}'::text[]) AS p;

-- Feeds that are partitions, or temporary, or have children
SELECT said('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON part_feed_0 FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(
		''id=id'', ''name=name'', ''panel=power_panel_id'', ''position=breaker_position'', ''panel_id=id'', ''panel_name=name'')',
	'INSERT INTO part_feed (power_panel_id, breaker_position) VALUES (''00000000-0000-0000-0000-00000000000a'', 1)');
SELECT said('CREATE TEMP TABLE brief (LIKE feed INCLUDING ALL)',
	'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON brief FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(
		''id=id'', ''name=name'', ''panel=power_panel_id'', ''position=breaker_position'', ''panel_id=id'', ''panel_name=name'', ''panel_positions=circuit_positions'')',
	'INSERT INTO brief (name, power_panel_id, breaker_position) VALUES (''B'', ''00000000-0000-0000-0000-00000000000a'', 13)');
SELECT said('CREATE TABLE child () INHERITS (feed)',
	'CREATE CONSTRAINT TRIGGER t AFTER INSERT ON child FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed()',
	'INSERT INTO child (power_panel_id, breaker_position) VALUES (''00000000-0000-0000-0000-00000000000a'', 1)');

-- Arguments. Derived columns go together
CREATE DOMAIN whole AS int;
CREATE TYPE phases_of_mine AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C', 'A-B-C');
CREATE TABLE d (id uuid NOT NULL PRIMARY KEY DEFAULT gen_random_uuid(), name text, panel uuid, place int, poles int,
	occupied powerpanel.position_set DEFAULT '', phases powerpanel.phase_designation,
	mine phases_of_mine, whole whole, maybe uuid, gone int, shifted text);
ALTER TABLE d DROP COLUMN gone;
CREATE FUNCTION with_arguments(VARIADIC arguments text[]) RETURNS text LANGUAGE sql AS $$
	SELECT wiring.said(format('CREATE CONSTRAINT TRIGGER t AFTER INSERT ON d FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(%s)',
			(SELECT string_agg(quote_literal(a), ', ') FROM unnest(arguments) AS a)),
		'CREATE TRIGGER zz BEFORE INSERT ON d FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.set_derived_columns()',
		'INSERT INTO d (name, panel, place) VALUES (''D'', ''00000000-0000-0000-0000-00000000000a'', 3)')
$$;
\set base '''id=id'', ''name=name'', ''panel=panel'', ''panel_id=id'', ''panel_name=name'''
\set breaker '''position=place'', ''poles=poles'''
\set derived '''occupied=occupied'', ''phases=phases'''
\set kind '''panel_numbering=numbering'', ''panel_bus=bus'''
SELECT with_arguments(:base, :breaker, :derived, :kind) AS all_right;
SELECT with_arguments(:base, :breaker, 'occupied=occupied', :kind) AS no_phases;
SELECT with_arguments(:base, :breaker, 'phases=phases', :kind) AS no_occupied;
SELECT with_arguments(:base, 'poles=poles', :derived, :kind) AS no_position;
SELECT with_arguments(:base, 'position=place', :derived, :kind) AS no_poles;
SELECT with_arguments(:base, :breaker, :derived, 'panel_bus=bus') AS no_numbering;
SELECT with_arguments(:base, :breaker, :derived, 'panel_numbering=numbering') AS no_bus;
SELECT with_arguments(:base, :breaker, 'occupied=occupied', 'phases=mine', :kind) AS other_enum;
SELECT with_arguments(:base, :breaker, 'occupied=name', 'phases=phases', :kind) AS other_set;
SELECT with_arguments(:base, 'position=place', 'poles=place') AS same_column;
SELECT with_arguments(:base, :breaker, 'destination=panel') AS same_key;
SELECT with_arguments(:base, :breaker, 'id=id') AS twice;
SELECT with_arguments(:base, 'position=whole') AS domain;
SELECT with_arguments(:base, 'position=name') AS text_position;
SELECT with_arguments(:base, 'position=........pg.dropped.11........') AS dropped;
SELECT with_arguments(:base, 'position=ctid') AS system_column;
SELECT with_arguments('id=maybe', 'name=name', 'panel=panel', 'panel_id=id', 'panel_name=name') AS key_maybe_null;
SELECT with_arguments('id=name', 'name=name', 'panel=panel', 'panel_id=id', 'panel_name=name') AS text_key;
SELECT with_arguments('id=id', 'name=name', 'panel=place', 'panel_id=id', 'panel_name=name') AS key_types;
SELECT with_arguments('id=id', 'name=name', 'panel=panel') AS too_few;
SELECT with_arguments(:base, 'rack=maybe') AS rack;
SELECT with_arguments(:base, 'colour=red') AS unknown;
SELECT with_arguments(:base, 'numbering') AS no_value;
SELECT with_arguments(:base, 'bus=four-phase') AS no_bus_of_ours;
SELECT with_arguments(:base, 'position=' || repeat('x', 2000)) AS long;
SELECT with_arguments(:base, '', '=', '==') AS empty;

-- Two triggers that name the columns
SELECT said('CREATE CONSTRAINT TRIGGER aa AFTER UPDATE ON feed FROM panel FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_feed(''id=id'', ''name=name'', ''panel=id'', ''panel_id=id'', ''panel_name=name'')',
	'UPDATE feed SET breaker_position = 2');

-- Columns that are dropped, made anew or altered between two writes
SELECT said('ALTER TABLE feed DROP COLUMN breaker_position', 'UPDATE feed SET breaker_pole_count = 2');
SELECT said('UPDATE feed SET breaker_position = 3', 'ALTER TABLE panel DROP COLUMN bus',
	'UPDATE feed SET breaker_position = 5');
SELECT said('UPDATE feed SET breaker_position = 3', 'ALTER TABLE panel DROP COLUMN bus CASCADE',
	'UPDATE feed SET breaker_position = 5');
SELECT said('UPDATE feed SET breaker_position = 3', 'ALTER TABLE panel RENAME COLUMN circuit_positions TO ways',
	'UPDATE feed SET breaker_position = 5');
SELECT said('UPDATE feed SET breaker_position = 3', 'DROP TRIGGER powerpanel_rules ON feed', 'UPDATE feed SET breaker_position = 5');
SELECT said('ALTER TABLE panel ALTER id DROP NOT NULL');
SELECT said('UPDATE feed SET breaker_position = 3', 'ALTER TABLE panel DROP CONSTRAINT panel_pkey', 'ALTER TABLE panel ALTER id DROP NOT NULL',
	'UPDATE feed SET breaker_position = 5');

-- Code of the owner that alters a table while its rows are checked: derived columns
-- that the statement has not set are set late, by an UPDATE, which fires it
CREATE CONSTRAINT TRIGGER rules AFTER INSERT ON d FROM panel FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_feed(:base, :breaker, :derived, :kind);
CREATE CONSTRAINT TRIGGER rules_update AFTER UPDATE ON d FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed();
CREATE TRIGGER zz_insert BEFORE INSERT ON d FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
CREATE TRIGGER zz_update BEFORE UPDATE OF place, poles, panel, occupied ON d FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
CREATE FUNCTION moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.place := 5;
	RETURN NEW;
END
$$;
CREATE FUNCTION alters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE TG_ARGV[0];
	RETURN NEW;
END
$$;
CREATE TRIGGER aa BEFORE UPDATE OF name ON d FOR EACH ROW EXECUTE FUNCTION moves();
INSERT INTO d (name, panel, place) VALUES ('D', '00000000-0000-0000-0000-00000000000a', 3);
SELECT said('UPDATE d SET name = ''E''');
CREATE FUNCTION meanwhile(statement text) RETURNS text LANGUAGE sql AS $$
	SELECT wiring.said(format('CREATE TRIGGER bb BEFORE UPDATE OF occupied ON d FOR EACH ROW EXECUTE FUNCTION alters(%L)', statement),
		'UPDATE d SET name = ''E''')
$$;
SELECT s, meanwhile(s) FROM unnest(ARRAY[
	'ALTER TABLE panel DROP COLUMN bus',
	'ALTER TABLE panel RENAME COLUMN bus TO busbar',
	'ALTER TABLE panel RENAME TO panels',
	'ALTER TABLE panel ALTER circuit_positions TYPE text',
	'ALTER TABLE d DROP COLUMN place',
	'DROP TRIGGER rules ON d',
	'DELETE FROM panel',
	'DELETE FROM d',
	'CREATE CONSTRAINT TRIGGER also AFTER INSERT ON d FROM panel FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(''id=maybe'')']) AS s;

-- Only those who may execute a trigger function can attach it
RESET ROLE;
SELECT f.proname FROM pg_proc AS f
WHERE f.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND f.prorettype = 'trigger'::regtype
	AND EXISTS (SELECT FROM aclexplode(coalesce(f.proacl, acldefault('f', f.proowner))) AS a WHERE a.grantee = 0)
ORDER BY 1;

-- Nor is the table of feeds that is ours trusted: its owner can make a trigger anew, by
-- which a rack, a name or a key is a column of another type, or panels another table
CREATE FUNCTION pg_temp.rewired(arguments text[], statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	definition text := (SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = 'power_feed_rules');
	m text;
BEGIN
	FOR i IN 1 .. array_length(arguments, 1) BY 2 LOOP
		definition := replace(definition, arguments[i], arguments[i + 1]);
	END LOOP;
	DROP TRIGGER power_feed_rules ON powerpanel.power_feed;
	EXECUTE definition;
	EXECUTE statement;
	RAISE 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS m = MESSAGE_TEXT;
	RETURN m;
END
$$;
BEGIN;
SET LOCAL client_min_messages = error;
SET LOCAL search_path = powerpanel, pg_temp;
CREATE TABLE public.other_panel (LIKE power_panel INCLUDING ALL);
INSERT INTO location (id, name) VALUES (md5('one')::uuid, 'One'), (md5('two')::uuid, 'Two');
INSERT INTO rack (id, name, location_id) VALUES (md5('rack')::uuid, 'Rack', md5('one')::uuid);
INSERT INTO power_panel (id, name, location_id) VALUES (md5('panel')::uuid, 'Panel', md5('two')::uuid);
INSERT INTO public.other_panel (id, name, location_id) VALUES (md5('panel')::uuid, 'Panel', md5('one')::uuid);
SELECT a, pg_temp.rewired(a, $$INSERT INTO power_feed (name, power_panel_id, rack_id, status)
	VALUES ('F', md5('panel')::uuid, md5('rack')::uuid, 'active')$$) AS says
FROM (VALUES (ARRAY['rack=rack_id', 'rack=amperage']), (ARRAY['''name=name', '''name=amperage']), (ARRAY['''id=id', '''id=amperage']),
	(ARRAY['panel_location=location_id', 'panel_location=voltage']), (ARRAY[', ''panel_location=location_id''', '']),
	(ARRAY['FROM power_panel', 'FROM public.other_panel'])) AS v (a);
ROLLBACK;

DROP OWNED BY regress_wirer CASCADE;
DROP ROLE regress_wirer;
DROP FOREIGN DATA WRAPPER regress_nothing CASCADE;
