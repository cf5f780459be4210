-- Turns schema.sql, with the rows that are in it, into the tables of Nautobot
-- 3.2: cables have types, and end in a table of their own, each end in a column
-- by what it is plugged into; what kept that before is gone. A component of a
-- module tells its device as well.

CREATE TABLE dcim_cabletype (
	created timestamptz,
	last_updated timestamptz,
	_custom_field_data jsonb NOT NULL,
	id uuid NOT NULL PRIMARY KEY,
	name varchar(255) NOT NULL UNIQUE,
	description varchar(255) NOT NULL,
	part_number varchar(255) NOT NULL,
	has_embedded_transceivers boolean NOT NULL,
	a_connectors smallint NOT NULL CHECK (a_connectors >= 0),
	b_connectors smallint NOT NULL CHECK (b_connectors >= 0),
	total_lanes smallint NOT NULL CHECK (total_lanes >= 0),
	mapping jsonb NOT NULL,
	is_shuffle boolean NOT NULL,
	strands_per_lane smallint NOT NULL CHECK (strands_per_lane >= 0),
	polarity_method varchar(50) NOT NULL,
	manufacturer_id uuid CONSTRAINT dcim_cabletype_manufacturer_id_49e6bbe2_fk_dcim_manufacturer_id
		REFERENCES dcim_manufacturer (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX dcim_cabletype_name_2d321d6d_like ON dcim_cabletype (name varchar_pattern_ops);
CREATE INDEX dcim_cabletype_manufacturer_id_49e6bbe2 ON dcim_cabletype (manufacturer_id);

CREATE TABLE dcim_cabletocabletermination (
	id uuid NOT NULL PRIMARY KEY,
	cable_end varchar(1) NOT NULL,
	connector smallint NOT NULL CHECK (connector >= 0),
	_termination_device_id uuid CONSTRAINT dcim_cabletocableter__termination_device__d8064a5f_fk_dcim_devi
		REFERENCES dcim_device (id) DEFERRABLE INITIALLY DEFERRED,
	cable_id uuid NOT NULL CONSTRAINT dcim_cabletocabletermination_cable_id_21aad480_fk_dcim_cable_id
		REFERENCES dcim_cable (id) DEFERRABLE INITIALLY DEFERRED,
	circuit_termination_id uuid UNIQUE,
	console_port_id uuid UNIQUE,
	console_server_port_id uuid UNIQUE,
	front_port_id uuid UNIQUE,
	interface_id uuid UNIQUE,
	power_feed_id uuid UNIQUE CONSTRAINT dcim_cabletocableter_power_feed_id_a60ab629_fk_dcim_powe
		REFERENCES dcim_powerfeed (id) DEFERRABLE INITIALLY DEFERRED,
	power_outlet_id uuid UNIQUE CONSTRAINT dcim_cabletocableter_power_outlet_id_88e97bdb_fk_dcim_powe
		REFERENCES dcim_poweroutlet (id) DEFERRABLE INITIALLY DEFERRED,
	power_port_id uuid UNIQUE CONSTRAINT dcim_cabletocableter_power_port_id_7c3e336a_fk_dcim_powe
		REFERENCES dcim_powerport (id) DEFERRABLE INITIALLY DEFERRED,
	rear_port_id uuid UNIQUE,
	CONSTRAINT dcim_cabletocabletermination_unique_connector UNIQUE (cable_id, cable_end, connector),
	CONSTRAINT dcim_cabletocabletermination_at_most_one_termination CHECK (num_nonnulls(
		circuit_termination_id, console_port_id, console_server_port_id, front_port_id, interface_id,
		power_feed_id, power_outlet_id, power_port_id, rear_port_id) <= 1)
);
CREATE INDEX dcim_cabletocabletermination_cable_id_21aad480 ON dcim_cabletocabletermination (cable_id);
CREATE INDEX dcim_cabletocabletermination__termination_device_id_d8064a5f ON dcim_cabletocabletermination (_termination_device_id);

INSERT INTO dcim_cabletocabletermination
SELECT gen_random_uuid(), e.cable_end, 1, e.device_id, c.id,
	CASE t.model WHEN 'circuittermination' THEN e.id END, CASE t.model WHEN 'consoleport' THEN e.id END,
	CASE t.model WHEN 'consoleserverport' THEN e.id END, CASE t.model WHEN 'frontport' THEN e.id END,
	CASE t.model WHEN 'interface' THEN e.id END, CASE t.model WHEN 'powerfeed' THEN e.id END,
	CASE t.model WHEN 'poweroutlet' THEN e.id END, CASE t.model WHEN 'powerport' THEN e.id END,
	CASE t.model WHEN 'rearport' THEN e.id END
FROM dcim_cable AS c
CROSS JOIN LATERAL (VALUES
	('A', c.termination_a_type_id, c.termination_a_id, c._termination_a_device_id),
	('B', c.termination_b_type_id, c.termination_b_id, c._termination_b_device_id)) AS e (cable_end, type_id, id, device_id)
JOIN django_content_type AS t ON t.id = e.type_id;
SET CONSTRAINTS ALL IMMEDIATE;

ALTER TABLE dcim_cable
	DROP _termination_a_device_id, DROP _termination_b_device_id,
	DROP termination_a_id, DROP termination_a_type_id, DROP termination_b_id, DROP termination_b_type_id,
	ALTER _abs_length TYPE numeric(13, 4),
	ADD cable_type_id uuid CONSTRAINT dcim_cable_cable_type_id_476b3754_fk_dcim_cabletype_id
		REFERENCES dcim_cabletype (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX dcim_cable_cable_type_id_476b3754 ON dcim_cable (cable_type_id);
ALTER TABLE dcim_powerfeed DROP _cable_peer_id, DROP _cable_peer_type_id, DROP cable_id, DROP _path_id;
ALTER TABLE dcim_powerport DROP _cable_peer_id, DROP _cable_peer_type_id, DROP cable_id, DROP _path_id,
	DROP CONSTRAINT dcim_powerport_device_name_unique;
ALTER TABLE dcim_poweroutlet DROP _cable_peer_id, DROP _cable_peer_type_id, DROP cable_id, DROP _path_id,
	DROP CONSTRAINT dcim_poweroutlet_device_name_unique;
ALTER TABLE dcim_modulebay DROP CONSTRAINT dcim_modulebay_parent_device_name_unique;
ALTER TABLE dcim_cablepath
	ADD peer_connector smallint NOT NULL DEFAULT 1 CHECK (peer_connector >= 0),
	DROP CONSTRAINT dcim_cablepath_origin_type_id_origin_id_41b6f814_uniq;
ALTER TABLE dcim_cablepath
	ALTER peer_connector DROP DEFAULT,
	ADD CONSTRAINT dcim_cablepath_origin_type_id_origin_id_93b779d6_uniq UNIQUE (origin_type_id, origin_id, peer_connector);

-- modules in modules first tell their bays
UPDATE dcim_modulebay AS b SET parent_device_id = above.parent_device_id
FROM dcim_module AS m JOIN dcim_modulebay AS above ON above.id = m.parent_module_bay_id
WHERE b.parent_module_id = m.id;
UPDATE dcim_powerport AS p SET device_id = b.parent_device_id
FROM dcim_module AS m JOIN dcim_modulebay AS b ON b.id = m.parent_module_bay_id WHERE p.module_id = m.id;
UPDATE dcim_poweroutlet AS p SET device_id = b.parent_device_id
FROM dcim_module AS m JOIN dcim_modulebay AS b ON b.id = m.parent_module_bay_id WHERE p.module_id = m.id;

INSERT INTO django_migrations (app, name, applied) VALUES
	('dcim', '0088_cabletocabletermination', '2026-07-05 08:00:00+00'),
	('dcim', '0095_alter_consoleport_options_and_more', '2026-07-05 08:00:07+00');
