CREATE VIEW panel_positions WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
	p.name,
	p.circuit_positions,
	o.occupied,
	powerpanel.position_range(1, p.circuit_positions) - o.occupied AS free,
	powerpanel.cardinality(o.occupied) AS occupied_count,
	powerpanel.cardinality(powerpanel.position_range(1, p.circuit_positions) - o.occupied) AS free_count
FROM powerpanel.power_panel AS p
CROSS JOIN LATERAL (
	SELECT coalesce(powerpanel.position_union(f.occupied_positions), '') AS occupied
	FROM powerpanel.power_feed AS f
	WHERE f.power_panel_id = p.id AND f.breaker_position IS NOT NULL) AS o;
COMMENT ON VIEW panel_positions IS 'Which circuit positions of each panel are occupied and which are free. Feeds of every status hold their places';
COMMENT ON COLUMN panel_positions.power_panel_id IS 'The panel';
COMMENT ON COLUMN panel_positions.name IS 'Its name';
COMMENT ON COLUMN panel_positions.circuit_positions IS 'How many positions it has; NULL where that is not known';
COMMENT ON COLUMN panel_positions.occupied IS 'Positions that breakers occupy';
COMMENT ON COLUMN panel_positions.free IS 'Positions that are free; NULL where circuit_positions is';
COMMENT ON COLUMN panel_positions.occupied_count IS 'How many are occupied';
COMMENT ON COLUMN panel_positions.free_count IS 'How many are free; NULL where circuit_positions is';
