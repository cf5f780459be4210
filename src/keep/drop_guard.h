/*-------------------------------------------------------------------------
 *
 * drop_guard.h
 *	  Event triggers that guard the inventory as a whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DROP_GUARD_H
#define POWERPANEL_DROP_GUARD_H

#include "compat.h"

extern void drop_guard_init(void);

#endif							/* POWERPANEL_DROP_GUARD_H */
