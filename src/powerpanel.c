/*-------------------------------------------------------------------------
 *
 * powerpanel.c
 *	  The module itself.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "utils/guc.h"

#include "audit.h"
#include "change_warning.h"
#include "drop_protection.h"
#include "load_model.h"
#include "warnings.h"

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
	load_basis_init();
	drop_protection_init();
	change_warning_init();
	audit_set_network(&audit_network);
	MarkGUCPrefixReserved("powerpanel");
}
