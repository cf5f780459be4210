-- The import of a NetBox database that lies in this database.
--
-- Temporary tables carry it: import_netbox_source and import_netbox_end, what
-- was read, as jsonb (so that a column that some version lacks is NULL, not an
-- error); import_netbox_draft, the objects of ours that this makes, with their
-- columns in "fields"; import_netbox_object, the same compared with what is
-- here already; and import_netbox_gone, what an earlier import brought and
-- NetBox has no longer. No rule of the inventory is written here: an object is
-- refused when the inventory refuses it.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- is the column within whose value a name is unique.
CREATE FUNCTION import_netbox_kinds(
	OUT kind integer, OUT object_type text, OUT netbox_table text, OUT target text, OUT owner text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'region', 'dcim_region', 'location', 'parent_id'),
		(2, 'site', 'dcim_site', 'location', 'parent_id'),
		(3, 'location', 'dcim_location', 'location', 'parent_id'),
		(4, 'rack', 'dcim_rack', 'rack', 'location_id'),
		(5, 'device', 'dcim_device', 'device', NULL),
		(6, 'power_panel', 'dcim_powerpanel', 'power_panel', 'location_id'),
		(7, 'power_feed', 'dcim_powerfeed', 'power_feed', 'power_panel_id'),
		(8, 'power_port', 'dcim_powerport', 'power_port', 'device_id'),
		(9, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'device_id'),
		(10, 'cable', 'dcim_cable', 'cable', NULL)) AS kinds;
END;
COMMENT ON FUNCTION import_netbox_kinds() IS
'Part of import_netbox: the kinds of object that it takes, NetBox''s table and ours for each';

-- A hash rather than a random key is what makes a second import find what the
-- first one brought. sha256, since md5 is not to be had where FIPS is enforced;
-- with the marks of a UUID of version 8 (RFC 9562). Not STRICT, so that it is
-- inlined; NULL gives NULL all the same.
CREATE FUNCTION import_netbox_id(instance text, netbox_table text, netbox_id bigint)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT overlay(overlay(
		encode(substr(sha256(('netbox:' || instance || ':' || netbox_table || ':' || netbox_id::text)::bytea), 1, 16), 'hex')
		PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
END;
COMMENT ON FUNCTION import_netbox_id(text, text, bigint) IS
'Part of import_netbox: the key that an object of NetBox has in the inventory';

CREATE FUNCTION import_netbox_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	needed text[] := ARRAY(SELECT k.netbox_table FROM powerpanel.import_netbox_kinds() k ORDER BY k.kind)
		|| '{dcim_cabletermination,django_content_type}'::text[];
	missing text[];
	hint CONSTANT text := 'Give the schema that holds the tables of a NetBox of version 3.3 to 4.2, as in import_netbox(''netbox'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT t FROM unnest(needed) WITH ORDINALITY AS n (t, i)
		WHERE to_regclass(format('%I.%I', schema_name, t)) IS NULL
		ORDER BY i);
	IF missing @> '{dcim_site,dcim_powerpanel,dcim_powerfeed}' THEN
		RAISE EXCEPTION 'schema "%" holds no NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	ELSIF 'dcim_cabletermination' = ANY (missing) AND 'dcim_cable' <> ALL (missing) THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is older than version 3.3', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'It has no table dcim_cabletermination, in which cables end since version 3.3.',
				HINT = 'Upgrade that NetBox to a version of 3.3 to 4.2 before the import.';
	ELSIF missing <> '{}' THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION import_netbox_check(regnamespace) IS
'Part of import_netbox: the name of the schema, or 22023 where it holds no NetBox that can be read';

-- Which NetBox this is: the moment when its database was set up, which a dump,
-- a restore under another schema name and an upgrade of NetBox all keep. Two
-- NetBoxes that both have a rack 14 must not overwrite each other's.
CREATE FUNCTION import_netbox_instance(schema_name name)
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
COMMENT ON FUNCTION import_netbox_instance(name) IS
'Part of import_netbox: what tells one NetBox from another; empty where it keeps no record of its migrations';

CREATE FUNCTION import_netbox_read(schema_name name)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	read_table text;
BEGIN
	CREATE TEMPORARY TABLE import_netbox_source (
		netbox_table text,
		netbox_id bigint,
		fields jsonb,
		PRIMARY KEY (netbox_table, netbox_id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_end (
		cable_id bigint,
		cable_end text,
		netbox_table text,
		netbox_id bigint
	) ON COMMIT DROP;

	FOR read_table IN
		SELECT k.netbox_table FROM powerpanel.import_netbox_kinds() k
		UNION ALL
		-- only to name devices that have no name, so not a must
		SELECT t FROM unnest('{dcim_devicetype,dcim_manufacturer,dcim_virtualchassis}'::text[]) AS t
		WHERE to_regclass(format('%I.%I', schema_name, t)) IS NOT NULL
	LOOP
		EXECUTE format('INSERT INTO pg_temp.import_netbox_source SELECT %L, s.id, to_jsonb(s) FROM %I.%I AS s',
			read_table, schema_name, read_table);
	END LOOP;
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_end
		SELECT e.cable_id, e.cable_end, concat(t.app_label, '_', t.model), e.termination_id
		FROM %1$I.dcim_cabletermination AS e LEFT JOIN %1$I.django_content_type AS t ON t.id = e.termination_type_id$q$,
		schema_name);
	ANALYZE pg_temp.import_netbox_source, pg_temp.import_netbox_end;
END
$$;
COMMENT ON FUNCTION import_netbox_read(name) IS
'Part of import_netbox: copies the rows of NetBox''s tables into temporary tables';

-- NetBox names a device that has no name after its virtual chassis or its type,
-- and tells it from others by asset tag or number. So it is found again by the
-- name that NetBox shows.
CREATE FUNCTION import_netbox_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN device ->> 'name' ~ '\S' THEN device ->> 'name'
			ELSE format('%s (%s)', kind_of_device, coalesce(device ->> 'asset_tag', device ->> 'id'))
		END
	FROM (SELECT CASE
			WHEN virtual_chassis IS NOT NULL THEN
				format('%s:%s', virtual_chassis ->> 'name', device ->> 'vc_position')
			WHEN device_type IS NOT NULL THEN
				concat_ws(' ', manufacturer ->> 'name', device_type ->> 'model')
			ELSE 'device'
		END) AS k (kind_of_device);
END;
COMMENT ON FUNCTION import_netbox_device_name(jsonb, jsonb, jsonb, jsonb) IS
'Part of import_netbox: the name of a device, or what NetBox shows of one that has no name';

-- "label" is how messages call the object.
CREATE FUNCTION import_netbox_stage_places(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', substr(s.netbox_table, 6), s.fields ->> 'name')
			|| coalesce(' of site "' || (site.fields ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'parent_id', CASE s.netbox_table
				WHEN 'dcim_region' THEN powerpanel.import_netbox_id(instance, 'dcim_region', (s.fields ->> 'parent_id')::bigint)
				WHEN 'dcim_site' THEN powerpanel.import_netbox_id(instance, 'dcim_region', (s.fields ->> 'region_id')::bigint)
				ELSE coalesce(
					powerpanel.import_netbox_id(instance, 'dcim_location', (s.fields ->> 'parent_id')::bigint),
					powerpanel.import_netbox_id(instance, 'dcim_site', (s.fields ->> 'site_id')::bigint))
			END)
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_source AS site
		ON site.netbox_table = 'dcim_site' AND site.netbox_id = (s.fields ->> 'site_id')::bigint
	WHERE s.netbox_table IN ('dcim_region', 'dcim_site', 'dcim_location');

	-- racks and panels stand in a location, or where that is blank in a site
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', CASE s.netbox_table WHEN 'dcim_rack' THEN 'rack' ELSE 'power panel' END, s.fields ->> 'name')
			|| coalesce(' of location "' || (location.fields ->> 'name') || '"', ' of site "' || (site.fields ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'location_id', coalesce(
				powerpanel.import_netbox_id(instance, 'dcim_location', (s.fields ->> 'location_id')::bigint),
				powerpanel.import_netbox_id(instance, 'dcim_site', (s.fields ->> 'site_id')::bigint)))
		|| CASE s.netbox_table
			WHEN 'dcim_powerpanel' THEN jsonb_build_object('comments', nullif(s.fields ->> 'comments', ''))
			ELSE '{}'
		END
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_source AS location
		ON location.netbox_table = 'dcim_location' AND location.netbox_id = (s.fields ->> 'location_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS site
		ON site.netbox_table = 'dcim_site' AND site.netbox_id = (s.fields ->> 'site_id')::bigint
	WHERE s.netbox_table IN ('dcim_rack', 'dcim_powerpanel');
END
$$;
COMMENT ON FUNCTION import_netbox_stage_places(text) IS
'Part of import_netbox: regions, sites and locations as one tree; racks and power panels';

CREATE FUNCTION import_netbox_stage_devices(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT d.netbox_table, d.netbox_id, powerpanel.import_netbox_id(instance, d.netbox_table, d.netbox_id), format('device "%s"', n.name),
		jsonb_build_object(
			'name', n.name,
			'rack_id', powerpanel.import_netbox_id(instance, 'dcim_rack', (d.fields ->> 'rack_id')::bigint))
	FROM pg_temp.import_netbox_source AS d
	LEFT JOIN pg_temp.import_netbox_source AS t
		ON t.netbox_table = 'dcim_devicetype' AND t.netbox_id = (d.fields ->> 'device_type_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS m
		ON m.netbox_table = 'dcim_manufacturer' AND m.netbox_id = (t.fields ->> 'manufacturer_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS v
		ON v.netbox_table = 'dcim_virtualchassis' AND v.netbox_id = (d.fields ->> 'virtual_chassis_id')::bigint
	CROSS JOIN LATERAL powerpanel.import_netbox_device_name(d.fields, t.fields, m.fields, v.fields) AS n (name)
	WHERE d.netbox_table = 'dcim_device';

	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', CASE s.netbox_table WHEN 'dcim_powerport' THEN 'power port' ELSE 'power outlet' END, s.fields ->> 'name')
			|| coalesce(' of ' || d.label, ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'device_id', powerpanel.import_netbox_id(instance, 'dcim_device', (s.fields ->> 'device_id')::bigint))
		|| CASE s.netbox_table
			WHEN 'dcim_powerport' THEN jsonb_build_object(
				'maximum_draw', s.fields -> 'maximum_draw',
				'allocated_draw', s.fields -> 'allocated_draw')
			ELSE jsonb_build_object(
				'power_port_id', powerpanel.import_netbox_id(instance, 'dcim_powerport', (s.fields ->> 'power_port_id')::bigint),
				'feed_leg', nullif(s.fields ->> 'feed_leg', ''))
		END
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_draft AS d
		ON d.netbox_table = 'dcim_device' AND d.netbox_id = (s.fields ->> 'device_id')::bigint
	WHERE s.netbox_table IN ('dcim_powerport', 'dcim_poweroutlet');
END
$$;
COMMENT ON FUNCTION import_netbox_stage_devices(text) IS
'Part of import_netbox: devices, their power ports and outlets';

CREATE FUNCTION import_netbox_stage_feeds(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('power feed "%s"', s.fields ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'power_panel_id', powerpanel.import_netbox_id(instance, 'dcim_powerpanel', (s.fields ->> 'power_panel_id')::bigint),
			'rack_id', powerpanel.import_netbox_id(instance, 'dcim_rack', (s.fields ->> 'rack_id')::bigint),
			'status', s.fields -> 'status',
			'type', s.fields -> 'type',
			'supply', s.fields -> 'supply',
			'phase', s.fields -> 'phase',
			'voltage', s.fields -> 'voltage',
			'amperage', s.fields -> 'amperage',
			'max_utilization', s.fields -> 'max_utilization',
			'comments', nullif(s.fields ->> 'comments', ''))
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_draft AS p
		ON p.netbox_table = 'dcim_powerpanel' AND p.netbox_id = (s.fields ->> 'power_panel_id')::bigint
	WHERE s.netbox_table = 'dcim_powerfeed';
END
$$;
COMMENT ON FUNCTION import_netbox_stage_feeds(text) IS
'Part of import_netbox: power feeds';

-- A cable of NetBox has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION import_netbox_stage_cables(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields, reason)
	SELECT c.netbox_table, c.netbox_id, powerpanel.import_netbox_id(instance, c.netbox_table, c.netbox_id),
		format('cable "%s"', coalesce(nullif(c.fields ->> 'label', ''), '#' || c.netbox_id)),
		CASE WHEN e.side_a = 1 AND e.side_b = 1 AND e.ports = 1 AND e.sources = 1 THEN
			jsonb_build_object(
				'power_feed_id', powerpanel.import_netbox_id(instance, 'dcim_powerfeed', e.power_feed),
				'power_outlet_id', powerpanel.import_netbox_id(instance, 'dcim_poweroutlet', e.power_outlet),
				'power_port_id', powerpanel.import_netbox_id(instance, 'dcim_powerport', e.power_port),
				'label', nullif(c.fields ->> 'label', ''))
		END,
		CASE
			WHEN e.cable_id IS NULL THEN 'it has no ends'
			WHEN e.ports + e.sources = 0 THEN NULL		-- a data cable; these are counted, not named
			WHEN e.side_a > 1 OR e.side_b > 1 THEN 'it has more than one end at a side: ' || e.ends
			WHEN e.side_a + e.side_b = 1 THEN 'it has one end only: ' || e.ends
			WHEN e.ports <> 1 OR e.sources <> 1 THEN 'it joins ' || e.ends
		END
	FROM pg_temp.import_netbox_source AS c
	LEFT JOIN (
		SELECT t.cable_id,
			count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
			count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
			count(*) FILTER (WHERE t.netbox_table = 'dcim_powerport') AS ports,
			count(*) FILTER (WHERE t.netbox_table IN ('dcim_powerfeed', 'dcim_poweroutlet')) AS sources,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_powerfeed') AS power_feed,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_poweroutlet') AS power_outlet,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_powerport') AS power_port,
			string_agg(coalesce(o.label, format('%s %s', t.netbox_table, t.netbox_id)), ' and '
				ORDER BY t.cable_end, t.netbox_table, t.netbox_id) AS ends
		FROM pg_temp.import_netbox_end AS t
		LEFT JOIN pg_temp.import_netbox_draft AS o USING (netbox_table, netbox_id)
		GROUP BY t.cable_id) AS e ON e.cable_id = c.netbox_id
	WHERE c.netbox_table = 'dcim_cable';
END
$$;
COMMENT ON FUNCTION import_netbox_stage_cables(text) IS
'Part of import_netbox: cables that join a power feed or outlet to a power port, and why others are not taken';

-- The order within a table of ours is that of NetBox's numbers, but a location
-- comes after the one that contains it. Locations that hang on a loop come last
-- and all in one step, so that the rule against loops is what refuses them.
CREATE FUNCTION import_netbox_steps(OUT id uuid, OUT step bigint)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE place AS (
		SELECT d.id, (d.fields ->> 'parent_id')::uuid AS parent_id, k.kind, d.netbox_id
		FROM pg_temp.import_netbox_draft AS d JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
		WHERE k.target = 'location'
	), tree (id, depth) AS (
		SELECT p.id, 0 FROM place AS p
		WHERE p.parent_id IS NULL OR p.parent_id NOT IN (SELECT q.id FROM place AS q)
		UNION ALL
		SELECT p.id, t.depth + 1 FROM tree AS t JOIN place AS p ON p.parent_id = t.id
	)
	SELECT p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.netbox_id)
	FROM tree AS t JOIN place AS p ON p.id = t.id
	UNION ALL
	SELECT p.id, (SELECT count(*) + 1 FROM tree)
	FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t)
	UNION ALL
	SELECT d.id, row_number() OVER (PARTITION BY d.netbox_table ORDER BY d.netbox_id)
	FROM pg_temp.import_netbox_draft AS d JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
	WHERE k.target <> 'location' AND d.fields IS NOT NULL;
END
$$;
COMMENT ON FUNCTION import_netbox_steps() IS
'Part of import_netbox: the order in which the objects of each table are written';

-- The columns that NetBox knows are compared, and later written; what only the
-- inventory knows (breaker positions, panel types, destination panels, ...) is
-- left alone, and so is every custom field but "netbox".
CREATE FUNCTION import_netbox_compare(target text, owner text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_object
		SELECT d.netbox_table, d.netbox_id, d.id, d.label, d.fields, NULL, d.reason, k.kind, k.target, step.step,
			coalesce(t.custom_fields, '{}') || mark.custom_fields,
			CASE
				WHEN t.id IS NULL THEN 'insert'
				WHEN to_jsonb(t) @> d.fields AND t.custom_fields -> 'netbox' = mark.custom_fields -> 'netbox' THEN 'unchanged'
				ELSE 'update'
			END,
			coalesce(to_jsonb(t) ->> 'name' <> d.fields ->> 'name', false),
			t.id IS NOT NULL AND to_jsonb(t) ->> %2$L IS DISTINCT FROM d.fields ->> %2$L
		FROM pg_temp.import_netbox_draft AS d
		JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
		JOIN pg_temp.import_netbox_source AS s USING (netbox_table, netbox_id)
		CROSS JOIN LATERAL (SELECT jsonb_build_object('netbox',
			jsonb_build_object('table', d.netbox_table, 'id', d.netbox_id)
			|| CASE WHEN k.target = 'cable' AND s.fields ? 'status'
				THEN jsonb_build_object('status', s.fields -> 'status') ELSE '{}' END
			|| CASE WHEN s.fields -> 'custom_field_data' <> '{}'
				THEN jsonb_build_object('custom_fields', s.fields -> 'custom_field_data') ELSE '{}' END)) AS mark (custom_fields)
		LEFT JOIN pg_temp.import_netbox_step AS step ON step.id = d.id
		LEFT JOIN powerpanel.%1$I AS t ON t.id = d.id
		WHERE k.target = %1$L$q$,
		target, owner);
END
$$;
COMMENT ON FUNCTION import_netbox_compare(text, text) IS
'Part of import_netbox: what is new, changed or unchanged since an earlier import';

CREATE FUNCTION import_netbox_find_gone(instance text, target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_gone (kind, netbox_table, netbox_id, id, label)
		SELECT k.kind, k.netbox_table, n.netbox_id, t.id,
			format('%%s "%%s"', replace(k.object_type, '_', ' '),
				coalesce(to_jsonb(t) ->> 'name', to_jsonb(t) ->> 'label', '#' || n.netbox_id))
		FROM powerpanel.%1$I AS t
		JOIN powerpanel.import_netbox_kinds() AS k
			ON k.target = %1$L AND k.netbox_table = t.custom_fields #>> '{netbox,table}'
		CROSS JOIN LATERAL (SELECT CASE
			WHEN t.custom_fields #>> '{netbox,id}' ~ '^\d{1,18}$' THEN (t.custom_fields #>> '{netbox,id}')::bigint
			END) AS n (netbox_id)
		WHERE t.id = powerpanel.import_netbox_id($1, k.netbox_table, n.netbox_id)
			AND NOT EXISTS (SELECT FROM pg_temp.import_netbox_draft AS d WHERE d.id = t.id)$q$,
		target)
		USING instance;
END
$$;
COMMENT ON FUNCTION import_netbox_find_gone(text, text) IS
'Part of import_netbox: what an earlier import brought and is gone from NetBox';

CREATE FUNCTION import_netbox_stage(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kind record;
BEGIN
	CREATE TEMPORARY TABLE import_netbox_draft (
		netbox_table text,
		netbox_id bigint,
		id uuid UNIQUE,
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects
		reason text,			-- why it cannot
		PRIMARY KEY (netbox_table, netbox_id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_step (
		id uuid PRIMARY KEY,
		step bigint
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_object (
		netbox_table text,
		netbox_id bigint,
		id uuid PRIMARY KEY,
		label text,
		fields jsonb,
		rule text,				-- that refused it
		reason text,			-- why it is left out
		kind integer,
		target text,			-- our table
		step bigint,			-- the order within the target
		custom_fields jsonb,
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_gone (
		kind integer,
		netbox_table text,
		netbox_id bigint,
		id uuid PRIMARY KEY,
		label text
	) ON COMMIT DROP;

	PERFORM powerpanel.import_netbox_stage_places(instance);
	PERFORM powerpanel.import_netbox_stage_devices(instance);
	PERFORM powerpanel.import_netbox_stage_feeds(instance);
	PERFORM powerpanel.import_netbox_stage_cables(instance);
	ANALYZE pg_temp.import_netbox_draft;
	INSERT INTO pg_temp.import_netbox_step SELECT s.id, s.step FROM powerpanel.import_netbox_steps() AS s;
	ANALYZE pg_temp.import_netbox_step;
	FOR kind IN
		SELECT k.target, min(k.owner) AS owner
		FROM powerpanel.import_netbox_kinds() AS k GROUP BY k.target
	LOOP
		PERFORM powerpanel.import_netbox_compare(kind.target, kind.owner);
		PERFORM powerpanel.import_netbox_find_gone(instance, kind.target);
	END LOOP;
	CREATE INDEX ON pg_temp.import_netbox_object (target, step);
	ANALYZE pg_temp.import_netbox_object, pg_temp.import_netbox_gone;
END
$$;
COMMENT ON FUNCTION import_netbox_stage(text) IS
'Part of import_netbox: makes objects of ours of the rows that were read, and compares them with the inventory';

-- Objects may have exchanged names, ends and places since the last import, and
-- no order of single updates would do that. So first every object lets go of
-- what is to change, and the writing of its row then brings the new value.
CREATE FUNCTION import_netbox_release()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kind record;
BEGIN
	-- A cable has nothing else to let go of than itself, and nothing refers to
	-- it; its custom fields are kept in import_netbox_object. NetBox makes a new
	-- cable whenever one is plugged elsewhere, so one of its that is gone makes
	-- way for the one that took its end.
	DELETE FROM powerpanel.cable AS c
	USING pg_temp.import_netbox_object AS o
	WHERE o.target = 'cable' AND o.rule IS NULL AND o.id = c.id
		AND NOT to_jsonb(c) @> (o.fields - 'label');
	DELETE FROM powerpanel.cable AS c
	WHERE c.id IN (SELECT g.id FROM pg_temp.import_netbox_gone AS g
			UNION ALL
			SELECT o.id FROM pg_temp.import_netbox_object AS o WHERE o.target = 'cable' AND o.fields IS NULL)
		AND EXISTS (SELECT FROM pg_temp.import_netbox_object AS o
			WHERE o.target = 'cable' AND o.rule IS NULL AND (
				(o.fields ->> 'power_port_id')::uuid = c.power_port_id
				OR (o.fields ->> 'power_feed_id')::uuid = c.power_feed_id
				OR (o.fields ->> 'power_outlet_id')::uuid = c.power_outlet_id));

	UPDATE powerpanel.power_outlet AS t SET power_port_id = NULL
	FROM pg_temp.import_netbox_object AS o
	WHERE o.target = 'power_outlet' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND t.power_port_id IS NOT NULL
		AND NOT to_jsonb(t) @> jsonb_build_object('device_id', o.fields -> 'device_id', 'power_port_id', o.fields -> 'power_port_id');

	IF EXISTS (SELECT FROM pg_temp.import_netbox_object AS o
		WHERE o.target IN ('location', 'rack', 'power_panel') AND o.moved AND o.rule IS NULL)
	THEN
		UPDATE powerpanel.power_feed AS t SET rack_id = NULL
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = t.id AND t.rack_id IS NOT NULL;
	END IF;

	FOR kind IN SELECT DISTINCT k.target FROM powerpanel.import_netbox_kinds() k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.import_netbox_object AS o
			WHERE o.target = %1$L AND o.rule IS NULL AND (o.renamed OR o.moved) AND o.id = t.id$q$,
			kind.target);
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_netbox_release() IS
'Part of import_netbox: lets objects of an earlier import let go of the names, ends and places that are to change';

CREATE FUNCTION import_netbox_write(target text, first_step bigint, last_step bigint)
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
	FROM (SELECT o.fields FROM pg_temp.import_netbox_object AS o
		WHERE o.target = import_netbox_write.target AND o.step >= first_step ORDER BY o.step LIMIT 1) AS any_object
	CROSS JOIN LATERAL jsonb_object_keys(any_object.fields) AS f;
	IF our_columns IS NULL THEN
		RETURN;
	END IF;
	-- a feed that is unchanged may have had to let go of its rack
	EXECUTE format($q$
		INSERT INTO powerpanel.%1$I AS t (id, custom_fields, %2$s)
		SELECT o.id, o.custom_fields, %3$s
		FROM pg_temp.import_netbox_object AS o
		CROSS JOIN LATERAL jsonb_populate_record(NULL::powerpanel.%1$I, o.fields) AS r
		WHERE o.target = %1$L AND o.rule IS NULL AND o.step BETWEEN $1 AND $2
			AND (o.action <> 'unchanged' OR o.target = 'power_feed')
		ORDER BY o.step
		ON CONFLICT (id) DO UPDATE SET (custom_fields, %2$s) = ROW (excluded.custom_fields, %5$s)
		WHERE (t.custom_fields, %4$s) IS DISTINCT FROM (excluded.custom_fields, %5$s)$q$,
		import_netbox_write.target, our_columns, read_values, old_values, new_values)
		USING first_step, last_step;
END
$$;
COMMENT ON FUNCTION import_netbox_write(text, bigint, bigint) IS
'Part of import_netbox: writes the objects of some steps into their table';

CREATE FUNCTION import_netbox_name_of(object uuid, target text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN coalesce(
		(SELECT format('%s (%s %s)', o.label, o.netbox_table, o.netbox_id)
		FROM pg_temp.import_netbox_object AS o WHERE o.id = object),
		(SELECT format('%s (%s %s), which is gone from NetBox since an earlier import,', g.label, g.netbox_table, g.netbox_id)
		FROM pg_temp.import_netbox_gone AS g WHERE g.id = object),
		format('a %s that does not come from this NetBox (id %s)', replace(target, '_', ' '), object));
END
$$;
COMMENT ON FUNCTION import_netbox_name_of(uuid, text) IS
'Part of import_netbox: an object of the inventory as messages call it';

-- PostgreSQL's own words for keys and checks name nothing but UUIDs, while the
-- rules in C speak of objects by name.
CREATE FUNCTION import_netbox_reason(object uuid, rule text, state text, message text, detail text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	o record;
	key record;
	other uuid;
	other_exists boolean;
BEGIN
	SELECT i.target, i.fields INTO o FROM pg_temp.import_netbox_object AS i WHERE i.id = object;
	SELECT c.contype, obj_description(c.oid, 'pg_constraint') AS description,
		array_agg(a.attname::text ORDER BY k.n) AS columns, f.oid::regclass AS refers_to, f.relname::text AS referred
	INTO key
	FROM pg_constraint AS c
	CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	LEFT JOIN pg_class AS f ON f.oid = c.confrelid
	WHERE c.conrelid = format('powerpanel.%I', o.target)::regclass AND c.conname = rule
	GROUP BY c.oid, c.contype, f.oid, f.relname;

	IF state = '23505' AND key.columns IS NOT NULL THEN
		-- columns that NetBox does not know are as they are in the row
		EXECUTE format($q$
			SELECT t.id
			FROM jsonb_populate_record((SELECT s FROM powerpanel.%1$I AS s WHERE s.id = $1), $2) AS r
			JOIN powerpanel.%1$I AS t ON t.id <> $1 AND %2$s$q$,
			o.target, (SELECT string_agg(format('t.%1$I IS NOT DISTINCT FROM r.%1$I', k), ' AND ') FROM unnest(key.columns) AS k))
			INTO other USING object, o.fields;
		IF other IS NOT NULL THEN
			RETURN format('%s has this %s here already', powerpanel.import_netbox_name_of(other, o.target),
				CASE WHEN 'name' = ANY (key.columns) THEN 'name' ELSE 'end' END);
		END IF;
	ELSIF state = '23503' AND key.columns IS NOT NULL AND key.referred <> 'feed_status' THEN
		other := o.fields ->> key.columns[cardinality(key.columns)];
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE t.id = $1)', key.refers_to) INTO other_exists USING other;
		IF other_exists THEN
			RETURN format('%s belongs to another device', powerpanel.import_netbox_name_of(other, key.referred));
		ELSIF EXISTS (SELECT FROM pg_temp.import_netbox_object AS i WHERE i.id = other) THEN
			RETURN format('it needs %s, which is left out', powerpanel.import_netbox_name_of(other, key.referred));
		END IF;
		RETURN format('it refers to a %s that is not in NetBox', replace(key.referred, '_', ' '));
	ELSIF key.contype = 'c' THEN
		RETURN format('%s (%s)', key.description, (
			SELECT string_agg(format('%s: %s', k, coalesce(quote_literal(o.fields ->> k), 'none')), ', ')
			FROM unnest(key.columns) AS k));
	END IF;
	RETURN concat_ws(' ', message || '.', nullif(detail, ''));
END
$$;
COMMENT ON FUNCTION import_netbox_reason(uuid, text, text, text, text) IS
'Part of import_netbox: what the error of a rule says, in the names of NetBox''s objects';

-- Writes all steps from first to last in one statement; where a rule refuses
-- that, the one half and then the other, down to the steps that are refused by
-- themselves. What goes through stays written. So the cost is that of one
-- statement where nothing is refused, and a few dozen for each object that is.
CREATE FUNCTION import_netbox_try(target text, first_step bigint, last_step bigint)
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
		PERFORM powerpanel.import_netbox_write(target, first_step, last_step);
		RETURN '[]';
	-- raise_exception is what triggers of the inventory's owner may raise
	EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception THEN
		GET STACKED DIAGNOSTICS
			state = RETURNED_SQLSTATE, refused_by = CONSTRAINT_NAME, null_column = COLUMN_NAME,
			message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF first_step < last_step THEN
		RETURN powerpanel.import_netbox_try(target, first_step, middle)
			|| powerpanel.import_netbox_try(target, middle + 1, last_step);
	END IF;
	IF state = '23502' THEN		-- not a named constraint before PostgreSQL 18, which calls it so
		refused_by := format('%s_%s_not_null', target, null_column);
	END IF;
	RETURN (
		SELECT jsonb_agg(jsonb_build_object(
			'id', o.id,
			'rule', coalesce(nullif(refused_by, ''), 'SQLSTATE ' || state),
			'reason', powerpanel.import_netbox_reason(o.id, refused_by, state, message, detail)))
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = import_netbox_try.target AND o.step = first_step AND o.rule IS NULL);
END
$$;
COMMENT ON FUNCTION import_netbox_try(text, bigint, bigint) IS
'Part of import_netbox: writes objects and returns those that a rule refuses, with the rule';

-- An object that is refused keeps what it had let go of, and others may be in
-- conflict with that; so all is undone and done again without the refused ones,
-- until nothing more is refused.
CREATE FUNCTION import_netbox_write_all()
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
			PERFORM powerpanel.import_netbox_release();
			FOR target IN
				SELECT o.target AS name, max(o.step) AS steps
				FROM pg_temp.import_netbox_object AS o
				WHERE o.step IS NOT NULL
				GROUP BY o.target ORDER BY min(o.kind)
			LOOP
				refused := refused || powerpanel.import_netbox_try(target.name, 1, target.steps);
			END LOOP;
			EXIT WHEN refused = '[]';
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		EXCEPTION WHEN SQLSTATE 'PPUND' THEN
			NULL;
		END;
		UPDATE pg_temp.import_netbox_object AS o SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (id uuid, rule text, reason text)
		WHERE r.id = o.id;
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_netbox_write_all() IS
'Part of import_netbox: writes all objects but those that a rule refuses, and marks these';

-- Which of the statuses that somebody added to NetBox mean power is for people
-- to say. Until then a feed of such a status carries none.
CREATE FUNCTION import_netbox_statuses()
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
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S'
		ON CONFLICT DO NOTHING
		RETURNING s.name)
	SELECT array_agg(a.name ORDER BY a.name) INTO added FROM a;
	RETURN coalesce(added, '{}');
END
$$;
COMMENT ON FUNCTION import_netbox_statuses() IS
'Part of import_netbox: adds the feed statuses that the inventory does not have, and returns them';

CREATE FUNCTION import_netbox_fail(schema_name name)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused bigint;
	objects bigint;
	list text;
BEGIN
	SELECT count(o.rule), count(*),
		string_agg(format('%s (%s %s): %s: %s', o.label, o.netbox_table, o.netbox_id, o.rule, o.reason), E'\n' ORDER BY o.kind, o.netbox_id)
			FILTER (WHERE o.rule IS NOT NULL)
	INTO refused, objects, list
	FROM pg_temp.import_netbox_object AS o;
	IF refused > 0 THEN
		RAISE EXCEPTION 'rules refuse % of the % objects of the NetBox in schema "%", and nothing was imported', refused, objects, schema_name
			USING ERRCODE = 'integrity_constraint_violation',
				DETAIL = list,
				HINT = 'Correct them in NetBox, or import the others with keep_going => true and have these listed in the result.';
	END IF;
END
$$;
COMMENT ON FUNCTION import_netbox_fail(name) IS
'Part of import_netbox: raises one error that names every refused object with its rule, if there is one';

CREATE FUNCTION import_netbox_details(kind integer)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - 'part') ORDER BY d.part, d.id), '[]')
		FROM (
			SELECT 1 AS part, o.netbox_id AS id, o.netbox_table AS "table", o.label AS object, NULL::bigint AS objects, o.rule,
				coalesce(o.reason, 'it is no power cable any more') || CASE
					WHEN o.action = 'insert' THEN ''
					WHEN o.target = 'cable' AND NOT EXISTS (SELECT FROM powerpanel.cable AS c WHERE c.id = o.id)
						THEN '; removed here, as another cable has its end now'
					ELSE '; it stays as an earlier import left it'
				END AS reason
			FROM pg_temp.import_netbox_object AS o
			WHERE o.kind = import_netbox_details.kind AND (o.reason IS NOT NULL OR (o.fields IS NULL AND o.action <> 'insert'))
			UNION ALL
			SELECT 2, NULL, 'dcim_cable', NULL, count(*), NULL,
				'they are not power cables: no end at a power feed, power outlet or power port'
			FROM pg_temp.import_netbox_object AS o
			WHERE o.kind = import_netbox_details.kind AND o.fields IS NULL AND o.reason IS NULL AND o.action = 'insert'
			HAVING count(*) > 0
			UNION ALL
			SELECT 3, g.netbox_id, g.netbox_table, g.label, NULL, NULL,
				CASE WHEN g.netbox_table = 'dcim_cable' AND NOT EXISTS (SELECT FROM powerpanel.cable AS c WHERE c.id = g.id)
					THEN 'gone from NetBox since an earlier import; removed here, as another cable has its end now'
					ELSE 'gone from NetBox since an earlier import; left here' END
			FROM pg_temp.import_netbox_gone AS g
			WHERE g.kind = import_netbox_details.kind) AS d);
END
$$;
COMMENT ON FUNCTION import_netbox_details(integer) IS
'Part of import_netbox: every object of one kind that was left out or is gone, with the rule or reason';

CREATE FUNCTION import_netbox_report(added_statuses text[],
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT k.object_type, c.objects_read, c.taken, c.inserted, c.updated, c.unchanged, c.objects_read - c.taken,
		(SELECT count(*) FROM pg_temp.import_netbox_gone AS g WHERE g.kind = k.kind),
		powerpanel.import_netbox_details(k.kind)
	FROM powerpanel.import_netbox_kinds() AS k
	CROSS JOIN LATERAL (
		SELECT count(*) AS objects_read,
			count(*) FILTER (WHERE o.taken) AS taken,
			count(*) FILTER (WHERE o.taken AND o.action = 'insert') AS inserted,
			count(*) FILTER (WHERE o.taken AND o.action = 'update') AS updated,
			count(*) FILTER (WHERE o.taken AND o.action = 'unchanged') AS unchanged
		FROM (SELECT i.action, i.fields IS NOT NULL AND i.rule IS NULL AS taken
			FROM pg_temp.import_netbox_object AS i WHERE i.kind = k.kind) AS o) AS c
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
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S') AS s;
END
$$;
COMMENT ON FUNCTION import_netbox_report(text[]) IS
'Part of import_netbox: what it returns';

-- The default is an expression rather than a constant, which would make the
-- extension depend on the schema public, or fail to install where that is gone.
CREATE FUNCTION import_netbox(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name CONSTANT name := powerpanel.import_netbox_check(source);
	instance CONSTANT text := powerpanel.import_netbox_instance(schema_name);
	own_constraints text;
	added_statuses text[];
BEGIN
	PERFORM powerpanel.import_netbox_read(schema_name);
	PERFORM powerpanel.import_netbox_stage(instance);
	-- a rule that waits for the end of the transaction would refuse it as a
	-- whole, and name no object
	SELECT string_agg(format('powerpanel.%I', c.conname), ', ') INTO own_constraints
	FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
	WHERE n.nspname = 'powerpanel' AND c.condeferrable;
	IF own_constraints IS NOT NULL THEN
		EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', own_constraints);
	END IF;
	added_statuses := powerpanel.import_netbox_statuses();
	PERFORM powerpanel.import_netbox_write_all();
	IF keep_going IS NOT TRUE THEN
		PERFORM powerpanel.import_netbox_fail(schema_name);
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.import_netbox_report(added_statuses);
	-- so that one transaction can import twice
	DROP TABLE pg_temp.import_netbox_source, pg_temp.import_netbox_end, pg_temp.import_netbox_draft, pg_temp.import_netbox_step,
		pg_temp.import_netbox_object, pg_temp.import_netbox_gone;
END
$$;
COMMENT ON FUNCTION import_netbox(regnamespace, boolean) IS
'Fills the inventory from the tables of a NetBox (3.3 to 4.2) that lie in a schema of this database; run again, it updates what it brought.

Reads regions, sites and locations (which become one tree of locations: region > site > location), racks, devices, power panels, power feeds, power ports, power outlets and cables. Site groups, tenants, roles and network objects are not read. A device without a name gets the one that NetBox shows. Of the cables it takes those that join a power feed or power outlet, at either side, to one power port.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought are gone from NetBox, and details, a JSON array that accounts for each one left out or gone: table and id in NetBox, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. A feed status that the inventory lacks is added, as not energized, and reported. What is gone from NetBox stays, except a cable whose end another cable of NetBox has now.

An object of NetBox has a key that is always the same, made of the moment NetBox''s database was set up, the table and the id; these two are kept in custom_fields under "netbox", with NetBox''s own custom fields and the status of a cable. A second import writes only the columns that NetBox has and that key of custom_fields, so breaker positions, panel types, destination panels and the like stay.

Raises 22023 where the schema holds no NetBox, an older one or not all of its tables. It makes the deferrable rules of the inventory immediate in the current transaction. Where NetBox is at work meanwhile, run it in a REPEATABLE READ transaction';
