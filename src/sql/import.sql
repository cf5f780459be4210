-- What the imports from other DCIM tools share. import_netbox and
-- import_nautobot each read the tables of their own tool and make objects of
-- ours of them; all the rest is here.
--
-- Temporary tables carry it: powerpanel_origin, which tool this is (one row);
-- powerpanel_kind, the kinds of object; powerpanel_source and powerpanel_end,
-- what was read, as jsonb (so that a column that some version lacks is NULL, not
-- an error); powerpanel_draft, the objects of ours that this makes, with their
-- columns in "fields"; powerpanel_object, the same compared with what is here
-- already; and powerpanel_gone, what an earlier import brought and the tool has
-- no longer. No rule of the inventory is written here: an object is refused when
-- the inventory refuses it.
--
-- An import is: import_begin, what the tool does to fill powerpanel_kind,
-- powerpanel_source, powerpanel_end and powerpanel_draft, import_compare, and
-- import_finish.

-- Which database of the tool this is: the moment when it was set up, which a
-- dump, a restore under another schema name and an upgrade of the tool all keep.
CREATE FUNCTION import_instance(schema_name name)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	instance text;
BEGIN
	IF to_regclass(format('%I.django_migrations', schema_name)) IS NOT NULL THEN
		EXECUTE format($q$
			SELECT min(extract(epoch FROM applied))::text FROM %I.django_migrations
			WHERE app = 'contenttypes' AND name = '0001_initial'$q$, schema_name)
			INTO instance;
	END IF;
	RETURN coalesce(instance, '');
END
$$;
COMMENT ON FUNCTION import_instance(name) IS
'Part of the imports: what tells one NetBox or Nautobot from another; empty where it keeps no record of its migrations';

CREATE FUNCTION import_begin(key text, name text, schema_name name)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE powerpanel_origin (
		key text,				-- what custom_fields calls it: netbox
		name text,				-- what messages call it: NetBox
		schema_name name
	) ON COMMIT DROP;
	INSERT INTO pg_temp.powerpanel_origin VALUES (key, name, schema_name);
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
		mark jsonb,				-- kept in custom_fields, beside table and id
		PRIMARY KEY (source_table, source_id)
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
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects
		reason text,			-- why it cannot
		PRIMARY KEY (source_table, source_id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_step (
		target text,
		id uuid,
		step bigint,			-- the order within the target
		PRIMARY KEY (target, id)
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
		step bigint,
		custom_fields jsonb,
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean,
		removed text,			-- why a cable that an earlier import brought was deleted
		PRIMARY KEY (target, id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_gone (
		source_table text,
		source_id jsonb,
		id uuid,
		label text,
		mark jsonb,
		kind integer,
		target text,
		removed text,
		PRIMARY KEY (target, id)
	) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION import_begin(text, text, name) IS
'Part of the imports: makes the temporary tables that carry one';

-- NetBox and Nautobot name a device that has no name after its virtual chassis
-- or its type, and tell it from others by a tag. So it is found again by the
-- name that they show.
CREATE FUNCTION import_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb, tag text)
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
COMMENT ON FUNCTION import_device_name(jsonb, jsonb, jsonb, jsonb, text) IS
'Part of the imports: the name of a device, or what the tool shows of one that has no name';

-- A cable of the tool has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION import_stage_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.powerpanel_draft (source_table, source_id, id, label, fields, reason)
	SELECT c.source_table, c.source_id, c.id,
		format('cable "%s"', coalesce(nullif(c.fields ->> 'label', ''), '#' || (c.source_id #>> '{}'))),
		CASE WHEN e.side_a = 1 AND e.side_b = 1 AND cardinality(e.ports) = 1 AND cardinality(e.feeds || e.outlets) = 1 THEN
			jsonb_build_object(
				'power_feed_id', e.feeds[1],
				'power_outlet_id', e.outlets[1],
				'power_port_id', e.ports[1],
				'label', nullif(c.fields ->> 'label', ''))
		END,
		CASE
			WHEN e.cable_id IS NULL THEN 'it has no ends'
			WHEN e.ports || e.feeds || e.outlets = '{}' THEN NULL		-- a data cable; these are counted, not named
			WHEN e.side_a > 1 OR e.side_b > 1 THEN 'it has more than one end at a side: ' || e.ends
			WHEN e.side_a + e.side_b = 1 THEN 'it has one end only: ' || e.ends
			WHEN cardinality(e.ports) <> 1 OR cardinality(e.feeds || e.outlets) <> 1 THEN 'it joins ' || e.ends
		END
	FROM pg_temp.powerpanel_source AS c
	LEFT JOIN (
		SELECT t.cable_id,
			count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
			count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
			coalesce(array_agg(t.id) FILTER (WHERE t.source_table = 'dcim_powerport'), '{}') AS ports,
			coalesce(array_agg(t.id) FILTER (WHERE t.source_table = 'dcim_powerfeed'), '{}') AS feeds,
			coalesce(array_agg(t.id) FILTER (WHERE t.source_table = 'dcim_poweroutlet'), '{}') AS outlets,
			string_agg(coalesce(o.label, format('%s %s', t.source_table, t.source_id #>> '{}')), ' and '
				ORDER BY t.cable_end, t.source_table, t.source_id) AS ends
		FROM pg_temp.powerpanel_end AS t
		LEFT JOIN pg_temp.powerpanel_draft AS o USING (source_table, source_id)
		GROUP BY t.cable_id) AS e ON e.cable_id = c.source_id
	WHERE c.source_table = 'dcim_cable';
END
$$;
COMMENT ON FUNCTION import_stage_cables() IS
'Part of the imports: cables that join a power feed or outlet to a power port, and why others are not taken';

-- The order within a table of ours is that of the tool's keys, but a location
-- comes after the one that contains it. Locations that hang on a loop come last
-- and all in one step, so that the rule against loops is what refuses them.
CREATE FUNCTION import_steps(OUT target text, OUT id uuid, OUT step bigint)
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
	SELECT 'location', p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.source_id)
	FROM tree AS t JOIN place AS p ON p.id = t.id
	UNION ALL
	SELECT 'location', p.id, (SELECT count(*) + 1 FROM tree)
	FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t)
	UNION ALL
	SELECT k.target, d.id, row_number() OVER (PARTITION BY d.source_table ORDER BY d.source_id)
	FROM pg_temp.powerpanel_draft AS d JOIN pg_temp.powerpanel_kind AS k USING (source_table)
	WHERE k.target <> 'location' AND d.fields IS NOT NULL;
END
$$;
COMMENT ON FUNCTION import_steps() IS
'Part of the imports: the order in which the objects of each table are written';

-- The columns that the tool knows are compared, and later written; what only the
-- inventory knows is left alone, and so is every custom field but the tool's.
CREATE FUNCTION import_compare_table(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.powerpanel_object
		SELECT d.source_table, d.source_id, d.id, d.label, d.fields, NULL, d.reason, k.kind, k.target, step.step,
			coalesce(t.custom_fields, '{}') || mark.custom_fields,
			CASE
				WHEN t.id IS NULL THEN 'insert'
				WHEN to_jsonb(t) @> d.fields AND t.custom_fields -> origin.key = mark.custom_fields -> origin.key THEN 'unchanged'
				ELSE 'update'
			END,
			coalesce(to_jsonb(t) ->> 'name' <> d.fields ->> 'name', false),
			t.id IS NOT NULL AND d.fields IS NOT NULL AND EXISTS (SELECT FROM unnest(k.owner) AS c
				WHERE to_jsonb(t) ->> c IS DISTINCT FROM d.fields ->> c)
		FROM pg_temp.powerpanel_draft AS d
		JOIN pg_temp.powerpanel_kind AS k USING (source_table)
		JOIN pg_temp.powerpanel_source AS s USING (source_table, source_id)
		CROSS JOIN pg_temp.powerpanel_origin AS origin
		CROSS JOIN LATERAL (SELECT jsonb_build_object(origin.key,
			jsonb_build_object('table', d.source_table, 'id', d.source_id) || s.mark)) AS mark (custom_fields)
		LEFT JOIN pg_temp.powerpanel_step AS step ON step.target = k.target AND step.id = d.id
		LEFT JOIN powerpanel.%1$I AS t ON t.id = d.id
		WHERE k.target = %1$L$q$,
		target);
END
$$;
COMMENT ON FUNCTION import_compare_table(text) IS
'Part of the imports: what is new, changed or unchanged since an earlier import';

CREATE FUNCTION import_find_gone(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.powerpanel_gone (source_table, source_id, id, label, mark, kind, target)
		SELECT k.source_table, m.mark -> 'id', t.id,
			format('%%s "%%s"', replace(k.object_type, '_', ' '),
				coalesce(to_jsonb(t) ->> 'name', to_jsonb(t) ->> 'label', '#' || (m.mark ->> 'id'))),
			m.mark, k.kind, k.target
		FROM pg_temp.powerpanel_origin AS origin
		CROSS JOIN powerpanel.%1$I AS t
		CROSS JOIN LATERAL (SELECT t.custom_fields -> origin.key) AS m (mark)
		JOIN pg_temp.powerpanel_kind AS k ON k.target = %1$L AND k.source_table = m.mark ->> 'table'
		WHERE NOT EXISTS (SELECT FROM pg_temp.powerpanel_object AS o WHERE o.target = %1$L AND o.id = t.id)$q$,
		target);
END
$$;
COMMENT ON FUNCTION import_find_gone(text) IS
'Part of the imports: what an earlier import brought, by its custom fields, and is gone from the tool; of whichever database of that tool, so the import takes out those of others';

CREATE FUNCTION import_compare()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	ANALYZE pg_temp.powerpanel_draft;
	INSERT INTO pg_temp.powerpanel_step SELECT s.target, s.id, s.step FROM powerpanel.import_steps() AS s;
	ANALYZE pg_temp.powerpanel_step;
	FOR target IN
		SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k
	LOOP
		PERFORM powerpanel.import_compare_table(target);
		PERFORM powerpanel.import_find_gone(target);
	END LOOP;
	CREATE INDEX ON pg_temp.powerpanel_object (target, step);
	ANALYZE pg_temp.powerpanel_object, pg_temp.powerpanel_gone;
END
$$;
COMMENT ON FUNCTION import_compare() IS
'Part of the imports: compares the objects that were made with the inventory';

-- A cable has nothing else to let go of than itself, and nothing refers to it;
-- its custom fields are kept in powerpanel_object. The tools make a new cable
-- whenever one is plugged elsewhere, so one of theirs that is gone makes way for
-- what took its end.
CREATE FUNCTION import_release_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM powerpanel.cable AS c
	USING pg_temp.powerpanel_object AS o
	WHERE o.target = 'cable' AND o.rule IS NULL AND o.id = c.id
		AND NOT to_jsonb(c) @> (o.fields - 'label');

	WITH old AS (
		SELECT c.id, CASE
				WHEN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
					WHERE o.target = 'cable' AND o.rule IS NULL AND (
						(o.fields ->> 'power_port_id')::uuid = c.power_port_id
						OR (o.fields ->> 'power_feed_id')::uuid = c.power_feed_id
						OR (o.fields ->> 'power_outlet_id')::uuid = c.power_outlet_id))
					THEN 'another cable has its end now'
				WHEN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
					WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = c.power_feed_id
						AND o.fields ->> 'destination_panel_id' IS NOT NULL)
					THEN 'its power feed goes to a panel now'
			END AS why
		FROM powerpanel.cable AS c
		WHERE c.id IN (
			SELECT g.id FROM pg_temp.powerpanel_gone AS g WHERE g.target = 'cable'
			UNION ALL
			SELECT o.id FROM pg_temp.powerpanel_object AS o WHERE o.target = 'cable' AND o.fields IS NULL)
	), removed AS (
		DELETE FROM powerpanel.cable AS c USING old
		WHERE old.id = c.id AND old.why IS NOT NULL
		RETURNING old.id, old.why
	), noted AS (
		UPDATE pg_temp.powerpanel_gone AS g SET removed = r.why
		FROM removed AS r WHERE g.target = 'cable' AND g.id = r.id
	)
	UPDATE pg_temp.powerpanel_object AS o SET removed = r.why
	FROM removed AS r WHERE o.target = 'cable' AND o.id = r.id;
END
$$;
COMMENT ON FUNCTION import_release_cables() IS
'Part of the imports: takes away cables of an earlier import that are to be plugged elsewhere, or whose end is taken';

-- Where a location, rack group, rack or panel moves, what binds them to each
-- other would refuse the first of them.
CREATE FUNCTION import_release_places()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
		WHERE o.target IN ('location', 'rack_group', 'rack', 'power_panel') AND o.moved AND o.rule IS NULL)
	THEN
		RETURN;
	END IF;
	UPDATE powerpanel.power_feed AS t SET rack_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = t.id AND t.rack_id IS NOT NULL;
	-- a rack's name is unique in its group
	UPDATE powerpanel.rack AS t SET rack_group_id = NULL, name = t.id::text
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'rack' AND o.rule IS NULL AND o.id = t.id AND t.rack_group_id IS NOT NULL AND o.fields ? 'rack_group_id';
	UPDATE powerpanel.power_panel AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_panel' AND o.rule IS NULL AND o.id = t.id AND t.rack_group_id IS NOT NULL AND o.fields ? 'rack_group_id';
END
$$;
COMMENT ON FUNCTION import_release_places() IS
'Part of the imports: lets racks, panels and feeds let go of their rack groups and racks where one of them moves';

-- Objects may have exchanged names, ends and places since the last import, and
-- no order of single updates would do that. So first every object lets go of
-- what is to change, and the writing of its row then brings the new value.
CREATE FUNCTION import_release()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	PERFORM powerpanel.import_release_cables();
	PERFORM powerpanel.import_release_places();

	UPDATE powerpanel.power_outlet AS t SET power_port_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_outlet' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND t.power_port_id IS NOT NULL AND o.fields IS NOT NULL
		AND NOT to_jsonb(t) @> jsonb_build_object('device_id', o.fields -> 'device_id', 'power_port_id', o.fields -> 'power_port_id');

	-- breakers and destinations, where the tool knows them
	UPDATE powerpanel.power_feed AS t SET breaker_position = NULL, destination_panel_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND o.fields ?& '{breaker_position,breaker_pole_count,destination_panel_id}'
		AND NOT to_jsonb(t) @> jsonb_build_object(
			'power_panel_id', o.fields -> 'power_panel_id', 'destination_panel_id', o.fields -> 'destination_panel_id',
			'breaker_position', o.fields -> 'breaker_position', 'breaker_pole_count', o.fields -> 'breaker_pole_count');

	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.powerpanel_object AS o
			WHERE o.target = %1$L AND o.rule IS NULL AND (o.renamed OR o.moved) AND o.id = t.id$q$,
			target);
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_release() IS
'Part of the imports: lets objects of an earlier import let go of the names, ends and places that are to change';

CREATE FUNCTION import_write(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	our_columns text;	-- name, location_id
	read_values text;	-- r.name, r.location_id
	old_values text;	-- t.name, t.location_id
	new_values text;	-- excluded.name, excluded.location_id
BEGIN
	SELECT string_agg(quote_ident(f), ', '), string_agg(format('r.%I', f), ', '),
		string_agg(format('t.%I', f), ', '), string_agg(format('excluded.%I', f), ', ')
	INTO our_columns, read_values, old_values, new_values
	FROM (SELECT o.fields FROM pg_temp.powerpanel_object AS o
		WHERE o.target = import_write.target AND o.step >= first_step ORDER BY o.step LIMIT 1) AS any_object
	CROSS JOIN LATERAL jsonb_object_keys(any_object.fields) AS f;
	IF our_columns IS NULL THEN
		RETURN;
	END IF;
	-- a feed, rack or panel that is unchanged may have had to let go of its rack
	-- or rack group
	EXECUTE format($q$
		INSERT INTO powerpanel.%1$I AS t (id, custom_fields, %2$s)
		SELECT o.id, o.custom_fields, %3$s
		FROM pg_temp.powerpanel_object AS o
		CROSS JOIN LATERAL jsonb_populate_record(NULL::powerpanel.%1$I, o.fields) AS r
		WHERE o.target = %1$L AND o.rule IS NULL AND o.step BETWEEN $1 AND $2
			AND (o.action <> 'unchanged' OR o.target = 'power_feed' OR o.fields ? 'rack_group_id')
		ORDER BY o.step
		ON CONFLICT (id) DO UPDATE SET (custom_fields, %2$s) = ROW (excluded.custom_fields, %5$s)
		WHERE (t.custom_fields, %4$s) IS DISTINCT FROM (excluded.custom_fields, %5$s)$q$,
		import_write.target, our_columns, read_values, old_values, new_values)
		USING first_step, last_step;
END
$$;
COMMENT ON FUNCTION import_write(text, bigint, bigint) IS
'Part of the imports: writes the objects of some steps into their table';

CREATE FUNCTION import_name_of(object uuid, target text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
BEGIN
	RETURN coalesce(
		(SELECT format('%s (%s %s)', o.label, o.source_table, o.source_id #>> '{}')
		FROM pg_temp.powerpanel_object AS o WHERE o.target = import_name_of.target AND o.id = object),
		(SELECT format('%s (%s %s), which is gone from %s since an earlier import,', g.label, g.source_table, g.source_id #>> '{}', origin)
		FROM pg_temp.powerpanel_gone AS g WHERE g.target = import_name_of.target AND g.id = object),
		format('a %s that does not come from this %s (id %s)', replace(target, '_', ' '), origin, object));
END
$$;
COMMENT ON FUNCTION import_name_of(uuid, text) IS
'Part of the imports: an object of the inventory as messages call it';

-- PostgreSQL's own words for keys and checks name nothing but UUIDs, while the
-- rules in C speak of objects by name.
CREATE FUNCTION import_reason(target text, object uuid, rule text, state text, message text, detail text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fields jsonb;
	key record;
	other uuid;
	other_exists boolean;
BEGIN
	SELECT i.fields INTO fields FROM pg_temp.powerpanel_object AS i WHERE i.target = import_reason.target AND i.id = object;
	SELECT c.contype, obj_description(c.oid, 'pg_constraint') AS description,
		array_agg(a.attname::text ORDER BY k.n) AS columns, f.oid::regclass AS refers_to, f.relname::text AS referred
	INTO key
	FROM pg_constraint AS c
	CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	LEFT JOIN pg_class AS f ON f.oid = c.confrelid
	WHERE c.conrelid = format('powerpanel.%I', target)::regclass AND c.conname = rule
	GROUP BY c.oid, c.contype, f.oid, f.relname;

	IF state = '23505' AND key.columns IS NOT NULL THEN
		-- columns that the tool does not know are as they are in the row
		EXECUTE format($q$
			SELECT t.id
			FROM jsonb_populate_record((SELECT s FROM powerpanel.%1$I AS s WHERE s.id = $1), $2) AS r
			JOIN powerpanel.%1$I AS t ON t.id <> $1 AND %2$s$q$,
			target, (SELECT string_agg(format('t.%1$I IS NOT DISTINCT FROM r.%1$I', k), ' AND ') FROM unnest(key.columns) AS k))
			INTO other USING object, fields;
		IF other IS NOT NULL THEN
			RETURN format('%s has this %s here already', powerpanel.import_name_of(other, target),
				CASE WHEN 'name' = ANY (key.columns) THEN 'name' ELSE 'end' END);
		END IF;
	ELSIF state = '23503' AND key.columns IS NOT NULL AND key.referred <> 'feed_status' THEN
		other := fields ->> key.columns[cardinality(key.columns)];
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE t.id = $1)', key.refers_to) INTO other_exists USING other;
		IF other_exists THEN
			RETURN format('%s belongs to another device', powerpanel.import_name_of(other, key.referred));
		ELSIF EXISTS (SELECT FROM pg_temp.powerpanel_object AS i WHERE i.target = key.referred AND i.id = other) THEN
			RETURN format('it needs %s, which is left out', powerpanel.import_name_of(other, key.referred));
		END IF;
		RETURN format('it refers to a %s that is not in %s', replace(key.referred, '_', ' '),
			(SELECT o.name FROM pg_temp.powerpanel_origin AS o));
	ELSIF key.contype = 'c' THEN
		RETURN format('%s (%s)', key.description, (
			SELECT string_agg(format('%s: %s', k, coalesce(quote_literal(fields ->> k), 'none')), ', ')
			FROM unnest(key.columns) AS k));
	END IF;
	RETURN concat_ws(' ', message || '.', nullif(detail, ''));
END
$$;
COMMENT ON FUNCTION import_reason(text, uuid, text, text, text, text) IS
'Part of the imports: what the error of a rule says, in the names of the tool''s objects';

-- Writes all steps from first to last in one statement; where a rule refuses
-- that, the one half and then the other, down to the steps that are refused by
-- themselves. What goes through stays written. So the cost is that of one
-- statement where nothing is refused, and a few dozen for each object that is.
CREATE FUNCTION import_try(target text, first_step bigint, last_step bigint)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	middle CONSTANT bigint := (first_step + last_step) / 2;
	state text;
	refused_by text;
	null_column text;
	message text;
	detail text;
BEGIN
	BEGIN
		PERFORM powerpanel.import_write(target, first_step, last_step);
		RETURN '[]';
	-- raise_exception is what triggers of the inventory's owner may raise
	EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception THEN
		GET STACKED DIAGNOSTICS
			state = RETURNED_SQLSTATE, refused_by = CONSTRAINT_NAME, null_column = COLUMN_NAME,
			message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF first_step < last_step THEN
		RETURN powerpanel.import_try(target, first_step, middle)
			|| powerpanel.import_try(target, middle + 1, last_step);
	END IF;
	IF state = '23502' THEN		-- not a named constraint before PostgreSQL 18, which calls it so
		refused_by := format('%s_%s_not_null', target, null_column);
	END IF;
	RETURN (
		SELECT jsonb_agg(jsonb_build_object(
			'target', o.target,
			'id', o.id,
			'rule', coalesce(nullif(refused_by, ''), 'SQLSTATE ' || state),
			'reason', powerpanel.import_reason(o.target, o.id, refused_by, state, message, detail)))
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = import_try.target AND o.step = first_step AND o.rule IS NULL);
END
$$;
COMMENT ON FUNCTION import_try(text, bigint, bigint) IS
'Part of the imports: writes objects and returns those that a rule refuses, with the rule';

-- An object that is refused keeps what it had let go of, and others may be in
-- conflict with that; so all is undone and done again without the refused ones,
-- until nothing more is refused.
CREATE FUNCTION import_write_all()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb;
	target record;
BEGIN
	LOOP
		BEGIN
			refused := '[]';
			PERFORM powerpanel.import_release();
			FOR target IN
				SELECT o.target AS name, max(o.step) AS steps
				FROM pg_temp.powerpanel_object AS o
				WHERE o.step IS NOT NULL
				GROUP BY o.target ORDER BY min(o.kind)
			LOOP
				refused := refused || powerpanel.import_try(target.name, 1, target.steps);
			END LOOP;
			EXIT WHEN refused = '[]';
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		EXCEPTION WHEN SQLSTATE 'PPUND' THEN
			NULL;
		END;
		UPDATE pg_temp.powerpanel_object AS o SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (target text, id uuid, rule text, reason text)
		WHERE r.target = o.target AND r.id = o.id;
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_write_all() IS
'Part of the imports: writes all objects but those that a rule refuses, and marks these';

-- Which of the statuses that somebody added to the tool mean power is for people
-- to say. Until then a feed of such a status carries none.
CREATE FUNCTION import_statuses()
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	added text[];
BEGIN
	WITH a AS (
		INSERT INTO powerpanel.feed_status AS s (name, energized)
		SELECT DISTINCT o.fields ->> 'status', false
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S'
		ON CONFLICT DO NOTHING
		RETURNING s.name)
	SELECT array_agg(a.name ORDER BY a.name) INTO added FROM a;
	RETURN coalesce(added, '{}');
END
$$;
COMMENT ON FUNCTION import_statuses() IS
'Part of the imports: adds the feed statuses that the inventory does not have, and returns them';

CREATE FUNCTION import_fail()
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
COMMENT ON FUNCTION import_fail() IS
'Part of the imports: raises one error that names every refused object with its rule, if there is one';

CREATE FUNCTION import_details(kind integer)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
BEGIN
	RETURN (
		SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - 'part') ORDER BY d.part, d.id), '[]')
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
			WHERE g.kind = import_details.kind) AS d);
END
$$;
COMMENT ON FUNCTION import_details(integer) IS
'Part of the imports: every object of one kind that was left out or is gone, with the rule or reason';

CREATE FUNCTION import_report(added_statuses text[],
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
		powerpanel.import_details(k.kind)
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
COMMENT ON FUNCTION import_report(text[]) IS
'Part of the imports: what they return';

CREATE FUNCTION import_finish(keep_going boolean,
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
	added_statuses := powerpanel.import_statuses();
	PERFORM powerpanel.import_write_all();
	IF keep_going IS NOT TRUE THEN
		PERFORM powerpanel.import_fail();
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.import_report(added_statuses);
	-- so that one transaction can import twice
	DROP TABLE pg_temp.powerpanel_origin, pg_temp.powerpanel_kind, pg_temp.powerpanel_source, pg_temp.powerpanel_end,
		pg_temp.powerpanel_draft, pg_temp.powerpanel_step, pg_temp.powerpanel_object, pg_temp.powerpanel_gone;
END
$$;
COMMENT ON FUNCTION import_finish(boolean) IS
'Part of the imports: writes what was compared, and reports';
