/*-------------------------------------------------------------------------
 *
 * feed_definition.h
 *	  What the triggers of a table of feeds say of it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FEED_DEFINITION_H
#define POWERPANEL_FEED_DEFINITION_H

#include "compat.h"

#include "utils/relcache.h"

#include "feed_column.h"
#include "geometry.h"

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

extern void feed_definition_read(Relation feeds, FeedDefinition *def, FeedIndexes *indexes,
								 bool *tells_of_panels);
extern void feed_indexes_look_up(const FeedDefinition *def, FeedIndexes *indexes,
								 Relation feeds, Relation panels);
extern void feed_must_be_table(Oid relid);

#endif							/* POWERPANEL_FEED_DEFINITION_H */
