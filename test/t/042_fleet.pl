# A fleet: sites that are written to, a hub that holds a copy of them all. The
# SQL comes from docs/fleet.md, where each block begins with a comment that says
# where it is run; none of them is left out.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Inventory;
use Invariants;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(usleep);

my @tables = qw(location rack_group rack device power_panel power_feed power_port power_bank power_outlet cable);

# ------------------------------------------------------------- the chapter

my %block;		# title => SQL
my %unused;
{
	my $title;
	my $in_sql = 0;
	foreach (split /\n/, slurp_file("$FindBin::RealBin/../../docs/fleet.md"))
	{
		if (/^```(\w*)$/) { $in_sql = $1 eq 'sql'; undef $title; }
		elsif (!$in_sql || $_ eq '') { undef $title; }
		elsif (defined $title) { $block{$title} .= "$_\n"; }
		elsif (/^-- ((?:at|everywhere)\b.*)/)
		{
			$title = $1;
			die "two blocks are called \"$title\"" if exists $block{$title};
			$block{$title} = '';
			$unused{$title} = 1;
		}
		else { die "docs/fleet.md: this SQL has no title: $_"; }
	}
}

my ($node_version) = `"$ENV{PG_CONFIG}" --version` =~ /(\d+)/;
my %line;		# host in the chapter => how to get there

# A block, with the names in it replaced.
sub chapter
{
	my ($title, %instead) = @_;
	die "docs/fleet.md has no block \"$title\"" unless exists $block{$title};
	delete $unused{$title};
	my $sql = $block{$title};
	$sql =~ s/\Q$_\E/$instead{$_}/g foreach sort keys %instead;
	$sql =~ s/host=(\w+)\.example\.net dbname=power/$line{$1} || die "no line to $1"/ge;
	# since 19, errors of a table's copy and of a sequence's are counted apart
	$sql =~ s/\be\.sync_error_count/e.sync_table_error_count AS sync_error_count/g if $node_version >= 19;
	# sockets know no TLS, and a PostgreSQL that was built without it no sslmode
	$sql =~ s/ sslmode=require//g;
	return $sql;
}

# ------------------------------------------------------------- the servers

# What hubs reach a site by, and applications do not: a socket of its own, which
# can be taken away.
my $wan = PostgreSQL::Test::Utils::tempdir_short();

sub reachable
{
	my ($node) = @_;
	$node->append_conf('postgresql.conf', "unix_socket_directories = '" . $node->host . ", $wan'");
	return;
}

sub site
{
	my ($name) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name);
	$node->init(allows_streaming => 'logical');
	$node->append_conf('postgresql.conf', 'autovacuum = off');
	reachable($node);
	$node->start;
	$node->safe_psql('postgres', 'CREATE DATABASE power');
	$node->safe_psql('power', 'CREATE EXTENSION powerpanel');
	run_file($node, 'power', "$FindBin::RealBin/../../examples/datacenter.sql", "$name has an inventory");
	$line{$name} = line_to($node, 'power');
	return $node;
}

sub line_to
{
	my ($node, $db) = @_;
	return "host=$wan port=" . $node->port . " dbname=$db";
}

sub cut
{
	my ($node) = @_;
	my $port = $node->port;
	rename "$wan/.s.PGSQL.$port", "$wan/cut.$port" or die "$wan: $!";
	$node->safe_psql('postgres', 'SELECT pg_terminate_backend(pid) FROM pg_stat_replication');
	return;
}

sub mend
{
	my ($node) = @_;
	my $port = $node->port;
	rename "$wan/cut.$port", "$wan/.s.PGSQL.$port" or die "$wan: $!";
	return;
}

my $north = site('north');
my $south = site('south');
my $hub = PostgreSQL::Test::Cluster->new('hub');
$hub->init;
$hub->append_conf('postgresql.conf', q{
	autovacuum = off
	wal_retrieve_retry_interval = 100ms
	max_worker_processes = 30
	max_logical_replication_workers = 20});
$hub->start;
$hub->safe_psql('postgres', 'CREATE DATABASE power; CREATE ROLE reader LOGIN; CREATE ROLE centre LOGIN');

# Subscription => where its site's inventory is.
my %site = (north => [ $north, 'power' ], south => [ $south, 'power' ]);

sub copied
{
	my ($db) = @_;
	my $left = chapter('at the hub: what is still being copied');
	$left =~ s/;\s*$//;
	$hub->poll_query_until($db, "SELECT count(*) = 0 FROM ($left) AS l") or die 'the initial copy does not end';
	return;
}

# All rows of the replicated tables, a line each.
sub rows
{
	my ($node, $db) = @_;
	return split /\n/, $node->safe_psql($db, join(' UNION ALL ', map { "SELECT '$_ ' || t::text FROM powerpanel.$_ AS t" } @tables));
}

# The hub, or another database, has what the sites have, every row once. Rows
# of the option "besides" do not count; "shared" ones are at several sites.
sub equal
{
	my ($when, %option) = @_;
	my $besides = $option{besides} // '(?!)';
	my (@expected, %seen);
	foreach my $name (sort keys %site)
	{
		my ($node, $of) = @{ $site{$name} };
		$node->wait_for_catchup($name);
		push @expected, grep { !$option{shared} || !/$option{shared}/ || !$seen{$_}++ } rows($node, $of);
	}
	my @got = grep { !/$besides/ } rows($hub, $option{db} // 'power');
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	cmp_ok(scalar(@got), '>', 100, "$when: there are rows");
	same_rows(join("\n", sort @got), join("\n", sort @expected), "$when: the rows of the sites, and each once");
	return;
}

# The worker of a subscription has met an error: what the log says of it since.
sub complaint
{
	my ($pattern, $since) = @_;
	foreach (1 .. 10 * $PostgreSQL::Test::Utils::timeout_default)
	{
		my $log = substr(slurp_file($hub->logfile), $since);
		return $1 // '' if $log =~ $pattern;
		usleep(100_000);
	}
	die "the hub's log has no $pattern";
}

sub log_size { return -s $hub->logfile; }

# psql, on statements of which each may fail: the SQLSTATEs.
sub states
{
	my ($sql, $role) = @_;
	my ($rc, $out, $err) = $hub->psql('power', "\\set VERBOSITY sqlstate\n$sql",
		extra_params => $role ? [ '-U', $role ] : [], on_error_stop => 0);
	return $err =~ /ERROR:\s+(\w{5})/g;
}

# ---------------------------------------------------------------- they join

# Both sites come from the same example: with the same root.
$north->safe_psql('power', q{UPDATE powerpanel.location SET name = 'North' WHERE parent_id IS NULL});
$south->safe_psql('power', q{UPDATE powerpanel.location SET name = 'North' WHERE parent_id IS NULL});
foreach my $node ($north, $south)
{
	# Whoever reads there by policies is not the hub.
	$node->safe_psql('power', q{
		ALTER TABLE powerpanel.rack ENABLE ROW LEVEL SECURITY;
		CREATE POLICY row_1 ON powerpanel.rack USING (name = 'RACK-01')});
	$node->safe_psql('power', chapter('at the site: what it publishes'));
	$node->safe_psql('power', chapter('at the site: as whom the hub comes'));
}
is( $north->safe_psql('power', q{
		SELECT string_agg(tablename, ' ' ORDER BY tablename COLLATE "C") FROM pg_publication_tables WHERE pubname = 'fleet'}),
	$hub->safe_psql('power', chapter('at the hub: the inventory, and who reads it') . q{
		SELECT string_agg(relname, ' ' ORDER BY relname COLLATE "C") FROM pg_class
		WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r' AND relname <> 'feed_status'}),
	'all tables are published, but that of statuses');
$hub->safe_psql('power', chapter('at the hub: the site of each location'));
$hub->safe_psql('power', chapter('at the hub: nothing is written by mistake') . 'GRANT fleet_reader TO reader, centre');

# The initial copy is a COPY, of what policies let through.
my $rows_by_policy = q{SET ROLE hub; COPY powerpanel.rack TO STDOUT};
is(split(/\n/, $north->safe_psql('power', $rows_by_policy)), 2, 'the hub copies every row');
is(split(/\n/, $north->safe_psql('power', "ALTER ROLE hub NOBYPASSRLS; $rows_by_policy")), 1, 'without BYPASSRLS, not every row');
$north->safe_psql('power', 'ALTER ROLE hub BYPASSRLS');

$hub->safe_psql('power', chapter('at the hub: north joins'));
copied('power');

# A newcomer whose root has a name that is taken.
my $since = log_size();
$hub->safe_psql('power', chapter('at the hub: north joins', north => 'south'));
complaint(qr/location_parent_id_name_key/, $since);
$hub->poll_query_until('power', q{SELECT count(*) = 9 FROM pg_subscription_rel WHERE srsubstate = 'r'
	AND srsubid = (SELECT oid FROM pg_subscription WHERE subname = 'south')}) or die 'the other tables are not copied';
pass('a root whose name is taken stops the copy of locations, and no other');
my $watch = chapter('at the hub: how each subscription does');
$watch =~ s/;\s*$//;
$hub->poll_query_until('power', "SELECT sync_error_count > 0 FROM ($watch) AS w WHERE subname = 'south'") or die 'no error is counted';
is($hub->safe_psql('power', "SELECT sync_error_count FROM ($watch) AS w WHERE subname = 'north'"), 0, 'the errors are counted for the newcomer');
cmp_ok($hub->safe_psql('power', q{SELECT count(*) FROM powerpanel.contingency()}), '>', 0, 'a hub half full answers');
$south->safe_psql('power', q{UPDATE powerpanel.location SET name = 'South' WHERE parent_id IS NULL});
copied('power');
equal('joined');
is_sound($hub, 'power', 'joined');
is($hub->safe_psql('power', chapter('at the hub: the audit')), '', 'joined: nothing for the chapter\'s audit');
is($hub->safe_psql('power', q{
		SELECT count(*) FROM pg_policies WHERE schemaname = 'powerpanel';
		SELECT count(*) FROM powerpanel_internal.row_security}), "0\n0", 'policies do not come along');

# -------------------------------------------------------- who writes there

my $who = chapter('at the hub: who else may write');
is($hub->safe_psql('power', $who), '', 'nobody else may write at the hub');
like($hub->safe_psql('power', "BEGIN READ WRITE; GRANT UPDATE (name) ON powerpanel.rack TO reader; $who ROLLBACK"),
	qr/^reader\|rack$/m, 'who may is found');
my @writes = map { (
		"BEGIN READ WRITE; INSERT INTO powerpanel.$_ DEFAULT VALUES; ROLLBACK;",
		"BEGIN READ WRITE; UPDATE powerpanel.$_ SET custom_fields = '{}'; ROLLBACK;",
		"BEGIN READ WRITE; DELETE FROM powerpanel.$_; ROLLBACK;",
		"BEGIN READ WRITE; TRUNCATE powerpanel.$_; ROLLBACK;",
		"BEGIN READ WRITE; SELECT FROM powerpanel.$_ FOR UPDATE; ROLLBACK;") } @tables;
push @writes, "BEGIN READ WRITE; UPDATE powerpanel.feed_status SET energized = true; ROLLBACK;";
is_deeply([ states(join("\n", @writes), 'reader') ], [ ('42501') x @writes ], 'a reader can write nothing');
is_deeply([ states(q{DELETE FROM powerpanel.cable; INSERT INTO powerpanel.location (name) VALUES ('slip')}) ],
	[ '25006', '25006' ], 'a superuser writes nothing by mistake');

# ------------------------------------- both write, one is cut off meanwhile

foreach my $node ($north, $south)
{
	$node->safe_psql('power', q{
		CREATE TABLE public.stop ();
		INSERT INTO powerpanel.power_panel (name, location_id, circuit_positions)
		SELECT 'Busy', id, 84 FROM powerpanel.location WHERE parent_id IS NULL;
		CREATE PROCEDURE public.busy() LANGUAGE plpgsql AS $$
		DECLARE
			i integer := 0;
			busy powerpanel.power_panel;
		BEGIN
			SELECT * INTO busy FROM powerpanel.power_panel WHERE name = 'Busy';
			WHILE NOT EXISTS (SELECT FROM public.stop) LOOP
				i := i + 1;
				INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
				VALUES ('busy ' || i, busy.id, 'active', powerpanel.find_breaker_position(busy.id, 1 + i % 3), 1 + i % 3);
				COMMIT;
				UPDATE powerpanel.power_feed SET breaker_position = powerpanel.find_breaker_position(busy.id, 3)
				WHERE power_panel_id = busy.id AND name = 'busy ' || i - 5;
				DELETE FROM powerpanel.power_feed WHERE power_panel_id = busy.id AND name = 'busy ' || i - 10;
				INSERT INTO powerpanel.location (name, parent_id)
				SELECT 'mark ' || i / 20, busy.location_id WHERE i % 20 = 0;
				COMMIT;
			END LOOP;
		END
		$$});
}

sub marks
{
	my ($node, $site) = @_;
	return $node->safe_psql('power', qq{
		SELECT count(*) FROM powerpanel.location AS l JOIN powerpanel.location AS r ON r.id = l.parent_id
		WHERE l.name LIKE 'mark %' AND r.name = '$site'});
}

sub more_marks
{
	my ($node, $site, $than) = @_;
	$node->poll_query_until('power', qq{
		SELECT count(*) > $than FROM powerpanel.location AS l JOIN powerpanel.location AS r ON r.id = l.parent_id
		WHERE l.name LIKE 'mark %' AND r.name = '$site'}) or die "$site does not get on";
	return;
}

my @writers = map {
	IPC::Run::start([ 'psql', '-X', '-q', '-d', $_->connstr('power'), '-c', 'CALL public.busy()' ], '<', \'', '>&', \my $out)
} $north, $south;
more_marks($hub, $_, 1) foreach 'North', 'South';

$since = log_size();
cut($north);
complaint(qr/could not connect to the publisher/, $since);
my $reached = marks($hub, 'North');
more_marks($north, 'North', marks($north, 'North') + 2);
more_marks($hub, 'South', marks($hub, 'South') + 2);
pass('cut off: the site goes on, and so does the other at the hub');
is(marks($hub, 'North'), $reached, 'cut off: nothing arrives');
my $behind = chapter('at the site: how far the hub is behind');
like($north->safe_psql('power', $behind), qr/^north\|f\|\w+\|/, 'cut off: the slot waits');
$hub->stop('immediate');
$hub->start;
more_marks($hub, 'South', marks($hub, 'South') + 2);
is_sound($hub, 'power', 'cut off');

my $missed = marks($north, 'North');
mend($north);
more_marks($hub, 'North', $missed);
pass('back: the hub gets what it missed, and what is new');
$_->safe_psql('power', 'INSERT INTO public.stop DEFAULT VALUES') foreach $north, $south;
ok((!grep { !$_->finish } @writers), 'the writers were refused nothing');
equal('after the cut');
is_sound($hub, 'power', 'after the cut');
like($north->safe_psql('power', $behind), qr/^north\|t\|reserved\|/, 'back: the slot is in use');
ok($hub->poll_query_until('power', "SELECT count(*) = 2 FROM ($watch) AS w WHERE subenabled AND latest_end_time IS NOT NULL"),
	'both subscriptions are at work');
$_->safe_psql('power', 'DROP PROCEDURE public.busy; DROP TABLE public.stop') foreach $north, $south;

# --------------------------------------------------------- the fleet's power

sub as_reader
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $hub->psql('power', $sql, extra_params => [ '-U', 'reader' ], on_error_die => 1);
	return $out;
}

sub of_all_sites
{
	my ($sql) = @_;
	return join "\n", sort map { my ($node, $db) = @$_; split /\n/, $node->safe_psql($db, $sql) } values %site;
}

my $racks = 'SELECT * FROM powerpanel.rack_power';
my $outages = q{SELECT object_type, object_id, name, devices_dark, devices_degraded, feeds_overloaded, panels_overloaded
	FROM powerpanel.contingency()};
my $points = 'SELECT * FROM powerpanel.single_points_of_failure()';
foreach my $question ($racks, $outages, $points)
{
	my ($what) = $question =~ /powerpanel\.(\w+)/;
	is(join("\n", sort split /\n/, as_reader($question)), of_all_sites($question), "$what: over the fleet, what it is at the sites");
}
is( as_reader('SELECT max(worst_utilization) FROM powerpanel.contingency()'),
	(sort { $b <=> $a } split /\n/, of_all_sites('SELECT max(worst_utilization) FROM powerpanel.contingency()'))[0],
	'worst_utilization: the highest of the fleet');
is( as_reader(chapter('at the hub: the racks, by site')),
	join("\n", map {
			$site{ lc $_ }[0]->safe_psql('power', qq{
				SELECT '$_', count(*), sum(usable_power), sum(allocated_va), count(*) FILTER (WHERE utilization > 100)
				FROM powerpanel.rack_power})
	} 'North', 'South'),
	'the racks by site');
is(as_reader(chapter('at the hub: the audit')), '', 'a reader may run the audit');

# ------------------------------------------------------- broken by force

$north->safe_psql('power', q{
	SET session_replication_role = replica;
	UPDATE powerpanel.power_feed SET breaker_position = 33 WHERE name = 'Dock door'});
$south->safe_psql('power', q{
	BEGIN;
	SET LOCAL client_min_messages = error;
	ALTER TABLE powerpanel.power_panel DISABLE TRIGGER USER;
	UPDATE powerpanel.power_panel SET circuit_positions = 12 WHERE name = 'LP-1';
	ALTER TABLE powerpanel.power_panel ENABLE TRIGGER USER;
	COMMIT});
equal('broken by force');
same_as_audit($hub, 'power', 'broken by force: checker and audit find the same at the hub');
is( $hub->safe_psql('power', 'SELECT rule, count(*) > 0 FROM (' . chapter('at the hub: the audit') =~ s/;\s*$//r . ') AS a GROUP BY 1 ORDER BY 1'),
	"power_feed_breaker_capacity|t\npower_feed_breaker_conflict|t", 'broken by force: the hub finds it');
$north->safe_psql('power', q{
	UPDATE powerpanel.power_feed SET breaker_position = powerpanel.find_breaker_position(power_panel_id, breaker_pole_count)
	WHERE name = 'Dock door'});
$south->safe_psql('power', q{UPDATE powerpanel.power_panel SET circuit_positions = 42 WHERE name = 'LP-1'});
equal('put right');
is_sound($hub, 'power', 'put right');

# ------------------------------------------------------------- statuses

my $statuses = chapter('everywhere: the statuses');
my $new_status = q{INSERT INTO powerpanel.feed_status VALUES ('on loan', true)};
$south->safe_psql('power', "$new_status; UPDATE powerpanel.power_feed SET status = 'on loan' WHERE destination_panel_id IS NOT NULL");
equal('a status that the hub does not know');
like($hub->safe_psql('power', chapter('at the hub: the audit')), qr/^power_feed_status_fkey\|/, 'the audit names a status that the hub does not know');
isnt($hub->safe_psql('power', $statuses), $south->safe_psql('power', $statuses), 'the statuses differ');
$hub->safe_psql('power', "BEGIN READ WRITE; $new_status; COMMIT");
$north->safe_psql('power', $new_status);
is($_->safe_psql('power', $statuses), $south->safe_psql('power', $statuses), 'the statuses are the same') foreach $hub, $north;
is_sound($hub, 'power', 'the status is known');

# ------------------------------------------------------- a name taken twice

my $annex = q{
	BEGIN;
	INSERT INTO powerpanel.location (name) VALUES ('Annex');
	INSERT INTO powerpanel.power_panel (name, location_id, circuit_positions)
	SELECT 'AX', id, 10 FROM powerpanel.location WHERE name = 'Annex';
	COMMIT};
$north->safe_psql('power', $annex);
equal('one Annex');
$since = log_size();
$south->safe_psql('power', $annex);
complaint(qr/location_parent_id_name_key/, $since);
$north->safe_psql('power', q{UPDATE powerpanel.device SET custom_fields = '{"asset": 4711}'});
$north->wait_for_catchup('north');
is($hub->safe_psql('power', q{SELECT count(DISTINCT custom_fields) FROM powerpanel.device}), 2, 'a name taken twice: the other site goes on');
$south->safe_psql('power', q{UPDATE powerpanel.location SET name = 'South Annex' WHERE name = 'Annex'});
complaint(qr/has started.*location_parent_id_name_key.*location_parent_id_name_key/s, log_size());
pass('a name taken twice: to rename it at the site alone is no way out');
$hub->safe_psql('power', chapter('at the hub: make room for the other Annex'));
$south->wait_for_catchup('south');
$north->safe_psql('power', chapter('at the site: the row once more'));
equal('a way out that loses nothing');
is_sound($hub, 'power', 'a way out that loses nothing');

# The way out that loses: the panel, of which the hub then learns from a feed.
$since = log_size();
$south->safe_psql('power', $annex);
my $lsn = complaint(qr/location_parent_id_name_key.*?finished at ([0-9A-F]+\/[0-9A-F]+)/s, $since);
$hub->safe_psql('power', chapter('at the hub: skip a transaction of south', '0/174A428' => $lsn));
$south->safe_psql('power', q{
	UPDATE powerpanel.location SET name = 'Annex of South' WHERE name = 'Annex';
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status)
	SELECT 'AX-1', p.id, 'active' FROM powerpanel.power_panel AS p JOIN powerpanel.location AS l ON l.id = p.location_id
	WHERE l.name = 'Annex of South'});
$south->wait_for_catchup('south');
like($hub->safe_psql('power', chapter('at the hub: the audit')), qr/\Apower_feed_power_panel_id_fkey\|power_feed\|AX-1\|[^\n]*\z/, 'skipped: the audit names what hangs in the air');

# TRUNCATE stays at the site; then the site is copied anew. (Below the root now,
# as the hub tells sites apart by their roots.)
my $spare = 'fa7a1000-0000-4000-8000-000000000001';
$south->safe_psql('power', qq{INSERT INTO powerpanel.device (id, name) VALUES ('$spare', 'spare')});
$south->safe_psql('power', q{
	TRUNCATE powerpanel.cable;
	UPDATE powerpanel.location SET parent_id = (SELECT id FROM powerpanel.location WHERE name = 'South') WHERE name LIKE '%Annex%'});
$north->safe_psql('power', q{
	UPDATE powerpanel.location SET parent_id = (SELECT id FROM powerpanel.location WHERE name = 'North') WHERE name = 'Annex'});
$_->[0]->wait_for_catchup($_->[1]) foreach [ $south, 'south' ], [ $north, 'north' ];
cmp_ok($hub->safe_psql('power', 'SELECT count(*) FROM powerpanel.cable'), '>',
	$north->safe_psql('power', 'SELECT count(*) FROM powerpanel.cable'), 'TRUNCATE at a site empties nothing at the hub');
$hub->safe_psql('power', chapter('at the hub: south goes'));
is($south->safe_psql('power', 'SELECT count(*) FROM pg_replication_slots'), 0, 'south has left: no slot is left behind');
my $left = delete $site{south};
equal('south has left', besides => ',spare,');
is_sound($hub, 'power', 'south has left');
$site{south} = $left;
$since = log_size();
$hub->safe_psql('power', chapter('at the hub: north joins', north => 'south'));
complaint(qr/"device_pkey".*?DETAIL:  Key \(id\)=\($spare\) already exists/s, $since);
pass('a device that nobody can tell whose it is stops the copy of devices');
$hub->safe_psql('power', chapter('at the hub: a device that stayed behind', '00000000-0000-0000-0000-000000000000' => $spare));
copied('power');
equal('copied anew');
is_sound($hub, 'power', 'copied anew');

# --------------------------------------------------------- a new version

$hub->safe_psql('power', chapter('at the hub: a new version'));
$north->safe_psql('power', chapter('at the site: a new version'));
is($north->safe_psql('power', q{SELECT extversion FROM pg_extension WHERE extname = 'powerpanel'}),
	$hub->safe_psql('power', q{SELECT extversion FROM pg_extension WHERE extname = 'powerpanel'}), 'the site has caught up');
$north->safe_psql('power', q{
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position)
	SELECT 'newer', id, 'on loan', powerpanel.find_breaker_position(id, 1) FROM powerpanel.power_panel WHERE name = 'Busy'});
equal('a newer version');

# -------------------------------------------------- sites move to new servers

# One by a physical copy.
$south->backup('copy');
my $new = PostgreSQL::Test::Cluster->new('south2');
$new->init_from_backup($south, 'copy', has_streaming => 1);
reachable($new);
$new->start;
$south->safe_psql('power', q{UPDATE powerpanel.device SET custom_fields = '{"moved": "before"}'});
$south->wait_for_catchup('south');
$south->wait_for_catchup($new, 'replay', $south->lsn('insert'));
$hub->safe_psql('power', chapter('at the hub: south moves'));
$south->stop;
$new->promote;
$new->safe_psql('power', chapter('at the new server: the slot'));
$new->safe_psql('power', q{DELETE FROM powerpanel.power_feed WHERE name = 'AX-1'; UPDATE powerpanel.power_feed SET comments = 'from the new server'});
$line{south2} = line_to($new, 'power');
$hub->safe_psql('power', chapter('at the hub: south has moved'));
$site{south} = [ $new, 'power' ];
equal('moved by a physical copy');

# One by a dump.
my $file = PostgreSQL::Test::Utils::tempdir() . '/dump.sql';
$north->wait_for_catchup('north');
$north->command_ok([ 'pg_dump', '--no-publications', '-f', $file, '-d', $north->connstr('power') ], 'north is dumped');
$new->safe_psql('postgres', 'CREATE DATABASE north');
run_file($new, 'north', $file, 'north is restored', '-o', File::Spec->devnull);
$new->safe_psql('north', chapter('at the site: what it publishes'));
$line{north2} = line_to($new, 'north');
$hub->safe_psql('power', chapter('at the hub: north has moved'));
is($north->safe_psql('power', 'SELECT count(*) FROM pg_replication_slots'), 0, 'no slot is left behind at the old server');
$north->stop;
$site{north} = [ $new, 'north' ];
$new->safe_psql('north', q{DELETE FROM powerpanel.power_feed WHERE name = 'newer'; UPDATE powerpanel.device SET name = name || ' north'});
$new->safe_psql('power', q{UPDATE powerpanel.device SET name = name || ' south'});
equal('moved by a dump');
is_sound($hub, 'power', 'moved');

# --------------------------------------------------------- a dump of the hub

$hub->command_ok([ 'pg_dump', '--no-subscriptions', '-f', $file, '-d', $hub->connstr('power') ], 'the hub is dumped');
$hub->safe_psql('postgres', 'CREATE DATABASE plan');
run_file($hub, 'plan', $file, 'the dump is restored', '-o', File::Spec->devnull);
equal('a dump of the hub', db => 'plan');
is_sound($hub, 'plan', 'a dump of the hub');
is($hub->safe_psql('plan', $statuses), $hub->safe_psql('power', $statuses), 'a dump of the hub: statuses');

# --------------------------------------------------------- two hubs, a centre

SKIP:
{
	if ($hub->safe_psql('postgres', q{SELECT count(*) FROM pg_available_extensions WHERE name = 'postgres_fdw'}) eq '0')
	{
		delete $unused{$_} foreach grep { /centre|of a region/ } keys %unused;
		skip 'this PostgreSQL came without postgres_fdw', 1;
	}
	my %region = (east => 'north', west => 'south');
	foreach my $region (sort keys %region)
	{
		my $site = $region{$region};
		my ($node, $db) = @{ $site{$site} };
		$hub->safe_psql('postgres', "CREATE DATABASE $region");
		$hub->safe_psql($region, chapter('at the hub: the inventory, and who reads it', 'CREATE ROLE fleet_reader NOLOGIN;' => ''));
		$hub->safe_psql($region, $new_status);
		$hub->safe_psql($region, chapter('at the hub: the site of each location'));
		$hub->safe_psql($region, chapter('at the hub of a region: what the centre asks for'));
		$hub->safe_psql($region, chapter('at the hub of a region: racks with their region', east => $region));
		local $line{$site} = line_to($node, $db);
		$hub->safe_psql($region, chapter('at the hub: north joins',
			'SUBSCRIPTION north' => "SUBSCRIPTION $region", 'host=north' => "host=$site"));
	}
	copied($_) foreach sort keys %region;
	$site{ $region{$_} }[0]->wait_for_catchup($region{$_}) foreach sort keys %region;

	my $host = $hub->host . "', port '" . $hub->port;
	$hub->safe_psql('postgres', 'CREATE DATABASE centre');
	$hub->safe_psql('centre', chapter('at the centre: the hub of the east',
		east => $_, "$_.example.net" => $host, "dbname 'power'" => "dbname '$_'")) foreach sort keys %region;
	$hub->safe_psql('centre', chapter('at the centre: the racks of the fleet'));
	$hub->safe_psql('centre', chapter('at the centre: the audit of the fleet'));

	is($hub->safe_psql('centre', q{
			SELECT rack_id, name, devices_va, power_limit, feeds, available_power, usable_power, allocated_va, maximum_va, utilization, redundancy
			FROM fleet.rack_power ORDER BY rack_id}),
		$hub->safe_psql('power', 'SELECT * FROM powerpanel.rack_power ORDER BY rack_id'),
		'the centre: rack_power is what it is at one hub of all sites');
	my $outages_there = $outages =~ s/powerpanel\.contingency\(\)/%s.contingency/r;
	is( $hub->safe_psql('centre', sprintf("SELECT * FROM ($outages_there UNION ALL $outages_there) AS o ORDER BY object_id", 'east', 'west')),
		$hub->safe_psql('power', "$outages ORDER BY object_id"),
		'the centre: contingency() is what it is at one hub of all sites');
	is($hub->safe_psql('centre', q{SELECT count(*) FROM fleet.integrity WHERE severity = 'error'}), 0, 'the centre: the audit is clean');
	$new->safe_psql('power', q{
		SET session_replication_role = replica;
		UPDATE powerpanel.power_feed SET breaker_position = 33 WHERE name = 'Dock door'});
	$hub->poll_query_until('centre', q{SELECT count(*) > 0 FROM fleet.integrity WHERE severity = 'error'}) or die 'the centre does not see it';
	is($hub->safe_psql('centre', q{SELECT DISTINCT region, rule FROM fleet.integrity WHERE severity = 'error'}),
		'west|power_feed_breaker_conflict', 'the centre: a row broken by force is found, and where');
	$new->safe_psql('power', q{
		UPDATE powerpanel.power_feed SET breaker_position = powerpanel.find_breaker_position(power_panel_id, breaker_pole_count)
		WHERE name = 'Dock door'});

	my $plan = $hub->safe_psql('centre', 'EXPLAIN SELECT * FROM fleet.rack_power');
	like($plan, qr/Async Foreign Scan on rack_power.*Async Foreign Scan on rack_power/s, 'the centre: both hubs are asked at once');
	$plan = $hub->safe_psql('centre', q{EXPLAIN VERBOSE SELECT * FROM fleet.rack_power WHERE region = 'west'});
	unlike($plan, qr/\beast\.rack_power/, 'the centre: a region alone is asked of its hub alone');
	$plan = $hub->safe_psql('centre', q{EXPLAIN VERBOSE SELECT name FROM east.power_feed
		WHERE type = 'redundant' AND occupied_positions OPERATOR(powerpanel.&&) '5, 7'::powerpanel.position_set});
	like($plan, qr/Remote SQL: .*WHERE (?=.*redundant).*&&/, 'the centre: conditions are evaluated at the hub');
	my ($rc, $out, $err) = $hub->psql('centre', q{INSERT INTO east.location (name) VALUES ('nowhere')});
	like($err, qr/does not allow inserts/, 'the centre writes nothing');

	my $one_down = q{BEGIN; ALTER SERVER east OPTIONS (SET dbname 'nowhere');};
	($rc, $out, $err) = $hub->psql('centre', "$one_down SELECT count(*) FROM fleet.rack_power");
	like($err, qr/could not connect to server "east"/, 'the centre: a question to a hub that is down fails');
	is($hub->safe_psql('centre', "$one_down SELECT count(*) FROM fleet.rack_power WHERE region = 'west'"), 2,
		'the centre: a question to the other is answered');

	my $by_region = chapter('at the centre: racks by region');
	is( $hub->safe_psql('centre', $by_region),
		$hub->safe_psql('power', q{
			SELECT CASE s.site WHEN 'North' THEN 'east' ELSE 'west' END, sum(p.usable_power)
			FROM powerpanel.rack_power AS p JOIN powerpanel.rack AS r ON r.id = p.rack_id JOIN fleet.location_site AS s USING (location_id)
			GROUP BY 1 ORDER BY 1}),
		'the centre: sums by region');
	$plan = $hub->safe_psql('centre', q{SET enable_partitionwise_aggregate = on;
		EXPLAIN VERBOSE SELECT region, sum(usable_power) FROM fleet.rack_region GROUP BY region});
	like($plan, qr/Remote SQL: .*sum\(usable_power\).*Remote SQL: .*sum\(usable_power\)/s, 'the centre: and the hubs work them out');
}

# What is said of partitioning, by each column of each table.
$hub->safe_psql('postgres', 'CREATE DATABASE parts');
my ($rc, $out, $err) = $hub->psql('parts', q{
	CREATE EXTENSION powerpanel;
	DO $$
	DECLARE
		col record;
	BEGIN
		FOR col IN
			SELECT c.relname, a.attname FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
			WHERE c.relnamespace = 'powerpanel'::regnamespace AND c.relkind = 'r' AND c.relname <> 'feed_status'
				AND a.attnum > 0
		LOOP
			BEGIN
				EXECUTE format('CREATE TABLE public.%1$I (LIKE powerpanel.%1$I INCLUDING ALL) PARTITION BY HASH (%2$I)',
					col.relname, col.attname);
				EXECUTE format('DROP TABLE public.%I', col.relname);
				RAISE NOTICE 'can: %.%', col.relname, col.attname;
			EXCEPTION WHEN feature_not_supported OR invalid_object_definition THEN
				NULL;
			END;
		END LOOP;
	END
	$$}, on_error_die => 1);
is(join(' ', $err =~ /can: (\S+)/g), 'device.id', 'device alone could be partitioned, by its key');

# What is said of collisions: keys without a uuid, or with one that NULLs make equal.
is( $hub->safe_psql('parts', q{
		SELECT string_agg(i.indexrelid::regclass::text, ' ' ORDER BY i.indexrelid::regclass::text COLLATE "C")
		FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
		WHERE c.relnamespace = 'powerpanel'::regnamespace AND i.indisunique AND NOT EXISTS (
			SELECT FROM pg_attribute AS a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
				AND a.atttypid = 'uuid'::regtype AND (a.attnotnull OR NOT i.indnullsnotdistinct))}),
	'powerpanel.feed_status_pkey powerpanel.location_parent_id_name_key', 'only statuses and root locations can collide');

# --------------------------------------------- a row that several sites have

my $region = q{INSERT INTO powerpanel.location (id, name) VALUES ('cf0b3a52-6c0e-4e4b-9d5b-0c4f6b1f2a11', 'EMEA');};
$hub->safe_psql('power', "BEGIN READ WRITE; $region COMMIT");
foreach my $name (sort keys %site)
{
	my ($node, $db) = @{ $site{$name} };
	my $list = join ', ', map { "powerpanel.$_" . ($_ eq 'location' ? q{ WHERE (id <> 'cf0b3a52-6c0e-4e4b-9d5b-0c4f6b1f2a11')} : '') } @tables;
	$node->safe_psql($db, qq{
		ALTER PUBLICATION fleet SET TABLE $list;
		$region
		UPDATE powerpanel.location SET parent_id = 'cf0b3a52-6c0e-4e4b-9d5b-0c4f6b1f2a11' WHERE name IN ('North', 'South')});
}
equal('a row that both sites have', shared => ',EMEA,');
is_sound($hub, 'power', 'a row that both sites have');

is(join("\n", sort keys %unused), '', 'every block of the chapter was run');
$_->stop foreach $new, $hub;
done_testing();
