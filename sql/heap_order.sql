-- An answer does not depend on the order in which rows lie in their tables. The
-- network is made twice, with the rows of each table in one order and in the other;
-- each thing of which several are to choose from has the later name first.
SET search_path = powerpanel, pg_temp;
CREATE FUNCTION pg_temp.answers(last_first boolean) RETURNS TABLE (question text, answer text) LANGUAGE plpgsql AS $$
BEGIN
	INSERT INTO powerpanel.location (name) VALUES ('Room');
	INSERT INTO powerpanel.rack (name, location_id) SELECT 'R', id FROM powerpanel.location;
	INSERT INTO powerpanel.power_panel (name, location_id, bus, voltage)
	SELECT p, l.id, 'single-phase', 200 FROM powerpanel.location AS l, unnest('{A,B,Off,Middle,End,Two}'::text[]) WITH ORDINALITY AS t (p, o)
	ORDER BY CASE WHEN last_first THEN -o ELSE o END;
	-- End is off: Middle's feeds into it are on by their status, but Middle is not.
	-- Two has 2,000 VA by two feeds of 1,600: each may carry only 1,600 of it alone.
	INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, voltage, amperage, connected_load)
	SELECT f, powerpanel.panel_id(p), powerpanel.panel_id(d), s, t::powerpanel.feed_type, path::powerpanel.power_path, 200, 10, load
	FROM (VALUES (1, 'A1', 'A', 'Middle', 'planned', 'primary', 'a', NULL), (2, 'A2', 'A', 'Middle', 'offline', 'redundant', NULL, NULL),
		(3, 'B1', 'B', 'Middle', 'failed', 'primary', 'b', NULL), (4, 'M1', 'Middle', 'End', 'active', 'primary', NULL, NULL),
		(5, 'M2', 'Middle', 'End', 'active', 'primary', NULL, NULL), (6, 'M3', 'Middle', NULL, 'active', 'primary', NULL, NULL),
		(7, 'Cord', 'End', NULL, 'active', 'primary', NULL, NULL), (8, 'Switch a', 'A', NULL, 'active', 'primary', 'a', NULL),
		(9, 'Switch b', 'B', NULL, 'active', 'primary', 'b', NULL), (10, 'Pair', 'A', 'Two', 'active', 'primary', NULL, NULL),
		(11, 'Pair', 'B', 'Two', 'active', 'primary', NULL, NULL), (12, 'Pair ', 'B', 'Two', 'active', 'primary', NULL, NULL),
		(13, 'Load', 'Two', NULL, 'active', 'primary', NULL, 4000)) AS v (o, f, p, d, s, t, path, load)
	ORDER BY CASE WHEN last_first THEN -o ELSE o END;
	INSERT INTO powerpanel.device (name, rack_id) SELECT d, id FROM powerpanel.rack, unnest('{server,switch,strip}'::text[]) AS d;
	INSERT INTO powerpanel.power_port (name, device_id)
	SELECT p, powerpanel.device_id(d)
	FROM (VALUES (1, 'in', 'server'), (2, 'in a', 'switch'), (3, 'in b', 'switch'), (4, 'strip in', 'strip')) AS v (o, p, d)
	ORDER BY CASE WHEN last_first THEN -o ELSE o END;
	INSERT INTO powerpanel.power_outlet (name, device_id, power_port_id, alternate_power_port_id)
	SELECT 'out', a.device_id, a.id, b.id FROM powerpanel.power_port AS a, powerpanel.power_port AS b WHERE a.name = 'in a' AND b.name = 'in b';
	INSERT INTO powerpanel.power_outlet (name, device_id, power_port_id) SELECT 'strip out', device_id, id FROM powerpanel.power_port AS p WHERE p.name = 'strip in';
	INSERT INTO powerpanel.cable (power_feed_id, power_outlet_id, power_port_id)
	SELECT (SELECT id FROM powerpanel.power_feed AS f WHERE f.name = s), (SELECT id FROM powerpanel.power_outlet AS o WHERE o.name = s), p.id
	FROM (VALUES ('Cord', 'in'), ('Switch a', 'in a'), ('Switch b', 'in b'), ('out', 'strip in')) AS v (s, p) JOIN powerpanel.power_port AS p ON p.name = v.p;
	RETURN QUERY SELECT 'schedule', s FROM regexp_split_to_table(powerpanel.panel_schedule_text(powerpanel.panel_id('Middle')), '\n') AS s WHERE s ~ '^Fed by';
	RETURN QUERY SELECT rule, detail FROM powerpanel.check_integrity(ARRAY['power_panel_off', 'device_dark', 'power_feed_failover_overload'])
		ORDER BY rule, detail COLLATE "C";
	-- what hangs on both paths has the colour of neither
	RETURN QUERY SELECT 'colour', (regexp_match(l, '<B>(\w+)</B>'))[1] || ' ' || (regexp_match(l, 'color="(#\w+)"'))[1]
		FROM regexp_split_to_table(powerpanel.topology_dot(), '\n') AS l WHERE l ~ '<B>(switch|strip)</B>';
	RAISE EXCEPTION SQLSTATE 'ENDED';
EXCEPTION WHEN SQLSTATE 'ENDED' THEN
END $$;
CREATE TEMPORARY TABLE forwards AS SELECT row_number() OVER () AS n, a.* FROM pg_temp.answers(false) AS a;
CREATE TEMPORARY TABLE backwards AS SELECT row_number() OVER () AS n, a.* FROM pg_temp.answers(true) AS a;
SELECT question, answer FROM forwards ORDER BY n;
SELECT f.question, f.answer, b.answer AS the_other FROM forwards AS f FULL JOIN backwards AS b USING (n) WHERE f.answer IS DISTINCT FROM b.answer ORDER BY n;
