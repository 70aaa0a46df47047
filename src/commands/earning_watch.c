#include "commands/earning_watch.h"

#include "ops/log.h"
#include "ops/periodic.h"
#include "revenue/click_earnings.h"

#define EVERY_US     (5 * US_PER_MINUTE)
#define LOOK_BACK_US (30 * US_PER_DAY)

struct EarningWatch {
    const char *database_url;
    const Clock *clock;
    SearchEngine *engine;
    Periodic *thread;
};

static int64_t
tell(void *data)
{
    const EarningWatch *watch = data;
    g_autoptr(GError) error = NULL;
    g_autoptr(Db) db = db_open(watch->database_url, &error);
    g_autoptr(GArray) earnings =
        db == NULL ? NULL : click_earnings_read(db, clock_now_us(watch->clock) - LOOK_BACK_US, &error);

    if (earnings == NULL)
        log_event(LOG_LEVEL_WARN, "earnings.unread", "searches go on with what was known of clicks before",
                  LOG_ERROR(error));
    else
        search_engine_set_earnings(watch->engine, (const SourceEarnings *)earnings->data, earnings->len);
    return EVERY_US;
}

EarningWatch *
earning_watch_start(const char *database_url, const Clock *clock, SearchEngine *engine)
{
    EarningWatch *watch = g_new0(EarningWatch, 1);

    watch->database_url = database_url;
    watch->clock = clock;
    watch->engine = engine;
    watch->thread = periodic_start("earnings", 0, tell, watch);
    return watch;
}

void
earning_watch_stop(EarningWatch *watch)
{
    if (watch == NULL)
        return;
    periodic_stop(watch->thread);
    g_free(watch);
}
