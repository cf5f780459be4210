/*-------------------------------------------------------------------------
 *
 * object_name.h
 *	  How the audit names what it has found.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_OBJECT_NAME_H
#define POWERPANEL_OBJECT_NAME_H

#include "compat.h"

extern char *object_name(const char *table, Datum id, const char *of, const char *name);

#endif							/* POWERPANEL_OBJECT_NAME_H */
