-- What vanished: an earlier import brought it, and the tool has it no longer. It
-- is told, and deleted on request only, since nobody can tell an object that
-- somebody deleted by mistake from one that is no more.
--
-- import_compare() finds it. No rule is written here either: what something else
-- needs is kept by the keys of the inventory, and told with the key and the name of
-- what needs it.

-- Locations from the bottom up. A port, outlet or cable of a device that
-- vanished too goes with the device: deleted before it, it might be needed by an
-- outlet or a bank that goes with the device as well.
CREATE FUNCTION powerpanel_internal.import_vanished_steps()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE vanished AS (
		SELECT v.target, v.id, v.source_id, t.parent_id
		FROM pg_temp.powerpanel_vanished AS v
		LEFT JOIN powerpanel.location AS t ON v.target = 'location' AND t.id = v.id
	), tree (id, depth) AS (
		SELECT p.id, 0 FROM vanished AS p
		WHERE p.target = 'location' AND NOT EXISTS (SELECT FROM vanished AS q WHERE q.target = 'location' AND q.id = p.parent_id)
		UNION ALL
		SELECT p.id, t.depth + 1 FROM tree AS t JOIN vanished AS p ON p.target = 'location' AND p.parent_id = t.id
	), numbered AS (
		SELECT v.target, v.id, row_number() OVER (PARTITION BY v.target ORDER BY t.depth DESC, v.source_id) AS step
		FROM vanished AS v LEFT JOIN tree AS t ON v.target = 'location' AND t.id = v.id
		WHERE v.target <> 'cable'
			AND NOT EXISTS (SELECT FROM powerpanel.power_port AS p JOIN vanished AS d ON d.target = 'device' AND d.id = p.device_id
				WHERE v.target = 'power_port' AND p.id = v.id)
			AND NOT EXISTS (SELECT FROM powerpanel.power_outlet AS p JOIN vanished AS d ON d.target = 'device' AND d.id = p.device_id
				WHERE v.target = 'power_outlet' AND p.id = v.id)
	)
	UPDATE pg_temp.powerpanel_vanished AS v SET step = n.step
	FROM numbered AS n WHERE n.target = v.target AND n.id = v.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_vanished_steps() IS
'Part of the imports: the order in which what vanished is deleted';

-- What vanished goes last, when all that moved away from it is written; but what
-- comes instead of it may have its name.
CREATE FUNCTION powerpanel_internal.import_release_vanished()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.powerpanel_vanished AS v
			WHERE v.target = %1$L AND v.rule IS NULL AND v.id = t.id$q$,
			target);
	END LOOP;
	-- a rack group, too, may move without them
	UPDATE powerpanel.rack AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_vanished AS v
	WHERE v.target = 'rack' AND v.rule IS NULL AND v.id = t.id AND t.rack_group_id IS NOT NULL;
	UPDATE powerpanel.power_panel AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_vanished AS v
	WHERE v.target = 'power_panel' AND v.rule IS NULL AND v.id = t.id AND t.rack_group_id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_vanished() IS
'Part of the imports: lets what vanished and is to be deleted let go of its name and rack group';

-- With a device go its ports, banks and outlets, with these and with a feed their
-- cables, also those that the tool knows nothing of.
CREATE FUNCTION powerpanel_internal.import_along(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH part AS (
		SELECT 'device' AS of_target, p.device_id AS of_id, 'power_port' AS target, p.id, format('power port "%s"', p.name) AS label
		FROM powerpanel.power_port AS p
		UNION ALL
		SELECT 'device', o.device_id, 'power_outlet', o.id, format('power outlet "%s"', o.name)
		FROM powerpanel.power_outlet AS o
		UNION ALL
		SELECT 'device', b.device_id, 'power_bank', b.id, format('power bank "%s"', b.name)
		FROM powerpanel.power_bank AS b
		UNION ALL
		SELECT e.of_target, e.of_id, 'cable', c.id, format('cable of %s of device "%s"', coalesce(w.label, format('power port "%s"', p.name)), d.name)
		FROM powerpanel.cable AS c
		JOIN powerpanel.power_port AS p ON p.id = c.power_port_id
		JOIN powerpanel.device AS d ON d.id = p.device_id
		-- which has let go of its name
		LEFT JOIN pg_temp.powerpanel_vanished AS w ON w.target = 'power_port' AND w.id = p.id
		LEFT JOIN powerpanel.power_outlet AS o ON o.id = c.power_outlet_id
		CROSS JOIN LATERAL (VALUES ('power_feed', c.power_feed_id), ('power_outlet', o.id), ('power_port', p.id),
			('device', p.device_id), ('device', o.device_id)) AS e (of_target, of_id)
	), along AS (
		SELECT v.id, string_agg(DISTINCT part.label, ', ') AS labels
		FROM pg_temp.powerpanel_vanished AS v
		JOIN part ON part.of_target = v.target AND part.of_id = v.id
		WHERE v.target = import_along.target
			AND NOT EXISTS (SELECT FROM pg_temp.powerpanel_vanished AS w WHERE w.target = part.target AND w.id = part.id)
		GROUP BY v.id
	)
	UPDATE pg_temp.powerpanel_vanished AS v SET along = a.labels
	FROM along AS a WHERE v.target = import_along.target AND v.id = a.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_along(text) IS
'Part of the imports: what would be deleted with what vanished, and did not vanish itself';

CREATE FUNCTION powerpanel_internal.import_delete(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		DELETE FROM powerpanel.%1$I AS t USING pg_temp.powerpanel_vanished AS v
		WHERE v.target = %1$L AND v.rule IS NULL AND v.step BETWEEN $1 AND $2 AND v.id = t.id$q$,
		target) USING first_step, last_step;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_delete(text, bigint, bigint) IS
'Part of the imports: deletes what vanished, of some steps';

-- A key refuses the deletion of a row that others refer to, and names but the key.
CREATE FUNCTION powerpanel_internal.import_needed_by(target text, object uuid, rule text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	key record;
	other uuid;
BEGIN
	SELECT f.relname::text AS referring,
		string_agg(format('r.%I = t.%I', a.attname, b.attname), ' AND ') AS matches
	INTO key
	FROM pg_constraint AS c
	JOIN pg_class AS f ON f.oid = c.conrelid
	CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (attnum, referred)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.referred
	WHERE c.conname = rule AND c.contype = 'f' AND c.confrelid = format('powerpanel.%I', target)::regclass
		AND f.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = 'powerpanel')
	GROUP BY f.relname;
	IF key.referring IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT r.id FROM powerpanel.%I AS t JOIN powerpanel.%I AS r ON %s WHERE t.id = $1 ORDER BY r.id LIMIT 1',
		target, key.referring, key.matches) INTO other USING object;
	RETURN powerpanel_internal.import_name_of(other, key.referring) || ' needs it';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_needed_by(text, uuid, text) IS
'Part of the imports: the object that keeps another from being deleted, and NULL where no key does';

-- A row of the tool may refer to one that it has no longer: its ends of cables
-- are no keys, and its tables may have been read one after the other while it was
-- at work. Here the first goes with the second, by ON DELETE CASCADE.
CREATE FUNCTION powerpanel_internal.import_lost()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	key record;
	found jsonb;
	lost jsonb := '[]';
BEGIN
	IF EXISTS (SELECT FROM pg_temp.powerpanel_vanished) THEN
		PERFORM powerpanel_internal.import_index_objects();
	END IF;
	FOR key IN
		SELECT t.relname::text AS target, c.conname::text AS name, a.attname::text AS referring, r.relname::text AS referred
		FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confdeltype = 'c' AND t.relname IN (SELECT k.target FROM pg_temp.powerpanel_kind AS k)
			AND t.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = 'powerpanel')
		ORDER BY 1, 2
	LOOP
		EXECUTE format($q$
			SELECT coalesce(jsonb_agg(jsonb_build_object('target', o.target, 'id', o.id, 'rule', $1, 'reason',
				powerpanel_internal.import_reason(o.target, o.id, $1, '23503', NULL, NULL))), '[]')
			FROM pg_temp.powerpanel_object AS o
			WHERE o.target = $2 AND o.rule IS NULL AND o.fields ->> $3 IS NOT NULL
				AND NOT EXISTS (SELECT FROM powerpanel.%I AS r WHERE r.id = (o.fields ->> $3)::uuid)$q$,
			key.referred) INTO found USING key.name, key.target, key.referring;
		lost := lost || found;
	END LOOP;
	RETURN lost;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_lost() IS
'Part of the imports: objects that went with something that vanished although the tool has them';

-- Feeds go first: their breakers and destinations make way for others, and
-- nothing but cables refers to them.
CREATE FUNCTION powerpanel_internal.import_delete_vanished(feeds boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb := '[]';
	target record;
BEGIN
	FOR target IN
		SELECT v.target AS name, max(v.step) AS steps
		FROM pg_temp.powerpanel_vanished AS v
		WHERE v.step IS NOT NULL AND v.target <> 'cable' AND (v.target = 'power_feed') = feeds
		GROUP BY v.target ORDER BY max(v.kind) DESC
	LOOP
		PERFORM powerpanel_internal.import_along(target.name);
		refused := refused || powerpanel_internal.import_try(target.name, true, 1, target.steps);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_delete_vanished(boolean) IS
'Part of the imports: deletes the feeds that vanished, or all else that did, and returns what a rule keeps';

-- A policy or a trigger can keep a row without an error. By then it has let go of its
-- name, and so has a port or outlet of a device that is kept, whatever keeps that.
CREATE FUNCTION powerpanel_internal.import_kept()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
	found jsonb;
	kept jsonb := '[]';
BEGIN
	FOR target IN SELECT DISTINCT v.target FROM pg_temp.powerpanel_vanished AS v WHERE v.rule IS NULL
	LOOP
		EXECUTE format($q$
			SELECT coalesce(jsonb_agg(jsonb_build_object('target', v.target, 'id', v.id,
				'rule', coalesce(d.rule, CASE WHEN row_security_active(format('powerpanel.%%I', coalesce(d.target, v.target)))
					THEN 'row level security' ELSE 'trigger' END),
				'reason', CASE WHEN d.id IS NULL THEN format('a policy or a trigger of table "%%s" keeps it', v.target)
					ELSE format('%%s is', d.label) END)), '[]')
			FROM pg_temp.powerpanel_vanished AS v
			JOIN powerpanel.%1$I AS t ON t.id = v.id
			LEFT JOIN pg_temp.powerpanel_vanished AS d ON d.target = 'device' AND to_jsonb(t) ->> 'device_id' = d.id::text
			WHERE v.target = %1$L AND v.rule IS NULL$q$,
			target) INTO found;
		kept := kept || found;
	END LOOP;
	RETURN kept;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_kept() IS
'Part of the imports: what was to be deleted and is still here, although no rule has refused that';

-- By what is there in the end, whatever took it.
CREATE FUNCTION powerpanel_internal.import_note_deleted()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k
	LOOP
		EXECUTE format($q$
			UPDATE pg_temp.powerpanel_vanished AS v SET deleted = true
			WHERE v.target = %1$L AND NOT EXISTS (SELECT FROM powerpanel.%1$I AS t WHERE t.id = v.id)$q$,
			target);
		-- nothing else is deleted with something that it belongs to
		CONTINUE WHEN NOT (SELECT origin.delete_vanished FROM pg_temp.powerpanel_origin AS origin);
		EXECUTE format($q$
			UPDATE pg_temp.powerpanel_object AS o SET removed = 'what it belongs to has vanished'
			WHERE o.target = %1$L AND o.action <> 'insert' AND o.removed IS NULL
				AND NOT EXISTS (SELECT FROM powerpanel.%1$I AS t WHERE t.id = o.id)$q$,
			target);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_note_deleted() IS
'Part of the imports: marks what is here no longer';
