/*-------------------------------------------------------------------------
 *
 * breaker_lock.h
 *	  Locking a panel and reading it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_LOCK_H
#define POWERPANEL_BREAKER_LOCK_H

#include "compat.h"

#include "breaker_memory.h"

extern PanelMemory *breaker_lock_panel(BreakerTable *table, Relation feeds, Datum panel);

#endif							/* POWERPANEL_BREAKER_LOCK_H */
