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
			-- not of tables that are only guarded
			AND g.tgrelid IN (SELECT oid FROM pg_class
				WHERE relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_dump'::regnamespace))
			AND g.tgfoid IN (
			'powerpanel.set_derived_columns()'::regprocedure,
			'powerpanel.rederive_feeds()'::regprocedure,
			'powerpanel.forget_panel()'::regprocedure,
			'powerpanel.restore_row_security()'::regprocedure)
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tgrelid::regclass, t.tgname);
	END LOOP;
END
$$;
COMMENT ON FUNCTION keep_always() IS
'Event trigger: has the triggers that keep derived columns and row level security fire whatever session_replication_role is, also after ENABLE TRIGGER ALL';
