# The one-line diagram as Graphviz reads it: whatever things are called, and how large
# the drawing becomes.

use strict;
use warnings;
use utf8;

use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

# What dot makes of a diagram, and what it complains about.
sub dot
{
	my ($format, $diagram) = @_;
	my ($out, $err) = ('', '');
	utf8::encode($diagram) if utf8::is_utf8($diagram);
	my $ok = eval { IPC::Run::run([ 'dot', "-T$format" ], '<', \$diagram, '>', \$out, '2>', \$err, IPC::Run::timeout(180)) };
	utf8::decode($out);
	return ($ok, $out, $err . ($@ // ''));
}
plan(skip_all => 'Graphviz is not here: nothing draws the diagrams') if !(dot('plain', 'digraph { a -> b }'))[0];

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;

# ------------------------------------------------------------------- any name

my @names = (
	'a "quoted" one', "it's", 'back\\slash', 'at the end \\', '\\N \\G \\L \\l', '<b>bold</b>', '<<', '>>', ']]>', '-->', '&amp;', '&#38; &', '&nosuch;',
	'{a|b}', 'label=<x>', '];', '}', '// no comment', '/* neither */', '#', '%s %n %d', 'two  blanks', "Łódź", "配电盘", "لوحة", "🔌⚡");
# These are shown without what cannot be shown, and cut.
my @odd = ("a\nnew line", "tab\tstop", "bell\x{7}", "\x{1}\x{2}", "\x{7f}", "last\x{ffff}", "\x{fffe}", "\x{1fffe}", "joined\x{200d}\x{202e}", 'long ' x 400);

sub literal
{
	return join ', ', map { "E'" . join('', map { /[ -&(-\[\]-~]/ ? $_ : sprintf '\\U%08x', ord } split //, $_) . "'" } @_;
}

$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
$node->safe_psql('postgres', q{
	SET search_path = powerpanel;
	CREATE TABLE public.hostile AS SELECT name, n FROM unnest(ARRAY[} . literal(@names, @odd) . q{]) WITH ORDINALITY AS u (name, n);
	INSERT INTO location (name) VALUES ('Site');
	INSERT INTO location (name, parent_id) SELECT h.name, id FROM public.hostile h, location;
	INSERT INTO power_panel (name, location_id, power_path) SELECT h.name, l.id, 'a' FROM public.hostile h JOIN location l USING (name);
	INSERT INTO power_panel (name, location_id) SELECT 'Source', id FROM location WHERE name = 'Site';
	INSERT INTO power_feed (name, power_panel_id, destination_panel_id, status, power_path)
		SELECT 'to ' || d.name, s.id, d.id, 'active', 'b' FROM power_panel s, power_panel d WHERE s.name = 'Source' AND d.name <> 'Source';
	INSERT INTO rack (name, location_id) SELECT h.name, l.id FROM public.hostile h JOIN location l USING (name);
	INSERT INTO device (name, rack_id) SELECT 'rack ' || h.name, r.id FROM public.hostile h JOIN rack r USING (name);
	INSERT INTO power_port (name, device_id) SELECT 'in', id FROM device;
	INSERT INTO power_outlet (name, device_id, power_port_id) SELECT 'out', device_id, id FROM power_port;
	INSERT INTO power_feed (name, power_panel_id, status, power_path) SELECT 'rack ' || p.name, p.id, 'active', 'c' FROM power_panel p WHERE p.name <> 'Source';
	INSERT INTO cable (power_feed_id, power_port_id) SELECT f.id, p.id FROM power_feed f JOIN device d USING (name) JOIN power_port p ON p.device_id = d.id;
});

# Reads well, complains about nothing, and is the same as SVG for a browser.
sub draws
{
	my ($call, $name, $db) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $diagram = $node->safe_psql($db // 'postgres', "SET search_path = powerpanel; SELECT $call");
	utf8::decode($diagram);
	my ($ok, $svg, $err) = dot('svg', $diagram);
	ok($ok && $err eq '', "$name: Graphviz reads it") or diag($err);
	$svg =~ s/&#(\d+);/chr $1/ge;
	$svg =~ s/&#x([0-9a-f]+);/chr hex $1/gie;
	$svg =~ s/&quot;/"/g;
	$svg =~ s/&lt;/</g;
	$svg =~ s/&gt;/>/g;
	$svg =~ s/&amp;/&/g;
	return ($svg, $diagram);
}

# together, from left to right, and each by itself, from top to bottom
my ($svg) = draws('topology_dot()', 'every name at once');
foreach my $name (@names)
{
	my $shown = $name =~ s/ /\x{a0}/gr;		# as dot writes blanks
	my $squeezed = $svg =~ s/ /\x{a0}/gr;
	ok(index($squeezed, ">$shown<") >= 0, "all of it is there: " . $name =~ s/([^ -~])/sprintf 'U+%04X ', ord $1/ger);
}
my $n = $node->safe_psql('postgres', 'SELECT count(*) FROM public.hostile');
is($n, @names + @odd, 'each name came in');
draws("panel_topology_dot(ARRAY[(SELECT p.id FROM power_panel p JOIN public.hostile h USING (name) WHERE n = $_)])", "name $_ by itself")
	foreach 1 .. $n;

# ------------------------------------------------------------------- any size

# A drawing is at most so large, in inches: 12 panels on a sheet of A1; 68 and
# their racks on A0; 346 and 1,920 racks on A0 at half its size, which is legible.
my @campus = (
	{ name => 'c12', buildings => 1, ups => 1, pdus => 1, rpps => 1, others => 2, racks => 3, panels => 12, width => 33, height => 23 },
	{ name => 'c68', buildings => 1, ups => 4, pdus => 2, rpps => 2, others => 8, racks => 3, panels => 68, width => 33, height => 47 },
	{ name => 'c346', buildings => 5, ups => 4, pdus => 2, rpps => 2, others => 10, racks => 24, panels => 346, width => 66, height => 94 });

foreach my $campus (@campus)
{
	$node->safe_psql('postgres', "CREATE DATABASE $campus->{name}");
	$node->safe_psql($campus->{name}, 'CREATE EXTENSION powerpanel');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr($campus->{name}),
			(map { ('-v', "$_=$campus->{$_}") } qw(buildings ups pdus rpps others racks)), '-f', "$FindBin::RealBin/../campus.sql" ],
		"$campus->{name} is built");
	foreach my $racks ('true', 'false')
	{
		my ($drawn, $diagram) = draws("topology_dot($racks)", "$campus->{panels} panels, racks $racks", $campus->{name});
		my ($width, $height) = $drawn =~ /<svg width="(\d+)pt" height="(\d+)pt"/;
		note(sprintf '%.1f x %.1f inches', $width / 72, $height / 72);
		cmp_ok($width / 72, '<', $campus->{width}, '... no wider than its sheet');
		cmp_ok($height / 72, '<', $campus->{height}, '... and no higher');
		my $missing = grep { index($drawn, ">$_<") < 0 } split /\n/, $node->safe_psql($campus->{name}, 'SELECT name FROM powerpanel.power_panel');
		is($missing, 0, '... with every panel');
		my $counted = 0;
		$counted += $1 foreach $diagram =~ /<B>(\d+) racks/g;
		is($counted, $racks eq 'false' || $campus->{name} eq 'c12' ? 0 : $node->safe_psql($campus->{name}, 'SELECT count(*) FROM powerpanel.rack'),
			'... racks counted where there are many');
	}
}

$node->stop;
done_testing();
