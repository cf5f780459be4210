# What the catalogs say of the extension, a line for each thing: names, not oids;
# what a function or view is, not when it was made.

package Catalog;

use strict;
use warnings;

use Exporter qw(import);

our @EXPORT = qw(catalog);

my $lines = q{
SET search_path = pg_catalog;
WITH member AS (
	SELECT classid, objid, 0 AS objsubid FROM pg_depend
	WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
		AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'powerpanel'))
SELECT format('member %s', pg_describe_object(classid, objid, 0)) FROM member
UNION ALL
SELECT format('comment %s: %s', pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description)
FROM pg_description d
WHERE pg_describe_object(d.classoid, d.objoid, d.objsubid) LIKE '%powerpanel%'
UNION ALL
SELECT format('function %s', pg_get_functiondef(p.oid)) FROM pg_proc p
WHERE p.pronamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND p.prokind = 'f'
UNION ALL
SELECT format('view %s %s %s', c.oid::regclass, c.reloptions, pg_get_viewdef(c.oid)) FROM pg_class c
WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND c.relkind = 'v'
UNION ALL
SELECT format('column %s.%s %s %s %s %s %s', a.attrelid::regclass, a.attname, a.attnum,
	format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a
	JOIN pg_class c ON c.oid = a.attrelid
	LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
SELECT format('constraint %s %s %s', conname, conrelid::regclass, pg_get_constraintdef(oid)) FROM pg_constraint
WHERE connamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
UNION ALL
SELECT format('index %s', pg_get_indexdef(i.indexrelid)) FROM pg_index i
	JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
UNION ALL
SELECT format('trigger %s %s', t.tgenabled, pg_get_triggerdef(t.oid)) FROM pg_trigger t
	JOIN pg_class c ON c.oid = t.tgrelid
WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) AND NOT t.tgisinternal
UNION ALL
SELECT format('event trigger %s %s %s %s %s', evtname, evtevent, evtfoid::regproc, evtenabled, evttags) FROM pg_event_trigger
UNION ALL
SELECT format('enum %s %s', enumtypid::regtype, array_agg(enumlabel ORDER BY enumsortorder)) FROM pg_enum e
	JOIN pg_type t ON t.oid = e.enumtypid
WHERE t.typnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace) GROUP BY enumtypid
UNION ALL
SELECT format('dumped %s %s', t.oid::regclass, t.condition)
FROM pg_extension e, LATERAL unnest(e.extconfig, e.extcondition) AS t (oid, condition)
WHERE e.extname = 'powerpanel'
UNION ALL
SELECT format('version %s', extversion) FROM pg_extension WHERE extname = 'powerpanel'
UNION ALL
SELECT format('rights %s %s', c.oid::regclass, c.relacl) FROM pg_class c WHERE c.relnamespace IN ('powerpanel'::regnamespace, 'powerpanel_internal'::regnamespace)
ORDER BY 1};

sub catalog
{
	my ($node, $db) = @_;
	return $node->safe_psql($db, $lines);
}

1;
