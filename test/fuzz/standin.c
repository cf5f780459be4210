/*-------------------------------------------------------------------------
 *
 * standin.c
 *	  Stand-ins for what the fuzzed files call in the server: memory, errors,
 *	  messages, arrays, enums.
 *
 * Strings, hashes and bit counts are PostgreSQL's own, from libpgcommon and
 * libpgport.  Each palloc is a malloc of just that size, so that ASan sees
 * the first byte too many.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include <setjmp.h>

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"

/* its first argument is const from 19 on */
#define deconstruct_array declared_otherwise
#include "utils/array.h"
#undef deconstruct_array

#include "enum_label.h"

/* Nobody cancels. */
volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

int			error_code;

static sigjmp_buf *catcher;

void
check_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: check failed: %s\n", file, line, condition);
	abort();
}

/* ----------------------------------------------------------------- memory */

typedef struct Block
{
	struct Block *next;
	void	   *memory;
} Block;

static Block *blocks;

void *
palloc(Size size)
{
	Block	   *block = malloc(sizeof(Block));

	CHECK(size < MaxAllocSize);
	block->memory = malloc(size);
	block->next = blocks;
	blocks = block;
	return block->memory;
}

void *
palloc0(Size size)
{
	return memset(palloc(size), 0, size);
}

/* The old memory is given back with all the rest. */
void *
repalloc(void *pointer, Size size)
{
	for (Block *block = blocks; block != NULL; block = block->next)
		if (block->memory == pointer)
		{
			block->memory = realloc(pointer, size);
			return block->memory;
		}
	CHECK(!"repalloc of what was not palloc'd");
}

void
pfree(void *pointer)
{
	for (Block **link = &blocks; *link != NULL; link = &(*link)->next)
		if ((*link)->memory == pointer)
		{
			Block	   *block = *link;

			*link = block->next;
			free(block->memory);
			free(block);
			return;
		}
	CHECK(!"pfree of what was not palloc'd");
}

void
free_all(void)
{
	while (blocks != NULL)
		pfree(blocks->memory);
}

/* ----------------------------------------------------------------- errors */

bool
errstart(int elevel, const char *domain)
{
	CHECK(elevel >= ERROR);
	error_code = ERRCODE_INTERNAL_ERROR;
	return true;
}

bool
errstart_cold(int elevel, const char *domain)
{
	return errstart(elevel, domain);
}

void
errfinish(const char *filename, int lineno, const char *funcname)
{
	CHECK(catcher != NULL);
	siglongjmp(*catcher, 1);
}

/* Soft errors (from 16 on) are errors all the same. */
extern bool errsave_start(struct Node *context, const char *domain);
extern void errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname);

bool
errsave_start(struct Node *context, const char *domain)
{
	return errstart(ERROR, domain);
}

void
errsave_finish(struct Node *context, const char *filename, int lineno, const char *funcname)
{
	errfinish(filename, lineno, funcname);
}

int
errcode(int sqlerrcode)
{
	error_code = sqlerrcode;
	return 0;
}

/* Formats a part of a message, and throws it away. */
#define FORMAT(fmt) \
	do { \
		va_list		args; \
		char	   *text = palloc(100 + 2 * MaxMessage); \
		\
		va_start(args, fmt); \
		CHECK(pg_vsnprintf(text, 100 + 2 * MaxMessage, fmt, args) > 0); \
		va_end(args); \
	} while (0)
#define MaxMessage 10000

int
errmsg(const char *fmt,...)
{
	FORMAT(fmt);
	return 0;
}

int
errdetail(const char *fmt,...)
{
	FORMAT(fmt);
	return 0;
}

int
errhint(const char *fmt,...)
{
	FORMAT(fmt);
	return 0;
}

/* What follows the condition is not the same in all versions. */
extern void assertion_failed(const char *condition) __asm__("ExceptionalCondition");

void
assertion_failed(const char *condition)
{
	check_failed("an assertion", 0, condition);
}

static bool
call_va(PGFunction function, Datum *result, bool *isnull, int nargs, va_list args)
{
	LOCAL_FCINFO(fcinfo, 5);
	sigjmp_buf	here;
	bool		good = false;

	InitFunctionCallInfoData(*fcinfo, NULL, nargs, InvalidOid, NULL, NULL);
	for (int i = 0; i < nargs; i++)
	{
		fcinfo->args[i].value = va_arg(args, Datum);
		fcinfo->args[i].isnull = false;
	}
	catcher = &here;
	if (sigsetjmp(here, 0) == 0)
	{
		*result = function(fcinfo);
		*isnull = fcinfo->isnull;
		good = true;
	}
	catcher = NULL;
	return good;
}

bool
call(PGFunction function, Datum *result, bool *isnull, int nargs,...)
{
	va_list		args;
	bool		good;

	va_start(args, nargs);
	good = call_va(function, result, isnull, nargs, args);
	va_end(args);
	return good;
}

Datum
must(PGFunction function, int nargs,...)
{
	va_list		args;
	Datum		result = (Datum) 0;
	bool		isnull = true;

	va_start(args, nargs);
	CHECK(call_va(function, &result, &isnull, nargs, args));
	va_end(args);
	CHECK(!isnull);
	return result;
}

/* ------------------------------------------------- values and their bytes */

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	CHECK(VARATT_IS_4B_U(datum));
	return datum;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	CHECK(VARATT_IS_4B_U(datum) || (VARATT_IS_1B(datum) && !VARATT_IS_1B_E(datum)));
	return datum;
}

unsigned int
pq_getmsgint(StringInfo msg, int b)
{
	uint16		value;

	CHECK(b == 2);
	if (msg->len - msg->cursor < 2)
		ereport(ERROR,
				(errcode(ERRCODE_PROTOCOL_VIOLATION),
				 errmsg("insufficient data left in message")));
	memcpy(&value, msg->data + msg->cursor, 2);
	msg->cursor += 2;
	return pg_ntoh16(value);
}

void
pq_begintypsend(StringInfo buf)
{
	initStringInfo(buf);
	for (int i = 0; i < VARHDRSZ; i++)
		appendStringInfoCharMacro(buf, '\0');
}

bytea *
pq_endtypsend(StringInfo buf)
{
	SET_VARSIZE(buf->data, buf->len);
	return (bytea *) buf->data;
}

/* Arrays: int[] alone */
ArrayType *
construct_array(Datum *elems, int nelems, Oid elmtype, int elmlen, bool elmbyval, char elmalign)
{
	int			ndim = nelems > 0 ? 1 : 0;
	Size		size = ARR_OVERHEAD_NONULLS(ndim) + nelems * sizeof(int32);
	ArrayType  *array = palloc0(size);

	CHECK(elmtype == INT4OID && elmlen == 4 && elmbyval && elmalign == TYPALIGN_INT);
	SET_VARSIZE(array, size);
	array->ndim = ndim;
	array->elemtype = elmtype;
	if (ndim > 0)
	{
		ARR_DIMS(array)[0] = nelems;
		ARR_LBOUND(array)[0] = 1;
	}
	for (int i = 0; i < nelems; i++)
		((int32 *) ARR_DATA_PTR(array))[i] = DatumGetInt32(elems[i]);
	return array;
}

/* In the stand-in, an element that is INT_MIN is NULL. */
extern void deconstruct_array(const ArrayType *array, Oid elmtype, int elmlen, bool elmbyval,
							  char elmalign, Datum **elemsp, bool **nullsp, int *nelemsp);

void
deconstruct_array(const ArrayType *array, Oid elmtype, int elmlen, bool elmbyval, char elmalign,
				  Datum **elemsp, bool **nullsp, int *nelemsp)
{
	int			n = array->ndim > 0 ? ARR_DIMS(array)[0] : 0;

	CHECK(elmtype == INT4OID && elmlen == 4 && elmbyval && elmalign == TYPALIGN_INT);
	*elemsp = palloc(n * sizeof(Datum));
	*nullsp = palloc(n * sizeof(bool));
	*nelemsp = n;
	for (int i = 0; i < n; i++)
	{
		int32		value = ((int32 *) ARR_DATA_PTR(array))[i];

		(*nullsp)[i] = value == PG_INT32_MIN;
		(*elemsp)[i] = (*nullsp)[i] ? (Datum) 0 : Int32GetDatum(value);
	}
}

/* ------------------------------------------------------------------ enums */

static const char *const labels[] = {
	"across", "sequential",
	"three-phase", "split-phase", "single-phase", "dc",
	"A", "B", "C", "A-B", "B-C", "A-C", "A-B-C"
};

Oid
label_oid(const char *label)
{
	for (int i = 0; i < (int) lengthof(labels); i++)
		if (strcmp(labels[i], label) == 0)
			return (Oid) (i + 1);
	CHECK(!"no such label");
}

const char *
enum_label(Oid value)
{
	CHECK(value >= 1 && value <= lengthof(labels));
	return labels[value - 1];
}

Oid
enum_value(Oid type, const char *label)
{
	return label_oid(label);
}

Oid
get_fn_expr_rettype(FmgrInfo *flinfo)
{
	return InvalidOid;
}
