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

COMMENT ON CONSTRAINT location_pkey ON location IS 'The key of a location';
COMMENT ON CONSTRAINT location_parent_id_name_key ON location IS 'Locations of one parent have different names, and so have those at the top';
