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
