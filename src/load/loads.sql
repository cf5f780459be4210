-- What is energized, and what everything carries now. What takes one thing is two
-- functions: without an argument it tells of everything, with one of that thing;
-- NULL is an error, so that a subselect which finds nothing does not answer for
-- everything. These read the tables as they are in the caller's transaction, with
-- his rights.

CREATE FUNCTION feed_load(
	OUT power_feed_id uuid, OUT panel_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision, OUT available_power bigint,
	OUT utilization double precision, OUT amps double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load() IS
'What every feed carries. Loads and available_power in VA; utilization in percent, by powerpanel.load_basis: of a three-phase feed on three poles that has a cable or feeds a three-phase panel, what its most loaded phase carries, of a third of available_power; of any other feed, its load, of available_power; NULL where there is nothing available. amps is the highest current by its own voltage, amps_a to amps_c the current in each phase that it meets, NULL in others. Raises 55000 where the network has a loop';

CREATE FUNCTION feed_load(panel uuid, 
	OUT power_feed_id uuid, OUT panel_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision, OUT available_power bigint,
	OUT utilization double precision, OUT amps double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load(uuid) IS
'The same of the feeds that leave one panel. Raises 22023 where there is no such panel, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION panel_load(
	OUT power_panel_id uuid, OUT name text, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load() IS
'What every panel carries. Loads in VA. capacity_va by its main breaker and max_utilization, else by the energized feeds that enter it, NULL where it has neither. By powerpanel.load_basis: utilization in percent, of the most loaded phase where the bus has several; the power of each phase that the bus has, and the current in it in A, NULL without voltage and on dc; imbalance, the farthest of the phases from their mean, in percent of the mean, NULL on dc. Raises 55000 where the network has a loop';

CREATE FUNCTION panel_load(panel uuid, 
	OUT power_panel_id uuid, OUT name text, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load(uuid) IS
'The same of one panel. Raises 22023 where there is no such panel, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION device_power(
	OUT device_id uuid, OUT name text, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power() IS
'Whether every device has power: dark (none of its cabled ports is energized, or fewer than needed_ports), on (all are), else degraded. Devices without cabled ports have no row. allocated_va is what its ports carry from outside; a cable from one of its own outlets into one of its own ports does not count as a cord. Raises 55000 where the network has a loop';

CREATE FUNCTION device_power(device uuid, 
	OUT device_id uuid, OUT name text, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power(uuid) IS
'The same of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION port_load(
	OUT power_port_id uuid, OUT device_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT rating_va double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION port_load() IS
'What every power port carries, in VA. rating_va is its maximum_draw in VA, utilization the load of that in percent, by powerpanel.load_basis; both are NULL where it has no maximum_draw. Raises 55000 where the network has a loop';

CREATE FUNCTION port_load(device uuid, 
	OUT power_port_id uuid, OUT device_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT rating_va double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION port_load(uuid) IS
'The same of the power ports of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION bank_load(
	OUT power_bank_id uuid, OUT device_name text, OUT name text,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT amps double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION bank_load() IS
'What every power bank carries, in VA, and its current in A by powerpanel.load_basis: the load over the voltage at its inlet, whichever inlet feeds its outlets at present; NULL where it is not energized. utilization is the current in percent of what its breaker may carry. Raises 55000 where the network has a loop';

CREATE FUNCTION bank_load(device uuid, 
	OUT power_bank_id uuid, OUT device_name text, OUT name text,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT amps double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION bank_load(uuid) IS
'The same of the power banks of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';
