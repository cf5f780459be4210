-- examples/demo.sql: what powerpanel does, shown on the inventory of
-- examples/datacenter.sql. It changes nothing that lasts.

\set QUIET on
\set ON_ERROR_STOP off
\set VERBOSITY default
\pset footer off
\pset null ''
SET search_path = powerpanel;
\set ECHO queries

\echo
\echo '=== 1. Two breakers cannot have one place, whoever writes ==================='
\echo
\echo 'Somebody adds a circuit for a new sign to panelboard LP-1:'
\echo
INSERT INTO power_feed (name, power_panel_id, status, voltage, breaker_position, breaker_pole_count)
SELECT 'Sign', id, 'active', 208, 33, 2
FROM power_panel WHERE name = 'LP-1';
\echo
\echo 'Nor can RPP-A feed ATS-A, from which it has its own power:'
\echo
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT 'Tie', rpp.id, ats.id, 'active'
FROM power_panel rpp, power_panel ats WHERE rpp.name = 'RPP-A' AND ats.name = 'ATS-A';

\echo
\echo '=== 2. The schedule to pin inside the door of LP-1 =========================='
\echo
\pset format unaligned
\pset tuples_only on
SELECT panel_schedule_text(id) FROM power_panel WHERE name = 'LP-1';
\pset format aligned
\pset tuples_only off

\echo
\echo '=== 3. Where power comes from: the paths from the utility down =============='
\echo
SELECT h.path_names AS path, f.amperage AS amps, f.available_power AS va
FROM panel_hierarchy h
	JOIN power_panel root ON root.id = h.root_panel_id
	LEFT JOIN power_feed f ON f.id = h.power_feed_id
WHERE root.name = 'Utility' ORDER BY h.path_names;

\echo
\echo '=== 4. What each rack has: 2N on two paths, N+1 with a standby feed ========='
\echo
SELECT r.name AS rack, p.feeds, p.redundancy, p.available_power, p.usable_power
FROM rack_power p JOIN rack r ON r.id = p.rack_id ORDER BY r.name;

\echo
\echo '=== 5. Which positions are free, and where the next breaker goes ============'
\echo
SELECT p.name AS panel, v.occupied_count AS occupied, v.free_count AS free,
	find_breaker_position(p.id, 1) AS "1-pole", find_breaker_position(p.id, 2) AS "2-pole",
	find_breaker_position(p.id, 3) AS "3-pole"
FROM panel_positions v JOIN power_panel p ON p.id = v.power_panel_id
WHERE v.circuit_positions IS NOT NULL ORDER BY p.name;

\echo
\echo '=== 6. One UPDATE swaps two breakers; positions and phases follow ==========='
\echo
BEGIN;
UPDATE power_feed f SET breaker_position = other.breaker_position
FROM power_feed other
WHERE (f.name, other.name) IN (('Dock door', 'Unit heater UH-1'), ('Unit heater UH-1', 'Dock door'))
RETURNING f.name, other.breaker_position AS moved_to, f.occupied_positions, f.phase_designation;
ROLLBACK;

\echo
\echo '=== 7. The audit finds what got in while triggers were off: nothing here ===='
\echo
SELECT count(*) AS violations FROM check_integrity();
\set ECHO none
