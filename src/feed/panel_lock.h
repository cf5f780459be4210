/*-------------------------------------------------------------------------
 *
 * panel_lock.h
 *	  Locking a panel and reading it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PANEL_LOCK_H
#define POWERPANEL_PANEL_LOCK_H

#include "compat.h"

#include "panel_memory.h"

extern PanelMemory *panel_lock(FeedTable *table, Relation feeds, Datum panel);
extern PanelMemory *panel_lock_awaited(FeedTable *table, Relation feeds, Datum panel);

#endif							/* POWERPANEL_PANEL_LOCK_H */
