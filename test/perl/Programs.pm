# Programs that may not be on this machine.

package Programs;

use strict;
use warnings;

use Cwd;
use Exporter 'import';
use File::Copy;
use IPC::Run;
use Test::More;

our @EXPORT = qw(run_maybe npm_ci);

# Whether it succeeded, and what it wrote.
sub run_maybe
{
	my ($out, $err) = ('', '');
	my $ok = eval { IPC::Run::run(\@_, '<', \undef, '>', \$out, '2>', \$err, IPC::Run::timeout(180)) };
	return ($ok, $out, $err . ($@ // ''));
}

# Copies these files into a new folder, and gets from npm what its lock file names.
sub npm_ci
{
	my ($from, $where, @files) = @_;
	my $here = getcwd;
	local $ENV{HOME} = $where;
	mkdir $where or die;
	copy("$from/$_", "$where/$_") or die foreach @files;
	chdir $where or die;
	my ($ok, $out, $err) = run_maybe('npm', 'ci', '--no-audit', '--no-fund', '--ignore-scripts', '--cache', "$where/cache",
		'--fetch-retries', '1', '--fetch-timeout', '20000');
	note("npm: $err") if !$ok;
	chdir $here or die;
	return $ok;
}

1;
