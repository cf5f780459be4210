/*-------------------------------------------------------------------------
 *
 * breaker_table.c
 *	  What is known of a table whose breakers are checked, and the queries
 *	  built from it.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "parser/parse_func.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/syscache.h"

#include "breaker_memory.h"
#include "breaker_table.h"
#include "enum_label.h"

static HTAB *breaker_tables = NULL;

static const char *const argument_names[BREAKER_COLUMNS] = {
	[FEED_ID] = "id",
	[FEED_NAME] = "name",
	[FEED_PANEL] = "panel",
	[FEED_POSITION] = "position",
	[FEED_POLES] = "poles",
	[FEED_OCCUPIED] = "occupied",
	[FEED_PHASES] = "phases",
	[PANEL_ID] = "panel_id",
	[PANEL_NAME] = "panel_name",
	[PANEL_POSITIONS] = "panel_positions",
	[PANEL_NUMBERING] = "panel_numbering",
	[PANEL_BUS] = "panel_bus",
};

/* Entries are only marked: whoever uses one now may go on doing so. */
static void
invalidate(Datum arg, Oid relid)
{
	HASH_SEQ_STATUS scan;
	BreakerTable *table;

	hash_seq_init(&scan, breaker_tables);
	while ((table = hash_seq_search(&scan)) != NULL)
		if (!OidIsValid(relid) || relid == table->feed_relid ||
			relid == table->def.panel_relid)
		{
			table->valid = false;
			forget_panels();
		}
}

static void
create_tables(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(BreakerTable);
	breaker_tables = hash_create("powerpanel breaker tables", 4, &ctl,
								 HASH_ELEM | HASH_BLOBS);
	CacheRegisterRelcacheCallback(invalidate, (Datum) 0);
}

/*
 * The trigger that tells a table's columns: one that calls check_breaker with
 * arguments.  The others share what it says.
 */
static const Trigger *
breaker_trigger(Relation feeds)
{
	Oid			function = LookupFuncName(list_make2(makeString("powerpanel"),
													 makeString("check_breaker")),
										  0, NULL, false);

	for (int i = 0; feeds->trigdesc != NULL && i < feeds->trigdesc->numtriggers; i++)
		if (feeds->trigdesc->triggers[i].tgfoid == function &&
			feeds->trigdesc->triggers[i].tgnargs > 0)
			return &feeds->trigdesc->triggers[i];
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("table \"%s\" has no trigger that calls %s with arguments",
					RelationGetRelationName(feeds), "powerpanel.check_breaker()")));
	return NULL;
}

/* 'poles=breaker_pole_count' */
static void
read_argument(BreakerDefinition *def, const char *argument)
{
	const char *equals = strchr(argument, '=');

	for (int i = 0; equals != NULL && i < BREAKER_COLUMNS; i++)
	{
		size_t		length = strlen(argument_names[i]);

		if ((size_t) (equals - argument) == length &&
			strncmp(argument, argument_names[i], length) == 0)
		{
			namestrcpy(&def->column[i], equals + 1);
			return;
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
			 errmsg("unrecognized trigger argument \"%s\"", argument)));
}

/* The checks read values of these types as they lie in memory. */
static void
check_type(const BreakerDefinition *def, Oid relid, BreakerColumn column, Oid type)
{
	if (get_atttype(relid, def->attnum[column]) != type)
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("column \"%s\" of table \"%s\", which a trigger names as %s, is not of type %s",
						NameStr(def->column[column]), get_rel_name(relid),
						argument_names[column], format_type_be(type))));
}

static Oid
position_set_type(void)
{
	return GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum("position_set"),
						   ObjectIdGetDatum(get_namespace_oid("powerpanel", false)));
}

static void
look_up_columns(BreakerDefinition *def, Oid feed_relid)
{
	for (int i = 0; i < BREAKER_COLUMNS; i++)
	{
		Oid			relid = i < FEED_COLUMNS ? feed_relid : def->panel_relid;

		def->attnum[i] = get_attnum(relid, NameStr(def->column[i]));
		if (def->attnum[i] <= 0)
			ereport(ERROR,
					(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
					 errmsg("column \"%s\" of table \"%s\", which a trigger names as %s, does not exist",
							NameStr(def->column[i]), get_rel_name(relid),
							argument_names[i])));
	}
	check_type(def, feed_relid, FEED_POSITION, INT4OID);
	check_type(def, feed_relid, FEED_POLES, INT4OID);
	check_type(def, feed_relid, FEED_OCCUPIED, position_set_type());
	check_type(def, feed_relid, FEED_PANEL, get_atttype(def->panel_relid, def->attnum[PANEL_ID]));
	check_type(def, def->panel_relid, PANEL_POSITIONS, INT4OID);
	def->key_type = get_atttype(def->panel_relid, def->attnum[PANEL_ID]);
	def->feed_key_type = get_atttype(feed_relid, def->attnum[FEED_ID]);
	get_typlenbyval(def->key_type, &def->key_length, &def->key_by_value);
	get_typlenbyval(def->feed_key_type, &def->feed_key_length, &def->feed_key_by_value);
	if (def->key_length <= 0 || def->key_length > (int16) sizeof(((PanelKey *) NULL)->bytes))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("the key of table \"%s\" is neither a uuid nor an integer",
						get_rel_name(def->panel_relid))));
}

static void
look_up_phases(BreakerDefinition *def, Oid feed_relid)
{
	Oid			type = get_atttype(feed_relid, def->attnum[FEED_PHASES]);

	for (PhaseMask mask = 1; mask < lengthof(def->phase_values); mask++)
		def->phase_values[mask] = enum_value(type, phase_mask_label(mask));
}

static void
define(BreakerDefinition *def, Relation feeds)
{
	const Trigger *trigger = breaker_trigger(feeds);

	memset(def, 0, sizeof(BreakerDefinition));
	def->panel_relid = trigger->tgconstrrelid;
	namestrcpy(&def->feed_schema, get_namespace_name(RelationGetNamespace(feeds)));
	namestrcpy(&def->feed_name, RelationGetRelationName(feeds));
	namestrcpy(&def->panel_schema, get_namespace_name(get_rel_namespace(def->panel_relid)));
	namestrcpy(&def->panel_name, get_rel_name(def->panel_relid));
	for (int i = 0; i < trigger->tgnargs; i++)
		read_argument(def, trigger->tgargs[i]);
	look_up_columns(def, RelationGetRelid(feeds));
	look_up_phases(def, RelationGetRelid(feeds));
}

static CheckQuery
query(char *sql, int nargs, Oid type1, Oid type2, Oid type3)
{
	CheckQuery		result = {
		.sql = MemoryContextStrdup(TopMemoryContext, sql),
		.nargs = nargs,
		.argtypes = {type1, type2, type3},
	};

	return result;
}

/* What the queries are made of: quoted names. */
typedef struct QueryNames
{
	const char *feeds;
	const char *panels;
	const char *col[BREAKER_COLUMNS];
} QueryNames;

static void
build_locks(BreakerTable *table, const QueryNames *names)
{
	const BreakerDefinition *def = &table->def;
	const char *const *col = names->col;
	char	   *panel = psprintf("p.%s::pg_catalog.text, p.%s, p.%s::pg_catalog.text, p.%s::pg_catalog.text",
								 col[PANEL_NAME], col[PANEL_POSITIONS], col[PANEL_NUMBERING], col[PANEL_BUS]);

	/*
	 * SELECT <panel> FROM ONLY <panels> p WHERE p.<id> = $1
	 * FOR NO KEY UPDATE OF p
	 */
	table->lock_panel =
		query(psprintf("SELECT %s FROM ONLY %s p WHERE p.%s OPERATOR(pg_catalog.=) $1 FOR NO KEY UPDATE OF p",
					   panel, names->panels, col[PANEL_ID]),
			  1, def->key_type, 0, 0);

	/* SELECT 1 FROM ONLY <feeds> f WHERE f.<id> = $1 FOR SHARE OF f */
	table->lock_feed =
		query(psprintf("SELECT 1 FROM ONLY %s f WHERE f.%s OPERATOR(pg_catalog.=) $1 FOR SHARE OF f",
					   names->feeds, col[FEED_ID]),
			  1, def->feed_key_type, 0, 0);
}

static void
build_reads(BreakerTable *table, const QueryNames *names)
{
	const BreakerDefinition *def = &table->def;
	const char *const *col = names->col;
	char	   *feed = psprintf("f.%s, f.%s::pg_catalog.text, f.%s, f.%s, f.%s, f.%s, f.xmin, f.cmin",
								col[FEED_ID], col[FEED_NAME], col[FEED_POSITION], col[FEED_POLES],
								col[FEED_OCCUPIED], col[FEED_PHASES]);

	/* SELECT <feed> FROM ONLY <feeds> f WHERE f.<id> = $1 */
	table->feed_one =
		query(psprintf("SELECT %s FROM ONLY %s f WHERE f.%s OPERATOR(pg_catalog.=) $1",
					   feed, names->feeds, col[FEED_ID]),
			  1, def->feed_key_type, 0, 0);

	/*
	 * SELECT <feed> FROM ONLY <feeds> f WHERE f.<panel> = $1 AND f.<position>
	 * >= $2 AND f.<position> <= $3
	 */
	table->feeds_near =
		query(psprintf("SELECT %s FROM ONLY %s f WHERE f.%s OPERATOR(pg_catalog.=) $1"
					   " AND f.%s OPERATOR(pg_catalog.>=) $2 AND f.%s OPERATOR(pg_catalog.<=) $3",
					   feed, names->feeds, col[FEED_PANEL], col[FEED_POSITION], col[FEED_POSITION]),
			  3, def->key_type, INT4OID, INT4OID);

	/*
	 * SELECT <feed> FROM ONLY <feeds> f WHERE f.<panel> = $1 AND (f.<poles>
	 * IS NOT NULL OR f.<position> IS NOT NULL)
	 */
	table->feeds_all =
		query(psprintf("SELECT %s FROM ONLY %s f WHERE f.%s OPERATOR(pg_catalog.=) $1"
					   " AND (f.%s IS NOT NULL OR f.%s IS NOT NULL)",
					   feed, names->feeds, col[FEED_PANEL], col[FEED_POLES], col[FEED_POSITION]),
			  1, def->key_type, 0, 0);
}

/*
 * A column for an audit: NULL where the table has no such column.  Integers become
 * int4, of which those too large for it are as wrong as any that are too large.
 */
static const char *
audit_column(const BreakerTable *table, const QueryNames *names, BreakerColumn column)
{
	Oid			relid = column < FEED_COLUMNS ? table->feed_relid : table->def.panel_relid;
	char		alias = column < FEED_COLUMNS ? 'f' : 'p';

	if (table->def.attnum[column] == InvalidAttrNumber)
		return "NULL";
	switch (get_atttype(relid, table->def.attnum[column]))
	{
		case INT2OID:
			return psprintf("%c.%s::pg_catalog.int4", alias, names->col[column]);
		case INT8OID:
			return psprintf("LEAST(GREATEST(%c.%s, -2147483648), 2147483647)::pg_catalog.int4",
							alias, names->col[column]);
		default:
			return psprintf("%c.%s", alias, names->col[column]);
	}
}

/* See breaker_audit.c. */
static void
build_audit(BreakerTable *table, const QueryNames *names)
{
	const BreakerDefinition *def = &table->def;
	const char *const *col = names->col;
	char	   *feed = psprintf("f.%s, f.%s::pg_catalog.text, %s, %s, %s, %s",
								col[FEED_ID], col[FEED_NAME],
								audit_column(table, names, FEED_POSITION),
								audit_column(table, names, FEED_POLES),
								audit_column(table, names, FEED_OCCUPIED),
								audit_column(table, names, FEED_PHASES));
	char	   *panel = psprintf("p.%s, p.%s::pg_catalog.text, %s, %s, %s",
								 col[PANEL_ID], col[PANEL_NAME],
								 audit_column(table, names, PANEL_POSITIONS),
								 audit_column(table, names, PANEL_NUMBERING),
								 audit_column(table, names, PANEL_BUS));

	/* SELECT <panel> FROM ONLY <panels> p */
	table->audit_panels = query(psprintf("SELECT %s FROM ONLY %s p", panel, names->panels), 0, 0, 0, 0);

	/* SELECT <feed>, f.<panel> FROM ONLY <feeds> f */
	table->audit_feeds =
		query(psprintf("SELECT %s, f.%s FROM ONLY %s f", feed, col[FEED_PANEL], names->feeds), 0, 0, 0, 0);

	/*
	 * SELECT <feed>, <panel> FROM ONLY <feeds> f JOIN ONLY <panels> p ON
	 * p.<id> = f.<panel> WHERE f.<panel> = ANY ($1) ORDER BY f.<panel>,
	 * f.<position>, f.<name>
	 */
	table->audit_unsound =
		query(psprintf("SELECT %s, %s FROM ONLY %s f JOIN ONLY %s p ON p.%s OPERATOR(pg_catalog.=) f.%s"
					   " WHERE f.%s OPERATOR(pg_catalog.=) ANY ($1) ORDER BY f.%s, f.%s, f.%s",
					   feed, panel, names->feeds, names->panels, col[PANEL_ID], col[FEED_PANEL],
					   col[FEED_PANEL], col[FEED_PANEL], col[FEED_POSITION], col[FEED_NAME]),
			  1, get_array_type(def->key_type), 0, 0);
}

static void
build_writes(BreakerTable *table, const QueryNames *names)
{
	const BreakerDefinition *def = &table->def;
	const char *const *col = names->col;

	/*
	 * UPDATE ONLY <feeds> f SET <occupied> = DEFAULT WHERE f.<panel> = $1 AND
	 * f.<position> IS NOT NULL
	 *
	 * The BEFORE trigger of the feeds then sets the derived columns.
	 */
	table->touch_feeds =
		query(psprintf("UPDATE ONLY %s f SET %s = DEFAULT WHERE f.%s OPERATOR(pg_catalog.=) $1 AND f.%s IS NOT NULL",
					   names->feeds, col[FEED_OCCUPIED], col[FEED_PANEL], col[FEED_POSITION]),
			  1, def->key_type, 0, 0);

	/* UPDATE ONLY <feeds> f SET <occupied> = $2 WHERE f.<id> = $1 */
	table->derive_feed =
		query(psprintf("UPDATE ONLY %s f SET %s = $2 WHERE f.%s OPERATOR(pg_catalog.=) $1",
					   names->feeds, col[FEED_OCCUPIED], col[FEED_ID]),
			  2, def->feed_key_type, position_set_type(), 0);
}

/*
 * The queries.  Operators are named with their schema, because the plans are
 * made with whatever search_path the one who writes has set.
 */
static void
build_queries(BreakerTable *table)
{
	BreakerDefinition *def = &table->def;
	QueryNames	names;

	names.feeds = quote_qualified_identifier(NameStr(def->feed_schema), NameStr(def->feed_name));
	names.panels = quote_qualified_identifier(NameStr(def->panel_schema), NameStr(def->panel_name));
	for (int i = 0; i < BREAKER_COLUMNS; i++)
		names.col[i] = quote_identifier(NameStr(def->column[i]));
	build_locks(table, &names);
	build_reads(table, &names);
	build_audit(table, &names);
	build_writes(table, &names);
}

/*
 * What is known of a table of feeds.  The answer stays where it is; after a
 * change of the tables it is read again, and where that brings something new
 * the queries are built anew.  The old texts and plans are left behind then,
 * since somebody up the stack may be using them; such changes are rare.
 */
BreakerTable *
breaker_table(Relation feeds)
{
	Oid			relid = RelationGetRelid(feeds);
	BreakerTable *table;
	BreakerDefinition def;
	bool		found;

	if (breaker_tables == NULL)
		create_tables();
	table = hash_search(breaker_tables, &relid, HASH_FIND, NULL);
	if (table != NULL && table->valid)
		return table;

	define(&def, feeds);
	table = hash_search(breaker_tables, &relid, HASH_ENTER, &found);
	if (!found)
		memset((char *) table + sizeof(Oid), 0, sizeof(BreakerTable) - sizeof(Oid));
	if (memcmp(&table->def, &def, sizeof(def)) != 0)
	{
		/* complete before it is put where it is found again */
		BreakerTable made = {.feed_relid = relid, .def = def};

		build_queries(&made);
		*table = made;
	}
	table->valid = true;
	return table;
}
