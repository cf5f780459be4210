/*-------------------------------------------------------------------------
 *
 * key_uuid.c
 *	  Keys of any type as uuids, which is what graphs are made of.
 *
 * An integer is the last eight bytes of the uuid, the highest byte first; the
 * others are zero.  C and SQL do the same.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/pg_type.h"
#include "utils/lsyscache.h"

#include "key_uuid.h"

/* An integer of any width as an int; what no int can hold is out of any range. */
int
integer_value(Oid type, Datum value)
{
	switch (type)
	{
		case INT2OID:
			return DatumGetInt16(value);
		case INT8OID:
			return (int) Min(Max(DatumGetInt64(value), PG_INT32_MIN), PG_INT32_MAX);
		default:
			return DatumGetInt32(value);
	}
}

/* A value as text, whatever its type. */
char *
value_text(Oid type, Datum value)
{
	Oid			output;
	bool		varlena;

	getTypeOutputInfo(type, &output, &varlena);
	return OidOutputFunctionCall(output, value);
}

pg_uuid_t
key_uuid(Oid type, Datum key)
{
	pg_uuid_t	uuid;
	uint64		number;

	if (type == UUIDOID)
		return *DatumGetUUIDP(key);
	memset(&uuid, 0, sizeof(uuid));
	number = (uint64) (type == INT8OID ? DatumGetInt64(key) : integer_value(type, key));
	for (int i = UUID_LEN - 1; number != 0; i--, number >>= 8)
		uuid.data[i] = (unsigned char) number;
	return uuid;
}

/* The key that a uuid stands for; points into it where the key is a uuid. */
Datum
uuid_key(Oid type, const pg_uuid_t *uuid)
{
	uint64		number = 0;

	if (type == UUIDOID)
		return UUIDPGetDatum(uuid);
	for (int i = UUID_LEN - 8; i < UUID_LEN; i++)
		number = number << 8 | uuid->data[i];
	return type == INT8OID ? Int64GetDatum((int64) number) : Int32GetDatum((int32) number);
}

/* An expression that gives a column as a uuid. */
char *
key_sql(Oid type, const char *column)
{
	if (type == UUIDOID)
		return psprintf("%s", column);
	return psprintf("pg_catalog.lpad(pg_catalog.to_hex(%s::pg_catalog.int8), 32, '0')::pg_catalog.uuid", column);
}

/* A condition: the column is one of the uuids of the array $1. */
char *
key_in_sql(Oid type, const char *column)
{
	if (type == UUIDOID)
		return psprintf("%s OPERATOR(pg_catalog.=) ANY ($1)", column);
	return psprintf("%s OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT"
					" ('x' OPERATOR(pg_catalog.||) pg_catalog.right(pg_catalog.replace(k::pg_catalog.text, '-', ''), 16))"
					"::pg_catalog.bit(64)::pg_catalog.int8 FROM pg_catalog.unnest($1) AS k))", column);
}
