/*-------------------------------------------------------------------------
 *
 * outage.h
 *	  A network in which something has failed.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_OUTAGE_H
#define POWERPANEL_OUTAGE_H

#include "compat.h"

#include "load_model.h"

/* What was changed, and what it was before; in the order of the changes. */
typedef struct ChangedPanel
{
	int			index;
	PanelState	before;
} ChangedPanel;

typedef struct ChangedFeed
{
	int			index;
	FeedState	before;
} ChangedFeed;

typedef struct ChangedPort
{
	int			index;
	PortState	before;
} ChangedPort;

typedef struct ChangedInlet
{
	int			index;			/* see PowerState */
	Phases		before;
} ChangedInlet;

typedef struct ChangedDevice
{
	int			index;
	DevicePowerState before;
} ChangedDevice;

/*
 * What an outage is worked out for, where not for all.  The loads of other things
 * and those of whole devices stay as they are now; so does, of other devices, what is
 * energized.
 */
typedef struct Followed
{
	bool	   *devices;
	bool	   *panel_loads;
	bool	   *port_loads;
} Followed;

/*
 * Feeds to devices of which somebody knows what they carry (circuits.c), so that it
 * need not be worked out device by device.  They are in clusters: what a feed carries
 * depends only on which feeds of its cluster are on.
 */
typedef struct FeedClusters
{
	int		   *of_feed;		/* the cluster of each feed, or -1 where it is
								 * worked out device by device */
	int			n;
	/* Sets the loads of a cluster's feeds; in the state no more is on than now. */
	void		(*set_loads) (struct FeedClusters *self, const PowerState *state, int cluster,
							  FeedLoadSetter set, void *arg);
} FeedClusters;

typedef struct Outage
{
	PowerState *state;
	ChangedPanel *panels;
	int			n_panels;
	ChangedFeed *feeds;
	int			n_feeds;
	ChangedPort *ports;
	int			n_ports;
	ChangedInlet *inlets;		/* of those ports that are */
	int			n_inlets;
	ChangedDevice *devices;
	int			n_devices;
	bool		swapped;		/* see outage_swap() */
	const Followed *followed;	/* NULL: all */
	FeedClusters *known;		/* see outage_use_clusters(); NULL: none */
	int		   *clusters;		/* of these, of which a feed went off */
	int			n_clusters;
	struct OutageWork *work;
} Outage;

extern Outage *outage_create(PowerState *state);
extern void outage_use_clusters(Outage *outage, FeedClusters *known);
extern void outage_fail_panel(Outage *outage, int panel);
extern void outage_fail_feed(Outage *outage, int feed);
extern void outage_fail_device(Outage *outage, int device);
extern void outage_run(Outage *outage);
extern void outage_swap(Outage *outage);
extern void outage_undo(Outage *outage);
extern void outage_keep(Outage *outage);
extern bool outage_changed_panel(const Outage *outage, int panel);
extern bool outage_changed_feed(const Outage *outage, int feed);

#endif							/* POWERPANEL_OUTAGE_H */
