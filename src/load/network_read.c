/*-------------------------------------------------------------------------
 *
 * network_read.c
 *	  Reading the network: all of it, what is connected to something, or what
 *	  lies above a device.
 *
 * The connected part is read in rounds: the feeds of new panels tell of further
 * panels and devices, the ports and outlets of new devices likewise, until
 * nothing is new.  Each row is read once, and no path is followed twice.  A cable
 * is looked up at its source; at its port, only where the source was not met.
 * Each lookup names many keys at once, and no query joins: PostgreSQL sorts the
 * keys and so goes through an index from one end to the other, which takes a
 * quarter of the time of as many lookups here and there.
 *
 * A lookup takes several times as long as the same row in a scan of its table.  So
 * where the panels that are met say that much of the network is connected, what
 * has been read is thrown away, all is read, and the part is cut out of it
 * (network_part.c).  That is found out before any device is read.
 *
 * What lies above is read in rounds, too, each cable looked up at its port.
 *
 * It is read with the rights of the one who asks, on the snapshot of the
 * statement, so a change can be tried in a transaction and rolled back.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "optimizer/plancat.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "enum_label.h"
#include "network.h"
#include "query.h"

/*
 * Reading by index and then all costs more than either, so that is for where it
 * pays well.  Measured (docs/performance.md): a row by index takes as long as
 * this many rows of a scan.
 */
#define INDEX_COST			6.0

/* Rows of devices, ports and outlets that are looked up with a cable. */
#define CABLE_ROWS			3.0

/* A growing list of ids, each once. */
typedef struct IdList
{
	pg_uuid_t  *ids;
	int			n;
	int			max;
	int			done;			/* those before have been read */
	IdMap	   *seen;
} IdList;

/* What feeds may be said to be; few, and so kept rather than joined. */
typedef struct FeedStatus
{
	char	   *name;			/* not terminated */
	int			length;
	bool		energized;
} FeedStatus;

/* A cable that was met at its source, before the port that it leads to. */
typedef struct CableEnd
{
	pg_uuid_t	port;
	pg_uuid_t	source_id;
	char		source;			/* see NetPort */
} CableEnd;

/* The values of an enum that were met, and what each stands for. */
typedef struct EnumCodes
{
	Oid			values[16];
	int			codes[16];
	int			n;
} EnumCodes;

/* About how many rows the tables have; 0 until it is asked for. */
typedef struct Estimates
{
	double		panels;
	double		feeds;
	double		cables;
	double		others;			/* devices, ports, banks and outlets */
} Estimates;

typedef enum NetworkPart
{
	PART_ALL,
	PART_CONNECTED,				/* everything that cables and feeds lead to */
	PART_ABOVE					/* what may bring power, and the devices that it
								 * comes through, whole */
} NetworkPart;

typedef struct Reader
{
	Network    *network;
	NetworkPart part;
	IdList		panels;
	IdList		devices;
	Estimates	estimates;
	IdList		cabled_feeds;	/* feeds that cables come from; in PART_ABOVE */
	int			max_panels;
	int			max_feeds;
	int			max_devices;
	int			max_ports;
	int			max_outlets;
	int			max_banks;
	pg_uuid_t  *owners;			/* devices of the ports, or outlets, just read */
	int			n_owners;
	int			max_owners;
	int			indexed_devices;	/* those before are in the device index */
	CableEnd   *cables;			/* that are still to be told to their ports */
	int			n_cables;
	int			max_cables;
	IdList		cabled_ports;	/* met at a cable: their devices are to be found */
	int			followed_feeds; /* those before have had their cables followed */
	int			followed_outlets;
	int			settled_ports;	/* those before have been told of their cables */
	FeedStatus *statuses;
	int			n_statuses;
	int			max_statuses;
	int			last_status;	/* see status_column() */
	EnumCodes	numberings;
	EnumCodes	buses;
	EnumCodes	types;
	EnumCodes	paths;
	EnumCodes	legs;
	EnumCodes	feed_types;
	EnumCodes	phases;
	EnumCodes	supplies;
	IdMap	   *feeds_seen;		/* unless all are read: one may be met twice */
	char		power_factor_bytes[16]; /* see power_factor_column() */
	Size		power_factor_size;
	double		power_factor;
} Reader;

/* One query for all, one for the rows of some panels or devices. */
typedef struct NetworkQuery
{
	CheckQuery	all;
	CheckQuery	some;
	RowReader	read;
	void		(*settle) (Reader *reader); /* when they have been read */
} NetworkQuery;

static void read_panel(void *arg, TupleTableSlot *row);
static void read_feed(void *arg, TupleTableSlot *row);
static void read_source(void *arg, TupleTableSlot *row);
static void read_device(void *arg, TupleTableSlot *row);
static void read_port(void *arg, TupleTableSlot *row);
static void read_bank(void *arg, TupleTableSlot *row);
static void read_outlet(void *arg, TupleTableSlot *row);
static void read_cable(void *arg, TupleTableSlot *row);
static void settle_devices(Reader *reader);
static void settle_ports(Reader *reader);
static void settle_outlets(Reader *reader);
static void tell_ports(Reader *reader);

#define EQ " OPERATOR(pg_catalog.=) "

#define PANEL_SELECT \
	"SELECT p.id, p.name, p.numbering, p.bus, p.circuit_positions," \
	" p.voltage, p.main_breaker_amperage, p.power_path, p.panel_type, p.max_utilization" \
	" FROM powerpanel.power_panel p"
#define FEED_COLUMNS_SQL \
	"SELECT f.id, f.name, f.power_panel_id, f.destination_panel_id, f.status," \
	" f.type, f.phase, f.available_power, f.amperage," \
	" f.breaker_position, f.breaker_pole_count, f.power_path, f.rack_id," \
	" f.supply, f.voltage, f.connected_load"
#define DEVICE_SELECT \
	"SELECT d.id, d.name, d.needed_ports, d.rack_id FROM powerpanel.device d"
#define PORT_SELECT \
	"SELECT p.id, p.device_id, p.allocated_draw, p.maximum_draw, p.power_factor, p.name FROM powerpanel.power_port p"
#define CABLE_COLUMNS_SQL \
	"SELECT c.power_port_id, c.power_feed_id, c.power_outlet_id"
#define BANK_SELECT \
	"SELECT b.id, b.device_id, b.power_port_id, b.amperage, b.max_utilization, b.feed_leg, b.name" \
	" FROM powerpanel.power_bank b"
#define OUTLET_COLUMNS_SQL \
	"SELECT o.id, o.device_id, o.power_port_id, o.alternate_power_port_id, o.power_bank_id, o.feed_leg, o.name"

static CheckQuery status_query = QUERY("SELECT s.name, s.energized FROM powerpanel.feed_status s");

static NetworkQuery panel_query = {
	QUERY(PANEL_SELECT),
	QUERY(PANEL_SELECT " WHERE p.id" EQ "ANY ($1)", UUIDARRAYOID),
	read_panel,
	NULL
};

static NetworkQuery feed_query = {
	QUERY(FEED_COLUMNS_SQL " FROM powerpanel.power_feed f"),
	QUERY(FEED_COLUMNS_SQL " FROM powerpanel.power_feed f WHERE f.power_panel_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_feed,
	NULL
};

/* the panels that feed others */
static NetworkQuery source_query = {
	QUERY(""),
	QUERY("SELECT f.power_panel_id FROM powerpanel.power_feed f"
		  " WHERE f.destination_panel_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_source,
	NULL
};

/* the feeds that enter panels, and some feeds: what lies above leaves out the others */
static CheckQuery entering_query =
	QUERY(FEED_COLUMNS_SQL " FROM powerpanel.power_feed f WHERE f.destination_panel_id" EQ "ANY ($1)", UUIDARRAYOID);
static CheckQuery cabled_feed_query =
	QUERY(FEED_COLUMNS_SQL " FROM powerpanel.power_feed f WHERE f.id" EQ "ANY ($1)", UUIDARRAYOID);

static NetworkQuery device_query = {
	QUERY(DEVICE_SELECT),
	QUERY(DEVICE_SELECT " WHERE d.id" EQ "ANY ($1)", UUIDARRAYOID),
	read_device,
	settle_devices
};

static NetworkQuery port_query = {
	QUERY(PORT_SELECT),
	QUERY(PORT_SELECT " WHERE p.device_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_port,
	settle_ports
};

static NetworkQuery bank_query = {
	QUERY(BANK_SELECT),
	QUERY(BANK_SELECT " WHERE b.device_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_bank,
	NULL
};

static NetworkQuery outlet_query = {
	QUERY(OUTLET_COLUMNS_SQL " FROM powerpanel.power_outlet o"),
	QUERY(OUTLET_COLUMNS_SQL " FROM powerpanel.power_outlet o WHERE o.device_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_outlet,
	settle_outlets
};

/* the cables of feeds, and of outlets */
static CheckQuery feed_cable_query =
	QUERY(CABLE_COLUMNS_SQL " FROM powerpanel.cable c WHERE c.power_feed_id" EQ "ANY ($1)", UUIDARRAYOID);
static CheckQuery outlet_cable_query =
	QUERY(CABLE_COLUMNS_SQL " FROM powerpanel.cable c WHERE c.power_outlet_id" EQ "ANY ($1)", UUIDARRAYOID);

/* the devices of ports */
static CheckQuery port_device_query =
	QUERY("SELECT p.device_id FROM powerpanel.power_port p WHERE p.id" EQ "ANY ($1)", UUIDARRAYOID);

/* of ports; the last columns: the panel and the device that a cable comes from */
static NetworkQuery cable_query = {
	QUERY(CABLE_COLUMNS_SQL " FROM powerpanel.cable c"),
	QUERY(CABLE_COLUMNS_SQL ", f.power_panel_id, o.device_id FROM powerpanel.cable c"
		  " LEFT JOIN powerpanel.power_feed f ON f.id" EQ "c.power_feed_id"
		  " LEFT JOIN powerpanel.power_outlet o ON o.id" EQ "c.power_outlet_id"
		  " WHERE c.power_port_id" EQ "ANY ($1)", UUIDARRAYOID),
	read_cable,
	tell_ports
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
column(TupleTableSlot *row, int number, bool *isnull)
{
	*isnull = row->tts_isnull[number - 1];
	return row->tts_values[number - 1];
}

static pg_uuid_t *
uuid_column(TupleTableSlot *row, int number)
{
	bool		isnull;
	Datum		value = column(row, number, &isnull);

	return isnull ? NULL : DatumGetUUIDP(value);
}

/* An integer column, or what stands for NULL. */
static int64
int_column(TupleTableSlot *row, int number, int64 null)
{
	bool		isnull;
	Datum		value = column(row, number, &isnull);

	return isnull ? null : DatumGetInt32(value);
}

/*
 * What an enum stands for: the number of its label in a list, from 1; 0 where it
 * is NULL or not in the list.  There are few values, and so each is looked up once.
 */
static int
enum_column(EnumCodes *known, TupleTableSlot *row, int number, const char *const *labels)
{
	bool		isnull;
	Oid			value = DatumGetObjectId(column(row, number, &isnull));
	const char *label;
	int			code = 0;

	if (isnull)
		return 0;
	for (int i = 0; i < known->n; i++)
		if (known->values[i] == value)
			return known->codes[i];
	label = enum_label(value);
	for (int i = 0; labels[i] != NULL && code == 0; i++)
		if (strcmp(labels[i], label) == 0)
			code = i + 1;
	if (known->n < (int) lengthof(known->values))
	{
		known->values[known->n] = value;
		known->codes[known->n++] = code;
	}
	return code;
}

/* A power path, 'a' to 'd'; 0 where it is NULL. */
static char
path_column(Reader *reader, TupleTableSlot *row, int number)
{
	static const char *const labels[] = {"a", "b", "c", "d", NULL};
	int			code = enum_column(&reader->paths, row, number, labels);

	return code == 0 ? 0 : (char) ('a' + code - 1);
}

/* The numbers of the labels are those of the C enums. */
static PanelNumbering
numbering_column(Reader *reader, TupleTableSlot *row, int number)
{
	return (PanelNumbering) (enum_column(&reader->numberings, row, number, numbering_labels) - 1);
}

static PanelBus
bus_column(Reader *reader, TupleTableSlot *row, int number)
{
	return (PanelBus) (enum_column(&reader->buses, row, number, bus_labels) - 1);
}

static NetPanelType
type_column(Reader *reader, TupleTableSlot *row, int number)
{
	static const char *const labels[] = {"utility", "generator", "ups", "transfer-switch", NULL};
	static const NetPanelType types[] = {PANEL_OTHER, PANEL_SOURCE, PANEL_SOURCE, PANEL_UPS, PANEL_TRANSFER_SWITCH};

	return types[enum_column(&reader->types, row, number, labels)];
}

static Leg
leg_column(Reader *reader, TupleTableSlot *row, int number)
{
	static const char *const labels[] = {"A", "B", "C", "A-B", "B-C", "A-C", NULL};

	return (Leg) enum_column(&reader->legs, row, number, labels);
}

/* Is a feed of the status in this column live?  Most have that of the last one. */
static bool
status_column(Reader *reader, TupleTableSlot *row, int number)
{
	bool		isnull;
	struct varlena *value = PG_DETOAST_DATUM_PACKED(column(row, number, &isnull));
	const char *name = VARDATA_ANY(value);
	int			length = (int) VARSIZE_ANY_EXHDR(value);

	for (int i = 0, at = reader->last_status; i < reader->n_statuses; i++, at++)
	{
		const FeedStatus *status = &reader->statuses[at %= reader->n_statuses];

		if (status->length == length && memcmp(status->name, name, length) == 0)
		{
			reader->last_status = at;
			return status->energized;
		}
	}
	return false;
}

/*
 * A power factor.  There are few different ones, and it is slow to make a
 * double of a numeric, so the last one is kept.
 */
static double
power_factor_column(Reader *reader, TupleTableSlot *row, int number)
{
	bool		isnull;
	Datum		value = column(row, number, &isnull);
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
name_column(Reader *reader, TupleTableSlot *row, int number, int which)
{
	bool		isnull;
	Datum		value;
	struct varlena *packed;
	struct varlena *name;
	Size		length;

	if ((reader->network->names & which) == 0)
		return NULL;
	value = column(row, number, &isnull);
	packed = PG_DETOAST_DATUM_PACKED(value);
	length = VARSIZE_ANY_EXHDR(packed);
	name = palloc(VARHDRSZ + length + 1);
	SET_VARSIZE(name, VARHDRSZ + length);
	memcpy(VARDATA(name), VARDATA_ANY(packed), length);
	VARDATA(name)[length] = '\0';
	return VARDATA(name);
}

static void
read_status(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	struct varlena *name = PG_DETOAST_DATUM_PACKED(row->tts_values[0]);
	FeedStatus *status;

	GROW(reader->statuses, reader->n_statuses, reader->max_statuses);
	status = &reader->statuses[reader->n_statuses++];
	status->length = (int) VARSIZE_ANY_EXHDR(name);
	status->name = memcpy(palloc(status->length), VARDATA_ANY(name), status->length);
	status->energized = DatumGetBool(row->tts_values[1]);
}

static void
read_panel(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetPanel   *panel;
	bool		found;

	GROW(network->panels, network->n_panels, reader->max_panels);
	panel = &network->panels[network->n_panels];
	panel->id = *uuid_column(row, 1);
	panel->name = name_column(reader, row, 2, NAMES_OF_FEEDS);
	panel->numbering = numbering_column(reader, row, 3);
	panel->bus = bus_column(reader, row, 4);
	panel->circuit_positions = (int) int_column(row, 5, 0);
	panel->voltage = fabs((double) int_column(row, 6, 0));
	panel->main_amperage = (int) int_column(row, 7, 0);
	panel->path = path_column(reader, row, 8);
	panel->type = type_column(reader, row, 9);
	panel->max_utilization = (int) int_column(row, 10, 100);
	panel->main_va = -1;
	if (panel->voltage > 0 && panel->main_amperage > 0)
		panel->main_va = panel->voltage * panel->main_amperage * (panel->max_utilization / 100.0) *
			(panel->bus == BUS_THREE_PHASE ? ROOT3 : 1.0);
	(void) id_map_add(network->panel_index, &panel->id, network->n_panels++, &found);
}

static void
read_feed(void *arg, TupleTableSlot *row)
{
	static const char *const primary[] = {"primary", NULL};
	static const char *const three_phase[] = {"three-phase", NULL};
	static const char *const dc[] = {"dc", NULL};
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetFeed    *feed;
	pg_uuid_t  *destination = uuid_column(row, 4);
	pg_uuid_t  *rack = uuid_column(row, 13);
	Datum		available;
	bool		isnull;

	GROW(network->feeds, network->n_feeds, reader->max_feeds);
	feed = &network->feeds[network->n_feeds];
	feed->id = *uuid_column(row, 1);
	feed->panel = id_map_find(network->panel_index, uuid_column(row, 3));
	if (feed->panel < 0)
		return;					/* a feed of no panel carries nothing */
	if (reader->part != PART_ALL)
	{
		bool		found;

		(void) id_map_add(reader->feeds_seen, &feed->id, network->n_feeds, &found);
		if (found)
			return;
	}
	feed->name = name_column(reader, row, 2, NAMES_OF_FEEDS);
	feed->has_destination = destination != NULL;
	if (destination != NULL)
		feed->destination_id = *destination;
	feed->live = status_column(reader, row, 5);
	feed->primary = enum_column(&reader->feed_types, row, 6, primary) > 0;
	feed->three_phase = enum_column(&reader->phases, row, 7, three_phase) > 0;
	available = column(row, 8, &isnull);
	feed->available = isnull ? -1 : (double) DatumGetInt64(available);
	feed->amperage = (int) int_column(row, 9, 0);
	feed->position = (int) int_column(row, 10, 0);
	feed->poles = (int) int_column(row, 11, feed->position > 0 ? 1 : 0);
	if (!breaker_is_valid(feed->position, feed->poles))
		feed->position = 0;
	feed->path = path_column(reader, row, 12);
	feed->has_rack = rack != NULL;
	if (rack != NULL)
		feed->rack = *rack;
	feed->dc = enum_column(&reader->supplies, row, 14, dc) > 0;
	feed->voltage = fabs((double) int_column(row, 15, 0));
	feed->connected_load = (double) int_column(row, 16, 0);
	network->n_feeds++;
	if (reader->part == PART_CONNECTED && destination != NULL)
		add_id(&reader->panels, destination);
}

static void
read_source(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;

	add_id(&reader->panels, uuid_column(row, 1));
}

static void
read_device(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetDevice  *device;
	pg_uuid_t  *rack = uuid_column(row, 4);

	GROW(network->devices, network->n_devices, reader->max_devices);
	device = &network->devices[network->n_devices];
	device->id = *uuid_column(row, 1);
	device->name = name_column(reader, row, 2, NAMES_OF_DEVICES);
	device->needed = (int) int_column(row, 3, 1);
	device->cords = 0;
	device->has_rack = rack != NULL;
	if (rack != NULL)
		device->rack = *rack;
	network->n_devices++;
}

/*
 * The device of a port or an outlet is looked up when all of them have been read
 * (find_owners): many at a time, that is far faster.
 */
static void
add_owner(Reader *reader, const pg_uuid_t *device)
{
	GROW(reader->owners, reader->n_owners, reader->max_owners);
	reader->owners[reader->n_owners++] = *device;
}

static void
read_port(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetPort    *port;
	int64		allocated = int_column(row, 3, 0);
	int64		maximum = int_column(row, 4, 0);

	GROW(network->ports, network->n_ports, reader->max_ports);
	port = &network->ports[network->n_ports++];
	add_owner(reader, uuid_column(row, 2));
	port->id = *uuid_column(row, 1);
	port->name = name_column(reader, row, 6, NAMES_OF_PORTS);
	port->power_factor = power_factor_column(reader, row, 5);
	port->has_allocated = allocated != 0;
	port->has_maximum = maximum != 0;
	port->own.allocated = (double) allocated;
	port->own.maximum = (double) (maximum != 0 ? maximum : allocated);
	port->source = 0;
}

static void
read_outlet(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetOutlet  *outlet;
	pg_uuid_t  *inlet = uuid_column(row, 3);
	pg_uuid_t  *alternate = uuid_column(row, 4);
	pg_uuid_t  *bank = uuid_column(row, 5);

	GROW(network->outlets, network->n_outlets, reader->max_outlets);
	outlet = &network->outlets[network->n_outlets++];
	add_owner(reader, uuid_column(row, 2));
	outlet->id = *uuid_column(row, 1);
	outlet->has_inlet = inlet != NULL;
	if (inlet != NULL)
		outlet->inlet_id = *inlet;
	outlet->has_alternate = alternate != NULL;
	if (alternate != NULL)
		outlet->alternate_id = *alternate;
	outlet->has_bank = bank != NULL;
	if (bank != NULL)
		outlet->bank_id = *bank;
	outlet->leg = leg_column(reader, row, 6);
	outlet->name = name_column(reader, row, 7, NAMES_OF_PORTS);
}

static void
read_bank(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetBank    *bank;

	GROW(network->banks, network->n_banks, reader->max_banks);
	bank = &network->banks[network->n_banks];
	bank->device = id_map_find(network->device_index, uuid_column(row, 2));
	if (bank->device < 0)
		return;
	bank->id = *uuid_column(row, 1);
	bank->inlet_id = *uuid_column(row, 3);
	bank->amperage = (int) int_column(row, 4, 0);
	bank->max_utilization = (int) int_column(row, 5, 0);
	bank->rating = bank->amperage * (bank->max_utilization / 100.0);
	bank->leg = leg_column(reader, row, 6);
	bank->name = name_column(reader, row, 7, NAMES_OF_PORTS);
	network->n_banks++;
}

/* Tells the ports that are there where their cables come from. */
static void
tell_ports(Reader *reader)
{
	Network    *network = reader->network;

	for (int i = 0; i < reader->n_cables; i++)
	{
		const CableEnd *cable = &reader->cables[i];
		int			port;

		if (i + ID_MAP_AHEAD < reader->n_cables)
			id_map_prefetch(network->port_index, &cable[ID_MAP_AHEAD].port);
		port = id_map_find(network->port_index, &cable->port);
		if (port < 0)
			continue;
		network->ports[port].source = cable->source;
		network->ports[port].source_id = cable->source_id;
	}
	reader->n_cables = 0;
}

/*
 * Finds the devices of members, ports or outlets, that have just been read, from one
 * on.  Those of a device that is not there, because it may not be seen, are left out.
 */
#define FIND_OWNERS(reader, array, from, count) \
	do { \
		IdMap	   *index = (reader)->network->device_index; \
		int			kept = (from); \
		for (int i = 0; i < (reader)->n_owners; i++) \
		{ \
			int			device; \
			if (i + ID_MAP_AHEAD < (reader)->n_owners) \
				id_map_prefetch(index, &(reader)->owners[i + ID_MAP_AHEAD]); \
			device = id_map_find(index, &(reader)->owners[i]); \
			if (device < 0) \
				continue; \
			if (kept != (from) + i) \
				(array)[kept] = (array)[(from) + i]; \
			(array)[kept++].device = device; \
		} \
		(count) = kept; \
		(reader)->n_owners = 0; \
	} while (0)

/* After a query of devices, of ports, of outlets: what they look up is put together. */
static void
settle_devices(Reader *reader)
{
	Network    *network = reader->network;

	id_map_add_all(network->device_index, network->devices, sizeof(NetDevice),
				   reader->indexed_devices, network->n_devices);
	reader->indexed_devices = network->n_devices;
}

static void
settle_ports(Reader *reader)
{
	Network    *network = reader->network;
	int			from = network->n_ports - reader->n_owners;

	FIND_OWNERS(reader, network->ports, from, network->n_ports);
	id_map_add_all(network->port_index, network->ports, sizeof(NetPort), from, network->n_ports);
}

static void
settle_outlets(Reader *reader)
{
	Network    *network = reader->network;
	int			from = network->n_outlets - reader->n_owners;

	FIND_OWNERS(reader, network->outlets, from, network->n_outlets);
}

/* A cable, which its port is to be told of (tell_ports). */
static void
add_cable(Reader *reader, TupleTableSlot *row)
{
	pg_uuid_t  *port = uuid_column(row, 1);
	pg_uuid_t  *feed = uuid_column(row, 2);

	GROW(reader->cables, reader->n_cables, reader->max_cables);
	reader->cables[reader->n_cables++] = feed != NULL ?
		(CableEnd) {*port, *feed, 'f'} : (CableEnd) {*port, *uuid_column(row, 3), 'o'};
}

static void
read_cable(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	pg_uuid_t  *feed = uuid_column(row, 2);
	pg_uuid_t  *panel;
	pg_uuid_t  *device;

	add_cable(reader, row);
	if (reader->part == PART_ALL)
		return;
	panel = uuid_column(row, 4);
	device = uuid_column(row, 5);
	if (reader->part == PART_ABOVE && feed != NULL)
		add_id(&reader->cabled_feeds, feed);
	if (panel != NULL)
		add_id(&reader->panels, panel);
	if (device != NULL)
		add_id(&reader->devices, device);
}

/* A cable that was looked up at its source: what device does it lead to? */
static void
read_followed_cable(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	const pg_uuid_t *port = uuid_column(row, 1);

	add_cable(reader, row);
	if (id_map_find(reader->network->port_index, port) < 0)
		add_id(&reader->cabled_ports, port);
}

static void
read_port_device(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;

	add_id(&reader->devices, uuid_column(row, 1));
}

static void
read_some(Reader *reader, NetworkQuery *query, Datum ids)
{
	query_each_for_user(&query->some, &ids, query->read, reader);
	if (query->settle != NULL)
		query->settle(reader);
}

/* Ids as uuid[]. */
static Datum
id_array(Datum *ids, int n)
{
	return PointerGetDatum(construct_array(ids, n, UUIDOID, UUID_LEN, false, TYPALIGN_CHAR));
}

/* The ids of a list that have not been read, as uuid[]; they count as read. */
static Datum
take_new(IdList *list)
{
	Datum	   *ids = huge_array(Datum, list->n - list->done);
	int			n = 0;

	while (list->done < list->n)
		ids[n++] = UUIDPGetDatum(&list->ids[list->done++]);
	return id_array(ids, n);
}

/* From new feeds or outlets along their cables: to ports, and to the devices of these. */
static void
follow_cables(Reader *reader, CheckQuery *query, Datum *sources, int n)
{
	Datum		ids;

	if (n == 0)
		return;
	ids = id_array(sources, n);
	query_each_for_user(query, &ids, read_followed_cable, reader);
	if (reader->cabled_ports.done == reader->cabled_ports.n)
		return;
	ids = take_new(&reader->cabled_ports);
	query_each_for_user(&port_device_query, &ids, read_port_device, reader);
}

static void
follow_feeds(Reader *reader)
{
	Network    *network = reader->network;
	Datum	   *feeds = huge_array(Datum, network->n_feeds - reader->followed_feeds);
	int			n = 0;

	for (int f = reader->followed_feeds; f < network->n_feeds; f++)
		feeds[n++] = UUIDPGetDatum(&network->feeds[f].id);
	reader->followed_feeds = network->n_feeds;
	follow_cables(reader, &feed_cable_query, feeds, n);
}

static void
follow_outlets(Reader *reader)
{
	Network    *network = reader->network;
	Datum	   *outlets = huge_array(Datum, network->n_outlets - reader->followed_outlets);
	int			n = 0;

	for (int o = reader->followed_outlets; o < network->n_outlets; o++)
		outlets[n++] = UUIDPGetDatum(&network->outlets[o].id);
	reader->followed_outlets = network->n_outlets;
	follow_cables(reader, &outlet_cable_query, outlets, n);
}

static void
read_new_panels(Reader *reader)
{
	Datum		panels = take_new(&reader->panels);

	read_some(reader, &panel_query, panels);
	read_some(reader, &feed_query, panels);
	read_some(reader, &source_query, panels);
}

static void
read_new_devices(Reader *reader)
{
	Datum		devices = take_new(&reader->devices);

	read_some(reader, &device_query, devices);
	read_some(reader, &port_query, devices);
	read_some(reader, &bank_query, devices);
	read_some(reader, &outlet_query, devices);
}

/*
 * Tells the ports where their cables come from, and asks for the cables of those
 * that nothing read so far leads to.  Was there any such port?
 */
static bool
read_other_sources(Reader *reader)
{
	Network    *network = reader->network;
	Datum	   *ports = huge_array(Datum, network->n_ports - reader->settled_ports);
	int			n = 0;

	tell_ports(reader);
	for (int q = reader->settled_ports; q < network->n_ports; q++)
		if (network->ports[q].source == 0)
			ports[n++] = UUIDPGetDatum(&network->ports[q].id);
	reader->settled_ports = network->n_ports;
	if (n > 0)
		read_some(reader, &cable_query, id_array(ports, n));
	return n > 0;
}

/* About how many rows a table has, as the planner would guess. */
static double
estimated_rows(const char *table)
{
	Relation	rel = table_open(inventory_relid(table), AccessShareLock);
	BlockNumber pages;
	double		rows;
	double		all_visible;

	estimate_rel_size(rel, NULL, &pages, &rows, &all_visible);
	table_close(rel, AccessShareLock);
	return Max(rows, 1);
}

/*
 * Would it take longer to look up what is connected than to read all?  It is as many
 * feeds as have been met, and as many as new panels may be expected to have, and of
 * the cables the same part as of the feeds.  Of what is not cabled, a scan of the
 * tables reads all.
 */
static bool
is_much(Reader *reader)
{
	Estimates  *e = &reader->estimates;
	double		feeds;
	double		part;

	if (e->panels == 0)
		*e = (Estimates) {
			.panels = estimated_rows("power_panel"),
			.feeds = estimated_rows("power_feed"),
			.cables = estimated_rows("cable"),
			.others = estimated_rows("device") + estimated_rows("power_port") +
				estimated_rows("power_bank") + estimated_rows("power_outlet")
		};
	feeds = reader->network->n_feeds + (reader->panels.n - reader->panels.done) * e->feeds / e->panels;
	part = Min(feeds / e->feeds, 1);
	return part * (e->feeds + CABLE_ROWS * e->cables) * INDEX_COST >
		e->panels + e->feeds + e->cables + e->others;
}

/*
 * Reads what is connected to some panels and devices; false where that is so much
 * that all had better be read.
 */
static bool
read_connected(Reader *reader, const NetworkSeed *seed)
{
	for (int i = 0; i < seed->n_panels; i++)
		add_id(&reader->panels, &seed->panels[i]);
	for (int i = 0; i < seed->n_devices; i++)
		add_id(&reader->devices, &seed->devices[i]);

	/* panels first, and devices before ports: most cables are met at their source */
	for (;;)
	{
		if (is_much(reader))
			return false;
		if (reader->panels.done < reader->panels.n)
		{
			read_new_panels(reader);
			continue;
		}
		follow_feeds(reader);
		if (reader->devices.done < reader->devices.n)
		{
			read_new_devices(reader);
			follow_outlets(reader);
		}
		else if (!read_other_sources(reader))
			return true;
	}
}

/*
 * Devices and the panels above first, round by round.  The feeds come last, when all
 * panels that they leave are there; those that lead elsewhere are not read.
 */
static void
read_above(Reader *reader, const NetworkSeed *seed)
{
	Datum		ids;

	for (int i = 0; i < seed->n_devices; i++)
		add_id(&reader->devices, &seed->devices[i]);
	while (reader->devices.done < reader->devices.n)
	{
		read_new_devices(reader);
		(void) read_other_sources(reader);
	}
	while (reader->panels.done < reader->panels.n)
	{
		ids = take_new(&reader->panels);
		read_some(reader, &panel_query, ids);
		read_some(reader, &source_query, ids);
	}
	reader->panels.done = 0;
	ids = take_new(&reader->panels);
	query_each_for_user(&entering_query, &ids, read_feed, reader);
	ids = take_new(&reader->cabled_feeds);
	query_each_for_user(&cabled_feed_query, &ids, read_feed, reader);
}

static void
read_all(Reader *reader, bool with_devices)
{
	NetworkQuery *queries[] = {
		&panel_query, &feed_query, &device_query, &port_query, &bank_query, &outlet_query, &cable_query
	};

	for (size_t i = 0; i < (with_devices ? lengthof(queries) : 2); i++)
	{
		query_each_for_user(&queries[i]->all, NULL, queries[i]->read, reader);
		if (queries[i]->settle != NULL)
			queries[i]->settle(reader);
	}
}

/* An empty network, in a context of its own below the current one. */
static Network *
network_create(int names)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "powerpanel network",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	Network    *network = palloc0(sizeof(Network));

	network->context = context;
	network->names = names;
	network->panel_index = id_map_create(64);
	network->device_index = id_map_create(64);
	network->port_index = id_map_create(64);
	MemoryContextSwitchTo(caller);
	return network;
}

/*
 * Reads rows; what seed names is where to begin, unless all are read.  NULL where
 * what is connected is too much to be looked up.
 */
static Network *
read_rows(NetworkPart part, const NetworkSeed *seed, int names, bool with_devices)
{
	Network    *network = network_create(names);
	Reader		reader = {.network = network, .part = part};
	MemoryContext caller = MemoryContextSwitchTo(network->context);
	bool		complete = true;

	reader.panels.seen = id_map_create(64);
	reader.devices.seen = id_map_create(64);
	reader.cabled_ports.seen = id_map_create(64);
	reader.cabled_feeds.seen = id_map_create(64);
	if (part != PART_ALL)
		network->feed_index = reader.feeds_seen = id_map_create(64);

	query_begin();
	MemoryContextSwitchTo(network->context);
	query_each_for_user(&status_query, NULL, read_status, &reader);
	if (part == PART_ALL)
		read_all(&reader, with_devices);
	else
	{
		int			level = query_by_index_begin();

		if (part == PART_CONNECTED)
			complete = read_connected(&reader, seed);
		else
			read_above(&reader, seed);
		query_by_index_end(level);
	}
	query_end();
	MemoryContextSwitchTo(caller);
	if (complete)
		return network;
	MemoryContextDelete(network->context);
	return NULL;
}

/* What is connected to something, whichever way of reading it is faster. */
static Network *
read_part(const NetworkSeed *seed, int names)
{
	Network    *network = read_rows(PART_CONNECTED, seed, names, true);

	if (network == NULL)
	{
		network = read_rows(PART_ALL, NULL, names, true);
		network_cut_out(network, seed);
	}
	return network;
}

/* From ids to links; raises 55000 where there is a loop. */
static Network *
link_or_fail(Network *network)
{
	if (!network_link(network))
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the power network has a loop"),
				 errdetail("It must have got in while triggers were off; no load can be told of it."),
				 errhint("SELECT * FROM powerpanel.check_integrity() names the feeds or cables that form it.")));
	return network;
}

/*
 * All of it, with names, but without links from one to the other: that is left
 * to network_link().  Where devices are not wanted, panels and feeds alone.
 */
Network *
network_read_unlinked(bool with_devices)
{
	return read_rows(PART_ALL, NULL, NAMES_ALL, with_devices);
}

/*
 * What is connected to some panels and devices, or all where seed is NULL, and
 * linked.  Raises 55000 where the network has a loop.
 */
Network *
network_read(const NetworkSeed *seed, int names)
{
	return link_or_fail(seed == NULL ? read_rows(PART_ALL, NULL, names, true) : read_part(seed, names));
}

/*
 * What may bring power to some devices, linked, up to the roots: enough to tell
 * what of it is energized, but no loads.  Raises 55000 where it has a loop.
 */
Network *
network_read_above(const NetworkSeed *seed, int names)
{
	return link_or_fail(read_rows(PART_ABOVE, seed, names, true));
}
