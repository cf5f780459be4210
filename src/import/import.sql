-- What the imports from other DCIM tools share. import_netbox and
-- import_nautobot each read the tables of their own tool and make objects of
-- ours of them; all the rest is here.
--
-- Temporary tables carry it: powerpanel_origin, which tool this is, and whether
-- what vanished there is to be deleted here (one row); powerpanel_kind, the kinds
-- of object; powerpanel_object, the objects of ours that the tool's rows make,
-- compared with what is here already; powerpanel_vanished, what an earlier import
-- brought and the tool has no longer; and powerpanel_inlet, the power port that
-- outlets get here which name none.
--
-- An import is import_run (import_run.sql): import_<tool>_check; import_begin, which
-- fills powerpanel_kind by import_<tool>_kinds; import_compare_all; import_<tool>_others,
-- which leaves out what another database of that tool brought; import_write_all; and
-- import_report. This file goes as far as import_compare_all; the writing is in
-- import_write.sql, the deleting in import_vanished.sql, what is told in
-- import_report.sql.
--
-- A kind of object is read, made into objects of ours and compared with them in one
-- query. Of an object that is unchanged, which after the first import nearly all are,
-- no more is written down than what messages call it.

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
		delete_vanished boolean,
		believed boolean		-- whether by the keys of its tables no two rows make one object
	) ON COMMIT DROP;
	EXECUTE format($q$
		INSERT INTO pg_temp.powerpanel_origin
		SELECT $1, $2, $3, powerpanel_internal.import_instance($3), $4, (
			SELECT bool_and(powerpanel_internal.import_believes_key(powerpanel_internal.import_table($3, c.source_table)))
			FROM powerpanel_internal.%I() AS c (source_table, columns, since, must, kept) WHERE c.kept)$q$,
		format('import_%s_columns', key)) USING key, name, schema_name, delete_vanished;
	CREATE TEMPORARY TABLE powerpanel_kind (
		kind integer PRIMARY KEY,	-- in the order in which they refer to each other
		object_type text,
		source_table text UNIQUE,
		target text,			-- our table
		draft text,				-- what makes objects of ours of its rows: import_<tool>_draft_<this>
		owner text[],			-- our columns within whose values a name is unique
		columns text[]			-- our columns that the tool knows; what only the inventory knows is left alone
	) ON COMMIT DROP;
	EXECUTE format('INSERT INTO pg_temp.powerpanel_kind SELECT * FROM powerpanel_internal.%I($1)', format('import_%s_kinds', key))
		USING schema_name;
	CREATE TEMPORARY TABLE powerpanel_object (
		kind integer,
		source_table text,
		source_id jsonb,		-- as the tool has it: a number or a string
		id uuid,				-- our key
		target text,
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects, or is unchanged
		custom_fields jsonb,	-- NULL with fields
		step bigint,			-- the order within the target; NULL with fields
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean,
		assigned boolean,		-- an outlet that got its power port here
		rule text,				-- that refused it
		reason text,			-- why it is left out
		removed text,			-- why what an earlier import brought was deleted
		taken boolean GENERATED ALWAYS AS (rule IS NULL AND (fields IS NOT NULL OR action = 'unchanged')) STORED
	) ON COMMIT DROP;			-- gets its indexes when it is filled, which is faster
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
	CREATE TEMPORARY TABLE powerpanel_inlet (
		device_id uuid PRIMARY KEY,
		id uuid					-- its only power port
	) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_begin(text, text, name, boolean) IS
'Part of the imports: makes the temporary tables that carry one';

-- The tool's tables have keys, but a copy of one need not have them. A primary key
-- that is not deferrable is believed, where no two ids can make one key of ours, as the
-- texts 1 and 01 do.
CREATE FUNCTION powerpanel_internal.import_believes_key(source_table regclass)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT source_table IS NULL OR EXISTS (
		SELECT FROM pg_index AS i
		JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = 'id'
			AND a.atttypid = ANY ('{uuid,int2,int4,int8}'::regtype[])
		WHERE i.indrelid = source_table
			AND i.indisprimary AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_believes_key(regclass) IS
'Part of the imports: whether the key of a table of the tool says that no two of its rows make one object; true of NULL, no table';

-- Where a key is not believed, the ids are read, and import_compare_all makes a key of
-- the objects, since the rows may have changed by then. The lock keeps the key, and the
-- table its name, until the end of the transaction.
CREATE FUNCTION powerpanel_internal.import_source_keys(schema_name name, source_tables text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source_table text;
	tab regclass;
	wrong record;
BEGIN
	FOREACH source_table IN ARRAY source_tables
	LOOP
		LOOP
			tab := powerpanel_internal.import_table(schema_name, source_table);
			PERFORM powerpanel_internal.must_be_ordinary_table(tab);
			-- another one may have got its name while this waited for the lock
			EXIT WHEN tab IS NOT DISTINCT FROM powerpanel_internal.import_table(schema_name, source_table);
		END LOOP;
		CONTINUE WHEN powerpanel_internal.import_believes_key(tab);
		SELECT r -> 'id' AS id, r ->> 'id' AS key INTO wrong
		FROM powerpanel_internal.import_rows(schema_name, source_table, '{id}') AS r
		GROUP BY r HAVING count(*) > 1 OR r -> 'id' = 'null'
		ORDER BY 1 LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION '%', CASE WHEN wrong.key IS NULL THEN format('a row of table "%s" has no id', source_table)
					ELSE format('table "%s" has more than one row with id %s', source_table, wrong.key) END
				USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Where the tables are copies, copy them with their primary keys, and nothing twice.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_source_keys(name, text[]) IS
'Part of the imports: raises 22023 where a row of the tool has no key, or that of another one';

-- NetBox and Nautobot name a device that has no name after its virtual chassis
-- or its type, and tell it from others by a tag. So it is found again by the
-- name that they show.
CREATE FUNCTION powerpanel_internal.import_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb, tag text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN device ->> 'name' ~ '\S' THEN device ->> 'name'
			WHEN virtual_chassis IS NOT NULL THEN
				format('%s:%s (%s)', virtual_chassis ->> 'name', device ->> 'vc_position', tag)
			WHEN device_type IS NOT NULL THEN
				format('%s (%s)', concat_ws(' ', manufacturer ->> 'name', device_type ->> 'model'), tag)
			ELSE format('device (%s)', tag)
		END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_device_name(jsonb, jsonb, jsonb, jsonb, text) IS
'Part of the imports: the name of a device, or what the tool shows of one that has no name';

-- Both tools let an outlet name no power port, and most of the outlets that
-- people make by hand name none, so that nothing gets power through them. Where
-- a device has one power port, it can be no other. Its ports are those of the
-- tool, of which the unchanged ones are here, and those that only the inventory has and
-- that are not to be deleted.
CREATE FUNCTION powerpanel_internal.import_find_inlets()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.powerpanel_inlet
	SELECT p.device_id, min(p.id::text)::uuid
	FROM (
		SELECT (o.fields ->> 'device_id')::uuid AS device_id, o.id
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_port' AND o.fields IS NOT NULL
		UNION ALL
		SELECT t.device_id, t.id
		FROM powerpanel.power_port AS t
		WHERE NOT EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
			WHERE o.target = 'power_port' AND o.id = t.id AND o.fields IS NOT NULL)
			AND NOT EXISTS (SELECT FROM pg_temp.powerpanel_vanished AS v, pg_temp.powerpanel_origin AS r
				WHERE v.target = 'power_port' AND v.id = t.id AND r.delete_vanished)) AS p
	WHERE p.device_id IS NOT NULL
	GROUP BY p.device_id HAVING count(*) = 1;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_find_inlets() IS
'Part of the imports: the devices that have one power port, for the outlets that name none';

-- A bank or an alternate inlet, which the tools do not know, is not without the
-- inlet that somebody gave the outlet here.
CREATE FUNCTION powerpanel_internal.import_give_inlets(draft text)
RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT format($q$
		SELECT d.source_table, d.source_id, d.id, d.mark, d.label,
			CASE WHEN d.fields ->> 'power_port_id' IS NULL
				THEN d.fields || jsonb_build_object('power_port_id', coalesce(i.id, t.power_port_id))
				ELSE d.fields END AS fields, d.reason, i.id IS NOT NULL AS assigned
		FROM (%s) AS d
		LEFT JOIN pg_temp.powerpanel_inlet AS i ON i.device_id = (d.fields ->> 'device_id')::uuid
			AND d.fields ->> 'power_port_id' IS NULL
		LEFT JOIN powerpanel.power_outlet AS t ON t.id = d.id
			AND d.fields ->> 'power_port_id' IS NULL AND t.device_id = (d.fields ->> 'device_id')::uuid
			AND (t.power_bank_id IS NOT NULL OR t.alternate_power_port_id IS NOT NULL)$q$, draft);
END;
COMMENT ON FUNCTION powerpanel_internal.import_give_inlets(text) IS
'Part of the imports: a query for outlets, where those that name no power port have the one that they get or keep here';

-- A cable of the tool has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION powerpanel_internal.import_cable_ends(key text, schema_name name, instance text,
	OUT cable_id jsonb, OUT power boolean, OUT power_feed_id text, OUT power_outlet_id text, OUT power_port_id text, OUT reason text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH part AS MATERIALIZED (
			SELECT * FROM powerpanel_internal.%I($1, $2)
		), cable AS MATERIALIZED (
			SELECT c.*, c.side_a = 1 AND c.side_b = 1 AND c.ports = 1 AND c.sources = 1 AS power,
				CASE
					WHEN c.ports = 0 AND c.sources = 0 THEN NULL		-- a data cable; these are counted, not named
					WHEN c.side_a > 1 OR c.side_b > 1 THEN 'it has more than one end at a side: '
					WHEN c.side_a + c.side_b = 1 THEN 'it has one end only: '
					WHEN c.ports <> 1 OR c.sources <> 1 THEN 'it joins '
				END AS reason
			FROM (
				SELECT t.cable_id,
					count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
					count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
					count(*) FILTER (WHERE t.source_table = 'dcim_powerport') AS ports,
					count(*) FILTER (WHERE t.source_table IN ('dcim_powerfeed', 'dcim_poweroutlet')) AS sources,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_powerport') AS port,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_powerfeed') AS feed,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_poweroutlet') AS outlet
				FROM part AS t GROUP BY t.cable_id) AS c
		)
		SELECT c.cable_id, c.power, CASE WHEN c.power THEN c.feed END, CASE WHEN c.power THEN c.outlet END, CASE WHEN c.power THEN c.port END,
			c.reason || e.ends
		FROM cable AS c
		-- which ends that are is found out for those alone that are left out by them
		LEFT JOIN (
			SELECT b.cable_id,
				string_agg(coalesce(o.label, format('%%s %%s', t.source_table, t.source_id #>> '{}')), ' and '
					ORDER BY t.cable_end, t.source_table, t.source_id) AS ends
			FROM cable AS b
			JOIN part AS t ON t.cable_id = b.cable_id
			LEFT JOIN pg_temp.powerpanel_object AS o ON o.source_table = t.source_table AND o.source_id = t.source_id
			WHERE b.reason IS NOT NULL
			GROUP BY b.cable_id) AS e ON e.cable_id = c.cable_id$q$,
		format('import_%s_ends', key)) USING schema_name, instance;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_cable_ends(text, name, text) IS
'Part of the imports: of each cable that has ends, whether it joins a power feed or outlet to a power port, one to one; if so which, NULL where its end names none; and if not why';

-- Both tools have a label and an id of a cable, and ends or none.
CREATE FUNCTION powerpanel_internal.import_cable_label(fields jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT format('cable "%s"', coalesce(nullif(fields ->> 'label', ''), '#' || (fields ->> 'id')));
END;
COMMENT ON FUNCTION powerpanel_internal.import_cable_label(jsonb) IS
'Part of the imports: what messages call a cable of the tool';

-- A location is written after the one that contains it. Locations that hang on a
-- loop come last and all in one step, so that the rule against loops is what
-- refuses them.
CREATE FUNCTION powerpanel_internal.import_location_steps()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE place AS (
		SELECT o.id, powerpanel_internal.import_uuid_digits(o.id::text) AS digits,
			powerpanel_internal.import_uuid_digits(o.fields ->> 'parent_id') AS parent, o.kind, o.source_id
		FROM pg_temp.powerpanel_object AS o WHERE o.target = 'location' AND o.step IS NOT NULL
	), tree (id, digits, depth) AS (
		SELECT p.id, p.digits, 0 FROM place AS p
		WHERE p.parent IS NULL OR p.parent NOT IN (SELECT q.digits FROM place AS q)
		UNION ALL
		SELECT p.id, p.digits, t.depth + 1 FROM tree AS t JOIN place AS p ON p.parent = t.digits
	), numbered AS (
		SELECT p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.source_id) AS step
		FROM tree AS t JOIN place AS p ON p.id = t.id
		UNION ALL
		SELECT p.id, (SELECT count(*) + 1 FROM tree)
		FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t)
	)
	UPDATE pg_temp.powerpanel_object AS o SET step = n.step
	FROM numbered AS n WHERE o.target = 'location' AND o.step IS NOT NULL AND o.id = n.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_location_steps() IS
'Part of the imports: the order in which locations are written';

-- A UUID may be written in capital letters, and without hyphens or in braces. It is not
-- cast to one: what is none is for the writing to refuse.
CREATE FUNCTION powerpanel_internal.import_uuid_digits(id text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT translate(lower(id), '{}-', '');
END;
COMMENT ON FUNCTION powerpanel_internal.import_uuid_digits(text) IS
'Part of the imports: the same of all ways in which a UUID can be written';

-- As text, but 1 and 1.00 are the same number.
CREATE FUNCTION powerpanel_internal.import_same(target text, columns text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce('(' || string_agg(format(
		't.%1$I::text IS NOT DISTINCT FROM d.fields ->> %1$L'
		|| CASE
			WHEN t.typcategory = 'N' THEN ' OR to_jsonb(t.%1$I) = d.fields -> %1$L'
			WHEN t.oid = 'uuid'::regtype THEN ' OR powerpanel_internal.import_uuid_digits(t.%1$I::text) = powerpanel_internal.import_uuid_digits(d.fields ->> %1$L)'
			ELSE ''
		END, a.attname), ') AND (') || ')', 'true')
	FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
	WHERE a.attrelid = format('powerpanel.%I', target)::regclass AND a.attname = ANY (columns)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_same(text, text[]) IS
'Part of the imports: an expression that compares some columns of a row t of ours with an object d of the tool';

-- A query for the objects that the rows of the tool make of a table of ours, of as
-- many of its tables as there are.
CREATE FUNCTION powerpanel_internal.import_draft(target text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	draft CONSTANT text := (
		SELECT format($q$
			SELECT d.*, false AS assigned FROM powerpanel_internal.%I(%L, %L, %L)
				AS d (source_table text, source_id jsonb, id uuid, mark jsonb, label text, fields jsonb, reason text)$q$,
			format('import_%s_draft_%s', o.key, k.draft), o.schema_name, o.instance, k.target)
		FROM pg_temp.powerpanel_kind AS k, pg_temp.powerpanel_origin AS o
		WHERE k.target = import_draft.target LIMIT 1);
BEGIN
	RETURN CASE target WHEN 'power_outlet' THEN powerpanel_internal.import_give_inlets(draft) ELSE draft END;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_draft(text) IS
'Part of the imports: a query for the objects that the tool has of a table of ours';

-- One join, on one snapshot, tells what is new, changed, unchanged and gone. The
-- columns that the tool knows are compared, and so is its own custom field. Where a
-- place moves, feeds, racks and panels that are unchanged have to be written, too, and
-- locations are ordered by all there are. The columns of all else that is unchanged are
-- not kept, unless it might go with what has vanished and is to be deleted: by then
-- that is known, since nothing goes with what is of a later kind.
CREATE FUNCTION powerpanel_internal.import_compare(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keep CONSTANT boolean := target IN ('location', 'rack', 'power_panel', 'power_feed')
		OR EXISTS (SELECT FROM pg_temp.powerpanel_origin AS o, pg_temp.powerpanel_vanished WHERE o.delete_vanished);
	key CONSTANT text := (SELECT o.key FROM pg_temp.powerpanel_origin AS o);
	k record;
BEGIN
	SELECT i.columns, i.owner INTO k
	FROM pg_temp.powerpanel_kind AS i WHERE i.target = import_compare.target LIMIT 1;
	EXECUTE format($q$
		WITH compared AS MATERIALIZED (
			SELECT o.source_table, o.source_id, o.id, o.label, o.action, o.renamed, o.moved, o.assigned, o.reason,
				CASE WHEN o.action <> 'unchanged' OR $1 THEN o.fields END AS fields,
				CASE WHEN o.action <> 'unchanged' OR $1
					THEN coalesce(o.custom_fields, '{}') || jsonb_build_object($2, o.mark) END AS custom_fields,
				o.gone, o.gone_name, o.custom_fields -> $2 AS gone_mark
			FROM (
				SELECT d.*, t.custom_fields, CASE WHEN d.id IS NULL THEN t.id END AS gone, t.%2$I AS gone_name,
					CASE
						WHEN t.id IS NULL THEN 'insert'
						WHEN d.fields IS NOT NULL AND t.custom_fields -> $2 = d.mark AND %3$s THEN 'unchanged'
						ELSE 'update'
					END AS action,
					coalesce(%4$s, false) AS renamed,
					t.id IS NOT NULL AND d.fields IS NOT NULL AND NOT (%5$s) AS moved
				FROM (%6$s) AS d
				FULL JOIN powerpanel.%1$I AS t ON t.id = d.id
				WHERE d.id IS NOT NULL OR t.custom_fields ? $2
				OFFSET 0) AS o	-- so that all is compared once
		), vanished AS (
			INSERT INTO pg_temp.powerpanel_vanished (source_table, source_id, id, label, mark, kind, target)
			SELECT k.source_table, c.gone_mark -> 'id', c.gone,
				format('%%s "%%s"', replace(k.object_type, '_', ' '), coalesce(c.gone_name, '#' || (c.gone_mark ->> 'id'))),
				c.gone_mark, k.kind, k.target
			FROM compared AS c
			JOIN pg_temp.powerpanel_kind AS k ON k.target = %1$L AND k.source_table = c.gone_mark ->> 'table'
			WHERE c.gone IS NOT NULL
		)
		INSERT INTO pg_temp.powerpanel_object (kind, source_table, source_id, id, target, label, fields, custom_fields, step,
			action, renamed, moved, assigned, reason)
		SELECT k.kind, c.source_table, c.source_id, c.id, k.target, c.label, c.fields, c.custom_fields, c.step,
			c.action, c.renamed, c.moved, c.assigned, c.reason
		FROM (
			SELECT *, NULL AS step FROM compared WHERE gone IS NULL AND fields IS NULL
			UNION ALL
			-- in the order of the tool's keys: Nautobot's are ours, NetBox's are numbers
			SELECT *, row_number() OVER (ORDER BY CASE jsonb_typeof(source_id) WHEN 'number' THEN source_id::numeric END, id)
			FROM compared WHERE gone IS NULL AND fields IS NOT NULL) AS c
		JOIN pg_temp.powerpanel_kind AS k USING (source_table)$q$,
		target, CASE WHEN target = 'cable' THEN 'label' ELSE 'name' END, powerpanel_internal.import_same(target, k.columns),
		CASE WHEN 'name' = ANY (k.columns) THEN 't.name <> d.fields ->> ''name''' ELSE 'false' END,
		powerpanel_internal.import_same(target, k.owner), powerpanel_internal.import_draft(target))
		USING keep, key;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare(text) IS
'Part of the imports: what of a table of ours is new, changed, unchanged or gone since an earlier import. What is gone may have been brought by another database of that tool; import_<tool>_others takes that out';

-- In the order in which they refer to each other: messages call a port after its
-- device, and outlets get a power port of theirs.
CREATE FUNCTION powerpanel_internal.import_compare_all(assign_outlets boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET default_statistics_target = 10		-- of ANALYZE: whether much or little is to be written is all there is to know
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN
		SELECT k.target FROM pg_temp.powerpanel_kind AS k GROUP BY k.target ORDER BY min(k.kind)
	LOOP
		IF target = 'power_outlet' AND assign_outlets THEN
			PERFORM powerpanel_internal.import_find_inlets();
		END IF;
		PERFORM powerpanel_internal.import_compare(target);
	END LOOP;
	IF NOT (SELECT o.believed FROM pg_temp.powerpanel_origin AS o) THEN
		ALTER TABLE pg_temp.powerpanel_object ADD PRIMARY KEY (id, target);
	END IF;
	CREATE INDEX ON pg_temp.powerpanel_object (target, step) WHERE step IS NOT NULL;
	CREATE INDEX ON pg_temp.powerpanel_object (target) WHERE action = 'update' OR NOT taken;
	-- after them: PostgreSQL does not use an index in the transaction that made it where rows had been updated before
	PERFORM powerpanel_internal.import_location_steps();
	ANALYZE pg_temp.powerpanel_object (target, step, action, taken), pg_temp.powerpanel_vanished;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare_all(boolean) IS
'Part of the imports: reads the tool''s tables, and compares the objects that they make with the inventory';
