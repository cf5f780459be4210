/*-------------------------------------------------------------------------
 *
 * cycle.h
 *	  The rules that forbid loops.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_CYCLE_H
#define POWERPANEL_CYCLE_H

#include "compat.h"

#include "utils/uuid.h"

#include "rule.h"

typedef enum CycleGraph
{
	LOCATIONS,					/* location -> its parent */
	PANELS,						/* panel -> panel, by feeds */
	PORTS,						/* power port -> power port, by outlets and
								 * cables */
	CYCLE_GRAPHS
} CycleGraph;

extern void cycle_check(CycleGraph which, bool exclusive, CommandId command, const pg_uuid_t *edge,
						const pg_uuid_t *from, const pg_uuid_t *to);
extern void cycle_audit(CycleGraph which, ViolationSink *sink);

#endif							/* POWERPANEL_CYCLE_H */
