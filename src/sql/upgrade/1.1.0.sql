-- From 1.1.0: what that release had and this one has not.

DROP INDEX power_feed_panel_to_panel_idx;
CREATE INDEX power_feed_panel_to_panel_idx ON power_feed (power_panel_id) INCLUDE (destination_panel_id)
	WHERE (destination_panel_id IS NOT NULL) IS TRUE;
COMMENT ON INDEX power_feed_panel_to_panel_idx IS 'Feeds from a panel to other panels: what the cycle rule and downstream() walk';
