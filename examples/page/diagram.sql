-- examples/page/diagram.sql: what Graphviz draws of the network, where there is one.
-- psql hands it the diagram in a file, and takes the drawing back in a variable.

\set drawn ''
\set graphviz `command -v dot 2>/dev/null`
SELECT :'graphviz' <> '' AS has_graphviz \gset
\if :has_graphviz
\set file `mktemp "${TMPDIR:-/tmp}/powerpanel-dot.XXXXXX" 2>/dev/null || mktemp /tmp/powerpanel-dot.XXXXXX`
SELECT topology_dot() \g :file
\set drawn `dot -Tsvg :'file' 2>&1; rm -f :'file'`
\endif
SELECT position('<svg ' IN :'drawn') > 0 AS is_drawn \gset

\if :is_drawn
-- As wide as the page at most. What is before the first element is for files, and its
-- names of its own for the parts are of no use to a reader.
SELECT format(E'<figure id="drawing">\n%s\n<figcaption>From the source down to the rack PDUs. The legend tells what colours and lines mean. <a class="larger" href="#drawing">Larger</a><a class="smaller" href="#diagram">Smaller</a></figcaption>\n</figure>',
	regexp_replace(regexp_replace(substring(:'drawn' FROM '<svg .*$'),
		'^<svg width="(\d+)pt" height="(\d+)pt"', '<svg role="img" aria-label="One-line diagram of all panels and feeds" width="\1pt" height="\2pt"'),
		'<title>[^<]*</title>\n', '', 'g'));
\elif :has_graphviz
\qecho '<p>No picture: Graphviz (dot) is on this machine, but did not draw it. It said:</p>'
SELECT '<pre>' || pg_temp.escaped(:'drawn') || '</pre>';
\else
\qecho '<p>No picture: Graphviz, which draws it, is not on this machine. On Debian and Ubuntu <code>sudo apt-get install --no-install-recommends graphviz</code> brings it. Then make this page again (by <code>script/demo</code>, if that made it). All the rest is here.</p>'
\endif
SELECT pg_temp.html_query('SELECT topology_dot()');
