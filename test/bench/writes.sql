-- The database of the rows that write: panels, what is to be written into them,
-- and the tables to compare with (rivals.sql). Takes :rows.

SET synchronous_commit = off;
CREATE EXTENSION powerpanel;
CREATE EXTENSION btree_gist;
CREATE SCHEMA bench;

-- 42 positions hold 24 feeds exactly. On either side come, three times over, a
-- breaker of 3 poles, one of 2 and two of 1.
CREATE TABLE bench.slot AS
SELECT k, 1 + k % 2 + 2 * (7 * (k / 8) + (ARRAY[0, 3, 5, 6])[k / 2 % 4 + 1]) AS position,
	(ARRAY[3, 2, 1, 1])[k / 2 % 4 + 1] AS poles
FROM generate_series(0, 23) AS k;

SELECT :rows / 24 + 1 AS panels \gset

-- Panels stand in a room of their own; of the racks some stand there, some in a hall.
INSERT INTO powerpanel.location (id, name) VALUES (md5('site')::uuid, 'Site');
INSERT INTO powerpanel.location (id, name, parent_id) VALUES
	(md5('l')::uuid, 'Room', md5('site')::uuid), (md5('hall')::uuid, 'Hall', md5('site')::uuid);
INSERT INTO powerpanel.rack (id, name, location_id)
SELECT md5('r' || n)::uuid, 'R-' || n, md5('l')::uuid FROM generate_series(1, 1000) AS n;
INSERT INTO powerpanel.rack (id, name, location_id)
SELECT md5('h' || n)::uuid, 'H-' || n, md5('hall')::uuid FROM generate_series(1, 1000) AS n;
INSERT INTO powerpanel.power_panel (id, name, location_id, panel_type, circuit_positions, voltage, main_breaker_amperage)
SELECT md5('p' || n)::uuid, 'RPP-' || n, md5('l')::uuid, 'rpp', 42, 208, 225
FROM generate_series(1, :panels) AS n;

-- All feeds, panel by panel.
CREATE UNLOGGED TABLE bench.feed AS
SELECT row_number() OVER (ORDER BY p, k) AS n, p, k,
	'F-' || position AS name, md5('p' || p)::uuid AS panel, position, poles,
	md5('r' || p % 1000 + 1)::uuid AS rack, md5('h' || p % 1000 + 1)::uuid AS far_rack
FROM generate_series(1, :panels) AS p, bench.slot;

-- The left sides of the first :rows / 120 panels, which is what is moved.
CREATE UNLOGGED TABLE bench.left_side AS
SELECT * FROM bench.feed WHERE k % 2 = 0 AND n <= :rows / 5;

-- For single INSERTs: panel after panel gets its first breaker, then its second.
CREATE UNLOGGED TABLE bench.single AS
SELECT row_number() OVER (ORDER BY k, md5(p::text)) AS n, name, panel, position, poles, rack, far_rack
FROM bench.feed WHERE n <= :rows / 50;
CREATE UNLOGGED TABLE bench.single_tenth AS
SELECT row_number() OVER (ORDER BY k, md5(p::text)) AS n, name, panel, position, poles, rack, far_rack
FROM bench.feed WHERE n <= :rows / 500;

-- For pgbench: the right sides in random order, handed out by a sequence.
CREATE UNLOGGED TABLE bench.place AS
SELECT row_number() OVER (ORDER BY md5(n::text)) AS n, name, panel, position, poles
FROM bench.feed WHERE k % 2 = 1 AND n <= :rows / 5;
ALTER TABLE bench.place ADD PRIMARY KEY (n);
CREATE UNLOGGED TABLE bench.place_tenth AS
SELECT row_number() OVER (ORDER BY md5(n::text)) AS n, name, panel, position, poles
FROM bench.feed WHERE k % 2 = 1 AND n <= :rows / 50;
ALTER TABLE bench.place_tenth ADD PRIMARY KEY (n);
CREATE SEQUENCE bench.next_place;
