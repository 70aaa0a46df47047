/*
 * DuckDB's C API, as far as we use it, found in its library at run time: Weir runs without DuckDB, and needs none of
 * its headers to be built.
 *
 * Declared after DuckDB's documentation of its C API (duckdb.org/docs/stable/clients/c/api), version 1.x, which is
 * stable. Private to this room; use duck.h.
 */
#pragma once

#include "base/error.h"
#include "base/str.h"

typedef struct DuckDatabase *DuckDatabaseHandle;
typedef struct DuckConnection *DuckConnectionHandle;
typedef struct DuckAppender *DuckAppenderHandle;
typedef uint64_t DuckIndex;
typedef enum { DUCK_SUCCESS = 0, DUCK_ERROR = 1 } DuckState;

/* Of the types a column may have, those that are no text in JSON. */
enum {
    DUCK_TYPE_BOOLEAN = 1,
    DUCK_TYPE_TINYINT = 2,
    DUCK_TYPE_BIGINT = 5,
    DUCK_TYPE_UTINYINT = 6,
    DUCK_TYPE_UBIGINT = 9,
    DUCK_TYPE_HUGEINT = 16,
    DUCK_TYPE_UHUGEINT = 32,
};

/* Read by the library's own functions alone. */
typedef struct {
    DuckIndex column_count, row_count, rows_changed;
    void *columns;
    char *error_message;
    void *internal_data;
} DuckRawResult;

typedef struct {
    void *handle; /* of dlopen() */
    const char *(*library_version)(void);
    DuckState (*open)(const char *path, DuckDatabaseHandle *ret_database);
    void (*close)(DuckDatabaseHandle *database);
    DuckState (*connect)(DuckDatabaseHandle database, DuckConnectionHandle *ret_connection);
    void (*disconnect)(DuckConnectionHandle *connection);
    DuckState (*query)(DuckConnectionHandle connection, const char *sql, DuckRawResult *ret_result);
    void (*destroy_result)(DuckRawResult *result);
    const char *(*result_error)(DuckRawResult *result);
    DuckIndex (*column_count)(DuckRawResult *result);
    DuckIndex (*row_count)(DuckRawResult *result);
    const char *(*column_name)(DuckRawResult *result, DuckIndex column);
    int (*column_type)(DuckRawResult *result, DuckIndex column);
    char *(*value_varchar)(DuckRawResult *result, DuckIndex column, DuckIndex row);
    int64_t (*value_int64)(DuckRawResult *result, DuckIndex column, DuckIndex row);
    void (*free)(void *memory);
    DuckState (*appender_create)(DuckConnectionHandle connection, const char *schema, const char *table,
                                 DuckAppenderHandle *ret_appender);
    const char *(*appender_error)(DuckAppenderHandle appender);
    DuckState (*appender_end_row)(DuckAppenderHandle appender);
    DuckState (*appender_close)(DuckAppenderHandle appender);
    DuckState (*appender_destroy)(DuckAppenderHandle *appender);
    DuckState (*append_bool)(DuckAppenderHandle appender, bool value);
    DuckState (*append_int64)(DuckAppenderHandle appender, int64_t value);
    DuckState (*append_varchar_length)(DuckAppenderHandle appender, const char *text, DuckIndex size);
    DuckState (*append_null)(DuckAppenderHandle appender);
} DuckApi;

/* The library at path; loaded once, kept for the life of the process. NOT_FOUND when there is no such file, INVALID
 * when it is no DuckDB. */
const DuckApi *duck_api_load(const char *path, GError **error);
