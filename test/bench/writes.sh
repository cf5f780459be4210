# What writes cost, against the same tables without the extension's triggers, and
# against other ways of keeping the rules. Sourced by test/bench/run.

writes_feed_parts='insert insert_rack insert_shuffled copy single single_rack pgbench move plain memory'
writes_network_parts='cable_feed cable_outlet tree chain location pdu memory_network'
writes_parts="$writes_feed_parts $writes_network_parts sites"

# The table that a variant writes, and what it calls a set of positions.
table_of() {
	case $1 in
	checked | bare) echo powerpanel.power_feed ;;
	*) echo "$1.power_feed" ;;
	esac
}

# The database that is written.
db=writes

# Makes the extension's triggers what a variant wants them to be.
triggers=on
switch() {
	case $1:$triggers in
	bare:on) triggers=off; sql $db 'SELECT bench.triggers(false)' >/dev/null ;;
	checked:off) triggers=on; sql $db 'SELECT bench.triggers(true)' >/dev/null ;;
	esac
}

# compare PART SIZE RUNS VARIANTS PREPARE MEASURE [FIRST]: times MEASURE for each
# variant in turn, as often as RUNS says. The odd rounds go through the variants
# forwards, the even ones backwards. TABLE stands for the variant's table.
compare() {
	local part=$1 size=$2 n=$3 variants=$4 first=${7:-} v i order table
	note "$part, $size: $variants"
	for ((i = 1; i <= n; i++)); do
		order=$variants
		[ $((i % 2)) = 1 ] || order=$(tac -s' ' <<<"$variants " | tr '\n' ' ')
		for v in $order; do
			table=$(table_of "$v")
			switch "$v"
			sql $db "${5//TABLE/$table}"
			sql $db CHECKPOINT
			record "$part" "$size" "$v" "$(timed $db "${6//TABLE/$table}" "${first//TABLE/$table}")"
		done
	done
	switch checked
}

# The variants of large writes: the rivals take part where it is smaller.
plpgsql='before after statement'

columns='(name, power_panel_id, status, breaker_position, breaker_pole_count)'
values="name, panel, 'active', position, poles"
warm="BEGIN; INSERT INTO TABLE $columns SELECT $values FROM bench.feed WHERE n = 1; ROLLBACK;"
empty='TRUNCATE TABLE CASCADE'

bulk_insert() {
	compare insert $rows $runs 'checked bare' "$empty" \
		"INSERT INTO TABLE $columns SELECT $values FROM bench.feed WHERE n <= $rows ORDER BY n;" "$warm"
	compare insert $((rows / 10)) $runs "checked bare $plpgsql exclusion" "$empty" \
		"INSERT INTO TABLE $columns SELECT $values FROM bench.feed WHERE n <= $rows / 10 ORDER BY n;" "$warm"
}

# Not in the order of panels; and with racks, whose location is checked, too.
bulk_insert_shuffled() {
	compare insert_shuffled $((rows / 10)) $runs 'checked bare' "$empty" \
		"INSERT INTO TABLE $columns SELECT $values FROM bench.feed WHERE n <= $rows / 10 ORDER BY md5(n::text);" "$warm"
}

bulk_insert_rack() {
	local size
	for size in $((rows / 50)) $((rows / 500)); do
		compare insert_rack $size $runs 'checked bare' "$empty" \
			"INSERT INTO TABLE (name, power_panel_id, rack_id, status, breaker_position, breaker_pole_count)
			SELECT name, panel, rack, 'active', position, poles FROM bench.feed WHERE n <= $size ORDER BY n;" "$warm"
	done
}

bulk_copy() {
	local size
	for size in $rows $((rows / 10)); do
		sql writes "COPY (SELECT $values FROM bench.feed WHERE n <= $size ORDER BY n) TO '$run/feeds.$size'"
	done
	compare copy $rows $runs 'checked bare' "$empty" "COPY TABLE $columns FROM '$run/feeds.$rows';" "$warm"
	compare copy $((rows / 10)) $runs "checked bare $plpgsql exclusion" "$empty" \
		"COPY TABLE $columns FROM '$run/feeds.$((rows / 10))';" "$warm"
	rm -f "$run"/feeds.*
}

single_inserts() {
	local size=$((rows / 50)) source=bench.single
	for source in bench.single bench.single_tenth; do
		compare single $size $((2 * runs)) "checked bare $plpgsql" "$empty" \
			"DO \$\$ DECLARE f record; BEGIN
				FOR f IN SELECT * FROM $source ORDER BY n LOOP
					INSERT INTO TABLE $columns VALUES (f.name, f.panel, 'active', f.position, f.poles);
				END LOOP;
			END \$\$;" "$warm"
		size=$((size / 10))
	done
}

# Each with a rack: in the room of its panel, and in a hall next to that.
single_with_rack() {
	local size=$((rows / 50)) source rack
	for source in bench.single bench.single_tenth; do
		for rack in rack far_rack; do
			compare single_$rack $size $((2 * runs)) 'checked bare' "$empty" \
				"DO \$\$ DECLARE f record; BEGIN
					FOR f IN SELECT * FROM $source ORDER BY n LOOP
						INSERT INTO TABLE (name, power_panel_id, rack_id, status, breaker_position, breaker_pole_count)
						VALUES (f.name, f.panel, f.$rack, 'active', f.position, f.poles);
					END LOOP;
				END \$\$;" "$warm"
		done
		size=$((size / 10))
	done
}

set_fsync() {
	sql postgres "ALTER SYSTEM SET fsync = $1"
	sql postgres 'SELECT pg_reload_conf()' >/dev/null
	until [ "$(sql postgres 'SHOW fsync')" = "$1" ]; do sleep 0.1; done
}

# Every place is free, so that no two transactions meet but on a panel's row.
pgbench_inserts() {
	local size=$((rows / 10)) places=bench.place v i t n table out
	for places in bench.place bench.place_tenth; do
		t=$((size / 8 < 1000 ? size / 8 : 1000))
		note "pgbench, $size places"
		set_fsync on
		for v in checked before after statement; do
			sql writes "SET synchronous_commit = off;
				 TRUNCATE $(table_of $v) CASCADE;
				INSERT INTO $(table_of $v) $columns SELECT $values FROM bench.left_side WHERE n <= 2 * $size"
		done
		for ((i = 1; i <= runs; i++)); do
			for v in checked bare before after statement; do
				table=$(table_of $v)
				switch $v
				sql writes "SET synchronous_commit = off; DELETE FROM $table WHERE comments = 'new'"
				sql writes "VACUUM $table"
				sql writes "ALTER SEQUENCE bench.next_place RESTART"
				sql writes CHECKPOINT
				echo "INSERT INTO $table (name, power_panel_id, status, breaker_position, breaker_pole_count, comments)
					SELECT $values, 'new' FROM $places WHERE n = (SELECT nextval('bench.next_place'));" | tr '\n' ' ' >"$run/script.pgbench"
				out=$(as_user "$run/bin/pgbench" -h "$sockets" -p 5432 -U postgres -n -M prepared -c 8 -j 2 -t "$t" \
					-f "$run/script.pgbench" writes 2>&1) || die "pgbench: $out"
				n=$(sql writes "SELECT count(*) FROM $table WHERE comments = 'new'")
				[ "$n" = $((8 * t)) ] || die "pgbench inserted $n rows instead of $((8 * t))"
				record pgbench $size $v "$(awk '/^tps = /{print 1000 / $3}' <<<"$out")"
			done
		done
		switch checked
		set_fsync off
		size=$((size / 10))
	done
}

# updates PART RUNS VARIANTS STATEMENT: on a table that holds the left sides
updates() {
	local part=$1 n=$2 size v
	for size in $((rows / 10)) $((rows / 100)); do
		for v in checked $3; do
			[ "$v" = bare ] || sql writes "TRUNCATE $(table_of "$v") CASCADE;
				INSERT INTO $(table_of "$v") $columns SELECT $values FROM bench.left_side WHERE n <= 2 * $size ORDER BY n;"
		done
		# The first of each makes the table as large as it will be.
		compare "$part.first" $size 2 "checked $3" 'VACUUM ANALYZE TABLE' "$4"
		compare "$part" $size "$n" "checked $3" 'VACUUM TABLE' "$4" 'BEGIN; UPDATE TABLE SET breaker_position = NULL WHERE id = (SELECT id FROM TABLE LIMIT 1); ROLLBACK;'
	done
}

moves() {
	updates move $runs "bare none $plpgsql" \
		"UPDATE TABLE SET breaker_position = breaker_position + CASE WHEN breaker_position % 2 = 1 THEN 1 ELSE -1 END;"
}

other_columns() {
	updates plain $((3 * runs)) "bare none" \
		"UPDATE TABLE SET comments = 'seen ' || amperage, custom_fields = jsonb_build_object('a', amperage), amperage = 41 - amperage;"
}

# memory_of PART PREPARE ROWS STATEMENT
memory_of() {
	local size v
	for size in $(($3 / 10)) $3; do
		for v in bare checked; do
			switch $v
			sql $db "$2"
			record "$1" "$size" $v "$(peak $db "${4//SIZE/$size};")"
		done
	done
	switch checked
}

memory() {
	note "memory"
	memory_of memory 'TRUNCATE powerpanel.power_feed CASCADE' $rows \
		"INSERT INTO powerpanel.power_feed $columns SELECT $values FROM bench.feed WHERE n <= SIZE ORDER BY n"
}

# ------------------------------------------- cables, panels, PDUs, locations

cables=5000 tree=2000 chain=100000 leaves=20000 pdus=500

# each QUERY STATEMENT [AFTER]: runs a statement for each row f of a query, one by one
each() {
	echo "DO \$\$ DECLARE f record; BEGIN
		FOR f IN $1 LOOP $2; ${3:-} END LOOP;
	END \$\$;"
}

# single_rows PART SIZE TABLE PREPARE QUERY COLUMNS VALUES: and at a tenth of the size
single_rows() {
	local size
	for size in $2 $(($2 / 10)); do
		compare "$1" "$size" $((2 * runs)) 'checked bare' "$4" \
			"$(each "SELECT * FROM ${5//SIZE/$size}" "INSERT INTO $3 $6 VALUES ($7)")" \
			"BEGIN; $(each "SELECT * FROM ${5//SIZE/2}" "INSERT INTO $3 $6 VALUES ($7)") ROLLBACK;"
	done
}

new_cables() {
	! has cable_feed || single_rows cable_feed $cables powerpanel.cable 'TRUNCATE powerpanel.cable' \
		'bench.cable WHERE n <= SIZE ORDER BY n' '(power_feed_id, power_port_id)' 'f.feed, f.inlet'
	! has cable_outlet || single_rows cable_outlet $cables powerpanel.cable 'TRUNCATE powerpanel.cable' \
		'bench.cable WHERE n <= SIZE ORDER BY n' '(power_outlet_id, power_port_id)' 'f.outlet, f.psu'
}

# From the top, as one builds; and in random order, when much is joined to what has
# been there before.
new_panel_feeds() {
	local part order size
	local to="powerpanel.power_feed" columns="(name, power_panel_id, destination_panel_id, status)"
	! has tree || for part in tree tree_shuffled; do
		order=n
		[ $part = tree ] || order='md5(n::text)'
		single_rows $part $tree $to "TRUNCATE $to CASCADE" "bench.branch WHERE n <= SIZE ORDER BY $order" \
			"$columns" "f.name, f.panel, f.destination, 'active'"
	done
	! has chain || for part in chain chain_shuffled; do
		order=n
		[ $part = chain ] || order='md5(n::text)'
		for size in $chain $((chain / 10)); do
			compare $part $size $runs 'checked bare' "TRUNCATE $to CASCADE" \
				"INSERT INTO $to $columns SELECT name, panel, destination, 'active' FROM bench.link WHERE n <= $size ORDER BY $order;" \
				"BEGIN; INSERT INTO $to $columns SELECT name, panel, destination, 'active' FROM bench.link WHERE n <= 3; ROLLBACK;"
		done
	done
}

# A device, its inlet and its outlets, in a transaction with others or of its own.
new_pdus() {
	local size part after pdu="INSERT INTO powerpanel.device (id, name) VALUES (f.id, f.name);
		INSERT INTO powerpanel.power_port (id, name, device_id) VALUES (f.id, 'Inlet', f.id);
		INSERT INTO powerpanel.power_outlet (name, device_id, power_port_id)
			SELECT 'Outlet ' || o, f.id, f.id FROM generate_series(1, 24) AS o"
	for part in pdu pdu_each; do
		after=
		[ $part = pdu ] || after='COMMIT;'
		for size in $pdus $((pdus / 10)); do
			compare $part $size $((2 * runs)) 'checked bare' 'TRUNCATE powerpanel.device CASCADE' \
				"$(each "SELECT md5('new' || n)::uuid AS id, 'New ' || n AS name FROM generate_series(1, $size) AS n" "$pdu" "$after")" \
				"BEGIN; $(each "SELECT md5('new')::uuid AS id, 'New' AS name" "$pdu") ROLLBACK;"
		done
	done
}

# Their memory is measured too: what is emptied for them, others need.
new_locations() {
	local above="TRUNCATE powerpanel.location CASCADE; INSERT INTO powerpanel.location (id, name, parent_id) SELECT * FROM bench.place"
	local size leaf="SELECT id, name, parent FROM bench.leaf WHERE n <="
	for size in $leaves $((leaves / 10)); do
		compare location_bulk $size $runs 'checked bare' "$above" \
			"INSERT INTO powerpanel.location (id, name, parent_id) $leaf $size ORDER BY n;" \
			"BEGIN; INSERT INTO powerpanel.location (id, name, parent_id) $leaf 1; ROLLBACK;"
	done
	single_rows location $leaves powerpanel.location "$above" \
		'bench.leaf WHERE n <= SIZE ORDER BY n' '(id, name, parent_id)' 'f.id, f.name, f.parent'
	memory_of memory_locations "$above" $leaves "INSERT INTO powerpanel.location (id, name, parent_id) $leaf SIZE"
}

memory_network() {
	note "memory of cables and panels"
	memory_of memory_cables 'TRUNCATE powerpanel.cable' $cables \
		"INSERT INTO powerpanel.cable (power_outlet_id, power_port_id) SELECT outlet, psu FROM bench.cable WHERE n <= SIZE"
	memory_of memory_chain 'TRUNCATE powerpanel.power_feed CASCADE' $chain \
		"INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status)
			SELECT name, panel, destination, 'active' FROM bench.link WHERE n <= SIZE"
}

# ------------------------------------------- writers in sites of their own

# writers PART PREPARE STATEMENT [TIMES]: how many a second of 50 writers, and of 5,
# each of whom takes 20 ms for a transaction of one such write. n counts a writer's
# transactions, client_id is its site.
writers() {
	local n i v out times=${4:-100}
	for n in 50 5; do
		note "$1, $n writers"
		printf '%s\n' '\set n :n + 1' 'BEGIN;' "$3" '\sleep 20 ms' 'COMMIT;' >"$run/script.pgbench"
		for ((i = 1; i <= runs; i++)); do
			for v in checked bare; do
				switch $v
				sql sites "SET session_replication_role = replica; $2"
				sql sites 'VACUUM'
				sql sites CHECKPOINT
				out=$(as_user "$run/bin/pgbench" -h "$sockets" -p 5432 -U postgres -n -M prepared -c "$n" -j 2 -t $times -D n=0 \
					-f "$run/script.pgbench" sites 2>&1) || die "pgbench: $out"
				grep -q "actually processed: $((n * times))/" <<<"$out" || die "pgbench: $out"
				record "$1" "$n" $v "$(awk '/^tps = /{print 1000 / $3}' <<<"$out")"
			done
		done
		switch checked
	done
}

sites() {
	local feed="INSERT INTO powerpanel.power_feed (name, power_panel_id, status"
	local clear="DELETE FROM powerpanel.power_feed WHERE name LIKE 'new%'"
	db=sites
	create sites "$here/sites.sql" sites=50
	create_triggers
	sql sites 'VACUUM ANALYZE'
	writers site_pdu "DELETE FROM powerpanel.device WHERE name LIKE 'PDU%'; DELETE FROM powerpanel.power_port WHERE name LIKE 'new%'; DELETE FROM powerpanel.power_outlet WHERE name LIKE 'new%'" \
		"INSERT INTO powerpanel.device (id, name) VALUES (md5('x' || :client_id || '.' || :n)::uuid, 'PDU ' || :client_id || '.' || :n);
INSERT INTO powerpanel.power_port (id, name, device_id) SELECT id, 'new', id FROM (VALUES (md5('x' || :client_id || '.' || :n)::uuid)) AS v (id);
INSERT INTO powerpanel.power_outlet (name, device_id, power_port_id) SELECT 'new ' || o, id, id FROM (VALUES (md5('x' || :client_id || '.' || :n)::uuid)) AS v (id), generate_series(1, 24) AS o;"
	writers site_cable 'TRUNCATE powerpanel.cable' \
		"INSERT INTO powerpanel.cable (power_outlet_id, power_port_id) VALUES (md5('o' || :client_id || '.' || :n)::uuid, md5('i' || :client_id || '.' || :n)::uuid);"
	writers site_panel "$clear" \
		"$feed, destination_panel_id) VALUES ('new ' || :n, md5('m' || :client_id)::uuid, 'active', md5('p' || :client_id || '.' || :n)::uuid);"
	writers site_join "$clear" \
		"$feed, destination_panel_id) VALUES ('new ' || :n, md5('m' || :client_id)::uuid, 'active', md5('q' || :client_id || '.' || :n)::uuid);" 10
	writers site_breaker "$clear" \
		"$feed, breaker_position) VALUES ('new ' || :n, md5('p' || :client_id || '.' || (:n + 9) / 10)::uuid, 'active', :n % 10 + 1);"
	sql postgres 'DROP DATABASE sites'
}

# -----------------------------------------------------------------------------

create_triggers() {
	psql -qAt -v ON_ERROR_STOP=1 -d $db <"$here/triggers.sql" >/dev/null || die "triggers.sql failed"
}

write_feeds() {
	db=writes
	create writes "$here/writes.sql" rows=$rows
	create_triggers
	psql -qAt -v ON_ERROR_STOP=1 -d writes <"$here/rivals.sql" >/dev/null || die "rivals.sql failed"
	sql writes 'VACUUM ANALYZE'
	! has insert || bulk_insert
	! has insert_rack || bulk_insert_rack
	! has insert_shuffled || bulk_insert_shuffled
	! has copy || bulk_copy
	! has single || single_inserts
	! has single_rack || single_with_rack
	! has pgbench || pgbench_inserts
	! has move || moves
	! has plain || other_columns
	! has memory || memory
	sql postgres 'DROP DATABASE writes'
}

# In this order: each empties what those after it do not need.
write_networks() {
	db=network
	create network "$here/network.sql" cables=$cables panels=$tree chain=$chain leaves=$leaves
	create_triggers
	sql network 'VACUUM ANALYZE'
	new_cables
	new_panel_feeds
	! has memory_network || memory_network
	! has pdu || new_pdus
	! has location || new_locations
	sql postgres 'DROP DATABASE network'
}

writes() {
	! has $writes_feed_parts || write_feeds
	! has $writes_network_parts || write_networks
	! has sites || sites
}
