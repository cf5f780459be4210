# A second server. Logical replication carries the inventory row by row, with
# the subscriber's triggers off: it must arrive as it is, and what was broken at
# the publisher must be found at the subscriber. A physical standby answers
# every question, and once promoted refuses what its primary refused.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Inventory;
use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $publisher = PostgreSQL::Test::Cluster->new('publisher');
$publisher->init(allows_streaming => 'logical');
$publisher->append_conf('postgresql.conf', 'autovacuum = off');
$publisher->start;
create_inventory($publisher, 'postgres');

my $subscriber = PostgreSQL::Test::Cluster->new('subscriber');
$subscriber->init;
$subscriber->append_conf('postgresql.conf', "max_worker_processes = 20\nmax_logical_replication_workers = 12");
$subscriber->start;

my $connection = $publisher->connstr . ' dbname=postgres';

# The statuses that come with the extension are on both sides, and a copy would
# meet them. Either the subscriber gives up its own ...
$subscriber->safe_psql('postgres', 'CREATE EXTENSION powerpanel; DELETE FROM powerpanel.feed_status');
$publisher->safe_psql('postgres', 'CREATE PUBLICATION inventory FOR TABLES IN SCHEMA powerpanel');
$subscriber->safe_psql('postgres', "CREATE SUBSCRIPTION everything CONNECTION '$connection' PUBLICATION inventory");

# ... or the publication leaves them out. Here the rows travel in binary form.
$subscriber->safe_psql('postgres', 'CREATE DATABASE filtered');
$subscriber->safe_psql('filtered', 'CREATE EXTENSION powerpanel');
$publisher->safe_psql(
	'postgres', q{
	CREATE PUBLICATION filtered FOR TABLE
		powerpanel.feed_status WHERE (name NOT IN ('offline', 'active', 'planned', 'failed')),
		powerpanel.location, powerpanel.rack_group, powerpanel.rack, powerpanel.device,
		powerpanel.power_panel, powerpanel.power_feed, powerpanel.power_port, powerpanel.power_bank, powerpanel.power_outlet,
		powerpanel.cable});
$subscriber->safe_psql('filtered',
	"CREATE SUBSCRIPTION filtered CONNECTION '$connection' PUBLICATION filtered WITH (binary = true)");

my @copies = ([ 'postgres', 'everything' ], [ 'filtered', 'filtered' ]);

sub caught_up
{
	foreach my $copy (@copies)
	{
		my ($db, $subscription) = @$copy;
		$subscriber->poll_query_until($db, q{SELECT count(*) = 0 FROM pg_subscription_rel WHERE srsubstate NOT IN ('r', 's')})
		  or die 'the initial copy does not end';
		$publisher->wait_for_catchup($subscription);
	}
	return;
}

# The subscriber has what the publisher has, derived columns included.
sub equal
{
	my ($when) = @_;
	caught_up();
	my $expected = inventory($publisher, 'postgres');
	foreach my $copy (@copies)
	{
		my ($db, $subscription) = @$copy;
		my $got = inventory($subscriber, $db);
		same_rows($got->{$_}, $expected->{$_}, "$when, $subscription: rows of $_") foreach sort keys %$expected;
	}
	return;
}

sub sound
{
	my ($when) = @_;
	is_sound($subscriber, $_->[0], "$when, $_->[1]") foreach @copies;
	return;
}

equal('initial copy');
sound('initial copy');

# One step at a time, each with a comparison of all rows.
my @changes = (
	[ 'a numbering', q{UPDATE power_panel SET numbering = 'across', circuit_positions = NULL WHERE name = 'Busway'} ],
	[ 'a bus', q{UPDATE power_panel SET bus = 'split-phase' WHERE name = 'Rectifier'} ],
	[ 'a swap of breakers', q{
		UPDATE power_feed f SET breaker_position = o.breaker_position
		FROM power_feed o, power_panel p
		WHERE p.name = 'House' AND f.power_panel_id = p.id AND o.power_panel_id = p.id
			AND f.breaker_position IN (1, 5) AND o.breaker_position = 6 - f.breaker_position} ],
	[ 'a move to another panel', q{
		UPDATE power_feed SET name = 'moved', breaker_position = 99, power_panel_id = (SELECT id FROM power_panel WHERE name = 'Rectifier')
		WHERE breaker_position = 9 AND power_panel_id = (SELECT id FROM power_panel WHERE name = 'House')} ],
	[ 'many feeds', q{
		INSERT INTO power_panel (name, location_id) SELECT 'New', location_id FROM power_panel WHERE name = 'House';
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
		SELECT 'bulk ' || i, id, 'maintenance', i FROM power_panel, generate_series(1, 500) i WHERE name = 'New'} ],
	[ 'numbering of many feeds', q{
		UPDATE power_panel SET numbering = 'sequential' WHERE name = 'New'} ],
	[ 'a status', q{UPDATE feed_status SET energized = false WHERE name = 'maintenance'} ],
	[ 'a moved location', q{
		UPDATE location SET parent_id = NULL
		WHERE NOT EXISTS (SELECT FROM location c WHERE c.parent_id = location.id)
			AND NOT EXISTS (SELECT FROM rack r WHERE r.location_id = location.id)} ],
	[ 'deletes', q{
		DELETE FROM cable WHERE id IN (SELECT id FROM cable ORDER BY id LIMIT 5);
		DELETE FROM device WHERE id IN (SELECT id FROM device ORDER BY name LIMIT 3);
		DELETE FROM power_feed WHERE name LIKE 'bulk%'} ]);
foreach my $change (@changes)
{
	my ($what, $sql) = @$change;
	$publisher->safe_psql('postgres', "SET search_path = powerpanel; BEGIN; $sql; COMMIT");
	equal($what);
}
is_sound($publisher, 'postgres', 'after the changes, publisher');
sound('after the changes');

# A row that was broken on purpose arrives broken, and is found there.
$publisher->safe_psql(
	'postgres', q{
	SET session_replication_role = replica;
	SET search_path = powerpanel;
	UPDATE power_feed SET breaker_position = 13
	WHERE breaker_position = 17 AND power_panel_id = (SELECT id FROM power_panel WHERE name = 'House');
	UPDATE power_panel SET circuit_positions = 10 WHERE name = 'Busway'});
equal('broken on purpose');
foreach my $copy (@copies)
{
	my @found = same_as_audit($subscriber, $copy->[0], "broken on purpose, $copy->[1]: checker and audit find the same");
	is(join(' ', sort keys %{ { map { (split / /)[0] => 1 } @found } }),
		'power_feed_breaker_capacity power_feed_breaker_conflict', "broken on purpose, $copy->[1]: they find it");
}
$publisher->safe_psql(
	'postgres', q{
	SET search_path = powerpanel;
	UPDATE power_panel SET circuit_positions = NULL WHERE name = 'Busway';
	DELETE FROM power_feed WHERE breaker_position = 13 AND power_panel_id = (SELECT id FROM power_panel WHERE name = 'House')});
equal('put right');
sound('put right');

# Whoever writes at the subscriber is checked there.
refuses_conflict($subscriber, $_->[0], "a write at the subscriber, $_->[1]") foreach @copies;

# A publication FOR ALL TABLES carries the record of policies, too. What is
# applied by replication makes none, and changes no record.
$subscriber->safe_psql('postgres', 'CREATE DATABASE all_tables; CREATE ROLE here');
$subscriber->safe_psql('all_tables', q{
	CREATE EXTENSION powerpanel;
	DELETE FROM powerpanel.feed_status;
	ALTER TABLE powerpanel.device ENABLE ROW LEVEL SECURITY;
	CREATE POLICY twice ON powerpanel.device TO here USING (true)});
my $record = q{SELECT table_name, policy, definition FROM powerpanel_internal.row_security ORDER BY 1, 2;
	SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY 1; SELECT tablename, policyname, roles, qual FROM pg_policies ORDER BY 1, 2};
my $own = $subscriber->safe_psql('all_tables', $record);
$publisher->safe_psql('postgres', q{
	CREATE ROLE there;
	ALTER TABLE powerpanel.rack ENABLE ROW LEVEL SECURITY;
	CREATE POLICY before ON powerpanel.rack TO there USING (name <> 'x');
	CREATE PUBLICATION all_tables FOR ALL TABLES});
$subscriber->safe_psql('all_tables', "CREATE SUBSCRIPTION all_tables CONNECTION '$connection' PUBLICATION all_tables");
push @copies, [ 'all_tables', 'all_tables' ];
caught_up();
is($subscriber->safe_psql('all_tables', $record), $own, 'FOR ALL TABLES: the copy leaves policies alone');
foreach my $change (
	q{ALTER TABLE powerpanel.device ENABLE ROW LEVEL SECURITY; CREATE POLICY twice ON powerpanel.device TO there USING (name = 'there')},
	q{ALTER POLICY before ON powerpanel.rack USING (name <> 'y')},
	q{DROP POLICY twice ON powerpanel.device},
	q{ALTER TABLE powerpanel.rack DISABLE ROW LEVEL SECURITY; ALTER TABLE powerpanel.device DISABLE ROW LEVEL SECURITY},
	q{DROP POLICY before ON powerpanel.rack})
{
	$publisher->safe_psql('postgres', "$change; UPDATE powerpanel.location SET name = name || '.' WHERE parent_id IS NULL");
	caught_up();
	is($subscriber->safe_psql('all_tables', $record), $own, "FOR ALL TABLES: $change");
	is($subscriber->safe_psql('all_tables', 'SELECT name FROM powerpanel.location WHERE parent_id IS NULL ORDER BY 1'),
		$publisher->safe_psql('postgres', 'SELECT name FROM powerpanel.location WHERE parent_id IS NULL ORDER BY 1'), '... and apply goes on');
}
pop @copies;
$subscriber->safe_psql('all_tables', 'DROP SUBSCRIPTION all_tables');

# Generated columns are not sent, which they can be from 18 on: the subscriber, which
# generates them itself, stops then, at what was written meanwhile for good.
SKIP:
{
	skip 'a publication has no generated columns before PostgreSQL 18', 1 if $publisher->pg_version < 18;
	my $stops = qr/logical replication target relation "powerpanel.power_feed" has incompatible generated column/;
	my $write = 'UPDATE powerpanel.power_feed SET amperage = amperage WHERE id = (SELECT id FROM powerpanel.power_feed LIMIT 1)';

	my $place = -s $subscriber->logfile;
	$publisher->safe_psql('postgres', "ALTER PUBLICATION filtered SET (publish_generated_columns = stored); $write");
	$subscriber->wait_for_log($stops, $place);
	$publisher->safe_psql('postgres', "ALTER PUBLICATION filtered SET (publish_generated_columns = none); $write");
	$place = -s $subscriber->logfile;
	$subscriber->wait_for_log($stops, $place);
	pass('with generated columns in the publication the subscriber stops');
}

$subscriber->safe_psql('postgres', 'DROP SUBSCRIPTION everything');
$subscriber->safe_psql('filtered', 'DROP SUBSCRIPTION filtered');
$subscriber->stop;

# ----------------------------------------------------------------- a standby

$publisher->backup('base');
my $standby = PostgreSQL::Test::Cluster->new('standby');
$standby->init_from_backup($publisher, 'base', has_streaming => 1);
$standby->start;
$publisher->wait_for_catchup($standby, 'replay', $publisher->lsn('insert'));

# Every view, every function that needs no argument, and every one that takes a
# panel and nothing else.
my @questions = split /\n/, $publisher->safe_psql(
	'postgres', q{
	SELECT 'SELECT * FROM powerpanel.' || quote_ident(relname)
	FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'v'
	UNION ALL
	SELECT 'SELECT * FROM powerpanel.' || quote_ident(proname) || '()'
	FROM pg_proc WHERE pronamespace = 'powerpanel'::regnamespace AND prokind = 'f' AND pronargs = pronargdefaults AND proname NOT IN ('simulate_outage', 'simulate_trips')
		AND provolatile <> 'v' AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
	UNION ALL
	SELECT format('SELECT p.name, t FROM powerpanel.power_panel AS p, LATERAL powerpanel.%I(ARRAY[p.id]) AS t', f) FROM unnest('{simulate_outage,simulate_trips}'::text[]) AS f
	UNION ALL
	SELECT 'SELECT p.name, t FROM powerpanel.power_panel AS p, LATERAL powerpanel.' || quote_ident(proname) || '(p.id) AS t'
	FROM pg_proc WHERE pronamespace = 'powerpanel'::regnamespace AND prokind = 'f' AND provolatile <> 'v'
		AND pronargs - pronargdefaults <= 1 AND pronargs > 0 AND proargtypes[0] = 'uuid'::regtype AND proargnames[1] = 'panel'
	UNION ALL
	SELECT 'SELECT name, powerpanel.find_breaker_position(id, poles, balance) FROM powerpanel.power_panel, generate_series(1, 3) poles, (VALUES (true), (false)) v (balance)'});
cmp_ok(scalar(@questions), '>=', 8, 'there are questions to ask');
foreach my $question (@questions)
{
	my $sql = "SELECT t::text FROM ($question) AS t ORDER BY 1";
	is($standby->safe_psql('postgres', $sql), $publisher->safe_psql('postgres', $sql), "the standby answers: $question");
}
is_sound($standby, 'postgres', 'standby');

my ($rc, $out, $err) = $standby->psql('postgres',
	q{\set VERBOSITY verbose
	INSERT INTO powerpanel.location (name) VALUES ('elsewhere')});
like($err, qr/25006/, 'the standby takes no writes');

# The primary dies in the middle of a transaction; its standby takes over.
my $expected = inventory($publisher, 'postgres');
my $writer = $publisher->background_psql('postgres');
$writer->query_safe(q{BEGIN; INSERT INTO powerpanel.location (name) VALUES ('lost')});
$publisher->wait_for_catchup($standby, 'replay', $publisher->lsn('insert'));
$publisher->stop('immediate');
$writer->{run}->finish;
$standby->promote;
arrived($standby, 'postgres', 'promoted', $expected);
$standby->safe_psql('postgres', q{
	SET search_path = powerpanel;
	UPDATE power_panel SET numbering = 'sequential' WHERE name = 'House';
	INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
	SELECT 'after', id, 'active', find_breaker_position(id, 1) FROM power_panel WHERE name = 'House'});
is_sound($standby, 'postgres', 'promoted, written to');
$standby->stop;

done_testing();
