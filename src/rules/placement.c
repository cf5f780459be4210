/*-------------------------------------------------------------------------
 *
 * placement.c
 *	  The rules on where racks, panels and feeds may lie in the location tree.
 *
 * Each rule speaks of pairs: a rack and its group, a panel and its group, a
 * feed's panel and its rack.  One query reads the pairs; each occasion to
 * check adds which of them.
 *
 * Locks.  The row that was written is ours.  Whoever adds a pair, or moves one
 * side of it, locks the row at the other side, so that this cannot move at the
 * same time; only a group that moves need not, since a rack or panel that
 * moves locks its group.  Where the two locations differ, each location that
 * lies between is locked too, FOR SHARE (location_tree.c).  A location that moves
 * is locked by its UPDATE, and locks the tree against other moves.  Why that is
 * enough is in src/README.md.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "cycle.h"
#include "feed_table.h"
#include "graph_lock.h"
#include "inventory.h"
#include "location_tree.h"
#include "panel_lock.h"
#include "placement.h"
#include "query.h"
#include "row.h"
#include "row_lock.h"
#include "trigger.h"
#include "waiting_sink.h"

PG_FUNCTION_INFO_V1(check_location);
PG_FUNCTION_INFO_V1(check_rack_group);
PG_FUNCTION_INFO_V1(check_rack);
PG_FUNCTION_INFO_V1(check_panel_location);

/* Columns of all queries of pairs. */
enum
{
	COL_ID = 1, COL_NAME, COL_LOCATION, COL_OTHER_LOCATION, COL_OTHER_NAME, COL_PANEL_NAME
};

#define RACK_PAIRS \
	"SELECT m.id, m.name, m.location_id, g.location_id, g.name, NULL" \
	" FROM powerpanel.rack m JOIN powerpanel.rack_group g ON g.id OPERATOR(pg_catalog.=) m.rack_group_id"
#define PANEL_PAIRS \
	"SELECT m.id, m.name, m.location_id, g.location_id, g.name, NULL" \
	" FROM powerpanel.power_panel m JOIN powerpanel.rack_group g ON g.id OPERATOR(pg_catalog.=) m.rack_group_id"
#define FEED_PAIRS \
	"SELECT m.id, m.name, p.location_id, r.location_id, r.name, p.name" \
	" FROM powerpanel.power_feed m" \
	" JOIN powerpanel.power_panel p ON p.id OPERATOR(pg_catalog.=) m.power_panel_id" \
	" JOIN powerpanel.rack r ON r.id OPERATOR(pg_catalog.=) m.rack_id"

typedef struct Pairs
{
	RuleId		rule;
	const char *table;
	const char *joined[3];
	CheckQuery	all;
	CheckQuery	of_row;			/* of the row $1 itself */
	CheckQuery	of_other;		/* of the rack group, or rack, $1 */
	CheckQuery	of_panel;		/* of the panel $1 */
	CheckQuery	in_locations;	/* with the row in one of the locations $1 */
	CheckQuery	other_in_locations; /* with the other one there */
	CheckQuery	lock_row;		/* the row $1 */
} Pairs;

static Pairs pairs[PLACEMENT_RULES] = {
	[RACK_IN_GROUP] = {
		.rule = RULE_RACK_RACK_GROUP_LOCATION,
		.table = "rack",
		.joined = {"rack_group"},
		.all = QUERY(RACK_PAIRS),
		.of_row = QUERY(RACK_PAIRS " WHERE m.id OPERATOR(pg_catalog.=) $1 FOR SHARE OF g", UUIDOID),
		.lock_row = QUERY("SELECT 1 FROM powerpanel.rack WHERE id OPERATOR(pg_catalog.=) $1 FOR SHARE", UUIDOID),
		.of_other = QUERY(RACK_PAIRS " WHERE g.id OPERATOR(pg_catalog.=) $1", UUIDOID),
		.in_locations = QUERY(RACK_PAIRS " WHERE m.location_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	},
	[PANEL_IN_GROUP] = {
		.rule = RULE_POWER_PANEL_RACK_GROUP_LOCATION,
		.table = "power_panel",
		.joined = {"rack_group"},
		.all = QUERY(PANEL_PAIRS),
		.of_row = QUERY(PANEL_PAIRS " WHERE m.id OPERATOR(pg_catalog.=) $1 FOR SHARE OF g", UUIDOID),
		.lock_row = QUERY("SELECT 1 FROM powerpanel.power_panel WHERE id OPERATOR(pg_catalog.=) $1 FOR SHARE", UUIDOID),
		.of_other = QUERY(PANEL_PAIRS " WHERE g.id OPERATOR(pg_catalog.=) $1", UUIDOID),
		.in_locations = QUERY(PANEL_PAIRS " WHERE m.location_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	},
	[FEED_TO_RACK] = {
		.rule = RULE_POWER_FEED_RACK_LOCATION,
		.table = "power_feed",
		.joined = {"power_panel", "rack"},
		.all = QUERY(FEED_PAIRS),
		/*
		 * The feed's own columns come from the trigger; the panel is locked as
		 * panel_lock.c locks it, because an upgrade could deadlock.
		 */
		.of_row = QUERY("SELECT $3, $4, p.location_id, r.location_id, r.name, p.name"
						" FROM powerpanel.power_panel p, powerpanel.rack r"
						" WHERE p.id OPERATOR(pg_catalog.=) $1 AND r.id OPERATOR(pg_catalog.=) $2"
						" FOR NO KEY UPDATE OF p FOR SHARE OF r", UUIDOID, UUIDOID, UUIDOID, TEXTOID),
		.lock_row = QUERY("SELECT 1 FROM powerpanel.power_feed WHERE id OPERATOR(pg_catalog.=) $1 FOR SHARE", UUIDOID),
		.of_other = QUERY(FEED_PAIRS " WHERE r.id OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE OF p", UUIDOID),
		.of_panel = QUERY(FEED_PAIRS " WHERE p.id OPERATOR(pg_catalog.=) $1 FOR SHARE OF r", UUIDOID),
		.in_locations = QUERY(FEED_PAIRS " WHERE p.location_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
		.other_in_locations = QUERY(FEED_PAIRS " WHERE r.location_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	},
};

/* A pair that breaks a rule, and what its texts are made of. */
typedef struct PairViolation
{
	Violation	base;			/* must be first */
	const Pairs *kind;
	LocationTree *tree;
	QueryRow	row;
} PairViolation;

static void
describe_group(Violation *violation, bool hint)
{
	PairViolation *of = (PairViolation *) violation;
	const char *what = of->kind->rule == RULE_RACK_RACK_GROUP_LOCATION ? "rack" : "power panel";

	violation->object = query_text(of->row, COL_NAME);
	violation->message =
		psprintf("%s does not lie in the location of %s",
				 label(what, violation->relid, "name", violation->object),
				 label("rack group", inventory_relid("rack_group"), "name",
					   query_text(of->row, COL_OTHER_NAME)));
	if (may_see(inventory_relid("location"), "name") && may_see(inventory_relid("rack_group"), "location_id"))
		violation->detail =
			psprintf("The %s is in \"%s\"; its rack group belongs to \"%s\", which does not contain that.",
					 what, location_path(of->tree, query_uuid(of->row, COL_LOCATION)),
					 location_path(of->tree, query_uuid(of->row, COL_OTHER_LOCATION)));
	violation->hint = psprintf("Choose a rack group of the %s's location or of one above it.", what);
}

static void
describe_feed(Violation *violation, bool hint)
{
	PairViolation *of = (PairViolation *) violation;

	violation->object = query_text(of->row, COL_NAME);
	violation->message =
		psprintf("%s and %s of %s are in different location trees",
				 label("rack", inventory_relid("rack"), "name", query_text(of->row, COL_OTHER_NAME)),
				 label("power panel", inventory_relid("power_panel"), "name", query_text(of->row, COL_PANEL_NAME)),
				 label("power feed", violation->relid, "name", violation->object));
	if (may_see(inventory_relid("location"), "name") && may_see(inventory_relid("rack"), "location_id"))
		violation->detail =
			psprintf("The rack is in \"%s\", the panel in \"%s\"; no location contains both.",
					 location_path(of->tree, query_uuid(of->row, COL_OTHER_LOCATION)),
					 location_path(of->tree, query_uuid(of->row, COL_LOCATION)));
	violation->hint = "Choose a rack in the panel's location tree, or give the two trees a location in common.";
}

static void
report(const Pairs *kind, LocationTree *tree, QueryRow row, ViolationSink *sink)
{
	bool		isnull;
	PairViolation violation = {
		.base = {
			.rule = kind->rule,
			.relid = inventory_relid(kind->table),
			.object_id = query_value(row, COL_ID, &isnull),
			.describe = kind->rule == RULE_POWER_FEED_RACK_LOCATION ? describe_feed : describe_group
		},
		.kind = kind,
		.tree = tree,
		.row = row
	};

	report_violation(sink, &violation.base);
}

/* The rules themselves: is this pair in order? */
static void
check_pair(const Pairs *kind, LocationTree *tree, QueryRow row, ViolationSink *sink)
{
	pg_uuid_t  *location = query_uuid(row, COL_LOCATION);
	pg_uuid_t  *other = query_uuid(row, COL_OTHER_LOCATION);
	bool		in_order = kind->rule == RULE_POWER_FEED_RACK_LOCATION ?
		location_share_root(tree, other, location) : location_contains(tree, other, location);

	if (!in_order)
		report(kind, tree, row, sink);
}

/* Do all pairs of a result have one and the same location on both sides? */
static bool
all_in_place(QueryRows rows)
{
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);

		CHECK_FOR_INTERRUPTS();
		if (memcmp(query_uuid(row, COL_LOCATION), query_uuid(row, COL_OTHER_LOCATION), UUID_LEN) != 0)
			return false;
	}
	return true;
}

/* A check of pairs that can be made again when a row has been waited for. */
typedef struct PairCheck
{
	WaitingCheck base;			/* must be first */
	Pairs	   *kind;
	CheckQuery *query;
	Datum	   *args;
	bool		tree_locked;	/* against moves; else what lies between is */
} PairCheck;

/* Reads the pairs that a query finds and reports those that break the rule. */
static void
look(WaitingCheck *base, ViolationSink *sink)
{
	PairCheck  *check = (PairCheck *) base;
	Pairs	   *kind = check->kind;
	QueryRows	rows = query_run(check->query, inventory_joined(kind->table, kind->joined), check->args);
	LocationTree *tree;

	if (all_in_place(rows))
		return;
	tree = location_tree_create(!check->tree_locked);
	for (uint64 i = 0; i < rows.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check_pair(kind, tree, query_row(rows, i), sink);
	}
}

static void
lock_row(WaitingCheck *base, Datum row)
{
	Pairs	   *kind = ((PairCheck *) base)->kind;

	query_run(&kind->lock_row, inventory_relid(kind->table), &row);
}

static void
run_check(PairCheck check)
{
	query_begin();
	(void) check_waiting(&check.base);
	query_end();
}

/* Checks the pairs that a query finds, one side of which was written. */
static void
check_pairs(Pairs *kind, CheckQuery *query, Datum *args)
{
	run_check((PairCheck) {{look, lock_row}, kind, query, args, false});
}

/* Checks those around locations that moved. */
static void
check_moved(Pairs *kind, CheckQuery *query, Datum *locations)
{
	run_check((PairCheck) {{look, lock_row}, kind, query, locations, true});
}

/* All pairs of a rule. */
void
placement_audit(PlacementRule which, ViolationSink *sink)
{
	Pairs	   *kind = &pairs[which];
	Oid			relid = inventory_joined(kind->table, kind->joined);
	LocationTree *tree = location_tree_create(false);
	QueryRows	rows;

	location_tree_read_all(tree);
	query_begin();
	rows = query_run(&kind->all, relid, NULL);
	for (uint64 i = 0; i < rows.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		check_pair(kind, tree, query_row(rows, i), sink);
	}
	query_end();
}

/* The new row of a trigger and its id; NULL where there is nothing to check. */
static TupleTableSlot *
row_and_id(FunctionCallInfo fcinfo, const char *function, const char *table, Datum *id)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, function, table);
	TupleTableSlot *slot = trigger_live_row(trigger);
	bool		isnull;

	if (slot != NULL)
		*id = trigger_column(slot, "id", &isnull);
	return slot;
}

/* Locks a rack and tells its location; false where there is no such rack. */
static bool
lock_rack(Datum id, pg_uuid_t *location)
{
	Relation	racks = table_open(inventory_relid("rack"), RowShareLock);
	RowKey		key = row_key(racks, "id");
	TupleTableSlot *slot = table_slot_create(racks, NULL);
	pg_uuid_t  *at = row_lock(racks, &key, id, LockTupleShare, slot) ? trigger_uuid(slot, "location_id") : NULL;
	bool		placed = at != NULL;

	if (placed)
		*location = *at;
	ExecDropSingleTupleTableSlot(slot);
	table_close(racks, NoLock);
	return placed;
}

/*
 * Is a feed in order by what is next to it?  It is where its rack stands where its panel
 * does, or where we have locked the paths between them before.  This locks the
 * rows that the query locks (Pairs), and in the same order; the query takes many times
 * as long, and has to be made only where this does not tell.
 */
static bool
feed_is_in_place(const BreakerPanel *at, Datum rack)
{
	PanelMemory *memory = panel_lock(at);
	pg_uuid_t	panel_location;
	pg_uuid_t	rack_location;

	if (memory == NULL || !memory->panel.has_location)
		return false;
	/* what is remembered does not outlast a wait for the rack */
	panel_location = memory->panel.location;
	return lock_rack(rack, &rack_location) &&
		(memcmp(&panel_location, &rack_location, UUID_LEN) == 0 ||
		 location_known_to_share_root(&panel_location, &rack_location));
}

/* The rack or the panel of a feed was set. */
void
feed_rack_check_row(Relation feeds, TupleTableSlot *slot)
{
	static const FeedColumn columns[] = {FEED_PANEL, FEED_RACK, FEED_ID, FEED_NAME};
	BreakerPanel at = {.table = feed_table(feeds), .feeds = feeds};
	Datum		args[lengthof(columns)];

	for (size_t i = 0; i < lengthof(columns); i++)
	{
		bool		isnull;

		args[i] = slot_getattr(slot, at.table->def.attnum[columns[i]], &isnull);
		if (isnull)
			return;
	}
	at.key = args[0];
	inventory_must_be_whole();
	if (feed_is_in_place(&at, args[1]))
		return;
	args[3] = CStringGetTextDatum(value_text(at.table->def.type[FEED_NAME], args[3]));
	check_pairs(&pairs[FEED_TO_RACK], &pairs[FEED_TO_RACK].of_row, args);
}

/* On rack: location or group changed. */
Datum
check_rack(PG_FUNCTION_ARGS)
{
	Datum		id;

	if (row_and_id(fcinfo, "check_rack", "rack", &id) != NULL)
	{
		check_pairs(&pairs[RACK_IN_GROUP], &pairs[RACK_IN_GROUP].of_row, &id);
		check_pairs(&pairs[FEED_TO_RACK], &pairs[FEED_TO_RACK].of_other, &id);
	}
	return PointerGetDatum(NULL);
}

/* On power_panel: location or group changed. */
Datum
check_panel_location(PG_FUNCTION_ARGS)
{
	Datum		id;

	/* what is remembered may be of before, where this check was brought forward */
	forget_panels();
	if (row_and_id(fcinfo, "check_panel_location", "power_panel", &id) != NULL)
	{
		check_pairs(&pairs[PANEL_IN_GROUP], &pairs[PANEL_IN_GROUP].of_row, &id);
		check_pairs(&pairs[FEED_TO_RACK], &pairs[FEED_TO_RACK].of_panel, &id);
	}
	return PointerGetDatum(NULL);
}

/* On rack_group: location changed. */
Datum
check_rack_group(PG_FUNCTION_ARGS)
{
	Datum		id;

	if (row_and_id(fcinfo, "check_rack_group", "rack_group", &id) != NULL)
	{
		check_pairs(&pairs[RACK_IN_GROUP], &pairs[RACK_IN_GROUP].of_other, &id);
		check_pairs(&pairs[PANEL_IN_GROUP], &pairs[PANEL_IN_GROUP].of_other, &id);
	}
	return PointerGetDatum(NULL);
}

/* Do locations lie in one? */
static bool
has_children(Relation locations, Datum id)
{
	RowKey		key = row_key(locations, "parent_id");

	return row_read_now(locations, &key, id) != NULL;
}

/*
 * A new location is on a loop only where something lies in it already.  Nobody
 * else can see it, so that is our own: written by the same statement, or moved
 * there by an UPDATE, whose check is check_move().  So no lock is needed.
 */
static void
check_new(Relation locations, TupleTableSlot *slot, Datum id, Datum parent)
{
	if (has_children(locations, id))
		cycle_check(cycle_of_locations(), slot, false, DatumGetUUIDP(id),
					DatumGetUUIDP(id), DatumGetUUIDP(parent));
}

/*
 * A move changes what contains what, for all that lies in the moved subtree and
 * for what is tied to it from outside, and each such pair has one side in the
 * subtree.  parent is 0 where it was moved to the top.
 */
static void
check_move(Relation locations, TupleTableSlot *slot, Datum id, Datum parent)
{
	Datum		subtree;

	graph_lock_change(RelationGetRelid(locations));
	if (parent != (Datum) 0)
		cycle_check(cycle_of_locations(), slot, true, DatumGetUUIDP(id),
					DatumGetUUIDP(id), DatumGetUUIDP(parent));

	subtree = location_subtree(DatumGetUUIDP(id));
	for (int i = 0; i < PLACEMENT_RULES; i++)
	{
		check_moved(&pairs[i], &pairs[i].in_locations, &subtree);
		if (pairs[i].other_in_locations.sql != NULL)
			check_moved(&pairs[i], &pairs[i].other_in_locations, &subtree);
	}
}

/* On location: inserted, or its parent changed. */
Datum
check_location(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, "check_location", "location");
	TupleTableSlot *slot = trigger_live_row(trigger);
	Datum		id;
	Datum		parent;
	bool		isnull;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	id = trigger_column(slot, "id", &isnull);
	parent = trigger_column(slot, "parent_id", &isnull);
	if (TRIGGER_FIRED_BY_UPDATE(trigger->tg_event))
		check_move(trigger->tg_relation, slot, id, isnull ? (Datum) 0 : parent);
	else if (!isnull)
		check_new(trigger->tg_relation, slot, id, parent);
	return PointerGetDatum(NULL);
}
