-- What no CHECK can say: triggers that call check_feed(), check_panel() and so on,
-- as power_feed has them. The arguments of one of them name the columns; that a
-- table is guarded, and how, is there and nowhere else, and the view "guarded" reads it.

-- Those about a table of cables. The one on feeds tells which table that is, and its
-- column; it has something to check only where a feed gets another key.
CREATE FUNCTION powerpanel_internal.guard_cable_triggers(feed_table regclass, cable_table regclass, options jsonb, of_feeds text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_cables AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (OLD.%I IS DISTINCT FROM NEW.%3$I)
		EXECUTE FUNCTION powerpanel_internal.check_feed_cables(%L)',
		feed_table, cable_table, options->>'id', 'cable_feed=' || (options->>'cable_feed'));
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (NEW.%I IS NOT NULL)
		EXECUTE FUNCTION powerpanel_internal.check_cabled_feed()',
		'powerpanel_cable_insert_' || of_feeds, cable_table, feed_table, options->>'cable_feed');
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		WHEN (NEW.%I IS NOT NULL AND OLD.%4$I IS DISTINCT FROM NEW.%4$I)
		EXECUTE FUNCTION powerpanel_internal.check_cabled_feed()',
		'powerpanel_cable_update_' || of_feeds, cable_table, feed_table, options->>'cable_feed');
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_cable_triggers(regclass, regclass, jsonb, text) IS 'Part of guard: makes the triggers about a table of cables';

CREATE FUNCTION powerpanel_internal.guard_triggers(feed_table regclass, panel_table regclass, cable_table regclass, options jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- panels and cables can have several tables of feeds; so a name tells whose
	-- trigger it is, as far as it fits, and a number where another has that name. In
	-- SQL_ASCII a byte counts as a character, but most likely they are UTF-8, and half
	-- a character fails for a client: not before a byte that goes on with one
	of_feeds text := (
		SELECT n.name || s.suffix
		FROM (SELECT max(left(c.relname, l)) AS name FROM pg_class AS c, generate_series(0, 63) AS l
				WHERE c.oid = feed_table AND octet_length(left(c.relname, l)) <= 32
					AND CASE WHEN l > 0 AND getdatabaseencoding() = 'SQL_ASCII'
						THEN ascii(substr(c.relname, l + 1, 1)) NOT BETWEEN 128 AND 191 ELSE true END) AS n,
			(SELECT CASE k WHEN 1 THEN '' ELSE '_' || k END, k FROM generate_series(1, 1000) AS k) AS s (suffix, k)
		WHERE NOT EXISTS (SELECT FROM pg_trigger AS t
			WHERE (t.tgrelid = panel_table AND t.tgname = 'powerpanel_panel_insert_' || n.name || s.suffix)
				OR (t.tgrelid = cable_table AND t.tgname = 'powerpanel_cable_insert_' || n.name || s.suffix))
		ORDER BY s.k LIMIT 1);
	arguments text := (SELECT string_agg(quote_literal(o.key || '=' || o.value), ', ' ORDER BY o.key)
		FROM jsonb_each_text(options) AS o WHERE o.key NOT LIKE 'cable\_%');
	spoken_of text[] := ARRAY(SELECT DISTINCT c FROM powerpanel_internal.checked_rules() AS r, unnest(r.columns) AS c
		WHERE options ?& r.needed);
	changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role NOT SIMILAR TO '(panel|cable)\_%' AND options ? r.role);
	panel_changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role LIKE 'panel\_%' AND options ? r.role);
BEGIN
	EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_feed(%s)', feed_table, panel_table, arguments);
	IF cable_table IS NOT NULL THEN
		PERFORM powerpanel_internal.guard_cable_triggers(feed_table, cable_table, options, of_feeds);
	END IF;
	-- there may be nothing but CHECKs; the trigger above tells that it is guarded
	IF changed IS NOT NULL THEN
		EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules_update AFTER UPDATE ON %s
			FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
			EXECUTE FUNCTION powerpanel_internal.check_feed()', feed_table, panel_table, changed);
	END IF;
	IF panel_changed IS NULL THEN
		RETURN;
	END IF;
	-- a foreign key may be deferred, or missing, so a panel may come after its feeds
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel_internal.check_panel()',
		'powerpanel_panel_insert_' || of_feeds, panel_table, feed_table);
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel_internal.check_panel()',
		'powerpanel_panel_update_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT options ? 'position' THEN
		RETURN;
	END IF;
	-- a generated column has no value yet when a BEFORE trigger fires, and takes none
	IF options ? 'poles' AND NOT EXISTS (SELECT FROM pg_attribute AS a WHERE a.attrelid = feed_table
			AND a.attname IN (options->>'position', options->>'poles') AND a.attgenerated <> '') THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_poles BEFORE INSERT OR UPDATE ON %s
			FOR EACH ROW WHEN (NEW.%I IS NOT NULL AND NEW.%I IS NULL)
			EXECUTE FUNCTION powerpanel_internal.set_derived_columns()',
			feed_table, options->>'position', options->>'poles');
	END IF;
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s NOT DEFERRABLE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel_internal.rederive_feeds()',
		'powerpanel_derived_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = panel_table AND tgname = 'zz_powerpanel_forget') THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_forget BEFORE DELETE ON %s
			FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.forget_panel()', panel_table);
	END IF;
	-- a transaction that goes on as an ordinary one must not remember what a
	-- panel was like before it was changed as a replica
	EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER zz_powerpanel_forget',
		panel_table, 'powerpanel_derived_' || of_feeds);
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_triggers(regclass, regclass, regclass, jsonb) IS 'Part of guard: makes the triggers';

CREATE FUNCTION powerpanel_internal.guard_drop_triggers(feed_table regclass, panel_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	t record;
BEGIN
	FOR t IN
		SELECT g.tgname AS name, g.tgrelid::regclass AS tab
		FROM pg_trigger AS g
		WHERE (g.tgrelid = feed_table AND g.tgfoid IN (
				'powerpanel_internal.check_feed()'::regprocedure, 'powerpanel_internal.check_feed_cables()'::regprocedure,
				'powerpanel_internal.set_derived_columns()'::regprocedure))
			-- whichever table of cables it was
			OR (g.tgconstrrelid = feed_table AND g.tgfoid = 'powerpanel_internal.check_cabled_feed()'::regprocedure)
			OR (g.tgrelid = panel_table AND g.tgconstrrelid = feed_table AND g.tgfoid IN (
				'powerpanel_internal.check_panel()'::regprocedure, 'powerpanel_internal.rederive_feeds()'::regprocedure))
			OR (g.tgrelid = panel_table AND g.tgfoid = 'powerpanel_internal.forget_panel()'::regprocedure
				AND NOT EXISTS (SELECT FROM powerpanel.guarded AS other
					WHERE other.panel_table = guard_drop_triggers.panel_table
						AND other.feed_table <> guard_drop_triggers.feed_table))
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', t.name, t.tab);
	END LOOP;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_drop_triggers(regclass, regclass) IS
'Part of guard: takes the triggers away, also where one of them is all that is left';

-- Each argument of a trigger ends with a byte 0; a backslash, which is doubled in this
-- form, is written as a byte first, so that no \000 comes of it.
CREATE FUNCTION powerpanel_internal.guard_arguments(arguments bytea) RETURNS jsonb
LANGUAGE sql STABLE STRICT
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT jsonb_object_agg(split_part(g, '=', 1), substr(g, strpos(g, '=') + 1))
	FROM unnest(string_to_array(replace(encode(arguments, 'escape'), '\\', '\134'), '\000')) AS e,
		convert_from(decode(e, 'escape'), getdatabaseencoding()) AS g
	WHERE g <> ''
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_arguments(bytea) IS 'Part of guarded: the arguments of a trigger as an object';

CREATE VIEW guarded WITH (security_invoker = true) AS
SELECT t.tgrelid::regclass AS feed_table, t.tgconstrrelid::regclass AS panel_table,
	c.tgconstrrelid::regclass AS cable_table,
	o.options,
	ARRAY(
		SELECT k.rule::text FROM powerpanel_internal.guard_checks(t.tgrelid, t.tgconstrrelid, o.options) AS k
		WHERE powerpanel_internal.guard_keeps_check(k.tab, k.rule, k.condition, false)
		UNION
		SELECT r.name FROM powerpanel_internal.checked_rules() AS r
		WHERE o.options OPERATOR(pg_catalog.?&) r.needed
		ORDER BY 1) AS rules
FROM pg_catalog.pg_trigger AS t
	LEFT JOIN pg_catalog.pg_trigger AS c ON c.tgrelid = t.tgrelid AND c.tgnargs > 0
		AND c.tgfoid = 'powerpanel_internal.check_feed_cables'::regproc
	LEFT JOIN pg_catalog.pg_class AS r ON r.oid = c.tgconstrrelid,
	LATERAL (
		SELECT powerpanel_internal.guard_arguments(t.tgargs) OPERATOR(pg_catalog.||)
			CASE WHEN r.oid IS NULL THEN '{}' ELSE powerpanel_internal.guard_arguments(c.tgargs) OPERATOR(pg_catalog.||)
				pg_catalog.jsonb_build_object('cable_table', pg_catalog.format('%s.%I', r.relnamespace::regnamespace, r.relname)) END) AS o (options)
WHERE t.tgfoid = 'powerpanel_internal.check_feed'::regproc AND t.tgnargs > 0
	AND t.tgrelid <> 'powerpanel.power_feed'::regclass;
COMMENT ON VIEW guarded IS 'Tables that guard() has put under the rules';
COMMENT ON COLUMN guarded.feed_table IS 'The table of feeds';
COMMENT ON COLUMN guarded.panel_table IS 'The table of their panels';
COMMENT ON COLUMN guarded.cable_table IS 'The table of their cables; NULL where guard() was given none';
COMMENT ON COLUMN guarded.options IS 'Which columns mean what, as guard() takes it';
COMMENT ON COLUMN guarded.rules IS 'The rules that hold: those that the tables have columns for. A rule that is a CHECK is left out where that CHECK is not there any more, or is NOT ENFORCED';
