/*-------------------------------------------------------------------------
 *
 * dominators.h
 *	  What all ways of power to a thing have in common.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DOMINATORS_H
#define POWERPANEL_DOMINATORS_H

#include "compat.h"

#include "load_model.h"

/*
 * The dominator tree of panels and feeds that are energized.  Node 0 is above
 * all roots, and stands for what is not energized.  A node comes after its
 * parent.
 */
typedef struct DominatorTree
{
	int			n;
	int		   *parent;
	int		   *jump;			/* some ancestor, see add_node() */
	int		   *depth;
	int		   *panel_node;		/* of each panel, 0 where it is off */
	int		   *feed_node;
	int		   *of_panel;		/* of each node: its panel + 1, or 0 */
	int		   *of_feed;
} DominatorTree;

/* Devices that all ways of power to a port pass, the nearest first. */
typedef struct DeviceChain
{
	int			device;
	const struct DeviceChain *above;
} DeviceChain;

/* What takes the power of an energized port away, all by itself. */
typedef struct PortPoints
{
	int			node;			/* with all above it in the tree */
	const DeviceChain *devices;
} PortPoints;

extern DominatorTree *dominators_find(const PowerState *state);
extern int	dominators_common(const DominatorTree *tree, int a, int b);
extern PortPoints *dominators_ports(const DominatorTree *tree, const PowerState *state);
extern int	device_losses(const PowerState *state, int device);
extern bool device_chain_has(const DeviceChain *chain, int device);

#endif							/* POWERPANEL_DOMINATORS_H */
