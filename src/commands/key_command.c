/*
 * weir key add NAME | list | limit NAME LIMIT | revoke NAME
 */
#include "api/api_key.h"
#include "base/json_writer.h"
#include "commands/command.h"

static void
write_scopes(JsonWriter *json, unsigned scopes)
{
    json_key(json, "scopes");
    json_begin_array(json);
    for (unsigned bit = 1; bit <= API_SCOPE_ALL; bit <<= 1)
        if ((scopes & bit) != 0)
            json_text(json, str_of(api_scope_name((ApiScope)bit)));
    json_end_array(json);
}

static void
write_limit(JsonWriter *json, const KeyLimit *limit)
{
    g_autoptr(GString) text = g_string_new(NULL);

    key_limit_format(limit, text);
    json_member_text(json, "limit", str_of_gstring(text));
}

static void
print_json(void *data G_GNUC_UNUSED, const ApiKeyRow *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    char moment[TIMESTAMP_TEXT_SIZE];

    json_begin_object(&json);
    json_member_text(&json, "name", row->name);
    write_scopes(&json, row->scopes);
    write_limit(&json, &row->limit);
    json_member_text(&json, "created_at", str_of(timestamp_format(row->created_at_us, moment)));
    if (row->revoked_at_us != TIMESTAMP_NONE)
        json_member_text(&json, "revoked_at", str_of(timestamp_format(row->revoked_at_us, moment)));
    json_end_object(&json);
    g_print("%s\n", text->str);
}

static void
add_row(void *data, const ApiKeyRow *row)
{
    TextTable *table = data;
    g_autoptr(GString) scopes = g_string_new(NULL), limit = g_string_new(NULL);
    char created[TIMESTAMP_TEXT_SIZE], revoked[TIMESTAMP_TEXT_SIZE];

    api_scopes_format(row->scopes, scopes);
    key_limit_format(&row->limit, limit);
    text_table_add(table, row->name);
    text_table_add(table, str_of_gstring(scopes));
    text_table_add(table, str_of_gstring(limit));
    text_table_add(table, str_of(command_moment_text(row->created_at_us, created)));
    text_table_add(table, str_of(command_moment_text(row->revoked_at_us, revoked)));
}

static bool
list_keys(Db *db, bool all, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"KEY", "SCOPES", "LIMIT", "MADE", "REVOKED", NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(TextTable) table = text_table_new(HEADS);

    if (tx == NULL || !api_key_list(tx, all, as_json ? print_json : add_row, table, error))
        return false;
    if (!as_json)
        command_print_table(table, "no keys; weir key add NAME --scopes SCOPES makes one");
    return true;
}

static void
print_key(const ApiKeyRow *row, const char *key, bool as_json)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    if (!as_json) {
        g_print("%s\n", key);
        g_printerr("this is the key of %.*s; it is kept nowhere and not shown again\n", STR_FORMAT(row->name));
        return;
    }
    json_begin_object(&json);
    json_member_text(&json, "name", row->name);
    write_scopes(&json, row->scopes);
    write_limit(&json, &row->limit);
    json_member_text(&json, "key", str_of(key));
    json_end_object(&json);
    g_print("%s\n", text->str);
}

static bool
add_key(Deployment *deployment, Db *db, ApiKeyRow row, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    char key[API_KEY_TEXT_SIZE];
    uint8_t hash[API_KEY_HASH_BYTES];

    api_key_make(deployment->random, key);
    row.hash = hash;
    row.created_at_us = clock_now_us(deployment->clock);
    if (tx == NULL || !api_key_hash(str_of(key), hash) || !api_key_add(tx, &row, error) || !db_commit_auto(&tx, error))
        return false;
    print_key(&row, key, as_json);
    return true;
}

static bool
limit_key(Db *db, const char *name, const KeyLimit *limit, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    g_autoptr(GString) text = g_string_new(NULL);

    if (tx == NULL || !api_key_set_limit(tx, name, limit, error) || !db_commit_auto(&tx, error))
        return false;
    key_limit_format(limit, text);
    if (as_json)
        g_print("{\"name\":\"%s\",\"limit\":\"%s\"}\n", name, text->str); /* a name that is there needs no escapes */
    else
        g_print("the limit of %s is %s within seconds\n", name, text->str);
    return true;
}

static bool
revoke_key(Deployment *deployment, Db *db, const char *name, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    if (tx == NULL || !api_key_revoke(tx, name, clock_now_us(deployment->clock), error) || !db_commit_auto(&tx, error))
        return false;
    if (as_json)
        g_print("{\"name\":\"%s\",\"revoked\":true}\n", name); /* a name that is there needs no escapes */
    else
        g_print("%s is revoked; it is refused within seconds\n", name);
    return true;
}

typedef struct {
    char *scopes, *limit;
    gboolean as_json, all;
} KeyFlags;

/* How many words each takes, itself included. */
static const struct {
    const char *name;
    int words;
} VERBS[] = {{"add", 2}, {"list", 1}, {"limit", 3}, {"revoke", 2}};

static bool
is_asked_well(int count, char **words)
{
    for (size_t i = 0; i < G_N_ELEMENTS(VERBS); i++)
        if (count == VERBS[i].words && strcmp(words[0], VERBS[i].name) == 0)
            return true;
    return false;
}

/* False, with error INVALID, when a flag or the limit is wrong. */
static bool
take_flags(const KeyFlags *flags, char **words, ApiKeyRow *row, GError **error)
{
    bool adding = strcmp(words[0], "add") == 0;
    const char *limit = strcmp(words[0], "limit") == 0 ? words[2] : flags->limit == NULL ? "default" : flags->limit;

    if (adding && !api_scopes_parse(str_of(flags->scopes == NULL ? "" : flags->scopes), &row->scopes, error))
        return weir_fail_within(error, "--scopes");
    return key_limit_parse(str_of(limit), &row->limit, error);
}

static bool
run(Deployment *deployment, Db *db, char **words, const ApiKeyRow *row, const KeyFlags *flags, GError **error)
{
    if (strcmp(words[0], "list") == 0)
        return list_keys(db, flags->all, flags->as_json, error);
    if (strcmp(words[0], "add") == 0)
        return add_key(deployment, db, *row, flags->as_json, error);
    if (strcmp(words[0], "limit") == 0)
        return limit_key(db, words[1], &row->limit, flags->as_json, error);
    return revoke_key(deployment, db, words[1], flags->as_json, error);
}

static void
key_flags_clear(KeyFlags *flags)
{
    g_free(flags->scopes);
    g_free(flags->limit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(KeyFlags, key_flags_clear)

int
command_key(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_auto(KeyFlags) own = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    ApiKeyRow row = {.revoked_at_us = TIMESTAMP_NONE};
    const GOptionEntry entries[] = {
        {"scopes", 's', 0, G_OPTION_ARG_STRING, &own.scopes, "What a new key opens: search, feed, operations",
         "SCOPES"},
        {"limit", 'l', 0, G_OPTION_ARG_STRING, &own.limit, "How often a new key may ask, as 600/1m", "LIMIT"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &own.all, "Also those that are revoked", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &own.as_json, "Print JSON, one key a line", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "add NAME --scopes SCOPES [--limit LIMIT] | list | limit NAME LIMIT | revoke NAME",
                    "  add NAME          makes a key for a consumer and shows it, once\n"
                    "  list              the keys that hold; with --all also those that are revoked\n"
                    "  limit NAME LIMIT  from now on: REQUESTS/TIME as 600/1m, none, or default (api_key_limit)\n"
                    "  revoke NAME       refuses a key from now on",
                    entries, &flags))
        return EXIT_USAGE;
    if (!is_asked_well(argc - 1, argv + 1))
        return command_usage("say add NAME --scopes SCOPES, list, limit NAME LIMIT, or revoke NAME");
    if (!take_flags(&own, argv + 1, &row, &error))
        return command_usage("%s", error->message);
    row.name = str_of(argc > 2 ? argv[2] : "");
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    return run(deployment, db, argv + 1, &row, &own, &error) ? EXIT_DONE : command_fail(error);
}
