/*-------------------------------------------------------------------------
 *
 * amperes.c
 *	  Currents, and the voltages that they go by.
 *
 * Loads are in VA, by the load model; what a current cannot be told of is negative.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "amperes.h"

/* A voltage as it is called: 400 V between phases are 230 V to neutral, not 231. */
double
nominal_voltage(double voltage)
{
	double		round = rint(voltage / 10) * 10;

	return fabs(voltage - round) <= 0.005 * voltage ? round : voltage;
}

/* The current of each phase; negative for what the bus does not have or nobody knows. */
void
panel_amps(const PowerState *state, int panel, double *amps)
{
	static const double to_neutral[] = {1, 1, 2, ROOT3};
	const NetPanel *p = &state->network->panels[panel];
	int			n = bus_phases(p->bus);

	for (int i = 0; i < 3; i++)
		amps[i] = i < n && p->voltage > 0 ?
			phasor_magnitude(state->panels[panel].phases.phase[i]) / (p->voltage / to_neutral[n]) : -1;
}

/*
 * The current of each phase, negative for one that its breaker does not meet;
 * returns the highest, negative where the voltage is not known.
 */
double
feed_amps(const PowerState *state, int feed, double *amps)
{
	const Network *network = state->network;
	const NetFeed *f = &network->feeds[feed];
	const NetPanel *panel = &network->panels[f->panel];
	double		highest = -1;

	for (int i = 0; i < 3; i++)
		amps[i] = -1;
	if (f->voltage <= 0)
		return -1;
	if (f->kind == FEED_BY_POLES)
	{
		PhaseMask	mask = f->position > 0 ?
			breaker_phase_mask(panel->numbering, panel->bus, f->position, f->poles) : 0;

		highest = basis(state->feeds[feed].load) / (f->voltage * (f->three_phase ? ROOT3 : 1));
		for (int i = 0; i < 3; i++)
			if (mask & (1 << i))
				amps[i] = highest;
		return highest;
	}
	for (int i = 0; i < 3; i++)
	{
		amps[i] = phasor_magnitude(state->feeds[feed].phases.phase[i]) / (f->voltage / ROOT3);
		highest = Max(highest, amps[i]);
	}
	return highest;
}

/*
 * The voltage at a port, from the feed that its first inlets lead up to; negative
 * where they lead to none.  An outlet that names a leg makes one phase of three.
 */
static double
port_voltage(const Network *network, int port, bool *three_phase)
{
	const NetPort *p = &network->ports[port];
	const NetOutlet *outlet;
	double		voltage;

	if (p->feed >= 0)
	{
		*three_phase = network->feeds[p->feed].three_phase;
		return network->feeds[p->feed].voltage;
	}
	outlet = p->outlet >= 0 ? &network->outlets[p->outlet] : NULL;
	if (outlet == NULL || outlet->inlet < 0)
		return -1;
	voltage = port_voltage(network, outlet->inlet, three_phase);
	if (!*three_phase || outlet->leg == LEG_NONE)
		return voltage;
	*three_phase = false;
	return outlet->leg < LEG_AB ? voltage / ROOT3 : voltage;
}

/* The current of a bank; negative where it is not energized or nobody knows. */
double
bank_amps(const PowerState *state, int bank)
{
	const NetBank *b = &state->network->banks[bank];
	double		va = basis(bank_carries(state, bank));
	bool		three_phase = false;
	double		voltage;

	if (b->inlet < 0 || !bank_is_on(state, bank))
		return -1;
	voltage = port_voltage(state->network, b->inlet, &three_phase);
	if (voltage <= 0)
		return -1;
	if (!three_phase || b->leg >= LEG_AB)
		return va / voltage;
	return b->leg == LEG_NONE ? va / (voltage * ROOT3) : va / (voltage / ROOT3);
}
