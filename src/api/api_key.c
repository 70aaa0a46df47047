#include "api/api_key.h"

#include <sodium.h>

#define PREFIX "weir_"

static const struct {
    ApiScope scope;
    const char *name;
} SCOPES[] = {{API_SCOPE_SEARCH, "search"}, {API_SCOPE_FEED, "feed"}, {API_SCOPE_OPERATIONS, "operations"}};

const char *
api_scope_name(ApiScope scope)
{
    for (size_t i = 0; i < G_N_ELEMENTS(SCOPES); i++)
        if (SCOPES[i].scope == scope)
            return SCOPES[i].name;
    return "none";
}

ApiScope
api_scope_parse(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(SCOPES); i++)
        if (str_is(name, SCOPES[i].name))
            return SCOPES[i].scope;
    return API_SCOPE_NONE;
}

bool
api_scopes_parse(Str names, unsigned *ret_scopes, GError **error)
{
    unsigned scopes = 0;

    for (Str rest = names; rest.at != NULL;) {
        Str name = str_trim(str_cut(&rest, ','));
        ApiScope scope = api_scope_parse(name);

        if (scope == API_SCOPE_NONE)
            return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" is no scope; say search, feed or operations",
                             (int)MIN(name.size, 64), name.at == NULL ? "" : name.at);
        scopes |= scope;
    }
    if (scopes == 0)
        return weir_fail(error, WEIR_ERROR_INVALID, "no scope is given; say search, feed or operations");
    *ret_scopes = scopes;
    return true;
}

void
api_scopes_format(unsigned scopes, GString *to)
{
    const char *separator = "";

    for (size_t i = 0; i < G_N_ELEMENTS(SCOPES); i++) {
        if ((scopes & SCOPES[i].scope) == 0)
            continue;
        g_string_append_printf(to, "%s%s", separator, SCOPES[i].name);
        separator = ",";
    }
}

void
api_key_make(Random *random, char to[API_KEY_TEXT_SIZE])
{
    uint8_t bytes[32];

    random_fill(random, bytes, sizeof bytes);
    g_strlcpy(to, PREFIX, API_KEY_TEXT_SIZE);
    sodium_bin2hex(to + strlen(PREFIX), API_KEY_TEXT_SIZE - strlen(PREFIX), bytes, sizeof bytes);
    sodium_memzero(bytes, sizeof bytes);
}

bool
api_key_hash(Str text, uint8_t to[API_KEY_HASH_BYTES])
{
    if (text.size != API_KEY_TEXT_SIZE - 1 || !str_starts_with(text, STR(PREFIX)))
        return false;
    crypto_generichash(to, API_KEY_HASH_BYTES, (const unsigned char *)text.at, text.size, NULL, 0);
    return true;
}

bool
api_key_name_is_valid(Str name)
{
    for (size_t i = 0; i < name.size; i++)
        if (!g_ascii_islower(name.at[i]) && !g_ascii_isdigit(name.at[i]) && str_find_char(STR("._-"), name.at[i]) < 0)
            return false;
    return name.size > 0 && name.size <= API_KEY_NAME_BYTES;
}

static DbValue
limit_count(const KeyLimit *limit)
{
    return limit->kind == KEY_LIMIT_DEFAULT ? db_null() : db_int(limit->rate.count);
}

static DbValue
limit_window(const KeyLimit *limit)
{
    return limit->kind == KEY_LIMIT_DEFAULT ? db_null() : db_int(limit->rate.window_us);
}

/* Whoever adds one counts those that others add. BEGIN IMMEDIATE has locked all of SQLite already; the mode conflicts with
 * itself and not with readers. */
static const Sql LOCK_SQL = {
    .sqlite = "SELECT 1",
    .postgres = "LOCK TABLE api_key IN SHARE ROW EXCLUSIVE MODE",
};

bool
api_key_add(DbTx *tx, const ApiKeyRow *row, GError **error)
{
    int64_t holding, added;

    if (!api_key_name_is_valid(row->name))
        return weir_fail(error, WEIR_ERROR_INVALID,
                         "the name of a key has 1 to %d small letters, digits, '.', '_' and '-'", API_KEY_NAME_BYTES);
    if (!db_exec(tx, LOCK_SQL, DB_NO_ARGS, NULL, error) ||
        !db_query_int(tx, SQL("SELECT COUNT(*) FROM api_key WHERE revoked_at_us IS NULL"), DB_NO_ARGS, &holding, error))
        return false;
    if (holding >= API_KEYS_LIMIT)
        return weir_fail(error, WEIR_ERROR_LIMIT, "%d keys hold, which is the most; revoke one first", API_KEYS_LIMIT);
    if (!db_exec(tx,
                 SQL("INSERT INTO api_key (name, hash, scopes, limit_count, limit_window_us, created_at_us) "
                     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (name) DO NOTHING"),
                 DB_ARGS(db_text(row->name), db_blob((Str){(const char *)row->hash, API_KEY_HASH_BYTES}),
                         db_int(row->scopes), limit_count(&row->limit), limit_window(&row->limit),
                         db_int(row->created_at_us)),
                 &added, error))
        return false;
    return added == 1 || weir_fail(error, WEIR_ERROR_CONFLICT,
                                   "there is or was a key named \"%.*s\"; take another name", STR_FORMAT(row->name));
}

/* Why nothing of a key that holds was changed. */
static bool
fail_unless_changed(DbTx *tx, const char *name, int64_t changed, GError **error)
{
    int64_t known;

    if (changed == 1)
        return true;
    if (!db_query_int(tx, SQL("SELECT COUNT(*) FROM api_key WHERE name = $1"), DB_ARGS(db_cstr(name)), &known, error))
        return false;
    return known > 0 ? weir_fail(error, WEIR_ERROR_CONFLICT, "the key \"%s\" is revoked already", name)
                     : weir_fail(error, WEIR_ERROR_NOT_FOUND, "there is no key named \"%s\"", name);
}

bool
api_key_revoke(DbTx *tx, const char *name, int64_t now_us, GError **error)
{
    int64_t changed;

    return db_exec(tx, SQL("UPDATE api_key SET revoked_at_us = $2 WHERE name = $1 AND revoked_at_us IS NULL"),
                   DB_ARGS(db_cstr(name), db_int(now_us)), &changed, error) &&
           fail_unless_changed(tx, name, changed, error);
}

bool
api_key_set_limit(DbTx *tx, const char *name, const KeyLimit *limit, GError **error)
{
    int64_t changed;

    return db_exec(tx,
                   SQL("UPDATE api_key SET limit_count = $2, limit_window_us = $3 "
                       "WHERE name = $1 AND revoked_at_us IS NULL"),
                   DB_ARGS(db_cstr(name), limit_count(limit), limit_window(limit)), &changed, error) &&
           fail_unless_changed(tx, name, changed, error);
}

static KeyLimit
limit_of(const DbRows *rows, int column)
{
    KeyLimit limit = {.rate = {db_get_int(rows, column), db_get_int(rows, column + 1)}};

    if (db_is_null(rows, column))
        return (KeyLimit){.kind = KEY_LIMIT_DEFAULT};
    limit.kind = limit.rate.count == 0 ? KEY_LIMIT_NONE : KEY_LIMIT_OWN;
    return limit;
}

bool
api_key_list(DbTx *tx, bool with_revoked, void (*each)(void *data, const ApiKeyRow *row), void *data, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT name, hash, scopes, created_at_us, revoked_at_us, limit_count, limit_window_us "
                     "FROM api_key WHERE revoked_at_us IS NULL OR $1 = 1 ORDER BY name"),
                 DB_ARGS(db_int(with_revoked)), error);

    if (rows == NULL)
        return false;
    while (db_next(rows, error)) {
        ApiKeyRow row = {.name = db_get_text(rows, 0),
                         .hash = (const uint8_t *)db_get_blob(rows, 1).at,
                         .scopes = (unsigned)db_get_int(rows, 2),
                         .limit = limit_of(rows, 5),
                         .created_at_us = db_get_int(rows, 3),
                         .revoked_at_us = db_get_time(rows, 4)};

        each(data, &row);
    }
    return !db_has_failed(rows);
}
