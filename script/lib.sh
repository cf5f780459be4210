# What script/demo and script/test share: packages, the unprivileged user, the
# private PostgreSQL and its end. Sourced by bash; not a command.

set -u -o pipefail
umask 022

me=script/$(basename "$0")
checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Nothing of the caller's may lead us to a server that is not ours (PGHOST,
# PGSERVICE, ...), into another build, or change the language of the messages
# that tests compare.
for v in $(compgen -v PG); do
	[ "$v" = PG_CONFIG ] || unset "$v"
done
unset MAKEFLAGS MFLAGS MAKELEVEL CDPATH LANGUAGE PROVE_OPTS PERL5OPT COPT PROFILE DESTDIR
export LC_ALL=C.UTF-8 PSQLRC=/dev/null PSQL_HISTORY=/dev/null

say() { printf '%s\n' "$*"; }
note() { printf '%s: %s\n' "$me" "$*"; }
die() { printf '%s: %s\n' "$me" "$*" >&2; exit 1; }

# ---------------------------------------------------------------- processes

run=			# folder of this run; everything it makes lies in there
keep_run=		# not empty: leave it, and its server, when the script ends
job=			# process group of the step that is running now
spare_job=		# not empty: that step must not be ended half-way
dots=			# what shows meanwhile that something goes on
dropin=			# file to remove from /etc/postgresql-common, if we put it there

# Runs a step in a process group of its own, so that a signal can be passed on
# to all of it (make, prove and psql have children), and so that bash acts on
# the signal at once instead of after the step.
step() {
	local rc
	set -m
	"$@" </dev/null &
	job=$!
	set +m
	wait "$job"
	rc=$?
	job=
	return $rc
}

on_exit() {
	local rc=$? n=0
	trap '' INT TERM HUP
	trap - EXIT
	if [ -n "$job" ] && [ -n "$spare_job" ]; then
		# A package that is half-way in keeps apt-get from working at all.
		note "waiting for apt-get to come to its end; after that this stops"
		wait "$job"
		kill "$dots" 2>/dev/null
	elif [ -n "$job" ]; then
		kill -TERM -- "-$job" 2>/dev/null
		while [ $((n += 1)) -le 20 ] && kill -0 -- "-$job" 2>/dev/null; do
			sleep 0.2
		done
		kill -KILL -- "-$job" 2>/dev/null
	fi
	[ -z "$dropin" ] || as_root rm -f "$dropin"
	if [ -n "$run" ] && [ -z "$keep_run" ]; then
		remove_run "$run"
	fi
	! declare -F last_words >/dev/null || last_words
	exit "$rc"
}
trap on_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# ----------------------------------------------------------------- packages

# usable PG_CONFIG: is this a PostgreSQL that we can build for and run?
usable() {
	local version
	version=$("$1" --version 2>/dev/null) || return 1
	version=${version#PostgreSQL }
	version=${version%%[!0-9]*}
	[ "${version:-0}" -ge 15 ] &&
		[ -x "$("$1" --bindir)/postgres" ] && [ -x "$("$1" --bindir)/initdb" ] &&
		[ -e "$("$1" --includedir-server)/postgres.h" ] && [ -e "$("$1" --pgxs)" ]
}

# Sets pg_config. An explicit PG_CONFIG is obeyed or refused, never replaced.
find_postgres() {
	local c
	if [ -n "${PG_CONFIG:-}" ]; then
		usable "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG is no PostgreSQL 15 or later with server programs and headers"
		pg_config=$(command -v "$PG_CONFIG")
		return 0
	fi
	for c in pg_config $(printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV); do
		if usable "$c"; then
			pg_config=$(command -v "$c")
			return 0
		fi
	done
	return 1
}

find_clang() {
	local c
	for c in clang $(compgen -c clang- | grep -xE 'clang-[0-9]+' | sort -rV); do
		if command -v "$c" >/dev/null; then
			clang=$c
			return 0
		fi
	done
	return 1
}

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Can we be root? sudo may ask for a password where somebody can type one.
can_be_root() {
	as_root true 2>/dev/null && return 0
	[ "$(id -u)" != 0 ] && command -v sudo >/dev/null && [ -t 0 ] && [ -t 2 ] || return 1
	note "installing packages takes root: sudo asks for your password"
	sudo -v
}

# A redirection of the step itself would swallow what a trap has to say.
logged() { local log=$1; shift; "$@" >>"$log" 2>&1; }

# apt_install LOG PACKAGE...: a step that is never ended half-way, and a dot each
# five seconds meanwhile.
apt_install() {
	local log=$1 rc
	shift
	spare_job=yes
	{ while sleep 5; do printf .; done; } &
	dots=$!
	step logged "$log" apt --no-install-recommends install "$@"
	rc=$?
	kill "$dots" 2>/dev/null
	wait "$dots" 2>/dev/null
	spare_job=
	say
	return $rc
}

apt() {
	as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l \
		apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold "$@"
}

# The PostgreSQL to install beside its headers: the one whose server is here
# already, else the newest that the distribution has.
postgres_to_install() {
	local v
	for v in $(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -rV | cut -d/ -f5) \
		$(apt-cache pkgnames postgresql-server-dev- | sed -n 's/^postgresql-server-dev-\([0-9]*\)$/\1/p' | sort -rn); do
		if [ "$v" -ge 15 ] 2>/dev/null && apt-cache show "postgresql-server-dev-$v" >/dev/null 2>&1; then
			echo "$v"
			return 0
		fi
	done
	return 1
}

# Would this installation touch a server that is there?
touches_server() {
	apt -s --no-install-recommends install "$@" 2>/dev/null | grep -qE '^(Inst|Remv) postgresql-[0-9]+ \['
}

# same_server PACKAGES: the same, but in such versions that no server that is here
# is upgraded, and so restarted; fails where there are none. Headers depend on
# libpq-dev of whatever version, but apt upgrades what comes from one source
# together, so both are pinned to the version of the server.
same_server() {
	local v pinned
	# shellcheck disable=SC2086 # a list of words, here and below
	if ! touches_server $1; then echo "$1"; return 0; fi
	v=$(sed -n 's/.*postgresql-server-dev-\([0-9]*\).*/\1/p' <<<"$1")
	v=$(dpkg-query -W -f '${Version}' "postgresql-$v" 2>/dev/null) && {
		pinned=$(sed "s/postgresql-server-dev-[0-9]*/&=$v libpq-dev=$v/" <<<"$1")
		if apt -s --no-install-recommends install $pinned >/dev/null 2>&1 && ! touches_server $pinned; then
			echo "$pinned"
			return 0
		fi
	}
	pinned="-o APT::Get::Upgrade-By-Source-Package=false $1"
	if apt -s --no-install-recommends install $pinned >/dev/null 2>&1 && ! touches_server $pinned; then
		echo "$pinned"
		return 0
	fi
	echo "$1"
	return 1
}

# need [test]: whatever building and running takes, and what testing takes in
# addition; what is missing is installed through apt-get.
need() {
	local packages='' missing='' postgres='' version='' log plan
	find_postgres || { postgres=yes; missing='PostgreSQL 15 or later with its server headers'; }
	command -v make >/dev/null || { packages="$packages make"; missing="$missing${missing:+, }make"; }
	# The headers of libc only come along when gcc's recommendations do.
	if ! command -v gcc >/dev/null || ! echo '#include <stdio.h>' | gcc -E - >/dev/null 2>&1; then
		packages="$packages gcc libc6-dev"; missing="$missing${missing:+, }gcc"
	fi
	if [ "${1:-}" = test ]; then
		command -v prove >/dev/null || { packages="$packages perl"; missing="$missing${missing:+, }prove (perl)"; }
		perl -MIPC::Run -e1 2>/dev/null || { packages="$packages libipc-run-perl"; missing="$missing${missing:+, }perl's IPC::Run"; }
		find_clang || { packages="$packages clang"; missing="$missing${missing:+, }clang"; }
	fi
	[ -n "$missing" ] || return 0

	command -v apt-get >/dev/null || die "missing on this machine: $missing (there is no apt-get to install them with)"
	if ! can_be_root; then
		[ -z "$postgres" ] || version=$(postgres_to_install) || version=15
		die "missing on this machine: $missing; without root or sudo this cannot install it. As root: apt-get install -y${postgres:+ postgresql-$version postgresql-server-dev-$version}$packages"
	fi

	note "installing: $missing"
	log=$(mktemp)
	if ! step apt update >"$log" 2>&1; then
		note "apt-get update failed; going on with the package lists that are here"
	fi
	if [ -n "$postgres" ]; then
		version=$(postgres_to_install) || { tail -n 5 "$log"; rm -f "$log"; die "apt-get knows no PostgreSQL 15 or later (postgresql-server-dev-*)"; }
		packages="postgresql-server-dev-$version$packages"
		if [ ! -x "/usr/lib/postgresql/$version/bin/postgres" ]; then
			packages="postgresql-$version $packages"
			# Debian starts a server of its own with the first postgresql-NN
			# installed. We have no use for it, so this holds it back meanwhile.
			dropin=/etc/postgresql-common/createcluster.d/powerpanel-no-cluster.conf
			as_root mkdir -p "${dropin%/*}"
			echo 'create_main_cluster = false' | as_root tee "$dropin" >/dev/null
		fi
	fi
	packages=$(same_server "$packages") || {
		rm -f "$log"
		die "installing $packages would upgrade, and so restart, the PostgreSQL server of this machine. When that suits you: apt-get install$packages"
	}
	# shellcheck disable=SC2086
	if ! apt_install "$log" $packages; then
		tail -n 20 "$log"
		rm -f "$log"
		die "apt-get could not install: $packages"
	fi
	rm -f "$log"
	[ -z "$dropin" ] || as_root rm -f "$dropin"
	dropin=
	hash -r
	find_postgres || die "PostgreSQL was installed ($packages), but no usable pg_config found"
	[ "${1:-}" != test ] || find_clang || die "clang was installed, but is not found"
}

has_fuzzer() {
	find_clang && echo 'int LLVMFuzzerTestOneInput(const char *d, unsigned long n) { return 0; }' |
		"$clang" -fsanitize=fuzzer,address,undefined -x c -o /dev/null - 2>/dev/null
}

# optional WHAT HAS PACKAGE...: what only some tests take, and are skipped
# without; HAS tells whether it is here. Nothing is installed that would restart
# this machine's server, or would bring headers of another PostgreSQL.
optional() {
	local what=$1 has=$2 plan
	shift 2
	! "$has" || return 0
	if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
		note "installing: $what"
		step apt update >/dev/null 2>&1
		plan=$(apt -s --no-install-recommends install "$@" 2>/dev/null)
		grep -qE '^Inst postgresql-([0-9]+ \[|server-dev-[0-9]+ \()' <<<"$plan" ||
			apt_install /dev/null "$@"
		hash -r
	fi
	"$has" || note "there is no $what here: the tests that take it are skipped"
}

# libFuzzer and the sanitizers come with clang's recommendations only.
want_fuzzer() { optional libFuzzer has_fuzzer clang libclang-rt-dev; }

has_packaging() {
	local p
	for p in dh dpkg-buildpackage pg_buildext git unzip; do
		command -v "$p" >/dev/null || return 1
	done
	[ -e /usr/share/perl5/Debian/Debhelper/Sequence/pgxs_loop.pm ]
}

want_packaging() {
	optional 'debhelper for PostgreSQL' has_packaging \
		debhelper postgresql-server-dev-all git unzip
}

# What runs the examples for applications: psycopg 3, and pg for Node.js by npm
# or, where there is none, the distribution's. They are skipped where they cannot
# be had.
want_clients() {
	local missing='' p
	python3 -c 'import psycopg' 2>/dev/null || /usr/bin/python3 -c 'import psycopg' 2>/dev/null || missing=python3-psycopg
	if ! command -v node >/dev/null; then
		missing="$missing nodejs node-pg"
	elif ! command -v npm >/dev/null && [ ! -d /usr/share/nodejs/pg ]; then
		missing="$missing node-pg"
	fi
	[ -n "$missing" ] || return 0
	if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
		note "installing: ${missing# }"
		step apt update >/dev/null 2>&1
		# One by one: an older distribution may have the one and not the other.
		for p in $missing; do
			apt_install /dev/null "$p" || note "there is no $p here: its example is skipped"
		done
		hash -r
	else
		note "missing on this machine: ${missing# }; examples that need them are skipped"
	fi
}

# ------------------------------------------------------- unprivileged user

# PostgreSQL refuses to run as root, so root steps down for all but the
# packages. Sets user, and as_user runs a command as that user.
choose_user() {
	user=$(id -un)
	[ "$(id -u)" = 0 ] || return 0
	for user in postgres nobody; do
		id -u "$user" >/dev/null 2>&1 && break
	done
	command -v setpriv >/dev/null || command -v runuser >/dev/null ||
		die "PostgreSQL does not run as root, and setpriv and runuser (util-linux) are missing: run this as another user"
}

as_user() {
	if [ "$(id -u)" != 0 ]; then
		"$@"
	elif command -v setpriv >/dev/null; then
		setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups env HOME="${run:-/}" USER="$user" LOGNAME="$user" "$@"
	else
		runuser -u "$user" -- env HOME="${run:-/}" USER="$user" LOGNAME="$user" "$@"
	fi
}

# ---------------------------------------------------------------- folders

# Can the user work in this folder (it may lie below /root), and make too, to
# which a blank or a $ in a path means something else?
fit() {
	case $1 in *[!A-Za-z0-9_./+-]*) return 1 ;; esac
	if [ "$(id -u)" = 0 ]; then chown "$user" "$1" || return 1; fi
	# shellcheck disable=SC2016
	as_user sh -c 'cd "$1" && test -w . && test -x .' sh "$1" 2>/dev/null
}

# new_run NAME: makes the folder of this run, tmp/NAME.XXXXXX in the checkout
# where possible, and sets run.
new_run() {
	local dir
	if dir=$(mkdir -p "$checkout/tmp" 2>/dev/null && mktemp -d "$checkout/tmp/$1.XXXXXX" 2>/dev/null) && fit "$dir"; then
		run=$dir
	else
		[ -z "$dir" ] || rmdir "$dir"
		run=$(mktemp -d "/var/tmp/powerpanel-$1.XXXXXX") || die "no folder to work in: neither $checkout/tmp nor /var/tmp"
		note "$checkout/tmp is out of reach for user $user; working in $run"
		fit "$run" || die "user $user cannot work in $run"
	fi
	# Socket paths end at 107 bytes, and tests put sockets into folders of
	# their own below this one.
	if [ ${#run} -lt 60 ]; then
		sockets=$run/s
		as_user mkdir -m 700 "$sockets"
	else
		sockets=$(mktemp -d /tmp/powerpanel.XXXXXX) || die "no folder for sockets in /tmp"
		ln -s "$sockets" "$run/s"
		fit "$sockets" || die "user $user cannot work in $sockets"
	fi
	# As root we may stand in a folder that the user cannot read.
	cd "$run" || exit 1
}

# remove_run DIR: ends the servers that run in this folder, and removes it.
remove_run() {
	local pidfile data pid
	cd /
	while read -r pidfile; do
		data=${pidfile%/*}
		pid=$(head -n 1 "$pidfile")
		# After a crash that number may be another process's by now.
		if grep -qzxF -e "$data" "/proc/$pid/cmdline" 2>/dev/null; then
			as_user "$1/bin/pg_ctl" stop -s -m immediate -D "$data" </dev/null || note "could not stop the server in $data"
		fi
	done < <(find "$1" -name postmaster.pid 2>/dev/null)
	if [ -L "$1/s" ]; then
		# The link is the user's: remove no more than the user could.
		as_user rm -rf "$(readlink "$1/s")"
	fi
	rm -rf "$1"
}

# copy_sources DIR: the checkout as it is, without what was built in it. We
# build in copies, so that runs side by side do not meet, and the checkout may
# be read-only.
copy_sources() {
	mkdir "$1" &&
		tar -C "$checkout" --exclude=./.git --exclude=./tmp --exclude=./results --exclude=./output_iso \
			--exclude=./tmp_check --exclude='*.o' --exclude='*.so' --exclude='*.bc' -cf - . |
		tar -C "$1" --no-same-owner -xf - || die "cannot copy $checkout to $1"
	if [ "$(id -u)" = 0 ]; then chown -R "$user" "$1"; fi
}

# ------------------------------------------------------ private PostgreSQL

# pgmake DIR ARGUMENT...: make for the PostgreSQL we found; bitcode for its
# JIT would need the very clang it was built with.
pgmake() {
	local dir=$1
	shift
	as_user make -C "$dir" --no-print-directory PG_CONFIG="$pg_config" with_llvm=no "$@"
}

# PostgreSQL finds its files relative to its own program, so a copy of the
# programs beside links to all the rest is a PostgreSQL of our own, into which
# the extension can be installed without touching the machine's. Installs what
# was built in DIR.
private_postgres() {
	local bin share lib p
	bin=$("$pg_config" --bindir) share=$("$pg_config" --sharedir) lib=$("$pg_config" --pkglibdir)
	root=$run/root
	as_user mkdir -p "$root$bin" "$root${share%/*}" "$root${lib%/*}"
	for p in "$bin"/{postgres,initdb,psql,createdb,dropdb,createuser,dropuser,pgbench,vacuumdb,reindexdb,clusterdb} "$bin"/pg_*; do
		[ ! -f "$p" ] || as_user cp "$p" "$root$bin/" || exit 1
	done
	as_user cp -rs "$share" "$root${share%/*}/" || die "user $user cannot read $share"
	[ -d "$root$lib" ] || as_user cp -rs "$lib" "$root${lib%/*}/" || die "user $user cannot read $lib"
	# An extension installed on the machine is not the one under test.
	rm -rf "$root$lib"/powerpanel* "$root$lib"/bitcode/powerpanel* "$root$share"/extension/powerpanel*
	as_user ln -s "root$bin" "$run/bin"
	pgmake "$1" -s install DESTDIR="$root" || die "make install failed"
}

# start_server SETTING...: one server for this run, reached only through its
# socket, in a folder that is open to the user alone.
start_server() {
	local data=$run/data s lib
	as_user "$run/bin/initdb" -D "$data" -U postgres -A trust --locale=C.UTF-8 --encoding=UTF8 --no-sync >"$run/initdb.log" 2>&1 ||
		{ cat "$run/initdb.log"; die "initdb failed"; }
	for s in "listen_addresses = ''" "unix_socket_directories = '$sockets'" "port = 5432" "fsync = off" "$@"; do
		echo "$s"
	done >>"$data/postgresql.conf"
	as_user "$run/bin/pg_ctl" start -s -w -D "$data" -l "$run/server.log" </dev/null >/dev/null ||
		{ cat "$run/server.log"; die "the private server does not start"; }
	lib=$(psql -d postgres -Atc "SELECT setting FROM pg_config() WHERE name = 'PKGLIBDIR'")
	case $lib in
	"$root"/*) ;;
	*) die "the private server looks into $lib instead of $root: this PostgreSQL cannot be relocated" ;;
	esac
}

psql() {
	as_user "$run/bin/psql" -X -h "$sockets" -p 5432 -U postgres "$@"
}
