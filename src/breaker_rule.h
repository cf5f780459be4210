/*-------------------------------------------------------------------------
 *
 * breaker_rule.h
 *	  The rules of breakers in a panel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_RULE_H
#define POWERPANEL_BREAKER_RULE_H

#include "compat.h"

#include "breaker_memory.h"
#include "breaker_table.h"
#include "rule.h"

/* A breaker as one of the queries of its table has read it. */
typedef struct Breaker
{
	uint64		row;			/* in the result of the query */
	Datum		id;
	int			position;		/* 0 where it has none */
	int			poles;
	PositionView occupied;		/* what its row says */
	Oid			phases;			/* likewise; 0 is NULL */
	bool		checked;		/* look for what is wrong with this one; the
								 * others only stand in its way */
} Breaker;

extern void breaker_set(Breaker *breaker, const Datum *values, const bool *nulls);
extern void breaker_read(Breaker *breaker, uint64 row);
extern bool breaker_sound_alone(const BreakerTable *table, const Panel *panel, const Breaker *breaker);
extern void breaker_check(BreakerTable *table, const Panel *panel, Datum panel_key,
						  Breaker *breakers, int n, ViolationSink *sink);

#endif							/* POWERPANEL_BREAKER_RULE_H */
