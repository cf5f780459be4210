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
extern int	trips_parts(const Trips *trips);
extern int	trips_part_of_panel(const Trips *trips, int panel);
extern int	trips_part_of_device(const Trips *trips, int device);

#endif							/* POWERPANEL_TRIPS_H */
