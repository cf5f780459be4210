/*-------------------------------------------------------------------------
 *
 * row.h
 *	  Rows by their key: finding and reading them, and whose they are.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ROW_H
#define POWERPANEL_ROW_H

#include "compat.h"

#include "access/htup.h"
#include "utils/relcache.h"
#include "utils/snapshot.h"

/* How rows of a table are found. */
typedef struct RowKey
{
	Oid			index;			/* whose first column it is; 0 where there is none */
	AttrNumber	attnum;
	Oid			type;			/* an integer or uuid */
} RowKey;

extern RegProcedure key_equality(Oid type);
extern RowKey row_key(Relation rel, const char *column);
extern HeapTuple row_read(Relation rel, const RowKey *key, Datum value, Snapshot snapshot);
extern HeapTuple row_read_now(Relation rel, const RowKey *key, Datum value);
extern int	row_count_now(Relation rel, const RowKey *key, Datum value, int limit);
extern bool row_is_ours(HeapTuple row);
extern CommandId row_command(HeapTuple row);

#endif							/* POWERPANEL_ROW_H */
