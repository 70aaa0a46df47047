/*
 * A load: one exported file on its way into its Snowflake table, once, whatever is killed and repeated.
 *
 *     CREATE TEMPORARY TABLE arriving ──> BEGIN ──> COPY ──> rows and sums agree? ──> MERGE by key ──> record ──> COMMIT
 *                                                                     │ no: 1 / 0
 *                                                                     └──> the request fails, nothing is committed
 *
 * All of it is one request. Its id is made of the file's digest and the number of the attempt, so that it is executed
 * once even when its answer was lost, and anew when Snowflake had refused it; and when Snowflake has forgotten the id,
 * MERGE finds the rows by their key and inserts none. The rows carry the id of their load in _LOAD, by which they are
 * counted and summed again afterwards.
 *
 * Of a table with versions, MERGE replaces a row by one of a higher version, whatever the order of loads. Its rows pass
 * on to later loads, so that they are counted within the transaction only: each must then be there, as it arrived or
 * newer.
 *
 * Never used here, because each has lost or doubled somebody's rows: ON_ERROR other than ABORT_STATEMENT, FORCE,
 * COPY's own memory of files (64 days), staging tables that loads share.
 */
#pragma once

#include "warehouse/snowflake.h"

#define SNOWFLAKE_LOADS_TABLE "_WEIR_LOADS"

/* What must have arrived, of one currency. */
typedef struct {
    const char *currency; /* "USD" */
    int64_t rows;         /* -1: not known */
    int64_t micros;
} SnowflakeSum;

/* Names come from our own tables and configuration: identifiers, not quoted. */
typedef struct {
    const char *table;      /* "entries" */
    const char *definition; /* "id NUMBER(19,0) NOT NULL, ...": all its columns */
    const char *const *columns;
    size_t column_count;
    const char *const *keys; /* the columns that are unique together */
    size_t key_count;
    const char *version;          /* the column by which a later row of the same keys is known; NULL: there is none */
    const char *money, *currency; /* columns; NULL: the table has no money */
    const char *stage;            /* "WEIR_STAGE", or "DB.SCHEMA.STAGE": external, on the bucket that was exported to */
    const char *file;             /* the object's key below the stage */
    const char *sha256;           /* of the file, lower-case hex: names the load */
    bool is_csv;                  /* gzipped CSV with a header; Parquet otherwise */
    int64_t rows;
    const SnowflakeSum *sums;
    size_t sum_count;
    int64_t attempt; /* from 1; another one after Snowflake refused it */
} SnowflakeLoad;

/* The request id of a load: a UUID (version 5, named by the digest). Freed with g_free(). */
char *snowflake_load_id(const SnowflakeLoad *load);
/* The statements of each request; how many are written. */
int64_t snowflake_load_write_tables(const SnowflakeLoad *load, GString *to);
int64_t snowflake_load_write_load(const SnowflakeLoad *load, GString *to);
int64_t snowflake_load_write_check(const SnowflakeLoad *load, GString *to);

/* Makes the tables where they are missing, loads, and counts and sums what is there. is_repeated: a run before may have
 * sent it. INVALID with a name that is none. BROKEN: the file or the table does not hold what it should: an alert, not
 * a retry. Otherwise as snowflake_run(): after TIMEOUT and UNAVAILABLE, load again. */
bool snowflake_load_run(Snowflake *client, const SnowflakeLoad *load, bool is_repeated,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
