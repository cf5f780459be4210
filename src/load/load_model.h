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

#include "phases.h"

/* Loads that differ by this or less are the same, in VA. */
#define LOAD_TOLERANCE		0.01

typedef enum DeviceState
{
	DEVICE_NONE,				/* no cabled port */
	DEVICE_ON,
	DEVICE_DEGRADED,
	DEVICE_DARK
} DeviceState;

/* By which figure utilization, phases, amperes, imbalance and overloads go. */
typedef enum LoadBasis
{
	BASIS_ALLOCATED,
	BASIS_MAXIMUM
} LoadBasis;

extern int	load_basis;			/* powerpanel.load_basis */

static inline double
basis(Load load)
{
	return load_basis == BASIS_MAXIMUM ? load.maximum : load.allocated;
}

/* What may change in an outage, of each thing. */
typedef struct PanelState
{
	bool		on;
	bool		failed;
	Load		load;
	Phases		phases;			/* what its feeds bring; likewise below by
								 * powerpanel.load_basis */
	double		capacity;		/* VA; negative where not known */
} PanelState;

typedef struct FeedState
{
	bool		on;
	bool		failed;
	Load		load;
	Phases		phases;			/* what it brings to its panel's bus */
} FeedState;

typedef struct PortState
{
	bool		on;
	Load		load;
} PortState;

typedef struct DevicePowerState
{
	bool		failed;
	bool		dark;			/* what it draws is 0 */
	int			cords_on;		/* cords that are energized */
	Load		share;			/* what each energized consumer port takes over */
	Load		load;			/* what its cords carry */
} DevicePowerState;

typedef struct PowerState
{
	Network    *network;
	PanelState *panels;
	FeedState  *feeds;
	PortState  *ports;
	Phases	   *inlets;			/* of each inlet without override: what its
								 * outlets bring, see port_brings() */
	DevicePowerState *devices;
} PowerState;

extern void load_basis_init(void);
extern PowerState *power_state_compute(Network *network);
extern PowerState *power_state_copy(const PowerState *state);
extern PowerState *power_state_energized(Network *network);

/* One thing from those it depends on. */
extern bool panel_is_on(const PowerState *state, int panel);
extern bool feed_is_on(const PowerState *state, int feed);
extern bool port_is_on(const PowerState *state, int port);
extern int	outlet_feeder(const PowerState *state, int outlet);
extern double panel_capacity(const PowerState *state, int panel);
extern void panel_sum(const PowerState *state, int panel, Load *load, Phases *phases);

/* Is told what a feed carries: how much, and in which phases. */
typedef void (*FeedLoadSetter) (void *arg, int feed, Load load, const Phases *phases);

extern void panel_share_out(const PowerState *state, int panel, FeedLoadSetter set, void *arg);
extern Phases feed_passes(const Network *network, int feed, const Phases *phases, double va);
extern Load feed_end_load(const PowerState *state, int feed, Phases *phases);
extern int	device_cords_on(const PowerState *state, int device);
extern Load device_share(const PowerState *state, int device);
extern Load device_load(const PowerState *state, int device);
extern Load port_carries(const PowerState *state, int port, Phases *phases);
extern Load bank_carries(const PowerState *state, int bank);
extern bool bank_is_on(const PowerState *state, int bank);

/* Figures of one thing. */
extern int	device_needed(const NetDevice *device);
extern DeviceState device_state(const PowerState *state, int device);
extern DeviceState device_state_with(const Network *network, int device, const DevicePowerState *state);
extern Phases feed_phases_at(const PowerState *state, int feed, int position);

#endif							/* POWERPANEL_LOAD_MODEL_H */
