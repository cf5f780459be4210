-- Reading tables that are not the extension's own: no query, no cast, nothing of
-- their owners'. See foreign_table.c.

CREATE FUNCTION powerpanel_internal.foreign_rows(tab regclass, columns text[]) RETURNS SETOF jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT ROWS 10000
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.foreign_rows(regclass, text[]) IS
'Part of guard and the imports: the rows of an ordinary table, each a JSON object with these columns, whose values are numbers, booleans, JSON, or else the text of their type. Raises 42809 where it is no ordinary table, 42703 on a column that is not stored in it, 42501 to one who may not read these columns of all rows';

CREATE FUNCTION powerpanel_internal.must_be_ordinary_table(tab regclass) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.must_be_ordinary_table(regclass) IS
'Part of guard and the imports: raises 42809 where it is no ordinary table, whose rows are all in it and in no other, 42P01 where there is none. Locks it against changes of its columns and keys until the end of the transaction';
