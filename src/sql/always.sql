-- See keep_always.sql.

CREATE EVENT TRIGGER powerpanel_keep_always ON ddl_command_end
WHEN TAG IN ('ALTER TABLE')
EXECUTE FUNCTION powerpanel.keep_always();
COMMENT ON EVENT TRIGGER powerpanel_keep_always IS 'Keeps triggers of extension powerpanel ENABLE ALWAYS';
