/*-------------------------------------------------------------------------
 *
 * breaker_table.h
 *	  A table of feeds whose breakers are checked: which columns say what.
 *
 * The checks learn this from the arguments of the trigger that calls them and
 * have no table or column name of their own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_TABLE_H
#define POWERPANEL_BREAKER_TABLE_H

#include "compat.h"

#include "utils/relcache.h"

#include "geometry.h"
#include "query.h"

/* Columns as the trigger's arguments name them: 'poles=breaker_pole_count' */
typedef enum BreakerColumn
{
	FEED_ID,
	FEED_NAME,
	FEED_PANEL,
	FEED_POSITION,
	FEED_POLES,
	FEED_OCCUPIED,
	FEED_PHASES,
	PANEL_ID,
	PANEL_NAME,
	PANEL_POSITIONS,
	PANEL_NUMBERING,
	PANEL_BUS,
	BREAKER_COLUMNS
} BreakerColumn;

#define FEED_COLUMNS		PANEL_ID	/* those before are columns of the feeds */

/* All that the queries depend on; compared byte by byte. */
typedef struct BreakerDefinition
{
	Oid			panel_relid;
	NameData	feed_schema;
	NameData	feed_name;
	NameData	panel_schema;
	NameData	panel_name;
	NameData	column[BREAKER_COLUMNS];
	AttrNumber	attnum[BREAKER_COLUMNS];
	Oid			key_type;		/* of the panels' key */
	Oid			feed_key_type;
	int16		key_length;
	bool		key_by_value;
	int16		feed_key_length;
	bool		feed_key_by_value;
	Oid			phase_values[8];	/* enum value of each PhaseMask */
} BreakerDefinition;

typedef struct BreakerTable
{
	Oid			feed_relid;		/* hash key */
	bool		valid;			/* false once either table may have changed */
	BreakerDefinition def;
	CheckQuery	lock_panel;		/* name, positions, numbering, bus */
	CheckQuery	feed_one;	/* one breaker */
	CheckQuery	feeds_near;		/* breakers around some positions */
	CheckQuery	feeds_all;		/* breakers of a panel */
	CheckQuery	audit_panels;	/* all panels */
	CheckQuery	audit_feeds;	/* all breakers, in no order */
	CheckQuery	audit_unsound;	/* those of some panels, panel by panel */
	CheckQuery	touch_feeds;	/* have the derived columns of a panel's feeds
								 * set anew */
	CheckQuery	derive_feed;	/* set the occupied positions of a feed */
	CheckQuery	lock_feed;		/* wait for whoever is changing a feed */
} BreakerTable;

extern BreakerTable *breaker_table(Relation feeds);

#endif							/* POWERPANEL_BREAKER_TABLE_H */
