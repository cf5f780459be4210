-- The extension as it is installed, and the helpers that the other tests use.
CREATE EXTENSION powerpanel;

-- Tables and views of the contract.
SELECT c.relname, c.relkind,
	c.oid = ANY (e.extconfig) AS dumped
FROM pg_extension e
	JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
	JOIN pg_class c ON d.classid = 'pg_class'::regclass AND c.oid = d.objid
WHERE e.extname = 'powerpanel' AND c.relkind IN ('r', 'v', 'p', 'm')
ORDER BY c.relkind, c.relname COLLATE "C";

SELECT c.relname AS "table", string_agg(
	a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
		|| CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, E'\n' ORDER BY a.attnum) AS columns
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind IN ('r', 'v')
GROUP BY c.relname ORDER BY c.relname COLLATE "C";

SELECT t.typname, string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder) AS labels
FROM pg_type t JOIN pg_enum e ON e.enumtypid = t.oid
WHERE t.typnamespace = 'powerpanel'::regnamespace
GROUP BY t.typname ORDER BY t.typname COLLATE "C";

-- A wrong label is PostgreSQL's own error, so the comment of a type names each.
SELECT e.enumtypid::regtype AS type, e.enumlabel AS untold
FROM pg_enum e JOIN pg_type t ON t.oid = e.enumtypid
WHERE t.typnamespace = 'powerpanel'::regnamespace
	AND position(format(' %s ', e.enumlabel) IN translate(obj_description(t.oid, 'pg_type'), ',().:', '     ') || ' ') = 0;

TABLE powerpanel.feed_status;

-- What \df powerpanel.* lists is what a user calls. Nothing behind a trigger, an
-- operator, an operator class or a type is among it, and no part of another
-- function; these are in powerpanel_internal.
SELECT DISTINCT p.proname COLLATE "C" AS function FROM pg_proc p
WHERE p.pronamespace = 'powerpanel'::regnamespace ORDER BY 1;
SELECT p.oid::regprocedure AS not_for_users FROM pg_proc p
WHERE p.pronamespace = 'powerpanel'::regnamespace AND (
	p.prorettype IN ('trigger'::regtype, 'event_trigger'::regtype)
	OR p.prorettype = 'internal'::regtype OR 'internal'::regtype = ANY (p.proargtypes)
	OR EXISTS (SELECT FROM pg_type t WHERE p.oid IN (t.typinput, t.typoutput, t.typreceive, t.typsend))
	OR EXISTS (SELECT FROM pg_operator o WHERE o.oprcode = p.oid)
	OR EXISTS (SELECT FROM pg_amproc a WHERE a.amproc = p.oid)
	OR obj_description(p.oid, 'pg_proc') ~ '^Part of ')
ORDER BY 1;
-- Whoever may use the one schema finds the parts in the other. It holds no type,
-- operator or view, and the record alone as a table.
SELECT has_schema_privilege('public', 'powerpanel_internal', 'USAGE') AS usage,
	has_schema_privilege('public', 'powerpanel_internal', 'CREATE') AS "create";
SELECT pg_describe_object(d.classid, d.objid, 0) AS in_internal
FROM pg_depend d
WHERE d.refclassid = 'pg_namespace'::regclass AND d.refobjid = 'powerpanel_internal'::regnamespace
	AND d.classid <> 'pg_proc'::regclass
ORDER BY 1;

-- What must not be: functions that a search_path could lead astray, or with
-- rights of their owner; foreign keys without index; objects without comment.
SELECT p.oid::regprocedure AS unpinned_search_path
FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
WHERE p.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND p.prokind <> 'a' AND l.lanname <> 'c' AND p.prosqlbody IS NULL
	AND NOT EXISTS (SELECT FROM unnest(p.proconfig) AS setting WHERE setting ~ '^search_path=pg_catalog, ?("?powerpanel"?, ?)?pg_temp$')
ORDER BY 1;
SELECT p.oid::regprocedure AS security_definer
FROM pg_proc p WHERE p.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND p.prosecdef ORDER BY 1;
SELECT c.conname AS unindexed_foreign_key
FROM pg_constraint c
WHERE c.contype = 'f' AND c.connamespace = 'powerpanel'::regnamespace
	AND c.confrelid <> 'powerpanel.feed_status'::regclass
	AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = ANY (c.conkey))
ORDER BY 1;
SELECT pg_describe_object(d.classid, d.objid, 0) AS without_comment
FROM pg_extension e
	JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
WHERE e.extname = 'powerpanel'
	AND d.classid IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_type'::regclass, 'pg_operator'::regclass)
	AND NOT (d.classid = 'pg_type'::regclass AND EXISTS (
		SELECT FROM pg_type t WHERE t.oid = d.objid AND (t.typrelid <> 0 OR t.typelem <> 0)))
	AND obj_description(d.objid, d.classid::regclass::name) IS NULL
ORDER BY pg_describe_object(d.classid, d.objid, 0) COLLATE "C";

-- Helpers. attempt executes a statement and says how it went; trial does the
-- same and takes it back; *_error give the whole error.
CREATE SCHEMA test;
CREATE FUNCTION test.limit_time() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	-- nothing may hang; a PostgreSQL that forgets all that it knows at every moment may
	-- take as long as it likes
	IF current_setting('debug_discard_caches') = '0' THEN
		SET statement_timeout = '30s';
	END IF;
END $$;
CREATE FUNCTION test.attempt_error(statement text) RETURNS text
LANGUAGE plpgsql SET search_path = powerpanel, pg_temp AS $$
DECLARE
	state text; con text; sch text; tab text; msg text; det text; hnt text; col text;
BEGIN
	EXECUTE statement;
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, con = CONSTRAINT_NAME, sch = SCHEMA_NAME,
		tab = TABLE_NAME, col = COLUMN_NAME, msg = MESSAGE_TEXT, det = PG_EXCEPTION_DETAIL, hnt = PG_EXCEPTION_HINT;
	-- from 18 on, RESTRICT has a SQLSTATE of its own
	state := replace(state, '23001', '23503');
	RETURN concat_ws(' ', state, NULLIF(con, ''), 'on ' || NULLIF(concat_ws('.', NULLIF(sch, ''), NULLIF(tab, ''), NULLIF(col, '')), ''))
		|| E'\nERROR: ' || msg || COALESCE(E'\nDETAIL: ' || NULLIF(det, ''), '') || COALESCE(E'\nHINT: ' || NULLIF(hnt, ''), '');
END $$;
CREATE FUNCTION test.attempt(statement text) RETURNS text
LANGUAGE sql AS $$ SELECT split_part(test.attempt_error(statement), E'\n', 1) $$;
CREATE FUNCTION test.trial_error(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
	result text;
BEGIN
	BEGIN
		result := test.attempt_error(statement);
		RAISE EXCEPTION USING ERRCODE = 'TRIAL';
	EXCEPTION WHEN SQLSTATE 'TRIAL' THEN
		RETURN result;
	END;
END $$;
CREATE FUNCTION test.trial(statement text) RETURNS text
LANGUAGE sql AS $$ SELECT split_part(test.trial_error(statement), E'\n', 1) $$;

-- Ids by name, so that tests never print or write a key.
CREATE FUNCTION test.location(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.location l WHERE l.name = $1';
CREATE FUNCTION test.rack_group(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.rack_group l WHERE l.name = $1';
CREATE FUNCTION test.rack(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.rack l WHERE l.name = $1';
CREATE FUNCTION test.device(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.device l WHERE l.name = $1';
CREATE FUNCTION test.panel(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.power_panel l WHERE l.name = $1';
CREATE FUNCTION test.feed(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.power_feed l WHERE l.name = $1';
CREATE FUNCTION test.port(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.power_port l WHERE l.name = $1';
CREATE FUNCTION test.outlet(name text) RETURNS uuid LANGUAGE sql STABLE AS
'SELECT id FROM powerpanel.power_outlet l WHERE l.name = $1';
