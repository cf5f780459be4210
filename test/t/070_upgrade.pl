# Updating from each release gives what installing afresh gives: the same
# objects, defined the same, with the rows that were there; and it works.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Catalog;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @releases = map { m{/powerpanel--([\d.]+)\.sql$} ? $1 : () } glob "$FindBin::RealBin/../../release/powerpanel--*.sql";
plan skip_all => 'nothing to update from: there is only one release' if !grep { -e } glob "$FindBin::RealBin/../../release/powerpanel--*--*.sql";

my $example = "$FindBin::RealBin/../../examples/datacenter.sql";

# All rows of all tables, in some order that depends on them alone
my $rows = q{
DO $$
DECLARE
	tab text;
	rows text;
	sums text := '';
BEGIN
	FOR tab IN SELECT relname FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r' ORDER BY relname LOOP
		EXECUTE format('SELECT md5(string_agg(t::text, chr(10) ORDER BY t::text)) FROM powerpanel.%I AS t', tab) INTO rows;
		sums := concat(sums, tab, ' ', rows, ' ');
	END LOOP;
	PERFORM set_config('test.sums', sums, false);
END
$$;
SHOW test.sums};

# A write for each rule that is checked when a feed is written, and the rules
# that refuse it.
my @writes = (
	q{INSERT INTO power_feed (name, power_panel_id, status, breaker_position)
		SELECT 'one too many', power_panel_id, 'active', breaker_position FROM power_feed
		WHERE breaker_position IS NOT NULL LIMIT 1},
	q{UPDATE power_feed SET breaker_position = 1000 WHERE id = (SELECT id FROM power_feed
		WHERE breaker_position IS NOT NULL LIMIT 1)},
	q{INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status)
		SELECT 'back', destination_panel_id, power_panel_id, 'active' FROM power_feed
		WHERE destination_panel_id IS NOT NULL LIMIT 1},
	q{INSERT INTO location (name) VALUES ('elsewhere');
		INSERT INTO rack (name, location_id) SELECT 'far', id FROM location WHERE name = 'elsewhere';
		UPDATE power_feed SET rack_id = (SELECT id FROM rack WHERE name = 'far')
		WHERE id = (SELECT id FROM power_feed WHERE rack_id IS NOT NULL LIMIT 1)},
	q{INSERT INTO power_panel (name, location_id) SELECT 'new', id FROM location LIMIT 1;
		UPDATE power_feed SET destination_panel_id = (SELECT id FROM power_panel WHERE name = 'new')
		WHERE id = (SELECT power_feed_id FROM cable WHERE power_feed_id IS NOT NULL LIMIT 1)});
my $refusals = 'power_feed_breaker_conflict power_feed_breaker_capacity power_feed_cycle'
	. ' power_feed_rack_location power_feed_destination_or_cable';

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE DATABASE fresh');
$node->safe_psql('fresh', 'CREATE EXTENSION powerpanel');
my $fresh = catalog($node, 'fresh');

sub refused
{
	my ($db) = @_;
	my @rules;
	foreach my $write (@writes)
	{
		my ($rc, $out, $err) = $node->psql($db,
			"\\set VERBOSITY verbose\nSET search_path = powerpanel;\nBEGIN;\n$write;\nROLLBACK;", on_error_stop => 0);
		push @rules, $err =~ /^CONSTRAINT NAME:\s+(\S+)/m ? $1 : "none ($err)";
	}
	return join ' ', @rules;
}

ok(@releases > 0, 'there is a release to update from');
foreach my $release (@releases)
{
	(my $db = "from_$release") =~ s/\./_/g;
	$node->safe_psql('postgres', "CREATE DATABASE $db");
	$node->safe_psql($db, "CREATE EXTENSION powerpanel VERSION '$release'");
	$node->command_ok(
		[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-f', $example ],
		"$release: takes the example inventory");

	# The library is newer already where packages were upgraded and the database
	# not yet; the checks hold all the same.
	is(refused($db), $refusals, "$release: the rules hold before the update");
	my $before = $node->safe_psql($db, $rows);
	$node->safe_psql($db, 'ALTER EXTENSION powerpanel UPDATE');

	my $updated = catalog($node, $db);
	is($updated, $fresh, "$release: the catalog is that of a fresh installation");
	is($node->safe_psql($db, $rows), $before, "$release: the rows are what they were");
	is($node->safe_psql($db, 'SELECT count(*) FROM powerpanel.check_integrity() WHERE severity = $$error$$'),
		'0', "$release: the audit finds no error");
	is($node->safe_psql($db, 'SELECT count(*) > 0 FROM powerpanel.feed_load() WHERE energized'),
		't', "$release: loads are told");
	is(refused($db), $refusals, "$release: the rules hold after the update");
}

$node->stop;
done_testing();
