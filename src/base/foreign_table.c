/*-------------------------------------------------------------------------
 *
 * foreign_table.c
 *	  Reading tables that are not the extension's own.
 *
 * Whoever owns such a table can attach code of his to it: casts, operators and
 * domains of its types, policies, index expressions, or a view that goes by the
 * table's name.  It would run with the rights of whoever reads, who may be a
 * superuser.  So there are neither queries nor casts here: an ordinary table is
 * scanned as it lies in its file.  Numbers, booleans and JSON of PostgreSQL's own
 * types are taken as they are; all other values become text by the output
 * functions of their types, which only a superuser can make.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"
#include "utils/tuplestore.h"

#include "foreign_table.h"
#include "query.h"

PG_FUNCTION_INFO_V1(foreign_rows);
PG_FUNCTION_INFO_V1(must_be_ordinary_table);

typedef struct ForeignColumn
{
	const char *name;
	AttrNumber	attnum;
	Oid			type;			/* what a domain is made of */
	FmgrInfo	output;
} ForeignColumn;

/*
 * Raises 42809 unless a table is one whose rows are all in its own file, and
 * in no other.  The caller has a lock on it, so that it stays so.
 */
void
must_be_ordinary(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);

	if (RELATION_IS_OTHER_TEMP(rel))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is a temporary table of another session", RelationGetRelationName(rel))));
	if (rel->rd_rel->relkind == RELKIND_RELATION && rel->rd_rel->relam == HEAP_TABLE_AM_OID &&
		!rel->rd_rel->relispartition && !has_superclass(relid) &&
		find_inheritance_children(relid, NoLock) == NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("\"%s\" is not an ordinary table", RelationGetRelationName(rel)),
			 errdetail("One that is read for its rows is no view or foreign table, no partition, and neither inherits nor is inherited from.")));
}

/* must_be_ordinary_table(table) */
Datum
must_be_ordinary_table(PG_FUNCTION_ARGS)
{
	Relation	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", PG_GETARG_OID(0))));
	must_be_ordinary(rel);
	relation_close(rel, NoLock);
	PG_RETURN_VOID();
}

/* Raises 42501 unless the current user may read these columns of all rows. */
static void
must_see_columns(Relation rel, const ForeignColumn *columns, int n)
{
	Oid			relid = RelationGetRelid(rel);
	bool		allowed = true;

	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK)
		for (int i = 0; i < n; i++)
			allowed &= pg_attribute_aclcheck(relid, columns[i].attnum, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
	if (!allowed)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("permission denied for table %s", RelationGetRelationName(rel))));
	if (check_enable_rls(relid, InvalidOid, true) == RLS_ENABLED)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("row level security of table \"%s\" applies to role \"%s\"",
						RelationGetRelationName(rel), GetUserNameFromId(GetUserId(), false)),
				 errdetail("The table is read whole, without its policies.")));
}

static ForeignColumn *
find_columns(Relation rel, ArrayType *names, int *n)
{
	Datum	   *elements;
	bool	   *nulls;
	ForeignColumn *columns;

	deconstruct_array(names, TEXTOID, -1, false, TYPALIGN_INT, &elements, &nulls, n);
	columns = palloc0(sizeof(ForeignColumn) * Max(*n, 1));
	for (int i = 0; i < *n; i++)
	{
		Form_pg_attribute attribute;
		Oid			output;
		bool		varlena;

		columns[i].name = nulls[i] ? "" : TextDatumGetCString(elements[i]);
		columns[i].attnum = get_attnum(RelationGetRelid(rel), columns[i].name);
		/* the values of a virtual column (18) are not in the rows */
		if (columns[i].attnum <= 0 ||
			TupleDescAttr(RelationGetDescr(rel), columns[i].attnum - 1)->attgenerated == 'v')
			ereport(ERROR,
					(errcode(ERRCODE_UNDEFINED_COLUMN),
					 errmsg("table \"%s\" stores no column \"%s\"", RelationGetRelationName(rel), columns[i].name)));
		attribute = TupleDescAttr(RelationGetDescr(rel), columns[i].attnum - 1);
		columns[i].type = getBaseType(attribute->atttypid);
		getTypeOutputInfo(attribute->atttypid, &output, &varlena);
		fmgr_info(output, &columns[i].output);
	}
	return columns;
}

static void
text_value(JsonbValue *v, char *text)
{
	v->type = jbvString;
	v->val.string.val = text;
	v->val.string.len = strlen(text);
}

static void
json_value(JsonbValue *v, Jsonb *json)
{
	if (JB_ROOT_IS_SCALAR(json))
		(void) JsonbExtractScalar(&json->root, v);
	else
	{
		v->type = jbvBinary;
		v->val.binary.data = &json->root;
		v->val.binary.len = VARSIZE(json) - VARHDRSZ;
	}
}

/* A value as one of JSON; a number that JSON has none for (NaN) is its text. */
static void
column_value(JsonbValue *v, ForeignColumn *column, Datum value)
{
	v->type = jbvNumeric;
	switch (column->type)
	{
		case BOOLOID:
			v->type = jbvBool;
			v->val.boolean = DatumGetBool(value);
			return;
		case INT2OID:
			v->val.numeric = int64_to_numeric(DatumGetInt16(value));
			return;
		case INT4OID:
			v->val.numeric = int64_to_numeric(DatumGetInt32(value));
			return;
		case INT8OID:
			v->val.numeric = int64_to_numeric(DatumGetInt64(value));
			return;
		case NUMERICOID:
			v->val.numeric = DatumGetNumeric(value);
			if (numeric_is_nan(v->val.numeric) || numeric_is_inf(v->val.numeric))
				text_value(v, OutputFunctionCall(&column->output, value));
			return;
		case JSONBOID:
			json_value(v, DatumGetJsonbP(value));
			return;
		case JSONOID:
			value = DirectFunctionCall1(jsonb_in, CStringGetDatum(OutputFunctionCall(&column->output, value)));
			json_value(v, DatumGetJsonbP(value));
			return;
		default:
			text_value(v, OutputFunctionCall(&column->output, value));
	}
}

/* A row as a JSON object. */
static Jsonb *
row_json(TupleTableSlot *row, ForeignColumn *columns, int n)
{
	JsonbInState json = {0};

	jsonb_push(&json, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < n; i++)
	{
		bool		isnull;
		Datum		value = slot_getattr(row, columns[i].attnum, &isnull);
		JsonbValue	v;

		text_value(&v, unconstify(char *, columns[i].name));
		jsonb_push(&json, WJB_KEY, &v);
		if (isnull)
			v.type = jbvNull;
		else
			column_value(&v, &columns[i], value);
		jsonb_push(&json, WJB_VALUE, &v);
	}
	jsonb_push(&json, WJB_END_OBJECT, NULL);
	return JsonbValueToJsonb(json.result);
}

static void
read_rows(Relation rel, ForeignColumn *columns, int n, ReturnSetInfo *result)
{
	MemoryContext of_row = AllocSetContextCreate(CurrentMemoryContext, "powerpanel foreign row",
												 ALLOCSET_DEFAULT_SIZES);
	TupleTableSlot *row = table_slot_create(rel, NULL);
	TableScanDesc scan = table_beginscan_whole(rel, GetActiveSnapshot());

	while (table_scan_getnextslot(scan, ForwardScanDirection, row))
	{
		MemoryContext caller = MemoryContextSwitchTo(of_row);
		Datum		value;
		bool		isnull = false;

		CHECK_FOR_INTERRUPTS();
		value = JsonbPGetDatum(row_json(row, columns, n));
		tuplestore_putvalues(result->setResult, result->setDesc, &value, &isnull);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(of_row);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(row);
	MemoryContextDelete(of_row);
}

/*
 * foreign_rows(table, columns): the rows of a table as JSON objects with these
 * columns.  That these are output functions alone does not keep it from being a
 * restricted operation.
 */
Datum
foreign_rows(PG_FUNCTION_ARGS)
{
	Relation	rel = relation_open(PG_GETARG_OID(0), AccessShareLock);
	ForeignColumn *columns;
	CallerRights caller;
	int			n;

	must_be_ordinary(rel);
	columns = find_columns(rel, PG_GETARG_ARRAYTYPE_P(1), &n);
	must_see_columns(rel, columns, n);
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	caller = query_as_owner(RelationGetRelid(rel));
	/* times as every reader understands them */
	(void) set_config_option("datestyle", "ISO", PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
	read_rows(rel, columns, n, (ReturnSetInfo *) fcinfo->resultinfo);
	query_as_caller(caller);
	relation_close(rel, NoLock);
	return (Datum) 0;
}
