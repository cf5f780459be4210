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

#include "access/htup_details.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_rule.h"

/* What the messages about one breaker are made of. */
typedef struct Scene
{
	FeedTable *table;
	Relation	feeds;
	const Panel *panel;
	Datum		panel_key;
	ViolationSink *sink;
} Scene;

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

/*
 * What the derived columns of a feed are to be; the panel is not looked at where
 * there is no breaker.
 */
PhaseMask
breaker_derive(const Panel *panel, int position, int poles, PositionBits *set)
{
	memset(set, 0, sizeof(PositionBits));
	if (!breaker_is_valid(position, poles))
		return 0;
	breaker_add_positions(set, panel->numbering, position, poles);
	return breaker_phase_mask(panel->numbering, panel->bus, position, poles);
}

/* Do the derived columns of a row say this? */
bool
breaker_holds(const FeedTable *table, const Breaker *breaker, const PositionBits *set, PhaseMask mask)
{
	return position_view_equal(breaker->occupied, position_bits_view(set)) &&
		breaker->phases == table->def.phase_values[mask];
}

bool
breaker_derived_right(const FeedTable *table, const Panel *panel, const Breaker *breaker)
{
	PositionBits set;
	PhaseMask	mask;

	if (!has_column(table, FEED_OCCUPIED))
		return true;
	mask = breaker_derive(panel, breaker->position, breaker->poles, &set);
	return breaker_holds(table, breaker, &set, mask);
}

/* Are all rules kept but that on conflicts, which is about two breakers? */
bool
breaker_sound_alone(const FeedTable *table, const Panel *panel, const Breaker *breaker)
{
	return fits_bus(panel, breaker) && fits_panel(panel, breaker) &&
		breaker_derived_right(table, panel, breaker);
}

/* --- Telling of what they say --- */

static const char *
breaker_name(const Scene *scene, const Breaker *breaker)
{
	const FeedDefinition *def = &scene->table->def;
	bool		isnull;
	Datum		name = heap_getattr(breaker->row, def->attnum[FEED_NAME],
									RelationGetDescr(scene->feeds), &isnull);

	return isnull ? "?" : value_text(def->type[FEED_NAME], name);
}

static char *
feed_label(const Scene *scene, const Breaker *breaker)
{
	return label("power feed", scene->table->feed_relid,
				 NameStr(scene->table->def.column[FEED_NAME]), breaker_name(scene, breaker));
}

static char *
panel_label(const Scene *scene)
{
	return label("power panel", scene->table->def.panel_relid,
				 NameStr(scene->table->def.column[PANEL_NAME]), scene->panel->name);
}

static bool
may_see_column(const Scene *scene, FeedColumn column)
{
	const FeedDefinition *def = &scene->table->def;

	return !has_column(scene->table, column) ||
		may_see(column < FEED_COLUMNS ? scene->table->feed_relid : def->panel_relid,
				NameStr(def->column[column]));
}

/* May the one who writes know what breakers a panel has, and what it is like? */
static bool
may_see_scene(const Scene *scene)
{
	return may_see_column(scene, FEED_NAME) && may_see_column(scene, FEED_POSITION) &&
		may_see_column(scene, PANEL_POSITIONS) && may_see_column(scene, PANEL_BUS);
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
	PositionBits taken = {{0}};
	Breaker    *others;
	int			n;
	int			place;

	if (!scene->sink->hints || !may_see_scene(scene))
		return NULL;
	others = breaker_read_panel(scene->table, scene->feeds, scene->panel_key, &n);
	for (int i = 0; i < n; i++)
		if (breaker_is_valid(others[i].position, others[i].poles) &&
			!datumIsEqual(others[i].id, breaker->id, scene->table->def.feed_key_by_value,
						  scene->table->def.feed_key_length))
			breaker_add_positions(&taken, scene->panel->numbering,
								  others[i].position, others[i].poles);

	place = first_free_place(&taken, scene->panel->numbering, scene->panel->bus,
							 scene->panel->circuit_positions, breaker->poles);
	if (place == 0)
		return psprintf("There is no free place for a %d-pole breaker on this panel.",
						breaker->poles);
	return psprintf("The first free place for a %d-pole breaker on this panel starts at position %d.",
					breaker->poles, place);
}

static void
report(const Scene *scene, RuleId rule, const Breaker *breaker, const Breaker *other,
	   char *message, char *detail, char *hint)
{
	Violation	violation = {
		.rule = rule,
		.relid = scene->table->feed_relid,
		.object_id = breaker->id,
		.id_type = scene->table->def.type[FEED_ID],
		.object = breaker_name(scene, breaker),
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
					breaker_name(scene, breaker), breaker->poles,
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
					breaker_name(scene, breaker), breaker->poles == 1 ? "" : "s",
					positions_text(scene, breaker), scene->panel->circuit_positions,
					scene->panel->circuit_positions == 1 ? "" : "s"),
		   place_hint(scene, breaker));
}

static void
check_derived(const Scene *scene, const Breaker *breaker)
{
	PositionBits set;
	PhaseMask	mask;

	if (breaker_derived_right(scene->table, scene->panel, breaker))
		return;
	mask = breaker_derive(scene->panel, breaker->position, breaker->poles, &set);
	report(scene, RULE_POWER_FEED_DERIVED_COLUMNS, breaker, NULL,
		   psprintf("occupied positions or phase designation of %s are not those of its breaker",
					feed_label(scene, breaker)),
		   psprintf("The breaker of \"%s\" occupies \"%s\" on phases \"%s\".",
					breaker_name(scene, breaker), position_bits_text(&set),
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
					breaker_name(scene, breaker), breaker->poles == 1 ? "" : "s",
					positions_text(scene, breaker),
					breaker_name(scene, other), positions_text(scene, other)),
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
 * against the rest.  The caller holds the lock on the panel, or is an audit.
 */
void
breakers_check(FeedTable *table, Relation feeds, const Panel *panel, Datum panel_key,
			  Breaker *breakers, int n, ViolationSink *sink)
{
	Scene		scene = {table, feeds, panel, panel_key, sink};

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
