-- Which columns of the tables mean what to the rules.

-- The caller's search_path is not that of the functions here; so a name without a
-- schema is looked for beside the feeds.
CREATE FUNCTION powerpanel_internal.guard_cable_table(feed_table regclass, options jsonb) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	named constant text := options->>'cable_table';
	cables regclass;
BEGIN
	IF named IS NULL THEN
		IF options->>'cable_feed' IS NOT NULL THEN
			RAISE EXCEPTION 'option "cable_feed" takes option "cable_table"'
				USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Option "cable_table" names the table of cables, "cable_feed" its column that refers to the feed.';
		END IF;
		RETURN NULL;
	END IF;
	cables := to_regclass(CASE array_length(parse_ident(named), 1)
		WHEN 1 THEN format('%s.%s', (SELECT c.relnamespace::regnamespace FROM pg_class AS c WHERE c.oid = feed_table), named)
		ELSE named END);
	IF cables IS NULL THEN
		RAISE EXCEPTION 'table "%" of cables does not exist', named
			USING ERRCODE = 'undefined_table',
				HINT = 'Option "cable_table" names it, with its schema where that is not the schema of the feeds.';
	END IF;
	RETURN cables;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_cable_table(regclass, jsonb) IS
'Part of guard: the table of cables that its options name, NULL for none. Raises 42P01 where there is no such table, 22023 where it is no name, or a column of it is named alone';

CREATE FUNCTION powerpanel_internal.guard_column_must_fit(col pg_attribute, role text, allowed regtype[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tab CONSTANT regclass := col.attrelid;
BEGIN
	IF col.atttypid <> ALL (allowed) THEN
		RAISE EXCEPTION 'column "%" of table "%" is of type %', col.attname, tab, col.atttypid::regtype
			USING ERRCODE = 'datatype_mismatch',
				DETAIL = format('For "%s" it takes one of: %s.', role,
					array_to_string(allowed, ', ')),
				HINT = format('Option "%s" names another column.', role);
	END IF;
	-- a trigger compares them, and there need not be an operator for another type
	IF role IN ('panel_numbering', 'panel_bus')
		AND (SELECT t.typcategory NOT IN ('S', 'E') OR (t.typcategory = 'E' AND t.typtype = 'd') FROM pg_type AS t WHERE t.oid = col.atttypid) THEN
		RAISE EXCEPTION 'column "%" of table "%" is of type %', col.attname, tab, col.atttypid::regtype
			USING ERRCODE = 'datatype_mismatch',
				DETAIL = format('For "%s" it takes a text or an enum, and no domain of an enum.', role),
				HINT = format('Option "%s" names another column, or with NULL none.', role);
	END IF;
	IF col.attgenerated = 'v' AND role <> 'cable' THEN
		RAISE EXCEPTION 'column "%" of table "%" is a virtual generated column', col.attname, tab
			USING ERRCODE = 'feature_not_supported',
				DETAIL = 'Its values are not in the rows that a trigger is given.',
				HINT = format('Make it STORED, or name another column by option "%s".', role);
	END IF;
	IF role IN ('id', 'panel_id') AND NOT (col.attnotnull
		-- which since PostgreSQL 18 may say nothing of the rows that are there
		AND NOT EXISTS (SELECT FROM pg_constraint AS c
			WHERE c.conrelid = col.attrelid AND c.contype = 'n' AND c.conkey = ARRAY[col.attnum] AND NOT c.convalidated)
		AND EXISTS (SELECT FROM pg_index AS i
			-- where it is deferrable, two rows may have one key for a while, as with foreign keys
			WHERE i.indrelid = col.attrelid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
				AND i.indnkeyatts = 1 AND i.indkey[0] = col.attnum)) THEN
		RAISE EXCEPTION 'column "%" of table "%" is no key', col.attname, tab
			USING ERRCODE = 'invalid_foreign_key',
				DETAIL = format('For "%s" it takes a column that is NOT NULL and UNIQUE, and not DEFERRABLE.', role);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_column_must_fit(pg_attribute, text, regtype[]) IS
'Part of guard: raises an error where a column is not what it takes for that: 42804 on its type, 0A000 on one that is virtual, 42830 on a key that may be NULL, is not unique or is DEFERRABLE';

CREATE FUNCTION powerpanel_internal.guard_columns(feed_table regclass, panel_table regclass, options jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb := '{}';
	known record;
	tab regclass;
	col pg_attribute;
	allowed regtype[];
	of_panels regtype[];	-- the type of the panels' key
	of_feeds regtype[];
	cable_table constant regclass := powerpanel_internal.guard_cable_table(feed_table, options);
BEGIN
	FOR known IN
		-- a key is the primary key, whatever its name; a name may be missing, and is
		-- the key then
		SELECT c.role, c.kind, CASE WHEN c.kind <> 'key' THEN c.usual END AS usual
		FROM powerpanel_internal.feed_column_list() AS c
		WHERE c.guarded AND (cable_table IS NOT NULL OR c.role NOT LIKE 'cable\_%')
		ORDER BY c.role NOT IN ('panel_id', 'id')	-- which tell what type the others have
	LOOP
		tab := CASE WHEN known.role LIKE 'panel\_%' THEN panel_table
			WHEN known.role LIKE 'cable\_%' THEN cable_table ELSE feed_table END;
		SELECT a.* INTO col
		FROM pg_attribute AS a
		WHERE a.attrelid = tab AND a.attnum > 0 AND NOT a.attisdropped
			AND CASE
				WHEN options ? known.role THEN a.attname = options->>known.role
				WHEN known.usual IS NOT NULL THEN a.attname = known.usual
				ELSE a.attnum = (SELECT i.indkey[0] FROM pg_index AS i
					WHERE i.indrelid = tab AND i.indisprimary AND i.indnkeyatts = 1)
			END;
		IF col.attname IS NULL AND options->>known.role IS NOT NULL THEN
			RAISE EXCEPTION 'column "%" of table "%" does not exist', options->>known.role, tab
				USING ERRCODE = 'undefined_column',
					HINT = format('Option "%s" names it.', known.role);
		END IF;
		CASE known.role
			WHEN 'panel_id' THEN of_panels := ARRAY[col.atttypid];
			WHEN 'id' THEN of_feeds := ARRAY[col.atttypid];
			ELSE NULL;
		END CASE;
		allowed := CASE known.kind
			WHEN 'key' THEN '{uuid,bigint,integer,smallint}'
			WHEN 'panel key' THEN of_panels
			WHEN 'feed key' THEN of_feeds
			WHEN 'integer' THEN '{integer,bigint,smallint}' END;
		IF col.attname IS NOT NULL THEN
			PERFORM powerpanel_internal.guard_column_must_fit(col, known.role, allowed);
		END IF;
		columns := columns || jsonb_strip_nulls(jsonb_build_object(known.role, col.attname));
	END LOOP;
	IF NOT columns ?& '{id,panel,panel_id}' THEN
		RAISE EXCEPTION 'the keys of tables "%" and "%" are not known', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "id", "panel" and "panel_id" name the columns: the feeds'' key, their panel, and the panels'' key.';
	END IF;
	SELECT c.value AS name, array_agg(format('"%s"', c.key) ORDER BY c.key) AS roles INTO known
	FROM jsonb_each_text(columns) AS c
	WHERE c.key = ANY ('{id,panel,destination,position,poles}')
	GROUP BY c.value HAVING count(*) > 1 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'column "%" of table "%" cannot be two things', known.name, feed_table
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It is named as %s.', array_to_string(known.roles, ' and as ')),
				HINT = 'Each of these options names a column of its own.';
	END IF;
	IF cable_table IS NOT NULL AND NOT columns ? 'cable_feed' THEN
		RAISE EXCEPTION 'it is not known which column of table "%" refers to a feed', cable_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Option "cable_feed" names it.';
	ELSIF cable_table IS NOT NULL AND NOT columns ? 'destination' THEN
		RAISE EXCEPTION 'no rule speaks of table "%" of cables', cable_table
			USING ERRCODE = 'undefined_column',
				DETAIL = 'What is checked is that a feed has no cable and a destination panel, too.',
				HINT = 'Option "destination" names the column of the feeds that refers to the panel which a feed leads to.';
	END IF;
	-- a guard that guards nothing would look like one that does
	IF NOT columns ?| '{position,poles,destination,panel_positions}' THEN
		RAISE EXCEPTION 'tables "%" and "%" have no column that a rule speaks of', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "position" and "poles" name the columns of a feed''s breaker, "destination" the panel that it feeds, "panel_positions" how many positions a panel has.';
	END IF;
	RETURN jsonb_build_object('name', columns->'id', 'panel_name', columns->'panel_id') || columns;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_columns(regclass, regclass, jsonb) IS
'Part of guard: which columns its options, and the tables, name for what. Raises 42703 where there is no such column, 42804 where it is of another type, 22023 where one is named as two things';
