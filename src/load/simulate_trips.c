/*-------------------------------------------------------------------------
 *
 * simulate_trips.c
 *	  simulate_trips(): what opens when some panels, feeds and devices fail.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "funcapi.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "failures.h"
#include "loads.h"
#include "trips.h"

PG_FUNCTION_INFO_V1(simulate_trips);

/* The answer as it grows. */
typedef struct TripRows
{
	const Network *network;
	Trip	   *rows;
	int			n;
} TripRows;

static void
add_row(void *arg, const Trip *trip)
{
	TripRows   *answer = (TripRows *) arg;

	answer->rows[answer->n++] = *trip;
}

static const pg_uuid_t *
trip_id(const Network *network, const Trip *trip)
{
	return trip->is_panel ? &network->panels[trip->index].id : &network->feeds[trip->index].id;
}

static const char *
trip_name(const Network *network, const Trip *trip)
{
	return trip->is_panel ? network->panels[trip->index].name : network->feeds[trip->index].name;
}

/* By round, panels first, as simulate_outage() has them, then by name. */
static int
compare_trips(const void *a, const void *b, void *arg)
{
	const Network *network = (const Network *) arg;
	const Trip *x = (const Trip *) a;
	const Trip *y = (const Trip *) b;
	int			c = x->round - y->round;

	if (c == 0)
		c = (int) y->is_panel - (int) x->is_panel;
	if (c == 0)
		c = strcmp(trip_name(network, x), trip_name(network, y));
	return c != 0 ? c : memcmp(trip_id(network, x), trip_id(network, y), UUID_LEN);
}

static void
put_trip(ReturnSetInfo *rsinfo, const Network *network, const Trip *trip)
{
	Datum		values[7];
	bool		nulls[7] = {false};

	values[0] = Int32GetDatum(trip->round);
	values[1] = CStringGetTextDatum(trip->is_panel ? "power_panel" : "power_feed");
	values[2] = UUIDPGetDatum(trip_id(network, trip));
	values[3] = name_datum(trip_name(network, trip));
	values[4] = Float8GetDatum(trip->load);
	values[5] = Float8GetDatum(trip->rating);
	values[6] = Float8GetDatum(100 * trip->load / trip->rating);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
}

/* simulate_trips(panels, feeds, devices, trip_at) */
Datum
simulate_trips(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	double		trip_at = positive_argument(fcinfo, 3, "trip_at");
	Failures	failures;
	Network    *network;
	Outage	   *outage;
	Trips	   *trips;
	TripRows	answer = {0};

	failures_read(fcinfo, &failures);
	InitMaterializedSRF(fcinfo, 0);
	network = failures_network(&failures, NAMES_OF_FEEDS);
	outage = outage_create(power_state_compute(network));
	trips = trips_create(outage, trip_at);
	answer.network = network;
	answer.rows = huge_array(Trip, network->n_panels + network->n_feeds);
	failures_run(&failures, outage);
	(void) trips_run(trips, add_row, &answer);
	qsort_arg(answer.rows, answer.n, sizeof(Trip), compare_trips, network);
	for (int i = 0; i < answer.n; i++)
		put_trip(rsinfo, network, &answer.rows[i]);
	return (Datum) 0;
}
