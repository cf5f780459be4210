/*-------------------------------------------------------------------------
 *
 * destination_or_cable.c
 *	  The rule that a feed has a destination panel or a cable, not both, where
 *	  cables are rows of a table of their own.
 *
 * Lock: the feed's row.  Who sets a destination has it by the UPDATE; who
 * plugs in a cable takes it in cabled_feed.c.  On a guarded table a foreign key
 * may be deferred, so that a cable comes before its feed and there is no row
 * to lock.  Then who plugs in has a lock of the whole table of cables, which whoever
 * sets a destination, or the key of a feed that has one, takes shared.  An UPDATE
 * takes it like an INSERT: the row may be one that was not there for who plugged in.
 *
 * The tables may be anybody's, so rows are read as they lie in them.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "destination_or_cable.h"
#include "graph_lock.h"
#include "id_map.h"
#include "inventory.h"
#include "key_uuid.h"
#include "query.h"
#include "row.h"
#include "rule.h"
#include "rule_table.h"

/*
 * Opens the table of panels or of cables.  The lock may have been waited for, and
 * whoever had it may have given a column another type than the keys that we hold.
 */
static Relation
open_unaltered(const FeedTable *table, Relation feeds, Oid relid)
{
	Relation	rel = table_open(relid, AccessShareLock);

	feed_table_must_be(table, feeds);
	return rel;
}

static char *
row_text(const FeedTable *table, Relation rel, HeapTuple row, FeedColumn column)
{
	bool		isnull;
	Datum		value = heap_getattr(row, table->def.attnum[column], RelationGetDescr(rel), &isnull);

	return isnull ? NULL : value_text(table->def.type[column], value);
}

static char *
panel_name(const FeedTable *table, Relation feeds, Datum id)
{
	Relation	panels = open_unaltered(table, feeds, table->def.panel_relid);
	RowKey		key = row_key(panels, NameStr(table->def.column[PANEL_ID]));
	HeapTuple	row = row_read_now(panels, &key, id);
	char	   *name = row != NULL ? row_text(table, panels, row, PANEL_NAME) : NULL;

	table_close(panels, NoLock);
	return name != NULL ? name : "?";
}

/* "its cable is labelled .." where cables have labels, else where its row is */
static char *
describe_cable(const FeedTable *table, Relation cables, HeapTuple row)
{
	char	   *label;

	if (!has_column(table, CABLE_LABEL))
		return psprintf("a row of table \"%s\" is its cable", RelationGetRelationName(cables));
	label = row_text(table, cables, row, CABLE_LABEL);
	return label != NULL ? psprintf("its cable is labelled \"%s\"", label) : "its cable is not labelled";
}

/* May the one who writes know of a feed's destination and of its cable? */
static bool
may_see_both(const FeedTable *table)
{
	FeedColumn	of_cable = has_column(table, CABLE_LABEL) ? CABLE_LABEL : CABLE_FEED;

	return may_see(table->def.panel_relid, NameStr(table->def.column[PANEL_NAME])) &&
		may_see(table->def.cable_relid, NameStr(table->def.column[of_cable]));
}

static void
report_feed(const FeedTable *table, Relation feeds, TupleTableSlot *feed, Relation cables, HeapTuple cable,
			ViolationSink *sink)
{
	const FeedDefinition *def = &table->def;
	const char *column = NameStr(def->column[FEED_NAME]);
	Violation	violation = {
		.rule = RULE_POWER_FEED_DESTINATION_OR_CABLE,
		.relid = table->feed_relid,
		.object_id = feed_table_key(table, FEED_ID, feed),
		.id_type = def->type[FEED_ID]
	};
	bool		isnull;
	Datum		name = slot_getattr(feed, def->attnum[FEED_NAME], &isnull);
	Datum		destination;

	violation.object = isnull ? "?" : value_text(def->type[FEED_NAME], name);
	violation.message = psprintf("%s cannot have both a destination panel and a cable",
								 label("power feed", table->feed_relid, column, violation.object));
	destination = slot_getattr(feed, def->attnum[FEED_DESTINATION], &isnull);
	if (may_see_both(table))
		violation.detail = psprintf("Its destination is power panel \"%s\"; %s.",
									panel_name(table, feeds, destination), describe_cable(table, cables, cable));
	violation.hint = psprintf("Remove the cable, or set %s to NULL.", NameStr(def->column[FEED_DESTINATION]));
	report_violation(sink, &violation);
}

static bool
leads_to_panel(const FeedTable *table, TupleTableSlot *feed)
{
	return !slot_attisnull(feed, table->def.attnum[FEED_DESTINATION]);
}

/* Whether a feed, whose row is locked, has a destination and a cable. */
void
destination_or_cable_check(const FeedTable *table, Relation feeds, TupleTableSlot *feed)
{
	Relation	cables;
	RowKey		key;
	HeapTuple	cable;

	if (!leads_to_panel(table, feed))
		return;
	cables = open_unaltered(table, feeds, table->def.cable_relid);
	key = row_key(cables, NameStr(table->def.column[CABLE_FEED]));
	cable = row_read_now(cables, &key, feed_table_key(table, FEED_ID, feed));
	if (cable != NULL)
		report_feed(table, feeds, feed, cables, cable, &raise_violation);
	table_close(cables, NoLock);
}

static bool
is_of_inventory(const FeedTable *table)
{
	return table->feed_relid == inventory_relid("power_feed");
}

/*
 * Our own write has given a feed a destination, or another key.  Of the inventory a
 * cable never comes before its feed.
 */
void
destination_or_cable_check_written(const FeedTable *table, Relation feeds, TupleTableSlot *feed)
{
	if (!leads_to_panel(table, feed))
		return;
	if (!is_of_inventory(table))
		graph_lock_read(table->def.cable_relid);
	destination_or_cable_check(table, feeds, feed);
}

/* --- The audit --- */

/* The feeds that have a cable, and of each the number of a cable. */
static IdMap *
read_cabled_feeds(const FeedTable *table, Relation cables, Snapshot snapshot)
{
	IdMap	   *cabled = id_map_create(1024);
	SysScanDesc scan = systable_beginscan(cables, InvalidOid, false, snapshot, 0, NULL);
	HeapTuple	row;

	while ((row = systable_getnext(scan)) != NULL)
	{
		bool		isnull;
		bool		found;
		Datum		feed = heap_getattr(row, table->def.attnum[CABLE_FEED], RelationGetDescr(cables), &isnull);
		pg_uuid_t	uuid;

		CHECK_FOR_INTERRUPTS();
		if (isnull)
			continue;
		uuid = key_uuid(table->def.type[CABLE_FEED], feed);
		(void) id_map_add(cabled, &uuid, 0, &found);
	}
	systable_endscan(scan);
	return cabled;
}

/* One of its cables is read again, where there is something to report. */
static void
audit_feed(const FeedTable *table, Relation feeds, TupleTableSlot *feed, Relation cables, IdMap *cabled,
		   ViolationSink *sink)
{
	pg_uuid_t	uuid;
	RowKey		by_scan;

	if (!leads_to_panel(table, feed))
		return;
	uuid = key_uuid(table->def.type[FEED_ID], feed_table_key(table, FEED_ID, feed));
	if (id_map_find(cabled, &uuid) < 0)
		return;
	/* an index may be younger than the snapshot of an audit */
	by_scan = row_key(cables, NameStr(table->def.column[CABLE_FEED]));
	by_scan.index = InvalidOid;
	report_feed(table, feeds, feed, cables,
				row_read_now(cables, &by_scan, feed_table_key(table, FEED_ID, feed)), sink);
}

static void
audit_feeds(const RuleRun *run)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel audit of cabled feeds",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Relation	cables = open_unaltered(run->table, run->feeds, run->table->def.cable_relid);
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	IdMap	   *cabled = read_cabled_feeds(run->table, cables, snapshot);
	TupleTableSlot *feed = table_slot_create(run->feeds, NULL);
	TableScanDesc scan = table_beginscan_whole(run->feeds, snapshot);

	while (table_scan_getnextslot(scan, ForwardScanDirection, feed))
	{
		CHECK_FOR_INTERRUPTS();
		audit_feed(run->table, run->feeds, feed, cables, cabled, run->sink);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(feed);
	UnregisterSnapshot(snapshot);
	table_close(cables, NoLock);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

void
check_destination_or_cable(const RuleRun *run)
{
	if (run->occasion == AUDIT)
		audit_feeds(run);
	/* a new feed of the inventory has no cable yet, and who plugs one in looks */
	else if (!is_of_inventory(run->table) || TRIGGER_FIRED_BY_UPDATE(run->trigger->tg_event))
		destination_or_cable_check_written(run->table, run->feeds, run->row);
}
