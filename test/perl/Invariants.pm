# What must be true of an inventory, worked out from its rows alone.
#
# This is written from the documentation of the rules and shares no code with
# the extension: it reads the base columns of the tables, no view and no
# function, and does its own arithmetic. So where it and check_integrity()
# agree, two independent accounts agree.
#
#	my @found = violations($node, $db);
#	-> ('power_feed_cycle power_feed <id>', ...)
#	same_as_audit($node, $db, 'after the stress');	# a test
#	is_sound($node, $db, 'after the stress');	# two tests
#
# The first two, and the third in a fourth argument, take SQL to run before,
# in a transaction that is then rolled back.

package Invariants;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;

our @EXPORT = qw(violations audit is_sound same_as_audit audit_agrees);

my %columns = (
	location => [qw(id name parent_id)],
	rack_group => [qw(id name location_id)],
	rack => [qw(id name location_id rack_group_id power_limit)],
	device => [qw(id name rack_id needed_ports)],
	power_panel => [
		qw(id name location_id rack_group_id circuit_positions numbering bus voltage
		  main_breaker_amperage max_utilization)
	],
	feed_status => [qw(name energized)],
	power_feed => [
		qw(id name power_panel_id destination_panel_id rack_id status supply phase voltage amperage
		  max_utilization breaker_position breaker_pole_count available_power occupied_positions
		  phase_designation receptacles connected_load)
	],
	power_port => [qw(id name device_id maximum_draw allocated_draw power_factor)],
	power_bank => [qw(id name device_id power_port_id amperage max_utilization)],
	power_outlet => [qw(id name device_id power_port_id alternate_power_port_id power_bank_id)],
	cable => [qw(id power_feed_id power_outlet_id power_port_id)]);

# Columns that refer to another table, by the names of PostgreSQL's constraints.
my @references = (
	[qw(location parent_id location)],
	[qw(rack_group location_id location)],
	[qw(rack location_id location)],
	[qw(rack rack_group_id rack_group)],
	[qw(device rack_id rack)],
	[qw(power_panel location_id location)],
	[qw(power_panel rack_group_id rack_group)],
	[qw(power_feed power_panel_id power_panel)],
	[qw(power_feed destination_panel_id power_panel)],
	[qw(power_feed rack_id rack)],
	[qw(power_feed status feed_status)],
	[qw(power_port device_id device)],
	[qw(power_bank device_id device)],
	[qw(power_outlet device_id device)],
	[qw(cable power_feed_id power_feed)],
	[qw(cable power_outlet_id power_outlet)],
	[qw(cable power_port_id power_port)]);

# { table => { key => { column => value } } }
sub read_inventory
{
	my ($node, $db, $before) = @_;
	my %tables;

	# One snapshot for all of them.
	my @names = sort keys %columns;
	my $sql = "BEGIN ISOLATION LEVEL REPEATABLE READ;\n" . ($before // '');
	foreach my $table (@names)
	{
		$sql .= "\\echo = $table\n";
		$sql .= "COPY (SELECT " . join(', ', @{ $columns{$table} }) . " FROM powerpanel.$table) TO STDOUT;\n";
	}
	my $table;
	foreach my $line (split /\n/, $node->safe_psql($db, "${sql}ROLLBACK;"))
	{
		if ($line =~ /^= (\w+)$/) { $table = $1; next; }
		my @values = map { $_ eq '\N' ? undef : $_ } split /\t/, $line, -1;
		my %row;
		@row{ @{ $columns{$table} } } = @values;
		$tables{$table}{ $values[0] } = \%row;
	}
	$tables{$_} //= {} foreach @names;
	return \%tables;
}

# The positions of a breaker, by the way its panel is numbered.
sub positions
{
	my ($panel, $feed) = @_;
	return () unless defined $feed->{breaker_position};
	my $step = $panel->{numbering} eq 'across' ? 2 : 1;
	my $poles = $feed->{breaker_pole_count} // 0;
	return map { $feed->{breaker_position} + $_ * $step } 0 .. $poles - 1;
}

my %phases = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 0);
my %most_poles = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 2);

sub designation
{
	my ($panel, @positions) = @_;
	my $n = $phases{ $panel->{bus} };
	my %on;
	return '' if $n == 0;
	foreach my $p (@positions)
	{
		my $i = $panel->{numbering} eq 'across' ? int(($p - 1) / 2) : $p - 1;
		$on{ qw(A B C) [ $i % $n ] } = 1;
	}
	return join '-', sort keys %on;
}

sub available_power
{
	my ($feed) = @_;
	my $power = abs($feed->{voltage}) * $feed->{amperage} * ($feed->{max_utilization} / 100);
	$power *= 1.732 if $feed->{phase} eq 'three-phase';
	return sprintf '%.0f', $power;
}

# Is $outer the location $inner, or one above it?
sub contains
{
	my ($t, $outer, $inner) = @_;
	my %seen;
	while (defined $inner && !$seen{$inner}++)
	{
		return 1 if $inner eq $outer;
		$inner = ($t->{location}{$inner} // {})->{parent_id};
	}
	return 0;
}

# Does some location contain both?
sub have_in_common
{
	my ($t, $one, $other) = @_;
	my %above;
	while (defined $one && !$above{$one}++)
	{
		return 1 if contains($t, $one, $other);
		$one = ($t->{location}{$one} // {})->{parent_id};
	}
	return 0;
}

# Of edges [id, from, to], the ids of those whose end leads back to their
# beginning.
sub on_loops
{
	my @edges = @_;
	my %next;
	push @{ $next{ $_->[1] } }, $_->[2] foreach @edges;
	my @found;
	foreach my $edge (@edges)
	{
		my %seen;
		my @todo = ($edge->[2]);
		while (defined(my $at = pop @todo))
		{
			next if $seen{$at}++;
			push @todo, @{ $next{$at} // [] };
		}
		push @found, $edge->[0] if $seen{ $edge->[1] };
	}
	return @found;
}

sub check_references
{
	my ($t, $found) = @_;
	foreach my $reference (@references)
	{
		my ($table, $column, $other) = @$reference;
		foreach my $row (values %{ $t->{$table} })
		{
			next if !defined $row->{$column} || $t->{$other}{ $row->{$column} };
			push @$found, "${table}_${column}_fkey $table $row->{id}";
		}
	}
	return;
}

# Inlets are of the same device, and a bank's outlets name the bank's inlet.
sub check_outlets
{
	my ($t, $found) = @_;
	my $elsewhere = sub {
		my ($row, $port_id) = @_;
		return 0 unless defined $port_id;
		my $port = $t->{power_port}{$port_id};
		return !$port || $port->{device_id} ne $row->{device_id};
	};

	push @$found, map { "power_bank_power_port power_bank $_->{id}" }
	  grep { $elsewhere->($_, $_->{power_port_id}) } values %{ $t->{power_bank} };
	foreach my $outlet (values %{ $t->{power_outlet} })
	{
		my $what = "power_outlet $outlet->{id}";
		my ($first, $alternate) = @$outlet{qw(power_port_id alternate_power_port_id)};
		push @$found, "power_outlet_power_port $what" if $elsewhere->($outlet, $first);
		push @$found, "power_outlet_alternate_power_port $what" if $elsewhere->($outlet, $alternate);
		push @$found, "power_outlet_alternate $what"
		  if defined $alternate && (!defined $first || $first eq $alternate);
		next unless defined $outlet->{power_bank_id};
		my $bank = $t->{power_bank}{ $outlet->{power_bank_id} };
		push @$found, "power_outlet_power_bank $what"
		  if !$bank || !defined $first || $bank->{power_port_id} ne $first;
	}
	return;
}

sub check_locations
{
	my ($t, $found) = @_;

	push @$found, map { "location_cycle location $_" }
	  on_loops(map { [ $_->{id}, $_->{id}, $_->{parent_id} ] }
		  grep { defined $_->{parent_id} } values %{ $t->{location} });
	foreach my $table (qw(rack power_panel))
	{
		foreach my $row (values %{ $t->{$table} })
		{
			my $group = $t->{rack_group}{ $row->{rack_group_id} // '' } or next;
			push @$found, "${table}_rack_group_location $table $row->{id}"
			  unless contains($t, $group->{location_id}, $row->{location_id});
		}
	}
	foreach my $feed (values %{ $t->{power_feed} })
	{
		my $rack = $t->{rack}{ $feed->{rack_id} // '' } or next;
		my $panel = $t->{power_panel}{ $feed->{power_panel_id} } or next;
		push @$found, "power_feed_rack_location power_feed $feed->{id}"
		  unless have_in_common($t, $panel->{location_id}, $rack->{location_id});
	}
	return;
}

sub check_breakers
{
	my ($t, $found) = @_;
	my %at;		# panel, position -> feeds

	foreach my $feed (values %{ $t->{power_feed} })
	{
		my $what = "power_feed $feed->{id}";
		my $panel = $t->{power_panel}{ $feed->{power_panel_id} } or next;
		my @positions = positions($panel, $feed);
		my $poles = $feed->{breaker_pole_count};

		push @$found, "power_feed_breaker_bus $what"
		  if defined $poles && $poles > $most_poles{ $panel->{bus} };
		push @$found, "power_feed_breaker_capacity $what"
		  if @positions && defined $panel->{circuit_positions}
		  && $positions[-1] > $panel->{circuit_positions};
		push @$found, "no_pole_count $what" if defined $feed->{breaker_position} && !defined $poles;
		push @$found, "power_feed_derived_columns $what"
		  if $feed->{occupied_positions} ne join(', ', @positions)
		  || ($feed->{phase_designation} // '') ne designation($panel, @positions);
		push @$found, "available_power $what" if $feed->{available_power} ne available_power($feed);
		push @{ $at{ $panel->{id} }{$_} }, $feed->{id} foreach @positions;
	}

	# A conflict is one of two feeds; which of them is told, nobody says.
	my %pairs;
	foreach my $panel (values %at)
	{
		foreach my $feeds (grep { @$_ > 1 } values %$panel)
		{
			my @sorted = sort @$feeds;
			foreach my $i (1 .. $#sorted)
			{
				$pairs{"$sorted[$i - 1] $sorted[$i]"} = 1;
			}
		}
	}
	push @$found, map { "power_feed_breaker_conflict power_feed $_" } keys %pairs;
	return;
}

sub check_graphs
{
	my ($t, $found) = @_;
	my (%cabled, %once, @cables);

	push @$found, map { "power_feed_cycle power_feed $_" }
	  on_loops(map { [ @$_{qw(id power_panel_id destination_panel_id)} ] }
		  grep { defined $_->{destination_panel_id} } values %{ $t->{power_feed} });

	foreach my $cable (values %{ $t->{cable} })
	{
		push @$found, "cable_source cable $cable->{id}"
		  if defined $cable->{power_feed_id} == defined $cable->{power_outlet_id};
		foreach my $column (qw(power_outlet_id power_port_id))
		{
			push @$found, "cable_${column}_key cable $cable->{id}"
			  if defined $cable->{$column} && $once{$column}{ $cable->{$column} }++;
		}
		$cabled{ $cable->{power_feed_id} }++ if defined $cable->{power_feed_id};
		# Power comes through either inlet of the outlet.
		my $outlet = $t->{power_outlet}{ $cable->{power_outlet_id} // '' } or next;
		push @cables, map { [ $cable->{id}, $_, $cable->{power_port_id} ] }
		  grep { defined } @$outlet{qw(power_port_id alternate_power_port_id)};
	}
	my %looped = map { $_ => 1 } on_loops(@cables);
	push @$found, map { "cable_cycle cable $_" } keys %looped;
	push @$found, map { "power_feed_receptacles power_feed $_->{id}" }
	  grep { ($cabled{ $_->{id} } // 0) > $_->{receptacles} } values %{ $t->{power_feed} };
	push @$found, map { "power_feed_destination_or_cable power_feed $_->{id}" }
	  grep { defined $_->{destination_panel_id} && $cabled{ $_->{id} } } values %{ $t->{power_feed} };
	return;
}

# What a CHECK or a unique index says, which nothing gets past.
sub check_rows
{
	my ($t, $found) = @_;
	my %names;
	my %scope = (
		location => 'parent_id', rack_group => 'location_id', power_panel => 'location_id',
		power_feed => 'power_panel_id', power_port => 'device_id', power_bank => 'device_id', power_outlet => 'device_id');
	my %least = (
		rack => ['power_limit'], device => ['needed_ports'], power_panel => [qw(main_breaker_amperage max_utilization)],
		power_feed => [qw(amperage max_utilization receptacles)], power_bank => [qw(amperage max_utilization)]);

	foreach my $table (sort keys %$t)
	{
		foreach my $row (values %{ $t->{$table} })
		{
			push @$found, "${table}_name $table $row->{id}"
			  if exists $row->{name} && $row->{name} !~ /\S/;
			push @$found, map { "${table}_$_ $table $row->{id}" }
			  grep { defined $row->{$_} && ($row->{$_} < 1 || (/utilization/ && $row->{$_} > 100)) } @{ $least{$table} // [] };
			push @$found, "name_twice $table $row->{id}"
			  if $scope{$table} && $names{$table}{ ($row->{ $scope{$table} } // '') . " $row->{name}" }++;
		}
	}
	foreach my $feed (values %{ $t->{power_feed} })
	{
		push @$found, "power_feed_destination_self power_feed $feed->{id}"
		  if ($feed->{destination_panel_id} // '') eq $feed->{power_panel_id};
		push @$found, "power_feed_connected_load power_feed $feed->{id}"
		  if defined $feed->{connected_load} && $feed->{connected_load} < 0;
		push @$found, "power_feed_voltage power_feed $feed->{id}"
		  if $feed->{voltage} == 0 || ($feed->{voltage} < 0 && $feed->{supply} eq 'ac');
	}
	foreach my $panel (values %{ $t->{power_panel} })
	{
		my $n = $panel->{circuit_positions};
		push @$found, "power_panel_circuit_positions power_panel $panel->{id}"
		  if defined $n && ($n < 1 || $n > 1000);
	}
	return;
}

# All violations, as 'rule table id'; of a conflict, 'rule table id id'.
sub violations
{
	my ($node, $db, $before) = @_;
	my $t = read_inventory($node, $db, $before);
	my @found;

	check_rows($t, \@found);
	check_references($t, \@found);
	check_outlets($t, \@found);
	check_locations($t, \@found);
	check_breakers($t, \@found);
	check_graphs($t, \@found);
	return sort @found;
}

# What the extension itself finds, in the same form.
sub audit
{
	my ($node, $db, $before) = @_;
	return sort split /\n/, $node->safe_psql($db,
		"BEGIN;\n" . ($before // '')
		  . "SELECT DISTINCT concat_ws(' ', rule, object_type, object_id) FROM powerpanel.check_integrity() WHERE severity = 'error';\nROLLBACK;");
}

# Do the two accounts agree? Answers what one has and the other has not.
sub audit_agrees
{
	my ($found, $audit) = @_;
	my %audit = map { $_ => 1 } @$audit;
	my %expected;
	my @differ;

	foreach my $one (@$found)
	{
		my ($rule, $table, @ids) = split / /, $one;
		my @either = map { "$rule $table $_" } @ids;
		push @differ, "not in the audit: $one" unless grep { $audit{$_} } @either;
		$expected{$_} = 1 foreach @either;
	}
	push @differ, map { "in the audit alone: $_" } grep { !$expected{$_} } sort keys %audit;
	return @differ;
}

# Test: checker and audit find the same things in the same objects.
sub same_as_audit
{
	my ($node, $db, $name, $before) = @_;
	my @found = violations($node, $db, $before);
	my @audit = audit($node, $db, $before);
	my @differ = audit_agrees(\@found, \@audit);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	ok(!@differ, $name) or diag(join "\n", @differ[ 0 .. ($#differ > 20 ? 20 : $#differ) ]);
	return @found;
}

# Tests: neither finds anything.
sub is_sound
{
	my ($node, $db, $name) = @_;
	my @found = violations($node, $db);
	my @audit = audit($node, $db);

	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is(join("\n", @found[ 0 .. ($#found > 20 ? 20 : $#found) ]), '', "$name: the invariants hold");
	is(join("\n", @audit[ 0 .. ($#audit > 20 ? 20 : $#audit) ]), '', "$name: the audit is clean");
	return;
}

1;
