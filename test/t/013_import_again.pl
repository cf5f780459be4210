# An import that is run again: a dry run changes nothing and says the same; what
# vanished from the tool is told, and deleted on request; and what the tool cannot
# know is never overwritten, column by column.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $test = "$FindBin::RealBin/..";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => ['--encoding=UTF8']);
# An open transaction is a prepared one, which needs no session.
$node->append_conf('postgresql.conf', 'max_prepared_transactions = 5');
$node->start;

my $k = q{CREATE FUNCTION k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$SELECT md5('nautobot ' || $1)::uuid$$};
my %files = (netbox => ["$test/netbox/small.sql"], nautobot => [ "$test/nautobot/schema.sql", "$test/nautobot/inventory.sql" ]);
foreach my $tool (sort keys %files)
{
	$node->safe_psql('postgres', "CREATE DATABASE pristine_$tool TEMPLATE template0");
	$node->command_ok(
		[ 'psql', '-X', '-q', '-1', '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, '-d', $node->connstr("pristine_$tool"),
			(map { ('-f', $_) } @{ $files{$tool} }), '-c', 'CREATE EXTENSION powerpanel', '-c', $k ],
		"a $tool");
}

sub database
{
	my ($db, $tool, $change) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $db TEMPLATE pristine_$tool");
	$node->safe_psql($db, $change) if $change;
	return $db;
}

# All that an import says.
sub report
{
	my ($db, $tool, $arguments, $before) = @_;
	return $node->safe_psql($db, ($before // '') . qq{SELECT * FROM powerpanel.import_$tool($arguments)});
}

# What it says of some kinds: read, inserted, updated, unchanged, left out, vanished, deleted.
sub counts
{
	my ($db, $tool, $arguments) = @_;
	return $node->safe_psql($db, qq{
		SELECT concat_ws(' ', object_type, objects_read, inserted, updated, unchanged, left_out, vanished, deleted)
		FROM powerpanel.import_$tool($arguments) WHERE vanished > 0 OR deleted > 0});
}

# ... and of objects that vanished
sub vanished
{
	my ($db, $tool, $arguments) = @_;
	return $node->safe_psql($db, qq{
		SELECT concat_ws(': ', d ->> 'object', d ->> 'rule', d ->> 'reason')
		FROM powerpanel.import_$tool($arguments), jsonb_array_elements(details) AS d WHERE d ->> 'reason' ~ 'vanished'});
}

sub refusal
{
	my ($db, $statement) = @_;
	my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\n$statement");
	return $err;
}

my @tables = split /\n/, $node->safe_psql('pristine_netbox', q{
	SELECT c.relname FROM pg_class c JOIN pg_depend d ON d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e'
	JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'powerpanel'
	WHERE c.relkind = 'r' AND c.oid = ANY (e.extconfig) AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'name' OR c.relname = 'cable')
	ORDER BY 1});
is("@tables", 'cable device feed_status location power_bank power_feed power_outlet power_panel power_port rack rack_group', 'the tables of the inventory');

# Every row, with the version of it that is in the table: an update that changes
# no column would show.
sub rows
{
	my ($db) = @_;
	return $node->safe_psql($db, join ' UNION ALL ', map { "SELECT concat_ws(' ', '$_', t.ctid, t.xmin, t::text) FROM powerpanel.$_ t" } @tables);
}

# ------------------------------------ what the tool cannot know, by column

# Columns that an import writes. All others have to be in %own.
my %written = (
	netbox => {
		location => 'name parent_id', rack => 'name location_id', device => 'name rack_id', power_panel => 'name location_id comments',
		power_feed => 'name power_panel_id rack_id status type supply phase voltage amperage max_utilization comments',
		power_port => 'name device_id maximum_draw allocated_draw', power_outlet => 'name device_id power_port_id feed_leg',
		cable => 'power_feed_id power_outlet_id power_port_id label' },
	nautobot => {
		location => 'name parent_id', rack_group => 'name location_id', rack => 'name location_id rack_group_id', device => 'name rack_id',
		power_panel => 'name location_id rack_group_id panel_type circuit_positions power_path',
		power_feed => 'name power_panel_id destination_panel_id rack_id status type power_path supply phase voltage amperage max_utilization comments'
			. ' breaker_position breaker_pole_count',
		power_port => 'name device_id maximum_draw allocated_draw power_factor', power_outlet => 'name device_id power_port_id feed_leg',
		cable => 'power_feed_id power_outlet_id power_port_id label' });
# These follow others.
my %derived = (power_feed => 'occupied_positions phase_designation available_power');

# What somebody sets here: table, row, columns.
my $panel = { numbering => q{'sequential'}, bus => q{'three-phase'}, voltage => 400, main_breaker_amperage => 250, max_utilization => 70 };
my %own = (
	netbox => [
		[ rack_group => undef, { name => q{'Own row'}, location_id => q{(SELECT id FROM powerpanel.location WHERE name = 'DC1')} } ],
		[ rack => 'R1', { rack_group_id => q{(SELECT id FROM powerpanel.rack_group)}, power_limit => 9000 } ],
		[ device => 'srv-1', { needed_ports => 2 } ],
		[ power_panel => 'RPP-1', { %$panel, rack_group_id => q{(SELECT id FROM powerpanel.rack_group)}, panel_type => q{'rpp'}, circuit_positions => 42,
			power_path => q{'b'} } ],
		[ power_panel => 'RPP-2', { bus => q{'split-phase'} } ],
		[ power_feed => 'F1', { breaker_position => 4, breaker_pole_count => 3, power_path => q{'c'}, receptacles => 3 } ],
		[ power_feed => 'House', { destination_panel_id => q{(SELECT id FROM powerpanel.power_panel WHERE name = 'House')}, breaker_position => 10 } ],
		[ power_feed => 'Lights', { connected_load => 700 } ],
		[ power_port => 'PSU 1', { power_factor => 0.87 } ],
		[ power_bank => undef, { name => q{'B1'}, device_id => q{(SELECT id FROM powerpanel.device WHERE name = 'pdu-1')},
			power_port_id => q{(SELECT id FROM powerpanel.power_port WHERE name = 'Inlet 1')}, amperage => 20, max_utilization => 75, feed_leg => q{'B-C'} } ],
		[ power_outlet => 'Outlet 1', { alternate_power_port_id => q{(SELECT id FROM powerpanel.power_port p WHERE p.name = 'Inlet 2' AND p.device_id = t.device_id)} } ],
		[ power_outlet => 'Outlet 3', { power_port_id => q{(SELECT power_port_id FROM powerpanel.power_bank)}, power_bank_id => q{(SELECT id FROM powerpanel.power_bank)} } ],
		[ power_outlet => 'Outlet 4', { power_port_id => q{(SELECT id FROM powerpanel.power_port WHERE name = 'Inlet 2')},
			alternate_power_port_id => q{(SELECT id FROM powerpanel.power_port WHERE name = 'Inlet 1')} } ],
		[ feed_status => 'failed', { energized => 'true' } ] ],
	nautobot => [
		[ rack => 'R101', { power_limit => 9000 } ],
		[ device => 'srv-1', { needed_ports => 2 } ],
		[ power_panel => 'House', { %$panel, numbering => q{'sequential'}, bus => q{'single-phase'}, comments => q{'by the door'} } ],
		[ power_panel => 'RPP-A1', { %$panel, numbering => q{'across'} } ],
		[ power_feed => 'R101-A', { receptacles => 4 } ],
		[ power_feed => 'Lights', { connected_load => 700 } ],
		[ power_port => undef, { name => q{'Second inlet'}, device_id => q{k('PDU-101-A')} } ],
		[ power_bank => undef, { name => q{'B1'}, device_id => q{k('PDU-101-A')}, power_port_id => q{k('PDU-101-A inlet')},
			amperage => 20, max_utilization => 75, feed_leg => q{'B-C'} } ],
		[ power_outlet => 'Outlet 1', { alternate_power_port_id => q{(SELECT id FROM powerpanel.power_port p WHERE p.name = 'Second inlet' AND p.device_id = t.device_id)} } ],
		[ power_outlet => 'Outlet 3', { power_bank_id => q{(SELECT id FROM powerpanel.power_bank b WHERE b.device_id = t.device_id)} } ],
		[ feed_status => 'Maintenance', { energized => 'true' } ] ]);

# Everything in the tool changes, so that every row is written: first the names, so
# that all let go of theirs; then places, and the inlets of outlets.
my %changes = (
	netbox => [
		join(';', map { "UPDATE dcim_$_ SET name = name || ' II', custom_field_data = '{\"checked\": true}'" }
			qw(region site location rack device powerpanel powerfeed powerport poweroutlet)) . q{; UPDATE dcim_cable SET label = label || ' II'},
		q{UPDATE dcim_rack SET location_id = 3 - location_id; UPDATE dcim_powerpanel SET location_id = 1;
		UPDATE dcim_poweroutlet SET power_port_id = 1 WHERE id = 4; UPDATE dcim_powerport SET allocated_draw = 150 WHERE id > 3;
		UPDATE dcim_powerfeed SET amperage = amperage - 1; UPDATE dcim_poweroutlet SET power_port_id = 2 WHERE id = 2} ],
	nautobot => [
		join(';', map { "UPDATE dcim_$_ SET name = name || ' II', _custom_field_data = '{\"checked\": true}'" }
			qw(location rackgroup rack device powerpanel powerfeed powerport poweroutlet)) . q{; UPDATE dcim_cable SET label = label || ' II'},
		q{UPDATE dcim_rack SET rack_group_id = NULL; UPDATE dcim_powerpanel SET panel_type = 'panelboard', power_path = '';
		UPDATE dcim_powerport SET allocated_draw = allocated_draw - 1, power_factor = 0.77;
		UPDATE dcim_powerfeed SET amperage = amperage - 1, breaker_position = breaker_position + 6 WHERE power_panel_id IN (k('RPP-A1'), k('RPP-B1'))} ]);
# Outlet 4 of the NetBox gets its alternate inlet as the first one, which a rule refuses.
my %refused = (netbox => 'power outlet "Outlet 4 II" of device "pdu-1 II": power_outlet_alternate', nautobot => '');

foreach my $tool (qw(netbox nautobot))
{
	my $db = database("columns_$tool", $tool);
	report($db, $tool, '');

	my %set;
	foreach my $entry (@{ $own{$tool} })
	{
		my ($table, $name, $columns) = @$entry;
		my @columns = sort keys %$columns;
		my @values = map { $columns->{$_} } @columns;
		$set{$table}{$_} = 1 for @columns;
		$node->safe_psql($db, $name
			? "UPDATE powerpanel.$table t SET (" . join(', ', @columns) . ') = ROW (' . join(', ', @values) . ") WHERE name = '$name'"
			: "INSERT INTO powerpanel.$table (" . join(', ', @columns) . ') VALUES (' . join(', ', @values) . ')');
	}
	$node->safe_psql($db, join ';', map { "UPDATE powerpanel.$_ SET custom_fields = custom_fields || '{\"own\": {\"door\": \"left\"}}'" } grep { $_ ne 'feed_status' } @tables);

	# is each column somebody's?
	my @nobodys;
	my %kept;
	foreach my $table (@tables)
	{
		my %of_tool = map { $_ => 1 } split / /, $written{$tool}{$table} // '';
		my %follows = map { $_ => 1 } split / /, $derived{$table} // '';
		foreach my $column (split /\n/, $node->safe_psql($db, "SELECT attname FROM pg_attribute WHERE attrelid = 'powerpanel.$table'::regclass AND attnum > 0
			AND NOT attisdropped AND attname <> 'id' AND attname <> 'custom_fields' ORDER BY attnum"))
		{
			next if $of_tool{$column} || $follows{$column} || ($table eq 'feed_status' && $column eq 'name');
			push @nobodys, "$table.$column" if !$set{$table}{$column};
			push @{ $kept{$table} }, $column;
		}
	}
	is("@nobodys", '', "$tool: every column is the tool's, or has a value here that the tool cannot know");
	my $changed = $node->safe_psql($db, join ' UNION ALL ', map { my $t = $_; map {
			"SELECT '$t.$_' WHERE NOT EXISTS (SELECT FROM powerpanel.$t t WHERE t.$_ IS DISTINCT FROM ("
			. "SELECT v.$_ FROM jsonb_populate_record(NULL::powerpanel.$t, '{\"numbering\": \"across\", \"bus\": \"three-phase\", \"receptacles\": 1, \"power_factor\": 0.95, \"max_utilization\": 100, \"energized\": false}') v))"
			} @{ $kept{$t} } } grep { $kept{$_} } sort keys %kept);
	is($changed, '', '... and another than it has of itself');

	my $kept = sub {
		return $node->safe_psql($db, join ' UNION ALL ', map {
			"(SELECT concat_ws(' ', " . join(', ', "'$_'", $_ eq 'feed_status' ? 'name' : "t.id, t.custom_fields - '$tool'",
				map { "coalesce(t.$_\::text, '-')" } @{ $kept{$_} // [] }) . ") FROM powerpanel.$_ t ORDER BY 1)" } @tables);
	};
	my $before = $kept->();
	is(counts($db, $tool, ''), '', "$tool: a second import");
	is( $node->safe_psql($db, "SELECT sum(inserted), sum(updated), sum(deleted) FROM powerpanel.import_$tool()"), '0|0|0', '... changes nothing');
	is($kept->(), $before, '... indeed');
	foreach my $change (@{ $changes{$tool} })
	{
		$node->safe_psql($db, $change);
		my $said = $node->safe_psql($db, qq{
			SELECT concat_ws(': ', d ->> 'object', d ->> 'rule') FROM powerpanel.import_$tool(keep_going => true), jsonb_array_elements(details) AS d WHERE d ? 'rule'});
		is($said, $change =~ /II/ ? '' : $refused{$tool}, "$tool: all that it has changed");
		is($kept->(), $before, '... and nothing that it cannot know');
		is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', '... a clean audit');
	}
	ok($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.location WHERE name !~ ' II$'}) == 0, '... it was really written');
}

# ---------------------------------------------------------------- a dry run

my %before_dry = (
	netbox => q{
		UPDATE dcim_powerpanel SET name = CASE id WHEN 1 THEN 'RPP-2' WHEN 2 THEN 'RPP-1' ELSE name END;
		UPDATE dcim_powerfeed SET status = 'on trial' WHERE id = 4; DELETE FROM dcim_device WHERE id = 4;
		DELETE FROM dcim_powerport WHERE device_id = 4; DELETE FROM dcim_cabletermination WHERE cable_id = 5; DELETE FROM dcim_cable WHERE id = 5;
		INSERT INTO dcim_rack VALUES (3, 'R3', 1, 1)},
	nautobot => q{
		UPDATE dcim_powerfeed SET breaker_position = 22 WHERE id = k('RPP-A1 R102-A'); DELETE FROM dcim_powerfeed WHERE id = k('House Lights');
		UPDATE extras_status SET name = 'On trial' WHERE name = 'Maintenance';
		INSERT INTO dcim_rackgroup SELECT (jsonb_populate_record(g, jsonb_build_object('id', k('Row 9'), 'name', 'Row 9'))).* FROM dcim_rackgroup g WHERE id = k('Row 1')});
foreach my $tool (qw(netbox nautobot))
{
	my $db = database("dry_$tool", $tool);
	my $empty = rows($db);
	my $dry = report($db, $tool, 'dry_run => true');
	is(rows($db), $empty, "$tool: a dry run brings nothing");
	is(report($db, $tool, ''), $dry, '... and says what the import does');
	$node->safe_psql($db, $before_dry{$tool});
	my $before = rows($db);
	foreach my $arguments ('', 'delete_vanished => true', 'keep_going => true, assign_outlets => true, delete_vanished => true')
	{
		$dry = report($db, $tool, join ', ', grep { $_ } $arguments, 'dry_run => true');
		is(rows($db), $before, "$tool: a dry run ($arguments) changes nothing, no version of a row either");
		is($node->safe_psql($db, "BEGIN; SELECT * FROM powerpanel.import_$tool($arguments); ROLLBACK"), $dry, '... and says what the import does');
		ok($dry =~ /\|[1-9]\d*\|0\|\d+\|0\|/ && $dry =~ /vanished/, '... which is something');
	}
	# Nothing is left of it in its transaction: no temporary table, no setting of constraints, no lock but on what it asks for here.
	is( $node->safe_psql($db, qq{
			CREATE TEMP TABLE shown AS SELECT 1;
			BEGIN; SET CONSTRAINTS ALL DEFERRED;
			CREATE TEMP TABLE held AS SELECT relation FROM pg_locks WHERE pid = pg_backend_pid() AND relation IS NOT NULL;
			SELECT count(*) FROM powerpanel.import_$tool(delete_vanished => true, dry_run => true);
			SELECT DISTINCT relation::regclass, mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
				WHERE pid = pg_backend_pid() AND c.relnamespace = ANY ('{public,powerpanel}'::regnamespace[]);
			SELECT relname FROM pg_class WHERE relname LIKE 'powerpanel\\_%' AND relpersistence = 't' AND pg_table_is_visible(oid);
			SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND locktype IN ('object', 'advisory', 'tuple') AND classid <> 'pg_namespace'::regclass AND objid <> 'held'::regtype;
			COMMIT}) =~ s/\A\d+\n//r, '0', "$tool: a dry run holds no lock once it is done, and leaves nothing in its transaction");
	is( refusal($db, "SELECT 1 FROM powerpanel.import_$tool(dry_run => NULL)") =~ s/\n.*//sr,
		'psql:<stdin>:2: ERROR:  22004: argument "dry_run" must not be NULL', '... and NULL is none');
	is( refusal($db, "SELECT 1 FROM powerpanel.import_$tool(delete_vanished => NULL)") =~ s/\n.*//sr,
		'psql:<stdin>:2: ERROR:  22004: argument "delete_vanished" must not be NULL', '... nor of another argument');
	is(rows($db), $before, '... indeed');

	# What the import refuses, a dry run refuses.
	$node->safe_psql($db, q{UPDATE dcim_powerport SET allocated_draw = 9999 WHERE allocated_draw > 0});
	my $error = refusal($db, "SELECT powerpanel.import_$tool(dry_run => true)");
	like($error, qr/ERROR:  23000: rules refuse \d+ of the \d+ objects.* power_port_draw: /s, "$tool: what the import refuses, a dry run refuses");
	is(refusal($db, "SELECT powerpanel.import_$tool()") =~ s/ \(_\d+\)//gr, $error, '... in the same words');
	$dry = report($db, $tool, 'keep_going => true, dry_run => true');
	is(rows($db), $before, '... and changes nothing');
	is(report($db, $tool, 'keep_going => true'), $dry, '... and with keep_going tells, as the import does');
}

# ---------------------------------------------------------------- what vanished

# NetBox: a row of racks is cleared out.
my $db = database('cleared', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, q{
	DELETE FROM dcim_cabletermination WHERE cable_id IN (1, 3, 4, 5); DELETE FROM dcim_cable WHERE id IN (1, 3, 4, 5);
	DELETE FROM dcim_poweroutlet WHERE device_id IN (1, 3); DELETE FROM dcim_powerport WHERE device_id IN (1, 3);
	DELETE FROM dcim_device WHERE id IN (1, 3);
	DELETE FROM dcim_powerfeed WHERE power_panel_id IN (1, 3); DELETE FROM dcim_powerpanel WHERE id IN (1, 3);
	UPDATE dcim_powerfeed SET rack_id = NULL; UPDATE dcim_device SET rack_id = 2 WHERE rack_id = 1; DELETE FROM dcim_rack WHERE id = 1;
	UPDATE dcim_rack SET location_id = 3; UPDATE dcim_powerpanel SET location_id = NULL; DELETE FROM dcim_location WHERE id = 1});
my $told = vanished($db, 'netbox', '');
is( $told, q{location "Row A": vanished from NetBox since an earlier import; still here
rack "R1": vanished from NetBox since an earlier import; still here
device "pdu-1": vanished from NetBox since an earlier import; still here
device "srv-1": vanished from NetBox since an earlier import; still here
power panel "RPP-1": vanished from NetBox since an earlier import; still here
power panel "House": vanished from NetBox since an earlier import; still here
power feed "F1": vanished from NetBox since an earlier import; still here
power feed "House": vanished from NetBox since an earlier import; still here
power feed "Lights": vanished from NetBox since an earlier import; still here
power port "Inlet 1": vanished from NetBox since an earlier import; still here
power port "Inlet 2": vanished from NetBox since an earlier import; still here
power port "PSU 1": vanished from NetBox since an earlier import; still here
power port "PSU 2": vanished from NetBox since an earlier import; still here
power outlet "Outlet 1": vanished from NetBox since an earlier import; still here
power outlet "Outlet 2": vanished from NetBox since an earlier import; still here
power outlet "Outlet 3": vanished from NetBox since an earlier import; still here
power outlet "Outlet 4": vanished from NetBox since an earlier import; still here
cable "C-1": vanished from NetBox since an earlier import; still here
cable "#3": vanished from NetBox since an earlier import; still here
cable "#4": vanished from NetBox since an earlier import; still here
cable "#5": vanished from NetBox since an earlier import; still here}, 'what vanished is told, and stays');

# Somebody has put things of his own there.
$node->safe_psql($db, q{
	SET search_path = powerpanel;
	INSERT INTO power_bank (name, device_id, power_port_id, amperage) SELECT 'B1', device_id, id, 20 FROM power_port WHERE name = 'Inlet 1';
	UPDATE power_outlet SET power_bank_id = (SELECT id FROM power_bank) WHERE name = 'Outlet 2' AND power_port_id = (SELECT power_port_id FROM power_bank);
	INSERT INTO power_outlet (name, device_id, power_port_id, alternate_power_port_id)
		SELECT 'Own', p.device_id, p.id, q.id FROM power_port p JOIN power_port q USING (device_id) WHERE p.name = 'Inlet 1' AND q.name = 'Inlet 2';
	INSERT INTO power_port (name, device_id) SELECT 'Own PSU', id FROM device WHERE name = 'srv-2';
	INSERT INTO cable (power_outlet_id, power_port_id) SELECT o.id, p.id FROM power_outlet o, power_port p WHERE o.name = 'Own' AND p.name = 'Own PSU';
	INSERT INTO power_feed (name, power_panel_id, status) SELECT 'Own feed', id, 'active' FROM power_panel WHERE name = 'RPP-1';
	INSERT INTO device (name, rack_id) SELECT 'Own server', id FROM rack WHERE name = 'R1'});
my $before = rows($db);
my $error = refusal($db, q{SELECT powerpanel.import_netbox(delete_vanished => true)});
like($error, qr/ERROR:  23000: rules refuse 3 of the \d+ objects of the NetBox in schema "public", and nothing was imported/, 'what is needed here is not deleted');
like($error, qr/^rack "R1" \(dcim_rack 1\): device_rack_id_fkey: it has vanished from NetBox, and device "Own server" that does not come from this NetBox \(id [0-9a-f-]+\) needs it$/m,
	'... a rack with a device of somebody else');
like($error, qr/(DETAIL:  |^)location "Row A" \(dcim_location 1\): rack_location_id_fkey: it has vanished from NetBox, and rack "R1" \(dcim_rack 1\), which has vanished from NetBox since an earlier import, needs it$/m,
	'... and the location of that rack');
like($error, qr/^power panel "RPP-1" \(dcim_powerpanel 1\): power_feed_power_panel_id_fkey: it has vanished from NetBox, and power feed "Own feed" that does not come/m, '... a panel with a feed of somebody else');
like($error, qr/^HINT:  Correct them in NetBox, take away here what needs something that has vanished, or import the others with keep_going => true/m, '... with the way out');
is(rows($db), $before, '... and nothing is changed');
my $dry = report($db, 'netbox', 'keep_going => true, delete_vanished => true, dry_run => true');
is(report($db, 'netbox', 'keep_going => true, delete_vanished => true'), $dry, 'with keep_going the others are deleted, as the dry run said');
like($dry, qr/^\Qdevice|2|2|0|\E\d\|\d\|0\|2\|2\|/m, '... counted');
like($dry, qr/\Qdeleted here, and with it cable of power port \"Own PSU\" of device \"srv-2\", power bank \"B1\", power outlet \"Own\"\E"/, '... with all that went along');
is( $node->safe_psql($db, q{SELECT 'rack ' || name FROM powerpanel.rack UNION ALL SELECT 'panel ' || name FROM powerpanel.power_panel
		UNION ALL SELECT 'feed ' || name FROM powerpanel.power_feed UNION ALL SELECT 'device ' || name FROM powerpanel.device
		UNION ALL SELECT 'port ' || name FROM powerpanel.power_port UNION ALL SELECT 'outlet ' || name FROM powerpanel.power_outlet
		UNION ALL SELECT 'location ' || name FROM powerpanel.location UNION ALL SELECT 'bank ' || name FROM powerpanel.power_bank ORDER BY 1}),
	join("\n", 'device Own server', 'device pdu-2', 'device srv-2', 'feed F2', 'feed Own feed', 'location Boxtown', 'location DC1', 'location Hall', 'location Netland',
		'location Row A', 'location Row B', 'outlet Outlet 1', 'outlet Outlet 2', 'panel RPP-1', 'panel RPP-2', 'port Inlet', 'port Own PSU', 'port PSU 1', 'rack R1', 'rack R2'),
	'... and what is kept has its own name');
is(vanished($db, 'netbox', ''), q{location "Row A": vanished from NetBox since an earlier import; still here
rack "R1": vanished from NetBox since an earlier import; still here
power panel "RPP-1": vanished from NetBox since an earlier import; still here}, '... which is told again');
$node->safe_psql($db, q{DELETE FROM powerpanel.power_feed WHERE name = 'Own feed'; DELETE FROM powerpanel.device WHERE name = 'Own server'});
is( vanished($db, 'netbox', 'delete_vanished => true'), q{location "Row A": vanished from NetBox since an earlier import; deleted here
rack "R1": vanished from NetBox since an earlier import; deleted here
power panel "RPP-1": vanished from NetBox since an earlier import; deleted here}, 'once nothing needs it, the rest goes');
is(vanished($db, 'netbox', ''), '', '... for good');
is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', '... a clean audit');

# Nautobot: things were deleted and made anew, under the same names and at the same places.
$db = database('anew', 'nautobot');
report($db, 'nautobot', '');
sub anew
{
	my ($table, $key, $changes) = @_;
	return qq{UPDATE $table SET name = name || ' old' WHERE id = k('$key');
		INSERT INTO $table SELECT (jsonb_populate_record(t, jsonb_build_object('id', k('new $key'), 'name', left(t.name, -4))@{[ $changes ? " || $changes" : '' ]})).* FROM $table t WHERE t.id = k('$key')};
}
$node->safe_psql($db, join ";\n", 'BEGIN', 'SET session_replication_role = replica',
	# a panel with its feeds, of which one goes on to another panel and two are cabled
	anew('dcim_powerpanel', 'MDP'), (map { anew('dcim_powerfeed', $_, q{jsonb_build_object('power_panel_id', k('new MDP'))}) } 'MDP UPS-A', 'MDP UPS-B'),
	q{UPDATE dcim_powerfeed SET destination_panel_id = k('new MDP') WHERE destination_panel_id = k('MDP')},
	q{DELETE FROM dcim_powerfeed WHERE power_panel_id = k('MDP'); DELETE FROM dcim_powerpanel WHERE id = k('MDP')},
	# a rack group with a rack of it, and the rack's feeds
	anew('dcim_rackgroup', 'Row 1'), anew('dcim_rack', 'R101', q{jsonb_build_object('rack_group_id', k('new Row 1'), 'facility_id', NULL)}),
	q{UPDATE dcim_rack SET rack_group_id = k('new Row 1') WHERE rack_group_id = k('Row 1')},
	q{UPDATE dcim_rackgroup SET parent_id = k('new Row 1') WHERE parent_id = k('Row 1')},
	q{UPDATE dcim_device SET rack_id = k('new R101') WHERE rack_id = k('R101'); UPDATE dcim_powerfeed SET rack_id = k('new R101') WHERE rack_id = k('R101')},
	q{DELETE FROM dcim_rack WHERE id = k('R101'); DELETE FROM dcim_rackgroup WHERE id = k('Row 1')},
	# an inlet, with the outlets behind it and its cable
	anew('dcim_powerport', 'PDU-102-A inlet'),
	q{UPDATE dcim_poweroutlet SET power_port_id = k('new PDU-102-A inlet') WHERE power_port_id = k('PDU-102-A inlet');
	UPDATE dcim_cable SET termination_a_id = k('new PDU-102-A inlet') WHERE termination_a_id = k('PDU-102-A inlet');
	UPDATE dcim_cable SET termination_b_id = k('new PDU-102-A inlet') WHERE termination_b_id = k('PDU-102-A inlet');
	DELETE FROM dcim_powerport WHERE id = k('PDU-102-A inlet')},
	# a location that contains another
	anew('dcim_location', 'Data Hall 1'),
	(map { "UPDATE $_ SET " . (/dcim_location/ ? 'parent_id' : 'location_id') . q{ = k('new Data Hall 1') WHERE } . (/dcim_location/ ? 'parent_id' : 'location_id') . q{ = k('Data Hall 1')} }
		qw(dcim_location dcim_rackgroup dcim_rack dcim_powerpanel dcim_device)),
	q{DELETE FROM dcim_location WHERE id = k('Data Hall 1')}, 'COMMIT');
$before = rows($db);
like(refusal($db, 'SELECT powerpanel.import_nautobot()'), qr/^power panel "MDP" of location "DC1" \(dcim_powerpanel [0-9a-f-]+\): power_panel_location_id_name_key: power panel "MDP" \(dcim_powerpanel [0-9a-f-]+\), which has vanished from Nautobot since an earlier import, has this name here already$/m,
	'what was made anew is in the way of what vanished');
is(rows($db), $before, '... and nothing is changed');
is( counts($db, 'nautobot', 'delete_vanished => true'), q{location 6 1 1 4 0 1 1
rack_group 3 1 1 1 0 1 1
rack 4 1 3 0 0 1 1
power_panel 9 1 2 6 0 1 1
power_feed 15 2 3 10 0 3 3
power_port 17 1 0 15 1 1 1}, '... unless what vanished is deleted');
is( $node->safe_psql($db, q{
		SELECT (SELECT array_agg(name ORDER BY name) FROM powerpanel.power_panel) = (SELECT array_agg(name::text ORDER BY name) FROM dcim_powerpanel),
			(SELECT array_agg((id, power_panel_id, destination_panel_id, rack_id, breaker_position) ORDER BY id) FROM powerpanel.power_feed)
				= (SELECT array_agg((id, power_panel_id, destination_panel_id, rack_id, breaker_position) ORDER BY id) FROM dcim_powerfeed),
			(SELECT array_agg((id, name, location_id, rack_group_id) ORDER BY id) FROM powerpanel.rack) = (SELECT array_agg((id, name::text, location_id, rack_group_id) ORDER BY id) FROM dcim_rack),
			(SELECT array_agg((id, name, parent_id) ORDER BY id) FROM powerpanel.location) = (SELECT array_agg((id, name::text, parent_id) ORDER BY id) FROM dcim_location),
			(SELECT array_agg((id, power_port_id) ORDER BY id) FROM powerpanel.power_outlet) = (SELECT array_agg((id, power_port_id) ORDER BY id) FROM dcim_poweroutlet)}),
	't|t|t|t|t', '... and all is as in Nautobot');
is( $node->safe_psql($db, q{SELECT sum(inserted), sum(updated), sum(vanished), sum(deleted) FROM powerpanel.import_nautobot(delete_vanished => true)}), '0|0|0|0', '... a further import changes nothing');
is($node->safe_psql($db, q{SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', '... a clean audit');

# The end of a cable is no key: NetBox may still have one at a port that it has no longer.
$db = database('dangling', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, q{DELETE FROM dcim_powerport WHERE id = 5});
is( vanished($db, 'netbox', ''), 'power port "PSU 2": vanished from NetBox since an earlier import; still here', 'a port with a cable at it');
like(refusal($db, 'SELECT powerpanel.import_netbox(delete_vanished => true)'), qr/(DETAIL:  |^)cable "#4" \(dcim_cable 4\): cable_power_port_id_fkey: it refers to a power port that is not in NetBox$/m,
	'... a cable that would go with it is refused as if it were new');
is( $node->safe_psql($db, q{SELECT concat_ws(' ', object_type, left_out, vanished, deleted, jsonb_path_query_array(details, '$[*] ? (exists (@.id))')) FROM powerpanel.import_netbox(keep_going => true, delete_vanished => true)
		WHERE object_type IN ('power_port', 'cable')}),
	q{power_port 0 1 1 [{"id": 5, "table": "dcim_powerport", "object": "power port \"PSU 2\"", "reason": "vanished from NetBox since an earlier import; deleted here, and with it cable of power port \"PSU 2\" of device \"srv-1\""}]
cable 1 0 1 [{"id": 4, "rule": "cable_power_port_id_fkey", "table": "dcim_cable", "object": "cable \"#4\"", "reason": "it refers to a power port that is not in NetBox; deleted here, as what it belongs to has vanished"}]},
	'... and told');

# Another NetBox, and things of nobody, have nothing to do with it.
$db = database('others', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, q{UPDATE django_migrations SET applied = applied + interval '1 day'; UPDATE dcim_region SET name = name || ' II';
	DELETE FROM dcim_cabletermination; DELETE FROM dcim_cable});
is(counts($db, 'netbox', 'delete_vanished => true'), '', 'of another NetBox nothing has vanished');
is($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.cable}), '5', '... and nothing is deleted');

# --------------------------------- what somebody else has beside the inventory

# The details of an import, short
sub details
{
	my ($db, $arguments, $before) = @_;
	return $node->safe_psql($db, ($before // '') . qq{
		SELECT concat_ws(': ', d ->> 'object', d ->> 'rule', regexp_replace(d ->> 'reason', '(^vanished from NetBox since an earlier import; )|\\. Key .*', '', 'g'))
		FROM powerpanel.import_netbox($arguments), jsonb_array_elements(details) AS d WHERE d ? 'id'});
}

# A table that refers to cables: one that is plugged elsewhere is the same cable.
$db = database('photos', 'netbox', q{
	INSERT INTO dcim_powerport VALUES (7, 'PSU 2', 4, 300, 200)});
report($db, 'netbox', '');
$node->safe_psql($db, q{
	CREATE TABLE photo (cable_id uuid NOT NULL REFERENCES powerpanel.cable ON DELETE CASCADE, label text);
	INSERT INTO photo SELECT id, label FROM powerpanel.cable;
	-- each goes where the next one was; the last to a free port, and a new one comes after the first
	UPDATE dcim_cabletermination SET termination_id = termination_id + 1 WHERE termination_type_id = 12 AND termination_id BETWEEN 4 AND 6;
	INSERT INTO dcim_cable VALUES (2000, 'late'), (-1, 'early');
	INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES (-1, 'A', 13, 6), (-1, 'B', 12, 4)});
is($node->safe_psql($db, q{SELECT inserted, updated, deleted FROM powerpanel.import_netbox() WHERE object_type = 'cable'}), '1|3|0', 'cables that move one after the other');
is($node->safe_psql($db, q{SELECT count(*) FROM photo}), '5', '... are the same to who refers to them');
is( $node->safe_psql($db, q{SELECT string_agg((c.custom_fields #>> '{netbox,id}') || ' ' || (p.custom_fields #>> '{netbox,id}'), ', ' ORDER BY p.custom_fields #> '{netbox,id}')
		FROM powerpanel.cable c JOIN powerpanel.power_port p ON p.id = c.power_port_id}),
	'1 1, 2 3, -1 4, 3 5, 4 6, 5 7', '... and where NetBox has them');
$node->safe_psql($db, q{UPDATE dcim_cabletermination SET termination_id = 11 - termination_id WHERE termination_type_id = 12 AND termination_id IN (5, 6)});
is( details($db, 'keep_going => true'), q{cable "#3": cable_power_port_id_key: cable "#4" (dcim_cable 4) has this end here already; it stays as an earlier import left it
cable "#4": cable_power_port_id_key: cable "#3" (dcim_cable 3) has this end here already; it stays as an earlier import left it
cable "late": it has no ends},
	'... of two that exchange their ends, neither can be the first');
$node->safe_psql($db, q{UPDATE dcim_cabletermination SET termination_id = 11 - termination_id WHERE termination_type_id = 12 AND termination_id IN (5, 6);
	ALTER TABLE photo DROP CONSTRAINT photo_cable_id_fkey, ADD CONSTRAINT photo_cable FOREIGN KEY (cable_id) REFERENCES powerpanel.cable DEFERRABLE INITIALLY DEFERRED;
	DELETE FROM dcim_cable WHERE id IN (1, 5, 2000); DELETE FROM dcim_cabletermination WHERE cable_id IN (1, 5);
	INSERT INTO dcim_cable VALUES (9, 'instead');
	INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES (9, 'A', 13, 2), (9, 'B', 12, 7)});
my $kept = q{update or delete on table "cable" violates foreign key constraint "photo_cable" on table "photo"};
is( details($db, 'keep_going => true'), qq{cable "instead": cable_power_outlet_id_key: cable "#5" (dcim_cable 5), which has vanished from NetBox since an earlier import, has this end here already
cable "C-1": still here
cable "#5": photo_cable: still here, as $kept}, '... one that a key keeps is told of, and what has its end now is refused');
is( details($db, 'keep_going => true, delete_vanished => true'), qq{cable "instead": cable_power_outlet_id_key: cable "#5" (dcim_cable 5), which has vanished from NetBox since an earlier import, has this end here already
cable "C-1": photo_cable: still here, as $kept
cable "#5": photo_cable: still here, as $kept}, '... also where it is to be deleted');
$node->safe_psql($db, 'DELETE FROM photo');
is(details($db, 'delete_vanished => true'), qq{cable "C-1": deleted here\ncable "#5": deleted here, as another cable has its end now}, '... and goes when nothing keeps it');

# A device that a key keeps, and what a policy or a trigger keeps without an error, has its own name.
$db = database('keepers', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, q{
	CREATE TABLE photo (device_id uuid REFERENCES powerpanel.device);
	INSERT INTO photo SELECT id FROM powerpanel.device WHERE name = 'pdu-2';
	CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
	CREATE TRIGGER keep BEFORE DELETE ON powerpanel.power_feed FOR EACH ROW WHEN (OLD.custom_fields -> 'netbox' ->> 'id' = '4') EXECUTE FUNCTION keep();
	CREATE ROLE importer; GRANT USAGE ON SCHEMA powerpanel TO importer; GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO importer;
	GRANT SELECT ON ALL TABLES IN SCHEMA public TO importer;
	ALTER TABLE powerpanel.rack ENABLE ROW LEVEL SECURITY;
	CREATE POLICY see ON powerpanel.rack FOR SELECT TO importer USING (true); CREATE POLICY change ON powerpanel.rack FOR UPDATE TO importer USING (true);
	UPDATE dcim_device SET rack_id = NULL; DELETE FROM dcim_rack WHERE id = 2; DELETE FROM dcim_powerfeed WHERE id = 4;
	DELETE FROM dcim_device WHERE id = 2; DELETE FROM dcim_powerport WHERE device_id = 2; DELETE FROM dcim_poweroutlet WHERE device_id = 2;
	DELETE FROM dcim_cable WHERE id IN (2, 4); DELETE FROM dcim_cabletermination WHERE cable_id IN (2, 4)});
my $names = join ' UNION ALL ', map { "SELECT name FROM powerpanel.$_" } qw(rack device power_feed power_port power_outlet);
my $named = $node->safe_psql($db, "$names ORDER BY 1");
like(refusal($db, 'SET ROLE importer; SELECT powerpanel.import_netbox(delete_vanished => true)'), qr/ERROR:  23000: rules refuse 6 of the \d+ objects/, 'what is kept without an error is refused, too');
is( details($db, 'delete_vanished => true, keep_going => true', 'SET ROLE importer;'), q{rack "R2": row level security: still here, as a policy or a trigger of table "rack" keeps it
device "pdu-2": photo_device_id_fkey: still here, as update or delete on table "device" violates foreign key constraint "photo_device_id_fkey" on table "photo"
power feed "Lights": trigger: still here, as a policy or a trigger of table "power_feed" keeps it
power port "Inlet": photo_device_id_fkey: still here, as device "pdu-2" is
power outlet "Outlet 1": photo_device_id_fkey: still here, as device "pdu-2" is
power outlet "Outlet 2": photo_device_id_fkey: still here, as device "pdu-2" is
cable "C-2": deleted here
cable "#4": deleted here}, '... with what keeps it, and what it keeps');
is($node->safe_psql($db, "$names ORDER BY 1"), $named, '... and all have their own names');
$node->safe_psql($db, 'DROP OWNED BY importer; DROP ROLE importer');

# Copies of the tool's tables that have lost their keys, and a name that no index takes
$db = database('copies', 'netbox', q{
	ALTER TABLE dcim_rack DROP CONSTRAINT dcim_rack_pkey, ALTER id DROP NOT NULL, ALTER name TYPE text; INSERT INTO dcim_rack VALUES (1, 'twice', 1, 1)});
like(refusal($db, 'SELECT powerpanel.import_netbox()'), qr/ERROR:  22023: table "dcim_rack" has more than one row with id 1\n/, 'a key that two rows have');
$node->safe_psql($db, q{UPDATE dcim_rack SET id = NULL WHERE name = 'twice'});
like(refusal($db, 'SELECT powerpanel.import_netbox()'), qr/ERROR:  22023: a row of table "dcim_rack" has no id\n/, '... or a row has not');
$node->safe_psql($db, q{UPDATE dcim_rack SET id = 9, name = (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 400) AS i) WHERE id IS NULL});
is($node->safe_psql($db, q{SELECT left_out, details #>> '{0,rule}' FROM powerpanel.import_netbox(keep_going => true) WHERE object_type = 'rack'}), '1|SQLSTATE 54000', 'a name that is too long for an index is refused');

# A primary key is believed only where it says that no two rows have one id: not one
# of more columns, of another column, or that waits for the end of the transaction.
foreach my $key ('(id, name)', '(name)', '(id) DEFERRABLE INITIALLY DEFERRED')
{
	like(
		refusal($db, qq{
			BEGIN;
			ALTER TABLE dcim_manufacturer DROP CONSTRAINT dcim_manufacturer_pkey;
			ALTER TABLE dcim_manufacturer ADD PRIMARY KEY $key;
			INSERT INTO dcim_manufacturer VALUES (1, 'twice');
			SELECT powerpanel.import_netbox(keep_going => true)}),
		qr/ERROR:  22023: table "dcim_manufacturer" has more than one row with id 1\n/, "PRIMARY KEY $key is not believed");
}

# Nor is one of texts, two of which can be one number, or one UUID.
$db = database('texts', 'netbox', 'ALTER TABLE dcim_device ALTER id TYPE text; ALTER TABLE dcim_devicetype ALTER id TYPE text');
report($db, 'netbox', '');
my $devices = rows($db);
$node->safe_psql($db, q{INSERT INTO dcim_device (id, name, device_type_id, site_id) VALUES ('01', 'pdu-1 again', 1, 1)});
my $two_make_one = qr/ERROR:  23505: could not create unique index "powerpanel_object_pkey"\n.*CONSTRAINT NAME:  powerpanel_object_pkey\n/s;
like(refusal($db, 'SELECT powerpanel.import_netbox(keep_going => true)'), $two_make_one, 'two rows that make one object');
is(rows($db), $devices, '... change nothing');
$node->safe_psql($db, q{UPDATE dcim_device SET id = '5' WHERE id = '01'; INSERT INTO dcim_devicetype VALUES ('01', 1, 'another')});
like(report($db, 'netbox', ''), qr/^device\|5\|5\|1\|0\|4\|0\|/m, '... and of what only names are taken from, they are no matter');

# A Nautobot whose UUIDs are texts that are written in another way than ours: without
# hyphens, as other databases keep them, and in capital letters.
my @writings = ([ 'bare', q{replace(%2$I::text, '-', '')}, 'without hyphens' ], [ 'capitals', 'upper(%2$I::text)', 'in capital letters' ]);
foreach my $writing (@writings)
{
	my ($name, $expression, $how) = @$writing;
	$db = database($name, 'nautobot', qq{
		DO \$\$
		DECLARE
			c record;
		BEGIN
			FOR c IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
				WHERE contype IN ('f', 'u') AND connamespace = 'public'::regnamespace ORDER BY contype LOOP
				EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', c.tab, c.conname);
			END LOOP;
			FOR c IN SELECT attrelid::regclass AS tab, attname FROM pg_attribute
				WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r') AND atttypid = 'uuid'::regtype LOOP
				EXECUTE format(\$f\$ALTER TABLE %s ALTER %I TYPE text USING $expression\$f\$, c.tab, c.attname);
			END LOOP;
		END \$\$});
	report($db, 'nautobot', '');
	is($node->safe_psql($db, 'SELECT sum(inserted), sum(updated), sum(unchanged) > 50 FROM powerpanel.import_nautobot()'), '0|0|t', "UUIDs $how are the same ones");
	is( $node->safe_psql($db, q{
			BEGIN;
			DELETE FROM dcim_cable WHERE label = (SELECT min(label) FROM powerpanel.cable);
			SELECT vanished, deleted FROM powerpanel.import_nautobot(delete_vanished => true) WHERE object_type = 'cable'}),
		'1|1', "... and what had one is missed");
}
foreach my $table (qw(dcim_device dcim_module))
{
	like(
		refusal($db, qq{
			BEGIN;
			INSERT INTO $table SELECT (json_populate_record(t, json_build_object('id', lower(id)))).* FROM $table t WHERE id <> lower(id);
			SELECT powerpanel.import_nautobot(keep_going => true)}),
		$two_make_one, "... so two rows of $table that have one are refused");
}

# What is no UUID is for the inventory to refuse, and nothing else with it.
is( $node->safe_psql($db, q{
		BEGIN;
		UPDATE dcim_location SET parent_id = 'somewhere' WHERE name = 'Data Hall 1';
		SELECT left_out, details #>> '{0,object}', details #>> '{0,rule}' FROM powerpanel.import_nautobot(keep_going => true) WHERE object_type = 'location'}),
	'1|location "Data Hall 1"|SQLSTATE 22P02', 'a location in one that is no UUID is left out');
is( $node->safe_psql($db, q{
		UPDATE dcim_powerfeed SET power_panel_id = 'somewhere' WHERE name = 'UPS-A';
		SELECT taken, left_out, details #>> '{0,object}', details #>> '{0,rule}' FROM powerpanel.import_nautobot(keep_going => true) WHERE object_type = 'power_feed'}),
	'15|1|power feed "UPS-A"|SQLSTATE 22P02', 'a feed of a panel that is no UUID is left out, and no other');

# The end of a cable that names no port is no reason to think that it carries no power
# any more, and to take it away for another cable.
$db = database('nowhere', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, q{
	ALTER TABLE dcim_cabletermination ALTER termination_id DROP NOT NULL;
	UPDATE dcim_cabletermination SET termination_id = NULL WHERE cable_id = 3 AND termination_type_id = 12;
	INSERT INTO dcim_cable VALUES (77, 'X');
	INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES (77, 'A', 13, 1), (77, 'B', 12, 4)});
like(refusal($db, 'SELECT powerpanel.import_netbox()'), qr/^(DETAIL:  )?cable "#3" \(dcim_cable 3\): cable_power_port_id_not_null: /m, 'a cable at no power port is refused');
is( $node->safe_psql($db, q{SELECT concat_ws(': ', d ->> 'object', d ->> 'rule') FROM powerpanel.import_netbox(keep_going => true), jsonb_array_elements(details) AS d WHERE d ? 'id'}),
	qq{cable "#3": cable_power_port_id_not_null\ncable "X": cable_power_outlet_id_key}, '... and keeps its ends');
is($node->safe_psql($db, q{SELECT string_agg(custom_fields #>> '{netbox,id}', ' ' ORDER BY custom_fields #> '{netbox,id}') FROM powerpanel.cable}), '1 2 3 4 5', '... here');

# A power port that has vanished, and goes, is no reason not to know which one an outlet gets.
$db = database('inlets', 'netbox');
report($db, 'netbox', '');
$node->safe_psql($db, 'DELETE FROM dcim_powerport WHERE id = 2');
my $both = 'SELECT updated, deleted FROM powerpanel.import_netbox(assign_outlets => true, delete_vanished => true) WHERE updated + deleted > 0';
is($node->safe_psql($db, $both), "0|1\n2|0", 'outlets get the port that is left of two');
is($node->safe_psql($db, $both), '', '... at once');

# The owner of a table cannot take its key away once that is believed.
$db = database('keyless', 'netbox');
$node->safe_psql($db, q{BEGIN; ALTER TABLE dcim_rack DROP CONSTRAINT dcim_rack_pkey; INSERT INTO dcim_rack VALUES (1, 'twice', 1, 1); PREPARE TRANSACTION 'keyless'});
my $waiting = waiting_import(1);
$node->safe_psql($db, q{COMMIT PREPARED 'keyless'});
$waiting->{run}->finish;
like(${ $waiting->{out} }, qr/^ERROR:  table "dcim_rack" has more than one row with id 1\n/, 'a key that is taken away while the import waits for the table is not believed');

# Copies whose columns are of other types of numbers and texts: what was brought is
# found unchanged.
$db = database('types', 'nautobot', q{
	ALTER TABLE dcim_powerfeed ALTER voltage TYPE double precision, ALTER amperage TYPE numeric, ALTER name TYPE text,
		ALTER comments TYPE json USING to_json(comments), ALTER _custom_field_data TYPE json USING '{"n": 1.00, "n": 2, "u": "\u00e9"}'});
$node->safe_psql($db, 'SELECT powerpanel.import_nautobot()');
is($node->safe_psql($db, q{SELECT objects_read - unchanged, details FROM powerpanel.import_nautobot() WHERE object_type = 'power_feed'}),
	'0|[]', 'columns of other types are compared as what they hold');

# ------------------------------------------------------- others write meanwhile

$db = database('meanwhile', 'netbox', q{INSERT INTO dcim_rack SELECT i, 'N' || i, 1, 1 FROM generate_series(10, 20) AS i});
report($db, 'netbox', '');
$node->safe_psql($db, q{UPDATE dcim_rack SET name = name || ' II'; UPDATE dcim_cabletermination SET termination_id = 10 - termination_id WHERE termination_type_id = 12 AND termination_id IN (4, 6)});
sub waiting_import
{
	my $out = '';
	my $run = IPC::Run::start([ 'psql', '-X', '-q', '-A', '-t', '-d', $node->connstr($db), '-c',
			q{SELECT object_type, updated FROM powerpanel.import_netbox() WHERE updated > 0} ], '<', \undef, '>&', \$out);
	$node->poll_query_until($db, "SELECT count(*) = $_[0] FROM pg_stat_activity WHERE datname = '$db' AND wait_event_type = 'Lock' AND query ~ 'import'") or die 'nobody waits';
	return { run => $run, out => \$out };
}
$node->safe_psql($db, q{BEGIN; UPDATE powerpanel.rack SET custom_fields = custom_fields || '{"door": "left"}'; UPDATE powerpanel.cable SET custom_fields = custom_fields || '{"door": "left"}'; PREPARE TRANSACTION 'open'});
my @imports = (waiting_import(1), waiting_import(2));
$node->safe_psql($db, q{COMMIT PREPARED 'open'});
$_->{run}->finish foreach @imports;
is(${ $imports[0]{out} }, "rack|13\ncable|2\n", 'an import that had to wait for somebody');
is(${ $imports[1]{out} }, '', '... and another one, which finds what that has done');
is( $node->safe_psql($db, q{SELECT count(*) FILTER (WHERE custom_fields ->> 'door' = 'left' AND custom_fields -> 'netbox' ? 'id'), count(*) FROM powerpanel.rack
		UNION ALL SELECT count(*) FILTER (WHERE custom_fields ->> 'door' = 'left' AND custom_fields -> 'netbox' ? 'id'), count(*) FROM powerpanel.cable}),
	"13|13\n5|5", '... and the custom fields that he has written');

# One who may not delete is told so, and may import otherwise.
$db = database('rights', 'netbox', q{
	CREATE ROLE writer; GRANT USAGE ON SCHEMA powerpanel TO writer; GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA powerpanel TO writer;
	GRANT DELETE ON powerpanel.cable TO writer; GRANT SELECT ON ALL TABLES IN SCHEMA public TO writer});
report($db, 'netbox', '', 'SET ROLE writer;');
$node->safe_psql($db, 'DELETE FROM dcim_rack WHERE id = 2; UPDATE dcim_device SET rack_id = NULL WHERE rack_id = 2');
like(report($db, 'netbox', '', 'SET ROLE writer;'), qr/^rack\|1\|1\|0\|0\|1\|0\|1\|0\|/m, 'who may not delete racks imports all the same');
like(refusal($db, 'SET ROLE writer; SELECT powerpanel.import_netbox(delete_vanished => true)'), qr/ERROR:  42501: permission denied for table rack/, '... without deletions');

# SELECT on the tables that an import reads, and on no other column of them, is enough to read.
foreach my $tool (qw(netbox nautobot))
{
	$db = database("reader_$tool", $tool, qq{
		CREATE ROLE reader_$tool; GRANT USAGE ON SCHEMA powerpanel TO reader_$tool;
		GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA powerpanel TO reader_$tool;
		DO \$\$
		DECLARE
			c record;
		BEGIN
			FOR c IN SELECT r.table_name, a.attname
				FROM (SELECT i.${tool}_table AS table_name, unnest(i.columns) AS column_name FROM powerpanel_internal.import_${tool}_columns() AS i
					UNION ALL SELECT 'dcim_cable', unnest('{termination_a_type_id,termination_a_id,termination_b_type_id,termination_b_id}'::text[])) AS r
				JOIN pg_attribute a ON a.attrelid = to_regclass('public.' || r.table_name) AND a.attname = r.column_name
			LOOP
				EXECUTE format('GRANT SELECT (%I) ON public.%I TO reader_$tool', c.attname, c.table_name);
			END LOOP;
		END \$\$});
	my $whole = report($db, $tool, 'dry_run => true');
	is(report($db, $tool, 'dry_run => true', "SET ROLE reader_$tool;"), $whole, "$tool: the right to read just those columns is enough");
	$node->safe_psql($db, "REVOKE SELECT (name) ON dcim_rack FROM reader_$tool");
	like(refusal($db, "SET ROLE reader_$tool; SELECT powerpanel.import_$tool(dry_run => true)"), qr/ERROR:  42501: permission denied for table dcim_rack/,
		'... and without one of them it is an error');
}

# What NetBox brought later: the status of an outlet (4.3), which ours do not have, and the profile of a cable (4.5).
$db = database('later', 'netbox', q{
	ALTER TABLE dcim_poweroutlet ADD status varchar(50) NOT NULL DEFAULT 'enabled';
	ALTER TABLE dcim_cable ADD profile varchar(50) NOT NULL DEFAULT '';
	UPDATE dcim_poweroutlet SET status = 'faulty' WHERE id IN (1, 3); UPDATE dcim_poweroutlet SET status = 'disabled' WHERE id = 2;
	UPDATE dcim_cable SET profile = 'single-1c1p' WHERE id = 1;
	INSERT INTO dcim_poweroutlet VALUES (7, 'Outlet 3', 2, 3, NULL), (8, 'Outlet 4', 2, 3, NULL);
	INSERT INTO dcim_powerport VALUES (7, 'PSU 2', 4, 300, 200), (8, 'PSU 3', 4, 300, 200);
	INSERT INTO dcim_cable VALUES (6, 'twin', 'connected', '{}', 'trunk-2c1p');
	INSERT INTO dcim_cabletermination (cable_id, cable_end, termination_type_id, termination_id) VALUES (6, 'A', 13, 7), (6, 'A', 13, 8), (6, 'B', 12, 7), (6, 'B', 12, 8)});
is( $node->safe_psql($db, q{SELECT concat_ws(': ', d ->> 'object', d ->> 'objects', d ->> 'reason') FROM powerpanel.import_netbox(), jsonb_array_elements(details) AS d
		WHERE object_type IN ('power_outlet', 'cable')}),
	q{device "pdu-1": 1: they are disabled in NetBox, and give power here all the same: "Outlet 2"
device "pdu-1": 2: they are faulty in NetBox, and give power here all the same: "Outlet 1", "Outlet 3"
cable "twin": it has more than one end at a side: power outlet "Outlet 3" of device "pdu-2" and power outlet "Outlet 4" of device "pdu-2" and power port "PSU 2" of device "srv-2" and power port "PSU 3" of device "srv-2"},
	'outlets that are not enabled, and a cable with two ends at a side, are told');
is( $node->safe_psql($db, q{SELECT string_agg(custom_fields #>> '{netbox,status}', ' ' ORDER BY custom_fields #> '{netbox,id}') FROM powerpanel.power_outlet
		UNION ALL SELECT string_agg(custom_fields #>> '{netbox,profile}', ' ') FROM powerpanel.cable}),
	"faulty disabled faulty enabled enabled enabled enabled enabled\nsingle-1c1p", '... and status and profile are kept');
$node->safe_psql($db, q{UPDATE dcim_poweroutlet SET status = 'enabled'});
is($node->safe_psql($db, q{SELECT updated, details FROM powerpanel.import_netbox() WHERE object_type = 'power_outlet'}), '3|[]', '... and follow NetBox');

# A column that a NetBox of that age has, and that is not there, is not read as empty.
$node->safe_psql($db, q{ALTER TABLE dcim_poweroutlet RENAME status TO state; INSERT INTO django_migrations VALUES ('dcim', '0201_add_power_outlet_status', now())});
like(refusal($db, 'SELECT powerpanel.import_netbox()'), qr/ERROR:  22023: .*\nDETAIL:  It lacks the columns dcim_poweroutlet\.status\./, 'a column that a migration of NetBox brought, and that is missing, is an error');
$node->safe_psql($db, q{DELETE FROM django_migrations WHERE app = 'dcim'});
is($node->safe_psql($db, q{SELECT count(*) FROM powerpanel.import_netbox()}), '11', '... of an older NetBox it is none');

$node->stop;
done_testing();
