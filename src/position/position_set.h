/*-------------------------------------------------------------------------
 *
 * position_set.h
 *	  A set of circuit positions, 1 to 1023.
 *
 * On disk a set is a bitmap: position p is bit p % 8 of byte p / 8.  Bit 0 is
 * never set and the last byte is never zero, so that equal sets are equal
 * byte strings; a 42-position panel takes six bytes.  Bytes and not words,
 * because then the bytes mean the same on every machine.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_POSITION_SET_H
#define POWERPANEL_POSITION_SET_H

#include "compat.h"

#define POSITION_MAX		1023
#define POSITION_BYTES		128

/* A set in working form: all bytes are there. */
typedef struct PositionBits
{
	uint8		bits[POSITION_BYTES];
} PositionBits;

/* A set as stored, seen where it lies. */
typedef struct PositionView
{
	const uint8 *bits;
	int			nbytes;
} PositionView;

static inline void
position_add(PositionBits *set, int position)
{
	set->bits[position / 8] |= (uint8) (1 << (position % 8));
}

static inline bool
position_has(const PositionBits *set, int position)
{
	return (set->bits[position / 8] & (1 << (position % 8))) != 0;
}

pg_noreturn extern void position_set_corrupted(Size nbytes);

/* A set that is not toasted.  Callers copy it into PositionBits, so it has to fit. */
static inline PositionView
position_set_view(const struct varlena *set)
{
	PositionView view = {(const uint8 *) VARDATA_ANY(set), (int) VARSIZE_ANY_EXHDR(set)};

	if (unlikely(view.nbytes > POSITION_BYTES))
		position_set_corrupted((Size) view.nbytes);
	return view;
}

static inline bool
position_view_overlaps(PositionView a, PositionView b)
{
	int			n = Min(a.nbytes, b.nbytes);

	for (int i = 0; i < n; i++)
		if (a.bits[i] & b.bits[i])
			return true;
	return false;
}

static inline bool
position_view_equal(PositionView a, PositionView b)
{
	return a.nbytes == b.nbytes && memcmp(a.bits, b.bits, a.nbytes) == 0;
}

/* The bytes of a set up to the last that is not zero, as it would be stored. */
static inline PositionView
position_bits_view(const PositionBits *set)
{
	PositionView view = {set->bits, POSITION_BYTES};
	uint64		word;

	while (view.nbytes > 0 && (memcpy(&word, &set->bits[view.nbytes - 8], 8), word == 0))
		view.nbytes -= 8;
	while (view.nbytes > 0 && set->bits[view.nbytes - 1] == 0)
		view.nbytes--;
	return view;
}

extern struct varlena *position_set_make(const PositionBits *set);
extern char *position_bits_text(const PositionBits *set);

/* Of a value that may be toasted; nearly all sets are short and lie in their row. */
static inline PositionView
position_set_argument(Datum value)
{
	struct varlena *set = (struct varlena *) DatumGetPointer(value);

	if (!VARATT_IS_SHORT(set) || VARATT_IS_EXTERNAL(set))
		set = pg_detoast_datum_packed(set);
	return position_set_view(set);
}

#define PG_GETARG_POSITION_SET(n) \
	position_set_argument(PG_GETARG_DATUM(n))

#endif							/* POWERPANEL_POSITION_SET_H */
