/*-------------------------------------------------------------------------
 *
 * failures.h
 *	  What a caller says is to fail: the arrays panels, feeds and devices.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FAILURES_H
#define POWERPANEL_FAILURES_H

#include "compat.h"

#include "fmgr.h"

#include "outage.h"

typedef struct Failures
{
	pg_uuid_t  *panels;
	pg_uuid_t  *feeds;
	pg_uuid_t  *devices;
	int			n_panels;
	int			n_feeds;
	int			n_devices;
} Failures;

extern void failures_read(FunctionCallInfo fcinfo, Failures *failures);
extern Network *failures_network(const Failures *failures, int names);
extern void failures_run(const Failures *failures, Outage *outage);

#endif							/* POWERPANEL_FAILURES_H */
