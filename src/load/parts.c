/*-------------------------------------------------------------------------
 *
 * parts.c
 *	  The parts of a network that nothing connects.
 *
 * What fails in one part changes nothing in another, so what holds of the others
 * now is worked out once and not for each failure.  Panels and devices are
 * joined by the feeds and cables between them (union-find; R. Sedgewick, K. Wayne,
 * "Algorithms", 1.5), of whatever status: that is never too few.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "miscadmin.h"

#include "parts.h"

/* The first of a thing's group; the way there is halved for who comes next. */
static int
find(int *above, int thing)
{
	while (above[thing] != thing)
	{
		above[thing] = above[above[thing]];
		thing = above[thing];
	}
	return thing;
}

/* Joins two groups; the smaller one goes below the larger. */
static void
join(int *above, int *sizes, int a, int b)
{
	a = find(above, a);
	b = find(above, b);
	if (a == b)
		return;
	if (sizes[a] < sizes[b])
	{
		above[a] = b;
		sizes[b] += sizes[a];
		return;
	}
	above[b] = a;
	sizes[a] += sizes[b];
}

/* Joins panels by feeds, and with the devices behind them, which come after all panels. */
static void
join_by_feeds(const Network *network, int *above, int *sizes)
{
	for (int f = 0; f < network->n_feeds; f++)
	{
		const NetFeed *feed = &network->feeds[f];

		CHECK_FOR_INTERRUPTS();
		if (feed->destination >= 0)
			join(above, sizes, feed->panel, feed->destination);
		for (int s = feed->ports.first; s < feed->ports.end; s++)
			join(above, sizes, feed->panel, network->n_panels + network->ports[network->feed_ports[s]].device);
	}
}

/* Joins devices that one feed leads to. */
static void
join_by_receptacles(const Network *network, int *above, int *sizes)
{
	for (int f = 0; f < network->n_feeds; f++)
	{
		Slice		ports = network->feeds[f].ports;

		CHECK_FOR_INTERRUPTS();
		for (int s = ports.first + 1; s < ports.end; s++)
			join(above, sizes, network->ports[network->feed_ports[s - 1]].device,
				 network->ports[network->feed_ports[s]].device);
	}
}

/* Joins devices that cables connect. */
static void
join_by_outlets(const Network *network, int *above, int *sizes, int first_device)
{
	for (int o = 0; o < network->n_outlets; o++)
	{
		const NetOutlet *outlet = &network->outlets[o];

		CHECK_FOR_INTERRUPTS();
		if (outlet->port >= 0)
			join(above, sizes, first_device + outlet->device, first_device + network->ports[outlet->port].device);
	}
}

/* Things each of which is a group of its own. */
static int *
make_groups(int n, int **sizes)
{
	int		   *above = huge_array(int, n);

	*sizes = huge_array(int, n);
	for (int i = 0; i < n; i++)
	{
		above[i] = i;
		(*sizes)[i] = 1;
	}
	return above;
}

/* The number of each thing's group, in the place of the sizes. */
static void
number_groups(Parts *parts, int *above, int *numbers, int n)
{
	int		   *number_of = zeroed_array(int, n);	/* from 1 */

	for (int i = 0; i < n; i++)
	{
		int		   *number = &number_of[find(above, i)];

		if (*number == 0)
			*number = ++parts->n;
		numbers[i] = *number - 1;
	}
	pfree(number_of);
	pfree(above);
}

/* In the current memory context. */
Parts *
parts_create(const Network *network)
{
	Parts	   *parts = palloc0(sizeof(Parts));
	int			n = network->n_panels + network->n_devices;
	int		   *numbers;
	int		   *above = make_groups(n, &numbers);

	join_by_feeds(network, above, numbers);
	join_by_outlets(network, above, numbers, network->n_panels);
	number_groups(parts, above, numbers, n);
	parts->panels = numbers;
	parts->devices = numbers + network->n_panels;
	return parts;
}

/* The same of devices alone, that are joined by cables, or cables of one feed. */
Parts *
parts_of_devices(const Network *network)
{
	Parts	   *parts = palloc0(sizeof(Parts));
	int		   *numbers;
	int		   *above = make_groups(network->n_devices, &numbers);

	join_by_receptacles(network, above, numbers);
	join_by_outlets(network, above, numbers, 0);
	number_groups(parts, above, numbers, network->n_devices);
	parts->devices = numbers;
	return parts;
}
