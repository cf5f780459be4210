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

/* Joins what feeds and cables connect; a device comes after all panels. */
static void
join_all(const Network *network, int *above, int *sizes)
{
	int			device_0 = network->n_panels;

	for (int f = 0; f < network->n_feeds; f++)
		if (network->feeds[f].destination >= 0)
			join(above, sizes, network->feeds[f].panel, network->feeds[f].destination);
	for (int q = 0; q < network->n_ports; q++)
	{
		const NetPort *port = &network->ports[q];

		CHECK_FOR_INTERRUPTS();
		if (port->feed >= 0)
			join(above, sizes, network->feeds[port->feed].panel, device_0 + port->device);
		else if (port->outlet >= 0)
			join(above, sizes, device_0 + network->outlets[port->outlet].device, device_0 + port->device);
	}
}

/* In the current memory context. */
Parts *
parts_create(const Network *network)
{
	int			n = network->n_panels + network->n_devices;
	int		   *above = huge_array(int, n);
	int		   *sizes = huge_array(int, n);
	int		   *numbers = zeroed_array(int, n);	/* from 1 */
	Parts	   *parts = palloc0(sizeof(Parts));

	for (int i = 0; i < n; i++)
	{
		above[i] = i;
		sizes[i] = 1;
	}
	join_all(network, above, sizes);
	parts->panels = huge_array(int, network->n_panels);
	parts->devices = huge_array(int, network->n_devices);
	for (int i = 0; i < n; i++)
	{
		int		   *number = &numbers[find(above, i)];

		if (*number == 0)
			*number = ++parts->n;
		if (i < network->n_panels)
			parts->panels[i] = *number - 1;
		else
			parts->devices[i - network->n_panels] = *number - 1;
	}
	pfree(above);
	pfree(sizes);
	pfree(numbers);
	return parts;
}
