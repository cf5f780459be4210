/*-------------------------------------------------------------------------
 *
 * table_list.h
 *	  A few tables, for a memory that is forgotten when one of them is altered.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_TABLE_LIST_H
#define POWERPANEL_TABLE_LIST_H

#include "compat.h"

/* Where they are too many to list, every table counts as one.  All zeroes is empty. */
typedef struct TableList
{
	Oid			relids[16];
	int			n;
} TableList;

extern bool table_list_has(const TableList *list, Oid relid);
extern void table_list_add(TableList *list, Oid relid);

#endif							/* POWERPANEL_TABLE_LIST_H */
