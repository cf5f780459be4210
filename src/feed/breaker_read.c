/*-------------------------------------------------------------------------
 *
 * breaker_read.c
 *	  Reading breakers by an index of their table.
 *
 * This goes around the executor, since that would take most of the time of a
 * check; so do the foreign keys of later PostgreSQL majors.  Rights and row
 * level security do not come in: a check reads all rows.  Where the table has no
 * index that serves, it is read whole.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"

#include "breaker_read.h"
#include "row.h"

/* A key "column >= value" or "column <= value" of an integer column. */
static void
bound(ScanKey key, AttrNumber attnum, Oid type, StrategyNumber strategy, int64 value)
{
	bool		least = strategy == BTGreaterEqualStrategyNumber;

	switch (type)
	{
		case INT2OID:
			ScanKeyInit(key, attnum, strategy, least ? F_INT2GE : F_INT2LE,
						Int16GetDatum((int16) Min(Max(value, PG_INT16_MIN), PG_INT16_MAX)));
			break;
		case INT8OID:
			ScanKeyInit(key, attnum, strategy, least ? F_INT8GE : F_INT8LE, Int64GetDatum(value));
			break;
		default:
			ScanKeyInit(key, attnum, strategy, least ? F_INT4GE : F_INT4LE,
						Int32GetDatum((int32) Min(Max(value, PG_INT32_MIN), PG_INT32_MAX)));
	}
}

/* A column of a panel as text; NULL where it is NULL or there is none. */
static char *
panel_text(const FeedTable *table, Relation panels, HeapTuple row, FeedColumn column)
{
	Datum		value;
	bool		isnull;

	if (!has_column(table, column))
		return NULL;
	value = heap_getattr(row, table->def.attnum[column], RelationGetDescr(panels), &isnull);
	return isnull ? NULL : value_text(table->def.type[column], value);
}

/* What a panel's row says of it. */
Panel
breaker_read_properties(const FeedTable *table, Relation panels, HeapTuple row)
{
	const FeedDefinition *def = &table->def;
	char	   *name = panel_text(table, panels, row, PANEL_NAME);
	char	   *numbering = panel_text(table, panels, row, PANEL_NUMBERING);
	char	   *bus = panel_text(table, panels, row, PANEL_BUS);
	Panel		panel = {
		.name = name ? name : "?",
		.numbering = numbering ? numbering_from_label(numbering) : def->numbering,
		.bus = bus ? bus_from_label(bus) : def->bus
	};
	bool		isnull;
	Datum		positions;
	Datum		location;

	if (has_column(table, PANEL_POSITIONS))
	{
		positions = heap_getattr(row, def->attnum[PANEL_POSITIONS], RelationGetDescr(panels), &isnull);
		if (!isnull)
			panel.circuit_positions = integer_value(def->type[PANEL_POSITIONS], positions);
	}
	if (has_column(table, PANEL_LOCATION))
	{
		location = heap_getattr(row, def->attnum[PANEL_LOCATION], RelationGetDescr(panels), &isnull);
		panel.has_location = !isnull;
		if (!isnull)
			panel.location = *DatumGetUUIDP(location);
	}
	return panel;
}

/* What a scan goes through, and the breakers that it has found. */
typedef struct BreakerList
{
	const FeedTable *table;
	TupleDesc	desc;
	Datum	   *values;
	bool	   *nulls;
	Breaker    *breakers;
	int			n;
	int			max;
} BreakerList;

static int
integer_or(const FeedDefinition *def, const Datum *values, const bool *nulls, FeedColumn column, int missing)
{
	AttrNumber	attnum = def->attnum[column];

	if (attnum == InvalidAttrNumber || nulls[attnum - 1])
		return missing;
	return integer_value(def->type[column], values[attnum - 1]);
}

/*
 * For a row whose key is NULL: one that a BEFORE trigger sees, or that was there
 * before a NOT NULL which nobody has validated.  It takes its place all the same.
 */
static Datum
no_key(const FeedDefinition *def)
{
	static const pg_uuid_t none = {{0}};

	return def->feed_key_by_value ? (Datum) 0 : UUIDPGetDatum(&none);
}

/* Fills in a breaker from the values of its row, which is not copied. */
void
breaker_set(Breaker *breaker, const FeedTable *table, const Datum *values, const bool *nulls)
{
	const FeedDefinition *def = &table->def;
	const AttrNumber *attnum = def->attnum;

	breaker->row = NULL;
	breaker->id = nulls[attnum[FEED_ID] - 1] ? no_key(def) : values[attnum[FEED_ID] - 1];
	breaker->position = integer_or(def, values, nulls, FEED_POSITION, 0);
	breaker->poles = integer_or(def, values, nulls, FEED_POLES, 1);
	breaker->occupied = (PositionView) {NULL, 0};
	breaker->phases = InvalidOid;
	breaker->checked = false;
	if (has_column(table, FEED_OCCUPIED) && !nulls[attnum[FEED_OCCUPIED] - 1])
		breaker->occupied = position_set_argument(values[attnum[FEED_OCCUPIED] - 1]);
	if (has_column(table, FEED_PHASES) && !nulls[attnum[FEED_PHASES] - 1])
		breaker->phases = DatumGetObjectId(values[attnum[FEED_PHASES] - 1]);
}

static BreakerList
begin_list(const BreakerPanel *at)
{
	BreakerList list = {.table = at->table, .desc = RelationGetDescr(at->feeds), .max = 32};

	list.values = palloc(sizeof(Datum) * list.desc->natts);
	list.nulls = palloc(sizeof(bool) * list.desc->natts);
	list.breakers = palloc(sizeof(Breaker) * list.max);
	return list;
}

/* Adds a row that stays where it is, and these are its values. */
static void
add_values(BreakerList *list, HeapTuple row, const Datum *values, const bool *nulls)
{
	if (list->n == list->max)
	{
		list->max *= 2;
		list->breakers = repalloc_huge(list->breakers, sizeof(Breaker) * (Size) list->max);
	}
	breaker_set(&list->breakers[list->n], list->table, values, nulls);
	list->breakers[list->n++].row = row;
}

/* Adds a row; one without a breaker, too: its derived columns must say so. */
static void
add_breaker(BreakerList *list, HeapTuple row)
{
	HeapTuple	copy = heap_copytuple(row);

	heap_deform_tuple(copy, list->desc, list->values, list->nulls);
	add_values(list, copy, list->values, list->nulls);
}

/* Adds the row that a trigger has, which outlasts its check. */
static void
add_own(BreakerList *list, TupleTableSlot *own)
{
	bool		should_free;

	slot_getallattrs(own);
	add_values(list, ExecFetchSlotHeapTuple(own, false, &should_free), own->tts_values, own->tts_isnull);
}

/*
 * All breakers that a scan finds.  Our own rows, which the command has written
 * that is being checked, are among them.
 */
static Breaker *
read_breakers(const BreakerPanel *at, Oid index, ScanKey keys, int nkeys, int *n)
{
	BreakerList list = begin_list(at);
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	SysScanDesc scan;
	HeapTuple	row;

	scan = systable_beginscan(at->feeds, index, OidIsValid(index), snapshot, nkeys, keys);
	while ((row = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		add_breaker(&list, row);
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	*n = list.n;
	return list.breakers;
}

/* The breaker of one feed. */
Breaker *
breaker_read_one(const BreakerPanel *at, Datum id, int *n)
{
	const FeedDefinition *def = &at->table->def;
	ScanKeyData key;

	ScanKeyInit(&key, def->attnum[FEED_ID], BTEqualStrategyNumber, key_equality(def->type[FEED_ID]), id);
	return read_breakers(at, at->table->indexes.feeds_key, &key, 1, n);
}

/*
 * The index of a panel's feeds, if it has all rows that our next snapshot can
 * see.  For that of a check it always does; that of an audit may be older
 * than the index.
 */
static Oid
feeds_index(const FeedTable *table)
{
	TransactionId xmin = table->indexes.feeds_xmin;

	if (!TransactionIdIsValid(xmin) ||
		(TransactionIdIsCurrentTransactionId(xmin) ? !IsolationUsesXactSnapshot() :
		 !XidInMVCCSnapshot(xmin, query_snapshot())))
		return table->indexes.feeds;
	return InvalidOid;
}

/* The key "<panel> = $1" of the feeds, or of an index where the panel has that place. */
static void
of_panel(ScanKey key, AttrNumber attnum, const BreakerPanel *at)
{
	const FeedDefinition *def = &at->table->def;

	ScanKeyInit(key, attnum, BTEqualStrategyNumber,
				key_equality(def->type[FEED_PANEL]), at->key);
}

/* Does a panel feed others? */
bool
breaker_panel_feeds_panels(const BreakerPanel *at)
{
	AttrNumber	destination = at->table->def.attnum[FEED_DESTINATION];
	Oid			index = feeds_index(at->table);
	Snapshot	snapshot = RegisterSnapshot(query_snapshot());
	bool		found = false;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple	row;

	of_panel(&key, at->table->def.attnum[FEED_PANEL], at);
	scan = systable_beginscan(at->feeds, index, OidIsValid(index), snapshot, 1, &key);
	while (!found && (row = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		found = !heap_attisnull(row, destination, RelationGetDescr(at->feeds));
	}
	systable_endscan(scan);
	UnregisterSnapshot(snapshot);
	return found;
}

static int
by_position(const void *a, const void *b)
{
	const Breaker *x = (const Breaker *) a;
	const Breaker *y = (const Breaker *) b;

	return x->position != y->position ? x->position - y->position : y->poles - x->poles;
}

/* All feeds of a panel, by position: of several mistakes the first is told of. */
Breaker *
breaker_read_panel(const BreakerPanel *at, int *n)
{
	ScanKeyData key;
	Breaker    *breakers;

	of_panel(&key, at->table->def.attnum[FEED_PANEL], at);
	breakers = read_breakers(at, feeds_index(at->table), &key, 1, n);
	if (*n > 1)
		qsort(breakers, *n, sizeof(Breaker), by_position);
	return breakers;
}

/*
 * Can the breaker that an entry of the index tells of have a position in common with
 * one that begins at a position?  Where the index does not tell the poles, it may have
 * as many as there are.
 */
static bool
meets(const BreakerPanel *at, IndexScanDesc scan, int position, int poles)
{
	const FeedTable *table = at->table;
	AttrNumber	place = table->indexes.feeds_poles;
	int			step = pole_step(at->panel->numbering);
	bool		isnull;
	int			other = integer_value(table->def.type[FEED_POSITION],
									  index_getattr(scan->xs_itup, 2, scan->xs_itupdesc, &isnull));

	if (other < position)
	{
		Datum		value = place ? index_getattr(scan->xs_itup, place, scan->xs_itupdesc, &isnull) : (Datum) 0;

		poles = BREAKER_POLES_MAX;
		if (place)
			poles = isnull ? 1 : integer_value(table->def.type[FEED_POLES], value);
	}
	return abs(other - position) % step == 0 && abs(other - position) / step < Max(poles, 1);
}

/*
 * The breakers of a panel that are in the way of one of some poles at a position, itself
 * among them; where no index tells positions, all.  Most neighbours do not meet it, and
 * of these the index says so: their rows are not read.  Nor is its own, where that is
 * known to be what a slot has (else NULL).
 *
 * The lock on the index stays until the transaction ends, like that on its table which
 * the caller has: to take it anew for each row of a transaction takes longer than a
 * descent.
 */
Breaker *
breaker_read_near(const BreakerPanel *at, int position, int poles, TupleTableSlot *own, int *n)
{
	const FeedDefinition *def = &at->table->def;
	Oid			index_oid = feeds_index(at->table);
	BreakerList list;
	ScanKeyData keys[3];
	Relation	index;
	Snapshot	snapshot;
	TupleTableSlot *slot;
	IndexScanDesc scan;
	ItemPointer tid;

	if (!OidIsValid(index_oid) || !at->table->indexes.feeds_by_position)
		return breaker_read_panel(at, n);
	list = begin_list(at);
	of_panel(&keys[0], 1, at);
	bound(&keys[1], 2, def->type[FEED_POSITION], BTGreaterEqualStrategyNumber, (int64) position - BREAKER_REACH);
	bound(&keys[2], 2, def->type[FEED_POSITION], BTLessEqualStrategyNumber, (int64) position + BREAKER_REACH);

	index = index_open(index_oid, AccessShareLock);
	snapshot = RegisterSnapshot(query_snapshot());
	slot = table_slot_create(at->feeds, NULL);
	scan = index_beginscan_reading(at->feeds, index, snapshot, lengthof(keys));
	scan->xs_want_itup = true;
	index_rescan(scan, keys, lengthof(keys), NULL, 0);
	while ((tid = index_getnext_tid(scan, ForwardScanDirection)) != NULL)
	{
		bool		should_free;

		CHECK_FOR_INTERRUPTS();
		if (own != NULL && ItemPointerEquals(tid, &own->tts_tid))
			add_own(&list, own);
		else if (meets(at, scan, position, poles) && index_fetch_heap(scan, slot))
			add_breaker(&list, ExecFetchSlotHeapTuple(slot, false, &should_free));
	}
	index_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	index_close(index, NoLock);
	*n = list.n;
	return list.breakers;
}
