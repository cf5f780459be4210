-- What a CHECK can say is a CHECK of the guarded table, under the rule's name.

-- The rules that a CHECK says, and the columns that they speak of, by feed_column_list.
-- "usual" is how the CHECK of the inventory calls the first.
CREATE FUNCTION powerpanel_internal.guard_check_columns(OUT rule name, OUT of_panels boolean, OUT role text, OUT usual text, OUT other text)
RETURNS SETOF record
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
	VALUES
		('power_feed_breaker_position'::name, false, 'position', 'breaker_position', NULL),
		('power_feed_breaker_pole_count', false, 'poles', 'breaker_pole_count', NULL),
		('power_feed_destination_self', false, 'destination', 'destination_panel_id', 'panel'),
		('power_feed_destination_or_cable', false, 'destination', NULL, 'cable'),
		('power_panel_circuit_positions', true, 'panel_positions', 'circuit_positions', NULL)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_check_columns() IS
'Part of guard: the rules that are CHECKs of a guarded table, and their columns';

-- The CHECKs that a guarded table has: rule, table, and the condition with the
-- columns in it; not where a column is missing that it speaks of. Conditions are
-- those of the inventory's own CHECKs, whose columns are replaced. One is not: the
-- inventory's cables are in a table of their own, and C checks them. All are as
-- pg_get_expr() writes them, so that they can be told from what somebody else has
-- put under the same name.
CREATE FUNCTION powerpanel_internal.guard_checks(feed_table regclass, panel_table regclass, columns jsonb,
	OUT rule name, OUT tab regclass, OUT condition text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.rule, CASE WHEN c.of_panels THEN panel_table ELSE feed_table END, format(
		CASE c.rule WHEN 'power_feed_destination_or_cable' THEN '((%1$I IS NULL) OR (%2$I IS NULL))' ELSE own.condition END,
		columns->>c.role, columns->>c.other)
	FROM powerpanel_internal.guard_check_columns() AS c
	LEFT JOIN LATERAL (
		SELECT regexp_replace(regexp_replace(replace(pg_get_expr(k.conbin, k.conrelid), '%', '%%'),
			'\m' || c.usual || '\M', '%1$I', 'g'), '\mpower_panel_id\M', '%2$I', 'g')
		FROM pg_constraint AS k
		WHERE k.connamespace = 'powerpanel'::regnamespace AND k.conname = c.rule AND k.contype = 'c')
		AS own (condition) ON true
	WHERE columns ? c.role AND (c.other IS NULL OR columns ? c.other)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_checks(regclass, regclass, jsonb) IS
'Part of guard: the rules that a CHECK of the guarded table can say';

-- A name proves nothing: whoever owns the table can put another condition under
-- it, and one that calls a function of his.
CREATE FUNCTION powerpanel_internal.guard_keeps_check(tab regclass, rule name, condition text, validated boolean) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND (c.convalidated OR NOT validated)
			-- there is NOT ENFORCED, and this column, from PostgreSQL 18 on
			AND coalesce((to_jsonb(c)->>'conenforced')::boolean, true)
			AND pg_get_expr(c.conbin, c.conrelid) = condition)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_keeps_check(regclass, name, text, boolean) IS
'Part of guard: whether a table has the CHECK that states a rule, enforced, and nothing else under its name; with validated, and PostgreSQL sees to it that all rows keep it';

-- Whether a CHECK is one that guard() has made: by its comment, or, since a dump may
-- have left comments out, by the condition that it would make.
CREATE FUNCTION powerpanel_internal.guard_made_check(tab regclass, rule name, condition text) RETURNS boolean
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT EXISTS (
		SELECT FROM pg_constraint AS c JOIN powerpanel.rule AS r ON r.name = c.conname
		WHERE c.conrelid = tab AND c.conname = rule AND c.contype = 'c'
			AND obj_description(c.oid, 'pg_constraint') = r.description)
		OR powerpanel_internal.guard_keeps_check(tab, rule, condition, false)
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_made_check(regclass, name, text) IS
'Part of guard: whether it has made a CHECK; condition is the one that it would make, NULL for none';

CREATE FUNCTION powerpanel_internal.guard_has_check(tab regclass, rule name, condition text) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = tab AND conname = rule) THEN
		RETURN false;
	END IF;
	-- panels that another table of feeds has brought under guard have theirs
	IF powerpanel_internal.guard_keeps_check(tab, rule, condition, false)
		AND EXISTS (SELECT FROM powerpanel.guarded AS g, powerpanel_internal.guard_checks(g.feed_table, g.panel_table, g.options) AS c
		WHERE g.panel_table = guard_has_check.tab AND c.tab = guard_has_check.tab AND c.rule = guard_has_check.rule
			AND c.condition = guard_has_check.condition) THEN
		RETURN true;
	END IF;
	IF NOT powerpanel_internal.guard_made_check(tab, rule, condition)
		OR EXISTS (SELECT FROM powerpanel.guarded AS g WHERE g.panel_table = guard_has_check.tab) THEN
		RAISE EXCEPTION 'table "%" has a constraint of its own that is named "%"', tab, rule
			USING ERRCODE = 'duplicate_object', HINT = 'Rename or drop it first.';
	END IF;
	-- what DROP EXTENSION ... CASCADE has left, or DROP TABLE of guarded feeds
	EXECUTE format('ALTER TABLE ONLY %s DROP CONSTRAINT %I', tab, rule);
	RETURN false;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.guard_has_check(regclass, name, text) IS 'Part of guard: whether the CHECK is there, made for another table of feeds';

CREATE FUNCTION powerpanel_internal.guard_validate(tab regclass, rule name) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.guard_validate(regclass, name) IS
'Part of guard: VALIDATE CONSTRAINT with the rights of the table''s owner. Raises 42501 to one who does not own the table';
