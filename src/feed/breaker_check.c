/*-------------------------------------------------------------------------
 *
 * breaker_check.c
 *	  Checking breakers when feeds or their panels are written.
 *
 * The protocol, which is nearly that of ri_triggers.c: take the version that the
 * row has by now (trigger.c); lock the panel; only then look, with the latest
 * snapshot.  Of two writers, the second to get the lock sees what the first has
 * committed.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/xact.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_check.h"
#include "breaker_read.h"
#include "breaker_rule.h"
#include "panel_lock.h"
#include "row.h"
#include "trigger.h"
#include "waiting_sink.h"

/* Which breakers a write has checked, and where it finds them. */
typedef enum Extent
{
	ONE_ROW,					/* that of a feed, without a position */
	NEARBY,						/* the same, among those near its position */
	OF_COMMAND,					/* all that a command wrote to a panel */
	WHOLE_PANEL
} Extent;

typedef struct Choice
{
	Extent		extent;
	Datum		id;				/* of the feed */
	int			position;
	int			poles;
	TupleTableSlot *own;		/* the row of the feed as it is now, or NULL */
	CommandId	command;
} Choice;

/* A check of breakers that can be made again when rows have been waited for. */
typedef struct BreakerCheck
{
	WaitingCheck base;			/* must be first */
	BreakerPanel at;
	Panel		panel;			/* a copy: what is remembered may go meanwhile */
	const Choice *choice;
	Breaker    *breakers;		/* that were looked at last */
	int			n;
} BreakerCheck;

static bool
same_feed(const FeedTable *table, Datum a, Datum b)
{
	return datumIsEqual(a, b, table->def.feed_key_by_value, table->def.feed_key_length);
}

static Breaker *
read_chosen(const BreakerPanel *at, const Choice *choice, int *n)
{
	switch (choice->extent)
	{
		case ONE_ROW:
			return breaker_read_one(at, choice->id, n);
		case NEARBY:
			return breaker_read_near(at, choice->position, choice->poles, choice->own, n);
		default:
			return breaker_read_panel(at, n);
	}
}

static bool
is_chosen(const FeedTable *table, const Choice *choice, const Breaker *breaker)
{
	switch (choice->extent)
	{
		case WHOLE_PANEL:
			return true;
		case OF_COMMAND:
			return row_command(breaker->row) == choice->command;
		default:
			return same_feed(table, breaker->id, choice->id);
	}
}

static void
look(WaitingCheck *base, ViolationSink *sink)
{
	BreakerCheck *check = (BreakerCheck *) base;
	int			n;
	Breaker    *breakers = read_chosen(&check->at, check->choice, &n);

	for (int i = 0; i < n; i++)
		breakers[i].checked = is_chosen(check->at.table, check->choice, &breakers[i]);
	breaker_rule_check(&check->at, breakers, n, sink);
	check->breakers = breakers;
	check->n = n;
}

/* Locks a feed until the end of the transaction. */
static void
lock_feed(WaitingCheck *base, Datum feed)
{
	BreakerPanel *at = &((BreakerCheck *) base)->at;

	query_begin();
	query_run(&at->table->lock_feed, at->table->feed_relid, &feed);
	query_end();
	feed_table_must_be(at->table, at->feeds);
}

/*
 * Notes the rows of ours that a command has written to a panel, so that their
 * own checks have nothing left to do.  They have been checked, under the
 * panel's lock.  To miss one does no harm: its check is still to come.  Without
 * an index they are not noted: see row_memory.c.
 */
static void
note_checked(BreakerCheck *check)
{
	FeedTable  *table = check->at.table;

	if (!OidIsValid(table->indexes.feeds_key))
		return;
	for (int i = 0; i < check->n; i++)
		if (check->breakers[i].checked && row_is_ours(check->breakers[i].row))
			row_memory_add(&table->checked, table->feed_relid, &check->breakers[i].row->t_self);
}

/*
 * Checks breakers of a panel that we have locked.  Where nobody had to be waited
 * for, no other code has run since they were looked at; where somebody had, the
 * next row of a command has its breakers checked once more.
 */
static void
read_and_check(const BreakerPanel *at, const Choice *choice)
{
	BreakerCheck check = {
		.base = {look, lock_feed},
		.at = *at,
		.panel = *at->panel,
		.choice = choice
	};

	check.panel.name = pstrdup(check.panel.name);
	check.at.panel = &check.panel;
	if (check_waiting(&check.base) && choice->extent == OF_COMMAND)
		note_checked(&check);
}

/*
 * Checks a row alone: only breakers that begin near it can be in its way.
 * Where it has no position there is nothing to look at but itself.  The slot has the
 * row as it is by now, unless it was changed since.
 */
static void
check_one(const BreakerPanel *at, TupleTableSlot *slot, bool changed)
{
	const FeedTable *table = at->table;
	Breaker		breaker;
	Choice		choice = {
		.extent = ONE_ROW,
		.id = feed_table_key(table, FEED_ID, slot)
	};

	if (!slot_attisnull(slot, table->def.attnum[FEED_POSITION]))
	{
		choice.extent = NEARBY;
		slot_getallattrs(slot);
		breaker_set(&breaker, table, slot->tts_values, slot->tts_isnull);
		choice.position = breaker.position;
		choice.poles = breaker.poles;
		choice.own = changed ? NULL : slot;
	}
	read_and_check(at, &choice);
}

/*
 * Sets derived columns that could not be set before the row was written, because
 * the feed came before its panel, in one statement; or were not, because a BEFORE
 * trigger changed the breaker and the statement did not name its columns.  True
 * where that was so: then the row has to be looked at again, since a trigger may
 * write into them what it likes.
 */
static bool
derive_late(const BreakerPanel *at, TupleTableSlot *slot, bool underived)
{
	FeedTable  *table = at->table;
	const AttrNumber *attnum = table->def.attnum;
	Breaker		breaker;
	bool		no_position;

	if (!has_column(table, FEED_OCCUPIED))
		return false;
	slot_getallattrs(slot);
	breaker_set(&breaker, table, slot->tts_values, slot->tts_isnull);
	no_position = slot_attisnull(slot, attnum[FEED_POSITION]);
	if (!no_position && !breaker_is_valid(breaker.position, breaker.poles))
		return false;
	if (breaker_derived_right(table, at->panel, &breaker) &&
		(no_position || !slot_attisnull(slot, attnum[FEED_POLES])))
		return false;
	if (!underived && breaker.occupied.nbytes > 0)
		return false;

	query_begin();
	query_run_writing(&table->derive_feed, table->feed_relid, &breaker.id);
	query_end();
	feed_table_must_be(table, at->feeds);
	return true;
}

/* Does a row have something that the rules of breakers speak of? */
static bool
has_breaker(const FeedTable *table, TupleTableSlot *slot)
{
	static const FeedColumn nullable[] = {FEED_POSITION, FEED_POLES, FEED_PHASES};
	bool		isnull = true;
	Datum		occupied = (Datum) 0;

	for (size_t i = 0; i < lengthof(nullable); i++)
		if (has_column(table, nullable[i]) &&
			!slot_attisnull(slot, table->def.attnum[nullable[i]]))
			return true;
	if (has_column(table, FEED_OCCUPIED))
		occupied = slot_getattr(slot, table->def.attnum[FEED_OCCUPIED], &isnull);
	return !isnull && position_set_argument(occupied).nbytes > 0;
}

/* The command that wrote the row in a slot, or InvalidCommandId. */
static CommandId
slot_command(TupleTableSlot *slot)
{
	bool		should_free;
	HeapTuple	row = ExecFetchSlotHeapTuple(slot, false, &should_free);
	CommandId	command = row_command(row);

	if (should_free)
		heap_freetuple(row);
	return command;
}

/*
 * Checks the breaker of a feed that was written.  The first row of a command
 * is looked at alone, which is all that a single-row command needs.  With a
 * second row on the same panel, all that the command wrote to that panel is
 * checked.  A row that may have to be derived late is looked at alone, since
 * others of its command may be waiting for that, too.
 */
void
breaker_check_row(Relation feeds, TupleTableSlot *slot, bool underived)
{
	FeedTable  *table = feed_table(feeds);
	BreakerPanel at = {.table = table, .feeds = feeds};
	PanelMemory *memory;
	CommandId	command;
	bool		isnull;

	if (!has_column(table, FEED_POSITION) || !has_breaker(table, slot))
		return;
	at.key = slot_getattr(slot, table->def.attnum[FEED_PANEL], &isnull);
	if (isnull)
		return;
	if (!underived && row_memory_has(&table->checked, table->feed_relid, &slot->tts_tid))
		return;
	memory = panel_lock_awaited(&at);
	if (memory == NULL)
		return;
	at.panel = &memory->panel;
	command = slot_command(slot);
	if (derive_late(&at, slot, underived) || underived)
	{
		/* triggers of that UPDATE may have made us forget */
		memory = panel_lock(&at);
		if (memory == NULL)
			return;
		at.panel = &memory->panel;
		check_one(&at, slot, true);
	}
	else if (command == InvalidCommandId || memory->probed != command)
	{
		memory->probed = command;
		check_one(&at, slot, false);
	}
	else
	{
		Choice		choice = {.extent = OF_COMMAND, .command = command};

		read_and_check(&at, &choice);
	}
}

/* Checks all breakers of a panel that was written, and whose row is locked by that. */
void
breaker_check_panel(Relation feeds, Datum panel_key)
{
	BreakerPanel at = {.table = feed_table(feeds), .feeds = feeds, .key = panel_key};
	Choice		choice = {.extent = WHOLE_PANEL};
	PanelMemory *memory;

	/* what we remember of it may be older than this write */
	forget_panels();
	memory = panel_lock(&at);
	if (memory == NULL)
		return;
	at.panel = &memory->panel;
	read_and_check(&at, &choice);
}
