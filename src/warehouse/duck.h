/*
 * Duck: a DuckDB in memory, for writing and reading files of the warehouse. It has no network and no extensions but
 * those it is built with, works in UTC, on one thread, and within a bound of memory.
 */
#pragma once

#include "warehouse/duckdb_api.h"

typedef struct Duck Duck;

/* Enough for a batch of any table and for aggregates over years; what does not fit goes to files in spill. */
#define DUCK_MEMORY "256MB"

/* library: path of libduckdb.so. spill: a folder for what exceeds the memory. NOT_FOUND without the library. */
Duck *duck_open(const char *library, const char *spill, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void duck_close(Duck *duck);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Duck, duck_close)
const char *duck_version(const Duck *duck);

/* Appends text as an SQL literal, in quotes. */
void duck_quote(GString *to, const char *text);

/* Runs statements; rows are dropped. INVALID with DuckDB's message. */
bool duck_run(Duck *duck, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a query answered, in memory. */
typedef struct DuckResult DuckResult;
DuckResult *duck_query(Duck *duck, const char *sql, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void duck_result_free(DuckResult *result);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DuckResult, duck_result_free)
size_t duck_result_columns(DuckResult *result);
size_t duck_result_rows(DuckResult *result);
const char *duck_result_name(DuckResult *result, size_t column);
/* Whether a value's text is a whole number, or true or false. */
bool duck_result_is_integer(DuckResult *result, size_t column);
bool duck_result_is_truth(DuckResult *result, size_t column);
/* NULL for NULL; freed with g_free(). */
char *duck_result_text(DuckResult *result, size_t column, size_t row) G_GNUC_WARN_UNUSED_RESULT;
int64_t duck_result_int(DuckResult *result, size_t column, size_t row);

/* Rows into a table of this Duck, value by value in order of its columns. A failure shows at the end of the row. */
typedef struct DuckRows DuckRows;
DuckRows *duck_rows_open(Duck *duck, const char *table, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void duck_rows_add_int(DuckRows *rows, int64_t value);
void duck_rows_add_bool(DuckRows *rows, bool value);
void duck_rows_add_text(DuckRows *rows, Str text); /* absent: NULL */
void duck_rows_add_null(DuckRows *rows);
bool duck_rows_end_row(DuckRows *rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* All rows are in the table when this returns true. */
bool duck_rows_finish(DuckRows *rows, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void duck_rows_free(DuckRows *rows);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(DuckRows, duck_rows_free)
