/*-------------------------------------------------------------------------
 *
 * location_tree.c
 *	  Which location contains which.
 *
 * A tree is read as far as it is needed, or all at once for an audit.  It is
 * good for the check that made it, which holds the lock on the location tree
 * (graph_lock.c).  A loop, where one got in, is walked once and no further.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/hsearch.h"

#include "graph.h"
#include "location_tree.h"
#include "query.h"

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
};

/* An empty tree in the current memory context. */
LocationTree *
location_tree_create(void)
{
	LocationTree *tree = palloc(sizeof(LocationTree));
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(pg_uuid_t);
	ctl.entrysize = sizeof(LocationEntry);
	ctl.hcxt = CurrentMemoryContext;
	tree->locations = hash_create("powerpanel locations", 64, &ctl,
								  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	tree->context = CurrentMemoryContext;
	return tree;
}

/* Adds the location in a row of a query's result: id, parent_id, name */
static LocationEntry *
add_location(LocationTree *tree, uint64 row)
{
	pg_uuid_t  *parent = query_uuid(row, 2);
	bool		found;
	LocationEntry *entry = hash_search(tree->locations, query_uuid(row, 1), HASH_ENTER, &found);

	entry->has_parent = parent != NULL;
	if (parent != NULL)
		entry->parent = *parent;
	entry->name = MemoryContextStrdup(tree->context, query_text(row, 3));
	return entry;
}

void
location_tree_read_all(LocationTree *tree)
{
	static CheckQuery query = QUERY("SELECT id, parent_id, name FROM powerpanel.location");
	uint64		n;

	query_begin();
	n = query_run(&query, inventory_relid("location"), NULL);
	for (uint64 i = 0; i < n; i++)
	{
		CHECK_FOR_INTERRUPTS();
		(void) add_location(tree, i);
	}
	query_end();
}

/* A location, read if it is not known yet; NULL where it does not exist. */
static LocationEntry *
fetch(LocationTree *tree, const pg_uuid_t *id)
{
	static CheckQuery query = QUERY("SELECT id, parent_id, name FROM powerpanel.location"
							   " WHERE id OPERATOR(pg_catalog.=) $1", UUIDOID);
	LocationEntry *entry = hash_search(tree->locations, id, HASH_FIND, NULL);
	Datum		arg = UUIDPGetDatum(id);

	if (entry != NULL)
		return entry;
	query_begin();
	if (query_run(&query, inventory_relid("location"), &arg) > 0)
		entry = add_location(tree, 0);
	query_end();
	return entry;
}

/* Is outer the same as inner, or an ancestor of it? */
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
bool
location_share_root(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other)
{
	pg_uuid_t	root = location_root(tree, one);

	return location_contains(tree, &root, other);
}

/* "DC1 > Hall 2", from the top, for a message */
char *
location_path(LocationTree *tree, const pg_uuid_t *location)
{
	LocationEntry *entry = fetch(tree, location);
	long		steps = 0;
	char	   *path = entry != NULL ? entry->name : "?";

	while (entry != NULL && entry->has_parent &&
		   steps++ <= hash_get_num_entries(tree->locations))
	{
		entry = fetch(tree, &entry->parent);
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
		uint64		n = query_run(&query, relid, &frontier);

		CHECK_FOR_INTERRUPTS();
		for (uint64 i = 0; i < n; i++)
		{
			CHECK_FOR_INTERRUPTS();
			(void) graph_node(graph, query_uuid(i, 1), &found);
		}
		first = end;
	}
	query_end();
	return graph_nodes_array(graph, 0, graph->n_nodes);
}
