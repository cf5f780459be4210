# import_netbox on a real NetBox: the demonstration database of NetBox 4.2,
# which lies beside the checkout (../shared/data), not in it. Every row of it
# must be accounted for, whatever is done to it before the import.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# We may run in a copy of the checkout that lies inside of it.
my $dump;
for (my $dir = $FindBin::Bin; $dir =~ m{/}; $dir =~ s{/[^/]*$}{})
{
	$dump = "$dir/shared/data/netbox-demo-v4.2.sql";
	last if -r $dump;
	$dump = undef;
}
plan skip_all => 'no ../shared/data/netbox-demo-v4.2.sql beside the checkout' if !$dump;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--encoding=UTF8']);
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE netbox; CREATE DATABASE pristine TEMPLATE template0');

# The dump has an ICU collation, which a PostgreSQL may be built without.
my $load = $dump;
if ($node->psql('pristine', q{BEGIN; CREATE COLLATION natural (provider = icu, locale = 'und-u-kn-true'); ROLLBACK}, on_error_stop => 1))
{
	my $text = slurp_file($dump);
	$text =~ s/^(CREATE|ALTER) COLLATION .*;$//mg;
	$text =~ s/ COLLATE public\.natural_sort//g;
	$load = PostgreSQL::Test::Utils::tempdir . '/dump.sql';
	append_to_file($load, $text);
}
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-d', $node->connstr('pristine'), '-f', $load ],
	'the demonstration database loads');
$node->safe_psql('pristine', 'CREATE EXTENSION powerpanel');

# A copy of the demonstration database, after some statements.
sub netbox
{
	my ($db, $change) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE pristine");
	$node->safe_psql($db, $change) if $change;
	return $db;
}

# What an import says: a line for each kind of object.
sub import
{
	my ($db, $arguments, $before) = @_;
	return $node->safe_psql($db, ($before // '') . qq{
		SELECT concat_ws(' ', object_type, objects_read, inserted, updated, unchanged, left_out, vanished)
		FROM powerpanel.import_netbox($arguments)});
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
			qw(location rack device power_panel feed_status power_feed power_port power_outlet cable));
}

my $first = q{region 67 67 0 0 0 0
site 24 24 0 0 0 0
location 4 4 0 0 0 0
rack 42 42 0 0 0 0
device 72 72 0 0 0 0
power_panel 4 4 0 0 0 0
power_feed 48 48 0 0 0 0
power_port 75 75 0 0 0 0
power_outlet 104 104 0 0 0 0
cable 108 26 0 0 82 0
feed_status 1 0 0 1 0 0};
(my $again = $first) =~ s/^(\w+ \d+) (\d+) 0 (\d+)/"$1 0 0 " . ($2 + $3)/mge;

# ------------------------------------------------------------ as it is

my $db = netbox('demo');
is(import($db, ''), $first, 'every row is accounted for');
is( $node->safe_psql($db, q{
		SELECT d ->> 'objects', d ->> 'reason' FROM powerpanel.import_netbox(), jsonb_array_elements(details) AS d}),
	'62|they have no allocated draw, and count as 0 VA in every allocated figure; the setting powerpanel.load_basis = \'maximum\' goes by their maximum draw instead, known of 19
82|they are not power cables: no end at a power feed, power outlet or power port',
	'and what was left out has a reason, and ports without an allocated draw are counted');
is( $node->safe_psql($db, q{
		SELECT count(*), count(maximum_draw) FROM dcim_powerport p WHERE allocated_draw IS NULL AND NOT EXISTS (SELECT FROM dcim_poweroutlet o WHERE o.power_port_id = p.id)}),
	'62|19', '... as NetBox has them');
is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', 'a clean audit');

is( $node->safe_psql($db, q{SELECT name FROM powerpanel.device WHERE custom_fields #>> '{netbox,id}' IN ('83', '99', '106') ORDER BY name}),
	"Lenovo Flex system (106)\nPanduit 48-Port Patch Panel (83)\nr105-torsw:2 (99)", 'devices without a name are called as NetBox calls them');

# The same found by another way: by names, from NetBox's own tables.
my $nameless = q{CASE WHEN d.name NOT LIKE '% (' || (d.custom_fields #>> '{netbox,id}') || ')' THEN d.name END};
my %same = (
	places => [
		q{SELECT l.name, p.name FROM powerpanel.location l LEFT JOIN powerpanel.location p ON p.id = l.parent_id},
		q{SELECT r.name::text, p.name::text FROM dcim_region r LEFT JOIN dcim_region p ON p.id = r.parent_id
		UNION ALL SELECT s.name, r.name FROM dcim_site s LEFT JOIN dcim_region r ON r.id = s.region_id
		UNION ALL SELECT l.name, coalesce(p.name, s.name) FROM dcim_location l JOIN dcim_site s ON s.id = l.site_id
			LEFT JOIN dcim_location p ON p.id = l.parent_id}
	],
	racks => [
		q{SELECT r.name, l.name FROM powerpanel.rack r JOIN powerpanel.location l ON l.id = r.location_id},
		q{SELECT r.name::text, coalesce(l.name, s.name)::text FROM dcim_rack r JOIN dcim_site s ON s.id = r.site_id
			LEFT JOIN dcim_location l ON l.id = r.location_id}
	],
	devices => [
		qq{SELECT $nameless, r.name FROM powerpanel.device d LEFT JOIN powerpanel.rack r ON r.id = d.rack_id},
		q{SELECT d.name::text, r.name::text FROM dcim_device d LEFT JOIN dcim_rack r ON r.id = d.rack_id}
	],
	feeds => [
		q{SELECT p.name, f.name, r.name, f.status, f.type::text, f.supply::text, f.phase::text, f.voltage, f.amperage, f.max_utilization, f.available_power
		FROM powerpanel.power_feed f JOIN powerpanel.power_panel p ON p.id = f.power_panel_id LEFT JOIN powerpanel.rack r ON r.id = f.rack_id},
		q{SELECT p.name::text, f.name::text, r.name::text, f.status::text, f.type::text, f.supply::text, f.phase::text, f.voltage, f.amperage, f.max_utilization, f.available_power
		FROM dcim_powerfeed f JOIN dcim_powerpanel p ON p.id = f.power_panel_id LEFT JOIN dcim_rack r ON r.id = f.rack_id}
	],
	ports => [
		qq{SELECT $nameless, p.name, p.maximum_draw, p.allocated_draw FROM powerpanel.power_port p JOIN powerpanel.device d ON d.id = p.device_id},
		q{SELECT d.name::text, p.name::text, p.maximum_draw, p.allocated_draw FROM dcim_powerport p JOIN dcim_device d ON d.id = p.device_id}
	],
	outlets => [
		q{SELECT d.name, o.name, p.name, o.feed_leg::text FROM powerpanel.power_outlet o JOIN powerpanel.device d ON d.id = o.device_id
			LEFT JOIN powerpanel.power_port p ON p.id = o.power_port_id},
		q{SELECT d.name::text, o.name::text, p.name::text, nullif(o.feed_leg, '')::text FROM dcim_poweroutlet o JOIN dcim_device d ON d.id = o.device_id
			LEFT JOIN dcim_powerport p ON p.id = o.power_port_id}
	],
	cables => [
		q{SELECT od.name, o.name, pd.name, p.name FROM powerpanel.cable c
			JOIN powerpanel.power_outlet o ON o.id = c.power_outlet_id JOIN powerpanel.device od ON od.id = o.device_id
			JOIN powerpanel.power_port p ON p.id = c.power_port_id JOIN powerpanel.device pd ON pd.id = p.device_id},
		q{SELECT od.name::text, o.name::text, pd.name::text, p.name::text FROM dcim_poweroutlet o JOIN dcim_powerport p ON p.cable_id = o.cable_id
			JOIN dcim_device od ON od.id = o.device_id JOIN dcim_device pd ON pd.id = p.device_id}
	]);
foreach my $what (sort keys %same)
{
	my ($ours, $theirs) = @{ $same{$what} };
	is($node->safe_psql($db, "(($ours) EXCEPT ALL ($theirs)) UNION ALL (($theirs) EXCEPT ALL ($ours))"), '', "$what are the same as in NetBox");
}

# ---------------------------------------------------------------- again

my $before = rows($db);
is(import($db, ''), $again, 'a second import changes nothing');
is(rows($db), $before, '... indeed');
$node->safe_psql($db, 'ALTER SCHEMA public RENAME TO "Net""Box $$ 4.2"');
is(import($db, q{'"Net""Box $$ 4.2"'}), $again, 'nor does one of the same NetBox from a schema of another name');
is( import($db, q{'"Net""Box $$ 4.2"'}, 'SET search_path = "Net""Box $$ 4.2"; SET TimeZone = "Asia/Tokyo";'),
	$again, 'nor one in another time zone');
$node->safe_psql(
	$db, q{
	SET search_path = "Net""Box $$ 4.2";
	UPDATE dcim_powerfeed SET amperage = 32, name = 'renamed' WHERE id = 1;
	UPDATE dcim_rack SET location_id = 2 WHERE id = 14;
	UPDATE dcim_powerpanel SET name = 'Panel ' || 105 - id;		-- in two steps, for a key of NetBox's
	UPDATE dcim_powerpanel SET name = 'Panel ' || 5 - id});
my $result = import($db, q{'"Net""Box $$ 4.2"'});
like($result, qr/^power_feed 48 0 1 47 0 0$/m, 'a changed feed is updated');
like($result, qr/^rack 42 0 1 41 0 0$/m, 'and a rack that moved');
like($result, qr/^power_panel 4 0 4 0 0 0$/m, 'and panels that exchanged their names');
is( $node->safe_psql($db, q{
		SELECT f.name, f.amperage, p.name, r.name, l.name FROM powerpanel.power_feed f JOIN powerpanel.power_panel p ON p.id = f.power_panel_id
		JOIN powerpanel.rack r ON r.id = f.rack_id JOIN powerpanel.location l ON l.id = r.location_id
		WHERE f.custom_fields @> '{"netbox": {"id": 1}}'}),
	'renamed|32|Panel 4|R101|Row 2', '... all as NetBox has it now');
$node->safe_psql(
	$db, q{
	SET search_path = "Net""Box $$ 4.2";
	DELETE FROM dcim_cabletermination WHERE cable_id = 61;
	UPDATE dcim_powerport SET cable_id = NULL WHERE cable_id = 61;
	UPDATE dcim_poweroutlet SET cable_id = NULL WHERE cable_id = 61;
	DELETE FROM dcim_cable WHERE id = 61});
like(import($db, q{'"Net""Box $$ 4.2"'}), qr/^cable 107 0 0 25 82 1$/m, 'a cable that vanished is reported');
is( $node->safe_psql($db, q{
		SELECT d FROM powerpanel.import_netbox('"Net""Box $$ 4.2"'), jsonb_array_elements(details) AS d WHERE d ? 'id'}),
	'{"id": 61, "table": "dcim_cable", "object": "cable \"#61\"", "reason": "vanished from NetBox since an earlier import; still here"}',
	'... by name');
is($node->safe_psql($db, 'SELECT count(*) FROM powerpanel.cable'), '26', '... and stays');

# ------------------------------------------- outlets without a power port

$db = netbox('unassigned', q{UPDATE dcim_poweroutlet SET power_port_id = NULL});
$node->safe_psql($db, 'SELECT FROM powerpanel.import_netbox()');
my $unassigned = q{SELECT count(*) FROM powerpanel.power_outlet WHERE power_port_id IS NULL};
is($node->safe_psql($db, $unassigned), '104', 'an outlet without a power port has none here');
my ($one, $all) = split /\|/, $node->safe_psql($db, q{
	SELECT count(*) FILTER (WHERE p.n = 1), count(*) FROM dcim_poweroutlet o
	LEFT JOIN (SELECT device_id, count(*) AS n FROM dcim_powerport GROUP BY device_id) AS p USING (device_id)});
ok($one > 0, 'there are devices of one power port');
is( $node->safe_psql($db, q{
		SELECT sum((d ->> 'objects')::int) FROM powerpanel.import_netbox(assign_outlets => true), jsonb_array_elements(details) AS d
		WHERE object_type = 'power_outlet' AND d ->> 'reason' LIKE '%the only one of their device'}),
	$one, '... which their outlets get on request, and the report tells of each');
is($node->safe_psql($db, $unassigned), $all - $one, '... and no others');
is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', '... a clean audit');

# -------------------------------------------------------- other versions

# NetBox 3.3: without what came later, and with what went
$db = netbox('older', q{
	ALTER TABLE dcim_device RENAME COLUMN role_id TO device_role_id;
	ALTER TABLE dcim_device DROP COLUMN description, DROP COLUMN latitude, DROP COLUMN longitude, DROP COLUMN oob_ip_id,
		DROP COLUMN config_template_id, DROP COLUMN power_port_count, DROP COLUMN power_outlet_count, ALTER COLUMN vc_position TYPE smallint;
	ALTER TABLE dcim_powerpanel DROP COLUMN description, DROP COLUMN comments;
	ALTER TABLE dcim_powerfeed DROP COLUMN description, DROP COLUMN tenant_id;
	ALTER TABLE dcim_poweroutlet DROP COLUMN color, ALTER COLUMN feed_leg TYPE varchar(50) USING coalesce(feed_leg, '');
	ALTER TABLE dcim_powerport ALTER COLUMN maximum_draw TYPE smallint, ALTER COLUMN allocated_draw TYPE smallint;
	ALTER TABLE dcim_cable DROP COLUMN description, DROP COLUMN comments;
	ALTER TABLE dcim_cabletermination DROP COLUMN created, DROP COLUMN last_updated;
	ALTER TABLE dcim_location DROP COLUMN facility;
	ALTER TABLE dcim_rack RENAME COLUMN form_factor TO type;
	ALTER TABLE dcim_rack DROP COLUMN rack_type_id, DROP COLUMN airflow, DROP COLUMN description, DROP COLUMN starting_unit, DROP COLUMN weight;
	ALTER TABLE dcim_rack ADD COLUMN _name varchar(100) NOT NULL DEFAULT '';
	DELETE FROM django_migrations WHERE app = 'dcim' AND name >= '0165'});
is(import($db, ''), $first, 'a NetBox in the shape of 3.3');
$db = netbox('bare', 'DROP TABLE dcim_devicetype, dcim_manufacturer, dcim_virtualchassis, django_migrations CASCADE');
is(import($db, ''), $first, 'one without the tables that only names are taken from');
$db = netbox('old', 'DROP TABLE dcim_cabletermination CASCADE');
like(refusal($db, 'SELECT powerpanel.import_netbox()'), qr/ERROR:  22023: the NetBox in schema "public" is older than version 3\.3/, 'one that is too old');
like(refusal($db, q{SELECT powerpanel.import_netbox('powerpanel')}), qr/ERROR:  22023: schema "powerpanel" holds no NetBox/, 'none at all');

# ------------------------------------------------------------ what is refused

$db = netbox('refused', q{
	UPDATE dcim_powerport SET allocated_draw = 500 WHERE id = 1;		-- maximum is 150
	INSERT INTO dcim_rack SELECT (jsonb_populate_record(r, '{"id": 900}')).* FROM dcim_rack r WHERE id = 41;
	UPDATE dcim_site SET region_id = 10 WHERE id = 1;					-- to Europe, and a panel with it
	UPDATE dcim_powerpanel SET site_id = 1 WHERE id = 1;				-- the racks on it stay in America
	UPDATE dcim_powerpanel SET location_id = 1 WHERE id = 2;			-- racks in Row 2 are on it: all right
	UPDATE dcim_powerfeed SET voltage = -48 WHERE id = 5;
	UPDATE dcim_site SET name = ' ' WHERE id = 2;
	UPDATE dcim_powerfeed SET status = 'on standby' WHERE id = 7});
my $empty = rows($db);
my $error = refusal($db, 'SELECT powerpanel.import_netbox()');
like($error, qr/ERROR:  23000: rules refuse \d+ of the 549 objects of the NetBox in schema "public", and nothing was imported/, 'refused as a whole');
like($error, qr/^power port "PSU0" of device ".*" \(dcim_powerport 1\): power_port_draw: /m, '... naming the power port');
like($error, qr/^rack "Plant 1" of site "MDF" \(dcim_rack 900\): rack_location_id_rack_group_id_name_key: /m, '... the rack');
like($error, qr/^power feed ".*" of power panel "Panel 1" of site "DM-NYC" \(dcim_powerfeed \d+\): power_feed_rack_location: /m, '... a feed to another continent');
unlike($error, qr/of power panel "Panel 2"/, '... none into another row');
like($error, qr/^power feed "P1-3A" of power panel "Panel 1" of site "DM-NYC" \(dcim_powerfeed 5\): power_feed_voltage: /m, '... the feed of -48 V AC');
like($error, qr/(DETAIL:  |^)site " " \(dcim_site 2\): location_name: /m, '... the site without name');
like($error, qr/^rack "Comms closet" of site " " \(dcim_rack 1\): rack_location_id_fkey: it needs site " " \(dcim_site 2\), which is left out/m, '... and the rack in it');
like($error, qr/^HINT:  .*keep_going => true/m, '... with the way out');
is(rows($db), $empty, '... and nothing is left behind');

is( $node->safe_psql($db, q{
		SELECT bool_and(objects_read = taken + left_out AND taken = inserted + updated + unchanged), sum(objects_read) FROM powerpanel.import_netbox(keep_going => true)}),
	't|551', 'the others are imported on demand');
is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', '... and the audit is clean');
is( $node->safe_psql($db, q{
		SELECT (SELECT count(*) FROM powerpanel.location WHERE custom_fields ? 'netbox') + (SELECT count(*) FROM powerpanel.rack) + (SELECT count(*) FROM powerpanel.device)
			+ (SELECT count(*) FROM powerpanel.power_panel) + (SELECT count(*) FROM powerpanel.power_feed) + (SELECT count(*) FROM powerpanel.power_port)
			+ (SELECT count(*) FROM powerpanel.power_outlet) + (SELECT count(*) FROM powerpanel.cable)
			+ (SELECT count(*) FROM powerpanel.import_netbox(keep_going => true), jsonb_array_elements(details) AS d WHERE d ? 'rule') + 82}),
	'549', '... each object is here, or named with its rule, or no power cable');
is( $node->safe_psql($db, q{SELECT name, energized FROM powerpanel.feed_status WHERE name = 'on standby'}),
	'on standby|f', 'a status that only NetBox has is taken, without power');

# In NetBox all is well again: the rest follows.
$node->safe_psql(
	$db, q{
	UPDATE dcim_powerport SET allocated_draw = 50 WHERE id = 1;
	DELETE FROM dcim_rack WHERE id = 900;
	UPDATE dcim_powerpanel SET site_id = 21 WHERE id = 1;
	UPDATE dcim_powerfeed SET voltage = 230 WHERE id = 5;
	UPDATE dcim_site SET name = 'Akron' WHERE id = 2});
is($node->safe_psql($db, 'SELECT sum(left_out), sum(vanished) FROM powerpanel.import_netbox()'), '82|0', 'corrected in NetBox, all is taken');
is($node->safe_psql($db, 'SELECT count(*) FROM powerpanel.power_feed'), '48', '... every feed');

# ---------------------------------------------------------- ordinary users

$db = netbox('granted', q{
	CREATE ROLE importer;
	GRANT USAGE ON SCHEMA powerpanel TO importer;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO importer});
like(refusal($db, 'SET ROLE importer; SELECT powerpanel.import_netbox()'), qr/ERROR:  42501: permission denied for table /, 'it reads with the rights of the one who calls it');
$node->safe_psql($db, 'GRANT SELECT ON ALL TABLES IN SCHEMA public TO importer');
is(import($db, '', 'SET ROLE importer;'), $first, 'and needs no others');

done_testing();
