package RandomNetwork;

# Random networks that keep all rules, for PowerModel, and the SQL that makes
# them. They are small and odd: what happens once in a thousand data centres
# should happen in a few hundred of these.

use strict;
use warnings;

use List::Util qw(max shuffle);
use PowerModel;

use Exporter 'import';
our @EXPORT_OK = qw(random_network network_sql random_change);

my %max_poles = ('three-phase' => 3, 'split-phase' => 2, 'single-phase' => 1, 'dc' => 2);

sub one_of { return $_[ rand @_ ]; }
sub chance { my ($p) = @_; return rand() < $p; }
sub between { my ($from, $to) = @_; return $from + int(rand($to - $from + 1)); }

sub new_id
{
	return sprintf('%04x%04x-%04x-4%03x-8%03x-%06x%06x',
		rand(1 << 16), rand(1 << 16), rand(1 << 16), rand(1 << 12), rand(1 << 12), rand(1 << 24), rand(1 << 24));
}

# A network; an even one has nothing in it but three-phase panels of one voltage
# that are loaded evenly.
sub random_network
{
	my ($even) = @_;
	my $network = {
		panels => {}, feeds => {}, racks => {}, devices => {}, ports => {}, banks => {}, outlets => {},
		status => { active => 1, offline => 0, planned => 0, failed => 0, 'on test' => 1, 'locked out' => 0 },
		replica => chance(0.2),
		basis => one_of(qw(allocated maximum)),
		even => $even,
	};
	# Some networks are well, in others every second thing is off.
	$network->{trouble} = one_of(0, 0.05, 0.2, 0.5);
	# Some are as in America, or Europe, or a telephone exchange, some as nowhere.
	$network->{practice} = $even ? 'even' : one_of(qw(america america tiers tiers europe europe exchange odd odd));

	my $large = chance(0.02);
	my @panels = map { add_panel($network, $_) } 1 .. ($large ? between(20, 40) : one_of(1, 2, between(3, 6), between(3, 14)));
	$network->{racks}{ new_id() } = { name => "R$_", limit => one_of(undef, undef, between(1, 3000)) } foreach 1 .. between(0, 4);
	connect_panels($network, @panels);
	my @sources = map { my $panel = $_; map { add_feed($network, $panel, undef) } 1 .. between(0, 5) } @panels;
	add_device($network, $_) foreach 1 .. ($large ? between(20, 60) : between(0, one_of(12, 20)));
	plug_in($network, @sources);
	add_connected_loads($network, @sources);
	return $network;
}

# ------------------------------------------------------------------- panels

# Bus and voltage of the n-th panel; the first ones stand at the top.
sub bus_and_voltage
{
	my ($practice, $n) = @_;

	return ('three-phase', 208) if $practice eq 'even';
	return ('three-phase', ($n == 1 ? 4160 : $n <= 3 ? 480 : one_of(208, 208, 208, 415))) if $practice eq 'tiers';
	return $n <= 2 ? ('three-phase', one_of(480, 480, undef)) : @{ one_of([ 'three-phase', 208 ], [ 'three-phase', 208 ], [ 'split-phase', 240 ], [ 'three-phase', 480 ]) }
	  if $practice eq 'america';
	return @{ one_of([ 'three-phase', 400 ], [ 'three-phase', 400 ], [ 'three-phase', 415 ], [ 'single-phase', 230 ], [ 'three-phase', undef ]) }
	  if $practice eq 'europe';
	return @{ one_of([ 'dc', -48 ], [ 'dc', -48 ], [ 'dc', 380 ], [ 'three-phase', 400 ]) } if $practice eq 'exchange';
	return (one_of(qw(three-phase three-phase three-phase split-phase single-phase dc)),
		one_of(undef, 208, 480, 240, 120, -48, between(1, 600)));
}

sub add_panel
{
	my ($network, $n) = @_;
	my $id = new_id();
	my ($bus, $voltage) = bus_and_voltage($network->{practice}, $n);

	$network->{panels}{$id} = {
		name => "P$n",
		numbering => $network->{practice} eq 'europe' ? 'sequential' : one_of(qw(across across sequential)),
		bus => $bus,
		positions => one_of(undef, between(1, 12), between(6, 42), 42),
		voltage => $voltage,
		main => one_of(undef, undef, 1, between(1, 20), 225, between(1, 800)),
		max_utilization => $network->{even} ? 100 : one_of(100, 100, 80, between(1, 100)),
		type => one_of(
			$n <= 2 ? qw(utility generator) : (), qw(ups ups transfer-switch transfer-switch pdu rpp panelboard switchgear),
			undef, undef),
		path => one_of(undef, undef, 'a', 'b', 'c'),
	};
	$network->{panels}{$id}{type} = undef if $network->{even};
	return $id;
}

# Each panel is fed from earlier ones, from none, or from one of them twice.
sub connect_panels
{
	my ($network, @panels) = @_;
	my $roots = one_of(0.05, 0.2, 0.4);

	foreach my $i (1 .. $#panels)
	{
		next if chance($roots);
		add_feed($network, $panels[ between(max(0, $i - 5), $i - 1) ], $panels[$i]) foreach 1 .. one_of(1, 1, 2, 2, 3, 4);
	}
	return;
}

# A voltage that the panel has, mostly.
sub feed_voltage
{
	my ($panel, $phase, $dc) = @_;
	my $v = $panel->{voltage};

	return $dc ? one_of(-48, 48, -380) : one_of(120, 208, 230, 415, 480, between(1, 600)) if !defined $v || chance(0.1) || ($v < 0 && !$dc);
	return int($v / 1.732 + 0.5) || 1 if $panel->{bus} eq 'three-phase' && $phase eq 'single-phase' && chance(0.6);
	return int(abs($v) / 2) || 1 if $panel->{bus} eq 'split-phase' && chance(0.4);
	return $v;
}

sub add_feed
{
	my ($network, $panel, $destination) = @_;
	my $id = new_id();
	my $status = chance($network->{trouble}) ? one_of('offline', 'planned', 'failed', 'locked out') : one_of('active', 'active', 'on test');
	my $above = $network->{panels}{$panel};
	my $dc = $network->{even} ? 0 : $above->{bus} eq 'dc' ? chance(0.9) : chance(0.04);
	my $tiny = chance(0.05) && !$network->{even};
	my $phase = $network->{even} || (defined $destination && chance($network->{practice} eq 'tiers' ? 0.95 : 0.6)) ? 'three-phase' : one_of(qw(single-phase three-phase three-phase));
	my $feed = {
		name => 'F' . (1 + keys %{ $network->{feeds} }),
		panel => $panel,
		destination => $destination,
		status => $status,
		type => one_of(qw(primary primary redundant)),
		path => one_of(undef, 'a', 'b', one_of('a' .. 'd')),
		rack => one_of(undef, sort keys %{ $network->{racks} }),
		supply => $dc ? 'dc' : 'ac',
		phase => $phase,
		voltage => $network->{even} ? 208 : $tiny ? 1 : feed_voltage($above, $phase, $dc),
		amperage => $tiny ? 1 : one_of(16, 20, 30, 60, between(1, 400)),
		max_utilization => $tiny ? between(1, 40) : one_of(80, 80, 100, between(1, 100)),
		receptacles => defined $destination || $network->{even} ? 1 : one_of(1, 1, 1, 2, 3, 6),
		connected => undef,
	};
	$network->{feeds}{$id} = $feed;
	place_breaker($network, $feed);
	return $id;
}

# A place among the free ones, or none; poles that the bus has.
sub place_breaker
{
	my ($network, $feed) = @_;
	my $panel = $network->{panels}{ $feed->{panel} };
	my $poles = between(1, $max_poles{ $panel->{bus} });
	$poles = 3 if $feed->{phase} eq 'three-phase' && $panel->{bus} eq 'three-phase' && ($network->{even} || chance(0.7));

	$feed->{poles} = one_of(undef, $poles);
	return if chance(0.2);

	my %taken = map { $_ => 1 }
	  map { PowerModel::breaker($panel->{numbering}, $_->{position}, $_->{poles}) }
	  grep { $_->{panel} eq $feed->{panel} && defined $_->{position} } values %{ $network->{feeds} };
	my @free = grep {
		my @its = PowerModel::breaker($panel->{numbering}, $_, $poles);
		$its[-1] <= ($panel->{positions} // 60) && !grep { $taken{$_} } @its
	} 1 .. 60;
	return if !@free;
	$feed->{position} = chance(0.5) ? $free[0] : one_of(@free);
	$feed->{poles} = $poles;
	return;
}

# Lights and chillers; also where a cable hides them.
sub add_connected_loads
{
	my ($network, @feeds) = @_;

	return if $network->{even};
	$network->{feeds}{$_}{connected} = between(0, 4000) foreach grep { chance(0.3) } @feeds;
	$network->{feeds}{$_}{connected} = between(0, 4000) foreach grep { chance(0.02) } sort keys %{ $network->{feeds} };
	return;
}

# ------------------------------------------------------------------ devices

sub add_device
{
	my ($network, $n) = @_;
	my $id = new_id();
	my $pdu = chance(0.45);
	my @ports = map { add_port($network, $id, $_, $pdu) } 1 .. ($pdu ? one_of(1, 1, 2, 2, 3) : one_of(0, 1, 2, 2, 2, 3, 4));

	$network->{devices}{$id} = {
		name => ($pdu ? 'PDU' : 'S') . $n,
		rack => one_of(undef, sort keys %{ $network->{racks} }),
		needed => chance(0.3) && !$network->{even} ? between(1, 4) : undef,
	};
	return if !$pdu;
	# Some of the ports are left to the PDU itself.
	pop @ports if @ports > 1 && chance(0.3);
	add_outlets($network, $id, @ports);
	return;
}

# Outlets of a rack PDU, or of a rack transfer switch.
sub add_outlets
{
	my ($network, $device, @inlets) = @_;
	my $even = $network->{even};
	my $legs = $even ? 0 : one_of(0, 0, 0.3, 1, 1);
	my @legs = @{ one_of([qw(A B C)], [qw(A-B B-C A-C)], [qw(A B C A-B B-C A-C)], [ one_of(qw(A B C A-B)) ]) };
	my $switch = !$even && @inlets > 1 && chance(0.6);
	my @banks = $even || chance(0.5) ? () : map { new_id() } 1 .. between(1, 4);
	my $n = 0;

	foreach my $bank (@banks)
	{
		$network->{banks}{$bank} = {
			device => $device,
			name => 'bank' . ++$n,
			port => one_of(@inlets),
			amperage => one_of(16, 20, between(1, 30)),
			max_utilization => one_of(80, 100, between(1, 100)),
			leg => chance($legs) ? one_of(@legs) : undef,
		};
	}
	foreach my $i (1 .. between(1, 8))
	{
		my $bank = @banks && chance(0.8) ? one_of(@banks) : undef;
		my $port = defined $bank ? $network->{banks}{$bank}{port} : chance(0.1) ? undef : one_of(@inlets);
		my @others = defined $port ? grep { $_ ne $port } @inlets : ();
		$network->{outlets}{ new_id() } = {
			device => $device,
			name => "out$i",
			port => $port,
			alternate => $switch && @others && chance(0.9) ? one_of(@others) : undef,
			bank => $bank,
			leg => chance($legs) ? one_of(@legs) : undef,
		};
	}
	return;
}

sub add_port
{
	my ($network, $device, $n, $pdu) = @_;
	my $id = new_id();
	# An inlet seldom has a draw of its own, which hides what hangs on it.
	my $allocated = one_of(undef, $pdu ? (undef) x 8 : (), between(1, 50), between(50, 900), 500);
	my $maximum = chance(0.5) ? undef : ($allocated // 1) + one_of(0, between(0, 700), between(0, 3000));

	$network->{ports}{$id} = {
		device => $device,
		name => "in$n",
		allocated => $allocated,
		maximum => $maximum,
		factor => one_of('0.95', '1.00', '0.90', sprintf('%.2f', between(1, 100) / 100)),
	};
	return $id;
}

# Cables. Power flows through devices from earlier to later ports of a random
# order, so that it cannot go around; inlets of PDUs come first. A PDU may be
# corded into itself: its cords first, then its inner breakers.
sub plug_in
{
	my ($network, @feeds) = @_;
	my @ports = shuffle sort keys %{ $network->{ports} };
	my %inlet = map { $_ => 1 } grep { defined } map { @$_{qw(port alternate)} } values %{ $network->{outlets} };
	@ports = ((grep { $inlet{$_} } @ports), (grep { !$inlet{$_} } @ports));
	my %order = map { $ports[$_] => $_ } 0 .. $#ports;
	my @outlets = shuffle sort keys %{ $network->{outlets} };
	my $unplugged = one_of(0.02, 0.1, 0.3);

	@feeds = shuffle map { my $id = $_; ($id) x between(1, $network->{feeds}{$id}{receptacles}) } @feeds;
	# Inlets come first, and have three phases where they can.
	@feeds = sort { $network->{feeds}{$b}{phase} cmp $network->{feeds}{$a}{phase} } @feeds if chance(0.5);
	foreach my $port (@ports)
	{
		next if chance($unplugged);
		my @fitting = grep {
			!grep { defined && $order{$_} >= $order{$port} } @{ $network->{outlets}{$_} }{qw(port alternate)}
		} @outlets;
		if ($network->{even})
		{
			my $device = $network->{ports}{$port}{device};
			@fitting = grep { $network->{outlets}{$_}{device} ne $device } @fitting;
		}
		if (@feeds && (!@fitting || chance($inlet{$port} ? 0.75 : 0.15)))
		{
			$network->{ports}{$port}{source} = shift @feeds;
		}
		elsif (@fitting)
		{
			# Rather from an outlet that power may come to, at times of its own device.
			my @live = grep {
				my $from = $network->{outlets}{$_}{port};
				defined $from && defined $network->{ports}{$from}{source}
			} @fitting;
			my @own = grep { $network->{outlets}{$_}{device} eq $network->{ports}{$port}{device} } @live;
			my $outlet = @own && chance(0.4) ? $own[0] : @live && chance(0.85) ? $live[0] : one_of(@fitting);
			$network->{ports}{$port}{source} = $outlet;
			@outlets = grep { $_ ne $outlet } @outlets;
		}
	}
	return;
}

# ---------------------------------------------------------------------- SQL

sub literal
{
	my ($value) = @_;
	return 'NULL' if !defined $value;
	$value =~ s/'/''/g;
	return "'$value'";
}

sub insert
{
	my ($table, $columns, @rows) = @_;
	return '' if !@rows;
	return "INSERT INTO powerpanel.$table (" . join(', ', @$columns) . ') VALUES '
	  . join(",\n", map { '(' . join(', ', map { literal($_) } @$_) . ')' } shuffle @rows) . ";\n";
}

# The network's rows. With triggers off (a logical replica), what they derive
# is given.
sub network_sql
{
	my ($network) = @_;
	my ($panels, $feeds, $racks, $devices, $ports, $banks, $outlets) = @$network{qw(panels feeds racks devices ports banks outlets)};
	my $location = new_id();
	my @derived = $network->{replica} ? qw(occupied_positions phase_designation) : ();
	my $sql = '';

	$sql .= "SET LOCAL powerpanel.load_basis = '$network->{basis}';\n";
	$sql .= "SET LOCAL session_replication_role = replica;\n" if $network->{replica};
	$sql .= insert('feed_status', [qw(name energized)],
		map { [ $_, $network->{status}{$_} ? 't' : 'f' ] } 'on test', 'locked out');
	$sql .= insert('location', [qw(id name)], [ $location, 'Site' ]);
	$sql .= insert('rack', [qw(id location_id name power_limit)],
		map { [ $_, $location, @{ $racks->{$_} }{qw(name limit)} ] } sort keys %$racks);
	$sql .= insert(
		'power_panel',
		[
			qw(id location_id name numbering bus circuit_positions voltage main_breaker_amperage max_utilization panel_type
			  power_path)
		],
		map { [ $_, $location, @{ $panels->{$_} }{qw(name numbering bus positions voltage main max_utilization type path)} ] }
		  sort keys %$panels);
	$sql .= insert(
		'power_feed',
		[
			qw(id name power_panel_id destination_panel_id rack_id status type power_path supply phase voltage amperage
			  max_utilization breaker_position breaker_pole_count receptacles connected_load), @derived
		],
		map {
			my $feed = $feeds->{$_};
			[
				$_,
				@$feed{
					qw(name panel destination rack status type path supply phase voltage amperage max_utilization position poles
					  receptacles connected)
				},
				@derived ? derived_columns($network, $feed) : ()
			]
		} sort keys %$feeds);
	$sql .= insert('device', [qw(id name rack_id needed_ports)],
		map { [ $_, @{ $devices->{$_} }{qw(name rack needed)} ] } sort keys %$devices);
	$sql .= insert('power_port', [qw(id device_id name allocated_draw maximum_draw power_factor)],
		map { [ $_, @{ $ports->{$_} }{qw(device name allocated maximum factor)} ] } sort keys %$ports);
	$sql .= insert('power_bank', [qw(id device_id name power_port_id amperage max_utilization feed_leg)],
		map { [ $_, @{ $banks->{$_} }{qw(device name port amperage max_utilization leg)} ] } sort keys %$banks);
	$sql .= insert('power_outlet', [qw(id device_id name power_port_id alternate_power_port_id power_bank_id feed_leg)],
		map { [ $_, @{ $outlets->{$_} }{qw(device name port alternate bank leg)} ] } sort keys %$outlets);
	$sql .= insert(
		'cable',
		[qw(power_feed_id power_outlet_id power_port_id)],
		map {
			my $source = $ports->{$_}{source};
			[ $feeds->{$source} ? ($source, undef) : (undef, $source), $_ ]
		} grep { defined $ports->{$_}{source} } sort keys %$ports);
	$sql .= "SET LOCAL session_replication_role = origin;\n" if $network->{replica};
	return $sql;
}

# occupied_positions and phase_designation
sub derived_columns
{
	my ($network, $feed) = @_;
	my $panel = $network->{panels}{ $feed->{panel} };

	return ('', undef) if !defined $feed->{position};
	my @its = PowerModel::breaker($panel->{numbering}, $feed->{position}, $feed->{poles});
	my %phases = $panel->{bus} eq 'dc' ? () : map { (qw(A B C))[ PowerModel::phase_at($panel->{numbering}, $panel->{bus}, $_) ] => 1 } @its;
	return (join(', ', @its), %phases ? join('-', sort keys %phases) : undef);
}

# Changes a few things in the network, the basis of its loads too; returns the
# SQL that does the same.
sub random_change
{
	my ($network) = @_;
	$network->{basis} = $network->{basis} eq 'maximum' ? 'allocated' : 'maximum' if !$network->{even};
	my $sql = "SET LOCAL powerpanel.load_basis = '$network->{basis}';\n";

	if (my @feeds = sort keys %{ $network->{feeds} })
	{
		foreach my $id (map { one_of(@feeds) } 1 .. 2)
		{
			my $status = one_of(sort keys %{ $network->{status} });
			$network->{feeds}{$id}{status} = $status;
			$sql .= "UPDATE powerpanel.power_feed SET status = '$status' WHERE id = '$id';\n";
		}
	}
	if (my @ports = sort keys %{ $network->{ports} })
	{
		my $id = one_of(@ports);
		my $draw = between(1, 900);
		@{ $network->{ports}{$id} }{qw(allocated maximum)} = ($draw, undef);
		$sql .= "UPDATE powerpanel.power_port SET allocated_draw = $draw, maximum_draw = NULL WHERE id = '$id';\n";

		$id = one_of(@ports);
		delete $network->{ports}{$id}{source};
		$sql .= "DELETE FROM powerpanel.cable WHERE power_port_id = '$id';\n";
	}
	if (chance(0.3))
	{
		$network->{status}{'on test'} = 0;
		$sql .= "UPDATE powerpanel.feed_status SET energized = false WHERE name = 'on test';\n";
	}
	return $sql;
}

1;
