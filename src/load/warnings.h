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

#include "audit.h"

extern const AuditNetwork audit_network;

#endif							/* POWERPANEL_WARNINGS_H */
