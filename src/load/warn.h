/*-------------------------------------------------------------------------
 *
 * warn.h
 *	  The parts of what the audit warns of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_WARN_H
#define POWERPANEL_WARN_H

#include "compat.h"

#include "load_model.h"
#include "rule.h"

extern void report_warning(ViolationSink *sink, RuleId rule, const char *table, const pg_uuid_t *id,
				 const char *of, const char *name, char *message);
extern void report_feed_warning(const Network *network, ViolationSink *sink, RuleId rule, int feed,
					  char *message);
extern void report_port_warning(const Network *network, ViolationSink *sink, RuleId rule, int port,
					  char *message);
extern char *feed_text(const Network *network, int feed);
extern int	first_live_feed(const Network *network, const int *feeds, Slice slice);

extern void warn_of_ratings(const Network *network, ViolationSink *sink);
extern void warn_of_cabling(const PowerState *state, ViolationSink *sink);
extern void warn_of_loads(const PowerState *state, ViolationSink *sink);
extern void warn_of_failover(PowerState *state, ViolationSink *sink);
extern void warn_of_paths(const PowerState *state, ViolationSink *sink);
extern void warn_of_darkness(const PowerState *state, ViolationSink *sink);

#endif							/* POWERPANEL_WARN_H */
