/*-------------------------------------------------------------------------
 *
 * breaker_audit.c
 *	  The audit of breakers: all of a table, by the rules of breaker_rule.c.
 *
 * It reads the breakers twice.  The first time in whatever order they lie in,
 * to tell which panels are sound: all of whose breakers keep the rules that
 * are about one breaker, and no two of which share a position.  That takes a
 * bit for each position of a panel.  The second time it reads the breakers of
 * the other panels alone, and hands them panel by panel to breaker_check(),
 * which reports what it finds.
 *
 * No panel that breaker_check() has something to say of can be passed over: it
 * asks breaker_sound_alone()'s questions of each breaker, and reports a
 * conflict where a breaker's position is taken by one that came before it,
 * which does not depend on the order they come in.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/tupmacs.h"
#include "utils/array.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "breaker_audit.h"
#include "breaker_rule.h"
#include "enum_label.h"
#include "id_map.h"

/* Columns of the queries: those of breaker_set(), then those of the panel. */
enum
{
	COL_FEED_PANEL = 6,			/* from 0 */
	COL_UNSOUND_PANEL = 6
};

enum
{
	COL_PANEL_ID, COL_PANEL_NAME, COL_PANEL_POSITIONS, COL_PANEL_NUMBERING, COL_PANEL_BUS
};

/* --- The first time: which panels are not sound --- */

typedef struct AuditPanel
{
	pg_uuid_t	key;			/* a uuid or an integer, filled up with zeros */
	PositionBits *taken;		/* no more bytes than its positions need */
	Panel		panel;			/* without its name */
	bool		sound;
} AuditPanel;

typedef struct Survey
{
	const BreakerTable *table;
	IdMap	   *index;			/* key -> panel */
	AuditPanel *panels;
	int			n;
	int			max;
	Oid			numbering_value;	/* the last ones, since most panels are alike */
	PanelNumbering numbering;
	Oid			bus_value;
	PanelBus	bus;
} Survey;

static pg_uuid_t
panel_key(const BreakerDefinition *def, Datum key)
{
	pg_uuid_t	result = {{0}};

	if (def->key_by_value)
		store_att_byval(result.data, key, def->key_length);
	else
		memcpy(result.data, DatumGetPointer(key), def->key_length);
	return result;
}

/* Where its table has no such column, a panel is numbered across and three-phase. */
static Panel
read_panel(Survey *survey, const Datum *values, const bool *nulls)
{
	Panel		panel = {
		.circuit_positions = nulls[COL_PANEL_POSITIONS] ? 0 : DatumGetInt32(values[COL_PANEL_POSITIONS]),
		.numbering = NUMBERING_ACROSS,
		.bus = BUS_THREE_PHASE
	};
	Oid			numbering = DatumGetObjectId(values[COL_PANEL_NUMBERING]);
	Oid			bus = DatumGetObjectId(values[COL_PANEL_BUS]);

	if (!nulls[COL_PANEL_NUMBERING] && numbering != survey->numbering_value)
	{
		survey->numbering = numbering_from_label(enum_label(numbering));
		survey->numbering_value = numbering;
	}
	if (!nulls[COL_PANEL_BUS] && bus != survey->bus_value)
	{
		survey->bus = bus_from_label(enum_label(bus));
		survey->bus_value = bus;
	}
	if (!nulls[COL_PANEL_NUMBERING])
		panel.numbering = survey->numbering;
	if (!nulls[COL_PANEL_BUS])
		panel.bus = survey->bus;
	return panel;
}

static void
survey_panel(void *arg, TupleTableSlot *row)
{
	Survey	   *survey = arg;
	AuditPanel *panel;
	int			positions;
	bool		found;

	if (survey->n == survey->max)
	{
		survey->max *= 2;
		survey->panels = repalloc_huge(survey->panels, sizeof(AuditPanel) * (Size) survey->max);
	}
	panel = &survey->panels[survey->n];
	panel->key = panel_key(&survey->table->def, row->tts_values[COL_PANEL_ID]);
	panel->panel = read_panel(survey, row->tts_values, row->tts_isnull);
	panel->sound = true;
	/* a breaker beyond its last position is not marked, but makes it unsound */
	positions = panel->panel.circuit_positions;
	if (positions < 1 || positions > POSITION_MAX)
		positions = POSITION_MAX;
	panel->taken = palloc0(positions / 8 + 1);
	(void) id_map_add(survey->index, &panel->key, survey->n++, &found);
}

/* Does a breaker keep all rules, with those that have been marked before it? */
static bool
breaker_sound(const Survey *survey, AuditPanel *panel, const Breaker *breaker)
{
	PanelNumbering numbering = panel->panel.numbering;

	if (!breaker_sound_alone(survey->table, &panel->panel, breaker))
		return false;
	if (!breaker_is_valid(breaker->position, breaker->poles))
		return true;
	if (!breaker_fits(panel->taken, numbering, breaker->position, breaker->poles))
		return false;
	breaker_add_positions(panel->taken, numbering, breaker->position, breaker->poles);
	return true;
}

static void
survey_feed(void *arg, TupleTableSlot *row)
{
	Survey	   *survey = arg;
	AuditPanel *panel;
	Breaker		breaker;
	pg_uuid_t	key;
	int			at;

	if (row->tts_isnull[COL_FEED_PANEL])
		return;
	key = panel_key(&survey->table->def, row->tts_values[COL_FEED_PANEL]);
	at = id_map_find(survey->index, &key);
	if (at < 0)
		return;					/* the foreign key tells of it */
	panel = &survey->panels[at];
	breaker_set(&breaker, row->tts_values, row->tts_isnull);
	if (panel->sound)
		panel->sound = breaker_sound(survey, panel, &breaker);
}

/* The keys of the panels that are not sound, as an array; 0 where all are. */
static Datum
unsound_panels(const Survey *survey)
{
	const BreakerDefinition *def = &survey->table->def;
	Datum	   *keys = MemoryContextAllocHuge(CurrentMemoryContext, sizeof(Datum) * (Size) (survey->n + 1));
	int			n = 0;
	char		align;
	int16		length;
	bool		by_value;

	for (int i = 0; i < survey->n; i++)
		if (!survey->panels[i].sound)
			keys[n++] = fetch_att(survey->panels[i].key.data, def->key_by_value, def->key_length);
	if (n == 0)
		return (Datum) 0;
	get_typlenbyvalalign(def->key_type, &length, &by_value, &align);
	return PointerGetDatum(construct_array(keys, n, def->key_type, length, by_value, align));
}

static Datum
survey_all(BreakerTable *table)
{
	Survey		survey = {.table = table, .index = id_map_create(64), .max = 64};

	survey.panels = palloc(sizeof(AuditPanel) * survey.max);
	query_each(&table->audit_panels, table->def.panel_relid, NULL, survey_panel, &survey);
	query_each(&table->audit_feeds, table->feed_relid, NULL, survey_feed, &survey);
	return unsound_panels(&survey);
}

/* --- The second time: what is wrong with them --- */

/* The breakers of one panel. */
typedef struct PanelGroup
{
	BreakerTable *table;
	ViolationSink *sink;
	MemoryContext context;
	SPITupleTable rows;			/* stands in for the result of a query */
	uint64		max;
} PanelGroup;

static bool
same_panel(const PanelGroup *group, const TupleTableSlot *row)
{
	const BreakerDefinition *def = &group->table->def;
	bool		isnull;

	return datumIsEqual(row->tts_values[COL_UNSOUND_PANEL + COL_PANEL_ID],
						SPI_getbinval(group->rows.vals[0], group->rows.tupdesc,
									  COL_UNSOUND_PANEL + COL_PANEL_ID + 1, &isnull),
						def->key_by_value, def->key_length);
}

static void
group_add(PanelGroup *group, TupleTableSlot *row)
{
	MemoryContext caller = MemoryContextSwitchTo(group->context);

	if (group->rows.numvals == group->max)
	{
		group->max = Max(group->max * 2, 64);
		group->rows.vals = group->rows.vals == NULL ?
			palloc(sizeof(HeapTuple) * group->max) :
			repalloc(group->rows.vals, sizeof(HeapTuple) * group->max);
	}
	group->rows.vals[group->rows.numvals++] = ExecCopySlotHeapTuple(row);
	MemoryContextSwitchTo(caller);
}

/* Checks the breakers of a panel, and makes room for those of the next one. */
static void
group_check(PanelGroup *group)
{
	MemoryContext caller = MemoryContextSwitchTo(group->context);
	uint64		n = group->rows.numvals;
	Breaker    *breakers = palloc(sizeof(Breaker) * Max(n, 1));
	Datum	   *values = palloc(sizeof(Datum) * group->rows.tupdesc->natts);
	bool	   *nulls = palloc(sizeof(bool) * group->rows.tupdesc->natts);
	Survey		no_survey = {0};
	Panel		panel;

	query_begin();
	MemoryContextSwitchTo(group->context);
	SPI_tuptable = &group->rows;
	for (uint64 i = 0; i < n; i++)
	{
		breaker_read(&breakers[i], i);
		breakers[i].checked = true;
	}
	heap_deform_tuple(group->rows.vals[0], group->rows.tupdesc, values, nulls);
	panel = read_panel(&no_survey, values + COL_UNSOUND_PANEL, nulls + COL_UNSOUND_PANEL);
	panel.name = query_text(0, COL_UNSOUND_PANEL + COL_PANEL_NAME + 1);
	breaker_check(group->table, &panel, values[COL_UNSOUND_PANEL + COL_PANEL_ID],
				  breakers, (int) n, group->sink);
	query_end();
	MemoryContextSwitchTo(caller);
	MemoryContextReset(group->context);
	group->rows.vals = NULL;
	group->rows.numvals = 0;
	group->max = 0;
}

static void
read_unsound(void *arg, TupleTableSlot *row)
{
	PanelGroup *group = arg;

	if (group->rows.tupdesc == NULL)
		group->rows.tupdesc = CreateTupleDescCopy(row->tts_tupleDescriptor);
	if (group->rows.numvals > 0 && !same_panel(group, row))
		group_check(group);
	group_add(group, row);
}

/* All breakers of a table, by the same rules as a write. */
void
breaker_audit(Relation feeds, ViolationSink *sink)
{
	PanelGroup	group = {.table = breaker_table(feeds), .sink = sink};
	Datum		unsound;

	query_begin();
	unsound = survey_all(group.table);
	if (unsound != (Datum) 0)
	{
		group.context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel audit", ALLOCSET_DEFAULT_SIZES);
		query_each(&group.table->audit_unsound, group.table->feed_relid, &unsound, read_unsound, &group);
		if (group.rows.numvals > 0)
			group_check(&group);
	}
	query_end();
}
