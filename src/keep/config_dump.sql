-- What pg_dump carries: every row of the inventory, and of feed_status the rows
-- that users added.

SELECT pg_catalog.pg_extension_config_dump('location', '');
SELECT pg_catalog.pg_extension_config_dump('rack_group', '');
SELECT pg_catalog.pg_extension_config_dump('rack', '');
SELECT pg_catalog.pg_extension_config_dump('device', '');
SELECT pg_catalog.pg_extension_config_dump('power_panel', '');
SELECT pg_catalog.pg_extension_config_dump('feed_status',
	$$WHERE name NOT IN ('offline', 'active', 'planned', 'failed')$$);
SELECT pg_catalog.pg_extension_config_dump('power_feed', '');
SELECT pg_catalog.pg_extension_config_dump('power_port', '');
SELECT pg_catalog.pg_extension_config_dump('power_bank', '');
SELECT pg_catalog.pg_extension_config_dump('power_outlet', '');
SELECT pg_catalog.pg_extension_config_dump('cable', '');
SELECT pg_catalog.pg_extension_config_dump('powerpanel_internal.row_security', '');
