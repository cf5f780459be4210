/*-------------------------------------------------------------------------
 *
 * location_tree.c
 *	  Which location contains which.
 *
 * A tree is read as far as it is needed, or all at once for an audit.  It is
 * good for the check that made it: that of a move, which holds the lock on the
 * location tree (graph_lock.c), or one that locks what it reads.  A loop, where
 * one got in, is walked once and no further.
 *
 * To lock means here: FOR SHARE the row of each location through which an answer
 * was found, from below, and to go on to the parent that it has by then.  What
 * moves, renames or deletes such a location waits, and so the answer stays true
 * until our transaction ends.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "access/table.h"
#include "access/tableam.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/rel.h"

#include "graph.h"
#include "inventory.h"
#include "location_tree.h"
#include "query.h"
#include "row.h"
#include "row_lock.h"
#include "trigger.h"

typedef struct LocationEntry
{
	pg_uuid_t	id;				/* hash key */
	bool		has_parent;
	pg_uuid_t	parent;
	char	   *name;
} LocationEntry;

struct LocationTree
{
	HTAB	   *locations;
	MemoryContext context;
	bool		locks;			/* each location that is read */
	RowKey		key;			/* .. found by this, once it is known */
	LocationTree *unlocked;		/* .. where it helps to look first; or NULL */
};

/* An empty tree in the current memory context. */
LocationTree *
location_tree_create(bool locks)
{
	LocationTree *tree = palloc0(sizeof(LocationTree));
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(pg_uuid_t);
	ctl.entrysize = sizeof(LocationEntry);
	ctl.hcxt = CurrentMemoryContext;
	tree->locations = hash_create("powerpanel locations", 64, &ctl,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	tree->context = CurrentMemoryContext;
	tree->locks = locks;
	return tree;
}

static LocationEntry *
add(LocationTree *tree, const pg_uuid_t *id, const pg_uuid_t *parent, const char *name)
{
	bool		found;
	LocationEntry *entry = hash_search(tree->locations, id, HASH_ENTER, &found);

	entry->has_parent = parent != NULL;
	if (parent != NULL)
		entry->parent = *parent;
	entry->name = MemoryContextStrdup(tree->context, name);
	return entry;
}

/* What can be asked without locking more. */
static LocationTree *
unlocked_tree(LocationTree *tree)
{
	if (!tree->locks)
		return tree;
	if (tree->unlocked == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(tree->context);

		tree->unlocked = location_tree_create(false);
		MemoryContextSwitchTo(caller);
	}
	return tree->unlocked;
}

/* Adds a location as it was read: id, parent_id, name */
static LocationEntry *
add_location(LocationTree *tree, QueryRow row)
{
	return add(tree, query_uuid(row, 1), query_uuid(row, 2), query_text(row, 3));
}

void
location_tree_read_all(LocationTree *tree)
{
	static CheckQuery query = QUERY("SELECT id, parent_id, name FROM powerpanel.location");
	QueryRows	rows;

	query_begin();
	rows = query_run(&query, inventory_relid("location"), NULL);
	for (uint64 i = 0; i < rows.n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(void) add_location(tree, query_row(rows, i));
	}
	query_end();
}

static LocationEntry *
read_location(LocationTree *tree, const pg_uuid_t *id)
{
	static CheckQuery query = QUERY("SELECT id, parent_id, name FROM powerpanel.location"
							   " WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	LocationEntry *entry = NULL;
	Datum		arg = UUIDPGetDatum(id);
	QueryRows	rows;

	query_begin();
	rows = query_run(&query, inventory_relid("location"), &arg);
	if (rows.n > 0)
		entry = add_location(tree, query_row(rows, 0));
	query_end();
	return entry;
}

/* The same, of the version that it has once we have it locked. */
static LocationEntry *
lock_location(LocationTree *tree, const pg_uuid_t *id)
{
	Relation	locations = table_open(inventory_relid("location"), RowShareLock);
	TupleTableSlot *slot = table_slot_create(locations, NULL);
	LocationEntry *entry = NULL;

	if (tree->key.attnum == InvalidAttrNumber)
		tree->key = row_key(locations, "id");
	if (row_lock(locations, &tree->key, UUIDPGetDatum(id), LockTupleShare, slot))
	{
		bool		no_parent;
		bool		isnull;
		Datum		parent = trigger_column(slot, "parent_id", &no_parent);
		Datum		name = trigger_column(slot, "name", &isnull);

		entry = add(tree, id, no_parent ? NULL : DatumGetUUIDP(parent), TextDatumGetCString(name));
	}
	ExecDropSingleTupleTableSlot(slot);
	table_close(locations, NoLock);
	return entry;
}

/* A location, read if it is not known yet; NULL where it does not exist. */
static LocationEntry *
fetch(LocationTree *tree, const pg_uuid_t *id)
{
	LocationEntry *entry = hash_search(tree->locations, id, HASH_FIND, NULL);

	if (entry != NULL)
		return entry;
	return tree->locks ? lock_location(tree, id) : read_location(tree, id);
}

/*
 * Is outer the same as inner, or an ancestor of it?  Of outer itself nothing is
 * read, nor of what lies above it.
 */
bool
location_contains(LocationTree *tree, const pg_uuid_t *outer, const pg_uuid_t *inner)
{
	LocationEntry *entry;
	long		steps = 0;

	if (memcmp(outer, inner, UUID_LEN) == 0)
		return true;
	entry = fetch(tree, inner);
	while (entry != NULL && entry->has_parent &&
		   steps++ <= hash_get_num_entries(tree->locations))
	{
		if (memcmp(&entry->parent, outer, UUID_LEN) == 0)
			return true;
		entry = fetch(tree, &entry->parent);
	}
	return false;
}

/* The top of the tree that a location stands in. */
static pg_uuid_t
location_root(LocationTree *tree, const pg_uuid_t *location)
{
	pg_uuid_t	root = *location;
	LocationEntry *entry = fetch(tree, &root);
	long		steps = 0;

	while (entry != NULL && entry->has_parent &&
		   steps++ <= hash_get_num_entries(tree->locations))
	{
		root = entry->parent;
		entry = fetch(tree, &root);
	}
	return root;
}

/*
 * Does some location contain both?  Where there is a loop above one, what is found
 * as its top is on the loop, and lies above all that leads into that.
 */
static bool
share_root(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other)
{
	pg_uuid_t	root = location_root(tree, one);

	return location_contains(tree, &root, other);
}

/* The lowest location that contains both.  There is one. */
static pg_uuid_t
lowest_common(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other)
{
	pg_uuid_t	location = *one;

	while (!location_contains(tree, &location, other))
		location = fetch(tree, &location)->parent;
	return location;
}

/*
 * The same where it has to stay true.  We look first where the two paths meet, so
 * as to lock no more than what lies below; if that is not so any more once it is
 * locked, both are locked up to their tops.
 */
static bool
lock_shared_root(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other)
{
	LocationTree *unlocked = unlocked_tree(tree);

	if (share_root(unlocked, one, other))
	{
		pg_uuid_t	common = lowest_common(unlocked, one, other);

		if (location_contains(tree, &common, one) && location_contains(tree, &common, other))
			return true;
	}
	(void) location_root(tree, other);
	return share_root(tree, one, other);
}

bool
location_share_root(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other)
{
	return tree->locks ? lock_shared_root(tree, one, other) : share_root(tree, one, other);
}

/* A location and those above it, as far as each below has been locked by us before. */
#define LOCKED_PATH_MAX		16

typedef struct LockedPath
{
	pg_uuid_t	locations[LOCKED_PATH_MAX];
	int			n;
} LockedPath;

static bool
is_on_path(const LockedPath *path, const pg_uuid_t *location)
{
	for (int i = 0; i < path->n; i++)
		if (memcmp(&path->locations[i], location, UUID_LEN) == 0)
			return true;
	return false;
}

/* Goes one location up. False where that is not known, or there is none. */
static bool
extend_path(LockedPath *path, Relation locations, const RowKey *key, TupleTableSlot *slot)
{
	pg_uuid_t  *last = &path->locations[path->n - 1];
	pg_uuid_t  *parent;

	if (path->n == LOCKED_PATH_MAX ||
		!row_is_locked(locations, key, UUIDPGetDatum(last), LockTupleShare, slot) ||
		(parent = trigger_uuid(slot, "parent_id")) == NULL)
		return false;
	path->locations[path->n++] = *parent;
	return true;
}

/*
 * Is it known that some location contains both, since we have locked the paths from
 * both to it already?  That is so for all but the first of the feeds that a
 * transaction brings from one room to another.  Two rooms mostly lie in one building:
 * so both paths are followed in turns, and no further than to where they meet.
 */
bool
location_known_to_share_root(const pg_uuid_t *one, const pg_uuid_t *other)
{
	LockedPath	path[2] = {{.locations = {*one}, .n = 1}, {.locations = {*other}, .n = 1}};
	Relation	locations = table_open(inventory_relid("location"), AccessShareLock);
	RowKey		key = row_key(locations, "id");
	TupleTableSlot *slot = table_slot_create(locations, NULL);
	bool		grows[2] = {true, true};
	bool		meet = is_on_path(&path[0], other);

	while (!meet && (grows[0] || grows[1]))
		for (int i = 0; i < 2 && !meet; i++)
		{
			grows[i] = grows[i] && extend_path(&path[i], locations, &key, slot);
			meet = grows[i] && is_on_path(&path[1 - i], &path[i].locations[path[i].n - 1]);
		}
	ExecDropSingleTupleTableSlot(slot);
	table_close(locations, NoLock);
	return meet;
}

/* "DC1 > Hall 2", from the top, for a message */
char *
location_path(LocationTree *tree, const pg_uuid_t *location)
{
	LocationTree *read = unlocked_tree(tree);
	LocationEntry *entry = fetch(read, location);
	long		steps = 0;
	char	   *path = entry != NULL ? entry->name : "?";

	while (entry != NULL && entry->has_parent &&
		   steps++ <= hash_get_num_entries(read->locations))
	{
		entry = fetch(read, &entry->parent);
		if (entry != NULL)
			path = psprintf("%s > %s", entry->name, path);
	}
	return path;
}

/* A location and all below it, as uuid[]; in the caller's memory context. */
Datum
location_subtree(const pg_uuid_t *location)
{
	static CheckQuery query = QUERY("SELECT id FROM powerpanel.location"
							   " WHERE parent_id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);
	Graph	   *graph = graph_create();
	Oid			relid = inventory_relid("location");
	bool		found;
	int			first = graph_node(graph, location, &found);

	query_begin();
	while (first < graph->n_nodes)
	{
		int			end = graph->n_nodes;
		Datum		frontier = graph_nodes_array(graph, first, end);
		QueryRows	rows = query_run(&query, relid, &frontier);

		CHECK_FOR_INTERRUPTS();
		for (uint64 i = 0; i < rows.n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			(void) graph_node(graph, query_uuid(query_row(rows, i), 1), &found);
		}
		first = end;
	}
	query_end();
	return graph_nodes_array(graph, 0, graph->n_nodes);
}
