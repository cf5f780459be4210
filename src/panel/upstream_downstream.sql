CREATE FUNCTION upstream(panel uuid, OUT panel_id uuid, OUT name text, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'upstream_panels' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION upstream(uuid) IS
'The panels above a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. Raises 22023 where there is no such panel, 22004 where it is NULL';

CREATE FUNCTION downstream(panel uuid, OUT panel_id uuid, OUT name text, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'downstream_panels' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION downstream(uuid) IS
'The panels below a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. Raises 22023 where there is no such panel, 22004 where it is NULL';
