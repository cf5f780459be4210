/*-------------------------------------------------------------------------
 *
 * feed_table.c
 *	  What is known of a table whose breakers are checked, and the queries
 *	  built from it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/trigger.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "enum_label.h"
#include "feed_table.h"
#include "trigger.h"

/* What is known of each table of feeds, by its oid. */
typedef struct KnownTable
{
	Oid			feed_relid;		/* hash key */
	FeedTable  *table;
} KnownTable;

static HTAB *known_tables = NULL;

/* Counts what invalidate() was told, so that define() can tell it is out of date. */
static uint64 invalidations = 0;

/* Counts those that may have changed a table of feeds, of panels or of cables. */
static uint64 changes = 0;

/* Tables are only marked: whoever uses one now may go on doing so. */
static void
invalidate(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	KnownTable *known;

	invalidations++;
	hash_seq_init(&scan, known_tables);
	while ((known = hash_seq_search(&scan)) != NULL)
		if (!OidIsValid(relid) || relid == known->feed_relid ||
			relid == known->table->def.panel_relid ||
			relid == known->table->def.cable_relid)
		{
			known->table->valid = false;
			changes++;
		}
}

/* The queries name schemas, and to rename one changes no table in it. */
static void
invalidate_schemas(Datum arg, SysCacheIdentifier cacheid, uint32 hashvalue)
{
	invalidate(arg, InvalidOid);
}

/* What is remembered of panels is to be forgotten when this has changed. */
uint64
feed_table_changes(void)
{
	return changes;
}

static void
create_tables(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(KnownTable);
	known_tables = hash_create("powerpanel tables of feeds", 4, &ctl,
							   HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(invalidate, (Datum) 0);
	CacheRegisterSyscacheCallback(NAMESPACEOID, invalidate_schemas, (Datum) 0);
}

/*
 * A trigger function of ours, or InvalidOid.  Whoever writes a guarded table
 * need have no rights in our schema, so this asks for none.
 */
Oid
trigger_function(const char *name)
{
	return GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid, CStringGetDatum(name),
						   PointerGetDatum(buildoidvector(NULL, 0)),
						   ObjectIdGetDatum(get_namespace_oid("powerpanel_internal", false)));
}

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
static void
must_be_table(Oid relid)
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

/* Where a rack and a panel are, and how many cables a feed may have, only the inventory says. */
static void
check_inventory_columns(const FeedDefinition *def, const OpenTables *tables)
{
	static const FeedColumn columns[] = {FEED_RACK, FEED_RECEPTACLES, PANEL_LOCATION};

	if (RelationGetRelid(tables->feeds) == inventory_relid("power_feed"))
		return;
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
	if (!TupleDescAttr(RelationGetDescr(feeds), def->attnum[FEED_ID] - 1)->attnotnull)
		wrong_column(def, feeds, FEED_ID, "may be NULL");
	if (!TupleDescAttr(RelationGetDescr(panels), def->attnum[PANEL_ID] - 1)->attnotnull)
		wrong_column(def, panels, PANEL_ID, "may be NULL");
}

static void
look_up_phases(FeedDefinition *def)
{
	if (OidIsValid(def->type[FEED_PHASES]))
		for (PhaseMask mask = 1; mask < lengthof(def->phase_values); mask++)
			def->phase_values[mask] = enum_value(def->type[FEED_PHASES], phase_mask_label(mask));
}

/* Is this key column of an index that column, in its type's own order? */
static bool
has_key_column(Relation index, int place, AttrNumber attnum, Oid type)
{
	return attnum != InvalidAttrNumber && place < index->rd_index->indnkeyatts &&
		index->rd_index->indkey.values[place] == attnum &&
		index->rd_opfamily[place] == get_opclass_family(GetDefaultOpClass(type, BTREE_AM_OID));
}

/* Can rows be found by this index whose first key column is that one? */
static bool
index_serves(Relation index, AttrNumber attnum, Oid type)
{
	return index->rd_rel->relam == BTREE_AM_OID && index->rd_index->indisvalid &&
		heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL) &&
		has_key_column(index, 0, attnum, type);
}

/*
 * An index of a table whose first column is one and, if there is such an
 * index, whose second is the other; InvalidOid where there is none.
 */
static Oid
find_index(Relation rel, AttrNumber first, Oid type, AttrNumber second, Oid second_type,
		   bool *has_second)
{
	List	   *indexes = RelationGetIndexList(rel);
	Oid			best = InvalidOid;
	ListCell   *cell;

	*has_second = false;
	foreach(cell, indexes)
	{
		Relation	index = index_open(lfirst_oid(cell), AccessShareLock);

		if (index_serves(index, first, type) && !*has_second)
		{
			*has_second = has_key_column(index, 1, second, second_type);
			if (*has_second || !OidIsValid(best))
				best = RelationGetRelid(index);
		}
		index_close(index, AccessShareLock);
	}
	list_free(indexes);
	return best;
}

/* At which place an index tells a column, as a key or by INCLUDE; 0 where it does not. */
static AttrNumber
index_column(Oid index, AttrNumber attnum)
{
	AttrNumber	place = InvalidAttrNumber;
	Relation	rel;

	if (!OidIsValid(index) || attnum == InvalidAttrNumber)
		return InvalidAttrNumber;
	rel = index_open(index, AccessShareLock);
	for (int i = 0; i < rel->rd_index->indnatts && place == InvalidAttrNumber; i++)
		if (rel->rd_index->indkey.values[i] == attnum)
			place = i + 1;
	index_close(rel, AccessShareLock);
	return place;
}

/*
 * An index has no entries for versions of a row that were dead when it was made,
 * but an older snapshot may see them: pg_index.indcheckxmin says so.
 */
static TransactionId
index_xmin(Oid index)
{
	Relation	rel;
	TransactionId xmin = InvalidTransactionId;

	if (!OidIsValid(index))
		return xmin;
	rel = index_open(index, AccessShareLock);
	if (rel->rd_index->indcheckxmin)
		xmin = HeapTupleHeaderGetXmin(rel->rd_indextuple->t_data);
	index_close(rel, AccessShareLock);
	return xmin;
}

static void
look_up_indexes(const FeedDefinition *def, FeedIndexes *indexes,
				Relation feeds, Relation panels)
{
	bool		ignored;

	indexes->feeds = find_index(feeds, def->attnum[FEED_PANEL], def->type[FEED_PANEL],
								def->attnum[FEED_POSITION], def->type[FEED_POSITION],
								&indexes->feeds_by_position);
	indexes->feeds_poles = index_column(indexes->feeds, def->attnum[FEED_POLES]);
	indexes->feeds_xmin = index_xmin(indexes->feeds);
	indexes->feeds_key = find_index(feeds, def->attnum[FEED_ID], def->type[FEED_ID],
									InvalidAttrNumber, InvalidOid, &ignored);
	indexes->panels_key = find_index(panels, def->attnum[PANEL_ID], def->type[PANEL_ID],
									 InvalidAttrNumber, InvalidOid, &ignored);
}

/* Are there triggers that call a function, which all fire in a replica, too? */
static bool
fires_always(Relation rel, const char *function)
{
	Oid			oid = trigger_function(function);
	TriggerDesc *triggers = rel->trigdesc;
	bool		found = false;

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
		if (triggers->triggers[i].tgfoid == oid)
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

	must_be_table(trigger->tgconstrrelid);
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

static void
define(FeedDefinition *def, FeedIndexes *indexes, bool *tells_of_panels, Relation feeds)
{
	OpenTables	tables = {.feeds = feeds};
	const Trigger *trigger;
	const Trigger *of_cables;

	must_be_table(RelationGetRelid(feeds));
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
	look_up_indexes(def, indexes, feeds, tables.panels);
	*tells_of_panels = fires_always(tables.panels, "rederive_feeds") &&
		fires_always(tables.panels, "forget_panel");
	if (tables.cables != NULL)
		table_close(tables.cables, NoLock);
	table_close(tables.panels, NoLock);
}

/*
 * The queries.  Operators are named with their schema, because the plans are
 * made with whatever search_path the one who writes has set.
 */
static void
build_queries(FeedTable *table)
{
	const FeedDefinition *def = &table->def;
	const char *feeds = quote_qualified_identifier(NameStr(def->feed_schema), NameStr(def->feed_name));
	const char *id = quote_identifier(NameStr(def->column[FEED_ID]));
	const char *panel = quote_identifier(NameStr(def->column[FEED_PANEL]));
	const char *position = quote_identifier(NameStr(def->column[FEED_POSITION]));
	const char *occupied = quote_identifier(NameStr(def->column[FEED_OCCUPIED]));

	/* SELECT 1 FROM ONLY <feeds> f WHERE f.<id> = $1 FOR SHARE OF f */
	table->lock_feed =
		query_make(psprintf("SELECT 1 FROM ONLY %s f WHERE f.%s OPERATOR(pg_catalog.=) $1 FOR SHARE OF f",
							feeds, id), def->type[FEED_ID]);
	if (!has_column(table, FEED_OCCUPIED))
		return;

	/*
	 * UPDATE ONLY <feeds> f SET <occupied> = DEFAULT WHERE f.<panel> = $1 AND
	 * f.<position> IS NOT NULL
	 *
	 * The BEFORE trigger of the feeds then sets the derived columns.
	 */
	table->touch_feeds =
		query_make(psprintf("UPDATE ONLY %s f SET %s = DEFAULT WHERE f.%s OPERATOR(pg_catalog.=) $1 AND f.%s IS NOT NULL",
							feeds, occupied, panel, position), def->type[PANEL_ID]);

	/* UPDATE ONLY <feeds> f SET <occupied> = DEFAULT WHERE f.<id> = $1 */
	table->derive_feed =
		query_make(psprintf("UPDATE ONLY %s f SET %s = DEFAULT WHERE f.%s OPERATOR(pg_catalog.=) $1",
							feeds, occupied, id), def->type[FEED_ID]);
}

/* A definition with its queries, complete before it is put where it is found. */
static FeedTable *
make_table(Oid relid, const FeedDefinition *def)
{
	FeedTable  *table = MemoryContextAllocZero(TopMemoryContext, sizeof(FeedTable));

	table->feed_relid = relid;
	table->def = *def;
	for (int i = 0; i < ALL_COLUMNS; i++)
		if (has_column(table, i))
			table->columns |= BIT(i);
	build_queries(table);
	return table;
}

/*
 * What is known of a table of feeds.  After a change of the tables it is read
 * again, and where that brings something new the answer is another one: the old
 * one, with its texts and plans, is left behind, since somebody up the stack may
 * be using it.  Such changes are rare.
 */
FeedTable *
feed_table(Relation feeds)
{
	static FeedTable *latest = NULL;
	Oid			relid = RelationGetRelid(feeds);
	KnownTable *known;
	FeedTable  *table;
	FeedDefinition def;
	FeedIndexes indexes;
	bool		tells_of_panels;
	uint64		before;
	bool		found;

	/* of all rows of a statement but the first it is the one that was asked for last */
	if (latest != NULL && latest->feed_relid == relid && latest->valid)
		return latest;
	if (known_tables == NULL)
		create_tables();
	known = hash_search(known_tables, &relid, HASH_FIND, NULL);
	if (known != NULL && known->table->valid)
		return latest = known->table;

	before = invalidations;
	define(&def, &indexes, &tells_of_panels, feeds);
	known = hash_search(known_tables, &relid, HASH_FIND, NULL);
	if (known != NULL && memcmp(&known->table->def, &def, sizeof(def)) == 0)
		table = known->table;
	else
	{
		table = make_table(relid, &def);
		known = hash_search(known_tables, &relid, HASH_ENTER, &found);
		known->table = table;
	}
	table->indexes = indexes;
	table->tells_of_panels = tells_of_panels;
	table->valid = before == invalidations;
	return latest = table;
}

/*
 * A check that has waited, or has run code of the tables' owner, goes on by the
 * definition that it began with: values that it holds are of those types.
 */
void
feed_table_must_be(const FeedTable *table, Relation feeds)
{
	if (feed_table(feeds) == table)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("table \"%s\", or its table of panels or of cables, was altered while it was being checked",
					RelationGetRelationName(feeds)),
			 errhint("Repeat the statement.")));
}

/* For a trigger that names the table of feeds by FROM: opens that. */
static Relation
open_feeds(TriggerData *trigger, const char *function, LOCKMODE lock)
{
	Oid			relid = trigger->tg_trigger->tgconstrrelid;

	if (!OidIsValid(relid))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("trigger \"%s\", which calls %s, does not name the table of feeds by FROM",
						trigger->tg_trigger->tgname, function),
				 TRIGGER_HINT));
	must_be_table(relid);
	return table_open(relid, lock);
}

pg_noreturn static void
fired_by_stranger(TriggerData *trigger, const char *function, Relation feeds, const char *what, Oid relid)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("function \"%s\" was fired by table \"%s\", but the %s of \"%s\" are in \"%s\"",
					function, RelationGetRelationName(trigger->tg_relation), what,
					RelationGetRelationName(feeds), OidIsValid(relid) ? get_rel_name(relid) : "no table"),
			 TRIGGER_HINT));
}

/*
 * For a trigger on panels.  Only the table of panels that the feeds' own trigger
 * names has the columns that this will read.
 */
FeedTable *
feed_table_of_panels(TriggerData *trigger, const char *function, LOCKMODE lock, Relation *feeds)
{
	FeedTable  *table;

	*feeds = open_feeds(trigger, function, lock);
	table = feed_table(*feeds);
	if (table->def.panel_relid != RelationGetRelid(trigger->tg_relation))
		fired_by_stranger(trigger, function, *feeds, "panels", table->def.panel_relid);
	return table;
}

/* The same for a trigger on cables. */
FeedTable *
feed_table_of_cables(TriggerData *trigger, const char *function, LOCKMODE lock, Relation *feeds)
{
	FeedTable  *table;

	*feeds = open_feeds(trigger, function, lock);
	table = feed_table(*feeds);
	if (table->def.cable_relid != RelationGetRelid(trigger->tg_relation))
		fired_by_stranger(trigger, function, *feeds, "cables", table->def.cable_relid);
	return table;
}

/* A key in a row; NOT NULL says that it is there, but not who may have seen to that. */
Datum
feed_table_key(const FeedTable *table, FeedColumn column, TupleTableSlot *slot)
{
	bool		isnull;
	Datum		key = slot_getattr(slot, table->def.attnum[column], &isnull);

	if (isnull)
		ereport(ERROR,
				(errcode(ERRCODE_NOT_NULL_VIOLATION),
				 errmsg("column \"%s\", the key of a row, is NULL", NameStr(table->def.column[column]))));
	return key;
}

/*
 * Has the event of a trigger changed one of these columns?  Those of other tables
 * count as unchanged, and in an INSERT all of the table as changed.
 */
bool
feed_changed(FeedChanges *changes, FeedColumnSet columns)
{
	const FeedTable *table = changes->table;
	FeedColumnSet unknown;

	columns &= table->columns & (BIT(FEED_AND_PANEL_COLUMNS) - 1);
	if (TRIGGER_FIRED_BY_INSERT(changes->trigger->tg_event))
		return columns != 0;
	if (columns & changes->changed)
		return true;
	for (unknown = columns & ~changes->known; unknown != 0; unknown &= unknown - 1)
	{
		int			column = pg_rightmost_one_pos32(unknown);

		changes->known |= BIT(column);
		if (trigger_changed(changes->trigger, table->def.attnum[column]))
		{
			changes->changed |= BIT(column);
			return true;
		}
	}
	return false;
}
