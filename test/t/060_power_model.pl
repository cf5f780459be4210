# Random networks: what the extension says of their loads, outages, single
# points of failure and of evening out their phases, against a model that
# computes the same by brute force (test/perl/PowerModel.pm).
#
# Each network is made in a transaction, asked about, changed a little, asked
# again, and rolled back. test/perl/ModelComparison.pm says how to choose others.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use List::Util qw(max min shuffle);
use EvenModel;
use ModelComparison;
use PowerModel;
use RandomNetwork qw(random_network network_sql random_change);
use Test::More;

my $outages = 10;

%answers = (
	feed_load => [
		[qw(power_feed_id energized allocated_va maximum_va available_power utilization amps amps_a amps_b amps_c)],
		'ttvvtppppp'
	],
	panel_load => [
		[
			qw(power_panel_id energized allocated_va maximum_va capacity_va utilization phase_a_va phase_b_va phase_c_va
			  amps_a amps_b amps_c imbalance)
		],
		'ttvvvpvvvpppp'
	],
	port_load => [ [qw(power_port_id energized allocated_va maximum_va rating_va utilization)], 'ttvvvp' ],
	bank_load => [ [qw(power_bank_id allocated_va maximum_va amps utilization)], 'tvvpp' ],
	device_power => [ [qw(device_id state cabled_ports energized_ports allocated_va)], 'ttttv' ],
	rack_power => [
		[
			qw(rack_id devices_va power_limit feeds available_power usable_power allocated_va maximum_va utilization
			  redundancy)
		],
		'tvtttvvvpt'
	],
	simulate_outage => [
		[qw(object_type object_id name state_before state_after load_before load_after available overloaded)],
		'tttttvvvt'
	],
	single_points_of_failure => [ [qw(object_type object_id name devices)], 'tttt' ],
	contingency => [
		[
			qw(object_type object_id name devices_dark devices_degraded feeds_overloaded panels_overloaded
			  worst_utilization)
		],
		'tttttttp'
	],
	suggest_rebalance => [ [qw(step power_feed_id name from_position to_position imbalance_after)], 'tttttp' ],
	check_integrity => [ [qw(rule severity object_type object_id object detail)], 'tttttt' ],
);

# ----------------------------------------------------------------- questions

# Asks for loads, of all and of some; the model answers at once, since the
# network changes later.
sub ask_loads
{
	my ($about, $model) = @_;
	my %owner = (
		feed_load => [ feeds => 'panel', 'panels' ],
		panel_load => [ panels => undef, 'panels' ],
		port_load => [ ports => 'device', 'devices' ],
		bank_load => [ banks => 'device', 'devices' ],
		device_power => [ devices => undef, 'devices' ]);

	foreach my $function (sort keys %owner)
	{
		my ($kind, $owner, $owners) = @{ $owner{$function} };
		my @expected = $model->$function;
		my @some = (shuffle sort keys %{ $model->{$owners} })[ 0 .. 1 ];

		ask($function, '', sub { compare($about, $function, \@expected, @_) });
		foreach my $id (grep { defined } @some)
		{
			my @its = grep { (defined $owner ? $model->{$kind}{ $_->[0] }{$owner} : $_->[0]) eq $id } @expected;
			ask($function, "'$id'", sub { compare("$about of $id", $function, \@its, @_) });
		}
	}
	my @racks = $model->rack_power;
	ask('rack_power', undef, sub { compare($about, 'rack_power', \@racks, @_) });
	my @warnings = $model->warnings;
	ask('check_integrity', '', sub { check_warnings($about, $model, \@warnings, @_) }, "WHERE severity = 'warning'");
	return;
}

# Some panels, feeds and devices fail at once: one, a few, half of them.
sub ask_outages
{
	my ($about, $model) = @_;
	my @panels = sort keys %{ $model->{panels} };
	my @feeds = sort keys %{ $model->{feeds} };
	my @devices = sort keys %{ $model->{devices} };

	foreach (1 .. $outages)
	{
		my @p = (shuffle @panels)[ 0 .. min(int(rand 3), int(rand @panels)) ];
		my @f = @feeds ? (shuffle @feeds)[ 0 .. min(int(rand 4), int(rand @feeds)) ] : ();
		my @d = @devices ? (shuffle @devices)[ 0 .. min(int(rand 3), int(rand @devices)) ] : ();
		@p = () if rand() < 0.4;
		@f = () if rand() < 0.4;
		@d = () if rand() < 0.5;
		push @p, $p[0] if @p && rand() < 0.1;
		next if !@p && !@f && !@d;

		my $things = ids(@p) . ', ' . ids(@f) . ', ' . ids(@d);
		my @expected = $model->outage(@p, @f, @d);
		ask('simulate_outage', $things, sub { compare("$about, outage of @p @f @d", 'simulate_outage', \@expected, @_) });
	}
	return;
}

sub ask_analyses
{
	my ($about, $model) = @_;

	foreach my $function (qw(single_points_of_failure contingency))
	{
		my @expected = $model->$function;
		ask($function, '', sub { compare($about, $function, \@expected, @_) });
	}
	return;
}

sub ask_rebalance
{
	my ($about, $model) = @_;

	foreach my $panel (sort keys %{ $model->{panels} })
	{
		my $most = (undef, undef, undef, 1, 2, 30)[ rand 6 ];
		ask('suggest_rebalance', "'$panel'" . (defined $most ? ", $most" : ''),
			sub { check_rebalance("$about, rebalance of $panel", $model, $panel, $most // 5, @_) });
	}
	return;
}

# A network from beginning to end.
sub ask_all
{
	my ($number) = @_;
	srand($number);
	my $network = random_network();
	my $model = PowerModel->new($network);
	my $about = "network $number";

	say_sql "BEGIN;\n", network_sql($network);
	# What is connected is looked up, or all is read, by what statistics say.
	say_sql "ANALYZE;\n" if $number % 2;
	ask('check_integrity', '', sub { compare($about, 'check_integrity', [], @_) }, "WHERE severity = 'error'");
	ask_loads($about, $model);
	ask_outages($about, $model);
	ask_analyses($about, $model);
	ask_rebalance($about, $model);
	say_sql "ROLLBACK;\n";
	ask_what_if($about, $network);
	return;
}

# A network without anything that the even model does not know: it has to say
# the same, of all that it tells.
sub ask_even
{
	my ($number) = @_;
	srand($number);
	my $network = random_network(1);
	my $about = "even network $number";

	$network->{basis} = 'allocated';
	say_sql "BEGIN;\n", network_sql($network);
	ask_even_model($about, EvenModel->new($network));
	say_sql random_change($network);
	ask_even_model("$about, changed", EvenModel->new($network));
	say_sql "ROLLBACK;\n";
	return;
}

sub ask_even_model
{
	my ($about, $model) = @_;
	my %columns = (
		feed_load => [qw(power_feed_id energized allocated_va maximum_va available_power utilization)],
		panel_load => [
			qw(power_panel_id energized allocated_va maximum_va capacity_va utilization phase_a_va phase_b_va phase_c_va
			  imbalance)
		],
		device_power => $answers{device_power}[0],
		single_points_of_failure => $answers{single_points_of_failure}[0]);

	foreach my $function (sort keys %columns)
	{
		my @expected = $model->$function;
		ask_columns($columns{$function}, $function, '', sub { compare_columns($columns{$function}, $about, $function, \@expected, @_) });
	}
	foreach (1 .. 3)
	{
		my @failed = (shuffle sort(keys %{ $model->{panels} }), sort(keys %{ $model->{feeds} }))[ 0 .. int(rand 2) ];
		@failed = grep { defined } @failed;
		my @p = grep { $model->{panels}{$_} } @failed;
		my @f = grep { $model->{feeds}{$_} } @failed;
		my @expected = $model->outage(@p, @f);
		ask('simulate_outage', ids(@p) . ', ' . ids(@f), sub {
			# that devices are overloaded is new
			my @got = map { [ @$_[ 0 .. 7 ], $_->[0] eq 'device' ? 0 : $_->[8] ] } @_;
			compare("$about, outage of @failed", 'simulate_outage', \@expected, @got);
		});
	}
	return;
}

# Once more, with a change that was not there before.
sub ask_what_if
{
	my ($about, $network) = @_;

	say_sql "BEGIN;\n", network_sql($network), random_change($network);
	my $model = PowerModel->new($network);
	ask_loads("$about, changed", $model);
	my @expected = $model->contingency;
	ask('contingency', '', sub { compare("$about, changed", 'contingency', \@expected, @_) });
	say_sql "ROLLBACK;\n";
	return;
}

# ------------------------------------------------------------------- answers

# How the audit names a thing: after what it is part of, where it is part of something.
sub object_name
{
	my ($model, $type, $id) = @_;
	my $things = $type =~ s/^power_//r . 's';
	my $thing = $model->{$things}{$id};
	my $whole = $type eq 'power_feed' ? $model->{panels}{ $thing->{panel} } :
	  $type =~ /^power_(port|bank|outlet)$/ ? $model->{devices}{ $thing->{device} } : undef;

	return $whole ? "$whole->{name} > $thing->{name}" : $thing->{name};
}

# Warnings are told by rule and object; where a thing must be named, its name is
# looked for in the detail.
sub check_warnings
{
	my ($about, $model, $expected, @got) = @_;
	my %expected = map { ("$_->[0] of $_->[1] $_->[2]" => $_) } @$expected;

	$compared{check_integrity} += @$expected;
	foreach my $row (@got)
	{
		my ($rule, $severity, $type, $id, $object, $detail) = @$row;
		next if $rule eq 'powerpanel_owner';
		my $warning = delete $expected{"$rule of $type $id"};
		if (!$warning)
		{
			wrong($about, 'check_integrity', 'not expected: ' . row_text($row));
		}
		elsif (defined $warning->[3] && index($detail, "\"$warning->[3]\"") < 0)
		{
			wrong($about, 'check_integrity', "$warning->[3] is not named in " . row_text($row));
		}
		elsif ($object ne object_name($model, $type, $id))
		{
			wrong($about, 'check_integrity', 'is not named ' . object_name($model, $type, $id) . ': ' . row_text($row));
		}
	}
	wrong($about, 'check_integrity', "missing:  $_ " . ($expected{$_}[3] // '')) foreach sort keys %expected;
	return;
}

# ----------------------------------------------------------------- rebalance

# Each step is taken: it must be one that the rules allow, lead to the imbalance
# that it claims, a lower one, and none may be better; where there are fewer
# than asked for, there must be none left.
sub check_rebalance
{
	my ($about, $model, $panel, $most, @got) = @_;
	my $scenario = $model->scenario;
	my $bench = {
		model => $model,
		panel => $model->{panels}{$panel},
		at => {
			map { $_ => $model->{feeds}{$_}{position} }
			  grep { defined $model->{feeds}{$_}{position} } $model->leaving($panel)
		},
		phases => sub { map { $_->[0] } $scenario->phases($panel, @_) },
		one => sub { map { $_->[0] } $scenario->feed_phases(@_) },
		on => $scenario->{on},
	};
	my $imbalance = PowerModel::imbalance($bench->{phases}->()) // 0;
	my %steps;

	push @{ $steps{ $_->[0] } }, $_ foreach @got;
	my @steps = map { $steps{$_} } sort { $a <=> $b } keys %steps;
	foreach my $number (1 .. @steps)
	{
		$compared{suggest_rebalance}++;
		my $best = best_step($bench);
		my ($after, $error) = take_step($bench, $number, @{ $steps[ $number - 1 ] });

		$error //= "is no better than $imbalance" if $after > $imbalance - 1e-9;
		$error //= "is worse than @{$best}" if $best && $after > $best->[0] + 1e-5;
		if (defined $error)
		{
			wrong($about, 'suggest_rebalance', (map { row_text($_) } @{ $steps[ $number - 1 ] }), $error);
			return;
		}
		$imbalance = $after;
	}
	$compared{suggest_rebalance}++;
	wrong($about, 'suggest_rebalance', @steps . " steps of $most") if @steps > $most;
	my $left = best_step($bench);
	wrong($about, 'suggest_rebalance', @steps . " steps to $imbalance; forgot @$left")
	  if @steps < $most && $left && $left->[0] < $imbalance - 1e-5;
	return;
}

# Takes the rows of one step; returns the imbalance then, and what is wrong.
sub take_step
{
	my ($bench, $number, @rows) = @_;
	my $model = $bench->{model};
	my %to;

	foreach my $row (@rows)
	{
		my ($step, $feed, $name, $from, $position) = @$row;
		return (0, "step is not $number") if $step != $number;
		return (0, 'is not of this panel') if !defined $bench->{at}{$feed};
		return (0, 'has another name') if $name ne $model->{feeds}{$feed}{name};
		return (0, "stands at $bench->{at}{$feed}") if $from != $bench->{at}{$feed};
		return (0, 'does not move') if $position == $from;
		$to{$feed} = $position;
	}
	return (0, 'is neither a move nor a swap') if keys %to != @rows || @rows > 2;
	if (@rows == 2)
	{
		my ($x, $y) = keys %to;
		return (0, 'is no swap') if $to{$x} != $bench->{at}{$y} || $to{$y} != $bench->{at}{$x};
	}
	return (0, 'is against the rules') if !is_allowed($bench, %to);

	$bench->{at}{$_} = $to{$_} foreach keys %to;
	my $after = PowerModel::imbalance($bench->{phases}->(%{ $bench->{at} })) // 0;
	foreach my $row (@rows)
	{
		return ($after, "leads to $after") if !is_same('p', $row->[5], $after);
	}
	return ($after, undef);
}

# May these breakers stand there?
sub is_allowed
{
	my ($bench, %to) = @_;
	my ($panel, $model) = @$bench{qw(panel model)};
	my %taken;

	foreach my $feed (keys %{ $bench->{at} })
	{
		my $position = $to{$feed} // $bench->{at}{$feed};
		my @its = PowerModel::breaker($panel->{numbering}, $position, $model->{feeds}{$feed}{poles});
		return 0 if $position < 1 || $position > 1000;
		return 0 if defined $panel->{positions} && $its[-1] > $panel->{positions};
		return 0 if grep { $taken{$_}++ } @its;
	}
	return 1;
}

# The best of all moves and swaps, as [imbalance, what]; undef where there is
# nothing to move. Beyond the last breaker one place is as good as another.
sub best_step
{
	my ($bench) = @_;
	my $at = $bench->{at};
	my @feeds = sort keys %$at;
	my $last = $bench->{panel}{positions} // 12 + max(0, values %$at);
	my $best;

	return if PowerModel::phases_of_bus($bench->{panel}{bus}) < 2;
	my @now = $bench->{phases}->(%$at);
	my $try = sub {
		my ($what, %to) = @_;
		my @phases = @now;
		foreach my $feed (grep { $bench->{on}{$_} } keys %to)
		{
			my ($from, $to) = map { $bench->{shares}{$feed}{$_} //= [ $bench->{one}->($feed, $_) ] } $at->{$feed}, $to{$feed};
			$phases[$_] += $to->[$_] - $from->[$_] foreach 0 .. $#phases;
		}
		my $imbalance = PowerModel::imbalance(@phases);
		$best = [ $imbalance, $what ]
		  if (!$best || $imbalance < $best->[0]) && is_allowed($bench, %to);
	};
	foreach my $feed (grep { $bench->{on}{$_} } @feeds)
	{
		$try->("$feed to $_", $feed => $_) foreach grep { $_ != $at->{$feed} } 1 .. $last;
		$try->("$feed with $_", $feed => $at->{$_}, $_ => $at->{$feed}) foreach grep { $_ ne $feed } @feeds;
	}
	return $best;
}

compare_networks(300, 180, sub { ask_all($_[0]); ask_even($_[0]); });
done_testing();
