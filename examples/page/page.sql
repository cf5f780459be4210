-- examples/page/page.sql: the picture, the schedule and the answers as one HTML page
-- that needs nothing else: no script, no font, no network.
--
--	psql -X -f examples/page/page.sql -o page.html mydb
--
-- in a database with the extension and the inventory of examples/datacenter.sql, or,
-- with names of its own, any other:
--
--	-v panel=LP-1			whose schedule
--	-v outage=UPS-A			which panel is taken out
--	-v location='Data Hall 1'	where there may be room
--	-v load=8000			for how much, in VA, on two paths
--
-- Every figure on the page is asked for here, and the page shows the question, too.
-- What is tried is refused or rolled back. The text is XML as well, so that a strict
-- parser can check it. The rest of this folder: html.sql makes the elements,
-- schedule.sql and diagram.sql what is special, style.sql is how it looks.

\set QUIET on
\set ON_ERROR_STOP on
\set ECHO none
\encoding UTF8
\pset format unaligned
\pset tuples_only on
\pset pager off
\if :{?panel} \else \set panel LP-1 \endif
\if :{?outage} \else \set outage UPS-A \endif
\if :{?location} \else \set location 'Data Hall 1' \endif
\if :{?load} \else \set load 8000 \endif

-- One snapshot for all, and nothing that lasts.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SET LOCAL search_path = powerpanel, public;
SET LOCAL client_min_messages = warning;
\ir html.sql
\ir schedule.sql

\qecho '<!DOCTYPE html>'
\qecho '<html xmlns="http://www.w3.org/1999/xhtml" lang="en">'
\qecho '<head>'
\qecho '<meta charset="UTF-8" />'
\qecho '<meta name="viewport" content="width=device-width, initial-scale=1" />'
\qecho '<meta name="color-scheme" content="light dark" />'
\qecho '<title>powerpanel: what the database knows</title>'
\ir style.sql
\qecho '</head>'
\qecho '<body>'
\qecho '<header>'
\qecho '<h1>What the database knows about the power</h1>'
SELECT format('<p>Made from the database “%s” on %s: PostgreSQL %s with powerpanel %s. Every figure was worked out there. Below each table, “The query” opens the one that gave it.</p>',
	pg_temp.escaped(current_database()), to_char(now(), 'YYYY-MM-DD HH24:MI TZ'),
	current_setting('server_version_num')::int / 10000 || '.' || current_setting('server_version_num')::int % 10000, extversion)
FROM pg_extension WHERE extname = 'powerpanel';

\qecho '<nav aria-label="On this page"><ul>'
SELECT string_agg(format('<li><a href="#%s">%s</a></li>', id, title), E'\n' ORDER BY n)
FROM (VALUES (1, 'short', 'In short'), (2, 'refused', 'Refused'), (3, 'diagram', 'Diagram'), (4, 'loads', 'Loads'), (5, 'schedule', 'Schedule'),
	(6, 'outage', 'Outage'), (7, 'failover', 'Failover'), (8, 'single', 'Single points'), (9, 'headroom', 'Headroom'), (10, 'audit', 'Audit'))
	AS section (n, id, title);
\qecho '</ul></nav>'
\qecho '</header>'
\qecho '<main>'

-- ------------------------------------------------------------------- in short

\qecho '<section id="short"><h2>In short</h2>'
\qecho '<ul class="short">'
WITH at_once AS (SELECT * FROM simulate_outage(panels => ARRAY[panel_id(:'outage')])),
	in_the_end AS (SELECT * FROM simulate_outage(panels => ARRAY[panel_id(:'outage')], trip_at => 1.0)),
	trips AS (SELECT count(*) AS n FROM simulate_trips(panels => ARRAY[panel_id(:'outage')])),
	counts AS (SELECT
		(SELECT count(*) FROM at_once WHERE object_type = 'device' AND state_before <> 'dark' AND state_after = 'dark') AS dark,
		(SELECT count(*) FROM at_once WHERE overloaded) AS overloaded,
		(SELECT count(*) FROM in_the_end WHERE object_type = 'device' AND state_before <> 'dark' AND state_after = 'dark') AS dark_in_the_end)
SELECT format('<li><b>%s off for maintenance:</b> %s dark at once, %s overloaded. %s',
	pg_temp.escaped(:'outage'), pg_temp.counted(dark, 'device'), pg_temp.counted(overloaded, 'feed or panel', 'feeds or panels'),
	CASE trips.n WHEN 0 THEN 'No breaker trips.</li>'
		ELSE format('Then %s, and <b>%s</b> dark in the end.</li>',
			pg_temp.counted(trips.n, 'breaker trips', 'breakers trip'), pg_temp.counted(dark_in_the_end, 'device')) END)
FROM counts, trips;
SELECT format('<li><b>Any one thing fails:</b> of %s, %s overload something, and %s make a breaker trip.</li>',
	pg_temp.counted(count(*), 'possible outage'), count(*) FILTER (WHERE feeds_overloaded + panels_overloaded > 0), count(*) FILTER (WHERE trips > 0))
FROM contingency();
SELECT format('<li><b>Racks:</b> %s of %s would keep all their devices on through any one failure.</li>',
	count(*) FILTER (WHERE fault_tolerant), pg_temp.counted(count(*), 'rack'))
FROM rack_redundancy() WHERE devices > 0;
SELECT coalesce((
	SELECT format('<li><b>Room for %s VA more on two paths in %s:</b> %s.</li>', pg_temp.number(:'load'), pg_temp.escaped(:'location'),
		string_agg(pg_temp.escaped(panel) || ', position ' || position, ' and ' ORDER BY n))
	FROM find_capacity(location_id(:'location'), :'load', max_rows => 1), unnest(panel_names, positions) WITH ORDINALITY AS place (panel, position, n)
	HAVING count(*) > 0),
	format('<li><b>There is no room for %s VA more on two paths in %s.</b></li>', pg_temp.number(:'load'), pg_temp.escaped(:'location')));
SELECT format('<li><b>Audit:</b> %s, %s.</li>', pg_temp.counted(count(*) FILTER (WHERE severity = 'error'), 'error'),
	pg_temp.counted(count(*) FILTER (WHERE severity = 'warning'), 'warning'))
FROM check_integrity();
\qecho '</ul></section>'

-- -------------------------------------------------------------------- refused

\qecho '<section id="refused"><h2>Refused by the database</h2>'
\qecho '<p>These two were tried when this page was made, in plain SQL. No application stood between that could have checked anything.</p>'
\qecho '<h3>A second breaker in the same place</h3>'
-- Over the last position of the largest breaker with several poles.
SELECT pg_temp.refusal(format($q$INSERT INTO power_feed (name, power_panel_id, status, voltage, breaker_position, breaker_pole_count)
VALUES ('Sign', panel_id(%L), 'active', %s, %s, 2)$q$, :'panel', f.voltage,
	(SELECT max(position) FROM panel_schedule s WHERE s.power_feed_id = f.id)))
FROM power_feed f
WHERE f.power_panel_id = panel_id(:'panel') AND f.breaker_pole_count > 1
ORDER BY f.amperage DESC, f.breaker_pole_count DESC, f.breaker_position LIMIT 1;
\qecho '<h3>A panel that would feed itself</h3>'
SELECT pg_temp.refusal(format($q$INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
VALUES ('Tie', panel_id(%L), panel_id(%L), 'active')$q$, last.name, :'outage'))
FROM (SELECT name FROM downstream(panel_id(:'outage')) WHERE depth > 0 ORDER BY depth DESC, name LIMIT 1) AS last;
\qecho '</section>'

-- -------------------------------------------------------------------- diagram

\qecho '<section id="diagram"><h2>One-line diagram</h2>'
\ir diagram.sql
\qecho '</section>'

-- ---------------------------------------------------------------------- loads

\qecho '<section id="loads"><h2>What each panel carries</h2>'
SELECT pg_temp.html_table('Panels, from the source down: load in VA, current on each phase in A, and what the most loaded phase uses of what it may carry, in percent',
$q$SELECT name AS "Panel", round(allocated_va) AS "Load, VA",
	round(amps_a::numeric, 1) AS "Amps on A", round(amps_b::numeric, 1) AS "Amps on B", round(amps_c::numeric, 1) AS "Amps on C",
	round(capacity_va) AS "May carry, VA", round(utilization::numeric, 1) AS "Used, %"
FROM panel_load()
ORDER BY (SELECT max(depth) FROM panel_hierarchy h WHERE h.panel_id = power_panel_id), name$q$);
\qecho '</section>'

-- ------------------------------------------------------------------- schedule

SELECT format('<section id="schedule"><h2>Panel schedule of %s</h2>', pg_temp.escaped(:'panel'));
SELECT pg_temp.schedule(panel_id(:'panel'), :'panel');
SELECT pg_temp.html_table(format('Circuits of %s without a position', :'panel'),
	format($q$SELECT f.name AS "Circuit", f.status AS "Status", f.voltage AS "V", f.amperage AS "A", round(l.allocated_va) AS "Load, VA"
FROM power_feed f
	JOIN feed_load(panel_id(%1$L)) l ON l.power_feed_id = f.id
WHERE f.breaker_position IS NULL
ORDER BY f.name$q$, :'panel'), '');
SELECT pg_temp.html_table(format('Phases of %s: connected load, and how much of the main breaker it takes', :'panel'),
	format($q$SELECT phase AS "Phase", round(va) AS "Load, VA", round(amps::numeric, 1) AS "Current, A",
	p.main_breaker_amperage AS "Main breaker, A", round((100 * amps / p.main_breaker_amperage)::numeric, 1) AS "Of main breaker, %%"
FROM panel_load(panel_id(%1$L)) l
	JOIN power_panel p ON p.id = l.power_panel_id
	CROSS JOIN LATERAL (VALUES ('A', phase_a_va, amps_a), ('B', phase_b_va, amps_b), ('C', phase_c_va, amps_c)) AS bus (phase, va, amps)
WHERE amps IS NOT NULL
ORDER BY phase$q$, :'panel'));
\qecho '</section>'

-- --------------------------------------------------------------------- outage

SELECT format('<section id="outage"><h2>%s is taken out: what happens?</h2>', pg_temp.escaped(:'outage'));
SELECT pg_temp.html_table('Dark at once', format($q$SELECT d.name AS "Device", r.name AS "Rack", round(o.load_before) AS "Load until then, VA",
	EXISTS (SELECT FROM power_outlet w WHERE w.device_id = d.id) AS "Feeds others"
FROM simulate_outage(panels => ARRAY[panel_id(%1$L)]) o
	JOIN device d ON d.id = o.object_id
	LEFT JOIN rack r ON r.id = d.rack_id
WHERE o.state_before <> 'dark' AND o.state_after = 'dark'
ORDER BY d.name$q$, :'outage'), 'No device goes dark.');
SELECT pg_temp.html_table('Overloaded by what is left to carry: more than the share of its breaker that may be used, for a feed 80 percent unless set otherwise', format($q$SELECT name AS "Name", replace(object_type, 'power_', '') AS "Kind",
	round(load_before) AS "Load before, VA", round(load_after) AS "Load then, VA", round(available) AS "May carry, VA"
FROM simulate_outage(panels => ARRAY[panel_id(%1$L)])
WHERE overloaded
ORDER BY name$q$, :'outage'), 'Nothing is overloaded.');
SELECT pg_temp.html_table('Breakers that trip next: in this order; what each carries, and what it is made for', format($q$SELECT name AS "Name", replace(object_type, 'power_', '') AS "Kind", round AS "Round",
	round(load) AS "Load, VA", round(rating) AS "Made for, VA", round(percent::numeric, 1) AS "Of that, %%"
FROM simulate_trips(panels => ARRAY[panel_id(%1$L)])
ORDER BY round, name$q$, :'outage'), 'No breaker trips.');
SELECT pg_temp.html_table('Dark in the end: besides those above, once these breakers have tripped', format($q$SELECT d.name AS "Device", r.name AS "Rack", round(o.load_before) AS "Load until then, VA",
	EXISTS (SELECT FROM power_outlet w WHERE w.device_id = d.id) AS "Feeds others"
FROM simulate_outage(panels => ARRAY[panel_id(%1$L)], trip_at => 1.0) o
	JOIN device d ON d.id = o.object_id
	LEFT JOIN rack r ON r.id = d.rack_id
WHERE o.state_before <> 'dark' AND o.state_after = 'dark'
	AND d.id NOT IN (SELECT object_id FROM simulate_outage(panels => ARRAY[panel_id(%1$L)]) WHERE state_after = 'dark')
ORDER BY d.name$q$, :'outage'), 'No more devices go dark.');
\qecho '</section>'

-- ------------------------------------------------------------------- failover

\qecho '<section id="failover"><h2>Does the other path hold?</h2>'
SELECT pg_temp.html_table('Racks: what the feeds promise, and what is so. Maintainable means that any panel or feed can be taken out; fault tolerant, that any one thing can fail, breakers that then trip included. A rack may take two failures to go dark and still be neither, as the first can make the breaker of the other path trip',
$q$SELECT name AS "Rack", devices AS "Devices", labelled AS "Feeds promise", min_failures AS "Failures that make a device dark",
	maintainable AS "Maintainable", fault_tolerant AS "Fault tolerant"
FROM rack_redundancy()
ORDER BY name$q$);
SELECT pg_temp.html_table('Failovers that do not hold: outages of one panel or feed in which something is overloaded or a breaker trips, and how many devices are dark at once and in the end',
$q$SELECT name AS "Out", replace(object_type, 'power_', '') AS "Kind", feeds_overloaded + panels_overloaded AS "Overloaded", round(worst_utilization::numeric) AS "Most used feed, %",
	trips AS "Breakers trip", devices_dark AS "Dark at once", devices_dark_after_trips AS "Dark in the end"
FROM contingency()
WHERE feeds_overloaded + panels_overloaded + trips > 0
ORDER BY devices_dark_after_trips DESC, name$q$, 'Whatever fails, nothing is overloaded and no breaker trips.');
\qecho '</section>'

-- -------------------------------------------------------------- single points

\qecho '<section id="single"><h2>Single points of failure</h2>'
SELECT pg_temp.html_table('What takes devices down by itself: rack PDUs count among the devices',
$q$SELECT devices AS "Devices dark", count(*) AS "Such things", string_agg(name, ', ' ORDER BY name) AS "When one of these fails"
FROM single_points_of_failure()
GROUP BY devices
ORDER BY devices DESC$q$, 'There is none.');
SELECT pg_temp.html_table('Devices in racks that one failure makes dark: at once, or by a breaker that then trips. Beside each, the fewest things that have to fail together where no breaker trips',
$q$SELECT d.name AS "Device", r.name AS "Rack", d.min_failures AS "Fewest failures", array_to_string(d.failure_names, ', ') AS "Which"
FROM device_redundancy() d
	JOIN device ON device.id = d.device_id
	JOIN rack r ON r.id = device.rack_id
WHERE NOT d.survives_any_one AND NOT EXISTS (SELECT FROM power_outlet o WHERE o.device_id = d.device_id)
ORDER BY d.min_failures, r.name, d.name$q$, 'There is none.');
\qecho '</section>'

-- ------------------------------------------------------------------- headroom

SELECT format('<section id="headroom"><h2>Room for more in %s</h2>', pg_temp.escaped(:'location'));
SELECT pg_temp.html_table('How much each panel can still take: in VA, so that nothing is overloaded now or when any one other thing fails', format($q$SELECT name AS "Panel", free_count AS "Free positions", round(headroom_va) AS "Headroom, VA",
	binding_name AS "Limited by", outage_name AS "When this is out"
FROM panel_headroom(location_id(%1$L))
ORDER BY name$q$, :'location'), 'No panel stands here.');
SELECT pg_temp.html_table(format('Where a load of %s VA on two paths fits', pg_temp.number(:'load')), format($q$SELECT array_to_string(panel_names, ' and ') AS "Panels", array_to_string(positions, ' and ') AS "From position", round(headroom_va) AS "Headroom, VA"
FROM find_capacity(location_id(%1$L), %2$s)
ORDER BY headroom_va DESC, panel_names$q$, :'location', :'load'), 'Nowhere.');
\qecho '</section>'

-- ---------------------------------------------------------------------- audit

\qecho '<section id="audit"><h2>Audit</h2>'
SELECT pg_temp.html_table('Errors and warnings: an error can only have come in while triggers were off; a warning is what somebody should look at',
$q$SELECT object AS "Where", severity AS "Severity", rule AS "Rule", detail AS "Detail"
FROM check_integrity()
ORDER BY severity, rule, object$q$, 'Nothing was found.');
\qecho '</section>'

\qecho '</main>'
\qecho '</body>'
\qecho '</html>'
ROLLBACK;
