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

COMMENT ON CONSTRAINT row_security_pkey ON powerpanel_dump.row_security IS 'A policy is kept once';
