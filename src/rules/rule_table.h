/*-------------------------------------------------------------------------
 *
 * rule_table.h
 *	  The table of rules: what checks each of them, and when.
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

typedef enum RuleOccasion
{
	FEED_WRITTEN,
	PANEL_WRITTEN,
	AUDIT
} RuleOccasion;

/*
 * Why a rule is checked.  When a row was written, the sink raises an error.  Only
 * rules that speak of a column of panels are asked about these, and only
 * the audit asks those that are not about feeds.
 */
typedef struct RuleRun
{
	RuleOccasion occasion;
	TriggerData *trigger;		/* NULL in the audit */
	TupleTableSlot *row;		/* that was written, as it is by now; likewise */
	Relation	feeds;
	FeedTable  *table;
	bool		no_loops;		/* the audit knows that panels and cables form none */
	ViolationSink *sink;
} RuleRun;

typedef void (*RuleCheck) (const RuleRun *run);

/* What is done for a rule; see rule_list.h. */
typedef struct RuleWork
{
	FeedColumnSet needed;
	FeedColumnSet read;
	RuleCheck	check;			/* NULL for a warning */
} RuleWork;

#define RULE(id, name, sqlstate, description, needed, read, check) \
	extern void check(const RuleRun *run);
#define WARNING_RULE(...)
#include "rule_list.h"
#undef RULE
#undef WARNING_RULE

extern const RuleWork rule_table[RULE_COUNT];

#define COLUMNS_OF_FEEDS	(BIT(FEED_COLUMNS) - 1)
#define COLUMNS_OF_PANELS	((BIT(FEED_AND_PANEL_COLUMNS) - 1) & ~COLUMNS_OF_FEEDS)

/* Does a table have the columns that a rule cannot do without? */
static inline bool
rule_holds(const RuleWork *work, const FeedTable *table)
{
	return (work->needed & ~table->columns) == 0;
}

#endif							/* POWERPANEL_RULE_TABLE_H */
