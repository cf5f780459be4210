# Trigger functions attached to any relation, in any way, with any arguments, by a
# role that may execute them: whatever comes of it, the server lives, and no error
# is an internal one (XX000). sql/trigger_protocol.sql has the cases one by one; here
# they are drawn at random, by a seed that is printed and can be given (FUZZ_SEED).

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $seed = $ENV{FUZZ_SEED} // 20262;
my $rounds = $ENV{FUZZ_ROUNDS} // 3000;
srand($seed);
note("seed $seed, $rounds rounds");

my $node = PostgreSQL::Test::Cluster->new('protocol');
$node->init;
$node->append_conf('postgresql.conf', "log_min_messages = fatal\nrestart_after_crash = off");
$node->start;

$node->safe_psql(
	'postgres', q{
CREATE EXTENSION powerpanel;
CREATE ROLE wirer;
GRANT USAGE ON SCHEMA powerpanel TO wirer;
DO $$
DECLARE
	f regprocedure;
BEGIN
	FOR f IN SELECT oid FROM pg_proc WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND prorettype = 'trigger'::regtype LOOP
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO wirer', f);
	END LOOP;
END
$$;
CREATE FOREIGN DATA WRAPPER nothing;
CREATE SERVER nowhere FOREIGN DATA WRAPPER nothing;
GRANT USAGE ON FOREIGN SERVER nowhere TO wirer;
CREATE SCHEMA w AUTHORIZATION wirer;
SET ROLE wirer;
SET search_path = w;
CREATE TABLE panel (id int PRIMARY KEY, name text, size int, numbering powerpanel.panel_numbering DEFAULT 'across',
	bus powerpanel.panel_bus DEFAULT 'three-phase', gone int);
ALTER TABLE panel DROP COLUMN gone;
CREATE TABLE feed (gone int, id int PRIMARY KEY, name text, panel int, place int, poles int, destination int, u uuid,
	occupied powerpanel.position_set DEFAULT '', phases powerpanel.phase_designation, gone2 int);
ALTER TABLE feed DROP COLUMN gone, DROP COLUMN gone2;
CREATE TABLE upanel (id uuid PRIMARY KEY, name text, size int, numbering text, bus text);
CREATE TABLE ufeed (id uuid PRIMARY KEY, name text, panel uuid, place bigint, poles smallint, destination uuid,
	occupied powerpanel.position_set DEFAULT '', phases powerpanel.phase_designation);
CREATE TABLE other (id int, name text);
CREATE VIEW seen AS SELECT * FROM feed;
CREATE TABLE part (LIKE feed INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE part_0 PARTITION OF part FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE part_panel (LIKE panel INCLUDING ALL) PARTITION BY HASH (id);
CREATE TABLE part_panel_0 PARTITION OF part_panel FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE child () INHERITS (feed);
CREATE FOREIGN TABLE far (id int NOT NULL, name text, size int) SERVER nowhere;
INSERT INTO panel VALUES (1, 'P', 12, DEFAULT, DEFAULT), (2, 'Q', NULL, 'sequential', 'dc');
INSERT INTO upanel VALUES ('00000000-0000-0000-0000-000000000001', 'P', 12, 'across', 'dc'), ('00000000-0000-0000-0000-000000000002', NULL, NULL, NULL, NULL);
INSERT INTO feed (id, name, panel, place) VALUES (1, 'F', 1, 1), (2, 'G', 1, 7), (3, NULL, NULL, NULL);
INSERT INTO ufeed (id, name, panel, place) VALUES ('00000000-0000-0000-0000-000000000001', 'F', '00000000-0000-0000-0000-000000000001', 1);
});

sub one { return $_[ int rand @_ ]; }

my @functions = split /\n/, $node->safe_psql('postgres',
	q{SELECT proname FROM pg_proc WHERE pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND prorettype = 'trigger'::regtype ORDER BY 1});
my @tables = qw(panel feed upanel ufeed other seen part part_0 part_panel part_panel_0 child far brief);
my @columns = qw(id name panel place poles destination u occupied phases size numbering bus ctid nothing);
my %usual = (
	id => 'id', name => 'name', panel => 'panel', position => 'place', poles => 'poles', destination => 'destination',
	occupied => 'occupied', phases => 'phases', panel_id => 'id', panel_name => 'name', panel_positions => 'size',
	panel_numbering => 'numbering', panel_bus => 'bus');

# Mostly what would be right, with something missing or another column in its place
sub arguments
{
	my ($right) = @_;
	my @arguments;
	return join ', ', map { "'$_=$usual{$_}'" } sort keys %usual if $right;
	foreach my $role (sort keys %usual)
	{
		next if rand() < 0.1;
		push @arguments, "'$role=" . (rand() < 0.06 ? one(@columns) : $usual{$role}) . "'";
	}
	push @arguments, one("'rack=id'", "'bus=dc'", "'numbering=x'", "''", "'id=id'", "'cable=id'") if rand() < 0.1;
	return join ', ', @arguments;
}

# Of a pair that belongs together in half of the cases
sub trigger
{
	my ($n) = @_;
	my ($function, $table, $from) = (one(@functions), one(@tables), one(@tables));
	if (rand() < 0.6)
	{
		($table, $from) = @{ one([qw(feed panel)], [qw(ufeed upanel)]) };
		($table, $from) = ($from, $table) if $function =~ /panel_breakers|rederive/;
		$function = 'check_feed' if rand() < 0.3;
	}
	my $arguments = rand() < ($function eq 'check_feed' ? 0.7 : 0.05) ? arguments() : '';
	my $event = one('INSERT', 'UPDATE', 'DELETE', 'INSERT OR UPDATE', 'INSERT OR UPDATE OR DELETE');
	return "CREATE CONSTRAINT TRIGGER t$n AFTER $event ON $table"
		. (rand() < 0.9 ? " FROM $from" : '') . one('', ' DEFERRABLE INITIALLY DEFERRED')
		. " FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.$function($arguments)" if rand() < 0.7;
	$event = 'TRUNCATE' if rand() < 0.05;
	return sprintf 'CREATE TRIGGER t%d %s %s ON %s FOR EACH %s EXECUTE FUNCTION powerpanel_internal.%s(%s)', $n,
		one('BEFORE', 'BEFORE', 'AFTER', 'INSTEAD OF'), $event, $table, one('ROW', 'ROW', 'ROW', 'STATEMENT'), $function, $arguments;
}

# The triggers that guard() would make, or some of them
sub right
{
	my ($feeds, $panels) = @{ one([qw(feed panel)], [qw(ufeed upanel)]) };
	return (
		"CREATE CONSTRAINT TRIGGER r1 AFTER INSERT OR UPDATE ON $feeds FROM $panels FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_feed(" . arguments(1) . ')',
		grep { rand() < 0.8 } (
			"CREATE TRIGGER zz BEFORE INSERT OR UPDATE ON $feeds FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.set_derived_columns()",
			"CREATE CONSTRAINT TRIGGER r2 AFTER INSERT OR UPDATE ON $panels FROM $feeds FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.check_panel()",
			"CREATE CONSTRAINT TRIGGER r3 AFTER UPDATE ON $panels FROM $feeds FOR EACH ROW EXECUTE FUNCTION powerpanel_internal.rederive_feeds()"));
}

sub write_row
{
	my $table = one(@tables, qw(feed panel ufeed upanel feed panel));
	my $value = one('1', '2', '3', '13', '-2147483648', '2147483647', 'NULL');
	my $column = one(qw(id name panel place poles occupied phases size destination numbering));
	return one(
		"UPDATE $table SET $column = $column",
		"UPDATE $table SET $column = $value",
		"UPDATE $table SET name = 'x'",
		"UPDATE $table SET place = 3, poles = $value",
		"UPDATE $table SET numbering = 'sequential'",
		"UPDATE $table SET size = $value",
		"DELETE FROM $table",
		"TRUNCATE $table",
		"INSERT INTO $table (id, name) VALUES ($value, 'new')",
		"INSERT INTO $table (id, name, panel, place, poles) VALUES (9, 'new', 1, $value, 2), (10, 'newer', 1, 5, $value)",
		"INSERT INTO $table (id, name, panel, place) VALUES (gen_random_uuid(), 'new', '00000000-0000-0000-0000-000000000001', $value)");
}

sub alter
{
	my $table = one(qw(feed panel ufeed upanel));
	return one(
		"ALTER TABLE $table DROP COLUMN " . one(qw(place poles occupied phases size bus numbering panel)) . ' CASCADE',
		"ALTER TABLE $table RENAME COLUMN " . one(qw(place occupied size id)) . ' TO renamed',
		"ALTER TABLE $table ALTER COLUMN " . one(qw(place id size name)) . ' TYPE ' . one(qw(bigint text)),
		"ALTER TABLE $table DROP CONSTRAINT ${table}_pkey",
		"ALTER TABLE $table ALTER COLUMN id DROP NOT NULL",
		"ALTER TABLE $table ADD COLUMN gone int, DROP COLUMN IF EXISTS gone",
		"CREATE INDEX ON $table (name)");
}

my $script = "SET ROLE wirer;\nSET search_path = w, pg_temp;\nSET client_min_messages = error;\n"
	. "CREATE TEMP TABLE brief (LIKE feed INCLUDING ALL);\n\\set VERBOSITY verbose\n";
foreach my $round (1 .. $rounds)
{
	$script .= "\\warn round $round\nBEGIN;\n";
	my $n = 0;
	foreach my $statement ((rand() < 0.5 ? right() : ()), (map { trigger($n++) } 1 .. int rand 4),
		(map { rand() < 0.15 ? alter() : write_row() } 1 .. 4), (rand() < 0.5 ? 'SET CONSTRAINTS ALL IMMEDIATE' : ()))
	{
		$script .= "SAVEPOINT s;\n$statement;\nROLLBACK TO s;\n" if rand() < 0.2;
		$script .= "\\set ON_ERROR_ROLLBACK on\n$statement;\n";
	}
	$script .= "ROLLBACK;\n";
}

my ($rc, $out, $err) = $node->psql('postgres', $script, on_error_stop => 0,
	timeout => 10 * $PostgreSQL::Test::Utils::timeout_default);
is($rc, 0, "the server lives, seed $seed") or diag(join "\n", (split /\n/, $err)[ -12 .. -1 ]);

# A dropped index, or a type that the value given does not have, is PostgreSQL's word
my %states;
my $round = 0;
my @internal;
foreach my $line (split /\n/, $err)
{
	$round = $1 if $line =~ /^round (\d+)/;
	next unless $line =~ /ERROR:\s+(\w{5}): (.*)/;
	$states{$1}++;
	push @internal, "round $round: $2" if $1 eq 'XX000';
}
is_deeply(\@internal, [], "no internal error, seed $seed");
cmp_ok($states{'39P01'} // 0, '>', $rounds / 10, 'wrong triggers were refused');
note(join ', ', map { "$_: $states{$_}" } sort keys %states);

# What is right was let through now and then, and checked
cmp_ok(($states{'23514'} // 0) + ($states{'23P01'} // 0), '>', 0, 'rules were checked');
is($node->safe_psql('postgres', 'SELECT count(*) FROM w.feed'), '3', 'nothing was left behind');

done_testing();
