# A short fuzzing run of position_set and the breaker geometry, always with the
# same seed; "make fuzz" runs longer. See test/fuzz/run.
use strict;
use warnings;

use Test::More;

my $seed = 20261;
local %ENV = (%ENV,
	FUZZ_SEED => $seed,
	FUZZ_SECONDS => 4,
	FUZZ_DIR => ($ENV{TESTDATADIR} // 'tmp_check') . '/fuzz');
my $said = `bash test/fuzz/run 2>&1`;
my $rc = $? >> 8;

plan skip_all => $said if $rc == 77;
foreach my $target (qw(text binary operators gist geometry))
{
	like($said, qr/^== $target:.*\n#\d+\s+DONE/m, "$target, seed $seed");
}
is($rc, 0, 'no input failed') ? note($said) : diag($said);
done_testing();
