-- The inventory's tables are not changed without a word.

CREATE FUNCTION powerpanel_internal.warn_of_change() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.warn_of_change() IS
'Event trigger: refuses (55000) a change of the columns of one of the extension''s tables, unless powerpanel.allow_change is on, since a dump could not be restored; warns that pg_dump does not carry any other change';

-- ALTER VIEW, ALTER INDEX and others rename tables and their columns, too.
CREATE EVENT TRIGGER powerpanel_warn_of_change ON ddl_command_end
WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX', 'CREATE TRIGGER', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW',
	'ALTER INDEX', 'ALTER FOREIGN TABLE', 'ALTER SEQUENCE')
EXECUTE FUNCTION powerpanel_internal.warn_of_change();
COMMENT ON EVENT TRIGGER powerpanel_warn_of_change IS 'Refuses a change of the columns of a table of extension powerpanel, unless powerpanel.allow_change is on; warns that pg_dump does not carry others';
