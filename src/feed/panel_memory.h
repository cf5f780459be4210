/*-------------------------------------------------------------------------
 *
 * panel_memory.h
 *	  The panels that this transaction has locked.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PANEL_MEMORY_H
#define POWERPANEL_PANEL_MEMORY_H

#include "compat.h"

#include "breaker_read.h"
#include "feed_table.h"

typedef struct PanelKey
{
	Oid			feed_relid;
	char		bytes[16];		/* a uuid or an integer */
} PanelKey;

typedef struct PanelMemory
{
	PanelKey	key;			/* hash key */
	bool		locked;			/* by us: what follows cannot change but by us */
	Panel		panel;
	CommandId	probed;			/* a row of this command was looked at alone */
} PanelMemory;

extern PanelMemory *remember_panel(const FeedTable *table, Datum panel);
extern void remember_locked(PanelMemory *memory, const Panel *panel);
extern void forget_panels(void);

#endif							/* POWERPANEL_PANEL_MEMORY_H */
