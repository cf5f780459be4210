-- What an import says in the end.

CREATE FUNCTION powerpanel_internal.import_fail()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin record;
	refused bigint;
	kept bigint;
	list text;
BEGIN
	SELECT o.name, o.schema_name INTO origin FROM pg_temp.powerpanel_origin AS o;
	SELECT count(a.rule), count(a.rule) FILTER (WHERE a.vanished),
		string_agg(format('%s (%s %s): %s: %s', a.label, a.source_table, a.source_id #>> '{}', a.rule,
				CASE WHEN a.vanished THEN format('it has vanished from %s, and ', origin.name) ELSE '' END || a.reason),
				E'\n' ORDER BY a.vanished, a.kind, a.source_id)
			FILTER (WHERE a.rule IS NOT NULL)
	INTO refused, kept, list
	FROM (
		SELECT false AS vanished, o.kind, o.label, o.source_table, o.source_id, o.rule, o.reason
		FROM pg_temp.powerpanel_object AS o WHERE NOT o.taken
		UNION ALL
		SELECT true, v.kind, v.label, v.source_table, v.source_id, v.rule, v.reason
		FROM pg_temp.powerpanel_vanished AS v WHERE v.rule IS NOT NULL) AS a;
	IF refused > 0 THEN
		RAISE EXCEPTION 'rules refuse % of the % objects of the % in schema "%", and nothing was imported',
				refused, kept + (SELECT count(*) FROM pg_temp.powerpanel_object), origin.name, origin.schema_name
			USING ERRCODE = 'integrity_constraint_violation',
				DETAIL = list,
				HINT = format('Correct them in %s%s, or import the others with keep_going => true and have these listed in the result.',
					origin.name, CASE WHEN kept > 0 THEN ', take away here what needs something that has vanished' ELSE '' END);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_fail() IS
'Part of the imports: raises one error that names every refused object with its rule, if there is one';

-- What was taken, and what somebody should know all the same. It is told as it is
-- here by now, since nothing else is kept of what is unchanged.
CREATE FUNCTION powerpanel_internal.import_notes(OUT kind integer, OUT "table" text, OUT object text, OUT objects bigint, OUT reason text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin record;
BEGIN
	SELECT o.key, o.name INTO origin FROM pg_temp.powerpanel_origin AS o;
	RETURN QUERY
	SELECT o.kind, o.source_table, NULL::text, count(*),
		format('they have no allocated draw, and count as 0 VA in every allocated figure; the setting powerpanel.load_basis = ''maximum'' goes by their maximum draw instead, known of %s',
			count(t.maximum_draw))
	FROM powerpanel.power_port AS t
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'power_port' AND o.taken AND o.id = t.id
	WHERE t.allocated_draw IS NULL
		-- an inlet carries what its outlets carry
		AND NOT EXISTS (SELECT FROM powerpanel.power_outlet AS l
			JOIN pg_temp.powerpanel_object AS i ON i.target = 'power_outlet' AND i.taken AND i.id = l.id
			WHERE l.power_port_id = t.id)
	GROUP BY o.kind, o.source_table;

	RETURN QUERY
	SELECT o.kind, o.source_table, d.label, count(*),
		format('they name no power port, and got %s, the only one of their device', format('power port "%s"', p.name))
	FROM pg_temp.powerpanel_object AS o
	JOIN powerpanel.power_outlet AS t ON t.id = o.id
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = t.device_id
	LEFT JOIN powerpanel.power_port AS p ON p.id = t.power_port_id
	WHERE o.assigned AND o.taken
		AND EXISTS (SELECT FROM pg_temp.powerpanel_inlet)		-- else there are none to be looked for
	GROUP BY o.kind, o.source_table, d.label, p.name
	ORDER BY d.label;

	-- ours have no status
	RETURN QUERY
	SELECT o.kind, o.source_table, d.label, count(*),
		format('they are %s in %s, and give power here all the same: %s', t.custom_fields -> origin.key ->> 'status', origin.name,
			string_agg(format('"%s"', t.name), ', ' ORDER BY o.source_id))
	FROM powerpanel.power_outlet AS t
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'power_outlet' AND o.taken AND o.id = t.id
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = t.device_id
	WHERE t.custom_fields -> origin.key ->> 'status' <> 'enabled'
	GROUP BY o.kind, o.source_table, d.label, t.custom_fields -> origin.key ->> 'status'
	ORDER BY d.label, t.custom_fields -> origin.key ->> 'status';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_notes() IS
'Part of the imports: how many power ports have no allocated draw, which devices'' outlets got a power port, and which are not enabled';

CREATE FUNCTION powerpanel_internal.import_details(OUT kind integer, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
BEGIN
	RETURN QUERY
		SELECT d.kind, jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - '{part,kind}'::text[]) ORDER BY d.part, d.id, d.object)
		FROM (
			SELECT 1 AS part, o.kind, o.source_id AS id, o.source_table AS "table", o.label AS object, NULL::bigint AS objects, o.rule,
				coalesce(o.reason, 'it is no power cable any more') || CASE
					WHEN o.action = 'insert' THEN ''
					WHEN o.removed IS NOT NULL THEN format('; deleted here, as %s', o.removed)
					ELSE '; it stays as an earlier import left it'
				END AS reason
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT o.taken AND (o.reason IS NOT NULL OR o.action = 'update')
			UNION ALL
			SELECT 2, o.kind, NULL, 'dcim_cable', NULL, count(*), NULL,
				'they are not power cables: no end at a power feed, power outlet or power port'
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT o.taken AND o.reason IS NULL AND o.action = 'insert'
			GROUP BY o.kind
			UNION ALL
			SELECT 3, v.kind, v.source_id, v.source_table, v.label, NULL, v.rule,
				format('vanished from %s since an earlier import; ', origin) || CASE
					WHEN v.rule IS NOT NULL THEN 'still here, as ' || v.reason
					WHEN NOT v.deleted THEN 'still here'
					ELSE 'deleted here' || coalesce(', as ' || v.removed, '') || coalesce(', and with it ' || v.along, '')
				END
			FROM pg_temp.powerpanel_vanished AS v
			UNION ALL
			SELECT 4, n.kind, NULL, n."table", n.object, n.objects, NULL, n.reason
			FROM powerpanel_internal.import_notes() AS n) AS d
		GROUP BY d.kind;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_details() IS
'Part of the imports: of each kind of which something is to be told, every object that was left out or has vanished, with the rule or reason, and what else there is to tell';

CREATE FUNCTION powerpanel_internal.import_report(added_statuses text[],
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT k.object_type, coalesce(c.objects_read, 0), coalesce(c.taken, 0), coalesce(c.inserted, 0), coalesce(c.updated, 0),
		coalesce(c.unchanged, 0), coalesce(c.objects_read - c.taken, 0), coalesce(v.vanished, 0),
		coalesce(v.deleted, 0) + coalesce(c.removed, 0), coalesce(d.details, '[]')
	FROM pg_temp.powerpanel_kind AS k
	LEFT JOIN (
		SELECT o.kind, count(*) AS objects_read,
			count(*) FILTER (WHERE o.taken) AS taken,
			count(*) FILTER (WHERE o.taken AND o.action = 'insert') AS inserted,
			count(*) FILTER (WHERE o.taken AND o.action = 'update') AS updated,
			count(*) FILTER (WHERE o.taken AND o.action = 'unchanged') AS unchanged,
			count(o.removed) AS removed
		FROM pg_temp.powerpanel_object AS o
		GROUP BY o.kind) AS c ON c.kind = k.kind
	LEFT JOIN (
		SELECT g.kind, count(*) AS vanished, count(*) FILTER (WHERE g.deleted) AS deleted
		FROM pg_temp.powerpanel_vanished AS g GROUP BY g.kind) AS v ON v.kind = k.kind
	LEFT JOIN powerpanel_internal.import_details() AS d ON d.kind = k.kind
	ORDER BY k.kind;

	RETURN QUERY
	SELECT 'feed_status', s.found, s.found, cardinality(added_statuses)::bigint, 0::bigint,
		s.found - cardinality(added_statuses), 0::bigint, 0::bigint, 0::bigint,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('object', format('feed status "%s"', a),
				'reason', 'added, and feeds of this status taken as not energized; set energized in powerpanel.feed_status where they are')
				ORDER BY a)
			FROM unnest(added_statuses) AS a), '[]')
	FROM (SELECT count(DISTINCT o.fields ->> 'status') AS found
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_feed' AND o.step IS NOT NULL AND o.fields ->> 'status' ~ '\S') AS s;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_report(text[]) IS
'Part of the imports: what they return';
