#include "commands/earning_watch.h"

#include "ops/log.h"
#include "revenue/click_earnings.h"

#define EVERY_US     (5 * US_PER_MINUTE)
#define LOOK_BACK_US (30 * US_PER_DAY)

struct EarningWatch {
    const char *database_url;
    const Clock *clock;
    SearchEngine *engine;
    GThread *thread;
    GMutex mutex; /* of what follows */
    GCond wake;
    bool stopping;
};

static void
tell(const EarningWatch *watch)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = db_open(watch->database_url, &error);
    g_autoptr(GArray) earnings =
        db == NULL ? NULL : click_earnings_read(db, clock_now_us(watch->clock) - LOOK_BACK_US, &error);

    if (earnings == NULL)
        log_event(LOG_LEVEL_WARN, "earnings.unread", "searches go on with what was known of clicks before",
                  LOG_ERROR(error));
    else
        search_engine_set_earnings(watch->engine, (const SourceEarnings *)earnings->data, earnings->len);
}

static void *
run(void *data)
{
    EarningWatch *watch = data;

    g_mutex_lock(&watch->mutex);
    while (!watch->stopping) {
        gint64 until_us;

        g_mutex_unlock(&watch->mutex);
        tell(watch);
        g_mutex_lock(&watch->mutex);
        until_us = g_get_monotonic_time() + EVERY_US;
        while (!watch->stopping && g_cond_wait_until(&watch->wake, &watch->mutex, until_us))
            continue;
    }
    g_mutex_unlock(&watch->mutex);
    return NULL;
}

EarningWatch *
earning_watch_start(const char *database_url, const Clock *clock, SearchEngine *engine)
{
    EarningWatch *watch = g_new0(EarningWatch, 1);

    watch->database_url = database_url;
    watch->clock = clock;
    watch->engine = engine;
    g_mutex_init(&watch->mutex);
    g_cond_init(&watch->wake);
    watch->thread = g_thread_new("earnings", run, watch);
    return watch;
}

void
earning_watch_stop(EarningWatch *watch)
{
    if (watch == NULL)
        return;
    g_mutex_lock(&watch->mutex);
    watch->stopping = true;
    g_cond_signal(&watch->wake);
    g_mutex_unlock(&watch->mutex);
    g_thread_join(watch->thread);
    g_mutex_clear(&watch->mutex);
    g_cond_clear(&watch->wake);
    g_free(watch);
}
