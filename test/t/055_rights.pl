# Who may do and see what. The checks see every row, whatever the one who writes
# may see; their messages tell no name that this role could not SELECT; nothing
# planted in a search_path changes what they do; and the inventory is not
# dropped by mistake.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";

use Invariants;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $node = PostgreSQL::Test::Cluster->new('rights');
$node->init;
$node->append_conf('postgresql.conf', 'log_min_messages = fatal');
$node->start;

# psql, with complete error messages. Answers what went to stderr.
sub errors
{
	my ($db, $sql, $role) = @_;
	my ($rc, $out, $err) = $node->psql($db, "\\set VERBOSITY verbose\n$sql",
		extra_params => $role ? [ '-U', $role ] : [], on_error_stop => 0);
	return $err;
}

sub refused
{
	my ($db, $sql, $pattern, $name, $role) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	like(errors($db, $sql, $role), $pattern, $name);
	return;
}

# ---------------------------------------------------------- the fixture

# What the role under test writes is called MINE, all else SECRET and the name
# of its table, so that a leak shows whose it is.
my $fixture = q{
CREATE EXTENSION powerpanel;
SET search_path = powerpanel;
CREATE FUNCTION public.k(text) RETURNS uuid LANGUAGE sql IMMUTABLE AS 'SELECT pg_catalog.md5($1)::pg_catalog.uuid';
INSERT INTO location (id, name) VALUES (public.k('A'), 'SECRET_location A'), (public.k('B'), 'SECRET_location B');
INSERT INTO location (id, name, parent_id) VALUES (public.k('mine'), 'MINE', public.k('A'));
INSERT INTO location (id, name, parent_id) VALUES (public.k('A1'), 'SECRET_location A1', public.k('mine'));
INSERT INTO rack_group (id, name, location_id) VALUES
	(public.k('G'), 'SECRET_rack_group', public.k('A')), (public.k('mine'), 'MINE', public.k('A'));
INSERT INTO rack (id, name, location_id, rack_group_id) VALUES
	(public.k('R'), 'SECRET_rack', public.k('A1'), public.k('mine')), (public.k('S'), 'SECRET_rack 2', public.k('A1'), public.k('G')),
	(public.k('mine'), 'MINE', public.k('A'), NULL);
INSERT INTO power_panel (id, name, location_id, rack_group_id, circuit_positions, bus) VALUES
	(public.k('P'), 'SECRET_power_panel P', public.k('A'), public.k('mine'), 12, 'split-phase'),
	(public.k('Q'), 'SECRET_power_panel Q', public.k('A1'), NULL, NULL, 'three-phase'),
	(public.k('mine'), 'MINE', public.k('A1'), NULL, 12, 'three-phase');
INSERT INTO power_feed (id, name, power_panel_id, status, rack_id, destination_panel_id, breaker_position, breaker_pole_count) VALUES
	(public.k('F'), 'SECRET_power_feed F', public.k('P'), 'active', public.k('R'), NULL, 1, 2),
	(public.k('PQ'), 'SECRET_power_feed PQ', public.k('P'), 'active', NULL, public.k('Q'), NULL, NULL),
	(public.k('Qmine'), 'SECRET_power_feed Qmine', public.k('Q'), 'active', NULL, public.k('mine'), NULL, NULL),
	(public.k('m1'), 'SECRET_power_feed m1', public.k('mine'), 'active', public.k('mine'), NULL, 1, 2),
	(public.k('m2'), 'SECRET_power_feed m2', public.k('mine'), 'active', NULL, NULL, 2, 2),
	(public.k('mine'), 'MINE', public.k('mine'), 'active', NULL, NULL, NULL, NULL);
INSERT INTO device (id, name) SELECT public.k(d), 'SECRET_device ' || d FROM unnest('{D1,D2,D3}'::text[]) d;
INSERT INTO power_port (id, name, device_id) SELECT public.k('p' || i), 'SECRET_power_port ' || i, public.k('D' || i) FROM generate_series(1, 3) i;
INSERT INTO power_outlet (id, name, device_id, power_port_id)
	SELECT public.k('o' || i), CASE WHEN i < 3 THEN 'SECRET_power_outlet ' || i ELSE 'MINE' END, public.k('D' || i), CASE WHEN i < 3 THEN public.k('p' || i) END
	FROM generate_series(1, 3) i;
INSERT INTO cable (id, power_outlet_id, power_port_id, label) VALUES
	(public.k('c1'), public.k('o1'), public.k('p2'), 'SECRET_cable 1'), (public.k('c3'), public.k('o3'), public.k('p3'), 'SECRET_cable 3');
INSERT INTO power_port (id, name, device_id) VALUES (public.k('p4'), 'SECRET_power_port 4', public.k('D3')), (public.k('p5'), 'SECRET_power_port 5', public.k('D3'));
INSERT INTO cable (id, power_feed_id, power_port_id, label) VALUES (public.k('c4'), public.k('mine'), public.k('p4'), 'SECRET_cable 4');
};
my @tables = qw(location rack_group rack device power_panel power_feed power_port power_outlet cable);

# A write of MINE, and the constraint that refuses it. Operators in them are
# PostgreSQL's own, whatever the search_path.
my $eq = 'OPERATOR(pg_catalog.=)';
my $mine = "WHERE id $eq public.k('mine')";
my $feed = 'INSERT INTO powerpanel.power_feed (name, status, power_panel_id, ';
my @attempts = (
	[ 'power_feed_breaker_conflict', "$feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 3)" ],
	[ 'power_feed_breaker_conflict', "UPDATE powerpanel.power_feed SET breaker_position = 4, breaker_pole_count = 2 $mine" ],
	[ 'power_feed_breaker_conflict', "UPDATE powerpanel.power_panel SET numbering = 'sequential' $mine" ],
	[ 'power_feed_breaker_capacity', "$feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 13)" ],
	[ 'power_feed_breaker_capacity', "UPDATE powerpanel.power_panel SET circuit_positions = 2 $mine" ],
	[ 'power_feed_breaker_bus', "$feed breaker_pole_count) VALUES ('MINE2', 'active', public.k('P'), 3)" ],
	[ 'power_feed_breaker_bus', "UPDATE powerpanel.power_panel SET bus = 'single-phase' $mine" ],
	[ 'power_feed_cycle', "$feed destination_panel_id) VALUES ('MINE2', 'active', public.k('mine'), public.k('P'))" ],
	[ 'power_feed_cycle', "DELETE FROM powerpanel.cable WHERE id $eq public.k('c4'); UPDATE powerpanel.power_feed SET destination_panel_id = public.k('Q') $mine" ],
	[ 'power_feed_rack_location', "$feed rack_id) VALUES ('MINE2', 'active', public.k('Q'), public.k('mine')); UPDATE powerpanel.rack SET location_id = public.k('B') $mine" ],
	[ 'power_feed_rack_location', "UPDATE powerpanel.rack SET location_id = public.k('B') $mine" ],
	[ 'power_feed_rack_location', "UPDATE powerpanel.power_panel SET location_id = public.k('B') $mine" ],
	[ 'location_cycle', "UPDATE powerpanel.location SET parent_id = public.k('A1') $mine" ],
	[ 'rack_rack_group_location', "UPDATE powerpanel.location SET parent_id = public.k('B') $mine" ],
	[ 'rack_rack_group_location', "INSERT INTO powerpanel.rack (name, location_id, rack_group_id) VALUES ('MINE2', public.k('B'), public.k('G'))" ],
	[ 'rack_rack_group_location', "UPDATE powerpanel.rack_group SET location_id = public.k('B') $mine" ],
	[ 'power_panel_rack_group_location', "INSERT INTO powerpanel.power_panel (name, location_id, rack_group_id) VALUES ('MINE2', public.k('B'), public.k('G'))" ],
	[ 'power_panel_rack_group_location', "DELETE FROM powerpanel.power_feed WHERE id $eq public.k('F'); DELETE FROM powerpanel.rack WHERE id $eq public.k('R');"
		  . " UPDATE powerpanel.rack_group SET location_id = public.k('B') $mine" ],
	[ 'power_feed_destination_or_cable', "INSERT INTO powerpanel.cable (power_feed_id, power_port_id) VALUES (public.k('PQ'), public.k('p5'))" ],
	[ 'power_feed_destination_or_cable', "$feed destination_panel_id) VALUES ('MINE2', 'active', public.k('mine'), public.k('P'));", 'power_feed_cycle' ],
	[ 'power_feed_destination_or_cable', "DELETE FROM powerpanel.power_feed WHERE id $eq public.k('Qmine'); UPDATE powerpanel.power_feed SET destination_panel_id = public.k('P') $mine" ],
	[ 'cable_cycle', "INSERT INTO powerpanel.cable (power_outlet_id, power_port_id) VALUES (public.k('o2'), public.k('p1'))" ],
	[ 'cable_cycle', "UPDATE powerpanel.power_outlet SET power_port_id = public.k('p3') WHERE id $eq public.k('o3')" ],
	[ 'power_feed_power_panel_id_name_key', "$feed amperage) VALUES ('SECRET_' || 'power_feed F', 'active', public.k('P'), 20)" ],
	[ 'power_feed_power_panel_id_fkey', "DELETE FROM powerpanel.power_panel $mine" ],
	[ 'power_outlet_power_port', "UPDATE powerpanel.power_outlet SET power_port_id = public.k('p1') WHERE id $eq public.k('o3')" ]);

# Runs all attempts as a role; answers pairs of [ attempt, error ].
sub try_all
{
	my ($db, $role, $setup) = @_;
	my $sql = $setup // '';
	foreach my $i (0 .. $#attempts)
	{
		$sql .= "\\warn = $i\nBEGIN;\n$attempts[$i][1];\nROLLBACK;\n";
	}
	my %error = errors($db, $sql, $role) =~ /^= (\d+)\n(.*?)(?=^= |\z)/msg;
	return map { [ $attempts[$_], $error{$_} // '' ] } 0 .. $#attempts;
}

# What came of them otherwise than it should.
sub not_refused
{
	return map { "$_->[0][1]: $_->[1]" }
	  grep { my $rule = $_->[0][2] // $_->[0][0]; $_->[1] !~ /CONSTRAINT NAME:\s+$rule$/m } @_;
}

$node->safe_psql('postgres', $fixture);
is_sound($node, 'postgres', 'before');
is(join("\n", not_refused(try_all('postgres'))), '', 'each attempt is refused by its rule');

# ------------------------------------------------------------- least rights

$node->safe_psql(
	'postgres', q{
	CREATE ROLE stranger LOGIN; CREATE ROLE inserter LOGIN; CREATE ROLE writer LOGIN; CREATE ROLE reader LOGIN;
	GRANT USAGE ON SCHEMA powerpanel TO inserter, writer, reader;
	GRANT INSERT ON powerpanel.power_feed TO inserter;
	GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO reader});

my @relations = split /\n/, $node->safe_psql('postgres',
	q{SELECT relname FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind IN ('r', 'v', 'm') ORDER BY 1});
my @readable = grep { errors('postgres', "SELECT * FROM powerpanel.$_", 'stranger') !~ /42501/ } @relations;
is("@readable", '', 'a role without grants reads no table and no view: no right on the schema');
@readable = grep { errors('postgres', "SELECT * FROM powerpanel.$_", 'inserter') !~ /42501/ } @relations;
is("@readable", '', '... nor with USAGE on the schema');

is(errors('postgres', "BEGIN; $feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 5);"
		  . " $feed destination_panel_id) VALUES ('MINE3', 'active', public.k('P'), public.k('mine'));"
		  . " $feed rack_id) VALUES ('MINE4', 'active', public.k('P'), public.k('R')); ROLLBACK", 'inserter'),
	'', 'a role with INSERT on power_feed alone can insert');
foreach my $result (grep { $_->[0][1] =~ /^\Q$feed\E/ && $_->[0][1] !~ /UPDATE|DELETE/ } try_all('postgres', 'inserter'))
{
	my ($attempt, $err) = @$result;
	my $rule = $attempt->[2] // $attempt->[0];
	like($err, qr/CONSTRAINT NAME:\s+$rule$/m, "INSERT alone: $rule holds");
	unlike($err, qr/SECRET/, "INSERT alone: $rule tells nothing");
}

# --------------------------------------------- a table that the role cannot see

# The role may read all but one table, and of that one the keys; or it may read
# that one too, but a policy leaves only MINE. Then no message has a name from it.
foreach my $hidden (@tables)
{
	my $name = $hidden eq 'cable' ? 'label' : 'name';
	my $grants = 'GRANT INSERT, UPDATE, DELETE ON ' . join(', ', map { "powerpanel.$_" } @tables) . ' TO writer;'
	  . 'GRANT SELECT ON ' . join(', ', map { "powerpanel.$_" } @tables) . ' TO writer;';
	my %hide = (
		'no SELECT' => "REVOKE SELECT ON powerpanel.$hidden FROM writer; GRANT SELECT (id) ON powerpanel.$hidden TO writer;",
		'a policy' => "ALTER TABLE powerpanel.$hidden ENABLE ROW LEVEL SECURITY;"
		  . "CREATE POLICY s ON powerpanel.$hidden FOR SELECT USING ($name LIKE 'MINE%');"
		  . "CREATE POLICY i ON powerpanel.$hidden FOR INSERT WITH CHECK (true);"
		  . "CREATE POLICY u ON powerpanel.$hidden FOR UPDATE USING (true);"
		  . "CREATE POLICY d ON powerpanel.$hidden FOR DELETE USING (true);");
	my %show = (
		'no SELECT' => '',
		'a policy' => join('', map { "DROP POLICY $_ ON powerpanel.$hidden;" } qw(s i u d))
		  . "ALTER TABLE powerpanel.$hidden DISABLE ROW LEVEL SECURITY;");
	foreach my $how (sort keys %hide)
	{
		errors('postgres', "$grants $hide{$how}");
		my @results = try_all('postgres', 'writer');
		# A row that a policy hides cannot be deleted to clear the way.
		@results = grep { $_->[0][1] !~ /DELETE.*;/ } @results if $how eq 'a policy';
		is(join("\n", not_refused(@results)), '', "$how on $hidden: the rules hold");

		my @told = grep { $_->[1] =~ /^(?:ERROR|DETAIL|HINT):?.*SECRET_$hidden\b/m || $_->[1] =~ /ERROR:.*SECRET_$hidden\b/ } @results;
		{
			is(join("\n", map { $_->[1] } @told), '', "$how on $hidden: no message has a name from it");
		}
		refused('postgres', 'SELECT * FROM powerpanel.check_integrity()', qr/42501/, "$how on $hidden: no audit", 'writer');
		errors('postgres', $show{$how});
	}
	errors('postgres', "REVOKE ALL ON powerpanel.$hidden FROM writer; REVOKE ALL (id) ON powerpanel.$hidden FROM writer;");
}
is($node->safe_psql('postgres', "SELECT * FROM powerpanel.check_integrity() WHERE severity = 'error'", extra_params => [ '-U', 'reader' ]), '',
	'who may read everything may have the audit');
is($node->safe_psql('postgres', q{SELECT count(*) FROM pg_policies WHERE schemaname = 'powerpanel'}), '0', 'no policy is left');

# Row security forced upon the owner hides nothing from the checks either.
errors('postgres', 'ALTER TABLE powerpanel.power_feed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY');
is(join("\n", not_refused(try_all('postgres'))), '', 'forced row security: the rules hold');
$node->safe_psql('postgres', q{
	CREATE ROLE owner LOGIN;
	GRANT USAGE ON SCHEMA powerpanel TO owner;
	DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'r' LOOP
			EXECUTE format('ALTER TABLE powerpanel.%I OWNER TO owner', t);
		END LOOP;
	END $$;
	CREATE POLICY s ON powerpanel.power_feed USING (name LIKE 'MINE%')});
is(errors('postgres', "BEGIN; $feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 5); ROLLBACK", 'owner'), '',
	'forced row security, an owner who is no superuser: a write');
refused('postgres', "$feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 3)",
	qr/CONSTRAINT NAME:\s+power_feed_breaker_conflict/, 'forced row security, an owner who is no superuser: a conflict', 'owner');
unlike(errors('postgres', "$feed breaker_position) VALUES ('MINE2', 'active', public.k('P'), 3)", 'owner'),
	qr/SECRET_power_feed/, 'forced row security: no name');

# ----------------------------------------------------- a hostile search_path

# In "evil" there is an operator, a function or a type for everything that the
# extension might use by an unqualified name; whoever calls one gets PW001. The
# same again in pg_temp, for tables and types. All that the extension does must
# come out as it does without.
$node->safe_psql('postgres', 'CREATE DATABASE hostile');
$node->safe_psql('hostile', $fixture);
$node->safe_psql(
	'hostile', q{
CREATE SCHEMA evil;
CREATE FUNCTION evil.die(text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog
AS $$ BEGIN RAISE EXCEPTION USING ERRCODE = 'PW001', MESSAGE = 'planted: ' || $1; END $$;
DO $$
DECLARE
	o record;
	n int := 0;
BEGIN
	-- operators of the types in question, of PostgreSQL's and of ours
	FOR o IN
		SELECT oprname, oprleft::regtype AS l, oprright::regtype AS r, oprresult::regtype AS result
		FROM pg_operator
		WHERE oprleft <> 0 AND oprright <> 0 AND oprresult::regtype::text NOT LIKE 'any%'
			AND (oprleft IN (SELECT oid FROM pg_type WHERE typname IN
				('uuid', 'text', 'name', 'int4', 'int8', 'int2', 'oid', 'float8', 'numeric', 'bool', 'jsonb', 'json', 'anyarray',
				'anyenum', 'anycompatiblearray', 'anyelement', 'position_set', 'regclass', 'char')))
	LOOP
		n := n + 1;
		BEGIN
			EXECUTE format('CREATE FUNCTION evil.op%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', n, o.l, o.r, o.result,
				format('BEGIN PERFORM evil.die(%L); END', format('%s (%s, %s)', o.oprname, o.l, o.r)));
			EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = evil.op%s, LEFTARG = %s, RIGHTARG = %s)', o.oprname, n, o.l, o.r);
		EXCEPTION WHEN OTHERS THEN NULL;
		END;
	END LOOP;
	-- exact matches for enums and arrays, which PostgreSQL's polymorphic ones are not
	FOR o IN
		SELECT op AS oprname, t.oid::regtype AS l, t.oid::regtype AS r, 'boolean'::regtype AS result
		FROM pg_type t, unnest('{=,<>,<,>,<=,>=,@>,<@,&&}'::text[]) op
		WHERE t.typnamespace = 'powerpanel'::regnamespace AND t.typtype = 'e'
			OR t.oid IN ('uuid[]'::regtype, 'text[]'::regtype, 'int[]'::regtype)
		UNION ALL
		SELECT '||', 'uuid[]'::regtype, 'uuid'::regtype, 'uuid[]'::regtype
		UNION ALL
		SELECT '||', 'text'::regtype, 'name'::regtype, 'text'::regtype
	LOOP
		n := n + 1;
		EXECUTE format('CREATE FUNCTION evil.op%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', n, o.l, o.r, o.result,
			format('BEGIN PERFORM evil.die(%L); END', format('%s (%s, %s)', o.oprname, o.l, o.r)));
		EXECUTE format('CREATE OPERATOR evil.%s (FUNCTION = evil.op%s, LEFTARG = %s, RIGHTARG = %s)', o.oprname, n, o.l, o.r);
	END LOOP;
	-- functions: all of ours, and of PostgreSQL's those for general use
	FOR o IN
		SELECT proname, pg_get_function_identity_arguments(oid) AS args, proretset, prorettype::regtype AS result
		FROM pg_proc
		WHERE prokind = 'f' AND provariadic = 0 AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype, 'record'::regtype)
			AND (pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
				OR (pronamespace = 'pg_catalog'::regnamespace AND proname IN
					('cardinality', 'format', 'round', 'abs', 'length', 'lower', 'upper', 'md5', 'unnest', 'array_position', 'array_append',
					'array_to_string', 'to_jsonb', 'jsonb_typeof', 'num_nonnulls', 'generate_series', 'gen_random_uuid', 'regexp_replace',
					'obj_description', 'pg_get_expr', 'floor', 'mod', 'sqrt', 'quote_ident', 'replace', 'btrim', 'repeat', 'left', 'right',
					'lpad', 'rpad', 'substr', 'strpos', 'text', 'int4', 'numeric', 'float8', 'array_length', 'string_to_array')))
	LOOP
		BEGIN
			EXECUTE format('CREATE FUNCTION evil.%I(%s) RETURNS %s %s LANGUAGE plpgsql AS %L', o.proname, o.args,
				CASE WHEN o.proretset THEN 'SETOF' ELSE '' END, o.result, format('BEGIN PERFORM evil.die(%L); END', o.proname));
		EXCEPTION WHEN OTHERS THEN NULL;
		END;
	END LOOP;
END $$;
CREATE FUNCTION evil.check_integrity(text[] DEFAULT NULL) RETURNS SETOF text LANGUAGE plpgsql AS 'BEGIN PERFORM evil.die(''check_integrity''); END';
CREATE FUNCTION evil.concat_ws(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN PERFORM evil.die(''concat_ws''); END';
CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE plpgsql AS 'BEGIN PERFORM evil.die(''format''); END';
CREATE DOMAIN evil.uuid AS pg_catalog.int4; CREATE DOMAIN evil.text AS pg_catalog.int4;
CREATE DOMAIN evil.jsonb AS pg_catalog.int4; CREATE DOMAIN evil.position_set AS pg_catalog.int4;
CREATE DOMAIN evil.regclass AS pg_catalog.int4; CREATE DOMAIN evil.regnamespace AS pg_catalog.int4;
CREATE DOMAIN evil.phase_designation AS pg_catalog.int4;
CREATE TABLE evil.power_feed (); CREATE TABLE evil.power_panel (); CREATE TABLE evil.pg_constraint (); CREATE TABLE evil.pg_class ();
CREATE VIEW evil.rule AS SELECT 1 AS one;
GRANT USAGE ON SCHEMA evil TO PUBLIC});
cmp_ok($node->safe_psql('hostile', q{SELECT count(*) FROM pg_operator WHERE oprnamespace = 'evil'::regnamespace}), '>', 200, 'operators are planted');
refused('hostile', "SET search_path = evil, pg_catalog; SELECT 'a'::pg_catalog.text = 'b'::pg_catalog.text", qr/PW001/, 'they are called if one lets them');
refused('hostile', "SET search_path = evil, powerpanel, pg_catalog; SELECT cardinality('1, 2'::powerpanel.position_set)", qr/PW001/, 'so are functions');

my $temp = q{
CREATE TEMP TABLE power_feed (); CREATE TEMP TABLE power_panel (); CREATE TEMP TABLE location (); CREATE TEMP TABLE rule ();
CREATE TEMP TABLE pg_class (); CREATE TEMP TABLE pg_constraint (); CREATE TEMP TABLE pg_attribute (); CREATE TEMP TABLE panel_hierarchy ();
CREATE DOMAIN pg_temp.text AS pg_catalog.int4; CREATE DOMAIN pg_temp.uuid AS pg_catalog.int4; CREATE DOMAIN pg_temp.regnamespace AS pg_catalog.int4;
};
my %paths = (
	'planted in front' => 'SET search_path = evil, pg_catalog, powerpanel;',
	'planted, powerpanel first' => 'SET search_path = evil, powerpanel, pg_catalog;',
	'planted in pg_temp' => "$temp SET search_path = powerpanel;",
	'planted in both' => "$temp SET search_path = pg_temp, evil, pg_catalog;",
	'an empty path' => "SET search_path = '';");

# Questions without an operator or an unqualified name of their own.
my @questions = split /\n/, $node->safe_psql(
	'hostile', q{
	SELECT 'TABLE powerpanel.' || quote_ident(relname)
	FROM pg_class WHERE relnamespace = 'powerpanel'::regnamespace AND relkind = 'v' AND relname <> 'rule'
	UNION ALL
	SELECT 'SELECT * FROM powerpanel.' || quote_ident(proname) || '()'
	FROM pg_proc WHERE pronamespace = 'powerpanel'::regnamespace AND prokind = 'f' AND pronargs = pronargdefaults
		AND provolatile <> 'v' AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND proname NOT IN ('simulate_outage', 'simulate_trips')
	UNION ALL
	SELECT format('SELECT * FROM powerpanel.%I(ARRAY[public.k(''P'')])', f) FROM unnest('{simulate_outage,simulate_trips}'::text[]) AS f
	UNION ALL
	SELECT format('SELECT * FROM powerpanel.%I(public.k(%L))', proname, panel)
	FROM pg_proc, (VALUES ('P'), ('mine')) AS v (panel) WHERE pronamespace = 'powerpanel'::regnamespace AND prokind = 'f' AND provolatile <> 'v'
		AND pronargs - pronargdefaults <= 1 AND pronargs > 0 AND proargtypes[0] = 'uuid'::regtype AND proargnames[1] = 'panel'
	UNION ALL
	SELECT format('SELECT powerpanel.find_breaker_position(public.k(%L), %s, %L)', panel, poles, balance)
	FROM (VALUES ('P'), ('mine')) AS v (panel), generate_series(1, 2) poles, (VALUES (true), (false)) w (balance)
	UNION ALL
	SELECT 'SELECT powerpanel.position_union(occupied_positions) FROM powerpanel.power_feed'
	UNION ALL
	SELECT 'SELECT * FROM powerpanel.check_integrity(''{power_feed_cycle,cable_cycle,power_outlet_power_port}'')'
	UNION ALL
	SELECT 'TABLE powerpanel.rule ORDER BY 1'
	ORDER BY 1});
my $writes = "BEGIN;\nUPDATE powerpanel.power_panel SET numbering = 'sequential' WHERE id $eq public.k('P');\n"
  . "$feed breaker_position, breaker_pole_count) VALUES ('MINE2', 'active', public.k('P'), 5, 2), ('MINE3', 'active', public.k('P'), 7, NULL), ('MINE4', 'active', public.k('P'), 8, 2);\n"
  . "UPDATE powerpanel.power_panel SET bus = 'dc', circuit_positions = NULL WHERE id $eq public.k('P');\n"
  . "UPDATE powerpanel.location SET parent_id = NULL WHERE id $eq public.k('B');\n"
  . "COPY (SELECT name, occupied_positions, phase_designation, available_power FROM powerpanel.power_feed ORDER BY name COLLATE \"C\") TO STDOUT;\nROLLBACK;\n";

sub answers
{
	my ($setup) = @_;
	my $sql = join '', map { "\\echo = $_\n$_;\n" } @questions;
	my ($rc, $out, $err) = $node->psql('hostile', "\\set QUIET on\nSET client_min_messages = error;\n$setup\n$sql$writes", on_error_stop => 0);
	return ($out, $err);
}

my ($expected, $errors) = answers('');
is($errors, '', 'all questions are answered');
my %message = map { $_->[0][1] => $_->[1] =~ s/^psql:.*?ERROR/ERROR/mr =~ s/^LOCATION.*//mr } try_all('hostile');
foreach my $how (sort keys %paths)
{
	my ($out, $err) = answers($paths{$how});
	is($err, '', "$how: no error");
	ok($out eq $expected, "$how: the same answers") or do
	{
		my %is = map { /^(.*)\n(.*)/s ? ($1 => $2) : () } split /^= /m, $out;
		my %was = map { /^(.*)\n(.*)/s ? ($1 => $2) : () } split /^= /m, $expected;
		diag("$_\nis: $is{$_}\nshould be: $was{$_}") foreach grep { ($is{$_} // '') ne $was{$_} } sort keys %was;
	};

	my @results = try_all('hostile', undef, "SET client_min_messages = error;\n$paths{$how}\n");
	# One attempt pastes a name with an operator of its own.
	@results = grep { $_->[0][1] !~ /\|\|/ } @results;
	is(join("\n", not_refused(@results)), '', "$how: the rules hold");
	is(join("\n", grep { !/^$/ } map {
				my $m = $_->[1] =~ s/^psql:.*?ERROR/ERROR/mr =~ s/^LOCATION.*//mr;
				$m eq $message{ $_->[0][1] } ? '' : "$m\ninstead of\n$message{ $_->[0][1] }"
			} @results), '', "$how: the same messages");
}

# ---------------------------------------------------------------- extension

$node->safe_psql('postgres', 'CREATE DATABASE theirs OWNER stranger');
refused('theirs', 'CREATE EXTENSION powerpanel', qr/42501/, 'CREATE EXTENSION takes a superuser, also in a database of one\'s own', 'stranger');
like($node->safe_psql('postgres', q{SELECT trusted, superuser FROM pg_available_extension_versions WHERE name = 'powerpanel'}), qr/^f\|t$/m,
	'the extension is not trusted');

# Dropping it, in each way. The owner is a superuser who is not the first one.
$node->safe_psql('postgres', 'CREATE ROLE second SUPERUSER LOGIN; CREATE ROLE keeper; CREATE DATABASE dropped');
my @create = ('dropped', q{
	SET powerpanel.allow_drop = on;
	DROP EXTENSION IF EXISTS powerpanel;
	DROP SCHEMA IF EXISTS powerpanel;
	CREATE EXTENSION powerpanel;
	INSERT INTO powerpanel.location (name) VALUES ('somewhere')}, 'second');
my @drops = (
	[ 'DROP EXTENSION', 'DROP EXTENSION powerpanel' ],
	[ 'DROP EXTENSION CASCADE', 'DROP EXTENSION IF EXISTS powerpanel CASCADE' ],
	[ 'DROP EXTENSION in a DO block', 'DO $$ BEGIN EXECUTE \'DROP EXTENSION powerpanel\'; END $$' ],
	[ 'DROP EXTENSION with others', 'CREATE EXTENSION IF NOT EXISTS plpgsql; DROP EXTENSION plpgsql, powerpanel' ],
	[ 'DROP EXTENSION of what it requires', 'DROP EXTENSION plpgsql CASCADE' ],
	[ 'DROP SCHEMA CASCADE', 'DROP SCHEMA powerpanel CASCADE' ],
	[ 'DROP OWNED CASCADE', 'DROP OWNED BY second CASCADE' ],
	[ 'DROP OWNED by the current user', 'DROP OWNED BY CURRENT_USER CASCADE' ],
	[ 'DROP OWNED', 'DROP OWNED BY second' ],
	[ 'DROP OWNED of the schema\'s owner', 'ALTER SCHEMA powerpanel OWNER TO keeper; DROP OWNED BY keeper CASCADE' ]);
foreach my $drop (@drops)
{
	my ($what, $sql) = @$drop;
	errors(@create);
	{
		refused('dropped', "SET client_min_messages = error; $sql", qr/2BP01.*inventory holds rows/, "$what: refused", 'second');
		is(errors('dropped', 'SELECT 1 FROM powerpanel.location', 'second'), '', "$what: it is all there");
	}
}
errors(@create);
refused('dropped', 'DROP TABLE powerpanel.location CASCADE', qr/2BP01/, 'a table alone cannot be dropped', 'second');
foreach my $drop (grep { $_->[1] !~ /plpgsql/ } @drops)
{
	my ($what, $sql) = @$drop;
	errors(@create);
	is(errors('dropped', "SET client_min_messages = error; SET powerpanel.allow_drop = on; $sql", 'second'), '', "$what: done with powerpanel.allow_drop");
	is($node->safe_psql('dropped', q{SELECT count(*) FROM pg_extension WHERE extname = 'powerpanel'}), '0', "$what: it is gone");
}
errors(@create);
is(errors('dropped', 'SET client_min_messages = error; DELETE FROM powerpanel.location; DROP EXTENSION powerpanel', 'second'), '', 'without rows: DROP EXTENSION');

# What pg_dump does not carry is not done without a word.
errors(@create);
foreach my $change (
	[ 'ADD COLUMN', 'ALTER TABLE powerpanel.rack ADD COLUMN height int' ],
	[ 'CREATE INDEX', 'CREATE INDEX ON powerpanel.rack (name)' ],
	[ 'CREATE TRIGGER', 'CREATE TRIGGER t BEFORE UPDATE ON powerpanel.rack FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()' ],
	[ 'ADD CONSTRAINT', "ALTER TABLE powerpanel.rack ADD CHECK (name <> 'x')" ],
	[ 'RENAME COLUMN', 'ALTER TABLE powerpanel.rack RENAME COLUMN name TO label' ],
	[ 'unqualified', 'SET search_path = powerpanel; ALTER TABLE rack ALTER COLUMN rack_group_id SET NOT NULL' ],
	[ 'RENAME', 'ALTER TABLE powerpanel.rack RENAME TO cabinet' ],
	[ 'SET SCHEMA', 'ALTER TABLE powerpanel.rack SET SCHEMA public' ])
{
	my ($what, $sql) = @$change;
	{
		refused('dropped', "BEGIN; $sql; ROLLBACK", qr/WARNING: .*pg_dump will not carry this change of table "(powerpanel\.rack|powerpanel\.cabinet|public\.rack)"|ERROR/, "$what: a warning", 'second');
	}
}
is(errors('dropped', 'CREATE TABLE mine (i int); ALTER TABLE mine ADD COLUMN j int; CREATE INDEX ON mine (j); DROP TABLE mine', 'second'), '',
	'other tables: not a word');

# Event triggers fire for everybody: a role that has no right here alters its
# own tables all the same, and so does one that may use the schema.
$node->safe_psql('postgres', 'CREATE ROLE tenant LOGIN; CREATE ROLE visitor LOGIN; CREATE DATABASE shared');
$node->safe_psql('shared', q{CREATE EXTENSION powerpanel;
	GRANT USAGE ON SCHEMA powerpanel TO visitor;
	CREATE SCHEMA AUTHORIZATION tenant; CREATE SCHEMA AUTHORIZATION visitor});
foreach my $role (qw(tenant visitor))
{
	foreach my $sql ('CREATE TABLE mine (a int)', 'ALTER TABLE mine ADD COLUMN b int', 'CREATE INDEX ON mine (a)',
		'ALTER TABLE mine ENABLE ROW LEVEL SECURITY', 'CREATE POLICY p ON mine USING (true)',
		'ALTER POLICY p ON mine USING (false)', 'DROP POLICY p ON mine',
		'CREATE TRIGGER t BEFORE UPDATE ON mine FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
		'ALTER TABLE mine ENABLE TRIGGER ALL', 'SET client_min_messages = error; DROP OWNED BY CURRENT_USER')
	{
		is(errors('shared', $sql, $role), '', "a $role: $sql");
	}
}
# But a policy that DROP OWNED takes a role out of has to be put on record. 17.12 leaves
# it to the owner of the table to take it out, and warns.
$node->safe_psql('shared', q{ALTER TABLE powerpanel.rack ENABLE ROW LEVEL SECURITY;
	CREATE POLICY visitor ON powerpanel.rack TO visitor USING (true)});
is(errors('shared', 'SET client_min_messages = error; DROP OWNED BY CURRENT_USER', 'visitor'), '', 'DROP OWNED by one whom a policy names');
is($node->safe_psql('shared', q{SELECT (SELECT count(*) FROM powerpanel_internal.row_security WHERE policy = 'visitor')
	- (SELECT count(*) FROM pg_policies WHERE policyname = 'visitor')}), '0', '... is on record');
$node->safe_psql('shared', 'SET client_min_messages = error; DROP OWNED BY visitor');
is($node->safe_psql('shared', q{SELECT count(*) FROM powerpanel_internal.row_security WHERE policy = 'visitor'}), '0',
	'... and so is what the owner takes away');

$node->stop;
done_testing();
