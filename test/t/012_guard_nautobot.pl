# guard_nautobot(): an application that goes on writing Nautobot's tables as it
# did is refused by the same rules as one that writes ours: rule by rule, with
# many writers at once, and after a dump was restored.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $files = "$FindBin::RealBin/../nautobot";
my $seed = 4711;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--encoding=UTF8']);
$node->append_conf('postgresql.conf', "lc_messages = 'C'\nautovacuum = off\nmax_connections = 30");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE nautobot LOGIN');

# A Nautobot as its own role has set it up, and the extension as a superuser has.
sub nautobot
{
	my ($db, @more) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db OWNER nautobot");
	$node->safe_psql($db, 'ALTER SCHEMA public OWNER TO nautobot');
	foreach my $file ('schema', 'inventory', @more)
	{
		$node->command_ok(
			[ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-U', 'nautobot',
				'-d', $node->connstr($db), '-f', "$files/$file.sql" ],
			"$db: $file.sql");
	}
	$node->safe_psql($db, q{
		CREATE FUNCTION k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5('nautobot ' || $1)::uuid$$;
		-- as Django writes it: all columns, in a transaction
		CREATE FUNCTION feed(name text, panel uuid, at integer, poles integer, destination uuid DEFAULT NULL) RETURNS void
		LANGUAGE sql AS $$
			INSERT INTO dcim_powerfeed (created, last_updated, _custom_field_data, id, name, type, power_path, supply, phase, voltage, amperage,
				max_utilization, breaker_position, breaker_pole_count, available_power, comments, destination_panel_id, power_panel_id, status_id)
			SELECT now(), now(), '{}', gen_random_uuid(), feed.name, 'primary', '', 'ac', 'single-phase', 120, 20,
				80, at, poles, 1920, '', destination, panel, id FROM extras_status WHERE extras_status.name = 'Active'
		$$;
		CREATE EXTENSION powerpanel});
	return $db;
}

# The rule that refuses statements, or 'none'.
sub rule
{
	my ($db, $statements, $role) = @_;
	my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\nBEGIN;\n$statements;\nSET CONSTRAINTS ALL IMMEDIATE;\nROLLBACK;\n",
		on_error_stop => 0, extra_params => [ '-U', $role ]);
	return $err =~ /^CONSTRAINT NAME:\s+(\S+)/m ? $1 : $err eq '' ? 'none' : $err;
}

# The same attempts on Nautobot's tables and on ours. N is a panel of 12
# positions with a 3-pole breaker at 1; Z is one that it feeds.
my %nautobot = (
	set_up => q{
		INSERT INTO dcim_powerpanel SELECT now(), now(), '{}', k(p), p, '', 12, '', k('DC1'), NULL FROM unnest('{N,Z}'::text[]) AS p;
		SELECT feed('first', k('N'), 1, 3);
		SELECT feed('down', k('N'), 2, 1, k('Z'))},
	feed => sub { my ($panel, $at, $poles, $to) = @_; "SELECT feed('x', k('$panel'), $at, $poles, " . ($to ? "k('$to')" : 'NULL') . ')' },
	panel => 'UPDATE dcim_powerpanel SET breaker_position_count = %s WHERE id = k(\'N\')',
	move => q{UPDATE dcim_powerfeed SET breaker_position = %s WHERE name = 'first' AND power_panel_id = k('N')},
	cable => q{UPDATE dcim_powerfeed SET cable_id = (SELECT id FROM dcim_cable LIMIT 1) WHERE name = 'down' AND power_panel_id = k('N')});
# From 3.2 on: a row for the end of a cable
my %nautobot32 = (%nautobot,
	cable => q{INSERT INTO dcim_cabletocabletermination (id, cable_end, connector, cable_id, power_feed_id)
		SELECT gen_random_uuid(), 'A', 9, (SELECT id FROM dcim_cable LIMIT 1), id FROM dcim_powerfeed WHERE name = 'down' AND power_panel_id = k('N')});
my %ours = (
	set_up => q{
		SET search_path = powerpanel, public;
		INSERT INTO location (id, name) VALUES (k('DC1'), 'DC1');
		INSERT INTO device (id, name) VALUES (k('D'), 'D');
		INSERT INTO power_port (id, name, device_id) VALUES (k('D'), 'D', k('D'));
		INSERT INTO power_panel (id, name, circuit_positions, location_id) SELECT k(p), p, 12, k('DC1') FROM unnest('{N,Z}'::text[]) AS p;
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count) VALUES ('first', k('N'), 'active', 1, 3);
		INSERT INTO power_feed (id, name, power_panel_id, destination_panel_id, status, breaker_position) VALUES (k('down'), 'down', k('N'), k('Z'), 'active', 2)},
	feed => sub {
		my ($panel, $at, $poles, $to) = @_;
		'INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status, breaker_position, breaker_pole_count)'
		  . " VALUES ('x', k('$panel'), " . ($to ? "k('$to')" : 'NULL') . ", 'active', $at, $poles)";
	},
	panel => 'UPDATE powerpanel.power_panel SET circuit_positions = %s WHERE id = k(\'N\')',
	move => q{UPDATE powerpanel.power_feed SET breaker_position = %s WHERE name = 'first'},
	cable => q{INSERT INTO powerpanel.cable (power_feed_id, power_port_id) VALUES (k('down'), k('D'))});

my @attempts = (
	[ power_feed_breaker_conflict => sub { $_[0]{feed}->('N', 5, 1) } ],
	[ power_feed_breaker_capacity => sub { $_[0]{feed}->('N', 11, 2) } ],
	[ power_feed_breaker_capacity => sub { sprintf $_[0]{panel}, 4 } ],
	[ power_feed_breaker_capacity => sub { sprintf $_[0]{move}, 9 } ],
	[ power_panel_circuit_positions => sub { sprintf $_[0]{panel}, 0 } ],
	[ power_feed_breaker_position => sub { $_[0]{feed}->('N', 0, 1) } ],
	[ power_feed_breaker_position => sub { $_[0]{feed}->('N', 1001, 1) } ],
	[ power_feed_breaker_pole_count => sub { $_[0]{feed}->('N', 7, 4) } ],
	[ power_feed_destination_self => sub { $_[0]{feed}->('N', 'NULL', 'NULL', 'N') } ],
	[ power_feed_cycle => sub { $_[0]{feed}->('Z', 'NULL', 'NULL', 'N') } ],
	[ power_feed_destination_or_cable => sub { $_[0]{cable} } ],
	[ none => sub { $_[0]{feed}->('N', 7, 3) } ],
	[ none => sub { sprintf $_[0]{move}, 7 } ],
	[ none => sub { sprintf $_[0]{panel}, 'NULL' } ]);

# What guard_nautobot() tells: each rule that it guards, by which columns
my $told = q{SELECT rule, guarded, violations, detail FROM powerpanel.guard_nautobot() ORDER BY guarded DESC, rule};
my $others = join '', map { "\npower_${_}|f|0|left to Nautobot, which checks it when it saves one object" }
  qw(feed_amperage feed_max_utilization feed_rack_location feed_voltage panel_rack_group_location);
my $guarded = q{power_feed_breaker_bus|t|0|by dcim_powerfeed.breaker_position, dcim_powerfeed.breaker_pole_count
power_feed_breaker_capacity|t|0|by dcim_powerfeed.breaker_position, dcim_powerpanel.breaker_position_count
power_feed_breaker_conflict|t|0|by dcim_powerfeed.breaker_position
power_feed_breaker_pole_count|t|0|by dcim_powerfeed.breaker_pole_count
power_feed_breaker_position|t|0|by dcim_powerfeed.breaker_position
power_feed_cycle|t|0|by dcim_powerfeed.destination_panel_id
power_feed_destination_or_cable|t|0|by dcim_powerfeed.destination_panel_id, CABLE
power_feed_destination_self|t|0|by dcim_powerfeed.destination_panel_id
power_panel_circuit_positions|t|0|by dcim_powerpanel.breaker_position_count};

foreach my $version (
	[ \%nautobot, 'dcim_powerfeed.cable_id', 'nb31' ],
	[ \%nautobot, 'dcim_powerfeed.cable_id', 'nb24', '2.4' ],
	[ \%nautobot32, 'dcim_cabletocabletermination.power_feed_id', 'nb32', '3.2' ])
{
	my ($theirs, $cable, @schema) = @$version;
	my $db = nautobot(@schema);
	is($node->safe_psql($db, $told), ($guarded =~ s/CABLE/$cable/r) . $others, "$db: guarded, and told of");
	$node->safe_psql($db, $nautobot{set_up}, extra_params => [ '-U', 'nautobot' ]);
	$node->safe_psql($db, $ours{set_up});
	foreach my $attempt (@attempts)
	{
		my ($rule, $statement) = @$attempt;
		is(rule($db, $statement->($theirs), 'nautobot'), $rule, "$db: $rule on Nautobot's tables");
		is(rule($db, $statement->(\%ours), getpwuid($<) // 'postgres'), $rule, "$db: $rule on ours");
	}
	is($node->safe_psql($db, q{SELECT feed('one pole', k('N'), 12, NULL); SELECT breaker_pole_count FROM dcim_powerfeed WHERE name = 'one pole'},
			extra_params => [ '-U', 'nautobot' ]),
		"\n1", "$db: a position without poles gets one pole");
}

# ... from the other side, too: a feed that has a cable gets a destination
foreach my $cabled ([ 'nb31', 'cable_id IS NOT NULL' ], [ 'nb32', 'id IN (SELECT power_feed_id FROM dcim_cabletocabletermination)' ])
{
	my ($db, $where) = @$cabled;
	is(rule($db, "UPDATE dcim_powerfeed SET destination_panel_id = k('Z') WHERE id = (SELECT id FROM dcim_powerfeed WHERE $where LIMIT 1)", 'nautobot'),
		'power_feed_destination_or_cable', "$db: a cabled feed gets no destination");
}

# What a Nautobot has no columns for is told of, and the rest is guarded
nautobot('part');
$node->safe_psql('part', 'ALTER TABLE dcim_powerfeed DROP cable_id, DROP breaker_pole_count');
is($node->safe_psql('part', q{SELECT rule, detail FROM powerpanel.guard_nautobot() WHERE NOT guarded AND detail !~ 'left to' ORDER BY 1}),
	"power_feed_breaker_bus|this Nautobot has no dcim_powerfeed.breaker_pole_count\n"
	  . "power_feed_breaker_pole_count|this Nautobot has no dcim_powerfeed.breaker_pole_count\n"
	  . 'power_feed_destination_or_cable|this Nautobot has no dcim_powerfeed.cable_id, dcim_cabletocabletermination.power_feed_id',
	'what it could not guard is told');
is($node->safe_psql('part', q{SELECT cardinality(rules) FROM powerpanel.guarded}), '6', '... and the rest is guarded');

# Rows that break a rule
my $db = nautobot('broken');
$node->safe_psql($db, $nautobot{set_up} . q{; SELECT feed('bad', k('N'), 3, 1)});
my ($rc, $out, $err) = $node->psql($db, 'SELECT powerpanel.guard_nautobot()');
like($err, qr/cannot guard table.*: 1 rule violation\n.*power_feed_breaker_conflict: (bad|first): /, 'rows that break a rule are told, and nothing is guarded');
is($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.guarded}), '0', '... nothing');
is($node->safe_psql($db, q{SELECT rule, guarded, violations FROM powerpanel.guard_nautobot(not_valid => true) WHERE violations > 0}),
	'power_feed_breaker_conflict|t|1', '... or they stay, and new writes are guarded');
is(rule($db, $nautobot{feed}->('N', 5, 1), 'nautobot'), 'power_feed_breaker_conflict', '... new writes are');
is($node->safe_psql($db, q{SELECT rule, object_id = (SELECT id FROM dcim_powerfeed WHERE name = object) FROM powerpanel.check_integrity()}),
	'power_feed_breaker_conflict|t', 'check_integrity() tells of them');

# Many writers at once: what they leave is sound by a query that shares nothing
# with the checks. Each tries to insert, to move, to cable and to delete at random, on four
# panels; loops of panels too. What is refused is caught, as an application does.
$db = nautobot('many', '3.2');
$node->safe_psql($db, 'SELECT powerpanel.guard_nautobot()');
$node->safe_psql($db, q{
	INSERT INTO dcim_powerpanel SELECT now(), now(), '{}', k('P' || p), 'P' || p, '', 24, '', k('DC1'), NULL FROM generate_series(1, 4) AS p;
	CREATE SEQUENCE names;
	GRANT USAGE ON SEQUENCE names TO nautobot;
	-- a feed of a panel at random, cabled or not
	CREATE FUNCTION any_feed(panel integer, at integer, cabled boolean DEFAULT NULL) RETURNS uuid LANGUAGE sql STABLE AS $$
		SELECT f.id FROM dcim_powerfeed AS f LEFT JOIN dcim_cabletocabletermination AS e ON e.power_feed_id = f.id
		WHERE f.power_panel_id = k('P' || panel) AND (e.id IS NOT NULL) = coalesce(cabled, e.id IS NOT NULL) ORDER BY md5(f.id::text || at) LIMIT 1
	$$;
	CREATE FUNCTION attempt(what integer, panel integer, other integer, at integer, poles integer) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		broken text;
	BEGIN
		IF what < 5 THEN
			PERFORM feed('F' || nextval('names'), k('P' || panel), at, poles);
		ELSIF what < 8 THEN
			UPDATE dcim_powerfeed SET breaker_position = at, power_panel_id = k('P' || panel)
			WHERE id = any_feed(other, at);
		ELSIF what = 8 THEN
			PERFORM feed('D' || nextval('names'), k('P' || panel), NULL, NULL, k('P' || other));
		ELSIF what = 9 THEN
			UPDATE dcim_powerpanel SET breaker_position_count = CASE WHEN breaker_position_count = 24 THEN 16 + at / 3 ELSE 24 END
			WHERE id = k('P' || panel);
		ELSIF what IN (10, 11) THEN
			DELETE FROM dcim_cabletocabletermination WHERE power_feed_id = any_feed(panel, at);
			DELETE FROM dcim_powerfeed WHERE id = any_feed(panel, at);
		ELSIF what IN (12, 13, 15) THEN
			INSERT INTO dcim_cabletocabletermination (id, cable_end, connector, cable_id, power_feed_id)
			SELECT gen_random_uuid(), 'A', nextval('names') % 32000, (SELECT id FROM dcim_cable LIMIT 1), any_feed(panel, at, false);
		ELSIF what = 14 THEN
			UPDATE dcim_cabletocabletermination SET power_feed_id = any_feed(other, at, false) WHERE power_feed_id = any_feed(panel, at, true);
		ELSIF what = 16 AND at % 2 = 0 THEN
			DELETE FROM dcim_cabletocabletermination WHERE power_feed_id = any_feed(panel, at, true);
		ELSE
			UPDATE dcim_powerfeed SET destination_panel_id = CASE WHEN destination_panel_id IS NULL THEN k('P' || other) END WHERE id = any_feed(panel, at);
		END IF;
		-- the application's own keys are deferred
		SET CONSTRAINTS ALL IMMEDIATE;
	EXCEPTION WHEN integrity_constraint_violation OR serialization_failure OR deadlock_detected THEN
		GET STACKED DIAGNOSTICS broken = CONSTRAINT_NAME;
		RAISE NOTICE '% %', SQLSTATE, broken;
	END $$});
my $folder = PostgreSQL::Test::Utils::tempdir();
append_to_file("$folder/attempt.sql", q{
\set what random(0, 18)
\set panel random(1, 4)
\set other random(1, 4)
\set at random(1, 24)
\set poles random(1, 3)
SELECT attempt(:what, :panel, :other, :at, :poles);
});
note("seed $seed");
my ($stdout, $stderr);
IPC::Run::run([ 'pgbench', '-n', '-c', '8', '-j', '2', '-t', '200', '-U', 'nautobot', "--random-seed=$seed",
		'-f', "$folder/attempt.sql", '-d', $node->connstr($db) ], '>', \$stdout, '2>', \$stderr);
like($stdout, qr{transactions actually processed: 1600/1600}, 'many writers')
  or note(join "\n", grep { /error|abort/i } split /\n/, $stderr);
my %states;
$states{$1}++ while $stderr =~ /NOTICE:\s+(\w{5} \w*)/g;
note(join ', ', map { "$_: $states{$_}" } sort keys %states);
foreach my $rule ('23P01 power_feed_breaker_conflict', map { "23514 $_" } qw(power_feed_breaker_capacity power_feed_cycle power_feed_destination_or_cable))
{
	cmp_ok($states{$rule} // 0, '>', 5, "... who were refused now and then: $rule");
}
is($node->safe_psql($db, q{
		SELECT count(*) FROM (
			SELECT power_panel_id, breaker_position + 2 * pole AS position
			FROM dcim_powerfeed, generate_series(0, 2) AS pole
			WHERE breaker_position IS NOT NULL AND pole < breaker_pole_count GROUP BY 1, 2 HAVING count(*) > 1) AS double}),
	'0', '... and left no two breakers at one position');
is($node->safe_psql($db, q{
		SELECT count(*) FROM dcim_powerfeed AS f JOIN dcim_powerpanel AS p ON p.id = f.power_panel_id
		WHERE f.breaker_position + 2 * (f.breaker_pole_count - 1) > p.breaker_position_count}),
	'0', '... none beyond its panel');
is($node->safe_psql($db, q{
		WITH RECURSIVE below (start, at) AS (
			SELECT power_panel_id, destination_panel_id FROM dcim_powerfeed WHERE destination_panel_id IS NOT NULL
			UNION SELECT b.start, f.destination_panel_id FROM below AS b JOIN dcim_powerfeed AS f ON f.power_panel_id = b.at
			WHERE f.destination_panel_id IS NOT NULL)
		SELECT count(*) FROM below WHERE start = at}),
	'0', '... no loop');
is($node->safe_psql($db, q{
		SELECT count(*) FROM dcim_powerfeed AS f JOIN dcim_cabletocabletermination AS e ON e.power_feed_id = f.id WHERE f.destination_panel_id IS NOT NULL}),
	'0', '... no feed with a destination and a cable');
cmp_ok($node->safe_psql($db, q{SELECT count(*) FROM dcim_powerfeed WHERE name LIKE 'F%'}), '>', 10, '... but some that they wrote');
is($node->safe_psql($db, q{SELECT count(e.id) + count(f.destination_panel_id) > 2 FROM dcim_powerfeed AS f LEFT JOIN dcim_cabletocabletermination AS e ON e.power_feed_id = f.id
		WHERE f.power_panel_id IN (SELECT k('P' || p) FROM generate_series(1, 4) AS p)}), 't', '... cabled, or on to other panels');
is($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.check_integrity()}), '0', '... which the audit finds sound');

# A dump carries the guard
$node->safe_psql('postgres', 'CREATE DATABASE restored OWNER nautobot');
$node->command_ok([ 'pg_dump', '-f', "$folder/dump.sql", $node->connstr('nb31') ], 'dumped');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-f', "$folder/dump.sql", '-d', $node->connstr('restored') ], 'restored');
is($node->safe_psql('restored', 'SELECT rules FROM powerpanel.guarded'),
	$node->safe_psql('nb31', 'SELECT rules FROM powerpanel.guarded'), 'the restored tables are guarded');
is(rule('restored', $nautobot{feed}->('N', 5, 1), 'nautobot'), 'power_feed_breaker_conflict', '... and refuse');
($rc, $out, $err) = $node->psql('restored', 'SET powerpanel.allow_drop = on; DROP EXTENSION powerpanel');
like($err, qr/cannot drop extension powerpanel because other objects depend on it/, 'the extension stays as long as a table is guarded');
$node->safe_psql('restored', q{SELECT powerpanel.unguard('dcim_powerfeed')});
is(rule('restored', $nautobot{feed}->('N', 5, 1), 'nautobot'), 'none', 'unguarded, Nautobot is as it was');
is($node->safe_psql('restored', q{SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid JOIN pg_class c ON c.oid = t.tgrelid
		WHERE p.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND c.relnamespace = 'public'::regnamespace}), '0', '... without a trigger');
$node->safe_psql('restored', 'SET powerpanel.allow_drop = on; DROP EXTENSION powerpanel');

# ... however it is restored: by several workers, part by part, and data into a schema
# that is guarded already
my $signature = q{
	SELECT concat_ws(' ', g.feed_table, g.panel_table, g.cable_table, g.options, g.rules) FROM powerpanel.guarded AS g
	UNION ALL SELECT concat_ws(' ', t.tgrelid::regclass, t.tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
		WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
	UNION ALL SELECT concat_ws(' ', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid), obj_description(oid)) FROM pg_constraint
		WHERE connamespace = 'public'::regnamespace AND conname LIKE 'power\_%'
	UNION ALL SELECT 'feeds ' || count(*) FROM dcim_powerfeed
	UNION ALL SELECT 'cables ' || count(*) FROM dcim_cabletocabletermination
	UNION ALL SELECT concat_ws(' ', rule, object, detail) FROM powerpanel.check_integrity() WHERE severity = 'error' OR rule = 'guard_broken' ORDER BY 1};
my $was = $node->safe_psql('nb32', $signature);
like($was, qr/^dcim_powerfeed dcim_powerpanel dcim_cabletocabletermination /m, 'a guard with a table of cables');
$node->command_ok([ 'pg_dump', '-Fd', '-j', '2', '-f', "$folder/dump", $node->connstr('nb32') ], 'dumped by two');
my %ways = (
	'by four' => [ [ '-j', '4' ] ],
	'part by part' => [ map { [ '-j', '2', "--section=$_" ] } qw(pre-data data post-data) ],
	'data, triggers off' => [ ['--schema-only'], [ '--data-only', '--disable-triggers' ] ]);
foreach my $way (sort keys %ways)
{
	my $into = 'r' . length $way;
	$node->safe_psql('postgres', "CREATE DATABASE $into OWNER nautobot");
	$node->safe_psql($into, 'ALTER SCHEMA public OWNER TO nautobot; SELECT lo_unlink(lo_create(0)) FROM generate_series(1, 100)');
	local %ENV = %ENV;
	delete $ENV{PGAPPNAME};		# by it, the inventory knows pg_restore
	$node->command_ok([ 'pg_restore', @$_, '-d', $node->connstr($into), "$folder/dump" ], "restored $way: @$_") foreach @{ $ways{$way} };
	is($node->safe_psql($into, $signature), $was, '... the same guard, and the same rows');
	is(rule($into, $nautobot{feed}->('N', 5, 1), 'nautobot'), 'power_feed_breaker_conflict', '... and it refuses');
	is(rule($into, $nautobot32{cable}, 'nautobot'), 'power_feed_destination_or_cable', '... cables, too');
}

$node->stop;
done_testing();
