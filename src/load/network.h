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

typedef struct NetPanel
{
	pg_uuid_t	id;
	char	   *name;
	PanelNumbering numbering;
	PanelBus	bus;
	int			circuit_positions;	/* 0 where that is not known */
	double		main_va;		/* |V| * A of the main breaker, * 1.732 on
								 * three phases; negative where not known */
	char		path;			/* 'a', 'b' or 0 */
	Slice		in;				/* feeds that enter it */
	Slice		out;			/* feeds that leave it */
	int			order;			/* place in the topological order */
} NetPanel;

typedef struct NetFeed
{
	pg_uuid_t	id;
	char	   *name;
	int			panel;
	int			destination;	/* panel */
	int			port;			/* that it is cabled to */
	pg_uuid_t	destination_id;
	bool		has_destination;
	bool		live;			/* its status says energized */
	bool		primary;
	bool		three_phase;
	double		available;		/* VA; negative where not known */
	int			amperage;		/* A */
	int			position;		/* 0 where it has none */
	int			poles;			/* 0 where it has none */
	char		path;			/* 'a', 'b' or 0 */
	bool		has_rack;
	pg_uuid_t	rack;
} NetFeed;

typedef struct NetDevice
{
	pg_uuid_t	id;
	char	   *name;
	Slice		ports;			/* cabled ones */
	Slice		outlets;
} NetDevice;

typedef struct NetPort
{
	pg_uuid_t	id;
	int			device;
	int			feed;			/* that its cable comes from */
	int			outlet;			/* likewise */
	bool		inlet;			/* some outlet of its device names it */
	bool		has_allocated;	/* a draw of its own, which overrides */
	Load		own;			/* VA */
	pg_uuid_t	source_id;		/* of the feed or the outlet */
	char		source;			/* 'f', 'o' or 0: no cable */
	Slice		outlets;		/* that name it */
	int			order;			/* place in the topological order */
} NetPort;

typedef struct NetOutlet
{
	pg_uuid_t	id;
	int			device;
	int			inlet;			/* port that feeds it */
	int			port;			/* that it is cabled to */
	char		leg;			/* 'A', 'B', 'C' or 0 */
	pg_uuid_t	inlet_id;
	bool		has_inlet;
} NetOutlet;

typedef struct Network
{
	MemoryContext context;		/* holds it all */
	bool		with_names;
	NetPanel   *panels;
	NetFeed    *feeds;
	NetDevice  *devices;
	NetPort    *ports;
	NetOutlet  *outlets;
	int			n_panels;
	int			n_feeds;
	int			n_devices;
	int			n_ports;
	int			n_outlets;
	IdMap	   *panel_index;
	IdMap	   *feed_index;		/* see network_feed() */
	IdMap	   *device_index;
	IdMap	   *port_index;
	int		   *feeds_in;		/* what the slices of the same name point to */
	int		   *feeds_out;
	int		   *device_ports;
	int		   *device_outlets;
	int		   *port_outlets;
	int		   *panel_order;	/* panels, each after those that feed it */
	int		   *port_order;		/* cabled ports, likewise */
	int			n_ordered_ports;
} Network;

/* An array of any size, zeroed, in the current memory context. */
#define zeroed_array(type, n) \
	((type *) palloc_extended(sizeof(type) * (Size) Max((n), 1), MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO))

#define slice_count(s)		((s).end - (s).first)

/* What a network is read from: things that are in it, with all connected. */
typedef struct NetworkSeed
{
	const pg_uuid_t *panels;
	int			n_panels;
	const pg_uuid_t *devices;
	int			n_devices;
} NetworkSeed;

extern Network *network_read(const NetworkSeed *seed, bool with_names);
extern Network *network_read_unlinked(bool with_devices);
extern int	network_feed(Network *network, const pg_uuid_t *id);
extern bool network_link(Network *network);

#endif							/* POWERPANEL_NETWORK_H */
