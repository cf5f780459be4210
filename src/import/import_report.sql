-- What an import says in the end, and its end.

CREATE FUNCTION powerpanel_internal.import_fail()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin record;
	refused bigint;
	objects bigint;
	list text;
BEGIN
	SELECT o.name, o.schema_name INTO origin FROM pg_temp.powerpanel_origin AS o;
	SELECT count(o.rule), count(*),
		string_agg(format('%s (%s %s): %s: %s', o.label, o.source_table, o.source_id #>> '{}', o.rule, o.reason),
				E'\n' ORDER BY o.kind, o.source_id)
			FILTER (WHERE o.rule IS NOT NULL)
	INTO refused, objects, list
	FROM pg_temp.powerpanel_object AS o;
	IF refused > 0 THEN
		RAISE EXCEPTION 'rules refuse % of the % objects of the % in schema "%", and nothing was imported',
				refused, objects, origin.name, origin.schema_name
			USING ERRCODE = 'integrity_constraint_violation',
				DETAIL = list,
				HINT = format('Correct them in %s, or import the others with keep_going => true and have these listed in the result.', origin.name);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_fail() IS
'Part of the imports: raises one error that names every refused object with its rule, if there is one';

-- What was taken, and what somebody should know all the same.
CREATE FUNCTION powerpanel_internal.import_notes(kind integer, OUT "table" text, OUT object text, OUT objects bigint, OUT reason text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT o.source_table, NULL::text, count(*),
		format('they have no allocated draw, and count as 0 VA in every allocated figure; the setting powerpanel.load_basis = ''maximum'' goes by their maximum draw instead, known of %s',
			count(o.fields ->> 'maximum_draw'))
	FROM pg_temp.powerpanel_object AS o
	WHERE o.kind = import_notes.kind AND o.target = 'power_port' AND o.rule IS NULL AND o.fields IS NOT NULL
		AND o.fields ->> 'allocated_draw' IS NULL
		-- an inlet carries what its outlets carry
		AND NOT EXISTS (SELECT FROM pg_temp.powerpanel_object AS l
			WHERE l.target = 'power_outlet' AND l.rule IS NULL AND l.fields ->> 'power_port_id' = o.id::text)
	GROUP BY o.source_table;

	RETURN QUERY
	SELECT o.source_table, d.label, count(*),
		format('they name no power port, and got %s, the only one of their device', p.label)
	FROM pg_temp.powerpanel_assigned AS a
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'power_outlet' AND o.id = a.id
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = (o.fields ->> 'device_id')::uuid
	LEFT JOIN LATERAL (
		SELECT format('power port "%s"', t.name)
		FROM powerpanel.power_port AS t WHERE t.id = (o.fields ->> 'power_port_id')::uuid) AS p (label) ON true
	WHERE o.kind = import_notes.kind AND o.rule IS NULL
	GROUP BY o.source_table, d.label, p.label
	ORDER BY d.label;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_notes(integer) IS
'Part of the imports: how many power ports of one kind have no allocated draw, and which devices'' outlets got a power port';

CREATE FUNCTION powerpanel_internal.import_details(kind integer)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
BEGIN
	RETURN (
		SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - 'part') ORDER BY d.part, d.id, d.object), '[]')
		FROM (
			SELECT 1 AS part, o.source_id AS id, o.source_table AS "table", o.label AS object, NULL::bigint AS objects, o.rule,
				coalesce(o.reason, 'it is no power cable any more') || CASE
					WHEN o.action = 'insert' THEN ''
					WHEN o.removed IS NOT NULL THEN format('; removed here, as %s', o.removed)
					ELSE '; it stays as an earlier import left it'
				END AS reason
			FROM pg_temp.powerpanel_object AS o
			WHERE o.kind = import_details.kind AND (o.reason IS NOT NULL OR (o.fields IS NULL AND o.action <> 'insert'))
			UNION ALL
			SELECT 2, NULL, 'dcim_cable', NULL, count(*), NULL,
				'they are not power cables: no end at a power feed, power outlet or power port'
			FROM pg_temp.powerpanel_object AS o
			WHERE o.kind = import_details.kind AND o.fields IS NULL AND o.reason IS NULL AND o.action = 'insert'
			HAVING count(*) > 0
			UNION ALL
			SELECT 3, g.source_id, g.source_table, g.label, NULL, NULL,
				format('gone from %s since an earlier import; %s', origin, coalesce('removed here, as ' || g.removed, 'left here'))
			FROM pg_temp.powerpanel_gone AS g
			WHERE g.kind = import_details.kind
			UNION ALL
			SELECT 4, NULL, n."table", n.object, n.objects, NULL, n.reason
			FROM powerpanel_internal.import_notes(import_details.kind) AS n) AS d);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_details(integer) IS
'Part of the imports: every object of one kind that was left out or is gone, with the rule or reason, and what else is to be told of that kind';

CREATE FUNCTION powerpanel_internal.import_report(added_statuses text[],
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT k.object_type, c.objects_read, c.taken, c.inserted, c.updated, c.unchanged, c.objects_read - c.taken,
		(SELECT count(*) FROM pg_temp.powerpanel_gone AS g WHERE g.kind = k.kind),
		powerpanel_internal.import_details(k.kind)
	FROM pg_temp.powerpanel_kind AS k
	CROSS JOIN LATERAL (
		SELECT count(*) AS objects_read,
			count(*) FILTER (WHERE o.taken) AS taken,
			count(*) FILTER (WHERE o.taken AND o.action = 'insert') AS inserted,
			count(*) FILTER (WHERE o.taken AND o.action = 'update') AS updated,
			count(*) FILTER (WHERE o.taken AND o.action = 'unchanged') AS unchanged
		FROM (SELECT i.action, i.fields IS NOT NULL AND i.rule IS NULL AS taken
			FROM pg_temp.powerpanel_object AS i WHERE i.kind = k.kind) AS o) AS c
	ORDER BY k.kind;

	RETURN QUERY
	SELECT 'feed_status', s.found, s.found, cardinality(added_statuses)::bigint, 0::bigint,
		s.found - cardinality(added_statuses), 0::bigint, 0::bigint,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('object', format('feed status "%s"', a),
				'reason', 'added, and feeds of this status taken as not energized; set energized in powerpanel.feed_status where they are')
				ORDER BY a)
			FROM unnest(added_statuses) AS a), '[]')
	FROM (SELECT count(DISTINCT o.fields ->> 'status') AS found
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S') AS s;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_report(text[]) IS
'Part of the imports: what they return';

CREATE FUNCTION powerpanel_internal.import_finish(keep_going boolean,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	own_constraints text;
	added_statuses text[];
BEGIN
	-- a rule that waits for the end of the transaction would refuse it as a
	-- whole, and name no object
	SELECT string_agg(format('powerpanel.%I', c.conname), ', ') INTO own_constraints
	FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
	WHERE n.nspname = 'powerpanel' AND c.condeferrable;
	IF own_constraints IS NOT NULL THEN
		EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', own_constraints);
	END IF;
	added_statuses := powerpanel_internal.import_statuses();
	PERFORM powerpanel_internal.import_write_all();
	IF keep_going IS NOT TRUE THEN
		PERFORM powerpanel_internal.import_fail();
	END IF;
	RETURN QUERY SELECT * FROM powerpanel_internal.import_report(added_statuses);
	-- so that one transaction can import twice
	DROP TABLE pg_temp.powerpanel_origin, pg_temp.powerpanel_kind, pg_temp.powerpanel_source, pg_temp.powerpanel_end,
		pg_temp.powerpanel_draft, pg_temp.powerpanel_step, pg_temp.powerpanel_object, pg_temp.powerpanel_gone,
		pg_temp.powerpanel_assigned;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_finish(boolean) IS
'Part of the imports: writes what was compared, and reports';
