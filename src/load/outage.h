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
	Phases		phases;			/* of an inlet, see PowerState */
} ChangedPort;

typedef struct ChangedDevice
{
	int			index;
	DevicePowerState before;
} ChangedDevice;

typedef struct Outage
{
	PowerState *state;
	ChangedPanel *panels;
	int			n_panels;
	ChangedFeed *feeds;
	int			n_feeds;
	ChangedPort *ports;
	int			n_ports;
	ChangedDevice *devices;
	int			n_devices;
	bool		swapped;		/* see outage_swap() */
	const bool *devices_followed;	/* of each device: is it worked out what the
									 * outage does to it?  NULL: of all */
	struct OutageWork *work;
} Outage;

extern Outage *outage_create(PowerState *state);
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
