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

#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "inventory.h"
#include "miscadmin.h"
#include "optimizer/plancat.h"
#include "utils/array.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "network_rows.h"
#include "query.h"

/*
 * Reading by index and then all costs more than either, so that is for where it
 * pays well.  Measured (docs/performance.md): a row by index takes as long as
 * this many rows of a scan.
 */
#define INDEX_COST			6.0

/* Rows of devices, ports and outlets that are looked up with a cable. */
#define CABLE_ROWS			3.0

/* One query for all, one for the rows of some panels or devices. */
typedef struct NetworkQuery
{
	CheckQuery	all;
	CheckQuery	some;
	RowReader	read;
	void		(*settle) (Reader *reader); /* when they have been read */
} NetworkQuery;

#define EQ " OPERATOR(pg_catalog.=) "

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

/* A query reads the tables that inherit from one, too; a foreign key does not. */
static bool
tables_have_no_children(void)
{
	static const char *const tables[] = {
		"power_panel", "feed_status", "power_feed", "device", "power_port", "power_bank", "power_outlet", "cable"
	};

	for (size_t i = 0; i < lengthof(tables); i++)
		if (find_inheritance_children(inventory_relid(tables[i]), NoLock) != NIL)
			return false;
	return true;
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
	{
		network->whole = with_devices && tables_have_no_children();
		read_all(&reader, with_devices);
	}
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
