# docs/security.md, claim by claim. A test is named by the number of its claim.
# What has a test file of its own (055_rights.pl, 031_restore.pl) is tried once here.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Inventory;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

delete $ENV{PGAPPNAME};
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE stranger LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE editor LOGIN;
	CREATE ROLE dcim LOGIN; CREATE ROLE named LOGIN; CREATE DATABASE power; CREATE DATABASE theirs OWNER stranger');
create_inventory($node, 'power');
$node->safe_psql('power', 'CREATE SCHEMA AUTHORIZATION stranger; CREATE SCHEMA AUTHORIZATION editor;
	GRANT USAGE ON SCHEMA powerpanel TO reader, editor;
	GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO editor');

# All that psql says; each statement may fail.
sub said
{
	my ($sql, $user, $db) = @_;
	my ($rc, $out, $err) = $node->psql($db // 'power', "\\set VERBOSITY verbose\n$sql", on_error_stop => 0,
		extra_params => [ '-U', $user // 'postgres' ]);
	return "$out\n$err";
}

my $superuser = $node->safe_psql('postgres', 'SELECT current_user');
$node->safe_psql('postgres', 'CREATE ROLE postgres SUPERUSER LOGIN') if $superuser ne 'postgres';

my $far = '00000000-0000-0000-0000-0000000000ff';
my $orphan = "INSERT INTO powerpanel.rack (name, location_id) VALUES ('orphan', '$far')";
my $conflict = q{INSERT INTO powerpanel.power_feed (power_panel_id, name, status, breaker_position)
	SELECT power_panel_id, 'one too many', 'active', breaker_position FROM powerpanel.power_feed WHERE breaker_position IS NOT NULL ORDER BY id LIMIT 1};

# Who may do what
like(said('CREATE EXTENSION powerpanel', 'stranger', 'theirs'), qr/42501/, '1: CREATE EXTENSION takes a superuser, also in a database of one\'s own');
my @tables = split /\n/, $node->safe_psql('power', q{SELECT c.oid::regclass FROM pg_class c
	WHERE relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND relkind = 'r' ORDER BY 1});
cmp_ok(scalar(@tables), '>', 10, '2: there are tables');
foreach my $table (@tables)
{
	my $sql = join ' ', map { "$_;" } "SELECT FROM $table", "DELETE FROM $table", "INSERT INTO $table DEFAULT VALUES", "TRUNCATE $table";
	is(scalar(() = said($sql, 'stranger') =~ /42501/g), 4, "2: nothing is granted on $table");
}
like(said('SELECT * FROM powerpanel.contingency()', 'stranger'), qr/42501/, '2: functions read as the one who asks');
is($node->safe_psql('power', q{
		SELECT p.oid::regprocedure FROM pg_proc p
		WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND prorettype = 'trigger'::regtype AND has_function_privilege('stranger', p.oid, 'EXECUTE')}),
	'', '3: no trigger function is for PUBLIC');
foreach my $function (split /\n/, $node->safe_psql('power', q{SELECT p.oid::regprocedure FROM pg_proc p
	WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND prorettype = 'trigger'::regtype ORDER BY 1}))
{
	$node->safe_psql('power', "GRANT EXECUTE ON FUNCTION $function TO editor");
	foreach my $when ('BEFORE INSERT OR UPDATE', 'AFTER INSERT OR UPDATE')
	{
		foreach my $level ('ROW', 'STATEMENT')
		{
			said("CREATE TABLE editor.t (id int, occupied_positions text, phase_designation int, name int);
				CREATE TRIGGER t $when ON editor.t FOR EACH $level EXECUTE FUNCTION $function;
				INSERT INTO editor.t (id) VALUES (1); UPDATE editor.t SET id = 2; DROP TABLE editor.t", 'editor');
		}
	}
	$node->safe_psql('power', "REVOKE EXECUTE ON FUNCTION $function FROM editor");
	ok($node->safe_psql('power', 'SELECT 1') eq '1' && -s $node->logfile && slurp_file($node->logfile) !~ /terminated by signal/,
		"3: $function does no harm on a table of one's own");
}
foreach my $role ('editor', 'postgres')
{
	like(said($conflict, $role), qr/23P01/, "4: a write by $role is checked");
	like(said("BEGIN ISOLATION LEVEL SERIALIZABLE; $conflict; ROLLBACK", $role), qr/23P01/, "4: ... SERIALIZABLE");
}
like(said("SET session_replication_role = replica; ALTER TABLE powerpanel.power_feed DISABLE TRIGGER USER; $conflict", 'editor'),
	qr/42501.*42501.*23P01/s, '4: no setting of an ordinary role switches it off');

# A stranger
$node->safe_psql('power', 'ALTER TABLE powerpanel.rack ENABLE ROW LEVEL SECURITY; CREATE POLICY named ON powerpanel.rack TO named USING (true); GRANT USAGE ON SCHEMA public TO stranger');
my $of_its_own = 'SET client_min_messages = error; CREATE TABLE stranger.t (a int); ALTER TABLE stranger.t ADD b int; ALTER TABLE stranger.t ENABLE ROW LEVEL SECURITY;
	CREATE POLICY p ON stranger.t USING (true); ALTER POLICY p ON stranger.t RENAME TO q; DROP POLICY q ON stranger.t; CREATE INDEX ON stranger.t (a);
	ALTER TABLE stranger.t ENABLE TRIGGER ALL; DROP TABLE stranger.t;';
is(said($of_its_own, 'stranger'), "\n", '6: a stranger alters its own tables, and makes policies');
like(said('CREATE POLICY none ON powerpanel.rack', 'stranger'), qr/42501/, '6: ... and none here');
is(said('SET client_min_messages = error; DROP OWNED BY named', 'named'), "\n", '6: DROP OWNED by one whom a policy names');
is($node->safe_psql('power', q{SELECT (SELECT count(*) FROM powerpanel_internal.row_security WHERE policy = 'named')
	- (SELECT count(*) FROM pg_policies WHERE policyname = 'named')}), '0', '6: ... is on record');
is(said('SET client_min_messages = error; DROP OWNED BY stranger', 'stranger'), "\n", '6: DROP OWNED by a stranger');

# Whose rights
is($node->safe_psql('power', q{SELECT count(*) FROM pg_proc WHERE prosecdef AND pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)}),
	'0', '7: no function is SECURITY DEFINER');
$node->safe_psql('power', 'ALTER TABLE powerpanel.power_feed ENABLE ROW LEVEL SECURITY;
	CREATE POLICY writes ON powerpanel.power_feed FOR INSERT TO editor WITH CHECK (true)');
my $panel = $node->safe_psql('power', q{SELECT power_panel_id FROM powerpanel.power_feed WHERE breaker_position = 5 AND name LIKE 'odd name%' ORDER BY id LIMIT 1});
my $hidden = said("INSERT INTO powerpanel.power_feed (power_panel_id, name, status, breaker_position) VALUES ('$panel', 'mine', 'active', 5)", 'editor');
like($hidden, qr/23P01/, '7: a row that a policy hides conflicts all the same');
unlike($hidden, qr/odd name/, '7: ... and is not named');
$node->safe_psql('power', 'ALTER TABLE powerpanel.power_feed DISABLE ROW LEVEL SECURITY; DROP POLICY writes ON powerpanel.power_feed');
is($node->safe_psql('power', q{
		SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
		WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND l.lanname IN ('sql', 'plpgsql')
			AND p.prosqlbody IS NULL AND NOT coalesce(p.proconfig::text LIKE '%search_path=pg_catalog, pg_temp%', false)}),
	'', '8: every function in SQL has its search_path, or was parsed at once');

# The record
$node->safe_psql('power', q{GRANT ALL ON powerpanel_internal.row_security TO editor});
my $planted = q{INSERT INTO powerpanel_internal.row_security VALUES ('cable', 'p', 'CREATE POLICY p ON powerpanel.cable USING (true); ALTER ROLE editor SUPERUSER')};
like(said($planted, 'editor'), qr/WARNING.*is not restored/, '9: a planted row is a warning');
is($node->safe_psql('power', q{SELECT count(*) FROM powerpanel_internal.row_security WHERE table_name = 'cable'}), '0', '9: ... and not stored');
like(said($planted), qr/This is not row level security of the table/, '9: nor is it run for a superuser');
like(said(q{UPDATE powerpanel_internal.row_security SET definition = 'ALTER ROLE editor SUPERUSER'}, 'editor'), qr/55000/, '9: an UPDATE is refused');
is($node->safe_psql('power', q{SELECT rolsuper FROM pg_roles WHERE rolname = 'editor'}), 'f', '9: nobody became superuser');

# What is trusted
my $settings = q{SET check_function_bodies = false; SET row_security = off; SELECT pg_catalog.set_config('search_path', '', false);};
like(said("$settings $orphan"), qr/23503/, '11: a dump\'s settings switch nothing off');
like(said("SET application_name = 'pg_restore'; $settings $orphan"), qr/23503/, '11: nor does the name, for an INSERT');
like(said("SET application_name = 'pg_restore'; $settings\nCOPY powerpanel.rack (name, location_id) FROM STDIN;\norphan\t$far\n\\.\n"), qr/23503/,
	'11: nor a COPY into a table that holds rows');

# What can be broken, and is found
$node->safe_psql('power', "SET session_replication_role = replica; $orphan; $conflict");
is($node->safe_psql('power', q{SELECT DISTINCT rule FROM powerpanel.check_integrity() WHERE severity = 'error' ORDER BY 1}),
	"power_feed_breaker_conflict\nrack_location_id_fkey", '13: the audit finds what came in with checks off');
$node->safe_psql('power', q{DELETE FROM powerpanel.power_feed WHERE name = 'one too many'; DELETE FROM powerpanel.rack WHERE name = 'orphan'});
my $always = q{SELECT count(*), count(*) FILTER (WHERE tgenabled = 'A') FROM pg_trigger WHERE tgname IN
	('keep_row_security', 'load_in_any_order_end', 'derived_columns', 'zz_derived_columns_insert', 'zz_derived_columns_update', 'zz_forget_delete', 'zz_forget_update')};
my $before = $node->safe_psql('power', $always);
$node->safe_psql('power', "ALTER TABLE $_ DISABLE TRIGGER ALL; ALTER TABLE $_ ENABLE TRIGGER ALL") foreach @tables;
is($node->safe_psql('power', $always), $before, '14: ENABLE ALWAYS stays');
like($before, qr/^(\d+)\|\1$/, '14: ... and is so of all of them');
like(said($_), qr/2BP01.*inventory holds rows/, "15: $_ is refused") foreach 'DROP EXTENSION powerpanel', 'DROP SCHEMA powerpanel CASCADE';
like(said('ALTER TABLE powerpanel.rack ADD COLUMN height int'), qr/55000.*custom_fields/s, '15: a change of columns is refused');
like(said(q{INSERT INTO powerpanel_internal.row_security VALUES ('cable', '', 'ALTER TABLE powerpanel.cable ENABLE ROW LEVEL SECURITY'),
	('cable', 'gone', 'CREATE POLICY gone ON powerpanel.cable TO nobody_of_that_name USING (true)')}), qr/WARNING.*policy "gone" of table "powerpanel.cable" is not restored/,
	'16: a policy that cannot be made is named');
is($node->safe_psql('power', q{SELECT relrowsecurity FROM pg_class WHERE oid = 'powerpanel.cable'::regclass}), 't', '16: ... and the table is closed');

# An inventory with an owner of its own
$node->safe_psql('power', "SET client_min_messages = error; ALTER TABLE $_ OWNER TO dcim") foreach @tables;
$node->safe_psql('power', 'GRANT USAGE ON SCHEMA powerpanel TO dcim');
is(said(q{SET client_min_messages = error;
	INSERT INTO powerpanel.location (name) VALUES ('theirs');
	ALTER TABLE powerpanel.location ENABLE ROW LEVEL SECURITY;
	CREATE POLICY all_of_it ON powerpanel.location USING (true);
	ALTER TABLE powerpanel.location NO FORCE ROW LEVEL SECURITY}, 'dcim'), "\n", '5: the owner writes, and makes policies');
like(said($conflict, 'dcim'), qr/23P01/, '5: ... and is checked');
is($node->safe_psql('power', q{SELECT count(*) FROM powerpanel_internal.row_security WHERE policy = 'all_of_it'}), '1', '5: ... and it is on record');
$node->safe_psql('power', 'CREATE SCHEMA AUTHORIZATION stranger');
is(said("$of_its_own DROP OWNED BY stranger", 'stranger'), "\n", '6: strangers notice nothing of that');

$node->stop;
done_testing();
