/*-------------------------------------------------------------------------
 *
 * breaker_audit.c
 *	  The audit of breakers: all of a table, by the rules of breaker_rule.c.
 *
 * It first reads the breakers in whatever order they lie in, to tell which panels
 * are sound: all of whose breakers keep the rules that are about one breaker, and
 * no two of which share a position.  That takes a bit for each position of a
 * panel.  Then it reads the breakers of the other panels alone, panel by panel,
 * and hands them to breaker_rule_check(), which reports what it finds.
 *
 * No panel that breaker_rule_check() has something to say of can be passed over: it
 * asks breaker_sound_alone()'s questions of each breaker, and reports a
 * conflict where a breaker's position is taken by one that came before it,
 * which does not depend on the order they come in.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "breaker_audit.h"
#include "breaker_rule.h"
#include "id_map.h"
#include "key_uuid.h"

/* What is kept of a panel until all breakers have been read. */
typedef struct AuditPanel
{
	Panel		panel;			/* without its name */
	PositionBits *taken;		/* no more bytes than its positions need */
	bool		sound;
} AuditPanel;

/* The last panel's properties as its row has them: most panels are alike. */
typedef struct LastPanel
{
	bool		usable;			/* can they be compared as they are? */
	bool		known;
	Datum		values[2];		/* numbering and bus, 0 where there is none */
	Panel		panel;
} LastPanel;

typedef struct Audit
{
	FeedTable *table;
	Relation	feeds;
	Relation	panels;
	Snapshot	snapshot;
	ViolationSink *sink;
	IdMap	   *index;			/* the key of a panel -> its place in survey */
	AuditPanel *survey;
	int			n;
	int			max;
	int			unsound;
	LastPanel	last;
} Audit;

/* --- Which panels are sound --- */

static Datum
panel_column(const Audit *audit, HeapTuple row, FeedColumn column, bool *isnull)
{
	*isnull = true;
	if (!has_column(audit->table, column))
		return (Datum) 0;
	return heap_getattr(row, audit->table->def.attnum[column], RelationGetDescr(audit->panels), isnull);
}

static bool
compares_by_value(const Audit *audit, FeedColumn column)
{
	return !has_column(audit->table, column) || get_typbyval(audit->table->def.type[column]);
}

/* What breaker_read_properties() says, but for the name. */
static Panel
panel_properties(Audit *audit, HeapTuple row)
{
	LastPanel  *last = &audit->last;
	bool		isnull;
	Datum		numbering = panel_column(audit, row, PANEL_NUMBERING, &isnull);
	Datum		bus = panel_column(audit, row, PANEL_BUS, &isnull);
	Datum		positions = panel_column(audit, row, PANEL_POSITIONS, &isnull);
	Panel		panel;

	if (!last->known || last->values[0] != numbering || last->values[1] != bus)
	{
		last->panel = breaker_read_properties(audit->table, audit->panels, row);
		last->panel.name = NULL;
		last->values[0] = numbering;
		last->values[1] = bus;
		last->known = last->usable;
	}
	panel = last->panel;
	panel.circuit_positions = isnull ? 0 : integer_value(audit->table->def.type[PANEL_POSITIONS], positions);
	return panel;
}

/* The place of a row's panel in the survey, or -1. */
static int
survey_index(Audit *audit, FeedColumn column, Datum key)
{
	pg_uuid_t	uuid = key_uuid(audit->table->def.type[column], key);

	return id_map_find(audit->index, &uuid);
}

static void
survey_panel(Audit *audit, HeapTuple row)
{
	AuditPanel *panel;
	Datum		id;
	pg_uuid_t	key;
	int			positions;
	bool		isnull;
	bool		found;

	id = panel_column(audit, row, PANEL_ID, &isnull);
	if (isnull)
		return;					/* no feed can refer to it */
	if (audit->n == audit->max)
	{
		audit->max *= 2;
		audit->survey = repalloc_huge(audit->survey, sizeof(AuditPanel) * (Size) audit->max);
	}
	panel = &audit->survey[audit->n];
	panel->panel = panel_properties(audit, row);
	panel->sound = true;
	/* a breaker beyond its last position is not marked, but makes it unsound */
	positions = panel->panel.circuit_positions;
	if (positions < 1 || positions > POSITION_MAX)
		positions = POSITION_MAX;
	panel->taken = palloc0(positions / 8 + 1);
	key = key_uuid(audit->table->def.type[PANEL_ID], id);
	(void) id_map_add(audit->index, &key, audit->n++, &found);
}

/* Does a breaker keep all rules, with those that have been marked before it? */
static bool
breaker_sound(const FeedTable *table, AuditPanel *panel, const Breaker *breaker)
{
	PanelNumbering numbering = panel->panel.numbering;

	if (!breaker_sound_alone(table, &panel->panel, breaker))
		return false;
	if (!breaker_is_valid(breaker->position, breaker->poles))
		return true;
	if (!breaker_fits(panel->taken, numbering, breaker->position, breaker->poles))
		return false;
	breaker_add_positions(panel->taken, numbering, breaker->position, breaker->poles);
	return true;
}

static void
survey_feed(Audit *audit, const TupleTableSlot *row)
{
	AttrNumber	column = audit->table->def.attnum[FEED_PANEL];
	AuditPanel *panel;
	Breaker		breaker;
	int			at;

	if (row->tts_isnull[column - 1])
		return;
	at = survey_index(audit, FEED_PANEL, row->tts_values[column - 1]);
	if (at < 0)
		return;					/* the foreign key tells of it */
	panel = &audit->survey[at];
	if (!panel->sound)
		return;
	breaker_set(&breaker, audit->table, row->tts_values, row->tts_isnull);
	panel->sound = breaker_sound(audit->table, panel, &breaker);
	if (!panel->sound)
		audit->unsound++;
}

typedef void (*PanelVisitor) (Audit *audit, HeapTuple row);

static void
each_panel(Audit *audit, PanelVisitor visit)
{
	SysScanDesc scan = systable_beginscan(audit->panels, InvalidOid, false, audit->snapshot, 0, NULL);
	HeapTuple	row;

	while ((row = systable_getnext(scan)) != NULL)
	{
		CHECK_FOR_INTERRUPTS();
		visit(audit, row);
	}
	systable_endscan(scan);
}

static void
survey_feeds(Audit *audit)
{
	TupleTableSlot *row = table_slot_create(audit->feeds, NULL);
	TableScanDesc scan = table_beginscan_whole(audit->feeds, audit->snapshot);
	int			last = 0;

	for (int i = 0; i < FEED_COLUMNS; i++)
		last = Max(last, audit->table->def.attnum[i]);
	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getsomeattrs(row, last);
		survey_feed(audit, row);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
}

/* --- What is wrong with the others --- */

static void
check_unsound(Audit *audit, HeapTuple row)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext of_panel;
	bool		isnull;
	Datum		key = panel_column(audit, row, PANEL_ID, &isnull);
	int			at = isnull ? -1 : survey_index(audit, PANEL_ID, key);
	Breaker    *breakers;
	Panel		panel;
	BreakerPanel of = {audit->table, audit->feeds, key, &panel};
	int			n;

	if (at < 0 || audit->survey[at].sound)
		return;
	of_panel = AllocSetContextCreate(caller, "powerpanel audit of a panel", ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(of_panel);
	breakers = breaker_read_panel(&of, &n);
	panel = breaker_read_properties(audit->table, audit->panels, row);
	for (int i = 0; i < n; i++)
		breakers[i].checked = true;
	breaker_rule_check(&of, breakers, n, audit->sink);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(of_panel);
}

/* All breakers of a table, panel by panel, by the same rules as a write. */
void
breaker_audit(Relation feeds, ViolationSink *sink)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel audit",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Audit		audit = {.table = feed_table(feeds), .feeds = feeds, .sink = sink, .max = 64};

	audit.panels = table_open(audit.table->def.panel_relid, AccessShareLock);
	audit.snapshot = RegisterSnapshot(query_snapshot());
	audit.index = id_map_create(64);
	audit.survey = palloc(sizeof(AuditPanel) * audit.max);
	audit.last.usable = compares_by_value(&audit, PANEL_NUMBERING) && compares_by_value(&audit, PANEL_BUS);
	each_panel(&audit, survey_panel);
	survey_feeds(&audit);
	if (audit.unsound > 0)
		each_panel(&audit, check_unsound);
	UnregisterSnapshot(audit.snapshot);
	table_close(audit.panels, NoLock);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}
