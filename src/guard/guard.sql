-- guard(): the rules of feeds and breakers for tables that are not ours.
--
-- What a CHECK can say is a CHECK of the guarded table, under the rule's name;
-- the rest is what power_feed has, too: triggers that call check_feed(),
-- check_panel() and so on. That a table is guarded, and how, is in the
-- catalog alone: the arguments of a trigger name the columns, and the view
-- "guarded" reads them.

CREATE FUNCTION guard_columns(feed_table regclass, panel_table regclass, options jsonb)
RETURNS jsonb
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb := '{}';
	known record;
	tab regclass;
	col pg_attribute;
	allowed regtype[];
	of_panels regtype[];	-- the type of the panels' key
BEGIN
	FOR known IN
		-- a key is the primary key, whatever its name; a name may be missing, and is
		-- the key then
		SELECT c.role, c.kind, CASE WHEN c.kind <> 'key' THEN c.usual END AS usual
		FROM powerpanel.feed_column_list() AS c
		WHERE c.guarded
		ORDER BY c.role <> 'panel_id'	-- which tells what type the others have
	LOOP
		tab := CASE WHEN known.role LIKE 'panel\_%' THEN panel_table ELSE feed_table END;
		SELECT a.* INTO col
		FROM pg_attribute AS a
		WHERE a.attrelid = tab AND a.attnum > 0 AND NOT a.attisdropped
			AND CASE
				WHEN options ? known.role THEN a.attname = options->>known.role
				WHEN known.usual IS NOT NULL THEN a.attname = known.usual
				ELSE a.attnum = (SELECT i.indkey[0] FROM pg_index AS i
					WHERE i.indrelid = tab AND i.indisprimary AND i.indnkeyatts = 1)
			END;
		IF col.attname IS NULL AND options->>known.role IS NOT NULL THEN
			RAISE EXCEPTION 'column "%" of table "%" does not exist', options->>known.role, tab
				USING ERRCODE = 'undefined_column',
					HINT = format('Option "%s" names it.', known.role);
		END IF;
		IF known.role = 'panel_id' THEN
			of_panels := ARRAY[col.atttypid];
		END IF;
		allowed := CASE known.kind
			WHEN 'key' THEN '{uuid,bigint,integer,smallint}'
			WHEN 'panel key' THEN of_panels
			WHEN 'integer' THEN '{integer,bigint,smallint}' END;
		IF col.attname IS NOT NULL AND col.atttypid <> ALL (allowed) THEN
			RAISE EXCEPTION 'column "%" of table "%" is of type %', col.attname, tab, col.atttypid::regtype
				USING ERRCODE = 'datatype_mismatch',
					DETAIL = format('For "%s" it takes one of: %s.', known.role,
						array_to_string(allowed, ', ')),
					HINT = format('Option "%s" names another column.', known.role);
		END IF;
		IF col.attgenerated = 'v' AND known.role <> 'cable' THEN
			RAISE EXCEPTION 'column "%" of table "%" is a virtual generated column', col.attname, tab
				USING ERRCODE = 'feature_not_supported',
					DETAIL = 'Its values are not in the rows that a trigger is given.',
					HINT = format('Make it STORED, or name another column by option "%s".', known.role);
		END IF;
		IF known.kind = 'key' AND col.attname IS NOT NULL AND NOT (col.attnotnull
			AND EXISTS (SELECT FROM pg_index AS i
				WHERE i.indrelid = tab AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
					AND i.indnkeyatts = 1 AND i.indkey[0] = col.attnum)) THEN
			RAISE EXCEPTION 'column "%" of table "%" is no key', col.attname, tab
				USING ERRCODE = 'invalid_foreign_key',
					DETAIL = format('For "%s" it takes a column that is NOT NULL and UNIQUE.', known.role);
		END IF;
		columns := columns || jsonb_strip_nulls(jsonb_build_object(known.role, col.attname));
	END LOOP;
	IF NOT columns ?& '{id,panel,panel_id}' THEN
		RAISE EXCEPTION 'the keys of tables "%" and "%" are not known', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "id", "panel" and "panel_id" name the columns: the feeds'' key, their panel, and the panels'' key.';
	END IF;
	-- a guard that guards nothing would look like one that does
	IF NOT columns ?| '{position,poles,destination,panel_positions}' THEN
		RAISE EXCEPTION 'tables "%" and "%" have no column that a rule speaks of', feed_table, panel_table
			USING ERRCODE = 'undefined_column',
				HINT = 'Options "position" and "poles" name the columns of a feed''s breaker, "destination" the panel that it feeds, "panel_positions" how many positions a panel has.';
	END IF;
	RETURN jsonb_build_object('name', columns->'id', 'panel_name', columns->'panel_id') || columns;
END
$$;
COMMENT ON FUNCTION guard_columns(regclass, regclass, jsonb) IS
'Part of guard: which columns its options, and the tables, name for what. Raises 42703 where there is no such column, 42804 where it is of another type';

-- The CHECKs that a guarded table has: rule, table, and the condition with the
-- columns in it; not where a column is missing that it speaks of. Conditions are
-- those of the inventory's own CHECKs, whose columns are replaced. One is not: the
-- inventory's cables are in a table of their own, and C checks them. All are as
-- pg_get_expr() writes them, so that they can be told from what somebody else has
-- put under the same name.
CREATE FUNCTION guard_checks(feed_table regclass, panel_table regclass, columns jsonb,
	OUT rule name, OUT tab regclass, OUT condition text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.rule, c.tab, format(
		CASE c.rule WHEN 'power_feed_destination_or_cable' THEN '((%1$I IS NULL) OR (%2$I IS NULL))' ELSE own.condition END,
		columns->>c.role, columns->>c.other)
	FROM (VALUES
		('power_feed_breaker_position', feed_table, 'position', 'breaker_position', NULL),
		('power_feed_breaker_pole_count', feed_table, 'poles', 'breaker_pole_count', NULL),
		('power_feed_destination_self', feed_table, 'destination', 'destination_panel_id', 'panel'),
		('power_feed_destination_or_cable', feed_table, 'destination', NULL, 'cable'),
		('power_panel_circuit_positions', panel_table, 'panel_positions', 'circuit_positions', NULL))
		AS c (rule, tab, role, usual, other)
	LEFT JOIN LATERAL (
		SELECT regexp_replace(regexp_replace(replace(pg_get_expr(k.conbin, k.conrelid), '%', '%%'),
			'\m' || c.usual || '\M', '%1$I', 'g'), '\mpower_panel_id\M', '%2$I', 'g')
		FROM pg_constraint AS k
		WHERE k.connamespace = 'powerpanel'::regnamespace AND k.conname = c.rule AND k.contype = 'c')
		AS own (condition) ON true
	WHERE columns ? c.role AND (c.other IS NULL OR columns ? c.other)
$$;
COMMENT ON FUNCTION guard_checks(regclass, regclass, jsonb) IS
'Part of guard: the rules that a CHECK of the guarded table can say';

-- A name proves nothing: whoever owns the table can put another condition under
-- it, and one that calls a function of his.
CREATE FUNCTION guard_keeps_check(tab regclass, rule name, condition text, validated boolean) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND (c.convalidated OR NOT validated)
			AND pg_get_expr(c.conbin, c.conrelid) = condition)
$$;
COMMENT ON FUNCTION guard_keeps_check(regclass, name, text, boolean) IS
'Part of guard: whether a table has the CHECK that states a rule, and nothing else under its name; with validated, and PostgreSQL sees to it that all rows keep it';

CREATE FUNCTION guard_validate(tab regclass, rule name) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION guard_validate(regclass, name) IS
'Part of guard: VALIDATE CONSTRAINT with the rights of the table''s owner. Raises 42501 to one who does not own the table';

CREATE VIEW guarded WITH (security_invoker = true) AS
SELECT t.tgrelid::regclass AS feed_table, t.tgconstrrelid::regclass AS panel_table,
	a.arguments AS options,
	ARRAY(
		SELECT c.rule::text FROM powerpanel.guard_checks(t.tgrelid, t.tgconstrrelid, a.arguments) AS c
		UNION ALL
		SELECT r.name FROM powerpanel.checked_rules() AS r
		WHERE a.arguments OPERATOR(pg_catalog.?&) r.needed
		ORDER BY 1) AS rules
FROM pg_catalog.pg_trigger AS t,
	LATERAL (
		-- each argument ends with a byte 0; a backslash, which is doubled in this
		-- form, is written as a byte first, so that no \000 comes of it
		SELECT pg_catalog.jsonb_object_agg(pg_catalog.split_part(g, '=', 1), pg_catalog.substr(g, pg_catalog.strpos(g, '=') + 1))
		FROM pg_catalog.unnest(pg_catalog.string_to_array(
			pg_catalog.replace(pg_catalog.encode(t.tgargs, 'escape'), '\\', '\134'), '\000')) AS e,
			pg_catalog.convert_from(pg_catalog.decode(e, 'escape'), pg_catalog.getdatabaseencoding()) AS g
		WHERE g <> '') AS a (arguments)
WHERE t.tgfoid = 'powerpanel.check_feed'::regproc AND t.tgnargs > 0
	AND t.tgrelid <> 'powerpanel.power_feed'::regclass;
COMMENT ON VIEW guarded IS 'Tables that guard() has put under the rules';
COMMENT ON COLUMN guarded.feed_table IS 'The table of feeds';
COMMENT ON COLUMN guarded.panel_table IS 'The table of their panels';
COMMENT ON COLUMN guarded.options IS 'Which columns mean what, as guard() takes it';
COMMENT ON COLUMN guarded.rules IS 'The rules that hold: those that the tables have columns for';

CREATE FUNCTION checked_feed_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION checked_feed_violations(regclass, text[]) IS
'Part of guard_violations: the rules that are checked in C. Raises 42501 to one who may not read all rows of both tables';

-- The rows that break a rule which a CHECK can say, where PostgreSQL does not see
-- to it. The condition is that of the inventory's own CHECK, on values that are
-- numbers and texts by now; so nothing of the table's owner takes part in it.
CREATE FUNCTION guard_check_violations(tab regclass, options jsonb, of_panels boolean, rule text,
	OUT key text, OUT name text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	condition CONSTANT text := (
		SELECT c.condition
		FROM powerpanel.guard_checks(tab, tab, '{"position": "breaker_position", "poles": "breaker_pole_count",
			"destination": "destination_panel_id", "panel": "power_panel_id", "cable": "cable",
			"panel_positions": "circuit_positions"}') AS c
		WHERE c.rule = guard_check_violations.rule);
	roles CONSTANT text[] := CASE WHEN of_panels THEN '{panel_id,panel_name,panel_positions}'
		ELSE '{id,name,position,poles,destination,panel,cable}' END;
BEGIN
	RETURN QUERY EXECUTE format($q$
		SELECT t.key, t.name
		FROM powerpanel.foreign_rows($1, $2) AS r (fields),
			LATERAL (SELECT r.fields->>($3->>$4[1]) AS key, r.fields->>($3->>$4[2]) AS name,
				(r.fields->>($3->>'position'))::bigint AS breaker_position,
				(r.fields->>($3->>'poles'))::bigint AS breaker_pole_count,
				r.fields->>($3->>'destination') AS destination_panel_id,
				r.fields->>($3->>'panel') AS power_panel_id,
				r.fields->>($3->>'cable') AS cable,
				(r.fields->>($3->>'panel_positions'))::bigint AS circuit_positions) AS t
		WHERE NOT (%s)$q$, condition)
	USING tab, ARRAY(SELECT DISTINCT options->>role FROM unnest(roles) AS role WHERE options ? role), options, roles;
END
$$;
COMMENT ON FUNCTION guard_check_violations(regclass, jsonb, boolean, text) IS
'Part of guard_violations: the rows of a guarded table that break a rule which a CHECK can say';

CREATE FUNCTION guard_violations(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guard powerpanel.guarded;
	con record;
BEGIN
	PERFORM powerpanel.check_rule_names(rules);
	SELECT * INTO guard FROM powerpanel.guarded AS g
	WHERE g.feed_table = guard_violations.feed_table;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	-- first of all, since it makes sure of the tables and their columns
	RETURN QUERY SELECT * FROM powerpanel.checked_feed_violations(feed_table, rules);

	FOR con IN
		SELECT g.rule, g.tab, r.description, g.tab = guard.panel_table AND g.rule LIKE 'power\_panel%' AS of_panels
		FROM powerpanel.guard_checks(guard.feed_table, guard.panel_table, guard.options) AS g
		JOIN powerpanel.rule AS r ON r.name = g.rule
		WHERE g.rule = ANY (rules) AND NOT powerpanel.guard_keeps_check(g.tab, g.rule, g.condition, true)
		ORDER BY g.rule
	LOOP
		rule := con.rule;
		severity := 'error';
		object_type := con.tab;
		detail := con.description;
		FOR object_id, object IN
			SELECT CASE WHEN is_uuid THEN v.key::uuid END, CASE WHEN is_uuid THEN v.name ELSE format('%s (%s)', v.name, v.key) END
			FROM powerpanel.guard_check_violations(con.tab, guard.options, con.of_panels, con.rule) AS v,
				LATERAL (SELECT a.atttypid = 'uuid'::regtype FROM pg_attribute AS a
					WHERE a.attrelid = con.tab AND a.attname = guard.options->>CASE WHEN con.of_panels THEN 'panel_id' ELSE 'id' END)
					AS k (is_uuid)
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;
COMMENT ON FUNCTION guard_violations(regclass, text[]) IS
'Every row of a guarded table of feeds, and of its panels, that breaks one of these rules; as check_integrity(), which calls it for all guarded tables. object_id is NULL where the key is not a uuid. Raises 42704 where the table is not guarded, 22023 on the name of a rule that does not exist and on an empty array, 22004 on NULL, 42501 to one who may not read all rows of both tables, 42809 where one of them is no ordinary table any more, 39P01 where a column is not what it was';

CREATE FUNCTION guard_violations(feed_table regclass,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT * FROM powerpanel.guard_violations(feed_table, ARRAY(SELECT r.name FROM powerpanel.rule AS r));
$$;
COMMENT ON FUNCTION guard_violations(regclass) IS
'guard_violations() of all rules';

-- A guard that cannot be checked is told of, and the audit goes on. What has to
-- do with this session and not with the table is raised as it is: a deadlock or
-- serialization failure, a server without memory or that shuts down. A cancel is
-- not caught by OTHERS.
CREATE FUNCTION guard_audit(feed_table regclass, rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	state text;
	message text;
	why text;
BEGIN
	RETURN QUERY SELECT * FROM powerpanel.guard_violations(feed_table, rules);
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, why = PG_EXCEPTION_DETAIL;
	IF left(state, 2) IN ('40', '53', '57', '58') THEN
		RAISE;
	END IF;
	rule := 'guard_broken';
	severity := 'warning';
	object_type := feed_table;
	object := feed_table;
	detail := format('the table cannot be checked: %s', concat_ws('. ', message, nullif(why, '')));
	RETURN NEXT;
END
$$;
COMMENT ON FUNCTION guard_audit(regclass, text[]) IS
'Part of check_integrity: guard_violations(), or a row of rule guard_broken that says why the table cannot be checked';

CREATE FUNCTION guard_triggers(feed_table regclass, panel_table regclass, options jsonb)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- panels can have several tables of feeds; so a name tells whose trigger it
	-- is, as far as it fits, and a number where another has that name
	of_feeds text := (
		SELECT n.name || s.suffix
		FROM (SELECT max(left(c.relname, l)) AS name FROM pg_class AS c, generate_series(1, 63) AS l
				WHERE c.oid = feed_table AND octet_length(left(c.relname, l)) <= 32) AS n,
			(SELECT CASE k WHEN 1 THEN '' ELSE '_' || k END, k FROM generate_series(1, 1000) AS k) AS s (suffix, k)
		WHERE NOT EXISTS (SELECT FROM pg_trigger AS t
			WHERE t.tgrelid = panel_table AND t.tgname = 'powerpanel_breakers_' || n.name || s.suffix)
		ORDER BY s.k LIMIT 1);
	arguments text := (SELECT string_agg(quote_literal(o.key || '=' || o.value), ', ' ORDER BY o.key)
		FROM jsonb_each_text(options) AS o);
	spoken_of text[] := ARRAY(SELECT DISTINCT c FROM powerpanel.checked_rules() AS r, unnest(r.columns) AS c
		WHERE options ?& r.needed);
	changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role NOT LIKE 'panel\_%' AND options ? r.role);
	panel_changed text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', options->>r.role), ' OR ')
		FROM unnest(spoken_of) AS r (role) WHERE r.role LIKE 'panel\_%' AND options ? r.role);
BEGIN
	EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel.check_feed(%s)', feed_table, panel_table, arguments);
	-- there may be nothing but CHECKs; the trigger above tells that it is guarded
	IF changed IS NOT NULL THEN
		EXECUTE format('CREATE CONSTRAINT TRIGGER powerpanel_rules_update AFTER UPDATE ON %s
			FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
			EXECUTE FUNCTION powerpanel.check_feed()', feed_table, panel_table, changed);
	END IF;
	IF panel_changed IS NULL THEN
		RETURN;
	END IF;
	-- a foreign key may be deferred, so a panel may come after its feeds
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER INSERT ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW
		EXECUTE FUNCTION powerpanel.check_panel()',
		'powerpanel_breakers_' || of_feeds, panel_table, feed_table);
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel.check_panel()',
		'powerpanel_breakers_update_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT options ? 'position' THEN
		RETURN;
	END IF;
	IF options ? 'poles' THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_poles BEFORE INSERT OR UPDATE ON %s
			FOR EACH ROW WHEN (NEW.%I IS NOT NULL AND NEW.%I IS NULL)
			EXECUTE FUNCTION powerpanel.set_derived_columns()',
			feed_table, options->>'position', options->>'poles');
	END IF;
	EXECUTE format('CREATE CONSTRAINT TRIGGER %I AFTER UPDATE ON %s
		FROM %s NOT DEFERRABLE FOR EACH ROW WHEN (%s)
		EXECUTE FUNCTION powerpanel.rederive_feeds()',
		'powerpanel_changed_' || of_feeds, panel_table, feed_table, panel_changed);
	IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = panel_table AND tgname = 'zz_powerpanel_forget') THEN
		EXECUTE format('CREATE TRIGGER zz_powerpanel_forget BEFORE DELETE ON %s
			FOR EACH ROW EXECUTE FUNCTION powerpanel.forget_panel()', panel_table);
	END IF;
	-- a transaction that goes on as an ordinary one must not remember what a
	-- panel was like before it was changed as a replica
	EXECUTE format('ALTER TABLE ONLY %s ENABLE ALWAYS TRIGGER %I, ENABLE ALWAYS TRIGGER zz_powerpanel_forget',
		panel_table, 'powerpanel_changed_' || of_feeds);
END
$$;
COMMENT ON FUNCTION guard_triggers(regclass, regclass, jsonb) IS 'Part of guard: makes the triggers';

CREATE FUNCTION guard(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	columns jsonb;
	violations jsonb;
	con record;
	not_valid boolean := coalesce((options->>'not_valid')::boolean, false);
	settings jsonb := jsonb_strip_nulls(jsonb_build_object(
		'numbering', (options->>'numbering')::powerpanel.panel_numbering,
		'bus', (options->>'bus')::powerpanel.panel_bus));
BEGIN
	PERFORM powerpanel.guard_can(feed_table, panel_table, options);
	columns := powerpanel.guard_columns(feed_table, panel_table, options);
	EXECUTE format('LOCK TABLE ONLY %s, ONLY %s IN SHARE ROW EXCLUSIVE MODE', panel_table, feed_table);
	-- what was looked at before may have been changed, or renamed, until now
	PERFORM powerpanel.guard_can(feed_table, panel_table, options);
	columns := powerpanel.guard_columns(feed_table, panel_table, options);

	-- what is left of a guard that somebody has taken away in part
	PERFORM powerpanel.guard_drop_triggers(feed_table, panel_table);
	FOR con IN SELECT * FROM powerpanel.guard_checks(feed_table, panel_table, columns) LOOP
		CONTINUE WHEN powerpanel.guard_has_check(con.tab, con.rule, con.condition);
		EXECUTE format('ALTER TABLE ONLY %s ADD CONSTRAINT %I CHECK (%s) NOT VALID', con.tab, con.rule, con.condition);
		EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', con.rule, con.tab,
			coalesce((SELECT r.description FROM powerpanel.rule AS r WHERE r.name = con.rule), con.rule));
	END LOOP;
	PERFORM powerpanel.guard_triggers(feed_table, panel_table, columns || settings);

	-- nobody writes the tables now, and each query here sees all that is committed
	violations := (SELECT jsonb_agg(to_jsonb(v)) FROM powerpanel.guard_violations(feed_table) AS v);
	IF violations IS NOT NULL AND NOT not_valid THEN
		RAISE EXCEPTION 'cannot guard table "%": % rule violation%', feed_table, jsonb_array_length(violations),
			CASE jsonb_array_length(violations) WHEN 1 THEN '' ELSE 's' END
			USING ERRCODE = 'check_violation', DETAIL = powerpanel.guard_list(violations),
				HINT = 'powerpanel.guard_preview() lists them all. Mend them, or guard new writes only with the option "not_valid".';
	END IF;
	FOR con IN SELECT * FROM powerpanel.guard_checks(feed_table, panel_table, columns) LOOP
		IF NOT coalesce(violations, '[]') @> jsonb_build_array(jsonb_build_object('rule', con.rule)) THEN
			PERFORM powerpanel.guard_validate(con.tab, con.rule);
		END IF;
	END LOOP;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard(regclass, regclass, jsonb) IS
'Puts the rules of feeds and breakers on tables of your own: those rules that the tables have columns for, under the same names. options names columns that are not called as in power_feed and power_panel: id, name, panel, position, poles, destination, cable of the feeds; panel_id, panel_name, panel_positions, panel_numbering, panel_bus of the panels (NULL: take none). numbering and bus say what all panels are where no column does (default across, three-phase). Keys are uuid or integer. Refused (23514) where rows break a rule; with "not_valid": true it then guards new writes, and returns the rows that break a rule now. Needs the right to alter both tables, which have one owner, and to execute the trigger functions. Raises 42703, 42804 or 0A000 on a column, 42830 on a key that may be NULL or is not unique, 22023 or 22P02 on an option, 22004 on NULL, 42809 where a table is not an ordinary one or is powerpanel''s own, 55000 where the tables have different owners, 25001 above READ COMMITTED, 42710 where the table is guarded already';

CREATE FUNCTION guard_can(feed_table regclass, panel_table regclass, options jsonb) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	known constant text[] := ARRAY(SELECT c.role FROM powerpanel.feed_column_list() AS c WHERE c.guarded) || '{numbering,bus,not_valid}'::text[];
	tab regclass;
	unknown text;
BEGIN
	IF feed_table IS NULL OR panel_table IS NULL OR options IS NULL THEN
		RAISE EXCEPTION 'guard() takes no NULL' USING ERRCODE = 'null_value_not_allowed';
	END IF;
	IF jsonb_typeof(options) <> 'object' THEN
		RAISE EXCEPTION 'the options of guard() are not a JSON object'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Write them as in ''{"position": "way", "poles": "poles"}''.';
	END IF;
	IF current_setting('transaction_isolation') <> 'read committed' THEN
		RAISE EXCEPTION 'guard() must be called in a transaction of isolation level READ COMMITTED'
			USING ERRCODE = 'active_sql_transaction',
				DETAIL = 'It has to see the rows that are there once nobody else writes the tables.';
	END IF;
	SELECT key INTO unknown FROM jsonb_object_keys(options) AS key
	WHERE key <> ALL (known);
	IF FOUND THEN
		RAISE EXCEPTION 'unrecognized option "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = format('The options are %s.', array_to_string(known, ', '));
	END IF;
	FOREACH tab IN ARRAY ARRAY[feed_table, panel_table] LOOP
		PERFORM powerpanel.must_be_ordinary_table(tab);
		IF EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = tab
			AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'powerpanel')) THEN
			RAISE EXCEPTION 'table "%" is one of powerpanel''s own', tab
				USING ERRCODE = 'wrong_object_type', HINT = 'Its rules hold already.';
		END IF;
	END LOOP;
	IF (SELECT count(DISTINCT relowner) FROM pg_class WHERE oid IN (feed_table, panel_table)) > 1 THEN
		RAISE EXCEPTION 'tables "%" and "%" have different owners', feed_table, panel_table
			USING ERRCODE = 'object_not_in_prerequisite_state',
				DETAIL = 'The checks read both tables whatever the one who writes may read.',
				HINT = 'Give both to one role with ALTER TABLE ... OWNER TO.';
	END IF;
	IF (SELECT count(DISTINCT relpersistence = 't') FROM pg_class WHERE oid IN (feed_table, panel_table)) > 1 THEN
		RAISE EXCEPTION 'one of tables "%" and "%" is temporary, the other is not', feed_table, panel_table
			USING ERRCODE = 'wrong_object_type',
				DETAIL = 'No other session can read a temporary table, as the check of a write would have to.';
	END IF;
	IF EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.feed_table = guard_can.feed_table) THEN
		RAISE EXCEPTION 'table "%" is guarded already', feed_table
			USING ERRCODE = 'duplicate_object', HINT = 'To guard it in another way, call powerpanel.unguard() first.';
	END IF;
END
$$;
COMMENT ON FUNCTION guard_can(regclass, regclass, jsonb) IS 'Part of guard: raises an error where it cannot guard';

-- Whether a CHECK is one that guard() has made: by its comment, which goes along
-- with a dump.
CREATE FUNCTION guard_made_check(tab regclass, rule name) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c JOIN powerpanel.rule AS r ON r.name = c.conname
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND obj_description(c.oid, 'pg_constraint') = r.description)
$$;
COMMENT ON FUNCTION guard_made_check(regclass, name) IS 'Part of guard: whether it has made a CHECK';

CREATE FUNCTION guard_has_check(tab regclass, rule name, condition text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = rule) THEN
		RETURN false;
	END IF;
	-- panels that another table of feeds has brought under guard have theirs
	IF powerpanel.guard_keeps_check(tab, rule, condition, false)
		AND EXISTS (SELECT FROM powerpanel.guarded AS g, powerpanel.guard_checks(g.feed_table, g.panel_table, g.options) AS c
		WHERE g.panel_table = guard_has_check.tab AND c.tab = guard_has_check.tab AND c.rule = guard_has_check.rule
			AND c.condition = guard_has_check.condition) THEN
		RETURN true;
	END IF;
	IF NOT powerpanel.guard_made_check(tab, rule)
		OR EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.panel_table = guard_has_check.tab) THEN
		RAISE EXCEPTION 'table "%" has a constraint of its own that is named "%"', tab, rule
			USING ERRCODE = 'duplicate_object', HINT = 'Rename or drop it first.';
	END IF;
	-- what DROP EXTENSION ... CASCADE has left, or DROP TABLE of guarded feeds
	EXECUTE format('ALTER TABLE ONLY %s DROP CONSTRAINT %I', tab, rule);
	RETURN false;
END
$$;
COMMENT ON FUNCTION guard_has_check(regclass, name, text) IS 'Part of guard: whether the CHECK is there, made for another table of feeds';

CREATE FUNCTION guard_list(violations jsonb) RETURNS text
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT string_agg(format('%s: %s: %s', v->>'rule', v->>'object', v->>'detail'), E'\n' ORDER BY place)
		|| CASE WHEN count(*) < jsonb_array_length(violations)
			THEN format(E'\n... and %s more', jsonb_array_length(violations) - count(*)) ELSE '' END
	FROM jsonb_array_elements(violations) WITH ORDINALITY AS e (v, place)
	WHERE place <= 10
$$;
COMMENT ON FUNCTION guard_list(jsonb) IS 'Part of guard: the first of the rows that break a rule, for its error';

CREATE FUNCTION guard_preview(feed_table regclass, panel_table regclass, options jsonb DEFAULT '{}',
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	violations jsonb;
BEGIN
	BEGIN
		violations := (SELECT jsonb_agg(to_jsonb(v))
			FROM powerpanel.guard(feed_table, panel_table, options || '{"not_valid": true}') AS v);
		RAISE EXCEPTION USING ERRCODE = 'PP000', MESSAGE = 'preview';
	EXCEPTION WHEN SQLSTATE 'PP000' THEN
		-- what guard() made is rolled back
	END;
	RETURN QUERY SELECT * FROM jsonb_to_recordset(coalesce(violations, '[]'))
		AS v (rule text, severity text, object_type text, object_id uuid, object text, detail text);
END
$$;
COMMENT ON FUNCTION guard_preview(regclass, regclass, jsonb) IS
'The rows that break a rule which guard() with the same arguments would put on the tables; changes nothing. It locks both tables against writes while it reads them. Errors as guard()';

CREATE FUNCTION guard_nautobot(schema text DEFAULT 'public', not_valid boolean DEFAULT false,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	feeds regclass := to_regclass(format('%I.dcim_powerfeed', schema));
	panels regclass := to_regclass(format('%I.dcim_powerpanel', schema));
	options jsonb := jsonb_build_object(
		'id', 'id', 'name', 'name', 'panel', 'power_panel_id',
		'position', 'breaker_position', 'poles', 'breaker_pole_count',
		'destination', 'destination_panel_id',
		'panel_id', 'id', 'panel_name', 'name', 'panel_positions', 'breaker_position_count',
		'not_valid', not_valid);
BEGIN
	IF feeds IS NULL OR panels IS NULL THEN
		RAISE EXCEPTION 'schema "%" holds no Nautobot', schema
			USING ERRCODE = 'undefined_table',
				DETAIL = 'It has no tables dcim_powerfeed and dcim_powerpanel.',
				HINT = 'Give the schema that holds the tables of a Nautobot, as in guard_nautobot(''nautobot'').';
	END IF;
	IF NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = panels AND attname = 'breaker_position_count') THEN
		RAISE EXCEPTION 'the Nautobot of schema "%" knows no breaker positions', schema
			USING ERRCODE = 'undefined_column',
				DETAIL = 'Table dcim_powerpanel has no column breaker_position_count; it came with Nautobot 2.4.15.';
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.guard(feeds, panels, options);
END
$$;
COMMENT ON FUNCTION guard_nautobot(text, boolean) IS
'guard() for the tables of a Nautobot (2.4.15 and later) in a schema of this database. With not_valid it guards new writes where rows break a rule, and returns those. Its panels are numbered across and on a three-phase bus, as Nautobot takes them. From 3.2 on its feeds have no column cable_id, and power_feed_destination_or_cable is left out. unguard() of its dcim_powerfeed takes it away';

CREATE FUNCTION guard_drop_triggers(feed_table regclass, panel_table regclass) RETURNS void
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
				'powerpanel.check_feed()'::regprocedure, 'powerpanel.set_derived_columns()'::regprocedure))
			OR (g.tgrelid = panel_table AND g.tgconstrrelid = feed_table AND g.tgfoid IN (
				'powerpanel.check_panel()'::regprocedure, 'powerpanel.rederive_feeds()'::regprocedure))
			OR (g.tgrelid = panel_table AND g.tgfoid = 'powerpanel.forget_panel()'::regprocedure
				AND NOT EXISTS (SELECT FROM powerpanel.guarded AS other
					WHERE other.panel_table = guard_drop_triggers.panel_table
						AND other.feed_table <> guard_drop_triggers.feed_table))
	LOOP
		EXECUTE format('DROP TRIGGER %I ON %s', t.name, t.tab);
	END LOOP;
END
$$;
COMMENT ON FUNCTION guard_drop_triggers(regclass, regclass) IS
'Part of guard: takes the triggers away, also where one of them is all that is left';

CREATE FUNCTION unguard(feed_table regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	-- also where somebody has dropped the trigger that tells the columns
	panels regclass := (SELECT tgconstrrelid FROM pg_trigger
		WHERE tgrelid = feed_table AND tgfoid = 'powerpanel.check_feed()'::regprocedure AND tgconstrrelid <> 0
			AND feed_table <> 'powerpanel.power_feed'::regclass
		LIMIT 1);
	t record;
BEGIN
	IF panels IS NULL THEN
		RAISE EXCEPTION 'table "%" is not guarded', feed_table
			USING ERRCODE = 'undefined_object',
				HINT = 'Give the table of feeds; the view powerpanel.guarded lists those that are.';
	END IF;
	PERFORM powerpanel.guard_drop_triggers(feed_table, panels);
	FOR t IN
		SELECT c.conname AS rule, c.conrelid::regclass AS tab
		FROM pg_constraint AS c
		WHERE c.conrelid IN (feed_table, panels) AND powerpanel.guard_made_check(c.conrelid, c.conname)
			AND NOT EXISTS (SELECT FROM powerpanel.guarded AS g,
					powerpanel.guard_checks(g.feed_table, g.panel_table, g.options) AS other
				WHERE other.tab = c.conrelid AND other.rule = c.conname)
	LOOP
		EXECUTE format('ALTER TABLE ONLY %s DROP CONSTRAINT %I', t.tab, t.rule);
	END LOOP;
END
$$;
COMMENT ON FUNCTION unguard(regclass) IS
'Takes away all that guard() put on a table of feeds and on its panels. Raises 42704 where the table is not guarded';

-- Putting triggers on tables takes the right to execute their functions, which
-- rights.sql keeps for the extension; so these are of no use to others.
REVOKE EXECUTE ON FUNCTION
	guard(regclass, regclass, jsonb), guard_preview(regclass, regclass, jsonb),
	guard_nautobot(text, boolean), unguard(regclass)
FROM PUBLIC;
