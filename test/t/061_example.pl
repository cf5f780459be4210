# The figures of the example inventory, each worked out by hand once.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
		'-f', "$FindBin::RealBin/../../examples/datacenter.sql" ], 'the example is loaded');

sub answer
{
	my ($sql) = @_;
	return $node->safe_psql('postgres', "SET search_path = powerpanel; $sql");
}

# A cord draws its watts over its power factor, in VA:
#	web 320 / 0.97 = 329.8969	db 480 / 0.97 = 494.8454	leaf 180 / 0.95 = 189.4737
#	console 30 / 0.90 = 33.3333 (on A only)			gpu 620 / 0.98 = 632.6531
#	blade 270 / 0.98 = 275.5102 (two on each path)	kvm 45 / 0.90 = 50 (by the transfer switch on A)
# RACK-01-B: 3 * 329.8969 + 2 * 494.8454 + 189.4737 + 2 * 275.5102 = 2719.88
# RACK-01-A: the same, the console and the kvm = 2803.21
# RACK-02-A, -B: 4 * 632.6531 + 189.4737 = 2720.09
# RPP-A = PDU-A = UPS-A: 2803.21 + 2720.09 = 5523.29; on path B 5439.96
# LP-1: CRAHs 2 * 5500 / 0.85 = 12941.18, humidifier 6000, water heater 3000, unit
#	heater 2500, fan 2200 / 0.8 = 2750, exhaust 1100 / 0.8 = 1375, dock door
#	400 / 0.75 = 533.33, and 350, 150, 250, 40 over 0.95 = 831.58: 29931.09; lights and
#	receptacles, as connected loads, 5580: 35511.09
# ATS-A: 5523.29 + 35511.09 = 41034.38; Utility: with ATS-B's 5439.96, 46474.35
is(answer(q{SELECT name, round(allocated_va::numeric, 2) FROM panel_load() ORDER BY name COLLATE "C"}),
	join("\n", 'ATS-A|41034.38', 'ATS-B|5439.96', 'Generator|0.00', 'LP-1|35511.09', 'PDU-A|5523.29', 'PDU-B|5439.96',
		'RPP-A|5523.29', 'RPP-B|5439.96', 'UPS-A|5523.29', 'UPS-B|5439.96', 'Utility|46474.35'), 'what the panels carry');
is(answer(q{SELECT l.name, round(l.allocated_va::numeric, 2), l.available_power FROM feed_load() l JOIN power_feed f ON f.id = l.power_feed_id WHERE f.rack_id IS NOT NULL ORDER BY 1}),
	join("\n", 'RACK-01-A|2803.21|8646', 'RACK-01-B|2719.88|8646', 'RACK-02-A|2720.09|4323', 'RACK-02-B|2720.09|4323'), 'what the racks\' feeds carry');

# The phases of LP-1. On each, a third of what has three poles: (12941.18 + 2750 +
# 6000) / 3 = 7230.39. Then A: exhaust at 17, 19 (C, A) 687.5, access control at 20
# 263.16, leak detection at 26 42.11, dock door at 8, 10 (A, B) 266.67, water
# heater at 35, 37 (C, A) 1500: 9989.82, and connected 2680: 12669.82. B: unit heater at 22, 24 (B, C) 1250, fire
# alarm at 27 157.89, dock door 266.67: 8904.95, and connected 2200: 11104.95. C: exhaust 687.5, building
# management at 18 368.42, unit heater 1250, water heater 1500: 11036.31, and connected 700: 11736.31.
# Their mean is 11837.03; A is farthest from it, by 832.79: 7.04 percent.
is(answer(q{SELECT round(phase_a_va::numeric, 2), round(phase_b_va::numeric, 2), round(phase_c_va::numeric, 2), round(imbalance::numeric, 2)
	FROM panel_load(panel_id('LP-1'))}), '12669.82|11104.95|11736.31|7.04', 'the phases of LP-1');

# A capacity: ATS 480 * 200 * 1.732 = 166272; LP-1 208 * 125 * 1.732 = 45032. What
# is used of it is what the most loaded phase uses of a third of it. On LP-1 that is
# A. What has two poles gives its first phase j S / (2 * 1.732) besides, and takes that
# from its second: exhaust (C, A) 396.93, water heater (C, A) 866.03, unit heater (B, C)
# 721.69, dock door (A, B) 153.96. So A has 12669.82 - 1109.00j, whose size is 12718.26,
# of 15010.67: 84.73 percent; C has 11736.31 + 541.27j. Seen from ATS-A, at 480 V, LP-1's
# A lies between A and B, and its C between C and A. So A has A's (1/2 + 0.28868j) =
# 6655.05 + 3102.96j, and C's (1/2 - 0.28868j) = 6024.41 - 3117.34j, and a third of what
# UPS-A draws, 1841.10: 14520.56 - 14.38j, of 55424: 26.20 percent.
is(answer(q{SELECT name, capacity_va::numeric(12, 1), round(utilization::numeric, 2) FROM panel_load() WHERE name IN ('ATS-A', 'LP-1') ORDER BY 1}),
	"ATS-A|166272.0|26.20\nLP-1|45032.0|84.73", 'capacities');

# Without UPS-A path B carries both cords of each: RACK-01-B 6 * 329.8969 + 4 *
# 494.8454 + 2 * 189.4737 + 4 * 275.5102 + 50 = 5489.75, RACK-02-B 2 * 2720.09 = 5440.17 of 4323.
is(answer(q{SELECT o.name, o.state_after, round(o.load_after::numeric, 2), o.overloaded
	FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')]) o
	WHERE o.object_type = 'power_feed' AND o.name LIKE 'RACK%B' OR o.state_after = 'dark' ORDER BY 1}),
	join("\n", 'PDU-01-A|dark|0.00|f', 'PDU-02-A|dark|0.00|f', 'RACK-01-B|energized|5489.75|f', 'RACK-02-B|energized|5440.17|t', 'console-01|dark|0.00|f'),
	'the outage of UPS-A');

# On UPS-A alone hang the two PDUs of path A and the console server; on ATS-A the
# 12 devices of LP-1 besides.
is(answer(q{SELECT name, devices FROM single_points_of_failure() WHERE name IN ('ATS-A', 'UPS-A', 'UPS-B', 'LP-1') ORDER BY 1}),
	"ATS-A|15\nLP-1|12\nUPS-A|3\nUPS-B|2", 'single points of failure');

# RACK-02 has 2 * 4323 VA, of which one path's may be used: 5440.17 / 4323 = 125.84 percent
is(answer(q{SELECT name, redundancy, available_power, usable_power, round(allocated_va::numeric, 2), round(utilization::numeric, 2) FROM rack_power ORDER BY 1}),
	"RACK-01|2N|17292|8646|5523.08|63.88\nRACK-02|N+1|8646|4323|5440.17|125.84", 'the racks');
# Its one story: either feed of RACK-02 is too small to carry the rack alone.
is(answer(q{SELECT rule, object FROM check_integrity() ORDER BY 1, 2}),
	"power_feed_failover_overload|RPP-A > RACK-02-A\npower_feed_failover_overload|RPP-B > RACK-02-B", 'the audit');

# The European one. A server draws 400 / 0.97 = 412.37 VA on each path; six in a rack
# make 2474.23, four racks 9896.91. On busbar A each phase has a third of it at 400 /
# 1.732 = 230.95 V: 14.28 A. Three UPS share it, 3298.97 each; any two can carry it.
# DB-1: 1500 + 900 on A, 1300 + 1400 + 300 on B, 1200 + 400 + 500 on C, and 6000 on each.
$node->safe_psql('postgres', 'CREATE DATABASE eu');
$node->safe_psql('eu', 'CREATE EXTENSION powerpanel');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('eu'),
		'-f', "$FindBin::RealBin/../../examples/datacenter-eu.sql" ], 'the European example is loaded');
sub eu
{
	my ($sql) = @_;
	return $node->safe_psql('eu', "SET search_path = powerpanel; $sql");
}
is(eu(q{SELECT name, round(allocated_va::numeric, 2), round(amps_a::numeric, 2), round(amps_b::numeric, 2), round(amps_c::numeric, 2) FROM panel_load()
	WHERE name IN ('Busbar A', 'UPS-2', 'DB-1') ORDER BY 1}),
	"Busbar A|9896.91|14.28|14.28|14.28\nDB-1|25500.00|36.37|38.97|35.07\nUPS-2|3298.97|4.76|4.76|4.76", 'its loads');
is(eu(q{SELECT count(*) FROM simulate_outage(panels => ARRAY[panel_id('UPS-2')]) WHERE overloaded OR object_type = 'device'}), '0', 'two of three UPS suffice');
is(eu(q{SELECT * FROM check_integrity()}), '', 'and nothing to warn of');

$node->stop;
done_testing();
