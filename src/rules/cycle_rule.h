/*-------------------------------------------------------------------------
 *
 * cycle_rule.h
 *	  A rule that forbids loops, for the files that keep it.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CYCLE_RULE_H
#define POWERPANEL_CYCLE_RULE_H

#include "compat.h"

#include "access/transam.h"
#include "utils/uuid.h"

#include "cycle.h"
#include "cycle_nodes.h"
#include "graph.h"
#include "query.h"
#include "row_memory.h"
#include "rule.h"

struct CycleRule
{
	RuleId		rule;
	const char *table;			/* whose rows are the edges */
	const char *joined[4];		/* other tables that the queries read */
	FeedTable  *feeds;			/* instead of these, for panels */
	const CycleNodes *nodes;	/* how its nodes are locked; NULL where the caller
								 * holds what it takes */
	bool		upwards;		/* edges lead from the lower to the upper */
	const char *message;		/* %s is the edge */
	const char *nameless;		/* the same for one who may not see names */
	const char *hint;
	CheckQuery	edges;			/* id, from, to, what else the edge goes through, and
								 * of each row that makes it: tableoid, xmin, ctid */
	CheckQuery	edges_from;		/* id, from, to of those that leave nodes $1 */
	CheckQuery	edges_into;		/* .. that enter nodes $1 */
	CheckQuery	edge_name;		/* of edge $1 */
	CheckQuery	node_name;		/* of node $1 */

	RowMemory	checked[2];		/* rows that make edges on no loop; [true] those
								 * that were locked for it */
	TransactionId transaction;	/* of which edges were looked at singly: it, */
	CommandId	command;		/* .. its command, */
	int			singles;		/* .. and how many */
};

typedef enum Search
{
	APART,						/* no edges lead from the one to the other */
	CONNECTED,
	TOO_LONG,
	BUSY						/* a node is locked by another transaction */
} Search;

/* So many steps a search goes by itself; after these all edges are read at once. */
#define CYCLE_STEPS_MAX		64

/* A node that is to be locked, and how. */
typedef struct NodeLock
{
	pg_uuid_t	node;
	bool		entered;
} NodeLock;

/* What a new edge is looked at with, beside the lock on the node that it leaves. */
typedef enum EdgeLock
{
	BOTH_ENDS,					/* it closes no loop */
	NODES_ABOVE,				/* are to be locked while they are read */
	WHOLE_GRAPH
} EdgeLock;

/* cycle_rules.c */
extern Oid	cycle_edges_relid(const CycleRule *rule);

/* cycle_report.c */
extern Datum cycle_array_of_one(const pg_uuid_t *id);
extern bool cycle_report_loop(CycleRule *rule, Graph *graph, const pg_uuid_t *edge, int from, int to,
							  ViolationSink *sink);

/* cycle_search.c */
extern Graph *cycle_read_all(CycleRule *rule, QueryRows *rows);
extern Search cycle_search(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal);
extern Graph *cycle_read_reachable(CycleRule *rule, const pg_uuid_t *start, const pg_uuid_t *goal);

/* cycle_whole.c */
extern bool cycle_notes_rows(const CycleRule *rule);
extern void cycle_check_whole(CycleRule *rule, RowMemory *memory);

/* cycle_lock.c */
extern void cycle_forget_unfed(const CycleRule *rule, const pg_uuid_t *entered);
extern EdgeLock cycle_lock_edge(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to);
extern Search cycle_lock_above(CycleRule *rule, const pg_uuid_t *from, const pg_uuid_t *to);

#endif							/* POWERPANEL_CYCLE_RULE_H */
