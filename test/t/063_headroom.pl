# Random networks: what panel_headroom() and find_capacity() say, put to the test.
# On each panel a little less than its headroom is really added, and nothing may be
# overloaded by it, now or in an outage; and a little more, and what is said to
# limit it must be overloaded, in the outage that is named. Each answer of
# find_capacity() is built: the breakers are placed, and a device with a cord to
# each panel draws the load. t/064_analysis_model.pl has a model of both functions.
#
# Every other network is a site as people build them, every other an odd one. Each
# is made in a transaction and rolled back. HEADROOM_SEED and HEADROOM_NETWORKS
# choose others: network i of a run is the one and only network of a run with
# seed + i. A slow machine tries fewer, those that it can in HEADROOM_SECONDS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use RandomNetwork qw(random_network random_site network_sql);
use Test::More;

my $seed = $ENV{HEADROOM_SEED} // 1;
my $networks = $ENV{HEADROOM_NETWORKS} // 100;
my $seconds = $ENV{HEADROOM_SECONDS} // 180;

note("HEADROOM_SEED=$seed HEADROOM_NETWORKS=$networks");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
$node->safe_psql('postgres', <<'SQL');
CREATE SCHEMA t;

-- what is overloaded now, or would be in an outage
CREATE FUNCTION t.overloaded(OUT now uuid[], OUT failover uuid[]) LANGUAGE sql AS $$
	SELECT coalesce(array_agg(object_id) FILTER (WHERE rule !~ 'failover'), '{}'),
		coalesce(array_agg(object_id), '{}')
	FROM powerpanel.check_integrity(ARRAY['power_feed_overload', 'power_panel_overload',
		'power_feed_failover_overload', 'power_panel_failover_overload']) $$;

-- The same with so much on a panel, and with a feed, or all feeds of a panel, off;
-- then everything is as it was.
CREATE FUNCTION t.overloaded_with(panel uuid, va bigint, off uuid, OUT now uuid[], OUT failover uuid[]) LANGUAGE plpgsql AS $$
BEGIN
	IF va > 0 THEN
		INSERT INTO powerpanel.power_feed (name, power_panel_id, status, supply, voltage, amperage, max_utilization, connected_load)
		SELECT 'really', id, 'active', CASE bus WHEN 'dc' THEN 'dc' ELSE 'ac' END::powerpanel.supply, 600, 100000000, 100, va
		FROM powerpanel.power_panel WHERE id = panel;
	END IF;
	UPDATE powerpanel.power_feed SET status = 'offline' WHERE off IN (id, power_panel_id);
	SELECT * FROM t.overloaded() INTO now, failover;
	RAISE EXCEPTION USING ERRCODE = 'TRIAL';
EXCEPTION WHEN SQLSTATE 'TRIAL' THEN
END $$;

-- what is wrong with the headroom of each panel
CREATE FUNCTION t.wrong_headroom() RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	before record;
	less record;
	more record;
	h record;
	va bigint;
	off uuid;
BEGIN
	SELECT * FROM t.overloaded() INTO before;
	FOR h IN SELECT * FROM powerpanel.panel_headroom() LOOP
		va := coalesce(floor(h.headroom_va * 0.999), 1000000000);
		IF va > 0 THEN
			SELECT * FROM t.overloaded_with(h.power_panel_id, va, NULL) INTO less;
			IF NOT less.now <@ before.now OR NOT less.failover <@ before.failover THEN
				RETURN NEXT h || ': overloaded with ' || va;
			END IF;
			-- by far not all outages, but the way that the warnings take is another one
			FOR off IN SELECT f.id FROM powerpanel.power_feed AS f WHERE f.power_panel_id <> h.power_panel_id ORDER BY f.id LIMIT 3 LOOP
				SELECT * FROM t.overloaded_with(h.power_panel_id, 0, off) INTO more;
				SELECT * FROM t.overloaded_with(h.power_panel_id, va, off) INTO less;
				IF NOT less.now <@ more.now THEN
					RETURN NEXT h || ': overloaded with ' || va || ' and without ' || off;
				END IF;
			END LOOP;
		END IF;
		CONTINUE WHEN h.headroom_va IS NULL;
		SELECT * FROM t.overloaded_with(h.power_panel_id, greatest(ceil(h.headroom_va * 1.001), 1)::bigint, h.outage_id) INTO more;
		IF NOT h.binding_id = ANY (more.now) THEN
			RETURN NEXT h || ': not overloaded with more';
		END IF;
	END LOOP;
END $$;

-- Builds a row of find_capacity(): the breakers are placed, and a device has a cord
-- to each panel, spread evenly, and draws so much. What is wrong with that?
CREATE FUNCTION t.wrong_build(panels uuid[], positions int[], va int, poles int) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	before record;
	after record;
	device uuid;
	port uuid;
	feed uuid;
BEGIN
	SELECT * FROM t.overloaded() INTO before;
	BEGIN
		INSERT INTO powerpanel.power_feed (name, power_panel_id, status, breaker_position, breaker_pole_count)
		SELECT 'place', p, 'planned', x, poles FROM unnest(panels, positions) AS u (p, x);
		INSERT INTO powerpanel.device (name) VALUES ('new') RETURNING id INTO device;
		FOR i IN 1 .. cardinality(panels) LOOP
			INSERT INTO powerpanel.power_port (name, device_id, allocated_draw, power_factor)
			VALUES ('psu ' || i, device, greatest(va / cardinality(panels), 1), 1) RETURNING id INTO port;
			INSERT INTO powerpanel.power_feed (name, power_panel_id, status, voltage, amperage)
			VALUES ('really', panels[i], 'active', 600, 100000000) RETURNING id INTO feed;
			INSERT INTO powerpanel.cable (power_feed_id, power_port_id) VALUES (feed, port);
		END LOOP;
		SELECT * FROM t.overloaded() INTO after;
		RAISE EXCEPTION USING ERRCODE = 'TRIAL';
	EXCEPTION WHEN SQLSTATE 'TRIAL' THEN
	END;
	IF NOT after.now <@ before.now OR NOT after.failover <@ before.failover THEN
		RETURN NEXT 'built, it overloads something';
	END IF;
END $$;
SQL

# How many were tried, and how many were wrong.
my %tried = map { $_ => 0 } qw(limited unlimited), map { "of $_" } 1 .. 4;
my %wrong;

sub wrong
{
	my ($about, $function, @lines) = @_;
	diag("$about: $function", map { "\n    $_" } @lines) if ++$wrong{$function} <= 3;
	return;
}

# Places for as much as some panel has; how many were found, and what is wrong
# with them.
sub capacity_sql
{
	my ($paths) = @_;
	my $poles = 1 + int(rand 3);
	my $quantile = rand 0.7;

	return <<"SQL";
SELECT coalesce(greatest(floor(percentile_disc($quantile) WITHIN GROUP (ORDER BY headroom_va)), 1), 1000)::int AS va
FROM powerpanel.panel_headroom() WHERE headroom_va > 0 \\gset
SELECT 'capacity', $paths, panel_names, :va, (SELECT string_agg(w, '; ') FROM t.wrong_build(panels, positions, :va, $poles) AS w)
FROM powerpanel.find_capacity(:va, $poles, $paths, 20);
SQL
}

# Most odd networks carry more than they may, so that there would be no headroom to
# find.
my $ample = q{
	UPDATE powerpanel.power_feed SET amperage = amperage * 20;
	UPDATE powerpanel.power_panel SET main_breaker_amperage = main_breaker_amperage * 20;};

sub try_network
{
	my ($number) = @_;
	srand($number);
	my $is_odd = $number % 2 == 0;
	my $network = $is_odd ? random_network() : random_site();
	my $about = "network $number";

	my $out = $node->safe_psql('postgres', join "\n", 'BEGIN;', network_sql($network), $is_odd && rand() < 0.7 ? $ample : '',
		q{SELECT 'wrong', w FROM t.wrong_headroom() AS w;},
		q{SELECT 'headroom', headroom_va IS NULL FROM powerpanel.panel_headroom();},
		(map { capacity_sql($_) } 1 .. 4), 'ROLLBACK;');
	foreach (split /\n/, $out)
	{
		my ($what, @columns) = split /\|/, $_, -1;
		wrong($about, 'panel_headroom', @columns) if $what eq 'wrong';
		$tried{ $columns[0] eq 't' ? 'unlimited' : 'limited' }++ if $what eq 'headroom';
		next if $what ne 'capacity';
		$tried{"of $columns[0]"}++;
		wrong($about, 'find_capacity', "@columns") if $columns[-1] ne '';
	}
	return;
}

my $end = time + $seconds;
my $number = $seed;
while ($number < $seed + $networks && time < $end)
{
	try_network($number++);
}
note('networks: ' . ($number - $seed) . ', ' . join(', ', map { "$_: $tried{$_}" } sort keys %tried));
is_deeply(\%wrong, {}, 'headroom and capacity hold what they promise');
if ($number >= $seed + 100)
{
	cmp_ok($tried{$_}, '>', 0, "there were some: $_") foreach sort keys %tried;
}
done_testing();
