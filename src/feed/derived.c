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
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "replication/logicalworker.h"
#include "utils/rel.h"

#include "breaker_rule.h"
#include "feed_table.h"
#include "panel_lock.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(set_derived_columns);
PG_FUNCTION_INFO_V1(rederive_feeds);
PG_FUNCTION_INFO_V1(forget_panel);

/* The row that is about to be written, and what it was before. */
typedef struct FeedRow
{
	Relation	feeds;
	FeedTable *table;
	Datum	   *values;			/* of its columns */
	bool	   *nulls;
	TupleTableSlot *before;		/* NULL in an INSERT */
	bool		changed;
} FeedRow;

static Datum
get_column(const FeedRow *row, FeedColumn column, bool *isnull)
{
	AttrNumber	attnum = row->table->def.attnum[column];

	*isnull = attnum == InvalidAttrNumber || row->nulls[attnum - 1];
	return *isnull ? (Datum) 0 : row->values[attnum - 1];
}

static void
set_column(FeedRow *row, FeedColumn column, Datum value, bool isnull)
{
	AttrNumber	attnum = row->table->def.attnum[column];

	row->values[attnum - 1] = value;
	row->nulls[attnum - 1] = isnull;
	row->changed = true;
}

static Datum
get_column_before(const FeedRow *row, FeedColumn column, bool *isnull)
{
	*isnull = true;
	if (row->before == NULL)
		return (Datum) 0;
	return slot_getattr(row->before, row->table->def.attnum[column], isnull);
}

pg_noreturn static void
refuse(Relation rel, const FeedTable *table, FeedColumn column)
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
refuse_other_values(const FeedRow *row, PositionView occupied, Oid phases)
{
	bool		isnull;
	bool		old_isnull;
	Datum		given = get_column(row, FEED_OCCUPIED, &isnull);
	Datum		before;

	/* to look up what was before takes a while, and is seldom needed */
	if (!isnull && position_set_argument(given).nbytes > 0 && !position_view_equal(position_set_argument(given), occupied))
	{
		before = get_column_before(row, FEED_OCCUPIED, &old_isnull);
		if (old_isnull || !position_view_equal(position_set_argument(given), position_set_argument(before)))
			refuse(row->feeds, row->table, FEED_OCCUPIED);
	}

	given = get_column(row, FEED_PHASES, &isnull);
	if (!isnull && DatumGetObjectId(given) != phases)
	{
		before = get_column_before(row, FEED_PHASES, &old_isnull);
		if (old_isnull || given != before)
			refuse(row->feeds, row->table, FEED_PHASES);
	}
}

/*
 * A breaker out of range has no place that could be worked out.  That it is so is
 * said by two CHECKs, which would refuse the row next; this says it under their
 * names, with the feed's name and a hint.
 */
static void
refuse_out_of_range(const FeedRow *row, bool has_position, int position, bool has_poles, int poles)
{
	bool		no_such_position = has_position && (position < 1 || position > BREAKER_POSITION_MAX);
	bool		no_such_poles = has_poles && (poles < 1 || poles > BREAKER_POLES_MAX);
	const char *feed;
	bool		isnull;
	Datum		name;

	if (!no_such_position && !no_such_poles)
		return;
	name = get_column(row, FEED_NAME, &isnull);
	feed = isnull ? "?" : value_text(row->table->def.type[FEED_NAME], name);
	if (no_such_position)
		ereport(ERROR,
				(errcode(ERRCODE_CHECK_VIOLATION),
				 errmsg("breaker position of power feed \"%s\" is %d", feed, position),
				 errdetail("Breaker positions are 1 to %d.", BREAKER_POSITION_MAX),
				 errhint("A feed that has no place yet has no breaker position: it is NULL."),
				 errtableconstraint(row->feeds, "power_feed_breaker_position")));
	ereport(ERROR,
			(errcode(ERRCODE_CHECK_VIOLATION),
			 errmsg("breaker of power feed \"%s\" has %d poles", feed, poles),
			 errdetail("The breaker of a power feed has 1 to %d poles.", BREAKER_POLES_MAX),
			 errhint("Only poles on phases count, so a breaker of three phases and neutral has 3."),
			 errtableconstraint(row->feeds, "power_feed_breaker_pole_count")));
}

/*
 * Sets what the geometry says.  Does nothing where the panel does not exist, of
 * which the foreign key will tell, nor where there are no poles to go by.
 */
static void
derive(FeedRow *row, Datum panel_key, int position, int poles)
{
	const Panel *panel = NULL;
	PositionBits set;
	PhaseMask	mask;
	Breaker		now;
	Oid			phases;
	bool		no_occupied;

	if (position != 0)
	{
		BreakerPanel at = {.table = row->table, .feeds = row->feeds, .key = panel_key};
		PanelMemory *memory;

		if (!breaker_is_valid(position, poles))
			return;
		memory = panel_lock(&at);
		if (memory == NULL)
			return;
		panel = &memory->panel;
	}
	mask = breaker_derive(panel, position, poles, &set);
	phases = row->table->def.phase_values[mask];
	breaker_set(&now, row->table, row->values, row->nulls);
	(void) get_column(row, FEED_OCCUPIED, &no_occupied);
	if (!no_occupied && breaker_holds(row->table, &now, &set, mask))
		return;
	refuse_other_values(row, position_bits_view(&set), phases);
	set_column(row, FEED_OCCUPIED, PointerGetDatum(position_set_make(&set)), false);
	set_column(row, FEED_PHASES, ObjectIdGetDatum(phases), !OidIsValid(phases));
}

/* A position without poles gets one pole; then come the derived columns. */
static void
complete_row(FeedRow *row)
{
	const FeedDefinition *def = &row->table->def;
	bool		no_panel;
	bool		no_position;
	bool		no_poles;
	Datum		panel_key = get_column(row, FEED_PANEL, &no_panel);
	int			position = integer_value(def->type[FEED_POSITION],
										 get_column(row, FEED_POSITION, &no_position));
	int			poles = integer_value(def->type[FEED_POLES], get_column(row, FEED_POLES, &no_poles));

	if (!no_position && no_poles && has_column(row->table, FEED_POLES))
	{
		poles = 1;
		set_column(row, FEED_POLES,
				   def->type[FEED_POLES] == INT8OID ? Int64GetDatum(1) : Int32GetDatum(1), false);
	}
	if (!has_column(row->table, FEED_OCCUPIED))
		return;
	refuse_out_of_range(row, !no_position, position, !no_poles, poles);
	if (!no_panel)
		derive(row, panel_key, no_position ? 0 : position, poles);
}

/* BEFORE INSERT or UPDATE of a feed. */
Datum
set_derived_columns(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "set_derived_columns", BEFORE_WRITE);
	bool		update = TRIGGER_FIRED_BY_UPDATE(trigger->tg_event);
	HeapTuple	tuple = update ? trigger->tg_newtuple : trigger->tg_trigtuple;
	TupleTableSlot *slot = update ? trigger->tg_newslot : trigger->tg_trigslot;
	TupleDesc	desc = RelationGetDescr(trigger->tg_relation);
	FeedRow		row = {
		.feeds = trigger->tg_relation,
		.before = update ? trigger->tg_trigslot : NULL
	};
	FeedChanges changes = {.trigger = trigger};

	if (IsLogicalWorker())
		return PointerGetDatum(tuple);

	changes.table = row.table = feed_table(trigger->tg_relation);
	/* many an application names all columns in SET, whatever it changes */
	if (!has_column(row.table, FEED_POSITION) ||
		(!query_is_writing() && !feed_changed(&changes, BREAKER_COLUMNS)))
		return PointerGetDatum(tuple);
	slot_getallattrs(slot);
	row.values = palloc(sizeof(Datum) * desc->natts);
	row.nulls = palloc(sizeof(bool) * desc->natts);
	memcpy(row.values, slot->tts_values, sizeof(Datum) * desc->natts);
	memcpy(row.nulls, slot->tts_isnull, sizeof(bool) * desc->natts);
	complete_row(&row);
	if (row.changed)
	{
		HeapTuple	written = heap_form_tuple(desc, row.values, row.nulls);

		/* as heap_modify_tuple() does it */
		written->t_data->t_ctid = tuple->t_data->t_ctid;
		written->t_self = tuple->t_self;
		written->t_tableOid = tuple->t_tableOid;
		tuple = written;
	}
	return PointerGetDatum(tuple);
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
	TriggerData *trigger = trigger_data(fcinfo, "rederive_feeds", AFTER_UPDATE);
	TupleTableSlot *slot;
	FeedTable  *table;
	Relation	feeds;
	FeedChanges changes = {.trigger = trigger};
	Datum		panel_key;

	/* also in a worker, whose checks can be ENABLE ALWAYS */
	forget_panels();
	if (IsLogicalWorker())
		return PointerGetDatum(NULL);
	changes.table = table = feed_table_of_panels(trigger, "rederive_feeds", RowExclusiveLock, &feeds);
	slot = trigger_live_row(trigger);
	if (slot != NULL && has_column(table, FEED_OCCUPIED) &&
		feed_changed(&changes, BIT(PANEL_NUMBERING) | BIT(PANEL_BUS)))
	{
		panel_key = feed_table_key(table, PANEL_ID, slot);
		query_begin();
		query_run_writing(&table->touch_feeds, table->feed_relid, &panel_key);
		query_end();
	}
	table_close(feeds, NoLock);
	return PointerGetDatum(NULL);
}

/*
 * BEFORE DELETE of a panel, and BEFORE UPDATE of its key: another panel may
 * come to have the key, and what we remember would be of the one that had it.
 */
Datum
forget_panel(PG_FUNCTION_ARGS)
{
	TriggerData *trigger = trigger_data(fcinfo, "forget_panel", BEFORE_UPDATE_OR_DELETE);

	forget_panel_keys();
	return PointerGetDatum(TRIGGER_FIRED_BY_UPDATE(trigger->tg_event) ?
						   trigger->tg_newtuple : trigger->tg_trigtuple);
}
