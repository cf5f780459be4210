/*-------------------------------------------------------------------------
 *
 * feed_column.h
 *	  The columns of feeds, panels and cables that rules can speak of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FEED_COLUMN_H
#define POWERPANEL_FEED_COLUMN_H

#include "compat.h"

#include "utils/array.h"

typedef enum FeedColumn
{
#define FEED_COLUMN(id, ...)	id,
#include "feed_column_list.h"
#undef FEED_COLUMN
	ALL_COLUMNS
} FeedColumn;

/* Those before PANEL_ID are columns of the feeds, those before CABLE_FEED of the panels. */
#define FEED_COLUMNS			PANEL_ID
#define FEED_AND_PANEL_COLUMNS	CABLE_FEED

typedef enum ColumnKind
{
	COLUMN_ANY,					/* never looked at, or as text */
	COLUMN_KEY,					/* a uuid or an integer */
	COLUMN_PANEL_KEY,			/* of the type of the panels' key */
	COLUMN_FEED_KEY,			/* of the type of the feeds' key */
	COLUMN_INTEGER,				/* of any width */
	COLUMN_UUID,
	COLUMN_POSITION_SET,
	COLUMN_PHASE_DESIGNATION
} ColumnKind;

typedef enum ColumnUse
{
	USED_BY_BOTH,
	USED_BY_INVENTORY,
	USED_BY_GUARDED
} ColumnUse;

typedef struct FeedColumnInfo
{
	const char *role;
	const char *usual;
	ColumnKind	kind;
	ColumnUse	used;
} FeedColumnInfo;

extern const FeedColumnInfo feed_columns[ALL_COLUMNS];

/* A set of columns */
typedef uint32 FeedColumnSet;

#define BIT(column)			((FeedColumnSet) 1 << (column))

StaticAssertDecl(ALL_COLUMNS <= 32, "a FeedColumnSet has 32 bits");

/* What the rules of breakers speak of in a feed's row, and in that of its panel. */
#define BREAKER_COLUMNS \
	(BIT(FEED_PANEL) | BIT(FEED_POSITION) | BIT(FEED_POLES) | BIT(FEED_OCCUPIED) | BIT(FEED_PHASES))
#define BREAKER_PANEL_COLUMNS \
	(BIT(PANEL_ID) | BIT(PANEL_POSITIONS) | BIT(PANEL_NUMBERING) | BIT(PANEL_BUS))

extern ArrayType *feed_column_roles(FeedColumnSet columns);

#endif							/* POWERPANEL_FEED_COLUMN_H */
