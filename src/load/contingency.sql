CREATE FUNCTION contingency(trip_at double precision DEFAULT 1.0,
	OUT object_type text, OUT object_id uuid, OUT name text,
	OUT devices_dark integer, OUT devices_degraded integer,
	OUT feeds_overloaded integer, OUT panels_overloaded integer, OUT worst_utilization double precision,
	OUT trips integer, OUT devices_dark_after_trips integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION contingency(double precision) IS
'The N-1 analysis: for each energized panel, and each energized feed with a destination or a cable, what its failure does. The counts are of what is so in that outage and is not so now; worst_utilization is the highest of all energized feeds with available power, in percent, NULL if there is none. So much before any breaker opens. trips is how many would then open, as simulate_trips() tells, at trip_at times their ratings; devices_dark_after_trips how many devices that are not dark now are dark in the end. Both count what would open though nothing failed, also in parts of the network that the outage does not touch, which simulate_trips() leaves out. Raises 22023 where trip_at is not a finite number above 0, 22004 where it is NULL, 55000 where the network has a loop';
