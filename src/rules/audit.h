/*-------------------------------------------------------------------------
 *
 * audit.h
 *	  The audit of the rules that are checked in C.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_AUDIT_H
#define POWERPANEL_AUDIT_H

#include "compat.h"

#include "rule.h"

typedef void (*AuditWarnings) (const bool *wanted, ViolationSink *sink);

extern void must_see_inventory(void);
extern void audit_set_warnings(AuditWarnings warnings);

#endif							/* POWERPANEL_AUDIT_H */
