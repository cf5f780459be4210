# Measuring: what all parts of test/bench/run use. Sourced by it.

# A line for each time that was measured: part, size, variant, milliseconds by
# the clock, milliseconds of processor time. The n-th line of a variant goes with
# the n-th of another.
results=
record() { printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$3" "${4/ /$'\t'}" >>"$results"; }

# sql DATABASE STATEMENTS: what is not measured
sql() { psql -qAtX -v ON_ERROR_STOP=1 -d "$1" -c "SET client_min_messages = error" -c "$2" || die "failed: $2"; }

# timed DATABASE STATEMENTS [FIRST]: milliseconds that the statements take by the
# clock, and of the processor, in a session that has run FIRST.
timed() {
	local cpu="SELECT 'cpu', split_part(pg_read_file('/proc/self/schedstat', 0, 100, true), ' ', 1);"
	psql -qAt -F' ' -v ON_ERROR_STOP=1 -d "$1" >"$run/out" <<-SQL || die "failed: $2"
		SET client_min_messages = error;
		${3:-}
		$cpu
		\\timing on
		$2
		\\timing off
		$cpu
	SQL
	awk '/^Time: /{t += $2} /^cpu /{c[n++] = $2} END {print t, (c[1] - c[0]) / 1e6}' "$run/out"
}

# alternate PART SIZE DATABASE OURS THEIRS [OTHERS]: statements to be measured in
# turn
alternate() {
	local part=$1 size=$2 db=$3 i v time
	local -A statements=([ours]=$4 [theirs]=$5 [others]=${6:-})
	note "$part, $size"
	for ((i = 0; i <= runs; i++)); do
		for v in ours theirs others; do
			[ -n "${statements[$v]}" ] || continue
			time=$(timed "$db" "${statements[$v]}")
			# the first round warms up
			[ $i = 0 ] || record "$part" "$size" $v "$time"
		done
	done
}

# create DATABASE SCRIPT VARIABLE=VALUE...
create() {
	local db=$1 script=$2 arguments=()
	shift 2
	while [ $# -gt 0 ]; do
		arguments+=(-v "$1")
		shift
	done
	note "loading $db"
	sql postgres "CREATE DATABASE $db"
	psql -qAt -v ON_ERROR_STOP=1 "${arguments[@]}" -d "$db" <"$script" >/dev/null || die "$script failed"
}

# peak DATABASE SQL: the most memory that a session takes of its own, in kB
peak() {
	local pid max=0 now
	rm -f "$run/pid" "$run/done"
	psql -qAt -v ON_ERROR_STOP=1 -d "$1" >/dev/null <<-SQL &
		SET client_min_messages = error;
		\\o $run/pid
		SELECT pg_backend_pid();
		\\o
		\\! sleep 0.5
		$2
		\\! touch $run/done
	SQL
	while [ ! -s "$run/pid" ]; do sleep 0.1; done
	pid=$(cat "$run/pid")
	while [ ! -e "$run/done" ] && now=$(awk '/^RssAnon:/{print $2}' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do
		[ "$now" -le "$max" ] || max=$now
		sleep 0.02
	done
	wait $!
	echo "$max"
}
