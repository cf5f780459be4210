/*-------------------------------------------------------------------------
 *
 * location_tree.h
 *	  Which location contains which.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_LOCATION_TREE_H
#define POWERPANEL_LOCATION_TREE_H

#include "compat.h"

#include "utils/uuid.h"

typedef struct LocationTree LocationTree;

extern LocationTree *location_tree_create(bool locks);
extern void location_tree_read_all(LocationTree *tree);
extern bool location_contains(LocationTree *tree, const pg_uuid_t *outer, const pg_uuid_t *inner);
extern bool location_share_root(LocationTree *tree, const pg_uuid_t *one, const pg_uuid_t *other);
extern bool location_known_to_share_root(const pg_uuid_t *one, const pg_uuid_t *other);
extern char *location_path(LocationTree *tree, const pg_uuid_t *location);
extern Datum location_subtree(const pg_uuid_t *location);

#endif							/* POWERPANEL_LOCATION_TREE_H */
