CREATE VIEW rack_power WITH (security_invoker = true) AS
SELECT r.id AS rack_id,
	f.feeds,
	f.available_power,
	f.available_power - CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END AS usable_power,
	l.allocated_va,
	l.maximum_va,
	100 * l.allocated_va / nullif(f.available_power
		- CASE WHEN f.on_a AND f.on_b THEN greatest(f.power_a, f.power_b) ELSE 0 END, 0) AS utilization,
	CASE f.designs
		WHEN ARRAY['primary'] THEN 'N'
		WHEN ARRAY['primary a', 'redundant b'] THEN 'N+1'
		WHEN ARRAY['primary b', 'redundant a'] THEN 'N+1'
		WHEN ARRAY['primary a', 'primary b'] THEN '2N'
	END AS redundancy
FROM powerpanel.rack AS r
CROSS JOIN LATERAL (
	SELECT count(*) AS feeds,
		coalesce(sum(f.available_power), 0)::bigint AS available_power,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'a'), 0)::bigint AS power_a,
		coalesce(sum(f.available_power) FILTER (WHERE f.power_path = 'b'), 0)::bigint AS power_b,
		coalesce(bool_or(f.power_path = 'a'), false) AS on_a,
		coalesce(bool_or(f.power_path = 'b'), false) AS on_b,
		array_agg(DISTINCT concat_ws(' ', f.type, f.power_path) ORDER BY concat_ws(' ', f.type, f.power_path)) AS designs
	FROM powerpanel.power_feed AS f
	WHERE f.rack_id = r.id) AS f
CROSS JOIN LATERAL powerpanel.rack_load(r.id) AS l;
COMMENT ON VIEW rack_power IS 'A row for every rack: the power of the feeds assigned to it, of every status, and what they carry';
COMMENT ON COLUMN rack_power.rack_id IS 'The rack';
COMMENT ON COLUMN rack_power.feeds IS 'How many feeds are assigned to it';
COMMENT ON COLUMN rack_power.available_power IS 'The sum of their available power, in VA';
COMMENT ON COLUMN rack_power.usable_power IS 'What is left of it, in VA, when the larger of path a and path b has failed, where there are feeds of both; else the sum';
COMMENT ON COLUMN rack_power.allocated_va IS 'What they carry, in VA, as draws are allocated';
COMMENT ON COLUMN rack_power.maximum_va IS 'What they carry, in VA, at the maximum draws';
COMMENT ON COLUMN rack_power.utilization IS 'allocated_va of usable_power, in percent; NULL where usable_power is 0';
COMMENT ON COLUMN rack_power.redundancy IS 'N: primary without path. N+1: primary on one path, redundant on the other. 2N: primary on both. NULL for any other set of feeds';
