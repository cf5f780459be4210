/*-------------------------------------------------------------------------
 *
 * power_query.h
 *	  What the analysis functions share: reading for one thing, labels, errors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_POWER_QUERY_H
#define POWERPANEL_POWER_QUERY_H

#include "compat.h"

#include "utils/array.h"

#include "power_state.h"

extern PowerState *power_state_of_panel(FunctionCallInfo fcinfo, int *index);
extern pg_uuid_t *read_id_array(ArrayType *array, const char *what, int *n);
extern const char *device_state_label(DeviceState state);
extern void no_such_device(const pg_uuid_t *device);
extern void no_such_feed(const pg_uuid_t *feed);

#endif							/* POWERPANEL_POWER_QUERY_H */
