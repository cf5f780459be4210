/*-------------------------------------------------------------------------
 *
 * key_uuid.h
 *	  Keys of any type as uuids, which is what graphs are made of.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_KEY_UUID_H
#define POWERPANEL_KEY_UUID_H

#include "compat.h"

#include "utils/uuid.h"

extern int	integer_value(Oid type, Datum value);
extern char *value_text(Oid type, Datum value);
extern pg_uuid_t key_uuid(Oid type, Datum key);
extern Datum uuid_key(Oid type, const pg_uuid_t *uuid);
extern char *key_sql(Oid type, const char *column);
extern char *key_in_sql(Oid type, const char *column);

#endif							/* POWERPANEL_KEY_UUID_H */
