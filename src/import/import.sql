-- What the imports from other DCIM tools share. import_netbox and
-- import_nautobot each read the tables of their own tool and make objects of
-- ours of them; all the rest is here.
--
-- Temporary tables carry it: powerpanel_origin, which tool this is, and whether
-- what vanished there is to be deleted here (one row); powerpanel_kind, the kinds
-- of object; powerpanel_source and powerpanel_end, what was read, as jsonb;
-- powerpanel_draft, the objects of ours that this makes, with their columns in
-- "fields"; powerpanel_object, the same compared with what is here already;
-- powerpanel_vanished, what an earlier import brought and the tool has no
-- longer; and powerpanel_assigned, the outlets that got a power port here.
--
-- An import is import_run (import_run.sql): import_<tool>_check; import_begin; import_<tool>_draft,
-- which fills powerpanel_kind, powerpanel_source, powerpanel_end and
-- powerpanel_draft; import_compare; import_<tool>_others, which leaves out what
-- another database of that tool brought; import_write_all; and import_report.
-- This file goes as far as import_compare; the writing is in import_write.sql,
-- the deleting in import_vanished.sql, what is told in import_report.sql.

-- The tool's tables are not ours: they are read by foreign_rows() and in no other
-- way. Each tool has one list of the tables and columns that it reads, which
-- import_missing() looks for before anything is read: a column that is not there
-- would be read as NULL, and a second import would then empty ours.

CREATE FUNCTION powerpanel_internal.import_table(schema_name name, source_table text)
RETURNS regclass
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT to_regclass(format('%I.%I', schema_name, source_table));
END;
COMMENT ON FUNCTION powerpanel_internal.import_table(name, text) IS
'Part of the imports: a table of the tool, or NULL where there is none of that name';

-- The result is in the order of columns.
CREATE FUNCTION powerpanel_internal.import_missing(schema_name name, source_table text, columns text[])
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM unnest(columns) WITH ORDINALITY AS n (c, i)
		WHERE NOT EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = powerpanel_internal.import_table(schema_name, source_table)
				AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
		ORDER BY i);
END;
COMMENT ON FUNCTION powerpanel_internal.import_missing(name, text, text[]) IS
'Part of the imports: which of these columns a table lacks';

CREATE FUNCTION powerpanel_internal.import_rows(schema_name name, source_table text, columns text[])
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.foreign_rows(powerpanel_internal.import_table(schema_name, source_table), columns) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_rows(name, text, text[]) IS
'Part of the imports: the rows of a table of the tool; none where there is no such table';

-- Which database of the tool this is: the moment when it was set up, which a
-- dump, a restore under another schema name and an upgrade of the tool all keep.
CREATE FUNCTION powerpanel_internal.import_instance(schema_name name)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce(min(extract(epoch FROM (r->>'applied')::timestamptz))::text, '')
	FROM powerpanel_internal.import_rows(schema_name, 'django_migrations', '{app,name,applied}') AS r
	WHERE r->>'app' = 'contenttypes' AND r->>'name' = '0001_initial'
$$;
COMMENT ON FUNCTION powerpanel_internal.import_instance(name) IS
'Part of the imports: what tells one NetBox or Nautobot from another; empty where it keeps no record of its migrations';

CREATE FUNCTION powerpanel_internal.import_begin(key text, name text, schema_name name, delete_vanished boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE powerpanel_origin (
		key text,				-- what custom_fields calls it: netbox
		name text,				-- what messages call it: NetBox
		schema_name name,
		instance text,			-- which database of the tool
		delete_vanished boolean
	) ON COMMIT DROP;
	INSERT INTO pg_temp.powerpanel_origin
	VALUES (key, name, schema_name, powerpanel_internal.import_instance(schema_name), delete_vanished);
	CREATE TEMPORARY TABLE powerpanel_kind (
		kind integer PRIMARY KEY,	-- in the order in which they refer to each other
		object_type text,
		source_table text UNIQUE,
		target text,			-- our table
		owner text[]			-- our columns within whose values a name is unique
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_source (
		source_table text,
		source_id jsonb,		-- as the tool has it: a number or a string
		id uuid,				-- our key
		fields jsonb,
		mark jsonb				-- kept in custom_fields
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_end (
		cable_id jsonb,
		cable_end text,			-- A or B
		source_table text,
		source_id jsonb,
		id uuid
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_draft (
		source_table text,
		source_id jsonb,
		id uuid,
		mark jsonb,				-- of the source
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects
		reason text				-- why it cannot
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_object (
		source_table text,
		source_id jsonb,
		id uuid,
		label text,
		fields jsonb,
		rule text,				-- that refused it
		reason text,			-- why it is left out
		kind integer,
		target text,
		step bigint,			-- the order within the target
		custom_fields jsonb,
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean,
		removed text			-- why what an earlier import brought was deleted
	) ON COMMIT DROP;			-- gets its keys when it is filled, which is faster
	CREATE TEMPORARY TABLE powerpanel_vanished (
		source_table text,
		source_id jsonb,
		id uuid,
		label text,
		mark jsonb,
		rule text,				-- that refused to delete it
		reason text,			-- why
		kind integer,
		target text,
		step bigint,			-- the order of deletion within the target; NULL where it goes with another
		removed text,			-- why a cable was deleted though nobody asked for it
		along text,				-- what else was deleted with it
		deleted boolean NOT NULL DEFAULT false,
		PRIMARY KEY (target, id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_assigned (
		id uuid PRIMARY KEY		-- of an outlet
	) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_begin(text, text, name, boolean) IS
'Part of the imports: makes the temporary tables that carry one';

-- The tool's tables have keys, but a copy of one need not have them.
CREATE FUNCTION powerpanel_internal.import_source_keys()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	wrong record;
BEGIN
	SELECT s.source_table, s.source_id #>> '{}' AS key INTO wrong
	FROM pg_temp.powerpanel_source AS s
	GROUP BY s.source_table, s.source_id HAVING count(*) > 1 OR s.source_id = 'null'
	ORDER BY 1, s.source_id LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION '%', CASE WHEN wrong.key IS NULL THEN format('a row of table "%s" has no id', wrong.source_table)
				ELSE format('table "%s" has more than one row with id %s', wrong.source_table, wrong.key) END
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Where the tables are copies, copy them with their primary keys, and nothing twice.';
	END IF;
	CREATE INDEX ON pg_temp.powerpanel_source (source_table);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_source_keys() IS
'Part of the imports: raises 22023 where a row of the tool has no key, or that of another one';

-- NetBox and Nautobot name a device that has no name after its virtual chassis
-- or its type, and tell it from others by a tag. So it is found again by the
-- name that they show.
CREATE FUNCTION powerpanel_internal.import_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb, tag text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN device ->> 'name' ~ '\S' THEN device ->> 'name'
			ELSE format('%s (%s)', kind_of_device, tag)
		END
	FROM (SELECT CASE
			WHEN virtual_chassis IS NOT NULL THEN
				format('%s:%s', virtual_chassis ->> 'name', device ->> 'vc_position')
			WHEN device_type IS NOT NULL THEN
				concat_ws(' ', manufacturer ->> 'name', device_type ->> 'model')
			ELSE 'device'
		END) AS k (kind_of_device);
END;
COMMENT ON FUNCTION powerpanel_internal.import_device_name(jsonb, jsonb, jsonb, jsonb, text) IS
'Part of the imports: the name of a device, or what the tool shows of one that has no name';

-- Both tools let an outlet name no power port, and most of the outlets that
-- people make by hand name none, so that nothing gets power through them. Where
-- a device has one power port, it can be no other. Its ports are those of the
-- tool and those that only the inventory has.
CREATE FUNCTION powerpanel_internal.import_assign_outlets()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH port AS (
		SELECT d.fields ->> 'device_id' AS device_id, d.id
		FROM pg_temp.powerpanel_draft AS d
		WHERE d.source_table = 'dcim_powerport' AND d.fields IS NOT NULL
		UNION ALL
		SELECT t.device_id::text, t.id
		FROM powerpanel.power_port AS t
		WHERE NOT EXISTS (SELECT FROM pg_temp.powerpanel_draft AS d
			WHERE d.source_table = 'dcim_powerport' AND d.id = t.id AND d.fields IS NOT NULL)
	), inlet AS (
		SELECT p.device_id, min(p.id::text) AS id
		FROM port AS p GROUP BY p.device_id HAVING count(*) = 1
	), assigned AS (
		UPDATE pg_temp.powerpanel_draft AS o
		SET fields = o.fields || jsonb_build_object('power_port_id', i.id)
		FROM inlet AS i
		WHERE o.source_table = 'dcim_poweroutlet' AND o.fields ->> 'power_port_id' IS NULL
			AND i.device_id = o.fields ->> 'device_id'
		RETURNING o.id
	)
	INSERT INTO pg_temp.powerpanel_assigned SELECT a.id FROM assigned AS a;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_assign_outlets() IS
'Part of the imports: gives outlets that name no power port the one of their device, where it has one only';

-- A bank or an alternate inlet, which the tools do not know, is not without the
-- inlet that somebody gave the outlet here.
CREATE FUNCTION powerpanel_internal.import_keep_inlets()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	UPDATE pg_temp.powerpanel_draft AS d SET fields = d.fields || jsonb_build_object('power_port_id', t.power_port_id)
	FROM powerpanel.power_outlet AS t
	WHERE d.source_table = 'dcim_poweroutlet' AND d.id = t.id AND d.fields ->> 'power_port_id' IS NULL
		AND t.device_id = (d.fields ->> 'device_id')::uuid
		AND (t.power_bank_id IS NOT NULL OR t.alternate_power_port_id IS NOT NULL);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_keep_inlets() IS
'Part of the imports: an outlet with a bank or an alternate power port here keeps its power port where the tool names none';

-- A cable of the tool has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION powerpanel_internal.import_stage_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.powerpanel_draft (source_table, source_id, id, mark, label, fields, reason)
	SELECT c.source_table, c.source_id, c.id, c.mark,
		format('cable "%s"', coalesce(nullif(c.fields ->> 'label', ''), '#' || (c.source_id #>> '{}'))),
		CASE WHEN e.side_a = 1 AND e.side_b = 1 AND e.ports = 1 AND e.sources = 1 THEN
			jsonb_build_object(
				'power_feed_id', e.feed,
				'power_outlet_id', e.outlet,
				'power_port_id', e.port,
				'label', nullif(c.fields ->> 'label', ''))
		END,
		CASE
			WHEN e.cable_id IS NULL THEN 'it has no ends'
			WHEN e.ports = 0 AND e.sources = 0 THEN NULL		-- a data cable; these are counted, not named
			WHEN e.side_a > 1 OR e.side_b > 1 THEN 'it has more than one end at a side: '
			WHEN e.side_a + e.side_b = 1 THEN 'it has one end only: '
			WHEN e.ports <> 1 OR e.sources <> 1 THEN 'it joins '
		END
	FROM pg_temp.powerpanel_source AS c
	LEFT JOIN (
		SELECT t.cable_id,
			count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
			count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
			count(*) FILTER (WHERE t.source_table = 'dcim_powerport') AS ports,
			count(*) FILTER (WHERE t.source_table IN ('dcim_powerfeed', 'dcim_poweroutlet')) AS sources,
			min(t.id::text) FILTER (WHERE t.source_table = 'dcim_powerport') AS port,
			min(t.id::text) FILTER (WHERE t.source_table = 'dcim_powerfeed') AS feed,
			min(t.id::text) FILTER (WHERE t.source_table = 'dcim_poweroutlet') AS outlet
		FROM pg_temp.powerpanel_end AS t
		GROUP BY t.cable_id) AS e ON e.cable_id = c.source_id
	WHERE c.source_table = 'dcim_cable';

	-- which ends that are is found out for those alone that are left out by them
	UPDATE pg_temp.powerpanel_draft AS c SET reason = c.reason || e.ends
	FROM (
		SELECT b.source_id,
			string_agg(coalesce(o.label, format('%s %s', t.source_table, t.source_id #>> '{}')), ' and '
				ORDER BY t.cable_end, t.source_table, t.source_id) AS ends
		FROM pg_temp.powerpanel_draft AS b
		JOIN pg_temp.powerpanel_end AS t ON t.cable_id = b.source_id
		LEFT JOIN pg_temp.powerpanel_draft AS o ON o.source_table = t.source_table AND o.source_id = t.source_id
		WHERE b.source_table = 'dcim_cable' AND b.reason IS NOT NULL
		GROUP BY b.source_id) AS e
	WHERE c.source_table = 'dcim_cable' AND c.source_id = e.source_id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_stage_cables() IS
'Part of the imports: cables that join a power feed or outlet to a power port, and why others are not taken';

-- The order within a table of ours is that of the tool's keys, but a location
-- comes after the one that contains it. Locations that hang on a loop come last
-- and all in one step, so that the rule against loops is what refuses them.
CREATE FUNCTION powerpanel_internal.import_location_steps(OUT id uuid, OUT step bigint)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE place AS (
		SELECT d.id, (d.fields ->> 'parent_id')::uuid AS parent_id, k.kind, d.source_id
		FROM pg_temp.powerpanel_draft AS d JOIN pg_temp.powerpanel_kind AS k USING (source_table)
		WHERE k.target = 'location'
	), tree (id, depth) AS (
		SELECT p.id, 0 FROM place AS p
		WHERE p.parent_id IS NULL OR p.parent_id NOT IN (SELECT q.id FROM place AS q)
		UNION ALL
		SELECT p.id, t.depth + 1 FROM tree AS t JOIN place AS p ON p.parent_id = t.id
	)
	SELECT p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.source_id)
	FROM tree AS t JOIN place AS p ON p.id = t.id
	UNION ALL
	SELECT p.id, (SELECT count(*) + 1 FROM tree)
	FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_location_steps() IS
'Part of the imports: the order in which locations are written';

-- Nautobot's keys are ours; NetBox's are numbers.
CREATE FUNCTION powerpanel_internal.import_steps(target text, OUT id uuid, OUT step bigint)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF target = 'location' THEN
		RETURN QUERY SELECT * FROM powerpanel_internal.import_location_steps();
	ELSE
		RETURN QUERY
		SELECT d.id, row_number() OVER (PARTITION BY d.source_table
			ORDER BY CASE jsonb_typeof(d.source_id) WHEN 'number' THEN d.source_id::numeric END, d.id)
		FROM pg_temp.powerpanel_draft AS d
		WHERE d.source_table = ANY (ARRAY(SELECT k.source_table FROM pg_temp.powerpanel_kind AS k WHERE k.target = import_steps.target))
			AND d.fields IS NOT NULL;
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_steps(text) IS
'Part of the imports: the order in which the objects of a table are written';

-- As text, but 1 and 1.00 are the same number.
CREATE FUNCTION powerpanel_internal.import_same(target text, columns text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce(string_agg(format(
		CASE WHEN t.typcategory = 'N' THEN 'coalesce(to_jsonb(t.%1$I), ''null'') = d.fields -> %1$L'
			ELSE 't.%1$I::text IS NOT DISTINCT FROM d.fields ->> %1$L' END, a.attname), ' AND '), 'true')
	FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
	WHERE a.attrelid = format('powerpanel.%I', target)::regclass AND a.attname = ANY (columns)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_same(text, text[]) IS
'Part of the imports: an expression that compares some columns of a row t of ours with an object d of the tool';

-- The columns that the tool knows are compared, and later written; what only the
-- inventory knows is left alone, and so is every custom field but the tool's. All
-- objects of a table have the same fields.
CREATE FUNCTION powerpanel_internal.import_compare_table(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known CONSTANT text[] := ARRAY(SELECT jsonb_object_keys(any_object.fields)
		FROM (SELECT d.fields FROM pg_temp.powerpanel_kind AS k
			CROSS JOIN LATERAL (SELECT f.fields FROM pg_temp.powerpanel_draft AS f
				WHERE f.source_table = k.source_table AND f.fields IS NOT NULL LIMIT 1) AS d
			WHERE k.target = import_compare_table.target LIMIT 1) AS any_object);
	owner CONSTANT text[] := (SELECT k.owner FROM pg_temp.powerpanel_kind AS k WHERE k.target = import_compare_table.target LIMIT 1);
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.powerpanel_object
		SELECT o.source_table, o.source_id, o.id, o.label, o.fields, NULL, o.reason, o.kind, o.target, o.step,
			-- where it is the same, it is read for these alone
			CASE WHEN o.action <> 'unchanged' OR o.target = 'power_feed' OR o.fields ? 'rack_group_id'
				THEN coalesce(o.custom_fields, '{}') || jsonb_build_object(o.key, o.mark) END,
			o.action, o.renamed, o.moved
		FROM (
			SELECT d.source_table, d.source_id, d.id, d.label, d.fields, d.reason, d.mark, k.kind, k.target, step.step,
				origin.key, t.custom_fields,
				CASE
					WHEN t.id IS NULL THEN 'insert'
					WHEN d.fields IS NOT NULL AND t.custom_fields -> origin.key = d.mark AND %2$s THEN 'unchanged'
					ELSE 'update'
				END AS action,
				coalesce(%3$s, false) AS renamed,
				t.id IS NOT NULL AND d.fields IS NOT NULL AND NOT (%4$s) AS moved
			FROM pg_temp.powerpanel_draft AS d
			JOIN pg_temp.powerpanel_kind AS k USING (source_table)
			CROSS JOIN pg_temp.powerpanel_origin AS origin
			LEFT JOIN powerpanel_internal.import_steps(%1$L) AS step ON step.id = d.id
			LEFT JOIN powerpanel.%1$I AS t ON t.id = d.id
			WHERE k.target = %1$L AND d.source_table = ANY (%5$L)
			OFFSET 0) AS o$q$,	-- so that all is compared once
		target, powerpanel_internal.import_same(target, known),
		CASE WHEN 'name' = ANY (known) THEN 't.name <> d.fields ->> ''name''' ELSE 'false' END,
		powerpanel_internal.import_same(target, owner),
		ARRAY(SELECT k.source_table FROM pg_temp.powerpanel_kind AS k WHERE k.target = import_compare_table.target));
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare_table(text) IS
'Part of the imports: what is new, changed or unchanged since an earlier import';

CREATE FUNCTION powerpanel_internal.import_compare()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	CREATE INDEX ON pg_temp.powerpanel_draft (source_table);
	ANALYZE pg_temp.powerpanel_kind, pg_temp.powerpanel_draft (source_table, source_id, id);
	FOR target IN
		SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k
	LOOP
		PERFORM powerpanel_internal.import_compare_table(target);
	END LOOP;
	ALTER TABLE pg_temp.powerpanel_object ADD PRIMARY KEY (id, target);
	CREATE INDEX ON pg_temp.powerpanel_object (target, step);
	CREATE INDEX ON pg_temp.powerpanel_object (target) WHERE renamed OR moved;
	ANALYZE pg_temp.powerpanel_object (id, rule, reason, kind, target, step, action, renamed, moved);
	FOR target IN
		SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k
	LOOP
		PERFORM powerpanel_internal.import_find_vanished(target);
	END LOOP;
	ANALYZE pg_temp.powerpanel_vanished;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare() IS
'Part of the imports: compares the objects that were made with the inventory';
