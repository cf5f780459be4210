-- See keep_always.sql and record_row_security.sql.

CREATE EVENT TRIGGER powerpanel_keep_always ON ddl_command_end
WHEN TAG IN ('ALTER TABLE')
EXECUTE FUNCTION powerpanel.keep_always();
COMMENT ON EVENT TRIGGER powerpanel_keep_always IS 'Keeps triggers of extension powerpanel ENABLE ALWAYS';

CREATE EVENT TRIGGER powerpanel_row_security ON ddl_command_end
WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'DROP OWNED')
EXECUTE FUNCTION powerpanel.record_row_security();
COMMENT ON EVENT TRIGGER powerpanel_row_security IS 'Keeps row level security of extension powerpanel where pg_dump finds it';
