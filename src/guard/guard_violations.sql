-- The audit of guarded tables.

CREATE FUNCTION powerpanel_internal.checked_feed_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.checked_feed_violations(regclass, text[]) IS
'Part of guard_violations: the rules that are checked in C. Raises 42501 to one who may not read all rows of the tables';

-- The rows that break a rule which a CHECK can say, where PostgreSQL does not see
-- to it. The condition is that of the inventory's own CHECK, on values that are
-- numbers and texts by now; so nothing of the table's owner takes part in it.
CREATE FUNCTION powerpanel_internal.guard_check_violations(tab regclass, options jsonb, of_panels boolean, rule text,
	OUT key text, OUT name text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition CONSTANT text := (
		SELECT c.condition
		FROM powerpanel_internal.guard_checks(tab, tab, '{"position": "breaker_position", "poles": "breaker_pole_count",
			"destination": "destination_panel_id", "panel": "power_panel_id", "cable": "cable",
			"panel_positions": "circuit_positions"}') AS c
		WHERE c.rule = guard_check_violations.rule);
	roles CONSTANT text[] := CASE WHEN of_panels THEN '{panel_id,panel_name,panel_positions}'
		ELSE '{id,name,position,poles,destination,panel,cable}' END;
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT t.key, t.name
		FROM powerpanel_internal.foreign_rows($1, $2) AS r (fields),
			LATERAL (SELECT r.fields->>($3->>$4[1]) AS key, r.fields->>($3->>$4[2]) AS name,
				(r.fields->>($3->>'position'))::bigint AS breaker_position,
				(r.fields->>($3->>'poles'))::bigint AS breaker_pole_count,
				r.fields->>($3->>'destination') AS destination_panel_id,
				r.fields->>($3->>'panel') AS power_panel_id,
				r.fields->>($3->>'cable') AS cable,
				(r.fields->>($3->>'panel_positions'))::bigint AS circuit_positions) AS t
		WHERE NOT (%s)$q$, condition)
	USING tab, ARRAY(SELECT DISTINCT options->>role FROM unnest(roles) AS role WHERE options ? role), options, roles;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_check_violations(regclass, jsonb, boolean, text) IS
'Part of guard_violations: the rows of a guarded table that break a rule which a CHECK can say';

CREATE FUNCTION guard_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guard powerpanel.guarded;
	con record;
BEGIN
	PERFORM powerpanel_internal.check_rule_names(rules);
	SELECT * INTO guard FROM powerpanel.guarded AS g
	WHERE g.feed_table = guard_violations.feed_table;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	-- first of all, since it makes sure of the tables and their columns
	RETURN QUERY SELECT * FROM powerpanel_internal.checked_feed_violations(feed_table, rules);

	FOR con IN
		SELECT g.rule, g.tab, r.description, g.tab = guard.panel_table AND g.rule LIKE 'power\_panel%' AS of_panels
		FROM powerpanel_internal.guard_checks(guard.feed_table, guard.panel_table, guard.options) AS g
		JOIN powerpanel.rule AS r ON r.name = g.rule
		WHERE g.rule = ANY (rules) AND NOT powerpanel_internal.guard_keeps_check(g.tab, g.rule, g.condition, true)
		ORDER BY g.rule
	LOOP
		rule := con.rule;
		severity := 'error';
		object_type := con.tab;
		detail := con.description;
		FOR object_id, object IN
			SELECT CASE WHEN is_uuid THEN v.key::uuid END, CASE WHEN is_uuid THEN v.name ELSE format('%s (%s)', v.name, v.key) END
			FROM powerpanel_internal.guard_check_violations(con.tab, guard.options, con.of_panels, con.rule) AS v,
				LATERAL (SELECT a.atttypid = 'uuid'::regtype FROM pg_attribute AS a
					WHERE a.attrelid = con.tab AND a.attname = guard.options->>CASE WHEN con.of_panels THEN 'panel_id' ELSE 'id' END)
					AS k (is_uuid)
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;
COMMENT ON FUNCTION guard_violations(regclass, text[]) IS
'Every row of a guarded table of feeds, and of its panels, that breaks one of these rules; as check_integrity(), which calls it for all guarded tables. object_id is NULL where the key is not a uuid. Raises 42704 where the table is not guarded, 22023 on the name of a rule that does not exist and on an empty array, 22004 on NULL, 42501 to one who may not read all rows of the tables, 42809 where one of them is no ordinary table any more, 39P01 where a column is not what it was';

CREATE FUNCTION guard_violations(feed_table regclass,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT * FROM powerpanel.guard_violations(feed_table, ARRAY(SELECT r.name FROM powerpanel.rule AS r));
$$;
COMMENT ON FUNCTION guard_violations(regclass) IS
'guard_violations() of all rules';

-- A guard that cannot be checked is told of, and the audit goes on. What has to
-- do with this session and not with the table is raised as it is: a deadlock or
-- serialization failure, a server without memory or that shuts down. A cancel is
-- not caught by OTHERS.
CREATE FUNCTION powerpanel_internal.guard_audit(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	state text;
	message text;
	why text;
BEGIN
	RETURN QUERY SELECT * FROM powerpanel.guard_violations(feed_table, rules);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, why = PG_EXCEPTION_DETAIL;
	IF left(state, 2) IN ('40', '53', '57', '58') THEN
		RAISE;
	END IF;
	rule := 'guard_broken';
	severity := 'warning';
	object_type := feed_table;
	object := feed_table;
	detail := format('the table cannot be checked: %s', concat_ws('. ', message, nullif(why, '')));
	RETURN NEXT;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_audit(regclass, text[]) IS
'Part of check_integrity: guard_violations(), or a row of rule guard_broken that says why the table cannot be checked';
