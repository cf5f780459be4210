# What reading costs: the audit, loads, outages. Sourced by test/bench/run.

reads_parts='integrity feed_load outage reading failures cancel downstream single_points overlap imports'

# Sorting the keys, that is; PostgreSQL would rather read an index, which is the
# second thing to compare with.
indexed='SELECT count(*) FROM (SELECT * FROM powerpanel.power_feed ORDER BY power_panel_id, breaker_position OFFSET 0) AS f;'
ordered="SET enable_indexscan = off; SET enable_indexonlyscan = off; $indexed"
joined="SELECT count(f.id), count(o.id), count(d.id), sum(f.available_power), sum(p.allocated_draw / p.power_factor)
	FROM powerpanel.power_port AS p
	JOIN powerpanel.device AS d ON d.id = p.device_id
	LEFT JOIN powerpanel.cable AS c ON c.power_port_id = p.id
	LEFT JOIN powerpanel.power_outlet AS o ON o.id = c.power_outlet_id
	FULL JOIN (powerpanel.power_feed AS f
		JOIN powerpanel.feed_status AS s ON s.name = f.status
		JOIN powerpanel.power_panel AS l ON l.id = f.power_panel_id) ON f.id = c.power_feed_id"
site="SELECT count(*), count(DISTINCT f.id), sum(f.available_power), sum(t.allocated_draw / t.power_factor)
	FROM powerpanel.power_panel AS l
	JOIN powerpanel.power_feed AS f ON f.power_panel_id = l.id
	JOIN powerpanel.feed_status AS s ON s.name = f.status
	LEFT JOIN powerpanel.cable AS c ON c.power_feed_id = f.id
	LEFT JOIN powerpanel.power_port AS p ON p.id = c.power_port_id
	LEFT JOIN powerpanel.device AS d ON d.id = p.device_id
	LEFT JOIN powerpanel.power_outlet AS o ON o.power_port_id = p.id
	LEFT JOIN powerpanel.cable AS oc ON oc.power_outlet_id = o.id
	LEFT JOIN powerpanel.power_port AS t ON t.id = oc.power_port_id
	LEFT JOIN powerpanel.device AS e ON e.id = t.device_id
	WHERE l.location_id = md5('l1')::uuid;"
recursive="SELECT count(*) FROM (
	WITH RECURSIVE below(id) AS (
		SELECT destination_panel_id FROM powerpanel.power_feed
		WHERE power_panel_id = md5('p0')::uuid AND destination_panel_id IS NOT NULL
		UNION
		SELECT f.destination_panel_id FROM below AS b
		JOIN powerpanel.power_feed AS f ON f.power_panel_id = b.id AND f.destination_panel_id IS NOT NULL
	) SELECT * FROM below) AS b;"

breakers="SELECT count(*) FROM powerpanel.check_integrity('{power_feed_breaker_bus, power_feed_breaker_capacity,
	power_feed_breaker_conflict, power_feed_derived_columns}');"
errors="SELECT count(*) FROM powerpanel.check_integrity(ARRAY(SELECT name FROM powerpanel.rule WHERE severity = 'error'));"
audit='SELECT count(*) FROM powerpanel.check_integrity();'
without_failover="SELECT count(*) FROM powerpanel.check_integrity(ARRAY(SELECT name FROM powerpanel.rule WHERE name !~ 'failover'));"
by_index='SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;'

# Looking up what is connected, and cutting it out of all, at 1, 5, 20 and 100 percent
# of a fleet of 100 sites; "ours" is the way that is chosen. The other ways are had by
# what the statistics say of the size of two tables. Then one site that is all there is.
ways_of_reading() {
	local db=hundred tables="WHERE oid IN ('powerpanel.power_panel'::regclass, 'powerpanel.power_feed'::regclass)"
	local part outage i
	create $db "$here/fleet.sql" rows=$rows sites=100
	for part in 1 5 20 100; do
		outage="SELECT count(*) FROM powerpanel.simulate_outage(ARRAY(SELECT md5('p' || s || '.2')::uuid FROM generate_series(1, $part) AS s));"
		note "reading, $part of 100 sites"
		for ((i = 0; i <= runs; i++)); do
			sql $db 'ANALYZE powerpanel.power_panel, powerpanel.power_feed'
			read_once "$i" $part ours
			sql $db "UPDATE pg_class SET reltuples = 1e12 $tables"
			read_once "$i" $part looked_up
			sql $db "UPDATE pg_class SET reltuples = 1 $tables"
			read_once "$i" $part cut_out
		done
	done
	sql postgres "DROP DATABASE $db"
	db=alone
	create $db "$here/fleet.sql" rows=$((rows / 20)) sites=1
	outage="SELECT count(*) FROM powerpanel.simulate_outage(ARRAY[md5('p1.2')::uuid]);"
	alternate alone $((rows / 480)) $db "$outage" "$site" \
		"$by_index $site"
	sql postgres "DROP DATABASE $db"
}

# read_once ROUND PART VARIANT: within ways_of_reading; the first round warms up
read_once() {
	local time
	time=$(timed $db "$outage")
	[ "$1" = 0 ] || record "reading_$2" "$2" "$3" "$time"
}

# One site, in which one thing after the other fails: built well; so that breakers open
# where a side is lost; and with racks on two of three sides each. VA of a rack.
sites='well:2400:2 tight:4000:2 shared:5000:3'

failures() {
	local site kind load sides
	for site in $sites; do
		IFS=: read -r kind load sides <<<"$site"
		create "site_$kind" "$here/site.sql" racks="$racks" load="$load" sides="$sides"
		alternate "trips_$kind" "$racks" "site_$kind" 'SELECT count(*) FROM powerpanel.contingency();' \
			'SELECT count(*) FROM powerpanel.contingency(1e9);'
		alternate "redundancy_$kind" "$racks" "site_$kind" 'SELECT count(*) FROM powerpanel.device_redundancy();' \
			'SELECT count(*) FROM powerpanel.feed_load();'
		alternate "headroom_$kind" "$racks" "site_$kind" 'SELECT count(*) FROM powerpanel.panel_headroom();' \
			'SELECT count(*) FROM powerpanel.contingency();'
		alternate "capacity_$kind" "$racks" "site_$kind" 'SELECT count(*) FROM powerpanel.find_capacity(2000);' \
			'SELECT count(*) FROM powerpanel.panel_headroom();'
		sql postgres "DROP DATABASE site_$kind"
	done
}

# import_nautobot() into an empty inventory, the same once more, and COPY of the rows
# that it has brought, in one transaction, with all triggers on.
imports() {
	local size db empty copy time first='SELECT count(*) FROM powerpanel.import_nautobot('"'nautobot'"');' table list i
	for size in "$racks" $((racks / 10)); do
		db=imports_$size
		create $db <(cat "$here/site.sql"; echo 'CREATE SCHEMA nautobot; SET search_path = nautobot;'
			cat "$here/../nautobot/schema.sql" "$here/imports.sql") racks="$size" load=2400 sides=2
		empty='TRUNCATE powerpanel.location, powerpanel.device CASCADE;'
		sql $db "$first" >/dev/null
		copy='BEGIN;'
		while IFS='|' read -r table list; do
			sql $db "COPY (SELECT $list FROM powerpanel.$table) TO '$run/$db.$table'"
			copy="$copy COPY powerpanel.$table ($list) FROM '$run/$db.$table';"
		done < <(sql $db 'SELECT name, columns FROM bench.imported ORDER BY n')
		note "imports, $size racks"
		for ((i = 0; i <= runs; i++)); do
			import_once import_first ours "$first"
			import_once import_again ours "$first" kept
			import_once import_first theirs "$copy COMMIT;"
			[ "$i" = 0 ] || record import_again "$size" theirs "$time"
		done
		sql $db "$empty CHECKPOINT"
		record peak_import_first "$((size * 79))" ours "$(peak $db "$first")"
		record peak_import_again "$((size * 79))" ours "$(peak $db "$first")"
		sql postgres "DROP DATABASE $db"
		rm -f "$run/$db".*
	done
}

# import_once PART VARIANT STATEMENTS [kept]: within imports; the first round warms up
import_once() {
	[ -n "${4:-}" ] || sql $db "$empty"
	sql $db CHECKPOINT
	time=$(timed $db "$3")
	[ "$i" = 0 ] || record "$1" "$size" "$2" "$time"
}

# How much processor time it takes until a cancel is heard and all is given back, at
# moments spread over the time that a statement takes: other work on the machine would
# make the clock tell of itself.
cancel() {
	local part statement whole i
	create site_cancel "$here/site.sql" racks="$racks" load=4000 sides=2
	while read -r part statement; do
		note "cancel, $statement"
		statement="SELECT count(*) FROM powerpanel.$statement;"
		whole=$(timed site_cancel "$statement")
		for i in 5 15 25 35 45 55 65 75 85 95; do
			record_cancel "$part" "$(awk -v w="${whole#* }" -v i="$i" 'BEGIN {printf "%.0f", w * i * 1e4}')" "$statement"
		done
	done <<-'LIST'
		cancel_outage simulate_outage(ARRAY[md5('A1.1')::uuid], trip_at => 1)
		cancel_trips simulate_trips(ARRAY[md5('A1.1')::uuid])
		cancel_contingency contingency()
		cancel_redundancy device_redundancy()
		cancel_racks rack_redundancy()
		cancel_headroom panel_headroom()
		cancel_capacity find_capacity(2000)
	LIST
	sql postgres 'DROP DATABASE site_cancel'
}

# record_cancel PART NS STATEMENT: cancels a statement once it has taken so much. One
# that was done before tells nothing.
record_cancel() {
	local pid first now end
	rm -f "$run/pid"
	psql -qAt -F' ' -d site_cancel >"$run/out" 2>&1 <<-SQL &
		\\o $run/pid
		SELECT pg_backend_pid();
		\\o
		$3
		SELECT 'cpu', split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1);
	SQL
	until [ -s "$run/pid" ]; do sleep 0.01; done
	pid=$(cat "$run/pid")
	read -r first _ <"/proc/$pid/schedstat"
	while read -r now _ <"/proc/$pid/schedstat" && [ "$now" -lt $((first + $2)) ]; do sleep 0.002; done 2>/dev/null
	as_user kill -INT "$pid" 2>/dev/null
	wait $!
	grep -q 'canceling statement' "$run/out" || return 0
	end=$(sed -n 's/^cpu //p' "$run/out")
	record "$1" "$racks" late "$(awk -v t="$end" -v s="$now" 'BEGIN {print (t - s) / 1e6}')"
}

reads() {
	local size db n
	if has integrity; then
		for size in $rows $((rows / 10)); do
			db=feeds_$size
			create $db "$here/writes.sql" rows=$size
			# nothing to report: three poles are three-phase
			sql $db "SET synchronous_commit = off; SET session_replication_role = replica;
				INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count, phase)
				SELECT $values, (CASE poles WHEN 3 THEN 'three-phase' ELSE 'single-phase' END)::powerpanel.phase
				FROM bench.feed WHERE n <= $size ORDER BY n;"
			sql $db CHECKPOINT
			sql $db 'VACUUM ANALYZE'
			[ "$(sql $db "$audit")" = 0 ] || die "the audit of $db finds something"
			alternate breakers $size $db "$breakers" "$ordered" "$indexed"
			alternate errors $size $db "$errors" "$ordered" "$indexed"
			alternate integrity $size $db "$audit" "$ordered" "$indexed"
			# two breakers in one place, in one panel of 100 and in all
			for n in 100 1; do
				sql $db "SET synchronous_commit = off; SET session_replication_role = replica;
					UPDATE powerpanel.power_feed SET breaker_position = 1 WHERE name = 'F-2'
					AND power_panel_id IN (SELECT md5('p' || p)::uuid FROM generate_series($n, $size / 24, $n) AS p);"
				sql $db 'VACUUM FULL ANALYZE powerpanel.power_feed'
				sql $db CHECKPOINT
				sql $db 'VACUUM powerpanel.power_feed'
				[ "$(sql $db "$breakers")" = $((size / 24 / n)) ] || die "the audit of $db does not find what is broken"
				alternate broken_$n $size $db "$breakers" "$ordered" "$indexed"
			done
			sql postgres "DROP DATABASE $db"
		done
	fi
	if has integrity feed_load outage; then
		for size in $rows $((rows / 10)); do
			db=fleet_$size
			create $db "$here/fleet.sql" rows=$size sites=20
			! has integrity || {
				alternate network $size $db "$without_failover" "$joined;"
				alternate network_failover $size $db "$audit" "$joined;"
				record peak_audit $size ours "$(peak $db "$audit")"
			}
			! has feed_load || {
				alternate feed_load $size $db "SELECT count(*) FROM powerpanel.feed_load();" "$joined;"
				record peak_feed_load $size ours "$(peak $db "SELECT count(*) FROM powerpanel.feed_load();")"
			}
			! has outage || {
				alternate outage $((size / 480)) $db "SELECT count(*) FROM powerpanel.simulate_outage(ARRAY[md5('p1.2')::uuid]);" "$site" "$by_index $site"
				record peak_outage $size ours "$(peak $db "SELECT count(*) FROM powerpanel.simulate_outage(ARRAY[md5('p1.2')::uuid]);")"
				alternate outage_all $((size / 480)) $db "SELECT count(*) FROM powerpanel.simulate_outage(ARRAY[md5('p1.1')::uuid]);" "$site"
			}
			sql postgres "DROP DATABASE $db"
		done
	fi
	! has reading || ways_of_reading
	! has failures || failures
	! has cancel || cancel
	! has imports || imports
	if has downstream single_points; then
		for size in $((rows / 10)) $((rows / 100)); do
			db=graph_$size
			create $db "$here/graph.sql" panels=$size
			! has downstream || alternate downstream $size $db \
				"SELECT count(*) FROM powerpanel.downstream(md5('p0')::uuid);" "$recursive"
			! has single_points || alternate single_points $size $db \
				"SELECT count(*) FROM powerpanel.single_points_of_failure();" "SELECT count(*) FROM powerpanel.feed_load();"
			sql postgres "DROP DATABASE $db"
		done
	fi
	if has overlap; then
		for size in $rows $((rows / 10)); do
			db=pairs_$size
			create $db "$here/pairs.sql" rows=$size
			alternate overlap $size $db 'SET search_path = powerpanel, public; SELECT count(*) FROM bench.pair_set WHERE a && b;' \
				'SET search_path = powerpanel, public; SELECT count(*) FROM bench.pair_int WHERE a && b;'
			alternate overlap_panel $size $db 'SET search_path = powerpanel, public; SELECT count(*) FROM bench.pair_set WHERE a && panel;' \
				'SET search_path = powerpanel, public; SELECT count(*) FROM bench.pair_int WHERE a && panel;'
			sql postgres "DROP DATABASE $db"
		done
	fi
}
