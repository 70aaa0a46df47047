/*
 * Snowflake's SQL API, version 2: statements over HTTP, run until they are done.
 *
 *     POST /api/v2/statements?requestId= ──> 200 ───────────────────────────────> rows, partition by partition
 *           │      ^                          │ several statements: a handle each, each asked for its rows
 *           │      └── 401: a new token, once └──────────────────────────────────────^
 *           └──> 202 ──> GET /api/v2/statements/HANDLE ... ──────────────────────────^
 *
 * A request is executed once for each request id, however often it is sent: so the caller keeps the id before it calls,
 * and sends the same one again after TIMEOUT and UNAVAILABLE. Nothing is retried here.
 *
 * Rules: Snowflake's OpenAPI description of the SQL API.
 */
#pragma once

#include "warehouse/cloud.h"
#include "warehouse/snowflake_jwt.h"

#define SNOWFLAKE_ROWS_LIMIT 100000 /* of one statement: what is asked for here are counts and sums */

/* Texts must outlive the client. Names are case-sensitive. */
typedef struct {
    const char *url;     /* NULL: https://ACCOUNT.snowflakecomputing.com */
    const char *account; /* "acme-weir", "xy12345.eu-central-1" */
    const char *user;
    const char *database, *schema, *warehouse;
    const char *role; /* NULL: the user's own */
} SnowflakeConfig;

typedef struct Snowflake Snowflake;

/* key and cloud must outlive the client. INVALID with the member that is missing, or the URL that is none. */
Snowflake *snowflake_new(const SnowflakeConfig *config, const SnowflakeKey *key, const Cloud *cloud,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;
void snowflake_free(Snowflake *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Snowflake, snowflake_free)

typedef struct {
    const char *sql;       /* statements, with ';' between them */
    int64_t count;         /* how many; Snowflake refuses any other number */
    const char *id;        /* a UUID */
    bool is_repeated;      /* it may have been sent before */
    int64_t timeout_s;     /* Snowflake ends what takes longer; 0: an hour */
    const char *query_tag; /* NULL: none */
} SnowflakeRequest;

/* What one statement gave. Absent cells are NULL in SQL. */
typedef struct {
    const Str *columns;
    size_t column_count;
    const Str *cells; /* row_count times column_count, row by row */
    size_t row_count;
} SnowflakeResult;

/* Runs the request; *ret_results has request->count members, in the arena. TIMEOUT: no answer, or no end, in time, or
 * 500: it may have been executed; UNAVAILABLE: no connection, 429, 503; INVALID: refused for good (SQL, names, token, rights);
 * LIMIT: more rows than the limit; BROKEN: an answer that contradicts itself. */
bool snowflake_run(Snowflake *client, const SnowflakeRequest *request, Arena *arena,
                   const SnowflakeResult **ret_results, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The SQLSTATE of the last request that failed; "" when there was none. */
const char *snowflake_sql_state(const Snowflake *client);
