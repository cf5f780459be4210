CREATE FUNCTION simulate_trips(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}', devices uuid[] DEFAULT '{}',
	trip_at double precision DEFAULT 1.0,
	OUT round integer, OUT object_type text, OUT object_id uuid, OUT name text,
	OUT load double precision, OUT rating double precision, OUT percent double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_trips(uuid[], uuid[], uuid[], double precision) IS
'x';
