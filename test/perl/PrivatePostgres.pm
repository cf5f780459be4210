# A PostgreSQL of a test's own, beside one that is installed, and what it takes to run
# make and the like for it.

package PrivatePostgres;

use strict;
use warnings;

use Exporter qw(import);
use File::Path qw(make_path);
use IPC::Run;
use PostgreSQL::Test::Utils;
use Test::More;

our @EXPORT = qw(run_in output_of usable_major private_postgres);

sub commands_log { return "$PostgreSQL::Test::Utils::log_path/" . ($0 =~ m{([^/]*)\.pl$})[0] . '_commands.log' }

# Runs a command, in a folder; its output is shown if it fails.
sub run_in
{
	my ($dir, @command) = @_;
	my $output = '';
	my $ok = IPC::Run::run(\@command, '<', \undef, '>&', \$output, init => sub { chdir $dir or die "$dir: $!" });
	append_to_file(commands_log(), "# @command\n$output");
	diag(length $output > 3000 ? substr($output, -3000) : $output) if !$ok;
	return $ok;
}

sub output_of
{
	my (@command) = @_;
	IPC::Run::run(\@command, '<', \undef, '>', \my $output, '2>>', commands_log()) or die "@command failed";
	chomp $output;
	return $output;
}

# The major of the PostgreSQL of this pg_config, or nothing where one cannot build
# for it or has not its programs.
sub usable_major
{
	my ($pg_config) = @_;
	my ($major) = output_of($pg_config, '--version') =~ /(\d+)/;
	return $major >= 15 && -e output_of($pg_config, '--includedir-server') . '/postgres.h'
		&& -x output_of($pg_config, '--bindir') . '/postgres' ? $major : undef;
}

# That PostgreSQL in $root, without powerpanel: PostgreSQL finds its files relative to
# its own program, so copies of the programs beside links to the rest will do.
sub private_postgres
{
	my ($root, $pg_config) = @_;
	my ($bin, @rest) = map { output_of($pg_config, $_) } qw(--bindir --sharedir --pkglibdir);
	my @programs = grep { -f } (map { "$bin/$_" } qw(postgres initdb psql vacuumdb)), glob "$bin/pg_*";
	make_path("$root$bin", map { "$root$_" } @rest);
	return run_in($root, 'cp', @programs, "$root$bin/")
		&& !(grep { !run_in($root, 'cp', '-rs', "$_/.", "$root$_/") } @rest)
		# an installation with LLVM has a folder of bitcode of that name
		&& run_in($root, qw(find -depth -name powerpanel* -exec rm -rf {} ;));
}

1;
