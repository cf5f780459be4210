/*-------------------------------------------------------------------------
 *
 * amperes.h
 *	  Currents, and the voltages that they go by.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_AMPERES_H
#define POWERPANEL_AMPERES_H

#include "compat.h"

#include "load_model.h"

extern double nominal_voltage(double voltage);
extern void panel_amps(const PowerState *state, int panel, double *amps);
extern double feed_amps(const PowerState *state, int feed, double *amps);
extern double bank_amps(const PowerState *state, int bank);

#endif							/* POWERPANEL_AMPERES_H */
