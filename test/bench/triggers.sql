-- The extension's own triggers off and on again, as they were.
CREATE TABLE bench.trigger AS
SELECT tgrelid::regclass AS tab, tgname AS name, tgenabled AS enabled FROM pg_trigger
WHERE tgrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace) AND NOT tgisinternal;

CREATE FUNCTION bench.triggers(wanted boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	t record;
BEGIN
	FOR t IN SELECT * FROM bench.trigger LOOP
		EXECUTE format('ALTER TABLE %s %s TRIGGER %I', t.tab,
			CASE WHEN NOT wanted THEN 'DISABLE' WHEN t.enabled = 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE' END,
			t.name);
	END LOOP;
END
$$;
