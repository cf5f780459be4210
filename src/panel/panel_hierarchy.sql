CREATE RECURSIVE VIEW panel_hierarchy
	(root_panel_id, root_panel_name, panel_id, panel_name, parent_panel_id, parent_panel_name,
	power_feed_id, power_feed_name, depth, path, path_names)
WITH (security_invoker = true) AS
SELECT p.id, p.name, p.id, p.name, NULL::uuid, NULL::text, NULL::uuid, NULL::text, 0, ARRAY[p.id], p.name
FROM powerpanel.power_panel AS p
WHERE NOT EXISTS (
	SELECT FROM powerpanel.power_feed AS f WHERE f.destination_panel_id = p.id)
UNION ALL
SELECT h.root_panel_id, h.root_panel_name, p.id, p.name, h.panel_id, h.panel_name, f.id, f.name,
	h.depth + 1, h.path || p.id, h.path_names || ' > ' || p.name
FROM panel_hierarchy AS h
JOIN powerpanel.power_feed AS f ON f.power_panel_id = h.panel_id
JOIN powerpanel.power_panel AS p ON p.id = f.destination_panel_id
-- only a loop that got in with triggers off could come back
WHERE p.id <> ALL (h.path);
COMMENT ON VIEW panel_hierarchy IS
'A row for each panel on each distinct path from a root, a panel that no feed enters. Parallel feeds are distinct paths, so there can be very many: downstream() and upstream() do not enumerate paths';
COMMENT ON COLUMN panel_hierarchy.root_panel_id IS 'The panel that the path begins at';
COMMENT ON COLUMN panel_hierarchy.root_panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.panel_id IS 'The panel that the path ends at';
COMMENT ON COLUMN panel_hierarchy.panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.parent_panel_id IS 'The panel before it; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.parent_panel_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.power_feed_id IS 'The feed that enters it on this path; NULL for a root';
COMMENT ON COLUMN panel_hierarchy.power_feed_name IS 'Its name';
COMMENT ON COLUMN panel_hierarchy.depth IS 'How many feeds the path has; 0 for a root';
COMMENT ON COLUMN panel_hierarchy.path IS 'The panels of the path, from the root';
COMMENT ON COLUMN panel_hierarchy.path_names IS 'Their names, such as Utility > ATS-A > UPS-A';
