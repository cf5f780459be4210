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

#include "load_model.h"

/* Of each thing: may its failure, or what it draws, change what a breaker carries that could open? */
typedef struct Suspects
{
	bool	   *panels;
	bool	   *feeds;
	bool	   *devices;
} Suspects;

extern Suspects *suspects_find(const PowerState *state);

#endif							/* POWERPANEL_SUSPECTS_H */
