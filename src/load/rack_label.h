/*-------------------------------------------------------------------------
 *
 * rack_label.h
 *	  What the feeds assigned to a rack promise.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RACK_LABEL_H
#define POWERPANEL_RACK_LABEL_H

#include "compat.h"

#include "network.h"

/* The types and paths of some feeds: a bit for each path, the lowest one for none. */
typedef struct RackDesign
{
	uint8		primaries;
	uint8		redundants;
} RackDesign;

extern void rack_design_add(RackDesign *design, const NetFeed *feed);
extern const char *rack_label(RackDesign design);

#endif							/* POWERPANEL_RACK_LABEL_H */
