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
