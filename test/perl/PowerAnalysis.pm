package PowerAnalysis;

# What the extension says of trips, redundancy, headroom and capacity, found by
# trying: every outage is computed from the start, every set of failures is
# tried, loads are really added. PowerModel has the network and its loads.
#
# Beside what PowerModel says of it, a network has
#   locations  name parent; panels and racks then have a location

use strict;
use warnings;

use parent -norequire, 'PowerModel';

use List::Util qw(all any first max min uniq);
use PowerModel;

my $SAME = $PowerModel::SAME;

# -------------------------------------------------------------------- trips

# simulate_trips(): round, type, id, name, load, rating, percent; of the part of
# the network that what fails is connected with
sub trips_beside
{
	my ($self, $trip_at, @failed) = @_;
	my $is_near = $self->connected(@failed);
	return grep { $is_near->{ $_->[2] } } $self->trips($trip_at, @failed);
}

# All that hangs together with these, whichever way power flows.
sub connected
{
	my ($self, @todo) = @_;
	my %seen;

	if (!$self->{beside})
	{
		my @pairs = map { my $id = $_; map { [ $id, $_ ] } $self->_powered_by($id) } map { keys %{ $self->{$_} } } qw(ports feeds panels outlets);
		push @pairs, map { my $kind = $_; map { [ $_, $self->{$kind}{$_}{device} ] } keys %{ $self->{$kind} } } qw(ports outlets);
		push @{ $self->{beside}{ $_->[0] } }, $_->[1] foreach @pairs, map { [ reverse @$_ ] } @pairs;
	}
	while (defined(my $id = shift @todo))
	{
		push @todo, @{ $self->{beside}{$id} // [] } if !$seen{$id}++;
	}
	return \%seen;
}

# Of the whole network.
sub trips
{
	my ($self, $trip_at, @failed) = @_;
	my $key = join ' ', $trip_at, sort @failed;
	my @rows;

	return @{ $self->{trips}{$key} } if $self->{trips}{$key};
	foreach my $round (1 .. 1 + keys(%{ $self->{panels} }) + keys(%{ $self->{feeds} }))
	{
		my $scenario = $self->scenario(@failed, map { $_->[2] } @rows);
		my %over = map { $_->[1] => $_ } over_rating($scenario, $trip_at);
		my @open = grep {
			!any { $over{$_} } below($scenario, $_)
		} keys %over;
		last if !@open;
		push @rows, map { [ $round, @{ $over{$_} } ] } @open;
	}
	return @{ $self->{trips}{$key} = \@rows };
}

# The end of it.
sub after_trips
{
	my ($self, $trip_at, @failed) = @_;
	return $self->scenario(@failed, map { $_->[2] } $self->trips($trip_at, @failed));
}

sub outage_with_trips
{
	my ($self, $trip_at, @failed) = @_;
	return $self->_changes($self->scenario, $self->scenario(@failed, map { $_->[2] } $self->trips_beside($trip_at, @failed)));
}

# What carries more than so many times its rating: type, id, name, load, rating,
# percent.
sub over_rating
{
	my ($scenario, $trip_at) = @_;
	my $model = $scenario->{model};
	my @breakers;

	foreach my $id (grep { $scenario->on($_) } keys %{ $model->{feeds} })
	{
		my $feed = $model->{feeds}{$id};
		my $rating = abs($feed->{voltage}) * $feed->{amperage} * ($feed->{phase} eq 'three-phase' ? $PowerModel::ROOT3 : 1);
		push @breakers, [ 'power_feed', $id, $feed->{name}, $rating, $scenario->feed_worst($id) ];
	}
	foreach my $id (grep { $scenario->on($_) } keys %{ $model->{panels} })
	{
		my $rating = $scenario->main_rating($id);
		push @breakers, [ 'power_panel', $id, $model->{panels}{$id}{name}, $rating, $scenario->panel_worst($id) ]
		  if defined $rating;
	}
	return map {
		my ($type, $id, $name, $rating, $load, $phases) = @$_;
		$load / $phases > $trip_at * $rating / $phases + $SAME ? [ $type, $id, $name, $load, $rating, 100 * $load / $rating ] : ()
	} @breakers;
}

# The panels and feeds that power comes to through a panel or feed.
sub below
{
	my ($scenario, $id) = @_;
	my $model = $scenario->{model};
	my %seen;
	my @todo = ($id);

	while (defined(my $next = shift @todo))
	{
		my $feed = $model->{feeds}{$next};
		my @down = grep { defined && $scenario->on($_) } $feed ? $feed->{destination} : $model->leaving($next);
		push @todo, grep { !$seen{$_}++ } @down;
	}
	return keys %seen;
}

sub contingency
{
	my ($self, $trip_at) = @_;

	return map {
		my $id = $_->[1];
		my @opened = $self->trips($trip_at // 1, $id);
		my $end = $self->after_trips($trip_at // 1, $id);
		[ @$_, scalar(@opened), scalar($self->_more($self->scenario, $end, 'is_dark', 'devices')) ]
	} $self->SUPER::contingency;
}

# -------------------------------------------------------------------- trace

# power_trace(): depth, type, id, name, of_name, energized, feeds (sorted, as
# one text)
sub power_trace
{
	my ($self, $device) = @_;
	my $now = $self->scenario;
	my %depth = ($device => 0);
	my %feeds;
	my @todo = ($device);

	while (defined(my $id = shift @todo))
	{
		foreach my $up ($self->_powered_by($id))
		{
			$feeds{$up}{$id} = 1;
			next if exists $depth{$up};
			$depth{$up} = $depth{$id} + 1;
			push @todo, $up;
		}
	}
	return map {
		my ($type, $name, $of) = $self->_described($_);
		my $on = $type eq 'power_bank' ? $now->bank_on($_) : $now->on($_);
		$on = defined $now->device_state($_) ? !$now->is_dark($_) : undef if $type eq 'device';
		[ $depth{$_}, $type, $_, $name, $of, defined $on ? 0 + !!$on : undef, join(' ', sort keys %{ $feeds{$_} // {} }) ]
	} keys %depth;
}

# What brings power to a thing directly, energized or not.
sub _powered_by
{
	my ($self, $id) = @_;

	return $self->cords($id) if $self->{devices}{$id};
	return grep { defined } $self->{ports}{$id}{source} if $self->{ports}{$id};
	return $self->{banks}{$id}{port} if $self->{banks}{$id};
	return $self->{feeds}{$id}{panel} if $self->{feeds}{$id};
	return $self->entering($id) if $self->{panels}{$id};
	my $outlet = $self->{outlets}{$id};
	return uniq grep { defined } $outlet->{bank} // $outlet->{port}, $outlet->{alternate};
}

# Type, name, and the name of what it belongs to.
sub _described
{
	my ($self, $id) = @_;
	my %kinds = (
		devices => [ 'device' ],
		ports => [ 'power_port', 'devices', 'device' ],
		banks => [ 'power_bank', 'devices', 'device' ],
		outlets => [ 'power_outlet', 'devices', 'device' ],
		feeds => [ 'power_feed', 'panels', 'panel' ],
		panels => [ 'power_panel' ]);
	my $kind = first { $self->{$_}{$id} } keys %kinds;
	my ($type, $owners, $owner) = @{ $kinds{$kind} };
	my $row = $self->{$kind}{$id};

	return ($type, $row->{name}, defined $owners ? $self->{$owners}{ $row->{$owner} }{name} : undef);
}

# --------------------------------------------------------------- redundancy

# All whose failure can take power from a device, the device itself aside; with
# what is off already.
sub threats
{
	my ($self, $device) = @_;
	my @trace = map { $_->[2] } $self->power_trace($device);

	return @{ $self->{threats}{$device} //= [
		sort(uniq(
			grep { $_ ne $device }
			map { $self->{outlets}{$_} ? $self->{outlets}{$_}{device} : $self->{panels}{$_} || $self->{feeds}{$_} ? $_ : () } @trace))
	] };
}

# The fewest of these that take the device down: 0 when it is dark now, undef
# when more than $most are needed. All sets of so many are tried, 64 at a time:
# of a number's bits each is a network of its own.
sub min_failures
{
	my ($self, $device, $most) = @_;
	my @threats = grep { $self->scenario->on($_) || $self->{devices}{$_} } $self->threats($device);

	foreach my $n (0 .. $most)
	{
		my (%fails, @pending);
		my @set = 0 .. $n - 1;
		last if $n > @threats;
		for (my $bit = 0;; $bit++)
		{
			if ($bit == 64)
			{
				return $n if _is_dark_in($self, $device, \%fails);
				($bit, %fails) = (0);
			}
			$fails{ $threats[$_] } |= 1 << $bit foreach @set;
			if (!_next_set(\@set, scalar @threats))
			{
				# only those bits that stand for a set
				return $n if _is_dark_in($self, $device, \%fails) & (~0 >> (63 - $bit));
				last;
			}
		}
	}
	return undef;
}

# The next of the sets of numbers below $n, of the same size.
sub _next_set
{
	my ($set, $n) = @_;
	my $i = $#$set;

	$i-- while $i >= 0 && $set->[$i] == $n - @$set + $i;
	return 0 if $i < 0;
	$set->[$_] = $set->[$i] + 1 + $_ - $i foreach reverse $i .. $#$set;
	return 1;
}

# In which of the 64 networks is the device dark?
sub _is_dark_in
{
	my ($self, $device, $fails) = @_;
	my @cords = $self->cords($device);
	my $needed = $self->outlets_of($device) ? 1 : $self->{devices}{$device}{needed} // 1;
	my %on;
	# how many are on at least, in which
	my @at_least = (~0, (0) x @cords);

	foreach my $cord (@cords)
	{
		my $is_on = _is_on_in($self, $cord, $device, $fails, \%on);
		$at_least[$_] |= $at_least[ $_ - 1 ] & $is_on foreach reverse 1 .. @cords;
	}
	return ~($at_least[$needed] // 0);
}

sub _is_on_in
{
	my ($self, $id, $device, $fails, $on) = @_;
	return $on->{$id} if exists $on->{$id};
	my $up = sub {
		my $any = 0;
		$any |= _is_on_in($self, $_, $device, $fails, $on) foreach @_;
		return $any;
	};
	my $fed;

	if ($self->{panels}{$id})
	{
		$fed = $self->entering($id) ? $up->($self->entering($id)) : ~0;
		$fed &= ~($fails->{$id} // 0);
	}
	elsif (my $feed = $self->{feeds}{$id})
	{
		$fed = $self->{status}{ $feed->{status} } ? $up->($feed->{panel}) & ~($fails->{$id} // 0) : 0;
	}
	elsif (my $outlet = $self->{outlets}{$id})
	{
		$fed = $up->(grep { defined } @$outlet{qw(port alternate)}) & ~($fails->{ $outlet->{device} } // 0);
	}
	else
	{
		$fed = $up->(grep { defined } $self->{ports}{$id}{source});
	}
	return $on->{$id} = $fed;
}

sub survives_any_one
{
	my ($self, $device) = @_;
	return !any { $_->[1] ne $device && $self->after_trips(1, $_->[1])->is_dark($device) } $self->things(qw(panel feed device));
}

# rack_redundancy(): rack, devices, label, min_failures, maintainable,
# fault_tolerant
sub rack_redundancy
{
	my ($self) = @_;
	return map { [ $_, $self->_rack_redundancy($_) ] } keys %{ $self->{racks} };
}

sub _rack_redundancy
{
	my ($self, $rack) = @_;
	my $label = $self->rack_label($rack);
	my @devices = grep { ($self->{devices}{$_}{rack} // '') eq $rack && $self->cords($_) && !$self->outlets_of($_) }
	  keys %{ $self->{devices} };
	return (0, $label, undef, undef, undef) if !@devices;

	my %above = map { ($_->[2] => 1) } map { $self->power_trace($_) } @devices;
	my $is_well = sub {
		my ($then) = @_;
		return 0 if any { $then->is_dark($_) } @devices;
		return !any { $above{$_} } map { $self->_more($self->scenario, $then, $_ . '_overloaded', $_ . 's') } qw(panel feed port bank);
	};
	my @least = grep { defined } map { $self->min_failures($_, 4) } @devices;
	my $maintainable = $is_well->($self->scenario)
	  && all { $is_well->($self->scenario($_->[1])) } $self->things(qw(panel feed));
	# Of no failure, too; and what is overloaded before it opens counts.
	my $tolerant = $is_well->($self->after_trips(1))
	  && all { $is_well->($self->scenario($_->[1])) && $is_well->($self->after_trips(1, $_->[1])) } $self->things(qw(panel feed device));
	return (scalar(@devices), $label, min(@least), $maintainable ? 1 : 0, $tolerant ? 1 : 0);
}

# ----------------------------------------------------------------- headroom

# Now, and the outages of another panel or feed in which the panel stays on: as
# type, id, name, scenario. The failure of what is off, or of what is not connected,
# changes nothing.
sub _outages_beside
{
	my ($self, $panel) = @_;
	my $is_near = $self->connected($panel);

	return @{ $self->{outages_beside}{$panel} //= [
		grep { $_->[3]->on($panel) } [ undef, undef, undef, $self->scenario ],
		map { [ @$_, $self->scenario($_->[1]) ] }
		grep { $_->[1] ne $panel && $is_near->{ $_->[1] } && $self->scenario->on($_->[1]) } $self->things(qw(panel feed))
	] };
}

# What could be added evenly on a panel; undef where nothing limits it.
sub headroom
{
	my ($self, $panel) = @_;
	return $self->{headroom}{$panel} if exists $self->{headroom}{$panel};
	my @outages = map { $_->[3] } $self->_outages_beside($panel);
	my $room;

	if (any { too_much($_, $panel, 0) } @outages)
	{
		$room = 0;
	}
	else
	{
		foreach my $scenario (@outages)
		{
			next if defined $room && !too_much($scenario, $panel, $room);
			$room = _room_in($scenario, $panel, $room // 1e12);
		}
	}
	return $self->{headroom}{$panel} = $room;
}

# By bisection; undef where even $too_much is not too much.
sub _room_in
{
	my ($scenario, $panel, $too_much) = @_;
	my $fits = 0;

	return undef if !too_much($scenario, $panel, $too_much);
	while ($too_much - $fits > 1e-5 + 1e-8 * $too_much)
	{
		# from far above by decades first
		my $middle = $too_much > 1000 * ($fits + 1) ? 30 * ($fits + 1) : ($fits + $too_much) / 2;
		(too_much($scenario, $panel, $middle) ? $too_much : $fits) = $middle;
	}
	return ($fits + $too_much) / 2;
}

# The things beyond their limit that would carry part of a load added evenly on a
# panel: ids. What carries part of it is the panel, the feeds that share its load,
# and so on above these.
sub too_much
{
	my ($scenario, $panel, $va) = @_;
	my $model = $scenario->{model};
	# What is worked out already stands, but for what is above the panel.
	my @above = @{ $model->{all_above}{$panel} //= [ $model->_all_above($panel) ] };
	local $scenario->{more} = { $panel => $va };
	delete local @{ $scenario->{load} }{@above};
	delete local @{ $scenario->{phases} }{@above};
	delete local @{ $scenario->{feed_phases} }{@above};
	my (%seen, @over);
	my @todo = ($panel);

	while (defined(my $id = shift @todo))
	{
		next if $seen{$id}++;
		my $feed = $model->{feeds}{$id};
		my $limit = $feed ? $model->available_power($id) : $scenario->capacity($id);
		my ($load, $phases) = $feed ? $scenario->feed_worst($id) : $scenario->panel_worst($id);
		push @over, $id if defined $limit && $load / $phases > $limit / $phases + $SAME;
		push @todo, $feed ? $feed->{panel} : grep { $scenario->on($_) && $scenario->share($_) > 0 } $model->entering($id);
	}
	return @over;
}

# The panel, and all panels and feeds above it, of any status.
sub _all_above
{
	my ($self, $panel) = @_;
	my %seen;
	my @todo = ($panel);

	while (defined(my $id = shift @todo))
	{
		push @todo, $self->{feeds}{$id} ? $self->{feeds}{$id}{panel} : $self->entering($id) if !$seen{$id}++;
	}
	return keys %seen;
}

# In which outages a little more is too much: their ids, '' for now.
sub binding_outages
{
	my ($self, $panel) = @_;
	my $room = $self->headroom($panel);
	my $more = $room == 0 ? 0 : $room + 1e-4 + 1e-7 * $room;

	return @{ $self->{binding}{$panel} //=
		  [ map { $_->[1] // '' } grep { too_much($_->[3], $panel, $more) } $self->_outages_beside($panel) ] };
}

# What limits it in one of them: ids. Of conductors a difference of 0.01 VA is none.
sub bindings
{
	my ($self, $panel, $outage) = @_;
	my $room = $self->headroom($panel);
	return too_much($self->scenario(grep { $_ ne '' } $outage), $panel, $room + 3 * $SAME + 1e-7 * $room);
}

# Panels of a location and below.
sub panels_in
{
	my ($self, $location) = @_;
	my $is_in = sub {
		for (my $l = $_[0]; defined $l; $l = $self->{locations}{$l}{parent})
		{
			return 1 if $l eq $location;
		}
		return 0;
	};
	return grep { !defined $location || $is_in->($self->{panels}{$_}{location}) } sort keys %{ $self->{panels} };
}

sub free_count
{
	my ($self, $panel) = @_;
	my $positions = $self->{panels}{$panel}{positions};
	return defined $positions ? $positions - keys %{ $self->_taken($panel) } : undef;
}

sub _taken
{
	my ($self, $panel) = @_;
	my $numbering = $self->{panels}{$panel}{numbering};
	return {
		map { $_ => 1 } map { PowerModel::breaker($numbering, @$_{qw(position poles)}) }
		  grep { defined $_->{position} } map { $self->{feeds}{$_} } $self->leaving($panel)
	};
}

# ----------------------------------------------------------------- capacity

# The first place for a breaker of so many poles.
sub place
{
	my ($self, $panel, $poles) = @_;
	my ($numbering, $bus, $positions) = @{ $self->{panels}{$panel} }{qw(numbering bus positions)};
	my $taken = $self->_taken($panel);
	my %most = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 2);

	return undef if $poles > $most{$bus};
	return first {
		my @its = PowerModel::breaker($numbering, $_, $poles);
		$its[-1] <= ($positions // 1000) && !any { $taken->{$_} } @its
	} 1 .. 1000;
}

# Those but for roots that are sources: what two places may not have in common.
sub _not_to_share
{
	my ($self, $panel) = @_;
	return {
		map { $_ => 1 } grep {
			my $type = ($self->{panels}{$_} // {})->{type} // '';
			$type !~ /^(utility|generator)$/ || $self->entering($_)
		} $self->_all_above($panel)
	};
}

# All places of find_capacity(): panels by name, names, positions, headroom
sub find_capacity
{
	my ($self, $location, $va, $poles, $paths) = @_;
	my @panels = sort { $self->{panels}{$a}{name} cmp $self->{panels}{$b}{name} } grep {
		my $room = $self->scenario->on($_) && defined $self->place($_, $poles) ? $self->headroom($_) : 0;
		!defined $room || $room >= $va
	} $self->panels_in($location);
	my %above = map { $_ => $self->_not_to_share($_) } @panels;
	my @found = ([]);

	foreach (1 .. $paths)
	{
		@found = map {
			my $set = $_;
			map { [ @$set, $_ ] } grep {
				my $new = $_;
				!any { my $old = $_; $old eq $new || $self->{panels}{$old}{name} ge $self->{panels}{$new}{name} || any { $above{$old}{$_} } keys %{ $above{$new} } } @$set
			} @panels
		} @found;
	}
	return map {
		my @rooms = grep { defined } map { $self->headroom($_) } @$_;
		[ $_, [ map { $self->{panels}{$_}{name} } @$_ ], [ map { $self->place($_, $poles) } @$_ ], min(@rooms) ]
	} @found;
}

1;
