-- See follow_rename.c. Of no tag in particular, since ALTER FOREIGN TABLE and
-- others rename columns of ordinary tables, too.

CREATE FUNCTION powerpanel_internal.follow_rename() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.follow_rename() IS
'Event trigger: where a column of a guarded table is renamed, the guard goes along';

CREATE EVENT TRIGGER powerpanel_follow_rename ON ddl_command_end
EXECUTE FUNCTION powerpanel_internal.follow_rename();
COMMENT ON EVENT TRIGGER powerpanel_follow_rename IS 'Guards of extension powerpanel go along where a column is renamed';
