-- Turns schema.sql, with the rows that are in it, into the tables of Nautobot
-- 2.4.15: a device belongs to one cluster, and its name is unique in its
-- location and tenant.

DELETE FROM django_migrations WHERE app = 'dcim' AND name > '0073';

ALTER TABLE dcim_device
	ADD cluster_id uuid,
	ALTER device_redundancy_group_priority TYPE smallint,
	ADD CONSTRAINT dcim_device_location_id_tenant_id_name_2259bd02_uniq UNIQUE (location_id, tenant_id, name);
CREATE INDEX dcim_device_cluster_id_cf852f78 ON dcim_device (cluster_id);

ALTER TABLE dcim_moduletype DROP front_image, DROP rear_image;
