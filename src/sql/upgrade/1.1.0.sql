-- From 1.1.0: what that release had and this one has not.

-- import_netbox shares its parts with import_nautobot now. Rights on it that
-- you gave or took have to be given or taken again.

DROP FUNCTION
	import_netbox_kinds(),
	import_netbox_id(text, text, bigint),
	import_netbox_check(regnamespace),
	import_netbox_instance(name),
	import_netbox_read(name),
	import_netbox_device_name(jsonb, jsonb, jsonb, jsonb),
	import_netbox_stage_places(text),
	import_netbox_stage_devices(text),
	import_netbox_stage_feeds(text),
	import_netbox_stage_cables(text),
	import_netbox_steps(),
	import_netbox_compare(text, text),
	import_netbox_find_gone(text, text),
	import_netbox_stage(text),
	import_netbox_release(),
	import_netbox_write(text, bigint, bigint),
	import_netbox_name_of(uuid, text),
	import_netbox_reason(uuid, text, text, text, text),
	import_netbox_try(text, bigint, bigint),
	import_netbox_write_all(),
	import_netbox_statuses(),
	import_netbox_fail(name),
	import_netbox_details(integer),
	import_netbox_report(text[]),
	import_netbox(regnamespace, boolean);
