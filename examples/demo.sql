-- examples/demo.sql: what powerpanel does, shown on the inventory of
-- examples/datacenter.sql. It changes nothing that lasts.

\set QUIET on
\set ON_ERROR_STOP off
\set VERBOSITY default
\set SHOW_CONTEXT never
\pset footer off
\pset null ''
SET search_path = powerpanel;

\echo
\echo '1. A breaker in an occupied place is refused, whoever writes, however they write'
\echo
\echo 'Somebody adds a 2-pole breaker for a new sign at position 33 of LP-1:'
\echo
INSERT INTO power_feed (name, power_panel_id, status, voltage, breaker_position, breaker_pole_count)
SELECT 'Sign', id, 'active', 208, 33, 2 FROM power_panel WHERE name = 'LP-1';
\echo
\echo 'Nor can ATS-A be fed from a panel that it feeds itself:'
\echo
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
SELECT 'Tie', p.id, d.id, 'active' FROM power_panel p, power_panel d WHERE p.name = 'RPP-A' AND d.name = 'ATS-A';

\echo
\echo '2. The schedule to pin inside the door of LP-1'
\echo
\pset format unaligned
\pset tuples_only on
SELECT panel_schedule_text(id) FROM power_panel WHERE name = 'LP-1';
\pset format aligned
\pset tuples_only off

\echo
\echo '3. Where power comes from: every path from a root to a panel'
\echo
SELECT h.depth, h.path_names AS path, f.type, f.amperage || ' A' AS feed, f.available_power AS "VA"
FROM panel_hierarchy h LEFT JOIN power_feed f ON f.id = h.power_feed_id
ORDER BY h.path_names;

\echo
\echo '4. What the racks may draw, and do'
\echo
SELECT r.name AS rack, p.feeds, p.redundancy, p.available_power, p.usable_power,
	round(p.allocated_va) AS allocated_va, round(p.maximum_va) AS maximum_va, round(p.utilization) AS "utilization %"
FROM rack_power p JOIN rack r ON r.id = p.rack_id ORDER BY r.name;

\echo
\echo '5. Which positions are free, and where the next breaker goes'
\echo
SELECT p.name AS panel, v.occupied_count AS occupied, v.free_count AS free, v.free AS free_positions,
	find_breaker_position(p.id, 1) AS "1-pole", find_breaker_position(p.id, 2) AS "2-pole",
	find_breaker_position(p.id, 3) AS "3-pole", find_breaker_position(p.id, 1, balance => true) AS "1-pole, balanced"
FROM panel_positions v JOIN power_panel p ON p.id = v.power_panel_id
WHERE p.name IN ('LP-1', 'RPP-A') ORDER BY p.name;

\echo
\echo '6. One UPDATE swaps two breakers; positions and phases follow'
\echo
BEGIN;
UPDATE power_feed f
SET breaker_position = other.breaker_position
FROM power_feed other
WHERE f.power_panel_id = other.power_panel_id
	AND (f.name, other.name) IN (('Dock door', 'Unit heater UH-1'), ('Unit heater UH-1', 'Dock door'))
RETURNING f.name, other.breaker_position AS moved_to, f.occupied_positions, f.phase_designation;
ROLLBACK;

\echo
\echo '7. The audit finds what got in while triggers were off: nothing here'
\echo
SELECT count(*) AS violations FROM check_integrity();
