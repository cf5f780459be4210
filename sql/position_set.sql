-- position_set: input, output, operators, order, casts, indexes
SET search_path = powerpanel, pg_temp;

-- Input: any order, spaces optional, duplicates fold
SELECT input, input::position_set AS output
FROM (VALUES ('5, 7'), ('7,5'), ('7 ,5'), ('  9,1 ,  5  '), ('1'), ('1023'), ('1,1023'), (''), ('   '),
	('3,3,3'), ('0005'), (E'1,\n\t2'), ('8'), ('7,8,9'), ('15,16,17')) AS v (input);
-- Ranges, as a schedule writes them; output lists each position
SELECT input, input::position_set AS output
FROM (VALUES ('12-15'), ('8, 10, 12-14'), ('12-14,8,10'), (' 12 - 14 , 8'), ('7-7'), ('3-5, 4-6, 5'), (E'1\t-\n3'), ('001-003')) AS v (input);
SELECT '1-1023'::position_set = position_range(1, 1023) AS "all", cardinality('1-42'::position_set) AS "42",
	'8, 10, 12-42'::position_set <@ position_range(1, 42) AS contained;
SELECT position_set '2, 4' AS literal, ''::position_set = '' AS empty, (''::position_set)::text = '' AS empty_text;

-- Garbage: 22P02. Out of range: 22003. Nothing overflows.
SELECT input, test.attempt(format('SELECT %L::position_set', input)) AS result
FROM (VALUES ('a'), ('5,'), (',5'), (','), ('5,,7'), ('5 7'), ('5;7'), ('{5,7}'), ('5, 7x'), ('x5'), ('1.5'), ('1e2'),
	('0x10'), ('+5'), ('-'), ('--5'), ('5, -'), ('5-'), ('5 - '), ('5-x'), ('5-7-9'), ('5-7 9'), ('5..7'), ('-5-'), ('7-5'), ('1, 1023-1022'), ('NULL'), ('1,2,'), ('1_000')) AS v (input);
SELECT left(input, 20) AS input, test.attempt(format('SELECT %L::position_set', input)) AS result
FROM (VALUES ('0'), ('00'), ('-1'), ('-0'), ('5, -7'), ('0-5'), ('5-0'), ('-5-7'), ('5--7'), ('5-1024'), ('1024-1025'), ('1-18446744073709551617'), ('1024'), ('2147483647'), ('2147483648'), ('4294967297'),
	('18446744073709551617'), ('1,' || repeat('9', 1000))) AS v (input);
SELECT position_set '5 7';
SELECT position_set '5, x';
SELECT position_set '5, 1024';
SELECT position_set '5, -7';
SELECT position_set '5, 7-';
SELECT position_set '8, 42-12';
-- Every range is what position_range() says
SELECT count(*) AS ranges, count(*) FILTER (WHERE (f || '-' || l)::position_set <> position_range(f, l)) AS wrong
FROM generate_series(1, 1023, 31) AS f, generate_series(f, 1023, 17) AS l;

-- All sets of one position there and back
SELECT count(*) AS wrong FROM generate_series(1, 1023) AS n
WHERE n::text::position_set::text <> n::text OR NOT n::text::position_set @> n OR cardinality(n::text::position_set) <> 1;

-- Operators
SELECT a, b, a && b AS "&&", a @> b AS "@>", a <@ b AS "<@", a + b AS "+", a - b AS "-", a * b AS "*",
	a = b AS "=", a <> b AS "<>", a < b AS "<", a <= b AS "<=", a > b AS ">", a >= b AS ">="
FROM (VALUES ('5, 7'::position_set, '7, 9'::position_set), ('5, 7', '7'), ('7', '5, 7'), ('5, 7', '5, 7'), ('1', '1000'),
	('', ''), ('', '5'), ('5', ''), ('1, 2, 3', '1, 3'), ('1, 9', '1, 2, 3')) AS v (a, b);
SELECT position_set '5, 7' @> 5 AS yes, position_set '5, 7' @> 6 AS no, 7 <@ position_set '5, 7' AS yes,
	position_set '5, 7' @> 0 AS no, position_set '5, 7' @> -5 AS no, position_set '5, 7' @> 1024 AS no,
	position_set '5, 7' @> 2147483647 AS no, position_set '5, 7' @> '-2147483648'::int AS no, position_set '' @> 1 AS no;
SELECT NULL::position_set && '1' IS NULL AS a, ('1' + NULL::position_set) IS NULL AS b, position_set '1' @> NULL::int IS NULL AS c;

-- Every operator agrees with int[] on random sets. A fixed generator, not
-- random(): its numbers changed between versions.
CREATE TEMPORARY TABLE random_set AS
SELECT n, ARRAY(
	SELECT DISTINCT (('x' || substr(md5(n || '/' || i), 1, 7))::bit(28)::int % width) + 1 AS p
	FROM generate_series(1, size) AS i ORDER BY p) AS a
FROM generate_series(1, 150) AS n,
	LATERAL (SELECT (ARRAY[3, 9, 42, 1023])[n % 4 + 1] AS width, (ARRAY[0, 1, 2, 3, 6, 20])[n % 6 + 1] AS size) AS shape;
ALTER TABLE random_set ADD s position_set;
UPDATE random_set SET s = a::position_set;
SELECT count(*) AS sets, count(DISTINCT s) AS distinct_sets, count(DISTINCT a) AS distinct_arrays, max(cardinality(s)) AS largest FROM random_set;
SELECT count(*) AS wrong FROM random_set
WHERE s::int[] <> a OR s::text <> array_to_string(a, ', ') OR cardinality(s) <> pg_catalog.cardinality(a) OR s::text::position_set <> s;
SELECT count(*) AS pairs,
	count(*) FILTER (WHERE (x.s && y.s) <> (x.a && y.a)) AS overlaps,
	count(*) FILTER (WHERE (x.s @> y.s) <> (x.a @> y.a)) AS contains,
	count(*) FILTER (WHERE (x.s <@ y.s) <> (x.a <@ y.a)) AS contained,
	count(*) FILTER (WHERE (x.s + y.s)::int[] <> ARRAY(SELECT unnest(x.a) UNION SELECT unnest(y.a) ORDER BY 1)) AS "union",
	count(*) FILTER (WHERE (x.s - y.s)::int[] <> ARRAY(SELECT unnest(x.a) EXCEPT SELECT unnest(y.a) ORDER BY 1)) AS difference,
	count(*) FILTER (WHERE (x.s * y.s)::int[] <> ARRAY(SELECT unnest(x.a) INTERSECT SELECT unnest(y.a) ORDER BY 1)) AS intersection,
	count(*) FILTER (WHERE (x.s = y.s) <> (x.a = y.a)) AS eq,
	count(*) FILTER (WHERE (x.s <> y.s) <> (x.a <> y.a)) AS ne,
	count(*) FILTER (WHERE (x.s < y.s) <> (x.a < y.a)) AS lt,
	count(*) FILTER (WHERE (x.s <= y.s) <> (x.a <= y.a)) AS le,
	count(*) FILTER (WHERE (x.s > y.s) <> (x.a > y.a)) AS gt,
	count(*) FILTER (WHERE (x.s >= y.s) <> (x.a >= y.a)) AS ge,
	count(*) FILTER (WHERE powerpanel_internal.position_set_cmp(x.s, y.s) <> btarraycmp(x.a, y.a)) AS cmp,
	count(*) FILTER (WHERE x.s = y.s AND (powerpanel_internal.position_set_hash(x.s) <> powerpanel_internal.position_set_hash(y.s)
		OR powerpanel_internal.position_set_hash_extended(x.s, 42) <> powerpanel_internal.position_set_hash_extended(y.s, 42))) AS hash
FROM random_set x, random_set y;
SELECT count(*) AS wrong FROM random_set, generate_series(-1, 1030) AS p WHERE (s @> p) <> (p = ANY (a)) OR (p <@ s) <> (p = ANY (a));

-- Order, hash, grouping, joins
SELECT s FROM (VALUES ('10'::position_set), ('9'), ('1, 10'), ('1, 9'), ('1'), (''), ('1, 9, 10')) AS v (s) ORDER BY s;
SELECT s, count(*) FROM (VALUES ('1, 2'::position_set), ('2,1'), ('2'), ('2')) AS v (s) GROUP BY s ORDER BY s;
SET enable_sort = off; SET enable_mergejoin = off; SET enable_nestloop = off;
SELECT count(*) = (SELECT count(*) FROM (SELECT DISTINCT a FROM random_set) AS d) AS hashed FROM (SELECT s FROM random_set GROUP BY s) AS d;
SELECT count(*) AS hash_join FROM random_set x JOIN random_set y USING (s);
RESET enable_sort; RESET enable_mergejoin; SET enable_hashjoin = off;
SELECT count(*) AS merge_join FROM random_set x JOIN random_set y USING (s);
SELECT count(*) AS array_join FROM random_set x JOIN random_set y USING (a);
RESET enable_nestloop; RESET enable_hashjoin;

-- Casts and sizes
SELECT ARRAY[7, 5, 7]::position_set AS from_array, ('5, 7'::position_set)::int[] AS to_array, '{}'::int[]::position_set AS empty,
	(''::position_set)::int[] AS empty_array, ARRAY[[3, 4], [1, 2]]::position_set AS from_matrix;
SELECT a, test.attempt(format('SELECT %L::int[]::position_set', a)) AS result
FROM (VALUES ('{0}'), ('{-1}'), ('{1024}'), ('{2147483647}'), ('{-2147483648}'), ('{1,NULL}'), ('{1023,1}')) AS v (a);
SELECT cardinality(position_set '') AS none, cardinality(position_set '5, 7') AS two, cardinality(position_range(1, 1023)) AS every_one;
SELECT position_range(3, 6) AS range, position_range(5, 5) AS one, position_range(5, 4) AS none;
SELECT call, test.attempt('SELECT ' || call) AS result
FROM (VALUES ('position_range(0, 5)'), ('position_range(5, 1024)'), ('position_range(1, 2147483647)'), ('position_range(2147483647, 1)')) AS v (call);

-- Aggregate
SELECT position_union(s) AS "union" FROM (VALUES ('5, 7'::position_set), (NULL), ('6'), (''), ('7, 1000')) AS v (s);
SELECT position_union(s) IS NULL AS nothing FROM (VALUES ('5'::position_set)) AS v (s) WHERE false;
SELECT position_union(s) = (SELECT array_agg(DISTINCT p)::position_set FROM random_set, unnest(a) AS p) AS every_one FROM random_set;

-- Binary: there and back, and refused when malformed
SELECT powerpanel_internal.position_set_send('') AS nothing, powerpanel_internal.position_set_send('5, 7') AS two, powerpanel_internal.position_set_send('1023') AS highest;
-- (files of the client: the server's user may not be allowed to write here)
\getenv abs_builddir PG_ABS_BUILDDIR
\cd :abs_builddir
CREATE TEMPORARY TABLE copied (n int, s position_set);
\copy (SELECT n, s FROM random_set) TO 'results/position_set.data' (FORMAT binary)
\copy copied FROM 'results/position_set.data' (FORMAT binary)
SELECT count(*), count(*) FILTER (WHERE c.s = r.s) AS same FROM copied c JOIN random_set r USING (n);
TRUNCATE copied;
\copy (SELECT n, s FROM random_set) TO 'results/position_set.data'
\copy copied FROM 'results/position_set.data'
SELECT count(*), count(*) FILTER (WHERE c.s = r.s) AS same FROM copied c JOIN random_set r USING (n);
CREATE TEMPORARY TABLE received (s position_set);
CREATE FUNCTION pg_temp.receive(b bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	-- what COPY reads of one row and one column, made of these bytes
	data bytea := '\x5047434f50590aff0d0a00'::bytea || '\x0000000000000000'::bytea
		|| '\x0001'::bytea || int4send(length(b)) || b || '\xffff'::bytea;
	octal text := (SELECT string_agg(format('\%s%s%s', o >> 6, o >> 3 & 7, o & 7), '' ORDER BY i)
		FROM generate_series(0, length(data) - 1) AS i, get_byte(data, i) AS o);
BEGIN
	TRUNCATE received;
	RETURN test.attempt(format('COPY pg_temp.received FROM PROGRAM %L (FORMAT binary)', format('printf ''%s''', octal)));
END $$;
SELECT b, pg_temp.receive(b) AS result
FROM (VALUES ('\x0000'::bytea), ('\x000200050007'), ('\x000103ff'), ('\x00010400'), ('\x00010000'), ('\x000200070005'), ('\x000200050005'),
	('\x0002'), ('\x00020005'), ('\x00'), ('\x'), ('\x0001000500'), ('\xffff0001'), ('\x000500010002')) AS v (b);

-- GiST: the index finds what a scan finds
CREATE TEMPORARY TABLE indexed AS
SELECT n, ARRAY[n % 42 + 1, n % 7 + 1, (n * 31) % 1000 + 1]::position_set AS s FROM generate_series(1, 5000) AS n;
INSERT INTO indexed VALUES (0, ''), (-1, ''), (-2, NULL);
CREATE INDEX indexed_gist ON indexed USING gist (s);
CREATE TEMPORARY TABLE probe AS SELECT n, s FROM random_set WHERE n <= 60;
SET enable_seqscan = off; SET enable_bitmapscan = off;
EXPLAIN (COSTS OFF) SELECT n FROM indexed WHERE s && '5, 7';
EXPLAIN (COSTS OFF) SELECT n FROM indexed WHERE s = '2, 3';
CREATE TEMPORARY TABLE by_index AS
SELECT p.n, (SELECT count(*) FROM indexed i WHERE i.s && p.s) AS overlapping,
	(SELECT count(*) FROM indexed i WHERE i.s = p.s) AS same FROM probe p;
SELECT count(*) AS empty_found FROM indexed WHERE s = '';
SELECT count(*) AS equal_found FROM indexed i WHERE s = (SELECT s FROM indexed WHERE n = 4711);
RESET enable_bitmapscan; RESET enable_seqscan; SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT count(*) AS wrong, (SELECT sum(overlapping) > 0 AND sum(same) > 0 FROM by_index) AS something_found
FROM by_index b JOIN probe p USING (n)
WHERE overlapping <> (SELECT count(*) FROM indexed i WHERE i.s && p.s) OR same <> (SELECT count(*) FROM indexed i WHERE i.s = p.s);
SELECT count(*) AS equal_found FROM indexed i WHERE s = (SELECT s FROM indexed WHERE n = 4711);
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;
-- ... also one that grew by insertion, shrank, and grew again
TRUNCATE indexed;
INSERT INTO indexed SELECT n, ARRAY[n % 42 + 1, (n * 31) % 1000 + 1]::position_set FROM generate_series(1, 3000) AS n;
DELETE FROM indexed WHERE n % 3 = 0;
INSERT INTO indexed SELECT n, ARRAY[n % 84 + 1, n % 2 + 1]::position_set FROM generate_series(3001, 4000) AS n;
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) AS found FROM indexed WHERE s && '5, 7';
RESET enable_bitmapscan; RESET enable_seqscan; SET enable_indexscan = off; SET enable_bitmapscan = off; SET enable_indexonlyscan = off;
SELECT count(*) AS found FROM indexed WHERE s && '5, 7';
RESET enable_indexscan; RESET enable_bitmapscan; RESET enable_indexonlyscan;

-- btree and hash indexes
CREATE INDEX ON random_set (s);
CREATE INDEX ON random_set USING hash (s);
SET enable_seqscan = off; SET enable_bitmapscan = off;
SELECT count(*) FROM random_set WHERE s < '5' ;
SELECT count(*) FROM random_set WHERE a < '{5}';
SELECT count(*) FROM random_set WHERE s = '';
RESET enable_bitmapscan; RESET enable_seqscan;

-- A table of one's own, kept by an exclusion constraint
CREATE TEMPORARY TABLE rail (positions position_set, EXCLUDE USING gist (positions WITH &&));
INSERT INTO rail VALUES ('1, 3'), ('2'), (''), ('');
INSERT INTO rail VALUES ('3, 5');
INSERT INTO rail VALUES ('5, 7');
CREATE TEMPORARY TABLE distinct_rail (positions position_set, EXCLUDE USING gist (positions WITH =));
INSERT INTO distinct_rail VALUES ('1, 3'), ('1'), ('');
INSERT INTO distinct_rail VALUES ('3, 1');
INSERT INTO distinct_rail VALUES ('');
-- ... for several panels, with btree_gist
SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'btree_gist') AS have_btree_gist \gset
\if :have_btree_gist
SET client_min_messages = warning;
BEGIN;
CREATE EXTENSION IF NOT EXISTS btree_gist SCHEMA public;
SET LOCAL search_path = powerpanel, public, pg_temp;
CREATE TEMPORARY TABLE breaker (panel_id int, positions position_set, EXCLUDE USING gist (panel_id WITH =, positions WITH &&));
INSERT INTO breaker VALUES (1, '1, 3'), (2, '1, 3'), (1, '2');
SAVEPOINT before;
INSERT INTO breaker VALUES (2, '3, 5');
ROLLBACK TO before;
INSERT INTO breaker VALUES (3, '3, 5');
TABLE breaker;
ROLLBACK;
RESET client_min_messages;
\endif
DROP TABLE random_set, copied, received, indexed, probe, by_index, rail, distinct_rail;

-- A value that no function of ours has made, which takes a superuser, is an error
CREATE CAST (bytea AS powerpanel.position_set) WITHOUT FUNCTION;
SELECT '1'::powerpanel.position_set OPERATOR(powerpanel.+) decode(repeat('ff', 200), 'hex')::powerpanel.position_set;
DROP CAST (bytea AS powerpanel.position_set);
