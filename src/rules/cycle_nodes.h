/*-------------------------------------------------------------------------
 *
 * cycle_nodes.h
 *	  The nodes of the graphs of panels and of ports: how they are locked, and
 *	  whether edges leave them.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CYCLE_NODES_H
#define POWERPANEL_CYCLE_NODES_H

#include "compat.h"

#include "utils/uuid.h"

#include "feed_table.h"
#include "graph.h"

#define OUTLET_INLETS	2

typedef struct CycleNodes
{
	/*
	 * Locks a node until the end of the transaction, as one that an edge leaves or
	 * as one that an edge enters: no two transactions have one node locked in the
	 * two ways.  False where there is no such node.
	 */
	bool		(*lock) (FeedTable *feeds, const pg_uuid_t *node, bool entered);
	/* Do edges leave a node, as far as we can see by now? */
	bool		(*leads_on) (FeedTable *feeds, const pg_uuid_t *node);
	/*
	 * May edges enter a node?  NULL where that is not asked, and then the end of an
	 * edge is locked only where none leave it.  Else both ends of every edge are
	 * locked.
	 */
	bool		(*is_fed) (FeedTable *feeds, const pg_uuid_t *node);
	/*
	 * Locks what an edge goes through, and tells from which nodes edges lead
	 * through it, and how many these are: no more than OUTLET_INLETS.  NULL
	 * where an edge is one row.
	 */
	int			(*lock_through) (const pg_uuid_t *through, pg_uuid_t *from);
	/*
	 * Adds to a graph the nodes from which edges enter a node, as far as we can see
	 * by now.  Then an edge that can close a loop is looked at with all nodes above
	 * it locked, and not the graph.  NULL where it is the graph.
	 */
	void		(*add_above) (FeedTable *feeds, const pg_uuid_t *node, Graph *above);
} CycleNodes;

extern const CycleNodes panel_nodes;
extern const CycleNodes port_nodes;

extern int	outlet_inlets(TupleTableSlot *outlet, pg_uuid_t *inlets);
extern int	outlet_lock(const pg_uuid_t *outlet, pg_uuid_t *inlets);

#endif							/* POWERPANEL_CYCLE_NODES_H */
