# Random networks: what panel_headroom() and find_capacity() say, put to the test.
# On each panel a little less than its headroom is really added, and nothing
# may be overloaded by it, now or in an outage; and a little more, and what is
# said to limit it must be, in the outage that is named. What find_capacity() may
# answer is worked out from the headrooms by trying all combinations, and
# each of its answers is really built.
#
# Each network is made in a transaction and rolled back. HEADROOM_SEED and
# HEADROOM_NETWORKS choose others: network i of a run is the one and only network
# of a run with seed + i. A slow machine tries fewer, those that it can in
# HEADROOM_SECONDS.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use List::Util qw(any max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PowerModel;
use RandomNetwork qw(random_network network_sql);
use Test::More;

my $seed = $ENV{HEADROOM_SEED} // 1;
my $networks = $ENV{HEADROOM_NETWORKS} // 100;
my $seconds = $ENV{HEADROOM_SECONDS} // 60;

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

# How many were tried, and how many wrong.
my (%tried, %wrong);

sub wrong
{
	my ($about, $function, @lines) = @_;
	diag("$about: $function", map { "\n    $_" } @lines) if ++$wrong{$function} <= 3;
	return;
}

# ------------------------------------------------------------------- capacity

# All that is above a panel and may not be shared, by id.
sub above
{
	my ($network, $panel) = @_;
	my %above;
	my @todo = ($panel);

	while (defined(my $id = shift @todo))
	{
		my @in = grep { ($network->{feeds}{$_}{destination} // '') eq $id } keys %{ $network->{feeds} };
		next if !@in && ($network->{panels}{$id}{type} // '') =~ /^(utility|generator)$/;
		$above{$id} = 1;
		foreach my $feed (@in)
		{
			$above{$feed} = 1;
			push @todo, grep { !$above{$_} } $network->{feeds}{$feed}{panel};
		}
	}
	return \%above;
}

# The first place for a breaker, as anybody would look for it.
sub first_place
{
	my ($network, $id, $poles) = @_;
	my $panel = $network->{panels}{$id};
	my %taken = map { $_ => 1 }
	  map { PowerModel::breaker($panel->{numbering}, @$_{qw(position poles)}) }
	  grep { $_->{panel} eq $id && defined $_->{position} } values %{ $network->{feeds} };

	return undef if $poles > ($panel->{bus} eq 'dc' ? 2 : PowerModel::phases_of_bus($panel->{bus}));
	foreach my $position (1 .. 1000)
	{
		my @its = PowerModel::breaker($panel->{numbering}, $position, $poles);
		return undef if $its[-1] > ($panel->{positions} // 2000);
		return $position if !grep { $taken{$_} } @its;
	}
	return undef;
}

# Combinations of so many of the candidates that share nothing; in order of names.
sub combinations
{
	my ($above, $n, @candidates) = @_;
	return [] if $n == 0;
	my @found;

	while (defined(my $first = shift @candidates))
	{
		my @others = grep {
			my $its = $above->{$_};
			!any { $its->{$_} } keys %{ $above->{$first} }
		} @candidates;
		push @found, map { [ $first, @$_ ] } combinations($above, $n - 1, @others);
	}
	return @found;
}

# What find_capacity() has to answer, given the headrooms by panel.
sub expected_capacity
{
	my ($network, $headroom, $va, $poles, $paths, $max_rows) = @_;
	my %name = map { $_ => $network->{panels}{$_}{name} } keys %{ $network->{panels} };
	my %va = map { $_ => $headroom->{$_} // 9**9**9 } keys %$headroom;
	my %place = map { $_ => first_place($network, $_, $poles) } keys %va;
	my @candidates = sort { $name{$a} cmp $name{$b} } grep { defined $place{$_} && $va{$_} >= $va } keys %va;
	my %above = map { $_ => above($network, $_) } @candidates;
	my (%grade, $last);

	foreach my $id (sort { $va{$b} <=> $va{$a} } @candidates)
	{
		$grade{$id} = !defined $last ? 0 : $grade{$last} + ($va{$id} != $va{$last} && $va{$last} - $va{$id} > 0.01);
		$last = $id;
	}
	# the order of names is kept where grades are equal
	my @rows = sort { max(map { $grade{$_} } @$a) <=> max(map { $grade{$_} } @$b) } combinations(\%above, $paths, @candidates);
	return map {
		my $least = min(map { $va{$_} } @$_);
		[ join(' ', @$_), join(' ', map { $place{$_} } @$_), $least == 9**9**9 ? '' : $least ]
	} @rows[ 0 .. min($max_rows, scalar @rows) - 1 ];
}

sub check_capacity
{
	my ($about, $network, $headroom, @lines) = @_;
	my ($va, $poles, $paths, $max_rows) = split /\|/, shift @lines;
	my @expected = expected_capacity($network, $headroom, $va, $poles, $paths, $max_rows);
	my @got = map { [ (split /\|/, $_, -1)[ 0 .. 3 ] ] } @lines;
	my $of = "find_capacity($va, $poles, $paths, $max_rows)";

	$tried{find_capacity} += @got;
	$tried{"of $paths"} += @got;
	wrong($about, $of, "$_->[0]: $_->[3]") foreach grep { $_->[3] ne '' } @got;
	return if @got == @expected && !grep {
		my ($x, $y) = ($got[$_], $expected[$_]);
		$x->[0] ne $y->[0] || $x->[1] ne $y->[1] || (($x->[2] eq '') != ($y->[2] eq '')) || abs(($x->[2] || 0) - ($y->[2] || 0)) > 1e-6
	} 0 .. $#got;
	wrong($about, $of, 'expected', (map { join ' | ', @$_ } @expected), 'got', map { join ' | ', @$_ } @got);
	return;
}

# ------------------------------------------------------------------- networks

# Asks for capacities, of the site or of the hall: as much as some panel has.
sub capacity_sql
{
	my ($hall, $paths) = @_;
	my $location = $hall ? q{powerpanel.location_id('Hall'), } : '';
	my $poles = 1 + int(rand 3);
	my $max_rows = (1, 3, 10, 1000)[ rand 4 ];
	my $quantile = rand(0.7);

	return <<"SQL";
SELECT coalesce(greatest(floor(percentile_disc($quantile) WITHIN GROUP (ORDER BY headroom_va)), 1), 1000)::int AS va
FROM powerpanel.panel_headroom() WHERE headroom_va > 0 \\gset
\\echo \@
SELECT :va, $poles, $paths, $max_rows;
SELECT array_to_string(panels, ' '), array_to_string(positions, ' '), headroom_va,
	(SELECT string_agg(w, '; ') FROM t.wrong_build(panels, positions, :va, $poles) AS w)
FROM powerpanel.find_capacity(${location}:va, $poles, $paths, $max_rows);
SQL
}

# Most networks carry more than they may, so that there would be no headroom to find.
my $ample = q{
	UPDATE powerpanel.power_feed SET amperage = amperage * 20;
	UPDATE powerpanel.power_panel SET main_breaker_amperage = main_breaker_amperage * 20;};

sub try_network
{
	my ($number) = @_;
	srand($number);
	my $network = random_network();
	my $about = "network $number";
	my @hall = grep { rand() < 0.5 } sort keys %{ $network->{panels} };
	my $hall = join ', ', map { "'$_'" } @hall;

	my $out = $node->safe_psql('postgres', join "\n", 'BEGIN;', network_sql($network),
		q{INSERT INTO powerpanel.location (name, parent_id) SELECT 'Hall', id FROM powerpanel.location;},
		@hall ? qq{UPDATE powerpanel.power_panel SET location_id = powerpanel.location_id('Hall') WHERE id IN ($hall);} : '',
		rand() < 0.7 ? $ample : '',
		'\echo @', 'SELECT t.wrong_headroom();',
		'\echo @', 'SELECT power_panel_id, headroom_va FROM powerpanel.panel_headroom();',
		# (they add up in another order)
		'\echo @', q{SELECT h, a FROM powerpanel.panel_headroom(powerpanel.location_id('Hall')) AS h LEFT JOIN powerpanel.panel_headroom() AS a USING (power_panel_id)
			WHERE (h.free_count, h.binding_id, h.outage_id) IS DISTINCT FROM (a.free_count, a.binding_id, a.outage_id)
				OR coalesce(abs(h.headroom_va - a.headroom_va) > 1e-9 * (1 + a.headroom_va), (h.headroom_va IS NULL) <> (a.headroom_va IS NULL));},
		'\echo @', q{SELECT power_panel_id FROM powerpanel.panel_headroom(powerpanel.location_id('Hall'));},
		'\echo @', q{SELECT h.free_count, p.free_count FROM powerpanel.panel_headroom() AS h JOIN powerpanel.panel_positions AS p USING (power_panel_id)
			WHERE h.free_count IS DISTINCT FROM p.free_count;},
		(map { capacity_sql($_ % 2 == 0, 1 + int($_ / 2)) } 0 .. 7), 'ROLLBACK;');
	my (undef, $wrong, $headrooms, $otherwise, $in_hall, $free, @capacities) = split /^\@\n?/m, $out;
	my %headroom = map { my ($id, $va) = split /\|/, $_, -1; ($id => $va eq '' ? undef : $va) } split /\n/, $headrooms;
	my %is_in_hall = map { $_ => 1 } @hall;

	$tried{panel_headroom} += keys %headroom;
	$tried{unlimited} += grep { !defined } values %headroom;
	$tried{limited} += grep { defined && $_ > 0 } values %headroom;
	wrong($about, 'panel_headroom()', split /\n/, $wrong) if $wrong ne '';
	wrong($about, 'panel_headroom(location)', $otherwise) if $otherwise ne '';
	wrong($about, 'free_count', $free) if $free ne '';
	wrong($about, 'panels of the location', $in_hall)
	  if join(' ', sort split /\n/, $in_hall) ne join(' ', grep { exists $headroom{$_} } @hall);
	foreach my $i (0 .. $#capacities)
	{
		my @ids = grep { $i % 2 || $is_in_hall{$_} } keys %headroom;
		check_capacity($about, $network, { map { $_ => $headroom{$_} } @ids }, split /\n/, $capacities[$i]);
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
	cmp_ok($tried{$_} // 0, '>', 0, "there were some: $_") foreach qw(limited unlimited), 'of 1', 'of 2', 'of 3', 'of 4';
}
done_testing();
