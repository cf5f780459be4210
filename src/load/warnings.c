/*-------------------------------------------------------------------------
 *
 * warnings.c
 *	  What the audit warns of: nothing that is refused, but that somebody should
 *	  look at.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "query.h"
#include "warn.h"
#include "warnings.h"

static void
warn_of_outlets(ViolationSink *sink)
{
	static CheckQuery query = QUERY(
		"SELECT o.id, o.name, pg_catalog.format('power outlet \"%s\" of \"%s\" names no power port that feeds it,"
		" so nothing on it has power; set power_port_id',"
		" o.name, d.name), d.name"
		" FROM powerpanel.power_outlet o"
		" JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) o.device_id"
		" WHERE o.power_port_id IS NULL");
	QueryRows	rows;

	query_begin();
	rows = query_run(&query, inventory_relid("power_outlet"), NULL);
	for (uint64 i = 0; i < rows.n; i++)
	{
		QueryRow	row = query_row(rows, i);

		CHECK_FOR_INTERRUPTS();
		report_warning(sink, RULE_POWER_OUTLET_UNASSIGNED, "power_outlet",
					   query_uuid(row, 1), query_text(row, 4), query_text(row, 2), query_text(row, 3));
	}
	query_end();
}

/* Is one of these wanted, that need more than the panels and feeds? */
static bool
wants_any(const bool *wanted, const RuleId *rules_, int n)
{
	for (int i = 0; i < n; i++)
		if (wanted[rules_[i]])
			return true;
	return false;
}

#define WANTS(...) \
	wants_any(wanted, (const RuleId[]) {__VA_ARGS__}, lengthof(((const RuleId[]) {__VA_ARGS__})))

/*
 * Reports what the wanted rules warn of; the sink leaves out the others.  Where
 * the network has a loop, of which the audit tells as an error, nothing can be
 * said of loads.
 */
void
power_warnings(const bool *wanted, ViolationSink *sink)
{
	bool		ratings = WANTS(RULE_POWER_FEED_PHASE_POLES, RULE_POWER_FEED_PANEL_VOLTAGE,
								RULE_POWER_FEED_PANEL_SUPPLY, RULE_POWER_FEED_ABOVE_MAIN,
								RULE_POWER_FEED_UNPLACED, RULE_POWER_FEED_PATH);
	bool		cabling = WANTS(RULE_POWER_PORT_LEG, RULE_POWER_PORT_DRAW_UNKNOWN,
								RULE_POWER_PANEL_TRANSFER_PRIMARIES, RULE_POWER_PANEL_OFF);
	bool		loads = WANTS(RULE_POWER_FEED_OVERLOAD, RULE_POWER_PANEL_OVERLOAD,
							  RULE_POWER_PORT_OVERLOAD, RULE_POWER_BANK_OVERLOAD,
							  RULE_POWER_PANEL_IMBALANCE, RULE_RACK_OVERLOAD);
	bool		failover = WANTS(RULE_POWER_FEED_FAILOVER_OVERLOAD, RULE_POWER_PANEL_FAILOVER_OVERLOAD);
	bool		paths = WANTS(RULE_RACK_SHARED_PATH, RULE_DEVICE_SHARED_PATH);
	bool		dark = wanted[RULE_DEVICE_DARK];
	bool		state_wanted = cabling || loads || failover || paths || dark;
	Network    *network;

	if (wanted[RULE_POWER_OUTLET_UNASSIGNED])
		warn_of_outlets(sink);
	if (!ratings && !state_wanted)
		return;

	network = network_read_unlinked(state_wanted);
	if (ratings)
		warn_of_ratings(network, sink);
	if (state_wanted && network_link(network))
	{
		PowerState *state = power_state_compute(network);

		if (cabling)
			warn_of_cabling(state, sink);
		if (loads)
			warn_of_loads(state, sink);
		if (failover)
			warn_of_failover(state, sink);
		if (paths)
			warn_of_paths(state, sink);
		if (dark)
			warn_of_darkness(state, sink);
	}
	MemoryContextDelete(network->context);
}
