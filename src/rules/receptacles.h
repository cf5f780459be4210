/*-------------------------------------------------------------------------
 *
 * receptacles.h
 *	  The rule that a feed has no more cables than receptacles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RECEPTACLES_H
#define POWERPANEL_RECEPTACLES_H

#include "compat.h"

extern void receptacles_check(Datum feed);

#endif							/* POWERPANEL_RECEPTACLES_H */
