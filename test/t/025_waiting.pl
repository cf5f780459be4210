# Nobody waits for what goes on in another part of the network. Each kind of write
# is made in one of two sites that have nothing to do with each other, in a
# transaction that stays open; then each kind is tried in the other site. Only a
# location that moves may make anybody wait, and only another one that moves.

use strict;
use warnings;

use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('waiting');
$node->init;
# An open transaction is a prepared one, which needs no session.
$node->append_conf('postgresql.conf', "max_prepared_transactions = 5\nlog_min_messages = fatal");
$node->start;

sub k { return "md5('$_[0]')::uuid"; }

# A site: two levels below its top, a rack PDU behind which nothing hangs yet, and panels
# that feed others already, below one and on top of one.
sub site
{
	my ($s) = @_;
	return qq{
		INSERT INTO location (id, name, parent_id) VALUES (${\k("top $s")}, 'top $s', NULL),
			(${\k("room $s")}, 'room', ${\k("top $s")}), (${\k("cage $s")}, 'cage', ${\k("room $s")});
		INSERT INTO rack_group (id, name, location_id) VALUES (${\k("group $s")}, 'group', ${\k("top $s")});
		INSERT INTO rack (id, name, location_id) VALUES (${\k("rack $s")}, 'rack', ${\k("top $s")}), (${\k("rack below $s")}, 'rack below', ${\k("room $s")});
		INSERT INTO power_panel (id, name, location_id) SELECT md5(p || ' $s')::uuid, p, ${\k("top $s")} FROM unnest(ARRAY['panel', 'upper', 'lower', 'main', 'sub', 'top of two', 'second of two']) p;
		INSERT INTO power_feed (id, name, power_panel_id, status, breaker_position) VALUES (${\k("feed $s")}, 'feed', ${\k("panel $s")}, 'active', 1);
		INSERT INTO power_feed (name, power_panel_id, status, destination_panel_id) VALUES ('to sub', ${\k("main $s")}, 'active', ${\k("sub $s")}),
			('to second', ${\k("top of two $s")}, 'active', ${\k("second of two $s")});
		INSERT INTO device (id, name) SELECT md5(d || ' $s')::uuid, d || ' $s' FROM unnest(ARRAY['PDU', 'second PDU', 'server']) d;
		INSERT INTO power_port (id, name, device_id) SELECT md5('in ' || name)::uuid, 'in', id FROM device WHERE name LIKE '% $s';
		INSERT INTO power_outlet (id, name, device_id, power_port_id) SELECT md5(o || ' ' || name)::uuid, o, id, md5('in ' || name)::uuid
			FROM device, unnest(ARRAY['o1', 'o2', 'o3']) o WHERE name LIKE '%PDU $s';
		INSERT INTO power_port (id, name, device_id) VALUES (${\k("old in $s")}, 'old in', ${\k("server $s")});
		INSERT INTO cable (power_outlet_id, power_port_id) VALUES (${\k("o3 PDU $s")}, ${\k("old in $s")});
	};
}

my @writes = (
	'location: new' => sub { "INSERT INTO location (name, parent_id) VALUES ('new', ${\k(qq{room $_[0]})})" },
	'location: move' => sub { "UPDATE location SET parent_id = ${\k(qq{top $_[0]})} WHERE id = ${\k(qq{cage $_[0]})}" },
	'rack: below its group' => sub { "INSERT INTO rack (name, location_id, rack_group_id) VALUES ('n', ${\k(qq{room $_[0]})}, ${\k(qq{group $_[0]})})" },
	'panel: below its group' => sub { "INSERT INTO power_panel (name, location_id, rack_group_id) VALUES ('n', ${\k(qq{room $_[0]})}, ${\k(qq{group $_[0]})})" },
	'panel: plain' => sub { "INSERT INTO power_panel (name, location_id) VALUES ('n', ${\k(qq{top $_[0]})})" },
	'feed: breaker' => sub { "INSERT INTO power_feed (name, power_panel_id, status, breaker_position) VALUES ('n', ${\k(qq{panel $_[0]})}, 'active', 5)" },
	'feed: rack beside' => sub { "INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('n', ${\k(qq{panel $_[0]})}, ${\k(qq{rack $_[0]})}, 'active')" },
	'feed: rack below' => sub { "INSERT INTO power_feed (name, power_panel_id, rack_id, status) VALUES ('n', ${\k(qq{panel $_[0]})}, ${\k(qq{rack below $_[0]})}, 'active')" },
	'feed: panel to panel' => sub { "INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('n', ${\k(qq{upper $_[0]})}, ${\k(qq{lower $_[0]})}, 'active')" },
	'feed: joins two parts' => sub { "INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('n', ${\k(qq{sub $_[0]})}, ${\k(qq{top of two $_[0]})}, 'active')" },
	'feed: status' => sub { "UPDATE power_feed SET status = 'failed' WHERE id = ${\k(qq{feed $_[0]})}" },
	'cable: feed to PDU' => sub { "INSERT INTO cable (power_feed_id, power_port_id) VALUES (${\k(qq{feed $_[0]})}, ${\k(qq{in PDU $_[0]})})" },
	'cable: outlet to server' => sub { "INSERT INTO cable (power_outlet_id, power_port_id) VALUES (${\k(qq{o1 PDU $_[0]})}, ${\k(qq{in server $_[0]})})" },
	'cable: outlet to PDU' => sub { "INSERT INTO cable (power_outlet_id, power_port_id) VALUES (${\k(qq{o2 PDU $_[0]})}, ${\k(qq{in second PDU $_[0]})})" },
	'outlet: loses and gets an inlet' => sub { "UPDATE power_outlet SET power_port_id = NULL WHERE id = ${\k(qq{o3 PDU $_[0]})}; UPDATE power_outlet SET power_port_id = ${\k(qq{in PDU $_[0]})} WHERE id = ${\k(qq{o3 PDU $_[0]})}" },
	'PDU: new' => sub {
		"WITH d AS (INSERT INTO device (name) VALUES ('n') RETURNING id), p AS (INSERT INTO power_port (name, device_id) SELECT 'in', id FROM d RETURNING id, device_id)"
		  . " INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'o', device_id, id FROM p" },
	'audit' => sub { "SELECT FROM check_integrity()" });
my @names = grep { !ref } @writes;
my %write = @writes;

$node->safe_psql('postgres', "CREATE EXTENSION powerpanel; SET search_path = powerpanel;" . site(1) . site(2));

# Which writes in site 2 wait for this one in site 1?
sub who_waits
{
	my ($open) = @_;
	$node->safe_psql('postgres', "SET search_path = powerpanel; BEGIN; ${\$write{$open}->(1)}; PREPARE TRANSACTION 'open';");
	my $script = "SET search_path = powerpanel; SET lock_timeout = '300ms';\n";
	$script .= "\\warn = $_\nBEGIN; ${\$write{$_}->(2)};\nROLLBACK;\n" foreach @names;
	my ($rc, $out, $err) = $node->psql('postgres', $script, on_error_stop => 0);
	$node->safe_psql('postgres', "ROLLBACK PREPARED 'open'");
	my ($name, %errors);
	foreach (split /\n/, $err)
	{
		if (/^= (.*)/) { $name = $1 }
		elsif (/ERROR:\s+(.*)/) { $errors{$name} = $1 }
	}
	is(join("\n", map { "$_: $errors{$_}" } grep { $errors{$_} !~ /lock timeout/ } sort keys %errors), '', "while there is '$open': nothing else goes wrong");
	return grep { $errors{$_} } @names;
}

foreach my $open (@names)
{
	# that a move waits for a move shows that this test does see who waits
	my $expected = $open eq 'location: move' ? 'location: move' : '';
	is(join(', ', who_waits($open)), $expected, "who waits in another site for '$open'");
}

$node->stop;
done_testing();
