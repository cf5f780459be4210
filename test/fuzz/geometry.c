/*-------------------------------------------------------------------------
 *
 * geometry.c
 *	  Fuzz target: breaker geometry, against a panel drawn as an electrician
 *	  sees it: rows of one or two positions, each row on the next bus bar.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "geometry.h"

extern Datum breaker_positions(PG_FUNCTION_ARGS);
extern Datum breaker_phases(PG_FUNCTION_ARGS);
extern Datum position_phase(PG_FUNCTION_ARGS);
extern Datum available_power(PG_FUNCTION_ARGS);

#define ROWS (POSITION_MAX + 1)

static const char *const numbering_label[] = {"across", "sequential"};
static const char *const bus_label[] = {"three-phase", "split-phase", "single-phase", "dc"};

typedef struct Drawing
{
	int			columns;
	int			phases;
	int			position[ROWS][2];	/* 0: no such place */
	int			bar[ROWS];		/* 0 is A */
} Drawing;

static Drawing *
draw(PanelNumbering numbering, PanelBus bus)
{
	Drawing    *drawing = palloc0(sizeof(Drawing));
	int			next = 1;
	int			bar = 0;

	drawing->columns = numbering == NUMBERING_ACROSS ? 2 : 1;
	drawing->phases = bus == BUS_THREE_PHASE ? 3 : bus == BUS_SPLIT_PHASE ? 2 : bus == BUS_SINGLE_PHASE ? 1 : 0;
	for (int row = 0; row < ROWS; row++)
	{
		for (int column = 0; column < drawing->columns; column++)
		{
			if (next <= POSITION_MAX)
				drawing->position[row][column] = next;
			next++;
		}
		drawing->bar[row] = bar++;
		if (bar >= drawing->phases)
			bar = 0;
	}
	return drawing;
}

static void
locate(const Drawing *drawing, int position, int *row, int *column)
{
	for (*row = 0; *row < ROWS; (*row)++)
		for (*column = 0; *column < drawing->columns; (*column)++)
			if (drawing->position[*row][*column] == position)
				return;
	CHECK(!"no such position");
}

/* Draws a breaker: its positions, and the bars that it meets. */
static void
put_breaker(const Drawing *drawing, int position, int poles, Model *model, bool *met)
{
	int			row;
	int			column;

	locate(drawing, position, &row, &column);
	for (int pole = 0; pole < poles; pole++)
	{
		CHECK(row + pole < ROWS && drawing->position[row + pole][column] != 0);
		model->has[drawing->position[row + pole][column]] = true;
		met[drawing->bar[row + pole]] = true;
	}
}

/* 'A-C'; NULL for no phase */
static const char *
designation(const Drawing *drawing, const bool *met)
{
	char	   *text = palloc0(6);

	for (int phase = 0; phase < drawing->phases; phase++)
		if (met[phase])
			sprintf(text + strlen(text), "%s%c", *text ? "-" : "", 'A' + phase);
	return *text ? text : NULL;
}

static void
check_enum(bool good, Datum result, bool isnull, const char *expected)
{
	CHECK(good && isnull == (expected == NULL));
	CHECK(isnull || DatumGetObjectId(result) == label_oid(expected));
}

/* The SQL functions, for any numbers */
static void
check_functions(PanelNumbering numbering, PanelBus bus, int position, int poles)
{
	Drawing    *drawing = draw(numbering, bus);
	Datum		by_numbering = ObjectIdGetDatum(label_oid(numbering_label[numbering]));
	Datum		by_bus = ObjectIdGetDatum(label_oid(bus_label[bus]));
	bool		valid = position >= 1 && position <= 1000 && poles >= 1 && poles <= 3;
	Model		model = {{0}};
	bool		met[3] = {false};
	Datum		result;
	bool		isnull;
	bool		good;

	CHECK(breaker_is_valid(position, poles) == valid);
	if (valid)
		put_breaker(drawing, position, poles, &model, met);

	good = call(breaker_positions, &result, &isnull, 3, by_numbering,
				Int32GetDatum(position), Int32GetDatum(poles));
	CHECK(good == valid && (good || error_code == ERRCODE_INVALID_PARAMETER_VALUE));
	if (good)
		check_set(result, &model);

	good = call(breaker_phases, &result, &isnull, 4, by_numbering, by_bus,
				Int32GetDatum(position), Int32GetDatum(poles));
	CHECK(good == valid && (good || error_code == ERRCODE_INVALID_PARAMETER_VALUE));
	if (good)
		check_enum(good, result, isnull, designation(drawing, met));

	good = call(position_phase, &result, &isnull, 3, by_numbering, by_bus, Int32GetDatum(position));
	CHECK(good == (position >= 1 && position <= POSITION_MAX));
	if (good)
	{
		bool		one[3] = {false};

		memset(&model, 0, sizeof(model));
		put_breaker(drawing, position, 1, &model, one);
		check_enum(good, result, isnull, designation(drawing, one));
	}
}

/* The first place where a breaker can be drawn, by trying each */
static int
first_place(const Drawing *drawing, const Model *taken, int circuit_positions, int poles)
{
	for (int position = 1; position <= 1000; position++)
	{
		Model		model = {{0}};
		bool		met[3];
		bool		fits = true;

		put_breaker(drawing, position, poles, &model, met);
		for (int p = 1; p <= POSITION_MAX; p++)
			if (model.has[p] && (taken->has[p] || (circuit_positions > 0 && p > circuit_positions)))
				fits = false;
		if (fits)
			return position;
	}
	return 0;
}

static void
check_place(PanelNumbering numbering, PanelBus bus, const Model *taken,
			int circuit_positions, int poles)
{
	static const int most_poles[] = {3, 2, 1, 2};
	PositionBits bits = {{0}};
	int			place;

	for (int p = 1; p <= POSITION_MAX; p++)
		if (taken->has[p])
			position_add(&bits, p);
	for (int p = 1; p <= POSITION_MAX; p++)
		CHECK(position_has(&bits, p) == taken->has[p]);
	CHECK(strcmp(position_bits_text(&bits), model_text(taken)) == 0);

	place = first_free_place(&bits, numbering, bus, circuit_positions, poles);
	CHECK(bus_max_poles(bus) == most_poles[bus]);
	if (poles > most_poles[bus])
		CHECK(place == 0);
	else
		CHECK(place == first_place(draw(numbering, bus), taken, circuit_positions, poles));
}

/*
 * Two breakers that have a position in common are no farther apart than the
 * checks of the rule look.
 */
static void
check_reach(PanelNumbering numbering, int position, int other, int poles, int other_poles)
{
	Drawing    *drawing = draw(numbering, BUS_THREE_PHASE);
	Model		a = {{0}};
	Model		b = {{0}};
	PositionBits taken = {{0}};
	bool		met[3];
	bool		overlap = false;
	int			last = 0;

	put_breaker(drawing, position, poles, &a, met);
	put_breaker(drawing, other, other_poles, &b, met);
	for (int p = 1; p <= POSITION_MAX; p++)
	{
		overlap = overlap || (a.has[p] && b.has[p]);
		last = a.has[p] ? p : last;
	}
	CHECK(!overlap || abs(position - other) <= BREAKER_REACH);
	breaker_add_positions(&taken, numbering, position, poles);
	CHECK(breaker_fits(&taken, numbering, other, other_poles) == !overlap);
	CHECK(breaker_last_position(numbering, position, poles) == last);
}

/* In integers, as exactly as a bigint can say it */
static void
check_power(int32 voltage, int32 amperage, int32 utilization, bool three_phase)
{
	Datum		result;
	bool		isnull;
	__int128	thousandths;
	__int128	error;

	CHECK(call(available_power, &result, &isnull, 4, Int32GetDatum(voltage),
			   Int32GetDatum(amperage), Int32GetDatum(utilization),
			   ObjectIdGetDatum(label_oid(three_phase ? "three-phase" : "single-phase"))));
	CHECK(isnull == (amperage < 1 || utilization < 1 || utilization > 100));
	if (isnull)
		return;
	thousandths = (__int128) (voltage < 0 ? -(int64) voltage : voltage) * amperage * utilization *
		(three_phase ? 1732 : 1000) / 100;
	error = (__int128) DatumGetInt64(result) * 1000 - thousandths;
	/* half a VA, and what a double loses in four operations */
	CHECK((error < 0 ? -error : error) <= 501 + thousandths / (INT64CONST(1) << 50));
}

/* Any int, or one near a bound, or the last there is */
static int32
take_number(Input *input, int32 bound)
{
	int			how = take(input);

	switch (how & 3)
	{
		case 0:
			if (how & 4)
				return how & 8 ? PG_INT32_MIN : PG_INT32_MAX;
			return (int32) ((uint32) take16(input) << 16 | (uint32) take16(input));
		case 1:
			return bound + 16 - (how >> 2);
		case 2:
			return (how >> 2) - 16;
		default:
			return 1 + take16(input) % bound;
	}
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Input		input = {data, data + size};
	int			how = take(&input);
	PanelNumbering numbering = (PanelNumbering) (how & 1);
	PanelBus	bus = (PanelBus) (how >> 1 & 3);
	int			poles = 1 + (how >> 3) % 3;
	int			other_poles = 1 + (how >> 5) % 3;
	int			position = 1 + take16(&input) % 1000;
	int			other = position + take(&input) % 16 - 8;
	int32		voltage;
	int32		amperage;
	int32		utilization;
	Model		taken = {{0}};

	CHECK(numbering_from_label(numbering_label[numbering]) == numbering);
	CHECK(bus_from_label(bus_label[bus]) == bus);
	check_functions(numbering, bus, position, poles);
	if (other >= 1 && other <= 1000)
		check_reach(numbering, position, other, poles, other_poles);
	check_functions(numbering, bus, take_number(&input, 1000), (int32) take_number(&input, 3));
	voltage = take_number(&input, 480);
	amperage = take_number(&input, 400);
	utilization = take_number(&input, 100);
	check_power(voltage, amperage, utilization, how & 1);
	take_model(&input, &taken);
	check_place(numbering, bus, &taken, take16(&input) % 1001, poles);
	/* the other way round: a panel with few places left, one of them near its end */
	for (int p = 1; p <= POSITION_MAX; p++)
		taken.has[p] = !taken.has[p];
	taken.has[1000 - (take(&input) & 7)] = false;
	check_place(numbering, bus, &taken, how & 1 ? 1000 : 0, poles);
	free_all();
	return 0;
}
