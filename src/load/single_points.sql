CREATE FUNCTION single_points_of_failure(
	OUT object_type text, OUT object_id uuid, OUT name text, OUT devices integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION single_points_of_failure() IS
'Each panel, feed and device with outlets whose failure alone would make devices dark that are not now, and how many: itself not counted, rack PDUs counted. Raises 55000 where the network has a loop';
