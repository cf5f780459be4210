/*-------------------------------------------------------------------------
 *
 * id_map.c
 *	  From a uuid to the index of what it names in some array: PostgreSQL's
 *	  simplehash, which is compiled for its key type.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "id_map.h"

typedef struct IdEntry
{
	pg_uuid_t	id;
	int			index;
	char		status;			/* simplehash's */
} IdEntry;

/*
 * Each multiplication spreads bits upwards and each shift brings them down
 * again, so that ids which differ in one byte, whichever it is, are well apart.
 */
static inline uint32
id_hash(const pg_uuid_t *id)
{
	uint64		half[2];
	uint64		hash;

	memcpy(half, id->data, sizeof(half));
	hash = (half[0] ^ (half[0] >> 32)) * UINT64CONST(0x9E3779B97F4A7C15);
	hash ^= half[1];
	hash = (hash ^ (hash >> 32)) * UINT64CONST(0xFF51AFD7ED558CCD);
	return (uint32) (hash ^ (hash >> 32));
}

#define SH_PREFIX		id_table
#define SH_ELEMENT_TYPE	IdEntry
#define SH_KEY_TYPE		pg_uuid_t
#define SH_KEY			id
#define SH_HASH_KEY(tb, key)	id_hash(&(key))
#define SH_EQUAL(tb, a, b)		(memcmp(a.data, b.data, UUID_LEN) == 0)
#define SH_SCOPE		static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

/* Things of one owner tend to come together, so the last answer is kept. */
struct IdMap
{
	id_table_hash *table;
	pg_uuid_t	last;
	int			last_index;		/* -1 where there is none */
};

/* An empty map in the current memory context. */
IdMap *
id_map_create(uint32 expected)
{
	IdMap	   *map = palloc(sizeof(IdMap));

	map->table = id_table_create(CurrentMemoryContext, expected, NULL);
	map->last_index = -1;
	return map;
}

/* The index of an id, or -1. */
int
id_map_find(IdMap *map, const pg_uuid_t *id)
{
	IdEntry    *entry;

	if (map->last_index >= 0 && memcmp(id, &map->last, UUID_LEN) == 0)
		return map->last_index;
	entry = id_table_lookup(map->table, *id);
	if (entry == NULL)
		return -1;
	map->last = *id;
	map->last_index = entry->index;
	return entry->index;
}

/*
 * Has the processor fetch the place of an id, which is soon to be looked for or
 * added: in a large map that is what takes the time, and meanwhile it looks for
 * others.
 */
void
id_map_prefetch(const IdMap *map, const pg_uuid_t *id)
{
#if defined(__GNUC__)
	__builtin_prefetch(&map->table->data[id_hash(id) & map->table->sizemask]);
#endif
}

/* Room for so many more, so that the map need not grow step by step. */
static void
reserve(IdMap *map, int more)
{
	uint64		size = ((uint64) map->table->members + Max(more, 0)) * 3 / 2;

	if (size > map->table->size)
		id_table_grow(map->table, pg_nextpower2_64(size));
}

/*
 * Adds the elements of an array, from one on, each under its number.  The first
 * field of an element is its id.
 */
void
id_map_add_all(IdMap *map, const void *array, Size stride, int from, int n)
{
#define ELEMENT(i)	((const pg_uuid_t *) ((const char *) array + (Size) (i) * stride))
	bool		found;

	reserve(map, n - from);
	for (int i = from; i < n; i++)
	{
		if (i + ID_MAP_AHEAD < n)
			id_map_prefetch(map, ELEMENT(i + ID_MAP_AHEAD));
		(void) id_map_add(map, ELEMENT(i), i, &found);
	}
#undef ELEMENT
}

/* The index of an id, which becomes the given one where there was none. */
int
id_map_add(IdMap *map, const pg_uuid_t *id, int index, bool *found)
{
	IdEntry    *entry = id_table_insert(map->table, *id, found);

	if (!*found)
		entry->index = index;
	return entry->index;
}
