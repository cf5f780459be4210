/*-------------------------------------------------------------------------
 *
 * warnings.h
 *	  What the audit warns of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_WARNINGS_H
#define POWERPANEL_WARNINGS_H

#include "compat.h"

#include "rule.h"

extern void power_warnings(const bool *wanted, ViolationSink *sink);

#endif							/* POWERPANEL_WARNINGS_H */
