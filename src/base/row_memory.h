/*-------------------------------------------------------------------------
 *
 * row_memory.h
 *	  Row versions that this transaction has checked already.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ROW_MEMORY_H
#define POWERPANEL_ROW_MEMORY_H

#include "compat.h"

#include "storage/itemptr.h"
#include "utils/hsearch.h"

/* All zeroes is an empty one. */
typedef struct RowMemory
{
	uint64		epoch;			/* what follows counts in this one only */
	HTAB	   *pages;
} RowMemory;

extern bool row_memory_has(const RowMemory *memory, Oid relid, ItemPointer tid);
extern void row_memory_add(RowMemory *memory, Oid relid, ItemPointer tid);
extern uint64 memory_epoch(void);
extern void memory_watch(Oid relid);

#endif							/* POWERPANEL_ROW_MEMORY_H */
