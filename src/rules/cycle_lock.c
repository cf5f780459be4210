/*-------------------------------------------------------------------------
 *
 * cycle_lock.c
 *	  The locks under which a new edge is looked at.
 *
 * Why they are enough is in src/README.md.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"


#include "cycle_nodes.h"
#include "cycle_rule.h"
#include "graph.h"
#include "graph_lock.h"
#include "row_memory.h"

/* After so many attempts to lock the nodes above an edge, the graph is locked. */
#define ATTEMPTS_MAX		8

/*
 * A node that our last edge leaves, and which nothing entered when we looked, with the
 * node locked: of twenty servers at one rack PDU the first asks.  Until our transaction
 * ends nobody else lets anything enter it.  Our own edges that enter it, and all that
 * are looked at together, make us forget, before they are looked at.
 */
static struct
{
	const CycleRule *rule;
	uint64		epoch;			/* memory_epoch(): the lock may go with a savepoint */
	pg_uuid_t	node;
} unfed;

static bool
is_unfed(const CycleRule *rule, const pg_uuid_t *node)
{
	return unfed.rule == rule && unfed.epoch == memory_epoch() &&
		memcmp(&unfed.node, node, UUID_LEN) == 0;
}

/* An edge of ours may enter the node by now; NULL where it may be any. */
void
cycle_forget_unfed(const CycleRule *rule, const pg_uuid_t *entered)
{
	if (entered == NULL || is_unfed(rule, entered))
		unfed.rule = NULL;
}

static bool
is_fed(CycleRule *rule, const pg_uuid_t *node)
{
	if (is_unfed(rule, node))
		return false;
	if (rule->nodes->is_fed(rule->feeds, node))
		return true;
	unfed.rule = rule;
	unfed.epoch = memory_epoch();
	unfed.node = *node;
	return false;
}

/* Locks both ends of an edge, in the order of their keys; false where one is missing. */
static bool
lock_ends(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	const CycleNodes *nodes = rule->nodes;
	bool		to_first = memcmp(to, from, UUID_LEN) < 0;
	bool		locked = nodes->lock(rule->feeds, to_first ? to : from, to_first);

	locked &= nodes->lock(rule->feeds, to_first ? from : to, !to_first);
	return locked;
}

/*
 * Locks the ends of a new edge, and where in view of what is there it can close a
 * loop, and nodes are not locked one by one, the graph.  It can only where edges leave
 * its end and edges enter its beginning.  That it is not so is decided under the locks
 * of both ends.  Where we do not ask for those that enter, and where edges leave the end
 * at first sight, the end is not locked.  src/README.md tells why no loop gets by.
 */
EdgeLock
cycle_lock_edge(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	const CycleNodes *nodes = rule->nodes;
	bool		leads_on = nodes->is_fed == NULL && nodes->leads_on(rule->feeds, to);
	bool		found = leads_on ? nodes->lock(rule->feeds, from, false) : lock_ends(rule, from, to);

	if (found && !leads_on &&
		!((nodes->is_fed == NULL || is_fed(rule, from)) && nodes->leads_on(rule->feeds, to)))
		return BOTH_ENDS;
	/* where there is no row of the beginning, none was locked */
	if (found && nodes->add_above != NULL)
		return NODES_ABOVE;
	graph_lock_change(cycle_edges_relid(rule));
	return WHOLE_GRAPH;
}

/*
 * Does an edge close a loop?  Goes up from its beginning, and where it locks, locks each
 * node before what enters it is read.  n becomes the number of nodes that were locked; where
 * one is BUSY, that one comes next.
 */
static Search
look_above(CycleRule *rule, bool locks, const pg_uuid_t *from, const pg_uuid_t *to, Graph *above, int *n)
{
	bool		found;

	(void) graph_node(above, from, &found);
	for (*n = 0; *n < above->n_nodes; (*n)++)
	{
		const pg_uuid_t node = above->nodes[*n];
		NodeLocking locked = locks ? node_try_lock(cycle_edges_relid(rule), &node, false) : NODE_LOCKED;

		if (locked == NODE_BUSY)
			return BUSY;
		if (locked == NODES_TOO_MANY || (!locks && *n == CYCLE_STEPS_MAX))
			return TOO_LONG;
		rule->nodes->add_above(rule->feeds, &node, above);
	}
	return graph_find(above, to) < 0 ? APART : CONNECTED;
}

/*
 * The same, with the locks that it takes, of which none is left unless it finds out.
 * Where a node is BUSY, tells which one, and how it is to be locked.
 */
static Search
try_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to, NodeLock *busy)
{
	Oid			relid = cycle_edges_relid(rule);
	Graph	   *above = graph_create();
	int			n = 0;
	NodeLocking end;
	Search		result;

	if (!node_locks_begin(relid))
		return TOO_LONG;
	end = node_try_lock(relid, to, true);
	if (end == NODE_LOCKED)
		result = look_above(rule, true, from, to, above, &n);
	else
		result = end == NODE_BUSY ? BUSY : TOO_LONG;
	if (result == APART || result == CONNECTED)
		return result;
	if (result == BUSY)
		*busy = end == NODE_BUSY ? (NodeLock) {*to, true} : (NodeLock) {above->nodes[n], false};
	while (n-- > 0)
		node_unlock(relid, &above->nodes[n], false);
	if (end == NODE_LOCKED)
		node_unlock(relid, to, true);
	node_locks_give_up(relid);
	return result;
}

/*
 * The same, and waits for whoever has one of the nodes; meanwhile it has none locked, unless
 * for edges that were written earlier.  So transactions that write one edge each do not
 * wait for each other in a circle.  The node that was waited for stays locked while the
 * others are tried, so that the next one in the queue does not come before us.  TOO_LONG where
 * the locks are too many, or others are always faster.
 */
static Search
wait_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Oid			relid = cycle_edges_relid(rule);
	NodeLock	awaited;
	NodeLock	busy;
	Search		result = try_above(rule, from, to, &busy);

	for (int i = 1; result == BUSY && i < ATTEMPTS_MAX; i++)
	{
		awaited = busy;
		node_lock(relid, &awaited.node, awaited.entered);
		result = try_above(rule, from, to, &busy);
		node_unlock(relid, &awaited.node, awaited.entered);
	}
	return result == BUSY ? TOO_LONG : result;
}

/*
 * The same, with the nodes locked that it depends on, or else the graph.  Only where its
 * nodes are more than we are ever to have do we wait for the graph while another does.
 */
Search
cycle_lock_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to)
{
	Oid			relid = cycle_edges_relid(rule);
	Search		result = wait_above(rule, from, to);
	int			n;

	if (result == TOO_LONG && !graph_go_over(relid))
	{
		node_locks_more();
		result = wait_above(rule, from, to);
		if (result == TOO_LONG)
			graph_lock_change(relid);
	}
	if (result != TOO_LONG)
		return result;
	node_locks_no_more();
	return look_above(rule, false, from, to, graph_create(), &n);
}
