-- The import of a NetBox database that lies in this database: what is read, and
-- which objects of ours it makes. The rest is in import.sql and the files it names.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- is the column within whose values a name is unique, "columns" are those that
-- NetBox knows: they are compared, and written.
CREATE FUNCTION powerpanel_internal.import_netbox_kinds(schema_name name,
	OUT kind integer, OUT object_type text, OUT netbox_table text, OUT target text, OUT draft text, OUT owner text[], OUT columns text[])
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'region', 'dcim_region', 'location', 'locations', '{parent_id}'::text[], '{name,parent_id}'::text[]),
		(2, 'site', 'dcim_site', 'location', 'locations', '{parent_id}', '{name,parent_id}'),
		(3, 'location', 'dcim_location', 'location', 'locations', '{parent_id}', '{name,parent_id}'),
		(4, 'rack', 'dcim_rack', 'rack', 'places', '{location_id}', '{name,location_id}'),
		(5, 'device', 'dcim_device', 'device', 'devices', NULL, '{name,rack_id}'),
		(6, 'power_panel', 'dcim_powerpanel', 'power_panel', 'places', '{location_id}',
			-- comments came with 3.4
			'{name,location_id}'::text[] || CASE WHEN powerpanel_internal.import_missing(schema_name, 'dcim_powerpanel', '{comments}') = '{}'
				THEN '{comments}'::text[] ELSE '{}' END),
		(7, 'power_feed', 'dcim_powerfeed', 'power_feed', 'feeds', '{power_panel_id}',
			'{name,power_panel_id,rack_id,status,type,supply,phase,voltage,amperage,max_utilization,comments}'),
		(8, 'power_port', 'dcim_powerport', 'power_port', 'components', '{device_id}', '{name,device_id,maximum_draw,allocated_draw}'),
		(9, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'components', '{device_id}', '{name,device_id,power_port_id,feed_leg}'),
		(10, 'cable', 'dcim_cable', 'cable', 'cables', NULL, '{power_feed_id,power_outlet_id,power_port_id,label}')) AS kinds;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_kinds(name) IS
'Part of import_netbox: the kinds of object that it takes, NetBox''s table and ours for each, and which columns of ours NetBox knows';

-- A hash rather than a random key is what makes a second import find what the
-- first one brought. sha256, since md5 is not to be had where FIPS is enforced;
-- with the marks of a UUID of version 8 (RFC 9562). Not STRICT, so that it is
-- inlined; NULL gives NULL all the same.
CREATE FUNCTION powerpanel_internal.import_netbox_id(instance text, netbox_table text, netbox_id bigint)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT overlay(overlay(
		encode(substr(sha256(('netbox:' || instance || ':' || netbox_table || ':' || netbox_id::text)::bytea), 1, 16), 'hex')
		PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_id(text, text, bigint) IS
'Part of import_netbox: the key that an object of NetBox has in the inventory';

-- All that is read. "migration" is the one of NetBox that brought a column which
-- an older NetBox lacks, and which is then left alone here, too. "must" is false
-- for what only names are taken from; "kept" are the tables whose rows have an id by
-- which others refer to them.
CREATE FUNCTION powerpanel_internal.import_netbox_columns(
	OUT netbox_table text, OUT columns text[], OUT migration text, OUT must boolean, OUT kept boolean)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('dcim_region', '{id,name,parent_id,custom_field_data}'::text[], NULL, true, true),
		('dcim_site', '{id,name,region_id,custom_field_data}', NULL, true, true),
		('dcim_location', '{id,name,parent_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_rack', '{id,name,location_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_device', '{id,name,asset_tag,rack_id,device_type_id,virtual_chassis_id,vc_position,custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{id,name,location_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{comments}', '0165_standardize_description_comments', true, true),			-- 3.4
		('dcim_powerfeed', '{id,name,power_panel_id,rack_id,status,type,supply,phase,voltage,amperage,max_utilization,comments,custom_field_data}', NULL, true, true),
		('dcim_powerport', '{id,name,device_id,maximum_draw,allocated_draw,custom_field_data}', NULL, true, true),
		('dcim_poweroutlet', '{id,name,device_id,power_port_id,feed_leg,custom_field_data}', NULL, true, true),
		('dcim_poweroutlet', '{status}', '0201_add_power_outlet_status', true, true),						-- 4.3
		('dcim_cable', '{id,label,status,custom_field_data}', NULL, true, true),
		('dcim_cable', '{profile}', '0220_cable_profile', true, true),										-- 4.5
		('dcim_devicetype', '{id,manufacturer_id,model}', NULL, false, true),
		('dcim_manufacturer', '{id,name}', NULL, false, true),
		('dcim_virtualchassis', '{id,name}', NULL, false, true),
		('dcim_cabletermination', '{cable_id,cable_end,termination_type_id,termination_id}', NULL, true, false),
		('django_content_type', '{id,app_label,model}', NULL, true, false),
		('django_migrations', '{app,name,applied}', NULL, false, false)) AS c;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_columns() IS
'Part of import_netbox: the tables and columns that it reads, and the migration of NetBox that brought those which an older one lacks';

CREATE FUNCTION powerpanel_internal.import_netbox_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	missing text[];
	unknown text;
	hint CONSTANT text := 'Give the schema that holds the tables of a NetBox of version 3.3 to 4.7, as in import_netbox(''netbox'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN		-- a number that is no schema's
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT c.netbox_table FROM powerpanel_internal.import_netbox_columns() AS c
		WHERE c.must AND c.migration IS NULL AND powerpanel_internal.import_table(schema_name, c.netbox_table) IS NULL);
	IF 'dcim_site' = ANY (missing) AND to_regclass(format('%I.extras_status', schema_name)) IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" holds a Nautobot, not a NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Import it by import_nautobot(%L).', schema_name);
	ELSIF missing @> '{dcim_site,dcim_powerpanel,dcim_powerfeed}' THEN
		RAISE EXCEPTION 'schema "%" holds no NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	ELSIF 'dcim_cabletermination' = ANY (missing) AND 'dcim_cable' <> ALL (missing) THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is older than version 3.3', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'It has no table dcim_cabletermination, in which cables end since version 3.3.',
				HINT = 'Upgrade that NetBox to a version of 3.3 to 4.7 before the import.';
	ELSIF missing <> '{}' THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	SELECT string_agg(format('%s.%s', c.netbox_table, a), ', ') INTO unknown
	FROM powerpanel_internal.import_netbox_columns() AS c,
		unnest(powerpanel_internal.import_missing(schema_name, c.netbox_table, c.columns)) AS a
	WHERE powerpanel_internal.import_table(schema_name, c.netbox_table) IS NOT NULL
		AND (c.migration IS NULL OR EXISTS (
			SELECT FROM powerpanel_internal.import_rows(schema_name, 'django_migrations', '{app,name}') AS r
			WHERE r ->> 'app' = 'dcim' AND r ->> 'name' = c.migration));
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is of a version that this import does not know', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s.', unknown),
				HINT = 'Known are the tables of NetBox 3.3 to 4.7.';
	END IF;
	PERFORM powerpanel_internal.import_source_keys(schema_name, ARRAY(
		SELECT DISTINCT c.netbox_table FROM powerpanel_internal.import_netbox_columns() AS c WHERE c.kept ORDER BY 1));
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_check(regnamespace) IS
'Part of import_netbox: the name of the schema, or 22023 where it holds no NetBox that can be read';

CREATE FUNCTION powerpanel_internal.import_netbox_columns_of(schema_name name, netbox_table text)
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM powerpanel_internal.import_netbox_columns() AS k, unnest(k.columns) AS c
		WHERE k.netbox_table = import_netbox_columns_of.netbox_table
			AND (k.migration IS NULL OR powerpanel_internal.import_missing(schema_name, k.netbox_table, ARRAY[c]) = '{}'));
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_columns_of(name, text) IS
'Part of import_netbox: the columns of a table of NetBox that are read, of which an older NetBox lacks some';

CREATE FUNCTION powerpanel_internal.import_netbox_rows(schema_name name, netbox_table text)
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.import_rows(schema_name, netbox_table,
		powerpanel_internal.import_netbox_columns_of(schema_name, netbox_table)) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_rows(name, text) IS
'Part of import_netbox: the rows of a table of NetBox, with all columns that are read';

-- An object of NetBox is kept in custom_fields with NetBox's own custom fields, a
-- cable with its status and profile, and a power outlet with its status.
CREATE FUNCTION powerpanel_internal.import_netbox_mark(netbox_table text, fields jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN fields -> 'custom_field_data' <> '{}'
		THEN jsonb_build_object('table', netbox_table, 'id', fields -> 'id', 'custom_fields', fields -> 'custom_field_data')
		ELSE jsonb_build_object('table', netbox_table, 'id', fields -> 'id') END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_mark(text, jsonb) IS
'Part of import_netbox: what custom_fields keep of every object';

-- The drafts: what objects of ours the rows of a table of NetBox make. "label" is
-- how messages call the object, "mark" is kept in custom_fields, "fields" are our
-- columns, or NULL where it cannot be one of our objects, "reason" is why it cannot.
CREATE FUNCTION powerpanel_internal.import_netbox_draft_locations(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT t.name, s -> 'id', powerpanel_internal.import_netbox_id(instance, t.name, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(t.name, s),
		format('%s "%s"', substr(t.name, 6), s ->> 'name') || coalesce(' of site "' || (site ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s -> 'name',
			'parent_id', CASE t.name
				WHEN 'dcim_region' THEN powerpanel_internal.import_netbox_id(instance, 'dcim_region', (s ->> 'parent_id')::bigint)
				WHEN 'dcim_site' THEN powerpanel_internal.import_netbox_id(instance, 'dcim_region', (s ->> 'region_id')::bigint)
				ELSE coalesce(
					powerpanel_internal.import_netbox_id(instance, 'dcim_location', (s ->> 'parent_id')::bigint),
					powerpanel_internal.import_netbox_id(instance, 'dcim_site', (s ->> 'site_id')::bigint))
			END), NULL::text
	FROM (VALUES ('dcim_region'), ('dcim_site'), ('dcim_location')) AS t (name)
	CROSS JOIN LATERAL powerpanel_internal.import_netbox_rows(schema_name, t.name) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_site', '{id,name}') AS site ON site -> 'id' = s -> 'site_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_locations(name, text, text) IS
'Part of import_netbox: regions, sites and locations as one tree';

-- Racks and panels stand in a location, or where that is blank in a site.
CREATE FUNCTION powerpanel_internal.import_netbox_draft_places(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	netbox_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	SELECT netbox_table, s -> 'id', powerpanel_internal.import_netbox_id(instance, netbox_table, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(netbox_table, s),
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name')
			|| coalesce(' of location "' || (location ->> 'name') || '"', ' of site "' || (site ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s -> 'name',
			'location_id', coalesce(
				powerpanel_internal.import_netbox_id(instance, 'dcim_location', (s ->> 'location_id')::bigint),
				powerpanel_internal.import_netbox_id(instance, 'dcim_site', (s ->> 'site_id')::bigint)))
		|| CASE WHEN s ? 'comments'
			THEN jsonb_build_object('comments', nullif(s ->> 'comments', '')) ELSE '{}' END, NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, netbox_table) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_location', '{id,name}') AS location ON location -> 'id' = s -> 'location_id'
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_site', '{id,name}') AS site ON site -> 'id' = s -> 'site_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_places(name, text, text) IS
'Part of import_netbox: racks or power panels';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_devices(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_device', d -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_device', (d ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_device', d), format('device "%s"', n.name),
		jsonb_build_object(
			'name', n.name,
			'rack_id', powerpanel_internal.import_netbox_id(instance, 'dcim_rack', (d ->> 'rack_id')::bigint)), NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_device') AS d
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_devicetype') AS t ON t -> 'id' = d -> 'device_type_id'
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_manufacturer') AS m ON m -> 'id' = t -> 'manufacturer_id'
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_virtualchassis') AS v ON v -> 'id' = d -> 'virtual_chassis_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_device_name(d, t, m, v, coalesce(d ->> 'asset_tag', d ->> 'id'))) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_devices(name, text, text) IS
'Part of import_netbox: devices';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_components(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	netbox_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	SELECT netbox_table, s -> 'id', powerpanel_internal.import_netbox_id(instance, netbox_table, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(netbox_table, s)
		|| CASE WHEN s ? 'status' THEN jsonb_build_object('status', s -> 'status') ELSE '{}' END,
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name') || coalesce(' of ' || d.label, ''),
		CASE our_table
			WHEN 'power_port' THEN jsonb_build_object('name', s -> 'name', 'device_id', i.device_id,
				'maximum_draw', s -> 'maximum_draw',
				'allocated_draw', s -> 'allocated_draw')
			ELSE jsonb_build_object('name', s -> 'name', 'device_id', i.device_id,
				'power_port_id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerport', (s ->> 'power_port_id')::bigint),
				'feed_leg', nullif(s ->> 'feed_leg', ''))
		END, NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, netbox_table) AS s
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.source_id = s -> 'device_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_netbox_id(instance, 'dcim_device', (s ->> 'device_id')::bigint)) AS i (device_id);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_components(name, text, text) IS
'Part of import_netbox: power ports or outlets';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_feeds(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_powerfeed', s -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerfeed', (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_powerfeed', s),
		format('power feed "%s"', s ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s -> 'name',
			'power_panel_id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerpanel', (s ->> 'power_panel_id')::bigint),
			'rack_id', powerpanel_internal.import_netbox_id(instance, 'dcim_rack', (s ->> 'rack_id')::bigint),
			'status', s -> 'status',
			'type', s -> 'type',
			'supply', s -> 'supply',
			'phase', s -> 'phase',
			'voltage', s -> 'voltage',
			'amperage', s -> 'amperage',
			'max_utilization', s -> 'max_utilization',
			'comments', nullif(s ->> 'comments', '')), NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_powerfeed') AS s
	LEFT JOIN pg_temp.powerpanel_object AS p ON p.target = 'power_panel' AND p.source_id = s -> 'power_panel_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_feeds(name, text, text) IS
'Part of import_netbox: power feeds';

CREATE FUNCTION powerpanel_internal.import_netbox_ends(schema_name name, instance text,
	OUT cable_id jsonb, OUT cable_end text, OUT source_table text, OUT source_id jsonb, OUT id text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT e -> 'cable_id', e ->> 'cable_end', t.name, e -> 'termination_id',
		powerpanel_internal.import_netbox_id(instance, t.name, (e ->> 'termination_id')::bigint)::text
	FROM powerpanel_internal.import_rows(schema_name, 'dcim_cabletermination', '{cable_id,cable_end,termination_type_id,termination_id}') AS e
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'django_content_type', '{id,app_label,model}') AS c
		ON c -> 'id' = e -> 'termination_type_id'
	CROSS JOIN LATERAL (SELECT concat(c ->> 'app_label', '_', c ->> 'model')) AS t (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_ends(name, text) IS
'Part of import_netbox: where cables end: the cable, A or B, and table, id and key of what is there';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_cables(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_cable', c -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_cable', (c ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_cable', c)
		|| jsonb_build_object('status', c -> 'status')
		|| CASE WHEN c ->> 'profile' <> '' THEN jsonb_build_object('profile', c -> 'profile') ELSE '{}' END,
		powerpanel_internal.import_cable_label(c),
		CASE WHEN e.power THEN jsonb_object(ARRAY[
			'power_feed_id', e.power_feed_id,
			'power_outlet_id', e.power_outlet_id,
			'power_port_id', e.power_port_id,
			'label', nullif(c ->> 'label', '')]) END,
		CASE WHEN e.cable_id IS NULL THEN 'it has no ends' ELSE e.reason END
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_cable') AS c
	LEFT JOIN powerpanel_internal.import_cable_ends('netbox', schema_name, instance) AS e ON e.cable_id = c -> 'id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_cables(name, text, text) IS
'Part of import_netbox: cables';

-- Two NetBoxes that both have a rack 14 are told apart by its key.
CREATE FUNCTION powerpanel_internal.import_netbox_others(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM pg_temp.powerpanel_vanished AS v
	WHERE v.id IS DISTINCT FROM powerpanel_internal.import_netbox_id(instance, v.source_table,
		CASE WHEN v.source_id #>> '{}' ~ '^\d{1,18}$' THEN (v.source_id #>> '{}')::bigint END);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_others(text) IS
'Part of import_netbox: what another NetBox brought has not vanished from this one';

-- The default is an expression rather than a constant, which would make the
-- extension depend on the schema public, or fail to install where that is gone.
CREATE FUNCTION import_netbox(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	assign_outlets boolean DEFAULT false, delete_vanished boolean DEFAULT false, dry_run boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT * FROM powerpanel_internal.import_run('netbox', 'NetBox', source,
		keep_going, assign_outlets, delete_vanished, dry_run);
END
$$;
COMMENT ON FUNCTION import_netbox(regnamespace, boolean, boolean, boolean, boolean) IS
'Fills the inventory from the tables of a NetBox (3.3 to 4.6, and 4.7 as its first beta is) that lie in a schema of this database; run again, it updates what it brought.

Reads regions, sites and locations (which become one tree of locations: region > site > location), racks, devices, power panels, power feeds, power ports, power outlets and cables. Site groups, tenants, roles and network objects are not read. A device without a name gets the one that NetBox shows. Of the cables it takes those that join a power feed or power outlet, at either side, to one power port. One with more ends at a side, as profiles of cables (4.5) allow, is left out and told. Cables between the outlets and the power ports of one device, such as fuses within a rack PDU, are cables like any other. Power outlets have no status here: which are not enabled in NetBox (4.3) is told, and kept in custom_fields.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought have vanished from NetBox (vanished), how many were deleted here (deleted), and details, a JSON array that accounts for each one left out or vanished: table and id in NetBox, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry. So are power ports without an allocated draw: until they get one, powerpanel.load_basis = ''maximum'' reckons with their maximum draw.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. With assign_outlets, an outlet that names no power port gets the only one of its device, where that has no more than one; details tell of which devices, and the next import, with or without it, decides anew. A feed status that the inventory lacks is added, as not energized, and reported.

What has vanished from NetBox is told and stays, except a cable whose end another cable of NetBox has now. With delete_vanished it is deleted after all else is written, and with a device its ports, banks, outlets and cables, also those that NetBox knows nothing of; details name them. What the inventory still needs is kept, and counts as refused, with the key and the name of what needs it; so is what a policy or a trigger of yours keeps. A cable that is plugged elsewhere is taken away and written again; where a table of yours refers to cables, it keeps its row instead, and cables that exchange their ends are refused.

With dry_run nothing is changed, and the report is what the import would say; an error that the import would raise is raised. It is the whole import in a subtransaction that is rolled back, so it needs the same rights, and while it runs it locks what it writes as the import does, so others who write the same rows wait; when it is done it holds no lock, and leaves dead rows for VACUUM.

An object of NetBox has a key that is always the same, made of the moment NetBox''s database was set up, the table and the id; these two are kept in custom_fields under "netbox", with NetBox''s own custom fields, the status and the profile of a cable, and the status of a power outlet. A second import writes only the columns that NetBox has and that key of custom_fields. So what NetBox cannot know stays: of a panel its rack group, type, circuit positions, numbering, bus, power path, voltage, main breaker and max_utilization, of a feed its destination panel, breaker, power path, receptacles and connected load, the rack group and power limit of a rack, the needed ports of a device, power factors, banks, alternate power ports, and which statuses are energized. An outlet that has a bank or an alternate power port here keeps its power port where NetBox names none.

Raises 22004 where an argument is NULL, 22023 where the schema holds no NetBox, an older one, or not all of the tables and columns that are read, or rows without a key or with one key; 23505 where two ids that are texts are one number, such as 1 and 01; 42501 to one who may not read all of their rows, 42809 where one of them is no ordinary table. It runs no code of the tables'' owner. It makes the deferrable rules of the inventory immediate in the current transaction, and waits for another import that is under way. Where NetBox is at work meanwhile, run it in a REPEATABLE READ transaction';
