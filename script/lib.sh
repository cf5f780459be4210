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

# What the comment at the top of the script says.
usage() { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0"; }

# ---------------------------------------------------------------- processes

run=			# folder of this run; everything it makes lies in there
keep_run=		# not empty: leave it, and its server, when the script ends
job=			# process group of the step that is running now
spare_job=		# not empty: that step must not be ended half-way
dots=			# what shows meanwhile that something goes on
apt_log=		# file with what apt-get said

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

# Ctrl-C goes to all of our process group; the dots go on.
show_dots() {
	{ trap '' INT HUP; while sleep 5; do printf .; done; } &
	dots=$!
}

on_exit() {
	local rc=$? n=0
	trap '' INT TERM HUP
	trap - EXIT
	if [ -n "$job" ] && [ -n "$spare_job" ]; then
		# A package that is half-way in keeps apt-get from working at all.
		say
		note "apt-get is not interrupted half-way: waiting for its end, after which this stops"
		kill "$dots" 2>/dev/null
		show_dots
		wait "$job"
		say
	elif [ -n "$job" ]; then
		# what sudo has started is root's
		kill -TERM -- "-$job" 2>/dev/null || as_root kill -TERM -- "-$job" 2>/dev/null
		while [ $((n += 1)) -le 20 ] && kill -0 -- "-$job" 2>/dev/null; do
			sleep 0.2
		done
		kill -KILL -- "-$job" 2>/dev/null
	fi
	[ -z "$dots" ] || kill "$dots" 2>/dev/null
	[ -z "$apt_log" ] || rm -f "$apt_log"
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

# Can we be root? sudo may ask for a password where somebody can type one. Where
# we cannot, no_root says why.
no_root=
can_be_root() {
	as_root true 2>/dev/null && return 0
	if [ "$(id -u)" = 0 ]; then
		no_root='this is root, but not allowed to do anything'
	elif ! command -v sudo >/dev/null; then
		no_root='there is no sudo here'
	elif ! [ -t 0 ] || ! [ -t 2 ]; then
		no_root='sudo asks for a password, and there is no terminal to type it at'
	else
		note "installing packages takes root: sudo asks for your password"
		if ! sudo -v; then
			no_root="sudo does not let $(id -un) be root"
		elif as_root true 2>/dev/null; then
			return 0
		else
			no_root='sudo wants the password for each command (timestamp_timeout is 0)'
		fi
	fi
	return 1
}

# A redirection of the step itself would swallow what a trap has to say.
logged() { local log=$1; shift; "$@" >>"$log" 2>&1; }

# apt_step LOG COMMAND...: a step with a dot each five seconds meanwhile. With
# spare_job=yes before it, it is never ended half-way.
apt_step() {
	local rc since=$SECONDS
	show_dots
	step logged "$@"
	rc=$?
	kill "$dots" 2>/dev/null
	wait "$dots" 2>/dev/null
	dots=
	[ $((SECONDS - since)) -lt 5 ] || say
	return $rc
}

apt_get=(apt-get -q -y -o DPkg::Lock::Timeout=600 -o Dpkg::Options::=--force-confold)

# As root, and nobody is asked anything.
unattended() { as_root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l "$@"; }

apt() { unattended "${apt_get[@]}" "$@"; }

# Brings the lists of packages up to date; the same lists do for a while.
updated=
apt_update() {
	[ -z "$updated" ] || return 0
	# without the mode, what cannot be fetched is a warning
	apt_step "$1" apt -o APT::Update::Error-Mode=any -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 update && updated=yes
}

# Debian makes and starts a server of its own (a "cluster") with the first
# postgresql-NN installed. We have no use for it, so this file holds it back
# meanwhile; one and the same root shell writes it and removes it, whatever
# becomes of us.
without_cluster() {
	unattended sh -c '
		file=/etc/postgresql-common/createcluster.d/powerpanel-no-cluster.conf
		trap "rm -f $file" EXIT
		trap : INT TERM HUP
		mkdir -p "${file%/*}" && echo "create_main_cluster = false" >"$file" && "$@"
	' sh "$@"
}

# apt_install LOG PACKAGE...: where somebody has interrupted an earlier
# installation of his, that is brought to its end first, as apt-get asks.
apt_install() {
	local log=$1
	shift
	set -- without_cluster "${apt_get[@]}" --no-install-recommends install "$@"
	# until all is here, an interruption does no harm
	apt_step "$log" "$@" --download-only || grep -q 'dpkg --configure -a' "$log" || return 1
	spare_job=yes apt_step "$log" "$@" && return 0
	grep -q 'dpkg --configure -a' "$log" || return 1
	note "an earlier installation on this machine was interrupted: finishing it (dpkg --configure -a)"
	spare_job=yes apt_step "$log" without_cluster dpkg --force-confold --configure -a &&
		spare_job=yes apt_step "$log" "$@"
}

# can_download PACKAGE: is there anything to be had?
can_download() {
	local dir rc
	dir=$(mktemp -d) && chmod 755 "$dir" && cd "$dir" || return 0
	apt-get -q -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 download "$1"
	rc=$?
	rm -rf "$dir"
	return $rc
}

# apt_failed LOG: what apt-get said, and what that means.
apt_failed() {
	tail -n 12 "$1"
	if grep -qiE 'could not resolve|failure resolving|could not connect|unable to connect|unreachable|connection (timed out|refused|failed)' "$1"; then
		say "It seems that there is no network, or no way to the package server. Once the packages are here, none is needed."
	elif grep -qi 'no space left' "$1"; then
		say "The disk is full."
	elif grep -qi 'could not get lock' "$1"; then
		say "Another apt-get or dpkg is at work. Try again when it has come to its end."
	fi
}

# What this distribution is called.
distribution() { (. /etc/os-release 2>/dev/null && printf '%s' "${PRETTY_NAME:-}"); }

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
	local packages='' missing='' postgres='' version=''
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

	command -v apt-get >/dev/null || die "missing on this machine: $missing. There is no apt-get to install them with: install them in your system's own way, and set PG_CONFIG to the pg_config of that PostgreSQL where it is not on the PATH"
	if ! can_be_root; then
		[ -z "$postgres" ] || version=$(postgres_to_install) || version=15
		die "missing on this machine: $missing. To install them takes root, and $no_root. As root: apt-get install -y --no-install-recommends${postgres:+ postgresql-$version postgresql-server-dev-$version}$packages"
	fi

	note "installing: $missing"
	apt_log=$(mktemp) || die "no temporary file can be made in ${TMPDIR:-/tmp}"
	apt_update "$apt_log" || note "apt-get update failed; going on with the package lists that are here"
	if [ -n "$postgres" ]; then
		version=$(postgres_to_install) || { [ -n "$updated" ] || apt_failed "$apt_log"; no_postgres; }
		packages="postgresql-server-dev-$version$packages"
		[ -x "/usr/lib/postgresql/$version/bin/postgres" ] || packages="postgresql-$version $packages"
	fi
	packages=$(same_server "$packages") || {
		die "installing $packages would upgrade, and so restart, the PostgreSQL server of this machine. When that suits you: apt-get install$packages"
	}
	# Without a network apt-get would wait for each package in turn.
	if [ -z "$updated" ] && ! apt_step "$apt_log" can_download "${packages##* }"; then
		apt_failed "$apt_log"
		die "apt-get cannot download anything. Needed are: $packages"
	fi
	# shellcheck disable=SC2086
	if ! apt_install "$apt_log" $packages; then
		apt_failed "$apt_log"
		die "apt-get could not install: $packages"
	fi
	hash -r
	find_postgres || die "PostgreSQL was installed ($packages), but no usable pg_config found"
	[ "${1:-}" != test ] || find_clang || die "clang was installed, but is not found"
	[ "${1:-}" != test ] || tell_of_cluster
}

# No PostgreSQL that we could install.
no_postgres() {
	if [ -z "$updated" ]; then
		die "apt-get knows no PostgreSQL 15 or later, and its lists of packages cannot be brought up to date (apt-get update)"
	fi
	die "$(distribution) has no package of PostgreSQL 15 or later (postgresql-server-dev-*); Debian 12 and Ubuntu 24.04 and later have one. PostgreSQL's own packages are for older systems, too: apt-get install postgresql-common, then /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh, both as root (https://wiki.postgresql.org/wiki/Apt)"
}

# Whoever wants a server of the machine's own has to make one, where ours was the
# installation that brought PostgreSQL.
tell_of_cluster() {
	local version
	version=$(sed -n 's,^/usr/lib/postgresql/\([0-9]*\)/bin$,\1,p' <<<"$("$pg_config" --bindir)")
	[ -n "$version" ] && command -v pg_createcluster >/dev/null && [ -z "$(pg_lsclusters -h 2>/dev/null)" ] || return 0
	note "this machine has PostgreSQL $version, but no server (\"cluster\") of its own: none was made. Where you want one: $([ "$(id -u)${SUDO_USER:-}" = 0 ] || echo 'sudo ')pg_createcluster --start $version main"
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
		apt_update /dev/null
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
		apt_update /dev/null
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
	# Who came by sudo can go on without it later.
	for user in "${SUDO_USER:-}" postgres nobody; do
		[ "$(id -u "$user" 2>/dev/null || echo 0)" = 0 ] || break
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

# unfit DIR: why the user cannot work in this folder (it may lie below /root), and
# make too, to which a blank or a $ in a path means something else. Nothing where
# they can.
unfit() {
	case $1 in
	*[!A-Za-z0-9_./+-]*)
		echo 'make cannot work where the path has a blank, or another character that means something to it'
		return
		;;
	esac
	if [ "$(id -u)" = 0 ]; then chown "$user" "$1" 2>/dev/null; fi
	# shellcheck disable=SC2016
	if ! as_user sh -c 'cd "$1" && test -w . && test -x .' sh "$1" 2>/dev/null; then
		echo "user $user cannot work there"
	elif ! as_user sh -c 'printf "#!/bin/sh\n" >"$1/try" && chmod +x "$1/try" && "$1/try"' sh "$1" 2>/dev/null; then
		echo 'no program can be run from there (is it full, or mounted noexec?)'
	fi
	as_user rm -f "$1/try" 2>/dev/null
}

# make_tmp: tmp in the checkout, where it can be had. It belongs to whom the
# checkout belongs, so that what root has begun can go on without root.
make_tmp() {
	[ -d "$checkout/tmp" ] || mkdir "$checkout/tmp" 2>/dev/null || return 1
	if [ "$(id -u)" = 0 ]; then chown --reference="$checkout" "$checkout/tmp" 2>/dev/null; fi
	[ -w "$checkout/tmp" ]
}

# new_run NAME: makes the folder of this run, tmp/NAME.XXXXXX in the checkout
# where possible, and sets run.
new_run() {
	local dir base why tried=''
	make_tmp
	for base in "$checkout/tmp/" /var/tmp/powerpanel- "${TMPDIR:-/tmp}/powerpanel-" /tmp/powerpanel- "${HOME:-/tmp}/powerpanel-"; do
		dir=$(mktemp -d "$base$1.XXXXXX" 2>/dev/null) || { tried="$tried; ${base%/*}: it cannot be written"; continue; }
		why=$(unfit "$dir")
		[ -n "$why" ] || { run=$dir; break; }
		tried="$tried; ${base%/*}: $why"
		rmdir "$dir" 2>/dev/null || rm -rf "$dir"
	done
	[ -n "$run" ] || die "there is no folder to work in${tried/;/:}. Set TMPDIR to one that will do"
	[ -z "$tried" ] || note "working in $run (${tried#; })"
	# Socket paths end at 107 bytes, and tests put sockets into folders of
	# their own below this one.
	if [ ${#run} -lt 60 ]; then
		sockets=$run/s
		as_user mkdir -m 700 "$sockets"
	else
		sockets=$(mktemp -d /tmp/powerpanel.XXXXXX) || die "no folder for sockets in /tmp"
		ln -s "$sockets" "$run/s"
		if [ "$(id -u)" = 0 ]; then chown "$user" "$sockets"; fi
	fi
	# As root we may stand in a folder that the user cannot read.
	cd "$run" || exit 1
}

# remove_run DIR: ends the servers that run in this folder, and removes it. Where
# one does not end, its folder stays, so that it can be tried again.
remove_run() {
	local pidfile data pid failed=''
	cd /
	while read -r pidfile; do
		data=${pidfile%/*}
		pid=$(head -n 1 "$pidfile")
		# After a crash that number may be another process's by now.
		if grep -qzxF -e "$data" "/proc/$pid/cmdline" 2>/dev/null; then
			as_user "$1/bin/pg_ctl" stop -s -m immediate -D "$data" </dev/null || { note "could not stop the server in $data"; failed=yes; }
		fi
	done < <(find "$1" -name postmaster.pid 2>/dev/null)
	[ -z "$failed" ] || return 1
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
