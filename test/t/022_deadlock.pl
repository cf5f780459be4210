# How an application lives with the locks. Whoever writes a breaker locks its
# panel until the transaction ends, so two transactions that take the same
# panels in opposite order can deadlock; PostgreSQL ends one of them (40P01),
# which is tried again. Those that sort by panel, or write one panel in a
# transaction, never meet one. The figures are printed.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $rounds = $ENV{POWERPANEL_ROUNDS} // 100;
note("POWERPANEL_ROUNDS=$rounds (at most 150, as a panel has 1000 places)");

my $node = PostgreSQL::Test::Cluster->new('deadlock');
$node->init;
$node->append_conf('postgresql.conf', "deadlock_timeout = ${\($ENV{POWERPANEL_DEADLOCK_TIMEOUT} // '10ms')}\nlog_min_messages = fatal");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

my $dir = PostgreSQL::Test::Utils::tempdir;

# Two sessions run $rounds transactions each, every one written like a random
# one of @scripts. Every one succeeds in the end. Returns how many had to be
# tried again, and how often in all.
sub two_sessions
{
	my ($how, $isolation, @scripts) = @_;
	my @files;

	$node->safe_psql(
		'postgres', q{
		SET search_path = powerpanel;
		TRUNCATE power_feed, cable;
		DELETE FROM power_outlet; DELETE FROM power_port; DELETE FROM device;
		DELETE FROM power_panel; DELETE FROM location;
		INSERT INTO location (name) VALUES ('hall');
		INSERT INTO power_panel (name, location_id, circuit_positions)
		SELECT n, id, 1000 FROM location, unnest('{P,Q}'::text[]) n;
		CREATE SEQUENCE IF NOT EXISTS public.place;
		ALTER SEQUENCE public.place RESTART});
	foreach my $i (0 .. $#scripts)
	{
		append_to_file("$dir/$how-$i.sql", "$scripts[$i]\n");
		push @files, '-f', "$dir/$how-$i.sql";
	}
	my ($out, $err) = run_command(
		[   'env', "PGOPTIONS=-c search_path=powerpanel -c default_transaction_isolation=${\($isolation =~ s/ /\\ /gr)}",
			'pgbench', '--no-vacuum', '--client=2', '--jobs=2', "--transactions=$rounds",
			'--max-tries=1000', '--failures-detailed', '--random-seed=1', @files, $node->connstr('postgres')
		]);
	my ($done) = $out =~ /transactions actually processed: (\d+)/;
	my ($retried) = $out =~ /transactions retried: (\d+)/;
	my ($retries) = $out =~ /total number of retries: (\d+)/;
	is($done, 2 * $rounds, "$how: every transaction succeeds in the end") or diag($out, $err);
	note(sprintf('%s, %s: %d transactions, %d of them retried (%.1f %%), %d retries',
		$how, $isolation, 2 * $rounds, $retried, 100 * $retried / (2 * $rounds), $retries));
	is_sound($node, 'postgres', $how);
	return ($retried, $retries);
}

# A feed at a place that nobody else has, so that only the locks meet.
sub add
{
	my ($panel) = @_;
	return "INSERT INTO power_feed (name, power_panel_id, status, breaker_position)"
	  . " SELECT 'F' || v.n, p.id, 'active', v.n FROM power_panel p, (SELECT nextval('public.place') AS n OFFSET 0) v WHERE p.name = '$panel';";
}

my $both = "INSERT INTO power_feed (name, power_panel_id, status, breaker_position)"
  . " SELECT 'F' || v.n, p.id, 'active', v.n FROM (SELECT nextval('public.place') AS n OFFSET 0) v, power_panel p ORDER BY p.name";

my ($retried) = two_sessions('opposite order', 'read committed',
	"BEGIN;\n" . add('P') . "\n" . add('Q') . "\nCOMMIT;",
	"BEGIN;\n" . add('Q') . "\n" . add('P') . "\nCOMMIT;");
cmp_ok($retried, '>', 0, 'opposite order: there are deadlocks indeed');

two_sessions('opposite order, one statement', 'read committed', "$both;", "$both DESC;");

($retried) = two_sessions('sorted by panel', 'read committed',
	"BEGIN;\n" . add('P') . "\n" . add('Q') . "\nCOMMIT;");
is($retried, 0, 'sorted by panel: no deadlock');

($retried) = two_sessions('sorted by panel, one statement', 'read committed', "$both;");
is($retried, 0, 'sorted by panel, one statement: no deadlock');

($retried) = two_sessions('one panel in a transaction', 'read committed', add('P'), add('Q'));
is($retried, 0, 'one panel in a transaction: no deadlock');

($retried) = two_sessions('locked first', 'read committed',
	map { "BEGIN;\nSELECT FROM power_panel WHERE name IN ('P', 'Q') ORDER BY id FOR NO KEY UPDATE;\n" . add($_->[0]) . "\n" . add($_->[1]) . "\nCOMMIT;" }
	  [qw(P Q)], [qw(Q P)]);
is($retried, 0, 'panels locked first, in order: no deadlock');

two_sessions('opposite order, repeatable read', 'repeatable read',
	"BEGIN;\n" . add('P') . "\n" . add('Q') . "\nCOMMIT;",
	"BEGIN;\n" . add('Q') . "\n" . add('P') . "\nCOMMIT;");
two_sessions('sorted by panel, serializable', 'serializable',
	"BEGIN;\n" . add('P') . "\n" . add('Q') . "\nCOMMIT;");

$node->stop;
done_testing();
