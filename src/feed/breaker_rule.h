/*-------------------------------------------------------------------------
 *
 * breaker_rule.h
 *	  The rules of breakers in a panel.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_BREAKER_RULE_H
#define POWERPANEL_BREAKER_RULE_H

#include "compat.h"

#include "breaker_read.h"
#include "feed_table.h"
#include "rule.h"

extern PhaseMask breaker_derive(const Panel *panel, int position, int poles, PositionBits *set);
extern bool breaker_holds(const FeedTable *table, const Breaker *breaker,
						  const PositionBits *set, PhaseMask mask);
extern bool breaker_derived_right(const FeedTable *table, const Panel *panel, const Breaker *breaker);
extern bool breaker_sound_alone(const FeedTable *table, const Panel *panel, const Breaker *breaker);
extern void breaker_rule_check(const BreakerPanel *at, Breaker *breakers, int n, ViolationSink *sink);

#endif							/* POWERPANEL_BREAKER_RULE_H */
