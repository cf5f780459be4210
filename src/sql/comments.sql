-- Comments that releases up to 1.1.0 lacked, so that an upgrade gives them, too:
-- on the schema, on what PostgreSQL makes along with something else, and on keys.

COMMENT ON SCHEMA powerpanel IS 'The electrical distribution of data centres, kept correct by extension powerpanel';

COMMENT ON OPERATOR FAMILY position_set_ops USING btree IS 'order of position sets: as their ascending lists';
COMMENT ON OPERATOR FAMILY position_set_ops USING hash IS 'equality of position sets';
COMMENT ON OPERATOR FAMILY gist_position_set_ops USING gist IS 'Overlap and equality of position sets';

COMMENT ON CONSTRAINT location_pkey ON location IS 'The key of a location';
COMMENT ON CONSTRAINT rack_group_pkey ON rack_group IS 'The key of a rack group';
COMMENT ON CONSTRAINT rack_pkey ON rack IS 'The key of a rack';
COMMENT ON CONSTRAINT device_pkey ON device IS 'The key of a device';
COMMENT ON CONSTRAINT power_panel_pkey ON power_panel IS 'The key of a power panel';
COMMENT ON CONSTRAINT power_feed_pkey ON power_feed IS 'The key of a power feed';
COMMENT ON CONSTRAINT power_port_pkey ON power_port IS 'The key of a power port';
COMMENT ON CONSTRAINT power_outlet_pkey ON power_outlet IS 'The key of a power outlet';
COMMENT ON CONSTRAINT cable_pkey ON cable IS 'The key of a cable';
COMMENT ON CONSTRAINT feed_status_pkey ON feed_status IS 'The name of a feed status is its key';
COMMENT ON CONSTRAINT row_security_pkey ON powerpanel_dump.row_security IS 'A policy is kept once';

COMMENT ON CONSTRAINT location_parent_id_name_key ON location IS 'Locations of one parent have different names, and so have those at the top';
COMMENT ON CONSTRAINT rack_group_location_id_name_key ON rack_group IS 'Rack groups of one location have different names';
COMMENT ON CONSTRAINT rack_location_id_rack_group_id_name_key ON rack IS 'Racks of one location and rack group have different names, and so have those of one location without a group';
COMMENT ON CONSTRAINT power_panel_location_id_name_key ON power_panel IS 'Power panels of one location have different names';
COMMENT ON CONSTRAINT power_feed_power_panel_id_name_key ON power_feed IS 'Power feeds of one panel have different names';
COMMENT ON CONSTRAINT power_port_device_id_name_key ON power_port IS 'Power ports of one device have different names';
COMMENT ON CONSTRAINT power_port_device_id_id_key ON power_port IS 'What power_outlet_power_port refers to';
COMMENT ON CONSTRAINT power_outlet_device_id_name_key ON power_outlet IS 'Power outlets of one device have different names';
COMMENT ON CONSTRAINT cable_power_feed_id_key ON cable IS 'At most one cable comes from a power feed';
COMMENT ON CONSTRAINT cable_power_outlet_id_key ON cable IS 'At most one cable comes from a power outlet';
COMMENT ON CONSTRAINT cable_power_port_id_key ON cable IS 'At most one cable is plugged into a power port';

-- \di+ shows the comment of a key's index, not that of the key.
DO $$
DECLARE
	k record;
BEGIN
	FOR k IN
		SELECT c.conindid::pg_catalog.regclass AS index, pg_catalog.obj_description(c.oid, 'pg_constraint') AS comment
		FROM pg_catalog.pg_constraint AS c
		WHERE c.contype IN ('p', 'u')
			AND c.connamespace IN ('powerpanel'::pg_catalog.regnamespace, 'powerpanel_dump'::pg_catalog.regnamespace)
	LOOP
		EXECUTE pg_catalog.format('COMMENT ON INDEX %s IS %L', k.index, k.comment);
	END LOOP;
END
$$;
