-- What to compare with: plain copies of the tables, with the same indexes and
-- foreign keys, in a schema each, that keep the rules in other ways:
--	before		PL/pgSQL in one BEFORE trigger FOR EACH ROW
--	after		PL/pgSQL, looks for overlaps in an AFTER trigger FOR EACH ROW
--	statement	PL/pgSQL, looks for overlaps once, in a transition table
--	exclusion	an exclusion constraint; the conflict rule alone
--	none		nothing at all

CREATE FUNCTION bench.copy_tables(schema text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	EXECUTE replace($q$
		CREATE SCHEMA rival;
		CREATE TABLE rival.power_panel (LIKE powerpanel.power_panel INCLUDING ALL);
		INSERT INTO rival.power_panel SELECT * FROM powerpanel.power_panel;
		CREATE TABLE rival.rack (LIKE powerpanel.rack INCLUDING ALL);
		INSERT INTO rival.rack SELECT * FROM powerpanel.rack;
		CREATE TABLE rival.feed_status (LIKE powerpanel.feed_status INCLUDING ALL);
		INSERT INTO rival.feed_status SELECT * FROM powerpanel.feed_status;
		CREATE TABLE rival.power_feed (LIKE powerpanel.power_feed INCLUDING ALL);
		ALTER TABLE rival.power_feed
			DROP COLUMN occupied_positions, ADD occupied integer[] NOT NULL DEFAULT '{}',
			ADD FOREIGN KEY (power_panel_id) REFERENCES rival.power_panel ON DELETE RESTRICT ON UPDATE RESTRICT,
			ADD FOREIGN KEY (destination_panel_id) REFERENCES rival.power_panel ON DELETE RESTRICT ON UPDATE RESTRICT,
			ADD FOREIGN KEY (rack_id) REFERENCES rival.rack ON DELETE RESTRICT ON UPDATE RESTRICT,
			ADD FOREIGN KEY (status) REFERENCES rival.feed_status$q$, 'rival', schema);
END
$$;

-- The BEFORE trigger locks the panel, sets the derived columns and checks bus and
-- capacity. How overlaps are looked for is what the rivals differ in: look is
-- put into that trigger, and more is run behind it.
CREATE FUNCTION bench.create_rival(schema text, look text, more text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM bench.copy_tables(schema);
	EXECUTE replace(replace($q$
		CREATE FUNCTION rival.breaker() RETURNS trigger
		LANGUAGE plpgsql AS $f$
		DECLARE
			panel record;
			step integer;
			last integer;
			phases integer;
			first_phase integer;
			other text;
		BEGIN
			SELECT name, circuit_positions, numbering, bus INTO panel
			FROM rival.power_panel WHERE id = NEW.power_panel_id FOR NO KEY UPDATE;
			IF NOT FOUND THEN
				RETURN NEW;
			END IF;
			NEW.breaker_pole_count := coalesce(NEW.breaker_pole_count, 1);
			step := CASE panel.numbering WHEN 'across' THEN 2 ELSE 1 END;
			last := NEW.breaker_position + step * (NEW.breaker_pole_count - 1);
			NEW.occupied := CASE NEW.breaker_pole_count
				WHEN 1 THEN ARRAY[NEW.breaker_position]
				WHEN 2 THEN ARRAY[NEW.breaker_position, last]
				ELSE ARRAY[NEW.breaker_position, NEW.breaker_position + step, last]
			END;
			phases := CASE panel.bus WHEN 'three-phase' THEN 3 WHEN 'split-phase' THEN 2 WHEN 'single-phase' THEN 1 ELSE 0 END;
			IF NEW.breaker_pole_count > (CASE phases WHEN 0 THEN 2 ELSE phases END) THEN
				RAISE EXCEPTION 'breaker of power feed "%" has more poles than the bus of power panel "%"', NEW.name, panel.name
					USING ERRCODE = 'check_violation';
			END IF;
			IF last > panel.circuit_positions THEN
				RAISE EXCEPTION 'breaker of power feed "%" does not fit power panel "%"', NEW.name, panel.name
					USING ERRCODE = 'check_violation';
			END IF;
			first_phase := CASE WHEN phases = 0 THEN NULL ELSE (NEW.breaker_position - 1) / step % phases END;
			NEW.phase_designation := CASE
				WHEN first_phase IS NULL THEN NULL
				WHEN NEW.breaker_pole_count = 3 THEN 'A-B-C'
				WHEN NEW.breaker_pole_count = 1 THEN ('{A,B,C}'::powerpanel.phase_designation[])[first_phase + 1]
				WHEN phases = 2 THEN 'A-B'
				ELSE ('{A-B,B-C,A-C}'::powerpanel.phase_designation[])[first_phase + 1]
			END;
			LOOK
			RETURN NEW;
		END
		$f$;
		CREATE TRIGGER breaker_insert BEFORE INSERT ON rival.power_feed
		FOR EACH ROW WHEN (NEW.breaker_position IS NOT NULL)
		EXECUTE FUNCTION rival.breaker();
		CREATE TRIGGER breaker_update BEFORE UPDATE OF power_panel_id, breaker_position, breaker_pole_count ON rival.power_feed
		FOR EACH ROW WHEN (NEW.breaker_position IS NOT NULL
			AND (OLD.power_panel_id, OLD.breaker_position, OLD.breaker_pole_count)
				IS DISTINCT FROM (NEW.power_panel_id, NEW.breaker_position, NEW.breaker_pole_count))
		EXECUTE FUNCTION rival.breaker()$q$,
		'LOOK', look), 'rival', schema);
	IF more <> '' THEN
		EXECUTE replace(more, 'rival', schema);
	END IF;
END
$$;

SELECT bench.create_rival('before', $q$
			SELECT f.name INTO other FROM rival.power_feed AS f
			WHERE f.power_panel_id = NEW.power_panel_id AND f.id <> NEW.id
				AND f.breaker_position BETWEEN NEW.breaker_position - 4 AND last
				AND f.occupied && NEW.occupied
			LIMIT 1;
			IF FOUND THEN
				RAISE EXCEPTION 'breaker of power feed "%" conflicts with power feed "%" on power panel "%"', NEW.name, other, panel.name
					USING ERRCODE = 'exclusion_violation';
			END IF;
$q$, '');

SELECT bench.create_rival('after', '', $q$
		CREATE FUNCTION rival.overlap() RETURNS trigger
		LANGUAGE plpgsql AS $f$
		DECLARE
			other text;
		BEGIN
			SELECT f.name INTO other FROM rival.power_feed AS f
			WHERE f.power_panel_id = NEW.power_panel_id AND f.id <> NEW.id
				AND f.breaker_position BETWEEN NEW.breaker_position - 4 AND NEW.breaker_position + 4
				AND f.occupied && NEW.occupied
			LIMIT 1;
			IF FOUND THEN
				RAISE EXCEPTION 'breaker of power feed "%" conflicts with power feed "%"', NEW.name, other
					USING ERRCODE = 'exclusion_violation';
			END IF;
			RETURN NULL;
		END
		$f$;
		CREATE TRIGGER overlap_insert AFTER INSERT ON rival.power_feed
		FOR EACH ROW WHEN (NEW.breaker_position IS NOT NULL)
		EXECUTE FUNCTION rival.overlap();
		CREATE TRIGGER overlap_update AFTER UPDATE OF power_panel_id, breaker_position, breaker_pole_count ON rival.power_feed
		FOR EACH ROW WHEN (NEW.breaker_position IS NOT NULL
			AND (OLD.power_panel_id, OLD.breaker_position, OLD.breaker_pole_count)
				IS DISTINCT FROM (NEW.power_panel_id, NEW.breaker_position, NEW.breaker_pole_count))
		EXECUTE FUNCTION rival.overlap()$q$);

SELECT bench.create_rival('statement', '', $q$
		CREATE FUNCTION rival.overlap() RETURNS trigger
		LANGUAGE plpgsql AS $f$
		DECLARE
			found_name text;
			other text;
		BEGIN
			SELECT n.name, f.name INTO found_name, other
			FROM new_rows AS n JOIN rival.power_feed AS f ON f.power_panel_id = n.power_panel_id AND f.id <> n.id
				AND f.breaker_position BETWEEN n.breaker_position - 4 AND n.breaker_position + 4
				AND f.occupied && n.occupied
			LIMIT 1;
			IF FOUND THEN
				RAISE EXCEPTION 'breaker of power feed "%" conflicts with power feed "%"', found_name, other
					USING ERRCODE = 'exclusion_violation';
			END IF;
			RETURN NULL;
		END
		$f$;
		CREATE TRIGGER overlap_insert AFTER INSERT ON rival.power_feed
		REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
		EXECUTE FUNCTION rival.overlap();
		CREATE TRIGGER overlap_update AFTER UPDATE ON rival.power_feed
		REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT
		EXECUTE FUNCTION rival.overlap()$q$);

-- A breaker takes every other position, so the ranges are of rows on a side.
SELECT bench.copy_tables('exclusion');
ALTER TABLE exclusion.power_feed ADD EXCLUDE USING gist (
	power_panel_id WITH =,
	(breaker_position % 2) WITH =,
	int4range((breaker_position + 1) / 2, (breaker_position + 1) / 2 + breaker_pole_count) WITH &&);

SELECT bench.copy_tables('none');
