/*-------------------------------------------------------------------------
 *
 * feed_table.c
 *	  What is known of a table whose breakers are checked, and the queries
 *	  built from it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "commands/trigger.h"
#include "port/pg_bitutils.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "feed_table.h"
#include "trigger.h"

/* What is known of each table of feeds, by its oid. */
typedef struct KnownTable
{
	Oid			feed_relid;		/* hash key */
	FeedTable  *table;
} KnownTable;

static HTAB *known_tables = NULL;

/* Counts what invalidate() was told, so that feed_table() can tell it is out of date. */
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
	feed_definition_read(feeds, &def, &indexes, &tells_of_panels);
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
	feed_must_be_table(relid);
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
