-- An import from beginning to end.

CREATE FUNCTION powerpanel_internal.import_arguments(source regnamespace, keep_going boolean, assign_outlets boolean, delete_vanished boolean, dry_run boolean)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	argument text;
BEGIN
	SELECT a.name INTO argument
	FROM (VALUES (1, 'source', source IS NULL), (2, 'keep_going', keep_going IS NULL), (3, 'assign_outlets', assign_outlets IS NULL),
		(4, 'delete_vanished', delete_vanished IS NULL), (5, 'dry_run', dry_run IS NULL)) AS a (n, name, missing)
	WHERE a.missing ORDER BY a.n LIMIT 1;
	IF argument IS NOT NULL THEN
		RAISE EXCEPTION 'argument "%" must not be NULL', argument
			USING ERRCODE = 'null_value_not_allowed';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_arguments(regnamespace, boolean, boolean, boolean, boolean) IS
'Part of the imports: raises 22004 where an argument is NULL; a dry run asked for by NULL must not be one for real';

CREATE FUNCTION powerpanel_internal.import_execute(key text, name text, source regnamespace, keep_going boolean, assign_outlets boolean, delete_vanished boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_mergejoin = off		-- nobody knows what is in the tool's rows, and all of them would be sorted
AS $$
DECLARE
	schema_name name;
	instance text;
	constraints text;
	added_statuses text[];
BEGIN
	EXECUTE format('SELECT powerpanel_internal.%I($1)', format('import_%s_check', key)) INTO schema_name USING source;
	-- one import at a time: what one finds new, changed or gone, another would
	-- only just be writing. Others read and write meanwhile
	LOCK TABLE ONLY powerpanel.location IN SHARE UPDATE EXCLUSIVE MODE;
	PERFORM powerpanel_internal.import_begin(key, name, schema_name, delete_vanished);
	instance := (SELECT o.instance FROM pg_temp.powerpanel_origin AS o);
	PERFORM powerpanel_internal.import_compare_all(assign_outlets);
	EXECUTE format('SELECT powerpanel_internal.%I($1)', format('import_%s_others', key)) USING instance;
	PERFORM powerpanel_internal.import_vanished_steps();
	-- a rule that waits for the end of the transaction would refuse it as a
	-- whole, and name no object; so would a key of somebody else's that refers to ours
	SELECT string_agg(DISTINCT format('%I.%I', n.nspname, c.conname), ', ') INTO constraints
	FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
		LEFT JOIN pg_class AS referred ON referred.oid = c.confrelid
	WHERE 'powerpanel'::regnamespace IN (n.oid, referred.relnamespace) AND c.condeferrable
		AND has_schema_privilege(n.oid, 'USAGE');
	IF constraints IS NOT NULL THEN
		EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', constraints);
	END IF;
	added_statuses := powerpanel_internal.import_statuses();
	PERFORM powerpanel_internal.import_write_all();
	IF NOT keep_going THEN
		PERFORM powerpanel_internal.import_fail();
	END IF;
	RETURN (SELECT jsonb_agg(to_jsonb(r)) FROM powerpanel_internal.import_report(added_statuses) AS r);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_execute(text, text, regnamespace, boolean, boolean, boolean) IS
'Part of the imports: checks, reads, compares, writes, and reports';

-- A dry run is the whole import, so that the rules themselves say what they
-- would refuse, in a subtransaction that is then rolled back: with it go what was
-- written, the temporary tables, and every lock. Keys are random or come from the
-- tool, so that no sequence has moved on. Its queries are many, wide and short: to
-- compile them takes longer than they do.
CREATE FUNCTION powerpanel_internal.import_run(key text, name text, source regnamespace,
	keep_going boolean, assign_outlets boolean, delete_vanished boolean, dry_run boolean,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
	report jsonb;
	undone boolean := false;	-- by us, and not by a trigger of somebody who knows the SQLSTATE
BEGIN
	PERFORM powerpanel_internal.import_arguments(source, keep_going, assign_outlets, delete_vanished, dry_run);
	BEGIN
		report := powerpanel_internal.import_execute(key, name, source, keep_going, assign_outlets, delete_vanished);
		IF dry_run THEN
			undone := true;
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		END IF;
		-- so that one transaction can import twice
		DROP TABLE pg_temp.powerpanel_origin, pg_temp.powerpanel_kind, pg_temp.powerpanel_object,
			pg_temp.powerpanel_vanished, pg_temp.powerpanel_inlet;
	EXCEPTION WHEN SQLSTATE 'PPUND' THEN
		IF NOT undone THEN
			RAISE;
		END IF;
	END;
	RETURN QUERY SELECT r.* FROM jsonb_to_recordset(report) AS r (object_type text, objects_read bigint, taken bigint, inserted bigint,
		updated bigint, unchanged bigint, left_out bigint, vanished bigint, deleted bigint, details jsonb);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_run(text, text, regnamespace, boolean, boolean, boolean, boolean) IS
'Part of the imports: imports from a tool, or shows what that would do';
