/*-------------------------------------------------------------------------
 *
 * panel_lock.h
 *	  Locking a panel and reading it, once in a transaction.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PANEL_LOCK_H
#define POWERPANEL_PANEL_LOCK_H

#include "compat.h"

#include "breaker_read.h"

typedef struct PanelKey
{
	Oid			feed_relid;
	char		bytes[16];		/* a uuid or an integer */
} PanelKey;

/* What this transaction remembers of a panel. */
typedef struct PanelMemory
{
	PanelKey	key;			/* hash key */
	bool		locked;			/* by us: what follows stays until it is forgotten */
	Panel		panel;
	CommandId	probed;			/* a row of this command was looked at alone */
} PanelMemory;

extern PanelMemory *panel_lock(const BreakerPanel *at);
extern PanelMemory *panel_lock_awaited(const BreakerPanel *at);
extern void forget_panels(void);
extern void forget_panel_keys(void);

#endif							/* POWERPANEL_PANEL_LOCK_H */
