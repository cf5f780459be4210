# docs/reference.md is what the catalog says, and the catalog says something of
# every object of the extension.

use strict;
use warnings;

use FindBin;
use PostgreSQL::Test::Cluster;
use PostgreSQL::Test::Utils;
use Test::More;

my $top = "$FindBin::RealBin/../..";

my $node = PostgreSQL::Test::Cluster->new('main');
$node->init;
$node->start;
$node->safe_psql('postgres', 'CREATE EXTENSION powerpanel');

# Members of the extension, and what belongs to its tables. A constraint trigger
# is described as a trigger; row types and array types (members since PostgreSQL
# 17) by what they are of; a NOT NULL (a constraint since 18) by its column.
my $undescribed = q{
WITH member AS (
	SELECT classid, objid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'powerpanel')
		AND NOT (classid = 'pg_type'::regclass AND objid IN (
			SELECT typarray FROM pg_type UNION ALL SELECT oid FROM pg_type WHERE typrelid <> 0))),
rel AS (SELECT objid AS oid FROM member WHERE classid = 'pg_class'::regclass),
object (classid, objid, objsubid) AS (
	SELECT classid, objid, 0 FROM member
	UNION ALL
	SELECT 'pg_namespace'::regclass, extnamespace, 0 FROM pg_extension WHERE extname = 'powerpanel'
	UNION ALL
	SELECT 'pg_class'::regclass, a.attrelid, a.attnum FROM pg_attribute a JOIN rel ON rel.oid = a.attrelid
	WHERE a.attnum > 0 AND NOT a.attisdropped
	UNION ALL
	SELECT 'pg_constraint'::regclass, c.oid, 0 FROM pg_constraint c JOIN rel ON rel.oid = c.conrelid
	WHERE c.contype NOT IN ('t', 'n')
	UNION ALL
	SELECT 'pg_trigger'::regclass, t.oid, 0 FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
	WHERE NOT t.tgisinternal
	UNION ALL
	SELECT 'pg_class'::regclass, i.indexrelid, 0 FROM pg_index i JOIN rel ON rel.oid = i.indrelid)
SELECT pg_describe_object(o.classid, o.objid, o.objsubid)
FROM object o
WHERE NOT EXISTS (
	SELECT FROM pg_description d
	WHERE (d.classoid, d.objoid, d.objsubid) = (o.classid, o.objid, o.objsubid) AND d.description ~ '\S')
ORDER BY 1};

is($node->safe_psql('postgres', $undescribed), '', 'every object has a comment');

# That query does find what has none, of every kind.
is($node->safe_psql('postgres', qq{
	SET search_path = powerpanel;
	SET client_min_messages = error;
	BEGIN;
	COMMENT ON SCHEMA powerpanel IS NULL;
	COMMENT ON TABLE rack IS NULL;
	COMMENT ON COLUMN rack.name IS NULL;
	COMMENT ON COLUMN rack_power.feeds IS NULL;
	COMMENT ON CONSTRAINT rack_pkey ON rack IS NULL;
	COMMENT ON INDEX rack_pkey IS NULL;
	COMMENT ON TRIGGER rack_moved ON rack IS NULL;
	COMMENT ON FUNCTION upstream(uuid) IS ' ';
	COMMENT ON AGGREGATE position_union(position_set) IS NULL;
	COMMENT ON TYPE phase IS NULL;
	COMMENT ON OPERATOR + (position_set, position_set) IS NULL;
	COMMENT ON CAST (position_set AS integer[]) IS NULL;
	COMMENT ON OPERATOR CLASS position_set_ops USING hash IS NULL;
	COMMENT ON EVENT TRIGGER powerpanel_drop_protection IS NULL;
	SELECT count(*) FROM ($undescribed) AS u;
	ROLLBACK}), '14', 'one without a comment is found');

$node->command_ok([ 'psql', '-XAt', '-d', $node->connstr('postgres'), '-f', "$top/script/reference.sql",
		'-o', "$PostgreSQL::Test::Utils::tmp_check/reference.md" ], 'the reference is generated');
is(`diff -u '$top/docs/reference.md' '$PostgreSQL::Test::Utils::tmp_check/reference.md' 2>&1`, '',
	'docs/reference.md is what the catalog says; if not, run script/reference');

$node->stop;
done_testing();
