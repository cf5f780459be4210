/*-------------------------------------------------------------------------
 *
 * warnings.c
 *	  What the audit warns of: nothing that is refused, but that somebody should
 *	  look at.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "inventory.h"
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

/* Rules that take no more than the panels and feeds. */
static bool
wants_ratings(const bool *wanted)
{
	return WANTS(RULE_POWER_FEED_PHASE_POLES, RULE_POWER_FEED_PANEL_VOLTAGE,
				 RULE_POWER_FEED_PANEL_SUPPLY, RULE_POWER_FEED_ABOVE_MAIN,
				 RULE_POWER_FEED_UNPLACED, RULE_POWER_FEED_PATH);
}

static bool
wants_cabling(const bool *wanted)
{
	return WANTS(RULE_POWER_PORT_LEG, RULE_POWER_PORT_DRAW_UNKNOWN,
				 RULE_POWER_PANEL_TRANSFER_PRIMARIES, RULE_POWER_PANEL_OFF);
}

static bool
wants_loads(const bool *wanted)
{
	return WANTS(RULE_POWER_FEED_OVERLOAD, RULE_POWER_PANEL_OVERLOAD,
				 RULE_POWER_PORT_OVERLOAD, RULE_POWER_BANK_OVERLOAD,
				 RULE_POWER_PANEL_IMBALANCE, RULE_RACK_OVERLOAD);
}

static bool
wants_failover(const bool *wanted)
{
	return WANTS(RULE_POWER_FEED_FAILOVER_OVERLOAD, RULE_POWER_PANEL_FAILOVER_OVERLOAD);
}

static bool
wants_paths(const bool *wanted)
{
	return WANTS(RULE_RACK_SHARED_PATH, RULE_DEVICE_SHARED_PATH);
}

static bool
wants_state(const bool *wanted)
{
	return wants_cabling(wanted) || wants_loads(wanted) || wants_failover(wanted) ||
		wants_paths(wanted) || wanted[RULE_DEVICE_DARK];
}

/* The network that an audit reads, and whether it could be linked. */
typedef struct AuditedNetwork
{
	Network    *network;
	bool		linked;
} AuditedNetwork;

static void *
read_network(const bool *wanted, NetworkFindings *findings)
{
	AuditedNetwork *read;

	if (!wants_ratings(wanted) && !wants_state(wanted))
		return NULL;
	read = palloc(sizeof(AuditedNetwork));
	read->network = network_read_unlinked(wants_state(wanted));
	read->linked = wants_state(wanted) && network_link(read->network);
	*findings = (NetworkFindings) {
		.whole = wants_state(wanted) && read->network->whole,
		.no_loops = read->linked
	};
	return read;
}

static void
warn_of_state(PowerState *state, const bool *wanted, ViolationSink *sink)
{
	if (wants_cabling(wanted))
		warn_of_cabling(state, sink);
	if (wants_loads(wanted))
		warn_of_loads(state, sink);
	if (wants_failover(wanted))
		warn_of_failover(state, sink);
	if (wants_paths(wanted))
		warn_of_paths(state, sink);
	if (wanted[RULE_DEVICE_DARK])
		warn_of_darkness(state, sink);
}

/*
 * Reports what the wanted rules warn of; the sink leaves out the others.  Where
 * the network has a loop, of which the audit tells as an error, nothing can be
 * said of loads.
 */
static void
warn(void *network, const bool *wanted, ViolationSink *sink)
{
	AuditedNetwork *read = network;

	if (wanted[RULE_POWER_OUTLET_UNASSIGNED])
		warn_of_outlets(sink);
	if (read == NULL)
		return;
	if (wants_ratings(wanted))
		warn_of_ratings(read->network, sink);
	if (read->linked)
		warn_of_state(power_state_compute(read->network), wanted, sink);
	MemoryContextDelete(read->network->context);
	pfree(read);
}

const AuditNetwork audit_network = {read_network, warn};
