# Restoring is no way around the rules. What does without checks is one COPY of
# pg_restore into an empty table, and nothing else that looks like it; row level
# security comes back closed; a change that would make a dump unrestorable is
# refused, and where it is made all the same, the way to restore it works.

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
$node->append_conf('postgresql.conf', 'max_prepared_transactions = 2');
$node->start;
my $dir = PostgreSQL::Test::Utils::tempdir;

sub fresh
{
	my ($db) = @_;
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $db");
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE template0");
	return $node->connstr($db);
}

# All that psql says; each statement may fail.
sub said
{
	my ($db, $sql, $user) = @_;
	my ($rc, $out, $err) = $node->psql($db, $sql, on_error_stop => 0,
		extra_params => $user ? [ '-U', $user ] : []);
	return "$out\n$err";
}

sub run_all
{
	my (@command) = @_;
	my ($out, $err) = ('', '');
	IPC::Run::run(\@command, '<', \undef, '>', \$out, '2>', \$err);
	return ($? >> 8, $err);
}

# --------------------------------------------------- who does without checks

my $settings = q{SET check_function_bodies = false; SET row_security = off;
	SELECT pg_catalog.set_config('search_path', '', false);};
my $name = q{SET application_name = 'pg_restore';};
my ($there, $nowhere) = ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-0000000000ff');
my $orphan = "'orphan', '$nowhere'";
my $copied = "COPY powerpanel.rack (name, location_id) FROM STDIN;\norphan\t$nowhere\n\\.\n";
my $missing = qr/violates foreign key constraint "rack_location_id_fkey"/;

fresh('rules');
$node->safe_psql('rules', qq{
	CREATE EXTENSION powerpanel;
	INSERT INTO powerpanel.location (id, name) VALUES ('$there', 'there');
	CREATE TABLE public.parent (id int PRIMARY KEY);
	CREATE TABLE public.child (id int REFERENCES public.parent);
	CREATE TABLE public.log (t text);
	CREATE FUNCTION public.log() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (tg_table_name); RETURN NULL; END';
	CREATE TRIGGER log AFTER INSERT ON public.child FOR EACH ROW EXECUTE FUNCTION public.log();
	CREATE ROLE editor LOGIN;
	GRANT USAGE ON SCHEMA powerpanel TO editor;
	GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA powerpanel TO editor;
	CREATE FUNCTION public.definer() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = ''
	AS \$\$ INSERT INTO powerpanel.rack (name, location_id) VALUES ($orphan) \$\$;
	CREATE FUNCTION public.writes() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.child VALUES (7); RETURN true; END'});
append_to_file("$dir/rack.copy", "orphan\t$nowhere\n");
chmod 0644, "$dir/rack.copy";

# Each is refused: the settings without the name, and the name without this or that.
foreach my $try (
	[ 'a dump\'s settings, INSERT', "$settings INSERT INTO powerpanel.rack (name, location_id) VALUES ($orphan)" ],
	[ 'a dump\'s settings, COPY', "$settings\n$copied" ],
	[ 'the name alone', "$name\n$copied" ],
	[ 'name and settings, but for search_path', "$name SET check_function_bodies = false; SET row_security = off;\n$copied" ],
	[ 'name and settings, INSERT', "$name $settings INSERT INTO powerpanel.rack (name, location_id) VALUES ($orphan)" ],
	[ 'name and settings, INSERT ... SELECT', "$name $settings INSERT INTO powerpanel.rack (name, location_id) SELECT $orphan" ],
	[ 'in a DO block', "$name $settings DO \$\$ BEGIN INSERT INTO powerpanel.rack (name, location_id) VALUES ($orphan); END \$\$" ],
	[ 'COPY from a file, by a DO block', "$name $settings DO \$\$ BEGIN COPY powerpanel.rack (name, location_id) FROM '$dir/rack.copy'; END \$\$" ],
	[ 'COPY with a WHERE', "$name $settings\n" . $copied =~ s/STDIN/STDIN WHERE public.writes()/r ],
	[ 'in a transaction', "BEGIN; $name $settings\n${copied}COMMIT" ],
	[ 'by another role', "$name $settings\n$copied", 'editor' ],
	[ 'by another role, through a function of a superuser', "$name $settings SELECT public.definer()", 'editor' ])
{
	my ($what, $sql, $user) = @$try;
	like(said('rules', $sql, $user), $what =~ /WHERE/ ? qr/child_id_fkey/ : $missing, "checked: $what");
	is($node->safe_psql('rules', 'SELECT count(*) FROM powerpanel.rack'), '0', "... nothing came in");
}
is($node->safe_psql('rules', 'SELECT count(*) FROM public.child'), '0', 'a WHERE wrote nothing elsewhere');

# pg_restore's COPY, as psql can play it: this statement and no other.
my $others = q{
	INSERT INTO public.child VALUES (12345);
	INSERT INTO powerpanel.rack (name, location_id) VALUES ('later', '00000000-0000-0000-0000-0000000000fe');
	SHOW session_replication_role;};
my $said = said('rules', "$name $settings\n$copied$others");
like($said, qr/WARNING:  table "powerpanel.rack" was loaded without checks.*check_integrity\(\)/s, 'the COPY of pg_restore: a warning that names the table and the audit');
like($said, qr/child_id_fkey/, '... a later statement elsewhere is checked');
like($said, $missing, '... and a later one in the same table');
like($said, qr/^origin$/m, '... and the setting is back');
is($node->safe_psql('rules', 'SELECT name FROM powerpanel.rack'), 'orphan', '... its row came in');
is($node->safe_psql('rules', q{SELECT rule FROM powerpanel.check_integrity() WHERE severity = 'error'}), 'rack_location_id_fkey', '... the audit finds it');
like(said('rules', "$name $settings\n" . $copied =~ s/orphan/second/r), $missing, 'a table that holds rows is checked');

# An error in the middle of the load.
$node->safe_psql('rules', 'DELETE FROM powerpanel.rack');
my $broken = $copied =~ s/^orphan/orphan\t$nowhere\nbroken\tno uuid\nmore/mr;
$said = said('rules', "$name $settings\n$broken$others");
like($said, qr/invalid input syntax for type uuid/, 'a load that fails');
like($said, qr/child_id_fkey/, '... leaves nothing off elsewhere');
like($said, $missing, '... nor here');
like($said, qr/^origin$/m, '... and the setting is back');

# A trigger of somebody else's would run in that statement, and write.
$node->safe_psql('rules', q{
	CREATE FUNCTION public.by_the_way() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.child VALUES (99); RETURN NEW; END';
	SET client_min_messages = error;
	CREATE TRIGGER by_the_way BEFORE INSERT ON powerpanel.rack FOR EACH ROW EXECUTE FUNCTION public.by_the_way();
	ALTER TABLE powerpanel.rack ENABLE ALWAYS TRIGGER by_the_way});
like(said('rules', "$name $settings\n$copied"), qr/child_id_fkey/, 'where a trigger of others would fire, all is checked');
$node->safe_psql('rules', 'DROP TRIGGER by_the_way ON powerpanel.rack');

# Whoever switched off the trigger that ends the load gets none.
$node->safe_psql('rules', 'SET client_min_messages = error; ALTER TABLE powerpanel.rack DISABLE TRIGGER load_in_any_order_end');
like(said('rules', "$name $settings\n$copied"), $missing, 'without the trigger that ends it, no load begins');
$node->safe_psql('rules', 'ALTER TABLE powerpanel.rack ENABLE TRIGGER ALL');

# The trigger function on a table that is not ours.
$node->safe_psql('rules', q{CREATE TRIGGER load_in_any_order BEFORE INSERT ON public.child FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order();
	CREATE TRIGGER load_in_any_order_end AFTER INSERT ON public.child FOR EACH STATEMENT EXECUTE FUNCTION powerpanel_internal.load_in_any_order();
	ALTER TABLE public.child ENABLE ALWAYS TRIGGER load_in_any_order_end});
like(said('rules', "$name $settings\nCOPY public.child FROM STDIN;\n1\n\\.\n"), qr/child_id_fkey/, 'on a table of others the trigger does nothing');

# A writer that has not committed yet is waited for, and counts.
$node->safe_psql('rules', 'TRUNCATE powerpanel.rack CASCADE');
$node->safe_psql('rules', "BEGIN; INSERT INTO powerpanel.rack (name, location_id) VALUES ('first', '$there'); PREPARE TRANSACTION 'writer'");
append_to_file("$dir/load.sql", "$name $settings\n$copied");
my $loader = IPC::Run::start([ 'psql', '-X', '-q', '-d', $node->connstr('rules'), '-f', "$dir/load.sql" ], '<', \undef, '>&', \my $loaded);
$node->poll_query_until('rules', q{SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND relation = 'powerpanel.rack'::regclass AND mode = 'ShareRowExclusiveLock'})
  or die 'the load does not wait';
$node->safe_psql('rules', q{COMMIT PREPARED 'writer'});
$loader->finish;
like($loaded, $missing, 'a row that was being written meanwhile has the load checked');

# ------------------------------------------------------------ real restores

fresh('source');
create_inventory($node, 'source');
# Feeds that make the table larger than its panels': with -j they come first.
$node->safe_psql('source', q{
	INSERT INTO powerpanel.power_feed (name, power_panel_id, status)
	SELECT 'many ' || i, id, 'active' FROM powerpanel.power_panel, generate_series(1, 300) i WHERE name = 'Busway'});
my $source = inventory($node, 'source');
$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('source'), '-f', "$dir/source" ], 'pg_dump -Fc');
my ($rc, $err) = run_all('pg_restore', '--verbose', '--exit-on-error', '-j', '4', '-d', fresh('jobs'), "$dir/source");
is($rc, 0, 'pg_restore -j 4') or diag($err);
like($err, qr/table "powerpanel.$_" was loaded without checks/, "... tells of $_") foreach qw(power_feed power_panel cable);
arrived($node, 'jobs', 'pg_restore -j 4', $source);
($rc, $err) = run_all('pg_restore', '--verbose', '--exit-on-error', '-1', '-d', fresh('one'), "$dir/source");
is($rc, 0, 'pg_restore -1') or diag($err);
unlike($err, qr/without checks/, '... checks everything');
arrived($node, 'one', 'pg_restore -1', $source);

# psql checks a plain dump: one that was made of a broken inventory is refused.
fresh('broken');
$node->safe_psql('broken', q{
	CREATE EXTENSION powerpanel;
	SET session_replication_role = replica;
	INSERT INTO powerpanel.rack (name, location_id) VALUES ('orphan', gen_random_uuid())});
$node->command_ok([ 'pg_dump', '-d', $node->connstr('broken'), '-f', "$dir/broken.sql" ], 'pg_dump of what is broken');
fresh('plain');
$node->command_fails_like([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('plain'), '-f', "$dir/broken.sql" ],
	$missing, 'psql checks it');

# -------------------------------------------------------- row level security

$node->safe_psql('postgres', 'CREATE ROLE reader LOGIN; CREATE ROLE leaver LOGIN');
fresh('policies');
$node->safe_psql('policies', q{
	CREATE EXTENSION powerpanel;
	INSERT INTO powerpanel.location (name) SELECT 'L' || i FROM generate_series(1, 9) i;
	GRANT USAGE ON SCHEMA powerpanel TO reader;
	GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader;
	ALTER TABLE powerpanel.location ENABLE ROW LEVEL SECURITY;
	CREATE POLICY few ON powerpanel.location TO reader USING (name < 'L4');
	CREATE POLICY gone ON powerpanel.location TO leaver USING (true)});
$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('policies'), '-f', "$dir/policies" ], 'pg_dump with policies');
$node->command_ok([ 'pg_dump', '-a', '--disable-triggers', '-d', $node->connstr('policies'), '-f', "$dir/policies.sql" ], '... and with --disable-triggers');
$node->safe_psql('policies', 'DROP POLICY gone ON powerpanel.location');
$node->safe_psql('postgres', 'DROP ROLE leaver');

my $seen = 'SELECT count(*) FROM powerpanel.location';
foreach my $jobs ('-1', '-j4')
{
	($rc, $err) = run_all('pg_restore', '--verbose', '--exit-on-error', $jobs, '-d', fresh('closed'), "$dir/policies");
	is($rc, 0, "pg_restore $jobs where a policy's role is missing") or diag($err);
	like($err, qr/WARNING:  policy "gone" of table "powerpanel.location" is not restored: role "leaver" does not exist/, '... a warning names policy and role');
	is(said('closed', $seen, 'reader'), "3\n", '... the others hold');
	is($node->safe_psql('closed', 'SELECT table_name, policy FROM powerpanel_internal.row_security ORDER BY 2'), "location|\nlocation|few", '... on record is what is there');
}
fresh('closed');
$node->safe_psql('closed', 'CREATE EXTENSION powerpanel; GRANT USAGE ON SCHEMA powerpanel TO reader; GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader');
($rc, $err) = run_all('psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('closed'), '-f', "$dir/policies.sql");
is($rc, 0, '--disable-triggers where a role is missing') or diag($err);
like($err, qr/policy "gone" of table "powerpanel.location" is not restored: role "leaver" does not exist/, '... a warning');
is(said('closed', $seen, 'reader'), "3\n", '... the others hold');

# Only the one policy there was cannot be made: nobody sees anything.
$node->safe_psql('closed', 'DROP POLICY few ON powerpanel.location; ALTER TABLE powerpanel.location DISABLE ROW LEVEL SECURITY');
$said = said('closed', q{INSERT INTO powerpanel_internal.row_security VALUES
	('location', 'gone', 'CREATE POLICY gone ON powerpanel.location TO leaver USING (true)'),
	('location', '', 'ALTER TABLE powerpanel.location ENABLE ROW LEVEL SECURITY')});
like($said, qr/role "leaver" does not exist/, 'a policy that comes before the table is closed');
is(said('closed', $seen, 'reader'), "0\n", '... the table is closed');

# No row is planted that a superuser would run.
$node->safe_psql('closed', q{GRANT ALL ON powerpanel_internal.row_security TO reader});
foreach my $planted (
	[ 'another statement', q{ALTER ROLE reader SUPERUSER} ],
	[ 'two statements', q{CREATE POLICY x ON powerpanel.location USING (true); ALTER ROLE reader SUPERUSER} ],
	[ 'another table', q{CREATE POLICY x ON powerpanel.rack USING (true)} ],
	[ 'another change', q{ALTER TABLE powerpanel.location OWNER TO reader} ])
{
	my ($what, $sql) = @$planted;
	foreach my $policy ('x', '')
	{
		my $insert = "INSERT INTO powerpanel_internal.row_security VALUES ('rack_group', '$policy', \$\$$sql\$\$)";
		like(said('closed', $insert =~ s/rack_group/location/r, 'reader'), qr/is not restored|^\s*$/, "$what ('$policy'): a warning, of what another role plants");
		said('closed', $insert);
		said('closed', 'DELETE FROM powerpanel_internal.row_security');
		said('closed', 'ALTER TABLE powerpanel_internal.row_security DISABLE TRIGGER ALL; '
			. $insert . '; ALTER TABLE powerpanel_internal.row_security ENABLE TRIGGER ALL');
	}
}
is($node->safe_psql('closed', q{
		SELECT rolsuper FROM pg_roles WHERE rolname = 'reader';
		SELECT count(*) FROM pg_policy WHERE polname = 'x';
		SELECT count(*) FROM powerpanel_internal.row_security WHERE policy = 'x'}), "f\n0\n0", 'nothing planted was run, nor kept');
like(said('closed', q{ALTER TABLE powerpanel.location ENABLE ROW LEVEL SECURITY; UPDATE powerpanel_internal.row_security SET definition = 'ALTER ROLE reader SUPERUSER'}, 'postgres'),
	qr/the extension keeps the rows/, 'what is on record is not rewritten') if $node->safe_psql('closed', 'SELECT 1 FROM powerpanel_internal.row_security LIMIT 1');

# --------------------------------------------------------- changes of columns

fresh('changed');
create_inventory($node, 'changed');
foreach my $change ('ADD COLUMN serial text', 'DROP COLUMN comments', 'RENAME COLUMN comments TO remarks',
	'ALTER COLUMN comments TYPE varchar(1000)', 'RENAME TO board', 'SET SCHEMA public',
	'ADD CHECK (true), ADD COLUMN IF NOT EXISTS serial text')
{
	like(said('changed', "ALTER TABLE powerpanel.power_panel $change"),
		qr/ERROR:  cannot change the columns of table .*HINT:  For fields of your own use the column custom_fields/s, "refused: $change");
}
like(said('changed', 'BEGIN; CREATE INDEX ON powerpanel.power_panel (comments); SELECT 4711; ROLLBACK'), qr/\A4711\n.*WARNING:  pg_dump will not carry/s,
	'an index is a warning');
my $change = 'SET powerpanel.allow_change = on; ALTER TABLE powerpanel.power_panel ADD COLUMN serial text';
like(said('changed', $change), qr/WARNING:  pg_dump will not carry this change.*--section=pre-data.*--section=data.*--section=post-data/s,
	'with powerpanel.allow_change: a warning that says how to restore');
$node->safe_psql('changed', q{UPDATE powerpanel.power_panel SET serial = 'S-' || name});
$source = inventory($node, 'changed');
$node->command_ok([ 'pg_dump', '-Fc', '-d', $node->connstr('changed'), '-f', "$dir/changed" ], 'pg_dump of a changed inventory');
my $to = fresh('again');
$node->command_ok([ 'pg_restore', '--exit-on-error', '--section=pre-data', '-d', $to, "$dir/changed" ], 'pre-data');
said('again', $change);
$node->command_ok([ 'pg_restore', '--exit-on-error', "--section=$_", '-d', $to, "$dir/changed" ], $_) foreach qw(data post-data);
arrived($node, 'again', 'a changed inventory', $source);

# -------------------------------------------------------------- guarded pairs

fresh('guarded');
my $always = q{SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger
	WHERE tgfoid IN (SELECT oid FROM pg_proc WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)) AND tgenabled <> 'O' ORDER BY 1, 2};
$node->safe_psql('guarded', q{
	CREATE EXTENSION powerpanel;
	CREATE TABLE public.panel (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, circuit_positions int);
	CREATE TABLE public.feed (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text, power_panel_id uuid NOT NULL REFERENCES public.panel,
		breaker_position int, breaker_pole_count int);
	SELECT powerpanel.guard('public.feed', 'public.panel', '{"panel_positions": "circuit_positions"}')});
my $before = $node->safe_psql('guarded', $always);
like($before, qr/^panel\|\w+\|A$/m, 'a guarded pair has triggers that always fire');
$node->safe_psql('guarded', "ALTER TABLE $_ DISABLE TRIGGER ALL; ALTER TABLE $_ ENABLE TRIGGER ALL") foreach qw(public.panel public.feed powerpanel.power_feed powerpanel.power_panel powerpanel.rack);
is($node->safe_psql('guarded', $always), $before, '... after DISABLE and ENABLE TRIGGER ALL, too');

$node->stop;
done_testing();
