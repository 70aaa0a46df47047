#include "quality/mapping_sink.h"

#include "ops/log.h"

/* Definitions come and go while it runs; more sources than that no deployment has. */
#define SOURCES_LIMIT 10000

struct MappingSink {
    MappingSinkSpec spec;
    char *database_url;
    GThread *thread;
    GMutex mutex; /* of what follows */
    GCond wake;
    GHashTable *waiting; /* "SOURCE/OPERATION" -> MappingTally */
    bool stopping;
};

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

static bool
write_all(MappingSink *sink, Db *db, GHashTable *tallies, GError **error)
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
    return db_commit_auto(&tx, error);
}

/* What could not be written waits on, together with what came meanwhile. */
static void
give_back(MappingSink *sink, GHashTable *tallies)
{
    GHashTableIter iter;
    void *key, *tally;

    g_mutex_lock(&sink->mutex);
    g_hash_table_iter_init(&iter, tallies);
    while (g_hash_table_iter_next(&iter, &key, &tally))
        take_into(sink->waiting, key, tally);
    g_mutex_unlock(&sink->mutex);
}

static void
write_once(MappingSink *sink, Db **db, GHashTable *tallies)
{
    g_autoptr(GError) error = NULL;

    if (g_hash_table_size(tallies) == 0)
        return;
    if (*db == NULL)
        *db = db_open(sink->database_url, &error);
    if (*db != NULL && write_all(sink, *db, tallies, &error))
        return;
    log_event(LOG_LEVEL_WARN, "mapping.not_written", "what searches told of partners' records waits in memory",
              LOG_ERROR(error));
    give_back(sink, tallies);
}

static void *
run(void *data)
{
    MappingSink *sink = data;
    g_autoptr(Db) db = NULL;
    bool stopping = false;

    while (!stopping) {
        g_autoptr(GHashTable) tallies = NULL;
        int64_t until_us = g_get_monotonic_time() + sink->spec.every_us;

        g_mutex_lock(&sink->mutex);
        while (!sink->stopping && g_cond_wait_until(&sink->wake, &sink->mutex, until_us))
            continue;
        stopping = sink->stopping;
        tallies = g_steal_pointer(&sink->waiting);
        sink->waiting = tallies_new();
        g_mutex_unlock(&sink->mutex);
        write_once(sink, &db, tallies);
    }
    return NULL;
}

MappingSink *
mapping_sink_start(const MappingSinkSpec *spec)
{
    MappingSink *sink = g_new0(MappingSink, 1);

    sink->spec = *spec;
    sink->database_url = g_strdup(spec->database_url);
    sink->waiting = tallies_new();
    g_mutex_init(&sink->mutex);
    g_cond_init(&sink->wake);
    sink->thread = g_thread_new("mapping", run, sink);
    return sink;
}

void
mapping_sink_stop(MappingSink *sink)
{
    if (sink == NULL)
        return;
    g_mutex_lock(&sink->mutex);
    sink->stopping = true;
    g_cond_signal(&sink->wake);
    g_mutex_unlock(&sink->mutex);
    g_thread_join(sink->thread);
    g_hash_table_unref(sink->waiting);
    g_mutex_clear(&sink->mutex);
    g_cond_clear(&sink->wake);
    g_free(sink->database_url);
    g_free(sink);
}
