# An inventory to carry about, and whether it arrived: every row, the rights on
# it, and rules that work.

package Inventory;

use strict;
use warnings;

use Exporter qw(import);
use FindBin;
use Invariants;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(create_inventory inventory rights policies arrived refuses_conflict same_rows run_file);

# psql, on a file of SQL, which must go through.
sub run_file
{
	my ($node, $db, $file, $name, @options) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), @options, '-f', $file ], $name);
	return;
}

# The example, and what it lacks: panels numbered otherwise, a dc bus, a feed to
# be planned, odd names, and a status of the user's own.
sub create_inventory
{
	my ($node, $db) = @_;

	$node->safe_psql($db, 'CREATE EXTENSION powerpanel');
	$node->command_ok(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', "$FindBin::Bin/../../examples/datacenter.sql" ],
		'the example inventory loads');
	$node->safe_psql(
		$db, q{
		SET search_path = powerpanel;
		INSERT INTO feed_status (name, energized) VALUES ('maintenance', true), ('on loan', false);
		INSERT INTO power_panel (name, location_id, circuit_positions, numbering, bus)
		SELECT v.name, l.id, v.positions, v.numbering::panel_numbering, v.bus::panel_bus
		FROM (SELECT id FROM location WHERE parent_id IS NOT NULL ORDER BY name LIMIT 1) AS l,
			(VALUES ('Busway', 96, 'sequential', 'three-phase'), ('Rectifier', NULL, 'sequential', 'dc'),
				('House', 24, 'across', 'split-phase')) AS v (name, positions, numbering, bus);
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count, custom_fields)
		SELECT E'odd name ' || p || E': "quoted"\ttab, back\\\\slash, ' || chr(233), panel.id, 'maintenance', p, 2, '{"ticket": "4711"}'
		FROM power_panel panel, generate_series(1, 21, 4) p WHERE panel.name IN ('Busway', 'Rectifier', 'House');
		INSERT INTO power_feed (name, power_panel_id, status, supply, voltage, breaker_pole_count)
		SELECT 'without a place', id, 'on loan', 'dc', -48, 2 FROM power_panel WHERE name = 'Rectifier';
		INSERT INTO power_bank (name, device_id, power_port_id, amperage)
		SELECT 'Bank 1', p.device_id, p.id, 16 FROM power_port AS p
		WHERE EXISTS (SELECT FROM power_outlet AS o WHERE o.power_port_id = p.id)
		ORDER BY p.id LIMIT 1;
		});
	return;
}

# All rows of the extension's tables, as text: { table => "row\nrow\n..." }
sub inventory
{
	my ($node, $db) = @_;
	my %rows;
	my $tables = $node->safe_psql(
		$db, q{
		SELECT relname FROM pg_class
		WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r'
		ORDER BY 1});

	# The primary key is each table's first column.
	$rows{$_} = $node->safe_psql($db, qq{SELECT t::text FROM powerpanel.$_ t ORDER BY 1}) foreach split /\n/, $tables;
	return \%rows;
}

# Who may do what: the grants.
sub rights
{
	my ($node, $db) = @_;
	return $node->safe_psql(
		$db, q{
		SELECT 'table', relname,
			(SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(relacl) a)
		FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind IN ('r', 'v')
		UNION ALL
		SELECT 'column', attrelid::regclass || '.' || attname, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(attacl) a)
		FROM pg_attribute WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace) AND attacl IS NOT NULL
		UNION ALL
		SELECT 'schema', nspname, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(nspacl) a)
		FROM pg_namespace WHERE nspname IN ('powerpanel', 'powerpanel_internal')
		UNION ALL
		SELECT 'function', p.oid::regprocedure::text, (SELECT string_agg(a::text, ' ' ORDER BY a::text) FROM unnest(proacl) a)
		FROM pg_proc p WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND proacl IS NOT NULL
		ORDER BY 1, 2});
}

# Row level security.
sub policies
{
	my ($node, $db) = @_;
	return $node->safe_psql(
		$db, q{
		SELECT relname, relrowsecurity, relforcerowsecurity
		FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND (relrowsecurity OR relforcerowsecurity)
		ORDER BY 1;
		SELECT tablename, policyname, permissive, roles, cmd, qual, with_check
		FROM pg_policies WHERE schemaname = 'powerpanel' ORDER BY 1, 2});
}

# Two sets of rows are the same; if not, tells a few that differ.
sub same_rows
{
	my ($got, $expected, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
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

# Each rule that reads other rows is at work: a conflict, a loop, a bad place.
sub refuses_conflict
{
	my ($node, $db, $name) = @_;
	my %attempt = (
		power_feed_breaker_conflict => q{
			INSERT INTO powerpanel.power_feed (power_panel_id, name, status, breaker_position)
			SELECT power_panel_id, 'one too many', 'active', breaker_position
			FROM powerpanel.power_feed WHERE breaker_position IS NOT NULL ORDER BY id LIMIT 1},
		power_feed_cycle => q{
			INSERT INTO powerpanel.power_feed (power_panel_id, name, status, destination_panel_id)
			SELECT destination_panel_id, 'back again', 'active', power_panel_id
			FROM powerpanel.power_feed WHERE destination_panel_id IS NOT NULL ORDER BY id LIMIT 1},
		location_cycle => q{
			UPDATE powerpanel.location p SET parent_id = c.id
			FROM powerpanel.location c WHERE c.parent_id = p.id});
	my @wrong;

	foreach my $rule (sort keys %attempt)
	{
		my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\nBEGIN;\n$attempt{$rule};\nROLLBACK;");
		push @wrong, "$rule: " . ($err || 'no error') unless $err =~ /CONSTRAINT NAME:\s+$rule\b/;
	}
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(join("\n", @wrong), '', "$name: a conflict, a loop of panels, a loop of locations are refused");
	return;
}

# The database $db holds what $expected says, is sound, and its rules work.
sub arrived
{
	my ($node, $db, $how, $expected) = @_;
	my $got = inventory($node, $db);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is_deeply([ sort keys %$got ], [ sort keys %$expected ], "$how: the tables");
	same_rows($got->{$_} // '', $expected->{$_}, "$how: rows of $_") foreach sort keys %$expected;
	is_sound($node, $db, $how);
	refuses_conflict($node, $db, $how);
	return;
}

1;
