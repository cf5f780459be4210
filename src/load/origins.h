/*-------------------------------------------------------------------------
 *
 * origins.h
 *	  Which panels have nothing above them in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ORIGINS_H
#define POWERPANEL_ORIGINS_H

#include "compat.h"

#include "network.h"

typedef struct Origins
{
	int		   *set_of;			/* of each panel: the set of its origins */
	Slice	   *sets;			/* of each set: where its origins lie */
	int		   *origins;		/* numbers, in order: of panels, and of feeds + n_panels */
	int			n_sets;
} Origins;

extern Origins *origins_find(const Network *network);

#endif							/* POWERPANEL_ORIGINS_H */
