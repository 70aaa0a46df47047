#include "commands/spool_watch.h"

#include "commands/reconciling.h"
#include "ops/log.h"
#include "ops/periodic.h"
#include "revenue/finding.h"

#define EVERY_US US_PER_SECOND
/* So long nothing may be lost until all counts as well. */
#define QUIET_US (3 * US_PER_SECOND)
/* So often an alert that stands is renewed, and one that could not be written is tried again. */
#define AGAIN_US (10 * US_PER_SECOND)

struct SpoolWatch {
    Deployment *deployment;
    Spool *spool;
    char *key, *place;     /* of this node's spool, whatever its number is this time */
    int64_t lost, lost_at; /* lost_at: monotonic, when clicks were last seen to be lost */
    int64_t again_at;      /* monotonic */
    bool is_well, is_told; /* is_told: the database knows whether it is well */
    bool failing;          /* that could not be written */
    Periodic *thread;
};

static char *
message_of(const SpoolWatch *watch, const SpoolHealth *health)
{
    if (watch->is_well)
        return g_strdup_printf("clicks are written to %s again; %" G_GINT64_FORMAT " were lost since the start",
                               watch->place, health->lost_clicks);
    return g_strdup_printf(
        "clicks can't be written to %s (%s): visitors are redirected, and their clicks are lost. Make "
        "room on that disk; %" G_GINT64_FORMAT " were lost since the start",
        watch->place, health->reason, health->lost_clicks);
}

static bool
tell(const SpoolWatch *watch, const SpoolHealth *health, GError **error)
{
    g_autofree const char **channels = deployment_alert_channels(watch->deployment);
    const AlertTelling telling = {&watch->deployment->mint, channels};
    g_autoptr(GArray) findings = findings_new();
    Finding finding = {.key = g_strdup(watch->key),
                       .details = g_strdup_printf("{\"lost_clicks\":%" G_GINT64_FORMAT "}", health->lost_clicks),
                       .message = message_of(watch, health),
                       .is_well = watch->is_well};
    g_autoptr(Db) db = db_open(watch->deployment->config->database_url, error);
    g_autoptr(DbTx) tx = db == NULL ? NULL : db_begin(db, DB_WRITE, error);

    g_array_append_val(findings, finding);
    return tx != NULL &&
           findings_tell(findings, SPOOL_ALERT_KIND, tx, &telling, clock_now_us(watch->deployment->clock), error) &&
           db_commit_auto(&tx, error);
}

/* Whether nothing is being lost. */
static bool
judge(SpoolWatch *watch, const SpoolHealth *health, int64_t now_us)
{
    if (health->lost_clicks > watch->lost)
        watch->lost_at = now_us;
    watch->lost = health->lost_clicks;
    return !health->is_failing && now_us - watch->lost_at >= QUIET_US;
}

static int64_t
look(void *data)
{
    SpoolWatch *watch = data;
    SpoolHealth health = spool_health(watch->spool);
    int64_t now_us = clock_monotonic_us(watch->deployment->clock);
    bool is_well = judge(watch, &health, now_us);
    g_autoptr(GError) error = NULL;

    if (is_well != watch->is_well)
        watch->is_told = false;
    else if (now_us < watch->again_at || (is_well && watch->is_told))
        return EVERY_US;
    watch->is_well = is_well;
    watch->is_told = tell(watch, &health, &error);
    watch->again_at = now_us + AGAIN_US;
    if (!watch->is_told && !watch->failing && !is_well)
        log_event(LOG_LEVEL_WARN, "spool.untold",
                  "the alert can't be written; it is tried again, and metrics and log tell meanwhile",
                  LOG_ERROR(error));
    watch->failing = !watch->is_told;
    return EVERY_US;
}

SpoolWatch *
spool_watch_start(Deployment *deployment, Spool *spool, const char *path)
{
    SpoolWatch *watch = g_new0(SpoolWatch, 1);

    watch->deployment = deployment;
    watch->spool = spool;
    watch->place = g_strdup_printf("%s on %s", path, g_get_host_name());
    watch->key = g_strdup_printf("clicks_lost:%s:%s", g_get_host_name(), path);
    /* What stood when this node was last stopped is over, unless it happens again. */
    watch->is_well = true;
    watch->lost_at = clock_monotonic_us(deployment->clock) - QUIET_US;
    watch->thread = periodic_start("spool-watch", EVERY_US, look, watch);
    return watch;
}

void
spool_watch_stop(SpoolWatch *watch)
{
    if (watch == NULL)
        return;
    periodic_stop(watch->thread);
    g_free(watch->place);
    g_free(watch->key);
    g_free(watch);
}
