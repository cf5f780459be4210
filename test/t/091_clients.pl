# What applications are shown: the programs of examples/clients, run as they are,
# and the web API of examples/api, each request made as PostgREST makes it. And
# that the page about them, docs/applications.md, shows what was run.

use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use FindBin;
use lib "$FindBin::Bin/../perl";
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Programs;
use Test::More;

my $root = "$FindBin::RealBin/../..";
my $examples = "$root/examples";
my $dir = PostgreSQL::Test::Utils::tempdir;
my $json = JSON::PP->new->canonical;

my $node = PostgreSQL::Test::Cluster->new('clients');
$node->init;
$node->append_conf('postgresql.conf', "deadlock_timeout = 10ms\nlog_min_messages = fatal");
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

# ------------------------------------------------------------------- clients

my $expected = slurp_file("$examples/clients/expected.txt");

sub client_ok
{
	my ($what, @command) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	local $ENV{PGHOST} = $node->host;
	local $ENV{PGPORT} = $node->port;
	local $ENV{PGDATABASE} = 'postgres';
	local $ENV{PGUSER} = $node->safe_psql('postgres', 'SELECT current_user');
	my ($ok, $out, $err) = run_maybe(@command);
	ok($ok, "$what: runs") or diag($err);
	# Of a deadlock one of the two is ended, and tries again; how often it meets
	# the other once more is chance, up to the five attempts that each has.
	$out =~ s/(?<=both done after )(?:[3-9]|10)(?= attempts)/3/;
	is($out, $expected, "$what: tells what is expected");
	is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.location}), '0', "$what: leaves nothing behind");
	return;
}

SKIP:
{
	my ($python) = grep { (run_maybe($_, '-c', 'import psycopg'))[0] } 'python3', '/usr/bin/python3';
	skip 'no Python with psycopg 3 here', 3 if !$python;
	note((run_maybe($python, '-c', 'import psycopg; print("psycopg", psycopg.__version__)'))[1]);
	client_ok('psycopg', $python, '-B', "$examples/clients/python/feeds.py");
}

# pg as the lock file has it, or the distribution's.
sub install_pg
{
	my ($where) = @_;
	my $ok = npm_ci("$examples/clients/node", $where, qw(package.json package-lock.json feeds.js));
	if (!$ok && -d '/usr/share/nodejs/pg')
	{
		PostgreSQL::Test::Utils::system_log('rm', '-rf', "$where/node_modules");
		$ok = symlink '/usr/share/nodejs', "$where/node_modules";
	}
	return $ok;
}

SKIP:
{
	skip 'no Node.js 18 or later here', 3 if !(run_maybe('node', '-e', 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'))[0];
	skip 'no pg for Node.js: neither npm and its registry nor the package node-pg', 3 if !install_pg("$dir/node");
	note((run_maybe('node', '-p', qq{"pg " + JSON.parse(fs.readFileSync("$dir/node/node_modules/pg/package.json")).version}))[1]);
	client_ok('pg', 'node', "$dir/node/feeds.js");
}

my $lock = decode_json(slurp_file("$examples/clients/node/package-lock.json"));
is($lock->{packages}{'node_modules/pg'}{version}, decode_json(slurp_file("$examples/clients/node/package.json"))->{dependencies}{pg},
	'the lock file has the version that package.json names');
is(join(' ', grep { !m{^https://registry\.npmjs\.org/} } map { $_->{resolved} // () } values %{ $lock->{packages} }),
	'', 'the lock file names no other registry');

# ------------------------------------------------------------------- web API

# All that an editor of site B may not see is called SECRET.
$node->safe_psql('postgres', 'CREATE DATABASE api');
$node->safe_psql(
	'api', q{
CREATE EXTENSION powerpanel;
SET search_path = powerpanel;
CREATE FUNCTION public.k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.md5($1)::pg_catalog.uuid';
INSERT INTO location (id, name) VALUES (public.k('campus'), 'SECRET campus');
INSERT INTO location (id, name, parent_id) VALUES
	(public.k('A'), 'SECRET site', public.k('campus')), (public.k('B'), 'Site B', public.k('campus')), (public.k('room'), 'Room B', public.k('B'));
INSERT INTO rack_group (id, name, location_id) VALUES (public.k('group'), 'SECRET group', public.k('campus'));
INSERT INTO rack (id, name, location_id, rack_group_id) VALUES
	(public.k('RA'), 'SECRET rack', public.k('A'), NULL), (public.k('RB'), 'R1', public.k('room'), public.k('group'));
INSERT INTO power_panel (id, name, location_id, circuit_positions) VALUES
	(public.k('S'), 'SECRET panel', public.k('A'), 42), (public.k('C'), 'SECRET main', public.k('campus'), 42),
	(public.k('P'), 'RPP-1', public.k('room'), 42), (public.k('Q'), 'RPP-2', public.k('room'), 42);
INSERT INTO power_feed (id, name, power_panel_id, destination_panel_id, rack_id, status, voltage, breaker_position, breaker_pole_count) VALUES
	(public.k('SP'), 'SECRET to RPP-1', public.k('S'), public.k('P'), NULL, 'active', 208, 1, 3),
	(public.k('QS'), 'Tie', public.k('Q'), public.k('S'), NULL, 'active', 208, 1, 3),
	(public.k('CR'), 'SECRET to R1', public.k('C'), NULL, public.k('RB'), 'active', 208, 1, 2),
	(public.k('S1'), 'SECRET circuit', public.k('S'), NULL, public.k('RA'), 'active', 208, 9, 2),
	(public.k('S2'), 'SECRET circuit 2', public.k('S'), NULL, NULL, 'active', 208, 20, 2),
	(public.k('P1'), 'F-07', public.k('P'), NULL, public.k('RB'), 'active', 208, 7, 3),
	(public.k('P2'), 'F-08', public.k('P'), NULL, NULL, 'active', 208, 8, 3),
	(public.k('P3'), 'F-20', public.k('P'), NULL, NULL, 'active', 208, 20, 1);
INSERT INTO device (id, name, rack_id) VALUES
	(public.k('DA'), 'SECRET server', public.k('RA')), (public.k('D0'), 'SECRET lamp', NULL), (public.k('DB'), 'web-1', public.k('RB'));
INSERT INTO power_port (id, name, device_id, allocated_draw) VALUES
	(public.k('p9'), 'SECRET port 9', public.k('DA'), 500), (public.k('p2'), 'PSU 2', public.k('DB'), 400),
	(public.k('pA'), 'SECRET port', public.k('DA'), 500), (public.k('p0'), 'SECRET socket', public.k('D0'), 60), (public.k('pB'), 'PSU 1', public.k('DB'), 400);
INSERT INTO power_bank (name, device_id, power_port_id, amperage) VALUES
	('SECRET bank', public.k('DA'), public.k('pA'), 10), ('Bank 1', public.k('DB'), public.k('pB'), 10);
INSERT INTO power_outlet (id, name, device_id, power_port_id) VALUES
	(public.k('oA'), 'SECRET outlet', public.k('DA'), public.k('pA')), (public.k('oB'), 'Outlet 1', public.k('DB'), public.k('pB'));
INSERT INTO cable (power_feed_id, power_port_id, label) VALUES
	(public.k('P2'), public.k('pA'), 'SECRET cable'), (public.k('S1'), public.k('p0'), 'SECRET cable 2'), (public.k('P1'), public.k('pB'), 'web-1');
});
$node->command_ok([ 'psql', '-X', '-q', '-d', $node->connstr('api'), '-f', "$examples/api/roles.sql" ], 'roles.sql runs');

sub k
{
	my ($name) = @_;
	return md5_hex($name) =~ s/(.{8})(.{4})(.{4})(.{4})/$1-$2-$3-$4-/r;
}

sub literal
{
	return "'" . ($_[0] =~ s/'/''/gr) . "'";
}

# The HTTP status that PostgREST gives an error, by its manual, References >
# Errors > HTTP Status Codes; of the codes there those that can come up here.
sub status
{
	my ($code, $authenticated) = @_;
	return 409 if $code =~ /^(23503|23505)$/;
	return $authenticated ? 403 : 401 if $code eq '42501';
	return 404 if $code =~ /^(42883|42P01)$/;
	return 405 if $code eq '25006';
	return 500 if $code =~ /^(25|40|55|P0(?!001)|XX)/;
	return 400;
}

# One request: the transaction that PostgREST makes of it, as authenticator, and
# the response that it makes of the outcome. Only code, message, details and hint
# of an error pass; an error PGRST is the response itself. (Manual: References >
# Transactions, and Errors > Custom Errors.)
sub request
{
	my ($who, $method, $path, $source) = @_;
	my ($role, $site) = @$who;
	my $claims = encode_json({ role => $role, $site ? (site => $site) : () });
	my $mode = $method eq 'GET' ? 'READ ONLY' : 'READ WRITE';
	my ($rc, $out, $err) = $node->psql(
		'api', qq{
		START TRANSACTION ISOLATION LEVEL READ COMMITTED $mode;
		SELECT set_config('search_path', '"powerpanel", "public"', true), set_config('role', '$role', true),
			set_config('request.jwt.claims', ${\literal($claims)}, true), set_config('request.method', '$method', true),
			set_config('request.path', '$path', true) \\g /dev/null
		SELECT "power_private"."pre_request"() \\g /dev/null
		WITH pgrst_source AS ($source)
		SELECT coalesce(json_agg(_postgrest_t), '[]')::text AS body
		FROM (SELECT * FROM pgrst_source) _postgrest_t;
		COMMIT;
		SELECT current_user, current_setting('request.jwt.claims') \\g /dev/stderr},
		extra_params => [ '-U', 'authenticator', '-v', 'VERBOSITY=verbose', '-v', 'SHOW_CONTEXT=never' ]);
	if ($rc == 0)
	{
		# Nothing of the request stays in the session.
		die "after the request: $err" if $err !~ /^authenticator\|$/m;
		return { status => $method eq 'POST' && $path !~ /^\/rpc/ ? 201 : 200, body => decode_json($out), text => $out };
	}
	my ($code, $message) = $err =~ /ERROR:  (\w{5}): (.*)$/m or die "no response: $err";
	my ($details) = $err =~ /^DETAIL:  (.*)$/m;
	my ($hint) = $err =~ /^HINT:  (.*)$/m;
	if ($code eq 'PGRST')
	{
		return { status => decode_json($details)->{status}, body => decode_json($message), text => $message };
	}
	my $body = { code => $code, message => $message, details => $details, hint => $hint };
	return { status => status($code, $role ne 'anon'), body => $body, text => $json->encode($body) };
}

# A body's columns with their types, as json_to_record wants them.
my %types;

sub columns
{
	my ($of, $body) = @_;
	$types{$of} //= { map { split /\|/ } split /\n/, $node->safe_psql('api', $of =~ /\(/
		? qq{SELECT n, format_type(t, NULL) FROM pg_proc, unnest(proargnames, proargtypes::oid[]) AS a (n, t) WHERE oid = '$of'::regprocedure AND t <> 0}
		: qq{SELECT attname, format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = '$of'::regclass AND attnum > 0}) };
	my @keys = sort keys %$body;
	return (join(', ', map { qq{"$_"} } @keys), join(', ', map { qq{"$_" $types{$of}{$_}} } @keys), \@keys);
}

sub payload
{
	my ($body, $names, $typed) = @_;
	return '(SELECT ' . literal(encode_json($body)) . "::json AS json_data) pgrst_payload,"
	  . " LATERAL (SELECT $names FROM json_to_record(pgrst_payload.json_data) AS _($typed)) pgrst_body";
}

sub get
{
	my ($who, $table, $where) = @_;
	return request($who, 'GET', "/$table", qq{SELECT "powerpanel"."$table".* FROM "powerpanel"."$table"} . ($where ? " WHERE $where" : ''));
}

# With "Prefer: return=representation" the row is read again, under the policies
# that read; "return=minimal", which is the default, does without.
sub post
{
	my ($who, $table, $body, $returning) = @_;
	my ($names, $typed) = columns("powerpanel.$table", $body);
	$returning //= qq{"powerpanel"."$table".*};
	return request($who, 'POST', "/$table",
		qq{INSERT INTO "powerpanel"."$table"($names) SELECT $names FROM ${\payload($body, $names, $typed)} RETURNING $returning});
}

sub post_minimal
{
	return post(@_, '1');
}

sub patch
{
	my ($who, $table, $id, $body) = @_;
	my ($names, $typed, $keys) = columns("powerpanel.$table", $body);
	my $set = join ', ', map { qq{"$_" = "pgrst_body"."$_"} } @$keys;
	return request($who, 'PATCH', "/$table",
		qq{UPDATE "powerpanel"."$table" SET $set FROM ${\payload($body, $names, $typed)}}
		  . qq{ WHERE "powerpanel"."$table"."id" = '$id' RETURNING "powerpanel"."$table".*});
}

sub delete_
{
	my ($who, $table, $id) = @_;
	return request($who, 'DELETE', "/$table", qq{DELETE FROM "powerpanel"."$table" WHERE "id" = '$id' RETURNING "powerpanel"."$table".*});
}

sub rpc
{
	my ($who, $function, $body) = @_;
	my ($name) = $function =~ /^(.*)\(/;
	my ($schema, $routine) = split /\./, $name;
	my ($names, $typed, $keys) = columns($function, $body);
	my $stable = $node->safe_psql('api', "SELECT provolatile <> 'v' FROM pg_proc WHERE oid = '$function'::regprocedure") eq 't';
	my $arguments = join ', ', map { qq{"$_" := pgrst_body."$_"} } @$keys;
	# POST of a function that is not volatile is READ ONLY, too
	return request($who, $stable ? 'GET' : 'POST', "/rpc/$routine", @$keys
		? "SELECT pgrst_call.* FROM ${\payload($body, $names, $typed)}, LATERAL \"$schema\".\"$routine\"($arguments) pgrst_call"
		: "SELECT pgrst_call.* FROM \"$schema\".\"$routine\"() pgrst_call");
}

sub responds
{
	my ($response, $status, $code, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $got = ref $response->{body} eq 'HASH' ? $response->{body}{code} : undef;
	is("$response->{status} " . ($got // ''), "$status " . ($code // ''), $name) or diag($response->{text});
	return;
}

my $anon = ['anon'];
my $reader = ['reader'];
my $editor = [ 'editor', k('B') ];
my $planner = [ 'planner', k('B') ];
my $add = 'power_api.add_power_feed(uuid,text,text,integer,integer,uuid,uuid,powerpanel.phase,integer,integer)';
my $swap = 'power_api.swap_breakers(uuid,uuid)';
my @tables = qw(location rack_group rack device power_panel power_feed power_port power_bank power_outlet cable);
my @views = qw(panel_hierarchy panel_positions panel_schedule rack_power);
my %feed = (name => 'F-12', power_panel_id => k('P'), status => 'active', breaker_position => 11, breaker_pole_count => 2);

# -- without a token

cmp_ok(scalar @{ get($anon, 'rule')->{body} }, '>', 40, 'anon reads the rules');
is(scalar @{ get($anon, 'feed_status')->{body} }, 4, 'anon reads the statuses');
responds(get($anon, $_), 401, '42501', "anon does not read $_") foreach @tables, @views;
responds(post($anon, 'power_feed', \%feed), 401, '42501', 'anon writes no feed');
responds(rpc($anon, $add, \%feed), 401, '42501', 'anon writes no feed by a function');

# What can be asked of the inventory, and about what an editor of site B may not see.
my %arguments = (
	feed_load => {}, panel_load => {}, device_power => {}, port_load => {}, bank_load => {},
	single_points_of_failure => {}, contingency => {}, topology_dot => {}, check_integrity => {},
	panel_topology_dot => { panels => [ k('S') ] },
	simulate_outage => { panels => [ k('S') ], feeds => [], devices => [] },
	simulate_trips => { panels => [ k('S') ], feeds => [], devices => [] },
	upstream => { panel => k('S') }, downstream => { panel => k('S') },
	panel_schedule_text => { panel => k('S') },
	find_breaker_position => { panel => k('S'), poles => 1 }, suggest_rebalance => { panel => k('S') });
# By its signature: of two functions of a name, the one that takes nothing.
my %call = map {
	$node->safe_psql('api', "SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'powerpanel'::regnamespace AND proname = '$_' ORDER BY pronargs LIMIT 1")
		=> $arguments{$_} } keys %arguments;
responds(rpc($anon, $_, $call{$_}), 401, '42501', "anon: $_") foreach sort keys %call;

is($node->safe_psql('api', q{
	SELECT string_agg(proname, ' ' ORDER BY proname) FROM pg_proc
	WHERE pronamespace IN ('power_api'::regnamespace, 'power_private'::regnamespace) AND has_function_privilege('anon', oid, 'EXECUTE')}),
	'pre_request site', 'anon may execute what each request takes');

# -- with a token

is(scalar @{ get($reader, 'power_panel')->{body} }, 4, 'a reader sees every panel');
responds(post($reader, 'power_feed', \%feed), 403, '42501', 'a reader writes none');
responds(rpc($reader, 'powerpanel.contingency(double precision)', {}), 200, undef, 'a reader asks the analysis');
my $response = get(['editor'], 'power_panel');
responds($response, 403, '42501', 'an editor whose token names no site is turned away');
is($response->{body}{hint}, q{An editor's token has the claim "site": the id of a location.}, '... and told what is missing');

is(join(',', sort map { $_->{name} } @{ get($editor, 'power_panel')->{body} }), 'RPP-1,RPP-2', 'an editor sees the panels of the site');
is(join(',', sort map { $_->{name} } @{ get($editor, 'location')->{body} }), 'Room B,Site B', '... and its locations');
$response = post($editor, 'power_feed', { %feed, breaker_position => 13 });
responds($response, 201, undef, 'an editor adds a feed');
is($response->{body}[0]{occupied_positions}, '13, 15', '... and is answered with it');
my $added = $response->{body}[0]{id};

# What is new passes the policy that reads it, too.
$response = post($editor, 'location', { name => 'Room C', parent_id => k('B') });
responds($response, 201, undef, 'an editor adds a location');
my $room = $response->{body}[0]{id};
responds(post($editor, 'rack', { name => 'R2', location_id => $room }), 201, undef, '... a rack in it');
responds(post($editor, 'device', { name => 'web-2', rack_id => k('RB') }), 201, undef, '... a device');
my $device = $node->safe_psql('api', q{SELECT id FROM powerpanel.device WHERE name = 'web-2'});
responds($response = post($editor, 'power_port', { name => 'PSU 1', device_id => $device }), 201, undef, '... its power port');
responds(post($editor, 'cable', { power_port_id => $response->{body}[0]{id}, power_feed_id => $added }), 201, undef, '... and its cable');
is(scalar @{ patch($editor, 'power_feed', $added, { comments => 'web-2' })->{body} }, 1, 'an editor changes a feed');

# -- the site of somebody else

is($_->[0]{text}, '[]', "an editor does not $_->[1]")
  foreach [ patch($editor, 'power_panel', k('S'), { comments => 'x' }), 'change a panel elsewhere' ],
  [ delete_($editor, 'power_feed', k('S1')), 'delete a feed elsewhere' ],
  [ patch($editor, 'location', k('B'), { name => 'x' }), 'change the site itself' ],
  [ patch($planner, 'power_panel', k('S'), { comments => 'x' }), 'change a panel elsewhere as one who may see it' ],
  [ rpc($editor, $swap, { one => k('P3'), other => k('S1') }), 'swap with a breaker elsewhere' ];
responds(patch($editor, 'rack', k('RB'), { location_id => k('A') }), 403, '42501', 'an editor moves no rack to another site');
responds(patch($editor, 'location', k('room'), { parent_id => k('A') }), 403, '42501', '... nor a location');
my $new = { name => 'F-40', power_panel_id => k('P'), status => 'active' };
responds(post_minimal($editor, $_->[0], $_->[1]), 403, '42501', "... $_->[2]")
  foreach [ 'location', { name => 'Site C' }, 'makes no site' ],
  [ 'rack', { name => 'R9', location_id => k('A') }, 'puts no rack elsewhere' ],
  [ 'rack_group', { name => 'Row 9', location_id => k('A') }, 'nor a rack group' ],
  [ 'power_panel', { name => 'RPP-9', location_id => k('A') }, 'nor a panel' ],
  [ 'device', { name => 'web-9', rack_id => k('RA') }, 'nor a device' ],
  [ 'device', { name => 'web-9' }, 'nor a device anywhere' ],
  [ 'power_port', { name => 'PSU 9', device_id => k('DA') }, 'nor a port' ],
  [ 'power_outlet', { name => 'Outlet 9', device_id => k('DA') }, 'nor an outlet' ],
  [ 'power_feed', { %$new, power_panel_id => k('S') }, 'takes no power from a panel elsewhere' ],
  [ 'power_feed', { %$new, destination_panel_id => k('S') }, 'feeds no panel elsewhere' ],
  [ 'power_feed', { %$new, rack_id => k('RA') }, 'feeds no rack elsewhere' ],
  [ 'cable', { power_port_id => k('p9'), power_feed_id => k('P3') }, 'plugs in nothing elsewhere' ],
  [ 'cable', { power_port_id => k('p2'), power_feed_id => k('S2') }, 'plugs in nothing on a feed elsewhere' ],
  [ 'cable', { power_port_id => k('p2'), power_outlet_id => k('oA') }, 'plugs in nothing on an outlet elsewhere' ];
responds(post_minimal($editor, 'cable', { power_port_id => k('p2'), power_outlet_id => k('oB') }), 201, undef, '... but on one here');
is(post($editor, 'power_feed', { %feed, power_panel_id => k('S') })->{text}, post($editor, 'power_feed', { %feed, power_panel_id => k('no') })->{text},
	'a panel elsewhere looks like none at all');
is(scalar @{ get($planner, 'power_panel')->{body} }, 4, 'a planner sees every site');
responds(post($planner, 'power_feed', { %feed, power_panel_id => k('S'), breaker_position => 20 }), 403, '42501', '... and writes one');
responds(post($planner, 'power_feed', { %feed, name => 'F-30', breaker_position => 30 }), 201, undef, '... which is the token\'s');

# -- what a refused write becomes

my %shown;
$response = post($editor, 'power_feed', { %feed, name => 'F-09' });
responds($response, 400, '23P01', 'a breaker conflict');
ok(!grep({ /constraint|rule/ } keys %{ $response->{body} }), '... of which the rule is not told');
unlike($response->{text}, qr/power_feed_breaker_conflict/, '... nowhere in the response');
$response = rpc($editor, $add, { %feed, name => 'F-09' });
responds($response, 409, 'power_feed_breaker_conflict', 'by the function the rule is told');
$shown{conflict} = JSON::PP->new->pretty->indent_length(2)->space_before(0)->canonical->encode($response->{body});
is($response->{body}{details}, get($editor, 'rule', q{"name" = 'power_feed_breaker_conflict'})->{body}[0]{description}, '... and what it says');
is($response->{body}{hint}, 'The first free place for a 2-pole breaker on this panel starts at position 1.', '... and where there is a place');
responds(post($editor, 'power_feed', { %feed, voltage => 0 }), 400, '23514', 'a CHECK');
responds(rpc($editor, $add, { %feed, voltage => 0 }), 400, 'power_feed_voltage', 'a CHECK by the function');
responds(post($editor, 'power_feed', { %feed, name => 'F-07', breaker_position => 40 }), 409, '23505', 'a name that is taken');
responds(rpc($editor, $add, { %feed, name => 'F-07', breaker_position => 40 }), 409, 'power_feed_power_panel_id_name_key', 'a name that is taken, by the function');
responds(rpc($editor, $add, { %feed, name => 'F-09', breaker_position => 40, status => 'sometimes' }), 409, 'power_feed_status_fkey', 'a status that does not exist, by the function');
responds(rpc($editor, $add, { %feed, name => undef }), 400, '23502', 'no name, by the function');
responds(patch($editor, 'power_feed', k('P1'), { occupied_positions => '1' }), 400, '428C9', 'a column that cannot be written');
responds(rpc($editor, 'powerpanel.upstream(uuid)', { panel => k('no') }), 400, '22023', 'a panel that does not exist');
# A row that others refer to is a case of its own from PostgreSQL 18 on, for which
# PostgREST has no status of its own.
my ($referred, $referred_status) = $node->pg_version >= 18 ? ('23001', 400) : ('23503', 409);
responds(delete_($editor, 'power_panel', k('P')), $referred_status, $referred, 'a panel with feeds');
foreach my $state ('23503', '23001')
{
	my (undef, undef, $error) = $node->psql('api', "SELECT power_private.refuse('$state', 'rack_location_id_fkey', 'message', '', '')",
		extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($error, qr/^DETAIL: .*"status": 409/m, "... by a function, $state is 409");
}
$response = rpc($editor, $swap, { one => k('P1'), other => k('P2') });
is(join(' and ', sort map { "$_->{name}: $_->{occupied_positions}" } @{ $response->{body} }), 'F-07: 8, 10, 12 and F-08: 7, 9, 11', 'two breakers swapped');
responds(rpc($editor, $swap, { one => k('P1'), other => k('P3') }), 200, undef, 'a swap that fits');
responds(rpc($editor, $add, { %feed, name => 'F-17', breaker_position => 17, breaker_pole_count => 1 }), 200, undef, 'a feed added by the function');
responds(rpc($editor, $swap, { one => k('P2'), other => $added }), 409, 'power_feed_breaker_conflict', 'a swap that does not');

# -- names of others

# What is hidden takes part in each of these.
my %hidden = (
	'a loop through another site' => [ rpc($editor, $add, { name => 'Loop', power_panel_id => k('P'), destination_panel_id => k('Q'), status => 'active' }), 'power_feed_cycle' ],
	'a loop, without the function' => [ post($editor, 'power_feed', { name => 'Loop', power_panel_id => k('P'), destination_panel_id => k('Q'), status => 'active' }), '23514' ],
	'a cable into another site' => [ patch($editor, 'power_feed', k('P2'), { destination_panel_id => k('Q') }), '23514' ],
	'a rack that others feed' => [ delete_($editor, 'rack', k('RB')), $referred ],
	'a port of somebody else' => [ post($editor, 'power_outlet', { name => 'o', device_id => k('DB'), power_port_id => k('pA') }), '23503' ]);
foreach my $case (sort keys %hidden)
{
	my ($got, $code) = @{ $hidden{$case} };
	is($got->{body}{code}, $code, "$case is refused") or diag($got->{text});
	unlike($got->{text}, qr/SECRET/, '... without a name');
}
foreach my $relation (@tables, @views)
{
	my $all = get($editor, $relation);
	responds($all, 200, undef, "an editor reads $relation");
	cmp_ok(scalar @{ $all->{body} }, '>', 0, '... rows of the site') if $relation ne 'rack_group';
	unlike($all->{text}, qr/SECRET/, '... and of no other');
	like(get($reader, $relation)->{text}, qr/SECRET/, '... which a reader does see') if $relation !~ /positions|rack_power/;
}
# An id that an editor may not see does not exist; the whole network is the part
# of it that this editor sees.
foreach my $function (sort keys %call)
{
	my $got = rpc($editor, $function, $call{$function});
	my ($known) = grep { $_ } map { ref ? @$_ : $_ } values %{ $call{$function} };
	my $want = $function =~ /check_integrity/ ? '403 42501' : $known ? '400 22023' : '200 ';
	is("$got->{status} " . (ref $got->{body} eq 'HASH' ? $got->{body}{code} : ''), $want, "an editor calls $function") or diag($got->{text});
	unlike($got->{text}, qr/SECRET/, '... and hears no name');
}
# The same of whatever other function there is, or will be, that reads: with
# arguments after their types, NULL where that says nothing.
my %argument = (uuid => k('S'), 'uuid[]' => [ k('S') ], integer => 1, boolean => JSON::PP::true);
my @readers = split /\n/, $node->safe_psql('api', q{
	SELECT oid::regprocedure FROM pg_proc
	WHERE pronamespace = 'powerpanel'::regnamespace AND provolatile = 's' AND prokind = 'f' AND (pronargs = 0 OR proargnames IS NOT NULL)
	ORDER BY 1});
cmp_ok(scalar @readers, '>=', scalar keys %call, 'functions that read');
foreach my $function (@readers)
{
	columns($function, {});
	my %arguments = map { $_ => $argument{ $types{$function}{$_} } } keys %{ $types{$function} };
	unlike(rpc($_, $function, \%arguments)->{text}, qr/SECRET/, "$_->[0]: no name from $function") foreach $anon, $editor;
}
my ($part, $whole) = map { rpc($_, 'powerpanel.panel_load(uuid)', { panel => k('P') })->{body}[0]{allocated_va} } $editor, $planner;
cmp_ok($part, '<', $whole, 'the load that an editor is told leaves out what hangs on a panel elsewhere');

# A dump carries roles' rights and policies, which ask functions outside the
# extension, into a restored database.
$node->safe_psql('postgres', 'CREATE DATABASE restored');
$node->command_ok([ 'pg_dump', '-f', "$dir/dump.sql", $node->connstr('api') ], 'the database is dumped');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('restored'), '-f', "$dir/dump.sql" ], '... and restored');
my $seen = qq{SET ROLE editor; SET request.jwt.claims = '{"site": "${\k('B')}"}'; SELECT string_agg(name, ',' ORDER BY name) FROM powerpanel.power_panel};
is($node->safe_psql('restored', $seen), 'RPP-1,RPP-2', '... where an editor sees what is of the site');

# A loop that got in while triggers were off is the server's fault, not the caller's.
$node->safe_psql('api', q{SET session_replication_role = replica;
	INSERT INTO powerpanel.power_feed (name, power_panel_id, destination_panel_id, status) VALUES ('Loop', public.k('P'), public.k('Q'), 'active')});
responds(rpc($reader, 'powerpanel.panel_load()', {}), 500, '55000', 'a loop in the network');

# -------------------------------------------------------------------- the page

# Each block of code in it is found, but for indentation, in what was run here.
sub flat
{
	return join "\n", map { s/^(?:--)?\s+//r } split /\n/, $_[0];
}
my $corpus = join "\n", values %shown, map { slurp_file("$examples/$_") } qw(clients/python/feeds.py clients/node/feeds.js api/roles.sql
  clients/python/inspectdb.txt clients/python/django_feeds.py clients/python/sqlalchemy_feeds.py clients/schemas.txt
  clients/graphql/server.js clients/graphql/schedule.graphql clients/graphql/schedule.json clients/graphql/conflict.graphql clients/graphql/conflict.json
  grafana/grafana.sql);
$corpus = flat($corpus);
my $page = slurp_file("$root/docs/applications.md");
my @blocks = $page =~ /^```\w+\n(.*?)^```$/msg;
cmp_ok(scalar @blocks, '>', 5, 'docs/applications.md shows code');
ok(index($corpus, flat($_)) >= 0, 'docs/applications.md: ' . (split /\n/)[0]) or diag($_) foreach @blocks;
my @files = $page =~ /\]\(\.\.\/([^)#]+)\)/g;
cmp_ok(scalar @files, '>', 2, 'docs/applications.md refers to files');
ok(-e "$root/$_", "... that exist: $_") foreach @files;

$node->stop;
done_testing();
