/*-------------------------------------------------------------------------
 *
 * breaker_rule.c
 *	  The rules of breakers in a panel: bus, capacity, conflict, and that the
 *	  derived columns are what the geometry says.
 *
 * This is their one definition.  The triggers call it with the breakers that
 * matter to a write, the audit with all breakers of each panel.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "utils/datum.h"

#include "breaker_rule.h"

/* What the messages about one breaker are made of. */
typedef struct Scene
{
	BreakerTable *table;
	const Panel *panel;
	Datum		panel_key;
	ViolationSink *sink;
} Scene;

/* Columns of the queries that begin with the columns of a feed. */
enum
{
	COL_ID = 1, COL_NAME, COL_POSITION, COL_POLES, COL_OCCUPIED, COL_PHASES
};

/* A breaker from the columns that those queries begin with; its row is 0. */
void
breaker_set(Breaker *breaker, const Datum *values, const bool *nulls)
{
	values--, nulls--;			/* columns are counted from 1 */
	breaker->row = 0;
	breaker->id = values[COL_ID];
	breaker->position = nulls[COL_POSITION] ? 0 : DatumGetInt32(values[COL_POSITION]);
	breaker->poles = nulls[COL_POLES] ? 1 : DatumGetInt32(values[COL_POLES]);
	if (nulls[COL_OCCUPIED])
		breaker->occupied = (PositionView) {NULL, 0};
	else
		breaker->occupied = position_set_view((struct varlena *) PG_DETOAST_DATUM_PACKED(values[COL_OCCUPIED]));
	breaker->phases = nulls[COL_PHASES] ? InvalidOid : DatumGetObjectId(values[COL_PHASES]);
	breaker->checked = false;
}

void
breaker_read(Breaker *breaker, uint64 row)
{
	Datum		values[COL_PHASES];
	bool		nulls[COL_PHASES];

	for (int i = 0; i < COL_PHASES; i++)
		values[i] = query_value(row, i + 1, &nulls[i]);
	breaker_set(breaker, values, nulls);
	breaker->row = row;
}

/* --- What the rules say of a breaker by itself --- */

static bool
fits_bus(const Panel *panel, const Breaker *breaker)
{
	return breaker->poles <= bus_max_poles(panel->bus);
}

static bool
fits_panel(const Panel *panel, const Breaker *breaker)
{
	return panel->circuit_positions == 0 ||
		!breaker_is_valid(breaker->position, breaker->poles) ||
		breaker_last_position(panel->numbering, breaker->position, breaker->poles) <= panel->circuit_positions;
}

/* What its derived columns are to be. */
static void
derive(const Panel *panel, const Breaker *breaker, PositionBits *set, PhaseMask *mask)
{
	memset(set, 0, sizeof(PositionBits));
	*mask = 0;
	if (!breaker_is_valid(breaker->position, breaker->poles))
		return;
	breaker_add_positions(set, panel->numbering, breaker->position, breaker->poles);
	*mask = breaker_phase_mask(panel->numbering, panel->bus, breaker->position, breaker->poles);
}

/* Of those derived columns that the table has. */
static bool
derived_right(const BreakerTable *table, const Panel *panel, const Breaker *breaker)
{
	const BreakerDefinition *def = &table->def;
	PositionBits set;
	PhaseMask	mask;

	derive(panel, breaker, &set, &mask);
	return (def->attnum[FEED_OCCUPIED] == InvalidAttrNumber ||
			position_view_equal(position_bits_view(&set), breaker->occupied)) &&
		(def->attnum[FEED_PHASES] == InvalidAttrNumber ||
		 breaker->phases == def->phase_values[mask]);
}

/* Are all rules kept but that on conflicts, which is about two breakers? */
bool
breaker_sound_alone(const BreakerTable *table, const Panel *panel, const Breaker *breaker)
{
	return fits_bus(panel, breaker) && fits_panel(panel, breaker) &&
		derived_right(table, panel, breaker);
}

static const char *
breaker_name(const Breaker *breaker)
{
	return query_text(breaker->row, COL_NAME);
}

static char *
feed_label(const Scene *scene, const Breaker *breaker)
{
	return label("power feed", scene->table->feed_relid,
				 NameStr(scene->table->def.column[FEED_NAME]), breaker_name(breaker));
}

static char *
panel_label(const Scene *scene)
{
	return label("power panel", scene->table->def.panel_relid,
				 NameStr(scene->table->def.column[PANEL_NAME]), scene->panel->name);
}

/* May the one who writes know what breakers a panel has, and what it is like? */
static bool
may_see_scene(const Scene *scene)
{
	const BreakerDefinition *def = &scene->table->def;

	return may_see(scene->table->feed_relid, NameStr(def->column[FEED_NAME])) &&
		may_see(scene->table->feed_relid, NameStr(def->column[FEED_POSITION])) &&
		may_see(def->panel_relid, NameStr(def->column[PANEL_POSITIONS])) &&
		may_see(def->panel_relid, NameStr(def->column[PANEL_BUS]));
}

static char *
positions_text(const Scene *scene, const Breaker *breaker)
{
	PositionBits set = {{0}};

	breaker_add_positions(&set, scene->panel->numbering, breaker->position, breaker->poles);
	return position_bits_text(&set);
}

/* Where the breaker would fit.  Reads the whole panel, so for an error only. */
static char *
place_hint(const Scene *scene, const Breaker *breaker)
{
	SPITupleTable *saved = SPI_tuptable;
	PositionBits taken = {{0}};
	uint64		n;
	int			place;

	if (!scene->sink->hints || !may_see_scene(scene))
		return NULL;
	n = query_run(&scene->table->feeds_all, scene->table->feed_relid,
				  (Datum *) &scene->panel_key);
	for (uint64 i = 0; i < n; i++)
	{
		Breaker		other;

		breaker_read(&other, i);
		if (breaker_is_valid(other.position, other.poles) &&
			!datumIsEqual(other.id, breaker->id, scene->table->def.feed_key_by_value,
						  scene->table->def.feed_key_length))
			breaker_add_positions(&taken, scene->panel->numbering,
								  other.position, other.poles);
	}
	SPI_tuptable = saved;

	place = first_free_place(&taken, scene->panel->numbering, scene->panel->bus,
							 scene->panel->circuit_positions, breaker->poles);
	if (place == 0)
		return psprintf("There is no free place for a %d-pole breaker on this panel.",
						breaker->poles);
	return psprintf("The first free place for a %d-pole breaker on this panel starts at position %d.",
					breaker->poles, place);
}

/* --- Telling of it --- */

static void
report(const Scene *scene, RuleId rule, const Breaker *breaker, const Breaker *other,
	   char *message, char *detail, char *hint)
{
	Violation	violation = {
		.rule = rule,
		.relid = scene->table->feed_relid,
		.object_id = breaker->id,
		.object = breaker_name(breaker),
		.message = message,
		.detail = may_see_scene(scene) ? detail : NULL,
		.hint = may_see_scene(scene) ? hint : NULL,
		.other_id = other != NULL ? other->id : (Datum) 0,
	};

	report_violation(scene->sink, &violation);
}

static void
check_bus(const Scene *scene, const Breaker *breaker)
{
	static const char *const bus_names[] = {"three-phase", "split-phase", "single-phase", "dc"};
	int			most = bus_max_poles(scene->panel->bus);

	if (fits_bus(scene->panel, breaker))
		return;
	report(scene, RULE_POWER_FEED_BREAKER_BUS, breaker, NULL,
		   psprintf("breaker of %s has too many poles for the bus of %s",
					feed_label(scene, breaker), panel_label(scene)),
		   psprintf("\"%s\" has a %d-pole breaker; on a %s bus a breaker has at most %d.",
					breaker_name(breaker), breaker->poles,
					bus_names[scene->panel->bus], most),
		   psprintf("Use a breaker of at most %d pole%s, or another panel.",
					most, most == 1 ? "" : "s"));
}

static void
check_capacity(const Scene *scene, const Breaker *breaker)
{
	if (fits_panel(scene->panel, breaker))
		return;
	report(scene, RULE_POWER_FEED_BREAKER_CAPACITY, breaker, NULL,
		   psprintf("breaker of %s does not fit on %s",
					feed_label(scene, breaker), panel_label(scene)),
		   psprintf("\"%s\" occupies position%s %s; the panel has %d circuit position%s.",
					breaker_name(breaker), breaker->poles == 1 ? "" : "s",
					positions_text(scene, breaker), scene->panel->circuit_positions,
					scene->panel->circuit_positions == 1 ? "" : "s"),
		   place_hint(scene, breaker));
}

static void
check_derived(const Scene *scene, const Breaker *breaker)
{
	PositionBits set;
	PhaseMask	mask;

	if (derived_right(scene->table, scene->panel, breaker))
		return;
	derive(scene->panel, breaker, &set, &mask);
	report(scene, RULE_POWER_FEED_DERIVED_COLUMNS, breaker, NULL,
		   psprintf("occupied positions or phase designation of %s are not those of its breaker",
					feed_label(scene, breaker)),
		   psprintf("The breaker of \"%s\" occupies \"%s\" on phases \"%s\".",
					breaker_name(breaker), position_bits_text(&set),
					mask ? phase_mask_label(mask) : ""),
		   psprintf("A BEFORE trigger that sets breaker columns must sort by its name before \"%s\"; where the columns are stale, an UPDATE of breaker_position sets them.",
					"zz_derived_columns"));
}

static void
report_conflict(const Scene *scene, const Breaker *breaker, const Breaker *other)
{
	report(scene, RULE_POWER_FEED_BREAKER_CONFLICT, breaker, other,
		   psprintf("breaker of %s conflicts with %s on %s",
					feed_label(scene, breaker), feed_label(scene, other), panel_label(scene)),
		   psprintf("\"%s\" occupies position%s %s; \"%s\" occupies %s.",
					breaker_name(breaker), breaker->poles == 1 ? "" : "s",
					positions_text(scene, breaker),
					breaker_name(other), positions_text(scene, other)),
		   place_hint(scene, breaker));
}

/*
 * Conflicts of one breaker with those that were at its positions before it.
 * Where neither of two is marked, they are not our business.
 */
static void
check_conflicts_of(const Scene *scene, Breaker *breakers, const Breaker *breaker,
				   const int *owner)
{
	int			step = pole_step(scene->panel->numbering);
	int			reported = -1;

	for (int i = 0; i < breaker->poles; i++)
	{
		int			other = owner[breaker->position + i * step] - 1;

		if (other < 0 || other == reported)
			continue;
		if (breaker->checked)
			report_conflict(scene, breaker, &breakers[other]);
		else if (breakers[other].checked)
			report_conflict(scene, &breakers[other], breaker);
		reported = other;
	}
}

static void
check_conflicts(const Scene *scene, Breaker *breakers, int n)
{
	int			owner[POSITION_MAX + 1] = {0};	/* index of its breaker + 1 */
	int			step = pole_step(scene->panel->numbering);

	for (int i = 0; i < n; i++)
	{
		Breaker    *breaker = &breakers[i];

		if (!breaker_is_valid(breaker->position, breaker->poles))
			continue;
		check_conflicts_of(scene, breakers, breaker, owner);
		for (int k = 0; k < breaker->poles; k++)
			owner[breaker->position + k * step] = i + 1;
	}
}

/*
 * Checks those of a panel's breakers that are marked, against each other and
 * against the rest, which are in the current result of a query.  The caller
 * holds the lock on the panel, or is an audit.
 */
void
breaker_check(BreakerTable *table, const Panel *panel, Datum panel_key,
			  Breaker *breakers, int n, ViolationSink *sink)
{
	Scene		scene = {table, panel, panel_key, sink};

	for (int i = 0; i < n; i++)
	{
		if (!breakers[i].checked)
			continue;
		check_bus(&scene, &breakers[i]);
		check_capacity(&scene, &breakers[i]);
		check_derived(&scene, &breakers[i]);
	}
	check_conflicts(&scene, breakers, n);
}
