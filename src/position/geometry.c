/*-------------------------------------------------------------------------
 *
 * geometry.c
 *	  SQL functions of the breaker geometry, and the labels of its enums.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include <math.h>

#include "enum_label.h"
#include "geometry.h"
#include "position_set.h"

PG_FUNCTION_INFO_V1(breaker_positions);
PG_FUNCTION_INFO_V1(breaker_phases);
PG_FUNCTION_INFO_V1(position_phase);
PG_FUNCTION_INFO_V1(available_power);

/*
 * The first place where a breaker fits, or 0.  circuit_positions is 0 where
 * the panel's size is not known; then there is no limit but that of a
 * breaker position.
 */
int
first_free_place(const PositionBits *taken, PanelNumbering numbering,
				 PanelBus bus, int circuit_positions, int poles)
{
	if (poles > bus_max_poles(bus))
		return 0;
	for (int p = 1; p <= BREAKER_POSITION_MAX; p++)
	{
		if (circuit_positions > 0 &&
			breaker_last_position(numbering, p, poles) > circuit_positions)
			break;
		if (breaker_fits(taken, numbering, p, poles))
			return p;
	}
	return 0;
}

/* The label of enum phase_designation, or NULL for no phase. */
const char *
phase_mask_label(PhaseMask mask)
{
	static const char *const labels[] = {
		NULL, "A", "B", "A-B", "C", "A-C", "B-C", "A-B-C"
	};

	return labels[mask];
}

const char *const numbering_labels[] = {"across", "sequential", NULL};
const char *const bus_labels[] = {"three-phase", "split-phase", "single-phase", "dc", NULL};

/* The index of a label.  The panels of a guarded table may have it as text. */
static int
label_index(const char *label, const char *const *labels)
{
	for (int i = 0; labels[i] != NULL; i++)
		if (strcmp(label, labels[i]) == 0)
			return i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized label \"%s\"", label),
			 errhint("A panel's numbering is across or sequential; its bus is three-phase, split-phase, single-phase or dc.")));
	return 0;
}

PanelNumbering
numbering_from_label(const char *label)
{
	return (PanelNumbering) label_index(label, numbering_labels);
}

PanelBus
bus_from_label(const char *label)
{
	return (PanelBus) label_index(label, bus_labels);
}

/* Raises 22023 where no breaker has so many poles. */
void
check_poles(int poles)
{
	if (poles < 1 || poles > BREAKER_POLES_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breaker pole count %d is out of range", poles),
				 errdetail("Breakers have 1 to %d poles.", BREAKER_POLES_MAX)));
}

static void
check_breaker_arguments(int position, int poles)
{
	if (position < 1 || position > BREAKER_POSITION_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("breaker position %d is out of range", position),
				 errdetail("Breaker positions are 1 to %d.", BREAKER_POSITION_MAX)));
	check_poles(poles);
}

/* breaker_positions(panel_numbering, position, poles) */
Datum
breaker_positions(PG_FUNCTION_ARGS)
{
	PanelNumbering numbering = numbering_from_label(enum_label(PG_GETARG_OID(0)));
	int			position = PG_GETARG_INT32(1);
	int			poles = PG_GETARG_INT32(2);
	PositionBits set = {{0}};

	check_breaker_arguments(position, poles);
	breaker_add_positions(&set, numbering, position, poles);
	PG_RETURN_POINTER(position_set_make(&set));
}

/* breaker_phases(panel_numbering, panel_bus, position, poles) */
Datum
breaker_phases(PG_FUNCTION_ARGS)
{
	PanelNumbering numbering = numbering_from_label(enum_label(PG_GETARG_OID(0)));
	PanelBus	bus = bus_from_label(enum_label(PG_GETARG_OID(1)));
	int			position = PG_GETARG_INT32(2);
	int			poles = PG_GETARG_INT32(3);
	PhaseMask	mask;

	check_breaker_arguments(position, poles);
	mask = breaker_phase_mask(numbering, bus, position, poles);
	if (mask == 0)
		PG_RETURN_NULL();
	PG_RETURN_OID(enum_value(get_fn_expr_rettype(fcinfo->flinfo), phase_mask_label(mask)));
}

/* position_phase(panel_numbering, panel_bus, position) */
Datum
position_phase(PG_FUNCTION_ARGS)
{
	PanelNumbering numbering = numbering_from_label(enum_label(PG_GETARG_OID(0)));
	PanelBus	bus = bus_from_label(enum_label(PG_GETARG_OID(1)));
	int			position = PG_GETARG_INT32(2);
	int			phase;

	if (position < 1 || position > POSITION_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("circuit position %d is out of range", position),
				 errdetail("Circuit positions are 1 to %d.", POSITION_MAX)));
	phase = position_phase_number(numbering, bus, position);
	if (phase < 0)
		PG_RETURN_NULL();
	PG_RETURN_OID(enum_value(get_fn_expr_rettype(fcinfo->flinfo),
							 phase_mask_label((PhaseMask) (1 << phase))));
}

/*
 * available_power(voltage V, amperage A, max_utilization percent, phase) in VA
 *
 * In the order of operations of Nautobot's PowerFeed.save(), in double, so
 * that figures agree to the volt-ampere:
 *		round(abs(voltage) * amperage * (max_utilization / 100) [* 1.732])
 * rint() rounds half to even, as Python's round() does.  The product of two
 * ints is exact in 64 bits; within the bounds tested the result is below
 * 2^31 * 2^31 * 1.732, which fits in 64 bits.
 */
Datum
available_power(PG_FUNCTION_ARGS)
{
	int64		voltage = PG_GETARG_INT32(0);
	int64		amperage = PG_GETARG_INT32(1);
	int			max_utilization = PG_GETARG_INT32(2);
	bool		three_phase = strcmp(enum_label(PG_GETARG_OID(3)), "three-phase") == 0;
	double		va;

	/* refused by the CHECKs of power_feed, which are looked at after this */
	if (amperage < 1 || max_utilization < 1 || max_utilization > 100)
		PG_RETURN_NULL();

	va = (double) ((voltage < 0 ? -voltage : voltage) * amperage) *
		((double) max_utilization / 100);
	if (three_phase)
		va *= ROOT3;
	PG_RETURN_INT64((int64) rint(va));
}
