package ModelComparison;

# Puts questions about networks to a server, and compares its answers with those
# of a model, for the tests that do.
#
# POWER_MODEL_SEED and POWER_MODEL_NETWORKS choose the networks: network i of a
# run is the one and only network of a run with seed + i. A slow machine compares
# fewer, those that it can in POWER_MODEL_SECONDS. With POWER_MODEL_FAIL_FAST it
# ends after the first few that are wrong somewhere.

use strict;
use warnings;

use List::Util qw(max min);
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

use Exporter 'import';
our @EXPORT = qw(ask ask_columns ask_sql say_sql ids is_same row_text wrong compare compare_columns compare_networks
  %answers %compared);

# The columns of the answers, and their types: t text or a number that is exact,
# v VA, p percent or amperes.
our %answers;

# How many rows were compared, and how many were wrong, by function.
our (%compared, %wrong);

# ----------------------------------------------------------------- questions

# The SQL that asks, and what to do with the answer: one of each per question.
my (@script, @checks);

sub say_sql { push @script, @_; return; }

sub ask
{
	my ($function, $arguments, $check, $where) = @_;
	ask_columns($answers{$function}[0], $function, $arguments, $check, $where);
	return;
}

sub ask_columns
{
	my ($names, $function, $arguments, $check, $where) = @_;
	my $columns = join ', ',
	  map { /^(energized|overloaded|survives_any_one|maintainable|fault_tolerant)$/ ? "$_\::int" : $_ } @$names;

	$function .= "($arguments)" if defined $arguments;
	ask_sql("SELECT $columns FROM powerpanel.$function " . ($where // ''), $check);
	return;
}

sub ask_sql
{
	my ($sql, $check) = @_;
	push @script, "\\echo \@\n$sql;\n";
	push @checks, $check;
	return;
}

sub ids { return 'ARRAY[' . join(', ', map { "'$_'" } @_) . ']::uuid[]'; }

# ------------------------------------------------------------------- answers

sub is_same
{
	my ($type, $got, $expected) = @_;
	return defined $got == defined $expected if !defined $got || !defined $expected;
	return $got eq $expected if $type eq 't';
	# Far closer than two loads that are the same; both compute in double.
	return abs($got - $expected) <= 1e-6 + 1e-9 * abs($expected);
}

sub is_same_row
{
	my ($types, $got, $expected) = @_;
	return !grep { !is_same(substr($types, $_, 1), $got->[$_], $expected->[$_]) } 0 .. length($types) - 1;
}

sub row_text { return join ' | ', map { $_ // '' } @{ $_[0] }; }

# Tells of the first few things that are wrong.
sub wrong
{
	my ($about, $function, @lines) = @_;
	diag("$about: $function", map { "\n    $_" } @lines) if ++$wrong{$function} <= 3;
	return;
}

# Compares rows, in whatever order, by the column that is an id.
sub compare
{
	my ($about, $function, $expected, @got) = @_;
	compare_columns($answers{$function}[0], $about, $function, $expected, @got);
	return;
}

sub compare_columns
{
	my ($columns, $about, $function, $expected, @got) = @_;
	my %type;
	@type{ @{ $answers{$function}[0] } } = split //, $answers{$function}[1];
	my $types = join '', @type{@$columns};
	my ($key) = grep { $columns->[$_] =~ /_id$/ } 0 .. length($types) - 1;
	my %expected = map { $_->[$key] => $_ } @$expected;

	$compared{$function} += max(scalar(@got), scalar(@$expected));
	foreach my $got (@got)
	{
		my $expected_row = delete $expected{ $got->[$key] };
		if (!$expected_row)
		{
			wrong($about, $function, 'not expected: ' . row_text($got));
		}
		elsif (!is_same_row($types, $got, $expected_row))
		{
			wrong($about, $function, 'got:      ' . row_text($got), 'expected: ' . row_text($expected_row));
		}
	}
	wrong($about, $function, 'missing:  ' . row_text($_)) foreach values %expected;
	return;
}

# --------------------------------------------------------------------- runs

# So many networks, and POWER_MODEL_NETWORKS if it is set; $ask asks all that is
# to be asked of the network with a number. Then tells of each function whether
# its answers were right, and that there were some.
sub compare_networks
{
	my ($networks, $seconds, $ask) = @_;
	my $seed = $ENV{POWER_MODEL_SEED} // 1;
	my $per_session = $ENV{POWER_MODEL_FAIL_FAST} ? 5 : 20;
	my $start = time;

	$networks = $ENV{POWER_MODEL_NETWORKS} // $networks;
	$seconds = $ENV{POWER_MODEL_SECONDS} // $seconds;
	note("POWER_MODEL_SEED=$seed POWER_MODEL_NETWORKS=$networks");
	my $node = PostgreSQL::Test::Cluster->new('main');
	$node->init;
	$node->start;
	$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

	my $done = 0;
	while ($done < $networks && time - $start <= $seconds)
	{
		my $last = min($done + $per_session, $networks) - 1;
		$ask->($seed + $_) foreach $done .. $last;
		run($node, $seed + $done, $seed + $last);
		$done = $last + 1;
		last if %wrong && $ENV{POWER_MODEL_FAIL_FAST};
	}
	note("$done networks in " . (time - $start) . ' s');
	is($wrong{errors} // 0, 0, 'no errors');
	foreach my $function (sort keys %answers)
	{
		is($wrong{$function} // 0, 0, "$function: " . ($compared{$function} // 0) . ' rows are right');
		isnt($compared{$function} // 0, 0, "$function has answers") if $networks >= 100;
	}
	return $done;
}

# Puts what was asked to the server, and looks at the answers.
sub run
{
	my ($node, $first, $last) = @_;
	my ($out, $err) = ('', '');

	$node->psql('postgres', join('', "\\set ON_ERROR_ROLLBACK on\n", @script), stdout => \$out, stderr => \$err, on_error_stop => 0,
		extra_params => [ '-P', 'null=(null)' ]);
	wrong("networks $first to $last", 'errors', split /\n/, $err) if $err ne '';
	my @answers = split /^\@$/m, $out, -1;
	shift @answers;
	is(scalar(@answers), scalar(@checks), "networks $first to $last: all questions are answered");
	foreach my $check (@checks)
	{
		my $answer = shift(@answers) // '';
		my @rows = map { [ map { $_ eq '(null)' ? undef : $_ } split /\|/, $_, -1 ] } grep { $_ ne '' } split /\n/, $answer;
		$check->(@rows);
	}
	(@script, @checks) = ();
	return;
}

1;
