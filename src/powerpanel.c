/*-------------------------------------------------------------------------
 *
 * powerpanel.c
 *	  The module itself.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(
					.name = "powerpanel",
					.version = POWERPANEL_VERSION
);
#else
PG_MODULE_MAGIC;
#endif
