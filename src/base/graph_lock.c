/*-------------------------------------------------------------------------
 *
 * graph_lock.c
 *	  The locks that guard whole graphs.
 *
 * Whether an edge closes a loop depends on edges that no one row stands for,
 * so there is one lock for each graph, held until the end of the transaction.
 * It is a heavyweight lock on the table that holds the edges, as an object
 * with a sub-object number that nothing else uses: it shows in pg_locks, and
 * neither advisory locks nor locks on the table meet it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "storage/lock.h"

#include "graph_lock.h"

#define GRAPH_SUBID		0x7070		/* "pp" */

static void
graph_lock(Oid relid, LOCKMODE mode)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, relid, GRAPH_SUBID);
	(void) LockAcquire(&tag, mode, false, false);
}

/* The graph is read, or grows where no loop can come of it. */
void
graph_lock_read(Oid relid)
{
	graph_lock(relid, ShareLock);
}

/* The shape of the graph has changed. */
void
graph_lock_change(Oid relid)
{
	graph_lock(relid, ExclusiveLock);
}
