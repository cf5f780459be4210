package RandomNetwork;

# Random networks that keep all rules, for PowerModel, and the SQL that makes
# them. They are small and odd: what happens once in a thousand data centres
# should happen in a few hundred of these.

use strict;
use warnings;

use List::Util qw(max min shuffle);
use PowerModel;

use Exporter 'import';
our @EXPORT_OK = qw(random_network random_site network_sql random_change);

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
	add_locations($network);
	return $network;
}

# Rooms of one site; racks and panels stand in any.
sub add_locations
{
	my ($network) = @_;
	my @ids = (new_id());

	$network->{locations}{ $ids[0] } = { name => 'Site', parent => undef };
	foreach my $n (1 .. between(0, 3))
	{
		my $parent = one_of(@ids);
		push @ids, new_id();
		$network->{locations}{ $ids[-1] } = { name => "Room $n", parent => $parent };
	}
	$network->{$_->[0]}{ $_->[1] }{location} = one_of(@ids)
	  foreach map { my $kind = $_; map { [ $kind, $_ ] } sort keys %{ $network->{$kind} } } qw(panels racks);
	return;
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

# -------------------------------------------------------------------- sites

# A site as people build them: sources, transfer switches, UPSs, distribution
# and racks, on one to four paths, with the faults that people build in. What it
# may carry is made after what it does carry, so that the loss of a path is too
# much for what is left in many of them.
sub random_site
{
	my $volts = one_of([ 480, 208 ], [ 480, 208 ], [ 400, 400 ], [ 415, 400 ], [ 208, 208 ]);
	my $network = {
		locations => {}, panels => {}, feeds => {}, racks => {}, devices => {}, ports => {}, banks => {}, outlets => {},
		status => { active => 1, offline => 0, planned => 0, failed => 0, 'on test' => 1, 'locked out' => 0 },
		replica => chance(0.1),
		basis => one_of(qw(allocated allocated maximum)),
		trouble => one_of(0, 0, 0, 0.02, 0.1),
		volts => $volts,
		faults => one_of(0, 0, 1, 1),
		numbering => $volts->[1] == 400 ? 'sequential' : 'across',
		practice => 'site',
	};
	my @names = (qw(a b c d))[ 0 .. one_of(0, 1, 1, 1, 1, 1, 2, 3) ];
	my @sources = map { site_panel($network, one_of(qw(utility utility generator)), 0) }
	  1 .. ($network->{faults} ? one_of(1, 2, 2, 2, 3, 4) : scalar @names);
	my %boards;

	$boards{$_} = [ site_path($network, $_, \%boards, @sources) ] foreach @names;
	site_rack($network, \%boards) foreach 1 .. one_of(1, 1, 2, 3);
	site_odd_panels($network, map { @$_ } values %boards) if chance(0.4);
	site_lone_device($network) if chance(0.25);
	site_moving_load($network, map { @$_ } values %boards) if chance(0.2);
	add_connected_loads($network, grep {
		my $id = $_;
		!defined $network->{feeds}{$id}{destination} && !grep { ($_->{source} // '') eq $id } values %{ $network->{ports} }
	} sort keys %{ $network->{feeds} });
	add_locations($network);
	size_breakers($network);
	overload_one($network) if !$network->{faults} && chance(0.5);
	return $network;
}

# The n-th tier, 0 at the top, has the higher voltage.
sub site_panel
{
	my ($network, $type, $tier, $path, %other) = @_;
	my $id = new_id();

	$network->{panels}{$id} = {
		name => 'P' . (1 + keys %{ $network->{panels} }),
		numbering => $network->{numbering},
		bus => 'three-phase',
		positions => one_of(undef, 18, 24, 42, 42),
		voltage => chance(0.9) ? $network->{volts}[$tier] : undef,
		main => undef,
		max_utilization => one_of(100, 100, 80),
		type => $type,
		path => $path,
		%other,
	};
	return $id;
}

sub site_feed
{
	my ($network, $panel, $destination, %other) = @_;
	my $id = new_id();
	my $above = $network->{panels}{$panel};
	my $feed = {
		name => 'F' . (1 + keys %{ $network->{feeds} }),
		panel => $panel,
		destination => $destination,
		status => chance($network->{trouble}) ? one_of('offline', 'planned', 'failed') : 'active',
		type => 'primary',
		path => $above->{path},
		rack => undef,
		supply => $above->{bus} eq 'dc' ? 'dc' : 'ac',
		phase => $above->{bus} eq 'three-phase' ? 'three-phase' : 'single-phase',
		voltage => $above->{voltage} // 208,
		amperage => 20,
		max_utilization => one_of(80, 80, 100, 100),
		receptacles => 1,
		connected => undef,
		%other,
	};
	$feed->{voltage} = int($feed->{voltage} / 1.732 + 0.5) if $feed->{phase} eq 'single-phase' && $above->{bus} eq 'three-phase';
	$network->{feeds}{$id} = $feed;
	place_breaker($network, $feed);
	return $id;
}

# From the sources down to the boards that racks hang on; returns these.
sub site_path
{
	my ($network, $path, $boards, @sources) = @_;
	my @others = map { @$_ } map { $boards->{$_} } sort keys %$boards;
	my $top = !$network->{faults} || chance(0.8) ? $sources[ keys(%$boards) % @sources ] : one_of(@sources);

	# Fed from another path: they meet there.
	$top = $network->{met} if $network->{faults} && defined $network->{met} && chance(0.15);
	if (chance(0.6))
	{
		my $switch = site_panel($network, 'transfer-switch', 0, $path);
		site_feed($network, $top, $switch);
		site_feed($network, one_of(@sources), $switch, type => 'redundant') foreach 1 .. one_of(0, 1, 1, 2);
		$top = $switch;
	}
	$network->{met} = $top;
	if (chance(0.6))
	{
		# One or several, in parallel.
		my $ups = site_panel($network, 'ups', 0, $path, chance(0.3) ? (voltage => $network->{volts}[1]) : ());
		site_feed($network, $top, $ups) foreach 1 .. one_of(1, 1, 2, 3);
		site_feed($network, one_of(@sources), $ups, type => one_of(qw(primary redundant))) if chance(0.2);
		$network->{met} = $ups if chance(0.3);
		$top = $ups;
	}
	my @boards;
	foreach (1 .. one_of(1, 1, 2))
	{
		push @boards, site_panel($network, one_of(qw(rpp pdu panelboard mlc)), 1, $path);
		site_feed($network, $top, $boards[-1]) foreach 1 .. one_of(1, 1, 1, 2);
		# A tie to a board of another path.
		site_feed($network, one_of(@others), $boards[-1], type => 'redundant') if $network->{faults} && @others && chance(0.2);
	}
	return @boards;
}

# A rack with a PDU on each path, and what is in it.
sub site_rack
{
	my ($network, $boards) = @_;
	my $n = 1 + keys %{ $network->{racks} };
	my $rack = new_id();
	my @paths = sort keys %$boards;
	my %free;

	$network->{racks}{$rack} = { name => "R$n", limit => one_of(undef, undef, 4000, 8000) };
	@paths = (shuffle @paths)[ 0 .. 1 ] if @paths > 2 && chance(0.3);
	$free{$_} = [ site_pdu($network, $rack, $_, @{ $boards->{$_} }) ] foreach @paths;
	site_switch($network, $rack, \%free) if @paths > 1 && chance($network->{faults} ? 0.5 : 0.2);
	site_server($network, $rack, \%free) foreach 1 .. between(1, 4);
	return;
}

sub site_device
{
	my ($network, $rack, $kind, %other) = @_;
	my $id = new_id();
	$network->{devices}{$id} = { name => $kind . (1 + keys %{ $network->{devices} }), rack => $rack, needed => undef, %other };
	return $id;
}

sub site_port
{
	my ($network, $device, $source, %other) = @_;
	my $id = new_id();
	my $n = 1 + grep { $_->{device} eq $device } values %{ $network->{ports} };
	$network->{ports}{$id} = { device => $device, name => "in$n", allocated => undef, maximum => undef, factor => '0.95', source => $source, %other };
	return $id;
}

sub site_outlet
{
	my ($network, $device, $port, %other) = @_;
	my $id = new_id();
	my $n = 1 + grep { $_->{device} eq $device } values %{ $network->{outlets} };
	$network->{outlets}{$id} = { device => $device, name => "out$n", port => $port, alternate => undef, bank => undef, leg => undef, %other };
	return $id;
}

# Outlets of a rack PDU with one inlet or several, with legs, banks or inner
# breakers: cords from its own outlets into inlets of its own.
sub site_pdu
{
	my ($network, $rack, $path, @boards) = @_;
	my $pdu = site_device($network, $rack, 'PDU');
	my @legs = chance(0.5) ? () : @{ one_of([qw(A B C)], [qw(A-B B-C A-C)]) };
	my @outlets;

	foreach (1 .. one_of(1, 1, 1, 2, 3))
	{
		my $feed = site_feed($network, one_of(@boards), undef, rack => $rack, path => chance(0.9) ? $path : undef,
			@legs || chance(0.5) ? () : (phase => 'single-phase'));
		my $inlet = site_port($network, $pdu, $feed, maximum => one_of(undef, undef, $network->{faults} ? between(1000, 9000) : 12000));
		if (chance(0.25))
		{
			my $own = site_outlet($network, $pdu, $inlet);
			$inlet = site_port($network, $pdu, $own);
		}
		my $bank = chance(0.3) ? new_id() : undef;
		$network->{banks}{$bank} = {
			device => $pdu, name => 'bank' . (1 + keys %{ $network->{banks} }), port => $inlet, amperage => $network->{faults} ? one_of(10, 16, 20) : 40,
			max_utilization => 80, leg => @legs ? one_of(@legs) : undef } if defined $bank;
		push @outlets, map {
			site_outlet($network, $pdu, $inlet, bank => chance(0.7) ? $bank : undef, leg => @legs ? one_of(@legs) : undef)
		} 1 .. between(3, 7);
	}
	return shuffle @outlets;
}

# A rack transfer switch on PDUs of two paths; its outlets are of neither.
sub site_switch
{
	my ($network, $rack, $free) = @_;
	my @two = (shuffle grep { @{ $free->{$_} } } sort keys %$free)[ 0, 1 ];
	return if !defined $two[1];
	my $switch = site_device($network, $rack, 'ATS');
	my @inlets = map { site_port($network, $switch, shift @{ $free->{$_} }) } @two;

	push @{ $free->{switched} }, map { site_outlet($network, $switch, $inlets[0], alternate => $inlets[1]) } 1 .. between(1, 3);
	return;
}

# On as many paths as there are; some need several supplies.
sub site_server
{
	my ($network, $rack, $free) = @_;
	my @paths = grep { @{ $free->{$_} // [] } } qw(a b c d);
	my @from = @{ $free->{switched} // [] } && chance($network->{faults} ? 0.5 : 0.2) ? ('switched') : @paths;
	return if !@from;

	@from = one_of(@from) if chance($network->{faults} ? 0.1 : 0.02);
	@from = (@from, @from) if chance(0.2);
	# Both cords in one strip.
	@from = ($from[0], $from[0]) if $network->{faults} && chance(0.08);
	my $server = site_device($network, $rack, 'S', needed => chance(0.25) ? between(1, $network->{faults} ? scalar @from : int(@from / 2) || 1) : undef);
	my $draw = between(100, 1500);
	foreach (@from)
	{
		my $source = shift @{ $free->{$_} };
		site_port($network, $server, $source, allocated => chance(0.95) ? $draw : undef, maximum => $network->{faults} ? one_of(undef, $draw + between(0, 900)) : chance(0.1) ? 4 * $draw : undef);
	}
	return;
}

# Panels that are not of three phases, and loads on them.
sub site_odd_panels
{
	my ($network, @boards) = @_;

	foreach my $kind (map { one_of([ 'split-phase', 240 ], [ 'single-phase', 230 ], [ 'dc', -48 ]) } 1 .. 2)
	{
		my $panel = site_panel($network, one_of(undef, 'panelboard'), 1, undef, bus => $kind->[0], voltage => $kind->[1]);
		site_feed($network, one_of(@boards), $panel, chance(0.5) ? (phase => 'single-phase') : ()) foreach 1 .. one_of(1, 1, 2);
		site_feed($network, $panel, undef) foreach 1 .. 3;
		my $bay = site_device($network, undef, 'Bay');
		site_port($network, $bay, $_, allocated => between(50, 900)) foreach map { site_feed($network, $panel, undef) } 1 .. one_of(1, 2);
	}
	return;
}

# One that hangs on many sources of its own.
sub site_lone_device
{
	my ($network) = @_;
	my $device = site_device($network, undef, 'Core', needed => one_of(undef, 1, 2, 3));

	foreach (1 .. between(3, 7))
	{
		my $panel = site_panel($network, undef, 1);
		site_port($network, $device, site_feed($network, $panel, undef), allocated => between(50, 900));
	}
	return;
}

# A load that moves from one phase to another and stays the same, when a feed fails,
# or the strip that hangs on a strip.
sub site_moving_load
{
	my ($network, @boards) = @_;
	my ($one, $other) = shuffle qw(A B C);
	my $panel = site_panel($network, 'rpp', 1);
	my $pdu = site_device($network, undef, 'PDU');
	my $strip = site_device($network, undef, 'PDU');
	my @inlets;

	site_feed($network, one_of(@boards), $panel);
	push @inlets, site_port($network, $pdu, site_feed($network, $panel, undef)) foreach 1, 2;
	my $below = site_port($network, $strip, site_outlet($network, $pdu, $inlets[0], leg => $one));
	# a cord of its own, and one from its first inlet into itself
	site_outlet($network, $strip, site_port($network, $strip, site_feed($network, one_of(@boards), undef)));
	site_port($network, $strip, site_outlet($network, $strip, $below)) if chance(0.5);
	foreach my $sources (
		[ site_outlet($network, $pdu, $inlets[0], leg => $one), site_outlet($network, $pdu, $inlets[1], leg => $other) ],
		[ site_outlet($network, $strip, $below), site_outlet($network, $pdu, $inlets[0], leg => $other) ])
	{
		my $server = site_device($network, undef, 'S');
		my $draw = 19 * between(10, 80);
		site_port($network, $server, $_, allocated => $draw) foreach @$sources;
	}
	return;
}

# Breakers after what they carry now: some sites are half full, some have little
# to spare, in some a breaker is too small today.
sub size_breakers
{
	my ($network) = @_;
	my $full = $network->{faults} ? one_of(0.2, 0.3, 0.45, 0.6, 0.8) : one_of(0.08, 0.12, 0.2, 0.4);
	my $now = PowerModel->new($network)->scenario;

	foreach my $id (sort keys %{ $network->{feeds} })
	{
		my $feed = $network->{feeds}{$id};
		my $va = ($now->feed_worst($id))[0] / ($full * (1 + rand()));
		my $amperes = int($va / abs($feed->{voltage}) / ($feed->{phase} eq 'three-phase' ? 1.732 : 1) + 0.5);
		$feed->{amperage} = $va > 0 ? max(1, $amperes) : one_of(16, 20, 32, 63);
	}
	foreach my $id (grep { defined $network->{panels}{$_}{voltage} && chance(0.5) } sort keys %{ $network->{panels} })
	{
		my $panel = $network->{panels}{$id};
		my $va = ($now->panel_worst($id))[0] / ($full * (1 + rand()));
		$panel->{main} = $va > 0 ? max(1, int($va / abs($panel->{voltage}) + 0.5)) : 225;
	}
	return;
}

# One thing may carry less than it does now, though its breaker holds.
sub overload_one
{
	my ($network) = @_;
	my $now = PowerModel->new($network)->scenario;
	my ($kind, $column) = @{ one_of([ 'feeds', 'max_utilization' ], [ 'panels', 'max_utilization' ], [ 'ports', 'maximum' ], [ 'banks', 'amperage' ]) };
	my %load = (
		feeds => sub { $now->feed_load(@_) }, panels => sub { $now->panel_load(@_) },
		ports => sub { $now->{model}->is_inlet(@_) ? $now->port_load(@_) : [0] }, banks => sub { $now->bank_load(@_) });
	my @carrying = grep { $load{$kind}->($_)->[0] > 0 } sort keys %{ $network->{$kind} };

	$network->{$kind}{ one_of(@carrying) }{$column} = $kind eq 'ports' ? between(1, 50) : $column eq 'amperage' ? 1 : between(1, 8) if @carrying;
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
	my $locations = $network->{locations};
	my @derived = $network->{replica} ? qw(occupied_positions phase_designation) : ();
	my $sql = '';

	$sql .= "SET LOCAL powerpanel.load_basis = '$network->{basis}';\n";
	$sql .= "SET LOCAL session_replication_role = replica;\n" if $network->{replica};
	$sql .= insert('feed_status', [qw(name energized)],
		map { [ $_, $network->{status}{$_} ? 't' : 'f' ] } 'on test', 'locked out');
	$sql .= insert('location', [qw(id name parent_id)], map { [ $_, @{ $locations->{$_} }{qw(name parent)} ] } sort keys %$locations);
	$sql .= insert('rack', [qw(id location_id name power_limit)],
		map { [ $_, @{ $racks->{$_} }{qw(location name limit)} ] } sort keys %$racks);
	$sql .= insert(
		'power_panel',
		[
			qw(id location_id name numbering bus circuit_positions voltage main_breaker_amperage max_utilization panel_type
			  power_path)
		],
		map { [ $_, @{ $panels->{$_} }{qw(location name numbering bus positions voltage main max_utilization type path)} ] }
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
