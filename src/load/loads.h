/*-------------------------------------------------------------------------
 *
 * loads.h
 *	  What the analysis functions share: arguments, labels, errors.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_LOADS_H
#define POWERPANEL_LOADS_H

#include "compat.h"

#include "fmgr.h"
#include "utils/array.h"

#include "load_model.h"

extern PowerState *power_state_of_device(FunctionCallInfo fcinfo, int names, int *index);
extern double positive_argument(FunctionCallInfo fcinfo, int arg, const char *name);
extern pg_uuid_t *read_id_array(ArrayType *array, const char *what, int *n);
extern const char *device_state_label(DeviceState state);

#endif							/* POWERPANEL_LOADS_H */
