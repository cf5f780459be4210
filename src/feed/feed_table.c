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
#include "catalog/pg_index.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "commands/trigger.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "enum_label.h"
#include "feed_table.h"
#include "panel_memory.h"
#include "trigger.h"

static HTAB *feed_tables = NULL;

static const char *const argument_names[FEED_AND_PANEL_COLUMNS] = {
	[FEED_ID] = "id",
	[FEED_NAME] = "name",
	[FEED_PANEL] = "panel",
	[FEED_POSITION] = "position",
	[FEED_POLES] = "poles",
	[FEED_OCCUPIED] = "occupied",
	[FEED_PHASES] = "phases",
	[FEED_DESTINATION] = "destination",
	[FEED_RACK] = "rack",
	[FEED_CABLE] = "cable",
	[PANEL_ID] = "panel_id",
	[PANEL_NAME] = "panel_name",
	[PANEL_POSITIONS] = "panel_positions",
	[PANEL_NUMBERING] = "panel_numbering",
	[PANEL_BUS] = "panel_bus",
};

/* Counts what invalidate() was told, so that define() can tell it is out of date. */
static uint64 invalidations = 0;

/* Entries are only marked: whoever uses one now may go on doing so. */
static void
invalidate(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	FeedTable *table;

	invalidations++;
	hash_seq_init(&scan, feed_tables);
	while ((table = hash_seq_search(&scan)) != NULL)
		if (!OidIsValid(relid) || relid == table->feed_relid ||
			relid == table->def.panel_relid)
		{
			table->valid = false;
			forget_panels();
		}
}

/* The queries name schemas, and to rename one changes no table in it. */
static void
invalidate_schemas(Datum arg, SysCacheIdentifier cacheid, uint32 hashvalue)
{
	invalidate(arg, InvalidOid);
}

static void
create_tables(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(FeedTable);
	feed_tables = hash_create("powerpanel breaker tables", 4, &ctl,
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
						   ObjectIdGetDatum(get_namespace_oid("powerpanel", false)));
}

/*
 * The trigger that defines a table's columns: one that calls check_feed with
 * arguments.  The others share what it says.  A copy: what the relcache has goes
 * when the table is invalidated.
 */
static const Trigger *
defining_trigger(Relation feeds)
{
	Oid			check_feed = trigger_function("check_feed");
	TriggerDesc *triggers = CopyTriggerDesc(feeds->trigdesc);

	for (int i = 0; triggers != NULL && i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (trigger->tgnargs > 0 && OidIsValid(check_feed) && trigger->tgfoid == check_feed)
			return trigger;
	}
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("table \"%s\" has no trigger that calls %s with arguments",
					RelationGetRelationName(feeds), "powerpanel.check_feed()"),
			 errhint("%s makes the triggers of a table that is not powerpanel's own.",
					 "powerpanel.guard()")));
	return NULL;
}

/* 'poles=breaker_pole_count', or of all panels 'bus=dc' */
static void
read_argument(FeedDefinition *def, const char *argument)
{
	const char *equals = strchr(argument, '=');

	for (int i = 0; equals != NULL && i < FEED_AND_PANEL_COLUMNS; i++)
	{
		size_t		length = strlen(argument_names[i]);

		if ((size_t) (equals - argument) == length &&
			strncmp(argument, argument_names[i], length) == 0)
		{
			namestrcpy(&def->column[i], equals + 1);
			return;
		}
	}
	if (strncmp(argument, "numbering=", strlen("numbering=")) == 0)
		def->numbering = numbering_from_label(equals + 1);
	else if (strncmp(argument, "bus=", strlen("bus=")) == 0)
		def->bus = bus_from_label(equals + 1);
	else
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("unrecognized trigger argument \"%s\"", argument)));
}

static void
wrong_column(const FeedDefinition *def, Oid relid, FeedColumn column, const char *what)
{
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("column \"%s\" of table \"%s\", which a trigger names as %s, %s",
					NameStr(def->column[column]), get_rel_name(relid),
					argument_names[column], what),
			 /* only the inventory has this column */
			 NameStr(def->column[FEED_OCCUPIED])[0] != '\0' ?
			 errhint("If it was renamed or altered, make it again as the extension made it.") :
			 errhint("If it was renamed or altered, call %s and then %s again.",
					 "powerpanel.unguard()", "powerpanel.guard()")));
}

static Oid
position_set_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("position_set"),
						   ObjectIdGetDatum(get_namespace_oid("powerpanel", false)));
}

static bool
is_integer(Oid type)
{
	return type == INT4OID || type == INT8OID || type == INT2OID;
}

/* The checks read values of these types as they lie in memory. */
static void
check_types(const FeedDefinition *def, Oid feed_relid)
{
	static const FeedColumn integers[] = {FEED_POSITION, FEED_POLES, PANEL_POSITIONS};
	static const FeedColumn keys[] = {FEED_PANEL, FEED_DESTINATION};

	for (size_t i = 0; i < lengthof(integers); i++)
		if (OidIsValid(def->type[integers[i]]) && !is_integer(def->type[integers[i]]))
			wrong_column(def, integers[i] < FEED_COLUMNS ? feed_relid : def->panel_relid,
						 integers[i], "is not an integer");
	for (size_t i = 0; i < lengthof(keys); i++)
		if (OidIsValid(def->type[keys[i]]) && def->type[keys[i]] != def->type[PANEL_ID])
			wrong_column(def, feed_relid, keys[i], "is not of the type of the panels' key");
	if (def->type[PANEL_ID] != UUIDOID && !is_integer(def->type[PANEL_ID]))
		wrong_column(def, def->panel_relid, PANEL_ID, "is neither a uuid nor an integer");
	if (def->type[FEED_ID] != UUIDOID && !is_integer(def->type[FEED_ID]))
		wrong_column(def, feed_relid, FEED_ID, "is neither a uuid nor an integer");
	if (OidIsValid(def->type[FEED_OCCUPIED]) && def->type[FEED_OCCUPIED] != position_set_type())
		wrong_column(def, feed_relid, FEED_OCCUPIED, "is not a position_set");
}

static void
look_up_columns(FeedDefinition *def, Oid feed_relid)
{
	static const FeedColumn needed[] = {FEED_ID, FEED_NAME, FEED_PANEL, PANEL_ID, PANEL_NAME};

	for (size_t i = 0; i < lengthof(needed); i++)
		if (NameStr(def->column[needed[i]])[0] == '\0')
			ereport(ERROR,
					(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					 errmsg("no trigger argument names the column %s", argument_names[needed[i]])));
	for (int i = 0; i < FEED_AND_PANEL_COLUMNS; i++)
	{
		Oid			relid = i < FEED_COLUMNS ? feed_relid : def->panel_relid;

		if (NameStr(def->column[i])[0] == '\0')
			continue;
		def->attnum[i] = get_attnum(relid, NameStr(def->column[i]));
		if (def->attnum[i] <= 0)
			wrong_column(def, relid, i, "does not exist");
		def->type[i] = get_atttype(relid, def->attnum[i]);
	}
	check_types(def, feed_relid);
	get_typlenbyval(def->type[PANEL_ID], &def->key_length, &def->key_by_value);
	get_typlenbyval(def->type[FEED_ID], &def->feed_key_length, &def->feed_key_by_value);
}

/* The checks tell rows by their keys, and do not ask whether there is one. */
static void
check_keys(const FeedDefinition *def, Relation feeds, Relation panels)
{
	if (!TupleDescAttr(RelationGetDescr(feeds), def->attnum[FEED_ID] - 1)->attnotnull)
		wrong_column(def, RelationGetRelid(feeds), FEED_ID, "may be NULL");
	if (!TupleDescAttr(RelationGetDescr(panels), def->attnum[PANEL_ID] - 1)->attnotnull)
		wrong_column(def, RelationGetRelid(panels), PANEL_ID, "may be NULL");
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
 * The index of a table whose first column is one, and where there is such a one
 * whose second is the other; InvalidOid where there is none.
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
	indexes->feeds_xmin = index_xmin(indexes->feeds);
	indexes->feeds_key = find_index(feeds, def->attnum[FEED_ID], def->type[FEED_ID],
									InvalidAttrNumber, InvalidOid, &ignored);
	indexes->panels_key = find_index(panels, def->attnum[PANEL_ID], def->type[PANEL_ID],
									 InvalidAttrNumber, InvalidOid, &ignored);
}

/*
 * The checks read both tables whatever the one who writes may read; so nobody
 * gets to see a stranger's panels by a trigger on a table of feeds of one's own.
 */
static void
must_have_one_owner(Relation feeds, Relation panels)
{
	if (feeds->rd_rel->relowner != panels->rd_rel->relowner)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("tables \"%s\" and \"%s\" have different owners",
						RelationGetRelationName(feeds), RelationGetRelationName(panels)),
				 errhint("Give both to one role with ALTER TABLE ... OWNER TO.")));
}

static void
define(FeedDefinition *def, FeedIndexes *indexes, Relation feeds)
{
	const Trigger *trigger = defining_trigger(feeds);
	Relation	panels = table_open(trigger->tgconstrrelid, AccessShareLock);

	memset(def, 0, sizeof(FeedDefinition));
	must_have_one_owner(feeds, panels);
	def->panel_relid = trigger->tgconstrrelid;
	namestrcpy(&def->feed_schema, get_namespace_name(RelationGetNamespace(feeds)));
	namestrcpy(&def->feed_name, RelationGetRelationName(feeds));
	namestrcpy(&def->panel_schema, get_namespace_name(RelationGetNamespace(panels)));
	namestrcpy(&def->panel_name, RelationGetRelationName(panels));
	for (int i = 0; i < trigger->tgnargs; i++)
		read_argument(def, trigger->tgargs[i]);
	look_up_columns(def, RelationGetRelid(feeds));
	check_keys(def, feeds, panels);
	look_up_phases(def);
	look_up_indexes(def, indexes, feeds, panels);
	table_close(panels, NoLock);
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

/*
 * What is known of a table of feeds.  The answer stays where it is; after a
 * change of the tables it is read again, and where that brings something new
 * the queries are built anew.  The old texts and plans are left behind then,
 * since somebody up the stack may be using them; such changes are rare.
 */
FeedTable *
feed_table(Relation feeds)
{
	Oid			relid = RelationGetRelid(feeds);
	FeedTable *table;
	FeedDefinition def;
	FeedIndexes indexes;
	uint64		before;
	bool		found;

	if (feed_tables == NULL)
		create_tables();
	table = hash_search(feed_tables, &relid, HASH_FIND, NULL);
	if (table != NULL && table->valid)
		return table;

	before = invalidations;
	define(&def, &indexes, feeds);
	table = hash_search(feed_tables, &relid, HASH_ENTER, &found);
	if (!found)
		memset((char *) table + sizeof(Oid), 0, sizeof(FeedTable) - sizeof(Oid));
	if (memcmp(&table->def, &def, sizeof(def)) != 0)
	{
		/* complete before it is put where it is found again */
		FeedTable made = {.feed_relid = relid, .def = def};

		build_queries(&made);
		*table = made;
	}
	table->indexes = indexes;
	table->valid = before == invalidations;
	return table;
}

/* Has the event changed one of these columns?  An INSERT has changed all. */
bool
feed_changed(TriggerData *trigger, const FeedTable *table, const FeedColumn *columns, int n)
{
	for (int i = 0; i < n; i++)
		if (has_column(table, columns[i]) &&
			(TRIGGER_FIRED_BY_INSERT(trigger->tg_event) ||
			 trigger_changed(trigger, table->def.attnum[columns[i]])))
			return true;
	return false;
}
