/*-------------------------------------------------------------------------
 *
 * constraint_audit.h
 *	  The audit of the rules that CHECKs and foreign keys state.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CONSTRAINT_AUDIT_H
#define POWERPANEL_CONSTRAINT_AUDIT_H

#include "compat.h"

#include "nodes/execnodes.h"

extern void audit_constraints(ReturnSetInfo *rsinfo, Datum rules, bool whole);

#endif							/* POWERPANEL_CONSTRAINT_AUDIT_H */
