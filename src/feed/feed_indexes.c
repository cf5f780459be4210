/*-------------------------------------------------------------------------
 *
 * feed_indexes.c
 *	  By which indexes the rows of feeds and panels are found.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "catalog/pg_index.h"
#include "commands/defrem.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

#include "feed_definition.h"

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

void
feed_indexes_look_up(const FeedDefinition *def, FeedIndexes *indexes,
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
