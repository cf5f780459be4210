/*-------------------------------------------------------------------------
 *
 * redundancy.h
 *	  How many things must fail together to leave a device dark.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_REDUNDANCY_H
#define POWERPANEL_REDUNDANCY_H

#include "compat.h"

#include "load_model.h"

/* Sets of more failures than this are not looked for. */
#define MAX_FAILURES	4

/* What may fail; of equal ones the first by this order is named first. */
typedef enum FailureKind
{
	FAILS_DEVICE,
	FAILS_FEED,
	FAILS_PANEL
} FailureKind;

typedef struct Failure
{
	FailureKind kind;
	int			index;
} Failure;

/* Things whose failure together leaves a device dark, no fewer of which do. */
typedef struct Cut
{
	int			n;				/* MAX_FAILURES + 1 where more are needed */
	Failure		failures[MAX_FAILURES];
} Cut;

typedef struct CutFinder CutFinder;

extern CutFinder *cut_finder_create(const PowerState *state);
extern Cut	cut_find(CutFinder *finder, int device);
extern const char *failure_name(const Network *network, Failure failure);
extern const pg_uuid_t *failure_id(const Network *network, Failure failure);

#endif							/* POWERPANEL_REDUNDANCY_H */
