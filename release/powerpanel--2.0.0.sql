-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION powerpanel" to load this file. \quit
-- The two schemas. What a user calls, reads and writes is in powerpanel, which
-- CREATE EXTENSION has made; what that is made of is in powerpanel_internal, so that
-- \df powerpanel.* lists what there is to call: trigger functions, those behind
-- the type's input, operators and operator classes, the parts of guard(), of the
-- imports and of check_integrity(), and the record that pg_dump carries.
--
-- Functions of powerpanel run with the rights of their caller and find their parts
-- by name, so everybody may look a name up in there. What they find asks for the
-- caller's own rights, like everything else; trigger functions are for the
-- extension alone (keep/rights.sql).

CREATE SCHEMA powerpanel_internal;
GRANT USAGE ON SCHEMA powerpanel_internal TO PUBLIC;
COMMENT ON SCHEMA powerpanel_internal IS 'What extension powerpanel is made of: nothing in here is for users to call or to change, and any version may change it';

-- Enumerations. Their labels are the contract with applications; a wrong one is
-- PostgreSQL's own error, so each COMMENT names them all.

CREATE TYPE panel_type AS ENUM (
	'utility', 'generator', 'switchgear', 'mdp', 'ups', 'transfer-switch',
	'pdu', 'panelboard', 'mlc', 'rpp');
COMMENT ON TYPE panel_type IS
'What a power panel is: utility (the utility''s connection), generator, switchgear, mdp (main distribution panel), ups (uninterruptible power supply), transfer-switch, pdu (power distribution unit of a facility, not of a rack), panelboard, mlc (mini load center), rpp (remote power panel)';

CREATE TYPE power_path AS ENUM ('a', 'b', 'c', 'd');
COMMENT ON TYPE power_path IS
'The physical path a circuit comes from, in a redundant design: a, b, c, d. NULL where the design has one path only';

CREATE TYPE feed_type AS ENUM ('primary', 'redundant');
COMMENT ON TYPE feed_type IS
'What a feed is for: primary (it carries the load in normal operation), redundant (it stands by)';

CREATE TYPE supply AS ENUM ('ac', 'dc');
COMMENT ON TYPE supply IS 'The current of a feed: ac (alternating), dc (direct)';

CREATE TYPE phase AS ENUM ('single-phase', 'three-phase');
COMMENT ON TYPE phase IS 'What circuit a feed is: single-phase, three-phase';

CREATE TYPE feed_leg AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C');
COMMENT ON TYPE feed_leg IS 'What an outlet or a bank is wired to: A, B, C (one phase conductor, to neutral), A-B, B-C, A-C (two of them, line to line). A position of a panel hangs on A, B or C';

CREATE TYPE panel_numbering AS ENUM ('across', 'sequential');
COMMENT ON TYPE panel_numbering IS
'How circuit positions are numbered: across (odd numbers left, even right, the North American standard), sequential (one column; IEC boards, busway)';

CREATE TYPE panel_bus AS ENUM ('three-phase', 'split-phase', 'single-phase', 'dc');
COMMENT ON TYPE panel_bus IS
'The bus bars of a panel: three-phase (A, B, C), split-phase (two legs A, B of one service), single-phase (A), dc (direct current, which has no phases)';

CREATE TYPE phase_designation AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C', 'A-B-C');
COMMENT ON TYPE phase_designation IS 'The phases that a breaker connects to, in alphabetical order: A, B, C, A-B, B-C, A-C, A-B-C';

COMMENT ON SCHEMA powerpanel IS 'The electrical distribution of data centres, kept correct by extension powerpanel';
-- Reading tables that are not the extension's own: no query, no cast, nothing of
-- their owners'. See foreign_table.c.

CREATE FUNCTION powerpanel_internal.foreign_rows(tab regclass, columns text[]) RETURNS SETOF jsonb
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT ROWS 10000
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.foreign_rows(regclass, text[]) IS
'Part of guard and the imports: the rows of an ordinary table, each a JSON object with these columns, whose values are numbers, booleans, JSON, or else the text of their type. Raises 42809 where it is no ordinary table, 42703 on a column that is not stored in it, 42501 to one who may not read these columns of all rows';

CREATE FUNCTION powerpanel_internal.must_be_ordinary_table(tab regclass) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.must_be_ordinary_table(regclass) IS
'Part of guard and the imports: raises 42809 where it is no ordinary table, whose rows are all in it and in no other, 42P01 where there is none. Locks it against changes of its columns and keys until the end of the transaction';
-- position_set: a set of circuit positions, 1 to 1023.

CREATE TYPE position_set;

CREATE FUNCTION powerpanel_internal.position_set_in(cstring) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_in(cstring) IS
'Input of position_set: positions 1 to 1023 and ranges of them such as 12-42, separated by commas, in any order; an empty string is the empty set. Raises 22P02 on garbage and on a range that runs backwards, 22003 on a number outside 1..1023';

CREATE FUNCTION powerpanel_internal.position_set_out(position_set) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_out(position_set) IS
'Output of position_set: positions ascending, separated by comma and space';

CREATE FUNCTION powerpanel_internal.position_set_recv(internal) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_recv(internal) IS
'Binary input of position_set: a 16-bit count, then that many 16-bit positions, ascending. Raises 22P03 on anything else';

CREATE FUNCTION powerpanel_internal.position_set_send(position_set) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_send(position_set) IS
'Binary output of position_set: a 16-bit count, then that many 16-bit positions, ascending';

CREATE TYPE position_set (
	INPUT = powerpanel_internal.position_set_in,
	OUTPUT = powerpanel_internal.position_set_out,
	RECEIVE = powerpanel_internal.position_set_recv,
	SEND = powerpanel_internal.position_set_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = extended
);
COMMENT ON TYPE position_set IS
'A set of circuit positions (1 to 1023) of a power panel, written as an electrician does: ''5, 7''. On input a range such as ''12-42'' stands for its positions; output lists each. The empty string is the empty set';

-- Operators. Each function states its operator; NULL in, NULL out.

CREATE FUNCTION powerpanel_internal.position_set_overlaps(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_overlaps(position_set, position_set) IS 'implementation of && operator';

CREATE FUNCTION powerpanel_internal.position_set_contains(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_contains(position_set, position_set) IS 'implementation of @> operator';

CREATE FUNCTION powerpanel_internal.position_set_contained(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_contained(position_set, position_set) IS 'implementation of <@ operator';

CREATE FUNCTION powerpanel_internal.position_set_contains_position(position_set, integer) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_contains_position(position_set, integer) IS 'implementation of @> operator';

CREATE FUNCTION powerpanel_internal.position_set_position_contained(integer, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_position_contained(integer, position_set) IS 'implementation of <@ operator';

CREATE FUNCTION powerpanel_internal.position_set_union(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_union(position_set, position_set) IS 'implementation of + operator';

CREATE FUNCTION powerpanel_internal.position_set_difference(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_difference(position_set, position_set) IS 'implementation of - operator';

CREATE FUNCTION powerpanel_internal.position_set_intersection(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_intersection(position_set, position_set) IS 'implementation of * operator';

CREATE FUNCTION powerpanel_internal.position_set_eq(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_eq(position_set, position_set) IS 'implementation of = operator';

CREATE FUNCTION powerpanel_internal.position_set_ne(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_ne(position_set, position_set) IS 'implementation of <> operator';

CREATE FUNCTION powerpanel_internal.position_set_lt(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_lt(position_set, position_set) IS 'implementation of < operator';

CREATE FUNCTION powerpanel_internal.position_set_le(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_le(position_set, position_set) IS 'implementation of <= operator';

CREATE FUNCTION powerpanel_internal.position_set_gt(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gt(position_set, position_set) IS 'implementation of > operator';

CREATE FUNCTION powerpanel_internal.position_set_ge(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_ge(position_set, position_set) IS 'implementation of >= operator';

CREATE FUNCTION powerpanel_internal.position_set_cmp(position_set, position_set) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_cmp(position_set, position_set) IS
'Less than, equal to or greater than zero: compares the ascending lists of positions element by element, as int[] compares';

CREATE FUNCTION powerpanel_internal.position_set_hash(position_set) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_hash(position_set) IS 'hash of a position_set';

CREATE FUNCTION powerpanel_internal.position_set_hash_extended(position_set, bigint) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_hash_extended(position_set, bigint) IS 'seeded hash of a position_set';

CREATE OPERATOR && (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_overlaps,
	COMMUTATOR = &&, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR && (position_set, position_set) IS 'have positions in common';

CREATE OPERATOR @> (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (position_set, position_set) IS 'contains all positions of';

CREATE OPERATOR <@ (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (position_set, position_set) IS 'is contained in';

CREATE OPERATOR @> (
	LEFTARG = position_set, RIGHTARG = integer, FUNCTION = powerpanel_internal.position_set_contains_position,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (position_set, integer) IS 'contains position';

CREATE OPERATOR <@ (
	LEFTARG = integer, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_position_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (integer, position_set) IS 'is a position of';

CREATE OPERATOR + (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_union,
	COMMUTATOR = +
);
COMMENT ON OPERATOR + (position_set, position_set) IS 'union';

CREATE OPERATOR - (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_difference
);
COMMENT ON OPERATOR - (position_set, position_set) IS 'difference';

CREATE OPERATOR * (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_intersection,
	COMMUTATOR = *
);
COMMENT ON OPERATOR * (position_set, position_set) IS 'intersection';

CREATE OPERATOR = (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (position_set, position_set) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (position_set, position_set) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (position_set, position_set) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (position_set, position_set) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (position_set, position_set) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = powerpanel_internal.position_set_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (position_set, position_set) IS 'greater than or equal';

CREATE OPERATOR CLASS position_set_ops
DEFAULT FOR TYPE position_set USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 powerpanel_internal.position_set_cmp(position_set, position_set);
COMMENT ON OPERATOR CLASS position_set_ops USING btree IS 'order of position sets: as their ascending lists';

CREATE OPERATOR CLASS position_set_ops
DEFAULT FOR TYPE position_set USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 powerpanel_internal.position_set_hash(position_set),
	FUNCTION 2 powerpanel_internal.position_set_hash_extended(position_set, bigint);
COMMENT ON OPERATOR CLASS position_set_ops USING hash IS 'equality of position sets';

-- GiST. The strategy numbers are the R-tree ones (3 &&, 18 =).

CREATE FUNCTION powerpanel_internal.position_set_gist_consistent(internal, position_set, smallint, oid, internal) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gist_consistent(internal, position_set, smallint, oid, internal) IS 'GiST support';

CREATE FUNCTION powerpanel_internal.position_set_gist_union(internal, internal) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gist_union(internal, internal) IS 'GiST support';

CREATE FUNCTION powerpanel_internal.position_set_gist_penalty(internal, internal, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gist_penalty(internal, internal, internal) IS 'GiST support';

CREATE FUNCTION powerpanel_internal.position_set_gist_picksplit(internal, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gist_picksplit(internal, internal) IS 'GiST support';

CREATE FUNCTION powerpanel_internal.position_set_gist_same(position_set, position_set, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.position_set_gist_same(position_set, position_set, internal) IS 'GiST support';

CREATE OPERATOR CLASS gist_position_set_ops
DEFAULT FOR TYPE position_set USING gist AS
	OPERATOR 3 &&, OPERATOR 18 =,
	FUNCTION 1 powerpanel_internal.position_set_gist_consistent(internal, position_set, smallint, oid, internal),
	FUNCTION 2 powerpanel_internal.position_set_gist_union(internal, internal),
	FUNCTION 5 powerpanel_internal.position_set_gist_penalty(internal, internal, internal),
	FUNCTION 6 powerpanel_internal.position_set_gist_picksplit(internal, internal),
	FUNCTION 7 powerpanel_internal.position_set_gist_same(position_set, position_set, internal);
COMMENT ON OPERATOR CLASS gist_position_set_ops USING gist IS
'Overlap and equality of position sets, for indexes and for EXCLUDE USING gist (panel_id WITH =, positions WITH &&)';

-- Conversions, size, range and aggregate.

CREATE FUNCTION position_set(integer[]) RETURNS position_set
AS 'MODULE_PATHNAME', 'position_set_from_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set(integer[]) IS
'The set of an array''s elements. Raises 22003 on an element outside 1..1023, 22004 on a NULL element';

CREATE FUNCTION positions(position_set) RETURNS integer[]
AS 'MODULE_PATHNAME', 'position_set_to_array' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION positions(position_set) IS 'The positions of a set as an ascending array';

CREATE CAST (integer[] AS position_set) WITH FUNCTION position_set(integer[]) AS ASSIGNMENT;
COMMENT ON CAST (integer[] AS position_set) IS 'the set of an array''s elements';
CREATE CAST (position_set AS integer[]) WITH FUNCTION positions(position_set) AS ASSIGNMENT;
COMMENT ON CAST (position_set AS integer[]) IS 'the positions of a set as an ascending array';

CREATE FUNCTION cardinality(position_set) RETURNS integer
AS 'MODULE_PATHNAME', 'position_set_cardinality' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION cardinality(position_set) IS 'How many positions a set has';

CREATE FUNCTION position_range(first integer, last integer) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_range(integer, integer) IS
'The set of all positions from first to last; empty where last is below first. Raises 22003 outside 1..1023';

CREATE AGGREGATE position_union(position_set) (
	SFUNC = powerpanel_internal.position_set_union, STYPE = position_set,
	COMBINEFUNC = powerpanel_internal.position_set_union, PARALLEL = SAFE
);
COMMENT ON AGGREGATE position_union(position_set) IS
'The union of all sets; NULLs are left out; NULL where there is no set at all';

COMMENT ON OPERATOR FAMILY position_set_ops USING btree IS 'order of position sets: as their ascending lists';
COMMENT ON OPERATOR FAMILY position_set_ops USING hash IS 'equality of position sets';
COMMENT ON OPERATOR FAMILY gist_position_set_ops USING gist IS 'Overlap and equality of position sets';
-- Breaker geometry: where a breaker sits and which phases it meets.

CREATE FUNCTION breaker_positions(numbering panel_numbering, breaker_position integer, breaker_pole_count integer)
RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION breaker_positions(panel_numbering, integer, integer) IS
'The positions that a breaker occupies: p, p+2, .. where positions are numbered across, p, p+1, .. where they are sequential. Raises 22023 where the position is outside 1..1000 or the poles outside 1..3';

CREATE FUNCTION breaker_phases(numbering panel_numbering, bus panel_bus, breaker_position integer, breaker_pole_count integer)
RETURNS phase_designation
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION breaker_phases(panel_numbering, panel_bus, integer, integer) IS
'The distinct phases of the positions that a breaker occupies, in order; NULL on a dc bus. Raises 22023 where the position is outside 1..1000 or the poles outside 1..3';

CREATE FUNCTION position_phase(numbering panel_numbering, bus panel_bus, circuit_position integer)
RETURNS feed_leg
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_phase(panel_numbering, panel_bus, integer) IS
'The phase that a circuit position hangs on; NULL on a dc bus. Raises 22023 where the position is outside 1..1023';

CREATE FUNCTION available_power(voltage integer, amperage integer, max_utilization integer, phase phase)
RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION available_power(integer, integer, integer, phase) IS
'The power a feed may carry, in VA: round(|voltage (V)| * amperage (A) * (max_utilization (percent) / 100), times 1.732 where it is three-phase), half to even, in IEEE double in this order, as Nautobot computes it. NULL where amperage is below 1 or max_utilization outside 1..100, which the rules of power_feed refuse';
CREATE TABLE location (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT location_name CHECK (name ~ '\S'),
	parent_id uuid REFERENCES location ON DELETE RESTRICT ON UPDATE RESTRICT,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT location_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE NULLS NOT DISTINCT (parent_id, name)
);
COMMENT ON TABLE location IS 'Where things stand: a tree of regions, sites, buildings, rooms';
COMMENT ON COLUMN location.id IS 'Key';
COMMENT ON COLUMN location.name IS 'Name, unique among the locations of one parent';
COMMENT ON COLUMN location.parent_id IS 'The location that contains this one; NULL at the top';
COMMENT ON COLUMN location.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT location_name ON location IS 'A location has a name that is not blank';
COMMENT ON CONSTRAINT location_custom_fields ON location IS 'Custom fields of a location are a JSON object';
COMMENT ON CONSTRAINT location_parent_id_fkey ON location IS 'The parent of a location exists';

COMMENT ON CONSTRAINT location_pkey ON location IS 'The key of a location';
COMMENT ON CONSTRAINT location_parent_id_name_key ON location IS 'Locations of one parent have different names, and so have those at the top';
CREATE TABLE rack_group (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT rack_group_name CHECK (name ~ '\S'),
	location_id uuid NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE RESTRICT,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT rack_group_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (location_id, name)
);
COMMENT ON TABLE rack_group IS 'Racks that belong together, such as a row or a cage';
COMMENT ON COLUMN rack_group.id IS 'Key';
COMMENT ON COLUMN rack_group.name IS 'Name, unique in its location';
COMMENT ON COLUMN rack_group.location_id IS 'The location that contains all racks and panels of the group';
COMMENT ON COLUMN rack_group.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT rack_group_name ON rack_group IS 'A rack group has a name that is not blank';
COMMENT ON CONSTRAINT rack_group_custom_fields ON rack_group IS 'Custom fields of a rack group are a JSON object';
COMMENT ON CONSTRAINT rack_group_location_id_fkey ON rack_group IS 'The location of a rack group exists';

CREATE TABLE rack (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT rack_name CHECK (name ~ '\S'),
	location_id uuid NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE RESTRICT,
	rack_group_id uuid REFERENCES rack_group ON DELETE RESTRICT ON UPDATE RESTRICT,
	power_limit integer
		CONSTRAINT rack_power_limit CHECK (power_limit >= 1),
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT rack_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE NULLS NOT DISTINCT (location_id, rack_group_id, name)
);
CREATE INDEX ON rack (rack_group_id);
COMMENT ON TABLE rack IS 'Equipment racks';
COMMENT ON COLUMN rack.id IS 'Key';
COMMENT ON COLUMN rack.name IS 'Name, unique in its location and rack group';
COMMENT ON COLUMN rack.location_id IS 'The location it stands in';
COMMENT ON COLUMN rack.rack_group_id IS 'The rack group it belongs to, if any';
COMMENT ON COLUMN rack.power_limit IS 'What its devices may draw by contract or by cooling, in VA; NULL where nothing limits them but their feeds';
COMMENT ON COLUMN rack.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT rack_name ON rack IS 'A rack has a name that is not blank';
COMMENT ON CONSTRAINT rack_power_limit ON rack IS 'The power limit of a rack is 1 VA or more';
COMMENT ON CONSTRAINT rack_custom_fields ON rack IS 'Custom fields of a rack are a JSON object';
COMMENT ON CONSTRAINT rack_location_id_fkey ON rack IS 'The location of a rack exists';
COMMENT ON CONSTRAINT rack_rack_group_id_fkey ON rack IS 'The rack group of a rack exists';
COMMENT ON INDEX rack_rack_group_id_idx IS 'Racks of a rack group';

COMMENT ON CONSTRAINT rack_group_pkey ON rack_group IS 'The key of a rack group';
COMMENT ON CONSTRAINT rack_pkey ON rack IS 'The key of a rack';
COMMENT ON CONSTRAINT rack_group_location_id_name_key ON rack_group IS 'Rack groups of one location have different names';
COMMENT ON CONSTRAINT rack_location_id_rack_group_id_name_key ON rack IS 'Racks of one location and rack group have different names, and so have those of one location without a group';
CREATE TABLE device (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT device_name CHECK (name ~ '\S'),
	rack_id uuid REFERENCES rack ON DELETE RESTRICT ON UPDATE RESTRICT,
	needed_ports integer
		CONSTRAINT device_needed_ports CHECK (needed_ports >= 1),
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT device_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object')
);
CREATE INDEX ON device (rack_id);
COMMENT ON TABLE device IS 'What draws or passes on power in a rack: servers, switches, rack PDUs';
COMMENT ON COLUMN device.id IS 'Key';
COMMENT ON COLUMN device.name IS 'Name; need not be unique';
COMMENT ON COLUMN device.rack_id IS 'The rack it is mounted in, if any';
COMMENT ON COLUMN device.needed_ports IS 'How many of its cabled power ports must be energized for it to run, as of a chassis that needs 3 of 4 supplies; NULL is one. Does not count for devices that have outlets';
COMMENT ON COLUMN device.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT device_name ON device IS 'A device has a name that is not blank';
COMMENT ON CONSTRAINT device_needed_ports ON device IS 'A device needs 1 power port or more';
COMMENT ON CONSTRAINT device_custom_fields ON device IS 'Custom fields of a device are a JSON object';
COMMENT ON CONSTRAINT device_rack_id_fkey ON device IS 'The rack of a device exists';
COMMENT ON INDEX device_rack_id_idx IS 'Devices of a rack';

COMMENT ON CONSTRAINT device_pkey ON device IS 'The key of a device';
CREATE TABLE power_panel (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_panel_name CHECK (name ~ '\S'),
	location_id uuid NOT NULL REFERENCES location ON DELETE RESTRICT ON UPDATE RESTRICT,
	rack_group_id uuid REFERENCES rack_group ON DELETE RESTRICT ON UPDATE RESTRICT,
	panel_type panel_type,
	circuit_positions integer
		CONSTRAINT power_panel_circuit_positions CHECK (circuit_positions BETWEEN 1 AND 1000),
	numbering panel_numbering NOT NULL DEFAULT 'across',
	bus panel_bus NOT NULL DEFAULT 'three-phase',
	power_path power_path,
	voltage integer
		CONSTRAINT power_panel_voltage CHECK (voltage <> 0),
	main_breaker_amperage integer
		CONSTRAINT power_panel_main_breaker_amperage CHECK (main_breaker_amperage >= 1),
	max_utilization integer NOT NULL DEFAULT 100
		CONSTRAINT power_panel_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
	comments text,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_panel_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (location_id, name)
);
CREATE INDEX ON power_panel (rack_group_id);
COMMENT ON TABLE power_panel IS 'Distribution points of electrical power, from the utility connection to the remote power panel. Rack PDUs are devices';
COMMENT ON COLUMN power_panel.id IS 'Key';
COMMENT ON COLUMN power_panel.name IS 'Name, unique in its location';
COMMENT ON COLUMN power_panel.location_id IS 'The location it stands in';
COMMENT ON COLUMN power_panel.rack_group_id IS 'The rack group it serves, if any';
COMMENT ON COLUMN power_panel.panel_type IS 'What it is; NULL where that is not known';
COMMENT ON COLUMN power_panel.circuit_positions IS 'How many breaker positions it has, 1 to 1000; NULL where nobody counted them, and then there is no limit';
COMMENT ON COLUMN power_panel.numbering IS 'How its positions are numbered';
COMMENT ON COLUMN power_panel.bus IS 'The phases of its bus';
COMMENT ON COLUMN power_panel.power_path IS 'The redundant path it belongs to, if any';
COMMENT ON COLUMN power_panel.voltage IS 'Voltage of the bus in V, between phases where it has several; negative on a negative dc bus; NULL where it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_panel.main_breaker_amperage IS 'Rating of the main breaker in A; NULL where there is none or it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_panel.max_utilization IS 'How much of the main breaker may be used, in percent';
COMMENT ON COLUMN power_panel.comments IS 'Free text';
COMMENT ON COLUMN power_panel.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_panel_name ON power_panel IS 'A power panel has a name that is not blank';
COMMENT ON CONSTRAINT power_panel_circuit_positions ON power_panel IS 'A power panel has 1 to 1000 circuit positions';
COMMENT ON CONSTRAINT power_panel_voltage ON power_panel IS 'The voltage of a power panel is not 0';
COMMENT ON CONSTRAINT power_panel_main_breaker_amperage ON power_panel IS 'The main breaker of a power panel is rated 1 A or more';
COMMENT ON CONSTRAINT power_panel_max_utilization ON power_panel IS 'The maximum utilization of a power panel is 1 to 100 percent';
COMMENT ON CONSTRAINT power_panel_custom_fields ON power_panel IS 'Custom fields of a power panel are a JSON object';
COMMENT ON CONSTRAINT power_panel_location_id_fkey ON power_panel IS 'The location of a power panel exists';
COMMENT ON CONSTRAINT power_panel_rack_group_id_fkey ON power_panel IS 'The rack group of a power panel exists';
COMMENT ON INDEX power_panel_rack_group_id_idx IS 'Power panels of a rack group';

COMMENT ON CONSTRAINT power_panel_pkey ON power_panel IS 'The key of a power panel';
COMMENT ON CONSTRAINT power_panel_location_id_name_key ON power_panel IS 'Power panels of one location have different names';
CREATE FUNCTION powerpanel_internal.feed_column_list(OUT role text, OUT usual text, OUT kind text, OUT inventory boolean, OUT guarded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.feed_column_list() IS
'Part of guard: the columns of feeds, panels and cables that rules speak of: what an option calls it, what it is usually called, which types it may have, and whether the inventory and guarded tables have it';
CREATE TABLE feed_status (
	name text PRIMARY KEY
		CONSTRAINT feed_status_name CHECK (name ~ '\S'),
	energized boolean NOT NULL
);
INSERT INTO feed_status (name, energized) VALUES
	('offline', false), ('active', true), ('planned', false), ('failed', false);
COMMENT ON TABLE feed_status IS 'What can be said of a feed''s operation. Add your own; pg_dump carries the rows that you added, not changes to those that came with the extension';
COMMENT ON COLUMN feed_status.name IS 'Key';
COMMENT ON COLUMN feed_status.energized IS 'Whether a feed of this status passes power on';
COMMENT ON CONSTRAINT feed_status_name ON feed_status IS 'A feed status has a name that is not blank';

-- occupied_positions and phase_designation depend on the panel's numbering and
-- bus and are kept by triggers (derived.sql); available_power depends on its
-- own row alone and is an ordinary generated column.
CREATE TABLE power_feed (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_feed_name CHECK (name ~ '\S'),
	power_panel_id uuid NOT NULL REFERENCES power_panel ON DELETE RESTRICT ON UPDATE RESTRICT,
	destination_panel_id uuid REFERENCES power_panel ON DELETE RESTRICT ON UPDATE RESTRICT
		CONSTRAINT power_feed_destination_self CHECK (destination_panel_id <> power_panel_id),
	rack_id uuid REFERENCES rack ON DELETE RESTRICT ON UPDATE RESTRICT,
	status text NOT NULL REFERENCES feed_status,
	type feed_type NOT NULL DEFAULT 'primary',
	power_path power_path,
	supply supply NOT NULL DEFAULT 'ac',
	phase phase NOT NULL DEFAULT 'single-phase',
	voltage integer NOT NULL DEFAULT 120
		CONSTRAINT power_feed_voltage CHECK (voltage > 0 OR (voltage < 0 AND supply = 'dc')),
	amperage integer NOT NULL DEFAULT 20
		CONSTRAINT power_feed_amperage CHECK (amperage >= 1),
	max_utilization integer NOT NULL DEFAULT 80
		CONSTRAINT power_feed_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
	breaker_position integer
		CONSTRAINT power_feed_breaker_position CHECK (breaker_position BETWEEN 1 AND 1000),
	breaker_pole_count integer
		CONSTRAINT power_feed_breaker_pole_count CHECK (breaker_pole_count BETWEEN 1 AND 3),
	receptacles integer NOT NULL DEFAULT 1
		CONSTRAINT power_feed_receptacles CHECK (receptacles >= 1),
	connected_load integer
		CONSTRAINT power_feed_connected_load CHECK (connected_load >= 0),
	comments text,
	available_power bigint GENERATED ALWAYS AS
		(available_power(voltage, amperage, max_utilization, phase)) STORED,
	occupied_positions position_set NOT NULL DEFAULT '',
	phase_designation phase_designation,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_feed_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (power_panel_id, name)
);
-- With the poles, the index alone tells which breakers cannot be in another's way.
CREATE INDEX power_feed_power_panel_id_breaker_position_idx
	ON power_feed (power_panel_id, breaker_position) INCLUDE (breaker_pole_count);
CREATE INDEX ON power_feed (destination_panel_id) WHERE destination_panel_id IS NOT NULL;
-- The condition is written in this roundabout way so that it differs from that of
-- the index above: otherwise the planner, with statistics from before there were
-- destinations, would choose that one and read all of it. The destination is
-- included so that a walk from panel to panel need not read the feeds.
CREATE INDEX power_feed_panel_to_panel_idx ON power_feed (power_panel_id) INCLUDE (destination_panel_id)
	WHERE (destination_panel_id IS NOT NULL) IS TRUE;
CREATE INDEX ON power_feed (rack_id) WHERE rack_id IS NOT NULL;
COMMENT ON TABLE power_feed IS 'Circuits that leave a power panel: to another panel (destination_panel_id), or by a cable to a power port';
COMMENT ON COLUMN power_feed.id IS 'Key';
COMMENT ON COLUMN power_feed.name IS 'Name, unique in its panel';
COMMENT ON COLUMN power_feed.power_panel_id IS 'The panel it leaves';
COMMENT ON COLUMN power_feed.destination_panel_id IS 'The panel it feeds, if it feeds one';
COMMENT ON COLUMN power_feed.rack_id IS 'The rack it is meant for, if any';
COMMENT ON COLUMN power_feed.status IS 'Its operational status; must be given';
COMMENT ON COLUMN power_feed.type IS 'Primary or redundant';
COMMENT ON COLUMN power_feed.power_path IS 'The redundant path it belongs to; NULL in a single-path design';
COMMENT ON COLUMN power_feed.supply IS 'Alternating or direct current';
COMMENT ON COLUMN power_feed.phase IS 'Single-phase or three-phase';
COMMENT ON COLUMN power_feed.voltage IS 'Voltage in V; not 0, negative on a dc supply only';
COMMENT ON COLUMN power_feed.amperage IS 'Rating of the breaker in A';
COMMENT ON COLUMN power_feed.max_utilization IS 'How much of the rating may be used, in percent';
COMMENT ON COLUMN power_feed.breaker_position IS 'The first position of its breaker, 1 to 1000; NULL where it has no place yet';
COMMENT ON COLUMN power_feed.breaker_pole_count IS 'Poles of its breaker, 1 to 3; becomes 1 where only the position is given';
COMMENT ON COLUMN power_feed.receptacles IS 'How many cables it may have; tap boxes of a busway and circuits with several sockets have more than one';
COMMENT ON COLUMN power_feed.connected_load IS 'What lights, chillers and sockets on it draw that nobody models as devices, in VA; counts while the feed has neither a cable nor a destination. NULL is nothing';
COMMENT ON COLUMN power_feed.comments IS 'Free text';
COMMENT ON COLUMN power_feed.available_power IS 'The power it may carry in VA, from voltage, amperage, max_utilization and phase. Read-only';
COMMENT ON COLUMN power_feed.occupied_positions IS 'All positions that its breaker occupies; empty without breaker position. Read-only';
COMMENT ON COLUMN power_feed.phase_designation IS 'The phases that its breaker connects to; NULL without breaker position and on a dc bus. Read-only';
COMMENT ON COLUMN power_feed.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_feed_name ON power_feed IS 'A power feed has a name that is not blank';
COMMENT ON CONSTRAINT power_feed_destination_self ON power_feed IS 'A power feed does not feed the panel that it leaves';
COMMENT ON CONSTRAINT power_feed_voltage ON power_feed IS 'The voltage of a power feed is not 0, and is negative on a dc supply only';
COMMENT ON CONSTRAINT power_feed_amperage ON power_feed IS 'The breaker of a power feed is rated 1 A or more';
COMMENT ON CONSTRAINT power_feed_max_utilization ON power_feed IS 'The maximum utilization of a power feed is 1 to 100 percent';
COMMENT ON CONSTRAINT power_feed_breaker_position ON power_feed IS 'The breaker position of a power feed is 1 to 1000';
COMMENT ON CONSTRAINT power_feed_breaker_pole_count ON power_feed IS 'The breaker of a power feed has 1 to 3 poles';
COMMENT ON CONSTRAINT power_feed_receptacles ON power_feed IS 'A power feed has 1 receptacle or more';
COMMENT ON CONSTRAINT power_feed_connected_load ON power_feed IS 'The connected load of a power feed is 0 VA or more';
COMMENT ON CONSTRAINT power_feed_custom_fields ON power_feed IS 'Custom fields of a power feed are a JSON object';
COMMENT ON CONSTRAINT power_feed_power_panel_id_fkey ON power_feed IS 'The panel that a power feed leaves exists';
COMMENT ON CONSTRAINT power_feed_destination_panel_id_fkey ON power_feed IS 'The panel that a power feed feeds exists';
COMMENT ON CONSTRAINT power_feed_rack_id_fkey ON power_feed IS 'The rack of a power feed exists';
COMMENT ON CONSTRAINT power_feed_status_fkey ON power_feed IS 'The status of a power feed exists';
COMMENT ON INDEX power_feed_power_panel_id_breaker_position_idx IS 'Breakers of a panel by position: what the breaker rules read';
COMMENT ON INDEX power_feed_destination_panel_id_idx IS 'Feeds that enter a panel';
COMMENT ON INDEX power_feed_panel_to_panel_idx IS 'Feeds from a panel to other panels: what the cycle rule and downstream() walk';
COMMENT ON INDEX power_feed_rack_id_idx IS 'Feeds of a rack';

COMMENT ON CONSTRAINT power_feed_pkey ON power_feed IS 'The key of a power feed';
COMMENT ON CONSTRAINT feed_status_pkey ON feed_status IS 'The name of a feed status is its key';
COMMENT ON CONSTRAINT power_feed_power_panel_id_name_key ON power_feed IS 'Power feeds of one panel have different names';
CREATE TABLE power_port (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_port_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	maximum_draw integer,
	allocated_draw integer,
	power_factor numeric(4,2) NOT NULL DEFAULT 0.95
		CONSTRAINT power_port_power_factor CHECK (power_factor BETWEEN 0.01 AND 1.00),
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_port_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	CONSTRAINT power_port_draw CHECK
		(maximum_draw >= 1 AND allocated_draw >= 1 AND allocated_draw <= maximum_draw),
	UNIQUE (device_id, name),
	UNIQUE (device_id, id)		-- what the keys of outlets and banks refer to
);
COMMENT ON TABLE power_port IS 'Inlets of devices: where a device takes power';
COMMENT ON COLUMN power_port.id IS 'Key';
COMMENT ON COLUMN power_port.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_port.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_port.maximum_draw IS 'The most it draws, in W; NULL is as much as allocated_draw';
COMMENT ON COLUMN power_port.allocated_draw IS 'What it is planned to draw, in W; NULL is what hangs on its outlets, nothing where it has none';
COMMENT ON COLUMN power_port.power_factor IS 'Real over apparent power, 0.01 to 1.00';
COMMENT ON COLUMN power_port.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_port_name ON power_port IS 'A power port has a name that is not blank';
COMMENT ON CONSTRAINT power_port_power_factor ON power_port IS 'A power factor is 0.01 to 1.00';
COMMENT ON CONSTRAINT power_port_custom_fields ON power_port IS 'Custom fields of a power port are a JSON object';
COMMENT ON CONSTRAINT power_port_draw ON power_port IS 'The draws of a power port are 1 W or more, and the allocated one is not above the maximum';
COMMENT ON CONSTRAINT power_port_device_id_fkey ON power_port IS 'The device of a power port exists';

-- power_bank_power_port is NO ACTION and not RESTRICT, so that a device can be
-- deleted with its ports and banks, whichever go first.
CREATE TABLE power_bank (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_bank_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid NOT NULL,
	amperage integer NOT NULL
		CONSTRAINT power_bank_amperage CHECK (amperage >= 1),
	max_utilization integer NOT NULL DEFAULT 80
		CONSTRAINT power_bank_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
	feed_leg feed_leg,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_bank_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (device_id, name),
	UNIQUE (power_port_id, id),		-- what power_outlet_power_bank refers to
	CONSTRAINT power_bank_power_port FOREIGN KEY (device_id, power_port_id)
		REFERENCES power_port (device_id, id)
);
COMMENT ON TABLE power_bank IS 'Banks of rack PDUs: groups of outlets behind one breaker';
COMMENT ON COLUMN power_bank.id IS 'Key';
COMMENT ON COLUMN power_bank.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_bank.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_bank.power_port_id IS 'The inlet of the same device that feeds it, and with it its outlets';
COMMENT ON COLUMN power_bank.amperage IS 'Rating of its breaker in A';
COMMENT ON COLUMN power_bank.max_utilization IS 'How much of the rating may be used, in percent';
COMMENT ON COLUMN power_bank.feed_leg IS 'The phase, or the two phases, of a three-phase inlet that it hangs on; counts before that of its outlets. NULL where its outlets say it, where it is not known, or where there is one phase only';
COMMENT ON COLUMN power_bank.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_bank_name ON power_bank IS 'A power bank has a name that is not blank';
COMMENT ON CONSTRAINT power_bank_amperage ON power_bank IS 'The breaker of a power bank is rated 1 A or more';
COMMENT ON CONSTRAINT power_bank_max_utilization ON power_bank IS 'The maximum utilization of a power bank is 1 to 100 percent';
COMMENT ON CONSTRAINT power_bank_custom_fields ON power_bank IS 'Custom fields of a power bank are a JSON object';
COMMENT ON CONSTRAINT power_bank_device_id_fkey ON power_bank IS 'The device of a power bank exists';
COMMENT ON CONSTRAINT power_bank_power_port ON power_bank IS 'The power port that feeds a bank exists and belongs to the same device';

-- power_outlet_power_bank holds the device as well: the outlet's inlet is of the
-- outlet's device, the bank's inlet of the bank's, and they are the same inlet.
-- A bank that gets another inlet takes its outlets along. An outlet that names a
-- bank and no inlet gets past the key; a trigger refuses it (outlet_bank.c).
CREATE TABLE power_outlet (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_outlet_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid,
	alternate_power_port_id uuid,
	power_bank_id uuid,
	feed_leg feed_leg,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_outlet_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (device_id, name),
	CONSTRAINT power_outlet_power_port FOREIGN KEY (device_id, power_port_id)
		REFERENCES power_port (device_id, id) ON DELETE SET NULL (power_port_id),
	CONSTRAINT power_outlet_alternate_power_port FOREIGN KEY (device_id, alternate_power_port_id)
		REFERENCES power_port (device_id, id) ON DELETE SET NULL (alternate_power_port_id),
	CONSTRAINT power_outlet_power_bank FOREIGN KEY (power_port_id, power_bank_id)
		REFERENCES power_bank (power_port_id, id) ON DELETE SET NULL (power_bank_id) ON UPDATE CASCADE,
	CONSTRAINT power_outlet_alternate CHECK (alternate_power_port_id IS NULL
		OR (power_port_id IS NOT NULL AND power_port_id <> alternate_power_port_id))
);
CREATE INDEX ON power_outlet (power_port_id);
CREATE INDEX ON power_outlet (alternate_power_port_id) WHERE alternate_power_port_id IS NOT NULL;
CREATE INDEX ON power_outlet (power_bank_id) WHERE power_bank_id IS NOT NULL;
COMMENT ON TABLE power_outlet IS 'Outlets of devices, mostly of rack PDUs: where a device gives power';
COMMENT ON COLUMN power_outlet.id IS 'Key';
COMMENT ON COLUMN power_outlet.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_outlet.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_outlet.power_port_id IS 'The inlet of the same device that feeds it; NULL where that is not known, and then it never has power';
COMMENT ON COLUMN power_outlet.alternate_power_port_id IS 'The second inlet of a rack transfer switch: feeds the outlet while power_port_id is not energized. NULL where there is none';
COMMENT ON COLUMN power_outlet.power_bank_id IS 'The bank that it belongs to; its power_port_id is then that of the bank';
COMMENT ON COLUMN power_outlet.feed_leg IS 'The phase, or the two phases, of a three-phase inlet that it hangs on; the leg of its bank counts before it. NULL where it is not known, or where there is one phase only';
COMMENT ON COLUMN power_outlet.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_outlet_name ON power_outlet IS 'A power outlet has a name that is not blank';
COMMENT ON CONSTRAINT power_outlet_custom_fields ON power_outlet IS 'Custom fields of a power outlet are a JSON object';
COMMENT ON CONSTRAINT power_outlet_device_id_fkey ON power_outlet IS 'The device of a power outlet exists';
COMMENT ON CONSTRAINT power_outlet_power_port ON power_outlet IS 'The power port that feeds an outlet exists and belongs to the same device';
COMMENT ON CONSTRAINT power_outlet_alternate_power_port ON power_outlet IS 'The alternate power port of an outlet exists and belongs to the same device';
COMMENT ON CONSTRAINT power_outlet_power_bank ON power_outlet IS 'The bank of an outlet exists, belongs to the same device, and its inlet is that of the outlet';
COMMENT ON CONSTRAINT power_outlet_alternate ON power_outlet IS 'An outlet has an alternate power port only beside a first one, and the two differ';
COMMENT ON INDEX power_outlet_power_port_id_idx IS 'Outlets of a power port';
COMMENT ON INDEX power_outlet_alternate_power_port_id_idx IS 'Outlets that a power port feeds when their first one is off';
COMMENT ON INDEX power_outlet_power_bank_id_idx IS 'Outlets of a bank';

CREATE TABLE cable (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	power_feed_id uuid REFERENCES power_feed ON DELETE CASCADE ON UPDATE RESTRICT,
	power_outlet_id uuid UNIQUE REFERENCES power_outlet ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid NOT NULL UNIQUE REFERENCES power_port ON DELETE CASCADE ON UPDATE RESTRICT,
	label text,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT cable_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	CONSTRAINT cable_source CHECK (num_nonnulls(power_feed_id, power_outlet_id) = 1)
);
CREATE INDEX ON cable (power_feed_id) WHERE power_feed_id IS NOT NULL;
COMMENT ON TABLE cable IS 'Power cables: from a feed or an outlet to a power port';
COMMENT ON COLUMN cable.id IS 'Key';
COMMENT ON COLUMN cable.power_feed_id IS 'The feed it comes from, where it comes from a feed';
COMMENT ON COLUMN cable.power_outlet_id IS 'The outlet it comes from, where it comes from an outlet';
COMMENT ON COLUMN cable.power_port_id IS 'The power port it is plugged into';
COMMENT ON COLUMN cable.label IS 'What is printed on it';
COMMENT ON COLUMN cable.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT cable_custom_fields ON cable IS 'Custom fields of a cable are a JSON object';
COMMENT ON CONSTRAINT cable_source ON cable IS 'A cable comes from exactly one thing: a power feed or a power outlet';
COMMENT ON CONSTRAINT cable_power_feed_id_fkey ON cable IS 'The power feed of a cable exists';
COMMENT ON CONSTRAINT cable_power_outlet_id_fkey ON cable IS 'The power outlet of a cable exists';
COMMENT ON CONSTRAINT cable_power_port_id_fkey ON cable IS 'The power port of a cable exists';

COMMENT ON CONSTRAINT power_port_pkey ON power_port IS 'The key of a power port';
COMMENT ON CONSTRAINT power_outlet_pkey ON power_outlet IS 'The key of a power outlet';
COMMENT ON CONSTRAINT cable_pkey ON cable IS 'The key of a cable';
COMMENT ON CONSTRAINT power_port_device_id_name_key ON power_port IS 'Power ports of one device have different names';
COMMENT ON CONSTRAINT power_port_device_id_id_key ON power_port IS 'What power_outlet_power_port, power_outlet_alternate_power_port and power_bank_power_port refer to';
COMMENT ON CONSTRAINT power_outlet_device_id_name_key ON power_outlet IS 'Power outlets of one device have different names';
COMMENT ON INDEX cable_power_feed_id_idx IS 'Cables of a power feed';
COMMENT ON CONSTRAINT power_bank_pkey ON power_bank IS 'The key of a power bank';
COMMENT ON CONSTRAINT power_bank_device_id_name_key ON power_bank IS 'Power banks of one device have different names';
COMMENT ON CONSTRAINT power_bank_power_port_id_id_key ON power_bank IS 'What power_outlet_power_bank refers to';
COMMENT ON CONSTRAINT cable_power_outlet_id_key ON cable IS 'At most one cable comes from a power outlet';
COMMENT ON CONSTRAINT cable_power_port_id_key ON cable IS 'At most one cable is plugged into a power port';
-- The rules, and where their names come from: the checks in C list theirs, the
-- CHECKs and keys are those of the catalog, described by their comments.

CREATE FUNCTION powerpanel_internal.checked_rules(OUT name text, OUT severity text, OUT sqlstate text, OUT description text,
	OUT needed text[], OUT columns text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.checked_rules() IS
'Part of the view rule: the rules that are checked in C, and the warnings. needed: the columns (by feed_column_list) without which a rule does not hold in a table of feeds; columns: all that it speaks of; both NULL where it is not about feeds';

CREATE VIEW rule WITH (security_invoker = true) AS
SELECT r.name, r.severity, r.sqlstate, r.description
FROM powerpanel_internal.checked_rules() AS r
UNION ALL
SELECT c.conname::text, 'error',
	CASE c.contype WHEN 'u' THEN '23505' WHEN 'f' THEN '23503' ELSE '23514' END,
	pg_catalog.obj_description(c.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint AS c
	JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::regclass
		AND d.objid = c.conrelid AND d.deptype = 'e'
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'powerpanel'
WHERE c.contype IN ('c', 'f', 'u') AND d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND c.connamespace = 'powerpanel'::pg_catalog.regnamespace
	-- a rule that a CHECK or a key states in part is one rule
	AND c.conname NOT IN (SELECT r.name FROM powerpanel_internal.checked_rules() AS r);
COMMENT ON VIEW rule IS 'Every rule that the inventory keeps. A refused write carries the name as its constraint name, and check_integrity() reports the same';
COMMENT ON COLUMN rule.name IS 'The rule';
COMMENT ON COLUMN rule.severity IS 'error: such a row is refused. warning: check_integrity() mentions it';
COMMENT ON COLUMN rule.sqlstate IS 'That of the error by which such a row is refused; NULL for a warning. A foreign key has 23503 here; where it refuses to delete a row that others refer to, the error has 23001 from PostgreSQL 18 on';
COMMENT ON COLUMN rule.description IS 'What holds';

CREATE FUNCTION powerpanel_internal.check_rule_names(names text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF names IS NULL OR array_position(names, NULL) IS NOT NULL THEN
		RAISE EXCEPTION '%', CASE WHEN names IS NULL THEN 'the list of rules is NULL' ELSE 'a rule name is NULL' END
			USING ERRCODE = 'null_value_not_allowed',
				HINT = 'Without the argument, all rules are checked.';
	END IF;
	IF cardinality(names) = 0 THEN
		RAISE EXCEPTION 'the list of rules is empty'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Without the argument, all rules are checked.';
	END IF;
	SELECT n INTO unknown
	FROM unnest(names) AS n
	WHERE NOT EXISTS (SELECT FROM powerpanel.rule AS r WHERE r.name = n)
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'no rule is named "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'The view powerpanel.rule lists all rules.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.check_rule_names(text[]) IS
'Part of check_integrity and guard_violations: raises 22004 on NULL, 22023 on an empty array and on the name of a rule that does not exist';
-- The derived columns of power_feed: occupied_positions, phase_designation, and
-- the pole count that goes with a position.
--
-- The triggers that call these on power_feed are in rules/feed_trigger.sql. All are
-- ENABLE ALWAYS: see derived.c.

CREATE FUNCTION powerpanel_internal.set_derived_columns() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.set_derived_columns() IS
'Trigger: sets occupied positions, phase designation and the default pole count of a feed. Raises 428C9 where a derived column is given another value';

CREATE FUNCTION powerpanel_internal.rederive_feeds() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.rederive_feeds() IS
'Trigger: has the derived columns of a panel''s feeds set anew when its numbering or bus has changed';

CREATE CONSTRAINT TRIGGER derived_columns AFTER UPDATE ON power_panel
FROM power_feed NOT DEFERRABLE
FOR EACH ROW
WHEN (OLD.numbering IS DISTINCT FROM NEW.numbering OR OLD.bus IS DISTINCT FROM NEW.bus
	OR OLD.circuit_positions IS DISTINCT FROM NEW.circuit_positions OR OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION powerpanel_internal.rederive_feeds();
COMMENT ON TRIGGER derived_columns ON power_panel IS 'Has the feeds follow a change of the numbering or the bus; sorts before the checks';

ALTER TABLE power_panel ENABLE ALWAYS TRIGGER derived_columns;

CREATE FUNCTION powerpanel_internal.forget_panel() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.forget_panel() IS
'Trigger: has the checks forget what a panel was like whose key another panel may come to have';

CREATE TRIGGER zz_forget_delete BEFORE DELETE ON power_panel
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.forget_panel();
COMMENT ON TRIGGER zz_forget_delete ON power_panel IS 'Another panel may come to have the key';

CREATE TRIGGER zz_forget_update BEFORE UPDATE ON power_panel
FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id)
EXECUTE FUNCTION powerpanel_internal.forget_panel();
COMMENT ON TRIGGER zz_forget_update ON power_panel IS 'Another panel may come to have the key';

ALTER TABLE power_panel
	ENABLE ALWAYS TRIGGER zz_forget_delete,
	ENABLE ALWAYS TRIGGER zz_forget_update;
-- A feed and its cables. What the WHENs are about, here and in the other files of
-- this folder, is in feed_trigger.sql.

CREATE FUNCTION powerpanel_internal.check_cabled_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_cabled_feed() IS 'Trigger: checks that a cabled feed has no destination and a receptacle for each cable (rules power_feed_destination_or_cable, power_feed_receptacles). FROM names the table of feeds';

CREATE FUNCTION powerpanel_internal.check_feed_cables() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_feed_cables() IS 'Trigger: checks that a feed which got another key has a destination or a cable, not both (rule power_feed_destination_or_cable). FROM names the table of cables; its arguments, which one trigger of a table of feeds gives, name the columns of that table';

CREATE CONSTRAINT TRIGGER cabled_feed AFTER INSERT ON cable
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

CREATE CONSTRAINT TRIGGER cabled_feed_update AFTER UPDATE ON cable
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION powerpanel_internal.check_cabled_feed();
COMMENT ON TRIGGER cabled_feed_update ON cable IS 'A cabled feed has no destination, and a receptacle for each cable';

-- It tells which table the cables are in, and what its columns are called. It never
-- has anything to check: foreign keys are ON UPDATE RESTRICT.
CREATE CONSTRAINT TRIGGER power_feed_cables AFTER UPDATE OF id ON power_feed
FROM cable DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_feed_cables('cable_feed=power_feed_id', 'cable_label=label');
COMMENT ON TRIGGER power_feed_cables ON power_feed IS 'Where the cables of feeds are';
-- Outlets and banks.

CREATE FUNCTION powerpanel_internal.check_outlet_bank() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_outlet_bank() IS 'Trigger: checks that an outlet with a bank names the inlet of the bank, too (rule power_outlet_power_bank)';

CREATE FUNCTION powerpanel_internal.check_bank_outlets() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_bank_outlets() IS 'Trigger: checks that no outlet hangs on a bank that was moved to another device (rule power_outlet_power_bank)';

CREATE CONSTRAINT TRIGGER power_outlet_bank AFTER INSERT ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION powerpanel_internal.check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_outlet_bank_update AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_bank_id IS NOT NULL AND NEW.power_port_id IS NULL)
EXECUTE FUNCTION powerpanel_internal.check_outlet_bank();
COMMENT ON TRIGGER power_outlet_bank_update ON power_outlet IS 'An outlet with a bank names the inlet of the bank';

CREATE CONSTRAINT TRIGGER power_bank_outlets AFTER UPDATE ON power_bank
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.device_id IS DISTINCT FROM NEW.device_id)
EXECUTE FUNCTION powerpanel_internal.check_bank_outlets();
COMMENT ON TRIGGER power_bank_outlets ON power_bank IS 'A bank is in the device of its outlets';
-- No loop of power through devices.

CREATE FUNCTION powerpanel_internal.check_cable_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_cable_cycle() IS 'Trigger: checks that a cable closes no loop of power through devices (rule cable_cycle)';

CREATE FUNCTION powerpanel_internal.check_outlet_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_outlet_cycle() IS 'Trigger: checks that a cabled outlet which is given another power port closes no loop of power through devices (rule cable_cycle)';

CREATE CONSTRAINT TRIGGER cable_cycle AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_cable_cycle();
COMMENT ON TRIGGER cable_cycle ON cable IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER cable_cycle_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL
	AND (OLD.power_outlet_id IS DISTINCT FROM NEW.power_outlet_id
		OR OLD.power_port_id IS DISTINCT FROM NEW.power_port_id))
EXECUTE FUNCTION powerpanel_internal.check_cable_cycle();
COMMENT ON TRIGGER cable_cycle_update ON cable IS 'Cables form no loop of power through devices';

-- A new outlet has no cable yet; who plugs one in looks at its inlets.
CREATE CONSTRAINT TRIGGER power_outlet_cycle AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL
	AND (OLD.power_port_id IS DISTINCT FROM NEW.power_port_id
		OR OLD.alternate_power_port_id IS DISTINCT FROM NEW.alternate_power_port_id))
EXECUTE FUNCTION powerpanel_internal.check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle ON power_outlet IS 'Cables form no loop of power through devices';
-- What contains what: locations, and what lies in them.

CREATE FUNCTION powerpanel_internal.check_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_location() IS 'Trigger: checks that a location is not its own ancestor, and that a moved one leaves racks, panels and feeds in order (rules location_cycle, rack_rack_group_location, power_panel_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION powerpanel_internal.check_rack_group() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_rack_group() IS 'Trigger: checks racks and panels of a rack group that has moved (rules rack_rack_group_location, power_panel_rack_group_location)';

CREATE FUNCTION powerpanel_internal.check_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_rack() IS 'Trigger: checks a rack against its rack group and its feeds (rules rack_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION powerpanel_internal.check_panel_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_panel_location() IS 'Trigger: checks a panel against its rack group and the racks of its feeds (rules power_panel_rack_group_location, power_feed_rack_location)';

CREATE CONSTRAINT TRIGGER location_cycle AFTER INSERT ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.check_location();
COMMENT ON TRIGGER location_cycle ON location IS 'A location is not its own ancestor';

CREATE CONSTRAINT TRIGGER location_moved AFTER UPDATE ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
EXECUTE FUNCTION powerpanel_internal.check_location();
COMMENT ON TRIGGER location_moved ON location IS 'A moved location is not its own ancestor and leaves all in order';

CREATE CONSTRAINT TRIGGER rack_group_moved AFTER UPDATE ON rack_group
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION powerpanel_internal.check_rack_group();
COMMENT ON TRIGGER rack_group_moved ON rack_group IS 'A moved rack group still contains its racks and panels';

CREATE CONSTRAINT TRIGGER rack_rack_group_location AFTER INSERT ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION powerpanel_internal.check_rack();
COMMENT ON TRIGGER rack_rack_group_location ON rack IS 'The location of a rack group contains its racks';

CREATE CONSTRAINT TRIGGER rack_moved AFTER UPDATE ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION powerpanel_internal.check_rack();
COMMENT ON TRIGGER rack_moved ON rack IS 'A moved rack is still in order with its rack group and its feeds';

CREATE CONSTRAINT TRIGGER power_panel_rack_group_location AFTER INSERT ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION powerpanel_internal.check_panel_location();
COMMENT ON TRIGGER power_panel_rack_group_location ON power_panel IS 'The location of a rack group contains its power panels';

CREATE CONSTRAINT TRIGGER power_panel_moved AFTER UPDATE ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION powerpanel_internal.check_panel_location();
COMMENT ON TRIGGER power_panel_moved ON power_panel IS 'A moved panel is still in order with its rack group and the racks of its feeds';
-- The triggers of power_feed: one that completes a row before it is written, and
-- one that checks it afterwards by all rules that read other rows; and the check
-- of a changed panel.
--
-- What reads other rows is a constraint trigger: it fires when the statement ends or,
-- with SET CONSTRAINTS ... DEFERRED, at commit. Its WHEN says which columns take part,
-- so that what changes no column of a rule is not queued. It compares values and not
-- what SET names, since a BEFORE trigger may change what no SET did; for that of
-- power_feed see derive_late() in breaker_check.c. No key takes part: foreign keys
-- are ON UPDATE RESTRICT, so that a row which others refer to cannot hand its key to
-- another one behind the checks' back.
--
-- The INSERT of a feed, a cable or a location has no WHEN, which would cost more than it
-- saves: PostgreSQL reads and plans it anew for each statement. Position sets are
-- compared by <>, which pg_upgrade can restore where nobody's search_path has its
-- operator; IS DISTINCT FROM it could not.

CREATE FUNCTION powerpanel_internal.check_feed() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_feed() IS
'Trigger: checks a feed that was written (rules power_feed_breaker_bus, _capacity, _conflict, power_feed_derived_columns, power_feed_cycle, power_feed_destination_or_cable, power_feed_receptacles, power_feed_rack_location). Its arguments, which one trigger of the table gives, name the columns; FROM names the table of panels';

CREATE FUNCTION powerpanel_internal.check_panel() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.check_panel() IS
'Trigger: checks the feeds of a panel that was changed (rules power_feed_breaker_bus, _capacity, _conflict). FROM names the table of feeds';

-- Which columns there are, and which of them a rule speaks of, the lists say
-- (feed_column_list.h, rule_list.h).
DO $$
DECLARE
	arguments text := (
		SELECT pg_catalog.string_agg(pg_catalog.quote_literal(c.role || '=' || c.usual), ', ')
		FROM powerpanel_internal.feed_column_list() AS c WHERE c.inventory AND c.role NOT LIKE 'cable\_%');
	tab record;
BEGIN
	EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER power_feed_rules AFTER INSERT ON powerpanel.power_feed
		FROM powerpanel.power_panel DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_feed(%s)', arguments);
	FOR tab IN
		SELECT t.*, (
			SELECT pg_catalog.string_agg(pg_catalog.format(
				CASE c.kind WHEN 'position set' THEN 'OLD.%1$I OPERATOR(powerpanel.<>) NEW.%1$I'
					ELSE 'OLD.%1$I IS DISTINCT FROM NEW.%1$I' END, c.usual), ' OR ')
			FROM powerpanel_internal.feed_column_list() AS c
			WHERE c.inventory AND c.role <> 'panel_id' AND c.role NOT LIKE 'cable\_%' AND (c.role LIKE 'panel\_%') = (t.name = 'power_panel')
				AND EXISTS (SELECT FROM powerpanel_internal.checked_rules() AS r WHERE c.role = ANY (r.columns))) AS changed
		FROM (VALUES ('power_feed', 'power_feed_rules_update', 'power_panel', 'check_feed'),
			('power_panel', 'power_panel_rules', 'power_feed', 'check_panel')) AS t (name, trigger, other, function)
	LOOP
		EXECUTE pg_catalog.format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON powerpanel.%I
			FROM powerpanel.%I DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
			EXECUTE FUNCTION powerpanel_internal.%I()', tab.trigger, tab.name, tab.other, tab.changed, tab.function);
	END LOOP;
END
$$;
COMMENT ON TRIGGER power_feed_rules ON power_feed IS 'A feed keeps the rules that read other rows';
COMMENT ON TRIGGER power_feed_rules_update ON power_feed IS 'A changed feed keeps the rules that read other rows';
COMMENT ON TRIGGER power_panel_rules ON power_panel IS 'The feeds of a changed panel keep the rules that read it';

-- The BEFORE triggers have a name that sorts last, so that they see what other
-- BEFORE triggers have made of the row. They are ENABLE ALWAYS: see derived.c.

CREATE TRIGGER zz_derived_columns_insert BEFORE INSERT ON power_feed
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_insert ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

CREATE TRIGGER zz_derived_columns_update
BEFORE UPDATE OF power_panel_id, breaker_position, breaker_pole_count,
	occupied_positions, phase_designation ON power_feed
FOR EACH ROW
EXECUTE FUNCTION powerpanel_internal.set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_update ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

ALTER TABLE power_feed
	ENABLE ALWAYS TRIGGER zz_derived_columns_insert,
	ENABLE ALWAYS TRIGGER zz_derived_columns_update;

REVOKE EXECUTE ON FUNCTION powerpanel_internal.check_feed() FROM PUBLIC;
-- Which columns of the tables mean what to the rules.

-- The caller's search_path is not that of the functions here; so a name without a
-- schema is looked for beside the feeds.
CREATE FUNCTION powerpanel_internal.guard_cable_table(feed_table regclass, options jsonb) RETURNS regclass
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	named constant text := options->>'cable_table';
	cables regclass;
BEGIN
	IF named IS NULL THEN
		IF options->>'cable_feed' IS NOT NULL THEN
			RAISE EXCEPTION 'option "cable_feed" takes option "cable_table"'
				USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Option "cable_table" names the table of cables, "cable_feed" its column that refers to the feed.';
		END IF;
		RETURN NULL;
	END IF;
	cables := to_regclass(CASE array_length(parse_ident(named), 1)
		WHEN 1 THEN format('%s.%s', (SELECT c.relnamespace::regnamespace FROM pg_class AS c WHERE c.oid = feed_table), named)
		ELSE named END);
	IF cables IS NULL THEN
		RAISE EXCEPTION 'table "%" of cables does not exist', named
			USING ERRCODE = 'undefined_table',
				HINT = 'Option "cable_table" names it, with its schema where that is not the schema of the feeds.';
	END IF;
	RETURN cables;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_cable_table(regclass, jsonb) IS
'Part of guard: the table of cables that its options name, NULL for none. Raises 42P01 where there is no such table, 22023 where it is no name, or a column of it is named alone';

CREATE FUNCTION powerpanel_internal.guard_column_must_fit(col pg_attribute, role text, allowed regtype[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tab CONSTANT regclass := col.attrelid;
BEGIN
	IF col.atttypid <> ALL (allowed) THEN
		RAISE EXCEPTION 'column "%" of table "%" is of type %', col.attname, tab, col.atttypid::regtype
			USING ERRCODE = 'datatype_mismatch',
				DETAIL = format('For "%s" it takes one of: %s.', role,
					array_to_string(allowed, ', ')),
				HINT = format('Option "%s" names another column.', role);
	END IF;
	-- a trigger compares them, and there need not be an operator for another type
	IF role IN ('panel_numbering', 'panel_bus')
		AND (SELECT t.typcategory NOT IN ('S', 'E') OR (t.typcategory = 'E' AND t.typtype = 'd') FROM pg_type AS t WHERE t.oid = col.atttypid) THEN
		RAISE EXCEPTION 'column "%" of table "%" is of type %', col.attname, tab, col.atttypid::regtype
			USING ERRCODE = 'datatype_mismatch',
				DETAIL = format('For "%s" it takes a text or an enum, and no domain of an enum.', role),
				HINT = format('Option "%s" names another column, or with NULL none.', role);
	END IF;
	IF col.attgenerated = 'v' AND role <> 'cable' THEN
		RAISE EXCEPTION 'column "%" of table "%" is a virtual generated column', col.attname, tab
			USING ERRCODE = 'feature_not_supported',
				DETAIL = 'Its values are not in the rows that a trigger is given.',
				HINT = format('Make it STORED, or name another column by option "%s".', role);
	END IF;
	IF role IN ('id', 'panel_id') AND NOT (col.attnotnull
		-- which since PostgreSQL 18 may say nothing of the rows that are there
		AND NOT EXISTS (SELECT FROM pg_constraint AS c
			WHERE c.conrelid = col.attrelid AND c.contype = 'n' AND c.conkey = ARRAY[col.attnum] AND NOT c.convalidated)
		AND EXISTS (SELECT FROM pg_index AS i
			-- where it is deferrable, two rows may have one key for a while, as with foreign keys
			WHERE i.indrelid = col.attrelid AND i.indisunique AND i.indimmediate AND i.indisvalid AND i.indpred IS NULL
				AND i.indnkeyatts = 1 AND i.indkey[0] = col.attnum)) THEN
		RAISE EXCEPTION 'column "%" of table "%" is no key', col.attname, tab
			USING ERRCODE = 'invalid_foreign_key',
				DETAIL = format('For "%s" it takes a column that is NOT NULL and UNIQUE, and not DEFERRABLE.', role);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_column_must_fit(pg_attribute, text, regtype[]) IS
'Part of guard: raises an error where a column is not what it takes for that: 42804 on its type, 0A000 on one that is virtual, 42830 on a key that may be NULL, is not unique or is DEFERRABLE';

CREATE FUNCTION powerpanel_internal.guard_columns(feed_table regclass, panel_table regclass, options jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb := '{}';
	known record;
	tab regclass;
	col pg_attribute;
	allowed regtype[];
	of_panels regtype[];	-- the type of the panels' key
	of_feeds regtype[];
	cable_table constant regclass := powerpanel_internal.guard_cable_table(feed_table, options);
BEGIN
	FOR known IN
		-- a key is the primary key, whatever its name; a name may be missing, and is
		-- the key then
		SELECT c.role, c.kind, CASE WHEN c.kind <> 'key' THEN c.usual END AS usual
		FROM powerpanel_internal.feed_column_list() AS c
		WHERE c.guarded AND (cable_table IS NOT NULL OR c.role NOT LIKE 'cable\_%')
		ORDER BY c.role NOT IN ('panel_id', 'id')	-- which tell what type the others have
	LOOP
		tab := CASE WHEN known.role LIKE 'panel\_%' THEN panel_table
			WHEN known.role LIKE 'cable\_%' THEN cable_table ELSE feed_table END;
		SELECT a.* INTO col
		FROM pg_attribute AS a
		WHERE a.attrelid = tab AND a.attnum > 0 AND NOT a.attisdropped
			AND CASE
				WHEN options ? known.role THEN a.attname = options->>known.role
				WHEN known.usual IS NOT NULL THEN a.attname = known.usual
				ELSE a.attnum = (SELECT i.indkey[0] FROM pg_index AS i
					WHERE i.indrelid = tab AND i.indisprimary AND i.indnkeyatts = 1)
			END;
		IF col.attname IS NULL AND options->>known.role IS NOT NULL THEN
			RAISE EXCEPTION 'column "%" of table "%" does not exist', options->>known.role, tab
				USING ERRCODE = 'undefined_column',
					HINT = format('Option "%s" names it.', known.role);
		END IF;
		CASE known.role
			WHEN 'panel_id' THEN of_panels := ARRAY[col.atttypid];
			WHEN 'id' THEN of_feeds := ARRAY[col.atttypid];
			ELSE NULL;
		END CASE;
		allowed := CASE known.kind
			WHEN 'key' THEN '{uuid,bigint,integer,smallint}'
			WHEN 'panel key' THEN of_panels
			WHEN 'feed key' THEN of_feeds
			WHEN 'integer' THEN '{integer,bigint,smallint}' END;
		IF col.attname IS NOT NULL THEN
			PERFORM powerpanel_internal.guard_column_must_fit(col, known.role, allowed);
		END IF;
		columns := columns || jsonb_strip_nulls(jsonb_build_object(known.role, col.attname));
	END LOOP;
	IF NOT columns ?& '{id,panel,panel_id}' THEN
		RAISE EXCEPTION 'the keys of tables "%" and "%" are not known', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "id", "panel" and "panel_id" name the columns: the feeds'' key, their panel, and the panels'' key.';
	END IF;
	SELECT c.value AS name, array_agg(format('"%s"', c.key) ORDER BY c.key) AS roles INTO known
	FROM jsonb_each_text(columns) AS c
	WHERE c.key = ANY ('{id,panel,destination,position,poles}')
	GROUP BY c.value HAVING count(*) > 1 LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'column "%" of table "%" cannot be two things', known.name, feed_table
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It is named as %s.', array_to_string(known.roles, ' and as ')),
				HINT = 'Each of these options names a column of its own.';
	END IF;
	IF cable_table IS NOT NULL AND NOT columns ? 'cable_feed' THEN
		RAISE EXCEPTION 'it is not known which column of table "%" refers to a feed', cable_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Option "cable_feed" names it.';
	ELSIF cable_table IS NOT NULL AND NOT columns ? 'destination' THEN
		RAISE EXCEPTION 'no rule speaks of table "%" of cables', cable_table
			USING ERRCODE = 'undefined_column',
				DETAIL = 'What is checked is that a feed has no cable and a destination panel, too.',
				HINT = 'Option "destination" names the column of the feeds that refers to the panel which a feed leads to.';
	END IF;
	-- a guard that guards nothing would look like one that does
	IF NOT columns ?| '{position,poles,destination,panel_positions}' THEN
		RAISE EXCEPTION 'tables "%" and "%" have no column that a rule speaks of', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "position" and "poles" name the columns of a feed''s breaker, "destination" the panel that it feeds, "panel_positions" how many positions a panel has.';
	END IF;
	RETURN jsonb_build_object('name', columns->'id', 'panel_name', columns->'panel_id') || columns;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_columns(regclass, regclass, jsonb) IS
'Part of guard: which columns its options, and the tables, name for what. Raises 42703 where there is no such column, 42804 where it is of another type, 22023 where one is named as two things';
-- What a CHECK can say is a CHECK of the guarded table, under the rule's name.

-- The rules that a CHECK says, and the columns that they speak of, by feed_column_list.
-- "usual" is how the CHECK of the inventory calls the first.
CREATE FUNCTION powerpanel_internal.guard_check_columns(OUT rule name, OUT of_panels boolean, OUT role text, OUT usual text, OUT other text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	VALUES
		('power_feed_breaker_position'::name, false, 'position', 'breaker_position', NULL),
		('power_feed_breaker_pole_count', false, 'poles', 'breaker_pole_count', NULL),
		('power_feed_destination_self', false, 'destination', 'destination_panel_id', 'panel'),
		('power_feed_destination_or_cable', false, 'destination', NULL, 'cable'),
		('power_panel_circuit_positions', true, 'panel_positions', 'circuit_positions', NULL)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_check_columns() IS
'Part of guard: the rules that are CHECKs of a guarded table, and their columns';

-- The CHECKs that a guarded table has: rule, table, and the condition with the
-- columns in it; not where a column is missing that it speaks of. Conditions are
-- those of the inventory's own CHECKs, whose columns are replaced. One is not: the
-- inventory's cables are in a table of their own, and C checks them. All are as
-- pg_get_expr() writes them, so that they can be told from what somebody else has
-- put under the same name.
CREATE FUNCTION powerpanel_internal.guard_checks(feed_table regclass, panel_table regclass, columns jsonb,
	OUT rule name, OUT tab regclass, OUT condition text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.rule, CASE WHEN c.of_panels THEN panel_table ELSE feed_table END, format(
		CASE c.rule WHEN 'power_feed_destination_or_cable' THEN '((%1$I IS NULL) OR (%2$I IS NULL))' ELSE own.condition END,
		columns->>c.role, columns->>c.other)
	FROM powerpanel_internal.guard_check_columns() AS c
	LEFT JOIN LATERAL (
		SELECT regexp_replace(regexp_replace(replace(pg_get_expr(k.conbin, k.conrelid), '%', '%%'),
			'\m' || c.usual || '\M', '%1$I', 'g'), '\mpower_panel_id\M', '%2$I', 'g')
		FROM pg_constraint AS k
		WHERE k.connamespace = 'powerpanel'::regnamespace AND k.conname = c.rule AND k.contype = 'c')
		AS own (condition) ON true
	WHERE columns ? c.role AND (c.other IS NULL OR columns ? c.other)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_checks(regclass, regclass, jsonb) IS
'Part of guard: the rules that a CHECK of the guarded table can say';

-- A name proves nothing: whoever owns the table can put another condition under
-- it, and one that calls a function of his.
CREATE FUNCTION powerpanel_internal.guard_keeps_check(tab regclass, rule name, condition text, validated boolean) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND (c.convalidated OR NOT validated)
			-- there is NOT ENFORCED, and this column, from PostgreSQL 18 on
			AND coalesce((to_jsonb(c)->>'conenforced')::boolean, true)
			AND pg_get_expr(c.conbin, c.conrelid) = condition)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_keeps_check(regclass, name, text, boolean) IS
'Part of guard: whether a table has the CHECK that states a rule, enforced, and nothing else under its name; with validated, and PostgreSQL sees to it that all rows keep it';

-- Whether a CHECK is one that guard() has made: by its comment, or, since a dump may
-- have left comments out, by the condition that it would make.
CREATE FUNCTION powerpanel_internal.guard_made_check(tab regclass, rule name, condition text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c JOIN powerpanel.rule AS r ON r.name = c.conname
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND obj_description(c.oid, 'pg_constraint') = r.description)
		OR powerpanel_internal.guard_keeps_check(tab, rule, condition, false)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_made_check(regclass, name, text) IS
'Part of guard: whether it has made a CHECK; condition is the one that it would make, NULL for none';

CREATE FUNCTION powerpanel_internal.guard_has_check(tab regclass, rule name, condition text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = rule) THEN
		RETURN false;
	END IF;
	-- panels that another table of feeds has brought under guard have theirs
	IF powerpanel_internal.guard_keeps_check(tab, rule, condition, false)
		AND EXISTS (SELECT FROM powerpanel.guarded AS g, powerpanel_internal.guard_checks(g.feed_table, g.panel_table, g.options) AS c
		WHERE g.panel_table = guard_has_check.tab AND c.tab = guard_has_check.tab AND c.rule = guard_has_check.rule
			AND c.condition = guard_has_check.condition) THEN
		RETURN true;
	END IF;
	IF NOT powerpanel_internal.guard_made_check(tab, rule, condition)
		OR EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.panel_table = guard_has_check.tab) THEN
		RAISE EXCEPTION 'table "%" has a constraint of its own that is named "%"', tab, rule
			USING ERRCODE = 'duplicate_object', HINT = 'Rename or drop it first.';
	END IF;
	-- what DROP EXTENSION ... CASCADE has left, or DROP TABLE of guarded feeds
	EXECUTE format('ALTER TABLE ONLY %s DROP CONSTRAINT %I', tab, rule);
	RETURN false;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_has_check(regclass, name, text) IS 'Part of guard: whether the CHECK is there, made for another table of feeds';

CREATE FUNCTION powerpanel_internal.guard_validate(tab regclass, rule name) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.guard_validate(regclass, name) IS
'Part of guard: VALIDATE CONSTRAINT with the rights of the table''s owner. Raises 42501 to one who does not own the table';
-- What no CHECK can say: triggers that call check_feed(), check_panel() and so on,
-- as power_feed has them. The arguments of one of them name the columns; that a
-- table is guarded, and how, is there and nowhere else, and the view "guarded" reads it.

-- Those about a table of cables. The one on feeds tells which table that is, and its
-- column; it has something to check only where a feed gets another key.
CREATE FUNCTION powerpanel_internal.guard_cable_triggers(feed_table regclass, cable_table regclass, options jsonb, of_feeds text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_cables AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (OLD.%I IS DISTINCT FROM NEW.%3$I)
		EXECUTE FUNCTION powerpanel_internal.check_feed_cables(%L)',
		feed_table, cable_table, options->>'id', 'cable_feed=' || (options->>'cable_feed'));
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (NEW.%I IS NOT NULL)
		EXECUTE FUNCTION powerpanel_internal.check_cabled_feed()',
		'powerpanel_cable_insert_' || of_feeds, cable_table, feed_table, options->>'cable_feed');
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		WHEN (NEW.%I IS NOT NULL AND OLD.%4$I IS DISTINCT FROM NEW.%4$I)
		EXECUTE FUNCTION powerpanel_internal.check_cabled_feed()',
		'powerpanel_cable_update_' || of_feeds, cable_table, feed_table, options->>'cable_feed');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_cable_triggers(regclass, regclass, jsonb, text) IS 'Part of guard: makes the triggers about a table of cables';

CREATE FUNCTION powerpanel_internal.guard_triggers(feed_table regclass, panel_table regclass, cable_table regclass, options jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- panels and cables can have several tables of feeds; so a name tells whose
	-- trigger it is, as far as it fits, and a number where another has that name. In
	-- SQL_ASCII a byte counts as a character, but most likely they are UTF-8, and half
	-- a character fails for a client: not before a byte that goes on with one
	of_feeds text := (
		SELECT n.name || s.suffix
		FROM (SELECT max(left(c.relname, l)) AS name FROM pg_class AS c, generate_series(0, 63) AS l
				WHERE c.oid = feed_table AND octet_length(left(c.relname, l)) <= 32
					AND CASE WHEN l > 0 AND getdatabaseencoding() = 'SQL_ASCII'
						THEN ascii(substr(c.relname, l + 1, 1)) NOT BETWEEN 128 AND 191 ELSE true END) AS n,
			(SELECT CASE k WHEN 1 THEN '' ELSE '_' || k END, k FROM generate_series(1, 1000) AS k) AS s (suffix, k)
		WHERE NOT EXISTS (SELECT FROM pg_trigger AS t
			WHERE (t.tgrelid = panel_table AND t.tgname = 'powerpanel_panel_insert_' || n.name || s.suffix)
				OR (t.tgrelid = cable_table AND t.tgname = 'powerpanel_cable_insert_' || n.name || s.suffix))
		ORDER BY s.k LIMIT 1);
	arguments text := (SELECT string_agg(quote_literal(o.key || '=' || o.value), ', ' ORDER BY o.key)
		FROM jsonb_each_text(options) AS o WHERE o.key NOT LIKE 'cable\_%');
	spoken_of text[] := ARRAY(SELECT DISTINCT c FROM powerpanel_internal.checked_rules() AS r, unnest(r.columns) AS c
		WHERE options ?& r.needed);
	changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role NOT SIMILAR TO '(panel|cable)\_%' AND options ? r.role);
	panel_changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role LIKE 'panel\_%' AND options ? r.role);
BEGIN
	EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_feed(%s)', feed_table, panel_table, arguments);
	IF cable_table IS NOT NULL THEN
		PERFORM powerpanel_internal.guard_cable_triggers(feed_table, cable_table, options, of_feeds);
	END IF;
	-- there may be nothing but CHECKs; the trigger above tells that it is guarded
	IF changed IS NOT NULL THEN
		EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules_update AFTER UPDATE ON %s
			FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
			EXECUTE FUNCTION powerpanel_internal.check_feed()', feed_table, panel_table, changed);
	END IF;
	IF panel_changed IS NULL THEN
		RETURN;
	END IF;
	-- a foreign key may be deferred, or missing, so a panel may come after its feeds
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_panel()',
		'powerpanel_panel_insert_' || of_feeds, panel_table, feed_table);
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel_internal.check_panel()',
		'powerpanel_panel_update_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT options ? 'position' THEN
		RETURN;
	END IF;
	-- a generated column has no value yet when a BEFORE trigger fires, and takes none
	IF options ? 'poles' AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = feed_table
			AND a.attname IN (options->>'position', options->>'poles') AND a.attgenerated <> '') THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_poles BEFORE INSERT OR UPDATE ON %s
			FOR EACH ROW WHEN (NEW.%I IS NOT NULL AND NEW.%I IS NULL)
			EXECUTE FUNCTION powerpanel_internal.set_derived_columns()',
			feed_table, options->>'position', options->>'poles');
	END IF;
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s NOT DEFERRABLE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel_internal.rederive_feeds()',
		'powerpanel_derived_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = panel_table AND tgname = 'zz_powerpanel_forget') THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_forget BEFORE DELETE ON %s
			FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.forget_panel()', panel_table);
	END IF;
	-- a transaction that goes on as an ordinary one must not remember what a
	-- panel was like before it was changed as a replica
	EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER zz_powerpanel_forget',
		panel_table, 'powerpanel_derived_' || of_feeds);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_triggers(regclass, regclass, regclass, jsonb) IS 'Part of guard: makes the triggers';

CREATE FUNCTION powerpanel_internal.guard_drop_triggers(feed_table regclass, panel_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		SELECT g.tgname AS name, g.tgrelid::regclass AS tab
		FROM pg_trigger AS g
		WHERE (g.tgrelid = feed_table AND g.tgfoid IN (
				'powerpanel_internal.check_feed()'::regprocedure, 'powerpanel_internal.check_feed_cables()'::regprocedure,
				'powerpanel_internal.set_derived_columns()'::regprocedure))
			-- whichever table of cables it was
			OR (g.tgconstrrelid = feed_table AND g.tgfoid = 'powerpanel_internal.check_cabled_feed()'::regprocedure)
			OR (g.tgrelid = panel_table AND g.tgconstrrelid = feed_table AND g.tgfoid IN (
				'powerpanel_internal.check_panel()'::regprocedure, 'powerpanel_internal.rederive_feeds()'::regprocedure))
			OR (g.tgrelid = panel_table AND g.tgfoid = 'powerpanel_internal.forget_panel()'::regprocedure
				AND NOT EXISTS (SELECT FROM powerpanel.guarded AS other
					WHERE other.panel_table = guard_drop_triggers.panel_table
						AND other.feed_table <> guard_drop_triggers.feed_table))
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', t.name, t.tab);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_drop_triggers(regclass, regclass) IS
'Part of guard: takes the triggers away, also where one of them is all that is left';

-- Each argument of a trigger ends with a byte 0; a backslash, which is doubled in this
-- form, is written as a byte first, so that no \000 comes of it.
CREATE FUNCTION powerpanel_internal.guard_arguments(arguments bytea) RETURNS jsonb
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_object_agg(split_part(g, '=', 1), substr(g, strpos(g, '=') + 1))
	FROM unnest(string_to_array(replace(encode(arguments, 'escape'), '\\', '\134'), '\000')) AS e,
		convert_from(decode(e, 'escape'), getdatabaseencoding()) AS g
	WHERE g <> ''
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_arguments(bytea) IS 'Part of guarded: the arguments of a trigger as an object';

CREATE VIEW guarded WITH (security_invoker = true) AS
SELECT t.tgrelid::regclass AS feed_table, t.tgconstrrelid::regclass AS panel_table,
	c.tgconstrrelid::regclass AS cable_table,
	o.options,
	ARRAY(
		SELECT k.rule::text FROM powerpanel_internal.guard_checks(t.tgrelid, t.tgconstrrelid, o.options) AS k
		WHERE powerpanel_internal.guard_keeps_check(k.tab, k.rule, k.condition, false)
		UNION
		SELECT r.name FROM powerpanel_internal.checked_rules() AS r
		WHERE o.options OPERATOR(pg_catalog.?&) r.needed
		ORDER BY 1) AS rules
FROM pg_catalog.pg_trigger AS t
	LEFT JOIN pg_catalog.pg_trigger AS c ON c.tgrelid = t.tgrelid AND c.tgnargs > 0
		AND c.tgfoid = 'powerpanel_internal.check_feed_cables'::regproc
	LEFT JOIN pg_catalog.pg_class AS r ON r.oid = c.tgconstrrelid,
	LATERAL (
		SELECT powerpanel_internal.guard_arguments(t.tgargs) OPERATOR(pg_catalog.||)
			CASE WHEN r.oid IS NULL THEN '{}' ELSE powerpanel_internal.guard_arguments(c.tgargs) OPERATOR(pg_catalog.||)
				pg_catalog.jsonb_build_object('cable_table', pg_catalog.format('%s.%I', r.relnamespace::regnamespace, r.relname)) END) AS o (options)
WHERE t.tgfoid = 'powerpanel_internal.check_feed'::regproc AND t.tgnargs > 0
	AND t.tgrelid <> 'powerpanel.power_feed'::regclass;
COMMENT ON VIEW guarded IS 'Tables that guard() has put under the rules';
COMMENT ON COLUMN guarded.feed_table IS 'The table of feeds';
COMMENT ON COLUMN guarded.panel_table IS 'The table of their panels';
COMMENT ON COLUMN guarded.cable_table IS 'The table of their cables; NULL where guard() was given none';
COMMENT ON COLUMN guarded.options IS 'Which columns mean what, as guard() takes it';
COMMENT ON COLUMN guarded.rules IS 'The rules that hold: those that the tables have columns for. A rule that is a CHECK is left out where that CHECK is not there any more, or is NOT ENFORCED';
-- The audit of guarded tables.

CREATE FUNCTION powerpanel_internal.checked_feed_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.checked_feed_violations(regclass, text[]) IS
'Part of guard_violations: the rules that are checked in C. Raises 42501 to one who may not read all rows of the tables';

-- The rows that break a rule which a CHECK can say, where PostgreSQL does not see
-- to it. The condition is that of the inventory's own CHECK, on values that are
-- numbers and texts by now; so nothing of the table's owner takes part in it.
CREATE FUNCTION powerpanel_internal.guard_check_violations(tab regclass, options jsonb, of_panels boolean, rule text,
	OUT key text, OUT name text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition CONSTANT text := (
		SELECT c.condition
		FROM powerpanel_internal.guard_checks(tab, tab, '{"position": "breaker_position", "poles": "breaker_pole_count",
			"destination": "destination_panel_id", "panel": "power_panel_id", "cable": "cable",
			"panel_positions": "circuit_positions"}') AS c
		WHERE c.rule = guard_check_violations.rule);
	roles CONSTANT text[] := CASE WHEN of_panels THEN '{panel_id,panel_name,panel_positions}'
		ELSE '{id,name,position,poles,destination,panel,cable}' END;
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT t.key, t.name
		FROM powerpanel_internal.foreign_rows($1, $2) AS r (fields),
			LATERAL (SELECT r.fields->>($3->>$4[1]) AS key, r.fields->>($3->>$4[2]) AS name,
				(r.fields->>($3->>'position'))::bigint AS breaker_position,
				(r.fields->>($3->>'poles'))::bigint AS breaker_pole_count,
				r.fields->>($3->>'destination') AS destination_panel_id,
				r.fields->>($3->>'panel') AS power_panel_id,
				r.fields->>($3->>'cable') AS cable,
				(r.fields->>($3->>'panel_positions'))::bigint AS circuit_positions) AS t
		WHERE NOT (%s)$q$, condition)
	USING tab, ARRAY(SELECT DISTINCT options->>role FROM unnest(roles) AS role WHERE options ? role), options, roles;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_check_violations(regclass, jsonb, boolean, text) IS
'Part of guard_violations: the rows of a guarded table that break a rule which a CHECK can say';

CREATE FUNCTION guard_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guard powerpanel.guarded;
	con record;
BEGIN
	PERFORM powerpanel_internal.check_rule_names(rules);
	SELECT * INTO guard FROM powerpanel.guarded AS g
	WHERE g.feed_table = guard_violations.feed_table;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	-- first of all, since it makes sure of the tables and their columns
	RETURN QUERY SELECT * FROM powerpanel_internal.checked_feed_violations(feed_table, rules);

	FOR con IN
		SELECT g.rule, g.tab, r.description, g.tab = guard.panel_table AND g.rule LIKE 'power\_panel%' AS of_panels
		FROM powerpanel_internal.guard_checks(guard.feed_table, guard.panel_table, guard.options) AS g
		JOIN powerpanel.rule AS r ON r.name = g.rule
		WHERE g.rule = ANY (rules) AND NOT powerpanel_internal.guard_keeps_check(g.tab, g.rule, g.condition, true)
		ORDER BY g.rule
	LOOP
		rule := con.rule;
		severity := 'error';
		object_type := con.tab;
		detail := con.description;
		FOR object_id, object IN
			SELECT CASE WHEN is_uuid THEN v.key::uuid END, CASE WHEN is_uuid THEN v.name ELSE format('%s (%s)', v.name, v.key) END
			FROM powerpanel_internal.guard_check_violations(con.tab, guard.options, con.of_panels, con.rule) AS v,
				LATERAL (SELECT a.atttypid = 'uuid'::regtype FROM pg_attribute AS a
					WHERE a.attrelid = con.tab AND a.attname = guard.options->>CASE WHEN con.of_panels THEN 'panel_id' ELSE 'id' END)
					AS k (is_uuid)
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;
COMMENT ON FUNCTION guard_violations(regclass, text[]) IS
'Every row of a guarded table of feeds, and of its panels, that breaks one of these rules; as check_integrity(), which calls it for all guarded tables. object_id is NULL where the key is not a uuid. Raises 42704 where the table is not guarded, 22023 on the name of a rule that does not exist and on an empty array, 22004 on NULL, 42501 to one who may not read all rows of the tables, 42809 where one of them is no ordinary table any more, 39P01 where a column is not what it was';

CREATE FUNCTION guard_violations(feed_table regclass,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT * FROM powerpanel.guard_violations(feed_table, ARRAY(SELECT r.name FROM powerpanel.rule AS r));
$$;
COMMENT ON FUNCTION guard_violations(regclass) IS
'guard_violations() of all rules';

-- A guard that cannot be checked is told of, and the audit goes on. What has to
-- do with this session and not with the table is raised as it is: a deadlock or
-- serialization failure, a server without memory or that shuts down. A cancel is
-- not caught by OTHERS.
CREATE FUNCTION powerpanel_internal.guard_audit(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	state text;
	message text;
	why text;
BEGIN
	RETURN QUERY SELECT * FROM powerpanel.guard_violations(feed_table, rules);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, why = PG_EXCEPTION_DETAIL;
	IF left(state, 2) IN ('40', '53', '57', '58') THEN
		RAISE;
	END IF;
	rule := 'guard_broken';
	severity := 'warning';
	object_type := feed_table;
	object := feed_table;
	detail := format('the table cannot be checked: %s', concat_ws('. ', message, nullif(why, '')));
	RETURN NEXT;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_audit(regclass, text[]) IS
'Part of check_integrity: guard_violations(), or a row of rule guard_broken that says why the table cannot be checked';
-- guard(): the rules of feeds and breakers for tables that are not ours.

-- Of the tables that it reads: feeds, panels and, where there are some, cables.
CREATE FUNCTION powerpanel_internal.guard_can_read(tables regclass[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	tab regclass;
BEGIN
	FOREACH tab IN ARRAY tables LOOP
		PERFORM powerpanel_internal.must_be_ordinary_table(tab);
		IF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = tab
			AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'powerpanel')) THEN
			RAISE EXCEPTION 'table "%" is one of powerpanel''s own', tab
				USING ERRCODE = 'wrong_object_type', HINT = 'Its rules hold already.';
		END IF;
		IF (SELECT count(DISTINCT relowner) FROM pg_class WHERE oid IN (tables[1], tab)) > 1 THEN
			RAISE EXCEPTION 'tables "%" and "%" have different owners', tables[1], tab
				USING ERRCODE = 'object_not_in_prerequisite_state',
					DETAIL = 'The checks read all of them whatever the one who writes may read.',
					HINT = 'Give all to one role with ALTER TABLE ... OWNER TO.';
		END IF;
		IF (SELECT count(DISTINCT relpersistence = 't') FROM pg_class WHERE oid IN (tables[1], tab)) > 1 THEN
			RAISE EXCEPTION 'one of tables "%" and "%" is temporary, the other is not', tables[1], tab
				USING ERRCODE = 'wrong_object_type',
					DETAIL = 'No other session can read a temporary table, as the check of a write would have to.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_can_read(regclass[]) IS 'Part of guard: raises an error where it cannot guard these tables';

CREATE FUNCTION powerpanel_internal.guard_can(feed_table regclass, panel_table regclass, options jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known constant text[] := ARRAY(SELECT c.role FROM powerpanel_internal.feed_column_list() AS c WHERE c.guarded) || '{cable_table,numbering,bus,not_valid}'::text[];
	unknown text;
	cable_table regclass;
BEGIN
	IF feed_table IS NULL OR panel_table IS NULL OR options IS NULL THEN
		RAISE EXCEPTION 'guard() takes no NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF jsonb_typeof(options) <> 'object' THEN
		RAISE EXCEPTION 'the options of guard() are not a JSON object'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write them as in ''{"position": "way", "poles": "poles"}''.';
	END IF;
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'guard() must be called in a transaction of isolation level READ COMMITTED'
			USING ERRCODE = 'active_sql_transaction',
				DETAIL = 'It has to see the rows that are there once nobody else writes the tables.';
	END IF;
	SELECT key INTO unknown FROM jsonb_object_keys(options) AS key
	WHERE key <> ALL (known);
	IF FOUND THEN
		RAISE EXCEPTION 'unrecognized option "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('The options are %s.', array_to_string(known, ', '));
	END IF;
	cable_table := powerpanel_internal.guard_cable_table(feed_table, options);
	PERFORM powerpanel_internal.guard_can_read(array_remove(ARRAY[feed_table, panel_table, cable_table], NULL));
	IF cable_table IN (feed_table, panel_table) THEN
		RAISE EXCEPTION 'table "%" of cables is that of the feeds or of the panels', cable_table
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Where a cable is a column of the feed, option "cable" names it.';
	END IF;
	IF EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.feed_table = guard_can.feed_table) THEN
		RAISE EXCEPTION 'table "%" is guarded already', feed_table
			USING ERRCODE = 'duplicate_object', HINT = 'To guard it in another way, call powerpanel.unguard() first.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_can(regclass, regclass, jsonb) IS 'Part of guard: raises an error where it cannot guard';

CREATE FUNCTION powerpanel_internal.guard_list(violations jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT string_agg(format('%s: %s: %s', v->>'rule', v->>'object', v->>'detail'), E'\n' ORDER BY place)
		|| CASE WHEN count(*) < jsonb_array_length(violations)
			THEN format(E'\n... and %s more', jsonb_array_length(violations) - count(*)) ELSE '' END
	FROM jsonb_array_elements(violations) WITH ORDINALITY AS e (v, place)
	WHERE place <= 10
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_list(jsonb) IS 'Part of guard: the first of the rows that break a rule, for its error';

CREATE FUNCTION guard(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb;
	cable_table regclass;
	violations jsonb;
	con record;
	not_valid boolean := coalesce((options->>'not_valid')::boolean, false);
	settings jsonb := jsonb_strip_nulls(jsonb_build_object(
		'numbering', (options->>'numbering')::powerpanel.panel_numbering,
		'bus', (options->>'bus')::powerpanel.panel_bus));
BEGIN
	PERFORM powerpanel_internal.guard_can(feed_table, panel_table, options);
	columns := powerpanel_internal.guard_columns(feed_table, panel_table, options);
	cable_table := powerpanel_internal.guard_cable_table(feed_table, options);
	EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE',
		concat_ws(', ', 'ONLY ' || panel_table, 'ONLY ' || feed_table, 'ONLY ' || cable_table));
	-- what was looked at before may have been changed, or renamed, until now
	PERFORM powerpanel_internal.guard_can(feed_table, panel_table, options);
	columns := powerpanel_internal.guard_columns(feed_table, panel_table, options);
	IF cable_table IS DISTINCT FROM powerpanel_internal.guard_cable_table(feed_table, options) THEN
		RAISE EXCEPTION 'table "%" of cables was renamed meanwhile', options->>'cable_table'
			USING ERRCODE = 'object_in_use', HINT = 'Call guard() again.';
	END IF;

	-- what is left of a guard that somebody has taken away in part
	PERFORM powerpanel_internal.guard_drop_triggers(feed_table, panel_table);
	FOR con IN SELECT * FROM powerpanel_internal.guard_checks(feed_table, panel_table, columns) LOOP
		CONTINUE WHEN powerpanel_internal.guard_has_check(con.tab, con.rule, con.condition);
		EXECUTE format('ALTER TABLE ONLY %s ADD CONSTRAINT %I CHECK (%s) NOT VALID', con.tab, con.rule, con.condition);
		EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', con.rule, con.tab,
			coalesce((SELECT r.description FROM powerpanel.rule AS r WHERE r.name = con.rule), con.rule));
	END LOOP;
	PERFORM powerpanel_internal.guard_triggers(feed_table, panel_table, cable_table, columns || settings);

	-- nobody writes the tables now, and each query here sees all that is committed
	violations := (SELECT jsonb_agg(to_jsonb(v)) FROM powerpanel.guard_violations(feed_table) AS v);
	IF violations IS NOT NULL AND NOT not_valid THEN
		RAISE EXCEPTION 'cannot guard table "%": % rule violation%', feed_table, jsonb_array_length(violations),
			CASE jsonb_array_length(violations) WHEN 1 THEN '' ELSE 's' END
			USING ERRCODE = 'check_violation', DETAIL = powerpanel_internal.guard_list(violations),
				HINT = 'powerpanel.guard_preview() lists them all. Mend them, or guard new writes only with the option "not_valid".';
	END IF;
	FOR con IN SELECT * FROM powerpanel_internal.guard_checks(feed_table, panel_table, columns) LOOP
		IF NOT coalesce(violations, '[]') @> jsonb_build_array(jsonb_build_object('rule', con.rule)) THEN
			PERFORM powerpanel_internal.guard_validate(con.tab, con.rule);
		END IF;
	END LOOP;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard(regclass, regclass, jsonb) IS
'Puts the rules of feeds and breakers on tables of your own: those rules that the tables have columns for, under the same names. options names columns that are not called as in power_feed and power_panel: id, name, panel, position, poles, destination, cable of the feeds; panel_id, panel_name, panel_positions, panel_numbering, panel_bus of the panels (NULL: take none). Where cables are rows of a table of their own, cable_table names it (in the schema of the feeds, unless it names another), and cable_feed its column that refers to the feed (power_feed_id). numbering and bus say what all panels are where no column does (default across, three-phase). Keys are uuid or integer. Refused (23514) where rows break a rule; with "not_valid": true it then guards new writes, and returns the rows that break a rule now. Needs the right to alter the tables, which have one owner, and to execute the trigger functions. Raises 42P01 where there is no such table, 42703, 42804 or 0A000 on a column, 42830 on a key that may be NULL, is not unique or is DEFERRABLE, 22023 or 22P02 on an option, 22004 on NULL, 42809 where a table is not an ordinary one or is powerpanel''s own, 55000 where the tables have different owners, 55006 where they are renamed meanwhile, 25001 above READ COMMITTED, 42710 where the table is guarded already';

CREATE FUNCTION guard_preview(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	violations jsonb;
BEGIN
	BEGIN
		violations := (SELECT jsonb_agg(to_jsonb(v))
			FROM powerpanel.guard(feed_table, panel_table, options || '{"not_valid": true}') AS v);
		RAISE EXCEPTION USING ERRCODE = 'PP000', MESSAGE = 'preview';
	EXCEPTION WHEN SQLSTATE 'PP000' THEN
		-- what guard() made is rolled back
	END;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard_preview(regclass, regclass, jsonb) IS
'The rows that break a rule which guard() with the same arguments would put on the tables; changes nothing. It locks the tables against writes while it reads them. Errors as guard()';

CREATE FUNCTION unguard(feed_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- also where somebody has dropped the trigger that tells the columns
	panels regclass := (SELECT tgconstrrelid FROM pg_trigger
		WHERE tgrelid = feed_table AND tgfoid = 'powerpanel_internal.check_feed()'::regprocedure AND tgconstrrelid <> 0
			AND feed_table <> 'powerpanel.power_feed'::regclass
		LIMIT 1);
	columns jsonb := (SELECT g.options FROM powerpanel.guarded AS g WHERE g.feed_table = unguard.feed_table);
	t record;
BEGIN
	IF panels IS NULL THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	PERFORM powerpanel_internal.guard_drop_triggers(feed_table, panels);
	FOR t IN
		SELECT c.conname AS rule, c.conrelid::regclass AS tab
		FROM pg_constraint AS c
		WHERE c.conrelid IN (feed_table, panels)
			AND powerpanel_internal.guard_made_check(c.conrelid, c.conname, (
				SELECT own.condition FROM powerpanel_internal.guard_checks(feed_table, panels, columns) AS own
				WHERE own.tab = c.conrelid AND own.rule = c.conname))
			AND NOT EXISTS (SELECT FROM powerpanel.guarded AS g,
					powerpanel_internal.guard_checks(g.feed_table, g.panel_table, g.options) AS other
				WHERE other.tab = c.conrelid AND other.rule = c.conname)
	LOOP
		-- a table that inherits has got it, too
		EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', t.tab, t.rule);
	END LOOP;
END
$$;
COMMENT ON FUNCTION unguard(regclass) IS
'Takes away all that guard() put on a table of feeds, on its panels and on its cables. Raises 42704 where the table is not guarded';

-- Putting triggers on tables takes the right to execute their functions, which
-- rights.sql keeps for the extension; so these are of no use to others.
REVOKE EXECUTE ON FUNCTION
	guard(regclass, regclass, jsonb), guard_preview(regclass, regclass, jsonb), unguard(regclass)
FROM PUBLIC;
-- guard() for the tables of a Nautobot. Which Nautobot it is, the columns tell that are
-- there, and no version number does: the cable of a feed was a column of the feed, and is
-- a row of a table of its own from 3.2 on.

CREATE FUNCTION powerpanel_internal.guard_nautobot_columns(schema text,
	OUT role text, OUT tab regclass, OUT name text, OUT there boolean)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.role, t.tab, format('%s.%s', c.tab, c.name), EXISTS (
		SELECT FROM pg_attribute AS a WHERE a.attrelid = t.tab AND a.attname = c.name AND a.attnum > 0 AND NOT a.attisdropped)
	FROM (VALUES
		('id', 'dcim_powerfeed', 'id'), ('name', 'dcim_powerfeed', 'name'), ('panel', 'dcim_powerfeed', 'power_panel_id'),
		('position', 'dcim_powerfeed', 'breaker_position'), ('poles', 'dcim_powerfeed', 'breaker_pole_count'),
		('destination', 'dcim_powerfeed', 'destination_panel_id'), ('cable', 'dcim_powerfeed', 'cable_id'),
		('cable_feed', 'dcim_cabletocabletermination', 'power_feed_id'),
		('panel_id', 'dcim_powerpanel', 'id'), ('panel_name', 'dcim_powerpanel', 'name'),
		('panel_positions', 'dcim_powerpanel', 'breaker_position_count')) AS c (role, tab, name),
		LATERAL (SELECT to_regclass(format('%I.%I', schema, c.tab))) AS t (tab)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_columns(text) IS
'Part of guard_nautobot: the columns that its rules speak of, by the names of guard()''s options, and whether this Nautobot has them';

-- A column that is not there is named as NULL, so that none is taken by its usual name.
CREATE FUNCTION powerpanel_internal.guard_nautobot_options(schema text) RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_object_agg(c.role, CASE WHEN c.there THEN split_part(c.name, '.', 2) END)
		|| jsonb_build_object('cable_table', max(format('%I.%s', schema, split_part(c.name, '.', 1))) FILTER (WHERE c.role = 'cable_feed' AND c.there))
	FROM powerpanel_internal.guard_nautobot_columns(schema) AS c
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_options(text) IS
'Part of guard_nautobot: the options of guard() for the columns that this Nautobot has';

-- Each rule, and of the columns that it needs those that are there and those that are
-- not; of the two for a cable one will do. Each feed has a panel.
CREATE FUNCTION powerpanel_internal.guard_nautobot_rules(schema text, OUT rule text, OUT there text, OUT missing text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	WITH col AS (
		SELECT l.n, c.role, c.name, c.there, c.role LIKE 'cable%' AND bool_or(c.there) FILTER (WHERE c.role LIKE 'cable%') OVER () AS cable_there
		FROM powerpanel_internal.guard_nautobot_columns(schema) AS c
		JOIN powerpanel_internal.feed_column_list() WITH ORDINALITY AS l (role, usual, kind, inventory, guarded, n) USING (role)
	), needs AS (
		SELECT r.name AS rule, n.role
		FROM powerpanel_internal.checked_rules() AS r, unnest(r.needed) AS n (role)
		WHERE r.needed <@ ARRAY(SELECT c.role FROM col AS c)
		UNION
		SELECT k.rule, n.role
		FROM powerpanel_internal.guard_check_columns() AS k, unnest(ARRAY[k.role, k.other]) AS n (role)
	)
	SELECT n.rule, string_agg(c.name, ', ' ORDER BY c.n) FILTER (WHERE c.there),
		string_agg(c.name, ', ' ORDER BY c.n) FILTER (WHERE NOT c.there AND NOT c.cable_there)
	FROM needs AS n JOIN col AS c USING (role)
	WHERE n.role <> 'panel'
	GROUP BY n.rule
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_nautobot_rules(text) IS
'Part of guard_nautobot: the rules that guard() knows, and the columns of this Nautobot that they go by';

CREATE FUNCTION guard_nautobot(schema text DEFAULT 'public', not_valid boolean DEFAULT false,
	OUT rule text, OUT guarded boolean, OUT violations bigint, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	feeds regclass;
	panels regclass;
	broken text[];
BEGIN
	IF schema IS NULL OR not_valid IS NULL THEN
		RAISE EXCEPTION 'guard_nautobot() takes no NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	feeds := to_regclass(format('%I.dcim_powerfeed', schema));
	panels := to_regclass(format('%I.dcim_powerpanel', schema));
	IF feeds IS NULL OR panels IS NULL THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema
			USING ERRCODE = 'undefined_table',
				DETAIL = 'It has no tables dcim_powerfeed and dcim_powerpanel.',
				HINT = 'Give the schema that holds the tables of a Nautobot, as in guard_nautobot(''nautobot'').';
	END IF;
	IF NOT EXISTS (SELECT FROM powerpanel_internal.guard_nautobot_rules(schema) AS r WHERE r.missing IS NULL) THEN
		RAISE EXCEPTION 'the Nautobot of schema "%" knows no breaker positions', schema
			USING ERRCODE = 'undefined_column',
				DETAIL = 'Table dcim_powerpanel has no column breaker_position_count; it came with Nautobot 2.4.15.';
	END IF;
	broken := ARRAY(SELECT g.rule FROM powerpanel.guard(feeds, panels,
		powerpanel_internal.guard_nautobot_options(schema) || jsonb_build_object('not_valid', not_valid)) AS g);
	RETURN QUERY
	SELECT r.rule, r.rule = ANY (g.rules), cardinality(array_positions(broken, r.rule))::bigint,
		CASE WHEN r.rule = ANY (g.rules) THEN 'by ' || r.there
			ELSE format('this Nautobot has no %s', r.missing) END
	FROM powerpanel_internal.guard_nautobot_rules(schema) AS r, powerpanel.guarded AS g
	WHERE g.feed_table = feeds
	UNION ALL
	-- they hold in the inventory, and guard() does not know them
	SELECT r.name, false, 0, 'left to Nautobot, which checks it when it saves one object'
	FROM powerpanel.rule AS r
	WHERE r.name IN ('power_feed_rack_location', 'power_panel_rack_group_location', 'power_feed_voltage',
		'power_feed_amperage', 'power_feed_max_utilization')
	ORDER BY 2 DESC, 1;
END
$$;
COMMENT ON FUNCTION guard_nautobot(text, boolean) IS
'guard() for the tables of a Nautobot (2.4.15 and later) in a schema of this database. It looks up which columns that has. A row for each rule: guarded tells whether the rule holds now, detail by which columns, or why not; violations is how many rows break it, which not_valid lets be (guard_violations() names them), and 0 without not_valid. Its panels are numbered across and on a three-phase bus, as Nautobot takes them. unguard() of its dcim_powerfeed takes the guard away; that has to be done before an upgrade of Nautobot. Raises 42P01 where the schema has no such tables, 42703 where they know no breakers, 22004 on NULL, and what guard() raises';

REVOKE EXECUTE ON FUNCTION guard_nautobot(text, boolean) FROM PUBLIC;
-- See follow_rename.c. Of no tag in particular, since ALTER FOREIGN TABLE and
-- others rename columns of ordinary tables, too.

CREATE FUNCTION powerpanel_internal.follow_rename() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.follow_rename() IS
'Event trigger: where a column of a guarded table is renamed, the guard goes along';

CREATE EVENT TRIGGER powerpanel_follow_rename ON ddl_command_end
EXECUTE FUNCTION powerpanel_internal.follow_rename();
COMMENT ON EVENT TRIGGER powerpanel_follow_rename IS 'Guards of extension powerpanel go along where a column is renamed';
CREATE FUNCTION powerpanel_internal.checked_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.checked_violations(text[]) IS
'Part of check_integrity: the rules that are checked in C, then those that foreign keys and CHECKs state. Raises 42501 to one who may not read all rows of the inventory, 55000 where its tables have different owners';

-- PostgreSQL itself sees to a validated CHECK, triggers on or off; foreign keys
-- are triggers, so rows get past them where triggers are off. Here only the catalog
-- is read: the queries run elsewhere, as the owner of the table. Where the network has
-- been read and is whole (network.h), those keys hold that say so, and by their columns,
-- not by their names, it is found out which these are.
CREATE FUNCTION powerpanel_internal.constraint_queries(rules text[], whole boolean,
	OUT rule text, OUT tab text, OUT referred text, OUT probe text, OUT rows text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.conname, t.relname, r.relname,
		-- whether there is any is asked without the rows, which is faster
		format('SELECT EXISTS (SELECT FROM ONLY powerpanel.%I AS t WHERE %s)', t.relname, broken),
		format('SELECT %s, %s FROM ONLY powerpanel.%I AS t WHERE %s', names,
			CASE c.contype
				WHEN 'f' THEN format($q$format('Key (%s)=(%%s) is not present in table "%s".', (SELECT concat_ws(', ', %s)))$q$,
					columns, r.relname, regexp_replace(columns, '(\S+)', 't.\1', 'g'))
				ELSE format('%L::text', coalesce(obj_description(c.oid, 'pg_constraint'), pg_get_constraintdef(c.oid)))
			END, t.relname, broken)
	FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		LEFT JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN powerpanel.rule AS known ON known.name = c.conname
		-- names as text by format(): what runs a cast runs its owner's function
		CROSS JOIN LATERAL (
			SELECT format('%s, format(''%%s'', %s)',
				CASE WHEN bool_or(a.attname = 'id') THEN 't.id' ELSE 'NULL::uuid' END,
				CASE WHEN bool_or(a.attname = 'name') THEN 't.name' ELSE 'coalesce(t.label, ''cable'')' END) AS names
			FROM pg_attribute AS a
			WHERE a.attrelid = c.conrelid AND a.attnum > 0 AND NOT a.attisdropped) AS n
		CROSS JOIN LATERAL (
			SELECT string_agg(format('%I', ta.attname), ', ' ORDER BY k.n) AS columns,
				string_agg(quote_ident(ra.attname), ', ' ORDER BY k.n) AS referred,
				string_agg(format('t.%I IS NOT NULL', ta.attname), ' AND ') AS given,
				string_agg(CASE WHEN ra.attname IS NOT NULL THEN format('r.%I = t.%I', ra.attname, ta.attname) END, ' AND ') AS same
			FROM unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (t, r, n)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t
				LEFT JOIN pg_attribute AS ra ON ra.attrelid = c.confrelid AND ra.attnum = k.r) AS k
		CROSS JOIN LATERAL (
			SELECT CASE c.contype
				WHEN 'f' THEN format('%s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)',
					given, r.relname, same)
				ELSE format('NOT (%s)', pg_get_expr(c.conbin, c.conrelid))
			END AS broken) AS b
	WHERE c.connamespace = 'powerpanel'::regnamespace
		AND (c.contype = 'f' OR (c.contype = 'c' AND NOT c.convalidated))
		AND c.conname = ANY (rules)
		AND NOT (whole AND c.contype = 'f' AND (t.relname, k.columns, r.relname, k.referred) IN (
			('power_feed', 'power_panel_id', 'power_panel', 'id'),
			('power_feed', 'destination_panel_id', 'power_panel', 'id'),
			('power_feed', 'status', 'feed_status', 'name'),
			('power_port', 'device_id', 'device', 'id'),
			('power_bank', 'device_id', 'device', 'id'),
			('power_bank', 'device_id, power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'device_id', 'device', 'id'),
			('power_outlet', 'device_id, power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'device_id, alternate_power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'power_port_id, power_bank_id', 'power_bank', 'power_port_id, id'),
			('cable', 'power_feed_id', 'power_feed', 'id'),
			('cable', 'power_outlet_id', 'power_outlet', 'id'),
			('cable', 'power_port_id', 'power_port', 'id')))
	ORDER BY c.conname
$$;
COMMENT ON FUNCTION powerpanel_internal.constraint_queries(text[], boolean) IS
'Part of check_integrity: what to ask for the rows that break a foreign key or a CHECK, but, where the network is whole, not a key that it holds by that';

-- pg_upgrade makes the extension's owner the owner of its event triggers, who must
-- be a superuser.
CREATE FUNCTION powerpanel_internal.owner_violations(
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT 'powerpanel_owner', 'warning', 'extension', NULL::uuid, e.extname::text,
		format('the owner of the extension, role "%s", is no superuser: pg_upgrade will stop. Make the role a superuser before the upgrade, for as long as that takes', r.rolname)
	FROM pg_extension AS e JOIN pg_roles AS r ON r.oid = e.extowner
	WHERE e.extname = 'powerpanel' AND NOT r.rolsuper
$$;
COMMENT ON FUNCTION powerpanel_internal.owner_violations() IS
'Part of check_integrity: the rule powerpanel_owner';

CREATE FUNCTION check_integrity(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guarded_table regclass;
BEGIN
	PERFORM powerpanel_internal.check_rule_names(rules);
	RETURN QUERY SELECT * FROM powerpanel_internal.checked_violations(rules);
	IF 'powerpanel_owner' = ANY (rules) THEN
		RETURN QUERY SELECT * FROM powerpanel_internal.owner_violations();
	END IF;
	-- a guard is looked at for its own rules, and for whether that can be done;
	-- a temporary table is read by its own session alone
	FOR guarded_table IN
		SELECT g.feed_table FROM powerpanel.guarded AS g JOIN pg_class AS c ON c.oid = g.feed_table
		WHERE (g.rules && check_integrity.rules OR 'guard_broken' = ANY (check_integrity.rules))
			AND (c.relpersistence <> 't' OR c.relnamespace = pg_my_temp_schema())
		ORDER BY g.feed_table::text
	LOOP
		RETURN QUERY SELECT * FROM powerpanel_internal.guard_audit(guarded_table, rules);
	END LOOP;
END
$$;
COMMENT ON FUNCTION check_integrity(text[]) IS
'Every row of the inventory, and of guarded tables, that breaks one of these rules, with the rule''s name; nothing when all is well. object is the row''s name, after that of its panel or device where it is unique only within that (RPP-A > Lights, web-01 > PSU 1). Finds what got in with triggers off. A guarded table that cannot be checked for one of them is told of by a row of rule guard_broken. Raises 22023 on the name of a rule that does not exist and on an empty array, 22004 on NULL, 42501 to one who may not read all rows of the inventory';

CREATE FUNCTION check_integrity(
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT * FROM powerpanel.check_integrity(ARRAY(SELECT r.name FROM powerpanel.rule AS r));
$$;
COMMENT ON FUNCTION check_integrity() IS
'Every row of the inventory, and of guarded tables, that breaks a rule, with the rule''s name; nothing when all is well. object is the row''s name, after that of its panel or device where it is unique only within that (RPP-A > Lights, web-01 > PSU 1). Finds what got in with triggers off. A guarded table that cannot be checked is told of by a row of rule guard_broken. Raises 42501 to one who may not read all rows of the inventory';
CREATE RECURSIVE VIEW panel_hierarchy
	(root_panel_id, root_panel_name, panel_id, panel_name, parent_panel_id, parent_panel_name,
	power_feed_id, power_feed_name, depth, path, path_names)
WITH (security_invoker = true) AS
SELECT p.id, p.name, p.id, p.name, NULL::uuid, NULL::text, NULL::uuid, NULL::text, 0, ARRAY[p.id], p.name
FROM powerpanel.power_panel AS p
WHERE NOT EXISTS (
	SELECT FROM powerpanel.power_feed AS f WHERE f.destination_panel_id = p.id)
UNION ALL
SELECT h.root_panel_id, h.root_panel_name, p.id, p.name, h.panel_id, h.panel_name, f.id, f.name,
	h.depth + 1, h.path || p.id, h.path_names || ' > ' || p.name
FROM panel_hierarchy AS h
JOIN powerpanel.power_feed AS f ON f.power_panel_id = h.panel_id
JOIN powerpanel.power_panel AS p ON p.id = f.destination_panel_id
-- only a loop that got in with triggers off could come back
WHERE p.id <> ALL (h.path);
COMMENT ON VIEW panel_hierarchy IS
'A row for each panel on each distinct path from a root, a panel that no feed enters. Parallel feeds are distinct paths, so there can be very many: downstream() and upstream() do not enumerate paths';
COMMENT ON COLUMN panel_hierarchy.root_panel_id IS 'The panel that the path begins at';
COMMENT ON COLUMN panel_hierarchy.root_panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.panel_id IS 'The panel that the path ends at';
COMMENT ON COLUMN panel_hierarchy.panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.parent_panel_id IS 'The panel before it; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.parent_panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.power_feed_id IS 'The feed that enters it on this path; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.power_feed_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.depth IS 'How many feeds the path has; 0 for a root';
COMMENT ON COLUMN panel_hierarchy.path IS 'The panels of the path, from the root';
COMMENT ON COLUMN panel_hierarchy.path_names IS 'Their names, such as Utility > ATS-A > UPS-A';
CREATE FUNCTION upstream(panel uuid, OUT panel_id uuid, OUT name text, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'upstream_panels' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION upstream(uuid) IS
'The panels above a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. Raises 22023 where there is no such panel, 22004 where it is NULL';

CREATE FUNCTION downstream(panel uuid, OUT panel_id uuid, OUT name text, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'downstream_panels' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION downstream(uuid) IS
'The panels below a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. Raises 22023 where there is no such panel, 22004 where it is NULL';
CREATE VIEW panel_positions WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
	p.name,
	p.circuit_positions,
	o.occupied,
	powerpanel.position_range(1, p.circuit_positions) - o.occupied AS free,
	powerpanel.cardinality(o.occupied) AS occupied_count,
	powerpanel.cardinality(powerpanel.position_range(1, p.circuit_positions) - o.occupied) AS free_count
FROM powerpanel.power_panel AS p
CROSS JOIN LATERAL (
	SELECT coalesce(powerpanel.position_union(f.occupied_positions), '') AS occupied
	FROM powerpanel.power_feed AS f
	WHERE f.power_panel_id = p.id AND f.breaker_position IS NOT NULL) AS o;
COMMENT ON VIEW panel_positions IS 'Which circuit positions of each panel are occupied and which are free. Feeds of every status hold their places';
COMMENT ON COLUMN panel_positions.power_panel_id IS 'The panel';
COMMENT ON COLUMN panel_positions.name IS 'Its name';
COMMENT ON COLUMN panel_positions.circuit_positions IS 'How many positions it has; NULL where that is not known';
COMMENT ON COLUMN panel_positions.occupied IS 'Positions that breakers occupy';
COMMENT ON COLUMN panel_positions.free IS 'Positions that are free; NULL where circuit_positions is';
COMMENT ON COLUMN panel_positions.occupied_count IS 'How many are occupied';
COMMENT ON COLUMN panel_positions.free_count IS 'How many are free; NULL where circuit_positions is';
CREATE VIEW panel_schedule WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
	p.name AS power_panel_name,
	n.position,
	CASE WHEN p.numbering = 'across' THEN
		CASE WHEN n.position % 2 = 1 THEN 'left' ELSE 'right' END
	END AS side,
	powerpanel.position_phase(p.numbering, p.bus, n.position) AS phase,
	f.id AS power_feed_id,
	f.name AS power_feed_name,
	(n.position - f.breaker_position) / CASE WHEN p.numbering = 'across' THEN 2 ELSE 1 END + 1 AS pole,
	f.breaker_pole_count AS poles,
	f.amperage,
	f.voltage
FROM powerpanel.power_panel AS p
CROSS JOIN LATERAL pg_catalog.generate_series(1, p.circuit_positions) AS n (position)
LEFT JOIN powerpanel.power_feed AS f
	ON f.power_panel_id = p.id
	-- the index narrows it to the breakers that can reach this position
	AND f.breaker_position BETWEEN n.position - 4 AND n.position
	AND f.occupied_positions @> n.position;
COMMENT ON VIEW panel_schedule IS 'A row for each circuit position of each panel whose circuit_positions are known; empty positions have NULLs';
COMMENT ON COLUMN panel_schedule.power_panel_id IS 'The panel';
COMMENT ON COLUMN panel_schedule.power_panel_name IS 'Its name';
COMMENT ON COLUMN panel_schedule.position IS 'The position, from 1';
COMMENT ON COLUMN panel_schedule.side IS 'left or right; NULL where positions are numbered in sequence';
COMMENT ON COLUMN panel_schedule.phase IS 'The phase it hangs on; NULL on a dc bus';
COMMENT ON COLUMN panel_schedule.power_feed_id IS 'The feed whose breaker is there';
COMMENT ON COLUMN panel_schedule.power_feed_name IS 'Its name';
COMMENT ON COLUMN panel_schedule.pole IS 'Which pole of that breaker it is, from 1';
COMMENT ON COLUMN panel_schedule.poles IS 'How many poles that breaker has';
COMMENT ON COLUMN panel_schedule.amperage IS 'Rating of the breaker in A';
COMMENT ON COLUMN panel_schedule.voltage IS 'Voltage of the feed in V';
CREATE FUNCTION find_breaker_position(panel uuid, poles integer, balance boolean DEFAULT false)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION find_breaker_position(uuid, integer, boolean) IS
'The first place where a breaker with so many poles fits on a panel; with balance, the first of the places that leave the numbers of poles on the phases most even. NULL where there is no place, where the bus has fewer phases, or for a NULL argument. Raises 22023 where there is no such panel, or poles are not 1 to 3';
-- Ids by name, or by path: see finders.c.

CREATE FUNCTION location_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION location_id(text) IS
'The location whose path is this (''DC1 > Hall 1''), or ends with it (''Hall 1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION rack_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_id(text) IS
'The rack whose path is this (''DC1 > Hall 1 > R1''), or ends with it (''R1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION panel_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_id(text) IS
'The power panel whose path is this (''DC1 > Electrical Room A > LP-1''), or ends with it (''LP-1''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION feed_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_id(text) IS
'The power feed whose path is this (''DC1 > Electrical Room A > LP-1 > Sign''), or ends with it (''Sign''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';

CREATE FUNCTION device_id(name text) RETURNS uuid
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_id(text) IS
'The device whose path is this (''DC1 > Hall 1 > R1 > srv-7''), or ends with it (''srv-7''); a whole path goes before an end of one. NULL for NULL. Raises 22023 where there is none, or several';
-- What is energized, and what everything carries now. What takes one thing is two
-- functions: without an argument it tells of everything, with one of that thing;
-- NULL is an error, so that a subselect which finds nothing does not answer for
-- everything. These read the tables as they are in the caller's transaction, with
-- his rights.

CREATE FUNCTION feed_load(
	OUT power_feed_id uuid, OUT panel_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision, OUT available_power bigint,
	OUT utilization double precision, OUT amps double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load() IS
'What every feed carries. Loads and available_power in VA; utilization in percent, by powerpanel.load_basis: of a three-phase feed on three poles that has a cable or feeds a three-phase panel, what its most loaded phase carries, of a third of available_power; of any other feed, its load, of available_power; NULL where there is nothing available. amps is the highest current by its own voltage, amps_a to amps_c the current in each phase that it meets, NULL in others. Raises 55000 where the network has a loop';

CREATE FUNCTION feed_load(panel uuid, 
	OUT power_feed_id uuid, OUT panel_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision, OUT available_power bigint,
	OUT utilization double precision, OUT amps double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load(uuid) IS
'The same of the feeds that leave one panel. Raises 22023 where there is no such panel, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION panel_load(
	OUT power_panel_id uuid, OUT name text, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load() IS
'What every panel carries. Loads in VA. capacity_va by its main breaker and max_utilization, else by the energized feeds that enter it, NULL where it has neither. By powerpanel.load_basis: utilization in percent, of the most loaded phase where the bus has several; the power of each phase that the bus has, and the current in it in A, NULL without voltage and on dc; imbalance, the farthest of the phases from their mean, in percent of the mean, NULL on dc. Raises 55000 where the network has a loop';

CREATE FUNCTION panel_load(panel uuid, 
	OUT power_panel_id uuid, OUT name text, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT amps_a double precision, OUT amps_b double precision, OUT amps_c double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load(uuid) IS
'The same of one panel. Raises 22023 where there is no such panel, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION device_power(
	OUT device_id uuid, OUT name text, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power() IS
'Whether every device has power: dark (none of its cabled ports is energized, or fewer than needed_ports), on (all are), else degraded. Devices without cabled ports have no row. allocated_va is what its ports carry from outside; a cable from one of its own outlets into one of its own ports does not count as a cord. Raises 55000 where the network has a loop';

CREATE FUNCTION device_power(device uuid, 
	OUT device_id uuid, OUT name text, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power(uuid) IS
'The same of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION port_load(
	OUT power_port_id uuid, OUT device_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT rating_va double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION port_load() IS
'What every power port carries, in VA. rating_va is its maximum_draw in VA, utilization the load of that in percent, by powerpanel.load_basis; both are NULL where it has no maximum_draw. Raises 55000 where the network has a loop';

CREATE FUNCTION port_load(device uuid, 
	OUT power_port_id uuid, OUT device_name text, OUT name text, OUT energized boolean,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT rating_va double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION port_load(uuid) IS
'The same of the power ports of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';

CREATE FUNCTION bank_load(
	OUT power_bank_id uuid, OUT device_name text, OUT name text,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT amps double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION bank_load() IS
'What every power bank carries, in VA, and its current in A by powerpanel.load_basis: the load over the voltage at its inlet, whichever inlet feeds its outlets at present; NULL where it is not energized. utilization is the current in percent of what its breaker may carry. Raises 55000 where the network has a loop';

CREATE FUNCTION bank_load(device uuid, 
	OUT power_bank_id uuid, OUT device_name text, OUT name text,
	OUT allocated_va double precision, OUT maximum_va double precision,
	OUT amps double precision, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION bank_load(uuid) IS
'The same of the power banks of one device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';
CREATE FUNCTION powerpanel_internal.rack_load(rack uuid, OUT allocated_va double precision, OUT maximum_va double precision,
	OUT devices_va double precision, OUT basis_va double precision, OUT label text)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.rack_load(uuid) IS
'Part of rack_power: what the feeds assigned to a rack carry, in VA; what its devices without outlets draw, wherever it comes from; which of the feeds'' two figures powerpanel.load_basis names; and the label that the view calls redundancy. 0 where there are none. NULL gives NULL. Raises 22023 where there is no such rack, 55000 where the network has a loop';

CREATE VIEW rack_power WITH (security_invoker = true) AS
SELECT r.id AS rack_id,
	r.name,
	l.devices_va,
	r.power_limit,
	f.feeds,
	f.available_power,
	f.usable_power,
	l.allocated_va,
	l.maximum_va,
	100 * l.basis_va / nullif(f.usable_power, 0) AS utilization,
	l.label AS redundancy
FROM powerpanel.rack AS r
CROSS JOIN LATERAL (
	SELECT coalesce(sum(p.feeds), 0)::bigint AS feeds,
		coalesce(sum(p.power), 0)::bigint AS available_power,
		coalesce(sum(p.power), 0)::bigint
			- CASE WHEN count(p.path) > 1 THEN max(p.power) FILTER (WHERE p.path IS NOT NULL) ELSE 0 END AS usable_power
	FROM (
		SELECT f.power_path AS path, count(*) AS feeds, sum(f.available_power)::bigint AS power
		FROM powerpanel.power_feed AS f
		WHERE f.rack_id = r.id
		GROUP BY f.power_path) AS p) AS f
CROSS JOIN LATERAL powerpanel_internal.rack_load(r.id) AS l;
COMMENT ON VIEW rack_power IS 'A row for every rack: what its devices draw, the power of the feeds assigned to it, of every status, and what they carry';
COMMENT ON COLUMN rack_power.rack_id IS 'The rack';
COMMENT ON COLUMN rack_power.name IS 'Its name';
COMMENT ON COLUMN rack_power.devices_va IS 'What its devices without outlets draw, in VA by powerpanel.load_basis, wherever it comes from; dark ones draw nothing';
COMMENT ON COLUMN rack_power.power_limit IS 'What they may draw, in VA; NULL where there is no limit';
COMMENT ON COLUMN rack_power.feeds IS 'How many feeds are assigned to it';
COMMENT ON COLUMN rack_power.available_power IS 'The sum of their available power, in VA';
COMMENT ON COLUMN rack_power.usable_power IS 'What is left of it, in VA, when the path with the most power has failed, where there are feeds of two or more paths; else the sum';
COMMENT ON COLUMN rack_power.allocated_va IS 'What they carry, in VA, as draws are allocated';
COMMENT ON COLUMN rack_power.maximum_va IS 'What they carry, in VA, at the maximum draws';
COMMENT ON COLUMN rack_power.utilization IS 'What they carry, by powerpanel.load_basis, of usable_power, in percent; NULL where usable_power is 0';
COMMENT ON COLUMN rack_power.redundancy IS 'As the feeds are labelled. N: primary without path. N+1: primary on one path, redundant on another. 2N, 3N/2, 4N/3: primary on two, three, four paths. NULL for any other set of feeds. rack_redundancy() tells what the network really withstands';
CREATE FUNCTION panel_schedule_text(panel uuid) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_schedule_text(uuid) IS
'The schedule of a panel as an electrician prints it: what feeds it; odd positions left, even right, the phase between, the poles of a breaker joined; the load of each circuit in VA (on a dc bus in W), by powerpanel.load_basis, and the panel that it feeds; circuits without a position below; the connected load of each phase in VA and A, and against the main breaker. Lines have 100 columns at most, and a column of more than 60 positions has one line for spaces in a row, so that it fits a page. What is not energized has its status beside it and is not added. NULL gives NULL. Raises 22023 where there is no such panel, 55000 where the network has a loop';
CREATE FUNCTION suggest_rebalance(panel uuid, max_moves integer DEFAULT 5,
	OUT step integer, OUT power_feed_id uuid, OUT name text, OUT from_position integer,
	OUT to_position integer, OUT imbalance_after double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION suggest_rebalance(uuid, integer) IS
'Moves of breakers to free places, or swaps of two (two rows of one step, to be done in one UPDATE), each of which the rules allow and lowers the imbalance of the panel''s phases, in percent; nothing where none helps. Raises 22023 where there is no such panel or max_moves is below 1, 22004 on NULL, 55000 where the network has a loop';
CREATE FUNCTION simulate_outage(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}', devices uuid[] DEFAULT '{}',
	trip_at double precision DEFAULT NULL,
	OUT object_type text, OUT object_id uuid, OUT name text, OUT state_before text, OUT state_after text,
	OUT load_before double precision, OUT load_after double precision,
	OUT available double precision, OUT overloaded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_outage(uuid[], uuid[], uuid[], double precision) IS
'What changes when these panels, feeds and devices fail: a row for each panel, feed and device whose state or load would be another. Loads in VA, by powerpanel.load_basis. A failed panel is off, and a feed into it carries nothing; a failed device is dark and takes down its outlets. available is a feed''s available power, or a panel''s capacity in the outage, in VA; NULL for a device. overloaded is by the most loaded phase; of a device, that one of its ports or banks is. With trip_at, all is as it is once the breakers that simulate_trips() tells of have opened, and what has opened is off. With NULL no breaker opens. Raises 22023 on an id that does not exist, where nothing is named, and where trip_at is not a finite number above 0; 22004 on a NULL array or element, 55000 where the network has a loop';
CREATE FUNCTION simulate_trips(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}', devices uuid[] DEFAULT '{}',
	trip_at double precision DEFAULT 1.0,
	OUT round integer, OUT object_type text, OUT object_id uuid, OUT name text,
	OUT load double precision, OUT rating double precision, OUT percent double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_trips(uuid[], uuid[], uuid[], double precision) IS
'What opens, one breaker after the other, when these panels, feeds and devices have failed. A breaker opens when its most loaded phase carries more than trip_at times its rating: |voltage| * amperage, times 1.732 where it is three-phase, without max_utilization; a panel has one where voltage and main breaker are given. In each round those breakers open that have no other such breaker below them on the energized way down, which may lead through feeds that carry nothing at present; then all is worked out anew, until none opens. load is what the most loaded phase carries, times the number of phases, and rating what the breaker is made for, both in VA and as they are when it opens; percent is load in percent of rating. By powerpanel.load_basis. What would open though nothing failed opens too, in the part of the network that is connected with what fails. No time passes here: 1.0 is the careful planner''s figure, though just above its rating a breaker may hold for long; at 1.35 it must open within an hour up to 50 A, within two hours above (UL 489). That of two breakers the lower one opens first is assumed: their curves have to be graded so. An open breaker is not closed again. Raises 22023 on an id that does not exist, where nothing is named, and where trip_at is not a finite number above 0; 22004 on a NULL argument or element; 55000 where the network has a loop';
CREATE FUNCTION contingency(trip_at double precision DEFAULT 1.0,
	OUT object_type text, OUT object_id uuid, OUT name text,
	OUT devices_dark integer, OUT devices_degraded integer,
	OUT feeds_overloaded integer, OUT panels_overloaded integer, OUT worst_utilization double precision,
	OUT trips integer, OUT devices_dark_after_trips integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION contingency(double precision) IS
'The N-1 analysis: for each energized panel, and each energized feed with a destination or a cable, what its failure does. The counts are of what is so in that outage and is not so now; worst_utilization is the highest of all energized feeds with available power, in percent, NULL if there is none. So much before any breaker opens. trips is how many would then open, as simulate_trips() tells, at trip_at times their ratings; devices_dark_after_trips how many devices that are not dark now are dark in the end. Both count what would open though nothing failed, also in parts of the network that the outage does not touch, which simulate_trips() leaves out. Raises 22023 where trip_at is not a finite number above 0, 22004 where it is NULL, 55000 where the network has a loop';
CREATE FUNCTION single_points_of_failure(
	OUT object_type text, OUT object_id uuid, OUT name text, OUT devices integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION single_points_of_failure() IS
'Each panel, feed and device with outlets whose failure alone would make devices dark that are not now, and how many: itself not counted, rack PDUs counted. Raises 55000 where the network has a loop';
CREATE FUNCTION power_trace(device uuid,
	OUT depth integer, OUT object_type text, OUT object_id uuid, OUT name text, OUT of_name text,
	OUT energized boolean, OUT feeds uuid[])
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION power_trace(uuid) IS
'Everything that the power of a device may come through, energized or not, up to the panels that no feed enters: a row for each thing, by depth, object_type and name. depth is the fewest steps from the device, which is 0; its cabled ports are 1. A step leads from a port to the feed or outlet at the other end of its cable; from an outlet to its bank or, without one, its inlet, and to its alternate inlet; from a bank to its inlet; from a feed to the panel that it leaves; from a panel to the feeds that enter it. A cord into one of the device''s own outlets brings it nothing and is left out. object_type is device, power_port, power_outlet, power_bank, power_feed or power_panel; of_name the device of a port, outlet or bank, the panel of a feed, else NULL. energized: of the device, that it is not dark; NULL where it has no cord, and so no state. feeds are the object_ids of this trace that it feeds directly; none of the device. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where what lies above has a loop';
CREATE FUNCTION device_redundancy(
	OUT device_id uuid, OUT name text, OUT min_failures integer, OUT failures uuid[], OUT failure_names text[],
	OUT survives_any_one boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_redundancy() IS
'How safe the power of each device with cabled ports really is. min_failures is the smallest number of panels, feeds and devices with outlets (itself not among them) whose failure together leaves it dark; failures and failure_names are such a smallest set, devices first, then feeds, then panels. Of several such sets it is the one nearest to the device; where a device with several inlets, or needed_ports, leaves a choice, the first by these kinds and by name. 0 and empty arrays where it is dark now; NULLs where more than 4 must fail. No breaker opens for that. survives_any_one says whether the device stays on whichever one of these things fails, once all breakers that then carry more than their rating have opened (trip_at 1.0), by powerpanel.load_basis; false where it is dark now, or goes dark by breakers that carry too much though nothing fails. Raises 55000 where the network has a loop';

CREATE FUNCTION device_redundancy(device uuid,
	OUT device_id uuid, OUT name text, OUT min_failures integer, OUT failures uuid[], OUT failure_names text[],
	OUT survives_any_one boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_redundancy(uuid) IS
'The same of one device. No row where it has no cabled ports. Raises 22023 where there is no such device, 22004 where it is NULL, 55000 where the network has a loop';
CREATE FUNCTION rack_redundancy(
	OUT rack_id uuid, OUT name text, OUT devices integer, OUT labelled text, OUT min_failures integer,
	OUT maintainable boolean, OUT fault_tolerant boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_redundancy() IS
'How safe the power of each rack really is, beside what its feeds promise. devices: how many of its devices have cabled ports and no outlets; the rest is about these. labelled: as rack_power.redundancy says of the feeds assigned to it. min_failures: the least of theirs, see device_redundancy(); NULL where each needs more than 4. maintainable: none is dark now, and no single panel or feed, taken out, leaves one dark, or overloads a panel, feed, port or bank that their power may come through, energized or not, and that is not overloaded now. fault_tolerant: the same of each single failure, that of devices with outlets included, and of no failure at all, once all breakers that then carry more than their rating have opened (trip_at 1.0); an overload counts before they open and after. Both by powerpanel.load_basis. Where there are no such devices: 0, the label, and NULLs. (Concurrently maintainable and fault tolerant are words of the Uptime Institute, whose tiers ask for more than power; no tier is claimed here.) Raises 55000 where the network has a loop';

CREATE FUNCTION rack_redundancy(rack uuid,
	OUT rack_id uuid, OUT name text, OUT devices integer, OUT labelled text, OUT min_failures integer,
	OUT maintainable boolean, OUT fault_tolerant boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_redundancy(uuid) IS
'The same of one rack. Raises 22023 where there is no such rack, 22004 where it is NULL, 55000 where the network has a loop';
CREATE FUNCTION topology_dot(racks boolean DEFAULT true) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION topology_dot(boolean) IS
'The one-line diagram of everything, in Graphviz DOT: panels by tier in the rooms that they stand in, each feed a line with its breaker positions, name, rating and load; path a blue, b red, c green and d orange; dashed what is not energized, bold what is overloaded, an open arrowhead a redundant feed; at the end the racks with their rack PDUs (not with racks => false), or, where there are more than 16 PDUs, one box for all racks that hang on the same panels; and a legend. A small diagram runs from top to bottom, a wide one from left to right with what is said of a feed in the box that it enters. Loads in kVA by powerpanel.load_basis, percentages of the most loaded phase. Names are cut after 40 characters. Raises 22004 on NULL, 55000 where the network has a loop';

CREATE FUNCTION panel_topology_dot(panels uuid[], racks boolean DEFAULT true) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_topology_dot(uuid[], boolean) IS
'The one-line diagram, as topology_dot() draws it, of these panels, of all that feed them, and of all that they feed, with every feed between those. The other feeds of a panel are counted or named in its box. Loads are those of the whole network. Raises 22023 on an id that does not exist and where the array is empty, 22004 on NULL, also within the array, 55000 where the network has a loop';
CREATE FUNCTION panel_headroom(
	OUT power_panel_id uuid, OUT name text, OUT free_count integer, OUT headroom_va double precision,
	OUT binding_type text, OUT binding_id uuid, OUT binding_name text,
	OUT outage_type text, OUT outage_id uuid, OUT outage_name text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_headroom() IS
'How much more each energized panel can take. free_count: its free circuit positions, as panel_positions has them, NULL without circuit_positions. headroom_va: the largest load in VA, spread evenly over the phases of its bus, that could be added on it so that neither now, nor in the outage of any one other panel or feed in which it stays energized, a panel or feed that would carry part of it is overloaded (the panel itself, what feeds it, and so on up); 0 where such a one is overloaded already, NULL where nothing limits it. Loads by powerpanel.load_basis; overloaded as the load warnings have it, so that 0.01 VA per conductor above the limit are no overload and an empty circuit of 1000 VA has room for 1000.01. binding: what limits it, of several the fewest steps from the panel, then the first by name; outage: in whose outage, NULL where it does so now already; of outages with the same figure (to 0.01 VA) the first by name. The outage of the panel itself, and those that turn it off, do not count. Raises 55000 where the network has a loop';

CREATE FUNCTION panel_headroom(location uuid,
	OUT power_panel_id uuid, OUT name text, OUT free_count integer, OUT headroom_va double precision,
	OUT binding_type text, OUT binding_id uuid, OUT binding_name text,
	OUT outage_type text, OUT outage_id uuid, OUT outage_name text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_headroom(uuid) IS
'The same of the panels in one location and in all that it contains; outages are those of the whole network that they are connected to. Raises 22023 where there is no such location, 22004 on NULL, 55000 where the network has a loop';
CREATE FUNCTION find_capacity(va double precision, poles integer DEFAULT 3, paths integer DEFAULT 2,
	max_rows integer DEFAULT 10,
	OUT panels uuid[], OUT panel_names text[], OUT positions integer[], OUT headroom_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION find_capacity(double precision, integer, integer, integer) IS
'Where a new load of va VA goes that each of its paths (1 to 4 panels) can carry alone, always: combinations of that many energized panels, each with a place for a breaker of so many poles (1 to 3, as many as its bus has) and at least that headroom (see panel_headroom), that have no panel or feed above them in common, whatever its status; a panel is above itself, and only a utility or generator that no feed enters may be shared. panels and panel_names are in the order of names; positions: the first place on each, as find_breaker_position has it; headroom_va: the least of theirs, NULL where nothing limits any of them. It is for a load that is even on the phases of the bus, as one on three poles is. A load on fewer poles than the bus has phases gives a phase more: so ask for three times what it draws where it is on one pole of a three-phase bus, for 1.732 times on two poles, and for twice on one pole of a split-phase bus. The highest headroom first, those that nothing limits before all, of equal ones (to 0.01 VA) by names; at most max_rows rows. Raises 22023 where va is not a number above 0, poles, paths or max_rows make no sense, 22004 on NULL, 55000 where the network has a loop';

CREATE FUNCTION find_capacity(location uuid, va double precision, poles integer DEFAULT 3, paths integer DEFAULT 2,
	max_rows integer DEFAULT 10,
	OUT panels uuid[], OUT panel_names text[], OUT positions integer[], OUT headroom_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION find_capacity(uuid, double precision, integer, integer, integer) IS
'The same of the panels in one location and in all that it contains. A literal location needs ::uuid, or location_id(). Raises 22023 where there is no such location, too';
-- What the imports from other DCIM tools share. import_netbox and
-- import_nautobot each read the tables of their own tool and make objects of
-- ours of them; all the rest is here.
--
-- Temporary tables carry it: powerpanel_origin, which tool this is, and whether
-- what vanished there is to be deleted here (one row); powerpanel_kind, the kinds
-- of object; powerpanel_object, the objects of ours that the tool's rows make,
-- compared with what is here already; powerpanel_vanished, what an earlier import
-- brought and the tool has no longer; and powerpanel_inlet, the power port that
-- outlets get here which name none.
--
-- An import is import_run (import_run.sql): import_<tool>_check; import_begin, which
-- fills powerpanel_kind by import_<tool>_kinds; import_compare_all; import_<tool>_others,
-- which leaves out what another database of that tool brought; import_write_all; and
-- import_report. This file goes as far as import_compare_all; the writing is in
-- import_write.sql, the deleting in import_vanished.sql, what is told in
-- import_report.sql.
--
-- A kind of object is read, made into objects of ours and compared with them in one
-- query. Of an object that is unchanged, which after the first import nearly all are,
-- no more is written down than what messages call it.

-- The tool's tables are not ours: they are read by foreign_rows() and in no other
-- way. Each tool has one list of the tables and columns that it reads, which
-- import_missing() looks for before anything is read: a column that is not there
-- would be read as NULL, and a second import would then empty ours.

CREATE FUNCTION powerpanel_internal.import_table(schema_name name, source_table text)
RETURNS regclass
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT to_regclass(format('%I.%I', schema_name, source_table));
END;
COMMENT ON FUNCTION powerpanel_internal.import_table(name, text) IS
'Part of the imports: a table of the tool, or NULL where there is none of that name';

-- The result is in the order of columns.
CREATE FUNCTION powerpanel_internal.import_missing(schema_name name, source_table text, columns text[])
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM unnest(columns) WITH ORDINALITY AS n (c, i)
		WHERE NOT EXISTS (SELECT FROM pg_attribute AS a
			WHERE a.attrelid = powerpanel_internal.import_table(schema_name, source_table)
				AND a.attname = c AND a.attnum > 0 AND NOT a.attisdropped)
		ORDER BY i);
END;
COMMENT ON FUNCTION powerpanel_internal.import_missing(name, text, text[]) IS
'Part of the imports: which of these columns a table lacks';

CREATE FUNCTION powerpanel_internal.import_rows(schema_name name, source_table text, columns text[])
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.foreign_rows(powerpanel_internal.import_table(schema_name, source_table), columns) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_rows(name, text, text[]) IS
'Part of the imports: the rows of a table of the tool; none where there is no such table';

-- Which database of the tool this is: the moment when it was set up, which a
-- dump, a restore under another schema name and an upgrade of the tool all keep.
CREATE FUNCTION powerpanel_internal.import_instance(schema_name name)
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce(min(extract(epoch FROM (r->>'applied')::timestamptz))::text, '')
	FROM powerpanel_internal.import_rows(schema_name, 'django_migrations', '{app,name,applied}') AS r
	WHERE r->>'app' = 'contenttypes' AND r->>'name' = '0001_initial'
$$;
COMMENT ON FUNCTION powerpanel_internal.import_instance(name) IS
'Part of the imports: what tells one NetBox or Nautobot from another; empty where it keeps no record of its migrations';

CREATE FUNCTION powerpanel_internal.import_begin(key text, name text, schema_name name, delete_vanished boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	CREATE TEMPORARY TABLE powerpanel_origin (
		key text,				-- what custom_fields calls it: netbox
		name text,				-- what messages call it: NetBox
		schema_name name,
		instance text,			-- which database of the tool
		delete_vanished boolean,
		believed boolean		-- whether by the keys of its tables no two rows make one object
	) ON COMMIT DROP;
	EXECUTE format($q$
		INSERT INTO pg_temp.powerpanel_origin
		SELECT $1, $2, $3, powerpanel_internal.import_instance($3), $4, (
			SELECT bool_and(powerpanel_internal.import_believes_key(powerpanel_internal.import_table($3, c.source_table)))
			FROM powerpanel_internal.%I() AS c (source_table, columns, since, must, kept) WHERE c.kept)$q$,
		format('import_%s_columns', key)) USING key, name, schema_name, delete_vanished;
	CREATE TEMPORARY TABLE powerpanel_kind (
		kind integer PRIMARY KEY,	-- in the order in which they refer to each other
		object_type text,
		source_table text UNIQUE,
		target text,			-- our table
		draft text,				-- what makes objects of ours of its rows: import_<tool>_draft_<this>
		owner text[],			-- our columns within whose values a name is unique
		columns text[]			-- our columns that the tool knows; what only the inventory knows is left alone
	) ON COMMIT DROP;
	EXECUTE format('INSERT INTO pg_temp.powerpanel_kind SELECT * FROM powerpanel_internal.%I($1)', format('import_%s_kinds', key))
		USING schema_name;
	CREATE TEMPORARY TABLE powerpanel_object (
		kind integer,
		source_table text,
		source_id jsonb,		-- as the tool has it: a number or a string
		id uuid,				-- our key
		target text,
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects, or is unchanged
		custom_fields jsonb,	-- NULL with fields
		step bigint,			-- the order within the target; NULL with fields
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean,
		assigned boolean,		-- an outlet that got its power port here
		rule text,				-- that refused it
		reason text,			-- why it is left out
		removed text,			-- why what an earlier import brought was deleted
		taken boolean GENERATED ALWAYS AS (rule IS NULL AND (fields IS NOT NULL OR action = 'unchanged')) STORED
	) ON COMMIT DROP;			-- gets its indexes when it is filled, which is faster
	CREATE TEMPORARY TABLE powerpanel_vanished (
		source_table text,
		source_id jsonb,
		id uuid,
		label text,
		mark jsonb,
		rule text,				-- that refused to delete it
		reason text,			-- why
		kind integer,
		target text,
		step bigint,			-- the order of deletion within the target; NULL where it goes with another
		removed text,			-- why a cable was deleted though nobody asked for it
		along text,				-- what else was deleted with it
		deleted boolean NOT NULL DEFAULT false,
		PRIMARY KEY (target, id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE powerpanel_inlet (
		device_id uuid PRIMARY KEY,
		id uuid					-- its only power port
	) ON COMMIT DROP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_begin(text, text, name, boolean) IS
'Part of the imports: makes the temporary tables that carry one';

-- The tool's tables have keys, but a copy of one need not have them. A primary key
-- that is not deferrable is believed, where no two ids can make one key of ours, as the
-- texts 1 and 01 do.
CREATE FUNCTION powerpanel_internal.import_believes_key(source_table regclass)
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT source_table IS NULL OR EXISTS (
		SELECT FROM pg_index AS i
		JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = 'id'
			AND a.atttypid = ANY ('{uuid,int2,int4,int8}'::regtype[])
		WHERE i.indrelid = source_table
			AND i.indisprimary AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 1)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_believes_key(regclass) IS
'Part of the imports: whether the key of a table of the tool says that no two of its rows make one object; true of NULL, no table';

-- Where a key is not believed, the ids are read, and import_compare_all makes a key of
-- the objects, since the rows may have changed by then. The lock keeps the key, and the
-- table its name, until the end of the transaction.
CREATE FUNCTION powerpanel_internal.import_source_keys(schema_name name, source_tables text[])
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	source_table text;
	tab regclass;
	wrong record;
BEGIN
	FOREACH source_table IN ARRAY source_tables
	LOOP
		LOOP
			tab := powerpanel_internal.import_table(schema_name, source_table);
			PERFORM powerpanel_internal.must_be_ordinary_table(tab);
			-- another one may have got its name while this waited for the lock
			EXIT WHEN tab IS NOT DISTINCT FROM powerpanel_internal.import_table(schema_name, source_table);
		END LOOP;
		CONTINUE WHEN powerpanel_internal.import_believes_key(tab);
		SELECT r -> 'id' AS id, r ->> 'id' AS key INTO wrong
		FROM powerpanel_internal.import_rows(schema_name, source_table, '{id}') AS r
		GROUP BY r HAVING count(*) > 1 OR r -> 'id' = 'null'
		ORDER BY 1 LIMIT 1;
		IF FOUND THEN
			RAISE EXCEPTION '%', CASE WHEN wrong.key IS NULL THEN format('a row of table "%s" has no id', source_table)
					ELSE format('table "%s" has more than one row with id %s', source_table, wrong.key) END
				USING ERRCODE = 'invalid_parameter_value',
					HINT = 'Where the tables are copies, copy them with their primary keys, and nothing twice.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_source_keys(name, text[]) IS
'Part of the imports: raises 22023 where a row of the tool has no key, or that of another one';

-- NetBox and Nautobot name a device that has no name after its virtual chassis
-- or its type, and tell it from others by a tag. So it is found again by the
-- name that they show.
CREATE FUNCTION powerpanel_internal.import_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb, tag text)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN device ->> 'name' ~ '\S' THEN device ->> 'name'
			WHEN virtual_chassis IS NOT NULL THEN
				format('%s:%s (%s)', virtual_chassis ->> 'name', device ->> 'vc_position', tag)
			WHEN device_type IS NOT NULL THEN
				format('%s (%s)', concat_ws(' ', manufacturer ->> 'name', device_type ->> 'model'), tag)
			ELSE format('device (%s)', tag)
		END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_device_name(jsonb, jsonb, jsonb, jsonb, text) IS
'Part of the imports: the name of a device, or what the tool shows of one that has no name';

-- Both tools let an outlet name no power port, and most of the outlets that
-- people make by hand name none, so that nothing gets power through them. Where
-- a device has one power port, it can be no other. Its ports are those of the
-- tool, of which the unchanged ones are here, and those that only the inventory has and
-- that are not to be deleted.
CREATE FUNCTION powerpanel_internal.import_find_inlets()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.powerpanel_inlet
	SELECT p.device_id, min(p.id::text)::uuid
	FROM (
		SELECT (o.fields ->> 'device_id')::uuid AS device_id, o.id
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_port' AND o.fields IS NOT NULL
		UNION ALL
		SELECT t.device_id, t.id
		FROM powerpanel.power_port AS t
		WHERE NOT EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
			WHERE o.target = 'power_port' AND o.id = t.id AND o.fields IS NOT NULL)
			AND NOT EXISTS (SELECT FROM pg_temp.powerpanel_vanished AS v, pg_temp.powerpanel_origin AS r
				WHERE v.target = 'power_port' AND v.id = t.id AND r.delete_vanished)) AS p
	WHERE p.device_id IS NOT NULL
	GROUP BY p.device_id HAVING count(*) = 1;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_find_inlets() IS
'Part of the imports: the devices that have one power port, for the outlets that name none';

-- A bank or an alternate inlet, which the tools do not know, is not without the
-- inlet that somebody gave the outlet here.
CREATE FUNCTION powerpanel_internal.import_give_inlets(draft text)
RETURNS text
LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
	SELECT format($q$
		SELECT d.source_table, d.source_id, d.id, d.mark, d.label,
			CASE WHEN d.fields ->> 'power_port_id' IS NULL
				THEN d.fields || jsonb_build_object('power_port_id', coalesce(i.id, t.power_port_id))
				ELSE d.fields END AS fields, d.reason, i.id IS NOT NULL AS assigned
		FROM (%s) AS d
		LEFT JOIN pg_temp.powerpanel_inlet AS i ON i.device_id = (d.fields ->> 'device_id')::uuid
			AND d.fields ->> 'power_port_id' IS NULL
		LEFT JOIN powerpanel.power_outlet AS t ON t.id = d.id
			AND d.fields ->> 'power_port_id' IS NULL AND t.device_id = (d.fields ->> 'device_id')::uuid
			AND (t.power_bank_id IS NOT NULL OR t.alternate_power_port_id IS NOT NULL)$q$, draft);
END;
COMMENT ON FUNCTION powerpanel_internal.import_give_inlets(text) IS
'Part of the imports: a query for outlets, where those that name no power port have the one that they get or keep here';

-- A cable of the tool has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION powerpanel_internal.import_cable_ends(key text, schema_name name, instance text,
	OUT cable_id jsonb, OUT power boolean, OUT power_feed_id text, OUT power_outlet_id text, OUT power_port_id text, OUT reason text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY EXECUTE format($q$
		WITH part AS MATERIALIZED (
			SELECT * FROM powerpanel_internal.%I($1, $2)
		), cable AS MATERIALIZED (
			SELECT c.*, c.side_a = 1 AND c.side_b = 1 AND c.ports = 1 AND c.sources = 1 AS power,
				CASE
					WHEN c.ports = 0 AND c.sources = 0 THEN NULL		-- a data cable; these are counted, not named
					WHEN c.side_a > 1 OR c.side_b > 1 THEN 'it has more than one end at a side: '
					WHEN c.side_a + c.side_b = 1 THEN 'it has one end only: '
					WHEN c.ports <> 1 OR c.sources <> 1 THEN 'it joins '
				END AS reason
			FROM (
				SELECT t.cable_id,
					count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
					count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
					count(*) FILTER (WHERE t.source_table = 'dcim_powerport') AS ports,
					count(*) FILTER (WHERE t.source_table IN ('dcim_powerfeed', 'dcim_poweroutlet')) AS sources,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_powerport') AS port,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_powerfeed') AS feed,
					min(t.id COLLATE "C") FILTER (WHERE t.source_table = 'dcim_poweroutlet') AS outlet
				FROM part AS t GROUP BY t.cable_id) AS c
		)
		SELECT c.cable_id, c.power, CASE WHEN c.power THEN c.feed END, CASE WHEN c.power THEN c.outlet END, CASE WHEN c.power THEN c.port END,
			c.reason || e.ends
		FROM cable AS c
		-- which ends that are is found out for those alone that are left out by them
		LEFT JOIN (
			SELECT b.cable_id,
				string_agg(coalesce(o.label, format('%%s %%s', t.source_table, t.source_id #>> '{}')), ' and '
					ORDER BY t.cable_end, t.source_table, t.source_id) AS ends
			FROM cable AS b
			JOIN part AS t ON t.cable_id = b.cable_id
			LEFT JOIN pg_temp.powerpanel_object AS o ON o.source_table = t.source_table AND o.source_id = t.source_id
			WHERE b.reason IS NOT NULL
			GROUP BY b.cable_id) AS e ON e.cable_id = c.cable_id$q$,
		format('import_%s_ends', key)) USING schema_name, instance;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_cable_ends(text, name, text) IS
'Part of the imports: of each cable that has ends, whether it joins a power feed or outlet to a power port, one to one; if so which, NULL where its end names none; and if not why';

-- Both tools have a label and an id of a cable, and ends or none.
CREATE FUNCTION powerpanel_internal.import_cable_label(fields jsonb)
RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT format('cable "%s"', coalesce(nullif(fields ->> 'label', ''), '#' || (fields ->> 'id')));
END;
COMMENT ON FUNCTION powerpanel_internal.import_cable_label(jsonb) IS
'Part of the imports: what messages call a cable of the tool';

-- A location is written after the one that contains it. Locations that hang on a
-- loop come last and all in one step, so that the rule against loops is what
-- refuses them.
CREATE FUNCTION powerpanel_internal.import_location_steps()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE place AS (
		SELECT o.id, powerpanel_internal.import_uuid_digits(o.id::text) AS digits,
			powerpanel_internal.import_uuid_digits(o.fields ->> 'parent_id') AS parent, o.kind, o.source_id
		FROM pg_temp.powerpanel_object AS o WHERE o.target = 'location' AND o.step IS NOT NULL
	), tree (id, digits, depth) AS (
		SELECT p.id, p.digits, 0 FROM place AS p
		WHERE p.parent IS NULL OR p.parent NOT IN (SELECT q.digits FROM place AS q)
		UNION ALL
		SELECT p.id, p.digits, t.depth + 1 FROM tree AS t JOIN place AS p ON p.parent = t.digits
	), numbered AS (
		SELECT p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.source_id) AS step
		FROM tree AS t JOIN place AS p ON p.id = t.id
		UNION ALL
		SELECT p.id, (SELECT count(*) + 1 FROM tree)
		FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t)
	)
	UPDATE pg_temp.powerpanel_object AS o SET step = n.step
	FROM numbered AS n WHERE o.target = 'location' AND o.step IS NOT NULL AND o.id = n.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_location_steps() IS
'Part of the imports: the order in which locations are written';

-- A UUID may be written in capital letters, and without hyphens or in braces. It is not
-- cast to one: what is none is for the writing to refuse.
CREATE FUNCTION powerpanel_internal.import_uuid_digits(id text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT translate(lower(id), '{}-', '');
END;
COMMENT ON FUNCTION powerpanel_internal.import_uuid_digits(text) IS
'Part of the imports: the same of all ways in which a UUID can be written';

-- As text, but 1 and 1.00 are the same number.
CREATE FUNCTION powerpanel_internal.import_same(target text, columns text[])
RETURNS text
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce('(' || string_agg(format(
		't.%1$I::text IS NOT DISTINCT FROM d.fields ->> %1$L'
		|| CASE
			WHEN t.typcategory = 'N' THEN ' OR to_jsonb(t.%1$I) = d.fields -> %1$L'
			WHEN t.oid = 'uuid'::regtype THEN ' OR powerpanel_internal.import_uuid_digits(t.%1$I::text) = powerpanel_internal.import_uuid_digits(d.fields ->> %1$L)'
			ELSE ''
		END, a.attname), ') AND (') || ')', 'true')
	FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
	WHERE a.attrelid = format('powerpanel.%I', target)::regclass AND a.attname = ANY (columns)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_same(text, text[]) IS
'Part of the imports: an expression that compares some columns of a row t of ours with an object d of the tool';

-- A query for the objects that the rows of the tool make of a table of ours, of as
-- many of its tables as there are.
CREATE FUNCTION powerpanel_internal.import_draft(target text)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	draft CONSTANT text := (
		SELECT format($q$
			SELECT d.*, false AS assigned FROM powerpanel_internal.%I(%L, %L, %L)
				AS d (source_table text, source_id jsonb, id uuid, mark jsonb, label text, fields jsonb, reason text)$q$,
			format('import_%s_draft_%s', o.key, k.draft), o.schema_name, o.instance, k.target)
		FROM pg_temp.powerpanel_kind AS k, pg_temp.powerpanel_origin AS o
		WHERE k.target = import_draft.target LIMIT 1);
BEGIN
	RETURN CASE target WHEN 'power_outlet' THEN powerpanel_internal.import_give_inlets(draft) ELSE draft END;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_draft(text) IS
'Part of the imports: a query for the objects that the tool has of a table of ours';

-- One join, on one snapshot, tells what is new, changed, unchanged and gone. The
-- columns that the tool knows are compared, and so is its own custom field. Where a
-- place moves, feeds, racks and panels that are unchanged have to be written, too, and
-- locations are ordered by all there are. The columns of all else that is unchanged are
-- not kept, unless it might go with what has vanished and is to be deleted: by then
-- that is known, since nothing goes with what is of a later kind.
CREATE FUNCTION powerpanel_internal.import_compare(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	keep CONSTANT boolean := target IN ('location', 'rack', 'power_panel', 'power_feed')
		OR EXISTS (SELECT FROM pg_temp.powerpanel_origin AS o, pg_temp.powerpanel_vanished WHERE o.delete_vanished);
	key CONSTANT text := (SELECT o.key FROM pg_temp.powerpanel_origin AS o);
	k record;
BEGIN
	SELECT i.columns, i.owner INTO k
	FROM pg_temp.powerpanel_kind AS i WHERE i.target = import_compare.target LIMIT 1;
	EXECUTE format($q$
		WITH compared AS MATERIALIZED (
			SELECT o.source_table, o.source_id, o.id, o.label, o.action, o.renamed, o.moved, o.assigned, o.reason,
				CASE WHEN o.action <> 'unchanged' OR $1 THEN o.fields END AS fields,
				CASE WHEN o.action <> 'unchanged' OR $1
					THEN coalesce(o.custom_fields, '{}') || jsonb_build_object($2, o.mark) END AS custom_fields,
				o.gone, o.gone_name, o.custom_fields -> $2 AS gone_mark
			FROM (
				SELECT d.*, t.custom_fields, CASE WHEN d.id IS NULL THEN t.id END AS gone, t.%2$I AS gone_name,
					CASE
						WHEN t.id IS NULL THEN 'insert'
						WHEN d.fields IS NOT NULL AND t.custom_fields -> $2 = d.mark AND %3$s THEN 'unchanged'
						ELSE 'update'
					END AS action,
					coalesce(%4$s, false) AS renamed,
					t.id IS NOT NULL AND d.fields IS NOT NULL AND NOT (%5$s) AS moved
				FROM (%6$s) AS d
				FULL JOIN powerpanel.%1$I AS t ON t.id = d.id
				WHERE d.id IS NOT NULL OR t.custom_fields ? $2
				OFFSET 0) AS o	-- so that all is compared once
		), vanished AS (
			INSERT INTO pg_temp.powerpanel_vanished (source_table, source_id, id, label, mark, kind, target)
			SELECT k.source_table, c.gone_mark -> 'id', c.gone,
				format('%%s "%%s"', replace(k.object_type, '_', ' '), coalesce(c.gone_name, '#' || (c.gone_mark ->> 'id'))),
				c.gone_mark, k.kind, k.target
			FROM compared AS c
			JOIN pg_temp.powerpanel_kind AS k ON k.target = %1$L AND k.source_table = c.gone_mark ->> 'table'
			WHERE c.gone IS NOT NULL
		)
		INSERT INTO pg_temp.powerpanel_object (kind, source_table, source_id, id, target, label, fields, custom_fields, step,
			action, renamed, moved, assigned, reason)
		SELECT k.kind, c.source_table, c.source_id, c.id, k.target, c.label, c.fields, c.custom_fields, c.step,
			c.action, c.renamed, c.moved, c.assigned, c.reason
		FROM (
			SELECT *, NULL AS step FROM compared WHERE gone IS NULL AND fields IS NULL
			UNION ALL
			-- in the order of the tool's keys: Nautobot's are ours, NetBox's are numbers
			SELECT *, row_number() OVER (ORDER BY CASE jsonb_typeof(source_id) WHEN 'number' THEN source_id::numeric END, id)
			FROM compared WHERE gone IS NULL AND fields IS NOT NULL) AS c
		JOIN pg_temp.powerpanel_kind AS k USING (source_table)$q$,
		target, CASE WHEN target = 'cable' THEN 'label' ELSE 'name' END, powerpanel_internal.import_same(target, k.columns),
		CASE WHEN 'name' = ANY (k.columns) THEN 't.name <> d.fields ->> ''name''' ELSE 'false' END,
		powerpanel_internal.import_same(target, k.owner), powerpanel_internal.import_draft(target))
		USING keep, key;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare(text) IS
'Part of the imports: what of a table of ours is new, changed, unchanged or gone since an earlier import. What is gone may have been brought by another database of that tool; import_<tool>_others takes that out';

-- In the order in which they refer to each other: messages call a port after its
-- device, and outlets get a power port of theirs.
CREATE FUNCTION powerpanel_internal.import_compare_all(assign_outlets boolean)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET default_statistics_target = 10		-- of ANALYZE: whether much or little is to be written is all there is to know
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN
		SELECT k.target FROM pg_temp.powerpanel_kind AS k GROUP BY k.target ORDER BY min(k.kind)
	LOOP
		IF target = 'power_outlet' AND assign_outlets THEN
			PERFORM powerpanel_internal.import_find_inlets();
		END IF;
		PERFORM powerpanel_internal.import_compare(target);
	END LOOP;
	IF NOT (SELECT o.believed FROM pg_temp.powerpanel_origin AS o) THEN
		ALTER TABLE pg_temp.powerpanel_object ADD PRIMARY KEY (id, target);
	END IF;
	CREATE INDEX ON pg_temp.powerpanel_object (target, step) WHERE step IS NOT NULL;
	CREATE INDEX ON pg_temp.powerpanel_object (target) WHERE action = 'update' OR NOT taken;
	-- after them: PostgreSQL does not use an index in the transaction that made it where rows had been updated before
	PERFORM powerpanel_internal.import_location_steps();
	ANALYZE pg_temp.powerpanel_object (target, step, action, taken), pg_temp.powerpanel_vanished;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_compare_all(boolean) IS
'Part of the imports: reads the tool''s tables, and compares the objects that they make with the inventory';
-- What vanished: an earlier import brought it, and the tool has it no longer. It
-- is told, and deleted on request only, since nobody can tell an object that
-- somebody deleted by mistake from one that is no more.
--
-- import_compare() finds it. No rule is written here either: what something else
-- needs is kept by the keys of the inventory, and told with the key and the name of
-- what needs it.

-- Locations from the bottom up. A port, outlet or cable of a device that
-- vanished too goes with the device: deleted before it, it might be needed by an
-- outlet or a bank that goes with the device as well.
CREATE FUNCTION powerpanel_internal.import_vanished_steps()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE vanished AS (
		SELECT v.target, v.id, v.source_id, t.parent_id
		FROM pg_temp.powerpanel_vanished AS v
		LEFT JOIN powerpanel.location AS t ON v.target = 'location' AND t.id = v.id
	), tree (id, depth) AS (
		SELECT p.id, 0 FROM vanished AS p
		WHERE p.target = 'location' AND NOT EXISTS (SELECT FROM vanished AS q WHERE q.target = 'location' AND q.id = p.parent_id)
		UNION ALL
		SELECT p.id, t.depth + 1 FROM tree AS t JOIN vanished AS p ON p.target = 'location' AND p.parent_id = t.id
	), numbered AS (
		SELECT v.target, v.id, row_number() OVER (PARTITION BY v.target ORDER BY t.depth DESC, v.source_id) AS step
		FROM vanished AS v LEFT JOIN tree AS t ON v.target = 'location' AND t.id = v.id
		WHERE v.target <> 'cable'
			AND NOT EXISTS (SELECT FROM powerpanel.power_port AS p JOIN vanished AS d ON d.target = 'device' AND d.id = p.device_id
				WHERE v.target = 'power_port' AND p.id = v.id)
			AND NOT EXISTS (SELECT FROM powerpanel.power_outlet AS p JOIN vanished AS d ON d.target = 'device' AND d.id = p.device_id
				WHERE v.target = 'power_outlet' AND p.id = v.id)
	)
	UPDATE pg_temp.powerpanel_vanished AS v SET step = n.step
	FROM numbered AS n WHERE n.target = v.target AND n.id = v.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_vanished_steps() IS
'Part of the imports: the order in which what vanished is deleted';

-- What vanished goes last, when all that moved away from it is written; but what
-- comes instead of it may have its name.
CREATE FUNCTION powerpanel_internal.import_release_vanished()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.powerpanel_vanished AS v
			WHERE v.target = %1$L AND v.rule IS NULL AND v.id = t.id$q$,
			target);
	END LOOP;
	-- a rack group, too, may move without them
	UPDATE powerpanel.rack AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_vanished AS v
	WHERE v.target = 'rack' AND v.rule IS NULL AND v.id = t.id AND t.rack_group_id IS NOT NULL;
	UPDATE powerpanel.power_panel AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_vanished AS v
	WHERE v.target = 'power_panel' AND v.rule IS NULL AND v.id = t.id AND t.rack_group_id IS NOT NULL;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_vanished() IS
'Part of the imports: lets what vanished and is to be deleted let go of its name and rack group';

-- With a device go its ports, banks and outlets, with these and with a feed their
-- cables, also those that the tool knows nothing of.
CREATE FUNCTION powerpanel_internal.import_along(target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH part AS (
		SELECT 'device' AS of_target, p.device_id AS of_id, 'power_port' AS target, p.id, format('power port "%s"', p.name) AS label
		FROM powerpanel.power_port AS p
		UNION ALL
		SELECT 'device', o.device_id, 'power_outlet', o.id, format('power outlet "%s"', o.name)
		FROM powerpanel.power_outlet AS o
		UNION ALL
		SELECT 'device', b.device_id, 'power_bank', b.id, format('power bank "%s"', b.name)
		FROM powerpanel.power_bank AS b
		UNION ALL
		SELECT e.of_target, e.of_id, 'cable', c.id, format('cable of %s of device "%s"', coalesce(w.label, format('power port "%s"', p.name)), d.name)
		FROM powerpanel.cable AS c
		JOIN powerpanel.power_port AS p ON p.id = c.power_port_id
		JOIN powerpanel.device AS d ON d.id = p.device_id
		-- which has let go of its name
		LEFT JOIN pg_temp.powerpanel_vanished AS w ON w.target = 'power_port' AND w.id = p.id
		LEFT JOIN powerpanel.power_outlet AS o ON o.id = c.power_outlet_id
		CROSS JOIN LATERAL (VALUES ('power_feed', c.power_feed_id), ('power_outlet', o.id), ('power_port', p.id),
			('device', p.device_id), ('device', o.device_id)) AS e (of_target, of_id)
	), along AS (
		SELECT v.id, string_agg(DISTINCT part.label, ', ') AS labels
		FROM pg_temp.powerpanel_vanished AS v
		JOIN part ON part.of_target = v.target AND part.of_id = v.id
		WHERE v.target = import_along.target
			AND NOT EXISTS (SELECT FROM pg_temp.powerpanel_vanished AS w WHERE w.target = part.target AND w.id = part.id)
		GROUP BY v.id
	)
	UPDATE pg_temp.powerpanel_vanished AS v SET along = a.labels
	FROM along AS a WHERE v.target = import_along.target AND v.id = a.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_along(text) IS
'Part of the imports: what would be deleted with what vanished, and did not vanish itself';

CREATE FUNCTION powerpanel_internal.import_delete(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		DELETE FROM powerpanel.%1$I AS t USING pg_temp.powerpanel_vanished AS v
		WHERE v.target = %1$L AND v.rule IS NULL AND v.step BETWEEN $1 AND $2 AND v.id = t.id$q$,
		target) USING first_step, last_step;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_delete(text, bigint, bigint) IS
'Part of the imports: deletes what vanished, of some steps';

-- A key refuses the deletion of a row that others refer to, and names but the key.
CREATE FUNCTION powerpanel_internal.import_needed_by(target text, object uuid, rule text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	key record;
	other uuid;
BEGIN
	SELECT f.relname::text AS referring,
		string_agg(format('r.%I = t.%I', a.attname, b.attname), ' AND ') AS matches
	INTO key
	FROM pg_constraint AS c
	JOIN pg_class AS f ON f.oid = c.conrelid
	CROSS JOIN LATERAL unnest(c.conkey, c.confkey) AS k (attnum, referred)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	JOIN pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.referred
	WHERE c.conname = rule AND c.contype = 'f' AND c.confrelid = format('powerpanel.%I', target)::regclass
		AND f.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = 'powerpanel')
	GROUP BY f.relname;
	IF key.referring IS NULL THEN
		RETURN NULL;
	END IF;
	EXECUTE format('SELECT r.id FROM powerpanel.%I AS t JOIN powerpanel.%I AS r ON %s WHERE t.id = $1 ORDER BY r.id LIMIT 1',
		target, key.referring, key.matches) INTO other USING object;
	RETURN powerpanel_internal.import_name_of(other, key.referring) || ' needs it';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_needed_by(text, uuid, text) IS
'Part of the imports: the object that keeps another from being deleted, and NULL where no key does';

-- A row of the tool may refer to one that it has no longer: its ends of cables
-- are no keys, and its tables may have been read one after the other while it was
-- at work. Here the first goes with the second, by ON DELETE CASCADE.
CREATE FUNCTION powerpanel_internal.import_lost()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	key record;
	found jsonb;
	lost jsonb := '[]';
BEGIN
	IF EXISTS (SELECT FROM pg_temp.powerpanel_vanished) THEN
		PERFORM powerpanel_internal.import_index_objects();
	END IF;
	FOR key IN
		SELECT t.relname::text AS target, c.conname::text AS name, a.attname::text AS referring, r.relname::text AS referred
		FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
		WHERE c.contype = 'f' AND c.confdeltype = 'c' AND t.relname IN (SELECT k.target FROM pg_temp.powerpanel_kind AS k)
			AND t.relnamespace = (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname = 'powerpanel')
		ORDER BY 1, 2
	LOOP
		EXECUTE format($q$
			SELECT coalesce(jsonb_agg(jsonb_build_object('target', o.target, 'id', o.id, 'rule', $1, 'reason',
				powerpanel_internal.import_reason(o.target, o.id, $1, '23503', NULL, NULL))), '[]')
			FROM pg_temp.powerpanel_object AS o
			WHERE o.target = $2 AND o.rule IS NULL AND o.fields ->> $3 IS NOT NULL
				AND NOT EXISTS (SELECT FROM powerpanel.%I AS r WHERE r.id = (o.fields ->> $3)::uuid)$q$,
			key.referred) INTO found USING key.name, key.target, key.referring;
		lost := lost || found;
	END LOOP;
	RETURN lost;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_lost() IS
'Part of the imports: objects that went with something that vanished although the tool has them';

-- Feeds go first: their breakers and destinations make way for others, and
-- nothing but cables refers to them.
CREATE FUNCTION powerpanel_internal.import_delete_vanished(feeds boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb := '[]';
	target record;
BEGIN
	FOR target IN
		SELECT v.target AS name, max(v.step) AS steps
		FROM pg_temp.powerpanel_vanished AS v
		WHERE v.step IS NOT NULL AND v.target <> 'cable' AND (v.target = 'power_feed') = feeds
		GROUP BY v.target ORDER BY max(v.kind) DESC
	LOOP
		PERFORM powerpanel_internal.import_along(target.name);
		refused := refused || powerpanel_internal.import_try(target.name, true, 1, target.steps);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_delete_vanished(boolean) IS
'Part of the imports: deletes the feeds that vanished, or all else that did, and returns what a rule keeps';

-- A policy or a trigger can keep a row without an error. By then it has let go of its
-- name, and so has a port or outlet of a device that is kept, whatever keeps that.
CREATE FUNCTION powerpanel_internal.import_kept()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
	found jsonb;
	kept jsonb := '[]';
BEGIN
	FOR target IN SELECT DISTINCT v.target FROM pg_temp.powerpanel_vanished AS v WHERE v.rule IS NULL
	LOOP
		EXECUTE format($q$
			SELECT coalesce(jsonb_agg(jsonb_build_object('target', v.target, 'id', v.id,
				'rule', coalesce(d.rule, CASE WHEN row_security_active(format('powerpanel.%%I', coalesce(d.target, v.target)))
					THEN 'row level security' ELSE 'trigger' END),
				'reason', CASE WHEN d.id IS NULL THEN format('a policy or a trigger of table "%%s" keeps it', v.target)
					ELSE format('%%s is', d.label) END)), '[]')
			FROM pg_temp.powerpanel_vanished AS v
			JOIN powerpanel.%1$I AS t ON t.id = v.id
			LEFT JOIN pg_temp.powerpanel_vanished AS d ON d.target = 'device' AND to_jsonb(t) ->> 'device_id' = d.id::text
			WHERE v.target = %1$L AND v.rule IS NULL$q$,
			target) INTO found;
		kept := kept || found;
	END LOOP;
	RETURN kept;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_kept() IS
'Part of the imports: what was to be deleted and is still here, although no rule has refused that';

-- By what is there in the end, whatever took it.
CREATE FUNCTION powerpanel_internal.import_note_deleted()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
BEGIN
	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k
	LOOP
		EXECUTE format($q$
			UPDATE pg_temp.powerpanel_vanished AS v SET deleted = true
			WHERE v.target = %1$L AND NOT EXISTS (SELECT FROM powerpanel.%1$I AS t WHERE t.id = v.id)$q$,
			target);
		-- nothing else is deleted with something that it belongs to
		CONTINUE WHEN NOT (SELECT origin.delete_vanished FROM pg_temp.powerpanel_origin AS origin);
		EXECUTE format($q$
			UPDATE pg_temp.powerpanel_object AS o SET removed = 'what it belongs to has vanished'
			WHERE o.target = %1$L AND o.action <> 'insert' AND o.removed IS NULL
				AND NOT EXISTS (SELECT FROM powerpanel.%1$I AS t WHERE t.id = o.id)$q$,
			target);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_note_deleted() IS
'Part of the imports: marks what is here no longer';
-- How an import writes what it compared (import.sql), and finds out which rule
-- refuses what; also of the deletions that import_vanished.sql describes. No rule of the inventory is written here: an object is refused
-- when the inventory refuses it.

-- A key of somebody else's table that refers to cables would see one that is taken
-- away and written again as one that is gone, and might delete rows for it.
CREATE FUNCTION powerpanel_internal.import_others_refer_to_cables()
RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (SELECT FROM pg_constraint AS c WHERE c.contype = 'f' AND c.confrelid = 'powerpanel.cable'::regclass)
$$;
COMMENT ON FUNCTION powerpanel_internal.import_others_refer_to_cables() IS
'Part of the imports: whether a table refers to cables; none of the inventory does';

-- Then a cable is written after the one whose end it gets. Of cables that exchange
-- their ends there is no first one, and the rule of one cable at an end refuses them.
CREATE FUNCTION powerpanel_internal.import_order_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	WITH RECURSIVE moved AS (
		SELECT o.id, (o.fields ->> 'power_port_id')::uuid AS port, (o.fields ->> 'power_outlet_id')::uuid AS outlet
		FROM pg_temp.powerpanel_object AS o LEFT JOIN powerpanel.cable AS c ON c.id = o.id
		WHERE o.target = 'cable' AND o.rule IS NULL AND o.step IS NOT NULL
			AND (c.id IS NULL OR NOT to_jsonb(c) @> (o.fields - 'label'))
	), next (id, place) AS (
		SELECT m.id, 0 FROM moved AS m
		UNION
		-- the number ends it where they exchange their ends
		SELECT m.id, n.place + 1
		FROM next AS n JOIN powerpanel.cable AS c ON c.id = n.id
		JOIN moved AS m ON m.id <> c.id AND (m.port = c.power_port_id OR m.outlet = c.power_outlet_id)
		WHERE n.place < 100
	), numbered AS (
		SELECT o.id, row_number() OVER (ORDER BY coalesce(p.place, 0), o.step) AS step
		FROM pg_temp.powerpanel_object AS o
		LEFT JOIN (SELECT n.id, max(n.place) AS place FROM next AS n GROUP BY n.id) AS p ON p.id = o.id
		WHERE o.target = 'cable' AND o.step IS NOT NULL
	)
	UPDATE pg_temp.powerpanel_object AS o SET step = n.step
	FROM numbered AS n WHERE o.target = 'cable' AND o.id = n.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_order_cables() IS
'Part of the imports: the order in which cables are written that keep their rows';

-- A cable has nothing else to let go of than itself; its custom fields are kept in
-- powerpanel_object, as they are now. Where others refer to it, it keeps its row, and
-- is written at its new place when that is free by then.
CREATE FUNCTION powerpanel_internal.import_release_moved_cables()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF powerpanel_internal.import_others_refer_to_cables() THEN
		PERFORM powerpanel_internal.import_order_cables();
		RETURN;
	END IF;
	WITH moved AS (
		DELETE FROM powerpanel.cable AS c
		USING pg_temp.powerpanel_object AS o
		WHERE o.target = 'cable' AND o.rule IS NULL AND o.action = 'update' AND o.id = c.id
			AND NOT to_jsonb(c) @> (o.fields - 'label')
		RETURNING c.id, c.custom_fields
	)
	UPDATE pg_temp.powerpanel_object AS o SET custom_fields = m.custom_fields || jsonb_build_object(origin.key, o.custom_fields -> origin.key)
	FROM moved AS m, pg_temp.powerpanel_origin AS origin
	WHERE o.target = 'cable' AND o.id = m.id;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_moved_cables() IS
'Part of the imports: takes away cables of an earlier import that are to be plugged elsewhere';

CREATE FUNCTION powerpanel_internal.import_cables_in_the_way(OUT id uuid, OUT why text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH taken AS MATERIALIZED (
		SELECT (o.fields ->> 'power_port_id')::uuid AS port, (o.fields ->> 'power_feed_id')::uuid AS feed,
			(o.fields ->> 'power_outlet_id')::uuid AS outlet
		FROM pg_temp.powerpanel_object AS o WHERE o.target = 'cable' AND o.rule IS NULL AND o.step IS NOT NULL
	)
	SELECT c.id, CASE
			WHEN c.power_port_id IN (SELECT t.port FROM taken AS t) OR c.power_feed_id IN (SELECT t.feed FROM taken AS t)
				OR c.power_outlet_id IN (SELECT t.outlet FROM taken AS t)
				THEN 'another cable has its end now'
			WHEN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
				WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = c.power_feed_id
					AND o.fields ->> 'destination_panel_id' IS NOT NULL)
				THEN 'its power feed goes to a panel now'
		END
	FROM powerpanel.cable AS c
	WHERE c.id IN (
		SELECT v.id FROM pg_temp.powerpanel_vanished AS v WHERE v.target = 'cable' AND v.rule IS NULL
		UNION ALL
		SELECT o.id FROM pg_temp.powerpanel_object AS o WHERE o.target = 'cable' AND o.action = 'update' AND o.fields IS NULL);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_cables_in_the_way() IS
'Part of the imports: cables of an earlier import that the tool has no longer, and in whose way they are; "why" is NULL where in nobody''s';

-- A cable that the tool has, but not as a power cable, is none that vanished. Where a
-- key of somebody else's keeps it, what has its end now is refused.
CREATE FUNCTION powerpanel_internal.import_remove_cable(cable uuid, why text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM powerpanel.cable AS c WHERE c.id = cable;
	UPDATE pg_temp.powerpanel_object AS o SET removed = why WHERE o.target = 'cable' AND o.id = cable;
EXCEPTION WHEN foreign_key_violation THEN
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_remove_cable(uuid, text) IS
'Part of the imports: takes away a cable that is no power cable any more';

-- The tools make a new cable whenever one is plugged elsewhere, so one of theirs that
-- vanished makes way for what took its end, whoever wants what vanished deleted or not.
CREATE FUNCTION powerpanel_internal.import_release_cables()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	steps bigint;
BEGIN
	PERFORM powerpanel_internal.import_release_moved_cables();
	WITH old AS (
		SELECT w.id, w.why, row_number() OVER (ORDER BY v.source_id) AS step
		FROM powerpanel_internal.import_cables_in_the_way() AS w
		JOIN pg_temp.powerpanel_vanished AS v ON v.target = 'cable' AND v.id = w.id
		CROSS JOIN pg_temp.powerpanel_origin AS origin
		WHERE w.why IS NOT NULL OR origin.delete_vanished
	), marked AS (
		UPDATE pg_temp.powerpanel_vanished AS v SET step = o.step, removed = o.why
		FROM old AS o WHERE v.target = 'cable' AND v.id = o.id
		RETURNING v.step
	)
	SELECT max(m.step) INTO steps FROM marked AS m;
	PERFORM powerpanel_internal.import_remove_cable(w.id, w.why)
	FROM powerpanel_internal.import_cables_in_the_way() AS w
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'cable' AND o.action = 'update' AND o.id = w.id
	WHERE w.why IS NOT NULL;
	RETURN CASE WHEN steps IS NULL THEN '[]' ELSE powerpanel_internal.import_try('cable', true, 1, steps) END;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_cables() IS
'Part of the imports: takes away cables of an earlier import that are to be plugged elsewhere, or whose end is taken, and returns those that a key keeps';

-- Where a location, rack group, rack or panel moves, what binds them to each
-- other would refuse the first of them.
CREATE FUNCTION powerpanel_internal.import_places_move()
RETURNS boolean
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN EXISTS (SELECT FROM pg_temp.powerpanel_object AS o
		WHERE o.target IN ('location', 'rack_group', 'rack', 'power_panel') AND o.action = 'update' AND o.moved AND o.rule IS NULL);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_places_move() IS
'Part of the imports: whether racks, panels and feeds have to let go of their rack groups and racks, and are all written';

CREATE FUNCTION powerpanel_internal.import_release_places()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT powerpanel_internal.import_places_move() THEN
		RETURN;
	END IF;
	UPDATE powerpanel.power_feed AS t SET rack_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = t.id AND t.rack_id IS NOT NULL;
	-- a rack's name is unique in its group
	UPDATE powerpanel.rack AS t SET rack_group_id = NULL, name = t.id::text
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'rack' AND o.rule IS NULL AND o.id = t.id AND t.rack_group_id IS NOT NULL AND o.fields ? 'rack_group_id';
	UPDATE powerpanel.power_panel AS t SET rack_group_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_panel' AND o.rule IS NULL AND o.id = t.id AND t.rack_group_id IS NOT NULL AND o.fields ? 'rack_group_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release_places() IS
'Part of the imports: lets racks, panels and feeds let go of their rack groups and racks where one of them moves';

-- Objects may have exchanged names, ends and places since the last import, and
-- no order of single updates would do that. So first every object lets go of
-- what is to change, and the writing of its row then brings the new value.
CREATE FUNCTION powerpanel_internal.import_release()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	target text;
	refused CONSTANT jsonb := powerpanel_internal.import_release_cables();
BEGIN
	PERFORM powerpanel_internal.import_release_places();
	IF (SELECT o.delete_vanished FROM pg_temp.powerpanel_origin AS o) THEN
		PERFORM powerpanel_internal.import_release_vanished();
	END IF;

	UPDATE powerpanel.power_outlet AS t SET power_port_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_outlet' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND t.power_port_id IS NOT NULL AND o.fields IS NOT NULL
		-- these need it, and are not for an import to take away; a rule decides
		AND t.alternate_power_port_id IS NULL AND t.power_bank_id IS NULL
		AND NOT to_jsonb(t) @> jsonb_build_object('device_id', o.fields -> 'device_id', 'power_port_id', o.fields -> 'power_port_id');

	-- breakers and destinations, where the tool knows them
	UPDATE powerpanel.power_feed AS t SET breaker_position = NULL, destination_panel_id = NULL
	FROM pg_temp.powerpanel_object AS o
	WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND o.fields ?& '{breaker_position,breaker_pole_count,destination_panel_id}'
		AND NOT to_jsonb(t) @> jsonb_build_object(
			'power_panel_id', o.fields -> 'power_panel_id', 'destination_panel_id', o.fields -> 'destination_panel_id',
			'breaker_position', o.fields -> 'breaker_position', 'breaker_pole_count', o.fields -> 'breaker_pole_count');

	FOR target IN SELECT DISTINCT k.target FROM pg_temp.powerpanel_kind AS k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.powerpanel_object AS o
			WHERE o.target = %1$L AND o.rule IS NULL AND o.action = 'update' AND (o.renamed OR o.moved) AND o.id = t.id$q$,
			target);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_release() IS
'Part of the imports: lets objects of an earlier import let go of the names, ends and places that are to change, and returns cables that a key keeps where they are';

CREATE FUNCTION powerpanel_internal.import_write(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	our_columns text;	-- name, location_id
	read_values text;	-- (o.fields ->> 'name')::text, (o.fields ->> 'location_id')::uuid
	old_values text;	-- t.name, t.location_id
	new_values text;	-- excluded.name, excluded.location_id
BEGIN
	SELECT string_agg(quote_ident(f), ', '),
		string_agg(format('(o.fields ->> %L)::%s', f, format_type(a.atttypid, a.atttypmod)), ', '),
		string_agg(format('t.%I', f), ', '), string_agg(format('excluded.%I', f), ', ')
	INTO our_columns, read_values, old_values, new_values
	FROM (SELECT k.columns FROM pg_temp.powerpanel_kind AS k WHERE k.target = import_write.target LIMIT 1) AS known
	CROSS JOIN LATERAL unnest(known.columns) AS f
	JOIN pg_attribute AS a ON a.attrelid = format('powerpanel.%I', import_write.target)::regclass AND a.attname = f;
	-- where places move, a feed, rack or panel that is unchanged had to let go of its
	-- rack or rack group
	EXECUTE format($q$
		INSERT INTO powerpanel.%1$I AS t (id, custom_fields, %2$s)
		SELECT o.id, o.custom_fields, %3$s
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = %1$L AND o.rule IS NULL AND o.step BETWEEN $1 AND $2
			AND (o.action <> 'unchanged' OR $3 AND (o.target = 'power_feed' OR o.fields ? 'rack_group_id'))
		ORDER BY o.step, o.kind, o.source_id		-- locations on a loop have one step
		-- somebody may have written his custom fields since they were compared
		ON CONFLICT (id) DO UPDATE SET (custom_fields, %2$s) = ROW (%6$s, %5$s)
		WHERE (t.custom_fields, %4$s) IS DISTINCT FROM (%6$s, %5$s)$q$,
		import_write.target, our_columns, read_values, old_values, new_values,
		(SELECT format('t.custom_fields || jsonb_build_object(%1$L, excluded.custom_fields -> %1$L)', o.key) FROM pg_temp.powerpanel_origin AS o))
		USING first_step, last_step, powerpanel_internal.import_places_move();
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write(text, bigint, bigint) IS
'Part of the imports: writes the objects of some steps into their table';

CREATE FUNCTION powerpanel_internal.import_name_of(object uuid, target text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
	known_name CONSTANT text := coalesce(
		(SELECT format('%s (%s %s)', o.label, o.source_table, o.source_id #>> '{}')
		FROM pg_temp.powerpanel_object AS o WHERE o.target = import_name_of.target AND o.id = object),
		(SELECT format('%s (%s %s), which has vanished from %s since an earlier import,', v.label, v.source_table, v.source_id #>> '{}', origin)
		FROM pg_temp.powerpanel_vanished AS v WHERE v.target = import_name_of.target AND v.id = object));
	own_name text;
BEGIN
	IF known_name IS NOT NULL THEN
		RETURN known_name;
	END IF;
	EXECUTE format('SELECT coalesce(to_jsonb(t) ->> ''name'', to_jsonb(t) ->> ''label'') FROM powerpanel.%I AS t WHERE t.id = $1', target)
		INTO own_name USING object;
	RETURN format('%s that does not come from this %s (id %s)',
		coalesce(replace(target, '_', ' ') || ' "' || own_name || '"', 'a ' || replace(target, '_', ' ')), origin, object);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_name_of(uuid, text) IS
'Part of the imports: an object of the inventory as messages call it';

-- Objects are looked up one by one only where something is refused.
CREATE FUNCTION powerpanel_internal.import_index_objects()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF to_regclass('pg_temp.powerpanel_object_id') IS NULL THEN
		CREATE INDEX powerpanel_object_id ON pg_temp.powerpanel_object (id);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_index_objects() IS
'Part of the imports: makes an index by which import_name_of() and import_reason() find objects';

-- PostgreSQL's own words for keys and checks name nothing but UUIDs, while the
-- rules in C speak of objects by name.
CREATE FUNCTION powerpanel_internal.import_reason(target text, object uuid, rule text, state text, message text, detail text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	fields jsonb;
	key record;
	other uuid;
	other_exists boolean;
BEGIN
	SELECT i.fields INTO fields FROM pg_temp.powerpanel_object AS i WHERE i.target = import_reason.target AND i.id = object;
	SELECT c.contype, obj_description(c.oid, 'pg_constraint') AS description,
		array_agg(a.attname::text ORDER BY k.n) AS columns, f.oid::regclass AS refers_to, f.relname::text AS referred
	INTO key
	FROM pg_constraint AS c
	CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	LEFT JOIN pg_class AS f ON f.oid = c.confrelid
	WHERE c.conrelid = format('powerpanel.%I', target)::regclass AND c.conname = rule
	GROUP BY c.oid, c.contype, f.oid, f.relname;

	IF state = '23505' AND key.columns IS NOT NULL THEN
		-- columns that the tool does not know are as they are in the row
		EXECUTE format($q$
			SELECT t.id
			FROM jsonb_populate_record((SELECT s FROM powerpanel.%1$I AS s WHERE s.id = $1), $2) AS r
			JOIN powerpanel.%1$I AS t ON t.id <> $1 AND %2$s$q$,
			target, (SELECT string_agg(format('t.%1$I IS NOT DISTINCT FROM r.%1$I', k), ' AND ') FROM unnest(key.columns) AS k))
			INTO other USING object, fields;
		IF other IS NOT NULL THEN
			RETURN format('%s has this %s here already', powerpanel_internal.import_name_of(other, target),
				CASE WHEN 'name' = ANY (key.columns) THEN 'name' ELSE 'end' END);
		END IF;
	ELSIF state = '23503' AND key.columns IS NOT NULL AND key.referred <> 'feed_status' THEN
		other := fields ->> key.columns[cardinality(key.columns)];
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE t.id = $1)', key.refers_to) INTO other_exists USING other;
		IF other_exists THEN
			RETURN format('%s belongs to another device', powerpanel_internal.import_name_of(other, key.referred));
		ELSIF EXISTS (SELECT FROM pg_temp.powerpanel_object AS i WHERE i.target = key.referred AND i.id = other) THEN
			RETURN format('it needs %s, which is left out', powerpanel_internal.import_name_of(other, key.referred));
		END IF;
		RETURN format('it refers to a %s that is not in %s', replace(key.referred, '_', ' '),
			(SELECT o.name FROM pg_temp.powerpanel_origin AS o));
	ELSIF key.contype = 'c' THEN
		RETURN format('%s (%s)', key.description, (
			SELECT string_agg(format('%s: %s', k, coalesce(quote_literal(fields ->> k), 'none')), ', ')
			FROM unnest(key.columns) AS k));
	END IF;
	RETURN concat_ws(' ', message || '.', nullif(detail, ''));
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_reason(text, uuid, text, text, text, text) IS
'Part of the imports: what the error of a rule says, in the names of the tool''s objects';

CREATE FUNCTION powerpanel_internal.import_refusal(deleting boolean, target text, step bigint, refused_by text, state text, message text, detail text)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM powerpanel_internal.import_index_objects();
	RETURN (
		SELECT jsonb_agg(jsonb_build_object(
			'target', r.target,
			'id', r.id,
			'rule', coalesce(nullif(refused_by, ''), 'SQLSTATE ' || state),
			'reason', coalesce(r.reason, concat_ws(' ', message || '.', nullif(detail, '')))))
		FROM (
			SELECT o.target, o.id, powerpanel_internal.import_reason(o.target, o.id, refused_by, state, message, detail) AS reason
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT deleting AND o.target = import_refusal.target AND o.step = import_refusal.step AND o.rule IS NULL
			UNION ALL
			SELECT v.target, v.id, powerpanel_internal.import_needed_by(v.target, v.id, refused_by)
			FROM pg_temp.powerpanel_vanished AS v
			WHERE deleting AND v.target = import_refusal.target AND v.step = import_refusal.step AND v.rule IS NULL) AS r);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_refusal(boolean, text, bigint, text, text, text, text) IS
'Part of the imports: the objects of one step, and the rule that refuses to write or to delete them';

-- Writes, or deletes, all steps from first to last in one statement; where a rule
-- refuses that, the one half and then the other, down to the steps that are
-- refused by themselves. What goes through stays so. The cost is that of one
-- statement where nothing is refused, and a few dozen for each object that is.
CREATE FUNCTION powerpanel_internal.import_try(target text, deleting boolean, first_step bigint, last_step bigint)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	middle CONSTANT bigint := (first_step + last_step) / 2;
	state text;
	refused_by text;
	null_column text;
	message text;
	detail text;
BEGIN
	BEGIN
		IF deleting THEN
			PERFORM powerpanel_internal.import_delete(target, first_step, last_step);
		ELSE
			PERFORM powerpanel_internal.import_write(target, first_step, last_step);
		END IF;
		RETURN '[]';
	-- raise_exception is what triggers of the inventory's owner may raise, and a name
	-- may be too long for an index
	EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception OR program_limit_exceeded THEN
		GET STACKED DIAGNOSTICS
			state = RETURNED_SQLSTATE, refused_by = CONSTRAINT_NAME, null_column = COLUMN_NAME,
			message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF first_step < last_step THEN
		RETURN powerpanel_internal.import_try(target, deleting, first_step, middle)
			|| powerpanel_internal.import_try(target, deleting, middle + 1, last_step);
	END IF;
	IF state = '23502' THEN		-- not a named constraint before PostgreSQL 18, which calls it so
		refused_by := format('%s_%s_not_null', target, null_column);
	END IF;
	RETURN coalesce(powerpanel_internal.import_refusal(deleting, target, first_step, refused_by, state, message, detail), '[]');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_try(text, boolean, bigint, bigint) IS
'Part of the imports: writes or deletes objects and returns those that a rule refuses, with the rule';

CREATE FUNCTION powerpanel_internal.import_write_kinds()
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb := '[]';
	target record;
	steps bigint;
BEGIN
	FOR target IN
		SELECT k.target AS name FROM pg_temp.powerpanel_kind AS k GROUP BY k.target ORDER BY min(k.kind)
	LOOP
		steps := (SELECT max(o.step) FROM pg_temp.powerpanel_object AS o WHERE o.target = target.name);
		CONTINUE WHEN steps IS NULL;
		refused := refused || powerpanel_internal.import_try(target.name, false, 1, steps);
	END LOOP;
	RETURN refused;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write_kinds() IS
'Part of the imports: writes all objects that no rule has refused yet, and returns those that one refuses now';

-- An object that is refused keeps what it had let go of, and others may be in
-- conflict with that; so all is undone and done again without the refused ones,
-- until nothing more is refused.
CREATE FUNCTION powerpanel_internal.import_write_all()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	deleting CONSTANT boolean := (SELECT o.delete_vanished FROM pg_temp.powerpanel_origin AS o);
	refused jsonb;
	undone boolean;		-- by us, and not by a trigger of somebody who knows the SQLSTATE
BEGIN
	LOOP
		undone := false;
		BEGIN
			refused := powerpanel_internal.import_release();
			IF deleting THEN
				refused := refused || powerpanel_internal.import_delete_vanished(feeds => true)
					|| powerpanel_internal.import_write_kinds()
					|| powerpanel_internal.import_delete_vanished(feeds => false);
				refused := refused || powerpanel_internal.import_lost();
				IF refused = '[]' THEN
					refused := powerpanel_internal.import_kept();
				END IF;
			ELSE
				refused := refused || powerpanel_internal.import_write_kinds();
			END IF;
			EXIT WHEN refused = '[]';
			undone := true;
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		EXCEPTION WHEN SQLSTATE 'PPUND' THEN
			IF NOT undone THEN
				RAISE;
			END IF;
		END;
		UPDATE pg_temp.powerpanel_object AS o SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (target text, id uuid, rule text, reason text)
		WHERE r.target = o.target AND r.id = o.id;
		UPDATE pg_temp.powerpanel_vanished AS v SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (target text, id uuid, rule text, reason text)
		WHERE r.target = v.target AND r.id = v.id;
	END LOOP;
	PERFORM powerpanel_internal.import_note_deleted();
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_write_all() IS
'Part of the imports: writes all objects, and deletes what vanished where that is asked for, but those that a rule refuses, and marks these';

-- Which of the statuses that somebody added to the tool mean power is for people
-- to say. Until then a feed of such a status carries none.
CREATE FUNCTION powerpanel_internal.import_statuses()
RETURNS text[]
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	added text[];
BEGIN
	WITH a AS (
		INSERT INTO powerpanel.feed_status AS s (name, energized)
		SELECT DISTINCT o.fields ->> 'status', false
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_feed' AND o.step IS NOT NULL AND o.fields ->> 'status' ~ '\S'
		ON CONFLICT DO NOTHING
		RETURNING s.name)
	SELECT array_agg(a.name ORDER BY a.name) INTO added FROM a;
	RETURN coalesce(added, '{}');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_statuses() IS
'Part of the imports: adds the feed statuses that the inventory does not have, and returns them';
-- What an import says in the end.

CREATE FUNCTION powerpanel_internal.import_fail()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin record;
	refused bigint;
	kept bigint;
	list text;
BEGIN
	SELECT o.name, o.schema_name INTO origin FROM pg_temp.powerpanel_origin AS o;
	SELECT count(a.rule), count(a.rule) FILTER (WHERE a.vanished),
		string_agg(format('%s (%s %s): %s: %s', a.label, a.source_table, a.source_id #>> '{}', a.rule,
				CASE WHEN a.vanished THEN format('it has vanished from %s, and ', origin.name) ELSE '' END || a.reason),
				E'\n' ORDER BY a.vanished, a.kind, a.source_id)
			FILTER (WHERE a.rule IS NOT NULL)
	INTO refused, kept, list
	FROM (
		SELECT false AS vanished, o.kind, o.label, o.source_table, o.source_id, o.rule, o.reason
		FROM pg_temp.powerpanel_object AS o WHERE NOT o.taken
		UNION ALL
		SELECT true, v.kind, v.label, v.source_table, v.source_id, v.rule, v.reason
		FROM pg_temp.powerpanel_vanished AS v WHERE v.rule IS NOT NULL) AS a;
	IF refused > 0 THEN
		RAISE EXCEPTION 'rules refuse % of the % objects of the % in schema "%", and nothing was imported',
				refused, kept + (SELECT count(*) FROM pg_temp.powerpanel_object), origin.name, origin.schema_name
			USING ERRCODE = 'integrity_constraint_violation',
				DETAIL = list,
				HINT = format('Correct them in %s%s, or import the others with keep_going => true and have these listed in the result.',
					origin.name, CASE WHEN kept > 0 THEN ', take away here what needs something that has vanished' ELSE '' END);
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_fail() IS
'Part of the imports: raises one error that names every refused object with its rule, if there is one';

-- What was taken, and what somebody should know all the same. It is told as it is
-- here by now, since nothing else is kept of what is unchanged.
CREATE FUNCTION powerpanel_internal.import_notes(OUT kind integer, OUT "table" text, OUT object text, OUT objects bigint, OUT reason text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin record;
BEGIN
	SELECT o.key, o.name INTO origin FROM pg_temp.powerpanel_origin AS o;
	RETURN QUERY
	SELECT o.kind, o.source_table, NULL::text, count(*),
		format('they have no allocated draw, and count as 0 VA in every allocated figure; the setting powerpanel.load_basis = ''maximum'' goes by their maximum draw instead, known of %s',
			count(t.maximum_draw))
	FROM powerpanel.power_port AS t
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'power_port' AND o.taken AND o.id = t.id
	WHERE t.allocated_draw IS NULL
		-- an inlet carries what its outlets carry
		AND NOT EXISTS (SELECT FROM powerpanel.power_outlet AS l
			JOIN pg_temp.powerpanel_object AS i ON i.target = 'power_outlet' AND i.taken AND i.id = l.id
			WHERE l.power_port_id = t.id)
	GROUP BY o.kind, o.source_table;

	RETURN QUERY
	SELECT o.kind, o.source_table, d.label, count(*),
		format('they name no power port, and got %s, the only one of their device', format('power port "%s"', p.name))
	FROM pg_temp.powerpanel_object AS o
	JOIN powerpanel.power_outlet AS t ON t.id = o.id
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = t.device_id
	LEFT JOIN powerpanel.power_port AS p ON p.id = t.power_port_id
	WHERE o.assigned AND o.taken
		AND EXISTS (SELECT FROM pg_temp.powerpanel_inlet)		-- else there are none to be looked for
	GROUP BY o.kind, o.source_table, d.label, p.name
	ORDER BY d.label;

	-- ours have no status
	RETURN QUERY
	SELECT o.kind, o.source_table, d.label, count(*),
		format('they are %s in %s, and give power here all the same: %s', t.custom_fields -> origin.key ->> 'status', origin.name,
			string_agg(format('"%s"', t.name), ', ' ORDER BY o.source_id))
	FROM powerpanel.power_outlet AS t
	JOIN pg_temp.powerpanel_object AS o ON o.target = 'power_outlet' AND o.taken AND o.id = t.id
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = t.device_id
	WHERE t.custom_fields -> origin.key ->> 'status' <> 'enabled'
	GROUP BY o.kind, o.source_table, d.label, t.custom_fields -> origin.key ->> 'status'
	ORDER BY d.label, t.custom_fields -> origin.key ->> 'status';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_notes() IS
'Part of the imports: how many power ports have no allocated draw, which devices'' outlets got a power port, and which are not enabled';

CREATE FUNCTION powerpanel_internal.import_details(OUT kind integer, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	origin CONSTANT text := (SELECT o.name FROM pg_temp.powerpanel_origin AS o);
BEGIN
	RETURN QUERY
		SELECT d.kind, jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - '{part,kind}'::text[]) ORDER BY d.part, d.id, d.object)
		FROM (
			SELECT 1 AS part, o.kind, o.source_id AS id, o.source_table AS "table", o.label AS object, NULL::bigint AS objects, o.rule,
				coalesce(o.reason, 'it is no power cable any more') || CASE
					WHEN o.action = 'insert' THEN ''
					WHEN o.removed IS NOT NULL THEN format('; deleted here, as %s', o.removed)
					ELSE '; it stays as an earlier import left it'
				END AS reason
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT o.taken AND (o.reason IS NOT NULL OR o.action = 'update')
			UNION ALL
			SELECT 2, o.kind, NULL, 'dcim_cable', NULL, count(*), NULL,
				'they are not power cables: no end at a power feed, power outlet or power port'
			FROM pg_temp.powerpanel_object AS o
			WHERE NOT o.taken AND o.reason IS NULL AND o.action = 'insert'
			GROUP BY o.kind
			UNION ALL
			SELECT 3, v.kind, v.source_id, v.source_table, v.label, NULL, v.rule,
				format('vanished from %s since an earlier import; ', origin) || CASE
					WHEN v.rule IS NOT NULL THEN 'still here, as ' || v.reason
					WHEN NOT v.deleted THEN 'still here'
					ELSE 'deleted here' || coalesce(', as ' || v.removed, '') || coalesce(', and with it ' || v.along, '')
				END
			FROM pg_temp.powerpanel_vanished AS v
			UNION ALL
			SELECT 4, n.kind, NULL, n."table", n.object, n.objects, NULL, n.reason
			FROM powerpanel_internal.import_notes() AS n) AS d
		GROUP BY d.kind;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_details() IS
'Part of the imports: of each kind of which something is to be told, every object that was left out or has vanished, with the rule or reason, and what else there is to tell';

CREATE FUNCTION powerpanel_internal.import_report(added_statuses text[],
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT k.object_type, coalesce(c.objects_read, 0), coalesce(c.taken, 0), coalesce(c.inserted, 0), coalesce(c.updated, 0),
		coalesce(c.unchanged, 0), coalesce(c.objects_read - c.taken, 0), coalesce(v.vanished, 0),
		coalesce(v.deleted, 0) + coalesce(c.removed, 0), coalesce(d.details, '[]')
	FROM pg_temp.powerpanel_kind AS k
	LEFT JOIN (
		SELECT o.kind, count(*) AS objects_read,
			count(*) FILTER (WHERE o.taken) AS taken,
			count(*) FILTER (WHERE o.taken AND o.action = 'insert') AS inserted,
			count(*) FILTER (WHERE o.taken AND o.action = 'update') AS updated,
			count(*) FILTER (WHERE o.taken AND o.action = 'unchanged') AS unchanged,
			count(o.removed) AS removed
		FROM pg_temp.powerpanel_object AS o
		GROUP BY o.kind) AS c ON c.kind = k.kind
	LEFT JOIN (
		SELECT g.kind, count(*) AS vanished, count(*) FILTER (WHERE g.deleted) AS deleted
		FROM pg_temp.powerpanel_vanished AS g GROUP BY g.kind) AS v ON v.kind = k.kind
	LEFT JOIN powerpanel_internal.import_details() AS d ON d.kind = k.kind
	ORDER BY k.kind;

	RETURN QUERY
	SELECT 'feed_status', s.found, s.found, cardinality(added_statuses)::bigint, 0::bigint,
		s.found - cardinality(added_statuses), 0::bigint, 0::bigint, 0::bigint,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('object', format('feed status "%s"', a),
				'reason', 'added, and feeds of this status taken as not energized; set energized in powerpanel.feed_status where they are')
				ORDER BY a)
			FROM unnest(added_statuses) AS a), '[]')
	FROM (SELECT count(DISTINCT o.fields ->> 'status') AS found
		FROM pg_temp.powerpanel_object AS o
		WHERE o.target = 'power_feed' AND o.step IS NOT NULL AND o.fields ->> 'status' ~ '\S') AS s;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_report(text[]) IS
'Part of the imports: what they return';
-- An import from beginning to end.

CREATE FUNCTION powerpanel_internal.import_arguments(source regnamespace, keep_going boolean, assign_outlets boolean, delete_vanished boolean, dry_run boolean)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	argument text;
BEGIN
	SELECT a.name INTO argument
	FROM (VALUES (1, 'source', source IS NULL), (2, 'keep_going', keep_going IS NULL), (3, 'assign_outlets', assign_outlets IS NULL),
		(4, 'delete_vanished', delete_vanished IS NULL), (5, 'dry_run', dry_run IS NULL)) AS a (n, name, missing)
	WHERE a.missing ORDER BY a.n LIMIT 1;
	IF argument IS NOT NULL THEN
		RAISE EXCEPTION 'argument "%" must not be NULL', argument
			USING ERRCODE = 'null_value_not_allowed';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_arguments(regnamespace, boolean, boolean, boolean, boolean) IS
'Part of the imports: raises 22004 where an argument is NULL; a dry run asked for by NULL must not be one for real';

CREATE FUNCTION powerpanel_internal.import_execute(key text, name text, source regnamespace, keep_going boolean, assign_outlets boolean, delete_vanished boolean)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET enable_mergejoin = off		-- nobody knows what is in the tool's rows, and all of them would be sorted
AS $$
DECLARE
	schema_name name;
	instance text;
	constraints text;
	added_statuses text[];
BEGIN
	EXECUTE format('SELECT powerpanel_internal.%I($1)', format('import_%s_check', key)) INTO schema_name USING source;
	-- one import at a time: what one finds new, changed or gone, another would
	-- only just be writing. Others read and write meanwhile
	LOCK TABLE ONLY powerpanel.location IN SHARE UPDATE EXCLUSIVE MODE;
	PERFORM powerpanel_internal.import_begin(key, name, schema_name, delete_vanished);
	instance := (SELECT o.instance FROM pg_temp.powerpanel_origin AS o);
	PERFORM powerpanel_internal.import_compare_all(assign_outlets);
	EXECUTE format('SELECT powerpanel_internal.%I($1)', format('import_%s_others', key)) USING instance;
	PERFORM powerpanel_internal.import_vanished_steps();
	-- a rule that waits for the end of the transaction would refuse it as a
	-- whole, and name no object; so would a key of somebody else's that refers to ours
	SELECT string_agg(DISTINCT format('%I.%I', n.nspname, c.conname), ', ') INTO constraints
	FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
		LEFT JOIN pg_class AS referred ON referred.oid = c.confrelid
	WHERE 'powerpanel'::regnamespace IN (n.oid, referred.relnamespace) AND c.condeferrable
		AND has_schema_privilege(n.oid, 'USAGE');
	IF constraints IS NOT NULL THEN
		EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', constraints);
	END IF;
	added_statuses := powerpanel_internal.import_statuses();
	PERFORM powerpanel_internal.import_write_all();
	IF NOT keep_going THEN
		PERFORM powerpanel_internal.import_fail();
	END IF;
	RETURN (SELECT jsonb_agg(to_jsonb(r)) FROM powerpanel_internal.import_report(added_statuses) AS r);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_execute(text, text, regnamespace, boolean, boolean, boolean) IS
'Part of the imports: checks, reads, compares, writes, and reports';

-- A dry run is the whole import, so that the rules themselves say what they
-- would refuse, in a subtransaction that is then rolled back: with it go what was
-- written, the temporary tables, and every lock. Keys are random or come from the
-- tool, so that no sequence has moved on. Its queries are many, wide and short: to
-- compile them takes longer than they do.
CREATE FUNCTION powerpanel_internal.import_run(key text, name text, source regnamespace,
	keep_going boolean, assign_outlets boolean, delete_vanished boolean, dry_run boolean,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET jit = off
AS $$
DECLARE
	report jsonb;
	undone boolean := false;	-- by us, and not by a trigger of somebody who knows the SQLSTATE
BEGIN
	PERFORM powerpanel_internal.import_arguments(source, keep_going, assign_outlets, delete_vanished, dry_run);
	BEGIN
		report := powerpanel_internal.import_execute(key, name, source, keep_going, assign_outlets, delete_vanished);
		IF dry_run THEN
			undone := true;
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		END IF;
		-- so that one transaction can import twice
		DROP TABLE pg_temp.powerpanel_origin, pg_temp.powerpanel_kind, pg_temp.powerpanel_object,
			pg_temp.powerpanel_vanished, pg_temp.powerpanel_inlet;
	EXCEPTION WHEN SQLSTATE 'PPUND' THEN
		IF NOT undone THEN
			RAISE;
		END IF;
	END;
	RETURN QUERY SELECT r.* FROM jsonb_to_recordset(report) AS r (object_type text, objects_read bigint, taken bigint, inserted bigint,
		updated bigint, unchanged bigint, left_out bigint, vanished bigint, deleted bigint, details jsonb);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_run(text, text, regnamespace, boolean, boolean, boolean, boolean) IS
'Part of the imports: imports from a tool, or shows what that would do';
-- The import of a NetBox database that lies in this database: what is read, and
-- which objects of ours it makes. The rest is in import.sql and the files it names.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- is the column within whose values a name is unique, "columns" are those that
-- NetBox knows: they are compared, and written.
CREATE FUNCTION powerpanel_internal.import_netbox_kinds(schema_name name,
	OUT kind integer, OUT object_type text, OUT netbox_table text, OUT target text, OUT draft text, OUT owner text[], OUT columns text[])
RETURNS SETOF record
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'region', 'dcim_region', 'location', 'locations', '{parent_id}'::text[], '{name,parent_id}'::text[]),
		(2, 'site', 'dcim_site', 'location', 'locations', '{parent_id}', '{name,parent_id}'),
		(3, 'location', 'dcim_location', 'location', 'locations', '{parent_id}', '{name,parent_id}'),
		(4, 'rack', 'dcim_rack', 'rack', 'places', '{location_id}', '{name,location_id}'),
		(5, 'device', 'dcim_device', 'device', 'devices', NULL, '{name,rack_id}'),
		(6, 'power_panel', 'dcim_powerpanel', 'power_panel', 'places', '{location_id}',
			-- comments came with 3.4
			'{name,location_id}'::text[] || CASE WHEN powerpanel_internal.import_missing(schema_name, 'dcim_powerpanel', '{comments}') = '{}'
				THEN '{comments}'::text[] ELSE '{}' END),
		(7, 'power_feed', 'dcim_powerfeed', 'power_feed', 'feeds', '{power_panel_id}',
			'{name,power_panel_id,rack_id,status,type,supply,phase,voltage,amperage,max_utilization,comments}'),
		(8, 'power_port', 'dcim_powerport', 'power_port', 'components', '{device_id}', '{name,device_id,maximum_draw,allocated_draw}'),
		(9, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'components', '{device_id}', '{name,device_id,power_port_id,feed_leg}'),
		(10, 'cable', 'dcim_cable', 'cable', 'cables', NULL, '{power_feed_id,power_outlet_id,power_port_id,label}')) AS kinds;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_kinds(name) IS
'Part of import_netbox: the kinds of object that it takes, NetBox''s table and ours for each, and which columns of ours NetBox knows';

-- A hash rather than a random key is what makes a second import find what the
-- first one brought. sha256, since md5 is not to be had where FIPS is enforced;
-- with the marks of a UUID of version 8 (RFC 9562). Not STRICT, so that it is
-- inlined; NULL gives NULL all the same.
CREATE FUNCTION powerpanel_internal.import_netbox_id(instance text, netbox_table text, netbox_id bigint)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT overlay(overlay(
		encode(substr(sha256(('netbox:' || instance || ':' || netbox_table || ':' || netbox_id::text)::bytea), 1, 16), 'hex')
		PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_id(text, text, bigint) IS
'Part of import_netbox: the key that an object of NetBox has in the inventory';

-- All that is read. "migration" is the one of NetBox that brought a column which
-- an older NetBox lacks, and which is then left alone here, too. "must" is false
-- for what only names are taken from; "kept" are the tables whose rows have an id by
-- which others refer to them.
CREATE FUNCTION powerpanel_internal.import_netbox_columns(
	OUT netbox_table text, OUT columns text[], OUT migration text, OUT must boolean, OUT kept boolean)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('dcim_region', '{id,name,parent_id,custom_field_data}'::text[], NULL, true, true),
		('dcim_site', '{id,name,region_id,custom_field_data}', NULL, true, true),
		('dcim_location', '{id,name,parent_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_rack', '{id,name,location_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_device', '{id,name,asset_tag,rack_id,device_type_id,virtual_chassis_id,vc_position,custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{id,name,location_id,site_id,custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{comments}', '0165_standardize_description_comments', true, true),			-- 3.4
		('dcim_powerfeed', '{id,name,power_panel_id,rack_id,status,type,supply,phase,voltage,amperage,max_utilization,comments,custom_field_data}', NULL, true, true),
		('dcim_powerport', '{id,name,device_id,maximum_draw,allocated_draw,custom_field_data}', NULL, true, true),
		('dcim_poweroutlet', '{id,name,device_id,power_port_id,feed_leg,custom_field_data}', NULL, true, true),
		('dcim_poweroutlet', '{status}', '0201_add_power_outlet_status', true, true),						-- 4.3
		('dcim_cable', '{id,label,status,custom_field_data}', NULL, true, true),
		('dcim_cable', '{profile}', '0220_cable_profile', true, true),										-- 4.5
		('dcim_devicetype', '{id,manufacturer_id,model}', NULL, false, true),
		('dcim_manufacturer', '{id,name}', NULL, false, true),
		('dcim_virtualchassis', '{id,name}', NULL, false, true),
		('dcim_cabletermination', '{cable_id,cable_end,termination_type_id,termination_id}', NULL, true, false),
		('django_content_type', '{id,app_label,model}', NULL, true, false),
		('django_migrations', '{app,name,applied}', NULL, false, false)) AS c;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_columns() IS
'Part of import_netbox: the tables and columns that it reads, and the migration of NetBox that brought those which an older one lacks';

CREATE FUNCTION powerpanel_internal.import_netbox_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	missing text[];
	unknown text;
	hint CONSTANT text := 'Give the schema that holds the tables of a NetBox of version 3.3 to 4.7, as in import_netbox(''netbox'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN		-- a number that is no schema's
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT c.netbox_table FROM powerpanel_internal.import_netbox_columns() AS c
		WHERE c.must AND c.migration IS NULL AND powerpanel_internal.import_table(schema_name, c.netbox_table) IS NULL);
	IF 'dcim_site' = ANY (missing) AND to_regclass(format('%I.extras_status', schema_name)) IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" holds a Nautobot, not a NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Import it by import_nautobot(%L).', schema_name);
	ELSIF missing @> '{dcim_site,dcim_powerpanel,dcim_powerfeed}' THEN
		RAISE EXCEPTION 'schema "%" holds no NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	ELSIF 'dcim_cabletermination' = ANY (missing) AND 'dcim_cable' <> ALL (missing) THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is older than version 3.3', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'It has no table dcim_cabletermination, in which cables end since version 3.3.',
				HINT = 'Upgrade that NetBox to a version of 3.3 to 4.7 before the import.';
	ELSIF missing <> '{}' THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	SELECT string_agg(format('%s.%s', c.netbox_table, a), ', ') INTO unknown
	FROM powerpanel_internal.import_netbox_columns() AS c,
		unnest(powerpanel_internal.import_missing(schema_name, c.netbox_table, c.columns)) AS a
	WHERE powerpanel_internal.import_table(schema_name, c.netbox_table) IS NOT NULL
		AND (c.migration IS NULL OR EXISTS (
			SELECT FROM powerpanel_internal.import_rows(schema_name, 'django_migrations', '{app,name}') AS r
			WHERE r ->> 'app' = 'dcim' AND r ->> 'name' = c.migration));
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is of a version that this import does not know', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s.', unknown),
				HINT = 'Known are the tables of NetBox 3.3 to 4.7.';
	END IF;
	PERFORM powerpanel_internal.import_source_keys(schema_name, ARRAY(
		SELECT DISTINCT c.netbox_table FROM powerpanel_internal.import_netbox_columns() AS c WHERE c.kept ORDER BY 1));
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_check(regnamespace) IS
'Part of import_netbox: the name of the schema, or 22023 where it holds no NetBox that can be read';

CREATE FUNCTION powerpanel_internal.import_netbox_columns_of(schema_name name, netbox_table text)
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM powerpanel_internal.import_netbox_columns() AS k, unnest(k.columns) AS c
		WHERE k.netbox_table = import_netbox_columns_of.netbox_table
			AND (k.migration IS NULL OR powerpanel_internal.import_missing(schema_name, k.netbox_table, ARRAY[c]) = '{}'));
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_columns_of(name, text) IS
'Part of import_netbox: the columns of a table of NetBox that are read, of which an older NetBox lacks some';

CREATE FUNCTION powerpanel_internal.import_netbox_rows(schema_name name, netbox_table text)
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.import_rows(schema_name, netbox_table,
		powerpanel_internal.import_netbox_columns_of(schema_name, netbox_table)) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_rows(name, text) IS
'Part of import_netbox: the rows of a table of NetBox, with all columns that are read';

-- An object of NetBox is kept in custom_fields with NetBox's own custom fields, a
-- cable with its status and profile, and a power outlet with its status.
CREATE FUNCTION powerpanel_internal.import_netbox_mark(netbox_table text, fields jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE WHEN fields -> 'custom_field_data' <> '{}'
		THEN jsonb_build_object('table', netbox_table, 'id', fields -> 'id', 'custom_fields', fields -> 'custom_field_data')
		ELSE jsonb_build_object('table', netbox_table, 'id', fields -> 'id') END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_mark(text, jsonb) IS
'Part of import_netbox: what custom_fields keep of every object';

-- The drafts: what objects of ours the rows of a table of NetBox make. "label" is
-- how messages call the object, "mark" is kept in custom_fields, "fields" are our
-- columns, or NULL where it cannot be one of our objects, "reason" is why it cannot.
CREATE FUNCTION powerpanel_internal.import_netbox_draft_locations(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT t.name, s -> 'id', powerpanel_internal.import_netbox_id(instance, t.name, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(t.name, s),
		format('%s "%s"', substr(t.name, 6), s ->> 'name') || coalesce(' of site "' || (site ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s -> 'name',
			'parent_id', CASE t.name
				WHEN 'dcim_region' THEN powerpanel_internal.import_netbox_id(instance, 'dcim_region', (s ->> 'parent_id')::bigint)
				WHEN 'dcim_site' THEN powerpanel_internal.import_netbox_id(instance, 'dcim_region', (s ->> 'region_id')::bigint)
				ELSE coalesce(
					powerpanel_internal.import_netbox_id(instance, 'dcim_location', (s ->> 'parent_id')::bigint),
					powerpanel_internal.import_netbox_id(instance, 'dcim_site', (s ->> 'site_id')::bigint))
			END), NULL::text
	FROM (VALUES ('dcim_region'), ('dcim_site'), ('dcim_location')) AS t (name)
	CROSS JOIN LATERAL powerpanel_internal.import_netbox_rows(schema_name, t.name) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_site', '{id,name}') AS site ON site -> 'id' = s -> 'site_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_locations(name, text, text) IS
'Part of import_netbox: regions, sites and locations as one tree';

-- Racks and panels stand in a location, or where that is blank in a site.
CREATE FUNCTION powerpanel_internal.import_netbox_draft_places(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	netbox_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	SELECT netbox_table, s -> 'id', powerpanel_internal.import_netbox_id(instance, netbox_table, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(netbox_table, s),
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name')
			|| coalesce(' of location "' || (location ->> 'name') || '"', ' of site "' || (site ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s -> 'name',
			'location_id', coalesce(
				powerpanel_internal.import_netbox_id(instance, 'dcim_location', (s ->> 'location_id')::bigint),
				powerpanel_internal.import_netbox_id(instance, 'dcim_site', (s ->> 'site_id')::bigint)))
		|| CASE WHEN s ? 'comments'
			THEN jsonb_build_object('comments', nullif(s ->> 'comments', '')) ELSE '{}' END, NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, netbox_table) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_location', '{id,name}') AS location ON location -> 'id' = s -> 'location_id'
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_site', '{id,name}') AS site ON site -> 'id' = s -> 'site_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_places(name, text, text) IS
'Part of import_netbox: racks or power panels';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_devices(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_device', d -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_device', (d ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_device', d), format('device "%s"', n.name),
		jsonb_build_object(
			'name', n.name,
			'rack_id', powerpanel_internal.import_netbox_id(instance, 'dcim_rack', (d ->> 'rack_id')::bigint)), NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_device') AS d
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_devicetype') AS t ON t -> 'id' = d -> 'device_type_id'
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_manufacturer') AS m ON m -> 'id' = t -> 'manufacturer_id'
	LEFT JOIN powerpanel_internal.import_netbox_rows(schema_name, 'dcim_virtualchassis') AS v ON v -> 'id' = d -> 'virtual_chassis_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_device_name(d, t, m, v, coalesce(d ->> 'asset_tag', d ->> 'id'))) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_devices(name, text, text) IS
'Part of import_netbox: devices';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_components(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	netbox_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	SELECT netbox_table, s -> 'id', powerpanel_internal.import_netbox_id(instance, netbox_table, (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark(netbox_table, s)
		|| CASE WHEN s ? 'status' THEN jsonb_build_object('status', s -> 'status') ELSE '{}' END,
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name') || coalesce(' of ' || d.label, ''),
		CASE our_table
			WHEN 'power_port' THEN jsonb_build_object('name', s -> 'name', 'device_id', i.device_id,
				'maximum_draw', s -> 'maximum_draw',
				'allocated_draw', s -> 'allocated_draw')
			ELSE jsonb_build_object('name', s -> 'name', 'device_id', i.device_id,
				'power_port_id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerport', (s ->> 'power_port_id')::bigint),
				'feed_leg', nullif(s ->> 'feed_leg', ''))
		END, NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, netbox_table) AS s
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.source_id = s -> 'device_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_netbox_id(instance, 'dcim_device', (s ->> 'device_id')::bigint)) AS i (device_id);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_components(name, text, text) IS
'Part of import_netbox: power ports or outlets';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_feeds(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_powerfeed', s -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerfeed', (s ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_powerfeed', s),
		format('power feed "%s"', s ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s -> 'name',
			'power_panel_id', powerpanel_internal.import_netbox_id(instance, 'dcim_powerpanel', (s ->> 'power_panel_id')::bigint),
			'rack_id', powerpanel_internal.import_netbox_id(instance, 'dcim_rack', (s ->> 'rack_id')::bigint),
			'status', s -> 'status',
			'type', s -> 'type',
			'supply', s -> 'supply',
			'phase', s -> 'phase',
			'voltage', s -> 'voltage',
			'amperage', s -> 'amperage',
			'max_utilization', s -> 'max_utilization',
			'comments', nullif(s ->> 'comments', '')), NULL::text
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_powerfeed') AS s
	LEFT JOIN pg_temp.powerpanel_object AS p ON p.target = 'power_panel' AND p.source_id = s -> 'power_panel_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_feeds(name, text, text) IS
'Part of import_netbox: power feeds';

CREATE FUNCTION powerpanel_internal.import_netbox_ends(schema_name name, instance text,
	OUT cable_id jsonb, OUT cable_end text, OUT source_table text, OUT source_id jsonb, OUT id text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT e -> 'cable_id', e ->> 'cable_end', t.name, e -> 'termination_id',
		powerpanel_internal.import_netbox_id(instance, t.name, (e ->> 'termination_id')::bigint)::text
	FROM powerpanel_internal.import_rows(schema_name, 'dcim_cabletermination', '{cable_id,cable_end,termination_type_id,termination_id}') AS e
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'django_content_type', '{id,app_label,model}') AS c
		ON c -> 'id' = e -> 'termination_type_id'
	CROSS JOIN LATERAL (SELECT concat(c ->> 'app_label', '_', c ->> 'model')) AS t (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_ends(name, text) IS
'Part of import_netbox: where cables end: the cable, A or B, and table, id and key of what is there';

CREATE FUNCTION powerpanel_internal.import_netbox_draft_cables(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_cable', c -> 'id', powerpanel_internal.import_netbox_id(instance, 'dcim_cable', (c ->> 'id')::bigint),
		powerpanel_internal.import_netbox_mark('dcim_cable', c)
		|| jsonb_build_object('status', c -> 'status')
		|| CASE WHEN c ->> 'profile' <> '' THEN jsonb_build_object('profile', c -> 'profile') ELSE '{}' END,
		powerpanel_internal.import_cable_label(c),
		CASE WHEN e.power THEN jsonb_object(ARRAY[
			'power_feed_id', e.power_feed_id,
			'power_outlet_id', e.power_outlet_id,
			'power_port_id', e.power_port_id,
			'label', nullif(c ->> 'label', '')]) END,
		CASE WHEN e.cable_id IS NULL THEN 'it has no ends' ELSE e.reason END
	FROM powerpanel_internal.import_netbox_rows(schema_name, 'dcim_cable') AS c
	LEFT JOIN powerpanel_internal.import_cable_ends('netbox', schema_name, instance) AS e ON e.cable_id = c -> 'id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_draft_cables(name, text, text) IS
'Part of import_netbox: cables';

-- Two NetBoxes that both have a rack 14 are told apart by its key.
CREATE FUNCTION powerpanel_internal.import_netbox_others(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM pg_temp.powerpanel_vanished AS v
	WHERE v.id IS DISTINCT FROM powerpanel_internal.import_netbox_id(instance, v.source_table,
		CASE WHEN v.source_id #>> '{}' ~ '^\d{1,18}$' THEN (v.source_id #>> '{}')::bigint END);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_netbox_others(text) IS
'Part of import_netbox: what another NetBox brought has not vanished from this one';

-- The default is an expression rather than a constant, which would make the
-- extension depend on the schema public, or fail to install where that is gone.
CREATE FUNCTION import_netbox(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	assign_outlets boolean DEFAULT false, delete_vanished boolean DEFAULT false, dry_run boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT * FROM powerpanel_internal.import_run('netbox', 'NetBox', source,
		keep_going, assign_outlets, delete_vanished, dry_run);
END
$$;
COMMENT ON FUNCTION import_netbox(regnamespace, boolean, boolean, boolean, boolean) IS
'Fills the inventory from the tables of a NetBox (3.3 to 4.6, and 4.7 as its first beta is) that lie in a schema of this database; run again, it updates what it brought.

Reads regions, sites and locations (which become one tree of locations: region > site > location), racks, devices, power panels, power feeds, power ports, power outlets and cables. Site groups, tenants, roles and network objects are not read. A device without a name gets the one that NetBox shows. Of the cables it takes those that join a power feed or power outlet, at either side, to one power port. One with more ends at a side, as profiles of cables (4.5) allow, is left out and told. Cables between the outlets and the power ports of one device, such as fuses within a rack PDU, are cables like any other. Power outlets have no status here: which are not enabled in NetBox (4.3) is told, and kept in custom_fields.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought have vanished from NetBox (vanished), how many were deleted here (deleted), and details, a JSON array that accounts for each one left out or vanished: table and id in NetBox, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry. So are power ports without an allocated draw: until they get one, powerpanel.load_basis = ''maximum'' reckons with their maximum draw.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. With assign_outlets, an outlet that names no power port gets the only one of its device, where that has no more than one; details tell of which devices, and the next import, with or without it, decides anew. A feed status that the inventory lacks is added, as not energized, and reported.

What has vanished from NetBox is told and stays, except a cable whose end another cable of NetBox has now. With delete_vanished it is deleted after all else is written, and with a device its ports, banks, outlets and cables, also those that NetBox knows nothing of; details name them. What the inventory still needs is kept, and counts as refused, with the key and the name of what needs it; so is what a policy or a trigger of yours keeps. A cable that is plugged elsewhere is taken away and written again; where a table of yours refers to cables, it keeps its row instead, and cables that exchange their ends are refused.

With dry_run nothing is changed, and the report is what the import would say; an error that the import would raise is raised. It is the whole import in a subtransaction that is rolled back, so it needs the same rights, and while it runs it locks what it writes as the import does, so others who write the same rows wait; when it is done it holds no lock, and leaves dead rows for VACUUM.

An object of NetBox has a key that is always the same, made of the moment NetBox''s database was set up, the table and the id; these two are kept in custom_fields under "netbox", with NetBox''s own custom fields, the status and the profile of a cable, and the status of a power outlet. A second import writes only the columns that NetBox has and that key of custom_fields. So what NetBox cannot know stays: of a panel its rack group, type, circuit positions, numbering, bus, power path, voltage, main breaker and max_utilization, of a feed its destination panel, breaker, power path, receptacles and connected load, the rack group and power limit of a rack, the needed ports of a device, power factors, banks, alternate power ports, and which statuses are energized. An outlet that has a bank or an alternate power port here keeps its power port where NetBox names none.

Raises 22004 where an argument is NULL, 22023 where the schema holds no NetBox, an older one, or not all of the tables and columns that are read, or rows without a key or with one key; 23505 where two ids that are texts are one number, such as 1 and 01; 42501 to one who may not read all of their rows, 42809 where one of them is no ordinary table. It runs no code of the tables'' owner. It makes the deferrable rules of the inventory immediate in the current transaction, and waits for another import that is under way. Where NetBox is at work meanwhile, run it in a REPEATABLE READ transaction';
-- The import of a Nautobot database that lies in this database: what is read,
-- and which objects of ours it makes. The rest is in import.sql and the files it names.
--
-- Nautobot's keys are random UUIDs as ours are, so an object keeps the one it
-- has. Whoever knows an object of Nautobot finds it here by the same id, a
-- second import finds what the first one brought, and a copy of a Nautobot is
-- that Nautobot.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- are the columns within whose values a name is unique, "columns" those that
-- Nautobot knows: they are compared, and written.
CREATE FUNCTION powerpanel_internal.import_nautobot_kinds(schema_name name,
	OUT kind integer, OUT object_type text, OUT nautobot_table text, OUT target text, OUT draft text, OUT owner text[], OUT columns text[])
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'location', 'dcim_location', 'location', 'places', '{parent_id}'::text[], '{name,parent_id}'::text[]),
		(2, 'rack_group', 'dcim_rackgroup', 'rack_group', 'places', '{location_id}', '{name,location_id}'),
		(3, 'rack', 'dcim_rack', 'rack', 'places', '{location_id,rack_group_id}', '{name,location_id,rack_group_id}'),
		(4, 'device', 'dcim_device', 'device', 'devices', NULL, '{name,rack_id}'),
		(5, 'power_panel', 'dcim_powerpanel', 'power_panel', 'places', '{location_id}',
			'{name,location_id,rack_group_id,panel_type,circuit_positions,power_path}'),
		(6, 'power_feed', 'dcim_powerfeed', 'power_feed', 'feeds', '{power_panel_id}',
			'{name,power_panel_id,destination_panel_id,rack_id,status,type,power_path,supply,phase,voltage,amperage,max_utilization,breaker_position,breaker_pole_count,comments}'),
		(7, 'power_port', 'dcim_powerport', 'power_port', 'components', '{device_id}', '{name,device_id,maximum_draw,allocated_draw,power_factor}'),
		(8, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'components', '{device_id}', '{name,device_id,power_port_id,feed_leg}'),
		(9, 'cable', 'dcim_cable', 'cable', 'cables', NULL, '{power_feed_id,power_outlet_id,power_port_id,label}')) AS kinds;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_kinds(name) IS
'Part of import_nautobot: the kinds of object that it takes, Nautobot''s table and ours for each, and which columns of ours Nautobot knows';

-- All columns that are read by name, but for those of the cables' ends. "since"
-- is the version that a column came with, where that decides whether a Nautobot
-- can be read at all. "must" is false for what only names are taken from;
-- "kept" are the tables whose rows have an id by which others refer to them.
CREATE FUNCTION powerpanel_internal.import_nautobot_columns(
	OUT nautobot_table text, OUT columns text[], OUT since text, OUT must boolean, OUT kept boolean)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		('dcim_location', '{id,name,parent_id,location_type_id,_custom_field_data}'::text[], NULL, true, true),
		('dcim_rackgroup', '{id,name,parent_id,location_id,_custom_field_data}', NULL, true, true),
		('dcim_rack', '{id,name,location_id,rack_group_id,_custom_field_data}', NULL, true, true),
		('dcim_device', '{id,name,rack_id,device_type_id,virtual_chassis_id,vc_position,_custom_field_data}', NULL, true, true),
		('dcim_module', '{id,parent_module_bay_id}', NULL, true, true),
		('dcim_modulebay', '{id,name,parent_device_id,parent_module_id}', NULL, true, true),
		('dcim_powerpanel', '{id,name,location_id,rack_group_id,_custom_field_data}', NULL, true, true),
		('dcim_powerpanel', '{panel_type,breaker_position_count,power_path}', '2.4.15', true, true),
		('dcim_powerfeed', '{id,name,power_panel_id,rack_id,status_id,type,supply,phase,voltage,amperage,max_utilization,comments,_custom_field_data}', NULL, true, true),
		('dcim_powerfeed', '{destination_panel_id,power_path,breaker_position,breaker_pole_count}', '2.4.15', true, true),
		('dcim_powerport', '{id,name,device_id,module_id,maximum_draw,allocated_draw,_custom_field_data}', NULL, true, true),
		('dcim_powerport', '{power_factor}', '2.4.15', true, true),
		('dcim_poweroutlet', '{id,name,device_id,module_id,power_port_id,feed_leg,_custom_field_data}', NULL, true, true),
		('dcim_cable', '{id,label,status_id,_custom_field_data}', NULL, true, true),
		('extras_status', '{id,name}', NULL, true, true),
		('dcim_devicetype', '{id,manufacturer_id,model}', NULL, false, true),
		('dcim_manufacturer', '{id,name}', NULL, false, true),
		('dcim_virtualchassis', '{id,name}', NULL, false, true),
		('dcim_locationtype', '{id,name}', NULL, false, true),
		('django_content_type', '{id,app_label,model}', NULL, true, false),
		('django_migrations', '{app,name,applied}', NULL, false, false)) AS c;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_columns() IS
'Part of import_nautobot: the tables and columns that it reads, and the version that they came with where it needs at least that';

CREATE FUNCTION powerpanel_internal.import_nautobot_check_version(schema_name name)
RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	older text;
	unknown text;
BEGIN
	SELECT string_agg(format('%s.%s', c.nautobot_table, a), ', ') FILTER (WHERE c.since IS NOT NULL),
		string_agg(format('%s.%s', c.nautobot_table, a), ', ')
	INTO older, unknown
	FROM powerpanel_internal.import_nautobot_columns() AS c,
		unnest(powerpanel_internal.import_missing(schema_name, c.nautobot_table, c.columns)) AS a
	WHERE powerpanel_internal.import_table(schema_name, c.nautobot_table) IS NOT NULL;
	IF older IS NOT NULL THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is older than version 2.4.15', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s, which came with version 2.4.15.', older),
				HINT = 'Upgrade that Nautobot to version 2.4.15 or later before the import.';
	END IF;
	-- up to 3.1 a cable has two ends, each given by content type and id; from 3.2
	-- on each end is a row of a table of its own, and there can be any number
	IF powerpanel_internal.import_missing(schema_name, 'dcim_cable', '{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}') <> '{}'
		AND powerpanel_internal.import_missing(schema_name, 'dcim_cabletocabletermination', '{cable_id,cable_end,power_feed_id,power_outlet_id,power_port_id}') <> '{}'
		AND powerpanel_internal.import_table(schema_name, 'dcim_cable') IS NOT NULL
	THEN
		unknown := concat_ws(', ', unknown, 'dcim_cable.termination_a_id');
	END IF;
	IF unknown IS NOT NULL THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is of a version that this import does not know', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the columns %s.', unknown),
				HINT = 'Known are the tables of Nautobot 2.4.15 and later, and of 3.0 to 3.2.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_check_version(name) IS
'Part of import_nautobot: raises 22023 where Nautobot''s tables lack a column that is read';

CREATE FUNCTION powerpanel_internal.import_nautobot_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	missing text[];
	hint CONSTANT text := 'Give the schema that holds the tables of a Nautobot of version 2.4.15 or later, as in import_nautobot(''nautobot'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN		-- a number that is no schema's
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT DISTINCT c.nautobot_table FROM powerpanel_internal.import_nautobot_columns() AS c
		WHERE c.must AND powerpanel_internal.import_table(schema_name, c.nautobot_table) IS NULL
		ORDER BY 1);
	IF 'extras_status' = ANY (missing) AND to_regclass(format('%I.dcim_site', schema_name)) IS NOT NULL THEN
		RAISE EXCEPTION 'schema "%" holds a NetBox, not a Nautobot', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('Import it by import_netbox(%L).', schema_name);
	ELSIF missing && '{dcim_powerpanel,dcim_powerfeed}' AND missing @> '{extras_status}' THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	PERFORM powerpanel_internal.import_nautobot_check_version(schema_name);
	IF missing <> '{}' THEN
		RAISE EXCEPTION 'the Nautobot in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	PERFORM powerpanel_internal.import_source_keys(schema_name, ARRAY(
		SELECT DISTINCT c.nautobot_table FROM powerpanel_internal.import_nautobot_columns() AS c WHERE c.kept ORDER BY 1));
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_check(regnamespace) IS
'Part of import_nautobot: the name of the schema, or 22023 where it holds no Nautobot that can be read';

-- Up to 3.1, cables have columns for their ends.
CREATE FUNCTION powerpanel_internal.import_nautobot_columns_of(schema_name name, nautobot_table text)
RETURNS text[]
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT ARRAY(
		SELECT c FROM powerpanel_internal.import_nautobot_columns() AS k, unnest(k.columns) AS c
		WHERE k.nautobot_table = import_nautobot_columns_of.nautobot_table)
		|| CASE WHEN nautobot_table = 'dcim_cable'
				AND powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination') IS NULL
			THEN '{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}'::text[] ELSE '{}' END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_columns_of(name, text) IS
'Part of import_nautobot: all columns of a table of Nautobot that are read';

CREATE FUNCTION powerpanel_internal.import_nautobot_rows(schema_name name, nautobot_table text)
RETURNS SETOF jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT r FROM powerpanel_internal.import_rows(schema_name, nautobot_table,
		powerpanel_internal.import_nautobot_columns_of(schema_name, nautobot_table)) AS r;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_rows(name, text) IS
'Part of import_nautobot: the rows of a table of Nautobot, with all columns that are read';

CREATE FUNCTION powerpanel_internal.import_nautobot_types(schema_name name)
RETURNS jsonb
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT jsonb_object_agg(t ->> 'id', concat(t ->> 'app_label', '_', t ->> 'model'))
	FROM powerpanel_internal.import_rows(schema_name, 'django_content_type', '{id,app_label,model}') AS t;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_types(name) IS
'Part of import_nautobot: the content types, such as dcim_powerport, by their ids';

-- Up to 3.1 a cable has one end at each side. Nearly all that carry power join a
-- feed or an outlet to a power port; only the ends of the others have to be counted.
CREATE FUNCTION powerpanel_internal.import_nautobot_power_source(a text, b text)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN b = 'dcim_powerport' AND a IN ('dcim_powerfeed', 'dcim_poweroutlet') THEN a
			WHEN a = 'dcim_powerport' AND b IN ('dcim_powerfeed', 'dcim_poweroutlet') THEN b
		END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_power_source(text, text) IS
'Part of import_nautobot: of a cable whose two ends are at these tables, the one that power comes from, where the other is that of power ports; else NULL';

CREATE FUNCTION powerpanel_internal.import_nautobot_ends(schema_name name, instance text,
	OUT cable_id jsonb, OUT cable_end text, OUT source_table text, OUT source_id jsonb, OUT id text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	types jsonb;
BEGIN
	IF powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination') IS NOT NULL THEN
		-- power_feed_id refers to dcim_powerfeed, and so on for whatever has an end
		RETURN QUERY
		SELECT e -> 'cable_id', e ->> 'cable_end', 'dcim_' || replace(left(f.key, -3), '_', ''), to_jsonb(f.value), f.value
		FROM powerpanel_internal.import_rows(schema_name, 'dcim_cabletocabletermination', ARRAY(
			SELECT a.attname::text FROM pg_attribute AS a
			WHERE a.attrelid = powerpanel_internal.import_table(schema_name, 'dcim_cabletocabletermination')
				AND a.attnum > 0 AND NOT a.attisdropped
				AND (a.attname LIKE '%\_id' OR a.attname = 'cable_end') AND a.attname <> '_termination_device_id')) AS e
		CROSS JOIN LATERAL jsonb_each_text(e) AS f
		WHERE f.key NOT IN ('cable_id', 'cable_end') AND f.value IS NOT NULL;
	ELSE
		types := powerpanel_internal.import_nautobot_types(schema_name);
		RETURN QUERY
		SELECT c -> 'id', e.cable_end, coalesce(types ->> e.type_id, '_'), e.id, e.id #>> '{}'
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_cable') AS c
		CROSS JOIN LATERAL (VALUES
			('A', c ->> 'termination_a_type_id', c -> 'termination_a_id'),
			('B', c ->> 'termination_b_type_id', c -> 'termination_b_id')) AS e (cable_end, type_id, id)
		WHERE powerpanel_internal.import_nautobot_power_source(
			types ->> (c ->> 'termination_a_type_id'), types ->> (c ->> 'termination_b_type_id')) IS NULL;
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_ends(name, text) IS
'Part of import_nautobot: where cables end: the cable, A or B, and table, id and key of what is there; up to 3.1 of those alone for which import_nautobot_power_source() knows nothing';

CREATE FUNCTION powerpanel_internal.import_nautobot_names(schema_name name, nautobot_table text)
RETURNS jsonb
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT coalesce(jsonb_object_agg(r ->> 'id', jsonb_build_object(
		CASE nautobot_table WHEN 'extras_status' THEN 'status' ELSE 'location_type' END, r -> 'name')), '{}')
	FROM powerpanel_internal.import_rows(schema_name, nautobot_table, '{id,name}') AS r
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_names(name, text) IS
'Part of import_nautobot: of each status or type of location, by its id, what custom_fields keep of it';

-- An object of Nautobot is kept in custom_fields with Nautobot's own custom
-- fields; a location with its type, a rack group with the group that it is part
-- of, and a cable with its status.
CREATE FUNCTION powerpanel_internal.import_nautobot_mark(nautobot_table text, instance text, fields jsonb)
RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT jsonb_object(ARRAY['table', nautobot_table, 'id', fields ->> 'id', 'instance', instance])
		|| CASE WHEN fields -> '_custom_field_data' <> '{}'
			THEN jsonb_build_object('custom_fields', fields -> '_custom_field_data') ELSE '{}' END;
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_mark(text, text, jsonb) IS
'Part of import_nautobot: what custom_fields keep of every object';

-- The drafts: what objects of ours the rows of a table of Nautobot make. "label" is
-- how messages call the object, "mark" is kept in custom_fields, "fields" are our
-- columns, or NULL where it cannot be one of our objects, "reason" is why it cannot.
CREATE FUNCTION powerpanel_internal.import_nautobot_draft_places(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	nautobot_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
	container CONSTANT text := CASE our_table WHEN 'location' THEN 'parent_id' ELSE 'location_id' END;
	types CONSTANT jsonb := powerpanel_internal.import_nautobot_names(schema_name, 'dcim_locationtype');
BEGIN
	RETURN QUERY
	SELECT nautobot_table, s -> 'id', (s ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark(nautobot_table, instance, s)
		|| CASE our_table
			WHEN 'location' THEN coalesce(types -> (s ->> 'location_type_id'), '{}')
			WHEN 'rack_group' THEN CASE WHEN s ->> 'parent_id' IS NOT NULL
				THEN jsonb_build_object('parent_id', s -> 'parent_id') ELSE '{}' END
			ELSE '{}'
		END,
		format('%s "%s"', replace(our_table, '_', ' '), s ->> 'name') || coalesce(' of location "' || (location ->> 'name') || '"', ''),
		jsonb_build_object('name', s -> 'name', container, s -> container)
		|| CASE WHEN our_table IN ('rack', 'power_panel')
			THEN jsonb_build_object('rack_group_id', s -> 'rack_group_id') ELSE '{}' END
		|| CASE WHEN our_table = 'power_panel'
			THEN jsonb_build_object(
				'panel_type', nullif(s ->> 'panel_type', ''),
				'circuit_positions', s -> 'breaker_position_count',
				'power_path', nullif(s ->> 'power_path', '')) ELSE '{}' END,
		NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, nautobot_table) AS s
	LEFT JOIN powerpanel_internal.import_rows(schema_name, 'dcim_location', '{id,name}') AS location
		ON location -> 'id' = s -> container;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_places(name, text, text) IS
'Part of import_nautobot: locations, rack groups, racks and power panels. Numbering and bus of a panel are not Nautobot''s, so a new one has our defaults, which are what Nautobot reckons with (across, three-phase), and a later import leaves them alone';

-- Modules sit in bays of devices or of other modules. From the devices down, so
-- that modules that sit in each other are not followed round and round.
CREATE FUNCTION powerpanel_internal.import_nautobot_modules(schema_name name, OUT module_id uuid, OUT device_id uuid, OUT bay text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE slot AS (
		SELECT (m ->> 'id')::uuid AS module, b ->> 'name' AS name,
			(b ->> 'parent_device_id')::uuid AS of_device, (b ->> 'parent_module_id')::uuid AS of_module
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_modulebay') AS b
		JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_module') AS m
			ON m -> 'parent_module_bay_id' = b -> 'id'
	), tree (module, device, bay) AS (
		SELECT s.module, s.of_device, s.name FROM slot AS s WHERE s.of_module IS NULL
		UNION ALL
		SELECT s.module, t.device, t.bay || ' > ' || s.name FROM tree AS t JOIN slot AS s ON s.of_module = t.module
	)
	SELECT t.module, t.device, t.bay FROM tree AS t WHERE t.device IS NOT NULL;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_modules(name) IS
'Part of import_nautobot: the modules that sit in devices, the device of each, and the bays that lead to it';

-- A port or outlet of a module is one of the device that the module sits in. Two
-- modules may each have a "PSU"; then the bay tells which.
CREATE FUNCTION powerpanel_internal.import_nautobot_draft_components(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	nautobot_table CONSTANT text := 'dcim_' || replace(our_table, '_', '');
BEGIN
	RETURN QUERY
	WITH module AS MATERIALIZED (
		SELECT m.module_id, m.device_id, m.bay FROM powerpanel_internal.import_nautobot_modules(schema_name) AS m
	), component AS NOT MATERIALIZED (
		SELECT p AS fields, m.bay, p ->> 'name' AS name,
			-- from 3.2 on, the device is told of components of modules too
			coalesce((p ->> 'device_id')::uuid, m.device_id) AS device_id
		FROM powerpanel_internal.import_nautobot_rows(schema_name, nautobot_table) AS p
		LEFT JOIN module AS m ON m.module_id = (p ->> 'module_id')::uuid
		OFFSET 0		-- so that these are worked out once
	), namesake AS (
		SELECT c.device_id, c.name
		FROM component AS c
		WHERE EXISTS (SELECT FROM module)		-- else they are not read for this
			AND c.device_id IN (SELECT m.device_id FROM module AS m)
		GROUP BY c.device_id, c.name HAVING count(*) > 1
	)
	SELECT nautobot_table, s.fields -> 'id', (s.fields ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark(nautobot_table, instance, s.fields),
		format('%s "%s"%s', replace(our_table, '_', ' '), n.name, ' of ' || d.label),
		-- the other columns are called as ours are
		CASE WHEN s.device_id IS NOT NULL THEN s.fields - '{id,module_id,_custom_field_data}'::text[]
			|| CASE WHEN s.bay IS NOT NULL THEN jsonb_build_object('name', n.name, 'device_id', s.device_id) ELSE '{}' END
			|| CASE WHEN s.fields ->> 'feed_leg' = '' THEN '{"feed_leg": null}'::jsonb ELSE '{}' END
		END,
		CASE WHEN s.device_id IS NULL THEN 'it belongs to a module that is in no device' END
	FROM component AS s
	LEFT JOIN namesake AS o USING (device_id, name)
	LEFT JOIN pg_temp.powerpanel_object AS d ON d.target = 'device' AND d.id = s.device_id
	CROSS JOIN LATERAL (SELECT CASE
			WHEN o.name IS NOT NULL AND s.bay IS NOT NULL THEN format('%s: %s', s.bay, s.name)
			ELSE s.name
		END) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_components(name, text, text) IS
'Part of import_nautobot: power ports or outlets of devices and of the modules in them';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_devices(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT 'dcim_device', d -> 'id', (d ->> 'id')::uuid, powerpanel_internal.import_nautobot_mark('dcim_device', instance, d),
		format('device "%s"', n.name), jsonb_build_object('name', n.name, 'rack_id', d -> 'rack_id'), NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_device') AS d
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_devicetype') AS t ON t -> 'id' = d -> 'device_type_id'
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_manufacturer') AS m ON m -> 'id' = t -> 'manufacturer_id'
	LEFT JOIN powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_virtualchassis') AS v ON v -> 'id' = d -> 'virtual_chassis_id'
	CROSS JOIN LATERAL (SELECT powerpanel_internal.import_device_name(d, t, m, v, d ->> 'id')) AS n (name);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_devices(name, text, text) IS
'Part of import_nautobot: devices';

-- Nautobot's own statuses are ours with a capital letter, so that the case does
-- not count; but where we have both "Spare" and "spare", it does.
CREATE FUNCTION powerpanel_internal.import_nautobot_status(name text)
RETURNS text
LANGUAGE sql STABLE
BEGIN ATOMIC
	SELECT coalesce((
		SELECT s.name FROM powerpanel.feed_status AS s
		WHERE lower(s.name) = lower(import_nautobot_status.name)
		ORDER BY s.name <> import_nautobot_status.name, s.name LIMIT 1), import_nautobot_status.name);
END;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_status(text) IS
'Part of import_nautobot: the feed status that a status of Nautobot is; its own name where the inventory has none of that name, whatever the case';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_feeds(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH status AS MATERIALIZED (		-- so that ours is looked up once for each
		SELECT r -> 'id' AS id, powerpanel_internal.import_nautobot_status(r ->> 'name') AS name
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'extras_status') AS r
	)
	SELECT 'dcim_powerfeed', s -> 'id', (s ->> 'id')::uuid, powerpanel_internal.import_nautobot_mark('dcim_powerfeed', instance, s),
		format('power feed "%s"', s ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s -> 'name',
			'power_panel_id', s -> 'power_panel_id',
			'destination_panel_id', s -> 'destination_panel_id',
			'rack_id', s -> 'rack_id',
			'status', st.name,
			'type', s -> 'type',
			'power_path', nullif(s ->> 'power_path', ''),
			'supply', s -> 'supply',
			'phase', s -> 'phase',
			'voltage', s -> 'voltage',
			'amperage', s -> 'amperage',
			'max_utilization', s -> 'max_utilization',
			'breaker_position', s -> 'breaker_position',
			-- as both of us have it of a breaker whose poles nobody gave
			'breaker_pole_count', coalesce(s ->> 'breaker_pole_count',
				CASE WHEN s ->> 'breaker_position' IS NOT NULL THEN '1' END)::integer,
			'comments', nullif(s ->> 'comments', '')), NULL::text
	FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_powerfeed') AS s
	LEFT JOIN status AS st ON st.id = s -> 'status_id'
	LEFT JOIN pg_temp.powerpanel_object AS p ON p.target = 'power_panel' AND p.source_id = s -> 'power_panel_id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_feeds(name, text, text) IS
'Part of import_nautobot: power feeds';

CREATE FUNCTION powerpanel_internal.import_nautobot_draft_cables(schema_name name, instance text, our_table text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	statuses CONSTANT jsonb := powerpanel_internal.import_nautobot_names(schema_name, 'extras_status');
	types CONSTANT jsonb := powerpanel_internal.import_nautobot_types(schema_name);
BEGIN
	RETURN QUERY
	SELECT 'dcim_cable', s.fields -> 'id', (s.fields ->> 'id')::uuid,
		powerpanel_internal.import_nautobot_mark('dcim_cable', instance, s.fields)
			|| coalesce(statuses -> (s.fields ->> 'status_id'), '{}'),
		powerpanel_internal.import_cable_label(s.fields),
		CASE
			WHEN s.power_source IS NOT NULL THEN jsonb_object(ARRAY[
				'power_feed_id', CASE s.power_source WHEN 'dcim_powerfeed' THEN s.power_source_id END,
				'power_outlet_id', CASE s.power_source WHEN 'dcim_poweroutlet' THEN s.power_source_id END,
				'power_port_id', s.power_port_id,
				'label', nullif(s.fields ->> 'label', '')])
			WHEN e.power THEN jsonb_object(ARRAY[
				'power_feed_id', e.power_feed_id,
				'power_outlet_id', e.power_outlet_id,
				'power_port_id', e.power_port_id,
				'label', nullif(s.fields ->> 'label', '')])
		END,
		CASE WHEN s.power_source IS NULL AND e.cable_id IS NULL THEN 'it has no ends' ELSE e.reason END
	FROM (
		SELECT c AS fields, powerpanel_internal.import_nautobot_power_source(t.a, t.b) AS power_source,
			CASE t.b WHEN 'dcim_powerport' THEN c ->> 'termination_a_id' ELSE c ->> 'termination_b_id' END AS power_source_id,
			CASE t.b WHEN 'dcim_powerport' THEN c ->> 'termination_b_id' ELSE c ->> 'termination_a_id' END AS power_port_id
		FROM powerpanel_internal.import_nautobot_rows(schema_name, 'dcim_cable') AS c
		CROSS JOIN LATERAL (
			SELECT types ->> (c ->> 'termination_a_type_id'), types ->> (c ->> 'termination_b_type_id')) AS t (a, b)
		OFFSET 0) AS s		-- so that these are worked out once
	LEFT JOIN powerpanel_internal.import_cable_ends('nautobot', schema_name, instance) AS e ON e.cable_id = s.fields -> 'id';
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_draft_cables(name, text, text) IS
'Part of import_nautobot: cables';

CREATE FUNCTION powerpanel_internal.import_nautobot_others(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	DELETE FROM pg_temp.powerpanel_vanished AS v
	WHERE v.mark ->> 'instance' IS DISTINCT FROM instance
		OR powerpanel_internal.import_uuid_digits(v.mark ->> 'id') IS DISTINCT FROM powerpanel_internal.import_uuid_digits(v.id::text);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.import_nautobot_others(text) IS
'Part of import_nautobot: what another Nautobot brought has not vanished from this one';

-- The default is an expression for the same reason as that of import_netbox.
CREATE FUNCTION import_nautobot(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	assign_outlets boolean DEFAULT false, delete_vanished boolean DEFAULT false, dry_run boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT vanished bigint, OUT deleted bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY SELECT * FROM powerpanel_internal.import_run('nautobot', 'Nautobot', source,
		keep_going, assign_outlets, delete_vanished, dry_run);
END
$$;
COMMENT ON FUNCTION import_nautobot(regnamespace, boolean, boolean, boolean, boolean) IS
'Fills the inventory from the tables of a Nautobot (2.4.15 and later, and 3.0 to 3.2) that lie in a schema of this database; run again, it updates what it brought.

Reads locations (one tree, as in Nautobot), rack groups, racks, devices, power panels, power feeds with their breaker positions and destination panels, power ports with their power factors, power outlets and cables. Tenants, roles, tags and network objects are not read. A device without a name gets the one that Nautobot shows. A power port or outlet of a module is one of the device that the module sits in; where another of that device has the same name, the bay stands before it ("Slot 1: PSU"). Of the cables it takes those that join a power feed or power outlet, at either side, to one power port. A status is the feed status of the same name, whatever the case. Numbering and bus of a panel are not in Nautobot: a new panel is numbered across and has a three-phase bus, as Nautobot reckons, and what you change of that stays.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought have vanished from Nautobot (vanished), how many were deleted here (deleted), and details, a JSON array that accounts for each one left out or vanished: table and id in Nautobot, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry. So are power ports without an allocated draw: until they get one, powerpanel.load_basis = ''maximum'' reckons with their maximum draw.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. With assign_outlets, an outlet that names no power port gets the only one of its device, where that has no more than one; details tell of which devices, and the next import, with or without it, decides anew. A feed status that the inventory lacks is added, as not energized, and reported.

What has vanished from Nautobot is told and stays, except a cable whose end another cable of Nautobot has now, or whose power feed goes to a panel now. With delete_vanished it is deleted after all else is written, and with a device its ports, banks, outlets and cables, also those that Nautobot knows nothing of; details name them. What the inventory still needs is kept, and counts as refused, with the key and the name of what needs it; so is what a policy or a trigger of yours keeps. A cable that is plugged elsewhere is taken away and written again; where a table of yours refers to cables, it keeps its row instead, and cables that exchange their ends are refused.

With dry_run nothing is changed, and the report is what the import would say; an error that the import would raise is raised. It is the whole import in a subtransaction that is rolled back, so it needs the same rights, and while it runs it locks what it writes as the import does, so others who write the same rows wait; when it is done it holds no lock, and leaves dead rows for VACUUM.

An object has the same id here as in Nautobot. Its custom_fields keep under "nautobot" the table and the id, the moment Nautobot''s database was set up (instance), Nautobot''s own custom fields, the type of a location, the parent of a rack group (ours are no tree) and the status of a cable. A second import writes only the columns that Nautobot has and that key of custom_fields. So what Nautobot cannot know stays: of a panel its numbering, bus, voltage, main breaker, max_utilization and comments, of a feed its receptacles and connected load, the power limit of a rack, the needed ports of a device, banks, alternate power ports, and which statuses are energized. An outlet that has a bank or an alternate power port here keeps its power port where Nautobot names none.

Raises 22004 where an argument is NULL, 22023 where the schema holds no Nautobot, an older one, one whose tables are not as this import knows them, or not all of its tables, or rows without a key or with one key; 23505 where two ids that are texts are one UUID, such as in capital and in small letters; 42501 to one who may not read all of their rows, 42809 where one of them is no ordinary table. It runs no code of the tables'' owner. It makes the deferrable rules of the inventory immediate in the current transaction, and waits for another import that is under way. Where Nautobot is at work meanwhile, run it in a REPEATABLE READ transaction';
-- The inventory is not dropped by mistake.

CREATE FUNCTION powerpanel_internal.drop_protection() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.drop_protection() IS
'Event trigger: refuses (2BP01) to drop the extension while its inventory holds rows, unless powerpanel.allow_drop is on';

CREATE EVENT TRIGGER powerpanel_drop_protection ON ddl_command_start
WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
EXECUTE FUNCTION powerpanel_internal.drop_protection();
COMMENT ON EVENT TRIGGER powerpanel_drop_protection IS 'Refuses to drop extension powerpanel while its inventory holds rows, unless powerpanel.allow_drop is on';
-- The inventory's tables are not changed without a word.

CREATE FUNCTION powerpanel_internal.warn_of_change() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.warn_of_change() IS
'Event trigger: refuses (55000) a change of the columns of one of the extension''s tables, unless powerpanel.allow_change is on, since a dump could not be restored; warns that pg_dump does not carry any other change';

-- ALTER VIEW, ALTER INDEX and others rename tables and their columns, too.
CREATE EVENT TRIGGER powerpanel_warn_of_change ON ddl_command_end
WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX', 'CREATE TRIGGER', 'ALTER VIEW', 'ALTER MATERIALIZED VIEW',
	'ALTER INDEX', 'ALTER FOREIGN TABLE', 'ALTER SEQUENCE')
EXECUTE FUNCTION powerpanel_internal.warn_of_change();
COMMENT ON EVENT TRIGGER powerpanel_warn_of_change IS 'Refuses a change of the columns of a table of extension powerpanel, unless powerpanel.allow_change is on; warns that pg_dump does not carry others';
-- pg_restore -j loads tables in an order of its own; see restore.c.

CREATE FUNCTION powerpanel_internal.load_in_any_order() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.load_in_any_order() IS
'Trigger: where pg_restore, run by a superuser, copies into an empty table, does without foreign keys and checks for this one statement, because with -j the tables come in any order; a WARNING names the table. check_integrity() tells whether all came';

-- All tables that have foreign keys. What ends the load has to fire in it, too.
DO $$
DECLARE
	tab text;
BEGIN
	FOR tab IN
		SELECT c.relname FROM pg_catalog.pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::pg_catalog.regnamespace AND c.relkind = 'r'
			AND EXISTS (SELECT FROM pg_catalog.pg_constraint AS k WHERE k.conrelid = c.oid AND k.contype = 'f')
		ORDER BY c.relname
	LOOP
		EXECUTE pg_catalog.format('CREATE TRIGGER load_in_any_order BEFORE INSERT ON powerpanel.%I
			FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order()', tab);
		EXECUTE pg_catalog.format('COMMENT ON TRIGGER load_in_any_order ON powerpanel.%I IS %L', tab,
			'Lets pg_restore -j load the tables in any order');
		EXECUTE pg_catalog.format('CREATE TRIGGER load_in_any_order_end AFTER INSERT ON powerpanel.%I
			FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order()', tab);
		EXECUTE pg_catalog.format('COMMENT ON TRIGGER load_in_any_order_end ON powerpanel.%I IS %L', tab,
			'Sets back what load_in_any_order set');
		EXECUTE pg_catalog.format('ALTER TABLE powerpanel.%I ENABLE ALWAYS TRIGGER load_in_any_order_end', tab);
	END LOOP;
END
$$;
-- pg_dump leaves out the row level security of an extension's tables. Whoever
-- restored such a dump would show everybody what was hidden before. So it is
-- kept as rows, which are dumped, and made again when these are loaded. They lie
-- in powerpanel_internal: they are no part of the inventory, nor of what a
-- publication of the inventory's schema carries.

CREATE TABLE powerpanel_internal.row_security (
	table_name text,
	policy text,
	definition text NOT NULL,
	PRIMARY KEY (table_name, policy)
);
COMMENT ON TABLE powerpanel_internal.row_security IS 'The row level security of the inventory''s tables, for pg_dump to carry. Kept by the extension; use CREATE POLICY and ALTER TABLE';
COMMENT ON COLUMN powerpanel_internal.row_security.table_name IS 'The table';
COMMENT ON COLUMN powerpanel_internal.row_security.policy IS 'The policy; empty for whether row level security is on at all';
COMMENT ON COLUMN powerpanel_internal.row_security.definition IS 'The statement that makes it';

CREATE FUNCTION powerpanel_internal.is_row_security(table_name text, policy text, definition text) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT;
COMMENT ON FUNCTION powerpanel_internal.is_row_security(text, text, text) IS
'Part of restoring a dump: is the definition one statement, that makes this policy of this table of the inventory or, where the policy is empty, says whether it has row level security? 42601 where it is no SQL';

-- Fails closed: whether there is row level security is a row of its own, and a
-- policy that cannot be made leaves rows hidden that it would have shown.
CREATE FUNCTION powerpanel_internal.restore_row_security(rows powerpanel_internal.row_security[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept powerpanel_internal.row_security;
	tab pg_class;
	reason text;
BEGIN
	FOREACH kept IN ARRAY rows LOOP
		SELECT c.* INTO tab FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relname = kept.table_name AND c.relkind = 'r';
		CONTINUE WHEN NOT FOUND OR CASE kept.policy
			WHEN '' THEN tab.relrowsecurity OR tab.relforcerowsecurity
			ELSE EXISTS (
				SELECT FROM pg_policy AS p WHERE p.polrelid = tab.oid AND p.polname = kept.policy) END;
		BEGIN
			IF NOT pg_has_role(tab.relowner, 'USAGE') THEN
				RAISE 'It takes the owner of the table.';
			ELSIF NOT powerpanel_internal.is_row_security(kept.table_name, kept.policy, kept.definition) THEN
				RAISE 'This is not row level security of the table.';
			END IF;
			EXECUTE kept.definition;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS reason = MESSAGE_TEXT;
			IF kept.policy = '' THEN
				RAISE WARNING 'row level security of table "powerpanel.%" is not restored: %', kept.table_name, reason
					USING DETAIL = kept.definition;
			ELSE
				RAISE WARNING 'policy "%" of table "powerpanel.%" is not restored: %', kept.policy, kept.table_name, reason
					USING DETAIL = kept.definition, HINT = 'Where the table has row level security, rows that this policy would show stay hidden. Mend the reason, and create the policy.';
			END IF;
		END;
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.restore_row_security(powerpanel_internal.row_security[]) IS
'Part of restoring a dump: makes the row level security that these rows tell of, where it is not there; warns of what cannot be made: where a role is missing, or the current user does not own the table';

CREATE FUNCTION powerpanel_internal.keep_row_security() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.keep_row_security() IS
'Trigger: makes the row level security that an inserted row tells of; an UPDATE is refused (55000). Replication changes neither record nor policies';

CREATE TRIGGER keep_row_security BEFORE INSERT OR UPDATE OR DELETE ON powerpanel_internal.row_security
FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.keep_row_security();
COMMENT ON TRIGGER keep_row_security ON powerpanel_internal.row_security IS 'Makes the row level security that a restored row tells of';
ALTER TABLE powerpanel_internal.row_security ENABLE ALWAYS TRIGGER keep_row_security;

COMMENT ON CONSTRAINT row_security_pkey ON powerpanel_internal.row_security IS 'A policy is kept once';
-- Policies of the inventory's tables are put on record; see row_security.sql.

CREATE FUNCTION powerpanel_internal.record_row_security() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION powerpanel_internal.record_row_security() IS
'Event trigger: keeps the policies of the inventory''s tables for pg_dump';

CREATE EVENT TRIGGER powerpanel_row_security ON ddl_command_end
WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'DROP OWNED')
EXECUTE FUNCTION powerpanel_internal.record_row_security();
COMMENT ON EVENT TRIGGER powerpanel_row_security IS 'Keeps row level security of extension powerpanel where pg_dump finds it';
-- ALTER TABLE ... ENABLE TRIGGER ALL, with which a dump made with
-- --disable-triggers ends, makes of an ENABLE ALWAYS trigger an ordinary one:
-- of the inventory's tables, and of those of a guarded pair.

CREATE FUNCTION powerpanel_internal.keep_always() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		-- of the tables that were altered only, with what inherits from them, so
		-- that nobody waits for a stranger's table
		WITH RECURSIVE altered (relid) AS (
			SELECT d.objid FROM pg_event_trigger_ddl_commands() AS d WHERE d.classid = 'pg_class'::regclass
			UNION
			SELECT i.inhrelid FROM altered AS a JOIN pg_inherits AS i ON i.inhparent = a.relid)
		SELECT g.tgrelid::regclass AS tab, g.tgname AS name
		FROM altered AS a
			JOIN pg_class AS c ON c.oid = a.relid
			JOIN pg_trigger AS g ON g.tgrelid = c.oid
			JOIN pg_proc AS p ON p.oid = g.tgfoid
		WHERE g.tgenabled = 'O'
			-- nothing is looked up by a name that takes USAGE on the schema, since
			-- event triggers fire for everybody in the database
			AND p.pronamespace = 'powerpanel_internal'::regnamespace
			AND (p.proname IN ('rederive_feeds', 'forget_panel')
				OR (c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
					AND (p.proname IN ('set_derived_columns', 'keep_row_security')
						OR g.tgname = 'load_in_any_order_end')))
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tab, t.name);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.keep_always() IS
'Event trigger: has the triggers that keep derived columns, what is known of a panel, and row level security fire whatever session_replication_role is, also after ENABLE TRIGGER ALL, on guarded tables too';

CREATE EVENT TRIGGER powerpanel_keep_always ON ddl_command_end
WHEN TAG IN ('ALTER TABLE')
EXECUTE FUNCTION powerpanel_internal.keep_always();
COMMENT ON EVENT TRIGGER powerpanel_keep_always IS 'Keeps triggers of extension powerpanel ENABLE ALWAYS';
-- What the columns of the inventory are as they are made here: what reads them goes by
-- that, see inventory_must_be_whole(). A script that adds or alters some writes it anew.

CREATE TABLE powerpanel_internal.inventory_column AS
SELECT c.oid::pg_catalog.regclass AS relation, c.relname AS relation_name, a.attname AS name, a.atttypid::pg_catalog.regtype AS type, a.attnotnull AS not_null
FROM pg_catalog.pg_class AS c
	JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
WHERE c.relnamespace = 'powerpanel'::pg_catalog.regnamespace AND c.relkind = 'r' AND a.attnum > 0;
COMMENT ON TABLE powerpanel_internal.inventory_column IS
'The columns of the inventory''s tables as CREATE EXTENSION made them; where they are no longer so, analyses, audits and checks raise 55000';
COMMENT ON COLUMN powerpanel_internal.inventory_column.relation IS 'The table';
COMMENT ON COLUMN powerpanel_internal.inventory_column.relation_name IS 'The table''s name, by which queries find it in schema powerpanel';
COMMENT ON COLUMN powerpanel_internal.inventory_column.name IS 'The column';
COMMENT ON COLUMN powerpanel_internal.inventory_column.type IS 'Its type';
COMMENT ON COLUMN powerpanel_internal.inventory_column.not_null IS 'It is NOT NULL';
-- \di+ shows the comment of a key's index, not that of the key.
DO $$
DECLARE
	k record;
BEGIN
	FOR k IN
		SELECT c.conindid::pg_catalog.regclass AS index, pg_catalog.obj_description(c.oid, 'pg_constraint') AS comment
		FROM pg_catalog.pg_constraint AS c
		WHERE c.contype IN ('p', 'u')
			AND c.connamespace IN ('powerpanel'::pg_catalog.regnamespace, 'powerpanel_internal'::pg_catalog.regnamespace)
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON INDEX %s IS %L', k.index, k.comment);
	END LOOP;
END
$$;
-- Trigger functions are for the triggers of the extension. Firing one takes no
-- right to execute it; putting one on a table of one's own does.

REVOKE EXECUTE ON FUNCTION
	powerpanel_internal.check_panel(), powerpanel_internal.check_cabled_feed(), powerpanel_internal.check_feed_cables(),
	powerpanel_internal.check_outlet_bank(), powerpanel_internal.check_bank_outlets(),
	powerpanel_internal.check_cable_cycle(), powerpanel_internal.check_outlet_cycle(),
	powerpanel_internal.check_location(), powerpanel_internal.check_rack_group(),
	powerpanel_internal.check_rack(), powerpanel_internal.check_panel_location(),
	powerpanel_internal.set_derived_columns(), powerpanel_internal.rederive_feeds(),
	powerpanel_internal.forget_panel(),
	powerpanel_internal.load_in_any_order(), powerpanel_internal.keep_row_security()
FROM PUBLIC;
-- What pg_dump carries: every row of the inventory, and of feed_status the rows
-- that users added.

SELECT pg_catalog.pg_extension_config_dump('location', '');
SELECT pg_catalog.pg_extension_config_dump('rack_group', '');
SELECT pg_catalog.pg_extension_config_dump('rack', '');
SELECT pg_catalog.pg_extension_config_dump('device', '');
SELECT pg_catalog.pg_extension_config_dump('power_panel', '');
SELECT pg_catalog.pg_extension_config_dump('feed_status',
	$$WHERE name NOT IN ('offline', 'active', 'planned', 'failed')$$);
SELECT pg_catalog.pg_extension_config_dump('power_feed', '');
SELECT pg_catalog.pg_extension_config_dump('power_port', '');
SELECT pg_catalog.pg_extension_config_dump('power_bank', '');
SELECT pg_catalog.pg_extension_config_dump('power_outlet', '');
SELECT pg_catalog.pg_extension_config_dump('cable', '');
SELECT pg_catalog.pg_extension_config_dump('powerpanel_internal.row_security', '');
