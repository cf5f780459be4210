/*-------------------------------------------------------------------------
 *
 * diagram_places.c
 *	  The rooms of a diagram: the locations of what is drawn, and those that
 *	  they lie in.
 *
 * Names and places of racks are read here, too.  What the one who asks may not
 * see is in no room, or has no name.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/array.h"

#include "diagram.h"
#include "dot_text.h"
#include "query.h"

/* Which places are in use, while they are not read yet. */
typedef struct PlaceFinder
{
	Diagram    *diagram;
	IdMap	   *index;
	MemoryContext context;		/* where what is read is kept */
	Datum	   *ids;
	int			n;
	int			max;
} PlaceFinder;

static int
find_place(PlaceFinder *finder, const pg_uuid_t *id)
{
	bool		found;
	int			place = id_map_add(finder->index, id, finder->n, &found);

	if (found)
		return place;
	if (finder->n == finder->max)
	{
		finder->max *= 2;
		finder->ids = repalloc_huge(finder->ids, sizeof(Datum) * (Size) finder->max);
	}
	finder->ids[finder->n] = PointerGetDatum(memcpy(MemoryContextAlloc(finder->context, UUID_LEN), id, UUID_LEN));
	return finder->n++;
}

static Datum
id_array(Datum *ids, int n)
{
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* Where the panels stand; the places have no names yet. */
static void
read_panel_places(PlaceFinder *finder)
{
	static CheckQuery query = QUERY("SELECT p.id, p.location_id FROM powerpanel.power_panel p"
									" WHERE p.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);
	Diagram    *diagram = finder->diagram;
	Network    *network = diagram->network;
	Datum	   *ids = huge_array(Datum, network->n_panels);
	int			n = 0;
	QueryRows	rows;
	Datum		arg;

	for (int p = 0; p < network->n_panels; p++)
		if (diagram->panel_drawn[p])
			ids[n++] = UUIDPGetDatum(&network->panels[p].id);
	arg = id_array(ids, n);
	rows = query_run_for_user(&query, &arg);
	for (uint64 i = 0; i < rows.n; i++)
		diagram->panel_place[id_map_find(network->panel_index, query_uuid(query_row(rows, i), 1))] =
			find_place(finder, query_uuid(query_row(rows, i), 2));
}

/* Names of racks, and where they stand; of a PDU in no rack nobody knows. */
static void
read_rack_places(PlaceFinder *finder)
{
	static CheckQuery query = QUERY("SELECT r.id, r.name, r.location_id FROM powerpanel.rack r"
									" WHERE r.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID);
	Diagram    *diagram = finder->diagram;
	IdMap	   *index = id_map_create(64);
	Datum	   *ids = huge_array(Datum, diagram->n_racks);
	int			n = 0;
	QueryRows	rows;
	Datum		arg;
	bool		found;

	for (int r = 0; r < diagram->n_racks; r++)
	{
		if (!diagram->racks[r].is_rack)
			continue;
		ids[n++] = UUIDPGetDatum(&diagram->racks[r].id);
		(void) id_map_add(index, &diagram->racks[r].id, r, &found);
	}
	arg = id_array(ids, n);
	rows = query_run_for_user(&query, &arg);
	for (uint64 i = 0; i < rows.n; i++)
	{
		DiagramRack *rack = &diagram->racks[id_map_find(index, query_uuid(query_row(rows, i), 1))];

		rack->name = MemoryContextStrdup(finder->context, query_text(query_row(rows, i), 2));
		rack->place = find_place(finder, query_uuid(query_row(rows, i), 3));
	}
}

/* The places that were found, and those that they lie in. */
static void
read_locations(PlaceFinder *finder)
{
	static CheckQuery query = QUERY("WITH RECURSIVE up AS ("
									" SELECT l.id, l.name, l.parent_id FROM powerpanel.location l"
									" WHERE l.id OPERATOR(pg_catalog.=) ANY ($1)"
									" UNION"
									" SELECT l.id, l.name, l.parent_id FROM up"
									" JOIN powerpanel.location l ON l.id OPERATOR(pg_catalog.=) up.parent_id)"
									" SELECT id, name, parent_id FROM up", UUIDARRAYOID);
	Datum		arg = id_array(finder->ids, finder->n);
	QueryRows	rows = query_run_for_user(&query, &arg);
	Place	   *places;

	for (uint64 i = 0; i < rows.n; i++)
		(void) find_place(finder, query_uuid(query_row(rows, i), 1));
	places = MemoryContextAllocExtended(finder->context, sizeof(Place) * (Size) Max(finder->n, 1),
										MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < finder->n; i++)
		places[i] = (Place) {.id = *DatumGetUUIDP(finder->ids[i]), .parent = -1};
	for (uint64 i = 0; i < rows.n; i++)
	{
		Place	   *place = &places[find_place(finder, query_uuid(query_row(rows, i), 1))];
		pg_uuid_t  *parent = query_uuid(query_row(rows, i), 3);

		place->name = MemoryContextStrdup(finder->context, query_text(query_row(rows, i), 2));
		place->parent = parent == NULL ? -1 : id_map_find(finder->index, parent);
	}
	finder->diagram->places = places;
	finder->diagram->n_places = finder->n;
}

/* A place that lies in itself, where that got in, is the outermost one. */
static void
break_loops(Diagram *diagram)
{
	for (int i = 0; i < diagram->n_places; i++)
	{
		int			steps = 0;

		CHECK_FOR_INTERRUPTS();
		for (int up = i; up >= 0 && steps <= diagram->n_places; steps++)
			up = diagram->places[up].parent;
		if (steps > diagram->n_places)
			diagram->places[i].parent = -1;
	}
}

/* Reads where all that is drawn stands. */
void
diagram_read_places(Diagram *diagram)
{
	PlaceFinder finder = {
		.diagram = diagram,
		.index = id_map_create(64),
		.context = CurrentMemoryContext,
		.max = 64,
		.ids = huge_array(Datum, 64)
	};

	diagram->panel_place = huge_array(int, diagram->network->n_panels);
	for (int p = 0; p < diagram->network->n_panels; p++)
		diagram->panel_place[p] = -1;
	query_begin();
	read_panel_places(&finder);
	read_rack_places(&finder);
	read_locations(&finder);
	query_end();
	break_loops(diagram);
}

/* --- What is in which --- */

/* How many places a place lies in. */
static int
place_depth(const Diagram *diagram, int place)
{
	int			depth = 0;

	for (; diagram->places[place].parent >= 0; place = diagram->places[place].parent)
		depth++;
	return depth;
}

/* The innermost place that has both in it, or -1. */
int
diagram_common_place(const Diagram *diagram, int a, int b)
{
	int			deeper;

	if (a < 0 || b < 0 || a == b)
		return a == b ? a : -1;
	deeper = place_depth(diagram, a) - place_depth(diagram, b);
	for (; deeper > 0; deeper--)
		a = diagram->places[a].parent;
	for (; deeper < 0; deeper++)
		b = diagram->places[b].parent;
	while (a != b)
	{
		a = diagram->places[a].parent;
		b = diagram->places[b].parent;
	}
	return a;
}

/* By where they lie, then by name; what has no name may not be seen. */
static int
compare_places(const void *a, const void *b, void *arg)
{
	const Place *x = &((const Diagram *) arg)->places[*(const int *) a];
	const Place *y = &((const Diagram *) arg)->places[*(const int *) b];
	int			c = x->parent < y->parent ? -1 : x->parent > y->parent;

	if (c == 0)
		c = compare_names(x->name == NULL ? "" : x->name, y->name == NULL ? "" : y->name);
	return c != 0 ? c : memcmp(&x->id, &y->id, UUID_LEN);
}

static int
compare_box_places(const void *a, const void *b, void *arg)
{
	int			x = *(const int *) a;
	int			y = *(const int *) b;
	const Box  *boxes = ((const Diagram *) arg)->boxes;

	return boxes[x].place != boxes[y].place ? boxes[x].place - boxes[y].place : x - y;
}

/* Grows a slice, empty at first, of an array that is filled in order. */
static void
slice_add(Slice *slice, int at)
{
	if (slice->end == 0)
		slice->first = at;
	slice->end = at + 1;
}

/* Puts the boxes into their places, and the places into each other. */
void
diagram_fill_places(Diagram *diagram)
{
	diagram->boxes_by_place = huge_array(int, diagram->n_boxes);
	for (int i = 0; i < diagram->n_boxes; i++)
		diagram->boxes_by_place[i] = i;
	qsort_arg(diagram->boxes_by_place, diagram->n_boxes, sizeof(int), compare_box_places, diagram);
	for (int i = 0; i < diagram->n_boxes; i++)
	{
		int			place = diagram->boxes[diagram->boxes_by_place[i]].place;

		slice_add(place < 0 ? &diagram->unplaced : &diagram->places[place].own, i);
		for (; place >= 0; place = diagram->places[place].parent)
			diagram->places[place].boxes++;
	}

	diagram->places_by_name = huge_array(int, diagram->n_places);
	for (int i = 0; i < diagram->n_places; i++)
		diagram->places_by_name[i] = i;
	qsort_arg(diagram->places_by_name, diagram->n_places, sizeof(int), compare_places, diagram);
	for (int i = 0; i < diagram->n_places; i++)
	{
		int			parent = diagram->places[diagram->places_by_name[i]].parent;

		slice_add(parent < 0 ? &diagram->outermost : &diagram->places[parent].within, i);
	}
}
