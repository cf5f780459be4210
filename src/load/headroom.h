/*-------------------------------------------------------------------------
 *
 * headroom.h
 *	  How much more can be put on a panel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_HEADROOM_H
#define POWERPANEL_HEADROOM_H

#include "compat.h"

#include "probe.h"

typedef struct Headroom
{
	double		va;				/* infinite where nothing limits it */
	bool		in_outage;		/* not now, but in an outage */
	Thing		outage;			/* which */
	Thing		binding;		/* what limits it, where that was asked for */
} Headroom;

extern Headroom *headroom_find(PowerState *state, const bool *wanted, bool with_binding);

#endif							/* POWERPANEL_HEADROOM_H */
