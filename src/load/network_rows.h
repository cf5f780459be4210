/*-------------------------------------------------------------------------
 *
 * network_rows.h
 *	  What the rows of the inventory become while the network is read.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_NETWORK_ROWS_H
#define POWERPANEL_NETWORK_ROWS_H

#include "compat.h"

#include "executor/tuptable.h"

#include "network.h"

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

/* The columns that the readers below take, by their numbers. */
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

extern void add_id(IdList *list, const pg_uuid_t *id);

/* Each takes one row; the argument is the Reader. */
extern void read_status(void *arg, TupleTableSlot *row);
extern void read_panel(void *arg, TupleTableSlot *row);
extern void read_feed(void *arg, TupleTableSlot *row);
extern void read_source(void *arg, TupleTableSlot *row);
extern void read_device(void *arg, TupleTableSlot *row);
extern void read_port(void *arg, TupleTableSlot *row);
extern void read_bank(void *arg, TupleTableSlot *row);
extern void read_outlet(void *arg, TupleTableSlot *row);
extern void read_cable(void *arg, TupleTableSlot *row);
extern void read_followed_cable(void *arg, TupleTableSlot *row);
extern void read_port_device(void *arg, TupleTableSlot *row);

/* When the rows of a query have been read. */
extern void settle_devices(Reader *reader);
extern void settle_ports(Reader *reader);
extern void settle_outlets(Reader *reader);
extern void tell_ports(Reader *reader);

#endif							/* POWERPANEL_NETWORK_ROWS_H */
