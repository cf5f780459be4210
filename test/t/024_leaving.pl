# A breaker that another transaction is about to take away is not in the way
# yet, nor out of it: whoever wants its place waits. In READ COMMITTED the place
# is theirs once the other has committed, and refused where it has rolled back.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('leaving');
$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\nmax_prepared_transactions = 2");
$node->start;
$node->safe_psql(
	'postgres', q{
	CREATE EXTENSION powerpanel;
	SET search_path = powerpanel;
	INSERT INTO location (name) VALUES ('hall');
	INSERT INTO power_panel (name, location_id, circuit_positions) SELECT n, id, 42 FROM location, unnest('{P,Q}'::text[]) n});

my @ways = (
	[ 'deleted', q{DELETE FROM power_feed WHERE name = 'leaving'} ],
	[ 'moved to another panel', q{UPDATE power_feed SET power_panel_id = (SELECT id FROM power_panel WHERE name = 'Q') WHERE name = 'leaving'} ],
	[ 'taken off its place', q{UPDATE power_feed SET breaker_position = NULL WHERE name = 'leaving'} ],
	[ 'taken off its place, without poles', q{UPDATE power_feed SET breaker_position = NULL, breaker_pole_count = NULL WHERE name = 'leaving'} ],
	[ 'moved on the panel', q{UPDATE power_feed SET breaker_position = 30 WHERE name = 'leaving'} ],
	[ 'shortened', q{UPDATE power_feed SET breaker_pole_count = 1 WHERE name = 'leaving'} ]);

foreach my $way (@ways)
{
	my ($name, $sql) = @$way;
	foreach my $end ('COMMIT', 'ROLLBACK')
	{
		$node->safe_psql(
			'postgres', q{
			SET search_path = powerpanel;
			DELETE FROM power_feed;
			INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
			SELECT 'leaving', id, 'active', 20, 2 FROM power_panel WHERE name = 'P'});
		# A prepared transaction is one that waits to be ended.
		$node->safe_psql('postgres', "SET search_path = powerpanel; BEGIN; $sql; PREPARE TRANSACTION 'x'");
		my ($out, $err) = ('', '');
		my $insert = q{
			INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position)
			SELECT 'coming', id, 'active', 22 FROM powerpanel.power_panel WHERE name = 'P';};
		my $coming = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('postgres'), '-c', $insert ],
			'<', \undef, '>', \$out, '2>', \$err, IPC::Run::timer($PostgreSQL::Test::Utils::timeout_default));
		$node->poll_query_until('postgres', q{SELECT count(*) > 0 FROM pg_locks WHERE NOT granted}) or die "does not wait: $err";
		$node->safe_psql('postgres', "$end PREPARED 'x'");
		$coming->finish;
		{
			if ($end eq 'COMMIT')
			{
				is($err, '', "$name, committed: the place is free");
			}
			else
			{
				like($err, qr/conflicts with power feed "leaving"/, "$name, rolled back: the place is taken");
			}
		}
		is_sound($node, 'postgres', "$name, \L$end");
	}
}

$node->stop;
done_testing();
