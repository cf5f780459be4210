CREATE TABLE power_port (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_port_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	maximum_draw integer,
	allocated_draw integer,
	power_factor numeric(4,2) NOT NULL DEFAULT 0.95
		CONSTRAINT power_port_power_factor CHECK (power_factor BETWEEN 0.01 AND 1.00),
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_port_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	CONSTRAINT power_port_draw CHECK
		(maximum_draw >= 1 AND allocated_draw >= 1 AND allocated_draw <= maximum_draw),
	UNIQUE (device_id, name),
	UNIQUE (device_id, id)		-- what the keys of outlets and banks refer to
);
COMMENT ON TABLE power_port IS 'Inlets of devices: where a device takes power';
COMMENT ON COLUMN power_port.id IS 'Key';
COMMENT ON COLUMN power_port.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_port.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_port.maximum_draw IS 'The most it draws, in W; NULL is as much as allocated_draw';
COMMENT ON COLUMN power_port.allocated_draw IS 'What it is planned to draw, in W; NULL is what hangs on its outlets, nothing where it has none';
COMMENT ON COLUMN power_port.power_factor IS 'Real over apparent power, 0.01 to 1.00';
COMMENT ON COLUMN power_port.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_port_name ON power_port IS 'A power port has a name that is not blank';
COMMENT ON CONSTRAINT power_port_power_factor ON power_port IS 'A power factor is 0.01 to 1.00';
COMMENT ON CONSTRAINT power_port_custom_fields ON power_port IS 'Custom fields of a power port are a JSON object';
COMMENT ON CONSTRAINT power_port_draw ON power_port IS 'The draws of a power port are 1 W or more, and the allocated one is not above the maximum';
COMMENT ON CONSTRAINT power_port_device_id_fkey ON power_port IS 'The device of a power port exists';

-- power_bank_power_port is NO ACTION and not RESTRICT, so that a device can be
-- deleted with its ports and banks, whichever go first.
CREATE TABLE power_bank (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_bank_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid NOT NULL,
	amperage integer NOT NULL
		CONSTRAINT power_bank_amperage CHECK (amperage >= 1),
	max_utilization integer NOT NULL DEFAULT 80
		CONSTRAINT power_bank_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
	feed_leg feed_leg,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_bank_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (device_id, name),
	UNIQUE (power_port_id, id),		-- what power_outlet_power_bank refers to
	CONSTRAINT power_bank_power_port FOREIGN KEY (device_id, power_port_id)
		REFERENCES power_port (device_id, id)
);
COMMENT ON TABLE power_bank IS 'Banks of rack PDUs: groups of outlets behind one breaker';
COMMENT ON COLUMN power_bank.id IS 'Key';
COMMENT ON COLUMN power_bank.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_bank.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_bank.power_port_id IS 'The inlet of the same device that feeds it, and with it its outlets';
COMMENT ON COLUMN power_bank.amperage IS 'Rating of its breaker in A';
COMMENT ON COLUMN power_bank.max_utilization IS 'How much of the rating may be used, in percent';
COMMENT ON COLUMN power_bank.feed_leg IS 'The phase, or the two phases, of a three-phase inlet that it hangs on; counts before that of its outlets. NULL where its outlets say it, where it is not known, or where there is one phase only';
COMMENT ON COLUMN power_bank.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_bank_name ON power_bank IS 'A power bank has a name that is not blank';
COMMENT ON CONSTRAINT power_bank_amperage ON power_bank IS 'The breaker of a power bank is rated 1 A or more';
COMMENT ON CONSTRAINT power_bank_max_utilization ON power_bank IS 'The maximum utilization of a power bank is 1 to 100 percent';
COMMENT ON CONSTRAINT power_bank_custom_fields ON power_bank IS 'Custom fields of a power bank are a JSON object';
COMMENT ON CONSTRAINT power_bank_device_id_fkey ON power_bank IS 'The device of a power bank exists';
COMMENT ON CONSTRAINT power_bank_power_port ON power_bank IS 'The power port that feeds a bank exists and belongs to the same device';

-- power_outlet_power_bank holds the device as well: the outlet's inlet is of the
-- outlet's device, the bank's inlet of the bank's, and they are the same inlet.
-- A bank that gets another inlet takes its outlets along. An outlet that names a
-- bank and no inlet gets past the key; a trigger refuses it (outlet_bank.c).
CREATE TABLE power_outlet (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_outlet_name CHECK (name ~ '\S'),
	device_id uuid NOT NULL REFERENCES device ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid,
	alternate_power_port_id uuid,
	power_bank_id uuid,
	feed_leg feed_leg,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_outlet_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (device_id, name),
	CONSTRAINT power_outlet_power_port FOREIGN KEY (device_id, power_port_id)
		REFERENCES power_port (device_id, id) ON DELETE SET NULL (power_port_id),
	CONSTRAINT power_outlet_alternate_power_port FOREIGN KEY (device_id, alternate_power_port_id)
		REFERENCES power_port (device_id, id) ON DELETE SET NULL (alternate_power_port_id),
	CONSTRAINT power_outlet_power_bank FOREIGN KEY (power_port_id, power_bank_id)
		REFERENCES power_bank (power_port_id, id) ON DELETE SET NULL (power_bank_id) ON UPDATE CASCADE,
	CONSTRAINT power_outlet_alternate CHECK (alternate_power_port_id IS NULL
		OR (power_port_id IS NOT NULL AND power_port_id <> alternate_power_port_id))
);
CREATE INDEX ON power_outlet (power_port_id);
CREATE INDEX ON power_outlet (alternate_power_port_id) WHERE alternate_power_port_id IS NOT NULL;
CREATE INDEX ON power_outlet (power_bank_id) WHERE power_bank_id IS NOT NULL;
COMMENT ON TABLE power_outlet IS 'Outlets of devices, mostly of rack PDUs: where a device gives power';
COMMENT ON COLUMN power_outlet.id IS 'Key';
COMMENT ON COLUMN power_outlet.name IS 'Name, unique in its device';
COMMENT ON COLUMN power_outlet.device_id IS 'The device it belongs to';
COMMENT ON COLUMN power_outlet.power_port_id IS 'The inlet of the same device that feeds it; NULL where that is not known, and then it never has power';
COMMENT ON COLUMN power_outlet.alternate_power_port_id IS 'The second inlet of a rack transfer switch: feeds the outlet while power_port_id is not energized. NULL where there is none';
COMMENT ON COLUMN power_outlet.power_bank_id IS 'The bank that it belongs to; its power_port_id is then that of the bank';
COMMENT ON COLUMN power_outlet.feed_leg IS 'The phase, or the two phases, of a three-phase inlet that it hangs on; the leg of its bank counts before it. NULL where it is not known, or where there is one phase only';
COMMENT ON COLUMN power_outlet.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_outlet_name ON power_outlet IS 'A power outlet has a name that is not blank';
COMMENT ON CONSTRAINT power_outlet_custom_fields ON power_outlet IS 'Custom fields of a power outlet are a JSON object';
COMMENT ON CONSTRAINT power_outlet_device_id_fkey ON power_outlet IS 'The device of a power outlet exists';
COMMENT ON CONSTRAINT power_outlet_power_port ON power_outlet IS 'The power port that feeds an outlet exists and belongs to the same device';
COMMENT ON CONSTRAINT power_outlet_alternate_power_port ON power_outlet IS 'The alternate power port of an outlet exists and belongs to the same device';
COMMENT ON CONSTRAINT power_outlet_power_bank ON power_outlet IS 'The bank of an outlet exists, belongs to the same device, and its inlet is that of the outlet';
COMMENT ON CONSTRAINT power_outlet_alternate ON power_outlet IS 'An outlet has an alternate power port only beside a first one, and the two differ';
COMMENT ON INDEX power_outlet_power_port_id_idx IS 'Outlets of a power port';
COMMENT ON INDEX power_outlet_alternate_power_port_id_idx IS 'Outlets that a power port feeds when their first one is off';
COMMENT ON INDEX power_outlet_power_bank_id_idx IS 'Outlets of a bank';

CREATE TABLE cable (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	power_feed_id uuid REFERENCES power_feed ON DELETE CASCADE ON UPDATE RESTRICT,
	power_outlet_id uuid UNIQUE REFERENCES power_outlet ON DELETE CASCADE ON UPDATE RESTRICT,
	power_port_id uuid NOT NULL UNIQUE REFERENCES power_port ON DELETE CASCADE ON UPDATE RESTRICT,
	label text,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT cable_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	CONSTRAINT cable_source CHECK (num_nonnulls(power_feed_id, power_outlet_id) = 1)
);
CREATE INDEX ON cable (power_feed_id) WHERE power_feed_id IS NOT NULL;
COMMENT ON TABLE cable IS 'Power cables: from a feed or an outlet to a power port';
COMMENT ON COLUMN cable.id IS 'Key';
COMMENT ON COLUMN cable.power_feed_id IS 'The feed it comes from, where it comes from a feed';
COMMENT ON COLUMN cable.power_outlet_id IS 'The outlet it comes from, where it comes from an outlet';
COMMENT ON COLUMN cable.power_port_id IS 'The power port it is plugged into';
COMMENT ON COLUMN cable.label IS 'What is printed on it';
COMMENT ON COLUMN cable.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT cable_custom_fields ON cable IS 'Custom fields of a cable are a JSON object';
COMMENT ON CONSTRAINT cable_source ON cable IS 'A cable comes from exactly one thing: a power feed or a power outlet';
COMMENT ON CONSTRAINT cable_power_feed_id_fkey ON cable IS 'The power feed of a cable exists';
COMMENT ON CONSTRAINT cable_power_outlet_id_fkey ON cable IS 'The power outlet of a cable exists';
COMMENT ON CONSTRAINT cable_power_port_id_fkey ON cable IS 'The power port of a cable exists';

COMMENT ON CONSTRAINT power_port_pkey ON power_port IS 'The key of a power port';
COMMENT ON CONSTRAINT power_outlet_pkey ON power_outlet IS 'The key of a power outlet';
COMMENT ON CONSTRAINT cable_pkey ON cable IS 'The key of a cable';
COMMENT ON CONSTRAINT power_port_device_id_name_key ON power_port IS 'Power ports of one device have different names';
COMMENT ON CONSTRAINT power_port_device_id_id_key ON power_port IS 'What power_outlet_power_port, power_outlet_alternate_power_port and power_bank_power_port refer to';
COMMENT ON CONSTRAINT power_outlet_device_id_name_key ON power_outlet IS 'Power outlets of one device have different names';
COMMENT ON INDEX cable_power_feed_id_idx IS 'Cables of a power feed';
COMMENT ON CONSTRAINT power_bank_pkey ON power_bank IS 'The key of a power bank';
COMMENT ON CONSTRAINT power_bank_device_id_name_key ON power_bank IS 'Power banks of one device have different names';
COMMENT ON CONSTRAINT power_bank_power_port_id_id_key ON power_bank IS 'What power_outlet_power_bank refers to';
COMMENT ON CONSTRAINT cable_power_outlet_id_key ON cable IS 'At most one cable comes from a power outlet';
COMMENT ON CONSTRAINT cable_power_port_id_key ON cable IS 'At most one cable is plugged into a power port';
