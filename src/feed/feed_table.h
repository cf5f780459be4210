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

#include "feed_column.h"
#include "geometry.h"
#include "key_uuid.h"
#include "query.h"
#include "row_memory.h"

/*
 * All that the queries depend on; compared byte by byte.  Once made, it does not
 * change: a trigger that is at work goes by one and the same definition, whatever
 * the code of others that runs meanwhile does to the tables.
 */
typedef struct FeedDefinition
{
	Oid			panel_relid;
	Oid			cable_relid;	/* 0 where cables are in no table of their own */
	NameData	feed_schema;
	NameData	feed_name;
	NameData	panel_schema;
	NameData	panel_name;
	NameData	column[ALL_COLUMNS];
	AttrNumber	attnum[ALL_COLUMNS];	/* 0 where there is no such column */
	Oid			type[ALL_COLUMNS];
	int16		key_length;		/* of the panels' key */
	bool		key_by_value;
	int16		feed_key_length;
	bool		feed_key_by_value;
	Oid			phase_values[8];	/* enum value of each PhaseMask */
	PanelNumbering numbering;	/* of all panels, where no column tells */
	PanelBus	bus;
} FeedDefinition;

/* Where rows are found; the queries do not depend on it. */
typedef struct FeedIndexes
{
	Oid			feeds;			/* by panel and position, or by panel */
	bool		feeds_by_position;
	AttrNumber	feeds_poles;	/* where this index tells the poles; 0 is nowhere */
	TransactionId feeds_xmin;	/* no use to a snapshot that does not see this
								 * one; 0 is of use to all */
	Oid			feeds_key;		/* by id */
	Oid			panels_key;
} FeedIndexes;

typedef struct FeedTable
{
	Oid			feed_relid;
	bool		valid;			/* false once one of its tables may have changed */
	bool		tells_of_panels;	/* triggers of the panels tell of all changes */
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

extern Oid	trigger_function(const char *name);
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
