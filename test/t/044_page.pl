# The page that script/demo ends with: it is sound, whole, and shows what the database
# says, whatever things are called, with Graphviz and without. How it looks is not tested.

use strict;
use warnings;
use utf8;

use Encode;
use FindBin;
use IPC::Run;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $examples = "$FindBin::RealBin/../../examples";
my $node = PostgreSQL::Test::Cluster->new('main');
$node->init(extra => [ '--encoding=UTF8', '--locale=C' ]);
$node->start;

sub database
{
	my ($name, $inventory) = @_;
	$node->safe_psql('postgres', "CREATE DATABASE $name");
	$node->safe_psql($name, 'CREATE EXTENSION powerpanel');
	$node->command_ok([ 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-f', "$examples/$inventory", '-d', $node->connstr($name) ], "$name: the inventory is loaded");
}

sub answer
{
	my ($db, $sql) = @_;
	return decode('UTF-8', $node->safe_psql($db, "SET search_path = powerpanel; $sql"));
}

my ($psql) = grep { -x } map { "$_/psql" } split /:/, $ENV{PATH};
my $pages = 0;

# Makes the page; nothing may be complained of.
sub page
{
	my ($db, @names) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $file = PostgreSQL::Test::Utils::tempdir() . '/page' . ++$pages . '.html';
	my ($out, $err) = ('', '');
	my $ok = IPC::Run::run([ $psql, '-X', (map { ('-v', encode('UTF-8', $_)) } @names), '-f', "$examples/page/page.sql", '-o', $file, '-d', $node->connstr($db) ],
		'>', \$out, '2>', \$err);
	ok($ok && $out . $err eq '', "$db: psql makes the page") or diag($out . $err);
	return decode('UTF-8', slurp_file($file));
}

my %entity = (amp => '&', lt => '<', gt => '>', quot => '"');

sub plain
{
	my ($text) = @_;
	$text =~ s/&#(\d+);/chr $1/ge;
	$text =~ s/&#x([0-9a-f]+);/chr hex $1/gie;
	$text =~ s/&(\w+);/$entity{$1}/g;
	return $text;
}

# Reads it as strictly as XML wants, and so that HTML means the same: [name, attributes,
# text] of each element, or what is wrong.
sub elements
{
	my ($page) = @_;
	my (@open, @all);
	my $reference = qr/&(?:amp|lt|gt|quot|#\d+|#x[0-9a-fA-F]+);/;
	return 'a character that XML does not have' if $page =~ /[\x00-\x08\x0b\x0c\x0e-\x1f\x{fffe}\x{ffff}]/;
	$page =~ /\G<!DOCTYPE html>\n/gc or return 'no document type';
	while ($page =~ /\G(?:<!--(?:(?!--).)*-->|<\/([\w:]+)>|<([\w:]+)((?:\s+[\w:-]+="(?:[^"<&]|$reference)*")*)\s*(\/?)>|((?:(?!\]\]>)[^<&]|$reference)+))/gcs)
	{
		my ($close, $name, $attributes, $empty, $text) = ($1, $2, $3, $4, $5);
		if (defined $close)
		{
			my $element = pop @open or return "</$close> closes nothing";
			return "</$close> closes <$element->[0]>" if $element->[0] ne $close;
		}
		elsif (defined $name)
		{
			my %attribute = map { plain($_) } $attributes =~ /([\w:-]+)="([^"]*)"/g;
			my $element = [ $name, \%attribute, '' ];
			push @all, $element;
			my $drawing = grep { $_->[0] eq 'svg' } @open;
			return "<$name> is empty, but not for HTML" if $empty && !$drawing && $name !~ /^(?:meta|br)$/;
			return "<$name> never ends for HTML" if !$empty && !$drawing && $name =~ /^(?:meta|br|img|link|input)$/;
			push @open, $element unless $empty;
		}
		elsif (defined $text)
		{
			$_->[2] .= plain($text) foreach @open;
			return "text outside of all" if !@open && $text =~ /\S/;
		}
	}
	return sprintf 'nonsense at "%s"', substr $page, pos $page // 0, 60 if (pos $page // 0) < length $page;
	return "<$open[-1][0]> is not closed" if @open;
	return \@all;
}

# The parser notices what it is there for.
isnt(ref elements("<!DOCTYPE html>\n$_"), 'ARRAY', "not sound: $_")
	foreach '<p>', '<p></b>', '<p>a & b</p>', '<p>&nbsp;</p>', '<p a=b></p>', '<p a="<"></p>', '<p>a < b</p>', '<p>]]></p>', "<p>\x01</p>", '<td/>', '<p><br></p>', '<p></p></p>', 'text';
is(ref elements("<!DOCTYPE html>\n<p a=\"&lt;\">a &amp; b<br /><svg><path /></svg></p>\n"), 'ARRAY', 'sound');

my $libxml = answer('postgres', q{SELECT 1 FROM pg_config() WHERE name = 'CONFIGURE' AND setting LIKE '%--with-libxml%'});

# What is so of every page; returns its elements.
sub sound
{
	my ($page, $what) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $all = elements($page);
	is(ref $all, 'ARRAY', "$what: it is sound") or do { diag($all); return [] };
  SKIP:
	{
		skip('this PostgreSQL was built without libxml', 1) if !$libxml;
		my $file = PostgreSQL::Test::Utils::tempdir() . '/page.xml';
		append_to_file($file, encode('UTF-8', $page));
		is(answer('postgres', "SELECT xmlparse(document convert_from(pg_read_binary_file('$file'), 'UTF8')) IS DOCUMENT"), 't', "$what: so says libxml");
		unlink $file;
	}
	# Nothing is run, and nothing is loaded.
	my %have = map { $_->[0] => 1 } @$all;
	is(join(' ', grep { $have{$_} } qw(script link img image iframe object embed base form input use foreignObject)), '', "$what: nothing that loads or runs anything");
	my @to = grep { defined } map { my $e = $_; map { $e->[1]{$_} } grep { /^(?:src|href|xlink:href|action|style|on.*)$/ } keys %{ $e->[1] } } @$all;
	is(join(' ', grep { !/^#/ } @to), '', "$what: links stay on the page");
	my %id = map { ($_->[1]{id} // '') => 1 } @$all;
	is(join(' ', grep { /^#/ && !$id{ substr $_, 1 } } @to), '', "$what: and lead somewhere");
	unlike(join('', map { $_->[2] } grep { $_->[0] eq 'style' } @$all), qr/url\(|\@import|http/i, "$what: nor does the style load anything");
	my @tables = grep { $_->[0] eq 'table' } @$all;
	is(scalar(grep { $_->[0] eq 'caption' && $_->[2] =~ /\S/ } @$all), scalar @tables, "$what: each table has a caption");
	is(scalar(grep { $_->[0] eq 'th' && ($_->[1]{scope} // '') !~ /^(?:row|col)$/ } @$all), 0, "$what: each head says what it is the head of");
	return $all;
}

sub text { return join '', map { $_->[2] } grep { $_->[0] eq 'body' } @{ $_[0] } }

sub rows_of
{
	my ($page, $caption) = @_;
	my ($body) = $page =~ m{<caption><b>\Q$caption\E.*?<tbody>(.*?)</tbody>}s or return ();
	return map { join '|', map { plain($_) } m{<t[hd][^>]*>(.*?)</t[hd]>}gs } $body =~ m{<tr>(.*?)</tr>}gs;
}

# ------------------------------------------------------------------ the example

database('example', 'datacenter.sql');
my $feeds = answer('example', 'SELECT count(*) FROM power_feed');
my $page = page('example');
my $all = sound($page, 'example');
my $text = text($all);

is(join(' ', map { $_->[1]{id} } grep { $_->[0] eq 'section' } @$all), 'short refused diagram loads schedule outage failover single headroom audit', 'each section is there');
is(scalar(grep { $_->[0] eq 'h2' && $_->[2] =~ /\S/ } @$all), 10, '... with a heading');
is(scalar(grep { $_->[0] eq 'h1' } @$all), 1, '... of one page');
like($text, qr/breaker of power feed "Sign" conflicts with power feed "Humidifier" on power panel "LP-1"/, 'a conflict was refused');
like($text, qr/The first free place for a 2-pole breaker on this panel starts at position 39\./, '... with a hint');
like($text, qr/power feed "Tie" closes a loop of power panels/, 'a loop was refused');
is(answer('example', 'SELECT count(*) FROM power_feed'), $feeds, 'nothing was left behind');

# 1234567 as 1,234,567
sub grouped { return $_[0] =~ s/\B(?=(?:\d{3})+$)/,/gr }

is(join("\n", sort(rows_of($page, 'Dark at once'))),
	join("\n", sort map { my @f = split /\|/; join '|', @f[ 0, 1 ], grouped($f[2]), $f[3] } split /\n/,
		answer('example', q{SELECT d.name, r.name, round(o.load_before), CASE WHEN EXISTS (SELECT FROM power_outlet w WHERE w.device_id = d.id) THEN 'yes' ELSE 'no' END
			FROM simulate_outage(panels => ARRAY[panel_id('UPS-A')]) o JOIN device d ON d.id = o.object_id LEFT JOIN rack r ON r.id = d.rack_id WHERE state_after = 'dark'})),
	'what goes dark');
is(join("\n", rows_of($page, 'Overloaded')), 'RACK-02-B|feed|2,720|5,440|4,323', 'what is overloaded');
is(join("\n", rows_of($page, 'Breakers that trip')), 'RACK-02-B|feed|1|5,440|5,404|100.7', 'what trips');
like($page, qr{<td class="n over">100\.7</td>}, '... stands out');
is(join("\n", rows_of($page, 'Phases of')), "A|12,670|105.9|125|84.7\nB|11,105|92.6|125|74.1\nC|11,736|97.8|125|78.3", 'the phases');
is(join(' ', sort map { (split /\|/)[0] } rows_of($page, 'Devices in racks')), 'console-01 gpu-01 gpu-02 gpu-03 gpu-04 kvm-01 leaf-02', 'what one failure makes dark');
is(scalar(rows_of($page, 'Failovers that')), answer('example', 'SELECT count(*) FROM contingency() WHERE feeds_overloaded + panels_overloaded + trips > 0'), 'failover');
is(join("\n", rows_of($page, 'Where a load')), 'RPP-A and RPP-B|8 and 8|52,804', 'where there is room');
is(scalar(rows_of($page, 'Errors')), 2, 'two warnings');

# The schedule: each row has nine columns, those of the rows above that reach down
# included; and each circuit is there once.
my ($schedule) = $page =~ m{<caption><b>Circuits of LP-1.*?<tbody>(.*?)</tbody>}s;
my @reach = (0) x 21;
my @rows = $schedule =~ m{<tr>(.*?)</tr>}gs;
is(scalar @rows, 21, 'the schedule has two positions in a row');
foreach my $i (0 .. $#rows)
{
	my $columns = () = $rows[$i] =~ /<t[hd]/g;
	$columns += $1 - 1 foreach $rows[$i] =~ /colspan="(\d+)"/g;
	foreach my $high ($rows[$i] =~ /rowspan="(\d+)"/g) { $reach[$_]++ foreach $i + 1 .. $i + $high - 1 }
	is($columns + ($reach[$i] // 0), 9, 'row ' . ($i + 1) . ' is whole');
}
foreach my $circuit (split /\n/, answer('example', q{SELECT name FROM power_feed WHERE power_panel_id = panel_id('LP-1')}))
{
	is(scalar(() = $schedule =~ />\Q$circuit\E(?: \(\w+\))?</g), 1, "the schedule has $circuit");
}
like($schedule, qr{30 A 3P</td><td[^>]*>–</td><td[^>]*>CRAH-3 \(planned\)}, 'planned, and without a load');

# ------------------------------------------------------------- with Graphviz and without

my $folder = PostgreSQL::Test::Utils::tempdir();
my ($dot) = grep { -x } map { "$_/dot" } split /:/, $ENV{PATH};
SKIP:
{
	skip('Graphviz is not here: nothing draws the diagram', 2) if !$dot;
	is(scalar(grep { $_->[0] eq 'svg' } @$all), 1, 'the drawing is there');
	my ($svg) = $page =~ m{(<svg.*</svg>)}s;
	is(join(' ', grep { index(plain($svg), ">$_<") < 0 } split /\n/, answer('example', 'SELECT name FROM power_panel')), '', '... with every panel');
}
foreach my $program (qw(mktemp rm sh))
{
	my ($found) = grep { -x } map { "$_/$program" } split /:/, $ENV{PATH};
	symlink $found, "$folder/$program" or die "$folder: $!";
}
{
	local $ENV{PATH} = $folder;
	my $without = page('example');
	my $elements = sound($without, 'without Graphviz');
	is(scalar(grep { $_->[0] eq 'svg' } @$elements), 0, 'without Graphviz there is no drawing');
	like(text($elements), qr/apt-get install --no-install-recommends graphviz/, '... but how to get it');
	is(scalar(rows_of($without, $_)), scalar(rows_of($page, $_)), "... and the rest: $_") foreach 'Panels, from', 'Circuits of', 'Dark at once', 'Failovers that', 'What takes', 'How much each', 'Errors';

	append_to_file("$folder/dot", "#!/bin/sh\necho 'no <font> & nothing'\n");
	chmod 0755, "$folder/dot";
	my $broken = sound(page('example'), 'with a Graphviz that is broken');
	like(text($broken), qr/It said:\s*no <font> & nothing/, 'what a broken Graphviz said');
}

# ------------------------------------------------------------------------ any name

my @hostile = ('<b>bold</b>', '</td></tr></table>', '<script>alert(1)</script>', '&amp;', '&nosuch; &', '"quoted" \'twice\'', 'back\\slash \\1 \\', '%s %1$s %%',
	':panel :\'panel\'', '$q$ || $$', ']]>', '-->', '</style>', "'); DROP TABLE cable; --", "a\nnew line", "Łódź 配电盘 🔌", 'long ' x 30);
# Not to be shown as it is
my $control = "bell\x{7} \x{7f} \x{ffff}";

database('hostile', 'datacenter.sql');
$node->safe_psql('hostile', "CREATE TABLE public.hostile (n int, name text)");
my $n = 0;
$node->safe_psql('hostile', 'INSERT INTO public.hostile VALUES (' . $n++ . ", convert_from('\\x" . unpack('H*', encode('UTF-8', $_)) . "', 'UTF8'))") foreach @hostile, $control;
# Each table begins elsewhere, so that every name stands in every place after some turns.
my @tables = qw(location rack_group rack device power_panel power_feed);
foreach my $turn (0 .. 2)
{
	foreach my $t (0 .. $#tables)
	{
		$node->safe_psql('hostile', qq{
			SET search_path = powerpanel;
			UPDATE $tables[$t] x SET name = split_part(x.name, ' | ', 1) || ' | ' || h.name
			FROM (SELECT id, row_number() OVER (ORDER BY name) AS i FROM $tables[$t]) AS r, public.hostile h
			WHERE r.id = x.id AND h.n = (r.i + $t * 3 + $turn * 6) % $n});
	}
	my %name = map { $_ => answer('hostile', "SELECT name FROM " . ($_ eq 'Data Hall 1' ? 'location' : 'power_panel') . " WHERE name LIKE '$_ | %'") } 'LP-1', 'UPS-A', 'Data Hall 1';
	my $hostile = page('hostile', "panel=$name{'LP-1'}", "outage=$name{'UPS-A'}", "location=$name{'Data Hall 1'}");
	my $elements = sound($hostile, "hostile names, turn $turn");
	my $shown = text($elements);
	is(scalar(grep { $_->[0] eq 'section' } @$elements), 10, '... and whole');
	unlike($hostile, qr/<b>bold<|<script|<\/style>[^\n]*<\/td>/, '... and no name becomes a part of it');
	my $missing = join ', ', map { encode('UTF-8', $_) } grep { index($shown, $_) < 0 }
		map { s/[\x{7}\x{7f}\x{ffff}]/\x{fffd}/gr } split /\x{1}/,
		answer('hostile', q{SELECT string_agg(name, E'\x01') FROM (SELECT name FROM power_panel UNION ALL SELECT f.name FROM power_feed f WHERE f.power_panel_id = (SELECT id FROM power_panel WHERE name LIKE 'LP-1 | %') UNION ALL SELECT name FROM rack) AS n});
	is($missing, '', '... and each panel, circuit and rack is called as it is');
}
is(answer('hostile', 'SELECT count(*) > 0 FROM cable'), 't', 'and no name was run');

# ------------------------------------------------------------------- another inventory

database('europe', 'datacenter-eu.sql');
my ($panel, $outage, $location) = split /\n/, answer('europe', q{
	SELECT name FROM (SELECT power_panel_id AS id FROM power_feed WHERE breaker_position IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1) AS most JOIN power_panel USING (id);
	SELECT name FROM power_panel WHERE panel_type = 'ups' ORDER BY name LIMIT 1;
	SELECT l.name FROM location l JOIN rack r ON r.location_id = l.id ORDER BY 1 LIMIT 1});
my $europe = sound(page('europe', "panel=$panel", "outage=$outage", "location=$location", 'load=5000'), "Europe: $panel, $outage, $location");
like(text($europe), qr/conflicts with power feed .* on power panel "\Q$panel\E"/, 'a conflict is refused there, too');

$node->stop;
done_testing();
