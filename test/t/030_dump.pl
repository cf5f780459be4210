# Whatever way a dump is made and restored, rows, rights and rules arrive.
# 001_dump_restore.pl has the ordinary ways; this has the others: by sections,
# with INSERTs, schema first, data alone by a role without rights to more, one
# table, over an inventory that is there already, the whole cluster, pg_upgrade.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Inventory;
use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# pg_restore goes by its own name, which the test modules replace.
delete $ENV{PGAPPNAME};

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;

my $dir = PostgreSQL::Test::Utils::tempdir;
my $from = $node->connstr('source');

$node->safe_psql('postgres', 'CREATE ROLE reader LOGIN; CREATE ROLE editor LOGIN; CREATE DATABASE source');
create_inventory($node, 'source');
$node->safe_psql(
	'source', q{
	SET search_path = powerpanel;
	GRANT USAGE ON SCHEMA powerpanel TO reader, editor;
	GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader;
	GRANT SELECT, INSERT, UPDATE (name, breaker_position) ON power_feed TO editor;
	REVOKE EXECUTE ON FUNCTION check_integrity(text[]) FROM PUBLIC;
	ALTER TABLE power_feed ENABLE ROW LEVEL SECURITY;
	ALTER TABLE power_panel FORCE ROW LEVEL SECURITY;
	CREATE POLICY seen ON power_feed FOR SELECT TO reader USING (status <> 'planned');
	CREATE POLICY written ON power_feed AS RESTRICTIVE FOR INSERT TO editor WITH CHECK (amperage < 100)});

my $source = inventory($node, 'source');
my $rights = rights($node, 'source');
my $policies = policies($node, 'source');
isnt($source->{$_}, '', "there are rows in $_") foreach sort keys %$source;
is_sound($node, 'source', 'the source');

sub fresh
{
	my ($db) = @_;
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $db");
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	return $node->connstr($db);
}

# Who may do what, in a database that was restored.
sub same_rights
{
	my ($server, $db, $how) = @_;
	is(rights($server, $db), $rights, "$how: grants");
	is(policies($server, $db), $policies, "$how: policies");
	return;
}

sub whole
{
	my ($db, $how) = @_;
	arrived($node, $db, $how, $source);
	same_rights($node, $db, $how);
	return;
}

# By sections, as scripts and from one archive.
fresh('sections');
foreach my $section (qw(pre-data data post-data))
{
	$node->command_ok([ 'pg_dump', "--section=$section", '-d', $from, '-f', "$dir/$section.sql" ], "sections: pg_dump $section");
	run_file($node, 'sections', "$dir/$section.sql", "sections: restore $section");
}
whole('sections', 'sections');

$node->command_ok([ 'pg_dump', '-Fc', '-d', $from, '-f', "$dir/custom" ], 'archive: pg_dump -Fc');
my $to = fresh('archive');
$node->command_ok([ 'pg_restore', '--exit-on-error', "--section=$_", '-j', '2', '-d', $to, "$dir/custom" ], "archive: restore $_")
  foreach qw(pre-data data post-data);
whole('archive', 'archive by sections');

$node->command_ok([ 'pg_dump', '-Fd', '-j', '2', '-d', $from, '-f', "$dir/directory" ], 'directory: pg_dump -Fd -j 2');
$to = fresh('directory');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--single-transaction', '-d', $to, "$dir/directory" ],
	'directory: pg_restore --single-transaction');
whole('directory', 'directory, one transaction');

# With INSERTs, which name the derived columns. A row of its own for each, a
# location may come before the one that it lies in; so it takes a replica's role.
foreach my $option ('--inserts', '--column-inserts', '--rows-per-insert=7')
{
	$node->command_ok([ 'pg_dump', $option, '-d', $from, '-f', "$dir/inserts.sql" ], "$option: pg_dump");
	fresh('inserts');
	local $ENV{PGOPTIONS} = '-c session_replication_role=replica';
	run_file($node, 'inserts', "$dir/inserts.sql", "$option: restore");
	delete $ENV{PGOPTIONS};
	is(policies($node, 'inserts'), $policies, "$option: policies");
	arrived($node, 'inserts', $option, $source);
}

# Schema first, data later, with and without --disable-triggers.
$node->command_ok([ 'pg_dump', '-s', '-d', $from, '-f', "$dir/schema.sql" ], 'schema first: pg_dump -s');
$node->command_ok([ 'pg_dump', '-a', '--disable-triggers', '-d', $from, '-f', "$dir/data.sql" ], 'schema first: pg_dump -a');
fresh('two_steps');
run_file($node, 'two_steps', "$dir/schema.sql", 'schema first: restore the schema');
is(rights($node, 'two_steps'), $rights, 'schema first: grants');
run_file($node, 'two_steps', "$dir/data.sql", 'schema first: restore the data');
is(policies($node, 'two_steps'), $policies, 'schema first: policies, which are data of the extension');
is($node->safe_psql('two_steps', q{
	SET session_replication_role = replica;
	BEGIN;
	UPDATE powerpanel.power_feed SET breaker_position = 9, breaker_pole_count = 1 WHERE id = (SELECT id FROM powerpanel.power_feed WHERE breaker_position IS NOT NULL LIMIT 1)
	RETURNING occupied_positions;
	ROLLBACK}), '9', 'schema first: derived columns follow in a replica, after --disable-triggers too');
arrived($node, 'two_steps', 'schema first', $source);

# Data alone into a fresh extension, by a role that may insert and no more: all
# checks are on.
fresh('data_alone');
$node->safe_psql(
	'data_alone', q{
	CREATE EXTENSION powerpanel;
	GRANT USAGE ON SCHEMA powerpanel TO editor;
	GRANT INSERT ON ALL TABLES IN SCHEMA powerpanel TO editor;
	GRANT USAGE ON SCHEMA powerpanel_internal TO editor;
	GRANT INSERT ON powerpanel_internal.row_security TO editor});
$node->command_ok([ 'pg_dump', '-a', '-d', $from, '-f', "$dir/data_alone.sql" ], 'data alone: pg_dump -a');
run_file($node, 'data_alone', "$dir/data_alone.sql", 'data alone: a role that may insert restores it', '-U', 'editor');
arrived($node, 'data_alone', 'data alone, by a role that may insert', $source);

$to = fresh('data_archive');
$node->safe_psql('data_archive', 'CREATE EXTENSION powerpanel');
$node->command_ok([ 'pg_restore', '--exit-on-error', '-a', '-j', '3', '-d', $to, "$dir/custom" ], 'data alone: pg_restore -a -j 3');
arrived($node, 'data_archive', 'data alone, from an archive', $source);

# One table, into an inventory that has lost it.
$node->command_ok([ 'pg_dump', '-a', '-t', 'powerpanel.power_feed', '-t', 'powerpanel.cable', '-d', $from, '-f', "$dir/feeds.sql" ],
	'one table: pg_dump -t');
$node->safe_psql('data_archive', 'TRUNCATE powerpanel.power_feed CASCADE');
run_file($node, 'data_archive', "$dir/feeds.sql", 'one table: restore');
arrived($node, 'data_archive', 'one table', $source);

# ... and into one where the place is taken by now. A table that holds rows is
# restored with all checks, whoever does it.
my $taken = q{
	TRUNCATE powerpanel.power_feed CASCADE;
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
	SELECT 'newer', id, 'active', 1, 1 FROM powerpanel.power_panel WHERE name = 'Busway'};
$node->safe_psql('data_archive', $taken);
$node->command_fails_like(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('data_archive'), '-f', "$dir/feeds.sql" ],
	qr/conflicts with power feed "newer"/, 'a place that is taken: a superuser is refused');

$node->safe_psql('data_archive', "$taken; ALTER TABLE powerpanel.power_feed DISABLE ROW LEVEL SECURITY; GRANT USAGE ON SCHEMA powerpanel TO editor; GRANT INSERT ON ALL TABLES IN SCHEMA powerpanel TO editor");
$node->command_fails_like(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-U', 'editor', '-d', $node->connstr('data_archive'), '-f', "$dir/feeds.sql" ],
	qr/conflicts with a power feed/, 'a place that is taken: another role is refused');

# Over an inventory that is there: --clean drops the extension, which the guard
# refuses, unless told.
$node->command_ok([ 'pg_dump', '--clean', '--if-exists', '-d', $from, '-f', "$dir/clean.sql" ], 'clean: pg_dump --clean');
$node->command_fails_like(
	[ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('sections'), '-f', "$dir/clean.sql" ],
	qr/cannot drop extension powerpanel because its inventory holds rows/, 'clean: refused while there are rows');
{
	local $ENV{PGOPTIONS} = '-c powerpanel.allow_drop=on';
	run_file($node, 'sections', "$dir/clean.sql", 'clean: with powerpanel.allow_drop');
}
whole('sections', 'clean');

# The whole cluster: roles and all databases into another server.
$node->safe_psql('postgres', "DROP DATABASE $_") foreach qw(archive directory inserts two_steps data_alone data_archive sections);
$node->command_ok([ 'pg_dumpall', '-f', "$dir/all.sql", '-d', $node->connstr('postgres') ], 'pg_dumpall');
my $other = PostgreSQL::Test::Cluster->new('other');
$other->init;
$other->start;
# The bootstrap superuser is there already, and is not to be created twice.
my $all = slurp_file("$dir/all.sql");
my $superuser = $other->safe_psql('postgres', 'SELECT current_user');
$all =~ s/^CREATE ROLE "?\Q$superuser\E"?;$//m;
append_to_file("$dir/all2.sql", $all);
run_file($other, 'postgres', "$dir/all2.sql", 'pg_dumpall: restore');
arrived($other, 'source', 'pg_dumpall', $source);
same_rights($other, 'source', 'pg_dumpall');
$other->stop;

# pg_upgrade, to the same major (071_majors.pl has it from older ones): the extension's
# objects go over one by one, without its script. An owner who is no superuser any more
# cannot own event triggers in the new cluster.
my $bin = $node->config_data('--bindir');

sub upgrade
{
	my ($new, $to) = @_;
	my ($out, $err) = ('', '');
	chdir $dir;
	IPC::Run::run([ 'pg_upgrade', '--no-sync', '-b', $bin, '-B', $to, '-d', $node->data_dir, '-D', $new->data_dir,
		'-s', $new->host, '-p', $node->port, '-P', $new->port ], '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, "$out$err");
}

$node->safe_psql('postgres', 'CREATE ROLE dba SUPERUSER LOGIN; CREATE DATABASE owned OWNER dba');
$node->safe_psql('owned', 'SET ROLE dba; CREATE EXTENSION powerpanel; RESET ROLE; ALTER ROLE dba NOSUPERUSER');
my $refused = PostgreSQL::Test::Cluster->new('refused');
$refused->init;
$node->stop;
my ($rc, $said) = upgrade($refused, $bin);
isnt($rc, 0, 'pg_upgrade stops where the owner is no superuser any more');
my $log = join '', map { slurp_file($_) } glob("$dir/pg_upgrade_dump_*.log"), glob($refused->data_dir . '/pg_upgrade_output.d/*/log/pg_upgrade_dump_*.log');
like($log, qr/permission denied to change owner of event trigger "powerpanel_/, '... and says what docs/operation.md says');
$node->start;
$node->safe_psql('owned', "ALTER EVENT TRIGGER $_ OWNER TO CURRENT_USER")
  foreach split /\n/, $node->safe_psql('owned', q{SELECT evtname FROM pg_event_trigger WHERE evtname LIKE 'powerpanel\_%'});
is($node->safe_psql('owned', 'SELECT count(*) FROM pg_event_trigger WHERE evtowner = (SELECT oid FROM pg_roles WHERE rolname = current_user)'),
	$node->safe_psql('owned', 'SELECT count(*) FROM pg_event_trigger'), 'the event triggers belong to a superuser');

my $new = PostgreSQL::Test::Cluster->new('new');
$new->init;
$node->stop;
($rc, $said) = upgrade($new, $bin);
is($rc, 0, 'pg_upgrade') or diag($said);
$new->start;
arrived($new, 'source', 'pg_upgrade', $source);
same_rights($new, 'source', 'pg_upgrade');
$new->stop;

done_testing();
