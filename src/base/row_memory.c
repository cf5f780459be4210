/*-------------------------------------------------------------------------
 *
 * row_memory.c
 *	  Row versions that this transaction has checked already.
 *
 * A check that has looked at more than its own row notes which rows of ours it
 * has found in order, so that their own checks, which are still to come, need not
 * look again.  A row is known by its table and its place there (tid).  That is
 * sound because a place holds one row version and no other
 *
 * - until a rollback to a savepoint: what was written since can be cleared away
 *   and the place be used anew;
 * - until the table gets another file, by TRUNCATE, CLUSTER or an ALTER TABLE
 *   that writes it anew, of all of which the relation cache is told.  TRUNCATE of
 *   a table that is new in this transaction empties the file that it has, and the
 *   relation cache is told because an index is built anew; so nobody notes rows of
 *   a table that has none;
 * - until the transaction ends.  Versions of ours that we have changed again stay
 *   where they are until then, dead as they are.
 *
 * At each of the three all is forgotten.  Nothing here goes by command ids: a row
 * may bear a combined one, which is also the number of some other command; and a
 * command may be seen while it has not yet written all of its rows.
 *
 * A bit for each place, a page at a time, is less than two bytes a row.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "utils/inval.h"
#include "utils/memutils.h"

#include "row_memory.h"
#include "table_list.h"

typedef struct NotedPageKey
{
	Oid			relid;
	BlockNumber block;
} NotedPageKey;

typedef struct NotedPage
{
	NotedPageKey		key;			/* hash key */
	uint8		checked[MaxHeapTuplesPerPage / 8 + 1];	/* by offset - 1 */
} NotedPage;

/* What has been noted counts until this number changes. */
static uint64 epoch = 1;

/* Where the notes of an epoch lie, and which epoch's they are. */
static MemoryContext pages_context = NULL;
static uint64 pages_epoch = 0;

/* The tables that there are notes of. */
static TableList watched;

static void
on_transaction(XactEvent event, void *arg)
{
	/* TopTransactionContext goes, and all notes with it */
	epoch++;
	pages_context = NULL;
	watched.n = 0;
}

static void
on_subtransaction(SubXactEvent event, SubTransactionId self,
				  SubTransactionId parent, void *arg)
{
	if (event == SUBXACT_EVENT_ABORT_SUB)
		epoch++;
}

static void
on_relation(Datum arg, Oid relid)
{
	if (watched.n > 0 && (!OidIsValid(relid) || table_list_has(&watched, relid)))
		epoch++;
}

/* Has the epoch change when something happens to a table. */
void
memory_watch(Oid relid)
{
	static bool registered = false;

	if (!registered)
	{
		RegisterXactCallback(on_transaction, NULL);
		RegisterSubXactCallback(on_subtransaction, NULL);
		CacheRegisterRelcacheCallback(on_relation, (Datum) 0);
		registered = true;
	}
	table_list_add(&watched, relid);
}

/* Notes of another epoch than this count no more. */
uint64
memory_epoch(void)
{
	return epoch;
}

static void
begin_epoch(RowMemory *memory)
{
	HASHCTL		ctl = {0};

	if (pages_context == NULL)
		pages_context = AllocSetContextCreate(TopTransactionContext,
											  "powerpanel checked rows", ALLOCSET_DEFAULT_SIZES);
	else if (pages_epoch != epoch)
		MemoryContextReset(pages_context);
	pages_epoch = epoch;
	ctl.keysize = sizeof(NotedPageKey);
	ctl.entrysize = sizeof(NotedPage);
	ctl.hcxt = pages_context;
	memory->pages = hash_create("powerpanel checked rows", 256, &ctl,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	memory->epoch = epoch;
}

/* Has this row version been noted?  tid is that of a row, not NULL. */
bool
row_memory_has(const RowMemory *memory, Oid relid, ItemPointer tid)
{
	NotedPageKey		key = {relid, ItemPointerGetBlockNumber(tid)};
	int			place = ItemPointerGetOffsetNumber(tid) - 1;
	NotedPage	   *page;

	if (memory->epoch != epoch || place >= MaxHeapTuplesPerPage)
		return false;
	page = hash_search(memory->pages, &key, HASH_FIND, NULL);
	return page != NULL && (page->checked[place / 8] & (1 << (place % 8)));
}

/* Notes a row version of ours that has been found in order. */
void
row_memory_add(RowMemory *memory, Oid relid, ItemPointer tid)
{
	NotedPageKey		key = {relid, ItemPointerGetBlockNumber(tid)};
	int			place = ItemPointerGetOffsetNumber(tid) - 1;
	NotedPage	   *page;
	bool		found;

	if (place >= MaxHeapTuplesPerPage)
		return;
	memory_watch(relid);
	if (memory->epoch != epoch)
		begin_epoch(memory);
	page = hash_search(memory->pages, &key, HASH_ENTER, &found);
	if (!found)
		memset(page->checked, 0, sizeof(page->checked));
	page->checked[place / 8] |= 1 << (place % 8);
}
