-- guard() for the tables of a Nautobot. Which Nautobot it is, the columns tell that are
-- there, and no version number does: the cable of a feed was a column of the feed, and is
-- a row of a table of its own from 3.2 on.

CREATE FUNCTION powerpanel_internal.guard_nautobot_columns(schema text,
	OUT role text, OUT tab regclass, OUT name text, OUT there boolean)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.role, t.tab, format('%s.%s', c.tab, c.name), EXISTS (
		SELECT FROM pg_attribute AS a WHERE a.attrelid = t.tab AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped)
	FROM (VALUES
		('id', 'dcim_powerfeed', 'id'), ('name', 'dcim_powerfeed', 'name'), ('panel', 'dcim_powerfeed', 'power_panel_id'),
		('position', 'dcim_powerfeed', 'breaker_position'), ('poles', 'dcim_powerfeed', 'breaker_pole_count'),
		('destination', 'dcim_powerfeed', 'destination_panel_id'), ('cable', 'dcim_powerfeed', 'cable_id'),
		('cable_feed', 'dcim_cabletocabletermination', 'power_feed_id'),
		('panel_id', 'dcim_powerpanel', 'id'), ('panel_name', 'dcim_powerpanel', 'name'),
		('panel_positions', 'dcim_powerpanel', 'breaker_position_count')) AS c (role, tab, name),
		LATERAL (SELECT to_regclass(format('%I.%I', schema, c.tab))) AS t (tab)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_columns(text) IS
'Part of guard_nautobot: the columns that its rules speak of, by the names of guard()''s options, and whether this Nautobot has them';

-- A column that is not there is named as NULL, so that none is taken by its usual name.
CREATE FUNCTION powerpanel_internal.guard_nautobot_options(schema text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_object_agg(c.role, CASE WHEN c.there THEN split_part(c.name, '.', 2) END)
		|| jsonb_build_object('cable_table', max(format('%I.%s', schema, split_part(c.name, '.', 1))) FILTER (WHERE c.role = 'cable_feed' AND c.there))
	FROM powerpanel_internal.guard_nautobot_columns(schema) AS c
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_options(text) IS
'Part of guard_nautobot: the options of guard() for the columns that this Nautobot has';

-- Each rule, and of the columns that it needs those that are there and those that are
-- not; of the two for a cable one will do. Each feed has a panel.
CREATE FUNCTION powerpanel_internal.guard_nautobot_rules(schema text, OUT rule text, OUT there text, OUT missing text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH col AS (
		SELECT l.n, c.role, c.name, c.there, c.role LIKE 'cable%' AND bool_or(c.there) FILTER (WHERE c.role LIKE 'cable%') OVER () AS cable_there
		FROM powerpanel_internal.guard_nautobot_columns(schema) AS c
		JOIN powerpanel_internal.feed_column_list() WITH ORDINALITY AS l (role, usual, kind, inventory, guarded, n) USING (role)
	), needs AS (
		SELECT r.name AS rule, n.role
		FROM powerpanel_internal.checked_rules() AS r, unnest(r.needed) AS n (role)
		WHERE r.needed <@ ARRAY(SELECT c.role FROM col AS c)
		UNION
		SELECT k.rule, n.role
		FROM powerpanel_internal.guard_check_columns() AS k, unnest(ARRAY[k.role, k.other]) AS n (role)
	)
	SELECT n.rule, string_agg(c.name, ', ' ORDER BY c.n) FILTER (WHERE c.there),
		string_agg(c.name, ', ' ORDER BY c.n) FILTER (WHERE NOT c.there AND NOT c.cable_there)
	FROM needs AS n JOIN col AS c USING (role)
	WHERE n.role <> 'panel'
	GROUP BY n.rule
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_rules(text) IS
'Part of guard_nautobot: the rules that guard() knows, and the columns of this Nautobot that they go by';

CREATE FUNCTION guard_nautobot(schema text DEFAULT 'public', not_valid boolean DEFAULT false,
	OUT rule text, OUT guarded boolean, OUT violations bigint, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	feeds regclass;
	panels regclass;
	broken text[];
BEGIN
	IF schema IS NULL OR not_valid IS NULL THEN
		RAISE EXCEPTION 'guard_nautobot() takes no NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	feeds := to_regclass(format('%I.dcim_powerfeed', schema));
	panels := to_regclass(format('%I.dcim_powerpanel', schema));
	IF feeds IS NULL OR panels IS NULL THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema
			USING ERRCODE = 'undefined_table',
				DETAIL = 'It has no tables dcim_powerfeed and dcim_powerpanel.',
				HINT = 'Give the schema that holds the tables of a Nautobot, as in guard_nautobot(''nautobot'').';
	END IF;
	IF NOT EXISTS (SELECT FROM powerpanel_internal.guard_nautobot_rules(schema) AS r WHERE r.missing IS NULL) THEN
		RAISE EXCEPTION 'the Nautobot of schema "%" knows no breaker positions', schema
			USING ERRCODE = 'undefined_column',
				DETAIL = 'Table dcim_powerpanel has no column breaker_position_count; it came with Nautobot 2.4.15.';
	END IF;
	broken := ARRAY(SELECT g.rule FROM powerpanel.guard(feeds, panels,
		powerpanel_internal.guard_nautobot_options(schema) || jsonb_build_object('not_valid', not_valid)) AS g);
	RETURN QUERY
	SELECT r.rule, r.rule = ANY (g.rules), cardinality(array_positions(broken, r.rule))::bigint,
		CASE WHEN r.rule = ANY (g.rules) THEN 'by ' || r.there
			ELSE format('this Nautobot has no %s', r.missing) END
	FROM powerpanel_internal.guard_nautobot_rules(schema) AS r, powerpanel.guarded AS g
	WHERE g.feed_table = feeds
	UNION ALL
	-- they hold in the inventory, and guard() does not know them
	SELECT r.name, false, 0, 'left to Nautobot, which checks it when it saves one object'
	FROM powerpanel.rule AS r
	WHERE r.name IN ('power_feed_rack_location', 'power_panel_rack_group_location', 'power_feed_voltage',
		'power_feed_amperage', 'power_feed_max_utilization')
	ORDER BY 2 DESC, 1;
END
$$;
COMMENT ON FUNCTION guard_nautobot(text, boolean) IS
'guard() for the tables of a Nautobot (2.4.15 and later) in a schema of this database. It looks up which columns that has. A row for each rule: guarded tells whether the rule holds now, detail by which columns, or why not; violations is how many rows break it, which not_valid lets be (guard_violations() names them), and 0 without not_valid. Its panels are numbered across and on a three-phase bus, as Nautobot takes them. unguard() of its dcim_powerfeed takes the guard away; that has to be done before an upgrade of Nautobot. Raises 42P01 where the schema has no such tables, 42703 where they know no breakers, 22004 on NULL, and what guard() raises';

REVOKE EXECUTE ON FUNCTION guard_nautobot(text, boolean) FROM PUBLIC;
