/*-------------------------------------------------------------------------
 *
 * waiting_sink.h
 *	  Checking until nobody else can mend what is found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_WAITING_SINK_H
#define POWERPANEL_WAITING_SINK_H

#include "compat.h"

#include "rule.h"

/*
 * A check that can be made again.  check() looks with the latest snapshot and
 * reports to the sink; lock() locks a row that a violation speaks of until the
 * end of the transaction.
 */
typedef struct WaitingCheck
{
	void		(*check) (struct WaitingCheck *self, ViolationSink *sink);
	void		(*lock) (struct WaitingCheck *self, Datum id);
} WaitingCheck;

extern bool check_waiting(WaitingCheck *check);

#endif							/* POWERPANEL_WAITING_SINK_H */
