-- From 1.0.0: rack_power tells loads now. A view of yours that reads it has to
-- be dropped first and made again afterwards.

DROP VIEW rack_power;

-- constraint_violations() asks first whether there are any.

CREATE OR REPLACE FUNCTION constraint_violations(rules text[],
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

