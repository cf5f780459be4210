-- Policies of the inventory's tables are put on record; see row_security.sql.

CREATE FUNCTION powerpanel_internal.record_row_security() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.record_row_security() IS
'Event trigger: keeps the policies of the inventory''s tables for pg_dump';

CREATE EVENT TRIGGER powerpanel_row_security ON ddl_command_end
WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'DROP OWNED')
EXECUTE FUNCTION powerpanel_internal.record_row_security();
COMMENT ON EVENT TRIGGER powerpanel_row_security IS 'Keeps row level security of extension powerpanel where pg_dump finds it';
