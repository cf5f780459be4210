# After a crash in the middle of a bulk load, what was committed is there, what
# was not is gone, the invariants hold, and the server goes on refusing: a
# backend killed, the whole server stopped at once, and a transaction that was
# prepared before, whose locks hold on.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Inventory;
use Invariants;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('crash');
$node->init;
$node->append_conf(
	'postgresql.conf', q{
restart_after_crash = on
max_prepared_transactions = 5
autovacuum = off
# small, so that rows reach the files before they are committed
shared_buffers = 2MB
});
$node->start;
create_inventory($node, 'postgres');
$node->safe_psql('postgres', q{
	SET search_path = powerpanel;
	INSERT INTO location (name) VALUES ('bulk');
	INSERT INTO power_panel (name, location_id, circuit_positions)
	SELECT 'Bulk ' || i, l.id, 300 FROM location l, generate_series(1, 200) i WHERE l.name = 'bulk';
	INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
	SELECT 'old ' || i, p.id, 'active', 6 * i + 1, 2
	FROM power_panel p, generate_series(0, 9) i WHERE p.name LIKE 'Bulk %'});

my $dir = PostgreSQL::Test::Utils::tempdir;
my $scripts = 0;
my $timeout = 10 * $PostgreSQL::Test::Utils::timeout_default;

# Starts a psql that works on its own; $$out shows what it prints.
sub background
{
	my ($sql) = @_;
	my ($out, $err) = ('', '');
	my $file = "$dir/" . ++$scripts . '.sql';
	append_to_file($file, "SET search_path = powerpanel;\nSELECT 'pid ' || pg_backend_pid();\n$sql\n");
	my $run = IPC::Run::start(
		[ 'psql', '-X', '-At', '-d', $node->connstr('postgres'), '-f', $file ],
		'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timer($timeout));
	$run->pump until $out =~ /^pid (\d+)$/m;
	return { run => $run, pid => $1, out => \$out, err => \$err };
}

# Waits until that backend has filled so much of a table that it is well under way.
sub under_way
{
	my ($session, $table, $more) = @_;
	my $before = $session->{before};
	$node->poll_query_until('postgres',
		"SELECT pg_relation_size('powerpanel.$table') > $before + $more"
		  . " AND EXISTS (SELECT FROM pg_stat_activity WHERE pid = $session->{pid} AND state = 'active')")
	  or die "the bulk load does not get under way: ${$session->{err}}";
	return;
}

sub size { return $node->safe_psql('postgres', "SELECT pg_relation_size('powerpanel.$_[0]')"); }

# A million feeds: more than anybody waits for.
my $load = q{
INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
SELECT 'bulk ' || i || '/' || n, p.id, 'active', CASE WHEN n = 0 AND i < 40 THEN 6 * i + 4 END, 2
FROM generate_series(0, 4999) i, generate_series(0, 0) n, power_panel p WHERE p.name LIKE 'Bulk %';};
my $renumber = q{
UPDATE power_panel SET numbering = CASE numbering WHEN 'across' THEN 'sequential' ELSE 'across' END::panel_numbering
WHERE name LIKE 'Bulk %';};

# ------------------------------------------------------ a backend is killed

my $before = inventory($node, 'postgres');
my $start = size('power_feed');
my $session = background("BEGIN;\n$renumber\n$load\nCOMMIT;");
$session->{before} = $start;
# Another one commits meanwhile, on another panel.
$node->safe_psql('postgres', q{
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position)
	SELECT 'committed', id, 'active', 94 FROM powerpanel.power_panel WHERE name = 'Busway'});
under_way($session, 'power_feed', 1_000_000);
my $log_end = -s $node->logfile;
is(kill(9, $session->{pid}), 1, 'killed: the backend that loads');
$session->{run}->finish;
like(${ $session->{err} }, qr/server closed the connection|terminat/, 'killed: it has noticed');
# The session may have noticed before the server has, which would still take a query.
$node->wait_for_log(qr/all server processes terminated; reinitializing/, $log_end);
$node->poll_query_until('postgres', 'SELECT true') or die 'the server does not come back';

is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.power_feed WHERE name LIKE 'bulk%'}), '0',
	'killed: nothing of the load is left');
is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.power_feed WHERE name = 'committed'}), '1',
	'killed: what was committed is there');
$node->safe_psql('postgres', q{DELETE FROM powerpanel.power_feed WHERE name = 'committed'});
arrived($node, 'postgres', 'killed', $before);

# ------------------------------------------------ the server is stopped at once

foreach my $round (1, 2)
{
	# The same work in small transactions beside it, so that some are committed.
	my $small = join '', map {
		"INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)"
		  . " SELECT 'small $round/$_', id, 'active', ${\($_ > 90 ? 'NULL' : 100 * $round + $_)}, 1 FROM power_panel WHERE name = 'Rectifier';\n\\echo done $_\n"
	} 1 .. 5000;
	my $size = size('power_feed');
	my @sessions = (background("BEGIN;\n$load\nCOMMIT;"), background($small), background($renumber x 50));
	$sessions[0]{before} = $size;
	under_way($sessions[0], 'power_feed', 500_000 * $round);
	$sessions[1]{run}->pump until ${ $sessions[1]{out} } =~ /done 5$/m || !$sessions[1]{run}->pumpable;
	$node->stop('immediate');
	$_->{run}->finish foreach @sessions;
	$node->start;

	my @done = ${ $sessions[1]{out} } =~ /^done (\d+)$/mg;
	is( $node->safe_psql('postgres',
			"SELECT count(*) FROM powerpanel.power_feed WHERE name = ANY ('{" . join(',', map { "small $round/$_" } @done) . "}')"),
		scalar(@done), "immediate stop, round $round: all that was committed is there (" . @done . " small ones)");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.power_feed WHERE name LIKE 'bulk%'}), '0',
		"immediate stop, round $round: nothing of the load is left");
	is_sound($node, 'postgres', "immediate stop, round $round");
	refuses_conflict($node, 'postgres', "immediate stop, round $round");
}

# ------------------------------------------------------- a prepared transaction

# It has a place on a panel, and a loop in the making.
$node->safe_psql(
	'postgres', q{
	SET search_path = powerpanel;
	INSERT INTO power_panel (name, location_id) SELECT n, id FROM location, unnest('{T,U}'::text[]) n WHERE name = 'bulk';
	BEGIN;
	INSERT INTO power_feed (name, power_panel_id, status, destination_panel_id, breaker_position)
	SELECT 'prepared', t.id, 'active', u.id, 5 FROM power_panel t, power_panel u WHERE t.name = 'T' AND u.name = 'U';
	PREPARE TRANSACTION 'p'});
$node->stop('immediate');
$node->start;
my %attempt = (
	'the same place' => q{
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
		SELECT 'second', id, 'active', 5 FROM power_panel WHERE name = 'T'},
	'the way back' => q{
		INSERT INTO power_feed (name, power_panel_id, status, destination_panel_id)
		SELECT 'third', u.id, 'active', t.id FROM power_panel t, power_panel u WHERE t.name = 'T' AND u.name = 'U'});

sub attempt
{
	my ($what) = @_;
	my ($rc, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSET search_path = powerpanel;\nSET lock_timeout = '100ms';\n$attempt{$what};");
	return $err;
}
foreach my $what (sort keys %attempt)
{
	like(attempt($what), qr/55P03/, "prepared: $what has to wait, also after a crash");
}
$node->safe_psql('postgres', q{COMMIT PREPARED 'p'});
like(attempt('the same place'), qr/23P01.*power_feed_breaker_conflict/s, 'prepared, then committed: the same place is refused');
like(attempt('the way back'), qr/23514.*power_feed_cycle/s, 'prepared, then committed: the way back is refused');
is_sound($node, 'postgres', 'prepared');

$node->stop;
done_testing();
