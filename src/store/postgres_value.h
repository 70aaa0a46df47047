/*
 * Values as PostgreSQL's binary protocol carries them. Private to this room.
 * Source: PostgreSQL 15, src/include/catalog/pg_type.dat (oids) and the recv/send functions of each type.
 */
#pragma once

#include <libpq-fe.h>

#include "store/db.h"

/* The kind a column of this type is read as, or -1 for a type the store does not carry. */
int postgres_kind(Oid type);
/* False when the value is no int64: a fraction, or too large. */
bool postgres_read_number(Oid type, Str value, int64_t *ret_number);

/* What libpq wants to know about the values of a statement, in its parallel arrays. Texts and blobs are not copied. */
typedef struct {
    Oid *types;
    const char **values;
    int *sizes, *formats;
    int64_t *numbers;
} PostgresParams;

void postgres_params_init(PostgresParams *params, DbArgs args);
void postgres_params_clear(PostgresParams *params);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PostgresParams, postgres_params_clear)
