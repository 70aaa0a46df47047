#include "commands/key_watch.h"

#include "ops/log.h"
#include "ops/periodic.h"

#define EVERY_US (2 * US_PER_SECOND)

struct KeyWatch {
    const char *database_url;
    KeyBook *book;
    Db *db; /* NULL: not opened yet */
    bool failing;
    Periodic *thread;
};

static int64_t
look(void *data)
{
    KeyWatch *watch = data;
    g_autoptr(GError) error = NULL;
    bool failing;

    if (watch->db == NULL)
        watch->db = db_open(watch->database_url, &error);
    failing = watch->db == NULL || !key_book_read(watch->book, watch->db, &error);
    if (failing && !watch->failing)
        log_event(LOG_LEVEL_WARN, "keys.unread", "the keys of before hold until the database is there again",
                  LOG_ERROR(error));
    watch->failing = failing;
    return EVERY_US;
}

KeyWatch *
key_watch_start(const char *database_url, KeyBook *book)
{
    KeyWatch *watch = g_new0(KeyWatch, 1);

    watch->database_url = database_url;
    watch->book = book;
    watch->thread = periodic_start("keys", look(watch), look, watch);
    return watch;
}

void
key_watch_stop(KeyWatch *watch)
{
    if (watch == NULL)
        return;
    periodic_stop(watch->thread);
    db_close(watch->db);
    g_free(watch);
}
