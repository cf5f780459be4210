/*-------------------------------------------------------------------------
 *
 * level_queue.c
 *	  Things that wait to be worked out, in the order of dependence.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "level_queue.h"

/* In the current memory context. */
LevelQueue *
level_queue_create(const Levels *levels, int step)
{
	LevelQueue *queue = palloc0(sizeof(LevelQueue));

	queue->levels = levels;
	queue->step = step;
	queue->items = huge_array(int, levels->starts[levels->n]);
	queue->counts = zeroed_array(int, levels->n);
	return queue;
}
