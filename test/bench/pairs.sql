-- :rows pairs of sets, as position_set and as int[]: breakers of 1 to 3 poles
-- against one another, and against all that a panel has occupied.

SET synchronous_commit = off;
CREATE EXTENSION powerpanel;
CREATE EXTENSION intarray;
CREATE SCHEMA bench;

CREATE UNLOGGED TABLE bench.pair_int AS
SELECT ARRAY(SELECT a + 2 * i FROM generate_series(0, n % 3) AS i) AS a,
	ARRAY(SELECT b + 2 * i FROM generate_series(0, n / 3 % 3) AS i) AS b,
	ARRAY(SELECT p FROM generate_series(1, 42) AS p WHERE (n + p) % 5 > 1) AS panel
FROM (SELECT n, n * 7 % 37 + 1 AS a, n * 11 % 37 + 1 AS b FROM generate_series(1, :rows) AS n) AS s;
CREATE UNLOGGED TABLE bench.pair_set AS
SELECT a::powerpanel.position_set AS a, b::powerpanel.position_set AS b, panel::powerpanel.position_set AS panel
FROM bench.pair_int;
CHECKPOINT;
VACUUM;
ANALYZE;
