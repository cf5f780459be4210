/*-------------------------------------------------------------------------
 *
 * phases.c
 *	  Currents in the phases of a three-phase system, as complex numbers.
 *
 * Worked out once, from Kirchhoff's current law and Ohm's; any text on
 * three-phase circuits has the pieces (for one, J. D. Glover, M. S. Sarma,
 * T. J. Overbye, "Power System Analysis and Design", chapter 2).
 *
 * Let E be the voltage from a phase to neutral, and the voltages of the phases
 * A, B, C be E, E a^-1, E a^-2, where a is a turn by 120 degrees.  All loads have
 * one power factor, so it turns all currents alike and can be left out.  A current
 * I of phase X is written as the complex number s = E I / (the direction of X's
 * voltage): VA at the voltage to neutral, against X's own voltage.  |s| / E is what
 * an ammeter shows, and the real part is the power that the phase delivers.
 *
 * One pole.  A load S from X to neutral: s = S.
 *
 * Two poles.  A load S from X to Y, the next phase.  With X's voltage as E, Y's is
 * E a^-1 and the voltage between is E (1 - a^-1) = E (3/2 + j sqrt(3)/2), which is
 * sqrt(3) E and leads X's by 30 degrees.  The current has the voltage's direction
 * and the size S / (sqrt(3) E): E I = S (1/2 + j / (2 sqrt(3))), and that is s of
 * X.  In Y flows -I; against Y's own voltage, E a^-1, that is
 *		-E I a = -S (1/2 + j / (2 sqrt(3))) (-1/2 + j sqrt(3)/2)
 *			   = S (1/2 - j / (2 sqrt(3))).
 * Each has the size S / sqrt(3), as each of the two wires carries S / (sqrt(3) E);
 * the real parts are S/2 each.  Where two such loads meet in a phase, the one
 * from before and the one from after, the imaginary parts are opposite and the
 * currents do not add up to the sum of their sizes.
 *
 * Three poles: S/3 on each.
 *
 * Delta-wye.  The winding that makes phase X of the secondary side hangs between
 * phases X and Y of the primary side (with the usual numbering; the other way
 * round, the results are those of the phases renamed).  It carries the current of
 * X, in the ratio of the voltages, and with X's angle against the voltage of the
 * winding.  So it is a load s between X and Y, s being complex.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "phases.h"

/* 1 / (2 sqrt(3)) */
#define HALF_BY_SQRT3		0.28867513459481288225

Phases
phases_scale(const Phases *phases, double factor)
{
	Phases		result;

	for (int i = 0; i < 3; i++)
		result.phase[i] = (Phasor) {phases->phase[i].re * factor, phases->phase[i].im * factor};
	return result;
}

/* Adds a load between phase x and the next: s (1/2 + j k) to x, s (1/2 - j k) to the next. */
static void
add_between(Phases *phases, int x, Phasor s)
{
	Phasor	   *from = &phases->phase[x];
	Phasor	   *to = &phases->phase[(x + 1) % 3];

	from->re += s.re / 2 - s.im * HALF_BY_SQRT3;
	from->im += s.im / 2 + s.re * HALF_BY_SQRT3;
	to->re += s.re / 2 + s.im * HALF_BY_SQRT3;
	to->im += s.im / 2 - s.re * HALF_BY_SQRT3;
}

/* What the secondary side of a transformer puts on the phases of the primary side. */
Phases
phases_delta_wye(const Phases *phases)
{
	Phases		result = {{{0, 0}, {0, 0}, {0, 0}}};

	for (int x = 0; x < 3; x++)
		add_between(&result, x, phases->phase[x]);
	return result;
}

/* Adds a load on one leg, or between two. */
void
phases_add_leg(Phases *phases, Leg leg, double va)
{
	if (leg >= LEG_AB)
		add_between(phases, leg - LEG_AB, (Phasor) {va, 0});
	else
		phases->phase[leg - LEG_A].re += va;
}

/* A load on the poles of a breaker; position 0 is none. */
Phases
phases_of_poles(const NetPanel *panel, int position, int poles, double va)
{
	Phases		result = {{{0, 0}, {0, 0}, {0, 0}}};
	int			n = bus_phases(panel->bus);

	if (n == 3 && (position == 0 || poles >= 3))
		return phases_even(va);
	if (n == 2 && (position == 0 || poles >= 2))
		result.phase[0].re = result.phase[1].re = va / 2;
	else if (n == 3 && poles == 2)
		add_between(&result, position_phase_number(panel->numbering, panel->bus, position), (Phasor) {va, 0});
	else if (n > 0)
		result.phase[position == 0 ? 0 : position_phase_number(panel->numbering, panel->bus, position)].re = va;
	return result;
}

/* The highest current of a phase. */
double
phases_highest(const Phases *phases)
{
	double		highest = 0;

	for (int i = 0; i < 3; i++)
		highest = Max(highest, phasor_magnitude(phases->phase[i]));
	return highest;
}

/*
 * How many times so much more makes |now + times * more| reach a limit.  With
 * a = |more|^2, b = Re(now conj(more)) and c = limit^2 - |now|^2 >= 0 that is the
 * root times >= 0 of a times^2 + 2 b times = c, in the form that loses no digits.
 * Infinite where there is no more, 0 where the limit is passed already.
 */
static double
phasor_room(Phasor now, Phasor more, double limit)
{
	double		a = more.re * more.re + more.im * more.im;
	double		b = now.re * more.re + now.im * more.im;
	double		c = (limit - phasor_magnitude(now)) * (limit + phasor_magnitude(now));
	double		root;

	if (c < 0)
		return 0;
	if (a <= 0)
		return INFINITY;
	root = sqrt(b * b + a * c);
	return b > 0 ? c / (b + root) : (root - b) / a;
}

/* The same of the phase that is first to reach the limit. */
double
phases_room(const Phases *now, const Phases *more, double limit)
{
	double		room = INFINITY;

	for (int i = 0; i < 3; i++)
		room = Min(room, phasor_room(now->phase[i], more->phase[i], limit));
	return room;
}

/* Percent; 0 where there is no load or one phase.  Not for dc. */
double
phase_imbalance(PanelBus bus, const Phases *phases)
{
	int			n = bus_phases(bus);
	double		mean = 0;
	double		worst = 0;

	for (int i = 0; i < n; i++)
		mean += phases->phase[i].re / n;
	if (mean <= 0 || n < 2)
		return 0;
	for (int i = 0; i < n; i++)
		worst = Max(worst, fabs(phases->phase[i].re - mean));
	/* what is left by rounding is no imbalance */
	return worst > mean * 1e-12 ? 100 * worst / mean : 0;
}
