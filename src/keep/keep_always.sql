-- ALTER TABLE ... ENABLE TRIGGER ALL, with which a dump made with
-- --disable-triggers ends, makes of an ENABLE ALWAYS trigger an ordinary one:
-- of the inventory's tables, and of those of a guarded pair.

CREATE FUNCTION powerpanel_internal.keep_always() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		-- of the tables that were altered only, with what inherits from them, so
		-- that nobody waits for a stranger's table
		WITH RECURSIVE altered (relid) AS (
			SELECT d.objid FROM pg_event_trigger_ddl_commands() AS d WHERE d.classid = 'pg_class'::regclass
			UNION
			SELECT i.inhrelid FROM altered AS a JOIN pg_inherits AS i ON i.inhparent = a.relid)
		SELECT g.tgrelid::regclass AS tab, g.tgname AS name
		FROM altered AS a
			JOIN pg_class AS c ON c.oid = a.relid
			JOIN pg_trigger AS g ON g.tgrelid = c.oid
			JOIN pg_proc AS p ON p.oid = g.tgfoid
		WHERE g.tgenabled = 'O'
			-- nothing is looked up by a name that takes USAGE on the schema, since
			-- event triggers fire for everybody in the database
			AND p.pronamespace = 'powerpanel_internal'::regnamespace
			AND (p.proname IN ('rederive_feeds', 'forget_panel')
				OR (c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
					AND (p.proname IN ('set_derived_columns', 'keep_row_security')
						OR g.tgname = 'load_in_any_order_end')))
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tab, t.name);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.keep_always() IS
'Event trigger: has the triggers that keep derived columns, what is known of a panel, and row level security fire whatever session_replication_role is, also after ENABLE TRIGGER ALL, on guarded tables too';

CREATE EVENT TRIGGER powerpanel_keep_always ON ddl_command_end
WHEN TAG IN ('ALTER TABLE')
EXECUTE FUNCTION powerpanel_internal.keep_always();
COMMENT ON EVENT TRIGGER powerpanel_keep_always IS 'Keeps triggers of extension powerpanel ENABLE ALWAYS';
