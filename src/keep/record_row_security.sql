-- Policies of the inventory's tables are put on record; see row_security.sql.

CREATE FUNCTION record_row_security() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- what is being restored is on record
	IF pg_trigger_depth() > 0 THEN
		RETURN;
	END IF;
	-- Event triggers fire for everybody in the database. Who owns no table here
	-- cannot have changed one, and may not read what is on record; but DROP OWNED
	-- takes a role out of policies, whoever's they are.
	IF NOT EXISTS (
		SELECT FROM pg_class AS c
		WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_dump'::regnamespace) AND c.relkind = 'r'
			AND (pg_has_role(c.relowner, 'USAGE') OR (tg_tag = 'DROP OWNED' AND c.relrowsecurity))) THEN
		RETURN;
	END IF;
	-- so it is when a dump made with --disable-triggers turns them on again
	IF EXISTS (
		SELECT FROM pg_event_trigger_ddl_commands() AS d
		WHERE d.objid = 'powerpanel_dump.row_security'::regclass) THEN
		PERFORM powerpanel.restore_row_security(ARRAY(SELECT k FROM powerpanel_dump.row_security AS k));
		RETURN;
	END IF;

	WITH now (table_name, policy, definition) AS MATERIALIZED (
		SELECT c.relname::text, '',
			format('ALTER TABLE powerpanel.%I %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', c.relname,
				CASE WHEN c.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
				CASE WHEN c.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
		FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind = 'r'
			AND (c.relrowsecurity OR c.relforcerowsecurity)
		UNION ALL
		SELECT p.tablename::text, p.policyname::text,
			format('CREATE POLICY %I ON powerpanel.%I AS %s FOR %s TO %s%s%s', p.policyname, p.tablename,
				p.permissive, p.cmd,
				(SELECT string_agg(CASE WHEN r = 'public' THEN 'PUBLIC' ELSE quote_ident(r) END, ', ')
					FROM unnest(p.roles) AS r),
				' USING (' || p.qual || ')', ' WITH CHECK (' || p.with_check || ')')
		FROM pg_policies AS p
		WHERE p.schemaname = 'powerpanel'),
	gone AS (
		DELETE FROM powerpanel_dump.row_security AS k
		WHERE NOT EXISTS (
			SELECT FROM now AS n WHERE n.table_name = k.table_name AND n.policy = k.policy))
	INSERT INTO powerpanel_dump.row_security AS k (table_name, policy, definition)
	SELECT n.table_name, n.policy, n.definition FROM now AS n
	ON CONFLICT (table_name, policy) DO UPDATE SET definition = excluded.definition
		WHERE k.definition <> excluded.definition;
END
$$;
COMMENT ON FUNCTION record_row_security() IS
'Event trigger: keeps the policies of the inventory''s tables for pg_dump';
