CREATE FUNCTION powerpanel_internal.checked_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE STRICT
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION powerpanel_internal.checked_violations(text[]) IS
'Part of check_integrity: the rules that are checked in C, then those that foreign keys and CHECKs state. Raises 42501 to one who may not read all rows of the inventory, 55000 where its tables have different owners';

-- PostgreSQL itself sees to a validated CHECK, triggers on or off; foreign keys
-- are triggers, so rows get past them where triggers are off. Here only the catalog
-- is read: the queries run elsewhere, as the owner of the table. Where the network has
-- been read and is whole (network.h), those keys hold that say so, and by their columns,
-- not by their names, it is found out which these are.
CREATE FUNCTION powerpanel_internal.constraint_queries(rules text[], whole boolean,
	OUT rule text, OUT tab text, OUT referred text, OUT probe text, OUT rows text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT c.conname, t.relname, r.relname,
		-- whether there is any is asked without the rows, which is faster
		format('SELECT EXISTS (SELECT FROM ONLY powerpanel.%I AS t WHERE %s)', t.relname, broken),
		format('SELECT %s, %s FROM ONLY powerpanel.%I AS t WHERE %s', names,
			CASE c.contype
				WHEN 'f' THEN format($q$format('Key (%s)=(%%s) is not present in table "%s".', (SELECT concat_ws(', ', %s)))$q$,
					columns, r.relname, regexp_replace(columns, '(\S+)', 't.\1', 'g'))
				ELSE format('%L::text', coalesce(obj_description(c.oid, 'pg_constraint'), pg_get_constraintdef(c.oid)))
			END, t.relname, broken)
	FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		LEFT JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN powerpanel.rule AS known ON known.name = c.conname
		-- names as text by format(): what runs a cast runs its owner's function
		CROSS JOIN LATERAL (
			SELECT format('%s, format(''%%s'', %s)',
				CASE WHEN bool_or(a.attname = 'id') THEN 't.id' ELSE 'NULL::uuid' END,
				CASE WHEN bool_or(a.attname = 'name') THEN 't.name' ELSE 'coalesce(t.label, ''cable'')' END) AS names
			FROM pg_attribute AS a
			WHERE a.attrelid = c.conrelid AND a.attnum > 0 AND NOT a.attisdropped) AS n
		CROSS JOIN LATERAL (
			SELECT string_agg(format('%I', ta.attname), ', ' ORDER BY k.n) AS columns,
				string_agg(quote_ident(ra.attname), ', ' ORDER BY k.n) AS referred,
				string_agg(format('t.%I IS NOT NULL', ta.attname), ' AND ') AS given,
				string_agg(CASE WHEN ra.attname IS NOT NULL THEN format('r.%I = t.%I', ra.attname, ta.attname) END, ' AND ') AS same
			FROM unnest(c.conkey, c.confkey) WITH ORDINALITY AS k (t, r, n)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t
				LEFT JOIN pg_attribute AS ra ON ra.attrelid = c.confrelid AND ra.attnum = k.r) AS k
		CROSS JOIN LATERAL (
			SELECT CASE c.contype
				WHEN 'f' THEN format('%s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)',
					given, r.relname, same)
				ELSE format('NOT (%s)', pg_get_expr(c.conbin, c.conrelid))
			END AS broken) AS b
	WHERE c.connamespace = 'powerpanel'::regnamespace
		AND (c.contype = 'f' OR (c.contype = 'c' AND NOT c.convalidated))
		AND c.conname = ANY (rules)
		AND NOT (whole AND c.contype = 'f' AND (t.relname, k.columns, r.relname, k.referred) IN (
			('power_feed', 'power_panel_id', 'power_panel', 'id'),
			('power_feed', 'destination_panel_id', 'power_panel', 'id'),
			('power_feed', 'status', 'feed_status', 'name'),
			('power_port', 'device_id', 'device', 'id'),
			('power_bank', 'device_id', 'device', 'id'),
			('power_bank', 'device_id, power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'device_id', 'device', 'id'),
			('power_outlet', 'device_id, power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'device_id, alternate_power_port_id', 'power_port', 'device_id, id'),
			('power_outlet', 'power_port_id, power_bank_id', 'power_bank', 'power_port_id, id'),
			('cable', 'power_feed_id', 'power_feed', 'id'),
			('cable', 'power_outlet_id', 'power_outlet', 'id'),
			('cable', 'power_port_id', 'power_port', 'id')))
	ORDER BY c.conname
$$;
COMMENT ON FUNCTION powerpanel_internal.constraint_queries(text[], boolean) IS
'Part of check_integrity: what to ask for the rows that break a foreign key or a CHECK, but, where the network is whole, not a key that it holds by that';

-- pg_upgrade makes the extension's owner the owner of its event triggers, who must
-- be a superuser.
CREATE FUNCTION powerpanel_internal.owner_violations(
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT 'powerpanel_owner', 'warning', 'extension', NULL::uuid, e.extname::text,
		format('the owner of the extension, role "%s", is no superuser: pg_upgrade will stop. Make the role a superuser before the upgrade, for as long as that takes', r.rolname)
	FROM pg_extension AS e JOIN pg_roles AS r ON r.oid = e.extowner
	WHERE e.extname = 'powerpanel' AND NOT r.rolsuper
$$;
COMMENT ON FUNCTION powerpanel_internal.owner_violations() IS
'Part of check_integrity: the rule powerpanel_owner';

CREATE FUNCTION check_integrity(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	guarded_table regclass;
BEGIN
	PERFORM powerpanel_internal.check_rule_names(rules);
	RETURN QUERY SELECT * FROM powerpanel_internal.checked_violations(rules);
	IF 'powerpanel_owner' = ANY (rules) THEN
		RETURN QUERY SELECT * FROM powerpanel_internal.owner_violations();
	END IF;
	-- a guard is looked at for its own rules, and for whether that can be done;
	-- a temporary table is read by its own session alone
	FOR guarded_table IN
		SELECT g.feed_table FROM powerpanel.guarded AS g JOIN pg_class AS c ON c.oid = g.feed_table
		WHERE (g.rules && check_integrity.rules OR 'guard_broken' = ANY (check_integrity.rules))
			AND (c.relpersistence <> 't' OR c.relnamespace = pg_my_temp_schema())
		ORDER BY g.feed_table::text
	LOOP
		RETURN QUERY SELECT * FROM powerpanel_internal.guard_audit(guarded_table, rules);
	END LOOP;
END
$$;
COMMENT ON FUNCTION check_integrity(text[]) IS
'Every row of the inventory, and of guarded tables, that breaks one of these rules, with the rule''s name; nothing when all is well. object is the row''s name, after that of its panel or device where it is unique only within that (RPP-A > Lights, web-01 > PSU 1). Finds what got in with triggers off. A guarded table that cannot be checked for one of them is told of by a row of rule guard_broken. Raises 22023 on the name of a rule that does not exist and on an empty array, 22004 on NULL, 42501 to one who may not read all rows of the inventory';

CREATE FUNCTION check_integrity(
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
	SELECT * FROM powerpanel.check_integrity(ARRAY(SELECT r.name FROM powerpanel.rule AS r));
$$;
COMMENT ON FUNCTION check_integrity() IS
'Every row of the inventory, and of guarded tables, that breaks a rule, with the rule''s name; nothing when all is well. object is the row''s name, after that of its panel or device where it is unique only within that (RPP-A > Lights, web-01 > PSU 1). Finds what got in with triggers off. A guarded table that cannot be checked is told of by a row of rule guard_broken. Raises 42501 to one who may not read all rows of the inventory';
