/*-------------------------------------------------------------------------
 *
 * feed_table.h
 *	  A table of feeds whose breakers are checked: which columns say what.
 *
 * The checks learn this from the arguments of two triggers on the table of feeds
 * and have no table or column name of their own: check_feed() is given those of the
 * feeds and of the panels, which its trigger names by FROM, and check_feed_cables(),
 * where there is a table of cables, those of that table.  A table need not have all of the
 * columns; a rule holds where those are there that it speaks of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FEED_TABLE_H
#define POWERPANEL_FEED_TABLE_H

#include "compat.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "storage/lockdefs.h"
#include "utils/relcache.h"

#include "feed_definition.h"
#include "key_uuid.h"
#include "query.h"
#include "row_memory.h"

typedef struct FeedTable
{
	Oid			feed_relid;
	bool		valid;			/* false once one of its tables may have changed */
	bool		tells_of_panels;	/* we hear of all changes of the panels */
	FeedDefinition def;
	FeedIndexes indexes;
	FeedColumnSet columns;		/* those that are there */
	CheckQuery	touch_feeds;	/* have the derived columns of a panel's feeds
								 * set anew */
	CheckQuery	derive_feed;	/* the same for one feed */
	CheckQuery	lock_feed;		/* wait for whoever is changing a feed */
	RowMemory	checked;		/* feeds whose breakers are in order */
	struct CycleRule *cycle;	/* of its panels; NULL until it is needed */
} FeedTable;

/*
 * What the event of a trigger has changed.  A column is looked at when it is first
 * asked for, and once.
 */
typedef struct FeedChanges
{
	TriggerData *trigger;
	const FeedTable *table;
	FeedColumnSet known;		/* those that were looked at */
	FeedColumnSet changed;
} FeedChanges;

static inline bool
has_column(const FeedTable *table, FeedColumn column)
{
	return table->def.attnum[column] != InvalidAttrNumber;
}

extern FeedTable *feed_table(Relation feeds);
extern uint64 feed_table_changes(void);
extern void feed_table_must_be(const FeedTable *table, Relation feeds);
extern FeedTable *feed_table_of_panels(TriggerData *trigger, const char *function,
									   LOCKMODE lock, Relation *feeds);
extern FeedTable *feed_table_of_cables(TriggerData *trigger, const char *function,
									   LOCKMODE lock, Relation *feeds);
extern Datum feed_table_key(const FeedTable *table, FeedColumn column, TupleTableSlot *slot);
extern bool feed_changed(FeedChanges *changes, FeedColumnSet columns);

#endif							/* POWERPANEL_FEED_TABLE_H */
