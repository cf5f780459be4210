/*-------------------------------------------------------------------------
 *
 * network_rows.c
 *	  What the rows of the inventory become while the network is read: from
 *	  columns to the network's structs, and the ids of what is to be read next.
 *
 * What is looked up by id, such as the device of a port, is so when all rows of a
 * query have been read: many at a time, that is far faster.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/memutils.h"

#include "enum_label.h"
#include "network_rows.h"

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

void
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
	reader->network->whole = false;
	return false;
}

/*
 * What an owner has let in who dropped the CHECK of the column counts as 1: a load that
 * is divided by it has to be a number.
 */
static double
power_factor(Datum value)
{
	double		factor = DatumGetFloat8(DirectFunctionCall1(numeric_float8, value));

	return factor > 0 && factor <= 1 ? factor : 1;
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
		return power_factor(value);
	if (size != reader->power_factor_size ||
		memcmp(reader->power_factor_bytes, DatumGetPointer(value), size) != 0)
	{
		memcpy(reader->power_factor_bytes, DatumGetPointer(value), size);
		reader->power_factor_size = size;
		reader->power_factor = power_factor(value);
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

void
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

void
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
	panel->circuit_positions = known_positions((int) int_column(row, 5, 0));
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

void
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
	{
		network->whole = false;
		return;					/* a feed of no panel carries nothing */
	}
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

void
read_source(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;

	add_id(&reader->panels, uuid_column(row, 1));
}

void
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

void
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

void
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

void
read_bank(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	Network    *network = reader->network;
	NetBank    *bank;

	GROW(network->banks, network->n_banks, reader->max_banks);
	bank = &network->banks[network->n_banks];
	bank->device = id_map_find(network->device_index, uuid_column(row, 2));
	if (bank->device < 0)
	{
		network->whole = false;
		return;
	}
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
void
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
		{
			network->whole = false;
			continue;
		}
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
			{ \
				(reader)->network->whole = false; \
				continue; \
			} \
			if (kept != (from) + i) \
				(array)[kept] = (array)[(from) + i]; \
			(array)[kept++].device = device; \
		} \
		(count) = kept; \
		(reader)->n_owners = 0; \
	} while (0)

/* After a query of devices, of ports, of outlets: what they look up is put together. */
void
settle_devices(Reader *reader)
{
	Network    *network = reader->network;

	id_map_add_all(network->device_index, network->devices, sizeof(NetDevice),
				   reader->indexed_devices, network->n_devices);
	reader->indexed_devices = network->n_devices;
}

void
settle_ports(Reader *reader)
{
	Network    *network = reader->network;
	int			from = network->n_ports - reader->n_owners;

	FIND_OWNERS(reader, network->ports, from, network->n_ports);
	id_map_add_all(network->port_index, network->ports, sizeof(NetPort), from, network->n_ports);
}

void
settle_outlets(Reader *reader)
{
	Network    *network = reader->network;
	int			from = network->n_outlets - reader->n_owners;

	FIND_OWNERS(reader, network->outlets, from, network->n_outlets);
}

/*
 * A cable, which its port is to be told of (tell_ports).  That it comes from one
 * thing a CHECK says, which the owner of the table may have dropped.
 */
static void
add_cable(Reader *reader, TupleTableSlot *row)
{
	pg_uuid_t  *port = uuid_column(row, 1);
	pg_uuid_t  *feed = uuid_column(row, 2);
	pg_uuid_t  *outlet = uuid_column(row, 3);

	if ((feed == NULL) == (outlet == NULL))
		reader->network->whole = false;
	if (feed == NULL && outlet == NULL)
		return;
	GROW(reader->cables, reader->n_cables, reader->max_cables);
	reader->cables[reader->n_cables++] = feed != NULL ?
		(CableEnd) {*port, *feed, 'f'} : (CableEnd) {*port, *outlet, 'o'};
}

void
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
void
read_followed_cable(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;
	const pg_uuid_t *port = uuid_column(row, 1);

	add_cable(reader, row);
	if (id_map_find(reader->network->port_index, port) < 0)
		add_id(&reader->cabled_ports, port);
}

void
read_port_device(void *arg, TupleTableSlot *row)
{
	Reader	   *reader = arg;

	add_id(&reader->devices, uuid_column(row, 1));
}
