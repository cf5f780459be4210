/*-------------------------------------------------------------------------
 *
 * network.h
 *	  The electrical network, read from the tables into arrays.
 *
 * Links between things are indexes into the arrays, -1 for none.  What leads
 * from one thing to many is a slice of an array of indexes, see Slice.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_NETWORK_H
#define POWERPANEL_NETWORK_H

#include "compat.h"

#include "utils/palloc.h"
#include "utils/uuid.h"

#include "geometry.h"
#include "id_map.h"

/* Allocated and maximum figure of a load, in VA. */
typedef struct Load
{
	double		allocated;
	double		maximum;
} Load;

/* Where the indexes of one owner lie in an array of them. */
typedef struct Slice
{
	int			first;
	int			end;
} Slice;

/* What an outlet or a bank is wired to; the order is that of the SQL enum. */
typedef enum Leg
{
	LEG_NONE,
	LEG_A,
	LEG_B,
	LEG_C,
	LEG_AB,
	LEG_BC,
	LEG_CA
} Leg;

/* What of a panel's type matters here. */
typedef enum NetPanelType
{
	PANEL_OTHER,
	PANEL_SOURCE,				/* utility or generator */
	PANEL_UPS,
	PANEL_TRANSFER_SWITCH
} NetPanelType;

/* How a feed loads the phases of the bus that it leaves; see phases.c. */
typedef enum FeedKind
{
	FEED_BY_POLES,				/* its load, on the poles of its breaker */
	FEED_BY_LEGS,				/* three-phase, to ports: what they bring */
	FEED_BY_PHASES				/* three-phase, to a panel: a share of its phases */
} FeedKind;

/* Which names are read. */
#define NAMES_OF_FEEDS		0x01	/* and of panels */
#define NAMES_OF_DEVICES	0x02
#define NAMES_OF_PORTS		0x04	/* and of outlets and banks */
#define NAMES_ALL			0x07

typedef struct NetPanel
{
	pg_uuid_t	id;
	char	   *name;
	PanelNumbering numbering;
	PanelBus	bus;
	int			circuit_positions;	/* 0 where that is not known */
	NetPanelType type;
	double		voltage;		/* V, without sign; 0 where not known */
	int			main_amperage;	/* A; 0 where not known */
	int			max_utilization;	/* of the main breaker, in percent */
	double		main_va;		/* what the main breaker may carry; negative
								 * where not known */
	char		path;			/* 'a' to 'd' or 0 */
	Slice		in;				/* feeds that enter it */
	Slice		out;			/* feeds that leave it */
	int			level;			/* see Levels */
} NetPanel;

typedef struct NetFeed
{
	pg_uuid_t	id;
	char	   *name;
	int			panel;
	int			destination;	/* panel */
	Slice		ports;			/* that it is cabled to */
	pg_uuid_t	destination_id;
	bool		has_destination;
	FeedKind	kind;
	bool		live;			/* its status says energized */
	bool		primary;
	bool		three_phase;
	bool		dc;
	double		voltage;		/* V, without sign */
	double		connected_load; /* VA */
	double		available;		/* VA; negative where not known */
	int			amperage;		/* A */
	int			position;		/* 0 where it has none */
	int			poles;			/* 0 where it has none */
	char		path;			/* 'a' to 'd' or 0 */
	bool		has_rack;
	pg_uuid_t	rack;
} NetFeed;

typedef struct NetDevice
{
	pg_uuid_t	id;
	char	   *name;
	Slice		ports;			/* cabled ones */
	Slice		outlets;
	int			cords;			/* of the cabled ports, those that no outlet of
								 * its own feeds */
	int			needed;			/* cords that must be energized for it to run */
	bool		has_rack;
	pg_uuid_t	rack;
} NetDevice;

typedef struct NetPort
{
	pg_uuid_t	id;
	char	   *name;
	int			device;
	int			feed;			/* that its cable comes from */
	int			outlet;			/* likewise */
	bool		inlet;			/* some outlet of its device names it */
	int			inlet_number;	/* which of all inlets it is */
	bool		inner;			/* its cable comes from its own device */
	bool		has_allocated;	/* a draw of its own, which overrides */
	bool		has_maximum;
	double		power_factor;
	Load		own;			/* W as it is read, VA once it is linked */
	pg_uuid_t	source_id;		/* of the feed or the outlet */
	char		source;			/* 'f', 'o' or 0: no cable */
	Slice		outlets;		/* that name it, first or alternate */
	int			level;			/* see Levels; -1 without a cable */
} NetPort;

typedef struct NetOutlet
{
	pg_uuid_t	id;
	char	   *name;
	int			device;
	int			inlet;			/* port that feeds it */
	int			alternate;		/* port that feeds it when the inlet is off */
	int			bank;
	int			port;			/* that it is cabled to */
	Leg			leg;			/* of its bank once it is linked, else its own */
	pg_uuid_t	inlet_id;
	pg_uuid_t	alternate_id;
	pg_uuid_t	bank_id;
	bool		has_inlet;
	bool		has_alternate;
	bool		has_bank;
} NetOutlet;

typedef struct NetBank
{
	pg_uuid_t	id;
	char	   *name;
	int			device;
	int			inlet;			/* port */
	Leg			leg;
	double		rating;			/* A that it may carry for long */
	int			amperage;		/* A */
	int			max_utilization;	/* percent */
	pg_uuid_t	inlet_id;
	Slice		outlets;
} NetBank;

/*
 * The most steps that lead down to a thing from a source of its kind: what feeds
 * it is of an earlier level.  In the topological order one level goes after the
 * other, and this says where each begins.
 */
typedef struct Levels
{
	int		   *starts;			/* of each level, and an end */
	int			n;
} Levels;

typedef struct Network
{
	MemoryContext context;		/* holds it all */
	int			names;			/* that it holds, NAMES_OF_.. */
	NetPanel   *panels;
	NetFeed    *feeds;
	NetDevice  *devices;
	NetPort    *ports;
	NetOutlet  *outlets;
	NetBank    *banks;
	int			n_panels;
	int			n_feeds;
	int			n_devices;
	int			n_ports;
	int			n_outlets;
	int			n_banks;
	int			n_inlets;
	IdMap	   *panel_index;
	IdMap	   *feed_index;		/* see network_feed() */
	IdMap	   *device_index;
	IdMap	   *port_index;
	int		   *feeds_in;		/* what the slices of the same name point to */
	int		   *feeds_out;
	int		   *feed_ports;
	int		   *device_ports;
	int		   *device_outlets;
	int		   *port_outlets;
	int		   *bank_outlets;
	int		   *panel_order;	/* panels, each after those that feed it */
	int		   *port_order;		/* cabled ports, likewise */
	int			n_ordered_ports;
	Levels		panel_levels;
	Levels		port_levels;
	bool		resolved;		/* ids are resolved and slices made */
	bool		whole;			/* every row of the tables that it is read from is in
								 * it, and, once ids are resolved, all that these rows
								 * refer to but racks: no foreign key is broken */
} Network;

/* An array of any size in the current memory context; the second one is zeroed. */
#define huge_array(type, n) \
	((type *) palloc_extended(sizeof(type) * (Size) Max((n), 1), MCXT_ALLOC_HUGE))
#define zeroed_array(type, n) \
	((type *) palloc_extended(sizeof(type) * (Size) Max((n), 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO))

#define slice_count(s)		((s).end - (s).first)

/*
 * A name is a text with a zero byte after it: read as a string in C, it can go
 * into an answer without being copied.
 */
static inline Datum
name_datum(const char *name)
{
	return PointerGetDatum(name - VARHDRSZ);
}

/* What a network is read from: things that are in it, with all connected. */
typedef struct NetworkSeed
{
	const pg_uuid_t *panels;
	int			n_panels;
	const pg_uuid_t *devices;
	int			n_devices;
} NetworkSeed;

extern Network *network_read(const NetworkSeed *seed, int names);
extern Network *network_read_above(const NetworkSeed *seed, int names);
extern Network *network_read_unlinked(bool with_devices);
extern void network_cut_out(Network *network, const NetworkSeed *seed);
extern void network_resolve(Network *network);
extern int	network_feed(Network *network, const pg_uuid_t *id);
extern bool network_link(Network *network);

#endif							/* POWERPANEL_NETWORK_H */
