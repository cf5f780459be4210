/*-------------------------------------------------------------------------
 *
 * breaker_read.h
 *	  Breakers as they are read from their table.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_READ_H
#define POWERPANEL_BREAKER_READ_H

#include "compat.h"

#include "access/htup.h"
#include "executor/tuptable.h"
#include "utils/snapshot.h"

#include "feed_table.h"
#include "position_set.h"

/* A panel as the rules of feeds see it. */
typedef struct Panel
{
	const char *name;
	int			circuit_positions;	/* 0 where that is not known */
	PanelNumbering numbering;
	PanelBus	bus;
	bool		has_location;	/* false where that is not known */
	pg_uuid_t	location;
} Panel;

typedef struct Breaker
{
	HeapTuple	row;			/* a copy, or that of a trigger; what follows may point into it */
	Datum		id;
	int			position;		/* 0 where it has none */
	int			poles;
	PositionView occupied;		/* what its row says */
	Oid			phases;			/* likewise; 0 is NULL */
	bool		checked;		/* look for what is wrong with this one; the
								 * others only stand in its way */
} Breaker;

/*
 * A panel in a table of feeds: what its breakers are read, locked and checked by.
 * Whoever is called by a trigger makes it first of all.
 */
typedef struct BreakerPanel
{
	FeedTable  *table;
	Relation	feeds;
	Datum		key;			/* of the panel */
	const Panel *panel;			/* what it is like; NULL until that is known */
} BreakerPanel;

extern Panel breaker_read_properties(const FeedTable *table, Relation panels, HeapTuple row);
extern void breaker_set(Breaker *breaker, const FeedTable *table, const Datum *values, const bool *nulls);
extern Breaker *breaker_read_one(const BreakerPanel *at, Datum id, int *n);
extern Breaker *breaker_read_near(const BreakerPanel *at, int position, int poles,
								  TupleTableSlot *own, int *n);
extern bool breaker_panel_feeds_panels(const BreakerPanel *at);
extern Breaker *breaker_read_panel(const BreakerPanel *at, int *n);

#endif							/* POWERPANEL_BREAKER_READ_H */
