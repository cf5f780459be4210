-- How an import writes what it compared (import.sql), and finds out which rule
-- refuses what; also of the deletions that import_vanished.sql describes. No rule of the inventory is written here: an object is refused
-- when the inventory refuses it.

-- A key of somebody else's table that refers to cables would see one that is taken
-- away and written again as one that is gone, and might delete rows for it.
CREATE FUNCTION powerpanel_internal.import_others_refer_to_cables()
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM pg_constraint AS c WHERE c.contype = 'f' AND c.confrelid = 'powerpanel.cable'::regclass)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_others_refer_to_cables() IS
'Part of the imports: whether a table refers to cables; none of the inventory does';

-- Then a cable is written after the one whose end it gets. Of cables that exchange
-- their ends there is no first one, and the rule of one cable at an end refuses them.
CREATE FUNCTION powerpanel_internal.import_order_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE moved AS (
		SELECT o.id, (o.fields ->> 'power_port_id')::uuid AS port, (o.fields ->> 'power_outlet_id')::uuid AS outlet
		FROM pg_temp.powerpanel_object AS o LEFT JOIN powerpanel.cable AS c ON c.id = o.id
		WHERE o.target = 'cable' AND o.rule IS NULL AND o.step IS NOT NULL
			AND (c.id IS NULL OR NOT to_jsonb(c) @> (o.fields - 'label'))
	), next (id, place) AS (
		SELECT m.id, 0 FROM moved AS m
		UNION
		-- the number ends it where they exchange their ends
		SELECT m.id, n.place + 1
		FROM next AS n JOIN powerpanel.cable AS c ON c.id = n.id
		JOIN moved AS m ON m.id <> c.id AND (m.port = c.power_port_id OR m.outlet = c.power_outlet_id)
		WHERE n.place < 100
	), numbered AS (
		SELECT o.id, row_number() OVER (ORDER BY coalesce(p.place, 0), o.step) AS step
		FROM pg_temp.powerpanel_object AS o
		LEFT JOIN (SELECT n.id, max(n.place) AS place FROM next AS n GROUP BY n.id) AS p ON p.id = o.id
		WHERE o.target = 'cable' AND o.step IS NOT NULL
	)
	UPDATE pg_temp.powerpanel_object AS o SET step = n.step
	FROM numbered AS n WHERE o.target = 'cable' AND o.id = n.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_order_cables() IS
'Part of the imports: the order in which cables are written that keep their rows';

-- A cable has nothing else to let go of than itself; its custom fields are kept in
-- powerpanel_object, as they are now. Where others refer to it, it keeps its row, and
-- is written at its new place when that is free by then.
CREATE FUNCTION powerpanel_internal.import_release_moved_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF powerpanel_internal.import_others_refer_to_cables() THEN
		PERFORM powerpanel_internal.import_order_cables();
		RETURN;
	END IF;
	WITH moved AS (
		DELETE FROM powerpanel.cable AS c
		USING pg_temp.powerpanel_object AS o
		WHERE o.target = 'cable' AND o.rule IS NULL AND o.action = 'update' AND o.id = c.id
			AND NOT to_jsonb(c) @> (o.fields - 'label')
		RETURNING c.id, c.custom_fields
	)
	UPDATE pg_temp.powerpanel_object AS o SET custom_fields = m.custom_fields || jsonb_build_object(origin.key, o.custom_fields -> origin.key)
	FROM moved AS m, pg_temp.powerpanel_origin AS origin
	WHERE o.target = 'cable' AND o.id = m.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_moved_cables() IS
'Part of the imports: takes away cables of an earlier import that are to be plugged elsewhere';

CREATE FUNCTION powerpanel_internal.import_cables_in_the_way(OUT id uuid, OUT why text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH taken AS MATERIALIZED (
		SELECT (o.fields ->> 'power_port_id')::uuid AS port, (o.fields ->> 'power_feed_id')::uuid AS feed,
			(o.fields ->> 'power_outlet_id')::uuid AS outlet
		FROM pg_temp.powerpanel_object AS o WHERE o.target = 'cable' AND o.rule IS NULL AND o.step IS NOT NULL
	)
	SELECT c.id, CASE
			WHEN c.power_port_id IN (SELECT t.port FROM taken AS t) OR c.power_feed_id IN (SELECT t.feed FROM taken AS t)
				OR c.power_outlet_id IN (SELECT t.outlet FROM taken AS t)
				THEN 'another cable has its end now'
			WHEN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
				WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = c.power_feed_id
					AND o.fields ->> 'destination_panel_id' IS NOT NULL)
				THEN 'its power feed goes to a panel now'
		END
	FROM powerpanel.cable AS c
	WHERE c.id IN (
		SELECT v.id FROM pg_temp.powerpanel_vanished AS v WHERE v.target = 'cable' AND v.rule IS NULL
		UNION ALL
		SELECT o.id FROM pg_temp.powerpanel_object AS o WHERE o.target = 'cable' AND o.action = 'update' AND o.fields IS NULL);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_cables_in_the_way() IS
'Part of the imports: cables of an earlier import that the tool has no longer, and in whose way they are; "why" is NULL where in nobody''s';

-- A cable that the tool has, but not as a power cable, is none that vanished. Where a
-- key of somebody else's keeps it, what has its end now is refused.
CREATE FUNCTION powerpanel_internal.import_remove_cable(cable uuid, why text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM powerpanel.cable AS c WHERE c.id = cable;
	UPDATE pg_temp.powerpanel_object AS o SET removed = why WHERE o.target = 'cable' AND o.id = cable;
EXCEPTION WHEN foreign_key_violation THEN
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_remove_cable(uuid, text) IS
'Part of the imports: takes away a cable that is no power cable any more';

-- The tools make a new cable whenever one is plugged elsewhere, so one of theirs that
-- vanished makes way for what took its end, whoever wants what vanished deleted or not.
CREATE FUNCTION powerpanel_internal.import_release_cables()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	steps bigint;
BEGIN
	PERFORM powerpanel_internal.import_release_moved_cables();
	WITH old AS (
		SELECT w.id, w.why, row_number() OVER (ORDER BY v.source_id) AS step
		FROM powerpanel_internal.import_cables_in_the_way() AS w
		JOIN pg_temp.powerpanel_vanished AS v ON v.target = 'cable' AND v.id = w.id
		CROSS JOIN pg_temp.powerpanel_origin AS origin
		WHERE w.why IS NOT NULL OR origin.delete_vanished
	), marked AS (
		UPDATE pg_temp.powerpanel_vanished AS v SET step = o.step, removed = o.why
		FROM old AS o WHERE v.target = 'cable' AND v.id = o.id
		RETURNING v.step
	)
	SELECT max(m.step) INTO steps FROM marked AS m;
	PERFORM powerpanel_internal.import_remove_cable(w.id, w.why)
	FROM powerpanel_internal.import_cables_in_the_way() AS w
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'cable' AND o.action = 'update' AND o.id = w.id
	WHERE w.why IS NOT NULL;
	RETURN CASE WHEN steps IS NULL THEN '[]' ELSE powerpanel_internal.import_try('cable', true, 1, steps) END;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_cables() IS
'Part of the imports: takes away cables of an earlier import that are to be plugged elsewhere, or whose end is taken, and returns those that a key keeps';

-- Where a location, rack group, rack or panel moves, what binds them to each
-- other would refuse the first of them.
CREATE FUNCTION powerpanel_internal.import_places_move()
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
		WHERE o.target IN ('location', 'rack_group', 'rack', 'power_panel') AND o.action = 'update' AND o.moved AND o.rule IS NULL);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_places_move() IS
'Part of the imports: whether racks, panels and feeds have to let go of their rack groups and racks, and are all written';

CREATE FUNCTION powerpanel_internal.import_release_places()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT powerpanel_internal.import_places_move() THEN
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
COMMENT ON FUNCTION powerpanel_internal.import_release_places() IS
'Part of the imports: lets racks, panels and feeds let go of their rack groups and racks where one of them moves';

-- Objects may have exchanged names, ends and places since the last import, and
-- no order of single updates would do that. So first every object lets go of
-- what is to change, and the writing of its row then brings the new value.
CREATE FUNCTION powerpanel_internal.import_release()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
	refused CONSTANT jsonb := powerpanel_internal.import_release_cables();
BEGIN
	PERFORM powerpanel_internal.import_release_places();
	IF (SELECT o.delete_vanished FROM pg_temp.powerpanel_origin AS o) THEN
		PERFORM powerpanel_internal.import_release_vanished();
	END IF;

	UPDATE powerpanel.power_outlet AS t SET power_port_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_outlet' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND t.power_port_id IS NOT NULL AND o.fields IS NOT NULL
		-- these need it, and are not for an import to take away; a rule decides
		AND t.alternate_power_port_id IS NULL AND t.power_bank_id IS NULL
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
			WHERE o.target = %1$L AND o.rule IS NULL AND o.action = 'update' AND (o.renamed OR o.moved) AND o.id = t.id$q$,
			target);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release() IS
'Part of the imports: lets objects of an earlier import let go of the names, ends and places that are to change, and returns cables that a key keeps where they are';

CREATE FUNCTION powerpanel_internal.import_write(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	our_columns text;	-- name, location_id
	read_values text;	-- (o.fields ->> 'name')::text, (o.fields ->> 'location_id')::uuid
	old_values text;	-- t.name, t.location_id
	new_values text;	-- excluded.name, excluded.location_id
BEGIN
	SELECT string_agg(quote_ident(f), ', '),
		string_agg(format('(o.fields ->> %L)::%s', f, format_type(a.atttypid, a.atttypmod)), ', '),
		string_agg(format('t.%I', f), ', '), string_agg(format('excluded.%I', f), ', ')
	INTO our_columns, read_values, old_values, new_values
	FROM (SELECT k.columns FROM pg_temp.powerpanel_kind AS k WHERE k.target = import_write.target LIMIT 1) AS known
	CROSS JOIN LATERAL unnest(known.columns) AS f
	JOIN pg_attribute AS a ON a.attrelid = format('powerpanel.%I', import_write.target)::regclass AND a.attname = f;
	-- where places move, a feed, rack or panel that is unchanged had to let go of its
	-- rack or rack group
	EXECUTE format($q$
		INSERT INTO powerpanel.%1$I AS t (id, custom_fields, %2$s)
		SELECT o.id, o.custom_fields, %3$s
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = %1$L AND o.rule IS NULL AND o.step BETWEEN $1 AND $2
			AND (o.action <> 'unchanged' OR $3 AND (o.target = 'power_feed' OR o.fields ? 'rack_group_id'))
		ORDER BY o.step, o.kind, o.source_id		-- locations on a loop have one step
		-- somebody may have written his custom fields since they were compared
		ON CONFLICT (id) DO UPDATE SET (custom_fields, %2$s) = ROW (%6$s, %5$s)
		WHERE (t.custom_fields, %4$s) IS DISTINCT FROM (%6$s, %5$s)$q$,
		import_write.target, our_columns, read_values, old_values, new_values,
		(SELECT format('t.custom_fields || jsonb_build_object(%1$L, excluded.custom_fields -> %1$L)', o.key) FROM pg_temp.powerpanel_origin AS o))
		USING first_step, last_step, powerpanel_internal.import_places_move();
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write(text, bigint, bigint) IS
'Part of the imports: writes the objects of some steps into their table';

CREATE FUNCTION powerpanel_internal.import_name_of(object uuid, target text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
	known_name CONSTANT text := coalesce(
		(SELECT format('%s (%s %s)', o.label, o.source_table, o.source_id #>> '{}')
		FROM pg_temp.powerpanel_object AS o WHERE o.target = import_name_of.target AND o.id = object),
		(SELECT format('%s (%s %s), which has vanished from %s since an earlier import,', v.label, v.source_table, v.source_id #>> '{}', origin)
		FROM pg_temp.powerpanel_vanished AS v WHERE v.target = import_name_of.target AND v.id = object));
	own_name text;
BEGIN
	IF known_name IS NOT NULL THEN
		RETURN known_name;
	END IF;
	EXECUTE format('SELECT coalesce(to_jsonb(t) ->> ''name'', to_jsonb(t) ->> ''label'') FROM powerpanel.%I AS t WHERE t.id = $1', target)
		INTO own_name USING object;
	RETURN format('%s that does not come from this %s (id %s)',
		coalesce(replace(target, '_', ' ') || ' "' || own_name || '"', 'a ' || replace(target, '_', ' ')), origin, object);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_name_of(uuid, text) IS
'Part of the imports: an object of the inventory as messages call it';

-- Objects are looked up one by one only where something is refused.
CREATE FUNCTION powerpanel_internal.import_index_objects()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF to_regclass('pg_temp.powerpanel_object_id') IS NULL THEN
		CREATE INDEX powerpanel_object_id ON pg_temp.powerpanel_object (id);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_index_objects() IS
'Part of the imports: makes an index by which import_name_of() and import_reason() find objects';

-- PostgreSQL's own words for keys and checks name nothing but UUIDs, while the
-- rules in C speak of objects by name.
CREATE FUNCTION powerpanel_internal.import_reason(target text, object uuid, rule text, state text, message text, detail text)
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
			RETURN format('%s has this %s here already', powerpanel_internal.import_name_of(other, target),
				CASE WHEN 'name' = ANY (key.columns) THEN 'name' ELSE 'end' END);
		END IF;
	ELSIF state = '23503' AND key.columns IS NOT NULL AND key.referred <> 'feed_status' THEN
		other := fields ->> key.columns[cardinality(key.columns)];
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE t.id = $1)', key.refers_to) INTO other_exists USING other;
		IF other_exists THEN
			RETURN format('%s belongs to another device', powerpanel_internal.import_name_of(other, key.referred));
		ELSIF EXISTS (SELECT FROM pg_temp.powerpanel_object AS i WHERE i.target = key.referred AND i.id = other) THEN
			RETURN format('it needs %s, which is left out', powerpanel_internal.import_name_of(other, key.referred));
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
COMMENT ON FUNCTION powerpanel_internal.import_reason(text, uuid, text, text, text, text) IS
'Part of the imports: what the error of a rule says, in the names of the tool''s objects';

CREATE FUNCTION powerpanel_internal.import_refusal(deleting boolean, target text, step bigint, refused_by text, state text, message text, detail text)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM powerpanel_internal.import_index_objects();
	RETURN (
		SELECT jsonb_agg(jsonb_build_object(
			'target', r.target,
			'id', r.id,
			'rule', coalesce(nullif(refused_by, ''), 'SQLSTATE ' || state),
			'reason', coalesce(r.reason, concat_ws(' ', message || '.', nullif(detail, '')))))
		FROM (
			SELECT o.target, o.id, powerpanel_internal.import_reason(o.target, o.id, refused_by, state, message, detail) AS reason
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT deleting AND o.target = import_refusal.target AND o.step = import_refusal.step AND o.rule IS NULL
			UNION ALL
			SELECT v.target, v.id, powerpanel_internal.import_needed_by(v.target, v.id, refused_by)
			FROM pg_temp.powerpanel_vanished AS v
			WHERE deleting AND v.target = import_refusal.target AND v.step = import_refusal.step AND v.rule IS NULL) AS r);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_refusal(boolean, text, bigint, text, text, text, text) IS
'Part of the imports: the objects of one step, and the rule that refuses to write or to delete them';

-- Writes, or deletes, all steps from first to last in one statement; where a rule
-- refuses that, the one half and then the other, down to the steps that are
-- refused by themselves. What goes through stays so. The cost is that of one
-- statement where nothing is refused, and a few dozen for each object that is.
CREATE FUNCTION powerpanel_internal.import_try(target text, deleting boolean, first_step bigint, last_step bigint)
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
		IF deleting THEN
			PERFORM powerpanel_internal.import_delete(target, first_step, last_step);
		ELSE
			PERFORM powerpanel_internal.import_write(target, first_step, last_step);
		END IF;
		RETURN '[]';
	-- raise_exception is what triggers of the inventory's owner may raise, and a name
	-- may be too long for an index
	EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR program_limit_exceeded THEN
		GET STACKED DIAGNOSTICS
			state = RETURNED_SQLSTATE, refused_by = CONSTRAINT_NAME, null_column = COLUMN_NAME,
			message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF first_step < last_step THEN
		RETURN powerpanel_internal.import_try(target, deleting, first_step, middle)
			|| powerpanel_internal.import_try(target, deleting, middle + 1, last_step);
	END IF;
	IF state = '23502' THEN		-- not a named constraint before PostgreSQL 18, which calls it so
		refused_by := format('%s_%s_not_null', target, null_column);
	END IF;
	RETURN coalesce(powerpanel_internal.import_refusal(deleting, target, first_step, refused_by, state, message, detail), '[]');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_try(text, boolean, bigint, bigint) IS
'Part of the imports: writes or deletes objects and returns those that a rule refuses, with the rule';

CREATE FUNCTION powerpanel_internal.import_write_kinds()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb := '[]';
	target record;
	steps bigint;
BEGIN
	FOR target IN
		SELECT k.target AS name FROM pg_temp.powerpanel_kind AS k GROUP BY k.target ORDER BY min(k.kind)
	LOOP
		steps := (SELECT max(o.step) FROM pg_temp.powerpanel_object AS o WHERE o.target = target.name);
		CONTINUE WHEN steps IS NULL;
		refused := refused || powerpanel_internal.import_try(target.name, false, 1, steps);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write_kinds() IS
'Part of the imports: writes all objects that no rule has refused yet, and returns those that one refuses now';

-- An object that is refused keeps what it had let go of, and others may be in
-- conflict with that; so all is undone and done again without the refused ones,
-- until nothing more is refused.
CREATE FUNCTION powerpanel_internal.import_write_all()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	deleting CONSTANT boolean := (SELECT o.delete_vanished FROM pg_temp.powerpanel_origin AS o);
	refused jsonb;
	undone boolean;		-- by us, and not by a trigger of somebody who knows the SQLSTATE
BEGIN
	LOOP
		undone := false;
		BEGIN
			refused := powerpanel_internal.import_release();
			IF deleting THEN
				refused := refused || powerpanel_internal.import_delete_vanished(feeds => true)
					|| powerpanel_internal.import_write_kinds()
					|| powerpanel_internal.import_delete_vanished(feeds => false);
				refused := refused || powerpanel_internal.import_lost();
				IF refused = '[]' THEN
					refused := powerpanel_internal.import_kept();
				END IF;
			ELSE
				refused := refused || powerpanel_internal.import_write_kinds();
			END IF;
			EXIT WHEN refused = '[]';
			undone := true;
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		EXCEPTION WHEN SQLSTATE 'PPUND' THEN
			IF NOT undone THEN
				RAISE;
			END IF;
		END;
		UPDATE pg_temp.powerpanel_object AS o SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (target text, id uuid, rule text, reason text)
		WHERE r.target = o.target AND r.id = o.id;
		UPDATE pg_temp.powerpanel_vanished AS v SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (target text, id uuid, rule text, reason text)
		WHERE r.target = v.target AND r.id = v.id;
	END LOOP;
	PERFORM powerpanel_internal.import_note_deleted();
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write_all() IS
'Part of the imports: writes all objects, and deletes what vanished where that is asked for, but those that a rule refuses, and marks these';

-- Which of the statuses that somebody added to the tool mean power is for people
-- to say. Until then a feed of such a status carries none.
CREATE FUNCTION powerpanel_internal.import_statuses()
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
		WHERE o.target = 'power_feed' AND o.step IS NOT NULL AND o.fields ->> 'status' ~ '\S'
		ON CONFLICT DO NOTHING
		RETURNING s.name)
	SELECT array_agg(a.name ORDER BY a.name) INTO added FROM a;
	RETURN coalesce(added, '{}');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_statuses() IS
'Part of the imports: adds the feed statuses that the inventory does not have, and returns them';
