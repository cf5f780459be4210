/*-------------------------------------------------------------------------
 *
 * trip_stages.h
 *	  The trips of many outages, where breakers open even though nothing fails.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_TRIP_STAGES_H
#define POWERPANEL_TRIP_STAGES_H

#include "compat.h"

#include "trips.h"

typedef struct TripStages TripStages;

extern TripStages *trip_stages_create(PowerState *state, double trip_at);
extern Outage *trip_stages_fail(TripStages *stages, Breaker failed);
extern int	trip_stages_run(TripStages *stages);
extern int	trip_stages_went_dark(const TripStages *stages);
extern void trip_stages_undo(TripStages *stages);

#endif							/* POWERPANEL_TRIP_STAGES_H */
