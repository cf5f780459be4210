/*-------------------------------------------------------------------------
 *
 * model.c
 *	  The naive model of a position_set, made from the fuzzer's input.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "lib/stringinfo.h"

extern Datum position_set_in(PG_FUNCTION_ARGS);

int
take(Input *input)
{
	return input->next < input->end ? *input->next++ : 0;
}

int
take16(Input *input)
{
	int			high = take(input);

	return high << 8 | take(input);
}

static void
flip(Model *model, int position)
{
	position %= POSITION_MAX + 1;
	if (position > 0)
		model->has[position] = !model->has[position];
}

/* A few positions, a range, or a bitmap: changes of what is there already */
void
take_model(Input *input, Model *model)
{
	int			how = take(input);
	int			n = how >> 2;

	switch (how & 3)
	{
		case 0:
			for (int i = 0; i < n; i++)
				flip(model, take16(input));
			break;
		case 1:
			for (int i = 0; i < n; i++)
				flip(model, take(input));
			break;
		case 2:
			{
				int			first = take16(input);

				for (int i = 0; i <= n * 16; i++)
					flip(model, first + i);
				break;
			}
		case 3:
			for (int i = 0; i <= n * 2; i++)
			{
				int			bits = take(input);

				for (int bit = 0; bit < 8; bit++)
					if (bits & (1 << bit))
						flip(model, i * 8 + bit);
			}
			break;
	}
}

/* The positions in ascending order; returns how many */
int
model_list(const Model *model, int *list)
{
	int			n = 0;

	for (int p = 1; p <= POSITION_MAX; p++)
		if (model->has[p])
			list[n++] = p;
	return n;
}

bool
model_same(const Model *a, const Model *b)
{
	return memcmp(a, b, sizeof(Model)) == 0;
}

char *
model_text(const Model *model)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int p = 1; p <= POSITION_MAX; p++)
		if (model->has[p])
			appendStringInfo(&text, "%s%d", text.len > 0 ? ", " : "", p);
	return text.data;
}

/* The set of a model, with the long header or, as in a table, the short one */
Datum
model_set(const Model *model, bool short_header)
{
	Datum		set = must(position_set_in, 1, CStringGetDatum(model_text(model)));
	struct varlena *longer = (struct varlena *) DatumGetPointer(set);
	struct varlena *shorter;

	if (!short_header || !VARATT_CAN_MAKE_SHORT(longer))
		return set;
	shorter = palloc(VARATT_CONVERTED_SHORT_SIZE(longer));
	memcpy(VARDATA_SHORT(shorter), VARDATA(longer), VARSIZE(longer) - VARHDRSZ);
	SET_VARSIZE_SHORT(shorter, VARATT_CONVERTED_SHORT_SIZE(longer));
	return PointerGetDatum(shorter);
}

/* Is the set what the model says, and stored as it should be? */
void
check_set(Datum set, const Model *model)
{
	PositionView view = position_set_view((struct varlena *) DatumGetPointer(set));

	CHECK(view.nbytes <= POSITION_BYTES);
	CHECK(view.nbytes == 0 || view.bits[view.nbytes - 1] != 0);
	CHECK(!model->has[0]);
	for (int p = 0; p <= POSITION_MAX; p++)
		if ((p < view.nbytes * 8 && (view.bits[p / 8] & (1 << (p % 8))) != 0) != model->has[p])
			check_failed(__FILE__, p, "set and model differ at this position");
}
