# pg_dump carries an inventory, and what a restore brings back is sound: every
# row is there again, and the rules hold as before. A plain dump is restored by
# psql, a custom one by four jobs at once, which load the tables in whatever
# order their foreign keys leave open.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# pg_restore goes by its own name, which the test modules replace.
delete $ENV{PGAPPNAME};

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;

# All rows of the extension's tables, as text: { table => "row\nrow\n..." }
sub inventory
{
	my ($db) = @_;
	my %rows;
	my $tables = $node->safe_psql(
		$db, q{
		SELECT relname FROM pg_class
		WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r'
		ORDER BY 1});

	foreach my $table (split /\n/, $tables)
	{
		# The primary key is each table's first column.
		$rows{$table} = $node->safe_psql($db,
			qq{SELECT t::text FROM powerpanel.$table t ORDER BY 1});
	}
	return \%rows;
}

# A table came back as it was; if not, tells a few of the rows that differ.
sub same_rows
{
	my ($got, $expected, $name) = @_;
	return if ok($got eq $expected, $name);

	my %got = map { $_ => 1 } split /\n/, $got;
	my %expected = map { $_ => 1 } split /\n/, $expected;
	my @missing = grep { !$got{$_} } sort keys %expected;
	my @strange = grep { !$expected{$_} } sort keys %got;
	diag(scalar(@missing) . ' rows are missing, ' . scalar(@strange) . ' were not there before');
	diag("missing: $_") foreach grep { defined } @missing[ 0 .. 2 ];
	diag("strange: $_") foreach grep { defined } @strange[ 0 .. 2 ];
	return;
}

# The restored database $db holds what $expected says, and its rules work.
sub check_restored
{
	my ($db, $how, $expected) = @_;
	my $restored = inventory($db);

	is_deeply([ sort keys %$restored ], [ sort keys %$expected ], "$how: the tables");
	same_rows($restored->{$_} // '', $expected->{$_}, "$how: rows of $_") foreach sort keys %$expected;

	is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', "$how: a clean audit");

	my ($rc, $out, $err) = $node->psql(
		$db, q{
		\set VERBOSITY verbose
		INSERT INTO powerpanel.power_feed (power_panel_id, name, status, breaker_position)
		SELECT power_panel_id, 'one too many', 'active', breaker_position
		FROM powerpanel.power_feed
		WHERE breaker_position IS NOT NULL
		ORDER BY id LIMIT 1});
	like($err, qr/23P01.*CONSTRAINT NAME:\s+power_feed_breaker_conflict/s, "$how: a conflict is refused");
	return;
}

$node->safe_psql('postgres', 'CREATE DATABASE source');
$node->safe_psql('source', 'CREATE EXTENSION powerpanel');
$node->command_ok(
	[
		'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('source'),
		'-f', "$FindBin::Bin/../../examples/datacenter.sql"
	],
	'the example inventory loads');

# A status of the user's own must be there before the feeds that have it, and
# those that the extension brings must not come twice.
$node->safe_psql(
	'source', q{
	INSERT INTO powerpanel.feed_status (name, energized) VALUES ('maintenance', true);
	INSERT INTO powerpanel.power_feed (power_panel_id, name, status, custom_fields)
	SELECT id, E'odd name: "quoted"\ttab, ' || chr(233), 'maintenance', '{"ticket": "4711"}'
	FROM powerpanel.power_panel ORDER BY name LIMIT 1;
	INSERT INTO powerpanel.power_bank (name, device_id, power_port_id, amperage)
	SELECT 'odd bank: "quoted"', device_id, power_port_id, 16
	FROM powerpanel.power_outlet WHERE power_port_id IS NOT NULL ORDER BY id LIMIT 1;
	UPDATE powerpanel.power_outlet AS o SET power_bank_id = b.id
	FROM powerpanel.power_bank AS b WHERE b.name LIKE 'odd bank%' AND o.power_port_id = b.power_port_id});

my $source = inventory('source');
foreach my $table (grep { $_ ne 'row_security' } sort keys %$source)
{
	isnt($source->{$table}, '', "the example has rows in $table");
}

$node->command_ok([ 'pg_dump', '-d', $node->connstr('source'), '-f', "$dir/plain.sql" ], 'plain: pg_dump');
$node->safe_psql('postgres', 'CREATE DATABASE plain TEMPLATE template0');
$node->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dir/plain.sql" ],
	'plain: psql restores it');
check_restored('plain', 'plain', $source);

$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('source'), '-f', "$dir/custom.dump" ], 'custom: pg_dump -Fc');
$node->safe_psql('postgres', 'CREATE DATABASE custom TEMPLATE template0');
$node->command_ok(
	[ 'pg_restore', '--exit-on-error', '-j', '4', '-d', $node->connstr('custom'), "$dir/custom.dump" ],
	'custom: pg_restore -j 4');
check_restored('custom', 'custom', $source);

# Data alone, into a database where the extension is created already.
$node->command_ok([ 'pg_dump', '-a', '-d', $node->connstr('source'), '-f', "$dir/data.sql" ], 'data only: pg_dump -a');
$node->safe_psql('postgres', 'CREATE DATABASE data TEMPLATE template0');
$node->safe_psql('data', 'CREATE EXTENSION powerpanel');
$node->command_ok(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('data'), '-f', "$dir/data.sql" ],
	'data only: psql restores it');
check_restored('data', 'data only', $source);

done_testing();
