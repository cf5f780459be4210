-- pg_restore -j loads tables in an order of its own; see restore.c.

CREATE FUNCTION powerpanel_internal.load_in_any_order() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.load_in_any_order() IS
'Trigger: where pg_restore, run by a superuser, copies into an empty table, does without foreign keys and checks for this one statement, because with -j the tables come in any order; a WARNING names the table. check_integrity() tells whether all came';

-- All tables that have foreign keys. What ends the load has to fire in it, too.
DO $$
DECLARE
	tab text;
BEGIN
	FOR tab IN
		SELECT c.relname FROM pg_catalog.pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::pg_catalog.regnamespace AND c.relkind = 'r'
			AND EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'f')
		ORDER BY c.relname
	LOOP
		EXECUTE pg_catalog.format('CREATE TRIGGER load_in_any_order BEFORE INSERT ON powerpanel.%I
			FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order()', tab);
		EXECUTE pg_catalog.format('COMMENT ON TRIGGER load_in_any_order ON powerpanel.%I IS %L', tab,
			'Lets pg_restore -j load the tables in any order');
		EXECUTE pg_catalog.format('CREATE TRIGGER load_in_any_order_end AFTER INSERT ON powerpanel.%I
			FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order()', tab);
		EXECUTE pg_catalog.format('COMMENT ON TRIGGER load_in_any_order_end ON powerpanel.%I IS %L', tab,
			'Sets back what load_in_any_order set');
		EXECUTE pg_catalog.format('ALTER TABLE powerpanel.%I ENABLE ALWAYS TRIGGER load_in_any_order_end', tab);
	END LOOP;
END
$$;
