CREATE FUNCTION suggest_rebalance(panel uuid, max_moves integer DEFAULT 5,
	OUT step integer, OUT power_feed_id uuid, OUT name text, OUT from_position integer,
	OUT to_position integer, OUT imbalance_after double precision)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION suggest_rebalance(uuid, integer) IS
'Moves of breakers to free places, or swaps of two (two rows of one step, to be done in one UPDATE), each of which the rules allow and lowers the imbalance of the panel''s phases, in percent; nothing where none helps. Raises 22023 where there is no such panel or max_moves is below 1, 22004 on NULL, 55000 where the network has a loop';
