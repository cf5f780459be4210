-- In a database of encoding SQL_ASCII a byte counts as a character; what is made of
-- a name there has no half of one, which a client of another encoding could not read
SELECT current_database() AS tests \gset
CREATE DATABASE regress_powerpanel_ascii TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C';
\c regress_powerpanel_ascii
SET client_encoding = 'UTF8';
SET client_min_messages = warning;
CREATE EXTENSION powerpanel;

-- guard(): one name is cut before its last character, another within one of 3 bytes,
-- one has nothing but what UTF-8 goes on with
CREATE TABLE board (id integer PRIMARY KEY, ways integer);
CREATE FUNCTION try(feeds text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE format('CREATE TABLE %I (id integer PRIMARY KEY, panel integer, way integer, poles integer)', feeds);
	PERFORM powerpanel.guard(quote_ident(feeds)::regclass, 'board',
		'{"panel": "panel", "position": "way", "poles": "poles", "panel_positions": "ways"}');
	RETURN QUERY SELECT tgname::text FROM pg_trigger WHERE tgrelid = 'board'::regclass AND tgname LIKE 'powerpanel\_%' ORDER BY 1;
	PERFORM powerpanel.unguard(quote_ident(feeds)::regclass);
END
$$;
SELECT try('f' || repeat('é', 30));
SELECT try('ff' || repeat('é', 30));
SELECT try(repeat('電', 20));
SELECT try('circuits of a rack hall in the north');
SET client_encoding = 'SQL_ASCII';
SELECT try(repeat(chr(191), 50));
SET client_encoding = 'UTF8';

-- the schedule, and the diagram
INSERT INTO powerpanel.location (name) VALUES ('Ort');
INSERT INTO powerpanel.power_panel (name, location_id, circuit_positions) SELECT 'P', id, 4 FROM powerpanel.location;
INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
SELECT prefix || repeat('é', 30) || i, id, 'active', i, 1 FROM powerpanel.power_panel,
	(VALUES (1, ''), (2, 'f'), (3, 'ff')) AS v (i, prefix);
SELECT powerpanel.panel_schedule_text(powerpanel.panel_id('P')) \g (format=unaligned tuples_only=on)
SELECT count(*) FROM powerpanel.topology_dot() AS dot WHERE dot ~ '[^[:ascii:]]';

\c :"tests"
DROP DATABASE regress_powerpanel_ascii;
