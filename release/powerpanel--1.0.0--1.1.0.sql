-- complain if the script is sourced in psql rather than by ALTER EXTENSION
\echo Use "ALTER EXTENSION powerpanel UPDATE TO '1.1.0'" to load this file. \quit
-- From 1.0.0: rack_power tells loads now. A view of yours that reads it has to
-- be dropped first and made again afterwards.

DROP VIEW rack_power;

-- constraint_violations() asks first whether there are any.

CREATE OR REPLACE FUNCTION constraint_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	con record;
	broken boolean;
BEGIN
	FOR con IN
		SELECT c.conname, c.contype, t.relname AS tab, r.relname AS ref,
			pg_get_expr(c.conbin, c.conrelid) AS expression,
			(SELECT string_agg(format('r.%I = t.%I', ra.attname, ta.attname), ' AND ')
				FROM unnest(c.conkey, c.confkey) AS k (t, r)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t
				JOIN pg_attribute AS ra ON ra.attrelid = c.confrelid AND ra.attnum = k.r) AS same,
			(SELECT string_agg(format('t.%I IS NOT NULL', ta.attname), ' AND ')
				FROM unnest(c.conkey) AS k (t)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS given,
			(SELECT string_agg(format('%I', ta.attname), ', ' ORDER BY k.n)
				FROM unnest(c.conkey) WITH ORDINALITY AS k (t, n)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS columns,
			coalesce(obj_description(c.oid, 'pg_constraint'), pg_get_constraintdef(c.oid)) AS description
		FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		LEFT JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN powerpanel.rule AS known ON known.name = c.conname
		WHERE c.connamespace = 'powerpanel'::regnamespace
			AND (c.contype = 'f' OR (c.contype = 'c' AND NOT c.convalidated))
			AND (rules IS NULL OR c.conname = ANY (rules))
		ORDER BY c.conname
	LOOP
		-- whether there is any is asked without the rows, which is faster
		EXECUTE format('SELECT EXISTS (SELECT FROM ONLY powerpanel.%I AS t WHERE %s)', con.tab,
			CASE con.contype
				WHEN 'f' THEN format('%s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)',
					con.given, con.ref, con.same)
				ELSE format('NOT (%s)', con.expression)
			END) INTO broken;
		CONTINUE WHEN NOT broken;
		rule := con.conname;
		severity := 'error';
		object_type := con.tab;
		FOR object_id, object, detail IN EXECUTE
			CASE con.contype
				WHEN 'f' THEN
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'),
						format('Key (%s)=(%%s) is not present in table "%s".', (SELECT concat_ws(', ', %s)))
						FROM ONLY powerpanel.%I AS t
						WHERE %s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)$q$,
						con.columns, con.ref, regexp_replace(con.columns, '(\S+)', 't.\1', 'g'),
						con.tab, con.given, con.ref, con.same)
				ELSE
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'), $1
						FROM ONLY powerpanel.%I AS t WHERE NOT (%s)$q$, con.tab, con.expression)
			END
			USING con.description
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;

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
CREATE VIEW rack_power WITH (security_invoker = true) AS
SELECT r.id AS rack_id,
	f.feeds,
	f.available_power,
	f.available_power - CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END AS usable_power,
	l.allocated_va,
	l.maximum_va,
	100 * l.allocated_va / nullif(f.available_power
		- CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END, 0) AS utilization,
	CASE f.designs
		WHEN ARRAY['primary'] THEN 'N'
		WHEN ARRAY['primary a', 'redundant b'] THEN 'N+1'
		WHEN ARRAY['primary b', 'redundant a'] THEN 'N+1'
		WHEN ARRAY['primary a', 'primary b'] THEN '2N'
	END AS redundancy
FROM powerpanel.rack AS r
CROSS JOIN LATERAL (
	SELECT count(*) AS feeds,
		coalesce(sum(f.available_power), 0)::bigint AS available_power,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'a'), 0)::bigint AS power_a,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'b'), 0)::bigint AS power_b,
		coalesce(bool_or(f.power_path = 'a'), false) AS on_a,
		coalesce(bool_or(f.power_path = 'b'), false) AS on_b,
		array_agg(DISTINCT concat_ws(' ', f.type, f.power_path) ORDER BY concat_ws(' ', f.type, f.power_path)) AS designs
	FROM powerpanel.power_feed AS f
	WHERE f.rack_id = r.id) AS f
CROSS JOIN LATERAL powerpanel.rack_load(r.id) AS l;
COMMENT ON VIEW rack_power IS 'A row for every rack: the power of the feeds assigned to it, of every status, and what they carry';
COMMENT ON COLUMN rack_power.rack_id IS 'The rack';
COMMENT ON COLUMN rack_power.feeds IS 'How many feeds are assigned to it';
COMMENT ON COLUMN rack_power.available_power IS 'The sum of their available power, in VA';
COMMENT ON COLUMN rack_power.usable_power IS 'What is left of it, in VA, when the larger of path a and path b has failed, where there are feeds of both; else the sum';
COMMENT ON COLUMN rack_power.allocated_va IS 'What they carry, in VA, as draws are allocated';
COMMENT ON COLUMN rack_power.maximum_va IS 'What they carry, in VA, at the maximum draws';
COMMENT ON COLUMN rack_power.utilization IS 'allocated_va of usable_power, in percent; NULL where usable_power is 0';
COMMENT ON COLUMN rack_power.redundancy IS 'N: primary without path. N+1: primary on one path, redundant on the other. 2N: primary on both. NULL for any other set of feeds';
