-- The analysis of the network: loads, outages, single points of failure. All
-- read the tables as they are in the caller's transaction, with the caller's
-- rights. All loads are in VA, utilization and imbalance in percent.
--
-- What takes one thing is two functions: without an argument it tells of
-- everything, with one of that thing. NULL is an error, so that a subselect which
-- finds nothing does not answer for everything.

CREATE FUNCTION feed_load(
	OUT power_feed_id uuid, OUT panel_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision, OUT available_power bigint,
	OUT utilization double precision, OUT amps double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load() IS
'What every feed carries. Loads and available_power in VA; utilization in percent, by powerpanel.load_basis: of a three-phase feed on three poles, cabled or to a three-phase panel, that of its most loaded phase (of a third of available_power), of any other its load of available_power; NULL where there is nothing available. amps is the highest current by its own voltage, amps_a to amps_c the current in each phase that it meets, NULL in others. Raises 55000 where the network has a loop';

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
'Whether every device has power: dark (none of its cabled ports is energized, or fewer than needed_ports), on (all are), else degraded. Devices without cabled ports have no row. allocated_va is what its ports carry from outside; a cable from one of its own outlets into one of its own ports is no cord of its own. Raises 55000 where the network has a loop';

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

CREATE FUNCTION simulate_outage(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}', devices uuid[] DEFAULT '{}',
	OUT object_type text, OUT object_id uuid, OUT name text, OUT state_before text, OUT state_after text,
	OUT load_before double precision, OUT load_after double precision,
	OUT available double precision, OUT overloaded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_outage(uuid[], uuid[], uuid[]) IS
'What changes when these panels, feeds and devices fail: a row for each panel, feed and device whose state or load would be another. Loads in VA, by powerpanel.load_basis. A failed panel is off, and a feed into it carries nothing; a failed device is dark and takes down its outlets. available is a feed''s available power, or a panel''s capacity in the outage, in VA; NULL for a device. overloaded is by the most loaded phase; of a device, that one of its ports or banks is. Raises 22023 on an id that does not exist and where nothing is named, 22004 on a NULL array or element, 55000 where the network has a loop';

CREATE FUNCTION single_points_of_failure(
	OUT object_type text, OUT object_id uuid, OUT name text, OUT devices integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION single_points_of_failure() IS
'Each panel, feed and device with outlets whose failure alone would make devices dark that are not now, and how many: itself not counted, rack PDUs counted. Raises 55000 where the network has a loop';

CREATE FUNCTION contingency(
	OUT object_type text, OUT object_id uuid, OUT name text,
	OUT devices_dark integer, OUT devices_degraded integer,
	OUT feeds_overloaded integer, OUT panels_overloaded integer, OUT worst_utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION contingency() IS
'The N-1 analysis: for each energized panel, and each energized feed with a destination or a cable, what its failure does. The counts are of what is so in that outage and is not so now; worst_utilization is the highest of all energized feeds with available power, in percent, NULL if there is none. Raises 55000 where the network has a loop';

CREATE FUNCTION suggest_rebalance(panel uuid, max_moves integer DEFAULT 5,
	OUT step integer, OUT power_feed_id uuid, OUT name text, OUT from_position integer,
	OUT to_position integer, OUT imbalance_after double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION suggest_rebalance(uuid, integer) IS
'Moves of breakers to free places, or swaps of two (two rows of one step, to be done in one UPDATE), each of which the rules allow and lowers the imbalance of the panel''s phases, in percent; nothing where none helps. Raises 22023 where there is no such panel or max_moves is below 1, 22004 on NULL, 55000 where the network has a loop';

CREATE FUNCTION topology_dot(panels uuid[] DEFAULT NULL) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION topology_dot(uuid[]) IS
'The one-line diagram, in Graphviz DOT, of what is connected to these panels, or of all where panels is NULL: panels by tier, feeds with rating and load, path a blue and path b red, what is not energized dashed, what is overloaded bold, racks with their PDUs at the bottom. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';

CREATE FUNCTION rack_load(rack uuid, OUT allocated_va double precision, OUT maximum_va double precision,
	OUT devices_va double precision, OUT basis_va double precision)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_load(uuid) IS
'Part of rack_power: what the feeds assigned to a rack carry, in VA; what its devices without outlets draw, wherever it comes from; and which of the feeds'' two figures powerpanel.load_basis names. 0 where there are none. NULL gives NULL. Raises 22023 where there is no such rack, 55000 where the network has a loop';
