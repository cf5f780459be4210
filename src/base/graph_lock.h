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

#include "utils/uuid.h"

/* What an attempt to lock a node has come to. */
typedef enum NodeLocking
{
	NODE_LOCKED,
	NODE_BUSY,					/* another transaction has locked it the other way */
	NODES_TOO_MANY				/* lock the graph instead */
} NodeLocking;

extern void graph_lock_read(Oid relid);
extern void graph_lock_change(Oid relid);
extern bool graph_go_over(Oid relid);
extern bool node_locks_begin(Oid relid);
extern void node_locks_give_up(Oid relid);
extern void node_locks_more(void);
extern void node_locks_no_more(void);
extern NodeLocking node_try_lock(Oid relid, const pg_uuid_t *node, bool entered);
extern void node_lock(Oid relid, const pg_uuid_t *node, bool entered);
extern void node_unlock(Oid relid, const pg_uuid_t *node, bool entered);

#endif							/* POWERPANEL_GRAPH_LOCK_H */
