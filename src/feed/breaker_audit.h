/*-------------------------------------------------------------------------
 *
 * breaker_audit.h
 *	  The audit of breakers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_AUDIT_H
#define POWERPANEL_BREAKER_AUDIT_H

#include "compat.h"

#include "utils/relcache.h"

#include "rule.h"

extern void breaker_audit(Relation feeds, ViolationSink *sink);

#endif							/* POWERPANEL_BREAKER_AUDIT_H */
