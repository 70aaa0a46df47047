/*
 * weir token-key list | rotate | retire [ID]
 */
#include "base/json_writer.h"
#include "commands/command.h"
#include "tracking/key_ring.h"

/* A key as people see it: never the secret. */
typedef struct {
    uint8_t id;
    const char *state;               /* "new", "seals" or "opens" */
    int64_t made_at_us, spent_at_us; /* TIMESTAMP_NONE: unknown; not yet */
} ShownKey;

static ShownKey
key_shown(const TokenKeyRing *ring, size_t i, int64_t lifetime_us, int64_t now_us)
{
    TokenKeyRing at = key_ring_at(ring, now_us);
    const TokenKey *key = &ring->keys[i];
    int64_t spent_us = key_ring_spent_us(ring, key->id, lifetime_us, now_us);

    return (ShownKey){
        .id = key->id,
        .state = key->id == at.keys[0].id ? "seals"
                 : spent_us == INT64_MAX  ? "new"
                                          : "opens",
        .made_at_us = key->made_at_us > 0 ? key->made_at_us : TIMESTAMP_NONE,
        .spent_at_us = spent_us == INT64_MAX ? TIMESTAMP_NONE : spent_us,
    };
}

static void
print_json(const ShownKey *key)
{
    g_autoptr(GString) text = g_string_new(NULL);
    JsonWriter json = json_writer(text);
    char moment[TIMESTAMP_TEXT_SIZE];

    json_begin_object(&json);
    json_member_int(&json, "id", key->id);
    json_member_text(&json, "state", str_of(key->state));
    if (key->made_at_us != TIMESTAMP_NONE)
        json_member_text(&json, "made_at", str_of(timestamp_format(key->made_at_us, moment)));
    if (key->spent_at_us != TIMESTAMP_NONE)
        json_member_text(&json, "spent_at", str_of(timestamp_format(key->spent_at_us, moment)));
    json_end_object(&json);
    g_print("%s\n", text->str);
}

static void
add_row(TextTable *table, const ShownKey *key)
{
    char id[8], made[TIMESTAMP_TEXT_SIZE], spent[TIMESTAMP_TEXT_SIZE];

    g_snprintf(id, sizeof id, "%u", key->id);
    text_table_add(table, str_of(id));
    text_table_add(table, str_of(key->state));
    text_table_add(table, str_of(command_moment_text(key->made_at_us, made)));
    text_table_add(table, str_of(command_moment_text(key->spent_at_us, spent)));
}

static bool
list_keys(Deployment *deployment, Db *db, bool as_json, GError **error)
{
    static const char *const HEADS[] = {"KEY", "STATE", "MADE", "SPENT", NULL};
    g_autoptr(TextTable) table = text_table_new(HEADS);
    TokenKeyRing ring;

    if (!key_ring_load(db, deployment->random, &ring, error))
        return false;
    for (size_t i = 0; i < ring.count; i++) {
        ShownKey key = key_shown(&ring, i, deployment->config->token_lifetime_us, clock_now_us(deployment->clock));

        if (as_json)
            print_json(&key);
        else
            add_row(table, &key);
    }
    if (!as_json)
        command_print_table(table, "no keys");
    return true;
}

static bool
rotate(Deployment *deployment, Db *db, bool as_json, GError **error)
{
    TokenKeyRing ring;
    g_autoptr(DbTx) tx = NULL;
    uint8_t id;

    /* So that there is a first one. */
    if (!key_ring_load(db, deployment->random, &ring, error) || (tx = db_begin(db, DB_WRITE, error)) == NULL ||
        !key_ring_rotate(tx, deployment->random, clock_now_us(deployment->clock), &id, error) ||
        !db_commit_auto(&tx, error))
        return false;
    if (as_json)
        g_print("{\"id\":%u,\"state\":\"new\"}\n", id);
    else
        g_print("key %u is made; servers learn of it by themselves and make links with it in two minutes\n", id);
    return true;
}

static bool
retire(Db *db, uint8_t id, int64_t now_us, bool as_json, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    if (tx == NULL || !key_ring_retire(tx, id, now_us, error) || !db_commit_auto(&tx, error))
        return false;
    if (as_json)
        g_print("{\"id\":%u,\"state\":\"retired\"}\n", id);
    else
        g_print("key %u is retired: its links are refused within seconds\n", id);
    return true;
}

/* Those whose links have all expired. */
static bool
retire_spent(Deployment *deployment, Db *db, bool as_json, GError **error)
{
    int64_t now_us = clock_now_us(deployment->clock), lifetime_us = deployment->config->token_lifetime_us;
    size_t retired = 0;
    TokenKeyRing ring;

    if (!key_ring_load(db, deployment->random, &ring, error))
        return false;
    for (size_t i = ring.count; i-- > 0;) {
        if (key_ring_spent_us(&ring, ring.keys[i].id, lifetime_us, now_us) > now_us)
            continue;
        if (!retire(db, ring.keys[i].id, now_us, as_json, error))
            return false;
        retired++;
    }
    if (retired == 0 && !as_json)
        g_print("no key is spent: links of each may still be followed\n");
    return true;
}

int
command_token_key(int argc, char **argv)
{
    g_auto(ConfigFlags) flags = {0};
    g_autoptr(Deployment) deployment = NULL;
    g_autoptr(Db) db = NULL;
    g_autoptr(GError) error = NULL;
    gboolean as_json = FALSE;
    int64_t id = 0;
    bool done;
    const GOptionEntry entries[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &as_json, "Print JSON, one key a line", NULL},
        G_OPTION_ENTRY_NULL,
    };

    if (!flags_read(&argc, &argv, "list | rotate | retire [ID]",
                    "  list         the keys that click links are made with, and until when each one's links work\n"
                    "  rotate       makes a new key; links of the others go on working\n"
                    "  retire       takes out those whose links have all expired\n"
                    "  retire ID    takes out that one, and with it all its links: for a key that got known",
                    entries, &flags))
        return EXIT_USAGE;
    if (argc < 2 || argc > 3 || (argc == 3 && strcmp(argv[1], "retire") != 0) ||
        (strcmp(argv[1], "list") != 0 && strcmp(argv[1], "rotate") != 0 && strcmp(argv[1], "retire") != 0))
        return command_usage("say list, rotate, or retire [ID]");
    if (argc == 3 && (!str_to_int64(str_of(argv[2]), &id) || id < 1 || id > UINT8_MAX))
        return command_usage("\"%s\" is no key's number: they go from 1 to 255", argv[2]);
    if ((deployment = deployment_open(&flags, &error)) == NULL || (db = deployment_db(deployment, &error)) == NULL)
        return command_fail(error);
    if (strcmp(argv[1], "list") == 0)
        done = list_keys(deployment, db, as_json, &error);
    else if (strcmp(argv[1], "rotate") == 0)
        done = rotate(deployment, db, as_json, &error);
    else if (id > 0)
        done = retire(db, (uint8_t)id, clock_now_us(deployment->clock), as_json, &error);
    else
        done = retire_spent(deployment, db, as_json, &error);
    return done ? EXIT_DONE : command_fail(error);
}
