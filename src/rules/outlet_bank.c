/*-------------------------------------------------------------------------
 *
 * outlet_bank.c
 *	  What the key power_outlet_power_bank does not say of outlets and banks.
 *
 * The key, (power_port_id, power_bank_id) of power_bank, does not look at an
 * outlet that names a bank and no inlet; what such an outlet does wrong is in
 * its own row, and takes no lock.  And when a bank moves to another device, the
 * key would take the inlet of its outlets along, so that the error would be
 * about that; what is wrong is the bank's move.  Outlets cannot come to a bank
 * that moves: their key locks the bank's row, which the UPDATE holds.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"

#include "inventory.h"
#include "outlet_bank.h"
#include "query.h"
#include "rule.h"
#include "trigger.h"

PG_FUNCTION_INFO_V1(check_outlet_bank);
PG_FUNCTION_INFO_V1(check_bank_outlets);

/*
 * Outer joins: an outlet without inlet is wrong whatever bank it names, and the
 * key does not ask either whether there is such a bank.
 */
#define BANKED_OUTLETS \
	"SELECT o.id, o.name, coalesce(d.name, '?'), b.name, o.power_port_id IS NULL" \
	" FROM powerpanel.power_outlet o" \
	" LEFT JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) o.device_id" \
	" LEFT JOIN powerpanel.power_bank b ON b.id OPERATOR(pg_catalog.=) o.power_bank_id" \
	" WHERE o.power_bank_id IS NOT NULL AND "
#define NO_INLET	"o.power_port_id IS NULL"
#define MOVED		"o.device_id OPERATOR(pg_catalog.<>) b.device_id"

static CheckQuery of_all = QUERY(BANKED_OUTLETS NO_INLET);
static CheckQuery of_outlet = QUERY(BANKED_OUTLETS NO_INLET " AND o.id OPERATOR(pg_catalog.=) $1", UUIDOID);
static CheckQuery of_bank = QUERY(BANKED_OUTLETS MOVED " AND b.id OPERATOR(pg_catalog.=) $1 LIMIT 1", UUIDOID);

static char *
outlet_label(QueryRow row)
{
	char	   *outlet = label("power outlet", inventory_relid("power_outlet"), "name", query_text(row, 2));

	return psprintf("%s of %s", outlet,
					label("device", inventory_relid("device"), "name", query_text(row, 3)));
}

static void
report_outlet(QueryRow row, ViolationSink *sink)
{
	Violation	violation = {.rule = RULE_POWER_OUTLET_POWER_BANK, .relid = inventory_relid("power_outlet")};
	char	   *name = query_text(row, 4);
	char	   *bank = name != NULL ? label("power bank", inventory_relid("power_bank"), "name", name) :
		"a power bank that does not exist";
	bool		isnull;

	violation.object_id = query_value(row, 1, &isnull);
	violation.object = query_text(row, 2);
	if (DatumGetBool(query_value(row, 5, &isnull)))
	{
		violation.message = psprintf("%s belongs to %s, but names no inlet", outlet_label(row), bank);
		violation.hint = "Set power_port_id of the outlet to that of the bank.";
	}
	else
	{
		violation.message = psprintf("%s cannot move to another device: %s belongs to it",
									 bank, outlet_label(row));
		violation.hint = "First set power_bank_id of its outlets to NULL.";
	}
	report_violation(sink, &violation);
}

static void
check_outlets(CheckQuery *query, Datum *arg, ViolationSink *sink)
{
	static const char *const joined[] = {"power_bank", "device", NULL};
	QueryRows	rows;

	query_begin();
	rows = query_run(query, inventory_joined("power_outlet", joined), arg);
	for (uint64 i = 0; i < rows.n; i++)
		report_outlet(query_row(rows, i), sink);
	query_end();
}

static Datum
check_row(FunctionCallInfo fcinfo, const char *function, const char *table, CheckQuery *query)
{
	TriggerData *trigger = inventory_trigger_data(fcinfo, function, table);
	TupleTableSlot *slot = trigger_live_row(trigger);
	bool		isnull;

	if (slot != NULL)
	{
		Datum		id = trigger_column(slot, "id", &isnull);

		check_outlets(query, &id, &raise_violation);
	}
	return PointerGetDatum(NULL);
}

/* On power_outlet: it has a bank, and no inlet. */
Datum
check_outlet_bank(PG_FUNCTION_ARGS)
{
	return check_row(fcinfo, "check_outlet_bank", "power_outlet", &of_outlet);
}

/* On power_bank: it was moved to another device. */
Datum
check_bank_outlets(PG_FUNCTION_ARGS)
{
	return check_row(fcinfo, "check_bank_outlets", "power_bank", &of_bank);
}

void
outlet_bank_audit(ViolationSink *sink)
{
	check_outlets(&of_all, NULL, sink);
}
