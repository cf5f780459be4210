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
ROLLBACK;
