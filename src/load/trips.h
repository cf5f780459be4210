/*-------------------------------------------------------------------------
 *
 * trips.h
 *	  What opens, one after the other, once something has failed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_TRIPS_H
#define POWERPANEL_TRIPS_H

#include "compat.h"

#include "outage.h"

/* A breaker: a panel's by its index, a feed's by its index after all panels. */
typedef int Breaker;

static inline Breaker
panel_breaker(const Network *network, int panel)
{
	return panel;
}

static inline Breaker
feed_breaker(const Network *network, int feed)
{
	return network->n_panels + feed;
}

static inline bool
breaker_is_panel(const Network *network, Breaker breaker)
{
	return breaker < network->n_panels;
}

/* Of the panel, or the feed. */
static inline int
breaker_index(const Network *network, Breaker breaker)
{
	return breaker < network->n_panels ? breaker : breaker - network->n_panels;
}

static inline int
breaker_panel(const Network *network, Breaker breaker)
{
	return breaker < network->n_panels ? breaker : network->feeds[breaker - network->n_panels].panel;
}

typedef struct BreakerList
{
	Breaker    *items;
	int			n;
} BreakerList;

/* A breaker that opens. */
typedef struct Trip
{
	int			round;			/* from 1 */
	bool		is_panel;		/* its main breaker; else a feed */
	int			index;
	double		load;			/* VA, were all phases like the most loaded one */
	double		rating;			/* VA */
} Trip;

typedef void (*TripNoted) (void *arg, const Trip *trip);

typedef struct Trips Trips;

extern Trips *trips_create(Outage *outage, double trip_at);
extern int	trips_run(Trips *trips, TripNoted note, void *arg);
extern const BreakerList *trips_next(Trips *trips);
extern void breaker_open(Outage *outage, Breaker breaker);
extern int	trips_parts(const Trips *trips);
extern int	trips_part_of_panel(const Trips *trips, int panel);
extern int	trips_part_of_device(const Trips *trips, int device);
extern bool trips_now_in_part(const Trips *trips, int part);

#endif							/* POWERPANEL_TRIPS_H */
