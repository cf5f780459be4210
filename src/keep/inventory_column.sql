-- What the columns of the inventory are as they are made here: what reads them goes by
-- that, see inventory_must_be_whole(). A script that adds or alters some writes it anew.

CREATE TABLE powerpanel_internal.inventory_column AS
SELECT c.oid::pg_catalog.regclass AS relation, c.relname AS relation_name, a.attname AS name, a.atttypid::pg_catalog.regtype AS type, a.attnotnull AS not_null
FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'powerpanel'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attnum > 0;
COMMENT ON TABLE powerpanel_internal.inventory_column IS
'The columns of the inventory''s tables as CREATE EXTENSION made them; where they are no longer so, analyses, audits and checks raise 55000';
COMMENT ON COLUMN powerpanel_internal.inventory_column.relation IS 'The table';
COMMENT ON COLUMN powerpanel_internal.inventory_column.relation_name IS 'The table''s name, by which queries find it in schema powerpanel';
COMMENT ON COLUMN powerpanel_internal.inventory_column.name IS 'The column';
COMMENT ON COLUMN powerpanel_internal.inventory_column.type IS 'Its type';
COMMENT ON COLUMN powerpanel_internal.inventory_column.not_null IS 'It is NOT NULL';
