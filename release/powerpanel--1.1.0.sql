-- complain if the script is sourced in psql rather than by CREATE EXTENSION
\echo Use "CREATE EXTENSION powerpanel" to load this file. \quit
-- Enumerations. Their labels are the contract with applications.

CREATE TYPE panel_type AS ENUM (
	'utility', 'generator', 'switchgear', 'mdp', 'ups', 'transfer-switch',
	'pdu', 'panelboard', 'mlc', 'rpp');
COMMENT ON TYPE panel_type IS
'What a power panel is: utility connection, generator, switchgear, main distribution panel (mdp), uninterruptible power supply (ups), transfer switch, facility power distribution unit (pdu), panelboard, mini load center (mlc), remote power panel (rpp)';

CREATE TYPE power_path AS ENUM ('a', 'b');
COMMENT ON TYPE power_path IS
'The physical path a circuit comes from, in a redundant design: a or b. NULL where the design has one path only';

CREATE TYPE feed_type AS ENUM ('primary', 'redundant');
COMMENT ON TYPE feed_type IS
'Whether a feed carries the load in normal operation (primary) or stands by (redundant)';

CREATE TYPE supply AS ENUM ('ac', 'dc');
COMMENT ON TYPE supply IS 'Alternating or direct current';

CREATE TYPE phase AS ENUM ('single-phase', 'three-phase');
COMMENT ON TYPE phase IS 'Whether a feed is a single-phase or a three-phase circuit';

CREATE TYPE feed_leg AS ENUM ('A', 'B', 'C');
COMMENT ON TYPE feed_leg IS 'One phase conductor of a circuit or of a panel''s bus';

CREATE TYPE panel_numbering AS ENUM ('across', 'sequential');
COMMENT ON TYPE panel_numbering IS
'How circuit positions are numbered: across (odd numbers left, even right, the North American standard) or sequential (one column; IEC boards, busway)';

CREATE TYPE panel_bus AS ENUM ('three-phase', 'split-phase', 'single-phase', 'dc');
COMMENT ON TYPE panel_bus IS
'The bus bars of a panel: three phases A, B, C; two legs A, B of a split-phase service; one phase A; or direct current, which has no phases';

CREATE TYPE phase_designation AS ENUM ('A', 'B', 'C', 'A-B', 'B-C', 'A-C', 'A-B-C');
COMMENT ON TYPE phase_designation IS 'The phases a breaker connects to, in alphabetical order';
-- position_set: a set of circuit positions, 1 to 1023.

CREATE TYPE position_set;

CREATE FUNCTION position_set_in(cstring) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_in(cstring) IS
'Input of position_set: positions 1 to 1023 separated by commas, in any order; an empty string is the empty set. Raises 22P02 on garbage, 22003 on a number outside 1..1023';

CREATE FUNCTION position_set_out(position_set) RETURNS cstring
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_out(position_set) IS
'Output of position_set: positions ascending, separated by comma and space';

CREATE FUNCTION position_set_recv(internal) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_recv(internal) IS
'Binary input of position_set: a 16-bit count, then that many 16-bit positions, ascending. Raises 22P03 on anything else';

CREATE FUNCTION position_set_send(position_set) RETURNS bytea
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_send(position_set) IS
'Binary output of position_set: a 16-bit count, then that many 16-bit positions, ascending';

CREATE TYPE position_set (
	INPUT = position_set_in,
	OUTPUT = position_set_out,
	RECEIVE = position_set_recv,
	SEND = position_set_send,
	INTERNALLENGTH = VARIABLE,
	STORAGE = extended
);
COMMENT ON TYPE position_set IS
'A set of circuit positions (1 to 1023) of a power panel, written as an electrician does: ''5, 7''. The empty string is the empty set';

-- Operators. Each function states its operator; NULL in, NULL out.

CREATE FUNCTION position_set_overlaps(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_overlaps(position_set, position_set) IS 'implementation of && operator';

CREATE FUNCTION position_set_contains(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_contains(position_set, position_set) IS 'implementation of @> operator';

CREATE FUNCTION position_set_contained(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_contained(position_set, position_set) IS 'implementation of <@ operator';

CREATE FUNCTION position_set_contains_position(position_set, integer) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_contains_position(position_set, integer) IS 'implementation of @> operator';

CREATE FUNCTION position_set_position_contained(integer, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_position_contained(integer, position_set) IS 'implementation of <@ operator';

CREATE FUNCTION position_set_union(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_union(position_set, position_set) IS 'implementation of + operator';

CREATE FUNCTION position_set_difference(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_difference(position_set, position_set) IS 'implementation of - operator';

CREATE FUNCTION position_set_intersection(position_set, position_set) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_intersection(position_set, position_set) IS 'implementation of * operator';

CREATE FUNCTION position_set_eq(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_eq(position_set, position_set) IS 'implementation of = operator';

CREATE FUNCTION position_set_ne(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_ne(position_set, position_set) IS 'implementation of <> operator';

CREATE FUNCTION position_set_lt(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_lt(position_set, position_set) IS 'implementation of < operator';

CREATE FUNCTION position_set_le(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_le(position_set, position_set) IS 'implementation of <= operator';

CREATE FUNCTION position_set_gt(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gt(position_set, position_set) IS 'implementation of > operator';

CREATE FUNCTION position_set_ge(position_set, position_set) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_ge(position_set, position_set) IS 'implementation of >= operator';

CREATE FUNCTION position_set_cmp(position_set, position_set) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_cmp(position_set, position_set) IS
'Less than, equal to or greater than zero: compares the ascending lists of positions element by element, as int[] compares';

CREATE FUNCTION position_set_hash(position_set) RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_hash(position_set) IS 'hash of a position_set';

CREATE FUNCTION position_set_hash_extended(position_set, bigint) RETURNS bigint
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_hash_extended(position_set, bigint) IS 'seeded hash of a position_set';

CREATE OPERATOR && (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_overlaps,
	COMMUTATOR = &&, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR && (position_set, position_set) IS 'have positions in common';

CREATE OPERATOR @> (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_contains,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (position_set, position_set) IS 'contains all positions of';

CREATE OPERATOR <@ (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (position_set, position_set) IS 'is contained in';

CREATE OPERATOR @> (
	LEFTARG = position_set, RIGHTARG = integer, FUNCTION = position_set_contains_position,
	COMMUTATOR = <@, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR @> (position_set, integer) IS 'contains position';

CREATE OPERATOR <@ (
	LEFTARG = integer, RIGHTARG = position_set, FUNCTION = position_set_position_contained,
	COMMUTATOR = @>, RESTRICT = contsel, JOIN = contjoinsel
);
COMMENT ON OPERATOR <@ (integer, position_set) IS 'is a position of';

CREATE OPERATOR + (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_union,
	COMMUTATOR = +
);
COMMENT ON OPERATOR + (position_set, position_set) IS 'union';

CREATE OPERATOR - (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_difference
);
COMMENT ON OPERATOR - (position_set, position_set) IS 'difference';

CREATE OPERATOR * (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_intersection,
	COMMUTATOR = *
);
COMMENT ON OPERATOR * (position_set, position_set) IS 'intersection';

CREATE OPERATOR = (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES, MERGES
);
COMMENT ON OPERATOR = (position_set, position_set) IS 'equal';

CREATE OPERATOR <> (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
COMMENT ON OPERATOR <> (position_set, position_set) IS 'not equal';

CREATE OPERATOR < (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_lt,
	COMMUTATOR = >, NEGATOR = >=, RESTRICT = scalarltsel, JOIN = scalarltjoinsel
);
COMMENT ON OPERATOR < (position_set, position_set) IS 'less than';

CREATE OPERATOR <= (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_le,
	COMMUTATOR = >=, NEGATOR = >, RESTRICT = scalarlesel, JOIN = scalarlejoinsel
);
COMMENT ON OPERATOR <= (position_set, position_set) IS 'less than or equal';

CREATE OPERATOR > (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_gt,
	COMMUTATOR = <, NEGATOR = <=, RESTRICT = scalargtsel, JOIN = scalargtjoinsel
);
COMMENT ON OPERATOR > (position_set, position_set) IS 'greater than';

CREATE OPERATOR >= (
	LEFTARG = position_set, RIGHTARG = position_set, FUNCTION = position_set_ge,
	COMMUTATOR = <=, NEGATOR = <, RESTRICT = scalargesel, JOIN = scalargejoinsel
);
COMMENT ON OPERATOR >= (position_set, position_set) IS 'greater than or equal';

CREATE OPERATOR CLASS position_set_ops
DEFAULT FOR TYPE position_set USING btree AS
	OPERATOR 1 <, OPERATOR 2 <=, OPERATOR 3 =, OPERATOR 4 >=, OPERATOR 5 >,
	FUNCTION 1 position_set_cmp(position_set, position_set);
COMMENT ON OPERATOR CLASS position_set_ops USING btree IS 'order of position sets: as their ascending lists';

CREATE OPERATOR CLASS position_set_ops
DEFAULT FOR TYPE position_set USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 position_set_hash(position_set),
	FUNCTION 2 position_set_hash_extended(position_set, bigint);
COMMENT ON OPERATOR CLASS position_set_ops USING hash IS 'equality of position sets';

-- GiST. The strategy numbers are the R-tree ones (3 &&, 18 =).

CREATE FUNCTION position_set_gist_consistent(internal, position_set, smallint, oid, internal) RETURNS boolean
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gist_consistent(internal, position_set, smallint, oid, internal) IS 'GiST support';

CREATE FUNCTION position_set_gist_union(internal, internal) RETURNS position_set
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gist_union(internal, internal) IS 'GiST support';

CREATE FUNCTION position_set_gist_penalty(internal, internal, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gist_penalty(internal, internal, internal) IS 'GiST support';

CREATE FUNCTION position_set_gist_picksplit(internal, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gist_picksplit(internal, internal) IS 'GiST support';

CREATE FUNCTION position_set_gist_same(position_set, position_set, internal) RETURNS internal
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION position_set_gist_same(position_set, position_set, internal) IS 'GiST support';

CREATE OPERATOR CLASS gist_position_set_ops
DEFAULT FOR TYPE position_set USING gist AS
	OPERATOR 3 &&, OPERATOR 18 =,
	FUNCTION 1 position_set_gist_consistent(internal, position_set, smallint, oid, internal),
	FUNCTION 2 position_set_gist_union(internal, internal),
	FUNCTION 5 position_set_gist_penalty(internal, internal, internal),
	FUNCTION 6 position_set_gist_picksplit(internal, internal),
	FUNCTION 7 position_set_gist_same(position_set, position_set, internal);
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
	SFUNC = position_set_union, STYPE = position_set,
	COMBINEFUNC = position_set_union, PARALLEL = SAFE
);
COMMENT ON AGGREGATE position_union(position_set) IS
'The union of all sets; NULLs are left out; NULL where there is no set at all';
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
COMMENT ON COLUMN rack.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT rack_name ON rack IS 'A rack has a name that is not blank';
COMMENT ON CONSTRAINT rack_custom_fields ON rack IS 'Custom fields of a rack are a JSON object';
COMMENT ON CONSTRAINT rack_location_id_fkey ON rack IS 'The location of a rack exists';
COMMENT ON CONSTRAINT rack_rack_group_id_fkey ON rack IS 'The rack group of a rack exists';
COMMENT ON INDEX rack_rack_group_id_idx IS 'Racks of a rack group';
CREATE TABLE device (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT device_name CHECK (name ~ '\S'),
	rack_id uuid REFERENCES rack ON DELETE RESTRICT ON UPDATE RESTRICT,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT device_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object')
);
CREATE INDEX ON device (rack_id);
COMMENT ON TABLE device IS 'What draws or passes on power in a rack: servers, switches, rack PDUs';
COMMENT ON COLUMN device.id IS 'Key';
COMMENT ON COLUMN device.name IS 'Name; need not be unique';
COMMENT ON COLUMN device.rack_id IS 'The rack it is mounted in, if any';
COMMENT ON COLUMN device.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT device_name ON device IS 'A device has a name that is not blank';
COMMENT ON CONSTRAINT device_custom_fields ON device IS 'Custom fields of a device are a JSON object';
COMMENT ON CONSTRAINT device_rack_id_fkey ON device IS 'The rack of a device exists';
COMMENT ON INDEX device_rack_id_idx IS 'Devices of a rack';
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
COMMENT ON COLUMN power_panel.panel_type IS 'What it is';
COMMENT ON COLUMN power_panel.circuit_positions IS 'How many breaker positions it has, 1 to 1000; NULL where nobody counted them, and then there is no limit';
COMMENT ON COLUMN power_panel.numbering IS 'How its positions are numbered';
COMMENT ON COLUMN power_panel.bus IS 'The phases of its bus';
COMMENT ON COLUMN power_panel.power_path IS 'The redundant path it belongs to, if any';
COMMENT ON COLUMN power_panel.voltage IS 'Voltage of the bus in V, between phases where it has several; negative on a negative dc bus';
COMMENT ON COLUMN power_panel.main_breaker_amperage IS 'Rating of the main breaker in A';
COMMENT ON COLUMN power_panel.comments IS 'Free text';
COMMENT ON COLUMN power_panel.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_panel_name ON power_panel IS 'A power panel has a name that is not blank';
COMMENT ON CONSTRAINT power_panel_circuit_positions ON power_panel IS 'A power panel has 1 to 1000 circuit positions';
COMMENT ON CONSTRAINT power_panel_voltage ON power_panel IS 'The voltage of a power panel is not 0';
COMMENT ON CONSTRAINT power_panel_main_breaker_amperage ON power_panel IS 'The main breaker of a power panel is rated 1 A or more';
COMMENT ON CONSTRAINT power_panel_custom_fields ON power_panel IS 'Custom fields of a power panel are a JSON object';
COMMENT ON CONSTRAINT power_panel_location_id_fkey ON power_panel IS 'The location of a power panel exists';
COMMENT ON CONSTRAINT power_panel_rack_group_id_fkey ON power_panel IS 'The rack group of a power panel exists';
COMMENT ON INDEX power_panel_rack_group_id_idx IS 'Power panels of a rack group';
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
	comments text,
	available_power bigint GENERATED ALWAYS AS
		(available_power(voltage, amperage, max_utilization, phase)) STORED,
	occupied_positions position_set NOT NULL DEFAULT '',
	phase_designation phase_designation,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_feed_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (power_panel_id, name)
);
CREATE INDEX ON power_feed (power_panel_id, breaker_position);
CREATE INDEX ON power_feed (destination_panel_id) WHERE destination_panel_id IS NOT NULL;
-- Put so that no other index has this predicate: with statistics from before there
-- were destinations, the planner would take that on destination_panel_id instead,
-- and read all of it.
CREATE INDEX power_feed_panel_to_panel_idx ON power_feed (power_panel_id)
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
COMMENT ON CONSTRAINT power_feed_custom_fields ON power_feed IS 'Custom fields of a power feed are a JSON object';
COMMENT ON CONSTRAINT power_feed_power_panel_id_fkey ON power_feed IS 'The panel that a power feed leaves exists';
COMMENT ON CONSTRAINT power_feed_destination_panel_id_fkey ON power_feed IS 'The panel that a power feed feeds exists';
COMMENT ON CONSTRAINT power_feed_rack_id_fkey ON power_feed IS 'The rack of a power feed exists';
COMMENT ON CONSTRAINT power_feed_status_fkey ON power_feed IS 'The status of a power feed exists';
COMMENT ON INDEX power_feed_power_panel_id_breaker_position_idx IS 'Breakers of a panel by position: what the breaker rules read';
COMMENT ON INDEX power_feed_destination_panel_id_idx IS 'Feeds that enter a panel';
COMMENT ON INDEX power_feed_panel_to_panel_idx IS 'Feeds from a panel to other panels: what the cycle rule walks';
COMMENT ON INDEX power_feed_rack_id_idx IS 'Feeds of a rack';
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
	UNIQUE (device_id, id)		-- what power_outlet_power_port refers to
);
COMMENT ON TABLE power_port IS 'Inlets of devices: where a device takes power';
COMMENT ON COLUMN power_port.id IS 'Key';
COMMENT ON COLUMN power_port.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_port.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_port.maximum_draw IS 'The most it draws, in W';
COMMENT ON COLUMN power_port.allocated_draw IS 'What it is planned to draw, in W';
COMMENT ON COLUMN power_port.power_factor IS 'Real over apparent power, 0.01 to 1.00';
COMMENT ON COLUMN power_port.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_port_name ON power_port IS 'A power port has a name that is not blank';
COMMENT ON CONSTRAINT power_port_power_factor ON power_port IS 'A power factor is 0.01 to 1.00';
COMMENT ON CONSTRAINT power_port_custom_fields ON power_port IS 'Custom fields of a power port are a JSON object';
COMMENT ON CONSTRAINT power_port_draw ON power_port IS 'The draws of a power port are 1 W or more, and the allocated one is not above the maximum';
COMMENT ON CONSTRAINT power_port_device_id_fkey ON power_port IS 'The device of a power port exists';

CREATE TABLE power_outlet (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_outlet_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid,
	feed_leg feed_leg,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_outlet_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (device_id, name),
	CONSTRAINT power_outlet_power_port FOREIGN KEY (device_id, power_port_id)
		REFERENCES power_port (device_id, id) ON DELETE SET NULL (power_port_id)
);
CREATE INDEX ON power_outlet (power_port_id);
COMMENT ON TABLE power_outlet IS 'Outlets of devices, mostly of rack PDUs: where a device gives power';
COMMENT ON COLUMN power_outlet.id IS 'Key';
COMMENT ON COLUMN power_outlet.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_outlet.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_outlet.power_port_id IS 'The inlet of the same device that feeds it';
COMMENT ON COLUMN power_outlet.feed_leg IS 'The phase of a three-phase inlet that it hangs on';
COMMENT ON COLUMN power_outlet.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_outlet_name ON power_outlet IS 'A power outlet has a name that is not blank';
COMMENT ON CONSTRAINT power_outlet_custom_fields ON power_outlet IS 'Custom fields of a power outlet are a JSON object';
COMMENT ON CONSTRAINT power_outlet_device_id_fkey ON power_outlet IS 'The device of a power outlet exists';
COMMENT ON CONSTRAINT power_outlet_power_port ON power_outlet IS 'The power port that feeds an outlet exists and belongs to the same device';
COMMENT ON INDEX power_outlet_power_port_id_idx IS 'Outlets of a power port';

CREATE TABLE cable (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	power_feed_id uuid UNIQUE REFERENCES power_feed ON DELETE CASCADE ON UPDATE RESTRICT,
	power_outlet_id uuid UNIQUE REFERENCES power_outlet ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid NOT NULL UNIQUE REFERENCES power_port ON DELETE CASCADE ON UPDATE RESTRICT,
	label text,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT cable_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	CONSTRAINT cable_source CHECK (num_nonnulls(power_feed_id, power_outlet_id) = 1)
);
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
-- The rules, and where their names come from: the checks in C list theirs, the
-- CHECKs and foreign keys are those of the catalog, described by their comments.

CREATE FUNCTION checked_rules(OUT name text, OUT severity text, OUT description text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION checked_rules() IS 'The rules that are checked in C: their names, severities and descriptions';

CREATE VIEW rule WITH (security_invoker = true) AS
SELECT r.name, r.severity, r.description
FROM powerpanel.checked_rules() AS r
UNION ALL
SELECT c.conname::text, 'error', pg_catalog.obj_description(c.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint AS c
	JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::regclass
		AND d.objid = c.conrelid AND d.deptype = 'e'
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'powerpanel'
WHERE c.contype IN ('c', 'f') AND d.refclassid = 'pg_catalog.pg_extension'::regclass;
COMMENT ON VIEW rule IS 'Every rule that the inventory keeps. A refused write carries the name as its constraint name, and check_integrity() reports the same';
COMMENT ON COLUMN rule.name IS 'The rule';
COMMENT ON COLUMN rule.severity IS 'error: such a row is refused. warning: check_integrity() mentions it';
COMMENT ON COLUMN rule.description IS 'What holds';
-- The derived columns of power_feed: occupied_positions, phase_designation, and
-- the pole count that goes with a position.
--
-- The BEFORE triggers have a name that sorts last, so that they see what other
-- BEFORE triggers have made of the row. All are ENABLE ALWAYS: see derived.c.
-- Their WHEN compare position sets by <>, which pg_upgrade can restore where
-- nobody's search_path has its operator; IS DISTINCT FROM it could not.

CREATE FUNCTION set_derived_columns() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION set_derived_columns() IS
'Trigger: sets occupied positions, phase designation and the default pole count of a feed. Raises 428C9 where a derived column is given another value';

CREATE FUNCTION rederive_feeds() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION rederive_feeds() IS
'Trigger: has the derived columns of a panel''s feeds set anew when its numbering or bus has changed';

CREATE TRIGGER zz_derived_columns_insert BEFORE INSERT ON power_feed
FOR EACH ROW
WHEN (NEW.breaker_position IS NOT NULL
	OR NEW.occupied_positions <> ''
	OR NEW.phase_designation IS NOT NULL)
EXECUTE FUNCTION set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_insert ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

CREATE TRIGGER zz_derived_columns_update BEFORE UPDATE ON power_feed
FOR EACH ROW
WHEN (OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id
	OR OLD.breaker_position IS DISTINCT FROM NEW.breaker_position
	OR OLD.breaker_pole_count IS DISTINCT FROM NEW.breaker_pole_count
	OR OLD.occupied_positions <> NEW.occupied_positions
	OR OLD.phase_designation IS DISTINCT FROM NEW.phase_designation)
EXECUTE FUNCTION set_derived_columns();
COMMENT ON TRIGGER zz_derived_columns_update ON power_feed IS 'Sets the columns that follow from the breaker and the panel';

ALTER TABLE power_feed
	ENABLE ALWAYS TRIGGER zz_derived_columns_insert,
	ENABLE ALWAYS TRIGGER zz_derived_columns_update;

CREATE CONSTRAINT TRIGGER derived_columns AFTER UPDATE ON power_panel
FROM power_feed NOT DEFERRABLE
FOR EACH ROW
WHEN (OLD.numbering IS DISTINCT FROM NEW.numbering OR OLD.bus IS DISTINCT FROM NEW.bus
	OR OLD.circuit_positions IS DISTINCT FROM NEW.circuit_positions)
EXECUTE FUNCTION rederive_feeds();
COMMENT ON TRIGGER derived_columns ON power_panel IS 'Has the feeds follow a change of the numbering or the bus; sorts before the checks';

ALTER TABLE power_panel ENABLE ALWAYS TRIGGER derived_columns;

CREATE FUNCTION forget_panel() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION forget_panel() IS
'Trigger: has the checks forget what a panel was like whose key another panel may come to have';

CREATE TRIGGER zz_forget_delete BEFORE DELETE ON power_panel
FOR EACH ROW EXECUTE FUNCTION forget_panel();
COMMENT ON TRIGGER zz_forget_delete ON power_panel IS 'Another panel may come to have the key';

CREATE TRIGGER zz_forget_update BEFORE UPDATE ON power_panel
FOR EACH ROW WHEN (OLD.id IS DISTINCT FROM NEW.id)
EXECUTE FUNCTION forget_panel();
COMMENT ON TRIGGER zz_forget_update ON power_panel IS 'Another panel may come to have the key';

ALTER TABLE power_panel
	ENABLE ALWAYS TRIGGER zz_forget_delete,
	ENABLE ALWAYS TRIGGER zz_forget_update;
-- The checks that read other rows: constraint triggers, at the end of each
-- statement or, with SET CONSTRAINTS ... DEFERRED, at commit.
--
-- Each WHEN says which columns take part. It compares values and not what the
-- statement named, since a BEFORE trigger may change what no SET did. No key
-- takes part: foreign keys are ON UPDATE RESTRICT, so that a row which others
-- refer to cannot hand its key to another one behind the checks' back.

-- Breakers

CREATE FUNCTION check_breaker() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_breaker() IS
'Trigger: checks a feed''s breaker against its panel and the other breakers there (rules power_feed_breaker_bus, _capacity, _conflict, power_feed_derived_columns). Its arguments, which one trigger of the table gives, name the columns; FROM names the table of panels';

CREATE FUNCTION check_panel_breakers() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_panel_breakers() IS
'Trigger: checks all breakers of a panel that was changed. FROM names the table of feeds';

CREATE CONSTRAINT TRIGGER power_feed_breaker AFTER INSERT ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.breaker_position IS NOT NULL OR NEW.breaker_pole_count IS NOT NULL
	OR NEW.occupied_positions <> '' OR NEW.phase_designation IS NOT NULL)
EXECUTE FUNCTION check_breaker(
	'id=id', 'name=name', 'panel=power_panel_id',
	'position=breaker_position', 'poles=breaker_pole_count',
	'occupied=occupied_positions', 'phases=phase_designation',
	'panel_id=id', 'panel_name=name', 'panel_positions=circuit_positions',
	'panel_numbering=numbering', 'panel_bus=bus');
COMMENT ON TRIGGER power_feed_breaker ON power_feed IS 'Breakers fit their panel and each other';

CREATE CONSTRAINT TRIGGER power_feed_breaker_update AFTER UPDATE ON power_feed
FROM power_panel DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN ((NEW.breaker_position IS NOT NULL OR NEW.breaker_pole_count IS NOT NULL
		OR NEW.occupied_positions <> '' OR NEW.phase_designation IS NOT NULL)
	AND (OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id
		OR OLD.breaker_position IS DISTINCT FROM NEW.breaker_position
		OR OLD.breaker_pole_count IS DISTINCT FROM NEW.breaker_pole_count
		OR OLD.occupied_positions <> NEW.occupied_positions
		OR OLD.phase_designation IS DISTINCT FROM NEW.phase_designation))
EXECUTE FUNCTION check_breaker();
COMMENT ON TRIGGER power_feed_breaker_update ON power_feed IS 'Breakers fit their panel and each other';

CREATE CONSTRAINT TRIGGER power_panel_breakers AFTER UPDATE ON power_panel
FROM power_feed DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.circuit_positions IS DISTINCT FROM NEW.circuit_positions
	OR OLD.numbering IS DISTINCT FROM NEW.numbering
	OR OLD.bus IS DISTINCT FROM NEW.bus)
EXECUTE FUNCTION check_panel_breakers();
COMMENT ON TRIGGER power_panel_breakers ON power_panel IS 'A changed panel still holds its breakers';

-- Panel-to-panel feeds

CREATE FUNCTION check_feed_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_feed_cycle() IS 'Trigger: checks that a panel-to-panel feed closes no loop (rule power_feed_cycle)';

CREATE CONSTRAINT TRIGGER power_feed_cycle AFTER INSERT ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL)
EXECUTE FUNCTION check_feed_cycle();
COMMENT ON TRIGGER power_feed_cycle ON power_feed IS 'Panel-to-panel feeds form no loop';

CREATE CONSTRAINT TRIGGER power_feed_cycle_update AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL
	AND (OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id
		OR OLD.destination_panel_id IS DISTINCT FROM NEW.destination_panel_id))
EXECUTE FUNCTION check_feed_cycle();
COMMENT ON TRIGGER power_feed_cycle_update ON power_feed IS 'Panel-to-panel feeds form no loop';

-- Destination or cable

CREATE FUNCTION check_destination_or_cable() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_destination_or_cable() IS 'Trigger: checks that a feed with a destination has no cable (rule power_feed_destination_or_cable)';

CREATE FUNCTION check_cable_destination() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cable_destination() IS 'Trigger: checks that a cabled feed has no destination (rule power_feed_destination_or_cable)';

CREATE CONSTRAINT TRIGGER power_feed_destination_or_cable AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.destination_panel_id IS NOT NULL
	AND OLD.destination_panel_id IS NULL)
EXECUTE FUNCTION check_destination_or_cable();
COMMENT ON TRIGGER power_feed_destination_or_cable ON power_feed IS 'A feed has a destination or a cable, not both';

CREATE CONSTRAINT TRIGGER cable_destination AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL)
EXECUTE FUNCTION check_cable_destination();
COMMENT ON TRIGGER cable_destination ON cable IS 'A feed has a destination or a cable, not both';

CREATE CONSTRAINT TRIGGER cable_destination_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_feed_id IS NOT NULL AND OLD.power_feed_id IS DISTINCT FROM NEW.power_feed_id)
EXECUTE FUNCTION check_cable_destination();
COMMENT ON TRIGGER cable_destination_update ON cable IS 'A feed has a destination or a cable, not both';

-- Power through devices

CREATE FUNCTION check_cable_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_cable_cycle() IS 'Trigger: checks that a cable closes no loop of power through devices (rule cable_cycle)';

CREATE FUNCTION check_outlet_cycle() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_outlet_cycle() IS 'Trigger: checks that an outlet which is given a power port closes no loop of power through devices (rule cable_cycle)';

CREATE CONSTRAINT TRIGGER cable_cycle AFTER INSERT ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL)
EXECUTE FUNCTION check_cable_cycle();
COMMENT ON TRIGGER cable_cycle ON cable IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER cable_cycle_update AFTER UPDATE ON cable
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_outlet_id IS NOT NULL
	AND (OLD.power_outlet_id IS DISTINCT FROM NEW.power_outlet_id
		OR OLD.power_port_id IS DISTINCT FROM NEW.power_port_id))
EXECUTE FUNCTION check_cable_cycle();
COMMENT ON TRIGGER cable_cycle_update ON cable IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER power_outlet_cycle AFTER INSERT ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL)
EXECUTE FUNCTION check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle ON power_outlet IS 'Cables form no loop of power through devices';

CREATE CONSTRAINT TRIGGER power_outlet_cycle_update AFTER UPDATE ON power_outlet
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.power_port_id IS NOT NULL
	AND OLD.power_port_id IS DISTINCT FROM NEW.power_port_id)
EXECUTE FUNCTION check_outlet_cycle();
COMMENT ON TRIGGER power_outlet_cycle_update ON power_outlet IS 'Cables form no loop of power through devices';

-- The location tree

CREATE FUNCTION check_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_location() IS 'Trigger: checks that a location is not its own ancestor, and that a moved one leaves racks, panels and feeds in order (rules location_cycle, rack_rack_group_location, power_panel_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION check_rack_group() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_rack_group() IS 'Trigger: checks racks and panels of a rack group that has moved (rules rack_rack_group_location, power_panel_rack_group_location)';

CREATE FUNCTION check_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_rack() IS 'Trigger: checks a rack against its rack group and its feeds (rules rack_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION check_panel_location() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_panel_location() IS 'Trigger: checks a panel against its rack group and the racks of its feeds (rules power_panel_rack_group_location, power_feed_rack_location)';

CREATE FUNCTION check_feed_rack() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION check_feed_rack() IS 'Trigger: checks that the rack of a feed and its panel are in one line of locations (rule power_feed_rack_location)';

CREATE CONSTRAINT TRIGGER location_cycle AFTER INSERT ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.parent_id IS NOT NULL)
EXECUTE FUNCTION check_location();
COMMENT ON TRIGGER location_cycle ON location IS 'A location is not its own ancestor';

CREATE CONSTRAINT TRIGGER location_moved AFTER UPDATE ON location
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.parent_id IS DISTINCT FROM NEW.parent_id)
EXECUTE FUNCTION check_location();
COMMENT ON TRIGGER location_moved ON location IS 'A moved location is not its own ancestor and leaves all in order';

CREATE CONSTRAINT TRIGGER rack_group_moved AFTER UPDATE ON rack_group
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id)
EXECUTE FUNCTION check_rack_group();
COMMENT ON TRIGGER rack_group_moved ON rack_group IS 'A moved rack group still contains its racks and panels';

CREATE CONSTRAINT TRIGGER rack_rack_group_location AFTER INSERT ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION check_rack();
COMMENT ON TRIGGER rack_rack_group_location ON rack IS 'The location of a rack group contains its racks';

CREATE CONSTRAINT TRIGGER rack_moved AFTER UPDATE ON rack
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION check_rack();
COMMENT ON TRIGGER rack_moved ON rack IS 'A moved rack is still in order with its rack group and its feeds';

CREATE CONSTRAINT TRIGGER power_panel_rack_group_location AFTER INSERT ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_group_id IS NOT NULL)
EXECUTE FUNCTION check_panel_location();
COMMENT ON TRIGGER power_panel_rack_group_location ON power_panel IS 'The location of a rack group contains its power panels';

CREATE CONSTRAINT TRIGGER power_panel_moved AFTER UPDATE ON power_panel
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (OLD.location_id IS DISTINCT FROM NEW.location_id
	OR OLD.rack_group_id IS DISTINCT FROM NEW.rack_group_id)
EXECUTE FUNCTION check_panel_location();
COMMENT ON TRIGGER power_panel_moved ON power_panel IS 'A moved panel is still in order with its rack group and the racks of its feeds';

CREATE CONSTRAINT TRIGGER power_feed_rack_location AFTER INSERT ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_id IS NOT NULL)
EXECUTE FUNCTION check_feed_rack();
COMMENT ON TRIGGER power_feed_rack_location ON power_feed IS 'The rack of a feed and its panel are in one line of locations';

CREATE CONSTRAINT TRIGGER power_feed_rack_location_update AFTER UPDATE ON power_feed
DEFERRABLE INITIALLY IMMEDIATE
FOR EACH ROW
WHEN (NEW.rack_id IS NOT NULL
	AND (OLD.rack_id IS DISTINCT FROM NEW.rack_id
		OR OLD.power_panel_id IS DISTINCT FROM NEW.power_panel_id))
EXECUTE FUNCTION check_feed_rack();
COMMENT ON TRIGGER power_feed_rack_location_update ON power_feed IS 'The rack of a feed and its panel are in one line of locations';
CREATE FUNCTION checked_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION checked_violations(text[]) IS
'The part of check_integrity() for the rules that are checked in C. Raises 42501 to one who may not read all rows of the inventory';

-- PostgreSQL itself sees to a validated CHECK, triggers on or off; foreign keys
-- are triggers, so rows get past them where triggers are off.
CREATE FUNCTION constraint_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	con record;
	broken boolean;
BEGIN
	FOR con IN
		SELECT c.conname, c.contype, t.relname AS tab, r.relname AS ref,
			pg_get_expr(c.conbin, c.conrelid) AS expression,
			(SELECT string_agg(format('r.%I = t.%I', ra.attname, ta.attname), ' AND ')
				FROM unnest(c.conkey, c.confkey) AS k (t, r)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t
				JOIN pg_attribute AS ra ON ra.attrelid = c.confrelid AND ra.attnum = k.r) AS same,
			(SELECT string_agg(format('t.%I IS NOT NULL', ta.attname), ' AND ')
				FROM unnest(c.conkey) AS k (t)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS given,
			(SELECT string_agg(format('%I', ta.attname), ', ' ORDER BY k.n)
				FROM unnest(c.conkey) WITH ORDINALITY AS k (t, n)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS columns,
			coalesce(obj_description(c.oid, 'pg_constraint'), pg_get_constraintdef(c.oid)) AS description
		FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		LEFT JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN powerpanel.rule AS known ON known.name = c.conname
		WHERE c.connamespace = 'powerpanel'::regnamespace
			AND (c.contype = 'f' OR (c.contype = 'c' AND NOT c.convalidated))
			AND (rules IS NULL OR c.conname = ANY (rules))
		ORDER BY c.conname
	LOOP
		-- whether there is any is asked without the rows, which is faster
		EXECUTE format('SELECT EXISTS (SELECT FROM ONLY powerpanel.%I AS t WHERE %s)', con.tab,
			CASE con.contype
				WHEN 'f' THEN format('%s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)',
					con.given, con.ref, con.same)
				ELSE format('NOT (%s)', con.expression)
			END) INTO broken;
		CONTINUE WHEN NOT broken;
		rule := con.conname;
		severity := 'error';
		object_type := con.tab;
		FOR object_id, object, detail IN EXECUTE
			CASE con.contype
				WHEN 'f' THEN
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'),
						format('Key (%s)=(%%s) is not present in table "%s".', (SELECT concat_ws(', ', %s)))
						FROM ONLY powerpanel.%I AS t
						WHERE %s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)$q$,
						con.columns, con.ref, regexp_replace(con.columns, '(\S+)', 't.\1', 'g'),
						con.tab, con.given, con.ref, con.same)
				ELSE
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'), $1
						FROM ONLY powerpanel.%I AS t WHERE NOT (%s)$q$, con.tab, con.expression)
			END
			USING con.description
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;
COMMENT ON FUNCTION constraint_violations(text[]) IS
'The part of check_integrity() for the rules that foreign keys and CHECKs state';

CREATE FUNCTION check_integrity(rules text[] DEFAULT NULL,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF array_position(rules, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'a rule name is NULL'
			USING ERRCODE = 'null_value_not_allowed',
				HINT = 'Pass NULL instead of an array to check all rules.';
	END IF;
	SELECT n INTO unknown
	FROM unnest(rules) AS n
	WHERE NOT EXISTS (SELECT FROM powerpanel.rule AS r WHERE r.name = n)
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'no rule is named "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'The view powerpanel.rule lists all rules.';
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.checked_violations(rules);
	RETURN QUERY SELECT * FROM powerpanel.constraint_violations(rules);
END
$$;
COMMENT ON FUNCTION check_integrity(text[]) IS
'Every row of the inventory that breaks a rule, with the rule''s name; nothing when all is well. rules limits it to those rules; NULL is all. Finds what got in with triggers off. Raises 22023 on the name of a rule that does not exist, 22004 on a NULL name, 42501 to one who may not read all rows of the inventory';
CREATE RECURSIVE VIEW panel_hierarchy
	(root_panel_id, panel_id, parent_panel_id, power_feed_id, depth, path, path_names)
WITH (security_invoker = true) AS
SELECT p.id, p.id, NULL::uuid, NULL::uuid, 0, ARRAY[p.id], p.name
FROM powerpanel.power_panel AS p
WHERE NOT EXISTS (
	SELECT FROM powerpanel.power_feed AS f WHERE f.destination_panel_id = p.id)
UNION ALL
SELECT h.root_panel_id, p.id, f.power_panel_id, f.id, h.depth + 1, h.path || p.id,
	h.path_names || ' > ' || p.name
FROM panel_hierarchy AS h
JOIN powerpanel.power_feed AS f ON f.power_panel_id = h.panel_id
JOIN powerpanel.power_panel AS p ON p.id = f.destination_panel_id
-- only a loop that got in with triggers off could come back
WHERE p.id <> ALL (h.path);
COMMENT ON VIEW panel_hierarchy IS
'A row for each panel on each distinct path from a root, a panel that no feed enters. Parallel feeds are distinct paths, so there can be very many: downstream() and upstream() do not enumerate paths';
COMMENT ON COLUMN panel_hierarchy.root_panel_id IS 'The panel that the path begins at';
COMMENT ON COLUMN panel_hierarchy.panel_id IS 'The panel that the path ends at';
COMMENT ON COLUMN panel_hierarchy.parent_panel_id IS 'The panel before it; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.power_feed_id IS 'The feed that enters it on this path; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.depth IS 'How many feeds the path has; 0 for a root';
COMMENT ON COLUMN panel_hierarchy.path IS 'The panels of the path, from the root';
COMMENT ON COLUMN panel_hierarchy.path_names IS 'Their names, such as Utility > ATS-A > UPS-A';
CREATE FUNCTION upstream(panel uuid, OUT panel_id uuid, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'upstream_panels' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION upstream(uuid) IS
'The panels above a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. NULL gives nothing. Raises 22023 where there is no such panel';

CREATE FUNCTION downstream(panel uuid, OUT panel_id uuid, OUT depth integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'downstream_panels' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION downstream(uuid) IS
'The panels below a panel, without itself; depth is the fewest feeds between. Each panel once, in time linear in the feeds walked. NULL gives nothing. Raises 22023 where there is no such panel';
CREATE VIEW panel_positions WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
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
COMMENT ON COLUMN panel_positions.circuit_positions IS 'How many positions it has; NULL where that is not known';
COMMENT ON COLUMN panel_positions.occupied IS 'Positions that breakers occupy';
COMMENT ON COLUMN panel_positions.free IS 'Positions that are free; NULL where circuit_positions is';
COMMENT ON COLUMN panel_positions.occupied_count IS 'How many are occupied';
COMMENT ON COLUMN panel_positions.free_count IS 'How many are free; NULL where circuit_positions is';
CREATE VIEW panel_schedule WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
	n.position,
	CASE WHEN p.numbering = 'across' THEN
		CASE WHEN n.position % 2 = 1 THEN 'left' ELSE 'right' END
	END AS side,
	powerpanel.position_phase(p.numbering, p.bus, n.position) AS phase,
	f.id AS power_feed_id,
	f.name AS feed_name,
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
COMMENT ON COLUMN panel_schedule.position IS 'The position, from 1';
COMMENT ON COLUMN panel_schedule.side IS 'left or right; NULL where positions are numbered in sequence';
COMMENT ON COLUMN panel_schedule.phase IS 'The phase it hangs on; NULL on a dc bus';
COMMENT ON COLUMN panel_schedule.power_feed_id IS 'The feed whose breaker is there';
COMMENT ON COLUMN panel_schedule.feed_name IS 'Its name';
COMMENT ON COLUMN panel_schedule.pole IS 'Which pole of that breaker it is, from 1';
COMMENT ON COLUMN panel_schedule.poles IS 'How many poles that breaker has';
COMMENT ON COLUMN panel_schedule.amperage IS 'Rating of the breaker in A';
COMMENT ON COLUMN panel_schedule.voltage IS 'Voltage of the feed in V';

CREATE FUNCTION panel_schedule_text(panel uuid) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_schedule_text(uuid) IS
'The schedule of a panel as an electrician prints it: odd positions left, even right, the phase between, the poles of a breaker joined, totals for each phase (ratings in A, available power in VA). NULL gives NULL. Raises 22023 where there is no such panel';
CREATE FUNCTION find_breaker_position(panel uuid, poles integer, balance boolean DEFAULT false)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION find_breaker_position(uuid, integer, boolean) IS
'The first place where a breaker with so many poles fits on a panel; with balance, the first of the places that leave the numbers of poles on the phases most even. NULL where there is no place, where the bus has fewer phases, or for a NULL argument. Raises 22023 where there is no such panel, or poles are not 1 to 3';
-- The analysis of the network: loads, outages, single points of failure. All
-- read the tables as they are in the caller's transaction, with the caller's
-- rights. All loads are in VA, utilization and imbalance in percent.

CREATE FUNCTION feed_load(panel uuid DEFAULT NULL,
	OUT power_feed_id uuid, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT available_power bigint, OUT utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION feed_load(uuid) IS
'What each feed that leaves a panel carries; of all panels where panel is NULL. Loads and available_power in VA, utilization (allocated of available) in percent, NULL where there is nothing available. Raises 22023 where there is no such panel, 55000 where the network has a loop';

CREATE FUNCTION panel_load(panel uuid DEFAULT NULL,
	OUT power_panel_id uuid, OUT energized boolean, OUT allocated_va double precision,
	OUT maximum_va double precision, OUT capacity_va double precision, OUT utilization double precision,
	OUT phase_a_va double precision, OUT phase_b_va double precision, OUT phase_c_va double precision,
	OUT imbalance double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION panel_load(uuid) IS
'What a panel carries; all panels where panel is NULL. Loads in VA; capacity by its main breaker, else by the energized feeds that enter it, NULL where it has neither; utilization (allocated of capacity) in percent; the allocated load of each phase that the bus has; imbalance, the farthest of the phases from their mean, in percent of the mean, NULL on dc. Raises 22023 where there is no such panel, 55000 where the network has a loop';

CREATE FUNCTION device_power(device uuid DEFAULT NULL,
	OUT device_id uuid, OUT state text, OUT cabled_ports integer, OUT energized_ports integer,
	OUT allocated_va double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION device_power(uuid) IS
'Whether a device has power: on (all its cabled ports are energized), degraded (some), dark (none); all devices where device is NULL. Devices without cabled ports have no row. allocated_va is what its ports carry. Raises 22023 where there is no such device, 55000 where the network has a loop';

CREATE FUNCTION simulate_outage(panels uuid[] DEFAULT '{}', feeds uuid[] DEFAULT '{}',
	OUT object_type text, OUT object_id uuid, OUT name text, OUT state_before text, OUT state_after text,
	OUT allocated_before double precision, OUT allocated_after double precision,
	OUT available double precision, OUT overloaded boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION simulate_outage(uuid[], uuid[]) IS
'What changes when these panels and feeds fail: a row for each panel, feed and device whose state or allocated load (VA) would be another. available is a feed''s available power, or a panel''s capacity in the outage, in VA; NULL for a device. NULL arrays give nothing. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';

CREATE FUNCTION single_points_of_failure(
	OUT object_type text, OUT object_id uuid, OUT name text, OUT devices integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION single_points_of_failure() IS
'Each panel, feed and device with outlets whose failure alone would make devices dark that are not now, and how many: itself not counted, rack PDUs counted. Raises 55000 where the network has a loop';

CREATE FUNCTION contingency(
	OUT object_type text, OUT object_id uuid, OUT name text,
	OUT devices_dark integer, OUT devices_degraded integer,
	OUT feeds_overloaded integer, OUT panels_overloaded integer, OUT worst_utilization double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION contingency() IS
'The N-1 analysis: for each energized panel, and each energized feed with a destination or a cable, what its failure does. The counts are how many more are so in that outage than now; worst_utilization is the highest of all energized feeds with available power, in percent, NULL if there is none. Raises 55000 where the network has a loop';

CREATE FUNCTION suggest_rebalance(panel uuid, max_moves integer DEFAULT 5,
	OUT step integer, OUT power_feed_id uuid, OUT name text, OUT from_position integer,
	OUT to_position integer, OUT imbalance_after double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION suggest_rebalance(uuid, integer) IS
'Moves of breakers to free places, or swaps of two (two rows of one step, to be done in one UPDATE), each of which the rules allow and lowers the imbalance of the panel''s phases, in percent; nothing where none helps. NULL arguments give nothing. Raises 22023 where there is no such panel or max_moves is negative, 55000 where the network has a loop';

CREATE FUNCTION topology_dot(panels uuid[] DEFAULT NULL) RETURNS text
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION topology_dot(uuid[]) IS
'The one-line diagram, in Graphviz DOT, of what is connected to these panels, or of all where panels is NULL: panels by tier, feeds with rating and load, path a blue and path b red, what is not energized dashed, what is overloaded bold, racks with their PDUs at the bottom. Raises 22023 on an id that does not exist, 22004 on a NULL element, 55000 where the network has a loop';

CREATE FUNCTION rack_load(rack uuid, OUT allocated_va double precision, OUT maximum_va double precision)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION rack_load(uuid) IS
'What the feeds assigned to a rack carry, in VA; 0 where there are none. NULL gives NULL. Raises 22023 where there is no such rack, 55000 where the network has a loop';
CREATE VIEW rack_power WITH (security_invoker = true) AS
SELECT r.id AS rack_id,
	f.feeds,
	f.available_power,
	f.available_power - CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END AS usable_power,
	l.allocated_va,
	l.maximum_va,
	100 * l.allocated_va / nullif(f.available_power
		- CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END, 0) AS utilization,
	CASE f.designs
		WHEN ARRAY['primary'] THEN 'N'
		WHEN ARRAY['primary a', 'redundant b'] THEN 'N+1'
		WHEN ARRAY['primary b', 'redundant a'] THEN 'N+1'
		WHEN ARRAY['primary a', 'primary b'] THEN '2N'
	END AS redundancy
FROM powerpanel.rack AS r
CROSS JOIN LATERAL (
	SELECT count(*) AS feeds,
		coalesce(sum(f.available_power), 0)::bigint AS available_power,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'a'), 0)::bigint AS power_a,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'b'), 0)::bigint AS power_b,
		coalesce(bool_or(f.power_path = 'a'), false) AS on_a,
		coalesce(bool_or(f.power_path = 'b'), false) AS on_b,
		array_agg(DISTINCT concat_ws(' ', f.type, f.power_path) ORDER BY concat_ws(' ', f.type, f.power_path)) AS designs
	FROM powerpanel.power_feed AS f
	WHERE f.rack_id = r.id) AS f
CROSS JOIN LATERAL powerpanel.rack_load(r.id) AS l;
COMMENT ON VIEW rack_power IS 'A row for every rack: the power of the feeds assigned to it, of every status, and what they carry';
COMMENT ON COLUMN rack_power.rack_id IS 'The rack';
COMMENT ON COLUMN rack_power.feeds IS 'How many feeds are assigned to it';
COMMENT ON COLUMN rack_power.available_power IS 'The sum of their available power, in VA';
COMMENT ON COLUMN rack_power.usable_power IS 'What is left of it, in VA, when the larger of path a and path b has failed, where there are feeds of both; else the sum';
COMMENT ON COLUMN rack_power.allocated_va IS 'What they carry, in VA, as draws are allocated';
COMMENT ON COLUMN rack_power.maximum_va IS 'What they carry, in VA, at the maximum draws';
COMMENT ON COLUMN rack_power.utilization IS 'allocated_va of usable_power, in percent; NULL where usable_power is 0';
COMMENT ON COLUMN rack_power.redundancy IS 'N: primary without path. N+1: primary on one path, redundant on the other. 2N: primary on both. NULL for any other set of feeds';
-- The import of a NetBox database that lies in this database.
--
-- Temporary tables carry it: import_netbox_source and import_netbox_end, what
-- was read, as jsonb (so that a column that some version lacks is NULL, not an
-- error); import_netbox_draft, the objects of ours that this makes, with their
-- columns in "fields"; import_netbox_object, the same compared with what is
-- here already; and import_netbox_gone, what an earlier import brought and
-- NetBox has no longer. No rule of the inventory is written here: an object is
-- refused when the inventory refuses it.

-- The kinds of object, in the order in which they refer to each other. "owner"
-- is the column within whose value a name is unique.
CREATE FUNCTION import_netbox_kinds(
	OUT kind integer, OUT object_type text, OUT netbox_table text, OUT target text, OUT owner text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT * FROM (VALUES
		(1, 'region', 'dcim_region', 'location', 'parent_id'),
		(2, 'site', 'dcim_site', 'location', 'parent_id'),
		(3, 'location', 'dcim_location', 'location', 'parent_id'),
		(4, 'rack', 'dcim_rack', 'rack', 'location_id'),
		(5, 'device', 'dcim_device', 'device', NULL),
		(6, 'power_panel', 'dcim_powerpanel', 'power_panel', 'location_id'),
		(7, 'power_feed', 'dcim_powerfeed', 'power_feed', 'power_panel_id'),
		(8, 'power_port', 'dcim_powerport', 'power_port', 'device_id'),
		(9, 'power_outlet', 'dcim_poweroutlet', 'power_outlet', 'device_id'),
		(10, 'cable', 'dcim_cable', 'cable', NULL)) AS kinds;
END;
COMMENT ON FUNCTION import_netbox_kinds() IS
'Part of import_netbox: the kinds of object that it takes, NetBox''s table and ours for each';

-- A hash rather than a random key is what makes a second import find what the
-- first one brought. sha256, since md5 is not to be had where FIPS is enforced;
-- with the marks of a UUID of version 8 (RFC 9562). Not STRICT, so that it is
-- inlined; NULL gives NULL all the same.
CREATE FUNCTION import_netbox_id(instance text, netbox_table text, netbox_id bigint)
RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT overlay(overlay(
		encode(substr(sha256(('netbox:' || instance || ':' || netbox_table || ':' || netbox_id::text)::bytea), 1, 16), 'hex')
		PLACING '8' FROM 13) PLACING '8' FROM 17)::uuid;
END;
COMMENT ON FUNCTION import_netbox_id(text, text, bigint) IS
'Part of import_netbox: the key that an object of NetBox has in the inventory';

CREATE FUNCTION import_netbox_check(source regnamespace)
RETURNS name
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name name;
	needed text[] := ARRAY(SELECT k.netbox_table FROM powerpanel.import_netbox_kinds() k ORDER BY k.kind)
		|| '{dcim_cabletermination,django_content_type}'::text[];
	missing text[];
	hint CONSTANT text := 'Give the schema that holds the tables of a NetBox of version 3.3 to 4.2, as in import_netbox(''netbox'').';
BEGIN
	SELECT n.nspname INTO schema_name FROM pg_namespace n WHERE n.oid = source;
	IF schema_name IS NULL THEN
		RAISE EXCEPTION 'no schema to import from'
			USING ERRCODE = 'invalid_parameter_value', HINT = hint;
	END IF;
	missing := ARRAY(
		SELECT t FROM unnest(needed) WITH ORDINALITY AS n (t, i)
		WHERE to_regclass(format('%I.%I', schema_name, t)) IS NULL
		ORDER BY i);
	IF missing @> '{dcim_site,dcim_powerpanel,dcim_powerfeed}' THEN
		RAISE EXCEPTION 'schema "%" holds no NetBox', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	ELSIF 'dcim_cabletermination' = ANY (missing) AND 'dcim_cable' <> ALL (missing) THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is older than version 3.3', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = 'It has no table dcim_cabletermination, in which cables end since version 3.3.',
				HINT = 'Upgrade that NetBox to a version of 3.3 to 4.2 before the import.';
	ELSIF missing <> '{}' THEN
		RAISE EXCEPTION 'the NetBox in schema "%" is not complete', schema_name
			USING ERRCODE = 'invalid_parameter_value',
				DETAIL = format('It lacks the tables %s.', array_to_string(missing, ', ')),
				HINT = hint;
	END IF;
	RETURN schema_name;
END
$$;
COMMENT ON FUNCTION import_netbox_check(regnamespace) IS
'Part of import_netbox: the name of the schema, or 22023 where it holds no NetBox that can be read';

-- Which NetBox this is: the moment when its database was set up, which a dump,
-- a restore under another schema name and an upgrade of NetBox all keep. Two
-- NetBoxes that both have a rack 14 must not overwrite each other's.
CREATE FUNCTION import_netbox_instance(schema_name name)
RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	instance text;
BEGIN
	IF to_regclass(format('%I.django_migrations', schema_name)) IS NOT NULL THEN
		EXECUTE format($q$
			SELECT min(extract(epoch FROM applied))::text FROM %I.django_migrations
			WHERE app = 'contenttypes' AND name = '0001_initial'$q$, schema_name)
			INTO instance;
	END IF;
	RETURN coalesce(instance, '');
END
$$;
COMMENT ON FUNCTION import_netbox_instance(name) IS
'Part of import_netbox: what tells one NetBox from another; empty where it keeps no record of its migrations';

CREATE FUNCTION import_netbox_read(schema_name name)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	read_table text;
BEGIN
	CREATE TEMPORARY TABLE import_netbox_source (
		netbox_table text,
		netbox_id bigint,
		fields jsonb,
		PRIMARY KEY (netbox_table, netbox_id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_end (
		cable_id bigint,
		cable_end text,
		netbox_table text,
		netbox_id bigint
	) ON COMMIT DROP;

	FOR read_table IN
		SELECT k.netbox_table FROM powerpanel.import_netbox_kinds() k
		UNION ALL
		-- only to name devices that have no name, so not a must
		SELECT t FROM unnest('{dcim_devicetype,dcim_manufacturer,dcim_virtualchassis}'::text[]) AS t
		WHERE to_regclass(format('%I.%I', schema_name, t)) IS NOT NULL
	LOOP
		EXECUTE format('INSERT INTO pg_temp.import_netbox_source SELECT %L, s.id, to_jsonb(s) FROM %I.%I AS s',
			read_table, schema_name, read_table);
	END LOOP;
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_end
		SELECT e.cable_id, e.cable_end, concat(t.app_label, '_', t.model), e.termination_id
		FROM %1$I.dcim_cabletermination AS e LEFT JOIN %1$I.django_content_type AS t ON t.id = e.termination_type_id$q$,
		schema_name);
	ANALYZE pg_temp.import_netbox_source, pg_temp.import_netbox_end;
END
$$;
COMMENT ON FUNCTION import_netbox_read(name) IS
'Part of import_netbox: copies the rows of NetBox''s tables into temporary tables';

-- NetBox names a device that has no name after its virtual chassis or its type,
-- and tells it from others by asset tag or number. So it is found again by the
-- name that NetBox shows.
CREATE FUNCTION import_netbox_device_name(device jsonb, device_type jsonb, manufacturer jsonb, virtual_chassis jsonb)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	SELECT CASE
			WHEN device ->> 'name' ~ '\S' THEN device ->> 'name'
			ELSE format('%s (%s)', kind_of_device, coalesce(device ->> 'asset_tag', device ->> 'id'))
		END
	FROM (SELECT CASE
			WHEN virtual_chassis IS NOT NULL THEN
				format('%s:%s', virtual_chassis ->> 'name', device ->> 'vc_position')
			WHEN device_type IS NOT NULL THEN
				concat_ws(' ', manufacturer ->> 'name', device_type ->> 'model')
			ELSE 'device'
		END) AS k (kind_of_device);
END;
COMMENT ON FUNCTION import_netbox_device_name(jsonb, jsonb, jsonb, jsonb) IS
'Part of import_netbox: the name of a device, or what NetBox shows of one that has no name';

-- "label" is how messages call the object.
CREATE FUNCTION import_netbox_stage_places(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', substr(s.netbox_table, 6), s.fields ->> 'name')
			|| coalesce(' of site "' || (site.fields ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'parent_id', CASE s.netbox_table
				WHEN 'dcim_region' THEN powerpanel.import_netbox_id(instance, 'dcim_region', (s.fields ->> 'parent_id')::bigint)
				WHEN 'dcim_site' THEN powerpanel.import_netbox_id(instance, 'dcim_region', (s.fields ->> 'region_id')::bigint)
				ELSE coalesce(
					powerpanel.import_netbox_id(instance, 'dcim_location', (s.fields ->> 'parent_id')::bigint),
					powerpanel.import_netbox_id(instance, 'dcim_site', (s.fields ->> 'site_id')::bigint))
			END)
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_source AS site
		ON site.netbox_table = 'dcim_site' AND site.netbox_id = (s.fields ->> 'site_id')::bigint
	WHERE s.netbox_table IN ('dcim_region', 'dcim_site', 'dcim_location');

	-- racks and panels stand in a location, or where that is blank in a site
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', CASE s.netbox_table WHEN 'dcim_rack' THEN 'rack' ELSE 'power panel' END, s.fields ->> 'name')
			|| coalesce(' of location "' || (location.fields ->> 'name') || '"', ' of site "' || (site.fields ->> 'name') || '"', ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'location_id', coalesce(
				powerpanel.import_netbox_id(instance, 'dcim_location', (s.fields ->> 'location_id')::bigint),
				powerpanel.import_netbox_id(instance, 'dcim_site', (s.fields ->> 'site_id')::bigint)))
		|| CASE s.netbox_table
			WHEN 'dcim_powerpanel' THEN jsonb_build_object('comments', nullif(s.fields ->> 'comments', ''))
			ELSE '{}'
		END
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_source AS location
		ON location.netbox_table = 'dcim_location' AND location.netbox_id = (s.fields ->> 'location_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS site
		ON site.netbox_table = 'dcim_site' AND site.netbox_id = (s.fields ->> 'site_id')::bigint
	WHERE s.netbox_table IN ('dcim_rack', 'dcim_powerpanel');
END
$$;
COMMENT ON FUNCTION import_netbox_stage_places(text) IS
'Part of import_netbox: regions, sites and locations as one tree; racks and power panels';

CREATE FUNCTION import_netbox_stage_devices(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT d.netbox_table, d.netbox_id, powerpanel.import_netbox_id(instance, d.netbox_table, d.netbox_id), format('device "%s"', n.name),
		jsonb_build_object(
			'name', n.name,
			'rack_id', powerpanel.import_netbox_id(instance, 'dcim_rack', (d.fields ->> 'rack_id')::bigint))
	FROM pg_temp.import_netbox_source AS d
	LEFT JOIN pg_temp.import_netbox_source AS t
		ON t.netbox_table = 'dcim_devicetype' AND t.netbox_id = (d.fields ->> 'device_type_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS m
		ON m.netbox_table = 'dcim_manufacturer' AND m.netbox_id = (t.fields ->> 'manufacturer_id')::bigint
	LEFT JOIN pg_temp.import_netbox_source AS v
		ON v.netbox_table = 'dcim_virtualchassis' AND v.netbox_id = (d.fields ->> 'virtual_chassis_id')::bigint
	CROSS JOIN LATERAL powerpanel.import_netbox_device_name(d.fields, t.fields, m.fields, v.fields) AS n (name)
	WHERE d.netbox_table = 'dcim_device';

	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('%s "%s"', CASE s.netbox_table WHEN 'dcim_powerport' THEN 'power port' ELSE 'power outlet' END, s.fields ->> 'name')
			|| coalesce(' of ' || d.label, ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'device_id', powerpanel.import_netbox_id(instance, 'dcim_device', (s.fields ->> 'device_id')::bigint))
		|| CASE s.netbox_table
			WHEN 'dcim_powerport' THEN jsonb_build_object(
				'maximum_draw', s.fields -> 'maximum_draw',
				'allocated_draw', s.fields -> 'allocated_draw')
			ELSE jsonb_build_object(
				'power_port_id', powerpanel.import_netbox_id(instance, 'dcim_powerport', (s.fields ->> 'power_port_id')::bigint),
				'feed_leg', nullif(s.fields ->> 'feed_leg', ''))
		END
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_draft AS d
		ON d.netbox_table = 'dcim_device' AND d.netbox_id = (s.fields ->> 'device_id')::bigint
	WHERE s.netbox_table IN ('dcim_powerport', 'dcim_poweroutlet');
END
$$;
COMMENT ON FUNCTION import_netbox_stage_devices(text) IS
'Part of import_netbox: devices, their power ports and outlets';

CREATE FUNCTION import_netbox_stage_feeds(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields)
	SELECT s.netbox_table, s.netbox_id, powerpanel.import_netbox_id(instance, s.netbox_table, s.netbox_id),
		format('power feed "%s"', s.fields ->> 'name') || coalesce(' of ' || p.label, ''),
		jsonb_build_object(
			'name', s.fields -> 'name',
			'power_panel_id', powerpanel.import_netbox_id(instance, 'dcim_powerpanel', (s.fields ->> 'power_panel_id')::bigint),
			'rack_id', powerpanel.import_netbox_id(instance, 'dcim_rack', (s.fields ->> 'rack_id')::bigint),
			'status', s.fields -> 'status',
			'type', s.fields -> 'type',
			'supply', s.fields -> 'supply',
			'phase', s.fields -> 'phase',
			'voltage', s.fields -> 'voltage',
			'amperage', s.fields -> 'amperage',
			'max_utilization', s.fields -> 'max_utilization',
			'comments', nullif(s.fields ->> 'comments', ''))
	FROM pg_temp.import_netbox_source AS s
	LEFT JOIN pg_temp.import_netbox_draft AS p
		ON p.netbox_table = 'dcim_powerpanel' AND p.netbox_id = (s.fields ->> 'power_panel_id')::bigint
	WHERE s.netbox_table = 'dcim_powerfeed';
END
$$;
COMMENT ON FUNCTION import_netbox_stage_feeds(text) IS
'Part of import_netbox: power feeds';

-- A cable of NetBox has any number of ends at either side, each at anything;
-- ours joins one feed or outlet to one power port. Which side is A is nothing
-- but the order in which somebody clicked.
CREATE FUNCTION import_netbox_stage_cables(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	INSERT INTO pg_temp.import_netbox_draft (netbox_table, netbox_id, id, label, fields, reason)
	SELECT c.netbox_table, c.netbox_id, powerpanel.import_netbox_id(instance, c.netbox_table, c.netbox_id),
		format('cable "%s"', coalesce(nullif(c.fields ->> 'label', ''), '#' || c.netbox_id)),
		CASE WHEN e.side_a = 1 AND e.side_b = 1 AND e.ports = 1 AND e.sources = 1 THEN
			jsonb_build_object(
				'power_feed_id', powerpanel.import_netbox_id(instance, 'dcim_powerfeed', e.power_feed),
				'power_outlet_id', powerpanel.import_netbox_id(instance, 'dcim_poweroutlet', e.power_outlet),
				'power_port_id', powerpanel.import_netbox_id(instance, 'dcim_powerport', e.power_port),
				'label', nullif(c.fields ->> 'label', ''))
		END,
		CASE
			WHEN e.cable_id IS NULL THEN 'it has no ends'
			WHEN e.ports + e.sources = 0 THEN NULL		-- a data cable; these are counted, not named
			WHEN e.side_a > 1 OR e.side_b > 1 THEN 'it has more than one end at a side: ' || e.ends
			WHEN e.side_a + e.side_b = 1 THEN 'it has one end only: ' || e.ends
			WHEN e.ports <> 1 OR e.sources <> 1 THEN 'it joins ' || e.ends
		END
	FROM pg_temp.import_netbox_source AS c
	LEFT JOIN (
		SELECT t.cable_id,
			count(*) FILTER (WHERE t.cable_end = 'A') AS side_a,
			count(*) FILTER (WHERE t.cable_end = 'B') AS side_b,
			count(*) FILTER (WHERE t.netbox_table = 'dcim_powerport') AS ports,
			count(*) FILTER (WHERE t.netbox_table IN ('dcim_powerfeed', 'dcim_poweroutlet')) AS sources,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_powerfeed') AS power_feed,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_poweroutlet') AS power_outlet,
			max(t.netbox_id) FILTER (WHERE t.netbox_table = 'dcim_powerport') AS power_port,
			string_agg(coalesce(o.label, format('%s %s', t.netbox_table, t.netbox_id)), ' and '
				ORDER BY t.cable_end, t.netbox_table, t.netbox_id) AS ends
		FROM pg_temp.import_netbox_end AS t
		LEFT JOIN pg_temp.import_netbox_draft AS o USING (netbox_table, netbox_id)
		GROUP BY t.cable_id) AS e ON e.cable_id = c.netbox_id
	WHERE c.netbox_table = 'dcim_cable';
END
$$;
COMMENT ON FUNCTION import_netbox_stage_cables(text) IS
'Part of import_netbox: cables that join a power feed or outlet to a power port, and why others are not taken';

-- The order within a table of ours is that of NetBox's numbers, but a location
-- comes after the one that contains it. Locations that hang on a loop come last
-- and all in one step, so that the rule against loops is what refuses them.
CREATE FUNCTION import_netbox_steps(OUT id uuid, OUT step bigint)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	WITH RECURSIVE place AS (
		SELECT d.id, (d.fields ->> 'parent_id')::uuid AS parent_id, k.kind, d.netbox_id
		FROM pg_temp.import_netbox_draft AS d JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
		WHERE k.target = 'location'
	), tree (id, depth) AS (
		SELECT p.id, 0 FROM place AS p
		WHERE p.parent_id IS NULL OR p.parent_id NOT IN (SELECT q.id FROM place AS q)
		UNION ALL
		SELECT p.id, t.depth + 1 FROM tree AS t JOIN place AS p ON p.parent_id = t.id
	)
	SELECT p.id, row_number() OVER (ORDER BY t.depth, p.kind, p.netbox_id)
	FROM tree AS t JOIN place AS p ON p.id = t.id
	UNION ALL
	SELECT p.id, (SELECT count(*) + 1 FROM tree)
	FROM place AS p WHERE p.id NOT IN (SELECT t.id FROM tree AS t)
	UNION ALL
	SELECT d.id, row_number() OVER (PARTITION BY d.netbox_table ORDER BY d.netbox_id)
	FROM pg_temp.import_netbox_draft AS d JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
	WHERE k.target <> 'location' AND d.fields IS NOT NULL;
END
$$;
COMMENT ON FUNCTION import_netbox_steps() IS
'Part of import_netbox: the order in which the objects of each table are written';

-- The columns that NetBox knows are compared, and later written; what only the
-- inventory knows (breaker positions, panel types, destination panels, ...) is
-- left alone, and so is every custom field but "netbox".
CREATE FUNCTION import_netbox_compare(target text, owner text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_object
		SELECT d.netbox_table, d.netbox_id, d.id, d.label, d.fields, NULL, d.reason, k.kind, k.target, step.step,
			coalesce(t.custom_fields, '{}') || mark.custom_fields,
			CASE
				WHEN t.id IS NULL THEN 'insert'
				WHEN to_jsonb(t) @> d.fields AND t.custom_fields -> 'netbox' = mark.custom_fields -> 'netbox' THEN 'unchanged'
				ELSE 'update'
			END,
			coalesce(to_jsonb(t) ->> 'name' <> d.fields ->> 'name', false),
			t.id IS NOT NULL AND to_jsonb(t) ->> %2$L IS DISTINCT FROM d.fields ->> %2$L
		FROM pg_temp.import_netbox_draft AS d
		JOIN powerpanel.import_netbox_kinds() AS k USING (netbox_table)
		JOIN pg_temp.import_netbox_source AS s USING (netbox_table, netbox_id)
		CROSS JOIN LATERAL (SELECT jsonb_build_object('netbox',
			jsonb_build_object('table', d.netbox_table, 'id', d.netbox_id)
			|| CASE WHEN k.target = 'cable' AND s.fields ? 'status'
				THEN jsonb_build_object('status', s.fields -> 'status') ELSE '{}' END
			|| CASE WHEN s.fields -> 'custom_field_data' <> '{}'
				THEN jsonb_build_object('custom_fields', s.fields -> 'custom_field_data') ELSE '{}' END)) AS mark (custom_fields)
		LEFT JOIN pg_temp.import_netbox_step AS step ON step.id = d.id
		LEFT JOIN powerpanel.%1$I AS t ON t.id = d.id
		WHERE k.target = %1$L$q$,
		target, owner);
END
$$;
COMMENT ON FUNCTION import_netbox_compare(text, text) IS
'Part of import_netbox: what is new, changed or unchanged since an earlier import';

CREATE FUNCTION import_netbox_find_gone(instance text, target text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format($q$
		INSERT INTO pg_temp.import_netbox_gone (kind, netbox_table, netbox_id, id, label)
		SELECT k.kind, k.netbox_table, n.netbox_id, t.id,
			format('%%s "%%s"', replace(k.object_type, '_', ' '),
				coalesce(to_jsonb(t) ->> 'name', to_jsonb(t) ->> 'label', '#' || n.netbox_id))
		FROM powerpanel.%1$I AS t
		JOIN powerpanel.import_netbox_kinds() AS k
			ON k.target = %1$L AND k.netbox_table = t.custom_fields #>> '{netbox,table}'
		CROSS JOIN LATERAL (SELECT CASE
			WHEN t.custom_fields #>> '{netbox,id}' ~ '^\d{1,18}$' THEN (t.custom_fields #>> '{netbox,id}')::bigint
			END) AS n (netbox_id)
		WHERE t.id = powerpanel.import_netbox_id($1, k.netbox_table, n.netbox_id)
			AND NOT EXISTS (SELECT FROM pg_temp.import_netbox_draft AS d WHERE d.id = t.id)$q$,
		target)
		USING instance;
END
$$;
COMMENT ON FUNCTION import_netbox_find_gone(text, text) IS
'Part of import_netbox: what an earlier import brought and is gone from NetBox';

CREATE FUNCTION import_netbox_stage(instance text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kind record;
BEGIN
	CREATE TEMPORARY TABLE import_netbox_draft (
		netbox_table text,
		netbox_id bigint,
		id uuid UNIQUE,
		label text,				-- what messages call it
		fields jsonb,			-- our columns; NULL where it cannot be one of our objects
		reason text,			-- why it cannot
		PRIMARY KEY (netbox_table, netbox_id)
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_step (
		id uuid PRIMARY KEY,
		step bigint
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_object (
		netbox_table text,
		netbox_id bigint,
		id uuid PRIMARY KEY,
		label text,
		fields jsonb,
		rule text,				-- that refused it
		reason text,			-- why it is left out
		kind integer,
		target text,			-- our table
		step bigint,			-- the order within the target
		custom_fields jsonb,
		action text,			-- insert, update or unchanged
		renamed boolean,
		moved boolean
	) ON COMMIT DROP;
	CREATE TEMPORARY TABLE import_netbox_gone (
		kind integer,
		netbox_table text,
		netbox_id bigint,
		id uuid PRIMARY KEY,
		label text
	) ON COMMIT DROP;

	PERFORM powerpanel.import_netbox_stage_places(instance);
	PERFORM powerpanel.import_netbox_stage_devices(instance);
	PERFORM powerpanel.import_netbox_stage_feeds(instance);
	PERFORM powerpanel.import_netbox_stage_cables(instance);
	ANALYZE pg_temp.import_netbox_draft;
	INSERT INTO pg_temp.import_netbox_step SELECT s.id, s.step FROM powerpanel.import_netbox_steps() AS s;
	ANALYZE pg_temp.import_netbox_step;
	FOR kind IN
		SELECT k.target, min(k.owner) AS owner
		FROM powerpanel.import_netbox_kinds() AS k GROUP BY k.target
	LOOP
		PERFORM powerpanel.import_netbox_compare(kind.target, kind.owner);
		PERFORM powerpanel.import_netbox_find_gone(instance, kind.target);
	END LOOP;
	CREATE INDEX ON pg_temp.import_netbox_object (target, step);
	ANALYZE pg_temp.import_netbox_object, pg_temp.import_netbox_gone;
END
$$;
COMMENT ON FUNCTION import_netbox_stage(text) IS
'Part of import_netbox: makes objects of ours of the rows that were read, and compares them with the inventory';

-- Objects may have exchanged names, ends and places since the last import, and
-- no order of single updates would do that. So first every object lets go of
-- what is to change, and the writing of its row then brings the new value.
CREATE FUNCTION import_netbox_release()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kind record;
BEGIN
	-- A cable has nothing else to let go of than itself, and nothing refers to
	-- it; its custom fields are kept in import_netbox_object. NetBox makes a new
	-- cable whenever one is plugged elsewhere, so one of its that is gone makes
	-- way for the one that took its end.
	DELETE FROM powerpanel.cable AS c
	USING pg_temp.import_netbox_object AS o
	WHERE o.target = 'cable' AND o.rule IS NULL AND o.id = c.id
		AND NOT to_jsonb(c) @> (o.fields - 'label');
	DELETE FROM powerpanel.cable AS c
	WHERE c.id IN (SELECT g.id FROM pg_temp.import_netbox_gone AS g
			UNION ALL
			SELECT o.id FROM pg_temp.import_netbox_object AS o WHERE o.target = 'cable' AND o.fields IS NULL)
		AND EXISTS (SELECT FROM pg_temp.import_netbox_object AS o
			WHERE o.target = 'cable' AND o.rule IS NULL AND (
				(o.fields ->> 'power_port_id')::uuid = c.power_port_id
				OR (o.fields ->> 'power_feed_id')::uuid = c.power_feed_id
				OR (o.fields ->> 'power_outlet_id')::uuid = c.power_outlet_id));

	UPDATE powerpanel.power_outlet AS t SET power_port_id = NULL
	FROM pg_temp.import_netbox_object AS o
	WHERE o.target = 'power_outlet' AND o.rule IS NULL AND o.action = 'update' AND o.id = t.id
		AND t.power_port_id IS NOT NULL
		AND NOT to_jsonb(t) @> jsonb_build_object('device_id', o.fields -> 'device_id', 'power_port_id', o.fields -> 'power_port_id');

	IF EXISTS (SELECT FROM pg_temp.import_netbox_object AS o
		WHERE o.target IN ('location', 'rack', 'power_panel') AND o.moved AND o.rule IS NULL)
	THEN
		UPDATE powerpanel.power_feed AS t SET rack_id = NULL
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.rule IS NULL AND o.id = t.id AND t.rack_id IS NOT NULL;
	END IF;

	FOR kind IN SELECT DISTINCT k.target FROM powerpanel.import_netbox_kinds() k WHERE k.owner IS NOT NULL
	LOOP
		EXECUTE format($q$
			UPDATE powerpanel.%1$I AS t SET name = t.id::text
			FROM pg_temp.import_netbox_object AS o
			WHERE o.target = %1$L AND o.rule IS NULL AND (o.renamed OR o.moved) AND o.id = t.id$q$,
			kind.target);
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_netbox_release() IS
'Part of import_netbox: lets objects of an earlier import let go of the names, ends and places that are to change';

CREATE FUNCTION import_netbox_write(target text, first_step bigint, last_step bigint)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	our_columns text;	-- name, location_id
	read_values text;	-- r.name, r.location_id
	old_values text;	-- t.name, t.location_id
	new_values text;	-- excluded.name, excluded.location_id
BEGIN
	SELECT string_agg(quote_ident(f), ', '), string_agg(format('r.%I', f), ', '),
		string_agg(format('t.%I', f), ', '), string_agg(format('excluded.%I', f), ', ')
	INTO our_columns, read_values, old_values, new_values
	FROM (SELECT o.fields FROM pg_temp.import_netbox_object AS o
		WHERE o.target = import_netbox_write.target AND o.step >= first_step ORDER BY o.step LIMIT 1) AS any_object
	CROSS JOIN LATERAL jsonb_object_keys(any_object.fields) AS f;
	IF our_columns IS NULL THEN
		RETURN;
	END IF;
	-- a feed that is unchanged may have had to let go of its rack
	EXECUTE format($q$
		INSERT INTO powerpanel.%1$I AS t (id, custom_fields, %2$s)
		SELECT o.id, o.custom_fields, %3$s
		FROM pg_temp.import_netbox_object AS o
		CROSS JOIN LATERAL jsonb_populate_record(NULL::powerpanel.%1$I, o.fields) AS r
		WHERE o.target = %1$L AND o.rule IS NULL AND o.step BETWEEN $1 AND $2
			AND (o.action <> 'unchanged' OR o.target = 'power_feed')
		ORDER BY o.step
		ON CONFLICT (id) DO UPDATE SET (custom_fields, %2$s) = ROW (excluded.custom_fields, %5$s)
		WHERE (t.custom_fields, %4$s) IS DISTINCT FROM (excluded.custom_fields, %5$s)$q$,
		import_netbox_write.target, our_columns, read_values, old_values, new_values)
		USING first_step, last_step;
END
$$;
COMMENT ON FUNCTION import_netbox_write(text, bigint, bigint) IS
'Part of import_netbox: writes the objects of some steps into their table';

CREATE FUNCTION import_netbox_name_of(object uuid, target text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN coalesce(
		(SELECT format('%s (%s %s)', o.label, o.netbox_table, o.netbox_id)
		FROM pg_temp.import_netbox_object AS o WHERE o.id = object),
		(SELECT format('%s (%s %s), which is gone from NetBox since an earlier import,', g.label, g.netbox_table, g.netbox_id)
		FROM pg_temp.import_netbox_gone AS g WHERE g.id = object),
		format('a %s that does not come from this NetBox (id %s)', replace(target, '_', ' '), object));
END
$$;
COMMENT ON FUNCTION import_netbox_name_of(uuid, text) IS
'Part of import_netbox: an object of the inventory as messages call it';

-- PostgreSQL's own words for keys and checks name nothing but UUIDs, while the
-- rules in C speak of objects by name.
CREATE FUNCTION import_netbox_reason(object uuid, rule text, state text, message text, detail text)
RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	o record;
	key record;
	other uuid;
	other_exists boolean;
BEGIN
	SELECT i.target, i.fields INTO o FROM pg_temp.import_netbox_object AS i WHERE i.id = object;
	SELECT c.contype, obj_description(c.oid, 'pg_constraint') AS description,
		array_agg(a.attname::text ORDER BY k.n) AS columns, f.oid::regclass AS refers_to, f.relname::text AS referred
	INTO key
	FROM pg_constraint AS c
	CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, n)
	JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.attnum
	LEFT JOIN pg_class AS f ON f.oid = c.confrelid
	WHERE c.conrelid = format('powerpanel.%I', o.target)::regclass AND c.conname = rule
	GROUP BY c.oid, c.contype, f.oid, f.relname;

	IF state = '23505' AND key.columns IS NOT NULL THEN
		-- columns that NetBox does not know are as they are in the row
		EXECUTE format($q$
			SELECT t.id
			FROM jsonb_populate_record((SELECT s FROM powerpanel.%1$I AS s WHERE s.id = $1), $2) AS r
			JOIN powerpanel.%1$I AS t ON t.id <> $1 AND %2$s$q$,
			o.target, (SELECT string_agg(format('t.%1$I IS NOT DISTINCT FROM r.%1$I', k), ' AND ') FROM unnest(key.columns) AS k))
			INTO other USING object, o.fields;
		IF other IS NOT NULL THEN
			RETURN format('%s has this %s here already', powerpanel.import_netbox_name_of(other, o.target),
				CASE WHEN 'name' = ANY (key.columns) THEN 'name' ELSE 'end' END);
		END IF;
	ELSIF state = '23503' AND key.columns IS NOT NULL AND key.referred <> 'feed_status' THEN
		other := o.fields ->> key.columns[cardinality(key.columns)];
		EXECUTE format('SELECT EXISTS (SELECT FROM %s AS t WHERE t.id = $1)', key.refers_to) INTO other_exists USING other;
		IF other_exists THEN
			RETURN format('%s belongs to another device', powerpanel.import_netbox_name_of(other, key.referred));
		ELSIF EXISTS (SELECT FROM pg_temp.import_netbox_object AS i WHERE i.id = other) THEN
			RETURN format('it needs %s, which is left out', powerpanel.import_netbox_name_of(other, key.referred));
		END IF;
		RETURN format('it refers to a %s that is not in NetBox', replace(key.referred, '_', ' '));
	ELSIF key.contype = 'c' THEN
		RETURN format('%s (%s)', key.description, (
			SELECT string_agg(format('%s: %s', k, coalesce(quote_literal(o.fields ->> k), 'none')), ', ')
			FROM unnest(key.columns) AS k));
	END IF;
	RETURN concat_ws(' ', message || '.', nullif(detail, ''));
END
$$;
COMMENT ON FUNCTION import_netbox_reason(uuid, text, text, text, text) IS
'Part of import_netbox: what the error of a rule says, in the names of NetBox''s objects';

-- Writes all steps from first to last in one statement; where a rule refuses
-- that, the one half and then the other, down to the steps that are refused by
-- themselves. What goes through stays written. So the cost is that of one
-- statement where nothing is refused, and a few dozen for each object that is.
CREATE FUNCTION import_netbox_try(target text, first_step bigint, last_step bigint)
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
		PERFORM powerpanel.import_netbox_write(target, first_step, last_step);
		RETURN '[]';
	-- raise_exception is what triggers of the inventory's owner may raise
	EXCEPTION WHEN integrity_constraint_violation OR data_exception OR raise_exception THEN
		GET STACKED DIAGNOSTICS
			state = RETURNED_SQLSTATE, refused_by = CONSTRAINT_NAME, null_column = COLUMN_NAME,
			message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL;
	END;
	IF first_step < last_step THEN
		RETURN powerpanel.import_netbox_try(target, first_step, middle)
			|| powerpanel.import_netbox_try(target, middle + 1, last_step);
	END IF;
	IF state = '23502' THEN		-- not a named constraint before PostgreSQL 18, which calls it so
		refused_by := format('%s_%s_not_null', target, null_column);
	END IF;
	RETURN (
		SELECT jsonb_agg(jsonb_build_object(
			'id', o.id,
			'rule', coalesce(nullif(refused_by, ''), 'SQLSTATE ' || state),
			'reason', powerpanel.import_netbox_reason(o.id, refused_by, state, message, detail)))
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = import_netbox_try.target AND o.step = first_step AND o.rule IS NULL);
END
$$;
COMMENT ON FUNCTION import_netbox_try(text, bigint, bigint) IS
'Part of import_netbox: writes objects and returns those that a rule refuses, with the rule';

-- An object that is refused keeps what it had let go of, and others may be in
-- conflict with that; so all is undone and done again without the refused ones,
-- until nothing more is refused.
CREATE FUNCTION import_netbox_write_all()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused jsonb;
	target record;
BEGIN
	LOOP
		BEGIN
			refused := '[]';
			PERFORM powerpanel.import_netbox_release();
			FOR target IN
				SELECT o.target AS name, max(o.step) AS steps
				FROM pg_temp.import_netbox_object AS o
				WHERE o.step IS NOT NULL
				GROUP BY o.target ORDER BY min(o.kind)
			LOOP
				refused := refused || powerpanel.import_netbox_try(target.name, 1, target.steps);
			END LOOP;
			EXIT WHEN refused = '[]';
			RAISE EXCEPTION USING ERRCODE = 'PPUND';	-- undoes this block
		EXCEPTION WHEN SQLSTATE 'PPUND' THEN
			NULL;
		END;
		UPDATE pg_temp.import_netbox_object AS o SET rule = r.rule, reason = r.reason
		FROM jsonb_to_recordset(refused) AS r (id uuid, rule text, reason text)
		WHERE r.id = o.id;
	END LOOP;
END
$$;
COMMENT ON FUNCTION import_netbox_write_all() IS
'Part of import_netbox: writes all objects but those that a rule refuses, and marks these';

-- Which of the statuses that somebody added to NetBox mean power is for people
-- to say. Until then a feed of such a status carries none.
CREATE FUNCTION import_netbox_statuses()
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
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S'
		ON CONFLICT DO NOTHING
		RETURNING s.name)
	SELECT array_agg(a.name ORDER BY a.name) INTO added FROM a;
	RETURN coalesce(added, '{}');
END
$$;
COMMENT ON FUNCTION import_netbox_statuses() IS
'Part of import_netbox: adds the feed statuses that the inventory does not have, and returns them';

CREATE FUNCTION import_netbox_fail(schema_name name)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	refused bigint;
	objects bigint;
	list text;
BEGIN
	SELECT count(o.rule), count(*),
		string_agg(format('%s (%s %s): %s: %s', o.label, o.netbox_table, o.netbox_id, o.rule, o.reason), E'\n' ORDER BY o.kind, o.netbox_id)
			FILTER (WHERE o.rule IS NOT NULL)
	INTO refused, objects, list
	FROM pg_temp.import_netbox_object AS o;
	IF refused > 0 THEN
		RAISE EXCEPTION 'rules refuse % of the % objects of the NetBox in schema "%", and nothing was imported', refused, objects, schema_name
			USING ERRCODE = 'integrity_constraint_violation',
				DETAIL = list,
				HINT = 'Correct them in NetBox, or import the others with keep_going => true and have these listed in the result.';
	END IF;
END
$$;
COMMENT ON FUNCTION import_netbox_fail(name) IS
'Part of import_netbox: raises one error that names every refused object with its rule, if there is one';

CREATE FUNCTION import_netbox_details(kind integer)
RETURNS jsonb
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN (
		SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(d) - 'part') ORDER BY d.part, d.id), '[]')
		FROM (
			SELECT 1 AS part, o.netbox_id AS id, o.netbox_table AS "table", o.label AS object, NULL::bigint AS objects, o.rule,
				coalesce(o.reason, 'it is no power cable any more') || CASE
					WHEN o.action = 'insert' THEN ''
					WHEN o.target = 'cable' AND NOT EXISTS (SELECT FROM powerpanel.cable AS c WHERE c.id = o.id)
						THEN '; removed here, as another cable has its end now'
					ELSE '; it stays as an earlier import left it'
				END AS reason
			FROM pg_temp.import_netbox_object AS o
			WHERE o.kind = import_netbox_details.kind AND (o.reason IS NOT NULL OR (o.fields IS NULL AND o.action <> 'insert'))
			UNION ALL
			SELECT 2, NULL, 'dcim_cable', NULL, count(*), NULL,
				'they are not power cables: no end at a power feed, power outlet or power port'
			FROM pg_temp.import_netbox_object AS o
			WHERE o.kind = import_netbox_details.kind AND o.fields IS NULL AND o.reason IS NULL AND o.action = 'insert'
			HAVING count(*) > 0
			UNION ALL
			SELECT 3, g.netbox_id, g.netbox_table, g.label, NULL, NULL,
				CASE WHEN g.netbox_table = 'dcim_cable' AND NOT EXISTS (SELECT FROM powerpanel.cable AS c WHERE c.id = g.id)
					THEN 'gone from NetBox since an earlier import; removed here, as another cable has its end now'
					ELSE 'gone from NetBox since an earlier import; left here' END
			FROM pg_temp.import_netbox_gone AS g
			WHERE g.kind = import_netbox_details.kind) AS d);
END
$$;
COMMENT ON FUNCTION import_netbox_details(integer) IS
'Part of import_netbox: every object of one kind that was left out or is gone, with the rule or reason';

CREATE FUNCTION import_netbox_report(added_statuses text[],
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	RETURN QUERY
	SELECT k.object_type, c.objects_read, c.taken, c.inserted, c.updated, c.unchanged, c.objects_read - c.taken,
		(SELECT count(*) FROM pg_temp.import_netbox_gone AS g WHERE g.kind = k.kind),
		powerpanel.import_netbox_details(k.kind)
	FROM powerpanel.import_netbox_kinds() AS k
	CROSS JOIN LATERAL (
		SELECT count(*) AS objects_read,
			count(*) FILTER (WHERE o.taken) AS taken,
			count(*) FILTER (WHERE o.taken AND o.action = 'insert') AS inserted,
			count(*) FILTER (WHERE o.taken AND o.action = 'update') AS updated,
			count(*) FILTER (WHERE o.taken AND o.action = 'unchanged') AS unchanged
		FROM (SELECT i.action, i.fields IS NOT NULL AND i.rule IS NULL AS taken
			FROM pg_temp.import_netbox_object AS i WHERE i.kind = k.kind) AS o) AS c
	ORDER BY k.kind;

	RETURN QUERY
	SELECT 'feed_status', s.found, s.found, cardinality(added_statuses)::bigint, 0::bigint,
		s.found - cardinality(added_statuses), 0::bigint, 0::bigint,
		coalesce((
			SELECT jsonb_agg(jsonb_build_object('object', format('feed status "%s"', a),
				'reason', 'added, and feeds of this status taken as not energized; set energized in powerpanel.feed_status where they are')
				ORDER BY a)
			FROM unnest(added_statuses) AS a), '[]')
	FROM (SELECT count(DISTINCT o.fields ->> 'status') AS found
		FROM pg_temp.import_netbox_object AS o
		WHERE o.target = 'power_feed' AND o.fields ->> 'status' ~ '\S') AS s;
END
$$;
COMMENT ON FUNCTION import_netbox_report(text[]) IS
'Part of import_netbox: what it returns';

-- The default is an expression rather than a constant, which would make the
-- extension depend on the schema public, or fail to install where that is gone.
CREATE FUNCTION import_netbox(source regnamespace DEFAULT 'public'::text::regnamespace, keep_going boolean DEFAULT false,
	OUT object_type text, OUT objects_read bigint, OUT taken bigint, OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
	OUT left_out bigint, OUT gone bigint, OUT details jsonb)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	schema_name CONSTANT name := powerpanel.import_netbox_check(source);
	instance CONSTANT text := powerpanel.import_netbox_instance(schema_name);
	own_constraints text;
	added_statuses text[];
BEGIN
	PERFORM powerpanel.import_netbox_read(schema_name);
	PERFORM powerpanel.import_netbox_stage(instance);
	-- a rule that waits for the end of the transaction would refuse it as a
	-- whole, and name no object
	SELECT string_agg(format('powerpanel.%I', c.conname), ', ') INTO own_constraints
	FROM pg_constraint AS c JOIN pg_namespace AS n ON n.oid = c.connamespace
	WHERE n.nspname = 'powerpanel' AND c.condeferrable;
	IF own_constraints IS NOT NULL THEN
		EXECUTE format('SET CONSTRAINTS %s IMMEDIATE', own_constraints);
	END IF;
	added_statuses := powerpanel.import_netbox_statuses();
	PERFORM powerpanel.import_netbox_write_all();
	IF keep_going IS NOT TRUE THEN
		PERFORM powerpanel.import_netbox_fail(schema_name);
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.import_netbox_report(added_statuses);
	-- so that one transaction can import twice
	DROP TABLE pg_temp.import_netbox_source, pg_temp.import_netbox_end, pg_temp.import_netbox_draft, pg_temp.import_netbox_step,
		pg_temp.import_netbox_object, pg_temp.import_netbox_gone;
END
$$;
COMMENT ON FUNCTION import_netbox(regnamespace, boolean) IS
'Fills the inventory from the tables of a NetBox (3.3 to 4.2) that lie in a schema of this database; run again, it updates what it brought.

Reads regions, sites and locations (which become one tree of locations: region > site > location), racks, devices, power panels, power feeds, power ports, power outlets and cables. Site groups, tenants, roles and network objects are not read. A device without a name gets the one that NetBox shows. Of the cables it takes those that join a power feed or power outlet, at either side, to one power port.

Returns a row for each kind of object: how many it read (objects_read), how many of these it took (taken = inserted + updated + unchanged) and left out (objects_read = taken + left_out), how many that an earlier import brought are gone from NetBox, and details, a JSON array that accounts for each one left out or gone: table and id in NetBox, object (its name), rule (of the inventory, where one refuses it) and reason; cables that carry no power are counted in one entry.

What a rule of the inventory refuses makes the whole import fail, with one error (23000) whose detail names every refused object with its rule. With keep_going the others are imported, and the refused ones are in details. A feed status that the inventory lacks is added, as not energized, and reported. What is gone from NetBox stays, except a cable whose end another cable of NetBox has now.

An object of NetBox has a key that is always the same, made of the moment NetBox''s database was set up, the table and the id; these two are kept in custom_fields under "netbox", with NetBox''s own custom fields and the status of a cable. A second import writes only the columns that NetBox has and that key of custom_fields, so breaker positions, panel types, destination panels and the like stay.

Raises 22023 where the schema holds no NetBox, an older one or not all of its tables. It makes the deferrable rules of the inventory immediate in the current transaction. Where NetBox is at work meanwhile, run it in a REPEATABLE READ transaction';
-- The inventory is not dropped by mistake, and its tables are not changed
-- without a word.

CREATE FUNCTION guard_drop() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION guard_drop() IS
'Event trigger: refuses (2BP01) to drop the extension while its inventory holds rows, unless powerpanel.allow_drop is on';

CREATE FUNCTION warn_of_change() RETURNS event_trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION warn_of_change() IS
'Event trigger: warns that pg_dump does not carry a change of one of the extension''s tables';

CREATE EVENT TRIGGER powerpanel_guard_drop ON ddl_command_start
WHEN TAG IN ('DROP EXTENSION', 'DROP SCHEMA', 'DROP OWNED')
EXECUTE FUNCTION powerpanel.guard_drop();
COMMENT ON EVENT TRIGGER powerpanel_guard_drop IS 'Refuses to drop extension powerpanel while its inventory holds rows, unless powerpanel.allow_drop is on';

CREATE EVENT TRIGGER powerpanel_warn_of_change ON ddl_command_end
WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX', 'CREATE TRIGGER')
EXECUTE FUNCTION powerpanel.warn_of_change();
COMMENT ON EVENT TRIGGER powerpanel_warn_of_change IS 'Warns that pg_dump does not carry a change of a table of extension powerpanel';
-- pg_restore -j loads tables in an order of its own; see restore.c.

CREATE FUNCTION load_in_any_order() RETURNS trigger
AS 'MODULE_PATHNAME' LANGUAGE C;
COMMENT ON FUNCTION load_in_any_order() IS
'Trigger: where a superuser restores a dump into a table that was empty, does without foreign keys and checks for the rest of the transaction, because with -j the tables come in any order. check_integrity() tells whether all came';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON location
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON location IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON rack_group
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON rack_group IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON rack
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON rack IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON device
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON device IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_panel
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_panel IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_feed
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_feed IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_port
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_port IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON power_outlet
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON power_outlet IS 'Lets pg_restore -j load the tables in any order';

CREATE TRIGGER load_in_any_order BEFORE INSERT ON cable
FOR EACH STATEMENT EXECUTE FUNCTION load_in_any_order();
COMMENT ON TRIGGER load_in_any_order ON cable IS 'Lets pg_restore -j load the tables in any order';
-- pg_dump leaves out the row level security of an extension's tables. Whoever
-- restored such a dump would show everybody what was hidden before. So it is
-- kept as rows, which are dumped, and made again when these are loaded. They lie
-- in a schema of their own: they are no part of the inventory, nor of what a
-- publication of the inventory's schema carries.

CREATE SCHEMA powerpanel_dump;
COMMENT ON SCHEMA powerpanel_dump IS 'What extension powerpanel keeps for pg_dump to carry';

CREATE TABLE powerpanel_dump.row_security (
	table_name text,
	policy text,
	definition text NOT NULL,
	PRIMARY KEY (table_name, policy)
);
COMMENT ON TABLE powerpanel_dump.row_security IS 'The row level security of the inventory''s tables, for pg_dump to carry. Kept by the extension; use CREATE POLICY and ALTER TABLE';
COMMENT ON COLUMN powerpanel_dump.row_security.table_name IS 'The table';
COMMENT ON COLUMN powerpanel_dump.row_security.policy IS 'The policy; empty for whether row level security is on at all';
COMMENT ON COLUMN powerpanel_dump.row_security.definition IS 'The statement that makes it';

CREATE FUNCTION restore_row_security(rows powerpanel_dump.row_security[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	kept powerpanel_dump.row_security;
	tab pg_class;
BEGIN
	FOREACH kept IN ARRAY rows LOOP
		SELECT c.* INTO tab FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relname = kept.table_name;
		CONTINUE WHEN NOT FOUND OR CASE kept.policy
			WHEN '' THEN tab.relrowsecurity OR tab.relforcerowsecurity
			ELSE EXISTS (
				SELECT FROM pg_policy AS p WHERE p.polrelid = tab.oid AND p.polname = kept.policy) END;
		IF pg_has_role(tab.relowner, 'USAGE') THEN
			EXECUTE kept.definition;
		ELSE
			RAISE WARNING 'row level security of table "powerpanel.%" is not restored', kept.table_name
				USING DETAIL = kept.definition, HINT = 'It takes the owner of the table.';
		END IF;
	END LOOP;
END
$$;
COMMENT ON FUNCTION restore_row_security(powerpanel_dump.row_security[]) IS
'Makes the row level security that these rows tell of, where it is not there; warns where the current user does not own the table';

CREATE FUNCTION restore_row_security() RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	PERFORM powerpanel.restore_row_security(ARRAY[NEW]);
	RETURN NULL;
END
$$;
COMMENT ON FUNCTION restore_row_security() IS
'Trigger: makes the row level security that a restored row tells of';

CREATE TRIGGER restore_row_security AFTER INSERT ON powerpanel_dump.row_security
FOR EACH ROW EXECUTE FUNCTION restore_row_security();
COMMENT ON TRIGGER restore_row_security ON powerpanel_dump.row_security IS 'Makes the row level security that a restored row tells of';
ALTER TABLE powerpanel_dump.row_security ENABLE ALWAYS TRIGGER restore_row_security;

CREATE FUNCTION record_row_security() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	-- what is being restored is on record
	IF pg_trigger_depth() > 0 THEN
		RETURN;
	END IF;
	-- so it is when a dump made with --disable-triggers turns them on again
	IF EXISTS (
		SELECT FROM pg_event_trigger_ddl_commands() AS d
		WHERE d.objid = 'powerpanel_dump.row_security'::regclass) THEN
		PERFORM powerpanel.restore_row_security(ARRAY(SELECT k FROM powerpanel_dump.row_security AS k));
		RETURN;
	END IF;

	WITH now (table_name, policy, definition) AS MATERIALIZED (
		SELECT c.relname::text, '',
			format('ALTER TABLE powerpanel.%I %s ROW LEVEL SECURITY, %s ROW LEVEL SECURITY', c.relname,
				CASE WHEN c.relrowsecurity THEN 'ENABLE' ELSE 'DISABLE' END,
				CASE WHEN c.relforcerowsecurity THEN 'FORCE' ELSE 'NO FORCE' END)
		FROM pg_class AS c
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind = 'r'
			AND (c.relrowsecurity OR c.relforcerowsecurity)
		UNION ALL
		SELECT p.tablename::text, p.policyname::text,
			format('CREATE POLICY %I ON powerpanel.%I AS %s FOR %s TO %s%s%s', p.policyname, p.tablename,
				p.permissive, p.cmd,
				(SELECT string_agg(CASE WHEN r = 'public' THEN 'PUBLIC' ELSE quote_ident(r) END, ', ')
					FROM unnest(p.roles) AS r),
				' USING (' || p.qual || ')', ' WITH CHECK (' || p.with_check || ')')
		FROM pg_policies AS p
		WHERE p.schemaname = 'powerpanel'),
	gone AS (
		DELETE FROM powerpanel_dump.row_security AS k
		WHERE NOT EXISTS (
			SELECT FROM now AS n WHERE n.table_name = k.table_name AND n.policy = k.policy))
	INSERT INTO powerpanel_dump.row_security AS k (table_name, policy, definition)
	SELECT n.table_name, n.policy, n.definition FROM now AS n
	ON CONFLICT (table_name, policy) DO UPDATE SET definition = excluded.definition
		WHERE k.definition <> excluded.definition;
END
$$;
COMMENT ON FUNCTION record_row_security() IS
'Event trigger: keeps the policies of the inventory''s tables for pg_dump';

CREATE EVENT TRIGGER powerpanel_row_security ON ddl_command_end
WHEN TAG IN ('CREATE POLICY', 'ALTER POLICY', 'DROP POLICY', 'ALTER TABLE', 'DROP OWNED')
EXECUTE FUNCTION powerpanel.record_row_security();
COMMENT ON EVENT TRIGGER powerpanel_row_security IS 'Keeps row level security of extension powerpanel where pg_dump finds it';
-- ALTER TABLE ... ENABLE TRIGGER ALL, with which a dump made with
-- --disable-triggers ends, makes of an ENABLE ALWAYS trigger an ordinary one.

CREATE FUNCTION keep_always() RETURNS event_trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t pg_trigger;
BEGIN
	FOR t IN
		SELECT * FROM pg_trigger AS g
		WHERE g.tgenabled = 'O' AND g.tgfoid IN (
			'powerpanel.set_derived_columns()'::regprocedure,
			'powerpanel.rederive_feeds()'::regprocedure,
			'powerpanel.forget_panel()'::regprocedure,
			'powerpanel.restore_row_security()'::regprocedure)
	LOOP
		EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', t.tgrelid::regclass, t.tgname);
	END LOOP;
END
$$;
COMMENT ON FUNCTION keep_always() IS
'Event trigger: has the triggers that keep derived columns and row level security fire whatever session_replication_role is, also after ENABLE TRIGGER ALL';

CREATE EVENT TRIGGER powerpanel_keep_always ON ddl_command_end
WHEN TAG IN ('ALTER TABLE')
EXECUTE FUNCTION powerpanel.keep_always();
COMMENT ON EVENT TRIGGER powerpanel_keep_always IS 'Keeps triggers of extension powerpanel ENABLE ALWAYS';
-- Trigger functions are for the triggers of the extension. Firing one takes no
-- right to execute it; putting one on a table of one's own does.

REVOKE EXECUTE ON FUNCTION
	check_breaker(), check_panel_breakers(), check_feed_cycle(),
	check_destination_or_cable(), check_cable_destination(),
	check_cable_cycle(), check_outlet_cycle(),
	check_location(), check_rack_group(), check_rack(), check_panel_location(), check_feed_rack(),
	set_derived_columns(), rederive_feeds(), forget_panel(),
	load_in_any_order(), restore_row_security()
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
SELECT pg_catalog.pg_extension_config_dump('power_outlet', '');
SELECT pg_catalog.pg_extension_config_dump('cable', '');
SELECT pg_catalog.pg_extension_config_dump('powerpanel_dump.row_security', '');
