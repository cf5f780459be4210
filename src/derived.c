/*-------------------------------------------------------------------------
 *
 * derived.c
 *	  The columns of a feed that depend on its panel: occupied positions and
 *	  phase designation, kept right by two triggers.
 *
 * They cannot be generated columns, since those may look at their own row
 * only.  set_derived_columns() runs BEFORE a feed is written and locks the
 * panel, so that its numbering and bus stay what they are until the end of
 * the transaction; rederive_feeds() runs after these were changed, under the
 * lock of that UPDATE.  So one of two concurrent writers always sees what the
 * other did.  Both are ENABLE ALWAYS: the columns are right also while
 * session_replication_role is replica.  Only a logical replication worker is
 * left alone, because what it brings is right already, and the panel may
 * arrive later than its feeds.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "executor/spi.h"
#include "replication/logicalworker.h"
#include "utils/rel.h"

#include "breaker_lock.h"
#include "breaker_rule.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(set_derived_columns);
PG_FUNCTION_INFO_V1(rederive_feeds);
PG_FUNCTION_INFO_V1(forget_panel);

/* The columns of a row that are about to be set. */
typedef struct Derived
{
	int			n;
	int			attnum[3];
	Datum		value[3];
	bool		isnull[3];
} Derived;

static void
set_column(Derived *derived, AttrNumber attnum, Datum value, bool isnull)
{
	derived->attnum[derived->n] = attnum;
	derived->value[derived->n] = value;
	derived->isnull[derived->n] = isnull;
	derived->n++;
}

static bool
same_occupied(Datum a, Datum b)
{
	return position_view_equal(position_set_view((struct varlena *) PG_DETOAST_DATUM_PACKED(a)),
							   position_set_view((struct varlena *) PG_DETOAST_DATUM_PACKED(b)));
}

static bool
is_empty(Datum set)
{
	return position_set_view((struct varlena *) PG_DETOAST_DATUM_PACKED(set)).nbytes == 0;
}

static void
refuse(Relation rel, const BreakerTable *table, BreakerColumn column)
{
	ereport(ERROR,
			(errcode(ERRCODE_GENERATED_ALWAYS),
			 errmsg("column \"%s\" of relation \"%s\" is read-only",
					NameStr(table->def.column[column]), RelationGetRelationName(rel)),
			 errdetail("It follows from the breaker position, the pole count and the panel."),
			 errhint("Set \"%s\" and \"%s\" instead.",
					 NameStr(table->def.column[FEED_POSITION]),
					 NameStr(table->def.column[FEED_POLES])),
			 errtablecol(rel, table->def.attnum[column])));
}

/*
 * Refuses an attempt to write a derived column: a value that is neither what
 * the column should hold, nor its default, nor what it held before (an
 * application may well write back all columns it has read).
 */
static void
refuse_other_values(TriggerData *trigger, const BreakerTable *table, HeapTuple tuple,
					Datum occupied, Oid phases)
{
	Relation	rel = trigger->tg_relation;
	TupleDesc	desc = RelationGetDescr(rel);
	HeapTuple	old = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ? trigger->tg_trigtuple : NULL;
	AttrNumber	column = table->def.attnum[FEED_OCCUPIED];
	bool		isnull;
	bool		old_isnull = true;
	Datum		given = heap_getattr(tuple, column, desc, &isnull);
	Datum		before = old ? heap_getattr(old, column, desc, &old_isnull) : (Datum) 0;

	if (!isnull && !is_empty(given) && !same_occupied(given, occupied) &&
		(old_isnull || !same_occupied(given, before)))
		refuse(rel, table, FEED_OCCUPIED);

	column = table->def.attnum[FEED_PHASES];
	given = heap_getattr(tuple, column, desc, &isnull);
	before = old ? heap_getattr(old, column, desc, &old_isnull) : (Datum) 0;
	if (!isnull && DatumGetObjectId(given) != phases &&
		(old_isnull || given != before))
		refuse(rel, table, FEED_PHASES);
}

/*
 * What the geometry says.  False where the panel does not exist, or where the
 * breaker is out of range: the foreign key or a CHECK will say so.
 */
static bool
derive(BreakerTable *table, Datum panel_key, int position, int poles,
	   Datum *occupied, Oid *phases)
{
	PositionBits set = {{0}};
	PhaseMask	mask = 0;

	if (position != 0)
	{
		PanelMemory *memory;

		if (!breaker_is_valid(position, poles))
			return false;
		memory = breaker_lock_panel(table, panel_key);
		if (memory == NULL)
			return false;
		breaker_add_positions(&set, memory->panel.numbering, position, poles);
		mask = breaker_phase_mask(memory->panel.numbering, memory->panel.bus, position, poles);
	}
	*occupied = PointerGetDatum(position_set_make(&set));
	*phases = table->def.phase_values[mask];
	return true;
}

/* BEFORE INSERT or UPDATE of a feed. */
Datum
set_derived_columns(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "set_derived_columns");
	HeapTuple	tuple = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
		trigger->tg_newtuple : trigger->tg_trigtuple;
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	BreakerTable *table;
	Derived		derived = {0};
	Datum		panel_key;
	Datum		occupied;
	Oid			phases;
	int			position;
	int			poles;
	bool		no_panel;
	bool		no_position;
	bool		no_poles;

	if (IsLogicalWorker())
		return PointerGetDatum(tuple);

	table = breaker_table(trigger->tg_relation);
	panel_key = heap_getattr(tuple, table->def.attnum[FEED_PANEL], desc, &no_panel);
	position = DatumGetInt32(heap_getattr(tuple, table->def.attnum[FEED_POSITION], desc, &no_position));
	poles = DatumGetInt32(heap_getattr(tuple, table->def.attnum[FEED_POLES], desc, &no_poles));

	if (!no_position && no_poles)
	{
		poles = 1;
		set_column(&derived, table->def.attnum[FEED_POLES], Int32GetDatum(1), false);
	}
	if (!no_panel && (no_position || position != 0) &&
		derive(table, panel_key, no_position ? 0 : position, poles, &occupied, &phases))
	{
		refuse_other_values(trigger, table, tuple, occupied, phases);
		set_column(&derived, table->def.attnum[FEED_OCCUPIED], occupied, false);
		set_column(&derived, table->def.attnum[FEED_PHASES],
				   ObjectIdGetDatum(phases), !OidIsValid(phases));
	}
	if (derived.n > 0)
		tuple = heap_modify_tuple_by_cols(tuple, desc, derived.n, derived.attnum,
										  derived.value, derived.isnull);
	return PointerGetDatum(tuple);
}

/* Has the UPDATE changed a column of the panel, one that is passed by value? */
static bool
panel_column_changed(TriggerData *trigger, const BreakerTable *table, BreakerColumn column)
{
	AttrNumber	attnum = table->def.attnum[column];
	bool		old_isnull;
	bool		new_isnull;
	Datum		before = slot_getattr(trigger->tg_trigslot, attnum, &old_isnull);
	Datum		after = slot_getattr(trigger->tg_newslot, attnum, &new_isnull);

	return old_isnull != new_isnull || (!old_isnull && before != after);
}

/*
 * AFTER UPDATE of a panel.  Whatever was changed, what we remember of the panel
 * is what it was before.  The feeds are written where its numbering or bus was
 * changed.  In REPEATABLE READ and above, a feed that our snapshot does not
 * show makes this fail with 40001: it cannot be left as it is.
 */
Datum
rederive_feeds(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "rederive_feeds");
	TupleTableSlot *slot = trigger_live_row(trigger);
	BreakerTable *table;
	Relation	feeds;
	Datum		panel_key;
	bool		isnull;

	if (slot == NULL || IsLogicalWorker())
		return PointerGetDatum(NULL);
	feeds = table_open(trigger->tg_trigger->tgconstrrelid, RowExclusiveLock);
	table = breaker_table(feeds);
	panel_key = slot_getattr(slot, table->def.attnum[PANEL_ID], &isnull);

	forget_panels();
	if (panel_column_changed(trigger, table, PANEL_NUMBERING) ||
		panel_column_changed(trigger, table, PANEL_BUS))
	{
		query_begin();
		query_run_writing(&table->touch_feeds, table->feed_relid, &panel_key);
		query_end();
	}
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}

/*
 * BEFORE DELETE of a panel, and BEFORE UPDATE of its key: another panel may
 * come to have the key, and what we remember is of the one that had it.
 */
Datum
forget_panel(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = (TriggerData *) fcinfo->context;

	if (!CALLED_AS_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by trigger manager", "forget_panel")));
	forget_panels();
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
						   trigger->tg_newtuple : trigger->tg_trigtuple);
}
