CREATE FUNCTION powerpanel_internal.rack_load(rack uuid, OUT allocated_va double precision, OUT maximum_va double precision,
	OUT devices_va double precision, OUT basis_va double precision, OUT label text)
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.rack_load(uuid) IS
'Part of rack_power: what the feeds assigned to a rack carry, in VA; what its devices without outlets draw, wherever it comes from; which of the feeds'' two figures powerpanel.load_basis names; and the label that the view calls redundancy. 0 where there are none. NULL gives NULL. Raises 22023 where there is no such rack, 55000 where the network has a loop';

CREATE VIEW rack_power WITH (security_invoker = true) AS
SELECT r.id AS rack_id,
	r.name,
	l.devices_va,
	r.power_limit,
	f.feeds,
	f.available_power,
	f.usable_power,
	l.allocated_va,
	l.maximum_va,
	100 * l.basis_va / nullif(f.usable_power, 0) AS utilization,
	l.label AS redundancy
FROM powerpanel.rack AS r
CROSS JOIN LATERAL (
	SELECT coalesce(sum(p.feeds), 0)::bigint AS feeds,
		coalesce(sum(p.power), 0)::bigint AS available_power,
		coalesce(sum(p.power), 0)::bigint
			- CASE WHEN count(p.path) > 1 THEN max(p.power) FILTER (WHERE p.path IS NOT NULL) ELSE 0 END AS usable_power
	FROM (
		SELECT f.power_path AS path, count(*) AS feeds, sum(f.available_power)::bigint AS power
		FROM powerpanel.power_feed AS f
		WHERE f.rack_id = r.id
		GROUP BY f.power_path) AS p) AS f
CROSS JOIN LATERAL powerpanel_internal.rack_load(r.id) AS l;
COMMENT ON VIEW rack_power IS 'A row for every rack: what its devices draw, the power of the feeds assigned to it, of every status, and what they carry';
COMMENT ON COLUMN rack_power.rack_id IS 'The rack';
COMMENT ON COLUMN rack_power.name IS 'Its name';
COMMENT ON COLUMN rack_power.devices_va IS 'What its devices without outlets draw, in VA by powerpanel.load_basis, wherever it comes from; dark ones draw nothing';
COMMENT ON COLUMN rack_power.power_limit IS 'What they may draw, in VA; NULL where there is no limit';
COMMENT ON COLUMN rack_power.feeds IS 'How many feeds are assigned to it';
COMMENT ON COLUMN rack_power.available_power IS 'The sum of their available power, in VA';
COMMENT ON COLUMN rack_power.usable_power IS 'What is left of it, in VA, when the path with the most power has failed, where there are feeds of two or more paths; else the sum';
COMMENT ON COLUMN rack_power.allocated_va IS 'What they carry, in VA, as draws are allocated';
COMMENT ON COLUMN rack_power.maximum_va IS 'What they carry, in VA, at the maximum draws';
COMMENT ON COLUMN rack_power.utilization IS 'What they carry, by powerpanel.load_basis, of usable_power, in percent; NULL where usable_power is 0';
COMMENT ON COLUMN rack_power.redundancy IS 'As the feeds are labelled. N: primary without path. N+1: primary on one path, redundant on another. 2N, 3N/2, 4N/3: primary on two, three, four paths. NULL for any other set of feeds. rack_redundancy() tells what the network really withstands';
