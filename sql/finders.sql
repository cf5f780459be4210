-- Ids by name and by path
SET search_path = powerpanel, pg_temp;
BEGIN;
INSERT INTO location (name) VALUES ('DC1'), ('DC2'), ('A > B');
INSERT INTO location (name, parent_id) SELECT n, test.location('DC1') FROM unnest(ARRAY['Hall 1', 'Hall 2']) AS n;
INSERT INTO location (id, name, parent_id) VALUES (md5('2')::uuid, 'Hall 1', test.location('DC2'));
INSERT INTO rack (name, location_id) SELECT 'R1', id FROM location WHERE name LIKE 'Hall%';
INSERT INTO power_panel (name, location_id) SELECT 'P', id FROM location;
INSERT INTO power_panel (name, location_id) VALUES ('Only', md5('2')::uuid), ('B > P', test.location('Hall 2'));
INSERT INTO power_feed (name, power_panel_id, status) SELECT 'F', id, 'planned' FROM power_panel WHERE name = 'Only' OR location_id = test.location('Hall 2');
INSERT INTO device (name, rack_id) SELECT 'srv', id FROM rack;
INSERT INTO device (name) VALUES ('Hall 2 > R1 > srv'), ('loose');
INSERT INTO device (id, name) SELECT md5('twin ' || n)::uuid, 'twin' FROM generate_series(1, 2) AS n;
CREATE FUNCTION pg_temp.found(kind text, VARIADIC names text[]) RETURNS TABLE (name text, result text) LANGUAGE plpgsql AS $$
DECLARE
	id uuid;
	detail text;
BEGIN
	FOREACH name IN ARRAY names LOOP
		BEGIN
			EXECUTE format('SELECT powerpanel.%I($1)', kind || '_id') USING name INTO id;
			EXECUTE format($q$SELECT concat_ws(' > ', l.name, %s)
				FROM powerpanel.%I t %s WHERE t.id = $1$q$,
				CASE kind WHEN 'feed' THEN 'p.name, t.name' WHEN 'location' THEN 't.name' WHEN 'device' THEN 'r.name, t.name' ELSE 't.name' END,
				CASE kind WHEN 'panel' THEN 'power_panel' WHEN 'feed' THEN 'power_feed' ELSE kind END,
				CASE kind WHEN 'location' THEN 'LEFT JOIN powerpanel.location l ON l.id = t.parent_id'
					WHEN 'feed' THEN 'JOIN powerpanel.power_panel p ON p.id = t.power_panel_id JOIN powerpanel.location l ON l.id = p.location_id'
					WHEN 'device' THEN 'LEFT JOIN powerpanel.rack r ON r.id = t.rack_id LEFT JOIN powerpanel.location l ON l.id = r.location_id'
					ELSE 'JOIN powerpanel.location l ON l.id = t.location_id' END) USING id INTO result;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
			result := concat_ws(E'\n', SQLSTATE || ' ' || SQLERRM, nullif(detail, ''));
		END;
		RETURN NEXT;
	END LOOP;
END $$;
SELECT * FROM pg_temp.found('location', 'DC1', 'Hall 2', 'Hall 1', 'DC2 > Hall 1', 'all 2', 'A > B', 'B', 'DC1 > ', '');
SELECT * FROM pg_temp.found('rack', 'R1', 'Hall 2 > R1', 'DC2 > Hall 1 > R1', 'Hall 1 > R1', 'DC1 > R1');
-- "B > P" is the end of A > B > P, and a panel of this name stands in Hall 2
SELECT * FROM pg_temp.found('panel', 'Only', 'P', 'DC1 > P', 'DC2 > Hall 1 > P', 'Hall 2 > P', 'B > P', 'Hall 2 > B > P');
SELECT * FROM pg_temp.found('feed', 'F', 'Only > F', 'DC2 > Hall 1 > Only > F', 'Hall 2 > P > F', 'P > F');
-- one that is all of a path goes before those that only end so
SELECT * FROM pg_temp.found('device', 'loose', 'twin', 'srv', 'R1 > srv', 'Hall 2 > R1 > srv', 'DC1 > Hall 2 > R1 > srv');
SELECT panel_id(NULL) IS NULL AND feed_id(NULL) IS NULL AND device_id(NULL) IS NULL AND rack_id(NULL) IS NULL AND location_id(NULL) IS NULL AS strict;
-- One line of error, and a hint
ROLLBACK;
SELECT powerpanel.panel_id('nowhere');
