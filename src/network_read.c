/*-------------------------------------------------------------------------
 *
 * network_read.c
 *	  Reading the network: all of it, or what is connected to something.
 *
 * The connected part is read in rounds: the feeds of new panels tell of further
 * panels and devices, the ports and outlets of new devices likewise, until
 * nothing is new.  Each row is read once, and no path is followed twice.
 *
 * It is read with the rights of the one who asks, on the snapshot of the
 * statement, so a change can be tried in a transaction and rolled back.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "network.h"
#include "query.h"

#define BATCH_ROWS		10000

/* A growing list of ids, each once. */
typedef struct IdList
{
	pg_uuid_t  *ids;
	int			n;
	int			max;
	int			done;			/* those before have been read */
	IdMap	   *seen;
} IdList;

typedef struct Reader
{
	Network    *network;
	bool		all;			/* read all; do not look for what is connected */
	IdList		panels;
	IdList		devices;
	int			max_panels;
	int			max_feeds;
	int			max_devices;
	int			max_ports;
	int			max_outlets;
	char		power_factor_bytes[16]; /* see power_factor_column() */
	Size		power_factor_size;
	double		power_factor;
} Reader;

typedef void (*RowReader) (Reader *reader, HeapTuple row, TupleDesc desc);

/* One query for all, one for the rows of some panels or devices. */
typedef struct NetworkQuery
{
	CheckQuery	all;
	CheckQuery	some;
	RowReader	row;
} NetworkQuery;

static void read_panel(Reader *reader, HeapTuple row, TupleDesc desc);
static void read_feed(Reader *reader, HeapTuple row, TupleDesc desc);
static void read_source(Reader *reader, HeapTuple row, TupleDesc desc);
static void read_device(Reader *reader, HeapTuple row, TupleDesc desc);
static void read_port(Reader *reader, HeapTuple row, TupleDesc desc);
static void read_outlet(Reader *reader, HeapTuple row, TupleDesc desc);

#define EQ " OPERATOR(pg_catalog.=) "

#define PANEL_SELECT \
	"SELECT p.id, p.name, p.numbering::pg_catalog.text, p.bus::pg_catalog.text, p.circuit_positions," \
	" p.voltage, p.main_breaker_amperage, p.power_path" EQ "'a' FROM powerpanel.power_panel p"
#define FEED_COLUMNS_SQL \
	"SELECT f.id, f.name, f.power_panel_id, f.destination_panel_id, COALESCE(s.energized, false)," \
	" f.type" EQ "'primary', f.phase" EQ "'three-phase', f.available_power, f.amperage," \
	" f.breaker_position, f.breaker_pole_count, f.power_path" EQ "'a', f.rack_id"
#define FEED_FROM \
	" FROM powerpanel.power_feed f LEFT JOIN powerpanel.feed_status s ON s.name" EQ "f.status"
#define PORT_COLUMNS_SQL \
	"SELECT p.id, p.device_id, p.allocated_draw, p.maximum_draw, p.power_factor," \
	" c.power_feed_id, c.power_outlet_id"
#define PORT_FROM \
	" FROM powerpanel.power_port p LEFT JOIN powerpanel.cable c ON c.power_port_id" EQ "p.id"
#define OUTLET_COLUMNS_SQL \
	"SELECT o.id, o.device_id, o.power_port_id, CASE WHEN o.feed_leg" EQ "'A' THEN 65" \
	" WHEN o.feed_leg" EQ "'B' THEN 66 WHEN o.feed_leg" EQ "'C' THEN 67 END"

static NetworkQuery panel_query = {
	QUERY(PANEL_SELECT),
	QUERY(PANEL_SELECT " WHERE p.id" EQ "ANY ($1)", UUIDARRAYOID),
	read_panel
};

/* the last column: the device that a cable leads to */
static NetworkQuery feed_query = {
	QUERY(FEED_COLUMNS_SQL ", NULL::pg_catalog.uuid" FEED_FROM),
	QUERY(FEED_COLUMNS_SQL ", p.device_id" FEED_FROM
		  " LEFT JOIN powerpanel.cable c ON c.power_feed_id" EQ "f.id"
		  " LEFT JOIN powerpanel.power_port p ON p.id" EQ "c.power_port_id"
		  " WHERE f.power_panel_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_feed
};

/* the panels that feed others */
static NetworkQuery source_query = {
	QUERY(""),
	QUERY("SELECT f.power_panel_id FROM powerpanel.power_feed f"
		  " WHERE f.destination_panel_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_source
};

static NetworkQuery device_query = {
	QUERY("SELECT d.id, d.name FROM powerpanel.device d"),
	QUERY("SELECT d.id, d.name FROM powerpanel.device d WHERE d.id" EQ "ANY ($1)", UUIDARRAYOID),
	read_device
};

/* the last columns: the panel and the device that a cable comes from */
static NetworkQuery port_query = {
	QUERY(PORT_COLUMNS_SQL ", NULL::pg_catalog.uuid, NULL::pg_catalog.uuid" PORT_FROM),
	QUERY(PORT_COLUMNS_SQL ", f.power_panel_id, o.device_id" PORT_FROM
		  " LEFT JOIN powerpanel.power_feed f ON f.id" EQ "c.power_feed_id"
		  " LEFT JOIN powerpanel.power_outlet o ON o.id" EQ "c.power_outlet_id"
		  " WHERE p.device_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_port
};

/* the last column: the device that a cable leads to */
static NetworkQuery outlet_query = {
	QUERY(OUTLET_COLUMNS_SQL ", NULL::pg_catalog.uuid FROM powerpanel.power_outlet o"),
	QUERY(OUTLET_COLUMNS_SQL ", p.device_id FROM powerpanel.power_outlet o"
		  " LEFT JOIN powerpanel.cable c ON c.power_outlet_id" EQ "o.id"
		  " LEFT JOIN powerpanel.power_port p ON p.id" EQ "c.power_port_id"
		  " WHERE o.device_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_outlet
};

/* Room for one more element in an array of the network. */
#define GROW(array, n, max) \
	do { \
		if ((n) == (max)) \
		{ \
			(max) = Max((max) * 2, 64); \
			(array) = (array) == NULL ? palloc(sizeof(*(array)) * (max)) : \
				repalloc_huge((array), sizeof(*(array)) * (Size) (max)); \
		} \
	} while (0)

static void
add_id(IdList *list, const pg_uuid_t *id)
{
	bool		found;

	(void) id_map_add(list->seen, id, list->n, &found);
	if (found)
		return;
	GROW(list->ids, list->n, list->max);
	list->ids[list->n++] = *id;
}

static Datum
column(HeapTuple row, TupleDesc desc, int number, bool *isnull)
{
	return SPI_getbinval(row, desc, number, isnull);
}

static pg_uuid_t *
uuid_column(HeapTuple row, TupleDesc desc, int number)
{
	bool		isnull;
	Datum		value = column(row, desc, number, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}

/* An integer column, or what stands for NULL. */
static int64
int_column(HeapTuple row, TupleDesc desc, int number, int64 null)
{
	bool		isnull;
	Datum		value = column(row, desc, number, &isnull);

	return isnull ? null : DatumGetInt32(value);
}

static bool
bool_column(HeapTuple row, TupleDesc desc, int number)
{
	bool		isnull;
	Datum		value = column(row, desc, number, &isnull);

	return !isnull && DatumGetBool(value);
}

/* A power path, of which the column says whether it is a; 0 where it is NULL. */
static char
path_column(HeapTuple row, TupleDesc desc, int number)
{
	bool		isnull;
	Datum		value = column(row, desc, number, &isnull);

	return isnull ? 0 : DatumGetBool(value) ? 'a' : 'b';
}

/*
 * A power factor.  There are few different ones, and it is slow to make a
 * double of a numeric, so the last one is kept.
 */
static double
power_factor_column(Reader *reader, HeapTuple row, TupleDesc desc, int number)
{
	bool		isnull;
	Datum		value = column(row, desc, number, &isnull);
	Size		size = VARSIZE_ANY(DatumGetPointer(value));

	if (size > sizeof(reader->power_factor_bytes))
		return DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
	if (size != reader->power_factor_size ||
		memcmp(reader->power_factor_bytes, DatumGetPointer(value), size) != 0)
	{
		memcpy(reader->power_factor_bytes, DatumGetPointer(value), size);
		reader->power_factor_size = size;
		reader->power_factor = DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));
	}
	return reader->power_factor;
}

static char *
name_column(Reader *reader, HeapTuple row, TupleDesc desc, int number)
{
	bool		isnull;
	Datum		value;

	if (!reader->network->with_names)
		return NULL;
	value = column(row, desc, number, &isnull);
	return TextDatumGetCString(value);
}

static void
read_panel(Reader *reader, HeapTuple row, TupleDesc desc)
{
	Network    *network = reader->network;
	NetPanel   *panel;
	bool		isnull;
	bool		found;
	int64		voltage = int_column(row, desc, 6, 0);
	int64		main_breaker = int_column(row, desc, 7, 0);

	GROW(network->panels, network->n_panels, reader->max_panels);
	panel = &network->panels[network->n_panels];
	panel->id = *uuid_column(row, desc, 1);
	panel->name = name_column(reader, row, desc, 2);
	panel->numbering = numbering_from_label(TextDatumGetCString(column(row, desc, 3, &isnull)));
	panel->bus = bus_from_label(TextDatumGetCString(column(row, desc, 4, &isnull)));
	panel->circuit_positions = (int) int_column(row, desc, 5, 0);
	panel->main_va = -1;
	if (voltage != 0 && main_breaker != 0)
		panel->main_va = fabs((double) voltage) * (double) main_breaker *
			(panel->bus == BUS_THREE_PHASE ? 1.732 : 1.0);
	panel->path = path_column(row, desc, 8);
	(void) id_map_add(network->panel_index, &panel->id, network->n_panels++, &found);
}

static void
read_feed(Reader *reader, HeapTuple row, TupleDesc desc)
{
	Network    *network = reader->network;
	NetFeed    *feed;
	pg_uuid_t  *destination = uuid_column(row, desc, 4);
	pg_uuid_t  *rack = uuid_column(row, desc, 13);
	pg_uuid_t  *device = uuid_column(row, desc, 14);
	Datum		available;
	bool		isnull;
	bool		found;

	GROW(network->feeds, network->n_feeds, reader->max_feeds);
	feed = &network->feeds[network->n_feeds];
	feed->id = *uuid_column(row, desc, 1);
	feed->name = name_column(reader, row, desc, 2);
	feed->panel = id_map_find(network->panel_index, uuid_column(row, desc, 3));
	if (feed->panel < 0)
		return;					/* a feed of no panel carries nothing */
	feed->has_destination = destination != NULL;
	if (destination != NULL)
		feed->destination_id = *destination;
	feed->live = bool_column(row, desc, 5);
	feed->primary = bool_column(row, desc, 6);
	feed->three_phase = bool_column(row, desc, 7);
	available = column(row, desc, 8, &isnull);
	feed->available = isnull ? -1 : (double) DatumGetInt64(available);
	feed->amperage = (int) int_column(row, desc, 9, 0);
	feed->position = (int) int_column(row, desc, 10, 0);
	feed->poles = (int) int_column(row, desc, 11, feed->position > 0 ? 1 : 0);
	if (!breaker_is_valid(feed->position, feed->poles))
		feed->position = 0;
	feed->path = path_column(row, desc, 12);
	feed->has_rack = rack != NULL;
	if (rack != NULL)
		feed->rack = *rack;
	(void) id_map_add(network->feed_index, &feed->id, network->n_feeds++, &found);

	if (!reader->all && destination != NULL)
		add_id(&reader->panels, destination);
	if (device != NULL)
		add_id(&reader->devices, device);
}

static void
read_source(Reader *reader, HeapTuple row, TupleDesc desc)
{
	add_id(&reader->panels, uuid_column(row, desc, 1));
}

static void
read_device(Reader *reader, HeapTuple row, TupleDesc desc)
{
	Network    *network = reader->network;
	NetDevice  *device;
	bool		found;

	GROW(network->devices, network->n_devices, reader->max_devices);
	device = &network->devices[network->n_devices];
	device->id = *uuid_column(row, desc, 1);
	device->name = name_column(reader, row, desc, 2);
	(void) id_map_add(network->device_index, &device->id, network->n_devices++, &found);
}

static void
read_port(Reader *reader, HeapTuple row, TupleDesc desc)
{
	Network    *network = reader->network;
	NetPort    *port;
	pg_uuid_t  *feed = uuid_column(row, desc, 6);
	pg_uuid_t  *outlet = uuid_column(row, desc, 7);
	pg_uuid_t  *panel = uuid_column(row, desc, 8);
	pg_uuid_t  *device = uuid_column(row, desc, 9);
	int64		allocated = int_column(row, desc, 3, 0);
	int64		maximum = int_column(row, desc, 4, allocated);
	double		power_factor;

	GROW(network->ports, network->n_ports, reader->max_ports);
	port = &network->ports[network->n_ports];
	port->device = id_map_find(network->device_index, uuid_column(row, desc, 2));
	if (port->device < 0)
		return;
	port->id = *uuid_column(row, desc, 1);
	power_factor = power_factor_column(reader, row, desc, 5);
	port->has_allocated = allocated != 0;
	port->own.allocated = (double) allocated / power_factor;
	port->own.maximum = (double) maximum / power_factor;
	port->source = feed != NULL ? 'f' : outlet != NULL ? 'o' : 0;
	if (port->source != 0)
		port->source_id = feed != NULL ? *feed : *outlet;
	network->n_ports++;

	if (panel != NULL)
		add_id(&reader->panels, panel);
	if (device != NULL)
		add_id(&reader->devices, device);
}

static void
read_outlet(Reader *reader, HeapTuple row, TupleDesc desc)
{
	Network    *network = reader->network;
	NetOutlet  *outlet;
	pg_uuid_t  *inlet = uuid_column(row, desc, 3);
	pg_uuid_t  *device = uuid_column(row, desc, 5);

	GROW(network->outlets, network->n_outlets, reader->max_outlets);
	outlet = &network->outlets[network->n_outlets];
	outlet->device = id_map_find(network->device_index, uuid_column(row, desc, 2));
	if (outlet->device < 0)
		return;
	outlet->id = *uuid_column(row, desc, 1);
	outlet->has_inlet = inlet != NULL;
	if (inlet != NULL)
		outlet->inlet_id = *inlet;
	outlet->leg = (char) int_column(row, desc, 4, 0);
	network->n_outlets++;

	if (device != NULL)
		add_id(&reader->devices, device);
}

/* Runs a query in batches, so that its rows are never all in memory. */
static void
read_rows(Reader *reader, CheckQuery *query, Datum *args, RowReader read_row)
{
	Portal		portal = query_open_for_user(query, args);

	for (;;)
	{
		MemoryContext caller;

		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		if (SPI_processed == 0)
			break;
		CHECK_FOR_INTERRUPTS();
		caller = MemoryContextSwitchTo(reader->network->context);
		for (uint64 i = 0; i < SPI_processed; i++)
			read_row(reader, SPI_tuptable->vals[i], SPI_tuptable->tupdesc);
		MemoryContextSwitchTo(caller);
		SPI_freetuptable(SPI_tuptable);
	}
	SPI_freetuptable(SPI_tuptable);
	SPI_cursor_close(portal);
}

static void
read_some(Reader *reader, NetworkQuery *query, Datum ids)
{
	read_rows(reader, &query->some, &ids, query->row);
}

/* The ids of a list that have not been read, as uuid[]; they count as read. */
static Datum
take_new(IdList *list)
{
	Datum	   *ids = palloc(sizeof(Datum) * (list->n - list->done));
	int			n = 0;

	while (list->done < list->n)
		ids[n++] = UUIDPGetDatum(&list->ids[list->done++]);
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/*
 * What is connected to something is to cost what that part of the network
 * costs, but the planner weighs one scan of a whole table against the looking
 * up of thousands of rows.  So it has no choice for these queries.
 */
static void
look_up_by_index(void)
{
	static const char *const settings[] = {"enable_seqscan", "enable_hashjoin", "enable_mergejoin"};

	for (size_t i = 0; i < lengthof(settings); i++)
		(void) set_config_option(settings[i], "off", PGC_USERSET, PGC_S_SESSION,
								 GUC_ACTION_SAVE, true, 0, false);
}

static void
read_connected(Reader *reader, const NetworkSeed *seed)
{
	for (int i = 0; i < seed->n_panels; i++)
		add_id(&reader->panels, &seed->panels[i]);
	for (int i = 0; i < seed->n_devices; i++)
		add_id(&reader->devices, &seed->devices[i]);

	while (reader->panels.done < reader->panels.n || reader->devices.done < reader->devices.n)
	{
		if (reader->panels.done < reader->panels.n)
		{
			Datum		panels = take_new(&reader->panels);

			read_some(reader, &panel_query, panels);
			read_some(reader, &feed_query, panels);
			read_some(reader, &source_query, panels);
		}
		if (reader->devices.done < reader->devices.n)
		{
			Datum		devices = take_new(&reader->devices);

			read_some(reader, &device_query, devices);
			read_some(reader, &port_query, devices);
			read_some(reader, &outlet_query, devices);
		}
	}
}

static void
read_all(Reader *reader)
{
	NetworkQuery *queries[] = {
		&panel_query, &feed_query, &device_query, &port_query, &outlet_query
	};

	for (size_t i = 0; i < lengthof(queries); i++)
		read_rows(reader, &queries[i]->all, NULL, queries[i]->row);
}

/*
 * Reads what is connected to some panels and devices, or all where seed is
 * NULL.  The network lies in a context of its own below the current one.
 * NULL where it has a loop.
 */
Network *
network_read_unless_looped(const NetworkSeed *seed, bool with_names)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel network",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Network    *network = palloc0(sizeof(Network));
	Reader		reader = {.network = network, .all = seed == NULL};

	network->context = context;
	network->with_names = with_names;
	network->panel_index = id_map_create(64);
	network->feed_index = id_map_create(64);
	network->device_index = id_map_create(64);
	reader.panels.seen = id_map_create(64);
	reader.devices.seen = id_map_create(64);

	query_begin();
	if (seed != NULL)
	{
		MemoryContext spi = MemoryContextSwitchTo(context);
		int			level = NewGUCNestLevel();

		look_up_by_index();
		read_connected(&reader, seed);
		AtEOXact_GUC(true, level);
		MemoryContextSwitchTo(spi);
	}
	else
		read_all(&reader);
	query_end();

	MemoryContextSwitchTo(context);
	if (!network_link(network))
		network = NULL;
	MemoryContextSwitchTo(caller);
	return network;
}

/* The same, but raises 55000 where the network has a loop. */
Network *
network_read(const NetworkSeed *seed, bool with_names)
{
	Network    *network = network_read_unless_looped(seed, with_names);

	if (network == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the power network has a loop"),
				 errdetail("It must have got in while triggers were off; no load can be told of it."),
				 errhint("SELECT * FROM powerpanel.check_integrity() names the feeds or cables that form it.")));
	return network;
}
