/*-------------------------------------------------------------------------
 *
 * compat.h
 *	  Every difference between the majors of PostgreSQL that the extension
 *	  meets, 15 to 19.  No other file tests PG_VERSION_NUM.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_COMPAT_H
#define POWERPANEL_COMPAT_H

#include "postgres.h"
#include "fmgr.h"

#if PG_VERSION_NUM >= 160000
#include "varatt.h"
#include "nodes/miscnodes.h"
#else
/* Soft input errors came with 16; before, an input function just raises. */
#define ereturn(escontext, dummy, ...) \
	do { \
		(void) (escontext); \
		ereport(ERROR, __VA_ARGS__); \
		return (dummy); \
	} while (0)
#endif

#if PG_VERSION_NUM < 180000
/* Goes before a declaration; its forerunner went behind. */
#define pg_noreturn pg_attribute_noreturn()
#endif

/* Reads all of a table; a scan takes flags since 19. */
#if PG_VERSION_NUM >= 190000
#define table_beginscan_whole(rel, snapshot) \
	table_beginscan(rel, snapshot, 0, NULL, SO_NONE)
#else
#define table_beginscan_whole(rel, snapshot) \
	table_beginscan(rel, snapshot, 0, NULL)
#endif

/* Begins a scan that does not write; it takes instrumentation since 18, flags since 19. */
#if PG_VERSION_NUM >= 190000
#define index_beginscan_reading(rel, index, snapshot, nkeys) \
	index_beginscan(rel, index, snapshot, NULL, nkeys, 0, SO_NONE)
#elif PG_VERSION_NUM >= 180000
#define index_beginscan_reading(rel, index, snapshot, nkeys) \
	index_beginscan(rel, index, snapshot, NULL, nkeys, 0)
#else
#define index_beginscan_reading(rel, index, snapshot, nkeys) \
	index_beginscan(rel, index, snapshot, nkeys, 0)
#endif

/*
 * Is a column of a table that is open NOT NULL, for all of its rows?  Since 18 a NOT NULL
 * may be NOT VALID.
 */
#if PG_VERSION_NUM >= 180000
#define attribute_not_null(desc, i) \
	(TupleDescCompactAttr(desc, i)->attnullability == ATTNULLABLE_VALID)
#else
#define attribute_not_null(desc, i) \
	(TupleDescAttr(desc, i)->attnotnull)
#endif

/* The column that a row of pg_constraint makes NOT NULL, 0 where it does something else. */
#if PG_VERSION_NUM >= 180000
#define constraint_not_null_column(tuple) \
	(((Form_pg_constraint) GETSTRUCT(tuple))->contype == CONSTRAINT_NOTNULL ? extractNotNullColumn(tuple) : 0)
#else
#define constraint_not_null_column(tuple)	((AttrNumber) 0)
#endif

#if PG_VERSION_NUM < 190000
/* The number of a syscache; an enum from 19 on. */
typedef int SysCacheIdentifier;
#endif

/* A JSON value that is being put together; for those who include utils/jsonb.h. */
#if PG_VERSION_NUM >= 190000
#define jsonb_push(json, token, value) pushJsonbValue(json, token, value)
#else
#define JsonbInState struct { JsonbParseState *parseState; JsonbValue *result; }
#define jsonb_push(json, token, value) \
	((json)->result = pushJsonbValue(&(json)->parseState, token, value))
#endif

#endif							/* POWERPANEL_COMPAT_H */
