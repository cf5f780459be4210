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
