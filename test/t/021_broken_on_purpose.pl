# The checks of this suite can fail: with triggers off, every rule is broken on
# purpose, and the checker (Invariants.pm) and the audit each find it, in the
# same objects. What a CHECK or an index holds cannot be broken even so.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('broken');
$node->init;
$node->start;

# A sound inventory, in which the steps below then break something.
my $fixture = q{
CREATE EXTENSION powerpanel;
SET search_path = powerpanel;
CREATE FUNCTION public.k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT md5($1)::uuid';
INSERT INTO location (id, name) VALUES (public.k('A'), 'A'), (public.k('B'), 'B');
INSERT INTO location (id, name, parent_id) VALUES
	(public.k('A1'), 'A1', public.k('A')), (public.k('A11'), 'A11', public.k('A1')),
	(public.k('B1'), 'B1', public.k('B'));
INSERT INTO rack_group (id, name, location_id) VALUES (public.k('G'), 'G', public.k('A1'));
INSERT INTO rack (id, name, location_id, rack_group_id) VALUES
	(public.k('R'), 'R', public.k('A11'), public.k('G')), (public.k('R2'), 'R2', public.k('B1'), NULL);
INSERT INTO power_panel (id, name, location_id, rack_group_id, circuit_positions, numbering, bus) VALUES
	(public.k('P'), 'P', public.k('A1'), public.k('G'), 42, 'across', 'three-phase'),
	(public.k('Q'), 'Q', public.k('A'), NULL, 12, 'sequential', 'split-phase'),
	(public.k('T'), 'T', public.k('B'), NULL, NULL, 'sequential', 'dc');
INSERT INTO power_feed (id, name, power_panel_id, status, rack_id, breaker_position, breaker_pole_count) VALUES
	(public.k('F1'), 'F1', public.k('P'), 'active', public.k('R'), 1, 3),
	(public.k('F2'), 'F2', public.k('P'), 'active', NULL, 2, 2),
	(public.k('F3'), 'F3', public.k('P'), 'active', NULL, 7, NULL),
	(public.k('F4'), 'F4', public.k('Q'), 'active', NULL, 11, 2),
	(public.k('F5'), 'F5', public.k('Q'), 'active', NULL, NULL, NULL),
	(public.k('F6'), 'F6', public.k('T'), 'active', NULL, 40, 2),
	(public.k('F7'), 'F7', public.k('T'), 'active', NULL, NULL, 2);
UPDATE power_feed SET destination_panel_id = public.k('Q') WHERE name = 'F2';
UPDATE power_feed SET destination_panel_id = public.k('T') WHERE name = 'F4';
INSERT INTO device (id, name, rack_id) VALUES
	(public.k('D1'), 'D1', public.k('R')), (public.k('D2'), 'D2', public.k('R')), (public.k('D3'), 'D3', NULL);
INSERT INTO power_port (id, name, device_id)
	SELECT public.k('p' || i), 'inlet', public.k('D' || i) FROM generate_series(1, 3) i;
INSERT INTO power_outlet (id, name, device_id, power_port_id)
	SELECT public.k('o' || i), 'outlet', public.k('D' || i), public.k('p' || i) FROM generate_series(1, 3) i;
INSERT INTO power_port (id, name, device_id) VALUES (public.k('p4'), 'second inlet', public.k('D3')), (public.k('p5'), 'second inlet', public.k('D1'));
INSERT INTO power_bank (id, name, device_id, power_port_id, amperage) VALUES (public.k('b'), 'Bank', public.k('D1'), public.k('p1'), 16);
INSERT INTO power_outlet (id, name, device_id, power_port_id, power_bank_id) VALUES
	(public.k('o4'), 'in the bank', public.k('D1'), public.k('p1'), public.k('b'));
INSERT INTO power_outlet (id, name, device_id, power_port_id, alternate_power_port_id) VALUES
	(public.k('o5'), 'of two inlets', public.k('D3'), public.k('p3'), public.k('p4'));
INSERT INTO cable (id, power_feed_id, power_port_id) VALUES (public.k('c1'), public.k('F1'), public.k('p1'));
INSERT INTO cable (id, power_outlet_id, power_port_id) VALUES (public.k('c2'), public.k('o1'), public.k('p2'));
};
$node->safe_psql('postgres', $fixture);
is_sound($node, 'postgres', 'before');

# What is broken, how, and the rules that are then violated in which objects
# (by their names above; of a conflict, of either).
my @breaks = (
	[ 'a loop of locations', q{UPDATE location SET parent_id = public.k('A11') WHERE name = 'A'},
		qw(location_cycle:A location_cycle:A1 location_cycle:A11) ],
	[ 'a location that is its own parent', q{UPDATE location SET parent_id = id WHERE name = 'B1'}, 'location_cycle:B1' ],
	[ 'a rack out of its group', q{UPDATE rack SET location_id = public.k('B1') WHERE name = 'R'},
		qw(rack_rack_group_location:R power_feed_rack_location:F1) ],
	[ 'a rack above its group', q{UPDATE rack SET location_id = public.k('A') WHERE name = 'R'}, 'rack_rack_group_location:R' ],
	[ 'a group away from its racks and panels', q{UPDATE rack_group SET location_id = public.k('B')},
		qw(rack_rack_group_location:R power_panel_rack_group_location:P) ],
	[ 'a rack in the room beside', q{UPDATE location SET parent_id = public.k('A') WHERE name = 'B1'; UPDATE power_feed SET rack_id = public.k('R2') WHERE name = 'F2'}, () ],
	[ 'a subtree moved away', q{UPDATE location SET parent_id = public.k('B1') WHERE name = 'A11'},
		qw(rack_rack_group_location:R power_feed_rack_location:F1) ],
	[ 'a panel away from its group', q{UPDATE power_panel SET location_id = public.k('A') WHERE name = 'P'},
		'power_panel_rack_group_location:P' ],
	[ 'a feed to a rack elsewhere', q{UPDATE power_feed SET rack_id = public.k('R2') WHERE name = 'F5'}, 'power_feed_rack_location:F5' ],
	[ 'too many poles', q{UPDATE power_feed SET breaker_pole_count = 3 WHERE name = 'F7'}, 'power_feed_breaker_bus:F7' ],
	[ 'another bus', q{UPDATE power_panel SET bus = 'single-phase' WHERE name = 'Q'}, 'power_feed_breaker_bus:F4' ],
	[ 'a breaker beyond the panel', q{UPDATE power_feed SET breaker_position = 41 WHERE name = 'F1'}, 'power_feed_breaker_capacity:F1' ],
	[ 'a smaller panel', q{UPDATE power_panel SET circuit_positions = 6 WHERE name = 'P'}, 'power_feed_breaker_capacity:F3' ],
	[ 'two breakers in one place', q{UPDATE power_feed SET breaker_position = 4 WHERE name = 'F3'}, 'power_feed_breaker_conflict:F2|F3' ],
	[ 'three breakers in one place', q{UPDATE power_feed SET breaker_position = 3 WHERE name IN ('F2', 'F3')},
		qw(power_feed_breaker_conflict:F1|F2 power_feed_breaker_conflict:F2|F3 power_feed_breaker_conflict:F1|F3) ],
	[ 'another numbering', q{UPDATE power_panel SET numbering = 'sequential' WHERE name = 'P'}, 'power_feed_breaker_conflict:F1|F2' ],
	[ 'a loop of panels', q{UPDATE power_feed SET destination_panel_id = public.k('P') WHERE name = 'F6'},
		qw(power_feed_cycle:F2 power_feed_cycle:F4 power_feed_cycle:F6) ],
	[ 'a destination and a cable', q{UPDATE power_feed SET destination_panel_id = public.k('Q') WHERE name = 'F1'},
		'power_feed_destination_or_cable:F1' ],
	[ 'a loop of cables', q{INSERT INTO cable (id, power_outlet_id, power_port_id) VALUES (public.k('c3'), public.k('o2'), public.k('p3'));
		UPDATE cable SET power_feed_id = NULL, power_outlet_id = public.k('o3') WHERE id = public.k('c1')},
		qw(cable_cycle:c1 cable_cycle:c2 cable_cycle:c3) ],
	[ 'a device that feeds itself', q{UPDATE cable SET power_port_id = public.k('p3'), power_outlet_id = public.k('o3') WHERE id = public.k('c2')},
		'cable_cycle:c2' ],
	[ 'a loop through an alternate inlet', q{UPDATE cable SET power_port_id = public.k('p4'), power_outlet_id = public.k('o5') WHERE id = public.k('c2')},
		'cable_cycle:c2' ],
	[ 'a loop that needs an alternate inlet', q{UPDATE cable SET power_port_id = public.k('p4') WHERE id = public.k('c2');
		UPDATE cable SET power_feed_id = NULL, power_outlet_id = public.k('o5') WHERE id = public.k('c1')},
		qw(cable_cycle:c1 cable_cycle:c2) ],
	[ 'more cables than receptacles', q{INSERT INTO cable (power_feed_id, power_port_id) VALUES (public.k('F1'), public.k('p3'))}, 'power_feed_receptacles:F1' ],
	[ 'an alternate inlet of another device', q{UPDATE power_outlet SET alternate_power_port_id = public.k('p2') WHERE id = public.k('o5')},
		'power_outlet_alternate_power_port:o5' ],
	[ 'a bank that is fed by another device', q{UPDATE power_bank SET power_port_id = public.k('p2')},
		qw(power_bank_power_port:b power_outlet_power_bank:o4) ],
	[ 'an outlet at another inlet than its bank', q{UPDATE power_outlet SET power_port_id = public.k('p5') WHERE id = public.k('o4')}, 'power_outlet_power_bank:o4' ],
	[ 'an outlet with a bank and no inlet', q{UPDATE power_outlet SET power_port_id = NULL WHERE id = public.k('o4')}, 'power_outlet_power_bank:o4' ],
	[ 'no such bank', q{DELETE FROM power_bank}, 'power_outlet_power_bank:o4' ],
	[ 'no such bank and no inlet', q{DELETE FROM power_bank; UPDATE power_outlet SET power_port_id = NULL WHERE id = public.k('o4')}, 'power_outlet_power_bank:o4' ],
	[ 'an outlet fed by another device', q{UPDATE power_outlet SET power_port_id = public.k('p1') WHERE id = public.k('o3')}, 'power_outlet_power_port:o3' ],
	[ 'no such location', q{UPDATE location SET parent_id = public.k('?') WHERE name = 'B'}, 'location_parent_id_fkey:B' ],
	[ 'no such location of a group', q{UPDATE rack_group SET location_id = public.k('?')},
		qw(rack_group_location_id_fkey:G rack_rack_group_location:R power_panel_rack_group_location:P) ],
	[ 'no such location of a rack', q{UPDATE rack SET location_id = public.k('?') WHERE name = 'R2'}, 'rack_location_id_fkey:R2' ],
	[ 'no such rack group', q{DELETE FROM rack_group}, qw(rack_rack_group_id_fkey:R power_panel_rack_group_id_fkey:P) ],
	[ 'no such rack', q{DELETE FROM rack WHERE name = 'R'}, qw(power_feed_rack_id_fkey:F1 device_rack_id_fkey:D1 device_rack_id_fkey:D2) ],
	[ 'no such panel', q{DELETE FROM power_panel WHERE name = 'T'},
		qw(power_feed_power_panel_id_fkey:F6 power_feed_power_panel_id_fkey:F7 power_feed_destination_panel_id_fkey:F4) ],
	[ 'no such panel location', q{UPDATE power_panel SET location_id = public.k('?') WHERE name = 'T'}, 'power_panel_location_id_fkey:T' ],
	[ 'no such status', q{UPDATE power_feed SET status = 'odd' WHERE name = 'F3'}, 'power_feed_status_fkey:F3' ],
	[ 'no such device', q{DELETE FROM device WHERE name = 'D3'}, qw(power_port_device_id_fkey:p3 power_port_device_id_fkey:p4 power_outlet_device_id_fkey:o3 power_outlet_device_id_fkey:o5) ],
	[ 'no such feed', q{DELETE FROM power_feed WHERE name = 'F1'}, 'cable_power_feed_id_fkey:c1' ],
	[ 'no such outlet', q{DELETE FROM power_outlet WHERE id = public.k('o1')}, 'cable_power_outlet_id_fkey:c2' ],
	[ 'no such port', q{DELETE FROM power_port WHERE id = public.k('p2')}, qw(cable_power_port_id_fkey:c2 power_outlet_power_port:o2) ],
	[ 'derived columns that are wrong', q{UPDATE power_feed SET occupied_positions = '9' WHERE name = 'F3'}, 'power_feed_derived_columns:F3', 'all triggers off' ],
	[ 'a designation that is wrong', q{UPDATE power_feed SET phase_designation = 'B-C' WHERE name = 'F4'}, 'power_feed_derived_columns:F4', 'all triggers off' ],
	[ 'a designation on dc', q{UPDATE power_feed SET phase_designation = 'A' WHERE name = 'F6'}, 'power_feed_derived_columns:F6', 'all triggers off' ],
	[ 'positions without a position', q{UPDATE power_feed SET occupied_positions = '9' WHERE name = 'F7'}, 'power_feed_derived_columns:F7', 'all triggers off' ],
	[ 'positions without a breaker', q{UPDATE power_feed SET occupied_positions = '9' WHERE name = 'F5'}, 'power_feed_derived_columns:F5', 'all triggers off' ],
	[ 'a designation without a breaker', q{UPDATE power_feed SET phase_designation = 'A' WHERE name = 'F5'}, 'power_feed_derived_columns:F5', 'all triggers off' ],
	[ 'a numbering that nobody followed', q{UPDATE power_panel SET numbering = 'across', circuit_positions = NULL WHERE name = 'Q'},
		'power_feed_derived_columns:F4', 'all triggers off' ]);

my %id;
sub id
{
	my ($name) = @_;
	return $id{$name} //= $node->safe_psql('postgres', "SELECT public.k('$name')");
}

sub table_of
{
	my ($rule) = @_;
	return (sort { length $b <=> length $a }
		grep { index($rule, "${_}_") == 0 }
		qw(location rack_group rack device power_panel power_feed power_port power_bank power_outlet cable))[0];
}

foreach my $break (@breaks)
{
	my ($name, $sql, @expected) = @$break;
	my $off = @expected && $expected[-1] eq 'all triggers off';
	pop @expected if $off;

	# Each is broken in a transaction of its own, so that what is found is what
	# was done.
	my $disable = 'ALTER TABLE powerpanel.power_feed DISABLE TRIGGER ALL; ALTER TABLE powerpanel.power_panel DISABLE TRIGGER ALL;';
	my @found = same_as_audit($node, 'postgres', "$name: checker and audit find the same",
		"SET client_min_messages = error;\n" . ($off ? $disable : '')
		  . "SET session_replication_role = replica;\nSET search_path = powerpanel;\n$sql;\n");
	my @wrong = audit_agrees(
		[   map {
				my ($rule, $objects) = split /:/;
				my $table = $rule =~ /^rack_rack_group/ ? 'rack' : table_of($rule);
				join ' ', $rule, $table, map { id($_) } split /\|/, $objects;
			} @expected
		],
		[ map { my ($rule, $table, @ids) = split / /; map { "$rule $table $_" } @ids } @found ]);
	ok(!@wrong, "$name: it is what was broken") or diag(join "\n", @wrong, 'found:', @found);
}

# Random breakers, sound and broken ones, in random order: nothing may be wrong
# with a panel, or places, poles or derived columns of one feed or many; $broken
# is in a hundred. What is random comes from the seed and a row's number alone,
# since checker and audit make the rows anew, perhaps with another plan.
$node->safe_psql('postgres', q{
CREATE FUNCTION public.r(what text, n int, seed int) RETURNS float8 LANGUAGE sql IMMUTABLE
AS $$ SELECT ('x' || substr(md5(concat_ws(' ', what, n, seed)), 1, 8))::bit(32)::bigint / 4294967296.0 $$;
CREATE PROCEDURE public.random_breakers(panels int, feeds int, broken int, seed int) LANGUAGE plpgsql
SET search_path = powerpanel AS $$
BEGIN
	DELETE FROM cable;
	DELETE FROM power_feed;
	DELETE FROM power_panel;
	INSERT INTO power_panel (id, name, location_id, circuit_positions, numbering, bus)
	SELECT public.k('n' || n), 'N' || n, public.k('A'),
		CASE WHEN public.r('any', n, seed) < 0.2 THEN NULL WHEN public.r('large', n, seed) < 0.1 THEN 1000
			ELSE 1 + floor(200 * public.r('size', n, seed)) END,
		CASE WHEN public.r('numbering', n, seed) < 0.5 THEN 'across' ELSE 'sequential' END::panel_numbering,
		(ARRAY['three-phase', 'split-phase', 'single-phase', 'dc'])[1 + floor(4 * public.r('bus', n, seed))]::panel_bus
	FROM generate_series(1, panels) AS n;
	-- a place in one of the panel's rows of six positions, and poles that the bus has
	CREATE TEMP TABLE random_feed ON COMMIT DROP AS
	SELECT f.n, p.id AS panel, p.numbering, p.bus, CASE WHEN public.r('place', f.n, seed) > 0.1
			THEN 1 + 6 * floor(public.r('row', f.n, seed) * (least(p.circuit_positions, 990) + 5) / 6)::int END AS position,
		least(1 + floor(3 * public.r('poles', f.n, seed)), CASE p.bus WHEN 'three-phase' THEN 3 WHEN 'single-phase' THEN 1 ELSE 2 END)::int AS poles
	FROM (SELECT n, 1 + floor(panels * public.r('panel', n, seed))::int AS panel FROM generate_series(1, feeds) AS n) AS f
	JOIN power_panel AS p ON p.id = public.k('n' || f.panel);
	-- what does not fit goes, but for some
	DELETE FROM random_feed AS f USING power_panel AS p
	WHERE p.id = f.panel AND 100 * public.r('stay', f.n, seed) >= broken AND (f.position + 5 > coalesce(p.circuit_positions, 1000)
		OR EXISTS (SELECT FROM random_feed AS o WHERE o.panel = f.panel AND o.position = f.position AND o.n < f.n));
	UPDATE random_feed SET position = 1 + floor(70 * public.r('position', n, seed))
	WHERE 100 * public.r('move', n, seed) < broken AND position IS NOT NULL;
	UPDATE random_feed SET position = 1000 WHERE 300 * public.r('last', n, seed) < broken AND position IS NOT NULL;
	UPDATE random_feed SET poles = 1 + floor(3 * public.r('poles anew', n, seed)) WHERE 100 * public.r('poles?', n, seed) < broken;
	INSERT INTO power_feed (id, name, power_panel_id, status, breaker_position, breaker_pole_count, occupied_positions, phase_designation)
	SELECT public.k('f' || n), 'F' || n, panel, 'active', position,
		CASE WHEN position IS NOT NULL OR public.r('no poles', n, seed) < 0.5 THEN poles END,
		CASE WHEN 300 * public.r('occupied?', n, seed) < broken
			THEN (ARRAY['', '1', '2, 4', '1, 1023'])[1 + floor(4 * public.r('occupied', n, seed))]::position_set
			ELSE coalesce(breaker_positions(numbering, position, poles), '') END,
		CASE WHEN 300 * public.r('phases?', n, seed) < broken
			THEN (ARRAY['A', 'B-C', 'A-B-C', NULL])[1 + floor(4 * public.r('phases', n, seed))]::phase_designation
			ELSE breaker_phases(numbering, bus, position, poles) END
	FROM random_feed ORDER BY public.r('order', n, seed);
END
$$;
});
my $disable_all = 'ALTER TABLE powerpanel.power_feed DISABLE TRIGGER ALL; ALTER TABLE powerpanel.power_panel DISABLE TRIGGER ALL; ALTER TABLE powerpanel.cable DISABLE TRIGGER ALL;';
foreach my $seed (1 .. ($ENV{BROKEN_ROUNDS} || 12))
{
	my $broken = (0, 1, 3, 30)[ $seed % 4 ];
	my @found = same_as_audit($node, 'postgres', "random breakers, seed $seed: checker and audit find the same",
		"SET client_min_messages = error;\n$disable_all\nCALL public.random_breakers(60, 1500, $broken, $seed);\n");
	note scalar(@found) . ' found';
	ok($broken ? @found > 0 : @found == 0, "random breakers, seed $seed: $broken in 100 were broken");
}

# What holds with triggers off, too.
foreach my $refused (
	[ 'power_outlet_alternate', q{UPDATE power_outlet SET alternate_power_port_id = power_port_id WHERE id = public.k('o5')} ],
	[ 'power_outlet_alternate', q{UPDATE power_outlet SET power_port_id = NULL WHERE id = public.k('o5')} ],
	[ 'power_feed_receptacles', q{UPDATE power_feed SET receptacles = 0} ],
	[ 'cable_source', q{UPDATE cable SET power_outlet_id = NULL, power_feed_id = NULL} ],
	[ 'power_feed_destination_self', q{UPDATE power_feed SET destination_panel_id = power_panel_id} ],
	[ 'power_panel_circuit_positions', q{UPDATE power_panel SET circuit_positions = 0} ],
	[ 'power_feed_breaker_pole_count', q{UPDATE power_feed SET breaker_pole_count = 4} ],
	[ 'cable_power_port_id_key', q{UPDATE cable SET power_port_id = public.k('p3')} ])
{
	my ($rule, $sql) = @$refused;
	my ($rc, $out, $err) = $node->psql('postgres',
		"\\set VERBOSITY verbose\nSET session_replication_role = replica;\nSET search_path = powerpanel;\n$sql;");
	like($err, qr/CONSTRAINT NAME:\s+$rule\b/, "$rule holds with triggers off");
}

$node->stop;
done_testing();
