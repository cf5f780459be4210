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
