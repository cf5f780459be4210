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
 * Where it is known which nodes the answer depends on, these are locked instead, and
 * the graph is only locked as one that is read.  A node is known by a hash of its key,
 * and the class of its lock is the table that holds the edges, which no object of
 * PostgreSQL's own has as its class.  Two nodes with one hash wait for each other
 * without need; nothing else comes of it.
 *
 * The table of locks in shared memory has room for max_locks_per_transaction locks of
 * each transaction.  Who needs more goes over to the graph.  Two who do that with nodes
 * locked would wait for each other, so only one at a time may, and the others go on with
 * nodes: they take more than their share then.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/xact.h"
#include "catalog/pg_class.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "storage/lock.h"

#include "graph_lock.h"

#define GRAPH_SUBID		0x7070		/* "pp" */
#define TURN_SUBID		(GRAPH_SUBID + 1)

/* How many times its share of locks a transaction takes that may not go over. */
#define SHARES_MAX		4

static LOCKTAG
graph_tag(Oid relid, uint16 subid)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, RelationRelationId, relid, subid);
	return tag;
}

static void
graph_lock(Oid relid, LOCKMODE mode)
{
	LOCKTAG		tag = graph_tag(relid, GRAPH_SUBID);

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

/*
 * The same, for a transaction that may have nodes locked: it goes over from them to the
 * graph.  False, and nothing is locked, while another transaction does.
 */
bool
graph_go_over(Oid relid)
{
	LOCKTAG		turn = graph_tag(relid, TURN_SUBID);

	if (LockAcquire(&turn, ExclusiveLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return false;
	graph_lock_change(relid);
	return true;
}

/* --- Nodes --- */

/*
 * How many nodes a transaction has locked, those that went with a savepoint too, and how
 * many it may.
 */
static TransactionId counted_for = InvalidTransactionId;
static int	n_locked;
static int	n_at_begin;
static int	most;

static bool
may_lock_more(void)
{
	TransactionId current = GetTopTransactionId();

	if (counted_for != current)
	{
		n_locked = 0;
		most = max_locks_per_xact;
	}
	counted_for = current;
	return n_locked < most;
}

/* Has this transaction take more than its share. */
void
node_locks_more(void)
{
	(void) may_lock_more();
	most = SHARES_MAX * max_locks_per_xact;
}

static LOCKTAG
node_tag(Oid relid, const pg_uuid_t *node)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, relid, hash_bytes(node->data, UUID_LEN), GRAPH_SUBID);
	return tag;
}

/* Those who do the same to a node go together, and no two that do not. */
static LOCKMODE
node_mode(bool entered)
{
	return entered ? RowExclusiveLock : ShareLock;
}

/*
 * Before nodes are locked: keeps out those who have the graph locked.  False where the
 * transaction has so many that it had better lock the graph.
 */
bool
node_locks_begin(Oid relid)
{
	if (!may_lock_more())
		return false;
	graph_lock_read(relid);
	n_at_begin = n_locked;
	return true;
}

/*
 * Gives up what node_locks_begin() has taken; all nodes that were locked since are given up
 * before.
 */
void
node_locks_give_up(Oid relid)
{
	LOCKTAG		tag = graph_tag(relid, GRAPH_SUBID);

	(void) LockRelease(&tag, ShareLock, false);
	n_locked = n_at_begin;
}

/* Locks no more nodes in this transaction: those of its next edge would be too many again. */
void
node_locks_no_more(void)
{
	(void) may_lock_more();
	most = 0;
}

/*
 * Locks a node until the end of the transaction, as one that a new edge enters, or as one
 * that none may enter.  Does not wait.
 */
NodeLocking
node_try_lock(Oid relid, const pg_uuid_t *node, bool entered)
{
	LOCKTAG		tag = node_tag(relid, node);

	if (!may_lock_more())
		return NODES_TOO_MANY;
	switch (LockAcquire(&tag, node_mode(entered), false, true))
	{
		case LOCKACQUIRE_NOT_AVAIL:
			return NODE_BUSY;
		case LOCKACQUIRE_OK:
			n_locked++;
			return NODE_LOCKED;
		default:
			return NODE_LOCKED;
	}
}

/* The same, and waits. */
void
node_lock(Oid relid, const pg_uuid_t *node, bool entered)
{
	LOCKTAG		tag = node_tag(relid, node);

	(void) LockAcquire(&tag, node_mode(entered), false, false);
}

/*
 * Gives up one lock of a node that the trigger at work has taken, before anything relied
 * on it.  What the transaction has by an earlier call it goes on holding.
 */
void
node_unlock(Oid relid, const pg_uuid_t *node, bool entered)
{
	LOCKTAG		tag = node_tag(relid, node);

	(void) LockRelease(&tag, node_mode(entered), false);
}
