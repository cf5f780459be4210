package EvenModel;

# The load model without currents: every phase even, one voltage, none of the
# devices that have a word in it. On such networks it must agree with PowerModel
# and the extension. By brute force: another way to the figures that the extension
# computes.
#
# Nothing here is put into an order, and nothing is computed from what was
# before an outage. What is energized is a fixpoint: of all things, those that
# get power are marked, again and again, until no further one is. A load is the
# sum that its definition says, by recursion. Each outage is computed from the
# start; a single point of failure is what takes devices down when it is tried.
#
# A network is a hash of hashes by id:
#   panels   name numbering bus positions voltage main
#   feeds    name panel destination rack status type path phase voltage
#            amperage max_utilization position poles
#   racks    name
#   devices  name
#   ports    device maximum allocated factor; source: the feed or outlet that
#            its cable comes from
#   outlets  device port leg
#   status   whether it is energized, by name
# where what is not known is undef. Ids differ between all of them. The model is
# of the network as it was when the model was made.

use strict;
use warnings;

use List::Util qw(any max sum0);
use Storable qw(dclone);

# Loads that differ by this or less are the same.
our $SAME = 0.01;

my %phases_of_bus = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 0);

sub new
{
	my ($class, $network) = @_;
	my $self = bless { %{ dclone($network) }, scenarios => {} }, $class;

	foreach my $id (keys %{ $self->{feeds} })
	{
		my $feed = $self->{feeds}{$id};
		push @{ $self->{leaving}{ $feed->{panel} } }, $id;
		push @{ $self->{entering}{ $feed->{destination} } }, $id if defined $feed->{destination};
	}
	foreach my $id (keys %{ $self->{ports} })
	{
		my $port = $self->{ports}{$id};
		push @{ $self->{ports_of}{ $port->{device} } }, $id;
		$self->{fed_by}{ $port->{source} } = $id if defined $port->{source};
	}
	foreach my $id (keys %{ $self->{outlets} })
	{
		my $outlet = $self->{outlets}{$id};
		push @{ $self->{outlets_of}{ $outlet->{device} } }, $id;
		push @{ $self->{behind}{ $outlet->{port} } }, $id if defined $outlet->{port};
	}
	return $self;
}

sub leaving { my ($self, $panel) = @_; return @{ $self->{leaving}{$panel} // [] }; }
sub entering { my ($self, $panel) = @_; return @{ $self->{entering}{$panel} // [] }; }
sub behind { my ($self, $port) = @_; return @{ $self->{behind}{$port} // [] }; }

sub cabled_ports
{
	my ($self, $device) = @_;
	return grep { defined $self->{ports}{$_}{source} } @{ $self->{ports_of}{$device} // [] };
}

sub is_inlet { my ($self, $port) = @_; return $self->behind($port) > 0; }

# Half to even, as printf rounds.
sub available_power
{
	my ($self, $id) = @_;
	my $feed = $self->{feeds}{$id};
	my $va = abs($feed->{voltage}) * $feed->{amperage} * ($feed->{max_utilization} / 100);
	$va *= 1.732 if $feed->{phase} eq 'three-phase';
	return 0 + sprintf('%.0f', $va);
}

# ---------------------------------------------------------------- scenarios

# The network when these things, by id, have failed.
sub scenario
{
	my ($self, @failed) = @_;
	my %failed = map { $_ => 1 } @failed;
	my $key = join ' ', sort keys %failed;

	return $self->{scenarios}{$key} //=
	  bless { model => $self, failed => \%failed, %{ _energized($self, \%failed) } }, 'EvenModel::Scenario';
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
				!$failed->{ $outlet->{device} } && defined $outlet->{port} && $on{ $outlet->{port} }
			} grep { !$on{$_} } keys %$outlets));
		$on{$_} = 1 foreach @new;
		$more = @new > 0;
	}
	return { on => \%on };
}

# ------------------------------------------------- what the functions answer

# feed_load(): rows of columns, as all below
sub feed_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my $available = $self->available_power($_);
		my $load = $now->feed_load($_);
		[ $_, $now->on($_), @$load, $available, percent($load->[0], $available) ]
	} keys %{ $self->{feeds} };
}

sub panel_load
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my $capacity = $now->capacity($_);
		my $load = $now->panel_load($_);
		my @phases = $now->phases($_);
		[
			$_, $now->on($_), @$load, $capacity, percent($load->[0], $capacity), @phases[ 0 .. 2 ],
			imbalance(@phases)
		]
	} keys %{ $self->{panels} };
}

sub device_power
{
	my ($self) = @_;
	my $now = $self->scenario;

	return map {
		my @ports = $self->cabled_ports($_);
		[
			$_, $now->device_state($_), scalar(@ports), scalar(grep { $now->on($_) } @ports),
			$now->device_load($_)
		]
	} grep { defined $now->device_state($_) } keys %{ $self->{devices} };
}

# rack_power, the view
my %redundancy = (
	'primary' => 'N',
	'primary a, redundant b' => 'N+1',
	'primary b, redundant a' => 'N+1',
	'primary a, primary b' => '2N');

sub rack_power
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $rack (keys %{ $self->{racks} })
	{
		my @feeds = grep { ($self->{feeds}{$_}{rack} // '') eq $rack } keys %{ $self->{feeds} };
		my (%on_path, %designs);
		foreach my $id (@feeds)
		{
			my ($type, $path) = @{ $self->{feeds}{$id} }{qw(type path)};
			$on_path{$path} += $self->available_power($id) if defined $path;
			$designs{ join ' ', grep { defined } $type, $path } = 1;
		}
		my $available = sum0(map { $self->available_power($_) } @feeds);
		my $usable = $available - (keys %on_path == 2 ? max(values %on_path) : 0);
		my $load = EvenModel::Scenario::_sum(map { $now->feed_load($_) } @feeds);
		push @rows,
		  [
			$rack, scalar(@feeds), $available, $usable, @$load, percent($load->[0], $usable),
			$redundancy{ join ', ', sort keys %designs }
		  ];
	}
	return @rows;
}

# simulate_outage() of panels and feeds
sub outage
{
	my ($self, @failed) = @_;
	my ($before, $after) = ($self->scenario, $self->scenario(@failed));
	my @rows;

	foreach my $panel (keys %{ $self->{panels} })
	{
		push @rows,
		  [
			'power_panel', $panel, $self->{panels}{$panel}{name},
			(map { $_->on($panel) ? 'energized' : 'off' } $before, $after),
			(map { $_->panel_load($panel)->[0] } $before, $after),
			$after->capacity($panel), $after->panel_overloaded($panel)
		  ];
	}
	foreach my $feed (keys %{ $self->{feeds} })
	{
		push @rows,
		  [
			'power_feed', $feed, $self->{feeds}{$feed}{name},
			(map { $_->on($feed) ? 'energized' : 'off' } $before, $after),
			(map { $_->feed_load($feed)->[0] } $before, $after),
			$self->available_power($feed), $after->feed_overloaded($feed)
		  ];
	}
	foreach my $device (grep { $self->cabled_ports($_) } keys %{ $self->{devices} })
	{
		push @rows,
		  [
			'device', $device, $self->{devices}{$device}{name},
			(map { $_->device_state($device) } $before, $after),
			(map { $_->device_load($device) } $before, $after),
			undef, 0
		  ];
	}
	return grep { $_->[3] ne $_->[4] || abs($_->[5] - $_->[6]) > $SAME } @rows;
}

sub single_points_of_failure
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @rows;

	foreach my $kind ([ panels => 'power_panel' ], [ feeds => 'power_feed' ], [ devices => 'device' ])
	{
		my $things = $self->{ $kind->[0] };
		foreach my $id (keys %$things)
		{
			next if $kind->[1] eq 'device' && !$self->{outlets_of}{$id};
			my $then = $self->scenario($id);
			my $dark = grep {
				$_ ne $id && ($then->device_state($_) // '') eq 'dark' && $now->device_state($_) ne 'dark'
			} keys %{ $self->{devices} };
			push @rows, [ $kind->[1], $id, $things->{$id}{name}, $dark ] if $dark > 0;
		}
	}
	return @rows;
}

sub contingency
{
	my ($self) = @_;
	my $now = $self->scenario;
	my @things = (
		(map { [ 'power_panel', $_, $self->{panels}{$_}{name} ] } keys %{ $self->{panels} }),
		(map { [ 'power_feed', $_, $self->{feeds}{$_}{name} ] }
			grep { defined $self->{feeds}{$_}{destination} || defined $self->{fed_by}{$_} } keys %{ $self->{feeds} }));

	return map {
		my @before = $now->counts;
		my $then = $self->scenario($_->[1]);
		my @after = $then->counts;
		[ @$_, (map { $after[$_] - $before[$_] } 0 .. 3), $then->worst_utilization ]
	} grep { $now->on($_->[1]) } @things;
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

# ===========================================================================

package EvenModel::Scenario;

use List::Util qw(any max sum0);

sub on { my ($self, $id) = @_; return $self->{on}{$id} ? 1 : 0; }

sub _sum { return [ sum0(map { $_->[0] } @_), sum0(map { $_->[1] } @_) ]; }
sub _times { my ($load, $factor) = @_; return [ map { $_ * $factor } @$load ]; }

# Watts into VA.
sub _own_draw
{
	my ($port) = @_;
	my $allocated = ($port->{allocated} // 0) / $port->{factor};
	return [ $allocated, defined $port->{maximum} ? $port->{maximum} / $port->{factor} : $allocated ];
}

sub port_load
{
	my ($self, $id) = @_;
	return $self->{load}{$id} //= $self->on($id) ? $self->_energized_port_load($id) : [ 0, 0 ];
}

sub _energized_port_load
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $port = $model->{ports}{$id};

	if ($model->is_inlet($id))
	{
		return _own_draw($port) if defined $port->{allocated};
		return _sum(map { $self->outlet_load($_) } $model->behind($id));
	}
	my @consumers = grep { !$model->is_inlet($_) } $model->cabled_ports($port->{device});
	my @off = grep { !$self->on($_) } @consumers;
	my $moved = _sum(map { _own_draw($model->{ports}{$_}) } @off);
	return _sum(_own_draw($port), _times($moved, 1 / (@consumers - @off)));
}

sub outlet_load
{
	my ($self, $id) = @_;
	my $port = $self->{model}{fed_by}{$id};
	return defined $port ? $self->port_load($port) : [ 0, 0 ];
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
	my $panel = $model->{feeds}{$id}{destination};

	return $self->outlet_load($id) if !defined $panel;

	my @sharing = grep { $self->on($_) } $model->entering($panel);
	my @primary = grep { $model->{feeds}{$_}{type} eq 'primary' } @sharing;
	@sharing = @primary if @primary;
	return [ 0, 0 ] if !any { $_ eq $id } @sharing;

	my $available = sum0(map { $model->available_power($_) } @sharing);
	my $share = $available > 0 ? $model->available_power($id) / $available : 1 / @sharing;
	return _times($self->panel_load($panel), $share);
}

sub panel_load
{
	my ($self, $id) = @_;
	return $self->{load}{$id} //= _sum(map { $self->feed_load($_) } $self->{model}->leaving($id));
}

sub capacity
{
	my ($self, $id) = @_;
	my $model = $self->{model};
	my $panel = $model->{panels}{$id};

	if (defined $panel->{voltage} && defined $panel->{main})
	{
		return abs($panel->{voltage}) * $panel->{main} * ($panel->{bus} eq 'three-phase' ? 1.732 : 1);
	}
	my @in = grep { $self->on($_) } $model->entering($id);
	return @in ? sum0(map { $model->available_power($_) } @in) : undef;
}

sub feed_overloaded
{
	my ($self, $id) = @_;
	return $self->feed_load($id)->[0] > $self->{model}->available_power($id) + $SAME ? 1 : 0;
}

sub panel_overloaded
{
	my ($self, $id) = @_;
	my $capacity = $self->capacity($id);
	return defined $capacity && $self->panel_load($id)->[0] > $capacity + $SAME ? 1 : 0;
}

# on, degraded, dark; undef for a device without cabled ports
sub device_state
{
	my ($self, $id) = @_;
	my @ports = $self->{model}->cabled_ports($id);
	my $on = grep { $self->on($_) } @ports;
	return !@ports ? undef : $on == @ports ? 'on' : $on > 0 ? 'degraded' : 'dark';
}

sub device_load
{
	my ($self, $id) = @_;
	return sum0(map { $self->port_load($_)->[0] } $self->{model}->cabled_ports($id));
}

# What contingency() counts.
sub counts
{
	my ($self) = @_;
	my $model = $self->{model};
	my @states = grep { defined } map { $self->device_state($_) } keys %{ $model->{devices} };

	return (
		scalar(grep { $_ eq 'dark' } @states),
		scalar(grep { $_ eq 'degraded' } @states),
		scalar(grep { $self->feed_overloaded($_) } keys %{ $model->{feeds} }),
		scalar(grep { $self->panel_overloaded($_) } keys %{ $model->{panels} }));
}

sub worst_utilization
{
	my ($self) = @_;
	my $model = $self->{model};

	return max(
		map { EvenModel::percent($self->feed_load($_)->[0], $model->available_power($_)) }
		  grep { $self->on($_) && $model->available_power($_) > 0 } keys %{ $model->{feeds} });
}

# What a feed puts on each phase of its panel's bus, were its breaker at some
# position, or at none.
sub feed_phases
{
	my ($self, $id, $position) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my $panel = $model->{panels}{ $feed->{panel} };
	my $n = EvenModel::phases_of_bus($panel->{bus});
	my $load = $self->feed_load($id)->[0];

	return if $n == 0;
	my @by_leg = $self->_leg_loads($id, $position);
	return @by_leg if @by_leg;
	return map { $load / $n } 1 .. $n if !defined $position;

	my @phases = (0) x $n;
	my @poles = EvenModel::breaker($panel->{numbering}, $position, $feed->{poles});
	$phases[ EvenModel::phase_at($panel->{numbering}, $panel->{bus}, $_) ] += $load / @poles foreach @poles;
	return @phases;
}

# The exception: three phases by the legs of the outlets, empty otherwise.
sub _leg_loads
{
	my ($self, $id, $position) = @_;
	my $model = $self->{model};
	my $feed = $model->{feeds}{$id};
	my $inlet = $model->{fed_by}{$id};

	return if $feed->{phase} ne 'three-phase' || $model->{panels}{ $feed->{panel} }{bus} ne 'three-phase';
	return if defined $position && $feed->{poles} != 3;
	return if !defined $inlet || !$model->is_inlet($inlet) || defined $model->{ports}{$inlet}{allocated};
	my @outlets = $model->behind($inlet);
	return if !any { defined $model->{outlets}{$_}{leg} } @outlets;
	return (0) x 3 if !$self->on($id);

	my %on_leg = map {
		my $leg = $_;
		$leg => sum0(map { $self->outlet_load($_)->[0] }
			  grep { ($model->{outlets}{$_}{leg} // 'any') eq $leg } @outlets)
	} qw(A B C any);
	return map { $on_leg{$_} + $on_leg{any} / 3 } qw(A B C);
}

# The phases of a panel; $at{feed} tells of breakers elsewhere than they are.
sub phases
{
	my ($self, $id, %at) = @_;
	my $model = $self->{model};
	my @phases = (0) x EvenModel::phases_of_bus($model->{panels}{$id}{bus});

	foreach my $feed (grep { $self->on($_) } $model->leaving($id))
	{
		my @its = $self->feed_phases($feed, exists $at{$feed} ? $at{$feed} : $model->{feeds}{$feed}{position});
		$phases[$_] += $its[$_] foreach 0 .. $#phases;
	}
	return @phases;
}

1;
