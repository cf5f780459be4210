-- ALTER TABLE ... ENABLE TRIGGER ALL, with which a dump made with
-- --disable-triggers ends, makes of an ENABLE ALWAYS trigger an ordinary one.

CREATE FUNCTION keep_always() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t pg_trigger;
BEGIN
	FOR t IN
		SELECT * FROM pg_trigger AS g
		WHERE g.tgenabled = 'O'
			-- not of tables that are only guarded; and only the owner can have
			-- changed one, while event triggers fire for everybody in the database,
			-- so nothing is looked up by a name that takes USAGE on the schema
			AND g.tgrelid IN (SELECT oid FROM pg_class
				WHERE relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_dump'::regnamespace)
					AND pg_has_role(relowner, 'USAGE'))
			AND g.tgfoid IN (SELECT oid FROM pg_proc
				WHERE pronamespace = 'powerpanel'::regnamespace
					AND proname IN ('set_derived_columns', 'rederive_feeds', 'forget_panel', 'restore_row_security'))
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tgrelid::regclass, t.tgname);
	END LOOP;
END
$$;
COMMENT ON FUNCTION keep_always() IS
'Event trigger: has the triggers that keep derived columns and row level security fire whatever session_replication_role is, also after ENABLE TRIGGER ALL';
