# A row may take the key of another, in one statement, without any foreign key
# noticing: the key is there before and after. What refers to it then refers to
# another row, so that is a change like any other, and the rules hold.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('keys');
$node->init;
$node->append_conf('postgresql.conf', 'log_min_messages = fatal');
$node->start;

# P is large, across and three-phase; Q is small, sequential and dc. R lies in
# L1 below L as the group G and the panel P want it; S, H lie elsewhere.
$node->safe_psql(
	'postgres', q{
CREATE EXTENSION powerpanel;
SET search_path = powerpanel;
CREATE FUNCTION public.k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT md5($1)::uuid';
INSERT INTO location (id, name) VALUES (public.k('L'), 'L'), (public.k('M'), 'M');
INSERT INTO location (id, name, parent_id) VALUES (public.k('L1'), 'L1', public.k('L'));
INSERT INTO power_panel (id, name, location_id, circuit_positions, numbering, bus) VALUES
	(public.k('P'), 'P', public.k('L'), 42, 'across', 'three-phase'),
	(public.k('Q'), 'Q', public.k('L'), 6, 'sequential', 'dc');
INSERT INTO rack_group (id, name, location_id) VALUES (public.k('G'), 'G', public.k('L')), (public.k('H'), 'H', public.k('M'));
INSERT INTO rack (id, name, location_id, rack_group_id) VALUES
	(public.k('R'), 'R', public.k('L1'), public.k('G')), (public.k('S'), 'S', public.k('M'), NULL);
INSERT INTO power_feed (id, name, power_panel_id, status, rack_id, breaker_position, breaker_pole_count)
	VALUES (public.k('F'), 'F', public.k('P'), 'active', public.k('R'), 20, 2);
INSERT INTO device (id, name) VALUES (public.k('D'), 'D');
INSERT INTO power_port (id, name, device_id) VALUES (public.k('p'), 'p', public.k('D'));
INSERT INTO cable (power_feed_id, power_port_id) VALUES (public.k('F'), public.k('p'));
});
is_sound($node, 'postgres', 'before');

# Each is refused, in every one of the ways a key can change hands: by the rule
# that it would break, or by a foreign key that lets no key change hands at all.
my @cases = (
	[ 'a panel takes the key of another', qr/power_feed_breaker_capacity/,
		q{UPDATE power_panel SET id = CASE name WHEN 'P' THEN public.k('old') ELSE public.k('P') END} ],
	[ 'a panel is deleted and inserted, smaller', qr/power_feed_breaker_capacity/,
		q{WITH gone AS (DELETE FROM power_panel WHERE name = 'P' RETURNING *)
		INSERT INTO power_panel (id, name, location_id, circuit_positions) SELECT id, name, location_id, 5 FROM gone} ],
	[ 'a panel gets a new key, a new one the old key', qr/power_feed_breaker_bus/,
		q{WITH old AS (UPDATE power_panel SET id = public.k('old') WHERE name = 'P' RETURNING location_id)
		INSERT INTO power_panel (id, name, location_id, bus) SELECT public.k('P'), 'new', location_id, 'single-phase' FROM old} ],
	[ 'a panel elsewhere takes the key', qr/power_feed_rack_location/,
		q{WITH gone AS (DELETE FROM power_panel WHERE name = 'P' RETURNING *)
		INSERT INTO power_panel (id, name, location_id) SELECT id, name, public.k('M') FROM gone} ],
	[ 'a rack takes the key of another', qr/power_feed_rack_location/,
		q{UPDATE rack SET id = CASE name WHEN 'R' THEN public.k('old') ELSE public.k('R') END} ],
	[ 'a rack is deleted and inserted elsewhere', qr/power_feed_rack_location/,
		q{WITH gone AS (DELETE FROM rack WHERE name = 'R' RETURNING *)
		INSERT INTO rack (id, name, location_id) SELECT id, name, public.k('M') FROM gone} ],
	[ 'a rack group takes the key of another', qr/rack_rack_group_location/,
		q{UPDATE rack_group SET id = CASE name WHEN 'G' THEN public.k('old') ELSE public.k('G') END} ],
	[ 'a rack group is deleted and inserted elsewhere', qr/rack_rack_group_location/,
		q{WITH gone AS (DELETE FROM rack_group WHERE name = 'G' RETURNING *)
		INSERT INTO rack_group (id, name, location_id) SELECT id, name, public.k('M') FROM gone} ],
	[ 'a location is deleted and inserted elsewhere', qr/rack_rack_group_location|power_feed_rack_location/,
		q{WITH gone AS (DELETE FROM location WHERE name = 'L1' RETURNING *)
		INSERT INTO location (id, name, parent_id) SELECT id, name, public.k('M') FROM gone} ],
	[ 'a location takes the key of another', qr/rack_rack_group_location|power_feed_rack_location/,
		q{WITH old AS (UPDATE location SET id = public.k('old') WHERE name = 'L1' RETURNING 1)
		INSERT INTO location (id, name) SELECT public.k('L1'), 'new' FROM old} ],
	[ 'a feed with a destination takes the key of a cabled one', qr/power_feed_destination_or_cable/,
		q{WITH old AS (UPDATE power_feed SET id = public.k('old') WHERE name = 'F' RETURNING 1)
		INSERT INTO power_feed (id, name, power_panel_id, destination_panel_id, status)
		SELECT public.k('F'), 'new', public.k('P'), public.k('Q'), 'active' FROM old} ]);

{
	foreach my $case (@cases)
	{
		my ($name, $rule, $sql) = @$case;
		foreach my $mode ('IMMEDIATE', 'DEFERRED')
		{
			my ($rc, $out, $err) = $node->psql('postgres',
				"\\set VERBOSITY verbose\nSET search_path = powerpanel;\nBEGIN;\nSET CONSTRAINTS ALL $mode;\n$sql;\n"
				  . "SET CONSTRAINTS ALL IMMEDIATE;\nROLLBACK;", on_error_stop => 1);
			like($err, qr/CONSTRAINT NAME:\s+(?:$rule|\w+_fkey$)/m, "$name: refused, constraints \L$mode");
		}
	}
}

# Where nothing would be broken it is refused too, or goes through and the
# derived columns follow.
{
	$node->psql(
		'postgres', q{
		SET search_path = powerpanel;
		WITH gone AS (DELETE FROM power_panel WHERE name = 'P' RETURNING *)
		INSERT INTO power_panel (id, name, location_id, numbering) SELECT id, 'P2', location_id, 'sequential' FROM gone});
	is_sound($node, 'postgres', 'a panel numbered otherwise');
}

# A panel that grows, and is written to before its own check has run.
{
	my ($rc, $out, $err) = $node->psql(
		'postgres', q{
		SET search_path = powerpanel;
		BEGIN;
		SET CONSTRAINTS power_panel_rules DEFERRED;
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('a', public.k('Q'), 'active', 1);
		UPDATE power_panel SET circuit_positions = 60 WHERE name = 'Q';
		INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('b', public.k('Q'), 'active', 55);
		COMMIT}, on_error_stop => 1);
	is($err, '', 'a breaker fits a panel that has grown in the same transaction');
}

$node->stop;
done_testing();
