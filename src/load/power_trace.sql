CREATE FUNCTION power_trace(device uuid,
	OUT depth integer, OUT object_type text, OUT object_id uuid, OUT name text, OUT of_name text,
	OUT energized boolean, OUT feeds uuid[])
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION power_trace(uuid) IS
'Everything that the power of a device may come through, energized or not, up to the panels that no feed enters: a row for each thing, by depth, object_type and name. depth is the fewest steps from the device, which is 0; its cabled ports are 1. A step leads from a port to the feed or outlet at the other end of its cable; from an outlet to its bank or, without one, its inlet, and to its alternate inlet; from a bank to its inlet; from a feed to the panel that it leaves; from a panel to the feeds that enter it. A cord into one of the device''s own outlets brings it nothing and is left out. object_type is device, power_port, power_outlet, power_bank, power_feed or power_panel; of_name the device of a port, outlet or bank, the panel of a feed, else NULL. energized: of the device, that it is not dark; NULL where it has no cord, and so no state. feeds are the object_ids of this trace that it feeds directly; none of the device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where what lies above has a loop';
