CREATE TABLE feed_status (
	name text PRIMARY KEY
		CONSTRAINT feed_status_name CHECK (name ~ '\S'),
	energized boolean NOT NULL
);
INSERT INTO feed_status (name, energized) VALUES
	('offline', false), ('active', true), ('planned', false), ('failed', false);
COMMENT ON TABLE feed_status IS 'What can be said of a feed''s operation. Add your own; pg_dump carries the rows that you added, not changes to those that came with the extension';
COMMENT ON COLUMN feed_status.name IS 'Key';
COMMENT ON COLUMN feed_status.energized IS 'Whether a feed of this status passes power on';
COMMENT ON CONSTRAINT feed_status_name ON feed_status IS 'A feed status has a name that is not blank';

-- occupied_positions and phase_designation depend on the panel's numbering and
-- bus and are kept by triggers (derived.sql); available_power depends on its
-- own row alone and is an ordinary generated column.
CREATE TABLE power_feed (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	name text NOT NULL
		CONSTRAINT power_feed_name CHECK (name ~ '\S'),
	power_panel_id uuid NOT NULL REFERENCES power_panel ON DELETE RESTRICT ON UPDATE RESTRICT,
	destination_panel_id uuid REFERENCES power_panel ON DELETE RESTRICT ON UPDATE RESTRICT
		CONSTRAINT power_feed_destination_self CHECK (destination_panel_id <> power_panel_id),
	rack_id uuid REFERENCES rack ON DELETE RESTRICT ON UPDATE RESTRICT,
	status text NOT NULL REFERENCES feed_status,
	type feed_type NOT NULL DEFAULT 'primary',
	power_path power_path,
	supply supply NOT NULL DEFAULT 'ac',
	phase phase NOT NULL DEFAULT 'single-phase',
	voltage integer NOT NULL DEFAULT 120
		CONSTRAINT power_feed_voltage CHECK (voltage > 0 OR (voltage < 0 AND supply = 'dc')),
	amperage integer NOT NULL DEFAULT 20
		CONSTRAINT power_feed_amperage CHECK (amperage >= 1),
	max_utilization integer NOT NULL DEFAULT 80
		CONSTRAINT power_feed_max_utilization CHECK (max_utilization BETWEEN 1 AND 100),
	breaker_position integer
		CONSTRAINT power_feed_breaker_position CHECK (breaker_position BETWEEN 1 AND 1000),
	breaker_pole_count integer
		CONSTRAINT power_feed_breaker_pole_count CHECK (breaker_pole_count BETWEEN 1 AND 3),
	receptacles integer NOT NULL DEFAULT 1
		CONSTRAINT power_feed_receptacles CHECK (receptacles >= 1),
	connected_load integer
		CONSTRAINT power_feed_connected_load CHECK (connected_load >= 0),
	comments text,
	available_power bigint GENERATED ALWAYS AS
		(available_power(voltage, amperage, max_utilization, phase)) STORED,
	occupied_positions position_set NOT NULL DEFAULT '',
	phase_designation phase_designation,
	custom_fields jsonb NOT NULL DEFAULT '{}'
		CONSTRAINT power_feed_custom_fields CHECK (jsonb_typeof(custom_fields) = 'object'),
	UNIQUE (power_panel_id, name)
);
-- With the poles, the index alone tells which breakers cannot be in another's way.
CREATE INDEX power_feed_power_panel_id_breaker_position_idx
	ON power_feed (power_panel_id, breaker_position) INCLUDE (breaker_pole_count);
CREATE INDEX ON power_feed (destination_panel_id) WHERE destination_panel_id IS NOT NULL;
-- The condition is written in this roundabout way so that it differs from that of
-- the index above: otherwise the planner, with statistics from before there were
-- destinations, would choose that one and read all of it. The destination is
-- included so that a walk from panel to panel need not read the feeds.
CREATE INDEX power_feed_panel_to_panel_idx ON power_feed (power_panel_id) INCLUDE (destination_panel_id)
	WHERE (destination_panel_id IS NOT NULL) IS TRUE;
CREATE INDEX ON power_feed (rack_id) WHERE rack_id IS NOT NULL;
COMMENT ON TABLE power_feed IS 'Circuits that leave a power panel: to another panel (destination_panel_id), or by a cable to a power port';
COMMENT ON COLUMN power_feed.id IS 'Key';
COMMENT ON COLUMN power_feed.name IS 'Name, unique in its panel';
COMMENT ON COLUMN power_feed.power_panel_id IS 'The panel it leaves';
COMMENT ON COLUMN power_feed.destination_panel_id IS 'The panel it feeds, if it feeds one';
COMMENT ON COLUMN power_feed.rack_id IS 'The rack it is meant for, if any';
COMMENT ON COLUMN power_feed.status IS 'Its operational status; must be given';
COMMENT ON COLUMN power_feed.type IS 'Primary or redundant';
COMMENT ON COLUMN power_feed.power_path IS 'The redundant path it belongs to; NULL in a single-path design';
COMMENT ON COLUMN power_feed.supply IS 'Alternating or direct current';
COMMENT ON COLUMN power_feed.phase IS 'Single-phase or three-phase';
COMMENT ON COLUMN power_feed.voltage IS 'Voltage in V; not 0, negative on a dc supply only';
COMMENT ON COLUMN power_feed.amperage IS 'Rating of the breaker in A';
COMMENT ON COLUMN power_feed.max_utilization IS 'How much of the rating may be used, in percent';
COMMENT ON COLUMN power_feed.breaker_position IS 'The first position of its breaker, 1 to 1000; NULL where it has no place yet';
COMMENT ON COLUMN power_feed.breaker_pole_count IS 'Poles of its breaker, 1 to 3; becomes 1 where only the position is given';
COMMENT ON COLUMN power_feed.receptacles IS 'How many cables it may have; tap boxes of a busway and circuits with several sockets have more than one';
COMMENT ON COLUMN power_feed.connected_load IS 'What lights, chillers and sockets on it draw that nobody models as devices, in VA; counts while the feed has neither a cable nor a destination. NULL is nothing';
COMMENT ON COLUMN power_feed.comments IS 'Free text';
COMMENT ON COLUMN power_feed.available_power IS 'The power it may carry in VA, from voltage, amperage, max_utilization and phase. Read-only';
COMMENT ON COLUMN power_feed.occupied_positions IS 'All positions that its breaker occupies; empty without breaker position. Read-only';
COMMENT ON COLUMN power_feed.phase_designation IS 'The phases that its breaker connects to; NULL without breaker position and on a dc bus. Read-only';
COMMENT ON COLUMN power_feed.custom_fields IS 'Fields of your own, as a JSON object';
COMMENT ON CONSTRAINT power_feed_name ON power_feed IS 'A power feed has a name that is not blank';
COMMENT ON CONSTRAINT power_feed_destination_self ON power_feed IS 'A power feed does not feed the panel that it leaves';
COMMENT ON CONSTRAINT power_feed_voltage ON power_feed IS 'The voltage of a power feed is not 0, and is negative on a dc supply only';
COMMENT ON CONSTRAINT power_feed_amperage ON power_feed IS 'The breaker of a power feed is rated 1 A or more';
COMMENT ON CONSTRAINT power_feed_max_utilization ON power_feed IS 'The maximum utilization of a power feed is 1 to 100 percent';
COMMENT ON CONSTRAINT power_feed_breaker_position ON power_feed IS 'The breaker position of a power feed is 1 to 1000';
COMMENT ON CONSTRAINT power_feed_breaker_pole_count ON power_feed IS 'The breaker of a power feed has 1 to 3 poles';
COMMENT ON CONSTRAINT power_feed_receptacles ON power_feed IS 'A power feed has 1 receptacle or more';
COMMENT ON CONSTRAINT power_feed_connected_load ON power_feed IS 'The connected load of a power feed is 0 VA or more';
COMMENT ON CONSTRAINT power_feed_custom_fields ON power_feed IS 'Custom fields of a power feed are a JSON object';
COMMENT ON CONSTRAINT power_feed_power_panel_id_fkey ON power_feed IS 'The panel that a power feed leaves exists';
COMMENT ON CONSTRAINT power_feed_destination_panel_id_fkey ON power_feed IS 'The panel that a power feed feeds exists';
COMMENT ON CONSTRAINT power_feed_rack_id_fkey ON power_feed IS 'The rack of a power feed exists';
COMMENT ON CONSTRAINT power_feed_status_fkey ON power_feed IS 'The status of a power feed exists';
COMMENT ON INDEX power_feed_power_panel_id_breaker_position_idx IS 'Breakers of a panel by position: what the breaker rules read';
COMMENT ON INDEX power_feed_destination_panel_id_idx IS 'Feeds that enter a panel';
COMMENT ON INDEX power_feed_panel_to_panel_idx IS 'Feeds from a panel to other panels: what the cycle rule and downstream() walk';
COMMENT ON INDEX power_feed_rack_id_idx IS 'Feeds of a rack';

COMMENT ON CONSTRAINT power_feed_pkey ON power_feed IS 'The key of a power feed';
COMMENT ON CONSTRAINT feed_status_pkey ON feed_status IS 'The name of a feed status is its key';
COMMENT ON CONSTRAINT power_feed_power_panel_id_name_key ON power_feed IS 'Power feeds of one panel have different names';
