/*-------------------------------------------------------------------------
 *
 * rack_label.c
 *	  What the feeds assigned to a rack promise.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "port/pg_bitutils.h"

#include "rack_label.h"

#define NO_PATH		0x01

void
rack_design_add(RackDesign *design, const NetFeed *feed)
{
	uint8		bit = (uint8) (feed->path == 0 ? NO_PATH : NO_PATH << (feed->path - 'a' + 1));

	if (feed->primary)
		design->primaries |= bit;
	else
		design->redundants |= bit;
}

/*
 * By the set of types and paths, whichever paths they are.  NULL for any set that
 * has no name.
 */
const char *
rack_label(RackDesign design)
{
	static const char *const by_paths[] = {NULL, NULL, "2N", "3N/2", "4N/3"};
	int			primaries = pg_popcount((const char *) &design.primaries, 1);
	int			redundants = pg_popcount((const char *) &design.redundants, 1);

	if (design.primaries == NO_PATH && redundants == 0)
		return "N";
	if ((design.primaries | design.redundants) & NO_PATH)
		return NULL;
	if (redundants == 0)
		return by_paths[primaries];
	return primaries == 1 && redundants == 1 && design.primaries != design.redundants ? "N+1" : NULL;
}
