/*-------------------------------------------------------------------------
 *
 * powerpanel.c
 *	  The module itself.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "guard_ddl.h"

#ifdef PG_MODULE_MAGIC_EXT
PG_MODULE_MAGIC_EXT(
					.name = "powerpanel",
					.version = POWERPANEL_VERSION
);
#else
PG_MODULE_MAGIC;
#endif

void		_PG_init(void);

void
_PG_init(void)
{
	guard_ddl_init();
}
