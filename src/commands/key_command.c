/*
 * weir key add NAME | list | revoke NAME
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
print_json(void *data G_GNUC_UNUSED, const ApiKeyRow *row)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    char moment[TIMESTAMP_TEXT_SIZE];

    json_begin_object(&json);
    json_member_text(&json, "name", row->name);
    write_scopes(&json, row->scopes);
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
    g_autoptr(GString) scopes = g_string_new(NULL);
    char created[TIMESTAMP_TEXT_SIZE], revoked[TIMESTAMP_TEXT_SIZE];

    api_scopes_format(row->scopes, scopes);
    text_table_add(table, row->name);
    text_table_add(table, str_of_gstring(scopes));
    text_table_add(table, str_of(command_moment_text(row->created_at_us, created)));
    text_table_add(table, str_of(command_moment_text(row->revoked_at_us, revoked)));
}

static bool
list_keys(Db *db, bool all, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"KEY", "SCOPES", "MADE", "REVOKED", NULL};
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);
    g_autoptr(TextTable) table = text_table_new(HEADS);

    if (tx == NULL || !api_key_list(tx, all, as_json ? print_json : add_row, table, error))
        return false;
    if (!as_json)
        command_print_table(table, "no keys; weir key add NAME --scopes SCOPES makes one");
    return true;
}

static void
print_key(const char *name, unsigned scopes, const char *key, bool as_json)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);

    if (!as_json) {
        g_print("%s\n", key);
        g_printerr("this is the key of %s; it is kept nowhere and not shown again\n", name);
        return;
    }
    json_begin_object(&json);
    json_member_text(&json, "name", str_of(name));
    write_scopes(&json, scopes);
    json_member_text(&json, "key", str_of(key));
    json_end_object(&json);
    g_print("%s\n", text->str);
}

static bool
add_key(Deployment *deployment, Db *db, const char *name, unsigned scopes, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    char key[API_KEY_TEXT_SIZE];
    uint8_t hash[API_KEY_HASH_BYTES];

    api_key_make(deployment->random, key);
    if (tx == NULL || !api_key_hash(str_of(key), hash) ||
        !api_key_add(tx, name, scopes, hash, clock_now_us(deployment->clock), error) || !db_commit_auto(&tx, error))
        return false;
    print_key(name, scopes, key, as_json);
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

int
command_key(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *scope_names = NULL;
    gboolean as_json = FALSE, all = FALSE;
    bool listing, adding, done;
    unsigned scopes = 0;
    const GOptionEntry own[] = {
        {"scopes", 's', 0, G_OPTION_ARG_STRING, &scope_names, "What a new key opens: search, feed, operations",
         "SCOPES"},
        {"all", 0, 0, G_OPTION_ARG_NONE, &all, "Also those that are revoked", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, one key a line", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "add NAME --scopes SCOPES | list | revoke NAME",
                    "  add NAME     makes a key for a consumer and shows it, once\n"
                    "  list         the keys that hold; with --all also those that are revoked\n"
                    "  revoke NAME  refuses a key from now on",
                    own, &flags))
        return EXIT_USAGE;
    listing = argc == 2 && strcmp(argv[1], "list") == 0;
    adding = argc == 3 && strcmp(argv[1], "add") == 0;
    if (!listing && !adding && (argc != 3 || strcmp(argv[1], "revoke") != 0))
        return command_usage("say add NAME --scopes SCOPES, list, or revoke NAME");
    if (adding && !api_scopes_parse(str_of(scope_names == NULL ? "" : scope_names), &scopes, &error))
        return command_usage("--scopes: %s", error->message);
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    if (listing)
        done = list_keys(db, all, as_json, &error);
    else
        done = adding ? add_key(deployment, db, argv[2], scopes, as_json, &error)
                      : revoke_key(deployment, db, argv[2], as_json, &error);
    return done ? EXIT_DONE : command_fail(error);
}
