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
