# Cases after public reports of people who run data centres, each a file of SQL
# with the right value in its head. They lie beside the checkout
# (../shared/cases/power), not in it. What cannot be expressed is here as such,
# with what comes out instead; docs/comparison.md lists it.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $cases;
for (my $dir = $FindBin::Bin; $dir =~ m{/}; $dir =~ s{/[^/]*$}{})
{
	$cases = "$dir/shared/cases/power";
	last if -r "$cases/prelude.sql";
	$cases = undef;
}
plan skip_all => "no ../shared/cases/power beside the checkout" if !$cases;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--encoding=UTF8']);
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

# What is printed, unaligned, is searched for these; /!.../ must not be there.
my %right = (
	# an inner breaker is no cord, and its load is there once
	f01_double => [ qr/^strip\|on\|1\|1\|100\.0$/m, '!shared_path' ],
	# a supply beyond its rating after the loss of a path is flagged
	f02_outage_max => [ qr/^device\|srv\|on\|degraded\|1400\|1400\|t$/m ],
	# 11,400 VA on phase A of three: 11400 / (17292 / 3)
	f03_phase_up => [ qr/^PDU\|to RPP\|t\|11400\.0\|11400\.0\|17292\|197\.8$/m, qr/^power_feed_overload\|.*to RPP/m ],
	# 5000 / (8646 / 3)
	g01_leg_plain => [ qr/^5000\|8646\|173\.5$/m, qr/^power_feed_overload\|.*"?F"?/m ],
	# a place has one breaker: tandems cannot be expressed
	p01 => [ qr/power_feed_breaker_conflict|conflicts with power feed "4a"/ ],
	p02 => [ qr/^P\|39\|2\|fits$/m, qr/^P\|41\|2\|power_feed_breaker_capacity$/m, qr/^P\|38\|3\|fits$/m,
		qr/^S\|12\|2\|power_feed_breaker_capacity$/m, qr/^XL\|163\|3\|fits$/m ],
	# poles are of phases: those of neutrals cannot be expressed
	p04 => [ qr/^1P\+N\|5, 6\|B-C$/m, qr/^B\|10, 11, 12$/m, qr/power_feed_breaker_pole_count/ ],
	p05 => [ qr/power_feed_power_panel_id_name_key/, qr/power_feed_amperage/, qr/damaged stab/ ],
	p06 => [ qr/MAIN \(back-fed\)/ ],
	# taps go by positions: runs in feet cannot be expressed
	p08 => [ qr/conflicts with power feed "tap 23"/ ],
	# a panel begins with phase A: rotation cannot be expressed
	p11 => [ qr/^c\|A$/m ],
	p13 => [
		qr/^BDFB-A\|fuse A5\|t\|1900\.0\|1900\.0\|3840\|49\.5$/m,
		qr/^power_feed\|fuse B5\|energized\|energized\|1900\|3800\|f$/m,
		qr/^power_feed_panel_supply\|.*ac on dc/m, qr/^power_feed_panel_supply\|.*3ph/m
	],
	# the legs of a strip with one phase are none
	p16 => [ qr/^P\|4500\.0\|.*\|0\.0\|2250\.0\|2250\.0\|/m, '!power_panel_overload' ],
	p17 => [ qr/^device_dark\|.*strip/m, qr/^device_dark\|.*srv/m ],
	r01 => [ qr/^P\|F\|t\|1800\.0\|/m, qr/\|1200\.0\|600\.0\|0\.0\|/ ],
	r02 => [ qr/^P\|F\|t\|2800\.0\|2800\.0\|3120\|/m, qr/^power_port_overload\|.*strip/m ],
	r04 => [ (map { qr/^$_\|on\|1\|1\|480\.0$/m } qw(ups strip)), (map { qr/^$_\|on\|1\|1\|400\.0$/m } qw(module bank server)) ],
	r08 => [ qr/^power_feed\|FB1\|energized\|energized\|900\|1800\|f$/m ],
	# an outlet has one cable; the cord is a device
	r09 => [ qr/cable_power_outlet_id_key/, qr/^server\|on\|2\|2\|300\.0$/m, qr/^device\|Y cord\|1$/m ],
	# the rating of a port is what it may carry for long: 1,800 W, not 80 % of it
	r10 => [ qr/^P\|F\|t\|1700\.0\|.*\|2880\|59\.0$/m, '!power_port_overload' ],
	r11 => [ qr/^power_feed_panel_voltage\|.*PF-1/m, qr/^power_feed_panel_voltage\|.*odd/m, qr/^power_feed_panel_supply\|.*dc on ac/m ],
	r12 => [ qr/^a$/m, qr/^b$/m, '!ERROR' ],
	r13 => [ qr/RPP/, qr/UPS/, qr/loose/ ],
	r16 => [ qr/^console\|on\|1\|1\|100\.0$/m ],
	r17 => [ qr/^A-B$/m ],
	r21 => [ qr/\|2N$/m ],
	r23 => [ qr/^R1\|300$/m, qr/^R2\|200$/m ],
	r24 => [ qr/^P\|F\|t\|0\.0\|4500\.0\|2880\|/m, qr/^power_port_draw_unknown\|.*s1/m ],
	# whole volts and amperes: others are rounded by PostgreSQL
	r26 => [ qr/^fuse 1\|-54\|8\|/m, qr/power_feed_amperage/ ]);

# Cases that were written when something could not be said: they are run again
# with what says it, and what comes out then.
my %said_in_full = (
	# four supplies of which it needs three: a path lost is the end of it
	r08 => {
		with => q{UPDATE device SET needed_ports = 3 WHERE name = 'chassis'; SELECT * FROM pg_temp.fail_panel('PA')},
		right => [qr/^device\|chassis\|on\|dark\|3600\|0\|f$/m]
	},
	# the 1,440 VA that the rack can have, and 1,700 of load
	r10 => {
		with => q{UPDATE rack SET power_limit = 1440 WHERE name = 'R1'; SELECT * FROM pg_temp.warn()},
		right => [qr/^rack_overload\|R1\|.*1700 VA.*1440 VA/m]
	},
	# breakers of a strip with one phase are banks
	p16 => {
		with => q{
			INSERT INTO power_bank (name, device_id, power_port_id, amperage, max_utilization)
				SELECT 'Bank ' || o.feed_leg, o.device_id, o.power_port_id, 20, 100 FROM power_outlet o WHERE o.feed_leg IS NOT NULL GROUP BY 1, 2, 3;
			UPDATE power_outlet o SET power_bank_id = b.id, feed_leg = NULL FROM power_bank b WHERE b.device_id = o.device_id AND b.name = 'Bank ' || o.feed_leg;
			SELECT * FROM pg_temp.warn()},
		right => [qr/^power_bank_overload\|strip > Bank A\|.*21\.63 A; it may carry 20\.00 A/m]
	},
	# the second inlet takes over: the console stays on, and hangs on the switch alone
	r16 => {
		with => q{
			UPDATE power_outlet o SET power_port_id = a.id, alternate_power_port_id = b.id FROM device d, power_port a, power_port b
				WHERE d.name = 'ats' AND o.device_id = d.id AND a.device_id = d.id AND b.device_id = d.id AND a.name = 'in1' AND b.name = 'in2';
			SELECT * FROM pg_temp.fail('FA');
			SELECT string_agg(name || ' ' || devices, ', ' ORDER BY name COLLATE "C") FROM single_points_of_failure()},
		# a feed takes down its strip, and nothing else
		right => [ qr/^power_feed\|FB\|energized\|energized\|0\|100\|f$/m, qr/^FA 1, FB 1, PA 1, PB 1, ats 1$/m ]
	},
	# lines of 14.9, 25.7 and 14.9 A: 3090 / 208, its square root of 3, and again
	r17 => {
		with => q{
			UPDATE power_outlet SET feed_leg = CASE feed_leg WHEN 'A' THEN 'A-B' WHEN 'B' THEN 'B-C' ELSE 'A-C' END::feed_leg;
			SELECT round(amps_a::numeric, 1), round(amps_b::numeric, 1), round(amps_c::numeric, 1) FROM feed_load() WHERE name = 'F';
			SELECT * FROM pg_temp.panels(); SELECT * FROM pg_temp.warn()},
		right => [ qr/^14\.9\|25\.7\|14\.9$/m, qr/^P\|.*\|1545\.0\|3090\.0\|1545\.0\|/m, qr/^power_feed_overload\|P > F\|.*25\.7 A .*in phase B/m ]
	},
	# 5 kW in the contract
	r21 => {
		with => q{UPDATE rack SET power_limit = 5000 WHERE name = 'R1'; SELECT * FROM pg_temp.warn()},
		right => [qr/^rack_overload\|R1\|.*5500 VA.*5000 VA/m]
	},
	# what a rack's devices draw, whichever feed brings it
	r23 => { with => q{SELECT name, devices_va FROM rack_power ORDER BY name}, right => [ qr/^R1\|300\nR2\|200$/m ] },
	# 4,500 VA at most on 2,880
	r24 => {
		with => q{SET LOCAL powerpanel.load_basis = 'maximum'; SELECT * FROM pg_temp.warn()},
		right => [qr/^power_feed_overload\|P > F\|.*4500 VA/m]
	});

sub run_case
{
	my ($file) = @_;
	my ($out, $err) = run_command([ 'psql', '-X', '-A', '-v', 'VERBOSITY=verbose', '-d', $node->connstr('postgres'), '-f', $file ]);
	return "$out\n$err";
}

foreach my $file (sort glob "$cases/*.sql")
{
	my ($case) = $file =~ m{([^/]*)\.sql$};
	next if $case eq 'prelude';
	my $said = run_case($file);

	ok($right{$case}, "$case: what is right is known");
	foreach my $what (@{ $right{$case} // [] })
	{
		my $ok = ref $what ? $said =~ $what : index($said, substr($what, 1)) < 0;
		ok($ok, "$case: $what") or diag($said);
	}
}

foreach my $case (sort keys %said_in_full)
{
	my $text = slurp_file("$cases/$case.sql");
	my $file = PostgreSQL::Test::Utils::tempdir . "/$case.sql";
	$text =~ s/^\\ir prelude\.sql/\\i $cases\/prelude.sql/m or die "$case has no prelude";
	$text =~ s/^ROLLBACK;$/\\o\n$said_in_full{$case}{with};\nROLLBACK;/m or die "$case has no end";
	append_to_file($file, $text);
	my $said = run_case($file);
	like($said, $_, "$case, said in full: $_") foreach @{ $said_in_full{$case}{right} };
}

done_testing();
