/*-------------------------------------------------------------------------
 *
 * diagram.h
 *	  What is drawn in a one-line diagram: boxes, the lines between them, and
 *	  the rooms that they stand in.
 *
 * A box is a panel, a rack PDU, what else of a rack hangs on circuits of its
 * own, or, where there are many racks, all those that hang on the same panels.
 * Everything is in the order in which it is drawn, by name, so that a diagram
 * is the same as long as the inventory is.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DIAGRAM_H
#define POWERPANEL_DIAGRAM_H

#include "compat.h"

#include "load_model.h"

typedef enum BoxKind
{
	BOX_PANEL,
	BOX_PDU,
	BOX_CORDS,
	BOX_RACKS
} BoxKind;

typedef struct Box
{
	BoxKind		kind;
	int			index;			/* of the panel, or the device of a PDU */
	Slice		racks;			/* that it stands for, or is of */
	int			place;			/* location that it stands in, or -1 */
	Slice		lines;			/* that enter it */
} Box;

/* A feed, or a cable from PDU to PDU, from box to box. */
typedef struct Line
{
	int			from;
	int			to;
	int			feed;			/* -1: from the outlets of a PDU */
	char		path;			/* 'a' to 'd' or 0 */
} Line;

/* A rack, or a device with outlets that stands in none. */
typedef struct DiagramRack
{
	pg_uuid_t	id;
	bool		is_rack;		/* else the id is that of the device */
	const char *name;			/* NULL where it may not be seen */
	int			place;
	int			pdus;			/* its devices with outlets */
	int			cords;			/* other devices, on circuits of their own */
	bool		has_cords;		/* circuits lead to it and to none of its PDUs */
	Slice		sources;		/* panels, and other racks, that feed it */
	double		load;			/* VA, by powerpanel.load_basis */
	bool		on;
	bool		overloaded;
	int			box;			/* that stands for it, or for its cords */
} DiagramRack;

/* How power gets into a rack. */
typedef struct RackLink
{
	int			rack;
	int			feed;			/* or -1 */
	int			from;			/* device, where it is no feed */
	int			from_rack;		/* of that device */
	int			device;			/* that it leads to; -1: nothing is cabled yet */
	int			source;			/* see list_sources() */
} RackLink;

/* A location. */
typedef struct Place
{
	char	   *name;			/* NULL where it may not be seen */
	pg_uuid_t	id;
	int			parent;			/* place, or -1 */
	int			boxes;			/* in it and in those within it */
	Slice		own;			/* of the boxes by place */
	Slice		within;			/* of the places by name: those right within it */
} Place;

typedef struct Diagram
{
	PowerState *state;
	Network    *network;
	bool		with_racks;
	bool	   *panel_drawn;
	bool	   *panel_below;	/* asked for, or fed by one that is */
	bool	   *feed_drawn;
	bool	   *device_drawn;
	int		   *tier;			/* of each panel */
	int			tiers;
	int		   *in_tier;		/* boxes in each tier; the last is that of racks */
	DiagramRack *racks;
	int			n_racks;
	RackLink   *links;
	int			n_links;
	int		   *sources;
	bool		grouped;		/* racks that hang on the same panels are one box */
	Box		   *boxes;
	int			n_boxes;
	int			n_panels;		/* boxes of panels, which come first */
	int		   *panel_box;
	int		   *pdu_box;		/* of each device; -1: none */
	Line	   *lines;			/* by the box that they enter */
	int			n_lines;
	int		   *panel_place;
	Place	   *places;
	int			n_places;
	int		   *places_by_name;
	int		   *boxes_by_place;
	Slice		outermost;		/* of the places by name */
	Slice		unplaced;		/* of the boxes by place */
} Diagram;

/* Devices that have outlets are drawn, the others counted. */
static inline bool
is_pdu(const Network *network, int device)
{
	return slice_count(network->devices[device].outlets) > 0;
}

/* diagram.c */
extern Diagram *diagram_make(Network *network, const pg_uuid_t *panels, int n, bool with_racks);
extern int	diagram_line_end(const Diagram *diagram, int line);

/* diagram_racks.c */
extern void diagram_find_racks(Diagram *diagram);
extern void diagram_group_racks(Diagram *diagram);
extern void diagram_add_racks(Diagram *diagram);
extern void diagram_add_rack_lines(Diagram *diagram);

/* diagram_places.c */
extern void diagram_read_places(Diagram *diagram);
extern int	diagram_common_place(const Diagram *diagram, int a, int b);
extern void diagram_fill_places(Diagram *diagram);

/* dot_draw.c */
extern text *diagram_draw(const Diagram *diagram);

#endif							/* POWERPANEL_DIAGRAM_H */
