/*-------------------------------------------------------------------------
 *
 * circuits.h
 *	  What circuits to devices carry, by which of them are on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CIRCUITS_H
#define POWERPANEL_CIRCUITS_H

#include "compat.h"

#include "outage.h"
#include "parts.h"

/* Of the feeds into one cluster of devices, when some of them are on. */
typedef struct CircuitLoads
{
	uint8		on;				/* a bit for each of its feeds */
	bool		noted;			/* for the caller: its dark devices are noted */
	Load	   *loads;			/* of each of its feeds */
	Phases	   *phases;
	int		   *dark;			/* its devices that are dark then */
	int			n_dark;
	struct CircuitLoads *next;
} CircuitLoads;

typedef struct Circuits
{
	FeedClusters base;			/* what outages look up; must be first */
	Slice	   *feeds_of;		/* of each cluster */
	int		   *feeds;
	CircuitLoads **known;		/* of each cluster */
	Outage	   *outage;			/* of a state of its own */
} Circuits;

extern Circuits *circuits_create(const PowerState *state, const Parts *clusters, const Followed *followed);
extern CircuitLoads *circuits_loads(Circuits *circuits, const PowerState *state, int cluster);

#endif							/* POWERPANEL_CIRCUITS_H */
