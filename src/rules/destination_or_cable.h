/*-------------------------------------------------------------------------
 *
 * destination_or_cable.h
 *	  The rule that a feed has a destination panel or a cable, not both.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DESTINATION_OR_CABLE_H
#define POWERPANEL_DESTINATION_OR_CABLE_H

#include "compat.h"

extern void destination_or_cable_check(Datum feed);

#endif							/* POWERPANEL_DESTINATION_OR_CABLE_H */
