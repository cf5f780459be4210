/*-------------------------------------------------------------------------
 *
 * binary.c
 *	  Fuzz target: binary input and output of position_set.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "lib/stringinfo.h"

extern Datum position_set_recv(PG_FUNCTION_ARGS);
extern Datum position_set_send(PG_FUNCTION_ARGS);

/* The message as it should be: a count, then that many ascending positions */
static int
read_message(const uint8 *data, size_t size, Model *model, size_t *length)
{
	Input		input = {data, data + size};
	int			count;
	int			last = 0;

	if (size < 2)
		return ERRCODE_PROTOCOL_VIOLATION;
	count = take16(&input);
	for (int i = 0; i < count; i++)
	{
		int			position;

		if (input.end - input.next < 2)
			return ERRCODE_PROTOCOL_VIOLATION;
		position = take16(&input);
		if (position <= last || position > POSITION_MAX)
			return ERRCODE_INVALID_BINARY_REPRESENTATION;
		model->has[position] = true;
		last = position;
	}
	*length = input.next - data;
	return 0;
}

static bool
receive(const uint8 *data, size_t size, Datum *set)
{
	StringInfoData message;
	bool		isnull;

	message.data = palloc(size);
	memcpy(message.data, data, size);
	message.len = message.maxlen = (int) size;
	message.cursor = 0;
	return call(position_set_recv, set, &isnull, 1, PointerGetDatum(&message));
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Model		model = {{0}};
	Input		input = {data, data + size};
	size_t		length = 0;
	int			expected = read_message(data, size, &model, &length);
	Datum		set;
	bytea	   *sent;

	/* bytes as they come */
	if (receive(data, size, &set))
	{
		CHECK(expected == 0);
		check_set(set, &model);
		sent = DatumGetByteaP(must(position_set_send, 1, set));
		CHECK(VARSIZE(sent) - VARHDRSZ == length);
		CHECK(memcmp(VARDATA(sent), data, length) == 0);
	}
	else
		CHECK(error_code == expected);

	/* a set made from them, sent and received */
	memset(&model, 0, sizeof(model));
	take_model(&input, &model);
	sent = DatumGetByteaP(must(position_set_send, 1, model_set(&model, take(&input) & 1)));
	CHECK(receive((uint8 *) VARDATA(sent), VARSIZE(sent) - VARHDRSZ, &set));
	check_set(set, &model);
	free_all();
	return 0;
}
