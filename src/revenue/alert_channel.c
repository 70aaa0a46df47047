#include "revenue/alert_channel.h"

#include "base/arena.h"
#include "ops/log.h"

static const AlertChannel *const CHANNELS[] = {&ALERT_CHANNEL_LOG, &ALERT_CHANNEL_WEBHOOK, &ALERT_CHANNEL_MAIL};

const char **
alert_channels(const AlertRoutes *routes)
{
    const char **names = g_new0(const char *, G_N_ELEMENTS(CHANNELS) + 1);
    size_t count = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(CHANNELS); i++)
        if (CHANNELS[i]->is_configured(routes))
            names[count++] = CHANNELS[i]->name;
    return names;
}

/* ---- the log ---- */

static bool
log_is_configured(const AlertRoutes *routes G_GNUC_UNUSED)
{
    return true;
}

static bool
log_send(const AlertSender *sender G_GNUC_UNUSED, const AlertNotice *notice, GError **error G_GNUC_UNUSED)
{
    bool opened = g_str_equal(notice->event, "opened");

    log_event(opened ? LOG_LEVEL_WARN : LOG_LEVEL_INFO, opened ? "alert.opened" : "alert.resolved", notice->message,
              LOG_TEXT("notice", notice->id), LOG_STR("key", notice->alert.key), LOG_STR("kind", notice->alert.kind),
              LOG_STR("source", notice->alert.source), LOG_STR("day", notice->alert.day));
    return true;
}

const AlertChannel ALERT_CHANNEL_LOG = {"log", log_is_configured, log_send};

/* ---- delivery ---- */

/* A notice with its alert, copied out of the database. */
typedef struct {
    Arena *arena;
    AlertNotice notice;
    Str channel;
    bool delivered, must_wait;
} Delivery;

static void
copy_alert(void *data, const Alert *alert)
{
    Delivery *delivery = data;
    Alert *to = &delivery->notice.alert;

    *to = *alert;
    to->key = arena_str(delivery->arena, alert->key);
    to->kind = arena_str(delivery->arena, alert->kind);
    to->source = arena_str(delivery->arena, alert->source);
    to->day = arena_str(delivery->arena, alert->day);
    to->message = arena_str(delivery->arena, alert->message);
    to->details = arena_str(delivery->arena, alert->details);
    to->state = arena_str(delivery->arena, alert->state);
}

static bool
load_notice(DbTx *tx, Id id, Delivery *delivery, GError **error)
{
    g_autoptr(DbRows) rows =
        db_query(tx,
                 SQL("SELECT n.message, CASE WHEN n.delivered_at_us IS NULL THEN 0 ELSE 1 END, "
                     "(SELECT COUNT(*) FROM alert_notice o WHERE o.alert_id = n.alert_id AND o.channel = n.channel "
                     "AND o.event = 'opened' AND n.event = 'resolved' AND o.delivered_at_us IS NULL) "
                     "FROM alert_notice n WHERE n.alert_id = $1 AND n.event = $2 AND n.channel = $3"),
                 DB_ARGS(db_int(id), db_cstr(delivery->notice.event), db_text(delivery->channel)), error);

    if (rows == NULL)
        return false;
    if (!db_next(rows, error))
        return !db_has_failed(rows) && weir_fail(error, WEIR_ERROR_INVALID, "there is no such notice");
    delivery->notice.message = arena_strdup(delivery->arena, db_get_text(rows, 0));
    delivery->delivered = db_get_int(rows, 1) != 0;
    delivery->must_wait = db_get_int(rows, 2) != 0;
    return true;
}

static bool
load_delivery(Db *db, Id id, Delivery *delivery, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_READ, error);

    return tx != NULL && load_notice(tx, id, delivery, error) && alert_load(tx, id, copy_alert, delivery, error);
}

static bool
mark_delivered(Db *db, Id id, const Delivery *delivery, int64_t now_us, GError **error)
{
    g_autoptr(DbTx) tx = db_begin(db, DB_WRITE, error);

    return tx != NULL &&
           db_exec(tx,
                   SQL("UPDATE alert_notice SET delivered_at_us = $4 WHERE alert_id = $1 AND event = $2 AND "
                       "channel = $3 AND delivered_at_us IS NULL"),
                   DB_ARGS(db_int(id), db_cstr(delivery->notice.event), db_text(delivery->channel), db_int(now_us)),
                   NULL, error) &&
           db_commit_auto(&tx, error);
}

static const AlertChannel *
find_channel(Str name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(CHANNELS); i++)
        if (str_is(name, CHANNELS[i]->name))
            return CHANNELS[i];
    return NULL;
}

/* "ID/EVENT/CHANNEL" */
static bool
parse_key(Str key, Delivery *delivery, Id *ret_id, GError **error)
{
    Str rest = key, id = str_cut(&rest, '/'), event = str_cut(&rest, '/');

    if (!id_parse(id, ret_id) || rest.at == NULL || (!str_is(event, "opened") && !str_is(event, "resolved")))
        return weir_fail(error, WEIR_ERROR_INVALID, "\"%.*s\" names no notice", STR_FORMAT(key));
    delivery->notice.event = str_is(event, "opened") ? "opened" : "resolved";
    delivery->notice.id = arena_printf(delivery->arena, "%.*s/%s", STR_FORMAT(id), delivery->notice.event).at;
    delivery->channel = rest;
    return true;
}

bool
alert_deliver(Db *db, const AlertSender *sender, Str key, GError **error)
{
    g_autoptr(Arena) arena = arena_new(4096);
    Delivery delivery = {.arena = arena};
    const AlertChannel *channel;
    Id id;

    if (!parse_key(key, &delivery, &id, error) || !load_delivery(db, id, &delivery, error))
        return false;
    if (delivery.delivered)
        return true;
    if (delivery.must_wait)
        return weir_fail(error, WEIR_ERROR_UNAVAILABLE, "the opening of the alert has not been delivered yet");
    channel = find_channel(delivery.channel);
    if (channel == NULL || !channel->is_configured(sender->routes))
        return weir_fail(error, WEIR_ERROR_INVALID, "alerts.%.*s is not configured any more",
                         STR_FORMAT(delivery.channel));
    return channel->send(sender, &delivery.notice, error) &&
           mark_delivered(db, id, &delivery, clock_now_us(sender->clock), error);
}
