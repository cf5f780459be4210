/*-------------------------------------------------------------------------
 *
 * rule_table.h
 *	  The table of rules: what is checked when a feed is written, and what the
 *	  audit does.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RULE_TABLE_H
#define POWERPANEL_RULE_TABLE_H

#include "compat.h"

#include "commands/trigger.h"
#include "executor/tuptable.h"
#include "utils/relcache.h"

#include "feed_table.h"
#include "rule.h"

/* A feed that was written: the event, and the row as it is by now. */
typedef struct FeedWrite
{
	TriggerData *trigger;
	Relation	feeds;
	FeedTable  *table;
	TupleTableSlot *slot;
} FeedWrite;

typedef void (*RuleCheck) (const FeedWrite *write);
typedef void (*RuleAudit) (Relation feeds, ViolationSink *sink);

/* What is done for a rule; see rule_list.h. */
typedef struct RuleWork
{
	FeedColumnSet needed;
	FeedColumnSet read;
	RuleCheck	check;
	RuleAudit	audit;
} RuleWork;

extern const RuleWork rule_table[RULE_COUNT];

/* The columns of feeds, without those of panels. */
#define OF_FEEDS	(BIT(FEED_COLUMNS) - 1)

/* Does a table have the columns that a rule cannot do without? */
static inline bool
rule_holds(const RuleWork *work, const FeedTable *table)
{
	return (work->needed & ~table->columns) == 0;
}

#endif							/* POWERPANEL_RULE_TABLE_H */
