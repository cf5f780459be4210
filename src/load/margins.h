/*-------------------------------------------------------------------------
 *
 * margins.h
 *	  Circuits and devices whose failure makes no breaker open.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_MARGINS_H
#define POWERPANEL_MARGINS_H

#include "compat.h"

#include "parts.h"
#include "suspects.h"
#include "trips.h"

typedef struct Margins Margins;

extern Margins *margins_find(const PowerState *state, const Suspects *suspects, const Trips *trips,
							 const Parts *clusters);
extern bool margins_bear_feed(const Margins *margins, int feed);
extern bool margins_bear_device(const Margins *margins, int device);

#endif							/* POWERPANEL_MARGINS_H */
