/*-------------------------------------------------------------------------
 *
 * load_model.h
 *	  What is energized in a network and what everything carries, now or in an
 *	  outage.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_LOAD_MODEL_H
#define POWERPANEL_LOAD_MODEL_H

#include "compat.h"

#include "network.h"

/* Loads that differ by this or less are the same, in VA. */
#define LOAD_TOLERANCE		0.01

typedef enum DeviceState
{
	DEVICE_NONE,				/* no cabled port */
	DEVICE_ON,
	DEVICE_DEGRADED,
	DEVICE_DARK
} DeviceState;

/* What may change in an outage, of each thing. */
typedef struct PanelState
{
	bool		on;
	bool		failed;
	Load		load;
	double		capacity;		/* VA; negative where not known */
} PanelState;

typedef struct FeedState
{
	bool		on;
	bool		failed;
	Load		load;
} FeedState;

typedef struct PortState
{
	bool		on;
	Load		load;
} PortState;

typedef struct DevicePowerState
{
	int			ports_on;		/* cabled ports that are energized */
	Load		share;			/* what each energized consumer port takes over */
	Load		load;			/* what its ports carry */
} DevicePowerState;

typedef struct PowerState
{
	Network    *network;
	PanelState *panels;
	FeedState  *feeds;
	PortState  *ports;
	DevicePowerState *devices;
} PowerState;

extern PowerState *power_state_compute(Network *network);

/* One thing from those it depends on. */
extern bool panel_is_on(const PowerState *state, int panel);
extern bool feed_is_on(const PowerState *state, int feed);
extern bool port_is_on(const PowerState *state, int port);
extern double panel_capacity(const PowerState *state, int panel);
extern Load panel_sum(const PowerState *state, int panel);

/* Called with each feed that enters a panel and the load it carries. */
typedef void (*FeedLoadSetter) (void *arg, int feed, Load load);

extern void panel_share_out(const PowerState *state, int panel, FeedLoadSetter set, void *arg);
extern int	device_ports_on(const PowerState *state, int device);
extern Load device_share(const PowerState *state, int device);
extern Load device_load(const PowerState *state, int device);
extern Load port_load(const PowerState *state, int port);

/* Figures of one thing. */
extern DeviceState device_state(const PowerState *state, int device);
extern DeviceState device_state_with(const Network *network, int device, int on);
extern bool feed_overloaded(const PowerState *state, int feed);
extern bool panel_overloaded(const PowerState *state, int panel);
extern void panel_phase_loads(const PowerState *state, int panel, double *phases);
extern double phase_imbalance(PanelBus bus, const double *phases);
extern int	feed_phase_loads(const PowerState *state, int feed, int position, double *phases);

#endif							/* POWERPANEL_LOAD_MODEL_H */
