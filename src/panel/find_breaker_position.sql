CREATE FUNCTION find_breaker_position(panel uuid, poles integer, balance boolean DEFAULT false)
RETURNS integer
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION find_breaker_position(uuid, integer, boolean) IS
'The first place where a breaker with so many poles fits on a panel; with balance, the first of the places that leave the numbers of poles on the phases most even. NULL where there is no place, where the bus has fewer phases, or for a NULL argument. Raises 22023 where there is no such panel, or poles are not 1 to 3';
