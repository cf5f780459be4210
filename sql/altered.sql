-- altered: tables of the inventory that their owner has altered. Whoever reads them is told,
-- where else a NULL would be taken for a key.
SET search_path = powerpanel, pg_temp;
BEGIN;
SET LOCAL client_min_messages = error;
INSERT INTO location (name) VALUES ('Site');
INSERT INTO rack (name, location_id) SELECT 'R1', id FROM location;
INSERT INTO power_panel (name, location_id) SELECT 'P1', id FROM location;
INSERT INTO power_feed (name, power_panel_id, rack_id, status) SELECT 'F1', p.id, r.id, 'active' FROM power_panel AS p, rack AS r;
INSERT INTO device (name) VALUES ('D1');
INSERT INTO power_port (name, device_id) SELECT 'in', id FROM device;
INSERT INTO cable (power_feed_id, power_port_id) SELECT f.id, p.id FROM power_feed AS f, power_port AS p;

-- What a statement says, of which nothing is left.
CREATE FUNCTION pg_temp.says(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	m text;
	d text;
BEGIN
	EXECUTE statement;
	RAISE SQLSTATE 'PP001';
EXCEPTION
	WHEN SQLSTATE 'PP001' THEN RETURN 'accepted';
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL;
		RETURN concat_ws(' ', SQLSTATE, m, d);
END $$;

-- Each column that is NOT NULL and no longer so, with a NULL in it: what do the audit and
-- an analysis say, and a write to that table?
CREATE FUNCTION pg_temp.without_not_null(tab regclass, col name) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	c record;
	said text[];
BEGIN
	SET LOCAL session_replication_role = replica;
	FOR c IN
		SELECT conname AS name FROM pg_constraint
		WHERE conrelid = tab AND contype IN ('p', 'c')
			AND (SELECT attnum FROM pg_attribute WHERE attrelid = tab AND attname = col) = ANY (conkey)
	LOOP
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', tab, c.name);
	END LOOP;
	EXECUTE format('ALTER TABLE %s ALTER %I DROP NOT NULL', tab, col);
	EXECUTE format('UPDATE %s SET %I = NULL', tab, col);
	SET LOCAL session_replication_role = origin;
	said := ARRAY[pg_temp.says('SELECT * FROM powerpanel.check_integrity()'),
		pg_temp.says('SELECT * FROM powerpanel.feed_load()'), pg_temp.says('SELECT * FROM powerpanel.topology_dot()'),
		pg_temp.says('SELECT powerpanel.downstream(id) FROM powerpanel.power_panel')];
	RAISE SQLSTATE 'PP002' USING MESSAGE = array_to_string(ARRAY(SELECT DISTINCT s FROM unnest(said) AS s ORDER BY s), ' | ');
EXCEPTION WHEN SQLSTATE 'PP002' THEN RETURN SQLERRM;
END $$;
SELECT a.attrelid::regclass AS tab, a.attname AS col, pg_temp.without_not_null(a.attrelid, a.attname) AS says
FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND a.attnotnull
ORDER BY c.relname, a.attnum;

-- A write to what is altered, and to what reads it.
SAVEPOINT before;
ALTER TABLE rack ALTER location_id DROP NOT NULL;
SELECT pg_temp.says($$INSERT INTO rack (name) VALUES ('R2')$$) AS rack,
	pg_temp.says($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) SELECT 'F2', p.id, r.id, 'active' FROM power_panel AS p, rack AS r$$) AS feed;
ALTER TABLE rack ALTER location_id SET NOT NULL;
SELECT pg_temp.says($$INSERT INTO power_feed (name, power_panel_id, rack_id, status) SELECT 'F2', p.id, r.id, 'active' FROM power_panel AS p, rack AS r$$) AS feed;
ROLLBACK TO before;
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE cable ALTER label TYPE varchar(20);
SELECT pg_temp.says('SELECT * FROM check_integrity()') AS type;
ROLLBACK TO before;
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE cable DROP COLUMN label CASCADE;
SELECT pg_temp.says('SELECT * FROM check_integrity()') AS no_column;
ROLLBACK TO before;
-- ... a column of one's own is nobody's business, and comes and goes
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE power_panel ADD serial text NOT NULL DEFAULT 'none';
SELECT pg_temp.says('SELECT * FROM check_integrity()') AS own_column;
ALTER TABLE power_panel DROP serial;
SELECT pg_temp.says('SELECT * FROM check_integrity()') AS no_more;
ROLLBACK TO before;
-- A table below one of ours.
CREATE TABLE public.more_feeds () INHERITS (power_feed);
SELECT pg_temp.says('SELECT * FROM feed_load()') AS inherits;
-- (from PostgreSQL 18 on, this itself is refused)
SELECT pg_temp.says('ALTER TABLE public.more_feeds ALTER status DROP NOT NULL; SELECT * FROM powerpanel.feed_load()') <> 'accepted' AS refused;
SELECT pg_temp.says('SELECT * FROM feed_load()') AS again;
ROLLBACK TO before;

-- A cursor shows the rows of when it was opened, also those that have become whole since.
ALTER TABLE power_feed ALTER power_panel_id DROP NOT NULL;
SET LOCAL session_replication_role = replica;
UPDATE power_feed SET power_panel_id = NULL;
SET LOCAL session_replication_role = origin;
DECLARE loads CURSOR FOR SELECT count(*) FROM feed_load();
DECLARE audit CURSOR FOR SELECT count(*) FROM check_integrity();
SET LOCAL session_replication_role = replica;
UPDATE power_feed SET power_panel_id = p.id FROM power_panel AS p;
SET LOCAL session_replication_role = origin;
ALTER TABLE power_feed ALTER power_panel_id SET NOT NULL;
SELECT pg_temp.says('SELECT * FROM feed_load()') AS now;
SAVEPOINT whole;
\set VERBOSITY terse
FETCH loads;
ROLLBACK TO whole;
FETCH audit;
ROLLBACK TO whole;
\set VERBOSITY default
-- ... and a cursor that was opened since is answered
DECLARE later CURSOR FOR SELECT count(*) FROM feed_load();
FETCH later;
ROLLBACK TO before;

-- Another table in the place of one of ours.
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE power_port RENAME TO old_port;
CREATE TABLE powerpanel.power_port AS SELECT * FROM old_port;
INSERT INTO powerpanel.power_port DEFAULT VALUES;
SELECT pg_temp.says('SELECT * FROM feed_load()') AS renamed;
ROLLBACK TO before;
SET LOCAL powerpanel.allow_change = on;
ALTER TABLE power_port SET SCHEMA public;
CREATE VIEW powerpanel.power_port AS TABLE public.power_port UNION ALL SELECT (NULL::public.power_port).*;
SELECT pg_temp.says('SELECT * FROM feed_load()') AS moved;
ROLLBACK TO before;

-- A foreign table below one of ours: nobody sees to its NOT NULL.
CREATE FOREIGN DATA WRAPPER nobody;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nobody;
CREATE FOREIGN TABLE public.far_feeds () INHERITS (power_feed) SERVER nowhere;
SELECT pg_temp.says('SELECT * FROM feed_load()') AS foreign_table;
ROLLBACK TO before;

-- A virtual column is not in the rows (before PostgreSQL 18 there is none).
SELECT pg_temp.says($$SET LOCAL powerpanel.allow_change = on; ALTER TABLE powerpanel.power_port DROP device_id CASCADE;
	ALTER TABLE powerpanel.power_port ADD device_id uuid NOT NULL GENERATED ALWAYS AS ('00000000-0000-0000-0000-000000000001'::uuid) VIRTUAL;
	SELECT * FROM powerpanel.feed_load()$$) ~ ANY (ARRAY['^42601 syntax error at or near "VIRTUAL"',
		'^55000 table "powerpanel.power_port" is not as extension powerpanel made it Its column "device_id" is not in its rows.']) AS refused;
ROLLBACK TO before;

-- A CHECK is dropped, and what is divided by is 0.
ALTER TABLE power_port DROP CONSTRAINT power_port_power_factor;
UPDATE power_port SET allocated_draw = 100, maximum_draw = 100, power_factor = 0;
SELECT count(*) FROM panel_headroom();
SELECT name, allocated_va FROM feed_load();
ROLLBACK TO before;
ALTER TABLE power_panel DROP CONSTRAINT power_panel_circuit_positions;
UPDATE power_panel SET circuit_positions = 2147483647;
SELECT name, free_count FROM panel_headroom();
SELECT count(*) AS schedules FROM power_panel WHERE panel_schedule_text(id) IS NOT NULL;
ROLLBACK;
