# What is given away: META.json, the archive of make dist, make install and
# uninstall from it, and the Debian packages, built, installed, used and removed
# without a look at, or a trace on, the machine's own package database.

use strict;
use warnings;

use Cwd;
use File::Find;
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/../perl";

use JSON::PP;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use PrivatePostgres;
use Test::More;

my $top = Cwd::realpath("$FindBin::RealBin/../..");
my $tmp = PostgreSQL::Test::Utils::tempdir;
my $pg_config = $ENV{PG_CONFIG} || 'pg_config';
my ($version) = slurp_file("$top/powerpanel.control") =~ /^default_version = '(.*)'/m;
my $name = "powerpanel-$version";

# We may be run by make, or by git; what we run is not to take part in that.
delete @ENV{ 'MAKEFLAGS', 'MFLAGS', 'MAKELEVEL', 'DESTDIR', grep { /^(GIT|DEB)_/ } keys %ENV };
$ENV{$_} = '/dev/null' for qw(GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM);

sub have { my ($program) = @_; return scalar grep { -x "$_/$program" } split /:/, $ENV{PATH}; }

# Everything below a folder, folders with a slash at the end, relative to it.
sub tree
{
	my ($dir) = @_;
	my @found;
	find({ no_chdir => 1, wanted => sub { push @found, substr($_, length $dir) . (-d && !-l ? '/' : '') if $_ ne $dir } }, $dir)
		if -d $dir;
	return sort @found;
}

sub files { return grep { !m{/$} } @_; }

# ------------------------------------------------------------------- META.json

# What the PGXN Meta Spec 1.0.0 demands, as complaints.
my $semver = qr/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?$/;
my %licences = map { $_ => 1 } qw(agpl_3 apache_1_1 apache_2_0 artistic_1 artistic_2 bsd freebsd gfdl_1_2 gfdl_1_3
	gpl_1 gpl_2 gpl_3 lgpl_2_1 lgpl_3_0 mit mozilla_1_0 mozilla_1_1 openssl perl_5 postgresql qpl_1_0 ssleay sun zlib
	open_source restricted unrestricted unknown);

sub is_text { my ($v) = @_; return defined $v && !ref $v && length $v; }
sub is_term { my ($v) = @_; return is_text($v) && $v =~ m{^[^\s[:cntrl:]/\\]{2,}$}; }
sub list { my ($v) = @_; return ref $v eq 'ARRAY' ? @$v : $v; }

sub complaints
{
	my ($meta) = @_;
	my @bad;
	my %known = map { $_ => 1 } qw(abstract maintainer license provides meta-spec name version
		description generated_by tags no_index prereqs release_status resources);

	push @bad, map { "unknown key $_" } grep { !$known{$_} && !/^x_/i } sort keys %$meta;
	push @bad, 'name' if !is_term($meta->{name});
	push @bad, 'abstract' if !is_text($meta->{abstract});
	push @bad, 'description' if exists $meta->{description} && !is_text($meta->{description});
	push @bad, 'version' if ($meta->{version} // '') !~ $semver;
	push @bad, 'maintainer' if !list($meta->{maintainer}) || grep { !is_text($_) } list($meta->{maintainer});
	push @bad, 'license' if ref $meta->{license} eq 'HASH'
		? !%{ $meta->{license} } || grep { !m{^\w+://\S+$} } values %{ $meta->{license} }
		: grep { !$licences{ $_ // '' } } list($meta->{license});
	push @bad, 'meta-spec' if ref $meta->{'meta-spec'} ne 'HASH' || ($meta->{'meta-spec'}{version} // '') ne '1.0.0';
	push @bad, 'tags' if grep { !is_text($_) || length >= 256 || m{[/\\[:cntrl:]]} } list($meta->{tags} // []);
	push @bad, 'release_status' if ($meta->{release_status} // 'stable') !~ /^(stable|testing|unstable)$/;

	my $provides = ref $meta->{provides} eq 'HASH' ? $meta->{provides} : {};
	push @bad, 'provides' if !%$provides;
	for my $extension (sort keys %$provides)
	{
		my $p = $provides->{$extension};
		push @bad, "provides $extension" if !is_term($extension);
		push @bad, "provides $extension: version" if ($p->{version} // '') !~ $semver;
		# Not in the spec, but what else pgxn load takes for no extension.
		push @bad, "provides $extension: file is no SQL" if ($p->{file} // '') !~ /\.sql$/;
		for my $file ('file', exists $p->{docfile} ? 'docfile' : ())
		{
			push @bad, "provides $extension: $file" if !is_text($p->{$file}) || $p->{$file} =~ m{^/} || !-f "$top/$p->{$file}";
		}
	}
	my $prereqs = $meta->{prereqs} // {};
	for my $phase (sort keys %$prereqs)
	{
		push @bad, "prereqs $phase" if $phase !~ /^(configure|build|test|runtime|develop|x_.*)$/i;
		for my $relation (sort keys %{ $prereqs->{$phase} })
		{
			push @bad, "prereqs $phase $relation" if $relation !~ /^(requires|recommends|suggests|conflicts|x_.*)$/i;
			my $wanted = $prereqs->{$phase}{$relation};
			for my $needed (sort keys %$wanted)
			{
				my @ranges = map { s/^(<=?|>=?|==|!=)\s*//r } split /,\s*/, $wanted->{$needed};
				push @bad, "prereqs $needed" if !is_term($needed) || grep { $_ ne '0' && !/$semver/ } @ranges;
			}
		}
	}
	return join ', ', @bad;
}

my $meta = slurp_file("$top/META.json");
is(complaints(decode_json($meta)), '', 'META.json keeps to the PGXN Meta Spec 1.0.0');
is(decode_json($meta)->{provides}{powerpanel}{version}, $version, '... and provides this version');

# Each mistake is one that this check has to find.
for (
	[ 'license',                   sub { delete $_[0]{license} } ],
	[ 'license',                   sub { $_[0]{license} = 'PostgreSQL' } ],
	[ 'maintainer',                sub { delete $_[0]{maintainer} } ],
	[ 'version',                   sub { $_[0]{version} = '1.2' } ],
	[ 'meta-spec',                 sub { $_[0]{'meta-spec'}{version} = '1.1.0' } ],
	[ 'unknown key licence',       sub { $_[0]{licence} = 'postgresql' } ],
	[ 'provides',                  sub { delete $_[0]{provides} } ],
	[ 'provides powerpanel: file', sub { $_[0]{provides}{powerpanel}{file} = 'sql/powerpanel.sql' } ],
	[ 'provides powerpanel: file is no SQL', sub { $_[0]{provides}{powerpanel}{file} = 'powerpanel.control' } ],
	[ 'prereqs PostgreSQL',        sub { $_[0]{prereqs}{runtime}{requires}{PostgreSQL} = '15' } ],
	[ 'tags',                      sub { push @{ $_[0]{tags} }, 'data/centre' } ])
{
	my ($complaint, $spoil) = @$_;
	my $spoilt = decode_json($meta);
	$spoil->($spoilt);
	is(complaints($spoilt), $complaint, "a mistake in META.json is found: $complaint");
}

# ------------------------------------------------------------------- make dist

my $installed;	# what make install installs, relative to the root

SKIP:
{
	skip 'make dist takes git, and this test unzip', 1 if !have('git') || !have('unzip');

	# A repository of the sources as they are now: they may be a copy without one.
	my $repository = "$tmp/repository";
	make_path($repository);
	my @git = ('git', "--git-dir=$repository/.git", '-c', 'user.name=test', '-c', 'user.email=test@localhost');
	run_in($repository, 'git', 'init', '-q')
		&& run_in($top, @git, "--work-tree=$top", 'add', '-A')
		&& run_in($repository, @git, 'commit', '-q', '-m', 'test')
		&& run_in($repository, 'git', 'reset', '-q', '--hard')
		or die 'git does not take the sources';

	append_to_file("$repository/README.md", "\n");
	ok(!IPC::Run::run([ 'make', '-C', $repository, '-s', 'dist', "PG_CONFIG=$pg_config" ], '>', \my $nothing, '2>', \my $refusal),
		'make dist refuses what is not committed');
	like($refusal, qr/commit first/, '... and says so');
	run_in($repository, 'git', 'checkout', '-q', '.');

	ok(run_in($repository, 'make', '-s', 'dist', "PG_CONFIG=$pg_config"), 'make dist');
	ok(run_in($tmp, 'unzip', '-q', "$repository/$name.zip"), 'the archive is a zip');
	my @packed = split /\n/, output_of('unzip', '-Z1', "$repository/$name.zip");
	is_deeply([ grep { !m{^\Q$name\E/} } @packed ], [], "all of it lies in $name/");
	is(join(' ', grep { !-e "$tmp/$name/$_" } qw(META.json README.md LICENSE CHANGELOG.md Makefile powerpanel.control docs debian)),
		'', 'it has what people look for first');
	is(join(' ', grep { m{\.(o|bc|so)$|^[^/]+/[^/]*--\Q$version\E\.sql$|\.ci/} } @packed),
		'', 'it has nothing that was built, and nothing of the CI');

	# Bitcode for the JIT takes the very clang that PostgreSQL was built with.
	my @make = ('make', '-C', "$tmp/$name", '-s', "PG_CONFIG=$pg_config");
	push @make, 'with_llvm=no' if !-x (split ' ', output_of(@make, '--eval=print: ; @echo $(CLANG) none', 'print'))[0];
	my $root = "$tmp/installed";
	ok(run_in($tmp, @make, '-j2'), 'it builds');
	ok(run_in($tmp, @make, 'install', "DESTDIR=$root"), '... and installs');
	$installed = [ files(tree($root)) ];
	like("@$installed", qr{powerpanel\.so .*extension/powerpanel--\Q$version\E\.sql .*extension/powerpanel\.control}, 'it is installed');
	ok(run_in($tmp, @make, 'uninstall', "DESTDIR=$root"), 'make uninstall');
	is_deeply([ files(tree($root)) ], [], '... leaves no file');
}

# -------------------------------------------------------------- Debian packages

# dpkg without root, with a package database of its own, and so without what the
# package depends on.
sub dpkg
{
	my ($root, @what) = @_;
	local $ENV{PATH} = "$ENV{PATH}:/usr/sbin:/sbin";
	return run_in($tmp, 'dpkg', "--root=$root", "--log=$tmp/dpkg.log", '--force-not-root', '--force-depends', '--force-unsafe-io', @what);
}

sub try_package
{
	my ($deb, $major) = @_;
	my $root = "$tmp/debian-$major";
	my $package = "postgresql-$major-powerpanel";
	my $database = "$root/var/lib/dpkg";

	is(output_of('dpkg-deb', '--show', '--showformat=${Package} ${Version}', $deb) =~ s/-[^-]*$//r,
		"$package $version", "the package for PostgreSQL $major is of this version");
	like(output_of('dpkg-deb', '--field', $deb, 'Depends'), qr/\bpostgresql-$major\b/, "... depends on PostgreSQL $major");

	# In a root of their own, since a machine may be told to install no docs.
	my $unpacked = "$tmp/unpacked-$major";
	my $docs = "usr/share/doc/$package";
	run_in($tmp, 'dpkg-deb', '--extract', $deb, $unpacked);
	is(join(' ', grep { !-s "$unpacked/$docs/$_" }
			qw(copyright changelog.gz README.md docs/operation.md docs/example.svg examples/datacenter.sql)),
		'', 'documents and examples are in it');
	is_deeply([ grep { !m{^/usr/share/doc/} } files(tree($unpacked)) ], $installed, 'else it has what make install installs')
		if $installed && output_of($pg_config, '--bindir') eq "/usr/lib/postgresql/$major/bin";

	skip "no server of PostgreSQL $major here", 1 if !-x "/usr/lib/postgresql/$major/bin/postgres";
	ok(private_postgres($root, "/usr/lib/postgresql/$major/bin/pg_config"), "a private PostgreSQL $major");
	make_path(map { "$database/$_" } qw(info updates triggers));
	append_to_file("$database/status", '');
	my @before = grep { !m{^/var/} } tree($root);
	ok(dpkg($root, '--install', $deb), "$package is installed");

	my $node = PostgreSQL::Test::Cluster->new("debian_$major", install_path => "$root/usr/lib/postgresql/$major");
	$node->init;
	$node->start;
	like($node->safe_psql('postgres', q{SELECT setting FROM pg_config() WHERE name = 'PKGLIBDIR'}),
		qr{^\Q$root\E/}, 'the server looks into the private root');
	$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');
	is($node->safe_psql('postgres', q{SELECT extversion FROM pg_extension WHERE extname = 'powerpanel'}), $version,
		'CREATE EXTENSION');
	$node->command_ok([ 'psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1', '-d', $node->connstr('postgres'),
			'-f', "$unpacked/$docs/examples/datacenter.sql" ], 'the example in the package is loaded');
	my ($rc, $out, $err) = $node->psql('postgres', q{
		SET search_path = powerpanel;
		INSERT INTO power_feed (name, power_panel_id, status, voltage, breaker_position, breaker_pole_count)
		SELECT 'Sign', id, 'active', 208, 33, 2 FROM power_panel WHERE name = 'LP-1'}, extra_params => [ '-v', 'VERBOSITY=verbose' ]);
	like($err, qr/ERROR:  23P01: .*CONSTRAINT NAME:  power_feed_breaker_conflict/s, 'a conflict is refused');
	is($node->safe_psql('postgres', 'SELECT count(*) FROM powerpanel.check_integrity() WHERE severity = $$error$$'), '0', 'the audit is clean');

	$node->stop;

	ok(dpkg($root, '--purge', $package), "$package is removed");
	is_deeply([ grep { !m{^/var/} } tree($root) ], \@before, '... and leaves nothing');
	is(join(' ', grep { /powerpanel/ } tree("$database/info")), '', '... not in the database of packages either');
	return;
}

SKIP:
{
	skip 'packages take an archive of make dist', 1 if !$installed;
	my @missing = grep { !have($_) } qw(dpkg-buildpackage dh pg_buildext);
	push @missing, 'postgresql-server-dev-all' if !-e '/usr/share/perl5/Debian/Debhelper/Sequence/pgxs_loop.pm';
	my @majors = grep { -e output_of("/usr/lib/postgresql/$_/bin/pg_config", '--includedir-server') . '/postgres.h' }
		grep { $_ >= 15 } map { m{(\d+)/bin/pg_config$} } glob '/usr/lib/postgresql/*/bin/pg_config';
	push @missing, 'headers of PostgreSQL 15 or later' if !@majors;
	skip 'missing for Debian packages: ' . join(', ', @missing), 1 if @missing;

	# Its tests are the rest of ours. Symbols in a package of their own, and what a
	# build has to depend on, are for those who build packages to give away.
	my $built;
	{
		local $ENV{PATH} = '/usr/sbin:/usr/bin:/sbin:/bin';
		local $ENV{DEB_BUILD_OPTIONS} = 'nocheck noautodbgsym';
		delete local @ENV{qw(PG_CONFIG PERL5LIB)};
		run_in($tmp, qw(unzip -q -d source), "$tmp/repository/$name.zip");
		$built = run_in("$tmp/source/$name", qw(dpkg-buildpackage -us -uc -b -d -Pnocheck));
	}
	ok($built, 'dpkg-buildpackage');
	my %debs = map { m{/postgresql-(\d+)-powerpanel_[^/]*\.deb$} ? ($1 => $_) : () } glob "$tmp/source/*.deb";
	is_deeply([ sort keys %debs ], [ sort @majors ], 'a package for each major that is installed');
	for my $major (sort keys %debs)
	{
		SKIP: { try_package($debs{$major}, $major); }
	}
}

done_testing();
