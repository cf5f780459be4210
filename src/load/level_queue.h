/*-------------------------------------------------------------------------
 *
 * level_queue.h
 *	  Things that wait to be worked out, in the order of dependence.
 *
 * What depends on a thing is of another level (network.h), so a queue only has to
 * keep the levels apart: to put something in, and to take it out, costs the same
 * however many there are.  While it is emptied, only things of later levels are
 * put in.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_LEVEL_QUEUE_H
#define POWERPANEL_LEVEL_QUEUE_H

#include "compat.h"

#include "network.h"

typedef struct LevelQueue
{
	const Levels *levels;
	int			step;			/* to the next level: 1 from the sources down, -1
								 * up to them */
	int		   *items;			/* those of each level from where it begins */
	int		   *counts;			/* of each level */
	int			at;				/* none waits on an earlier level */
	int			n;
} LevelQueue;

extern LevelQueue *level_queue_create(const Levels *levels, int step);

/* A thing that is not waiting already. */
static inline void
level_queue_push(LevelQueue *queue, int level, int item)
{
	if (queue->n == 0 || (level - queue->at) * queue->step < 0)
		queue->at = level;
	queue->items[queue->levels->starts[level] + queue->counts[level]++] = item;
	queue->n++;
}

/* One of the first level; there has to be one. */
static inline int
level_queue_pop(LevelQueue *queue)
{
	while (queue->counts[queue->at] == 0)
		queue->at += queue->step;
	queue->n--;
	return queue->items[queue->levels->starts[queue->at] + --queue->counts[queue->at]];
}

#endif							/* POWERPANEL_LEVEL_QUEUE_H */
