/*-------------------------------------------------------------------------
 *
 * breaker_audit.c
 *	  The audit of breakers: all of a table, by the rules of breaker_rule.c.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/memutils.h"

#include "breaker_audit.h"
#include "breaker_rule.h"
#include "enum_label.h"

/* Columns of the query feeds_audit, behind those of breaker_read(). */
enum
{
	COL_PANEL_ID = 9, COL_PANEL_NAME, COL_PANEL_POSITIONS, COL_PANEL_NUMBERING,
	COL_PANEL_BUS
};

#define AUDIT_BATCH		10000

/* The breakers of one panel, copied from the batches that they came in. */
typedef struct PanelGroup
{
	MemoryContext context;
	SPITupleTable rows;			/* stands in for the result of a query */
	uint64		max;
} PanelGroup;

static bool
same_panel(const BreakerTable *table, const PanelGroup *group, HeapTuple row)
{
	bool		isnull;
	TupleDesc	desc = group->rows.tupdesc;

	return datumIsEqual(SPI_getbinval(row, desc, COL_PANEL_ID, &isnull),
						SPI_getbinval(group->rows.vals[0], desc, COL_PANEL_ID, &isnull),
						table->def.key_by_value, table->def.key_length);
}

static void
group_add(PanelGroup *group, HeapTuple row)
{
	MemoryContext caller = MemoryContextSwitchTo(group->context);

	if (group->rows.vals == NULL || group->rows.numvals == group->max)
	{
		group->max = Max(group->max * 2, 64);
		group->rows.vals = group->rows.vals == NULL ?
			palloc(sizeof(HeapTuple) * group->max) :
			repalloc(group->rows.vals, sizeof(HeapTuple) * group->max);
	}
	group->rows.vals[group->rows.numvals++] = heap_copytuple(row);
	MemoryContextSwitchTo(caller);
}

/* Checks the breakers of a panel, and makes room for those of the next one. */
static void
group_check(BreakerTable *table, PanelGroup *group, ViolationSink *sink)
{
	MemoryContext caller = MemoryContextSwitchTo(group->context);
	SPITupleTable *saved = SPI_tuptable;
	uint64		n = group->rows.numvals;
	Breaker    *breakers = palloc(sizeof(Breaker) * Max(n, 1));
	Panel		panel;
	bool		isnull;
	Datum		positions;

	if (n > 0)
	{
		SPI_tuptable = &group->rows;
		positions = query_value(0, COL_PANEL_POSITIONS, &isnull);
		panel.circuit_positions = isnull ? 0 : DatumGetInt32(positions);
		panel.name = query_text(0, COL_PANEL_NAME);
		panel.numbering = numbering_from_label(enum_label(DatumGetObjectId(query_value(0, COL_PANEL_NUMBERING, &isnull))));
		panel.bus = bus_from_label(enum_label(DatumGetObjectId(query_value(0, COL_PANEL_BUS, &isnull))));
		for (uint64 i = 0; i < n; i++)
		{
			breaker_read(&breakers[i], i);
			breakers[i].checked = true;
		}
		breaker_check(table, &panel, query_value(0, COL_PANEL_ID, &isnull), breakers, (int) n, sink);
		SPI_tuptable = saved;
	}
	MemoryContextSwitchTo(caller);
	MemoryContextReset(group->context);
	group->rows.vals = NULL;
	group->rows.numvals = 0;
	group->max = 0;
}

/*
 * All breakers of a table, panel by panel, by the same rules as a write.  Read
 * in the order of panels and in batches, so that no more than one panel's are
 * kept.
 */
void
breaker_audit(Relation feeds, ViolationSink *sink)
{
	BreakerTable *table = breaker_table(feeds);
	PanelGroup	group = {0};
	Portal		portal;

	query_begin();
	group.context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel audit", ALLOCSET_DEFAULT_SIZES);
	portal = query_open(&table->feeds_audit, table->feed_relid, NULL);
	for (;;)
	{
		SPI_cursor_fetch(portal, true, AUDIT_BATCH);
		if (SPI_processed == 0)
			break;
		CHECK_FOR_INTERRUPTS();
		/* the descriptor goes with its batch, and a panel may go on in the next */
		if (group.rows.tupdesc == NULL)
			group.rows.tupdesc = CreateTupleDescCopy(SPI_tuptable->tupdesc);
		for (uint64 i = 0; i < SPI_processed; i++)
		{
			HeapTuple	row = SPI_tuptable->vals[i];

			if (group.rows.numvals > 0 && !same_panel(table, &group, row))
				group_check(table, &group, sink);
			group_add(&group, row);
		}
		SPI_freetuptable(SPI_tuptable);
	}
	group_check(table, &group, sink);
	SPI_cursor_close(portal);
	query_end();
}
