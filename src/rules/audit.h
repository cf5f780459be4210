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

/* What the network, once read, says of errors. */
typedef struct NetworkFindings
{
	bool		whole;			/* no foreign key of it is broken, but of racks */
	bool		no_loops;		/* neither of panels nor of cables */
} NetworkFindings;

/*
 * The network lies in a folder above this one.  read() returns NULL where no rule
 * that is wanted takes it, and leaves the findings as they are.
 */
typedef struct AuditNetwork
{
	void	   *(*read) (const bool *wanted, NetworkFindings *findings);
	void		(*warn) (void *network, const bool *wanted, ViolationSink *sink);
} AuditNetwork;

extern void audit_set_network(const AuditNetwork *network);

#endif							/* POWERPANEL_AUDIT_H */
