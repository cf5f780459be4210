-- The inventory is not dropped by mistake.

CREATE FUNCTION powerpanel_internal.drop_protection() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.drop_protection() IS
'Event trigger: refuses (2BP01) to drop the extension while its inventory holds rows, unless powerpanel.allow_drop is on';

CREATE EVENT TRIGGER powerpanel_drop_protection ON ddl_command_start
WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
EXECUTE FUNCTION powerpanel_internal.drop_protection();
COMMENT ON EVENT TRIGGER powerpanel_drop_protection IS 'Refuses to drop extension powerpanel while its inventory holds rows, unless powerpanel.allow_drop is on';
