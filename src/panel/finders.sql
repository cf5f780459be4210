-- Ids by name. The full path of a thing is the names of the locations from the
-- top, then its own, joined by ' > '; a device's rack and a feed's panel stand
-- before it. What is given is all of the path, or its end after a ' > '.

-- The walk begins at the things whose own name ends what is given, so that no path
-- is made of what cannot fit. Each step adds a name in front; a loop of locations
-- that got in ends it.
CREATE FUNCTION location_path_names(location uuid) RETURNS text
LANGUAGE sql STABLE STRICT
BEGIN ATOMIC
	WITH RECURSIVE up (parent_id, path, walked) AS (
		SELECT l.parent_id, l.name, ARRAY[l.id]
		FROM powerpanel.location AS l WHERE l.id = location
		UNION ALL
		SELECT l.parent_id, l.name || ' > ' || up.path, up.walked || l.id
		FROM up JOIN powerpanel.location AS l ON l.id = up.parent_id
		WHERE l.id <> ALL (up.walked))
	SELECT up.path FROM up ORDER BY pg_catalog.cardinality(up.walked) DESC LIMIT 1;
END;
COMMENT ON FUNCTION location_path_names(uuid) IS
'The names of a location and of those that contain it, from the top, joined by '' > ''. NULL for NULL, and where there is no such location';

CREATE FUNCTION one_of_paths(kind text, wanted text, ids uuid[], paths text[]) RETURNS uuid
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	found_ids uuid[];
	found_paths text[];
BEGIN
	SELECT array_agg(c.id ORDER BY c.path), array_agg(c.path ORDER BY c.path) INTO found_ids, found_paths
	FROM unnest(ids, paths) AS c (id, path) WHERE c.path = wanted;
	IF found_ids IS NULL THEN
		SELECT array_agg(c.id ORDER BY c.path), array_agg(c.path ORDER BY c.path) INTO found_ids, found_paths
		FROM unnest(ids, paths) AS c (id, path) WHERE right(c.path, length(wanted) + 3) = ' > ' || wanted;
	END IF;
	IF found_ids IS NULL THEN
		RAISE EXCEPTION 'no % is named "%"', kind, wanted
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Give its name, or the end of its path, such as ''Hall 1 > RPP-1''.';
	ELSIF cardinality(found_ids) > 1 THEN
		RAISE EXCEPTION '% %s are named "%"', cardinality(found_ids), kind, wanted
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'They are ' || array_to_string(found_paths[:10], '; ')
					|| CASE WHEN cardinality(found_paths) > 10 THEN '; and others' ELSE '' END || '.',
				HINT = 'Give more of the path.';
	END IF;
	RETURN found_ids[1];
END
$$;
COMMENT ON FUNCTION one_of_paths(text, text, uuid[], text[]) IS
'Part of the functions that find an id by name: the one of these things whose path is, or else ends with, what is wanted. Raises 22023 where there is none, or several';

-- Only what bears the last of the names can be meant. A name may itself contain
-- ' > ', so the last one is not cut out: the wanted text ends with it.
CREATE FUNCTION location_id(name text) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN (SELECT powerpanel.one_of_paths('location', $1, array_agg(c.id), array_agg(powerpanel.location_path_names(c.id)))
		FROM powerpanel.location AS c
		WHERE c.name = $1 OR right($1, length(c.name) + 3) = ' > ' || c.name);
END
$$;
COMMENT ON FUNCTION location_id(text) IS
'The location of this name, or at the end of whose path this stands (''DC1 > Hall 2''); one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION rack_id(name text) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN (SELECT powerpanel.one_of_paths('rack', $1, array_agg(c.id),
			array_agg(powerpanel.location_path_names(c.location_id) || ' > ' || c.name))
		FROM powerpanel.rack AS c
		WHERE c.name = $1 OR right($1, length(c.name) + 3) = ' > ' || c.name);
END
$$;
COMMENT ON FUNCTION rack_id(text) IS
'The rack of this name, or at the end of whose path this stands (''Hall 2 > R1''); one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION panel_id(name text) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN (SELECT powerpanel.one_of_paths('power panel', $1, array_agg(c.id),
			array_agg(powerpanel.location_path_names(c.location_id) || ' > ' || c.name))
		FROM powerpanel.power_panel AS c
		WHERE c.name = $1 OR right($1, length(c.name) + 3) = ' > ' || c.name);
END
$$;
COMMENT ON FUNCTION panel_id(text) IS
'The power panel of this name, or at the end of whose path this stands (''Electrical Room A > LP-1''); one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION feed_id(name text) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN (SELECT powerpanel.one_of_paths('power feed', $1, array_agg(c.id),
			array_agg(powerpanel.location_path_names(p.location_id) || ' > ' || p.name || ' > ' || c.name))
		FROM powerpanel.power_feed AS c
			JOIN powerpanel.power_panel AS p ON p.id = c.power_panel_id
		WHERE c.name = $1 OR right($1, length(c.name) + 3) = ' > ' || c.name);
END
$$;
COMMENT ON FUNCTION feed_id(text) IS
'The power feed of this name, or at the end of whose path, in which its panel stands before it, this stands (''LP-1 > Sign''); one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION device_id(name text) RETURNS uuid
LANGUAGE plpgsql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
	RETURN (SELECT powerpanel.one_of_paths('device', $1, array_agg(c.id),
			array_agg(coalesce(powerpanel.location_path_names(r.location_id) || ' > ' || r.name || ' > ', '') || c.name))
		FROM powerpanel.device AS c
			LEFT JOIN powerpanel.rack AS r ON r.id = c.rack_id
		WHERE c.name = $1 OR right($1, length(c.name) + 3) = ' > ' || c.name);
END
$$;
COMMENT ON FUNCTION device_id(text) IS
'The device of this name, or at the end of whose path, in which its rack stands before it, this stands (''R1 > srv-7''); one that is all of a path goes first. NULL for NULL. Raises 22023 where there is none, or several';
