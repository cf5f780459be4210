# The dashboard of examples/grafana: each of its queries is run on the example data
# centre, as Grafana would send it, and by the role of grafana.sql, which only reads.

use strict;
use warnings;

use FindBin;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";
my $dashboard = decode_json(slurp_file("$top/examples/grafana/powerpanel.json"));

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$top/examples/datacenter.sql" ],
	'the example is loaded');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$top/examples/grafana/grafana.sql" ],
	'its role is made');

# Names of columns, and rows, of a query. The connection has no search_path.
sub answer
{
	my ($sql) = @_;
	my ($rc, $out, $err) = $node->psql('postgres', $sql, extra_params => [ '-U', 'grafana', '-P', 'tuples_only=off', '-P', 'footer=off' ]);
	return (undef, $err) if $rc != 0;
	my ($names, @rows) = map { [ split /\|/, $_, -1 ] } split /\n/, $out;
	return ($names, @rows);
}

# ------------------------------------------------------------------ variables

my %variable = map { $_->{name} => $_ } @{ $dashboard->{templating}{list} };
is(join(' ', sort keys %variable), 'datasource location', 'the dashboard asks for a data source and a location');
is($variable{datasource}{type}, 'datasource', 'the data source is chosen, not fixed');
my ($names, @locations) = answer($variable{location}{query});
is("@{ $names // [] }", '__text __value', 'the locations have a text and a value');
is(join(', ', map { $_->[0] } @locations), 'DC1, DC1 > Data Hall 1, DC1 > Electrical Room A, DC1 > Electrical Room B, DC1 > Yard',
	'... which are their paths');
my %location = map { @$_[0, 1] } @locations;

# A query as Grafana sends it, its variables replaced.
sub sent
{
	my ($sql, $location) = @_;
	$sql =~ s/\$\{location\}|\$location\b/$location/g;
	return $sql;
}

# --------------------------------------------------------------------- panels

# What each is to show, so that one that is renamed or gone is missed.
my %columns = (
	'Highest utilization of a panel' => 'Utilization',
	'Overloaded now' => 'Overloaded',
	'Overloaded after one failure' => 'Overloaded',
	'Single points of failure (stat)' => 'Points',
	'Panel utilization by phase' => 'Panel|A|B|C',
	'Panels' => 'Location|Panel|Path|Load|Maximum|Capacity|Utilization|Phase A|Phase B|Phase C|May carry|Imbalance',
	'Failover overloads' => 'What|Name|Why',
	'If this fails' =>
	  'What|Fails|Dark|Degraded|Feeds overloaded|Panels overloaded|Highest utilization|Trips|Dark after trips',
	'Single points of failure' => 'What|Name|Devices',
	'Headroom' => 'Location|Panel|Free positions|Headroom|Limited by|In the outage of');
my (%rows, %ids, %query);
foreach my $panel (@{ $dashboard->{panels} })
{
	my $title = $panel->{title} . ($panel->{type} eq 'stat' && $panel->{title} =~ /^Single/ ? ' (stat)' : '');
	ok(!$ids{ $panel->{id} }++, "$title: its id is its own");
	is($panel->{datasource}{uid}, '${datasource}', "$title: reads the data source that is chosen");
	is(scalar @{ $panel->{targets} }, 1, "$title: has one query");
	my $target = $panel->{targets}[0];
	is("$target->{datasource}{uid} $target->{format}", '${datasource} table', "... of the same data source, for a table");
	$query{$title} = $target->{rawSql};
	my $sql = sent($target->{rawSql}, $location{DC1});
	unlike($sql, qr/\$/, '... in which no variable or macro is left');
	my ($columns, @answer) = answer($sql);
	is($columns ? join('|', @$columns) : $answer[0], $columns{$title}, '... has its columns');
	cmp_ok(scalar @answer, '>', 0, '... and rows') or next;
	is(scalar grep({ /[0-9a-f]{8}-[0-9a-f]{4}-/ } map { @$_ } @answer), 0, '... with names, not keys');
	$rows{$title} = \@answer;

	# A unit or a threshold for a column that does not exist would be silently lost.
	my %known = map { $_ => 1 } @{ $columns // [] };
	foreach my $override (@{ $panel->{fieldConfig}{overrides} })
	{
		my ($id, $options) = @{ $override->{matcher} }{qw(id options)};
		my @meant = $id eq 'byName' ? $options : $options =~ m{^/\^\((.*)\)\$/$} ? split(/\|/, $1) : ();
		cmp_ok(scalar @meant, '>', 0, "$title: the override says which columns it is for");
		is(join(', ', grep { !$known{$_} } @meant), '', '... which are there');
	}
}
is(join(', ', grep { !$rows{$_} } sort keys %columns), '', 'every panel is there and has rows');

# ---------------------------------------------------------------- what they say

is($rows{'Highest utilization of a panel'}[0][0], '84.7', 'the highest utilization is that of LP-1');
is($rows{'Overloaded after one failure'}[0][0], '2', 'two feeds would be overloaded');
is(join(', ', map { $_->[1] } @{ $rows{'Failover overloads'} }), 'RPP-A > RACK-02-A, RPP-B > RACK-02-B', '... these');
is($rows{'Single points of failure (stat)'}[0][0], scalar @{ $rows{'Single points of failure'} }, 'all single points are listed');
is("@{ $rows{'Single points of failure'}[0] }", 'power panel ATS-A 15', '... the one with most devices first');

# The fullest phase is what the panel's utilization goes by.
my %utilization = map { split /\|/ } split /\n/, $node->safe_psql('postgres',
	'SELECT name, round(utilization::numeric, 1) FROM powerpanel.panel_load() WHERE energized');
foreach my $row (@{ $rows{'Panel utilization by phase'} })
{
	my ($panel, @phases) = @$row;
	my ($most) = sort { $b <=> $a } @phases;
	is($most, $utilization{$panel}, "$panel: the fullest phase is its utilization");
}
is(scalar @{ $rows{'Panel utilization by phase'} }, scalar keys %utilization, 'every energized panel has its phases');
is((map { $_->[10] } grep { $_->[1] eq 'LP-1' } @{ $rows{Panels} })[0], '125', 'LP-1 may carry 125 A');

# The location that is chosen is heeded.
foreach my $title ('Panel utilization by phase', 'Panels', 'Headroom')
{
	my ($columns, @answer) = answer(sent($query{$title}, $location{'DC1 > Electrical Room B'}));
	my ($at) = grep { $columns->[$_] eq 'Panel' } 0 .. $#$columns;
	is(join(', ', sort map { $_->[$at] } @answer), 'ATS-B, PDU-B, UPS-B', "$title: of one room");
}

$node->stop;
done_testing();
