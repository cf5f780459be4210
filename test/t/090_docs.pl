# What the documents tell the reader to do is done, and compared with what they
# show. A document is one session, from top to bottom:
#
#	```sql ... ```	goes to psql as it stands
#	```sh ... ```	psql, createdb and the like are run, in a folder that looks
#			like a checkout; of make and of scripts it is asked whether
#			they are there; a line that begins with # is a remark
#	``` ... ```	right after one of these: what it prints, to the letter but
#			for blanks at the ends of lines, and the order of rows where
#			a command has RETURNING. A line of "..." stands for any
#			lines. Without such a block nothing is compared, but an error
#			fails.
#	```text ... ```	is not for the test
#
# A block is pasted whole, and then psql takes the lines after a backslash command for
# its arguments; so such a command is the last line of its block. There is no \. at
# all: what is pasted after COPY FROM STDIN does not end there.
#
# All happens in a database mydb, which these comments in the text make anew:
#
#	<!-- test: empty -->	nothing in it. So a document begins
#	<!-- test: example -->	the extension, examples/datacenter.sql, and
#				search_path = powerpanel, public
#	<!-- test: netbox -->	the extension, and a small NetBox in schema netbox
#	<!-- test: nautobot -->	the extension, and a small Nautobot in schema nautobot
#	<!-- test: each -->	from here on, each section (##) has a copy of its own of
#				the database that script/demo leaves, which is called
#				powerpanel
#	<!-- test: skip WHY -->	the next block is not for the test
#
# script/test --accept tap 090_docs writes what came out into the documents.

use strict;
use warnings;

use Cwd;
use File::Spec;
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my @documents = qw(README.md docs/tutorial.md docs/recipes.md docs/analysis.md docs/guard.md docs/import.md docs/operation.md);
my $top = Cwd::realpath("$FindBin::RealBin/../..");

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->append_conf('postgresql.conf', "wal_level = logical\nautovacuum = off\nlc_messages = 'C'");
$node->start;
$ENV{PGHOST} = $node->host;
$ENV{PGPORT} = $node->port;
# Whom docs/operation.md speaks of
$node->safe_psql('postgres', 'CREATE ROLE dba');

# Commands write into this folder, not into the checkout.
my $folder = PostgreSQL::Test::Utils::tempdir();
symlink $_, "$folder/" . (split m{/})[-1] foreach glob "$top/*";

# ------------------------------------------------------------- the sessions

my ($psql, $in, $out);

sub end_session
{
	return unless $psql;
	$in .= "\\q\n";
	$psql->finish;
	undef $psql;
}

# The database of the session
my $database;

sub new_database
{
	my ($name, $template) = @_;
	end_session();
	$database = $name;
	$node->safe_psql('postgres', "DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$node->safe_psql('postgres', "CREATE DATABASE $name TEMPLATE $template");
}

sub load
{
	my ($schema, @files) = @_;
	local $ENV{PGOPTIONS} = $schema ? "-c search_path=$schema" : '';
	# one transaction, since keys of those tables wait for its end
	$node->command_ok([ 'psql', '-Xq', $schema ? '-1' : (), '-v', 'ON_ERROR_STOP=1', '-o', File::Spec->devnull, (map { ('-f', "$top/$_") } @files), $database ],
		"@files: loaded");
}

# What the tables of another tool are made of
my %tools = (
	netbox   => ['test/netbox/small.sql'],
	nautobot => [ 'test/nautobot/schema.sql', 'test/nautobot/inventory.sql' ]);

sub fresh_database
{
	my ($what) = @_;
	new_database('mydb', 'template1');
	return if $what eq 'empty';
	$node->safe_psql('mydb', 'CREATE EXTENSION powerpanel');
	if ($tools{$what})
	{
		$node->safe_psql('mydb', "CREATE SCHEMA $what");
		load($what, @{ $tools{$what} });
		return;
	}
	load('', 'examples/datacenter.sql');
	sql("SET search_path = powerpanel, public;\n");
}

# A copy of what script/demo leaves. A template's settings are not copied.
my $demo_made;

sub demo_database
{
	if (!$demo_made)
	{
		like(slurp_file("$top/script/demo"),
			qr/CREATE DATABASE powerpanel.*SET search_path = powerpanel, public.*CREATE EXTENSION powerpanel.*datacenter\.sql/s,
			'the demo database is made like this');
		new_database('demo', 'template1');
		$node->safe_psql('demo', 'CREATE EXTENSION powerpanel');
		load('', 'examples/datacenter.sql');
		$demo_made = 1;
	}
	new_database('powerpanel', 'demo');
	$node->safe_psql('powerpanel', 'ALTER DATABASE powerpanel SET search_path = powerpanel, public');
}

# What psql prints for these commands; one psql serves until there is another database.
sub sql
{
	my ($commands) = @_;
	my $end = '=== end of block ===';
	if (!$psql)
	{
		($in, $out) = ('', '');
		$psql = IPC::Run::start([ 'psql', '-X', '-P', 'pager=off', $database ], '<', \$in, '>', \$out, '2>&1',
			init => sub { chdir $folder or die "$folder: $!" }, IPC::Run::timeout(180));
	}
	$out = '';
	$in .= "$commands\n\\echo '$end'\n";
	$psql->pump while $out !~ /^\Q$end\E\n/m && $psql->pumpable;
	$out =~ s/^\Q$end\E\n//m or die "psql has ended:\n$out";
	return $out;
}

sub shell
{
	my ($commands) = @_;
	$commands =~ s/\\\n\s*//g;
	my $printed = '';
	foreach my $command (grep { !/^#/ } split /\n/, $commands)
	{
		if ($command =~ /^(?:PG\w+='[^']*' )?(?:psql|createdb|dropdb|pg_dump|pg_restore)\s/)
		{
			$printed .= `cd '$folder' && { $command; } 2>&1`;
			is($?, 0, $command);
		}
		elsif ($command =~ /^make /)
		{
			(my $asked = $command) =~ s/\bmake\b/make -n PG_CONFIG="\${PG_CONFIG:-pg_config}"/g;
			my $answer = `cd '$top' && { $asked; } 2>&1`;
			is($?, 0, "$command: can be made") or diag($answer);
		}
		elsif ($command =~ m{^(script/\w+)})
		{
			ok(-x "$top/$1", "$command: there is one");
		}
		elsif ($command !~ /^dot /)		# may not be here
		{
			fail("$command: the test does not know what to do about it");
		}
	}
	return $printed;
}

# ------------------------------------------------------------ the documents

# Are these the lines shown?  "..." stands for any.
sub same
{
	my ($shown, $printed, $sorted) = @_;
	if ($sorted)
	{
		$_ = join '', sort split /(?<=\n)/ foreach $shown, $printed;
	}
	my $pattern = join '', map { $_ eq "...\n" ? '(?:.*\n)*?' : quotemeta } split /(?<=\n)/, $shown;
	return $printed =~ /\A$pattern\z/;
}

sub tidy
{
	my ($text) = @_;
	$text =~ s/[ \t]+$//mg;
	$text =~ s/\A\n+|\n+\z//g;
	return "$text\n";
}

# A document as a list of parts: fenced blocks, which have a language (perhaps
# empty), commands or other content, and the number of their first line; and
# what is between them.
sub parts
{
	my ($text) = @_;
	my @parts = ({ text => '' });
	my $number = 0;
	foreach my $line (split /(?<=\n)/, $text)
	{
		$number++;
		if (exists $parts[-1]{content} && !$parts[-1]{closed})
		{
			$parts[-1]{text} .= $line;
			if ($line eq "```\n") { $parts[-1]{closed} = 1 }
			else { $parts[-1]{content} .= $line }
		}
		elsif ($line =~ /^```(\w*)$/)
		{
			push @parts, { text => $line, language => $1, content => '', number => $number };
		}
		elsif (exists $parts[-1]{content})
		{
			push @parts, { text => $line };
		}
		else
		{
			$parts[-1]{text} .= $line;
		}
	}
	return @parts;
}

# Runs a document; in its parts, what is shown becomes what was printed, where
# that was asked for.
sub run_document
{
	my ($name, @parts) = @_;
	my ($count, $skip, $each) = (0, 0, 0);
	fresh_database('empty');
	for my $i (0 .. $#parts)
	{
		my $part = $parts[$i];
		if (!exists $part->{content})
		{
			my $wanted;
			while ($part->{text} =~ /^(?:<!-- test: (.*?) -->|## .*)$/mg)
			{
				my $what = $1 // 'section';
				if ($what =~ /^(?:empty|example)$/ || $tools{$what}) { $wanted = $what }
				elsif ($what =~ /^skip \S/) { $skip = 1 }
				elsif ($what eq 'each') { $each = 1 }
				elsif ($what eq 'section') { $wanted = 'demo' if $each }
				else { fail("$name: the test does not know \"$what\"") }
			}
			if ($wanted) { $wanted eq 'demo' ? demo_database() : fresh_database($wanted) }
			next;
		}
		next if $part->{language} =~ /^(?:text)?$/;
		if ($skip)
		{
			$skip = 0;
			next;
		}
		my $place = "$name:$part->{number}";
		$part->{language} =~ /^(?:sql|sh)$/ or fail("$place: the test does not know what $part->{language} is"), next;
		my $printed = tidy($part->{language} eq 'sql' ? sql($part->{content}) : shell($part->{content}));
		$count++;
		my ($shown) = grep { $_ && exists $_->{content} && $_->{language} eq '' }
			$parts[ $i + 1 ], ($parts[ $i + 1 ]{text} // '') =~ /\A\n+\z/ ? $parts[ $i + 2 ] : undef;
		if (!$shown)
		{
			unlike($printed, qr/^(?:ERROR|FATAL|PANIC|WARNING): |^psql: |^invalid command/m, "$place: no error");
		}
		elsif (same(tidy($shown->{content}), $printed, $part->{content} =~ /\bRETURNING\b/))
		{
			pass("$place: prints what is shown");
		}
		elsif ($ENV{POWERPANEL_ACCEPT})
		{
			$shown->{text} = "```\n$printed```\n";
			fail("$place: now shows what is printed");
		}
		else
		{
			is($printed, tidy($shown->{content}), "$place: prints what is shown (or: script/test --accept tap 090_docs)");
		}
	}
	end_session();
	cmp_ok($count, '>', 0, "$name: has commands");
}

# The first thing that a reader pastes is SQL, and needs nothing but a database.
like(slurp_file("$top/README.md"), qr/\A(?:(?!^```|^<!-- test: ).*\n)*^```sql\nCREATE EXTENSION powerpanel;\n/m,
	'README.md begins with SQL for an empty database');

my ($version) = slurp_file("$top/powerpanel.control") =~ /^default_version = '(.*)'/m;
like(slurp_file("$top/README.md"), qr/This is version \Q$version\E,.*powerpanel-\Q$version\E\.zip/s, "... and names version $version");

foreach my $name (@documents)
{
	my $text = slurp_file("$top/$name");
	my @parts = parts($text);
	run_document($name, @parts);
	next unless $ENV{POWERPANEL_ACCEPT};
	open my $file, '>', "$top/$name" or die "$top/$name: $!";
	print $file map { $_->{text} } @parts;
	close $file;
}

$node->stop;

# ------------------------------------------------------------------ pasting

# Lines of SQL that would do something else
sub unpastable
{
	my ($commands) = @_;
	my @lines = grep { /\S/ } split /\n/, $commands;
	my $last = pop @lines // '';
	return ((grep { /(?:^|[\s;])\\\S/ } @lines), $last =~ /^\s*\\\./ ? $last : ());
}

foreach my $name ('README.md', map { "docs/" . (split m{/})[-1] } glob "$top/docs/*.md")
{
	my @bad = map { unpastable($_->{content}) } grep { ($_->{language} // '') eq 'sql' } parts(slurp_file("$top/$name"));
	is(join("\n", @bad), '', "$name: each block of SQL can be pasted whole");
}

# -------------------------------------------------------------------- links

# Where a heading is found, as GitHub and others make it up.
sub anchors
{
	my ($text) = @_;
	my %anchors;
	while ($text =~ /^#+ (.*)$/mg)
	{
		(my $anchor = lc $1) =~ s/[^\w\- ]//g;
		$anchor =~ tr/ /-/;
		$anchors{$anchor} = 1;
	}
	return \%anchors;
}

foreach my $name ('README.md', map { "docs/" . (split m{/})[-1] } glob "$top/docs/*.md")
{
	my $folder = $name =~ m{^docs/} ? "$top/docs" : $top;
	my @lost;
	my $text = slurp_file("$top/$name");
	while ($text =~ /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]*))?\)/g)
	{
		my ($path, $anchor) = ($1, $2);
		my $file = $path eq '' ? "$top/$name" : "$folder/$path";
		push @lost, $&
			if !-e $file || (defined $anchor && !anchors(slurp_file($file))->{$anchor});
	}
	is("@lost", '', "$name: its links lead somewhere");
}

done_testing();
