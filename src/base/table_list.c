/*-------------------------------------------------------------------------
 *
 * table_list.c
 *	  A few tables, for a memory that is forgotten when one of them is altered.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "table_list.h"

bool
table_list_has(const TableList *list, Oid relid)
{
	if (list->n > (int) lengthof(list->relids))
		return true;
	for (int i = 0; i < list->n; i++)
		if (list->relids[i] == relid)
			return true;
	return false;
}

void
table_list_add(TableList *list, Oid relid)
{
	if (table_list_has(list, relid))
		return;
	if (list->n < (int) lengthof(list->relids))
		list->relids[list->n] = relid;
	list->n++;
}
