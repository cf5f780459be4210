/*-------------------------------------------------------------------------
 *
 * outlet_bank.h
 *	  What the key power_outlet_power_bank does not say of outlets and banks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_OUTLET_BANK_H
#define POWERPANEL_OUTLET_BANK_H

#include "compat.h"

#include "rule.h"

extern void outlet_bank_audit(ViolationSink *sink);

#endif							/* POWERPANEL_OUTLET_BANK_H */
