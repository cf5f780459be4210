-- Calls every function of the extension that SQL can call with every combination
-- of values at the edges of its arguments' types, at most 3,000 for a function,
-- and lists how each call ended by SQLSTATE. What a call changes is undone.
\set QUIET on
\set ON_ERROR_STOP on
SET client_min_messages = error;
SET statement_timeout = 0;
SELECT setseed(0.5) \g /dev/null

CREATE TEMPORARY TABLE edge (type regtype, value text);
INSERT INTO edge SELECT 'integer', unnest(ARRAY['0', '1', '-1', '2', '3', '4', '42', '1000', '1001', '1023', '1024', '2147483647', '-2147483648']);
INSERT INTO edge SELECT 'bigint', unnest(ARRAY['0', '-1', '9223372036854775807', '-9223372036854775808']);
INSERT INTO edge SELECT 'boolean', unnest(ARRAY['true', 'false']);
INSERT INTO edge SELECT 'text', unnest(ARRAY['', 'x', 'power_panel', 'RPP-A', E'\t', '"; DROP TABLE x', repeat('long ', 2000), '%s%n%d', E'\u00e4\u20ac']);
INSERT INTO edge SELECT 'name', unnest(ARRAY['', 'x', 'power_panel']);
INSERT INTO edge SELECT 'text[]', unnest(ARRAY['{}', '{NULL}', '{location_cycle}', '{location_cycle,location_cycle}', '{x}', '{{location_cycle,x},{y,z}}']);
INSERT INTO edge SELECT 'integer[]', unnest(ARRAY['{}', '{NULL}', '{0}', '{1,1,2}', '{1023}', '{1024}', '{-2147483648}', '{{1,2},{3,4}}', '[5:6]={1,2}']);
INSERT INTO edge SELECT 'uuid', '00000000-0000-0000-0000-000000000000';
INSERT INTO edge SELECT 'uuid', id FROM (SELECT id FROM powerpanel.power_panel ORDER BY name LIMIT 5) AS p;
INSERT INTO edge SELECT 'uuid', id FROM (SELECT id FROM powerpanel.power_feed ORDER BY name LIMIT 2) AS f;
INSERT INTO edge SELECT 'uuid', id FROM (SELECT id FROM powerpanel.device ORDER BY name LIMIT 2) AS d;
INSERT INTO edge SELECT 'uuid[]', unnest(ARRAY['{}', '{NULL}', array_agg(value)::text, ARRAY[min(value), min(value)]::text, ARRAY[ARRAY[min(value)], ARRAY[max(value)]]::text])
FROM edge WHERE type = 'uuid'::regtype AND value NOT LIKE '00000000%';
INSERT INTO edge SELECT 'uuid[]', ARRAY[id]::text FROM powerpanel.power_panel;
INSERT INTO edge SELECT 'powerpanel.position_set', unnest(ARRAY['', '1', '7, 8', '1, 3, 5', '1023', '1, 1023', powerpanel.position_range(1, 1023)::text]);
INSERT INTO edge SELECT 'jsonb', unnest(ARRAY['null', '{}', '[]', '1', '""', '[null]', '[{}]', '{"results": null}', '{"results": [{"id": {}}]}']);
INSERT INTO edge SELECT 'json', value FROM edge WHERE type = 'jsonb'::regtype;
INSERT INTO edge SELECT 'bytea', unnest(ARRAY['', '\x00', '\xffff']);
INSERT INTO edge SELECT 'oid', unnest(ARRAY['0', '1', '4294967295']);
INSERT INTO edge SELECT e.enumtypid, e.enumlabel FROM pg_enum AS e JOIN pg_type AS t ON t.oid = e.enumtypid WHERE t.typnamespace = 'powerpanel'::regnamespace;
INSERT INTO edge SELECT DISTINCT type, NULL FROM edge;

CREATE TEMPORARY TABLE outcome (function text, sqlstate text, message text, call text);

-- The calls of a function, as SQL
CREATE FUNCTION pg_temp.calls(function oid) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	arguments text[] := '{}';
	joined text := '';
	n int := 0;
	argument regtype;
BEGIN
	FOREACH argument IN ARRAY (SELECT proargtypes::oid[]::regtype[] FROM pg_proc WHERE oid = function) LOOP
		n := n + 1;
		arguments := arguments || format('quote_nullable(e%s.value) || %L', n, '::' || argument);
		joined := joined || format(', (SELECT value FROM edge WHERE type = %L::regtype UNION ALL SELECT NULL WHERE NOT EXISTS (SELECT FROM edge WHERE type = %1$L::regtype)) AS e%s', argument, n);
	END LOOP;
	RETURN QUERY EXECUTE format('SELECT %L || concat_ws('', '', %s) || '')'' FROM (SELECT) AS one %s ORDER BY random() LIMIT 3000',
		(SELECT format('%I.%I(', pronamespace::regnamespace, proname) FROM pg_proc WHERE oid = function),
		CASE WHEN n = 0 THEN 'NULL' ELSE array_to_string(arguments, ', ') END, joined);
END $$;

CREATE FUNCTION pg_temp.try(call text, aggregate boolean) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
	n bigint;
	state text;
	message text;
BEGIN
	-- every column is looked at, so that output functions run, too
	EXECUTE 'SELECT count(x::text) FROM ' || CASE WHEN aggregate THEN '(SELECT ' || call || ')' ELSE call END || ' AS x' INTO n;
	RAISE EXCEPTION USING ERRCODE = 'UNDO0';
EXCEPTION
	WHEN SQLSTATE 'UNDO0' THEN RETURN ARRAY['00000', NULL];
	WHEN OTHERS THEN
		GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
		RETURN ARRAY[state, message];
END $$;

DO $$
DECLARE
	function record;
	call text;
	result text[];
BEGIN
	FOR function IN
		SELECT p.oid, p.oid::regprocedure AS name, p.prokind = 'a' AS aggregate
		FROM pg_proc AS p
		WHERE p.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND p.prokind IN ('f', 'a')
			AND p.prorettype <> ALL ('{trigger,event_trigger}'::regtype[])
			AND NOT p.proargtypes::oid[] && '{internal,cstring,anyelement}'::regtype[]::oid[]
		ORDER BY 2::text
	LOOP
		FOR call IN SELECT pg_temp.calls(function.oid) LOOP
			result := pg_temp.try(call, function.aggregate);
			INSERT INTO outcome VALUES (function.name, result[1], result[2], call);
		END LOOP;
	END LOOP;
END $$;

\set QUIET off
\pset footer off
SELECT function, sqlstate, count(*), left(min(message), 60) AS "for example"
FROM outcome GROUP BY function, sqlstate ORDER BY function COLLATE "C", sqlstate;
SELECT 'internal error' AS what, sqlstate, message, left(call, 500) AS call FROM outcome WHERE sqlstate LIKE 'XX%';
SELECT count(*) AS calls, count(*) FILTER (WHERE sqlstate = '00000') AS good, count(*) FILTER (WHERE sqlstate LIKE 'XX%') AS internal_errors FROM outcome;
