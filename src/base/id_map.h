/*-------------------------------------------------------------------------
 *
 * id_map.h
 *	  From a uuid to the index of what it names in some array.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ID_MAP_H
#define POWERPANEL_ID_MAP_H

#include "compat.h"

#include "utils/uuid.h"

typedef struct IdMap IdMap;

/* How many elements ahead of the one at hand it pays to prefetch. */
#define ID_MAP_AHEAD		12

extern IdMap *id_map_create(uint32 expected);
extern int	id_map_find(IdMap *map, const pg_uuid_t *id);
extern int	id_map_add(IdMap *map, const pg_uuid_t *id, int index, bool *found);
extern void id_map_prefetch(const IdMap *map, const pg_uuid_t *id);
extern void id_map_add_all(IdMap *map, const void *array, Size stride, int from, int n);

#endif							/* POWERPANEL_ID_MAP_H */
