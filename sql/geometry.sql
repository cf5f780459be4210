-- geometry: positions and phases of a breaker, and available power, each against
-- a second computation in SQL
SET search_path = powerpanel, pg_temp;

SELECT numbering, position, poles, breaker_positions(numbering, position, poles),
	breaker_phases(numbering, 'three-phase', position, poles) AS three,
	breaker_phases(numbering, 'split-phase', position, poles) AS split,
	breaker_phases(numbering, 'single-phase', position, poles) AS single,
	breaker_phases(numbering, 'dc', position, poles) AS dc
FROM unnest(enum_range(NULL::panel_numbering)) AS numbering,
	(VALUES (1, 1), (2, 1), (3, 1), (5, 1), (5, 2), (6, 2), (7, 1), (1, 3), (2, 3), (3, 3), (41, 2), (1000, 3)) AS v (position, poles)
ORDER BY numbering, poles, position;

-- All breakers there can be: 1000 positions, 3 pole counts, 2 numberings, 4 buses
CREATE TEMPORARY TABLE expected AS
SELECT numbering, bus, p, k, occupied, phases
FROM unnest(enum_range(NULL::panel_numbering)) AS numbering,
	unnest(enum_range(NULL::panel_bus)) AS bus,
	generate_series(1, 1000) AS p, generate_series(1, 3) AS k,
	LATERAL (SELECT array_agg(position ORDER BY position) AS occupied,
			string_agg(DISTINCT leg, '-' ORDER BY leg) AS phases
		FROM (SELECT CASE numbering WHEN 'across' THEN p + 2 * i ELSE p + i END AS position
				FROM generate_series(0, k - 1) AS i) AS o,
			LATERAL (SELECT CASE numbering WHEN 'across' THEN (position - 1) / 2 ELSE position - 1 END AS ordinal) AS ord,
			LATERAL (SELECT CASE bus
				WHEN 'three-phase' THEN substr('ABC', ordinal % 3 + 1, 1)
				WHEN 'split-phase' THEN substr('AB', ordinal % 2 + 1, 1)
				WHEN 'single-phase' THEN 'A' END AS leg) AS l) AS x;
SELECT count(*),
	count(*) FILTER (WHERE breaker_positions(numbering, p, k)::int[] IS DISTINCT FROM occupied) AS wrong_positions,
	count(*) FILTER (WHERE breaker_phases(numbering, bus, p, k)::text IS DISTINCT FROM phases) AS wrong_phases,
	count(*) FILTER (WHERE k = 1 AND position_phase(numbering, bus, p)::text IS DISTINCT FROM phases) AS wrong_phase
FROM expected;
SELECT bus, phases, count(*) FROM expected GROUP BY bus, phases ORDER BY bus, phases;
DROP TABLE expected;

-- Out of range, and NULL
SELECT call, test.attempt('SELECT ' || call) AS result
FROM (VALUES ('breaker_positions(''across'', 0, 1)'), ('breaker_positions(''across'', -1, 1)'), ('breaker_positions(''across'', 1001, 1)'),
	('breaker_positions(''across'', 2147483647, 3)'), ('breaker_positions(''sequential'', 1, 0)'), ('breaker_positions(''sequential'', 1, 4)'),
	('breaker_positions(''sequential'', 1, 2147483647)'), ('breaker_phases(''across'', ''dc'', 0, 1)'), ('breaker_phases(''across'', ''dc'', 1, 4)'),
	('breaker_phases(''across'', ''three-phase'', 2147483647, 2)'), ('position_phase(''across'', ''three-phase'', 0)'),
	('position_phase(''across'', ''dc'', 1024)'), ('position_phase(''across'', ''three-phase'', 1023)'), ('position_phase(''across'', ''three-phase'', -2147483648)'),
	('breaker_positions(''across'', NULL, 1)'), ('breaker_positions(NULL, 1, 1)'), ('breaker_phases(''across'', NULL, 1, 1)')) AS v (call);
SELECT breaker_positions('across', NULL, 1) IS NULL AS "null", breaker_phases('across', 'three-phase', 1, NULL) IS NULL AS "null";

-- available_power: |voltage| * amperage * (max_utilization / 100), times 1.732,
-- rounded half to even, in IEEE double in this order
CREATE FUNCTION pg_temp.expected_power(v int, a int, u int, three boolean) RETURNS bigint
LANGUAGE sql AS $$ SELECT round(CASE WHEN three
	THEN abs(v::float8) * a::float8 * (u::float8 / 100::float8) * 1.732::float8
	ELSE abs(v::float8) * a::float8 * (u::float8 / 100::float8) END)::bigint $$;
SELECT voltage, amperage, utilization, available_power(voltage, amperage, utilization, 'single-phase') AS single,
	available_power(voltage, amperage, utilization, 'three-phase') AS three
FROM (VALUES (120, 20, 80), (208, 30, 80), (480, 400, 80), (-48, 100, 100), (230, 16, 80), (1, 1, 1), (1, 1, 50), (3, 1, 50), (5, 1, 50),
	(1, 5, 10), (1, 15, 10), (1, 25, 10), (7, 5, 10), (115, 3, 10), (2147483647, 2147483647, 1), (2147483647, 2147483647, 100), (-2147483648, 1, 100)) AS v (voltage, amperage, utilization);
SELECT count(*),
	count(*) FILTER (WHERE available_power(v, a, u, 'single-phase') IS DISTINCT FROM pg_temp.expected_power(v, a, u, false)) AS wrong_single,
	count(*) FILTER (WHERE available_power(v, a, u, 'three-phase') IS DISTINCT FROM pg_temp.expected_power(v, a, u, true)) AS wrong_three,
	count(*) FILTER (WHERE abs(v) * a * u % 100 = 50) AS ties
FROM unnest(ARRAY[1, 2, 3, 5, 48, 115, 120, 208, 230, 240, 277, 415, 480, -48, -380]) AS v,
	unnest(ARRAY[1, 2, 5, 10, 13, 15, 16, 20, 25, 30, 32, 45, 60, 63, 100, 225, 400, 2500]) AS a,
	generate_series(1, 100) AS u;
SELECT count(*) AS ties_to_odd FROM generate_series(1, 999, 2) AS v
WHERE available_power(v, 1, 50, 'single-phase') % 2 <> 0;

-- It is the same in the column
BEGIN;
INSERT INTO location (name) VALUES ('L');
INSERT INTO power_panel (name, location_id) VALUES ('P', test.location('L'));
INSERT INTO power_feed (name, power_panel_id, status, phase, supply, voltage, amperage, max_utilization)
SELECT v || '/' || a || '/' || u || '/' || ph, test.panel('P'), 'active', ph, CASE WHEN v < 0 THEN 'dc' ELSE 'ac' END::supply, v, a, u
FROM unnest(ARRAY[1, 120, 208, 480, -48]) AS v, unnest(ARRAY[1, 15, 20, 2147483647]) AS a, unnest(ARRAY[1, 50, 80, 99, 100]) AS u, unnest(enum_range(NULL::phase)) AS ph;
SELECT count(*), count(*) FILTER (WHERE available_power IS DISTINCT FROM pg_temp.expected_power(voltage, amperage, max_utilization, phase = 'three-phase')) AS wrong FROM power_feed;
UPDATE power_feed SET amperage = 63, voltage = 230, supply = 'ac';
SELECT count(*), count(*) FILTER (WHERE available_power IS DISTINCT FROM pg_temp.expected_power(voltage, amperage, max_utilization, phase = 'three-phase')) AS wrong FROM power_feed;
ROLLBACK;
