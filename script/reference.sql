-- Prints docs/reference.md from the comments in the catalog. To be run by
-- psql -XAt as a superuser, in a database with the extension; script/reference
-- does that.
--
-- What is for users lies in the schema powerpanel, what it is made of in
-- powerpanel_internal. An error belongs to the function that a user calls, so the
-- list of errors leaves out those whose comment begins with "Part of".

\set QUIET on
\set ON_ERROR_STOP on
LOAD 'powerpanel';			-- for its settings
SET search_path = powerpanel, pg_catalog;

CREATE TEMPORARY VIEW member AS
SELECT d.classid, d.objid
FROM pg_depend d JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'powerpanel'
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e';

-- text that Markdown shows as it is
CREATE FUNCTION pg_temp.md(t text) RETURNS text LANGUAGE sql AS
$$ SELECT regexp_replace(regexp_replace(coalesce(t, ''), '([\\*<|`]|\m_)', '\\\1', 'g'), '\s*\n\s*', ' ', 'g') $$;

CREATE FUNCTION pg_temp.code(t text) RETURNS text LANGUAGE sql AS
$$ SELECT '`' || replace(t, '|', '\|') || '`' WHERE t <> '' $$;

-- a table of cells; nothing without rows
CREATE FUNCTION pg_temp.grid(heads text[], body text) RETURNS text LANGUAGE sql AS
$$ SELECT E'\n\n| ' || array_to_string(heads, ' | ') || E' |\n' || repeat('|---', cardinality(heads)) || E'|\n' || body WHERE body <> '' $$;

CREATE FUNCTION pg_temp.line(VARIADIC cells text[]) RETURNS text LANGUAGE sql AS
$$ SELECT '| ' || array_to_string(cells, ' | ', '') || ' |' $$;

CREATE TEMPORARY VIEW func AS
SELECT p.oid, p.proname COLLATE "C" AS name, p.prokind, p.proretset,
	obj_description(p.oid, 'pg_proc') AS comment,
	regexp_replace(regexp_replace(pg_get_function_arguments(p.oid), '(, )?\mOUT .*$', ''),
		'(NULL|''[^'']*'')::[a-z ]+(\[\])?', '\1', 'g') AS arguments,
	coalesce((SELECT string_agg(pg_temp.code(a.name || ' ' || format_type(a.type, NULL)), ', ' ORDER BY a.n)
			FROM unnest(p.proallargtypes, p.proargmodes, p.proargnames) WITH ORDINALITY AS a (type, mode, name, n)
			WHERE a.mode IN ('o', 'b', 't')),
		pg_temp.code(regexp_replace(pg_get_function_result(p.oid), '^SETOF ', ''))) AS result,
	p.pronamespace = 'powerpanel'::regnamespace AS public
FROM pg_proc p JOIN member m ON m.classid = 'pg_proc'::regclass AND m.objid = p.oid;

SELECT '<!-- Written by script/reference from the comments in the catalog; do not edit. -->

# Reference

Every object of extension powerpanel, version ' || extversion || ', as the comments in the catalog
tell of it; in psql, `\d+` and `\df+ powerpanel.*` show the same. After a change of
the extension, `script/reference` writes this page anew.

[Tables](#tables) · [Views](#views) · [Functions](#functions) ·
[Types](#types) · [Operators, casts, operator classes](#operators-casts-operator-classes) ·
[Rules](#rules) · [Errors](#errors) · [Settings](#settings) · [Internal](#internal)'
FROM pg_extension WHERE extname = 'powerpanel';

-- ------------------------------------------------------------ tables, views

CREATE FUNCTION pg_temp.columns(rel oid) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.grid(
		CASE c.relkind WHEN 'r' THEN '{column,type,"null",default,meaning}' ELSE '{column,type,meaning}' END::text[],
		string_agg(
			CASE c.relkind WHEN 'r' THEN
				pg_temp.line(pg_temp.code(a.attname), pg_temp.code(format_type(a.atttypid, a.atttypmod)),
					CASE WHEN NOT a.attnotnull THEN 'yes' END,
					CASE a.attgenerated WHEN 's' THEN 'generated: ' ELSE '' END
						|| pg_temp.code(regexp_replace(pg_get_expr(d.adbin, d.adrelid), '''::\w+$', '''')),
					pg_temp.md(col_description(c.oid, a.attnum)))
			ELSE
				pg_temp.line(pg_temp.code(a.attname), pg_temp.code(format_type(a.atttypid, a.atttypmod)),
					pg_temp.md(col_description(c.oid, a.attnum)))
			END, E'\n' ORDER BY a.attnum))
	FROM pg_class c
		JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	WHERE c.oid = rel GROUP BY c.relkind
$$;

CREATE FUNCTION pg_temp.keys(rel oid) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.grid('{key,definition,meaning}',
		string_agg(pg_temp.line(pg_temp.code(c.conname), pg_temp.code(pg_get_constraintdef(c.oid)),
				pg_temp.md(obj_description(c.oid, 'pg_constraint'))),
			E'\n' ORDER BY position(c.contype::text IN 'puf'), c.conname COLLATE "C"))
	FROM pg_constraint c WHERE c.conrelid = rel AND c.contype IN ('p', 'u', 'f')
$$;

CREATE FUNCTION pg_temp.indexes(rel oid) RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.grid('{index,definition,meaning}',
		string_agg(pg_temp.line(pg_temp.code(c.relname), pg_temp.code(substring(pg_get_indexdef(c.oid) FROM ' USING (.*)$')),
			pg_temp.md(obj_description(c.oid, 'pg_class'))), E'\n' ORDER BY c.relname COLLATE "C"))
	FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
	WHERE i.indrelid = rel AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = c.oid AND k.contype IN ('p', 'u', 'x'))
$$;

CREATE FUNCTION pg_temp.statuses() RETURNS text LANGUAGE sql AS $$
	SELECT pg_temp.grid('{status,energized}', string_agg(pg_temp.line(pg_temp.code(name), energized::text), E'\n' ORDER BY name COLLATE "C"))
	FROM feed_status
$$;

CREATE TEMPORARY VIEW relation AS
SELECT c.oid, c.relkind, c.oid::regclass::text COLLATE "C" AS name, obj_description(c.oid, 'pg_class') AS comment,
	c.relnamespace = 'powerpanel'::regnamespace AS public
FROM pg_class c JOIN member m ON m.classid = 'pg_class'::regclass AND m.objid = c.oid;

-- names as links to their headings
CREATE FUNCTION pg_temp.list(names text[]) RETURNS text LANGUAGE sql AS
$$ SELECT string_agg(format('[`%1$s`](#%1$s)', n), E',\n' ORDER BY n COLLATE "C") FROM (SELECT DISTINCT unnest(names)) AS u (n) $$;

SELECT E'\n## Tables\n\n' || pg_temp.list(array_agg(name::text)) FROM relation WHERE relkind = 'r' AND public;
SELECT E'\nAll lie in the schema `powerpanel`. A write that breaks a primary or unique key has\nSQLSTATE 23505; a foreign key, 23503 (where what others refer to is deleted: 23001\nfrom PostgreSQL 18 on); a NULL where none may be, 23502.';
SELECT format(E'\n### %s\n\n%s.', name, pg_temp.md(comment)) || pg_temp.columns(oid) || coalesce(pg_temp.keys(oid), '')
	|| coalesce(pg_temp.indexes(oid), '') || CASE WHEN name = 'feed_status' THEN E'\n\nThose that come with the extension:' || pg_temp.statuses() ELSE '' END
FROM relation WHERE relkind = 'r' AND public ORDER BY name;

SELECT E'\n## Views\n\n' || pg_temp.list(array_agg(name::text)) FROM relation WHERE relkind = 'v' AND public;
SELECT E'\nThey read with the rights of the one who asks.';
SELECT format(E'\n### %s\n\n%s.', name, pg_temp.md(comment)) || pg_temp.columns(oid)
FROM relation WHERE relkind = 'v' AND public ORDER BY name;

-- ---------------------------------------------------------------- functions

SELECT E'\n## Functions\n\n' || pg_temp.list(array_agg(name::text)) FROM func WHERE public;
SELECT format(E'\n### %s\n\n```text\n%s(%s)\n```\n\n%s.\n\n%s%s', name, name, arguments, pg_temp.md(comment),
	CASE WHEN prokind = 'a' THEN 'Aggregate; returns ' WHEN proretset THEN 'Returns rows of ' ELSE 'Returns ' END, result || '.')
FROM func WHERE public ORDER BY name, arguments COLLATE "C";

-- -------------------------------------------------------------------- types

SELECT E'\n## Types\n\nIn psql, `\\dT+ powerpanel.*` lists them with their labels; a label that is none of them\nis refused with SQLSTATE 22P02.' || pg_temp.grid('{type,labels,meaning}', string_agg(
	pg_temp.line(pg_temp.code(format_type(t.oid, NULL)),
		(SELECT string_agg(pg_temp.code(enumlabel), ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
		pg_temp.md(obj_description(t.oid, 'pg_type'))), E'\n' ORDER BY t.typname COLLATE "C"))
FROM pg_type t JOIN member m ON m.classid = 'pg_type'::regclass AND m.objid = t.oid
-- since 17, row types and array types are members, too
WHERE t.typrelid = 0 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid);

SELECT E'\n## Operators, casts, operator classes' || pg_temp.grid('{operator,result,meaning}', string_agg(
	pg_temp.line(pg_temp.code(concat_ws(' ', format_type(nullif(o.oprleft, 0), NULL), o.oprname, format_type(o.oprright, NULL))),
		pg_temp.code(format_type(o.oprresult, NULL)), pg_temp.md(obj_description(o.oid, 'pg_operator'))),
	E'\n' ORDER BY o.oprname COLLATE "C", o.oprleft::regtype::text COLLATE "C", o.oprright::regtype::text COLLATE "C"))
FROM pg_operator o JOIN member m ON m.classid = 'pg_operator'::regclass AND m.objid = o.oid;

SELECT substr(pg_temp.grid('{cast,context,meaning}', string_agg(
	pg_temp.line(pg_temp.code(format_type(c.castsource, NULL) || ' AS ' || format_type(c.casttarget, NULL)),
		CASE c.castcontext WHEN 'e' THEN 'explicit' WHEN 'a' THEN 'assignment' ELSE 'implicit' END,
		pg_temp.md(obj_description(c.oid, 'pg_cast'))), E'\n' ORDER BY format_type(c.castsource, NULL) COLLATE "C")), 2)
FROM pg_cast c JOIN member m ON m.classid = 'pg_cast'::regclass AND m.objid = c.oid;

SELECT substr(pg_temp.grid('{operator class,method,operators,meaning}', string_agg(
	pg_temp.line(pg_temp.code(o.opcname), pg_temp.code(a.amname),
		(SELECT string_agg(pg_temp.code(op.oprname), ' ' ORDER BY ao.amopstrategy)
			FROM pg_amop ao JOIN pg_operator op ON op.oid = ao.amopopr WHERE ao.amopfamily = o.opcfamily),
		pg_temp.md(obj_description(o.oid, 'pg_opclass'))), E'\n' ORDER BY a.amname COLLATE "C")), 2)
FROM pg_opclass o JOIN pg_am a ON a.oid = o.opcmethod
	JOIN member m ON m.classid = 'pg_opclass'::regclass AND m.objid = o.oid;

-- ------------------------------------------------------------ rules, errors

SELECT E'\n## Rules\n\nA write that breaks a rule of severity error is refused with this SQLSTATE, and with\nthe rule as constraint name; `check_integrity()` reports both kinds. A foreign key that\nrefuses to let a row go, since others refer to it, has 23001 from PostgreSQL 18 on.'
	|| pg_temp.grid('{rule,SQLSTATE,what holds}', string_agg(
		pg_temp.line(pg_temp.code(r.name), coalesce(r.sqlstate, r.severity), pg_temp.md(r.description)),
		E'\n' ORDER BY r.severity, r.name COLLATE "C"))
FROM rule r;

WITH raised AS (
	SELECT sqlstate, 'rules' AS by FROM rule WHERE sqlstate IS NOT NULL
	UNION
	SELECT '23001', 'rules: a foreign key, from PostgreSQL 18 on, where others refer to what is to go'
	UNION
	SELECT c[1], pg_temp.code(name || '()')
	FROM func, regexp_matches(comment, '\m(?=\d*[A-Z]?\d)([0-9][0-9A-Z]{4})\M', 'g') AS c
	WHERE comment !~ '^Part of '),
known AS (
	SELECT l[1] AS sqlstate, l[2] AS name
	FROM regexp_matches(pg_read_file((SELECT setting FROM pg_config() WHERE name = 'SHAREDIR') || '/errcodes.txt'),
		'^(\w{5})\s+E\s+\w+\s+(\w+)', 'gn') AS l)
SELECT E'\n## Errors' || pg_temp.grid('{SQLSTATE,name,raised by}', string_agg(line, E'\n' ORDER BY sqlstate COLLATE "C"))
FROM (
	SELECT r.sqlstate, pg_temp.line(r.sqlstate, pg_temp.code(k.name), string_agg(r.by, ', ' ORDER BY r.by COLLATE "C")) AS line
	FROM raised r JOIN known k USING (sqlstate) GROUP BY r.sqlstate, k.name) AS l;

-- What sql/mistakes.sql shows, in words.
SELECT E'\n### What PostgreSQL itself refuses\n\nKeys, CHECKs and types are PostgreSQL''s own, and so are the words of their errors: they\nname the constraint, which is the name of a rule above, and objects by their ids.\n`SELECT name FROM powerpanel.power_panel WHERE id = ''...''` gives the name of one.'
	|| pg_temp.grid('{mistake,SQLSTATE and constraint,what to do}', string_agg(
		pg_temp.line(mistake, constraints, remedy), E'\n' ORDER BY place))
FROM (VALUES
	(1, 'A name that is taken', '23505 `<table>_..._name_key`',
		'The rule says within what a name is unique; the values before the name in the DETAIL are the ids of that. Give another name, or change the row that is there'),
	(2, 'A blank name', '23514 `<table>_name`', 'Give a name with something other than blanks in it'),
	(3, 'A second cable for a port or an outlet', '23505 `cable_power_port_id_key`, `cable_power_outlet_id_key`',
		'Delete the cable that is there, or set its `power_port_id` or `power_outlet_id` to another. A second cable for a feed is told of in words: see `power_feed_receptacles`'),
	(4, 'A cable from nothing, or from two things', '23514 `cable_source`', 'Give either `power_feed_id` or `power_outlet_id`'),
	(5, 'A label that a type does not have', '22P02, none', '`\dT+ powerpanel.*` lists the labels of all types; so does [Types](#types). Case counts'),
	(6, 'A status that nobody added', '23503 `power_feed_status_fkey`', '`TABLE powerpanel.feed_status` lists them; insert your own there'),
	(7, 'A feed to the panel that it leaves', '23514 `power_feed_destination_self`', 'Give another destination, or none'),
	(8, 'A column left out that must be given', '23502, none', 'The error names the column; the tables above say which may be NULL. `status` of a feed has no default: it must be given'),
	(9, 'An id that is of nothing', '23503 `<table>_<column>_fkey`', 'Finders such as `panel_id(''LP-1'')` give an id by name, and say so where there is none'),
	(10, 'A port of another device', '23503 `power_outlet_power_port`, `power_bank_power_port`, ...', 'Outlets, banks and their inlets are of one device'),
	(11, 'Deleting what others refer to', '23503 `<table>_<column>_fkey`, from PostgreSQL 18 on 23001', 'The error names the table that refers to it; delete or change those rows first'))
	AS v (place, mistake, constraints, remedy);

SELECT E'\n## Settings' || pg_temp.grid('{setting,type,default,context,meaning}', string_agg(
	pg_temp.line(pg_temp.code(name), vartype, pg_temp.code(boot_val), context, pg_temp.md(concat_ws(' ', short_desc, extra_desc))),
	E'\n' ORDER BY name COLLATE "C"))
FROM pg_settings WHERE name LIKE 'powerpanel.%';

-- ----------------------------------------------------------------- internal

SELECT E'\n## Internal\n\nWhat the above is made of, in the schema `powerpanel_internal`. It may change with every version.';
SELECT E'\n### Functions' || pg_temp.grid('{function,meaning}', string_agg(
	pg_temp.line(pg_temp.code(name || '(' || arguments || ')'), pg_temp.md(comment)),
	E'\n' ORDER BY name, arguments COLLATE "C"))
FROM func WHERE NOT public;

SELECT E'\n### Triggers' || pg_temp.grid('{table,trigger,meaning}', string_agg(
	pg_temp.line(pg_temp.code(r.name), pg_temp.code(t.tgname), pg_temp.md(obj_description(t.oid, 'pg_trigger'))),
	E'\n' ORDER BY r.name, t.tgname COLLATE "C"))
FROM relation r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal;

SELECT substr(pg_temp.grid('{event trigger,event,meaning}', string_agg(
	pg_temp.line(pg_temp.code(e.evtname), pg_temp.code(e.evtevent), pg_temp.md(obj_description(e.oid, 'pg_event_trigger'))),
	E'\n' ORDER BY e.evtname COLLATE "C")), 2)
FROM pg_event_trigger e JOIN member m ON m.classid = 'pg_event_trigger'::regclass AND m.objid = e.oid;

SELECT E'\n### Tables';
SELECT format(E'\n#### %s\n\n%s.', name, pg_temp.md(comment)) || pg_temp.columns(oid) || coalesce(pg_temp.keys(oid), '')
	|| coalesce(pg_temp.indexes(oid), '')
FROM relation WHERE relkind = 'r' AND NOT public ORDER BY name;
