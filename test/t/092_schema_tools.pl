# Programs that make something of a schema that they find: Django's inspectdb,
# SQLAlchemy's automap and PostGraphile, as examples/clients shows them. They are
# those of this machine, or come from PyPI and npm into a folder of the test's own;
# without either these tests are skipped.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../perl";
use HTTP::Tiny;
use IPC::Run;
use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Programs;
use Test::More;

my $root = "$FindBin::RealBin/../..";
my $clients = "$root/examples/clients";
my $dir = PostgreSQL::Test::Utils::tempdir;

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'), '-f', "$root/examples/datacenter.sql" ],
	'the example is loaded');
# One who may read and write the inventory, and owns nothing.
$node->safe_psql('postgres', q{
	CREATE ROLE application LOGIN;
	GRANT USAGE ON SCHEMA powerpanel TO application;
	GRANT SELECT ON ALL TABLES IN SCHEMA powerpanel TO application;
	GRANT INSERT, UPDATE, DELETE ON powerpanel.location, powerpanel.power_panel, powerpanel.power_feed TO application});

$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
$ENV{PGDATABASE} = 'postgres';
$ENV{PGUSER} = 'application';

# --------------------------------------------------- Django and SQLAlchemy

my $versions = 'import django, sqlalchemy, psycopg; assert django.VERSION >= (5,) and sqlalchemy.__version__ >= "2";'
  . ' print("Django", django.__version__, "SQLAlchemy", sqlalchemy.__version__, "psycopg", psycopg.__version__)';

# A Python that has both: this machine's, or one that gets them from PyPI.
sub find_python
{
	my @pythons = ('python3', '/usr/bin/python3');
	my ($python) = grep { (run_maybe($_, '-c', $versions))[0] } @pythons;
	return $python if $python;
	foreach (@pythons)
	{
		my ($ok, undef, $err) = run_maybe($_, qw(-m pip install --quiet --disable-pip-version-check --no-cache-dir --retries 1 --timeout 20),
			'--target', "$dir/python", '-r', "$clients/python/requirements.txt");
		note("pip: $err") if !$ok;
		local $ENV{PYTHONPATH} = "$dir/python";
		return $_ if $ok && (run_maybe($_, '-c', $versions))[0];
	}
	return;
}

SKIP:
{
	my $python = find_python();
	skip 'no Python with Django 5, SQLAlchemy 2 and psycopg 3: neither here nor from PyPI', 7 if !$python;
	local $ENV{PYTHONPATH} = "$dir/python" if -d "$dir/python";
	note((run_maybe($python, '-c', $versions))[1]);
	my $expected = slurp_file("$clients/schemas.txt");
	foreach my $program ('django_feeds.py', 'sqlalchemy_feeds.py')
	{
		# A warning of SQLAlchemy's is one of something that automap did not understand.
		my ($ok, $out, $err) = run_maybe($python, '-B', $program =~ /alchemy/ ? qw(-W error) : (), "$clients/python/$program");
		ok($ok, "$program: runs") or diag($err);
		is($out, $expected, "$program: tells what is expected");
	}
	is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.location WHERE name LIKE 'Workshop%'}), '0', 'they leave nothing behind');

	# What Django makes of the tables by itself, as the page shows it.
	my ($ok, $out, $err) = run_maybe($python, '-B', '-c', qq{
import sys
sys.path.insert(0, "$clients/python")
import django_feeds
from django.core.management import call_command
call_command("inspectdb", "power_feed", "power_bank", "power_outlet")});
	ok($ok, 'inspectdb runs') or diag($err);
	my %line = map { s/^\s+|(?:, )?db_comment=.*?(?=\)(?:  #|$))//gr => 1 } split /\n/, $out;
	is(join("\n", grep { !$line{$_} } split /\n/, slurp_file("$clients/python/inspectdb.txt")), '', '... and writes what is shown')
	  or diag(join "\n", sort keys %line);
}

# -------------------------------------------------------------- PostGraphile

sub query
{
	my ($url, $query, $variables) = @_;
	my $response = HTTP::Tiny->new(timeout => 60)->post($url,
		{ headers => { 'Content-Type' => 'application/json' }, content => encode_json({ query => $query, variables => $variables // {} }) });
	my $answer = eval { decode_json($response->{content}) } // {};
	return { %$answer, text => "$response->{status} $response->{content}" };
}

sub answers
{
	my ($got, $shown, $what) = @_;
	is_deeply({ map { $_ => $got->{$_} } grep { exists $got->{$_} } qw(data errors) }, decode_json(slurp_file("$clients/graphql/$shown")), $what)
	  or diag($got->{text});
	return;
}

SKIP:
{
	skip 'no Node.js 18 or later here', 7 if !(run_maybe('node', '-e', 'process.exit(parseInt(process.versions.node) < 18 ? 1 : 0)'))[0];
	skip 'no PostGraphile: npm does not get it', 7 if !npm_ci("$clients/graphql", "$dir/node", qw(package.json package-lock.json server.js));
	note((run_maybe('node', '-p', qq{"PostGraphile " + JSON.parse(fs.readFileSync("$dir/node/node_modules/postgraphile/package.json")).version}))[1]);
	local $ENV{PORT} = 0;
	my ($out, $err) = ('', '');
	my $server = IPC::Run::start([ 'node', "$dir/node/server.js" ], '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(120));
	$server->pump until $out =~ /\n/ || !$server->pumpable;
	my ($url) = $out =~ /^(http:\S+)\n/;
	ok($url, 'the server starts') or diag($err);

	answers(query($url, slurp_file("$clients/graphql/schedule.graphql")), 'schedule.json', 'the schedule of a panel');
	my $panel = query($url, '{ panelId(name: "LP-1") }')->{data}{panelId};
	is($panel, $node->safe_psql('postgres', q{SELECT powerpanel.panel_id('LP-1')}), 'a panel is found by its name');
	my $conflict = slurp_file("$clients/graphql/conflict.graphql");
	answers(query($url, $conflict, { panel => $panel }), 'conflict.json', 'a breaker conflict, with the name of its rule');
	is($node->safe_psql('postgres', q{SELECT count(*) FROM powerpanel.power_feed WHERE name = 'Pump'}), '0', '... after which nothing is written');
	my $sound = query($url, $conflict =~ s/breakerPosition: 7/breakerPosition: 39/r, { panel => $panel });
	is_deeply($sound->{data}, { createPowerFeed => { powerFeed => { occupiedPositions => '39, 41', phaseDesignation => 'B_C', availablePower => '3328' } } },
		'one that fits is written') or diag($sound->{text});
	my $analysis = query($url, 'query ($panel: UUID!) { panelScheduleText(panel: $panel) singlePointsOfFailure { nodes { objectType name devices } } }', { panel => $panel });
	my ($most) = sort { $b->{devices} <=> $a->{devices} } @{ $analysis->{data}{singlePointsOfFailure}{nodes} // [] };
	is_deeply($most, { objectType => 'power_panel', name => 'ATS-A', devices => 15 }, 'functions are queries') or diag($analysis->{text});
	$server->kill_kill;
}

my $lock = decode_json(slurp_file("$clients/graphql/package-lock.json"));
is($lock->{packages}{'node_modules/postgraphile'}{version}, decode_json(slurp_file("$clients/graphql/package.json"))->{dependencies}{postgraphile},
	'the lock file has the version that package.json names');
my @packages = grep { $_ ne '' } keys %{ $lock->{packages} };
is(scalar(grep { ($lock->{packages}{$_}{resolved} // '') !~ m{^https://registry\.npmjs\.org/} } @packages), 0, '... and each package with its place');
is(scalar(grep { !$lock->{packages}{$_}{integrity} } @packages), 0, '... and its checksum');

$node->stop;
done_testing();
