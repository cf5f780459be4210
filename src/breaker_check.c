/*-------------------------------------------------------------------------
 *
 * breaker_check.c
 *	  The triggers that check breakers: check_breaker() on the feeds and
 *	  check_panel_breakers() on their panels.
 *
 * The protocol, which is nearly that of ri_triggers.c: take the version that the
 * row has by now (trigger.c); lock the panel; only then look, with the latest
 * snapshot.  Of two writers, the second to get the lock sees what the first has
 * committed.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/xact.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_lock.h"
#include "breaker_rule.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_breaker);
PG_FUNCTION_INFO_V1(check_panel_breakers);

/* Columns of the queries of a breaker table, behind those of breaker_read(). */
enum
{
	COL_XMIN = 7, COL_CMIN
};

/*
 * The sink of these triggers.  What another transaction is about to delete, or
 * to move away, is not decided yet; like a unique index, we wait for it.  So we
 * lock the rows that a violation speaks of and look again: if it is there then,
 * it stays.
 */
typedef struct WaitingSink
{
	ViolationSink base;
	BreakerTable *table;
	bool		again;			/* rows have been locked: look again */
	bool		has_locked;
	Datum		locked[2];		/* the rows locked last; 0 for none */
} WaitingSink;

static bool
same_feed(const BreakerTable *table, Datum a, Datum b)
{
	if (a == (Datum) 0 || b == (Datum) 0)
		return a == b;
	return datumIsEqual(a, b, table->def.feed_key_by_value, table->def.feed_key_length);
}

/* Locks a row until the end of the transaction; returns a copy of its id. */
static Datum
lock_feed(BreakerTable *table, Datum feed)
{
	Datum		id;

	if (feed == (Datum) 0)
		return feed;
	id = datumCopy(feed, table->def.feed_key_by_value, table->def.feed_key_length);
	query_run(&table->lock_feed, table->feed_relid, &id);
	return id;
}

static void
wait_or_raise(ViolationSink *base, const Violation *violation)
{
	WaitingSink *sink = (WaitingSink *) base;
	SPITupleTable *saved = SPI_tuptable;

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
	SPI_tuptable = saved;
}

/* Was this row written by the command that is being checked? */
static bool
written_by(uint64 row, CommandId command)
{
	bool		isnull;
	TransactionId xmin = DatumGetTransactionId(query_value(row, COL_XMIN, &isnull));

	return TransactionIdIsCurrentTransactionId(xmin) &&
		DatumGetCommandId(query_value(row, COL_CMIN, &isnull)) == command;
}

/*
 * Reads breakers by a query and checks those that are chosen: one row by its
 * key, all that a command wrote, or all.
 */
typedef struct Choice
{
	bool		all;
	bool		by_command;
	CommandId	command;
	Datum		id;
} Choice;

static bool
is_chosen(const BreakerTable *table, const Choice *choice, const Breaker *breaker)
{
	if (choice->all)
		return true;
	if (choice->by_command)
		return written_by(breaker->row, choice->command);
	return datumIsEqual(breaker->id, choice->id, table->def.feed_key_by_value,
						table->def.feed_key_length);
}

static void
read_and_check(BreakerTable *table, const Panel *panel, Datum panel_key,
			   CheckQuery *query, Datum *args, const Choice *choice)
{
	WaitingSink sink = {.base = {wait_or_raise, true}, .table = table};

	do
	{
		uint64		n = query_run(query, table->feed_relid, args);
		Breaker    *breakers = palloc(sizeof(Breaker) * Max(n, 1));

		for (uint64 i = 0; i < n; i++)
		{
			breaker_read(&breakers[i], i);
			breakers[i].checked = is_chosen(table, choice, &breakers[i]);
		}
		sink.again = false;
		breaker_check(table, panel, panel_key, breakers, (int) n, &sink.base);
	} while (sink.again);
}

/*
 * Checks a row alone: only breakers that begin near it can be in its way.
 * Where it has no position there is nothing to look at but itself.
 */
static void
check_one(BreakerTable *table, const Panel *panel, Datum panel_key, TupleTableSlot *slot)
{
	bool		isnull;
	bool		no_position;
	int			position = DatumGetInt32(slot_getattr(slot, table->def.attnum[FEED_POSITION],
													  &no_position));
	Choice		choice = {
		.id = slot_getattr(slot, table->def.attnum[FEED_ID], &isnull)
	};
	Datum		args[3];

	if (no_position)
	{
		read_and_check(table, panel, panel_key, &table->feed_one, &choice.id, &choice);
		return;
	}
	args[0] = panel_key;
	args[1] = Int32GetDatum(position - BREAKER_REACH);
	args[2] = Int32GetDatum(position + BREAKER_REACH);
	read_and_check(table, panel, panel_key, &table->feeds_near, args, &choice);
}

/*
 * A feed that came before its panel, in one statement, could not be given its
 * derived columns: they are set now.  True where that was so; the UPDATE has
 * queued a check of its own.
 */
static bool
derive_late(BreakerTable *table, const Panel *panel, TupleTableSlot *slot)
{
	PositionBits set = {{0}};
	Datum		args[2];
	bool		isnull;
	bool		no_position;
	int			position = DatumGetInt32(slot_getattr(slot, table->def.attnum[FEED_POSITION], &no_position));
	int			poles = DatumGetInt32(slot_getattr(slot, table->def.attnum[FEED_POLES], &isnull));
	Datum		occupied = slot_getattr(slot, table->def.attnum[FEED_OCCUPIED], &isnull);

	if (no_position || isnull || !breaker_is_valid(position, poles) ||
		position_set_view((struct varlena *) PG_DETOAST_DATUM_PACKED(occupied)).nbytes > 0)
		return false;
	breaker_add_positions(&set, panel->numbering, position, poles);
	args[0] = slot_getattr(slot, table->def.attnum[FEED_ID], &isnull);
	args[1] = PointerGetDatum(position_set_make(&set));
	query_run_writing(&table->derive_feed, table->feed_relid, args);
	return true;
}

/*
 * On a feed, after INSERT and UPDATE.  The first row of a command is looked at
 * alone, which is all that a single-row command needs.  A second row on the
 * same panel has the whole panel verified once, for all rows of the command:
 * they are all written by now.
 */
Datum
check_breaker(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_breaker");
	TupleTableSlot *slot = trigger_live_row(trigger);
	BreakerTable *table;
	PanelMemory *memory;
	CommandId	command;
	Datum		panel_key;
	bool		isnull;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	table = breaker_table(trigger->tg_relation);
	panel_key = slot_getattr(slot, table->def.attnum[FEED_PANEL], &isnull);
	if (isnull)
		return PointerGetDatum(NULL);
	command = DatumGetCommandId(slot_getsysattr(slot, MinCommandIdAttributeNumber, &isnull));

	memory = remember_panel(table, panel_key);
	if (memory->verified == command)
		return PointerGetDatum(NULL);
	memory = breaker_lock_panel(table, panel_key);
	if (memory == NULL)
		return PointerGetDatum(NULL);

	query_begin();
	if (derive_late(table, &memory->panel, slot))
		;
	else if (memory->probed != command)
	{
		memory->probed = command;
		check_one(table, &memory->panel, panel_key, slot);
	}
	else
	{
		Choice		choice = {.by_command = true, .command = command};

		read_and_check(table, &memory->panel, panel_key, &table->feeds_all, &panel_key, &choice);
		memory->verified = command;
	}
	query_end();
	return PointerGetDatum(NULL);
}

/*
 * On a panel, after an UPDATE of its circuit positions, numbering or bus.
 * The trigger names the table of feeds by FROM.  Our own UPDATE holds the
 * row's lock.
 */
Datum
check_panel_breakers(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "check_panel_breakers");
	TupleTableSlot *slot = trigger_live_row(trigger);
	Choice		choice = {.all = true};
	BreakerTable *table;
	Relation	feeds;
	PanelMemory *memory;
	Datum		panel_key;
	bool		isnull;

	if (slot == NULL)
		return PointerGetDatum(NULL);
	feeds = table_open(trigger->tg_trigger->tgconstrrelid, AccessShareLock);
	table = breaker_table(feeds);
	panel_key = slot_getattr(slot, table->def.attnum[PANEL_ID], &isnull);

	/* what we remember of it may be older than this UPDATE */
	forget_panels();
	memory = breaker_lock_panel(table, panel_key);
	if (memory != NULL)
	{
		query_begin();
		read_and_check(table, &memory->panel, panel_key, &table->feeds_all, &panel_key, &choice);
		query_end();
	}
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}
