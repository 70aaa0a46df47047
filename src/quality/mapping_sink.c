#include "quality/mapping_sink.h"

#include "ops/log.h"
#include "ops/periodic.h"
#include "quality/credential_store.h"

/* Definitions come and go while it runs; more sources than that no deployment has. */
#define SOURCES_LIMIT 10000

struct MappingSink {
    MappingSinkSpec spec;
    char *database_url;
    Periodic *thread;
    Db *db;                  /* NULL: not opened yet */
    GMutex mutex;            /* of what follows */
    GHashTable *waiting;     /* "SOURCE/OPERATION" -> MappingTally */
    GHashTable *credentials; /* source -> Credential: what is new of it */
    GHashTable *told;        /* source -> whether it refused our key, when last told */
};

typedef struct {
    bool refused;
    char *message;
} Credential;

static void
credential_free(void *data)
{
    Credential *credential = data;

    g_free(credential->message);
    g_free(credential);
}

static GHashTable *
credentials_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, credential_free);
}

static GHashTable *
tallies_new(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)mapping_tally_free);
}

static void
take_into(GHashTable *tallies, const char *key, const MappingTally *tally)
{
    MappingTally *waiting = g_hash_table_lookup(tallies, key);

    if (waiting == NULL && g_hash_table_size(tallies) >= SOURCES_LIMIT)
        return;
    if (waiting == NULL) {
        waiting = mapping_tally_new();
        g_hash_table_insert(tallies, g_strdup(key), waiting);
    }
    mapping_tally_add(waiting, tally);
}

void
mapping_sink_take(MappingSink *sink, const char *source, const char *operation, const MappingTally *tally)
{
    g_autofree char *key = NULL;

    if (sink == NULL || mapping_tally_is_empty(tally))
        return;
    key = g_strconcat(source, "/", operation, NULL);
    g_mutex_lock(&sink->mutex);
    take_into(sink->waiting, key, tally);
    g_mutex_unlock(&sink->mutex);
}

/* Whether this was not told before. */
static bool
is_news(const MappingSink *sink, const char *source, bool refused)
{
    void *before;

    if (!g_hash_table_lookup_extended(sink->told, source, NULL, &before))
        return g_hash_table_size(sink->told) < SOURCES_LIMIT;
    return (before != NULL) != refused;
}

void
mapping_sink_note_credential(MappingSink *sink, const char *source, bool refused, Str message)
{
    if (sink == NULL)
        return;
    g_mutex_lock(&sink->mutex);
    if (is_news(sink, source, refused)) {
        Credential *credential = g_new(Credential, 1);

        *credential = (Credential){refused, message.at == NULL ? g_strdup("") : str_dup(message)};
        g_hash_table_replace(sink->credentials, g_strdup(source), credential);
        g_hash_table_replace(sink->told, g_strdup(source), GINT_TO_POINTER(refused));
    }
    g_mutex_unlock(&sink->mutex);
}

static bool
write_credentials(MappingSink *sink, DbTx *tx, GHashTable *credentials, GError **error)
{
    GHashTableIter iter;
    void *source, *each;

    g_hash_table_iter_init(&iter, credentials);
    while (g_hash_table_iter_next(&iter, &source, &each)) {
        const Credential *credential = each;

        if (!credential_store_note(tx, source, credential->refused, credential->message, clock_now_us(sink->spec.clock),
                                   error))
            return false;
    }
    return true;
}

static bool
write_all(MappingSink *sink, Db *db, GHashTable *tallies, GHashTable *credentials, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);
    GHashTableIter iter;
    void *key, *tally;

    if (tx == NULL)
        return false;
    g_hash_table_iter_init(&iter, tallies);
    while (g_hash_table_iter_next(&iter, &key, &tally)) {
        g_auto(GStrv) names = g_strsplit(key, "/", 2);

        if (!mapping_store_add(tx, names[0], names[1], tally, sink->spec.mint, clock_now_us(sink->spec.clock), error))
            return false;
    }
    return write_credentials(sink, tx, credentials, error) && db_commit_auto(&tx, error);
}

/* What could not be written waits on, together with what came meanwhile; of a source's key, only the newest. */
static void
give_back(MappingSink *sink, GHashTable *tallies, GHashTable *credentials)
{
    GHashTableIter iter;
    void *key, *each;

    g_mutex_lock(&sink->mutex);
    g_hash_table_iter_init(&iter, tallies);
    while (g_hash_table_iter_next(&iter, &key, &each))
        take_into(sink->waiting, key, each);
    g_hash_table_iter_init(&iter, credentials);
    while (g_hash_table_iter_next(&iter, &key, &each)) {
        if (g_hash_table_contains(sink->credentials, key))
            continue;
        g_hash_table_iter_steal(&iter);
        g_hash_table_insert(sink->credentials, key, each);
    }
    g_mutex_unlock(&sink->mutex);
}

static void
write_once(MappingSink *sink, GHashTable *tallies, GHashTable *credentials)
{
    g_autoptr(GError) error = NULL;

    if (g_hash_table_size(tallies) == 0 && g_hash_table_size(credentials) == 0)
        return;
    if (sink->db == NULL)
        sink->db = db_open(sink->database_url, &error);
    if (sink->db != NULL && write_all(sink, sink->db, tallies, credentials, &error))
        return;
    log_event(LOG_LEVEL_WARN, "mapping.not_written", "what searches told of partners' records waits in memory",
              LOG_ERROR(error));
    give_back(sink, tallies, credentials);
}

static int64_t
write_waiting(void *data)
{
    MappingSink *sink = data;
    g_autoptr(GHashTable) tallies = NULL, credentials = NULL;

    g_mutex_lock(&sink->mutex);
    tallies = g_steal_pointer(&sink->waiting);
    sink->waiting = tallies_new();
    credentials = g_steal_pointer(&sink->credentials);
    sink->credentials = credentials_new();
    g_mutex_unlock(&sink->mutex);
    write_once(sink, tallies, credentials);
    return sink->spec.every_us;
}

MappingSink *
mapping_sink_start(const MappingSinkSpec *spec)
{
    MappingSink *sink = g_new0(MappingSink, 1);

    sink->spec = *spec;
    sink->database_url = g_strdup(spec->database_url);
    sink->waiting = tallies_new();
    sink->credentials = credentials_new();
    sink->told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_mutex_init(&sink->mutex);
    sink->thread = periodic_start("mapping", spec->every_us, write_waiting, sink);
    return sink;
}

void
mapping_sink_stop(MappingSink *sink)
{
    if (sink == NULL)
        return;
    periodic_stop(sink->thread);
    (void)write_waiting(sink);
    db_close(sink->db);
    g_hash_table_unref(sink->waiting);
    g_hash_table_unref(sink->credentials);
    g_hash_table_unref(sink->told);
    g_mutex_clear(&sink->mutex);
    g_free(sink->database_url);
    g_free(sink);
}
