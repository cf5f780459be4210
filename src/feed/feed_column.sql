CREATE FUNCTION powerpanel_internal.feed_column_list(OUT role text, OUT usual text, OUT kind text, OUT inventory boolean, OUT guarded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.feed_column_list() IS
'Part of guard: the columns of feeds, panels and cables that rules speak of: what an option calls it, what it is usually called, which types it may have, and whether the inventory and guarded tables have it';
