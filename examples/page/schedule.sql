-- examples/page/schedule.sql: the schedule of a panel as it is pinned inside the door.
-- Odd positions left and even ones right, or one column where they are numbered in
-- sequence; a breaker is as high as it has poles.

-- The cells of one position: three of a breaker at its first pole, none at the others.
CREATE FUNCTION pg_temp.circuit(mirrored boolean, name text, status text, breaker text, va double precision, pole integer, poles integer)
RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE
		WHEN name IS NULL THEN '<td class="space" colspan="3">space</td>'
		WHEN pole > 1 THEN ''
		ELSE (SELECT string_agg(format('<td%s rowspan="%s">%s</td>', class, poles, content), '' ORDER BY CASE WHEN mirrored THEN -n ELSE n END)
			FROM (VALUES
				(1, CASE WHEN length(name) <= 24 THEN ' class="name"' ELSE ' class="long"' END, pg_temp.escaped(name) || CASE WHEN status = 'active' THEN '' ELSE ' (' || pg_temp.escaped(status) || ')' END),
				(2, ' class="n"', CASE WHEN status = 'active' THEN pg_temp.number(round(va)::text) ELSE '–' END),
				(3, ' class="name"', breaker)) AS c (n, class, content))
	END
$$;

CREATE FUNCTION pg_temp.schedule(panel uuid, panel_name text) RETURNS text LANGUAGE sql STABLE AS $$
	WITH place AS (
		SELECT s.position, s.phase, s.side IS NOT DISTINCT FROM 'right' AS on_the_right, s.side IS NOT NULL AS two_sides,
			pg_temp.circuit(s.side IS NOT DISTINCT FROM 'right', f.name, f.status, format('%s A %sP', f.amperage, f.breaker_pole_count), l.allocated_va, s.pole, s.poles) AS cells
		FROM panel_schedule s
			LEFT JOIN power_feed f ON f.id = s.power_feed_id
			LEFT JOIN feed_load(panel) l ON l.power_feed_id = f.id
		WHERE s.power_panel_id = panel),
	line AS (
		SELECT format('<tr>%s<th scope="row" class="at">%s</th><td class="at">%s</td>%s</tr>', l.cells, l.position, coalesce(l.phase::text, '–'),
			CASE WHEN r.position IS NOT NULL THEN format('<th scope="row" class="at">%s</th>%s', r.position, r.cells)
				WHEN l.two_sides THEN '<td colspan="4"></td>' END) AS row,
			l.position, l.two_sides
		FROM place l LEFT JOIN place r ON r.position = l.position + 1 AND r.on_the_right
		WHERE NOT l.on_the_right),
	said AS (SELECT string_to_array(rtrim(panel_schedule_text(panel), E'\n'), E'\n') AS lines),
	-- what the text says above the first empty line, without the name of the panel
	head AS (SELECT string_agg(pg_temp.escaped(l), '<br />' ORDER BY n) AS facts
		FROM said, unnest(lines[2:array_position(lines, '') - 1]) WITH ORDINALITY AS u (l, n)),
	last AS (SELECT pg_temp.escaped(lines[array_upper(lines, 1)]) AS sentence FROM said)
	SELECT format(E'<p>%s</p>\n%s<p>%s.</p>', head.facts,
		coalesce((SELECT pg_temp.boxed(format('Circuits of %s: load in VA, rating and poles of the breaker, position and phase', panel_name),
			'<thead><tr>' || '<th scope="col">Circuit</th><th scope="col" class="n">VA</th><th scope="col">Breaker</th><th scope="col" class="at">No.</th><th scope="col" class="at">Phase</th>'
			|| CASE WHEN bool_or(two_sides) THEN '<th scope="col" class="at">No.</th><th scope="col">Breaker</th><th scope="col" class="n">VA</th><th scope="col">Circuit</th>' ELSE '' END
			|| E'</tr></thead>\n<tbody>\n' || string_agg(row, E'\n' ORDER BY position) || E'\n</tbody>')
			FROM line HAVING count(*) > 0), ''), last.sentence)
	FROM head, last
$$;
