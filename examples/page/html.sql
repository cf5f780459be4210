-- examples/page/html.sql: elements of HTML, of what the database says. All text comes
-- through escaped(), so that whatever a thing is called, it is shown and nothing else.

-- Characters that XML and HTML do not have are shown as U+FFFD.
CREATE FUNCTION pg_temp.escaped(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT replace(replace(replace(replace(
		regexp_replace(t, '[\u0001-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]', U&'\FFFD', 'g'),
		'&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;')
$$;

-- 1234.5 as 1,234.5, with as many decimals as it has
CREATE FUNCTION pg_temp.number(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT to_char(trunc(t::numeric), 'FM999,999,999,999,990') || coalesce(substring(t FROM '\.\d+$'), '')
$$;

CREATE FUNCTION pg_temp.counted(n bigint, one text, many text DEFAULT NULL) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT pg_temp.number(n::text) || ' ' || CASE n WHEN 1 THEN one ELSE coalesce(many, one || 's') END
$$;

-- One value of a row, as json has it. What is above 100 percent stands out; what is
-- short, such as a name, stays on one line.
CREATE FUNCTION pg_temp.cell(head text, value json) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE json_typeof(value)
		WHEN 'number' THEN format('<td class="n%s">%s</td>', CASE WHEN head LIKE '%\%' AND (value #>> '{}')::numeric > 100 THEN ' over' END, pg_temp.number(value #>> '{}'))
		WHEN 'boolean' THEN format('<td>%s</td>', CASE value #>> '{}' WHEN 'true' THEN 'yes' ELSE 'no' END)
		WHEN 'null' THEN '<td>–</td>'
		ELSE format('<td class="%s">%s</td>', CASE WHEN length(value #>> '{}') <= 24 THEN 'name' ELSE 'long' END, pg_temp.escaped(value #>> '{}'))
	END
$$;

-- The name of a table is what its caption says before the first colon.
CREATE FUNCTION pg_temp.titled(caption text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT regexp_replace(pg_temp.escaped(caption), '^(.*?)(: |$)', '<b>\1</b>\2')
$$;

-- In a box that scrolls by itself where the table is wider than the page.
CREATE FUNCTION pg_temp.boxed(caption text, rows text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format(E'<div class="box" role="region" tabindex="0" aria-label="%1$s">\n<table>\n<caption>%2$s</caption>\n%3$s\n</table>\n</div>', pg_temp.escaped(caption), pg_temp.titled(caption), rows)
$$;

CREATE FUNCTION pg_temp.html_query(query text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT format(E'<details><summary>The query</summary><pre><code>%s;</code></pre></details>', pg_temp.escaped(query))
$$;

-- The rows of a query, whose columns are named as the heads of the table, and the query.
-- Without rows: the sentence, or nothing at all where that is ''.
CREATE FUNCTION pg_temp.html_table(caption text, query text, without_rows text DEFAULT 'None.') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	head text;
	body text := '';
	r json;
BEGIN
	FOR r IN EXECUTE format('SELECT row_to_json(q) FROM (%s) AS q', query)
	LOOP
		IF head IS NULL THEN
			SELECT string_agg(format('<th scope="col"%s>%s</th>', CASE json_typeof(value) WHEN 'number' THEN ' class="n"' END, pg_temp.escaped(key)), '' ORDER BY n)
			INTO head FROM json_each(r) WITH ORDINALITY AS e (key, value, n);
		END IF;
		SELECT body || E'\n<tr>' || string_agg(CASE n WHEN 1 THEN regexp_replace(pg_temp.cell(key, value), '^<td(.*)td>$', '<th scope="row"\1th>') ELSE pg_temp.cell(key, value) END, '' ORDER BY n) || '</tr>'
		INTO body FROM json_each(r) WITH ORDINALITY AS e (key, value, n);
	END LOOP;
	IF head IS NOT NULL THEN
		RETURN pg_temp.boxed(caption, format(E'<thead><tr>%s</tr></thead>\n<tbody>%s\n</tbody>', head, body)) || E'\n' || pg_temp.html_query(query);
	ELSIF without_rows = '' THEN
		RETURN '';
	END IF;
	RETURN format(E'<p>%s. <b>%s</b></p>\n%s', pg_temp.titled(caption), pg_temp.escaped(without_rows), pg_temp.html_query(query));
END
$$;

-- What the database says to a statement. It is taken back in any case.
CREATE FUNCTION pg_temp.refusal(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	message text;
	detail text;
	hint text;
	rule text;
BEGIN
	EXECUTE statement;
	SET CONSTRAINTS ALL IMMEDIATE;
	RAISE EXCEPTION 'nothing refuses this';
EXCEPTION WHEN others THEN
	GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT, rule = CONSTRAINT_NAME;
	RETURN format(E'<pre><code>%s;</code></pre>\n<dl class="refusal">%s</dl>', pg_temp.escaped(statement),
		(SELECT string_agg(format('<dt>%s</dt><dd>%s</dd>', label, pg_temp.escaped(said)), E'\n' ORDER BY n)
		FROM (VALUES (1, 'Error', message), (2, 'Detail', detail), (3, 'Hint', hint), (4, 'Rule', rule)) AS v (n, label, said)
		WHERE said <> ''));
END
$$;
