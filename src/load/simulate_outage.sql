CREATE FUNCTION simulate_outage(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}', devices uuid[] DEFAULT '{}',
	trip_at double precision DEFAULT NULL,
	OUT object_type text, OUT object_id uuid, OUT name text, OUT state_before text, OUT state_after text,
	OUT load_before double precision, OUT load_after double precision,
	OUT available double precision, OUT overloaded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_outage(uuid[], uuid[], uuid[], double precision) IS
'What changes when these panels, feeds and devices fail: a row for each panel, feed and device whose state or load would be another. Loads in VA, by powerpanel.load_basis. A failed panel is off, and a feed into it carries nothing; a failed device is dark and takes down its outlets. available is a feed''s available power, or a panel''s capacity in the outage, in VA; NULL for a device. overloaded is by the most loaded phase; of a device, that one of its ports or banks is. With trip_at, all is as it is once the breakers that simulate_trips() tells of have opened, and what has opened is off. With NULL no breaker opens. Raises 22023 on an id that does not exist, where nothing is named, and where trip_at is not a finite number above 0; 22004 on a NULL array or element, 55000 where the network has a loop';
