/*-------------------------------------------------------------------------
 *
 * guard_ddl.h
 *	  Event triggers that guard the inventory as a whole.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_GUARD_DDL_H
#define POWERPANEL_GUARD_DDL_H

#include "compat.h"

extern void guard_ddl_init(void);

#endif							/* POWERPANEL_GUARD_DDL_H */
