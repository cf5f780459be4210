/*-------------------------------------------------------------------------
 *
 * breaker_check.c
 *	  Checking breakers when feeds are written, for check_feed(), and the
 *	  trigger check_panel_breakers() on their panels.
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
#include "access/table.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_check.h"
#include "panel_lock.h"
#include "breaker_read.h"
#include "breaker_rule.h"
#include "graph_lock.h"
#include "row.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_panel_breakers);

/*
 * The sink of these checks.  What another transaction is about to delete, or
 * to move away, is not decided yet; like a unique index, we wait for it.  So we
 * lock the rows that a violation speaks of and look again: if it is there then,
 * it stays.
 */
typedef struct WaitingSink
{
	ViolationSink base;
	FeedTable *table;
	bool		again;			/* rows have been locked: look again */
	bool		has_locked;
	Datum		locked[2];		/* the rows locked last; 0 for none */
} WaitingSink;

static bool
same_feed(const FeedTable *table, Datum a, Datum b)
{
	if (a == (Datum) 0 || b == (Datum) 0)
		return a == b;
	return datumIsEqual(a, b, table->def.feed_key_by_value, table->def.feed_key_length);
}

/* Locks a row until the end of the transaction; returns a copy of its id. */
static Datum
lock_feed(FeedTable *table, Datum feed)
{
	Datum		id;

	if (feed == (Datum) 0)
		return feed;
	id = datumCopy(feed, table->def.feed_key_by_value, table->def.feed_key_length);
	query_begin();
	query_run(&table->lock_feed, table->feed_relid, &id);
	query_end();
	return id;
}

static void
wait_or_raise(ViolationSink *base, const Violation *violation)
{
	WaitingSink *sink = (WaitingSink *) base;

	if (sink->again)
		return;
	if (sink->has_locked &&
		same_feed(sink->table, violation->object_id, sink->locked[0]) &&
		same_feed(sink->table, violation->other_id, sink->locked[1]))
		report_violation(&raise_violation, violation);

	sink->locked[0] = lock_feed(sink->table, violation->object_id);
	sink->locked[1] = lock_feed(sink->table, violation->other_id);
	sink->has_locked = true;
	sink->again = true;
}

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
	CommandId	command;
} Choice;

static Breaker *
read_chosen(FeedTable *table, Relation feeds, Datum panel_key, const Choice *choice, int *n)
{
	switch (choice->extent)
	{
		case ONE_ROW:
			return breaker_read_one(table, feeds, choice->id, n);
		case NEARBY:
			return breaker_read_near(table, feeds, panel_key, choice->position, n);
		default:
			return breaker_read_panel(table, feeds, panel_key, n);
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

/* Reads what there is to check, and checks it; returns what was read. */
static Breaker *
read_and_check(FeedTable *table, Relation feeds, const Panel *panel, Datum panel_key,
			   const Choice *choice, int *n)
{
	WaitingSink sink = {.base = {wait_or_raise, true}, .table = table};
	Breaker    *breakers;

	do
	{
		CHECK_FOR_INTERRUPTS();
		breakers = read_chosen(table, feeds, panel_key, choice, n);
		for (int i = 0; i < *n; i++)
			breakers[i].checked = is_chosen(table, choice, &breakers[i]);
		sink.again = false;
		breakers_check(table, feeds, panel, panel_key, breakers, *n, &sink.base);
	} while (sink.again);
	return breakers;
}

/*
 * Checks all that a command has written to a panel by now, and notes it.  Which
 * rows those are need only be about right: what is noted has been checked, under
 * the panel's lock, and the check of every other row is still to come.
 */
static void
check_all_of_command(FeedTable *table, Relation feeds, const Panel *panel, Datum panel_key,
					 CommandId command)
{
	Choice		choice = {.extent = OF_COMMAND, .command = command};
	int			n;
	Breaker    *breakers = read_and_check(table, feeds, panel, panel_key, &choice, &n);

	for (int i = 0; i < n; i++)
		if (breakers[i].checked)
			row_memory_add(&table->checked, table->feed_relid, &breakers[i].row->t_self);
}

/*
 * Checks a row alone: only breakers that begin near it can be in its way.
 * Where it has no position there is nothing to look at but itself.
 */
static void
check_one(FeedTable *table, Relation feeds, const Panel *panel, Datum panel_key,
		  TupleTableSlot *slot)
{
	AttrNumber	position = table->def.attnum[FEED_POSITION];
	bool		isnull;
	Choice		choice = {
		.extent = ONE_ROW,
		.id = slot_getattr(slot, table->def.attnum[FEED_ID], &isnull)
	};
	int			n;

	if (!slot_attisnull(slot, position))
	{
		choice.extent = NEARBY;
		choice.position = integer_value(table->def.type[FEED_POSITION],
										slot_getattr(slot, position, &isnull));
	}
	(void) read_and_check(table, feeds, panel, panel_key, &choice, &n);
}

/*
 * Sets derived columns that could not be set before the row was written, because
 * the feed came before its panel, in one statement; or were not, because a BEFORE
 * trigger changed the breaker and the statement did not name its columns.  True
 * where that was so: then the row has to be looked at again, since a trigger may
 * write into them what it likes.
 */
static bool
derive_late(FeedTable *table, const Panel *panel, TupleTableSlot *slot, bool underived)
{
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
	if (breaker_derived_right(table, panel, &breaker) &&
		(no_position || !slot_attisnull(slot, attnum[FEED_POLES])))
		return false;
	if (!underived && breaker.occupied.nbytes > 0)
		return false;

	query_begin();
	query_run_writing(&table->derive_feed, table->feed_relid, &breaker.id);
	query_end();
	return true;
}

/* Has a row something that the rules of breakers speak of? */
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
 * Checks the breaker of a feed that was written.  The first row of a command is
 * looked at alone, which is all that a single-row command needs.  A second row
 * on the same panel has all of the panel checked that the command wrote.  A row that may have to be derived late
 * is looked at alone, since others of its command may be waiting for that, too.
 */
void
breaker_check_row(Relation feeds, TupleTableSlot *slot, bool underived)
{
	FeedTable *table = feed_table(feeds);
	PanelMemory *memory;
	CommandId	command;
	Datum		panel_key;
	bool		isnull;

	if (!has_column(table, FEED_POSITION) || !has_breaker(table, slot))
		return;
	panel_key = slot_getattr(slot, table->def.attnum[FEED_PANEL], &isnull);
	if (isnull)
		return;
	if (!underived && row_memory_has(&table->checked, table->feed_relid, &slot->tts_tid))
		return;
	memory = panel_lock_awaited(table, feeds, panel_key);
	if (memory == NULL)
		return;
	command = slot_command(slot);
	if (derive_late(table, &memory->panel, slot, underived) || underived)
	{
		/* triggers of that UPDATE may have made us forget */
		memory = panel_lock(table, feeds, panel_key);
		if (memory != NULL)
			check_one(table, feeds, &memory->panel, panel_key, slot);
	}
	else if (command == InvalidCommandId || memory->probed != command)
	{
		memory->probed = command;
		check_one(table, feeds, &memory->panel, panel_key, slot);
	}
	else
		check_all_of_command(table, feeds, &memory->panel, panel_key, command);
}

/*
 * On a panel, after an UPDATE of its circuit positions, numbering, bus or key,
 * and after an INSERT where feeds may come before their panel.  The trigger
 * names the table of feeds by FROM.  Our own write holds the row's lock.
 */
Datum
check_panel_breakers(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_panel_breakers");
	TupleTableSlot *slot = trigger_live_row(trigger);
	Choice		choice = {.extent = WHOLE_PANEL};
	int			n;
	FeedTable *table;
	Relation	feeds;
	PanelMemory *memory;
	Datum		panel_key;
	bool		isnull;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	feeds = table_open(trigger->tg_trigger->tgconstrrelid, AccessShareLock);
	table = feed_table(feeds);
	panel_key = slot_getattr(slot, table->def.attnum[PANEL_ID], &isnull);
	if (TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
		trigger_changed(trigger, table->def.attnum[PANEL_ID]))
		graph_lock_read(table->def.panel_relid);

	/* what we remember of it may be older than this write */
	forget_panels();
	memory = panel_lock(table, feeds, panel_key);
	if (memory != NULL)
		(void) read_and_check(table, feeds, &memory->panel, panel_key, &choice, &n);
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}
