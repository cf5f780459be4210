CREATE VIEW panel_schedule WITH (security_invoker = true) AS
SELECT p.id AS power_panel_id,
	p.name AS power_panel_name,
	n.position,
	CASE WHEN p.numbering = 'across' THEN
		CASE WHEN n.position % 2 = 1 THEN 'left' ELSE 'right' END
	END AS side,
	powerpanel.position_phase(p.numbering, p.bus, n.position) AS phase,
	f.id AS power_feed_id,
	f.name AS power_feed_name,
	(n.position - f.breaker_position) / CASE WHEN p.numbering = 'across' THEN 2 ELSE 1 END + 1 AS pole,
	f.breaker_pole_count AS poles,
	f.amperage,
	f.voltage
FROM powerpanel.power_panel AS p
CROSS JOIN LATERAL pg_catalog.generate_series(1, p.circuit_positions) AS n (position)
LEFT JOIN powerpanel.power_feed AS f
	ON f.power_panel_id = p.id
	-- the index narrows it to the breakers that can reach this position
	AND f.breaker_position BETWEEN n.position - 4 AND n.position
	AND f.occupied_positions @> n.position;
COMMENT ON VIEW panel_schedule IS 'A row for each circuit position of each panel whose circuit_positions are known; empty positions have NULLs';
COMMENT ON COLUMN panel_schedule.power_panel_id IS 'The panel';
COMMENT ON COLUMN panel_schedule.power_panel_name IS 'Its name';
COMMENT ON COLUMN panel_schedule.position IS 'The position, from 1';
COMMENT ON COLUMN panel_schedule.side IS 'left or right; NULL where positions are numbered in sequence';
COMMENT ON COLUMN panel_schedule.phase IS 'The phase it hangs on; NULL on a dc bus';
COMMENT ON COLUMN panel_schedule.power_feed_id IS 'The feed whose breaker is there';
COMMENT ON COLUMN panel_schedule.power_feed_name IS 'Its name';
COMMENT ON COLUMN panel_schedule.pole IS 'Which pole of that breaker it is, from 1';
COMMENT ON COLUMN panel_schedule.poles IS 'How many poles that breaker has';
COMMENT ON COLUMN panel_schedule.amperage IS 'Rating of the breaker in A';
COMMENT ON COLUMN panel_schedule.voltage IS 'Voltage of the feed in V';
