/*-------------------------------------------------------------------------
 *
 * graph_lock.h
 *	  The locks that guard whole graphs: the location tree, the panels, the
 *	  devices.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_GRAPH_LOCK_H
#define POWERPANEL_GRAPH_LOCK_H

#include "compat.h"

extern void graph_lock_read(Oid relid);
extern void graph_lock_change(Oid relid);

#endif							/* POWERPANEL_GRAPH_LOCK_H */
