-- A campus, for test/t/043_diagram.pl: :buildings buildings, in each a generator, two
-- main switchboards and, on each of two paths, :ups UPS with :pdus PDUs each with
-- :rpps remote power panels each; and :others panels of the building. Under each pair
-- of remote power panels stand :racks racks with two rack PDUs and three servers.
SET search_path = powerpanel;
BEGIN;
CREATE FUNCTION pg_temp.k(VARIADIC text[]) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5(array_to_string($1, '/'))::uuid$$;

INSERT INTO location (id, name) VALUES (pg_temp.k('campus'), 'Campus');
INSERT INTO location (id, name, parent_id)
SELECT pg_temp.k('building', b::text), 'Building ' || b, pg_temp.k('campus') FROM generate_series(1, :buildings) b;
INSERT INTO location (id, name, parent_id)
SELECT pg_temp.k('room', b::text, path), 'Electrical Room ' || upper(path), pg_temp.k('building', b::text)
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path;
INSERT INTO location (id, name, parent_id)
SELECT pg_temp.k('hall', b::text, u::text), 'Hall ' || u, pg_temp.k('building', b::text)
FROM generate_series(1, :buildings) b, generate_series(1, :ups) u;

INSERT INTO power_panel (id, name, location_id, panel_type, power_path, voltage, main_breaker_amperage, circuit_positions)
SELECT pg_temp.k('utility'), 'Utility', pg_temp.k('campus'), 'utility'::panel_type, NULL::power_path, 480, 20000, NULL::int
UNION ALL
SELECT pg_temp.k('gen', b::text), 'GEN-' || b, pg_temp.k('building', b::text), 'generator', NULL, 480, 4000, NULL FROM generate_series(1, :buildings) b
UNION ALL
SELECT pg_temp.k('msb', b::text, path), format('MSB-%s%s', b, upper(path)), pg_temp.k('room', b::text, path), 'switchgear', path::power_path, 480, 4000, NULL
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path
UNION ALL
SELECT pg_temp.k('ups', b::text, path, u::text), format('UPS-%s%s%s', b, upper(path), u), pg_temp.k('room', b::text, path), 'ups', path::power_path, 480, 800, NULL
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u
UNION ALL
SELECT pg_temp.k('pdu', b::text, path, u::text, d::text), format('PDU-%s%s%s.%s', b, upper(path), u, d), pg_temp.k('hall', b::text, u::text), 'pdu', path::power_path, 208, 800, 72
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u, generate_series(1, :pdus) d
UNION ALL
SELECT pg_temp.k('rpp', b::text, path, u::text, d::text, r::text), format('RPP-%s%s%s.%s.%s', b, upper(path), u, d, r), pg_temp.k('hall', b::text, u::text), 'rpp', path::power_path, 208, 225, 84
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u, generate_series(1, :pdus) d, generate_series(1, :rpps) r
UNION ALL
SELECT pg_temp.k('other', b::text, o::text), format((ARRAY['LP-%s%s', 'MCC-%s%s', 'HP-%s%s'])[1 + o % 3], b, o), pg_temp.k('room', b::text, CASE o % 2 WHEN 1 THEN 'a' ELSE 'b' END), 'panelboard', NULL, 480, 225, 42
FROM generate_series(1, :buildings) b, generate_series(1, :others) o;

INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, type, power_path, phase, voltage, amperage, breaker_position, breaker_pole_count)
SELECT 'Service ' || b || upper(path), pg_temp.k('utility'), pg_temp.k('msb', b::text, path), 'active', 'primary'::feed_type, path::power_path, 'three-phase'::phase, 480, 4000, NULL::int, 3
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path
UNION ALL
SELECT 'G' || b || upper(path), pg_temp.k('gen', b::text), pg_temp.k('msb', b::text, path), 'active', 'redundant', path::power_path, 'three-phase', 480, 4000, NULL, 3
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path
UNION ALL
SELECT 'To ' || u, pg_temp.k('msb', b::text, path), pg_temp.k('ups', b::text, path, u::text), 'active', 'primary', path::power_path, 'three-phase', 480, 800, NULL, 3
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u
UNION ALL
SELECT 'Out ' || d, pg_temp.k('ups', b::text, path, u::text), pg_temp.k('pdu', b::text, path, u::text, d::text), 'active', 'primary', path::power_path, 'three-phase', 480, 400, NULL, 3
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u, generate_series(1, :pdus) d
UNION ALL
SELECT format('SUB-%s', r), pg_temp.k('pdu', b::text, path, u::text, d::text), pg_temp.k('rpp', b::text, path, u::text, d::text, r::text), 'active', 'primary', path::power_path, 'three-phase', 208, 225, 6 * r - 5, 3
FROM generate_series(1, :buildings) b, unnest('{a,b}'::text[]) path, generate_series(1, :ups) u, generate_series(1, :pdus) d, generate_series(1, :rpps) r
UNION ALL
SELECT 'House ' || o, pg_temp.k('msb', b::text, CASE o % 2 WHEN 1 THEN 'a' ELSE 'b' END), pg_temp.k('other', b::text, o::text), (CASE o WHEN 2 THEN 'planned' ELSE 'active' END), 'primary', NULL, 'three-phase', 480, 225, NULL, 3
FROM generate_series(1, :buildings) b, generate_series(1, :others) o;

INSERT INTO power_feed (name, power_panel_id, status, phase, voltage, amperage, breaker_position, breaker_pole_count, connected_load)
SELECT 'Circuit ' || c, pg_temp.k('other', b::text, o::text), 'active', 'three-phase', 480, 30, 6 * c - 5, 3, 1000 * (c + o)
FROM generate_series(1, :buildings) b, generate_series(1, :others) o, generate_series(1, 4) c;

CREATE TEMP TABLE r ON COMMIT DROP AS
SELECT b, u, d, r, n, pg_temp.k('rack', b::text, u::text, d::text, r::text, n::text) AS id, format('R%s%s%s%s-%s', b, u, d, r, to_char(n, 'FM00')) AS name
FROM generate_series(1, :buildings) b, generate_series(1, :ups) u, generate_series(1, :pdus) d, generate_series(1, :rpps) r, generate_series(1, :racks) n;
INSERT INTO rack (id, name, location_id) SELECT id, name, pg_temp.k('hall', b::text, u::text) FROM r;
INSERT INTO device (id, name, rack_id) SELECT pg_temp.k('d', path, id::text), 'rPDU-' || upper(path), id FROM r, unnest('{a,b}'::text[]) path;
INSERT INTO power_port (id, name, device_id) SELECT pg_temp.k('i', path, id::text), 'Inlet', pg_temp.k('d', path, id::text) FROM r, unnest('{a,b}'::text[]) path;
INSERT INTO power_outlet (id, name, device_id, power_port_id) SELECT pg_temp.k('o', path, o::text, id::text), 'O' || o, pg_temp.k('d', path, id::text), pg_temp.k('i', path, id::text)
FROM r, unnest('{a,b}'::text[]) path, generate_series(1, 4) o;
INSERT INTO power_feed (id, name, power_panel_id, rack_id, status, type, power_path, phase, voltage, amperage, breaker_position, breaker_pole_count)
SELECT pg_temp.k('f', path, id::text), name || '-' || upper(path), pg_temp.k('rpp', b::text, path, u::text, d::text, r::text), id, 'active', 'primary', path::power_path, 'three-phase', 208, 30, 1 + 6 * ((n - 1) / 2) + (n - 1) % 2, 3
FROM r, unnest('{a,b}'::text[]) path;
INSERT INTO cable (power_feed_id, power_port_id) SELECT pg_temp.k('f', path, id::text), pg_temp.k('i', path, id::text) FROM r, unnest('{a,b}'::text[]) path;
INSERT INTO device (id, name, rack_id) SELECT pg_temp.k('s', o::text, id::text), name || '-srv' || o, id FROM r, generate_series(1, 3) o;
INSERT INTO power_port (id, name, device_id, allocated_draw, maximum_draw) SELECT pg_temp.k('sp', path, o::text, id::text), 'PSU-' || path, pg_temp.k('s', o::text, id::text), 300 + 100 * (n % 10), 2500 FROM r, generate_series(1, 3) o, unnest('{a,b}'::text[]) path;
INSERT INTO cable (power_outlet_id, power_port_id) SELECT pg_temp.k('o', path, o::text, id::text), pg_temp.k('sp', path, o::text, id::text) FROM r, generate_series(1, 3) o, unnest('{a,b}'::text[]) path;
COMMIT;
