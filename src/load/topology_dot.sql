CREATE FUNCTION topology_dot(panels uuid[] DEFAULT NULL) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION topology_dot(uuid[]) IS
'The one-line diagram, in Graphviz DOT, of what is connected to these panels, or of all where panels is NULL: panels by tier, feeds with rating and load, path a blue and path b red, what is not energized dashed, what is overloaded bold, racks with their PDUs at the bottom. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';
