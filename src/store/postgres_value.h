/*
 * Values as PostgreSQL's binary protocol carries them. Private to this room.
 * Source: PostgreSQL 15, src/include/catalog/pg_type.dat (oids) and the recv/send functions of each type.
 */
#pragma once

#include <libpq-fe.h>

#include "store/db.h"

enum { OID_UNKNOWN_YET = 0, OID_BYTEA = 17, OID_INT8 = 20, OID_TEXT = 25 };

/* The kind a column of this type is read as, or -1 for a type the store does not carry. */
int postgres_kind(Oid type);
/* False when the value is no int64: a fraction, or too large. */
bool postgres_read_number(Oid type, Str value, int64_t *ret_number);
