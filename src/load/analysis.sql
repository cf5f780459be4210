-- The analysis of the network: loads, outages, single points of failure. All
-- read the tables as they are in the caller's transaction, with the caller's
-- rights. All loads are in VA, utilization and imbalance in percent.

CREATE FUNCTION feed_load(panel uuid DEFAULT NULL,
	OUT power_feed_id uuid, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT available_power bigint, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load(uuid) IS
'What each feed that leaves a panel carries; of all panels where panel is NULL. Loads and available_power in VA, utilization (allocated of available) in percent, NULL where there is nothing available. Raises 22023 where there is no such panel, 55000 where the network has a loop';

CREATE FUNCTION panel_load(panel uuid DEFAULT NULL,
	OUT power_panel_id uuid, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load(uuid) IS
'What a panel carries; all panels where panel is NULL. Loads in VA; capacity by its main breaker, else by the energized feeds that enter it, NULL where it has neither; utilization (allocated of capacity) in percent; the allocated load of each phase that the bus has; imbalance, the farthest of the phases from their mean, in percent of the mean, NULL on dc. Raises 22023 where there is no such panel, 55000 where the network has a loop';

CREATE FUNCTION device_power(device uuid DEFAULT NULL,
	OUT device_id uuid, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power(uuid) IS
'Whether a device has power: on (all its cabled ports are energized), degraded (some), dark (none); all devices where device is NULL. Devices without cabled ports have no row. allocated_va is what its ports carry. Raises 22023 where there is no such device, 55000 where the network has a loop';

CREATE FUNCTION simulate_outage(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}',
	OUT object_type text, OUT object_id uuid, OUT name text, OUT state_before text, OUT state_after text,
	OUT allocated_before double precision, OUT allocated_after double precision,
	OUT available double precision, OUT overloaded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_outage(uuid[], uuid[]) IS
'What changes when these panels and feeds fail: a row for each panel, feed and device whose state or allocated load (VA) would be another. available is a feed''s available power, or a panel''s capacity in the outage, in VA; NULL for a device. NULL arrays give nothing. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';

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
'The N-1 analysis: for each energized panel, and each energized feed with a destination or a cable, what its failure does. The counts are how many more are so in that outage than now; worst_utilization is the highest of all energized feeds with available power, in percent, NULL if there is none. Raises 55000 where the network has a loop';

CREATE FUNCTION suggest_rebalance(panel uuid, max_moves integer DEFAULT 5,
	OUT step integer, OUT power_feed_id uuid, OUT name text, OUT from_position integer,
	OUT to_position integer, OUT imbalance_after double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION suggest_rebalance(uuid, integer) IS
'Moves of breakers to free places, or swaps of two (two rows of one step, to be done in one UPDATE), each of which the rules allow and lowers the imbalance of the panel''s phases, in percent; nothing where none helps. NULL arguments give nothing. Raises 22023 where there is no such panel or max_moves is negative, 55000 where the network has a loop';

CREATE FUNCTION topology_dot(panels uuid[] DEFAULT NULL) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION topology_dot(uuid[]) IS
'The one-line diagram, in Graphviz DOT, of what is connected to these panels, or of all where panels is NULL: panels by tier, feeds with rating and load, path a blue and path b red, what is not energized dashed, what is overloaded bold, racks with their PDUs at the bottom. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';

CREATE FUNCTION rack_load(rack uuid, OUT allocated_va double precision, OUT maximum_va double precision)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_load(uuid) IS
'What the feeds assigned to a rack carry, in VA; 0 where there are none. NULL gives NULL. Raises 22023 where there is no such rack, 55000 where the network has a loop';
