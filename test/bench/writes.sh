# What writes cost, against the same tables without the extension's triggers, and
# against other ways of keeping the rules. Sourced by test/bench/run.

writes_parts='insert insert_rack insert_shuffled copy single pgbench move plain memory'

# The table that a variant writes, and what it calls a set of positions.
table_of() {
	case $1 in
	checked | bare) echo powerpanel.power_feed ;;
	*) echo "$1.power_feed" ;;
	esac
}

# Makes the extension's triggers what a variant wants them to be.
triggers=on
switch() {
	case $1:$triggers in
	bare:on) triggers=off; sql writes 'SELECT bench.triggers(false)' >/dev/null ;;
	checked:off) triggers=on; sql writes 'SELECT bench.triggers(true)' >/dev/null ;;
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
			sql writes "${5//TABLE/$table}"
			sql writes CHECKPOINT
			record "$part" "$size" "$v" "$(timed writes "${6//TABLE/$table}" "${first//TABLE/$table}")"
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

memory() {
	local size v
	note "memory"
	for size in $((rows / 10)) $rows; do
		for v in bare checked; do
			switch $v
			sql writes 'TRUNCATE powerpanel.power_feed CASCADE'
			record memory $size $v "$(peak writes "INSERT INTO powerpanel.power_feed $columns SELECT $values FROM bench.feed WHERE n <= $size ORDER BY n;")"
		done
	done
	switch checked
}

writes() {
	has $writes_parts || return 0
	create writes "$here/writes.sql" rows=$rows
	psql -qAt -v ON_ERROR_STOP=1 -d writes <"$here/rivals.sql" >/dev/null || die "rivals.sql failed"
	sql writes 'VACUUM ANALYZE'
	! has insert || bulk_insert
	! has insert_rack || bulk_insert_rack
	! has insert_shuffled || bulk_insert_shuffled
	! has copy || bulk_copy
	! has single || single_inserts
	! has pgbench || pgbench_inserts
	! has move || moves
	! has plain || other_columns
	! has memory || memory
	sql postgres 'DROP DATABASE writes'
}
