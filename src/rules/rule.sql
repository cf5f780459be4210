-- The rules, and where their names come from: the checks in C list theirs, the
-- CHECKs and keys are those of the catalog, described by their comments.

CREATE FUNCTION powerpanel_internal.checked_rules(OUT name text, OUT severity text, OUT sqlstate text, OUT description text,
	OUT needed text[], OUT columns text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION powerpanel_internal.checked_rules() IS
'Part of the view rule: the rules that are checked in C, and the warnings. needed: the columns (by feed_column_list) without which a rule does not hold in a table of feeds; columns: all that it speaks of; both NULL where it is not about feeds';

CREATE VIEW rule WITH (security_invoker = true) AS
SELECT r.name, r.severity, r.sqlstate, r.description
FROM powerpanel_internal.checked_rules() AS r
UNION ALL
SELECT c.conname::text, 'error',
	CASE c.contype WHEN 'u' THEN '23505' WHEN 'f' THEN '23503' ELSE '23514' END,
	pg_catalog.obj_description(c.oid, 'pg_constraint')
FROM pg_catalog.pg_constraint AS c
	JOIN pg_catalog.pg_depend AS d ON d.classid = 'pg_catalog.pg_class'::regclass
		AND d.objid = c.conrelid AND d.deptype = 'e'
	JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid AND e.extname = 'powerpanel'
WHERE c.contype IN ('c', 'f', 'u') AND d.refclassid = 'pg_catalog.pg_extension'::regclass
	AND c.connamespace = 'powerpanel'::pg_catalog.regnamespace
	-- a rule that a CHECK or a key states in part is one rule
	AND c.conname NOT IN (SELECT r.name FROM powerpanel_internal.checked_rules() AS r);
COMMENT ON VIEW rule IS 'Every rule that the inventory keeps. A refused write carries the name as its constraint name, and check_integrity() reports the same';
COMMENT ON COLUMN rule.name IS 'The rule';
COMMENT ON COLUMN rule.severity IS 'error: such a row is refused. warning: check_integrity() mentions it';
COMMENT ON COLUMN rule.sqlstate IS 'That of the error by which such a row is refused; NULL for a warning. A foreign key has 23503 here; where it refuses to delete a row that others refer to, the error has 23001 from PostgreSQL 18 on';
COMMENT ON COLUMN rule.description IS 'What holds';

CREATE FUNCTION powerpanel_internal.check_rule_names(names text[]) RETURNS void
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	unknown text;
BEGIN
	IF names IS NULL OR array_position(names, NULL) IS NOT NULL THEN
		RAISE EXCEPTION '%', CASE WHEN names IS NULL THEN 'the list of rules is NULL' ELSE 'a rule name is NULL' END
			USING ERRCODE = 'null_value_not_allowed',
				HINT = 'Without the argument, all rules are checked.';
	END IF;
	IF cardinality(names) = 0 THEN
		RAISE EXCEPTION 'the list of rules is empty'
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'Without the argument, all rules are checked.';
	END IF;
	SELECT n INTO unknown
	FROM unnest(names) AS n
	WHERE NOT EXISTS (SELECT FROM powerpanel.rule AS r WHERE r.name = n)
	LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'no rule is named "%"', unknown
			USING ERRCODE = 'invalid_parameter_value',
				HINT = 'The view powerpanel.rule lists all rules.';
	END IF;
END
$$;
COMMENT ON FUNCTION powerpanel_internal.check_rule_names(text[]) IS
'Part of check_integrity and guard_violations: raises 22004 on NULL, 22023 on an empty array and on the name of a rule that does not exist';
