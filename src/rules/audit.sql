CREATE FUNCTION checked_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C STABLE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION checked_violations(text[]) IS
'Part of check_integrity: the rules that are checked in C. Raises 42501 to one who may not read all rows of the inventory';

-- PostgreSQL itself sees to a validated CHECK, triggers on or off; foreign keys
-- are triggers, so rows get past them where triggers are off.
CREATE FUNCTION constraint_violations(rules text[],
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	con record;
	broken boolean;
BEGIN
	FOR con IN
		SELECT c.conname, c.contype, t.relname AS tab, r.relname AS ref,
			pg_get_expr(c.conbin, c.conrelid) AS expression,
			(SELECT string_agg(format('r.%I = t.%I', ra.attname, ta.attname), ' AND ')
				FROM unnest(c.conkey, c.confkey) AS k (t, r)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t
				JOIN pg_attribute AS ra ON ra.attrelid = c.confrelid AND ra.attnum = k.r) AS same,
			(SELECT string_agg(format('t.%I IS NOT NULL', ta.attname), ' AND ')
				FROM unnest(c.conkey) AS k (t)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS given,
			(SELECT string_agg(format('%I', ta.attname), ', ' ORDER BY k.n)
				FROM unnest(c.conkey) WITH ORDINALITY AS k (t, n)
				JOIN pg_attribute AS ta ON ta.attrelid = c.conrelid AND ta.attnum = k.t) AS columns,
			coalesce(obj_description(c.oid, 'pg_constraint'), pg_get_constraintdef(c.oid)) AS description
		FROM pg_constraint AS c
		JOIN pg_class AS t ON t.oid = c.conrelid
		LEFT JOIN pg_class AS r ON r.oid = c.confrelid
		JOIN powerpanel.rule AS known ON known.name = c.conname
		WHERE c.connamespace = 'powerpanel'::regnamespace
			AND (c.contype = 'f' OR (c.contype = 'c' AND NOT c.convalidated))
			AND (rules IS NULL OR c.conname = ANY (rules))
		ORDER BY c.conname
	LOOP
		-- whether there is any is asked without the rows, which is faster
		EXECUTE format('SELECT EXISTS (SELECT FROM ONLY powerpanel.%I AS t WHERE %s)', con.tab,
			CASE con.contype
				WHEN 'f' THEN format('%s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)',
					con.given, con.ref, con.same)
				ELSE format('NOT (%s)', con.expression)
			END) INTO broken;
		CONTINUE WHEN NOT broken;
		rule := con.conname;
		severity := 'error';
		object_type := con.tab;
		FOR object_id, object, detail IN EXECUTE
			CASE con.contype
				WHEN 'f' THEN
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'),
						format('Key (%s)=(%%s) is not present in table "%s".', (SELECT concat_ws(', ', %s)))
						FROM ONLY powerpanel.%I AS t
						WHERE %s AND NOT EXISTS (SELECT FROM ONLY powerpanel.%I AS r WHERE %s)$q$,
						con.columns, con.ref, regexp_replace(con.columns, '(\S+)', 't.\1', 'g'),
						con.tab, con.given, con.ref, con.same)
				ELSE
					format($q$SELECT (to_jsonb(t)->>'id')::uuid, coalesce(to_jsonb(t)->>'name', to_jsonb(t)->>'label', 'cable'), $1
						FROM ONLY powerpanel.%I AS t WHERE NOT (%s)$q$, con.tab, con.expression)
			END
			USING con.description
		LOOP
			RETURN NEXT;
		END LOOP;
	END LOOP;
END
$$;
COMMENT ON FUNCTION constraint_violations(text[]) IS
'Part of check_integrity: the rules that foreign keys and CHECKs state';

CREATE FUNCTION check_integrity(rules text[] DEFAULT NULL,
	OUT rule text, OUT severity text, OUT object_type text, OUT object_id uuid,
	OUT object text, OUT detail text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
	guarded_table regclass;
BEGIN
	IF array_position(rules, NULL) IS NOT NULL THEN
		RAISE EXCEPTION 'a rule name is NULL'
			USING ERRCODE = 'null_value_not_allowed',
				HINT = 'Pass NULL instead of an array to check all rules.';
	END IF;
	SELECT n INTO unknown
	FROM unnest(rules) AS n
	WHERE NOT EXISTS (SELECT FROM powerpanel.rule AS r WHERE r.name = n)
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'no rule is named "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'The view powerpanel.rule lists all rules.';
	END IF;
	RETURN QUERY SELECT * FROM powerpanel.checked_violations(rules);
	RETURN QUERY SELECT * FROM powerpanel.constraint_violations(rules);
	FOR guarded_table IN SELECT g.feed_table FROM powerpanel.guarded AS g ORDER BY g.feed_table::text LOOP
		RETURN QUERY SELECT * FROM powerpanel.guard_violations(guarded_table, rules);
	END LOOP;
END
$$;
COMMENT ON FUNCTION check_integrity(text[]) IS
'Every row of the inventory, and of guarded tables, that breaks a rule, with the rule''s name; nothing when all is well. rules limits it to those rules; NULL is all. Finds what got in with triggers off. Raises 22023 on the name of a rule that does not exist, 22004 on a NULL name, 42501 to one who may not read all rows of the inventory';
