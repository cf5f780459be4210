/*-------------------------------------------------------------------------
 *
 * enum_label.h
 *	  Enum values and their labels.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_ENUM_LABEL_H
#define POWERPANEL_ENUM_LABEL_H

#include "compat.h"

extern const char *enum_label(Oid value);
extern Oid	enum_value(Oid type, const char *label);

#endif							/* POWERPANEL_ENUM_LABEL_H */
