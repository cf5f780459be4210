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
