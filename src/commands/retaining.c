#include "commands/retaining.h"

#include "feeds/sweep.h"
#include "ops/log.h"
#include "revenue/sweep.h"
#include "tasks/task.h"
#include "warehouse/status.h"

/* Rows a transaction: on SQLite, others wait for it. */
#define BATCH 1000

typedef bool (*Sweep)(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error);

/* Not before all of it has left for the warehouse, where there is one. */
static bool
exported_event_sweep(DbTx *tx, int64_t before_us, int64_t limit, int64_t *ret_removed, bool *ret_more, GError **error)
{
    bool exported;

    if (!export_has_passed(tx, before_us, &exported, error))
        return false;
    if (exported)
        return event_sweep(tx, before_us, limit, ret_removed, ret_more, error);
    *ret_removed = 0;
    *ret_more = false;
    return true;
}

typedef struct {
    const char *what; /* in metric and log */
    size_t age;       /* where in the configuration it says how old */
    Sweep sweep;
} RetentionRow;

#define AGE(member) offsetof(Retention, member)

static const RetentionRow ROWS[] = {
    {"tasks", AGE(tasks_us), task_sweep},
    {"feed_pulls", AGE(feed_pulls_us), feed_pull_sweep},
    {"gone_listings", AGE(gone_listings_us), gone_listing_sweep},
    {"totals", AGE(totals_us), totals_sweep},
    {"sightings", AGE(sightings_us), sighting_sweep},
    {"alerts", AGE(alerts_us), alert_sweep},
    {"events", AGE(events_us), exported_event_sweep},
};

static bool
sweep_batch(Db *db, const RetentionRow *row, int64_t before_us, int64_t *ret_removed, bool *ret_more, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL && row->sweep(tx, before_us, BATCH, ret_removed, ret_more, error) && db_commit_auto(&tx, error);
}

bool
retention_apply(Deployment *deployment, Db *db, bool (*is_lost)(void *data), void *data, GError **error)
{
    for (size_t i = 0; i < G_N_ELEMENTS(ROWS); i++) {
        const RetentionRow *row = &ROWS[i];
        int64_t age_us = *(const int64_t *)(const void *)((const char *)&deployment->config->retention + row->age);
        int64_t before_us = clock_now_us(deployment->clock) - age_us, removed, total = 0;
        bool more = age_us > 0;

        while (more) {
            if (is_lost(data))
                return weir_fail(error, WEIR_ERROR_CONFLICT, "stopped at %s", row->what);
            if (!sweep_batch(db, row, before_us, &removed, &more, error))
                return weir_fail_within(error, "%s", row->what);
            metric_add(deployment->metrics, METRIC_RETENTION_REMOVED, row->what, NULL, removed);
            total += removed;
        }
        if (total > 0)
            log_event(LOG_LEVEL_INFO, "retention.removed", "old enough to be forgotten", LOG_TEXT("what", row->what),
                      LOG_INT("rows", total));
    }
    return true;
}
