/*-------------------------------------------------------------------------
 *
 * feed_definition.c
 *	  What the triggers of a table of feeds say of it, read and examined.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "enum_label.h"
#include "feed_definition.h"
#include "inventory.h"
#include "query.h"
#include "trigger.h"

/*
 * The trigger of a table of feeds that calls a function with arguments, which say
 * what the columns are, or NULL where there is none.  The others share what it
 * says.  A copy: what the relcache has goes when the table is invalidated.
 */
static const Trigger *
trigger_with_arguments(Relation feeds, const char *function)
{
	Oid			oid = trigger_function(function);
	TriggerDesc *triggers = CopyTriggerDesc(feeds->trigdesc);
	const Trigger *defining = NULL;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (trigger->tgnargs == 0 || !OidIsValid(oid) || trigger->tgfoid != oid)
			continue;
		if (defining != NULL)
			ereport(ERROR,
					(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					 errmsg("triggers \"%s\" and \"%s\" of table \"%s\" both name its columns",
							defining->tgname, trigger->tgname, RelationGetRelationName(feeds)),
					 errhint("Drop the one that %s has not made.", "powerpanel.guard()")));
		defining = trigger;
	}
	return defining;
}

static void
must_name_table(const Trigger *trigger, Relation feeds, const char *what)
{
	if (OidIsValid(trigger->tgconstrrelid))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("trigger \"%s\" of table \"%s\" does not name the table of %s by FROM",
					trigger->tgname, RelationGetRelationName(feeds), what),
			 TRIGGER_HINT));
}

/* The trigger that defines the columns of feeds and of panels. */
static const Trigger *
defining_trigger(Relation feeds)
{
	const Trigger *trigger = trigger_with_arguments(feeds, "check_feed");

	if (trigger == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("table \"%s\" has no trigger that calls %s with arguments",
						RelationGetRelationName(feeds), "powerpanel_internal.check_feed()"),
				 TRIGGER_HINT));
	must_name_table(trigger, feeds, "panels");
	return trigger;
}

/* That which defines those of cables, or NULL where they are in no table of their own. */
static const Trigger *
cable_trigger(Relation feeds)
{
	const Trigger *trigger = trigger_with_arguments(feeds, "check_feed_cables");

	if (trigger != NULL)
		must_name_table(trigger, feeds, "cables");
	return trigger;
}

/*
 * The checks read the rows of one table as they lie in it.  guard() asks more of a
 * table (must_be_ordinary), but a trigger may have been made without it, and the table
 * may have got children since, which the checks leave alone.  get_rel_relkind() gives
 * 0 where there is no such relation (any more).
 */
void
feed_must_be_table(Oid relid)
{
	if (get_rel_relkind(relid) != RELKIND_RELATION || get_rel_relispartition(relid))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("\"%s\" is not an ordinary table",
						get_rel_name(relid) ? get_rel_name(relid) : "?"),
				 errdetail("Tables of feeds, panels and cables are neither views nor foreign tables, and have no partitions."),
				 TRIGGER_HINT));
}

/* What a column is called; each is named once. */
static void
set_argument(FeedDefinition *def, FeedColumn column, const char *name)
{
	if (NameStr(def->column[column])[0] != '\0')
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger argument \"%s\" is given twice", feed_columns[column].role)));
	namestrcpy(&def->column[column], name);
}

/* 'poles=breaker_pole_count', of one of these columns, or of all panels 'bus=dc' */
static void
read_argument(FeedDefinition *def, const char *argument, FeedColumn from, FeedColumn to)
{
	const char *equals = strchr(argument, '=');

	for (int i = from; equals != NULL && i < (int) to; i++)
	{
		size_t		length = strlen(feed_columns[i].role);

		if ((size_t) (equals - argument) == length &&
			strncmp(argument, feed_columns[i].role, length) == 0)
		{
			set_argument(def, i, equals + 1);
			return;
		}
	}
	if (equals != NULL && strncmp(argument, "numbering=", strlen("numbering=")) == 0)
		def->numbering = numbering_from_label(equals + 1);
	else if (equals != NULL && strncmp(argument, "bus=", strlen("bus=")) == 0)
		def->bus = bus_from_label(equals + 1);
	else
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("unrecognized trigger argument \"%s\"", argument),
				 TRIGGER_HINT));
}

pg_noreturn static void
wrong_column(const FeedDefinition *def, Relation rel, FeedColumn column, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("column \"%s\" of table \"%s\", which a trigger names as %s, %s",
					NameStr(def->column[column]), RelationGetRelationName(rel),
					feed_columns[column].role, what),
			 /* only the inventory has this column */
			 NameStr(def->column[FEED_OCCUPIED])[0] != '\0' ?
			 errhint("If it was renamed or altered, make it again as the extension made it.") :
			 errhint("If it was renamed or altered, call %s and then %s again.",
					 "powerpanel.unguard()", "powerpanel.guard()")));
}

static Oid
type_of_ours(const char *name)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						   ObjectIdGetDatum(get_namespace_oid("powerpanel", false)));
}

static void
read_arguments(FeedDefinition *def, const Trigger *trigger, FeedColumn from, FeedColumn to)
{
	for (int i = 0; i < trigger->tgnargs; i++)
		read_argument(def, trigger->tgargs[i], from, to);
}

static bool
is_integer(Oid type)
{
	return type == INT4OID || type == INT8OID || type == INT2OID;
}

/* The tables that a definition speaks of, while they are open. */
typedef struct OpenTables
{
	Relation	feeds;
	Relation	panels;
	Relation	cables;			/* NULL where there is none */
} OpenTables;

static Relation
table_of(FeedColumn column, const OpenTables *tables)
{
	if (column < FEED_COLUMNS)
		return tables->feeds;
	return column < FEED_AND_PANEL_COLUMNS ? tables->panels : tables->cables;
}

/* What is wrong with the type of a column, or NULL */
static const char *
wrong_type(const FeedDefinition *def, FeedColumn column)
{
	Oid			type = def->type[column];

	switch (feed_columns[column].kind)
	{
		case COLUMN_KEY:
			return type == UUIDOID || is_integer(type) ? NULL : "is neither a uuid nor an integer";
		case COLUMN_PANEL_KEY:
			return type == def->type[PANEL_ID] ? NULL : "is not of the type of the panels' key";
		case COLUMN_FEED_KEY:
			return type == def->type[FEED_ID] ? NULL : "is not of the type of the feeds' key";
		case COLUMN_INTEGER:
			return is_integer(type) ? NULL : "is not an integer";
		case COLUMN_UUID:
			return type == UUIDOID ? NULL : "is not a uuid";
		case COLUMN_POSITION_SET:
			return type == type_of_ours("position_set") ? NULL : "is not a position_set";
		case COLUMN_PHASE_DESIGNATION:
			return type == type_of_ours("phase_designation") ? NULL : "is not a phase_designation";
		case COLUMN_ANY:
			break;
	}
	return NULL;
}

/* The checks read values of these types as they lie in memory. */
static void
check_types(const FeedDefinition *def, const OpenTables *tables)
{
	for (int i = 0; i < ALL_COLUMNS; i++)
		if (OidIsValid(def->type[i]) && wrong_type(def, i) != NULL)
			wrong_column(def, table_of(i, tables), i, wrong_type(def, i));
}

/*
 * Where a rack and a panel are, and how many cables a feed may have, only the inventory
 * says.  Its rules are queries of our tables (placement.c), to which all keys are uuids.
 */
static void
check_inventory_columns(const FeedDefinition *def, const OpenTables *tables)
{
	static const FeedColumn columns[] = {FEED_RACK, FEED_RECEPTACLES, PANEL_LOCATION};

	if (RelationGetRelid(tables->feeds) == inventory_relid("power_feed") &&
		RelationGetRelid(tables->panels) == inventory_relid("power_panel"))
	{
		if (def->type[FEED_ID] != UUIDOID)
			wrong_column(def, tables->feeds, FEED_ID, "is not a uuid");
		if (def->type[PANEL_ID] != UUIDOID)
			wrong_column(def, tables->panels, PANEL_ID, "is not a uuid");
		return;
	}
	for (size_t i = 0; i < lengthof(columns); i++)
		if (def->attnum[columns[i]] != InvalidAttrNumber)
			wrong_column(def, table_of(columns[i], tables), columns[i], "is for power_feed only");
}

/* Derived columns are written from all that they follow from, and together. */
static void
check_derived_columns(const FeedDefinition *def)
{
	static const FeedColumn together[] = {
		FEED_OCCUPIED, FEED_PHASES, FEED_POSITION, FEED_POLES, PANEL_NUMBERING, PANEL_BUS
	};

	if (def->attnum[FEED_OCCUPIED] == InvalidAttrNumber &&
		def->attnum[FEED_PHASES] == InvalidAttrNumber)
		return;
	for (size_t i = 0; i < lengthof(together); i++)
		if (def->attnum[together[i]] == InvalidAttrNumber)
			ereport(ERROR,
					(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					 errmsg("no trigger argument names the column %s", feed_columns[together[i]].role),
					 errdetail("The derived columns, %s and %s, go together, and with position, poles, panel_numbering and panel_bus.",
							   feed_columns[FEED_OCCUPIED].role, feed_columns[FEED_PHASES].role)));
}

/*
 * One column cannot have two roles: it would be written in the one and read
 * in the other.
 */
static void
check_distinct(const FeedDefinition *def, Relation feeds)
{
	static const FeedColumn distinct[] = {
		FEED_ID, FEED_PANEL, FEED_DESTINATION, FEED_POSITION, FEED_POLES, FEED_OCCUPIED, FEED_PHASES
	};

	for (size_t i = 0; i < lengthof(distinct); i++)
		for (size_t k = 0; k < i; k++)
			if (def->attnum[distinct[i]] != InvalidAttrNumber &&
				def->attnum[distinct[i]] == def->attnum[distinct[k]])
				wrong_column(def, feeds, distinct[i], "is named as something else, too");
}

/*
 * As the relation has it, which is open and so cannot be altered: the number, the
 * type and the values of a row belong together.
 */
static void
look_up_column(FeedDefinition *def, Relation rel, FeedColumn column)
{
	TupleDesc	desc = RelationGetDescr(rel);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (attribute->attisdropped ||
			strcmp(NameStr(attribute->attname), NameStr(def->column[column])) != 0)
			continue;
		/* 'v', from 18 on: a row that lies in the table has no value of it */
		if (attribute->attgenerated == 'v' && column != FEED_CABLE)
			wrong_column(def, rel, column, "is a virtual generated column");
		def->attnum[column] = attribute->attnum;
		def->type[column] = attribute->atttypid;
		return;
	}
	wrong_column(def, rel, column, "does not exist");
}

static void
must_be_named(const FeedDefinition *def, FeedColumn column)
{
	if (NameStr(def->column[column])[0] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("no trigger argument names the column %s", feed_columns[column].role),
				 TRIGGER_HINT));
}

static void
look_up_columns(FeedDefinition *def, const OpenTables *tables)
{
	static const FeedColumn needed[] = {FEED_ID, FEED_NAME, FEED_PANEL, PANEL_ID, PANEL_NAME};

	for (size_t i = 0; i < lengthof(needed); i++)
		must_be_named(def, needed[i]);
	if (tables->cables != NULL)
		must_be_named(def, CABLE_FEED);
	for (int i = 0; i < ALL_COLUMNS; i++)
		if (NameStr(def->column[i])[0] != '\0')
			look_up_column(def, table_of(i, tables), i);
	check_inventory_columns(def, tables);
	check_types(def, tables);
	check_derived_columns(def);
	check_distinct(def, tables->feeds);
	get_typlenbyval(def->type[PANEL_ID], &def->key_length, &def->key_by_value);
	get_typlenbyval(def->type[FEED_ID], &def->feed_key_length, &def->feed_key_by_value);
}

/* The checks tell rows by their keys, and do not ask whether there is one. */
static void
check_keys(const FeedDefinition *def, Relation feeds, Relation panels)
{
	if (!attribute_not_null(RelationGetDescr(feeds), def->attnum[FEED_ID] - 1))
		wrong_column(def, feeds, FEED_ID, "may be NULL");
	if (!attribute_not_null(RelationGetDescr(panels), def->attnum[PANEL_ID] - 1))
		wrong_column(def, panels, PANEL_ID, "may be NULL");
}

static void
look_up_phases(FeedDefinition *def)
{
	if (OidIsValid(def->type[FEED_PHASES]))
		for (PhaseMask mask = 1; mask < lengthof(def->phase_values); mask++)
			def->phase_values[mask] = enum_value(def->type[FEED_PHASES], phase_mask_label(mask));
}

/*
 * Are there triggers that call a function, which all fire in a replica, too?  Of those
 * that name a table by FROM, only ours count: others go by what others read.
 */
static bool
fires_always(Relation rel, const char *function, Oid from)
{
	Oid			oid = trigger_function(function);
	TriggerDesc *triggers = rel->trigdesc;
	bool		found = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (triggers->triggers[i].tgfoid == oid && triggers->triggers[i].tgconstrrelid == from)
		{
			if (triggers->triggers[i].tgenabled != TRIGGER_FIRES_ALWAYS)
				return false;
			found = true;
		}
	return found;
}

/*
 * The checks read all tables whatever the one who writes may read; so nobody
 * gets to see a stranger's panels by a trigger on a table of feeds of one's own.
 */
static void
must_have_one_owner(Relation feeds, Relation other)
{
	if (feeds->rd_rel->relowner != other->rd_rel->relowner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("tables \"%s\" and \"%s\" have different owners",
						RelationGetRelationName(feeds), RelationGetRelationName(other)),
				 errhint("Give both to one role with ALTER TABLE ... OWNER TO.")));
}

/* Opens the table that a trigger of the feeds names by FROM. */
static Relation
open_named(Relation feeds, const Trigger *trigger)
{
	Relation	rel;

	feed_must_be_table(trigger->tgconstrrelid);
	rel = table_open(trigger->tgconstrrelid, AccessShareLock);
	must_have_one_owner(feeds, rel);
	return rel;
}

static void
set_names(FeedDefinition *def, Relation feeds, Relation panels)
{
	namestrcpy(&def->feed_schema, get_namespace_name(RelationGetNamespace(feeds)));
	namestrcpy(&def->feed_name, RelationGetRelationName(feeds));
	namestrcpy(&def->panel_schema, get_namespace_name(RelationGetNamespace(panels)));
	namestrcpy(&def->panel_name, RelationGetRelationName(panels));
}

/*
 * Reads what the triggers of a table of feeds say: its definition, by which indexes rows
 * are found, and whether triggers tell of all changes of panels.
 */
void
feed_definition_read(Relation feeds, FeedDefinition *def, FeedIndexes *indexes, bool *tells_of_panels)
{
	OpenTables	tables = {.feeds = feeds};
	const Trigger *trigger;
	const Trigger *of_cables;

	feed_must_be_table(RelationGetRelid(feeds));
	trigger = defining_trigger(feeds);
	of_cables = cable_trigger(feeds);
	tables.panels = open_named(feeds, trigger);
	if (of_cables != NULL)
		tables.cables = open_named(feeds, of_cables);

	memset(def, 0, sizeof(FeedDefinition));
	def->panel_relid = trigger->tgconstrrelid;
	set_names(def, feeds, tables.panels);
	read_arguments(def, trigger, FEED_ID, FEED_AND_PANEL_COLUMNS);
	if (of_cables != NULL)
	{
		def->cable_relid = of_cables->tgconstrrelid;
		read_arguments(def, of_cables, FEED_AND_PANEL_COLUMNS, ALL_COLUMNS);
	}
	look_up_columns(def, &tables);
	check_keys(def, feeds, tables.panels);
	look_up_phases(def);
	feed_indexes_look_up(def, indexes, feeds, tables.panels);
	/* a table without an index can be emptied unnoticed: see row_memory.c */
	*tells_of_panels = OidIsValid(indexes->panels_key) &&
		fires_always(tables.panels, "rederive_feeds", RelationGetRelid(feeds)) &&
		fires_always(tables.panels, "forget_panel", InvalidOid);
	if (tables.cables != NULL)
		table_close(tables.cables, NoLock);
	table_close(tables.panels, NoLock);
}
