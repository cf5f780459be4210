CREATE FUNCTION rack_redundancy(
	OUT rack_id uuid, OUT name text, OUT devices integer, OUT labelled text, OUT min_failures integer,
	OUT maintainable boolean, OUT fault_tolerant boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_redundancy() IS
'How safe the power of each rack really is, beside what its feeds promise. devices: how many of its devices have cabled ports and no outlets; the rest is about these. labelled: as rack_power.redundancy says of the feeds assigned to it. min_failures: the least of theirs, see device_redundancy(); NULL where each needs more than 4. maintainable: none is dark now, and no single panel or feed, taken out, leaves one dark, or overloads a panel, feed, port or bank that their power may come through, energized or not, and that is not overloaded now. fault_tolerant: the same of each single failure, that of devices with outlets included, and of no failure at all, once all breakers that then carry more than their rating have opened (trip_at 1.0); an overload counts before they open and after. Both by powerpanel.load_basis. Where there are no such devices: 0, the label, and NULLs. (Concurrently maintainable and fault tolerant are words of the Uptime Institute, whose tiers ask for more than power; no tier is claimed here.) Raises 55000 where the network has a loop';

CREATE FUNCTION rack_redundancy(rack uuid,
	OUT rack_id uuid, OUT name text, OUT devices integer, OUT labelled text, OUT min_failures integer,
	OUT maintainable boolean, OUT fault_tolerant boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_redundancy(uuid) IS
'The same of one rack. Raises 22023 where there is no such rack, 22004 where it is NULL, 55000 where the network has a loop';
