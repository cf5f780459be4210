CREATE FUNCTION device_redundancy(
	OUT device_id uuid, OUT name text, OUT min_failures integer, OUT failures uuid[], OUT failure_names text[],
	OUT survives_any_one boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_redundancy() IS
'How safe the power of each device with cabled ports really is. min_failures is the smallest number of panels, feeds and devices with outlets (itself not among them) whose failure together leaves it dark; failures and failure_names are such a smallest set, devices first, then feeds, then panels. Of several such sets it is the one nearest to the device; where a device with several inlets, or needed_ports, leaves a choice, the first by these kinds and by name. 0 and empty arrays where it is dark now; NULLs where more than 4 must fail. No breaker opens for that. survives_any_one says whether the device stays on whichever one of these things fails, once all breakers that then carry more than their rating have opened (trip_at 1.0), by powerpanel.load_basis; false where it is dark now, or goes dark by breakers that carry too much though nothing fails. Raises 55000 where the network has a loop';

CREATE FUNCTION device_redundancy(device uuid,
	OUT device_id uuid, OUT name text, OUT min_failures integer, OUT failures uuid[], OUT failure_names text[],
	OUT survives_any_one boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_redundancy(uuid) IS
'The same of one device. No row where it has no cabled ports. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';
