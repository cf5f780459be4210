# Random networks: what the extension says of trips, redundancy, headroom, places
# for a new load and of where power comes from, against a model that finds the
# same by trying (test/perl/PowerAnalysis.pm).
#
# Every other network is a site as people build them, every other an odd one.
# Each is made in a transaction, changed a little at times, asked about and rolled
# back. test/perl/ModelComparison.pm says how to choose others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use List::Util qw(any max min shuffle sum0);
use ModelComparison;
use PowerAnalysis;
use RandomNetwork qw(random_network random_site network_sql random_change);
use Test::More;

%answers = (
	contingency => [
		[
			qw(object_type object_id name devices_dark devices_degraded feeds_overloaded panels_overloaded
			  worst_utilization trips devices_dark_after_trips)
		],
		'tttttttptt'
	],
	simulate_outage => [
		[qw(object_type object_id name state_before state_after load_before load_after available overloaded)],
		'tttttvvvt'
	],
	single_points_of_failure => [ [qw(object_type object_id name devices)], 'tttt' ],
	simulate_trips => [ [qw(round object_type object_id name load rating percent)], 'ttttvvp' ],
	device_redundancy => [ [qw(device_id name min_failures failures failure_names survives_any_one)], 'tttttt' ],
	rack_redundancy => [ [qw(rack_id name devices labelled min_failures maintainable fault_tolerant)], 'ttttttt' ],
	panel_headroom => [
		[
			qw(power_panel_id name free_count headroom_va binding_type binding_id binding_name outage_type outage_id
			  outage_name)
		],
		'tttvtttttt'
	],
	find_capacity => [ [qw(panels panel_names positions headroom_va)], 'tttv' ],
	power_trace => [ [qw(depth object_type object_id name of_name energized feeds)], 'ttttttt' ],
);

# ------------------------------------------------------------------- what is met

# How often what is to be met was met; each has to be.
my %met = map { $_ => 0 } (
	'sites', 'odd networks', 'changed networks',
	'trips in one round', 'trips in two rounds', 'trips in three rounds or more',
	'a feed that opens', 'a panel that opens', 'a breaker above one that opens first', 'trips that darken a device',
	'trips without a failure of what is on',
	'a rack labelled 2N', 'a rack labelled 3N/2', 'two paths that meet', 'a rack transfer switch', 'a rack transfer switch on its second inlet',
	'a transfer switch', 'a UPS', 'a delta-wye transformer', 'parallel feeds', 'a split-phase bus', 'a single-phase bus', 'a dc bus',
	'a panel without a rating', 'a rack PDU with several inlets', 'a cord into an outlet of its own', 'a bank', 'needed_ports of 2 or more',
	(map { "min_failures $_" } 0 .. 4, 'NULL'), 'a device that survives any one', 'a device that trips alone take down',
	'a rack that is maintainable', 'a rack that is not', 'a rack that is fault tolerant', 'a rack that is not fault tolerant but maintainable',
	'headroom 0', 'headroom', 'unlimited headroom', 'headroom that now limits', 'headroom that an outage limits',
	'headroom that a feed limits', 'headroom that the panel itself limits', 'headroom that another panel limits',
	(map { "a place on $_ paths" } 1 .. 4), 'no place', 'a place without limit', 'more places than asked for',
	'a trace through a bank', 'a trace through what is off');

sub met { $met{$_}++ foreach @_; return; }

# What there is in a network.
sub meet_things
{
	my ($model) = @_;
	my $now = $model->scenario;
	my (@panels, @feeds, @outlets) = ();

	@panels = values %{ $model->{panels} };
	foreach my $id (keys %{ $model->{panels} })
	{
		my $panel = $model->{panels}{$id};
		my %from;
		met('parallel feeds') if any { $from{ $model->{feeds}{$_}{panel} }++ } $model->entering($id);
		met("a $panel->{bus} bus") if exists $met{"a $panel->{bus} bus"};
		met('a transfer switch') if ($panel->{type} // '') eq 'transfer-switch' && $model->entering($id) > 1;
		met('a UPS') if ($panel->{type} // '') eq 'ups' && $now->panel_load($id)->[0] > 0;
		met('a panel without a rating') if !defined $now->main_rating($id);
	}
	foreach my $id (grep { $now->on($_) && $model->kind($_) eq 'b' } keys %{ $model->{feeds} })
	{
		my @v = map { abs($model->{panels}{ $model->{feeds}{$id}{$_} }{voltage} // 0) } qw(panel destination);
		met('a delta-wye transformer') if $v[0] && $v[1] && abs($v[0] - $v[1]) > 0.05 * $v[0] && $now->feed_load($id)->[0] > 0;
	}
	foreach my $id (keys %{ $model->{devices} })
	{
		my %inlets = map { $model->{outlets}{$_}{port} // '' => 1 } $model->outlets_of($id);
		met('a rack PDU with several inlets') if keys %inlets > 1;
		met('a cord into an outlet of its own') if $model->cabled_ports($id) > $model->cords($id);
		met('needed_ports of 2 or more') if ($model->{devices}{$id}{needed} // 1) > 1 && !$model->outlets_of($id) && $model->cords($id);
	}
	foreach my $id (keys %{ $model->{outlets} })
	{
		my $outlet = $model->{outlets}{$id};
		next if !defined $outlet->{alternate};
		met('a rack transfer switch');
		met('a rack transfer switch on its second inlet') if $now->on($id) && $now->inlet_of($id) eq $outlet->{alternate};
	}
	met('a bank') if keys %{ $model->{banks} };
	my @labels = grep { defined } map { $model->rack_label($_) } keys %{ $model->{racks} };
	met('a rack labelled 2N') if any { $_ eq '2N' } @labels;
	met('a rack labelled 3N/2') if any { $_ eq '3N/2' } @labels;
	met('two paths that meet') if any { $_->[0] eq 'rack_shared_path' } $model->_rack_warnings;
	return;
}

# --------------------------------------------------------------------- trips

# Some panels, feeds and devices fail at once.
sub ask_outages
{
	my ($about, $model) = @_;
	my @panels = sort keys %{ $model->{panels} };
	my @feeds = sort keys %{ $model->{feeds} };
	my @devices = grep { $model->outlets_of($_) || rand() < 0.3 } sort keys %{ $model->{devices} };

	foreach (1 .. 4)
	{
		my @p = (shuffle @panels)[ 0 .. min(int(rand 2), $#panels) ];
		my @f = (shuffle @feeds)[ 0 .. min(int(rand 3), $#feeds) ];
		my @d = (shuffle @devices)[ 0 .. min(int(rand 2), $#devices) ];
		@p = () if rand() < 0.4;
		@f = () if rand() < 0.4;
		@d = () if rand() < 0.5;
		next if !@p && !@f && !@d;
		ask_trips("$about, failed @p @f @d", $model, (1, 1, 1, 1.35, 0.5, 0.1)[ rand 6 ], \@p, \@f, \@d);
	}
	# A strip that hangs on a strip: loads move, and stay as high.
	foreach my $strip (grep { my $id = $_; any { $model->{outlets}{ $model->{ports}{$_}{source} } } $model->cords($id) } @devices)
	{
		ask_trips("$about, failed $strip", $model, 0.1, [], [], [$strip]) if $model->outlets_of($strip);
	}
	return;
}

sub ask_trips
{
	my ($about, $model, $trip_at, @kinds) = @_;
	my @failed = map { @$_ } @kinds;
	my $things = join ', ', map { ids(@$_) } @kinds;
	my @opened = $model->trips_beside($trip_at, @failed);
	my @after = $model->outage_with_trips($trip_at, @failed);
	my $rounds = max(0, map { $_->[0] } @opened);
	my $then = $model->scenario(@failed);

	met('trips in one round') if $rounds == 1;
	met('trips in two rounds') if $rounds == 2;
	met('trips in three rounds or more') if $rounds > 2;
	met('a feed that opens') if any { $_->[1] eq 'power_feed' } @opened;
	met('a panel that opens') if any { $_->[1] eq 'power_panel' } @opened;
	met('a breaker above one that opens first') if grep({ $_->[0] == 1 } @opened) < PowerAnalysis::over_rating($then, $trip_at);
	met('trips that darken a device') if any { $_->[0] eq 'device' && $_->[4] eq 'dark' && !$then->is_dark($_->[1]) } @after;
	met('trips without a failure of what is on') if @opened && !any { $model->scenario->on($_) } @failed;
	ask('simulate_trips', "$things, $trip_at", sub { compare("$about at $trip_at", 'simulate_trips', \@opened, @_) });
	ask('simulate_outage', "$things, $trip_at", sub { compare("$about at $trip_at", 'simulate_outage', \@after, @_) });
	return;
}

sub ask_single_points
{
	my ($about, $model) = @_;
	my @expected = $model->single_points_of_failure;
	ask('single_points_of_failure', '', sub { compare($about, 'single_points_of_failure', \@expected, @_) });
	return;
}

sub ask_contingency
{
	my ($about, $model) = @_;
	my $trip_at = (0.5, 0.8, 1.35, 2)[ rand 4 ];
	my @at_1 = $model->contingency;

	ask('contingency', '', sub { compare($about, 'contingency', \@at_1, @_) });
	return if rand() < 0.7;
	my @at = $model->contingency($trip_at);
	ask('contingency', $trip_at, sub { compare("$about at $trip_at", 'contingency', \@at, @_) });
	return;
}

# --------------------------------------------------------------------- traces

sub ask_traces
{
	my ($about, $model) = @_;
	my @devices = (shuffle sort keys %{ $model->{devices} })[ 0 .. 2 ];

	foreach my $id (grep { defined } @devices)
	{
		my @expected = $model->power_trace($id);
		met('a trace through a bank') if any { $_->[1] eq 'power_bank' } @expected;
		met('a trace through what is off') if any { $_->[1] eq 'power_feed' && !$_->[5] } @expected;
		ask('power_trace', "'$id'", sub {
			compare("$about, trace of $id", 'power_trace', \@expected,
				map { [ @$_[ 0 .. 5 ], join(' ', sort($_->[6] =~ /[0-9a-f-]{36}/g)) ] } @_);
		});
	}
	return;
}

# ----------------------------------------------------------------- redundancy

sub ask_redundancy
{
	my ($about, $model) = @_;
	my @devices = grep { $model->cords($_) } shuffle sort keys %{ $model->{devices} };
	my @racks = $model->rack_redundancy;

	ask('device_redundancy', '', sub { check_redundancy($about, $model, \@devices, @_) });
	ask('device_redundancy', "'$devices[0]'", sub { check_redundancy("$about, one", $model, [ $devices[0] ], @_) }) if @devices;
	@racks = map { [ $_->[0], $model->{racks}{ $_->[0] }{name}, @$_[ 1 .. 5 ] ] } @racks;
	foreach my $row (@racks)
	{
		next if !$row->[2];
		met($row->[5] ? 'a rack that is maintainable' : 'a rack that is not');
		met('a rack that is fault tolerant') if $row->[6];
		met('a rack that is not fault tolerant but maintainable') if $row->[5] && !$row->[6];
	}
	ask('rack_redundancy', '', sub { compare($about, 'rack_redundancy', \@racks, @_) });
	ask('rack_redundancy', "'$racks[0][0]'", sub { compare("$about, one", 'rack_redundancy', [ $racks[0] ], @_) }) if @racks;
	return;
}

# The smallest set that takes a device down need not be the one that the model
# would find; it has to be as small, and to do so.
sub check_redundancy
{
	my ($about, $model, $devices, @got) = @_;
	my %missing = map { $_ => 1 } @$devices;

	foreach my $row (@got)
	{
		my ($id, $name, $n, $set, $names, $survives) = @$row;
		my @set = defined $set ? $set =~ /[0-9a-f-]{36}/g : ();
		my $error;

		$compared{device_redundancy}++;
		if (!delete $missing{$id})
		{
			wrong($about, 'device_redundancy', 'not expected', row_text($row));
			next;
		}
		my @threats = $model->threats($id);
		my $most = @threats > 60 ? 2 : @threats > 35 ? 3 : 4;
		my $least = $model->min_failures($id, $most);
		met('min_failures ' . ($least // 'NULL')) if $most == 4;
		$error = "is called $model->{devices}{$id}{name}" if $name ne $model->{devices}{$id}{name};
		$error //= "needs $least" if defined $least && (!defined $n || $n != $least);
		$error //= "needs more than $most" if !defined $least && defined $n && $n <= $most;
		$error //= 'has NULLs of its own' if defined $n != defined $set || defined $n != defined $names;
		$error //= 'is not of that size' if @set != ($n // 0) || keys %{ { map { $_ => 1 } @set } } != @set;
		$error //= 'has itself among them' if any { $_ eq $id } @set;
		$error //= 'has a stranger among them'
		  if any { !$model->{panels}{$_} && !$model->{feeds}{$_} && !$model->outlets_of($_) } @set;
		$error //= 'names others' if defined $n && $names ne '{' . join(',', map { name_of($model, $_) } @set) . '}';
		$error //= 'stays on' if defined $n && !$model->scenario(@set)->is_dark($id);
		my $is_safe = $model->survives_any_one($id);
		met('a device that survives any one') if $is_safe;
		met('a device that trips alone take down') if !$is_safe && ($least // 5) > 1;
		$error //= 'survives_any_one is wrong' if $survives != ($is_safe ? 1 : 0);
		wrong($about, 'device_redundancy', $error, row_text($row)) if defined $error;
	}
	wrong($about, 'device_redundancy', "missing: $_") foreach keys %missing;
	return;
}

sub name_of
{
	my ($model, $id) = @_;
	return ($model->{panels}{$id} // $model->{feeds}{$id} // $model->{devices}{$id})->{name};
}

# ------------------------------------------------------------------- headroom

sub ask_headroom
{
	my ($about, $model) = @_;
	my $location = (shuffle sort keys %{ $model->{locations} })[0];
	my $is_on = sub { return grep { $model->scenario->on($_) } $model->panels_in(@_); };

	ask('panel_headroom', '', sub { check_headroom($about, $model, [ $is_on->() ], @_) });
	ask('panel_headroom', "'$location'::uuid", sub { check_headroom("$about of $location", $model, [ $is_on->($location) ], @_) });
	return;
}

sub check_headroom
{
	my ($about, $model, $panels, @got) = @_;
	my %missing = map { $_ => 1 } @$panels;

	foreach my $row (@got)
	{
		my $id = $row->[0];
		$compared{panel_headroom}++;
		my $error = delete $missing{$id} ? headroom_error($model, $row) : 'not expected';
		wrong($about, 'panel_headroom', $error, row_text($row)) if defined $error;
	}
	wrong($about, 'panel_headroom', "missing: $_") foreach keys %missing;
	return;
}

sub headroom_error
{
	my ($model, $row) = @_;
	my ($id, $name, $free, $room, @binding) = @$row;
	my $expected = $model->headroom($id);

	return "is called $model->{panels}{$id}{name}" if $name ne $model->{panels}{$id}{name};
	return 'has other free positions: ' . ($model->free_count($id) // 'NULL') if !is_same('t', $free, $model->free_count($id));
	if (!defined $expected)
	{
		met('unlimited headroom');
		return 'is not limited' if defined $room;
		return (any { defined } @binding) ? 'nothing limits it' : undef;
	}
	return "has $expected" if !defined $room || abs($room - $expected) > 1e-4 + 1e-7 * $expected;
	met($expected == 0 ? 'headroom 0' : 'headroom');
	return binding_error($model, $id, $expected, @binding);
}

# Several things may limit it alike, where a difference of 0.01 VA in a conductor is
# none; of several outages it is the first by name, and none where it is so now.
sub binding_error
{
	my ($model, $panel, $room, $type, $thing, $name, $outage_type, $outage, $outage_name) = @_;
	my @outages = $model->binding_outages($panel);
	my @at = $model->bindings($panel, $outage // '');

	return 'what limits it?' if !defined $thing;
	return 'is not limited then' if !@at;
	return 'is limited by ' . join(' ', map { name_of($model, $_) } @at) if !any { $_ eq $thing } @at;
	return 'that has another name' if $name ne name_of($model, $thing) || $type ne type_of($model, $thing);
	met($thing eq $panel ? 'headroom that the panel itself limits' : "headroom that a feed limits") if $thing eq $panel || $type eq 'power_feed';
	met('headroom that another panel limits') if $type eq 'power_panel' && $thing ne $panel;
	met(defined $outage ? 'headroom that an outage limits' : 'headroom that now limits');
	return (defined $outage_type || defined $outage_name) ? 'no outage has no name' : undef if !defined $outage;
	return 'is limited now' if any { $_ eq '' } @outages;
	return 'the outage has another name' if $outage_name ne name_of($model, $outage) || $outage_type ne type_of($model, $outage);
	my $first = (sort map { name_of($model, $_) } @outages)[0];
	return $first lt $outage_name ? "the outage of $first is before it" : undef;
}

sub type_of { my ($model, $id) = @_; return $model->{panels}{$id} ? 'power_panel' : 'power_feed'; }

# The network with a load that is really there: what is not too much now is, when
# it is a little more.
sub check_with_load
{
	my ($about, $model, $network) = @_;
	my $panel = (shuffle grep { ($model->headroom($_) // 0) > 1 } sort keys %{ $model->{panels} })[0];
	return if !defined $panel;
	my @things = map { $_->[1] } $model->things(qw(panel feed));

	foreach my $part (0.999, 1.001)
	{
		my %feeds = %{ $network->{feeds} };
		$feeds{new} = {
			panel => $panel, status => 'active', type => 'primary', supply => 'ac', phase => 'single-phase', voltage => 1, amperage => 1,
			max_utilization => 100, connected => $part * $model->headroom($panel) };
		my $loaded = PowerAnalysis->new({ %$network, feeds => \%feeds });
		my $is_too_much = any { $_->on($panel) && PowerAnalysis::too_much($_, $panel, 0) }
		  map { $loaded->scenario($_) } grep { $_ ne $panel } @things, 'nothing';
		ok($part < 1 ? !$is_too_much : $is_too_much, "$about: $part of the headroom of $model->{panels}{$panel}{name}")
		  if $part < 1 == !!$is_too_much;
	}
	return;
}

# ------------------------------------------------------------------- capacity

sub ask_capacity
{
	my ($about, $model) = @_;
	my @locations = sort keys %{ $model->{locations} };

	foreach (1 .. 4)
	{
		my $location = rand() < 0.3 ? $locations[ rand @locations ] : undef;
		my $va = (0.5, 100, 1000, int(1 + rand(20000)))[ rand 4 ];
		my ($poles, $paths, $rows) = (1 + int(rand 3), 1 + int(rand 4), (1, 10, 10, 1000)[ rand 4 ]);
		my @given = ($va);
		my $n = int(rand 4);
		push @given, $poles if $n > 0;
		push @given, $paths if $n > 1;
		push @given, $rows if $n > 2;
		my @expected = $model->find_capacity($location, $va, $given[1] // 3, $given[2] // 2);
		$rows = $given[3] // 10;
		met(@expected > $rows ? 'more places than asked for' : @expected ? () : 'no place');
		ask('find_capacity', join(', ', (defined $location ? "'$location'::uuid" : ()), @given),
			sub { check_capacity("$about, capacity " . join(', ', $location // (), @given), $rows, \@expected, @_) });
	}
	return;
}

# In the order of headroom, unlimited first, then by names; headrooms that are the
# same but for rounding are in any order.
sub check_capacity
{
	my ($about, $rows, $expected, @got) = @_;
	my %left = map { join(' ', @{ $_->[0] }) => $_ } @$expected;
	my @seen;

	$compared{find_capacity} += max(1, scalar @got);
	foreach my $row (@got)
	{
		my $key = join ' ', $row->[0] =~ /[0-9a-f-]{36}/g;
		my $its = delete $left{$key};
		my $error = !$its ? 'not expected'
		  : $row->[1] ne '{' . join(',', @{ $its->[1] }) . '}' ? "names: @{ $its->[1] }"
		  : $row->[2] ne '{' . join(',', @{ $its->[2] }) . '}' ? "positions: @{ $its->[2] }"
		  : !is_near($row->[3], $its->[3]) ? 'headroom: ' . ($its->[3] // 'NULL')
		  : undef;
		return wrong($about, 'find_capacity', $error, row_text($row)) if defined $error;
		met('a place on ' . @{ $its->[0] } . ' paths');
		met('a place without limit') if !defined $its->[3];
		push @seen, $its;
	}
	wrong($about, 'find_capacity', @got . ' rows of ' . @$expected) if @got != min($rows, scalar @$expected);
	for my $i (1 .. $#seen)
	{
		wrong($about, 'find_capacity', 'order', row_text($got[ $i - 1 ]), row_text($got[$i])) if comes_before($seen[$i], $seen[ $i - 1 ]);
	}
	foreach my $its (@seen ? values %left : ())
	{
		wrong($about, 'find_capacity', 'left out: ' . row_text([ "@{ $its->[1] }", $its->[3] ])) if comes_before($its, $seen[-1]);
	}
	return;
}

sub is_near
{
	my ($x, $y) = @_;
	return defined $x == defined $y if !defined $x || !defined $y;
	return abs($x - $y) <= 1e-4 + 1e-7 * abs($y);
}

sub comes_before
{
	my ($x, $y) = @_;
	return ($x->[3] // 9e99) > ($y->[3] // 9e99) if !is_near($x->[3], $y->[3]);
	# the same room by another way of adding up
	return 0 if defined $x->[3] && $x->[3] != $y->[3];
	return (join("\0", @{ $x->[1] }) cmp join("\0", @{ $y->[1] })) < 0;
}

# ------------------------------------------------------------------------ runs

sub ask_all
{
	my ($number) = @_;
	srand($number);
	my $is_site = $number % 2;
	my $network = $is_site ? random_site() : random_network();
	my $about = "network $number";

	met($is_site ? 'sites' : 'odd networks');
	say_sql("BEGIN;\n", network_sql($network));
	if (rand() < 0.3)
	{
		met('changed networks');
		say_sql(random_change($network));
	}
	# What is connected is looked up, or all is read, by what statistics say.
	say_sql("ANALYZE;\n") if rand() < 0.5;
	my $model = PowerAnalysis->new($network);
	meet_things($model);
	ask_outages($about, $model);
	ask_single_points($about, $model);
	ask_contingency($about, $model);
	ask_traces($about, $model);
	ask_redundancy($about, $model);
	# What takes the model long is asked of small networks.
	if (keys %{ $model->{panels} } < 20)
	{
		ask_headroom($about, $model);
		ask_capacity($about, $model);
		check_with_load($about, $model, $network) if rand() < 0.3;
	}
	say_sql("ROLLBACK;\n");
	return;
}

# The columns, in their order.
foreach my $function (sort keys %answers)
{
	my $expected = join ',', @{ $answers{$function}[0] };
	ask_sql(
		"SELECT DISTINCT (SELECT string_agg(n, ',' ORDER BY o) FROM unnest(proargnames, proargmodes) WITH ORDINALITY AS a (n, m, o)
			WHERE m = 'o') FROM pg_proc WHERE proname = '$function' AND pronamespace = 'powerpanel'::regnamespace",
		sub { is(join(' ', map { @$_ } @_), $expected, "$function: columns") });
}

my $done = compare_networks(300, 180, \&ask_all);
note("met: $_: $met{$_}") foreach sort keys %met;
is(join(', ', grep { !$met{$_} } sort keys %met), '', 'everything was met') if $done >= 200;
done_testing();
