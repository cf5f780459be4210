/*-------------------------------------------------------------------------
 *
 * feed_column.c
 *	  The columns of feeds, panels and cables that rules can speak of, for SQL.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "feed_column.h"

PG_FUNCTION_INFO_V1(feed_column_list);

const FeedColumnInfo feed_columns[ALL_COLUMNS] = {
#define FEED_COLUMN(id, role, usual, kind, used)	[id] = {role, usual, kind, used},
#include "feed_column_list.h"
#undef FEED_COLUMN
};

static const char *const kind_names[] = {
	[COLUMN_ANY] = "any",
	[COLUMN_KEY] = "key",
	[COLUMN_PANEL_KEY] = "panel key",
	[COLUMN_FEED_KEY] = "feed key",
	[COLUMN_INTEGER] = "integer",
	[COLUMN_UUID] = "uuid",
	[COLUMN_POSITION_SET] = "position set",
	[COLUMN_PHASE_DESIGNATION] = "phase designation",
};

/* The roles of a set of columns, as text[] */
ArrayType *
feed_column_roles(FeedColumnSet columns)
{
	Datum		roles[ALL_COLUMNS];
	int			n = 0;

	for (int i = 0; i < ALL_COLUMNS; i++)
		if (columns & BIT(i))
			roles[n++] = CStringGetTextDatum(feed_columns[i].role);
	return construct_array(roles, n, TEXTOID, -1, false, TYPALIGN_INT);
}

/* feed_column_list(): role, usual, kind, inventory, guarded */
Datum
feed_column_list(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;

	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < ALL_COLUMNS; i++)
	{
		const FeedColumnInfo *column = &feed_columns[i];
		Datum		values[] = {
			CStringGetTextDatum(column->role),
			CStringGetTextDatum(column->usual),
			CStringGetTextDatum(kind_names[column->kind]),
			BoolGetDatum(column->used != USED_BY_GUARDED),
			BoolGetDatum(column->used != USED_BY_INVENTORY)
		};
		bool		nulls[lengthof(values)] = {false};

		tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	}
	return (Datum) 0;
}
