/*-------------------------------------------------------------------------
 *
 * suspects.h
 *	  Which breakers could open at all, and whose failure has a part in that.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_SUSPECTS_H
#define POWERPANEL_SUSPECTS_H

#include "compat.h"

#include "outage.h"

/* Of each thing. */
typedef struct Suspects
{
	bool	   *panel_opens;	/* could it open? */
	bool	   *feed_opens;
	bool	   *panels;			/* may its failure change what a breaker carries that
								 * could open? */
	bool	   *feeds;
	Followed	followed;		/* on what does that depend? */
} Suspects;

extern Suspects *suspects_find(const PowerState *state);

#endif							/* POWERPANEL_SUSPECTS_H */
