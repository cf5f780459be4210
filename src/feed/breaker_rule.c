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
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/datum.h"
#include "utils/rel.h"

#include "breaker_rule.h"

/* How many breakers a hint names at most. */
#define MAX_LISTED	5

/* What is checked, and whom it is told to. */
typedef struct Scene
{
	const BreakerPanel *at;
	ViolationSink *sink;
} Scene;

/* A violation, and what its texts are made of when somebody wants them. */
typedef struct BreakerViolation
{
	Violation	base;			/* must be first */
	const BreakerPanel *at;
	const Breaker *breaker;
	const Breaker *other;		/* of a conflict */
} BreakerViolation;

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
 * What the derived columns of a feed should say; panel may be NULL where
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
breaker_name(const BreakerPanel *at, const Breaker *breaker)
{
	const FeedDefinition *def = &at->table->def;
	bool		isnull;
	Datum		name = heap_getattr(breaker->row, def->attnum[FEED_NAME],
									RelationGetDescr(at->feeds), &isnull);

	return isnull ? "?" : value_text(def->type[FEED_NAME], name);
}

static char *
feed_label(const BreakerPanel *at, const Breaker *breaker)
{
	return label("power feed", at->table->feed_relid,
				 NameStr(at->table->def.column[FEED_NAME]), breaker_name(at, breaker));
}

static char *
panel_label(const BreakerPanel *at)
{
	return label("power panel", at->table->def.panel_relid,
				 NameStr(at->table->def.column[PANEL_NAME]), at->panel->name);
}

static bool
may_see_column(const BreakerPanel *at, FeedColumn column)
{
	const FeedDefinition *def = &at->table->def;

	return !has_column(at->table, column) ||
		may_see(column < FEED_COLUMNS ? at->table->feed_relid : def->panel_relid,
				NameStr(def->column[column]));
}

/* May the one who writes know what breakers a panel has, and what it is like? */
static bool
may_see_panel(const BreakerPanel *at)
{
	return may_see_column(at, FEED_NAME) && may_see_column(at, FEED_POSITION) &&
		may_see_column(at, PANEL_POSITIONS) && may_see_column(at, PANEL_BUS);
}

static char *
positions_text(const BreakerPanel *at, const Breaker *breaker)
{
	PositionBits set = {{0}};

	breaker_add_positions(&set, at->panel->numbering, breaker->position, breaker->poles);
	return position_bits_text(&set);
}

/* Where the breaker would fit.  Reads the whole panel, so for an error only. */
static char *
place_hint(const BreakerPanel *at, const Breaker *breaker)
{
	PositionBits taken = {{0}};
	Breaker    *others;
	int			n;
	int			place;

	others = breaker_read_panel(at, &n);
	for (int i = 0; i < n; i++)
		if (breaker_is_valid(others[i].position, others[i].poles) &&
			!datumIsEqual(others[i].id, breaker->id, at->table->def.feed_key_by_value,
						  at->table->def.feed_key_length))
			breaker_add_positions(&taken, at->panel->numbering,
								  others[i].position, others[i].poles);

	place = first_free_place(&taken, at->panel->numbering, at->panel->bus,
							 at->panel->circuit_positions, breaker->poles);
	if (place == 0)
		return psprintf("There is no free place for a %d-pole breaker on this panel. Use another panel, or move or delete a breaker first.",
						breaker->poles);
	return psprintf("The first free place for a %d-pole breaker on this panel starts at position %d.",
					breaker->poles, place);
}

static void
report(const Scene *scene, RuleId rule, const Breaker *breaker, const Breaker *other,
	   void (*describe) (Violation *violation, bool hint))
{
	BreakerViolation violation = {
		.base = {
			.rule = rule,
			.relid = scene->at->table->feed_relid,
			.object_id = breaker->id,
			.of = scene->at->panel->name,
			.id_type = scene->at->table->def.type[FEED_ID],
			.has_other = other != NULL,
			.other_id = other != NULL ? other->id : (Datum) 0,
			.describe = describe
		},
		.at = scene->at,
		.breaker = breaker,
		.other = other
	};

	report_violation(scene->sink, &violation.base);
}

static void
describe_bus(Violation *violation, bool hint)
{
	BreakerViolation *of = (BreakerViolation *) violation;
	const Breaker *breaker = of->breaker;
	int			most = bus_max_poles(of->at->panel->bus);

	violation->object = breaker_name(of->at, breaker);
	violation->message = psprintf("breaker of %s has too many poles for the bus of %s",
								  feed_label(of->at, breaker), panel_label(of->at));
	if (!may_see_panel(of->at))
		return;
	violation->detail = psprintf("\"%s\" has a %d-pole breaker; on a %s bus a breaker has at most %d.",
								 violation->object, breaker->poles,
								 bus_labels[of->at->panel->bus], most);
	violation->hint = psprintf("Use a breaker of at most %d pole%s, or another panel.",
							   most, most == 1 ? "" : "s");
}

static void
check_bus(const Scene *scene, const Breaker *breaker)
{
	if (!fits_bus(scene->at->panel, breaker))
		report(scene, RULE_POWER_FEED_BREAKER_BUS, breaker, NULL, describe_bus);
}

/*
 * Which breakers stand beyond the last position, where there is more than one, as
 * when a panel is made smaller; else NULL.  Reads the whole panel, so for an error
 * only.
 */
static char *
beyond_hint(const BreakerPanel *at)
{
	StringInfoData list;
	int			n;
	int			beyond = 0;
	Breaker    *breakers = breaker_read_panel(at, &n);

	for (int i = 0; i < n; i++)
		if (!fits_panel(at->panel, &breakers[i]))
			breakers[beyond++] = breakers[i];
	if (beyond < 2)
		return NULL;
	initStringInfo(&list);
	for (int i = 0; i < Min(beyond, MAX_LISTED); i++)
		appendStringInfo(&list, "%s\"%s\" (%s)", i > 0 ? ", " : "",
						 breaker_name(at, &breakers[i]), positions_text(at, &breakers[i]));
	if (beyond > MAX_LISTED)
		appendStringInfo(&list, " and %d more", beyond - MAX_LISTED);
	return psprintf("Beyond position %d stand %s. Give them other places first.",
					at->panel->circuit_positions, list.data);
}

static void
describe_capacity(Violation *violation, bool hint)
{
	BreakerViolation *of = (BreakerViolation *) violation;
	const Breaker *breaker = of->breaker;
	int			positions = of->at->panel->circuit_positions;

	violation->object = breaker_name(of->at, breaker);
	violation->message = psprintf("breaker of %s does not fit on %s",
								  feed_label(of->at, breaker), panel_label(of->at));
	if (!may_see_panel(of->at))
		return;
	violation->detail = psprintf("\"%s\" occupies position%s %s; the panel has %d circuit position%s.",
								 violation->object, breaker->poles == 1 ? "" : "s",
								 positions_text(of->at, breaker),
								 positions, positions == 1 ? "" : "s");
	if (hint)
		violation->hint = beyond_hint(of->at);
	if (hint && violation->hint == NULL)
		violation->hint = place_hint(of->at, breaker);
}

static void
check_capacity(const Scene *scene, const Breaker *breaker)
{
	if (!fits_panel(scene->at->panel, breaker))
		report(scene, RULE_POWER_FEED_BREAKER_CAPACITY, breaker, NULL, describe_capacity);
}

static void
describe_derived(Violation *violation, bool hint)
{
	BreakerViolation *of = (BreakerViolation *) violation;
	const Breaker *breaker = of->breaker;
	PositionBits set;
	PhaseMask	mask = breaker_derive(of->at->panel, breaker->position, breaker->poles, &set);

	violation->object = breaker_name(of->at, breaker);
	violation->message = psprintf("occupied positions or phase designation of %s are not those of its breaker",
								  feed_label(of->at, breaker));
	if (!may_see_panel(of->at))
		return;
	violation->detail = psprintf("The breaker of \"%s\" occupies \"%s\" on phases \"%s\".",
								 violation->object, position_bits_text(&set),
								 mask ? phase_mask_label(mask) : "");
	violation->hint = psprintf("A BEFORE trigger that sets breaker columns must sort by its name before \"%s\"; where the columns are stale, an UPDATE of breaker_position sets them.",
							   "zz_derived_columns");
}

static void
check_derived(const Scene *scene, const Breaker *breaker)
{
	if (!breaker_derived_right(scene->at->table, scene->at->panel, breaker))
		report(scene, RULE_POWER_FEED_DERIVED_COLUMNS, breaker, NULL, describe_derived);
}

static void
describe_conflict(Violation *violation, bool hint)
{
	BreakerViolation *of = (BreakerViolation *) violation;
	const Breaker *breaker = of->breaker;

	violation->object = breaker_name(of->at, breaker);
	violation->message = psprintf("breaker of %s conflicts with %s on %s",
								  feed_label(of->at, breaker), feed_label(of->at, of->other),
								  panel_label(of->at));
	if (!may_see_panel(of->at))
		return;
	violation->detail = psprintf("\"%s\" occupies position%s %s; \"%s\" occupies %s.",
								 violation->object, breaker->poles == 1 ? "" : "s",
								 positions_text(of->at, breaker),
								 breaker_name(of->at, of->other), positions_text(of->at, of->other));
	if (hint)
		violation->hint = place_hint(of->at, breaker);
}

static void
report_conflict(const Scene *scene, const Breaker *breaker, const Breaker *other)
{
	report(scene, RULE_POWER_FEED_BREAKER_CONFLICT, breaker, other, describe_conflict);
}

/*
 * Conflicts of one breaker with those that were at its positions before it.
 * Where neither of two is marked, they are not our business.
 */
static void
check_conflicts_of(const Scene *scene, Breaker *breakers, const Breaker *breaker,
				   const int *owner)
{
	int			step = pole_step(scene->at->panel->numbering);
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
	int			step = pole_step(scene->at->panel->numbering);

	for (int i = 0; i < n; i++)
	{
		Breaker    *breaker = &breakers[i];

		CHECK_FOR_INTERRUPTS();
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
breaker_rule_check(const BreakerPanel *at, Breaker *breakers, int n, ViolationSink *sink)
{
	Scene		scene = {at, sink};

	for (int i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (!breakers[i].checked)
			continue;
		check_bus(&scene, &breakers[i]);
		check_capacity(&scene, &breakers[i]);
		check_derived(&scene, &breakers[i]);
	}
	check_conflicts(&scene, breakers, n);
}
