-- network_read: whether what is connected is looked up or cut out of all, the answer is
-- the same
SET search_path = powerpanel, pg_temp;
SET client_min_messages = warning;
BEGIN;
-- Two sites that nothing joins, each: Main -> Panel -> a rack PDU -> a server, and a PDU
-- that is cabled to nothing
INSERT INTO location (name) VALUES ('One'), ('Two');
INSERT INTO power_panel (name, location_id, voltage) SELECT p || ' ' || s, test.location(s), 208 FROM unnest('{Main,Panel}'::text[]) AS p, unnest('{One,Two}'::text[]) AS s;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) SELECT 'Feed ' || s, test.panel('Main ' || s), test.panel('Panel ' || s), 'active' FROM unnest('{One,Two}'::text[]) AS s;
INSERT INTO power_feed (name, power_panel_id, status, voltage) SELECT f || ' ' || s, test.panel('Panel ' || s), 'active', 208 FROM unnest('{PDU,Spare}'::text[]) AS f, unnest('{One,Two}'::text[]) AS s;
INSERT INTO device (name) SELECT d || ' ' || s FROM unnest('{Server,PDU,Idle}'::text[]) AS d, unnest('{One,Two}'::text[]) AS s;
INSERT INTO power_port (name, device_id, allocated_draw) SELECT name, id, CASE WHEN name LIKE 'Server%' THEN 950 END FROM device;
INSERT INTO power_bank (name, device_id, power_port_id, amperage) SELECT name, id, test.port(name), 20 FROM device WHERE name LIKE 'PDU%';
INSERT INTO power_outlet (name, device_id, power_port_id, power_bank_id) SELECT d.name, d.id, test.port(d.name), b.id FROM device AS d LEFT JOIN power_bank AS b ON b.name = d.name WHERE d.name NOT LIKE 'Server%';
INSERT INTO cable (power_feed_id, power_port_id) SELECT test.feed('PDU ' || s), test.port('PDU ' || s) FROM unnest('{One,Two}'::text[]) AS s;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT test.outlet('PDU ' || s), test.port('Server ' || s) FROM unnest('{One,Two}'::text[]) AS s;

CREATE FUNCTION pg_temp.answers() RETURNS SETOF text LANGUAGE sql AS $$
	SELECT o::text FROM simulate_outage(ARRAY[test.panel('Panel One')]) AS o
	UNION ALL SELECT o::text FROM simulate_outage(devices => ARRAY[test.device('PDU One')]) AS o
	UNION ALL SELECT l::text FROM feed_load(test.panel('Panel One')) AS l
	UNION ALL SELECT l::text FROM panel_load(test.panel('Main One')) AS l
	UNION ALL SELECT p::text FROM device_power(test.device('Server One')) AS p
	UNION ALL SELECT l::text FROM port_load(test.device('Idle One')) AS l
	UNION ALL SELECT l::text FROM bank_load(test.device('PDU One')) AS l
$$;
-- How often the table of outlets was read as a whole
CREATE FUNCTION pg_temp.whole() RETURNS bigint LANGUAGE sql AS $$ SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relid = 'powerpanel.power_outlet'::regclass $$;
CREATE TEMPORARY TABLE looked_up AS SELECT a, row_number() OVER () FROM pg_temp.answers() AS a;
SELECT pg_temp.whole() AS before \gset
SELECT count(*) FROM pg_temp.answers();
SELECT pg_temp.whole() - :before AS whole;
-- ... once it is known how little else there is
ANALYZE power_panel, power_feed, device, power_port, power_outlet, power_bank, cable;
SELECT pg_temp.whole() AS before \gset
CREATE TEMPORARY TABLE cut_out AS SELECT a, row_number() OVER () FROM pg_temp.answers() AS a;
SELECT pg_temp.whole() - :before AS whole;
SELECT count(*) FROM looked_up JOIN cut_out USING (a);
(TABLE looked_up EXCEPT TABLE cut_out) UNION ALL (TABLE cut_out EXCEPT TABLE looked_up);
SELECT object_type, name, state_after, round(load_before) AS before FROM simulate_outage(ARRAY[test.panel('Panel One')]);

-- What there is none of
SELECT test.attempt_error('SELECT feed_load(''00000000-0000-0000-0000-000000000000'')');

-- A loop in the other site, which got in while triggers were off, is not in the way
SET LOCAL session_replication_role = replica;
INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('Back', test.panel('Panel Two'), test.panel('Main Two'), 'active');
SET LOCAL session_replication_role = origin;
SELECT pg_temp.whole() AS before \gset
SELECT name, energized, round(allocated_va) AS allocated FROM panel_load(test.panel('Main One'));
SELECT pg_temp.whole() - :before AS whole;
SELECT test.attempt('SELECT panel_load(test.panel(''Main Two''))') AS two, test.attempt('SELECT panel_load()') AS all;
ROLLBACK;
