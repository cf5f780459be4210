/*-------------------------------------------------------------------------
 *
 * overloads.h
 *	  How heavily things are loaded, and whether that is too much.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_OVERLOADS_H
#define POWERPANEL_OVERLOADS_H

#include "compat.h"

#include "load_model.h"

extern double feed_heaviest(const PowerState *state, int feed);
extern double feed_rating(const NetFeed *feed);
extern double feed_limit_percent(const NetFeed *feed);
extern double panel_heaviest(const PowerState *state, int panel);
extern double panel_rating(const NetPanel *panel);
extern bool feed_is_over(const PowerState *state, int feed, double limit);
extern bool panel_is_over(const PowerState *state, int panel, double limit);
extern double feed_slack(const PowerState *state, int feed, double limit);
extern double panel_slack(const PowerState *state, int panel, double limit);
extern bool feed_overloaded(const PowerState *state, int feed);
extern bool panel_overloaded(const PowerState *state, int panel);
extern double feed_room(const PowerState *state, int feed, double va, const Phases *phases);
extern double panel_room(const PowerState *state, int panel, double va, const Phases *phases);
extern bool port_overloaded(const PowerState *state, int port);
extern bool bank_overloaded(const PowerState *state, int bank);
extern bool device_overloaded(const PowerState *state, int device);

#endif							/* POWERPANEL_OVERLOADS_H */
