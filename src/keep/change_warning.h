/*-------------------------------------------------------------------------
 *
 * change_warning.h
 *	  A change of the inventory's tables that a dump does not carry.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CHANGE_WARNING_H
#define POWERPANEL_CHANGE_WARNING_H

extern void change_warning_init(void);

#endif							/* POWERPANEL_CHANGE_WARNING_H */
