/*-------------------------------------------------------------------------
 *
 * row_lock.h
 *	  Locking a row by its key, and the rows that we have locked last.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ROW_LOCK_H
#define POWERPANEL_ROW_LOCK_H

#include "compat.h"

#include "executor/tuptable.h"
#include "nodes/lockoptions.h"

#include "row.h"

extern bool row_lock(Relation rel, const RowKey *key, Datum value, LockTupleMode mode,
					 TupleTableSlot *slot);
extern bool row_is_locked(Relation rel, const RowKey *key, Datum value, LockTupleMode mode,
						  TupleTableSlot *slot);

#endif							/* POWERPANEL_ROW_LOCK_H */
