/*-------------------------------------------------------------------------
 *
 * places.h
 *	  Where something could go: panels of a location, and places on them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PLACES_H
#define POWERPANEL_PLACES_H

#include "compat.h"

#include "fmgr.h"

#include "network.h"

extern Network *places_read(FunctionCallInfo fcinfo, bool in_location, bool **wanted);
extern int	panel_free_count(const Network *network, int panel);
extern int	panel_first_place(const Network *network, int panel, int poles);

#endif							/* POWERPANEL_PLACES_H */
