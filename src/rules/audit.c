/*-------------------------------------------------------------------------
 *
 * audit.c
 *	  The audit of the rules that are checked in C.
 *
 * It walks the table of rules with a sink that adds a row to the answer.  Like the
 * checks it reads as the tables' owner, so it first makes sure that the one
 * who asks may read all of it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/tuplestore.h"

#include "audit.h"
#include "constraint_audit.h"
#include "feed_table.h"
#include "foreign_table.h"
#include "inventory.h"
#include "object_name.h"
#include "query.h"
#include "rule.h"
#include "rule_table.h"

PG_FUNCTION_INFO_V1(checked_violations);
PG_FUNCTION_INFO_V1(checked_feed_violations);

/* Set when the module is loaded. */
static const AuditNetwork *audit_network = NULL;

void
audit_set_network(const AuditNetwork *network)
{
	audit_network = network;
}

typedef struct AuditSink
{
	ViolationSink base;
	ReturnSetInfo *rsinfo;
	bool		wanted[RULE_COUNT];
} AuditSink;

/* A table of the inventory by its name alone, another with its schema. */
static char *
table_name(Oid relid)
{
	Oid			schema = get_rel_namespace(relid);

	if (schema == get_namespace_oid("powerpanel", false))
		return get_rel_name(relid);
	return quote_qualified_identifier(get_namespace_name(schema), get_rel_name(relid));
}

static void
add_row(ViolationSink *base, Violation *violation)
{
	AuditSink  *sink = (AuditSink *) base;
	const Rule *rule = &rules[violation->rule];
	char	   *table;
	Datum		values[6];
	bool		nulls[6] = {false};

	if (!sink->wanted[violation->rule])
		return;
	describe_violation(violation, false);
	table = table_name(violation->relid);
	values[0] = CStringGetTextDatum(rule->name);
	values[1] = CStringGetTextDatum(rule_severity(rule));
	values[2] = CStringGetTextDatum(table);
	if (!OidIsValid(violation->id_type) || violation->id_type == UUIDOID)
	{
		values[3] = violation->object_id;
		values[4] = CStringGetTextDatum(object_name(table, violation->object_id,
													violation->of, violation->object));
	}
	else
	{
		char	   *id = value_text(violation->id_type, violation->object_id);

		nulls[3] = true;
		values[4] = CStringGetTextDatum(strcmp(violation->object, id) == 0 ? id :
										psprintf("%s (%s)", violation->object, id));
	}
	values[5] = violation->detail == NULL ? CStringGetTextDatum(violation->message) :
		CStringGetTextDatum(psprintf("%s: %s", violation->message, violation->detail));
	tuplestore_putvalues(sink->rsinfo->setResult, sink->rsinfo->setDesc, values, nulls);
}

/* Raises 42501 unless the current user may read every row of a table. */
static void
must_see_table(Oid relid)
{
	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) == ACLCHECK_OK &&
		check_enable_rls(relid, InvalidOid, true) != RLS_ENABLED)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to check the integrity of table \"%s.%s\"",
					get_namespace_name(get_rel_namespace(relid)), get_rel_name(relid)),
			 errdetail("An integrity check reads all rows."),
			 errhint("It takes SELECT on all tables, and no row level security that applies to the role.")));
}

/* Raises 42501 unless the current user may read all of the inventory. */
static void
must_see_inventory(void)
{
	static const char *const tables[] = {
		"location", "rack_group", "rack", "device", "power_panel", "feed_status",
		"power_feed", "power_port", "power_bank", "power_outlet", "cable"
	};

	for (size_t i = 0; i < lengthof(tables); i++)
		must_see_table(inventory_relid(tables[i]));
}

/* Which rules a text[] names.  Others are passed over. */
static void
read_wanted(ArrayType *array, bool *wanted)
{
	Datum	   *names;
	bool	   *nulls;
	int			n;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT,
					  &names, &nulls, &n);
	for (int i = 0; i < n; i++)
		for (int rule = 0; rule < RULE_COUNT && !nulls[i]; rule++)
			if (strcmp(TextDatumGetCString(names[i]), rules[rule].name) == 0)
				wanted[rule] = true;
}

/*
 * Walks the table of rules: all that are wanted, of a table of feeds those that it
 * has columns for.  What checks several rules is called once for them.
 */
static void
audit_rules(Relation feeds, bool of_feeds_alone, bool no_loops, const bool *wanted, ViolationSink *sink)
{
	RuleRun		run = {
		.occasion = AUDIT,
		.feeds = feeds,
		.table = feed_table(feeds),
		.no_loops = no_loops,
		.sink = sink
	};
	RuleCheck	last = NULL;

	for (int i = 0; i < RULE_COUNT; i++)
	{
		const RuleWork *work = &rule_table[i];

		if (!wanted[i] || work->check == NULL || work->check == last ||
			(of_feeds_alone && work->needed == 0) || !rule_holds(work, run.table))
			continue;
		work->check(&run);
		last = work->check;
	}
}

/*
 * The network is read with the rights of whoever asks; in an audit, as all
 * else, with those of the tables' owner.
 */
static CallerRights
as_owner_of_all(void)
{
	static const char *const others[] = {
		"location", "rack_group", "rack", "device", "power_panel", "feed_status",
		"power_port", "power_bank", "power_outlet", "cable", NULL
	};

	return query_as_owner(inventory_joined("power_feed", others));
}

/*
 * The network comes first: what it says of errors need not be asked again.  One
 * that is whole and has no loops holds every edge that could be part of one.
 */
static void
audit_inventory(AuditSink *sink, Datum rules)
{
	Relation	feeds = table_open(inventory_relid("power_feed"), AccessShareLock);
	NetworkFindings findings = {false, false};
	CallerRights caller = as_owner_of_all();
	void	   *network = audit_network->read(sink->wanted, &findings);

	query_as_caller(caller);
	audit_rules(feeds, false, findings.whole && findings.no_loops, sink->wanted, &sink->base);
	table_close(feeds, NoLock);
	caller = as_owner_of_all();
	audit_network->warn(network, sink->wanted, &sink->base);
	query_as_caller(caller);
	audit_constraints(sink->rsinfo, rules, findings.whole);
}

/* checked_violations(rules): see check_integrity() */
Datum
checked_violations(PG_FUNCTION_ARGS)
{
	AuditSink	sink = {{add_row}, (ReturnSetInfo *) fcinfo->resultinfo, {false}};

	must_see_inventory();
	InitMaterializedSRF(fcinfo, 0);
	read_wanted(PG_GETARG_ARRAYTYPE_P(0), sink.wanted);
	query_audit(true);
	PG_TRY();
	{
		audit_inventory(&sink, PG_GETARG_DATUM(0));
	}
	PG_FINALLY();
	{
		query_audit(false);
	}
	PG_END_TRY();
	return (Datum) 0;
}

/* Opens one of the tables of a guard, and makes sure that it may be read whole. */
static Relation
open_guarded(Oid relid)
{
	Relation	rel;

	must_see_table(relid);
	rel = relation_open(relid, AccessShareLock);
	must_be_ordinary(rel);
	return rel;
}

/* As the owner of the tables, which the caller has opened. */
static void
audit_guarded(Relation feeds, AuditSink *sink)
{
	CallerRights caller = query_as_owner(RelationGetRelid(feeds));

	query_audit(true);
	PG_TRY();
	{
		audit_rules(feeds, true, false, sink->wanted, &sink->base);
	}
	PG_FINALLY();
	{
		query_audit(false);
	}
	PG_END_TRY();
	query_as_caller(caller);
}

/*
 * checked_feed_violations(feed_table, rules): see guard_violations().  The
 * tables are somebody else's, who may have made anything of them by now.
 */
Datum
checked_feed_violations(PG_FUNCTION_ARGS)
{
	AuditSink	sink = {{add_row}, (ReturnSetInfo *) fcinfo->resultinfo, {false}};
	Relation	feeds;
	Relation	panels;
	Relation	cables = NULL;

	InitMaterializedSRF(fcinfo, 0);
	feeds = open_guarded(PG_GETARG_OID(0));
	panels = open_guarded(feed_table(feeds)->def.panel_relid);
	if (OidIsValid(feed_table(feeds)->def.cable_relid))
		cables = open_guarded(feed_table(feeds)->def.cable_relid);
	read_wanted(PG_GETARG_ARRAYTYPE_P(1), sink.wanted);
	audit_guarded(feeds, &sink);
	if (cables != NULL)
		relation_close(cables, NoLock);
	relation_close(panels, NoLock);
	relation_close(feeds, NoLock);
	return (Datum) 0;
}
