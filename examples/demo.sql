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
\echo 'Nor can RPP-A feed UPS-A, from which it has its own power:'
\echo
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
VALUES ('Tie', panel_id('RPP-A'), panel_id('UPS-A'), 'active');

\echo
\echo '=== 2. The schedule to pin inside the door of LP-1 =========================='
\echo
\pset format unaligned
\pset tuples_only on
SELECT panel_schedule_text(panel_id('LP-1'));
\pset format aligned
\pset tuples_only off

\echo
\echo '=== 3. Maintenance on UPS-A: what goes dark? ================================='
\echo
SELECT object_type, name, state_before AS before, state_after AS after,
	round(load_before) AS va_before, round(load_after) AS va_after,
	round(available) AS available, overloaded
FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')])
WHERE overloaded OR (object_type = 'device' AND state_after = 'dark')
ORDER BY overloaded DESC, name;
\echo 'The rack PDUs of path A, as they must. console-01, which has one cord only. And'
\echo 'RACK-02-B would have to carry more than it may. Will its breaker hold?'

\echo
\echo '=== 4. What trips next? ======================================================'
\echo
SELECT round, object_type, name,
	round(load) AS load_va, round(rating) AS rating_va, round(percent) AS percent
FROM simulate_trips(panels => ARRAY[panel_id('UPS-A')]);
SELECT count(*) AS "dark in the end",
	string_agg(name, ', ' ORDER BY name) FILTER (WHERE name NOT LIKE 'PDU%')
		AS "of these, all but rack PDUs"
FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')], trip_at => 1.0)
WHERE object_type = 'device' AND state_after = 'dark';
\echo 'RACK-02-B carries more than its breaker is rated for. Sooner or later that opens, and'
\echo 'RACK-02 is dark, too. In all, that is three rack PDUs and six other devices.'

\echo
\echo '=== 5. Which devices does one failure take, and by what? ====================='
\echo
SELECT r.name AS rack, d.name AS device, d.min_failures AS failures,
	array_to_string(d.failure_names, ', ') AS "take it down",
	d.survives_any_one AS "survives any one"
FROM device_redundancy() d
	JOIN device ON device.id = d.device_id
	JOIN rack r ON r.id = device.rack_id
WHERE NOT d.survives_any_one
	AND NOT EXISTS (SELECT FROM power_outlet o WHERE o.device_id = d.device_id)
ORDER BY d.min_failures, rack, device;
\echo 'console-01 and kvm-01 have one cord each. The others have two, on two paths, and still'
\echo 'one failure takes them: the loss of either path, by the breaker of the other.'

\echo
\echo '=== 6. What each rack is labelled, and what holds ============================'
\echo
SELECT name AS rack, devices, labelled, min_failures, maintainable, fault_tolerant
FROM rack_redundancy() ORDER BY name;
\echo 'RACK-02 takes two failures to go dark. But the first makes the breaker of the other path'
\echo 'trip, so it is neither maintainable nor fault tolerant.'

\echo
\echo '=== 7. Where does the next rack go, 8 kVA on two paths? ======================'
\echo
SELECT array_to_string(panel_names, ', ') AS panels, positions, round(headroom_va) AS headroom_va
FROM find_capacity(location_id('Data Hall 1'), 8000);
SELECT name AS panel, free_count AS free, round(headroom_va) AS headroom_va,
	binding_name AS "limited by", outage_name AS "in the outage of"
FROM panel_headroom(location_id('Data Hall 1')) ORDER BY name;

\echo
\echo '=== 8. Try it all in a transaction ==========================================='
\echo
\echo 'Plug console-01 into path B, move gpu-04 over to RACK-01, and let the new rack in,'
\echo 'each of its circuits with all of its load:'
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
INSERT INTO power_feed AS f (name, power_panel_id, status, phase, voltage, amperage,
	breaker_position, breaker_pole_count, connected_load)
SELECT 'RACK-04', panel, 'active', 'three-phase', 208, 30, position, 3, 8000
FROM find_capacity(location_id('Data Hall 1'), 8000),
	unnest(panels, positions) AS place (panel, position)
RETURNING f.name, (SELECT name FROM power_panel p WHERE p.id = f.power_panel_id) AS panel,
	f.occupied_positions AS positions;
\echo 'Once more: what goes dark when UPS-A is off, and what is overloaded or trips in any'
\echo 'outage of one thing?'
\echo
SELECT object_type, name, state_after AS after
FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')], trip_at => 1.0)
WHERE overloaded OR (object_type = 'device' AND state_after = 'dark')
ORDER BY name;
SELECT count(*) AS outages, sum(feeds_overloaded + panels_overloaded) AS overloads,
	sum(trips) AS trips
FROM contingency();
ROLLBACK;
\echo 'The rack PDUs of path A alone, and nothing else, ever. Rolled back: nothing has changed.'

\echo
\echo '=== 9. The audit finds what got in while triggers were off, and warns ========'
\echo
SELECT count(*) AS errors FROM check_integrity() WHERE severity = 'error';
SELECT rule, object FROM check_integrity() WHERE severity = 'warning' ORDER BY rule, object;
\echo 'The amperes, the limit, the worst outage and what to do, after \\x:'
\echo 'SELECT rule, object, detail FROM check_integrity();'
\set ECHO none
