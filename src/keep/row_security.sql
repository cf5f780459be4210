-- pg_dump leaves out the row level security of an extension's tables. Whoever
-- restored such a dump would show everybody what was hidden before. So it is
-- kept as rows, which are dumped, and made again when these are loaded. They lie
-- in powerpanel_internal: they are no part of the inventory, nor of what a
-- publication of the inventory's schema carries.

CREATE TABLE powerpanel_internal.row_security (
	table_name text,
	policy text,
	definition text NOT NULL,
	PRIMARY KEY (table_name, policy)
);
COMMENT ON TABLE powerpanel_internal.row_security IS 'The row level security of the inventory''s tables, for pg_dump to carry. Kept by the extension; use CREATE POLICY and ALTER TABLE';
COMMENT ON COLUMN powerpanel_internal.row_security.table_name IS 'The table';
COMMENT ON COLUMN powerpanel_internal.row_security.policy IS 'The policy; empty for whether row level security is on at all';
COMMENT ON COLUMN powerpanel_internal.row_security.definition IS 'The statement that makes it';

CREATE FUNCTION powerpanel_internal.is_row_security(table_name text, policy text, definition text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION powerpanel_internal.is_row_security(text, text, text) IS
'Part of restoring a dump: is the definition one statement, that makes this policy of this table of the inventory or, where the policy is empty, says whether it has row level security? 42601 where it is no SQL';

-- Fails closed: whether there is row level security is a row of its own, and a
-- policy that cannot be made leaves rows hidden that it would have shown.
CREATE FUNCTION powerpanel_internal.restore_row_security(rows powerpanel_internal.row_security[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept powerpanel_internal.row_security;
	tab pg_class;
	reason text;
BEGIN
	FOREACH kept IN ARRAY rows LOOP
		SELECT c.* INTO tab FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relname = kept.table_name AND c.relkind = 'r';
		CONTINUE WHEN NOT FOUND OR CASE kept.policy
			WHEN '' THEN tab.relrowsecurity OR tab.relforcerowsecurity
			ELSE EXISTS (
				SELECT FROM pg_policy AS p WHERE p.polrelid = tab.oid AND p.polname = kept.policy) END;
		BEGIN
			IF NOT pg_has_role(tab.relowner, 'USAGE') THEN
				RAISE 'It takes the owner of the table.';
			ELSIF NOT powerpanel_internal.is_row_security(kept.table_name, kept.policy, kept.definition) THEN
				RAISE 'This is not row level security of the table.';
			END IF;
			EXECUTE kept.definition;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
			IF kept.policy = '' THEN
				RAISE WARNING 'row level security of table "powerpanel.%" is not restored: %', kept.table_name, reason
					USING DETAIL = kept.definition;
			ELSE
				RAISE WARNING 'policy "%" of table "powerpanel.%" is not restored: %', kept.policy, kept.table_name, reason
					USING DETAIL = kept.definition, HINT = 'Where the table has row level security, rows that this policy would show stay hidden. Mend the reason, and create the policy.';
			END IF;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.restore_row_security(powerpanel_internal.row_security[]) IS
'Part of restoring a dump: makes the row level security that these rows tell of, where it is not there; warns of what cannot be made: where a role is missing, or the current user does not own the table';

CREATE FUNCTION powerpanel_internal.keep_row_security() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.keep_row_security() IS
'Trigger: makes the row level security that an inserted row tells of; an UPDATE is refused (55000). Replication changes neither record nor policies';

CREATE TRIGGER keep_row_security BEFORE INSERT OR UPDATE OR DELETE ON powerpanel_internal.row_security
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.keep_row_security();
COMMENT ON TRIGGER keep_row_security ON powerpanel_internal.row_security IS 'Makes the row level security that a restored row tells of';
ALTER TABLE powerpanel_internal.row_security ENABLE ALWAYS TRIGGER keep_row_security;

COMMENT ON CONSTRAINT row_security_pkey ON powerpanel_internal.row_security IS 'A policy is kept once';
