-- The import of a Nautobot database that lies in this database: what is read,
-- and which objects of ours it makes. The rest is in import.sql and the files it names.
--
-- Nautobot's keys are random UUIDs as ours are, so an object keeps the one it
-- has. Whoever knows an object of Nautobot finds it here by the same id, a
-- second import finds what the first one brought, and a copy of a Nautobot is
-- that Nautobot.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- are the columns within whose values a name is unique, "columns" those that
-- Nautobot knows: they are compared, and written.
CREATE FUNCTION powerpanel_internal.import_nautobot_kinds(schema_name name,
	OUT kind integer, OUT object_type text, OUT nautobot_table text, OUT target text, OUT draft text, OUT owner text[], OUT columns text[])
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'location', 'dcim_location', 'location', 'places', '{parent_id}'::text[], '{name,parent_id}'::text[]),
		(2, 'rack_group', 'dcim_rackgroup', 'rack_group', 'places', '{location_id}', '{name,location_id}'),
		(3, 'rack', 'dcim_rack', 'rack', 'places', '{location_id,rack_group_id}', '{name,location_id,rack_group_id}'),
		(4, 'device', 'dcim_device', 'device', 'devices', NULL, '{name,rack_id}'),
		(5, 'power_panel', 'dcim_powerpanel', 'power_panel', 'places', '{location_id}',
			'{name,location_id,rack_group_id,panel_type,circuit_positions,power_path}'),
		(6, 'power_feed', 'dcim_powerfeed', 'power_feed', 'feeds', '{power_panel_id}',
			'{name,power_panel_id,destination_panel_id,rack_id,status,type,power_path,supply,phase,voltage,amperage,max_utilization,breaker_position,breaker_pole_count,comments}'),
		(7, 'power_port', 'dcim_powerport', 'power_port', 'components', '{device_id}', '{name,device_id,maximum_draw,allocated_draw,power_factor}'),
		(8, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'components', '{device_id}', '{name,device_id,power_port_id,feed_leg}'),
		(9, 'cable', 'dcim_cable', 'cable', 'cables', NULL, '{power_feed_id,power_outlet_id,power_port_id,label}')) AS kinds;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_kinds(name) IS
'Part of import_nautobot: the kinds of object that it takes, Nautobot''s table and ours for each, and which columns of ours Nautobot knows';

-- All columns that are read by name, but for those of the cables' ends. "since"
-- is the version that a column came with, where that decides whether a Nautobot
-- can be read at all. "must" is false for what only names are taken from;
-- "kept" are the tables whose rows have an id by which others refer to them.
CREATE FUNCTION powerpanel_internal.import_nautobot_columns(
	OUT nautobot_table text, OUT columns text[], OUT since text, OUT must boolean, OUT kept boolean)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('dcim_location', '{id,name,parent_id,location_type_id,_custom_field_data}'::text[], NULL, true, true),
		('dcim_rackgroup', '{id,name,parent_id,location_id,_custom_field_data}', NULL, true, true),
		('dcim_rack', '{id,name,location_id,rack_group_id,_custom_field_data}', NULL, true, true),
		('dcim_device', '{id,name,rack_id,device_type_id,virtual_chassis_id,vc_position,_custom_field_data}', NULL, true, true),
		('dcim_module', '{id,parent_module_bay_id}', NULL, true, true),
		('dcim_modulebay', '{id,name,parent_device_id,parent_module_id}', NULL, true, true),
		('dcim_powerpanel', '{id,name,location_id,rack_group_id,_custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{panel_type,breaker_position_count,power_path}', '2.4.15', true, true),
		('dcim_powerfeed', '{id,name,power_panel_id,rack_id,status_id,type,supply,phase,voltage,amperage,max_utilization,comments,_custom_field_data}', NULL, true, true),
		('dcim_powerfeed', '{destination_panel_id,power_path,breaker_position,breaker_pole_count}', '2.4.15', true, true),
		('dcim_powerport', '{id,name,device_id,module_id,maximum_draw,allocated_draw,_custom_field_data}', NULL, true, true),
		('dcim_powerport', '{power_factor}', '2.4.15', true, true),
		('dcim_poweroutlet', '{id,name,device_id,module_id,power_port_id,feed_leg,_custom_field_data}', NULL, true, true),
		('dcim_cable', '{id,label,status_id,_custom_field_data}', NULL, true, true),
		('extras_status', '{id,name}', NULL, true, true),
		('dcim_devicetype', '{id,manufacturer_id,model}', NULL, false, true),
		('dcim_manufacturer', '{id,name}', NULL, false, true),
		('dcim_virtualchassis', '{id,name}', NULL, false, true),
		('dcim_locationtype', '{id,name}', NULL, false, true),
		('django_content_type', '{id,app_label,model}', NULL, true, false),
		('django_migrations', '{app,name,applied}', NULL, false, false)) AS c;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_columns() IS
'Part of import_nautobot: the tables and columns that it reads, and the version that they came with where it needs at least that';

CREATE FUNCTION powerpanel_internal.import_nautobot_check_version(schema_name name)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	older text;
	unknown text;
BEGIN
	SELECT string_agg(format('%s.%s', c.nautobot_table, a), ', ') FILTER (WHERE c.since IS NOT NULL),
		string_agg(format('%s.%s', c.nautobot_table, a), ', ')
	INTO older, unknown
	FROM powerpanel_internal.import_nautobot_columns() AS c,
		unnest(powerpanel_internal.import_missing(schema_name, c.nautobot_table, c.columns)) AS a
	WHERE powerpanel_internal.import_table(schema_name, c.nautobot_table) IS NOT NULL;
	IF older IS NOT NULL THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is older than version 2.4.15', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s, which came with version 2.4.15.', older),
				HINT = 'Upgrade that Nautobot to version 2.4.15 or later before the import.';
	END IF;
	-- up to 3.1 a cable has two ends, each given by content type and id; from 3.2
	-- on each end is a row of a table of its own, and there can be any number
	IF powerpanel_internal.import_missing(schema_name, 'dcim_cable', '{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}') <> '{}'
		AND powerpanel_internal.import_missing(schema_name, 'dcim_cabletocabletermination', '{cable_id,cable_end,power_feed_id,power_outlet_id,power_port_id}') <> '{}'
		AND powerpanel_internal.import_table(schema_name, 'dcim_cable') IS NOT NULL
	THEN
		unknown := concat_ws(', ', unknown, 'dcim_cable.termination_a_id');
	END IF;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is of a version that this import does not know', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s.', unknown),
				HINT = 'Known are the tables of Nautobot 2.4.15 and later, and of 3.0 to 3.2.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_check_version(name) IS
'Part of import_nautobot: raises 22023 where Nautobot''s tables lack a column that is read';

CREATE FUNCTION powerpanel_internal.import_nautobot_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	missing text[];
	hint CONSTANT text := 'Give the schema that holds the tables of a Nautobot of version 2.4.15 or later, as in import_nautobot(''nautobot'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN		-- a number that is no schema's
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT DISTINCT c.nautobot_table FROM powerpanel_internal.import_nautobot_columns() AS c
		WHERE c.must AND powerpanel_internal.import_table(schema_name, c.nautobot_table) IS NULL
		ORDER BY 1);
	IF 'extras_status' = ANY (missing) AND to_regclass(format('%I.dcim_site', schema_name)) IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" holds a NetBox, not a Nautobot', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Import it by import_netbox(%L).', schema_name);
	ELSIF missing && '{dcim_powerpanel,dcim_powerfeed}' AND missing @> '{extras_status}' THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	PERFORM powerpanel_internal.import_nautobot_check_version(schema_name);
	IF missing <> '{}' THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	PERFORM powerpanel_internal.import_source_keys(schema_name, ARRAY(
		SELECT DISTINCT c.nautobot_table FROM powerpanel_internal.import_nautobot_columns() AS c WHERE c.kept ORDER BY 1));
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_check(regnamespace) IS
'Part of import_nautobot: the name of the schema, or 22023 where it holds no Nautobot that can be read';

-- Up to 3.1, cables have columns for their ends.
CREATE FUNCTION powerpanel_internal.import_nautobot_columns_of(schema_name name, nautobot_table text)
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM powerpanel_internal.import_nautobot_columns() AS k, unnest(k.columns) AS c
		WHERE k.nautobot_table = import_nautobot_columns_of.nautobot_table)
		|| CASE WHEN nautobot_table = 'dcim_cable'
				AND powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination') IS NULL
			THEN '{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}'::text[] ELSE '{}' END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_columns_of(name, text) IS
'Part of import_nautobot: all columns of a table of Nautobot that are read';

CREATE FUNCTION powerpanel_internal.import_nautobot_rows(schema_name name, nautobot_table text)
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.import_rows(schema_name, nautobot_table,
		powerpanel_internal.import_nautobot_columns_of(schema_name, nautobot_table)) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_rows(name, text) IS
'Part of import_nautobot: the rows of a table of Nautobot, with all columns that are read';

CREATE FUNCTION powerpanel_internal.import_nautobot_types(schema_name name)
RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_object_agg(t ->> 'id', concat(t ->> 'app_label', '_', t ->> 'model'))
	FROM powerpanel_internal.import_rows(schema_name, 'django_content_type', '{id,app_label,model}') AS t;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_types(name) IS
'Part of import_nautobot: the content types, such as dcim_powerport, by their ids';

-- Up to 3.1 a cable has one end at each side. Nearly all that carry power join a
-- feed or an outlet to a power port; only the ends of the others have to be counted.
CREATE FUNCTION powerpanel_internal.import_nautobot_power_source(a text, b text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN b = 'dcim_powerport' AND a IN ('dcim_powerfeed', 'dcim_poweroutlet') THEN a
			WHEN a = 'dcim_powerport' AND b IN ('dcim_powerfeed', 'dcim_poweroutlet') THEN b
		END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_power_source(text, text) IS
'Part of import_nautobot: of a cable whose two ends are at these tables, the one that power comes from, where the other is that of power ports; else NULL';

CREATE FUNCTION powerpanel_internal.import_nautobot_ends(schema_name name, instance text,
	OUT cable_id jsonb, OUT cable_end text, OUT source_table text, OUT source_id jsonb, OUT id text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	types jsonb;
BEGIN
	IF powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination') IS NOT NULL THEN
		-- power_feed_id refers to dcim_powerfeed, and so on for whatever has an end
		RETURN QUERY
		SELECT e -> 'cable_id', e ->> 'cable_end', 'dcim_' || replace(left(f.key, -3), '_', ''), to_jsonb(f.value), f.value
		FROM powerpanel_internal.import_rows(schema_name, 'dcim_cabletocabletermination', ARRAY(
			SELECT a.attname::text FROM pg_attribute AS a
			WHERE a.attrelid = powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination')
				AND a.attnum > 0 AND NOT a.attisdropped
				AND (a.attname LIKE '%\_id' OR a.attname = 'cable_end') AND a.attname <> '_termination_device_id')) AS e
		CROSS JOIN LATERAL jsonb_each_text(e) AS f
		WHERE f.key NOT IN ('cable_id', 'cable_end') AND f.value IS NOT NULL;
	ELSE
		types := powerpanel_internal.import_nautobot_types(schema_name);
		RETURN QUERY
		SELECT c -> 'id', e.cable_end, coalesce(types ->> e.type_id, '_'), e.id, e.id #>> '{}'
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_cable') AS c
		CROSS JOIN LATERAL (VALUES
			('A', c ->> 'termination_a_type_id', c -> 'termination_a_id'),
			('B', c ->> 'termination_b_type_id', c -> 'termination_b_id')) AS e (cable_end, type_id, id)
		WHERE powerpanel_internal.import_nautobot_power_source(
			types ->> (c ->> 'termination_a_type_id'), types ->> (c ->> 'termination_b_type_id')) IS NULL;
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_ends(name, text) IS
'Part of import_nautobot: where cables end: the cable, A or B, and table, id and key of what is there; up to 3.1 of those alone for which import_nautobot_power_source() knows nothing';

CREATE FUNCTION powerpanel_internal.import_nautobot_names(schema_name name, nautobot_table text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce(jsonb_object_agg(r ->> 'id', jsonb_build_object(
		CASE nautobot_table WHEN 'extras_status' THEN 'status' ELSE 'location_type' END, r -> 'name')), '{}')
	FROM powerpanel_internal.import_rows(schema_name, nautobot_table, '{id,name}') AS r
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_names(name, text) IS
'Part of import_nautobot: of each status or type of location, by its id, what custom_fields keep of it';

-- An object of Nautobot is kept in custom_fields with Nautobot's own custom
-- fields; a location with its type, a rack group with the group that it is part
-- of, and a cable with its status.
CREATE FUNCTION powerpanel_internal.import_nautobot_mark(nautobot_table text, instance text, fields jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_object(ARRAY['table', nautobot_table, 'id', fields ->> 'id', 'instance', instance])
		|| CASE WHEN fields -> '_custom_field_data' <> '{}'
			THEN jsonb_build_object('custom_fields', fields -> '_custom_field_data') ELSE '{}' END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_mark(text, text, jsonb) IS
'Part of import_nautobot: what custom_fields keep of every object';

-- The drafts: what objects of ours the rows of a table of Nautobot make. "label" is
-- how messages call the object, "mark" is kept in custom_fields, "fields" are our
-- columns, or NULL where it cannot be one of our objects, "reason" is why it cannot.
CREATE FUNCTION powerpanel_internal.import_nautobot_draft_places(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	nautobot_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
	container CONSTANT text := CASE our_table WHEN 'location' THEN 'parent_id' ELSE 'location_id' END;
	types CONSTANT jsonb := powerpanel_internal.import_nautobot_names(schema_name, 'dcim_locationtype');
BEGIN
	RETURN QUERY
	SELECT nautobot_table, s -> 'id', (s ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark(nautobot_table, instance, s)
		|| CASE our_table
			WHEN 'location' THEN coalesce(types -> (s ->> 'location_type_id'), '{}')
			WHEN 'rack_group' THEN CASE WHEN s ->> 'parent_id' IS NOT NULL
				THEN jsonb_build_object('parent_id', s -> 'parent_id') ELSE '{}' END
			ELSE '{}'
		END,
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name') || coalesce(' of location "' || (location ->> 'name') || '"', ''),
		jsonb_build_object('name', s -> 'name', container, s -> container)
		|| CASE WHEN our_table IN ('rack', 'power_panel')
			THEN jsonb_build_object('rack_group_id', s -> 'rack_group_id') ELSE '{}' END
		|| CASE WHEN our_table = 'power_panel'
			THEN jsonb_build_object(
				'panel_type', nullif(s ->> 'panel_type', ''),
				'circuit_positions', s -> 'breaker_position_count',
				'power_path', nullif(s ->> 'power_path', '')) ELSE '{}' END,
		NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, nautobot_table) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_location', '{id,name}') AS location
		ON location -> 'id' = s -> container;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_places(name, text, text) IS
'Part of import_nautobot: locations, rack groups, racks and power panels. Numbering and bus of a panel are not Nautobot''s, so a new one has our defaults, which are what Nautobot reckons with (across, three-phase), and a later import leaves them alone';

-- Modules sit in bays of devices or of other modules. From the devices down, so
-- that modules that sit in each other are not followed round and round.
CREATE FUNCTION powerpanel_internal.import_nautobot_modules(schema_name name, OUT module_id uuid, OUT device_id uuid, OUT bay text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE slot AS (
		SELECT (m ->> 'id')::uuid AS module, b ->> 'name' AS name,
			(b ->> 'parent_device_id')::uuid AS of_device, (b ->> 'parent_module_id')::uuid AS of_module
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_modulebay') AS b
		JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_module') AS m
			ON m -> 'parent_module_bay_id' = b -> 'id'
	), tree (module, device, bay) AS (
		SELECT s.module, s.of_device, s.name FROM slot AS s WHERE s.of_module IS NULL
		UNION ALL
		SELECT s.module, t.device, t.bay || ' > ' || s.name FROM tree AS t JOIN slot AS s ON s.of_module = t.module
	)
	SELECT t.module, t.device, t.bay FROM tree AS t WHERE t.device IS NOT NULL;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_modules(name) IS
'Part of import_nautobot: the modules that sit in devices, the device of each, and the bays that lead to it';

-- A port or outlet of a module is one of the device that the module sits in. Two
-- modules may each have a "PSU"; then the bay tells which.
CREATE FUNCTION powerpanel_internal.import_nautobot_draft_components(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	nautobot_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	WITH module AS MATERIALIZED (
		SELECT m.module_id, m.device_id, m.bay FROM powerpanel_internal.import_nautobot_modules(schema_name) AS m
	), component AS NOT MATERIALIZED (
		SELECT p AS fields, m.bay, p ->> 'name' AS name,
			-- from 3.2 on, the device is told of components of modules too
			coalesce((p ->> 'device_id')::uuid, m.device_id) AS device_id
		FROM powerpanel_internal.import_nautobot_rows(schema_name, nautobot_table) AS p
		LEFT JOIN module AS m ON m.module_id = (p ->> 'module_id')::uuid
		OFFSET 0		-- so that these are worked out once
	), namesake AS (
		SELECT c.device_id, c.name
		FROM component AS c
		WHERE EXISTS (SELECT FROM module)		-- else they are not read for this
			AND c.device_id IN (SELECT m.device_id FROM module AS m)
		GROUP BY c.device_id, c.name HAVING count(*) > 1
	)
	SELECT nautobot_table, s.fields -> 'id', (s.fields ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark(nautobot_table, instance, s.fields),
		format('%s "%s"%s', replace(our_table, '_', ' '), n.name, ' of ' || d.label),
		-- the other columns are called as ours are
		CASE WHEN s.device_id IS NOT NULL THEN s.fields - '{id,module_id,_custom_field_data}'::text[]
			|| CASE WHEN s.bay IS NOT NULL THEN jsonb_build_object('name', n.name, 'device_id', s.device_id) ELSE '{}' END
			|| CASE WHEN s.fields ->> 'feed_leg' = '' THEN '{"feed_leg": null}'::jsonb ELSE '{}' END
		END,
		CASE WHEN s.device_id IS NULL THEN 'it belongs to a module that is in no device' END
	FROM component AS s
	LEFT JOIN namesake AS o USING (device_id, name)
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = s.device_id
	CROSS JOIN LATERAL (SELECT CASE
			WHEN o.name IS NOT NULL AND s.bay IS NOT NULL THEN format('%s: %s', s.bay, s.name)
			ELSE s.name
		END) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_components(name, text, text) IS
'Part of import_nautobot: power ports or outlets of devices and of the modules in them';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_devices(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_device', d -> 'id', (d ->> 'id')::uuid, powerpanel_internal.import_nautobot_mark('dcim_device', instance, d),
		format('device "%s"', n.name), jsonb_build_object('name', n.name, 'rack_id', d -> 'rack_id'), NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_device') AS d
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_devicetype') AS t ON t -> 'id' = d -> 'device_type_id'
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_manufacturer') AS m ON m -> 'id' = t -> 'manufacturer_id'
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_virtualchassis') AS v ON v -> 'id' = d -> 'virtual_chassis_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_device_name(d, t, m, v, d ->> 'id')) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_devices(name, text, text) IS
'Part of import_nautobot: devices';

-- Nautobot's own statuses are ours with a capital letter, so that the case does
-- not count; but where we have both "Spare" and "spare", it does.
CREATE FUNCTION powerpanel_internal.import_nautobot_status(name text)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce((
		SELECT s.name FROM powerpanel.feed_status AS s
		WHERE lower(s.name) = lower(import_nautobot_status.name)
		ORDER BY s.name <> import_nautobot_status.name, s.name LIMIT 1), import_nautobot_status.name);
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_status(text) IS
'Part of import_nautobot: the feed status that a status of Nautobot is; its own name where the inventory has none of that name, whatever the case';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_feeds(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH status AS MATERIALIZED (		-- so that ours is looked up once for each
		SELECT r -> 'id' AS id, powerpanel_internal.import_nautobot_status(r ->> 'name') AS name
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'extras_status') AS r
	)
	SELECT 'dcim_powerfeed', s -> 'id', (s ->> 'id')::uuid, powerpanel_internal.import_nautobot_mark('dcim_powerfeed', instance, s),
		format('power feed "%s"', s ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s -> 'name',
			'power_panel_id', s -> 'power_panel_id',
			'destination_panel_id', s -> 'destination_panel_id',
			'rack_id', s -> 'rack_id',
			'status', st.name,
			'type', s -> 'type',
			'power_path', nullif(s ->> 'power_path', ''),
			'supply', s -> 'supply',
			'phase', s -> 'phase',
			'voltage', s -> 'voltage',
			'amperage', s -> 'amperage',
			'max_utilization', s -> 'max_utilization',
			'breaker_position', s -> 'breaker_position',
			-- as both of us have it of a breaker whose poles nobody gave
			'breaker_pole_count', coalesce(s ->> 'breaker_pole_count',
				CASE WHEN s ->> 'breaker_position' IS NOT NULL THEN '1' END)::integer,
			'comments', nullif(s ->> 'comments', '')), NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_powerfeed') AS s
	LEFT JOIN status AS st ON st.id = s -> 'status_id'
	LEFT JOIN pg_temp.powerpanel_object AS p ON p.target = 'power_panel' AND p.source_id = s -> 'power_panel_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_feeds(name, text, text) IS
'Part of import_nautobot: power feeds';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_cables(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	statuses CONSTANT jsonb := powerpanel_internal.import_nautobot_names(schema_name, 'extras_status');
	types CONSTANT jsonb := powerpanel_internal.import_nautobot_types(schema_name);
BEGIN
	RETURN QUERY
	SELECT 'dcim_cable', s.fields -> 'id', (s.fields ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark('dcim_cable', instance, s.fields)
			|| coalesce(statuses -> (s.fields ->> 'status_id'), '{}'),
		powerpanel_internal.import_cable_label(s.fields),
		CASE
			WHEN s.power_source IS NOT NULL THEN jsonb_object(ARRAY[
				'power_feed_id', CASE s.power_source WHEN 'dcim_powerfeed' THEN s.power_source_id END,
				'power_outlet_id', CASE s.power_source WHEN 'dcim_poweroutlet' THEN s.power_source_id END,
				'power_port_id', s.power_port_id,
				'label', nullif(s.fields ->> 'label', '')])
			WHEN e.power THEN jsonb_object(ARRAY[
				'power_feed_id', e.power_feed_id,
				'power_outlet_id', e.power_outlet_id,
				'power_port_id', e.power_port_id,
				'label', nullif(s.fields ->> 'label', '')])
		END,
		CASE WHEN s.power_source IS NULL AND e.cable_id IS NULL THEN 'it has no ends' ELSE e.reason END
	FROM (
		SELECT c AS fields, powerpanel_internal.import_nautobot_power_source(t.a, t.b) AS power_source,
			CASE t.b WHEN 'dcim_powerport' THEN c ->> 'termination_a_id' ELSE c ->> 'termination_b_id' END AS power_source_id,
			CASE t.b WHEN 'dcim_powerport' THEN c ->> 'termination_b_id' ELSE c ->> 'termination_a_id' END AS power_port_id
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_cable') AS c
		CROSS JOIN LATERAL (
			SELECT types ->> (c ->> 'termination_a_type_id'), types ->> (c ->> 'termination_b_type_id')) AS t (a, b)
		OFFSET 0) AS s		-- so that these are worked out once
	LEFT JOIN powerpanel_internal.import_cable_ends('nautobot', schema_name, instance) AS e ON e.cable_id = s.fields -> 'id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_cables(name, text, text) IS
'Part of import_nautobot: cables';

CREATE FUNCTION powerpanel_internal.import_nautobot_others(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM pg_temp.powerpanel_vanished AS v
	WHERE v.mark ->> 'instance' IS DISTINCT FROM instance
		OR powerpanel_internal.import_uuid_digits(v.mark ->> 'id') IS DISTINCT FROM powerpanel_internal.import_uuid_digits(v.id::text);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_others(text) IS
'Part of import_nautobot: what another Nautobot brought has not vanished from this one';

-- The default is an expression for the same reason as that of import_netbox.
CREATE FUNCTION import_nautobot(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	assign_outlets boolean DEFAULT false, delete_vanished boolean DEFAULT false, dry_run boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT * FROM powerpanel_internal.import_run('nautobot', 'Nautobot', source,
		keep_going, assign_outlets, delete_vanished, dry_run);
END
$$;
COMMENT ON FUNCTION import_nautobot(regnamespace, boolean, boolean, boolean, boolean) IS
'Fills the inventory from the tables of a Nautobot (2.4.15 and later, and 3.0 to 3.2) that lie in a schema of this database; run again, it updates what it brought.

Reads locations (one tree, as in Nautobot), rack groups, racks, devices, power panels, power feeds with their breaker positions and destination panels, power ports with their power factors, power outlets and cables. Tenants, roles, tags and network objects are not read. A device without a name gets the one that Nautobot shows. A power port or outlet of a module is one of the device that the module sits in; where another of that device has the same name, the bay stands before it ("Slot 1: PSU"). Of the cables it takes those that join a power feed or power outlet, at either side, to one power port. A status is the feed status of the same name, whatever the case. Numbering and bus of a panel are not in Nautobot: a new panel is numbered across and has a three-phase bus, as Nautobot reckons, and what you change of that stays.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought have vanished from Nautobot (vanished), how many were deleted here (deleted), and details, a JSON array that accounts for each one left out or vanished: table and id in Nautobot, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry. So are power ports without an allocated draw: until they get one, powerpanel.load_basis = ''maximum'' reckons with their maximum draw.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. With assign_outlets, an outlet that names no power port gets the only one of its device, where that has no more than one; details tell of which devices, and the next import, with or without it, decides anew. A feed status that the inventory lacks is added, as not energized, and reported.

What has vanished from Nautobot is told and stays, except a cable whose end another cable of Nautobot has now, or whose power feed goes to a panel now. With delete_vanished it is deleted after all else is written, and with a device its ports, banks, outlets and cables, also those that Nautobot knows nothing of; details name them. What the inventory still needs is kept, and counts as refused, with the key and the name of what needs it; so is what a policy or a trigger of yours keeps. A cable that is plugged elsewhere is taken away and written again; where a table of yours refers to cables, it keeps its row instead, and cables that exchange their ends are refused.

With dry_run nothing is changed, and the report is what the import would say; an error that the import would raise is raised. It is the whole import in a subtransaction that is rolled back, so it needs the same rights, and while it runs it locks what it writes as the import does, so others who write the same rows wait; when it is done it holds no lock, and leaves dead rows for VACUUM.

An object has the same id here as in Nautobot. Its custom_fields keep under "nautobot" the table and the id, the moment Nautobot''s database was set up (instance), Nautobot''s own custom fields, the type of a location, the parent of a rack group (ours are no tree) and the status of a cable. A second import writes only the columns that Nautobot has and that key of custom_fields. So what Nautobot cannot know stays: of a panel its numbering, bus, voltage, main breaker, max_utilization and comments, of a feed its receptacles and connected load, the power limit of a rack, the needed ports of a device, banks, alternate power ports, and which statuses are energized. An outlet that has a bank or an alternate power port here keeps its power port where Nautobot names none.

Raises 22004 where an argument is NULL, 22023 where the schema holds no Nautobot, an older one, one whose tables are not as this import knows them, or not all of its tables, or rows without a key or with one key; 23505 where two ids that are texts are one UUID, such as in capital and in small letters; 42501 to one who may not read all of their rows, 42809 where one of them is no ordinary table. It runs no code of the tables'' owner. It makes the deferrable rules of the inventory immediate in the current transaction, and waits for another import that is under way. Where Nautobot is at work meanwhile, run it in a REPEATABLE READ transaction';
