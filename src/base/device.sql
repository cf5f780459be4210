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
