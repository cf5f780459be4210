/*-------------------------------------------------------------------------
 *
 * geometry.h
 *	  Breaker geometry: which positions a breaker occupies and which phases
 *	  these meet.  Pure functions, no PostgreSQL in them but its types.
 *
 * Sources: the North American panelboard, whose odd positions stand left and
 * even ones right, each row of two on the next bus bar; IEC boards and busway,
 * numbered in one column.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_GEOMETRY_H
#define POWERPANEL_GEOMETRY_H

#include "compat.h"

#include "position_set.h"

#define BREAKER_POSITION_MAX	1000
#define BREAKER_POLES_MAX		3

/*
 * The square root of 3, as Nautobot and printed tables round it: a three-phase
 * voltage over that to neutral.
 */
#define ROOT3				1.732

/* The order of these is that of numbering_labels and bus_labels. */
typedef enum PanelNumbering
{
	NUMBERING_ACROSS,
	NUMBERING_SEQUENTIAL
} PanelNumbering;

typedef enum PanelBus
{
	BUS_THREE_PHASE,
	BUS_SPLIT_PHASE,
	BUS_SINGLE_PHASE,
	BUS_DC
} PanelBus;

/* A set of phases: bit 0 is A, bit 1 is B, bit 2 is C. */
typedef uint8 PhaseMask;

static inline int
bus_phases(PanelBus bus)
{
	static const int phases[] = {3, 2, 1, 0};

	return phases[bus];
}

/* A dc breaker may switch both conductors. */
static inline int
bus_max_poles(PanelBus bus)
{
	return bus == BUS_DC ? 2 : bus_phases(bus);
}

/* How far one pole is from the next. */
static inline int
pole_step(PanelNumbering numbering)
{
	return numbering == NUMBERING_ACROSS ? 2 : 1;
}

/*
 * The farthest that the first positions of two breakers which overlap can be
 * apart, whatever their poles and the numbering.
 */
#define BREAKER_REACH			(2 * (BREAKER_POLES_MAX - 1))

static inline bool
breaker_is_valid(int position, int poles)
{
	return position >= 1 && position <= BREAKER_POSITION_MAX &&
		poles >= 1 && poles <= BREAKER_POLES_MAX;
}

/*
 * How many positions a panel of the inventory has, 0 where that is not known, as it is
 * where an owner has let in a number who dropped the CHECK of the column.
 */
static inline int
known_positions(int positions)
{
	return positions >= 1 && positions <= BREAKER_POSITION_MAX ? positions : 0;
}

static inline int
breaker_last_position(PanelNumbering numbering, int position, int poles)
{
	return position + pole_step(numbering) * (poles - 1);
}

/* The phase number (0 is A) of a position, or -1 on a dc bus. */
static inline int
position_phase_number(PanelNumbering numbering, PanelBus bus, int position)
{
	int			n = bus_phases(bus);

	if (n == 0)
		return -1;
	return ((position - 1) / pole_step(numbering)) % n;
}

static inline PhaseMask
breaker_phase_mask(PanelNumbering numbering, PanelBus bus, int position, int poles)
{
	PhaseMask	mask = 0;

	if (bus_phases(bus) == 0)
		return 0;
	for (int i = 0; i < poles; i++)
		mask |= (PhaseMask) (1 << position_phase_number(numbering, bus,
														position + i * pole_step(numbering)));
	return mask;
}

static inline void
breaker_add_positions(PositionBits *set, PanelNumbering numbering, int position, int poles)
{
	for (int i = 0; i < poles; i++)
		position_add(set, position + i * pole_step(numbering));
}

/* Whether none of a breaker's positions is taken. */
static inline bool
breaker_fits(const PositionBits *taken, PanelNumbering numbering, int position, int poles)
{
	for (int i = 0; i < poles; i++)
		if (position_has(taken, position + i * pole_step(numbering)))
			return false;
	return true;
}

extern int	first_free_place(const PositionBits *taken, PanelNumbering numbering,
							 PanelBus bus, int circuit_positions, int poles);
extern const char *const numbering_labels[];
extern const char *const bus_labels[];
extern void check_poles(int poles);
extern const char *phase_mask_label(PhaseMask mask);
extern PanelNumbering numbering_from_label(const char *label);
extern PanelBus bus_from_label(const char *label);

#endif							/* POWERPANEL_GEOMETRY_H */
