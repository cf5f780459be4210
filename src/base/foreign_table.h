/*-------------------------------------------------------------------------
 *
 * foreign_table.h
 *	  Reading tables that are not the extension's own.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FOREIGN_TABLE_H
#define POWERPANEL_FOREIGN_TABLE_H

#include "compat.h"

#include "utils/relcache.h"

extern void must_be_ordinary(Relation rel);

#endif							/* POWERPANEL_FOREIGN_TABLE_H */
