/*
 * The driver for PostgreSQL: binary values, prepared statements, rows one at a time.
 *
 * The connection is made by the first begin and again by any begin that finds it lost: only there is it certain that
 * nothing was under way.
 */
#include "store/driver.h"
#include "store/postgres_value.h"

/* A server that vanished without a word is given up after this long; a client that did, after the second. */
#define TCP_USER_TIMEOUT_MS    "30000"
#define CONNECT_TIMEOUT_S      "5"
#define IDLE_IN_TRANSACTION_MS 300000

/* feature_not_supported: "cached plan must not change result type", after a migration by another process. */
#define STALE_PLAN "0A000"

typedef struct {
    Db base;
    char *url;
    PGconn *conn;           /* NULL before the first begin and after a loss */
    GHashTable *statements; /* kinds of the values + text -> name on the server */
    unsigned prepared;      /* number of the last name */
    bool stale;             /* a statement no longer fits its tables: prepare all anew */
} PostgresDb;

typedef struct {
    DbRows base;
    PostgresDb *db;
    PGresult *row;
    bool drained; /* the server has nothing more to say about this statement */
} PostgresRows;

/* Source: PostgreSQL 15 documentation, appendix A, error codes. */
static WeirError
error_code(const char *state)
{
    static const struct {
        const char *prefix;
        WeirError code;
    } CODES[] = {
        {"23505", WEIR_ERROR_CONFLICT}, /* unique_violation */
        {"23P01", WEIR_ERROR_CONFLICT}, /* exclusion_violation */
        {"40", WEIR_ERROR_CONFLICT},    /* serialization_failure, deadlock_detected */
        {STALE_PLAN, WEIR_ERROR_CONFLICT},
        {"22", WEIR_ERROR_INVALID},        /* data exception: out of range, not valid for its type */
        {"23", WEIR_ERROR_INVALID},        /* other constraints */
        {"P0001", WEIR_ERROR_INVALID},     /* RAISE in a trigger of ours */
        {"54", WEIR_ERROR_INVALID},        /* too large, too complex */
        {"55P03", WEIR_ERROR_LIMIT},       /* lock_not_available */
        {"57014", WEIR_ERROR_LIMIT},       /* query_canceled: statement_timeout of the server's configuration */
        {"08P01", WEIR_ERROR_BROKEN},      /* protocol violation: e.g. too few values */
        {"08", WEIR_ERROR_UNAVAILABLE},    /* connection exceptions */
        {"25P03", WEIR_ERROR_UNAVAILABLE}, /* idle in transaction for too long */
        {"53", WEIR_ERROR_UNAVAILABLE},    /* out of disk, memory or connections */
        {"57P", WEIR_ERROR_UNAVAILABLE},   /* shutting down, starting up */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(CODES); i++) {
        if (g_str_has_prefix(state, CODES[i].prefix))
            return CODES[i].code;
    }
    return WEIR_ERROR_BROKEN;
}

static bool
fail_connection(PostgresDb *db, GError **error)
{
    g_autofree char *message = g_strdup(PQerrorMessage(db->conn));

    return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "PostgreSQL: %s", g_strstrip(message));
}

/* result may be NULL, as libpq has it when there was no memory or no connection. */
static bool
fail(PostgresDb *db, const PGresult *result, GError **error)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *message = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    if (state == NULL || message == NULL) {
        if (PQstatus(db->conn) == CONNECTION_BAD)
            return fail_connection(db, error);
        return weir_fail(error, WEIR_ERROR_BROKEN, "PostgreSQL: %s", PQerrorMessage(db->conn));
    }
    db->stale = db->stale || g_str_equal(state, STALE_PLAN);
    return weir_fail(error, error_code(state), "PostgreSQL: %s (%s)", message, state);
}

static bool
is_ok(const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

static bool
run(PostgresDb *db, const char *sql, GError **error)
{
    PGresult *result = PQexec(db->conn, sql);
    bool done = is_ok(result) || fail(db, result, error);

    PQclear(result);
    return done;
}

static void
ignore_notice(void *data G_GNUC_UNUSED, const PGresult *result G_GNUC_UNUSED)
{
}

static void
disconnect(PostgresDb *db)
{
    g_hash_table_remove_all(db->statements);
    PQfinish(db->conn);
    db->conn = NULL;
    db->stale = false;
}

static bool
connect_again(PostgresDb *db, GError **error)
{
    /* Later words win over earlier ones: the URL may change the first three, and nothing the last. */
    const char *const words[] = {"connect_timeout", "tcp_user_timeout", "application_name",
                                 "dbname",          "client_encoding",  NULL};
    const char *const values[] = {CONNECT_TIMEOUT_S, TCP_USER_TIMEOUT_MS, "weir", db->url, "UTF8", NULL};
    /* Our statements are short: compiling one takes longer than running it. */
    g_autofree char *settings = g_strdup_printf("SET lock_timeout = %d; SET idle_in_transaction_session_timeout = %d;"
                                                "SET standard_conforming_strings = on; SET timezone = 'UTC';"
                                                "SET jit = off",
                                                DB_LOCK_TIMEOUT_MS, IDLE_IN_TRANSACTION_MS);

    disconnect(db);
    db->conn = PQconnectdbParams(words, values, 1);
    if (PQstatus(db->conn) != CONNECTION_OK) {
        fail_connection(db, error);
        disconnect(db);
        return false;
    }
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    if (!run(db, settings, error)) {
        disconnect(db);
        return false;
    }
    return true;
}

static Db *
postgres_open(const char *url, GError **error)
{
    PQconninfoOption *options = PQconninfoParse(url, NULL);
    PostgresDb *db;

    if (options == NULL) {
        /* libpq's own message quotes the whole URI, password and all. */
        weir_fail(error, WEIR_ERROR_INVALID, "the postgresql:// URI of the database is malformed");
        return NULL;
    }
    PQconninfoFree(options);
    db = g_new0(PostgresDb, 1);
    db->base.driver = &POSTGRES_DRIVER;
    db->url = g_strdup(url);
    db->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return &db->base;
}

static void
postgres_close(Db *base)
{
    PostgresDb *db = (PostgresDb *)base;

    disconnect(db);
    g_hash_table_unref(db->statements);
    g_free(db->url);
    g_free(db);
}

static bool
postgres_begin(Db *base, DbMode mode, GError **error)
{
    PostgresDb *db = (PostgresDb *)base;
    const char *sql = mode == DB_WRITE ? "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"
                                       : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY";

    /* A connection that broke since the last transaction shows it only when it is used. */
    if (db->conn != NULL && PQstatus(db->conn) == CONNECTION_OK) {
        g_autoptr(GError) failure = NULL;

        if (run(db, sql, &failure))
            return true;
        if (PQstatus(db->conn) == CONNECTION_OK) {
            g_propagate_error(error, g_steal_pointer(&failure));
            return false;
        }
    }
    return connect_again(db, error) && run(db, sql, error);
}

static void
postgres_rollback(Db *base)
{
    PostgresDb *db = (PostgresDb *)base;

    /* Without an answer the server's side is unknown; closing the connection makes it roll back. */
    if (db->stale || PQstatus(db->conn) != CONNECTION_OK || !run(db, "ROLLBACK", NULL))
        disconnect(db);
}

static bool
postgres_commit(Db *base, GError **error)
{
    PostgresDb *db = (PostgresDb *)base;
    PGresult *result = PQexec(db->conn, "COMMIT");
    bool committed;

    if (!is_ok(result)) {
        committed = fail(db, result, error);
        if (PQstatus(db->conn) != CONNECTION_OK)
            weir_fail_within(error, "it is unknown whether the commit was done");
    } else if (!g_str_equal(PQcmdStatus(result), "COMMIT")) {
        committed = weir_fail(error, WEIR_ERROR_BROKEN, "commit of a transaction that has failed: it was rolled back");
    } else {
        committed = true;
    }
    PQclear(result);
    return committed;
}

/* A statement is prepared once for each choice of kinds, since a null leaves the type to the server. */
static char *
statement_key(const char *sql, DbArgs args)
{
    GString *key = g_string_sized_new(args.count + strlen(sql) + 2);

    for (size_t i = 0; i < args.count; i++)
        g_string_append_c(key, "nitb"[args.values[i].kind]);
    g_string_append_c(key, ' ');
    g_string_append(key, sql);
    return g_string_free(key, FALSE);
}

static bool
prepare(PostgresDb *db, const char *sql, DbArgs args, const PostgresParams *params, const char **ret_name,
        GError **error)
{
    g_autofree char *key = statement_key(sql, args);
    char *name = g_hash_table_lookup(db->statements, key);

    if (name == NULL) {
        PGresult *result;
        bool done;

        if (g_hash_table_size(db->statements) >= DB_STATEMENTS_MAX) {
            if (!run(db, "DEALLOCATE ALL", error))
                return false;
            g_hash_table_remove_all(db->statements);
        }
        name = g_strdup_printf("s%u", ++db->prepared);
        result = PQprepare(db->conn, name, sql, (int)args.count, params->types);
        done = is_ok(result) || fail(db, result, error);
        PQclear(result);
        if (!done) {
            g_free(name);
            return false;
        }
        g_hash_table_insert(db->statements, g_steal_pointer(&key), name);
    }
    *ret_name = name;
    return true;
}

static bool
postgres_exec(Db *base, const char *sql, DbArgs args, int64_t *ret_changed, GError **error)
{
    PostgresDb *db = (PostgresDb *)base;
    g_auto(PostgresParams) params;
    const char *name;
    PGresult *result;
    bool done;

    postgres_params_init(&params, args);
    if (!prepare(db, sql, args, &params, &name, error))
        return false;
    result = PQexecPrepared(db->conn, name, (int)args.count, params.values, params.sizes, params.formats, 1);
    done = is_ok(result) || fail(db, result, error);
    if (done) {
        /* The tag of a SELECT counts rows as well, but it changed none. */
        bool read = g_str_has_prefix(PQcmdStatus(result), "SELECT");

        *ret_changed = read ? 0 : g_ascii_strtoll(PQcmdTuples(result), NULL, 10);
    }
    PQclear(result);
    return done;
}

static DbRows *
postgres_query(Db *base, const char *sql, DbArgs args, GError **error)
{
    PostgresDb *db = (PostgresDb *)base;
    g_auto(PostgresParams) params;
    const char *name;
    PostgresRows *rows;

    postgres_params_init(&params, args);
    if (!prepare(db, sql, args, &params, &name, error))
        return NULL;
    if (PQsendQueryPrepared(db->conn, name, (int)args.count, params.values, params.sizes, params.formats, 1) == 0) {
        fail(db, NULL, error);
        return NULL;
    }
    if (PQsetSingleRowMode(db->conn) == 0)
        g_assert_not_reached();
    rows = g_new0(PostgresRows, 1);
    rows->db = db;
    return &rows->base;
}

/* The columns' types, and for numeric also the values, must be such as the store carries. */
static bool
check_row(const PGresult *row, GError **error)
{
    for (int i = 0; i < PQnfields(row); i++) {
        Str value = {PQgetvalue(row, 0, i), (size_t)PQgetlength(row, 0, i)};
        int kind = postgres_kind(PQftype(row, i));
        int64_t number;

        if (kind < 0)
            return weir_fail(error, WEIR_ERROR_BROKEN, "column %d (%s) is of type %u: CAST it to BIGINT, TEXT or BYTEA",
                             i, PQfname(row, i), PQftype(row, i));
        if (kind == DB_INT && !PQgetisnull(row, 0, i) && !postgres_read_number(PQftype(row, i), value, &number))
            return weir_fail(error, WEIR_ERROR_BROKEN, "column %d (%s) is no integer: CAST it to BIGINT", i,
                             PQfname(row, i));
    }
    return true;
}

static bool
postgres_next(DbRows *base, bool *ret_row, GError **error)
{
    PostgresRows *rows = (PostgresRows *)base;
    ExecStatusType status;

    PQclear(rows->row);
    rows->row = PQgetResult(rows->db->conn);
    status = PQresultStatus(rows->row);
    if (status == PGRES_SINGLE_TUPLE) {
        base->columns = PQnfields(rows->row);
        *ret_row = true;
        return check_row(rows->row, error);
    }
    if (!is_ok(rows->row))
        return fail(rows->db, rows->row, error);
    *ret_row = false;
    return true;
}

static void
cancel(PGconn *conn)
{
    PGcancel *request = PQgetCancel(conn);
    char message[256];

    /* Best effort: when it fails, the rows are read to their end instead. */
    if (request != NULL)
        PQcancel(request, message, sizeof(message));
    PQfreeCancel(request);
}

static void
postgres_end(DbRows *base, bool abandoned)
{
    PostgresRows *rows = (PostgresRows *)base;

    if (abandoned && PQtransactionStatus(rows->db->conn) == PQTRANS_ACTIVE)
        cancel(rows->db->conn);
    while (rows->row != NULL || !rows->drained) {
        PQclear(rows->row);
        rows->row = PQgetResult(rows->db->conn);
        rows->drained = rows->row == NULL;
    }
}

/* Line of the statement the message is about, from 1; 0 when unknown. The position counts characters from 1. */
static int
line_of(const char *text, const PGresult *result)
{
    const char *position = PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION);
    int64_t left = position == NULL ? 0 : g_ascii_strtoll(position, NULL, 10);
    int line = left > 0;

    for (const char *p = text; *p != '\0' && left > 1; p = g_utf8_next_char(p), left--)
        line += *p == '\n';
    return line;
}

static bool
postgres_script(Db *base, const char *text, GError **error)
{
    PostgresDb *db = (PostgresDb *)base;
    PGresult *result = PQexec(db->conn, text);
    bool done = is_ok(result) || fail(db, result, error);
    int line = done ? 0 : line_of(text, result);

    PQclear(result);
    if (line > 0)
        weir_fail_within(error, "line %d", line);
    return done;
}

static int
postgres_column_kind(const DbRows *base, int column)
{
    const PGresult *row = ((const PostgresRows *)base)->row;

    return PQgetisnull(row, 0, column) ? DB_NULL : postgres_kind(PQftype(row, column));
}

static Str
postgres_bytes(const DbRows *base, int column)
{
    const PGresult *row = ((const PostgresRows *)base)->row;

    return (Str){PQgetvalue(row, 0, column), (size_t)PQgetlength(row, 0, column)};
}

static int64_t
postgres_number(const DbRows *base, int column)
{
    int64_t number;

    if (!postgres_read_number(PQftype(((const PostgresRows *)base)->row, column), postgres_bytes(base, column),
                              &number))
        g_assert_not_reached(); /* check_row() has read it before */
    return number;
}

const DbDriver POSTGRES_DRIVER = {
    .engine = DB_ENGINE_POSTGRES,
    .open = postgres_open,
    .close = postgres_close,
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .exec = postgres_exec,
    .query = postgres_query,
    .next = postgres_next,
    .end = postgres_end,
    .script = postgres_script,
    .kind = postgres_column_kind,
    .number = postgres_number,
    .bytes = postgres_bytes,
};
