/*-------------------------------------------------------------------------
 *
 * phases.h
 *	  Currents in the phases of a three-phase system, as complex numbers.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PHASES_H
#define POWERPANEL_PHASES_H

#include "compat.h"

#include <math.h>

#include "network.h"

/* A current in VA at the voltage to neutral, against that of its own phase. */
typedef struct Phasor
{
	double		re;
	double		im;
} Phasor;

typedef struct Phases
{
	Phasor		phase[3];		/* A, B, C */
} Phases;

static inline double
phasor_magnitude(Phasor x)
{
	return x.im == 0 ? fabs(x.re) : sqrt(x.re * x.re + x.im * x.im);
}

static inline void
phases_add(Phases *sum, const Phases *other)
{
	for (int i = 0; i < 3; i++)
	{
		sum->phase[i].re += other->phase[i].re;
		sum->phase[i].im += other->phase[i].im;
	}
}

static inline Phases
phases_even(double va)
{
	Phasor		third = {va / 3, 0};

	return (Phases) {{third, third, third}};
}

static inline bool
phases_same(const Phases *a, const Phases *b)
{
	return memcmp(a, b, sizeof(Phases)) == 0;
}

extern Phases phases_scale(const Phases *phases, double factor);
extern Phases phases_delta_wye(const Phases *phases);
extern void phases_add_leg(Phases *phases, Leg leg, double va);
extern Phases phases_of_poles(const NetPanel *panel, int position, int poles, double va);
extern double phases_highest(const Phases *phases);
extern double phases_room(const Phases *now, const Phases *more, double limit);
extern double phase_imbalance(PanelBus bus, const Phases *phases);

#endif							/* POWERPANEL_PHASES_H */
