#include "commands/key_watch.h"

#include "ops/log.h"

#define EVERY_US (2 * US_PER_SECOND)

struct KeyWatch {
    const char *database_url;
    KeyBook *book;
    Db *db; /* NULL: not opened yet */
    bool failing;
    GThread *thread;
    GMutex mutex; /* of what follows */
    GCond wake;
    bool stopping;
};

static void
look(KeyWatch *watch)
{
    g_autoptr(GError) error = NULL;
    bool failing;

    if (watch->db == NULL)
        watch->db = db_open(watch->database_url, &error);
    failing = watch->db == NULL || !key_book_read(watch->book, watch->db, &error);
    if (failing && !watch->failing)
        log_event(LOG_LEVEL_WARN, "keys.unread", "the keys of before hold until the database is there again",
                  LOG_ERROR(error));
    watch->failing = failing;
}

static void *
run(void *data)
{
    KeyWatch *watch = data;

    g_mutex_lock(&watch->mutex);
    while (!watch->stopping) {
        gint64 until_us = g_get_monotonic_time() + EVERY_US;

        while (!watch->stopping && g_cond_wait_until(&watch->wake, &watch->mutex, until_us))
            continue;
        if (watch->stopping)
            break;
        g_mutex_unlock(&watch->mutex);
        look(watch);
        g_mutex_lock(&watch->mutex);
    }
    g_mutex_unlock(&watch->mutex);
    return NULL;
}

KeyWatch *
key_watch_start(const char *database_url, KeyBook *book)
{
    KeyWatch *watch = g_new0(KeyWatch, 1);

    watch->database_url = database_url;
    watch->book = book;
    g_mutex_init(&watch->mutex);
    g_cond_init(&watch->wake);
    look(watch);
    watch->thread = g_thread_new("keys", run, watch);
    return watch;
}

void
key_watch_stop(KeyWatch *watch)
{
    if (watch == NULL)
        return;
    g_mutex_lock(&watch->mutex);
    watch->stopping = true;
    g_cond_signal(&watch->wake);
    g_mutex_unlock(&watch->mutex);
    g_thread_join(watch->thread);
    db_close(watch->db);
    g_mutex_clear(&watch->mutex);
    g_cond_clear(&watch->wake);
    g_free(watch);
}
