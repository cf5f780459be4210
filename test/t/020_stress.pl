# Many sessions at once, in all isolation levels, do to a small inventory what
# people do: insert, move, swap, shrink, renumber, cable, rearrange, delete, now
# and then deferred, rolled back to a savepoint, or in two phases. Afterwards
# every rule holds, as judged by a checker that shares no code with the
# extension (Invariants.pm), and the audit agrees. While it goes on, an audit
# that runs beside it never sees anything.
#
# POWERPANEL_SEED is where the random choices begin; how the sessions
# interleave is up to the machine. POWERPANEL_STRESS multiplies the work.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use IPC::Run ();
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;
use Time::HiRes qw(time);

my $seed = $ENV{POWERPANEL_SEED} // 1;
my $factor = $ENV{POWERPANEL_STRESS} // 1;
my $sessions = 8;
note("POWERPANEL_SEED=$seed POWERPANEL_STRESS=$factor");

# What a transaction may fail with: the rules' own, and the two that say "try
# again". The last two follow another error of the same transaction, which made
# the rest of it, or the making of a savepoint, fail.
my %allowed = map { $_ => 1 } qw(23514 23P01 23503 23001 23505 40001 40P01 25P02 3B001);

my $node = PostgreSQL::Test::Cluster->new('stress');
$node->init;
# A deadlock is found soon, as this test makes many.
$node->append_conf(
	'postgresql.conf', q{
deadlock_timeout = 20ms
max_prepared_transactions = 40
max_connections = 60
log_min_messages = fatal
});
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

# ------------------------------------------------------------ random choices

sub pick { return $_[ int(rand(@_)) ]; }
sub number { my ($from, $to) = @_; return $from + int(rand($to - $from + 1)); }
sub chance { return rand() < $_[0]; }
sub key { return "md5('$_[0]')::uuid"; }

# Some row of a table; another one for each salt.
sub some
{
	my ($table, $where) = @_;
	my $salt = number(0, 999_999);
	$where //= 'true';
	return "(SELECT id FROM $table WHERE $where ORDER BY md5(id::text || $salt) LIMIT 1)";
}

# ------------------------------------------------------------------- panels

my @panels = map { "P$_" } 0 .. 3;

sub fixture_panels
{
	my $sql = "INSERT INTO location (id, name) VALUES (${\key('hall')}, 'hall');\n";
	my @shapes = (
		[ 42, 'across', 'three-phase' ], [ 30, 'sequential', 'three-phase' ],
		[ 24, 'across', 'split-phase' ], [ 36, 'sequential', 'dc' ]);
	foreach my $i (0 .. $#panels)
	{
		my ($positions, $numbering, $bus) = @{ $shapes[$i] };
		$sql .= "INSERT INTO power_panel (id, name, location_id, circuit_positions, numbering, bus)"
		  . " VALUES (${\key($panels[$i])}, '$panels[$i]', ${\key('hall')}, $positions, '$numbering', '$bus');\n";
		foreach my $f (0 .. 4)
		{
			$sql .= "INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)"
			  . " VALUES ('F$f', ${\key($panels[$i])}, 'active', ${\(1 + 5 * $f)}, ${\(1 + $f % 2)});\n";
		}
	}
	$sql .= "INSERT INTO device (id, name) VALUES (${\key('server')}, 'server');\n";
	$sql .= "INSERT INTO power_port (name, device_id) SELECT 'PSU ' || i, ${\key('server')} FROM generate_series(1, 12) i;\n";
	return $sql;
}

my $feed_name = 0;

sub one_panel_change
{
	my $panel = key(pick(@panels));
	my $other = key(pick(@panels));
	my $name = 'N' . ++$feed_name;
	my $poles = number(1, 3);
	my $position = number(1, 42);
	my $feed = some('power_feed', "power_panel_id = $panel");
	my $placed = some('power_feed', "power_panel_id = $panel AND breaker_position IS NOT NULL");
	my $insert = "INSERT INTO power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)";

	return pick(
		# into the first free place: many sessions choose the same one
		("$insert VALUES ('$name', $panel, 'active', find_breaker_position($panel, 1), 1);") x 3,
		("$insert VALUES ('$name', $panel, 'planned', find_breaker_position($panel, 2, true), 2);") x 2,
		"$insert VALUES ('$name', $panel, 'active', $position, $poles);",
		"$insert VALUES ('$name', $panel, 'active', NULL, $poles);",
		# several at once: on one panel, and on several
		"$insert SELECT '$name/' || p, $panel, 'active', p, 1 FROM generate_series($position, $position + 2) p;",
		"$insert SELECT '$name', id, 'active', find_breaker_position(id, 1), 1 FROM power_panel WHERE id IN ($panel, $other);",
		"$insert VALUES ('F${\number(0, 4)}', $panel, 'active', $position, 1)"
		  . " ON CONFLICT (power_panel_id, name) DO UPDATE SET breaker_position = EXCLUDED.breaker_position;",
		"MERGE INTO power_feed f USING (VALUES ($panel, 'F${\number(0, 4)}', $position)) v (panel, name, position)"
		  . " ON f.power_panel_id = v.panel AND f.name = v.name"
		  . " WHEN MATCHED THEN UPDATE SET breaker_position = v.position"
		  . " WHEN NOT MATCHED THEN INSERT (name, power_panel_id, status, breaker_position)"
		  . " VALUES (v.name, v.panel, 'active', v.position);",
		# move, re-pole, swap, shift, take out
		("UPDATE power_feed SET breaker_position = find_breaker_position($panel, breaker_pole_count) WHERE id = $placed;") x 2,
		"UPDATE power_feed SET breaker_position = $position WHERE id = $feed;",
		"UPDATE power_feed SET breaker_pole_count = $poles WHERE id = $feed;",
		"UPDATE power_feed SET breaker_position = NULL WHERE id = $feed;",
		"UPDATE power_feed SET power_panel_id = $other, breaker_position = find_breaker_position($other, 1),"
		  . " breaker_pole_count = 1, destination_panel_id = NULL WHERE id = $feed;",
		"WITH two AS (SELECT id, breaker_position AS p, breaker_pole_count AS n,"
		  . " lead(breaker_position) OVER w AS p2, lag(breaker_position) OVER w AS p1,"
		  . " lead(breaker_pole_count) OVER w AS n2, lag(breaker_pole_count) OVER w AS n1 FROM"
		  . " (SELECT * FROM power_feed WHERE power_panel_id = $panel AND breaker_position IS NOT NULL"
		  . " ORDER BY md5(id::text || $position) LIMIT 2) f WINDOW w AS (ORDER BY id))"
		  . " UPDATE power_feed f SET breaker_position = coalesce(two.p2, two.p1, two.p),"
		  . " breaker_pole_count = coalesce(two.n2, two.n1, two.n) FROM two WHERE f.id = two.id;",
		"UPDATE power_feed SET breaker_position = breaker_position + 1 WHERE power_panel_id = $panel;",
		# the panel
		"UPDATE power_panel SET circuit_positions = ${\number(24, 48)} WHERE id = $panel;",
		"UPDATE power_panel SET circuit_positions = NULL WHERE id = $panel;",
		"UPDATE power_panel SET numbering = CASE numbering WHEN 'across' THEN 'sequential' ELSE 'across' END::panel_numbering WHERE id = $panel;",
		"UPDATE power_panel SET numbering = '${\pick('across', 'sequential')}', circuit_positions = 60 WHERE id = $panel;",
		"UPDATE power_panel SET bus = '${\pick('three-phase', 'split-phase', 'dc')}' WHERE id = $panel;",
		# what a feed leads to
		"UPDATE power_feed SET destination_panel_id = $other WHERE id = $feed;",
		"UPDATE power_feed SET destination_panel_id = NULL WHERE power_panel_id = $panel;",
		"INSERT INTO cable (power_feed_id, power_port_id) VALUES ($feed, ${\some('power_port')});",
		"UPDATE power_feed SET receptacles = ${\number(1, 2)} WHERE id = $feed;",
		"DELETE FROM cable WHERE id = ${\some('cable')};",
		# away
		("DELETE FROM power_feed WHERE id = $feed;") x 3,
		"DELETE FROM power_feed WHERE power_panel_id = $panel AND breaker_position > 30;");
}

# ------------------------------------------------ feeds from panel to panel

# Small parts of a network that are joined, taken apart and joined another way.
my @joined = map { "J$_" } 0 .. 11;

sub fixture_joins
{
	my $sql = '';
	$sql .= "INSERT INTO power_panel (id, name, location_id) VALUES (${\key($_)}, '$_', ${\key('hall')});\n" foreach @joined;
	return $sql;
}

sub one_join_change
{
	my $name = 'J' . ++$feed_name;
	my ($upper, $lower) = (key(pick(@joined)), key(pick(@joined)));
	my $insert = "INSERT INTO power_feed (name, power_panel_id, status, destination_panel_id)";
	my $feed = some('power_feed', 'destination_panel_id IS NOT NULL');
	my $salt = number(0, 999_999);
	my $from = "(SELECT id, row_number() OVER (ORDER BY md5(id::text || $salt)) AS n FROM power_panel WHERE name LIKE 'J%')";

	return pick(
		("$insert VALUES ('$name', $upper, 'active', $lower);") x 6,
		("UPDATE power_feed SET power_panel_id = $upper, destination_panel_id = $lower, name = '$name' WHERE id = $feed;") x 2,
		"UPDATE power_feed SET destination_panel_id = $lower WHERE id = $feed;",
		# a chain of some of them, in one statement; and more than are looked at one by one
		"$insert SELECT '$name/' || a.n, a.id, 'active', b.id FROM $from a JOIN $from b ON b.n = a.n + 1 WHERE a.n <= ${\number(1, 3)};",
		"$insert SELECT '$name/' || a.n || '/' || b.n, a.id, 'active', b.id FROM $from a JOIN $from b ON b.n > a.n LIMIT ${\number(17, 30)};",
		("DELETE FROM power_feed WHERE id = $feed;") x 3,
		"DELETE FROM power_feed WHERE destination_panel_id = $lower;");
}

# ------------------------------------------------------------------- places

my @places = map { my $s = $_; ($s, map { my $b = "$s$_"; ($b, "${b}x", "${b}y") } 1 .. 2) } qw(A B);
my @groups = map { "G$_" } 0 .. 5;
my @racks = map { "R$_" } 0 .. 9;
my @site_panels = map { "S$_" } 0 .. 5;

sub fixture_places
{
	my $sql = '';
	foreach my $place (@places)
	{
		my $parent = length $place > 1 ? key(substr $place, 0, -1) : 'NULL';
		$sql .= "INSERT INTO location (id, name, parent_id) VALUES (${\key($place)}, '$place', $parent);\n";
	}
	my @at = qw(A B A1 B1 A1x B1x);
	$sql .= "INSERT INTO rack_group (id, name, location_id) VALUES (${\key($groups[$_])}, '$groups[$_]', ${\key($at[$_])});\n"
	  foreach 0 .. $#groups;
	# every other rack in a group, every third panel
	foreach my $i (0 .. $#racks)
	{
		my $place = pick(qw(A1x A1y B1x B1y A1 B1 A2 B2));
		my $group = $i % 2 ? key($place =~ /^A/ ? 'G0' : 'G1') : 'NULL';
		$sql .= "INSERT INTO rack (id, name, location_id, rack_group_id)"
		  . " VALUES (${\key($racks[$i])}, '$racks[$i]', ${\key($place)}, $group);\n";
	}
	foreach my $i (0 .. $#site_panels)
	{
		my $place = (qw(A B A1 B1 A2 B2))[$i];
		$sql .= "INSERT INTO power_panel (id, name, location_id) VALUES (${\key($site_panels[$i])}, '$site_panels[$i]', ${\key($place)});\n";
	}
	return $sql;
}

sub one_place_change
{
	my $name = 'L' . ++$feed_name;
	my $place = key(pick(@places));
	my $deep = key(pick(grep { length $_ > 1 } @places));
	my $rack = key(pick(@racks));
	my $group = key(pick(@groups));
	my $panel = key(pick(@site_panels));

	return pick(
		# move a subtree: into another, away, to where it was
		("UPDATE location SET parent_id = $place WHERE id = $deep;") x 4,
		"UPDATE location SET parent_id = ${\some('location')} WHERE id = ${\some('location')};",
		"UPDATE location SET parent_id = NULL WHERE id = $deep;",
		# two at a time: each on top of the other's old place
		"UPDATE location l SET parent_id = o.parent_id FROM location o WHERE l.id IN ($place, $deep) AND o.id IN ($place, $deep) AND o.id <> l.id;",
		"INSERT INTO location (name, parent_id) VALUES ('$name', $place);",
		"WITH a AS (INSERT INTO location (name, parent_id) VALUES ('$name', $place) RETURNING id)"
		  . " INSERT INTO location (name, parent_id) SELECT '$name', id FROM a;",
		"DELETE FROM location WHERE id = ${\some('location', q{name LIKE 'L%'})};",
		# racks, groups, panels
		("UPDATE rack SET location_id = $deep WHERE id = $rack;") x 2,
		"UPDATE rack SET rack_group_id = $group WHERE id = $rack;",
		"UPDATE rack r SET location_id = g.location_id, rack_group_id = g.id FROM rack_group g WHERE r.id = $rack AND g.id = $group;",
		"UPDATE rack SET rack_group_id = NULL WHERE id = $rack;",
		("UPDATE rack_group SET location_id = $place WHERE id = $group;") x 2,
		("UPDATE power_panel SET location_id = $place WHERE id = $panel;") x 2,
		"UPDATE power_panel SET rack_group_id = $group WHERE id = $panel;",
		"UPDATE power_panel p SET location_id = g.location_id, rack_group_id = g.id FROM rack_group g WHERE p.id = $panel AND g.id = $group;",
		"UPDATE power_panel SET rack_group_id = NULL WHERE id = $panel;",
		# feeds
		("INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('$name', $panel, $rack, 'active');") x 2,
		"INSERT INTO power_feed (name, power_panel_id, rack_id, status, breaker_position)"
		  . " SELECT '$name', p.id, r.id, 'active', NULL FROM power_panel p JOIN rack r ON r.location_id = p.location_id WHERE p.id = $panel;",
		"UPDATE power_feed SET rack_id = $rack WHERE id = ${\some('power_feed', 'rack_id IS NOT NULL')};",
		"UPDATE power_feed SET power_panel_id = $panel WHERE id = ${\some('power_feed', 'rack_id IS NOT NULL')};",
		"UPDATE power_feed SET rack_id = NULL WHERE power_panel_id = $panel;",
		"DELETE FROM power_feed WHERE rack_id = $rack;");
}

# ------------------------------------------------------------------- cables

my @devices = map { "D$_" } 0 .. 7;

sub fixture_cables
{
	my $sql = '';
	foreach my $device (@devices)
	{
		$sql .= "INSERT INTO device (id, name) VALUES (${\key($device)}, '$device');\n";
		$sql .= "INSERT INTO power_port (name, device_id) SELECT 'inlet ' || i, ${\key($device)} FROM generate_series(1, 2) i;\n";
		$sql .= "INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'outlet ' || i, p.device_id,"
		  . " CASE WHEN i % 3 > 0 THEN p.id END FROM generate_series(1, 4) i"
		  . " JOIN power_port p ON p.device_id = ${\key($device)} AND p.name = 'inlet ' || 1 + i % 2;\n";
	}
	# tap boxes, which many plug into
	$sql .= "INSERT INTO power_feed (name, power_panel_id, status, receptacles) SELECT 'T' || i, ${\key('S0')}, 'active', 2 FROM generate_series(0, 2) i;\n";
	return $sql;
}

sub one_cable_change
{
	my $name = 'O' . ++$feed_name;
	my $device = key(pick(@devices));
	my $outlet = some('power_outlet');
	my $free_outlet = some('power_outlet', 'NOT EXISTS (SELECT FROM cable c WHERE c.power_outlet_id = power_outlet.id)');
	my $port = some('power_port', q{name LIKE 'inlet%'});
	my $free_port = some('power_port', q{name LIKE 'inlet%' AND NOT EXISTS (SELECT FROM cable c WHERE c.power_port_id = power_port.id)});
	my $own_port = some('power_port', "device_id = $device");
	my $bank = some('power_bank', "device_id = $device");
	my $feed = some('power_feed', "name IN ('T0', 'T1', 'T2')");

	return pick(
		("INSERT INTO cable (power_outlet_id, power_port_id) SELECT v.o, v.p"
			  . " FROM (SELECT $free_outlet AS o, $free_port AS p) v WHERE v.p IS NOT NULL AND v.o IS NOT NULL;") x 5,
		"INSERT INTO cable (power_outlet_id, power_port_id) VALUES ($outlet, $port);",
		"UPDATE cable SET power_port_id = coalesce($free_port, power_port_id) WHERE id = ${\some('cable', 'power_outlet_id IS NOT NULL')};",
		("UPDATE cable SET power_outlet_id = coalesce($free_outlet, power_outlet_id) WHERE id = ${\some('cable', 'power_outlet_id IS NOT NULL')};") x 2,
		"WITH c AS (SELECT id, power_outlet_id, power_port_id FROM cable WHERE power_outlet_id IS NOT NULL ORDER BY md5(id::text || '$name') LIMIT 2),"
		  . " gone AS (DELETE FROM cable WHERE id IN (SELECT id FROM c) RETURNING id)"
		  . " SELECT count(*) FROM gone;",
		("UPDATE power_outlet SET power_port_id = $own_port WHERE id = ${\some('power_outlet', qq{device_id = $device})};") x 4,
		"UPDATE power_outlet SET power_port_id = NULL WHERE id = $outlet;",
		"INSERT INTO power_outlet (name, device_id, power_port_id) VALUES ('$name', $device, $own_port);",
		"DELETE FROM power_outlet WHERE id = ${\some('power_outlet', q{name LIKE 'O%'})};",
		("DELETE FROM cable WHERE id = ${\some('cable', 'power_outlet_id IS NOT NULL')};") x 2,
		"DELETE FROM power_port WHERE id = ${\some('power_port', qq{device_id = $device AND name NOT LIKE 'PSU%'})}"
		  . " AND (SELECT count(*) FROM power_port WHERE device_id = $device) > 2;",
		"INSERT INTO power_port (name, device_id) VALUES ('inlet $name', $device);",
		# a second inlet
		("UPDATE power_outlet SET alternate_power_port_id = $own_port WHERE id = ${\some('power_outlet', qq{device_id = $device})};") x 3,
		"UPDATE power_outlet SET alternate_power_port_id = NULL WHERE id = ${\some('power_outlet', 'alternate_power_port_id IS NOT NULL')};",
		"UPDATE power_outlet SET power_port_id = alternate_power_port_id, alternate_power_port_id = power_port_id"
		  . " WHERE id = ${\some('power_outlet', 'alternate_power_port_id IS NOT NULL')};",
		# banks
		"INSERT INTO power_bank (name, device_id, power_port_id, amperage) VALUES ('$name', $device, $own_port, 16);",
		("UPDATE power_outlet o SET power_bank_id = b.id, power_port_id = b.power_port_id FROM power_bank b"
			  . " WHERE b.id = $bank AND o.id = ${\some('power_outlet', qq{device_id = $device})};") x 2,
		"UPDATE power_outlet SET power_bank_id = $bank WHERE id = $outlet;",
		"UPDATE power_outlet SET power_port_id = $own_port WHERE power_bank_id = $bank;",
		("UPDATE power_bank SET power_port_id = $own_port WHERE id = $bank;") x 2,
		"UPDATE power_bank SET device_id = ${\key(pick(@devices))} WHERE id = $bank;",
		"DELETE FROM power_bank WHERE id = $bank;",
		# feeds with several receptacles
		("INSERT INTO cable (power_feed_id, power_port_id) SELECT v.f, v.p"
			  . " FROM (SELECT $feed AS f, $free_port AS p) v WHERE v.p IS NOT NULL AND v.f IS NOT NULL;") x 3,
		"UPDATE power_feed SET receptacles = ${\number(1, 3)} WHERE id = $feed;",
		"UPDATE cable SET power_feed_id = $feed, power_outlet_id = NULL WHERE id = ${\some('cable')};",
		"DELETE FROM cable WHERE id = ${\some('cable', 'power_feed_id IS NOT NULL')};");
}

# ---------------------------------------------------------------- a session

my $prepared = 0;

# One transaction of one to four changes, in an isolation level.
sub transaction
{
	my ($change) = @_;
	my $sql = 'BEGIN ISOLATION LEVEL ' . pick('READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE') . ";\n";

	$sql .= "SET CONSTRAINTS ALL DEFERRED;\n" if chance(0.25);
	# a snapshot that will be old by the time of the first write
	$sql .= "SELECT count(*) FROM power_feed;\n" if chance(0.3);
	foreach (1 .. pick(1, 1, 1, 1, 2, 2, 3, 4))
	{
		my $kind = rand();
		if ($kind < 0.12)
		{
			$sql .= "SAVEPOINT s;\n" . $change->() . "\nROLLBACK TO s;\n" . $change->() . "\n";
		}
		elsif ($kind < 0.2)
		{
			$sql .= "SAVEPOINT s;\n" . $change->() . "\nSAVEPOINT t;\n" . $change->() . "\nRELEASE s;\n";
		}
		elsif ($kind < 0.25)
		{
			# a conflict that is cleared before anybody asks, or not
			$sql .= "SET CONSTRAINTS ALL DEFERRED;\n" . $change->() . "\n" . $change->() . "\n"
			  . "SAVEPOINT s;\nSET CONSTRAINTS ALL IMMEDIATE;\n" . (chance(0.5) ? "ROLLBACK TO s;\n" : '');
		}
		else
		{
			$sql .= $change->() . "\n";
		}
	}
	return $sql . "ROLLBACK;\n" if chance(0.05);
	return $sql . "COMMIT;\n" if chance(0.95);
	my $gid = 'p' . ++$prepared;
	return $sql . "PREPARE TRANSACTION '$gid';\n"
	  . "SELECT EXISTS (SELECT FROM pg_prepared_xacts WHERE gid = '$gid') AS prepared \\gset\n"
	  . "\\if :prepared\n${\pick('COMMIT', 'COMMIT', 'ROLLBACK')} PREPARED '$gid';\n\\endif\n";
}

# Runs a script for each session, all at once, and an audit beside them.
# Returns the number of commits and a count of each SQLSTATE.
sub run_sessions
{
	my ($phase, @scripts) = @_;
	my (@runs, %codes);
	my $commits = 0;
	my $dir = PostgreSQL::Test::Utils::tempdir;

	foreach my $i (0 .. $#scripts)
	{
		my $file = "$dir/$phase-$i";
		append_to_file("$file.sql",
			"\\set VERBOSITY verbose\nSET search_path = powerpanel;\nSET application_name = '$phase $i';\n$scripts[$i]");
		push @runs, {
			file => $file,
			handle => IPC::Run::start(
				[ 'psql', '-X', '-At', '-d', $node->connstr('postgres'), '-f', "$file.sql" ],
				'<', \undef, '>', "$file.out", '2>', "$file.err",
				IPC::Run::timer(300)) };
	}
	foreach my $run (@runs)
	{
		$run->{handle}->finish;
		my $err = slurp_file("$run->{file}.err");
		while ($err =~ /^psql:[^\n]*?(?:ERROR|FATAL|PANIC):  (\w{5}): (.*)/mg)
		{
			$codes{$1}++;
			diag("$phase: $1: $2") unless $allowed{$1};
		}
		# a session that lost its server says so without an SQLSTATE
		$codes{lost}++ if $err =~ /server closed the connection|connection to server/;
		my $out = slurp_file("$run->{file}.out");
		$commits += () = $out =~ /^COMMIT(?: PREPARED)?$/mg;
		$run->{out} = $out;
	}
	return ($commits, \%codes, map { $_->{out} } @runs);
}

sub stress
{
	my ($phase, $transactions, @changes) = @_;
	my $began = time;
	my $n = int($transactions * $factor);
	my @scripts;

	foreach my $i (0 .. $sessions - 1)
	{
		my $change = $changes[ $i % @changes ];
		push @scripts, join '', map { transaction($change) } 1 .. $n;
	}
	my $audits = 40 * $factor;
	push @scripts, join '', map {
		"BEGIN ISOLATION LEVEL ${\pick('READ COMMITTED', 'REPEATABLE READ')};\n"
		  . "SELECT 'audit: ' || concat_ws(' ', rule, object_type, object, detail) FROM check_integrity() WHERE severity = 'error';\n"
		  . "ROLLBACK;\n"
	} 1 .. $audits;

	my ($commits, $codes, @out) = run_sessions($phase, @scripts);
	my $all = $n * $sessions;
	note(sprintf('%s: %d of %d transactions committed in %.1f s; %s',
		$phase, $commits, $all, time - $began, join ', ', map { "$_ $codes->{$_}" } sort keys %$codes));

	is(join(' ', grep { !$allowed{$_} } sort keys %$codes), '', "$phase: only errors of the rules, or 'try again'");
	cmp_ok($commits, '>', 0.25 * $all, "$phase: a good part commits");
	is(join("\n", $out[-1] =~ /^audit: .*$/mg), '', "$phase: an audit that runs beside it sees nothing");
	is($node->safe_psql('postgres', 'SELECT count(*) FROM pg_prepared_xacts'), '0', "$phase: nothing is left prepared");
	is_sound($node, 'postgres', $phase);
	return;
}

srand($seed);
$node->safe_psql('postgres', "SET search_path = powerpanel;\n" . fixture_panels() . fixture_joins() . fixture_places() . fixture_cables());
is_sound($node, 'postgres', 'before');

stress('panels', 300, \&one_panel_change);
stress('joins', 300, \&one_join_change);
stress('places', 300, \&one_place_change);
stress('cables', 300, \&one_cable_change);
stress('all together', 200, \&one_panel_change, \&one_place_change, \&one_cable_change, \&one_join_change);

$node->stop;
done_testing();
