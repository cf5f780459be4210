# A real, unchanged Nautobot under guard, as far as its ORM writes: a part of
# `make nautobot` that is over in a minute or two, since the tables are made from
# Nautobot's models, not by its migrations, and there is no Redis and no server of
# Nautobot's. It comes from PyPI, or from tmp/live, where `make nautobot` keeps it.

use strict;
use warnings;

use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $version = '3.2.7';
my $live = "$FindBin::RealBin/../live";
my $dir = PostgreSQL::Test::Utils::tempdir;

# Whether a command succeeded within so many seconds, and what it wrote. INT lets pip
# end what it has started.
sub run_within
{
	my ($seconds, @command) = @_;
	my $out = '';
	my $ok = eval {
		IPC::Run::run([ 'timeout', '--foreground', '-s', 'INT', '-k', '10', $seconds, @command ], '<', \undef, '>&', \$out);
	};
	return ($ok, $out . ($@ // ''));
}

sub last_line
{
	return (split /\n/, $_[0])[-1] // '(nothing said)';
}

# The Python of the Nautobot that `make nautobot` has installed, if we may run it. We
# may be in a copy of the checkout that lies inside of it.
sub installed
{
	my @places = $ENV{LIVE} // ();
	for (my $above = $FindBin::RealBin; $above =~ m{/}; $above =~ s{/[^/]*$}{})
	{
		push @places, "$above/tmp/live";
	}
	my ($venv) = grep { -e "$_/installed-$version" && (run_within(60, "$_/bin/python", '-c', 'import nautobot'))[0] }
	  map { "$_/venv-nautobot-3.2" } @places;
	return $venv ? "$venv/bin/python" : undef;
}

# Nautobot takes 3.10 to 3.13.
sub find_python
{
	my $right = 'import sys, venv, ensurepip; sys.exit(not (3, 10) <= sys.version_info < (3, 14))';
	my ($python) = grep { (run_within(20, $_, '-c', $right))[0] }
	  ($ENV{PYTHON} // qw(python3.12 python3.13 python3.11 python3.10 python3 /usr/bin/python3));
	return $python;
}

# Installs it into a folder of ours; or tells why that cannot be.
sub install
{
	my $python = find_python() or return (undef, 'no Python 3.10 to 3.13 with venv and ensurepip here');
	my ($kilobytes) = (run_within(20, 'df', '-Pk', $dir))[1] =~ /(\d+)\s+\d+%/;
	return (undef, 'less than 2 GB free for Nautobot') if $kilobytes && $kilobytes < 2 * 1024 * 1024;
	my ($ok, $said) = run_within(60, $python, '-m', 'venv', "$dir/venv");
	return (undef, 'no virtual environment can be made: ' . last_line($said)) if !$ok;
	my @pip = ("$dir/venv/bin/python", '-m', 'pip', '--no-cache-dir', '--disable-pip-version-check', '--no-input');
	# asks the index only, whichever pip is configured to use
	($ok, $said) = run_within(30, @pip, '--timeout', '5', '--retries', '0', 'index', 'versions', 'nautobot');
	return (undef, 'PyPI cannot be reached: ' . last_line($said)) if !$ok;
	my $began = time;
	($ok, $said) = run_within(150, @pip, 'install', '-q', '--no-compile', "nautobot==$version");
	my $seconds = time - $began;
	return ("$dir/venv/bin/python", "nautobot==$version installed from PyPI in $seconds s") if $ok;
	return (undef, "nautobot==$version is not installed from PyPI within 150 s") if $seconds >= 150;
	return (undef, "pip cannot install nautobot==$version: " . last_line($said));
}

$ENV{TMPDIR} = $dir;
# No byte code beside our sources, nor in what is kept.
my $python = installed();
$ENV{ $python ? 'PYTHONDONTWRITEBYTECODE' : 'PYTHONPYCACHEPREFIX' } = "$dir/compiled";
my $what = "nautobot==$version of tmp/live";
($python, $what) = install() if !$python;
plan(skip_all => $what) if !$python;
note($what);
note((run_within(20, $python, '--version'))[1]);

# ------------------------------------------------------- its tables, and the guard

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->append_conf('postgresql.conf', "lc_messages = 'C'\nautovacuum = off");
$node->start;
$node->safe_psql('postgres', 'CREATE ROLE nautobot LOGIN');
$node->safe_psql('postgres', 'CREATE DATABASE nautobot OWNER nautobot');

mkdir "$dir/files" or die;
%ENV = (
	%ENV,
	LIVE_SOCKETS => $node->host,
	LIVE_PORT => $node->port,
	LIVE_DATABASE => 'nautobot',
	LIVE_FILES => "$dir/files",
	LIVE_ORM => 'yes',
	NAUTOBOT_CONFIG => "$live/nautobot_config.py",
	PYTHONWARNINGS => 'ignore');

my ($ok, $said) = run_within(120, $python =~ s/python$/nautobot-server/r, 'migrate', '--run-syncdb', '-v0');
ok($ok, 'Nautobot makes its tables') or BAIL_OUT($said);

# What unguard() has to leave as it was
sub schema
{
	my ($dump) = run_command([ 'pg_dump', '-s', '--no-owner', '-n', 'public', $node->connstr('nautobot') ]);
	return join "\n", grep { !/^(\\|--)/ } split /\n/, $dump;
}

my $before = schema();
like($before, qr/CREATE TABLE public\.dcim_cabletocabletermination /, '... with that of the ends of cables');
$node->safe_psql('nautobot', 'CREATE EXTENSION powerpanel');
is($node->safe_psql('nautobot', q{SELECT rule, violations, detail FROM powerpanel.guard_nautobot() WHERE guarded ORDER BY rule COLLATE "C"}),
	q{power_feed_breaker_bus|0|by dcim_powerfeed.breaker_position, dcim_powerfeed.breaker_pole_count
power_feed_breaker_capacity|0|by dcim_powerfeed.breaker_position, dcim_powerpanel.breaker_position_count
power_feed_breaker_conflict|0|by dcim_powerfeed.breaker_position
power_feed_breaker_pole_count|0|by dcim_powerfeed.breaker_pole_count
power_feed_breaker_position|0|by dcim_powerfeed.breaker_position
power_feed_cycle|0|by dcim_powerfeed.destination_panel_id
power_feed_destination_or_cable|0|by dcim_powerfeed.destination_panel_id, dcim_cabletocabletermination.power_feed_id
power_feed_destination_self|0|by dcim_powerfeed.destination_panel_id
power_panel_circuit_positions|0|by dcim_powerpanel.breaker_position_count}, 'guard_nautobot() guards nine rules');
isnt(schema(), $before, '... for which it changes the tables');

# ------------------------------------------------------------------ what it writes

($ok, $said) = run_within(120, $python, "$live/orm_ways.py", '3.2');
foreach my $line (split /\n/, $said)
{
	if ($line =~ /^(not )?ok - (.*)/) { ok(!$1, $2) }
	else { note($line) }
}
ok($ok, 'all that was tried, to the end');

is($node->safe_psql('nautobot', q{SELECT rule, object, detail FROM powerpanel.check_integrity() WHERE severity = 'error'}), '', 'the audit finds nothing');
cmp_ok($node->safe_psql('nautobot', 'SELECT count(*) FROM dcim_powerfeed'), '>', 20, '... of the feeds that were let in');

$node->safe_psql('nautobot', q{SELECT powerpanel.unguard('dcim_powerfeed'); DROP EXTENSION powerpanel});
is(schema(), $before, 'unguard() leaves the schema as it was');

$node->stop;
done_testing();
