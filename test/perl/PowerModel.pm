package PowerModel;

# The load model by brute force: another way to the figures that the extension
# computes.
#
# Nothing here is put into an order, and nothing is computed from what was
# before an outage. What is energized is a fixpoint: of all things, those that
# get power are marked, again and again, until no further one is. A load is the
# sum that its definition says, by recursion. Each outage is computed from the
# start; a single point of failure is what takes devices down when it is tried.
#
# A network is a hash of hashes by id:
#   panels   name numbering bus positions voltage main max_utilization type path
#   feeds    name panel destination rack status type path supply phase voltage
#            amperage max_utilization position poles receptacles connected
#   racks    name limit
#   devices  name rack needed
#   ports    name device maximum allocated factor; source: the feed or outlet
#            that its cable comes from
#   banks    name device port amperage max_utilization leg
#   outlets  name device port alternate bank leg
#   status   whether it is energized, by name
#   basis    allocated or maximum
# where what is not known is undef. Ids differ between all of them. The model is
# of the network as it was when the model was made.

use strict;
use warnings;

use List::Util qw(all any first max min sum0);
use Storable qw(dclone);

# Loads that differ by this or less are the same.
our $SAME = 0.01;

# As it stands in available_power.
our $ROOT3 = 1.732;

my %phases_of_bus = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 0);

sub new
{
	my ($class, $network) = @_;
	my $self = bless { %{ dclone($network) }, scenarios => {} }, $class;

	$self->{basis} //= 'allocated';
	$self->{by} = $self->{basis} eq 'maximum' ? 1 : 0;
	foreach my $id (sort keys %{ $self->{feeds} })
	{
		my $feed = $self->{feeds}{$id};
		push @{ $self->{leaving}{ $feed->{panel} } }, $id;
		push @{ $self->{entering}{ $feed->{destination} } }, $id if defined $feed->{destination};
	}
	foreach my $id (sort keys %{ $self->{ports} })
	{
		my $port = $self->{ports}{$id};
		push @{ $self->{ports_of}{ $port->{device} } }, $id;
		push @{ $self->{fed_by}{ $port->{source} } }, $id if defined $port->{source};
	}
	foreach my $id (sort keys %{ $self->{outlets} })
	{
		my $outlet = $self->{outlets}{$id};
		push @{ $self->{outlets_of}{ $outlet->{device} } }, $id;
		push @{ $self->{in_bank}{ $outlet->{bank} } }, $id if defined $outlet->{bank};
		push @{ $self->{behind}{$_} }, $id foreach grep { defined } @$outlet{qw(port alternate)};
	}
	foreach my $id (sort keys %{ $self->{banks} })
	{
		push @{ $self->{banks_of}{ $self->{banks}{$id}{device} } }, $id;
	}
	return $self;
}

# What is listed there, under an id.
sub leaving { my ($self, $panel) = @_; return @{ $self->{leaving}{$panel} // [] }; }
sub entering { my ($self, $panel) = @_; return @{ $self->{entering}{$panel} // [] }; }
sub behind { my ($self, $port) = @_; return @{ $self->{behind}{$port} // [] }; }
sub plugged { my ($self, $source) = @_; return @{ $self->{fed_by}{$source} // [] }; }
sub ports_of { my ($self, $device) = @_; return @{ $self->{ports_of}{$device} // [] }; }
sub outlets_of { my ($self, $device) = @_; return @{ $self->{outlets_of}{$device} // [] }; }
sub banks_of { my ($self, $device) = @_; return @{ $self->{banks_of}{$device} // [] }; }
sub in_bank { my ($self, $bank) = @_; return @{ $self->{in_bank}{$bank} // [] }; }

# Ports with a cable, wherever it comes from.
sub cabled_ports
{
	my ($self, $device) = @_;
	return grep { defined $self->{ports}{$_}{source} } $self->ports_of($device);
}

# Those whose cable comes from elsewhere than the device itself.
sub cords
{
	my ($self, $device) = @_;
	return grep {
		my $outlet = $self->{outlets}{ $self->{ports}{$_}{source} };
		!$outlet || $outlet->{device} ne $device
	} $self->cabled_ports($device);
}

sub is_inlet { my ($self, $port) = @_; return $self->behind($port) > 0; }

# The leg of an outlet: that of its bank goes before its own.
sub leg
{
	my ($self, $outlet) = @_;
	my ($bank, $leg) = @{ $self->{outlets}{$outlet} }{qw(bank leg)};
	return (defined $bank ? $self->{banks}{$bank}{leg} : undef) // $leg;
}

# Half to even, as printf rounds.
sub available_power
{
	my ($self, $id) = @_;
	my $feed = $self->{feeds}{$id};
	my $va = abs($feed->{voltage}) * $feed->{amperage} * ($feed->{max_utilization} / 100);
	$va *= $ROOT3 if $feed->{phase} eq 'three-phase';
	return 0 + sprintf('%.0f', $va);
}

# The feed at the upper end of a port's cable, through first inlets.
sub feed_above
{
	my ($self, $port) = @_;
	my $source = defined $port ? $self->{ports}{$port}{source} : undef;
	return undef if !defined $source;
	return $source if $self->{feeds}{$source};
	return $self->feed_above($self->{outlets}{$source}{port});
}

# A draw in watts of this port in VA: direct current has no power factor.
sub va
{
	my ($self, $port, $watts) = @_;
	my $feed = $self->feed_above($port);
	return $watts if defined $feed && $self->{feeds}{$feed}{supply} eq 'dc';
	return $watts / $self->{ports}{$port}{factor};
}

# Both figures.
sub own_draw
{
	my ($self, $id) = @_;
	my ($allocated, $maximum) = @{ $self->{ports}{$id} }{qw(allocated maximum)};
	return [ $self->va($id, $allocated // 0), $self->va($id, $maximum // $allocated // 0) ];
}

sub rating
{
	my ($self, $port) = @_;
	my $maximum = $self->{ports}{$port}{maximum};
	return defined $maximum ? $self->va($port, $maximum) : undef;
}

# The voltage at a port, line to line while there are three phases, and whether
# there are.
sub voltage_at
{
	my ($self, $port) = @_;
	my $source = $self->{ports}{$port}{source};

	return if !defined $source;
	if (my $feed = $self->{feeds}{$source})
	{
		return (abs($feed->{voltage}), $feed->{phase} eq 'three-phase' ? 1 : 0);
	}
	return if !defined $self->{outlets}{$source}{port};
	my ($volt, $three) = $self->voltage_at($self->{outlets}{$source}{port});
	my $leg = $self->leg($source);
	return ($volt, $three) if !$three || !defined $leg;
	return (length $leg == 1 ? $volt / $ROOT3 : $volt, 0);
}

# What a bank's load is divided by to have amperes.
sub volts_of_bank
{
	my ($self, $id) = @_;
	my $bank = $self->{banks}{$id};
	my ($volt, $three) = $self->voltage_at($bank->{port});

	return $volt if !$three;
	return $volt * $ROOT3 if !defined $bank->{leg};
	return length $bank->{leg} == 1 ? $volt / $ROOT3 : $volt;
}

# May phases of this feed differ? Kind a hangs on cables, kind b on a panel.
sub kind
{
	my ($self, $id) = @_;
	my $feed = $self->{feeds}{$id};

	return 'c' if $feed->{phase} ne 'three-phase' || $self->{panels}{ $feed->{panel} }{bus} ne 'three-phase';
	return 'c' if defined $feed->{position} && $feed->{poles} != 3;
	return 'a' if $self->plugged($id);
	return 'b' if defined $feed->{destination} && $self->{panels}{ $feed->{destination} }{bus} eq 'three-phase';
	return 'c';
}

# ---------------------------------------------------------------- scenarios

# The network when these things, by id, have failed.
sub scenario
{
	my ($self, @failed) = @_;
	my %failed = map { $_ => 1 } @failed;
	my $key = join ' ', sort keys %failed;

	return $self->{scenarios}{$key} //=
	  bless { model => $self, failed => \%failed, on => _energized($self, \%failed) }, 'PowerModel::Scenario';
}

sub _energized
{
	my ($self, $failed) = @_;
	my ($panels, $feeds, $ports, $outlets) = @$self{qw(panels feeds ports outlets)};
	my %on;
	my $more = 1;

	while ($more)
	{
		my @new = (
			(grep {
				my @in = $self->entering($_);
				!$failed->{$_} && (!@in || any { $on{$_} } @in)
			} grep { !$on{$_} } keys %$panels),
			(grep {
				my $feed = $feeds->{$_};
				!$failed->{$_} && $self->{status}{ $feed->{status} } && $on{ $feed->{panel} }
			} grep { !$on{$_} } keys %$feeds),
			(grep { defined $ports->{$_}{source} && $on{ $ports->{$_}{source} } }
				grep { !$on{$_} } keys %$ports),
			(grep {
				my $outlet = $outlets->{$_};
				!$failed->{ $outlet->{device} } && any { defined && $on{$_} } @$outlet{qw(port alternate)}
			} grep { !$on{$_} } keys %$outlets));
		$on{$_} = 1 foreach @new;
		$more = @new > 0;
	}
	return \%on;
}

# All that can fail: panels, feeds, devices with outlets.
sub things
{
	my ($self, @kinds) = @_;
	my %of = (
		panel => [ map { [ 'power_panel', $_, $self->{panels}{$_}{name} ] } sort keys %{ $self->{panels} } ],
		feed => [ map { [ 'power_feed', $_, $self->{feeds}{$_}{name} ] } sort keys %{ $self->{feeds} } ],
		device => [
			map { [ 'device', $_, $self->{devices}{$_}{name} ] }
			  grep { $self->outlets_of($_) } sort keys %{ $self->{devices} }
		]);
	return map { @{ $of{$_} } } @kinds;
}

# ------------------------------------------------- what the functions answer

# feed_load(): rows of columns, as all below
sub feed_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		[
			$_, $now->on($_), @{ $now->feed_load($_) }, $self->available_power($_), $now->feed_utilization($_),
			$now->feed_amps($_)
		]
	} keys %{ $self->{feeds} };
}

sub panel_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my @phases = map { $_->[0] } $now->phases($_);
		[
			$_, $now->on($_), @{ $now->panel_load($_) }, $now->capacity($_), $now->panel_utilization($_),
			@phases[ 0 .. 2 ], $now->panel_amps($_), imbalance(@phases)
		]
	} keys %{ $self->{panels} };
}

sub port_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my $rating = $self->rating($_);
		[ $_, $now->on($_), @{ $now->port_load($_) }, $rating, percent($now->port_load($_)->[ $self->{by} ], $rating) ]
	} keys %{ $self->{ports} };
}

sub bank_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map { [ $_, @{ $now->bank_load($_) }, $now->bank_amps($_), $now->bank_utilization($_) ] }
	  keys %{ $self->{banks} };
}

sub device_power
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my @ports = $self->cords($_);
		[
			$_, $now->device_state($_), scalar(@ports), scalar(grep { $now->on($_) } @ports),
			$now->device_load($_)->[0]
		]
	} grep { defined $now->device_state($_) } keys %{ $self->{devices} };
}

# The label of a rack with these designs, as 'primary a'.
sub redundancy
{
	my @designs = @_;
	my @primary = grep { /^primary [abcd]$/ } @designs;
	my @redundant = grep { /^redundant [abcd]$/ } @designs;

	return 'N' if "@designs" eq 'primary';
	return undef if @designs != @primary + @redundant;
	return 'N+1' if @primary == 1 && @redundant == 1 && substr($primary[0], -1) ne substr($redundant[0], -1);
	return undef if @redundant;
	return (undef, undef, '2N', '3N/2', '4N/3')[ scalar @primary ];
}

sub rack_label
{
	my ($self, $rack) = @_;
	my %designs = map { join(' ', grep { defined } @{ $self->{feeds}{$_} }{qw(type path)}) => 1 } $self->feeds_of_rack($rack);
	return redundancy(sort keys %designs);
}

sub feeds_of_rack
{
	my ($self, $rack) = @_;
	return grep { ($self->{feeds}{$_}{rack} // '') eq $rack } sort keys %{ $self->{feeds} };
}

# What the devices of a rack draw, those without outlets.
sub devices_va
{
	my ($self, $rack) = @_;
	my $now = $self->scenario;
	return sum0(map { $now->device_load($_)->[ $self->{by} ] }
		  grep { ($self->{devices}{$_}{rack} // '') eq $rack && !$self->outlets_of($_) } keys %{ $self->{devices} });
}

# rack_power, the view
sub rack_power
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $rack (keys %{ $self->{racks} })
	{
		my @feeds = $self->feeds_of_rack($rack);
		my %on_path;
		foreach my $id (@feeds)
		{
			my $path = $self->{feeds}{$id}{path};
			$on_path{$path} += $self->available_power($id) if defined $path;
		}
		my $available = sum0(map { $self->available_power($_) } @feeds);
		my $usable = $available - (keys %on_path >= 2 ? max(values %on_path) : 0);
		my $load = PowerModel::Scenario::_sum(map { $now->feed_load($_) } @feeds);
		push @rows,
		  [
			$rack, $self->devices_va($rack), $self->{racks}{$rack}{limit}, scalar(@feeds), $available, $usable,
			@$load, percent($load->[ $self->{by} ], $usable), $self->rack_label($rack)
		  ];
	}
	return @rows;
}

# simulate_outage()
sub outage
{
	my ($self, @failed) = @_;
	return $self->_changes($self->scenario, $self->scenario(@failed));
}

sub _changes
{
	my ($self, $before, $after) = @_;
	my $by = $self->{by};
	my @rows;

	foreach my $panel (keys %{ $self->{panels} })
	{
		push @rows,
		  [
			'power_panel', $panel, $self->{panels}{$panel}{name},
			(map { $_->on($panel) ? 'energized' : 'off' } $before, $after),
			(map { $_->panel_load($panel)->[$by] } $before, $after),
			$after->capacity($panel), $after->panel_overloaded($panel)
		  ];
	}
	foreach my $feed (keys %{ $self->{feeds} })
	{
		push @rows,
		  [
			'power_feed', $feed, $self->{feeds}{$feed}{name},
			(map { $_->on($feed) ? 'energized' : 'off' } $before, $after),
			(map { $_->feed_load($feed)->[$by] } $before, $after),
			$self->available_power($feed), $after->feed_overloaded($feed)
		  ];
	}
	foreach my $device (grep { $self->cords($_) } keys %{ $self->{devices} })
	{
		push @rows,
		  [
			'device', $device, $self->{devices}{$device}{name},
			(map { $_->device_state($device) } $before, $after),
			(map { $_->device_load($device)->[$by] } $before, $after),
			undef, $after->device_overloaded($device)
		  ];
	}
	return grep { $_->[3] ne $_->[4] || abs($_->[5] - $_->[6]) > $SAME } @rows;
}

sub single_points_of_failure
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $thing ($self->things(qw(panel feed device)))
	{
		my $then = $self->scenario($thing->[1]);
		my $dark = grep { $_ ne $thing->[1] } $self->_more($now, $then, 'is_dark', 'devices');
		push @rows, [ @$thing, $dark ] if $dark > 0;
	}
	return @rows;
}

# Those of which something is true then that is not true now.
sub _more
{
	my ($self, $now, $then, $what, $kind) = @_;
	return grep { $then->$what($_) && !$now->$what($_) } keys %{ $self->{$kind} };
}

sub contingency
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @things = grep {
		$now->on($_->[1]) && ($_->[0] eq 'power_panel' || defined $self->{feeds}{ $_->[1] }{destination} || $self->plugged($_->[1]))
	} $self->things(qw(panel feed));

	return map {
		my $then = $self->scenario($_->[1]);
		[
			@$_,
			scalar($self->_more($now, $then, 'is_dark', 'devices')),
			scalar($self->_more($now, $then, 'is_degraded', 'devices')),
			scalar($self->_more($now, $then, 'feed_overloaded', 'feeds')),
			scalar($self->_more($now, $then, 'panel_overloaded', 'panels')),
			$then->worst_utilization
		]
	} @things;
}

# ---------------------------------------------------------------- warnings

# Of check_integrity(): rule, type and id of the object, and a name that the
# detail must contain, where one is asked for.
sub warnings
{
	my ($self) = @_;
	return (
		$self->_overload_warnings, $self->_failover_warnings, $self->_feed_warnings,
		$self->_panel_warnings, $self->_rack_warnings, $self->_device_warnings);
}

sub _overload_warnings
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $kind ([ 'feed', 'power_feed' ], [ 'panel', 'power_panel' ], [ 'port', 'power_port' ], [ 'bank', 'power_bank' ])
	{
		my $overloaded = "$kind->[0]_overloaded";
		push @rows, map { [ "$kind->[1]_overload", $kind->[1], $_, undef ] }
		  grep { $now->$overloaded($_) } keys %{ $self->{"$kind->[0]s"} };
	}
	push @rows, map { [ 'rack_overload', 'rack', $_, undef ] }
	  grep {
		my $limit = $self->{racks}{$_}{limit};
		defined $limit && $self->devices_va($_) > $limit + $SAME
	  } keys %{ $self->{racks} };
	return @rows;
}

# The worst outage is that of the highest percentage.
sub _failover_warnings
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $kind (qw(feed panel))
	{
		my ($overloaded, $utilization) = ("${kind}_overloaded", "${kind}_utilization");
		foreach my $id (keys %{ $self->{"${kind}s"} })
		{
			next if $now->$overloaded($id);
			my @outages = grep { $self->scenario($_->[1])->$overloaded($id) } $self->things(qw(panel feed));
			next if !@outages;
			my %percent = map { $_->[1] => $self->scenario($_->[1])->$utilization($id) // 9e99 } @outages;
			my $worst = max(values %percent);
			my $name = (sort map { $_->[2] } grep { $percent{ $_->[1] } > $worst - 1e-9 * $worst } @outages)[0];
			push @rows, [ "power_${kind}_failover_overload", "power_$kind", $id, $name ];
		}
	}
	return @rows;
}

# Of what stands in the rows, whatever they carry.
sub _feed_warnings
{
	my ($self) = @_;
	my @rows;

	foreach my $id (keys %{ $self->{feeds} })
	{
		my $feed = $self->{feeds}{$id};
		my $panel = $self->{panels}{ $feed->{panel} };
		my ($three, $poles, $dc) = ($feed->{phase} eq 'three-phase', $feed->{poles}, $feed->{supply} eq 'dc');
		my %is;

		$is{power_feed_phase_poles} = defined $poles && ($three ? $poles < 3 : $poles >= 3);
		$is{power_feed_panel_supply} = $dc != ($panel->{bus} eq 'dc') || $dc && $three;
		$is{power_feed_panel_voltage} = !$is{power_feed_phase_poles} && !$is{power_feed_panel_supply}
		  && defined $panel->{voltage} && !any { _is_near($feed->{voltage}, $_) } _voltages($panel, $feed);
		$is{power_feed_above_main} = defined $panel->{main} && defined $panel->{voltage}
		  && $feed->{amperage} > $panel->{main} && _is_near($feed->{voltage}, $panel->{voltage});
		$is{power_feed_unplaced} = defined $poles && !defined $feed->{position} && defined $panel->{positions};
		$is{power_feed_path} = defined $feed->{path} && defined $panel->{path} && $feed->{path} ne $panel->{path};
		push @rows, map { [ $_, 'power_feed', $id, undef ] } grep { $is{$_} } keys %is;
	}
	return @rows;
}

sub _is_near { my ($volt, $of) = @_; return abs(abs($volt) - abs($of)) <= 0.05 * abs($of); }

# What a feed with so many poles may have on this panel.
sub _voltages
{
	my ($panel, $feed) = @_;
	my ($v, $poles) = (abs($panel->{voltage}), $feed->{poles});
	my %to_neutral = ('three-phase' => $v / $ROOT3, 'split-phase' => $v / 2);
	my $one = $to_neutral{ $panel->{bus} };

	return ($v) if !defined $one || $feed->{phase} eq 'three-phase';
	return ($v, $one) if !defined $poles;
	return $poles == 1 ? ($one) : ($v);
}

sub _panel_warnings
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $id (keys %{ $self->{panels} })
	{
		my $panel = $self->{panels}{$id};
		my $imbalance = imbalance(map { $_->[0] } $now->phases($id)) // 0;
		my $utilization = $now->panel_utilization($id);
		my %is;

		$is{power_panel_imbalance} = $imbalance > 20 && (!defined $utilization || $utilization > 50);
		$is{power_panel_off} = !$now->on($id) && any { $self->{status}{ $self->{feeds}{$_}{status} } } $self->leaving($id);
		$is{power_panel_transfer_primaries} = ($panel->{type} // '') eq 'transfer-switch'
		  && 1 < grep { $now->on($_) && $self->{feeds}{$_}{type} eq 'primary' } $self->entering($id);
		push @rows, map { [ $_, 'power_panel', $id, undef ] } grep { $is{$_} } keys %is;
	}
	return @rows;
}

sub _device_warnings
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	push @rows, map { [ 'power_outlet_unassigned', 'power_outlet', $_, undef ] }
	  grep { !defined $self->{outlets}{$_}{port} } keys %{ $self->{outlets} };
	push @rows, map { [ 'power_port_draw_unknown', 'power_port', $_, undef ] }
	  grep { defined $self->{ports}{$_}{source} && !defined $self->{ports}{$_}{allocated} && !$self->is_inlet($_) }
	  keys %{ $self->{ports} };
	push @rows, map { [ 'power_port_leg', 'power_port', $_, undef ] } grep { $self->_has_one_leg($_) } keys %{ $self->{ports} };
	push @rows, map { [ 'device_dark', 'device', $_, undef ] } grep { $now->is_dark($_) } keys %{ $self->{devices} };

	foreach my $id (keys %{ $self->{devices} })
	{
		my @cords = grep { $now->on($_) } $self->cords($id);
		next if @cords < 2;
		my $name = $self->_nearest(\@cords, sub {
			my ($then, $thing) = @_;
			return $thing ne $id && !any { $then->on($_) } @cords;
		});
		push @rows, [ 'device_shared_path', 'device', $id, $name ] if defined $name;
	}
	return @rows;
}

sub _has_one_leg
{
	my ($self, $port) = @_;
	my $feed = $self->{feeds}{ $self->{ports}{$port}{source} // '' };
	my @outlets = $self->behind($port);
	my %legs = map { ($self->leg($_) // '') => 1 } @outlets;

	return $feed && $feed->{phase} eq 'three-phase' && @outlets > 1 && keys %legs == 1 && !$legs{''};
}

sub _rack_warnings
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $rack (keys %{ $self->{racks} })
	{
		my @feeds = grep { $now->on($_) && defined $self->{feeds}{$_}{path} } $self->feeds_of_rack($rack);
		my $name = $self->_nearest(\@feeds, sub {
			my ($then) = @_;
			my %lost = map { $self->{feeds}{$_}{path} => 1 } grep { !$then->on($_) } @feeds;
			return keys %lost > 1;
		});
		push @rows, [ 'rack_shared_path', 'rack', $rack, $name ] if defined $name;
	}
	return @rows;
}

# The thing, of those whose failure is what $is_bad says, that is the fewest
# steps above some of these; undef if there is none.
sub _nearest
{
	my ($self, $from, $is_bad) = @_;
	my $steps = $self->_steps(@$from);
	my %order = (device => 0, power_feed => 1, power_panel => 2);
	my @bad = sort {
		$steps->{ $a->[1] } <=> $steps->{ $b->[1] } || $order{ $a->[0] } <=> $order{ $b->[0] } || $a->[2] cmp $b->[2]
	} grep {
		my $panel = $self->{panels}{ $_->[1] };
		my $is_source = $panel && ($panel->{type} // '') =~ /^(utility|generator)$/ && !$self->entering($_->[1]);
		!$is_source && $is_bad->($self->scenario($_->[1]), $_->[1])
	} grep { exists $steps->{ $_->[1] } } $self->things(qw(panel feed device));
	return @bad ? $bad[0][2] : undef;
}

# How many steps the power comes down to these, from each thing; only what is
# energized now.
sub _steps
{
	my ($self, @from) = @_;
	my $on = $self->scenario->{on};
	my %steps;
	my @todo = map { [ $_, 0 ] } @from;

	while (my $next = shift @todo)
	{
		my ($id, $n) = @$next;
		next if !$on->{$id} || exists $steps{$id};
		$steps{$id} = $n;
		my @up;
		@up = ($self->{ports}{$id}{source}) if $self->{ports}{$id};
		@up = ($self->{feeds}{$id}{panel}) if $self->{feeds}{$id};
		@up = $self->entering($id) if $self->{panels}{$id};
		if (my $outlet = $self->{outlets}{$id})
		{
			$steps{ $outlet->{device} } //= $n;
			@up = @$outlet{qw(port alternate)};
		}
		push @todo, map { [ $_, $n + 1 ] } grep { defined } @up;
	}
	return \%steps;
}

# ---------------------------------------------------------------- arithmetic

sub percent
{
	my ($va, $of) = @_;
	return defined $of && $of != 0 ? 100 * $va / $of : undef;
}

# Of the phases that there are.
sub imbalance
{
	my @phases = @_;
	return undef if !@phases;
	my $mean = sum0(@phases) / @phases;
	return 0 if $mean == 0 || @phases == 1;
	return 100 * max(map { abs($_ - $mean) } @phases) / $mean;
}

# The positions of a breaker.
sub breaker
{
	my ($numbering, $position, $poles) = @_;
	my $step = $numbering eq 'across' ? 2 : 1;
	return map { $position + $_ * $step } 0 .. $poles - 1;
}

# The number of the phase, from 0, that a position meets.
sub phase_at
{
	my ($numbering, $bus, $position) = @_;
	my $row = $numbering eq 'across' ? int(($position - 1) / 2) : $position - 1;
	return $row % $phases_of_bus{$bus};
}

sub phases_of_bus { return $phases_of_bus{ $_[0] }; }

# Complex numbers, as [real, imaginary].
sub cadd { return [ sum0(map { $_->[0] } @_), sum0(map { $_->[1] } @_) ]; }
sub cmul { my ($x, $y) = @_; return [ $x->[0] * $y->[0] - $x->[1] * $y->[1], $x->[0] * $y->[1] + $x->[1] * $y->[0] ]; }
sub magnitude { my ($x) = @_; return sqrt($x->[0]**2 + $x->[1]**2); }

# Phases that carry nothing, so many.
sub nothing { return map { [ 0, 0 ] } 1 .. $_[0]; }

# A load, complex, between phase number $x of three and the next one.
sub between_phases
{
	my ($x, $load) = @_;
	my @phases = nothing(3);
	$phases[$x] = cmul($load, [ 0.5, 1 / (2 * sqrt 3) ]);
	$phases[ ($x + 1) % 3 ] = cmul($load, [ 0.5, -1 / (2 * sqrt 3) ]);
	return @phases;
}

# A load on a leg, as an outlet names it.
sub on_leg
{
	my ($leg, $load) = @_;
	my %first = ('A-B' => 0, 'B-C' => 1, 'A-C' => 2);
	return between_phases($first{$leg}, [ $load, 0 ]) if exists $first{$leg};
	return map { $_ eq $leg ? [ $load, 0 ] : [ 0, 0 ] } qw(A B C);
}

sub evenly { my ($load, $n) = @_; return map { [ $load / $n, 0 ] } 1 .. $n; }

# The sum of references to phases, of a bus of so many.
sub add_phases
{
	my ($n, @parts) = @_;
	return map { my $x = $_; cadd(map { $_->[$x] } @parts) } 0 .. $n - 1;
}

# ===========================================================================

package PowerModel::Scenario;

use List::Util qw(any all max sum0);

sub on { my ($self, $id) = @_; return $self->{on}{$id} ? 1 : 0; }

sub _sum { return [ sum0(map { $_->[0] } @_), sum0(map { $_->[1] } @_) ]; }
sub _times { my ($load, $factor) = @_; return [ map { $_ * $factor } @$load ]; }

# The figure that powerpanel.load_basis names.
sub by_basis { my ($self, $load) = @_; return $load->[ $self->{model}{by} ]; }

# ------------------------------------------------------------------- loads

# The inlet that feeds an outlet now, if any.
sub inlet_of
{
	my ($self, $id) = @_;
	my $outlet = $self->{model}{outlets}{$id};
	return undef if !$self->on($id);
	return defined $outlet->{port} && $self->on($outlet->{port}) ? $outlet->{port} : $outlet->{alternate};
}

# The outlets that an inlet feeds now.
sub fed
{
	my ($self, $port) = @_;
	return grep { ($self->inlet_of($_) // '') eq $port } $self->{model}->behind($port);
}

sub port_load
{
	my ($self, $id) = @_;
	my $carries = $self->on($id) && !$self->{failed}{ $self->{model}{ports}{$id}{device} };
	return $self->{load}{$id} //= $carries ? $self->_energized_port_load($id) : [ 0, 0 ];
}

sub _energized_port_load
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $port = $model->{ports}{$id};

	if ($model->is_inlet($id))
	{
		return _sum(map { $self->outlet_load($_) } $self->fed($id)) if !defined $port->{allocated};
		return [ 0, 0 ] if all { my $by = $self->inlet_of($_); defined $by && $by ne $id } $model->behind($id);
		return $model->own_draw($id);
	}
	return [ 0, 0 ] if $self->is_dark($port->{device});
	my @consumers = grep { !$model->is_inlet($_) } $model->cabled_ports($port->{device});
	my @off = grep { !$self->on($_) } @consumers;
	my $moved = _sum(map { $model->own_draw($_) } @off);
	return _sum($model->own_draw($id), _times($moved, 1 / (@consumers - @off)));
}

sub outlet_load
{
	my ($self, $id) = @_;
	return _sum(map { $self->port_load($_) } $self->{model}->plugged($id));
}

sub bank_load
{
	my ($self, $id) = @_;
	return _sum(map { $self->outlet_load($_) } $self->{model}->in_bank($id));
}

sub feed_load
{
	my ($self, $id) = @_;
	return $self->{load}{$id} //= $self->on($id) ? $self->_energized_feed_load($id) : [ 0, 0 ];
}

sub _energized_feed_load
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};

	return _times($self->panel_load($feed->{destination}), $self->share($id)) if defined $feed->{destination};
	return _sum(map { $self->port_load($_) } $model->plugged($id)) if $model->plugged($id);
	return [ ($feed->{connected} // 0) x 2 ];
}

# What an energized feed carries of its destination panel's load, 0 to 1.
sub share
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my @sharing = grep { $self->on($_) } $model->entering($model->{feeds}{$id}{destination});
	my @primary = grep { $model->{feeds}{$_}{type} eq 'primary' } @sharing;

	@sharing = @primary if @primary;
	return 0 if !any { $_ eq $id } @sharing;
	my $available = sum0(map { $model->available_power($_) } @sharing);
	return $available > 0 ? $model->available_power($id) / $available : 1 / @sharing;
}

sub panel_load
{
	my ($self, $id) = @_;
	my $more = $self->{more}{$id} // 0;
	return $self->{load}{$id} //= _sum([ $more, $more ], map { $self->feed_load($_) } $self->{model}->leaving($id));
}

sub main_rating
{
	my ($self, $id) = @_;
	my $panel = $self->{model}{panels}{$id};
	return undef if !defined $panel->{voltage} || !defined $panel->{main};
	return abs($panel->{voltage}) * $panel->{main} * ($panel->{bus} eq 'three-phase' ? $PowerModel::ROOT3 : 1);
}

sub capacity
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $main = $self->main_rating($id);

	return $main * $model->{panels}{$id}{max_utilization} / 100 if defined $main;
	my @in = grep { $self->on($_) } $model->entering($id);
	return @in ? sum0(map { $model->available_power($_) } @in) : undef;
}

# ------------------------------------------------------------------ devices

# on, degraded, dark; undef for a device without cords
sub device_state
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my @ports = $model->cords($id);
	my $on = grep { $self->on($_) } @ports;
	my $needed = $model->outlets_of($id) ? 1 : $model->{devices}{$id}{needed} // 1;

	return undef if !@ports;
	# One that needs more than it has does not run either.
	return 'dark' if $self->{failed}{$id} || $on == 0 || $on < $needed;
	return $on == @ports ? 'on' : 'degraded';
}

sub is_dark { my ($self, $id) = @_; return ($self->device_state($id) // '') eq 'dark' ? 1 : 0; }
sub is_degraded { my ($self, $id) = @_; return ($self->device_state($id) // '') eq 'degraded' ? 1 : 0; }

# What comes from outside.
sub device_load
{
	my ($self, $id) = @_;
	return _sum(map { $self->port_load($_) } $self->{model}->cords($id));
}

# -------------------------------------------------------------- by the phase

# What the port brings to a bus of three phases.
sub port_phases
{
	my ($self, $id) = @_;
	my $model = $self->{model};

	if ($model->is_inlet($id) && !defined $model->{ports}{$id}{allocated} && $self->on($id))
	{
		return PowerModel::add_phases(3, map { [ $self->outlet_phases($_) ] } $self->fed($id));
	}
	return PowerModel::evenly($self->by_basis($self->port_load($id)), 3);
}

sub outlet_phases
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $leg = $model->leg($id);

	return PowerModel::on_leg($leg, $self->by_basis($self->outlet_load($id))) if defined $leg;
	return PowerModel::add_phases(3, map { [ $self->port_phases($_) ] } $model->plugged($id));
}

# What a feed puts on each phase of its panel's bus, complex, were its breaker
# at some position, or at none. None of a dc bus.
sub feed_phases
{
	my ($self, $id, @at) = @_;
	return @{ $self->{feed_phases}{$id} //= [ $self->_feed_phases($id) ] } if !@at;
	return $self->_feed_phases($id, @at);
}

sub _feed_phases
{
	my ($self, $id, @at) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my $n = PowerModel::phases_of_bus($model->{panels}{ $feed->{panel} }{bus});
	my $kind = $model->kind($id);

	return PowerModel::nothing($n) if !$self->on($id);
	return PowerModel::add_phases(3, map { [ $self->port_phases($_) ] } $model->plugged($id)) if $kind eq 'a';
	return $self->_phases_of_destination($id) if $kind eq 'b';
	return $self->_phases_by_poles($id, @at ? $at[0] : $feed->{position});
}

# Kind b: the currents of the panel below.
sub _phases_of_destination
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my ($above, $below) = map { $model->{panels}{ $feed->{$_} } } qw(panel destination);
	my $share = [ $self->share($id), 0 ];
	my @currents = map { PowerModel::cmul($share, $_) } $self->phases($feed->{destination});

	return PowerModel::evenly($self->by_basis($self->feed_load($id)), 3) if ($below->{type} // '') eq 'ups';
	my @volts = map { defined $_->{voltage} ? abs($_->{voltage}) : () } $above, $below;
	return @currents if @volts < 2 || abs($volts[0] - $volts[1]) <= 0.05 * $volts[0];
	return PowerModel::add_phases(3, map { [ PowerModel::between_phases($_, $currents[$_]) ] } 0 .. 2);
}

# Kind c.
sub _phases_by_poles
{
	my ($self, $id, $position) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my $panel = $model->{panels}{ $feed->{panel} };
	my $n = PowerModel::phases_of_bus($panel->{bus});
	my $load = $self->by_basis($self->feed_load($id));

	return if $n == 0;
	return PowerModel::evenly($load, $n) if !defined $position || $feed->{poles} == $n;
	my @meets = map { PowerModel::phase_at($panel->{numbering}, $panel->{bus}, $_) }
	  PowerModel::breaker($panel->{numbering}, $position, $feed->{poles});
	return PowerModel::between_phases($meets[0], [ $load, 0 ]) if @meets == 2;
	return map { $_ == $meets[0] ? [ $load, 0 ] : [ 0, 0 ] } 0 .. $n - 1;
}

# The phases of a panel; $at{feed} tells of breakers elsewhere than they are.
sub phases
{
	my ($self, $id, %at) = @_;
	my $model = $self->{model};
	my $n = PowerModel::phases_of_bus($model->{panels}{$id}{bus});
	return @{ $self->{phases}{$id} } if !%at && $self->{phases}{$id};

	my @phases = PowerModel::add_phases(
		$n,
		[ PowerModel::evenly($self->{more}{$id} // 0, $n) ],
		map { [ $self->feed_phases($_, exists $at{$_} ? $at{$_} : ()) ] } grep { $self->on($_) } $model->leaving($id));
	$self->{phases}{$id} = \@phases if !%at;
	return @phases;
}

# What it carries, as a breaker sees it: the load if all phases were as the
# most loaded one; and of how many phases that is.
sub feed_worst
{
	my ($self, $id) = @_;
	return ($self->by_basis($self->feed_load($id)), 1) if $self->{model}->kind($id) eq 'c';
	return (3 * max(map { PowerModel::magnitude($_) } $self->feed_phases($id)), 3);
}

sub panel_worst
{
	my ($self, $id) = @_;
	my @phases = $self->phases($id);
	return ($self->by_basis($self->panel_load($id)), 1) if @phases < 2;
	return (@phases * max(map { PowerModel::magnitude($_) } @phases), scalar @phases);
}

sub _is_above
{
	my ($load, $phases, $limit) = @_;
	return $load / $phases > $limit / $phases + $PowerModel::SAME ? 1 : 0;
}

sub feed_utilization
{
	my ($self, $id) = @_;
	return PowerModel::percent(($self->feed_worst($id))[0], $self->{model}->available_power($id));
}

sub feed_overloaded
{
	my ($self, $id) = @_;
	return _is_above($self->feed_worst($id), $self->{model}->available_power($id));
}

sub panel_utilization
{
	my ($self, $id) = @_;
	return PowerModel::percent(($self->panel_worst($id))[0], $self->capacity($id));
}

sub panel_overloaded
{
	my ($self, $id) = @_;
	my $capacity = $self->capacity($id);
	return defined $capacity ? _is_above($self->panel_worst($id), $capacity) : 0;
}

sub port_overloaded
{
	my ($self, $id) = @_;
	my $rating = $self->{model}->rating($id);
	return defined $rating ? _is_above($self->by_basis($self->port_load($id)), 1, $rating) : 0;
}

# A bank is energized with its inlet, or through another inlet of its outlets.
sub bank_on
{
	my ($self, $id) = @_;
	my $bank = $self->{model}{banks}{$id};
	return 0 if $self->{failed}{ $bank->{device} };
	return any { $self->on($_) } $bank->{port}, $self->{model}->in_bank($id);
}

sub bank_amps
{
	my ($self, $id) = @_;
	my $volts = $self->bank_on($id) ? $self->{model}->volts_of_bank($id) : undef;
	return defined $volts ? $self->by_basis($self->bank_load($id)) / $volts : undef;
}

sub bank_utilization
{
	my ($self, $id) = @_;
	my $bank = $self->{model}{banks}{$id};
	my $amps = $self->bank_amps($id);
	return defined $amps ? 100 * $amps / ($bank->{amperage} * $bank->{max_utilization} / 100) : undef;
}

sub bank_overloaded
{
	my ($self, $id) = @_;
	my $bank = $self->{model}{banks}{$id};
	return 0 if !defined $self->bank_amps($id);
	return _is_above($self->by_basis($self->bank_load($id)), 1,
		$self->{model}->volts_of_bank($id) * $bank->{amperage} * $bank->{max_utilization} / 100);
}

sub device_overloaded
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	return (any { $self->port_overloaded($_) } $model->ports_of($id))
	  || (any { $self->bank_overloaded($_) } $model->banks_of($id)) ? 1 : 0;
}

# amps, amps_a, amps_b, amps_c of a feed
sub feed_amps
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my $panel = $model->{panels}{ $feed->{panel} };
	my @amps = (undef) x 3;

	if ($model->kind($id) ne 'c')
	{
		@amps = map { PowerModel::magnitude($_) / (abs($feed->{voltage}) / $PowerModel::ROOT3) } $self->feed_phases($id);
		return (max(@amps), @amps);
	}
	my $all = $self->by_basis($self->feed_load($id)) / abs($feed->{voltage});
	$all /= $PowerModel::ROOT3 if $feed->{phase} eq 'three-phase';
	if (defined $feed->{position} && $panel->{bus} ne 'dc')
	{
		$amps[ PowerModel::phase_at($panel->{numbering}, $panel->{bus}, $_) ] = $all
		  foreach PowerModel::breaker($panel->{numbering}, $feed->{position}, $feed->{poles});
	}
	return ($all, @amps);
}

# amps_a, amps_b, amps_c of a panel
sub panel_amps
{
	my ($self, $id) = @_;
	my $panel = $self->{model}{panels}{$id};
	my %per_volt = ('three-phase' => $PowerModel::ROOT3, 'split-phase' => 2, 'single-phase' => 1);

	return (undef) x 3 if !defined $panel->{voltage} || $panel->{bus} eq 'dc';
	my @amps = map { PowerModel::magnitude($_) * $per_volt{ $panel->{bus} } / abs($panel->{voltage}) } $self->phases($id);
	return @amps[ 0 .. 2 ];
}

sub worst_utilization
{
	my ($self) = @_;
	my $model = $self->{model};

	return max(map { $self->feed_utilization($_) }
		  grep { $self->on($_) && $model->available_power($_) > 0 } keys %{ $model->{feeds} });
}


1;
