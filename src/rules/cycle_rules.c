/*-------------------------------------------------------------------------
 *
 * cycle_rules.c
 *	  What the edges and nodes are: of locations, of panels, of cables.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "cycle_nodes.h"
#include "cycle_rule.h"
#include "inventory.h"
#include "key_uuid.h"
#include "query.h"

static CycleRule locations = {
	.rule = RULE_LOCATION_CYCLE,
	.table = "location",
	.upwards = true,
	.message = "location \"%s\" would be its own ancestor",
	.nameless = "a location would be its own ancestor",
	.hint = "Choose a parent that does not lie within the location itself.",
	.edges = QUERY("SELECT id, id, parent_id, NULL::pg_catalog.uuid, tableoid, xmin, ctid FROM powerpanel.location"
				   " WHERE parent_id IS NOT NULL"),
	.edges_from = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
						" WHERE parent_id IS NOT NULL AND id OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edges_into = QUERY("SELECT id, id, parent_id FROM powerpanel.location"
						" WHERE parent_id OPERATOR(pg_catalog.=) ANY ($1)",
						UUIDARRAYOID),
	.edge_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	.node_name = QUERY("SELECT name FROM powerpanel.location WHERE id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
};

/* The edges that a cable makes: from each inlet of its outlet. */
#define CORDS_OF_INLET(inlet, rows) \
	"SELECT c.id, o." inlet ", c.power_port_id" rows " FROM powerpanel.cable c" \
	" JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id" \
	" WHERE o." inlet
#define ALL_CORDS(inlet) \
	CORDS_OF_INLET(inlet, ", o.id, c.tableoid, c.xmin, c.ctid, o.tableoid, o.xmin, o.ctid") " IS NOT NULL"
#define CORDS_FROM(inlet) \
	CORDS_OF_INLET(inlet, "") " OPERATOR(pg_catalog.=) ANY ($1)"
#define CORDS_INTO(inlet) \
	CORDS_OF_INLET(inlet, "") " IS NOT NULL AND c.power_port_id OPERATOR(pg_catalog.=) ANY ($1)"

static CycleRule ports = {
	.rule = RULE_CABLE_CYCLE,
	.table = "cable",
	.joined = {"power_outlet", "power_port", "device"},
	.nodes = &port_nodes,
	.message = "cable %s closes a loop of power through devices",
	.nameless = "a cable closes a loop of power through devices",
	.hint = "Plug the device into an outlet that does not depend on the device itself.",
	.edges = QUERY(ALL_CORDS("power_port_id") " UNION ALL " ALL_CORDS("alternate_power_port_id")),
	.edges_from = QUERY(CORDS_FROM("power_port_id") " UNION ALL " CORDS_FROM("alternate_power_port_id"),
						UUIDARRAYOID),
	.edges_into = QUERY(CORDS_INTO("power_port_id") " UNION ALL " CORDS_INTO("alternate_power_port_id"),
						UUIDARRAYOID),
	.edge_name = QUERY("SELECT pg_catalog.format('from outlet \"%s\" of \"%s\" to port \"%s\" of \"%s\"',"
					   " o.name, od.name, p.name, pd.name)"
					   " FROM powerpanel.cable c"
					   " JOIN powerpanel.power_outlet o ON o.id OPERATOR(pg_catalog.=) c.power_outlet_id"
					   " JOIN powerpanel.device od ON od.id OPERATOR(pg_catalog.=) o.device_id"
					   " JOIN powerpanel.power_port p ON p.id OPERATOR(pg_catalog.=) c.power_port_id"
					   " JOIN powerpanel.device pd ON pd.id OPERATOR(pg_catalog.=) p.device_id"
					   " WHERE c.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
	.node_name = QUERY("SELECT d.name FROM powerpanel.power_port p"
					   " JOIN powerpanel.device d ON d.id OPERATOR(pg_catalog.=) p.device_id"
					   " WHERE p.id OPERATOR(pg_catalog.=) ANY ($1)", UUIDARRAYOID),
};

CycleRule *
cycle_of_locations(void)
{
	return &locations;
}

CycleRule *
cycle_of_ports(void)
{
	return &ports;
}

/*
 * Loops of panels are looked for in any table of feeds.  Its queries give keys
 * as uuids, whatever their type (key_uuid.c).
 */
static void
build_panels_queries(CycleRule *rule, const FeedDefinition *def)
{
	const char *feeds = quote_qualified_identifier(NameStr(def->feed_schema), NameStr(def->feed_name));
	const char *panels = quote_qualified_identifier(NameStr(def->panel_schema), NameStr(def->panel_name));
	const char *id = quote_identifier(NameStr(def->column[FEED_ID]));
	const char *panel = quote_identifier(NameStr(def->column[FEED_PANEL]));
	const char *destination = quote_identifier(NameStr(def->column[FEED_DESTINATION]));
	const char *panel_id = quote_identifier(NameStr(def->column[PANEL_ID]));
	char	   *edge = psprintf("SELECT %s, %s, %s", key_sql(def->type[FEED_ID], id),
								key_sql(def->type[FEED_PANEL], panel),
								key_sql(def->type[FEED_DESTINATION], destination));
	/* in a guarded table a feed need not have a panel, and is no edge then */
	char	   *from = psprintf("FROM ONLY %s WHERE (%s IS NOT NULL) IS TRUE AND %s IS NOT NULL",
								feeds, destination, panel);

	/*
	 * SELECT <id>, <panel>, <destination>, NULL, .. FROM ONLY <feeds>
	 * WHERE (<destination> IS NOT NULL) IS TRUE AND <panel> IS NOT NULL
	 */
	rule->edges = query_make(psprintf("%s, NULL::pg_catalog.uuid, tableoid, xmin, ctid %s", edge, from), InvalidOid);
	/* .. AND <panel> = ANY ($1) */
	rule->edges_from = query_make(psprintf("%s %s AND %s", edge, from,
											 key_in_sql(def->type[FEED_PANEL], panel)), UUIDARRAYOID);
	/* .. AND <destination> = ANY ($1) */
	rule->edges_into = query_make(psprintf("%s %s AND %s", edge, from,
											 key_in_sql(def->type[FEED_DESTINATION], destination)),
									UUIDARRAYOID);
	/*
	 * SELECT <name> FROM ONLY <feeds> WHERE <id> = $1, as an array of one.  No
	 * cast to text: query_text() calls the output function.
	 */
	rule->edge_name = query_make(psprintf("SELECT %s FROM ONLY %s WHERE %s",
											quote_identifier(NameStr(def->column[FEED_NAME])), feeds,
											key_in_sql(def->type[FEED_ID], id)), UUIDARRAYOID);
	rule->node_name = query_make(psprintf("SELECT %s FROM ONLY %s WHERE %s",
											quote_identifier(NameStr(def->column[PANEL_NAME])), panels,
											key_in_sql(def->type[PANEL_ID], panel_id)), UUIDARRAYOID);
}

/* The rule for the panels that a table of feeds connects. */
CycleRule *
cycle_of_panels(FeedTable *feeds)
{
	CycleRule	rule = {
		.rule = RULE_POWER_FEED_CYCLE,
		.feeds = feeds,
		.nodes = &panel_nodes,
		.message = "power feed \"%s\" closes a loop of power panels",
		.nameless = "a power feed closes a loop of power panels",
		.hint = "Choose another destination panel, or first remove a feed of the loop."
	};

	if (feeds->cycle == NULL)
	{
		CycleRule  *made;

		build_panels_queries(&rule, &feeds->def);
		made = MemoryContextAlloc(TopMemoryContext, sizeof(CycleRule));
		*made = rule;
		feeds->cycle = made;
	}
	return feeds->cycle;
}

/* The table whose owner the queries run as: it owns all that they read. */
Oid
cycle_edges_relid(const CycleRule *rule)
{
	return rule->feeds ? rule->feeds->feed_relid : inventory_joined(rule->table, rule->joined);
}
