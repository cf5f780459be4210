# import_nautobot on tables made from Nautobot's models (test/nautobot): every
# row must be accounted for, in each version, whatever is done to it between two
# imports, and whatever rule it breaks.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $files = "$FindBin::RealBin/../nautobot";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--encoding=UTF8']);
$node->start;

# A database made of another, after some files and statements.
sub database
{
	my ($db, $template, @what) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE $template");
	$node->command_ok(
		[ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-d', $node->connstr($db), @what ],
		"$db: a Nautobot")
	  if @what;
	return $db;
}

# k: the key of an object of inventory.sql, by its name; device_of: where a
# module sits, from the bottom up; plug and unplug: what Nautobot does to put a
# cable into a power port, or to take it out.
my $functions = q{
	CREATE FUNCTION k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5('nautobot ' || $1)::uuid$$;
	CREATE FUNCTION device_of(module uuid) RETURNS uuid LANGUAGE plpgsql AS $$
	BEGIN
		RETURN (SELECT coalesce(b.parent_device_id, device_of(b.parent_module_id))
			FROM dcim_module m JOIN dcim_modulebay b ON b.id = m.parent_module_bay_id WHERE m.id = module);
	END $$;
	CREATE FUNCTION unplug(port text) RETURNS void LANGUAGE plpgsql AS $$
	DECLARE
		old uuid := (SELECT cable_id FROM dcim_powerport WHERE id = k(port));
	BEGIN
		UPDATE dcim_powerfeed SET cable_id = NULL, _cable_peer_id = NULL, _cable_peer_type_id = NULL WHERE cable_id = old;
		UPDATE dcim_poweroutlet SET cable_id = NULL, _cable_peer_id = NULL, _cable_peer_type_id = NULL WHERE cable_id = old;
		UPDATE dcim_powerport SET cable_id = NULL, _cable_peer_id = NULL, _cable_peer_type_id = NULL WHERE cable_id = old;
		DELETE FROM dcim_cable WHERE id = old;
	END $$;
	CREATE FUNCTION plug(port text, outlet text, label text) RETURNS void LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO dcim_cable SELECT (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'label', plug.label,
				'termination_a_type_id', a.id, 'termination_a_id', k(port), 'termination_b_type_id', b.id, 'termination_b_id', k(outlet)))).*
			FROM dcim_cable c, django_content_type a, django_content_type b WHERE c.id = (SELECT id FROM dcim_cable LIMIT 1) AND a.model = 'powerport' AND b.model = 'poweroutlet';
		UPDATE dcim_powerport p SET cable_id = c.id, _cable_peer_id = c.termination_b_id, _cable_peer_type_id = c.termination_b_type_id
			FROM dcim_cable c WHERE c.termination_a_id = p.id AND p.id = k(port);
		UPDATE dcim_poweroutlet p SET cable_id = c.id, _cable_peer_id = c.termination_a_id, _cable_peer_type_id = c.termination_a_type_id
			FROM dcim_cable c WHERE c.termination_b_id = p.id AND p.id = k(outlet);
	END $$};

sub nautobot
{
	my ($db, $change, $template) = @_;
	database($db, $template // 'pristine');
	$node->safe_psql($db, $change) if $change;
	return $db;
}

# What an import says: a line for each kind of object.
sub import
{
	my ($db, $arguments, $before) = @_;
	return $node->safe_psql($db, ($before // '') . qq{
		SELECT concat_ws(' ', object_type, objects_read, inserted, updated, unchanged, left_out, vanished)
		FROM powerpanel.import_nautobot($arguments)});
}

# What was left out or has vanished: object, rule and reason.
sub details
{
	my ($db, $arguments) = @_;
	$arguments //= '';
	return join "\n", sort split /\n/, $node->safe_psql($db, qq{
		SELECT concat_ws(': ', coalesce(d ->> 'object', d ->> 'objects'), d ->> 'rule', d ->> 'reason')
		FROM powerpanel.import_nautobot($arguments), jsonb_array_elements(details) AS d});
}

# The error of a statement, verbosely
sub refusal
{
	my ($db, $statement) = @_;
	my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\n$statement");
	return $err;
}

sub rows
{
	my ($db) = @_;
	return $node->safe_psql($db, join ' UNION ALL ',
		map { "SELECT t::text FROM powerpanel.$_ t" }
			qw(location rack_group rack device power_panel feed_status power_feed power_port power_outlet cable));
}

sub errors
{
	my ($db) = @_;
	return $node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'});
}

database('pristine', 'template0', '-f', "$files/schema.sql", '-f', "$files/inventory.sql", '-c', 'CREATE EXTENSION powerpanel', '-c', $functions);

my $first = q{location 6 6 0 0 0 0
rack_group 3 3 0 0 0 0
rack 4 4 0 0 0 0
device 11 11 0 0 0 0
power_panel 9 9 0 0 0 0
power_feed 16 16 0 0 0 0
power_port 17 16 0 0 1 0
power_outlet 24 24 0 0 0 0
cable 15 12 0 0 3 0
feed_status 4 1 0 3 0 0};
(my $again = $first) =~ s/^(\w+ \d+) (\d+) 0 (\d+)/"$1 0 0 " . ($2 + $3)/mge;
my $left = q{3: they are not power cables: no end at a power feed, power outlet or power port
power port "AC input": it belongs to a module that is in no device};

# ------------------------------------------------------------ as it is

my $db = nautobot('demo');
is(import($db, ''), $first, 'every row is accounted for');
is(details($db), $left, 'and what was left out has a reason');
is(errors($db), '', 'a clean audit');
is( $node->safe_psql($db, q{SELECT name, energized FROM powerpanel.feed_status ORDER BY name}),
	"Maintenance|f\nactive|t\nfailed|f\noffline|f\nplanned|f",
	'statuses are ours whatever the case; one that only Nautobot has is taken, without power');
is( $node->safe_psql($db, q{SELECT name FROM powerpanel.device WHERE name LIKE '%-%-%-%-%' ORDER BY name}),
	$node->safe_psql($db, q{SELECT 'Acme Patch panel (' || k('panel') || ')' UNION ALL SELECT 'stack:2 (' || k('stack 2') || ')'}),
	'devices without a name are called as Nautobot calls them');
is( $node->safe_psql($db, q{SELECT p.name FROM powerpanel.power_port p JOIN powerpanel.device d ON d.id = p.device_id WHERE d.name = 'core-1' ORDER BY 1}),
	"Fans\nPSU 1: AC input\nPSU 2: AC input\nShelf > Left: AC input",
	'ports of modules are ports of the device, and the bay tells namesakes apart');
is( $node->safe_psql($db, q{SELECT string_agg(name || ' ' || occupied_positions || ' ' || phase_designation, ', ' ORDER BY name)
		FROM powerpanel.power_feed WHERE power_panel_id = k('RPP-A1')}),
	'R101-A 1, 3, 5 A-B-C, R102-A 2, 4 A-B, R103-A 7 A, R701-A 9, 11 B-C', 'breakers stand where they stand, numbered across a three-phase bus');
is( $node->safe_psql($db, q{SELECT DISTINCT path_names FROM powerpanel.panel_hierarchy WHERE panel_id = k('RPP-B1') ORDER BY 1}),
	"Genset > ATS > MDP > UPS-B > RPP-B1\nUtility > ATS > MDP > UPS-B > RPP-B1", 'the way from the utility is known');
is( $node->safe_psql($db, q{SELECT name, state_after FROM powerpanel.simulate_outage(ARRAY[k('UPS-A')]) WHERE object_type = 'device' ORDER BY 1}),
	"PDU-101-A|dark\nPDU-101-B|on\nPDU-102-A|dark\nPDU-102-B|on\ncore-1|degraded\nsrv-1|degraded\nsrv-2|degraded\nsrv-3|degraded", '... and what goes dark with a UPS');
is( $node->safe_psql($db, q{
		SELECT (custom_fields -> 'nautobot') - 'instance' = jsonb_build_object('id', k('Cage 7'), 'table', 'dcim_location', 'location_type', 'Room')
			FROM powerpanel.location WHERE name = 'Cage 7'
		UNION ALL SELECT custom_fields -> 'nautobot' -> 'custom_fields' = '{"asset": 4711}' FROM powerpanel.power_panel WHERE name = 'MDP'
		UNION ALL SELECT custom_fields #>> '{nautobot,parent_id}' = k('Row 1')::text FROM powerpanel.rack_group WHERE name = 'Row 1 west'
		UNION ALL SELECT array_agg(DISTINCT custom_fields #>> '{nautobot,status}') = '{Connected,Planned}' FROM powerpanel.cable}),
	"t\nt\nt\nt", 'what ours has no column for is kept');
# The same found by another way: by keys, from Nautobot's own tables.
my %same = (
	locations => [ 'id, name, parent_id FROM powerpanel.location', 'id, name, parent_id FROM dcim_location' ],
	'rack groups' => [ 'id, name, location_id FROM powerpanel.rack_group', 'id, name, location_id FROM dcim_rackgroup' ],
	racks => [ 'id, name, location_id, rack_group_id FROM powerpanel.rack', 'id, name, location_id, rack_group_id FROM dcim_rack' ],
	devices => [ 'id, rack_id FROM powerpanel.device', 'id, rack_id FROM dcim_device' ],
	panels => [
		q{id, name, location_id, rack_group_id, coalesce(panel_type::text, ''), circuit_positions, coalesce(power_path::text, '') FROM powerpanel.power_panel},
		'id, name, location_id, rack_group_id, panel_type, breaker_position_count, power_path FROM dcim_powerpanel'
	],
	feeds => [
		q{id, name, power_panel_id, destination_panel_id, rack_id, lower(status), type::text, coalesce(power_path::text, ''), supply::text, phase::text, voltage,
			amperage, max_utilization, breaker_position, breaker_pole_count, coalesce(comments, ''), available_power FROM powerpanel.power_feed},
		q{f.id, f.name, power_panel_id, destination_panel_id, rack_id, lower(s.name), type, power_path, supply, phase, voltage,
			amperage, max_utilization, breaker_position, breaker_pole_count, comments, available_power
			FROM dcim_powerfeed f JOIN extras_status s ON s.id = f.status_id}
	],
	ports => [
		'id, device_id, maximum_draw, allocated_draw, power_factor FROM powerpanel.power_port',
		q{id, coalesce(device_id, device_of(module_id)), maximum_draw, allocated_draw, power_factor FROM dcim_powerport
			WHERE coalesce(device_id, device_of(module_id)) IS NOT NULL}
	],
	outlets => [
		q{id, name, device_id, power_port_id, coalesce(feed_leg::text, '') FROM powerpanel.power_outlet},
		'id, name, device_id, power_port_id, feed_leg FROM dcim_poweroutlet'
	],
	cables => [
		q{id, coalesce(power_feed_id, power_outlet_id), power_port_id, coalesce(label, '') FROM powerpanel.cable},
		'c.id, p._cable_peer_id, p.id, c.label FROM dcim_powerport p JOIN dcim_cable c ON c.id = p.cable_id'
	]);

sub same
{
	my ($db, $name, %instead) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my %compared = (%same, %instead);
	is( $node->safe_psql($db, join ' UNION ALL ', map {
			my ($ours, $theirs) = map { "(SELECT $_)" } @{ $compared{$_} };
			"SELECT '$_', d::text FROM (($ours EXCEPT ALL $theirs) UNION ALL ($theirs EXCEPT ALL $ours)) AS d" } sort keys %compared),
		'', $name);
	return;
}

same($db, 'and all is as in Nautobot, under the same keys');

# ---------------------------------------------------------------- again

my $before = rows($db);
is(import($db, ''), $again, 'a second import changes nothing');
is(rows($db), $before, '... indeed');
$node->safe_psql(
	$db, q{
	UPDATE powerpanel.power_panel SET numbering = 'sequential', voltage = 480, main_breaker_amperage = 100, comments = 'by the door',
		custom_fields = custom_fields || '{"checked": true}' WHERE name = 'House';
	UPDATE powerpanel.power_panel SET bus = 'single-phase' WHERE name = 'Genset';
	UPDATE powerpanel.feed_status SET energized = true WHERE name = 'Maintenance'});
$before = rows($db);
is(import($db, ''), $again, 'what Nautobot does not know stays');
is(rows($db), $before, '... as it was');
$node->safe_psql($db, 'ALTER SCHEMA public RENAME TO "Nauto""bot $$ 3"');
is(import($db, q{'"Nauto""bot $$ 3"'}), $again, 'nor does an import from a schema of another name change anything');
is(import($db, q{'"Nauto""bot $$ 3"'}, 'SET search_path = "Nauto""bot $$ 3"; SET TimeZone = "Asia/Tokyo";'), $again, 'nor one in another time zone');
$node->safe_psql($db, 'ALTER SCHEMA "Nauto""bot $$ 3" RENAME TO public');

# Everything that can be exchanged is exchanged, so that no order of single
# updates would do.
my $exchange = q{
	-- R102-A and R103-A change places, R701-A grows into what R103-A left
	UPDATE dcim_powerfeed SET breaker_position = NULL WHERE id IN (k('RPP-A1 R102-A'), k('RPP-A1 R103-A'), k('RPP-A1 R701-A'));
	UPDATE dcim_powerfeed SET breaker_position = 9 WHERE id = k('RPP-A1 R102-A');
	UPDATE dcim_powerfeed SET breaker_position = 4 WHERE id = k('RPP-A1 R103-A');
	UPDATE dcim_powerfeed SET breaker_position = 8, breaker_pole_count = 3, phase = 'three-phase', amperage = 60, available_power = 17292 WHERE id = k('RPP-A1 R701-A');
	UPDATE dcim_powerpanel SET breaker_position_count = 12 WHERE id = k('RPP-A1');
	-- the breakers of RPP-B1 move down, and out of the way of another
	UPDATE dcim_powerfeed SET breaker_position = breaker_position + 10 WHERE power_panel_id = k('RPP-B1');
	UPDATE dcim_powerfeed SET breaker_position = 7, status_id = (SELECT id FROM extras_status WHERE name = 'Failed') WHERE id = k('RPP-B1 Rectifier');
	-- power comes from the house now
	UPDATE dcim_powerfeed SET power_panel_id = k('House'), destination_panel_id = k('MDP'), breaker_position = 2 WHERE id = k('MDP House');
	UPDATE dcim_powerfeed SET destination_panel_id = k('House') WHERE id = k('ATS To MDP');
	-- names
	UPDATE dcim_powerpanel SET name = 'UPS-A.' WHERE id = k('UPS-A');
	UPDATE dcim_powerpanel SET name = 'Mains' WHERE id = k('Utility');
	UPDATE dcim_powerpanel SET name = 'Utility' WHERE id = k('Genset');
	UPDATE dcim_powerpanel SET name = 'Genset' WHERE id = k('Utility');
	UPDATE dcim_powerport SET name = CASE name WHEN 'PSU1' THEN 'PSU2.' ELSE 'PSU1' END WHERE device_id = k('srv-1');
	UPDATE dcim_powerport SET name = 'PSU2' WHERE name = 'PSU2.';
	-- Row 1 goes to a new hall with its racks, and the panel that serves it
	INSERT INTO dcim_location SELECT (jsonb_populate_record(l, jsonb_build_object('id', k('Data Hall 2'), 'name', 'Data Hall 2', '_name', 'Data Hall 2'))).*
		FROM dcim_location l WHERE id = k('Data Hall 1');
	UPDATE dcim_rackgroup SET location_id = k('Data Hall 2') WHERE id IN (k('Row 1'), k('Row 1 west'));
	UPDATE dcim_rack SET location_id = k('Data Hall 2') WHERE location_id = k('Data Hall 1');
	UPDATE dcim_location SET parent_id = k('Data Hall 2') WHERE id = k('Cage 7');
	UPDATE dcim_powerpanel SET location_id = k('Data Hall 2') WHERE location_id = k('Data Hall 1');
	-- and two racks of it exchange their groups
	UPDATE dcim_rack SET rack_group_id = CASE id WHEN k('R101') THEN k('Row 1 west') ELSE k('Row 1') END WHERE id IN (k('R101'), k('R102'));
	-- a power supply moves to another device; a factor is measured
	UPDATE dcim_modulebay SET parent_device_id = k('srv-3') WHERE id = k('bay 2');
	UPDATE dcim_powerport SET power_factor = 0.91 WHERE id = k('srv-3 PSU1');
	UPDATE dcim_device SET rack_id = k('R103'), name = 'used server' WHERE id = k('loose')};
nautobot('exchanged', undef, $db);
$node->safe_psql($db, $exchange);
is( import($db, ''), q{location 7 1 1 5 0 0
rack_group 3 0 2 1 0 0
rack 4 0 3 1 0 0
device 11 0 1 10 0 0
power_panel 9 0 5 4 0 0
power_feed 16 0 8 8 0 0
power_port 17 0 4 12 1 0
power_outlet 24 0 0 24 0 0
cable 15 0 0 12 3 0
feed_status 4 0 0 4 0 0}, 'all that changed in Nautobot is updated, in whatever way it exchanged');
same($db, '... to what Nautobot has now');
is( $node->safe_psql($db, q{SELECT d.name, p.name, p.power_factor FROM powerpanel.power_port p JOIN powerpanel.device d ON d.id = p.device_id WHERE d.name = 'srv-3' ORDER BY 2}),
	"srv-3|AC input|0.90\nsrv-3|PSU1|0.91\nsrv-3|PSU2|0.98", '... the power supply in its new device');
is(import($db, '') =~ /^\w+ \d+ (?!0 0 )/m, '', '... and all at once: a further import changes nothing');
is(errors($db), '', '... with a clean audit');

# The same while rules refuse something new of each kind, and so by halves.
$db = 'exchanged';
my @kinds = qw(dcim_location dcim_rackgroup dcim_rack dcim_powerpanel dcim_powerfeed dcim_powerport dcim_poweroutlet);
$node->safe_psql($db, join ";\n", $exchange,
	map { "INSERT INTO $_ SELECT (jsonb_populate_record(t, jsonb_build_object('id', k('new $_'), 'name', ' ', 'breaker_position', NULL, 'facility_id', NULL,
		'cable_id', NULL))).* FROM $_ t WHERE id = (SELECT id FROM $_ " . (/feed/ ? q{WHERE name = 'R103-A'} : '') . " LIMIT 1)" } @kinds);
is( $node->safe_psql($db, q{
		SELECT string_agg(d ->> 'rule', ' ') FROM powerpanel.import_nautobot(keep_going => true), jsonb_array_elements(details) AS d WHERE d ? 'rule'}),
	'location_name rack_group_name rack_name power_panel_name power_feed_name power_port_name power_outlet_name',
	'beside what a rule refuses, the rest is exchanged all the same');
$node->safe_psql($db, join ';', map { "DELETE FROM $_ WHERE id = k('new $_')" } reverse @kinds);
same($db, '... to what Nautobot has now');

# ------------------------------------------------------- cables, and what vanished

$db = nautobot('plugged', q{
	UPDATE dcim_cable c SET label = 'of ' || d.name || ' ' || p.name FROM dcim_powerport p JOIN dcim_device d ON d.id = p.device_id
	WHERE p.cable_id = c.id AND c.label = ''});
import($db, '');
$node->safe_psql($db, q{
	SELECT unplug('srv-1 PSU1'), unplug('srv-2 PSU1'), unplug('PDU-102-A inlet'), unplug('PDU-102-B inlet');
	SELECT plug('srv-1 PSU1', 'PDU-101-A 2', 'new');
	UPDATE dcim_powerfeed SET destination_panel_id = k('House'), rack_id = NULL WHERE id = k('RPP-A1 R102-A');
	DELETE FROM dcim_poweroutlet WHERE id = k('PDU-101-A 6')});
my ($data_cables, $no_device) = split /\n/, $left;
is( details($db), qq{$data_cables
cable "of PDU-102-A Inlet": vanished from Nautobot since an earlier import; deleted here, as its power feed goes to a panel now
cable "of PDU-102-B Inlet": vanished from Nautobot since an earlier import; still here
cable "of srv-1 PSU1": vanished from Nautobot since an earlier import; deleted here, as another cable has its end now
cable "of srv-2 PSU1": vanished from Nautobot since an earlier import; deleted here, as another cable has its end now
power outlet "Outlet 6": vanished from Nautobot since an earlier import; still here
$no_device},
	'what vanished is reported, and stays unless something else has its place');
is( $node->safe_psql($db, q{
		SELECT count(*), count(*) FILTER (WHERE label = 'new' AND power_outlet_id = k('PDU-101-A 2') AND power_port_id = k('srv-1 PSU1')),
			count(*) FILTER (WHERE label = 'of PDU-102-B Inlet') FROM powerpanel.cable}), '10|1|1', '... as it says');
like(import($db, ''), qr/^power_outlet 23 0 0 23 0 1\ncable 12 0 0 9 3 1$/m, '... and what stays, each time anew');
same($db, '... and the rest is as in Nautobot', cables => [ '1', '1' ], outlets => [ '1', '1' ]);

# ------------------------------------------- outlets without a power port

$db = nautobot('unassigned', q{
	UPDATE dcim_poweroutlet SET power_port_id = NULL WHERE device_id IN (k('PDU-101-A'), k('PDU-101-B'));
	UPDATE dcim_powerport SET allocated_draw = NULL WHERE id = k('srv-1 PSU1')});
import($db, '');
my $unassigned = q{
	SELECT string_agg(DISTINCT d.name, ', ' ORDER BY d.name) FROM powerpanel.power_outlet o JOIN powerpanel.device d ON d.id = o.device_id
	WHERE o.power_port_id IS NULL};
is($node->safe_psql($db, $unassigned), 'PDU-101-A, PDU-101-B', 'an outlet without a power port has none here');
$node->safe_psql($db, q{INSERT INTO powerpanel.power_port (device_id, name) VALUES (k('PDU-101-B'), 'Second inlet')});
is(details($db, 'assign_outlets => true'), q{2: they have no allocated draw, and count as 0 VA in every allocated figure; the setting powerpanel.load_basis = 'maximum' goes by their maximum draw instead, known of 1
} . $data_cables . q{
device "PDU-101-A": they name no power port, and got power port "Inlet", the only one of their device
} . $no_device, 'on request they get the only one of their device');
is($node->safe_psql($db, $unassigned), 'PDU-101-B', '... even if the inventory alone knows of a second');

# ---------------------------------------------------------- other versions

$db = database('v24', 'pristine', '-f', "$files/2.4.sql");
is(import($db, ''), $first, 'Nautobot 2.4.15');
same($db, '... the same');
$db = database('v32', 'pristine', '-f', "$files/3.2.sql");
my @cables_32 = (cables => [ $same{cables}[0],
	q{c.id, coalesce(f.power_feed_id, f.power_outlet_id), p.power_port_id, c.label
	FROM dcim_cable c JOIN dcim_cabletocabletermination p ON p.cable_id = c.id AND p.power_port_id IS NOT NULL
	JOIN dcim_cabletocabletermination f ON f.cable_id = c.id AND f.id <> p.id} ]);
is(import($db, ''), $first, 'Nautobot 3.2, whose cables end in a table of their own');
same($db, '... the same', @cables_32);
is(import($db, ''), $again, '... a second time');
$node->safe_psql(
	$db, q{
	-- in 3.2 a cable is plugged elsewhere and stays the cable it is
	BEGIN;
	UPDATE dcim_cabletocabletermination SET power_outlet_id = k('PDU-101-A 6') WHERE power_outlet_id = k('PDU-101-A 1');
	UPDATE dcim_cabletocabletermination SET power_outlet_id = k('PDU-101-A 1') WHERE power_outlet_id = k('PDU-101-A 2');
	COMMIT;
	-- one is half connected, one not at all, and one is split
	DELETE FROM dcim_cabletocabletermination WHERE power_outlet_id = k('PDU-101-B 1') OR power_outlet_id = k('PDU-101-B 2') OR power_port_id = k('srv-2 PSU2');
	INSERT INTO dcim_cabletocabletermination (id, cable_end, connector, cable_id, power_port_id)
		SELECT gen_random_uuid(), CASE cable_end WHEN 'A' THEN 'B' ELSE 'A' END, 2, cable_id, k('loose PSU1')
		FROM dcim_cabletocabletermination WHERE power_outlet_id = k('PDU-102-B 1')});
like(import($db, ''), qr/^cable 15 0 2 7 6 0$/m, '... cables that were plugged elsewhere');
is( $node->safe_psql($db, q{SELECT d ->> 'reason' FROM powerpanel.import_nautobot(), jsonb_array_elements(details) AS d
		WHERE d ->> 'object' LIKE 'cable %' ORDER BY 1}),
	q{it has more than one end at a side: power outlet "Outlet 1" of device "PDU-102-B" and power port "PSU2" of device "srv-3" and power port "PSU1" of device "spare server"; it stays as an earlier import left it
it has no ends; it stays as an earlier import left it
it has one end only: power port "PSU2" of device "srv-1"; it stays as an earlier import left it}, '... and those that do not join two things');

$db = nautobot('older', q{
	ALTER TABLE dcim_powerfeed DROP breaker_position, DROP breaker_pole_count, DROP destination_panel_id, DROP power_path;
	ALTER TABLE dcim_powerpanel DROP breaker_position_count, DROP panel_type, DROP power_path;
	ALTER TABLE dcim_powerport DROP power_factor});
my $error = refusal($db, 'SELECT powerpanel.import_nautobot()');
like($error, qr/ERROR:  22023: the Nautobot in schema "public" is older than version 2\.4\.15/, 'one that is too old');
like($error, qr/^DETAIL:  It lacks the columns .*dcim_powerfeed\.breaker_position.*, which came with version 2\.4\.15\./m, '... by its columns');
$db = nautobot('newer', 'ALTER TABLE dcim_powerpanel RENAME location_id TO site_id');
like(refusal($db, 'SELECT powerpanel.import_nautobot()'),
	qr/ERROR:  22023: the Nautobot in schema "public" is of a version that this import does not know.*DETAIL:  It lacks the columns dcim_powerpanel\.location_id\.$/ms,
	'one whose columns have other names, before anything is read as empty');
$node->safe_psql($db, 'ALTER TABLE dcim_powerpanel RENAME site_id TO location_id; ALTER TABLE dcim_cable RENAME termination_a_id TO a_id');
like(refusal($db, 'SELECT powerpanel.import_nautobot()'), qr/^DETAIL:  It lacks the columns dcim_cable\.termination_a_id\.$/m, '... or cables of another kind');
$node->safe_psql($db, 'ALTER TABLE dcim_cable RENAME a_id TO termination_a_id; DROP TABLE dcim_modulebay CASCADE');
like(refusal($db, 'SELECT powerpanel.import_nautobot()'), qr/ERROR:  22023: the Nautobot in schema "public" is not complete\nDETAIL:  It lacks the tables dcim_modulebay\.$/m, 'one without all its tables');
like(refusal($db, q{SELECT powerpanel.import_nautobot('powerpanel')}), qr/ERROR:  22023: schema "powerpanel" holds no Nautobot/, 'none at all');
like(refusal($db, q{SELECT powerpanel.import_nautobot(NULL)}), qr/ERROR:  22004: argument "source" must not be NULL/, 'no schema');
like(refusal($db, q{SELECT powerpanel.import_netbox()}), qr/ERROR:  22023: schema "public" holds a Nautobot, not a NetBox\nHINT:  Import it by import_nautobot\('public'\)/, 'taken for a NetBox');
like(refusal($db, q{CREATE SCHEMA n CREATE TABLE dcim_site (id bigint) CREATE TABLE dcim_powerpanel (id bigint); SELECT powerpanel.import_nautobot('n')}),
	qr/ERROR:  22023: schema "n" holds a NetBox, not a Nautobot\nHINT:  Import it by import_netbox\('n'\)/, 'a NetBox taken for a Nautobot');
$db = nautobot('bare', 'DROP TABLE dcim_locationtype, dcim_devicetype, dcim_manufacturer, dcim_virtualchassis, django_migrations CASCADE');
is(import($db, ''), $first, 'one without the tables that only names are taken from');
is(import($db, ''), $again, '... a second time');

# ------------------------------------------------------- two Nautobots

# Another Nautobot beside the first, in a schema of its own: none takes what is
# the other's for gone.
$db = nautobot('two');
import($db, '');
$node->safe_psql($db, 'CREATE SCHEMA south');
$node->command_ok([ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($db), '-c', 'SET search_path = south', '-f', "$files/schema.sql",
		'-c', q{UPDATE django_migrations SET applied = applied + interval '1 year'}, '-c', q{
		INSERT INTO dcim_locationtype SELECT * FROM public.dcim_locationtype WHERE name = 'Campus';
		INSERT INTO dcim_location SELECT (jsonb_populate_record(l, jsonb_build_object('id', public.k('South'), 'name', 'South',
			'status_id', s.id))).* FROM extras_status s, public.dcim_location l WHERE l.name = 'North Campus' AND s.name = 'Active'} ], 'two: another Nautobot');
like(import($db, q{'south'}), qr/^location 1 1 0 0 0 0$/m, 'another Nautobot is another');
is(import($db, ''), $again, '... to both');
is(import($db, q{'south'}), "location 1 0 0 1 0 0\n" . join("\n", map { "$_ 0 0 0 0 0 0" } qw(rack_group rack device power_panel power_feed power_port power_outlet cable feed_status)), '... each time');

# ------------------------------------------------------------ what is refused

# What bulk_create, SQL and two people at once get into Nautobot, and the rule
# that knows it. A feed is a copy of one that is there.
my $copy = q{INSERT INTO dcim_powerfeed SELECT (jsonb_populate_record(f, jsonb_build_object('id', k(n), 'name', n, 'cable_id', NULL, 'rack_id', NULL,
	'breaker_position', NULL, 'breaker_pole_count', NULL) || changes::jsonb)).* FROM dcim_powerfeed f, (VALUES %s) AS c (n, changes) WHERE f.id = k('RPP-A1 R103-A');};
my @broken = (
	[ 'power feed "Overlap"', 'power_feed_breaker_conflict', sprintf($copy, q{('Overlap', '{"breaker_position": 3, "breaker_pole_count": 1}')}) ],
	[ 'power feed "Beyond"', 'power_feed_breaker_capacity', sprintf($copy, q{('Beyond', '{"breaker_position": 41, "breaker_pole_count": 2}')}) ],
	[ 'power feed "Nowhere"', 'power_feed_breaker_position', sprintf($copy, q{('Nowhere', '{"breaker_position": 0, "breaker_pole_count": 1}')}) ],
	[ 'power feed "Four"', 'power_feed_breaker_pole_count', sprintf($copy, q{('Four', '{"breaker_pole_count": 4}')}) ],
	# a loop is broken at the feed of it that is written last
	[ 'power feed "Back"', 'power_feed_cycle', sprintf($copy, q{('Back', '{}')}),
		q{UPDATE dcim_powerfeed SET id = 'ffffffff-0000-4000-8000-000000000000', destination_panel_id = k('UPS-A') WHERE name = 'Back'} ],
	[ 'power feed "Self"', 'power_feed_destination_self', sprintf($copy, q{('Self', '{}')}), q{UPDATE dcim_powerfeed SET destination_panel_id = power_panel_id WHERE name = 'Self'} ],
	[ 'power feed "Abroad"', 'power_feed_rack_location', sprintf($copy, q{('Abroad', '{}')}),
		q{INSERT INTO dcim_location SELECT (jsonb_populate_record(l, jsonb_build_object('id', k('Overseas'), 'name', 'Overseas', '_name', 'Overseas'))).*
			FROM dcim_location l WHERE l.id = k('North Campus')},
		q{INSERT INTO dcim_rack SELECT (jsonb_populate_record(r, jsonb_build_object('id', k('R901'), 'name', 'R901', 'location_id', k('Overseas'), 'rack_group_id', NULL))).*
			FROM dcim_rack r WHERE r.id = k('R701')},
		q{UPDATE dcim_powerfeed SET power_panel_id = k('UPS-A'), rack_id = k('R901') WHERE name = 'Abroad'} ],
	[ 'power feed "Minus"', 'power_feed_voltage', sprintf($copy, q{('Minus', '{"voltage": -48}')}) ],
	[ 'power feed "Full"', 'power_feed_max_utilization', sprintf($copy, q{('Full', '{"max_utilization": 101}')}) ],
	[ 'power feed "Solar"', 'SQLSTATE 22P02', sprintf($copy, q{('Solar', '{"supply": "sun"}')}) ],
	# the feed comes first, and is taken
	[ 'cable "A-101"', 'power_feed_destination_or_cable', q{UPDATE dcim_powerfeed SET destination_panel_id = k('House') WHERE id = k('RPP-A1 R101-A')} ],
	[ 'power panel "Genset"', 'power_panel_circuit_positions', q{UPDATE dcim_powerpanel SET breaker_position_count = 0 WHERE id = k('Genset')} ],
	[ 'rack "R103"', 'rack_rack_group_location', q{UPDATE dcim_rack SET location_id = k('DC1'), rack_group_id = k('Row 1') WHERE id = k('R103')} ],
	[ 'rack "R702"', 'rack_location_id_rack_group_id_name_key',
		q{INSERT INTO dcim_rack SELECT (jsonb_populate_record(r, jsonb_build_object('id', k(n), 'name', 'R702', 'rack_group_id', NULL))).*
			FROM dcim_rack r, unnest('{one,other}'::text[]) AS n WHERE r.id = k('R701')} ],
	[ 'power panel "Utility"', 'power_panel_rack_group_location', q{UPDATE dcim_powerpanel SET rack_group_id = k('Row 1') WHERE id = k('Utility')} ],
	[ 'power port "PSU1" of device "srv-1"', 'power_port_draw', q{UPDATE dcim_powerport SET allocated_draw = 751 WHERE id = k('srv-1 PSU1')} ],
	[ 'power port "PSU2" of device "srv-1"', 'power_port_power_factor', q{UPDATE dcim_powerport SET power_factor = 0 WHERE id = k('srv-1 PSU2')} ],
	[ 'power outlet "Outlet 6" of device "PDU-102-A"', 'power_outlet_power_port', q{UPDATE dcim_poweroutlet SET power_port_id = k('PDU-102-B inlet') WHERE id = k('PDU-102-A 6')} ],
	[ 'power outlet "Outlet 5" of device "PDU-102-A"', 'SQLSTATE 22P02', q{UPDATE dcim_poweroutlet SET feed_leg = 'N' WHERE id = k('PDU-102-A 5')} ],
	[ 'location "Island"', 'location_parent_id_name_key',
		q{INSERT INTO dcim_location SELECT (jsonb_populate_record(l, jsonb_build_object('id', k(n), 'name', 'Island'))).*
			FROM dcim_location l, unnest('{east,west}'::text[]) AS n WHERE l.id = k('North Campus')} ],
	[ 'rack group " "', 'rack_group_name', q{UPDATE dcim_rackgroup SET name = ' ' WHERE id = k('Switchboards')} ]);

$db = nautobot('refused');
foreach my $case (@broken)
{
	my ($object, $rule, @change) = @$case;
	is( $node->safe_psql($db, join ";\n", 'BEGIN', @change, qq{
			SELECT d ->> 'rule' FROM powerpanel.import_nautobot(keep_going => true), jsonb_array_elements(details) AS d
			WHERE starts_with(d ->> 'object', \$\$$object\$\$) AND d ? 'rule'},
			q{SELECT rule FROM powerpanel.check_integrity() WHERE severity = 'error'}, 'ROLLBACK'),
		$rule, "$object is refused by $rule");
}

my $empty = rows($db);
$node->safe_psql($db, join ";\n", map { @$_[ 2 .. $#$_ ] } @broken);
$error = refusal($db, 'SELECT powerpanel.import_nautobot()');
like($error, qr/ERROR:  23000: rules refuse \d+ of the \d+ objects of the Nautobot in schema "public", and nothing was imported/, 'refused as a whole');
foreach my $case (@broken)
{
	my ($object, $rule) = @$case;
	ok($error =~ /^(DETAIL:  )?\Q$object\E[^(]*\(dcim_\w+ [0-9a-f-]{36}\): \Q$rule\E: /m, "... naming $object");
}
like($error, qr/^device "stack:2 .*: device_rack_id_fkey: it needs rack "R103" of location "DC1" \(dcim_rack [0-9a-f-]+\), which is left out$/m, '... and what needs something that is refused');
like($error, qr/^HINT:  Correct them in Nautobot, .*keep_going => true/m, '... with the way out');
is(rows($db), $empty, '... and nothing is left behind');
is( $node->safe_psql($db, q{
		SELECT bool_and(objects_read = taken + left_out AND taken = inserted + updated + unchanged) FROM powerpanel.import_nautobot(keep_going => true)}),
	't', 'the others are imported on demand');
is(errors($db), '', '... and the audit is clean');

# In Nautobot all is well again: the rest follows.
$node->safe_psql(
	$db, q{
	DELETE FROM dcim_powerfeed WHERE name IN ('Overlap', 'Beyond', 'Nowhere', 'Four', 'Back', 'Self', 'Abroad', 'Minus', 'Full', 'Solar');
	UPDATE dcim_powerfeed SET destination_panel_id = NULL WHERE id = k('RPP-A1 R101-A');
	UPDATE dcim_powerpanel SET breaker_position_count = NULL WHERE id = k('Genset');
	UPDATE dcim_rack SET location_id = k('Data Hall 1'), rack_group_id = NULL WHERE id = k('R103');
	DELETE FROM dcim_rack WHERE name = 'R702';
	UPDATE dcim_powerpanel SET rack_group_id = NULL WHERE id = k('Utility');
	UPDATE dcim_powerport SET allocated_draw = 400, power_factor = 0.98 WHERE device_id = k('srv-1');
	UPDATE dcim_poweroutlet SET power_port_id = k('PDU-102-A inlet'), feed_leg = '' WHERE device_id = k('PDU-102-A');
	UPDATE dcim_location SET name = 'West Island' WHERE id = k('west');
	UPDATE dcim_rackgroup SET name = 'Switchboards' WHERE id = k('Switchboards')});
is(details($db), $left . ($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.rack WHERE name = 'R702'}) ? q{
rack "R702": vanished from Nautobot since an earlier import; still here} : ''), 'corrected in Nautobot, all is taken');
same($db, '... as it is there', racks => [ '1', '1' ]);

# Locations that lie in each other
$node->safe_psql($db, q{UPDATE dcim_location SET parent_id = k('Cage 7') WHERE id = k('DC1')});
like(refusal($db, 'SELECT powerpanel.import_nautobot()'), qr/^(DETAIL:  )?location "[^"]+" of location "[^"]+" \(dcim_location [0-9a-f-]+\): location_cycle: /m, 'a loop of locations');

# One key for things of two kinds
$db = nautobot('twins', q{
	INSERT INTO dcim_manufacturer SELECT now(), now(), '{}', k('x'), 'x', '';
	BEGIN;
	UPDATE dcim_powerpanel SET id = k('House twin') WHERE id = k('House');
	UPDATE dcim_powerfeed SET power_panel_id = k('House twin') WHERE power_panel_id = k('House');
	UPDATE dcim_powerfeed SET destination_panel_id = k('House twin') WHERE destination_panel_id = k('House');
	UPDATE dcim_powerfeed SET id = k('House twin') WHERE id = k('House Lights');
	COMMIT});
is(import($db, ''), $first, 'a panel and a feed may have the same key');
is(import($db, ''), $again, '... a second time');

# ---------------------------------------------------------- ordinary users

$db = nautobot('granted', q{
	CREATE ROLE importer;
	GRANT USAGE ON SCHEMA powerpanel TO importer;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO importer});
like(refusal($db, 'SET ROLE importer; SELECT powerpanel.import_nautobot()'), qr/ERROR:  42501: permission denied for table /, 'it reads with the rights of the one who calls it');
$node->safe_psql($db, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO importer; REVOKE INSERT ON powerpanel.cable FROM importer');
$empty = rows($db);
like(refusal($db, 'SET ROLE importer; SELECT powerpanel.import_nautobot()'), qr/ERROR:  42501: permission denied for table cable/, '... and writes with them');
is(rows($db), $empty, '... all or nothing');
$node->safe_psql($db, 'GRANT INSERT ON powerpanel.cable TO importer');
is(import($db, '', 'SET ROLE importer;'), $first, '... and needs no others');
is(import($db, '', 'BEGIN ISOLATION LEVEL REPEATABLE READ; SET ROLE importer; SELECT count(*) FROM powerpanel.import_nautobot();') =~ s/\A10\n//r,
	$again, 'twice in one transaction');

$node->stop;
done_testing();
