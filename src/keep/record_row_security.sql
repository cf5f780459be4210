-- Policies of the inventory's tables are put on record; see row_security.sql.

CREATE FUNCTION record_row_security() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION record_row_security() IS
'Event trigger: keeps the policies of the inventory''s tables for pg_dump';
