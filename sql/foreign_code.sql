-- Nobody's code: whoever owns a guarded table, or a schema that is imported, has
-- attached functions of his to it in every way that there is, and waits for a
-- superuser to guard, audit or import it. None of them may run as the superuser,
-- the violations must be told of all the same, and nothing of the session's may
-- be other than before.
\set VERBOSITY terse
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS powerpanel;
CREATE ROLE regress_powerpanel_attacker;
CREATE SCHEMA a AUTHORIZATION regress_powerpanel_attacker;
SET ROLE regress_powerpanel_attacker;
CREATE TABLE a.harm (how text PRIMARY KEY);
-- what would make the attacker a superuser, here notes that it could
CREATE FUNCTION a.evil(how text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN
		INSERT INTO a.harm VALUES (how) ON CONFLICT DO NOTHING;
	END IF;
	RETURN true;
END $$;
-- the same where it has to be immutable, which is a promise that nobody checks
CREATE FUNCTION a.sly(how text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN a.evil(how); END $$;

-- types with casts
CREATE TYPE a.nm AS (t text);
CREATE FUNCTION a.nm_text(a.nm) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN a.evil('cast to text') THEN ($1).t END $$;
CREATE FUNCTION a.nm_json(a.nm) RETURNS json LANGUAGE sql AS $$ SELECT CASE WHEN a.evil('cast to json') THEN to_json(($1).t) END $$;
CREATE CAST (a.nm AS text) WITH FUNCTION a.nm_text(a.nm) AS IMPLICIT;
CREATE CAST (a.nm AS json) WITH FUNCTION a.nm_json(a.nm) AS IMPLICIT;
CREATE FUNCTION a.nm_is(a.nm, text) RETURNS boolean LANGUAGE sql AS $$ SELECT a.evil('operator') AND ($1).t = $2 $$;
CREATE OPERATOR a.= (LEFTARG = a.nm, RIGHTARG = text, FUNCTION = a.nm_is);
CREATE FUNCTION a.nm_same(a.nm, a.nm) RETURNS boolean LANGUAGE sql AS $$ SELECT a.evil('operator of the type') $$;
CREATE OPERATOR a.= (LEFTARG = a.nm, RIGHTARG = a.nm, FUNCTION = a.nm_same);
CREATE TYPE a.order AS ENUM ('across', 'sequential');
CREATE FUNCTION a.order_text(a.order) RETURNS text LANGUAGE sql AS $$ SELECT CASE WHEN a.evil('cast of an enum') THEN 'across' END $$;
CREATE CAST (a.order AS text) WITH FUNCTION a.order_text(a.order) AS ASSIGNMENT;
CREATE DOMAIN a.checked AS text CHECK (a.sly('domain'));
CREATE TYPE a.span AS RANGE (subtype = text);

-- A pair of tables as an honest application has them.
CREATE FUNCTION a.pair(n text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE a.panel_%s (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, circuit_positions int, numbering a.order DEFAULT ''across'')', n);
	EXECUTE format('CREATE TABLE a.feed_%1$s (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, power_panel_id uuid REFERENCES a.panel_%1$s,
		breaker_position int, breaker_pole_count int, destination_panel_id uuid REFERENCES a.panel_%1$s)', n);
	EXECUTE format('CREATE INDEX ON a.feed_%1$s (power_panel_id)', n);
	EXECUTE format('INSERT INTO a.panel_%1$s (name, circuit_positions) VALUES (''P %1$s'', 42)', n);
END $$;
-- What he does later: a row that breaks a rule, under a CHECK that says nothing.
CREATE FUNCTION a.spoil(n text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('ALTER TABLE a.feed_%s DROP CONSTRAINT power_feed_breaker_position, DISABLE TRIGGER USER', n);
	EXECUTE format('INSERT INTO a.feed_%1$s (name, power_panel_id, breaker_position, destination_panel_id) SELECT ''F %1$s'', id, -5, NULL FROM a.panel_%1$s', n);
	EXECUTE format('ALTER TABLE a.feed_%s ADD CONSTRAINT power_feed_breaker_position CHECK (a.sly(''check of that name'')) NOT VALID, ENABLE TRIGGER USER', n);
END $$;
SELECT count(a.pair(n)) FROM unnest('{type,domain,range,generated,policy,expression,predicate,statistics,default,trigger,rename,child,part,check,setting,deferred}'::text[]) AS n;
RESET ROLE;
DO $$
DECLARE n text;
BEGIN
	FOREACH n IN ARRAY '{type,domain,range,generated,policy,expression,predicate,statistics,default,trigger,rename,child,part,check,setting,deferred}'::text[] LOOP
		PERFORM powerpanel.guard(format('a.feed_%s', n)::regclass, format('a.panel_%s', n)::regclass);
	END LOOP;
END $$;
CREATE VIEW public.pairs AS SELECT feed_table, panel_table FROM powerpanel.guarded ORDER BY feed_table::text;

SET ROLE regress_powerpanel_attacker;
SELECT count(a.spoil(split_part(tgrelid::regclass::text, '_', 2))) FROM pg_trigger WHERE tgname = 'powerpanel_rules';
-- 1, 2: casts of a row type to text and json, and of an enum; operators
ALTER TABLE a.feed_type ALTER name TYPE a.nm USING ROW(name)::a.nm;
ALTER TABLE a.panel_type ALTER name TYPE a.nm USING ROW(name)::a.nm;
-- 3: a domain's CHECK, 4: a range
ALTER TABLE a.feed_domain ALTER name TYPE a.checked;
ALTER TABLE a.feed_range ALTER name TYPE a.span USING a.span(name, NULL);
-- 5: a generated column
ALTER TABLE a.feed_generated DROP name;
ALTER TABLE a.feed_generated ADD name text GENERATED ALWAYS AS (CASE WHEN a.sly('generated column') THEN 'made' END) STORED;
-- 6: row level security, forced on the owner, too
CREATE POLICY p ON a.feed_policy USING (a.evil('policy'));
ALTER TABLE a.feed_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON a.panel_policy USING (a.evil('policy'));
ALTER TABLE a.panel_policy ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
-- 7 to 10: what the planner works out when it reads the table's definition
CREATE INDEX ON a.feed_expression ((a.sly('index expression')));
CREATE INDEX ON a.panel_expression (id, (a.sly('index expression')));
CREATE INDEX ON a.feed_predicate (power_panel_id) WHERE a.sly('index predicate');
CREATE INDEX ON a.feed_predicate (name) WHERE destination_panel_id IS NOT NULL AND a.sly('index predicate');
CREATE STATISTICS a.s ON (a.sly('statistics')), name FROM a.feed_statistics;
ALTER TABLE a.feed_check ADD CHECK (a.sly('check'));
ALTER TABLE a.panel_check ADD CHECK (a.sly('check'));
-- 11: defaults, 12: triggers
ALTER TABLE a.feed_default ALTER breaker_position SET DEFAULT CASE WHEN a.evil('default') THEN 1 END;
CREATE FUNCTION a.fired() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM a.evil('trigger'); RETURN NULL; END $$;
CREATE TRIGGER t BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON a.feed_trigger FOR EACH STATEMENT EXECUTE FUNCTION a.fired();
-- 13: a view that goes by the table's name
ALTER TABLE a.feed_rename RENAME TO feed_hidden;
CREATE VIEW a.feed_rename AS SELECT *, a.evil('view') FROM a.feed_hidden;
-- 14: rows that are elsewhere, 15: a partition
CREATE TABLE a.child () INHERITS (a.feed_child);
CREATE TABLE a.parted (LIKE a.panel_part) PARTITION BY RANGE (circuit_positions);
ALTER TABLE a.parted ATTACH PARTITION a.panel_part DEFAULT;
-- 16: settings that outlive the audit, 17: a trigger at the end of the transaction
CREATE FUNCTION a.settle() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN PERFORM set_config('search_path', 'a', false); RETURN true; END $$;
CREATE INDEX ON a.feed_setting ((a.settle()));
RESET search_path;
CREATE TABLE a.later (n int);
CREATE FUNCTION a.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM a.evil('deferred trigger'); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON a.later DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION a.late();
CREATE FUNCTION a.later() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN true; END $$;
CREATE FUNCTION a.sly_later() RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN a.later(); END $$;
CREATE INDEX ON a.feed_deferred ((a.sly_later()));
CREATE OR REPLACE FUNCTION a.later() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN INSERT INTO a.later VALUES (1); RETURN true; END $$;
-- the destination of a feed, so that its loops are looked for
RESET ROLE;
DELETE FROM a.harm;			-- what he did as himself is none, but a superuser's reading of a view would be
SET constraint_exclusion = on;

SELECT rule, severity, object_type, object_id IS NOT NULL AS id, object, detail FROM powerpanel.check_integrity() WHERE rule <> 'powerpanel_owner' ORDER BY object_type;
SELECT current_setting('search_path') AS search_path, current_user = session_user AS same_user;
SELECT * FROM a.harm;

-- The same with feeds that form a loop, so that their names are looked up.
SET ROLE regress_powerpanel_attacker;
DO $$
DECLARE n text;
BEGIN
	FOREACH n IN ARRAY '{type,domain,generated,expression,check,setting,deferred}'::text[] LOOP
		EXECUTE format('ALTER TABLE a.feed_%s DROP CONSTRAINT power_feed_destination_self, DISABLE TRIGGER USER', n);
		EXECUTE format('UPDATE a.feed_%s SET destination_panel_id = power_panel_id, breaker_position = 50', n);
		EXECUTE format('ALTER TABLE a.feed_%s ENABLE TRIGGER USER', n);
	END LOOP;
END $$;
RESET ROLE;
SELECT rule, object_type, object, detail FROM powerpanel.check_integrity('{power_feed_breaker_capacity,power_feed_cycle,power_feed_destination_self}') AS c
WHERE rule <> 'guard_broken' ORDER BY object_type, rule;
SELECT current_setting('search_path') AS search_path, current_user = session_user AS same_user;
SELECT * FROM a.harm;

-- guard() itself, of what is spoilt already
SELECT count(powerpanel.unguard(feed_table)) FROM (SELECT * FROM public.pairs) AS p;
CREATE TABLE public.tried (feed text, preview text, guarded text);
DO $$
DECLARE
	n text;
	preview text;
	guarded text;
BEGIN
	FOREACH n IN ARRAY '{type,domain,range,generated,policy,expression,predicate,statistics,default,trigger,hidden,child,part,check,setting,deferred}'::text[] LOOP
		EXECUTE format('ALTER TABLE a.feed_%s DROP CONSTRAINT IF EXISTS power_feed_breaker_position', n);
		BEGIN
			SELECT string_agg(DISTINCT rule, ' ' ORDER BY rule) INTO preview
			FROM powerpanel.guard_preview(format('a.feed_%s', n)::regclass, format('a.panel_%s', CASE n WHEN 'hidden' THEN 'rename' ELSE n END)::regclass, '{"panel_numbering": "numbering"}');
		EXCEPTION WHEN OTHERS THEN preview := SQLERRM;
		END;
		BEGIN
			SELECT string_agg(DISTINCT rule, ' ' ORDER BY rule) INTO guarded
			FROM powerpanel.guard(format('a.feed_%s', n)::regclass, format('a.panel_%s', CASE n WHEN 'hidden' THEN 'rename' ELSE n END)::regclass, '{"not_valid": true, "panel_numbering": "numbering"}');
		EXCEPTION WHEN OTHERS THEN guarded := SQLERRM;
		END;
		INSERT INTO public.tried VALUES (n, preview, guarded);
	END LOOP;
END $$;
SELECT feed, guarded, preview IS NOT DISTINCT FROM guarded AS same FROM public.tried ORDER BY feed;
SELECT powerpanel.guard('a.feed_rename', 'a.panel_rename');		-- the view
-- a CHECK of guard()'s name on panels that two tables of feeds share
SET ROLE regress_powerpanel_attacker;
CREATE TABLE a.second (id uuid PRIMARY KEY, name text, power_panel_id uuid REFERENCES a.panel_check, breaker_position int);
ALTER TABLE a.panel_check DROP CONSTRAINT power_panel_circuit_positions;
ALTER TABLE a.panel_check ADD CONSTRAINT power_panel_circuit_positions CHECK (a.sly('check that is validated')) NOT VALID;
DO $$ BEGIN EXECUTE format('COMMENT ON CONSTRAINT power_panel_circuit_positions ON a.panel_check IS %L', 'The panel has 1 to 1000 circuit positions'); END $$;
RESET ROLE;
SELECT powerpanel.guard('a.second', 'a.panel_check');
SELECT count(*) FROM powerpanel.check_integrity();
SELECT current_setting('search_path') AS search_path, current_user = session_user AS same_user;
SELECT * FROM a.harm;
RESET constraint_exclusion;

-- Imports
SET ROLE regress_powerpanel_attacker;
CREATE TABLE a.django_content_type (id integer PRIMARY KEY, app_label a.nm, model a.nm);
CREATE TABLE a.django_migrations (app a.nm, name a.nm, applied timestamptz);
INSERT INTO a.django_migrations VALUES (ROW('contenttypes'), ROW('0001_initial'), '2024-02-29 12:00+00');
CREATE TABLE a.dcim_region (id bigint PRIMARY KEY, name a.nm, parent_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_site (id bigint PRIMARY KEY, name a.checked, region_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_location (id bigint PRIMARY KEY, name text GENERATED ALWAYS AS (CASE WHEN a.sly('generated column') THEN 'Hall' END) STORED, parent_id bigint, site_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_rack (id bigint PRIMARY KEY, name text, location_id bigint, site_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}', other a.nm DEFAULT ROW('not read'));
CREATE TABLE a.dcim_device (id bigint PRIMARY KEY, name text, asset_tag text, device_type_id bigint, virtual_chassis_id bigint, vc_position int, rack_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_powerpanel (id bigint PRIMARY KEY, name text, location_id bigint, site_id bigint, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_powerfeed (id bigint PRIMARY KEY, name text, power_panel_id bigint, rack_id bigint, status text, type text, supply text, phase text, voltage int, amperage int, max_utilization int, comments text, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_powerport (id bigint PRIMARY KEY, name text, device_id bigint, maximum_draw int, allocated_draw int, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_poweroutlet (id bigint PRIMARY KEY, name text, device_id bigint, power_port_id bigint, feed_leg text, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_cable (id bigint PRIMARY KEY, label text, status text, custom_field_data jsonb NOT NULL DEFAULT '{}');
CREATE TABLE a.dcim_cabletermination (cable_id bigint, cable_end a.nm, termination_type_id integer, termination_id bigint);
CREATE INDEX ON a.dcim_rack ((a.sly('index expression of a source')));
INSERT INTO a.dcim_region VALUES (1, ROW('Netland'));
INSERT INTO a.dcim_site VALUES (1, 'DC1', 1);
INSERT INTO a.dcim_location (id, site_id) VALUES (1, 1);
INSERT INTO a.dcim_rack VALUES (1, 'R1', 1, 1);
INSERT INTO a.dcim_powerpanel VALUES (1, 'P1', 1, 1);
INSERT INTO a.dcim_powerfeed VALUES (1, 'F1', 1, 1, 'active', 'primary', 'ac', 'single-phase', 230, 16, 80, 'spare');
CREATE POLICY p ON a.dcim_site USING (a.evil('policy of a source'));
ALTER TABLE a.dcim_site ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
RESET ROLE;
BEGIN;
SELECT object_type, objects_read, inserted FROM powerpanel.import_netbox('a') WHERE objects_read > 0;
SELECT name FROM powerpanel.location ORDER BY name;
SELECT f.name, voltage, comments FROM powerpanel.power_feed AS f;
SELECT * FROM a.harm;
ROLLBACK;
-- by one to whom the policy applies, or who may not read
CREATE ROLE regress_powerpanel_importer;
GRANT USAGE ON SCHEMA a, powerpanel TO regress_powerpanel_importer;
GRANT ALL ON ALL TABLES IN SCHEMA powerpanel TO regress_powerpanel_importer;
GRANT SELECT ON ALL TABLES IN SCHEMA a TO regress_powerpanel_importer;
SET ROLE regress_powerpanel_importer;
SELECT powerpanel.import_netbox('a');
RESET ROLE;
REVOKE SELECT ON a.dcim_region, a.dcim_rack FROM regress_powerpanel_importer;
SET ROLE regress_powerpanel_importer;
SELECT powerpanel.import_netbox('a');
SELECT powerpanel_internal.foreign_rows('a.dcim_rack', '{id}');
SELECT powerpanel_internal.guard_validate('a.panel_check', 'power_panel_circuit_positions');
RESET ROLE;
-- what is no table: a view, a parent, a foreign table
CREATE FOREIGN DATA WRAPPER regress_powerpanel_fdw;
CREATE SERVER regress_powerpanel_server FOREIGN DATA WRAPPER regress_powerpanel_fdw;
ALTER TABLE a.dcim_rack RENAME TO shelf;
SET ROLE regress_powerpanel_attacker;
CREATE VIEW a.dcim_rack AS SELECT id, name, location_id, site_id, custom_field_data, a.evil('view of a source') FROM a.shelf;
RESET ROLE;
SELECT powerpanel.import_netbox('a');
DROP VIEW a.dcim_rack;
CREATE TABLE a.dcim_rack () INHERITS (a.shelf);
SELECT powerpanel.import_netbox('a');
DROP TABLE a.dcim_rack;
CREATE FOREIGN TABLE a.dcim_rack (id bigint, name text, location_id bigint, site_id bigint, custom_field_data jsonb) SERVER regress_powerpanel_server;
SELECT powerpanel.import_netbox('a');
SELECT * FROM a.harm;

DROP VIEW public.pairs;
DROP TABLE public.tried;
DROP FOREIGN DATA WRAPPER regress_powerpanel_fdw CASCADE;
DROP SCHEMA a CASCADE;
DROP OWNED BY regress_powerpanel_importer;
DROP ROLE regress_powerpanel_importer;
DROP ROLE regress_powerpanel_attacker;
