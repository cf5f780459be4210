-- The inventory given to a role of its own, which puts code of its own into a CHECK,
-- an index and statistics. Whoever audits runs none of it with his rights.

BEGIN;
SET LOCAL client_min_messages = error;
CREATE ROLE powerpanel_keeper;
CREATE SCHEMA keeper AUTHORIZATION powerpanel_keeper;
GRANT USAGE, CREATE ON SCHEMA powerpanel TO powerpanel_keeper;
DO $$
DECLARE
	tab regclass;
BEGIN
	FOR tab IN SELECT oid FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('ALTER TABLE %s OWNER TO powerpanel_keeper', tab);
	END LOOP;
END
$$;

SET LOCAL ROLE powerpanel_keeper;
CREATE FUNCTION keeper.grab() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	ALTER ROLE powerpanel_keeper SUPERUSER;
EXCEPTION WHEN insufficient_privilege THEN
	NULL;
END
$$;
CREATE FUNCTION keeper.evil(text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
	PERFORM keeper.grab();
	RETURN $1 <> 'Bad';
END
$$;
INSERT INTO powerpanel.location (name) VALUES ('Bad');
ALTER TABLE powerpanel.location DROP CONSTRAINT location_name;
ALTER TABLE powerpanel.location ADD CONSTRAINT location_name CHECK (keeper.evil(name)) NOT VALID;
CREATE INDEX ON powerpanel.power_panel (name) WHERE keeper.evil('x');
CREATE INDEX ON powerpanel.power_feed (name) WHERE keeper.evil('x');
CREATE INDEX ON powerpanel.cable (label) WHERE keeper.evil('x');
RESET ROLE;

SELECT rule, severity, object FROM powerpanel.check_integrity();
SELECT rolsuper FROM pg_roles WHERE rolname = 'powerpanel_keeper';
ROLLBACK;

-- A table is renamed, or a column of it, by statements that speak of other kinds.
\set VERBOSITY terse
ALTER VIEW powerpanel.power_panel RENAME COLUMN comments TO remarks;
ALTER VIEW powerpanel.power_panel RENAME TO panels;
ALTER MATERIALIZED VIEW powerpanel.power_panel RENAME COLUMN comments TO remarks;
ALTER INDEX powerpanel.power_panel RENAME TO panels;
ALTER SEQUENCE powerpanel.power_panel RENAME TO panels;
SELECT attname FROM pg_attribute WHERE attrelid = 'powerpanel.power_panel'::regclass AND attname IN ('comments', 'remarks');
