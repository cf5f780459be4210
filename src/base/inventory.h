/*-------------------------------------------------------------------------
 *
 * inventory.h
 *	  The tables of the inventory.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_INVENTORY_H
#define POWERPANEL_INVENTORY_H

#include "compat.h"

extern Oid	inventory_relid(const char *table);
extern Oid	inventory_joined(const char *table, const char *const *others);
extern void inventory_must_be_whole(void);
extern void inventory_must_have_been_whole(void);
extern bool inventory_known_whole(Oid relid);

#endif							/* POWERPANEL_INVENTORY_H */
