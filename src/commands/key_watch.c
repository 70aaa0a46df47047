#include "commands/key_watch.h"

#include "ops/log.h"
#include "ops/periodic.h"

#define EVERY_US (2 * US_PER_SECOND)

struct KeyWatch {
    const char *database_url;
    char *copy_path;
    KeyBook *book;
    Db *db;       /* NULL: not opened yet */
    bool is_read; /* from the database or the copy */
    bool is_copied;
    bool failing, copy_failing;
    Periodic *thread;
};

/* Nothing is lost but what a start without the database would know. */
static void
copy(KeyWatch *watch)
{
    g_autoptr(GError) error = NULL;

    watch->is_copied = key_book_save(watch->book, watch->copy_path, &error);
    if (!watch->is_copied && !watch->copy_failing)
        log_event(LOG_LEVEL_WARN, "keys.not_copied", "it is tried again; a start without the database knows older keys",
                  LOG_ERROR(error));
    watch->copy_failing = !watch->is_copied;
}

/* Until the copy was read once: from then on memory knows as much. */
static void
do_without(KeyWatch *watch, bool first_time)
{
    g_autoptr(GError) error = NULL;

    if (watch->is_read)
        return;
    watch->is_read = key_book_load(watch->book, watch->copy_path, &error);
    if (watch->is_read)
        log_event(LOG_LEVEL_WARN, "keys.of_copy", "keys hold as the copy says until the database is there again",
                  LOG_TEXT("file", watch->copy_path));
    else if (first_time)
        log_event(LOG_LEVEL_ERROR, "keys.unknown", "no key is let in until the database is there", LOG_ERROR(error));
}

static int64_t
look(void *data)
{
    KeyWatch *watch = data;
    g_autoptr(GError) error = NULL;
    bool failing, changed = false;

    if (watch->db == NULL)
        watch->db = db_open(watch->database_url, &error);
    failing = watch->db == NULL || !key_book_read(watch->book, watch->db, &changed, &error);
    if (failing && !watch->failing)
        log_event(LOG_LEVEL_WARN, "keys.unread", "the keys of before hold until the database is there again",
                  LOG_ERROR(error));
    if (failing) {
        do_without(watch, !watch->failing);
    } else {
        watch->is_read = true;
        if (changed || !watch->is_copied)
            copy(watch);
    }
    watch->failing = failing;
    return EVERY_US;
}

KeyWatch *
key_watch_start(const char *database_url, char *copy_path, KeyBook *book)
{
    KeyWatch *watch = g_new0(KeyWatch, 1);

    watch->database_url = database_url;
    watch->copy_path = copy_path;
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
    g_free(watch->copy_path);
    g_free(watch);
}
