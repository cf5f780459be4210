/*-------------------------------------------------------------------------
 *
 * drop_protection.h
 *	  The inventory is not dropped by mistake.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DROP_PROTECTION_H
#define POWERPANEL_DROP_PROTECTION_H

extern void drop_protection_init(void);

#endif							/* POWERPANEL_DROP_PROTECTION_H */
