# From each older PostgreSQL that is on this machine to the one under test, by
# pg_upgrade and by a dump: the inventory, rights and policies, guarded tables, a
# publication and a table of the user's that uses position_set all arrive and work.
#
# POWERPANEL_PG_CONFIGS lists the pg_config of other installations; without it those
# of Debian's packages are taken. For each the extension is built, into a copy.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Catalog;
use File::Path qw(make_path);
use Inventory;
use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PrivatePostgres;
use Test::More;

# pg_restore goes by its own name, which the test modules replace.
delete $ENV{PGAPPNAME};

my $top = "$FindBin::RealBin/../..";
my $tmp = PostgreSQL::Test::Utils::tempdir;
my $own = usable_major($ENV{PG_CONFIG} || 'pg_config');
my %older = map { @$_ } grep { defined $_->[0] && $_->[0] < $own } map { [ usable_major($_), $_ ] }
	split ' ', $ENV{POWERPANEL_PG_CONFIGS} // join ' ', glob '/usr/lib/postgresql/*/bin/pg_config';
plan skip_all => "no PostgreSQL older than $own is here, with headers; POWERPANEL_PG_CONFIGS would name the pg_config of some" if !%older;

# --------------------------------------------------------------------- clusters

# A cluster of a major; the checksums of both sides of pg_upgrade have to be alike, and
# on by default they are from 18 on only.
sub cluster
{
	my ($name, $major, @install_path) = @_;
	my $node = PostgreSQL::Test::Cluster->new($name, @install_path);
	$node->init(extra => [ '--encoding=UTF8', '--locale=C.UTF-8', $major >= 18 ? '--no-data-checksums' : () ]);
	$node->append_conf('postgresql.conf', 'wal_level = logical');
	return $node;
}

# One of an older major, with the extension built for it.
sub older_cluster
{
	my ($major, $pg_config) = @_;
	my ($root, $build) = ("$tmp/root-$major", "$tmp/build-$major");
	# built in a hurry: what it does is tested elsewhere
	my @make = ('make', '-s', '-C', $build, "PG_CONFIG=$pg_config", 'with_llvm=no', 'COPT=-O0');

	make_path($root, $build);
	ok(run_in($top, qw(cp -r Makefile powerpanel.control src sql test), $build)
		&& run_in($build, @make, 'clean') && run_in($build, @make, '-j2')
		&& private_postgres($root, $pg_config)
		&& run_in($build, @make, 'install', "DESTDIR=$root"), "$major: the extension is built") or return;
	return cluster("from_$major", $major, install_path => $root . (output_of($pg_config, '--bindir') =~ s{/bin$}{}r));
}

# Roles, as whom it all is written and read, are the cluster's.
my $roles = 'CREATE ROLE reader LOGIN; CREATE ROLE editor LOGIN';

# What a user has beside the inventory.
sub fill
{
	my ($node) = @_;
	$node->safe_psql('postgres', "$roles; CREATE DATABASE source");
	create_inventory($node, 'source');
	$node->safe_psql('source', q{
		SET search_path = powerpanel;
		GRANT USAGE ON SCHEMA powerpanel TO reader, editor;
		GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader;
		GRANT SELECT, INSERT, UPDATE (name, breaker_position) ON power_feed TO editor;
		ALTER TABLE power_feed ENABLE ROW LEVEL SECURITY;
		ALTER TABLE power_panel FORCE ROW LEVEL SECURITY;
		CREATE POLICY seen ON power_feed FOR SELECT TO reader USING (status <> 'planned');
		CREATE POLICY written ON power_feed AS RESTRICTIVE FOR INSERT TO editor WITH CHECK (amperage < 100);
		CREATE PUBLICATION inventory FOR TABLES IN SCHEMA powerpanel;

		CREATE TABLE public.board (no integer PRIMARY KEY, name text, ways integer);
		CREATE TABLE public.circuit (no integer PRIMARY KEY, name text, board integer, way integer, poles integer, feeds integer);
		INSERT INTO public.board VALUES (1, 'B1', 12), (2, 'B2', 12);
		INSERT INTO public.circuit VALUES (1, 'C1', 1, 1, 2, 2), (2, 'C2', 1, 2, 1, NULL);
		SELECT guard('public.circuit', 'public.board', '{"panel": "board", "position": "way", "poles": "poles",
			"destination": "feeds", "panel_positions": "ways"}');
		ALTER TABLE public.circuit RENAME way TO place;

		CREATE TABLE public.reserved (panel text, slots position_set NOT NULL,
			room integer GENERATED ALWAYS AS (cardinality(slots)) STORED,
			EXCLUDE USING gist (slots WITH &&) WHERE (panel = 'LP-1'));
		INSERT INTO public.reserved VALUES ('LP-1', '39, 41'), ('LP-1', '40'), ('other', '41');
		CREATE VIEW public.full_panels AS SELECT power_panel_name, count(power_feed_id) AS occupied, count(*) AS positions
			FROM panel_schedule GROUP BY power_panel_name ORDER BY 1});
	return;
}

# What has to be the same afterwards. A right that there is from 17 on, MAINTAIN, the
# owner has there and had not before.
sub contents
{
	my ($node, $db) = @_;
	return {
		rows => inventory($node, $db),
		rights => rights($node, $db) =~ s/(?<=\w)m(?=\/)//gr,
		policies => policies($node, $db),
		map { $_->[0] => $node->safe_psql($db, $_->[1]) }
			([ guards => 'TABLE powerpanel.guarded' ],
			[ circuits => 'TABLE circuit ORDER BY 1; TABLE board ORDER BY 1' ],
			[ reserved => 'TABLE reserved ORDER BY 1, 2' ],
			[ views => 'TABLE full_panels' ],
			[ published => 'SELECT tablename FROM pg_publication_tables WHERE schemaname = $$powerpanel$$ ORDER BY 1' ]) };
}

# --------------------------------------------------------------------- afterwards

my $new = cluster('restored', $own);
$new->start;
$new->safe_psql('postgres', "$roles; CREATE DATABASE fresh");
$new->safe_psql('fresh', 'CREATE EXTENSION powerpanel; CREATE EXTENSION IF NOT EXISTS plpgsql');
my $fresh = catalog($new, 'fresh');

# A statement, and the rule or constraint that refuses it.
my %refused = (
	power_feed_breaker_conflict => q{INSERT INTO circuit VALUES (3, 'C3', 1, 3, 1, NULL)},
	power_feed_cycle => q{INSERT INTO circuit VALUES (3, 'C3', 2, NULL, NULL, 1)},
	power_panel_circuit_positions => q{UPDATE board SET ways = -1},
	reserved_slots_excl => q{INSERT INTO reserved VALUES ('LP-1', '37, 39')});

sub whole
{
	my ($node, $db, $how, $expected) = @_;
	my $got = contents($node, $db);
	arrived($node, $db, $how, $expected->{rows});
	is($got->{$_}, $expected->{$_}, "$how: $_") foreach grep { $_ ne 'rows' } sort keys %$expected;
	is(catalog_of($node, $db), catalog_without_rights($fresh), "$how: the catalog is that of a fresh extension");
	foreach my $name (sort keys %refused)
	{
		my (undef, undef, $error) = $node->psql($db, "\\set VERBOSITY verbose\n$refused{$name}");
		like($error, qr/^CONSTRAINT NAME:\s+\Q$name\E$/m, "$how: refused by $name");
	}
	return;
}

# Rights are compared above, with the grants that were made.
sub catalog_without_rights { return $_[0] =~ s/^rights .*\n?//gmr; }
sub catalog_of { return catalog_without_rights(catalog(@_)); }

# ------------------------------------------------------------------- the old ones

sub restore
{
	my ($old, $major, $expected) = @_;
	# with the old programs, as a script; and with the new ones, which can read an old
	# server, as an archive
	foreach my $way ([ 'script', $old, '-Fp' ], [ 'archive', $new, '-Fc' ])
	{
		my ($what, $dumper, $format) = @$way;
		my ($db, $how, $file) = ("from_${major}_$what", "$major to $own, $what", "$tmp/$major.$what");
		$new->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
		$new->command_ok([ $dumper->installed_command('pg_dump'), $format, '-f', $file, '-d', $old->connstr('source') ], "$how: pg_dump");
		if ($what eq 'script') { run_file($new, $db, $file, "$how: psql"); }
		else { $new->command_ok([ 'pg_restore', '--exit-on-error', '-d', $new->connstr($db), $file ], "$how: pg_restore"); }
		whole($new, $db, $how, $expected);
	}
	return;
}

sub upgrade
{
	my ($old, $major, $expected) = @_;
	my $how = "$major to $own, pg_upgrade";
	my $node = cluster("upgraded_$major", $own);
	my ($from, $to) = map { $_->config_data('--bindir') } $old, $node;

	$old->stop;
	chdir $tmp or die "$tmp: $!";
	ok(run_in($tmp, "$to/pg_upgrade", '--no-sync', '-b', $from, '-B', $to, '-d', $old->data_dir, '-D', $node->data_dir,
		'-s', $node->host, '-p', $old->port, '-P', $node->port), $how) or return;
	$node->start;
	whole($node, 'source', $how, $expected);
	$node->stop;
	return;
}

foreach my $major (sort keys %older)
{
	my $old = older_cluster($major, $older{$major}) or next;
	$old->start;
	fill($old);
	my $expected = contents($old, 'source');
	restore($old, $major, $expected);
	upgrade($old, $major, $expected);
}
$new->stop;
done_testing();
