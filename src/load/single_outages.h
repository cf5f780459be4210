/*-------------------------------------------------------------------------
 *
 * single_outages.h
 *	  What the failure of any one thing does, all of them together.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_SINGLE_OUTAGES_H
#define POWERPANEL_SINGLE_OUTAGES_H

#include "compat.h"

#include "load_model.h"

/*
 * In some outage a device is dark, or something else is overloaded that is not so
 * now.
 */
#define BY_MAINTENANCE	0x01	/* one panel or feed is out, nothing opens */
#define BY_FAILURE		0x02	/* one panel, feed or device with outlets has
								 * failed, and what then opens has opened */

/* Flags of each thing. */
typedef struct SingleOutages
{
	uint8	   *devices;		/* dark, its own failure aside */
	uint8	   *panels;			/* overloaded */
	uint8	   *feeds;
	uint8	   *ports;
	uint8	   *banks;
} SingleOutages;

extern SingleOutages *single_outages_run(PowerState *state, bool trips_alone);

#endif							/* POWERPANEL_SINGLE_OUTAGES_H */
