/*-------------------------------------------------------------------------
 *
 * parts.h
 *	  The parts of a network that nothing connects.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PARTS_H
#define POWERPANEL_PARTS_H

#include "compat.h"

#include "network.h"

/* The number of the part that a thing lies in; a feed lies where its panel does. */
typedef struct Parts
{
	int		   *panels;			/* NULL in parts_of_devices() */
	int		   *devices;
	int			n;
} Parts;

extern Parts *parts_create(const Network *network);
extern Parts *parts_of_devices(const Network *network);

#endif							/* POWERPANEL_PARTS_H */
