-- guard(): the rules of feeds and breakers for tables that are not ours.

-- Of the tables that it reads: feeds, panels and, where there are some, cables.
CREATE FUNCTION powerpanel_internal.guard_can_read(tables regclass[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tab regclass;
BEGIN
	FOREACH tab IN ARRAY tables LOOP
		PERFORM powerpanel_internal.must_be_ordinary_table(tab);
		IF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = tab
			AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'powerpanel')) THEN
			RAISE EXCEPTION 'table "%" is one of powerpanel''s own', tab
				USING ERRCODE = 'wrong_object_type', HINT = 'Its rules hold already.';
		END IF;
		IF (SELECT count(DISTINCT relowner) FROM pg_class WHERE oid IN (tables[1], tab)) > 1 THEN
			RAISE EXCEPTION 'tables "%" and "%" have different owners', tables[1], tab
				USING ERRCODE = 'object_not_in_prerequisite_state',
					DETAIL = 'The checks read all of them whatever the one who writes may read.',
					HINT = 'Give all to one role with ALTER TABLE ... OWNER TO.';
		END IF;
		IF (SELECT count(DISTINCT relpersistence = 't') FROM pg_class WHERE oid IN (tables[1], tab)) > 1 THEN
			RAISE EXCEPTION 'one of tables "%" and "%" is temporary, the other is not', tables[1], tab
				USING ERRCODE = 'wrong_object_type',
					DETAIL = 'No other session can read a temporary table, as the check of a write would have to.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_can_read(regclass[]) IS 'Part of guard: raises an error where it cannot guard these tables';

CREATE FUNCTION powerpanel_internal.guard_can(feed_table regclass, panel_table regclass, options jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known constant text[] := ARRAY(SELECT c.role FROM powerpanel_internal.feed_column_list() AS c WHERE c.guarded) || '{cable_table,numbering,bus,not_valid}'::text[];
	unknown text;
	cable_table regclass;
BEGIN
	IF feed_table IS NULL OR panel_table IS NULL OR options IS NULL THEN
		RAISE EXCEPTION 'guard() takes no NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF jsonb_typeof(options) <> 'object' THEN
		RAISE EXCEPTION 'the options of guard() are not a JSON object'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write them as in ''{"position": "way", "poles": "poles"}''.';
	END IF;
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'guard() must be called in a transaction of isolation level READ COMMITTED'
			USING ERRCODE = 'active_sql_transaction',
				DETAIL = 'It has to see the rows that are there once nobody else writes the tables.';
	END IF;
	SELECT key INTO unknown FROM jsonb_object_keys(options) AS key
	WHERE key <> ALL (known);
	IF FOUND THEN
		RAISE EXCEPTION 'unrecognized option "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('The options are %s.', array_to_string(known, ', '));
	END IF;
	cable_table := powerpanel_internal.guard_cable_table(feed_table, options);
	PERFORM powerpanel_internal.guard_can_read(array_remove(ARRAY[feed_table, panel_table, cable_table], NULL));
	IF cable_table IN (feed_table, panel_table) THEN
		RAISE EXCEPTION 'table "%" of cables is that of the feeds or of the panels', cable_table
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Where a cable is a column of the feed, option "cable" names it.';
	END IF;
	IF EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.feed_table = guard_can.feed_table) THEN
		RAISE EXCEPTION 'table "%" is guarded already', feed_table
			USING ERRCODE = 'duplicate_object', HINT = 'To guard it in another way, call powerpanel.unguard() first.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_can(regclass, regclass, jsonb) IS 'Part of guard: raises an error where it cannot guard';

CREATE FUNCTION powerpanel_internal.guard_list(violations jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT string_agg(format('%s: %s: %s', v->>'rule', v->>'object', v->>'detail'), E'\n' ORDER BY place)
		|| CASE WHEN count(*) < jsonb_array_length(violations)
			THEN format(E'\n... and %s more', jsonb_array_length(violations) - count(*)) ELSE '' END
	FROM jsonb_array_elements(violations) WITH ORDINALITY AS e (v, place)
	WHERE place <= 10
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_list(jsonb) IS 'Part of guard: the first of the rows that break a rule, for its error';

CREATE FUNCTION guard(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb;
	cable_table regclass;
	violations jsonb;
	con record;
	not_valid boolean := coalesce((options->>'not_valid')::boolean, false);
	settings jsonb := jsonb_strip_nulls(jsonb_build_object(
		'numbering', (options->>'numbering')::powerpanel.panel_numbering,
		'bus', (options->>'bus')::powerpanel.panel_bus));
BEGIN
	PERFORM powerpanel_internal.guard_can(feed_table, panel_table, options);
	columns := powerpanel_internal.guard_columns(feed_table, panel_table, options);
	cable_table := powerpanel_internal.guard_cable_table(feed_table, options);
	EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE',
		concat_ws(', ', 'ONLY ' || panel_table, 'ONLY ' || feed_table, 'ONLY ' || cable_table));
	-- what was looked at before may have been changed, or renamed, until now
	PERFORM powerpanel_internal.guard_can(feed_table, panel_table, options);
	columns := powerpanel_internal.guard_columns(feed_table, panel_table, options);
	IF cable_table IS DISTINCT FROM powerpanel_internal.guard_cable_table(feed_table, options) THEN
		RAISE EXCEPTION 'table "%" of cables was renamed meanwhile', options->>'cable_table'
			USING ERRCODE = 'object_in_use', HINT = 'Call guard() again.';
	END IF;

	-- what is left of a guard that somebody has taken away in part
	PERFORM powerpanel_internal.guard_drop_triggers(feed_table, panel_table);
	FOR con IN SELECT * FROM powerpanel_internal.guard_checks(feed_table, panel_table, columns) LOOP
		CONTINUE WHEN powerpanel_internal.guard_has_check(con.tab, con.rule, con.condition);
		EXECUTE format('ALTER TABLE ONLY %s ADD CONSTRAINT %I CHECK (%s) NOT VALID', con.tab, con.rule, con.condition);
		EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', con.rule, con.tab,
			coalesce((SELECT r.description FROM powerpanel.rule AS r WHERE r.name = con.rule), con.rule));
	END LOOP;
	PERFORM powerpanel_internal.guard_triggers(feed_table, panel_table, cable_table, columns || settings);

	-- nobody writes the tables now, and each query here sees all that is committed
	violations := (SELECT jsonb_agg(to_jsonb(v)) FROM powerpanel.guard_violations(feed_table) AS v);
	IF violations IS NOT NULL AND NOT not_valid THEN
		RAISE EXCEPTION 'cannot guard table "%": % rule violation%', feed_table, jsonb_array_length(violations),
			CASE jsonb_array_length(violations) WHEN 1 THEN '' ELSE 's' END
			USING ERRCODE = 'check_violation', DETAIL = powerpanel_internal.guard_list(violations),
				HINT = 'powerpanel.guard_preview() lists them all. Mend them, or guard new writes only with the option "not_valid".';
	END IF;
	FOR con IN SELECT * FROM powerpanel_internal.guard_checks(feed_table, panel_table, columns) LOOP
		IF NOT coalesce(violations, '[]') @> jsonb_build_array(jsonb_build_object('rule', con.rule)) THEN
			PERFORM powerpanel_internal.guard_validate(con.tab, con.rule);
		END IF;
	END LOOP;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard(regclass, regclass, jsonb) IS
'Puts the rules of feeds and breakers on tables of your own: those rules that the tables have columns for, under the same names. options names columns that are not called as in power_feed and power_panel: id, name, panel, position, poles, destination, cable of the feeds; panel_id, panel_name, panel_positions, panel_numbering, panel_bus of the panels (NULL: take none). Where cables are rows of a table of their own, cable_table names it (in the schema of the feeds, unless it names another), and cable_feed its column that refers to the feed (power_feed_id). numbering and bus say what all panels are where no column does (default across, three-phase). Keys are uuid or integer. Refused (23514) where rows break a rule; with "not_valid": true it then guards new writes, and returns the rows that break a rule now. Needs the right to alter the tables, which have one owner, and to execute the trigger functions. Raises 42P01 where there is no such table, 42703, 42804 or 0A000 on a column, 42830 on a key that may be NULL, is not unique or is DEFERRABLE, 22023 or 22P02 on an option, 22004 on NULL, 42809 where a table is not an ordinary one or is powerpanel''s own, 55000 where the tables have different owners, 55006 where they are renamed meanwhile, 25001 above READ COMMITTED, 42710 where the table is guarded already';

CREATE FUNCTION guard_preview(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	violations jsonb;
BEGIN
	BEGIN
		violations := (SELECT jsonb_agg(to_jsonb(v))
			FROM powerpanel.guard(feed_table, panel_table, options || '{"not_valid": true}') AS v);
		RAISE EXCEPTION USING ERRCODE = 'PP000', MESSAGE = 'preview';
	EXCEPTION WHEN SQLSTATE 'PP000' THEN
		-- what guard() made is rolled back
	END;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard_preview(regclass, regclass, jsonb) IS
'The rows that break a rule which guard() with the same arguments would put on the tables; changes nothing. It locks the tables against writes while it reads them. Errors as guard()';

CREATE FUNCTION unguard(feed_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- also where somebody has dropped the trigger that tells the columns
	panels regclass := (SELECT tgconstrrelid FROM pg_trigger
		WHERE tgrelid = feed_table AND tgfoid = 'powerpanel_internal.check_feed()'::regprocedure AND tgconstrrelid <> 0
			AND feed_table <> 'powerpanel.power_feed'::regclass
		LIMIT 1);
	columns jsonb := (SELECT g.options FROM powerpanel.guarded AS g WHERE g.feed_table = unguard.feed_table);
	t record;
BEGIN
	IF panels IS NULL THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	PERFORM powerpanel_internal.guard_drop_triggers(feed_table, panels);
	FOR t IN
		SELECT c.conname AS rule, c.conrelid::regclass AS tab
		FROM pg_constraint AS c
		WHERE c.conrelid IN (feed_table, panels)
			AND powerpanel_internal.guard_made_check(c.conrelid, c.conname, (
				SELECT own.condition FROM powerpanel_internal.guard_checks(feed_table, panels, columns) AS own
				WHERE own.tab = c.conrelid AND own.rule = c.conname))
			AND NOT EXISTS (SELECT FROM powerpanel.guarded AS g,
					powerpanel_internal.guard_checks(g.feed_table, g.panel_table, g.options) AS other
				WHERE other.tab = c.conrelid AND other.rule = c.conname)
	LOOP
		-- a table that inherits has got it, too
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', t.tab, t.rule);
	END LOOP;
END
$$;
COMMENT ON FUNCTION unguard(regclass) IS
'Takes away all that guard() put on a table of feeds, on its panels and on its cables. Raises 42704 where the table is not guarded';

-- Putting triggers on tables takes the right to execute their functions, which
-- rights.sql keeps for the extension; so these are of no use to others.
REVOKE EXECUTE ON FUNCTION
	guard(regclass, regclass, jsonb), guard_preview(regclass, regclass, jsonb), unguard(regclass)
FROM PUBLIC;
