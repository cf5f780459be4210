/*-------------------------------------------------------------------------
 *
 * fuzz.h
 *	  What the fuzz targets share: calls of SQL functions with errors caught,
 *	  checks, input, and the naive model of a position_set.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_FUZZ_H
#define POWERPANEL_FUZZ_H

#include "compat.h"

#include "position_set.h"

/* libFuzzer keeps the input that made a check fail. */
#define CHECK(condition) \
	do { \
		if (!(condition)) \
			check_failed(__FILE__, __LINE__, #condition); \
	} while (0)

extern __attribute__((noreturn)) void check_failed(const char *file, int line, const char *condition);

/* Calls of SQL functions (standin.c) */

/* SQLSTATE of the last call that raised an error */
extern int	error_code;

/* False where the function raised an error */
extern bool call(PGFunction function, Datum *result, bool *isnull, int nargs,...);

/* The result of a function that may neither raise an error nor give NULL */
extern Datum must(PGFunction function, int nargs,...);

/* Forgets all memory that was allocated since the last input */
extern void free_all(void);

/* Enums, as enum_label.c would find them in the catalog */
extern Oid	label_oid(const char *label);

/* What is left of the fuzzer's input; when it has ended, zeros follow */
typedef struct Input
{
	const uint8 *next;
	const uint8 *end;
} Input;

extern int	take(Input *input);
extern int	take16(Input *input);

/* The model: nothing but a flag for each position */
typedef struct Model
{
	bool		has[POSITION_MAX + 1];
} Model;

extern void take_model(Input *input, Model *model);
extern int	model_list(const Model *model, int *list);
extern bool model_same(const Model *a, const Model *b);
extern char *model_text(const Model *model);
extern Datum model_set(const Model *model, bool short_header);
extern void check_set(Datum set, const Model *model);

PGDLLEXPORT int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#endif							/* POWERPANEL_FUZZ_H */
