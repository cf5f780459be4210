/*-------------------------------------------------------------------------
 *
 * receptacles.h
 *	  The rule that a feed has no more cables than receptacles.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_RECEPTACLES_H
#define POWERPANEL_RECEPTACLES_H

#include "compat.h"

#include "rule.h"

extern void receptacles_check(Datum feed);
extern void receptacles_audit(ViolationSink *sink);

#endif							/* POWERPANEL_RECEPTACLES_H */
