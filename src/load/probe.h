/*-------------------------------------------------------------------------
 *
 * probe.h
 *	  What a load on a panel's bus would add to all that it hangs on.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PROBE_H
#define POWERPANEL_PROBE_H

#include "compat.h"

#include "outage.h"

/* A panel or a feed. */
typedef struct Thing
{
	bool		is_panel;
	int			index;
} Thing;

/* What carries a part of the load. */
typedef struct ProbePart
{
	Thing		thing;
	int			steps;			/* from the load, the fewest: the panel itself is
								 * 0, a feed that enters it 1, and so on */
	double		va;				/* of one VA, above 0 */
	Phases		phases;
} ProbePart;

typedef struct Probe
{
	const PowerState *state;
	ProbePart  *parts;			/* of the last load that was put somewhere */
	int			n_parts;
	struct ProbeWork *work;
} Probe;

extern Probe *probe_create(const PowerState *state);
extern void probe_follow(Probe *probe, const Outage *outage);
extern void probe_put(Probe *probe, int panel);
extern double thing_room(const PowerState *state, Thing thing, double va, const Phases *phases);
extern const char *thing_name(const Network *network, Thing thing);
extern const pg_uuid_t *thing_id(const Network *network, Thing thing);
extern int	thing_compare(const Network *network, Thing a, Thing b);

/* A number for each: panels first. */
static inline int
thing_number(const Network *network, Thing thing)
{
	return thing.is_panel ? thing.index : network->n_panels + thing.index;
}

#endif							/* POWERPANEL_PROBE_H */
