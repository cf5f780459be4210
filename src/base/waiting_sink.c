/*-------------------------------------------------------------------------
 *
 * waiting_sink.c
 *	  Checking until nobody else can mend what is found.
 *
 * What another transaction is about to delete, or to move away, is not decided
 * yet; like a unique index, we wait for it.  So the rows that a violation speaks
 * of are locked, and the check is made again: if the violation is there then, it
 * stays.  No text is made before that.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/uuid.h"

#include "key_uuid.h"
#include "waiting_sink.h"

/*
 * The rows that a violation speaks of: its own, and the one that it conflicts
 * with.
 */
typedef struct Rows
{
	Oid			type;			/* of their keys */
	int			n;
	pg_uuid_t	keys[2];		/* copies: a violation's go with the check */
} Rows;

typedef struct WaitingSink
{
	ViolationSink base;
	bool		found;			/* something is wrong with these, not locked yet */
	Rows		rows;
	Rows		locked;
} WaitingSink;

static Rows
rows_of(const Violation *violation)
{
	Rows		rows = {0};

	rows.type = OidIsValid(violation->id_type) ? violation->id_type : UUIDOID;
	rows.keys[rows.n++] = key_uuid(rows.type, violation->object_id);
	if (violation->has_other)
		rows.keys[rows.n++] = key_uuid(rows.type, violation->other_id);
	return rows;
}

static bool
same_rows(const Rows *a, const Rows *b)
{
	return a->n == b->n && memcmp(a->keys, b->keys, sizeof(pg_uuid_t) * a->n) == 0;
}

static void
wait_or_raise(ViolationSink *base, Violation *violation)
{
	WaitingSink *sink = (WaitingSink *) base;

	if (sink->found)
		return;
	sink->rows = rows_of(violation);
	if (same_rows(&sink->rows, &sink->locked))
		report_violation(&raise_violation, violation);
	sink->found = true;
}

/*
 * Returns when there is nothing wrong, and raises an error where there is.  True
 * where nothing had to be waited for.
 */
bool
check_waiting(WaitingCheck *check)
{
	WaitingSink sink = {.base = {wait_or_raise}};

	for (bool first = true;; first = false)
	{
		CHECK_FOR_INTERRUPTS();
		sink.found = false;
		check->check(check, &sink.base);
		if (!sink.found)
			return first;
		for (int i = 0; i < sink.rows.n; i++)
			check->lock(check, uuid_key(sink.rows.type, &sink.rows.keys[i]));
		sink.locked = sink.rows;
	}
}
