/*-------------------------------------------------------------------------
 *
 * breaker_check.c
 *	  The triggers that check breakers: check_breaker() on the feeds and
 *	  check_panel_breakers() on their panels.
 *
 * The protocol, which is that of ri_triggers.c: skip a row version that is
 * dead by now; lock the panel; only then look, with the latest snapshot.  Of
 * two writers, the second to get the lock sees what the first has committed.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "access/xact.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_check.h"
#include "breaker_lock.h"
#include "breaker_rule.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_breaker);
PG_FUNCTION_INFO_V1(check_panel_breakers);

/* Columns of the queries of a breaker table, behind those of breaker_read(). */
enum
{
	COL_XMIN = 7, COL_CMIN, COL_PANEL_ID, COL_PANEL_NAME, COL_PANEL_POSITIONS,
	COL_PANEL_NUMBERING, COL_PANEL_BUS
};

/*
 * The sink of these triggers.  A conflict with a row that another transaction
 * is about to delete is not decided yet; like a unique index, we wait for it.
 */
typedef struct WaitingSink
{
	ViolationSink base;
	BreakerTable *table;
	bool		again;			/* the other row has gone: look again */
} WaitingSink;

static void
wait_or_raise(ViolationSink *base, const Violation *violation)
{
	WaitingSink *sink = (WaitingSink *) base;

	if (sink->again)
		return;
	if (violation->other_id != (Datum) 0)
	{
		SPITupleTable *saved = SPI_tuptable;
		Datum		other = violation->other_id;

		if (query_run(&sink->table->lock_feed, sink->table->feed_relid, &other) == 0)
			sink->again = true;
		SPI_tuptable = saved;
	}
	if (!sink->again)
		report_violation(&raise_violation, violation);
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
read_and_check(BreakerTable *table, const Panel *panel, CheckQuery *query, Datum *args,
			   const Choice *choice)
{
	WaitingSink sink = {{wait_or_raise, true}, table, false};

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
		breaker_check(table, panel, args[0], breakers, (int) n, &sink.base);
	} while (sink.again);
}

/*
 * Checks a row alone: only breakers that begin near it can be in its way.
 * Where it has poles but no position there is nothing near but itself.
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

	args[0] = panel_key;
	args[1] = Int32GetDatum(position - BREAKER_REACH);
	args[2] = Int32GetDatum(position + BREAKER_REACH);
	read_and_check(table, panel, no_position ? &table->feeds_all : &table->feeds_near,
				   args, &choice);
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
	if (memory->probed != command)
	{
		memory->probed = command;
		check_one(table, &memory->panel, panel_key, slot);
	}
	else
	{
		Choice		choice = {.by_command = true, .command = command};

		read_and_check(table, &memory->panel, &table->feeds_all, &panel_key, &choice);
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
		read_and_check(table, &memory->panel, &table->feeds_all, &panel_key, &choice);
		query_end();
	}
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}

/*
 * The audit: all breakers of a table, panel by panel, by the same rules.  The
 * answer of one query, in the order of panels.
 */
void
breaker_audit(Relation feeds, ViolationSink *sink)
{
	BreakerTable *table = breaker_table(feeds);
	uint64		n;
	uint64		first = 0;
	Breaker    *breakers;

	query_begin();
	n = query_run(&table->feeds_audit, table->feed_relid, NULL);
	breakers = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Breaker) * Max(n, 1));
	while (first < n)
	{
		uint64		end = first;
		Panel		panel;
		Datum		panel_key;
		bool		isnull;
		Datum		positions = query_value(first, COL_PANEL_POSITIONS, &isnull);

		panel.circuit_positions = isnull ? 0 : DatumGetInt32(positions);
		panel.name = query_text(first, COL_PANEL_NAME);
		panel.numbering = numbering_from_label(query_text(first, COL_PANEL_NUMBERING));
		panel.bus = bus_from_label(query_text(first, COL_PANEL_BUS));
		panel_key = query_value(first, COL_PANEL_ID, &isnull);
		while (end < n &&
			   datumIsEqual(query_value(end, COL_PANEL_ID, &isnull), panel_key,
							table->def.key_by_value, table->def.key_length))
		{
			breaker_read(&breakers[end - first], end);
			breakers[end - first].checked = true;
			end++;
		}
		breaker_check(table, &panel, panel_key, breakers, (int) (end - first), sink);
		CHECK_FOR_INTERRUPTS();
		first = end;
	}
	query_end();
}
