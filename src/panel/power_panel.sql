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
	max_utilization integer NOT NULL DEFAULT 100
		CONSTRAINT power_panel_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
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
COMMENT ON COLUMN power_panel.panel_type IS 'What it is; NULL where that is not known';
COMMENT ON COLUMN power_panel.circuit_positions IS 'How many breaker positions it has, 1 to 1000; NULL where nobody counted them, and then there is no limit';
COMMENT ON COLUMN power_panel.numbering IS 'How its positions are numbered';
COMMENT ON COLUMN power_panel.bus IS 'The phases of its bus';
COMMENT ON COLUMN power_panel.power_path IS 'The redundant path it belongs to, if any';
COMMENT ON COLUMN power_panel.voltage IS 'Voltage of the bus in V, between phases where it has several; negative on a negative dc bus; NULL where it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_panel.main_breaker_amperage IS 'Rating of the main breaker in A; NULL where there is none or it is not known, and then the capacity is that of the feeds that enter the panel';
COMMENT ON COLUMN power_panel.max_utilization IS 'How much of the main breaker may be used, in percent';
COMMENT ON COLUMN power_panel.comments IS 'Free text';
COMMENT ON COLUMN power_panel.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_panel_name ON power_panel IS 'A power panel has a name that is not blank';
COMMENT ON CONSTRAINT power_panel_circuit_positions ON power_panel IS 'A power panel has 1 to 1000 circuit positions';
COMMENT ON CONSTRAINT power_panel_voltage ON power_panel IS 'The voltage of a power panel is not 0';
COMMENT ON CONSTRAINT power_panel_main_breaker_amperage ON power_panel IS 'The main breaker of a power panel is rated 1 A or more';
COMMENT ON CONSTRAINT power_panel_max_utilization ON power_panel IS 'The maximum utilization of a power panel is 1 to 100 percent';
COMMENT ON CONSTRAINT power_panel_custom_fields ON power_panel IS 'Custom fields of a power panel are a JSON object';
COMMENT ON CONSTRAINT power_panel_location_id_fkey ON power_panel IS 'The location of a power panel exists';
COMMENT ON CONSTRAINT power_panel_rack_group_id_fkey ON power_panel IS 'The rack group of a power panel exists';
COMMENT ON INDEX power_panel_rack_group_id_idx IS 'Power panels of a rack group';

COMMENT ON CONSTRAINT power_panel_pkey ON power_panel IS 'The key of a power panel';
COMMENT ON CONSTRAINT power_panel_location_id_name_key ON power_panel IS 'Power panels of one location have different names';
