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

extern TripStages *trip_stages_create(PowerState *state, double trip_at, const Followed *followed);
extern void trip_stages_use_clusters(TripStages *stages, FeedClusters *known);
extern const Trips *trip_stages_now(const TripStages *stages);
extern int	trip_stages_count(const TripStages *stages);
extern Outage *trip_stages_outage(const TripStages *stages, int stage);
extern Outage *trip_stages_fail(TripStages *stages, Breaker failed);
extern Outage *trip_stages_fail_device(TripStages *stages, int device);
extern Outage *trip_stages_fail_nothing(TripStages *stages);
extern int	trip_stages_at(const TripStages *stages);
extern bool trip_stages_touches_panel(const TripStages *stages, int panel);
extern bool trip_stages_touches_device(const TripStages *stages, int device);
extern int	trip_stages_run(TripStages *stages);
extern int	trip_stages_went_dark(const TripStages *stages);
extern void trip_stages_undo(TripStages *stages);

#endif							/* POWERPANEL_TRIP_STAGES_H */
