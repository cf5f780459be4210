-- \di+ shows the comment of a key's index, not that of the key.
DO $$
DECLARE
	k record;
BEGIN
	FOR k IN
		SELECT c.conindid::pg_catalog.regclass AS index, pg_catalog.obj_description(c.oid, 'pg_constraint') AS comment
		FROM pg_catalog.pg_constraint AS c
		WHERE c.contype IN ('p', 'u')
			AND c.connamespace IN ('powerpanel'::pg_catalog.regnamespace, 'powerpanel_internal'::pg_catalog.regnamespace)
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON INDEX %s IS %L', k.index, k.comment);
	END LOOP;
END
$$;
