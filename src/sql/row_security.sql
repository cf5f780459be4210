-- pg_dump leaves out the row level security of an extension's tables. Whoever
-- restored such a dump would show everybody what was hidden before. So it is
-- kept as rows, which are dumped, and made again when these are loaded. They lie
-- in a schema of their own: they are no part of the inventory, nor of what a
-- publication of the inventory's schema carries.

CREATE SCHEMA powerpanel_dump;
COMMENT ON SCHEMA powerpanel_dump IS 'What extension powerpanel keeps for pg_dump to carry';

CREATE TABLE powerpanel_dump.row_security (
	table_name text,
	policy text,
	definition text NOT NULL,
	PRIMARY KEY (table_name, policy)
);
COMMENT ON TABLE powerpanel_dump.row_security IS 'The row level security of the inventory''s tables, for pg_dump to carry. Kept by the extension; use CREATE POLICY and ALTER TABLE';
COMMENT ON COLUMN powerpanel_dump.row_security.table_name IS 'The table';
COMMENT ON COLUMN powerpanel_dump.row_security.policy IS 'The policy; empty for whether row level security is on at all';
COMMENT ON COLUMN powerpanel_dump.row_security.definition IS 'The statement that makes it';

CREATE FUNCTION restore_row_security(rows powerpanel_dump.row_security[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept powerpanel_dump.row_security;
	tab pg_class;
BEGIN
	FOREACH kept IN ARRAY rows LOOP
		SELECT c.* INTO tab FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relname = kept.table_name;
		CONTINUE WHEN NOT FOUND OR CASE kept.policy
			WHEN '' THEN tab.relrowsecurity OR tab.relforcerowsecurity
			ELSE EXISTS (
				SELECT FROM pg_policy AS p WHERE p.polrelid = tab.oid AND p.polname = kept.policy) END;
		IF pg_has_role(tab.relowner, 'USAGE') THEN
			EXECUTE kept.definition;
		ELSE
			RAISE WARNING 'row level security of table "powerpanel.%" is not restored', kept.table_name
				USING DETAIL = kept.definition, HINT = 'It takes the owner of the table.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION restore_row_security(powerpanel_dump.row_security[]) IS
'Part of restoring a dump: makes the row level security that these rows tell of, where it is not there; warns where the current user does not own the table';

CREATE FUNCTION restore_row_security() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM powerpanel.restore_row_security(ARRAY[NEW]);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION restore_row_security() IS
'Trigger: makes the row level security that a restored row tells of';

CREATE TRIGGER restore_row_security AFTER INSERT ON powerpanel_dump.row_security
FOR EACH ROW EXECUTE FUNCTION restore_row_security();
COMMENT ON TRIGGER restore_row_security ON powerpanel_dump.row_security IS 'Makes the row level security that a restored row tells of';
ALTER TABLE powerpanel_dump.row_security ENABLE ALWAYS TRIGGER restore_row_security;

CREATE FUNCTION record_row_security() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- what is being restored is on record
	IF pg_trigger_depth() > 0 THEN
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

CREATE EVENT TRIGGER powerpanel_row_security ON ddl_command_end
WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'DROP OWNED')
EXECUTE FUNCTION powerpanel.record_row_security();
COMMENT ON EVENT TRIGGER powerpanel_row_security IS 'Keeps row level security of extension powerpanel where pg_dump finds it';
