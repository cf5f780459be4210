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
VALUES ('Sign', panel_id('LP-1'), 'active', 208, 33, 2);
\echo
\echo 'Nor can RPP-A feed ATS-A, from which it has its own power:'
\echo
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
VALUES ('Tie', panel_id('RPP-A'), panel_id('ATS-A'), 'active');

\echo
\echo '=== 2. The schedule to pin inside the door of LP-1 =========================='
\echo
\pset format unaligned
\pset tuples_only on
SELECT panel_schedule_text(panel_id('LP-1'));
\pset format aligned
\pset tuples_only off

\echo
\echo '=== 3. Where power comes from: the paths from the utility down =============='
\echo
SELECT h.path_names AS path, f.amperage AS breaker_amps, f.available_power AS may_carry_va
FROM panel_hierarchy h
	LEFT JOIN power_feed f ON f.id = h.power_feed_id
WHERE h.root_panel_id = panel_id('Utility') ORDER BY h.path_names;

\echo
\echo '=== 4. What each rack has: 2N on two paths, N+1 with a standby feed ========='
\echo
SELECT name AS rack, feeds, redundancy, available_power, usable_power, round(allocated_va) AS load_va
FROM rack_power ORDER BY name;

\echo
\echo '=== 5. Which positions are free, and where the next breaker goes ============'
\echo
SELECT name AS panel, occupied_count AS occupied, free_count AS free,
	find_breaker_position(power_panel_id, 1) AS "1-pole", find_breaker_position(power_panel_id, 2) AS "2-pole",
	find_breaker_position(power_panel_id, 3) AS "3-pole"
FROM panel_positions WHERE circuit_positions IS NOT NULL ORDER BY name;

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
\echo '=== 7. The audit finds what got in while triggers were off, and warns ======='
\echo
SELECT count(*) AS errors FROM check_integrity() WHERE severity = 'error';
\echo 'Warnings are of what nobody refuses, but somebody should look at:'
\echo
\pset format unaligned
\pset tuples_only on
SELECT rule || ': ' || detail FROM check_integrity() WHERE severity = 'warning' ORDER BY rule, object;
\pset format aligned
\pset tuples_only off

\echo
\echo '=== 8. Maintenance on UPS-A: what happens if it is switched off? ============'
\echo
SELECT o.object_type, o.name, o.state_before AS before, o.state_after AS after,
	round(o.load_after) AS load_va, round(o.available) AS available_va, o.overloaded
FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')]) AS o
WHERE o.overloaded OR (o.object_type = 'device' AND o.state_after = 'dark')
ORDER BY o.overloaded DESC, o.name;
\echo 'The rack PDUs of path A go dark, as they must. But console-01 has one cord only,'
\echo 'and RACK-02-B would carry more than it may. What to do first, tried out in a'
\echo 'transaction: plug console-01 into path B, and move gpu-04 over to RACK-01, to leg C'
\echo 'of its rack PDUs, which carries least.'
\echo
BEGIN;
UPDATE cable c SET power_outlet_id = free.id
FROM power_port p
	JOIN device d ON d.id = p.device_id
	JOIN (VALUES ('console-01', '%', 'PDU-01-B', 'Outlet 7'),
		('gpu-04', '%1', 'PDU-01-A', 'Outlet 12'), ('gpu-04', '%2', 'PDU-01-B', 'Outlet 12'))
		AS move (device, port, pdu, outlet) ON move.device = d.name AND p.name LIKE move.port
	JOIN device pdu ON pdu.name = move.pdu
	JOIN power_outlet free ON free.device_id = pdu.id AND free.name = move.outlet
WHERE c.power_port_id = p.id
RETURNING d.name AS device, p.name AS cord, pdu.name AS now_on, free.name AS outlet;
SELECT o.object_type, o.name, o.state_after AS after, o.overloaded
FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')]) AS o
WHERE o.overloaded OR (o.object_type = 'device' AND o.state_after = 'dark')
ORDER BY o.name;
ROLLBACK;
\echo 'Now only the rack PDUs of path A go dark, and nothing is overloaded.'

\echo
\echo '=== 9. What hangs on one single thing ======================================='
\echo
SELECT object_type, name, devices FROM single_points_of_failure()
WHERE devices > 1 ORDER BY devices DESC, name;
\set ECHO none
